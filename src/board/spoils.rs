//! What the board remembers of spoiled ballots.

use crate::ballot::Tracker;
use alloc::collections::BTreeMap;

/// The spoiled ballots of an election.
#[derive(Clone, Debug, Default)]
pub(super) struct Spoils {
    /// By the voter's line in the roll.
    pub(super) of_voter: BTreeMap<u32, BTreeMap<Tracker, Spoil>>,
    pub(super) requests: u64,
    pub(super) openings: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Spoil {
    pub(super) entry: u64,
    pub(super) nonce_point: [u8; 32],
    pub(super) opened: Option<u64>,
}

impl Spoils {
    /// How many ballots were spoiled, and how many of them opened.
    pub(super) fn count(&self) -> (u64, u64) {
        (self.requests, self.openings)
    }

    /// The entry by which the voter of this line spoiled this ballot.
    pub(super) fn entry(&self, line: u32, tracker: &Tracker) -> Option<u64> {
        Some(self.of_voter.get(&line)?.get(tracker)?.entry)
    }

    /// The entry that opens it.
    pub(super) fn opened_by(&self, line: u32, tracker: &Tracker) -> Option<u64> {
        self.of_voter.get(&line)?.get(tracker)?.opened
    }
}
