//! Why a vote cannot be given, and why one cannot be read.

use crate::crypto::message::NotAMessage;
use alloc::{format, string::String};
use core::fmt;

/// Which rule a vote breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Broken {
    /// The number of values differs from the number of options.
    Options {
        /// How many values were given.
        found: usize,
        /// How many options there are.
        expected: usize,
    },
    /// An option has more votes than it may have.
    Each {
        /// The option's number.
        option: usize,
        /// Its votes.
        found: u64,
        /// The most it may have.
        max: u64,
    },
    /// Too few votes in total.
    TooFew {
        /// How many.
        found: u64,
        /// The least number allowed.
        min: u64,
    },
    /// Too many votes in total.
    TooMany {
        /// How many.
        found: u64,
        /// The largest number allowed.
        max: u64,
    },
    /// There is a mark that goes with no vote, and yet there are votes.
    MarkWithVotes,
    /// There are several marks that go with nothing else.
    TwoMarks,
    /// What the votes for the options of a limit cost is out of its range.
    Limit {
        /// The limit's number.
        limit: usize,
        /// What they cost.
        found: u64,
        /// The least that is allowed.
        min: u64,
        /// The most that is allowed.
        max: u64,
    },
    /// An option has a vote that goes with another one, which has none.
    Without {
        /// The option's number.
        option: usize,
        /// That of the option that it goes with.
        needs: usize,
    },
    /// Something is chosen in a contest that goes with an option of another one, which has no vote.
    Closed,
    /// The voter is counted among those of an option without giving it a vote, or the other way round.
    Voters {
        /// The option's number.
        option: usize,
    },
    /// What is summed besides the votes, the pairs or lines, does not follow from them.
    Others,
    /// Several lists are chosen.
    TwoLists,
    /// No list is chosen, where one must be.
    NoList,
    /// The votes cost more credits than a voter has.
    Credits {
        /// What they cost.
        found: u64,
        /// How many credits there are.
        max: u64,
    },
    /// The shares are not the voter's weight together.
    Shares {
        /// What they are.
        found: u64,
        /// The weight.
        weight: u64,
    },
    /// The weight that is split is one that no voter has.
    Weight {
        /// The weight.
        found: u64,
        /// The largest that a voter can have.
        max: u64,
    },
    /// Nothing has this rank, but something has a later one.
    Gap {
        /// The rank.
        rank: u64,
    },
    /// Several have this rank, in a ranking without ties.
    Tie {
        /// The rank.
        rank: u64,
    },
    /// An option has no grade.
    NoGrade {
        /// The option's number.
        option: usize,
    },
    /// An option has a grade that does not exist.
    Grade {
        /// The option's number.
        option: usize,
        /// The grade's number, from 1.
        found: u64,
        /// How many grades there are.
        grades: usize,
    },
    /// An option is ranked or graded twice.
    MarkedTwice {
        /// The option's number.
        option: usize,
    },
    /// More names are written in than there are lines for them.
    TooManyNames {
        /// How many.
        found: usize,
        /// How many lines there are.
        max: u16,
    },
    /// A line holds something that is not a name, or a name without a rank, or a rank without a name.
    Name {
        /// The line's number.
        line: usize,
    },
}

impl Broken {
    /// Writes it with the names of options, where this has some; else with their numbers.
    pub(crate) fn write(
        &self,
        f: &mut impl fmt::Write,
        name: impl Fn(usize) -> Option<String>,
    ) -> fmt::Result {
        let name = |number: &usize| {
            name(*number)
                .map_or_else(|| format!("option {number} (from 0)"), |name| format!("'{name}'"))
        };
        match self {
            Self::Options { found, expected } => {
                write!(f, "{found} values were given for {expected} options")
            }
            Self::Each { option, found, max } => {
                write!(f, "{} has {found} votes; at most {max} are allowed", name(option))
            }
            Self::TooFew { found, min } => {
                write!(f, "{found} votes in total; at least {min} are needed")
            }
            Self::TooMany { found, max } => {
                write!(f, "{found} votes in total; at most {max} are allowed")
            }
            Self::MarkWithVotes => f.write_str("a mark such as blank goes with no vote"),
            Self::TwoMarks => f.write_str("marks such as blank go with no other mark"),
            Self::Limit { limit, found, min: 0, max } => write!(
                f,
                "the options of limit {limit} (from 0) get {found} in all, at most {max} is allowed"
            ),
            Self::Limit { limit, found, min, max } => write!(
                f,
                "the options of limit {limit} (from 0) get {found} in all, {min} to {max} is allowed"
            ),
            Self::Without { option, needs } => {
                write!(f, "{} goes with {}, which has no vote", name(option), name(needs))
            }
            Self::Closed => f.write_str(
                "nothing can be chosen here without a vote for the option of another contest with which it goes",
            ),
            Self::Voters { option } => {
                write!(f, "the voter is not counted right among those of {}", name(option))
            }
            Self::Others => f.write_str("pairs or lines do not follow from the votes"),
            Self::TwoLists => f.write_str("several lists are chosen"),
            Self::NoList => f.write_str("no list is chosen, and one must be"),
            Self::Credits { found, max } => {
                write!(f, "the votes cost {found} credits; there are {max}")
            }
            Self::Shares { found, weight } => {
                write!(f, "the shares are {found} together; the voter's weight is {weight}, all of which is split")
            }
            Self::Weight { found, max } => {
                write!(f, "the voter's weight is given as {found}; it is 1 to {max}")
            }
            Self::Gap { rank } => {
                write!(f, "nothing has rank {rank}; ranks are given from 1 on without gaps")
            }
            Self::Tie { rank } => {
                write!(f, "rank {rank} is given twice, and there are no ties in this contest")
            }
            Self::NoGrade { option } => write!(f, "{} has no grade", name(option)),
            Self::Grade { option, found, grades } => {
                write!(f, "{} has grade {found}; there are grades 1 to {grades}", name(option))
            }
            Self::MarkedTwice { option } => {
                write!(f, "{} is ranked or graded twice", name(option))
            }
            Self::TooManyNames { found, max } => {
                write!(f, "{found} names are written in; there are {max} lines")
            }
            Self::Name { line } => write!(
                f,
                "line {line} (from 0) of the write-ins must hold a name that is not too long and has no white space at \
                 its ends and no invisible characters, and have a rank, or hold nothing"
            ),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |_| None)
    }
}

impl core::error::Error for Broken {}

/// Why a message holds no valid vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The plaintext is not a message.
    Message(NotAMessage),
    /// The message does not have the length of the contest's messages.
    Length {
        /// Its length in bytes.
        found: usize,
        /// The expected length in bytes.
        expected: usize,
    },
    /// The vote breaks a rule of the contest.
    Rule(Broken),
    /// The votes for a write-in are not a number that the rule allows.
    Votes,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(error) => error.fmt(f),
            Self::Length { found, expected } => {
                write!(f, "a message of {found} bytes; expected {expected}")
            }
            Self::Rule(broken) => broken.fmt(f),
            Self::Votes => f.write_str("votes for a write-in that the rule does not allow"),
        }
    }
}

impl core::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Message(error) => Some(error),
            Self::Rule(error) => Some(error),
            Self::Length { .. } | Self::Votes => None,
        }
    }
}
