//! Randomness, drawn once where a call comes in: below that nothing can fail for want of it.

use core::fmt;
use rand_core::{CryptoRng, RngCore};

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
