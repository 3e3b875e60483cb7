//! Provers that cheat, and the equations that catch them.
//!
//! Prover and verifier are second implementations, written for clarity: without the crate `bulletproofs`, and with the inner-product
//! argument folded step by step. The verifier returns the left side of each equation, so that a test can see which are zero.

use super::*;
use crate::crypto::dlog::DlogTable;
use itertools::Itertools;

/// When `ρ` is drawn: as in the protocol, or before the slots.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Protocol,
    BeforeB,
}

/// A prover with freely chosen secrets.
#[derive(Clone)]
struct Prover<'a> {
    world: &'a World,
    relation: &'a Relation,
    /// What the slots encrypt.
    slots: Vec<Scalar>,
    /// The nonce of each slot.
    nonces: Vec<Scalar>,
    /// The nonce in `A`.
    nonce: Scalar,
    /// The nonce in the proof.
    r: Scalar,
    /// The multiple of `B̃` added to the first slot.
    junk: Scalar,
    /// What the commitments hold.
    values: Vec<Scalar>,
    gamma: Vec<Scalar>,
    /// What the range proof claims as bits, and as bits less 1: 16 for each commitment.
    left: Vec<Scalar>,
    right: Vec<Scalar>,
    /// Whether `t` is what R1 wants instead of the inner product.
    fits_r1: bool,
    /// What is added to `v*`.
    error: Scalar,
    order: Order,
    /// What changes once `ρ` is known, if it is known too early.
    adapt: fn(&mut Self, Scalar),
}

fn scalars(numbers: &[i64]) -> Vec<Scalar> {
    let scalar = |n: &i64| {
        if *n < 0 { -Scalar::from(n.unsigned_abs()) } else { Scalar::from(n.unsigned_abs()) }
    };
    numbers.iter().map(scalar).collect()
}

fn random() -> Scalar {
    Scalar::random(&mut OsRng)
}

fn inner(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip_eq(b).map(|(a, b)| a * b).sum()
}

fn sum(scalars: &[Scalar], points: &[RistrettoPoint]) -> RistrettoPoint {
    scalars.iter().zip_eq(points).map(|(s, p)| s * p).sum()
}

fn element(point: RistrettoPoint) -> Element {
    Element::new(point).unwrap()
}

fn is_zero(point: &RistrettoPoint) -> bool {
    *point == RistrettoPoint::default()
}

impl<'a> Prover<'a> {
    /// An honest prover, if the values keep the rules. The range proof claims the lower 16 bits of each.
    fn new(world: &'a World, relation: &'a Relation, values: &[i64]) -> Self {
        let padded = relation.padded();
        let nonce = random();
        let mut left: Vec<Scalar> = values
            .iter()
            .flat_map(|v| (0..16).map(move |k| Scalar::from((v >> k) as u64 & 1)))
            .collect();
        left.resize(16 * padded, Scalar::ZERO);
        Self {
            world,
            relation,
            slots: scalars(&values[..relation.slots.len()]),
            nonces: vec![nonce; relation.slots.len()],
            nonce,
            r: nonce,
            junk: Scalar::ZERO,
            values: scalars(values),
            gamma: values.iter().map(|_| random()).collect(),
            right: left.iter().map(|bit| bit - Scalar::ONE).collect(),
            left,
            fits_r1: false,
            error: Scalar::ZERO,
            order: Order::Protocol,
            adapt: |_, _| (),
        }
    }

