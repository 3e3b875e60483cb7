use super::*;
use alloc::collections::BTreeSet;

fn lists<'a>(votes: &'a [u64], seats: u16, formula: Formula) -> Lists<'a> {
    Lists {
        votes,
        seats,
        formula,
        threshold: None,
        joined: &[],
        unfilled: Unfilled::Open,
        tie_break: TieBreak::Order,
        lots: &[],
    }
}

/// With this many names on each list, in a fixed order.
fn of_names(lists: &Lists<'_>, sizes: &[usize]) -> ListsCount {
    let mut numbers = 0..;
    let of_list: Vec<Vec<usize>> =
        sizes.iter().map(|size| numbers.by_ref().take(*size).collect()).collect();
    let names = Names { votes: None, of_list: &of_list, withdrawn: &BTreeSet::new(), lots: &[] };
    count_lists(lists, &names).unwrap()
}

fn seats(lists: &Lists<'_>) -> Vec<usize> {
    of_names(lists, &vec![lists.seats.into(); lists.votes.len()]).seats
}

fn quotients(count: &ListsCount) -> Vec<(usize, u128, u32)> {
    let Shares::Quotients(quotients) = &count.first.workings else { panic!() };
    quotients.iter().map(|q| (q.party, q.votes, q.divisor)).collect()
}

/// Election to the European Parliament, 23 May 2019, London, with the parties above 2%: Liberal Democrats, Labour, Brexit Party,
/// Green, Conservative, Change UK, UKIP. Official: 3, 2, 2 and 1 seats.
#[test]
fn london_2019() {
    let votes = [608_725, 536_810, 400_257, 278_957, 177_964, 117_635, 46_497];
    let count = of_names(&lists(&votes, 8, Formula::DHondt), &[8; 7]);
    assert_eq!(count.seats, [3, 2, 2, 1, 0, 0, 0]);
    let order: Vec<_> = quotients(&count).iter().map(|(list, _, by)| (*list, *by)).collect();
    assert_eq!(order, [(0, 1), (1, 1), (2, 1), (0, 2), (3, 1), (1, 2), (0, 3), (2, 2)]);
    assert_eq!((count.open, count.first.open), (0, 0));
    assert_eq!(count.winners[1].elected, [8, 9]);
    assert!(count.first.ties.is_empty());
}

/// From Wikipedia's articles on the Sainte-Laguë method and on largest remainders.
#[test]
fn sainte_lague_and_hare() {
    let votes = [53_000, 24_000, 23_000];
    assert_eq!(seats(&lists(&votes, 7, Formula::SainteLague)), [3, 2, 2]);
    assert_eq!(seats(&lists(&votes, 7, Formula::DHondt)), [4, 2, 1]);

    let votes = [47_000, 16_000, 15_800, 12_000, 6_100, 3_100];
    let count = of_names(&lists(&votes, 10, Formula::Hare), &[10; 6]);
    assert_eq!(count.seats, [5, 2, 1, 1, 1, 0]);
    let Shares::Passes(passes) = &count.first.workings else { panic!() };
    let [Pass { votes: 100_000, seats: 10, parties }] = passes.as_slice() else { panic!() };
    let shares: Vec<_> = parties.iter().map(|p| (p.whole, p.remainder / 1_000, p.extra)).collect();
    assert_eq!(
        shares,
        [
            (4, 70, true),
            (1, 60, true),
            (1, 58, false),
            (1, 20, false),
            (0, 61, true),
            (0, 31, false)
        ]
    );
}

/// M. Balinski and H. P. Young, Fair Representation (1982): Alabama had 8 seats of 299 by largest remainders, and 7 of
/// 300. In small: with a seat more, the third list has one less.
#[test]
fn alabama_paradox() {
    let votes = [6, 6, 2];
    assert_eq!(seats(&lists(&votes, 10, Formula::Hare)), [4, 4, 2]);
    assert_eq!(seats(&lists(&votes, 11, Formula::Hare)), [5, 5, 1]);
}

