//! Objects that this program accepted before.

use crate::{
    ballot::Envelope,
    board::{Accepted, Kind, Phase, Refusal, State, voting::Voting},
    parallel,
    tally::Sums,
};
use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};

impl State {
    /// Decides on objects that are known, byte for byte, to have been accepted, with what came of it: `sums` of the ballots
    /// that count in the end. Proofs of ballots and of the roll's lines are not verified again; every other rule is.
    pub(in crate::board) fn apply_again(
        &mut self,
        objects: &[Vec<u8>],
        sums: &Sums,
        stored: impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<Accepted, Refusal>> {
        let is_ballot = |object: &Vec<u8>| object.first() == Some(&(Kind::Ballot as u8));
        let mut results = Vec::with_capacity(objects.len());
        for run in objects.chunk_by(|a, b| is_ballot(a) == is_ballot(b)) {
            let ballots = run.first().is_some_and(is_ballot) && self.phase() == Phase::Voting;
            match &mut self.voting {
                Some(voting) if ballots => {
                    let bodies = |object: &Vec<u8>| {
                        voting.election.read_envelope(object.get(1..).unwrap_or_default())
                    };
                    let envelopes = parallel::each_item(run, bodies);
                    for (object, envelope) in run.iter().zip(envelopes) {
                        let entry = self.tree.size();
                        let result = envelope
                            .map_err(Refusal::from)
                            .and_then(|e| voting.accept_again(entry, &e));
                        if result.is_ok() {
                            self.tree.push(object);
                        }
                        results.push(result);
                    }
                }
                _ => results.extend(
                    run.iter().map(|object| self.apply_one_again(object, sums, &stored, rng)),
                ),
            }
        }
        results
    }

    fn apply_one_again(
        &mut self,
        object: &[u8],
        sums: &Sums,
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        if object.first() != Some(&(Kind::Roll as u8)) {
            return self.apply(object, stored, rng);
        }
        let before = self.phase();
        let accepted = self.apply_known_roll(object, rng)?;
        self.told(before, &[Ok(accepted)]);
        // Sums of another election are none of this board's. That shows at its first tally, if not before.
        if let Some(voting) = &mut self.voting {
            let _ = voting.partial.add_sums(sums);
        }
        Ok(accepted)
    }
}

impl Voting {
    /// Decides on a ballot that was accepted before. The sums have it, or have it no more.
    fn accept_again(&mut self, entry: u64, envelope: &Envelope) -> Result<Accepted, Refusal> {
        let (voter, last) = self.decide(envelope)?;
        let beaten = last.or_else(|| self.proxys(voter.line));
        self.take(entry, envelope, voter, last);
        Ok(Accepted { entry, kind: Kind::Ballot, replaces: beaten.map(|last| last.entry) })
    }
}
