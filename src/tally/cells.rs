//! The cells in which sums are opened, and the tally of all of them.

use super::{Casters, PartialTally};
use crate::{
    codec::{Encode, put_count},
    contest::{Cell, Contest},
    crypto::elgamal::{Ciphertext, Sum},
    manifest::{Manifest, ManifestHash},
    work,
};
use alloc::{collections::BTreeSet, vec, vec::Vec};
use core::ops::Range;
use curve25519_dalek::{RistrettoPoint, traits::IsIdentity};
use sha3::{Digest, Sha3_256};

/// How a cell is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opening {
    /// By the trustees' shares.
    Shares,
    /// Its nonce point is the identity, so anyone can read it: that takes collusion of all its voters.
    Public,
    /// It has no ballots; its totals are 0.
    Empty,
    /// Not at all: in the whole contest fewer people cast ballots than the manifest's minimum.
    TooFew,
}

/// The ballots of one contest that are opened together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellTally {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The places of its districts.
    pub districts: Vec<usize>,
    /// How many ballots.
    pub ballots: u64,
    /// The sum of their weights.
    pub weight: u64,
    /// How it is opened.
    pub opening: Opening,
    /// The sum of their ciphertexts, times their weights unless these are split, over the contest's slots that are summed.
    pub sum: Sum,
    /// Whether the contest has rankings or write-ins.
    has_rows: bool,
    /// How many of the ballots are by people who cast another one of the cell, as proxies.
    repeated: u64,
}

impl CellTally {
    /// How many people cast the ballots.
    fn people(&self) -> u64 {
        self.ballots.saturating_sub(self.repeated)
    }

    /// Whether rankings or write-ins of this cell are mixed and opened one by one.
    pub fn is_mixed(&self) -> bool {
        self.has_rows && matches!(self.opening, Opening::Shares | Opening::Public)
    }
}

impl Encode for CellTally {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { contest, districts, ballots, weight, opening, sum, has_rows: _, repeated: _ } =
            self;
        put_count(out, *contest);
        put_count(out, districts.len());
        districts.iter().for_each(|d| put_count(out, *d));
        out.extend_from_slice(&ballots.to_be_bytes());
        out.extend_from_slice(&weight.to_be_bytes());
        out.push(match opening {
            Opening::Shares => 0,
            Opening::Public => 1,
            Opening::Empty => 2,
            Opening::TooFew => 3,
        });
        sum.encode(out);
    }
}

/// One slot of one ciphertext that the trustees open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The ciphertext: the sum of a cell, by the cell's place in the tally, or else a mixed row. Rows are numbered behind the
    /// cells, in their order.
    pub ciphertext: usize,
    /// The slot's place in the ciphertext.
    pub place: usize,
    /// The slot's number, which names its key.
    pub slot: usize,
}

/// The rows of one cell as they came out of its last mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedCell {
    /// The cell's place in the tally.
    pub cell: usize,
    /// The numbers of the slots that each row has.
    pub slots: Range<usize>,
    /// The rows, in the order of the mix.
    pub rows: Vec<Ciphertext>,
}

impl MixedCell {
    /// SHA3-256 over `tabella/v1 rows` and the rows.
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 rows");
        for row in &self.rows {
            hash.update(row.to_bytes());
        }
        hash.finalize().into()
    }
}

/// All cells of an election at its close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    manifest: ManifestHash,
    cells: Vec<CellTally>,
    mixed: Vec<MixedCell>,
    opened: Vec<Opened>,
    bound: u64,
    /// To encode a sum takes a field inversion for each slot, so it is done once.
    bytes: Vec<u8>,
    hash: [u8; 32],
}

impl Tally {
    /// Derives the cells from the manifest and from the ballots added until the close, each of which somebody else cast.
    pub fn new(partial: &PartialTally) -> Self {
        Self::of(partial, &Casters::default())
    }

    /// The same where these people cast several. All of one person count once for the minimum of a cell: who cast nine of ten
    /// ballots could otherwise read the tenth.
    pub(crate) fn of(partial: &PartialTally, casters: &Casters) -> Self {
        let manifest = &partial.manifest;
        let mut cells = Vec::new();
        for (place, districts) in districts(manifest).into_iter().enumerate() {
            cells.extend(contest_cells(partial, casters, place, districts));
        }
        let mut opened = Vec::new();
        for (cell, tally) in cells.iter().enumerate() {
            if tally.opening == Opening::Shares {
                let slots = manifest.contest_slots(tally.contest).into_iter().flatten();
                let slots = slots.take(tally.sum.b.len()).enumerate();
                let open = |(place, slot)| Opened { ciphertext: cell, place, slot };
                opened.extend(slots.map(open));
            }
        }
        let largest = |CellTally { contest, ballots, weight, .. }: &CellTally| {
            let contest = manifest.contests().get(*contest);
            contest.map_or(*weight, |contest| contest.largest_total(*ballots, *weight))
        };
        let bound = cells.iter().map(largest).max();
        let mut bytes = Vec::new();
        put_count(&mut bytes, cells.len());
        cells.as_slice().encode(&mut bytes);
        let hash = hash(&bytes);
        let (mixed, bound) = (Vec::new(), bound.unwrap_or(0));
        Self { manifest: manifest.hash(), cells, mixed, opened, bound, bytes, hash }
    }

