//! Seats in proportion to votes.

use super::{Decided, Formula, Tie, Unfilled, ties::Breaker};
use alloc::vec::Vec;
use core::cmp::Reverse;

/// A list, or joined lists, that can get seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// The number of the list; of joined lists the lowest of those that take part.
    pub list: usize,
    /// Its votes.
    pub votes: u128,
    /// How many seats it can fill.
    pub names: usize,
}

/// How seats were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apportionment {
    /// All that had votes and reached the threshold.
    pub parties: Vec<Party>,
    /// The seats of each of them.
    pub seats: Vec<usize>,
    /// How many seats nobody was given.
    pub open: usize,
    /// The numbers from which it follows.
    pub workings: Shares,
    /// The ties that mattered, by numbers of lists. The round is the place of the quotient or the pass.
    pub ties: Vec<Tie>,
}

/// The numbers of an apportionment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shares {
    /// The quotients that got the seats, the highest first.
    Quotients(Vec<Quotient>),
    /// The passes; more than one if seats went on to other lists.
    Passes(Vec<Pass>),
}

/// A quotient `votes/divisor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotient {
    /// The place of the party.
    pub party: usize,
    /// Its votes.
    pub votes: u128,
    /// By what they are divided.
    pub divisor: u32,
}

/// A pass with quotas: the quota is `votes/seats`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// Votes of all parties that take part in it.
    pub votes: u128,
    /// How many seats they are given.
    pub seats: usize,
    /// Each of these parties, by its place.
    pub parties: Vec<PassShare>,
}

/// What a party gets in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassShare {
    /// The place of the party.
    pub party: usize,
    /// How often it has the quota.
    pub whole: usize,
    /// What it has beyond these, in units of a vote divided by the seats of the pass.
    pub remainder: u128,
    /// Whether it gets a seat for its remainder.
    pub extra: bool,
}

/// Gives seats to parties, all of which have votes.
pub(super) fn apportion(
    formula: Formula,
    parties: Vec<Party>,
    seats: u16,
    unfilled: Unfilled,
    breaker: Breaker<'_>,
) -> Apportionment {
    let mut given = Given { parties, seats: Vec::new(), unfilled, breaker, ties: Vec::new() };
    given.seats.resize(given.parties.len(), 0);
    let workings = match formula {
        Formula::DHondt => Shares::Quotients(given.by_divisors(seats.into(), |seats| seats + 1)),
        Formula::SainteLague => {
            Shares::Quotients(given.by_divisors(seats.into(), |seats| 2 * seats + 1))
        }
        Formula::Hare => Shares::Passes(given.by_quota(seats.into())),
    };
    let Given { parties, seats: by_party, ties, .. } = given;
    let open = usize::from(seats) - by_party.iter().sum::<usize>();
    Apportionment { parties, seats: by_party, open, workings, ties }
}

struct Given<'a> {
    parties: Vec<Party>,
    seats: Vec<usize>,
    unfilled: Unfilled,
    breaker: Breaker<'a>,
    ties: Vec<Tie>,
}

