use super::*;
use alloc::collections::BTreeSet;

fn terms(seats: u16, tie_break: TieBreak, withdrawn: &BTreeSet<usize>) -> Terms<'_> {
    Terms { seats, tie_break, lots: &[], withdrawn }
}

fn cap(of: &[usize], most: u16) -> Cap {
    Cap { of: of.to_vec(), most }
}

fn elect(votes: &[u64], caps: &[Cap], seats: u16, tie_break: TieBreak) -> VotesCount {
    count_votes(votes, None, caps, &terms(seats, tie_break, &BTreeSet::new())).unwrap()
}

#[test]
fn most_votes_win() {
    let count = elect(&[42, 26, 15, 17], &[], 2, TieBreak::Order);
    assert_eq!(count.winners, Winners { elected: vec![0, 1], open: 0, ties: vec![] });
    // With votes at all, the seats are filled even with those who have none; without, none is.
    assert_eq!(elect(&[0, 1, 0], &[], 2, TieBreak::Order).winners.elected, [1, 0]);
    assert_eq!(
        elect(&[0, 0, 0], &[], 2, TieBreak::Order).winners,
        Winners { open: 2, ..Winners::default() }
    );
}

#[test]
fn withdrawn_are_passed_over() {
    let withdrawn = [0, 3].into();
    let count = count_votes(&[42, 26, 15, 17], None, &[], &terms(3, TieBreak::Order, &withdrawn));
    let winners = count.unwrap().winners;
    assert_eq!((winners.elected, winners.open), (vec![1, 2], 1));
}

#[test]
fn a_share_is_needed() {
    let needed = |numerator, denominator, of| {
        Some(MoreThan { share: Fraction::new(numerator, denominator).unwrap(), of })
    };
    let none = BTreeSet::new();
    let of = |needed| {
        count_votes(&[60, 50, 30], needed, &[], &terms(2, TieBreak::Order, &none)).unwrap()
    };
    // More than half of 100.
    let count = of(needed(1, 2, 100));
    assert_eq!((count.winners.elected, count.winners.open), (vec![0], 1));
    assert_eq!(count.too_few, [1, 2]);
    assert_eq!(of(needed(1, 2, 99)).winners.elected, [0, 1]);
    assert_eq!(of(needed(1, 1, u64::MAX)).winners.open, 2);
    for (numerator, denominator) in [(1, 0), (2, 1)] {
        let error = CountingError::Fraction { numerator, denominator };
        assert_eq!(Fraction::new(numerator, denominator), Err(error));
    }
    assert_eq!(Fraction::new(5, 100).unwrap().to_string(), "5/100");
}

/// Referendum on the Scotland Act 1978, 1 March 1979: a majority said yes, but less than the 40% of 3,747,112 who could vote that
/// section 85(2) of the act asked for.
#[test]
fn scotland_1979() {
    let (yes, no, roll) = (1_230_937, 1_153_502, 3_747_112);
    let share = |numerator, denominator| Fraction::new(numerator, denominator).unwrap();
    let majority = MoreThan { share: share(1, 2), of: yes + no };
    let agree = AtLeast { share: share(40, 100), of: roll };
    let answer = Question { yes, majority, quorum: Some((yes, agree)) }.answer();
    assert_eq!((answer.majority, answer.quorum), (true, false));
    assert!(!answer.passes());
    assert!(Question { yes, majority, quorum: Some((yes + no, agree)) }.answer().passes());
    assert!(Question { yes, majority, quorum: None }.answer().passes());
    // Exactly half is not more than half; exactly the quorum is enough.
    let half = MoreThan { share: share(1, 2), of: 2 * yes };
    let exact = AtLeast { share: share(1, 2), of: 2 * yes };
    let answer = Question { yes, majority: half, quorum: Some((yes, exact)) }.answer();
    assert_eq!((answer.majority, answer.quorum), (false, true));
    // Of nobody nothing is the majority.
    let nobody = MoreThan { share: share(1, 2), of: 0 };
    assert!(!Question { yes: 0, majority: nobody, quorum: None }.answer().passes());
}

#[test]
fn full_groups_are_passed_over() {
    let count = elect(&[50, 40, 30, 20, 10], &[cap(&[0, 1, 2], 2)], 3, TieBreak::Order);
    assert_eq!(count.winners.elected, [0, 1, 3]);
    assert_eq!(count.passed_over, [2]);
    let count = elect(&[50, 40, 30], &[cap(&[0, 1, 2], 2)], 3, TieBreak::Order);
    assert_eq!((count.winners.elected, count.winners.open), (vec![0, 1], 1));
    let none = BTreeSet::new();
    let wrong =
        |caps: &[Cap]| count_votes(&[1, 2, 3], None, caps, &terms(1, TieBreak::Order, &none));
    assert_eq!(wrong(&[cap(&[3], 1)]), Err(CountingError::Number { found: 3 }));
    assert_eq!(wrong(&[cap(&[0, 1], 1), cap(&[1], 1)]), Err(CountingError::Number { found: 1 }));
}

