//! The roll: what its lines must prove, and that every bad one is named.

use attacks::{World, bit_flips, rng};
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::ops::Range;
use tabella::{
    audit::{self, Expect},
    board::{Board, BoardError, Refusal},
    codec::{Decode, DecodeError, DecodeErrorKind, Encode},
    contest::{Contest, MAX_WEIGHT},
    crypto::{group::Element, linear::Statement, transcript::Transcript},
    manifest::{Builder, Manifest},
    roll::{Registration, Roll, RollError, SmallClass, Voter, encode_registrations},
};

const LINE: usize = 106;
const KEY: Range<usize> = 0..32;
const STYLE: Range<usize> = 32..34;
const WEIGHT: Range<usize> = 34..42;
const R: Range<usize> = 42..74;
const Z: Range<usize> = 74..106;

/// An election with two ballot styles and a voter for each of these.
fn world(seed: u8, styles: &[u16]) -> World {
    World::new(seed, (1, 1), styles, |builder| {
        builder
            .contest(Contest::choose_one("a", ["yes", "no"]))
            .district("d", "d")
            .style("first", "d", ["a"])
            .style("second", "d", ["a"])
    })
}

fn new(world: &World, roll: &[Registration]) -> Result<usize, RollError> {
    Roll::new(&world.manifest, roll, &mut rng(0)).map(|roll| roll.len())
}

fn decode(manifest: &Manifest, bytes: &[u8]) -> Result<usize, RollError> {
    Roll::decode(manifest, bytes, &mut rng(0)).map(|roll| roll.len())
}

fn possession(lines: &[usize]) -> RollError {
    RollError::Possession { lines: lines.to_vec() }
}

fn unreadable(at: usize, kind: DecodeErrorKind) -> RollError {
    RollError::Bytes(DecodeError::new(at, kind))
}

/// The same error without the name of the field.
fn unnamed(error: RollError) -> RollError {
    match error {
        RollError::Bytes(error) => unreadable(error.at, error.kind),
        error => error,
    }
}

/// A second implementation of the proof of possession: somebody claims `key` and knows `secret`.
fn claim(manifest: &Manifest, key: Element, secret: Scalar) -> Registration {
    let mut statement = Statement::new("ROLL.POSSESSION", 1);
    statement.equation(key, [(0, Element::BASE)]);
    let mut transcript = Transcript::new(b"voter possession");
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    let proof = statement.prove(&[secret], &mut transcript, &mut rng(9)).unwrap();
    let line = [&key.as_bytes()[..], &[0, 0], &1u64.to_be_bytes(), &proof.to_bytes()].concat();
    Registration::from_bytes(&line).unwrap()
}

#[test]
fn roll_possession_valid_lines_make_a_roll() {
    let mut world = world(1, &[0, 1, 1, 0, 1]);
    for (line, registration) in world.roll.iter_mut().enumerate() {
        registration.weight = 1 + line as u64;
        assert_eq!(attacks::read::<Registration>(&registration.to_bytes()), *registration);
    }
    let bytes = encode_registrations(&world.roll);
    assert_eq!(bytes.len(), 4 + 5 * LINE);
    let roll = Roll::decode(&world.manifest, &bytes, &mut world.rng).unwrap();
    assert_eq!((roll.len(), roll.is_empty()), (5, false));
    assert_eq!([0, 1, 2].map(|style| roll.voters_of_style(style)), [2, 3, 0]);
    for (line, voter) in world.voters.iter().enumerate() {
        let style = [0, 1, 1, 0, 1][line];
        let expected = Voter { line: line as u32, style, weight: line as u64 + 1 };
        assert_eq!(roll.voter(voter.public()), Some(expected));
    }
    assert_eq!(roll.voter(&Element::BASE), None);
    let listed: Vec<_> = roll.voters().collect();
    assert!(listed.is_sorted_by_key(|(key, _)| *key.as_bytes()) && listed.len() == roll.len());
    for voter in &world.voters {
        let expected = roll.voter(voter.public());
        let found = listed.iter().find(|(key, _)| *key == voter.key()).map(|(_, found)| *found);
        assert_eq!(found, expected);
    }

    let secret = Scalar::from(7u8);
    let claimed = claim(&world.manifest, Element::from_secret(&secret).unwrap(), secret);
    assert_eq!(new(&world, &[claimed]), Ok(1));
}

