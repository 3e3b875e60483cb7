//! Rules as rows over values of 16 bits, with the slots that hold some of them.

use crate::crypto::group::Element;
use alloc::{collections::BTreeSet, vec::Vec};
use curve25519_dalek::Scalar;
use sha3::{Digest, Sha3_256};

/// The bits of a value.
pub(super) const BITS: usize = 16;
/// Most values of a relation.
pub const MAX_VALUES: usize = 1 << 12;

/// The values of `0..=65,535` that a prover commits to, and their linear rules. First come the limbs, one for each wide slot, then
/// slack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    limbs: usize,
    slack: usize,
    rows: Vec<Row>,
}

/// The rule `Σ coefficient·value = target`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    terms: Vec<(usize, i64)>,
    target: i64,
}

impl Rules {
    /// This many limbs, numbered from 0, without slack or rows.
    pub fn new(limbs: usize) -> Self {
        Self { limbs, ..Self::default() }
    }

    /// Adds a value without a slot, and returns its number.
    pub fn slack(&mut self) -> usize {
        self.slack += 1;
        self.values() - 1
    }

    /// Adds the rule `Σ coefficient·value = target` over pairs of a value's number and a coefficient.
    pub fn row(&mut self, terms: impl IntoIterator<Item = (usize, i64)>, target: i64) {
        self.rows.push(Row { terms: terms.into_iter().collect(), target });
    }

    /// How many limbs.
    pub fn limbs(&self) -> usize {
        self.limbs
    }

    /// How many values, limbs and slack.
    pub fn values(&self) -> usize {
        self.limbs.saturating_add(self.slack)
    }

    /// Whether these values keep every row.
    pub fn allow(&self, values: &[u16]) -> bool {
        values.len() == self.values()
            && self.rows.iter().all(|Row { terms, target }| {
                let value = |number: usize| values.get(number).copied().unwrap_or_default();
                let sum: i128 =
                    terms.iter().map(|(v, c)| i128::from(value(*v)) * i128::from(*c)).sum();
                sum == i128::from(*target)
            })
    }

    fn is_well_formed(&self) -> bool {
        let values = self.values();
        (1..=MAX_VALUES).contains(&self.limbs)
            && values <= MAX_VALUES
            && self.rows.iter().flat_map(|row| &row.terms).all(|(value, _)| *value < values)
    }

    fn hash(&self, hash: &mut Sha3_256) {
        let Self { limbs, slack, rows } = self;
        let mut put = |n: i64| hash.update(n.to_be_bytes());
        put(*limbs as i64);
        put(*slack as i64);
        put(rows.len() as i64);
        for Row { terms, target } in rows {
            put(terms.len() as i64);
            for (value, coefficient) in terms {
                put(*value as i64);
                put(*coefficient);
            }
            put(*target);
        }
    }

    /// `cₖ = Σᵢ σⁱUᵢₖ` for each value, and `τ = Σᵢ σⁱtᵢ`.
    pub(super) fn fold(&self, sigma: &Scalar) -> (Vec<Scalar>, Scalar) {
        let mut factors = alloc::vec![Scalar::ZERO; self.values()];
        let mut sum = Scalar::ZERO;
        for (Row { terms, target }, power) in self.rows.iter().zip(powers(*sigma)) {
            for (value, coefficient) in terms {
                if let Some(factor) = factors.get_mut(*value) {
                    *factor += power * integer(*coefficient);
                }
            }
            sum += power * integer(*target);
        }
        (factors, sum)
    }
}

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
    /// `None` if there are no limbs or more than [`MAX_VALUES`] values, if the number of places differs from that of the limbs, if
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
            || places.len() != rules.limbs
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

/// `1, x, x², …`
pub(super) fn powers(x: Scalar) -> impl Iterator<Item = Scalar> + Clone {
    core::iter::successors(Some(Scalar::ONE), move |power| Some(power * x))
}

fn integer(n: i64) -> Scalar {
    let magnitude = Scalar::from(n.unsigned_abs());
    if n < 0 { -magnitude } else { magnitude }
}
