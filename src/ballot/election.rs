//! The public data with which ballots are made and verified.

use super::{CastBallot, Header, Origin, folded::Folded};
use crate::{
    crypto::{
        batch::Bases,
        bits::{BitGenerators, Handles, Relation},
        group::Element,
        transcript::{Transcript, label},
    },
    keys::{Ceremony, Setup},
    manifest::{Manifest, ManifestHash},
};
use alloc::{sync::Arc, vec::Vec};
use core::fmt;

/// All public data for making and verifying ballots. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Election(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) manifest: Manifest,
    /// `None` if the keys were read without their deals.
    ceremony: Option<Ceremony>,
    ceremony_hash: [u8; 32],
    pub(super) slot_keys: Vec<Element>,
    pub(super) context: Transcript,
    pub(super) generators: BitGenerators,
    pub(super) bases: Bases,
    pub(super) handles: Handles,
    pub(super) relations: Vec<Relation>,
    pub(super) folded: Folded,
}

impl Election {
    /// The election of a manifest with the keys of its first ceremony, whoever holds the shares later.
    ///
    /// # Errors
    ///
    /// An [`ElectionError`] if it is another ceremony.
    pub fn new(manifest: &Manifest, ceremony: &Ceremony) -> Result<Self, ElectionError> {
        let setup = ceremony.setup();
        let (found, expected) = (setup.manifest(), manifest.hash());
        if found != expected {
            return Err(ElectionError::OtherManifest { found, expected });
        }
        if setup != &Setup::first(manifest) {
            return Err(ElectionError::NotFirst { epoch: setup.epoch() });
        }
        Self::of_keys(manifest, Some(ceremony), *ceremony.hash(), ceremony.slot_keys())
    }

    /// The election of a manifest with these slot keys of its first ceremony.
    pub(super) fn of_keys(
        manifest: &Manifest,
        ceremony: Option<&Ceremony>,
        ceremony_hash: [u8; 32],
        keys: &[Element],
    ) -> Result<Self, ElectionError> {
        let relation = |style| {
            let slots = manifest.style_slots(style)?;
            Relation::new(manifest.constraints(style)?, &slots, keys)
        };
        // There must be a key for each slot.
        let (found, expected) = (keys.len(), manifest.slots());
        let relations = (0..manifest.styles().len()).map(relation).collect::<Option<Vec<_>>>();
        let relations = relations.ok_or(ElectionError::Keys { found, expected })?;
        let bits = relations.iter().map(|r| r.constraints().bits()).max().unwrap_or(0);
        let generators = BitGenerators::new(bits);
        let mut bases = Bases::new();
        let handles = generators.share(keys, &mut bases);
        let folded = Folded::new(manifest, keys, handles.slot_keys(), &mut bases);
        let folded = folded.ok_or(ElectionError::Keys { found, expected })?;
        let mut context = Transcript::new(b"election");
        context.append_bytes(b"manifest", manifest.hash().as_bytes());
        context.append_bytes(b"ceremony", &ceremony_hash);
        context.append_elements(b"Y", keys.iter());
        Ok(Self(Arc::new(Inner {
            manifest: manifest.clone(),
            ceremony: ceremony.cloned(),
            ceremony_hash,
            slot_keys: keys.to_vec(),
            context,
            generators,
            bases,
            handles,
            relations,
            folded,
        })))
    }

    /// Whether both are the same election, with the same keys.
    pub(super) fn is(&self, other: &Self) -> bool {
        // The ceremony's hash covers the manifest's.
        Arc::ptr_eq(&self.0, &other.0) || self.0.ceremony_hash == other.0.ceremony_hash
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The first key ceremony; `None` if the election was read from an [`ElectionBundle`](super::ElectionBundle), which has the keys
    /// and no deals. Ballots do not need it.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.0.ceremony.as_ref()
    }

    /// The hash of the first key ceremony.
    pub fn ceremony_hash(&self) -> &[u8; 32] {
        &self.0.ceremony_hash
    }

    /// The slot keys `Yₖ`.
    pub fn slot_keys(&self) -> &[Element] {
        &self.0.slot_keys
    }

    /// A transcript for a proof of the caller's own about this election, with a name that the caller chooses.
    pub fn extension(&self, name: &[u8]) -> Transcript {
        self.0.context.extension(name)
    }

    /// The context of all proofs of this election.
    pub(crate) fn context(&self) -> &Transcript {
        &self.0.context
    }

