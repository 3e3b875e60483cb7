//! The verdict of an audit.

use core::fmt;

/// What the auditor knew about the election from elsewhere, so that no other election can pass for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Nothing. A size does not identify an election.
    Nothing,
    /// Which election it is: by the hash of its manifest, which is also in the origin of a checkpoint.
    Election,
    /// Its ballots as well: by the root of the board, or by a checkpoint of the whole board.
    Board,
}

/// The verdict of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is right, up to the result, and it is the expected election.
    Verified,
    /// The same, up to the end of a record that has no result yet.
    VerifiedSoFar,
    /// The record is consistent in itself. The auditor had nothing to compare with, and a whole election can be invented.
    Consistent,
    /// The same, up to the end of a record that has no result yet.
    ConsistentSoFar,
    /// Something is wrong.
    Refused,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::Election => "election",
            Self::Board => "board",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verified => "verified",
            Self::VerifiedSoFar => "verified as far as it goes",
            Self::Consistent => "consistent",
            Self::ConsistentSoFar => "consistent as far as it goes",
            Self::Refused => "refused",
        })
    }
}

impl Verdict {
    /// The verdict as a sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Verified => {
                "Every ballot, sum and total in this record was checked again, and everything is right."
            }
            Self::VerifiedSoFar => {
                "Everything is right up to the end of this record, which has no result yet."
            }
            Self::Consistent => {
                "This record is consistent in itself. Which election it is was not checked, since there was nothing to compare \
                 with: all of it could be made up."
            }
            Self::ConsistentSoFar => {
                "This record is consistent in itself up to its end, and has no result yet. Which election it is was not \
                 checked, since there was nothing to compare with: all of it could be made up."
            }
            Self::Refused => "Something in this record is wrong. Do not rely on it.",
        }
    }
}
