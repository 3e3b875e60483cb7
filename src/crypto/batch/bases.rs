//! Points shared by many equations, and their handles.

use alloc::{sync::Arc, vec, vec::Vec};
use core::sync::atomic::{AtomicUsize, Ordering};
use curve25519_dalek::{RistrettoPoint, constants::RISTRETTO_BASEPOINT_POINT};

/// Points shared by many equations. The batch adds up the scalars of each.
///
/// A caller adds its shared points once and keeps their [`Base`]s, so one list serves several kinds of proof. It cannot be
/// cloned, since a handle would then have two meanings.
#[derive(Debug)]
pub struct Bases {
    pub(super) list: usize,
    pub(super) points: Arc<Vec<RistrettoPoint>>,
}

/// The handle of a point in the [`Bases`] that issued it.
///
/// It also identifies the list: in a batch over other bases it makes the proof invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    pub(super) list: usize,
    pub(super) position: usize,
}

/// The handles of points that were added to [`Bases`] together, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseRange {
    list: usize,
    start: usize,
    len: usize,
}

/// The number of the next list. 0 stands for every list; only `G` has it.
static NEXT: AtomicUsize = AtomicUsize::new(1);

impl Bases {
    /// Only `G`, which is [`Base::G`].
    pub fn new() -> Self {
        Self { list: 0, points: Arc::new(vec![RISTRETTO_BASEPOINT_POINT]) }
    }

    /// Adds one point. Batches begun before do not have it.
    pub fn push_one(&mut self, point: RistrettoPoint) -> Base {
        let BaseRange { list, start, .. } = self.push([point]);
        Base { list, position: start }
    }

    /// Adds points. Batches begun before do not have them.
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
    /// The base point `G`, which every [`Bases`] has.
    pub const G: Self = Self { list: 0, position: 0 };
}

impl BaseRange {
    /// The number of points.
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
