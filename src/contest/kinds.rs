//! The kinds of contests, and what depends on the kind.

use super::{
    Broken, Contest, Form, OpenedRow, RowCount, Words, WriteIns,
    choice::ChoiceKind,
    given::Given,
    grades::GradesKind,
    kind::Kind,
    limits::Votes,
    lists::ListsKind,
    pairs::PAIRS,
    places::PlacesKind,
    quadratic::QuadraticKind,
    ranking::RankingKind,
    rules::{Rules, Term},
    split::SplitKind,
    star::StarKind,
    summed::Summed,
};
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// All kinds.
pub(super) const KINDS: [&dyn Kind; 9] = [
    &ChoiceKind,
    &GradesKind,
    &RankingKind,
    &ListsKind,
    &PlacesKind,
    &PAIRS,
    &StarKind,
    &QuadraticKind,
    &SplitKind,
];

impl Form {
    pub(super) fn kind(&self) -> &'static dyn Kind {
        match self {
            Self::Choice => &ChoiceKind,
            Self::Grades { .. } => &GradesKind,
            Self::Ranking { .. } => &RankingKind,
            Self::Lists { .. } => &ListsKind,
            Self::Places { .. } => &PlacesKind,
            Self::Pairs { .. } => &PAIRS,
            Self::Star => &StarKind,
            Self::Quadratic { .. } => &QuadraticKind,
            Self::Split => &SplitKind,
        }
    }
}

impl Contest {
    pub(super) fn kind(&self) -> &'static dyn Kind {
        self.form.kind()
    }

    /// The JSON fields of all kinds.
    pub(super) fn kind_fields() -> Vec<&'static str> {
        KINDS.iter().map(|kind| kind.field()).collect()
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

    /// Adds its numbers and equations to those of a ballot; its slots begin at `first`.
    pub(crate) fn add_rules(
        &self,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        self.kind().add_rules(self, first, gate, rules)
    }

    /// How many votes a ballot without a mark holds, given or not; `None` if it is counted as one.
    pub(crate) fn held(&self) -> Option<u64> {
        self.kind().held(self)
    }

    /// The numbers that the rules ask for, for a vote with these values, one for each option and then for each line for
    /// write-ins, and these marks; `open` is 1, or 0 in a contest in which nothing can be chosen.
    pub(crate) fn numbers(&self, values: &[u64], marks: &[bool], open: u64) -> Zeroizing<Vec<u64>> {
        self.kind().numbers(self, values, marks, open)
    }

    /// The rule that a vote of a voter of this weight breaks, if it does. Unless the contest is `open`, nothing can be chosen. Variable
    /// time.
    pub(crate) fn broken_vartime(
        &self,
        values: &[u64],
        marks: &[bool],
        open: bool,
        weight: u64,
    ) -> Option<Broken> {
        match open {
            true => {
                let broken = self.kind().broken_vartime(self, values, marks);
                broken.or_else(|| self.kind().broken_weight_vartime(self, values, weight))
            }
            false => {
                let chosen = values.iter().any(|value| *value > 0) || marks.contains(&true);
                chosen.then_some(Broken::Closed)
            }
        }
    }

    /// The largest value of any slot that is summed, and of any line.
    pub(crate) fn largest(&self) -> u64 {
        self.slot_values().into_iter().max().unwrap_or(1)
    }

    /// The largest value of each slot before those of the message.
    pub(crate) fn slot_values(&self) -> Vec<u64> {
        self.kind().slots(self)
    }

    /// The values and marks in the slots before those of the message.
    pub(crate) fn read_slots(&self, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        self.kind().read(self, slots)
    }

    /// The number of a mark; `None` if the contest does not take such marks.
    pub(crate) fn number(&self, given: Given) -> Option<u64> {
        self.kind().number(given)
    }

    /// The mark of the number at a place among the values.
    pub(crate) fn given(&self, place: usize, number: u64) -> Given {
        self.kind().given(self, place, number)
    }

    /// How many values a vote has before those of its lines.
    pub(crate) fn values(&self) -> usize {
        self.options.len().saturating_add(self.kind().more_values(self))
    }

    /// The place of the value to which a voter gives this by name.
    pub(crate) fn place(&self, name: &str, given: Given) -> Option<usize> {
        self.kind().place(self, name, given)
    }

    /// The name by which a voter gives the value at this place.
    pub(crate) fn name(&self, place: usize) -> Option<&str> {
        self.kind().name(self, place)
    }

    /// Some vote without a mark that keeps its rules, given that these votes for options and lines keep the limits: what is given, and
    /// the place of its value.
    pub(crate) fn example(&self, votes: &[u64]) -> Vec<(usize, Given)> {
        self.kind().example(self, votes)
    }

    /// What its totals say, where ballots have this weight in all; `None` if one does not fit.
    pub(crate) fn summed(&self, totals: &[u64], weight: u64) -> Option<Summed> {
        self.kind().summed(self, totals, weight)
    }

    /// What marks the contest takes, in words.
    pub(crate) fn takes(&self) -> &'static str {
        self.kind().takes()
    }

    /// The value of an option, by its place, that has `value` and is marked once more.
    pub(crate) fn marked(&self, option: usize, value: u64, number: u64) -> Result<u64, Broken> {
        self.kind().mark(option, value, number)
    }

    /// How many votes a mark with this number is.
    pub(crate) fn votes(&self, number: u64) -> u64 {
        self.kind().votes(number)
    }

    /// How many votes, or rankings, are left out with a row.
    pub(crate) fn lost_with(&self, row: &OpenedRow) -> u64 {
        self.kind().lost_with(row)
    }

    /// The support that a line gives its name.
    pub(crate) fn support(&self, number: u64) -> u64 {
        self.kind().support(number)
    }

    /// What a row counts for. Each of its lines has a number and a candidate, or `None` if the name is not a candidate.
    pub(crate) fn count_row(&self, row: &OpenedRow, lines: &[(Option<usize>, u64)]) -> RowCount {
        self.kind().count_row(self, row, lines)
    }

    /// The words for it in reports.
    pub(crate) fn words(&self) -> Words {
        self.kind().words()
    }

    /// The rule as a sentence for voters, in English.
    pub fn rule_sentence(&self) -> impl fmt::Display {
        struct Sentence<'a>(&'a Contest);
        impl fmt::Display for Sentence<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.kind().describe(self.0, f)?;
                self.0.marks.iter().try_for_each(|mark| write!(f, ", or votes {}", mark.name))?;
                f.write_str(".")
            }
        }
        Sentence(self)
    }
}
