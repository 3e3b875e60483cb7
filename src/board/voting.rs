//! What the board remembers while voting is open, and the rules of acceptance of ballots.

use super::{
    shards::{Item, Shards},
    spoils::Spoils,
};
use crate::{
    ballot::{BallotError, Election, Tracker},
    roll::Roll,
    tally::{Casters, PartialTally, Sums, Tally},
};
use alloc::vec::Vec;

#[derive(Clone, Debug)]
pub(super) struct Voting {
    pub(super) election: Election,
    pub(super) roll: Roll,
    /// For the voters who have cast, by their line in the roll.
    pub(super) last: Shards<Last>,
    /// The nonce points of all ballots.
    pub(super) nonces: Shards<[u8; 32]>,
    pub(super) partial: PartialTally,
    pub(super) spoils: Spoils,
}

/// A voter's last accepted ballot, and how many there were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) line: u32,
    pub(super) count: u32,
    pub(super) entry: u64,
    pub(super) tracker: Tracker,
}

impl Item for Last {
    type Key = u32;

    fn key(&self) -> u32 {
        self.line
    }

    fn part(line: u32) -> u32 {
        line >> 8
    }
}

/// Whether a ballot of a voter on the roll, with that voter's style, can be read and has a valid proof; `None` if nobody
/// looked, and of all other ballots.
pub(crate) type Verdict = Option<Result<(), BallotError>>;

/// What was found of ballots by themselves, without regard to each other.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) verdicts: Vec<Verdict>,
    /// The sums of those that are valid.
    pub(crate) sums: Sums,
}

impl Voting {
    pub(super) fn new(election: Election, roll: Roll) -> Self {
        let partial = PartialTally::new(election.manifest());
        let (last, nonces, spoils) = (Shards::default(), Shards::default(), Spoils::default());
        Self { election, roll, last, nonces, partial, spoils }
    }

    /// The own ballot of the voter for whom a proxy casts under the key of this line: it beats all of the proxy.
    pub(super) fn overrules(&self, line: u32) -> Option<&Last> {
        self.last.get(self.roll.stands_for(line)?)
    }

    /// How many ballots count.
    pub(super) fn count(&self) -> usize {
        let beaten = |line: &u32| self.last.get(*line).is_some() && self.overrules(*line).is_some();
        self.last.len() - self.roll.proxy_lines().filter(beaten).count()
    }

    /// The ballots that count.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Last> {
        self.last.iter().filter(|last| self.overrules(last.line).is_none())
    }

    /// The tally of the ballots that count.
    pub(super) fn tally(&self) -> Tally {
        let mut casters = Casters::default();
        for (proxy, all) in self.roll.by_proxy().enumerate() {
            let counts = |line| self.last.get(line).is_some() && self.overrules(line).is_none();
            let cast = all.into_iter().filter(|voter| counts(voter.line));
            casters.add(self.election.manifest(), proxy, cast.map(|voter| voter.style));
        }
        Tally::of(&self.partial, &casters)
    }
}