/// Schweizer Radio und Fernsehen, "So wird gerechnet: Sitzverteilung mit und ohne Listenverbindung" (2023): C takes a seat from A
/// because it is joined with B.
#[test]
fn joined_lists() {
    let votes = [600, 260, 140];
    let alone = lists(&votes, 5, Formula::DHondt);
    assert_eq!(seats(&alone), [4, 1, 0]);
    let joined = [vec![2, 1]];
    let count = of_names(&Lists { joined: &joined, ..alone }, &[5; 3]);
    assert_eq!(count.seats, [3, 1, 1]);
    let party = |list, votes, names| Party { list, votes, names };
    assert_eq!(count.first.parties, [party(0, 600, 5), party(1, 400, 10)]);
    assert_eq!(count.first.seats, [3, 2]);
    let among = count.joined[0].as_ref().unwrap();
    assert_eq!(among.parties, [party(1, 260, 5), party(2, 140, 5)]);
    assert_eq!(among.seats, [1, 1]);
}

/// votelib 0.4.0, for votes drawn at random: `HighestAverages("d_hondt")`, `HighestAverages("sainte_lague")` and
/// `LargestRemainder("hare")`.
#[test]
fn as_counted_by_others() {
    type Case<'a> = (&'a [u64], u16, [&'a [usize]; 3]);
    let cases: [Case<'_>; 8] = [
        (&[55694, 88075], 10, [&[4, 6], &[4, 6], &[4, 6]]),
        (&[5918, 51745, 40148], 24, [&[1, 13, 10], &[1, 13, 10], &[1, 13, 10]]),
        (&[25472, 82008, 3489], 3, [&[0, 3, 0], &[1, 2, 0], &[1, 2, 0]]),
        (
            &[19044, 6964, 31356, 49557, 69443],
            17,
            [&[2, 0, 3, 5, 7], &[2, 1, 3, 5, 6], &[2, 0, 3, 5, 7]],
        ),
        (&[84074, 55721], 20, [&[12, 8], &[12, 8], &[12, 8]]),
        (&[31670, 79792], 15, [&[4, 11], &[4, 11], &[4, 11]]),
        (
            &[85552, 72038, 38176, 74669, 2188],
            20,
            [&[6, 5, 3, 6, 0], &[6, 5, 3, 6, 0], &[6, 5, 3, 6, 0]],
        ),
        (&[76681, 5453, 96090], 12, [&[5, 0, 7], &[5, 0, 7], &[5, 0, 7]]),
    ];
    for (votes, places, expected) in cases {
        for (formula, expected) in FORMULAS.into_iter().zip(expected) {
            assert_eq!(seats(&lists(votes, places, formula)), expected, "{formula:?}");
        }
    }
}

#[test]
fn a_threshold_is_for_each_list() {
    let votes = [900, 51, 49, 50];
    // 5% of 1,000 are 50.
    let threshold = Some(AtLeast { share: Fraction::new(5, 100).unwrap(), of: 1_000 });
    let joined = [vec![2, 3]];
    let of = |formula| Lists { threshold, joined: &joined, ..lists(&votes, 20, formula) };
    let count = of_names(&of(Formula::DHondt), &[20; 4]);
    assert_eq!(count.below, [2]);
    assert_eq!(count.seats, [18, 1, 0, 1]);
    // The list below is no longer part of the sum, and the joined ones have the number of the other.
    assert_eq!(count.first.parties[2], Party { list: 3, votes: 50, names: 20 });

    let threshold = Some(AtLeast { share: Fraction::new(1, 1).unwrap(), of: 1_000 });
    let count = of_names(&Lists { threshold, ..of(Formula::Hare) }, &[20; 4]);
    assert_eq!((count.open, count.below), (20, vec![0, 1, 2, 3]));
    assert_eq!(count.joined, [None]);
}

#[test]
fn ties_between_lists() {
    let votes = [30, 20, 10, 10];
    let lots = [[9; 32], [8; 32], [7; 32], [6; 32]];
    for (formula, places) in [(Formula::DHondt, 6), (Formula::Hare, 6), (Formula::SainteLague, 6)] {
        let with = |tie_break| {
            let lists = Lists { tie_break, lots: &lots, ..lists(&votes, places, formula) };
            of_names(&lists, &[6; 4])
        };
        let tie = |count: &ListsCount| {
            let tie = count.first.ties.first()?;
            Some((tie.order.clone(), tie.decided))
        };
        let [order, lot, open] = [TieBreak::Order, TieBreak::Lot, TieBreak::Open].map(with);
        match formula {
            // Of 30, 20, 15, 10, 10, 10, 10 for six seats the last three share.
            Formula::DHondt => {
                assert_eq!(order.seats, [3, 2, 1, 0]);
                assert_eq!(lot.seats, [2, 2, 1, 1]);
                assert_eq!((&open.seats[..], open.first.open), (&[2, 1, 0, 0][..], 3));
                assert_eq!(tie(&order), Some((vec![0, 1, 2, 3], Decided::Order)));
                assert_eq!(tie(&lot), Some((vec![3, 2, 1, 0], Decided::Lot)));
                assert_eq!(tie(&open), Some((vec![0, 1, 2, 3], Decided::Open)));
                assert_eq!(open.first.ties[0].round, 3);
            }
            // 30, 20, 10, 10, 10 and then 20/3.
            Formula::SainteLague => assert_eq!(order.seats, [2, 2, 1, 1]),
            // 18/7, 12/7, 6/7, 6/7: no tie that matters.
            Formula::Hare => assert_eq!(tie(&open), None),
        }
    }
    let votes = [10, 10, 10];
    let with = |tie_break| {
        let lists = Lists { tie_break, lots: &lots[..3], ..lists(&votes, 4, Formula::Hare) };
        of_names(&lists, &[6; 3])
    };
    assert_eq!(with(TieBreak::Backwards).seats, [2, 1, 1]);
    assert_eq!(with(TieBreak::Lot).seats, [1, 1, 2]);
    assert_eq!((with(TieBreak::Open).seats, with(TieBreak::Open).first.open), (vec![1, 1, 1], 1));
}

#[test]
fn lists_with_too_few_names() {
    let votes = [600, 300, 100];
    for formula in FORMULAS {
        let open = lists(&votes, 10, formula);
        let count = of_names(&open, &[2, 10, 10]);
        assert_eq!(count.seats, [6, 3, 1]);
        assert_eq!((count.open, count.winners[0].open), (4, 4));
        let others = Lists { unfilled: Unfilled::Others, ..open };
        let count = of_names(&others, &[2, 10, 10]);
        assert_eq!((count.seats, count.open), (vec![2, 6, 2], 0), "{formula:?}");
        if let Shares::Passes(passes) = &count.first.workings {
            assert_eq!(passes.iter().map(|pass| pass.seats).collect::<Vec<_>>(), [10, 8]);
        }
        let count = of_names(&others, &[2, 3, 1]);
        assert_eq!((count.seats, count.open), (vec![2, 3, 1], 4), "{formula:?}");
        // What a list cannot fill goes first to those that it is joined with.
        let joined = [vec![0, 2]];
        let count = of_names(&Lists { joined: &joined, ..others }, &[2, 10, 10]);
        assert_eq!((count.seats, count.open), (vec![2, 3, 5], 0), "{formula:?}");
    }
}

#[test]
fn names_by_their_own_votes() {
    let of_list = [vec![0, 1, 2, 3], vec![4, 5]];
    let votes = [5, 9, 7, 7, 0, 0];
    let withdrawn = [1].into();
    let lots: Vec<_> = (0..6u8).rev().map(|byte| [byte; 32]).collect();
    let with = |tie_break| {
        let lists = Lists { tie_break, lots: &lots[..2], ..lists(&[30, 20], 2, Formula::DHondt) };
        count_lists(
            &lists,
            &Names { votes: Some(&votes), of_list: &of_list, withdrawn: &withdrawn, lots: &lots },
        )
        .unwrap()
    };
    let elected = |count: &ListsCount| -> Vec<Vec<usize>> {
        count.winners.iter().map(|winners| winners.elected.clone()).collect()
    };
    let order = with(TieBreak::Order);
    assert_eq!(elected(&order), [[2], [4]]);
    assert_eq!(
        order.winners[0].ties,
        [Tie { round: 0, order: vec![2, 3], decided: Decided::Order }]
    );
    assert_eq!(elected(&with(TieBreak::Lot)), [[3], [5]]);
    let names = Names { votes: None, of_list: &of_list, withdrawn: &withdrawn, lots: &[] };
    let fixed = count_lists(&lists(&[30, 20], 5, Formula::DHondt), &names).unwrap();
    assert_eq!(elected(&fixed), [vec![0, 2, 3], vec![4, 5]]);
    let open = with(TieBreak::Open);
    assert_eq!(elected(&open), [[0; 0], []]);
    assert_eq!((open.open, &open.seats[..]), (2, &[1, 1][..]));
}

#[test]
fn wrong_lists() {
    let of = |lists: &Lists<'_>, of_list: &[Vec<usize>]| {
        let names = Names { votes: Some(&[1, 1]), of_list, withdrawn: &BTreeSet::new(), lots: &[] };
        count_lists(lists, &names).map(|_| ())
    };
    let names = [vec![0], vec![1]];
    let good = lists(&[3, 2], 1, Formula::Hare);
    assert_eq!(of(&good, &names), Ok(()));
    assert_eq!(
        of(&Lists { seats: 0, ..good }, &names),
        Err(CountingError::Seats { found: 0, candidates: 2 })
    );
    assert_eq!(of(&good, &names[..1]), Err(CountingError::Length { found: 1, expected: 2 }));
    let number = |found| Err(CountingError::Number { found });
    assert_eq!(of(&good, &[vec![0], vec![0]]), number(0));
    assert_eq!(of(&good, &[vec![0], vec![2]]), number(2));
    assert_eq!(of(&Lists { joined: &[vec![0, 1], vec![1]], ..good }, &names), number(1));
    assert_eq!(of(&Lists { joined: &[vec![2]], ..good }, &names), number(2));
    let lots = CountingError::Lots { found: 0, candidates: 2 };
    assert_eq!(of(&Lists { tie_break: TieBreak::Lot, ..good }, &names), Err(lots));
}

