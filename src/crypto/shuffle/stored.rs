//! A shuffle as bytes, and the first pass over them: lengths, transcript and challenges.

use crate::{
    codec::{DecodeError, Reader},
    crypto::{
        group::Element,
        shuffle::{
            Announcements, First, Generators, MAX_ROWS, MAX_WIDTH, Place, Proof, Responses,
            Section, ShuffleError, Source, absorb_responses, challenge_u, challenge_x,
            challenge_zeta,
            source::{items, read},
        },
        transcript::Transcript,
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;

/// A shuffle as bytes that need not all be in memory: the canonical bytes of the rows, concatenated without a count, and
/// those of the proof.
///
/// # Example
///
/// ```
/// # use tabella::{codec::Encode, crypto::{elgamal::Ciphertext, group::Element, transcript::{label, Transcript}}};
/// # use curve25519_dalek::Scalar;
/// # use rand_core::OsRng;
/// # use std::io::{Cursor, Write};
/// use tabella::crypto::shuffle::{Generators, Seekable, shuffle, Stored};
///
/// # let key = [Element::from_secret(&Scalar::random(&mut OsRng)).unwrap()];
/// # let encrypt = |v: u64| Ciphertext::encrypt(&key, &[v.into()], &Scalar::random(&mut OsRng)).unwrap();
/// # let inputs = [3, 1, 2].map(encrypt);
/// # let generators = Generators::new(inputs.len());
/// # let context = Transcript::new(b"example").proof(label::MIX);
/// let (outputs, proof) = shuffle(&key, &inputs, &generators, &mut context.clone(), &mut OsRng)?;
/// let [inputs, outputs, proof] = [inputs.to_bytes(), outputs.to_bytes(), proof.to_bytes()]
///     .map(|bytes| Seekable::new(Cursor::new(bytes))); // or a std::fs::File
/// let stored = Stored { key: &key, rows: 3, inputs, outputs, proof };
/// stored.verify(&generators, &mut context.clone(), &mut OsRng)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stored<'k, I, O, P> {
    /// The slot keys `Y₁…Y_w`.
    pub key: &'k [Element],
    /// The number of rows.
    pub rows: usize,
    /// The rows before the shuffle: `32(w+1)` bytes each.
    pub inputs: I,
    /// The rows after the shuffle: `32(w+1)` bytes each.
    pub outputs: O,
    /// The proof: [`Proof::size`] bytes.
    pub proof: P,
}

impl<I: Source, O: Source, P: Source> Stored<'_, I, O, P> {
    pub(super) fn check_lengths(&mut self, generators: &Generators) -> Result<(), ShuffleError> {
        let Self { key, rows, inputs, outputs, proof } = self;
        let (rows, width) = (*rows, key.len());
        if !is_possible(rows, width) || generators.rows() < rows {
            return Err(ShuffleError::Shape);
        }
        let of_rows = 32 * (width as u64 + 1) * rows as u64;
        for (section, found, expected) in [
            (Section::Inputs, inputs.size()?, of_rows),
            (Section::Outputs, outputs.size()?, of_rows),
            (Section::Proof, proof.size()?, Proof::size(rows, width) as u64),
        ] {
            if found != expected {
                return Err(ShuffleError::Length { section, found, expected });
            }
        }
        Ok(())
    }

    /// The first pass: absorbs all bytes, draws the challenges, and reads the parts of the proof that are not rows of points.
    pub(super) fn absorb(&mut self, transcript: &mut Transcript) -> Result<Drawn, ShuffleError> {
        let Self { key, rows, inputs, outputs, proof } = self;
        let (rows, width) = (*rows, key.len());
        let points = rows * (width + 1);
        let (c, c_hat) = (0, 32 * rows as u64);
        let t = 2 * c_hat;
        let s = t + 32 * Announcements::count(width) as u64;
        let s_prime = s + 32 * Responses::COUNT as u64;

        let inputs = items(inputs, 0, points);
        let outputs = items(outputs, 0, points);
        let first = First { rows, inputs, outputs, c: items(proof, c, rows) };
        let u = challenge_u(key, first, transcript)?;
        let zeta = challenge_zeta(rows, items(proof, c_hat, rows), transcript)?;
        let bytes = read(proof, t, (s - t) as usize)?;
        let t = Announcements::decode(&mut Reader::new(&bytes), width)
            .map_err(|error| in_proof("t", t, error))?;
        let x = challenge_x(&t, transcript)?;
        let bytes = read(proof, s, (s_prime - s) as usize)?;
        let s =
            Responses::decode(&mut Reader::new(&bytes)).map_err(|error| in_proof("s", s, error))?;
        let mut answers = Vec::with_capacity(rows);
        let answered = items(proof, s_prime, rows).map(|bytes| {
            let bytes = bytes?;
            let answer = Reader::new(&bytes).scalar().map_err(|error| {
                let at = 32 * answers.len() + error.at;
                in_proof("s′", s_prime, DecodeError { at, ..error })
            })?;
            answers.push(answer);
            Ok::<_, ShuffleError>(bytes)
        });
        absorb_responses(&s, rows, answered, transcript)?;
        let product = u.iter().product();
        Ok(Drawn { u, product, zeta, x, t, s, s_prime: answers })
    }
}

/// An error in a list of the proof; the list begins at this byte of the proof.
pub(super) fn in_proof(list: &'static str, start: u64, error: DecodeError) -> ShuffleError {
    let place = Place::Proof { list, row: error.at / 32 };
    let at = usize::try_from(start).unwrap_or(usize::MAX).saturating_add(error.at);
    ShuffleError::Bytes { place, error: DecodeError { at, ..error } }
}

/// The challenges, and the proof without its points.
pub(super) struct Drawn {
    pub(super) u: Vec<Scalar>,
    /// `Πuⱼ`
    pub(super) product: Scalar,
    pub(super) zeta: Scalar,
    pub(super) x: Scalar,
    pub(super) t: Announcements,
    pub(super) s: Responses,
    pub(super) s_prime: Vec<Scalar>,
}

/// Whether this many rows of this many slots can be shuffled.
pub(super) fn is_possible(rows: usize, width: usize) -> bool {
    (1..=MAX_ROWS).contains(&rows) && (1..=MAX_WIDTH).contains(&width)
}
