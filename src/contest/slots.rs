//! The slots of a contest.

use super::{Contest, message, rules::from_limbs};
use crate::crypto::message::PAYLOAD;
use alloc::{format, string::String, vec::Vec};
use core::ops::Range;

impl Contest {
    /// How many slots are opened as sums: those of the values, one for each mark, and what the kind counts besides. None in a ranking.
    pub fn summed_slots(&self) -> usize {
        let (kind, marks) = (self.kind(), self.marks.len());
        kind.value_slots(self).saturating_add(marks).saturating_add(kind.more_slots(self))
    }

    /// What a slot that is not part of the message counts, in words.
    pub(crate) fn slot_name(&self, slot: usize) -> String {
        self.slot_names().nth(slot).unwrap_or_default()
    }

    fn slot_names(&self) -> impl Iterator<Item = String> {
        let marks = self.marks.iter().map(|mark| mark.id.clone());
        let lines = (0..self.write_ins.places).map(|line| format!("line {line}"));
        let names = self.kind().value_names(self).into_iter().chain(marks);
        names.chain(self.kind().more_names(self)).chain(lines)
    }

    /// What each slot counts, in words, but those of options and their voters, of marks and of grades.
    pub(crate) fn other_slots(&self) -> Vec<(usize, String)> {
        if self.voters || !self.grades().is_empty() {
            return Vec::new();
        }
        let options = self.end_of_options();
        let marks = self.value_slots()..self.value_slots().saturating_add(self.marks.len());
        let names = self.slot_names().enumerate().take(self.summed_slots()).skip(options);
        names.filter(|(slot, _)| !marks.contains(slot)).collect()
    }

    /// Whether the options have totals.
    pub(crate) fn has_totals(&self) -> bool {
        self.kind().has_totals()
    }

    /// How many summed slots come before those of the marks.
    pub(crate) fn value_slots(&self) -> usize {
        self.kind().value_slots(self)
    }

    /// Whether its options have votes.
    pub(crate) fn has_votes(&self) -> bool {
        self.kind().has_votes()
    }

    /// The total of each option, where options have one; `None` if one, or their sum, does not fit.
    pub(crate) fn option_totals(&self, totals: &[u64]) -> Option<Vec<u64>> {
        let kind = self.kind();
        let mut rest = totals;
        let mut total = |option| {
            let (limbs, behind) = rest.split_at_checked(kind.option_slots(self, option))?;
            rest = behind;
            from_limbs(limbs)
        };
        let options = (0..self.options.len()).filter(|_| kind.has_totals());
        let options: Vec<u64> = options.map(&mut total).collect::<Option<_>>()?;
        options.iter().try_fold(0u64, |sum, total| sum.checked_add(*total))?;
        Some(options)
    }

    /// What all votes, points or grades are together; `None` if it does not fit.
    pub(crate) fn given_total(&self, totals: &[u64]) -> Option<u64> {
        let others = totals.get(self.end_of_options()..self.value_slots()).unwrap_or_default();
        let options = if self.has_totals() { self.option_totals(totals)? } else { Vec::new() };
        options.iter().chain(others).try_fold(0u64, |sum, total| sum.checked_add(*total))
    }

    /// The first slot behind those of the options' totals.
    fn end_of_options(&self) -> usize {
        let kind = self.kind();
        let options = (0..self.options.len()).filter(|_| kind.has_totals());
        options.map(|option| kind.option_slots(self, option)).sum()
    }

    /// The slots of an option's grades.
    pub(crate) fn grade_slots(&self, option: usize) -> Range<usize> {
        let n = self.grades().len();
        let first = option.saturating_mul(n);
        first..first.saturating_add(n)
    }

    /// How many slots leave through a mix: one for the votes of each write-in line, unless lines are ranked, then those of
    /// one message with all names and ranks.
    pub fn mixed_slots(&self) -> usize {
        self.flag_slots().saturating_add(self.message_slots())
    }

    /// How many of the mixed slots hold votes for write-ins.
    pub(crate) fn flag_slots(&self) -> usize {
        self.kind().flag_slots(self)
    }

    /// How many slots the message takes.
    pub(crate) fn message_slots(&self) -> usize {
        message::length(self).div_ceil(PAYLOAD)
    }

    /// How many slots the contest has: summed slots, then mixed slots.
    pub fn slots(&self) -> usize {
        self.summed_slots().saturating_add(self.mixed_slots())
    }
}
