//! Signatures under entries: the operator's, and the trustees' that close voting.

use super::{Kind, Refusal, State};
use crate::{
    ballot::Election,
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        ProveError, VerifyError,
        signature::{AuthorSecret, Signature},
        transcript::{Transcript, label},
    },
    keys::Ceremony,
    log::merkle::Root,
    manifest::{Manifest, ManifestHash},
};
use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};

/// Bytes of an author's signature, which stand last in an object.
pub(crate) const SIGNATURE: usize = 64;

/// A trustee's signature that voting ends with the board as it was frozen, at one size and root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseSignature {
    pub(super) trustee: u16,
    pub(super) signature: Signature,
}

impl CloseSignature {
    /// The trustee's number.
    pub fn trustee(&self) -> u16 {
        self.trustee
    }
}

impl Encode for CloseSignature {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { trustee, signature } = self;
        out.extend_from_slice(&trustee.to_be_bytes());
        signature.encode(out);
    }
}

impl Decode for CloseSignature {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { trustee: reader.u16()?, signature: Signature::decode(reader)? })
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
}

/// Whether this is the secret of the operator whom the manifest names. Who has several elections has several secrets.
pub(super) fn check_operator(
    operator: &AuthorSecret,
    manifest: &Manifest,
) -> Result<(), ProveError> {
    let same = operator.public().element() == manifest.operator().element();
    if same { Ok(()) } else { Err(ProveError::WrongSecret) }
}

/// What a trustee signs to close: the election, the keys in force, the trustee, and size and root of the frozen board.
pub(super) fn close_transcript(
    election: &Election,
    ceremony: &Ceremony,
    trustee: u16,
    (size, root): (u64, Root),
) -> Transcript {
    let mut transcript = election.context().proof(label::CLOSE);
    transcript.append_bytes(b"keys", ceremony.hash());
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    transcript
}
