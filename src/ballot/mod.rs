//! Ballots: plain choices become one ciphertext with one proof, and back out comes only a sum.
//!
//! A [`SealedBallot`] is made on the voter's device and holds the nonce. Cast, it is a [`CastBallot`]: a candidate
//! that anyone can read and nobody should believe. [`Election::verify`] turns it into a [`VerifiedBallot`], which
//! cannot be made in another way, and which is all that a tally takes.
//!
//! The proof is that of [`proof::bits`](crate::crypto::bits), over all contests of the ballot together. It binds the
//! election, the ballot style, the voter, the sequence number and the origin, so a ballot cannot be copied to
//! another of any of them.
//!
//! # Cast or spoil
//!
//! A voter who does not trust the device can have it open a ballot, which then is never cast. The device commits itself with
//! the tracker, before it knows which of the two the voter wants (Benaloh 2006, "Simple verifiable elections"; 2007,
//! "Ballot casting assurance via voter-initiated poll station auditing"):
//!
//! ```
//! # use rand_core::OsRng;
//! # use tabella::{ballot::*, board::Board, crypto::signature::AuthorSecret, keys, manifest::*, roll::Credential};
//! # let rng = &mut OsRng;
//! # let operator = AuthorSecret::random(rng)?;
//! # let secrets = [AuthorSecret::random(rng)?];
//! # let manifest = Manifest::builder("bridge")
//! #     .operator(operator.public().clone())
//! #     .trustees([secrets[0].public().clone()], 1)
//! #     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
//! #     .build()?;
//! # let voter = Credential::random(rng)?;
//! # let roll = [voter.registration(&manifest, 0, rng)?];
//! # let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
//! # let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
//! # let election = board.election().ok_or("voting is not open")?.clone();
//! let choices = Choices::new().pick("bridge", "yes");
//! let sealed = election.encrypt(&voter, &Header::remote(0), &choices, rng)?;
//! let shown = sealed.tracker(); // which the voter writes down, and only then says "spoil"
//! let (request, spoiled) = sealed.spoil(&election, &voter, rng)?;
//! let accepted = board.spoil(&request, rng)?;
//! let receipt = board.receipt(&operator, accepted.entry, rng)?;
//! let opening = spoiled.open(&receipt, rng)?; // against the operator's word alone
//! board.open_spoiled(&opening, rng)?;
//!
//! // On another device, with the opening from the board.
//! assert_eq!(opening.voter(), voter.key());
//! let opened = election.check_opening(&opening, rng)?;
//! assert_eq!(opened.tracker, shown);
//! assert_eq!(opened.to_string(), "bridge: yes 1");
//! opened.compare(&choices)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod challenge;
mod choices;
mod marks;
mod opened;

pub use challenge::{SpoilOpening, SpoilRequest, SpoiledBallot};
pub use choices::{Choices, RuleError};
pub use marks::{Given, Mark};
pub use opened::{Difference, OpenedBallot, OpenedContest, OpeningError};

use crate::{
    codec::{DecodeError, DecodeErrorKind, Encode, Reader, TextError, text},
    crypto::{
        Check, ProveError, VerifyError,
        batch::{Bases, Batch},
        bits::{Generators, Proof, Relation, Statement, Witness},
        elgamal::Ciphertext,
        group::Element,
        transcript::{Transcript, label, random_scalar},
    },
    keys::{Ceremony, Setup},
    manifest::{Manifest, ManifestHash},
    parallel, random,
    roll::Credential,
};
use alloc::{sync::Arc, vec::Vec};
use bech32::Hrp;
use core::{fmt, str::FromStr};
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};
use zeroize::Zeroizing;

/// Human-readable part of a tracker as text.
const TRACKER_PREFIX: Hrp = Hrp::parse_unchecked("tracker");
/// Most terms in one multiscalar multiplication of a batch. More would make it hardly faster.
const CHUNK_TERMS: usize = 1 << 13;

/// Where a ballot was cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// At home, on a phone: not at a polling station.
    Remote,
    /// At the polling station with this place in the manifest.
    Station(u16),
}

