//! The rules of the key ceremony, of resharings, rehearsals and erasures.

use crate::{
    ballot::Election,
    board::{Kind, Refusal, State},
    codec::{Decode, Reader},
    keys::{Commit, Complaint, Confirmation, Erasure, KeyError, Rehearsal},
    manifest::{Member, read_members},
    mistake::{all_distinct, is_name},
};
use alloc::vec::Vec;

impl State {
    pub(super) fn apply_keys(
        &mut self,
        kind: Kind,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        match kind {
            Kind::Round | Kind::Question | Kind::Reshare => self.apply_order(kind, body, seed),
            Kind::Rehearsal => self.apply_rehearsal(body, seed),
            Kind::Erasure => self.apply_erasure(body, seed),
            _ => self.apply_message(kind, body, seed),
        }
    }

    /// What the operator orders.
    fn apply_order(&mut self, kind: Kind, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let mut reader = Reader::new(self.signed(manifest, kind, body, seed)?);
        match kind {
            Kind::Round => {
                let round = reader.field("round").u8()?;
                reader.finish()?;
                // What may fail comes before anything changes.
                let coming = self.keys.coming().filter(|_| self.election.is_none());
                let election = coming.map(|ceremony| {
                    let election = Election::new(manifest, ceremony);
                    election.map_err(|_| KeyError::IdentityKey { slot: 0 })
                });
                let election = election.transpose()?;
                self.keys.close_round(round)?;
                self.election = self.election.take().or(election);
            }
            Kind::Question => {
                let question = reader.field("question").array()?;
                reader.finish()?;
                // Its answers are known already.
                if !self.keys.asked.insert(question) {
                    return Err(Refusal::AskedBefore);
                }
                self.keys.ask(Some(question));
            }
            _ => {
                let mut groups: Vec<(Vec<Member>, u16)> = Vec::new();
                let mut before = 0;
                for _ in manifest.groups().iter() {
                    let threshold = reader.field("threshold").u16()?;
                    let members = read_members(&mut reader, before)?;
                    before += members.len();
                    groups.push((members, threshold));
                }
                reader.finish()?;
                let members = || groups.iter().flat_map(|(members, _)| members);
                let names = || members().map(|member| member.name.as_str());
                let operator = manifest.operator().element();
                if !all_distinct(names())
                    || !names().all(is_name)
                    || members().any(|member| member.key.element() == operator)
                    || members().any(|member| member.key.verify_with(seed).is_err())
                {
                    return Err(KeyError::Members.into());
                }
                self.keys.reshare(&groups)?;
            }
        }
        Ok(())
    }

    /// What a party of the ceremony says.
    fn apply_message(&mut self, kind: Kind, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let out_of_phase = Refusal::OutOfPhase { kind, phase: self.phase() };
        let observer = self.keys.running.as_mut().ok_or(out_of_phase)?;
        let result = match kind {
            Kind::Commit => {
                let commit = Commit::from_bytes(body)?;
                let dealer = commit.dealer();
                let taken = observer.take_commit_with(commit, seed);
                if taken.is_ok() && !self.keys.ended.is_empty() {
                    self.keys.handing.insert(dealer);
                }
                taken
            }
            Kind::Deal => {
                let dealer = Reader::new(body).u16()?;
                observer.take_deal_with(dealer, body, seed).map(drop)
            }
            Kind::Complaint => observer.take_complaint_with(Complaint::from_bytes(body)?, seed),
            _ => {
                let confirmation = Confirmation::from_bytes(body)?;
                observer.take_confirmation_with(
                    confirmation.trustee(),
                    confirmation.signature(),
                    seed,
                )
            }
        };
        Ok(result?)
    }

    fn apply_rehearsal(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let kind = Kind::Rehearsal;
        let parts = (self.election(), self.ceremony(), self.question());
        let (Some(election), Some(ceremony), Some(question)) = parts else {
            return Err(Refusal::OutOfPhase { kind, phase: self.phase() });
        };
        let mut reader = Reader::new(body);
        let rehearsal = Rehearsal::decode(&mut reader, ceremony)?;
        reader.finish()?;
        let trustee = rehearsal.trustee();
        // Anybody can copy an answer; the board shall not fill with copies.
        if self.keys.answered.contains(&trustee) {
            return Err(Refusal::Trustee { number: trustee });
        }
        let context = crate::tally::context(election, ceremony);
        let verified = rehearsal.verify_with(ceremony, &context, question, seed);
        verified.map_err(|_| Refusal::Promise { kind, trustee })?;
        let epoch = ceremony.setup().epoch();
        self.keys.answered.insert(trustee);
        self.keys.rehearsed.insert(trustee);
        *self.keys.rehearsals.entry((epoch, trustee)).or_default() += 1;
        Ok(())
    }

    fn apply_erasure(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let erasure = Erasure::from_bytes(body)?;
        let (kind, trustee) = (Kind::Erasure, erasure.trustee());
        let ceremony = self.keys.past(erasure.epoch()).ok_or(Refusal::Promise { kind, trustee })?;
        let verified = erasure.verify_with(ceremony, seed);
        verified.map_err(|_| Refusal::Promise { kind, trustee })?;
        if !self.keys.erased.insert((erasure.epoch(), trustee)) {
            return Err(Refusal::Trustee { number: trustee });
        }
        Ok(())
    }
}
