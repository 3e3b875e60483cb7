//! The rules of spoiled ballots: requests and openings.

use crate::{
    ballot::SpoilRequest,
    board::{Kind, Refusal, State, accept::ballots::is_of, spoils::Spoil, voting::Voting},
    codec::Decode,
};
use alloc::collections::BTreeMap;

impl Voting {
    /// Decides on a spoil request.
    pub(super) fn accept_request(
        &mut self,
        entry: u64,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let request = SpoilRequest::from_bytes(body)?;
        let tracker = request.tracker();
        let line = self.roll.voter(request.voter()).ok_or(Refusal::UnknownVoter)?.line;
        let cast = self.last.get(line).filter(|last| last.tracker == tracker);
        if let Some(entry) = self.spoils.entry(line, &tracker).or(cast.map(|last| last.entry)) {
            return Err(Refusal::AlreadyOnBoard { entry });
        }
        let cap = self.election.manifest().ballots_per_voter();
        let spoiled = self.spoils.of_voter.get(&line).map_or(0, BTreeMap::len);
        if spoiled >= cap as usize {
            return Err(Refusal::TooManySpoils { cap });
        }
        let nonce_point = *request.nonce_point().as_bytes();
        if self.nonces.get(nonce_point).is_some() {
            return Err(Refusal::NonceReused);
        }
        let verified = request.verify_with(&self.election, seed);
        verified.map_err(|_| Refusal::Signature { kind: Kind::SpoilRequest })?;

        // Nothing fails from here on, so a refusal leaves no trace.
        self.nonces.insert(nonce_point);
        let spoil = Spoil { entry, nonce_point, opened: None };
        self.spoils.of_voter.entry(line).or_default().insert(tracker, spoil);
        self.spoils.requests += 1;
        Ok(())
    }

    /// Decides on the opening of a spoiled ballot.
    pub(super) fn accept_opening(
        &mut self,
        entry: u64,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let opening = self.election.read_opening(body)?;
        let ballot = opening.ballot();
        let voter = self.roll.voter(ballot.voter()).ok_or(Refusal::UnknownVoter)?;
        let spoil = self.spoils.of_voter.get_mut(&voter.line);
        let spoil = spoil.and_then(|of_voter| of_voter.get_mut(&opening.tracker()));
        let spoil = spoil.filter(|spoil| spoil.nonce_point == *ballot.ciphertext().a.as_bytes());
        let spoil = spoil.ok_or(Refusal::UnknownSpoil)?;
        if let Some(entry) = spoil.opened {
            return Err(Refusal::AlreadyOpened { entry });
        }
        is_of(&voter, ballot.header().style, ballot.weight())?;
        self.election.check_opening_with(&opening, seed)?;

        // Nothing fails from here on, so a refusal leaves no trace.
        spoil.opened = Some(entry);
        self.spoils.openings += 1;
        Ok(())
    }
}

impl State {
    pub(in crate::board) fn apply_spoil(
        &mut self,
        kind: Kind,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let (entry, phase) = (self.size(), self.phase());
        let voting = self.voting.as_mut().ok_or(Refusal::OutOfPhase { kind, phase })?;
        match kind {
            Kind::SpoilRequest => voting.accept_request(entry, body, seed),
            _ => voting.accept_opening(entry, body, seed),
        }
    }
}
