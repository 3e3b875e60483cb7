use super::*;
use alloc::collections::BTreeSet;

fn preferences(profile: &Profile) -> Vec<Vec<u64>> {
    let n = profile.candidates();
    let mut sums = vec![vec![0; n]; n];
    for (ranking, times) in profile.rankings() {
        let groups: Vec<_> = ranking.groups().collect();
        let place = |c| groups.iter().position(|group| group.contains(&c)).unwrap_or(n);
        for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
            sums[i][j] += if place(i) < place(j) { times } else { 0 };
        }
    }
    sums
}

fn pairs(profile: &Profile, counting: &Counting, withdrawn: &BTreeSet<usize>) -> Count {
    count_pairs(&preferences(profile), profile.votes(), counting, &[], withdrawn).unwrap()
}

#[test]
fn borda_is_the_sums_of_rows() {
    let profile = tennessee();
    let counting = Counting { method: Method::Borda, seats: 4, tie_break: TieBreak::Order };
    let rows: Vec<u64> = preferences(&profile).iter().map(|row| row.iter().sum()).collect();
    assert_eq!(rows, [126, 194, 173, 107]);
    let count = pairs(&profile, &counting, &BTreeSet::new());
    assert_eq!(scores(&count), ["126.0", "194.0", "173.0", "107.0"]);
    let count = pairs(&profile, &Counting { seats: 2, ..counting }, &[1].into());
    assert_eq!(count.elected, [2, 0]);
}

#[test]
fn wrong_pairs() {
    let of = |preferences: &[Vec<u64>], method| {
        let counting = Counting { method, seats: 1, tie_break: TieBreak::Order };
        count_pairs(preferences, 10, &counting, &[], &BTreeSet::new()).map(|count| count.elected)
    };
    assert_eq!(of(&[vec![99, 6], vec![4, 99]], Method::Schulze), Ok(vec![0]));
    assert_eq!(of(&[vec![99, 6], vec![4, 99]], Method::Borda), Ok(vec![0]));
    assert_eq!(of(&[vec![0, 6], vec![4, 0]], Method::Plurality), Err(CountingError::NotByPairs));
    let length = CountingError::Length { found: 1, expected: 2 };
    assert_eq!(of(&[vec![0, 6], vec![4]], Method::Borda), Err(length));
    let totals = CountingError::Totals { candidate: 1 };
    assert_eq!(of(&[vec![0, 6], vec![5, 0]], Method::Borda), Err(totals));
    assert_eq!(of(&[vec![0, u64::MAX], vec![1, 0]], Method::Schulze), Err(totals));
}

fn weak_orders() -> impl Strategy<Value = Profile> {
    (1usize..=5).prop_flat_map(|n| {
        vec((vec(0u8..4, n), 1u64..9), 0..8).prop_map(move |ballots| {
            let mut profile = Profile::new(n);
            for (ranks, times) in ballots {
                let ranks: Vec<_> = ranks.into_iter().enumerate().collect();
                profile.add(merge(&ranks), times).unwrap();
            }
            profile
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn pairs_are_counted_as_rankings(profile in weak_orders(), borda in any::<bool>(), seats in 1u16..5) {
        let method = if borda { Method::Borda } else { Method::Schulze };
        let seats = seats.min(profile.candidates() as u16);
        for tie_break in [TieBreak::Order, TieBreak::Open] {
            let counting = Counting { method, seats, tie_break };
            let expected = count(&profile, &counting).unwrap();
            prop_assert_eq!(pairs(&profile, &counting, &BTreeSet::new()), expected);
        }
    }

    /// The others are counted as if the last one did not stand.
    #[test]
    fn withdrawn_do_not_stand(profile in weak_orders(), borda in any::<bool>()) {
        let n = profile.candidates();
        prop_assume!(n > 1 && profile.votes() > 0);
        let sums = preferences(&profile);
        let without: Vec<Vec<u64>> = sums[..n - 1].iter().map(|row| row[..n - 1].to_vec()).collect();
        let method = if borda { Method::Borda } else { Method::Schulze };
        let counting = Counting { method, seats: n as u16 - 1, tie_break: TieBreak::Order };
        let votes = profile.votes();
        let expected = count_pairs(&without, votes, &counting, &[], &BTreeSet::new()).unwrap();
        let found = pairs(&profile, &counting, &[n - 1].into());
        prop_assert_eq!(found.elected, expected.elected);
        prop_assert_eq!(found.ties, expected.ties);
    }
}
