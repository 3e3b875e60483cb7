//! A second implementation of what a verifier computes, from `docs/spec` on merlin and curve25519-dalek alone, with all
//! intermediate values.
#![allow(non_snake_case)]

use super::json::{Json, hex, list};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT as G,
    ristretto::CompressedRistretto, traits::Identity,
};
use sha3::{Digest, Sha3_256, Sha3_512};

/// A transcript that records its messages.
#[derive(Clone)]
pub struct Tape {
    transcript: merlin::Transcript,
    messages: Vec<Json>,
}

impl Tape {
    pub fn new(context: &'static str) -> Self {
        let transcript = merlin::Transcript::new(context.as_bytes());
        let new = Self { transcript, messages: vec![list(["new", context])] };
        new.bytes("protocol", b"tabella/v1").bytes("suite", b"ristretto255-merlin-sha3")
    }

    pub fn proof(self, label: &'static str) -> Self {
        self.bytes("proof", label.as_bytes())
    }

    fn note(&mut self, label: &str, value: Json) {
        self.messages.push(Json::List(vec![label.into(), value]));
    }

    pub fn bytes(mut self, label: &'static str, bytes: &[u8]) -> Self {
        self.transcript.append_message(label.as_bytes(), bytes);
        self.note(label, hex(bytes));
        self
    }

    pub fn number(mut self, label: &'static str, number: u64) -> Self {
        self.transcript.append_u64(label.as_bytes(), number);
        self.note(label, Json::from(number));
        self
    }

    /// `label[]: X…`
    pub fn list<B: AsRef<[u8]>>(self, label: &'static str, items: &[B]) -> Self {
        let tape = self.number("count", items.len() as u64);
        items.iter().fold(tape, |tape, item| tape.bytes(label, item.as_ref()))
    }

    pub fn draw(&mut self, label: &'static str, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.transcript.challenge_bytes(label.as_bytes(), &mut bytes);
        self.note(&format!("→ {label}"), hex(&bytes));
        bytes
    }

    pub fn challenge(&mut self, label: &'static str) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.draw(label, 64).try_into().unwrap())
    }

    /// The messages after those of a context.
    pub fn since(&self, context: &Self) -> Json {
        Json::List(self.messages[context.messages.len()..].to_vec())
    }

    pub fn messages(&self) -> Json {
        Json::List(self.messages.clone())
    }
}

