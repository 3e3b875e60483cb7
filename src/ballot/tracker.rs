//! The hash by which a voter finds a ballot.

use crate::codec::{Decode, DecodeError, Encode, Reader, TextError, text};
use alloc::vec::Vec;
use bech32::Hrp;
use core::{fmt, str::FromStr};
use sha3::{Digest, Sha3_256};

/// Human-readable part of a tracker as text.
const TRACKER_PREFIX: Hrp = Hrp::parse_unchecked("tracker");

/// Hash of the bytes of a ballot, cast or spoiled, by which its voter finds it. As text it is bech32m with the prefix
/// `tracker`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tracker([u8; 32]);

impl Tracker {
    /// The tracker of a ballot with these bytes.
    pub fn of(ballot: &[u8]) -> Self {
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 tracker");
        hash.update(ballot);
        Self(hash.finalize().into())
    }

    /// The hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Encode for Tracker {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for Tracker {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.array()?))
    }
}

impl fmt::Display for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::text(f, TRACKER_PREFIX, &self.0)
    }
}

impl FromStr for Tracker {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::from_bytes(&text::bytes_of_text(TRACKER_PREFIX, text)?).map_err(TextError::Value)
    }
}

impl From<[u8; 32]> for Tracker {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tracker({self})")
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { text: Tracker, "a tracker"; }
