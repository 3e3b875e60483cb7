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
//! A longer message takes more slots. Each slot but the last that holds something is full, and those after it are empty.
//! An empty slot is 32 zeros, which is the identity. About one of four candidates encodes an element; that none
//! of the 128 does happens with probability (3/4)¹²⁸ ≈ 2⁻⁵³. `encode` tries all of them and takes the smallest good one in
//! constant time.
//!
//! There is one encoding for each message and number of slots, and [`decode`] refuses all else. A random element passes
//! for a message with probability about 2⁻²⁰. So what comes out of a mix may be no message. That says something of
//! the voter and nothing of the mix: it is a value of its own, and no reason to stop.
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

/// How many bytes of a message fit into one slot.
pub const PAYLOAD: usize = 29;
/// How many values the counter in the first byte may take.
const CANDIDATES: u8 = 128;

/// How many slots a message of this many bytes takes at least; none for the empty one.
pub fn slots_for(len: usize) -> usize {
    len.div_ceil(PAYLOAD)
}

/// The elements of a message, one for each slot.
///
/// The time depends on how many bytes and slots there are, and not on what the bytes are.
///
/// # Errors
///
/// `TooLong` if the bytes do not fit into the slots. `NoElement` with probability 2⁻⁵³ for each slot; that it happened
/// is the only thing that the time shows of the bytes.
pub fn encode(bytes: &[u8], slots: usize) -> Result<Zeroizing<Vec<RistrettoPoint>>, MessageError> {
    let max = slots.saturating_mul(PAYLOAD);
    if bytes.len() > max {
        return Err(MessageError::TooLong { found: bytes.len(), max });
    }
    // All the memory is taken at once: a vector that grows would leave copies behind.
    let mut points = Zeroizing::new(Vec::with_capacity(slots));
    let payloads = bytes.chunks(PAYLOAD).chain(core::iter::repeat(&[][..]));
    for (slot, payload) in payloads.take(slots).enumerate() {
        points.push(encode_slot(payload).ok_or(MessageError::NoElement { slot })?);
    }
    Ok(points)
}

/// The element of one slot; `None` if no candidate encodes one. At most `PAYLOAD` bytes.
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
    // If none was found this is the first candidate, which encodes no element.
    CompressedRistretto(*bytes).decompress()
}

/// The bytes of a message, from the canonical encodings of its elements.
///
/// Accepts exactly what [`encode`] gives for these bytes and this many slots. Variable time: an opened message is public.
///
/// # Errors
///
/// [`NotAMessage`] names the first slot that does not fit, and why.
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

/// [`decode`] for elements, as they come out of a decryption.
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
    // Up to this candidate, the smallest that encodes an element.
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
    /// More bytes than fit into the slots.
    TooLong {
        /// How many bytes.
        found: usize,
        /// How many fit.
        max: usize,
    },
    /// None of the candidates for a slot encodes an element, which happens by chance with probability 2⁻⁵³. Another
    /// spelling helps.
    NoElement {
        /// The slot, from 0.
        slot: usize,
    },
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { found, max } => {
                write!(f, "a message of {found} bytes, where at most {max} fit into the slots")
            }
            Self::NoElement { slot } => write!(
                f,
                "no element stands for slot {slot} of this message; change something in it"
            ),
        }
    }
}

impl core::error::Error for MessageError {}

/// Elements that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMessage {
    /// The slot that does not fit, from 0.
    pub slot: usize,
    /// What is wrong with it.
    pub fault: SlotFault,
}

/// What is wrong with the slot that [`NotAMessage`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotFault {
    /// The first byte is not twice a counter.
    FirstByte {
        /// The byte found, which is odd.
        found: u8,
    },
    /// The second byte is no length of a payload.
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
    /// The bytes encode no element, and neither do those with a smaller counter.
    NotAnElement,
    /// A smaller counter gives an element, too.
    Counter {
        /// The counter found.
        found: u8,
        /// The smallest counter that gives an element.
        smallest: u8,
    },
    /// The slot is not full, but one after it is not empty.
    NotFull {
        /// How many bytes of payload it has.
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
                write!(f, "the first byte is {found}, where it must be even")
            }
            Self::Length { found } => {
                write!(f, "a payload of {found} bytes, where at most {PAYLOAD} are allowed")
            }
            Self::Padding => f.write_str("bytes after the payload that are not zero"),
            Self::LastByte { found } => {
                write!(f, "the last byte is {found}, where it must be zero")
            }
            Self::NotAnElement => f.write_str("no canonical encoding of a ristretto255 element"),
            Self::Counter { found, smallest } => {
                write!(f, "the counter is {found}, where {smallest} gives an element, too")
            }
            Self::NotFull { found } => write!(
                f,
                "a payload of {found} bytes before a slot that is not empty, where it must be {PAYLOAD}"
            ),
        }
    }
}

impl core::error::Error for NotAMessage {}
