//! What all kinds that are summed have in common: exactly the allowed votes can be cast, and what is in the slots says what was given.

use super::{Broken, Contest, ContestOption, Limit, limits::Votes, rules::Rules};
use alloc::{collections::BTreeSet, string::ToString, vec, vec::Vec};
use itertools::Itertools;

/// What the slots hold for every choice of the numbers that keeps the equations, whatever the prover.
fn solutions(rules: &Rules, slots: usize) -> BTreeSet<Vec<i64>> {
    let numbers = rules.maxima().into_iter().map(|max| 0..=max).multi_cartesian_product();
    numbers
        .filter(|numbers| rules.witness(numbers, 0).is_some())
        .map(|numbers| rules.in_slots(&numbers, slots).to_vec())
        .collect()
}

/// Goes through all votes, in which values are up to one more than `most`: those that `allowed` takes without a mark have a witness,
/// and nothing else can be in the slots. With `gated`, nothing can be without the gate.
pub(super) fn check_all(contest: &Contest, most: u64, allowed: impl Fn(&[u64]) -> bool) {
    check_rules(
        contest,
        |first, gate, rules| contest.add_rules(first, gate, rules),
        |values, marks, open| contest.numbers(values, marks, open).to_vec(),
        most,
        allowed,
        &[false, true],
    );
}

pub(super) fn check_rules(
    contest: &Contest,
    add: impl Fn(usize, Option<super::rules::Term>, &mut Rules) -> Vec<Votes>,
    numbers: impl Fn(&[u64], &[bool], u64) -> Vec<u64>,
    most: u64,
    allowed: impl Fn(&[u64]) -> bool,
    gates: &[bool],
) {
    for gated in gates.iter().copied() {
        let (mut rules, first) = (Rules::default(), usize::from(gated));
        let gate = gated.then(|| rules.number(1, &[(0, 1)]));
        add(first, gate, &mut rules);
        let slots = first + contest.summed_slots();
        let mut fine = BTreeSet::new();
        if gated {
            // Without the gate nothing can be chosen, and that can be proven.
            let none = numbers(&vec![0; contest.values()], &vec![false; contest.marks.len()], 0);
            let given: Vec<u64> = [0].into_iter().chain(none).collect();
            assert!(rules.witness(&given, 0).is_some(), "{contest:?}");
            let (values, marks) = contest.read_slots(&vec![0; slots - 1]).unwrap();
            assert_eq!(contest.broken_vartime(&values, &marks, false, 0), None, "{contest:?}");
            fine.insert(vec![0; slots]);
        }
        let n = contest.values();
        for values in (0..n).map(|_| 0..=most + 1).multi_cartesian_product() {
            let all = contest.marks.iter().map(|_| [false, true]).multi_cartesian_product();
            for marks in all {
                let right = match marks.iter().filter(|mark| **mark).count() {
                    0 => allowed(&values),
                    1 => values.iter().all(|value| *value == 0),
                    _ => false,
                };
                let broken = contest.broken_vartime(&values, &marks, true, 0);
                assert_eq!(broken.is_none(), right, "{contest:?} {values:?} {marks:?} {broken:?}");
                let mut given = vec![1; first];
                given.extend(numbers(&values, &marks, 1));
                assert_eq!(
                    rules.witness(&given, 0).is_some(),
                    right,
                    "{contest:?} {values:?} {marks:?}"
                );
                if right {
                    let held = rules.in_slots(&given, slots).to_vec();
                    let read: Vec<u64> =
                        held.iter().skip(first).map(|v| u64::try_from(*v).unwrap()).collect();
                    let within =
                        read.iter().zip_eq(contest.slot_values()).all(|(v, most)| *v <= most);
                    assert!(within, "{contest:?} {values:?} {read:?}");
                    let (found, marked) = contest.read_slots(&read).unwrap();
                    assert_eq!(marked, marks);
                    // What is read says the same, if not always in the same words.
                    let again = numbers(&found, &marks, 1);
                    let again: Vec<u64> = vec![1; first].into_iter().chain(again).collect();
                    assert_eq!(
                        rules.in_slots(&again, slots).to_vec(),
                        held,
                        "{values:?} {found:?}"
                    );
                    fine.insert(held);
                }
            }
        }
        assert_eq!(solutions(&rules, slots), fine, "{contest:?}");
    }
}

