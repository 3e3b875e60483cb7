//! The Merkle tree of RFC 9162 over the board's entries, with SHA-256.
//!
//! A leaf is `H(0x00 ‖ entry)`, a node `H(0x01 ‖ left ‖ right)`. The left subtree of `n` leaves holds the largest power of
//! two below `n` (section 2.1.1). Because of the prefixes, no node can pass for an entry.
//!
//! | who | keeps | to |
//! |---|---|---|
//! | writer, auditor | [`Tree`], one hash for each bit set in its size | append, and know the root |
//! | auditors who share the work | a [`Range`] each | join neighbouring ranges into the whole tree |
//! | server | [`Hashes`], or tiles | prove [`Inclusion`] and [`Consistency`] |
//! | voter, witness | a [`Head`] | check such a proof |
//!
//! ```
//! use tabella::log::merkle::Hashes;
//!
//! let entries = [b"manifest", b"ballot 0", b"ballot 1"];
//! let mut hashes = Hashes::default();
//! entries.iter().for_each(|entry| hashes.push(*entry));
//! let proof = hashes.inclusion(1, 3)?;
//! proof.verify(b"ballot 0", &hashes.head(3)?)?;
//! hashes.consistency(2, 3)?.verify(&hashes.head(2)?, &hashes.head(3)?)?;
//! # Ok::<(), tabella::log::merkle::MerkleError>(())
//! ```

mod hashes;
mod proof;
mod range;
#[cfg(test)]
mod tests;

pub use hashes::Hashes;
pub use proof::{Consistency, Inclusion, MerkleError};
pub use range::Range;

use crate::codec::{Decode, DecodeError, DigitsError, Encode, Reader, hash_of_digits};
use alloc::vec::Vec;
use core::{fmt, str::FromStr};
use sha2::{Digest, Sha256};

/// The root of a tree: 32 bytes that commit to all entries and their order.
///
/// As text it is 64 lower-case hexadecimal digits. Reading also accepts upper case, and ignores spaces and hyphens between
/// digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Root([u8; 32]);

impl Root {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Encode for Root {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for Root {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.array()?))
    }
}

impl From<[u8; 32]> for Root {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({self})")
    }
}

impl FromStr for Root {
    type Err = DigitsError;

    fn from_str(text: &str) -> Result<Self, DigitsError> {
        hash_of_digits(text).map(Self)
    }
}

/// Size and root of a tree. The root alone does not say how many entries it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Head {
    /// The number of entries.
    pub size: u64,
    /// The root over them.
    pub root: Root,
}

/// An append-only tree that keeps only its right edge: one hash for each bit set in its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree(Range);

impl Default for Tree {
    /// The empty tree.
    fn default() -> Self {
        Self(Range::new(0))
    }
}

impl Tree {
    /// The tree over the leaves of a range that starts at 0; otherwise `None`.
    pub(crate) fn from_range(range: Range) -> Option<Self> {
        (range.start() == 0).then_some(Self(range))
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: &[u8]) {
        self.0.push(entry);
    }

    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.0.end()
    }

    /// The root; the root of the empty tree is the hash of the empty string.
    pub fn root(&self) -> Root {
        self.0.fold()
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size(), root: self.root() }
    }
}

/// The hash of an entry as a leaf, `H(0x00 ‖ entry)`.
pub fn leaf_hash(entry: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix([0]).chain_update(entry).finalize().into()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}
