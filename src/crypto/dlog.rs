//! Bounded discrete logarithms: from an opened sum `vG` to the total `v`.
//!
//! Baby-step giant-step (Shanks 1971). The table holds `jG` for `0 ≤ j < T`. A search looks up `P − i·TG` for `i = 0, 1, …`
//! until the table has it; then `v = iT + j`. One table serves all sums up to its bound, and small totals are found early.
//! Points are compared by the canonical bytes of their doubles, since many doubles can be encoded with one shared inversion
//! and no square root.
//!
//! # Example
//!
//! ```
//! # use tabella::crypto::dlog::DlogTable;
//! # use curve25519_dalek::{RistrettoPoint, Scalar};
//! let table = DlogTable::new(10_000);
//! let point = |v: u64| RistrettoPoint::mul_base(&Scalar::from(v));
//! assert_eq!(table.find_vartime(&point(4321)), Some(4321));
//! assert_eq!(table.find_vartime(&point(10_001)), None);
//! ```

use alloc::{vec, vec::Vec};
use core::fmt;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::RISTRETTO_BASEPOINT_POINT,
    ristretto::CompressedRistretto,
    traits::{Identity, IsIdentity},
};

/// The table has at most `2^MOST` entries, and at least `2^LEAST` unless the bound is smaller.
const LEAST: u32 = 8;
const MOST: u32 = 20;
/// The number of low bits of a place that hold an entry's number, counted from 1.
const NUMBER: u32 = MOST + 1;
/// Most points that are encoded together.
const CHUNK: usize = 256;
/// An empty place.
const FREE: u64 = 0;

/// A table of multiples of `G` that finds every value up to a bound.
///
/// It has between 4 and 8 times `√bound` entries, but at least 2⁸ and at most 2²⁰, at 16 bytes each: 64 KiB for a bound of
/// 10⁶, 1 MiB for 10⁸ and 16 MiB from 2³⁴ on.
#[derive(Clone)]
pub struct DlogTable {
    bound: u64,
    entries: u64,
    /// `entries·G`
    stride: RistrettoPoint,
    /// Open addressing: the low bits of a hash are the first place to look at; its high bits are stored above the entry's
    /// number.
    places: Vec<u64>,
}

impl DlogTable {
    /// A table for the values `0..=bound`.
    ///
    /// Building takes one to three microseconds for each entry. The bound should be at most 2⁴⁰. Above that the table stops
    /// growing, and the time of an unsuccessful search grows with the bound.
    pub fn new(bound: u64) -> Self {
        // √bound entries are best for a single sum; eight times as many are best for 64 sums.
        let log = (bound.checked_ilog2().unwrap_or_default() / 2 + 3).clamp(LEAST, MOST);
        let entries = (1u64 << log).min(bound.saturating_add(1));
        let mut places = vec![FREE; 2 << log];
        let mut point = RistrettoPoint::identity();
        let mut number = 0;
        while number < entries {
            let chunk: Vec<_> = (0..(entries - number).min(CHUNK as u64))
                .map(|_| {
                    let next = point + RISTRETTO_BASEPOINT_POINT;
                    core::mem::replace(&mut point, next)
                })
                .collect();
            for hash in hashes(&chunk) {
                let free = probe(places.len(), hash).find(|at| places.get(*at) == Some(&FREE));
                if let Some(place) = free.and_then(|at| places.get_mut(at)) {
                    *place = mark(hash) | (number + 1);
                }
                number += 1;
            }
        }
        Self { bound, entries, stride: point, places }
    }

    /// The value `v ≤ bound` with `vG = point`, or `None` if there is none.
    ///
    /// Takes one or two microseconds for each `4·√bound` in `v`. Variable time: totals are public.
    pub fn find_vartime(&self, point: &RistrettoPoint) -> Option<u64> {
        let last = self.bound / self.entries;
        let mut current = *point;
        let mut step = 0;
        let mut size = 8;
        while step <= last {
            let count = size.min(usize::try_from(last - step).unwrap_or(CHUNK).saturating_add(1));
            let chunk: Vec<_> = (0..count)
                .map(|_| {
                    let next = current - self.stride;
                    core::mem::replace(&mut current, next)
                })
                .collect();
            for hash in hashes(&chunk) {
                // Equal marks do not imply equal points, so each hit is confirmed, and false ones are skipped.
                let found = self
                    .numbers(hash)
                    .map(|number| step * self.entries + number)
                    .find(|v| *v <= self.bound && is_value(point, *v));
                if found.is_some() {
                    return found;
                }
                step += 1;
            }
            size = (2 * size).min(CHUNK);
        }
        None
    }

