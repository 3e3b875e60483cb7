//! A voter's public key, for people to compare.

use super::Credential;
use crate::{
    codec::{
        Decode, DecodeError, Encode, Reader, TextError,
        text::{bytes_of_text, text},
    },
    crypto::group::Element,
};
use alloc::vec::Vec;
use bech32::Hrp;
use core::{fmt, str::FromStr};

/// Human-readable part of a voter's key as text.
const PREFIX: Hrp = Hrp::parse_unchecked("voterkey");

/// A voter's public key `X` as it stands on the board. It shows whose a ballot is, and is not secret.
///
/// As text it is bech32m with the prefix `voterkey`, 67 characters. It follows from the [`Credential`], so any device with
/// the credential can compute it, not only the one that made a ballot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VoterKey([u8; 32]);

impl VoterKey {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bytes in a key's place on a board; it was not checked that they encode an element.
    pub(crate) fn found(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Credential {
    /// The public key, by which voters find their own ballots and no others. It should be written beside the credential.
    pub fn key(&self) -> VoterKey {
        self.public().into()
    }
}

impl From<&Element> for VoterKey {
    fn from(element: &Element) -> Self {
        Self(*element.as_bytes())
    }
}

impl Encode for VoterKey {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for VoterKey {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok((&reader.field("the voter's key").element()?).into())
    }
}

impl fmt::Display for VoterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text(f, PREFIX, &self.0)
    }
}

impl FromStr for VoterKey {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::from_bytes(&bytes_of_text(PREFIX, text)?).map_err(TextError::Value)
    }
}

impl fmt::Debug for VoterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VoterKey({self})")
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { text: VoterKey, "a voter's key"; }
