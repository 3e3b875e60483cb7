//! A credential as text survives typing, and a mistyped one is never read as another.

use attacks::{World, rng};
use bech32::{Bech32, Bech32m, Hrp};
use curve25519_dalek::Scalar;
use proptest::prelude::*;
use rand_core::RngCore;
use sha3::{Digest, Sha3_512};
use std::slice::from_ref;
use tabella::{
    ballot::{Choices, Header},
    codec::{DecodeError, DecodeErrorKind, TextError},
    crypto::{group::Element, signature::AuthorKey},
    log::checkpoint::{LogSecret, WitnessSecret},
    roll::{Credential, Roll},
};

/// The credential of a seed and its text, by a second implementation.
fn credential(seed: [u8; 20]) -> (Credential, String) {
    let text = bech32::encode::<Bech32m>(Hrp::parse("voter").unwrap(), &seed).unwrap();
    let credential: Credential = text.parse().unwrap();
    assert_eq!(*credential.expose_text(), text);
    let hash = Sha3_512::new_with_prefix(b"tabella/v1 credential").chain_update(seed).finalize();
    let secret = Scalar::from_bytes_mod_order_wide(&hash.into());
    assert_eq!(Element::from_secret(&secret).as_ref(), Some(credential.public()));
    (credential, text)
}

/// The characters of bech32.
const CHARACTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

fn typed(text: &str) -> Result<Element, TextError> {
    text.parse::<Credential>().map(|credential| *credential.public())
}

#[test]
fn a_credential_as_text_stays_the_same() {
    let (credential, text) = credential(core::array::from_fn(|i| i as u8));
    assert_eq!(text, "voter1qqqsyqcyq5rqwzqfpg9scrgwpugpzysn8ltw8e");
    let key = "3e6f2699dd11d7fbbbe71ed1e2c88d9ad1241c7ce8c04b6f4539fbc85cea6458";
    assert_eq!(hex::encode(credential.public().as_bytes()), key);
    assert_eq!(text.len(), 44);
    let shown = format!("{credential:?}");
    assert_eq!(shown, format!("Credential({:?}, ..)", credential.public()));
}

#[test]
fn a_credential_is_read_with_hyphens_spaces_and_in_capitals() {
    let mut rng = rng(20);
    for _ in 0..20 {
        let mut seed = [0; 20];
        rng.fill_bytes(&mut seed);
        let (credential, text) = credential(seed);
        let key = Ok(*credential.public());
        let grouped = |separator: &str| {
            let groups: Vec<_> = (0..44).step_by(4).map(|at| &text[at..at + 4]).collect();
            groups.join(separator)
        };
        assert_eq!(typed(&text), key);
        assert_eq!(typed(&text.to_uppercase()), key);
        for separator in ["-", " ", "\n", " - ", "--", "\t", "\u{a0}"] {
            assert_eq!(typed(&grouped(separator)), key);
            assert_eq!(typed(&format!("\n{} \n", grouped(separator).to_uppercase())), key);
        }
    }
}

/// What phones, word processors and other keyboards make of typed text. The checksum still decides.
#[test]
fn a_credential_is_read_as_it_was_meant() {
    let (credential, text) = credential(*b"twenty bytes of seed");
    let key = Ok(*credential.public());
    let grouped = |separator: &str| {
        let groups: Vec<_> = (0..44).step_by(4).map(|at| &text[at..at + 4]).collect();
        groups.join(separator)
    };
    // A phone starts with a capital.
    assert_eq!(typed(&text.replacen('v', "V", 1)), key);
    assert_eq!(typed(&(text[..20].to_string() + &text[20..].to_uppercase())), key);
    let dashes = "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{ad}\u{2043}\u{fe58}\u{fe63}\u{ff0d}\u{30fc}";
    let spaces = " \t\n\r\u{85}\u{a0}\u{2002}\u{2003}\u{2007}\u{2009}\u{202f}\u{3000}\u{200b}\u{feff}\u{2060}";
    for separator in dashes.chars().chain(spaces.chars()).map(String::from) {
        assert_eq!(typed(&grouped(&separator)), key, "{separator:?}");
        assert_eq!(typed(&grouped(&format!(" {separator} "))), key, "{separator:?}");
        assert_eq!(typed(&format!("{separator}{text}{separator}")), key, "{separator:?}");
    }
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap();
    assert_eq!(typed(&text.chars().map(wide).collect::<String>()), key);
    // Other characters are not part of the text; a wrong one is detected in all of these.
    for wrong in ["_", ".", "\u{e9}", "\u{430}", "\u{1f5f3}", "q"] {
        assert_eq!(typed(&grouped(wrong)), Err(TextError::Checksum), "{wrong}");
    }
    let mistyped = text.replacen(&text[9..10], if &text[9..10] == "q" { "P" } else { "Q" }, 1);
    assert_eq!(typed(&mistyped), Err(TextError::Checksum));
    // All other texts that people type or paste behave the same.
    let mut world = World::referendum(23);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "yes");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    let entry = board.post(&ballot, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let pasted = |text: String| {
        let (head, tail) = text.split_at(12);
        let (first, rest) = head.split_at(1);
        format!(" {}{rest}\u{2013}{}\u{a0}\n", first.to_uppercase(), tail.to_uppercase())
    };
    assert_eq!(pasted(ballot.tracker().to_string()).parse(), Ok(ballot.tracker()));
    assert_eq!(pasted(receipt.to_string()).parse(), Ok(receipt));
    let author = world.operator.public();
    assert_eq!(pasted(author.to_string()).parse(), Ok(author.clone()));
    let log = LogSecret::from_seed(&[1; 32]).public();
    assert_eq!(pasted(log.to_string()).parse(), Ok(log));
    let witness = WitnessSecret::from_seed("w", &[2; 32]).unwrap().public().key;
    assert_eq!(pasted(witness.to_string()).parse(), Ok(witness));
}