    /// The numbers of the entries with this hash's mark.
    fn numbers(&self, hash: u64) -> impl Iterator<Item = u64> {
        probe(self.places.len(), hash)
            .map_while(|at| self.places.get(at).copied().filter(|place| *place != FREE))
            .filter(move |place| mark(*place) == mark(hash))
            .map(|place| (place & !mark(u64::MAX)) - 1)
    }
}

impl fmt::Debug for DlogTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DlogTable(0..={})", self.bound)
    }
}

/// Whether `point = value·G`.
fn is_value(point: &RistrettoPoint, value: u64) -> bool {
    let difference = point - RistrettoPoint::mul_base(&Scalar::from(value));
    difference.is_identity()
}

/// Eight bytes of the canonical encoding of each point's double, from the middle: the first bit of every encoding is 0.
fn hashes(points: &[RistrettoPoint]) -> impl Iterator<Item = u64> {
    let middle = |bytes: CompressedRistretto| {
        bytes.as_bytes().iter().skip(8).take(8).fold(0, |hash, b| hash << 8 | u64::from(*b))
    };
    RistrettoPoint::double_and_compress_batch(points).into_iter().map(middle)
}

/// The part of a hash that is stored.
fn mark(hash: u64) -> u64 {
    hash >> NUMBER << NUMBER
}

/// The places to look at for a hash. The number of places is a power of two.
fn probe(places: usize, hash: u64) -> impl Iterator<Item = usize> {
    let mask = places - 1;
    let start = hash as usize & mask;
    (0..places).map(move |i| start.wrapping_add(i) & mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    fn point(v: u64) -> RistrettoPoint {
        RistrettoPoint::mul_base(&Scalar::from(v))
    }

    #[test]
    fn small_bounds_find_all_values_and_no_other() {
        for bound in [0, 1, 2, 3, 255, 256, 257, 700] {
            let table = DlogTable::new(bound);
            assert_eq!(table.bound, bound);
            for v in 0..=bound {
                assert_eq!(table.find_vartime(&point(v)), Some(v), "{v} of {bound}");
            }
            for v in bound + 1..bound + 260 {
                assert_eq!(table.find_vartime(&point(v)), None, "{v} of {bound}");
            }
            for v in 1..4 {
                assert_eq!(table.find_vartime(&-point(v)), None, "-{v} of {bound}");
            }
        }
    }

    #[test]
    fn the_edges_of_every_step_are_found() {
        for bound in [100_000, (1 << 18) - 1, 1 << 18, 1_000_003] {
            let table = DlogTable::new(bound);
            let steps = [1, 2, 7, 8, 9, 23, 24, 25, bound / table.entries];
            let edges = steps.into_iter().flat_map(|step| {
                let edge = step * table.entries;
                [edge - 1, edge, edge + 1]
            });
            for v in edges.chain([0, 1, bound - 1, bound]).filter(|v| *v <= bound) {
                assert_eq!(table.find_vartime(&point(v)), Some(v), "{v} of {bound}");
            }
            // Up to the end of the last step, a hit in the table can still be above the bound.
            let after = (bound / table.entries + 1) * table.entries;
            let beyond = [bound + 1, after - 1, after, after + 1, u64::MAX];
            for v in beyond.into_iter().filter(|v| *v > bound) {
                assert_eq!(table.find_vartime(&point(v)), None, "{v} of {bound}");
            }
            assert_eq!(table.find_vartime(&-point(1)), None);
            assert_eq!(table.find_vartime(&RistrettoPoint::random(&mut OsRng)), None);
        }
    }

    #[test]
    fn a_large_bound_finds_small_totals_and_its_own_last() {
        let bound = (1 << 30) - 1;
        let table = DlogTable::new(bound);
        for v in [0, 1, 999_999, 100_000_000, bound - 1, bound] {
            assert_eq!(table.find_vartime(&point(v)), Some(v));
        }
        assert_eq!(table.find_vartime(&point(bound + 1)), None);
    }

    #[test]
    fn entries_with_the_same_mark_do_not_hide_each_other() {
        let mut table = DlogTable::new(5_000);
        for v in [0, 1, 200, 255] {
            let hash = hashes(&[point(v)]).next().unwrap();
            let entry = mark(hash) | (v + 1);
            let path: Vec<_> = probe(table.places.len(), hash).collect();
            let at = *path.iter().find(|at| table.places[**at] == entry).unwrap();
            let free = *path.iter().find(|at| table.places[**at] == FREE).unwrap();
            // A false entry with the same mark now comes first.
            table.places[at] = mark(hash) | (7 + 1);
            table.places[free] = entry;
            for v in [v, v + table.entries] {
                assert_eq!(table.find_vartime(&point(v)), Some(v));
            }
        }
    }
}
