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

/// An object whose kind is known; nothing else of it was read or verified.
///
/// With the feature `serde` any message is read as this, and posted as it is: most of them can be read further only with their
/// election.
///
/// A kind that is not one cannot be given:
///
/// ```compile_fail,E0451
/// # use tabella::board::{AnyObject, Kind};
/// let object = AnyObject { kind: Kind::Ballot, bytes: vec![99] };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyObject {
    kind: Kind,
    bytes: Vec<u8>,
}

impl AnyObject {
    /// The object with these bytes.
    ///
    /// # Errors
    ///
    /// The first byte names no [`Kind`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, DecodeError> {
        let (kind, _) = Kind::split(&bytes)?;
        Ok(Self { kind, bytes })
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its bytes, with that of the kind.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes without that of the kind.
    pub fn body(&self) -> &[u8] {
        self.bytes.get(1..).unwrap_or_default()
    }
}

impl Object for AnyObject {
    fn to_object(&self) -> Vec<u8> {
        self.bytes.clone()
    }
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
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $message {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let object = AnyObject { kind: Kind::$kind, bytes: self.to_object() };
                object.serialize(serializer)
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

#[cfg(feature = "serde")]
mod serial {
    use super::{AnyObject, Kind, Object, armor, from_text};
    use crate::{
        ballot::SpoilRequest,
        board::CloseSignature,
        codec::{
            Decode,
            serial::{reason, serial},
        },
        keys::{Commit, Complaint, Confirmation, Erasure},
        roll::Delegation,
    };
    use alloc::{format, string::ToString};
    use serde::{Deserialize, Deserializer, de::Error};

    serial! {
        AnyObject, "an object of a board", |object| armor(&object.kind().to_string(), object.as_bytes()), Object::to_object,
        |text| match <[_; 1]>::try_from(from_text(text).map_err(reason)?) {
            Ok([object]) => AnyObject::new(object).map_err(reason),
            Err(all) => Err(format!("{} of them", all.len())),
        },
        |bytes| AnyObject::new(bytes.to_vec()).map_err(reason)
    }

    /// Messages that can be read without their election.
    macro_rules! readable {
        ($($message:ty: $kind:ident),* $(,)?) => {
            $(impl<'de> Deserialize<'de> for $message {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let object = AnyObject::deserialize(deserializer)?;
                    let (found, expected) = (object.kind(), Kind::$kind);
                    if found != expected {
                        return Err(D::Error::custom(format_args!("a {found}; expected a {expected}")));
                    }
                    Self::from_bytes(object.body()).map_err(|error| D::Error::custom(format_args!("a {expected}: {error}")))
                }
            })*
        };
    }

    readable! {
        Commit: Commit,
        Complaint: Complaint,
        Confirmation: Confirmation,
        Erasure: Erasure,
        Delegation: Delegation,
        SpoilRequest: SpoilRequest,
        CloseSignature: Close,
    }
}
