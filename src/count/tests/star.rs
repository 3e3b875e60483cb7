use super::*;
use alloc::collections::BTreeSet;

struct Sums {
    points: Vec<u64>,
    preferences: Vec<Vec<u64>>,
    top: Vec<u64>,
}

/// From ballots with a score from 0 to 5 for each.
fn sums(n: usize, ballots: &[Vec<u64>]) -> Sums {
    let mut sums = Sums { points: vec![0; n], preferences: vec![vec![0; n]; n], top: vec![0; n] };
    for ballot in ballots {
        for i in 0..n {
            sums.points[i] += ballot[i];
            sums.top[i] += u64::from(ballot[i] == 5);
            for j in 0..n {
                sums.preferences[i][j] += u64::from(ballot[i] > ballot[j]);
            }
        }
    }
    sums
}

fn star(sums: &Sums, seats: u16, tie_break: TieBreak) -> StarCount {
    let Sums { points, preferences, top } = sums;
    let scores = Scores { points, preferences, top: Some(top) };
    let lots = keys(&(0..points.len()).rev().collect::<Vec<_>>());
    let terms = Terms { seats, tie_break, lots: &lots, withdrawn: &BTreeSet::new() };
    count_star(&scores, &terms).unwrap()
}

fn ballots<const N: usize>(scores: &[[u64; N]]) -> Sums {
    sums(N, &scores.iter().map(|ballot| ballot.to_vec()).collect::<Vec<_>>())
}

fn ties(count: &StarCount) -> Vec<(usize, Vec<usize>, Decided)> {
    count.winners.ties.iter().map(|tie| (tie.round, tie.order.clone(), tie.decided)).collect()
}

/// These ballots and results are among the tests of BetterVoting by the Equal Vote Coalition (`Star.test.ts`, "STAR Tests"):
/// Allison, Bill, Carmen, Doug.
#[test]
fn bettervoting() {
    let condorcet = ballots(&[
        [5, 2, 1, 4],
        [5, 2, 1, 0],
        [5, 2, 1, 0],
        [5, 2, 1, 0],
        [5, 3, 4, 0],
        [5, 1, 4, 0],
        [5, 1, 4, 0],
        [4, 0, 5, 1],
        [3, 4, 5, 0],
        [3, 5, 5, 5],
    ]);
    let count = star(&condorcet, 1, TieBreak::Open);
    assert_eq!(count.rounds, [StarRound { finalists: vec![0, 2], preferences: vec![7, 3] }]);
    assert_eq!((&count.winners.elected[..], count.winners.open), (&[0][..], 0));
    assert!(count.winners.ties.is_empty());

    let runner_up = ballots(&[
        [5, 4, 3, 3],
        [4, 5, 1, 1],
        [4, 5, 1, 2],
        [3, 5, 1, 0],
        [5, 4, 3, 0],
        [5, 0, 4, 1],
        [5, 0, 4, 0],
        [4, 0, 5, 1],
        [3, 4, 5, 0],
        [3, 5, 5, 4],
    ]);
    let count = star(&runner_up, 1, TieBreak::Open);
    assert_eq!(count.rounds[0].finalists, [0, 1]);
    // Bill and Carmen have equally many points, but more prefer Bill. Five prefer Allison to him, and five him to her.
    let expected = [(0, vec![1, 2], Decided::Preferences), (0, vec![0, 1], Decided::Points)];
    assert_eq!(ties(&count), expected);

    let count = star(&ballots(&[[0, 5], [2, 4]]), 1, TieBreak::Open);
    assert_eq!(count.rounds[0].finalists, [1, 0]);
    let count = star(&ballots(&[[0, 5], [3, 2]]), 1, TieBreak::Open);
    assert_eq!(count.rounds[0].finalists, [1, 0]);
    assert_eq!(ties(&count), [(0, vec![1, 0], Decided::Points)]);
    let count = star(&ballots(&[[2, 4], [5, 3]]), 1, TieBreak::Open);
    assert_eq!(count.rounds[0].finalists, [0, 1]);
    assert_eq!(ties(&count), [(0, vec![0, 1], Decided::TopScores)]);

    let equal = ballots(&[[0, 5], [5, 0]]);
    let by_order = star(&equal, 2, TieBreak::Order);
    assert_eq!(by_order.winners.elected, [0, 1]);
    assert_eq!(by_order.rounds[1], StarRound { finalists: vec![1], preferences: vec![] });
    assert_eq!(star(&equal, 2, TieBreak::Lot).winners.elected, [1, 0]);
    let open = star(&equal, 2, TieBreak::Open);
    assert_eq!((open.rounds.len(), open.winners.open), (0, 2));
    assert_eq!(ties(&open), [(0, vec![0, 1], Decided::Open)]);
}

