//! Knowledge of secret scalars that satisfy linear equations over public points.
//!
//! # Construction
//!
//! A statement is a list of equations `Pᵢ = Σⱼ wⱼ·Bᵢⱼ` in the same secret scalars `wⱼ`, each with its own bases. The protocol
//! is that of Schnorr (1991) for a homomorphism (Maurer 2015, section 3): nonces `qⱼ`, announcements `Rᵢ = Σ qⱼBᵢⱼ`,
//! challenge `x`, responses `zⱼ = qⱼ + x·wⱼ`. The verifier checks, for each equation,
//!
//! ```text
//! Rᵢ + x·Pᵢ − Σⱼ zⱼ·Bᵢⱼ = 0
//! ```
//!
//! One challenge for all equations proves that the same `wⱼ` satisfy all of them. The proof contains the announcements
//! instead of the challenge, so that proofs can be verified in batches.
//!
//! Size: 32 bytes for each equation and each secret. Proving is constant time, verifying is not.
//!
//! # Example
//!
//! Two public keys have the same secret under two bases.
//!
//! ```
//! # use tabella::crypto::{group::Element, linear::*, transcript::Transcript};
//! # use curve25519_dalek::Scalar;
//! # use rand_core::OsRng;
//! let secret = Scalar::random(&mut OsRng);
//! let base = Element::from_secret(&Scalar::random(&mut OsRng)).unwrap();
//! let images = [Element::from_secret(&secret).unwrap(), Element::new(secret * base.point()).unwrap()];
//!
//! let mut statement = Statement::new("EXAMPLE", 1);
//! statement.equation(images[0], [(0, Element::BASE)]);
//! statement.equation(images[1], [(0, base)]);
//! let context = Transcript::new(b"example");
//! let proof = statement.prove(&[secret], &mut context.clone(), &mut OsRng)?;
//! statement.verify(&proof, &mut context.clone(), &mut OsRng)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        batch::{Base, Bases, Batch},
        group::Element,
        transcript::{Transcript, ZeroChallenge, random_scalars},
    },
    random,
};
use alloc::vec::Vec;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::MultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Equations over public points in secret scalars numbered from 0.
#[derive(Clone, Debug)]
pub struct Statement {
    tag: &'static str,
    secrets: usize,
    equations: Vec<Equation>,
}

#[derive(Clone, Debug)]
struct Equation {
    image: Element,
    terms: Vec<(usize, Element)>,
}

/// Announcements, one for each equation, and responses, one for each secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    announcements: Vec<Element>,
    responses: Vec<Scalar>,
}

impl Statement {
    /// A statement about this many secrets, without equations. The tag appears in errors.
    pub fn new(tag: &'static str, secrets: usize) -> Self {
        Self { tag, secrets, equations: Vec::new() }
    }

    /// Adds the equation `image = Σ secret·base` over pairs of a secret's number and a base.
    pub fn equation(&mut self, image: Element, terms: impl IntoIterator<Item = (usize, Element)>) {
        self.equations.push(Equation { image, terms: terms.into_iter().collect() });
    }

    /// Whether every secret occurs, no other number does, and no equation is empty.
    fn is_well_formed(&self) -> bool {
        let mut used = alloc::vec![false; self.secrets];
        for equation in &self.equations {
            if equation.terms.is_empty() {
                return false;
            }
            for (secret, _) in &equation.terms {
                match used.get_mut(*secret) {
                    Some(used) => *used = true,
                    None => return false,
                }
            }
        }
        !self.equations.is_empty() && used.into_iter().all(|u| u)
    }

    fn absorb(&self, transcript: &mut Transcript) {
        let Self { tag, secrets, equations } = self;
        transcript.append_bytes(b"linear", tag.as_bytes());
        transcript.append_u64(b"secrets", *secrets as u64);
        transcript.append_u64(b"count", equations.len() as u64);
        for Equation { image, terms } in equations {
            transcript.append_element(b"P", image);
            transcript.append_u64(b"count", terms.len() as u64);
            for (secret, base) in terms {
                transcript.append_u64(b"j", *secret as u64);
                transcript.append_element(b"B", base);
            }
        }
    }

