//! All hashes of a tree in memory.

use crate::log::merkle::{Consistency, Head, Inclusion, MerkleError, Range, leaf_hash, node};
use alloc::vec::Vec;

/// The hash of every perfect subtree, about 64 bytes for each entry. That suffices for every proof about the tree at its
/// present and at every earlier size.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// By level: leaves first, then pairs, and so on.
    levels: Vec<Vec<[u8; 32]>>,
}

impl Hashes {
    /// Appends an entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.push_hash(leaf_hash(entry));
    }

    /// Appends an entry with this [`leaf_hash`].
    pub(crate) fn push_hash(&mut self, mut hash: [u8; 32]) {
        for level in &mut self.levels {
            level.push(hash);
            match level.as_chunks() {
                // The last two hashes are siblings.
                (pairs, []) => {
                    let Some([left, right]) = pairs.last() else { return };
                    hash = node(left, right);
                }
                _ => return,
            }
        }
        self.levels.push([hash].into());
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }

    /// The hash over the leaves `index·2^level..(index+1)·2^level`, if the tree has all of them.
    pub fn get(&self, level: u8, index: u64) -> Option<[u8; 32]> {
        self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?).copied()
    }

    /// The head of the tree when it had `size` entries.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Missing`] if it has fewer.
    pub fn head(&self, size: u64) -> Result<Head, MerkleError> {
        Head::of(size, |level, index| self.get(level, index))
    }

    /// The range over the leaves `start..end`.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Missing`] if the tree has fewer leaves.
    pub fn range(&self, start: u64, end: u64) -> Result<Range, MerkleError> {
        let range = Range::of(start, end, |level, index| self.get(level, index));
        range.map_err(MerkleError::missing)
    }

    /// Proves that entry `index`, from 0, is in the tree of the first `size` entries.
    ///
    /// # Errors
    ///
    /// As for [`Inclusion::prove`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Inclusion, MerkleError> {
        Inclusion::prove(index, size, |level, index| self.get(level, index))
    }

    /// Proves that the tree of the first `old` entries is the beginning of that of the first `new` ones.
    ///
    /// # Errors
    ///
    /// As for [`Consistency::prove`].
    pub fn consistency(&self, old: u64, new: u64) -> Result<Consistency, MerkleError> {
        Consistency::prove(old, new, |level, index| self.get(level, index))
    }
}
