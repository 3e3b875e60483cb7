//! Provers that cheat, and the equations that catch them.
//!
//! Prover and verifier are second implementations, written for clarity. The verifier returns the left side of each equation,
//! so that a test can see which are zero.

use super::*;
use crate::crypto::dlog::DlogTable;

/// When `y` is drawn: as in the protocol, or too early.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Protocol,
    BeforeA,
    BeforeB,
    BeforeD,
    /// `D` and `E` omit `G_r`, and so does V1.
    BeforeR,
    /// `D` and `E` omit `G_s`, and so does V1.
    BeforeS,
}

/// A prover with freely chosen secrets.
#[derive(Clone)]
struct Prover<'a> {
    world: &'a World,
    relation: &'a Relation,
    /// What `D` commits to.
    bits: Vec<Scalar>,
    /// What the slots encrypt.
    values: Vec<Scalar>,
    /// The nonce of each slot.
    nonces: Vec<Scalar>,
    /// The nonce in `A`.
    nonce: Scalar,
    /// The nonce in the proof.
    r: Scalar,
    /// The signer's secret in the proof.
    s: Scalar,
    /// The claimed public key.
    signer: Element,
    /// The signer's weight.
    weight: u64,
    /// The multiple of `H` added to the first slot.
    gamma: Scalar,
    /// The multiple of `G` added to `W`.
    error: Scalar,
    order: Order,
    /// What changes once `y` is known, if it is known too early.
    adapt: fn(&mut Self, Scalar),
}

impl<'a> Prover<'a> {
    /// An honest prover, if the votes are the values of the bits.
    fn new(world: &'a World, relation: &'a Relation, bits: &[i64], values: &[i64]) -> Self {
        let scalars = |list: &[i64]| list.iter().map(|v| scaled(Some(&Scalar::ONE), *v)).collect();
        let [r, s] = [Scalar::random(&mut OsRng), Scalar::random(&mut OsRng)];
        Self {
            world,
            relation,
            bits: scalars(bits),
            values: scalars(values),
            nonces: vec![r; values.len()],
            nonce: r,
            r,
            s,
            signer: Element::from_secret(&s).unwrap(),
            weight: 0,
            gamma: Scalar::ZERO,
            error: Scalar::ZERO,
            order: Order::Protocol,
            adapt: |_, _| (),
        }
    }

    #[allow(non_snake_case)]
    fn prove(mut self) -> Ballot {
        let Self { world, relation, order, adapt, .. } = self;
        let [G, H] = [*Element::BASE.point(), world.generators.blinding];
        let random = || Scalar::random(&mut OsRng);
        let keys = relation.keys();
        let n = self.bits.len();

        let mut transcript = context();
        append_weight(relation, self.weight, &mut transcript);
        transcript.append_bytes(b"relation", &relation.digest);
        transcript.append_bytes(b"X", self.signer.as_bytes());
        let mut early = None;
        if order == Order::BeforeA {
            early = Some(transcript.challenge(b"y").unwrap());
            adapt(&mut self, early.unwrap());
        }
        let a = element(self.nonce * G);
        transcript.append_bytes(b"A", a.as_bytes());
        if order == Order::BeforeB {
            early = Some(transcript.challenge(b"y").unwrap());
            adapt(&mut self, early.unwrap());
        }
        let mut b = Vec::new();
        for (k, key) in keys.iter().enumerate() {
            let mut point = self.nonces[k] * key.point() + self.values[k] * G;
            if k == 0 {
                point += self.gamma * H;
            }
            b.push(element(point));
        }
        transcript.append_u64(b"count", b.len() as u64);
        for b in &b {
            transcript.append_bytes(b"B", b.as_bytes());
        }
        if order == Order::BeforeD {
            early = Some(transcript.challenge(b"y").unwrap());
            adapt(&mut self, early.unwrap());
        }

        let [rho, rho2, mask_r, mask_s] = [random(), random(), random(), random()];
        let masks: Vec<Scalar> = (0..n).map(|_| random()).collect();
        let (mut D, mut E) = (rho * H, rho2 * H);
        if order != Order::BeforeR {
            D += self.r * world.generators.nonce;
            E += mask_r * world.generators.nonce;
        }
        if order != Order::BeforeS {
            D += self.s * world.generators.signer;
            E += mask_s * world.generators.signer;
        }
        for (j, (bit, mask)) in self.bits.iter().zip_eq(&masks).enumerate() {
            let [G, G2] = [world.generators.bits[j], world.generators.squares[j]];
            D += bit * G + mask * (Scalar::ONE - bit - bit) * G2;
            E += mask * G - mask * mask * G2;
        }
        let (D, E) = (element(D), element(E));
        transcript.append_bytes(b"D", D.as_bytes());
        transcript.append_bytes(b"E", E.as_bytes());
        let y = early.unwrap_or_else(|| transcript.challenge(b"y").unwrap());
        if matches!(order, Order::BeforeR | Order::BeforeS) {
            adapt(&mut self, y);
        }

        let (mu, _) = folded(relation, y, self.weight);
        let [y_X, y_A] = last_powers(relation, y);
        let mut W = (y_X * mask_s + y_A * mask_r + self.error) * G;
        for (k, key) in keys.iter().enumerate() {
            W += mask_r * power(y, k) * key.point();
        }
        for (mu, mask) in mu.iter().zip_eq(&masks) {
            W += mu * mask * G;
        }
        let W = element(W);
        transcript.append_bytes(b"W", W.as_bytes());
        let x = transcript.challenge(b"x").unwrap();

        let f = self.bits.iter().zip_eq(&masks).map(|(bit, mask)| bit * x + mask).collect();
        let z = (rho + self.gamma) * x + rho2;
        let (f_r, f_s) = (self.r * x + mask_r, self.s * x + mask_s);
        let proof = Proof { D, E, W, f, f_r, f_s, z };
        let Self { signer, weight, .. } = self;
        Ballot { signer, weight, ciphertext: Ciphertext { a, b }, proof }
    }

