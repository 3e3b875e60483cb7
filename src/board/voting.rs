//! What the board remembers while voting is open, and the rules of acceptance of ballots.

use super::{
    Accepted, Kind, Refusal,
    shards::{Item, Shards},
    spoils::Spoils,
};
use crate::{
    ballot::{BallotError, Election, Envelope, Tracker, VerifiedBallot},
    chunks,
    error::VerifyError,
    roll::{Roll, Voter},
    tally::{CellTally, PartialTally, Sums},
};
use alloc::{collections::BTreeMap, vec::Vec};
use rand_core::{CryptoRng, RngCore};

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

/// What was found of ballots by themselves, without regard to each other.
#[derive(Debug)]
pub(crate) struct Examined {
    /// For each whether it can be read, is of a voter on the roll with that voter's style, and has a valid proof.
    pub(crate) valid: Vec<bool>,
    /// The sums of those.
    pub(crate) sums: Sums,
}

impl Voting {
    pub(super) fn new(election: Election, roll: Roll) -> Self {
        let partial = PartialTally::new(election.manifest());
        let (last, nonces, spoils) = (Shards::default(), Shards::default(), Spoils::default());
        Self { election, roll, last, nonces, partial, spoils }
    }

    /// Verifies ballots, on all cores, without deciding on them.
    pub(super) fn examine<B: AsRef<[u8]> + Sync>(
        &self,
        objects: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Examined, VerifyError> {
        let manifest = self.election.manifest();
        let bodies: Vec<&[u8]> =
            objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default()).collect();
        let chunks = chunks::map(&bodies, self.election.chunk(), rng, |chunk, seed| {
            let mut examined = Examined { sums: Sums::new(manifest), valid: Vec::new() };
            for ballot in self.election.verify_chunk(chunk, seed) {
                let counted = ballot.ok().and_then(|ballot| {
                    let voter = self.roll.voter(ballot.voter())?;
                    (voter.style == ballot.header().style).then_some((ballot, voter.weight))
                });
                examined.valid.push(counted.is_some());
                if let Some((ballot, weight)) = counted {
                    examined.sums.add(manifest, &ballot, weight.into());
                }
            }
            alloc::vec![examined]
        })?;
        let mut all = Examined { sums: Sums::new(manifest), valid: Vec::new() };
        for Examined { sums, valid } in chunks {
            // They are of one manifest.
            let _ = all.sums.merge(&sums);
            all.valid.extend(valid);
        }
        Ok(all)
    }

