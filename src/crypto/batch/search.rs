//! Which proofs of a failing batch are bad.
//!
//! What is known of a failing range is its sum, which is not zero. It is cut into parts that are summed one after the
//! other, with the weights that they had in the whole ("quick binary search" of Law and Matt 2007, with more than two
//! parts). So the last part's sum is what is left of the whole, and as soon as nothing is left, everything behind holds.

use alloc::vec::Vec;
use core::ops::{Range, SubAssign};

/// Into how many parts a failing range is cut.
const PARTS: usize = 16;
/// The least number of proofs that are worth a sum of their own.
const LEAST: usize = 4;

/// Adds the culprits among these proofs, in ascending order. The proofs before them are decided on, and their culprits
/// are there.
///
/// `whole` is their sum and not zero, `sum` gives the sum of some of them, and `check` says what is wrong with one, or
/// `None`.
pub(super) fn search<S: Copy + Default + PartialEq + SubAssign, C>(
    range: Range<usize>,
    whole: S,
    sum: &mut impl FnMut(Range<usize>) -> S,
    check: &mut impl FnMut(usize) -> Option<C>,
    culprits: &mut Vec<C>,
) {
    // Where many are bad, sums of few are not zero anyway.
    let many = 4 * culprits.len() > range.start;
    if range.len() <= 2 * LEAST || many {
        return culprits.extend(range.filter_map(check));
    }
    let size = range.len().div_ceil(PARTS).max(LEAST);
    let mut rest = whole;
    for start in range.clone().step_by(size) {
        if rest == S::default() {
            return;
        }
        let part = start..range.end.min(start + size);
        let of_part = if part.end == range.end { rest } else { sum(part.clone()) };
        if of_part != S::default() {
            search(part, of_part, sum, check, culprits);
        }
        rest -= of_part;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use proptest::prelude::*;

    /// How much more work there is than in a good batch, and who is found. A ballot for one vote among five options has
    /// 10 points, which are decoded and then multiplied; 26 more are shared by all ballots of a sum. Both take about as
    /// long.
    fn cost(batches: usize, count: usize, bad: &BTreeSet<usize>) -> (f64, Vec<usize>) {
        let (own, shared) = (10, 26);
        let good = batches * (2 * count * own + shared);
        let (mut work, mut found) = (good, Vec::new());
        for batch in 0..batches {
            let is_bad = |place: usize| bad.contains(&(batch * count + place));
            // Their sums are zero only if all are good.
            let of = |place| if is_bad(place) { 1_u128 << (place % 100) } else { 0 };
            let all = |range: Range<usize>| range.map(of).fold(0, u128::wrapping_add);
            let (mut summed, mut checked) = (0, 0);
            let mut sum = |range: Range<usize>| {
                summed += range.len() * own + shared;
                all(range)
            };
            let mut check = |place| {
                checked += own + shared;
                is_bad(place).then_some(place)
            };
            let (whole, mut culprits) = (all(0..count), Vec::new());
            if whole != 0 {
                search(0..count, whole, &mut sum, &mut check, &mut culprits);
            }
            work += summed + checked;
            found.extend(culprits.into_iter().map(|place| batch * count + place));
        }
        (work as f64 / good as f64, found)
    }

    fn spread(bad: usize) -> BTreeSet<usize> {
        (0..bad).map(|i| i * 4096 / bad + 4096 / bad / 2).collect()
    }

    #[test]
    fn few_bad_proofs_cost_at_most_twice_a_good_batch_and_bad_ones_alone_five_times() {
        for (bad, most) in [(0, 1.0), (1, 1.2), (10, 1.6), (100, 2.4), (1000, 5.0), (4096, 5.0)] {
            // As they are cut on one core, and on many.
            for (batches, count) in [(4, 1024), (8, 512), (64, 64)] {
                let bad = spread(bad);
                let (times, found) = cost(batches, count, &bad);
                assert!(found.iter().eq(&bad));
                assert!(times <= most, "{} bad in {batches} batches: {times:.2}", bad.len());
            }
        }
    }

    #[test]
    fn the_last_part_and_what_comes_behind_the_last_bad_one_is_not_summed() {
        let sums = |bad: usize| {
            let mut sums = Vec::new();
            let mut sum = |range: Range<usize>| {
                sums.push(range.clone());
                u64::from(range.contains(&bad))
            };
            let mut check = |place| (place == bad).then_some(place);
            let mut culprits = Vec::new();
            search(0..64, 1, &mut sum, &mut check, &mut culprits);
            assert_eq!(culprits, [bad]);
            sums
        };
        assert_eq!(sums(9), [0..4, 4..8, 8..12]);
        assert_eq!(sums(63).len(), 15);
    }

    proptest! {
        #[test]
        fn whoever_is_bad_is_found(
            count in 1_usize..700,
            bad in proptest::collection::btree_set(0_usize..700, 0..40),
        ) {
            let bad: BTreeSet<usize> = bad.into_iter().filter(|place| *place < count).collect();
            prop_assert!(cost(1, count, &bad).1.iter().eq(&bad));
        }
    }
}
