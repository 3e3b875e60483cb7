//! Rankings, and many of them put together.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec,
    vec::Vec,
};
use core::{fmt, iter};

/// Candidates in order of preference: groups of candidates between whom the voter does not choose, the best group first.
/// Candidates may be left out. Two rankings that say the same are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ranking {
    order: Vec<usize>,
    /// How many candidates each group has; empty if each has one.
    sizes: Vec<usize>,
}

/// What is wrong with a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RankingError {
    /// A candidate who does not stand.
    Unknown {
        /// The candidate's number.
        candidate: usize,
        /// How many stand; they have the numbers below this one.
        candidates: usize,
    },
    /// A candidate on two places.
    Twice {
        /// The candidate's number.
        candidate: usize,
    },
    /// A group without candidates.
    Empty {
        /// The group's place, from 0.
        place: usize,
    },
    /// More than 2⁶⁴ − 1 rankings in one profile.
    TooMany,
}

impl fmt::Display for RankingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { candidate, candidates } => {
                write!(
                    f,
                    "candidate {candidate}, but the numbers of candidates are below {candidates}"
                )
            }
            Self::Twice { candidate } => write!(f, "candidate {candidate} is ranked twice"),
            Self::Empty { place } => write!(f, "there is no candidate on place {place}"),
            Self::TooMany => f.write_str("too many rankings for a number of 64 bits"),
        }
    }
}

impl core::error::Error for RankingError {}

impl Ranking {
    /// A ranking of some of the candidates `0..candidates`.
    pub fn new(candidates: usize, groups: Vec<Vec<usize>>) -> Result<Self, RankingError> {
        let mut seen = BTreeSet::new();
        for (place, group) in groups.iter().enumerate() {
            if group.is_empty() {
                return Err(RankingError::Empty { place });
            }
            for candidate in group.iter().copied() {
                if candidate >= candidates {
                    return Err(RankingError::Unknown { candidate, candidates });
                }
                if !seen.insert(candidate) {
                    return Err(RankingError::Twice { candidate });
                }
            }
        }
        let mut groups = groups;
        groups.iter_mut().for_each(|group| group.sort_unstable());
        Ok(Self::of(&groups))
    }

    /// A ranking without ties, the best first.
    pub fn strict(candidates: usize, order: &[usize]) -> Result<Self, RankingError> {
        Self::new(candidates, order.iter().map(|candidate| vec![*candidate]).collect())
    }

    /// Groups with their candidates in ascending order.
    fn of(groups: &[Vec<usize>]) -> Self {
        let ties = groups.iter().any(|group| group.len() > 1);
        let sizes = if ties { groups.iter().map(Vec::len).collect() } else { Vec::new() };
        Self { order: groups.concat(), sizes }
    }

    /// The groups, the best first, each with its candidates in ascending order.
    pub fn groups(&self) -> impl Iterator<Item = &[usize]> {
        let alone = if self.sizes.is_empty() { self.order.len() } else { 0 };
        let mut rest = self.order.as_slice();
        let sizes = self.sizes.iter().copied().chain(iter::repeat_n(1, alone));
        sizes.map_while(move |size| rest.split_off(..size))
    }

    /// All ranked candidates, the best first; those of one group in ascending order.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The first two candidates on one place, if there are any.
    pub(crate) fn tied(&self) -> Option<[usize; 2]> {
        self.groups().find_map(|group| group.first_chunk::<2>().copied())
    }

    /// Without these candidates. Those behind them move up.
    fn without(&self, withdrawn: &BTreeSet<usize>) -> Self {
        let standing = |candidate: &usize| !withdrawn.contains(candidate);
        let groups = self.groups().map(|group| group.iter().copied().filter(standing).collect());
        Self::of(&groups.filter(|group: &Vec<usize>| !group.is_empty()).collect::<Vec<_>>())
    }

    /// Whether it ranks nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// Candidates by rank, without those of rank 0.
fn by_rank(ranks: impl Iterator<Item = (usize, u8)>) -> BTreeMap<u8, Vec<usize>> {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (candidate, rank) in ranks.filter(|(_, rank)| *rank > 0) {
        groups.entry(rank).or_default().push(candidate);
    }
    groups
}

/// A ranking from ranks of names. A candidate with several names gets the best of their ranks. Rank 0 says
/// that the name is not ranked. Afterwards the ranks close up, so gaps do not matter.
///
/// ```
/// use tabella::count::{Ranking, merge};
///
/// // Candidate 4 is ranked first by one name and third by another.
/// assert_eq!(merge(&[(4, 1), (0, 2), (4, 3), (2, 4)]), Ranking::strict(5, &[4, 0, 2])?);
/// # Ok::<(), tabella::count::RankingError>(())
/// ```
pub fn merge(ranks: &[(usize, u8)]) -> Ranking {
    let mut best = BTreeMap::new();
    for (candidate, rank) in ranks.iter().copied().filter(|(_, rank)| *rank > 0) {
        let entry = best.entry(candidate).or_insert(rank);
        *entry = rank.min(*entry);
    }
    Ranking::of(&by_rank(best.into_iter()).into_values().collect::<Vec<_>>())
}

/// The rankings of an election. Equal ones are put together, so that a count takes as long as there are different ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    candidates: usize,
    rankings: BTreeMap<Ranking, u64>,
    blank: u64,
    votes: u64,
}

impl Profile {
    /// No rankings of this many candidates.
    pub fn new(candidates: usize) -> Self {
        Self { candidates, rankings: BTreeMap::new(), blank: 0, votes: 0 }
    }

    /// Adds a ranking this many times. Nothing is added if it is refused.
    pub fn add(&mut self, ranking: Ranking, times: u64) -> Result<(), RankingError> {
        let candidates = self.candidates;
        let unknown = |candidate: &&usize| **candidate >= candidates;
        if let Some(candidate) = ranking.order.iter().find(unknown).copied() {
            return Err(RankingError::Unknown { candidate, candidates });
        }
        let total = if ranking.is_empty() { &mut self.blank } else { &mut self.votes };
        *total = total.checked_add(times).ok_or(RankingError::TooMany)?;
        if !ranking.is_empty() && times > 0 {
            // No more than their total, which fits.
            let count = self.rankings.entry(ranking).or_default();
            *count = count.saturating_add(times);
        }
        Ok(())
    }

    /// The same rankings without these candidates, whose numbers stay.
    pub(super) fn without(&self, withdrawn: &BTreeSet<usize>) -> Self {
        let mut new = Self { blank: self.blank, ..Self::new(self.candidates) };
        for (ranking, times) in self.rankings() {
            // There are no more of them than before, so their number fits; only that of blank ones could be too large, which
            // counts for nothing.
            let _ = new.add(ranking.without(withdrawn), times);
        }
        new
    }

    /// How many candidates there are.
    pub fn candidates(&self) -> usize {
        self.candidates
    }

    /// How many rankings rank anybody.
    pub fn votes(&self) -> u64 {
        self.votes
    }

    /// How many rankings rank nobody.
    pub fn blank(&self) -> u64 {
        self.blank
    }

    /// The different rankings that rank anybody, and how often each was given.
    pub fn rankings(&self) -> impl Iterator<Item = (&Ranking, u64)> {
        self.rankings.iter().map(|(ranking, times)| (ranking, *times))
    }
}
