//! Checkpoints: what a log signs about its board, and what witnesses sign after it.
//!
//! A checkpoint is size and root of a board. The log signs it as a note ([C2SP
//! signed-note](https://c2sp.org/signed-note), [tlog-checkpoint](https://c2sp.org/tlog-checkpoint)) with Ed25519, and
//! witnesses who saw that the board only grows cosign it ([tlog-cosignature](https://c2sp.org/tlog-cosignature)).
//! Two checkpoints of one size with different roots are a [`Fork`]: a proof that the log showed two boards.
//!
//! ```
//! use rand_core::OsRng;
//! use tabella::{
//!     board::Tree,
//!     checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
//! };
//!
//! let secret = LogSecret::random(&mut OsRng)?;
//! let mut tree = Tree::default();
//! tree.push(b"manifest");
//! let origin = "tabella/bridge/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
//! let mut signed = secret.sign(&Checkpoint::new(origin, tree.head())?);
//!
//! let witness = WitnessSecret::from_seed("witness.example", &[7; 32])?;
//! signed.add(witness.cosign(signed.checkpoint(), 1_679_315_147)?)?;
//!
//! let read: SignedCheckpoint = signed.to_string().parse()?;
//! assert_eq!(read.verify(origin, &secret.public())?.head(), tree.head());
//! let seen = read.cosignatures(&[witness.public().clone()])?;
//! assert_eq!((seen[0].witness, seen[0].time), (0, 1_679_315_147));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry;
mod fork;
mod keys;
mod note;
#[cfg(test)]
mod tests;

pub use entry::{EntryProof, EntryProofError};
pub use fork::Fork;
pub use keys::{LogKey, LogSecret, VkeyError, Witness, WitnessKey, WitnessSecret};
pub use note::{NoteError, NoteErrorKind, NoteSignature};

pub(crate) use keys::is_key_name;

use crate::board::merkle::{Consistency, Head, MerkleError, Root};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};
use keys::Kind;
use note::Lines;

/// Most signatures under a checkpoint.
pub const MAX_SIGNATURES: usize = 100;
/// Most bytes of a signed checkpoint in a record. All that the log and its witnesses sign is far below.
#[cfg(feature = "std")]
pub(crate) const MAX_BYTES: u64 = 100_000;

/// Size and root of a log's board.
///
/// As text it is three lines that each end with a line feed: the origin, the size in decimal, the root in base64. Other
/// lines are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: Head,
}

impl Checkpoint {
    /// A checkpoint of the log with this origin ([`Manifest::origin`](crate::manifest::Manifest::origin)).
    ///
    /// # Errors
    ///
    /// [`NoteErrorKind::Origin`].
    pub fn new(origin: &str, head: Head) -> Result<Self, NoteError> {
        if !is_key_name(origin) {
            return Err(NoteError { line: 1, at: 0, kind: NoteErrorKind::Origin });
        }
        Ok(Self { origin: origin.into(), head })
    }

    /// Which log it is of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the board has.
    pub fn size(&self) -> u64 {
        self.head.size
    }

    /// The root over them.
    pub fn root(&self) -> Root {
        self.head.root
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.head
    }

    fn read(lines: &mut Lines<'_>) -> Result<Self, NoteError> {
        let (origin, error) = lines.next(NoteErrorKind::Origin)?;
        if !is_key_name(origin) {
            return Err(error);
        }
        let (text, error) = lines.next(NoteErrorKind::Size)?;
        let size: u64 = text.parse().map_err(|_| error)?;
        if size.to_string() != text {
            return Err(error);
        }
        let (text, error) = lines.next(NoteErrorKind::Root)?;
        let mut root = [0; 32];
        match Base64::decode(text, &mut root) {
            Ok(bytes) if bytes.len() == 32 => {}
            _ => return Err(error),
        }
        Ok(Self { origin: origin.into(), head: Head { size, root: Root::from(root) } })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, head: Head { size, root } } = self;
        write!(f, "{origin}\n{size}\n{}\n", Base64::encode_string(root.as_bytes()))
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let checkpoint = Self::read(&mut lines)?;
        lines.finish()?;
        Ok(checkpoint)
    }
}

/// A checkpoint with signatures under it, of which none is checked yet.
///
/// As text it is the checkpoint, an empty line, and one line for each signature, at most [`MAX_SIGNATURES`] and at most
/// one of each key. Signatures of unknown keys are kept and count for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    signatures: Vec<NoteSignature>,
}

/// A witness's statement that at this time the checkpoint was the latest it saw, and continued all it had seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The place of the witness in the list that was given.
    pub witness: usize,
    /// The time by the witness's clock, in seconds since 1970.
    pub time: u64,
}

