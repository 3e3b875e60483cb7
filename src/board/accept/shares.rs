//! The rules of decryption shares.

use crate::{
    board::{Kind, Refusal, State},
    codec::Reader,
    tally::DecryptionShare,
};

impl State {
    pub(in crate::board) fn apply_share(
        &mut self,
        body: &[u8],
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let parts = (self.election(), self.ceremony(), &self.tally);
        let (Some(election), Some(ceremony), Some(tally)) = parts else {
            return Err(Refusal::OutOfPhase { kind: Kind::Share, phase: self.phase() });
        };
        let mut reader = Reader::new(body);
        let share = DecryptionShare::decode(&mut reader, tally)?;
        reader.finish()?;
        let number = share.trustee();
        if self.shares.iter().any(|other| other.trustee() == number) {
            return Err(Refusal::Trustee { number });
        }
        match share.clone().verify_with(election, ceremony, tally, seed) {
            Ok(share) => {
                self.shares.push(share);
                self.faulty.remove(&number);
            }
            Err(check) => {
                match share.fault_with(election, ceremony, tally, seed) {
                    // Once is enough: the same trustee cannot fill the board.
                    Some(check) if !self.faulty.contains_key(&number) => {
                        self.faulty.insert(number, check);
                    }
                    _ => return Err(Refusal::Share { trustee: number, check }),
                }
            }
        }
        Ok(())
    }
}
