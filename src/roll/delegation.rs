//! Votes by proxy: a voter lets another one cast ballots for her.

use super::Credential;
use crate::{
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        batch::{Bases, Batch},
        group::Element,
        linear,
        transcript::{Transcript, label},
    },
    manifest::{Manifest, ManifestHash},
    random,
};
use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};

/// Who casts ballots for whom, under which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The voter's key `X` on the roll.
    pub voter: Element,
    /// A new key `X′`, whose secret the proxy made. Ballots under it are the voter's, until she casts one herself.
    pub key: Element,
    /// The proxy's own key `P` on the roll.
    pub proxy: Element,
}

/// The signature of one of the three keys of a mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent(linear::Proof);

/// A mandate, signed with the secrets of all three keys. 288 bytes.
///
/// ```text
/// [ROLL.DELEGATE]  R + x·K − z·G = 0   for K = X, K = X′ and K = P
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    mandate: Mandate,
    consents: [Consent; 3],
}

impl Mandate {
    /// Signs with the secret of one of the three keys. Each of them can be on another device.
    ///
    /// # Errors
    ///
    /// `WrongSecret` if the credential is that of none of them.
    pub fn sign(
        &self,
        manifest: &Manifest,
        credential: &Credential,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Consent, ProveError> {
        let key = *credential.public();
        if !self.keys().contains(&key) {
            return Err(ProveError::WrongSecret);
        }
        let secret = [*credential.expose_secret()];
        let proof = statement(key).prove(&secret, &mut self.transcript(manifest.hash()), rng)?;
        Ok(Consent(proof))
    }

    /// `X`, `X′`, `P`.
    fn keys(&self) -> [Element; 3] {
        let Self { voter, key, proxy } = *self;
        [voter, key, proxy]
    }

    fn transcript(&self, manifest: ManifestHash) -> Transcript {
        let Self { voter, key, proxy } = self;
        let mut transcript = Transcript::new(label::DELEGATION);
        transcript.append_bytes(b"manifest", manifest.as_bytes());
        transcript.append_element(b"X", voter);
        transcript.append_element(b"X'", key);
        transcript.append_element(b"P", proxy);
        transcript
    }
}

/// `[ROLL.DELEGATE]  R + x·K − z·G = 0`
fn statement(key: Element) -> linear::Statement {
    let mut statement = linear::Statement::new("ROLL.DELEGATE", 1);
    statement.equation(key, [(0, Element::BASE)]);
    statement
}

impl Delegation {
    /// From the consents of the voter, of the new key and of the proxy.
    pub fn new(mandate: Mandate, voter: Consent, key: Consent, proxy: Consent) -> Self {
        Self { mandate, consents: [voter, key, proxy] }
    }

    /// Who casts for whom.
    pub fn mandate(&self) -> &Mandate {
        &self.mandate
    }

    /// Checks that all three signed, for this election.
    pub fn verify(
        &self,
        manifest: &Manifest,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_with(manifest.hash(), &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(crate) fn verify_with(
        &self,
        manifest: ManifestHash,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let Self { mandate, consents } = self;
        let mut batch = Batch::new(&Bases::new());
        for (key, Consent(proof)) in mandate.keys().into_iter().zip(consents) {
            // [ROLL.DELEGATE] R + x·K − z·G = 0 for K = X, K = X′ and K = P
            statement(key).enqueue(proof, &mut mandate.transcript(manifest), &mut batch);
        }
        batch.check(seed)
    }
}

impl Encode for Delegation {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { mandate, consents } = self;
        mandate.keys().iter().for_each(|key| key.encode(out));
        consents.iter().for_each(|Consent(proof)| proof.encode(out));
    }
}

impl Decode for Delegation {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mandate = Mandate {
            voter: reader.field("the voter's key").element()?,
            key: reader.field("the new key").element()?,
            proxy: reader.field("the proxy's key").element()?,
        };
        let mut consent = |of| Ok(Consent(linear::Proof::decode(reader.field(of), 1, 1)?));
        let consents = [consent("the voter's signature")?, consent("the new key's signature")?];
        let [voter, key] = consents;
        Ok(Self::new(mandate, voter, key, consent("the proxy's signature")?))
    }
}

impl Encode for Consent {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }
}

impl Decode for Consent {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(linear::Proof::decode(reader.field("signature"), 1, 1)?))
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { hex: Consent, "a signature under a delegation"; }
