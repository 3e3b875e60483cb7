//! The trustees who hold shares, and of which keys.

use crate::{
    crypto::{group::Element, signature::AuthorKey},
    manifest::Member,
};
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};

/// The trustees who hold shares after a ceremony: all that a resharing has to know of the ceremony before it, so that
/// ceremonies hold no chain of those before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holders {
    pub(super) members: Arc<[Member]>,
    /// Of those who hold a share, by number.
    pub(super) verification_keys: BTreeMap<u16, Vec<Element>>,
    pub(super) hash: [u8; 32],
}

impl Holders {
    /// The hash of the ceremony.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The numbers of the trustees who hold a share, ascending.
    pub(crate) fn numbers(&self) -> Vec<u16> {
        self.verification_keys.keys().copied().collect()
    }

    /// The verification keys `Yⱼₖ` of all slots, of the trustee with this number (from 1); `None` if it holds no
    /// share.
    pub fn verification_keys(&self, trustee: u16) -> Option<&[Element]> {
        self.verification_keys.get(&trustee).map(Vec::as_slice)
    }

    /// The registered key of a trustee who holds a share.
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
