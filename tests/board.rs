//! Rules of acceptance: what the board refuses is refused by name and leaves no trace.

mod common;

use common::{
    Failing, World, bit_flips,
    forge::{FIRST_BALLOT, Forgery, close_content, close_signature, header_bytes, object},
    read, rng,
};
use curve25519_dalek::Scalar;
use proptest::prelude::*;
use std::{fmt::Debug, sync::LazyLock};
use tabella::{
    author::{AuthorKey, AuthorSecret, Signature},
    ballot::{BallotError, Choices, Election, Header, Origin},
    board::{Accepted, Board, BoardError, Kind, Phase, Refusal, Root, State},
    codec::Encode,
    error::{Check, DecodeError, DecodeErrorKind},
    keys::KeyError,
    manifest::{Contest, Manifest, ManifestReadError},
    outcome::TurnoutPart,
    roll::{Credential, Registration, RollError},
};

const KINDS: [Kind; 9] = [
    Kind::Manifest,
    Kind::Deal,
    Kind::Confirmation,
    Kind::Roll,
    Kind::Ballot,
    Kind::Close,
    Kind::Tally,
    Kind::Share,
    Kind::Result,
];
const V1: Refusal = Refusal::Proof(Check::Equation("BALLOT.V1"));

/// All that can be seen of a board.
fn view(board: &Board) -> impl PartialEq + Debug + use<> {
    let state = board.state();
    (
        (state.phase(), state.size(), state.root(), board.bytes().to_vec()),
        (state.deals().len(), state.counted(), state.partial_tally().cloned()),
        (state.tally().cloned(), state.shares().to_vec(), state.outcome().cloned()),
    )
}

/// Posts an object that is refused like this, and looks for traces.
#[track_caller]
fn refuse(board: &mut Board, object: &[u8], expected: Refusal) {
    let before = view(board);
    assert_eq!(board.post(object, &mut rng(77)), Err(expected));
    assert_eq!(view(board), before);
}

fn malformed(at: usize, kind: DecodeErrorKind) -> Refusal {
    Refusal::Malformed(DecodeError { at, kind })
}

/// All objects of a board; none here is large.
fn objects(board: &Board) -> Vec<Vec<u8>> {
    (0..board.state().size()).map(|i| board.entry(i).unwrap().to_vec()).collect()
}

/// The content of the object of this kind that was posted first, without its signature.
fn signed_content(board: &Board, kind: Kind) -> Vec<u8> {
    let object = objects(board).into_iter().find(|o| o[0] == kind as u8).unwrap();
    object[1..object.len() - 64].to_vec()
}

impl World {
    /// An object with a signature of the operator for the next place.
    fn sign(&mut self, board: &Board, kind: Kind, content: &[u8]) -> Vec<u8> {
        let Self { operator, manifest, rng, .. } = self;
        board.state().sign(operator, manifest, kind, content, rng).unwrap()
    }

    /// A ballot of a voter of the town.
    fn vote(&mut self, election: &Election, voter: usize, header: &Header, mayor: &str) -> Vec<u8> {
        let choices = Choices::new().pick("mayor", mayor).pick("pool", "yes");
        object(Kind::Ballot, &self.ballot(election, voter, header, &choices).to_bytes())
    }
}

