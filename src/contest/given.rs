//! What a mark gives to an option.

use core::fmt;
use zeroize::Zeroize;

/// What an option or a write-in gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Zeroize)]
#[non_exhaustive]
pub enum Given {
    /// This number of votes.
    Votes(u64),
    /// This rank; 1 is the best.
    Rank(u64),
    /// This grade; 1 is the worst.
    Grade(u64),
    /// This number of votes against it.
    Against(u64),
}

impl Given {
    /// Whether it is no vote or no rank.
    pub(crate) fn is_none(self) -> bool {
        matches!(self, Self::Votes(0) | Self::Rank(0) | Self::Grade(0) | Self::Against(0))
    }

    /// Writes the mark with the name it belongs to.
    pub(crate) fn show(self, f: &mut fmt::Formatter<'_>, name: fmt::Arguments<'_>) -> fmt::Result {
        match self {
            Self::Votes(votes) => write!(f, "{name} {votes}"),
            Self::Rank(rank) => write!(f, "{rank}. {name}"),
            Self::Grade(grade) => write!(f, "{name} grade {grade}"),
            Self::Against(votes) => write!(f, "{name} −{votes}"),
        }
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes(votes) => write!(f, "{votes} votes"),
            Self::Rank(rank) => write!(f, "rank {rank}"),
            Self::Grade(grade) => write!(f, "grade {grade}"),
            Self::Against(votes) => write!(f, "{votes} votes against"),
        }
    }
}
