//! Why a signature under a checkpoint is not taken.

use super::NoteError;
use alloc::string::String;
use core::fmt;

/// Why a checkpoint is not taken for one that the log or a witness signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureError {
    /// It is of another log.
    Origin {
        /// The origin that it names.
        found: String,
        /// The origin of the log in question.
        expected: String,
    },
    /// The key did not sign. There may be a signature of the same name by another key.
    Missing {
        /// The key's name.
        name: String,
    },
    /// There is a signature by the key, which does not verify.
    Invalid {
        /// The key's name.
        name: String,
    },
    /// A cosignature's time is 0, or not below 2⁶³.
    Time {
        /// The time.
        found: u64,
    },
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin { found, expected } => {
                write!(f, "a checkpoint of {found:?}, where one of {expected:?} is expected")
            }
            Self::Missing { name } => {
                write!(f, "the key known for {name:?} did not sign the checkpoint")
            }
            Self::Invalid { name } => {
                write!(f, "the signature of {name:?} is not one under this checkpoint")
            }
            Self::Time { found } => {
                write!(f, "the time {found} s, where 1 to 2^63 - 1 is allowed")
            }
        }
    }
}

impl core::error::Error for SignatureError {}

/// Why a witness's cosignature is not added to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddError {
    /// The answer is not signature lines; or the checkpoint has as many as it can have.
    Note(NoteError),
    /// It is no cosignature of the witness that was asked.
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
