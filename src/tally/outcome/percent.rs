//! What percentages are shares of.

use crate::contest::Contest;
use core::fmt;

/// The whole of which an option's votes are a share. It follows from what a ballot can give, so an option that everybody
/// approves of has 100 %, whatever else they approve of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareOf {
    /// All votes for options and write-ins, where a ballot gives one.
    Votes,
    /// All ballots, blank ones too, by weight, where a ballot gives several votes and one option gets one of them at most.
    Ballots,
    /// The most votes that all ballots can give to one option, by weight, where that are several of each ballot.
    Most {
        /// How many of each ballot.
        each: u32,
    },
}

impl ShareOf {
    /// That of a contest's options, which are not ranked.
    pub fn of(contest: &Contest) -> Self {
        match (contest.rule.max, contest.rule.each.min(contest.rule.max)) {
            (..=1, _) => Self::Votes,
            (_, ..=1) => Self::Ballots,
            (_, each) => Self::Most { each },
        }
    }
}

impl fmt::Display for ShareOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes => f.write_str("of all votes"),
            Self::Ballots => f.write_str("of all ballots"),
            Self::Most { each } => {
                write!(f, "of the most that one option can get, {each} votes from each ballot")
            }
        }
    }
}