fn remote(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

/// A town whose polls are open.
fn open_town(seed: u8) -> (World, Board, Election) {
    let mut world = World::town(seed);
    let board = world.open();
    let election = board.election().unwrap().clone();
    (world, board, election)
}

#[test]
fn each_phase_takes_its_kinds_and_no_others() {
    let mut world = World::town(1);
    let mut full = world.town_board();
    world.finish(&mut full, &[0, 2]);
    let objects = objects(&full);
    let mut board = Board::new();
    let mut phases = Vec::new();
    for next in objects.iter().map(Some).chain([None]) {
        let phase = board.state().phase();
        phases.push(phase);
        let takes: &[Kind] = match phase {
            Phase::Empty => &[Kind::Manifest],
            Phase::Dealing => &[Kind::Deal],
            Phase::Confirming => &[Kind::Confirmation],
            Phase::Enrolling => &[Kind::Roll],
            Phase::Voting => &[Kind::Ballot, Kind::Close],
            Phase::Closed => &[Kind::Tally],
            Phase::Opening => &[Kind::Share, Kind::Result],
            Phase::Finished => &[],
        };
        for kind in KINDS.into_iter().filter(|kind| !takes.contains(kind)) {
            let object = objects.iter().find(|o| o[0] == kind as u8).unwrap();
            let refusal = match kind {
                Kind::Ballot if phase >= Phase::Closed => Refusal::Closed,
                _ => Refusal::OutOfPhase { kind, phase },
            };
            refuse(&mut board, object, refusal);
        }
        refuse(&mut board, &[], malformed(0, DecodeErrorKind::Truncated { missing: 1 }));
        refuse(&mut board, &[10, 1], malformed(0, DecodeErrorKind::Tag { found: 10 }));
        refuse(&mut board, &[0], malformed(0, DecodeErrorKind::Tag { found: 0 }));
        if let Some(next) = next {
            let entry = board.state().size();
            let accepted = board.post(next, &mut world.rng).unwrap();
            assert_eq!((accepted.entry, accepted.kind as u8), (entry, next[0]));
            assert_eq!(accepted.replaces, (entry == 12).then_some(FIRST_BALLOT));
        }
    }
    phases.dedup();
    assert_eq!(phases.len(), 8);
    assert_eq!(board.bytes(), full.bytes());
}

#[test]
fn an_object_beyond_the_limit_is_refused_before_it_is_read() {
    let max = 1 << 30;
    let object = vec![0; max + 1];
    refuse(&mut Board::new(), &object, Refusal::TooLarge { found: max + 1, max });
}

#[test]
fn manifests_are_refused_by_name() {
    let mut world = World::town(2);
    let mut board = Board::new();
    let bytes = world.manifest.to_bytes();
    let longer = [&bytes[..], &[0]].concat();
    let longer = world.sign(&board, Kind::Manifest, &longer);
    let kind = DecodeErrorKind::Trailing { extra: 1 };
    let error = ManifestReadError::Bytes(DecodeError { at: bytes.len(), kind });
    refuse(&mut board, &longer, Refusal::Manifest(error));

    let stranger = AuthorSecret::random(&mut world.rng).unwrap();
    let state = board.state();
    let sign = |author: &AuthorSecret, manifest: &Manifest, rng: &mut _| {
        state.sign(author, manifest, Kind::Manifest, &manifest.to_bytes(), rng).unwrap()
    };
    let by_stranger = sign(&stranger, &world.manifest, &mut world.rng);
    // The third trustee's key with a proof for another key.
    let keys: Vec<AuthorKey> = world.secrets.iter().map(|s| s.public().clone()).collect();
    let unproven = [&keys[2].to_bytes()[..32], &keys[1].to_bytes()[32..]].concat();
    let unproven: AuthorKey = read(&unproven);
    let manifest = Manifest::builder("test")
        .operator(world.operator.public().clone())
        .trustees([keys[0].clone(), keys[1].clone(), unproven], 2)
        .contest(Contest::choose_one("bridge", ["yes", "no"]))
        .build()
        .unwrap();
    let object = sign(&world.operator, &manifest, &mut world.rng);
    refuse(&mut board, &by_stranger, Refusal::Signature { kind: Kind::Manifest });
    let mistake = manifest.verify_keys(&mut world.rng).unwrap_err();
    assert_eq!(mistake.path, "trustees[2].key");
    refuse(&mut board, &object, Refusal::Manifest(ManifestReadError::Mistake(mistake)));
    board.post_manifest(&world.manifest, &world.operator, &mut world.rng).unwrap();
}

#[test]
fn deals_and_confirmations_are_refused_by_name() {
    let mut world = World::town(3);
    let mut board = Board::new();
    let World { manifest, operator, deals, trustees, rng, .. } = &mut world;
    board.post_manifest(manifest, operator, rng).unwrap();
    let deal = object(Kind::Deal, &deals[0].to_bytes());
    let equation =
        |dealer| KeyError::Proof { dealers: vec![(dealer, Check::Equation("KEY.DEAL"))] };
    // The proof binds the dealer, the commitments, and every encrypted share.
    let mut by_second = deal.clone();
    by_second[2] = 2;
    refuse(&mut board, &by_second, Refusal::Keys(equation(2)));
    let mut changed = deal.clone();
    let share = 3 + 32 * (2 * manifest.slots() + 1);
    changed[share] ^= 1;
    refuse(&mut board, &changed, Refusal::Keys(equation(1)));
    for number in [0, 4] {
        let mut unknown = deal.clone();
        unknown[2] = number;
        let error = KeyError::UnknownTrustee { number: number.into(), trustees: 3 };
        refuse(&mut board, &unknown, Refusal::Keys(error));
    }
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &deal[..deal.len() - 1], malformed(deal.len() - 2, missing));
    let longer = [&deal[..], &[0]].concat();
    let trailing = DecodeErrorKind::Trailing { extra: 1 };
    refuse(&mut board, &longer, malformed(deal.len() - 1, trailing));
    board.post(&deal, rng).unwrap();
    refuse(&mut board, &deal, Refusal::Trustee { number: 1 });
    for deal in &deals[1..] {
        board.post_deal(deal, rng).unwrap();
    }

    let confirmation = |number: u16, signature: &Signature| {
        object(Kind::Confirmation, &[&number.to_be_bytes()[..], &signature.to_bytes()].concat())
    };
    let signature = trustees[0].confirm(rng).unwrap();
    for number in [0, 4] {
        refuse(&mut board, &confirmation(number, &signature), Refusal::Trustee { number });
    }
    let wrong = Refusal::Signature { kind: Kind::Confirmation };
    refuse(&mut board, &confirmation(2, &signature), wrong);
    board.post(&confirmation(1, &signature), rng).unwrap();
    let again = trustees[0].confirm(rng).unwrap();
    refuse(&mut board, &confirmation(1, &again), Refusal::Trustee { number: 1 });
    for trustee in &trustees[1..] {
        board.post_confirmation(trustee.number(), &trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    assert_eq!(board.state().phase(), Phase::Enrolling);
}

#[test]
fn rolls_are_refused_by_name() {
    let mut world = World::town(4);
    let mut board = Board::new();
    let World { manifest, operator, deals, trustees, roll, rng, .. } = &mut world;
    board.post_manifest(manifest, operator, rng).unwrap();
    for deal in deals.iter() {
        board.post_deal(deal, rng).unwrap();
    }
    for trustee in trustees.iter() {
        board.post_confirmation(trustee.number(), &trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    let with = |change: &dyn Fn(&mut Vec<Registration>)| {
        let mut changed = roll.clone();
        change(&mut changed);
        changed
    };
    let elsewhere = World::town(5).roll[0].clone();
    let cases = [
        (Vec::new(), RollError::Empty),
        (with(&|r| r.push(r[1].clone())), RollError::Duplicate { line: 6, first: 1 }),
        (with(&|r| r[3].style = 2), RollError::UnknownStyle { line: 3, found: 2, styles: 2 }),
        (with(&|r| r[5].weight = 0), RollError::Weightless { line: 5 }),
        // A key that was registered for another election.
        (with(&|r| r[2] = elsewhere.clone()), RollError::Possession { lines: vec![2] }),
    ];
    for (roll, error) in cases {
        let before = view(&board);
        let refusal = board.post_roll(&roll, operator, rng).unwrap_err();
        assert_eq!(refusal, BoardError::Refused(Refusal::Roll(error)));
        assert_eq!(view(&board), before);
    }
    let stranger = AuthorSecret::random(rng).unwrap();
    let refusal = board.post_roll(roll, &stranger, rng).unwrap_err();
    assert_eq!(refusal, BoardError::Refused(Refusal::Signature { kind: Kind::Roll }));
    board.post_roll(roll, operator, rng).unwrap();
}

#[test]
fn ballots_are_refused_by_name() {
    let (mut world, mut board, election) = open_town(6);
    let first = world.vote(&election, 0, &remote(0, 0), "ada");
    board.post(&first, &mut world.rng).unwrap();

    // Of the other district, with a valid proof.
    let other_style = world.vote(&election, 0, &remote(1, 1), "ada");
    refuse(&mut board, &other_style, Refusal::WrongStyle { found: 1, expected: 0 });
    let stranger = Credential::random(&mut world.rng).unwrap();
    let forgery = Forgery::honest(&stranger, remote(0, 0), &[1, 0, 1, 0, 0], 5);
    let unknown = object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng));
    refuse(&mut board, &unknown, Refusal::UnknownVoter);
    // The same bytes again count once, and the answer says where they are.
    refuse(&mut board, &first, Refusal::AlreadyOnBoard { entry: FIRST_BALLOT });
    let ahead = world.vote(&election, 0, &remote(0, 2), "ada");
    refuse(&mut board, &ahead, Refusal::WrongSequence { found: 2, expected: 1 });
    let behind = world.vote(&election, 0, &remote(0, 0), "ada");
    refuse(&mut board, &behind, Refusal::WrongSequence { found: 0, expected: 1 });
    let max = u32::MAX;
    let last = world.vote(&election, 0, &remote(0, max), "ada");
    refuse(&mut board, &last, Refusal::WrongSequence { found: max, expected: 1 });

    let entries = [9, 10].map(|entry| {
        let ballot = world.vote(&election, 0, &remote(0, entry - 8), "ben");
        board.post(&ballot, &mut world.rng).unwrap()
    });
    assert_eq!(entries.map(|a| (a.entry, a.replaces)), [(9, Some(8)), (10, Some(9))]);
    let fourth = world.vote(&election, 0, &remote(0, 3), "ada");
    refuse(&mut board, &fourth, Refusal::TooManyBallots { cap: 3 });
    assert_eq!(board.state().next_sequence(world.voters[0].public()), Some(3));
    assert_eq!(board.state().next_sequence(stranger.public()), None);
    assert_eq!(board.state().counted(), 1);
    let (_, outcome) = world.finish(&mut board, &[0, 1]);
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Some(0), Some(1)));
}

