//! The trustees' messages besides deals: commits, complaints, confirmations, rehearsals, erasures.

use super::{Ceremony, Deal, Setup};
use crate::{
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError,
        group::Element,
        linear,
        signature::{AuthorSecret, Signature},
        transcript::{Transcript, label},
    },
};
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};

/// A dealer's commitment to a deal, made before anybody has seen one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    dealer: u16,
    hash: [u8; 32],
    signature: Signature,
}

impl Commit {
    pub(super) fn new(
        setup: &Setup,
        deal: &Deal,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let (dealer, hash) = (deal.dealer(), deal_hash(setup, &deal.to_bytes()));
        let signature = author.sign(&mut Self::transcript(setup, dealer, &hash), rng)?;
        Ok(Self { dealer, hash, signature })
    }

    fn transcript(setup: &Setup, dealer: u16, hash: &[u8; 32]) -> Transcript {
        let mut transcript = setup.context().proof(label::COMMIT);
        transcript.append_u64(b"dealer", dealer.into());
        transcript.append_bytes(b"deal", hash);
        transcript
    }

    /// The dealer's number.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// Whether this is the commitment to the deal with these bytes.
    pub(crate) fn matches(&self, setup: &Setup, deal: &[u8]) -> bool {
        self.hash == deal_hash(setup, deal)
    }

    /// The hash of the deal.
    pub(super) fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// Checks the dealer's signature, with weights from this seed.
    pub(super) fn verify_with(&self, setup: &Setup, seed: &[u8; 32]) -> Result<(), ProofCheck> {
        let Self { dealer, hash, signature } = self;
        let transcript = Self::transcript(setup, *dealer, hash);
        Setup::verify_signature(setup.dealer(*dealer), signature, transcript, seed)
    }
}

impl Encode for Commit {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { dealer, hash, signature } = self;
        out.extend_from_slice(&dealer.to_be_bytes());
        out.extend_from_slice(hash);
        signature.encode(out);
    }
}

impl Decode for Commit {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            dealer: reader.field("dealer").u16()?,
            hash: reader.field("hash of the deal").array()?,
            signature: Signature::decode(reader.field("signature"))?,
        })
    }
}

/// The hash that a dealer commits to.
fn deal_hash(setup: &Setup, deal: &[u8]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 deal");
    hash.update(setup.manifest().as_bytes());
    hash.update(setup.epoch().to_be_bytes());
    hash.update(deal);
    hash.finalize().into()
}

/// A member's statement that its share of a deal is bad. It reveals this one share.
///
/// ```text
/// [KEY.COMPLAINT]  knowledge of c with C = cG and K = cU
/// ```
///
/// `K` decrypts this share and nothing else, since `U` is used in no other deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    complainer: u16,
    dealer: u16,
    shared: Element,
    proof: linear::Proof,
}

impl Complaint {
    pub(super) fn new(
        setup: &Setup,
        deal: &Deal,
        complainer: u16,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let shared = Element::new(author.expose_secret() * deal.ephemeral().point());
        let shared = shared.ok_or(ProveError::Shape)?;
        let statement = Self::statement(author.public().element(), deal, shared);
        let hash = deal_hash(setup, &deal.to_bytes());
        let mut transcript = Self::transcript(setup, deal.dealer(), &hash, complainer);
        let proof = statement.prove(&[*author.expose_secret()], &mut transcript, rng)?;
        Ok(Self { complainer, dealer: deal.dealer(), shared, proof })
    }

    fn statement(key: &Element, deal: &Deal, shared: Element) -> linear::Statement {
        let mut statement = linear::Statement::new("KEY.COMPLAINT", 1);
        statement.equation(*key, [(0, Element::BASE)]);
        statement.equation(shared, [(0, *deal.ephemeral())]);
        statement
    }

