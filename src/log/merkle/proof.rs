//! Proofs about a tree, for those who know only its size and root (RFC 9162, sections 2.1.3 and 2.1.4).
//!
//! The two numbers of a proof determine which hashes it holds, so only proofs with that many can be made. A check compares
//! the size as well as the root, since some proofs fit two sizes.

use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader},
    log::merkle::{Head, Range, Root, leaf_hash, node},
};
use alloc::vec::Vec;
use core::fmt;

/// Proof that an entry is at this place in a tree: at most 64 hashes.
///
/// As bytes: `u64 index, u64 size`, then the hashes, leaf to root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    index: u64,
    size: u64,
    path: Vec<[u8; 32]>,
}

/// Proof that a tree is the beginning of a later one: at most 65 hashes.
///
/// As bytes: `u64 old, u64 new`, then the hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    old: u64,
    new: u64,
    path: Vec<[u8; 32]>,
}

impl Inclusion {
    /// A proof with these hashes, the lowest first.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Index`], [`MerkleError::Length`].
    pub fn new(index: u64, size: u64, path: Vec<[u8; 32]>) -> Result<Self, MerkleError> {
        length(&path, inclusion_path(index, size)?.len())?;
        Ok(Self { index, size, path })
    }

    /// Proves that entry `index`, from 0, is in the tree of the first `size` entries.
    ///
    /// `hashes(level, i)` is the hash over the leaves `i·2^level..(i+1)·2^level`; it is called only for perfect subtrees.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Index`], [`MerkleError::Missing`].
    pub fn prove(
        index: u64,
        size: u64,
        hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
    ) -> Result<Self, MerkleError> {
        let path = prove(inclusion_path(index, size)?, hashes)?;
        Ok(Self { index, size, path })
    }

    /// The entry's place, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The size of the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The siblings of the nodes from leaf to root.
    pub fn path(&self) -> &[[u8; 32]] {
        &self.path
    }

    /// Checks that `entry` stands at the proof's place in the tree with this head.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Size`], [`MerkleError::Root`].
    pub fn verify(&self, entry: &[u8], head: &Head) -> Result<(), MerkleError> {
        self.verify_hash(leaf_hash(entry), head)
    }

    /// The same for an entry with this [`leaf_hash`].
    ///
    /// # Errors
    ///
    /// [`MerkleError::Size`], [`MerkleError::Root`].
    pub(crate) fn verify_hash(&self, leaf: [u8; 32], head: &Head) -> Result<(), MerkleError> {
        same_size(self.size, head)?;
        let mut climb = Climb { left: self.index, last: self.size.saturating_sub(1) };
        let root = self.path.iter().fold(leaf, |hash, beside| {
            if climb.is_right() { node(beside, &hash) } else { node(&hash, beside) }
        });
        same_root(root, head)
    }
}

impl Consistency {
    /// A proof with these hashes, the lowest first.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Order`], [`MerkleError::Length`].
    pub fn new(old: u64, new: u64, path: Vec<[u8; 32]>) -> Result<Self, MerkleError> {
        length(&path, consistency_path(old, new)?.len())?;
        Ok(Self { old, new, path })
    }

    /// Proves that the tree of the first `old` entries is the beginning of that of the first `new` ones.
    ///
    /// `hashes` is as for [`Inclusion::prove`]. If the old or the new tree is empty, the proof has no hashes.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Order`], [`MerkleError::Missing`].
    pub fn prove(
        old: u64,
        new: u64,
        hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
    ) -> Result<Self, MerkleError> {
        let path = prove(consistency_path(old, new)?, hashes)?;
        Ok(Self { old, new, path })
    }

    /// The size of the earlier tree.
    pub fn old_size(&self) -> u64 {
        self.old
    }

    /// The size of the later tree.
    pub fn new_size(&self) -> u64 {
        self.new
    }

    /// The hashes from which both roots follow.
    pub fn path(&self) -> &[[u8; 32]] {
        &self.path
    }