    /// The verifier names `expected[0]`; checked one by one, exactly the equations in `expected` fail.
    fn fails(self, expected: &[ProofCheck]) {
        let (world, relation) = (self.world, self.relation);
        let ballot = self.prove();
        let left = left_sides(world, relation, &ballot, Order::Protocol);
        let failed = [V1, V2].into_iter().zip(left);
        let failed: Vec<_> =
            failed.filter(|(_, left)| !is_zero(left)).map(|(check, _)| check).collect();
        assert_eq!(failed, expected);
        assert_eq!(ballot.check(relation, &world.bases), expected.first().copied());
    }
}

/// The left sides of V1 and V2.
#[allow(non_snake_case)]
fn left_sides(
    world: &World,
    relation: &Relation,
    ballot: &Ballot,
    order: Order,
) -> [RistrettoPoint; 2] {
    let Ballot { signer, weight, ciphertext: Ciphertext { a, b }, proof } = ballot;
    let Proof { D, E, W, f, f_r, f_s, z } = proof;
    let [G, H] = [*Element::BASE.point(), world.generators.blinding];

    let mut transcript = context();
    let mut y = None;
    append_weight(relation, *weight, &mut transcript);
    transcript.append_bytes(b"relation", &relation.digest);
    transcript.append_bytes(b"X", signer.as_bytes());
    if order == Order::BeforeA {
        y = Some(transcript.challenge(b"y").unwrap());
    }
    transcript.append_bytes(b"A", a.as_bytes());
    if order == Order::BeforeB {
        y = Some(transcript.challenge(b"y").unwrap());
    }
    transcript.append_u64(b"count", b.len() as u64);
    for b in b {
        transcript.append_bytes(b"B", b.as_bytes());
    }
    if order == Order::BeforeD {
        y = Some(transcript.challenge(b"y").unwrap());
    }
    transcript.append_bytes(b"D", D.as_bytes());
    transcript.append_bytes(b"E", E.as_bytes());
    let y = y.unwrap_or_else(|| transcript.challenge(b"y").unwrap());
    transcript.append_bytes(b"W", W.as_bytes());
    let x = transcript.challenge(b"x").unwrap();

    let mut v1 = x * D.point() + E.point() - z * H;
    for (j, f) in f.iter().enumerate() {
        v1 -= f * world.generators.bits[j] + f * (x - f) * world.generators.squares[j];
    }
    if order != Order::BeforeR {
        v1 -= f_r * world.generators.nonce;
    }
    if order != Order::BeforeS {
        v1 -= f_s * world.generators.signer;
    }
    let (mu, tau) = folded(relation, y, *weight);
    let [y_X, y_A] = last_powers(relation, y);
    let mut v2 = *W.point() + tau * x * G;
    v2 += y_X * (x * signer.point() - f_s * G);
    v2 += y_A * (x * a.point() - f_r * G);
    for (k, (b, key)) in b.iter().zip_eq(relation.keys()).enumerate() {
        if let Some(k) = exponent(relation, k) {
            v2 += power(y, k) * (x * b.point() - f_r * key.point());
        }
    }
    for (mu, f) in mu.iter().zip_eq(f) {
        v2 -= mu * f * G;
    }
    [v1, v2]
}