    fn transcript(setup: &Setup, dealer: u16, deal: &[u8; 32], complainer: u16) -> Transcript {
        let mut transcript = setup.context().proof(label::COMPLAINT);
        transcript.append_u64(b"complainer", complainer.into());
        transcript.append_u64(b"dealer", dealer.into());
        // The whole deal and not only the share: its dealer could make another deal with the same share and other
        // commitments, so that a true complaint becomes a false one. The transcript has its hash, since many members may
        // complain about one deal.
        transcript.append_bytes(b"deal", deal);
        transcript
    }

    /// The number of the member.
    pub fn complainer(&self) -> u16 {
        self.complainer
    }

    /// The number of the dealer.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// The point that decrypts the share.
    pub(super) fn shared(&self) -> &Element {
        &self.shared
    }

    /// Checks that the member complains about this deal and reveals the share that it was dealt. Whether the
    /// share is bad is not checked. Weights come from this seed.
    pub(super) fn verify_with(
        &self,
        setup: &Setup,
        deal: &Deal,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        self.verify_committed(setup, deal, &deal_hash(setup, &deal.to_bytes()), seed)
    }

    /// The same for a deal whose hash is known from its commitment.
    pub(super) fn verify_committed(
        &self,
        setup: &Setup,
        deal: &Deal,
        hash: &[u8; 32],
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let Self { complainer, dealer, shared, proof } = self;
        let is_dealt = setup.deals_to(*dealer, *complainer);
        let key = setup.member(*complainer).filter(|_| is_dealt && *dealer == deal.dealer());
        let key = key.ok_or(ProofCheck::Shape)?;
        // [KEY.COMPLAINT] knowledge of c with C = cG and K = cU
        let statement = Self::statement(key.element(), deal, *shared);
        let mut transcript = Self::transcript(setup, *dealer, hash, *complainer);
        statement.verify_with(proof, &mut transcript, seed)
    }
}

impl Encode for Complaint {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { complainer, dealer, shared, proof } = self;
        out.extend_from_slice(&complainer.to_be_bytes());
        out.extend_from_slice(&dealer.to_be_bytes());
        shared.encode(out);
        proof.encode(out);
    }
}

impl Decode for Complaint {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            complainer: reader.field("trustee").u16()?,
            dealer: reader.field("dealer").u16()?,
            shared: reader.field("K").element()?,
            proof: linear::Proof::decode(reader.field("proof"), 2, 1)?,
        })
    }
}

/// A trustee's signature under the keys of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    trustee: u16,
    signature: Signature,
}

impl Confirmation {
    pub(super) fn new(
        ceremony: &Ceremony,
        trustee: u16,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let signature = author.sign(&mut ceremony.confirmation(trustee), rng)?;
        Ok(Self { trustee, signature })
    }

    /// One that somebody made before.
    pub(super) fn of(trustee: u16, signature: Signature) -> Self {
        Self { trustee, signature }
    }

    /// The trustee's number.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// The signature. [`Ceremony::verify_confirmation`] checks it.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl Encode for Confirmation {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, signature } = self;
        out.extend_from_slice(&trustee.to_be_bytes());
        signature.encode(out);
    }
}

impl Decode for Confirmation {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            trustee: reader.field("trustee").u16()?,
            signature: Signature::decode(reader.field("signature"))?,
        })
    }
}

/// A trustee's proof that it still holds its shares. It answers a 32-byte question and not a ciphertext: an answer to a
/// ciphertext would be a decryption.
///
/// ```text
/// [KEY.REHEARSAL]  knowledge of c and all sₖ with C = cG, Yⱼₖ = sₖG
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearsal {
    trustee: u16,
    proof: linear::Proof,
}

impl Rehearsal {
    pub(super) fn new(
        ceremony: &Ceremony,
        context: &Transcript,
        question: &[u8; 32],
        (trustee, author, shares): (u16, &AuthorSecret, &[Scalar]),
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let statement = Self::statement(ceremony, trustee).ok_or(ProveError::Shape)?;
        let mut secrets = zeroize::Zeroizing::new(Vec::with_capacity(1 + shares.len()));
        secrets.push(*author.expose_secret());
        secrets.extend_from_slice(shares);
        let mut transcript = Self::transcript(context, trustee, question);
        Ok(Self { trustee, proof: statement.prove(&secrets, &mut transcript, rng)? })
    }

