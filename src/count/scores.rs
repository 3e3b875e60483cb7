//! Methods that add up points: plurality and Borda.

use super::{Decimal, Profile, Workings, fill::fill, result::Counted, ties::Breaker};
use alloc::{vec, vec::Vec};

pub(super) fn plurality(
    profile: &Profile,
    standing: &[usize],
    seats: usize,
    breaker: Breaker<'_>,
) -> Counted {
    let mut votes = vec![0u128; profile.candidates()];
    for (ranking, times) in profile.rankings() {
        for candidate in ranking.groups().next().into_iter().flatten() {
            if let Some(entry) = votes.get_mut(*candidate) {
                *entry += u128::from(times);
            }
        }
    }
    highest(
        standing,
        profile.votes(),
        seats,
        breaker,
        votes.into_iter().map(|n| Decimal::new(n, 0)).collect(),
    )
}

/// All but these candidates, in ascending order, are as if they did not stand. Nobody ranks the others.
pub(super) fn borda(
    profile: &Profile,
    standing: &[usize],
    seats: usize,
    breaker: Breaker<'_>,
) -> Counted {
    let n = standing.len();
    // Twice the points, which are integers. At most 2n times the number of votes, which fits.
    let mut doubled = vec![0u128; profile.candidates()];
    for (ranking, times) in profile.rankings() {
        let ranked: usize = ranking.groups().map(<[usize]>::len).sum();
        // Those with from `below` to `above − 1` candidates after them share the points, twice `(above + below − 1)/2` each.
        let share = |above: usize, below: usize| u128::from(times) * (above + below - 1) as u128;
        let unranked = share(n.saturating_sub(ranked).max(1), 0);
        let mut left = vec![0; profile.candidates()];
        for candidate in standing {
            if let Some(entry) = left.get_mut(*candidate) {
                *entry = unranked;
            }
        }
        let mut place = 0;
        for group in ranking.groups() {
            let points = share(n - place, n - place - group.len());
            place += group.len();
            for candidate in group {
                if let Some(entry) = left.get_mut(*candidate) {
                    *entry = points;
                }
            }
        }
        doubled.iter_mut().zip(left).for_each(|(sum, points)| *sum += points);
    }
    // A half is five tenths.
    let tenths = |doubled: u128| Decimal::new(5 * doubled, 1);
    highest(standing, profile.votes(), seats, breaker, doubled.into_iter().map(tenths).collect())
}

/// The candidates with the highest of these scores; nobody if there are no votes.
pub(super) fn highest(
    candidates: &[usize],
    votes: u64,
    seats: usize,
    breaker: Breaker<'_>,
    scores: Vec<Decimal>,
) -> Counted {
    if votes == 0 {
        return (Vec::new(), Vec::new(), Workings::Scores(scores));
    }
    let filled =
        fill(candidates.iter().copied(), |a, b| scores.get(b).cmp(&scores.get(a)), seats, breaker);
    (filled.elected, filled.ties, Workings::Scores(scores))
}
