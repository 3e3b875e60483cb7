use super::*;
use crate::random::Failing;
use alloc::{format, string::String, vec};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// The least cost that Argon2 accepts.
const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "seven lamps in the harbour";
const SECRET: &[u8] = b"a trustee's share";
const ELECTION: [u8; 32] = [0xe1; 32];

fn election() -> Option<ManifestHash> {
    Some(ManifestHash::from(ELECTION))
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::from_seed([5; 32])
}

fn sealed_at(cost: Cost) -> Vec<u8> {
    seal_at(cost, VaultKind::Shares, election(), SECRET, PASSPHRASE, &mut rng()).unwrap()
}

fn open(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    unseal(VaultKind::Shares, election(), bytes, PASSPHRASE)
}

/// Recomputes the checksum, as somebody who alters a vault on purpose would.
fn sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let at = bytes.len() - CHECKSUM;
    let checksum = Sha3_256::digest(&bytes[..at]);
    bytes[at..].copy_from_slice(&checksum);
    bytes
}

fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    with(bytes, bit / 8, &[bytes[bit / 8] ^ (1 << (bit % 8))])
}

#[test]
fn secrets_of_all_lengths_come_back() {
    for kind in [VaultKind::Shares, VaultKind::Ceremony] {
        for length in [0, 1, 31, 32, 33, 64, 4096] {
            let secret = vec![7; length];
            let bytes = seal_at(CHEAP, kind, election(), &secret, PASSPHRASE, &mut rng()).unwrap();
            assert_eq!(bytes.len(), OVERHEAD + length);
            assert_eq!(*unseal(kind, election(), &bytes, PASSPHRASE).unwrap(), secret);
        }
    }
}

#[test]
fn the_longest_secret_fits_and_one_byte_more_does_not() {
    let secret = vec![1; MAX_SECRET + 1];
    let bytes = |length: usize| {
        seal_at(CHEAP, VaultKind::Shares, election(), &secret[..length], PASSPHRASE, &mut rng())
    };
    let longest = bytes(MAX_SECRET).unwrap();
    assert_eq!(longest.len(), MAX_BYTES);
    assert_eq!(open(&longest).unwrap().len(), MAX_SECRET);
    assert_eq!(bytes(MAX_SECRET + 1), Err(SealError::TooLong { length: MAX_SECRET + 1 }));
}

#[test]
fn every_vault_has_a_salt_of_its_own() {
    let mut rng = rng();
    let mut bytes =
        || seal_at(CHEAP, VaultKind::Shares, election(), SECRET, PASSPHRASE, &mut rng).unwrap();
    let (one, two) = (bytes(), bytes());
    assert_eq!(one[..SALT_AT], two[..SALT_AT]);
    assert_ne!(one[SALT_AT..LENGTH_AT], two[SALT_AT..LENGTH_AT]);
    assert_ne!(one[HEADER..], two[HEADER..]);
}

#[test]
fn passphrases_have_a_length() {
    let seal = |passphrase: &str| {
        seal_at(CHEAP, VaultKind::Shares, election(), SECRET, passphrase, &mut rng())
    };
    let (longest, longer) = ("ü".repeat(MAX_PASSPHRASE / 2), "x".repeat(MAX_PASSPHRASE + 1));
    for (short, characters) in [("", 0), ("x", 1), ("fourteen chars", 14)] {
        assert_eq!(seal(short), Err(SealError::ShortPassphrase { characters }), "{short}");
    }
    assert!(seal("fifteen letters").is_ok());
    // Composed characters count, not bytes.
    let short = SealError::ShortPassphrase { characters: 14 };
    assert_eq!(seal(&"ü".repeat(14)), Err(short));
    assert_eq!(seal(&"u\u{308}".repeat(14)), Err(short));
    assert!(seal(&"u\u{308}".repeat(15)).is_ok());
    assert_eq!(seal(&longer), Err(SealError::LongPassphrase { bytes: MAX_PASSPHRASE + 1 }));
    // In NFD too long, but not in its normal form.
    assert!(seal(&"u\u{308}".repeat(MAX_PASSPHRASE / 2)).is_ok());
    let bytes = seal(&longest).unwrap();
    assert_eq!(*unseal(VaultKind::Shares, election(), &bytes, &longest).unwrap(), SECRET);
    for wrong in ["", &longer, &longest[2..], "x"] {
        assert_eq!(
            unseal(VaultKind::Shares, election(), &bytes, wrong),
            Err(VaultError::Passphrase)
        );
    }
}

