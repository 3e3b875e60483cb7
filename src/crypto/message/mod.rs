//! Bytes as elements, so that slots of a vector ciphertext can hold text.
//!
//! A slot takes [`PAYLOAD`] bytes. Its element is the one whose canonical encoding (RFC 9496) is
//!
//! ```text
//! byte 0    2c, with the smallest c in 0..128 for which these 32 bytes encode an element
//! byte 1    how many bytes of payload, 0..=29
//! 2 to 30   the payload, then zeros
//! byte 31   0
//! ```
//!
//! A longer message takes more slots. All non-empty slots but the last are full, and all slots after it are empty. An empty
//! slot is 32 zeros, the encoding of the identity. About one in four candidates encodes an element; that none of the 128 does
//! has probability (3/4)¹²⁸ ≈ 2⁻⁵³. `encode` tries all of them and takes the smallest valid one in constant time.
//!
//! Each message and number of slots has exactly one encoding, and [`decode`] refuses everything else. A random element is a
//! message with probability about 2⁻²⁰. So an opened row may hold no message. This is the voter's doing and not the mix's: it
//! is a value of its own, and no reason to stop.
//!
//! Specified in `docs/spec/messages.md`.
//!
//! # Example
//!
//! ```
//! # use tabella::crypto::message;
//! # use curve25519_dalek::{RistrettoPoint, Scalar};
//! # use rand_core::OsRng;
//! let text = "a name that is not on the list";
//! let slots = message::slots_for(text.len());
//! assert_eq!(slots, 2);
//! let secrets: Vec<_> = (0..slots).map(|_| Scalar::random(&mut OsRng)).collect();
//! let keys = secrets.iter().map(RistrettoPoint::mul_base);
//!
//! // A = rG, Bₖ = rYₖ + Mₖ
//! let r = Scalar::random(&mut OsRng);
//! let a = RistrettoPoint::mul_base(&r);
//! let points = message::encode(text.as_bytes(), slots)?;
//! let b: Vec<_> = keys.zip(points.iter()).map(|(key, point)| r * key + point).collect();
//!
//! let opened: Vec<_> = secrets.iter().zip(&b).map(|(secret, b)| b - secret * a).collect();
//! assert_eq!(message::decode_points(&opened)?, text.as_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod field;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::{RistrettoPoint, ristretto::CompressedRistretto};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

/// Most bytes of a message in one slot.
pub const PAYLOAD: usize = 29;
/// The number of values of the counter in the first byte.
const CANDIDATES: u8 = 128;

/// The least number of slots for a message of this many bytes; none for the empty message.
pub fn slots_for(len: usize) -> usize {
    len.div_ceil(PAYLOAD)
}

/// The elements of a message, one for each slot.
///
/// The time depends on the numbers of bytes and slots, and not on the bytes.
///
/// # Errors
///
/// `TooLong` if the bytes do not fit into the slots. `NoElement` with probability 2⁻⁵³ for each slot; this error is all that
/// the time reveals of the bytes.
pub fn encode(bytes: &[u8], slots: usize) -> Result<Zeroizing<Vec<RistrettoPoint>>, MessageError> {
    let max = slots.saturating_mul(PAYLOAD);
    if bytes.len() > max {
        return Err(MessageError::TooLong { found: bytes.len(), max });
    }
    // All memory is allocated at once: a vector that grows would leave copies behind.
    let mut points = Zeroizing::new(Vec::with_capacity(slots));
    let payloads = bytes.chunks(PAYLOAD).chain(core::iter::repeat(&[][..]));
    for (slot, payload) in payloads.take(slots).enumerate() {
        points.push(encode_slot(payload).ok_or(MessageError::NoElement { slot })?);
    }
    Ok(points)
}

/// The element of one slot, for at most `PAYLOAD` bytes; `None` if no candidate encodes one.
fn encode_slot(payload: &[u8]) -> Option<RistrettoPoint> {
    let mut wiped = Zeroizing::new([0; 32]);
    let bytes: &mut [u8; 32] = &mut wiped;
    let [_, length, rest @ .., _] = bytes;
    *length = u8::try_from(payload.len()).ok()?;
    rest.get_mut(..payload.len())?.copy_from_slice(payload);

    let mut chosen = 0;
    let mut found = Choice::from(0);
    for c in 0..CANDIDATES {
        bytes[0] = 2 * c;
        let good = field::is_element(bytes);
        chosen.conditional_assign(&(2 * c), good & !found);
        found |= good;
    }
    bytes[0] = chosen;
    // Without a valid candidate this is the first one, which encodes no element.
    CompressedRistretto(*bytes).decompress()
}

