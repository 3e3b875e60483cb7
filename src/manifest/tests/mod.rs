mod counted;
mod groups;
#[cfg(feature = "serde")]
mod json;
mod mistakes;
mod names;
mod rules;
mod texts;

extern crate std;

use super::*;
use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode},
    contest::{Cell, Contest, Rule},
    crypto::signature::{AuthorKey, AuthorSecret},
    log::checkpoint::{LogKey, LogSecret, Witness, WitnessKey, WitnessSecret},
};
use alloc::{collections::BTreeSet, format, string::ToString, vec};
use proptest::prelude::*;
use rand_core::OsRng;
use std::sync::OnceLock;

/// Six keys: the operator's and those of five trustees.
fn keys() -> &'static [AuthorKey; 6] {
    static KEYS: OnceLock<[AuthorKey; 6]> = OnceLock::new();
    KEYS.get_or_init(|| {
        [(); 6].map(|()| AuthorSecret::random(&mut OsRng).unwrap().public().clone())
    })
}

fn started(id: &str) -> Builder {
    let [operator, trustees @ ..] = keys().clone();
    Manifest::builder(id).operator(operator).trustees(trustees, 3)
}

fn log_key() -> LogKey {
    LogSecret::from_seed(&[1; 32]).public()
}

fn witness(i: u8) -> Witness {
    let name = format!("witness.example/w{i}");
    WitnessSecret::from_seed(&name, &[i + 2; 32]).unwrap().public().clone()
}

/// Two districts, a contest in each, and a survey everywhere.
fn good() -> Manifest {
    started("spring.2031")
        .title("Spring elections")
        .district("north", "North bank")
        .district("south", "South bank")
        .station("school", "The school", "north")
        .contest(Contest::choose_one("mayor-n", ["Ada", "Grace", "Émilie"]).blank())
        .contest(Contest::choose("council-s", ["Alan", "Kurt"], 1..=5).each(3).title("Council"))
        .contest(Contest::approval("survey", ["trams", "parks"]).cell(Cell::Election))
        .style("n", "north", ["survey", "mayor-n"])
        .style("s", "south", ["council-s", "survey"])
        .close_quorum(4)
        .rehearsals(2)
        .minimum_cell(12)
        .ballots_per_voter(4)
        .proxies(2)
        .weight_classes()
        .log(log_key())
        .witnesses([witness(0), witness(1)], 1)
        .build()
        .unwrap()
}

#[test]
fn what_was_built_can_be_read() {
    let manifest = good();
    assert_eq!(manifest.id(), "spring.2031");
    assert_eq!(manifest.title(), "Spring elections");
    assert_eq!(manifest.operator(), &keys()[0]);
    assert_eq!(manifest.trustees()[4].key, keys()[5]);
    assert_eq!(manifest.trustees()[4].name, "trustee 5");
    assert_eq!(
        (manifest.threshold(), manifest.groups()[0].close_quorum, manifest.rehearsals()),
        (3, Some(4), 2)
    );
    assert_eq!((manifest.minimum_cell(), manifest.ballots_per_voter()), (12, 4));
    assert_eq!((manifest.proxies(), manifest.forbids_small_classes()), (Some(2), true));
    assert_eq!(manifest.stations()[0].district, 0);
    assert_eq!(manifest.styles()[0].contests, [0, 2]);
    assert_eq!(manifest.contests()[0].title, "mayor-n");
    assert_eq!(manifest.contests()[1].rule, Rule { min: 1, max: 5, each: 3 });
    assert_eq!(manifest.contests()[2].rule, Rule { min: 0, max: 2, each: 1 });
    assert_eq!((manifest.district("south"), manifest.district("east")), (Some(1), None));
    assert_eq!((manifest.station("school"), manifest.station("")), (Some(0), None));
    assert_eq!((manifest.contest("survey"), manifest.contest("mayor")), (Some(2), None));
    assert_eq!((manifest.style("s"), manifest.style("t")), (Some(1), None));
    let log = manifest.log().unwrap();
    assert_eq!((log.key(), log.quorum()), (&log_key(), 1));
    assert_eq!(log.witnesses(), [witness(0), witness(1)]);
    assert_eq!(manifest.origin(), format!("tabella/spring.2031/{}", manifest.hash()));
    manifest.verify_keys(&mut OsRng).unwrap();
}