/// The public part of a ballot beside voter and ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The ballot style's place in the manifest.
    pub style: u16,
    /// How many ballots of this voter were accepted before: 0 for the first.
    pub sequence: u32,
    /// Where the ballot is cast.
    pub origin: Origin,
}

impl Header {
    /// A voter's first ballot, cast remotely.
    pub fn remote(style: u16) -> Self {
        Self { style, sequence: 0, origin: Origin::Remote }
    }
}

/// Hash of a ballot's bytes, cast or spoiled, by which its voter finds it. As text it is bech32m with the prefix `tracker`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tracker([u8; 32]);

impl Tracker {
    /// The tracker of a ballot with these bytes.
    pub fn of(ballot: &[u8]) -> Self {
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 tracker");
        hash.update(ballot);
        Self(hash.finalize().into())
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::text(f, TRACKER_PREFIX, &self.0)
    }
}

impl FromStr for Tracker {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let bytes = text::bytes_of_text(TRACKER_PREFIX, text)?;
        let mut reader = Reader::new(&bytes);
        let tracker = reader.array().map_err(TextError::Value)?;
        reader.finish().map_err(TextError::Value)?;
        Ok(Self(tracker))
    }
}

impl From<[u8; 32]> for Tracker {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tracker({self})")
    }
}

/// A ballot as it was received: well formed, but nobody has checked its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastBallot {
    header: Header,
    voter: Element,
    ciphertext: Ciphertext,
    proof: Proof,
}

impl CastBallot {
    /// The public header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The voter's public key.
    pub fn voter(&self) -> &Element {
        &self.voter
    }

    /// The ciphertext, whose slots are those of the ballot style.
    pub fn ciphertext(&self) -> &Ciphertext {
        &self.ciphertext
    }

    /// The ballot's tracker.
    pub fn tracker(&self) -> Tracker {
        Tracker::of(&self.to_bytes())
    }
}

/// What the rules of acceptance ask of a ballot before its points are decoded and its proof is verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Envelope {
    pub(crate) header: Header,
    pub(crate) voter: [u8; 32],
    pub(crate) nonce: [u8; 32],
    pub(crate) tracker: Tracker,
}

impl Encode for CastBallot {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { header: Header { style, sequence, origin }, voter, ciphertext, proof } = self;
        out.extend_from_slice(&style.to_be_bytes());
        out.extend_from_slice(&sequence.to_be_bytes());
        match origin {
            Origin::Remote => out.push(0),
            Origin::Station(station) => {
                out.push(1);
                out.extend_from_slice(&station.to_be_bytes());
            }
        }
        voter.encode(out);
        ciphertext.encode(out);
        proof.encode(out);
    }
}

/// A ballot whose proof was verified in this process. Only [`Election::verify`] and
/// [`Election::verify_all`] make it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBallot {
    ballot: CastBallot,
    manifest: ManifestHash,
}

impl VerifiedBallot {
    /// The manifest of the election in which it is valid.
    pub fn manifest(&self) -> ManifestHash {
        self.manifest
    }
}

impl core::ops::Deref for VerifiedBallot {
    type Target = CastBallot;

    fn deref(&self) -> &CastBallot {
        &self.ballot
    }
}

/// A ballot on the voter's device, before it is cast. It holds the nonce, which opens it.
pub struct SealedBallot {
    election: Election,
    ballot: CastBallot,
    nonce: Zeroizing<Scalar>,
}

impl SealedBallot {
    /// The tracker that the ballot has, cast or spoiled. A device shows it before it asks which of the two it shall be.
    pub fn tracker(&self) -> Tracker {
        self.ballot.tracker()
    }

    /// The ballot to send in. The nonce is erased.
    pub fn cast(self) -> CastBallot {
        drop(self.nonce);
        self.ballot
    }
}

impl fmt::Debug for SealedBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBallot({}, ..)", self.tracker())
    }
}

/// Everything public that is needed to make and to verify ballots. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Election(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    manifest: Manifest,
    ceremony: Ceremony,
    context: Transcript,
    generators: Generators,
    bases: Bases,
    relations: Vec<Relation>,
}

