//! All verification ends here: the equations of many proofs become one multiscalar multiplication.
//!
//! Each equation `Σ sᵢ·Pᵢ = 0` is multiplied by its own fresh 128-bit weight, and all are added up. If any of them is wrong,
//! the sum is zero with probability at most 2⁻¹²⁸ (Bellare, Garay, Rabin 1998, section 3, small exponents). The weights come
//! from a hash of all transcripts, responses included, and of the verifier's randomness: neither alone determines them.
//!
//! A failing batch is split into smaller and smaller parts, with the same weights, until single proofs remain. These are then
//! checked equation by equation, without weights. The weights can be reused because they are drawn after all proofs are
//! fixed, and are shown to nobody. Whatever is known of other sums with these weights, each sum is zero by chance with
//! probability at most 2⁻¹²⁸. A wrong equation passes only if one of the few sums that contain it is zero by chance.

mod bases;
mod search;

pub use bases::{Base, BaseRange, Bases};

use crate::{
    crypto::{Culprit, ProofCheck, VerifyError, group::Element, transcript::Transcript},
    random,
};
use alloc::{sync::Arc, vec, vec::Vec};
use core::ops::Range;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    traits::{Identity, VartimeMultiscalarMul},
};
use rand_core::{CryptoRng, RngCore};
use sha3::{
    Shake256, Shake256Reader,
    digest::{ExtendableOutput, Update, XofReader},
};

/// The equations of several proofs.
#[derive(Clone, Debug)]
pub struct Batch {
    list: usize,
    bases: Arc<Vec<RistrettoPoint>>,
    proofs: Vec<Proof>,
    equations: Vec<Equation>,
    shared: Vec<(usize, Scalar)>,
    /// The position of each term's point among the points, with its scalar.
    terms: Vec<(usize, Scalar)>,
    points: Vec<RistrettoPoint>,
}

#[derive(Clone, Debug)]
struct Proof {
    digest: [u8; 32],
    equations: Range<usize>,
    /// Its own points; no other proof uses them.
    points: Range<usize>,
    broken: Option<ProofCheck>,
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
            list: bases.list,
            bases: Arc::clone(&bases.points),
            proofs: Vec::new(),
            equations: Vec::new(),
            shared: Vec::new(),
            terms: Vec::new(),
            points: Vec::new(),
        }
    }

    /// The number of proofs enqueued.
    pub fn len(&self) -> usize {
        self.proofs.len()
    }

    /// Whether no proof was enqueued.
    pub fn is_empty(&self) -> bool {
        self.proofs.is_empty()
    }

    /// Enqueues a proof; its equations follow. The transcript must have absorbed the whole proof, responses included, since
    /// the weights depend on it.
    pub fn enqueue(&mut self, transcript: &mut Transcript) -> Enqueue<'_> {
        let digest = transcript.digest(b"batch");
        self.push(digest, None);
        Enqueue { batch: self }
    }

    /// Enqueues a proof that is invalid whatever its equations say, so that the batch names it.
    pub(crate) fn enqueue_invalid(&mut self, check: ProofCheck) {
        self.push([0; 32], Some(check));
    }

    fn push(&mut self, digest: [u8; 32], broken: Option<ProofCheck>) {
        let (end, points) = (self.equations.len(), self.points.len());
        let (equations, points) = (end..end, points..points);
        self.proofs.push(Proof { digest, equations, points, broken });
    }

    /// Checks all equations. The error names every invalid proof and the first check that it failed.
    ///
    /// Variable time: all inputs are public.
    pub fn verify(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), VerifyError> {
        let culprits = self.culprits(&random::seed(rng)?);
        if culprits.is_empty() { Ok(()) } else { Err(VerifyError::Invalid(culprits)) }
    }

    /// The first check that the only proof of this batch fails.
    pub(crate) fn check(&self, seed: &[u8; 32]) -> Result<(), ProofCheck> {
        self.culprits(seed).first().map_or(Ok(()), |culprit| Err(culprit.check))
    }

    /// All invalid proofs in ascending order, with weights from a 32-byte seed that was drawn after the proofs were fixed.
    pub(crate) fn culprits(&self, seed: &[u8; 32]) -> Vec<Culprit> {
        let weights = self.weights(seed);
        let weight = |e: usize| weights.get(e).copied().unwrap_or(Scalar::ONE);
        let mut sum = |proofs: Range<usize>| {
            let (equations, points) = self.parts_of(proofs);
            self.sum(equations, points, weight)
        };
        let mut check = |index| {
            let proof: &Proof = self.proofs.get(index).filter(|p: &&Proof| p.broken.is_none())?;
            let alone = |e| self.sum(e..e + 1, proof.points.clone(), |_| Scalar::ONE);
            let fails = |e: &usize| alone(*e) != RistrettoPoint::identity();
            let tag = self.equations.get(proof.equations.clone().find(fails)?)?.tag;
            Some(Culprit { index, check: ProofCheck::Equation(tag) })
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

    /// The equations' weights; 0 for proofs that are invalid whatever their equations say.
    ///
    /// The longest equation has the weight 1. If any other equation in a sum is wrong, the sum is still zero with probability
    /// at most 2⁻¹²⁸. If none is, the sum is that equation.
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

    /// The equations and the points of these proofs.
    fn parts_of(&self, proofs: Range<usize>) -> (Range<usize>, Range<usize>) {
        match self.proofs.get(proofs).unwrap_or_default() {
            [] => (0..0, 0..0),
            [one] => (one.equations.clone(), one.points.clone()),
            [first, .., last] => {
                (first.equations.start..last.equations.end, first.points.start..last.points.end)
            }
        }
    }

    /// The weighted sum of these equations, whose terms are among these points.
    fn sum(
        &self,
        equations: Range<usize>,
        points: Range<usize>,
        weight: impl Fn(usize) -> Scalar,
    ) -> RistrettoPoint {
        let mut shared = vec![Scalar::ZERO; self.bases.len()];
        let mut own = vec![Scalar::ZERO; points.len()];
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
            // An announcement has the scalar 1, so its product is the bare weight. The upper half of a weight is zero and
            // costs the multiplication nothing.
            let weighted = |s: &Scalar| if *s == Scalar::ONE { weight } else { weight * s };
            for (position, scalar) in self.terms.get(equation.terms.clone()).unwrap_or_default() {
                let place = position.checked_sub(points.start);
                if let Some(sum) = place.and_then(|place| own.get_mut(place)) {
                    *sum += weighted(scalar);
                }
            }
        }
        let of_proofs = self.points.get(points).unwrap_or_default();
        let all = own.iter().zip(of_proofs).chain(shared.iter().zip(self.bases.iter()));
        let (scalars, points): (Vec<&Scalar>, Vec<&RistrettoPoint>) =
            all.filter(|(scalar, _)| **scalar != Scalar::ZERO).unzip();
        RistrettoPoint::vartime_multiscalar_mul(scalars, points)
    }
}

