use super::*;
use crate::{
    contest::{Limit, limits::gcd},
    crypto::bits::Constraints,
};
use alloc::collections::BTreeSet;
use itertools::Itertools;
use proptest::prelude::*;

fn rules(contest: &Contest) -> Rules {
    let mut rules = Rules::default();
    contest.add_rules(0, None, &mut rules);
    rules
}

fn constraints(contest: &Contest) -> Constraints {
    rules(contest).constraints(contest.summed_slots() + contest.flag_slots())
}

/// What the slots hold for every choice of bits that keeps the rows.
fn solutions(constraints: &Constraints) -> BTreeSet<Vec<i64>> {
    let n = constraints.bits();
    assert!(n <= 20, "{n} bits");
    (0..1u32 << n)
        .map(|mask| (0..n).map(|j| mask >> j & 1 == 1).collect::<Vec<_>>())
        .filter(|bits| constraints.allow(bits))
        .map(|bits| constraints.values(&bits))
        .collect()
}

/// What the slots should hold, in the order of options, marks, voters and lines.
fn slots(contest: &Contest, values: &[u64], marks: &[bool]) -> Vec<i64> {
    let (options, lines) = values.split_at(contest.options.len());
    let voters = options.iter().filter(|_| contest.voters).map(|v| i64::from(*v > 0));
    let options = options.iter().map(|v| *v as i64);
    let marks = marks.iter().map(|mark| i64::from(*mark));
    options.chain(marks).chain(voters).chain(lines.iter().map(|v| *v as i64)).collect()
}

/// Goes through all votes: those that `allowed` takes have bits, and no others, whatever bits a prover chooses.
fn check(contest: &Contest, allowed: impl Fn(&[u64]) -> bool) {
    let constraints = constraints(contest);
    let mut fine = BTreeSet::new();
    let votes = (0..contest.candidates()).map(|place| 0..contest.most(place) + 2);
    for vote in votes.multi_cartesian_product() {
        for marks in contest.marks.iter().map(|_| [false, true]).multi_cartesian_product() {
            let within = vote.iter().enumerate().all(|(place, v)| *v <= contest.most(place));
            let right = match marks.iter().filter(|mark| **mark).count() {
                0 => within && allowed(&vote),
                1 => vote.iter().all(|v| *v == 0),
                _ => false,
            };
            let bits = rules(contest).witness(&contest.numbers(&vote, &marks, 1), 0);
            let broken = contest.broken_vartime(&vote, &marks, true, 0);
            assert_eq!(bits.is_some(), right, "{contest:?} {vote:?} {marks:?}");
            assert_eq!(broken.is_none(), right, "{contest:?} {vote:?} {marks:?} {broken:?}");
            if let Some(bits) = bits {
                let expected = slots(contest, &vote, &marks);
                assert_bits(contest, &vote, &marks, &bits);
                fine.insert(expected);
            }
        }
    }
    assert_eq!(solutions(&constraints), fine, "{contest:?}");
}

fn assert_bits(contest: &Contest, values: &[u64], marks: &[bool], bits: &[u8]) {
    let (constraints, expected) = (constraints(contest), slots(contest, values, marks));
    assert!(bits.iter().all(|bit| *bit < 2));
    let bits: Vec<bool> = bits.iter().map(|bit| *bit == 1).collect();
    assert!(constraints.allow(&bits), "{contest:?} {values:?}");
    assert_eq!(constraints.values(&bits), expected);
    let in_slots = rules(contest).in_slots(&contest.numbers(values, marks, 1), expected.len());
    assert_eq!(*in_slots, expected);
    // What is in the slots is read as it was given.
    let held: Vec<u64> = in_slots.iter().map(|v| u64::try_from(*v).unwrap()).collect();
    assert_eq!(contest.read_slots(&held), Ok((values.to_vec(), marks.to_vec())));
    let most = contest.slot_values();
    assert!(held.iter().zip_eq(&most).all(|(held, most)| held <= most));
}

fn options(maxima: &[u64]) -> Vec<ContestOption> {
    let option = |(i, most): (usize, &u64)| ContestOption::new(&i.to_string()).most(*most);
    maxima.iter().enumerate().map(option).collect()
}

fn with_marks(mut contest: Contest, marks: usize) -> Contest {
    for mark in ["blank", "none"].into_iter().take(marks) {
        contest = contest.mark(mark, false);
    }
    contest
}

