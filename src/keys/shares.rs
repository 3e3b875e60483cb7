//! Checks many members' shares of one deal in less time than one by one.
//!
//! `[KEY.SHARE]` for all slots together is `(Σₖ ρₖs_{jk})G = Σₑ jᵉCₑ` with `Cₑ = Σₖ ρₖF_{ke}`; the sums `Cₑ` are the same for
//! all members. The weights `ρₖ` are a hash of the deal, with all its `F_{ke}` and shares. So no dealer can find a deal that
//! hides a wrong equation, and everybody reaches the same verdict. The wrong slot is found by halving.

use super::deal::{Deal, evaluate_in_exponent};
use crate::{crypto::group::Element, work};
use alloc::{collections::BTreeMap, vec::Vec};
use core::ops::Range;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use sha3::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};

/// Checks shares of one deal.
pub(super) struct Shares<'d> {
    deal: &'d Deal,
    weights: Vec<Scalar>,
    /// `Cₑ` over a range of slots, by its first slot and the one after its last.
    sums: BTreeMap<(usize, usize), Vec<RistrettoPoint>>,
}

impl<'d> Shares<'d> {
    /// The shares of the deal with this commitment.
    pub(super) fn new(deal: &'d Deal, commitment: &[u8; 32]) -> Self {
        let mut hash = Shake256::default();
        hash.update(b"tabella/v1 share weights");
        hash.update(commitment);
        let mut reader = hash.finalize_xof();
        let weight = |_| {
            let mut wide = [0; 64];
            reader.read(&mut wide);
            Scalar::from_bytes_mod_order_wide(&wide)
        };
        Self { deal, weights: (0..deal.slots()).map(weight).collect(), sums: BTreeMap::new() }
    }

    /// The first slot in which `[KEY.SHARE]` does not hold for this member's share.
    pub(super) fn first_wrong(&mut self, share: &[Scalar], member: u16) -> Option<usize> {
        let mut slots = 0..self.weights.len();
        if self.hold(slots.clone(), share, member) {
            return None;
        }
        while slots.len() > 1 {
            let middle = slots.start + slots.len() / 2;
            if self.hold(slots.start..middle, share, member) {
                slots.start = middle;
            } else {
                slots.end = middle;
            }
        }
        Some(slots.start)
    }

    fn hold(&mut self, slots: Range<usize>, share: &[Scalar], member: u16) -> bool {
        let Self { deal, weights, sums } = self;
        let held = weights.get(slots.clone()).unwrap_or_default();
        let values = share.get(slots.clone()).unwrap_or_default();
        let value: Scalar = held.iter().zip(values).map(|(weight, s)| weight * s).sum();
        let sums = sums.entry((slots.start, slots.end)).or_insert_with(|| {
            let sum = |e: usize| {
                let column = slots.clone().filter_map(|slot| deal.commitments(slot)?.get(e));
                // The multiplication needs to know their number.
                let column: Vec<_> = column.inspect(|_| work::step()).map(Element::point).collect();
                RistrettoPoint::vartime_multiscalar_mul(held, column)
            };
            (0..deal.degree()).map(sum).collect()
        });
        sums.iter().for_each(|_| work::step());
        RistrettoPoint::mul_base(&value) == evaluate_in_exponent(sums.iter(), member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contest::Contest, crypto::signature::AuthorSecret, keys::Setup, manifest::Manifest,
        work::steps,
    };
    use alloc::format;
    use rand_core::OsRng;

    const MEMBERS: u16 = 12;
    const SLOTS: usize = 32;

    fn dealt() -> (Setup, Vec<AuthorSecret>, Deal) {
        let secret = |_| AuthorSecret::random(&mut OsRng).unwrap();
        let secrets: Vec<AuthorSecret> = (0..=MEMBERS).map(secret).collect();
        let (operator, trustees) = secrets.split_first().unwrap();
        let options = (0..SLOTS).map(|option| format!("{option}"));
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees(trustees.iter().map(|trustee| trustee.public().clone()), 5)
            .contest(Contest::choose_one("c", options))
            .build()
            .unwrap();
        let setup = Setup::first(&manifest);
        let deal = Deal::new(&setup, 1, &trustees[0], None, &mut OsRng).unwrap();
        (setup, trustees.to_vec(), deal)
    }

    #[test]
    fn the_first_wrong_slot_is_found() {
        let (setup, secrets, deal) = dealt();
        let mut shares = Shares::new(&deal, &[7; 32]);
        for (secret, member) in secrets.iter().zip(1..) {
            let share = deal.receive(&setup, member, secret).unwrap();
            assert_eq!(shares.first_wrong(&share, member), None);
            assert_eq!(shares.first_wrong(&share, member % MEMBERS + 1), Some(0));
            for wrong in [&[0][..], &[31], &[5, 6], &[17, 3, 30], &[16], &[15]] {
                let mut bad = share.to_vec();
                wrong.iter().for_each(|slot| bad[*slot] += Scalar::ONE);
                assert_eq!(shares.first_wrong(&bad, member), wrong.iter().min().copied());
                assert_eq!(deal.wrong_slot(&bad, member), wrong.iter().min().copied());
            }
        }
        // Errors that cancel in a sum without weights.
        let mut bad = deal.receive(&setup, 2, &secrets[1]).unwrap().to_vec();
        (bad[4], bad[9]) = (bad[4] + Scalar::ONE, bad[9] - Scalar::ONE);
        assert_eq!(shares.first_wrong(&bad, 2), Some(4));
    }

    /// However many members complain, and however bad their shares are, all commitments are summed at most as often as the
    /// slots can be halved.
    #[test]
    fn more_complaints_do_not_sum_the_commitments_again() {
        let (setup, secrets, deal) = dealt();
        let mut shares = Shares::new(&deal, &[7; 32]);
        let degree = deal.degree() as u64;
        let (points, halvings) = (SLOTS as u64 * degree, u64::from(SLOTS.ilog2()));
        let mut check = |last: usize| {
            let complaint = |(secret, member)| {
                let mut share = deal.receive(&setup, member, secret).unwrap().to_vec();
                share[last] += Scalar::ONE;
                assert_eq!(shares.first_wrong(&share, member), Some(last));
            };
            steps(|| secrets.iter().zip(1..).for_each(complaint)).0
        };
        let each = u64::from(MEMBERS) * (1 + halvings) * degree;
        assert!(check(SLOTS - 1) <= 2 * points + each);
        assert_eq!(check(SLOTS - 1), each);
        (0..SLOTS).for_each(|slot| {
            check(slot);
        });
        // All sums are known by now.
        assert_eq!(check(11), each);
        let kept: usize = shares.sums.values().map(Vec::len).sum();
        assert!(kept as u64 <= 2 * points);
    }
}
