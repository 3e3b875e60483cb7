//! Shuffles: rows of ciphertexts are re-encrypted and permuted in an order that only the mixer knows, with a proof.
//!
//! A row is a [`Ciphertext`](crate::crypto::elgamal::Ciphertext) `(A, B₁…B_w)` under the slot keys `Y₁…Y_w`; with `Y₀ = G`
//! its columns are `l = 0..w`. The mixer draws a permutation `π` and `r′ᵢ`. Output `i` is input `π(i)` plus `r′ᵢ·(Y₀…Y_w)`:
//! the same values under a fresh nonce. The proof shows that the mixer did exactly this.
//!
//! # Construction
//!
//! It is the proof of Terelius and Wikström (2010) in the form of Haenni, Locher, Koenig and Dubuis (2017), but with the
//! chain of commitments folded into one equation. Nobody knows a relation among the generators `h, h₁…h_N` ([`Generators`]).
//!
//! 1. The mixer commits to the permutation, `c_π(i) = ρᵢG + hᵢ`.
//! 2. Challenges `uⱼ`, one for each input, independent of each other. With powers of one `u`, a mixer that cast empty rows of
//!    its own could replace them by copies of another row. Their permuted list is `u′ᵢ = u_π(i)`.
//! 3. A chain multiplies the `u′ᵢ`: `ĉ₀ = h`, `ĉᵢ = r̂ᵢG + u′ᵢĉᵢ₋₁ = ϱᵢG + θᵢh`.
//! 4. Challenge `ζ`, after the chain. If it came before, a shuffle that averages two rows would pass.
//! 5. Nonces `ω₁…ω₅, ω′ᵢ`, their announcements `t`, challenge `x`, responses `s = ω + x·secret`.
//!
//! ```text
//! [MIX.S1]  s₁G − x(Σcⱼ − Σhᵢ) − t₁ = 0                          rows of the committed matrix add up to 1
//! [MIX.S2]  s₂G − x(ĉ_N − (Πuⱼ)h) − t₂ = 0                       the product of the u′ᵢ is that of the uⱼ
//! [MIX.S3]  s₃G + Σs′ᵢhᵢ − xΣuⱼcⱼ − t₃ = 0                       the u′ᵢ are the matrix times the uⱼ
//! [MIX.S4]  −s₄Yₗ + Σs′ᵢoutᵢₗ − xΣuⱼinⱼₗ − t₄ₗ = 0  for l = 0..w   so are outputs and inputs, re-encrypted
//! [MIX.S5]  s₅G + Σζⁱ⁻¹s′ᵢĉᵢ₋₁ − xΣζⁱ⁻¹ĉᵢ − t₅ = 0               every link of the chain, folded by ζ
//! ```
//!
//! S3 commits to `u′` before `ζ` is drawn, so that the responses for `N` values of `ζ` force every link of the chain. Folding
//! costs `(N−1)/ℓ` of soundness and saves an announcement and a response for each row. By S1, S2, S3 and the independence of
//! the `uⱼ` the matrix is a permutation (Terelius and Wikström, theorem 1), and by S4 the outputs are the inputs in its
//! order.
//!
//! # Size and time
//!
//! A proof takes `3N + w + 10` items of 32 bytes. For each row a verifier decodes `2(w+1)+2` points and multiplies them, and
//! one generator, by scalars. It works in chunks, so that the rows need not fit into memory.
//!
//! Proving is constant time with one exception: rows are moved in memory as the permutation requires. Whoever can observe the
//! addresses (such as another program on the same processor) may learn the permutation, so a mixer should run alone on its
//! machine. Verifying is variable time, since its inputs are public.
//!
//! # The transcript
//!
//! The caller's transcript says which election, mixer and position this is. Prover and verifier leave it in the same state,
//! with the whole proof absorbed, so that a signature under everything can follow.
//!
//! # Example
//!
//! ```
//! # use tabella::crypto::{elgamal::Ciphertext, group::Element, transcript::{label, Transcript}};
//! # use curve25519_dalek::Scalar;
//! # use rand_core::OsRng;
//! use tabella::crypto::shuffle::{Generators, shuffle, Statement};
//!
//! # let secret = Scalar::random(&mut OsRng);
//! # let key = [Element::from_secret(&secret).unwrap()];
//! # let encrypt = |v: u64| Ciphertext::encrypt(&key, &[v.into()], &Scalar::random(&mut OsRng)).unwrap();
//! let inputs = [3, 1, 2].map(encrypt);
//! let generators = Generators::new(inputs.len());
//! let context = Transcript::new(b"example").proof(label::MIX);
//! let (outputs, proof) = shuffle(&key, &inputs, &generators, &mut context.clone(), &mut OsRng)?;
//!
//! let statement = Statement { key: &key, inputs: &inputs, outputs: &outputs };
//! statement.verify(&proof, &generators, &mut context.clone(), &mut OsRng)?;
//! # let opened = |row: &Ciphertext| row.b[0].point() - secret * row.a.point();
//! # let sum: curve25519_dalek::RistrettoPoint = outputs.iter().map(opened).sum();
//! # assert_eq!(sum, curve25519_dalek::RistrettoPoint::mul_base(&Scalar::from(6u64)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod generators;
mod prove;
mod source;
mod stored;
mod verify;

pub use error::{Place, Section, ShuffleError};
pub use generators::Generators;
pub use prove::{Prepared, shuffle};
#[cfg(feature = "std")]
pub use source::Seekable;
pub use source::{Source, SourceError};
pub use stored::Stored;
pub use verify::Statement;

