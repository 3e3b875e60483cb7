//! What a voter's device needs to encrypt, without the board.

use super::{Election, ElectionError};
use crate::{
    codec::{
        ArmorError, DecodeError, Encode, Reader,
        armor::{armor, unarmor},
        put_count, put_text,
    },
    keys::{KeyError, SignedKeys},
    log::checkpoint::{MAX_BYTES, NoteError, SignatureError, SignedCheckpoint},
    manifest::{Manifest, ManifestHash, ManifestReadError},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// The first bytes of a bundle.
const MAGIC: &[u8] = b"tabella/v1 bundle";
/// What a bundle is called as text.
const LABEL: &str = "ELECTION BUNDLE";

/// What a voter's device needs, once, to encrypt ballots of an election: the manifest, the slot keys with the trustees' signatures, and
/// a checkpoint of the board, if its log signs some. Some kilobytes, however many voters there are.
///
/// It may come from a server that nobody trusts: there is none that was not verified. What a device must know from elsewhere is the
/// hash of the manifest, so whoever reads a bundle gives the one expected. Then the contests, the trustees and the keys are those of that
/// election, as long as in one group fewer trustees than its threshold lie; if more do, they can open ballots anyway. After a
/// resharing the bundle is the same, since the keys are.
///
/// **What it does not say**: whether the voter is on the roll, in which style and with which weight, how many ballots were cast under the
/// voter's key before (the next sequence number), whether voting is open, and which options were withdrawn. A device that is told these
/// wrongly makes a ballot that the board refuses, or shows contests of another style; it does not encrypt to other keys. Nor does it
/// say that the board of the checkpoint is the one that others see: ask witnesses, or compare its root.
///
/// ```
/// # use rand_core::OsRng;
/// # use tabella::{AuthorSecret, Board, Choices, Contest, Credential, Header, Manifest, ballot::ElectionBundle, keys};
/// # let rng = &mut OsRng;
/// # let operator = AuthorSecret::random(rng)?;
/// # let secrets = [AuthorSecret::random(rng)?];
/// # let manifest = Manifest::builder("bridge")
/// #     .operator(operator.public().clone())
/// #     .trustees([secrets[0].public().clone()], 1)
/// #     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
/// #     .build()?;
/// # let voter = Credential::random(rng)?;
/// # let roll = [voter.registration(&manifest, 0, rng)?];
/// # let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
/// # let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
/// let sent = board.state().bundle(None, rng)?.to_text();
///
/// // On the voter's device, which has the hash from a poster, and no board.
/// let hash = manifest.hash();
/// let bundle = ElectionBundle::from_text(&sent, &hash, rng)?;
/// let choices = Choices::new().pick("bridge", "yes");
/// let sealed = bundle.election().encrypt(&voter, &Header::remote(0), &choices, rng)?;
/// board.post(&sealed.cast(), rng)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Nobody reads one without the hash:
///
/// ```compile_fail,E0061
/// # let rng = &mut rand_core::OsRng;
/// # let sent: &[u8] = &[];
/// let bundle = tabella::ballot::ElectionBundle::from_bytes(sent, rng);
/// ```
///
/// Nor is one read by serde, which knows no hash:
///
/// ```compile_fail,E0277
/// fn deserializable<T: serde::de::DeserializeOwned>() {}
/// deserializable::<tabella::ballot::ElectionBundle>();
/// ```
#[derive(Clone, Debug)]
pub struct ElectionBundle {
    election: Election,
    keys: SignedKeys,
    checkpoint: Option<SignedCheckpoint>,
}

impl ElectionBundle {
    /// A bundle of these parts, which are verified. Of the checkpoint it keeps the log's line and those of the manifest's witnesses
    /// that count.
    ///
    /// # Errors
    ///
    /// Those of reading one but for its form, and for another manifest.
    pub fn new(
        manifest: &Manifest,
        keys: SignedKeys,
        checkpoint: Option<SignedCheckpoint>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, BundleError> {
        keys.verify(manifest, rng).map_err(BundleError::Keys)?;
        let checkpoint = checkpoint.map(|signed| {
            let log = manifest.log().ok_or(BundleError::NoLog)?;
            let counting = signed.verified(&manifest.origin(), log.key(), log.witnesses());
            counting.map_err(BundleError::Checkpoint)
        });
        let checkpoint = checkpoint.transpose()?;
        let election = Election::of_keys(manifest, None, keys.hash(), keys.slot_keys());
        Ok(Self { election: election.map_err(BundleError::Election)?, keys, checkpoint })
    }

    /// The election, with which ballots are encrypted. It has no [`ceremony`](Election::ceremony).
    pub fn election(&self) -> &Election {
        &self.election
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.election.manifest()
    }

    /// The slot keys and who signed them.
    pub fn keys(&self) -> &SignedKeys {
        &self.keys
    }

    /// The checkpoint, signed by the log of the manifest. It may be older than the board is, and what its
    /// [witnesses](SignedCheckpoint::cosignatures) say is for the caller to judge.
    pub fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// Reads and verifies a bundle of the election whose manifest has the `expected` hash.
    ///
    /// # Errors
    ///
    /// [`BundleError::OtherManifest`] for another election; otherwise what is wrong with the bundle.
    pub fn from_bytes(
        bytes: &[u8],
        expected: &ManifestHash,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, BundleError> {
        let mut reader = Reader::new(bytes);
        if reader.field("magic").bytes(MAGIC.len()).map_err(BundleError::Bytes)? != MAGIC {
            return Err(BundleError::NoBundle);
        }
        let length = reader.field("length of the manifest").count(usize::MAX, 1);
        let manifest = length.and_then(|length| reader.field("manifest").bytes(length));
        let manifest = manifest.map_err(BundleError::Bytes)?;
        let found = ManifestHash::of_bytes(manifest);
        if found != *expected {
            return Err(BundleError::OtherManifest { found, expected: *expected });
        }
        let manifest = Manifest::from_canonical(manifest).map_err(BundleError::Manifest)?;
        let keys = SignedKeys::decode(&mut reader, &manifest).map_err(BundleError::Bytes)?;
        let checkpoint = reader.field("checkpoint").text(MAX_BYTES as usize);
        let checkpoint = checkpoint.map_err(BundleError::Bytes)?;
        reader.finish().map_err(BundleError::Bytes)?;
        let checkpoint = Some(checkpoint).filter(|text| !text.is_empty());
        let checkpoint = checkpoint.map(|text| text.parse()).transpose();
        let checkpoint = checkpoint.map_err(BundleError::Note)?;
        let bundle = Self::new(&manifest, keys, checkpoint.clone(), rng)?;
        if bundle.checkpoint == checkpoint { Ok(bundle) } else { Err(BundleError::Lines) }
    }

    /// The bundle as text, a block as in RFC 7468.
    pub fn to_text(&self) -> String {
        armor(LABEL, &self.to_bytes())
    }

    /// Reads and verifies such a text, as [`from_bytes`](Self::from_bytes) does.
    ///
    /// # Errors
    ///
    /// [`BundleError::Text`] if it is not one block of that kind; otherwise as for bytes.
    pub fn from_text(
        text: &str,
        expected: &ManifestHash,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, BundleError> {
        let blocks = unarmor(text).map_err(BundleError::Text)?;
        let other =
            blocks.iter().enumerate().find(|(place, (found, _))| found != LABEL || *place > 0);
        match (other, blocks.first()) {
            (None, Some((_, bytes))) => Self::from_bytes(bytes, expected, rng),
            (other, _) => {
                let (block, found) = other.map_or_else(Default::default, |(place, (found, _))| {
                    (place + 1, found.to_string())
                });
                let expected = "one election bundle alone";
                Err(BundleError::Text(ArmorError::Label { block, found, expected }))
            }
        }
    }
}

impl Encode for ElectionBundle {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(MAGIC);
        let manifest = self.manifest().to_bytes();
        put_count(out, manifest.len());
        out.extend_from_slice(&manifest);
        self.keys.encode(out);
        let checkpoint = self.checkpoint.as_ref().map(ToString::to_string);
        put_text(out, &checkpoint.unwrap_or_default());
    }
}

/// It is written and not read: reading one takes the hash that is expected.
#[cfg(feature = "serde")]
impl serde::Serialize for ElectionBundle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::codec::serial::write(serializer, || self.to_text(), || self.to_bytes())
    }
}

/// Why there is no bundle, or why bytes are none of the election that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BundleError {
    /// The text is not one block that holds a bundle.
    Text(ArmorError),
    /// The bytes are something else.
    NoBundle,
    /// They cannot be read.
    Bytes(DecodeError),
    /// It is the bundle of another election.
    OtherManifest {
        /// The manifest's hash.
        found: ManifestHash,
        /// The hash that was expected.
        expected: ManifestHash,
    },
    /// The manifest with the expected hash is none.
    Manifest(ManifestReadError),
    /// The keys are not signed by enough trustees of the manifest.
    Keys(KeyError),
    /// The keys do not fit the manifest.
    Election(ElectionError),
    /// The checkpoint cannot be read.
    Note(NoteError),
    /// There is a checkpoint, and the manifest names no log that could have signed it.
    NoLog,
    /// The manifest's log did not sign the checkpoint.
    Checkpoint(SignatureError),
    /// The checkpoint has a line that is neither the log's nor a cosignature of a witness of the manifest that counts.
    Lines,
    /// The board has no keys yet: the first ceremony is not over.
    NoKeys,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::NoBundle => f.write_str("no election bundle: it begins with other bytes"),
            Self::Bytes(error) => write!(f, "the election bundle cannot be read: {error}"),
            Self::OtherManifest { found, expected } => {
                write!(f, "the bundle is of the election with manifest {found}; expected {expected}")
            }
            Self::Manifest(error) => write!(f, "the manifest in the bundle: {error}"),
            Self::Keys(error) => write!(f, "the signatures under the keys in the bundle: {error}"),
            Self::Election(error) => write!(f, "the keys in the bundle: {error}"),
            Self::Note(error) => write!(f, "the checkpoint in the bundle: {error}"),
            Self::NoLog => {
                f.write_str("the bundle has a checkpoint, and the manifest names no log to sign one")
            }
            Self::Checkpoint(error) => write!(f, "the checkpoint in the bundle: {error}"),
            Self::Lines => f.write_str(
                "the checkpoint in the bundle has a line that is not of the manifest's log or witnesses",
            ),
            Self::NoKeys => f.write_str("the election has no keys yet: its key ceremony is not over"),
        }
    }
}

impl core::error::Error for BundleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Text(error) => Some(error),
            Self::Bytes(error) => Some(error),
            Self::Manifest(error) => Some(error),
            Self::Keys(error) => Some(error),
            Self::Election(error) => Some(error),
            Self::Note(error) => Some(error),
            Self::Checkpoint(error) => Some(error),
            Self::NoBundle | Self::OtherManifest { .. } | Self::NoLog | Self::Lines => None,
            Self::NoKeys => None,
        }
    }
}
