//! A signed proof that decryption factors are computed with the shares behind public keys.
//!
//! For pairs of a ciphertext `m`, with the nonce point `Aₘ`, and a slot `k`, a trustee `j` with the shares `sⱼₖ` and the
//! registered key `Cⱼ = cⱼG` sends the factors `Pₘₖ = sⱼₖAₘ` and one proof for all of them. The weights `wₘₖ`, 128-bit
//! numbers drawn after the factors, fold them into one equation:
//!
//! ```text
//! [DECRYPT.D1]      Rₖ + x·Yⱼₖ − zₖG = 0                     for each slot k that occurs
//! [DECRYPT.D2]      x⁻¹·R + Σ wₘₖPₘₖ − Σₖ x⁻¹zₖ(Σₘ wₘₖAₘ) = 0
//! [DECRYPT.AUTHOR]  R′ + x′·Cⱼ − z′G = 0
//! ```
//!
//! D1 proves that the `zₖ` are responses for the shares behind `Yⱼₖ`. D2, for random `wₘₖ`, proves every factor. The third
//! equation is a signature of the trustee's registered key under everything before it, including the responses `zₖ`. So a
//! wrong proof with a valid signature is evidence against its trustee.

use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError,
        batch::{Base, Batch, Enqueue},
        group::Element,
        transcript::{Transcript, ZeroChallenge, random_scalar, random_scalars},
    },
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::fmt;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// A slot of a ciphertext, to be opened by one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The ciphertext's place among the nonce points.
    pub(crate) ciphertext: usize,
    /// The slot's place among the keys.
    pub(crate) slot: usize,
}

/// The statement: these are the factors of these ciphertexts by the shares behind these keys.
///
/// The transcript must already hold the slot keys.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'a> {
    /// The number of the trustee, from 1.
    pub(crate) trustee: u16,
    /// Its registered key `Cⱼ`.
    pub(crate) author: &'a Element,
    /// Its verification keys `Yⱼₖ`, one for each slot.
    pub(crate) keys: &'a [Element],
    /// Bytes that determine the ciphertexts and the pairs.
    pub(crate) tally: &'a [u8],
    /// The nonce points `Aₘ`, one for each ciphertext.
    pub(crate) nonce_points: Vec<RistrettoPoint>,
    /// The slots to open.
    pub(crate) pairs: Vec<Pair>,
    /// The factors `Pₘₖ`, one for each pair.
    pub(crate) factors: &'a [Element],
}

/// The secret witness.
#[derive(Clone)]
pub(crate) struct Witness<'a> {
    /// The shares `sⱼₖ` of the slots that occur, in ascending order of the slots.
    pub(crate) shares: Vec<&'a Scalar>,
    /// The secret `cⱼ` of the registered key.
    pub(crate) author: &'a Scalar,
}

impl fmt::Debug for Witness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness(..)")
    }
}

/// The proof, with the letters of the module's text; one `Rₖ` and `zₖ` for each slot that occurs, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub(crate) struct Proof {
    pub(crate) R_slots: Vec<Element>,
    pub(crate) R_sum: Element,
    pub(crate) R_author: Element,
    pub(crate) z_slots: Vec<Scalar>,
    pub(crate) z_author: Scalar,
}

