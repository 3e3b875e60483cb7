//! The rules of ballots.

use crate::{
    ballot::{BallotError, Envelope, Sender, Tracker, VerifiedBallot},
    board::{
        Accepted, Kind, Phase, Refusal, State,
        voting::{Examined, Last, Voting},
    },
    codec::DecodeError,
    crypto::{ProofCheck, VerifyError},
    parallel, random,
    roll::Voter,
    tally::Sums,
};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// A ballot that is valid by itself.
pub(in crate::board) enum Valid {
    /// It was verified just now, and is added to the sums if it is accepted.
    Ballot(Box<VerifiedBallot>),
    /// It was verified before and is in the sums already. There it stays if and only if it is accepted.
    InSums,
}

impl State {
    pub(in crate::board) fn apply_ballots<B: AsRef<[u8]> + Sync>(
        &mut self,
        objects: &[B],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
        seed: &[u8; 32],
        results: &mut Vec<Result<Accepted, Refusal>>,
    ) {
        let Some(voting) = &mut self.voting else { return };
        let bodies: Vec<&[u8]> =
            objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default()).collect();
        let verified = voting.verify(&bodies, seed);
        for ((object, body), verified) in objects.iter().zip(bodies).zip(verified) {
            let entry = self.tree.size();
            let result = voting.accept(entry, body, verified, stored, recent);
            if result.is_ok() {
                self.tree.push(object.as_ref());
            }
            results.push(result);
        }
    }

    /// Verifies ballots, on all cores, without deciding on them. `None` before it opens.
    pub(crate) fn examine<B: AsRef<[u8]> + Sync>(
        &self,
        objects: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Option<Result<Examined, VerifyError>> {
        self.voting.as_ref().map(|voting| voting.examine(objects, rng))
    }

    /// Adds sums over ballots that were found valid and are still to be decided on. `None`, and nothing added, if
    /// they cannot be of this election.
    pub(crate) fn add_sums(&mut self, sums: &Sums) -> Option<()> {
        self.voting.as_mut()?.partial.add_sums(sums)
    }

    /// Decides on a ballot with this verdict. One that is valid is in the sums already. There it stays if and only if it is
    /// accepted.
    pub(crate) fn apply_examined(
        &mut self,
        ballot: &[u8],
        verdict: Result<(), BallotError>,
        stored: impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Accepted, Refusal> {
        let (entry, phase) = (self.tree.size(), self.phase());
        let (kind, body) = Kind::split(ballot)?;
        let open = |_: &&mut Voting| matches!(phase, Phase::Voting | Phase::Frozen);
        let voting = self.voting.as_mut().filter(open);
        let voting = voting.ok_or(Refusal::OutOfPhase { kind, phase })?;
        if phase == Phase::Frozen {
            if verdict.is_ok() {
                voting.forget(body);
            }
            return Err(Refusal::Frozen);
        }
        let found = verdict.map(|()| Valid::InSums).map_err(Refusal::from);
        let accepted = voting.accept(entry, body, found, &stored, &mut BTreeMap::new())?;
        self.tree.push(ballot);
        Ok(accepted)
    }
}

impl Voting {
    /// Verifies ballots, on all cores, without deciding on them.
    pub(in crate::board) fn examine<B: AsRef<[u8]> + Sync>(
        &self,
        objects: &[B],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Examined, VerifyError> {
        let manifest = self.election.manifest();
        let bodies = objects.iter().map(|o| o.as_ref().get(1..).unwrap_or_default());
        let numbered: Vec<(u64, &[u8])> = (0..).zip(bodies).collect();
        let seed = random::seed(rng)?;
        let chunks = parallel::each(&numbered, self.election.chunk(), |chunk| {
            // Two batches of the same ballots would have the same transcripts: each has weights of its own.
            let first = chunk.first().map_or(0, |(number, _)| *number);
            let seed = random::derive(&seed, "examined", first);
            let mut examined = Examined { sums: Sums::new(manifest), verdicts: Vec::new() };
            let sender = |(_, body): &(u64, &[u8])| {
                let sender = self.election.read_sender(body).ok()?;
                // Whether a proxy's key is one depends on other entries, so its ballots are left to those who read them in order.
                let is_hers = |v: &Voter| is_of(v, sender.header.style, sender.weight).is_ok();
                self.roll.registered(&sender.voter).filter(is_hers)
            };
            let voters: Vec<Option<Voter>> = chunk.iter().map(sender).collect();
            let known = chunk.iter().zip(&voters).filter(|(_, voter)| voter.is_some());
            let known: Vec<&[u8]> = known.map(|((_, body), _)| *body).collect();
            let mut ballots = self.election.verify_chunk(&known, &seed).into_iter();
            for voter in voters {
                let verdict = voter.and_then(|voter| Some((voter, ballots.next()?)));
                if let Some((voter, Ok(ballot))) = &verdict {
                    examined.sums.add(manifest, ballot, voter.times());
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
    /// their proofs. The rules refuse the others whatever the ballots before them turn out to be, since what is on the board
    /// stays and a voter's ballots only get more: they count as if their proofs were invalid.
    pub(in crate::board) fn verify(
        &self,
        bodies: &[&[u8]],
        seed: &[u8; 32],
    ) -> Vec<Result<Valid, Refusal>> {
        let cap = self.election.manifest().ballots_per_voter();
        // By line in the roll: how many ballots a voter may have by then.
        let mut most = BTreeMap::new();
        let mut is_open = |envelope: Result<Envelope, DecodeError>| {
            let Ok(ballot) = envelope else { return false };
            let Ok(Voter { line, .. }) = self.voter(&ballot) else { return false };
            let least = self.last.get(line).map_or(0, |last| last.count);
            let most = most.entry(line).or_insert(least);
            let sequence = ballot.sender.header.sequence;
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
        let mut verified = self.election.verify_all_with(&asked, seed).into_iter();
        let mut next = || match verified.next() {
            Some(ballot) => {
                ballot.map(|ballot| Valid::Ballot(ballot.into())).map_err(Refusal::from)
            }
            None => Err(Refusal::Proof(ProofCheck::Shape)),
        };
        let unseen = || Err(Refusal::Proof(ProofCheck::Shape));
        open.into_iter().map(|open| if open { next() } else { unseen() }).collect()
    }

    /// Decides on a ballot, of which this is known by itself.
    pub(in crate::board) fn accept(
        &mut self,
        entry: u64,
        body: &[u8],
        found: Result<Valid, Refusal>,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        recent: &mut BTreeMap<u64, VerifiedBallot>,
    ) -> Result<Accepted, Refusal> {
        let envelope = self.election.read_envelope(body)?;
        let summed = matches!(found, Ok(Valid::InSums));
        let decision = self.decide(&envelope).and_then(|(voter, last)| {
            let found = found?;
            let beaten = last.or_else(|| self.proxys(voter.line));
            let replaced = beaten.map(|last| self.replaced(&last, stored, recent)).transpose()?;
            Ok((voter, last, beaten, replaced, found))
        });
        let (voter, last, beaten, replaced, found) = match decision {
            Ok(decision) => decision,
            Err(refusal) => {
                if summed {
                    self.forget(body);
                }
                return Err(refusal);
            }
        };

        // Nothing fails from here on, so a refusal leaves no trace.
        if let Some(old) = &replaced {
            self.partial.count(old, -voter.times());
        }
        if let Valid::Ballot(ballot) = found {
            self.partial.count(&ballot, voter.times());
            recent.insert(entry, *ballot);
        }
        self.take(entry, &envelope, voter, last);
        Ok(Accepted { entry, kind: Kind::Ballot, replaces: beaten.map(|last| last.entry) })
    }

    /// Takes a ballot that was found valid before, and is not accepted, out of the sums.
    pub(in crate::board) fn forget(&mut self, body: &[u8]) {
        let ballot = self.election.read_again(body, &Tracker::of(body));
        if let Some(ballot) = ballot
            && let Some(voter) = self.roll.voter(ballot.voter())
        {
            self.partial.count(&ballot, -voter.times());
        }
    }

    /// The ballot that is replaced by another of its voter.
    pub(in crate::board) fn replaced(
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

    /// The rules that need no proof and no point, which come first. They leave no trace.
    pub(in crate::board) fn decide(
        &self,
        ballot: &Envelope,
    ) -> Result<(Voter, Option<Last>), Refusal> {
        let voter = self.voter(ballot)?;
        let last = self.last.get(voter.line).copied();
        let (found, expected) = (ballot.sender.header.sequence, last.map_or(0, |last| last.count));
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

    /// The last ballot that a proxy cast for this voter: her own first one replaces it.
    pub(in crate::board) fn proxys(&self, voter: u32) -> Option<Last> {
        self.roll.proxy_line(voter).and_then(|line| self.last.get(line)).copied()
    }

    /// Remembers an accepted ballot.
    pub(in crate::board) fn take(
        &mut self,
        entry: u64,
        ballot: &Envelope,
        voter: Voter,
        last: Option<Last>,
    ) {
        self.nonces.insert(ballot.nonce);
        let count = last.map_or(0, |last| last.count) + 1;
        self.last.insert(Last { line: voter.line, count, entry, tracker: ballot.tracker });
    }

    /// The voter of a ballot, if style and weight are the voter's and the ballot is not the one accepted last.
    pub(in crate::board) fn voter(&self, ballot: &Envelope) -> Result<Voter, Refusal> {
        let Sender { header, voter, weight } = &ballot.sender;
        let voter = self.roll.voter_of(voter).ok_or(Refusal::UnknownVoter)?;
        is_of(&voter, header.style, *weight)?;
        if let Some(own) = self.overrules(voter.line) {
            return Err(Refusal::Overruled { entry: own.entry });
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

/// Checks that a ballot of this style, which splits this weight if it splits one, is as the roll has its voter.
pub(super) fn is_of(voter: &Voter, style: u16, weight: Option<u64>) -> Result<(), Refusal> {
    if style != voter.style {
        return Err(Refusal::WrongStyle { found: style, expected: voter.style });
    }
    match weight.filter(|found| *found != voter.weight) {
        Some(found) => Err(Refusal::WrongWeight { found, expected: voter.weight }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        ballot::{Choices, Header, RuleError},
        board::fixture::Small,
        codec::Encode,
        roll::Credential,
        work::steps,
    };
    use alloc::vec::Vec;
    use rand_core::OsRng;

    /// What the cheap rules refuse costs no point and no proof.
    #[test]
    fn ballots_that_the_rules_refuse_are_not_verified() {
        let Small { voter, mut board, .. } = Small::open();
        let stranger = Credential::random(&mut OsRng).unwrap();
        let election = board.election().unwrap().clone();
        let choices = Choices::new().pick("c", "a");
        let ballot = |voter: &Credential, sequence| {
            let header = Header { sequence, ..Header::remote(0) };
            let cast = election.encrypt(voter, &header, &choices, &mut OsRng).unwrap().cast();
            let mut object = alloc::vec![crate::board::Kind::Ballot as u8];
            cast.encode(&mut object);
            object
        };
        let good: Vec<_> = [0, 1].map(|sequence| ballot(&voter, sequence)).into();
        let refused = [ballot(&stranger, 0), ballot(&voter, 7), ballot(&voter, 2)];
        let (taken, verdicts) = steps(|| board.post_all(&refused, &mut OsRng));
        assert_eq!((taken, verdicts.iter().filter(|v| v.is_err()).count()), (0, 3));
        let (taken, verdicts) = steps(|| board.post_all(&good, &mut OsRng));
        assert_eq!((taken, verdicts.iter().filter(|v| v.is_ok()).count()), (2, 2));
        // The same nonce, and a number that was used.
        let (taken, verdicts) = steps(|| board.post_all(&good, &mut OsRng));
        assert_eq!((taken, verdicts.iter().filter(|v| v.is_err()).count()), (0, 2));
    }

    #[test]
    fn a_style_that_does_not_exist_is_named() {
        let Small { voter, board, .. } = Small::open();
        let header = Header { style: 1, ..Header::remote(0) };
        let election = board.election().unwrap();
        let error = election.encrypt(&voter, &header, &Choices::new(), &mut OsRng).unwrap_err();
        assert_eq!(error, RuleError::UnknownStyle { found: 1, styles: 1 });
    }
}