/// Only if a rule is about it.
fn append_weight(relation: &Relation, weight: u64, transcript: &mut Transcript) {
    if relation.constraints.rows.iter().any(|row| row.target == Target::Weight) {
        transcript.append_u64(b"weight", weight);
    }
}

/// `μ` and `τ`.
fn folded(relation: &Relation, y: Scalar, weight: u64) -> (Vec<Scalar>, Scalar) {
    let Constraints { columns, rows, .. } = &relation.constraints;
    let counted = counted(relation);
    let mut mu = vec![Scalar::ZERO; columns.len()];
    let mut tau = Scalar::ZERO;
    for (j, column) in columns.iter().enumerate() {
        for (slot, amount) in column {
            let exponent = exponent(relation, *slot).unwrap();
            mu[j] += scaled(Some(&power(y, exponent)), *amount);
        }
    }
    for (i, row) in rows.iter().enumerate() {
        for (j, coefficient) in &row.terms {
            mu[*j] += scaled(Some(&power(y, counted + i)), *coefficient);
        }
        let power = power(y, counted + i);
        tau += match row.target {
            Target::Number(target) => scaled(Some(&power), target),
            Target::Weight => power * Scalar::from(weight),
        };
    }
    (mu, tau)
}

/// The powers of `y` for `X` and `A`, which follow those for slots and rows.
fn last_powers(relation: &Relation, y: Scalar) -> [Scalar; 2] {
    let count = counted(relation) + relation.constraints.rows.len();
    [power(y, count), power(y, count + 1)]
}

/// The number of slots that hold sums of bits.
fn counted(relation: &Relation) -> usize {
    relation.constraints.slots - relation.constraints.free.len()
}

/// The position of a slot among those that hold sums of bits.
fn exponent(relation: &Relation, slot: usize) -> Option<usize> {
    let free = &relation.constraints.free;
    (!free.contains(&slot)).then(|| slot - free.range(..slot).count())
}

fn power(y: Scalar, exponent: usize) -> Scalar {
    (0..exponent).map(|_| y).product()
}

fn element(point: RistrettoPoint) -> Element {
    Element::new(point).unwrap()
}

fn is_zero(point: &RistrettoPoint) -> bool {
    *point == RistrettoPoint::default()
}

pub(super) fn bits_that_differ_from_the_plaintext(world: &World) -> Ballot {
    Prover::new(world, &ONE_OF_TWO.relation(world), &[0, 1], &[1, 0]).prove()
}

#[test]
fn ballot_both_implementations_agree_on_good_proofs() {
    let world = World::new();
    for (contest, votes) in [
        (ONE_OF_TWO, &[1, 0][..]),
        (contest(7, 1, 0, 3, false), &[0, 1, 1, 0, 0, 0, 0]),
        (contest(3, 10, 4, 30, false), &[10, 7, 3]),
        (contest(4, 1, 1, 2, true), &[0, 0, 0, 0, 1]),
        (contest(4, 1, 1, 2, true), &[1, 0, 1, 0, 0]),
    ] {
        let relation = contest.relation(&world);
        let bits = contest.bits(votes);
        // Proofs for each with the other.
        let ballot = world.ballot(&relation, &bits, &mut OsRng);
        let left = left_sides(&world, &relation, &ballot, Order::Protocol);
        assert!(left.iter().all(is_zero), "{contest:?}");
        let mut prover = Prover::new(&world, &relation, &[], votes);
        prover.bits = bits;
        prover.fails(&[]);
    }
}

#[test]
fn ballot_v1_minus_one_vote_with_the_rows_kept() {
    let world = World::new();
    Prover::new(&world, &ONE_OF_TWO.relation(&world), &[2, -1], &[2, -1]).fails(&[V1]);
}

#[test]
fn ballot_v1_half_a_vote_for_each() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[0, 0], &[0, 0]);
    let half = Scalar::from(2u8).invert();
    prover.bits = vec![half, half];
    prover.values = prover.bits.clone();
    prover.fails(&[V1]);
}

