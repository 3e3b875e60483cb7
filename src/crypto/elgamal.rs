//! Vector ElGamal: one nonce, and an independent key for every slot.
//!
//! The slot keys `Yₖ` have independent secrets. A ciphertext of the values `vₖ` is `A = rG`, `Bₖ = rYₖ + vₖG`. It is secure
//! under DDH (Kurosawa 2002; Bellare, Boldyreva, Staddon 2003) since the keys are independent: if two keys differed by a
//! known `δG`, then `Bₖ − Bⱼ − δA` would reveal `vₖ − vⱼ`. Adding ciphertexts adds values.
//!
//! # Example
//!
//! ```
//! # use tabella::crypto::{elgamal::{Ciphertext, Sum}, group::Element};
//! # use curve25519_dalek::{RistrettoPoint, Scalar};
//! # use rand_core::OsRng;
//! let secrets = [Scalar::random(&mut OsRng), Scalar::random(&mut OsRng)];
//! let keys = secrets.map(|s| Element::from_secret(&s).unwrap());
//! let mut sum = Sum::zero(2);
//! for votes in [[1u64, 0], [1, 3]] {
//!     let nonce = Scalar::random(&mut OsRng);
//!     sum.add(&Ciphertext::encrypt(&keys, &votes.map(Scalar::from), &nonce).unwrap());
//! }
//! let opened = |k: usize| sum.b[k] - secrets[k] * sum.a;
//! assert_eq!(opened(0), RistrettoPoint::mul_base(&Scalar::from(2u64)));
//! assert_eq!(opened(1), RistrettoPoint::mul_base(&Scalar::from(3u64)));
//! ```

use crate::{
    codec::{DecodeError, DecodeErrorKind, Encode, Reader},
    crypto::{ProveError, group::Element},
};
use alloc::{vec, vec::Vec};
use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto, traits::Identity};
use itertools::Itertools;
use zeroize::Zeroizing;

/// A ciphertext with one slot for each of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    /// The nonce point `A = rG`.
    pub a: Element,
    /// `Bₖ = rYₖ + vₖG` for each slot, in the order of the keys.
    pub b: Vec<Element>,
}

impl Ciphertext {
    /// Encrypts one value for each key under the nonce `r`, which must be uniform and used once.
    ///
    /// Constant time in the values and the nonce.
    ///
    /// # Errors
    ///
    /// `Shape` if the numbers of values and keys differ. `Randomness` if a point is the identity, which for a uniform nonce
    /// happens with probability 2⁻²⁵².
    pub fn encrypt(keys: &[Element], values: &[Scalar], r: &Scalar) -> Result<Self, ProveError> {
        let points: Vec<_> = values.iter().map(RistrettoPoint::mul_base).collect();
        Self::encrypt_points(keys, &Zeroizing::new(points), r)
    }

    /// Encrypts one point for each key; otherwise like [`encrypt`](Self::encrypt).
    pub fn encrypt_points(
        keys: &[Element],
        points: &[RistrettoPoint],
        r: &Scalar,
    ) -> Result<Self, ProveError> {
        if keys.len() != points.len() {
            return Err(ProveError::Shape);
        }
        let a = Element::from_secret(r).ok_or(ProveError::Randomness)?;
        let slot = |(key, point): (&Element, &RistrettoPoint)| {
            Element::new(r * key.point() + point).ok_or(ProveError::Randomness)
        };
        let b = keys.iter().zip_eq(points).map(slot).collect::<Result<_, _>>()?;
        Ok(Self { a, b })
    }
}

impl Encode for Ciphertext {
    /// `A`, then all `Bₖ`. The reader must know the number of slots.
    fn encode(&self, out: &mut Vec<u8>) {
        self.a.encode(out);
        self.b.as_slice().encode(out);
    }
}

/// A sum of ciphertexts. Unlike those of a single ciphertext, its points may be the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// `ΣA`
    pub a: RistrettoPoint,
    /// `ΣBₖ` for each slot
    pub b: Vec<RistrettoPoint>,
}

