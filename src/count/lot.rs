//! Lots that everybody can draw again.

use sha3::{Digest, Sha3_256};

/// What a candidate drew. Where a lot breaks a tie, the smaller one, byte by byte, is ahead.
pub type LotKey = [u8; 32];

/// The lot of an option: SHA3-256 over `tabella/v1 lot`, the seed, and the numbers of contest and option, both big-endian.
///
/// The seed must come from more than one party, and be fixed before anybody votes: whoever could choose it afterwards could choose
/// who wins a tie.
pub fn lot_key(seed: &[u8; 32], contest: u32, option: u16) -> LotKey {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 lot");
    hash.update(seed);
    hash.update(contest.to_be_bytes());
    hash.update(option.to_be_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::lot_key;

    /// By Python's `hashlib`.
    #[test]
    fn lots_are_hashes() {
        let seed = core::array::from_fn(|i| i as u8);
        assert_eq!(
            hex::encode(lot_key(&seed, 1, 2)),
            "8656a1b103525afe6fd76eb740433bf3b76232050d3ff7fd5ec99078ec26da5c"
        );
        assert_eq!(
            hex::encode(lot_key(&[0xff; 32], u32::MAX, 0)),
            "36c13f054d90cc8b6c5e604b1ec007eb6091d622bb495ad6adf9a8cec77cce40"
        );
    }
}
