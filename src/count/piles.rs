//! Ballots in piles, one for each candidate, that pass to the next hopeful candidate.

use super::Profile;
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use num_bigint::BigInt;
use num_rational::BigRational;

/// Equal ballots, and what they say of the candidates after the one who holds them.
struct Paper<'a> {
    later: &'a [Vec<usize>],
    times: u64,
}

/// Ballots of one weight.
struct Parcel<'a> {
    weight: BigRational,
    papers: Vec<Paper<'a>>,
}

/// The ballots that a candidate holds, and what they weigh together.
struct Pile<'a> {
    parcels: Vec<Parcel<'a>>,
    total: BigRational,
}

/// All ballots of a count in rounds. What the piles and the exhausted ballots weigh is always the number of votes.
pub(super) struct Piles<'a> {
    piles: Vec<Pile<'a>>,
    hopeful: BTreeSet<usize>,
    exhausted: BigRational,
}

pub(super) fn rational(n: u64) -> BigRational {
    BigRational::from_integer(BigInt::from(n))
}

impl<'a> Piles<'a> {
    /// Each ballot with its first choice.
    pub(super) fn new(profile: &'a Profile) -> Self {
        let empty = |_| Pile { parcels: Vec::new(), total: rational(0) };
        let piles = (0..profile.candidates()).map(empty).collect();
        let hopeful = (0..profile.candidates()).collect();
        let paper =
            |(ranking, times): (&'a super::Ranking, _)| Paper { later: ranking.groups(), times };
        let papers = profile.rankings().map(paper).collect();
        let mut new = Self { piles, hopeful, exhausted: rational(0) };
        new.deal(Parcel { weight: rational(1), papers });
        new
    }

    /// Puts ballots on the piles of their next hopeful candidates.
    fn deal(&mut self, Parcel { weight, papers }: Parcel<'a>) {
        let mut parts = BTreeMap::<_, (Vec<_>, BigInt)>::new();
        for Paper { mut later, times } in papers {
            let mut next = None;
            while let (None, Some((group, rest))) = (next, later.split_first()) {
                next = group.iter().copied().find(|candidate| self.hopeful.contains(candidate));
                later = rest;
            }
            let (papers, total) = parts.entry(next).or_default();
            *total += times;
            papers.push(Paper { later, times });
        }
        for (next, (papers, times)) in parts {
            let total = &weight * times;
            match next.and_then(|candidate| self.piles.get_mut(candidate)) {
                Some(pile) => {
                    pile.total += total;
                    pile.parcels.push(Parcel { weight: weight.clone(), papers });
                }
                None => self.exhausted += total,
            }
        }
    }

    /// Passes a share of each ballot of a candidate on, who keeps the rest for good.
    pub(super) fn pass(&mut self, from: usize, share: &BigRational) {
        let Some(pile) = self.piles.get_mut(from) else { return };
        let passed = &pile.total * share;
        pile.total -= passed;
        for Parcel { weight, papers } in core::mem::take(&mut pile.parcels) {
            self.deal(Parcel { weight: weight * share, papers });
        }
    }

    /// Takes a candidate out of those who get ballots.
    pub(super) fn settle(&mut self, candidate: usize) {
        self.hopeful.remove(&candidate);
    }

    pub(super) fn hopeful(&self) -> &BTreeSet<usize> {
        &self.hopeful
    }

    pub(super) fn total(&self, candidate: usize) -> Option<&BigRational> {
        self.piles.get(candidate).map(|pile| &pile.total)
    }

    pub(super) fn totals(&self) -> Vec<BigRational> {
        self.piles.iter().map(|pile| pile.total.clone()).collect()
    }

    pub(super) fn exhausted(&self) -> &BigRational {
        &self.exhausted
    }
}
