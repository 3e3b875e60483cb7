//! Messages in slots, and slots that do not hold a message.

use super::{
    json::{Json, hex, hexes, object},
    oracle::encode,
};
use curve25519_dalek::{
    RistrettoPoint, constants::RISTRETTO_BASEPOINT_POINT as G, ristretto::CompressedRistretto,
};
use tabella::crypto::message::{self, SlotFault};

fn is_element(bytes: &[u8; 32]) -> bool {
    CompressedRistretto(*bytes).decompress().is_some()
}

/// The layout of a slot.
fn layout(c: u8, payload: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    (bytes[0], bytes[1]) = (2 * c, payload.len() as u8);
    bytes[2..2 + payload.len()].copy_from_slice(payload);
    bytes
}

/// The slots of a message.
pub fn slots(message: &[u8], count: usize) -> Vec<[u8; 32]> {
    let parts = message.chunks(29).chain(std::iter::repeat(&[][..])).take(count);
    let slot = |part: &[u8]| (0..128).map(|c| layout(c, part)).find(is_element).unwrap();
    parts.map(slot).collect()
}

/// The message in these slots; or the first wrong slot and the number of the rule that it breaks.
pub fn decode(slots: &[[u8; 32]]) -> Result<Vec<u8>, (usize, u8)> {
    let mut message = Vec::new();
    for (i, bytes) in slots.iter().enumerate() {
        let length = usize::from(bytes[1]);
        if bytes[0] % 2 != 0 || length > 29 || bytes[2 + length..].iter().any(|byte| *byte != 0) {
            return Err((i, 1));
        }
        if !is_element(bytes) {
            return Err((i, 2));
        }
        let payload = &bytes[2..2 + length];
        if (0..bytes[0] / 2).any(|c| is_element(&layout(c, payload))) {
            return Err((i, 3));
        }
        if length > 0
            && let Some(before) = slots[..i].iter().position(|before| before[1] < 29)
        {
            return Err((before, 4));
        }
        message.extend_from_slice(payload);
    }
    Ok(message)
}

pub fn json() -> Json {
    object! {"valid" => valid(), "invalid" => invalid()}
}

fn valid() -> Json {
    let long = "a message that is longer than one slot";
    let cases: [(&[u8], usize); 14] = [
        (b"", 0),
        (b"", 1),
        (b"", 3),
        (b"a", 1),
        (b"\0", 1),
        (b"\0\0", 2),
        (b"\xff\xfe", 1),
        (b"Grace Hopper", 1),
        ("Σωκράτης".as_bytes(), 1),
        (b"exactly twenty-nine bytes!!!!", 1),
        (b"exactly twenty-nine bytes!!!!", 2),
        (long.as_bytes(), 2),
        (long.as_bytes(), 3),
        (&[0; 58], 2),
    ];
    let of = |(message, count): (&[u8], usize)| {
        let slots = slots(message, count);
        let points: Vec<_> = message::encode(message, count).unwrap().iter().map(encode).collect();
        assert_eq!((&slots, decode(&slots)), (&points, Ok(message.to_vec())));
        assert_eq!(message::decode(&slots), Ok(message.to_vec()));
        object! {"message" => hex(message), "slots" => hexes(slots)}
    };
    Json::List(cases.map(of).into())
}

fn invalid() -> Json {
    let [a, empty] = [slots(b"a", 1)[0], [0; 32]];
    let [full, rest] =
        slots(b"a message that is longer than one slot", 2).try_into().unwrap_or_default();
    let with = |mut bytes: [u8; 32], at: usize, byte: u8| {
        bytes[at] = byte;
        bytes
    };
    // Counters that encode an element, other than the smallest.
    let later = (a[0] / 2 + 1..128).map(|c| layout(c, b"a")).find(is_element).unwrap();
    let none = (0..128).map(|c| layout(c, b"a")).find(|bytes| !is_element(bytes)).unwrap();
    let padded = (0..128).map(|c| with(layout(c, b"a"), 3, 1)).find(is_element).unwrap();
    // An odd multiple of G is not a message; the others do not have the layout.
    let multiples: Vec<RistrettoPoint> =
        (2..5u64).map(|n| G * curve25519_dalek::Scalar::from(n)).collect();
    let mut cases: Vec<(&str, Vec<[u8; 32]>)> = vec![
        ("the first byte is odd", vec![with(a, 0, a[0] + 1)]),
        ("30 bytes of payload", vec![with(full, 1, 30)]),
        ("255 bytes of payload", vec![with(a, 1, 255)]),
        ("a byte behind the payload", vec![padded]),
        ("the last byte is not zero", vec![with(full, 31, 1)]),
        ("no element", vec![none]),
        ("another counter", vec![later]),
        (
            "a counter without a payload",
            vec![(1..128).map(|c| layout(c, b"")).find(is_element).unwrap()],
        ),
        ("a slot that is not full", vec![a, a]),
        ("an empty slot before one that is not", vec![empty, a]),
        ("an empty slot in between", vec![full, empty, rest]),
        ("the second slot is no element", vec![full, none]),
        ("the slots in another order", vec![rest, full]),
        ("G", vec![encode(&G)]),
    ];
    cases.extend(multiples.iter().map(|point| ("a multiple of G", vec![encode(point)])));
    let of = |(name, slots): (&str, Vec<[u8; 32]>)| {
        let (slot, rule) = decode(&slots).unwrap_err();
        let found = message::decode(&slots).unwrap_err();
        let by_library = match found.fault {
            SlotFault::FirstByte { .. }
            | SlotFault::Length { .. }
            | SlotFault::Padding
            | SlotFault::LastByte { .. } => 1,
            SlotFault::NotAnElement => 2,
            SlotFault::Counter { .. } => 3,
            SlotFault::NotFull { .. } => 4,
        };
        assert_eq!((found.slot, by_library), (slot, rule), "{name}");
        object! {"name" => name, "slots" => hexes(slots), "slot" => slot, "rule" => rule}
    };
    Json::List(cases.into_iter().map(of).collect())
}
