//! The slots of a contest.

use super::{Contest, message};
use crate::crypto::message::PAYLOAD;

impl Contest {
    /// How many slots are opened as sums: one for each option, one for each mark, and one for the voters of each option if they are
    /// counted; none in a ranking.
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
        message::length(self).div_ceil(PAYLOAD)
    }

    /// How many slots it takes: those that are summed, then those that are mixed.
    pub fn slots(&self) -> usize {
        self.summed_slots().saturating_add(self.mixed_slots())
    }
}
