//! Rules with the slots that hold the limbs.

use super::rules::Rules;
use crate::crypto::group::Element;
use alloc::{collections::BTreeSet, vec::Vec};
use sha3::{Digest, Sha3_256};

/// What all proofs of one kind share: the rules, and where the limbs are.
#[derive(Clone, Debug)]
pub struct Relation {
    pub(super) rules: Rules,
    /// The number of the ciphertext's slots.
    pub(super) width: usize,
    pub(super) slots: Vec<Slot>,
    pub(super) digest: [u8; 32],
}

/// The slot of a limb.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Its place in the ciphertext.
    pub(super) place: usize,
    /// The number of its key among all slot keys.
    pub(super) number: usize,
    pub(super) key: Element,
}

impl Relation {
    /// The relation over a ciphertext whose slots have the keys with the numbers `slots`, out of all slot keys, which the batch's
    /// bases hold, too. `places` are the ciphertext's slots that hold the limbs, in order.
    ///
    /// `None` if there are no limbs or more than [`MAX_VALUES`](super::MAX_VALUES) values, if the number of places differs from that of the limbs, if
    /// a place or a number is out of range or repeated, or if a row uses a value that does not exist.
    pub fn new(
        rules: Rules,
        places: &[usize],
        slots: &[usize],
        slot_keys: &[Element],
    ) -> Option<Self> {
        let are_different =
            |list: &[usize]| list.iter().collect::<BTreeSet<_>>().len() == list.len();
        if !rules.is_well_formed()
            || places.len() != rules.limbs()
            || !are_different(places)
            || !are_different(slots)
        {
            return None;
        }
        let slot = |place: &usize| {
            let number = *slots.get(*place)?;
            Some(Slot { place: *place, number, key: *slot_keys.get(number)? })
        };
        let of_limbs: Vec<Slot> = places.iter().map(slot).collect::<Option<_>>()?;
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 wide");
        rules.hash(&mut hash);
        for Slot { place, key, .. } in &of_limbs {
            hash.update((*place as i64).to_be_bytes());
            hash.update(key.as_bytes());
        }
        Some(Self { rules, width: slots.len(), slots: of_limbs, digest: hash.finalize().into() })
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The commitments of the range proof: one for each value, and as many to 0 as make their number a power of two.
    pub(super) fn padded(&self) -> usize {
        self.rules.values().next_power_of_two()
    }
}