    #[allow(non_snake_case)]
    fn prove(mut self) -> Cast {
        let Self { world, relation, order, adapt, .. } = self;
        let [G, B] = [*Element::BASE.point(), world.generators.blinding];
        let mut transcript = context();
        transcript.append_bytes(b"wide", &relation.digest);
        let a = element(self.nonce * G);
        transcript.append_bytes(b"A", a.as_bytes());
        let early =
            (order == Order::BeforeB).then(|| transcript.clone().challenge(b"rho").unwrap());
        if let Some(rho) = early {
            adapt(&mut self, rho);
        }
        let mut b = Vec::new();
        for (k, slot) in relation.slots.iter().enumerate() {
            let junk = if k == 0 { self.junk * B } else { RistrettoPoint::default() };
            b.push(element(self.nonces[k] * slot.key.point() + self.slots[k] * G + junk));
        }
        transcript.append_elements(b"B", b.iter());

        let V: Vec<_> =
            self.values.iter().zip_eq(&self.gamma).map(|(v, g)| element(v * G + g * B)).collect();
        let range = self.prove_range(&V, &mut transcript);

        let rho = transcript.challenge(b"rho").unwrap();
        let sigma = transcript.challenge(b"sigma").unwrap();
        let rho = early.unwrap_or(rho);
        let p: Vec<_> = powers(rho).take(b.len()).collect();
        let keys: Vec<_> = relation.slots.iter().map(|slot| *slot.key.point()).collect();
        let v = inner(&p, &self.values[..p.len()]) + self.error;
        let gamma = inner(&p, &self.gamma[..p.len()]);
        let delta = folded(relation, sigma, |k| self.gamma[k]);
        let [k1, k2, k3, k4] = [0; 4].map(|_| random());
        let R = [k1 * G + k2 * B, k3 * G, k3 * sum(&p, &keys) + k1 * G, k4 * B].map(element);
        transcript.append_elements(b"R", R.iter());
        let x = transcript.challenge(b"x").unwrap();
        let (z_v, z_gamma) = (k1 + x * v, k2 + x * gamma);
        let link = Link { R, z_v, z_gamma, z_r: k3 + x * self.r, z_delta: k4 + x * delta };
        Cast { ciphertext: Ciphertext { a, b }, proof: Proof { V, range, link } }
    }

    /// The range proof of Bünz et al. (2018), section 4.3, and its inner-product argument of section 3.
    #[allow(non_snake_case)]
    fn prove_range(&self, V: &[Element], transcript: &mut Transcript) -> RangeProof {
        let [G, B] = [*Element::BASE.point(), self.world.generators.blinding];
        let n = self.left.len();
        let mut Gs = self.world.generators.G[..n].to_vec();
        let Hs = &self.world.generators.H[..n];
        let list = || (0..n).map(|_| random()).collect::<Vec<_>>();
        let (s_left, s_right) = (list(), list());
        let [alpha, rho, tau1, tau2] = [0; 4].map(|_| random());
        let A = element(alpha * B + sum(&self.left, &Gs) + sum(&self.right, Hs));
        let S = element(rho * B + sum(&s_left, &Gs) + sum(&s_right, Hs));

        transcript.append_bytes(b"dom-sep", b"rangeproof v1");
        transcript.append_u64(b"n", 16);
        transcript.append_u64(b"m", n as u64 / 16);
        V.iter().for_each(|V| transcript.append_bytes(b"V", V.as_bytes()));
        (V.len()..n / 16).for_each(|_| transcript.append_bytes(b"V", &[0; 32]));
        transcript.append_bytes(b"A", A.as_bytes());
        transcript.append_bytes(b"S", S.as_bytes());
        let y = transcript.challenge(b"y").unwrap();
        let z = transcript.challenge(b"z").unwrap();

        let ys: Vec<_> = powers(y).take(n).collect();
        let l0: Vec<_> = self.left.iter().map(|bit| bit - z).collect();
        let r0: Vec<_> = (0..n).map(|i| ys[i] * (self.right[i] + z) + of_bit(z, i)).collect();
        let r1: Vec<_> = ys.iter().zip_eq(&s_right).map(|(y, s)| y * s).collect();
        let (t1, t2) = (inner(&l0, &r1) + inner(&s_left, &r0), inner(&s_left, &r1));
        let (T1, T2) = (element(t1 * G + tau1 * B), element(t2 * G + tau2 * B));
        transcript.append_bytes(b"T_1", T1.as_bytes());
        transcript.append_bytes(b"T_2", T2.as_bytes());
        let x = transcript.challenge(b"x").unwrap();

        let at = |a: &[Scalar], b: &[Scalar]| a.iter().zip_eq(b).map(|(a, b)| a + x * b).collect();
        let (mut l, mut r): (Vec<_>, Vec<_>) = (at(&l0, &s_left), at(&r0, &r1));
        let zs: Vec<_> = powers(z).skip(2).take(V.len()).collect();
        let mut t = inner(&l, &r);
        if self.fits_r1 {
            t = inner(&zs, &self.values) + delta(y, z, n) + x * t1 + x * x * t2;
        }
        let tau = inner(&zs, &self.gamma) + x * tau1 + x * x * tau2;
        let mu = alpha + x * rho;
        transcript.append_bytes(b"t_x", t.as_bytes());
        transcript.append_bytes(b"t_x_blinding", tau.as_bytes());
        transcript.append_bytes(b"e_blinding", mu.as_bytes());
        let Q = transcript.challenge(b"w").unwrap() * G;
        transcript.append_bytes(b"dom-sep", b"ipp v1");
        transcript.append_u64(b"n", n as u64);
        let mut Hs: Vec<_> =
            Hs.iter().zip_eq(powers(y.invert()).take(n)).map(|(H, y)| y * H).collect();
        let mut rounds = Vec::new();
        while l.len() > 1 {
            let h = l.len() / 2;
            let L = sum(&l[..h], &Gs[h..]) + sum(&r[h..], &Hs[..h]) + inner(&l[..h], &r[h..]) * Q;
            let R = sum(&l[h..], &Gs[..h]) + sum(&r[..h], &Hs[h..]) + inner(&l[h..], &r[..h]) * Q;
            let (L, R) = (element(L), element(R));
            transcript.append_bytes(b"L", L.as_bytes());
            transcript.append_bytes(b"R", R.as_bytes());
            let u = transcript.challenge(b"u").unwrap();
            rounds.push((L, R));
            l = (0..h).map(|i| u * l[i] + u.invert() * l[h + i]).collect();
            r = (0..h).map(|i| u.invert() * r[i] + u * r[h + i]).collect();
            (Gs, Hs) = halved(&Gs, &Hs, u);
        }
        transcript.append_bytes(b"a", l[0].as_bytes());
        transcript.append_bytes(b"b", r[0].as_bytes());
        RangeProof { A, S, T1, T2, t, tau, mu, rounds, a: l[0], b: r[0] }
    }

