//! From verified ballots to the sums that are opened, and from opened sums to the outcome.
//!
//! A [`PartialTally`] adds ballots up by contest and district; partial tallies of disjoint sets of ballots merge. At
//! the close it becomes a [`Tally`], whose cells partition the ballots of each contest: every ballot is in exactly
//! one cell, and no cell but an empty one is smaller than the manifest's minimum. Districts below the minimum
//! merge with the ones that follow in the manifest; a contest that is below it as a whole is not opened.
//!
//! Rankings and write-ins are not added up. The rows that hold them are mixed, cell by cell, and then belong to the tally
//! that is opened ([`Tally::with_mixed`]).

use crate::{
    ballot::{Origin, VerifiedBallot},
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_count},
    contest::{Cell, Contest},
    crypto::elgamal::{Ciphertext, Sum},
    manifest::{Manifest, ManifestHash},
    roll::Roll,
    work,
};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use core::{fmt, ops::Range};
use curve25519_dalek::{RistrettoPoint, traits::IsIdentity};
use sha3::{Digest, Sha3_256};

/// How many voters took part, each counted once whatever their weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turnout {
    /// Ballots by district, in the manifest's order.
    pub districts: Vec<u64>,
    /// Voters on the roll by district.
    pub on_roll: Vec<u64>,
    /// Ballots by polling station, in the manifest's order.
    pub stations: Vec<u64>,
    /// Ballots cast remotely.
    pub remote: u64,
}

impl Encode for Turnout {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { districts, on_roll, stations, remote } = self;
        for list in [districts, on_roll, stations] {
            put_count(out, list.len());
            list.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        out.extend_from_slice(&remote.to_be_bytes());
    }
}

/// The sum of one contest over ballots of one district.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    ballots: u64,
    weight: u64,
    sum: Sum,
}

impl Part {
    fn empty(slots: usize) -> Self {
        Self { ballots: 0, weight: 0, sum: Sum::zero(slots) }
    }
}

/// Sums over verified ballots, by contest and district, that say nothing of the election that they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    parts: BTreeMap<(usize, usize), Part>,
    districts: Vec<u64>,
    stations: Vec<u64>,
    remote: u64,
}

impl Sums {
    pub(crate) fn new(manifest: &Manifest) -> Self {
        Self {
            parts: BTreeMap::new(),
            districts: vec![0; manifest.districts().len()],
            stations: vec![0; manifest.stations().len()],
            remote: 0,
        }
    }

    /// Adds `factor` times a ballot of this manifest's election.
    pub(crate) fn add(&mut self, manifest: &Manifest, ballot: &VerifiedBallot, factor: i64) {
        let header = ballot.header();
        let Some(style) = manifest.styles().get(usize::from(header.style)) else { return };
        let one = factor.signum();
        let ciphertext = ballot.ciphertext();
        let mut rest = ciphertext.b.as_slice();
        for contest in &style.contests {
            let Some(contest_held) = manifest.contests().get(*contest) else { return };
            let Some((b, tail)) = rest.split_at_checked(contest_held.slots()) else { return };
            rest = tail;
            let slots = contest_held.summed_slots();
            let b = b.get(..slots).unwrap_or_default();
            let key = (*contest, style.district);
            let part = self.parts.entry(key).or_insert_with(|| Part::empty(slots));
            part.ballots = part.ballots.wrapping_add_signed(one);
            part.weight = part.weight.wrapping_add_signed(factor);
            part.sum.add_scaled(&ciphertext.a, b, factor);
            // A ballot that was taken away leaves no trace.
            if part.ballots == 0 && *part == Part::empty(slots) {
                self.parts.remove(&key);
            }
        }
        let origin = match header.origin {
            Origin::Remote => Some(&mut self.remote),
            Origin::Station(station) => self.stations.get_mut(usize::from(station)),
        };
        for count in [origin, self.districts.get_mut(style.district)].into_iter().flatten() {
            *count = count.wrapping_add_signed(one);
        }
    }

    /// Whether these can be sums of this manifest's election.
    pub(crate) fn fits(&self, manifest: &Manifest) -> bool {
        let Self { parts, districts, stations, remote: _ } = self;
        let fits = |((contest, district), part): (&(usize, usize), &Part)| {
            let slots = manifest.contests().get(*contest).map(Contest::summed_slots);
            slots == Some(part.sum.b.len()) && *district < districts.len()
        };
        districts.len() == manifest.districts().len()
            && stations.len() == manifest.stations().len()
            && parts.iter().all(fits)
    }