impl SignedCheckpoint {
    /// The checkpoint, whoever signed it.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signatures, valid or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature; it takes the place of one by the same key.
    ///
    /// # Errors
    ///
    /// [`NoteErrorKind::TooMany`].
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if let Some(old) = self.signatures.iter_mut().find(|old| old.same_key(&signature)) {
            *old = signature;
        } else if self.signatures.len() < MAX_SIGNATURES {
            self.signatures.push(signature);
        } else {
            let kind = NoteErrorKind::TooMany;
            return Err(NoteError { line: MAX_SIGNATURES + 5, at: self.to_string().len(), kind });
        }
        Ok(())
    }

    /// Adds the signature lines that a witness answers `add-checkpoint` with.
    ///
    /// # Errors
    ///
    /// Those of reading them; and [`NoteErrorKind::TooMany`].
    pub fn add_lines(&mut self, lines: &str) -> Result<(), NoteError> {
        let signatures = Lines::new(lines).and_then(|mut lines| {
            let signatures = lines.signatures()?;
            lines.finish()?;
            Ok(signatures)
        });
        signatures?.into_iter().try_for_each(|signature| self.add(signature))
    }

    /// Checks that the log with this origin and this key signed.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Origin`], [`SignatureError::Missing`], [`SignatureError::Invalid`].
    pub fn verify(&self, origin: &str, key: &LogKey) -> Result<&Checkpoint, SignatureError> {
        if self.checkpoint.origin != origin {
            let (found, expected) = (self.checkpoint.origin.clone(), origin.into());
            return Err(SignatureError::Origin { found, expected });
        }
        let missing = || SignatureError::Missing { name: origin.into() };
        let id = Kind::Log.id(origin, key.as_bytes());
        let signature = self.find(origin, id).ok_or_else(missing)?;
        let invalid = || SignatureError::Invalid { name: origin.into() };
        let bytes = signature.bytes().try_into().map_err(|_| invalid())?;
        key.verify(self.checkpoint.to_string().as_bytes(), bytes).ok_or_else(invalid)?;
        Ok(&self.checkpoint)
    }

    /// Which of these witnesses cosigned, and when. That the log signed is another question.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Invalid`]: a cosignature by one of them does not verify, so the whole is not to be trusted.
    pub fn cosignatures(&self, witnesses: &[Witness]) -> Result<Vec<Cosignature>, SignatureError> {
        let mut cosignatures = Vec::new();
        for (witness, Witness { name, key }) in witnesses.iter().enumerate() {
            let id = Kind::Cosignature.id(name, key.as_bytes());
            let Some(signature) = self.find(name, id) else { continue };
            let invalid = || SignatureError::Invalid { name: name.clone() };
            let (time, bytes) = signature.bytes().split_first_chunk().ok_or_else(invalid)?;
            let time = u64::from_be_bytes(*time);
            let bytes = bytes.try_into().map_err(|_| invalid())?;
            let message = keys::cosigned(&self.checkpoint, time).map_err(|_| invalid())?;
            key.verify(message.as_bytes(), bytes).ok_or_else(invalid)?;
            cosignatures.push(Cosignature { witness, time });
        }
        Ok(cosignatures)
    }

    fn find(&self, name: &str, id: [u8; 4]) -> Option<&NoteSignature> {
        self.signatures.iter().find(|signature| signature.is_by(name, id))
    }

    fn read(lines: &mut Lines<'_>) -> Result<Self, NoteError> {
        let checkpoint = Checkpoint::read(lines)?;
        lines.blank()?;
        Ok(Self { checkpoint, signatures: lines.signatures()? })
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let signed = Self::read(&mut lines)?;
        lines.finish()?;
        Ok(signed)
    }
}

/// The body of the request `add-checkpoint`, with which a log asks a witness to cosign
/// ([C2SP tlog-witness](https://c2sp.org/tlog-witness)). The proof is from the size that the witness cosigned last; 0 if
/// there is none.
///
/// # Errors
///
/// [`MerkleError::Size`]: the proof is not about the checkpoint.
pub fn add_checkpoint(
    proof: &Consistency,
    signed: &SignedCheckpoint,
) -> Result<String, MerkleError> {
    let (found, expected) = (proof.new_size(), signed.checkpoint.size());
    if found != expected {
        return Err(MerkleError::Size { found, expected });
    }
    let mut body = format!("old {}\n", proof.old_size());
    for hash in proof.path() {
        body.push_str(&Base64::encode_string(hash));
        body.push('\n');
    }
    Ok(format!("{body}\n{signed}"))
}

/// Why a checkpoint is not taken for one that the log or a witness signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// It is of another log.
    Origin {
        /// The origin that it names.
        found: String,
        /// The origin of the log in question.
        expected: String,
    },
    /// The key did not sign. There may be a signature of the same name by another key.
    Missing {
        /// The key's name.
        name: String,
    },
    /// There is a signature by the key, which does not verify.
    Invalid {
        /// The key's name.
        name: String,
    },
    /// A cosignature's time is not below 2⁶³.
    Time {
        /// The time.
        found: u64,
    },
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin { found, expected } => {
                write!(f, "a checkpoint of {found:?}, where one of {expected:?} is expected")
            }
            Self::Missing { name } => {
                write!(f, "the key known for {name:?} did not sign the checkpoint")
            }
            Self::Invalid { name } => {
                write!(f, "the signature of {name:?} is not one under this checkpoint")
            }
            Self::Time { found } => {
                write!(f, "the time {found} s, where less than 2^63 is allowed")
            }
        }
    }
}

impl core::error::Error for SignatureError {}
