//! What parties send to the board.

use super::{CloseSignature, Kind};
use crate::{
    ballot::{CastBallot, SpoilOpening, SpoilRequest},
    codec::{
        ArmorError, DecodeError, Encode,
        armor::{armor, unarmor},
    },
    keys::{Commit, Complaint, Confirmation, Deal, Erasure, Rehearsal},
    roll::Delegation,
    tally::{DecryptionShare, Mix},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// What a board takes: a message of a trustee or a voter, or the bytes of any object.
///
/// A message's bytes with its [`Kind`] in front are an object. A sender needs no board, and the board needs only these bytes.
pub trait Object {
    /// The bytes to send.
    fn to_object(&self) -> Vec<u8>;
}

/// Objects as text, each a block as in RFC 7468 that says what it is, to be sent by mail or kept in a file.
///
/// ```text
/// -----BEGIN TABELLA COMPLAINT-----
/// CwABAAI…
/// -----END TABELLA COMPLAINT-----
/// ```
pub fn to_text(objects: &[impl Object]) -> Result<String, DecodeError> {
    let text = |object: &_| {
        let object = Object::to_object(object);
        let (kind, _) = Kind::split(&object)?;
        Ok(armor(&kind.to_string(), &object))
    };
    objects.iter().map(text).collect()
}

/// The objects of a text that [`to_text`] wrote, in their order. Whether a board accepts them is another matter.
pub fn from_text(text: &str) -> Result<Vec<Vec<u8>>, ArmorError> {
    let blocks = unarmor(text)?.into_iter().enumerate();
    let object = |(place, (found, object)): (usize, (String, Vec<u8>))| {
        let kind = Kind::split(&object).map(|(kind, _)| kind.to_string().to_uppercase());
        match kind {
            Ok(kind) if kind == found => Ok(object),
            _ => {
                Err(ArmorError::Label { block: place + 1, found, expected: "an object of a board" })
            }
        }
    };
    blocks.map(object).collect()
}

impl<O: Object + ?Sized> Object for &O {
    fn to_object(&self) -> Vec<u8> {
        (**self).to_object()
    }
}

impl Object for [u8] {
    fn to_object(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl Object for Vec<u8> {
    fn to_object(&self) -> Vec<u8> {
        self.clone()
    }
}

macro_rules! objects {
    ($($message:ty: $kind:ident),* $(,)?) => {
        $(impl Object for $message {
            fn to_object(&self) -> Vec<u8> {
                let mut object = alloc::vec![Kind::$kind as u8];
                self.encode(&mut object);
                object
            }
        })*
    };
}

objects! {
    Commit: Commit,
    Deal: Deal,
    Complaint: Complaint,
    Confirmation: Confirmation,
    Rehearsal: Rehearsal,
    Erasure: Erasure,
    Delegation: Delegation,
    CastBallot: Ballot,
    SpoilRequest: SpoilRequest,
    SpoilOpening: SpoilOpening,
    CloseSignature: Close,
    Mix: Mix,
    DecryptionShare: Share,
}