    /// Adds sums over other ballots. `None`, and nothing added, if they cannot be of the same election.
    #[must_use = "sums of different elections do not merge"]
    pub(crate) fn merge(&mut self, other: &Self) -> Option<()> {
        let slots = |part: &Part| part.sum.b.len();
        let differs = |(key, part)| self.parts.get(key).is_some_and(|p| slots(p) != slots(part));
        if self.districts.len() != other.districts.len()
            || self.stations.len() != other.stations.len()
            || other.parts.iter().any(differs)
        {
            return None;
        }
        for (key, part) in &other.parts {
            let slots = part.sum.b.len();
            let into = self.parts.entry(*key).or_insert_with(|| Part::empty(slots));
            // Wrapping, as a ballot can be taken away in a tally without it.
            into.ballots = into.ballots.wrapping_add(part.ballots);
            into.weight = into.weight.wrapping_add(part.weight);
            into.sum.merge(&part.sum);
            if into.ballots == 0 && *into == Part::empty(slots) {
                self.parts.remove(key);
            }
        }
        let add = |into: &mut Vec<u64>, from: &[u64]| {
            into.iter_mut().zip(from).for_each(|(into, from)| *into = into.wrapping_add(*from));
        };
        add(&mut self.districts, &other.districts);
        add(&mut self.stations, &other.stations);
        self.remote = self.remote.wrapping_add(other.remote);
        Some(())
    }
}

impl Encode for Sums {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { parts, districts, stations, remote } = self;
        put_count(out, parts.len());
        for ((contest, district), Part { ballots, weight, sum }) in parts {
            put_count(out, *contest);
            put_count(out, *district);
            out.extend_from_slice(&ballots.to_be_bytes());
            out.extend_from_slice(&weight.to_be_bytes());
            put_count(out, sum.b.len());
            sum.encode(out);
        }
        for list in [districts, stations] {
            put_count(out, list.len());
            list.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        out.extend_from_slice(&remote.to_be_bytes());
    }
}

impl Decode for Sums {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let list = reader.list(usize::MAX, 4 + 4 + 8 + 8 + 4 + 32, |reader| {
            let key = (reader.u32()? as usize, reader.u32()? as usize);
            let (ballots, weight) = (reader.u64()?, reader.u64()?);
            let slots = reader.count(usize::MAX, 32)?;
            let part = Part { ballots, weight, sum: Sum::decode(reader, slots)? };
            // What cancels out is left out.
            match part == Part::empty(slots) {
                true => Err(reader.error(0, DecodeErrorKind::NotCanonical)),
                false => Ok((key, part)),
            }
        })?;
        if !list.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(reader.error(0, DecodeErrorKind::NotCanonical));
        }
        Ok(Self {
            parts: list.into_iter().collect(),
            districts: reader.list(usize::MAX, 8, Reader::u64)?,
            stations: reader.list(usize::MAX, 8, Reader::u64)?,
            remote: reader.u64()?,
        })
    }
}

/// Sums over verified ballots of an election, by contest and district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialTally {
    manifest: Manifest,
    sums: Sums,
}

impl PartialTally {
    /// The tally of no ballots.
    pub fn new(manifest: &Manifest) -> Self {
        Self { sums: Sums::new(manifest), manifest: manifest.clone() }
    }

    /// Adds a ballot, which counts `weight` times.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is added, if the ballot is one of another manifest.
    pub fn add(&mut self, ballot: &VerifiedBallot, weight: u32) -> Result<(), OtherElection> {
        self.is_of(ballot.manifest())?;
        self.count(ballot, weight.into());
        Ok(())
    }

    /// Takes a ballot away that was added with the same weight, to this tally or to one that is merged with it.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is taken away, if the ballot is one of another manifest.
    pub fn remove(&mut self, ballot: &VerifiedBallot, weight: u32) -> Result<(), OtherElection> {
        self.is_of(ballot.manifest())?;
        self.count(ballot, -i64::from(weight));
        Ok(())
    }

    /// Adds `factor` times a ballot that is known to be of this election.
    pub(crate) fn count(&mut self, ballot: &VerifiedBallot, factor: i64) {
        self.sums.add(&self.manifest, ballot, factor);
    }

    fn is_of(&self, found: ManifestHash) -> Result<(), OtherElection> {
        let expected = self.manifest.hash();
        if found == expected { Ok(()) } else { Err(OtherElection { found, expected }) }
    }

    /// Adds a tally over other ballots of the same election.
    ///
    /// # Errors
    ///
    /// `OtherElection`, and nothing is added, if the manifests differ.
    pub fn merge(&mut self, other: &Self) -> Result<(), OtherElection> {
        let found = other.manifest.hash();
        self.is_of(found)?;
        // Sums of one manifest have one shape.
        self.sums.merge(&other.sums).ok_or(OtherElection { found, expected: found })
    }

    /// Adds sums over other ballots. `None`, and nothing added, if they cannot be of this election.
    #[must_use = "sums of different elections do not merge"]
    pub(crate) fn add_sums(&mut self, sums: &Sums) -> Option<()> {
        if sums.fits(&self.manifest) { self.sums.merge(sums) } else { None }
    }