#[test]
fn ballot_v1_two_where_one_is_allowed_with_the_rows_kept() {
    let world = World::new();
    let relation = contest(2, 1, 0, 2, false).relation(&world);
    Prover::new(&world, &relation, &[1, 1, 1, 1], &[1, 1]).fails(&[]);
    Prover::new(&world, &relation, &[2, 0, 1, 1], &[2, 0]).fails(&[V1]);
}

#[test]
fn ballot_v1_a_score_above_the_highest_with_the_rows_kept() {
    let world = World::new();
    // Weights 1, 2, 4, 3; the last four bits are slack.
    let relation = contest(1, 10, 0, 10, false).relation(&world);
    Prover::new(&world, &relation, &[1, 1, 1, 1, 1, 1, 1, 1], &[10]).fails(&[]);
    Prover::new(&world, &relation, &[0, 0, 2, 1, 0, 0, 2, 1], &[11]).fails(&[V1]);
}

#[test]
fn ballot_v1_negative_slack() {
    let world = World::new();
    // Bits: three votes, blank, slack 1 and 1 of the upper row, slack 1 of the lower row.
    let relation = contest(3, 1, 1, 2, true).relation(&world);
    Prover::new(&world, &relation, &[0, 1, 0, 0, 1, 0, 0], &[0, 1, 0, 0]).fails(&[]);
    Prover::new(&world, &relation, &[1, 1, 1, 0, -1, 0, 2], &[1, 1, 1, 0]).fails(&[V1]);
    Prover::new(&world, &relation, &[0, 1, 0, 1, -1, 0, 1], &[0, 1, 0, 1]).fails(&[V1]);
}

#[test]
fn ballot_v2_another_nonce_in_a() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
    prover.nonce += Scalar::ONE;
    prover.fails(&[V2]);
}

#[test]
fn ballot_v2_all_slots_under_another_nonce_than_a() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
    prover.nonce += Scalar::ONE;
    prover.r = prover.nonce;
    prover.fails(&[V2]);
}

#[test]
fn ballot_v2_one_slot_under_another_nonce() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    for k in 0..2 {
        let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
        prover.nonces[k] += Scalar::ONE;
        prover.fails(&[V2]);
    }
}

#[test]
fn ballot_v2_two_votes_where_one_is_allowed() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    Prover::new(&world, &relation, &[1, 1], &[1, 1]).fails(&[V2]);
    // Conversely, no vote where one is required.
    Prover::new(&world, &relation, &[0, 0], &[0, 0]).fails(&[V2]);
}

#[test]
fn ballot_v2_bits_that_differ_from_the_plaintext() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    for values in [[1, 0], [1, 1], [0, 2], [5, -4], [0, -1]] {
        Prover::new(&world, &relation, &[0, 1], &values).fails(&[V2]);
    }
}

#[test]
fn ballot_v2_a_blank_and_a_vote() {
    let world = World::new();
    let relation = contest(2, 1, 1, 1, true).relation(&world);
    Prover::new(&world, &relation, &[0, 0, 1], &[0, 0, 1]).fails(&[]);
    Prover::new(&world, &relation, &[1, 0, 1], &[1, 0, 1]).fails(&[V2]);
}

#[test]
fn ballot_v2_another_credential() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
    prover.signer = element(RistrettoPoint::random(&mut OsRng));
    prover.fails(&[V2]);
}

#[test]
fn ballot_every_equation_is_named_after_those_before_it() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[2, 0], &[1, 0]);
    prover.s += Scalar::ONE;
    prover.nonce += Scalar::ONE;
    prover.clone().fails(&[V1, V2]);
    prover.bits = vec![Scalar::ONE, Scalar::ZERO];
    prover.fails(&[V2]);
}

/// Two slots whose values are two bits, without a row.
fn two_bits(world: &World) -> Relation {
    let mut constraints = Constraints::new(2);
    constraints.bit([(0, 1)]);
    constraints.bit([(1, 1)]);
    Relation::new(constraints, &[0, 1], &world.keys).unwrap()
}

