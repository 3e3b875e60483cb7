//! Work in chunks: on all cores with the `parallel` feature, else one after the other.

use crate::error::VerifyError;
use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};

/// Calls `work` with each chunk of at most `size` items and with 32 fresh random bytes for it, and returns
/// what it gives in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    size: usize,
    rng: &mut (impl CryptoRng + RngCore),
    work: impl Fn(&[T], &[u8; 32]) -> Vec<R> + Sync,
) -> Result<Vec<R>, VerifyError> {
    let mut jobs = Vec::new();
    for chunk in items.chunks(size.max(1)) {
        let mut seed = [0; 32];
        rng.try_fill_bytes(&mut seed).map_err(|_| VerifyError::Randomness)?;
        jobs.push((chunk, seed));
    }
    #[cfg(feature = "parallel")]
    if jobs.len() > 1 {
        use rayon::prelude::*;
        let parts: Vec<Vec<R>> = jobs.par_iter().map(|(chunk, seed)| work(chunk, seed)).collect();
        return Ok(parts.into_iter().flatten().collect());
    }
    Ok(jobs.iter().flat_map(|(chunk, seed)| work(chunk, seed)).collect())
}
