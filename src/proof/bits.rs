//! A vector ciphertext holds bits under linear rules, and a signer says so.
//!
//! One proof shows, for a ciphertext `A = rG`, `Bₖ = rYₖ + vₖG` and a public key `X = sG`, knowledge of `r`, `s` and
//! bits `bⱼ ∈ {0,1}` with `vₖ = Σⱼ cₖⱼbⱼ` for every slot and `Σⱼ Uᵢⱼbⱼ = tᵢ` for every rule row. It is a signature of
//! knowledge under `X` (Chase, Lysyanskaya 2006) on whatever the transcript held before.
//!
//! # Construction
//!
//! With generators `Gⱼ`, `G′ⱼ`, `H` among which nobody knows a relation, and uniform `aⱼ`, `ρ`, `ρ′`, `u`, `κ`:
//!
//! ```text
//! 1.  D = Σ bⱼGⱼ + Σ aⱼ(1−2bⱼ)G′ⱼ + ρH      E = Σ aⱼGⱼ − Σ aⱼ²G′ⱼ + ρ′H
//! 2.  y = challenge(statement, D, E)
//!     Y* = Σ yᵏYₖ    μⱼ = Σₖ yᵏcₖⱼ + Σᵢ y^(K+i)Uᵢⱼ    τ = Σᵢ y^(K+i)tᵢ
//! 3.  U = uG    W = uY* + ⟨μ,a⟩G    T = κG
//! 4.  x = challenge(U, W, T)
//! 5.  f = bx + a    z = ρx + ρ′    z_r = rx + u    z_s = sx + κ
//! ```
//!
//! The verifier checks
//!
//! ```text
//! [BALLOT.V1]  xD + E − Σ fⱼGⱼ − Σ fⱼ(x−fⱼ)G′ⱼ − zH = 0
//! [BALLOT.V2]  xA + U − z_rG = 0
//! [BALLOT.V3]  xΣ yᵏBₖ + W − z_rY* − (⟨μ,f⟩ − τx)G = 0
//! [BALLOT.V4]  xX + T − z_sG = 0
//! ```
//!
//! V1 makes `bⱼ(1−bⱼ) = 0` (the one-out-of-many technique of Groth, Kohlweiss 2015, with the quadratic terms in
//! the exponents of a second generator vector as in Bootle et al. 2015), V3 for random `y` makes every slot and
//! every row right. V1 and V3 stay apart: merged, a ciphertext of `vG + γH` would pass and could not be opened.
//! `docs/spec/ballot.md` has the argument.
//!
//! Size: 5 elements and `n+3` scalars for `n` bits. Proving is constant time, verifying is not.

use crate::{
    batch::{Base, Bases, Batch},
    codec::{Encode, Reader},
    elgamal::Ciphertext,
    error::{Check, DecodeError, ProveError, VerifyError},
    group::{Element, Generators},
    transcript::{Transcript, ZeroChallenge, random_scalar, random_scalars},
};
use alloc::{collections::BTreeSet, vec::Vec};
use core::iter::successors;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::MultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Which bits make up which slots, and which linear rules they obey.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    slots: usize,
    /// For each bit, the slots that it adds to, and how much.
    columns: Vec<Vec<(usize, i64)>>,
    rows: Vec<Row>,
}

/// The rule `Σ coefficient·bit = target`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    terms: Vec<(usize, i64)>,
    target: i64,
}

impl Constraints {
    /// No bits and no rows over this many slots.
    pub fn new(slots: usize) -> Self {
        Self { slots, ..Self::default() }
    }

    /// Adds a bit that counts `amount` into each `slot` of the pairs given; its number is returned.
    pub fn bit(&mut self, into: impl IntoIterator<Item = (usize, i64)>) -> usize {
        self.columns.push(into.into_iter().collect());
        self.columns.len() - 1
    }

