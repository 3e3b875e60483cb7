//! Finds the invalid proofs of a failing batch.
//!
//! The sum of a failing range is known and not zero. The range is cut into parts, whose sums are computed one after the other
//! with their weights in the whole ("quick binary search" of Law and Matt 2007, with more than two parts). So the last part's
//! sum is the remainder of the whole, and once the remainder is zero, all later parts are valid.

use alloc::vec::Vec;
use core::ops::{Range, SubAssign};

/// The number of parts of a failing range.
const PARTS: usize = 16;
/// The least number of proofs for which a separate sum pays.
const LEAST: usize = 4;

/// Adds the culprits among these proofs, in ascending order. The proofs before them are already decided, and their culprits
/// are in the list.
///
/// `whole` is their sum, which is not zero; `sum` computes the sum of some of them; `check` returns what is wrong with one
/// proof, or `None`.
pub(super) fn search<S: Copy + Default + PartialEq + SubAssign, C>(
    range: Range<usize>,
    whole: S,
    sum: &mut impl FnMut(Range<usize>) -> S,
    check: &mut impl FnMut(usize) -> Option<C>,
    culprits: &mut Vec<C>,
) {
    // If many are invalid, even sums of few are rarely zero.
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

    /// The cost relative to a valid batch, and the culprits. A ballot for one vote among five options has 10 points, which
    /// are decoded and then multiplied; all ballots of a sum share 26 more. Decoding and multiplying take about equally long.
    fn cost(batches: usize, count: usize, bad: &BTreeSet<usize>) -> (f64, Vec<usize>) {
        let (own, shared) = (10, 26);
        let good = batches * (2 * count * own + shared);
        let (mut work, mut found) = (good, Vec::new());
        for batch in 0..batches {
            let is_bad = |place: usize| bad.contains(&(batch * count + place));
            // Their sums are zero only if all are valid.
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
            // Cut as on one core, and as on many.
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
