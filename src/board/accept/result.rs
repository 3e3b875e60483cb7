//! The rules of the result.

use crate::{
    board::{Kind, Refusal, State},
    codec::Reader,
    manifest::Lack,
    tally::{Outcome, turnout_difference},
};

impl State {
    pub(in crate::board) fn apply_result(
        &mut self,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Result, body, seed)?;
        let parts = (&self.voting, self.ceremony(), &self.tally);
        let (Some(voting), Some(ceremony), Some(tally)) = parts else {
            return Err(Refusal::OutOfPhase { kind: Kind::Result, phase: self.phase() });
        };
        let mut reader = Reader::new(content);
        let (outcome, elected) = Outcome::decode(&mut reader, manifest, tally, &self.withdrawn)?;
        match outcome.verify_with(ceremony, tally, &self.shares, seed) {
            Err(Lack { group, found, needed: expected }) => {
                let group = group.name.clone();
                return Err(Refusal::TooFewShares { group, found, expected });
            }
            Ok(Err(culprits)) => {
                let cell = culprits.first().map_or(0, |culprit| culprit.index);
                return Err(Refusal::WrongTotal { cell });
            }
            Ok(Ok(())) => {}
        }
        let own = voting.partial.took_part(&voting.roll);
        if let Some((part, place)) = turnout_difference(outcome.turnout(), &own) {
            return Err(Refusal::WrongTurnout { part, place });
        }
        // Only what was opened is counted: a count can take long.
        let outcome = outcome.count_rows(voting.election.ceremony_hash());
        if let Some(contest) = outcome.wrong_elected(&elected) {
            return Err(Refusal::WrongElected { contest });
        }
        if let Some(contest) = outcome.wrong_account() {
            return Err(Refusal::WrongAccount { contest });
        }
        self.outcome = Some(outcome);
        Ok(())
    }
}
