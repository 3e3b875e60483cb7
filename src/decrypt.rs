//! Opening: each trustee sends one decryption factor for every sum, and one proof for all of them.
//!
//! For all opened pairs of a cell `m` and a slot `k`, in the tally's order, trustee `j` sends `Pₘₖ = sⱼₖAₘ`. After
//! all of them comes `ν`, whose powers `wₘₖ` fold the factors into one equation:
//!
//! ```text
//! [DECRYPT.D1]      Rₖ + x·Yⱼₖ − zₖG = 0                     for each slot k that is opened
//! [DECRYPT.D2]      R + x·Σ wₘₖPₘₖ − Σₖ zₖ(Σₘ wₘₖAₘ) = 0
//! [DECRYPT.AUTHOR]  R′ + x·Cⱼ − z′G = 0
//! ```
//!
//! D1 makes the `zₖ` answers for the shares behind `Yⱼₖ`; D2 for a random `ν` makes every factor right. The third
//! makes the share a signature of the trustee's registered key. Any `t` valid shares give
//! `Mₖ = Bₖ − Σⱼ λⱼPₘₖ = vₖG`, with the Lagrange coefficients `λⱼ` at 0; more change nothing.

use crate::{
    ballot::Election,
    batch::{Base, Bases, Batch},
    codec::{Encode, Reader},
    error::{Check, DecodeError, ProveError, VerifyError},
    group::Element,
    keys::Trustee,
    tally::{Opened, Opening, Tally},
    transcript::{Transcript, ZeroChallenge, label, random_scalar},
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::iter::successors;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// The epoch of the keys that open; only a resharing makes another.
const EPOCH: u64 = 0;

/// A trustee's decryption factors with their proof, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShare {
    trustee: u16,
    factors: Vec<Element>,
    proof: Proof,
}

/// Letters as in the module's text; one `Rₖ` and `zₖ` for each slot that is opened, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
struct Proof {
    R_slots: Vec<Element>,
    R_sum: Element,
    R_author: Element,
    z_slots: Vec<Scalar>,
    z_author: Scalar,
}

/// A decryption share whose proof was verified against a tally. Only [`DecryptionShare::verify`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedShare {
    share: DecryptionShare,
    /// The tally's hash.
    tally: [u8; 32],
}

impl VerifiedShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.share.trustee
    }
}

/// The numbers of all slots that are opened, ascending.
fn opened_slots(tally: &Tally) -> Vec<usize> {
    tally.opened().iter().map(|o| o.slot).sorted().dedup().collect()
}

/// The context of everything that opens: the election, the epoch, `n`, `t` and all verification keys.
fn context(election: &Election) -> Transcript {
    let mut transcript = election.context().clone();
    let manifest = election.manifest();
    transcript.append_u64(b"epoch", EPOCH);
    transcript.append_u64(b"n", manifest.trustees().len() as u64);
    transcript.append_u64(b"t", manifest.threshold().into());
    for (_, number) in manifest.trustees().iter().zip(1u16..) {
        let keys = election.ceremony().verification_keys(number).unwrap_or_default();
        transcript.append_elements(b"Yj", keys.iter());
    }
    transcript
}

/// First round: the statement and the factors.
fn challenge_nu(
    election: &Election,
    tally: &Tally,
    trustee: u16,
    author: &Element,
    factors: &[Element],
) -> Result<(Transcript, Scalar), ZeroChallenge> {
    let mut transcript = context(election).proof(label::DECRYPTION);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_element(b"C", author);
    transcript.append_bytes(b"tally", &tally.to_bytes());
    transcript.append_elements(b"P", factors.iter());
    let nu = transcript.challenge(b"nu")?;
    Ok((transcript, nu))
}

/// Second round: the announcements.
#[allow(non_snake_case)]
fn challenge_x(
    R_slots: &[Element],
    R_sum: &Element,
    R_author: &Element,
    transcript: &mut Transcript,
) -> Result<Scalar, ZeroChallenge> {
    transcript.append_elements(b"R", R_slots.iter());
    transcript.append_element(b"R sum", R_sum);
    transcript.append_element(b"R author", R_author);
    transcript.challenge(b"x")
}

/// The weights `wₘₖ = νⁱ`, in the tally's order.
fn weights(nu: &Scalar, count: usize) -> Vec<Scalar> {
    successors(Some(Scalar::ONE), |power| Some(power * nu)).take(count).collect()
}

