//! Rules as rows over values of 16 bits.

use alloc::vec::Vec;
use core::ops::Range;
use curve25519_dalek::Scalar;
use sha3::{Digest, Sha3_256};
use zeroize::Zeroizing;

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
    /// For each row that is a bound, its place and the values that say how much of it is left.
    bounds: Vec<(usize, Range<usize>)>,
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

    /// Adds the rule `Σ coefficient·value ≤ most`: a row with as many limbs of slack as `most` has. Neither the sum nor `most` can be
    /// negative.
    ///
    /// Returns the slack as terms: what is left of the bound. That at most `most − least` is left says that the sum is at least
    /// `least`.
    pub fn at_most(
        &mut self,
        terms: impl IntoIterator<Item = (usize, i64)>,
        most: i64,
    ) -> Vec<(usize, i64)> {
        let first = self.values();
        let length = (i64::BITS - most.leading_zeros()) as usize;
        let weights = (0..length).step_by(BITS).map(|shift| 1 << shift);
        let slack: Vec<(usize, i64)> = weights.map(|weight| (self.slack(), weight)).collect();
        self.bounds.push((self.rows.len(), first..self.values()));
        self.row(terms.into_iter().chain(slack.iter().copied()), most);
        slack
    }

    /// All values for these limbs: the slack of each bound is what the limbs leave of it, and all other slack is 0. Limbs that exceed
    /// a bound give values that break it. Constant time in the limbs.
    pub fn fill(&self, limbs: &[u16]) -> Zeroizing<Vec<u16>> {
        let mut values = Zeroizing::new(alloc::vec![0; self.values()]);
        for (value, limb) in values.iter_mut().zip(limbs.iter().take(self.limbs)) {
            *value = *limb;
        }
        for (row, slack) in &self.bounds {
            let Some(Row { terms, target }) = self.rows.get(*row) else { continue };
            let mut rest = *target;
            for (value, coefficient) in terms {
                let value = values.get(*value).copied().unwrap_or_default();
                rest = rest.wrapping_sub(coefficient.wrapping_mul(value.into()));
            }
            for (k, value) in
                values.get_mut(slack.clone()).unwrap_or_default().iter_mut().enumerate()
            {
                *value = (rest >> (BITS * k)) as u16;
            }
        }
        values
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

    pub(super) fn is_well_formed(&self) -> bool {
        let values = self.values();
        (1..=MAX_VALUES).contains(&self.limbs)
            && values <= MAX_VALUES
            && self.rows.iter().flat_map(|row| &row.terms).all(|(value, _)| *value < values)
    }

    pub(super) fn hash(&self, hash: &mut Sha3_256) {
        // What the bounds are follows from the rows.
        let Self { limbs, slack, rows, bounds: _ } = self;
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

/// `1, x, x², …`
pub(super) fn powers(x: Scalar) -> impl Iterator<Item = Scalar> + Clone {
    core::iter::successors(Some(Scalar::ONE), move |power| Some(power * x))
}

fn integer(n: i64) -> Scalar {
    let magnitude = Scalar::from(n.unsigned_abs());
    if n < 0 { -magnitude } else { magnitude }
}
