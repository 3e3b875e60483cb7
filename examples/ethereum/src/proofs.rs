//! The library's proofs, with which the tests of the contract compare their own and what the contract takes.

use crate::failure::{Failure, Result};
use std::{fs, path::Path};
use tabella::log::merkle::{Hashes, MerkleError};

/// The largest size.
const MOST: u64 = 64;

/// Roots of the first sizes from 0, then consistency proofs, then inclusion proofs, each after its length.
fn proofs() -> std::result::Result<Vec<u8>, MerkleError> {
    let mut hashes = Hashes::default();
    (0..MOST).for_each(|entry: u64| hashes.push(&entry.to_be_bytes()));
    let mut out = Vec::new();
    for size in 0..=MOST {
        out.extend(hashes.head(size)?.root.as_bytes());
    }
    let mut write = |path: &[[u8; 32]]| {
        // No path is longer than a size has bits, twice.
        out.push(path.len() as u8);
        out.extend(path.as_flattened());
    };
    for old in 1..=MOST {
        for new in old + 1..=MOST {
            write(hashes.consistency(old, new)?.path());
        }
    }
    for size in 1..=MOST {
        for index in 0..size {
            write(hashes.inclusion(index, size)?.path());
        }
    }
    Ok(out)
}

/// Writes them to a file.
pub fn write(path: &Path) -> Result<()> {
    let proofs = proofs().map_err(|error| Failure::Wrong(error.to_string()))?;
    fs::write(path, proofs).map_err(|error| Failure::File(path.into(), error))
}
