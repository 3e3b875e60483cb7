//! A contest: its options, how a voter marks them, and how it is opened and counted.

mod broken;
mod bytes;
mod check;
mod choice;
mod integer;
#[cfg(feature = "serde")]
mod json;
mod ranking;
mod row;

pub use broken::{Broken, Unreadable};
pub(crate) use bytes::{put_contest, read_contest};
pub(crate) use check::check_contest;
#[cfg(feature = "serde")]
pub(crate) use json::ContestItem;
pub use ranking::Written;
pub(crate) use ranking::{MAX_CANDIDATES, pack};
pub use row::OpenedRow;
pub(crate) use row::Values;

use crate::{
    count::{Counting, Method, TieBreak},
    crypto::{bits::Constraints, message},
};
use alloc::{string::String, vec::Vec};
use core::ops::RangeInclusive;
use zeroize::Zeroizing;

/// In what cells the sum of a contest is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// One sum for each district.
    #[default]
    District,
    /// One sum for the whole election.
    Election,
}

/// How many votes a voter has in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The least sum of votes over all options.
    pub min: u32,
    /// The largest sum of votes over all options.
    pub max: u32,
    /// The most votes that one option can get.
    pub each: u32,
    /// Whether there is a slot for "blank, on purpose", which goes with no vote at all, whatever `min` is.
    pub blank: bool,
}

/// A question with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The name by which it is referred to.
    pub id: String,
    /// The question for people; the id unless it is set.
    pub title: String,
    /// The options.
    pub options: Vec<String>,
    /// How many votes a voter has; in a ranking, how many options and write-ins are ranked.
    pub rule: Rule,
    /// In what cells it is opened.
    pub cell: Cell,
    /// Whether options are chosen or ranked.
    pub form: Form,
    /// Lines for names that are not among the options.
    pub write_ins: WriteIns,
    /// How it is counted, if votes that do not add up are opened one by one.
    pub counting: Option<Counting>,
}

/// What a voter does with the options of a contest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Gives votes to them, which are added up.
    #[default]
    Choice,
    /// Ranks them. Rankings leave through a mix and are opened one by one.
    Ranking {
        /// Whether several can have the same rank.
        ties: bool,
    },
}

/// Lines on a ballot for names that are not among the options. What is written there leaves through a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteIns {
    /// How many lines.
    pub places: u16,
    /// Most bytes of a name; 0 if there are no lines.
    pub length: u16,
}

impl Contest {
    /// One vote for one of the options.
    pub fn choose_one(id: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::choose(id, options, 1..=1)
    }

    /// So many votes in all, at most one for each option unless [`each`](Self::each) says otherwise.
    pub fn choose(
        id: &str,
        options: impl IntoIterator<Item = impl Into<String>>,
        votes: RangeInclusive<u32>,
    ) -> Self {
        Self {
            id: id.into(),
            title: id.into(),
            options: options.into_iter().map(Into::into).collect(),
            rule: Rule { min: *votes.start(), max: *votes.end(), each: 1, blank: false },
            cell: Cell::default(),
            form: Form::Choice,
            write_ins: WriteIns::default(),
            counting: None,
        }
    }

    /// As many of the options as the voter wants, one after the other in order of preference. It is mixed for the whole
    /// election and counted as this says.
    pub fn rank(
        id: &str,
        options: impl IntoIterator<Item = impl Into<String>>,
        counting: Counting,
    ) -> Self {
        let mut new = Self::approval(id, options).cell(Cell::Election);
        new.form = Form::Ranking { ties: false };
        new.counting = Some(counting);
        new
    }

    /// With so many of the options and write-ins to be ranked, at least and at most.
    #[must_use]
    pub fn ranks(mut self, ranked: RangeInclusive<u32>) -> Self {
        (self.rule.min, self.rule.max) = (*ranked.start(), *ranked.end());
        self
    }

    /// A ranking in which several can have the same rank.
    #[must_use]
    pub fn ties(mut self) -> Self {
        self.form = Form::Ranking { ties: true };
        self
    }

