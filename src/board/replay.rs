//! A board from its bytes, and a ballot in a log.

use super::{
    Board, Found, Memory, OtherVoter, Refusal, Snapshot, Storage,
    find::{Search, mandate},
};
use crate::{
    ballot::Tracker,
    codec::DecodeError,
    log::{
        LogError, ReadLog, Torn,
        entry::{Assembler, entry_count},
        merkle::Head,
    },
    roll::{Proxied, VoterKey},
    trace::event,
};
use alloc::{borrow::Cow, vec::Vec};
use core::{fmt, ops::ControlFlow};
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

impl From<LogError> for FindError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
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
    while let Some(entry) = log.entry(index)? {
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
    /// The entries are not those of the snapshot, or fewer.
    OtherEntries {
        /// Size and root of the entries.
        found: Head,
        /// Those of the snapshot.
        expected: Head,
    },
    /// It was to be broken off.
    Stopped,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::Torn(torn) => torn.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::Refused { entry, refusal } => write!(f, "entry {entry}: {refusal}"),
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
            Self::OtherEntries { found, expected } => write!(
                f,
                "size {} and root {}, but size {} and root {} were there when the snapshot was made: entries that were \
                 acknowledged are gone or changed",
                found.size, found.root, expected.size, expected.root
            ),
            Self::Stopped => f.write_str("broken off"),
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
            Self::Incomplete | Self::OtherEntries { .. } | Self::Stopped => None,
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
        let board = Self::load_from(storage, None, &mut |_| ControlFlow::Continue(()), rng);
        board.map(|(board, _)| board)
    }

    /// The same with what this machine knows of the first entries. `progress` is told how many entries are judged, every few
    /// thousand and at the end, and breaks the loading off if it says so.
    ///
    /// It also gives how many entries were believed: 0 if the snapshot turned out to be wrong, and everything was verified.
    ///
    /// # Errors
    ///
    /// `OtherEntries` if the storage does not begin with the snapshot's entries. They were acknowledged, so somebody should
    /// look; without the snapshot the board can be loaded.
    pub fn load_from(
        storage: S,
        snapshot: Option<&Snapshot>,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Self, u64), ReplayError> {
        let mut board = Self::on(storage);
        match board.take_all(snapshot, progress, rng) {
            // The sums of a wrong snapshot refuse a right tally.
            Err(ReplayError::Refused { .. }) if snapshot.is_some() => {
                event!(warn, "the snapshot is wrong; everything is verified");
                board = Self::on(board.storage);
                board.take_all(None, progress, rng)?;
                Ok((board, 0))
            }
            Ok(()) => {
                let known = snapshot.map_or(0, |snapshot| snapshot.head.size);
                event!(info, size = board.state.size(), known, "loaded");
                Ok((board, known))
            }
            Err(error) => Err(error),
        }
    }

    /// Takes all entries that are in the storage.
    fn take_all(
        &mut self,
        snapshot: Option<&Snapshot>,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ReplayError> {
        let mut known = snapshot;
        let (mut assembler, mut objects) = (Assembler::default(), Vec::new());
        for entry in 0.. {
            let end = known.is_some_and(|known| known.head.size == entry);
            if objects.len() >= BATCH || end {
                self.take(&mut objects, known, rng)?;
                if progress(entry).is_break() {
                    return Err(ReplayError::Stopped);
                }
            }
            if let Some(Snapshot { head: expected, .. }) = known.take_if(|_| end) {
                let (found, expected) = (self.state.head(), *expected);
                if found != expected {
                    return Err(ReplayError::OtherEntries { found, expected });
                }
            }
            let Some(bytes) = self.storage.entry(entry).map_err(ReplayError::Log)? else { break };
            let object = assembler.push(&bytes);
            objects.extend(object.map_err(|error| ReplayError::Form { entry, error })?);
        }
        self.take(&mut objects, known, rng)?;
        if progress(self.state.size()).is_break() {
            return Err(ReplayError::Stopped);
        }
        if let Some(Snapshot { head: expected, .. }) = known {
            return Err(ReplayError::OtherEntries {
                found: self.state.head(),
                expected: *expected,
            });
        }
        if assembler.is_complete() { Ok(()) } else { Err(ReplayError::Incomplete) }
    }

    /// Takes objects that are in the storage.
    fn take(
        &mut self,
        objects: &mut Vec<Vec<u8>>,
        known: Option<&Snapshot>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ReplayError> {
        // All before the first that is refused are accepted, so its entry follows theirs.
        let mut entry = self.state.size();
        let results = match known {
            Some(Snapshot { sums, .. }) => {
                let stored = |index| self.storage.entry(index).ok()?.map(Cow::into_owned);
                self.state.apply_again(objects, sums, stored, rng)
            }
            None => self.decide(objects, rng),
        };
        for (result, object) in results.into_iter().zip(&*objects) {
            result.map_err(|refusal| ReplayError::Refused { entry, refusal })?;
            entry += entry_count(object);
        }
        let taken: Vec<&[u8]> = objects.iter().map(|object| &object[..]).collect();
        self.note(&taken);
        objects.clear();
        Ok(())
    }
}
