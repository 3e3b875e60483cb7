//! Rules over the slots of a ciphertext, with the slot keys.

use super::constraints::{Constraints, Powers};
use crate::crypto::group::Element;
use alloc::{collections::BTreeSet, vec::Vec};
use curve25519_dalek::Scalar;
use sha3::{Digest, Sha3_256};

/// What all ballots of one style share: the constraints, and the slot keys with their numbers among all slot keys.
#[derive(Clone, Debug)]
pub struct Relation {
    pub(super) constraints: Constraints,
    pub(super) keys: Vec<(usize, Element)>,
    pub(super) digest: [u8; 32],
    /// Whether a rule is about the signer's weight.
    pub(super) has_weight: bool,
}

impl Relation {
    /// The relation over the slots with these numbers, out of all slot keys, which the batch's bases hold, too.
    ///
    /// `None` if there are no slots, if their number differs from that of the constraints, if a number is out of range or
    /// repeated, or if the constraints use a slot or a bit that they do not have.
    pub fn new(constraints: Constraints, slots: &[usize], slot_keys: &[Element]) -> Option<Self> {
        if slots.len() != constraints.slots
            || !constraints.is_well_formed()
            || slots.iter().collect::<BTreeSet<_>>().len() != slots.len()
        {
            return None;
        }
        let key = |k: &usize| slot_keys.get(*k).map(|key| (*k, *key));
        let keys: Vec<_> = slots.iter().map(key).collect::<Option<_>>()?;
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 relation");
        constraints.hash(&mut hash);
        for (_, key) in &keys {
            hash.update(key.as_bytes());
        }
        let has_weight = constraints.has_weight();
        Some(Self { constraints, keys, digest: hash.finalize().into(), has_weight })
    }

    /// The constraints.
    pub(crate) fn constraints(&self) -> &Constraints {
        &self.constraints
    }

    /// Whether a rule is about the signer's weight, which statements then hold.
    pub fn has_weight(&self) -> bool {
        self.has_weight
    }

    /// The keys of the slots, in order.
    pub fn keys(&self) -> Vec<Element> {
        self.keys.iter().map(|(_, key)| *key).collect()
    }

    pub(super) fn powers(&self, y: &Scalar) -> Powers {
        let mut next = Scalar::ONE;
        let mut power = || {
            let power = next;
            next *= y;
            power
        };
        let counted = |slot| self.constraints.is_counted(slot);
        Powers {
            slots: (0..self.constraints.slots())
                .map(|slot| if counted(slot) { power() } else { Scalar::ZERO })
                .collect(),
            rows: (0..self.constraints.rows()).map(|_| power()).collect(),
            signer: power(),
            nonce: power(),
        }
    }

    /// The power and the key of each slot that holds a sum of bits.
    pub(super) fn counted<'a>(
        &'a self,
        powers: &'a Powers,
    ) -> impl Iterator<Item = (usize, &'a Scalar, &'a (usize, Element))> {
        let slots = powers.slots.iter().zip(&self.keys).enumerate();
        let slots = slots.filter(|(slot, _)| self.constraints.is_counted(*slot));
        slots.map(|(slot, (power, key))| (slot, power, key))
    }
}
