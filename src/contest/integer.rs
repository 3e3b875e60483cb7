//! Integers of a range as weighted bits.

use subtle::{ConditionallySelectable, ConstantTimeLess};

/// `L(m)`, the number of bits for a value of `0..=m`.
pub(super) fn length(m: u64) -> usize {
    (u64::BITS - m.leading_zeros()) as usize
}

/// Weights whose subset sums are exactly `0..=m`: `1, 2, .., 2^(L−2), m−2^(L−1)+1`.
pub(super) fn weights(m: u64) -> impl Iterator<Item = u64> {
    let last = length(m).saturating_sub(1);
    (0..length(m)).map(move |j| if j < last { 1 << j } else { m - (1 << last) + 1 })
}

/// The bits of `value`, at most `m`, over the weights of `m`. Constant time in the value.
pub(super) fn decompose(value: u64, m: u64) -> impl Iterator<Item = u8> {
    let last = length(m).saturating_sub(1);
    // The last weight of `m = 0` is not used.
    let top = !value.ct_lt(&(1 << last));
    let rest = value.wrapping_sub(u64::conditional_select(
        &0,
        &m.wrapping_sub(1 << last).wrapping_add(1),
        top,
    ));
    (0..length(m)).map(move |j| if j < last { (rest >> j & 1) as u8 } else { top.unwrap_u8() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec::Vec};
    use itertools::Itertools;

    #[test]
    fn subset_sums_of_weights_are_exactly_the_range() {
        assert_eq!(weights(0).count(), 0);
        assert_eq!(decompose(0, 0).count(), 0);
        for m in 1..300 {
            let mut sums = BTreeSet::from([0]);
            for weight in weights(m) {
                sums = sums.iter().flat_map(|s| [*s, s + weight]).collect();
            }
            assert!(sums.into_iter().eq(0..=m));
            for value in 0..=m {
                let bits: Vec<u8> = decompose(value, m).collect();
                let sum: u64 = bits.iter().zip_eq(weights(m)).map(|(b, w)| u64::from(*b) * w).sum();
                assert_eq!(sum, value);
            }
        }
    }
}
