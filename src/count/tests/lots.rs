use super::*;

#[test]
fn ties_by_lot_in_rounds() {
    let rankings: [(u64, &[usize]); 4] = [(3, &[0, 2]), (4, &[1, 0]), (6, &[2]), (1, &[3, 0, 2])];
    let profile = profile(4, &rankings);
    let counting = Counting { method: Method::InstantRunoff, seats: 1, tie_break: TieBreak::Lot };
    let count = count_with_lots(&profile, &counting, &keys(&[1, 0, 2, 3])).unwrap();
    assert_eq!(count.ties, [Tie { round: 1, order: vec![1, 0], decided: Decided::Lot }]);
    assert!(count.to_string().contains("  tie, in this order by lot: candidate 1, candidate 0\n"));
    let missing = CountingError::Lots { found: 0, candidates: 4 };
    assert_eq!(super::count(&profile, &counting), Err(missing));
}

#[test]
fn ties_that_stay_open() {
    let rankings: [(u64, &[usize]); 3] = [(2, &[0, 1, 2]), (1, &[1, 0, 2]), (1, &[2, 0, 1])];
    let profile = profile(3, &rankings);
    let count = run(&profile, Method::Plurality, 2, TieBreak::Open);
    assert_eq!(count.elected, [0]);
    assert_eq!(count.ties, [Tie { round: 0, order: vec![1, 2], decided: Decided::Open }]);
    assert!(count.to_string().contains("  tie, left open: candidate 1, candidate 2\n"));
    for method in [Method::InstantRunoff, DROOP, HARE] {
        let counting = Counting { method, seats: 1, tie_break: TieBreak::Open };
        assert_eq!(super::count(&profile, &counting), Err(CountingError::OpenRounds));
    }
    let mut equal = Profile::new(3);
    equal.add(Ranking::new(3, vec![vec![1, 2], vec![0]]).unwrap(), 5).unwrap();
    let tie = |decided| Tie { round: 0, order: vec![1, 2], decided };
    for (seats, elected, decided) in
        [(1, &[][..], Decided::Open), (2, &[1, 2], Decided::Order), (3, &[1, 2, 0], Decided::Order)]
    {
        for method in [Method::Schulze, Method::Borda] {
            let count = run(&equal, method, seats, TieBreak::Open);
            assert_eq!((&count.elected[..], &count.ties[..]), (elected, &[tie(decided)][..]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A lot is another order of the candidates.
    #[test]
    fn lots_are_an_order(
        (n, rankings) in rankings(),
        counting in countings(),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let order: Vec<_> = order.into_iter().filter(|c| *c < n).collect();
        let place = |c: &usize| order.iter().position(|of| of == c).unwrap();
        let renamed: Vec<_> = rankings
            .iter()
            .map(|(ranking, times)| (ranking.iter().map(place).collect(), *times))
            .collect();
        let by_order = Counting { tie_break: TieBreak::Order, ..counting };
        let Ok(expected) = count(&of(n, &renamed), &by_order) else { return Ok(()) };
        let by_lot = Counting { tie_break: TieBreak::Lot, ..counting };
        let found = count_with_lots(&of(n, &rankings), &by_lot, &keys(&order)).unwrap();
        let elected: Vec<_> = expected.elected.iter().map(|place| order[*place]).collect();
        prop_assert_eq!(found.elected, elected);
        prop_assert_eq!(found.ties.len(), expected.ties.len());
    }
}
