//! What is wrong with a record.

use super::Check;
use crate::{
    board::{Kind, Phase, ReceiptError, Refusal},
    codec::DecodeError,
    log::{
        LogError,
        checkpoint::SignatureError,
        merkle::{Head, Root},
    },
    manifest::ManifestHash,
    roll::VoterKey,
};
use alloc::string::String;
use core::{fmt, ops::Range};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check that failed.
    pub check: Check,
    /// The entry at which it failed, from 0, if it failed at one.
    pub entry: Option<u64>,
    /// Why.
    pub fault: Fault,
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The entry is not in canonical form.
    Form(DecodeError),
    /// The board's rules refuse the object.
    Refused {
        /// The object's kind, if it can be read.
        kind: Option<Kind>,
        /// The voter's key, for a ballot that can be read.
        voter: Option<VoterKey>,
        /// Why it is refused.
        refusal: Refusal,
    },
    /// Chunks of the last object are missing.
    Incomplete,
    /// The manifest is not the expected one.
    Manifest {
        /// The hash found.
        found: ManifestHash,
        /// The expected hash.
        expected: ManifestHash,
    },
    /// The size is not the expected one.
    Size {
        /// The size found.
        found: u64,
        /// The expected size.
        expected: u64,
    },
    /// The root is not the expected one.
    Root {
        /// The root found.
        found: Root,
        /// The expected root.
        expected: Root,
    },
    /// The board never had a head that was published.
    Head {
        /// The board's head at this size, or that of the whole board if it is shorter.
        found: Head,
        /// The head that was published.
        expected: Head,
    },
    /// The result is not the one that was published.
    Result {
        /// SHA-256 of the view `result.json`; `None` if there is no result.
        found: Option<[u8; 32]>,
        /// The hash that was published.
        expected: [u8; 32],
    },
    /// The record ends before the result.
    NoResult {
        /// The last phase that it reaches.
        phase: Phase,
    },
    /// The record's files do not yield the next entry.
    Log(LogError),
    /// Entries differ from those that were examined before.
    Changed {
        /// Where the difference is.
        entries: Range<u64>,
    },
    /// A checkpoint does not match the board.
    Checkpoint {
        /// Its size.
        size: u64,
        /// The reason.
        fault: CheckpointFault,
    },
    /// The board did not keep what a receipt says.
    Receipt {
        /// The receipt's place in the given list, from 0.
        place: usize,
        /// What is wrong.
        error: ReceiptError,
    },
    /// A view does not match the board.
    View {
        /// The name of its file.
        name: String,
        /// The first byte that differs; `None` if the board has nothing for this view yet.
        at: Option<usize>,
    },
}

/// Why a checkpoint does not match the board.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// The manifest names no key for the log.
    NoKey,
    /// It is not signed correctly.
    Signature(SignatureError),
    /// The board is shorter than the checkpoint.
    Beyond {
        /// The number of entries on the board.
        found: u64,
    },
    /// The board has another root at this size, although the log signed the checkpoint.
    Root {
        /// The root in the checkpoint.
        found: Root,
        /// The root of the board.
        expected: Root,
    },
    /// There is no checkpoint of the whole board.
    Missing,
    /// Too few witnesses cosigned the checkpoint of the whole board.
    Quorum {
        /// How many cosigned it.
        found: usize,
        /// How many must cosign it.
        expected: u16,
    },
}

impl fmt::Display for CheckpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("the manifest names no key that could have signed it"),
            Self::Signature(error) => error.fmt(f),
            Self::Beyond { found } => write!(f, "the board has only {found} entries"),
            Self::Root { found, expected } => {
                write!(
                    f,
                    "its root is {found}, but this board's root at this size is {expected}: the record was changed, or the log showed another board"
                )
            }
            Self::Missing => f.write_str("missing; there must be one of the whole board"),
            Self::Quorum { found, expected } => {
                write!(f, "{found} witnesses cosigned it, {expected} are needed")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Refused { kind, voter, refusal } => {
                match kind {
                    Some(kind) => write!(f, "{kind}")?,
                    None => f.write_str("unknown object")?,
                }
                if let Some(voter) = voter {
                    write!(f, " of {voter}")?;
                }
                write!(f, ": {refusal}")
            }
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
            Self::Manifest { found, expected } => {
                write!(f, "the manifest's hash is {found}, expected {expected}")
            }
            Self::Size { found, expected } => {
                write!(f, "the board has {found} entries, expected {expected}")
            }
            Self::Root { found, expected } => {
                write!(f, "the board's root is {found}, expected {expected}")
            }
            Self::Head { found, expected } if found.size == expected.size => write!(
                f,
                "with {} entries the board has the root {}, but the one published is {}: the record was changed, or \
                 another board was published",
                found.size, found.root, expected.root
            ),
            Self::Head { found, expected } => write!(
                f,
                "a head of {} entries with the root {} was published, but the board has {} with the root {}",
                expected.size, expected.root, found.size, found.root
            ),
            Self::Result { found: Some(found), expected } => {
                let (found, expected) = (hex::encode(found), hex::encode(expected));
                write!(f, "the hash of the result is {found}, but the one published is {expected}")
            }
            Self::Result { found: None, expected } => {
                let expected = hex::encode(expected);
                write!(f, "a result with the hash {expected} was published, but the board has none")
            }
            Self::NoResult { phase } => write!(f, "the record ends {phase}, without a result"),
            Self::Log(error) => error.fmt(f),
            Self::Changed { entries } => write!(
                f,
                "entries {} to {} are not those that were examined before",
                entries.start,
                entries.end.saturating_sub(1)
            ),
            Self::Checkpoint { size, fault } => write!(f, "checkpoint of size {size}: {fault}"),
            Self::Receipt { place, error } => write!(f, "receipt {place}: {error}"),
            Self::View { name, at: Some(at) } => {
                write!(f, "{name}: at byte {at} it is not what the board says")
            }
            Self::View { name, at: None } => {
                write!(f, "{name}: the board, as far as it was judged, has nothing of the kind")
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.check)?;
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}: ")?;
        }
        self.fault.fmt(f)
    }
}
