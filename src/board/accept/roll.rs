//! The rules of the roll.

use crate::{
    board::{Accepted, Kind, Phase, Refusal, State, voting::Voting},
    manifest::Lack,
    random,
    roll::Roll,
};
use rand_core::{CryptoRng, RngCore};

impl State {
    /// A roll that is `known` is read without points, as its lines were checked before.
    pub(in crate::board) fn apply_roll(
        &mut self,
        body: &[u8],
        known: bool,
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let rehearsed = |number| self.rehearsed().contains(&number);
        let lack = self.ceremony().and_then(|keys| keys.lacking(&keys.rehearsals(), rehearsed));
        if let Some(Lack { group, found, needed: expected }) = lack {
            let group = group.name.clone();
            return Err(Refusal::Rehearsals { group, found, expected });
        }
        let content = self.signed(manifest, Kind::Roll, body, seed)?;
        let roll = match known {
            true => Roll::read_again(manifest, content),
            false => Roll::decode_with(manifest, content, seed),
        };
        let roll = roll.map_err(Refusal::Roll)?;
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
        let seed = random::seed(rng).map_err(|_| Refusal::Randomness)?;
        match (self.phase(), Kind::split(object)) {
            (Phase::Enrolling, Ok((Kind::Roll, body))) => {
                self.apply_roll(body, true, &seed)?;
                Ok(self.append(Kind::Roll, object))
            }
            // Nothing else that a roll stands for is asked for an earlier entry.
            _ => self.apply_other(object, &|_| None, &seed),
        }
    }
}
