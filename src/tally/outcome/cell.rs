//! What is opened of one cell.

use crate::manifest::Manifest;
use alloc::vec::Vec;

/// The totals of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellOutcome {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The places of its districts.
    pub districts: Vec<usize>,
    /// How many ballots.
    pub ballots: u64,
    /// The sum of their weights.
    pub weight: u64,
    /// One for each slot that is summed, in its order; none in a ranking. `None`
    /// if the contest was not opened since it has too few ballots.
    pub totals: Option<Vec<u64>>,
    /// Votes for names that were written in, whether they count or not.
    pub write_ins: u64,
    /// That of the election, in which contests and options have their names.
    pub(super) manifest: Manifest,
}
