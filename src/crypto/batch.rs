//! Every verification ends here: equations go in, one multiscalar multiplication comes out.
//!
//! Each equation `Σ sᵢ·Pᵢ = 0` is multiplied by a fresh 128-bit weight of its own and all are added up. If one
//! of them is wrong, the sum is zero with probability at most 2⁻¹²⁸ (Bellare, Garay, Rabin 1998, section 3,
//! small exponents). The weights come from a hash of all transcripts, responses included, and of randomness
//! that the verifier draws: neither alone decides them.
//!
//! A batch that fails is cut into smaller and smaller parts, which keep their weights, until its culprits stand alone;
//! these are then checked equation by equation, without weights. The weights may stay because they are drawn after all
//! proofs are there, and shown to nobody: each sum is zero by chance with probability at most 2⁻¹²⁸, whatever is known of
//! other sums of the same weights, and a wrong equation passes only if one of the few sums that it is in is.

mod search;

use crate::{
    crypto::{
        Check, Culprit, VerifyError, bits::Generators, group::Element, transcript::Transcript,
    },
    random,
};
use alloc::{sync::Arc, vec, vec::Vec};
use core::ops::Range;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::RISTRETTO_BASEPOINT_POINT,
    traits::{Identity, VartimeMultiscalarMul},
};
use rand_core::{CryptoRng, RngCore};
use sha3::{
    Shake256, Shake256Reader,
    digest::{ExtendableOutput, Update, XofReader},
};

/// Points that many equations share; their scalars add up in one place each.
#[derive(Clone, Debug)]
pub struct Bases {
    points: Arc<[RistrettoPoint]>,
    bits: usize,
}

/// One of the points in [`Bases`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The base point `G`.
    G,
    /// The blinding generator `H` of the bit proof.
    H,
    /// The generator `G_r` of the ciphertext's nonce.
    Nonce,
    /// The generator `G_s` of the signer's secret.
    Signer,
    /// The generator `Gⱼ` of bit `j`.
    Bit(usize),
    /// The generator `G′ⱼ` of bit `j`.
    Square(usize),
    /// The slot key `Yₖ`.
    SlotKey(usize),
}

impl Bases {
    /// `G`, the generators of the bit proof, and slot keys.
    pub fn new(generators: &Generators, slot_keys: &[Element]) -> Self {
        let Generators { blinding, nonce, signer, bits, squares } = generators;
        let points = [RISTRETTO_BASEPOINT_POINT, *blinding, *nonce, *signer]
            .into_iter()
            .chain(bits.iter().copied())
            .chain(squares.iter().copied())
            .chain(slot_keys.iter().map(|key| *key.point()))
            .collect();
        Self { points, bits: bits.len() }
    }

    /// `G` alone, for proofs that use no other shared point.
    pub fn basepoint() -> Self {
        Self { points: [RISTRETTO_BASEPOINT_POINT].into(), bits: 0 }
    }

    fn position(&self, base: Base) -> Option<usize> {
        let below = |j: usize| (j < self.bits).then_some(j);
        let position = match base {
            Base::G => 0,
            Base::H => 1,
            Base::Nonce => 2,
            Base::Signer => 3,
            Base::Bit(j) => 4 + below(j)?,
            Base::Square(j) => 4 + self.bits + below(j)?,
            Base::SlotKey(k) => (4 + 2 * self.bits).checked_add(k)?,
        };
        (position < self.points.len()).then_some(position)
    }
}

/// A list of equations, by proof.
#[derive(Clone, Debug)]
pub struct Batch {
    bases: Bases,
    proofs: Vec<Proof>,
    equations: Vec<Equation>,
    shared: Vec<(usize, Scalar)>,
    scalars: Vec<Scalar>,
    points: Vec<RistrettoPoint>,
}

#[derive(Clone, Debug)]
struct Proof {
    digest: [u8; 32],
    equations: Range<usize>,
    broken: Option<Check>,
}

#[derive(Clone, Debug)]
struct Equation {
    tag: &'static str,
    shared: Range<usize>,
    terms: Range<usize>,
}

