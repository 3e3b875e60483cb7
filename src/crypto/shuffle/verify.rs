//! The verifier: one pass over all bytes draws the challenges, a second decodes the rows in chunks and sums them.

use super::stored::{Drawn, Stored};
use crate::{
    codec::{DecodeError, Encode},
    crypto::{
        ProofCheck,
        batch::Weights,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{
            Announcements, Generators, Place, Proof, Responses, ShuffleError, Source, source::read,
        },
        transcript::Transcript,
    },
    parallel, random,
};
use alloc::vec::Vec;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::RISTRETTO_BASEPOINT_POINT,
    traits::{IsIdentity, VartimeMultiscalarMul},
};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};

/// The approximate number of terms in one multiplication. More would not be faster and would not fit the cache.
const TERMS: usize = 1 << 13;

/// The statement that `outputs` are the `inputs`, re-encrypted under `key` and permuted.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The slot keys `Y₁…Y_w`.
    pub key: &'a [Element],
    /// The rows before the shuffle.
    pub inputs: &'a [Ciphertext],
    /// The rows after the shuffle.
    pub outputs: &'a [Ciphertext],
}

impl Statement<'_> {
    /// Verifies a proof, like [`Stored::verify`] over the canonical bytes of all parts.
    ///
    /// # Errors
    ///
    /// The same; also `Shape` if the width of a row differs from the key's.
    pub fn verify(
        &self,
        proof: &Proof,
        generators: &Generators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ShuffleError> {
        let Self { key, inputs, outputs } = self;
        if inputs.iter().chain(*outputs).any(|row| row.b.len() != key.len()) {
            return Err(ShuffleError::Shape);
        }
        let rows = inputs.len();
        let [inputs, outputs] = [inputs, outputs].map(|rows| rows.to_bytes());
        let proof = proof.to_bytes();
        let [inputs, outputs, proof] = [&inputs, &outputs, &proof].map(Vec::as_slice);
        Stored { key, rows, inputs, outputs, proof }.verify(generators, transcript, rng)
    }
}

