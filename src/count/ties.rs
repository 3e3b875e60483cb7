//! The order of candidates, and how it was decided where votes are equal.

use super::{CountRound, CountingError, Decided, Decimal, LotKey, Tie, TieBreak};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// What orders those who are equal.
#[derive(Clone, Copy)]
pub(super) struct Breaker<'a> {
    tie_break: TieBreak,
    lots: &'a [LotKey],
}

impl<'a> Breaker<'a> {
    /// Lots are only needed where they break ties; then each candidate has one.
    pub(super) fn new(
        tie_break: TieBreak,
        lots: &'a [LotKey],
        candidates: usize,
    ) -> Result<Self, CountingError> {
        if tie_break == TieBreak::Lot && lots.len() != candidates {
            return Err(CountingError::Lots { found: lots.len(), candidates });
        }
        Ok(Self { tie_break, lots })
    }

    /// The one ahead is less.
    pub(super) fn compare(self, a: usize, b: usize) -> Ordering {
        match self.tie_break {
            TieBreak::Lot => self.lots.get(a).cmp(&self.lots.get(b)).then(a.cmp(&b)),
            TieBreak::Order | TieBreak::Backwards | TieBreak::Open => a.cmp(&b),
        }
    }

    /// Whether a seat stays open that equals would have to share.
    pub(super) fn leaves_open(self) -> bool {
        self.tie_break == TieBreak::Open
    }

    /// What decides where not everybody can be taken. Where everybody is, ties that stay open are shown by number.
    pub(super) fn decided(self, contested: bool) -> Decided {
        match self.tie_break {
            TieBreak::Lot => Decided::Lot,
            TieBreak::Open if contested => Decided::Open,
            TieBreak::Order | TieBreak::Backwards | TieBreak::Open => Decided::Order,
        }
    }
}

/// Totals of the candidates, those of the present round first and then, if ties are broken by them, of earlier ones.
pub(super) struct Standing<'a> {
    totals: Vec<&'a [Decimal]>,
    breaker: Breaker<'a>,
}

/// What of the order of the tied has an effect.
#[derive(Clone, Copy)]
pub(super) enum Matters {
    All,
    First,
    Last,
}

impl<'a> Standing<'a> {
    /// The standing in the last of these rounds.
    pub(super) fn of_rounds(rounds: &'a [CountRound], breaker: Breaker<'a>) -> Self {
        let depth = match breaker.tie_break {
            TieBreak::Backwards => rounds.len(),
            TieBreak::Order | TieBreak::Lot | TieBreak::Open => 1,
        };
        let totals = rounds.iter().rev().take(depth).map(|round| round.totals.as_slice()).collect();
        Self { totals, breaker }
    }

    /// How many rounds back `a` and `b` differ, and who had more then: the one ahead is less.
    fn difference(&self, a: usize, b: usize) -> Option<(usize, Ordering)> {
        let compare = |totals: &&[Decimal]| totals.get(b).cmp(&totals.get(a));
        self.totals.iter().map(compare).enumerate().find(|(_, order)| order.is_ne())
    }

    /// The candidates, those ahead first.
    pub(super) fn sort(&self, candidates: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut sorted: Vec<_> = candidates.into_iter().collect();
        sorted.sort_by(|a, b| {
            self.difference(*a, *b).map_or_else(|| self.breaker.compare(*a, *b), |(_, order)| order)
        });
        sorted
    }

    /// Whether they have equally many votes now.
    fn equal(&self, a: usize, b: usize) -> bool {
        self.totals.first().is_none_or(|totals| totals.get(a) == totals.get(b))
    }

    /// The ties among sorted candidates.
    pub(super) fn ties(&self, sorted: &[usize]) -> Vec<Tie> {
        let groups = sorted.chunk_by(|a, b| self.equal(*a, *b));
        groups.filter_map(|tied| self.tie(tied, Matters::All)).collect()
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
        let decided = decided.map_or_else(|| self.breaker.decided(true), Decided::Round);
        Some(Tie { round, order: tied.to_vec(), decided })
    }
}
