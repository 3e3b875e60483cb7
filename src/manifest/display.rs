//! In what order a device should show the options of a contest.

use super::Manifest;
use crate::contest::Display;
use alloc::vec::Vec;
use sha3::{Digest, Sha3_256};

impl Manifest {
    /// The order in which a device in this district shows the options of a contest, as their places in the manifest; `None` if there is
    /// no such contest or district.
    ///
    /// It follows from the manifest hash and the district, never from the voter, so that everybody can say what should be shown. With
    /// [`Display::Rotate`] the options keep their order, and the next district begins with the next option: each comes first in
    /// as many districts as the others, or in one more. With [`Display::Lot`] each district has a lot of its own.
    pub fn display(&self, contest: usize, district: usize) -> Option<Vec<usize>> {
        self.districts().get(district)?;
        let options = self.contests().get(contest)?.options.len();
        let mut order: Vec<usize> = (0..options).collect();
        match self.contests().get(contest)?.display {
            Display::Manifest => {}
            Display::Rotate => {
                let [a, b, c, d, e, f, g, h, ..] = self.lot(contest, &[]);
                let first = u64::from_be_bytes([a, b, c, d, e, f, g, h]) % options.max(1) as u64;
                let first = (first as usize).saturating_add(district);
                order.rotate_left(first.checked_rem(options).unwrap_or(0));
            }
            Display::Lot => {
                order.sort_by_cached_key(|option| self.lot(contest, &[district, *option]));
            }
        }
        Some(order)
    }

    fn lot(&self, contest: usize, of: &[usize]) -> [u8; 32] {
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 display");
        hash.update(self.hash.as_bytes());
        for place in [contest].iter().chain(of) {
            // The places of a manifest's lists fit.
            hash.update((*place as u32).to_be_bytes());
        }
        hash.finalize().into()
    }
}
