use super::*;
use crate::{contest::tests::names, crypto::bits::Constraints};
use alloc::collections::BTreeSet;
use itertools::Itertools;
use proptest::prelude::*;

fn rules(contest: &Contest) -> Rules {
    let mut rules = Rules::default();
    contest.add_rules(0, None, &mut rules);
    rules
}

fn constraints(contest: &Contest) -> Constraints {
    rules(contest).constraints(contest.slots())
}

/// What the slots hold for every choice of bits that keeps the rows, whatever the prover.
fn solutions(constraints: &Constraints, weight: u64) -> BTreeSet<Vec<i64>> {
    (0..1u32 << constraints.bits())
        .map(|mask| (0..constraints.bits()).map(|j| mask >> j & 1 == 1).collect::<Vec<_>>())
        .filter(|bits| constraints.allow_with(bits, weight))
        .map(|bits| constraints.values(&bits))
        .collect()
}

/// Goes through all ballots, and through all bits of a prover: exactly the ways to split a weight can be cast.
#[test]
fn exactly_the_ways_to_split_a_weight_can_be_cast() {
    for (options, most) in [(1, 1), (1, 6), (2, 1), (2, 5), (3, 3), (3, 4), (4, 2), (5, 7)] {
        let contest = Contest::split("c", names(options), most);
        let rules = rules(&contest);
        let constraints = constraints(&contest);
        assert_eq!(constraints.rows(), 1);
        for weight in 1..=most {
            let mut fine = BTreeSet::new();
            let votes = (0..options).map(|_| 0..=most + 1).multi_cartesian_product();
            for values in votes {
                let right = values.iter().sum::<u64>() == weight;
                let broken = contest.broken_vartime(&values, &[], true, weight);
                assert_eq!(broken.is_none(), right, "{most} {weight} {values:?} {broken:?}");
                let numbers = contest.numbers(&values, &[], 1);
                let bits = rules.witness(&numbers, weight);
                assert_eq!(bits.is_some(), right, "{most} {weight} {values:?}");
                if let Some(bits) = bits {
                    let on: Vec<bool> = bits.iter().map(|bit| *bit == 1).collect();
                    assert!(constraints.allow_with(&on, weight));
                    let held = rules.in_slots(&numbers, options).to_vec();
                    assert_eq!(constraints.values(&on), held);
                    let read: Vec<u64> = held.iter().map(|v| u64::try_from(*v).unwrap()).collect();
                    assert!(read.iter().zip_eq(contest.slot_values()).all(|(v, most)| *v <= most));
                    assert_eq!(contest.read_slots(&read), Ok((values, vec![])));
                    fine.insert(held);
                }
            }
            assert_eq!(solutions(&constraints, weight), fine, "{options} {most} {weight}");
        }
    }
}

#[test]
fn what_is_wrong_is_named() {
    let contest = Contest::split("c", names(2), 70_000);
    let broken = |values: &[u64], weight| contest.broken_vartime(values, &[], true, weight);
    assert_eq!(broken(&[600, 400], 1_000), None);
    assert_eq!(broken(&[600, 399], 1_000), Some(Broken::Shares { found: 999, weight: 1_000 }));
    assert_eq!(broken(&[600, 401], 1_000), Some(Broken::Shares { found: 1_001, weight: 1_000 }));
    assert_eq!(
        broken(&[u64::MAX, 2], 1),
        Some(Broken::Each { option: 0, found: u64::MAX, max: 70_000 })
    );
    assert_eq!(broken(&[70_000, 1], 70_001), Some(Broken::Weight { found: 70_001, max: 70_000 }));
    assert_eq!(broken(&[0, 0], 0), Some(Broken::Weight { found: 0, max: 70_000 }));
    assert_eq!(broken(&[1], 1), Some(Broken::Options { found: 1, expected: 2 }));
}

/// A share takes a limb for each 16 bits, of names of their own.
#[test]
fn shares_take_one_to_three_limbs() {
    let of = |most| {
        let contest = Contest::split("c", names(2), most);
        (contest.slots(), contest.largest(), constraints(&contest).bits())
    };
    assert_eq!(of(1), (2, 1, 2));
    assert_eq!(of(65_535), (2, 65_535, 32));
    assert_eq!(of(65_536), (4, (1 << 17) - 1, 34));
    assert_eq!(of(u32::MAX.into()), (4, (1 << 17) - 1, 64));
    assert_eq!(of(1 << 32), (6, (1 << 17) - 1, 66));
    assert_eq!(of(MAX_WEIGHT), (6, (1 << 17) - 1, 80));
    let contest = Contest::split("c", names(2), 65_536);
    let slots: Vec<String> = (0..4).map(|slot| contest.slot_name(slot)).collect();
    assert_eq!(slots, ["a, limb 0", "a, limb 1", "b, limb 0", "b, limb 1"]);
}

#[test]
fn ballots_are_added_once() {
    let (split, choice) = (Contest::split("c", names(2), 900), Contest::choose_one("c", names(2)));
    assert_eq!((split.factor(900), split.factor(-7), split.factor(0)), (1, -1, 0));
    assert_eq!((choice.factor(900), choice.factor(-7)), (900, -7));
    assert_eq!((split.largest_total(3, 1_000), choice.largest_total(3, 1_000)), (2_700, 1_000));
}

proptest! {
    /// Whatever the weight and its largest: it can be split in any way, and in no other.
    #[test]
    fn large_weights_are_split(
        most in prop_oneof![1..=MAX_WEIGHT, 1..=70_000u64, Just(u32::MAX.into()), Just(MAX_WEIGHT)], part in any::<u64>(),
        cuts in prop::collection::vec(any::<u64>(), 0..7), change in prop_oneof![Just(0i64), -3..=3i64, any::<i32>().prop_map(i64::from)],
        place in 0..8usize,
    ) {
        let weight = part % most + 1;
        let cuts = cuts.iter().map(|cut| cut % (weight + 1));
        let cuts: Vec<u64> = cuts.chain([0, weight]).sorted().collect();
        let mut values: Vec<u64> = cuts.array_windows().map(|[a, b]| b - a).collect();
        let options = (0..values.len()).map(|i| alloc::string::ToString::to_string(&i));
        let contest = Contest::split("c", options, most);
        let place = place % values.len();
        values[place] = values[place].wrapping_add_signed(change);
        let numbers = contest.numbers(&values, &[], 1);
        let bits = rules(&contest).witness(&numbers, weight);
        prop_assert_eq!(bits.is_some(), change == 0);
        prop_assert_eq!(contest.broken_vartime(&values, &[], true, weight).is_none(), change == 0);
        if let Some(bits) = bits {
            let constraints = constraints(&contest);
            let on: Vec<bool> = bits.iter().map(|bit| *bit == 1).collect();
            prop_assert!(constraints.allow_with(&on, weight));
            for other in [weight.wrapping_sub(1), weight.wrapping_add(1), 0, u64::MAX] {
                prop_assert_eq!(constraints.allow_with(&on, other), other == weight);
            }
            let held = rules(&contest).in_slots(&numbers, contest.slots()).to_vec();
            prop_assert_eq!(constraints.values(&on), held.clone());
            let held: Vec<u64> = held.iter().map(|v| u64::try_from(*v).unwrap()).collect();
            prop_assert!(held.iter().zip_eq(contest.slot_values()).all(|(v, most)| *v <= most));
            prop_assert_eq!(contest.option_totals(&held), Some(values.clone()));
            prop_assert_eq!(contest.read_slots(&held), Ok((values, vec![])));
        }
    }
}