/// ATTACK. Somebody keeps a voter's old ballot back and slips it in as the last one.
#[test]
fn a_withheld_ballot_does_not_become_the_last_one() {
    let (mut world, mut board, election) = open_town(7);
    let withheld = [0, 1].map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada"));
    for sequence in [0, 1] {
        let ballot = world.vote(&election, 0, &remote(0, sequence), "ben");
        board.post(&ballot, &mut world.rng).unwrap();
    }
    for (ballot, found) in withheld.iter().zip(0..) {
        refuse(&mut board, ballot, Refusal::WrongSequence { found, expected: 2 });
    }
    // Nor does one that was on the board before.
    let replaced = board.entry(FIRST_BALLOT).unwrap().to_vec();
    refuse(&mut board, &replaced, Refusal::WrongSequence { found: 0, expected: 2 });
}

/// Everything that the proof is about, changed alone; the board's other rules are all kept.
#[test]
fn a_ballot_is_good_for_one_statement_only() {
    let (mut world, mut board, election) = open_town(8);
    let station = |place| Header { origin: Origin::Station(place), ..remote(0, 0) };
    let good = world.vote(&election, 0, &station(0), "ada");
    let other = world.vote(&election, 1, &station(0), "ada");
    let head = 1 + header_bytes(&station(0)).len();
    let with_header = |header: &Header, voter: usize, tail: &[u8]| {
        let key = world.voters[voter].public().as_bytes();
        [&[Kind::Ballot as u8], &header_bytes(header)[..], key, tail].concat()
    };
    let tail = &good[head + 32..];
    assert_eq!(with_header(&station(0), 0, tail), good);
    // Another station, remote, another voter of the same style.
    refuse(&mut board, &with_header(&station(1), 0, tail), V1);
    refuse(&mut board, &with_header(&remote(0, 0), 0, tail), V1);
    refuse(&mut board, &with_header(&station(0), 1, tail), V1);
    // Style 1 has the same slots and rules, so only the transcript tells them apart.
    refuse(&mut board, &with_header(&Header { style: 1, ..station(0) }, 3, tail), V1);
    // Each point of the ciphertext, from another good ballot.
    for point in 0..=election.manifest().slots() {
        let place = head + 32 * (1 + point);
        let mut swapped = good.clone();
        swapped[place..place + 32].copy_from_slice(&other[place..place + 32]);
        refuse(&mut board, &swapped, V1);
    }

    // Another sequence number, once that is the next one.
    board.post(&good, &mut rng(0)).unwrap();
    let next = with_header(&Header { sequence: 1, ..station(0) }, 0, tail);
    refuse(&mut board, &next, V1);
}

