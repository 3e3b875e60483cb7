//! Rehearsals: trustees prove that they still hold their shares, without opening anything.

use attacks::{
    World, bit_flips,
    handover::{people, reshare, started},
    rng,
};
use itertools::Itertools;
use tabella::{
    board::{Board, BoardError, GuardError, Kind, Phase, Refusal},
    codec::{Encode, Reader},
    contest::Contest,
    keys::{Observer, Recipient, Rehearsal, Setup},
};

/// This many trustees, any two of whom can open, and this many rehearsals before the roll.
fn rehearsing(seed: u8, n: usize, rehearsals: u16) -> World {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
    World::new(seed, (n, 2), &[0; 12], |b| b.contest(bridge).rehearsals(rehearsals))
}

/// The object with a rehearsal's bytes.
fn object(rehearsal: &[u8]) -> Vec<u8> {
    [&[Kind::Rehearsal as u8], rehearsal].concat()
}

fn promise(trustee: u16) -> Refusal {
    Refusal::Promise { kind: Kind::Rehearsal, trustee }
}

fn decoded(board: &Board, bytes: &[u8]) -> Option<Rehearsal> {
    let mut reader = Reader::new(bytes);
    let rehearsal = Rehearsal::decode(&mut reader, board.state().ceremony().unwrap()).ok()?;
    reader.finish().ok()?;
    Some(rehearsal)
}

#[test]
fn key_rehearsal_the_board_demands_them_before_the_roll() {
    let mut world = rehearsing(100, 3, 2);
    let mut board = started(&mut world);
    let World { operator, trustees, roll, rng, .. } = &mut world;
    let none = trustees[0].rehearse(board.state(), rng).unwrap_err();
    assert_eq!(none, GuardError::NoQuestion);
    let refused = |board: &mut Board, found, rng: &mut _| {
        let error = board.post_roll(roll, operator, rng).unwrap_err();
        assert_eq!(
            error,
            BoardError::Refused(Refusal::Rehearsals { group: String::new(), found, expected: 2 })
        );
    };
    refused(&mut board, 0, rng);
    board.ask(operator, rng).unwrap();
    refused(&mut board, 0, rng);
    let third = trustees[2].rehearse(board.state(), rng).unwrap();
    board.post(&third, rng).unwrap();
    // A trustee counts once, and its answer is accepted once, whoever repeats it.
    assert_eq!(board.post(&third, rng), Err(Refusal::Trustee { number: 3 }));
    let again = trustees[2].rehearse(board.state(), rng).unwrap();
    assert_ne!(again, third);
    assert_eq!(board.post(&again, rng), Err(Refusal::Trustee { number: 3 }));
    refused(&mut board, 1, rng);
    // All can answer the next question; those who answered before have already rehearsed.
    board.ask(operator, rng).unwrap();
    refused(&mut board, 1, rng);
    let answer = trustees[2].rehearse(board.state(), rng).unwrap();
    board.post(&answer, rng).unwrap();
    refused(&mut board, 1, rng);
    let answer = trustees[0].rehearse(board.state(), rng).unwrap();
    board.post(&answer, rng).unwrap();
    assert_eq!(board.state().rehearsed().iter().copied().collect_vec(), [1, 3]);
    board.post_roll(roll, operator, rng).unwrap();
    // Later, too, since shares can be lost while votes are cast.
    assert_eq!(board.state().phase(), Phase::Voting);
    board.ask(operator, rng).unwrap();
    let answer = trustees[1].rehearse(board.state(), rng).unwrap();
    board.post(&answer, rng).unwrap();
    assert_eq!(board.state().rehearsed().len(), 3);
}

