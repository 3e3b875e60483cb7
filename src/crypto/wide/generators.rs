//! The generators of the range proof. They are those of the crate `bulletproofs`, derived here so that verifying needs no such crate.

use super::rules::{BITS, MAX_VALUES};
use crate::crypto::{
    batch::{Base, BaseRange, Bases},
    group::Element,
};
use alloc::vec::Vec;
use curve25519_dalek::{RistrettoPoint, constants::RISTRETTO_BASEPOINT_COMPRESSED};
use sha3::{
    Digest, Sha3_512, Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};

/// The generators `B̃`, and `Gᵢ`, `Hᵢ` for each bit of each value.
///
/// `B̃` is hashed to the group from the bytes of `G` (SHA3-512). The others come from one SHAKE256 for each value and letter, 64 bytes
/// for each bit. Nobody knows a relation among them and `G`.
#[derive(Clone, Debug)]
#[allow(non_snake_case)]
pub struct Generators {
    pub(super) blinding: RistrettoPoint,
    pub(super) G: Vec<RistrettoPoint>,
    pub(super) H: Vec<RistrettoPoint>,
}

impl Generators {
    /// Generators for proofs over at most `values` values.
    pub fn new(values: usize) -> Self {
        let commitments = values.min(MAX_VALUES).next_power_of_two();
        let list =
            |letter| (0..commitments).flat_map(move |value| chain(letter, value as u32)).collect();
        Self { blinding: blinding(), G: list(b'G'), H: list(b'H') }
    }

    /// Adds the generators and these slot keys to bases.
    pub fn share(&self, slot_keys: &[Element], bases: &mut Bases) -> Handles {
        let slot_keys = bases.push(slot_keys.iter().map(|key| *key.point()));
        self.share_with(slot_keys, bases)
    }

    /// The same with slot keys that the bases already hold.
    pub fn share_with(&self, slot_keys: BaseRange, bases: &mut Bases) -> Handles {
        let Self { blinding, G, H } = self;
        Handles {
            blinding: bases.push_one(*blinding),
            G: bases.push(G.iter().copied()),
            H: bases.push(H.iter().copied()),
            slot_keys,
        }
    }
}

/// The handles of the points that proofs share, all generators and slot keys. They are added to [`Bases`] once.
#[derive(Clone, Copy, Debug)]
#[allow(non_snake_case)]
pub struct Handles {
    pub(super) blinding: Base,
    pub(super) G: BaseRange,
    pub(super) H: BaseRange,
    pub(super) slot_keys: BaseRange,
}

impl Handles {
    /// Whether there are generators for this many commitments.
    pub(super) fn fit(&self, commitments: usize) -> bool {
        BITS.saturating_mul(commitments) <= self.G.len().min(self.H.len())
    }
}

/// `B̃`
fn blinding() -> RistrettoPoint {
    let hash = Sha3_512::new_with_prefix(RISTRETTO_BASEPOINT_COMPRESSED.as_bytes());
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

/// The generators of one value.
fn chain(letter: u8, value: u32) -> impl Iterator<Item = RistrettoPoint> {
    let mut hash = Shake256::default();
    hash.update(b"GeneratorsChain");
    hash.update(&[letter]);
    hash.update(&value.to_le_bytes());
    let mut reader = hash.finalize_xof();
    (0..BITS).map(move |_| {
        let mut bytes = [0; 64];
        reader.read(&mut bytes);
        RistrettoPoint::from_uniform_bytes(&bytes)
    })
}