impl Batch {
    /// An empty batch over these shared points.
    pub fn new(bases: &Bases) -> Self {
        Self {
            bases: bases.clone(),
            proofs: Vec::new(),
            equations: Vec::new(),
            shared: Vec::new(),
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }

    /// How many proofs were enqueued.
    pub fn len(&self) -> usize {
        self.proofs.len()
    }

    /// Whether no proof was enqueued.
    pub fn is_empty(&self) -> bool {
        self.proofs.is_empty()
    }

    /// Enqueues a proof, whose equations then follow. The transcript must have absorbed the whole proof,
    /// its responses included, since the weights depend on it.
    pub fn enqueue(&mut self, transcript: &mut Transcript) -> Enqueue<'_> {
        let digest = transcript.digest(b"batch");
        let end = self.equations.len();
        self.proofs.push(Proof { digest, equations: end..end, broken: None });
        Enqueue { batch: self }
    }

    /// Enqueues a proof that is invalid whatever its equations say, so that the batch names it.
    pub(crate) fn enqueue_invalid(&mut self, check: Check) {
        let end = self.equations.len();
        let proof = Proof { digest: [0; 32], equations: end..end, broken: Some(check) };
        self.proofs.push(proof);
    }

    /// Checks all equations. The error names every invalid proof and the first check that it failed.
    ///
    /// Variable time: all inputs are public.
    pub fn verify(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), VerifyError> {
        let culprits = self.culprits(&random::seed(rng)?);
        if culprits.is_empty() { Ok(()) } else { Err(VerifyError::Invalid(culprits)) }
    }

    /// All invalid proofs in ascending order, by weights from 32 bytes that the caller drew afresh for this batch.
    pub(crate) fn culprits(&self, seed: &[u8; 32]) -> Vec<Culprit> {
        let weights = self.weights(seed);
        let weight = |e: usize| weights.get(e).copied().unwrap_or(Scalar::ONE);
        let mut sum = |proofs: Range<usize>| self.sum(self.equations_of(proofs), weight);
        let mut check = |index| {
            let fails =
                |e: &usize| self.sum(*e..e + 1, |_| Scalar::ONE) != RistrettoPoint::identity();
            let mut equations =
                self.proofs.get(index).filter(|p: &&Proof| p.broken.is_none())?.equations.clone();
            let tag = self.equations.get(equations.find(fails)?)?.tag;
            Some(Culprit { index, check: Check::Equation(tag) })
        };
        let all = 0..self.proofs.len();
        let (whole, mut culprits) = (sum(all.clone()), Vec::new());
        if whole != RistrettoPoint::identity() {
            search::search(all, whole, &mut sum, &mut check, &mut culprits);
        }
        let broken = self
            .proofs
            .iter()
            .enumerate()
            .filter_map(|(index, proof)| proof.broken.map(|check| Culprit { index, check }));
        culprits.extend(broken);
        culprits.sort_unstable_by_key(|culprit| culprit.index);
        culprits
    }

    /// The equations' weights. Those of proofs that are invalid whatever their equations say are zero.
    ///
    /// The longest equation has the weight 1: if any other in a sum is wrong, the sum is zero with probability at most
    /// 2⁻¹²⁸ all the same, and if none is, it is the sum.
    fn weights(&self, seed: &[u8; 32]) -> Vec<Scalar> {
        let mut source = Weights::new(seed, self.proofs.iter().map(|proof| &proof.digest));
        let mut weights: Vec<Scalar> = self.equations.iter().map(|_| source.draw()).collect();
        let longest =
            (0..weights.len()).max_by_key(|e| self.equations.get(*e).map(|e| e.terms.len()));
        if let Some(weight) = longest.and_then(|e| weights.get_mut(e)) {
            *weight = Scalar::ONE;
        }
        for proof in self.proofs.iter().filter(|proof| proof.broken.is_some()) {
            weights.get_mut(proof.equations.clone()).unwrap_or_default().fill(Scalar::ZERO);
        }
        weights
    }