#[test]
fn a_ballot_is_good_for_one_election_only() {
    let (mut world, _, election) = open_town(9);
    let ballot = world.vote(&election, 0, &remote(0, 0), "ada");

    // The same manifest and roll with other keys.
    let again = tabella::keys::in_one_process(&world.manifest, &world.secrets, &mut world.rng);
    (world.deals, world.trustees) = again.unwrap();
    refuse(&mut world.open(), &ballot, V1);

    // The same people in another election.
    let mut other = World::town(10);
    let register = |(voter, line): (&Credential, &Registration)| -> Registration {
        voter.registration(&other.manifest, line.style, &mut rng(1)).unwrap()
    };
    other.roll = world.voters.iter().zip(&world.roll).map(register).collect();
    refuse(&mut other.open(), &ballot, V1);
}

/// ATTACK. A nonce point is copied: with the nonce, by somebody who was given it, or without.
#[test]
fn a_nonce_counts_as_seen_once_its_ballot_is_accepted() {
    let (mut world, mut board, election) = open_town(11);
    let bits = [0, 1, 0, 0, 1];
    let mut forge = |voter: usize, header, nonce| {
        let forgery = Forgery::honest(&world.voters[voter], header, &bits, nonce);
        object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng))
    };
    let first = forge(0, remote(0, 0), 5);
    let other = forge(1, remote(0, 0), 6);
    // Voter 1 posts voter 0's nonce point first, without a proof: that blocks nobody.
    let a = 8 + 32;
    let mut copy = other.clone();
    copy[a..a + 32].copy_from_slice(&first[a..a + 32]);
    refuse(&mut board, &copy, V1);
    // Nor does a good proof on a ballot that is refused for another reason.
    refuse(
        &mut board,
        &forge(1, remote(0, 2), 5),
        Refusal::WrongSequence { found: 2, expected: 0 },
    );
    board.post(&first, &mut rng(0)).unwrap();

    refuse(&mut board, &forge(1, remote(0, 0), 5), Refusal::NonceReused);
    refuse(&mut board, &forge(0, remote(0, 1), 5), Refusal::NonceReused);
    board.post(&other, &mut rng(0)).unwrap();
    board.post(&forge(0, remote(0, 1), 7), &mut rng(0)).unwrap();
    // A replaced ballot's nonce stays seen.
    refuse(&mut board, &forge(3, remote(1, 0), 5), Refusal::NonceReused);
}

#[test]
fn storage_that_gives_back_something_else_is_noticed() {
    let (mut world, mut board, election) = open_town(12);
    let first = world.vote(&election, 0, &remote(0, 0), "ada");
    let other = world.vote(&election, 0, &remote(0, 0), "ben");
    board.post(&first, &mut world.rng).unwrap();
    let next = world.vote(&election, 0, &remote(0, 1), "ben");
    let mut state: State = board.state().clone();
    let answers = [None, Some(Vec::new()), Some(other), Some(first[..first.len() - 1].to_vec())];
    for answer in answers {
        let result = state.apply(&next, |_| answer.clone(), &mut world.rng);
        assert_eq!(result, Err(Refusal::Storage { entry: FIRST_BALLOT }));
        assert_eq!((state.size(), state.root()), (board.state().size(), board.state().root()));
        assert_eq!(state.partial_tally(), board.state().partial_tally());
    }
    let stored = |entry| (entry == FIRST_BALLOT).then(|| first.clone());
    let accepted = state.apply(&next, stored, &mut world.rng).unwrap();
    let replaces = Some(FIRST_BALLOT);
    assert_eq!(accepted, Accepted { entry: 9, kind: Kind::Ballot, replaces });
}

