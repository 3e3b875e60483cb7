//! Checkpoints: what a log signs about its board, and what witnesses cosign.
//!
//! A checkpoint is the size and the root of a board. The log signs it as a note ([C2SP
//! signed-note](https://c2sp.org/signed-note), [tlog-checkpoint](https://c2sp.org/tlog-checkpoint)) with Ed25519. Witnesses
//! who saw that the board only grows cosign it ([tlog-cosignature](https://c2sp.org/tlog-cosignature)). Two signed
//! checkpoints of the same size with different roots are a [`Fork`]: a proof that the log showed two boards.
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

mod body;
mod entry_proof;
mod error;
mod fork;
mod keys;
mod note;
mod signed;
#[cfg(test)]
mod tests;

pub use body::Checkpoint;
pub use entry_proof::{EntryProof, EntryProofError};
pub use error::{AddError, SignatureError};
pub use fork::Fork;
pub use keys::{LogKey, LogSecret, VkeyError, Witness, WitnessKey, WitnessSecret};
pub(crate) use note::is_key_name;
pub use note::{MAX_SIGNATURES, NoteError, NoteErrorKind, NoteSignature};
pub use signed::{Cosignature, SignedCheckpoint, add_checkpoint};

/// Most bytes of a signed checkpoint in a record, far more than the log and its witnesses need.
pub(crate) const MAX_BYTES: u64 = 100_000;
