//! Groups of trustees. Whatever takes a number of trustees takes it in each group.

use alloc::{format, string::String, sync::Arc, vec::Vec};
use core::{
    fmt,
    ops::{Deref, Range},
};

/// Trustees with a threshold of their own. A tally is opened by all groups together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// A name for people. Empty if there are no groups, and this one has all trustees.
    pub name: String,
    /// How many of its trustees it takes to open a tally.
    pub threshold: u16,
    /// How many of them sign the close, from the threshold to all, if the manifest sets it. Otherwise it follows from the number
    /// of those with a share ([`Ceremony::close_quorums`](crate::keys::Ceremony::close_quorums)).
    pub close_quorum: Option<u16>,
    /// How many of them must show that they hold their shares before voting can open; all with a share, if they are fewer.
    pub rehearsals: u16,
    /// Their places among all trustees, from 0. A trustee's number is one more.
    pub members: Range<usize>,
}

impl Group {
    /// Whether the trustee with this number is in it.
    pub fn has(&self, number: u16) -> bool {
        usize::from(number).checked_sub(1).is_some_and(|place| self.members.contains(&place))
    }

    /// The numbers of its trustees.
    pub fn numbers(&self) -> impl Iterator<Item = u16> + Clone {
        (1u16..).skip(self.members.start).take(self.members.len())
    }
}

/// All groups of trustees. Every trustee is in one of them; their numbers go through all groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Groups(Arc<[Group]>);

/// A group of which too few have done something.
pub(crate) struct Lack<'g> {
    pub(crate) group: &'g Group,
    pub(crate) found: usize,
    pub(crate) needed: u16,
}

impl Groups {
    pub(crate) fn new(groups: impl IntoIterator<Item = Group>) -> Self {
        Self(groups.into_iter().collect())
    }

    /// The place of the group that has the trustee with this number.
    pub fn place_of(&self, number: u16) -> Option<usize> {
        self.iter().position(|group| group.has(number))
    }

    /// How many trustees it takes to open a tally, those of all groups together.
    pub fn threshold(&self) -> u16 {
        sum(self.thresholds())
    }

    /// The threshold of each group.
    pub fn thresholds(&self) -> Vec<u16> {
        self.iter().map(|group| group.threshold).collect()
    }

    /// Each group, with its part of a list that has an item for every trustee.
    pub fn split<'a, T>(&'a self, list: &'a [T]) -> impl Iterator<Item = (&'a Group, &'a [T])> {
        self.iter().map(|group| (group, list.get(group.members.clone()).unwrap_or_default()))
    }

    /// The first group in which fewer trustees have done something than are needed, a number for each group.
    pub(crate) fn lacking(&self, needed: &[u16], done: impl Fn(u16) -> bool) -> Option<Lack<'_>> {
        let lacks = self.iter().zip(needed).map(|(group, needed)| {
            let found = group.numbers().filter(|number| done(*number)).count();
            Lack { group, found, needed: *needed }
        });
        let mut lacks = lacks.filter(|lack| lack.found < lack.needed.into());
        lacks.next()
    }

    /// Whether a manifest names them.
    pub(crate) fn are_named(&self) -> bool {
        self.len() > 1 || self.iter().any(|group| !group.name.is_empty())
    }

    /// The path of a group's number in a manifest.
    pub(super) fn path(&self, group: usize, field: &str) -> String {
        if self.are_named() { format!("trustees[{group}].{field}") } else { field.into() }
    }

    /// The path in a manifest of one of its trustees.
    pub(super) fn path_of(&self, group: usize, trustee: usize) -> String {
        if self.are_named() {
            format!("trustees[{group}].members[{trustee}]")
        } else {
            format!("trustees[{trustee}]")
        }
    }
}

impl Deref for Groups {
    type Target = [Group];

    fn deref(&self) -> &[Group] {
        &self.0
    }
}

/// Numbers of trustees that may not be valid.
pub(crate) fn sum(numbers: impl IntoIterator<Item = u16>) -> u16 {
    numbers.into_iter().fold(0, u16::saturating_add)
}

/// Says of which group trustees are, if it has a name.
pub(crate) struct OfGroup<'a>(pub(crate) &'a str);

impl fmt::Display for OfGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " of {}", self.0) }
    }
}
