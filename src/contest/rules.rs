//! Rules as equations over numbers of a range. What a ballot proves follows from them: its bits, and the rows over these.

use super::integer::{decompose, length, weights};
use crate::crypto::bits::Constraints;
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};
use core::ops::Range;
use subtle::{Choice, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

/// Numbers, each with its range, what they count into, and equations over them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    numbers: Vec<Number>,
    rows: Vec<Row>,
    bits: usize,
}

#[derive(Clone, Debug)]
struct Number {
    /// It is one of `0..=max`.
    max: u64,
    /// Its bits among all bits.
    bits: Range<usize>,
    into: Into,
    /// Whether the voter's choices give it; otherwise it is the slack of a row.
    given: bool,
}

/// The slots to which a number adds.
#[derive(Clone, Debug)]
enum Into {
    /// Each with a factor.
    Slots(Vec<(usize, i64)>),
    /// Each bit adds the limbs of its weight to these slots, the lowest first.
    Limbs(Range<usize>),
}

impl Into {
    /// What a bit of this weight adds to which slots.
    fn of_bit(&self, weight: u64) -> Vec<(usize, i64)> {
        let mut of_bit: Vec<(usize, i64)> = match self {
            // A slot's factor and a weight are of a contest that was checked.
            Self::Slots(slots) => {
                slots.iter().map(|(slot, n)| (*slot, n * weight as i64)).collect()
            }
            Self::Limbs(slots) => slots.clone().zip(limbs_of(weight)).collect(),
        };
        of_bit.retain(|(_, n)| *n != 0);
        of_bit
    }
}

/// Bits of a limb.
pub(super) const LIMB: usize = 16;
/// No sum of a limb in one ballot is larger.
const MAX_LIMB: u64 = (1 << 17) - 1;

/// How many limbs a number of `0..=max` has.
pub(super) fn limbs(max: u64) -> usize {
    length(max).div_ceil(LIMB).max(1)
}

/// The most that each of these slots can hold.
pub(super) fn most_of_limbs(max: u64) -> Vec<u64> {
    match limbs(max) {
        1 => vec![max],
        n => vec![MAX_LIMB; n],
    }
}

/// What the slots of a number count, by the name of what it is a number of.
pub(super) fn names_of_limbs(name: &str, max: u64) -> Vec<String> {
    match limbs(max) {
        1 => vec![name.into()],
        n => (0..n).map(|limb| format!("{name}, limb {limb}")).collect(),
    }
}

/// The limbs of a number, the lowest first.
pub(super) fn limbs_of(n: u64) -> impl Iterator<Item = i64> {
    (0..u64::BITS as usize / LIMB).map(move |limb| (n >> (LIMB * limb) & 0xffff) as i64)
}

/// The number with these limbs, whose sums can be larger than a limb; `None` if it does not fit.
pub(super) fn from_limbs(limbs: &[u64]) -> Option<u64> {
    limbs.iter().rev().try_fold(0u64, |sum, limb| {
        sum.checked_mul(1 << LIMB).and_then(|sum| sum.checked_add(*limb))
    })
}

/// A number in an equation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    number: usize,
    coefficient: i64,
    /// Whether its bits that are 1 are counted, and not weighed.
    counted: bool,
}

/// `Σ terms + sign·slack = target`.
#[derive(Clone, Debug)]
struct Row {
    terms: Vec<Term>,
    /// `None` if it is the voter's weight.
    target: Option<i64>,
    slack: Option<(usize, i64)>,
}

impl Term {
    /// A limb of a folded amount, which stands in rows over limbs and not over bits.
    pub(super) fn of_limb(number: usize, weight: i64) -> Self {
        Self { number, coefficient: weight, counted: false }
    }

    /// The number of the limb, and its coefficient.
    pub(super) fn limb(self) -> (usize, i64) {
        (self.number, self.coefficient)
    }

    /// The same number times this factor.
    pub(crate) fn times(self, factor: i64) -> Self {
        Self { coefficient: self.coefficient.saturating_mul(factor), ..self }
    }
}

