//! The rules of the end of voting: freeze, lift and close.

use crate::{
    board::{CloseSignature, Kind, Refusal, State, closing::close_transcript},
    codec::{Decode, Reader},
    manifest::Lack,
};

impl State {
    /// Whether the operator freezes voting here. What the freeze is of is known when it is appended.
    pub(super) fn check_freeze(&self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Freeze, body, seed)?;
        Reader::new(content).finish()?;
        // With one signature there would be no way back, and never a quorum.
        let can = |number| self.keys.can_close(number);
        let lack = self.ceremony().and_then(|keys| keys.lacking(&keys.close_quorums(), can));
        let Some(Lack { group, found, needed: expected }) = lack else { return Ok(()) };
        Err(Refusal::HandedOver { group: group.name.clone(), found, expected })
    }

    pub(super) fn apply_lift(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let content = self.signed(self.known_manifest()?, Kind::Lift, body, seed)?;
        Reader::new(content).finish()?;
        // Who signed that voting ends here can sign no other end.
        if let Some(&trustee) = self.closing.signed.first() {
            return Err(Refusal::CloseSigned { trustee });
        }
        let entry = self.size();
        self.closing.frozen = None;
        if let Some(last) = self.closing.freezes.last_mut() {
            last.lifted = Some(entry);
        }
        Ok(())
    }

    pub(super) fn apply_close(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let out_of_phase = Refusal::OutOfPhase { kind: Kind::Close, phase: self.phase() };
        let parts = (self.election(), self.ceremony(), self.frozen());
        let (Some(election), Some(ceremony), Some(head)) = parts else { return Err(out_of_phase) };
        let CloseSignature { trustee, signature } = CloseSignature::from_bytes(body)?;
        let holds = ceremony.verification_keys(trustee).is_some();
        let again = self.closing.signed.contains(&trustee);
        let key = ceremony.setup().member(trustee).filter(|_| holds && !again);
        let key = key.ok_or(Refusal::Trustee { number: trustee })?;
        let mut transcript = close_transcript(election, ceremony, trustee, head);
        let verified = key.verify_signature_with(&signature, &mut transcript, seed);
        verified.map_err(|_| Refusal::Signature { kind: Kind::Close })?;
        self.closing.signed.push(trustee);
        if self.missing_quorum(&self.closing.signed).is_none() {
            self.closing.closed = true;
            self.keys.end();
        }
        Ok(())
    }

    /// Why these signatures do not close: they are too few of a group.
    pub(in crate::board) fn missing_quorum(&self, signed: &[u16]) -> Option<Refusal> {
        let keys = self.ceremony()?;
        let lack = keys.lacking(&keys.close_quorums(), |number| signed.contains(&number))?;
        let Lack { group, found, needed: expected } = lack;
        Some(Refusal::Quorum { group: group.name.clone(), found, expected })
    }
}
