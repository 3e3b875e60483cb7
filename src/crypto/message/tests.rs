use super::*;
use curve25519_dalek::{Scalar, traits::IsIdentity};
use proptest::prelude::*;
use rand_core::{OsRng, RngCore};

/// Slots in the tests of longer messages.
const SLOTS: usize = 4;

fn encoded(bytes: &[u8], slots: usize) -> Vec<[u8; 32]> {
    encode(bytes, slots).unwrap().iter().map(|point| point.compress().to_bytes()).collect()
}

fn is_element(bytes: &[u8; 32]) -> bool {
    CompressedRistretto(*bytes).decompress().is_some()
}

/// A slot built by hand.
fn laid_out(counter: u8, payload: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 2 * counter;
    bytes[1] = payload.len() as u8;
    bytes[2..2 + payload.len()].copy_from_slice(payload);
    bytes
}

fn fault(slots: &[[u8; 32]]) -> (usize, SlotFault) {
    let NotAMessage { slot, fault } = decode(slots).unwrap_err();
    (slot, fault)
}

/// These bytes are either refused or exactly what `encode` returns.
fn assert_canonical(slots: &[[u8; 32]]) {
    if let Ok(message) = decode(slots) {
        assert_eq!(encoded(&message, slots.len()), slots, "{message:?}");
    }
}

#[test]
fn every_length_comes_back() {
    for slots in 0..=SLOTS {
        for length in 0..=slots * PAYLOAD {
            let mut message = vec![0; length];
            OsRng.fill_bytes(&mut message);
            let points = encode(&message, slots).unwrap();
            assert_eq!(points.len(), slots);
            assert_eq!(decode_points(&points), Ok(message));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_message_comes_back(
        message in proptest::collection::vec(any::<u8>(), 0..=SLOTS * PAYLOAD),
        more in 0..3usize,
    ) {
        let slots = slots_for(message.len()) + more;
        let bytes = encoded(&message, slots);
        for (i, slot) in bytes.iter().enumerate() {
            let part = message.chunks(PAYLOAD).nth(i).unwrap_or_default();
            prop_assert_eq!(slot, &laid_out(slot[0] / 2, part));
            let smaller = (0..slot[0] / 2).find(|c| is_element(&laid_out(*c, part)));
            prop_assert_eq!(smaller, None);
        }
        prop_assert_eq!(decode(&bytes), Ok(message));
    }
}

/// Computed by an independent decoder over Python's integers.
#[test]
fn known_answers() {
    let empty = "0000000000000000000000000000000000000000000000000000000000000000";
    let known = [
        ("", vec![empty]),
        ("a", vec!["0201610000000000000000000000000000000000000000000000000000000000"]),
        ("Grace Hopper", vec!["0a0c477261636520486f70706572000000000000000000000000000000000000"]),
        ("Σωκράτης", vec!["0410cea3cf89cebacf81ceaccf84ceb7cf820000000000000000000000000000"]),
        (
            "exactly twenty-nine bytes!!!!",
            vec!["081d65786163746c79207477656e74792d6e696e652062797465732121212100", empty],
        ),
        (
            "a message that is longer than one slot",
            vec![
                "001d61206d6573736167652074686174206973206c6f6e676572207468616e00",
                "0009206f6e6520736c6f74000000000000000000000000000000000000000000",
                empty,
            ],
        ),
    ];
    for (message, slots) in known {
        let found: Vec<_> =
            encoded(message.as_bytes(), slots.len()).iter().map(hex::encode).collect();
        assert_eq!(found, slots, "{message}");
    }
}

#[test]
fn an_empty_slot_is_the_identity() {
    assert!(encode(b"", 3).unwrap().iter().all(RistrettoPoint::is_identity));
    let points = encode(b"some", 2).unwrap();
    assert!(!points[0].is_identity() && points[1].is_identity());
    // Zero is a byte like any other.
    assert_eq!(decode_points(&encode(&[0; 30], 2).unwrap()), Ok(vec![0; 30]));
}

#[test]
fn no_slots_hold_the_empty_message_only() {
    assert_eq!(encode(b"", 0).unwrap().len(), 0);
    assert_eq!(encode(b"a", 0), Err(MessageError::TooLong { found: 1, max: 0 }));
    assert_eq!(decode(&[]), Ok(vec![]));
}

#[test]
fn a_message_that_does_not_fit_is_refused() {
    for slots in 1..=3 {
        let max = slots * PAYLOAD;
        let error = encode(&vec![b'x'; max + 1], slots).unwrap_err();
        assert_eq!(error, MessageError::TooLong { found: max + 1, max });
        assert_eq!(slots_for(max), slots);
        assert_eq!(slots_for(max + 1), slots + 1);
    }
    assert_eq!(slots_for(0), 0);
    assert!(slots_for(usize::MAX) <= usize::MAX / PAYLOAD + 1);
}

#[test]
fn a_flipped_bit_gives_no_second_encoding() {
    for message in
        [&b""[..], b"a", &[0xff; 29], &[0; 29], b"a message of three slots, of which one is empty"]
    {
        let bytes = encoded(message, 3);
        for slot in 0..3 {
            for bit in 0..256 {
                let mut flipped = bytes.clone();
                flipped[slot][bit / 8] ^= 1 << (bit % 8);
                assert_canonical(&flipped);
                assert_ne!(decode(&flipped).as_deref(), Ok(message));
            }
        }
    }
}

#[test]
fn slots_in_another_order_give_no_second_encoding() {
    let bytes = encoded(b"a message of three slots, of which one is empty", 3);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 0, 2], [1, 1, 2]] {
        let other = order.map(|i| bytes[i]);
        assert!(decode(&other).is_err() || order == [0, 0, 2], "{order:?}");
        assert_canonical(&other);
    }
}

