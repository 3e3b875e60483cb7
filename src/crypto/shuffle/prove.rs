//! The prover: what can be computed before the inputs are known, and the rest.

use crate::{
    crypto::{
        ProveError,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{
            Announcements, First, Generators, Proof, Responses, absorb_responses, challenge_u,
            challenge_x, challenge_zeta, stored::is_possible,
        },
        transcript::{Transcript, random_scalar, random_scalars},
    },
    parallel,
};
use alloc::vec::Vec;
use core::{fmt, iter};
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    ristretto::RistrettoBasepointTable,
    traits::{Identity, MultiscalarMul},
};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// The number of rows in one multiplication.
const CHUNK: usize = 1 << 8;

/// Shuffles rows and proves it: both phases of [`Prepared`] at once.
///
/// The transcript holds what the proof is bound to; it then absorbs the whole proof.
///
/// # Errors
///
/// `Shape` if there are no rows or too many, if the width of a row differs from the key's, or if there are fewer generators
/// than rows.
pub fn shuffle(
    key: &[Element],
    inputs: &[Ciphertext],
    generators: &Generators,
    transcript: &mut Transcript,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Vec<Ciphertext>, Proof), ProveError> {
    Prepared::new(inputs.len(), key, generators, rng)?.shuffle(inputs, generators, transcript, rng)
}

/// The part of a shuffle that does not need its inputs: the permutation, the re-encryption of every output, and the
/// commitments.
///
/// This is nearly half of the work. A mixer that knows the number of rows can do it while ballots are still cast. It can be
/// used only once, since a second use would show which outputs of the two belong together.
pub struct Prepared {
    key: Vec<Element>,
    /// `π(i)` for each output `i`.
    permutation: Zeroizing<Vec<u32>>,
    /// `r′ᵢ`
    r_prime: Zeroizing<Vec<Scalar>>,
    /// `r′ᵢYₗ`, output by output.
    shifts: Zeroizing<Vec<RistrettoPoint>>,
    /// `ρᵢ`, with `c_π(i) = ρᵢG + hᵢ`.
    rho: Zeroizing<Vec<Scalar>>,
    c: Vec<Element>,
}

impl Prepared {
    /// The offline phase for `rows` rows.
    ///
    /// Permutation and re-encryption depend only on the caller's generator. Whoever can guess its output, or sees it a second
    /// time, can trace the rows.
    ///
    /// # Errors
    ///
    /// `Shape` if there are no rows or too many, if the key has no slots or too many, or if there are fewer
    /// generators than rows.
    pub fn new(
        rows: usize,
        key: &[Element],
        generators: &Generators,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let transcript = Transcript::new(b"shuffle preparation");
        Self::with_secrets(rows, key, generators, transcript, iter::empty(), rng)
    }

    /// The same with secrets that protect against a bad generator, and a context in which they serve for one shuffle only.
    pub(crate) fn with_secrets<'s>(
        rows: usize,
        key: &[Element],
        generators: &Generators,
        mut transcript: Transcript,
        secrets: impl IntoIterator<Item = &'s Scalar>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let h = generators.rows.get(..rows).ok_or(ProveError::Shape)?;
        if !is_possible(rows, key.len()) {
            return Err(ProveError::Shape);
        }
        transcript.append_elements(b"Y", key.iter());
        transcript.append_u64(b"count", rows as u64);
        let mut nonces = transcript.nonces(secrets, rng)?;
        let permutation = random_permutation(rows, &mut nonces);
        let r_prime = random_scalars(rows, &mut nonces)?;
        let rho = random_scalars(rows, &mut nonces)?;

