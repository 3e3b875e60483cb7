//! Whether bytes encode an element, decided in constant time.
//!
//! `CompressedRistretto::decompress` of `curve25519-dalek` branches on the answer, and its field is private. So this file
//! implements the decoding of RFC 9496, section 4.3.1, up to the answer, over the field arithmetic of `fiat-crypto`, which is
//! generated with a proof of correctness.

use core::ops::{Add, Mul, Neg, Sub};
use fiat_crypto::curve25519_64::{
    fiat_25519_add, fiat_25519_carry, fiat_25519_carry_mul, fiat_25519_carry_square,
    fiat_25519_from_bytes, fiat_25519_loose_field_element as Loose, fiat_25519_opp,
    fiat_25519_relax, fiat_25519_sub, fiat_25519_tight_field_element as Tight, fiat_25519_to_bytes,
};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Whether these bytes are the canonical encoding of an element, the identity included. Constant time.
pub(super) fn is_element(bytes: &[u8; 32]) -> Choice {
    // RFC 9496, 4.3.1: "Interpret the string as an unsigned integer s in little-endian representation. If the length of
    // the string is not 32 bytes or if the resulting value is >= p, decoding fails. If IS_NEGATIVE(s) returns TRUE,
    // decoding fails."
    let s = Field::from_bytes(bytes);
    let is_canonical = s.to_bytes().ct_eq(bytes);
    // "ss = s^2, u1 = 1 - ss, u2 = 1 + ss, u2_sqr = u2^2, v = -(D * u1^2) - u2_sqr"
    let ss = s.square();
    let u1 = Field::ONE - ss;
    let u2 = Field::ONE + ss;
    let u2_sqr = u2.square();
    let v = -(Field::D * u1.square()) - u2_sqr;
    // "(was_square, invsqrt) = SQRT_RATIO_M1(1, v * u2_sqr), den_x = invsqrt * u2, den_y = invsqrt * den_x * v"
    let (was_square, invsqrt) = (v * u2_sqr).inverse_square_root();
    let den_x = invsqrt * u2;
    let den_y = invsqrt * den_x * v;
    // "x = CT_ABS(2 * s * den_x), y = u1 * den_y, t = x * y"
    let x = ((s + s) * den_x).abs();
    let y = u1 * den_y;
    let t = x * y;
    // "If was_square is FALSE, IS_NEGATIVE(t) returns TRUE, or y = 0, decoding fails."
    is_canonical & !s.is_negative() & was_square & !t.is_negative() & !y.is_zero()
}

/// An integer mod `p = 2²⁵⁵ − 19`, in five limbs of 51 bits.
#[derive(Clone, Copy)]
struct Field(Tight);

impl Field {
    const ZERO: Self = Self(Tight([0; 5]));
    const ONE: Self = Self(Tight([1, 0, 0, 0, 0]));
    /// `d = −121665/121666` of the curve.
    const D: Self = Self(Tight([
        929955233495203,
        466365720129213,
        1662059464998953,
        2033849074728123,
        1442794654840575,
    ]));
    /// A square root of `−1`.
    const SQRT_M1: Self = Self(Tight([
        1718705420411056,
        234908883556509,
        2233514472574048,
        2117202627021982,
        765476049583133,
    ]));

    /// The lower 255 bits of the bytes, little-endian.
    fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut lower = *bytes;
        lower[31] &= 0x7f;
        let mut out = Self::ZERO;
        fiat_25519_from_bytes(&mut out.0, &lower);
        out
    }

    /// The integer in `0..p`, little-endian.
    fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        fiat_25519_to_bytes(&mut out, &self.0);
        out
    }

    fn is_negative(self) -> Choice {
        Choice::from(self.to_bytes()[0] & 1)
    }

    fn is_zero(self) -> Choice {
        self.to_bytes().ct_eq(&[0; 32])
    }

    fn abs(self) -> Self {
        Self::select(self, -self, self.is_negative())
    }

    fn select(no: Self, yes: Self, choice: Choice) -> Self {
        let mut out = no;
        for (limb, yes) in out.0.0.iter_mut().zip(yes.0.0) {
            limb.conditional_assign(&yes, choice);
        }
        out
    }

    fn square(self) -> Self {
        let mut out = Self::ZERO;
        fiat_25519_carry_square(&mut out.0, &self.relaxed());
        out
    }

    /// Squares `n` times.
    fn squared(self, n: usize) -> Self {
        (0..n).fold(self, |power, _| power.square())
    }

    /// Whether this is a square other than 0; if so, also one of the two square roots of its inverse.
    fn inverse_square_root(self) -> (Choice, Self) {
        // With w = self and r = w³(w⁷)^((p−5)/8), wr² = (w⁷)^((p−1)/4) is 0 for w = 0, ±1 for a square, and else ±√−1.
        let w3 = self.square() * self;
        let w7 = w3.square() * self;
        let r = w3 * w7.pow_p58();
        let check = self * r.square();
        let is_one = (check - Field::ONE).is_zero();
        let is_minus_one = (check + Field::ONE).is_zero();
        (is_one | is_minus_one, Self::select(r, r * Self::SQRT_M1, is_minus_one))
    }

    /// This to the power of `(p−5)/8 = 2²⁵² − 3`.
    fn pow_p58(self) -> Self {
        // eₙ is the power 2ⁿ − 1, and eₘ₊ₙ = (eₘ squared n times)·eₙ.
        let e1 = self;
        let e2 = e1.squared(1) * e1;
        let e4 = e2.squared(2) * e2;
        let e5 = e4.squared(1) * e1;
        let e10 = e5.squared(5) * e5;
        let e20 = e10.squared(10) * e10;
        let e40 = e20.squared(20) * e20;
        let e50 = e40.squared(10) * e10;
        let e100 = e50.squared(50) * e50;
        let e200 = e100.squared(100) * e100;
        let e250 = e200.squared(50) * e50;
        // 2²⁵² − 3 = 4(2²⁵⁰ − 1) + 1
        e250.squared(2) * e1
    }

    fn relaxed(self) -> Loose {
        let mut out = Loose([0; 5]);
        fiat_25519_relax(&mut out, &self.0);
        out
    }

    fn carried(loose: Loose) -> Self {
        let mut out = Self::ZERO;
        fiat_25519_carry(&mut out.0, &loose);
        out
    }
}