impl<I: Source, O: Source, P: Source> Stored<'_, I, O, P> {
    /// Verifies the proof. The transcript is left in the state in which the prover left it.
    ///
    /// The memory is about 100 bytes a row for the generators, and one chunk of rows for each core. Variable time.
    ///
    /// # Errors
    ///
    /// `Shape` and `Length` before anything else is read, `Bytes` for the first item that is not canonical, or `Invalid` with
    /// the first equation that fails. After an error the transcript must not be used.
    pub fn verify(
        self,
        generators: &Generators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ShuffleError> {
        self.read(generators, transcript)?.verify(generators, rng)
    }

    /// Verifies with chunks of this many rows.
    #[cfg(test)]
    pub(super) fn verify_in_chunks(
        self,
        chunk: usize,
        generators: &Generators,
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ShuffleError> {
        let read = self.read(generators, transcript)?;
        read.verify_in_chunks(chunk, generators, &random::seed(rng)?)
    }

    /// Only the first pass, a small part of the work. A signature under the transcript can then be checked before anything is
    /// decoded.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), except for equations and for rows, `c` and `ĉ` that cannot be decoded.
    pub(crate) fn read(
        mut self,
        generators: &Generators,
        transcript: &mut Transcript,
    ) -> Result<Read<Self>, ShuffleError> {
        self.check_lengths(generators)?;
        let drawn = self.absorb(transcript)?;
        // A digest changes the transcript, and the caller's must stay equal to the prover's.
        let digest = transcript.clone().digest(b"batch");
        Ok(Read { stored: self, drawn, digest })
    }

    /// The second pass: whether the sum of all equations, each multiplied by its factor, is zero.
    fn holds(
        &mut self,
        factors: &Factors,
        drawn: &Drawn,
        generators: &Generators,
        chunk: usize,
    ) -> Result<bool, ShuffleError> {
        let Self { key, rows, inputs, outputs, proof } = self;
        let (rows, width) = (*rows, key.len());
        let equations = Equations { key, factors, drawn, generators };
        let at_once = chunk.saturating_mul(cores()).min(rows);
        let mut sum = equations.rest();
        let mut start = 0;
        while start < rows {
            let count = at_once.min(rows - start);
            let row = 32 * (width + 1);
            let at = |size: usize, before: usize| size as u64 * before as u64;
            let inputs = read(inputs, at(row, start), row * count)?;
            let outputs = read(outputs, at(row, start), row * count)?;
            let c = read(proof, at(32, start), 32 * count)?;
            let c_hat = read(proof, at(32, rows + start), 32 * count)?;
            let chunks: Vec<Chunk<'_>> = inputs
                .chunks(row * chunk)
                .zip_eq(outputs.chunks(row * chunk))
                .zip_eq(c.chunks(32 * chunk).zip_eq(c_hat.chunks(32 * chunk)))
                .zip((start..).step_by(chunk))
                .map(|(((inputs, outputs), (c, c_hat)), start)| {
                    let count = c.len() / 32;
                    Chunk { start, count, inputs, outputs, c, c_hat }
                })
                .collect();
            let sums = parallel::each(&chunks, 1, |chunks| {
                chunks.iter().map(|chunk| equations.chunk(chunk)).collect()
            });
            for part in sums {
                sum += part?;
            }
            start += count;
        }
        Ok(sum.is_identity())
    }
}

/// A shuffle that was absorbed completely, but not verified yet.
pub(crate) struct Read<S> {
    stored: S,
    drawn: Drawn,
    digest: [u8; 32],
}

impl<I: Source, O: Source, P: Source> Read<Stored<'_, I, O, P>> {
    /// The second pass.
    pub(crate) fn verify(
        self,
        generators: &Generators,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ShuffleError> {
        self.verify_with(generators, &random::seed(rng)?)
    }

    /// The second pass, with weights from a seed that was drawn for this shuffle.
    pub(crate) fn verify_with(
        self,
        generators: &Generators,
        seed: &[u8; 32],
    ) -> Result<(), ShuffleError> {
        let chunk = TERMS / (2 * (self.stored.key.len() + 1) + 3);
        self.verify_in_chunks(chunk.max(1), generators, seed)
    }

    fn verify_in_chunks(
        self,
        chunk: usize,
        generators: &Generators,
        seed: &[u8; 32],
    ) -> Result<(), ShuffleError> {
        let Self { mut stored, drawn, digest } = self;
        let factors = Factors::draw(stored.key.len(), &mut Weights::new(seed, [&digest]));
        if stored.holds(&factors, &drawn, generators, chunk)? {
            return Ok(());
        }
        // As in a batch: if all of them hold, by a chance of 2⁻¹²⁸, the last equation is named.
        let mut failed = "MIX.S5";
        for (tag, alone) in factors.one_by_one() {
            if !stored.holds(&alone, &drawn, generators, chunk)? {
                failed = tag;
                break;
            }
        }
        Err(ShuffleError::Invalid(ProofCheck::Equation(failed)))
    }
}

/// The number of chunks processed at a time.
fn cores() -> usize {
    #[cfg(feature = "parallel")]
    return rayon::current_num_threads().max(1);
    #[cfg(not(feature = "parallel"))]
    1
}

/// The factor of each equation. `w4` has one for each column.
#[derive(Clone)]
struct Factors {
    w1: Scalar,
    w2: Scalar,
    w3: Scalar,
    w4: Vec<Scalar>,
    w5: Scalar,
}

impl Factors {
    fn draw(width: usize, weights: &mut Weights) -> Self {
        Self {
            w1: weights.draw(),
            w2: weights.draw(),
            w3: weights.draw(),
            w4: (0..=width).map(|_| weights.draw()).collect(),
            w5: weights.draw(),
        }
    }

    /// For each tag, the same factors for its equations and 0 for all others.
    fn one_by_one(&self) -> [(&'static str, Self); 5] {
        let Self { w1, w2, w3, w4, w5 } = self.clone();
        let none = Self {
            w1: Scalar::ZERO,
            w2: Scalar::ZERO,
            w3: Scalar::ZERO,
            w4: alloc::vec![Scalar::ZERO; w4.len()],
            w5: Scalar::ZERO,
        };
        [
            ("MIX.S1", Self { w1, ..none.clone() }),
            ("MIX.S2", Self { w2, ..none.clone() }),
            ("MIX.S3", Self { w3, ..none.clone() }),
            ("MIX.S4", Self { w4, ..none.clone() }),
            ("MIX.S5", Self { w5, ..none }),
        ]
    }
}

/// Consecutive rows, as bytes.
struct Chunk<'a> {
    start: usize,
    count: usize,
    inputs: &'a [u8],
    outputs: &'a [u8],
    c: &'a [u8],
    c_hat: &'a [u8],
}

/// The weighted sum of all equations, term by term; the scalars of a point that occurs in several equations are added up.
struct Equations<'a> {
    key: &'a [Element],
    factors: &'a Factors,
    drawn: &'a Drawn,
    generators: &'a Generators,
}