#[test]
fn closes_are_refused_by_name() {
    let mut world = World::town(13);
    let mut board = world.town_board();
    let election = board.election().unwrap().clone();
    let (size, root) = (board.state().size(), board.state().root());
    let place = (size, root);
    let sign = |place, number: u16, rng: &mut _| {
        // A number that no trustee has, with the operator's secret.
        let author = world.secrets.get(usize::from(number).wrapping_sub(1));
        let author = author.unwrap_or(&world.operator);
        (number, close_signature(&election, number, place, author, rng))
    };
    let close = |place, signatures: &[(u16, Signature)], board: &Board| {
        let content = close_content(place, signatures);
        board
            .state()
            .sign(&world.operator, &world.manifest, Kind::Close, &content, &mut rng(1))
            .unwrap()
    };
    let [zero, one, two, three, four] = [0, 1, 2, 3, 4].map(|n| sign(place, n, &mut rng(n as u8)));
    let all = [one.clone(), two.clone(), three.clone()];

    for found in [(size - 1, root), (size + 1, root), (size, Root::from([0; 32]))] {
        let signatures = [1, 2, 3].map(|n| sign(found, n, &mut rng(0)));
        let expected = Refusal::WrongClose { found, expected: place };
        let object = close(found, &signatures, &board);
        refuse(&mut board, &object, expected);
    }
    // Lists of trustees, and what is wrong with them.
    let count = 1 + 8 + 32;
    let end = |n: usize| count - 1 + 4 + 66 * n;
    let unsorted = |n| malformed(end(n), DecodeErrorKind::NotCanonical);
    let wrong = || Refusal::Signature { kind: Kind::Close };
    let quorum = |found| Refusal::Quorum { found, expected: 3 };
    let other_place = sign((size - 1, root), 2, &mut rng(2));
    let as_third = (3, two.1.clone());
    let too_many = DecodeErrorKind::Count { found: 4, cap: 3 };
    let cases: [(&[(u16, Signature)], Refusal); 11] = [
        (&[], quorum(0)),
        (std::slice::from_ref(&one), quorum(1)),
        (&[one.clone(), three.clone()], quorum(2)),
        (&[one.clone(), one.clone(), two.clone()], unsorted(3)),
        (&[one.clone(), three.clone(), two.clone()], unsorted(3)),
        (&[two.clone(), two.clone()], unsorted(2)),
        (&[zero, one.clone(), two.clone()], Refusal::Trustee { number: 0 }),
        (&[one.clone(), two.clone(), four], Refusal::Trustee { number: 4 }),
        (&[one.clone(), other_place, three.clone()], wrong()),
        (&[one.clone(), two.clone(), as_third], wrong()),
        (&[one.clone(), two.clone(), three.clone(), three], malformed(count - 1, too_many)),
    ];
    for (signatures, refusal) in cases {
        let object = close(place, signatures, &board);
        refuse(&mut board, &object, refusal);
    }
    let good = close(place, &all, &board);
    let mut longer = close_content(place, &all);
    longer.push(0);
    let operator = &world.operator;
    let sign = |author: &AuthorSecret, content: &[u8]| {
        let manifest = &world.manifest;
        board.state().sign(author, manifest, Kind::Close, content, &mut rng(1)).unwrap()
    };
    let longer = sign(operator, &longer);
    let by_trustee = sign(&world.secrets[0], &close_content(place, &all));
    refuse(&mut board, &longer, malformed(end(3), DecodeErrorKind::Trailing { extra: 1 }));
    refuse(&mut board, &by_trustee, wrong());

    // The operator's signature is for this place: one ballot more, and the close does not fit.
    let mut later = board.clone();
    let ballot = world.vote(&election, 2, &remote(0, 0), "ada");
    later.post(&ballot, &mut world.rng).unwrap();
    refuse(&mut later, &good, wrong());
    board.post(&good, &mut world.rng).unwrap();
    refuse(&mut board, &ballot, Refusal::Closed);
}