    fn equations_of(&self, proofs: Range<usize>) -> Range<usize> {
        match self.proofs.get(proofs).unwrap_or_default() {
            [] => 0..0,
            [one] => one.equations.clone(),
            [first, .., last] => first.equations.start..last.equations.end,
        }
    }

    /// The weighted sum of these equations.
    fn sum(&self, equations: Range<usize>, weight: impl Fn(usize) -> Scalar) -> RistrettoPoint {
        let mut shared = vec![Scalar::ZERO; self.bases.points.len()];
        let mut scalars = Vec::new();
        let mut points = Vec::new();
        for e in equations {
            let (Some(equation), weight) = (self.equations.get(e), weight(e)) else { continue };
            if weight == Scalar::ZERO {
                continue;
            }
            for (position, scalar) in self.shared.get(equation.shared.clone()).unwrap_or_default() {
                if let Some(sum) = shared.get_mut(*position) {
                    *sum += weight * scalar;
                }
            }
            // An announcement's scalar is 1, so its product is the bare weight, whose upper half is zero
            // and costs the multiplication nothing.
            let weighted = |s: &Scalar| if *s == Scalar::ONE { weight } else { weight * s };
            let terms = equation.terms.clone();
            scalars
                .extend(self.scalars.get(terms.clone()).unwrap_or_default().iter().map(weighted));
            points.extend(self.points.get(terms).unwrap_or_default());
        }
        for (scalar, point) in shared.into_iter().zip(self.bases.points.iter()) {
            if scalar != Scalar::ZERO {
                scalars.push(scalar);
                points.push(point);
            }
        }
        RistrettoPoint::vartime_multiscalar_mul(scalars, points)
    }
}

/// Where the equations' weights come from: 32 random bytes of the verifier, and digests of all transcripts after their
/// responses.
pub(crate) struct Weights(Shake256Reader);

impl Weights {
    pub(crate) fn new<'d>(
        seed: &[u8; 32],
        digests: impl IntoIterator<Item = &'d [u8; 32]>,
    ) -> Self {
        let mut hash = Shake256::default();
        hash.update(b"tabella/v1 batch weights");
        hash.update(seed);
        for digest in digests {
            hash.update(digest);
        }
        Self(hash.finalize_xof())
    }

    /// The next weight, of 128 bits.
    pub(crate) fn draw(&mut self) -> Scalar {
        let mut weight = [0; 16];
        self.0.read(&mut weight);
        Scalar::from(u128::from_le_bytes(weight))
    }
}

/// Takes the equations of the proof that was enqueued last.
#[derive(Debug)]
pub struct Enqueue<'b> {
    batch: &'b mut Batch,
}

impl Enqueue<'_> {
    /// Begins the equation with this tag; its terms follow.
    pub fn equation(&mut self, tag: &'static str) -> Terms<'_> {
        let batch = &mut *self.batch;
        let shared = batch.shared.len()..batch.shared.len();
        let terms = batch.scalars.len()..batch.scalars.len();
        batch.equations.push(Equation { tag, shared, terms });
        if let Some(proof) = batch.proofs.last_mut() {
            proof.equations.end = batch.equations.len();
        }
        Terms { batch }
    }
}

/// Takes the terms of one equation.
#[derive(Debug)]
pub struct Terms<'b> {
    batch: &'b mut Batch,
}

