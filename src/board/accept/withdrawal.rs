//! The rules of withdrawals.

use crate::{
    board::{Kind, Refusal, State},
    codec::Decode,
    tally::Withdrawal,
};

impl State {
    /// An option is withdrawn while voting is open and nobody knows a total: who knew them could choose a winner.
    pub(super) fn apply_withdrawal(&mut self, body: &[u8], seed: &[u8; 32]) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Withdrawal, body, seed)?;
        let withdrawal = Withdrawal::from_bytes(content)?;
        withdrawal.check(manifest, &self.withdrawn).map_err(Refusal::Withdrawal)?;
        let place = self.withdrawn.partition_point(|before| *before < withdrawal);
        self.withdrawn.insert(place, withdrawal);
        Ok(())
    }
}
