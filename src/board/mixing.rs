//! What the board remembers of the cells that are mixed.

use crate::{
    ballot::Election,
    codec::DecodeError,
    crypto::shuffle::{Generators, ShuffleError},
    keys::Ceremony,
    tally::{Cascade, MixedCell, Tally},
};
use alloc::{collections::BTreeMap, vec::Vec};

/// All cells that are mixed.
#[derive(Clone, Debug, Default)]
pub(super) struct Mixing {
    pub(super) cascades: Vec<Cascade>,
    /// Trustees whose mixes are signed and wrong, with the cell, and what is wrong.
    pub(super) faulty: BTreeMap<(u16, usize), ShuffleError>,
    pub(super) generators: Option<Generators>,
}

impl Mixing {
    /// The cascades of a tally's cells, with the rows of each.
    pub(super) fn new(
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        cells: impl Iterator<Item = (usize, Vec<u8>)>,
    ) -> Self {
        let groups = ceremony.setup().groups();
        let cascade = |(cell, bytes): (usize, Vec<u8>)| {
            let contest = tally.cells().get(cell)?.contest;
            let slots = election.manifest().mixed_slots(contest)?;
            let key = election.slot_keys().get(slots.clone())?.to_vec();
            let rows = bytes.len() / (32 * (slots.len() + 1));
            Some(Cascade { cell, slots, key, rows, bytes, by: Vec::new(), groups: groups.clone() })
        };
        let cascades: Vec<Cascade> = cells.filter_map(cascade).collect();
        let most = cascades.iter().map(|cascade| cascade.rows).max();
        let generators = most.map(Generators::new);
        Self { cascades, faulty: BTreeMap::new(), generators }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.cascades.iter().all(Cascade::is_complete)
    }

    pub(super) fn find(&self, cell: usize) -> Option<&Cascade> {
        let place = self.cascades.binary_search_by_key(&cell, |cascade| cascade.cell).ok()?;
        self.cascades.get(place).filter(|cascade| !cascade.is_complete())
    }

    /// The rows that came out of the last mixes. Their bytes are not kept.
    pub(super) fn take_rows(&mut self) -> Result<Vec<MixedCell>, DecodeError> {
        self.generators = None;
        let take = |cascade: &mut Cascade| {
            let rows = cascade.ciphertexts()?;
            cascade.bytes = Vec::new();
            Ok(MixedCell { cell: cascade.cell, slots: cascade.slots.clone(), rows })
        };
        self.cascades.iter_mut().map(take).collect()
    }
}
