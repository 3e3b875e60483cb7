//! The order of candidates, and how it was decided where votes are equal.

use super::{CountRound, Decimal, Tie, TieBreak};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// Totals of the candidates, those of the present round first and then, if ties are broken by them, of earlier ones.
pub(super) struct Standing<'a> {
    totals: Vec<&'a [Decimal]>,
}

/// What of the order of the tied has an effect.
#[derive(Clone, Copy)]
pub(super) enum Matters {
    All,
    First,
    Last,
}

impl<'a> Standing<'a> {
    pub(super) fn of_scores(scores: &'a [Decimal]) -> Self {
        Self { totals: [scores].into() }
    }

    /// The standing in the last of these rounds.
    pub(super) fn of_rounds(rounds: &'a [CountRound], tie_break: TieBreak) -> Self {
        let depth = match tie_break {
            TieBreak::Order => 1,
            TieBreak::Backwards => rounds.len(),
        };
        Self { totals: rounds.iter().rev().take(depth).map(|r| r.totals.as_slice()).collect() }
    }

    /// How many rounds back `a` and `b` differ, and who had more then: the one ahead is less.
    fn difference(&self, a: usize, b: usize) -> Option<(usize, Ordering)> {
        let compare = |totals: &&[Decimal]| totals.get(b).cmp(&totals.get(a));
        self.totals.iter().map(compare).enumerate().find(|(_, order)| order.is_ne())
    }

    /// The candidates, those ahead first.
    pub(super) fn sort(&self, candidates: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut sorted: Vec<_> = candidates.into_iter().collect();
        sorted.sort_by(|a, b| self.difference(*a, *b).map_or(a.cmp(b), |(_, order)| order));
        sorted
    }

    /// Whether they have equally many votes now.
    fn equal(&self, a: usize, b: usize) -> bool {
        self.totals.first().is_none_or(|totals| totals.get(a) == totals.get(b))
    }

    /// The ties among sorted candidates that reach into the first `places`.
    pub(super) fn ties(&self, sorted: &[usize], places: usize) -> Vec<Tie> {
        let mut start = 0;
        let mut ties = Vec::new();
        for tied in sorted.chunk_by(|a, b| self.equal(*a, *b)) {
            if start < places {
                ties.extend(self.tie(tied, Matters::All));
            }
            start += tied.len();
        }
        ties
    }

    /// The tie of the sorted candidates with as many votes as the first of them. Only the first matters.
    pub(super) fn first(&self, sorted: &[usize]) -> Option<Tie> {
        self.tie(sorted.chunk_by(|a, b| self.equal(*a, *b)).next()?, Matters::First)
    }

    /// As [`Standing::first`], of the last.
    pub(super) fn last(&self, sorted: &[usize]) -> Option<Tie> {
        self.tie(sorted.chunk_by(|a, b| self.equal(*a, *b)).next_back()?, Matters::Last)
    }

    fn tie(&self, tied: &[usize], matters: Matters) -> Option<Tie> {
        let round = self.totals.len().saturating_sub(1);
        let mut pairs = tied.iter().copied().zip(tied.iter().copied().skip(1));
        let back = |(a, b)| self.difference(a, b).map(|(back, _)| back);
        let back = match matters {
            Matters::First => pairs.next().map(back),
            Matters::Last => pairs.next_back().map(back),
            // `None` is less than anything, so turned around.
            Matters::All => pairs.map(back).max_by_key(|back| back.map_or((1, 0), |b| (0, b))),
        }?;
        let decided = back.and_then(|back| round.checked_sub(back));
        Some(Tie { round, order: tied.to_vec(), decided })
    }
}