impl Equations<'_> {
    /// The terms that do not belong to a row.
    fn rest(&self) -> RistrettoPoint {
        let Factors { w1, w2, w3, w4, w5 } = self.factors;
        let Drawn { product, x, t, s, s_prime, .. } = self.drawn;
        let Announcements { t1, t2, t3, t4, t5 } = t;
        let Responses { s1, s2, s3, s4, s5 } = s;
        let first = s_prime.first().copied().unwrap_or_default();
        let base = w1 * s1 + w2 * s2 + w3 * s3 + w5 * s5;
        // [MIX.S2] x(Πuⱼ)h and [MIX.S5] s′₁ĉ₀, with ĉ₀ = h
        let h = w2 * x * product + w5 * first;
        let mut scalars = alloc::vec![base, h, -w1, -w2, -w3, -w5];
        let mut points = alloc::vec![RISTRETTO_BASEPOINT_POINT, self.generators.h];
        points.extend([t1, t2, t3, t5].map(Element::point));
        // [MIX.S4] −s₄Yₗ − t₄ₗ
        let columns = [Element::BASE].iter().chain(self.key);
        for ((w4, t4), key) in w4.iter().zip_eq(t4).zip_eq(columns) {
            scalars.extend([-w4 * s4, -w4]);
            points.extend([key, t4].map(Element::point));
        }
        RistrettoPoint::vartime_multiscalar_mul(scalars, points)
    }

    /// The terms of these rows.
    fn chunk(&self, chunk: &Chunk<'_>) -> Result<RistrettoPoint, ShuffleError> {
        let Factors { w1, w2, w3, w4, w5 } = self.factors;
        let Drawn { u, product: _, zeta, x, t: _, s: _, s_prime } = self.drawn;
        let Chunk { start, count, inputs, outputs, c, c_hat } = *chunk;
        let columns = w4.len();
        let rows = start..start + count;
        let u = u.get(rows.clone()).unwrap_or_default();
        let h = self.generators.rows.get(rows.clone()).unwrap_or_default();
        let s_next = s_prime.get(start + 1..).unwrap_or_default();
        let s_prime = s_prime.get(rows).unwrap_or_default();
        let terms = (2 * columns + 3) * count;
        let mut scalars = Vec::with_capacity(terms);
        let mut points = Vec::with_capacity(terms);

        // [MIX.S4] −s₄Yₗ + Σs′ᵢoutᵢₗ − xΣuⱼinⱼₗ − t₄ₗ = 0 for l = 0..w
        let place = |i| Place::Input { row: start + i / columns, column: i % columns };
        decode(inputs, start * columns, place, &mut points)?;
        for u in u {
            let minus_xu = -(x * u);
            scalars.extend(w4.iter().map(|w4| w4 * minus_xu));
        }
        let place = |i| Place::Output { row: start + i / columns, column: i % columns };
        decode(outputs, start * columns, place, &mut points)?;
        for s in s_prime {
            scalars.extend(w4.iter().map(|w4| w4 * s));
        }

        // [MIX.S1] s₁G − x(Σcⱼ − Σhᵢ) − t₁ = 0
        // [MIX.S3] s₃G + Σs′ᵢhᵢ − xΣuⱼcⱼ − t₃ = 0
        let place = |i| Place::Proof { list: "c", row: start + i };
        decode(c, start, place, &mut points)?;
        let [x_w1, x_w3] = [w1 * x, w3 * x];
        scalars.extend(u.iter().map(|u| -(x_w1 + x_w3 * u)));
        points.extend_from_slice(h);
        scalars.extend(s_prime.iter().map(|s| w3 * s + x_w1));

        // [MIX.S2] s₂G − x(ĉ_N − (Πuⱼ)h) − t₂ = 0
        // [MIX.S5] s₅G + Σζⁱ⁻¹s′ᵢĉᵢ₋₁ − xΣζⁱ⁻¹ĉᵢ − t₅ = 0
        let place = |i| Place::Proof { list: "ĉ", row: start + i };
        decode(c_hat, self.drawn.u.len() + start, place, &mut points)?;
        let mut power = w5 * pow(zeta, start);
        for i in 0..count {
            let next = power * zeta;
            scalars.push(match s_next.get(i) {
                Some(s_next) => next * s_next - power * x,
                None => -(power * x) - w2 * x,
            });
            power = next;
        }
        Ok(RistrettoPoint::vartime_multiscalar_mul(scalars, points))
    }
}

/// Decodes all points of `bytes`, which follow `before` items in their section.
fn decode(
    bytes: &[u8],
    before: usize,
    place: impl Fn(usize) -> Place,
    points: &mut Vec<RistrettoPoint>,
) -> Result<(), ShuffleError> {
    let (items, _) = bytes.as_chunks::<32>();
    for (i, item) in items.iter().enumerate() {
        let element = Element::from_canonical(*item).map_err(|kind| {
            let error = DecodeError::new(32 * (before + i), kind);
            ShuffleError::Bytes { place: place(i), error }
        })?;
        points.push(*element.point());
    }
    Ok(())
}

fn pow(base: &Scalar, exponent: usize) -> Scalar {
    let mut power = Scalar::ONE;
    for bit in (0..usize::BITS).rev() {
        power = power * power;
        if exponent >> bit & 1 == 1 {
            power *= base;
        }
    }
    power
}