impl Given<'_> {
    fn give(&mut self, party: usize, seats: usize) {
        if let Some(entry) = self.seats.get_mut(party) {
            *entry += seats;
        }
    }

    fn list(&self, party: usize) -> usize {
        self.parties.get(party).map_or(usize::MAX, |party| party.list)
    }

    fn sort(&self, tied: &mut [usize]) {
        tied.sort_by(|a, b| self.breaker.compare(self.list(*a), self.list(*b)));
    }

    /// Those of the sorted tied who get one of the seats that are left, and the tie if not all of them do.
    fn share(&mut self, mut tied: Vec<usize>, left: usize, round: usize) -> Vec<usize> {
        self.sort(&mut tied);
        if tied.len() > left {
            let decided = self.breaker.decided(true);
            let order = tied.iter().map(|party| self.list(*party)).collect();
            self.ties.push(Tie { round, order, decided });
            tied.truncate(if decided == Decided::Open { 0 } else { left });
        }
        tied
    }

    /// All equal quotients at once, the highest first. A product of votes and a divisor fits: votes of 2¹⁶ lists are below 2⁸⁰.
    fn by_divisors(&mut self, seats: usize, divisor: impl Fn(u32) -> u32) -> Vec<Quotient> {
        let mut quotients: Vec<Quotient> = Vec::new();
        while quotients.len() < seats {
            let next = |(party, (of, seats)): (usize, (&Party, &usize))| {
                let full = self.unfilled == Unfilled::Others && *seats >= of.names;
                let seats = u32::try_from(*seats).ok().filter(|_| !full)?;
                Some(Quotient { party, votes: of.votes, divisor: divisor(seats) })
            };
            let next: Vec<_> =
                self.parties.iter().zip(&self.seats).enumerate().filter_map(next).collect();
            let compare = |a: &Quotient, b: &Quotient| {
                (a.votes * u128::from(b.divisor)).cmp(&(b.votes * u128::from(a.divisor)))
            };
            let Some(highest) = next.iter().max_by(|a, b| compare(a, b)) else { break };
            let equal = next.iter().filter(|quotient| compare(quotient, highest).is_eq());
            let tied = equal.map(|quotient| quotient.party).collect();
            let given = self.share(tied, seats - quotients.len(), quotients.len());
            if given.is_empty() {
                break;
            }
            for party in given {
                self.give(party, 1);
                quotients.extend(next.iter().find(|quotient| quotient.party == party));
            }
        }
        quotients
    }

    fn by_quota(&mut self, seats: usize) -> Vec<Pass> {
        let mut left = seats;
        let mut taking_part: Vec<usize> = (0..self.parties.len()).collect();
        let mut passes = Vec::new();
        while left > 0 && !taking_part.is_empty() {
            let pass = self.pass(&taking_part, left, passes.len());
            let found = |share: &PassShare| share.whole + usize::from(share.extra);
            let names = |party: usize| self.parties.get(party).map_or(0, |party| party.names);
            let too_many = |share: &&PassShare| {
                self.unfilled == Unfilled::Others && found(share) > names(share.party)
            };
            let full: Vec<_> =
                pass.parties.iter().filter(too_many).map(|share| share.party).collect();
            let given: Vec<(usize, usize)> = match full.is_empty() {
                true => pass.parties.iter().map(|share| (share.party, found(share))).collect(),
                false => full.iter().map(|party| (*party, names(*party))).collect(),
            };
            for (party, seats) in given {
                self.give(party, seats);
                left -= seats;
            }
            passes.push(pass);
            if full.is_empty() {
                break;
            }
            taking_part.retain(|party| !full.contains(party));
        }
        passes
    }

    fn pass(&mut self, taking_part: &[usize], seats: usize, round: usize) -> Pass {
        let votes_of = |party: usize| self.parties.get(party).map_or(0, |party| party.votes);
        let votes: u128 = taking_part.iter().map(|party| votes_of(*party)).sum();
        let share = |party: usize| {
            // Below 2⁸⁰ votes times 2¹⁶ seats.
            let scaled = votes_of(party) * seats as u128;
            let whole = scaled.checked_div(votes).and_then(|whole| usize::try_from(whole).ok());
            let remainder = scaled.checked_rem(votes).unwrap_or(0);
            PassShare { party, whole: whole.unwrap_or(0), remainder, extra: false }
        };
        let mut parties: Vec<_> = taking_part.iter().map(|party| share(*party)).collect();
        let mut left = seats - parties.iter().map(|share| share.whole).sum::<usize>();
        let mut order = parties.clone();
        order.sort_by_key(|share| Reverse(share.remainder));
        for tied in order.chunk_by(|a, b| a.remainder == b.remainder) {
            if left == 0 {
                break;
            }
            let given = self.share(tied.iter().map(|share| share.party).collect(), left, round);
            left -= tied.len().min(left);
            for share in &mut parties {
                share.extra |= given.contains(&share.party);
            }
        }
        Pass { votes, seats, parties }
    }
}
