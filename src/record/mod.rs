//! A board as bytes: entries one after the other, each behind its length.
//!
//! [`Log`] gives the entries of a board wherever they are kept, [`Bytes`] those in memory. On disk a board is a
//! [`Folder`] of segments, with checkpoints and views beside it, which a [`Writer`] writes so that a crash loses nothing
//! but an entry that was not whole yet.

mod bytes;
#[cfg(feature = "std")]
mod folder;
#[cfg(feature = "std")]
mod segments;
mod view;
#[cfg(feature = "std")]
mod writer;

pub use bytes::{Bytes, Entries, Torn};
#[cfg(feature = "std")]
pub use folder::{Folder, FolderError};
#[cfg(feature = "std")]
pub use segments::{SEGMENT, Segments};
pub use view::View;
#[cfg(feature = "std")]
pub use writer::{Cut, WriteError, Writer};

use crate::{
    ballot::Tracker,
    board::{Assembler, Board, Found, OtherVoter, Refusal, Search, entry_count, merkle::Hashes},
    codec::DecodeError,
    roll::VoterKey,
};
use alloc::{string::String, vec::Vec};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Objects that are decided on in one call while a board is replayed.
const BATCH: usize = 4096;

/// A board's entries, one after the other or again by number.
pub trait Log {
    /// The entry with this number, from 0; `None` behind the last one.
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError>;
}

/// Why a log does not give an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogError {
    /// The bytes end in the middle of it. Everything before it is whole.
    Torn {
        /// The file, if there are several.
        file: String,
        /// Where in it.
        torn: Torn,
    },
    /// A segment that is not the last one has fewer entries than it should.
    Short {
        /// The file.
        file: String,
        /// How many entries it has.
        found: u64,
        /// How many it should have.
        expected: u64,
    },
    /// A segment has bytes behind the entries that it should have.
    Long {
        /// The file.
        file: String,
        /// Where they start.
        at: u64,
    },
    /// What keeps the log failed. This says nothing of the log.
    Storage {
        /// The file.
        file: String,
        /// What it says.
        reason: String,
    },
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { file, torn } if file.is_empty() => torn.fmt(f),
            Self::Torn { file, torn } => write!(f, "{file}: {torn}"),
            Self::Short { file, found, expected } => {
                write!(f, "{file}: {found} entries, where {expected} are before the next segment")
            }
            Self::Long { file, at } => {
                write!(f, "{file}: the segment is full at byte {at}, but more follows")
            }
            Self::Storage { file, reason } => write!(f, "{file}: {reason}"),
        }
    }
}

impl core::error::Error for LogError {}

/// All hashes of a log's tree, out of which every proof can be made; 64 bytes of memory for each entry.
pub fn hashes(log: &mut impl Log) -> Result<Hashes, LogError> {
    let mut hashes = Hashes::default();
    while let Some(entry) = log.entry(hashes.size())? {
        hashes.push(&entry);
    }
    Ok(hashes)
}

/// Why a log does not say where a voter's ballot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindError {
    /// It does not give an entry.
    Log(LogError),
    /// The tracker is that of another voter's ballot.
    OtherVoter(OtherVoter),
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::OtherVoter(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for FindError {}

/// The ballot with this tracker, cast or spoiled, and whose it is. `None` if it is not there. It reads the whole log, and
/// believes it: whether the ballot is valid and counts, only an audit tells.
///
/// With the voter's key only that voter's ballots are found. **Without it the answer may be about somebody else's ballot**:
/// show the voter whose it is. See [`Board::find`].
pub fn find(
    log: &mut impl Log,
    tracker: &Tracker,
    voter: Option<&VoterKey>,
) -> Result<Option<Found>, FindError> {
    let (mut index, mut search) = (0, Search::new(tracker, voter));
    while let Some(entry) = log.entry(index).map_err(FindError::Log)? {
        search.push(index, &entry);
        index += 1;
    }
    search.end().map_err(FindError::OtherVoter)
}

/// Why bytes do not give a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// They end inside an entry.
    Torn(Torn),
    /// An entry is not a whole object, nor a part of one.
    Form {
        /// The entry, from 0.
        entry: u64,
        /// What is wrong in it.
        error: DecodeError,
    },
    /// The board's rules do not accept an object.
    Refused {
        /// Its first entry, from 0.
        entry: u64,
        /// Why.
        refusal: Refusal,
    },
    /// The last object is not complete.
    Incomplete,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn(torn) => torn.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::Refused { entry, refusal } => write!(f, "entry {entry}: {refusal}"),
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
        }
    }
}

impl core::error::Error for ReplayError {}

/// Replays a board from its bytes and checks everything on the way. The result can be posted to again.
pub fn replay(bytes: &[u8], rng: &mut (impl CryptoRng + RngCore)) -> Result<Board, ReplayError> {
    let mut board = Board::new();
    let mut assembler = Assembler::default();
    let mut objects = Vec::new();
    let mut flush = |objects: &mut Vec<Vec<u8>>| {
        // All before the first that is refused are accepted, so its entry follows theirs.
        let mut entry = board.state().size();
        for (result, object) in board.post_all(objects, rng).into_iter().zip(&*objects) {
            result.map_err(|refusal| ReplayError::Refused { entry, refusal })?;
            entry += entry_count(object);
        }
        objects.clear();
        Ok(())
    };
    for (entry, bytes) in (0u64..).zip(Entries::new(bytes)) {
        let bytes = bytes.map_err(ReplayError::Torn)?;
        let object = assembler.push(bytes).map_err(|error| ReplayError::Form { entry, error })?;
        objects.extend(object);
        if objects.len() >= BATCH {
            flush(&mut objects)?;
        }
    }
    flush(&mut objects)?;
    if assembler.is_complete() { Ok(board) } else { Err(ReplayError::Incomplete) }
}