    /// Checks that the tree with the head `old` is the beginning of that with the head `new`.
    ///
    /// # Errors
    ///
    /// [`MerkleError::Size`], [`MerkleError::Root`].
    pub fn verify(&self, old: &Head, new: &Head) -> Result<(), MerkleError> {
        same_size(self.old, old)?;
        same_size(self.new, new)?;
        let Some(last) = self.old.checked_sub(1) else {
            return same_root(*Range::new(0).fold().as_bytes(), old);
        };
        if self.old == self.new {
            return same_root(*old.root.as_bytes(), new);
        }
        // The largest subtree at the old tree's right edge. If it is the whole tree, the proof does not hold its hash.
        let level = last.trailing_ones();
        let mut climb = Climb { left: last >> level, last: (self.new - 1) >> level };
        let mut path = self.path.iter();
        let first = if climb.left == 0 { Some(old.root.as_bytes()) } else { path.next() };
        let first = *first.ok_or(MerkleError::Length { found: 0, expected: 1 })?;
        let (mut old_root, mut new_root) = (first, first);
        for beside in path {
            if climb.is_right() {
                old_root = node(beside, &old_root);
                new_root = node(beside, &new_root);
            } else {
                new_root = node(&new_root, beside);
            }
        }
        same_root(old_root, old)?;
        same_root(new_root, new)
    }
}

/// The path from a subtree to the root: its index in its level, and the last index of the level.
struct Climb {
    left: u64,
    last: u64,
}

impl Climb {
    /// Whether the subtree is its parent's right child. Moves up to the parent.
    fn is_right(&mut self) -> bool {
        // A subtree at the right edge without a sibling stands for its ancestors, up to the first with two children.
        if self.left == self.last && self.left != 0 {
            let alone = self.left.trailing_zeros();
            (self.left, self.last) = (self.left >> alone, self.last >> alone);
        }
        let right = self.left & 1 == 1;
        (self.left, self.last) = (self.left >> 1, self.last >> 1);
        right
    }
}