/// Keyboards differ in how they compose accents and which spaces they produce.
#[test]
fn a_passphrase_is_the_same_however_it_is_composed() {
    let same = [
        "Zoë trinkt süßen Kakao",
        "Zoe\u{308} trinkt su\u{308}ßen Kakao",
        "Zoë\u{a0}trinkt\u{3000}süßen\u{202f}Kakao",
    ];
    let other = [
        "zoë trinkt süßen kakao",
        "Zoë trinkt süssen Kakao",
        "Zoe trinkt süßen Kakao",
        "Ｚoë trinkt süßen Kakao",
    ];
    for passphrase in same {
        let bytes =
            seal_at(CHEAP, VaultKind::Shares, election(), SECRET, passphrase, &mut rng()).unwrap();
        for again in same {
            assert_eq!(*unseal(VaultKind::Shares, election(), &bytes, again).unwrap(), SECRET);
        }
        for other in other {
            let error = unseal(VaultKind::Shares, election(), &bytes, other);
            assert_eq!(error, Err(VaultError::Passphrase), "{other}");
        }
    }
}

/// Made by version 1 of the format, which used passphrases as they were, however short.
#[test]
fn a_vault_of_the_first_version_opens() {
    let seal = |passphrase: &str| {
        let cipher = cipher(passphrase, &[9; SALT], CHEAP).unwrap();
        let (kind, manifest, length) =
            (VaultKind::Shares.byte(), ELECTION.into(), SECRET.len() as u32);
        let mut out = Vec::new();
        Header { version: 1, kind, manifest, cost: CHEAP, salt: [9; SALT], length }
            .encode(&mut out);
        let payload = Payload { msg: SECRET, aad: &out };
        let ciphertext = cipher.encrypt(&NONCE.into(), payload).unwrap();
        out.extend(ciphertext);
        out.extend(Sha3_256::digest(&out));
        out
    };
    for passphrase in ["x", "Zoe\u{308}", "seven lamps in the harbour"] {
        assert_eq!(
            *unseal(VaultKind::Shares, election(), &seal(passphrase), passphrase).unwrap(),
            SECRET
        );
    }
    let error = |bytes: &[u8], passphrase: &str| {
        unseal(VaultKind::Shares, election(), bytes, passphrase).unwrap_err()
    };
    assert_eq!(error(&seal("Zoe\u{308}"), "Zoë"), VaultError::Passphrase);
    assert_eq!(error(&seal("x"), ""), VaultError::Passphrase);
    let now = sum(with(&seal(PASSPHRASE), VERSION_AT, &[VERSION]));
    assert_eq!(error(&now, PASSPHRASE), VaultError::Passphrase);
    // The specification's example before version 2.
    let vector = "746162656c6c61207661756c740a0101e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1\
                  e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e100004c0000000002000000018108aedf\
                  acf5cf1d73c67b6936397ba500000011824beb76002133f51281e111828c83d4\
                  8c8bdefdd80f540773f3818a4c67187cd65aecfa328161acf79016cff74a33c7\
                  6912901e982bd20a2dbcf587ae90f555a5";
    assert_eq!(*open(&hex::decode(vector).unwrap()).unwrap(), SECRET);
}

#[test]
fn a_registered_secret_belongs_to_no_election() {
    let bytes = seal_at(CHEAP, VaultKind::Author, None, SECRET, PASSPHRASE, &mut rng()).unwrap();
    assert_eq!(bytes[MANIFEST_AT..COST_AT], [0; 32]);
    assert_eq!(*unseal(VaultKind::Author, None, &bytes, PASSPHRASE).unwrap(), SECRET);
    // A secret that was sealed for an election opens without one, too.
    let bytes =
        seal_at(CHEAP, VaultKind::Author, election(), SECRET, PASSPHRASE, &mut rng()).unwrap();
    assert_eq!(*unseal(VaultKind::Author, None, &bytes, PASSPHRASE).unwrap(), SECRET);
}

