//! The generators of the permutation commitments.

use crate::{crypto::group::hash_to_group, parallel};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::RistrettoPoint;

/// Generators are derived in chunks of this many.
const CHUNK: usize = 1 << 10;

/// Nothing-up-my-sleeve generators of the shuffle: `h`, and `hᵢ` for each row.
///
/// Every prover and verifier derives them from public names, so that nobody knows a relation among them; they are never read
/// from a proof. Deriving them takes about a seventh of the time of verifying a shuffle of width 1. For a whole cascade,
/// derive them once for the largest number of rows.
#[derive(Clone)]
pub struct Generators {
    pub(super) h: RistrettoPoint,
    pub(super) rows: Vec<RistrettoPoint>,
}

impl Generators {
    /// Generators for shuffles of at most `rows` rows. Uses all cores with the `parallel` feature.
    pub fn new(rows: usize) -> Self {
        let mut new = Self { h: hash_to_group("M0", 0), rows: Vec::new() };
        new.grow(rows);
        new
    }

    /// Derives the missing generators for `rows` rows.
    pub fn grow(&mut self, rows: usize) {
        let missing: Vec<u64> = (self.rows.len() as u64..rows as u64).collect();
        let derive = |chunk: &[u64]| chunk.iter().map(|i| hash_to_group("M", *i)).collect();
        self.rows.extend(parallel::each(&missing, CHUNK, derive));
    }

    /// The largest number of rows for which there are generators.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }
}

impl fmt::Debug for Generators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generators").field("rows", &self.rows()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_that_grew_are_those_that_were_made_at_once() {
        let mut grown = Generators::new(1);
        for rows in [0, 1, 5, 70, 70, 3] {
            grown.grow(rows);
        }
        assert_eq!((grown.rows(), Generators::new(0).rows()), (70, 0));
        assert_eq!(grown.rows, Generators::new(70).rows);
    }

    /// They differ from each other and from those of the bit proof.
    #[test]
    fn generators_are_all_different() {
        let Generators { h, rows } = Generators::new(50);
        let crate::crypto::bits::BitGenerators { blinding, nonce, signer, bits, squares } =
            crate::crypto::bits::BitGenerators::new(50);
        let all = rows.iter().chain(&bits).chain(&squares).chain([&h, &blinding, &nonce, &signer]);
        let mut bytes: Vec<_> = all.map(|point| point.compress().to_bytes()).collect();
        bytes.sort();
        bytes.dedup();
        assert_eq!(bytes.len(), 154);
    }
}