/// Numbers as large as there can be.
#[test]
fn many_votes() {
    let votes = [u64::MAX; 3];
    for formula in FORMULAS {
        let count = of_names(&lists(&votes, u16::MAX, formula), &[21_845; 3]);
        assert_eq!((count.seats, count.open), (vec![21_845; 3], 0));
        let joined = [vec![0, 1, 2]];
        let count = of_names(&Lists { joined: &joined, ..lists(&votes, 9, formula) }, &[9; 3]);
        assert_eq!(count.seats, [3, 3, 3]);
    }
}

const FORMULAS: [Formula; 3] = [Formula::DHondt, Formula::SainteLague, Formula::Hare];

/// The seats of the highest of all quotients.
fn highest_quotients(votes: &[u64], names: &[usize], seats: usize, step: u64) -> Vec<usize> {
    let mut all = Vec::new();
    for (list, votes) in votes.iter().enumerate().filter(|(_, votes)| **votes > 0) {
        all.extend((0..names[list] as u64).map(|seat| (*votes, 1 + step * seat, list)));
    }
    all.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)).then(a.2.cmp(&b.2)));
    let mut given = vec![0; votes.len()];
    all.into_iter().take(seats).for_each(|(_, _, list)| given[list] += 1);
    given
}

fn hagenbach_bischoff(votes: &[u64], seats: u64) -> Vec<usize> {
    let quota = votes.iter().sum::<u64>() / (seats + 1) + 1;
    let mut given: Vec<u64> = votes.iter().map(|votes| votes / quota).collect();
    while given.iter().sum::<u64>() < seats {
        let ahead = |a: &usize, b: &usize| {
            (votes[*a] * (given[*b] + 1)).cmp(&(votes[*b] * (given[*a] + 1))).then(b.cmp(a))
        };
        let next = (0..votes.len()).max_by(ahead).unwrap();
        given[next] += 1;
    }
    given.into_iter().map(|seats| seats as usize).collect()
}

