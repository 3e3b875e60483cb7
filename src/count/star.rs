//! STAR: score, then automatic runoff.

use super::{
    CountingError, Decided, StarRound, Terms, Tie, Winners,
    fill::check_length,
    pairs::{check_square, over},
    ties::Breaker,
};
use alloc::{vec, vec::Vec};
use core::cmp::{Ordering, Reverse};

/// Totals of scores.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a> {
    /// The points of every candidate.
    pub points: &'a [u64],
    /// How many scored the row higher than the column. What stands on the diagonal does not matter.
    pub preferences: &'a [Vec<u64>],
    /// How many gave each candidate the highest score, if that is known.
    pub top: Option<&'a [u64]>,
}

/// A count by STAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarCount {
    /// Who is elected. The round of a tie is that of the seat.
    pub winners: Winners,
    /// One for each seat until one stays open.
    pub rounds: Vec<StarRound>,
}

/// A count by STAR (Equal Vote Coalition, starvoting.org); for several seats by Bloc STAR, which repeats it without those elected.
/// If there are no points at all, nobody is elected.
///
/// The two with the most points meet, and the one whom more voters prefer wins. Ties are broken by the coalition's Official
/// Tie-breaker Protocol, except for its last step, which is the tie-break here:
///
/// - Of two with equally many points for one place in the runoff, the preferred one comes ahead; of three or more, or if neither is
///   preferred, the one with more top scores.
/// - Of two who are preferred by equally many, the one with more points wins, and then the one with more top scores.
///
/// A seat that stays open ends the count: without its winner there is no next round.
///
/// # Errors
///
/// - [`CountingError::Length`]: not one number for each candidate, or no square.
pub fn count_star(scores: &Scores<'_>, terms: &Terms<'_>) -> Result<StarCount, CountingError> {
    let Scores { points, preferences, top } = *scores;
    let breaker = terms.check(points.len())?;
    check_square(preferences, points.len())?;
    top.map_or(Ok(()), |top| check_length(top.len(), points.len()))?;
    let mut race = Race { scores, breaker, ties: Vec::new(), round: 0 };
    let mut left = terms.standing(points.len());
    let (mut elected, mut rounds) = (Vec::new(), Vec::new());
    let seats = usize::from(terms.seats);
    while elected.len() < seats && points.iter().any(|points| *points > 0) {
        race.round = elected.len();
        let Some(finalists) = race.finalists(&left).and_then(|two| race.runoff(two)) else { break };
        let Some(winner) = finalists.first().copied() else { break };
        left.retain(|candidate| *candidate != winner);
        elected.push(winner);
        let preferences = match *finalists.as_slice() {
            [a, b] => vec![over(preferences, a, b), over(preferences, b, a)],
            _ => Vec::new(),
        };
        rounds.push(StarRound { finalists, preferences });
    }
    let open = seats - elected.len();
    Ok(StarCount { winners: Winners { elected, open, ties: race.ties }, rounds })
}

struct Race<'a> {
    scores: &'a Scores<'a>,
    breaker: Breaker<'a>,
    ties: Vec<Tie>,
    round: usize,
}

impl Race<'_> {
    fn points(&self, candidate: usize) -> u64 {
        self.scores.points.get(candidate).copied().unwrap_or(0)
    }

    /// Who has more top scores; those ahead are less.
    fn by_top(&self, a: usize, b: usize) -> Ordering {
        self.scores.top.map_or(Ordering::Equal, |top| top.get(b).cmp(&top.get(a)))
    }

    fn by_preferences(&self, a: usize, b: usize) -> Ordering {
        over(self.scores.preferences, b, a).cmp(&over(self.scores.preferences, a, b))
    }

    /// These in order, of whom the first `places` go on; `None` if equals would have to share the last place and it stays open.
    fn sort(&mut self, mut tied: Vec<usize>, places: usize) -> Option<Vec<usize>> {
        tied.sort_by(|a, b| self.by_top(*a, *b).then_with(|| self.breaker.compare(*a, *b)));
        let (last_in, first_out) = (places.checked_sub(1)?, places);
        let equal = |(a, b): (&usize, &usize)| self.by_top(*a, *b).is_eq();
        let contested = tied.get(last_in).zip(tied.get(first_out)).is_some_and(equal);
        let decided = if contested { self.breaker.decided(true) } else { Decided::TopScores };
        self.note(tied.clone(), decided);
        (decided != Decided::Open).then_some(tied)
    }

    fn note(&mut self, order: Vec<usize>, decided: Decided) {
        self.ties.push(Tie { round: self.round, order, decided });
    }

    /// The two with the most points, or the only one.
    fn finalists(&mut self, left: &[usize]) -> Option<Vec<usize>> {
        let mut order = left.to_vec();
        order.sort_by_key(|candidate| Reverse(self.points(*candidate)));
        let groups: Vec<_> = order.chunk_by(|a, b| self.points(*a) == self.points(*b)).collect();
        let mut finalists = Vec::new();
        for equals in groups {
            let places = 2usize.saturating_sub(finalists.len());
            match *equals {
                _ if places == 0 => break,
                _ if equals.len() <= places => finalists.extend_from_slice(equals),
                [a, b] if self.by_preferences(a, b).is_ne() => {
                    let order = if self.by_preferences(a, b).is_lt() { [a, b] } else { [b, a] };
                    self.note(order.into(), Decided::Preferences);
                    finalists.extend(order.into_iter().take(places));
                }
                _ => finalists.extend(self.sort(equals.to_vec(), places)?.into_iter().take(places)),
            }
        }
        Some(finalists)
    }

    /// The finalists, the winner first.
    fn runoff(&mut self, finalists: Vec<usize>) -> Option<Vec<usize>> {
        let [a, b] = *finalists.as_slice() else { return Some(finalists) };
        let by_points = self.points(b).cmp(&self.points(a));
        let preferences = self.by_preferences(a, b);
        match preferences.then(by_points) {
            Ordering::Equal => self.sort(finalists, 1),
            ahead => {
                let order = if ahead.is_lt() { [a, b] } else { [b, a] };
                if preferences.is_eq() {
                    self.note(order.into(), Decided::Points);
                }
                Some(order.into())
            }
        }
    }
}
