//! Compact ranges: what must be known about a range of leaves to join it with its neighbours.

use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader},
    log::merkle::{Root, leaf_hash, node},
};
use alloc::vec::Vec;
use core::iter;
use sha2::{Digest, Sha256};

/// The leaves `start..end` of a tree as the roots of the largest perfect subtrees within them, left to right: at most 126
/// hashes.
///
/// Ranges can be made separately, even on several machines, and then joined in order
/// ([compact ranges](https://github.com/transparency-dev/merkle/blob/main/docs/compact_ranges.md)):
///
/// ```
/// use tabella::log::merkle::{Range, Tree};
///
/// let entries: Vec<[u8; 1]> = (0..10).map(|i| [i]).collect();
/// let mut whole = Range::new(0);
/// entries[..6].iter().for_each(|entry| whole.push(entry));
/// let mut rest = Range::new(6);
/// entries[6..].iter().for_each(|entry| rest.push(entry));
/// whole.append(&rest).unwrap();
///
/// let mut tree = Tree::default();
/// entries.iter().for_each(|entry| tree.push(entry));
/// assert_eq!(whole.root(), Some(tree.root()));
/// ```
///
/// As bytes: `u64 start, u64 end`, then the hashes, whose number follows from both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    start: u64,
    end: u64,
    hashes: Vec<[u8; 32]>,
}

impl Range {
    /// The range `start..start`.
    pub fn new(start: u64) -> Self {
        Self { start, end: start, hashes: Vec::new() }
    }

    /// The first leaf, from 0.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The leaf after the last one.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Appends an entry.
    ///
    /// Numbers of leaves stay below 2⁶⁴; a leaf beyond that is ignored.
    pub fn push(&mut self, entry: &[u8]) {
        self.push_hash(leaf_hash(entry));
    }

    /// Appends an entry with this [`leaf_hash`].
    pub(crate) fn push_hash(&mut self, leaf: [u8; 32]) {
        self.push_subtree(0, leaf);
    }

    /// Appends the leaves of `right`; `None`, without a change, if it does not start where this range ends.
    pub fn append(&mut self, right: &Range) -> Option<()> {
        if right.start != self.end {
            return None;
        }
        for ((level, _), hash) in subtrees(right.start, right.end).zip(&right.hashes) {
            self.push_subtree(level, *hash);
        }
        Some(())
    }

    /// The root of the tree, if the range starts at 0.
    pub fn root(&self) -> Option<Root> {
        (self.start == 0).then(|| self.fold())
    }

    /// The range `start..end` from known hashes of perfect subtrees, by level (0: leaves) and index within it.
    ///
    /// # Errors
    ///
    /// Level and index of a hash that is not known.
    pub(super) fn of(
        start: u64,
        end: u64,
        hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
    ) -> Result<Self, (u8, u64)> {
        let known = |(level, index)| hashes(level, index).ok_or((level, index));
        Ok(Self { start, end, hashes: subtrees(start, end).map(known).collect::<Result<_, _>>()? })
    }

    /// The hash over all subtrees. Each is larger than the next.
    pub(super) fn fold(&self) -> Root {
        let root = self.hashes.iter().rev().copied().reduce(|right, left| node(&left, &right));
        Root(root.unwrap_or_else(|| Sha256::digest([]).into()))
    }

    /// Appends a perfect, aligned subtree of 2^level leaves.
    fn push_subtree(&mut self, level: u8, mut hash: [u8; 32]) {
        let Some(end) = self.end.checked_add(1 << level) else { return };
        // As long as the left sibling lies within the range, it is the last subtree.
        for parent in level + 1..64 {
            let size = 1 << parent;
            if end % size != 0 || end - size < self.start {
                break;
            }
            let Some(left) = self.hashes.pop() else { break };
            hash = node(&left, &hash);
        }
        self.hashes.push(hash);
        self.end = end;
    }
}

/// Level and index of the largest perfect subtrees that make up `start..end`, left to right.
pub(super) fn subtrees(start: u64, end: u64) -> impl Iterator<Item = (u8, u64)> {
    let mut at = start;
    iter::from_fn(move || {
        let left = end.checked_sub(at)?.checked_ilog2()?;
        let level = left.min(at.trailing_zeros());
        let index = at >> level;
        at += 1 << level;
        Some((level as u8, index))
    })
}

impl Encode for Range {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start.to_be_bytes());
        out.extend_from_slice(&self.end.to_be_bytes());
        out.extend_from_slice(self.hashes.as_flattened());
    }
}

impl Decode for Range {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (start, end) = (reader.u64()?, reader.u64()?);
        if start > end {
            return Err(reader.error(16, DecodeErrorKind::Value { found: start, max: end }));
        }
        let hashes = subtrees(start, end).map(|_| reader.array()).collect::<Result<_, _>>()?;
        Ok(Self { start, end, hashes })
    }
}
