//! The verdict of an audit.

use core::fmt;

/// What the auditor knew of the election from elsewhere, so that no other election passes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// Nothing. A size does not tell one election from others.
    Nothing,
    /// Which election it is: by the hash of its manifest, which is in the origin of a checkpoint, too.
    Election,
    /// Its ballots as well: by the root of the board, or by a checkpoint of all of it.
    Board,
}

/// The verdict of an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is right, up to the result, and it is the election that was meant.
    Verified,
    /// The same, up to the end of a record that has no result yet.
    VerifiedSoFar,
    /// The record is right in itself. The auditor had nothing to compare with, and a whole election can be invented.
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
    /// What it means, in a sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Verified => {
                "Every ballot, sum and total in this record was checked again, and all is right."
            }
            Self::VerifiedSoFar => {
                "All is right up to the end of this record, which has no result yet."
            }
            Self::Consistent => {
                "This record is right in itself. Which election it is was not checked, since there was nothing to compare \
                 with: all of it could be made up."
            }
            Self::ConsistentSoFar => {
                "This record is right in itself up to its end, and has no result yet. Which election it is was not \
                 checked, since there was nothing to compare with: all of it could be made up."
            }
            Self::Refused => "Something in this record is wrong. Do not rely on it.",
        }
    }
}
