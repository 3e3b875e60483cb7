//! The trustees of a manifest that is being written, by group.

use super::{Group, Groups, ManifestError, Member};
use crate::{crypto::signature::AuthorKey, mistake::Mistakes};
use alloc::{format, string::String, vec::Vec};
use core::mem;

/// Trustees, and their groups as far as they are known.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftGroups {
    members: Vec<Member>,
    /// All groups but the last.
    before: Vec<DraftGroup>,
    pub(super) last: DraftGroup,
}

/// A group that may not be complete.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftGroup {
    name: Option<String>,
    pub(super) threshold: Option<u16>,
    pub(super) close_quorum: Option<u16>,
    pub(super) rehearsals: u16,
    members: usize,
}

impl DraftGroups {
    /// Begins a group, the first one with what was said before.
    pub(super) fn begin(&mut self, name: &str) {
        if self.last.name.is_some() || self.last.members > 0 {
            self.before.push(mem::take(&mut self.last));
        }
        self.last.name = Some(name.into());
    }

    /// Adds a trustee with this name, or one that says its number, to the last group.
    pub(super) fn add(&mut self, name: Option<&str>, key: AuthorKey) {
        let number = self.members.len().saturating_add(1);
        let name = name.map_or_else(|| format!("trustee {number}"), Into::into);
        self.members.push(Member { name, key });
        self.last.members = self.last.members.saturating_add(1);
    }

    /// The trustees and the groups with their places.
    pub(super) fn complete(self, mistakes: &mut Mistakes) -> (Vec<Member>, Groups) {
        let Self { members: trustees, before, last } = self;
        let are_named = last.name.is_some();
        let mut next = 0usize;
        let groups = before.into_iter().chain([last]).enumerate().map(|(place, draft)| {
            let DraftGroup { name, threshold, close_quorum, rehearsals, members } = draft;
            let path = |field: &str| {
                if are_named { format!("trustees[{place}].{field}") } else { field.into() }
            };
            if name.as_ref().is_some_and(String::is_empty) {
                mistakes.add(ManifestError::new(path("group"), "", "the name of a group"))
            }
            if threshold.is_none() {
                let expected = "the number of trustees who open a tally";
                mistakes.add(ManifestError::new(path("threshold"), "", expected))
            }
            let first = next;
            next = first.saturating_add(members);
            let (name, threshold) = (name.unwrap_or_default(), threshold.unwrap_or_default());
            Group { name, threshold, close_quorum, rehearsals, members: first..next }
        });
        (trustees, Groups::new(groups))
    }
}
