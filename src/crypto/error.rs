//! What can fail while proofs are made or checked.

use crate::random::RandomnessError;
use alloc::{vec, vec::Vec};
use core::fmt;

/// A proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProveError {
    /// The random number generator failed.
    Randomness,
    /// A challenge was zero, which happens by chance with probability 2⁻²⁵². Try again.
    ZeroChallenge,
    /// The witness does not have the shape of the statement.
    Shape,
    /// The secret is not that of the expected signer: the manifest's operator, the ceremony's member with this number, or the
    /// ballot's voter.
    WrongSecret,
    /// The ballot was made for another election.
    OtherElection,
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Randomness => "the random number generator failed",
            Self::ZeroChallenge => "a challenge was zero; try again",
            Self::Shape => "the witness does not have the shape of the statement",
            Self::WrongSecret => {
                "this is not the signer's secret: that of the election's operator, the trustee with this number, or the \
                 ballot's voter"
            }
            Self::OtherElection => "this ballot was made for another election",
        })
    }
}

impl core::error::Error for ProveError {}

/// One check that a proof must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProofCheck {
    /// The proof's lists have the lengths that the statement requires.
    Shape,
    /// No challenge is zero.
    Challenge,
    /// The equation with this tag of the specification, for example `BALLOT.V2`.
    Equation(&'static str),
}

impl fmt::Display for ProofCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => f.write_str("shape of the proof"),
            Self::Challenge => f.write_str("challenge is not zero"),
            Self::Equation(tag) => write!(f, "equation {tag}"),
        }
    }
}

impl core::error::Error for ProofCheck {}

/// An invalid proof, and the first check that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The proof's position in the batch, from 0 in the order in which proofs were enqueued.
    pub index: usize,
    /// The check that it failed.
    pub check: ProofCheck,
}

/// Why a proof, or a batch of proofs, was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The verifier's random number generator failed. This says nothing about the proofs.
    Randomness,
    /// These proofs are invalid; all others of the batch are valid. In ascending order, never empty.
    Invalid(Vec<Culprit>),
}

impl VerifyError {
    /// The error for a proof that was verified alone and failed `check`.
    pub(crate) fn single(check: ProofCheck) -> Self {
        Self::Invalid(vec![Culprit { index: 0, check }])
    }

    /// The proofs that failed; empty if the verifier itself failed.
    pub fn culprits(&self) -> &[Culprit] {
        match self {
            Self::Randomness => &[],
            Self::Invalid(culprits) => culprits,
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Randomness => f.write_str("the random number generator failed"),
            Self::Invalid(culprits) => {
                f.write_str("invalid:")?;
                for (i, c) in culprits.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma} proof {} ({})", c.index, c.check)?;
                }
                Ok(())
            }
        }
    }
}

impl core::error::Error for VerifyError {}

impl From<ProofCheck> for VerifyError {
    fn from(check: ProofCheck) -> Self {
        Self::single(check)
    }
}

impl From<RandomnessError> for VerifyError {
    fn from(RandomnessError: RandomnessError) -> Self {
        Self::Randomness
    }
}