impl Sum {
    /// The empty sum with this many slots.
    pub fn zero(slots: usize) -> Self {
        Self { a: RistrettoPoint::identity(), b: vec![RistrettoPoint::identity(); slots] }
    }

    /// Reads the sum of `slots` slots.
    pub(crate) fn decode(reader: &mut Reader<'_>, slots: usize) -> Result<Self, DecodeError> {
        let mut point = || {
            let bytes = CompressedRistretto(reader.array()?);
            bytes.decompress().ok_or_else(|| reader.error(32, DecodeErrorKind::NotAnElement))
        };
        Ok(Self { a: point()?, b: (0..slots).map(|_| point()).collect::<Result<_, _>>()? })
    }

    /// Adds a ciphertext with the same number of slots.
    ///
    /// # Panics
    ///
    /// If the number of slots differs.
    pub fn add(&mut self, ciphertext: &Ciphertext) {
        self.add_scaled(&ciphertext.a, &ciphertext.b, 1);
    }

    /// Adds `factor` times the ciphertext `(a, b)`; `−1` removes one that was added. Variable time in the factor.
    ///
    /// # Panics
    ///
    /// If the number of slots differs.
    pub fn add_scaled(&mut self, a: &Element, b: &[Element], factor: i64) {
        let scaled = |point: &RistrettoPoint| match factor {
            1 => *point,
            -1 => -point,
            _ => {
                let product = point * Scalar::from(factor.unsigned_abs());
                if factor < 0 { -product } else { product }
            }
        };
        self.a += scaled(a.point());
        for (sum, b) in self.b.iter_mut().zip_eq(b) {
            *sum += scaled(b.point());
        }
    }

    /// Adds another sum with the same number of slots.
    ///
    /// # Panics
    ///
    /// If the number of slots differs.
    pub fn merge(&mut self, other: &Self) {
        self.a += other.a;
        for (sum, b) in self.b.iter_mut().zip_eq(&other.b) {
            *sum += b;
        }
    }
}

impl Encode for Sum {
    /// `ΣA`, then all `ΣBₖ`. The identity has its canonical bytes, 32 zeros.
    fn encode(&self, out: &mut Vec<u8>) {
        for point in [self.a].iter().chain(&self.b) {
            out.extend_from_slice(point.compress().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::dlog::DlogTable;
    use rand_core::OsRng;

    #[test]
    fn a_wrong_number_of_values_is_refused() {
        let keys = [Element::BASE; 2];
        for values in [&[][..], &[Scalar::ONE], &[Scalar::ONE; 3]] {
            let result = Ciphertext::encrypt(&keys, values, &Scalar::ONE);
            assert_eq!(result, Err(ProveError::Shape));
        }
    }

    /// ATTACK. One nonce for all slots requires independent keys. With `Y₁ = Y₀ + δG`, anybody can subtract `δA` from the
    /// difference of two slots and read the difference of their votes.
    #[test]
    fn slots_with_related_keys_show_the_difference_of_their_votes() {
        let [y0, y1, delta] = [0; 3].map(|_| Scalar::random(&mut OsRng));
        let table = DlogTable::new(100);
        for (v0, v1) in [(0u64, 1u64), (3, 45), (7, 7)] {
            let difference = |secrets: [Scalar; 2]| {
                let keys = secrets.map(|s| Element::from_secret(&s).unwrap());
                let nonce = Scalar::random(&mut OsRng);
                let values = [v0, v1].map(Scalar::from);
                let Ciphertext { a, b } = Ciphertext::encrypt(&keys, &values, &nonce).unwrap();
                let difference = b[1].point() - b[0].point();
                (
                    table.find_vartime(&difference),
                    table.find_vartime(&(difference - delta * a.point())),
                )
            };
            assert_eq!(difference([y0, y0 + delta]), (None, Some(v1 - v0)));
            assert_eq!(difference([y0, y1]), (None, None));
            // The same key twice is the worst case.
            assert_eq!(difference([y0, y0]).0, Some(v1 - v0));
        }
    }
}
