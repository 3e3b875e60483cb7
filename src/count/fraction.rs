//! Shares of a number, without rounding.

use super::CountingError;
use core::fmt;

/// A fraction from 0 to 1, as it is written in a rule: `1/2`, `5/100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    numerator: u64,
    denominator: u64,
}

impl Fraction {
    /// `numerator/denominator`, which is not reduced.
    pub fn new(numerator: u64, denominator: u64) -> Result<Self, CountingError> {
        if denominator == 0 || numerator > denominator {
            return Err(CountingError::Fraction { numerator, denominator });
        }
        Ok(Self { numerator, denominator })
    }

    /// What is above the line.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// What is below the line.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// A number and what it must be, both times the denominator. Products of two numbers of 64 bits fit.
    fn sides(self, number: u64, of: u64) -> (u128, u128) {
        (
            u128::from(number) * u128::from(self.denominator),
            u128::from(of) * u128::from(self.numerator),
        )
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// A share that must be exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoreThan {
    /// The share.
    pub share: Fraction,
    /// Of which number.
    pub of: u64,
}

impl MoreThan {
    /// Whether this number does it.
    pub fn is_met_by(self, number: u64) -> bool {
        let (found, needed) = self.share.sides(number, self.of);
        found > needed
    }
}

/// A share that must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtLeast {
    /// The share.
    pub share: Fraction,
    /// Of which number.
    pub of: u64,
}

impl AtLeast {
    /// Whether this number does it.
    pub fn is_met_by(self, number: u64) -> bool {
        let (found, needed) = self.share.sides(number, self.of);
        found >= needed
    }
}