#[test]
fn roll_possession_every_bit_flip_is_refused() {
    let mut world = world(2, &[0]);
    world.roll[0].weight = 0x0001_0000;
    let line = world.roll[0].to_bytes();
    let mut read = 0;
    bit_flips(&line, |bit, flipped| {
        let verdict = decode(&world.manifest, &[&[0, 0, 0, 1], flipped].concat());
        let at = bit / 8;
        if STYLE.contains(&at) {
            // The second style exists. The operator sets style and weight, which the proof does not cover.
            let found = 1 << (15 - (8 * (at - STYLE.start) + 7 - bit % 8));
            let unknown = RollError::UnknownStyle { line: 0, found, styles: 2 };
            assert_eq!(verdict, if found == 1 { Ok(1) } else { Err(unknown) });
        } else if WEIGHT.contains(&at) {
            let found = u64::from_be_bytes(flipped[WEIGHT].try_into().unwrap());
            let above =
                unreadable(4 + WEIGHT.start, DecodeErrorKind::Value { found, max: MAX_WEIGHT });
            let expected = match found {
                0 => Err(RollError::Weight { line: 0, found }),
                1..=MAX_WEIGHT => Ok(1),
                _ => Err(above),
            };
            assert_eq!(verdict.map_err(unnamed), expected, "bit {bit}");
        } else {
            match verdict.unwrap_err() {
                RollError::Bytes(error) => {
                    let part = [KEY, R, Z].into_iter().find(|part| part.contains(&at)).unwrap();
                    assert_eq!(error.at, 4 + part.start, "bit {bit}");
                }
                error => {
                    assert_eq!(error, possession(&[0]), "bit {bit}");
                    read += 1;
                }
            }
        }
    });
    // Nearly all bit flips in the scalar can be read, and some of those in elements.
    assert!(read > 250 + 30, "{read}");
}

#[test]
fn roll_possession_binds_the_election_and_the_voter() {
    let world = world(3, &[0, 0]);
    let other = Manifest::builder("other")
        .operator(world.operator.public().clone())
        .trustees(world.manifest.trustees().iter().map(|trustee| trustee.key.clone()), 1)
        .contest(Contest::choose_one("a", ["yes", "no"]))
        .build()
        .unwrap();
    let bytes = encode_registrations(&world.roll);
    assert_eq!(decode(&world.manifest, &bytes), Ok(2));
    assert_eq!(decode(&other, &bytes), Err(possession(&[0, 1])));

    let mut mixed = world.roll.clone();
    let [first, second] = [0, 1].map(|line| world.roll[line].key);
    (mixed[0].key, mixed[1].key) = (second, first);
    assert_eq!(new(&world, &mixed), Err(possession(&[0, 1])));
    // The parts of one proof from two proofs of one voter.
    let again = world.voters[0].registration(&world.manifest, 0, &mut rng(4)).unwrap();
    let mut halves = world.roll[0].to_bytes();
    halves[Z].copy_from_slice(&again.to_bytes()[Z]);
    let halves: Registration = attacks::read(&halves);
    assert_eq!(new(&world, &[world.roll[1].clone(), halves]), Err(possession(&[1])));
}

#[test]
fn roll_possession_a_key_computed_from_anothers_cannot_be_registered() {
    let world = world(4, &[0]);
    let theirs = world.roll[0].key.point();
    let mine = Scalar::from(5u8);
    let point = RistrettoPoint::mul_base(&mine);
    for rogue in [point - theirs, point + theirs, -theirs, theirs + theirs] {
        let rogue = claim(&world.manifest, Element::new(rogue).unwrap(), mine);
        assert_eq!(new(&world, &[world.roll[0].clone(), rogue]), Err(possession(&[1])));
    }
    // Another voter's proof, with the negated key.
    let mut line = world.roll[0].to_bytes();
    line[KEY].copy_from_slice(Element::new(-theirs).unwrap().as_bytes());
    assert_eq!(new(&world, &[attacks::read(&line)]), Err(possession(&[0])));
}

