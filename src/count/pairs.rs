//! Counts of preferences between pairs that were summed.

use super::{
    Count, Counting, CountingError, Decimal, LotKey, Method, Terms, fill::check_length, schulze,
    scores,
};
use alloc::{collections::BTreeSet, vec::Vec};

/// Checks that each of this many candidates has one preference over every one.
pub(super) fn check_square(
    preferences: &[Vec<u64>],
    candidates: usize,
) -> Result<(), CountingError> {
    check_length(preferences.len(), candidates)?;
    preferences.iter().try_for_each(|row| check_length(row.len(), candidates))
}

/// How many prefer `i` to `j`.
pub(super) fn over(preferences: &[Vec<u64>], i: usize, j: usize) -> u64 {
    preferences.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
}

/// A count by [`Method::Schulze`] or [`Method::Borda`] of the preferences of `votes` voters: those who have the row above the
/// column, by pairs. What stands on the diagonal does not matter. The result is that of [`count`](super::count()) if these come
/// from rankings.
///
/// A voter gives a candidate one point by Borda for each other whom she prefers the candidate to, and a half for each who is equal.
/// Without ties these are the sums of the rows.
///
/// # Errors
///
/// - [`CountingError::NotByPairs`]: another method.
/// - [`CountingError::Length`]: the preferences are no square.
/// - [`CountingError::Totals`]: more preferences between two candidates than votes.
pub fn count_pairs(
    preferences: &[Vec<u64>],
    votes: u64,
    counting: &Counting,
    lots: &[LotKey],
    withdrawn: &BTreeSet<usize>,
) -> Result<Count, CountingError> {
    let Counting { method, seats, tie_break } = *counting;
    let candidates = preferences.len();
    let terms = Terms { seats, tie_break, lots, withdrawn };
    let breaker = terms.check(candidates)?;
    check_square(preferences, candidates)?;
    for i in 0..candidates {
        for j in 0..i {
            let both = over(preferences, i, j).checked_add(over(preferences, j, i));
            if both.is_none_or(|both| both > votes) {
                return Err(CountingError::Totals { candidate: i });
            }
        }
    }
    let standing = terms.standing(candidates);
    let seats = usize::from(seats);
    let (elected, ties, workings) = match method {
        Method::Schulze => {
            schulze::of_preferences(preferences.to_vec(), &standing, votes, seats, breaker)
        }
        Method::Borda => {
            // Twice the points: both preferences and all equal ones are the votes.
            let doubled = |i: usize, j: usize| {
                u128::from(votes) + u128::from(over(preferences, i, j))
                    - u128::from(over(preferences, j, i))
            };
            let points = |i: usize| -> u128 {
                standing.iter().filter(|j| i != **j).map(|j| doubled(i, *j)).sum()
            };
            let points = (0..candidates).map(|i| Decimal::new(5 * points(i), 1)).collect();
            scores::highest(&standing, votes, seats, breaker, points)
        }
        _ => return Err(CountingError::NotByPairs),
    };
    Ok(Count { counting: *counting, candidates, votes, elected, ties, workings })
}
