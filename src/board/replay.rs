//! A board from its bytes, and a ballot in a log.

use super::{
    Board, Found, Memory, OtherVoter, Refusal, Storage,
    find::{Search, mandate},
};
use crate::{
    ballot::Tracker,
    codec::DecodeError,
    log::{
        LogError, ReadLog, Torn,
        entry::{Assembler, entry_count},
    },
    roll::{Proxied, VoterKey},
};
use alloc::vec::Vec;
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Objects that are decided on in one call while a board is replayed.
const BATCH: usize = 4096;

/// Why a log does not say where a voter's ballot is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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

impl core::error::Error for FindError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Log(error) => Some(error),
            Self::OtherVoter(error) => Some(error),
        }
    }
}

/// The ballot with this tracker, cast or spoiled, and whose it is. `None` if it is not there. It reads the whole log, and
/// believes it: whether the ballot is valid and counts, only an audit tells.
///
/// With the voter's key only that voter's ballots are found. **Without it the answer may be about somebody else's ballot**:
/// show the voter whose it is. See [`Board::find`].
pub fn find(
    log: &mut impl ReadLog,
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

/// The delegations in which this key is that of a voter, a proxy, or of what a proxy casts for another. It reads the whole
/// log, and believes it: whether they are valid, only an audit tells.
pub fn proxied(log: &mut impl ReadLog, of: &VoterKey) -> Result<Vec<Proxied>, LogError> {
    let (mut index, mut found) = (0, Vec::new());
    while let Some(entry) = log.entry(index)? {
        let proxied = mandate(&entry).map(|mandate| Proxied::new(index, &mandate));
        found.extend(proxied.filter(|p| [p.voter, p.key, p.proxy].contains(of)));
        index += 1;
    }
    Ok(found)
}

/// Why bytes do not give a board.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplayError {
    /// The storage does not give an entry.
    Log(LogError),
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
            Self::Log(error) => error.fmt(f),
            Self::Torn(torn) => torn.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::Refused { entry, refusal } => write!(f, "entry {entry}: {refusal}"),
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
        }
    }
}

impl core::error::Error for ReplayError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Log(error) => Some(error),
            Self::Torn(error) => Some(error),
            Self::Form { error, .. } => Some(error),
            Self::Refused { refusal, .. } => Some(refusal),
            Self::Incomplete => None,
        }
    }
}

/// Replays a board from its bytes and checks everything on the way. The result can be posted to again.
pub fn replay(bytes: &[u8], rng: &mut (impl CryptoRng + RngCore)) -> Result<Board, ReplayError> {
    Board::load(Memory::of(bytes).map_err(ReplayError::Torn)?, rng)
}

impl<S: Storage> Board<S> {
    /// The board whose entries this storage has. It checks everything on the way.
    pub fn load(storage: S, rng: &mut (impl CryptoRng + RngCore)) -> Result<Self, ReplayError> {
        let mut board = Self::on(storage);
        let (mut assembler, mut objects) = (Assembler::default(), Vec::new());
        for entry in 0.. {
            let Some(bytes) = board.storage.entry(entry).map_err(ReplayError::Log)? else { break };
            let object = assembler.push(&bytes);
            objects.extend(object.map_err(|error| ReplayError::Form { entry, error })?);
            if objects.len() >= BATCH {
                board.take(&mut objects, rng)?;
            }
        }
        board.take(&mut objects, rng)?;
        if assembler.is_complete() { Ok(board) } else { Err(ReplayError::Incomplete) }
    }

    /// Takes objects that are in the storage.
    fn take(
        &mut self,
        objects: &mut Vec<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ReplayError> {
        // All before the first that is refused are accepted, so its entry follows theirs.
        let mut entry = self.state.size();
        for (result, object) in self.decide(objects, rng).into_iter().zip(&*objects) {
            result.map_err(|refusal| ReplayError::Refused { entry, refusal })?;
            entry += entry_count(object);
            self.note(object);
        }
        objects.clear();
        Ok(())
    }
}
