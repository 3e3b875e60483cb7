//! Why a shuffle was rejected.

use crate::{
    codec::DecodeError,
    crypto::{
        ProofCheck,
        shuffle::{MAX_ROWS, MAX_WIDTH},
        transcript::ZeroChallenge,
    },
    random::RandomnessError,
};
use core::fmt;

/// Why a shuffle was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShuffleError {
    /// The statement cannot be proven: no rows or too many, no slots or too many, rows of another width than the key's, or
    /// fewer generators than rows.
    Shape,
    /// A section does not have the length that follows from rows and width.
    Length {
        /// Which section.
        section: Section,
        /// Its length in bytes.
        found: u64,
        /// The expected length in bytes.
        expected: u64,
    },
    /// 32 bytes that do not encode a scalar or an element other than the identity.
    Bytes {
        /// Where they stand.
        place: Place,
        /// What is wrong with them, and where in their section they begin.
        error: DecodeError,
    },
    /// The proof fails this check.
    Invalid(ProofCheck),
    /// The verifier's random number generator failed. This says nothing about the shuffle.
    Randomness,
    /// Bytes could not be read. This says nothing about the shuffle.
    Storage,
}

/// One of the three sections of a shuffle's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The rows before the shuffle.
    Inputs,
    /// The rows after the shuffle.
    Outputs,
    /// The proof.
    Proof,
}

/// 32 bytes within a shuffle. Rows and columns count from 0; column 0 of a row is its `A`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A point of an input.
    Input {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// A point of an output.
    Output {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
    },
    /// An element or scalar of the proof.
    Proof {
        /// The letter of the list: `c`, `ĉ`, `t`, `s` or `s′`.
        list: &'static str,
        /// The position in the list.
        row: usize,
    },
}

impl From<RandomnessError> for ShuffleError {
    fn from(RandomnessError: RandomnessError) -> Self {
        Self::Randomness
    }
}

impl From<ZeroChallenge> for ShuffleError {
    fn from(_: ZeroChallenge) -> Self {
        Self::Invalid(ProofCheck::Challenge)
    }
}

impl fmt::Display for ShuffleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => write!(
                f,
                "a shuffle must have 1 to {MAX_ROWS} rows, each of the width of the key, which is 1 to \
                 {MAX_WIDTH}, and a generator for each row"
            ),
            Self::Length { section, found, expected } => {
                write!(f, "{section} of {found} bytes; expected {expected}")
            }
            Self::Bytes { place, error } => write!(f, "{place}, {error}"),
            Self::Invalid(check) => write!(f, "invalid: {check}"),
            Self::Randomness => f.write_str("the random number generator failed"),
            Self::Storage => f.write_str("the bytes of the shuffle could not be read"),
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inputs => "inputs",
            Self::Outputs => "outputs",
            Self::Proof => "a proof",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { row, column } => write!(f, "input {row}, column {column}"),
            Self::Output { row, column } => write!(f, "output {row}, column {column}"),
            Self::Proof { list, row } => write!(f, "{list} {row} of the proof"),
        }
    }
}

impl core::error::Error for ShuffleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Bytes { error, .. } => Some(error),
            Self::Shape
            | Self::Length { .. }
            | Self::Invalid(_)
            | Self::Randomness
            | Self::Storage => None,
        }
    }
}