    /// Decides on a ballot whose reading and proof were tried already.
    pub(super) fn accept(
        &mut self,
        entry: u64,
        body: &[u8],
        verdict: Result<VerifiedBallot, BallotError>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<Accepted, Refusal> {
        let ballot = match verdict {
            Ok(ballot) => ballot,
            Err(error @ BallotError::Bytes(_)) => return Err(error.into()),
            Err(error @ BallotError::Proof(_)) => {
                // What is wrong with voter or style says more than that the proof is wrong, too.
                self.voter(&self.election.read_ballot(body)?.envelope(body))?;
                return Err(error.into());
            }
        };
        let envelope = ballot.envelope(body);
        let (voter, last) = self.decide(&envelope)?;
        let replaced = last.map(|last| self.replaced(&last, stored, recent)).transpose()?;

        // Nothing fails from here on, so a refusal leaves no trace.
        if let Some(old) = &replaced {
            self.partial.remove(old, voter.weight);
        }
        self.partial.add(&ballot, voter.weight);
        recent.insert(entry, ballot);
        Ok(self.take(entry, &envelope, voter, last))
    }

    /// Decides on a ballot that was found valid before, and that is in the sums already; there it stays if and only if
    /// it is accepted.
    pub(super) fn accept_examined(
        &mut self,
        entry: u64,
        body: &[u8],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Accepted, Refusal> {
        let envelope = self.election.read_envelope(body)?;
        let decision = self.decide(&envelope).and_then(|(voter, last)| {
            let old = last.map(|last| self.replaced(&last, stored, &mut BTreeMap::new()));
            Ok((voter, last, old.transpose()?))
        });
        match decision {
            Ok((voter, last, old)) => {
                if let Some(old) = &old {
                    self.partial.remove(old, voter.weight);
                }
                Ok(self.take(entry, &envelope, voter, last))
            }
            Err(refusal) => {
                self.forget(body);
                Err(refusal)
            }
        }
    }

    /// Takes a ballot that was found valid before, and is not accepted, out of the sums.
    pub(super) fn forget(&mut self, body: &[u8]) {
        let ballot = self.election.read_again(body, &Tracker::of(body));
        if let Some(ballot) = ballot
            && let Some(voter) = self.roll.voter(ballot.voter())
        {
            self.partial.remove(&ballot, voter.weight);
        }
    }

    /// The ballot that is replaced by another of its voter.
    fn replaced(
        &self,
        last: &Last,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<VerifiedBallot, Refusal> {
        let old = recent.remove(&last.entry).or_else(|| {
            let object = stored(last.entry)?;
            self.election.read_again(object.get(1..)?, &last.tracker)
        });
        old.ok_or(Refusal::Storage { entry: last.entry })
    }

    /// The rows of these cells, as bytes: what each ballot that counts holds in the slots that are mixed, in the order of the
    /// board.
    pub(super) fn rows(
        &self,
        cells: &[&CellTally],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let manifest = self.election.manifest();
        let mut counted: Vec<(u64, Tracker)> =
            self.last.iter().map(|last| (last.entry, last.tracker)).collect();
        counted.sort_unstable();
        let mut rows = alloc::vec![Vec::new(); cells.len()];
        // Every contest has one cell in each district at most.
        let mut places = BTreeMap::new();
        for (place, cell) in cells.iter().enumerate() {
            places.extend(cell.districts.iter().map(|district| ((cell.contest, *district), place)));
        }
        for (entry, tracker) in counted {
            let object = stored(entry).ok_or(Refusal::Storage { entry })?;
            let body = object.get(1..).unwrap_or_default();
            let slots = self.election.read_slots(body, &tracker);
            let (style, slots) = slots.ok_or(Refusal::Storage { entry })?;
            let style = manifest.styles().get(usize::from(style));
            let (Some(style), Some((a, mut rest))) = (style, slots.split_first()) else { continue };
            for place in &style.contests {
                let Some(contest) = manifest.contests().get(*place) else { continue };
                let (held, tail) = rest.split_at_checked(contest.slots()).unwrap_or_default();
                rest = tail;
                let cell = places.get(&(*place, style.district));
                if let Some(rows) = cell.and_then(|place| rows.get_mut(*place)) {
                    let mixed = held.get(contest.summed_slots()..).unwrap_or_default();
                    rows.extend_from_slice(a);
                    mixed.iter().for_each(|b| rows.extend_from_slice(b));
                }
            }
        }
        Ok(rows)
    }

    /// The rules for a valid ballot, which leave no trace.
    fn decide(&self, ballot: &Envelope) -> Result<(Voter, Option<Last>), Refusal> {
        let voter = self.voter(ballot)?;
        let last = self.last.get(voter.line).copied();
        let (found, expected) = (ballot.header.sequence, last.map_or(0, |last| last.count));
        if found != expected {
            return Err(Refusal::WrongSequence { found, expected });
        }
        let cap = self.election.manifest().ballots_per_voter();
        if expected >= cap {
            return Err(Refusal::TooManyBallots { cap });
        }
        if self.nonces.get(ballot.nonce).is_some() {
            return Err(Refusal::NonceReused);
        }
        Ok((voter, last))
    }

    /// Remembers an accepted ballot.
    fn take(
        &mut self,
        entry: u64,
        ballot: &Envelope,
        voter: Voter,
        last: Option<Last>,
    ) -> Accepted {
        self.nonces.insert(ballot.nonce);
        let count = last.map_or(0, |last| last.count) + 1;
        self.last.insert(Last { line: voter.line, count, entry, tracker: ballot.tracker });
        Accepted { entry, kind: Kind::Ballot, replaces: last.map(|last| last.entry) }
    }

    /// The voter of a ballot, if the style is the voter's and the ballot is not the one accepted last.
    fn voter(&self, ballot: &Envelope) -> Result<Voter, Refusal> {
        let voter = self.roll.voter_of(&ballot.voter).ok_or(Refusal::UnknownVoter)?;
        let (found, expected) = (ballot.header.style, voter.style);
        if found != expected {
            return Err(Refusal::WrongStyle { found, expected });
        }
        if let Some(entry) = self.spoils.entry(voter.line, &ballot.tracker) {
            return Err(Refusal::Spoiled { entry });
        }
        match self.last.get(voter.line) {
            Some(last) if last.tracker == ballot.tracker => {
                Err(Refusal::AlreadyOnBoard { entry: last.entry })
            }
            _ => Ok(voter),
        }
    }
}