/// More lines than one batch takes, with bad ones at the edges and some whose errors cancel in a sum without weights.
#[test]
fn roll_possession_all_culprits_are_named_among_thousands() {
    const LINES: usize = 2_100;
    let world = world(5, &[0; LINES]);
    assert_eq!(new(&world, &world.roll), Ok(LINES));
    let mut bytes = encode_registrations(&world.roll);
    let mut add = |line: usize, delta: Scalar| {
        let z = &mut bytes[4 + line * LINE..][Z];
        let sum = Scalar::from_canonical_bytes((&*z).try_into().unwrap()).unwrap() + delta;
        z.copy_from_slice(sum.as_bytes());
    };
    add(0, Scalar::ONE);
    add(700, Scalar::ONE);
    add(701, -Scalar::ONE);
    add(2_047, Scalar::ONE);
    add(2_048, -Scalar::ONE);
    add(LINES - 1, Scalar::ONE);
    let culprits = [0, 700, 701, 2_047, 2_048, LINES - 1];
    assert_eq!(decode(&world.manifest, &bytes), Err(possession(&culprits)));
}

#[test]
fn a_key_twice_is_refused_with_both_lines() {
    let mut world = world(6, &[0, 1, 0, 0]);
    // With its own proof, another style and another weight.
    let mut again = world.voters[1].registration(&world.manifest, 0, &mut world.rng).unwrap();
    again.weight = 3;
    assert_ne!(again, world.roll[1]);
    for twice in [again, world.roll[1].clone()] {
        let mut roll = world.roll.clone();
        roll.insert(3, twice);
        let error = RollError::Duplicate { line: 3, first: 1 };
        assert_eq!(new(&world, &roll), Err(error.clone()));
        assert_eq!(decode(&world.manifest, &encode_registrations(&roll)), Err(error));
    }
}

#[test]
fn bytes_that_are_no_element_or_scalar_are_refused_where_they_stand() {
    let world = world(7, &[0; 4]);
    let bytes = encode_registrations(&world.roll);
    let check = |part: Range<usize>, value: [u8; 32], kind| {
        for line in 0..4 {
            let at = 4 + line * LINE + part.start;
            let mut changed = bytes.clone();
            changed[at..at + 32].copy_from_slice(&value);
            assert_eq!(decode(&world.manifest, &changed), Err(unreadable(at, kind)));
        }
    };
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    for part in [KEY, R] {
        check(part.clone(), [0; 32], DecodeErrorKind::Identity);
        check(part.clone(), [0xff; 32], DecodeErrorKind::NotAnElement);
        // 1 is odd, so it is not the canonical encoding of any element.
        let one = Scalar::ONE.to_bytes();
        check(part, one, DecodeErrorKind::NotAnElement);
    }
    check(Z, order, DecodeErrorKind::NotAScalar);
    check(Z, [0xff; 32], DecodeErrorKind::NotAScalar);
}

#[test]
fn an_unknown_style_is_refused_with_its_line() {
    let world = world(8, &[1, 0, 1]);
    for (line, found) in [(0, 2), (1, 256), (2, u16::MAX)] {
        let mut roll = world.roll.clone();
        roll[line].style = found;
        assert_eq!(new(&world, &roll), Err(RollError::UnknownStyle { line, found, styles: 2 }));
    }
}

