//! Rules as linear equations over bits, and votes as the bits that fulfil them.
//!
//! The bits of one contest, in order, with `L(m)` the bit length of `m` and `lo`, `hi`, `m` those of the [`Rule`]:
//!
//! ```text
//! each option    L(m) bits with weights 1, 2, .., 2^(L−2), m−2^(L−1)+1: their subset sums are exactly 0..=m
//! without blank  slack d of 0..=hi−lo           Σv − d = lo
//! with blank β   lo = hi                        Σv + lo·β = lo
//!                else s₁ of 0..=hi              Σv + hi·β + s₁ = hi
//!                and  s₂ of 0..=hi−lo           Σv + lo·β − s₂ = lo
//! ```
//!
//! With `lo = 0` and a blank slot, no vote without the blank mark is an undervote, which is allowed.

use super::{
    Broken, Rule,
    integer::{decompose, length, weights},
};
use crate::crypto::bits::Constraints;
use alloc::vec::Vec;
use subtle::{Choice, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroizing;

/// How many bits a contest takes in which so many options and write-ins can get votes.
pub(super) fn bit_count(rule: &Rule, options: usize) -> usize {
    let span = rule.max.saturating_sub(rule.min);
    let slack = match (rule.blank, span) {
        (false, _) => length(span),
        (true, 0) => 1,
        (true, _) => 1 + length(rule.max) + length(span),
    };
    options.saturating_mul(length(rule.each) as usize).saturating_add(slack as usize)
}

/// Adds the bits and rows of a contest, with the slots of all that can get votes, and of the blank mark if it has one.
pub(super) fn constrain(
    rule: &Rule,
    voted: impl Iterator<Item = usize>,
    blank: usize,
    constraints: &mut Constraints,
) {
    let (lo, hi) = (i64::from(rule.min), i64::from(rule.max));
    let span = rule.max.saturating_sub(rule.min);
    let mut sum = Vec::new();
    for slot in voted {
        for weight in weights(rule.each).map(i64::from) {
            sum.push((constraints.bit([(slot, weight)]), weight));
        }
    }
    let row = |extra: Vec<_>| sum.iter().copied().chain(extra).collect::<Vec<_>>();
    let slack = |m, sign: i64, constraints: &mut Constraints| -> Vec<(usize, i64)> {
        weights(m).map(|weight| (constraints.bit([]), sign * i64::from(weight))).collect()
    };
    if !rule.blank {
        // Σv − d = lo
        let d = slack(span, -1, constraints);
        return constraints.row(row(d), lo);
    }
    let blank = constraints.bit([(blank, 1)]);
    if span > 0 {
        // Σv + hi·β + s₁ = hi
        let mut extra = slack(rule.max, 1, constraints);
        extra.push((blank, hi));
        constraints.row(row(extra), hi);
    }
    // Σv + lo·β − s₂ = lo; no s₂ if lo = hi
    let mut extra = slack(span, -1, constraints);
    extra.push((blank, lo));
    constraints.row(row(extra), lo);
}

/// The bits, each 0 or 1, of one contest's vote, in the order in which [`constrain`] made them.
///
/// `values` are the votes of each option; that there are as many as options is for the caller to check. The
/// time depends on the rule and the number of values alone, unless the vote breaks the rule.
pub(super) fn bits(rule: &Rule, values: &[u32], blank: bool) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (lo, hi, beta) = (u64::from(rule.min), u64::from(rule.max), u64::from(blank));
    let sum = Zeroizing::new(values.iter().map(|v| u64::from(*v)).sum::<u64>());
    let each = values.iter().fold(Choice::from(0), |over, v| over | v.ct_gt(&rule.each));
    let few = (*sum + lo * beta).ct_lt(&lo);
    let many = (*sum + hi * beta).ct_gt(&hi);
    let no_blank = Choice::from(u8::from(blank) & u8::from(!rule.blank));
    if bool::from(each | few | many | no_blank) {
        return Err(broken(rule, values, *sum, blank));
    }
    // The checks above keep both slacks within 0..=hi.
    let below_hi = Zeroizing::new((hi - *sum - hi * beta) as u32);
    let above_lo = Zeroizing::new((*sum + lo * beta - lo) as u32);
    let span = rule.max.saturating_sub(rule.min);

    // No growing: a reallocation would leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(bit_count(rule, values.len())));
    for value in values {
        decompose(*value, rule.each, &mut out);
    }
    if rule.blank {
        out.push(u8::from(blank));
        if span > 0 {
            decompose(*below_hi, rule.max, &mut out);
        }
    }
    decompose(*above_lo, span, &mut out);
    Ok(out)
}

