//! Randomness, drawn once where a call comes in: below that nothing can fail for want of it.

use rand_core::{CryptoRng, RngCore};

/// The random number generator that the caller brought failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomnessError;

/// 32 bytes, from which weights of batches are made, together with the transcripts of what is verified.
pub(crate) fn seed(rng: &mut (impl CryptoRng + RngCore)) -> Result<[u8; 32], RandomnessError> {
    let mut seed = [0; 32];
    rng.try_fill_bytes(&mut seed).map_err(|_| RandomnessError)?;
    Ok(seed)
}