#[test]
fn defaults_are_one_district_and_one_style() {
    let manifest = started("m")
        .contest(Contest::choose_one("a", ["x", "y"]))
        .contest(Contest::choose_one("b", ["x", "y"]))
        .build()
        .unwrap();
    assert_eq!(manifest.title(), "m");
    assert_eq!((manifest.district("all"), manifest.style("all")), (Some(0), Some(0)));
    assert_eq!(manifest.styles()[0].contests, [0, 1]);
    assert_eq!((manifest.minimum_cell(), manifest.ballots_per_voter()), (10, 16));
    assert_eq!((manifest.groups()[0].close_quorum, manifest.rehearsals()), (None, 0));
    assert_eq!((manifest.proxies(), manifest.forbids_small_classes()), (None, false));
    assert_eq!(manifest.log(), None);
    assert_eq!(manifest.to_bytes().last(), Some(&0));
    let one = || started("m").contest(Contest::choose_one("a", ["x", "y"]));
    let log = one().log(log_key()).build().unwrap();
    assert_eq!(log.log().unwrap().quorum(), 0);
    assert_eq!(log.log().unwrap().witnesses(), []);
    let Witness { name, key } = witness(1);
    let witnessed = one().log(log_key()).witness(&name, key).build().unwrap();
    assert_eq!(witnessed.log().unwrap().witnesses(), [witness(1)]);
    assert_eq!(witnessed.log().unwrap().quorum(), 0);
}

#[test]
fn contests_that_never_meet_share_slots() {
    let manifest = good();
    assert_eq!(manifest.contest_slots(0), Some(0..4));
    assert_eq!(manifest.contest_slots(1), Some(0..2));
    // The survey is on a ballot with both.
    assert_eq!(manifest.contest_slots(2), Some(4..6));
    assert_eq!(manifest.contest_slots(3), None);
    assert_eq!(manifest.slots(), 6);
    assert_eq!(manifest.style_slots(0), Some(vec![0, 1, 2, 3, 4, 5]));
    assert_eq!(manifest.style_slots(1), Some(vec![0, 1, 4, 5]));
    assert_eq!(manifest.style_slots(2), None);
}

#[test]
fn gaps_are_filled_where_a_contest_fits() {
    let contest = |id: &str, n: usize| Contest::choose_one(id, (0..n).map(|i| i.to_string()));
    let manifest = started("m")
        .contest(contest("a", 3))
        .contest(contest("b", 2))
        .contest(contest("c", 1))
        .contest(contest("d", 2))
        .style("1", "all", ["a", "b", "c"])
        .style("2", "all", ["b", "d"])
        .style("3", "all", ["b", "c", "d"])
        .district("all", "Everywhere")
        .build()
        .unwrap();
    let slots: Vec<_> = (0..4).map(|i| manifest.contest_slots(i).unwrap()).collect();
    assert_eq!(slots, [0..3, 3..5, 5..6, 0..2]);
}

