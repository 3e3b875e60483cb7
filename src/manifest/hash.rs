//! The hash that identifies an election.

use crate::{
    codec::{Decode, DecodeError, Encode, Reader, hash_of_digits},
    manifest::ManifestError,
};
use alloc::{format, vec::Vec};
use core::{fmt, str::FromStr};
use sha3::{Digest, Sha3_256};

/// The hash that identifies an election. As text it is 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManifestHash([u8; 32]);

impl ManifestHash {
    /// The hash of these bytes, whether or not they are a manifest.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 manifest");
        hash.update(bytes);
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for ManifestHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ManifestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ManifestHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManifestHash({self})")
    }
}

impl FromStr for ManifestHash {
    type Err = ManifestError;

    /// Reads 64 hexadecimal digits, upper or lower case; spaces and hyphens between them are ignored.
    fn from_str(text: &str) -> Result<Self, ManifestError> {
        let wrong = |error| {
            ManifestError::new("manifest hash", text, format!("64 hexadecimal digits: {error}"))
        };
        hash_of_digits(text).map(Self).map_err(wrong)
    }
}

impl Encode for ManifestHash {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl Decode for ManifestHash {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reader.array()?))
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { text: ManifestHash, "a manifest hash"; }
