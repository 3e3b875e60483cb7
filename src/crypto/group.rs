//! Elements of ristretto255 other than the identity, and generators without a known discrete logarithm.

use crate::codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT},
    ristretto::CompressedRistretto,
    traits::IsIdentity,
};
use sha3::{Digest, Sha3_512};

/// An element of ristretto255 (RFC 9496) other than the identity, together with its 32 canonical bytes.
///
/// Both are kept, since a verifier needs the point for its equations and the received bytes for the transcript. Computing one
/// from the other costs a field inversion.
#[derive(Clone, Copy)]
pub struct Element {
    point: RistrettoPoint,
    bytes: CompressedRistretto,
}

impl Element {
    /// The base point `G`.
    pub const BASE: Self =
        Self { point: RISTRETTO_BASEPOINT_POINT, bytes: RISTRETTO_BASEPOINT_COMPRESSED };

    /// The element of a point; `None` for the identity.
    pub fn new(point: RistrettoPoint) -> Option<Self> {
        if point.is_identity() {
            return None;
        }
        Some(Self { point, bytes: point.compress() })
    }

    /// `scalar·G`, in constant time; `None` if the scalar is zero.
    pub fn from_secret(scalar: &Scalar) -> Option<Self> {
        Self::new(RistrettoPoint::mul_base(scalar))
    }

    /// Reads canonical bytes. The error says whether they encode the identity or no element at all.
    pub fn from_canonical(bytes: [u8; 32]) -> Result<Self, DecodeErrorKind> {
        let bytes = CompressedRistretto(bytes);
        let point = bytes.decompress().ok_or(DecodeErrorKind::NotAnElement)?;
        if point.is_identity() {
            return Err(DecodeErrorKind::Identity);
        }
        Ok(Self { point, bytes })
    }

    /// The point.
    pub fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    /// The canonical bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.bytes.as_bytes()
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", hex::encode(self.as_bytes()))
    }
}

impl Reader<'_> {
    /// An element that is not the identity.
    pub fn element(&mut self) -> Result<Element, DecodeError> {
        let bytes = self.array()?;
        Element::from_canonical(bytes).map_err(|kind| self.error(32, kind))
    }

    /// `n` elements, without a count before them.
    pub fn elements(&mut self, n: usize) -> Result<Vec<Element>, DecodeError> {
        (0..n).map(|_| self.element()).collect()
    }

    /// A scalar.
    pub fn scalar(&mut self) -> Result<Scalar, DecodeError> {
        let bytes = self.array()?;
        Option::from(Scalar::from_canonical_bytes(bytes))
            .ok_or_else(|| self.error(32, DecodeErrorKind::NotAScalar))
    }

    /// `n` scalars, without a count before them.
    pub(crate) fn scalars(&mut self, n: usize) -> Result<Vec<Scalar>, DecodeError> {
        (0..n).map(|_| self.scalar()).collect()
    }
}

impl Encode for Element {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Decode for Element {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.element()
    }
}

impl Encode for Scalar {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

/// The point for a public name and index. Nobody knows its discrete logarithm.
pub(crate) fn hash_to_group(name: &str, index: u64) -> RistrettoPoint {
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 generator");
    hash.update([name.len() as u8]);
    hash.update(name.as_bytes());
    hash.update(index.to_be_bytes());
    RistrettoPoint::from_uniform_bytes(&hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9496, appendix A.1: the first multiples of the generator.
    #[test]
    fn small_multiples_are_those_of_rfc_9496() {
        let known = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
            "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
            "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
        ];
        for (i, known) in known.iter().enumerate() {
            let point = RistrettoPoint::mul_base(&Scalar::from(i as u64));
            assert_eq!(&hex::encode(point.compress().as_bytes()), known);
            assert_eq!(Element::new(point).is_none(), i == 0);
        }
    }

    /// RFC 9496, appendix A.2: encodings that must be refused (one of each kind).
    #[test]
    fn bad_encodings_of_rfc_9496_are_refused() {
        let bad = [
            "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
            "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ];
        for bad in bad {
            let bytes: [u8; 32] = hex::decode(bad).unwrap().try_into().unwrap();
            assert_eq!(Element::from_canonical(bytes), Err(DecodeErrorKind::NotAnElement), "{bad}");
        }
        assert_eq!(Element::from_canonical([0; 32]), Err(DecodeErrorKind::Identity));
    }
}
