//! What can go wrong while bytes are read and proofs are made or checked.
//!
//! Errors of one part of an election stand with that part: [`ManifestError`](crate::manifest::ManifestError),
//! [`RuleError`](crate::ballot::RuleError), [`Refusal`](crate::board::Refusal) and so on.

use alloc::{vec, vec::Vec};
use core::fmt;

/// Bytes that are not the canonical encoding of the value that was expected.
///
/// Two of them are equal if place and kind are; the name of the field follows from the place.
#[derive(Clone, Copy, Debug)]
pub struct DecodeError {
    /// Offset of the first byte that does not fit, counted from the start of the bytes given.
    pub at: usize,
    /// What stands there, for people; nothing if it is no field, like bytes that are left over.
    pub field: Option<&'static str>,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

impl DecodeError {
    /// An error that names no field.
    pub fn new(at: usize, kind: DecodeErrorKind) -> Self {
        Self { at, field: None, kind }
    }
}

impl PartialEq for DecodeError {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.kind) == (other.at, other.kind)
    }
}

impl Eq for DecodeError {}

/// What is wrong at the place that a [`DecodeError`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// The bytes end before the value does.
    Truncated {
        /// How many bytes are missing at least.
        missing: usize,
    },
    /// Bytes follow after the end of the value.
    Trailing {
        /// How many.
        extra: usize,
    },
    /// A list claims more elements than it may have.
    Count {
        /// The claimed count.
        found: u64,
        /// The largest count allowed here.
        cap: u64,
    },
    /// 32 bytes that are not the canonical encoding of a ristretto255 element (RFC 9496, section 4.3.1).
    NotAnElement,
    /// The identity element, where it is not allowed.
    Identity,
    /// 32 bytes that are not the little-endian encoding of an integer below the group order.
    NotAScalar,
    /// 32 bytes that are not the canonical encoding of a usable Ed25519 key (RFC 8032, section 5.1.2).
    NotAKey,
    /// A byte that names a variant and names none.
    Tag {
        /// The byte found.
        found: u8,
    },
    /// A number out of its range.
    Value {
        /// The number found.
        found: u64,
        /// The largest number allowed here.
        max: u64,
    },
    /// Text that is not UTF-8.
    NotText,
    /// A value that has a shorter or other canonical encoding, or that breaks a rule of its type.
    NotCanonical,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "at byte {}, {field}: ", self.at)?,
            None => write!(f, "at byte {}: ", self.at)?,
        }
        match self.kind {
            DecodeErrorKind::Truncated { missing } => {
                write!(f, "the bytes end here, at least {missing} more are needed")
            }
            DecodeErrorKind::Trailing { extra } => {
                write!(f, "the value ends here, but {extra} more bytes follow")
            }
            DecodeErrorKind::Count { found, cap } => {
                write!(f, "a list of {found} elements, where at most {cap} are allowed")
            }
            DecodeErrorKind::NotAnElement => {
                f.write_str("no canonical encoding of a ristretto255 element")
            }
            DecodeErrorKind::Identity => {
                f.write_str("the identity element, which is not allowed here")
            }
            DecodeErrorKind::NotAScalar => {
                f.write_str("no canonical scalar: it must be below the group order")
            }
            DecodeErrorKind::NotAKey => f.write_str(
                "no Ed25519 key: it must be the canonical encoding of a point of large order",
            ),
            DecodeErrorKind::Tag { found } => {
                write!(f, "the byte {found} names no variant of this value")
            }
            DecodeErrorKind::Value { found, max } => {
                write!(f, "the number {found}, where at most {max} is allowed")
            }
            DecodeErrorKind::NotText => f.write_str("text that is not UTF-8"),
            DecodeErrorKind::NotCanonical => {
                f.write_str("a value that is not in its canonical form")
            }
        }
    }
}

impl core::error::Error for DecodeError {}

/// A proof could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProveError {
    /// The random number generator failed.
    Randomness,
    /// A challenge was zero, which happens by chance with probability 2⁻²⁵². Try again.
    ZeroChallenge,
    /// The witness has another shape than the statement.
    Shape,
    /// The secret is not that of whoever is to sign: the manifest's operator, the member of the ceremony with this number, or
    /// the ballot's voter.
    WrongSecret,
    /// What is to be proved is of another election.
    OtherElection,
}

impl fmt::Display for ProveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Randomness => "the random number generator failed",
            Self::ZeroChallenge => "a challenge was zero; try again",
            Self::Shape => "the witness does not have the shape of the statement",
            Self::WrongSecret => {
                "this is not the secret of whom the election names to sign here: its operator, the trustee with this \
                 number, or the ballot's voter"
            }
            Self::OtherElection => "this ballot was made for another election",
        })
    }
}

impl core::error::Error for ProveError {}

/// One check that a proof must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The proof's lists have the lengths that the statement demands.
    Shape,
    /// No challenge is zero.
    Challenge,
    /// The equation with this tag of the specification, for example `BALLOT.V2`.
    Equation(&'static str),
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => f.write_str("shape of the proof"),
            Self::Challenge => f.write_str("challenge is not zero"),
            Self::Equation(tag) => write!(f, "equation {tag}"),
        }
    }
}

/// A proof that failed, and the first check that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The proof's place in the batch, from 0 in the order of its enqueueing.
    pub index: usize,
    /// The check that it failed.
    pub check: Check,
}

/// Why a proof, or a batch of proofs, was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The random number generator that the verifier was given failed. This says nothing of the proofs.
    Randomness,
    /// These proofs are invalid; all others of the batch are valid. Never empty, in ascending order.
    Invalid(Vec<Culprit>),
}

impl VerifyError {
    /// A proof, verified alone, that failed `check`.
    pub(crate) fn single(check: Check) -> Self {
        Self::Invalid(vec![Culprit { index: 0, check }])
    }

    /// The proofs that failed; empty if the verifier itself could not work.
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
