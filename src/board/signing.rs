//! Signatures under entries: the operator's, and the trustees' under the close.

use super::{Kind, Refusal, Root, State};
use crate::{
    author::{AuthorSecret, Signature},
    ballot::Election,
    codec::{Decode, Encode, Reader, put_count},
    error::{ProveError, VerifyError},
    keys::Ceremony,
    manifest::{Manifest, ManifestHash},
    transcript::{Transcript, label},
};
use alloc::{collections::BTreeMap, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// Bytes of an author's signature, which stand last in an object.
pub(crate) const SIGNATURE: usize = 64;

/// A trustee's signature under the close of voting at one size and root of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseSignature {
    trustee: u16,
    signature: Signature,
}

impl CloseSignature {
    pub(super) fn new(trustee: u16, signature: Signature) -> Self {
        Self { trustee, signature }
    }
}

impl State {
    /// The content of a signed object, if the operator signed it for this place of the board.
    pub(super) fn signed<'b>(
        &self,
        manifest: &Manifest,
        kind: Kind,
        body: &'b [u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<&'b [u8], Refusal> {
        let mut reader = Reader::new(body);
        let content = reader.bytes(body.len().saturating_sub(SIGNATURE))?;
        let signature = Signature::decode(&mut reader)?;
        reader.finish()?;
        let mut transcript = self.entry_transcript(manifest.hash(), kind, content);
        match manifest.operator().verify_signature(&signature, &mut transcript, rng) {
            Ok(()) => Ok(content),
            Err(VerifyError::Randomness) => Err(Refusal::Randomness),
            Err(VerifyError::Invalid(_)) => Err(Refusal::Signature { kind }),
        }
    }

    /// An entry's signature binds the election, the place of the entry and everything before it.
    fn entry_transcript(&self, manifest: ManifestHash, kind: Kind, content: &[u8]) -> Transcript {
        let mut transcript = Transcript::new(label::ENTRY);
        transcript.append_bytes(b"manifest", manifest.as_bytes());
        transcript.append_u64(b"size", self.size());
        transcript.append_bytes(b"root", self.root().as_bytes());
        transcript.append_u64(b"kind", kind as u64);
        transcript.append_bytes(b"content", content);
        transcript
    }

    /// The object of this kind and content, signed by the operator for the board's next place.
    ///
    /// # Errors
    ///
    /// `WrongSecret` if the manifest names another operator. Then nothing is signed.
    pub fn sign(
        &self,
        operator: &AuthorSecret,
        manifest: &Manifest,
        kind: Kind,
        content: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>, ProveError> {
        check_operator(operator, manifest)?;
        let mut transcript = self.entry_transcript(manifest.hash(), kind, content);
        let signature = operator.sign(&mut transcript, rng)?;
        let mut object = alloc::vec![kind as u8];
        object.extend_from_slice(content);
        signature.encode(&mut object);
        Ok(object)
    }

    /// Puts trustees' signatures together and signs as the operator: the object that closes voting now.
    pub fn close(
        &self,
        operator: &AuthorSecret,
        signatures: &[CloseSignature],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<u8>, ProveError> {
        let manifest = self.manifest().ok_or(ProveError::Shape)?;
        let by_trustee: BTreeMap<u16, &Signature> =
            signatures.iter().map(|close| (close.trustee, &close.signature)).collect();
        let mut content = self.size().to_be_bytes().to_vec();
        content.extend_from_slice(self.root().as_bytes());
        put_count(&mut content, by_trustee.len());
        for (number, signature) in by_trustee {
            content.extend_from_slice(&number.to_be_bytes());
            signature.encode(&mut content);
        }
        self.sign(operator, manifest, Kind::Close, &content, rng)
    }
}

/// Whether this is the secret of the operator whom the manifest names. Who has several elections has several secrets.
pub(super) fn check_operator(
    operator: &AuthorSecret,
    manifest: &Manifest,
) -> Result<(), ProveError> {
    let same = operator.public().element() == manifest.operator().element();
    if same { Ok(()) } else { Err(ProveError::WrongSecret) }
}

/// What a trustee signs to close: the election, the keys in force, the trustee, and the board's size and root.
pub(super) fn close_transcript(
    election: &Election,
    ceremony: &Ceremony,
    trustee: u16,
    size: u64,
    root: Root,
) -> Transcript {
    let mut transcript = election.context().proof(label::CLOSE);
    transcript.append_bytes(b"keys", ceremony.hash());
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    transcript
}
