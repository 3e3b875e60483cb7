//! What the operator posts.

use super::{Accepted, Board, BoardError, Kind, Phase, Refusal, Storage, accept::check_operator};
use crate::{
    codec::Encode,
    crypto::{ProveError, dlog::DlogTable, signature::AuthorSecret},
    keys::{Messages, Observer, Round, Trustee},
    manifest::{Manifest, Member, put_members},
    roll::{Registration, encode_registrations},
    tally::{Cascade, Outcome, Tally, Withdrawal},
};
use alloc::{collections::BTreeSet, vec::Vec};
use rand_core::{CryptoRng, RngCore};

impl<S: Storage> Board<S> {
    /// Opens voting on an empty board: posts the manifest, an undisturbed ceremony with confirmations of all trustees, and
    /// the roll. If the manifest demands rehearsals, these trustees rehearse.
    pub fn begin(
        &mut self,
        manifest: &Manifest,
        operator: &AuthorSecret,
        ceremony: &Messages,
        trustees: &[Trustee],
        roll: &[Registration],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), BoardError> {
        self.post_manifest(manifest, operator, rng)?;
        for commit in &ceremony.commits {
            self.post(commit, rng)?;
        }
        self.close_round(operator, rng)?;
        for deal in &ceremony.deals {
            self.post(deal, rng)?;
        }
        self.close_round(operator, rng)?;
        self.close_round(operator, rng)?;
        for trustee in trustees {
            self.post(&trustee.confirm(rng)?, rng)?;
        }
        self.close_round(operator, rng)?;
        if manifest.rehearsals() > 0 {
            self.ask(operator, rng)?;
            for trustee in trustees {
                self.post(&trustee.rehearse(self.state(), rng)?, rng)?;
            }
        }
        self.post_roll(roll, operator, rng)?;
        Ok(())
    }

    /// Posts the manifest, signed by the operator.
    pub fn post_manifest(
        &mut self,
        manifest: &Manifest,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        self.post_signed(Kind::Manifest, &manifest.to_bytes(), manifest, operator, rng)
    }