impl Trustee {
    /// Opens a tally: all its decryption factors and the proof. Constant time in the shares.
    ///
    /// # Errors
    ///
    /// `Shape` if the tally is not of the election whose keys this trustee holds a share of, or opens nothing.
    #[allow(non_snake_case)]
    pub fn open(
        &self,
        election: &Election,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<DecryptionShare, ProveError> {
        if election.ceremony() != self.ceremony()
            || tally.manifest() != election.manifest().hash()
            || tally.opened().is_empty()
        {
            return Err(ProveError::Shape);
        }
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);
        let nonce_point = |cell: usize| tally.cells().get(cell).map(|cell| cell.sum.a);
        let share = |slot: usize| self.expose_share(slot).ok_or(ProveError::Shape);
        let factor =
            |o: &Opened| element(share(o.slot)? * nonce_point(o.cell).ok_or(ProveError::Shape)?);
        let factors: Vec<Element> = tally.opened().iter().map(factor).collect::<Result<_, _>>()?;
        let author = self.author().public().element();
        let (mut transcript, nu) = challenge_nu(election, tally, self.number(), author, &factors)?;

        let slots = opened_slots(tally);
        let shares: Vec<&Scalar> = slots.iter().map(|k| share(*k)).collect::<Result<_, _>>()?;
        let secret = self.author().expose_secret();
        let mut nonces = transcript.nonces(shares.iter().copied().chain([secret]), rng)?;
        let mut draw = || random_scalar(&mut nonces);
        let q: Zeroizing<Vec<Scalar>> =
            Zeroizing::new(slots.iter().map(|_| draw()).collect::<Result<_, _>>()?);
        let q_author = Zeroizing::new(draw()?);
        let w = weights(&nu, factors.len());
        let mut R_sum = RistrettoPoint::default();
        for (q, k) in q.iter().zip_eq(&slots) {
            let of_slot = tally.opened().iter().zip_eq(&w).filter(|(o, _)| o.slot == *k);
            let (scalars, points): (Vec<Scalar>, Vec<RistrettoPoint>) =
                of_slot.filter_map(|(o, w)| Some((*w, nonce_point(o.cell)?))).unzip();
            let base = RistrettoPoint::vartime_multiscalar_mul(scalars, points);
            R_sum += q * base;
        }
        let R_slots = q.iter().map(|q| element(RistrettoPoint::mul_base(q)));
        let R_slots: Vec<Element> = R_slots.collect::<Result<_, _>>()?;
        let R_sum = element(R_sum)?;
        let R_author = element(RistrettoPoint::mul_base(&q_author))?;
        let x = challenge_x(&R_slots, &R_sum, &R_author, &mut transcript)?;
        let z_slots = q.iter().zip_eq(&shares).map(|(q, s)| q + x * **s).collect();
        let z_author = *q_author + x * secret;
        let proof = Proof { R_slots, R_sum, R_author, z_slots, z_author };
        Ok(DecryptionShare { trustee: self.number(), factors, proof })
    }
}

impl DecryptionShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// Reads the share for a tally, which gives all lengths.
    pub fn decode(reader: &mut Reader<'_>, tally: &Tally) -> Result<Self, DecodeError> {
        let slots = opened_slots(tally).len();
        Ok(Self {
            trustee: reader.u16()?,
            factors: reader.elements(tally.opened().len())?,
            proof: Proof {
                R_slots: reader.elements(slots)?,
                R_sum: reader.element()?,
                R_author: reader.element()?,
                z_slots: reader.scalars(slots)?,
                z_author: reader.scalar()?,
            },
        })
    }

    /// Adds the share's equations to a batch, whose bases may be [`Bases::basepoint`].
    #[allow(non_snake_case)]
    pub fn enqueue(&self, election: &Election, tally: &Tally, batch: &mut Batch) {
        let Self { trustee, factors, proof } = self;
        let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
        let place = usize::from(*trustee).checked_sub(1);
        let entry = place.and_then(|i| election.manifest().trustees().get(i));
        let keys = election.ceremony().verification_keys(*trustee);
        let (Some(entry), Some(keys)) = (entry, keys) else {
            return batch.enqueue_invalid(Check::Shape);
        };
        let slots = opened_slots(tally);
        if tally.manifest() != election.manifest().hash()
            || tally.opened().is_empty()
            || factors.len() != tally.opened().len()
            || R_slots.len() != slots.len()
            || z_slots.len() != slots.len()
            || slots.iter().any(|k| *k >= keys.len())
        {
            return batch.enqueue_invalid(Check::Shape);
        }
        let author = entry.key.element();
        let Ok((mut transcript, nu)) = challenge_nu(election, tally, *trustee, author, factors)
        else {
            return batch.enqueue_invalid(Check::Challenge);
        };
        let Ok(x) = challenge_x(R_slots, R_sum, R_author, &mut transcript) else {
            return batch.enqueue_invalid(Check::Challenge);
        };
        transcript.append_scalars(b"z", z_slots);
        transcript.append_scalars(b"z author", &[*z_author]);
        let mut enqueue = batch.enqueue(&mut transcript);

        let mut answers = BTreeMap::new();
        for ((R, z), k) in R_slots.iter().zip_eq(z_slots).zip_eq(&slots) {
            // [DECRYPT.D1] Rₖ + x·Yⱼₖ − zₖG = 0
            let mut d1 = enqueue.equation("DECRYPT.D1");
            d1.announcement(R).base(Base::G, -z);
            if let Some(key) = keys.get(*k) {
                d1.point(key.point(), x);
            }
            answers.insert(*k, *z);
        }
        // [DECRYPT.D2] R + x·Σ wₘₖPₘₖ − Σₘ (Σₖ zₖwₘₖ)Aₘ = 0
        let mut d2 = enqueue.equation("DECRYPT.D2");
        d2.announcement(R_sum);
        let w = weights(&nu, factors.len());
        let mut of_cell: BTreeMap<usize, Scalar> = BTreeMap::new();
        for ((opened, P), w) in tally.opened().iter().zip_eq(factors).zip_eq(&w) {
            d2.point(P.point(), x * w);
            let z = answers.get(&opened.slot).copied().unwrap_or_default();
            *of_cell.entry(opened.cell).or_default() += z * w;
        }
        for (cell, scalar) in &of_cell {
            if let Some(cell) = tally.cells().get(*cell) {
                d2.point(&cell.sum.a, -scalar);
            }
        }
        // [DECRYPT.AUTHOR] R′ + x·Cⱼ − z′G = 0
        let mut d3 = enqueue.equation("DECRYPT.AUTHOR");
        d3.announcement(R_author).point(author.point(), x).base(Base::G, -z_author);
    }

    /// Verifies the share against the tally that it opens.
    pub fn verify(
        self,
        election: &Election,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<VerifiedShare, VerifyError> {
        let mut batch = Batch::new(&Bases::basepoint());
        self.enqueue(election, tally, &mut batch);
        batch.verify(rng)?;
        Ok(VerifiedShare { share: self, tally: tally.hash() })
    }
}