    /// The verifier names `expected[0]`; checked one by one, exactly the equations in `expected` fail. The crate refuses the range
    /// proof if R1 or R2 is among them.
    fn fails(self, expected: &[ProofCheck]) {
        let (world, relation) = (self.world, self.relation);
        let cast = self.prove();
        let left = left_sides(world, relation, &cast, Order::Protocol);
        let failed: Vec<_> = ALL
            .into_iter()
            .zip(left)
            .filter(|(_, left)| !is_zero(left))
            .map(|(check, _)| check)
            .collect();
        assert_eq!(failed, expected);
        assert_eq!(cast.check(relation, &world.bases), expected.first().copied());
        let statement = cast.statement(relation);
        let accepted = oracle::accepts(world, &statement, &oracle::range_bytes(&cast.proof));
        assert_eq!(accepted, !expected.iter().any(|check| [R1, R2].contains(check)));
    }
}

/// `z^(2+j)·2ᵏ` for bit `i = 16j + k`.
fn of_bit(z: Scalar, i: usize) -> Scalar {
    powers(z).nth(2 + i / 16).unwrap() * Scalar::from(1_u64 << (i % 16))
}

/// `δ = ⟨1, yⁱ(z − z²)⟩ − z⟨1, z^(2+j)·2ᵏ⟩`
fn delta(y: Scalar, z: Scalar, n: usize) -> Scalar {
    powers(y).take(n).enumerate().map(|(i, y)| y * (z - z * z) - z * of_bit(z, i)).sum()
}

#[allow(non_snake_case)]
fn halved(
    Gs: &[RistrettoPoint],
    Hs: &[RistrettoPoint],
    u: Scalar,
) -> (Vec<RistrettoPoint>, Vec<RistrettoPoint>) {
    let h = Gs.len() / 2;
    (
        (0..h).map(|i| u.invert() * Gs[i] + u * Gs[h + i]).collect(),
        (0..h).map(|i| u * Hs[i] + u.invert() * Hs[h + i]).collect(),
    )
}

/// `Σᵢ σⁱ Σₖ Uᵢₖ·value(k)`
fn folded(relation: &Relation, sigma: Scalar, value: impl Fn(usize) -> Scalar) -> Scalar {
    let (factors, _) = relation.rules.fold(&sigma);
    factors.iter().enumerate().map(|(k, factor)| factor * value(k)).sum()
}

