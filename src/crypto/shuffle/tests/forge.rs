//! A prover that can cheat at every step, and verifiers written for clarity, some of them too weak.
//!
//! Rows, commitments and responses are each made from a matrix. An honest prover uses the same permutation matrix three
//! times. When a cheat changes one step, all other steps are done as well as possible.

use super::*;
use curve25519_dalek::{RistrettoPoint as Point, traits::MultiscalarMul};

pub(super) type Matrix = Vec<Vec<Scalar>>;

/// In what a verifier is weaker than ours.
#[derive(Clone, Copy, Default)]
pub(super) struct Rules {
    /// `uⱼ = qʲ` for one challenge `q`.
    pub(super) powers: bool,
    /// `ζ` is drawn before the chain is absorbed.
    pub(super) zeta_first: bool,
    /// `u` is drawn before `c` is absorbed.
    pub(super) free_commitments: bool,
}

pub(super) const OURS: Rules = Rules { powers: false, zeta_first: false, free_commitments: false };

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Links {
    /// Every link is correct.
    True,
    /// The last commitment satisfies S2.
    Patched,
    /// Two wrong links that cancel for the `ζ` of a verifier that draws it first.
    Solved,
}

/// The prover.
pub(super) struct Cheat {
    pub(super) key: Vec<Element>,
    pub(super) generators: Generators,
    pub(super) inputs: Vec<Ciphertext>,
    pub(super) outputs: Vec<Ciphertext>,
    /// `cⱼ = rⱼG + Σᵢ committed[i][j]·hᵢ`
    pub(super) committed: Matrix,
    /// `u′ᵢ = Σⱼ answered[i][j]·uⱼ`
    pub(super) answered: Matrix,
    pub(super) links: Links,
    /// The nonces of inputs that hold zero in each slot, if the prover knows them; otherwise 0.
    pub(super) known: Vec<Scalar>,
    r: Vec<Scalar>,
    r_prime: Vec<Scalar>,
    r_hat: Vec<Scalar>,
    omega: [Scalar; 5],
    omega_prime: Vec<Scalar>,
    omega_hat: Vec<Scalar>,
}

/// The classic proof: like ours, but with an announcement and a response for each link of the chain.
#[derive(Clone)]
pub(super) struct Classic {
    proof: Proof,
    t_hat: Vec<Element>,
    s_hat: Vec<Scalar>,
}

pub(super) fn element(point: Point) -> Element {
    Element::new(point).unwrap()
}

fn dot(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip_eq(b).map(|(a, b)| a * b).sum()
}

fn sum(scalars: &[Scalar], points: impl IntoIterator<Item = Point>) -> Point {
    Point::multiscalar_mul(scalars, points)
}

/// All points of column `l`.
fn column(rows: &[Ciphertext], l: usize) -> Vec<Point> {
    let point = |row: &Ciphertext| if l == 0 { *row.a.point() } else { *row.b[l - 1].point() };
    rows.iter().map(point).collect()
}

fn columns(key: &[Element]) -> Vec<Point> {
    [Element::BASE].iter().chain(key).map(|key| *key.point()).collect()
}

fn points(elements: &[Element]) -> Vec<Point> {
    elements.iter().map(|e| *e.point()).collect()
}

/// The matrix of `out i = in π(i)`.
pub(super) fn permutation(pi: &[usize]) -> Matrix {
    let row = |i: &usize| (0..pi.len()).map(|j| Scalar::from(u64::from(j == *i))).collect();
    pi.iter().map(row).collect()
}

/// A matrix of small numbers.
pub(super) fn matrix<const N: usize>(rows: [[i64; N]; N]) -> Matrix {
    let scalar = |x: i64| {
        let scalar = Scalar::from(x.unsigned_abs());
        if x < 0 { -scalar } else { scalar }
    };
    rows.map(|row| row.map(scalar).to_vec()).to_vec()
}

fn times(matrix: &Matrix, vector: &[Scalar]) -> Vec<Scalar> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

fn powers(of: Scalar, n: usize) -> Vec<Scalar> {
    core::iter::successors(Some(Scalar::ONE), |power| Some(power * of)).take(n).collect()
}

/// A second implementation of the transcript.
fn absorb_all(transcript: &mut Transcript, label: &'static [u8], elements: &[Element]) {
    for element in elements {
        transcript.append_bytes(label, element.as_bytes());
    }
}