#[test]
fn weights_have_a_least_and_a_greatest() {
    // Totals of up to 2⁴⁰ can be opened; with 2⁸ votes for one option, weights may sum to 2³².
    let question = Contest::choose("a", ["yes", "no"], 0..=256).each(256);
    let small = Contest::choose_one("b", ["yes"]);
    let complete = |builder: Builder| builder.contest(question).contest(small);
    let world = World::new(10, (1, 1), &[0; 3], complete);
    let verdict = |weights: [u64; 3]| {
        let mut roll = world.roll.clone();
        roll.iter_mut().zip(weights).for_each(|(line, weight)| line.weight = weight);
        decode(&world.manifest, &encode_registrations(&roll))
    };
    let max = 1 << 40;
    assert_eq!(verdict([1 << 31, (1 << 31) - 1, 1]), Ok(3));
    let found = max + (1 << 8);
    assert_eq!(verdict([1 << 31, 1 << 31, 1]), Err(RollError::TooHeavy { found, max }));
    let found = 3 * 256 * MAX_WEIGHT;
    assert_eq!(verdict([MAX_WEIGHT; 3]), Err(RollError::TooHeavy { found, max }));
    for line in 0..3 {
        let with = |weight| {
            let mut weights = [1; 3];
            weights[line] = weight;
            weights
        };
        assert_eq!(verdict(with(0)), Err(RollError::Weight { line, found: 0 }));
        for found in [MAX_WEIGHT + 1, 1 << 63, u64::MAX] {
            // Before its bytes, and in them.
            let mut roll = world.roll.clone();
            roll[line].weight = found;
            let error = new(&world, &roll).unwrap_err();
            assert_eq!(error, RollError::Weight { line, found });
            assert!(
                error
                    .to_string()
                    .ends_with(&format!("has weight {found}; it must be 1 to 1099511627775"))
            );
            let RollError::Bytes(error) = verdict(with(found)).unwrap_err() else { panic!() };
            let kind = DecodeErrorKind::Value { found, max: MAX_WEIGHT };
            assert_eq!(
                (error.at, error.field, error.kind),
                (4 + line * LINE + WEIGHT.start, Some("weight"), kind)
            );
            assert_eq!(Registration::from_bytes(&roll[line].to_bytes()).unwrap_err().kind, kind);
        }
    }
    // One voter can have all of it.
    let world =
        World::new(10, (1, 1), &[0], |builder| builder.contest(Contest::choose_one("b", ["yes"])));
    let mut roll = world.roll.clone();
    roll[0].weight = MAX_WEIGHT;
    let read = Roll::decode(&world.manifest, &encode_registrations(&roll), &mut rng(0)).unwrap();
    assert_eq!(read.voter(&roll[0].key).unwrap().weight, MAX_WEIGHT);
    assert_eq!(roll[0].verify(0, &world.manifest, &mut rng(0)), Ok(()));
    roll[0].weight = 1 << 40;
    assert_eq!(
        roll[0].verify(0, &world.manifest, &mut rng(0)),
        Err(RollError::Weight { line: 0, found: 1 << 40 })
    );
}

#[test]
fn every_truncation_and_extension_is_refused() {
    let world = world(11, &[0, 0]);
    let bytes = encode_registrations(&world.roll);
    for end in 0..bytes.len() {
        let error = decode(&world.manifest, &bytes[..end]).unwrap_err();
        let RollError::Bytes(error) = error else { panic!("{error}") };
        assert!(matches!(error.kind, DecodeErrorKind::Truncated { .. }), "{end}: {error}");
    }
    for extra in [1, LINE - 1, LINE] {
        let longer = [&bytes[..], &bytes[4..4 + extra]].concat();
        let trailing = unreadable(bytes.len(), DecodeErrorKind::Trailing { extra });
        assert_eq!(decode(&world.manifest, &longer), Err(trailing));
    }
}