    /// The transcript of a ballot's proof, before its statement.
    pub(super) fn transcript(&self, header: &Header) -> Transcript {
        let Header { style, sequence, origin } = header;
        let mut transcript = self.0.context.proof(label::BALLOT);
        transcript.append_u64(b"style", (*style).into());
        transcript.append_u64(b"sequence", (*sequence).into());
        match origin {
            Origin::Remote => transcript.append_u64(b"remote", 0),
            Origin::Station(station) => transcript.append_u64(b"station", (*station).into()),
        }
        transcript
    }
}

impl CastBallot {
    /// A transcript for a proof of the caller's own about this ballot in this election, with a name that the caller chooses. It cannot be
    /// taken for a proof of the library, for one about another ballot or in another election, or for one with another name.
    ///
    /// For example, that whoever knows the secret of a key of a station vouches for where the ballot was cast (Schnorr 1991):
    ///
    /// ```
    /// use curve25519_dalek::Scalar;
    /// use tabella::{Election, ballot::CastBallot, crypto::{ProofCheck, group::Element}};
    ///
    /// const NAME: &[u8] = b"example.org station v1";
    ///
    /// /// [STATION]  R + x·K − z·G = 0, with x from the ballot, K and R
    /// fn challenge(election: &Election, ballot: &CastBallot, key: &Element, r: &Element) -> Result<Scalar, ProofCheck> {
    ///     let mut transcript = ballot.extension(election, NAME);
    ///     transcript.append_element(b"K", key);
    ///     transcript.append_element(b"R", r);
    ///     transcript.challenge_scalar(b"x")
    /// }
    ///
    /// # use rand_core::OsRng;
    /// # use tabella::{AuthorSecret, Board, Choices, Contest, Credential, Header, Manifest, keys};
    /// # let rng = &mut OsRng;
    /// # let operator = AuthorSecret::random(rng)?;
    /// # let secrets = [AuthorSecret::random(rng)?];
    /// # let manifest = Manifest::builder("bridge")
    /// #     .operator(operator.public().clone())
    /// #     .trustees([secrets[0].public().clone()], 1)
    /// #     .contest(Contest::choose_one("bridge", ["yes", "no"]))
    /// #     .build()?;
    /// # let voter = Credential::random(rng)?;
    /// # let (_, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    /// # let election = Election::new(&manifest, trustees[0].ceremony())?;
    /// # let choices = Choices::new().pick("bridge", "yes");
    /// # let mut cast = || Ok::<_, Box<dyn std::error::Error>>(election.encrypt(&voter, &Header::remote(0), &choices, &mut OsRng)?.cast());
    /// # let (ballot, other) = (cast()?, cast()?);
    /// let image = |scalar: &Scalar| Element::new(Element::BASE.point() * scalar).ok_or("zero");
    /// let (secret, nonce) = (Scalar::random(rng), Scalar::random(rng)); // a nonce for each proof
    /// let (key, r) = (image(&secret)?, image(&nonce)?);
    /// let z = nonce + challenge(&election, &ballot, &key, &r)? * secret;
    ///
    /// let holds = |ballot: &CastBallot| -> Result<bool, Box<dyn std::error::Error>> {
    ///     let x = challenge(&election, ballot, &key, &r)?;
    ///     Ok(r.point() + x * key.point() == *image(&z)?.point())
    /// };
    /// assert!(holds(&ballot)?);
    /// assert!(!holds(&other)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extension(&self, election: &Election, name: &[u8]) -> Transcript {
        let mut transcript = election.extension(name);
        transcript.append_bytes(b"ballot", self.tracker().as_bytes());
        transcript
    }
}

/// Why a ceremony does not provide the keys of a manifest's election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElectionError {
    /// The ceremony is that of another manifest.
    OtherManifest {
        /// The manifest of the ceremony.
        found: ManifestHash,
        /// The manifest of the election.
        expected: ManifestHash,
    },
    /// The ceremony is a resharing, and not the one that made the keys.
    NotFirst {
        /// Its epoch; the first ceremony has epoch 0.
        epoch: u32,
    },
    /// The number of keys differs from the number of slots.
    Keys {
        /// The number of keys.
        found: usize,
        /// The number of slots in the manifest.
        expected: usize,
    },
}

impl fmt::Display for ElectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherManifest { found, expected } => write!(
                f,
                "the ceremony is that of manifest {found}; the election has manifest {expected}"
            ),
            Self::NotFirst { epoch } => write!(
                f,
                "the ceremony is a resharing, epoch {epoch}; an election has the keys of its first ceremony, epoch 0"
            ),
            Self::Keys { found, expected } => {
                write!(f, "the ceremony has {found} slot keys; the manifest has {expected} slots")
            }
        }
    }
}

impl core::error::Error for ElectionError {}
