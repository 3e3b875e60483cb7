//! Why a vote or ranking counts for nobody.

use super::{Broken, MAX_CANDIDATES, Unreadable};
use core::fmt;

/// Why a vote or ranking counts for nobody. The first seven reasons make the whole row invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LeftOut {
    /// The votes of a line are not a number that the rule allows.
    Votes,
    /// The plaintext is not a message.
    Message,
    /// The message does not have the length of the contest's messages.
    Length,
    /// A rank before the last one is missing.
    Gap,
    /// A rank is given twice in a contest without ties.
    Tie,
    /// Fewer or more are ranked than the rule allows.
    Ranked,
    /// A line has votes or a rank without a readable name, or a name without a rank.
    Name,
    /// A line names an option. Options can be marked, and their votes are in a sum.
    Listed,
    /// Several lines of a ballot together give one name more votes than the rule allows.
    AboveEach,
    /// Too many names were written in, and this one is not a candidate. For a ranking: none of its names is.
    TooManyNames,
    /// A ranking ranks nobody who stands but options that were withdrawn.
    Withdrawn,
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
            Self::Withdrawn => "withdrawn",
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
            // A message can break no other rule than that of its names.
            Unreadable::Rule(_) => Self::Name,
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes => f.write_str("votes for a line that the rule does not allow"),
            Self::Message => f.write_str("the plaintext is not a message"),
            Self::Length => f.write_str("the message does not have the length of the others"),
            Self::Gap => f.write_str("a rank is missing before the last"),
            Self::Tie => f.write_str("a rank is given twice"),
            Self::Ranked => f.write_str("too few or too many are ranked"),
            Self::Name => f.write_str("a line without a name that can be read"),
            Self::Listed => f.write_str("a line with the name of an option"),
            Self::AboveEach => f.write_str("more votes than one name can have"),
            Self::TooManyNames => write!(f, "names beyond the {MAX_CANDIDATES} that can stand"),
            Self::Withdrawn => f.write_str("nobody but options that were withdrawn"),
        }
    }
}