#[test]
fn a_count_that_is_not_that_of_the_lines_is_refused() {
    let world = world(12, &[0, 0]);
    let mut bytes = encode_registrations(&world.roll);
    let mut verdict = |count: u32| {
        bytes[..4].copy_from_slice(&count.to_be_bytes());
        decode(&world.manifest, &bytes)
    };
    let trailing = |lines: usize, kept: usize| {
        let kind = DecodeErrorKind::Trailing { extra: (lines - kept) * LINE };
        Err(unreadable(4 + kept * LINE, kind))
    };
    assert_eq!(verdict(2), Ok(2));
    assert_eq!(verdict(0), trailing(2, 0));
    assert_eq!(verdict(1), trailing(2, 1));
    for count in [3, 10_000_000] {
        let missing = (count as usize - 2) * LINE;
        let truncated = unreadable(0, DecodeErrorKind::Truncated { missing });
        assert_eq!(verdict(count), Err(truncated));
    }
    // Above the cap, whatever follows.
    for found in [10_000_001, u32::MAX] {
        let kind = DecodeErrorKind::Count { found: found.into(), cap: 10_000_000 };
        assert_eq!(verdict(found), Err(unreadable(0, kind)));
    }
    assert_eq!(decode(&world.manifest, &[0; 4]), Err(RollError::Empty));
    assert_eq!(new(&world, &[]), Err(RollError::Empty));
}

#[test]
fn roll_possession_is_checked_by_the_board() {
    let mut world = world(13, &[0, 1]);
    let mut board = Board::new();
    let World { manifest, operator, ceremony, trustees, roll, rng, .. } = &mut world;
    board.post_manifest(manifest, operator, rng).unwrap();
    board.post(&ceremony.commits[0], rng).unwrap();
    board.close_round(operator, rng).unwrap();
    board.post(&ceremony.deals[0], rng).unwrap();
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let confirmation = trustees[0].confirm(rng).unwrap();
    board.post(&confirmation, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let before = board.state().root();
    let mut bad = roll.clone();
    bad[1] = claim(manifest, bad[1].key, Scalar::ONE);
    let error = board.post_roll(&bad, operator, rng).unwrap_err();
    assert_eq!(error, BoardError::Refused(Refusal::Roll(possession(&[1]))));
    assert_eq!(board.state().root(), before);
    board.post_roll(roll, operator, rng).unwrap();
    assert_eq!(board.state().roll().unwrap().len(), 2);
}

/// A few heavy voters, whose votes the digits of a total would tell.
#[test]
fn telling_weights_are_a_warning_or_an_error() {
    let three = |builder: Builder| {
        let all = Contest::choose_one("a", ["yes", "no"]).cell(tabella::contest::Cell::Election);
        builder.minimum_cell(3).contest(all).contest(Contest::choose_one("b", ["yes", "no"]))
    };
    let mut world = World::new(21, (1, 1), &[0; 7], three);
    for (line, weight) in [(0, 10), (1, 10), (2, 100)] {
        world.roll[line].weight = weight;
    }
    let class =
        |contest, district, weight, voters| SmallClass { contest, district, weight, voters };
    let small = [
        class(0, None, 10, 2),
        class(0, None, 100, 1),
        class(1, Some(0), 10, 2),
        class(1, Some(0), 100, 1),
    ];
    let board = world.open();
    assert_eq!(board.state().roll().unwrap().small_classes(&world.manifest), small);
    let expect = Expect { partial: true, ..Expect::default() };
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted());
    assert_eq!(report.small_classes.len(), 4);
    let text = report.to_string();
    let line = "weights   few voters: contest b, district all, weight 100: 1 on the roll\n";
    assert!(text.contains(line) && text.contains("contest a, weight 10: 2 on"), "{text}");
    assert!(report.to_html().contains("Telling weights"));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let item = serde_json::json!({"contest": "a", "district": null, "weight": 10, "voters": 2});
    assert_eq!(json["small_classes"][0], item);

    let mut strict = World::new(21, (1, 1), &[0; 7], |builder| three(builder).weight_classes());
    let equal = strict.roll.clone();
    for (line, weight) in [(0, 10), (1, 10), (2, 100)] {
        strict.roll[line].weight = weight;
    }
    let error = new(&strict, &strict.roll).unwrap_err();
    assert_eq!(error, RollError::SmallClass { first: small[0], more: 3 });
    assert!(error.to_string().contains("contest 0, weight 10: 2 on the roll; and 3 more"));
    assert_eq!(new(&strict, &equal), Ok(7));
    for line in 0..3 {
        strict.roll[line].weight = 9;
    }
    assert_eq!(new(&strict, &strict.roll), Ok(7));
}