#[test]
fn wrong_passphrases_kinds_and_elections_are_told_apart() {
    let bytes = sealed_at(CHEAP);
    for wrong in ["Seven lamps in the harbour", "seven lamps in the harbour ", "seven lamps"] {
        assert_eq!(
            unseal(VaultKind::Shares, election(), &bytes, wrong),
            Err(VaultError::Passphrase)
        );
    }
    let other = ManifestHash::from([0xe2; 32]);
    assert_eq!(
        unseal(VaultKind::Shares, Some(other), &bytes, PASSPHRASE),
        Err(VaultError::Election { found: ELECTION.into(), expected: other })
    );
    let kind = VaultError::Kind { found: 1, expected: VaultKind::Ceremony };
    assert_eq!(unseal(VaultKind::Ceremony, election(), &bytes, PASSPHRASE), Err(kind));
    // The kind is checked before the election, and both before the passphrase.
    assert_eq!(unseal(VaultKind::Ceremony, Some(other), &bytes, ""), Err(kind));
}

#[test]
fn a_header_that_was_exchanged_does_not_open() {
    let bytes = sealed_at(CHEAP);
    let kind = sum(with(&bytes, KIND_AT, &[2]));
    assert_eq!(
        unseal(VaultKind::Ceremony, election(), &kind, PASSPHRASE),
        Err(VaultError::Passphrase)
    );
    let other = [0xe2; 32];
    assert_eq!(
        unseal(
            VaultKind::Shares,
            Some(other.into()),
            &sum(with(&bytes, MANIFEST_AT, &other)),
            PASSPHRASE
        ),
        Err(VaultError::Passphrase)
    );
}

#[test]
fn every_bit_flip_is_found_where_it_is() {
    let bytes = sealed_at(CHEAP);
    let end = bytes.len() - CHECKSUM;
    for bit in 0..bytes.len() * 8 {
        let at = bit / 8;
        let flipped = flipped(&bytes, bit);
        let error = open(&flipped).unwrap_err();
        let length = u32::from_be_bytes(flipped[LENGTH_AT..HEADER].try_into().unwrap());
        let expected = match at {
            _ if at < VERSION_AT => VaultError::NotAVault { at },
            // Version 1 can be read, too; here the vault is damaged.
            VERSION_AT if flipped[at] != VERBATIM => VaultError::Version { found: flipped[at] },
            LENGTH_AT..HEADER if length as usize > MAX_SECRET => {
                VaultError::TooLong { found: length }
            }
            LENGTH_AT..HEADER => {
                let expected = OVERHEAD + length as usize;
                if expected > bytes.len() {
                    VaultError::Truncated { found: bytes.len(), expected }
                } else {
                    VaultError::Trailing { expected }
                }
            }
            _ => VaultError::Checksum { at: end },
        };
        assert_eq!(error, expected, "bit {bit}");
    }
}

#[test]
fn every_bit_flip_under_a_new_checksum_is_refused() {
    let bytes = sealed_at(CHEAP);
    for bit in KIND_AT * 8..(bytes.len() - CHECKSUM) * 8 {
        let at = bit / 8;
        let flipped = sum(flipped(&bytes, bit));
        let header = Header::fields(&flipped).unwrap();
        let Cost { memory, passes, lanes } = header.cost;
        if (1 << 13..=MAX_MEMORY).contains(&memory) {
            continue; // It would be refused, but only after much work.
        }
        let parameter =
            |parameter, found, least, most| VaultError::Parameter { parameter, found, least, most };
        let expected = match at {
            KIND_AT => VaultError::Kind { found: header.kind, expected: VaultKind::Shares },
            MANIFEST_AT..COST_AT => {
                VaultError::Election { found: header.manifest, expected: ELECTION.into() }
            }
            _ if !(1..=16).contains(&lanes) => parameter(Parameter::Lanes, lanes, 1, 16),
            _ if !(1..=64).contains(&passes) => parameter(Parameter::Passes, passes, 1, 64),
            _ if !(8 * lanes..=1 << 20).contains(&memory) => {
                parameter(Parameter::Memory, memory, 8 * lanes, 1 << 20)
            }
            LENGTH_AT..HEADER => {
                let error = open(&flipped).unwrap_err();
                assert!(
                    matches!(
                        error,
                        VaultError::TooLong { .. }
                            | VaultError::Truncated { .. }
                            | VaultError::Trailing { .. }
                    ),
                    "bit {bit}: {error}"
                );
                continue;
            }
            _ => VaultError::Passphrase,
        };
        assert_eq!(open(&flipped), Err(expected), "bit {bit}");
    }
}

#[test]
fn every_truncation_is_told() {
    let bytes = sealed_at(CHEAP);
    for found in 0..bytes.len() {
        let expected = match found {
            _ if found < MAGIC.len() => VaultError::NotAVault { at: found },
            _ if found < HEADER => VaultError::Truncated { found, expected: OVERHEAD },
            _ => VaultError::Truncated { found, expected: bytes.len() },
        };
        assert_eq!(open(&bytes[..found]), Err(expected), "{found} bytes");
    }
}