        let tables: Vec<_> =
            key.iter().map(|key| RistrettoBasepointTable::create(key.point())).collect();
        let width = tables.len() + 1;
        let mut shifts = Zeroizing::new(alloc::vec![RistrettoPoint::identity(); width * rows]);
        parallel::fill(&r_prime, &mut shifts, width, |r_prime, shifts| {
            if let Some((a, b)) = shifts.split_first_mut() {
                *a = RistrettoPoint::mul_base(r_prime);
                b.iter_mut().zip_eq(&tables).for_each(|(b, table)| *b = table * r_prime);
            }
        });
        // Commitments in the order of the outputs would reveal the permutation.
        let mut in_order = Zeroizing::new(alloc::vec![RistrettoPoint::identity(); rows]);
        let items: Vec<(&Scalar, &RistrettoPoint)> = rho.iter().zip_eq(h).collect();
        parallel::fill(&items, &mut in_order, 1, |(rho, h), c| {
            c.fill(RistrettoPoint::mul_base(rho) + *h);
        });
        let c = gather(&in_order, &inverse(&permutation));
        let c = elements(&c)?;
        Ok(Self { key: key.to_vec(), permutation, r_prime, shifts, rho, c })
    }

    /// The slot keys for which it was prepared.
    pub fn key(&self) -> &[Element] {
        &self.key
    }

    /// The online phase: the outputs and their proof.
    ///
    /// # Errors
    ///
    /// `Shape` if the number of rows or their width differs from what was prepared.
    #[allow(non_snake_case)]
    pub fn shuffle(
        self,
        inputs: &[Ciphertext],
        generators: &Generators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(Vec<Ciphertext>, Proof), ProveError> {
        let Self { key, permutation, r_prime, shifts, rho, c } = self;
        let (N, width) = (permutation.len(), key.len());
        let h = generators.rows.get(..N).ok_or(ProveError::Shape)?;
        if inputs.len() != N || inputs.iter().any(|row| row.b.len() != width) {
            return Err(ProveError::Shape);
        }
        let outputs = re_encrypt(inputs, &permutation, &shifts)?;

        let first = First { rows: N, inputs: bytes(inputs), outputs: bytes(&outputs), c: of(&c) };
        let u = challenge_u(&key, first, transcript)?;
        let u_prime = Zeroizing::new(gather(&u, &permutation));

        // ĉᵢ = r̂ᵢG + u′ᵢĉᵢ₋₁ = ϱᵢG + θᵢh
        let secrets = || rho.iter().chain(r_prime.iter()).chain(u_prime.iter());
        let mut nonces = transcript.nonces(secrets(), rng)?;
        let r_hat = random_scalars(N, &mut nonces)?;
        let chain = Chain::new(&r_hat, &u_prime);
        let c_hat = chain.points(&generators.h)?;
        let zeta = challenge_zeta::<ProveError>(N, of(&c_hat), transcript)?;
        let powers: Vec<Scalar> =
            iter::successors(Some(Scalar::ONE), |power| Some(power * zeta)).take(N).collect();

        let mut nonces = transcript.nonces(secrets().chain(r_hat.iter()), rng)?;
        let omega = Nonces::draw(N, &mut nonces)?;
        let t = omega.announcements(&key, &outputs, h, &chain, &powers, generators)?;
        let x = challenge_x(&t, transcript)?;

        let Nonces { omega1, omega2, omega3, omega4, omega5, omega_prime } = &omega;
        let s = Responses {
            s1: omega1 + x * rho.iter().sum::<Scalar>(),
            s2: omega2 + x * chain.last().0,
            s3: omega3 + x * dot(&u_prime, &rho),
            s4: omega4 + x * dot(&u_prime, &r_prime),
            s5: omega5 + x * dot(&powers, &r_hat),
        };
        let s_prime: Vec<Scalar> =
            omega_prime.iter().zip_eq(u_prime.iter()).map(|(omega, u)| omega + x * u).collect();
        let answered = s_prime.iter().map(|s| Ok::<_, ProveError>(s.to_bytes()));
        absorb_responses(&s, N, answered, transcript)?;
        Ok((outputs, Proof { c, c_hat, t, s, s_prime }))
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(..)")
    }
}

/// Output `i` is input `π(i)` plus `r′ᵢ·key`.
fn re_encrypt(
    inputs: &[Ciphertext],
    permutation: &[u32],
    shifts: &[RistrettoPoint],
) -> Result<Vec<Ciphertext>, ProveError> {
    let width = shifts.len() / permutation.len().max(1);
    let items: Vec<(&u32, &[RistrettoPoint])> =
        permutation.iter().zip_eq(shifts.chunks(width.max(1))).collect();
    let mut outputs = alloc::vec![None; items.len()];
    parallel::fill(&items, &mut outputs, 1, |(place, shifts), output| {
        let shifted = |point: &Element, shift| Element::new(point.point() + shift);
        let re_encrypted = || {
            let Ciphertext { a, b } = inputs.get(**place as usize)?;
            let (of_a, of_b) = shifts.split_first()?;
            let a = shifted(a, of_a)?;
            let b = b.iter().zip_eq(of_b).map(|(b, shift)| shifted(b, shift));
            Some(Ciphertext { a, b: b.collect::<Option<_>>()? })
        };
        output.fill(re_encrypted());
    });
    outputs.into_iter().collect::<Option<_>>().ok_or(ProveError::Randomness)
}