#[test]
fn constraints_of_a_style_are_those_of_its_contests() {
    let manifest = good();
    let constraints = manifest.constraints(1).unwrap();
    assert_eq!(constraints.slots(), 4);
    let votes: [(usize, &[u64]); 2] = [(1, &[2, 3]), (2, &[1, 0])];
    let numbers =
        votes.map(|(contest, values)| manifest.contests()[contest].numbers(values, &[], 1));
    let witness = manifest.rules(1).unwrap().witness(&numbers.map(|n| n.to_vec()).concat(), 0);
    let mut bits: Vec<bool> = witness.unwrap().iter().map(|bit| *bit == 1).collect();
    assert!(constraints.allow(&bits));
    assert_eq!(constraints.values(&bits), [2, 3, 1, 0]);
    bits[0] ^= true;
    assert!(!constraints.allow(&bits));
    assert!(manifest.constraints(2).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn slots_never_overlap_within_a_style(
        sizes in prop::collection::vec((1..9usize, any::<bool>()), 1..12),
        masks in prop::collection::vec(1..4_096usize, 1..12),
    ) {
        let mut builder = started("m").district("d", "D");
        for (i, (n, blank)) in sizes.iter().enumerate() {
            let contest = Contest::choose_one(&format!("c{i}"), (0..*n).map(|o| o.to_string()));
            builder = builder.contest(if *blank { contest.blank() } else { contest });
        }
        let all = 0..sizes.len();
        for (i, mask) in masks.iter().enumerate() {
            let held: Vec<_> = all.clone().filter(|c| mask >> c & 1 == 1).map(|c| format!("c{c}")).collect();
            if !held.is_empty() {
                builder = builder.style(&format!("s{i}"), "d", held);
            }
        }
        let everything = all.map(|c| format!("c{c}")).step_by(2).collect::<Vec<_>>();
        let rest: Vec<_> = (0..sizes.len()).skip(1).step_by(2).map(|c| format!("c{c}")).collect();
        builder = builder.style("even", "d", everything);
        if !rest.is_empty() {
            builder = builder.style("odd", "d", rest);
        }
        let manifest = builder.build().unwrap();
        for style in 0..manifest.styles().len() {
            let slots = manifest.style_slots(style).unwrap();
            prop_assert_eq!(slots.iter().collect::<BTreeSet<_>>().len(), slots.len());
            prop_assert_eq!(slots.len(), manifest.constraints(style).unwrap().slots());
            prop_assert!(slots.iter().all(|s| *s < manifest.slots()));
        }
        // Every contest has the lowest range that earlier contests leave free.
        for (i, contest) in manifest.contests().iter().enumerate() {
            let met: BTreeSet<_> = manifest.styles().iter().filter(|s| s.contests.contains(&i))
                .flat_map(|s| &s.contests).filter(|c| **c < i)
                .flat_map(|c| manifest.contest_slots(*c).unwrap()).collect();
            let lowest = (0..).find(|k| (*k..k + contest.slots()).all(|s| !met.contains(&s)));
            prop_assert_eq!(manifest.contest_slots(i).unwrap().start, lowest.unwrap());
        }
        prop_assert_eq!(Manifest::from_canonical(&manifest.to_bytes()), Ok(manifest));
    }
}

#[test]
fn canonical_bytes_come_back() {
    let manifest = good();
    let bytes = manifest.to_bytes();
    assert_eq!(Manifest::from_bytes(&bytes), Ok(manifest.clone()));
    assert_eq!(Manifest::from_canonical(&bytes), Ok(manifest.clone()));
    let mut longer = bytes.clone();
    longer.push(0);
    let kind = DecodeErrorKind::Trailing { extra: 1 };
    assert_eq!(Manifest::from_bytes(&longer), Err(DecodeError::new(bytes.len(), kind)));
}

#[test]
fn the_hash_covers_the_bytes() {
    use sha3::{Digest, Sha3_256};
    let manifest = good();
    let hash = manifest.hash();
    let mut expected = b"tabella/v1 manifest".to_vec();
    manifest.encode(&mut expected);
    assert_eq!(hash.as_bytes().as_slice(), Sha3_256::digest(&expected).as_slice());
    let text = hash.to_string();
    assert_eq!(text.len(), 64);
    assert_eq!(text.parse(), Ok(hash));
    assert_eq!(ManifestHash::from_bytes(&hash.to_bytes()), Ok(hash));
    assert!(text[1..].parse::<ManifestHash>().is_err());
    assert_eq!(format!("{hash:?}"), format!("ManifestHash({text})"));
}

#[test]
fn other_bytes_are_another_manifest_or_none() {
    let manifest = good();
    let bytes = manifest.to_bytes();
    for end in 0..bytes.len() {
        assert!(Manifest::from_bytes(&bytes[..end]).is_err(), "first {end} bytes");
    }
    let mut read = 0;
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Manifest::from_bytes(&flipped) {
            read += 1;
            assert_eq!(other.to_bytes(), flipped, "bit {bit}");
            assert_ne!(other.hash(), manifest.hash(), "bit {bit}");
        }
    }
    // Bit flips in the letters of names are valid.
    assert!(read > 100);
}

