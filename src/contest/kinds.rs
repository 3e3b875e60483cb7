//! The kinds of contests, and what depends on the kind.

use super::{
    Broken, Contest, Form, OpenedRow, RowCount, Words, WriteIns, choice::ChoiceKind, given::Given,
    kind::Kind, ranking::RankingKind,
};
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// All kinds.
pub(super) const KINDS: [&dyn Kind; 2] = [&ChoiceKind, &RankingKind];

impl Form {
    pub(super) fn kind(self) -> &'static dyn Kind {
        match self {
            Self::Choice => &ChoiceKind,
            Self::Ranking { .. } => &RankingKind,
        }
    }
}

impl Contest {
    pub(super) fn kind(&self) -> &'static dyn Kind {
        self.form.kind()
    }

    /// Adds `places` lines for write-ins of at most `length` bytes each. In a ranking they can be ranked, and all of them if
    /// all options can be. In a choice they can get votes like options, within the voter's total; the contest is counted by
    /// plurality for one seat unless [`counting`](Self::counting) says otherwise.
    #[must_use]
    pub fn write_ins(mut self, places: u16, length: u16) -> Self {
        self.write_ins = WriteIns { places, length };
        self.kind().add_lines(&mut self);
        self
    }

    /// The numbers in all slots before the message, for a vote with these values.
    pub(crate) fn in_slots(&self, values: &[u32], blank: bool) -> Zeroizing<Vec<u32>> {
        self.kind().in_slots(self, values, blank)
    }

    /// The number of a mark; `None` if the contest does not take such marks.
    pub(crate) fn number(&self, given: Given) -> Option<u32> {
        self.kind().number(given)
    }

    /// The mark of a number.
    pub(crate) fn given(&self, number: u32) -> Given {
        self.kind().given(number)
    }

    /// What marks the contest takes, in words.
    pub(crate) fn takes(&self) -> &'static str {
        self.kind().takes()
    }

    /// The new value of the option at this place, which has `value` and is marked again.
    pub(crate) fn mark(&self, option: usize, value: u32, number: u32) -> Result<u32, Broken> {
        self.kind().mark(option, value, number)
    }

    /// How many votes a mark with this number is.
    pub(crate) fn votes(&self, number: u32) -> u32 {
        self.kind().votes(number)
    }

    /// The rule that opened numbers with this sum break, if any.
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

    /// What a row counts for. Each of its lines has a number and a candidate, or `None` if the name is not a candidate.
    pub(crate) fn count_row(&self, row: &OpenedRow, lines: &[(Option<usize>, u32)]) -> RowCount {
        self.kind().count_row(self, row, lines)
    }

    /// The words for it in reports.
    pub(crate) fn words(&self) -> Words {
        self.kind().words()
    }

    /// The rule as a sentence for voters.
    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().describe(self, f)
    }
}
