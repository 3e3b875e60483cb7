//! The contents of an opened row.

use super::Unreadable;
use alloc::{string::String, vec::Vec};

/// What a voter wrote in a contest and is not part of a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In a ranking, the rank of each option and then of each write-in, 0 for none; otherwise empty.
    pub ranks: Vec<u8>,
    /// The text of each write-in line: a name, or empty, or `None` if it cannot be read as a name.
    pub names: Vec<Option<String>>,
}

/// The contents of one row of a mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRow {
    /// The votes for each write-in line; empty in a ranking, or if they cannot be read.
    pub votes: Vec<u64>,
    /// Ranks and names, or why they cannot be read.
    pub written: Result<Written, Unreadable>,
}
