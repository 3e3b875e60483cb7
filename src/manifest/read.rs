//! A manifest from its canonical bytes.

use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader},
    manifest::{Manifest, ManifestError, check::check, parts::Parts},
    mistake::Mistakes,
};
use alloc::vec::Vec;
use core::fmt;

/// Why bytes are not a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ManifestReadError {
    /// They are not canonical bytes.
    Bytes(DecodeError),
    /// They are the canonical bytes of a manifest with a mistake.
    Mistake(ManifestError),
}

impl fmt::Display for ManifestReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => error.fmt(f),
            Self::Mistake(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for ManifestReadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Bytes(error) => Some(error),
            Self::Mistake(error) => Some(error),
        }
    }
}

impl Manifest {
    /// Reads canonical bytes that hold a manifest and nothing else.
    ///
    /// # Errors
    ///
    /// Those of [`Decode`]; mistakes in the manifest are named, as they are by the builder. Whether some ballot keeps all limits
    /// is not asked here: two readers must not disagree, and the builder only searches for so long.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, ManifestReadError> {
        let parts = Parts::from_bytes(bytes).map_err(ManifestReadError::Bytes)?;
        check(parts, Mistakes::default()).map_err(ManifestReadError::Mistake)
    }
}

impl Encode for Manifest {
    fn encode(&self, out: &mut Vec<u8>) {
        self.parts.encode(out);
    }
}

impl Decode for Manifest {
    /// Reads a manifest; a mistake in it is `NotCanonical`, at its first byte.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let start = reader.at();
        let parts = Parts::decode(reader)?;
        check(parts, Mistakes::default())
            .map_err(|_| reader.error(reader.at() - start, DecodeErrorKind::NotCanonical))
    }
}