/// The left sides of R1, R2 and L1 to L4.
#[allow(non_snake_case)]
fn left_sides(
    world: &World,
    relation: &Relation,
    cast: &Cast,
    order: Order,
) -> [RistrettoPoint; 6] {
    let Cast { ciphertext: Ciphertext { a: nonce, b: slots }, proof: Proof { V, range, link } } =
        cast;
    let RangeProof { A, S, T1, T2, t, tau, mu, rounds, a, b } = range;
    let [G, B] = [*Element::BASE.point(), world.generators.blinding];
    let n = 1 << rounds.len();

    let mut transcript = context();
    transcript.append_bytes(b"wide", &relation.digest);
    transcript.append_bytes(b"A", nonce.as_bytes());
    let early = (order == Order::BeforeB).then(|| transcript.clone().challenge(b"rho").unwrap());
    transcript.append_elements(b"B", slots.iter());
    transcript.append_bytes(b"dom-sep", b"rangeproof v1");
    transcript.append_u64(b"n", 16);
    transcript.append_u64(b"m", n as u64 / 16);
    V.iter().for_each(|V| transcript.append_bytes(b"V", V.as_bytes()));
    (V.len()..n / 16).for_each(|_| transcript.append_bytes(b"V", &[0; 32]));
    transcript.append_bytes(b"A", A.as_bytes());
    transcript.append_bytes(b"S", S.as_bytes());
    let y = transcript.challenge(b"y").unwrap();
    let z = transcript.challenge(b"z").unwrap();
    transcript.append_bytes(b"T_1", T1.as_bytes());
    transcript.append_bytes(b"T_2", T2.as_bytes());
    let x = transcript.challenge(b"x").unwrap();
    transcript.append_bytes(b"t_x", t.as_bytes());
    transcript.append_bytes(b"t_x_blinding", tau.as_bytes());
    transcript.append_bytes(b"e_blinding", mu.as_bytes());
    let Q = transcript.challenge(b"w").unwrap() * G;
    transcript.append_bytes(b"dom-sep", b"ipp v1");
    transcript.append_u64(b"n", n as u64);

    let mut r1 = (t - delta(y, z, n)) * G + tau * B - x * T1.point() - x * x * T2.point();
    for (V, z) in V.iter().zip(powers(z).skip(2)) {
        r1 -= z * V.point();
    }

    // P = A + xS − μB̃ + tQ − zΣGᵢ + Σ(zyⁱ + z^(2+j)2ᵏ)H′ᵢ, which must open to a and b in the end.
    let mut Gs = world.generators.G[..n].to_vec();
    let of_y = powers(y.invert()).take(n);
    let mut Hs: Vec<_> = world.generators.H[..n].iter().zip_eq(of_y).map(|(H, y)| y * H).collect();
    let mut P = A.point() + x * S.point() - mu * B + t * Q;
    for (i, y) in powers(y).take(n).enumerate() {
        P += (z * y + of_bit(z, i)) * Hs[i] - z * Gs[i];
    }
    for (L, R) in rounds {
        transcript.append_bytes(b"L", L.as_bytes());
        transcript.append_bytes(b"R", R.as_bytes());
        let u = transcript.challenge(b"u").unwrap();
        P += u * u * L.point() + u.invert() * u.invert() * R.point();
        (Gs, Hs) = halved(&Gs, &Hs, u);
    }
    let r2 = P - a * Gs[0] - b * Hs[0] - a * b * Q;
    transcript.append_bytes(b"a", a.as_bytes());
    transcript.append_bytes(b"b", b.as_bytes());

    let rho = transcript.challenge(b"rho").unwrap();
    let sigma = transcript.challenge(b"sigma").unwrap();
    let rho = early.unwrap_or(rho);
    let Link { R: [of_l1, of_l2, of_l3, of_l4], z_v, z_gamma, z_r, z_delta } = link;
    transcript.append_elements(b"R", link.R.iter());
    let x = transcript.challenge(b"x").unwrap();
    let mut l1 = of_l1.point() - z_v * G - z_gamma * B;
    let l2 = of_l2.point() + x * nonce.point() - z_r * G;
    let mut l3 = of_l3.point() - z_v * G;
    for (k, (slot, rho)) in relation.slots.iter().zip(powers(rho)).enumerate() {
        l1 += x * rho * V[k].point();
        l3 += rho * (x * slots[k].point() - z_r * slot.key.point());
    }
    let (factors, target) = relation.rules.fold(&sigma);
    let mut l4 = of_l4.point() - x * target * G - z_delta * B;
    for (V, factor) in V.iter().zip_eq(&factors) {
        l4 += x * factor * V.point();
    }
    [r1, r2, l1, l2, l3, l4]
}

/// Two numbers of two limbs, and what is left of the budget.
fn values(one: i64, other: i64, slack: [i64; 2]) -> Vec<i64> {
    [one, other].iter().flat_map(|v| [v & 0xffff, v >> 16]).chain(slack).collect()
}

fn honest() -> Vec<i64> {
    values(70_000, 20_000, [10_000, 0])
}