pub(super) fn names(n: usize) -> Vec<ContestOption> {
    ["a", "b", "c", "d", "e", "f"].into_iter().take(n).map(ContestOption::from).collect()
}

fn with_marks(contest: Contest) -> [Contest; 3] {
    let one = contest.clone().blank();
    [contest, one.clone(), one.mark("none", true)]
}

/// Whether these are the ranks `1..=k` of `k` options, and none of the others.
pub(super) fn in_order(values: &[u64]) -> Option<u64> {
    let ranked: Vec<u64> = values.iter().copied().filter(|v| *v > 0).sorted().collect();
    ranked.iter().copied().eq(1..=ranked.len() as u64).then_some(ranked.len() as u64)
}

/// Whether these are ranks without gaps.
pub(super) fn without_gaps(values: &[u64]) -> bool {
    let ranks: BTreeSet<u64> = values.iter().copied().filter(|v| *v > 0).collect();
    ranks.iter().copied().eq(1..=ranks.len() as u64)
}

#[test]
fn places() {
    for (options, points) in
        [(1, vec![4]), (2, vec![1, 0]), (3, vec![7, 2]), (3, vec![2, 1, 0]), (3, vec![9])]
    {
        let places = points.len() as u64;
        for contest in with_marks(Contest::places("c", names(options), points.clone())) {
            check_all(&contest, places, |values| in_order(values) == Some(places));
        }
        if points.last() != Some(&0) {
            for contest in with_marks(Contest::places("c", names(options), points.clone()).fewer())
            {
                check_all(&contest, places, |values| in_order(values).is_some_and(|k| k <= places));
            }
        }
    }
}

#[test]
fn stars() {
    for (options, most) in [(2, 1), (2, 3), (3, 2)] {
        for contest in with_marks(Contest::star("c", names(options), most)) {
            check_all(&contest, most, |values| values.iter().all(|v| *v <= most));
        }
    }
}

#[test]
fn quadratic() {
    for (options, credits) in [(1, 3), (2, 1), (2, 5), (2, 9), (3, 6)] {
        let cost = |values: &[u64]| values.iter().map(|v| v * v).sum::<u64>();
        for contest in with_marks(Contest::quadratic("c", names(options), credits)) {
            check_all(&contest, credits.isqrt(), |values| cost(values) <= credits);
        }
    }
    for contest in with_marks(Contest::quadratic("c", names(2), 5).against()) {
        check_all(&contest, 2, |values| values.iter().map(|v| v * v).sum::<u64>() <= 5);
    }
}

/// From 32 votes for one option on they are in binary: squares cost the same, and no product can be left out.
#[test]
fn quadratic_in_binary() {
    let contest = Contest::quadratic("c", names(2), 1_100).blank();
    let mut rules = Rules::default();
    contest.add_rules(0, None, &mut rules);
    for (a, b) in (0..=70).cartesian_product([0, 1, 2, 5, 31, 32, 33, 34, 63, 64, u64::MAX]) {
        let cost = |v: u64| v.saturating_mul(v);
        let right = cost(a).saturating_add(cost(b)) <= 1_100;
        let numbers = contest.numbers(&[a, b], &[false], 1);
        assert_eq!(rules.witness(&numbers, 0).is_some(), right, "{a} {b}");
        assert_eq!(contest.broken_vartime(&[a, b], &[false], true, 0).is_none(), right);
        if right {
            assert_eq!(*rules.in_slots(&numbers, 3), [a as i64, b as i64, 0]);
            // Leaving out a product breaks its equation.
            for (place, _) in numbers.iter().enumerate().filter(|(_, bit)| **bit == 1) {
                let mut less = numbers.to_vec();
                less[place] = 0;
                let kept = rules.witness(&less, 0).is_some();
                let bits = contest.rule.each.ilog2() as usize + 1;
                let is_product = place % (bits + bits * (bits - 1) / 2) >= bits;
                assert!(!(kept && is_product), "{a} {b} {place}");
            }
        }
    }
}