fn some_votes() -> impl Strategy<Value = Vec<u64>> {
    prop_oneof![vec(0u64..12, 1..6), vec(0u64..100_000, 1..6)]
        .prop_filter("no votes", |votes| votes.iter().any(|votes| *votes > 0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn divisors_take_the_highest_quotients(
        votes in some_votes(),
        places in 1u16..30,
        sizes in vec(0usize..12, 6),
    ) {
        for (formula, step) in [(Formula::DHondt, 1), (Formula::SainteLague, 2)] {
            let lists = lists(&votes, places, formula);
            let all = vec![places.into(); votes.len()];
            prop_assert_eq!(seats(&lists), highest_quotients(&votes, &all, places.into(), step));
            let sizes = &sizes[..votes.len()];
            let count = of_names(&Lists { unfilled: Unfilled::Others, ..lists }, sizes);
            prop_assert_eq!(count.seats, highest_quotients(&votes, sizes, places.into(), step));
        }
    }

    #[test]
    fn divisors_are_house_monotone(votes in some_votes(), places in 1u16..30) {
        for formula in [Formula::DHondt, Formula::SainteLague] {
            let [fewer, more] = [places, places + 1].map(|n| seats(&lists(&votes, n, formula)));
            prop_assert!(fewer.iter().zip(&more).all(|(fewer, more)| fewer <= more));
        }
    }

    #[test]
    fn dhondt_is_hagenbach_bischoff(votes in some_votes(), places in 1u16..30) {
        let by_quota = hagenbach_bischoff(&votes, places.into());
        prop_assert_eq!(seats(&lists(&votes, places, Formula::DHondt)), by_quota);
    }

    #[test]
    fn hare_stays_within_quota(votes in some_votes(), places in 1u16..30) {
        let given = seats(&lists(&votes, places, Formula::Hare));
        let (all, n) = (votes.iter().sum::<u64>(), u64::from(places));
        for (votes, seats) in votes.iter().zip(&given) {
            let whole = (votes * n / all) as usize;
            prop_assert!((whole..=(votes * n).div_ceil(all) as usize).contains(seats));
        }
        prop_assert_eq!(given.iter().sum::<usize>(), usize::from(places));
        for (i, j) in (0..votes.len()).flat_map(|i| (0..votes.len()).map(move |j| (i, j))) {
            prop_assert!(votes[i] <= votes[j] || given[i] >= given[j]);
        }
    }

    /// Each order of equals can be drawn. What a list gets in all of them is what it gets if ties stay open.
    #[test]
    fn open_is_what_every_lot_gives(votes in vec(0u64..6, 1..5), places in 1u16..9) {
        for formula in FORMULAS {
            let of = lists(&votes, places, formula);
            let sizes = vec![places.into(); votes.len()];
            let mut least = vec![usize::MAX; votes.len()];
            for order in permutations(votes.len()) {
                let lots = keys(&order);
                let lists = Lists { tie_break: TieBreak::Lot, lots: &lots, ..of };
                let given = of_names(&lists, &sizes).seats;
                least = least.into_iter().zip(given).map(|(a, b)| a.min(b)).collect();
            }
            let open = of_names(&Lists { tie_break: TieBreak::Open, ..of }, &sizes);
            prop_assert_eq!(open.seats, least);
        }
    }

    #[test]
    fn no_seat_is_lost(
        votes in some_votes(),
        places in 1u16..20,
        sizes in vec(0usize..8, 6),
        group in proptest::sample::subsequence(std::vec![0, 1, 2, 3, 4, 5], 0..4),
        which in 0usize..3,
        others in any::<bool>(),
    ) {
        let group: Vec<usize> = group.into_iter().filter(|list| *list < votes.len()).collect();
        let sizes = &sizes[..votes.len()];
        let unfilled = if others { Unfilled::Others } else { Unfilled::Open };
        let lists = Lists { joined: &[group], unfilled, ..lists(&votes, places, FORMULAS[which]) };
        let count = of_names(&lists, sizes);
        let elected: usize = count.winners.iter().map(|winners| winners.elected.len()).sum();
        prop_assert_eq!(elected + count.open, usize::from(places));
        let standing = votes.iter().zip(sizes).filter(|(votes, _)| **votes > 0);
        let names: usize = standing.map(|(_, size)| *size).sum();
        if others {
            prop_assert_eq!(elected, names.min(places.into()));
        } else {
            prop_assert_eq!(count.seats.iter().sum::<usize>(), usize::from(places));
        }
    }
}
