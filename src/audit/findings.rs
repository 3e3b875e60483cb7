//! What is wrong: all of it counted, the first of it kept.

use super::{Check, Finding};
use alloc::{collections::BTreeMap, vec::Vec};

/// How many findings of each check an audit keeps, and how many lines of one kind a report lists. All others are counted.
pub const KEPT: usize = 1_000;

/// Findings in the order of the board. Junk in a record does not fill the auditor's memory, and many
/// findings of one check do not hide a single one of another.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<Check, u64>,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.check).or_default();
        *count += 1;
        if *count <= KEPT as u64 {
            self.kept.push(finding);
        }
    }

    /// Those that are kept.
    pub(super) fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// Those that are kept, and how many there were of each check.
    pub(super) fn into_parts(self) -> (Vec<Finding>, BTreeMap<Check, u64>) {
        (self.kept, self.counts)
    }
}