#[test]
fn bytes_of_a_manifest_with_a_mistake_name_it() {
    let mut parts = (*good().parts).clone();
    parts.groups = Groups::new([Group { threshold: 6, ..parts.groups[0].clone() }]);
    let bytes = parts.to_bytes();
    let Err(ManifestReadError::Mistake(mistake)) = Manifest::from_canonical(&bytes) else {
        panic!("read")
    };
    assert_eq!(mistake.to_string(), "threshold: '6' — expected a number from 1 to 5");
    let error = DecodeError::new(0, DecodeErrorKind::NotCanonical);
    assert_eq!(Manifest::from_bytes(&bytes), Err(error));
    // What the builder would fill in or sort is refused, since it has other bytes.
    let refused: [fn(&mut super::parts::Parts); 5] = [
        |parts| parts.styles[0].contests.reverse(),
        |parts| parts.styles[0].contests = vec![2, 2],
        |parts| parts.styles[0].contests = vec![3],
        |parts| parts.styles[1].district = 2,
        |parts| parts.stations[0].district = 2,
    ];
    for refused in refused {
        let mut parts = (*good().parts).clone();
        refused(&mut parts);
        let error = Manifest::from_canonical(&parts.to_bytes()).unwrap_err();
        assert!(matches!(error, ManifestReadError::Bytes(_)), "{error}");
    }
    let mut parts = (*good().parts).clone();
    parts.styles.clear();
    let error = Manifest::from_canonical(&parts.to_bytes()).unwrap_err();
    assert!(matches!(&error, ManifestReadError::Mistake(m) if m.path == "styles"), "{error}");
}