    /// Ends the round of the ceremony that is open.
    pub fn close_round(
        &mut self,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Round, operator)?;
        let round = self.state().observer().map_or(Round::Done, Observer::round);
        self.post_signed(Kind::Round, &[round as u8], &manifest, operator, rng)
    }

    /// Asks the trustees whether they still hold their shares, with a random question.
    pub fn ask(
        &mut self,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Question, operator)?;
        let mut question = [0; 32];
        rng.try_fill_bytes(&mut question).map_err(|_| ProveError::Randomness)?;
        self.post_signed(Kind::Question, &question, &manifest, operator, rng)
    }

    /// Begins to hand the shares over: of each group of the manifest, in order, to these members, any so many of whom then open. The
    /// slot keys stay.
    pub fn reshare(
        &mut self,
        operator: &AuthorSecret,
        groups: &[(&[Member], u16)],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Reshare, operator)?;
        let mut content = Vec::new();
        for (members, threshold) in groups {
            content.extend_from_slice(&threshold.to_be_bytes());
            put_members(&mut content, members);
        }
        self.post_signed(Kind::Reshare, &content, &manifest, operator, rng)
    }

    /// Posts the roll, signed by the operator. Voting is open from here.
    pub fn post_roll(
        &mut self,
        roll: &[Registration],
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Roll, operator)?;
        self.post_signed(Kind::Roll, &encode_registrations(roll), &manifest, operator, rng)
    }

    /// Withdraws an option while voting is open: it cannot be elected. Ballots stay as they are, and voters may vote again.
    pub fn withdraw(
        &mut self,
        operator: &AuthorSecret,
        withdrawal: &Withdrawal,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Withdrawal, operator)?;
        self.post_signed(Kind::Withdrawal, &withdrawal.to_bytes(), &manifest, operator, rng)
    }

    /// Freezes voting: no ballot is taken any more, and trustees sign that voting ends here
    /// ([`Trustee::sign_close`]). When a quorum of them has, voting is closed.
    pub fn freeze(
        &mut self,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Freeze, operator)?;
        self.post_signed(Kind::Freeze, &[], &manifest, operator, rng)
    }

    /// Lifts a freeze that no trustee has signed. Voting goes on.
    pub fn lift(
        &mut self,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let manifest = self.operated(Kind::Lift, operator)?;
        self.post_signed(Kind::Lift, &[], &manifest, operator, rng)
    }

    /// Freezes voting, unless it is frozen, and closes it with the signatures of these trustees, as many as it takes. They expect
    /// the withdrawals that this board has.
    ///
    /// # Errors
    ///
    /// What can be known in advance is checked before anybody signs: the operator's key, that each of these trustees can sign,
    /// and that they are enough. Then the board and the trustees are as they were.
    pub fn close(
        &mut self,
        operator: &AuthorSecret,
        trustees: &mut [Trustee],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        let state = self.state();
        let (kind, phase) = (Kind::Freeze, state.phase());
        let out_of_phase = Refusal::OutOfPhase { kind, phase };
        if !matches!(phase, Phase::Voting | Phase::Frozen) {
            return Err(out_of_phase.into());
        }
        self.operated(kind, operator)?;
        let mut signers: BTreeSet<u16> = state.closed_by().iter().copied().collect();
        for trustee in trustees.iter() {
            trustee.may_close(state)?;
            let number = trustee.number();
            // A trustee who signed in an earlier call that was broken off need not sign again.
            if !signers.insert(number) && !state.closed_by().contains(&number) {
                return Err(Refusal::Trustee { number }.into());
            }
        }
        let signers: Vec<u16> = signers.into_iter().collect();
        if let Some(too_few) = state.missing_quorum(&signers) {
            return Err(too_few.into());
        }
        if phase == Phase::Voting {
            self.freeze(operator, rng)?;
        }
        for trustee in trustees {
            if self.state().closed_by().contains(&trustee.number()) {
                continue;
            }
            let signature = trustee.sign_close(self.state(), self.state().withdrawn(), rng)?;
            let accepted = self.post(&signature, rng)?;
            if self.state().closed().is_some() {
                return Ok(accepted);
            }
        }
        let too_few = self.state().missing_quorum(self.state().closed_by());
        Err(too_few.unwrap_or(out_of_phase).into())
    }

    /// Posts the sums of all cells, which the trustees then open.
    pub fn tally(
        &mut self,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Tally, BoardError> {
        let manifest = self.operated(Kind::Tally, operator)?;
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Tally, phase: self.state().phase() };
        let tally = self.state().next_tally().ok_or(out_of_phase)?;
        self.post_signed(Kind::Tally, &tally.to_bytes(), &manifest, operator, rng)?;
        Ok(tally)
    }

    /// Has these trustees mix all cells that wait for their group, one trustee after the other.
    pub fn mix(
        &mut self,
        trustees: &[Trustee],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), BoardError> {
        for trustee in trustees {
            let waits = |cascade: &&Cascade| cascade.waits_for(trustee.number());
            let waiting = self.state().cascades().iter().filter(waits);
            let cells: Vec<usize> = waiting.map(Cascade::cell).collect();
            for cell in cells {
                let prepared = trustee.prepare_mix(self.state(), cell, rng)?;
                let mix = trustee.mix(self.state(), cell, prepared, rng)?;
                self.post(&mix, rng)?;
            }
        }
        Ok(())
    }

    /// Opens the tally with the shares posted and posts the result. The table's bound should be
    /// [`Tally::bound`]. Nothing follows on the board.
    pub fn finish(
        &mut self,
        operator: &AuthorSecret,
        table: &DlogTable,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Outcome, BoardError> {
        let manifest = self.operated(Kind::Result, operator)?;
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Result, phase: self.state().phase() };
        let state = self.state();
        let keys = (state.election(), state.ceremony());
        let parts = (state.tally(), state.partial_tally(), state.roll());
        let ((Some(election), Some(ceremony)), (Some(tally), Some(partial), Some(roll))) =
            (keys, parts)
        else {
            return Err(out_of_phase.into());
        };
        let turnout = partial.took_part(roll);
        let (shares, withdrawn) = (state.shares(), state.withdrawn());
        let outcome = Outcome::open(election, ceremony, tally, shares, turnout, withdrawn, table)?;
        self.post_signed(Kind::Result, &outcome.to_bytes(), &manifest, operator, rng)?;
        Ok(outcome)
    }

    fn post_signed(
        &mut self,
        kind: Kind,
        content: &[u8],
        manifest: &Manifest,
        operator: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Accepted, BoardError> {
        check_operator(operator, manifest)?;
        let object = self.state().sign(operator, manifest, kind, content, rng)?;
        Ok(self.post(&object, rng)?)
    }

    /// The manifest, if it is posted and names this operator: that comes before all work on an object of this kind.
    fn operated(&self, kind: Kind, operator: &AuthorSecret) -> Result<Manifest, BoardError> {
        let phase = self.state().phase();
        let manifest = self.state().manifest().ok_or(Refusal::OutOfPhase { kind, phase })?;
        check_operator(operator, manifest)?;
        Ok(manifest.clone())
    }
}