/// The openings of the chain: `(ϱᵢ, θᵢ)` for `i = 0..N`.
struct Chain {
    rho: Zeroizing<Vec<Scalar>>,
    theta: Zeroizing<Vec<Scalar>>,
}

impl Chain {
    fn new(r_hat: &[Scalar], u_prime: &[Scalar]) -> Self {
        let take = || Zeroizing::new(Vec::with_capacity(r_hat.len() + 1));
        let (mut all_rho, mut all_theta) = (take(), take());
        let (mut rho, mut theta) = (Scalar::ZERO, Scalar::ONE);
        all_rho.push(rho);
        all_theta.push(theta);
        for (r_hat, u) in r_hat.iter().zip_eq(u_prime) {
            // ϱᵢ = r̂ᵢ + u′ᵢϱᵢ₋₁, θᵢ = u′ᵢθᵢ₋₁
            rho = r_hat + u * rho;
            theta *= u;
            all_rho.push(rho);
            all_theta.push(theta);
        }
        Self { rho: all_rho, theta: all_theta }
    }

    /// `ĉ₁…ĉ_N`
    fn points(&self, h: &RistrettoPoint) -> Result<Vec<Element>, ProveError> {
        let h = RistrettoBasepointTable::create(h);
        let items: Vec<(&Scalar, &Scalar)> =
            self.rho.iter().zip_eq(self.theta.iter()).skip(1).collect();
        let mut points = alloc::vec![None; items.len()];
        parallel::fill(&items, &mut points, 1, |(rho, theta), point| {
            point.fill(Element::new(RistrettoPoint::mul_base(rho) + &h * *theta));
        });
        points.into_iter().collect::<Option<_>>().ok_or(ProveError::Randomness)
    }

    /// `(ϱ_N, θ_N)`
    fn last(&self) -> (Scalar, Scalar) {
        let last = |list: &[Scalar]| list.last().copied().unwrap_or_default();
        (last(&self.rho), last(&self.theta))
    }
}

/// `ω₁…ω₅` and `ω′ᵢ`.
#[derive(zeroize::ZeroizeOnDrop)]
struct Nonces {
    omega1: Scalar,
    omega2: Scalar,
    omega3: Scalar,
    omega4: Scalar,
    omega5: Scalar,
    #[zeroize(skip)]
    omega_prime: Zeroizing<Vec<Scalar>>,
}

impl Nonces {
    fn draw(rows: usize, rng: &mut impl RngCore) -> Result<Self, ProveError> {
        Ok(Self {
            omega1: random_scalar(rng)?,
            omega2: random_scalar(rng)?,
            omega3: random_scalar(rng)?,
            omega4: random_scalar(rng)?,
            omega5: random_scalar(rng)?,
            omega_prime: random_scalars(rows, rng)?,
        })
    }

