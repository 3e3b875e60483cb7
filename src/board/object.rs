//! What parties send to the board.

use super::{CloseSignature, Kind};
use crate::{
    ballot::{CastBallot, SpoilOpening, SpoilRequest},
    codec::Encode,
    keys::{Commit, Complaint, Confirmation, Deal, Erasure, Rehearsal},
    tally::{DecryptionShare, Mix},
};
use alloc::vec::Vec;

/// A message of a trustee or a voter to the board. Its bytes with its kind in front are an object, which
/// [`Board::post`](super::Board::post) takes: whoever sends it needs no board, and whoever keeps the board no more than
/// these bytes.
pub trait Object: Encode {
    /// What it is.
    const KIND: Kind;

    /// The bytes to send.
    fn to_object(&self) -> Vec<u8> {
        let mut object = alloc::vec![Self::KIND as u8];
        self.encode(&mut object);
        object
    }
}

macro_rules! objects {
    ($($message:ty: $kind:ident),* $(,)?) => {
        $(impl Object for $message {
            const KIND: Kind = Kind::$kind;
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
    CastBallot: Ballot,
    SpoilRequest: SpoilRequest,
    SpoilOpening: SpoilOpening,
    CloseSignature: Close,
    Mix: Mix,
    DecryptionShare: Share,
}