/// `u`, and the transcript after it.
fn draw_u(
    rules: Rules,
    key: &[Element],
    inputs: &[Ciphertext],
    outputs: &[Ciphertext],
    c: &[Element],
) -> (Vec<Scalar>, Transcript) {
    let mut transcript = context();
    let n = inputs.len();
    transcript.append_u64(b"count", key.len() as u64);
    absorb_all(&mut transcript, b"Y", key);
    for (label, rows) in [(b"in" as &[u8], inputs), (b"out", outputs)] {
        transcript.append_u64(b"count", n as u64);
        for row in rows {
            absorb_all(&mut transcript, label, &[row.a]);
            absorb_all(&mut transcript, label, &row.b);
        }
    }
    if !rules.free_commitments {
        transcript.append_u64(b"count", n as u64);
        absorb_all(&mut transcript, b"c", c);
    }
    let u = if rules.powers {
        powers(transcript.challenge(b"u").unwrap(), n)
    } else {
        transcript.challenges(b"u", n).unwrap()
    };
    (u, transcript)
}

fn draw_zeta(rules: Rules, c_hat: &[Element], transcript: &mut Transcript) -> Scalar {
    let early = rules.zeta_first.then(|| transcript.challenge(b"zeta").unwrap());
    transcript.append_u64(b"count", c_hat.len() as u64);
    absorb_all(transcript, b"chain", c_hat);
    early.unwrap_or_else(|| transcript.challenge(b"zeta").unwrap())
}

fn draw_x(t: &Announcements, t_hat: &[Element], transcript: &mut Transcript) -> Scalar {
    absorb_all(transcript, b"t1", &[t.t1]);
    absorb_all(transcript, b"t2", &[t.t2]);
    absorb_all(transcript, b"t3", &[t.t3]);
    transcript.append_u64(b"count", t.t4.len() as u64);
    absorb_all(transcript, b"t4", &t.t4);
    if t_hat.is_empty() {
        absorb_all(transcript, b"t5", &[t.t5]);
    } else {
        absorb_all(transcript, b"t hat", t_hat);
    }
    transcript.challenge(b"x").unwrap()
}

impl Cheat {
    /// An honest prover of this permutation.
    pub(super) fn new(pi: &[usize], width: usize) -> Self {
        let mut rng = rng(7);
        let n = pi.len();
        let (_, key) = keys(width, &mut rng);
        let inputs = rows(&key, n, &mut rng);
        let mut scalars = || -> Vec<Scalar> { (0..n).map(|_| Scalar::random(&mut rng)).collect() };
        let [r, r_prime, r_hat, omega_prime, omega_hat] = [0; 5].map(|_| scalars());
        let omega = [0; 5].map(|_| Scalar::random(&mut rng));
        let mut new = Self {
            key,
            generators: Generators::new(n),
            inputs,
            outputs: Vec::new(),
            committed: permutation(pi),
            answered: permutation(pi),
            links: Links::True,
            known: vec![Scalar::ZERO; n],
            r,
            r_prime,
            r_hat,
            omega,
            omega_prime,
            omega_hat,
        };
        new.set_outputs(&permutation(pi));
        new
    }

    /// A prover that uses the first matrix for commitments and responses, and the second for outputs. If the second is the
    /// inverse of the first, transposed, then S4 holds for any inputs.
    pub(super) fn with([committed, outputs]: [Matrix; 2], width: usize) -> Self {
        let pi: Vec<usize> = (0..outputs.len()).collect();
        let mut new = Self::new(&pi, width);
        new.set_outputs(&outputs);
        Self { answered: committed.clone(), committed, ..new }
    }

    /// Makes this input an encryption of zeros.
    pub(super) fn empty_input(&mut self, j: usize) {
        self.known[j] = Scalar::from(5 + j as u64);
        let zeros = vec![Scalar::ZERO; self.key.len()];
        self.inputs[j] = Ciphertext::encrypt(&self.key, &zeros, &self.known[j]).unwrap();
    }

    /// Makes outputs `out i = Σⱼ matrix[i][j]·in j`, re-encrypted.
    pub(super) fn set_outputs(&mut self, matrix: &Matrix) {
        let output = |(row, r): (&Vec<Scalar>, &Scalar)| {
            let mut points = columns(&self.key)
                .into_iter()
                .enumerate()
                .map(|(l, key)| element(sum(row, column(&self.inputs, l)) + r * key));
            Ciphertext { a: points.next().unwrap(), b: points.collect() }
        };
        self.outputs = matrix.iter().zip_eq(&self.r_prime).map(output).collect();
    }