impl Terms<'_> {
    /// Adds `scalar·base`. A base that the batch does not have makes the proof invalid.
    pub fn base(&mut self, base: Base, scalar: Scalar) -> &mut Self {
        let batch = &mut *self.batch;
        match batch.bases.position(base) {
            Some(position) => batch.shared.push((position, scalar)),
            None => {
                if let Some(proof) = batch.proofs.last_mut() {
                    proof.broken = Some(Check::Shape);
                }
            }
        }
        if let Some(equation) = batch.equations.last_mut() {
            equation.shared.end = batch.shared.len();
        }
        self
    }

    /// Adds `scalar·point`.
    pub fn point(&mut self, point: &RistrettoPoint, scalar: Scalar) -> &mut Self {
        let batch = &mut *self.batch;
        batch.scalars.push(scalar);
        batch.points.push(*point);
        if let Some(equation) = batch.equations.last_mut() {
            equation.terms.end = batch.scalars.len();
        }
        self
    }

    /// Adds an announcement of the prover, with the factor 1.
    pub fn announcement(&mut self, element: &Element) -> &mut Self {
        self.point(element.point(), Scalar::ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;

    /// A batch of `n` proofs of two equations `a·G − A = 0`, in which `wrong` is added to equations.
    fn batch(n: usize, wrong: &[(usize, usize, i64)]) -> Batch {
        let mut batch = Batch::new(&Bases::basepoint());
        for i in 0..n {
            let mut transcript = Transcript::new(b"test");
            transcript.append_u64(b"i", i as u64);
            let mut enqueue = batch.enqueue(&mut transcript);
            for (e, tag) in ["TEST.1", "TEST.2"].into_iter().enumerate() {
                let a = Scalar::from((7 * i + e) as u64);
                let mut point = -RistrettoPoint::mul_base(&a);
                for (_, _, delta) in wrong.iter().filter(|(wi, we, _)| (*wi, *we) == (i, e)) {
                    let delta_abs = RistrettoPoint::mul_base(&Scalar::from(delta.unsigned_abs()));
                    point += if *delta < 0 { -delta_abs } else { delta_abs };
                }
                enqueue.equation(tag).base(Base::G, a).point(&point, Scalar::ONE);
            }
        }
        batch
    }

    #[test]
    fn all_culprits_are_named_with_their_equation() {
        assert!(batch(100, &[]).verify(&mut OsRng).is_ok());
        assert!(batch(0, &[]).verify(&mut OsRng).is_ok());
        let wrong = [(3, 1, 1), (50, 0, 1), (51, 1, 5), (99, 0, -1)];
        let error = batch(100, &wrong).verify(&mut OsRng).unwrap_err();
        let named: Vec<_> = error.culprits().iter().map(|c| (c.index, c.check)).collect();
        let (one, two) = (Check::Equation("TEST.1"), Check::Equation("TEST.2"));
        assert_eq!(named, [(3, two), (50, one), (51, two), (99, one)]);
    }

    #[test]
    fn errors_that_cancel_are_found_within_a_proof_and_between_proofs() {
        let error = batch(1, &[(0, 0, 1), (0, 1, -1)]).verify(&mut OsRng).unwrap_err();
        assert_eq!(error.culprits().len(), 1);
        let error = batch(9, &[(2, 0, 1), (7, 0, -1)]).verify(&mut OsRng).unwrap_err();
        let named: Vec<_> = error.culprits().iter().map(|c| c.index).collect();
        assert_eq!(named, [2, 7]);
    }

    #[test]
    fn a_base_that_is_missing_refuses_the_proof() {
        let mut batch = batch(2, &[]);
        let mut transcript = Transcript::new(b"test");
        batch.enqueue(&mut transcript).equation("TEST.1").base(Base::SlotKey(0), Scalar::ZERO);
        let error = batch.verify(&mut OsRng).unwrap_err();
        assert_eq!(error.culprits(), [Culprit { index: 2, check: Check::Shape }]);
    }

    #[test]
    fn a_failing_generator_is_an_error() {
        struct Failing;
        impl RngCore for Failing {
            fn next_u32(&mut self) -> u32 {
                unreachable!()
            }
            fn next_u64(&mut self) -> u64 {
                unreachable!()
            }
            fn fill_bytes(&mut self, _: &mut [u8]) {
                unreachable!()
            }
            fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), rand_core::Error> {
                Err(core::num::NonZeroU32::MIN.into())
            }
        }
        impl CryptoRng for Failing {}
        assert_eq!(batch(1, &[]).verify(&mut Failing), Err(VerifyError::Randomness));
        let transcript = Transcript::new(b"test");
        assert!(transcript.nonces([&Scalar::ONE], &mut Failing).is_err());
    }
}
