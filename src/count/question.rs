//! A question to be answered by yes or no.

use super::{AtLeast, MoreThan};

/// What a question needs to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// How many say yes.
    pub yes: u64,
    /// What these must exceed.
    pub majority: MoreThan,
    /// What must be reached besides, and by which number: ballots if so many must take part, those who say yes if so many must
    /// agree.
    pub quorum: Option<(u64, AtLeast)>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How many say yes.
    pub yes: u64,
    /// Whether enough say yes.
    pub majority: bool,
    /// Whether the quorum is reached, or there is none.
    pub quorum: bool,
}

impl Question {
    /// The answer. Exactly the share of the majority is not enough; exactly the quorum is.
    pub fn answer(&self) -> Answer {
        let Self { yes, majority, quorum } = *self;
        Answer {
            yes,
            majority: majority.is_met_by(yes),
            quorum: quorum.is_none_or(|(found, needed)| needed.is_met_by(found)),
        }
    }
}

impl Answer {
    /// Whether the answer is yes.
    pub fn passes(self) -> bool {
        self.majority && self.quorum
    }
}