#[test]
fn key_rehearsal_every_bit_flip_and_truncation_is_refused() {
    let mut world = rehearsing(101, 3, 1);
    let mut board = started(&mut world);
    let World { operator, trustees, rng, .. } = &mut world;
    board.ask(operator, rng).unwrap();
    let bytes = trustees[1].rehearse(board.state(), rng).unwrap().to_bytes();
    // Its number, then an announcement and a response for the registered key and for each of three slots.
    assert_eq!(bytes.len(), 2 + 4 * 64);
    let before = (board.state().size(), board.state().root());
    let mut read = 0;
    bit_flips(&bytes, |bit, flipped| {
        let error = board.post(&object(flipped), rng).unwrap_err();
        match decoded(&board, flipped) {
            None => assert!(matches!(error, Refusal::Malformed(_)), "bit {bit}: {error}"),
            Some(rehearsal) => {
                assert_eq!(error, promise(rehearsal.trustee()), "bit {bit}");
                read += 1;
            }
        }
    });
    assert!(read > 16 + 4 * 250, "{read}");
    for end in 0..bytes.len() {
        let error = board.post(&object(&bytes[..end]), rng).unwrap_err();
        assert!(matches!(error, Refusal::Malformed(_)), "{end}: {error}");
    }
    let longer = object(&[&bytes[..], &[0]].concat());
    assert!(matches!(board.post(&longer, rng), Err(Refusal::Malformed(_))));
    // No two parts of it can be swapped.
    for (a, b) in (0..8).tuple_combinations() {
        let mut swapped = bytes.clone();
        let [a, b] = [a, b].map(|i| 2 + 32 * i);
        swapped[a..a + 32].copy_from_slice(&bytes[b..b + 32]);
        swapped[b..b + 32].copy_from_slice(&bytes[a..a + 32]);
        board.post(&object(&swapped), rng).unwrap_err();
    }
    // An announcement that is the identity, at each place.
    for i in 0..4 {
        let mut identity = bytes.clone();
        identity[2 + 32 * i..34 + 32 * i].fill(0);
        assert!(matches!(board.post(&object(&identity), rng), Err(Refusal::Malformed(_))));
    }
    assert_eq!((board.state().size(), board.state().root()), before);
    assert!(board.state().rehearsed().is_empty());
    board.post(&object(&bytes), rng).unwrap();
}

#[test]
fn key_rehearsal_binds_trustee_question_election_and_epoch() {
    let mut world = rehearsing(102, 3, 1);
    let mut board = started(&mut world);
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, manifest, secrets, rng, .. } = &mut world;
    board.ask(operator, rng).unwrap();
    let first = trustees[0].rehearse(board.state(), rng).unwrap();
    for number in [0, 2, 3, 4, u16::MAX] {
        let renamed = [&u16::to_be_bytes(number)[..], &first.to_bytes()[2..]].concat();
        assert_eq!(board.post(&object(&renamed), rng), Err(promise(number)));
    }
    // An answer to the previous question.
    board.ask(operator, rng).unwrap();
    assert_eq!(board.post(&first, rng), Err(promise(1)));
    // The same question on the board of another election of the same trustees with the same secrets.
    let mut other = rehearsing(103, 3, 1);
    let elsewhere = {
        let mut there = started(&mut other);
        there.ask(&other.operator, &mut other.rng).unwrap();
        let same = *board.state().question().unwrap();
        let asked =
            there.state().sign(&other.operator, &other.manifest, Kind::Question, &same, rng);
        there.post(&asked.unwrap(), rng).unwrap();
        assert_eq!(there.state().question(), board.state().question());
        other.trustees[0].rehearse(there.state(), rng).unwrap()
    };
    assert_eq!(board.post(&elsewhere, rng), Err(promise(1)));
    let error = other.trustees[0].rehearse(board.state(), rng).unwrap_err();
    assert_eq!(error, GuardError::OtherKeys);

    let in_force = trustees[0].rehearse(board.state(), rng).unwrap();
    board.post(&in_force, rng).unwrap();
    assert_eq!(board.state().rehearsed().len(), 1);
    // After a hand-over the new trustees have proved nothing, the old ones cannot answer, and the question is gone.
    let question = *board.state().question().unwrap();
    let old_board = board.clone();
    let new = reshare(&mut board, operator, &mut trustees, (secrets, 2), rng);
    assert!(board.state().rehearsed().is_empty());
    assert_eq!(new[1].rehearse(board.state(), rng).unwrap_err(), GuardError::NoQuestion);
    // The same question would already have answers.
    let asked = board.state().sign(operator, manifest, Kind::Question, &question, rng);
    assert_eq!(board.post(&asked.unwrap(), rng), Err(Refusal::AskedBefore));
    board.ask(operator, rng).unwrap();
    assert_eq!(board.post(&in_force, rng), Err(promise(1)));
    let error = trustees[1].rehearse(board.state(), rng).unwrap_err();
    assert_eq!(error, GuardError::OtherKeys);
    let late = trustees[1].rehearse(old_board.state(), rng).unwrap();
    assert_eq!(board.post(&late, rng), Err(promise(2)));
    board.post(&new[1].rehearse(board.state(), rng).unwrap(), rng).unwrap();
    assert_eq!(board.state().rehearsed().iter().copied().collect_vec(), [2]);
}