impl Election {
    /// The election of a manifest with the keys of its first ceremony, whoever holds their shares later.
    ///
    /// # Errors
    ///
    /// An [`ElectionError`] if the ceremony is another one.
    pub fn new(manifest: &Manifest, ceremony: &Ceremony) -> Result<Self, ElectionError> {
        let setup = ceremony.setup();
        let (found, expected) = (setup.manifest(), manifest.hash());
        if found != expected {
            return Err(ElectionError::OtherManifest { found, expected });
        }
        if setup != &Setup::first(manifest) {
            return Err(ElectionError::NotFirst { epoch: setup.epoch() });
        }
        let relation = |style| {
            let slots = manifest.style_slots(style)?;
            Relation::new(manifest.constraints(style)?, &slots, ceremony.slot_keys())
        };
        // The setup has as many slots as the manifest, and the ceremony a key for each.
        let (found, expected) = (ceremony.slot_keys().len(), manifest.slots());
        let relations = (0..manifest.styles().len()).map(relation).collect::<Option<Vec<_>>>();
        let relations = relations.ok_or(ElectionError::Keys { found, expected })?;
        let bits = relations.iter().map(|r| r.constraints().bits()).max().unwrap_or(0);
        let generators = Generators::new(bits);
        let bases = Bases::new(&generators, ceremony.slot_keys());
        let mut context = Transcript::new(b"election");
        context.append_bytes(b"manifest", manifest.hash().as_bytes());
        context.append_bytes(b"ceremony", ceremony.hash());
        context.append_elements(b"Y", ceremony.slot_keys().iter());
        let (manifest, ceremony) = (manifest.clone(), ceremony.clone());
        Ok(Self(Arc::new(Inner { manifest, ceremony, context, generators, bases, relations })))
    }