#[test]
fn a_random_element_is_no_message() {
    let mut messages = 0;
    for _ in 0..2000 {
        let bytes = [RistrettoPoint::random(&mut OsRng).compress().to_bytes()];
        assert_canonical(&bytes);
        messages += usize::from(decode(&bytes).is_ok());
    }
    // One is expected in 500 runs, two in none.
    assert!(messages < 2, "{messages}");
}

/// Counted slots hold small multiples of `G`.
#[test]
fn a_number_of_votes_is_no_message() {
    for votes in 1..200u64 {
        decode_points(&[RistrettoPoint::mul_base(&Scalar::from(votes))]).unwrap_err();
    }
}

#[test]
fn an_odd_first_byte_is_refused() {
    let mut bytes = encoded(b"text", 1);
    bytes[0][0] |= 1;
    assert_eq!(fault(&bytes), (0, SlotFault::FirstByte { found: bytes[0][0] }));
}

#[test]
fn a_length_above_the_payload_is_refused() {
    let mut bytes = encoded(&[7; 40], 2);
    for found in 30..=255 {
        bytes[1][1] = found;
        assert_eq!(fault(&bytes), (1, SlotFault::Length { found }));
    }
}

/// This also holds for bytes that encode an element, for instance with a length that hides the end of a text.
#[test]
fn padding_that_is_not_zero_is_refused() {
    let mut refused = 0;
    for n in 0..=255 {
        let mut bytes = encoded(&[b'n', n, 9], 1);
        bytes[0][1] = 2;
        assert_eq!(fault(&bytes), (0, SlotFault::Padding));
        refused += usize::from(is_element(&bytes[0]));
    }
    assert!(refused > 0);
}

#[test]
fn a_last_byte_that_is_not_zero_is_refused() {
    let mut refused = 0;
    for found in 1..=255 {
        let mut bytes = encoded(&[5; 29], 1);
        bytes[0][31] = found;
        assert_eq!(fault(&bytes), (0, SlotFault::LastByte { found }));
        refused += usize::from(is_element(&bytes[0]));
    }
    assert!(refused > 0);
}

#[test]
fn a_counter_that_is_not_the_smallest_is_refused() {
    for payload in [&b""[..], b"text", &[1; 29]] {
        let smallest = encoded(payload, 1)[0][0] / 2;
        let larger: Vec<_> =
            (smallest + 1..CANDIDATES).filter(|c| is_element(&laid_out(*c, payload))).collect();
        assert!(larger.len() > 1);
        for found in larger {
            let bytes = [laid_out(found, payload)];
            assert_eq!(fault(&bytes), (0, SlotFault::Counter { found, smallest }));
        }
    }
}

#[test]
fn bytes_that_encode_no_element_are_refused() {
    let mut refused = 0;
    for n in 0..50 {
        let smallest = encoded(&[n], 1)[0][0] / 2;
        for c in 0..smallest {
            assert_eq!(fault(&[laid_out(c, &[n])]), (0, SlotFault::NotAnElement));
            refused += 1;
        }
        // After the smallest counter, a later one is refused by naming the smallest.
        if let Some(found) = (smallest..CANDIDATES).find(|c| !is_element(&laid_out(*c, &[n]))) {
            let expected = SlotFault::Counter { found, smallest };
            assert_eq!(fault(&[laid_out(found, &[n])]), (0, expected));
        }
    }
    assert!(refused > 0);
}

#[test]
fn a_slot_that_is_not_full_before_one_that_is_not_empty_is_refused() {
    let slot = |payload: &[u8]| encoded(payload, 1)[0];
    let (full, part, empty) = (slot(&[b'f'; 29]), slot(b"part"), slot(b""));
    assert_eq!(fault(&[part, part]), (0, SlotFault::NotFull { found: 4 }));
    assert_eq!(fault(&[full, empty, part]), (1, SlotFault::NotFull { found: 0 }));
    assert_eq!(fault(&[full, part, empty, full]), (1, SlotFault::NotFull { found: 4 }));
    assert_eq!(fault(&[empty, full]), (0, SlotFault::NotFull { found: 0 }));
    for good in [&[full, full][..], &[full, part], &[full, empty], &[empty, empty]] {
        assert!(decode(good).is_ok());
    }
}

#[test]
fn errors_say_where_and_what() {
    let error = encode(&[0; 30], 1).unwrap_err();
    assert_eq!(error.to_string(), "a message of 30 bytes; at most 29 fit into the slots");
    let error = decode(&[[0; 32], [1; 32]]).unwrap_err();
    assert_eq!(error.to_string(), "slot 1: the first byte is 1; it must be even");
}
