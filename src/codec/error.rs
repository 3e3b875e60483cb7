//! Why bytes cannot be read.

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
#[non_exhaustive]
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