#[test]
fn exactly_the_allowed_votes_have_bits() {
    let shapes: [&[u64]; 7] = [&[1], &[1, 1], &[2, 1], &[3, 1], &[1, 1, 1], &[2, 3], &[1, 2, 1]];
    for (maxima, marks) in shapes.into_iter().cartesian_product(0..3) {
        let most: u64 = maxima.iter().sum();
        for max in 1..=most {
            for min in 0..=max {
                let contest = Contest::choose("c", options(maxima), min..=max);
                check(&with_marks(contest, marks), |vote| (min..=max).contains(&vote.iter().sum()));
            }
        }
    }
}

#[test]
fn a_side_that_cannot_be_broken_costs_nothing() {
    let names = || (0..20).map(|i| i.to_string());
    assert_eq!(rules(&Contest::approval("c", names())).bits(), 20);
    assert_eq!(rules(&Contest::approval("c", names()).blank()).bits(), 26);
    assert_eq!(rules(&Contest::choose_one("c", names())).bits(), 20);
    assert_eq!(rules(&Contest::choose_one("c", names()).blank()).bits(), 21);
    // Costs are divided by what divides all of them: a slack of 0..=4.
    let limit = Limit::at_most(9_000, ["0", "1", "2"]).costs([2_000, 6_000, 4_000]);
    let contest = Contest::approval("c", ["0", "1", "2"]).limit(limit);
    assert_eq!(rules(&contest).bits(), 3 + 3);
}

#[test]
fn exactly_the_votes_within_limits_have_bits() {
    let limit = |costs: &[(usize, u64)], min, max| {
        let of = costs.iter().map(|(option, _)| option.to_string());
        Limit::between(min..=max, of).costs(costs.iter().map(|(_, cost)| *cost as u32))
    };
    let knapsack = [(0, 3), (1, 5), (2, 2), (3, 4)];
    let thousands = [(0, 2_000), (1, 4_000), (2, 6_000)];
    let cases: [&[Limit]; 6] = [
        &[limit(&[(0, 1), (1, 1)], 0, 1)],
        &[limit(&[(0, 1), (1, 1)], 1, 1)],
        &[limit(&[(0, 1), (1, 1)], 1, 2), limit(&[(2, 1), (3, 1)], 1, 1)],
        &[limit(&knapsack, 0, 9)],
        &[limit(&thousands, 0, 8_000)],
        &[limit(&[(0, 2), (2, 4)], 3, 5)],
    ];
    for (limits, marks) in cases.into_iter().cartesian_product(0..2) {
        for (min, max) in [(0, 4), (1, 3), (2, 2)] {
            let mut contest = Contest::choose("c", options(&[1, 2, 1, 1]), min..=max);
            contest.limits = limits.to_vec();
            let contest = with_marks(contest, marks);
            check(&contest, |vote| {
                let cost = |limit: &Limit| -> u64 {
                    let place = |name: &String| vote[name.parse::<usize>().unwrap()];
                    limit.of.iter().zip(&limit.costs).map(|(of, c)| place(of) * u64::from(*c)).sum()
                };
                (min..=max).contains(&vote.iter().sum())
                    && contest.limits.iter().all(|l| (l.min..=l.max).contains(&cost(l)))
            });
        }
    }
}

#[test]
fn what_goes_with_an_option_has_votes_only_with_it() {
    // Preferences within the list that is chosen.
    for (min, max, marks) in [(0, 2, 0), (1, 2, 0), (2, 2, 0), (0, 3, 0), (0, 2, 1), (1, 3, 1)] {
        let of = ["1", "2"];
        let contest = Contest::choose("c", options(&[1, 2, 1, 1]), 0..=5)
            .limit(Limit::between(min..=max, of).with("0"))
            .limit(Limit::at_most(1, ["0", "3"]));
        check(&with_marks(contest, marks), |vote| {
            let sum = vote[1] + vote[2];
            let listed = if vote[0] == 1 { (min..=max).contains(&sum) } else { sum == 0 };
            listed && vote[0] + vote[3] <= 1
        });
    }
    // Fewer bits if the bits are counted.
    let many = Contest::choose("c", options(&[1, 200, 200]), 0..=401);
    let free = rules(&many).bits();
    let limit = |max| Limit::at_most(max, ["1", "2"]).with("0");
    assert_eq!(rules(&many.clone().limit(limit(400))).bits(), free + 5);
    assert_eq!(rules(&many.limit(limit(399))).bits(), free + 9);
}

