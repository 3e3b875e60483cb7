//! Why what was given counts for nobody.

use super::{Broken, MAX_CANDIDATES, Unreadable};
use core::fmt;

/// Why a vote that was given, or a ranking, counts for nobody. The first seven make all of a row invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LeftOut {
    /// The votes of a line are no number that the rule allows.
    Votes,
    /// What should hold what is written is no message.
    Message,
    /// The message has another length than every message of the contest.
    Length,
    /// Of the ranks given one is missing before the last.
    Gap,
    /// A rank is given twice in a contest without ties.
    Tie,
    /// Fewer or more are ranked than the rule says.
    Ranked,
    /// A line has votes or a rank and no name that can be read, or a name and no rank.
    Name,
    /// A line names an option, which can be marked and whose own votes are in a sum.
    Listed,
    /// Several lines of a ballot give one name more votes than one can have.
    AboveEach,
    /// Too many names were written in, and this one does not stand; in a ranking, nor does any other name ranked there.
    TooManyNames,
}

impl LeftOut {
    /// The stable name of the reason, as in `result.json`.
    #[cfg(feature = "serde")]
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Votes => "votes",
            Self::Message => "message",
            Self::Length => "length",
            Self::Gap => "gap",
            Self::Tie => "tie",
            Self::Ranked => "ranked",
            Self::Name => "name",
            Self::Listed => "listed",
            Self::AboveEach => "above each",
            Self::TooManyNames => "too many names",
        }
    }
}

impl From<Unreadable> for LeftOut {
    fn from(reason: Unreadable) -> Self {
        match reason {
            Unreadable::Votes => Self::Votes,
            Unreadable::Message(_) => Self::Message,
            Unreadable::Length { .. } => Self::Length,
            Unreadable::Rule(Broken::Gap { .. }) => Self::Gap,
            Unreadable::Rule(Broken::Tie { .. }) => Self::Tie,
            Unreadable::Rule(Broken::TooFew { .. } | Broken::TooMany { .. }) => Self::Ranked,
            // A message breaks no other rule than that of its names.
            Unreadable::Rule(_) => Self::Name,
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes => f.write_str("votes for a line that no rule allows"),
            Self::Message => f.write_str("what is written is no message"),
            Self::Length => f.write_str("the message has another length than all others"),
            Self::Gap => f.write_str("a rank is missing before the last"),
            Self::Tie => f.write_str("a rank is given twice"),
            Self::Ranked => f.write_str("too few or too many are ranked"),
            Self::Name => f.write_str("a line without a name that can be read"),
            Self::Listed => f.write_str("a line with the name of an option"),
            Self::AboveEach => f.write_str("more than one name can have"),
            Self::TooManyNames => write!(f, "names beyond the {MAX_CANDIDATES} that can stand"),
        }
    }
}