/// ATTACK. With `y` known before `D`, values `(5, 0)` are linked to `(1, 4/y)`, since `1 + y·4/y = 5 + y·0`: V2 would no
/// longer force the slots to hold what `D` commits to.
#[test]
fn ballot_v2_d_must_not_depend_on_y() {
    let world = World::new();
    let relation = two_bits(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[5, 0]);
    prover.adapt = |prover, y| prover.bits[1] = Scalar::from(4u8) * y.invert();
    prover.clone().fails(&[V2]);

    prover.order = Order::BeforeD;
    let ballot = prover.prove();
    let weak = left_sides(&world, &relation, &ballot, Order::BeforeD);
    assert_eq!(weak.map(|left| is_zero(&left)), [false, true]);
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert!(!is_zero(&left[1]));
    assert_eq!(ballot.check(&relation, &world.bases), Some(V1));
}

/// ATTACK. With `y` known before `B`, seven votes for the second option are accepted, since `(1 − 7y) + y·7 = 1 + y·0`.
#[test]
fn ballot_v2_b_must_not_depend_on_y() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[-6, 7]);
    prover.adapt = |prover, y| prover.values[0] = Scalar::ONE - Scalar::from(7u8) * y;
    prover.clone().fails(&[V2]);

    prover.order = Order::BeforeB;
    let ballot = prover.prove();
    let weak = left_sides(&world, &relation, &ballot, Order::BeforeB);
    assert!(weak.iter().all(is_zero));
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert!(!is_zero(&left[1]));
    assert_eq!(ballot.check(&relation, &world.bases), Some(V1));
}

/// ATTACK. With `y` known before `A`, seven votes for one option are accepted: the nonce in `A` absorbs the excess, and the
/// decrypted point is not a number.
#[test]
fn ballot_v2_a_must_not_depend_on_y() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[7, 0]);
    prover.adapt = |prover, y| {
        let [_, for_a] = last_powers(prover.relation, y);
        prover.nonce -= Scalar::from(6u8) * for_a.invert();
    };
    prover.clone().fails(&[V2]);

    prover.order = Order::BeforeA;
    let ballot = prover.prove();
    let weak = left_sides(&world, &relation, &ballot, Order::BeforeA);
    assert!(weak.iter().all(is_zero));
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert!(!is_zero(&left[1]));
    assert_eq!(ballot.check(&relation, &world.bases), Some(V1));
}

/// ATTACK. If `D` did not commit to `s`, a voter could choose it after `y` to compensate for any plaintext: here a thousand
/// votes, since `y^N(s + 999/y^N) = y^N·s + 999`.
#[test]
fn ballot_v1_s_must_be_committed_before_y() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1_000, 0]);
    prover.adapt = |prover, y| {
        let [for_x, _] = last_powers(prover.relation, y);
        prover.s += Scalar::from(999u16) * for_x.invert();
    };
    prover.clone().fails(&[V2]);

    prover.order = Order::BeforeS;
    let ballot = prover.prove();
    let weak = left_sides(&world, &relation, &ballot, Order::BeforeS);
    assert!(weak.iter().all(is_zero));
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert_eq!(left.map(|left| is_zero(&left)), [false, true]);
    assert_eq!(ballot.check(&relation, &world.bases), Some(V1));
}

/// ATTACK. If `D` did not commit to `r`, all trustees together, who know the logarithm of `Y*`, could choose it after `y` to
/// compensate for any plaintext: `δ(Y* + y^(N+1)G) = 999G`.
#[test]
fn ballot_v1_r_must_be_committed_before_y() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1_000, 0]);
    prover.adapt = |prover, y| {
        let [_, for_a] = last_powers(prover.relation, y);
        let [first, second] = [prover.world.secrets[0], prover.world.secrets[1]];
        prover.r += Scalar::from(999u16) * (first + y * second + for_a).invert();
    };
    prover.clone().fails(&[V2]);

    prover.order = Order::BeforeR;
    let ballot = prover.prove();
    let weak = left_sides(&world, &relation, &ballot, Order::BeforeR);
    assert!(weak.iter().all(is_zero));
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert_eq!(left.map(|left| is_zero(&left)), [false, true]);
    assert_eq!(ballot.check(&relation, &world.bases), Some(V1));
}