#[test]
fn a_mistyped_credential_is_never_another() {
    let (_, text) = credential(*b"twenty bytes of seed");
    for at in 0..text.len() {
        // Every character is replaced by every other, including those that bech32 does not have.
        for c in (' '..='~').filter(|c| !text[at..].starts_with(c.to_ascii_lowercase())) {
            let wrong = format!("{}{c}{}", &text[..at], &text[at + 1..]);
            assert!(typed(&wrong).is_err(), "{wrong}");
        }
        // A missing or doubled character, and two swapped ones.
        let (head, tail) = text.split_at(at);
        assert!(typed(&format!("{head}{}", &tail[1..])).is_err());
        assert!(typed(&format!("{head}{}{tail}", &tail[..1])).is_err());
        if let [a, b, rest @ ..] = tail.as_bytes()
            && a != b
        {
            let rest = std::str::from_utf8(rest).unwrap();
            let wrong = format!("{head}{}{}{rest}", char::from(*b), char::from(*a));
            assert!(typed(&wrong).is_err(), "{wrong}");
        }
        assert!(typed(head).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn up_to_four_mistyped_characters_are_found(
        seed: [u8; 20],
        errors in prop::collection::btree_map(6usize..44, 1usize..32, 1..=4),
    ) {
        let (credential, text) = credential(seed);
        prop_assert_eq!(typed(&text), Ok(*credential.public()));
        let mut wrong = text.into_bytes();
        for (at, shift) in errors {
            let place = CHARACTERS.find(char::from(wrong[at])).unwrap();
            wrong[at] = CHARACTERS.as_bytes()[(place + shift) % 32];
        }
        let wrong = String::from_utf8(wrong).unwrap();
        prop_assert_eq!(typed(&wrong), Err(TextError::Checksum));
    }
}

#[test]
fn other_text_is_not_a_credential() {
    let world = World::referendum(21);
    let text = |prefix, bytes: &[u8]| {
        bech32::encode::<Bech32m>(Hrp::parse(prefix).unwrap(), bytes).unwrap()
    };
    for prefix in ["author", "tracker", "vote", "voters", "v"] {
        assert_eq!(typed(&text(prefix, &[7; 20])), Err(TextError::Prefix("voter")));
    }
    let author = world.operator.public().to_string();
    assert_eq!(typed(&author), Err(TextError::Prefix("voter")));
    let voter = world.voters[0].expose_text();
    assert_eq!(voter.parse::<AuthorKey>(), Err(TextError::Prefix("author")));
    // The older checksum.
    let old = bech32::encode::<Bech32>(Hrp::parse("voter").unwrap(), &[7; 20]).unwrap();
    assert_eq!(typed(&old), Err(TextError::Checksum));
    for length in [0, 1, 19] {
        let kind = DecodeErrorKind::Truncated { missing: 20 - length };
        let error = TextError::Value(DecodeError::new(length, kind));
        assert_eq!(typed(&text("voter", &vec![7; length])), Err(error));
    }
    for extra in [1, 12] {
        let kind = DecodeErrorKind::Trailing { extra };
        let error = TextError::Value(DecodeError::new(20, kind));
        assert_eq!(typed(&text("voter", &vec![7; 20 + extra])), Err(error));
    }
    for text in ["", "voter", "voter1", "1", "-", "wähler1qqqq"] {
        assert_eq!(typed(text), Err(TextError::Checksum), "{text}");
    }
}

#[test]
fn a_credential_registers_again_after_it_was_typed() {
    let mut world = World::referendum(22);
    let typed: Credential = world.voters[0].expose_text().parse().unwrap();
    let registration = typed.registration(&world.manifest, 0, &mut world.rng).unwrap();
    assert_eq!(
        (registration.key, registration.style, registration.weight),
        (world.roll[0].key, 0, 1)
    );
    let roll = Roll::new(&world.manifest, from_ref(&registration), &mut world.rng).unwrap();
    assert_eq!(roll.voter(world.voters[0].public()).unwrap().style, 0);
}
