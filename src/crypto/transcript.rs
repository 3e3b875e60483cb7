//! Fiat–Shamir transcripts over merlin, the only place that uses it itself.
//!
//! A transcript begins with a context (which ceremony, which election) that the caller builds once and clones for every
//! proof. [`Transcript::proof`] then opens the proof. The statement is absorbed next, and each message of the prover before
//! the challenge that depends on it. Elements are absorbed as their received bytes, and every list after its count.

use crate::crypto::{ProofCheck, ProveError, VerifyError, group::Element};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use merlin::TranscriptRng;
use rand_core::{CryptoRng, RngCore};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Version of the protocol, absorbed first into every context.
pub(crate) const PROTOCOL: &str = "tabella/v1";
/// The suite: group, transcript, hashes.
pub(crate) const SUITE: &str = "ristretto255-merlin-sha3";

/// Labels of contexts and proofs. Labels of single messages are next to the code that absorbs them.
pub mod label {
    /// Possession of a registered author's key.
    pub const AUTHOR: &[u8] = b"author possession";
    /// Possession of a voter's credential.
    pub const VOTER: &[u8] = b"voter possession";
    /// Signature under a delegation.
    pub const DELEGATION: &[u8] = b"voter delegation";
    /// Signature of an author under an entry.
    pub const ENTRY: &[u8] = b"entry signature";
    /// A trustee's signature under the close of voting.
    pub const CLOSE: &[u8] = b"close";
    /// Key ceremony: the commitment to a deal.
    pub const COMMIT: &[u8] = b"commit";
    /// Key ceremony: a complaint about a share.
    pub const COMPLAINT: &[u8] = b"complaint";
    /// A trustee's proof that it holds its shares.
    pub const REHEARSAL: &[u8] = b"rehearsal";
    /// A trustee's statement that it erased its shares.
    pub const ERASURE: &[u8] = b"erasure";
    /// Key ceremony: a deal.
    pub const DEAL: &[u8] = b"deal";
    /// Key ceremony: the key that encrypts one share.
    pub const SHARE_KEY: &[u8] = b"share key";
    /// The proof of a ballot.
    pub const BALLOT: &[u8] = b"ballot";
    /// A voter's statement that a ballot is spoiled.
    pub const SPOIL: &[u8] = b"spoil";
    /// The operator's receipt for a ballot or a spoil request.
    pub const RECEIPT: &[u8] = b"receipt";
    /// The proof of a mix.
    pub const MIX: &[u8] = b"mix";
    /// The proof of a trustee's decryption.
    pub const DECRYPTION: &[u8] = b"decryption";
    /// A proof of the caller's own. Nothing in this library has this label.
    pub const EXTENSION: &[u8] = b"extension";
}

/// A running transcript.
#[derive(Clone)]
pub struct Transcript(merlin::Transcript);

/// A challenge was zero.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZeroChallenge;

impl From<ZeroChallenge> for ProveError {
    fn from(_: ZeroChallenge) -> Self {
        Self::ZeroChallenge
    }
}

impl From<ZeroChallenge> for VerifyError {
    fn from(_: ZeroChallenge) -> Self {
        Self::single(ProofCheck::Challenge)
    }
}

impl Transcript {
    /// A new transcript. The version of the protocol and the suite come first.
    pub fn new(context: &'static [u8]) -> Self {
        let mut new = Self(merlin::Transcript::new(context));
        new.append_bytes(b"protocol", PROTOCOL.as_bytes());
        new.append_bytes(b"suite", SUITE.as_bytes());
        new
    }

    /// A copy of this context in which a proof with this label begins.
    #[must_use]
    pub fn proof(&self, label: &'static [u8]) -> Self {
        let mut copy = self.clone();
        copy.append_bytes(b"proof", label);
        copy
    }

    /// A copy of this context in which a proof of the caller's own begins, with a name that the caller chooses.
    ///
    /// The library begins all of its proofs with labels of [`label`], and none with [`label::EXTENSION`]. So whatever the name is, and whatever is
    /// absorbed next, no challenge of the library's proofs and none of an extension with another name is one of this.
    /// [`CastBallot::extension`](crate::ballot::CastBallot::extension) binds it to a ballot.
    #[must_use]
    pub fn extension(&self, name: &[u8]) -> Self {
        let mut copy = self.proof(label::EXTENSION);
        copy.append_bytes(b"name", name);
        copy
    }

    /// Absorbs bytes; merlin absorbs their length with them.
    pub fn append_bytes(&mut self, label: &'static [u8], bytes: &[u8]) {
        self.0.append_message(label, bytes);
    }

    /// Absorbs a number.
    pub fn append_u64(&mut self, label: &'static [u8], number: u64) {
        self.0.append_u64(label, number);
    }

    /// Absorbs an element's canonical bytes.
    pub fn append_element(&mut self, label: &'static [u8], element: &Element) {
        self.append_bytes(label, element.as_bytes());
    }

