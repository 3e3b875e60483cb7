//! Why a shuffle was not accepted.

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

/// Why a shuffle was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShuffleError {
    /// The statement cannot be proven: no rows or too many, no slots or too many, rows of another width
    /// than the key, or fewer generators than rows.
    Shape,
    /// A section is shorter or longer than rows and width demand.
    Length {
        /// Which section.
        section: Section,
        /// Its length in bytes.
        found: u64,
        /// The only length that it may have.
        expected: u64,
    },
    /// 32 bytes that are no element other than the identity, or no scalar.
    Bytes {
        /// Where they stand.
        place: Place,
        /// What is wrong with them, and where in their section they begin.
        error: DecodeError,
    },
    /// The proof fails this check.
    Invalid(ProofCheck),
    /// The random number generator that the verifier was given failed. This says nothing of the shuffle.
    Randomness,
    /// Bytes could not be read. This says nothing of the shuffle.
    Storage,
}

/// One of the three sections of a shuffle's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The rows before it.
    Inputs,
    /// The rows after it.
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
        /// The letter of its list: `c`, `ĉ`, `t`, `s` or `s′`.
        list: &'static str,
        /// Its number in the list.
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
                "no statement of a shuffle: 1 to {MAX_ROWS} rows, each of the width of the key, which is 1 to \
                 {MAX_WIDTH}, and a generator for each row"
            ),
            Self::Length { section, found, expected } => {
                write!(f, "{section} of {found} bytes, where {expected} are needed")
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
