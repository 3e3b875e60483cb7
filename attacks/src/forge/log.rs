//! A log of any entries, signed by anybody.

use super::object;
use rand_chacha::ChaCha20Rng;
use tabella::{
    board::{Kind, Receipt, State},
    codec::Encode,
    crypto::{
        signature::AuthorSecret,
        transcript::{Transcript, label},
    },
    log::{
        entry::entries,
        merkle::{Root, Tree},
    },
    manifest::Manifest,
};

/// Entries that nobody checks while they are written.
#[derive(Clone, Default)]
pub struct Log {
    pub bytes: Vec<u8>,
    pub tree: Tree,
}

impl Log {
    /// Appends one entry as it is.
    pub fn entry(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(&u16::try_from(entry.len()).unwrap().to_be_bytes());
        self.bytes.extend_from_slice(entry);
        self.tree.push(entry);
    }

    /// Appends an object.
    pub fn append(&mut self, object: &[u8]) {
        entries(object).for_each(|entry| self.entry(&entry));
    }

    /// Appends an object with a signature for its place.
    pub fn signed(
        &mut self,
        kind: Kind,
        content: &[u8],
        manifest: &Manifest,
        author: &AuthorSecret,
        rng: &mut ChaCha20Rng,
    ) {
        let place = (self.tree.size(), self.tree.root());
        self.append(&signed_at(author, place, manifest, kind, content, rng));
    }
}

/// An object with anybody's signature for the board's next place.
pub fn signed_by(
    author: &AuthorSecret,
    state: &State,
    manifest: &Manifest,
    kind: Kind,
    content: &[u8],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    signed_at(author, (state.size(), state.root()), manifest, kind, content, rng)
}

/// A receipt with anybody's signature in place of the operator's.
pub fn receipt_by(
    author: &AuthorSecret,
    manifest: &Manifest,
    receipt: &Receipt,
    rng: &mut ChaCha20Rng,
) -> Receipt {
    let mut transcript = Transcript::new(label::RECEIPT);
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_u64(b"fate", receipt.fate() as u64);
    transcript.append_u64(b"entry", receipt.entry());
    transcript.append_u64(b"size", receipt.size());
    transcript.append_bytes(b"root", receipt.root().as_bytes());
    transcript.append_bytes(b"tracker", receipt.tracker().as_bytes());
    let signature = author.sign(&mut transcript, rng).unwrap();
    let bytes = receipt.to_bytes();
    crate::read(&[&bytes[..bytes.len() - 64], &signature.to_bytes()].concat())
}

fn signed_at(
    author: &AuthorSecret,
    (size, root): (u64, Root),
    manifest: &Manifest,
    kind: Kind,
    content: &[u8],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let mut transcript = Transcript::new(label::ENTRY);
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    transcript.append_u64(b"kind", kind as u64);
    transcript.append_bytes(b"content", content);
    let signature = author.sign(&mut transcript, rng).unwrap();
    [object(kind, content), signature.to_bytes()].concat()
}
