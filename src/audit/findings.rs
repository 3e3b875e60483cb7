//! The findings: all are counted, and the first ones kept.

use super::{Check, Finding};
use crate::trace::event;
use alloc::{collections::BTreeMap, vec::Vec};

/// How many findings of each check an audit keeps, and how many lines of one kind a report lists. The rest is only counted.
pub const KEPT: usize = 1_000;

/// Findings in the order of the board. The limit applies to each check, so junk in a record cannot fill the auditor's memory,
/// and many findings of one check cannot hide a single finding of another.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    counts: BTreeMap<Check, u64>,
}

impl Findings {
    pub(super) fn push(&mut self, finding: Finding) {
        event!(warn, check = %finding.check, entry = finding.entry, "finding");
        let count = self.counts.entry(finding.check).or_default();
        *count += 1;
        if *count <= KEPT as u64 {
            self.kept.push(finding);
        }
    }

    /// The findings kept.
    pub(super) fn kept(&self) -> &[Finding] {
        &self.kept
    }

    /// The findings kept, and the number of findings of each check.
    pub(super) fn into_parts(self) -> (Vec<Finding>, BTreeMap<Check, u64>) {
        (self.kept, self.counts)
    }
}
