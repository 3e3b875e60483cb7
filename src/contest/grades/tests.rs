use super::*;
use alloc::{collections::BTreeSet, vec};
use itertools::Itertools;

fn slots(contest: &Contest, values: &[u64], marks: &[bool]) -> Vec<i64> {
    let grades = contest.grades().len() as u64;
    let given = values.iter().flat_map(|value| (1..=grades).map(move |g| i64::from(g == *value)));
    given.chain(marks.iter().map(|mark| i64::from(*mark))).collect()
}

#[test]
fn exactly_one_grade_for_each_option_has_bits() {
    let names = ["a", "b", "c"];
    for ((options, grades), marks) in (1..4).cartesian_product(2..4).cartesian_product(0..3) {
        let mut contest =
            Contest::grade("c", names.into_iter().take(options), names.into_iter().take(grades));
        for mark in ["blank", "none"].into_iter().take(marks) {
            contest = contest.mark(mark, false);
        }
        for gated in [false, true] {
            let mut rules = Rules::default();
            let first = usize::from(gated);
            let gate = gated.then(|| rules.number(1, &[(0, 1)]));
            contest.add_rules(first, gate, &mut rules);
            let constraints = rules.constraints(first + contest.summed_slots());
            let n = constraints.bits();
            assert_eq!(n, first + options * grades + marks);
            let all =
                (0..1u32 << n).map(|mask| (0..n).map(|j| mask >> j & 1 == 1).collect::<Vec<_>>());
            let found: BTreeSet<Vec<i64>> = all
                .filter(|bits| constraints.allow(bits))
                .map(|bits| constraints.values(&bits))
                .collect();
            let mut fine = BTreeSet::new();
            if gated {
                fine.insert(vec![0; first + contest.summed_slots()]);
            }
            let open = |slots: Vec<i64>| (0..first).map(|_| 1).chain(slots).collect::<Vec<i64>>();
            for values in (0..options).map(|_| 0..=grades as u64 + 1).multi_cartesian_product() {
                for set in (0..marks).map(|_| [false, true]).multi_cartesian_product() {
                    let none = values.iter().all(|value| *value == 0);
                    let right = match set.iter().filter(|mark| **mark).count() {
                        0 => values.iter().all(|value| (1..=grades as u64).contains(value)),
                        1 => none,
                        _ => false,
                    };
                    let broken = contest.broken_vartime(&values, &set, true, 0);
                    assert_eq!(broken.is_none(), right, "{values:?} {set:?} {broken:?}");
                    let numbers = contest.numbers(&values, &set, 1);
                    let given: Vec<u64> =
                        (0..first as u64).map(|_| 1).chain(numbers.iter().copied()).collect();
                    assert_eq!(rules.witness(&given, 0).is_some(), right, "{values:?} {set:?}");
                    if right {
                        let held = slots(&contest, &values, &set);
                        let read: Vec<u64> = held.iter().map(|v| *v as u64).collect();
                        assert_eq!(contest.read_slots(&read), Ok((values.clone(), set.clone())));
                        fine.insert(open(held));
                    }
                }
            }
            assert_eq!(found, fine, "{contest:?}");
        }
    }
}

#[test]
fn what_no_ballot_can_hold_is_named() {
    let contest = Contest::grade("c", ["a", "b"], ["bad", "good"]).blank();
    let broken = |values: &[u64], mark| contest.broken_vartime(values, &[mark], true, 0);
    assert_eq!(broken(&[1, 0], false), Some(Broken::NoGrade { option: 1 }));
    assert_eq!(broken(&[1, 3], false), Some(Broken::Grade { option: 1, found: 3, grades: 2 }));
    assert_eq!(broken(&[1, 2], true), Some(Broken::MarkWithVotes));
    assert_eq!(broken(&[1], false), Some(Broken::Options { found: 1, expected: 2 }));
    assert_eq!(contest.read_slots(&[1, 0, 1, 1, 0]), Err(Broken::MarkedTwice { option: 1 }));
    assert_eq!(contest.slot_name(2), "b: bad");
    assert_eq!(contest.slot_name(4), "blank");
}
