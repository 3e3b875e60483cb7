//! Checkpoints: what a log signs about its board, and what witnesses sign after it.
//!
//! A checkpoint is size and root of a board. The log signs it as a note ([C2SP
//! signed-note](https://c2sp.org/signed-note), [tlog-checkpoint](https://c2sp.org/tlog-checkpoint)) with Ed25519, and
//! witnesses who saw that the board only grows cosign it ([tlog-cosignature](https://c2sp.org/tlog-cosignature)).
//! Two checkpoints of one size with different roots are a [`Fork`]: a proof that the log showed two boards.
//!
//! ```
//! use rand_core::OsRng;
//! use tabella::log::{checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret}, merkle::Tree};
//!
//! let secret = LogSecret::random(&mut OsRng)?;
//! let mut tree = Tree::default();
//! tree.push(b"manifest");
//! let origin = "tabella/bridge/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
//! let mut signed = secret.sign(&Checkpoint::new(origin, tree.head())?);
//!
//! let witness = WitnessSecret::from_seed("witness.example", &[7; 32])?;
//! signed.add(witness.public(), witness.cosign(signed.checkpoint(), 1_679_315_147)?)?;
//!
//! let read: SignedCheckpoint = signed.to_string().parse()?;
//! assert_eq!(read.verify(origin, &secret.public())?.head(), tree.head());
//! let seen = read.cosignatures(&[witness.public().clone()])?;
//! assert_eq!((seen[0].witness, seen[0].time), (0, 1_679_315_147));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod entry_proof;
mod fork;
mod keys;
mod note;
#[cfg(test)]
mod tests;

pub use entry_proof::{EntryProof, EntryProofError};
pub use fork::Fork;
pub use keys::{LogKey, LogSecret, VkeyError, Witness, WitnessKey, WitnessSecret};
pub use note::{NoteError, NoteErrorKind, NoteSignature};

pub(crate) use keys::is_key_name;

use crate::log::merkle::{Consistency, Head, MerkleError, Root};
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

    /// Adds a cosignature of this witness, once it is verified. One of this witness that is there and counts stays.
    ///
    /// # Errors
    ///
    /// [`AddError::Signature`] if it is another's, does not verify or has the time 0; [`NoteErrorKind::TooMany`].
    pub fn add(&mut self, witness: &Witness, signature: NoteSignature) -> Result<(), AddError> {
        self.check_counts(witness, &signature).map_err(AddError::Signature)?;
        let Some(place) = self.signatures.iter().position(|old| old.same_key(&signature)) else {
            if self.signatures.len() >= MAX_SIGNATURES {
                let kind = NoteErrorKind::TooMany;
                let at = self.to_string().len();
                return Err(AddError::Note(NoteError { line: MAX_SIGNATURES + 5, at, kind }));
            }
            self.signatures.push(signature);
            return Ok(());
        };
        if let Some(old) = self.signatures.get(place).cloned()
            && self.check_counts(witness, &old).is_err()
            && let Some(old) = self.signatures.get_mut(place)
        {
            *old = signature;
        }
        Ok(())
    }

    /// Adds what this witness answers to [`add-checkpoint`](add_checkpoint): of the signature lines its own, once it is
    /// verified. Lines of all other keys are passed over, whoever they name.
    ///
    /// # Errors
    ///
    /// [`AddError::Note`] if the answer is not signature lines; otherwise those of [`add`](Self::add), which leave the
    /// checkpoint as it is.
    pub fn add_answer(&mut self, witness: &Witness, answer: &str) -> Result<(), AddError> {
        let id = witness.id();
        let mut lines = Lines::new(answer).map_err(AddError::Note)?;
        let mut own = None;
        loop {
            let signature = lines.signature().map_err(AddError::Note)?;
            own = own.or_else(|| Some(signature).filter(|s| s.is_by(&witness.name, id)));
            if lines.finish().is_ok() {
                break;
            }
        }
        let missing = || SignatureError::Missing { name: witness.name.clone() };
        self.add(witness, own.ok_or_else(missing).map_err(AddError::Signature)?)
    }

    /// The log's signature and the cosignatures of these witnesses that count, without all other lines.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    #[cfg(feature = "std")]
    pub(crate) fn verified(
        &self,
        origin: &str,
        key: &LogKey,
        witnesses: &[Witness],
    ) -> Result<Self, SignatureError> {
        self.verify(origin, key)?;
        let own = self.find(origin, Kind::Log.id(origin, key.as_bytes()));
        let of_witness = |line: &&NoteSignature| {
            let of = |witness: &Witness| self.check_counts(witness, line).is_ok();
            witnesses.iter().any(of)
        };
        let cosignatures = self.signatures.iter().filter(of_witness);
        let signatures = own.into_iter().chain(cosignatures).cloned().collect();
        Ok(Self { checkpoint: self.checkpoint.clone(), signatures })
    }

    /// Adds the lines of another copy by keys that did not sign this one. Both are [verified](Self::verified).
    #[cfg(feature = "std")]
    pub(crate) fn join(&mut self, copy: Self) {
        for line in copy.signatures {
            if !self.signatures.iter().any(|own| own.same_key(&line)) {
                self.signatures.push(line);
            }
        }
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

    /// Which of these witnesses cosigned, and when. That the log signed is another question. Cosignatures with the time 0 say
    /// nothing of when and of what the witness saw before, and do not count.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Invalid`]: a cosignature by one of them does not verify, so the whole is not to be trusted.
    pub fn cosignatures(&self, witnesses: &[Witness]) -> Result<Vec<Cosignature>, SignatureError> {
        let mut cosignatures = Vec::new();
        for (place, witness) in witnesses.iter().enumerate() {
            let Some(signature) = self.find(&witness.name, witness.id()) else { continue };
            match self.time_of(witness, signature)? {
                0 => {}
                time => cosignatures.push(Cosignature { witness: place, time }),
            }
        }
        Ok(cosignatures)
    }

    /// The time of a line of this witness, if it verifies; 0 for none.
    fn time_of(&self, witness: &Witness, line: &NoteSignature) -> Result<u64, SignatureError> {
        let invalid = || SignatureError::Invalid { name: witness.name.clone() };
        let (time, bytes) = line.bytes().split_first_chunk().ok_or_else(invalid)?;
        let time = u64::from_be_bytes(*time);
        let bytes = bytes.try_into().map_err(|_| invalid())?;
        let message = keys::cosigned(&self.checkpoint, time).map_err(|_| invalid())?;
        witness.key.verify(message.as_bytes(), bytes).ok_or_else(invalid)?;
        Ok(time)
    }

    /// Checks that a line is a cosignature of this witness that counts.
    fn check_counts(&self, witness: &Witness, line: &NoteSignature) -> Result<(), SignatureError> {
        if !line.is_by(&witness.name, witness.id()) {
            return Err(SignatureError::Missing { name: witness.name.clone() });
        }
        match self.time_of(witness, line)? {
            0 => Err(SignatureError::Time { found: 0 }),
            _ => Ok(()),
        }
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
#[non_exhaustive]
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
    /// A cosignature's time is 0, or not below 2⁶³.
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
                write!(f, "the time {found} s, where 1 to 2^63 - 1 is allowed")
            }
        }
    }
}

impl core::error::Error for SignatureError {}

/// Why a witness's cosignature is not added to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// The answer is not signature lines; or the checkpoint has as many as it can have.
    Note(NoteError),
    /// It is no cosignature of the witness that was asked.
    Signature(SignatureError),
}

impl fmt::Display for AddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Signature(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AddError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Note(error) => Some(error),
            Self::Signature(error) => Some(error),
        }
    }
}
