//! The rules of decryption shares.

use crate::{
    board::{Kind, Refusal, State},
    codec::Reader,
    crypto::{ProofCheck, VerifyError},
    tally::DecryptionShare,
};
use rand_core::{CryptoRng, RngCore};

impl State {
    pub(in crate::board) fn apply_share(
        &mut self,
        body: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
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
        match share.clone().verify(election, ceremony, tally, rng) {
            Ok(share) => {
                self.shares.push(share);
                self.faulty.remove(&number);
            }
            Err(VerifyError::Randomness) => return Err(Refusal::Randomness),
            Err(VerifyError::Invalid(culprits)) => {
                let fault = share.fault(election, ceremony, tally, rng);
                let check = culprits.first().map_or(ProofCheck::Shape, |culprit| culprit.check);
                match fault.map_err(|_| Refusal::Randomness)? {
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
