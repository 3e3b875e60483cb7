//! An append-only log: entries, their Merkle tree, checkpoints, and where they are read from.
//!
//! A board's bytes are its entries one after the other, each after its length. [`ReadLog`] reads the entries of a board
//! wherever they are kept: [`Bytes`] in memory, [`Segments`] in files.

mod bytes;
pub mod checkpoint;
pub mod entry;
pub mod merkle;
#[cfg(feature = "std")]
mod segments;
pub mod tiles;
mod view;

pub use bytes::{Bytes, Entries, Torn};
#[cfg(feature = "std")]
pub(crate) use segments::segment_name;
#[cfg(feature = "std")]
pub use segments::{SEGMENT, Segments};
pub use view::View;

use alloc::{string::String, vec::Vec};
use core::fmt;
use merkle::Hashes;

/// A board's entries, in order or by number.
pub trait ReadLog {
    /// The entry with this number, from 0; `None` after the last one.
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError>;
}

/// Why a log cannot return an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogError {
    /// The bytes end in the middle of an entry. All entries before it are complete.
    Torn {
        /// The file, if there are several.
        file: String,
        /// Where in the file.
        torn: Torn,
    },
    /// A segment before the last one has too few entries.
    Short {
        /// The file.
        file: String,
        /// How many entries it has.
        found: u64,
        /// How many it should have.
        expected: u64,
    },
    /// A segment has bytes after its last entry.
    Long {
        /// The file.
        file: String,
        /// Where they start.
        at: u64,
    },
    /// The storage failed, which says nothing about the log.
    Storage {
        /// The file.
        file: String,
        /// The storage's error.
        reason: String,
    },
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { file, torn } if file.is_empty() => torn.fmt(f),
            Self::Torn { file, torn } => write!(f, "{file}: {torn}"),
            Self::Short { file, found, expected } => {
                write!(f, "{file}: {found} entries; expected {expected} before the next segment")
            }
            Self::Long { file, at } => {
                write!(f, "{file}: the segment is full at byte {at}, but more follows")
            }
            Self::Storage { file, reason } => write!(f, "{file}: {reason}"),
        }
    }
}

impl core::error::Error for LogError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Torn { torn, .. } => Some(torn),
            Self::Short { .. } | Self::Long { .. } | Self::Storage { .. } => None,
        }
    }
}

/// All hashes of a log's tree, for making any proof; 64 bytes of memory for each entry.
pub fn hashes(log: &mut impl ReadLog) -> Result<Hashes, LogError> {
    let mut hashes = Hashes::default();
    while let Some(entry) = log.entry(hashes.size())? {
        hashes.push(&entry);
    }
    Ok(hashes)
}

#[cfg(feature = "serde")]
mod serial {
    use super::{
        checkpoint::{Checkpoint, EntryProof, Fork, LogKey, SignedCheckpoint, Witness, WitnessKey},
        merkle::{Consistency, Inclusion, Range, Root},
    };
    use crate::codec::serial::serial;

    serial! { text:
        Root, "a root";
        LogKey, "a log's key";
        WitnessKey, "a witness's key";
    }
    serial! { text alone:
        Checkpoint, "a checkpoint";
        SignedCheckpoint, "a signed checkpoint";
        EntryProof, "the proof of an entry";
        Fork, "a proof of a fork";
        Witness, "a witness";
    }
    serial! { hex:
        Inclusion, "an inclusion proof";
        Consistency, "a consistency proof";
        Range, "a range of a Merkle tree";
    }
}
