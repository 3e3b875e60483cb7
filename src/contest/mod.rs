//! A contest: its options, how a voter marks them, and how it is opened and counted.

mod broken;
mod bytes;
mod check;
mod choice;
pub(crate) mod given;
mod integer;
#[cfg(feature = "serde")]
mod json;
mod kind;
pub(crate) mod left_out;
mod message;
mod ranking;
mod row;

pub use broken::{Broken, Unreadable};
pub(crate) use bytes::{put_contest, read_contest};
pub(crate) use check::check_contest;
pub(crate) use kind::{RowCount, Words};
pub use message::Written;
pub(crate) use message::{MAX_CANDIDATES, pack};
pub use row::OpenedRow;
pub(crate) use row::Values;

use crate::{
    count::Counting,
    crypto::{bits::Constraints, message as encoding},
};
use alloc::{string::String, vec::Vec};
use core::fmt;
use given::Given;
use kind::Kind;
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
#[non_exhaustive]
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
    /// With so many lines for write-ins of at most `length` bytes each. In a ranking they can be ranked, too, all of them if all
    /// options can; else they can get votes like options, within the votes that a voter has, and the contest is counted by
    /// plurality for one seat unless it is said otherwise.
    #[must_use]
    pub fn write_ins(mut self, places: u16, length: u16) -> Self {
        self.write_ins = WriteIns { places, length };
        self.kind().add_lines(&mut self);
        self
    }

    /// Counted like this.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = Some(counting);
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

    fn kind(&self) -> &'static dyn Kind {
        self.form.kind()
    }

    /// How many slots are opened as sums: one for each option, and one for blank if it has that; none in a ranking.
    pub fn summed_slots(&self) -> usize {
        self.kind().summed_slots(self)
    }

    /// Whether the options have totals.
    pub(crate) fn has_totals(&self) -> bool {
        self.summed_slots() > 0
    }

    /// How many slots leave through a mix: one for the votes of each write-in, unless they are ranked, then those of one
    /// message with everything that is written.
    pub fn mixed_slots(&self) -> usize {
        self.flag_slots().saturating_add(self.message_slots())
    }

    /// How many of the mixed slots hold votes for write-ins.
    pub(crate) fn flag_slots(&self) -> usize {
        self.kind().flag_slots(self)
    }

    /// How many slots the message takes.
    pub(crate) fn message_slots(&self) -> usize {
        message::length(self).div_ceil(encoding::PAYLOAD)
    }

    /// How many slots it takes: those that are summed, then those that are mixed.
    pub fn slots(&self) -> usize {
        self.summed_slots().saturating_add(self.mixed_slots())
    }

    /// How many bits its rule takes.
    pub(crate) fn bit_count(&self) -> usize {
        self.kind().bit_count(self)
    }

    /// The bits of a vote with these values, one for each option and then for each line for write-ins, or the rule that it
    /// breaks. A ranking has none.
    pub(crate) fn bits(&self, values: &[u32], blank: bool) -> Result<Zeroizing<Vec<u8>>, Broken> {
        self.kind().bits(self, values, blank)
    }

    /// Adds bits, rows and free slots; the contest's slots begin at `first`.
    pub(crate) fn constrain(&self, first: usize, constraints: &mut Constraints) {
        self.kind().constrain(self, first, constraints);
        let message = first.saturating_add(self.summed_slots()).saturating_add(self.flag_slots());
        constraints.leave_free(message..message.saturating_add(self.message_slots()));
    }

    /// The numbers in all slots before those of the message, for a vote with these values.
    pub(crate) fn in_slots(&self, values: &[u32], blank: bool) -> Zeroizing<Vec<u32>> {
        self.kind().in_slots(self, values, blank)
    }

    /// The number of a mark; `None` if the contest takes no such marks.
    pub(crate) fn number(&self, given: Given) -> Option<u32> {
        self.kind().number(given)
    }

    /// The mark of a number.
    pub(crate) fn given(&self, number: u32) -> Given {
        self.kind().given(number)
    }

    /// What marks it takes, in words.
    pub(crate) fn takes(&self) -> &'static str {
        self.kind().takes()
    }

    /// The value of an option, by its place, that has `value` and is marked once more.
    pub(crate) fn mark(&self, option: usize, value: u32, number: u32) -> Result<u32, Broken> {
        self.kind().mark(option, value, number)
    }

    /// How many votes a mark of this number is.
    pub(crate) fn votes(&self, number: u32) -> u32 {
        self.kind().votes(number)
    }

    /// The rule that opened numbers of this sum break, if they do.
    pub(crate) fn broken_by_sum(&self, sum: u64, blank: bool) -> Option<Broken> {
        self.kind().broken_by_sum(self, sum, blank)
    }

    /// How many votes, or rankings, are left out with a row.
    pub(crate) fn lost_with(&self, row: &OpenedRow) -> u64 {
        self.kind().lost_with(row)
    }

    /// The support that a line gives its name.
    pub(crate) fn support(&self, number: u32) -> u32 {
        self.kind().support(number)
    }

    /// What a row counts for, from its lines: each a candidate, unless the name does not stand, and a number.
    pub(crate) fn count_row(&self, row: &OpenedRow, lines: &[(Option<usize>, u32)]) -> RowCount {
        self.kind().count_row(self, row, lines)
    }

    /// How it is spoken of.
    pub(crate) fn words(&self) -> Words {
        self.kind().words()
    }

    /// What a voter can do, as a sentence.
    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().describe(self, f)
    }
}
