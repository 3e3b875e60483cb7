//! Freezing, lifting and closing: no ballot is lost unnoticed, and no trustee signs in vain.

use attacks::{World, forge};
use tabella::{
    ballot::{Choices, Election, Header},
    board::{Board, BoardError, CloseSignature, Freeze, GuardError, Kind, Phase, Refusal},
    codec::{Decode, Encode},
    contest::Contest,
    keys::{AtRest, Trustee},
    manifest::Member,
};

/// A board with a ballot of each of the first eleven voters.
fn voting(seed: u8) -> (World, Board, Election) {
    let mut world = World::referendum(seed);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..11 {
        let ballot = ballot(&mut world, &election, voter);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    (world, board, election)
}

/// The object with which a voter casts a first ballot.
fn ballot(world: &mut World, election: &Election, voter: usize) -> Vec<u8> {
    let choices = Choices::new().pick("bridge", "yes");
    let ballot = world.ballot(election, voter, &Header::remote(0), &choices);
    forge::object(Kind::Ballot, &ballot.to_bytes())
}

/// Posts an object that is refused with this error, and checks that it leaves no trace.
#[track_caller]
fn refuse(board: &mut Board, object: &[u8], expected: Refusal) {
    let view = |board: &Board| {
        let state = board.state();
        let closing = (state.phase(), state.freezes().to_vec(), state.frozen(), state.closed());
        (state.head(), closing, state.closed_by().to_vec(), board.bytes().len())
    };
    let before = view(board);
    assert_eq!(board.post(object, &mut attacks::rng(9)), Err(expected));
    assert_eq!(view(board), before);
}

fn close_object(signature: &CloseSignature) -> Vec<u8> {
    forge::object(Kind::Close, &signature.to_bytes())
}

fn out_of_phase(kind: Kind, phase: Phase) -> Refusal {
    Refusal::OutOfPhase { kind, phase }
}

/// What is refused while voting is frozen is refused with the reason, and accepted again after the freeze is lifted.
#[test]
fn a_ballot_of_a_frozen_board_is_refused_and_taken_after_the_lift() {
    let (mut world, mut board, election) = voting(1);
    let late = ballot(&mut world, &election, 11);
    let World { operator, secrets, trustees, rng, .. } = &mut world;
    board.ask(operator, rng).unwrap();
    let rehearsal = trustees[0].rehearse(board.state(), rng).unwrap();
    let question = board.state().question().copied();
    let members: Vec<_> = secrets.iter().zip(1..).map(entry).collect();
    board.reshare(operator, &[(&members, 2)], rng).unwrap();

    let freeze = board.freeze(operator, rng).unwrap().entry;
    let head = (board.state().size(), board.state().root());
    assert_eq!((board.state().phase(), board.state().frozen()), (Phase::Frozen, Some(head)));
    assert_eq!(board.state().closed(), None);
    refuse(&mut board, &late, Refusal::Frozen);
    assert!(Refusal::Frozen.to_string().contains("frozen"));
    // Nothing else is asked for that would be refused.
    assert_eq!(board.state().question(), None);
    let error = trustees[0].rehearse(board.state(), rng).unwrap_err();
    assert_eq!(error, GuardError::NoQuestion);
    let error = attacks::hand_over(&mut trustees[0], board.state(), rng).unwrap_err();
    assert_eq!(error, GuardError::NoResharing);
    let error = board.post(&rehearsal, rng).unwrap_err();
    assert_eq!(error, out_of_phase(Kind::Rehearsal, Phase::Frozen));
    for (kind, result) in [
        (Kind::Question, board.ask(operator, rng)),
        (Kind::Round, board.close_round(operator, rng)),
        (Kind::Reshare, board.reshare(operator, &[(&members, 2)], rng)),
        (Kind::Freeze, board.freeze(operator, rng)),
    ] {
        assert_eq!(result, Err(out_of_phase(kind, Phase::Frozen).into()));
    }

    let lift = board.lift(operator, rng).unwrap().entry;
    assert_eq!(board.state().freezes(), [Freeze { entry: freeze, lifted: Some(lift) }]);
    assert_eq!((board.state().phase(), board.state().frozen()), (Phase::Voting, None));
    assert_eq!(board.state().question().copied(), question);
    board.post(&late, rng).unwrap();
    board.post(&rehearsal, rng).unwrap();
    attacks::hand_over(&mut trustees[0], board.state(), rng).unwrap();
    assert_eq!(board.lift(operator, rng), Err(out_of_phase(Kind::Lift, Phase::Voting).into()));
}

fn entry((secret, number): (&tabella::crypto::signature::AuthorSecret, u16)) -> Member {
    Member { name: format!("new {number}"), key: secret.public().clone() }
}

/// Objects that arrive while trustees sign do not invalidate their signatures.
#[test]
fn signatures_under_a_close_stay_good_whatever_is_appended() {
    let (mut world, mut board, election) = voting(2);
    let (voter, blank) = (&world.voters[11], Choices::new().blank("bridge"));
    let sealed = election.encrypt(voter, &Header::remote(0), &blank, &mut world.rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, voter, &mut world.rng).unwrap();
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    let opening = spoiled.open(&receipt, &mut world.rng).unwrap();
    let World { operator, trustees, rng, .. } = &mut world;
    board.freeze(operator, rng).unwrap();
    let head = board.state().frozen().unwrap();
    // All sign the same board before anything is posted.
    let [one, two, three] =
        [0, 1, 2].map(|place| trustees[place].sign_close(board.state(), &[], rng).unwrap());
    board.post(&two, rng).unwrap();
    board.post(&opening, rng).unwrap();
    board.post(&one, rng).unwrap();
    assert_eq!((board.state().phase(), board.state().closed()), (Phase::Frozen, None));
    let missing = Refusal::Quorum { group: String::new(), found: 2, expected: 3 };
    let tally = board.tally(operator, rng).unwrap_err();
    assert_eq!(tally, BoardError::Refused(missing));
    let late = ballot(&mut world, &election, 5);
    refuse(&mut board, &late, Refusal::Frozen);
    let World { operator, rng, .. } = &mut world;
    board.post(&three, rng).unwrap();
    let state = board.state();
    assert_eq!(
        (state.phase(), state.closed(), state.frozen()),
        (Phase::Closed, Some(head), Some(head))
    );
    assert_eq!(state.closed_by(), [2, 1, 3]);
    refuse(&mut board, &late, Refusal::Closed);
    board.tally(operator, rng).unwrap();
}

#[test]
fn what_ends_voting_is_refused_by_name() {
    let (mut world, mut board, election) = voting(3);
    let four = [&world.secrets[..], &[world.operator.clone()]].concat();
    let World { manifest, operator, trustees, rng, .. } = &mut world;
    let keys = *board.state().ceremony().unwrap().hash();
    let sign = |place, number: u16, author: usize| {
        let author = &four[author];
        let signature =
            forge::close_signature(&election, &keys, number, place, author, &mut attacks::rng(4));
        forge::object(Kind::Close, &forge::close_content(number, &signature))
    };
    let wrong = |kind| Refusal::Signature { kind };
    let before = (board.state().size(), board.state().root());
    refuse(&mut board, &sign(before, 1, 0), out_of_phase(Kind::Close, Phase::Voting));
    let error = trustees[0].sign_close(board.state(), &[], rng).unwrap_err();
    let phase = GuardError::Phase { found: Phase::Voting, expected: Phase::Frozen };
    assert_eq!(error, phase);

    // Only the operator can freeze, only here, and without further content.
    let freeze = |author, content: &[u8], board: &Board| {
        forge::signed_by(
            author,
            board.state(),
            manifest,
            Kind::Freeze,
            content,
            &mut attacks::rng(5),
        )
    };
    let by_trustee = freeze(&four[0], &[], &board);
    refuse(&mut board, &by_trustee, wrong(Kind::Freeze));
    let earlier = freeze(operator, &[], &board);
    board.ask(operator, rng).unwrap();
    refuse(&mut board, &earlier, wrong(Kind::Freeze));
    let more = board.post(&freeze(operator, &[0], &board), rng).unwrap_err();
    assert!(matches!(more, Refusal::Malformed(_)), "{more}");
    let short = board.post(&[Kind::Freeze as u8, 0][..], rng).unwrap_err();
    assert!(matches!(short, Refusal::Malformed(_)), "{short}");
    let good = freeze(operator, &[], &board);
    board.post(&good, rng).unwrap();
    refuse(&mut board, &good, out_of_phase(Kind::Freeze, Phase::Frozen));

    // A signature made before a lift is valid only for its freeze.
    let head = board.state().frozen().unwrap();
    let first = sign(head, 1, 0);
    let lift = |author, content: &[u8], board: &Board| {
        forge::signed_by(author, board.state(), manifest, Kind::Lift, content, &mut attacks::rng(6))
    };
    let by_trustee = lift(&four[0], &[], &board);
    refuse(&mut board, &by_trustee, wrong(Kind::Lift));
    let more = board.post(&lift(operator, &[0], &board), rng).unwrap_err();
    assert!(matches!(more, Refusal::Malformed(_)), "{more}");
    let lifted = lift(operator, &[], &board);
    board.post(&lifted, rng).unwrap();
    refuse(&mut board, &first, out_of_phase(Kind::Close, Phase::Voting));
    refuse(&mut board, &good, wrong(Kind::Freeze));
    board.freeze(operator, rng).unwrap();
    refuse(&mut board, &first, wrong(Kind::Close));
    refuse(&mut board, &lifted, wrong(Kind::Lift));

    let head = board.state().frozen().unwrap();
    for place in [before, (head.0 - 1, head.1), (head.0, before.1)] {
        refuse(&mut board, &sign(place, 1, 0), wrong(Kind::Close));
    }
    refuse(&mut board, &sign(head, 1, 1), wrong(Kind::Close));
    for number in [0, 4, u16::MAX] {
        refuse(&mut board, &sign(head, number, 3), Refusal::Trustee { number });
    }
    let good = sign(head, 2, 1);
    for end in 1..good.len() {
        let error = board.post(&good[..end], rng).unwrap_err();
        assert!(matches!(error, Refusal::Malformed(_)), "{end}: {error}");
    }
    let error = board.post(&[&good[..], &[0]].concat(), rng).unwrap_err();
    assert!(matches!(error, Refusal::Malformed(_)), "{error}");
    board.post(&good, rng).unwrap();
    refuse(&mut board, &good, Refusal::Trustee { number: 2 });
    let too_late = lift(operator, &[], &board);
    refuse(&mut board, &too_late, Refusal::CloseSigned { trustee: 2 });
    for number in [1, 3] {
        board.post(&sign(head, number, usize::from(number) - 1), rng).unwrap();
    }
    for kind in [Kind::Freeze, Kind::Lift] {
        let object = board.state().sign(operator, manifest, kind, &[], rng).unwrap();
        refuse(&mut board, &object, out_of_phase(kind, Phase::Closed));
    }
    refuse(&mut board, &sign(head, 1, 0), out_of_phase(Kind::Close, Phase::Closed));
}

/// Trustees without a share cannot sign a close, and the quorum is that of the holders.
#[test]
fn a_close_is_signed_by_holders_of_shares_alone() {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
    let mut world =
        World::new(4, (4, 2), &[0; 3], |builder| builder.contest(bridge).close_quorum(2));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let World { operator, secrets, trustees, rng, .. } = &mut world;
    let keys = *board.state().ceremony().unwrap().hash();
    board.freeze(operator, rng).unwrap();
    let head = board.state().frozen().unwrap();
    let other = forge::close_signature(&election, &[7; 32], 1, head, &secrets[0], rng);
    let other = forge::object(Kind::Close, &forge::close_content(1, &other));
    refuse(&mut board, &other, Refusal::Signature { kind: Kind::Close });
    let good = forge::close_signature(&election, &keys, 4, head, &secrets[3], rng);
    board.post(&forge::object(Kind::Close, &forge::close_content(4, &good)), rng).unwrap();
    // `Board::close` continues with what is there.
    board.close(operator, &mut trustees[..1], rng).unwrap();
    assert_eq!(board.state().closed_by(), [4, 1]);
}

/// What can be known in advance is reported before anybody signs, and the board stays unchanged.
#[test]
fn a_close_that_cannot_be_burns_nobody() {
    let (mut world, mut board, election) = voting(5);
    let late = ballot(&mut world, &election, 11);
    let World { operator, secrets, trustees, rng, .. } = &mut world;
    let before = board.bytes().to_vec();
    let error = board.close(&secrets[0], trustees, rng).unwrap_err();
    assert!(matches!(error, BoardError::OtherOperator(_)), "{error}");
    for found in [0, 2] {
        let error = board.close(operator, &mut trustees[..found], rng).unwrap_err();
        assert_eq!(
            error,
            BoardError::Refused(Refusal::Quorum { group: String::new(), found, expected: 3 })
        );
    }
    assert_eq!(board.bytes(), before);
    // One ballot later everybody can still sign.
    board.post(&late, rng).unwrap();
    board.close(operator, trustees, rng).unwrap();
    assert_eq!(board.state().closed_by(), [1, 2, 3]);
    let error = board.close(operator, trustees, rng).unwrap_err();
    assert_eq!(error, BoardError::Refused(out_of_phase(Kind::Freeze, Phase::Closed)));
}

/// A trustee that cannot sign, or is listed twice, is found before the others sign in vain.
#[test]
fn a_close_begins_only_if_all_who_are_asked_can_sign() {
    let (mut world, mut board, _) = voting(6);
    let World { operator, trustees, rng, .. } = &mut world;
    let mut fork = board.clone();
    fork.ask(operator, rng).unwrap();
    fork.freeze(operator, rng).unwrap();
    let ceremony = trustees[0].ceremony().clone();
    let copy =
        |trustee: &Trustee| Trustee::from_exposed(&ceremony, &trustee.expose_bytes()).unwrap();
    let mut burnt = [copy(&trustees[0]), copy(&trustees[1]), copy(&trustees[2])];
    burnt[2].sign_close(fork.state(), &[], rng).unwrap();
    let before = board.bytes().to_vec();
    let signed = fork.state().frozen().unwrap();
    let found = (board.state().size(), board.state().root());
    let other = GuardError::OtherClose { signed, found };
    let error = board.close(operator, &mut burnt, rng).unwrap_err();
    assert_eq!(error, BoardError::Guard(other));
    let mut twice = [copy(&trustees[0]), copy(&trustees[1]), copy(&trustees[0])];
    let error = board.close(operator, &mut twice, rng).unwrap_err();
    assert_eq!(error, BoardError::Refused(Refusal::Trustee { number: 1 }));
    assert_eq!(board.bytes(), before);
    for trustee in burnt[..2].iter().chain(&twice) {
        assert_eq!(
            trustee.expose_bytes(),
            copy(&trustees[usize::from(trustee.number()) - 1]).expose_bytes()
        );
    }
    board.close(operator, trustees, rng).unwrap();
}

/// A signature that was made but never posted is for one freeze: whoever has it could close a fork with it.
#[test]
fn a_trustee_who_signed_before_a_lift_signs_no_other_close() {
    let (mut world, mut board, _) = voting(7);
    let World { operator, trustees, rng, .. } = &mut world;
    board.freeze(operator, rng).unwrap();
    let signed = board.state().frozen().unwrap();
    trustees[0].sign_close(board.state(), &[], rng).unwrap();
    // The same again, since an answer can be lost.
    trustees[0].sign_close(board.state(), &[], rng).unwrap();
    board.lift(operator, rng).unwrap();
    board.freeze(operator, rng).unwrap();
    let found = board.state().frozen().unwrap();
    let error = trustees[0].sign_close(board.state(), &[], rng).unwrap_err();
    assert_eq!(error, GuardError::OtherClose { signed, found });
    trustees[1].sign_close(board.state(), &[], rng).unwrap();
}

#[test]
fn a_close_signature_comes_back_from_its_bytes() {
    let (mut world, mut board, _) = voting(8);
    let World { operator, trustees, rng, .. } = &mut world;
    board.freeze(operator, rng).unwrap();
    let signature = trustees[2].sign_close(board.state(), &[], rng).unwrap();
    let bytes = signature.to_bytes();
    assert_eq!((signature.trustee(), bytes.len()), (3, 2 + 64));
    assert_eq!(CloseSignature::from_bytes(&bytes), Ok(signature.clone()));
    attacks::bit_flips(&bytes, |bit, flipped| {
        if let Ok(other) = CloseSignature::from_bytes(flipped) {
            assert_ne!(other, signature, "{bit}");
            assert!(board.clone().post(&other, rng).is_err(), "{bit}");
        }
    });
    refuse(&mut board, &close_object(&signature)[..40], {
        let error = CloseSignature::from_bytes(&bytes[..39]).unwrap_err();
        Refusal::Malformed(error)
    });
    board.post(&close_object(&signature), rng).unwrap();
}

/// One signature would prevent a retreat: trustees that have begun to hand over their shares cannot sign a close.
#[test]
fn a_freeze_that_no_quorum_could_close_is_refused() {
    let (mut world, mut board, _) = voting(12);
    let World { manifest, operator, secrets, trustees, rng, .. } = &mut world;
    let members: Vec<_> = secrets.iter().zip(1..).map(entry).collect();
    board.reshare(operator, &[(&members, 2)], rng).unwrap();
    let (_, commit) = attacks::hand_over(&mut trustees[0], board.state(), rng).unwrap();
    board.post(&commit, rng).unwrap();
    let refused = Refusal::HandedOver { group: String::new(), found: 2, expected: 3 };
    let freeze = board.state().sign(operator, manifest, Kind::Freeze, &[], rng).unwrap();
    refuse(&mut board, &freeze, refused.clone());
    // Nor does another resharing that has not begun.
    board.reshare(operator, &[(&members, 2)], rng).unwrap();
    let error = board.freeze(operator, rng).unwrap_err();
    assert_eq!(error, BoardError::Refused(refused));
    // The board goes on.
    assert_eq!(board.state().phase(), Phase::Voting);
}

/// A machine that stops between two signatures can close later.
#[test]
fn a_close_that_was_broken_off_goes_on() {
    let (mut world, mut board, _) = voting(13);
    let World { operator, trustees, rng, .. } = &mut world;
    board.freeze(operator, rng).unwrap();
    let first = trustees[0].sign_close(board.state(), &[], rng).unwrap();
    board.post(&first, rng).unwrap();
    board.close(operator, trustees, rng).unwrap();
    assert_eq!(board.state().closed_by(), [1, 2, 3]);
}