impl Rules {
    /// Adds a number of `0..=max` that the voter's choices give.
    pub(crate) fn number(&mut self, max: u64, into: &[(usize, i64)]) -> Term {
        self.push(max, Into::Slots(into.to_vec()), true)
    }

    /// Adds one that is counted by its limbs, which are the slots from `first` on.
    pub(crate) fn in_limbs(&mut self, max: u64, first: usize) -> Term {
        match limbs(max) {
            1 => self.number(max, &[(first, 1)]),
            n => self.push(max, Into::Limbs(first..first.saturating_add(n)), true),
        }
    }

    fn push(&mut self, max: u64, into: Into, given: bool) -> Term {
        let end = self.bits.saturating_add(length(max));
        self.numbers.push(Number { max, bits: self.bits..end, into, given });
        self.bits = end;
        Term { number: self.numbers.len() - 1, coefficient: 1, counted: false }
    }

    /// Adds `Σ terms = target`.
    pub(crate) fn equal(&mut self, (terms, target): (Vec<Term>, i64)) {
        self.rows.push(Row { terms, target: Some(target), slack: None });
    }

    /// Adds `Σ terms = w`, where `w` is the voter's weight.
    pub(crate) fn is_weight(&mut self, terms: Vec<Term>) {
        self.rows.push(Row { terms, target: None, slack: None });
    }

    /// Adds `Σ terms + s = target` with a slack `s` of `0..=span`.
    pub(crate) fn at_most(&mut self, row: (Vec<Term>, i64), span: u64) {
        self.with_slack(row, span, 1);
    }

    /// Adds `Σ terms − d = target` with a slack `d` of `0..=span`.
    pub(crate) fn at_least(&mut self, row: (Vec<Term>, i64), span: u64) {
        self.with_slack(row, span, -1);
    }

    fn with_slack(&mut self, (terms, target): (Vec<Term>, i64), span: u64, sign: i64) {
        let slack =
            (span > 0).then(|| (self.push(span, Into::Slots(Vec::new()), false).number, sign));
        self.rows.push(Row { terms, target: Some(target), slack });
    }

    /// Adds `Σ terms ≤ 0` unless `gate`, a number of 0 or 1, is 1; `most` is the largest sum.
    pub(crate) fn only_with(&mut self, terms: Vec<Term>, gate: Term, most: u64) {
        let (counted, n) = self.counted(terms.clone());
        // Counting the bits says the same as weighing them, with less slack.
        let (mut terms, most) = if length(n) < length(most) { (counted, n) } else { (terms, most) };
        terms.push(gate.times(-(most as i64)));
        self.at_most((terms, 0), most);
    }

    /// The same terms with their bits counted, and not weighed, and how many bits these are.
    pub(crate) fn counted(&self, terms: Vec<Term>) -> (Vec<Term>, u64) {
        let bits: usize = terms.iter().map(|term| self.length(*term)).sum();
        let count = |term| Term { coefficient: 1, counted: true, ..term };
        (terms.into_iter().map(count).collect(), bits as u64)
    }

    fn length(&self, term: Term) -> usize {
        self.numbers.get(term.number).map_or(0, |number| number.bits.len())
    }

    /// How many numbers the choices give.
    pub(crate) fn numbers(&self) -> usize {
        self.numbers.iter().filter(|number| number.given).count()
    }

    /// The largest value of each of these.
    #[cfg(test)]
    pub(super) fn maxima(&self) -> Vec<u64> {
        self.numbers.iter().filter(|number| number.given).map(|number| number.max).collect()
    }

    /// How many bits.
    pub(crate) fn bits(&self) -> usize {
        self.bits
    }