    /// Whether it is the same election, with the same keys.
    fn is(&self, other: &Self) -> bool {
        // This hash has that of the manifest in it.
        Arc::ptr_eq(&self.0, &other.0) || self.0.ceremony.hash() == other.0.ceremony.hash()
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// The key ceremony.
    pub fn ceremony(&self) -> &Ceremony {
        &self.0.ceremony
    }

    /// The context of all proofs of this election.
    pub(crate) fn context(&self) -> &Transcript {
        &self.0.context
    }

    /// The transcript of a ballot's proof, before its statement.
    fn transcript(&self, header: &Header) -> Transcript {
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

    /// Encrypts a voter's choices and proves that they keep the rules of every contest of the ballot style.
    ///
    /// Constant time in the choices, the nonce and the credential, for choices that keep the rules, except that names that are
    /// written in are compared with each other and with the options.
    ///
    /// # Errors
    ///
    /// A [`RuleError`] says which contest's rule is broken and how.
    pub fn encrypt(
        &self,
        credential: &Credential,
        header: &Header,
        choices: &Choices,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<SealedBallot, RuleError> {
        let style = usize::from(header.style);
        let unknown = RuleError::UnknownStyle { found: header.style };
        let relation = self.0.relations.get(style).ok_or(unknown)?;
        let plain = choices.for_style(&self.0.manifest, style)?;
        let nonce = {
            let transcript = self.transcript(header);
            // Whatever is encrypted, so that a generator that repeats itself gives no two ballots one nonce.
            let secrets = plain.bits.iter().chain(plain.written.iter());
            let secrets = secrets.chain([credential.expose_secret()]);
            Zeroizing::new(random_scalar(&mut transcript.nonces(secrets, rng)?)?)
        };
        let ciphertext = Ciphertext::encrypt_points(&relation.keys(), &plain.points, &nonce)?;
        let voter = *credential.public();
        let witness = Witness {
            bits: plain.bits.to_vec(),
            nonce: *nonce,
            signer: *credential.expose_secret(),
        };
        let statement = Statement { relation, signer: &voter, ciphertext: &ciphertext };
        let mut transcript = self.transcript(header);
        let proof = statement.prove(&witness, &self.0.generators, &mut transcript, rng)?;
        let ballot = CastBallot { header: *header, voter, ciphertext, proof };
        Ok(SealedBallot { election: self.clone(), ballot, nonce })
    }

    /// Style, sequence number and origin, which come first and give the length of everything that follows.
    fn read_header(&self, reader: &mut Reader<'_>) -> Result<(&Relation, Header), DecodeError> {
        let style = reader.field("ballot style").u16()?;
        let relation = self.0.relations.get(usize::from(style)).ok_or_else(|| {
            let max = self.0.relations.len().saturating_sub(1) as u64;
            reader.error(2, DecodeErrorKind::Value { found: style.into(), max })
        })?;
        let sequence = reader.field("sequence number").u32()?;
        let origin = if reader.field("origin").bool()? {
            let station = reader.field("station").u16()?;
            let stations = self.0.manifest.stations().len();
            if usize::from(station) >= stations {
                let max = stations.saturating_sub(1) as u64;
                let kind = DecodeErrorKind::Value { found: station.into(), max };
                return Err(reader.error(2, kind));
            }
            Origin::Station(station)
        } else {
            Origin::Remote
        };
        Ok((relation, Header { style, sequence, origin }))
    }

    /// Reads the header, and sees that there are as many bytes behind it as the style wants: a point costs much more to
    /// decode than to count.
    fn read_form(&self, reader: &mut Reader<'_>) -> Result<(&Relation, Header), DecodeError> {
        let (relation, header) = self.read_header(reader)?;
        let constraints = relation.constraints();
        let expected = 32 * (2 + constraints.slots()) + Proof::size(constraints.bits());
        let mut behind = reader.clone();
        behind.field("voter, ciphertext and proof").bytes(expected)?;
        behind.finish()?;
        Ok((relation, header))
    }

    /// Reads header and voter of a ballot, without decoding points.
    pub(crate) fn read_sender(&self, bytes: &[u8]) -> Result<(Header, [u8; 32]), DecodeError> {
        let mut reader = Reader::new(bytes);
        let (_, header) = self.read_form(&mut reader)?;
        Ok((header, reader.array()?))
    }

    /// Reads the envelope of a ballot, without decoding points.
    pub(crate) fn read_envelope(&self, bytes: &[u8]) -> Result<Envelope, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (_, header) = self.read_form(&mut reader)?;
        let (voter, nonce) = (reader.array()?, reader.array()?);
        Ok(Envelope { header, voter, nonce, tracker: Tracker::of(bytes) })
    }

    /// Reads a ballot.
    pub fn read_ballot(&self, bytes: &[u8]) -> Result<CastBallot, DecodeError> {
        let mut reader = Reader::new(bytes);
        let (relation, header) = self.read_form(&mut reader)?;
        let constraints = relation.constraints();
        let voter = reader.field("the voter's key").element()?;
        let a = reader.field("A").element()?;
        let b = reader.field("B").elements(constraints.slots())?;
        let proof = Proof::decode(reader.field("proof"), constraints.bits())?;
        reader.finish()?;
        Ok(CastBallot { header, voter, ciphertext: Ciphertext { a, b }, proof })
    }

    /// The style of a ballot that was verified before and is known by its tracker, and as bytes its `A` and then all `Bₖ`.
    pub(crate) fn read_slots<'b>(
        &self,
        bytes: &'b [u8],
        tracker: &Tracker,
    ) -> Option<(u16, &'b [[u8; 32]])> {
        if Tracker::of(bytes) != *tracker {
            return None;
        }
        let mut reader = Reader::new(bytes);
        let (relation, header) = self.read_header(&mut reader).ok()?;
        reader.bytes(32).ok()?;
        let points = reader.bytes(32 * (1 + relation.constraints().slots())).ok()?;
        Some((header.style, points.as_chunks().0))
    }

    /// Reads a ballot again that was verified before and is known by its tracker.
    pub(crate) fn read_again(&self, bytes: &[u8], tracker: &Tracker) -> Option<VerifiedBallot> {
        let known = Tracker::of(bytes) == *tracker;
        if known { self.read_ballot(bytes).ok().map(|ballot| self.verified(ballot)) } else { None }
    }

    /// Adds a ballot's equations to a batch.
    fn enqueue(&self, ballot: &CastBallot, batch: &mut Batch) {
        let CastBallot { header, voter, ciphertext, proof } = ballot;
        match self.0.relations.get(usize::from(header.style)) {
            Some(relation) => {
                let statement = Statement { relation, signer: voter, ciphertext };
                statement.enqueue(proof, &mut self.transcript(header), batch);
            }
            None => batch.enqueue_invalid(Check::Shape),
        }
    }

    fn verified(&self, ballot: CastBallot) -> VerifiedBallot {
        VerifiedBallot { ballot, manifest: self.0.manifest.hash() }
    }

    /// Verifies one ballot.
    ///
    /// # Errors
    ///
    /// Names the first of `[BALLOT.V1]` and `[BALLOT.V2]` that does not hold.
    pub fn verify(
        &self,
        ballot: CastBallot,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<VerifiedBallot, VerifyError> {
        let mut batch = Batch::new(&self.0.bases);
        self.enqueue(&ballot, &mut batch);
        batch.verify(rng)?;
        Ok(self.verified(ballot))
    }

    /// Reads and verifies many ballots in batches, on all cores with the `parallel` feature.
    ///
    /// Gives one result for each, in order; the bad ones do not keep the good ones from being verified.
    ///
    /// # Errors
    ///
    /// `Randomness` if the generator failed; then nothing is known of any ballot.
    pub fn verify_all<B: AsRef<[u8]> + Sync>(
        &self,
        ballots: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<Result<VerifiedBallot, BallotError>>, VerifyError> {
        let seed = random::seed(rng)?;
        Ok(parallel::each(ballots, self.chunk(), |chunk| self.verify_chunk(chunk, &seed)))
    }

    /// Most ballots in one batch.
    pub(crate) fn chunk(&self) -> usize {
        let terms = self.0.relations.iter().map(|r| r.constraints().slots() + 5).max().unwrap_or(5);
        (CHUNK_TERMS / terms).clamp(16, 1024)
    }

    /// Reads and verifies ballots in one batch, with weights from these random bytes.
    pub(crate) fn verify_chunk<B: AsRef<[u8]>>(
        &self,
        chunk: &[B],
        seed: &[u8; 32],
    ) -> Vec<Result<VerifiedBallot, BallotError>> {
        let mut batch = Batch::new(&self.0.bases);
        let mut places = Vec::with_capacity(chunk.len());
        let mut results = Vec::with_capacity(chunk.len());
        for (place, bytes) in chunk.iter().enumerate() {
            let read = self.read_ballot(bytes.as_ref()).map_err(BallotError::Bytes);
            if let Ok(ballot) = &read {
                self.enqueue(ballot, &mut batch);
                places.push(place);
            }
            results.push(read);
        }
        // An empty sum is zero, and takes as long as a short one: bytes that are no ballot must cost less than a ballot.
        let culprits = if batch.is_empty() { Vec::new() } else { batch.culprits(seed) };
        for culprit in culprits {
            if let Some(result) = places.get(culprit.index).and_then(|p| results.get_mut(*p)) {
                *result = Err(BallotError::Proof(culprit.check));
            }
        }
        results.into_iter().map(|result| result.map(|ballot| self.verified(ballot))).collect()
    }
}

/// Why a ceremony does not give the keys of a manifest's election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElectionError {
    /// It is a ceremony of another manifest.
    OtherManifest {
        /// The manifest of the ceremony.
        found: ManifestHash,
        /// That of the election.
        expected: ManifestHash,
    },
    /// It is a resharing, and not the ceremony in which the keys were made.
    NotFirst {
        /// Its epoch; that of the first ceremony is 0.
        epoch: u32,
    },
    /// It has not a key for each slot.
    Keys {
        /// How many it has.
        found: usize,
        /// How many slots the manifest has.
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

/// Why bytes are not a valid ballot of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BallotError {
    /// They cannot be read.
    Bytes(DecodeError),
    /// This check of the proof fails.
    Proof(Check),
}

impl fmt::Display for BallotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => write!(f, "the ballot cannot be read: {error}"),
            Self::Proof(check) => write!(f, "the ballot's proof is invalid: {check}"),
        }
    }
}

impl core::error::Error for BallotError {}

impl From<ProveError> for RuleError {
    fn from(error: ProveError) -> Self {
        Self::Proof(error)
    }
}
