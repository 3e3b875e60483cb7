//! The bit proof: a vector ciphertext holds bits that satisfy linear rules, signed by a public key.
//!
//! One proof shows, for a ciphertext `A = rG`, `Bₖ = rYₖ + vₖG` and a public key `X = sG`, knowledge of `r`, `s` and
//! bits `bⱼ ∈ {0,1}` with `vₖ = Σⱼ cₖⱼbⱼ` for every slot that is not left free and `Σⱼ Uᵢⱼbⱼ = tᵢ` for every rule row. It is a
//! signature of knowledge under `X` (Chase, Lysyanskaya 2006) on whatever the transcript held before.
//!
//! # Construction
//!
//! With generators `Gⱼ`, `G′ⱼ`, `G_r`, `G_s`, `H` among which nobody knows a relation, uniform `aⱼ`, `a_r`, `a_s`, `ρ`,
//! `ρ′`, and `N` slots and rows together:
//!
//! ```text
//! 1.  D = Σ bⱼGⱼ + Σ aⱼ(1−2bⱼ)G′ⱼ + rG_r + sG_s + ρH      E = Σ aⱼGⱼ − Σ aⱼ²G′ⱼ + a_rG_r + a_sG_s + ρ′H
//! 2.  y = challenge(statement, D, E)
//!     Y* = Σ yᵏYₖ    μⱼ = Σₖ yᵏcₖⱼ + Σᵢ y^(K+i)Uᵢⱼ    τ = Σᵢ y^(K+i)tᵢ
//! 3.  W = a_rY* + (⟨μ,a⟩ + y^N·a_s + y^(N+1)·a_r)G
//! 4.  x = challenge(W)
//! 5.  f = bx + a    f_r = rx + a_r    f_s = sx + a_s    z = ρx + ρ′
//! ```
//!
//! The verifier checks
//!
//! ```text
//! [BALLOT.V1]  xD + E − Σ fⱼGⱼ − Σ fⱼ(x−fⱼ)G′ⱼ − f_rG_r − f_sG_s − zH = 0
//! [BALLOT.V2]  x(Σ yᵏBₖ + y^N·X + y^(N+1)·A) + W − f_rY* − (⟨μ,f⟩ + y^N·f_s + y^(N+1)·f_r − τx)G = 0
//! ```
//!
//! V1 forces `bⱼ(1−bⱼ) = 0` (the one-out-of-many technique of Groth, Kohlweiss 2015, with the quadratic terms in the
//! exponents of a second generator vector as in Bootle et al. 2015). V2, for random `y`, forces every slot and every row, and
//! `X = sG` and `A = rG`, since `D` commits to `b`, `r` and `s` before `y` is known. The two must stay separate: merged into
//! one, they would accept a ciphertext of `vG + γH`, which could not be opened. The argument is in `docs/spec/ballot.md`.
//!
//! A target can be the signer's weight, a number that the verifier knows of each signer. Then the statement holds it.
//!
//! Slots can be left free to hold messages. They are absorbed, but get no power of `y`. A signer that knows `r` knows their
//! content, `Bₖ − rYₖ`.
//!
//! Size: 3 elements and `n+3` scalars for `n` bits. Proving is constant time, verifying is not.

mod constraints;
mod generators;
mod relation;

pub use constraints::Constraints;
pub use generators::{BitGenerators, Handles};
pub use relation::Relation;

use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        batch::{Base, Bases, Batch, Enqueue},
        elgamal::Ciphertext,
        group::Element,
        transcript::{Transcript, ZeroChallenge, random_scalar, random_scalars},
    },
};
use alloc::vec::Vec;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::MultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The statement: a ciphertext satisfies this relation and is signed by the holder of `X`.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The relation that the ciphertext satisfies.
    pub relation: &'a Relation,
    /// The signer's public key `X`.
    pub signer: &'a Element,
    /// The signer's weight, if a rule of the relation is [about it](Constraints::weight_row); elsewhere it says nothing.
    pub weight: u64,
    /// The ciphertext.
    pub ciphertext: &'a Ciphertext,
}

/// The secret witness.
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

/// The proof, with the letters of the construction above.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub struct Proof {
    D: Element,
    E: Element,
    W: Element,
    f: Vec<Scalar>,
    f_r: Scalar,
    f_s: Scalar,
    z: Scalar,
}