    /// The same tally with the rows that came out of the last mix of each cell. They are opened, too.
    ///
    /// **No mix is verified here.** A board gives rows of verified mixes; what is opened of any others nobody need have voted.
    #[must_use]
    pub fn with_trusted_rows(mut self, mixed: Vec<MixedCell>) -> Self {
        put_count(&mut self.bytes, mixed.len());
        let mut ciphertext = self.cells.len();
        for cell in &mixed {
            put_count(&mut self.bytes, cell.cell);
            put_count(&mut self.bytes, cell.rows.len());
            self.bytes.extend_from_slice(&cell.hash());
            for _ in &cell.rows {
                let slots = cell.slots.clone().enumerate();
                self.opened.extend(slots.map(|(place, slot)| Opened { ciphertext, place, slot }));
                ciphertext += 1;
            }
        }
        Self { hash: hash(&self.bytes), mixed, ..self }
    }

    /// The rows that were mixed, by cell; none before the last mix.
    pub fn mixed(&self) -> &[MixedCell] {
        &self.mixed
    }

    /// The nonce point of each ciphertext, in the order of their numbers.
    pub(crate) fn nonce_points(&self) -> Vec<RistrettoPoint> {
        let rows = self.mixed.iter().flat_map(|cell| &cell.rows);
        let sums = self.cells.iter().map(|cell| cell.sum.a);
        sums.chain(rows.map(|row| *row.a.point())).collect()
    }

    /// The manifest of the election.
    pub fn manifest(&self) -> ManifestHash {
        self.manifest
    }

    /// The cells, by contest and then by district.
    pub fn cells(&self) -> &[CellTally] {
        &self.cells
    }

    /// What the trustees open, in the order of their decryption factors.
    pub fn opened(&self) -> &[Opened] {
        &self.opened
    }

    /// The largest total that any cell can have, for a table of discrete logarithms.
    pub fn bound(&self) -> u64 {
        self.bound
    }

    /// Hash of the canonical bytes.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The canonical bytes: the cells, and then for each cell with mixed rows how many there are and their hash.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

fn hash(tally: &[u8]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 tally");
    hash.update(tally);
    hash.finalize().into()
}

impl Encode for Tally {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes);
    }
}

/// For each contest the districts that hold it, ascending.
fn districts(manifest: &Manifest) -> Vec<Vec<usize>> {
    let mut districts = vec![Vec::new(); manifest.contests().len()];
    for style in manifest.styles() {
        for contest in &style.contests {
            work::step();
            if let Some(districts) = districts.get_mut(*contest) {
                districts.push(style.district);
            }
        }
    }
    for districts in &mut districts {
        districts.sort_unstable();
        districts.dedup();
    }
    districts
}

fn contest_cells(
    partial: &PartialTally,
    casters: &Casters,
    contest: usize,
    districts: Vec<usize>,
) -> Vec<CellTally> {
    let manifest = &partial.manifest;
    let held = manifest.contests().get(contest);
    let (slots, kind) = (held.map_or(0, Contest::summed_slots), held.map(|contest| contest.cell));
    let has_rows = held.is_some_and(|contest| contest.mixed_slots() > 0);
    let minimum = u64::from(manifest.minimum_cell());
    let empty = || CellTally {
        contest,
        districts: Vec::new(),
        ballots: 0,
        weight: 0,
        opening: Opening::Empty,
        sum: Sum::zero(slots),
        has_rows,
        repeated: 0,
    };

    let mut cells: Vec<CellTally> = Vec::new();
    let (mut current, mut seen) = (empty(), BTreeSet::new());
    for district in districts {
        work::step();
        current.districts.push(district);
        if let Some(part) = partial.sums.parts.get(&(contest, district)) {
            // Wrapping, as sums that somebody else made can be anything.
            current.ballots = current.ballots.wrapping_add(part.ballots);
            current.weight = current.weight.wrapping_add(part.weight);
            current.sum.merge(&part.sum);
        }
        let again = casters.of(contest, district).iter().filter(|who| !seen.insert(**who));
        current.repeated += again.count() as u64;
        // A district without ballots hides nothing and stands alone; others wait until they are enough.
        let alone = current.ballots == 0 || current.people() >= minimum;
        if kind == Some(Cell::District) && alone {
            cells.push(core::mem::replace(&mut current, empty()));
            seen.clear();
        }
    }
    if !current.districts.is_empty() {
        // Too few are left over: they join the last cell that has ballots, of enough people even without them.
        let few = kind == Some(Cell::District) && current.people() < minimum;
        match cells.iter_mut().rev().find(|cell| few && cell.ballots > 0) {
            Some(last) => {
                last.districts.append(&mut current.districts);
                last.ballots = last.ballots.wrapping_add(current.ballots);
                last.weight = last.weight.wrapping_add(current.weight);
                last.repeated += current.repeated;
                last.sum.merge(&current.sum);
            }
            None => cells.push(current),
        }
    }
    for cell in &mut cells {
        cell.opening = match cell.ballots {
            0 => Opening::Empty,
            _ if cell.people() < minimum => Opening::TooFew,
            _ if cell.sum.a.is_identity() => Opening::Public,
            _ => Opening::Shares,
        };
    }
    cells
}
