//! What an opened row says.

use super::Unreadable;
use alloc::{string::String, vec::Vec};

/// What a voter wrote in a contest, and did not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In a ranking the rank of each option and then of each write-in, 0 for none; else nothing.
    pub ranks: Vec<u8>,
    /// What stands on each line for write-ins: a name, nothing, or what cannot be read as a name (`None`).
    pub names: Vec<Option<String>>,
}

/// What one row of a mix says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRow {
    /// The votes for what is written on each line for write-ins; none in a ranking, or if they cannot be read.
    pub votes: Vec<u32>,
    /// Ranks and names, or why they cannot be read.
    pub written: Result<Written, Unreadable>,
}