    fn statement(ceremony: &Ceremony, trustee: u16) -> Option<linear::Statement> {
        let keys = ceremony.verification_keys(trustee)?;
        let author = ceremony.setup().member(trustee)?.element();
        let mut statement = linear::Statement::new("KEY.REHEARSAL", 1 + keys.len());
        for (secret, key) in core::iter::once(author).chain(keys).enumerate() {
            statement.equation(*key, [(secret, Element::BASE)]);
        }
        Some(statement)
    }

    fn transcript(context: &Transcript, trustee: u16, question: &[u8; 32]) -> Transcript {
        let mut transcript = context.proof(label::REHEARSAL);
        transcript.append_u64(b"trustee", trustee.into());
        transcript.append_bytes(b"question", question);
        transcript
    }

    /// The trustee's number.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// Reads a rehearsal of a trustee of this ceremony.
    pub fn decode(reader: &mut Reader<'_>, ceremony: &Ceremony) -> Result<Self, DecodeError> {
        let size = 1 + ceremony.setup().slots();
        let trustee = reader.field("trustee").u16()?;
        Ok(Self { trustee, proof: linear::Proof::decode(reader.field("proof"), size, size)? })
    }

    /// Checks the answer to this question, in the context that all decryption proofs share, with batch weights from this
    /// seed.
    pub(crate) fn verify_with(
        &self,
        ceremony: &Ceremony,
        context: &Transcript,
        question: &[u8; 32],
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let Self { trustee, proof } = self;
        // [KEY.REHEARSAL] knowledge of c and all sₖ with C = cG, Yⱼₖ = sₖG
        let statement = Self::statement(ceremony, *trustee).ok_or(ProofCheck::Shape)?;
        statement.verify_with(proof, &mut Self::transcript(context, *trustee, question), seed)
    }
}

impl Encode for Rehearsal {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, proof } = self;
        out.extend_from_slice(&trustee.to_be_bytes());
        proof.encode(out);
    }
}

/// A trustee's signed statement that it erased its shares of a ceremony after they were reshared. It cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    epoch: u32,
    trustee: u16,
    signature: Signature,
}

impl Erasure {
    pub(super) fn new(
        ceremony: &Ceremony,
        trustee: u16,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let signature = author.sign(&mut Self::transcript(ceremony, trustee), rng)?;
        Ok(Self { epoch: ceremony.setup().epoch(), trustee, signature })
    }

    fn transcript(ceremony: &Ceremony, trustee: u16) -> Transcript {
        let mut transcript = ceremony.setup().context().proof(label::ERASURE);
        transcript.append_bytes(b"ceremony", ceremony.hash());
        transcript.append_u64(b"trustee", trustee.into());
        transcript
    }

    /// The ceremony whose shares are erased.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The trustee's number in that ceremony.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }

    /// Checks the signature of a trustee of this ceremony, with weights from this seed.
    pub(crate) fn verify_with(
        &self,
        ceremony: &Ceremony,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let Self { epoch, trustee, signature } = self;
        let setup = ceremony.setup();
        let holds = *epoch == setup.epoch() && ceremony.verification_keys(*trustee).is_some();
        let key = setup.member(*trustee).filter(|_| holds);
        Setup::verify_signature(key, signature, Self::transcript(ceremony, *trustee), seed)
    }
}

impl Encode for Erasure {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { epoch, trustee, signature } = self;
        out.extend_from_slice(&epoch.to_be_bytes());
        out.extend_from_slice(&trustee.to_be_bytes());
        signature.encode(out);
    }
}

impl Decode for Erasure {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            epoch: reader.field("epoch").u32()?,
            trustee: reader.field("trustee").u16()?,
            signature: Signature::decode(reader.field("signature"))?,
        })
    }
}
