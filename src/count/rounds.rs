//! Methods that go by rounds: instant runoff and single transferable vote.

use super::{
    CountRound, Decimal, Quota, Step, Tie, Workings,
    piles::Piles,
    result::Counted,
    ties::{Breaker, Standing},
};
use alloc::{vec, vec::Vec};

/// The rounds so far, and what a new one starts with.
struct Course<'a> {
    breaker: Breaker<'a>,
    rounds: Vec<CountRound>,
    ties: Vec<Tie>,
}

impl<'a> Course<'a> {
    fn new(breaker: Breaker<'a>) -> Self {
        Self { breaker, rounds: Vec::new(), ties: Vec::new() }
    }

    fn start(&mut self, piles: &Piles<'_>) {
        let totals = piles.totals().map(|total| piles.number(total)).collect();
        let (exhausted, lost) = (piles.number(piles.exhausted()), piles.number(piles.lost()));
        self.rounds.push(CountRound { totals, exhausted, lost, elected: Vec::new(), step: None });
    }

    /// Elects candidates in this round, by votes.
    fn elect(&mut self, piles: &mut Piles<'_>, candidates: Vec<usize>) {
        let standing = Standing::of_rounds(&self.rounds, self.breaker);
        let sorted = standing.sort(candidates);
        let ties = standing.ties(&sorted);
        self.note(ties);
        sorted.iter().for_each(|candidate| piles.settle(*candidate));
        if let Some(round) = self.rounds.last_mut() {
            round.elected.extend(sorted);
        }
    }

    /// Eliminates the hopeful candidate with the fewest votes.
    fn eliminate(&mut self, piles: &mut Piles<'_>) {
        let standing = Standing::of_rounds(&self.rounds, self.breaker);
        let sorted = standing.sort(piles.hopeful().iter().copied());
        let tie = standing.last(&sorted);
        self.note(tie);
        if let Some(candidate) = sorted.last().copied() {
            piles.settle(candidate);
            piles.pass(candidate, piles.total(candidate));
            self.end(Step::Elimination { candidate });
        }
    }

    fn end(&mut self, step: Step) {
        if let Some(round) = self.rounds.last_mut() {
            round.step = Some(step);
        }
    }

    fn note(&mut self, ties: impl IntoIterator<Item = Tie>) {
        let round = self.rounds.len().saturating_sub(1);
        self.ties.extend(ties.into_iter().map(|tie| Tie { round, ..tie }));
    }

    fn finish(self, quota: Option<Decimal>) -> Counted {
        let elected = self.rounds.iter().flat_map(|round| &round.elected).copied().collect();
        (elected, self.ties, Workings::Rounds { quota, rounds: self.rounds })
    }
}

pub(super) fn instant_runoff(piles: &mut Piles<'_>, breaker: Breaker<'_>) -> Counted {
    let mut course = Course::new(breaker);
    while piles.votes() > 0 && !piles.hopeful().is_empty() {
        course.start(piles);
        let in_play = piles.units(piles.votes()) - piles.exhausted();
        let more_than_half = |c: &usize| 2 * piles.total(*c) > in_play;
        let alone = piles.hopeful().first().copied().filter(|_| piles.hopeful().len() == 1);
        match piles.hopeful().iter().copied().find(more_than_half).or(alone) {
            Some(winner) => {
                course.elect(piles, vec![winner]);
                break;
            }
            None => course.eliminate(piles),
        }
    }
    course.finish(None)
}

pub(super) fn stv(
    piles: &mut Piles<'_>,
    seats: usize,
    quota: Quota,
    breaker: Breaker<'_>,
) -> Counted {
    let votes = piles.votes();
    let quota = match quota {
        Quota::Droop => piles.units(votes / (seats as u64 + 1) + 1),
        // Rounded up, so that it is above V/(s+1) and no more than `seats` can reach it.
        Quota::Hare => piles.units(votes).div_ceil(seats as u128),
    };
    let mut course = Course::new(breaker);
    let mut elected = 0;
    let mut surpluses = Vec::new();
    while votes > 0 && elected < seats {
        course.start(piles);
        let reaches = |c: &usize| piles.total(*c) >= quota;
        let reached: Vec<_> = piles.hopeful().iter().copied().filter(reaches).collect();
        elected += reached.len();
        surpluses.extend(reached.iter().copied());
        course.elect(piles, reached);
        // As many are left as seats are open.
        if elected < seats && piles.hopeful().len() <= seats - elected {
            let rest: Vec<_> = piles.hopeful().iter().copied().collect();
            elected = seats;
            course.elect(piles, rest);
        }
        if elected >= seats {
            break;
        }
        surpluses.retain(|c| piles.total(*c) > quota);
        let standing = Standing::of_rounds(&course.rounds, breaker);
        surpluses = standing.sort(surpluses);
        let tie = standing.first(&surpluses);
        match surpluses.first().copied() {
            Some(candidate) => {
                course.note(tie);
                let surplus = piles.total(candidate) - quota;
                piles.pass(candidate, surplus);
                course.end(Step::Surplus { candidate, surplus: piles.number(surplus) });
            }
            None => course.eliminate(piles),
        }
    }
    course.finish(Some(piles.number(quota)))
}
