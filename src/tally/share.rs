//! Opening: each trustee sends one decryption factor for every sum, and one proof for all of them.
//!
//! The pairs of a ciphertext, which is the sum of a cell or a mixed row, and a slot are opened in the tally's order. The proof is
//! that of [`crypto::decryption`](crate::crypto::decryption), so a share that is signed and wrong is evidence against its
//! trustee ([`DecryptionShare::fault`]). Any `t` valid shares of each group give `Mₖ = Bₖ − Σⱼ λⱼPₘₖ = vₖG`, with the Lagrange coefficients
//! `λⱼ` at 0 in the group; more change nothing.

use crate::{
    ballot::Election,
    codec::{DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        batch::{Bases, Batch},
        decryption::{Pair, Proof, Statement, Witness},
        group::Element,
        transcript::{Transcript, label},
    },
    keys::{Ceremony, Trustee},
    parallel, random,
    tally::{Opened, Tally},
};
use alloc::{collections::BTreeSet, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// A trustee's decryption factors with their proof, not yet verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShare {
    pub(super) trustee: u16,
    pub(super) factors: Vec<Element>,
    proof: Proof,
}

/// A decryption share whose proof was verified against a tally. Only [`DecryptionShare::verify`] makes it.
///
/// Nobody else can put it together:
///
/// ```compile_fail,E0451
/// # use tabella::tally::{DecryptionShare, VerifiedShare};
/// fn believe(share: DecryptionShare) -> VerifiedShare {
///     VerifiedShare { share, against: [[0; 32]; 2] }
/// }
/// ```
///
/// And it cannot be read from bytes or by serde, which would skip the proof:
///
/// ```compile_fail,E0277
/// # use tabella::{codec::Decode, tally::VerifiedShare};
/// fn decodable<T: Decode>() {}
/// decodable::<VerifiedShare>();
/// ```
///
/// ```compile_fail,E0277
/// # use tabella::tally::VerifiedShare;
/// fn deserializable<T: serde::de::DeserializeOwned>() {}
/// deserializable::<VerifiedShare>();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedShare {
    pub(super) share: DecryptionShare,
    /// The tally's hash, and that of the ceremony whose keys were used.
    pub(super) against: [[u8; 32]; 2],
}

impl VerifiedShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.share.trustee
    }
}

/// The context of everything that opens: the election, the epoch, `n`, `t` and all verification keys.
pub(crate) fn context(election: &Election, ceremony: &Ceremony) -> Transcript {
    let mut transcript = election.context().clone();
    let setup = ceremony.setup();
    transcript.append_u64(b"epoch", setup.epoch().into());
    for group in setup.groups().iter() {
        transcript.append_u64(b"n", group.members.len() as u64);
        transcript.append_u64(b"t", group.threshold.into());
        for number in group.numbers() {
            let keys = ceremony.verification_keys(number).unwrap_or_default();
            transcript.append_elements(b"Yj", keys.iter());
        }
    }
    transcript
}

/// Whether the keys are those of the election, whoever holds their shares now.
pub(crate) fn belongs(election: &Election, ceremony: &Ceremony) -> bool {
    election.manifest().hash() == ceremony.setup().manifest()
        && election.slot_keys() == ceremony.slot_keys()
}

/// Whether the keys and the tally are those of the election.
fn fits(election: &Election, ceremony: &Ceremony, tally: &Tally) -> bool {
    tally.manifest() == election.manifest().hash() && belongs(election, ceremony)
}

/// What a share says; `None` if the trustee does not hold one, or if this is not the tally or not the ceremony of the election.
fn statement<'a>(
    election: &Election,
    ceremony: &'a Ceremony,
    tally: &'a Tally,
    trustee: u16,
    factors: &'a [Element],
) -> Option<Statement<'a>> {
    let pair = |o: &Opened| Pair { ciphertext: o.ciphertext, slot: o.slot };
    fits(election, ceremony, tally).then_some(Statement {
        trustee,
        author: ceremony.setup().member(trustee)?.element(),
        keys: ceremony.verification_keys(trustee)?,
        tally: tally.as_bytes(),
        nonce_points: tally.nonce_points(),
        pairs: tally.opened().iter().map(pair).collect(),
        factors,
    })
}

/// The transcript of a share's proof, before its statement.
fn transcript(election: &Election, ceremony: &Ceremony) -> Transcript {
    context(election, ceremony).proof(label::DECRYPTION)
}

