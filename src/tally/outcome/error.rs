//! Why a tally gives no outcome.

use crate::manifest::{Lack, OfGroup};
use alloc::string::String;
use core::fmt;

/// Why a tally gives no outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutcomeError {
    /// The keys or the tally are those of another election.
    OtherElection,
    /// Fewer than `t` trustees of a group have opened.
    TooFewShares {
        /// The group's name; empty if there are no groups.
        group: String,
        /// How many have.
        found: usize,
        /// How many are needed.
        threshold: u16,
    },
    /// A total is above the bound of the table of discrete logarithms.
    NotFound {
        /// The cell's place in the tally.
        cell: usize,
        /// The slot's place in the contest.
        place: usize,
    },
}

impl fmt::Display for OutcomeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherElection => {
                f.write_str("the keys or the tally are those of another election")
            }
            Self::TooFewShares { group, found, threshold } => {
                let of = OfGroup(group);
                write!(f, "{found} trustees{of} have opened; {threshold} are needed")
            }
            Self::NotFound { cell, place } => {
                write!(f, "the total of slot {place} in cell {cell} is above the table's bound")
            }
        }
    }
}

impl core::error::Error for OutcomeError {}

impl From<Lack<'_>> for OutcomeError {
    fn from(Lack { group, found, needed: threshold }: Lack<'_>) -> Self {
        Self::TooFewShares { group: group.name.clone(), found, threshold }
    }
}
