//! Wide values, folded: slots hold limbs of 16 bits that keep linear rules, in a proof whose size grows with the number of limbs and
//! not of bits.
//!
//! One proof shows, for a ciphertext `A = rG`, `Bₖ = rYₖ + vₖG`, knowledge of `r` and of values `vₖ` of `0..=65,535` in its wide slots,
//! and of more such values without a slot, slack, with `Σₖ Uᵢₖvₖ = tᵢ` for every rule row. A value of `0..=M` takes
//! `⌈bitlength(M)/16⌉` limbs, a slack of as many, and the row `Σ 2^(16k)vₖ + Σ 2^(16k)sₖ = M`.
//!
//! # Construction
//!
//! `G` and `B̃` are generators between which nobody knows a relation. The prover commits to each value, proves that every commitment
//! holds 16 bits, and links commitments to slots:
//!
//! ```text
//! 1.  Vₖ = vₖG + γₖB̃ for limbs and slack
//! 2.  one aggregated range proof for all Vₖ
//! 3.  ρ, σ = challenge(statement, A, B, V, range proof)
//!     V* = Σ ρᵏVₖ    B* = Σ ρᵏBₖ    Y* = Σ ρᵏYₖ    v* = Σ ρᵏvₖ    γ* = Σ ρᵏγₖ    over the slots
//!     V† = Σ σⁱ(Σ UᵢₖVₖ − tᵢG)    δ = Σ σⁱΣ Uᵢₖγₖ
//! 4.  R₁ = k₁G + k₂B̃    R₂ = k₃G    R₃ = k₃Y* + k₁G    R₄ = k₄B̃
//! 5.  x = challenge(R)
//! 6.  z_v = k₁ + xv*    z_γ = k₂ + xγ*    z_r = k₃ + xr    z_δ = k₄ + xδ
//! ```
//!
//! The verifier checks the two equations of the range proof, in the letters of Bünz et al. (2018), sections 3 and 4.3, and
//!
//! ```text
//! [WIDE.L1]  R₁ + xV* − z_vG − z_γB̃ = 0          [WIDE.L2]  R₂ + xA − z_rG = 0
//! [WIDE.L3]  R₃ + xB* − z_rY* − z_vG = 0          [WIDE.L4]  R₄ + xV† − z_δB̃ = 0
//! ```
//!
//! [WIDE.R1] and [WIDE.R2] open every `Vₖ` to one value of 16 bits. L2 opens `A`. L1 and L3 say that the slots, weighted by the
//! powers of `ρ`, hold the values of the commitments; for a random `ρ` every single slot does. L4 says the same of the rows. Without L4
//! the rows would be stated and not proved. The argument is in `docs/spec/wide.md`.
//!
//! A slot cannot be its own commitment: whoever knows the logarithm of `Yₖ`, as all trustees together do, opens `Bₖ` to any value.
//!
//! The proof is no signature. The caller's transcript says to what it is bound. Prover and verifier leave it with the whole proof in it,
//! so that a signature can follow.
//!
//! # Size and time
//!
//! `n` values, padded to `m`, a power of two, take `n + 17 + 2(4 + log₂m)` items of 32 bytes. Proving is constant time in values,
//! nonces and blindings; its inner-product argument is not, but it only sees what a verifier could be shown. Verifying is variable
//! time. Proving needs the feature `wide`, for the crate `bulletproofs`; verifying does not.
//!
//! # Example
//!
//! A value of at most 100,000, in two slots.
//!
//! ```
//! # #[cfg(feature = "wide")] {
//! # use tabella::crypto::{batch::Bases, elgamal::Ciphertext, group::Element, transcript::Transcript, wide::*};
//! # use curve25519_dalek::Scalar;
//! # use rand_core::OsRng;
//! # let keys = [1, 2].map(|_| Element::from_secret(&Scalar::random(&mut OsRng)).unwrap());
//! let mut rules = Rules::new(2);
//! rules.at_most([(0, 1), (1, 1 << 16)], 100_000);
//! let relation = Relation::new(rules, &[0, 1], &[0, 1], &keys).unwrap();
//!
//! // 70,000 = 4,464 + 65,536. The two limbs of slack hold the 30,000 that are left.
//! let limbs = [4_464u16, 1];
//! let values = relation.rules().fill(&limbs).to_vec();
//! let witness = Witness { values, nonce: Scalar::random(&mut OsRng) };
//! let ciphertext = Ciphertext::encrypt(&keys, &limbs.map(Scalar::from), &witness.nonce)?;
//! let statement = Statement { relation: &relation, ciphertext: &ciphertext };
//! let context = Transcript::new(b"example");
//! let proof = statement.prove(&witness, &ProvingGenerators::new(4), &mut context.clone(), &mut OsRng)?;
//!
//! let mut bases = Bases::new();
//! let handles = Generators::new(4).share(&keys, &mut bases);
//! statement.verify(&proof, (&bases, &handles), &mut context.clone(), &mut OsRng)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod generators;
mod link;
#[cfg(feature = "wide")]
mod prove;
mod range;
mod relation;
mod rules;

