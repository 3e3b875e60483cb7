//! Why an operation on a board failed.

use super::{GuardError, NoReceipt, OtherOperator, Refusal};
use crate::{crypto::ProveError, log::LogError, tally::OutcomeError};
use core::fmt;

impl From<OtherOperator> for BoardError {
    fn from(error: OtherOperator) -> Self {
        Self::OtherOperator(error)
    }
}

/// An operation on a board failed: it was refused, or what it needs could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoardError {
    /// The board refused the object.
    Refused(Refusal),
    /// A proof or a signature could not be made.
    Prove(ProveError),
    /// It is the operator's to do, and the secret is another's.
    OtherOperator(OtherOperator),
    /// A trustee refuses.
    Guard(GuardError),
    /// The tally gives no outcome.
    Outcome(OutcomeError),
    /// There is no receipt for this entry.
    Receipt(NoReceipt),
    /// The storage does not give an entry.
    Storage(LogError),
}

impl fmt::Display for BoardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(f),
            Self::Prove(error) => error.fmt(f),
            Self::OtherOperator(error) => error.fmt(f),
            Self::Guard(error) => error.fmt(f),
            Self::Outcome(error) => error.fmt(f),
            Self::Receipt(error) => error.fmt(f),
            Self::Storage(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for BoardError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Prove(error) => Some(error),
            Self::OtherOperator(error) => Some(error),
            Self::Guard(error) => Some(error),
            Self::Outcome(error) => Some(error),
            Self::Receipt(error) => Some(error),
            Self::Storage(error) => Some(error),
        }
    }
}

impl From<Refusal> for BoardError {
    fn from(error: Refusal) -> Self {
        Self::Refused(error)
    }
}

impl From<ProveError> for BoardError {
    fn from(error: ProveError) -> Self {
        Self::Prove(error)
    }
}

impl From<GuardError> for BoardError {
    fn from(error: GuardError) -> Self {
        Self::Guard(error)
    }
}

impl From<NoReceipt> for BoardError {
    fn from(error: NoReceipt) -> Self {
        match error {
            NoReceipt::Sign(error) => Self::Prove(error),
            NoReceipt::OtherOperator(error) => Self::OtherOperator(error),
            other => Self::Receipt(other),
        }
    }
}

impl From<OutcomeError> for BoardError {
    fn from(error: OutcomeError) -> Self {
        Self::Outcome(error)
    }
}