#[test]
fn voters_are_counted_beside_votes() {
    for most in 2..8 {
        let contest = Contest::choose("c", options(&[most]), 0..=most).voters();
        check(&contest, |_| true);
    }
    let contest = Contest::choose("c", options(&[3, 1, 2]), 1..=4).voters();
    check(&contest.blank(), |vote| (1..=4).contains(&vote.iter().sum::<u64>()));
    let names = ["a"; 1];
    let contest = Contest::choose("c", names, 0..=6).each(5).voters();
    assert_eq!(rules(&contest).bits(), 1 + 3 + 2);
    assert_eq!(contest.read_slots(&[2, 0]), Err(Broken::Voters { option: 0 }));
}

#[test]
fn a_contest_that_goes_with_an_option_is_empty_without_it() {
    for ((min, max), marks) in
        [(1, 1), (1, 2), (0, 2), (2, 3), (0, 3)].into_iter().cartesian_product(0..2)
    {
        for limited in [false, true] {
            let mut contest = Contest::choose("c", options(&[2, 1]), min..=max);
            if limited {
                contest = contest.limit(Limit::between(1..=2, ["0"]));
            }
            let contest = with_marks(contest, marks);
            let mut rules = Rules::default();
            let gate = rules.number(1, &[(0, 1)]);
            contest.add_rules(1, Some(gate), &mut rules);
            let mut fine = BTreeSet::from([vec![0; 1 + contest.slots()]]);
            for (a, b) in (0..3).cartesian_product(0..2) {
                if (min..=max).contains(&(a + b)) && (!limited || (1..=2).contains(&a)) {
                    fine.insert(
                        [1, a as i64, b as i64].into_iter().chain((0..marks).map(|_| 0)).collect(),
                    );
                }
            }
            if marks > 0 {
                fine.insert(vec![1, 0, 0, 1]);
            }
            assert_eq!(solutions(&rules.constraints(1 + contest.slots())), fine, "{contest:?}");
        }
    }
}

#[test]
fn the_broken_rule_is_named() {
    let contest =
        Contest::choose("c", ["a", "b"], 2..=3).each(2).mark("blank", false).mark("none", true);
    let check = |values: &[u64], marks: &[bool]| contest.broken_vartime(values, marks, true, 0);
    assert_eq!(check(&[2, 1], &[false, false]), None);
    assert_eq!(check(&[0, 0], &[true, false]), None);
    let each = Broken::Each { option: 1, found: 3, max: 2 };
    assert_eq!(check(&[0, 3], &[false, false]), Some(each));
    assert_eq!(check(&[0, 1], &[false, false]), Some(Broken::TooFew { found: 1, min: 2 }));
    assert_eq!(check(&[2, 2], &[false, false]), Some(Broken::TooMany { found: 4, max: 3 }));
    assert_eq!(check(&[0, 1], &[true, false]), Some(Broken::MarkWithVotes));
    assert_eq!(check(&[0, 0], &[true, true]), Some(Broken::TwoMarks));
    let most = Broken::Each { option: 0, found: u64::MAX, max: 2 };
    assert_eq!(check(&[u64::MAX; 2], &[false, false]), Some(most));
    assert_eq!(check(&[1], &[false, false]), Some(Broken::Options { found: 1, expected: 2 }));
    assert_eq!(contest.broken_vartime(&[2, 1], &[false; 2], false, 0), Some(Broken::Closed));
    let limit = Limit::at_most(4, ["a", "b"]).costs([3, 2]);
    let limited = Contest::choose("c", ["a", "b", "c"], 1..=3)
        .limit(limit)
        .limit(Limit::at_most(1, ["b"]).with("c"));
    let check = |values: &[u64]| limited.broken_vartime(values, &[], true, 0);
    let broken = Broken::Limit { limit: 0, found: 5, min: 0, max: 4 };
    assert_eq!(check(&[1, 1, 1]), Some(broken));
    assert_eq!(check(&[0, 1, 0]), Some(Broken::Without { option: 1, needs: 2 }));
    assert_eq!(check(&[0, 1, 1]), None);
}