    /// Adds the rule `Σ coefficient·bit = target` over pairs of a bit's number and a coefficient.
    pub fn row(&mut self, terms: impl IntoIterator<Item = (usize, i64)>, target: i64) {
        self.rows.push(Row { terms: terms.into_iter().collect(), target });
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

    /// Whether these bits keep every row.
    pub fn allow(&self, bits: &[bool]) -> bool {
        bits.len() == self.bits()
            && self.rows.iter().all(|row| {
                let on = |bit: usize| bits.get(bit).copied().unwrap_or_default();
                let sum: i128 =
                    row.terms.iter().map(|(b, c)| i128::from(on(*b)) * i128::from(*c)).sum();
                sum == i128::from(row.target)
            })
    }

    /// What these bits add up to in every slot.
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

    fn is_well_formed(&self) -> bool {
        self.slots > 0
            && self.columns.iter().flatten().all(|(slot, _)| *slot < self.slots)
            && self.rows.iter().flat_map(|r| &r.terms).all(|(bit, _)| *bit < self.bits())
    }

    fn hash(&self, hash: &mut Sha3_256) {
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
            put(row.target);
        }
    }

    /// `⟨μ, values⟩ = Σₖ yᵏ Σⱼ cₖⱼ·valueⱼ + Σᵢ y^(K+i) Σⱼ Uᵢⱼ·valueⱼ`, where `powers` are those of `y`.
    /// Its time depends on the constraints alone.
    fn combine(&self, powers: &[Scalar], values: &[Scalar]) -> Scalar {
        let mut sum = Scalar::ZERO;
        for (column, value) in self.columns.iter().zip_eq(values) {
            for (slot, amount) in column {
                sum += scaled(powers.get(*slot), *amount) * value;
            }
        }
        for (row, power) in self.rows.iter().zip(powers.iter().skip(self.slots)) {
            let inner: Scalar = row.terms.iter().map(|(bit, c)| scaled(values.get(*bit), *c)).sum();
            sum += power * inner;
        }
        sum
    }

    /// `τ = Σᵢ y^(K+i)·tᵢ`.
    fn target(&self, powers: &[Scalar]) -> Scalar {
        let targets = self.rows.iter().map(|row| row.target);
        targets.zip(powers.iter().skip(self.slots)).map(|(t, power)| scaled(Some(power), t)).sum()
    }
}

/// `value·factor` for a public factor.
fn scaled(value: Option<&Scalar>, factor: i64) -> Scalar {
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

/// What all ballots of one kind share: constraints, and the slot keys with their places in the [`Bases`].
#[derive(Clone, Debug)]
pub struct Relation {
    constraints: Constraints,
    keys: Vec<(usize, Element)>,
    digest: [u8; 32],
}

impl Relation {
    /// The relation over the slots with these numbers, out of all slot keys that the batch's bases hold.
    ///
    /// `None` if a number is out of range or occurs twice, if there are not as many as the constraints have
    /// slots, if there are none, or if the constraints name a slot or a bit that they do not have.
    pub fn new(constraints: Constraints, slots: &[usize], slot_keys: &[Element]) -> Option<Self> {
        if slots.len() != constraints.slots
            || !constraints.is_well_formed()
            || slots.iter().collect::<BTreeSet<_>>().len() != slots.len()
        {
            return None;
        }
        let key = |k: &usize| slot_keys.get(*k).map(|key| (*k, *key));
        let keys: Vec<_> = slots.iter().map(key).collect::<Option<_>>()?;
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 relation");
        constraints.hash(&mut hash);
        for (_, key) in &keys {
            hash.update(key.as_bytes());
        }
        Some(Self { constraints, keys, digest: hash.finalize().into() })
    }

    /// The constraints.
    pub fn constraints(&self) -> &Constraints {
        &self.constraints
    }

    /// The keys of the slots, in order.
    pub fn keys(&self) -> Vec<Element> {
        self.keys.iter().map(|(_, key)| *key).collect()
    }

    fn powers(&self, y: &Scalar) -> Vec<Scalar> {
        let count = self.constraints.slots() + self.constraints.rows();
        successors(Some(Scalar::ONE), |power| Some(power * y)).take(count).collect()
    }
}

/// The public side: a ciphertext of this relation, signed by the holder of `X`.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// What the ciphertext must fulfil.
    pub relation: &'a Relation,
    /// The signer's public key `X`.
    pub signer: &'a Element,
    /// The ciphertext.
    pub ciphertext: &'a Ciphertext,
}

/// The secret side.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Witness {
    /// The bits, each 0 or 1.
    pub bits: Vec<Scalar>,
    /// The nonce `r` of the ciphertext.
    pub nonce: Scalar,
    /// The signer's secret `s`.
    pub signer: Scalar,
}