pub fn generator(name: &str, index: u64) -> RistrettoPoint {
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 generator");
    hash.update([name.len() as u8]);
    hash.update(name);
    hash.update(index.to_be_bytes());
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

/// `SHA3-256(prefix ‖ parts)`
pub fn hash(prefix: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha3_256::new_with_prefix(prefix);
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

pub fn point(bytes: &[u8]) -> RistrettoPoint {
    CompressedRistretto::from_slice(bytes).unwrap().decompress().unwrap()
}

pub fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

pub fn encode(point: &RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

/// Takes the parts of some bytes one by one.
pub struct Parts<'b>(pub &'b [u8]);

impl<'b> Parts<'b> {
    pub fn take(&mut self, length: usize) -> &'b [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    /// This many parts of 32 bytes.
    pub fn many(&mut self, count: usize) -> Vec<&'b [u8]> {
        (0..count).map(|_| self.take(32)).collect()
    }

    pub fn number(&mut self, length: usize) -> u64 {
        self.take(length).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// The equation `P = secret·B`, with the secret's number.
pub type Equation<'b> = (&'b [u8], usize, &'b [u8]);

/// A linear proof, one secret in each equation.
pub struct Linear {
    pub x: Scalar,
    pub holds: bool,
}

/// Verifies a linear proof on this transcript.
pub fn linear(
    tape: &mut Tape,
    tag: &'static str,
    equations: &[Equation],
    secrets: usize,
    proof: &[u8],
) -> Linear {
    let mut next = tape.clone().bytes("linear", tag.as_bytes()).number("secrets", secrets as u64);
    next = next.number("count", equations.len() as u64);
    for (P, j, B) in equations {
        next = next.bytes("P", P).number("count", 1).number("j", *j as u64).bytes("B", B);
    }
    let mut parts = Parts(proof);
    let R = parts.many(equations.len());
    let z = parts.many(secrets);
    assert!(parts.0.is_empty());
    next = next.list("R", &R);
    let x = next.challenge("x");
    *tape = next;
    let holds = equations.iter().zip(&R).all(|((P, j, B), R)| {
        point(R) + x * point(P) - scalar(z[*j]) * point(B) == RistrettoPoint::identity()
    });
    Linear { x, holds }
}

/// The 32 bytes of `G`.
pub fn base() -> [u8; 32] {
    encode(&G)
}

/// A rule as in the specification.
#[derive(Clone)]
pub struct Rule {
    /// The maximum of each option.
    pub maxima: Vec<u32>,
    pub lo: u32,
    pub hi: u32,
    /// The maximum of each line.
    pub each: u32,
    pub marks: usize,
    pub limits: Vec<Limit<usize>>,
    /// The contest on the ballot and the option with which it goes.
    pub with: Option<(usize, usize)>,
    pub voters: bool,
    pub ranking: bool,
    /// How many grades each option can get, if options are graded.
    pub grades: usize,
    /// Lines for write-ins, and the most bytes of each.
    pub lines: usize,
    pub length: usize,
}

/// Options with their costs.
#[derive(Clone)]
pub struct Limit<T> {
    pub of: Vec<(T, u32)>,
    pub lo: u64,
    pub hi: u64,
    pub with: Option<usize>,
}

impl Rule {
    /// The length in bytes of the contest's messages.
    pub fn message(&self) -> usize {
        let ranks = if self.ranking { self.maxima.len() + self.lines } else { 0 };
        ranks + self.lines * (1 + self.length)
    }

    /// How many slots are summed, hold votes for a line, and hold the message.
    pub fn slots(&self) -> [usize; 3] {
        let message = self.message().div_ceil(29);
        match self.ranking {
            true => [0, 0, message],
            false => {
                let options = self.maxima.len();
                let voters = if self.voters { options } else { 0 };
                [options * self.grades.max(1) + self.marks + voters, self.lines, message]
            }
        }
    }
}

/// Bits, each with the slots to which it adds, and rows with their targets.
#[derive(Clone, Default)]
pub struct Rows {
    pub slots: usize,
    /// Slots that can hold anything.
    pub free: Vec<usize>,
    pub bits: Vec<Vec<(usize, i64)>>,
    pub rows: Vec<(Vec<(usize, i64)>, i64)>,
    /// Of each row with a slack: its place, and the slack's first bit, range and sign.
    slack: Vec<(usize, usize, i64, i64)>,
    /// For each contest the number of each option, line and mark.
    numbers: Vec<Vec<Number>>,
}

/// Bits with their weights.
type Number = Vec<(usize, i64)>;

/// The votes of each option and line of a contest, and the mark that is set, from 1 on; 0 is none.
pub type Choice<'v> = (&'v [u32], usize);

fn weights(m: i64) -> Vec<i64> {
    let length = 64 - m.leading_zeros();
    let weight = |j: u32| if j + 1 < length { 1 << j } else { m - (1 << (length - 1)) + 1 };
    (0..length).map(weight).collect()
}

fn times(number: &Number, factor: i64) -> Number {
    number.iter().map(|(bit, weight)| (*bit, weight * factor)).collect()
}

/// The bits of a number in `0..=m`: the last weight is used only if the others do not suffice.
fn decompose(value: i64, m: i64) -> Vec<bool> {
    assert!((0..=m).contains(&value), "{value} of 0..={m}");
    let weights = weights(m);
    let Some((last, others)) = weights.split_last() else { return vec![] };
    let top = 1 << others.len();
    let taken = value >= top;
    let rest = if taken { value - last } else { value };
    (0..others.len()).map(|j| rest >> j & 1 == 1).chain([taken]).collect()
}

impl Rows {
    pub fn of(rules: &[Rule], joint: &[Limit<(usize, usize)>]) -> Self {
        let mut all = Self::default();
        rules.iter().for_each(|rule| all.add(rule));
        for limit in joint {
            let of = limit.of.iter().map(|((contest, option), cost)| {
                (all.numbers[*contest][*option].clone(), *cost, rules[*contest].maxima[*option])
            });
            let (sum, _, hi, _) = divided(of.collect(), 0, limit.hi);
            all.row(sum, hi, hi, 1);
        }
        all
    }

    /// The next contest is folded, and has this many limbs.
    pub fn leave_free(&mut self, limbs: usize) {
        self.free.extend(self.slots..self.slots + limbs);
        self.slots += limbs;
        self.numbers.push(vec![]);
    }

    fn number(&mut self, m: i64, slots: &[usize]) -> Number {
        let number = weights(m).into_iter().map(|weight| {
            self.bits.push(slots.iter().map(|slot| (*slot, weight)).collect());
            (self.bits.len() - 1, weight)
        });
        number.collect()
    }

    /// `terms + sign·s = target` with `s` of `0..=slack`.
    fn row(&mut self, terms: Number, target: i64, slack: i64, sign: i64) {
        let first = self.bits.len();
        let slack_bits = self.number(slack, &[]);
        let mut row = [terms, times(&slack_bits, sign)].concat();
        row.sort();
        let mut merged: Number = Vec::new();
        for (bit, coefficient) in row {
            match merged.last_mut().filter(|(last, _)| *last == bit) {
                Some((_, sum)) => *sum += coefficient,
                None => merged.push((bit, coefficient)),
            }
        }
        merged.retain(|(_, coefficient)| *coefficient != 0);
        if slack > 0 {
            self.slack.push((self.rows.len(), first, slack, sign));
        }
        self.rows.push((merged, target));
    }

    /// `sum`, which is at most `most`, is in `lo..=hi` if `gate` is 1, otherwise 0.
    fn goes_with(&mut self, gate: &Number, sum: &Number, lo: i64, hi: i64, most: i64) {
        let with = |factor: i64| [sum.clone(), times(gate, factor)].concat();
        if lo == hi {
            return self.row(with(-lo), 0, 0, 1);
        }
        let n = sum.len() as i64;
        if hi == most && weights(n).len() < weights(most).len() {
            let count = sum.iter().map(|(bit, _)| (*bit, 1)).collect();
            self.row([count, times(gate, -n)].concat(), 0, n, 1);
        } else {
            self.row(with(-hi), 0, hi, 1);
        }
        if lo > 0 {
            self.row(with(-lo), 0, hi - lo, -1);
        }
    }

    /// One grade for each option, unless there is a mark.
    fn add_grades(&mut self, first: usize, rule: &Rule) {
        let (options, grades) = (rule.maxima.len(), rule.grades);
        let given: Vec<Number> = (0..options)
            .map(|option| {
                let slots = first + option * grades..first + (option + 1) * grades;
                slots.flat_map(|slot| self.number(1, &[slot])).collect()
            })
            .collect();
        let marks: Vec<Number> = (0..rule.marks)
            .map(|mark| self.number(1, &[first + options * grades + mark]))
            .collect();
        let gate = rule
            .with
            .map(|(contest, option)| times(&self.numbers[contest][option][..1].to_vec(), -1));
        let target = i64::from(gate.is_none());
        for bits in &given {
            let terms = [bits.clone(), marks.concat(), gate.clone().unwrap_or_default()].concat();
            self.row(terms, target, 0, 1);
        }
        self.numbers.push(given.into_iter().chain(marks).collect());
    }

    pub fn add(&mut self, rule: &Rule) {
        let (first, options) = (self.slots, rule.maxima.len());
        let [summed, lines, message] = rule.slots();
        let of_lines = first + summed..first + summed + lines;
        self.slots = of_lines.end + message;
        self.free.extend(of_lines.end..self.slots);
        if rule.ranking {
            return self.numbers.push(vec![]);
        }
        if rule.grades > 0 {
            return self.add_grades(first, rule);
        }
        let (lo, hi) = (i64::from(rule.lo), i64::from(rule.hi));
        let (mut votes, mut halves) = (Vec::new(), Vec::new());
        for (place, m) in rule.maxima.iter().enumerate() {
            let (slot, m) = (first + place, i64::from(*m));
            if rule.voters {
                let u = self.number(1, &[slot, first + options + rule.marks + place]);
                let w = self.number(m - 1, &[slot]);
                votes.push([u.clone(), w.clone()].concat());
                halves.push((u, w, m));
            } else {
                votes.push(self.number(m, &[slot]));
            }
        }
        for slot in of_lines {
            votes.push(self.number(rule.each.into(), &[slot]));
        }
        let marks: Vec<_> =
            (0..rule.marks).map(|mark| self.number(1, &[first + options + mark])).collect();
        for (u, w, m) in halves.iter().filter(|(.., m)| *m > 1) {
            self.goes_with(u, w, 0, m - 1, m - 1);
        }
        // t·(g − M), with its sign, on the left, and what is left on the right.
        let gate = rule.with.map(|(contest, option)| {
            let number = &self.numbers[contest][option];
            number[..1].to_vec()
        });
        let unless = |sum: &Number, t: i64| {
            let marks = marks.concat();
            let left = [sum.clone(), times(&marks, t)].concat();
            match &gate {
                Some(gate) => ([left, times(gate, -t)].concat(), 0),
                None => (left, t),
            }
        };
        let sum = votes.concat();
        let most = rule.maxima.iter().map(|m| i64::from(*m)).sum::<i64>()
            + i64::from(rule.each) * rule.lines as i64;
        match (&gate, rule.marks) {
            (None, 0) if lo == 0 && hi == most => {}
            (None, 0) => self.row(sum, lo, hi - lo, -1),
            (Some(gate), 0) => self.goes_with(gate, &sum, lo, hi, most),
            _ if lo == hi => {
                let (terms, target) = unless(&sum, lo);
                self.row(terms, target, 0, 1);
            }
            _ => {
                let (terms, target) = unless(&sum, hi);
                self.row(terms, target, hi, 1);
                if lo > 0 {
                    let (terms, target) = unless(&sum, lo);
                    self.row(terms, target, hi - lo, -1);
                }
            }
        }
        for limit in &rule.limits {
            let of = limit
                .of
                .iter()
                .map(|(option, cost)| (votes[*option].clone(), *cost, rule.maxima[*option]));
            let (sum, lo, hi, most) = divided(of.collect(), limit.lo, limit.hi);
            match limit.with {
                Some(option) => self.goes_with(&votes[option][..1].to_vec(), &sum, lo, hi, most),
                None if lo == 0 && hi == most => {}
                None => {
                    let (terms, target) = unless(&sum, lo);
                    self.row(terms, target, hi - lo, -1);
                }
            }
        }
        self.numbers.push(votes.into_iter().chain(marks).collect());
    }

    /// The bits of a ballot with these votes.
    pub fn witness(&self, rules: &[Rule], votes: &[Choice<'_>]) -> Vec<bool> {
        let mut bits = vec![false; self.bits.len()];
        let mut put = |number: &Number, value: u32, m: u32| {
            let of_value = decompose(value.into(), m.into());
            number.iter().zip(of_value).for_each(|((bit, _), on)| bits[*bit] = on);
        };
        for ((numbers, rule), (votes, mark)) in self.numbers.iter().zip(rules).zip(votes) {
            if rule.ranking {
                continue;
            }
            let maxima = rule.maxima.iter().chain(std::iter::repeat_n(&rule.each, rule.lines));
            for (place, ((number, value), m)) in numbers.iter().zip(*votes).zip(maxima).enumerate()
            {
                if rule.grades > 0 {
                    let is_given = |grade| u32::from(grade + 1 == *value as usize);
                    for (grade, bit) in number.iter().enumerate() {
                        put(&vec![*bit], is_given(grade), 1);
                    }
                } else if rule.voters && place < rule.maxima.len() {
                    let any = u32::from(*value > 0);
                    put(&number[..1].to_vec(), any, 1);
                    put(&number[1..].to_vec(), value - any, m - 1);
                } else {
                    put(number, *value, *m);
                }
            }
            for (place, number) in numbers.iter().skip(votes.len()).enumerate() {
                put(number, u32::from(place + 1 == *mark), 1);
            }
        }
        for (row, first, m, sign) in &self.slack {
            let (terms, target) = &self.rows[*row];
            // The slack's own bits are still 0.
            let sum: i64 = terms.iter().filter(|(bit, _)| bits[*bit]).map(|(_, c)| c).sum();
            let slack = decompose(sign * (target - sum), *m);
            bits[*first..first + slack.len()].copy_from_slice(&slack);
        }
        bits
    }

    /// `SHA3-256("tabella/v1 relation" ‖ constraints ‖ keys)`
    pub fn relation<B: AsRef<[u8]>>(&self, keys: &[B]) -> [u8; 32] {
        let mut numbers = vec![self.slots as i64, self.bits.len() as i64];
        let pairs = |pairs: &[(usize, i64)], numbers: &mut Vec<i64>| {
            numbers.push(pairs.len() as i64);
            numbers.extend(pairs.iter().flat_map(|(place, number)| [*place as i64, *number]));
        };
        self.bits.iter().for_each(|slots| pairs(slots, &mut numbers));
        numbers.push(self.rows.len() as i64);
        for (terms, target) in &self.rows {
            pairs(terms, &mut numbers);
            numbers.push(*target);
        }
        numbers.push(self.free.len() as i64);
        numbers.extend(self.free.iter().map(|slot| *slot as i64));
        let bytes: Vec<u8> = numbers.into_iter().flat_map(i64::to_be_bytes).collect();
        let keys: Vec<u8> = keys.iter().flat_map(|key| key.as_ref().to_vec()).collect();
        hash("tabella/v1 relation", &[&bytes, &keys])
    }
}

/// A limit over numbers with costs and maxima, with what divides all costs divided out: the sum, its range and the most it can be.
fn divided(of: Vec<(Number, u32, u32)>, lo: u64, hi: u64) -> (Number, i64, i64, i64) {
    let divides = |d: &u32| of.iter().all(|(_, cost, _)| cost % d == 0);
    let divisor = (1..=of[0].1).rev().find(divides).unwrap();
    let sum = of.iter().flat_map(|(number, cost, _)| times(number, (cost / divisor).into()));
    let most = of.iter().map(|(_, cost, m)| i64::from(cost / divisor) * i64::from(*m)).sum::<i64>();
    let divisor = u64::from(divisor);
    (sum.collect(), lo.div_ceil(divisor) as i64, most.min((hi / divisor) as i64), most)
}

/// The parts of a ballot.
pub struct Ballot<'b> {
    pub style: u64,
    pub sequence: u64,
    pub station: Option<u64>,
    pub X: &'b [u8],
    pub A: &'b [u8],
    pub B: Vec<&'b [u8]>,
    pub D: &'b [u8],
    pub E: &'b [u8],
    pub W: &'b [u8],
    pub f: Vec<&'b [u8]>,
    pub f_r: &'b [u8],
    pub f_s: &'b [u8],
    pub z: &'b [u8],
}

impl<'b> Ballot<'b> {
    pub fn read(bytes: &'b [u8], slots: usize, bits: usize) -> Self {
        let mut parts = Parts(bytes);
        let (style, sequence) = (parts.number(2), parts.number(4));
        let station = (parts.number(1) == 1).then(|| parts.number(2));
        let [X, A] = [parts.take(32), parts.take(32)];
        let B = parts.many(slots);
        let [D, E, W] = [parts.take(32), parts.take(32), parts.take(32)];
        let f = parts.many(bits);
        let [f_r, f_s, z] = [parts.take(32), parts.take(32), parts.take(32)];
        assert!(parts.0.is_empty());
        Self { style, sequence, station, X, A, B, D, E, W, f, f_r, f_s, z }
    }
}

/// What the verifier of a ballot computes.
pub struct Verified {
    pub tape: Tape,
    pub y: Scalar,
    pub x: Scalar,
    pub key: RistrettoPoint,
    pub mu: Vec<Scalar>,
    pub tau: Scalar,
    /// The scalar of `G` in V2, without its sign.
    pub of_base: Scalar,
    pub v1: RistrettoPoint,
    pub v2: RistrettoPoint,
}

/// A scalar that can be negative.
pub fn number(n: i64) -> Scalar {
    let size = Scalar::from(n.unsigned_abs());
    if n < 0 { -size } else { size }
}

/// Verifies a ballot's proof on the context of its election.
pub fn ballot<K: AsRef<[u8]>>(
    context: &Tape,
    rows: &Rows,
    keys: &[K],
    ballot: &Ballot,
) -> Verified {
    ballot_behind(header(context, ballot), rows, keys, ballot)
}

/// What stands on a ballot's transcript before any proof.
pub fn header(context: &Tape, Ballot { style, sequence, station, .. }: &Ballot) -> Tape {
    let tape =
        context.clone().proof("ballot").number("style", *style).number("sequence", *sequence);
    match station {
        None => tape.number("remote", 0),
        Some(station) => tape.number("station", *station),
    }
}

/// Verifies a ballot's own proof behind what stands on the tape already.
pub fn ballot_behind<K: AsRef<[u8]>>(
    tape: Tape,
    rows: &Rows,
    keys: &[K],
    ballot: &Ballot,
) -> Verified {
    let Ballot { X, A, B, D, E, W, f, f_r, f_s, z, .. } = ballot;
    let tape = tape.bytes("relation", &rows.relation(keys)).bytes("X", X).bytes("A", A);
    let mut tape = tape.list("B", B).bytes("D", D).bytes("E", E);
    let y = tape.challenge("y");
    let mut tape = tape.bytes("W", W);
    let x = tape.challenge("x");

    // Slots that are not free take the powers of y in order.
    let taken: Vec<usize> = (0..rows.slots).filter(|slot| !rows.free.contains(slot)).collect();
    let (K, N) = (taken.len(), taken.len() + rows.rows.len());
    let mut powers = vec![Scalar::ONE];
    (0..=N).for_each(|i| powers.push(powers[i] * y));
    let key: RistrettoPoint =
        taken.iter().zip(&powers).map(|(slot, y)| y * point(keys[*slot].as_ref())).sum();
    let power = |slot: &usize| powers[taken.binary_search(slot).unwrap()];
    let mut mu: Vec<Scalar> = rows
        .bits
        .iter()
        .map(|slots| slots.iter().map(|(slot, weight)| power(slot) * number(*weight)).sum())
        .collect();
    let mut tau = Scalar::ZERO;
    for (i, (terms, target)) in rows.rows.iter().enumerate() {
        terms.iter().for_each(|(bit, factor)| mu[*bit] += powers[K + i] * number(*factor));
        tau += powers[K + i] * number(*target);
    }
    let [f_r, f_s, z] = [f_r, f_s, z].map(|bytes| scalar(bytes));
    let f: Vec<Scalar> = f.iter().map(|bytes| scalar(bytes)).collect();
    let bits =
        f.iter().zip(0..).map(|(f, j)| f * generator("G", j) + f * (x - f) * generator("G'", j));
    let bits: RistrettoPoint = bits.sum();
    let v1 = x * point(D) + point(E)
        - bits
        - f_r * generator("R", 0)
        - f_s * generator("S", 0)
        - z * generator("H", 0);
    let inner: Scalar = mu.iter().zip(&f).map(|(mu, f)| mu * f).sum();
    let of_base = inner + powers[N] * f_s + powers[N + 1] * f_r - tau * x;
    let slots: RistrettoPoint =
        taken.iter().zip(&powers).map(|(slot, y)| y * point(B[*slot])).sum();
    let v2 = x * (slots + powers[N] * point(X) + powers[N + 1] * point(A)) + point(W)
        - f_r * key
        - of_base * G;
    Verified { tape, y, x, key, mu, tau, of_base, v1, v2 }
}