#[test]
fn every_extension_is_told() {
    let mut bytes = sealed_at(CHEAP);
    let expected = bytes.len();
    for extra in 0..100 {
        bytes.push(extra);
        assert_eq!(open(&bytes), Err(VaultError::Trailing { expected }));
    }
    // A checksum over the added bytes does not help.
    assert_eq!(open(&sum(bytes)), Err(VaultError::Trailing { expected }));
}

#[test]
fn a_file_that_was_taken_for_text_is_no_vault() {
    let bytes = sealed_at(CHEAP);
    let windows = [&bytes[..MAGIC.len() - 1], b"\r\n", &bytes[MAGIC.len()..]].concat();
    assert_eq!(open(&windows), Err(VaultError::NotAVault { at: MAGIC.len() - 1 }));
}

#[test]
fn hostile_parameters_take_no_memory() {
    let bytes = sealed_at(CHEAP);
    let with_cost = |memory: u32, passes: u32, lanes: u32| {
        let numbers = [memory, passes, lanes].map(u32::to_be_bytes).concat();
        open(&sum(with(&bytes, COST_AT, &numbers))).unwrap_err()
    };
    let parameter =
        |parameter, found, least, most| VaultError::Parameter { parameter, found, least, most };
    for found in [0, 7, MAX_MEMORY + 1, u32::MAX] {
        let expected = parameter(Parameter::Memory, found, 8, MAX_MEMORY);
        assert_eq!(with_cost(found, 1, 1), expected);
    }
    assert_eq!(with_cost(127, 1, 16), parameter(Parameter::Memory, 127, 128, MAX_MEMORY));
    for found in [0, MAX_PASSES + 1, u32::MAX] {
        assert_eq!(with_cost(8, found, 1), parameter(Parameter::Passes, found, 1, MAX_PASSES));
    }
    for found in [0, MAX_LANES + 1, 1 << 29, u32::MAX] {
        assert_eq!(with_cost(8, 1, found), parameter(Parameter::Lanes, found, 1, MAX_LANES));
    }
    // A secret of 4 GiB in a file of 145 bytes.
    let long = sum(with(&bytes, LENGTH_AT, &[0xff; 4]));
    assert_eq!(open(&long), Err(VaultError::TooLong { found: u32::MAX }));
}

#[test]
fn other_allowed_parameters_open() {
    for (memory, passes, lanes) in [(8, 64, 1), (128, 1, 16), (131, 2, 16), (1024, 3, 3)] {
        let bytes = sealed_at(Cost { memory, passes, lanes });
        assert_eq!(*open(&bytes).unwrap(), SECRET);
    }
}

#[test]
fn a_generator_that_fails_is_an_error() {
    assert_eq!(
        seal(VaultKind::Shares, election(), SECRET, PASSPHRASE, &mut Failing),
        Err(SealError::Randomness)
    );
}

#[test]
fn errors_say_where_and_what_would_be_right() {
    let says = |error: VaultError, parts: &[&str]| {
        let text = format!("{error}");
        assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    };
    let other = ManifestHash::from([0xe2; 32]);
    says(VaultError::NotAVault { at: 3 }, &["at byte 3", "tabella vault"]);
    says(VaultError::Version { found: 9 }, &["at byte 14", "version 9", "version 2 or 1"]);
    says(VaultError::TooLong { found: 1 << 30 }, &["at byte 76", "1073741824", "16777216"]);
    says(VaultError::Truncated { found: 90, expected: 145 }, &["at byte 90", "145"]);
    says(VaultError::Trailing { expected: 145 }, &["at byte 145"]);
    says(VaultError::Checksum { at: 113 }, &["at byte 113", "damaged"]);
    let kind = |found| VaultError::Kind { found, expected: VaultKind::Ceremony };
    says(kind(1), &["at byte 15", "a trustee's shares", "an unfinished ceremony"]);
    says(kind(7), &["at byte 15", "kind 7", "an unfinished ceremony"]);
    let election = VaultError::Election { found: other, expected: ELECTION.into() };
    says(election, &["at byte 16", &"e2".repeat(32), &"e1".repeat(32)]);
    for (parameter, at) in
        [(Parameter::Memory, 48), (Parameter::Passes, 52), (Parameter::Lanes, 56)]
    {
        let error = VaultError::Parameter { parameter, found: 99, least: 1, most: 64 };
        says(error, &[&format!("at byte {at}"), "99", "1 to 64"]);
    }
}