#[test]
fn tallies_are_refused_by_name() {
    let mut world = World::town(14);
    let mut board = world.town_board();
    board.close(&world.operator, &world.trustees, &mut world.rng).unwrap();
    let honest = tabella::tally::Tally::new(board.state().partial_tally().unwrap());
    let bytes = honest.to_bytes();
    assert_eq!(honest.cells().len(), 4);
    let mut at = 4;
    for (cell, tally) in honest.cells().iter().enumerate() {
        let length = tally.to_bytes().len();
        // Contest, number of ballots, the last point of the sum.
        for byte in [at + 3, at + 19, at + length - 1] {
            let mut changed = bytes.clone();
            changed[byte] ^= 1;
            let object = world.sign(&board, Kind::Tally, &changed);
            refuse(&mut board, &object, Refusal::WrongSum { cell });
        }
        let object = world.sign(&board, Kind::Tally, &bytes[..at]);
        refuse(&mut board, &object, Refusal::WrongSum { cell });
        at += length;
    }
    let mut more = bytes.clone();
    more[3] += 1;
    for wrong in [more, [&bytes[..], &[0]].concat()] {
        let object = world.sign(&board, Kind::Tally, &wrong);
        refuse(&mut board, &object, Refusal::WrongSum { cell: 4 });
    }
    let trustee = &world.secrets[0];
    let state = board.state();
    let object = state.sign(trustee, &world.manifest, Kind::Tally, &bytes, &mut rng(1)).unwrap();
    refuse(&mut board, &object, Refusal::Signature { kind: Kind::Tally });
    let object = world.sign(&board, Kind::Tally, &bytes);
    board.post(&object, &mut world.rng).unwrap();
}

#[test]
fn shares_and_results_are_refused_by_name() {
    let mut world = World::town(15);
    let mut full = world.town_board();
    let before = full.clone();
    let (tally, _) = world.finish(&mut full, &[0, 1, 2]);
    let mut board = before;
    for entry in full.state().size() - 6..full.state().size() - 4 {
        board.post(full.entry(entry).unwrap(), &mut world.rng).unwrap();
    }
    assert_eq!(board.state().phase(), Phase::Opening);
    let shares: Vec<_> = objects(&full).into_iter().filter(|o| o[0] == Kind::Share as u8).collect();
    let share = &shares[0];
    let (d1, author) = (Check::Equation("DECRYPT.D1"), Check::Equation("DECRYPT.AUTHOR"));
    let wrong = |trustee, check| Refusal::Share { trustee, check };

    // As another trustee's, as nobody's; with another's factors; with a changed answer.
    let renumbered = |number: u8| [&[share[0], 0, number], &share[3..]].concat();
    refuse(&mut board, &renumbered(2), wrong(2, d1));
    refuse(&mut board, &renumbered(0), wrong(0, Check::Shape));
    refuse(&mut board, &renumbered(4), wrong(4, Check::Shape));
    let factors = 3..3 + 32 * tally.opened().len();
    let mut swapped = share.clone();
    swapped[factors.clone()].copy_from_slice(&shares[1][factors.clone()]);
    refuse(&mut board, &swapped, wrong(1, d1));
    let mut answer = share.clone();
    let last = answer.len() - 32;
    answer[last] ^= 1;
    refuse(&mut board, &answer, wrong(1, author));
    let mut no_point = share.clone();
    no_point[3..35].fill(0xff);
    refuse(&mut board, &no_point, malformed(2, DecodeErrorKind::NotAnElement));
    no_point[3..35].fill(0);
    refuse(&mut board, &no_point, malformed(2, DecodeErrorKind::Identity));
    let trailing = DecodeErrorKind::Trailing { extra: 1 };
    let longer = [&share[..], &[0]].concat();
    refuse(&mut board, &longer, malformed(share.len() - 1, trailing));

    let result = signed_content(&full, Kind::Result);
    let post_result =
        |board: &Board, world: &mut World, content: &[u8]| world.sign(board, Kind::Result, content);
    let early = post_result(&board, &mut world, &result);
    refuse(&mut board, &early, Refusal::TooFewShares { found: 0, expected: 2 });
    board.post(share, &mut world.rng).unwrap();
    refuse(&mut board, share, Refusal::Trustee { number: 1 });
    let early = post_result(&board, &mut world, &result);
    refuse(&mut board, &early, Refusal::TooFewShares { found: 1, expected: 2 });
    board.post(&shares[2], &mut world.rng).unwrap();

    // 2 + 2 totals for the mayor, 3 + 3 for the pool, then the turnout.
    let cells = [0, 0, 1, 1, 2, 2, 2, 3, 3, 3];
    let turnout = 8 * cells.len();
    let parts = [
        (4, TurnoutPart::District, 0),
        (12, TurnoutPart::District, 1),
        (24, TurnoutPart::OnRoll, 0),
        (32, TurnoutPart::OnRoll, 1),
        (44, TurnoutPart::Station, 0),
        (52, TurnoutPart::Station, 1),
        (60, TurnoutPart::Remote, 0),
    ];
    assert_eq!(result.len(), turnout + 68);
    let totals =
        cells.into_iter().enumerate().map(|(i, cell)| (8 * i, Refusal::WrongTotal { cell }));
    let turnouts =
        parts.map(|(at, part, place)| (turnout + at, Refusal::WrongTurnout { part, place }));
    for (at, refusal) in totals.chain(turnouts) {
        // One more; and a number that no table holds.
        for byte in [at + 7, at] {
            let mut changed = result.clone();
            changed[byte] = changed[byte].wrapping_add(1);
            let object = post_result(&board, &mut world, &changed);
            refuse(&mut board, &object, refusal.clone());
        }
    }
    // A list of the turnout that is shorter than the manifest's, and one that is longer.
    let mut shorter = result.clone();
    shorter.drain(turnout + 12..turnout + 20);
    shorter[turnout + 3] = 1;
    let object = post_result(&board, &mut world, &shorter);
    refuse(&mut board, &object, Refusal::WrongTurnout { part: TurnoutPart::District, place: 1 });
    let mut count = result.clone();
    count[turnout + 3] = 3;
    let object = post_result(&board, &mut world, &count);
    refuse(&mut board, &object, malformed(turnout, DecodeErrorKind::Count { found: 3, cap: 2 }));
    let object = post_result(&board, &mut world, &result[..result.len() - 1]);
    let missing = DecodeErrorKind::Truncated { missing: 1 };
    refuse(&mut board, &object, malformed(result.len() - 1, missing));
    let state = board.state();
    let by_trustee =
        state.sign(&world.secrets[0], &world.manifest, Kind::Result, &result, &mut rng(1)).unwrap();
    refuse(&mut board, &by_trustee, Refusal::Signature { kind: Kind::Result });
    // Signed when there was one share less.
    refuse(&mut board, &early, Refusal::Signature { kind: Kind::Result });
    let object = post_result(&board, &mut world, &result);
    board.post(&object, &mut world.rng).unwrap();
}

