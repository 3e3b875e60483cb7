//! Worked examples with all their numbers, and what must hold of every count.

mod grades;
mod lists;
mod lots;
mod pairs;
mod seats;
mod star;

use super::*;
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use proptest::{collection::vec, prelude::*};

/// With the five places of Scotland.
const DROOP: Method = Method::Stv { quota: Quota::Droop, places: 5 };
const HARE: Method = Method::Stv { quota: Quota::Hare, places: 5 };

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
    run(profile, DROOP, seats, tie_break)
}

fn rounds(count: &Count) -> &[CountRound] {
    match &count.workings {
        Workings::Rounds { rounds, .. } => rounds,
        other => panic!("{other:?}"),
    }
}

/// Totals of each round as text, then those exhausted and, if there are any, those lost; whole ones without their places.
fn totals(count: &Count) -> Vec<String> {
    let text = |n: &Decimal| n.whole().map_or_else(|| n.to_string(), |whole| whole.to_string());
    let row = |round: &CountRound| {
        let lost = Some(&round.lost).filter(|lost| **lost != Decimal::default());
        let all = round.totals.iter().chain([&round.exhausted]).chain(lost);
        all.map(text).collect::<Vec<_>>().join(" ")
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

/// Lots that put the candidates in this order.
fn keys(order: &[usize]) -> Vec<LotKey> {
    let mut keys = vec![[0; 32]; order.len()];
    for (place, candidate) in order.iter().enumerate() {
        keys[*candidate][0] = place as u8;
    }
    keys
}

/// All orders of this many.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for next in 0..n {
        let with = |order: &Vec<usize>| {
            let at = |place| [&order[..place], &[next][..], &order[place..]].concat();
            (0..=order.len()).map(at).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
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
    assert_eq!(scores(&count), ["126.0", "194.0", "173.0", "107.0"]);
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
Single transferable vote (Droop quota, 5 decimal places), seats: 3, candidates: 5, votes: 20
quota: 6.00000
round 1
  Oranges: 4.00000
  Pears: 2.00000
  Chocolate: 12.00000
  Strawberries: 1.00000
  Sweets: 1.00000
  exhausted: 0.00000
  lost to rounding: 0.00000
  elected: Chocolate
  surplus of Chocolate: 6.00000
round 2
";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.ends_with("\nelected: Chocolate, Oranges, Strawberries"), "{text}");
}

/// Ballots that pass twice keep what both transfers left of them. By hand: quota ⌊20/4⌋ + 1 = 6. A has 9, so each of
/// her ballots passes on with 3/9 = 0.33333: B gets 7 of these and C 2, and 0.00003 are lost. B then has 7.33331, of which
/// 1.33331 are passed on: each ballot with 1.33331/7.33331 of what it weighs, 0.18181 for the 5 that named B first and go to C,
/// 0.06060 for the 7 of A that go to D. 0.00006 more are lost.
#[test]
fn stv_rounds_each_weight_down() {
    let rankings: [(u64, &[usize]); 5] =
        [(7, &[0, 1, 3]), (2, &[0, 2]), (5, &[1, 2]), (3, &[2]), (3, &[3, 2])];
    let count = stv(&profile(4, &rankings), 3, TieBreak::Order);
    let expected = [
        "9 5 3 3 0",
        "6 7.33331 3.66666 3 0 0.00003",
        "6 6 4.57571 3.42420 0 0.00009",
        "6 6 7.57571 0 0.42420 0.00009",
    ];
    assert_eq!(totals(&count), expected);
    assert_eq!(count.elected, [0, 1, 2]);
    let number = |units| Decimal::new(units, 5);
    assert_eq!(
        rounds(&count).iter().map(|round| round.step.clone()).collect::<Vec<_>>(),
        [
            Some(Step::Surplus { candidate: 0, surplus: number(300_000) }),
            Some(Step::Surplus { candidate: 1, surplus: number(133_331) }),
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
    profile.add(Ranking::new(4, vec![vec![0, 1], vec![2]]).unwrap(), 3).unwrap();
    profile.add(Ranking::strict(4, &[3]).unwrap(), 2).unwrap();
    let count = run(&profile, Method::Borda, 2, TieBreak::Order);
    // 3·5/2 + 2·1, the same, 3·1 + 2·1, 3·0 + 2·3.
    assert_eq!(scores(&count), ["9.5", "9.5", "5.0", "6.0"]);
    assert_eq!(count.ties, [Tie { round: 0, order: vec![0, 1], decided: Decided::Order }]);
    let count = run(&profile, Method::Schulze, 3, TieBreak::Order);
    assert_eq!(pairwise(&count).0, [[0, 0, 3, 3], [0, 0, 3, 3], [0, 0, 0, 3], [2, 2, 2, 0]]);
    assert_eq!(count.elected, [0, 1, 2]);
    assert_eq!(count.ties, [Tie { round: 0, order: vec![0, 1], decided: Decided::Order }]);
    for method in [Method::Plurality, Method::InstantRunoff, HARE] {
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
    assert_eq!(count.ties, [Tie { round: 1, order: vec![1, 0], decided: Decided::Round(0) }]);

    let count = run(&profile, Method::InstantRunoff, 1, TieBreak::Order);
    assert_eq!(totals(&count), ["3 4 6 1 0", "4 4 6 0 0", "8 0 6 0 0"]);
    assert_eq!(count.elected, [0]);
    assert_eq!(count.ties, [Tie { round: 1, order: vec![0, 1], decided: Decided::Order }]);
    assert!(count.to_string().contains(
        "  tie, in this order by the order of the candidates: candidate 0, candidate 1\n  eliminated: candidate 1\n"
    ));
}

#[test]
fn equal_surpluses() {
    // A and B have nine votes each of 24, and the quota is 7. Both surpluses pass on, the lower number's first.
    let rankings: [(u64, &[usize]); 4] = [(9, &[1, 2]), (9, &[0, 3]), (3, &[2]), (3, &[3])];
    let count = stv(&profile(4, &rankings), 3, TieBreak::Backwards);
    let expected = [
        "9 9 3 3 0",
        "7 9 3 4.99998 0 0.00002",
        "7 7 4.99998 4.99998 0 0.00004",
        "7 7 0 4.99998 4.99998 0.00004",
    ];
    assert_eq!(totals(&count), expected);
    assert_eq!(count.elected, [0, 1, 3]);
    let tie = |round, order, decided| Tie { round, order, decided };
    // C and D have as many now, but D had more when only the first surplus had passed.
    let last = tie(2, vec![3, 2], Decided::Round(1));
    let first = tie(0, vec![0, 1], Decided::Order);
    assert_eq!(count.ties, [first.clone(), first, last]);
}

#[test]
fn hare_quota_is_rounded_up() {
    let rankings: [(u64, &[usize]); 3] = [(4, &[0, 1]), (3, &[1]), (3, &[2])];
    let hare = HARE;
    let count = run(&profile(3, &rankings), hare, 3, TieBreak::Order);
    assert_eq!(totals(&count), ["4 3 3 0"]);
    assert_eq!(count.elected, [0, 1, 2]);
    let count = run(&profile(3, &rankings), hare, 2, TieBreak::Order);
    assert!(count.to_string().contains("quota: 5.00000\n"));
    let count = run(&profile(4, &rankings), hare, 3, TieBreak::Order);
    assert!(count.to_string().contains("quota: 3.33334\n"));
    assert_eq!(
        totals(&count),
        [
            "4 3 3 0 0",
            "3.33334 3.66664 3 0 0 0.00002",
            "3.33334 3.33334 3 0 0.33326 0.00006",
            "3.33334 3.33334 3 0 0.33326 0.00006"
        ]
    );
}

/// The quota is 14 of 40, and 1/15 is less than a tenth: all that A passes on is lost. B, who holds these ballots, passes
/// nothing on either.
#[test]
fn a_weight_can_be_rounded_to_nothing() {
    let rankings: [(u64, &[usize]); 3] = [(15, &[0, 1, 3]), (13, &[2]), (12, &[3])];
    let method = Method::Stv { quota: Quota::Droop, places: 1 };
    let count = run(&profile(4, &rankings), method, 2, TieBreak::Order);
    let expected = ["15 0 13 12 0", "14 0 13 12 0 1", "14 0 13 12 0 1", "14 0 13 0 12 1"];
    assert_eq!(totals(&count), expected);
    assert_eq!(count.elected, [0, 2]);
}

#[test]
fn ballots_may_all_be_exhausted() {
    let only_first: [(u64, &[usize]); 1] = [(10, &[0])];
    let count = stv(&profile(4, &only_first), 3, TieBreak::Order);
    assert_eq!(totals(&count), ["10 0 0 0 0", "3 0 0 0 7", "3 0 0 0 7"]);
    // Of those without votes the numbers decide.
    assert_eq!(count.elected, [0, 1, 2]);
}

/// Numbers of 2⁶⁴ − 1 ballots fit with nine places, also where one ballot's weight meets the surplus of all.
#[test]
fn as_many_ballots_as_can_be_are_counted() {
    let all: [(u64, &[usize]); 1] = [(u64::MAX, &[0, 1, 2])];
    let method = Method::Stv { quota: Quota::Droop, places: MAX_PLACES };
    let count = run(&profile(4, &all), method, 3, TieBreak::Order);
    assert_eq!(count.elected, [0, 1, 2]);
    // The quota is 2⁶². Three quarters of a vote, rounded down, are passed on: 0.75 less 2⁻⁶⁴.
    let Workings::Rounds { quota: Some(quota), rounds } = &count.workings else { panic!() };
    assert_eq!(quota.whole(), Some(1 << 62));
    assert_eq!(rounds[1].totals[1].units(), u128::from(u64::MAX) * 749_999_999);
}

/// Ballots that rank the first `chain` candidates in order, here and there with one of the others in between, so that there are
/// many paths from each to the next; then all others.
fn on_all_paths(candidates: usize, chain: usize, ballots: u64) -> Profile {
    let mut state = 7u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut profile = Profile::new(candidates);
    for _ in 0..ballots {
        let mut others: Vec<_> = (chain..candidates).collect();
        let mut order = vec![0];
        for c in 1..chain {
            if random(100) < 8 {
                order.push(others.swap_remove(random(others.len())));
            }
            order.push(c);
        }
        while !others.is_empty() {
            order.push(others.swap_remove(random(others.len())));
        }
        profile.add(Ranking::strict(candidates, &order).unwrap(), 1).unwrap();
    }
    profile
}

/// Exact fractions have twice the digits after each surplus that is passed on, and a parliament has many.
#[test]
fn sixty_seats_and_255_candidates_take_bounded_work() {
    let (candidates, seats, ballots) = (255, 60, 40_000);
    let profile = on_all_paths(candidates, seats, ballots);
    assert_eq!(profile.rankings().count(), 40_000);
    for quota in [Quota::Droop, Quota::Hare] {
        let mut piles = piles::Piles::new(&profile, MAX_PLACES);
        let breaker = ties::Breaker::new(TieBreak::Backwards, &[], candidates).unwrap();
        let (elected, _, workings) = rounds::stv(&mut piles, seats, quota, breaker);
        let Workings::Rounds { rounds, .. } = &workings else { panic!() };
        assert_eq!(elected.len(), seats);
        let surplus = |round: &&CountRound| matches!(round.step, Some(Step::Surplus { .. }));
        let surpluses = rounds.iter().filter(surplus).count();
        assert!(surpluses >= 20, "{surpluses}");
        // Somebody leaves the count in each round, and a ballot looks at each of its places once.
        assert!(rounds.len() <= candidates);
        assert!(piles.looked_at <= candidates * ballots as usize);
    }
}

#[test]
fn nobody_votes() {
    let mut profile = Profile::new(3);
    profile.add(Ranking::default(), 7).unwrap();
    assert_eq!((profile.votes(), profile.blank()), (0, 7));
    let methods =
        [Method::Plurality, Method::InstantRunoff, DROOP, HARE, Method::Schulze, Method::Borda];
    for method in methods {
        let count = run(&profile, method, 1, TieBreak::Backwards);
        assert!(count.elected.is_empty() && count.ties.is_empty());
        if let Workings::Rounds { quota, rounds } = &count.workings {
            // What the formulas say of no votes.
            let (droop, hare) = (Some(Decimal::new(1, 0)), Some(Decimal::default()));
            let expected = [(Method::InstantRunoff, None), (DROOP, droop), (HARE, hare)];
            assert!(rounds.is_empty() && expected.contains(&(method, *quota)));
        }
        assert!(count.to_string().ends_with("\nelected: nobody"));
    }
}

#[test]
fn wrong_countings() {
    let check = |method, seats, n| Counting { method, seats, tie_break: TieBreak::Order }.check(n);
    assert_eq!(check(DROOP, 3, 3), Ok(()));
    assert_eq!(check(DROOP, 0, 3), Err(CountingError::Seats { found: 0, candidates: 3 }));
    assert_eq!(check(DROOP, 4, 3), Err(CountingError::Seats { found: 4, candidates: 3 }));
    for found in [0, 10, 255] {
        let method = Method::Stv { quota: Quota::Hare, places: found };
        assert_eq!(check(method, 3, 3), Err(CountingError::Places { found }));
    }
    for places in [1, 9] {
        assert_eq!(check(Method::Stv { quota: Quota::Hare, places }, 3, 3), Ok(()));
    }
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
    let tied = Ranking::new(4, vec![vec![3, 2], vec![0]]).unwrap();
    assert_eq!(tied.groups().collect::<Vec<_>>(), [vec![2, 3], vec![0]]);
    assert!(Ranking::strict(2, &[]).unwrap().is_empty());

    let mut profile = Profile::new(2);
    let unknown = RankingError::Unknown { candidate: 2, candidates: 2 };
    assert_eq!(profile.add(Ranking::strict(3, &[2]).unwrap(), 1), Err(unknown));
    let first = Ranking::strict(2, &[0]).unwrap();
    profile.add(first.clone(), u64::MAX).unwrap();
    assert_eq!(profile.add(first, 1), Err(RankingError::TooMany));
    assert_eq!(profile.votes(), u64::MAX);
    assert_eq!(
        scores(&run(&profile, Method::Borda, 1, TieBreak::Order)),
        ["18446744073709551615.0", "0.0"]
    );
}

#[test]
fn merging() {
    let strict = |order: &[usize]| Ranking::strict(9, order).unwrap();
    assert_eq!(merge(&[]), Ranking::default());
    assert_eq!(merge(&[(3, 0)]), Ranking::default());
    assert_eq!(merge(&[(3, 2), (3, 1), (5, 3)]), strict(&[3, 5]));
    assert_eq!(merge(&[(3, 7), (5, 3)]), strict(&[5, 3]));
    assert_eq!(merge(&[(3, 0), (3, 4), (5, 4)]).groups().collect::<Vec<_>>(), [vec![3, 5]]);
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
    let candidates = Candidates::new(["Ada", "Ben", "ADA"], written);
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
        (1u8..=9).prop_map(|places| Method::Stv { quota: Quota::Droop, places }),
        (1u8..=9).prop_map(|places| Method::Stv { quota: Quota::Hare, places }),
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
        let votes = u128::from(count.votes);
        let sum = |numbers: &[Decimal]| numbers.iter().map(|n| n.units()).sum::<u128>();
        match &count.workings {
            Workings::Rounds { quota, rounds } => for round in rounds {
                let places = match counting.method {
                    Method::Stv { places, .. } => places,
                    _ => 0,
                };
                let rest = [round.exhausted, round.lost];
                let all = sum(&round.totals) + sum(&rest);
                prop_assert_eq!(all, votes * 10u128.pow(places.into()));
                prop_assert!(round.totals.iter().chain(&rest).all(|n| n.places() == places));
                // Nothing but a transfer of a surplus loses anything, less than a unit a ballot.
                let steps = rounds.iter().take_while(|other| *other != round).map(|r| &r.step);
                let surpluses = steps.filter(|step| matches!(step, Some(Step::Surplus { .. })));
                prop_assert!(round.lost.units() <= surpluses.count() as u128 * votes);
                if let (Some(quota), Some(Step::Surplus { candidate, surplus })) = (quota, &round.step) {
                    prop_assert_eq!(round.totals[*candidate].units() - surplus.units(), quota.units());
                }
            },
            Workings::Scores(scores) if counting.method == Method::Plurality => {
                prop_assert_eq!(sum(scores), votes);
            }
            // All points of a ranking are n(n − 1)/2, here in tenths.
            Workings::Scores(scores) => {
                prop_assert_eq!(sum(scores), votes * (5 * n * (n - 1)) as u128);
            }
            Workings::Pairwise { preferences, .. } => {
                let most = preferences.iter().flatten().all(|n| *n <= count.votes);
                prop_assert!(most);
            }
            // These are not of rankings.
            other => panic!("{other:?}"),
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
        prop_assert_eq!(Ranking::new(5, ranking.groups().map(<[usize]>::to_vec).collect()), Ok(ranking.clone()));
        let best = |c: usize| ranks.iter().filter(|(d, r)| *d == c && *r > 0).map(|(_, r)| *r).min();
        let flat: Vec<_> = ranking.groups().flatten().map(|c| best(*c)).collect();
        prop_assert!(flat.is_sorted() && flat.iter().all(Option::is_some));
        prop_assert_eq!(flat.len(), (0..5).filter(|c| best(*c).is_some()).count());
    }
}
