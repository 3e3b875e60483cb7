//! The slots of a contest.

use super::{Contest, message};
use crate::crypto::message::PAYLOAD;
use alloc::{format, string::String, vec, vec::Vec};
use core::ops::Range;

impl Contest {
    /// How many slots are opened as sums: one for each option, or in a contest by grades for each grade of each option; one for each
    /// mark; and one for the voters of each option if they are counted. None in a ranking.
    pub fn summed_slots(&self) -> usize {
        self.kind().summed_slots(self)
    }

    /// What a slot that is not part of the message counts, in words.
    pub(crate) fn slot_name(&self, slot: usize) -> String {
        let option = |option: &str| match self.grades() {
            [] => vec![option.into()],
            grades => grades.iter().map(|grade| format!("{option}: {grade}")).collect::<Vec<_>>(),
        };
        let marks = self.marks.iter().map(|mark| mark.id.clone());
        let voters = self.ids().map(|id| format!("voters of {id}"));
        let voters = voters.filter(|_| self.voters);
        let lines = (0..self.write_ins.places).map(|line| format!("line {line}"));
        let mut names = self.ids().flat_map(option).chain(marks).chain(voters).chain(lines);
        names.nth(slot).unwrap_or_default()
    }

    /// Whether the options have totals.
    pub(crate) fn has_totals(&self) -> bool {
        self.kind().has_totals()
    }

    /// How many slots come before those of the marks: one for each option, or in a contest by grades for each grade of each option.
    pub(crate) fn value_slots(&self) -> usize {
        self.kind().value_slots(self)
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
