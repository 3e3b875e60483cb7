//! Why a roll is refused.

use super::SmallClass;
use crate::{codec::DecodeError, contest::MAX_WEIGHT};
use alloc::{string::String, vec::Vec};
use core::fmt;

/// What is wrong with a roll, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RollError {
    /// A line cannot be read.
    Bytes(DecodeError),
    /// The roll has no lines.
    Empty,
    /// Two lines have the same key.
    Duplicate {
        /// The later line, from 0.
        line: usize,
        /// The earlier one.
        first: usize,
    },
    /// A line has a ballot style that the manifest does not have.
    UnknownStyle {
        /// The line, from 0.
        line: usize,
        /// Its style.
        found: u16,
        /// How many styles there are.
        styles: usize,
    },
    /// A line has a weight that no voter can have: 0, or above [`MAX_WEIGHT`].
    Weight {
        /// The line, from 0.
        line: usize,
        /// The weight.
        found: u64,
    },
    /// A line has a weight other than 1, and its ballot style has a contest that is mixed. The weight of an opened row would
    /// reveal the voter.
    Weighted {
        /// The line, from 0.
        line: usize,
        /// The weight.
        found: u64,
    },
    /// A line has a greater weight than voters of its style can split.
    AboveMost {
        /// The line, from 0.
        line: usize,
        /// Its weight.
        found: u64,
        /// The largest that can be split.
        max: u64,
        /// The contest in which it is, by its id.
        contest: String,
    },
    /// A total could exceed the largest that can be opened: the sum of the weights times the largest value of an option.
    TooHeavy {
        /// The largest total that a slot could reach.
        found: u64,
        /// The largest allowed.
        max: u64,
    },
    /// Fewer voters have a weight than the minimum of a cell, and the manifest forbids that.
    SmallClass {
        /// The first such class.
        first: SmallClass,
        /// How many more there are.
        more: usize,
    },
    /// If all voters cast, the rows to mix would need a larger object than is allowed.
    TooManyRows {
        /// The bytes of that object.
        found: u64,
        /// The most allowed.
        max: u64,
    },
    /// Some proofs of possession are invalid.
    Possession {
        /// The lines, from 0, in ascending order.
        lines: Vec<usize>,
    },
    /// The random number generator failed.
    Randomness,
}

impl fmt::Display for RollError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(error) => write!(f, "the roll cannot be read: {error}"),
            Self::Empty => f.write_str("the roll has no voters"),
            Self::Duplicate { line, first } => {
                write!(f, "line {line} of the roll has the key of line {first}")
            }
            Self::UnknownStyle { line, found, styles } => {
                write!(
                    f,
                    "line {line} of the roll has style {found}; the manifest has {styles} styles, from 0"
                )
            }
            Self::Weight { line, found } => {
                write!(
                    f,
                    "line {line} of the roll has weight {found}; it must be 1 to {MAX_WEIGHT}"
                )
            }
            Self::Weighted { line, found } => write!(
                f,
                "line {line} of the roll has weight {found}; it must be 1, as its ballots have rankings or write-ins"
            ),
            Self::AboveMost { line, found, max, contest } => write!(
                f,
                "line {line} of the roll has weight {found}; it must be at most {max}, which is the most that can be split in contest '{contest}'"
            ),
            Self::TooHeavy { found, max } => {
                write!(f, "a total could reach {found}; at most {max} can be opened")
            }
            Self::SmallClass { first, more } => {
                write!(f, "weights that could tell how few voters vote: {first}; and {more} more")
            }
            Self::TooManyRows { found, max } => write!(
                f,
                "if all cast, rankings and write-ins would take {found} bytes in one object; at most {max} are allowed"
            ),
            Self::Possession { lines } => {
                write!(f, "[ROLL.POSSESSION] does not hold in lines {lines:?} of the roll")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for RollError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Bytes(error) => Some(error),
            _ => None,
        }
    }
}