/// Trustees that are out cannot rehearse, and must not keep the others from voting; the same after a resharing to fewer.
#[test]
fn key_rehearsal_of_all_means_of_all_who_hold_a_share() {
    let mut world = rehearsing(104, 3, 3);
    let mut board = Board::new();
    let World { manifest, operator, ceremony, secrets, roll, rng, .. } = &mut world;
    board.post_manifest(manifest, operator, rng).unwrap();
    for commit in &ceremony.commits[..2] {
        board.post(commit, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    for deal in &ceremony.deals[..2] {
        board.post(deal, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let observer: Observer = board.state().observer().unwrap().clone();
    let setup = Setup::first(manifest);
    let trustees = [1u16, 2].map(|number| {
        let secret = &secrets[usize::from(number) - 1];
        Recipient::new(&setup, number, secret).unwrap().finish(&observer).unwrap()
    });
    for trustee in &trustees {
        board.post(&trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.ask(operator, rng).unwrap();
    board.post(&trustees[0].rehearse(board.state(), rng).unwrap(), rng).unwrap();
    let error = board.clone().post_roll(roll, operator, rng).unwrap_err();
    let expected = Refusal::Rehearsals { group: String::new(), found: 1, expected: 2 };
    assert_eq!(error, BoardError::Refused(expected));
    board.post(&trustees[1].rehearse(board.state(), rng).unwrap(), rng).unwrap();
    board.clone().post_roll(roll, operator, rng).unwrap();

    let (one, _) = people(1, rng);
    let mut trustees = trustees;
    let new = reshare(&mut board, operator, &mut trustees, (&one, 1), rng);
    board.ask(operator, rng).unwrap();
    board.post(&new[0].rehearse(board.state(), rng).unwrap(), rng).unwrap();
    board.post_roll(roll, operator, rng).unwrap();
}

/// A question is any 32 bytes, and its answer a proof in a separate transcript over public keys alone. Even if the question
/// is the nonce point of a ballot, no point of the answer is the share times it.
#[test]
fn key_rehearsal_answers_no_ciphertext() {
    let mut world = rehearsing(105, 3, 1);
    let mut board = started(&mut world);
    let World { operator, manifest, secrets, trustees, rng, .. } = &mut world;
    let nonce = tabella::crypto::group::Element::from_secret(&curve25519_dalek::Scalar::from(77u8))
        .unwrap();
    let asked = board.state().sign(operator, manifest, Kind::Question, nonce.as_bytes(), rng);
    board.post(&asked.unwrap(), rng).unwrap();
    assert_eq!(board.state().question(), Some(nonce.as_bytes()));
    let bytes = trustees[0].rehearse(board.state(), rng).unwrap().to_bytes();
    let keys = board.state().ceremony().unwrap().verification_keys(1).unwrap();
    for key in keys {
        let factor = (curve25519_dalek::Scalar::from(77u8) * key.point()).compress().to_bytes();
        assert!(bytes[2..].chunks(32).all(|part| part != factor));
    }
    board.post(&object(&bytes), rng).unwrap();
    // Questions are the operator's and have 32 bytes.
    for (author, length) in [(&*operator, 31), (operator, 33), (operator, 0), (&secrets[0], 32)] {
        let content = vec![1; length];
        let state = board.state();
        let asked =
            attacks::forge::signed_by(author, state, manifest, Kind::Question, &content, rng);
        let error = board.post(&asked, rng).unwrap_err();
        match length {
            32 => assert_eq!(error, Refusal::Signature { kind: Kind::Question }),
            _ => assert!(matches!(error, Refusal::Malformed(_)), "{error}"),
        }
    }
}

#[test]
fn key_rehearsal_has_fresh_nonces() {
    let mut world = rehearsing(106, 3, 1);
    let mut board = started(&mut world);
    board.ask(&world.operator, &mut world.rng).unwrap();
    let answer =
        |seed| world.trustees[0].rehearse(board.state(), &mut rng(seed)).unwrap().to_bytes();
    let [one, other, same] = [1, 2, 1].map(answer);
    assert_eq!(one, same);
    let differ = one[2..].chunks(32).zip(other[2..].chunks(32)).all(|(a, b)| a != b);
    assert!(differ);
}
