//! Why a checkpoint's signature is refused.

use super::NoteError;
use alloc::string::String;
use core::fmt;

/// Why a checkpoint does not count as signed by the log or a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// It is from another log.
    Origin {
        /// The origin in it.
        found: String,
        /// The origin of the log in question.
        expected: String,
    },
    /// The key did not sign. There may be a signature of another key with the same name.
    Missing {
        /// The key's name.
        name: String,
    },
    /// The key's signature does not verify.
    Invalid {
        /// The key's name.
        name: String,
    },
    /// The time of a cosignature is 0, or not below 2⁶³.
    Time {
        /// The time.
        found: u64,
    },
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin { found, expected } => {
                write!(f, "a checkpoint of {found:?}; expected one of {expected:?}")
            }
            Self::Missing { name } => {
                write!(f, "the key known for {name:?} did not sign the checkpoint")
            }
            Self::Invalid { name } => {
                write!(f, "the signature of {name:?} does not verify under this checkpoint")
            }
            Self::Time { found } => {
                write!(f, "the time {found} s; expected 1 to 2^63 - 1")
            }
        }
    }
}

impl core::error::Error for SignatureError {}

/// Why a witness's cosignature is not added to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// The answer is not signature lines, or the checkpoint has no room for more.
    Note(NoteError),
    /// It is not a cosignature of the witness that was asked.
    Signature(SignatureError),
}

impl fmt::Display for AddError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note(error) => error.fmt(f),
            Self::Signature(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for AddError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Note(error) => Some(error),
            Self::Signature(error) => Some(error),
        }
    }
}