    /// The same as constraints over this many slots.
    pub(crate) fn constraints(&self, slots: usize) -> Constraints {
        let mut constraints = Constraints::new(slots);
        for number in &self.numbers {
            for weight in weights(number.max) {
                constraints.bit(number.into.of_bit(weight));
            }
        }
        for Row { terms, target, slack } in &self.rows {
            let slack =
                slack.map(|(number, coefficient)| Term { number, coefficient, counted: false });
            let mut row: BTreeMap<usize, i64> = BTreeMap::new();
            for Term { number, coefficient, counted } in terms.iter().copied().chain(slack) {
                let Some(Number { max, bits, .. }) = self.numbers.get(number) else { continue };
                for (bit, weight) in bits.clone().zip(weights(*max)) {
                    let weight = if counted { 1 } else { weight as i64 };
                    *row.entry(bit).or_default() += coefficient * weight;
                }
            }
            let row = row.into_iter().filter(|(_, coefficient)| *coefficient != 0);
            match target {
                Some(target) => constraints.row(row, *target),
                None => constraints.weight_row(row),
            }
        }
        constraints
    }

    /// What the numbers that the choices give add up to in each of this many slots. Constant time in them.
    pub(crate) fn in_slots(&self, given: &[u64], slots: usize) -> Zeroizing<Vec<i64>> {
        let mut sums = Zeroizing::new(vec![0i64; slots]);
        for (number, value) in self.numbers.iter().filter(|number| number.given).zip(given) {
            for (bit, weight) in decompose(*value, number.max).zip(weights(number.max)) {
                for (slot, n) in number.into.of_bit(weight) {
                    if let Some(sum) = sums.get_mut(slot) {
                        *sum = sum.wrapping_add(n.wrapping_mul(bit.into()));
                    }
                }
            }
        }
        sums
    }

    /// The bits, each 0 or 1, for the numbers that the choices of a voter of this weight give, in order. `None` if they break a rule,
    /// or are not as many as there are.
    ///
    /// The time depends on the rules alone, unless one is broken.
    pub(crate) fn witness(&self, given: &[u64], weight: u64) -> Option<Zeroizing<Vec<u8>>> {
        if self.numbers() != given.len() {
            return None;
        }
        let mut values = Zeroizing::new(vec![0u64; self.numbers.len()]);
        let mut out = Zeroizing::new(vec![0u8; self.bits]);
        let mut broken = Choice::from(0);
        let is_given = |(number, _): &(&Number, &mut u64)| number.given;
        let numbers = self.numbers.iter().zip(values.iter_mut()).filter(is_given);
        for ((number, value), given) in numbers.zip(given) {
            *value = *given;
            broken |= number.put(*given, &mut out);
        }
        for Row { terms, target, slack } in &self.rows {
            // Products of 64 bits, so that nothing wraps.
            let mut rest = target.map_or(weight.into(), i128::from);
            for Term { number, coefficient, counted } in terms {
                let value = match counted {
                    true => self.numbers.get(*number).map_or(0, |number| number.count(&out)),
                    false => values.get(*number).map_or(0, |value| i128::from(*value)),
                };
                rest = rest.wrapping_sub(i128::from(*coefficient).wrapping_mul(value));
            }
            match slack.and_then(|(number, sign)| Some((self.numbers.get(number)?, sign))) {
                Some((number, sign)) => {
                    let slack = i128::from(sign).wrapping_mul(rest);
                    broken |= number.put(slack as u64, &mut out);
                    // What is negative, or has more than 64 bits, is out of any range.
                    broken |= !((slack >> 64) as u64).ct_eq(&0);
                }
                None => broken |= !((rest as u64).ct_eq(&0) & ((rest >> 64) as u64).ct_eq(&0)),
            }
        }
        // Whoever keeps the rules goes on.
        if bool::from(broken) { None } else { Some(out) }
    }
}

impl Number {
    /// Writes its bits, and says whether it is out of its range.
    fn put(&self, value: u64, out: &mut [u8]) -> Choice {
        let bits = out.get_mut(self.bits.clone()).unwrap_or_default();
        bits.iter_mut().zip(decompose(value, self.max)).for_each(|(bit, b)| *bit = b);
        value.ct_gt(&self.max)
    }

    /// How many of its bits are 1.
    fn count(&self, bits: &[u8]) -> i128 {
        bits.get(self.bits.clone()).unwrap_or_default().iter().map(|bit| i128::from(*bit)).sum()
    }
}
