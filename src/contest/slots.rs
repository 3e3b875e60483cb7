//! The slots of a contest, and the bits that prove its rule.

use super::{Broken, Contest, message};
use crate::crypto::{bits::Constraints, message::PAYLOAD};
use alloc::vec::Vec;
use zeroize::Zeroizing;

impl Contest {
    /// How many slots are opened as sums: one for each option, and one for blank, if there is one; none in a ranking.
    pub fn summed_slots(&self) -> usize {
        self.kind().summed_slots(self)
    }

    /// Whether the options have totals.
    pub(crate) fn has_totals(&self) -> bool {
        self.summed_slots() > 0
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

    /// How many bits prove the rule.
    pub(crate) fn bit_count(&self) -> usize {
        self.kind().bit_count(self)
    }

    /// The bits of a vote with these values (one for each option, then one for each write-in line), or the rule that it
    /// breaks. A ranking has no bits.
    pub(crate) fn bits(&self, values: &[u32], blank: bool) -> Result<Zeroizing<Vec<u8>>, Broken> {
        self.kind().bits(self, values, blank)
    }

    /// Adds bits, rows and free slots; the contest's slots begin at `first`.
    pub(crate) fn constrain(&self, first: usize, constraints: &mut Constraints) {
        self.kind().constrain(self, first, constraints);
        let message = first.saturating_add(self.summed_slots()).saturating_add(self.flag_slots());
        constraints.leave_free(message..message.saturating_add(self.message_slots()));
    }
}