proptest! {
    #[test]
    fn bits_of_large_votes_give_back_the_values(
        values in prop::collection::vec(0..=65_535u64, 1..20), below in any::<u64>(), above in any::<u64>(), blank: bool, voters: bool,
    ) {
        let sum: u64 = values.iter().sum();
        let max = (sum.max(1) + above % 70_000).min(values.len() as u64 * 65_535);
        let names = (0..values.len()).map(|i| i.to_string());
        let mut contest = Contest::choose("c", names, sum - below % (sum + 1)..=max).each(65_535);
        contest.voters = voters;
        let marks = vec![false; usize::from(blank)];
        if blank {
            contest = contest.blank();
            let none = vec![0; values.len()];
            let bits = rules(&contest).witness(&contest.numbers(&none, &[true], 1), 0).unwrap();
            assert_bits(&contest, &none, &[true], &bits);
        }
        let bits = rules(&contest).witness(&contest.numbers(&values, &marks, 1), 0).unwrap();
        assert_bits(&contest, &values, &marks, &bits);
    }

    /// Whatever the limits: bits exist if and only if plain numbers keep the rules.
    #[test]
    fn both_ways_to_check_votes_agree(
        maxima in prop::collection::vec(1..9u64, 2..6), votes in prop::collection::vec(0..10u64, 6),
        costs in prop::collection::vec(1..50u32, 6), bounds in prop::collection::vec((0..100u64, 1..200u64), 0..3),
        marks in 0..3usize, set in prop::collection::vec(prop::bool::weighted(0.1), 2), (min, span) in (0..4u64, 0..20u64),
        voters: bool, gated: bool,
    ) {
        let n = maxima.len();
        let mut contest = Contest::choose("c", options(&maxima), min..=(min + span).max(1));
        contest.options[0].most = Some(1);
        contest.voters = voters;
        contest.rule.max = contest.rule.max.min((0..n).map(|option| contest.most(option)).sum());
        contest.rule.min = contest.rule.min.min(contest.rule.max);
        for (i, (min, max)) in bounds.into_iter().enumerate() {
            let of = (1..n).filter(|option| option % 2 == i % 2 || i == 2).map(|option| option.to_string());
            let costs = costs.iter().copied();
            let mut limit = Limit::between(min.min(max)..=max, of);
            limit.costs = costs.take(limit.of.len()).collect();
            // Otherwise no votes keep it, and the manifest refuses it.
            let divisor = limit.costs.iter().fold(0, |d, cost| gcd(d, *cost)).max(1).into();
            prop_assume!(limit.min.div_ceil(divisor) <= limit.max / divisor);
            limit.with = (gated && i == 1).then(|| "0".into());
            contest = contest.limit(limit);
        }
        let contest = with_marks(contest, marks);
        let (votes, marks) = (&votes[..n], &set[..marks]);
        let bits = rules(&contest).witness(&contest.numbers(votes, marks, 1), 0);
        let broken = contest.broken_vartime(votes, marks, true, 0);
        prop_assert_eq!(bits.is_some(), broken.is_none(), "{:?} {:?} {:?}", contest, votes, broken);
        if let Some(bits) = bits {
            assert_bits(&contest, votes, marks, &bits);
        }
    }
}

proptest! {
    /// Whatever the maximum: values are summed by limbs of 16 bits, and come back.
    #[test]
    fn wide_values_are_summed_by_limbs(
        maxima in prop::collection::vec((0..=62u32, any::<u64>()), 1..4), values in prop::collection::vec(any::<u64>(), 4), voters: bool,
    ) {
        let maxima: Vec<u64> = maxima.into_iter().map(|(bits, n)| (n >> (63 - bits)).max(1)).collect();
        let values: Vec<u64> = maxima.iter().zip(&values).map(|(max, v)| v % (max + 1)).collect();
        let all = maxima.iter().copied().fold(0, u64::saturating_add);
        prop_assume!(all <= MAX_VALUE);
        let mut contest = Contest::choose("c", options(&maxima), 0..=all).blank();
        contest.voters = voters;
        let numbers = contest.numbers(&values, &[false], 1);
        let bits = rules(&contest).witness(&numbers, 0).unwrap();
        let constraints = constraints(&contest);
        let in_slots = rules(&contest).in_slots(&numbers, contest.summed_slots());
        let bits: Vec<bool> = bits.iter().map(|bit| *bit == 1).collect();
        prop_assert!(constraints.allow(&bits));
        prop_assert_eq!(&constraints.values(&bits), &*in_slots);
        let held: Vec<u64> = in_slots.iter().map(|v| u64::try_from(*v).unwrap()).collect();
        prop_assert!(held.iter().zip_eq(contest.slot_values()).all(|(v, most)| *v <= most && most < 1 << 17));
        prop_assert_eq!(contest.option_totals(&held), Some(values.clone()));
        prop_assert_eq!(contest.read_slots(&held), Ok((values, vec![false])));
    }
}
