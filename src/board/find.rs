//! Where a board has a voter's ballot.
//!
//! A tracker alone says only that somebody's ballot is there. A voter who is shown another voter's tracker
//! finds that, too (Küsters, Truderung, Vogt 2012, "Clash attacks on the verifiability of e-voting systems"). So every
//! answer says whose the ballot is, and a search with the voter's key finds no other.

use super::{Kind, State};
use crate::{
    ballot::{Header, Origin, SpoilRequest, Tracker},
    codec::{Decode, DecodeError, Reader},
    roll::{Delegation, Mandate, VoterKey},
};
use alloc::collections::BTreeMap;
use core::fmt;

/// What becomes of a ballot. One that is cast cannot be opened, and one that is spoiled cannot be cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Fate {
    /// It was cast.
    Cast = 0,
    /// It was spoiled.
    Spoiled = 1,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cast => "cast",
            Self::Spoiled => "spoiled",
        })
    }
}

/// What an entry says of the ballot that it casts or spoils. Whether that is true and counts, only an audit tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted {
    /// What becomes of the ballot.
    pub fate: Fate,
    /// Whose it is.
    pub voter: VoterKey,
    /// The ballot's tracker.
    pub tracker: Tracker,
    /// Its style, its sequence number and where it was cast. A spoil request does not say.
    pub header: Option<Header>,
}

impl Posted {
    /// Reads an entry that is a ballot or a spoil request. Checks nothing.
    ///
    /// It hashes a ballot, and so finds a tracker in a record of `n` bytes in the time that it takes to hash them.
    pub fn of_entry(entry: &[u8]) -> Option<Self> {
        let (kind, body) = Kind::split(entry).ok()?;
        match kind {
            Kind::Ballot => Self::of_ballot(Fate::Cast, body),
            Kind::SpoilRequest => {
                let request = SpoilRequest::from_bytes(body).ok()?;
                let (voter, tracker) = (request.voter().into(), request.tracker());
                Some(Self { fate: Fate::Spoiled, voter, tracker, header: None })
            }
            _ => None,
        }
    }

    fn of_ballot(fate: Fate, bytes: &[u8]) -> Option<Self> {
        let (header, voter) = read_head(bytes).ok()?;
        Some(Self { fate, voter, tracker: Tracker::of(bytes), header: Some(header) })
    }

    /// The ballot that an entry opens, which was spoiled.
    pub(super) fn opened(entry: &[u8]) -> Option<Self> {
        match Kind::split(entry).ok()? {
            (Kind::SpoilOpening, body) => Self::of_ballot(Fate::Spoiled, body.get(32..)?),
            _ => None,
        }
    }
}

/// What stands before the ciphertext of a ballot, whatever its election.
pub(crate) fn read_head(ballot: &[u8]) -> Result<(Header, VoterKey), DecodeError> {
    let mut reader = Reader::new(ballot);
    let (style, sequence) = (reader.u16()?, reader.u32()?);
    let origin = match reader.bool()? {
        true => Origin::Station(reader.u16()?),
        false => Origin::Remote,
    };
    Ok((Header { style, sequence, origin }, VoterKey::found(reader.array()?)))
}

impl fmt::Display for Posted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fate, voter, tracker: _, header } = self;
        write!(f, "{fate} by {voter}")?;
        match header {
            Some(Header { style, sequence, .. }) => {
                write!(f, ", style {style}, sequence number {sequence}")
            }
            None => Ok(()),
        }
    }
}

/// A ballot that was found, and what became of it later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The entry that casts or spoils it, from 0.
    pub entry: u64,
    /// What that says; a spoiled ballot that was opened has its header, too.
    pub posted: Posted,
    /// The entry with a later ballot of the same voter, the last one, which counts in its place.
    pub replaced_by: Option<u64>,
    /// The entry that opens it, if it was spoiled.
    pub opened_by: Option<u64>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, posted, replaced_by, opened_by } = self;
        write!(f, "entry {entry}: {posted}")?;
        match (posted.fate, replaced_by, opened_by) {
            (Fate::Cast, Some(by), _) => write!(f, ", replaced by entry {by}"),
            (Fate::Cast, None, _) => f.write_str(", not replaced"),
            (Fate::Spoiled, _, Some(by)) => write!(f, ", opened by entry {by}"),
            (Fate::Spoiled, _, None) => f.write_str(", not opened"),
        }
    }
}

