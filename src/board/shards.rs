//! A sorted set in many small parts.
//!
//! It takes hardly more memory than its items: a part that is full grows by an eighth, where a tree keeps a third of
//! its nodes empty. That counts with millions of ballots.

use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Ordering;

/// An item that says where it belongs.
pub(super) trait Item: Copy {
    /// What items are ordered by.
    type Key: Ord + Copy;

    fn key(&self) -> Self::Key;

    /// The part in which an item with this key is; of about as many parts as a part has items.
    fn part(key: Self::Key) -> u32;
}

impl Item for [u8; 32] {
    type Key = Self;

    fn key(&self) -> Self {
        *self
    }

    /// The first twelve bits of an encoded point, which are as good as random.
    fn part([a, b, ..]: Self) -> u32 {
        u32::from(u16::from_be_bytes([a, b]) >> 4)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Shards<T> {
    parts: BTreeMap<u32, Vec<T>>,
    len: usize,
}

impl<T> Default for Shards<T> {
    fn default() -> Self {
        Self { parts: BTreeMap::new(), len: 0 }
    }
}

impl<T: Item> Shards<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.parts.values().flatten()
    }

    pub(super) fn get(&self, key: T::Key) -> Option<&T> {
        let part = self.parts.get(&T::part(key))?;
        part.get(part.binary_search_by(|item| item.key().cmp(&key)).ok()?)
    }

    /// Puts an item in, in place of the one with its key if there is one.
    pub(super) fn insert(&mut self, item: T) {
        let key = item.key();
        let part = self.parts.entry(T::part(key)).or_default();
        // Items with ascending keys come often.
        let at = match part.last().map(|last| last.key().cmp(&key)) {
            None | Some(Ordering::Less) => Err(part.len()),
            Some(_) => part.binary_search_by(|item| item.key().cmp(&key)),
        };
        match at {
            Ok(at) => {
                if let Some(old) = part.get_mut(at) {
                    *old = item;
                }
            }
            Err(at) => {
                if part.len() == part.capacity() {
                    part.reserve_exact(part.len() / 8 + 4);
                }
                part.insert(at, item);
                self.len += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use rand_core::{OsRng, RngCore};

    #[test]
    fn a_set_in_parts_is_a_set() {
        let (mut shards, mut set) = (Shards::default(), BTreeSet::new());
        for round in 0..3_000u32 {
            let mut item = [0u8; 32];
            OsRng.fill_bytes(&mut item);
            // Few different ones, so that some come twice, and all of some parts.
            let (few, rest) = (item[1] & 1, item[2]);
            item[..2].copy_from_slice(&[(round % 3) as u8, few]);
            item[2..].fill(rest);
            assert_eq!(shards.get(item).is_some(), set.contains(&item));
            shards.insert(item);
            set.insert(item);
            assert_eq!(shards.len(), set.len());
        }
        assert!(set.iter().all(|item| shards.get(*item) == Some(item)));
        assert_eq!(shards.get([9; 32]), None);
    }

    #[test]
    fn memory_is_hardly_more_than_the_items() {
        let mut shards = Shards::default();
        let mut item = [0u8; 32];
        for _ in 0..400_000 {
            OsRng.fill_bytes(&mut item);
            shards.insert(item);
        }
        let capacity: usize = shards.parts.values().map(Vec::capacity).sum();
        assert!(capacity < shards.len() * 115 / 100, "{capacity} for {}", shards.len());
    }
}
