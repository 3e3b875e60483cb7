//! Rounds of a count, and ties in them.

use super::Decimal;
use alloc::vec::Vec;

/// A tie that mattered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The round in which it was, from 0; 0 for methods without rounds.
    pub round: usize,
    /// The tied candidates, as the tie was broken, those ahead first.
    pub order: Vec<usize>,
    /// What decided.
    pub decided: Decided,
}

/// What decided a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decided {
    /// The totals of this round, the earliest that had to be looked at.
    Round(usize),
    /// How many voters prefer one to the other.
    Preferences,
    /// Points.
    Points,
    /// How many voters gave the highest score.
    TopScores,
    /// The order of the candidates.
    Order,
    /// Lots.
    Lot,
    /// Nothing: a seat stays open.
    Open,
}

impl Decided {
    /// The round whose totals decided.
    pub fn round(self) -> Option<usize> {
        match self {
            Self::Round(round) => Some(round),
            _ => None,
        }
    }
}

/// One round of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountRound {
    /// What the ballots of every candidate weigh at the start of the round. With `exhausted` and `lost` it sums up to the
    /// number of votes.
    pub totals: Vec<Decimal>,
    /// What the ballots weigh that have no hopeful candidate left.
    pub exhausted: Decimal,
    /// What rounding down has taken from weights so far; nothing but by single transferable vote.
    pub lost: Decimal,
    /// Those elected now, in this order.
    pub elected: Vec<usize>,
    /// How the round ends. `None` for the last one.
    pub step: Option<Step>,
}

/// How a round ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// An elected candidate passes on the votes beyond the quota: each ballot with `surplus/total` of its weight, rounded
    /// down.
    Surplus {
        /// The candidate's number.
        candidate: usize,
        /// How much.
        surplus: Decimal,
    },
    /// A candidate is eliminated and passes on all votes.
    Elimination {
        /// The candidate's number.
        candidate: usize,
    },
}

/// How a seat was filled by STAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StarRound {
    /// The two who met, the winner first; one if nobody else was left.
    pub finalists: Vec<usize>,
    /// How many preferred each of them to the other.
    pub preferences: Vec<u64>,
}
