//! What somebody with all secrets can make, and what the library's provers and its board would refuse to make.
//!
//! Transcripts are a second implementation, from the specification.

mod ballots;
mod keys;
mod log;
mod opening;
mod plan;
mod town;
mod writer;

pub use ballots::{Forgery, header_bytes, spoil_opening, spoil_request};
pub use keys::{
    commit, complaint, confirmation, deal, erasure, members, promise, rehearsal, setup_context,
};
pub use log::{Log, receipt_by, signed_by};
pub use opening::{close_content, close_signature, signed_share};
pub use plan::{Edit, Handover, Keys, Plan};
pub use town::FIRST_BALLOT;

use curve25519_dalek::Scalar;
use sha3::{Digest, Sha3_512};
use tabella::{
    ballot::Election,
    board::Kind,
    crypto::{signature::AuthorSecret, transcript::Transcript},
    keys::AtRest,
    roll::Credential,
};

/// The context of all proofs of an election.
pub fn context(election: &Election) -> Transcript {
    let (manifest, ceremony) = (election.manifest(), election.ceremony().unwrap());
    let mut transcript = Transcript::new(b"election");
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_bytes(b"ceremony", ceremony.hash());
    transcript.append_elements(b"Y", ceremony.slot_keys().iter());
    transcript
}

/// A credential's secret scalar.
pub fn secret(credential: &Credential) -> Scalar {
    let (_, seed) = bech32::decode(&credential.expose_text()).unwrap();
    let mut hash = Sha3_512::new();
    hash.update(b"tabella/v1 credential");
    hash.update(seed);
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

/// The object of this kind and content.
pub fn object(kind: Kind, content: &[u8]) -> Vec<u8> {
    [&[kind as u8], content].concat()
}

fn scalar(bytes: &[u8]) -> Scalar {
    Scalar::from_canonical_bytes(bytes.try_into().unwrap()).unwrap()
}

/// An author's secret scalar.
pub fn author_scalar(author: &AuthorSecret) -> Scalar {
    scalar(&author.expose_bytes()[..32])
}