/// A generator that fails says nothing of the object, whatever it is.
#[test]
fn a_failing_generator_is_no_verdict() {
    let mut world = World::town(16);
    let mut full = world.town_board();
    world.finish(&mut full, &[0, 2]);
    let mut board = Board::new();
    for object in objects(&full) {
        let before = view(&board);
        for left in 0.. {
            match board.post(&object, &mut Failing { rng: rng(1), left }) {
                Ok(_) => {
                    assert!(left > 0, "kind {} was accepted unchecked", object[0]);
                    break;
                }
                Err(refusal) => assert_eq!(refusal, Refusal::Randomness),
            }
            assert_eq!(view(&board), before);
        }
    }
    assert_eq!(board.bytes(), full.bytes());
}

/// What lies between two ballots of one call does not matter.
#[test]
fn a_ballot_replaces_one_of_the_same_call() {
    let (mut world, mut board, election) = open_town(20);
    let ballots = [0, 1].map(|sequence| world.vote(&election, 0, &remote(0, sequence), "ada"));
    let [first, next] = &ballots;
    for between in [vec![], vec![vec![42]], vec![vec![], next[..99].to_vec(), vec![42]]] {
        let objects = [vec![first.clone()], between, vec![next.clone()]].concat();
        let mut board = board.clone();
        let verdicts = board.post_all(&objects, &mut world.rng);
        let accepted = verdicts.last().unwrap().as_ref().unwrap();
        assert_eq!((accepted.entry, accepted.replaces), (9, Some(FIRST_BALLOT)));
    }
    board.post(first, &mut world.rng).unwrap();
    assert_eq!(board.post(next, &mut world.rng).unwrap().replaces, Some(FIRST_BALLOT));
}

