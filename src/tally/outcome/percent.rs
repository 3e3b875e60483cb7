//! What percentages are shares of.

use crate::contest::{Base, Contest};
use core::fmt;

/// The whole of which an option's votes are a share. It follows from what a ballot can give, so an option that everybody
/// approves of has 100 %, whatever else they approve of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareOf {
    /// All votes for options and write-ins, where a ballot gives one.
    Votes,
    /// All ballots without a mark that is not valid, by weight, if the manifest says so.
    Valid,
    /// All ballots, marked ones too, by weight, where a ballot gives several votes and one option gets one of them at most.
    Ballots,
    /// The most votes that all ballots can give to one option, by weight, where that are several of each ballot.
    Most {
        /// How many of each ballot.
        each: u64,
    },
}

impl ShareOf {
    /// That of a contest's options, which are not ranked.
    pub fn of(contest: &Contest) -> Self {
        if contest.splits_weight() {
            return Self::Votes;
        }
        if !contest.has_votes() {
            return Self::Most { each: contest.rule.each };
        }
        let options = (0..contest.candidates()).map(|place| contest.most(place));
        let each = options.max().unwrap_or(1).min(contest.rule.max);
        match (contest.base, contest.rule.max, each) {
            (Some(Base::Votes), ..) | (None, ..=1, _) => Self::Votes,
            (Some(Base::Valid), ..) => Self::Valid,
            (Some(Base::Ballots), ..) | (None, _, ..=1) => Self::Ballots,
            (None, _, each) => Self::Most { each },
        }
    }
}

impl fmt::Display for ShareOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Votes => f.write_str("of all votes"),
            Self::Valid => f.write_str("of all valid ballots"),
            Self::Ballots => f.write_str("of all ballots"),
            Self::Most { each } => {
                write!(f, "of the most that one option can get, {each} votes from each ballot")
            }
        }
    }
}
