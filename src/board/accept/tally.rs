//! The rules of the tally.

use crate::{
    ballot::Tracker,
    board::{Kind, Refusal, State, mixing::Mixing, voting::Voting},
    codec::Encode,
    tally::{CellTally, Tally},
};
use alloc::{collections::BTreeMap, vec::Vec};

impl State {
    pub(in crate::board) fn apply_tally(
        &mut self,
        body: &[u8],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
        seed: &[u8; 32],
    ) -> Result<(), Refusal> {
        let manifest = self.known_manifest()?;
        let content = self.signed(manifest, Kind::Tally, body, seed)?;
        let (Some(voting), Some(ceremony)) = (&self.voting, self.ceremony()) else {
            return Err(Refusal::Closed);
        };
        let tally = voting.tally();
        if content != tally.as_bytes() {
            return Err(Refusal::WrongSum { cell: first_difference(&tally, content) });
        }
        let cells = tally.cells().iter().enumerate().filter(|(_, cell)| cell.is_mixed());
        let (places, cells): (Vec<usize>, Vec<&CellTally>) = cells.unzip();
        if !cells.is_empty() {
            let rows = places.into_iter().zip(voting.rows(&cells, stored)?);
            self.mixing = Some(Mixing::new(&voting.election, ceremony, &tally, rows));
        }
        self.tally = Some(tally);
        Ok(())
    }
}

impl Voting {
    /// The rows of these cells, as bytes: what each ballot that counts holds in the slots that are mixed, in the order of the
    /// board.
    pub(in crate::board) fn rows(
        &self,
        cells: &[&CellTally],
        stored: &impl Fn(u64) -> Option<Vec<u8>>,
    ) -> Result<Vec<Vec<u8>>, Refusal> {
        let manifest = self.election.manifest();
        let mut counted: Vec<(u64, Tracker)> =
            self.counted().map(|last| (last.entry, last.tracker)).collect();
        counted.sort_unstable();
        let mut rows = alloc::vec![Vec::new(); cells.len()];
        // Every contest has one cell in each district at most.
        let mut places = BTreeMap::new();
        for (place, cell) in cells.iter().enumerate() {
            places.extend(cell.districts.iter().map(|district| ((cell.contest, *district), place)));
        }
        for (entry, tracker) in counted {
            let object = stored(entry).ok_or(Refusal::Storage { entry })?;
            let body = object.get(1..).unwrap_or_default();
            let slots = self.election.read_slots(body, &tracker);
            let (style, slots) = slots.ok_or(Refusal::Storage { entry })?;
            let style = manifest.styles().get(usize::from(style));
            let (Some(style), Some((a, b))) = (style, slots.split_first()) else { continue };
            for (place, contest, held) in manifest.by_contest(style, b) {
                let cell = places.get(&(place, style.district));
                if let Some(rows) = cell.and_then(|place| rows.get_mut(*place)) {
                    let mixed = held.get(contest.summed_slots()..).unwrap_or_default();
                    rows.extend_from_slice(a);
                    mixed.iter().for_each(|b| rows.extend_from_slice(b));
                }
            }
        }
        Ok(rows)
    }
}

/// The first cell whose bytes differ from those of the tally.
fn first_difference(tally: &Tally, content: &[u8]) -> usize {
    let mut at = 4;
    tally
        .cells()
        .iter()
        .take_while(|cell| {
            let bytes = cell.to_bytes();
            let same = content.get(at..at + bytes.len()) == Some(bytes.as_slice());
            at += bytes.len();
            same
        })
        .count()
}
