//! Methods that add up points: plurality and Borda.

use super::{Decimal, Profile, Workings, result::Counted, ties::Standing};
use alloc::{vec, vec::Vec};

pub(super) fn plurality(profile: &Profile, seats: usize) -> Counted {
    let mut votes = vec![0u128; profile.candidates()];
    for (ranking, times) in profile.rankings() {
        for candidate in ranking.groups().next().into_iter().flatten() {
            if let Some(entry) = votes.get_mut(*candidate) {
                *entry += u128::from(times);
            }
        }
    }
    highest(profile, seats, votes.into_iter().map(|n| Decimal::new(n, 0)).collect())
}

pub(super) fn borda(profile: &Profile, seats: usize) -> Counted {
    let n = profile.candidates();
    // Twice the points, which are integers. At most 2n times the number of votes, which fits.
    let mut doubled = vec![0u128; n];
    for (ranking, times) in profile.rankings() {
        let ranked: usize = ranking.groups().map(<[usize]>::len).sum();
        // Those with from `below` to `above − 1` candidates after them share the points, twice `(above + below − 1)/2` each.
        let share = |above: usize, below: usize| u128::from(times) * (above + below - 1) as u128;
        let mut left = vec![share(n.saturating_sub(ranked).max(1), 0); n];
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
    highest(profile, seats, doubled.into_iter().map(tenths).collect())
}

fn highest(profile: &Profile, seats: usize, scores: Vec<Decimal>) -> Counted {
    if profile.votes() == 0 {
        return (Vec::new(), Vec::new(), Workings::Scores(scores));
    }
    let standing = Standing::of_scores(&scores);
    let mut sorted = standing.sort(0..scores.len());
    let ties = standing.ties(&sorted, seats);
    sorted.truncate(seats);
    (sorted, ties, Workings::Scores(scores))
}
