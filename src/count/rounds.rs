//! Methods that go by rounds: instant runoff and single transferable vote.

use super::{
    Counted, Profile, Quota, Round, Step, Tie, TieBreak, Workings,
    piles::{Piles, rational},
    ties::Standing,
};
use alloc::{vec, vec::Vec};
use num_rational::BigRational;

/// The rounds so far, and what a new one starts with.
struct Course {
    tie_break: TieBreak,
    rounds: Vec<Round>,
    ties: Vec<Tie>,
}

impl Course {
    fn new(tie_break: TieBreak) -> Self {
        Self { tie_break, rounds: Vec::new(), ties: Vec::new() }
    }

    fn start(&mut self, piles: &Piles<'_>) {
        let (totals, exhausted) = (piles.totals(), piles.exhausted().clone());
        self.rounds.push(Round { totals, exhausted, elected: Vec::new(), step: None });
    }

    /// Elects candidates in this round, by votes.
    fn elect(&mut self, piles: &mut Piles<'_>, candidates: Vec<usize>) {
        let standing = Standing::of_rounds(&self.rounds, self.tie_break);
        let sorted = standing.sort(candidates);
        let ties = standing.ties(&sorted, sorted.len());
        self.note(ties);
        sorted.iter().for_each(|candidate| piles.settle(*candidate));
        if let Some(round) = self.rounds.last_mut() {
            round.elected.extend(sorted);
        }
    }

    /// Eliminates the hopeful candidate with the fewest votes.
    fn eliminate(&mut self, piles: &mut Piles<'_>) {
        let standing = Standing::of_rounds(&self.rounds, self.tie_break);
        let sorted = standing.sort(piles.hopeful().iter().copied());
        let tie = standing.last(&sorted);
        self.note(tie);
        if let Some(candidate) = sorted.last().copied() {
            piles.settle(candidate);
            piles.pass(candidate, &rational(1));
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

    fn finish(self, quota: Option<BigRational>) -> Counted {
        let elected = self.rounds.iter().flat_map(|round| &round.elected).copied().collect();
        (elected, self.ties, Workings::Rounds { quota, rounds: self.rounds })
    }
}

pub(super) fn instant_runoff(profile: &Profile, tie_break: TieBreak) -> Counted {
    let mut course = Course::new(tie_break);
    let mut piles = Piles::new(profile);
    let votes = rational(profile.votes());
    while profile.votes() > 0 && !piles.hopeful().is_empty() {
        course.start(&piles);
        let in_play = &votes - piles.exhausted();
        let more_than_half =
            |c: &usize| piles.total(*c).is_some_and(|total| total + total > in_play);
        let alone = piles.hopeful().first().copied().filter(|_| piles.hopeful().len() == 1);
        match piles.hopeful().iter().copied().find(more_than_half).or(alone) {
            Some(winner) => {
                course.elect(&mut piles, vec![winner]);
                break;
            }
            None => course.eliminate(&mut piles),
        }
    }
    course.finish(None)
}

pub(super) fn stv(profile: &Profile, seats: usize, quota: Quota, tie_break: TieBreak) -> Counted {
    let votes = rational(profile.votes());
    let quota = match quota {
        Quota::Droop => (votes / rational(seats as u64 + 1)).floor() + rational(1),
        Quota::Hare => votes / rational(seats as u64),
    };
    let mut course = Course::new(tie_break);
    let mut piles = Piles::new(profile);
    let mut elected = 0;
    let mut surpluses = Vec::new();
    while profile.votes() > 0 && elected < seats {
        course.start(&piles);
        let reaches = |c: &usize| piles.total(*c).is_some_and(|total| *total >= quota);
        let reached: Vec<_> = piles.hopeful().iter().copied().filter(reaches).collect();
        elected += reached.len();
        surpluses.extend(reached.iter().copied());
        course.elect(&mut piles, reached);
        // As many are left as seats are open.
        if elected < seats && piles.hopeful().len() <= seats - elected {
            let rest: Vec<_> = piles.hopeful().iter().copied().collect();
            elected = seats;
            course.elect(&mut piles, rest);
        }
        if elected >= seats {
            break;
        }
        surpluses.retain(|c| piles.total(*c).is_some_and(|total| *total > quota));
        let standing = Standing::of_rounds(&course.rounds, tie_break);
        surpluses = standing.sort(surpluses);
        let tie = standing.first(&surpluses);
        match surpluses.first().and_then(|c| Some((*c, piles.total(*c)?.clone()))) {
            Some((candidate, total)) => {
                course.note(tie);
                let surplus = &total - &quota;
                piles.pass(candidate, &(&surplus / total));
                course.end(Step::Surplus { candidate, surplus });
            }
            None => course.eliminate(&mut piles),
        }
    }
    course.finish(Some(quota))
}
