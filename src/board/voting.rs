//! What the board remembers while voting is open, and the rules of acceptance of ballots.

use super::{Accepted, Kind, Refusal, spoils::Spoils};
use crate::{
    ballot::{BallotError, CastBallot, Election, Tracker, VerifiedBallot},
    roll::{Roll, Voter},
    tally::PartialTally,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

#[derive(Clone, Debug)]
pub(super) struct Voting {
    pub(super) election: Election,
    pub(super) roll: Roll,
    /// For the voters who have cast, by their line in the roll.
    pub(super) last: BTreeMap<u32, Last>,
    pub(super) nonces: BTreeSet<[u8; 32]>,
    pub(super) partial: PartialTally,
    pub(super) spoils: Spoils,
}

/// A voter's last accepted ballot, and how many there were.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) count: u32,
    pub(super) entry: u64,
    pub(super) tracker: Tracker,
}

impl Voting {
    /// Decides on a ballot whose reading and proof were tried already.
    pub(super) fn accept(
        &mut self,
        entry: u64,
        body: &[u8],
        verdict: Result<VerifiedBallot, BallotError>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<Accepted, Refusal> {
        let tracker = Tracker::of(body);
        let ballot = match verdict {
            Ok(ballot) => ballot,
            Err(error @ BallotError::Bytes(_)) => return Err(error.into()),
            Err(error @ BallotError::Proof(_)) => {
                // What is wrong with voter or style says more than that the proof is wrong, too.
                self.voter(&self.election.read_ballot(body)?, tracker)?;
                return Err(error.into());
            }
        };
        let voter = self.voter(&ballot, tracker)?;
        let last = self.last.get(&voter.line).copied();
        let (found, expected) = (ballot.header().sequence, last.map_or(0, |last| last.count));
        if found != expected {
            return Err(Refusal::WrongSequence { found, expected });
        }
        let cap = self.election.manifest().ballots_per_voter();
        if expected >= cap {
            return Err(Refusal::TooManyBallots { cap });
        }
        let nonce = *ballot.ciphertext().a.as_bytes();
        if self.nonces.contains(&nonce) {
            return Err(Refusal::NonceReused);
        }
        let replaced = match last {
            None => None,
            Some(last) => {
                let old = recent.remove(&last.entry).or_else(|| {
                    let object = stored(last.entry)?;
                    self.election.read_again(object.get(1..)?, &last.tracker)
                });
                Some(old.ok_or(Refusal::Storage { entry: last.entry })?)
            }
        };

        // Nothing fails from here on, so a refusal leaves no trace.
        if let Some(old) = &replaced {
            self.partial.remove(old, voter.weight);
        }
        self.partial.add(&ballot, voter.weight);
        self.nonces.insert(nonce);
        self.last.insert(voter.line, Last { count: expected + 1, entry, tracker });
        recent.insert(entry, ballot);
        Ok(Accepted { entry, kind: Kind::Ballot, replaces: last.map(|last| last.entry) })
    }

    /// The voter of a ballot, if the style is the voter's and the ballot is not the one accepted last.
    fn voter(&self, ballot: &CastBallot, tracker: Tracker) -> Result<Voter, Refusal> {
        let voter = *self.roll.voter(ballot.voter()).ok_or(Refusal::UnknownVoter)?;
        let (found, expected) = (ballot.header().style, voter.style);
        if found != expected {
            return Err(Refusal::WrongStyle { found, expected });
        }
        if let Some(entry) = self.spoils.entry(voter.line, &tracker) {
            return Err(Refusal::Spoiled { entry });
        }
        match self.last.get(&voter.line) {
            Some(last) if last.tracker == tracker => {
                Err(Refusal::AlreadyOnBoard { entry: last.entry })
            }
            _ => Ok(voter),
        }
    }
}
