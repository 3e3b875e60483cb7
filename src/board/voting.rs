//! What the board remembers while voting is open, and the rules of acceptance of ballots.

use super::{
    Accepted, Kind, Refusal,
    shards::{Item, Shards},
    spoils::Spoils,
};
use crate::{
    ballot::{BallotError, Election, Envelope, Tracker, VerifiedBallot},
    codec::DecodeError,
    crypto::{ProofCheck, VerifyError},
    parallel, random,
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

    /// Verifies ballots, on all cores, without deciding on them.
    pub(super) fn examine<B: AsRef<[u8]> + Sync>(
        &self,
        objects: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Examined, VerifyError> {
        let manifest = self.election.manifest();
        let bodies: Vec<&[u8]> =
            objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default()).collect();
        let seed = random::seed(rng)?;
        let chunks = parallel::each(&bodies, self.election.chunk(), |chunk| {
            let mut examined = Examined { sums: Sums::new(manifest), verdicts: Vec::new() };
            let sender = |body: &&[u8]| {
                let (header, voter) = self.election.read_sender(body).ok()?;
                self.roll.voter_of(&voter).filter(|voter| voter.style == header.style)
            };
            let voters: Vec<Option<Voter>> = chunk.iter().map(sender).collect();
            let known = chunk.iter().zip(&voters).filter(|(_, voter)| voter.is_some());
            let known: Vec<&[u8]> = known.map(|(body, _)| *body).collect();
            let mut ballots = self.election.verify_chunk(&known, &seed).into_iter();
            for voter in voters {
                let verdict = voter.and_then(|voter| Some((voter, ballots.next()?)));
                if let Some((voter, Ok(ballot))) = &verdict {
                    examined.sums.add(manifest, ballot, voter.weight.into());
                }
                examined.verdicts.push(verdict.map(|(_, ballot)| ballot.map(drop)));
            }
            alloc::vec![examined]
        });
        let mut all = Examined { sums: Sums::new(manifest), verdicts: Vec::new() };
        for Examined { sums, verdicts } in chunks {
            // They are of one manifest.
            let _ = all.sums.merge(&sums);
            all.verdicts.extend(verdicts);
        }
        Ok(all)
    }

    /// Verifies those of these ballots, on all cores, that can be accepted in this order for all that is known without
    /// their proofs. `None` for the others, which the rules refuse whatever the ballots before them turn out to be: what
    /// is on the board stays, and a voter's ballots only get more.
    pub(super) fn verify(
        &self,
        bodies: &[&[u8]],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Option<Result<VerifiedBallot, Refusal>>> {
        let cap = self.election.manifest().ballots_per_voter();
        // By line in the roll: how many ballots a voter may have by then.
        let mut most = BTreeMap::new();
        let mut is_open = |envelope: Result<Envelope, DecodeError>| {
            let Ok(ballot) = envelope else { return false };
            let Ok(Voter { line, .. }) = self.voter(&ballot) else { return false };
            let least = self.last.get(line).map_or(0, |last| last.count);
            let most = most.entry(line).or_insert(least);
            let sequence = ballot.header.sequence;
            let open = (least..=*most).contains(&sequence)
                && sequence < cap
                && self.nonces.get(ballot.nonce).is_none();
            *most += u32::from(open && sequence == *most);
            open
        };
        let envelopes = parallel::each_item(bodies, |body| self.election.read_envelope(body));
        let open: Vec<bool> = envelopes.into_iter().map(&mut is_open).collect();
        let asked = bodies.iter().zip(&open).filter(|(_, open)| **open);
        let asked: Vec<&[u8]> = asked.map(|(body, _)| *body).collect();
        let verified = self.election.verify_all(&asked, rng).ok();
        let mut verified = verified.map(Vec::into_iter);
        let mut next = || match &mut verified {
            Some(verified) => verified.next().map(|ballot| ballot.map_err(Refusal::from)),
            None => Some(Err(Refusal::Randomness)),
        };
        open.into_iter().map(|open| if open { next() } else { None }).collect()
    }

    /// Decides on a ballot; `verified` says what came of its points and proof, if somebody looked.
    pub(super) fn accept(
        &mut self,
        entry: u64,
        body: &[u8],
        verified: Option<Result<VerifiedBallot, Refusal>>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<Accepted, Refusal> {
        let envelope = self.election.read_envelope(body)?;
        let (voter, last) = self.decide(&envelope)?;
        // Whom nobody looked at the rules refuse, so nothing is accepted here that was not verified.
        let ballot = verified.unwrap_or(Err(Refusal::Proof(ProofCheck::Shape)))?;
        let replaced = last.map(|last| self.replaced(&last, stored, recent)).transpose()?;

        // Nothing fails from here on, so a refusal leaves no trace.
        if let Some(old) = &replaced {
            self.partial.count(old, -i64::from(voter.weight));
        }
        self.partial.count(&ballot, voter.weight.into());
        recent.insert(entry, ballot);
        Ok(self.take(entry, &envelope, voter, last))
    }

    /// Decides on a ballot with this verdict. One that is valid is in the sums already; there it stays if and only if it is
    /// accepted.
    pub(super) fn accept_examined(
        &mut self,
        entry: u64,
        body: &[u8],
        verdict: Result<(), BallotError>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Accepted, Refusal> {
        let envelope = self.election.read_envelope(body)?;
        let decision = self.decide(&envelope).and_then(|(voter, last)| {
            verdict?;
            let old = last.map(|last| self.replaced(&last, stored, &mut BTreeMap::new()));
            Ok((voter, last, old.transpose()?))
        });
        match decision {
            Ok((voter, last, old)) => {
                if let Some(old) = &old {
                    self.partial.count(old, -i64::from(voter.weight));
                }
                Ok(self.take(entry, &envelope, voter, last))
            }
            Err(refusal) => {
                if verdict.is_ok() {
                    self.forget(body);
                }
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
            self.partial.count(&ballot, -i64::from(voter.weight));
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

    /// The rules that need no proof and no point, which come first. They leave no trace.
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
