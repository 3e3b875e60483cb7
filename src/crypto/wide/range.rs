//! The aggregated range proof: every commitment holds a value of 16 bits.
//!
//! It is the proof of Bünz, Bootle, Boneh, Poelstra, Wuille and Maxwell (2018), sections 4.1 to 4.3, with the inner-product
//! argument of section 3, byte for byte as the crate `bulletproofs` makes it. The two equations of its verifier go into the batch instead of
//! being checked by that crate.

use super::{
    generators::Handles,
    rules::{BITS, powers},
};
use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        batch::{Base, Enqueue, Points},
        group::Element,
        transcript::{Transcript, ZeroChallenge},
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;

/// The proof, with the letters of the paper; `t`, `tau`, `mu` are the crate's `t_x`, `t_x_blinding`, `e_blinding`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub(super) struct RangeProof {
    pub(super) A: Element,
    pub(super) S: Element,
    pub(super) T1: Element,
    pub(super) T2: Element,
    pub(super) t: Scalar,
    pub(super) tau: Scalar,
    pub(super) mu: Scalar,
    /// `L`, `R` of each round, in which the vectors are halved.
    pub(super) rounds: Vec<(Element, Element)>,
    pub(super) a: Scalar,
    pub(super) b: Scalar,
}

/// The challenges of a range proof.
pub(super) struct Challenges {
    y: Scalar,
    z: Scalar,
    x: Scalar,
    w: Scalar,
    /// One for each round.
    u: Vec<Scalar>,
}

/// The number of rounds for this many commitments.
const fn rounds(commitments: usize) -> usize {
    (BITS * commitments).ilog2() as usize
}

#[allow(non_snake_case)]
impl RangeProof {
    /// The size in bytes of a proof for this many commitments, a power of two.
    pub(super) const fn size(commitments: usize) -> usize {
        32 * (4 + 3 + 2 * rounds(commitments) + 2)
    }

    /// Whether it has the rounds of a proof for this many commitments.
    pub(super) fn fits(&self, commitments: usize) -> bool {
        self.rounds.len() == rounds(commitments)
    }

    /// Reads a proof for this many commitments, a power of two.
    pub(super) fn decode(reader: &mut Reader<'_>, commitments: usize) -> Result<Self, DecodeError> {
        let [A, S, T1, T2] =
            [reader.element()?, reader.element()?, reader.element()?, reader.element()?];
        let [t, tau, mu] = [reader.scalar()?, reader.scalar()?, reader.scalar()?];
        let mut round = |_| Ok((reader.element()?, reader.element()?));
        let rounds = (0..rounds(commitments)).map(&mut round).collect::<Result<_, _>>()?;
        Ok(Self { A, S, T1, T2, t, tau, mu, rounds, a: reader.scalar()?, b: reader.scalar()? })
    }

    /// Absorbs the commitments `V`, then as many to 0, the identity, as make their number a power of two.
    pub(super) fn absorb_commitments(V: &[Element], transcript: &mut Transcript) {
        let padded = V.len().next_power_of_two();
        transcript.append_bytes(b"dom-sep", b"rangeproof v1");
        transcript.append_u64(b"n", BITS as u64);
        transcript.append_u64(b"m", padded as u64);
        for V in V {
            transcript.append_element(b"V", V);
        }
        for _ in V.len()..padded {
            transcript.append_bytes(b"V", &[0; 32]);
        }
    }

    /// Absorbs the proof and draws its challenges; the commitments must be absorbed already.
    pub(super) fn challenges(
        &self,
        transcript: &mut Transcript,
    ) -> Result<Challenges, ZeroChallenge> {
        let Self { A, S, T1, T2, t, tau, mu, rounds, a, b } = self;
        transcript.append_element(b"A", A);
        transcript.append_element(b"S", S);
        let (y, z) = (transcript.challenge(b"y")?, transcript.challenge(b"z")?);
        transcript.append_element(b"T_1", T1);
        transcript.append_element(b"T_2", T2);
        let x = transcript.challenge(b"x")?;
        transcript.append_bytes(b"t_x", t.as_bytes());
        transcript.append_bytes(b"t_x_blinding", tau.as_bytes());
        transcript.append_bytes(b"e_blinding", mu.as_bytes());
        let w = transcript.challenge(b"w")?;
        transcript.append_bytes(b"dom-sep", b"ipp v1");
        transcript.append_u64(b"n", 1 << rounds.len());
        let mut round = |(L, R): &(Element, Element)| {
            transcript.append_element(b"L", L);
            transcript.append_element(b"R", R);
            transcript.challenge(b"u")
        };
        let u = rounds.iter().map(&mut round).collect::<Result<_, _>>()?;
        absorb_last(a, b, transcript);
        Ok(Challenges { y, z, x, w, u })
    }