/// ATTACK. A voter's secret and a nonce are swapped: V2 multiplies them by different powers of `y`.
#[test]
fn ballot_v2_nonce_and_secret_do_not_make_up_for_each_other() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
    core::mem::swap(&mut prover.r, &mut prover.s);
    prover.clone().fails(&[V2]);
    prover.nonces.fill(prover.r);
    prover.fails(&[V2]);

    // The excess in one is missing in the other or in a slot.
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
    prover.s += Scalar::ONE;
    prover.nonce += Scalar::ONE;
    prover.clone().fails(&[V2]);
    prover.nonce -= Scalar::from(2u8);
    prover.fails(&[V2]);
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[2, 0]);
    prover.s += Scalar::ONE;
    prover.fails(&[V2]);
}

#[test]
fn ballot_v2_two_errors_that_cancel_are_both_named() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut sum = RistrettoPoint::default();
    let mut batch = Batch::new(&world.bases.0);
    for error in [Scalar::ONE, -Scalar::ONE] {
        let mut prover = Prover::new(&world, &relation, &[1, 0], &[1, 0]);
        prover.error = error;
        prover.clone().fails(&[V2]);
        let ballot = prover.prove();
        sum += left_sides(&world, &relation, &ballot, Order::Protocol)[1];
        ballot.statement(&relation).enqueue(
            &ballot.proof,
            &world.bases.1,
            &mut context(),
            &mut batch,
        );
    }
    assert!(is_zero(&sum));
    let named = [0, 1].map(|index| Culprit { index, check: V2 });
    assert_eq!(batch.verify(&mut OsRng), Err(VerifyError::Invalid(named.to_vec())));
}

/// ATTACK. If V1 and V2 were one equation, a ciphertext of `vG + γH` would be accepted, and no sum that contains it could be
/// opened.
#[test]
fn ballot_v1_and_v2_must_stay_apart() {
    let world = World::new();
    let mut constraints = Constraints::new(1);
    constraints.bit([(0, 1)]);
    let relation = Relation::new(constraints, &[0], &world.keys).unwrap();
    let mut prover = Prover::new(&world, &relation, &[1], &[1]);
    prover.gamma = Scalar::random(&mut OsRng);
    let ballot = prover.clone().prove();
    let [v1, v2] = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert!(is_zero(&(v1 + v2)));
    let Ciphertext { a, b } = &ballot.ciphertext;
    let opened = b[0].point() - world.secrets[0] * a.point();
    assert_eq!(DlogTable::new(1_000).find_vartime(&opened), None);
    prover.fails(&[V1, V2]);
}

/// Two options with shares of 0 and 1, in a relation whose one row is that they are the weight.
fn of_weight(world: &World) -> Relation {
    let mut constraints = Constraints::new(2);
    let bits = [0, 1].map(|slot| (constraints.bit([(slot, 1)]), 1));
    constraints.weight_row(bits);
    Relation::new(constraints, &[0, 1], &world.keys).unwrap()
}

#[test]
fn ballot_v2_more_or_less_than_the_weight() {
    let world = World::new();
    let relation = of_weight(&world);
    let prover = |weight, bits: &[i64]| {
        let mut prover = Prover::new(&world, &relation, bits, bits);
        prover.weight = weight;
        prover
    };
    prover(1, &[0, 1]).fails(&[]);
    prover(2, &[1, 1]).fails(&[]);
    prover(1, &[1, 1]).fails(&[V2]);
    prover(2, &[0, 1]).fails(&[V2]);
    prover(0, &[1, 0]).fails(&[V2]);
    prover(u64::MAX, &[1, 1]).fails(&[V2]);
}

#[test]
fn ballot_v1_a_negative_share() {
    let world = World::new();
    let relation = of_weight(&world);
    let mut prover = Prover::new(&world, &relation, &[2, -1], &[2, -1]);
    prover.weight = 1;
    prover.fails(&[V1]);
    // Hidden from the proof, it is not what the slots hold.
    let mut prover = Prover::new(&world, &relation, &[1, 0], &[2, -1]);
    prover.weight = 1;
    prover.fails(&[V2]);
}

#[test]
fn ballot_v2_the_weight_of_somebody_else() {
    let world = World::new();
    let relation = of_weight(&world);
    let mut prover = Prover::new(&world, &relation, &[1, 1], &[1, 1]);
    prover.weight = 2;
    let mut ballot = prover.prove();
    assert_eq!(ballot.check(&relation, &world.bases), None);
    ballot.weight = 1;
    let left = left_sides(&world, &relation, &ballot, Order::Protocol);
    assert!(!is_zero(&left[1]));
    assert!(is_equation(ballot.check(&relation, &world.bases)));
}
