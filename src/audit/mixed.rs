//! The mixes of a record.

use crate::{board::State, tally::Cascade};
use alloc::{string::String, vec::Vec};

/// The mixes of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mixed {
    /// The cell's place in the tally.
    pub cell: usize,
    /// The contest's id.
    pub contest: String,
    /// The number of rows.
    pub rows: usize,
    /// The trustees who mixed it, in order.
    pub by: Vec<u16>,
}

impl Mixed {
    pub(super) fn all(state: &State) -> Vec<Self> {
        let contest = |cell: usize| {
            let place = state.tally()?.cells().get(cell)?.contest;
            Some(state.manifest()?.contests().get(place)?.id.clone())
        };
        let mixed = |cascade: &Cascade| Self {
            cell: cascade.cell(),
            contest: contest(cascade.cell()).unwrap_or_default(),
            rows: cascade.rows(),
            by: cascade.by().to_vec(),
        };
        state.cascades().iter().map(mixed).collect()
    }
}