pub use generators::{Generators, Handles};
#[cfg(feature = "wide")]
pub use prove::ProvingGenerators;
pub use relation::Relation;
pub use rules::{MAX_VALUES, Rules};

use self::{link::Link, range::RangeProof};
use crate::{
    codec::{DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, VerifyError,
        batch::{Bases, Batch, Enqueue},
        elgamal::Ciphertext,
        group::Element,
        transcript::Transcript,
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The statement: the wide slots of this ciphertext hold values that keep the rules of this relation.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The relation that the ciphertext satisfies.
    pub relation: &'a Relation,
    /// The ciphertext. What is in its other slots is not part of the statement.
    pub ciphertext: &'a Ciphertext,
}

/// The secret witness.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Witness {
    /// The limbs in the order of the relation's places, then the slack.
    pub values: Vec<u16>,
    /// The nonce `r` of the ciphertext.
    pub nonce: Scalar,
}

impl core::fmt::Debug for Witness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Witness(..)")
    }
}

/// The proof: a commitment to each value, the range proof for them, and the link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(non_snake_case)]
pub struct Proof {
    V: Vec<Element>,
    range: RangeProof,
    link: Link,
}

/// All challenges of a proof.
pub(crate) struct Challenges {
    range: range::Challenges,
    link: link::Challenges,
}

#[allow(non_snake_case)]
impl Statement<'_> {
    fn absorb(&self, transcript: &mut Transcript) {
        let Self { relation, ciphertext: Ciphertext { a, b } } = self;
        transcript.append_bytes(b"wide", &relation.digest);
        transcript.append_element(b"A", a);
        transcript.append_elements(b"B", b.iter());
    }

    /// Absorbs statement and proof, and draws all challenges. The prover leaves its transcript in the same state.
    ///
    /// A proof that signs this one follows on the same transcript. Both are one entry of a batch, begun behind the last challenge.
    pub(crate) fn challenges(
        &self,
        proof: &Proof,
        handles: &Handles,
        transcript: &mut Transcript,
    ) -> Result<Challenges, ProofCheck> {
        let Self { relation, ciphertext } = *self;
        let Proof { V, range, link } = proof;
        let padded = relation.padded();
        if V.len() != relation.rules.values()
            || !range.fits(padded)
            || !handles.fit(padded)
            || ciphertext.b.len() != relation.width
            || relation.slots.iter().any(|slot| slot.number >= handles.slot_keys.len())
        {
            return Err(ProofCheck::Shape);
        }
        self.absorb(transcript);
        RangeProof::absorb_commitments(V, transcript);
        let range = range.challenges(transcript).map_err(|_| ProofCheck::Challenge)?;
        let link = link.challenges(transcript).map_err(|_| ProofCheck::Challenge)?;
        Ok(Challenges { range, link })
    }

    /// Adds the six equations to the entry of the batch that was begun last.
    pub(crate) fn add(
        &self,
        proof: &Proof,
        challenges: &Challenges,
        handles: &Handles,
        enqueue: &mut Enqueue<'_>,
    ) {
        let Proof { V, range, link } = proof;
        let V = enqueue.points(V);
        range.enqueue(V, &challenges.range, handles, enqueue);
        link.enqueue((self.relation, self.ciphertext), V, &challenges.link, handles, enqueue);
    }

    /// Adds the proof's six equations to a batch. These are the handles of the generators and slot keys in its [`Bases`].
    pub fn enqueue(
        &self,
        proof: &Proof,
        handles: &Handles,
        transcript: &mut Transcript,
        batch: &mut Batch,
    ) {
        match self.challenges(proof, handles, transcript) {
            Ok(challenges) => self.add(proof, &challenges, handles, &mut batch.enqueue(transcript)),
            Err(check) => batch.enqueue_invalid(check),
        }
    }

    /// Verifies one proof.
    pub fn verify(
        &self,
        proof: &Proof,
        (bases, handles): (&Bases, &Handles),
        transcript: &mut Transcript,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        let mut batch = Batch::new(bases);
        self.enqueue(proof, handles, transcript, &mut batch);
        batch.verify(rng)
    }
}

impl Proof {
    /// The size in bytes of a proof over `values` values.
    pub const fn size(values: usize) -> usize {
        32 * values + RangeProof::size(values.next_power_of_two()) + Link::SIZE
    }

    /// Reads a proof over `values` values. The bytes hold no count: the length follows from the statement.
    #[allow(non_snake_case)]
    pub fn decode(reader: &mut Reader<'_>, values: usize) -> Result<Self, DecodeError> {
        let V = reader.elements(values)?;
        let range = RangeProof::decode(reader, values.next_power_of_two())?;
        Ok(Self { V, range, link: Link::decode(reader)? })
    }
}

impl Encode for Proof {
    /// The commitments, the range proof, the link.
    #[allow(non_snake_case)]
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { V, range, link } = self;
        V.as_slice().encode(out);
        range.encode(out);
        link.encode(out);
    }
}

#[cfg(test)]
#[cfg(feature = "wide")]
mod tests;