/// The tracker is on the board, but is not this voter's: the voter was shown somebody else's ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherVoter {
    /// The ballot that has the tracker.
    pub found: Found,
}

impl fmt::Display for OtherVoter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found } = self;
        write!(f, "this is another voter's ballot ({found}): you were not shown your own")
    }
}

impl core::error::Error for OtherVoter {}

/// A search, entry by entry.
#[derive(Debug)]
pub(crate) struct Search {
    tracker: Tracker,
    voter: Option<VoterKey>,
    own: Option<Found>,
    others: Option<Found>,
    /// For each key under which a proxy casts, the voter's own.
    proxied: BTreeMap<VoterKey, VoterKey>,
}

impl Search {
    /// For the ballot with this tracker, of this voter if there is one.
    pub(crate) fn new(tracker: &Tracker, voter: Option<&VoterKey>) -> Self {
        let (tracker, voter, proxied) = (*tracker, voter.copied(), BTreeMap::new());
        Self { tracker, voter, own: None, others: None, proxied }
    }

    /// Looks at the next entry.
    pub(crate) fn push(&mut self, index: u64, entry: &[u8]) {
        let Some(posted) = Posted::of_entry(entry) else {
            if let Some(Mandate { voter, key, proxy: _ }) = mandate(entry) {
                self.proxied.insert((&key).into(), (&voter).into());
            }
            let opened = Posted::opened(entry).filter(|opened| opened.tracker == self.tracker);
            for found in self.both().filter(|_| opened.is_some()) {
                if opened.is_some_and(|opened| opened.voter == found.posted.voter) {
                    found.opened_by.get_or_insert(index);
                    found.posted.header = opened.and_then(|opened| opened.header);
                }
            }
            return;
        };
        // A ballot of the voter herself replaces that of her proxy, too.
        let Self { own, others, proxied, .. } = self;
        let replaces = |found: &&mut Found| {
            let of = found.posted.voter;
            let same = of == posted.voter || proxied.get(&of) == Some(&posted.voter);
            found.posted.fate == Fate::Cast && same && found.posted.tracker != posted.tracker
        };
        if posted.fate == Fate::Cast {
            let both = [own, others].into_iter().flatten();
            both.filter(replaces).for_each(|found| found.replaced_by = Some(index));
        }
        if posted.tracker == self.tracker {
            let is_own = self.voter.is_none_or(|voter| voter == posted.voter);
            let best = if is_own { &mut self.own } else { &mut self.others };
            // A ballot that was cast says more than a request to spoil it, which nobody can fulfil then.
            if best.is_none_or(|best| posted.fate < best.posted.fate) {
                *best = Some(Found { entry: index, posted, replaced_by: None, opened_by: None });
            }
        }
    }

    fn both(&mut self) -> impl Iterator<Item = &mut Found> {
        [&mut self.own, &mut self.others].into_iter().flatten()
    }

    /// What was found.
    pub(crate) fn end(self) -> Result<Option<Found>, OtherVoter> {
        match (self.own, self.others) {
            (None, Some(found)) => Err(OtherVoter { found }),
            (own, _) => Ok(own),
        }
    }
}

/// The mandate in an entry that is a delegation.
pub(super) fn mandate(entry: &[u8]) -> Option<Mandate> {
    match Kind::split(entry).ok()? {
        (Kind::Delegation, body) => Some(*Delegation::from_bytes(body).ok()?.mandate()),
        _ => None,
    }
}

impl State {
    /// What became of a ballot at this entry, as far as the board was judged.
    pub(crate) fn became(&self, entry: u64, posted: Posted) -> Found {
        let mut found = Found { entry, posted, replaced_by: None, opened_by: None };
        if let Some(voting) = &self.voting
            && let Some(voter) = voting.roll.voter_of(posted.voter.as_bytes())
        {
            match posted.fate {
                Fate::Cast => {
                    let last = voting.last.get(voter.line).filter(|l| l.tracker != posted.tracker);
                    let by = voting.overrules(voter.line).or(last);
                    found.replaced_by = by.map(|last| last.entry);
                }
                Fate::Spoiled => {
                    found.opened_by = voting.spoils.opened_by(voter.line, &posted.tracker);
                }
            }
        }
        found
    }
}
