//! The rules of delegations.

use crate::{
    board::{Kind, Refusal, State, voting::Voting},
    codec::Decode,
    roll::{Delegation, DelegationError},
};

impl State {
    /// A voter lets a proxy cast for her. The cheap rules come first.
    pub(super) fn apply_delegation(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let (kind, phase, entry) = (Kind::Delegation, self.phase(), self.size());
        let Voting { roll, last, election, .. } =
            self.voting.as_mut().ok_or(Refusal::OutOfPhase { kind, phase })?;
        let delegation = Delegation::from_bytes(body)?;
        let (manifest, mandate) = (election.manifest(), delegation.mandate());
        let (voter, proxy) =
            roll.may_delegate(manifest.proxies(), mandate).map_err(Refusal::Delegation)?;
        if let Some(last) = last.get(voter.line) {
            return Err(Refusal::Delegation(DelegationError::HasCast { entry: last.entry }));
        }
        let signed = delegation.verify_with(manifest.hash(), seed);
        signed.map_err(|_| Refusal::Signature { kind })?;
        roll.delegate(entry, mandate, [voter, proxy]);
        Ok(())
    }
}