impl Encode for DecryptionShare {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, factors, proof } = self;
        let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
        out.extend_from_slice(&trustee.to_be_bytes());
        factors.as_slice().encode(out);
        R_slots.as_slice().encode(out);
        [*R_sum, *R_author].encode(out);
        z_slots.as_slice().encode(out);
        z_author.encode(out);
    }
}

/// The shares that were verified against this tally, one of each trustee.
pub(crate) fn by_trustee<'s>(
    tally: &Tally,
    shares: &'s [VerifiedShare],
) -> BTreeMap<u16, &'s DecryptionShare> {
    let hash = tally.hash();
    let own = shares.iter().filter(|verified| verified.tally == hash);
    own.map(|VerifiedShare { share, .. }| (share.trustee, share)).collect()
}

/// The points `Mₖ = vₖG` of every cell: `Some` for those that are opened or readable anyway, in the order of
/// the tally's cells.
///
/// Of the shares that were verified against this tally, those of the `t` trustees with the lowest numbers are taken.
/// `None` if there are fewer, unless the tally needs none.
pub fn combine(
    election: &Election,
    tally: &Tally,
    shares: &[VerifiedShare],
) -> Option<Vec<Option<Vec<RistrettoPoint>>>> {
    let threshold = usize::from(election.manifest().threshold());
    let shares: Vec<_> = by_trustee(tally, shares).into_values().take(threshold).collect();
    if shares.len() < threshold && !tally.opened().is_empty() {
        return None;
    }
    let lambdas = lagrange(&shares.iter().map(|share| share.trustee).collect_vec());
    let mut opened: Vec<Option<Vec<RistrettoPoint>>> = tally
        .cells()
        .iter()
        .map(|cell| (cell.opening != Opening::TooFew).then(|| cell.sum.b.clone()))
        .collect();
    for (i, Opened { cell, place, .. }) in tally.opened().iter().enumerate() {
        // Mₖ = Bₖ − Σⱼ λⱼPₘₖ
        let factors: Vec<&RistrettoPoint> =
            shares.iter().filter_map(|s| s.factors.get(i)).map(Element::point).collect();
        if factors.len() != lambdas.len() {
            return None;
        }
        let sum = RistrettoPoint::vartime_multiscalar_mul(&lambdas, factors);
        *opened.get_mut(*cell)?.as_mut()?.get_mut(*place)? -= sum;
    }
    Some(opened)
}

/// Lagrange coefficients at 0 for different, non-zero places.
fn lagrange(places: &[u16]) -> Vec<Scalar> {
    let coefficient = |j: &u16| {
        let others = || places.iter().filter(|i| *i != j).map(|i| Scalar::from(*i));
        let numerator: Scalar = others().product();
        let denominator: Scalar = others().map(|i| i - Scalar::from(*j)).product();
        numerator * denominator.invert()
    };
    places.iter().map(coefficient).collect()
}

#[cfg(test)]
mod tests;
