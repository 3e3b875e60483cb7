//! Rules as rows over bits.

use alloc::{collections::BTreeSet, vec::Vec};
use curve25519_dalek::Scalar;
use itertools::Itertools;
use sha3::{Digest, Sha3_256};

/// The slots as sums of bits, and the linear rules of the bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    pub(super) slots: usize,
    /// Slots that can hold anything, ascending.
    pub(super) free: BTreeSet<usize>,
    /// For each bit, the slots it adds to, and how much.
    pub(super) columns: Vec<Vec<(usize, i64)>>,
    pub(super) rows: Vec<Row>,
}

/// The rule `Σ coefficient·bit = target`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) terms: Vec<(usize, i64)>,
    pub(super) target: Target,
}

/// What a row's sum must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// This number, more than the least one, which stands for the weight in hashes.
    Number(i64),
    /// The signer's weight.
    Weight,
}

impl Constraints {
    /// This many slots, without bits or rows.
    pub fn new(slots: usize) -> Self {
        Self { slots, ..Self::default() }
    }

    /// Adds a bit that adds `amount` to each `slot` of the given pairs, and returns its number.
    pub fn bit(&mut self, into: impl IntoIterator<Item = (usize, i64)>) -> usize {
        self.columns.push(into.into_iter().collect());
        self.columns.len() - 1
    }

    /// Lets these slots hold anything, such as messages. The proof only shows that the signer knows the content.
    pub fn leave_free(&mut self, slots: impl IntoIterator<Item = usize>) {
        self.free.extend(slots);
    }

    /// Adds the rule `Σ coefficient·bit = target` over pairs of a bit's number and a coefficient.
    pub fn row(&mut self, terms: impl IntoIterator<Item = (usize, i64)>, target: i64) {
        self.rows.push(Row { terms: terms.into_iter().collect(), target: Target::Number(target) });
    }

    /// Adds the rule that the sum is the signer's weight, which only the statement says.
    pub fn weight_row(&mut self, terms: impl IntoIterator<Item = (usize, i64)>) {
        self.rows.push(Row { terms: terms.into_iter().collect(), target: Target::Weight });
    }

    /// Whether a rule is about the signer's weight.
    pub fn has_weight(&self) -> bool {
        self.rows.iter().any(|row| row.target == Target::Weight)
    }

    /// How many slots.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// How many bits.
    pub fn bits(&self) -> usize {
        self.columns.len()
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether these bits keep every row, if none is about the signer's weight.
    pub fn allow(&self, bits: &[bool]) -> bool {
        !self.has_weight() && self.allow_with(bits, 0)
    }

    /// Whether these bits of a signer of this weight keep every row.
    pub fn allow_with(&self, bits: &[bool], weight: u64) -> bool {
        bits.len() == self.bits()
            && self.rows.iter().all(|row| {
                let on = |bit: usize| bits.get(bit).copied().unwrap_or_default();
                let sum: i128 =
                    row.terms.iter().map(|(b, c)| i128::from(on(*b)) * i128::from(*c)).sum();
                sum == match row.target {
                    Target::Number(target) => i128::from(target),
                    Target::Weight => weight.into(),
                }
            })
    }

    /// The value of every slot for these bits.
    pub fn values(&self, bits: &[bool]) -> Vec<i64> {
        let mut values = alloc::vec![0; self.slots];
        for (column, bit) in self.columns.iter().zip(bits) {
            for (slot, amount) in column {
                if let Some(value) = values.get_mut(*slot) {
                    *value += amount * i64::from(*bit);
                }
            }
        }
        values
    }

    /// Whether the slot holds a sum of bits.
    pub(super) fn is_counted(&self, slot: usize) -> bool {
        slot < self.slots && !self.free.contains(&slot)
    }

    pub(super) fn is_well_formed(&self) -> bool {
        self.slots > 0
            && self.free.iter().all(|slot| *slot < self.slots)
            && self.columns.iter().flatten().all(|(slot, _)| self.is_counted(*slot))
            && self.rows.iter().flat_map(|r| &r.terms).all(|(bit, _)| *bit < self.bits())
            && self.rows.iter().all(|row| row.target != Target::Number(i64::MIN))
    }

    pub(super) fn hash(&self, hash: &mut Sha3_256) {
        let mut put = |n: i64| hash.update(n.to_be_bytes());
        put(self.slots as i64);
        put(self.columns.len() as i64);
        for column in &self.columns {
            put(column.len() as i64);
            for (slot, amount) in column {
                put(*slot as i64);
                put(*amount);
            }
        }
        put(self.rows.len() as i64);
        for row in &self.rows {
            put(row.terms.len() as i64);
            for (bit, coefficient) in &row.terms {
                put(*bit as i64);
                put(*coefficient);
            }
            // No number is this target.
            put(match row.target {
                Target::Number(target) => target,
                Target::Weight => i64::MIN,
            });
        }
        put(self.free.len() as i64);
        for slot in &self.free {
            put(*slot as i64);
        }
    }

    /// `⟨μ, values⟩ = Σₖ yᵏ Σⱼ cₖⱼ·valueⱼ + Σᵢ y^(K+i) Σⱼ Uᵢⱼ·valueⱼ`, where `powers` are those of `y`.
    /// The time depends only on the constraints.
    pub(super) fn combine(&self, powers: &Powers, values: &[Scalar]) -> Scalar {
        let mut sum = Scalar::ZERO;
        for (column, value) in self.columns.iter().zip_eq(values) {
            for (slot, amount) in column {
                sum += scaled(powers.slots.get(*slot), *amount) * value;
            }
        }
        for (row, power) in self.rows.iter().zip(&powers.rows) {
            let inner: Scalar = row.terms.iter().map(|(bit, c)| scaled(values.get(*bit), *c)).sum();
            sum += power * inner;
        }
        sum
    }

    /// `τ = Σᵢ y^(K+i)·tᵢ` for a signer of this weight.
    pub(super) fn target(&self, powers: &Powers, weight: u64) -> Scalar {
        let of_row = |(row, power): (&Row, &Scalar)| match row.target {
            Target::Number(target) => scaled(Some(power), target),
            Target::Weight => power * Scalar::from(weight),
        };
        self.rows.iter().zip(&powers.rows).map(of_row).sum()
    }
}

/// `value·factor` for a public factor.
pub(super) fn scaled(value: Option<&Scalar>, factor: i64) -> Scalar {
    let value = value.copied().unwrap_or_default();
    match factor {
        1 => value,
        -1 => -value,
        _ => {
            let product = value * Scalar::from(factor.unsigned_abs());
            if factor < 0 { -product } else { product }
        }
    }
}

/// The powers of `y`: `1`, `y`, `y²`, … for the slots that hold sums of bits, then for the rows, then for `X` and `A`.
pub(super) struct Powers {
    /// 0 for a free slot.
    pub(super) slots: Vec<Scalar>,
    pub(super) rows: Vec<Scalar>,
    /// `y^N`, for `X = sG`.
    pub(super) signer: Scalar,
    /// `y^(N+1)`, for `A = rG`.
    pub(super) nonce: Scalar,
}
