//! What parties send to the board.

use super::{CloseSignature, Kind};
use crate::{
    ballot::{CastBallot, SpoilOpening, SpoilRequest},
    codec::Encode,
    keys::{Commit, Complaint, Confirmation, Deal, Erasure, Rehearsal},
    roll::Delegation,
    tally::{DecryptionShare, Mix},
};
use alloc::vec::Vec;

/// What a board takes: a message of a trustee or a voter, or the bytes of any object.
///
/// A message's bytes with its [`Kind`] in front are an object. A sender needs no board, and the board needs only these bytes.
pub trait Object {
    /// The bytes to send.
    fn to_object(&self) -> Vec<u8>;
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
