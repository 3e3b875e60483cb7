//! Canonical bytes.
//!
//! Integers are big-endian, elements and scalars are their 32 canonical bytes, a list is its count and
//! then its elements. For every type `decode(encode(x)) = x`, and `encode(decode(b)) = b` wherever
//! `decode(b)` succeeds. A count is checked against a cap, and against the bytes that are left, before
//! memory is taken for its list.
//!
//! With the feature `serde` all public data can be written: keys, hashes, registrations, messages, receipts, proofs, checkpoints, bundles
//! and manifests. Formats that people read, such as JSON, get the text that a value has anyway, or its bytes in hexadecimal
//! digits; a manifest is the JSON of [`Manifest::from_json`](crate::manifest::Manifest::from_json). Binary formats get canonical bytes. Only what would be
//! written is read, and what was verified is never read: not a [`VerifiedBallot`](crate::ballot::VerifiedBallot), and not an
//! [`ElectionBundle`](crate::ballot::ElectionBundle). A message that has its meaning only with an election, such as a ballot, is read as
//! [`AnyObject`](crate::board::AnyObject), and then by the election or a board.

pub(crate) mod armor;
mod error;
#[cfg(feature = "serde")]
pub(crate) mod serial;
pub(crate) mod text;

pub use armor::ArmorError;
pub use error::{DecodeError, DecodeErrorKind};
pub use text::TextError;

use alloc::{string::String, vec::Vec};
use core::fmt;

/// A value with canonical bytes.
pub trait Encode {
    /// Appends the value's canonical bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// The value's canonical bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// A value that can be read from its canonical bytes without further context.
pub trait Decode: Sized {
    /// Reads one value and leaves the reader behind it.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads one value that takes up all of `bytes`.
    fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let value = Self::decode(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// Reads canonical bytes from front to back.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
    field: Option<&'static str>,
}

impl<'a> Reader<'a> {
    /// A reader of all of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0, field: None }
    }

    /// Names what is read next, as errors about it shall call it; good until the next name.
    pub(crate) fn field(&mut self, name: &'static str) -> &mut Self {
        self.field = Some(name);
        self
    }

    /// Offset of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// An error about the bytes that start `back` bytes before the next one.
    pub(crate) fn error(&self, back: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError { at: self.at.saturating_sub(back), field: self.field, kind }
    }

    /// The next `n` bytes.
    pub fn bytes(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let Some((head, tail)) = self.rest.split_at_checked(n) else {
            let missing = n.saturating_sub(self.rest.len());
            let at = self.at.saturating_add(self.rest.len());
            let (field, kind) = (self.field, DecodeErrorKind::Truncated { missing });
            return Err(DecodeError { at, field, kind });
        };
        self.rest = tail;
        self.at += n;
        Ok(head)
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(N)?);
        Ok(out)
    }

    /// One byte.
    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes.
    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes.
    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Eight bytes.
    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// Eight bytes, of a number that is at most this.
    pub(crate) fn u64_to(&mut self, max: u64) -> Result<u64, DecodeError> {
        match self.u64()? {
            found if found > max => Err(self.error(8, DecodeErrorKind::Value { found, max })),
            found => Ok(found),
        }
    }

    /// A byte that is 0 or 1.
    pub(crate) fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            found => Err(self.error(1, DecodeErrorKind::Tag { found })),
        }
    }

    /// The count of a list of at most `cap` elements that take at least `least` bytes each.
    pub(crate) fn count(&mut self, cap: usize, least: usize) -> Result<usize, DecodeError> {
        let found = self.u32()?;
        let n = usize::try_from(found).unwrap_or(usize::MAX);
        if n > cap {
            let kind = DecodeErrorKind::Count { found: found.into(), cap: cap as u64 };
            return Err(self.error(4, kind));
        }
        let need = n.saturating_mul(least);
        if need > self.left() {
            let missing = need - self.left();
            return Err(self.error(4, DecodeErrorKind::Truncated { missing }));
        }
        Ok(n)
    }

    /// A list whose elements `item` reads.
    pub(crate) fn list<T>(
        &mut self,
        cap: usize,
        least: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let n = self.count(cap, least)?;
        (0..n).map(|_| item(self)).collect()
    }

    /// Text of at most `cap` bytes.
    pub(crate) fn text(&mut self, cap: usize) -> Result<String, DecodeError> {
        let n = self.count(cap, 1)?;
        let bytes = self.bytes(n)?;
        match core::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(e) => Err(self.error(n - e.valid_up_to(), DecodeErrorKind::NotText)),
        }
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.left() {
            0 => Ok(()),
            extra => Err(DecodeError::new(self.at, DecodeErrorKind::Trailing { extra })),
        }
    }
}

/// Appends the count of a list. Lists of 2³² elements and more cannot be built from bytes that fit an entry.
pub(crate) fn put_count(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
}

/// Appends text with its length.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_count(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// Appends a list: its count, and each of its items.
pub(crate) fn put_list<T>(out: &mut Vec<u8>, list: &[T], mut item: impl FnMut(&mut Vec<u8>, &T)) {
    put_count(out, list.len());
    for element in list {
        item(out, element);
    }
}

