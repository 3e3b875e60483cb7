//! The end of voting: the operator freezes the board, and a quorum of trustees signs that voting ends there.
//!
//! What they sign is the board right behind the freeze. It does not change while voting is frozen, so no signature
//! is wasted. As long as no trustee has signed, the operator can lift the freeze, and voting goes on.

use crate::{
    ballot::Election,
    codec::{Decode, DecodeError, Encode, Reader},
    crypto::{
        signature::Signature,
        transcript::{Transcript, label},
    },
    keys::Ceremony,
    log::merkle::Root,
};
use alloc::vec::Vec;

/// A time in which voting was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// The entry that froze it.
    pub entry: u64,
    /// The entry that lifted the freeze, if one did.
    pub lifted: Option<u64>,
}

/// How far the end of voting is.
#[derive(Clone, Debug, Default)]
pub(super) struct Closing {
    /// All freezes, in their order; only the last one can be in force.
    pub(super) freezes: Vec<Freeze>,
    /// Size and root of the board right behind the freeze in force.
    pub(super) frozen: Option<(u64, Root)>,
    /// The trustees who signed the close, in the order of their signatures.
    pub(super) signed: Vec<u16>,
    /// Whether a quorum has signed.
    pub(super) closed: bool,
}

impl Closing {
    /// Everything up to this freeze, which ends at this head, is what trustees sign.
    pub(super) fn freeze(&mut self, entry: u64, head: (u64, Root)) {
        self.freezes.push(Freeze { entry, lifted: None });
        self.frozen = Some(head);
    }
}

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