use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        group::Element,
        transcript::{Transcript, ZeroChallenge},
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;

/// Most rows of a shuffle.
pub const MAX_ROWS: usize = 1 << 24;

/// Most slots of a row.
pub const MAX_WIDTH: usize = 64;

/// A proof of a shuffle, with the letters of the module's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    c: Vec<Element>,
    c_hat: Vec<Element>,
    t: Announcements,
    s: Responses,
    s_prime: Vec<Scalar>,
}

/// `t₁…t₅`, with one `t₄ₗ` for each column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Announcements {
    t1: Element,
    t2: Element,
    t3: Element,
    t4: Vec<Element>,
    t5: Element,
}

/// `s₁…s₅`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Responses {
    s1: Scalar,
    s2: Scalar,
    s3: Scalar,
    s4: Scalar,
    s5: Scalar,
}

impl Proof {
    /// The size in bytes of the proof of a shuffle of `rows` rows of `width` slots.
    pub const fn size(rows: usize, width: usize) -> usize {
        32 * (3 * rows + Announcements::count(width) + Responses::COUNT)
    }

    /// Reads the proof of a shuffle of `rows` rows of `width` slots.
    pub fn decode(reader: &mut Reader<'_>, rows: usize, width: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            c: reader.elements(rows)?,
            c_hat: reader.elements(rows)?,
            t: Announcements::decode(reader, width)?,
            s: Responses::decode(reader)?,
            s_prime: reader.scalars(rows)?,
        })
    }
}

impl Encode for Proof {
    /// The lists one after the other; their lengths follow from the statement.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { c, c_hat, t, s, s_prime } = self;
        let Announcements { t1, t2, t3, t4, t5 } = t;
        let Responses { s1, s2, s3, s4, s5 } = s;
        c.as_slice().encode(out);
        c_hat.as_slice().encode(out);
        [*t1, *t2, *t3].encode(out);
        t4.as_slice().encode(out);
        t5.encode(out);
        [*s1, *s2, *s3, *s4, *s5].encode(out);
        s_prime.as_slice().encode(out);
    }
}

impl Announcements {
    const fn count(width: usize) -> usize {
        4 + width + 1
    }

    fn decode(reader: &mut Reader<'_>, width: usize) -> Result<Self, DecodeError> {
        Ok(Self {
            t1: reader.element()?,
            t2: reader.element()?,
            t3: reader.element()?,
            t4: reader.elements(width + 1)?,
            t5: reader.element()?,
        })
    }
}

impl Responses {
    const COUNT: usize = 5;

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            s1: reader.scalar()?,
            s2: reader.scalar()?,
            s3: reader.scalar()?,
            s4: reader.scalar()?,
            s5: reader.scalar()?,
        })
    }
}

/// Absorbs a count and then that many items.
fn absorb<E>(
    label: &'static [u8],
    count: usize,
    items: impl Iterator<Item = Result<[u8; 32], E>>,
    transcript: &mut Transcript,
) -> Result<(), E> {
    transcript.append_u64(b"count", count as u64);
    for item in items {
        transcript.append_bytes(label, &item?);
    }
    Ok(())
}

/// What the first challenge depends on, except the key. Points are bytes, row by row.
struct First<I, O, C> {
    rows: usize,
    inputs: I,
    outputs: O,
    c: C,
}

/// First round: the statement and the commitments to the permutation. The `uⱼ` are independent of each other.
fn challenge_u<E: From<ZeroChallenge>>(
    key: &[Element],
    first: First<
        impl Iterator<Item = Result<[u8; 32], E>>,
        impl Iterator<Item = Result<[u8; 32], E>>,
        impl Iterator<Item = Result<[u8; 32], E>>,
    >,
    transcript: &mut Transcript,
) -> Result<Vec<Scalar>, E> {
    let First { rows, inputs, outputs, c } = first;
    // The count of the key's elements is the width.
    transcript.append_elements(b"Y", key.iter());
    absorb(b"in", rows, inputs, transcript)?;
    absorb(b"out", rows, outputs, transcript)?;
    absorb(b"c", rows, c, transcript)?;
    Ok(transcript.challenges(b"u", rows)?)
}

/// Second round: the chain.
fn challenge_zeta<E: From<ZeroChallenge>>(
    rows: usize,
    c_hat: impl Iterator<Item = Result<[u8; 32], E>>,
    transcript: &mut Transcript,
) -> Result<Scalar, E> {
    absorb(b"chain", rows, c_hat, transcript)?;
    Ok(transcript.challenge(b"zeta")?)
}

/// Third round: the announcements.
fn challenge_x(t: &Announcements, transcript: &mut Transcript) -> Result<Scalar, ZeroChallenge> {
    let Announcements { t1, t2, t3, t4, t5 } = t;
    transcript.append_element(b"t1", t1);
    transcript.append_element(b"t2", t2);
    transcript.append_element(b"t3", t3);
    transcript.append_elements(b"t4", t4.iter());
    transcript.append_element(b"t5", t5);
    transcript.challenge(b"x")
}

/// Last round: the responses, so that weights and signatures depend on them.
fn absorb_responses<E>(
    s: &Responses,
    rows: usize,
    s_prime: impl Iterator<Item = Result<[u8; 32], E>>,
    transcript: &mut Transcript,
) -> Result<(), E> {
    let Responses { s1, s2, s3, s4, s5 } = s;
    transcript.append_scalars(b"s", &[*s1, *s2, *s3, *s4, *s5]);
    absorb(b"s'", rows, s_prime, transcript)
}

#[cfg(test)]
mod tests;
