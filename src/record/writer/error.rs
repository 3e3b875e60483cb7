//! Why a record cannot be written.

use crate::{
    board::{Kind, ReplayError},
    codec::DecodeError,
    log::{LogError, checkpoint::SignatureError, merkle::Head},
    record::FolderError,
};
use core::fmt;
use std::path::PathBuf;

/// Why a record cannot be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum WriteError {
    /// The folder is not a record, or the file system fails.
    Folder(FolderError),
    /// The board's files cannot be read.
    Log(LogError),
    /// The entries are no board that the rules accept.
    Replay(ReplayError),
    /// An entry is not in canonical form, so this is no board.
    Form {
        /// The entry, from 0.
        entry: u64,
        /// What is wrong in it.
        error: DecodeError,
    },
    /// The object that begins at this entry has no place there: a board begins with its manifest, and has no other.
    OutOfPlace {
        /// The entry, from 0.
        entry: u64,
        /// What it is.
        kind: Kind,
    },
    /// The folder for a new record is not empty.
    NotEmpty(PathBuf),
    /// Another writer holds the record.
    Held(PathBuf),
    /// The file system failed before, so what this writer has written may be lost. [`Writer::resume`](super::Writer::resume)
    /// finds out.
    Failed(PathBuf),
    /// The board does not continue what was written.
    Diverged {
        /// How many entries were written.
        size: u64,
    },
    /// A checkpoint, or what views are made of, is not of the entries that were written, or of more.
    OtherBoard {
        /// Size and root that it has.
        found: Head,
        /// Those of the entries.
        expected: Head,
    },
    /// The board has fewer entries than were written.
    Behind {
        /// How many it has.
        found: u64,
        /// How many were written.
        expected: u64,
    },
    /// There are checkpoints only if there is a manifest, and it names a log.
    NoLog,
    /// The log of the manifest did not sign a checkpoint.
    Signature {
        /// The checkpoint's size.
        size: u64,
        /// What is wrong.
        error: SignatureError,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Log(error) => error.fmt(f),
            Self::Replay(error) => error.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::OutOfPlace { entry, kind } => write!(
                f,
                "entry {entry}: {kind}; a board begins with its manifest, and has no other"
            ),
            Self::NotEmpty(path) => write!(f, "{path:?}: a new record needs an empty folder"),
            Self::Held(path) => write!(f, "{path:?}: another process holds it"),
            Self::Failed(path) => {
                write!(f, "{path:?}: writing failed before; resume the record to see what was kept")
            }
            Self::Diverged { size } => {
                write!(f, "the board does not continue the {size} entries that were written")
            }
            Self::OtherBoard { found, expected } => write!(
                f,
                "size {} and root {}, but size {} and root {} were written",
                found.size, found.root, expected.size, expected.root
            ),
            Self::Behind { found, expected } => {
                write!(f, "a board of {found} entries, but {expected} were written")
            }
            Self::NoLog => f.write_str("checkpoints need a manifest that names a log"),
            Self::Signature { size, error } => write!(f, "checkpoint of size {size}: {error}"),
        }
    }
}

impl core::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Folder(error) => Some(error),
            Self::Log(error) => Some(error),
            Self::Replay(error) => Some(error),
            Self::Form { error, .. } => Some(error),
            Self::Signature { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl From<FolderError> for WriteError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}