impl Trustee {
    /// All decryption factors of a tally, and the proof. Constant time in the shares.
    ///
    /// It opens any tally, so a caller must derive the tally from a closed board, as [`Trustee::open`] does.
    ///
    /// # Errors
    ///
    /// `Shape` if the tally opens nothing, or more slots than this trustee has shares.
    pub fn expose_factors(
        &self,
        election: &Election,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<DecryptionShare, ProveError> {
        let (ceremony, trustee) = (self.ceremony(), self.number());
        if !fits(election, ceremony, tally) {
            return Err(ProveError::Shape);
        }
        let nonce_points = tally.nonce_points();
        let share = |slot: usize| self.expose_share(slot).ok_or(ProveError::Shape);
        let factor = |o: &Opened| {
            let point = nonce_points.get(o.ciphertext).ok_or(ProveError::Shape)?;
            Element::new(share(o.slot)? * point).ok_or(ProveError::Randomness)
        };
        let factors = parallel::each_item(tally.opened(), factor);
        let factors: Vec<Element> = factors.into_iter().collect::<Result<_, _>>()?;
        let statement = statement(election, ceremony, tally, trustee, &factors);
        let statement = statement.ok_or(ProveError::Shape)?;
        let shares = statement.slots().into_iter().map(share).collect::<Result<_, _>>()?;
        let witness = Witness { shares, author: self.author().expose_secret() };
        let proof = statement.prove(&witness, &mut transcript(election, ceremony), rng)?;
        Ok(DecryptionShare { trustee, factors, proof })
    }
}

impl DecryptionShare {
    /// The trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// Reads the share for a tally, which gives all lengths.
    pub fn decode(reader: &mut Reader<'_>, tally: &Tally) -> Result<Self, DecodeError> {
        let slots: BTreeSet<_> = tally.opened().iter().map(|o| o.slot).collect();
        Ok(Self {
            trustee: reader.field("trustee").u16()?,
            factors: reader.field("decryption factors").elements(tally.opened().len())?,
            proof: Proof::decode(reader, slots.len())?,
        })
    }

    /// Adds the share's equations to a batch, whose bases may be [`Bases::new`].
    pub fn enqueue(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        batch: &mut Batch,
    ) {
        self.enqueue_some(election, ceremony, tally, batch, false);
    }

    /// Adds all equations, or that of the signature alone.
    fn enqueue_some(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        batch: &mut Batch,
        signature_alone: bool,
    ) {
        let Some(statement) = statement(election, ceremony, tally, self.trustee, &self.factors)
        else {
            return batch.enqueue_invalid(ProofCheck::Shape);
        };
        let mut transcript = transcript(election, ceremony);
        if signature_alone {
            statement.enqueue_signature(&self.proof, &mut transcript, batch);
        } else {
            statement.enqueue(&self.proof, &mut transcript, batch);
        }
    }

    /// Verifies the share against the tally that it opens.
    pub fn verify(
        self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<VerifiedShare, VerifyError> {
        Ok(self.verify_with(election, ceremony, tally, &random::seed(rng)?)?)
    }

    /// The same with weights from this seed.
    pub(crate) fn verify_with(
        self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        seed: &[u8; 32],
    ) -> Result<VerifiedShare, ProofCheck> {
        let mut batch = Batch::new(&Bases::new());
        self.enqueue(election, ceremony, tally, &mut batch);
        batch.check(seed)?;
        Ok(VerifiedShare { share: self, against: [tally.hash(), *ceremony.hash()] })
    }

    /// The check that this share fails by its trustee's own fault: it is signed and wrong. Anybody who has the tally
    /// sees the same.
    ///
    /// `None` if it is valid, or if it is not signed, so that anybody could have made it up.
    pub fn fault(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Option<ProofCheck>, ProveError> {
        let seed = random::seed(rng).map_err(|_| ProveError::Randomness)?;
        Ok(self.fault_with(election, ceremony, tally, &seed))
    }

    /// The same with weights from this seed.
    pub(crate) fn fault_with(
        &self,
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        seed: &[u8; 32],
    ) -> Option<ProofCheck> {
        // The signature alone is one equation, which takes no weight, so that both batches can have one seed.
        let failed = |signature_alone| {
            let mut batch = Batch::new(&Bases::new());
            self.enqueue_some(election, ceremony, tally, &mut batch, signature_alone);
            batch.check(seed).err()
        };
        let signed = failed(true).is_none();
        if signed { failed(false) } else { None }
    }
}

impl Encode for DecryptionShare {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, factors, proof } = self;
        out.extend_from_slice(&trustee.to_be_bytes());
        factors.as_slice().encode(out);
        proof.encode(out);
    }
}

#[cfg(test)]
mod tests;
