//! Worked examples with all their numbers, and what must hold of every count.

use super::*;
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use num_rational::BigRational;
use proptest::{collection::vec, prelude::*};

fn profile(candidates: usize, rankings: &[(u64, &[usize])]) -> Profile {
    let mut profile = Profile::new(candidates);
    for (times, order) in rankings {
        profile.add(Ranking::strict(candidates, order).unwrap(), *times).unwrap();
    }
    profile
}

fn run(profile: &Profile, method: Method, seats: u16, tie_break: TieBreak) -> Count {
    count(profile, &Counting { method, seats, tie_break }).unwrap()
}

fn irv(profile: &Profile) -> Count {
    run(profile, Method::InstantRunoff, 1, TieBreak::Backwards)
}

fn stv(profile: &Profile, seats: u16, tie_break: TieBreak) -> Count {
    run(profile, Method::Stv { quota: Quota::Droop }, seats, tie_break)
}

fn rounds(count: &Count) -> &[Round] {
    match &count.workings {
        Workings::Rounds { rounds, .. } => rounds,
        other => panic!("{other:?}"),
    }
}

/// Totals of each round as text, those exhausted last.
fn totals(count: &Count) -> Vec<String> {
    let row = |round: &Round| {
        let all = round.totals.iter().chain([&round.exhausted]);
        all.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    rounds(count).iter().map(row).collect()
}

fn scores(count: &Count) -> Vec<String> {
    match &count.workings {
        Workings::Scores(scores) => scores.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

fn pairwise(count: &Count) -> (&[Vec<u64>], &[Vec<u64>]) {
    match &count.workings {
        Workings::Pairwise { preferences, paths } => (preferences, paths),
        other => panic!("{other:?}"),
    }
}

/// Memphis, Nashville, Chattanooga, Knoxville: the capital of Tennessee, as in Wikipedia's articles on these methods.
fn tennessee() -> Profile {
    let rankings: [(u64, &[usize]); 4] =
        [(42, &[0, 1, 2, 3]), (26, &[1, 2, 3, 0]), (15, &[2, 3, 1, 0]), (17, &[3, 2, 1, 0])];
    profile(4, &rankings)
}

#[test]
fn tennessee_by_every_method() {
    let count = irv(&tennessee());
    assert_eq!(totals(&count), ["42 26 15 17 0", "42 26 0 32 0", "42 0 0 58 0"]);
    assert_eq!(count.elected, [3]);

    let count = run(&tennessee(), Method::Borda, 4, TieBreak::Order);
    assert_eq!(scores(&count), ["126", "194", "173", "107"]);
    assert_eq!(count.elected, [1, 2, 0, 3]);

    let count = run(&tennessee(), Method::Plurality, 2, TieBreak::Order);
    assert_eq!(scores(&count), ["42", "26", "15", "17"]);
    assert_eq!(count.elected, [0, 1]);

    let count = run(&tennessee(), Method::Schulze, 4, TieBreak::Order);
    let d = [[0, 42, 42, 42], [58, 0, 68, 68], [58, 32, 0, 83], [58, 32, 17, 0]];
    assert_eq!(pairwise(&count).0, d);
    assert_eq!(count.elected, [1, 2, 3, 0]);
    assert!(count.ties.is_empty());
}

/// M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election
/// method", example 1 with 45 voters, as in Wikipedia's article: no candidate beats all others.
#[test]
fn schulze_45_voters() {
    let rankings: [(u64, &str); 8] = [
        (5, "ACBED"),
        (5, "ADECB"),
        (8, "BEDAC"),
        (3, "CABED"),
        (7, "CAEBD"),
        (2, "CBADE"),
        (7, "DCEBA"),
        (8, "EBADC"),
    ];
    let mut profile = Profile::new(5);
    for (times, order) in rankings {
        let order: Vec<_> = order.bytes().map(|letter| usize::from(letter - b'A')).collect();
        profile.add(Ranking::strict(5, &order).unwrap(), times).unwrap();
    }
    let count = run(&profile, Method::Schulze, 5, TieBreak::Order);
    let (d, p) = pairwise(&count);
    let expected = [
        [0, 20, 26, 30, 22],
        [25, 0, 16, 33, 18],
        [19, 29, 0, 17, 24],
        [15, 12, 28, 0, 14],
        [23, 27, 21, 31, 0],
    ];
    assert_eq!(d, expected);
    let expected = [
        [0, 28, 28, 30, 24],
        [25, 0, 28, 33, 24],
        [25, 29, 0, 29, 24],
        [25, 28, 28, 0, 24],
        [25, 28, 28, 31, 0],
    ];
    assert_eq!(p, expected);
    // E A C B D
    assert_eq!(count.elected, [4, 0, 2, 1, 3]);
    assert!(count.ties.is_empty());
}

/// Oranges, pears, chocolate, strawberries, sweets: three kinds of food for twenty guests, as in Wikipedia's article on
/// single transferable vote.
#[test]
fn stv_party_food() {
    let rankings: [(u64, &[usize]); 6] =
        [(4, &[0]), (2, &[1, 0]), (8, &[2, 3]), (4, &[2, 4]), (1, &[3]), (1, &[4])];
    let count = stv(&profile(5, &rankings), 3, TieBreak::Backwards);
    let expected = ["4 2 12 1 1 0", "4 2 6 5 3 0", "6 0 6 5 3 0", "6 0 6 5 0 3"];
    assert_eq!(totals(&count), expected);
    assert_eq!(count.elected, [2, 0, 3]);
    let text =
        count.named(&["Oranges", "Pears", "Chocolate", "Strawberries", "Sweets"]).to_string();
    let expected = "\
Single transferable vote (Droop quota), seats: 3, candidates: 5, votes: 20
quota: 6
round 1
  Oranges: 4
  Pears: 2
  Chocolate: 12
  Strawberries: 1
  Sweets: 1
  exhausted: 0
  elected: Chocolate
  surplus of Chocolate: 6
round 2
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("\nelected: Chocolate, Oranges, Strawberries"), "{text}");
}

/// Ballots that pass twice keep what both transfers left of them. By hand: quota ⌊20/4⌋ + 1 = 6. A has 9, so each of
/// her ballots passes on with 3/9: B gets 7·1/3 and C 2·1/3. B then has 5 + 7/3 = 22/3, and passes on 4/3 of these: each
/// ballot with (4/3)/(22/3) = 2/11 of what it weighs. C gets 5·2/11 from those that named B first, and D 7·1/3·2/11.
#[test]
fn stv_fractions() {
    let rankings: [(u64, &[usize]); 5] =
        [(7, &[0, 1, 3]), (2, &[0, 2]), (5, &[1, 2]), (3, &[2]), (3, &[3, 2])];
    let count = stv(&profile(4, &rankings), 3, TieBreak::Order);
    let expected = ["9 5 3 3 0", "6 22/3 11/3 3 0", "6 6 151/33 113/33 0", "6 6 8 0 0"];
    assert_eq!(totals(&count)[..3], expected[..3]);
    assert_eq!(count.elected, [0, 1, 2]);
    let fraction = |n: i64, d: i64| BigRational::new(n.into(), d.into());
    assert_eq!(
        rounds(&count).iter().map(|round| round.step.clone()).collect::<Vec<_>>(),
        [
            Some(Step::Surplus { candidate: 0, surplus: fraction(3, 1) }),
            Some(Step::Surplus { candidate: 1, surplus: fraction(4, 3) }),
            Some(Step::Elimination { candidate: 3 }),
            None
        ]
    );
}

/// Burlington, Vermont, mayor, 2009. All 8,833 valid ballots that rank one of the last three, restricted to these: Kiss,
/// Montroll, Wright. Published pairwise results (electowiki, "2009 Burlington mayoral election"): Montroll 4,067 to
/// Kiss 3,477; Montroll 4,597 to Wright 3,668; Kiss 4,314 to Wright 4,064. The city's own count of the last round was 4,313
/// to 4,061.
#[test]
fn burlington_2009() {
    let rankings: [(u64, &[usize]); 9] = [
        (1_332, &[1, 0, 2]),
        (767, &[1, 2, 0]),
        (455, &[1]),
        (2_043, &[0, 1, 2]),
        (371, &[0, 2, 1]),
        (568, &[0]),
        (1_513, &[2, 1, 0]),
        (495, &[2, 0, 1]),
        (1_289, &[2]),
    ];
    let profile = profile(3, &rankings);
    let count = irv(&profile);
    assert_eq!(totals(&count), ["2982 2554 3297 0", "4314 0 4064 455"]);
    assert_eq!(count.elected, [0]);
    // The one whom instant runoff eliminated first would have beaten each of the others.
    let count = run(&profile, Method::Schulze, 3, TieBreak::Order);
    assert_eq!(pairwise(&count).0, [[0, 3477, 4314], [4067, 0, 4597], [4064, 3668, 0]]);
    assert_eq!(count.elected, [1, 0, 2]);
}

/// Alaska, special election to the House, August 2022: Begich, Palin, Peltola. Official: 53,810, 58,973 and 75,799 in the
/// first round, 86,026 to 91,266 in the second, 11,290 exhausted. The second choices of those who put Palin or Peltola first
/// are in no official result; these are from analyses of the published ballots.
#[test]
fn alaska_2022() {
    let rankings: [(u64, &[usize]); 9] = [
        (27_053, &[0, 1, 2]),
        (15_467, &[0, 2, 1]),
        (11_290, &[0]),
        (34_049, &[1, 0, 2]),
        (3_652, &[1, 2, 0]),
        (21_272, &[1]),
        (47_407, &[2, 0, 1]),
        (4_645, &[2, 1, 0]),
        (23_747, &[2]),
    ];
    let profile = profile(3, &rankings);
    let count = irv(&profile);
    assert_eq!(totals(&count), ["53810 58973 75799 0", "0 86026 91266 11290"]);
    assert_eq!(count.elected, [2]);
    let count = run(&profile, Method::Schulze, 1, TieBreak::Order);
    assert_eq!(count.elected, [0]);
}

#[test]
fn schulze_and_borda_with_ties() {
    let mut profile = Profile::new(4);
    // A and B before C; D is not ranked. Then only D.
    profile.add(Ranking::from_ranks(&[1, 1, 2, 0]).unwrap(), 3).unwrap();
    profile.add(Ranking::from_ranks(&[0, 0, 0, 1]).unwrap(), 2).unwrap();
    let count = run(&profile, Method::Borda, 2, TieBreak::Order);
    // 3·5/2 + 2·1, the same, 3·1 + 2·1, 3·0 + 2·3.
    assert_eq!(scores(&count), ["19/2", "19/2", "5", "6"]);
    assert_eq!(count.ties, [Tie { round: 0, order: vec![0, 1], decided: None }]);
    let count = run(&profile, Method::Schulze, 3, TieBreak::Order);
    assert_eq!(pairwise(&count).0, [[0, 0, 3, 3], [0, 0, 3, 3], [0, 0, 0, 3], [2, 2, 2, 0]]);
    assert_eq!(count.elected, [0, 1, 2]);
    assert_eq!(count.ties, [Tie { round: 0, order: vec![0, 1], decided: None }]);
    for method in [Method::Plurality, Method::InstantRunoff, Method::Stv { quota: Quota::Hare }] {
        let counting = Counting { method, seats: 1, tie_break: TieBreak::Order };
        let tied = CountingError::Tied { candidates: [0, 1] };
        assert_eq!(super::count(&profile, &counting), Err(tied));
    }
}

#[test]
fn ties_backwards_and_by_order() {
    // After D is eliminated, A and B have four votes each; before, B had more.
    let rankings: [(u64, &[usize]); 4] = [(3, &[0, 2]), (4, &[1, 0]), (6, &[2]), (1, &[3, 0, 2])];
    let profile = profile(4, &rankings);
    let count = run(&profile, Method::InstantRunoff, 1, TieBreak::Backwards);
    assert_eq!(totals(&count), ["3 4 6 1 0", "4 4 6 0 0", "0 4 10 0 0"]);
    assert_eq!(count.elected, [2]);
    assert_eq!(count.ties, [Tie { round: 1, order: vec![1, 0], decided: Some(0) }]);

    let count = run(&profile, Method::InstantRunoff, 1, TieBreak::Order);
    assert_eq!(totals(&count), ["3 4 6 1 0", "4 4 6 0 0", "8 0 6 0 0"]);
    assert_eq!(count.elected, [0]);
    assert_eq!(count.ties, [Tie { round: 1, order: vec![0, 1], decided: None }]);
    assert!(count.to_string().contains(
        "  tie, in this order by the order of the candidates: candidate 0, candidate 1\n  eliminated: candidate 1\n"
    ));
}

#[test]
fn equal_surpluses() {
    // A and B have nine votes each of 24, and the quota is 7. Both surpluses pass on, the lower number's first.
    let rankings: [(u64, &[usize]); 4] = [(9, &[1, 2]), (9, &[0, 3]), (3, &[2]), (3, &[3])];
    let count = stv(&profile(4, &rankings), 3, TieBreak::Backwards);
    assert_eq!(totals(&count), ["9 9 3 3 0", "7 9 3 5 0", "7 7 5 5 0", "7 7 0 5 5"]);
    assert_eq!(count.elected, [0, 1, 3]);
    let tie = |round, order, decided| Tie { round, order, decided };
    // C and D have as many now, but D had more when only the first surplus had passed.
    let last = tie(2, vec![3, 2], Some(1));
    assert_eq!(count.ties, [tie(0, vec![0, 1], None), tie(0, vec![0, 1], None), last]);
}

#[test]
fn hare_quota_is_exact() {
    let rankings: [(u64, &[usize]); 3] = [(4, &[0, 1]), (3, &[1]), (3, &[2])];
    let hare = Method::Stv { quota: Quota::Hare };
    let count = run(&profile(3, &rankings), hare, 3, TieBreak::Order);
    assert_eq!(totals(&count), ["4 3 3 0"]);
    assert_eq!(count.elected, [0, 1, 2]);
    let count = run(&profile(3, &rankings), hare, 2, TieBreak::Order);
    assert!(count.to_string().contains("quota: 5\n"));
    let count = run(&profile(4, &rankings), hare, 3, TieBreak::Order);
    assert!(count.to_string().contains("quota: 10/3\n"));
    assert_eq!(
        totals(&count),
        ["4 3 3 0 0", "10/3 11/3 3 0 0", "10/3 10/3 3 0 1/3", "10/3 10/3 3 0 1/3"]
    );
}

#[test]
fn nobody_votes() {
    let mut profile = Profile::new(3);
    profile.add(Ranking::default(), 7).unwrap();
    assert_eq!((profile.votes(), profile.blank()), (0, 7));
    let methods = [
        Method::Plurality,
        Method::InstantRunoff,
        Method::Stv { quota: Quota::Droop },
        Method::Schulze,
        Method::Borda,
    ];
    for method in methods {
        let count = run(&profile, method, 1, TieBreak::Backwards);
        assert!(count.elected.is_empty() && count.ties.is_empty());
        assert!(count.to_string().ends_with("\nelected: nobody"));
    }
}

#[test]
fn wrong_countings() {
    let check = |method, seats, n| Counting { method, seats, tie_break: TieBreak::Order }.check(n);
    let stv = Method::Stv { quota: Quota::Droop };
    assert_eq!(check(stv, 3, 3), Ok(()));
    assert_eq!(check(stv, 0, 3), Err(CountingError::Seats { found: 0, candidates: 3 }));
    assert_eq!(check(stv, 4, 3), Err(CountingError::Seats { found: 4, candidates: 3 }));
    let one_seat = Err(CountingError::OneSeat { found: 2 });
    assert_eq!(check(Method::InstantRunoff, 2, 3), one_seat);
}

#[test]
fn wrong_rankings() {
    assert_eq!(
        Ranking::strict(2, &[0, 2]),
        Err(RankingError::Unknown { candidate: 2, candidates: 2 })
    );
    assert_eq!(Ranking::strict(2, &[0, 0]), Err(RankingError::Twice { candidate: 0 }));
    assert_eq!(Ranking::new(2, vec![vec![1], vec![]]), Err(RankingError::Empty { place: 1 }));
    let gap = RankingError::Gap { candidate: 2, rank: 3, missing: 2 };
    assert_eq!(Ranking::from_ranks(&[1, 0, 3]), Err(gap));
    assert_eq!(gap.to_string(), "candidate 2 has rank 3, but none has rank 2");
    let gap = RankingError::Gap { candidate: 1, rank: 255, missing: 1 };
    assert_eq!(Ranking::from_ranks(&[0, 255]), Err(gap));
    assert_eq!(Ranking::from_ranks(&[2, 0, 1, 1]).unwrap().groups(), [vec![2, 3], vec![0]]);
    assert!(Ranking::from_ranks(&[0, 0]).unwrap().is_empty());
    let all: Vec<_> = (1..=u8::MAX).collect();
    assert_eq!(Ranking::from_ranks(&all).unwrap().groups().len(), 255);

    let mut profile = Profile::new(2);
    let unknown = RankingError::Unknown { candidate: 2, candidates: 2 };
    assert_eq!(profile.add(Ranking::strict(3, &[2]).unwrap(), 1), Err(unknown));
    let first = Ranking::strict(2, &[0]).unwrap();
    profile.add(first.clone(), u64::MAX).unwrap();
    assert_eq!(profile.add(first, 1), Err(RankingError::TooMany));
    assert_eq!(profile.votes(), u64::MAX);
    assert_eq!(
        scores(&run(&profile, Method::Borda, 1, TieBreak::Order)),
        [u64::MAX.to_string(), "0".into()]
    );
}

#[test]
fn merging() {
    let strict = |order: &[usize]| Ranking::strict(9, order).unwrap();
    assert_eq!(merge(&[]), Ranking::default());
    assert_eq!(merge(&[(3, 0)]), Ranking::default());
    assert_eq!(merge(&[(3, 2), (3, 1), (5, 3)]), strict(&[3, 5]));
    assert_eq!(merge(&[(3, 7), (5, 3)]), strict(&[5, 3]));
    assert_eq!(merge(&[(3, 0), (3, 4), (5, 4)]).groups(), [vec![3, 5]]);
}

#[test]
fn names_written_in() {
    assert_eq!(normalise("A\tB\r\nC\u{2028}D\u{85}E"), "a b c d e");
    assert_eq!(normalise("Ad\u{ad}a\u{feff} \u{202e}Love\u{200b}lace"), "ada lovelace");
    assert_eq!(normalise("ﬁancé Ⅳ"), "fiancé iv");
    assert_eq!(normalise("ΟΔΥΣΣΕΥΣ"), normalise("Οδυσσευς"));
    // A composed letter that only comes together when what is between its parts has gone.
    assert_eq!(normalise("Zoe\u{200b}\u{308}"), "zoë");
    assert_eq!(normalise("\u{200b} \u{2029}"), "");

    let written = ["Zoe", "bEN ", "zoe\u{308}", "\u{200b}", "ada"];
    let candidates = WriteIns::new(["Ada", "Ben", "ADA"], written);
    assert_eq!(candidates.names(), ["zoe", "zoë"]);
    assert_eq!(candidates.candidates(), 5);
    let found = ["ada", "Ben", "ZOE", "ZOË", "", "Cleo"].map(|text| candidates.find(text));
    assert_eq!(found, [Some(0), Some(1), Some(3), Some(4), None, None]);
}

#[test]
fn every_character_is_normal_once_normalised() {
    for c in '\0'..=char::MAX {
        let once = normalise(&c.to_string());
        assert_eq!(normalise(&once), once, "{c:?}");
        assert!(!once.contains(crate::text::is_invisible), "{c:?}");
    }
}

/// Rankings without ties of at most six candidates, and how often each.
fn rankings() -> impl Strategy<Value = (usize, Vec<(Vec<usize>, u64)>)> {
    (1usize..=6).prop_flat_map(|n| {
        let order = Just((0..n).collect::<Vec<_>>()).prop_shuffle();
        let ranking = (order, 0..=n, 1u64..30).prop_map(|(mut order, len, times)| {
            order.truncate(len);
            (order, times)
        });
        (Just(n), vec(ranking, 0..12))
    })
}

fn of(n: usize, rankings: &[(Vec<usize>, u64)]) -> Profile {
    let rankings: Vec<_> = rankings.iter().map(|(order, times)| (*times, &order[..])).collect();
    profile(n, &rankings)
}

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::Plurality),
        Just(Method::InstantRunoff),
        Just(Method::Stv { quota: Quota::Droop }),
        Just(Method::Stv { quota: Quota::Hare }),
        Just(Method::Schulze),
        Just(Method::Borda),
    ]
}