    fn challenge(
        announcements: &[Element],
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_elements(b"R", announcements.iter());
        transcript.challenge(b"x")
    }

    /// Proves knowledge of `secrets`. Constant time.
    ///
    /// # Errors
    ///
    /// `Shape` if the statement uses a number without a secret, or does not use every secret.
    pub fn prove(
        &self,
        secrets: &[Scalar],
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        if secrets.len() != self.secrets || !self.is_well_formed() {
            return Err(ProveError::Shape);
        }
        self.absorb(transcript);
        let mut nonce_rng = transcript.nonces(secrets, rng)?;
        let nonces = random_scalars(secrets.len(), &mut nonce_rng)?;
        let announcements = self
            .equations
            .iter()
            .map(|equation| {
                let nonce = |(secret, _): &(usize, Element)| {
                    nonces.get(*secret).copied().unwrap_or_default()
                };
                let scalars: Zeroizing<Vec<Scalar>> =
                    Zeroizing::new(equation.terms.iter().map(nonce).collect());
                let points = equation.terms.iter().map(|(_, base)| base.point());
                Element::new(RistrettoPoint::multiscalar_mul(scalars.iter(), points))
                    .ok_or(ProveError::Randomness)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let x = Self::challenge(&announcements, transcript)?;
        let responses = nonces.iter().zip_eq(secrets).map(|(q, w)| q + x * w).collect();
        Ok(Proof { announcements, responses })
    }

    /// Adds the proof's equations to a batch.
    pub fn enqueue(&self, proof: &Proof, transcript: &mut Transcript, batch: &mut Batch) {
        let Proof { announcements, responses } = proof;
        if announcements.len() != self.equations.len()
            || responses.len() != self.secrets
            || !self.is_well_formed()
        {
            return batch.enqueue_invalid(ProofCheck::Shape);
        }
        self.absorb(transcript);
        let Ok(x) = Self::challenge(announcements, transcript) else {
            return batch.enqueue_invalid(ProofCheck::Challenge);
        };
        transcript.append_scalars(b"z", responses);
        let mut enqueue = batch.enqueue(transcript);
        for (Equation { image, terms }, announcement) in self.equations.iter().zip_eq(announcements)
        {
            // Rᵢ + x·Pᵢ − Σⱼ zⱼ·Bᵢⱼ = 0
            let mut equation = enqueue.equation(self.tag);
            equation.announcement(announcement).point(image.point(), x);
            for (secret, base) in terms {
                let z = responses.get(*secret).copied().unwrap_or_default();
                if *base == Element::BASE {
                    equation.base(Base::G, -z);
                } else {
                    equation.point(base.point(), -z);
                }
            }
        }
    }

    /// Verifies one proof.
    pub fn verify(
        &self,
        proof: &Proof,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_with(proof, transcript, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_with(
        &self,
        proof: &Proof,
        transcript: &mut Transcript,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let mut batch = Batch::new(&Bases::new());
        self.enqueue(proof, transcript, &mut batch);
        batch.check(seed)
    }
}

impl Proof {
    /// A proof of nothing.
    pub(crate) fn empty() -> Self {
        Self { announcements: Vec::new(), responses: Vec::new() }
    }

    /// Reads a proof of a statement with this many equations and secrets.
    pub fn decode(
        reader: &mut Reader<'_>,
        equations: usize,
        secrets: usize,
    ) -> Result<Self, DecodeError> {
        let announcements = reader.elements(equations)?;
        Ok(Self { announcements, responses: reader.scalars(secrets)? })
    }
}

impl Encode for Proof {
    /// Announcements, then responses; their numbers follow from the statement.
    fn encode(&self, out: &mut Vec<u8>) {
        self.announcements.as_slice().encode(out);
        self.responses.as_slice().encode(out);
    }
}

#[cfg(test)]
mod tests;