#[test]
fn ties_that_stay_open() {
    let tie = |order, decided| Tie { round: 0, order, decided };
    let count = elect(&[5, 3, 3, 1], &[], 2, TieBreak::Open);
    assert_eq!((count.winners.elected, count.winners.open), (vec![0], 1));
    assert_eq!(count.winners.ties, [tie(vec![1, 2], Decided::Open)]);
    let count = elect(&[5, 3, 3, 1], &[], 3, TieBreak::Open);
    assert_eq!(count.winners.elected, [0, 1, 2]);
    assert_eq!(count.winners.ties, [tie(vec![1, 2], Decided::Order)]);
    // One of the first two would have the only place of their group. The third is elected whoever it is, and so is the last,
    // but not the fourth, who is of the full group.
    let count = elect(&[3, 3, 3, 2, 1], &[cap(&[0, 1, 3], 1)], 3, TieBreak::Open);
    assert_eq!((count.winners.elected, count.winners.open), (vec![2, 4], 1));
    assert_eq!(count.passed_over, [3]);
}

#[test]
fn wrong_terms() {
    let none = BTreeSet::new();
    let of = |terms: Terms<'_>| count_votes(&[1, 2], None, &[], &terms).map(|_| ());
    let good = terms(1, TieBreak::Order, &none);
    assert_eq!(of(good), Ok(()));
    for found in [0, 3] {
        let error = CountingError::Seats { found, candidates: 2 };
        assert_eq!(of(Terms { seats: found, ..good }), Err(error));
    }
    assert_eq!(
        of(Terms { withdrawn: &[2].into(), ..good }),
        Err(CountingError::Number { found: 2 })
    );
    let lots = [[0; 32]];
    let by_lot = Terms { tie_break: TieBreak::Lot, lots: &lots, ..good };
    assert_eq!(of(by_lot), Err(CountingError::Lots { found: 1, candidates: 2 }));
}

/// All choices of so many that no group has too many, as bits.
fn most_that_can_be(votes: &[u64], caps: &[Cap], seats: u16) -> u64 {
    let fits = |set: &u32| {
        let within =
            |cap: &Cap| cap.of.iter().filter(|c| set >> **c & 1 == 1).count() <= cap.most.into();
        set.count_ones() <= seats.into() && caps.iter().all(within)
    };
    let sum =
        |set: u32| votes.iter().enumerate().map(|(c, votes)| u64::from(set >> c & 1) * votes).sum();
    (0..1 << votes.len()).filter(fits).map(sum).max().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// With each candidate in one group at most, taking whoever comes first finds the choice with the most votes.
    #[test]
    fn caps_elect_those_with_the_most_votes(
        votes in vec(1u64..9, 1..7),
        seats in 1u16..5,
        groups in vec(0usize..3, 7),
        most in vec(0u16..3, 2),
    ) {
        let seats = seats.min(votes.len() as u16);
        let group = |g: usize| (0..votes.len()).filter(|c| groups[*c] == g).collect::<Vec<_>>();
        let caps = [cap(&group(0), most[0]), cap(&group(1), most[1])];
        let count = elect(&votes, &caps, seats, TieBreak::Order);
        let sum: u64 = count.winners.elected.iter().map(|c| votes[*c]).sum();
        prop_assert_eq!(sum, most_that_can_be(&votes, &caps, seats));
        for cap in &caps {
            let of = count.winners.elected.iter().filter(|c| cap.of.contains(c));
            prop_assert!(of.count() <= cap.most.into());
        }
    }

    /// Each order of equals can be drawn. Who is elected in all of them is elected if ties stay open.
    #[test]
    fn open_is_what_every_lot_gives(
        votes in vec(0u64..4, 1..6),
        seats in 1u16..5,
        groups in vec(0usize..3, 6),
        most in vec(0u16..3, 2),
    ) {
        let seats = seats.min(votes.len() as u16);
        let group = |g: usize| (0..votes.len()).filter(|c| groups[*c] == g).collect::<Vec<_>>();
        let caps = [cap(&group(0), most[0]), cap(&group(1), most[1])];
        let none = BTreeSet::new();
        let mut always: BTreeSet<usize> = (0..votes.len()).collect();
        for order in permutations(votes.len()) {
            let lots = keys(&order);
            let terms = Terms { lots: &lots, ..terms(seats, TieBreak::Lot, &none) };
            let elected = count_votes(&votes, None, &caps, &terms).unwrap().winners.elected;
            always.retain(|candidate| elected.contains(candidate));
        }
        let open = elect(&votes, &caps, seats, TieBreak::Open).winners;
        prop_assert_eq!(open.elected.into_iter().collect::<BTreeSet<_>>(), always);
    }
}