fn countings() -> impl Strategy<Value = Counting> {
    let tie_break = prop_oneof![Just(TieBreak::Order), Just(TieBreak::Backwards)];
    (methods(), 1u16..=6, tie_break).prop_map(|(method, seats, tie_break)| {
        let seats = if method == Method::InstantRunoff { 1 } else { seats };
        Counting { method, seats, tie_break }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_ballots_does_not_matter((n, rankings) in rankings(), counting in countings()) {
        let mut one_by_one = Profile::new(n);
        for (order, times) in rankings.iter().rev() {
            for _ in 0..*times {
                one_by_one.add(Ranking::strict(n, order).unwrap(), 1).unwrap();
            }
        }
        let together = of(n, &rankings);
        prop_assert_eq!(&one_by_one, &together);
        prop_assert_eq!(count(&one_by_one, &counting), count(&together, &counting));
    }

    #[test]
    fn names_do_not_matter_without_ties(
        (n, rankings) in rankings(),
        counting in countings(),
        names in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let names: Vec<_> = names.into_iter().filter(|name| *name < n).collect();
        let renamed: Vec<_> = rankings
            .iter()
            .map(|(order, times)| (order.iter().map(|c| names[*c]).collect(), *times))
            .collect();
        let Ok(before) = count(&of(n, &rankings), &counting) else { return Ok(()) };
        let after = count(&of(n, &renamed), &counting).unwrap();
        if before.ties.is_empty() {
            let elected: Vec<_> = before.elected.iter().map(|c| names[*c]).collect();
            prop_assert_eq!(after.elected, elected);
            prop_assert!(after.ties.is_empty());
        }
    }

    #[test]
    fn every_seat_is_filled_once((n, rankings) in rankings(), counting in countings()) {
        let profile = of(n, &rankings);
        match count(&profile, &counting) {
            Err(CountingError::Seats { .. }) => prop_assert!(usize::from(counting.seats) > n),
            Err(other) => prop_assert!(false, "{}", other),
            Ok(count) => {
                let seats = if profile.votes() == 0 { 0 } else { usize::from(counting.seats) };
                prop_assert_eq!(count.elected.len(), seats);
                let mut elected = count.elected.clone();
                elected.sort_unstable();
                elected.dedup();
                prop_assert_eq!(elected.len(), seats);
                prop_assert!(elected.iter().all(|candidate| *candidate < n));
            }
        }
    }

    #[test]
    fn no_vote_is_lost((n, rankings) in rankings(), counting in countings()) {
        let Ok(count) = count(&of(n, &rankings), &counting) else { return Ok(()) };
        let votes = BigRational::from_integer(count.votes.into());
        match &count.workings {
            Workings::Rounds { quota, rounds } => for round in rounds {
                let sum = round.totals.iter().sum::<BigRational>() + &round.exhausted;
                prop_assert_eq!(&sum, &votes);
                if let (Some(quota), Some(Step::Surplus { candidate, surplus })) = (quota, &round.step) {
                    prop_assert_eq!(&round.totals[*candidate] - surplus, quota.clone());
                }
            },
            Workings::Scores(scores) if counting.method == Method::Plurality => {
                prop_assert_eq!(scores.iter().sum::<BigRational>(), votes);
            }
            // All points of a ranking are n(n − 1)/2.
            Workings::Scores(scores) => {
                let each = BigRational::from_integer((n * (n - 1) / 2).into());
                prop_assert_eq!(scores.iter().sum::<BigRational>(), votes * each);
            }
            Workings::Pairwise { preferences, .. } => {
                let most = preferences.iter().flatten().all(|n| *n <= count.votes);
                prop_assert!(most);
            }
        }
    }

    #[test]
    fn who_beats_all_others_wins_schulze((n, rankings) in rankings()) {
        let count = run(&of(n, &rankings), Method::Schulze, 1, TieBreak::Order);
        let (d, _) = pairwise(&count);
        let beats_all = |i: &usize| (0..n).all(|j| *i == j || d[*i][j] > d[j][*i]);
        if let Some(winner) = (0..n).find(beats_all).filter(|_| count.votes > 0) {
            prop_assert_eq!(count.elected, [winner]);
        }
    }

    #[test]
    fn who_has_a_majority_wins_instant_runoff((n, rankings) in rankings()) {
        let count = irv(&of(n, &rankings));
        let first = |c: &usize| {
            let firsts = rankings.iter().filter(|(order, _)| order.first() == Some(c));
            2 * firsts.map(|(_, times)| times).sum::<u64>() > count.votes
        };
        if let Some(winner) = (0..n).find(first) {
            prop_assert_eq!(count.elected, [winner]);
        }
    }

    #[test]
    fn normal_is_normal(text in "\\PC{0,12}|[ -~\\s\u{ad}\u{200b}\u{300}-\u{345}Σςß]{0,12}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once.clone());
        prop_assert_eq!(once.trim(), &once);
        prop_assert_eq!(normalise(&format!(" {text}\u{200b}")), once);
    }

    #[test]
    fn merged_ranks_are_ranks(ranks in vec((0usize..5, 0u8..9), 0..8)) {
        let ranking = merge(&ranks);
        prop_assert_eq!(Ranking::new(5, ranking.groups().to_vec()), Ok(ranking.clone()));
        let best = |c: usize| ranks.iter().filter(|(d, r)| *d == c && *r > 0).map(|(_, r)| *r).min();
        let flat: Vec<_> = ranking.groups().iter().flatten().map(|c| best(*c)).collect();
        prop_assert!(flat.is_sorted() && flat.iter().all(Option::is_some));
        prop_assert_eq!(flat.len(), (0..5).filter(|c| best(*c).is_some()).count());
    }
}
