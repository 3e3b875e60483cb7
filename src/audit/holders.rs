//! The trustees who held the keys, in a report.

use crate::{
    keys::Ceremony,
    manifest::{Group, Groups, Member, OfGroup},
};
use alloc::vec::Vec;
use core::fmt;

/// The trustees who held the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHolders {
    /// The epoch; 0 for the first ceremony.
    pub epoch: u32,
    /// The groups of members, with how many of each are needed to open.
    pub groups: Groups,
    /// All members, including those without a share; the `i`-th, from 0, is trustee number `i + 1`.
    pub members: Vec<Member>,
    /// The numbers of the members with a share.
    pub holders: Vec<u16>,
}

impl KeyHolders {
    pub(super) fn of(ceremony: &Ceremony) -> Self {
        let setup = ceremony.setup();
        let (epoch, groups) = (setup.epoch(), setup.groups().clone());
        Self { epoch, groups, members: setup.members().to_vec(), holders: ceremony.holders() }
    }

    /// The members of a group who hold a share.
    pub(super) fn holders_in(&self, group: &Group) -> Vec<u16> {
        self.holders.iter().copied().filter(|number| group.has(*number)).collect()
    }
}

impl fmt::Display for KeyHolders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, groups, members, holders: _ } = self;
        write!(f, "keys      epoch {epoch}: ")?;
        for (place, group) in groups.iter().enumerate() {
            let Group { name, threshold, .. } = group;
            let (and, holders) = (if place > 0 { " and " } else { "" }, self.holders_in(group));
            write!(f, "{and}any {threshold} of trustees {holders:?}{}", OfGroup(name))?;
        }
        f.write_str(if groups.len() > 1 { " open together" } else { " open" })?;
        // The members of the first ceremony are in the manifest.
        let named = members.iter().zip(1u16..).filter(|_| *epoch > 0);
        for (Member { name, key }, number) in named {
            write!(f, "\n          {number} {name}, {key}")?;
        }
        Ok(())
    }
}
