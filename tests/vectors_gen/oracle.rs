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
#[derive(Clone, Copy)]
pub struct Rule {
    pub options: usize,
    pub lo: u32,
    pub hi: u32,
    pub each: u32,
    pub blank: bool,
    pub ranking: bool,
    /// Lines for write-ins, and the most bytes of each.
    pub lines: usize,
    pub length: usize,
}

impl Rule {
    /// The length in bytes of the contest's messages.
    pub fn message(&self) -> usize {
        let ranks = if self.ranking { self.options + self.lines } else { 0 };
        ranks + self.lines * (1 + self.length)
    }

    /// How many slots are summed, hold votes for a line, and hold the message.
    pub fn slots(&self) -> [usize; 3] {
        let message = self.message().div_ceil(29);
        match self.ranking {
            true => [0, 0, message],
            false => [self.options + usize::from(self.blank), self.lines, message],
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
}

fn weights(m: u32) -> Vec<i64> {
    let length = 32 - m.leading_zeros();
    let weight =
        |j: u32| if j + 1 < length { 1 << j } else { i64::from(m) - (1 << (length - 1)) + 1 };
    (0..length).map(weight).collect()
}

/// The bits of a number in `0..=m`: the last weight is used only if the others do not suffice.
fn decompose(value: u32, m: u32, bits: &mut Vec<bool>) {
    let weights = weights(m);
    let Some((last, others)) = weights.split_last() else { return };
    let (value, top) = (i64::from(value), 1 << others.len());
    let taken = value >= top;
    let rest = if taken { value - last } else { value };
    bits.extend((0..others.len()).map(|j| rest >> j & 1 == 1));
    bits.push(taken);
}

impl Rows {
    pub fn of(rules: &[Rule]) -> Self {
        let mut all = Self::default();
        rules.iter().for_each(|rule| all.add(rule));
        all
    }

    fn add(&mut self, rule: &Rule) {
        let first = self.slots;
        let [summed, lines, message] = rule.slots();
        let of_lines = first + summed..first + summed + lines;
        self.slots = of_lines.end + message;
        self.free.extend(of_lines.end..self.slots);
        if rule.ranking {
            return;
        }
        let (lo, hi) = (i64::from(rule.lo), i64::from(rule.hi));
        let mut votes = Vec::new();
        for slot in (first..first + rule.options).chain(of_lines) {
            for weight in weights(rule.each) {
                votes.push((self.bits.len(), weight));
                self.bits.push(vec![(slot, weight)]);
            }
        }
        let slack = |m: u32, sign: i64, bits: &mut Vec<Vec<(usize, i64)>>| -> Vec<(usize, i64)> {
            let add = |weight: i64| {
                bits.push(Vec::new());
                (bits.len() - 1, sign * weight)
            };
            weights(m).into_iter().map(add).collect()
        };
        if !rule.blank {
            let d = slack(rule.hi - rule.lo, -1, &mut self.bits);
            return self.rows.push(([votes, d].concat(), lo));
        }
        let beta = self.bits.len();
        self.bits.push(vec![(first + rule.options, 1)]);
        if lo == hi {
            return self.rows.push(([votes, vec![(beta, lo)]].concat(), lo));
        }
        let s1 = slack(rule.hi, 1, &mut self.bits);
        let s2 = slack(rule.hi - rule.lo, -1, &mut self.bits);
        self.rows.push(([votes.clone(), s1, vec![(beta, hi)]].concat(), hi));
        self.rows.push(([votes, s2, vec![(beta, lo)]].concat(), lo));
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

/// The bits of one contest's votes, for its options, then for its lines, slack included.
pub fn bits(rule: &Rule, votes: &[u32], blank: bool) -> Vec<bool> {
    let mut bits = Vec::new();
    if rule.ranking {
        return bits;
    }
    votes.iter().for_each(|votes| decompose(*votes, rule.each, &mut bits));
    let sum: u32 = votes.iter().sum();
    if !rule.blank {
        decompose(sum - rule.lo, rule.hi - rule.lo, &mut bits);
        return bits;
    }
    bits.push(blank);
    if rule.lo < rule.hi {
        decompose(if blank { 0 } else { rule.hi - sum }, rule.hi, &mut bits);
        decompose(if blank { 0 } else { sum - rule.lo }, rule.hi - rule.lo, &mut bits);
    }
    bits
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
    let Ballot { style, sequence, station, X, A, B, D, E, W, f, f_r, f_s, z } = ballot;
    let tape =
        context.clone().proof("ballot").number("style", *style).number("sequence", *sequence);
    let tape = match station {
        None => tape.number("remote", 0),
        Some(station) => tape.number("station", *station),
    };
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