/// What is wrong with a vote that breaks the rule.
fn broken(rule: &Rule, values: &[u32], sum: u64, blank: bool) -> Broken {
    if blank && !rule.blank {
        return Broken::NoBlank;
    }
    if blank && sum > 0 {
        return Broken::BlankWithVotes;
    }
    if let Some((option, found)) = values.iter().enumerate().find(|(_, v)| **v > rule.each) {
        return Broken::Each { option, found: *found, max: rule.each };
    }
    let found = u32::try_from(sum).unwrap_or(u32::MAX);
    if found < rule.min {
        return Broken::TooFew { found, min: rule.min };
    }
    Broken::TooMany { found, max: rule.max }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec};
    use itertools::Itertools;
    use proptest::prelude::*;

    /// Every vote, blank slot last, that some choice of bits makes keep the rows.
    fn solutions(constraints: &Constraints) -> BTreeSet<Vec<i64>> {
        let n = constraints.bits();
        (0..1u32 << n)
            .map(|mask| (0..n).map(|j| mask >> j & 1 == 1).collect::<Vec<_>>())
            .filter(|bits| constraints.allow(bits))
            .map(|bits| constraints.values(&bits))
            .collect()
    }

    fn compiled(rule: &Rule, options: usize) -> Constraints {
        let mut constraints = Constraints::new(options + usize::from(rule.blank));
        constrain(rule, 0..options, options, &mut constraints);
        constraints
    }

    #[test]
    fn exactly_the_allowed_votes_have_bits() {
        for (options, each) in [(1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (2, 3), (3, 2)] {
            let most = options as u32 * each;
            for (max, blank) in (1..=most).cartesian_product([false, true]) {
                for min in 0..=max {
                    let rule = Rule { min, max, each, blank };
                    let constraints = compiled(&rule, options);
                    let mut allowed = BTreeSet::new();
                    for vote in (0..options).map(|_| 0..each + 2).multi_cartesian_product() {
                        for mark in [false, true] {
                            let sum: u32 = vote.iter().sum();
                            let right = if mark {
                                blank && sum == 0
                            } else {
                                (min..=max).contains(&sum) && vote.iter().all(|v| *v <= each)
                            };
                            let bits = bits(&rule, &vote, mark);
                            assert_eq!(bits.is_ok(), right, "{rule:?} {vote:?} {mark}");
                            if let Ok(bits) = bits {
                                let mut slots: Vec<_> =
                                    vote.iter().map(|v| i64::from(*v)).collect();
                                slots.extend(blank.then_some(i64::from(mark)));
                                assert_bits(&rule, options, &bits, &slots);
                                allowed.insert(slots);
                            }
                        }
                    }
                    assert_eq!(solutions(&constraints), allowed, "{rule:?}");
                }
            }
        }
    }

    fn assert_bits(rule: &Rule, options: usize, bits: &[u8], slots: &[i64]) {
        let constraints = compiled(rule, options);
        assert!(bits.iter().all(|b| *b < 2));
        let bits: Vec<_> = bits.iter().map(|b| *b == 1).collect();
        assert_eq!(bits.len(), bit_count(rule, options));
        assert!(constraints.allow(&bits), "{rule:?} {slots:?}");
        assert_eq!(constraints.values(&bits), slots);
    }

    #[test]
    fn the_broken_rule_is_named() {
        let rule = Rule { min: 2, max: 3, each: 2, blank: true };
        let check = |values: &[u32], blank| bits(&rule, values, blank).map(drop);
        assert_eq!(check(&[2, 1], false), Ok(()));
        assert_eq!(check(&[0, 0], true), Ok(()));
        assert_eq!(check(&[0, 3], false), Err(Broken::Each { option: 1, found: 3, max: 2 }));
        assert_eq!(check(&[0, 1], false), Err(Broken::TooFew { found: 1, min: 2 }));
        assert_eq!(check(&[2, 2], false), Err(Broken::TooMany { found: 4, max: 3 }));
        assert_eq!(check(&[0, 1], true), Err(Broken::BlankWithVotes));
        let rule = Rule { blank: false, ..rule };
        assert_eq!(bits(&rule, &[0, 0], true).map(drop), Err(Broken::NoBlank));
        let most = [u32::MAX; 3];
        assert_eq!(
            bits(&rule, &most, false).map(drop),
            Err(Broken::Each { option: 0, found: u32::MAX, max: 2 })
        );
    }

    proptest! {
        #[test]
        fn bits_of_large_votes_give_back_the_values(
            values in prop::collection::vec(0..=65_535u32, 1..20), below in any::<u32>(), above in any::<u32>(), blank: bool,
        ) {
            let sum: u32 = values.iter().sum();
            let max = (sum.max(1) + above % 70_000).min(values.len() as u32 * 65_535);
            let rule = Rule { min: sum - below % (sum + 1), max, each: 65_535, blank };
            let mut slots: Vec<_> = values.iter().map(|v| i64::from(*v)).collect();
            slots.extend(blank.then_some(0));
            assert_bits(&rule, values.len(), &bits(&rule, &values, false).unwrap(), &slots);
            if blank {
                let none = vec![0; values.len()];
                let mut slots = vec![0; values.len()];
                slots.push(1);
                assert_bits(&rule, values.len(), &bits(&rule, &none, true).unwrap(), &slots);
            }
        }
    }
}
