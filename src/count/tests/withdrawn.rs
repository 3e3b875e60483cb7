use super::*;
use alloc::collections::BTreeSet;

/// The profile without these candidates, and the old number of each who is left.
fn renumbered(profile: &Profile, withdrawn: &BTreeSet<usize>) -> (Profile, Vec<usize>) {
    let left: Vec<usize> =
        (0..profile.candidates()).filter(|candidate| !withdrawn.contains(candidate)).collect();
    let mut new = Profile::new(left.len());
    for (ranking, times) in profile.rankings() {
        let number = |candidate: &usize| left.iter().position(|old| old == candidate);
        let groups = ranking.groups().map(|group| group.iter().filter_map(number).collect());
        let groups = groups.filter(|group: &Vec<usize>| !group.is_empty()).collect();
        new.add(Ranking::new(left.len(), groups).unwrap(), times).unwrap();
    }
    (new, left)
}

fn profiles(ties: bool) -> impl Strategy<Value = Profile> {
    (2usize..=5).prop_flat_map(move |n| {
        vec((vec(0u8..4, n), 1u64..9), 0..8).prop_map(move |ballots| {
            let mut profile = Profile::new(n);
            for (ranks, times) in ballots {
                let merged = merge(&ranks.into_iter().enumerate().collect::<Vec<_>>());
                let order = merged.groups().flatten().copied().collect::<Vec<_>>();
                let strict = Ranking::strict(n, &order).unwrap();
                profile.add(if ties { merged } else { strict }, times).unwrap();
            }
            profile
        })
    })
}

#[test]
fn those_behind_move_up() {
    let profile = profile(3, &[(6, &[0, 1]), (4, &[2]), (1, &[0])]);
    let counting = Counting { method: Method::InstantRunoff, seats: 1, tie_break: TieBreak::Order };
    let count = count_without(&profile, &counting, &[], &[0].into()).unwrap();
    assert_eq!((count.elected, count.votes), (vec![1], 10));
    // By plurality of choices nobody is behind.
    let plurality = Counting { method: Method::Plurality, ..counting };
    let count = count_without(&profile, &plurality, &[], &[0].into()).unwrap();
    assert_eq!((scores(&count), count.votes), (vec!["7".into(), "0".into(), "4".into()], 11));
    assert_eq!(count.elected, [2]);
    let unknown = count_without(&profile, &counting, &[], &[3].into()).map(drop);
    assert_eq!(unknown, Err(CountingError::Number { found: 3 }));
}

proptest! {
    /// Whoever is withdrawn is as if nobody of this name had stood.
    #[test]
    fn the_withdrawn_do_not_stand(
        (tied, strict) in (profiles(true), profiles(false)), place in 0usize..5, seats in 1u16..3,
        order: bool,
    ) {
        let tie_break = if order { TieBreak::Order } else { TieBreak::Backwards };
        for method in [Method::InstantRunoff, DROOP, HARE, Method::Schulze, Method::Borda] {
            let profile = if method.allows_ties() { &tied } else { &strict };
            let withdrawn: BTreeSet<usize> = [place % profile.candidates()].into();
            let (alone, left) = renumbered(profile, &withdrawn);
            let most = if method == Method::InstantRunoff { 1 } else { alone.candidates() as u16 };
            let counting = Counting { method, seats: seats.min(most), tie_break };
            let without = count_without(profile, &counting, &[], &withdrawn).unwrap();
            let alone = count(&alone, &counting).unwrap();
            let old = |numbers: &[usize]| numbers.iter().map(|n| left[*n]).collect::<Vec<_>>();
            prop_assert_eq!(&without.elected, &old(&alone.elected), "{:?}", method);
            prop_assert_eq!(without.votes, alone.votes);
            let ties = |count: &Count| {
                count.ties.iter().map(|tie| (tie.round, tie.decided)).collect::<Vec<_>>()
            };
            prop_assert_eq!(ties(&without), ties(&alone));
            for (tie, other) in without.ties.iter().zip(&alone.ties) {
                prop_assert_eq!(&tie.order, &old(&other.order));
            }
            match (&without.workings, &alone.workings) {
                (Workings::Scores(scores), Workings::Scores(others)) => {
                    let of_left: Vec<_> = left.iter().map(|old| scores[*old]).collect();
                    prop_assert_eq!(&of_left, others);
                    prop_assert_eq!(scores.len(), profile.candidates());
                }
                (Workings::Rounds { quota, rounds }, Workings::Rounds { quota: q, rounds: r }) => {
                    prop_assert_eq!((quota, rounds.len()), (q, r.len()));
                    for (round, other) in rounds.iter().zip(r) {
                        let of_left: Vec<_> = left.iter().map(|old| round.totals[*old]).collect();
                        prop_assert_eq!(&of_left, &other.totals);
                        prop_assert_eq!((round.exhausted, round.lost), (other.exhausted, other.lost));
                    }
                }
                (Workings::Pairwise { preferences, .. }, Workings::Pairwise { preferences: p, .. }) => {
                    for (i, row) in left.iter().zip(p) {
                        let of_left: Vec<_> = left.iter().map(|j| preferences[*i][*j]).collect();
                        prop_assert_eq!(&of_left, row);
                    }
                    let gone = place % profile.candidates();
                    prop_assert!(preferences[gone].iter().all(|n| *n == 0));
                }
                _ => prop_assert!(false),
            }
        }
    }
}
