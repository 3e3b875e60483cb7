//! The operator's signature under an entry.

use crate::{
    board::{Kind, Refusal, State},
    codec::{Decode, Encode, Reader},
    crypto::{
        ProveError,
        signature::{AuthorKey, AuthorSecret, Signature},
        transcript::{Transcript, label},
    },
    manifest::{Manifest, ManifestHash},
};
use alloc::{boxed::Box, vec::Vec};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Bytes of an author's signature, which stand last in an object.
pub(crate) const SIGNATURE: usize = 64;

impl State {
    /// The content of a signed object, if the operator signed it for this place of the board.
    pub(in crate::board) fn signed<'b>(
        &self,
        manifest: &Manifest,
        kind: Kind,
        body: &'b [u8],
        seed: &[u8; 32],
    ) -> Result<&'b [u8], Refusal> {
        let mut reader = Reader::new(body);
        let content = reader.bytes(body.len().saturating_sub(SIGNATURE))?;
        let signature = Signature::decode(&mut reader)?;
        reader.finish()?;
        let mut transcript = self.entry_transcript(manifest.hash(), kind, content);
        let operator = manifest.operator();
        let verified = operator.verify_signature_with(&signature, &mut transcript, seed);
        verified.map(|()| content).map_err(|_| Refusal::Signature { kind })
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

/// The secret is not that of the operator whom the manifest names. Nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherOperator {
    /// The public key of the secret that was given.
    pub found: Box<AuthorKey>,
    /// The operator's key in the manifest.
    pub expected: Box<AuthorKey>,
}

impl fmt::Display for OtherOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, expected } = self;
        write!(
            f,
            "this is the secret of the key {found}, and the manifest's operator has the key {expected}"
        )
    }
}

impl core::error::Error for OtherOperator {}

impl From<OtherOperator> for ProveError {
    fn from(_: OtherOperator) -> Self {
        Self::WrongSecret
    }
}

/// Whether this is the secret of the operator whom the manifest names. Who has several elections has several secrets.
pub(in crate::board) fn check_operator(
    operator: &AuthorSecret,
    manifest: &Manifest,
) -> Result<(), OtherOperator> {
    let (found, expected) = (operator.public(), manifest.operator());
    if found.element() == expected.element() {
        return Ok(());
    }
    Err(OtherOperator { found: found.clone().into(), expected: expected.clone().into() })
}