    /// With so many lines for write-ins of at most `length` bytes each. In a ranking they can be ranked, too, all of them if all
    /// options can; else they can get votes like options, within the votes that a voter has, and the contest is counted by
    /// plurality for one seat unless it is said otherwise.
    #[must_use]
    pub fn write_ins(mut self, places: u16, length: u16) -> Self {
        self.write_ins = WriteIns { places, length };
        match self.form {
            Form::Ranking { .. } => {
                let all = u32::try_from(self.options.len()) == Ok(self.rule.max);
                let more = if all { places.into() } else { 0 };
                self.rule.max = self.rule.max.saturating_add(more);
                self
            }
            Form::Choice => self.counting(Counting {
                method: Method::Plurality,
                seats: 1,
                tie_break: TieBreak::Order,
            }),
        }
    }

    /// Counted like this.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = Some(counting);
        self
    }

    /// One vote for each option that the voter approves of, be it none or all.
    pub fn approval(id: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut new = Self::choose(id, options, 0..=0);
        new.rule.max = u32::try_from(new.options.len()).unwrap_or(u32::MAX);
        new
    }

    /// With a slot for voters who vote blank on purpose.
    #[must_use]
    pub fn blank(mut self) -> Self {
        self.rule.blank = true;
        self
    }

    /// With up to `most` votes for one option.
    #[must_use]
    pub fn each(mut self, most: u32) -> Self {
        self.rule.each = most;
        self
    }

    /// With this question.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.title = title.into();
        self
    }

    /// Opened in these cells.
    #[must_use]
    pub fn cell(mut self, cell: Cell) -> Self {
        self.cell = cell;
        self
    }

    /// How many options and write-ins can get votes or ranks.
    pub fn candidates(&self) -> usize {
        self.options.len().saturating_add(self.write_ins.places.into())
    }

    /// How many slots are opened as sums: one for each option, and one for blank if it has that; none in a ranking.
    pub fn summed_slots(&self) -> usize {
        match self.form {
            Form::Choice => self.options.len().saturating_add(usize::from(self.rule.blank)),
            Form::Ranking { .. } => 0,
        }
    }

    /// How many slots leave through a mix: one for the votes of each write-in, unless they are ranked, then those of one
    /// message with everything that is written.
    pub fn mixed_slots(&self) -> usize {
        self.flag_slots().saturating_add(self.message_slots())
    }

    /// How many of the mixed slots hold votes for write-ins.
    pub(crate) fn flag_slots(&self) -> usize {
        match self.form {
            Form::Choice => self.write_ins.places.into(),
            Form::Ranking { .. } => 0,
        }
    }

    /// How many slots the message takes.
    pub(crate) fn message_slots(&self) -> usize {
        ranking::length(self).div_ceil(message::PAYLOAD)
    }

    /// How many slots it takes: those that are summed, then those that are mixed.
    pub fn slots(&self) -> usize {
        self.summed_slots().saturating_add(self.mixed_slots())
    }

    /// How many bits its rule takes.
    pub(crate) fn bit_count(&self) -> usize {
        match self.form {
            Form::Choice => choice::bit_count(&self.rule, self.candidates()),
            Form::Ranking { .. } => 0,
        }
    }

    /// The bits of a vote with these values, one for each option and then for each line for write-ins, or the rule that it
    /// breaks. A ranking has none.
    pub(crate) fn bits(&self, values: &[u32], blank: bool) -> Result<Zeroizing<Vec<u8>>, Broken> {
        if let Form::Ranking { .. } = self.form {
            return if blank { Err(Broken::NoBlank) } else { Ok(Zeroizing::default()) };
        }
        if values.len() != self.candidates() {
            return Err(Broken::Options { found: values.len(), expected: self.candidates() });
        }
        choice::bits(&self.rule, values, blank)
    }

    /// Adds bits, rows and free slots; the contest's slots begin at `first`.
    pub(crate) fn constrain(&self, first: usize, constraints: &mut Constraints) {
        let mixed = first.saturating_add(self.summed_slots());
        let message = mixed.saturating_add(self.flag_slots());
        if self.form == Form::Choice {
            let options = first.saturating_add(self.options.len());
            choice::constrain(
                &self.rule,
                (first..options).chain(mixed..message),
                options,
                constraints,
            );
        }
        constraints.leave_free(message..message.saturating_add(self.message_slots()));
    }
}