/// The vector of `docs/spec/keys.md`, which a program in another language also produced.
const VECTOR: &str = include_str!("../../../docs/spec/keys.md");

#[test]
fn the_bytes_do_not_change() {
    let bytes = seal(VaultKind::Shares, election(), SECRET, PASSPHRASE, &mut rng()).unwrap();
    assert_eq!(*open(&bytes).unwrap(), SECRET);
    let vault: Vec<String> = bytes.chunks(32).map(hex::encode).collect();
    let (_, vector) = VECTOR.split_once("vault in hexadecimal\n").unwrap();
    let lines: Vec<&str> = vector.lines().take_while(|line| *line != "```").collect();
    assert_eq!(vault, lines);
}

#[test]
fn argon2id_gives_the_known_answers() {
    // RFC 9106, section 5.3: with a secret value and associated data, which a vault does not use.
    let params = argon2::ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let mut blocks = vec![Block::new(); params.block_count()];
    let mut tag = [0; 32];
    Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params)
        .unwrap()
        .hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, &mut blocks)
        .unwrap();
    assert_eq!(
        hex::encode(tag),
        "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    );
    // The tests of the reference implementation.
    for (lanes, answer) in [
        (1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        (2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ] {
        let cost = Cost { memory: 256, passes: 2, lanes };
        let key = stretch(b"password", b"somesalt", cost).unwrap();
        assert_eq!(hex::encode(*key), answer);
    }
}

#[cfg(feature = "std")]
#[test]
fn vaults_go_through_readers_and_writers() {
    use std::io;

    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let (kind, election) = (VaultKind::Ceremony, election());
    let mut file = Vec::new();
    write(kind, election, SECRET, PASSPHRASE, &mut file, &mut rng()).unwrap();
    assert_eq!(*read(kind, election, &mut file.as_slice(), PASSPHRASE).unwrap(), SECRET);
    let error = read(kind, election, &mut file.as_slice(), "wrong").unwrap_err();
    assert!(matches!(error, VaultReadError::Vault(VaultError::Passphrase)), "{error}");
    let error = read(kind, election, &mut Broken, PASSPHRASE).unwrap_err();
    assert!(matches!(&error, VaultReadError::Io(e) if e.kind() == io::ErrorKind::PermissionDenied));
    let error = write(kind, election, SECRET, PASSPHRASE, &mut Broken, &mut rng()).unwrap_err();
    assert!(matches!(&error, VaultWriteError::Io(e) if e.kind() == io::ErrorKind::StorageFull));
    // Nothing is written with an empty passphrase.
    let mut nothing = Vec::new();
    let error = write(kind, election, SECRET, "", &mut nothing, &mut rng()).unwrap_err();
    assert!(
        matches!(error, VaultWriteError::Seal(SealError::ShortPassphrase { characters: 0 })),
        "{error}"
    );
    assert!(nothing.is_empty());
    // An endless file is read only up to the cap.
    let mut endless = io::Read::chain(file.as_slice(), io::repeat(0));
    let error = read(kind, election, &mut endless, PASSPHRASE).unwrap_err();
    let expected = file.len();
    assert!(
        matches!(error, VaultReadError::Vault(VaultError::Trailing { expected: e }) if e == expected)
    );
    let error = read(kind, election, &mut io::repeat(0), PASSPHRASE).unwrap_err();
    assert!(matches!(error, VaultReadError::Vault(VaultError::NotAVault { at: 0 })), "{error}");
}

proptest! {
    #[test]
    fn any_secret_comes_back(secret: Vec<u8>, passphrase in ".{15,40}", manifest: [u8; 32]) {
        let manifest = Some(ManifestHash::from(manifest));
        // The composed form can be shorter.
        prop_assume!(passphrase.nfc().count() >= MIN_PASSPHRASE);
        let bytes =
            seal_at(CHEAP, VaultKind::Shares, manifest, &secret, &passphrase, &mut rng()).unwrap();
        prop_assert_eq!(&*unseal(VaultKind::Shares, manifest, &bytes, &passphrase).unwrap(), &secret);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, keep in 0..HEADER) {
        prop_assert!(open(&bytes).is_err());
        let vault = sealed_at(CHEAP);
        prop_assert!(open(&[&vault[..keep], &bytes].concat()).is_err());
        prop_assert!(open(&[&vault[..HEADER], &bytes].concat()).is_err());
    }
}