#[allow(non_snake_case)]
impl Statement<'_> {
    /// The slots that occur, ascending.
    pub(crate) fn slots(&self) -> Vec<usize> {
        let slots: BTreeSet<_> = self.pairs.iter().map(|pair| pair.slot).collect();
        slots.into_iter().collect()
    }

    fn is_well_formed(&self) -> bool {
        !self.pairs.is_empty()
            && self.pairs.len() == self.factors.len()
            && self.pairs.iter().all(|Pair { ciphertext, slot }| {
                *ciphertext < self.nonce_points.len() && *slot < self.keys.len()
            })
    }

    /// First round: the statement with its factors.
    fn challenge_w(&self, transcript: &mut Transcript) -> Vec<Scalar> {
        // The transcript already holds the keys; points and pairs follow from the tally.
        let Self { trustee, author, keys: _, tally, nonce_points: _, pairs: _, factors } = self;
        transcript.append_u64(b"trustee", (*trustee).into());
        transcript.append_element(b"C", author);
        transcript.append_bytes(b"tally", tally);
        transcript.append_elements(b"P", factors.iter());
        transcript.weights(b"w", factors.len())
    }

    /// Second round: the announcements.
    fn challenge_x(
        R_slots: &[Element],
        R_sum: &Element,
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_elements(b"R", R_slots.iter());
        transcript.append_element(b"R sum", R_sum);
        transcript.challenge(b"x")
    }

    /// Third round: the responses, and the announcement of the signature.
    fn challenge_author(
        z_slots: &[Scalar],
        R_author: &Element,
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_scalars(b"z", z_slots);
        transcript.append_element(b"R author", R_author);
        transcript.challenge(b"x author")
    }

    /// Proves that the factors are those of the witness. Constant time in the secrets.
    ///
    /// A witness that does not satisfy the statement gives an invalid proof.
    ///
    /// # Errors
    ///
    /// `Shape` if there are no pairs, if there is not exactly one factor for each pair and one share for each slot that
    /// occurs, or if a pair refers to a ciphertext or slot that does not exist.
    pub(crate) fn prove(
        &self,
        witness: &Witness<'_>,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Proof, ProveError> {
        let Witness { shares, author } = witness;
        if !self.is_well_formed() || shares.len() != self.slots().len() {
            return Err(ProveError::Shape);
        }
        let element = |point| Element::new(point).ok_or(ProveError::Randomness);
        let w = self.challenge_w(transcript);
        let mut nonces = transcript.nonces(shares.iter().copied().chain([*author]), rng)?;
        let q = random_scalars(shares.len(), &mut nonces)?;
        let mut of_slot: BTreeMap<usize, (Vec<Scalar>, Vec<RistrettoPoint>)> = BTreeMap::new();
        for (Pair { ciphertext, slot }, w) in self.pairs.iter().zip_eq(&w) {
            let (scalars, points) = of_slot.entry(*slot).or_default();
            scalars.push(*w);
            points.extend(self.nonce_points.get(*ciphertext));
        }
        let mut R_sum = RistrettoPoint::default();
        for (q, (scalars, points)) in q.iter().zip_eq(of_slot.values()) {
            R_sum += q * RistrettoPoint::vartime_multiscalar_mul(scalars, points);
        }
        let R_slots = q.iter().map(|q| element(RistrettoPoint::mul_base(q)));
        let R_slots: Vec<Element> = R_slots.collect::<Result<_, _>>()?;
        let R_sum = element(R_sum)?;
        let x = Self::challenge_x(&R_slots, &R_sum, transcript)?;
        let z_slots: Vec<Scalar> = q.iter().zip_eq(shares).map(|(q, s)| q + x * **s).collect();

        let mut nonces = transcript.nonces([*author], rng)?;
        let q_author = Zeroizing::new(random_scalar(&mut nonces)?);
        let R_author = element(RistrettoPoint::mul_base(&q_author))?;
        let x_author = Self::challenge_author(&z_slots, &R_author, transcript)?;
        let z_author = *q_author + x_author * *author;
        Ok(Proof { R_slots, R_sum, R_author, z_slots, z_author })
    }

    /// Adds the proof's equations to a batch, over any bases.
    pub(crate) fn enqueue(&self, proof: &Proof, transcript: &mut Transcript, batch: &mut Batch) {
        if let Err(check) = self.try_enqueue(proof, transcript, batch, false) {
            batch.enqueue_invalid(check);
        }
    }

    /// Adds only the equation of the signature. It shows who signed the factors, whether or not they are right.
    pub(crate) fn enqueue_signature(
        &self,
        proof: &Proof,
        transcript: &mut Transcript,
        batch: &mut Batch,
    ) {
        if let Err(check) = self.try_enqueue(proof, transcript, batch, true) {
            batch.enqueue_invalid(check);
        }
    }

    fn try_enqueue(
        &self,
        proof: &Proof,
        transcript: &mut Transcript,
        batch: &mut Batch,
        signature_alone: bool,
    ) -> Result<(), ProofCheck> {
        let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
        let slots = self.slots().len();
        if !self.is_well_formed() || R_slots.len() != slots || z_slots.len() != slots {
            return Err(ProofCheck::Shape);
        }
        let zero = |_| ProofCheck::Challenge;
        let w = self.challenge_w(transcript);
        let x = Self::challenge_x(R_slots, R_sum, transcript).map_err(zero)?;
        let x_author = Self::challenge_author(z_slots, R_author, transcript).map_err(zero)?;
        transcript.append_scalars(b"z author", &[*z_author]);
        let mut enqueue = batch.enqueue(transcript);
        if !signature_alone {
            self.enqueue_factors(proof, &w, x, &mut enqueue);
        }
        // [DECRYPT.AUTHOR] R′ + x′·Cⱼ − z′G = 0
        let mut signature = enqueue.equation("DECRYPT.AUTHOR");
        signature.announcement(R_author).point(self.author.point(), x_author);
        signature.base(Base::G, -z_author);
        Ok(())
    }

    fn enqueue_factors(&self, proof: &Proof, w: &[Scalar], x: Scalar, enqueue: &mut Enqueue<'_>) {
        let Proof { R_slots, R_sum, z_slots, .. } = proof;
        let mut answers = BTreeMap::new();
        for ((R, z), k) in R_slots.iter().zip_eq(z_slots).zip_eq(self.slots()) {
            // [DECRYPT.D1] Rₖ + x·Yⱼₖ − zₖG = 0
            let mut d1 = enqueue.equation("DECRYPT.D1");
            d1.announcement(R).base(Base::G, -z);
            if let Some(key) = self.keys.get(k) {
                d1.point(key.point(), x);
            }
            answers.insert(k, *z);
        }
        // [DECRYPT.D2] x⁻¹·R + Σ wₘₖPₘₖ − Σₘ x⁻¹(Σₖ zₖwₘₖ)Aₘ = 0
        // Divided by x, so that the factors, which are most of the terms, have short scalars.
        let inverse = x.invert();
        let mut d2 = enqueue.equation("DECRYPT.D2");
        d2.point(R_sum.point(), inverse);
        let mut of_ciphertext = alloc::vec![Scalar::ZERO; self.nonce_points.len()];
        for ((pair, P), w) in self.pairs.iter().zip_eq(self.factors).zip_eq(w) {
            d2.point(P.point(), *w);
            let z = answers.get(&pair.slot).copied().unwrap_or_default();
            if let Some(sum) = of_ciphertext.get_mut(pair.ciphertext) {
                *sum += z * w;
            }
        }
        for (scalar, point) in of_ciphertext.iter().zip_eq(&self.nonce_points) {
            if *scalar != Scalar::ZERO {
                d2.point(point, -(inverse * scalar));
            }
        }
    }
}

impl Proof {
    /// Reads a proof over factors of this many slots.
    pub(crate) fn decode(reader: &mut Reader<'_>, slots: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            R_slots: reader.field("R of the slots").elements(slots)?,
            R_sum: reader.field("R").element()?,
            R_author: reader.field("R′").element()?,
            z_slots: reader.field("z of the slots").scalars(slots)?,
            z_author: reader.field("z′").scalar()?,
        })
    }
}

impl Encode for Proof {
    /// All `Rₖ`, `R`, `R′`, all `zₖ`, `z′`.
    #[allow(non_snake_case)]
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { R_slots, R_sum, R_author, z_slots, z_author } = self;
        R_slots.as_slice().encode(out);
        [*R_sum, *R_author].encode(out);
        z_slots.as_slice().encode(out);
        z_author.encode(out);
    }
}