    /// Turnout among the ballots added, beside the roll.
    ///
    /// # Errors
    ///
    /// `OtherElection` if the roll was checked against another manifest.
    pub fn turnout(&self, roll: &Roll) -> Result<Turnout, OtherElection> {
        self.is_of(roll.manifest())?;
        Ok(self.took_part(roll))
    }

    /// Turnout beside a roll that is known to be of this election.
    pub(crate) fn took_part(&self, roll: &Roll) -> Turnout {
        let Sums { districts, stations, remote, .. } = self.sums.clone();
        let mut on_roll = vec![0; districts.len()];
        for (place, style) in self.manifest.styles().iter().enumerate() {
            if let Some(count) = on_roll.get_mut(style.district) {
                *count += roll.voters_of_style(place);
            }
        }
        Turnout { districts, on_roll, stations, remote }
    }
}

/// A ballot, a roll or a tally of one election was to be taken into the tally of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherElection {
    /// The manifest of what was to be taken in.
    pub found: ManifestHash,
    /// The manifest of the tally.
    pub expected: ManifestHash,
}

impl fmt::Display for OtherElection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, expected } = self;
        write!(
            f,
            "this belongs to the election of manifest {found}; the tally is of manifest {expected}"
        )
    }
}

impl core::error::Error for OtherElection {}

/// How a cell is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// By the trustees' shares.
    Shares,
    /// Its nonce point is the identity, so anyone can read it: that takes collusion of all its voters.
    Public,
    /// It has no ballots; its totals are 0.
    Empty,
    /// Not at all: the whole contest has fewer ballots than the manifest's minimum.
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
    /// The sum of their ciphertexts, times their weights, over the contest's slots that are summed.
    pub sum: Sum,
    /// Whether the contest has rankings or write-ins.
    has_rows: bool,
}

impl CellTally {
    /// Whether rankings or write-ins of this cell are mixed and opened one by one.
    pub fn is_mixed(&self) -> bool {
        self.has_rows && matches!(self.opening, Opening::Shares | Opening::Public)
    }
}

impl Encode for CellTally {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { contest, districts, ballots, weight, opening, sum, has_rows: _ } = self;
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
    /// Derives the cells from the manifest and from the ballots added until the close.
    pub fn new(partial: &PartialTally) -> Self {
        let manifest = &partial.manifest;
        let mut cells = Vec::new();
        for (place, districts) in districts(manifest).into_iter().enumerate() {
            cells.extend(contest_cells(partial, place, districts));
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
        let each = |cell: &CellTally| {
            manifest.contests().get(cell.contest).map_or(1, |c| u64::from(c.rule.each))
        };
        let bound = cells.iter().map(|cell| cell.weight.saturating_mul(each(cell))).max();
        let mut bytes = Vec::new();
        put_count(&mut bytes, cells.len());
        cells.as_slice().encode(&mut bytes);
        let hash = hash(&bytes);
        let (mixed, bound) = (Vec::new(), bound.unwrap_or(0));
        Self { manifest: manifest.hash(), cells, mixed, opened, bound, bytes, hash }
    }

    /// The same tally with the rows that came out of the last mix of each cell. They are opened, too.
    #[must_use]
    pub fn with_mixed(mut self, mixed: Vec<MixedCell>) -> Self {
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

fn contest_cells(partial: &PartialTally, contest: usize, districts: Vec<usize>) -> Vec<CellTally> {
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
    };

    let mut cells: Vec<CellTally> = Vec::new();
    let mut current = empty();
    for district in districts {
        work::step();
        current.districts.push(district);
        if let Some(part) = partial.sums.parts.get(&(contest, district)) {
            // Wrapping, as sums that somebody else made can be anything.
            current.ballots = current.ballots.wrapping_add(part.ballots);
            current.weight = current.weight.wrapping_add(part.weight);
            current.sum.merge(&part.sum);
        }
        // A district without ballots hides nothing and stands alone; others wait until they are enough.
        let alone = current.ballots == 0 || current.ballots >= minimum;
        if kind == Some(Cell::District) && alone {
            cells.push(core::mem::replace(&mut current, empty()));
        }
    }
    if !current.districts.is_empty() {
        // Too few are left over: they join the last cell that has ballots.
        let few = kind == Some(Cell::District) && current.ballots < minimum;
        match cells.iter_mut().rev().find(|cell| few && cell.ballots > 0) {
            Some(last) => {
                last.districts.append(&mut current.districts);
                last.ballots = last.ballots.wrapping_add(current.ballots);
                last.weight = last.weight.wrapping_add(current.weight);
                last.sum.merge(&current.sum);
            }
            None => cells.push(current),
        }
    }
    for cell in &mut cells {
        cell.opening = match cell.ballots {
            0 => Opening::Empty,
            few if few < minimum => Opening::TooFew,
            _ if cell.sum.a.is_identity() => Opening::Public,
            _ => Opening::Shares,
        };
    }
    cells
}