    fn commitments(&self) -> Vec<Element> {
        let n = self.r.len();
        let commitment = |j: usize| {
            let of_column: Vec<Scalar> = (0..n).map(|i| self.committed[i][j]).collect();
            let of_h = sum(&of_column, self.generators.rows.iter().copied());
            element(Point::mul_base(&self.r[j]) + of_h)
        };
        (0..n).map(commitment).collect()
    }

    /// The `u` that a verifier with these rules draws.
    pub(super) fn u(&self, rules: Rules) -> Vec<Scalar> {
        draw_u(rules, &self.key, &self.inputs, &self.outputs, &self.commitments()).0
    }

    /// `ĉᵢ = aᵢG + bᵢh` for `i = 0..N`, as the list of pairs.
    fn chain(&self, u: &[Scalar], u_prime: &[Scalar], zeta: Scalar) -> Vec<(Scalar, Scalar)> {
        let product: Scalar = u.iter().product();
        let mut chain = vec![(Scalar::ZERO, Scalar::ONE)];
        for (r_hat, u) in self.r_hat.iter().zip_eq(u_prime) {
            let (a, b) = chain.last().unwrap();
            chain.push((r_hat + u * a, u * b));
        }
        match self.links {
            Links::True => {}
            Links::Patched => chain.last_mut().unwrap().1 = product,
            Links::Solved => {
                // (b₁ − u′₁) + ζ(Πu − u′₂b₁) = 0
                let [u1, u2] = u_prime else { panic!("two rows") };
                chain[1].1 = (u1 - zeta * product) * (Scalar::ONE - zeta * u2).invert();
                chain[2].1 = product;
            }
        }
        chain
    }

    pub(super) fn prove(&self, rules: Rules) -> Proof {
        self.prove_both(rules, false).proof
    }

    pub(super) fn prove_classic(&self) -> Classic {
        self.prove_both(OURS, true)
    }

    fn prove_both(&self, rules: Rules, classic: bool) -> Classic {
        let n = self.r.len();
        let Generators { h, rows } = &self.generators;
        let c = self.commitments();
        let (u, mut transcript) = draw_u(rules, &self.key, &self.inputs, &self.outputs, &c);
        let u_prime = times(&self.answered, &u);

        let guessed = transcript.clone().challenge(b"zeta").unwrap();
        let chain = self.chain(&u, &u_prime, guessed);
        let link = |(a, b): &(Scalar, Scalar)| element(Point::mul_base(a) + b * h);
        let all: Vec<Element> = chain.iter().map(link).collect();
        let (before, c_hat) = (points(&all[..n]), all[1..].to_vec());
        let zeta = draw_zeta(rules, &c_hat, &mut transcript);
        let zetas = powers(zeta, n);

        let base = Point::mul_base;
        let [o1, o2, o3, o4, o5] = &self.omega;
        let folded: Vec<Scalar> =
            zetas.iter().zip_eq(&self.omega_prime).map(|(z, o)| z * o).collect();
        let t4 = columns(&self.key)
            .into_iter()
            .enumerate()
            .map(|(l, key)| element(sum(&self.omega_prime, column(&self.outputs, l)) - o4 * key));
        let t = Announcements {
            t1: element(base(o1)),
            t2: element(base(o2)),
            t3: element(base(o3) + sum(&self.omega_prime, rows.iter().copied())),
            t4: t4.collect(),
            t5: element(base(o5) + sum(&folded, before.iter().copied())),
        };
        let announced =
            |i: usize| element(base(&self.omega_hat[i]) + self.omega_prime[i] * before[i]);
        let t_hat: Vec<Element> = (0..n).filter(|_| classic).map(announced).collect();
        let x = draw_x(&t, &t_hat, &mut transcript);

        // The remainder of every link, as a multiple of G.
        let opened: Vec<Scalar> =
            (0..n).map(|i| chain[i + 1].0 - u_prime[i] * chain[i].0).collect();
        let s = Responses {
            s1: o1 + x * self.r.iter().sum::<Scalar>(),
            s2: o2 + x * chain[n].0,
            s3: o3 + x * dot(&u, &self.r),
            s4: o4 + x * (dot(&u_prime, &self.r_prime) - dot(&u, &self.known)),
            s5: o5 + x * dot(&zetas, &opened),
        };
        let answer = |(o, w): (&Scalar, &Scalar)| o + x * w;
        let s_prime = self.omega_prime.iter().zip_eq(&u_prime).map(answer).collect();
        let s_hat = self.omega_hat.iter().zip_eq(&opened).map(answer).collect();
        Classic { proof: Proof { c, c_hat, t, s, s_prime }, t_hat, s_hat }
    }