impl Add for Field {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let mut sum = Loose([0; 5]);
        fiat_25519_add(&mut sum, &self.0, &other.0);
        Self::carried(sum)
    }
}

impl Sub for Field {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let mut difference = Loose([0; 5]);
        fiat_25519_sub(&mut difference, &self.0, &other.0);
        Self::carried(difference)
    }
}

impl Mul for Field {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let mut out = Self::ZERO;
        fiat_25519_carry_mul(&mut out.0, &self.relaxed(), &other.relaxed());
        out
    }
}

impl Neg for Field {
    type Output = Self;
    fn neg(self) -> Self {
        let mut opposite = Loose([0; 5]);
        fiat_25519_opp(&mut opposite, &self.0);
        Self::carried(opposite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::{RistrettoPoint, ristretto::CompressedRistretto};
    use rand_core::{OsRng, RngCore};

    /// RFC 9496, appendix A.2.
    const BAD: [&str; 29] = [
        // "Non-canonical field encodings."
        "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // "Negative field elements."
        "0100000000000000000000000000000000000000000000000000000000000000",
        "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
        "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
        "c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78",
        "47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24",
        "f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72",
        "87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309",
        // "Non-square x^2."
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
        "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
        "de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad7b",
        "bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042",
        "2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08",
        "f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22",
        "8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731",
        "2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b",
        // "Negative x * y value."
        "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
        "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
        "d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e",
        "8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32",
        "32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b",
        "227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165",
        "5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e",
        "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
        // "s = -1, which causes y = 0."
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    /// Both say whether these bytes encode an element, and they agree.
    fn agreed(bytes: &[u8; 32]) -> bool {
        let ours = bool::from(is_element(bytes));
        let theirs = CompressedRistretto(*bytes).decompress().is_some();
        assert_eq!(ours, theirs, "{}", hex::encode(bytes));
        ours
    }

    fn small(n: u32) -> Field {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&n.to_le_bytes());
        Field::from_bytes(&bytes)
    }

    #[test]
    fn constants_are_what_they_are_called() {
        assert_eq!(Field::SQRT_M1.square().to_bytes(), (-Field::ONE).to_bytes());
        assert_eq!((Field::D * small(121_666)).to_bytes(), (-small(121_665)).to_bytes());
    }

    /// A quarter of the even strings below 2²⁵⁵ are elements, and a sixteenth of all strings.
    #[test]
    fn random_bytes_are_elements_where_dalek_says_so() {
        let (mut elements, mut of_all) = (0, 0);
        for _ in 0..4000 {
            let mut bytes = [0; 32];
            OsRng.fill_bytes(&mut bytes);
            of_all += usize::from(agreed(&bytes));
            bytes[0] &= 0xfe;
            bytes[31] &= 0x7f;
            elements += usize::from(agreed(&bytes));
        }
        assert!((800..1200).contains(&elements), "{elements}");
        assert!((150..350).contains(&of_all), "{of_all}");
    }

    #[test]
    fn small_integers_and_those_around_p_are_elements_where_dalek_says_so() {
        let mut near_p = [0xff; 32];
        near_p[31] = 0x7f;
        for low in 0..=u8::MAX {
            near_p[0] = low;
            agreed(&near_p);
            agreed(&small(low.into()).to_bytes());
            agreed(&(-small(low.into())).to_bytes());
        }
        assert!(agreed(&[0; 32]));
    }

    #[test]
    fn encodings_of_random_elements_are_elements_and_no_other_sign_or_high_bit_is() {
        for _ in 0..500 {
            let bytes = RistrettoPoint::random(&mut OsRng).compress().to_bytes();
            assert!(agreed(&bytes));
            assert!(!agreed(&(-Field::from_bytes(&bytes)).to_bytes()));
            let mut high = bytes;
            high[31] |= 0x80;
            assert!(!agreed(&high));
        }
    }

    #[test]
    fn bad_encodings_of_rfc_9496_are_no_elements() {
        for bad in BAD {
            assert!(!agreed(&hex::decode(bad).unwrap().try_into().unwrap()), "{bad}");
        }
    }
}