#[allow(non_snake_case)]
impl Statement<'_> {
    fn absorb(&self, transcript: &mut Transcript) {
        let Self { relation, signer, weight, ciphertext: Ciphertext { a, b } } = self;
        if relation.has_weight {
            transcript.append_u64(b"weight", *weight);
        }
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

    /// Second round: `W`.
    fn challenge_x(W: &Element, transcript: &mut Transcript) -> Result<Scalar, ZeroChallenge> {
        transcript.append_element(b"W", W);
        transcript.challenge(b"x")
    }

    /// Proves that the witness satisfies the statement. Constant time.
    ///
    /// A witness that does not satisfy it gives an invalid proof.
    ///
    /// # Errors
    ///
    /// `Shape` if the numbers of bits, slots and generators do not match.
    pub fn prove(
        &self,
        witness: &Witness,
        generators: &BitGenerators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let Self { relation, ciphertext, .. } = *self;
        let Witness { bits, nonce: r, signer: s } = witness;
        let n = relation.constraints.bits();
        let (Some(G), Some(G2)) = (generators.bits.get(..n), generators.squares.get(..n)) else {
            return Err(ProveError::Shape);
        };
        let BitGenerators { blinding: H, nonce: G_r, signer: G_s, .. } = generators;
        if bits.len() != n || ciphertext.b.len() != relation.keys.len() {
            return Err(ProveError::Shape);
        }
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);

        // Absorbed before the nonces are drawn, so that they also depend on the statement.
        self.absorb(transcript);
        let mut nonces = transcript.nonces(bits.iter().chain([r, s]), rng)?;
        let a = random_scalars(n, &mut nonces)?;
        let mut random = || random_scalar(&mut nonces);
        let others = Zeroizing::new([random()?, random()?, random()?, random()?]);
        let [a_r, a_s, rho, rho2] = &*others;
        let commit = |g: &[Scalar], g2: &[Scalar], others: [&Scalar; 3]| {
            let scalars = g.iter().chain(g2).chain(others);
            let points = G.iter().chain(G2).chain([G_r, G_s, H]);
            element(RistrettoPoint::multiscalar_mul(scalars, points))
        };
        let cross: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(a.iter().zip_eq(bits).map(|(a, b)| a * (Scalar::ONE - b - b)).collect());
        let minus_squares: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(a.iter().map(|a| -(a * a)).collect());
        // D = Σ bⱼGⱼ + Σ aⱼ(1−2bⱼ)G′ⱼ + rG_r + sG_s + ρH
        let D = commit(bits, &cross, [r, s, rho])?;
        // E = Σ aⱼGⱼ − Σ aⱼ²G′ⱼ + a_rG_r + a_sG_s + ρ′H
        let E = commit(&a, &minus_squares, [a_r, a_s, rho2])?;
        let y = Self::challenge_y(&D, &E, transcript)?;

        // W = a_rY* + (⟨μ,a⟩ + y^N·a_s + y^(N+1)·a_r)G
        let powers = relation.powers(&y);
        // The multiplication needs to know their number.
        let keys: Vec<_> = relation.counted(&powers).map(|(_, _, (_, key))| *key.point()).collect();
        let scaled = relation.counted(&powers).map(|(_, power, _)| a_r * power);
        let scaled = Zeroizing::new(scaled.collect::<Vec<_>>());
        let aY = RistrettoPoint::multiscalar_mul(scaled.iter(), keys);
        let mu_a = relation.constraints.combine(&powers, &a);
        let a_G = Zeroizing::new(mu_a + powers.signer * a_s + powers.nonce * a_r);
        let W = element(aY + RistrettoPoint::mul_base(&a_G))?;
        let x = Self::challenge_x(&W, transcript)?;

        let f = bits.iter().zip_eq(a.iter()).map(|(b, a)| b * x + a).collect();
        let (f_r, f_s) = (r * x + a_r, s * x + a_s);
        Ok(Proof { D, E, W, f, f_r, f_s, z: rho * x + rho2 })
    }

    /// Absorbs statement and proof, and draws both challenges, `y` and `x`.
    ///
    /// Another proof on the same transcript comes before this one, which signs it. Both are one entry of a batch, begun behind this.
    pub(crate) fn challenges(
        &self,
        proof: &Proof,
        handles: &Handles,
        transcript: &mut Transcript,
    ) -> Result<[Scalar; 2], ProofCheck> {
        let Self { relation, ciphertext, .. } = *self;
        let Proof { D, E, W, f, f_r, f_s, z } = proof;
        let constraints = &relation.constraints;
        let Handles { bits, slot_keys, .. } = handles;
        if f.len() != constraints.bits()
            || f.len() > bits.len()
            || ciphertext.b.len() != relation.keys.len()
            || relation.keys.iter().any(|(k, _)| *k >= slot_keys.len())
        {
            return Err(ProofCheck::Shape);
        }
        self.absorb(transcript);
        let y = Self::challenge_y(D, E, transcript).map_err(|_| ProofCheck::Challenge)?;
        let x = Self::challenge_x(W, transcript).map_err(|_| ProofCheck::Challenge)?;
        transcript.append_scalars(b"f", f);
        transcript.append_scalars(b"z", &[*f_r, *f_s, *z]);
        Ok([y, x])
    }

    /// Adds both equations to the entry of the batch that was begun last.
    pub(crate) fn add(
        &self,
        proof: &Proof,
        [y, x]: [Scalar; 2],
        handles: &Handles,
        enqueue: &mut Enqueue<'_>,
    ) {
        let Self { relation, signer, weight, ciphertext } = *self;
        let Proof { D, E, W, f, f_r, f_s, z } = proof;
        let constraints = &relation.constraints;
        let Handles { blinding, nonce, signer: signer_base, bits, squares, slot_keys } = handles;

        // [BALLOT.V1] xD + E − Σ fⱼGⱼ − Σ fⱼ(x−fⱼ)G′ⱼ − f_rG_r − f_sG_s − zH = 0
        let mut v1 = enqueue.equation("BALLOT.V1");
        v1.point(D.point(), x).announcement(E);
        v1.base(*nonce, -f_r).base(*signer_base, -f_s).base(*blinding, -z);
        for ((f, bit), square) in f.iter().zip(bits.iter()).zip(squares.iter()) {
            v1.base(bit, -f).base(square, f * (f - x));
        }

        // [BALLOT.V2]
        // x(Σ yᵏBₖ + y^N·X + y^(N+1)·A) + W − f_rY* − (⟨μ,f⟩ + y^N·f_s + y^(N+1)·f_r − τx)G = 0
        let (powers, minus_f_r) = (relation.powers(&y), -f_r);
        let mut v2 = enqueue.equation("BALLOT.V2");
        v2.announcement(W);
        for (slot, power, (k, _)) in relation.counted(&powers) {
            if let (Some(B), Some(Y)) = (ciphertext.b.get(slot), slot_keys.get(*k)) {
                v2.point(B.point(), x * power).base(Y, minus_f_r * power);
            }
        }
        v2.point(signer.point(), x * powers.signer).point(ciphertext.a.point(), x * powers.nonce);
        let mu_f = constraints.combine(&powers, f);
        let tau = constraints.target(&powers, weight);
        v2.base(Base::G, tau * x - mu_f - powers.signer * f_s - powers.nonce * f_r);
    }

    /// Adds the proof's two equations to a batch. These are the handles of the generators and slot keys in its [`Bases`].
    pub fn enqueue(
        &self,
        proof: &Proof,
        handles: &Handles,
        transcript: &mut Transcript,
        batch: &mut Batch,
    ) {
        match self.challenges(proof, handles, transcript) {
            Ok(challenges) => self.add(proof, challenges, handles, &mut batch.enqueue(transcript)),
            Err(check) => batch.enqueue_invalid(check),
        }
    }

    /// Verifies one proof.
    pub fn verify(
        &self,
        proof: &Proof,
        (bases, handles): (&Bases, &Handles),
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        let mut batch = Batch::new(bases);
        self.enqueue(proof, handles, transcript, &mut batch);
        batch.verify(rng)
    }
}

impl Proof {
    /// The size in bytes of a proof over this many bits.
    pub fn size(bits: usize) -> usize {
        32 * (3 + bits + 3)
    }

    /// Reads a proof over this many bits. The bytes hold no count: the length follows from the statement.
    #[allow(non_snake_case)]
    pub fn decode(reader: &mut Reader<'_>, bits: usize) -> Result<Self, DecodeError> {
        let (D, E, W) = (reader.element()?, reader.element()?, reader.element()?);
        let f = reader.scalars(bits)?;
        let (f_r, f_s, z) = (reader.scalar()?, reader.scalar()?, reader.scalar()?);
        Ok(Self { D, E, W, f, f_r, f_s, z })
    }
}

impl Encode for Proof {
    /// `D E W`, `f`, `f_r f_s z`.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { D, E, W, f, f_r, f_s, z } = self;
        [*D, *E, *W].encode(out);
        f.as_slice().encode(out);
        [*f_r, *f_s, *z].encode(out);
    }
}

#[cfg(test)]
mod tests;