/// Numbers that would wrap around in 64 bits are not kept.
#[test]
fn marks_do_not_wrap() {
    let wide = ContestOption::new("a").most(i64::MAX as u64);
    let contest = Contest::choose("c", [wide], 0..=i64::MAX as u64);
    let contest = ["x", "y", "z"].into_iter().fold(contest, |c, mark| c.mark(mark, false));
    let mut rules = Rules::default();
    contest.add_rules(0, None, &mut rules);
    for (votes, marks) in [(0, [true; 3]), (2, [true, true, false]), (1, [true, false, false])] {
        assert!(
            rules.witness(&contest.numbers(&[votes], &marks, 1), 0).is_none(),
            "{votes} {marks:?}"
        );
    }
    assert!(rules.witness(&contest.numbers(&[i64::MAX as u64], &[false; 3], 1), 0).is_some());
}

#[test]
fn what_does_not_follow_from_the_votes_is_named() {
    let star = Contest::star("c", names(2), 5);
    assert_eq!(star.read_slots(&[3, 2, 1, 0]), Ok((vec![3, 2], vec![])));
    assert_eq!(star.read_slots(&[3, 2, 0, 0]), Err(Broken::Others));
    assert_eq!(star.read_slots(&[2, 2, 0, 1]), Err(Broken::Others));
    let name = |list: &str| ContestOption::new(list).group(list);
    let lists = Contest::lists("c", [name("x"), name("y")], 3).group("x", "X").group("y", "Y");
    // The group has the name of an option here, which a manifest would not allow.
    assert_eq!(lists.read_slots(&[1, 0, 2, 0, 1, 0]), Ok((vec![1, 0, 1, 0], vec![])));
    assert_eq!(lists.read_slots(&[1, 0, 1, 0, 1, 0]), Err(Broken::Others));
    assert_eq!(lists.read_slots(&[1, 0, 2, 1, 1, 0]), Err(Broken::Others));
}

#[test]
fn lists() {
    let name = |i: usize, list: &str| ContestOption::new(&i.to_string()).group(list);
    let shapes = [
        (vec![name(0, "x"), name(1, "y")], 2, 1),
        (vec![name(0, "x"), name(1, "x"), name(2, "y")], 2, 2),
    ];
    for (options, lines, each) in shapes {
        for (none, least) in [(false, 0), (true, 0), (true, 1)] {
            let contest = Contest::lists("c", options.clone(), lines).each(each).least(least);
            let contest = contest.group("x", "X").group("y", "Y");
            let contest = if none { contest.or_no_list() } else { contest };
            for contest in with_marks(contest) {
                check_all(&contest, each, |values| {
                    let (names, lists) = values.split_at(options.len());
                    let given: u64 = names.iter().sum();
                    let chosen: u64 = lists.iter().sum();
                    names.iter().all(|v| *v <= each)
                        && (least..=lines).contains(&given)
                        && (chosen == 1 || none && chosen == 0)
                });
            }
        }
    }
}

/// Names of a list get votes only from those who choose it, and its first two names one of them at least.
#[test]
fn limits_that_go_with_a_list() {
    let name = |i: usize, list: &str| ContestOption::new(&i.to_string()).group(list);
    let options = [name(0, "x"), name(1, "x"), name(2, "y")];
    for (none, with) in [(true, "x"), (false, "x"), (true, "y")] {
        let contest = Contest::lists("c", options.clone(), 2).each(2);
        let contest = contest.group("x", "X").group("y", "Y");
        let contest = if none { contest.or_no_list() } else { contest };
        for contest in with_marks(contest.limit(Limit::between(1..=1, ["x"]).with(with))) {
            check_all(&contest, 2, |values| {
                let [a, b, c, x, y] = values else { return false };
                let chosen = if with == "x" { x } else { y };
                [a, b, c].iter().all(|votes| **votes <= 2)
                    && a + b + c <= 2
                    && (x + y == 1 || none && x + y == 0)
                    && a + b == *chosen
            });
        }
    }
}

/// 7 lists with 118 names, 40 lines, up to 3 for each name.
#[test]
fn a_council_of_the_real_size_fits() {
    let options = (0..118).map(|i| ContestOption::new(&i.to_string()).group(&(i % 7).to_string()));
    let contest = Contest::lists("c", options, 40).each(3).least(1).or_no_list();
    let contest = (0..7).fold(contest, |c, i| c.group(&i.to_string(), i.to_string()));
    let mut rules = Rules::default();
    contest.add_rules(0, None, &mut rules);
    assert_eq!((rules.bits(), contest.summed_slots()), (322, 133));
}