impl<T: Encode> Encode for [T] {
    /// The elements one after the other; where a count is wanted, the caller writes it.
    fn encode(&self, out: &mut Vec<u8>) {
        for item in self {
            item.encode(out);
        }
    }
}

/// The 32 bytes that 64 hexadecimal digits stand for. Spaces, hyphens and a byte-order mark are passed over: people copy hashes
/// in groups, and with what stood around them.
pub(crate) fn hash_of_digits(text: &str) -> Result<[u8; 32], DigitsError> {
    let mut hash = [0; 32];
    let mut found = 0;
    let passed = |c: char| c.is_whitespace() || c == '-' || c == '\u{feff}';
    for (at, c) in text.char_indices().filter(|(_, c)| !passed(*c)) {
        let digit = c.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let digit = digit.ok_or(DigitsError::Digit { at })?;
        if let Some(byte) = hash.get_mut(found / 2) {
            *byte = *byte << 4 | digit;
        }
        found += 1;
    }
    if found == 64 { Ok(hash) } else { Err(DigitsError::Count { found }) }
}

/// Text that does not stand for a hash of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigitsError {
    /// A hash has 64 digits.
    Count {
        /// How many the text has.
        found: usize,
    },
    /// A character that is not a hexadecimal digit.
    Digit {
        /// Its offset in bytes.
        at: usize,
    },
}

impl fmt::Display for DigitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count { found } => {
                write!(f, "{found} hexadecimal digits, where a hash has 64")
            }
            Self::Digit { at } => write!(f, "at byte {at}: not a hexadecimal digit"),
        }
    }
}

impl core::error::Error for DigitsError {}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::Scalar;

    #[test]
    fn hashes_are_read_as_people_copy_them() {
        let digits = "00112233445566778899aabbccddeeff".repeat(2);
        let hash = hash_of_digits(&digits).unwrap();
        assert_eq!(hash[..3], [0x00, 0x11, 0x22]);
        assert_eq!(hash[31], 0xff);
        let groups: Vec<&str> =
            digits.as_bytes().chunks(4).map(|c| core::str::from_utf8(c).unwrap()).collect();
        for copied in [groups.join(" "), groups.join("-"), alloc::format!("\u{feff} {digits}\r\n")]
        {
            assert_eq!(hash_of_digits(&copied), Ok(hash), "{copied:?}");
            assert_eq!(hash_of_digits(&copied.to_uppercase()), Ok(hash), "{copied:?}");
        }
        assert_eq!(hash_of_digits(&digits[1..]), Err(DigitsError::Count { found: 63 }));
        assert_eq!(hash_of_digits(&digits.repeat(2)), Err(DigitsError::Count { found: 128 }));
        assert_eq!(hash_of_digits("0011 2g"), Err(DigitsError::Digit { at: 6 }));
    }

    #[test]
    fn a_count_of_two_to_the_sixty_takes_no_memory() {
        let bytes = u32::MAX.to_be_bytes();
        let error = Reader::new(&bytes).list(usize::MAX, 1, |r| r.u8()).unwrap_err();
        assert_eq!(error.at, 0);
        assert!(matches!(error.kind, DecodeErrorKind::Truncated { .. }));
        let error = Reader::new(&bytes).list(10, 1, |r| r.u8()).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::Count { found: u32::MAX.into(), cap: 10 });
    }

    #[test]
    fn errors_name_the_byte() {
        let mut reader = Reader::new(&[0, 0, 0, 2, b'a', 0xff]);
        let error = reader.text(9).unwrap_err();
        assert_eq!(error, DecodeError::new(5, DecodeErrorKind::NotText));
        let mut reader = Reader::new(&[7, 1]);
        reader.u8().unwrap();
        assert_eq!(
            reader.u32().unwrap_err(),
            DecodeError::new(2, DecodeErrorKind::Truncated { missing: 3 })
        );
        assert_eq!(
            reader.finish().unwrap_err(),
            DecodeError::new(1, DecodeErrorKind::Trailing { extra: 1 })
        );
    }

    #[test]
    fn errors_name_the_field() {
        let mut reader = Reader::new(&[0, 1, 0, 0, 0]);
        reader.field("style").u16().unwrap();
        let error = reader.field("sequence number").u32().unwrap_err();
        assert_eq!(error.field, Some("sequence number"));
        let text = alloc::format!("{error}");
        assert!(text.starts_with("at byte 5, sequence number: the bytes end here"), "{text}");
        // What is left over is no field.
        assert_eq!(reader.finish().unwrap_err().field, None);
    }

    #[test]
    fn a_scalar_at_the_order_is_refused() {
        let order_minus_one = (-Scalar::ONE).to_bytes();
        assert!(Reader::new(&order_minus_one).scalar().is_ok());
        let mut order = order_minus_one;
        order[0] += 1;
        assert_eq!(
            Reader::new(&order).scalar().unwrap_err(),
            DecodeError::new(0, DecodeErrorKind::NotAScalar)
        );
    }
}