    fn announcements(
        &self,
        key: &[Element],
        outputs: &[Ciphertext],
        h: &[RistrettoPoint],
        chain: &Chain,
        powers: &[Scalar],
        generators: &Generators,
    ) -> Result<Announcements, ProveError> {
        let Self { omega1, omega2, omega3, omega4, omega5, omega_prime } = self;
        let items: Vec<(&Scalar, &RistrettoPoint, &Ciphertext)> = omega_prime
            .iter()
            .zip_eq(h)
            .zip_eq(outputs)
            .map(|((omega, h), output)| (omega, h, output))
            .collect();
        // Σω′ᵢhᵢ, and Σω′ᵢoutᵢₗ for each column.
        let mut sums = alloc::vec![RistrettoPoint::identity(); key.len() + 2];
        let parts = parallel::each(&items, CHUNK, |items| {
            let sum = |points: Vec<&RistrettoPoint>| {
                RistrettoPoint::multiscalar_mul(items.iter().map(|(omega, ..)| *omega), points)
            };
            let mut sums = Vec::with_capacity(key.len() + 2);
            sums.push(sum(items.iter().map(|(_, h, _)| *h).collect()));
            sums.push(sum(items.iter().map(|(.., output)| output.a.point()).collect()));
            for l in 0..key.len() {
                let column = items.iter().filter_map(|(.., output)| output.b.get(l));
                sums.push(sum(column.map(Element::point).collect()));
            }
            alloc::vec![sums]
        });
        for part in parts {
            sums.iter_mut().zip_eq(part).for_each(|(sum, part)| *sum += part);
        }
        let (of_h, of_outputs) = sums.split_first().ok_or(ProveError::Shape)?;
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);
        let base = RistrettoPoint::mul_base;
        // t₁ = ω₁G, t₂ = ω₂G, t₃ = ω₃G + Σω′ᵢhᵢ
        let t1 = element(base(omega1))?;
        let t2 = element(base(omega2))?;
        let t3 = element(base(omega3) + of_h)?;
        // t₄ₗ = −ω₄Yₗ + Σω′ᵢoutᵢₗ
        let columns = [Element::BASE].iter().chain(key).zip_eq(of_outputs);
        let t4 = columns.map(|(key, sum)| element(sum - omega4 * key.point()));
        let t4 = t4.collect::<Result<_, _>>()?;
        // t₅ = (ω₅ + Σζⁱ⁻¹ω′ᵢϱᵢ₋₁)G + (Σζⁱ⁻¹ω′ᵢθᵢ₋₁)h
        let folded = Zeroizing::new(
            powers
                .iter()
                .zip_eq(omega_prime.iter())
                .map(|(p, omega)| p * omega)
                .collect::<Vec<_>>(),
        );
        let of_base = Zeroizing::new(omega5 + dot(&folded, &chain.rho));
        let of_chain = Zeroizing::new(dot(&folded, &chain.theta));
        let t5 = element(base(&of_base) + *of_chain * generators.h)?;
        Ok(Announcements { t1, t2, t3, t4, t5 })
    }
}

/// `Σaᵢbᵢ`, up to the end of the shorter list.
fn dot(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A uniform permutation of `0..n`, without bias (Fisher and Yates).
pub(super) fn random_permutation(n: usize, rng: &mut impl RngCore) -> Zeroizing<Vec<u32>> {
    let mut permutation = Zeroizing::new((0..n as u32).collect::<Vec<_>>());
    for last in (1..n).rev() {
        let other = random_below(last as u64 + 1, rng);
        permutation.swap(last, other as usize);
    }
    permutation
}

/// A uniform number below `n`, which is at least 1 (Lemire 2019). Accepted numbers are multiplied and not divided, since the
/// time of a division would depend on them.
fn random_below(n: u64, rng: &mut impl RngCore) -> u64 {
    // With these numbers among all 2⁶⁴, some results would be more likely than others.
    let excess = n.wrapping_neg() % n;
    loop {
        let product = u128::from(rng.next_u64()) * u128::from(n);
        if product as u64 >= excess {
            return (product >> 64) as u64;
        }
    }
}

/// The positions of `0..n` in a permutation.
fn inverse(permutation: &[u32]) -> Zeroizing<Vec<u32>> {
    let mut inverse = Zeroizing::new(alloc::vec![0; permutation.len()]);
    for (place, i) in permutation.iter().zip(0..) {
        if let Some(entry) = inverse.get_mut(*place as usize) {
            *entry = i;
        }
    }
    inverse
}

/// The items at these positions, which must exist.
fn gather<T: Copy>(items: &[T], places: &[u32]) -> Vec<T> {
    let mut gathered = Vec::with_capacity(places.len());
    gathered.extend(places.iter().filter_map(|place| items.get(*place as usize)).copied());
    gathered
}

fn elements(points: &[RistrettoPoint]) -> Result<Vec<Element>, ProveError> {
    let mut elements = alloc::vec![None; points.len()];
    parallel::fill(points, &mut elements, 1, |point, element| element.fill(Element::new(*point)));
    elements.into_iter().collect::<Option<_>>().ok_or(ProveError::Randomness)
}

/// The bytes of elements, as the rounds need them.
fn of(elements: &[Element]) -> impl Iterator<Item = Result<[u8; 32], ProveError>> {
    elements.iter().map(|element| Ok(*element.as_bytes()))
}

/// The bytes of rows, point by point.
fn bytes(rows: &[Ciphertext]) -> impl Iterator<Item = Result<[u8; 32], ProveError>> {
    rows.iter().flat_map(|row| [&row.a].into_iter().chain(&row.b)).map(|e| Ok(*e.as_bytes()))
}
