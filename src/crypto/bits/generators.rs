//! Generators of the bit proof.

use crate::crypto::{
    batch::{Base, BaseRange, Bases},
    group::{Element, hash_to_group},
};
use alloc::vec::Vec;
use curve25519_dalek::RistrettoPoint;

/// Nothing-up-my-sleeve generators of the bit proof: `H`, `G_r`, `G_s`, and `Gⱼ`, `G′ⱼ` for each bit.
///
/// Every verifier derives them by hashing a public name and an index to the group (SHA3-512 and the map of RFC 9496, section
/// 4.3.4), so that nobody knows a relation among them.
#[derive(Clone, Debug)]
pub struct BitGenerators {
    pub(crate) blinding: RistrettoPoint,
    pub(crate) nonce: RistrettoPoint,
    pub(crate) signer: RistrettoPoint,
    pub(crate) bits: Vec<RistrettoPoint>,
    pub(crate) squares: Vec<RistrettoPoint>,
}

impl BitGenerators {
    /// Generators for proofs over at most `bits` bits.
    pub fn new(bits: usize) -> Self {
        let list = |name| (0..bits as u64).map(|j| hash_to_group(name, j)).collect();
        let one = |name| hash_to_group(name, 0);
        let (bits, squares) = (list("G"), list("G'"));
        Self { blinding: one("H"), nonce: one("R"), signer: one("S"), bits, squares }
    }

    /// Adds the generators and these slot keys to bases.
    pub fn share(&self, slot_keys: &[Element], bases: &mut Bases) -> Handles {
        let Self { blinding, nonce, signer, bits, squares } = self;
        let mut one = |point: &RistrettoPoint| bases.push_one(*point);
        let (blinding, nonce, signer) = (one(blinding), one(nonce), one(signer));
        let bits = bases.push(bits.iter().copied());
        let squares = bases.push(squares.iter().copied());
        let slot_keys = bases.push(slot_keys.iter().map(|key| *key.point()));
        Handles { blinding, nonce, signer, bits, squares, slot_keys }
    }
}

/// The handles of the points that bit proofs share, all generators and slot keys. They are added to [`Bases`] once for an
/// election.
#[derive(Clone, Copy, Debug)]
pub struct Handles {
    pub(super) blinding: Base,
    pub(super) nonce: Base,
    pub(super) signer: Base,
    pub(super) bits: BaseRange,
    pub(super) squares: BaseRange,
    pub(super) slot_keys: BaseRange,
}

impl Handles {
    /// Those of the slot keys, for other proofs about the same ciphertexts.
    pub(crate) fn slot_keys(&self) -> BaseRange {
        self.slot_keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_are_all_different() {
        let generators = BitGenerators::new(20);
        let mut all: Vec<_> = generators.bits.iter().chain(&generators.squares).collect();
        let BitGenerators { blinding, nonce, signer, .. } = &generators;
        all.extend([blinding, nonce, signer, Element::BASE.point()]);
        let mut bytes: Vec<_> = all.iter().map(|p| p.compress().to_bytes()).collect();
        bytes.sort();
        bytes.dedup();
        assert_eq!(bytes.len(), 44);
    }
}