/// The bytes of a message, from the canonical encodings of its elements.
///
/// Accepts exactly what [`encode`] returns for these bytes and this many slots. Variable time: opened messages are public.
///
/// # Errors
///
/// [`NotAMessage`] names the first wrong slot and the reason.
pub fn decode(slots: &[[u8; 32]]) -> Result<Vec<u8>, NotAMessage> {
    let mut message = Vec::new();
    // The first slot that is not full.
    let mut last = None;
    for (slot, bytes) in slots.iter().enumerate() {
        let payload = decode_slot(bytes).map_err(|fault| NotAMessage { slot, fault })?;
        if let (Some((slot, found)), false) = (last, payload.is_empty()) {
            return Err(NotAMessage { slot, fault: SlotFault::NotFull { found } });
        }
        if payload.len() < PAYLOAD {
            last = last.or(Some((slot, payload.len())));
        }
        message.extend_from_slice(payload);
    }
    Ok(message)
}

/// [`decode`] for the elements of a decryption.
pub fn decode_points(slots: &[RistrettoPoint]) -> Result<Vec<u8>, NotAMessage> {
    let slots: Vec<_> = slots.iter().map(|point| point.compress().to_bytes()).collect();
    decode(&slots)
}

/// The payload of one slot.
fn decode_slot(bytes: &[u8; 32]) -> Result<&[u8], SlotFault> {
    let [first, length, rest @ .., last] = bytes;
    if first % 2 != 0 {
        return Err(SlotFault::FirstByte { found: *first });
    }
    let Some((payload, padding)) = rest.split_at_checked(usize::from(*length)) else {
        return Err(SlotFault::Length { found: *length });
    };
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SlotFault::Padding);
    }
    if *last != 0 {
        return Err(SlotFault::LastByte { found: *last });
    }
    // The candidates up to this one; the smallest that encodes an element must be the last.
    let mut candidate = *bytes;
    let smallest = (0..=first / 2).find(|c| {
        candidate[0] = 2 * c;
        CompressedRistretto(candidate).decompress().is_some()
    });
    match smallest {
        Some(c) if 2 * c == *first => Ok(payload),
        Some(smallest) => Err(SlotFault::Counter { found: first / 2, smallest }),
        None => Err(SlotFault::NotAnElement),
    }
}

/// A message that cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// More bytes than the slots can hold.
    TooLong {
        /// The number of bytes.
        found: usize,
        /// The most that fit.
        max: usize,
    },
    /// No candidate for a slot encodes an element, which happens by chance with probability 2⁻⁵³. Another spelling helps.
    NoElement {
        /// The slot, from 0.
        slot: usize,
    },
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { found, max } => {
                write!(f, "a message of {found} bytes; at most {max} fit into the slots")
            }
            Self::NoElement { slot } => write!(
                f,
                "slot {slot} of this message cannot be encoded; change something in the message"
            ),
        }
    }
}

impl core::error::Error for MessageError {}

/// Elements that do not encode a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMessage {
    /// The first wrong slot, from 0.
    pub slot: usize,
    /// What is wrong with it.
    pub fault: SlotFault,
}

/// What is wrong with the slot that [`NotAMessage`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotFault {
    /// The first byte is odd, so it is not twice a counter.
    FirstByte {
        /// The byte found.
        found: u8,
    },
    /// The second byte is larger than any payload.
    Length {
        /// The byte found, above [`PAYLOAD`].
        found: u8,
    },
    /// A byte after the payload is not zero.
    Padding,
    /// Byte 31 is not zero.
    LastByte {
        /// The byte found.
        found: u8,
    },
    /// Neither these bytes nor those with a smaller counter encode an element.
    NotAnElement,
    /// A smaller counter also gives an element.
    Counter {
        /// The counter found.
        found: u8,
        /// The smallest counter that gives an element.
        smallest: u8,
    },
    /// The slot is not full, but one after it is not empty.
    NotFull {
        /// The length of its payload in bytes.
        found: usize,
    },
}

impl fmt::Display for NotAMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}: {}", self.slot, self.fault)
    }
}

impl fmt::Display for SlotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstByte { found } => {
                write!(f, "the first byte is {found}; it must be even")
            }
            Self::Length { found } => {
                write!(f, "a payload of {found} bytes; at most {PAYLOAD} are allowed")
            }
            Self::Padding => f.write_str("bytes after the payload that are not zero"),
            Self::LastByte { found } => {
                write!(f, "the last byte is {found}; it must be zero")
            }
            Self::NotAnElement => {
                f.write_str("not the canonical encoding of a ristretto255 element")
            }
            Self::Counter { found, smallest } => {
                write!(f, "the counter is {found}, but {smallest} also gives an element")
            }
            Self::NotFull { found } => write!(
                f,
                "a payload of {found} bytes before a slot that is not empty; it must have {PAYLOAD}"
            ),
        }
    }
}

impl core::error::Error for NotAMessage {}