    /// Absorbs a count and then that many elements.
    pub fn append_elements<'a>(
        &mut self,
        label: &'static [u8],
        elements: impl ExactSizeIterator<Item = &'a Element>,
    ) {
        self.append_u64(b"count", elements.len() as u64);
        for element in elements {
            self.append_element(label, element);
        }
    }

    /// Absorbs a count and then that many scalars.
    pub(crate) fn append_scalars(&mut self, label: &'static [u8], scalars: &[Scalar]) {
        self.append_u64(b"count", scalars.len() as u64);
        for scalar in scalars {
            self.append_bytes(label, scalar.as_bytes());
        }
    }

    /// A challenge for a proof of the caller's own, from everything that was absorbed: 64 bytes reduced modulo the group order.
    /// As bytes it is a [`digest`](Self::digest).
    ///
    /// # Errors
    ///
    /// [`ProofCheck::Challenge`] if it is zero, by chance with probability 2⁻²⁵². A prover begins again, a verifier refuses.
    pub fn challenge_scalar(&mut self, label: &'static [u8]) -> Result<Scalar, ProofCheck> {
        self.challenge(label).map_err(|ZeroChallenge| ProofCheck::Challenge)
    }

    /// A challenge: 64 bytes reduced modulo the group order.
    pub(crate) fn challenge(&mut self, label: &'static [u8]) -> Result<Scalar, ZeroChallenge> {
        let mut bytes = [0; 64];
        self.0.challenge_bytes(label, &mut bytes);
        let scalar = Scalar::from_bytes_mod_order_wide(&bytes);
        if scalar == Scalar::ZERO { Err(ZeroChallenge) } else { Ok(scalar) }
    }

    /// Independent challenges, drawn together: 64 bytes for each, reduced modulo the group order.
    ///
    /// merlin counts bytes with 32 bits, so there must be fewer than 2²⁶.
    pub(crate) fn challenges(
        &mut self,
        label: &'static [u8],
        count: usize,
    ) -> Result<Vec<Scalar>, ZeroChallenge> {
        let mut bytes = alloc::vec![0; 64 * count];
        self.0.challenge_bytes(label, &mut bytes);
        let (wide, _) = bytes.as_chunks::<64>();
        let scalars: Vec<Scalar> = wide.iter().map(Scalar::from_bytes_mod_order_wide).collect();
        if scalars.contains(&Scalar::ZERO) { Err(ZeroChallenge) } else { Ok(scalars) }
    }

    /// 128-bit numbers, drawn together, where short challenges suffice.
    pub(crate) fn weights(&mut self, label: &'static [u8], count: usize) -> Vec<Scalar> {
        let mut bytes = alloc::vec![0; 16 * count];
        self.0.challenge_bytes(label, &mut bytes);
        let (weights, _) = bytes.as_chunks::<16>();
        weights.iter().map(|bytes| Scalar::from(u128::from_le_bytes(*bytes))).collect()
    }

    /// 32 bytes that depend on everything absorbed.
    pub fn digest(&mut self, label: &'static [u8]) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.challenge_bytes(label, &mut bytes);
        bytes
    }

    /// The transcript for a proof that another crate makes.
    #[cfg(feature = "wide")]
    pub(crate) fn merlin(&mut self) -> &mut merlin::Transcript {
        &mut self.0
    }

    /// A generator of nonces: this transcript's state, rekeyed with every secret of the proof and the caller's randomness.
    /// Each round builds a new one.
    ///
    /// Nonces stay unpredictable if either the secrets or the caller's generator are.
    pub(crate) fn nonces<'s>(
        &self,
        secrets: impl IntoIterator<Item = &'s Scalar>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<TranscriptRng, ProveError> {
        let mut builder = self.0.build_rng();
        for secret in secrets {
            builder = builder.rekey_with_witness_bytes(b"secret", secret.as_bytes());
        }
        // merlin would call `fill_bytes`, which panics if the generator fails.
        let mut drawn = Drawn([0; 32]);
        rng.try_fill_bytes(&mut drawn.0).map_err(|_| ProveError::Randomness)?;
        Ok(builder.finalize(&mut drawn))
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transcript(..)")
    }
}

/// A uniform scalar.
pub(crate) fn random_scalar(rng: &mut impl RngCore) -> Result<Scalar, ProveError> {
    let mut bytes = Zeroizing::new([0; 64]);
    rng.try_fill_bytes(bytes.as_mut()).map_err(|_| ProveError::Randomness)?;
    Ok(Scalar::from_bytes_mod_order_wide(&bytes))
}

/// `n` uniform scalars. Memory is allocated at once, since a growing list would leave copies behind.
pub(crate) fn random_scalars(
    n: usize,
    rng: &mut impl RngCore,
) -> Result<Zeroizing<Vec<Scalar>>, ProveError> {
    let mut scalars = Zeroizing::new(Vec::with_capacity(n));
    for _ in 0..n {
        scalars.push(random_scalar(rng)?);
    }
    Ok(scalars)
}

/// 32 bytes drawn in advance, in the form of the generator that merlin expects.
#[derive(ZeroizeOnDrop)]
struct Drawn([u8; 32]);

impl RngCore for Drawn {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }
    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        for (out, drawn) in out.iter_mut().zip(self.0.iter().cycle()) {
            *out = *drawn;
        }
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Drawn {}