/// Generates the equations' weights from 32 random bytes of the verifier and the digests of all transcripts, responses
/// included.
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

/// Adds the equations of the proof enqueued last.
#[derive(Debug)]
pub struct Enqueue<'b> {
    batch: &'b mut Batch,
}

impl Enqueue<'_> {
    /// Adds points that occur in several equations of this proof, so that they are multiplied once.
    pub(crate) fn points<'p>(&mut self, points: impl IntoIterator<Item = &'p Element>) -> Points {
        let batch = &mut *self.batch;
        let start = batch.points.len();
        batch.points.extend(points.into_iter().map(|element| *element.point()));
        let end = batch.points.len();
        if let Some(proof) = batch.proofs.last_mut() {
            proof.points.end = end;
        }
        Points { start, end }
    }

    /// Begins the equation with this tag; its terms follow.
    pub fn equation(&mut self, tag: &'static str) -> Terms<'_> {
        let batch = &mut *self.batch;
        let shared = batch.shared.len()..batch.shared.len();
        let terms = batch.terms.len()..batch.terms.len();
        batch.equations.push(Equation { tag, shared, terms });
        if let Some(proof) = batch.proofs.last_mut() {
            proof.equations.end = batch.equations.len();
        }
        Terms { batch }
    }
}

/// Points of a proof for several of its equations, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points {
    start: usize,
    end: usize,
}

impl Points {
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    /// The handles of all points, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Point> + use<> {
        (self.start..self.end).map(Point)
    }
}

/// The handle of one of these points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point(usize);

/// Adds the terms of one equation.
#[derive(Debug)]
pub struct Terms<'b> {
    batch: &'b mut Batch,
}