    pub(super) fn statement(&self) -> Statement<'_> {
        Statement { key: &self.key, inputs: &self.inputs, outputs: &self.outputs }
    }

    /// The verifier's verdict on a proof.
    pub(super) fn verdict(&self, proof: &Proof) -> Result<(), ShuffleError> {
        self.statement().verify(proof, &self.generators, &mut context(), &mut rng(8))
    }
}

/// The tags of all equations that fail, each computed separately from the specification.
pub(super) fn failing(
    rules: Rules,
    statement: &Statement<'_>,
    generators: &Generators,
    proof: &Proof,
) -> Vec<&'static str> {
    let Statement { key, inputs, outputs } = *statement;
    let Proof { c, c_hat, t, s, s_prime } = proof;
    let n = inputs.len();
    let (u, mut transcript) = draw_u(rules, key, inputs, outputs, c);
    let zeta = draw_zeta(rules, c_hat, &mut transcript);
    let x = draw_x(t, &[], &mut transcript);
    let mut failing = common(statement, generators, proof, &u, x);

    let h = element(generators.h);
    let before = points(&[&[h][..], &c_hat[..n - 1]].concat());
    let zetas = powers(zeta, n);
    let answers: Vec<Scalar> = zetas.iter().zip_eq(s_prime).map(|(z, s)| z * s).collect();
    // [MIX.S5]
    let s5 = Point::mul_base(&s.s5) + sum(&answers, before)
        - x * sum(&zetas, points(c_hat))
        - t.t5.point();
    failing.extend((s5 != Point::default()).then_some("MIX.S5"));
    failing
}

/// The same for the classic proof, with one equation for every link.
pub(super) fn failing_classic(
    statement: &Statement<'_>,
    generators: &Generators,
    classic: &Classic,
) -> Vec<&'static str> {
    let Statement { key, inputs, outputs } = *statement;
    let Classic { proof, t_hat, s_hat } = classic;
    let n = inputs.len();
    let (u, mut transcript) = draw_u(OURS, key, inputs, outputs, &proof.c);
    draw_zeta(OURS, &proof.c_hat, &mut transcript);
    let x = draw_x(&proof.t, t_hat, &mut transcript);
    let mut failing = common(statement, generators, proof, &u, x);
    let chain: Vec<Point> = [generators.h].into_iter().chain(points(&proof.c_hat)).collect();
    let fails = |i: usize| {
        Point::mul_base(&s_hat[i]) + proof.s_prime[i] * chain[i]
            != x * chain[i + 1] + t_hat[i].point()
    };
    failing.extend((0..n).any(fails).then_some("MIX.S5"));
    failing
}

/// The equations S1 to S4.
fn common(
    statement: &Statement<'_>,
    generators: &Generators,
    proof: &Proof,
    u: &[Scalar],
    x: Scalar,
) -> Vec<&'static str> {
    let Statement { key, inputs, outputs } = *statement;
    let Proof { c, c_hat, t, s, s_prime } = proof;
    let Generators { h, rows } = generators;
    let (n, zero) = (inputs.len(), Point::default());
    let base = Point::mul_base;
    let mut failing = Vec::new();
    let h_rows = &rows[..n];
    // [MIX.S1]
    let all: Point = points(c).iter().sum::<Point>() - h_rows.iter().sum::<Point>();
    let s1 = base(&s.s1) - x * all - t.t1.point();
    failing.extend((s1 != zero).then_some("MIX.S1"));
    // [MIX.S2]
    let product: Scalar = u.iter().product();
    let s2 = base(&s.s2) - x * (c_hat[n - 1].point() - product * h) - t.t2.point();
    failing.extend((s2 != zero).then_some("MIX.S2"));
    // [MIX.S3]
    let s3 =
        base(&s.s3) + sum(s_prime, h_rows.iter().copied()) - x * sum(u, points(c)) - t.t3.point();
    failing.extend((s3 != zero).then_some("MIX.S3"));
    // [MIX.S4]
    let fails = |(l, key): (usize, Point)| {
        sum(s_prime, column(outputs, l)) - s.s4 * key - x * sum(u, column(inputs, l))
            != *t.t4[l].point()
    };
    failing.extend(columns(key).into_iter().enumerate().any(fails).then_some("MIX.S4"));
    failing
}