impl core::fmt::Debug for Witness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Witness(..)")
    }
}

/// The proof; letters as in the construction above.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub struct Proof {
    D: Element,
    E: Element,
    U: Element,
    W: Element,
    T: Element,
    f: Vec<Scalar>,
    z: Scalar,
    z_r: Scalar,
    z_s: Scalar,
}

#[allow(non_snake_case)]
impl Statement<'_> {
    fn absorb(&self, transcript: &mut Transcript) {
        let Self { relation, signer, ciphertext: Ciphertext { a, b } } = self;
        transcript.append_bytes(b"relation", &relation.digest);
        transcript.append_element(b"X", signer);
        transcript.append_element(b"A", a);
        transcript.append_elements(b"B", b.iter());
    }

    /// First round: `D` and `E`.
    fn challenge_y(
        D: &Element,
        E: &Element,
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_element(b"D", D);
        transcript.append_element(b"E", E);
        transcript.challenge(b"y")
    }

    /// Second round: `U`, `W` and `T`.
    fn challenge_x(
        U: &Element,
        W: &Element,
        T: &Element,
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_element(b"U", U);
        transcript.append_element(b"W", W);
        transcript.append_element(b"T", T);
        transcript.challenge(b"x")
    }

    /// Proves that the witness fulfils the statement. Constant time.
    ///
    /// A witness that does not fulfil it gives a proof that is not accepted.
    ///
    /// # Errors
    ///
    /// `Shape` if the numbers of bits, slots and generators do not fit together.
    pub fn prove(
        &self,
        witness: &Witness,
        generators: &Generators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let Self { relation, ciphertext, .. } = *self;
        let Witness { bits, nonce: r, signer: s } = witness;
        let n = relation.constraints.bits();
        let (Some(G), Some(G2)) = (generators.bits.get(..n), generators.squares.get(..n)) else {
            return Err(ProveError::Shape);
        };
        let H = &generators.blinding;
        if bits.len() != n || ciphertext.b.len() != relation.keys.len() {
            return Err(ProveError::Shape);
        }
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);
        let secrets = || bits.iter().chain([r, s]);

        // Before the nonces are drawn, so that they depend on the statement as well.
        self.absorb(transcript);
        let mut nonces = transcript.nonces(secrets(), rng)?;
        let a = random_scalars(n, &mut nonces)?;
        let blindings = Zeroizing::new([random_scalar(&mut nonces)?, random_scalar(&mut nonces)?]);
        let [rho, rho2] = &*blindings;
        let commit = |g: &[Scalar], g2: &[Scalar], h: &Scalar| {
            let scalars = g.iter().chain(g2).chain([h]);
            element(RistrettoPoint::multiscalar_mul(scalars, G.iter().chain(G2).chain([H])))
        };
        let cross: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(a.iter().zip_eq(bits).map(|(a, b)| a * (Scalar::ONE - b - b)).collect());
        let minus_squares: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(a.iter().map(|a| -(a * a)).collect());
        // D = Σ bⱼGⱼ + Σ aⱼ(1−2bⱼ)G′ⱼ + ρH
        let D = commit(bits, &cross, rho)?;
        // E = Σ aⱼGⱼ − Σ aⱼ²G′ⱼ + ρ′H
        let E = commit(&a, &minus_squares, rho2)?;
        let y = Self::challenge_y(&D, &E, transcript)?;

        let powers = relation.powers(&y);
        let mut nonces = transcript.nonces(secrets(), rng)?;
        let round = Zeroizing::new([random_scalar(&mut nonces)?, random_scalar(&mut nonces)?]);
        let [u, kappa] = &*round;
        let U = element(RistrettoPoint::mul_base(u))?;
        // W = uY* + ⟨μ,a⟩G
        let scaled = Zeroizing::new(powers.iter().map(|power| u * power).collect::<Vec<_>>());
        let keys = relation.keys.iter().map(|(_, key)| key.point());
        let uY = RistrettoPoint::multiscalar_mul(scaled.iter().take(relation.keys.len()), keys);
        let mu_a = Zeroizing::new(relation.constraints.combine(&powers, &a));
        let W = element(uY + RistrettoPoint::mul_base(&mu_a))?;
        let T = element(RistrettoPoint::mul_base(kappa))?;
        let x = Self::challenge_x(&U, &W, &T, transcript)?;

        let f = bits.iter().zip_eq(a.iter()).map(|(b, a)| b * x + a).collect();
        Ok(Proof { D, E, U, W, T, f, z: rho * x + rho2, z_r: r * x + u, z_s: s * x + kappa })
    }

    /// Adds the proof's four equations to a batch, whose [`Bases`] hold the generators and the slot keys.
    pub fn enqueue(&self, proof: &Proof, transcript: &mut Transcript, batch: &mut Batch) {
        let Self { relation, signer, ciphertext } = *self;
        let Proof { D, E, U, W, T, f, z, z_r, z_s } = proof;
        let constraints = &relation.constraints;
        if f.len() != constraints.bits() || ciphertext.b.len() != relation.keys.len() {
            return batch.enqueue_invalid(Check::Shape);
        }
        self.absorb(transcript);
        let Ok(y) = Self::challenge_y(D, E, transcript) else {
            return batch.enqueue_invalid(Check::Challenge);
        };
        let Ok(x) = Self::challenge_x(U, W, T, transcript) else {
            return batch.enqueue_invalid(Check::Challenge);
        };
        transcript.append_scalars(b"f", f);
        transcript.append_scalars(b"z", &[*z, *z_r, *z_s]);
        let mut enqueue = batch.enqueue(transcript);

        // [BALLOT.V1] xD + E − Σ fⱼGⱼ − Σ fⱼ(x−fⱼ)G′ⱼ − zH = 0
        let mut v1 = enqueue.equation("BALLOT.V1");
        v1.point(D.point(), x).announcement(E).base(Base::H, -z);
        for (j, f) in f.iter().enumerate() {
            v1.base(Base::Bit(j), -f).base(Base::Square(j), f * (f - x));
        }

        // [BALLOT.V2] xA + U − z_rG = 0
        let mut v2 = enqueue.equation("BALLOT.V2");
        v2.point(ciphertext.a.point(), x).announcement(U).base(Base::G, -z_r);

        // [BALLOT.V3] xΣ yᵏBₖ + W − z_rY* − (⟨μ,f⟩ − τx)G = 0
        let powers = relation.powers(&y);
        let mut v3 = enqueue.equation("BALLOT.V3");
        v3.announcement(W);
        v3.base(Base::G, constraints.target(&powers) * x - constraints.combine(&powers, f));
        for ((power, B), (k, _)) in powers.iter().zip(&ciphertext.b).zip(&relation.keys) {
            v3.point(B.point(), x * power).base(Base::SlotKey(*k), -(z_r * power));
        }

        // [BALLOT.V4] xX + T − z_sG = 0
        let mut v4 = enqueue.equation("BALLOT.V4");
        v4.point(signer.point(), x).announcement(T).base(Base::G, -z_s);
    }

    /// Verifies one proof.
    pub fn verify(
        &self,
        proof: &Proof,
        bases: &Bases,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        let mut batch = Batch::new(bases);
        self.enqueue(proof, transcript, &mut batch);
        batch.verify(rng)
    }
}

impl Proof {
    /// How many bytes a proof over this many bits takes.
    pub fn size(bits: usize) -> usize {
        32 * (5 + bits + 3)
    }

    /// Reads a proof over this many bits. There is no count in the bytes: the length is the statement's.
    #[allow(non_snake_case)]
    pub fn decode(reader: &mut Reader<'_>, bits: usize) -> Result<Self, DecodeError> {
        let (D, E) = (reader.element()?, reader.element()?);
        let (U, W, T) = (reader.element()?, reader.element()?, reader.element()?);
        let f = reader.scalars(bits)?;
        Ok(Self {
            D,
            E,
            U,
            W,
            T,
            f,
            z: reader.scalar()?,
            z_r: reader.scalar()?,
            z_s: reader.scalar()?,
        })
    }
}

impl Encode for Proof {
    /// `D E U W T`, `f`, `z z_r z_s`.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { D, E, U, W, T, f, z, z_r, z_s } = self;
        [*D, *E, *U, *W, *T].encode(out);
        f.as_slice().encode(out);
        [*z, *z_r, *z_s].encode(out);
    }
}

#[cfg(test)]
mod tests;