#[test]
fn wide_both_implementations_agree_on_good_proofs() {
    let world = World::new();
    let mut free = Rules::new(3);
    free.slack();
    free.row([(0, 1), (3, -1)], -1);
    free.row([(1, i64::MIN), (2, i64::MIN)], i64::MIN);
    for (relation, values) in [
        (world.budget(), honest()),
        (world.limb(), vec![65_535]),
        (world.limb(), vec![0]),
        (world.relation(free), vec![65_534, 0, 1, 65_535]),
    ] {
        let narrow: Vec<u16> = values.iter().map(|v| *v as u16).collect();
        let cast = world.cast(&relation, &narrow, &mut OsRng);
        assert!(left_sides(&world, &relation, &cast, Order::Protocol).iter().all(is_zero));
        Prover::new(&world, &relation, &values).fails(&[]);
    }
}

#[test]
fn wide_r1_a_limb_of_17_bits() {
    let world = World::new();
    let relation = world.limb();
    for value in [65_536, 65_537, 1 << 17, -1, -10_000] {
        Prover::new(&world, &relation, &[value]).fails(&[R1]);
    }
    // The missing part as a bit of 65,536, of 2, or beside a second vector that makes the product of both zero.
    let mut prover = Prover::new(&world, &relation, &[65_536]);
    prover.left[0] = Scalar::from(65_536_u32);
    prover.clone().fails(&[R1]);
    prover.right[0] = prover.left[0] - Scalar::ONE;
    prover.clone().fails(&[R1]);
    prover.right[0] = Scalar::ZERO;
    prover.fails(&[R1]);
    let mut prover = Prover::new(&world, &relation, &[65_536]);
    (prover.left[15], prover.right[15]) = (Scalar::from(2_u8), Scalar::ONE);
    prover.fails(&[R1]);
}

#[test]
fn wide_r2_an_inner_product_that_is_none() {
    let world = World::new();
    let relation = world.limb();
    let mut prover = Prover::new(&world, &relation, &[65_536]);
    prover.fits_r1 = true;
    prover.fails(&[R2]);
    let mut prover = Prover::new(&world, &relation, &[5]);
    prover.left[0] = Scalar::from(7_u8);
    prover.fits_r1 = true;
    prover.fails(&[R2]);
}

#[test]
fn wide_r1_slack_below_zero_makes_up_for_a_budget_overspent() {
    let world = World::new();
    let relation = world.budget();
    Prover::new(&world, &relation, &values(70_000, 40_000, [-10_000, 0])).fails(&[R1]);
    let mut prover = Prover::new(&world, &relation, &values(70_000, 40_000, [-10_000, 0]));
    prover.fits_r1 = true;
    prover.fails(&[R2]);
}

#[test]
fn wide_r1_padding_holds_nothing() {
    let world = World::new();
    let relation = world.relation(Rules::new(3));
    let mut prover = Prover::new(&world, &relation, &[1, 2, 3]);
    prover.left[16 * 3] = Scalar::ONE;
    prover.right[16 * 3] = Scalar::ZERO;
    prover.fails(&[R1]);
}

#[test]
fn wide_l4_over_budget() {
    let world = World::new();
    let relation = world.budget();
    for slack in [[0, 0], [55_536, 65_535], [1, 0]] {
        Prover::new(&world, &relation, &values(70_000, 40_000, slack)).fails(&[L4]);
    }
    // One point of the budget missing is no excess, and a broken row all the same.
    Prover::new(&world, &relation, &values(70_000, 20_000, [9_999, 0])).fails(&[L4]);
}

/// ATTACK. Without L4 the rules among the commitments would be stated and not proved: all other equations hold over budget.
#[test]
fn wide_l4_is_what_proves_the_rules() {
    let world = World::new();
    let relation = world.budget();
    let cast = Prover::new(&world, &relation, &values(70_000, 40_000, [0, 0])).prove();
    let left = left_sides(&world, &relation, &cast, Order::Protocol);
    assert_eq!(left.map(|left| is_zero(&left)), [true, true, true, true, true, false]);
    // Blindings that cancel in the row are not what it takes.
    let mut rules = Rules::new(2);
    rules.row([(0, 1), (1, 1)], 5);
    let relation = world.relation(rules);
    let mut prover = Prover::new(&world, &relation, &[2, 3]);
    prover.gamma[1] = -prover.gamma[0];
    prover.fails(&[]);
    let mut prover = Prover::new(&world, &relation, &[2, 4]);
    prover.gamma[1] = -prover.gamma[0];
    prover.fails(&[L4]);
}

