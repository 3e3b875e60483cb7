//! The link: the slots of a ciphertext hold the committed limbs, and the committed values keep the rules.

use super::{
    generators::Handles,
    relation::{Relation, Slot},
    rules::powers,
};
use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        batch::{Base, Enqueue, Points},
        elgamal::Ciphertext,
        group::Element,
        transcript::{Transcript, ZeroChallenge},
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;

/// The proof: an announcement for each equation, and the responses `z_v`, `z_γ`, `z_r`, `z_δ`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub(super) struct Link {
    pub(super) R: [Element; 4],
    pub(super) z_v: Scalar,
    pub(super) z_gamma: Scalar,
    pub(super) z_r: Scalar,
    pub(super) z_delta: Scalar,
}

/// The weights of slots and of rows.
pub(super) struct Weights {
    pub(super) rho: Scalar,
    pub(super) sigma: Scalar,
}

/// The challenges of a link.
pub(super) struct Challenges {
    weights: Weights,
    x: Scalar,
}

impl Weights {
    /// The transcript must hold `A`, all `Bₖ`, all commitments and the range proof: weights known before would let errors cancel.
    pub(super) fn draw(transcript: &mut Transcript) -> Result<Self, ZeroChallenge> {
        Ok(Self { rho: transcript.challenge(b"rho")?, sigma: transcript.challenge(b"sigma")? })
    }
}

#[allow(non_snake_case)]
impl Link {
    pub(super) const SIZE: usize = 32 * (4 + 4);

    pub(super) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let R = [reader.element()?, reader.element()?, reader.element()?, reader.element()?];
        let (z_v, z_gamma) = (reader.scalar()?, reader.scalar()?);
        Ok(Self { R, z_v, z_gamma, z_r: reader.scalar()?, z_delta: reader.scalar()? })
    }

    /// The announcements.
    pub(super) fn challenge_x(
        R: &[Element; 4],
        transcript: &mut Transcript,
    ) -> Result<Scalar, ZeroChallenge> {
        transcript.append_elements(b"R", R.iter());
        transcript.challenge(b"x")
    }

    /// Absorbs the proof, responses included, and draws its challenges.
    pub(super) fn challenges(
        &self,
        transcript: &mut Transcript,
    ) -> Result<Challenges, ZeroChallenge> {
        let weights = Weights::draw(transcript)?;
        let x = Self::challenge_x(&self.R, transcript)?;
        self.absorb_responses(transcript);
        Ok(Challenges { weights, x })
    }

    /// So that signatures, and weights of the batch, depend on the responses.
    pub(super) fn absorb_responses(&self, transcript: &mut Transcript) {
        let Self { R: _, z_v, z_gamma, z_r, z_delta } = self;
        transcript.append_scalars(b"z", &[*z_v, *z_gamma, *z_r, *z_delta]);
    }

    /// Adds the four equations. `V` are the commitments, and the ciphertext has as many slots as the relation says.
    pub(super) fn enqueue(
        &self,
        (relation, ciphertext): (&Relation, &Ciphertext),
        V: Points,
        challenges: &Challenges,
        handles: &Handles,
        enqueue: &mut Enqueue<'_>,
    ) {
        let Challenges { weights: Weights { rho, sigma }, x } = challenges;
        let Self { R: [R1, R2, R3, R4], z_v, z_gamma, z_r, z_delta } = self;
        let limbs = relation.slots.iter().zip(powers(*rho));

        // [WIDE.L1] R₁ + xΣρᵏVₖ − z_vG − z_γB̃ = 0
        let mut l1 = enqueue.equation("WIDE.L1");
        l1.announcement(R1).base(Base::G, -z_v).base(handles.blinding, -z_gamma);
        for ((_, power), V) in limbs.clone().zip(V.iter()) {
            l1.of(V, x * power);
        }

        // [WIDE.L2] R₂ + xA − z_rG = 0
        let mut l2 = enqueue.equation("WIDE.L2");
        l2.announcement(R2).point(ciphertext.a.point(), *x).base(Base::G, -z_r);

        // [WIDE.L3] R₃ + xΣρᵏBₖ − z_rΣρᵏYₖ − z_vG = 0
        let mut l3 = enqueue.equation("WIDE.L3");
        l3.announcement(R3).base(Base::G, -z_v);
        for (Slot { place, number, .. }, power) in limbs {
            if let (Some(B), Some(Y)) = (ciphertext.b.get(*place), handles.slot_keys.get(*number)) {
                l3.point(B.point(), x * power).base(Y, -(z_r * power));
            }
        }

        // [WIDE.L4] R₄ + xΣσⁱ(ΣUᵢₖVₖ − tᵢG) − z_δB̃ = 0
        let (factors, target) = relation.rules.fold(sigma);
        let mut l4 = enqueue.equation("WIDE.L4");
        l4.announcement(R4).base(Base::G, -(x * target)).base(handles.blinding, -z_delta);
        for (V, factor) in V.iter().zip(&factors) {
            if *factor != Scalar::ZERO {
                l4.of(V, x * factor);
            }
        }
    }
}

impl Encode for Link {
    /// `R₁ R₂ R₃ R₄`, `z_v z_γ z_r z_δ`.
    #[allow(non_snake_case)]
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { R, z_v, z_gamma, z_r, z_delta } = self;
        R.encode(out);
        [*z_v, *z_gamma, *z_r, *z_delta].encode(out);
    }
}