/// The leaves `start..end` under each hash of PATH(index, D[size]).
fn inclusion_path(index: u64, size: u64) -> Result<Vec<(u64, u64)>, MerkleError> {
    if index >= size {
        return Err(MerkleError::Index { index, size });
    }
    let mut path = Vec::new();
    let (mut start, mut end) = (0, size);
    while let Some(middle) = split(start, end) {
        if index < middle {
            path.push((middle, end));
            end = middle;
        } else {
            path.push((start, middle));
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The leaves `start..end` under each hash of PROOF(old, D[new]).
fn consistency_path(old: u64, new: u64) -> Result<Vec<(u64, u64)>, MerkleError> {
    if old > new {
        return Err(MerkleError::Order { old, new });
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    let (mut start, mut end) = (0, new);
    // The old tree's right edge, from the root down to the subtree that both trees share.
    while old != end {
        let Some(middle) = split(start, end) else { break };
        if old <= middle {
            path.push((middle, end));
            end = middle;
        } else {
            path.push((start, middle));
            start = middle;
        }
    }
    if start > 0 {
        path.push((start, end));
    }
    path.reverse();
    Ok(path)
}

/// Where the right subtree of the leaves `start..end` starts; `None` for a single leaf.
fn split(start: u64, end: u64) -> Option<u64> {
    Some(start + (1 << end.checked_sub(start)?.checked_sub(1)?.checked_ilog2()?))
}

fn prove(
    path: Vec<(u64, u64)>,
    hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
) -> Result<Vec<[u8; 32]>, MerkleError> {
    let hash = |(start, end)| {
        let range = Range::of(start, end, &hashes).map_err(MerkleError::missing)?;
        Ok(*range.fold().as_bytes())
    };
    path.into_iter().map(hash).collect()
}

impl Head {
    /// The head of the tree of the first `size` entries. `hashes` is as for [`Inclusion::prove`].
    ///
    /// # Errors
    ///
    /// [`MerkleError::Missing`].
    pub fn of(
        size: u64,
        hashes: impl Fn(u8, u64) -> Option<[u8; 32]>,
    ) -> Result<Self, MerkleError> {
        let range = Range::of(0, size, hashes).map_err(MerkleError::missing)?;
        Ok(Self { size, root: range.fold() })
    }
}

fn length(path: &[[u8; 32]], expected: usize) -> Result<(), MerkleError> {
    let found = path.len();
    if found == expected { Ok(()) } else { Err(MerkleError::Length { found, expected }) }
}

fn same_size(found: u64, head: &Head) -> Result<(), MerkleError> {
    let expected = head.size;
    if found == expected { Ok(()) } else { Err(MerkleError::Size { found, expected }) }
}

fn same_root(found: [u8; 32], head: &Head) -> Result<(), MerkleError> {
    let found = Root(found);
    if found == head.root { Ok(()) } else { Err(MerkleError::Root { found, size: head.size }) }
}

/// Why a proof about a tree cannot be made or is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MerkleError {
    /// The tree has no such entry.
    Index {
        /// The entry, from 0.
        index: u64,
        /// The tree's size.
        size: u64,
    },
    /// The earlier tree is larger than the later one.
    Order {
        /// The earlier tree's size.
        old: u64,
        /// The later tree's size.
        new: u64,
    },
    /// The proof has the wrong number of hashes.
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A needed hash is not known.
    Missing {
        /// Over 2^level leaves.
        level: u8,
        /// Its place in the level, from 0.
        index: u64,
    },
    /// The proof is for a tree of another size.
    Size {
        /// The size in the proof.
        found: u64,
        /// The size in the head.
        expected: u64,
    },
    /// The proof leads to another root than that of the head.
    Root {
        /// The root that follows from the proof.
        found: Root,
        /// The size in the head.
        size: u64,
    },
}

impl MerkleError {
    pub(super) fn missing((level, index): (u8, u64)) -> Self {
        Self::Missing { level, index }
    }
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index { index, size } => {
                write!(f, "there is no entry {index} in a tree of {size} entries, counted from 0")
            }
            Self::Order { old, new } => {
                write!(f, "a tree of {old} entries cannot be the beginning of one of {new}")
            }
            Self::Length { found, expected } => {
                write!(f, "a proof of {found} hashes; expected {expected}")
            }
            Self::Missing { level, index } => {
                write!(f, "hash {index} of level {level} is not known")
            }
            Self::Size { found, expected } => {
                write!(f, "a proof about a tree of {found} entries; the tree has {expected}")
            }
            Self::Root { found, size } => {
                write!(f, "the proof leads to the root {found}, not to that of the {size} entries")
            }
        }
    }
}

impl core::error::Error for MerkleError {}

fn encode(out: &mut Vec<u8>, numbers: [u64; 2], path: &[[u8; 32]]) {
    out.extend(numbers.map(u64::to_be_bytes).as_flattened());
    out.extend_from_slice(path.as_flattened());
}

impl Encode for Inclusion {
    fn encode(&self, out: &mut Vec<u8>) {
        encode(out, [self.index, self.size], &self.path);
    }
}

impl Decode for Inclusion {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (index, size) = (reader.u64()?, reader.u64()?);
        let max = size.saturating_sub(1);
        let wrong = reader.error(16, DecodeErrorKind::Value { found: index, max });
        let path = inclusion_path(index, size).map_err(|_| wrong)?;
        let path = path.iter().map(|_| reader.array()).collect::<Result<_, _>>()?;
        Ok(Self { index, size, path })
    }
}

impl Encode for Consistency {
    fn encode(&self, out: &mut Vec<u8>) {
        encode(out, [self.old, self.new], &self.path);
    }
}

impl Decode for Consistency {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (old, new) = (reader.u64()?, reader.u64()?);
        let wrong = reader.error(16, DecodeErrorKind::Value { found: old, max: new });
        let path = consistency_path(old, new).map_err(|_| wrong)?;
        let path = path.iter().map(|_| reader.array()).collect::<Result<_, _>>()?;
        Ok(Self { old, new, path })
    }
}