impl Terms<'_> {
    /// Adds `scalar·base`. A base that the batch does not have makes the proof invalid.
    pub fn base(&mut self, base: Base, scalar: Scalar) -> &mut Self {
        let batch = &mut *self.batch;
        let of_this_list = base.list == batch.list || base == Base::G;
        if of_this_list && base.position < batch.bases.len() {
            batch.shared.push((base.position, scalar));
        } else if let Some(proof) = batch.proofs.last_mut() {
            proof.broken = Some(ProofCheck::Shape);
        }
        if let Some(equation) = batch.equations.last_mut() {
            equation.shared.end = batch.shared.len();
        }
        self
    }

    /// Adds `scalar·point`.
    pub fn point(&mut self, point: &RistrettoPoint, scalar: Scalar) -> &mut Self {
        let position = self.batch.points.len();
        self.batch.points.push(*point);
        if let Some(proof) = self.batch.proofs.last_mut() {
            proof.points.end = position + 1;
        }
        self.of(Point(position), scalar)
    }

    /// Adds `scalar·point` for a point that this proof already has. One that it does not have makes the proof invalid.
    pub(crate) fn of(&mut self, Point(position): Point, scalar: Scalar) -> &mut Self {
        let batch = &mut *self.batch;
        batch.terms.push((position, scalar));
        if let Some(proof) = batch.proofs.last_mut()
            && !proof.points.contains(&position)
        {
            proof.broken = Some(ProofCheck::Shape);
        }
        if let Some(equation) = batch.equations.last_mut() {
            equation.terms.end = batch.terms.len();
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
    use crate::random::Failing;
    use rand_core::OsRng;

    /// A batch of `n` proofs, each with two equations `a·G − A = 0`; `wrong` lists what is added to which equation.
    fn batch(n: usize, wrong: &[(usize, usize, i64)]) -> Batch {
        let mut batch = Batch::new(&Bases::new());
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
        let (one, two) = (ProofCheck::Equation("TEST.1"), ProofCheck::Equation("TEST.2"));
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
        let [mut bases, mut others] = [Bases::new(), Bases::new()];
        let point = RistrettoPoint::mul_base(&Scalar::from(2u8));
        let early = Batch::new(&bases);
        let (one, other) = (bases.push([point; 2]), others.push([point; 2]));
        let same = Batch::new(&bases);
        let more = bases.push([-point]);
        assert_eq!((one.len(), one.get(2), more.iter().nth(1)), (2, None, None));
        let verdict = |batch: &Batch, base: Option<Base>| {
            let mut batch = batch.clone();
            let mut enqueue = batch.enqueue(&mut Transcript::new(b"test"));
            enqueue.equation("TEST.1").base(base.unwrap(), Scalar::ONE).point(&point, -Scalar::ONE);
            batch.verify(&mut OsRng)
        };
        let missing = || Err(VerifyError::single(ProofCheck::Shape));
        assert_eq!(verdict(&same, one.get(1)), Ok(()));
        assert_eq!(verdict(&Batch::new(&bases), one.get(0)), Ok(()));
        // A batch begun too early, the same position in another list, and a point added later.
        assert_eq!(verdict(&early, one.get(1)), missing());
        assert_eq!(verdict(&same, other.get(1)), missing());
        assert_eq!(verdict(&Batch::new(&others), one.get(1)), missing());
        assert_eq!(verdict(&same, more.get(0)), missing());
        assert_eq!(verdict(&Batch::new(&bases), more.get(0)), equation_one());
        assert_eq!(verdict(&same, Some(Base::G)), equation_one());
    }

    #[test]
    fn points_of_several_equations_are_summed_and_those_of_another_proof_refused() {
        let [two, three] = [2_u8, 3].map(|n| Element::from_secret(&Scalar::from(n)).unwrap());
        let add = |batch: &mut Batch, numbers: [[u8; 3]; 2], wrong: Option<Points>| {
            let mut enqueue = batch.enqueue(&mut Transcript::new(b"test"));
            let own = enqueue.points([&two, &three]);
            for (tag, [a, b, c]) in ["TEST.1", "TEST.2"].into_iter().zip(numbers) {
                let mut equation = enqueue.equation(tag);
                equation.base(Base::G, -Scalar::from(c));
                for (point, n) in wrong.unwrap_or(own).iter().zip([a, b]) {
                    equation.of(point, Scalar::from(n));
                }
            }
            own
        };
        let good = [[1, 2, 8], [5, 0, 10]];
        let mut batch = Batch::new(&Bases::new());
        let first = add(&mut batch, good, None);
        add(&mut batch, good, None);
        assert_eq!((first.len(), batch.verify(&mut OsRng)), (2, Ok(())));
        let mut culprits = Vec::new();
        for (numbers, wrong, check) in [
            // Errors that cancel between the two equations, and between their points.
            ([[1, 2, 7], [5, 0, 11]], None, ProofCheck::Equation("TEST.1")),
            ([[1, 2, 8], [5, 1, 10]], None, ProofCheck::Equation("TEST.2")),
            (good, Some(first), ProofCheck::Shape),
        ] {
            culprits.push(Culprit { index: batch.len(), check });
            add(&mut batch, numbers, wrong);
        }
        add(&mut batch, good, None);
        assert_eq!(batch.verify(&mut OsRng), Err(VerifyError::Invalid(culprits)));
    }

    fn equation_one() -> Result<(), VerifyError> {
        Err(VerifyError::single(ProofCheck::Equation("TEST.1")))
    }

    #[test]
    fn a_failing_generator_is_an_error() {
        assert_eq!(batch(1, &[]).verify(&mut Failing), Err(VerifyError::Randomness));
        let transcript = Transcript::new(b"test");
        assert!(transcript.nonces([&Scalar::ONE], &mut Failing).is_err());
    }
}
