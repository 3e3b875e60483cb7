//! The rules of the roll.

use crate::{
    board::{Accepted, Kind, Phase, Refusal, State, voting::Voting},
    roll::{Roll, RollError},
};
use rand_core::{CryptoRng, RngCore};

impl State {
    /// A roll that is `known` is read without points, as its lines were checked before.
    pub(in crate::board) fn apply_roll(
        &mut self,
        body: &[u8],
        known: bool,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        // Who is out cannot rehearse, and does not keep the others from voting.
        let holders = self.ceremony().map_or(0, |ceremony| ceremony.holders().len());
        let holders = u16::try_from(holders).unwrap_or(u16::MAX);
        let (found, expected) = (self.rehearsed().len(), manifest.rehearsals().min(holders));
        if found < usize::from(expected) {
            return Err(Refusal::Rehearsals { found, expected });
        }
        let content = self.signed(manifest, Kind::Roll, body, rng)?;
        let roll = match known {
            true => Roll::read_again(manifest, content),
            false => Roll::decode(manifest, content, rng),
        };
        let roll = roll.map_err(|error| match error {
            RollError::Randomness => Refusal::Randomness,
            other => Refusal::Roll(other),
        })?;
        let election = self.election.clone();
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Roll, phase: self.phase() };
        self.voting = Some(Voting::new(election.ok_or(out_of_phase)?, roll));
        Ok(())
    }

    /// Decides on a roll whose lines were checked before, byte for byte.
    pub(crate) fn apply_known_roll(
        &mut self,
        object: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, Refusal> {
        match (self.phase(), Kind::split(object)) {
            (Phase::Enrolling, Ok((Kind::Roll, body))) => {
                self.apply_roll(body, true, rng)?;
                Ok(self.append(Kind::Roll, object))
            }
            // Nothing else that a roll stands for is asked for an earlier entry.
            _ => self.apply_other(object, &|_| None, rng),
        }
    }
}