/// Ballots, good and bad, and other objects, for a board on which voting has just begun.
static POOL: LazyLock<(Board, Vec<Vec<u8>>)> = LazyLock::new(|| {
    let (mut world, board, election) = open_town(17);
    let mut pool = Vec::new();
    for (voter, sequence) in [(0, 0), (0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (2, 0)] {
        pool.push(world.vote(&election, voter, &remote(0, sequence), "ada"));
    }
    let bits = [0, 1, 0, 0, 1];
    for (voter, header) in [(1, remote(0, 0)), (2, remote(0, 0)), (0, remote(0, 1))] {
        let forgery = Forgery::honest(&world.voters[voter], header, &bits, 5);
        pool.push(object(Kind::Ballot, &forgery.bytes(&election, &mut world.rng)));
    }
    pool.push(world.vote(&election, 0, &remote(1, 0), "ada"));
    let mut wrong = pool[7].clone();
    *wrong.last_mut().unwrap() ^= 1;
    pool.push(wrong);
    let mut wrong = pool[0].clone();
    let end = wrong.len() - 32;
    wrong[end] ^= 1;
    pool.push(wrong);
    pool.push(pool[5][..100].to_vec());
    let World { operator, trustees, rng, .. } = &mut world;
    let closes: Vec<_> =
        trustees.iter().map(|t| t.sign_close(board.state(), rng).unwrap()).collect();
    pool.push(board.state().close(operator, &closes, rng).unwrap());
    pool.push(board.entry(7).unwrap().to_vec());
    pool.extend([vec![], vec![Kind::Ballot as u8], vec![42]]);
    (board, pool)
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    /// However objects are handed over, the verdicts are those of one by one.
    #[test]
    fn verdicts_in_batches_are_verdicts_one_by_one(
        picks in prop::collection::vec(0..POOL.1.len(), 0..16),
        cut in 0..16usize,
    ) {
        let (board, pool) = &*POOL;
        let objects: Vec<&[u8]> = picks.iter().map(|i| pool[*i].as_slice()).collect();
        let [mut single, mut batch] = [board.clone(), board.clone()];
        let one_by_one: Vec<_> = objects.iter().map(|o| single.post(o, &mut rng(1))).collect();
        let (head, tail) = objects.split_at(cut.min(objects.len()));
        let mut verdicts = batch.post_all(head, &mut rng(2));
        verdicts.extend(batch.post_all(tail, &mut rng(3)));
        prop_assert_eq!(verdicts, one_by_one);
        prop_assert!(view(&batch) == view(&single));
    }
}

/// The ballots of a referendum that break one equation each, and that equation.
fn forgeries(voter: &Credential, header: Header) -> [(Forgery, &'static str); 4] {
    let honest = || Forgery::honest(voter, header, &[1, 0], 3);
    let two_and_minus_one = Forgery { bits: vec![2, -1], values: vec![2, -1], ..honest() };
    let unknown_nonce = Forgery { known_nonce: Scalar::from(4u64), ..honest() };
    let more_votes = Forgery { values: vec![1000, 0], ..honest() };
    let no_signer = Forgery { signer: Scalar::ONE, ..honest() };
    [
        (two_and_minus_one, "BALLOT.V1"),
        (unknown_nonce, "BALLOT.V2"),
        (more_votes, "BALLOT.V2"),
        (no_signer, "BALLOT.V2"),
    ]
}

#[test]
fn one_bad_ballot_among_a_thousand_is_named() {
    let contest = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world = World::new(18, (1, 1), &[0; 21], |b| b.contest(contest).ballots_per_voter(50));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let yes = Choices::new().pick("bridge", "yes");
    let mut ballots = Vec::new();
    for sequence in 0..50 {
        for voter in 0..20 {
            ballots.push(world.ballot(&election, voter, &remote(0, sequence), &yes));
        }
    }
    let bytes: Vec<Vec<u8>> = ballots.iter().map(Encode::to_bytes).collect();
    let rng = &mut world.rng;
    for ((forgery, tag), place) in
        forgeries(&world.voters[20], remote(0, 0)).into_iter().zip([0, 333, 998, 1000])
    {
        let bad = forgery.bytes(&election, rng);
        let error = BallotError::Proof(Check::Equation(tag));
        assert_eq!(election.verify_all(&[&bad], rng).unwrap(), [Err(error)]);
        let mut with_bad = bytes.clone();
        with_bad.insert(place, bad);
        let results = election.verify_all(&with_bad, rng).unwrap();
        for (i, (result, bytes)) in results.into_iter().zip(with_bad).enumerate() {
            let result = result.map(|ballot| ballot.to_bytes());
            assert_eq!(result, if i == place { Err(error) } else { Ok(bytes) }, "ballot {i}");
        }
    }

    let (forgery, _) = forgeries(&world.voters[20], remote(0, 0))[2].clone();
    let bad = election.read_ballot(&forgery.bytes(&election, rng)).unwrap();
    ballots.insert(500, bad);
    let results = board.cast_all(&ballots, rng);
    let refused: Vec<_> = results.iter().enumerate().filter(|(_, r)| r.is_err()).collect();
    let proof = Err(Refusal::Proof(Check::Equation("BALLOT.V2")));
    assert_eq!(refused, [(500, &proof)]);
    assert_eq!((board.state().size(), board.state().counted()), (4 + 1000, 20));
}

#[test]
fn a_ballot_is_refused_after_any_change_of_its_bytes() {
    let contest = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world = World::new(19, (1, 1), &[0], |b| b.contest(contest));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "no");
    let ballot = world.ballot(&election, 0, &remote(0, 0), &choices).to_bytes();
    let mut proofs = 0;
    bit_flips(&ballot, |bit, flipped| {
        let refusal = board.post(&object(Kind::Ballot, flipped), &mut world.rng).unwrap_err();
        match refusal {
            Refusal::Proof(Check::Equation(_)) => proofs += 1,
            Refusal::Malformed(_) | Refusal::UnknownVoter => {}
            other => panic!("bit {bit}: {other}"),
        }
    });
    // Five scalars of 253 bits, and about a quarter of all flips in points, can be read.
    assert!(proofs > 1500, "{proofs} proofs were checked");
    for end in 0..ballot.len() {
        let refusal =
            board.post(&object(Kind::Ballot, &ballot[..end]), &mut world.rng).unwrap_err();
        assert!(matches!(refusal, Refusal::Malformed(_)), "{end} bytes: {refusal}");
    }
    for extra in [1, 32, 64, 10_000] {
        let longer = [&ballot[..], &vec![0; extra]].concat();
        let kind = DecodeErrorKind::Trailing { extra };
        refuse(&mut board, &object(Kind::Ballot, &longer), malformed(ballot.len(), kind));
    }
    board.post(&object(Kind::Ballot, &ballot), &mut world.rng).unwrap();
}