#[test]
fn wide_l4_two_broken_rows_do_not_cancel() {
    let world = World::new();
    let mut rules = Rules::new(2);
    rules.row([(0, 1)], 5);
    rules.row([(1, 1)], 5);
    let relation = world.relation(rules);
    Prover::new(&world, &relation, &[5, 5]).fails(&[]);
    Prover::new(&world, &relation, &[6, 4]).fails(&[L4]);
}

#[test]
fn wide_l3_a_slot_with_more_than_its_commitment() {
    let world = World::new();
    let relation = world.budget();
    for (slot, more) in [(1, 1), (1, -1), (0, 65_536), (3, 1)] {
        let mut prover = Prover::new(&world, &relation, &honest());
        prover.slots[slot] += scalars(&[more])[0];
        prover.fails(&[L3]);
    }
}

#[test]
fn wide_l3_two_commitments_exchanged() {
    let world = World::new();
    let relation = world.budget();
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.slots.swap(0, 2);
    prover.clone().fails(&[L3]);
    prover.slots.swap(1, 3);
    prover.fails(&[L3]);
    // One limb more in one value, one less in the other: the same sum.
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.slots[1] -= Scalar::ONE;
    prover.slots[3] += Scalar::ONE;
    prover.fails(&[L3]);
}

#[test]
fn wide_l3_another_nonce_or_junk_in_a_slot() {
    let world = World::new();
    let relation = world.budget();
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.nonces[2] += Scalar::ONE;
    prover.fails(&[L3]);

    // The sum that contains it could not be opened.
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.junk = random();
    let Ciphertext { a, b } = prover.clone().prove().ciphertext;
    let opened = b[0].point() - world.secrets[0] * a.point();
    assert_eq!(DlogTable::new(70_000).find_vartime(&opened), None);
    prover.fails(&[L3]);
}

#[test]
fn wide_l1_and_wide_l3_want_the_same_value() {
    let world = World::new();
    let relation = world.budget();
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.error = Scalar::ONE;
    prover.fails(&[L1, L3]);
}

#[test]
fn wide_l1_the_value_of_the_slots_instead_of_the_commitments() {
    let world = World::new();
    let relation = world.limb();
    let mut prover = Prover::new(&world, &relation, &[5]);
    prover.slots[0] += Scalar::ONE;
    prover.error = Scalar::ONE;
    prover.fails(&[L1]);
}

#[test]
fn wide_l2_another_nonce_point() {
    let world = World::new();
    let relation = world.budget();
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.nonce += Scalar::ONE;
    prover.clone().fails(&[L2]);
    // The nonce in the proof is that of `A` and not that of the slots.
    prover.r = prover.nonce;
    prover.fails(&[L3]);
}

/// ATTACK. With `ρ` known before the slots, errors of 5 and `−5/ρ` cancel.
#[test]
fn wide_l3_b_must_not_depend_on_rho() {
    let world = World::new();
    let relation = world.budget();
    let mut prover = Prover::new(&world, &relation, &honest());
    prover.adapt = |prover, rho| {
        prover.slots[0] += Scalar::from(5_u8);
        prover.slots[1] -= Scalar::from(5_u8) * rho.invert();
    };
    let mut guessed = prover.clone();
    (prover.adapt)(&mut guessed, random());
    guessed.fails(&[L3]);

    prover.order = Order::BeforeB;
    let cast = prover.prove();
    let weak = left_sides(&world, &relation, &cast, Order::BeforeB);
    assert!(weak.iter().all(is_zero));
    let left = left_sides(&world, &relation, &cast, Order::Protocol);
    assert_eq!(left.map(|left| is_zero(&left)), [true, true, false, true, false, true]);
    assert_eq!(cast.check(&relation, &world.bases), Some(L1));
}

/// ATTACK. A slot is no commitment: all trustees together know the logarithm of its key, and open it to any value.
#[test]
fn wide_a_slot_must_not_be_its_own_commitment() {
    let world = World::new();
    let (y, Y) = (world.secrets[0], world.keys[0].point());
    let (nonce, [seven, nine]) = (random(), [7_u8, 9].map(Scalar::from));
    let other = nonce + (seven - nine) * y.invert();
    assert_ne!(other, nonce);
    let G = Element::BASE.point();
    assert_eq!(nonce * Y + seven * G, other * Y + nine * G);
}
