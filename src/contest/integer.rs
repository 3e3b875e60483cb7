//! Integers of a range as weighted bits.

use alloc::vec::Vec;
use subtle::{ConditionallySelectable, ConstantTimeLess};

/// `L(m)`, the number of bits for a value in `0..=m`.
pub(super) fn length(m: u32) -> u32 {
    u32::BITS - m.leading_zeros()
}

/// Weights whose subset sums are exactly `0..=m`.
pub(super) fn weights(m: u32) -> impl Iterator<Item = u32> {
    let last = length(m).saturating_sub(1);
    (0..length(m)).map(move |j| if j < last { 1 << j } else { m - (1 << last) + 1 })
}

/// Appends the bits of `value`, at most `m`, for the weights of `m`. Constant time in the value.
pub(super) fn decompose(value: u32, m: u32, out: &mut Vec<u8>) {
    let Some(last) = length(m).checked_sub(1) else { return };
    let top = !value.ct_lt(&(1 << last));
    let rest = value.wrapping_sub(u32::conditional_select(&0, &(m - (1 << last) + 1), top));
    out.extend((0..last).map(|j| (rest >> j & 1) as u8));
    out.push(top.unwrap_u8());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use itertools::Itertools;

    #[test]
    fn subset_sums_of_weights_are_exactly_the_range() {
        assert_eq!(weights(0).count(), 0);
        for m in 1..300 {
            let mut sums = BTreeSet::from([0]);
            for weight in weights(m) {
                sums = sums.iter().flat_map(|s| [*s, s + weight]).collect();
            }
            assert!(sums.into_iter().eq(0..=m));
            for value in 0..=m {
                let mut bits = Vec::new();
                decompose(value, m, &mut bits);
                let sum: u32 = bits.iter().zip_eq(weights(m)).map(|(b, w)| u32::from(*b) * w).sum();
                assert_eq!(sum, value);
            }
        }
    }
}
