//! The prover. The crate `bulletproofs` makes the range proof.

use super::{
    Proof, Statement, Witness,
    link::{Link, Weights},
    range::{RangeProof, absorb_last},
    rules::{BITS, MAX_VALUES, powers},
};
use crate::{
    codec::Reader,
    crypto::{
        ProveError,
        group::Element,
        transcript::{Transcript, random_scalar, random_scalars},
    },
};
use alloc::vec::Vec;
use bulletproofs::{BulletproofGens, PedersenGens};
use core::{fmt, iter};
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::RISTRETTO_BASEPOINT_POINT as G,
    traits::{MultiscalarMul, VartimeMultiscalarMul},
};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// The generators in the form that proving needs. They are the same as those for verifying.
#[derive(Clone)]
pub struct ProvingGenerators {
    pub(super) pedersen: PedersenGens,
    pub(super) bits: BulletproofGens,
}

impl ProvingGenerators {
    /// Generators for proofs over at most `values` values.
    pub fn new(values: usize) -> Self {
        let commitments = values.min(MAX_VALUES).next_power_of_two();
        Self { pedersen: PedersenGens::default(), bits: BulletproofGens::new(BITS, commitments) }
    }
}

impl fmt::Debug for ProvingGenerators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProvingGenerators(..)")
    }
}

#[allow(non_snake_case)]
impl Statement<'_> {
    /// Proves that the witness satisfies the statement. Constant time.
    ///
    /// A witness that does not satisfy it gives an invalid proof.
    ///
    /// # Errors
    ///
    /// `Shape` if the numbers of values, slots and generators do not match.
    pub fn prove(
        &self,
        witness: &Witness,
        generators: &ProvingGenerators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let Self { relation, ciphertext } = *self;
        let Witness { values, nonce } = witness;
        if values.len() != relation.rules.values()
            || ciphertext.b.len() != relation.width
            || generators.bits.party_capacity < relation.padded()
        {
            return Err(ProveError::Shape);
        }
        // Absorbed before anything is drawn, so that it also depends on the statement.
        self.absorb(transcript);
        let v: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(values.iter().map(|value| Scalar::from(*value)).collect());
        let gamma = random_scalars(v.len(), &mut transcript.nonces(v.iter().chain([nonce]), rng)?)?;
        let (V, range) = commit(values, &v, &gamma, generators, transcript, rng)?;
        let link = self.link(&v, &gamma, nonce, generators, transcript, rng)?;
        link.absorb_responses(transcript);
        Ok(Proof { V, range, link })
    }

    fn link(
        &self,
        v: &[Scalar],
        gamma: &[Scalar],
        r: &Scalar,
        generators: &ProvingGenerators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Link, ProveError> {
        let rules = &self.relation.rules;
        let B = generators.pedersen.B_blinding;
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);

        let Weights { rho, sigma } = Weights::draw(transcript)?;
        let mut nonces = transcript.nonces(v.iter().chain(gamma).chain([r]), rng)?;
        let mut random = || random_scalar(&mut nonces);
        let k = Zeroizing::new([random()?, random()?, random()?, random()?]);
        let [k1, k2, k3, k4] = &*k;
        let keys = self.relation.slots.iter().map(|slot| slot.key.point());
        // Y* = ΣρᵏYₖ; the multiplication needs to know how many there are.
        let weights: Vec<Scalar> = powers(rho).take(keys.len()).collect();
        let Y = RistrettoPoint::vartime_multiscalar_mul(&weights, keys);
        // R₁ = k₁G + k₂B̃    R₂ = k₃G    R₃ = k₃Y* + k₁G    R₄ = k₄B̃
        let R = [
            element(RistrettoPoint::multiscalar_mul([k1, k2], [G, B]))?,
            element(RistrettoPoint::mul_base(k3))?,
            element(RistrettoPoint::multiscalar_mul([k3, k1], [Y, G]))?,
            element(k4 * B)?,
        ];
        let x = Link::challenge_x(&R, transcript)?;

        let of_slots = |secrets: &[Scalar]| -> Zeroizing<Scalar> {
            let limbs = secrets.iter().take(rules.limbs());
            Zeroizing::new(limbs.zip(powers(rho)).map(|(secret, power)| secret * power).sum())
        };
        let (factors, _) = rules.fold(&sigma);
        let of_rows: Zeroizing<Scalar> =
            Zeroizing::new(gamma.iter().zip(&factors).map(|(gamma, factor)| gamma * factor).sum());
        Ok(Link {
            R,
            z_v: k1 + x * *of_slots(v),
            z_gamma: k2 + x * *of_slots(gamma),
            z_r: k3 + x * r,
            z_delta: k4 + x * *of_rows,
        })
    }
}

/// The commitments `Vₖ = vₖG + γₖB̃` and their range proof.
///
/// The crate draws all nonces from one generator, rekeyed from the transcript, the witness and the caller's randomness.
#[allow(non_snake_case)]
fn commit(
    values: &[u16],
    v: &[Scalar],
    gamma: &[Scalar],
    generators: &ProvingGenerators,
    transcript: &mut Transcript,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Vec<Element>, RangeProof), ProveError> {
    let mut nonces = transcript.nonces(v.iter().chain(gamma), rng)?;
    // The commitments to 0 that make their number a power of two are the identity: they hide nothing.
    let padded = values.len().next_power_of_two();
    let zeros = padded.saturating_sub(values.len());
    let values: Zeroizing<Vec<u64>> = Zeroizing::new(
        values.iter().map(|v| u64::from(*v)).chain(iter::repeat_n(0, zeros)).collect(),
    );
    let blindings: Zeroizing<Vec<Scalar>> =
        Zeroizing::new(gamma.iter().copied().chain(iter::repeat_n(Scalar::ZERO, zeros)).collect());
    let ProvingGenerators { pedersen, bits } = generators;
    let (proof, V) = bulletproofs::RangeProof::prove_multiple_with_rng(
        bits,
        pedersen,
        transcript.merlin(),
        &values,
        &blindings,
        BITS,
        &mut nonces,
    )
    .map_err(|_| ProveError::ZeroChallenge)?;
    // Only an element that happens to be the identity is not read.
    let bytes = proof.to_bytes();
    let range =
        RangeProof::decode(&mut Reader::new(&bytes), padded).map_err(|_| ProveError::Randomness)?;
    let element = |V: &curve25519_dalek::ristretto::CompressedRistretto| {
        Element::from_canonical(V.to_bytes()).map_err(|_| ProveError::Randomness)
    };
    let V = V.iter().take(gamma.len()).map(element).collect::<Result<_, _>>()?;
    absorb_last(&range.a, &range.b, transcript);
    Ok((V, range))
}
