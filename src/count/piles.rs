//! Ballots in piles, one for each candidate, that pass to the next hopeful candidate.

use super::{Decimal, Profile};
use alloc::{collections::BTreeSet, vec::Vec};

/// Equal ballots, what they say of the candidates after the one who holds them, and what each of them weighs.
struct Paper<'a> {
    later: &'a [usize],
    times: u64,
    weight: u128,
}

/// The ballots that a candidate holds, and what they weigh together.
#[derive(Default)]
struct Pile<'a> {
    papers: Vec<Paper<'a>>,
    total: u128,
}

/// All ballots of a count in rounds, weighed in units of `10^−places` votes. What the piles weigh, what is exhausted and what
/// is lost is always the number of votes.
///
/// A ballot weighs at most 1 and there are at most `2⁶⁴ − 1` of them, so nothing here is above `2⁶⁴·10^(2·places)`, which fits
/// for 9 places.
pub(super) struct Piles<'a> {
    votes: u64,
    places: u8,
    piles: Vec<Pile<'a>>,
    hopeful: BTreeSet<usize>,
    exhausted: u128,
    lost: u128,
    /// How many places of rankings were looked at.
    #[cfg(test)]
    pub(super) looked_at: usize,
}

impl<'a> Piles<'a> {
    /// Each ballot with its first choice; `places` are at most 9.
    pub(super) fn new(profile: &'a Profile, places: u8) -> Self {
        let mut new = Self {
            votes: profile.votes(),
            places,
            piles: (0..profile.candidates()).map(|_| Pile::default()).collect(),
            hopeful: (0..profile.candidates()).collect(),
            exhausted: 0,
            lost: 0,
            #[cfg(test)]
            looked_at: 0,
        };
        let weight = new.units(1);
        for (ranking, times) in profile.rankings() {
            new.deal(Paper { later: ranking.order(), times, weight });
        }
        new
    }

    /// Puts ballots on the pile of their next hopeful candidate, and gives what they weigh.
    fn deal(&mut self, Paper { mut later, times, weight }: Paper<'a>) -> u128 {
        let total = u128::from(times) * weight;
        while let Some((next, rest)) = later.split_first() {
            later = rest;
            #[cfg(test)]
            {
                self.looked_at += 1;
            }
            if self.hopeful.contains(next)
                && let Some(pile) = self.piles.get_mut(*next)
            {
                pile.total += total;
                pile.papers.push(Paper { later, times, weight });
                return total;
            }
        }
        self.exhausted += total;
        total
    }

    /// Passes all ballots of a candidate on, each with `surplus/total` of its weight, rounded down. The candidate keeps the
    /// rest of the total for good, and what the rounding takes is lost.
    pub(super) fn pass(&mut self, from: usize, surplus: u128) {
        let Some(pile) = self.piles.get_mut(from) else { return };
        let total = pile.total;
        pile.total -= surplus;
        let mut passed = 0;
        for Paper { later, times, weight } in core::mem::take(&mut pile.papers) {
            // Ballots that weigh nothing have a total of 0.
            let weight = (weight * surplus).checked_div(total).unwrap_or(0);
            passed += self.deal(Paper { later, times, weight });
        }
        self.lost += surplus - passed;
    }

    /// Takes a candidate out of those who get ballots.
    pub(super) fn settle(&mut self, candidate: usize) {
        self.hopeful.remove(&candidate);
    }

    /// `votes` votes in units.
    pub(super) fn units(&self, votes: u64) -> u128 {
        u128::from(votes) * 10u128.pow(self.places.into())
    }

    /// `units` units as a number of votes.
    pub(super) fn number(&self, units: u128) -> Decimal {
        Decimal::new(units, self.places)
    }

    pub(super) fn votes(&self) -> u64 {
        self.votes
    }

    pub(super) fn hopeful(&self) -> &BTreeSet<usize> {
        &self.hopeful
    }

    pub(super) fn total(&self, candidate: usize) -> u128 {
        self.piles.get(candidate).map_or(0, |pile| pile.total)
    }

    pub(super) fn totals(&self) -> impl Iterator<Item = u128> {
        self.piles.iter().map(|pile| pile.total)
    }

    pub(super) fn exhausted(&self) -> u128 {
        self.exhausted
    }

    pub(super) fn lost(&self) -> u128 {
        self.lost
    }
}
