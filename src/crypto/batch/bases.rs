//! Points that many equations share, and handles of them.

use alloc::{sync::Arc, vec, vec::Vec};
use core::sync::atomic::{AtomicUsize, Ordering};
use curve25519_dalek::{RistrettoPoint, constants::RISTRETTO_BASEPOINT_POINT};

/// Points that many equations share; their scalars add up in one place each.
///
/// A caller puts its shared points in once and keeps the [`Base`]s that it gets for them, so one list serves proofs of
/// several kinds. A clone would give one handle two meanings, so there is none.
#[derive(Debug)]
pub struct Bases {
    pub(super) list: usize,
    pub(super) points: Arc<Vec<RistrettoPoint>>,
}

/// The handle of a point in the [`Bases`] that gave it out.
///
/// In a batch over other bases it makes the proof invalid, since it names its list, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    pub(super) list: usize,
    pub(super) position: usize,
}

/// The handles of points that were put into [`Bases`] together, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseRange {
    list: usize,
    start: usize,
    len: usize,
}

/// The number of the next list; 0 is every list, for `G`.
static NEXT: AtomicUsize = AtomicUsize::new(1);

impl Bases {
    /// `G` alone, which is [`Base::G`].
    pub fn new() -> Self {
        Self { list: 0, points: Arc::new(vec![RISTRETTO_BASEPOINT_POINT]) }
    }

    /// Adds one point. Batches that were begun before do not have it.
    pub fn push_one(&mut self, point: RistrettoPoint) -> Base {
        let BaseRange { list, start, .. } = self.push([point]);
        Base { list, position: start }
    }

    /// Adds points. Batches that were begun before do not have them.
    pub fn push(&mut self, points: impl IntoIterator<Item = RistrettoPoint>) -> BaseRange {
        if self.list == 0 {
            self.list = NEXT.fetch_add(1, Ordering::Relaxed);
        }
        let start = self.points.len();
        let list = Arc::make_mut(&mut self.points);
        list.extend(points);
        BaseRange { list: self.list, start, len: list.len() - start }
    }
}

impl Default for Bases {
    fn default() -> Self {
        Self::new()
    }
}

impl Base {
    /// The base point `G`, which all [`Bases`] have.
    pub const G: Self = Self { list: 0, position: 0 };
}

impl BaseRange {
    /// How many points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The handle of point `i`, from 0.
    pub fn get(&self, i: usize) -> Option<Base> {
        (i < self.len).then(|| Base { list: self.list, position: self.start + i })
    }

    /// All handles.
    pub fn iter(&self) -> impl Iterator<Item = Base> + use<> {
        let Self { list, start, len } = *self;
        (start..start + len).map(move |position| Base { list, position })
    }
}