/// Totals and results of the same file, "STAR Score Round Tests".
#[test]
fn bettervoting_score_rounds() {
    let cycle = |scores: [u64; 4], top: [u64; 4], preferences: [[u64; 4]; 4]| Sums {
        points: scores.to_vec(),
        preferences: preferences.iter().map(|row| row.to_vec()).collect(),
        top: top.to_vec(),
    };
    let order = [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0]];
    let equal = [[0, 1, 1, 1], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]];
    let swapped = [[0, 1, 1, 1], [0, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0]];
    let first = [[0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 0, 0, 0]];
    let second = [[0, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 1], [0, 1, 0, 0]];
    type Case<'a> = ([u64; 4], [u64; 4], [[u64; 4]; 4], [usize; 2], &'a [Decided]);
    let cases: [Case<'_>; 8] = [
        ([10, 9, 8, 7], [3, 2, 1, 0], order, [0, 1], &[]),
        ([10, 10, 8, 7], [3, 2, 1, 0], order, [0, 1], &[]),
        ([10, 8, 8, 7], [3, 2, 1, 0], swapped, [0, 2], &[Decided::Preferences]),
        ([10, 8, 8, 7], [3, 2, 1, 0], equal, [0, 1], &[Decided::TopScores]),
        ([10, 10, 10, 9], [4, 3, 1, 0], first, [0, 1], &[Decided::TopScores]),
        ([10, 10, 10, 9], [3, 3, 1, 0], first, [0, 1], &[Decided::TopScores]),
        ([11, 10, 10, 10], [4, 3, 2, 2], second, [0, 1], &[Decided::TopScores]),
        ([11, 10, 10, 9], [4, 2, 3, 5], equal, [0, 2], &[Decided::TopScores]),
    ];
    for (points, top, preferences, finalists, decided) in cases {
        let count = star(&cycle(points, top, preferences), 1, TieBreak::Open);
        assert_eq!(count.rounds[0].finalists, finalists);
        assert_eq!(count.winners.ties.iter().map(|tie| tie.decided).collect::<Vec<_>>(), decided);
    }
    // A random draw there.
    for (points, top, preferences, runner_up) in [
        ([10, 10, 10, 9], [3, 2, 2, 0], first, [1, 2]),
        ([11, 10, 10, 10], [4, 3, 3, 3], second, [1, 3]),
    ] {
        let sums = cycle(points, top, preferences);
        for (tie_break, runner_up) in [TieBreak::Order, TieBreak::Lot].into_iter().zip(runner_up) {
            let round = &star(&sums, 1, tie_break).rounds[0];
            assert_eq!(BTreeSet::from_iter(round.finalists.clone()), [0, runner_up].into());
        }
        assert_eq!(star(&sums, 1, TieBreak::Open).winners.open, 1);
    }
}

#[test]
fn wrong_scores() {
    let none = BTreeSet::new();
    let of = |points: &[u64], preferences: &[Vec<u64>], top: Option<&[u64]>| {
        let terms = Terms { seats: 1, tie_break: TieBreak::Order, lots: &[], withdrawn: &none };
        count_star(&Scores { points, preferences, top }, &terms).map(|count| count.winners)
    };
    let square = [vec![0, 1], vec![0, 0]];
    assert_eq!(of(&[1, 0], &square, None).unwrap().elected, [0]);
    assert_eq!(of(&[0, 0], &square, None).unwrap(), Winners { open: 1, ..Winners::default() });
    let length = Err(CountingError::Length { found: 1, expected: 2 });
    assert_eq!(of(&[1, 0], &square[..1], None), length);
    assert_eq!(of(&[1, 0], &square, Some(&[1])), length);
}

fn scored() -> impl Strategy<Value = (usize, Vec<Vec<u64>>)> {
    (1usize..=5).prop_flat_map(|n| (Just(n), vec(vec(0u64..=5, n), 1..12)))
}

/// By the ballots themselves, without ties.
fn by_ballots(n: usize, ballots: &[Vec<u64>], seats: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..n).collect();
    let mut elected = Vec::new();
    while elected.len() < seats {
        let points = |c: &usize| ballots.iter().map(|ballot| ballot[*c]).sum::<u64>();
        left.sort_by_key(|c| core::cmp::Reverse(points(c)));
        let runoff = left.len() > 1
            && ballots.iter().map(|b| b[left[1]].cmp(&b[left[0]]) as i64).sum::<i64>() > 0;
        elected.push(left.remove(runoff.into()));
    }
    elected
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn star_by_ballots((n, ballots) in scored(), seats in 1usize..4) {
        let seats = seats.min(n);
        let sums = sums(n, &ballots);
        let count = star(&sums, seats as u16, TieBreak::Open);
        if count.winners.ties.is_empty() && sums.points.iter().any(|points| *points > 0) {
            prop_assert_eq!(count.winners.elected, by_ballots(n, &ballots, seats));
        }
        let count = star(&sums, seats as u16, TieBreak::Order);
        let filled = if sums.points.iter().any(|points| *points > 0) { seats } else { 0 };
        prop_assert_eq!(count.winners.elected.len(), filled);
    }
}