#[test]
fn a_log_has_one_encoding() {
    let bytes = good().to_bytes();
    // Presence, key, count, two names with a length of 4 bytes and 18 of text, two keys, quorum.
    let start = bytes.len() - (1 + 32 + 4 + 2 * (4 + 18 + 32) + 2);
    let read = |at: usize, new: &[u8]| {
        let mut changed = bytes.clone();
        changed[start + at..][..new.len()].copy_from_slice(new);
        match Manifest::from_canonical(&changed) {
            Err(ManifestReadError::Bytes(error)) => (error.at - start, error.kind),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read(0, &[2]), (0, DecodeErrorKind::Tag { found: 2 }));
    let extra = bytes.len() - start - 1;
    assert_eq!(read(0, &[0]), (1, DecodeErrorKind::Trailing { extra }));
    // The neutral element, and an encoding of 3 that is not reduced.
    let (identity, mut second) = ([&[1u8][..], &[0; 31]].concat(), [0xff; 32]);
    (second[0], second[31]) = (0xf0, 0x7f);
    for wrong in [&identity[..], &second] {
        for at in [1, 1 + 32 + 4 + 4 + 18] {
            assert_eq!(read(at, wrong), (at, DecodeErrorKind::NotAKey));
        }
    }
    assert_eq!(read(33, &[0, 0, 0, 33]), (33, DecodeErrorKind::Count { found: 33, cap: 32 }));
    let mut parts = (*good().parts).clone();
    parts.log.as_mut().unwrap().quorum = 3;
    let Err(ManifestReadError::Mistake(mistake)) = Manifest::from_canonical(&parts.to_bytes())
    else {
        panic!("read")
    };
    assert_eq!(mistake.path, "log.quorum");
}

#[test]
fn mistakes_in_the_builder_are_named() {
    let one = || Contest::choose_one("c", ["x", "y"]);
    let many = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let [operator, trustee, ..] = keys().clone();
    let mut other_proof = trustee.to_bytes();
    other_proof[64] ^= 1;
    let other_proof = AuthorKey::from_bytes(&other_proof).unwrap();
    let cases = [
        (Manifest::builder("m").trustees([trustee.clone()], 1), "operator", ""),
        (Manifest::builder("m").operator(operator.clone()), "threshold", ""),
        (Manifest::builder("m").operator(operator.clone()).threshold(1), "trustees", ""),
        (started("m").trustee("more", operator.clone()), "trustees[5].key", "author1"),
        (started("m").trustee("more", other_proof), "trustees[5].key", "author1"),
        (started("m").trustees(vec![operator; 251], 3), "trustees", "256 trustees"),
        (started("m").threshold(0), "threshold", "0"),
        (started("m"), "contests", ""),
        (started("m").contest(one()).district("a", "A").district("b", "B"), "styles", ""),
        (
            started("m").contest(Contest::choose_one("c", many(1_001))),
            "contests[0].options",
            "1001",
        ),
        (
            started("m").contest(one()).contest(Contest::choose_one("d", many(999))),
            "styles[0].contests",
            "1001 slots",
        ),
        (
            started("m").contest(Contest::approval("c", many(120)).each(65_535)),
            "styles[0].contests",
            "ballots of ",
        ),
        (started("m").contest(one()).district("d", "D\u{202e}"), "districts[0].name", "\u{202e}"),
        (started("m").contest(one()).witnesses([witness(0)], 1), "log.key", ""),
        (started("m").contest(one()).witnesses([], 0), "log.key", ""),
        (
            started("m").contest(one()).log(log_key()).witnesses((0..33).map(witness), 1),
            "log.witnesses",
            "33 witnesses",
        ),
        (started("m").contest(one()).log(log_key()).witnesses([witness(0)], 2), "log.quorum", "2"),
        (
            started("m").contest(one()).log(log_key()).witness("w\u{200b}", witness(0).key),
            "log.witnesses[0].name",
            "w\u{200b}",
        ),
        ((0..4_097).fold(started("m"), |b, _| b.contest(one())), "contests", "4097 contests"),
    ];
    for (builder, path, value) in cases {
        let error = builder.build().unwrap_err();
        assert_eq!(error.path, path, "{error}");
        assert!(error.value.contains(value), "{error}");
        assert_eq!(error.value.is_empty(), value.is_empty(), "{error}");
    }
    let contest = Contest::choose_one("c", ["a\u{202e}b"]);
    let error = started("m").contest(contest).build().unwrap_err().to_string();
    assert!(error.contains("'a[U+202E]b'"), "{error}");
}

#[test]
fn an_election_with_too_many_slots_is_refused() {
    // Five contests of 999 slots, every two of which share a ballot, would need 4,995 slots. Two of them do not fit one
    // ballot, so nine of 500 do the same.
    let id = |i: usize| format!("c{i}");
    let mut builder = started("m").district("d", "D");
    for i in 0..9 {
        builder = builder.contest(Contest::choose_one(&id(i), (0..500).map(|o| o.to_string())));
    }
    for (i, j) in (0..9).flat_map(|j| (0..j).map(move |i| (i, j))) {
        builder = builder.style(&format!("s{i}-{j}"), "d", [id(i), id(j)]);
    }
    let error = builder.build().unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("contests[8]", "c8"), "{error}");
}

#[test]
fn the_largest_ballot_fits_and_one_more_bit_does_not() {
    let ballot = |options: u32, each| {
        let names = (0..options).map(|o| o.to_string());
        let contest = Contest::choose("c", names, 1..=1).each(each);
        started("m").contest(contest).build()
    };
    // 1,000 slots with 1,000 bits fit; with two bits for each slot, the limit on bytes is reached.
    assert!(ballot(1_000, 1).is_ok());
    assert!(ballot(678, 3).is_ok());
    let error = ballot(679, 3).unwrap_err();
    assert_eq!(error.value, "ballots of 65536 bytes");
}

#[test]
fn an_invalid_proof_of_possession_is_named() {
    let [operator, a, b, ..] = keys().clone();
    let mut bytes = b.to_bytes();
    bytes[64] ^= 1;
    let wrong = AuthorKey::from_bytes(&bytes).unwrap();
    let manifest = Manifest::builder("m")
        .operator(operator)
        .trustees([a, wrong.clone()], 1)
        .contest(Contest::choose_one("c", ["x"]))
        .build()
        .unwrap();
    let error = manifest.verify_keys(&mut OsRng).unwrap_err();
    assert_eq!(error.path, "trustees[1].key");
    assert!(wrong.to_string().starts_with(error.value.trim_end_matches('…')));
}
