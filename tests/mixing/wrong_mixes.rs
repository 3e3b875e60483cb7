//! Attacks with wrong mixes: by a mixer, and by somebody who alters another's mix.
//!
//! A mix that is signed and wrong is kept, names its mixer and does not count. Everything else is refused and names nobody.
//! In both cases the election continues to its result.

use attacks::{
    forge,
    mixes::{Deed, Hall, Task, Until, foreign_row, invalid, scalars, with_a_row_replaced},
};
use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use tabella::{
    board::{Kind, Refusal},
    codec::{DecodeError, DecodeErrorKind, Encode},
    crypto::{
        group::Element,
        shuffle::{Place, Proof, Section, ShuffleError},
    },
    tally::MixError,
};

const ROWS: usize = 4;

/// In a part that begins with `place`, the 32 bytes with this number are invalid.
fn unreadable(place: Place, number: usize, kind: DecodeErrorKind) -> ShuffleError {
    ShuffleError::Bytes { place, error: DecodeError::new(32 * number, kind) }
}

fn put(bytes: &mut [u8], number: usize, item: [u8; 32]) {
    bytes[32 * number..32 * (number + 1)].copy_from_slice(&item);
}

/// A wrong mix for this task, signed.
type Cheat = fn(&Task<'_>, &mut ChaCha20Rng) -> Vec<u8>;

/// A name, a cheat, and what is wrong with the mix.
type Fault = (&'static str, Cheat, fn() -> ShuffleError);

/// An honest mix whose rows and proof are changed before it is signed.
fn changed(
    task: &Task<'_>,
    rng: &mut ChaCha20Rng,
    change: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>),
) -> Vec<u8> {
    let deed = task.honest(rng);
    let (mut rows, mut proof) = (deed.outputs.to_bytes(), task.prove(&deed, rng));
    change(&mut rows, &mut proof);
    task.signed(&rows, &proof, Until::End, rng)
}

const NO_ELEMENT: [u8; 32] = [0xff; 32];

/// In cells with one slot.
const FAULTS: [Fault; 15] = [
    ("a row is replaced", with_a_row_replaced, || invalid("MIX.S4")),
    (
        "a vote is added to a row",
        |task, rng| {
            let mut deed = task.honest(rng);
            let b = deed.outputs[2].b[0].point() + Element::BASE.point();
            deed.outputs[2].b[0] = Element::new(b).unwrap();
            task.done(&deed, rng)
        },
        || invalid("MIX.S4"),
    ),
    (
        "the nonce point of a row is another's",
        |task, rng| {
            let mut deed = task.honest(rng);
            deed.outputs[2].a = deed.outputs[1].a;
            task.done(&deed, rng)
        },
        || invalid("MIX.S4"),
    ),
    (
        "a row comes twice and one is dropped, which is all that the permutation says",
        |task, rng| task.done(&task.deed(vec![0, 0, 2, 3], scalars(ROWS, rng)), rng),
        || invalid("MIX.S2"),
    ),
    (
        "a row comes twice and one is dropped, and the permutation does not say it",
        |task, rng| {
            let deed = task.deed(vec![0, 0, 2, 3], scalars(ROWS, rng));
            task.done(&Deed { sources: vec![0, 1, 2, 3], ..deed }, rng)
        },
        || invalid("MIX.S4"),
    ),
    (
        "all rows are the same",
        |task, rng| task.done(&task.deed(vec![3; ROWS], scalars(ROWS, rng)), rng),
        || invalid("MIX.S2"),
    ),
    (
        "the ballots are not those of the board",
        |task, rng| {
            let inputs = (0..ROWS).map(|_| foreign_row(task, rng)).collect();
            let others = Task { inputs, ..task.clone() };
            let deed = others.honest(rng);
            let proof = others.prove(&deed, rng);
            task.signed(&deed.outputs.to_bytes(), &proof, Until::End, rng)
        },
        || invalid("MIX.S1"),
    ),
    (
        "rows change places after the proof",
        |task, rng| changed(task, rng, |rows, _| rows.rotate_left(64)),
        || invalid("MIX.S1"),
    ),
    (
        "the proof is that of another mix",
        |task, rng| {
            let others = Task { position: 1, ..task.clone() };
            let deed = others.honest(rng);
            let proof = others.prove(&deed, rng);
            task.signed(&deed.outputs.to_bytes(), &proof, Until::End, rng)
        },
        || invalid("MIX.S1"),
    ),
    (
        "the nonce point of a row is the identity",
        |task, rng| changed(task, rng, |rows, _| put(rows, 4, [0; 32])),
        || {
            let place = Place::Output { row: 2, column: 0 };
            unreadable(place, 4, DecodeErrorKind::Identity)
        },
    ),
    (
        "a slot of a row is the identity",
        |task, rng| changed(task, rng, |rows, _| put(rows, 7, [0; 32])),
        || {
            let place = Place::Output { row: 3, column: 1 };
            unreadable(place, 7, DecodeErrorKind::Identity)
        },
    ),
    (
        "a row cannot be decoded",
        |task, rng| changed(task, rng, |rows, _| put(rows, 1, NO_ELEMENT)),
        || {
            let place = Place::Output { row: 0, column: 1 };
            unreadable(place, 1, DecodeErrorKind::NotAnElement)
        },
    ),
    (
        "a commitment cannot be decoded",
        |task, rng| changed(task, rng, |_, proof| put(proof, 3, NO_ELEMENT)),
        || unreadable(Place::Proof { list: "c", row: 3 }, 3, DecodeErrorKind::NotAnElement),
    ),
    (
        "a commitment is the identity",
        |task, rng| changed(task, rng, |_, proof| put(proof, 0, [0; 32])),
        || unreadable(Place::Proof { list: "c", row: 0 }, 0, DecodeErrorKind::Identity),
    ),
    (
        "a link of the chain cannot be decoded",
        |task, rng| changed(task, rng, |_, proof| put(proof, ROWS + 2, NO_ELEMENT)),
        || {
            let place = Place::Proof { list: "ĉ", row: 2 };
            unreadable(place, ROWS + 2, DecodeErrorKind::NotAnElement)
        },
    ),
];

#[test]
fn the_second_prover_convinces_the_board() {
    let mut world = Hall::world(1);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    for cell in 0..3 {
        for trustee in [3, 1] {
            let task = hall.task(&world, trustee, cell);
            let mix = task.done(&task.honest(&mut rng), &mut rng);
            assert_eq!(hall.post(&mix, &mut rng), Ok(()), "cell {cell}, trustee {trustee}");
        }
    }
    assert_eq!(hall.by(), [[3, 1]; 3]);
    let (outcome, report) = hall.finish(&mut world);
    let elected = |contest| outcome.elected(contest).unwrap();
    assert_eq!([elected("council"), elected("jury"), elected("mayor")], [["b"], ["a"], ["ZOË"]]);
    assert!(report.faulty_mixes.is_empty());
}

#[test]
fn a_mix_that_is_signed_and_wrong_is_kept_and_names_its_mixer() {
    let mut world = Hall::world(2);
    let hall = Hall::new(&mut world);
    let expected = hall.clone().finish(&mut world).0;
    let mut rng = world.rng.clone();
    for (number, (name, cheat, error)) in FAULTS.iter().enumerate() {
        let mut hall = hall.clone();
        let (trustee, cell) = if number % 2 == 0 { (1, 0) } else { (2, 1) };
        let task = hall.task(&world, trustee, cell);
        let content = cheat(&task, &mut rng);
        let refusal = Err(task.refusal(MixError::Shuffle(error())));
        // Anybody could have made an unsigned mix.
        let mut unsigned = content.clone();
        *unsigned.last_mut().unwrap() ^= 1;
        let another = cheat(&task, &mut rng);

        let nobodys = Err(task.refusal(MixError::Signature));
        assert_eq!(hall.post(&unsigned, &mut rng), nobodys, "{name}");
        assert!(hall.faulty().is_empty(), "{name}");
        let size = hall.board.state().size();
        assert_eq!(hall.post(&content, &mut rng), Ok(()), "{name}");
        assert_eq!(hall.faulty(), [(trustee, cell, error())], "{name}");
        assert_eq!(hall.board.state().size(), size + 1);
        assert!(hall.by().concat().is_empty(), "{name}");
        // Once is enough.
        assert_eq!(hall.post(&content, &mut rng), refusal, "{name}");
        assert_eq!(hall.post(&another, &mut rng), refusal, "{name}");
        assert_eq!(hall.board.state().size(), size + 1);

        let (outcome, report) = hall.finish(&mut world);
        assert_eq!(report.faulty_mixes, [(trustee, cell)], "{name}");
        assert!(
            report.mixed.iter().all(|mixed| mixed.cell != cell || !mixed.by.contains(&trustee))
        );
        for contest in ["council", "jury", "mayor"] {
            assert_eq!(outcome.elected(contest), expected.elected(contest), "{name}");
        }
        assert_eq!(outcome.cells(), expected.cells(), "{name}");
    }
}

/// For such a mix nobody can say what was signed: the signature would follow an incomplete transcript.
#[test]
fn what_the_transcript_cannot_take_is_refused_however_it_is_signed() {
    let mut world = Hall::world(3);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let (t, s) = (2 * ROWS, 2 * ROWS + 6);
    let order = *Scalar::ZERO.as_bytes();
    let mut above = order;
    above[31] = 0x80;
    let cases = [
        ("t", 0, t, NO_ELEMENT, DecodeErrorKind::NotAnElement, Until::Announcements),
        ("t", 3, t + 3, [0; 32], DecodeErrorKind::Identity, Until::Announcements),
        ("s", 4, s + 4, above, DecodeErrorKind::NotAScalar, Until::Answers),
        ("s′", ROWS - 1, s + 5 + ROWS - 1, above, DecodeErrorKind::NotAScalar, Until::LastAnswer),
    ];
    for (list, row, number, item, kind, until) in cases {
        for until in [Until::End, until] {
            let task = hall.task(&world, 1, 0);
            let deed = task.honest(&mut rng);
            let mut proof = task.prove(&deed, &mut rng);
            put(&mut proof, number, item);
            let content = task.signed(&deed.outputs.to_bytes(), &proof, until, &mut rng);
            let error = unreadable(Place::Proof { list, row }, number, kind);
            let refusal = task.refusal(MixError::Shuffle(error));
            assert_eq!(hall.post(&content, &mut rng), Err(refusal), "{list} {row}, {until:?}");
            assert!(hall.faulty().is_empty(), "{list} {row}, {until:?}");
        }
    }
}

#[test]
fn a_mix_of_another_length_is_refused() {
    let mut world = Hall::world(4);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let task = hall.task(&world, 2, 0).clone();
    let refusal = |error| Err(task.refusal(error));
    let length = |section, found, expected| {
        refusal(MixError::Shuffle(ShuffleError::Length { section, found, expected }))
    };
    let honest = task.done(&task.honest(&mut rng), &mut rng);
    let (rows, proof) = (64 * ROWS, Proof::size(ROWS, 1));
    assert_eq!(honest.len(), 8 + rows + proof + 64);
    // Missing bytes are missing at the end, and extra ones are read as the signature.
    let signature = refusal(MixError::Signature);
    let cases = [
        (8, length(Section::Outputs, 0, rows as u64)),
        (8 + rows - 1, length(Section::Outputs, rows as u64 - 1, rows as u64)),
        (8 + rows, length(Section::Proof, 0, proof as u64)),
        (8 + rows + proof - 32, length(Section::Proof, proof as u64 - 32, proof as u64)),
        (8 + rows + proof, signature.clone()),
        (honest.len() - 1, signature.clone()),
    ];
    let mut hall2 = hall.clone();
    for (end, expected) in cases {
        assert_eq!(hall2.post(&honest[..end], &mut rng), expected, "{end} bytes");
    }
    for end in 0..8 {
        let object = forge::object(Kind::Mix, &honest[..end]);
        let refusal = hall2.board.post(&object, &mut rng);
        assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{end} bytes: {refusal:?}");
    }
    for more in [1, 32, 64, 128] {
        let longer = [&honest[..], &vec![0; more]].concat();
        assert_eq!(hall2.post(&longer, &mut rng), signature, "{more} bytes more");
    }

    // A row dropped, a row added, rows of another width, and no rows: each with a proof and a signature for exactly that.
    for (name, change) in [
        (
            "dropped",
            (|rows, _, _| drop(rows.pop())) as fn(&mut Vec<_>, &Task<'_>, &mut ChaCha20Rng),
        ),
        ("added", |rows, task, rng| rows.push(foreign_row(task, rng))),
        ("none", |rows, _, _| rows.clear()),
    ] {
        let mut inputs = task.inputs.clone();
        change(&mut inputs, &task, &mut rng);
        let other = Task { inputs, ..task.clone() };
        let content = match other.inputs.len() {
            0 => [other.header(), vec![0; Proof::size(0, 1) + 64]].concat(),
            _ => other.done(&other.honest(&mut rng), &mut rng),
        };
        let found = hall2.post(&content, &mut rng).unwrap_err();
        assert!(matches!(found, Refusal::Mix { trustee: 2, cell: 0, .. }), "{name}: {found:?}");
    }
    let mayor = hall.task(&world, 2, 2);
    let wide = Task { cell: 0, ..mayor.clone() };
    let content = wide.done(&wide.honest(&mut rng), &mut rng);
    assert!(matches!(hall2.post(&content, &mut rng), Err(Refusal::Mix { .. })));
    assert!(hall2.faulty().is_empty() && hall2.by().concat().is_empty());
    assert_eq!(hall.post(&honest, &mut rng), Ok(()));
}

/// Only the mixer can make a mix for which the mixer is named.
#[test]
fn an_altered_copy_of_a_mix_frames_nobody() {
    let mut world = Hall::world(5);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let mix = hall.mix(&world.trustees[1], 2, &mut rng);
    for number in 0..mix.len() / 8 {
        let mut altered = mix.clone();
        altered[8 * number + usize::from(number % 3 == 0)] ^= 1 << (number % 8);
        let refusal = hall.post(&altered, &mut rng).unwrap_err();
        let named = matches!(refusal, Refusal::Mix { .. } | Refusal::Trustee { .. });
        assert!(named, "byte {}: {refusal:?}", 8 * number);
        assert!(hall.faulty().is_empty(), "byte {}", 8 * number);
    }
    assert!(hall.by().concat().is_empty());
    assert_eq!(hall.post(&mix, &mut rng), Ok(()));
}