    /// Adds the two equations. `V` are the commitments without those to 0.
    pub(super) fn enqueue(
        &self,
        V: Points,
        challenges: &Challenges,
        handles: &Handles,
        enqueue: &mut Enqueue<'_>,
    ) {
        let Self { A, S, T1, T2, t, tau, mu, rounds, a, b } = self;
        let Challenges { y, z, x, w, u } = challenges;
        let padded = V.len().next_power_of_two();

        // [WIDE.R1] (t − δ)G + τB̃ − Σ z^(2+j)Vⱼ − xT₁ − x²T₂ = 0
        let mut r1 = enqueue.equation("WIDE.R1");
        r1.base(Base::G, t - delta(y, z, padded)).base(handles.blinding, *tau);
        r1.point(T1.point(), -x).point(T2.point(), -(x * x));
        for (V, power) in V.iter().zip(powers(*z)) {
            r1.of(V, -(z * z * power));
        }

        // [WIDE.R2] A + xS − μB̃ + w(t − ab)G − Σ(z + asᵢ)Gᵢ + Σ(z + y⁻ⁱ(z^(2+j)2ᵏ − b/sᵢ))Hᵢ + Σ(u²L + u⁻²R) = 0
        let mut inverses: Vec<Scalar> = u.iter().chain([y]).copied().collect();
        Scalar::batch_invert(&mut inverses);
        let y_inverse = inverses.pop().unwrap_or_default();
        let mut r2 = enqueue.equation("WIDE.R2");
        r2.announcement(A).point(S.point(), *x).base(handles.blinding, -mu);
        r2.base(Base::G, w * (t - a * b));
        let s = folding(u, inverses.iter().product());
        for (s, G) in s.iter().zip(handles.G.iter()) {
            r2.base(G, -(z + a * s));
        }
        let of_bits = powers(*z).take(padded).flat_map(|power| {
            let first = z * z * power;
            powers(Scalar::from(2_u8)).take(BITS).map(move |of_bit| first * of_bit)
        });
        let of_H = of_bits.zip(powers(y_inverse)).zip(s.iter().rev()).zip(handles.H.iter());
        for (((of_bit, y_inverse), s_inverse), H) in of_H {
            r2.base(H, z + y_inverse * (of_bit - b * s_inverse));
        }
        for (((L, R), u), inverse) in rounds.iter().zip(u).zip(&inverses) {
            r2.point(L.point(), u * u).point(R.point(), inverse * inverse);
        }
    }
}

/// Absorbs the two scalars that the crate leaves out since nothing follows there.
pub(super) fn absorb_last(a: &Scalar, b: &Scalar, transcript: &mut Transcript) {
    transcript.append_bytes(b"a", a.as_bytes());
    transcript.append_bytes(b"b", b.as_bytes());
}

/// `δ = (z − z²)Σ yⁱ − (2¹⁶ − 1)Σ z^(3+j)` over all bits and all commitments.
fn delta(y: &Scalar, z: &Scalar, commitments: usize) -> Scalar {
    let of_bits: Scalar = powers(*y).take(BITS * commitments).sum();
    let of_commitments: Scalar = powers(*z).take(commitments).sum();
    (z - z * z) * of_bits - z * z * z * Scalar::from(u16::MAX) * of_commitments
}

/// `sᵢ = Π u^±1` over the rounds, the first for the highest bit of `i`: `+1` where the bit is 1. `first` is `Π u⁻¹`. Then `1/sᵢ` are
/// the same numbers backwards.
fn folding(u: &[Scalar], first: Scalar) -> Vec<Scalar> {
    let mut s = alloc::vec![first];
    for u in u.iter().rev() {
        let square = u * u;
        let upper: Vec<Scalar> = s.iter().map(|s| s * square).collect();
        s.extend(upper);
    }
    s
}

impl Encode for RangeProof {
    /// As the crate `bulletproofs` writes it.
    #[allow(non_snake_case)]
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { A, S, T1, T2, t, tau, mu, rounds, a, b } = self;
        [*A, *S, *T1, *T2].encode(out);
        [*t, *tau, *mu].encode(out);
        for (L, R) in rounds {
            [*L, *R].encode(out);
        }
        [*a, *b].encode(out);
    }
}
