//! The trustees with shares, and their keys.

use crate::{
    crypto::{group::Element, signature::AuthorKey},
    manifest::{Groups, Member},
};
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

/// The trustees with shares after a ceremony. A resharing needs nothing else of the ceremony before it, so ceremonies hold no
/// chain of their predecessors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holders {
    pub(super) members: Arc<[Member]>,
    pub(super) groups: Groups,
    /// Those of the trustees with a share, by number.
    pub(super) verification_keys: BTreeMap<u16, Vec<Element>>,
    pub(super) hash: [u8; 32],
}

impl Holders {
    /// The groups of its members.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The hash of the ceremony.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The numbers of the trustees with a share, ascending.
    pub(crate) fn numbers(&self) -> Vec<u16> {
        self.verification_keys.keys().copied().collect()
    }

    /// The verification keys `Yⱼₖ` of all slots, for the trustee with this number (from 1); `None` if it has no share.
    pub fn verification_keys(&self, trustee: u16) -> Option<&[Element]> {
        self.verification_keys.get(&trustee).map(Vec::as_slice)
    }

    /// The registered key of a trustee with a share.
    pub(crate) fn key(&self, trustee: u16) -> Option<&AuthorKey> {
        self.verification_keys(trustee)?;
        of_number(&self.members, trustee)
    }
}

/// The key of the trustee with this number, from 1.
pub(super) fn of_number(list: &[Member], number: u16) -> Option<&AuthorKey> {
    let place = usize::from(number).checked_sub(1)?;
    list.get(place).map(|entry| &entry.key)
}
