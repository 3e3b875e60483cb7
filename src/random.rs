//! Randomness, drawn once in each public call, so that nothing below can fail for lack of it.

use core::fmt;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};

/// The random number generator that the caller brought failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomnessError;

impl fmt::Display for RandomnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the random number generator failed")
    }
}

impl core::error::Error for RandomnessError {}

/// 32 bytes, from which weights of batches are made, together with the transcripts of what is verified.
pub(crate) fn seed(rng: &mut (impl CryptoRng + RngCore)) -> Result<[u8; 32], RandomnessError> {
    let mut seed = [0; 32];
    rng.try_fill_bytes(&mut seed).map_err(|_| RandomnessError)?;
    Ok(seed)
}

/// A seed for one of several batches of a call that can have the same transcripts: without it they would have the same weights.
pub(crate) fn derive(seed: &[u8; 32], label: &str, index: u64) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 seed");
    hash.update(seed);
    hash.update((label.len() as u64).to_be_bytes());
    hash.update(label);
    hash.update(index.to_be_bytes());
    hash.finalize().into()
}

/// A generator that fails.
#[cfg(test)]
pub(crate) struct Failing;

#[cfg(test)]
impl RngCore for Failing {
    fn next_u32(&mut self) -> u32 {
        unreachable!("only what can fail is asked")
    }
    fn next_u64(&mut self) -> u64 {
        unreachable!("only what can fail is asked")
    }
    fn fill_bytes(&mut self, _: &mut [u8]) {
        unreachable!("only what can fail is asked")
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand_core::Error> {
        Err(core::num::NonZeroU32::MIN.into())
    }
}

#[cfg(test)]
impl CryptoRng for Failing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_seeds_differ() {
        let seeds = [
            derive(&[0; 32], "a", 0),
            derive(&[0; 32], "a", 1),
            derive(&[0; 32], "b", 0),
            derive(&[1; 32], "a", 0),
        ];
        let different: alloc::collections::BTreeSet<_> = seeds.iter().collect();
        assert_eq!(different.len(), seeds.len());
        assert_eq!(seeds[0], derive(&[0; 32], "a", 0));
    }
}
