//! The Merkle tree of RFC 9162 over the board's entries, with SHA-256.
//!
//! A leaf is `H(0x00 ‖ entry)`, a node `H(0x01 ‖ left ‖ right)`, and the left subtree of `n` leaves holds the
//! largest power of two below `n` (section 2.1.1). The prefixes keep a node from passing for an entry.

use alloc::vec::Vec;
use core::{fmt, str::FromStr};
use hex::FromHexError;
use sha2::{Digest, Sha256};

/// The root of a tree: 32 bytes that stand for all entries and their order.
///
/// As text it is 64 lower-case hexadecimal digits; upper case is read too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root([u8; 32]);

impl Root {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
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

impl FromStr for Root {
    type Err = RootError;

    fn from_str(s: &str) -> Result<Self, RootError> {
        let mut root = [0; 32];
        match hex::decode_to_slice(s, &mut root) {
            Ok(()) => Ok(Self(root)),
            Err(FromHexError::InvalidHexCharacter { index, .. }) => {
                Err(RootError::Digit { at: index })
            }
            Err(_) => Err(RootError::Length { found: s.len() }),
        }
    }
}

/// Text that is not a [`Root`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootError {
    /// A root has 64 digits.
    Length {
        /// The length of the text, in bytes.
        found: usize,
    },
    /// A character that is not a hexadecimal digit.
    Digit {
        /// Its offset in bytes.
        at: usize,
    },
}

impl fmt::Display for RootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found } => {
                write!(f, "text of {found} bytes, where a root has 64 hexadecimal digits")
            }
            Self::Digit { at } => write!(f, "at byte {at}: not a hexadecimal digit"),
        }
    }
}

impl core::error::Error for RootError {}

/// An append-only tree that keeps its right edge alone: one hash for each bit set in its size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees that make up the tree, the largest first.
    edge: Vec<[u8; 32]>,
}

impl Tree {
    /// Appends an entry.
    pub fn push(&mut self, entry: &[u8]) {
        let mut hash = leaf(entry);
        // Each subtree that is as large as the new one becomes its left sibling.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.edge.pop() else { break };
            hash = node(&left, &hash);
        }
        self.edge.push(hash);
        self.size += 1;
    }

    /// How many entries were appended.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; that of the empty tree is the hash of nothing.
    pub fn root(&self) -> Root {
        let root = self.edge.iter().rev().copied().reduce(|right, left| node(&left, &right));
        Root(root.unwrap_or_else(|| Sha256::digest([]).into()))
    }
}

fn leaf(entry: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix([0]).chain_update(entry).finalize().into()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;

    /// Leaves and roots of the test suite of Certificate Transparency, for the sizes 0 to 8.
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let leaves = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::default();
        for (size, root) in roots.iter().enumerate() {
            assert_eq!((tree.size(), tree.root().to_string().as_str()), (size as u64, *root));
            if let Some(leaf) = leaves.get(size) {
                tree.push(&hex::decode(leaf).unwrap());
            }
        }
    }

    #[test]
    fn roots_are_those_of_another_implementation() {
        let mut tree = Tree::default();
        let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for size in 0..=130u64 {
            assert_eq!(tree.root().as_bytes()[..], oracle.root().as_bytes()[..], "size {size}");
            assert_eq!(tree.edge.len(), size.count_ones() as usize);
            let entry = size.to_be_bytes().repeat(size as usize % 5);
            tree.push(&entry);
            oracle.push(entry);
        }
    }

    #[test]
    fn a_root_as_text_is_read_back_or_the_fault_named() {
        let mut tree = Tree::default();
        tree.push(b"entry");
        let text = tree.root().to_string();
        assert_eq!(text.parse(), Ok(tree.root()));
        assert_eq!(text.to_uppercase().parse(), Ok(tree.root()));
        assert_eq!(text[..62].parse::<Root>(), Err(RootError::Length { found: 62 }));
        assert_eq!((text.clone() + "0").parse::<Root>(), Err(RootError::Length { found: 65 }));
        let wrong = text[..7].to_string() + "g" + &text[8..];
        assert_eq!(wrong.parse::<Root>(), Err(RootError::Digit { at: 7 }));
    }
}
