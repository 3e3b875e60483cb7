//! Majority judgment: grades instead of points.

use super::{
    CountingError, Judgment, Terms, Winners,
    fill::{check_length, fill},
    ties::Breaker,
};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// A count by majority judgment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GradesCount {
    /// Who is elected.
    pub winners: Winners,
    /// The grades of every candidate in short.
    pub judgments: Vec<Judgment>,
    /// All who can be elected, the best first.
    pub order: Vec<usize>,
    /// For each of these but the last, how many median grades, equal to those of the next one, were taken away until one was
    /// better; `None` if all grades are equal.
    pub removed: Vec<Option<u64>>,
}

/// A count by majority judgment (M. Balinski and R. Laraki, A theory of measuring, electing, and ranking, PNAS 104, 2007). Each
/// candidate's row says how many gave each grade, the best grade first; all rows have the same sum. If it is 0, nobody is elected.
///
/// The better median grade is ahead. If they are equal, one such grade is taken from each, and the medians of the rest are compared,
/// until they differ. Candidates with the same grades throughout are tied.
///
/// # Errors
///
/// - [`CountingError::Length`]: a row has more or fewer grades than the first.
/// - [`CountingError::Totals`]: a row has another sum than the first, or one that does not fit 64 bits.
pub fn count_grades(grades: &[Vec<u64>], terms: &Terms<'_>) -> Result<GradesCount, CountingError> {
    let breaker: Breaker<'_> = terms.check(grades.len())?;
    let mut voters = None;
    for (candidate, row) in grades.iter().enumerate() {
        check_length(row.len(), grades.first().map_or(0, Vec::len))?;
        let sum = row.iter().try_fold(0u64, |sum, n| sum.checked_add(*n));
        if sum.is_none() || *voters.get_or_insert(sum) != sum {
            return Err(CountingError::Totals { candidate });
        }
    }
    let voters = voters.flatten().unwrap_or(0);
    let medians: Vec<Medians> = grades.iter().map(|row| Medians::of(row, voters)).collect();
    let compare = |a: usize, b: usize| match (medians.get(a), medians.get(b)) {
        (Some(a), Some(b)) => a.difference(b),
        _ => None,
    };
    let ahead = |a, b| compare(a, b).map_or(Ordering::Equal, |(_, ahead)| ahead);
    let seats = usize::from(terms.seats);
    let mut order = terms.standing(grades.len());
    let winners = match voters {
        0 => Winners::nobody(seats),
        _ => fill(order.iter().copied(), ahead, seats, breaker),
    };
    order.sort_by(|a, b| ahead(*a, *b).then_with(|| breaker.compare(*a, *b)));
    let next = order.iter().zip(order.iter().skip(1));
    let removed = next.map(|(a, b)| compare(*a, *b).map(|(removed, _)| removed)).collect();
    let judgments = grades.iter().zip(&medians).map(|(row, medians)| medians.judge(row)).collect();
    Ok(GradesCount { winners, judgments, order, removed })
}

/// Equal grades one after the other: which, and how many.
type Runs = Vec<(usize, u64)>;

/// The median grades of a candidate as they are taken away. They alternate between the grades on both sides of the middle, the
/// nearest first; `first` has the first, third, … of them, `second` the others.
struct Medians {
    first: Runs,
    second: Runs,
}

impl Medians {
    fn of(row: &[u64], voters: u64) -> Self {
        // The better half, with the middle one if there is one.
        let mut better_left = voters.div_ceil(2);
        let (mut better, mut worse) = (Runs::new(), Runs::new());
        for (grade, count) in row.iter().copied().enumerate() {
            let of_better = count.min(better_left);
            better_left -= of_better;
            better.push((grade, of_better));
            worse.push((grade, count - of_better));
        }
        better.reverse();
        // With an even number the first is the worse of the two in the middle.
        let [first, second] = if voters % 2 == 1 { [better, worse] } else { [worse, better] };
        Self { first, second }
    }

    /// How many are taken away before they differ, and then who is ahead.
    fn difference(&self, other: &Self) -> Option<(u64, Ordering)> {
        let first = difference(&self.first, &other.first).map(|(at, ahead)| (2 * at, ahead));
        let second = difference(&self.second, &other.second).map(|(at, ahead)| (2 * at + 1, ahead));
        first.into_iter().chain(second).min_by_key(|(at, _)| *at)
    }

    fn judge(&self, row: &[u64]) -> Judgment {
        let median = self.first.iter().find(|(_, count)| *count > 0).map_or(0, |(grade, _)| *grade);
        let sum = |part: Option<&[u64]>| part.unwrap_or_default().iter().sum();
        Judgment { median, better: sum(row.get(..median)), worse: sum(row.get(median + 1..)) }
    }
}

/// The first place at which they differ, and which has the better grade there.
fn difference(a: &[(usize, u64)], b: &[(usize, u64)]) -> Option<(u64, Ordering)> {
    let (mut a, mut b) = (a.iter().copied(), b.iter().copied());
    let (mut one, mut other) = ((0, 0), (0, 0));
    let mut at = 0;
    loop {
        while one.1 == 0 {
            one = a.next()?;
        }
        while other.1 == 0 {
            other = b.next()?;
        }
        if one.0 != other.0 {
            return Some((at, one.0.cmp(&other.0)));
        }
        let equal = one.1.min(other.1);
        at += equal;
        one.1 -= equal;
        other.1 -= equal;
    }
}
