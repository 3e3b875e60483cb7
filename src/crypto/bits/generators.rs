//! Generators of the bit proof.

use crate::crypto::group::hash_to_group;
use alloc::vec::Vec;
use curve25519_dalek::RistrettoPoint;

/// Nothing-up-my-sleeve generators of the bit proof: `H`, `G_r`, `G_s`, and `Gⱼ`, `G′ⱼ` for each bit.
///
/// Every verifier derives them afresh, by hashing a public name and an index to the group (SHA3-512 and
/// the map of RFC 9496, section 4.3.4), so that nobody knows a relation among them.
#[derive(Clone, Debug)]
pub struct Generators {
    pub(crate) blinding: RistrettoPoint,
    pub(crate) nonce: RistrettoPoint,
    pub(crate) signer: RistrettoPoint,
    pub(crate) bits: Vec<RistrettoPoint>,
    pub(crate) squares: Vec<RistrettoPoint>,
}

impl Generators {
    /// Generators for proofs over at most `bits` bits.
    pub fn new(bits: usize) -> Self {
        let list = |name| (0..bits as u64).map(|j| hash_to_group(name, j)).collect();
        let one = |name| hash_to_group(name, 0);
        let (bits, squares) = (list("G"), list("G'"));
        Self { blinding: one("H"), nonce: one("R"), signer: one("S"), bits, squares }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::group::Element;

    #[test]
    fn generators_are_all_different() {
        let generators = Generators::new(20);
        let mut all: Vec<_> = generators.bits.iter().chain(&generators.squares).collect();
        let Generators { blinding, nonce, signer, .. } = &generators;
        all.extend([blinding, nonce, signer, Element::BASE.point()]);
        let mut bytes: Vec<_> = all.iter().map(|p| p.compress().to_bytes()).collect();
        bytes.sort();
        bytes.dedup();
        assert_eq!(bytes.len(), 44);
    }
}
