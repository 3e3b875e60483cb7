//! What a trustee does and refuses to do for a board, and how the board treats decryption shares.

use attacks::{
    World, bit_flips,
    dealer::wrong_share,
    handover::{entries, open, reshare, started, vote},
};
use tabella::{
    board::{Board, BoardError, GuardError, Kind, Phase, Refusal},
    codec::Encode,
    contest::Contest,
    crypto::ProofCheck,
    keys::{AtRest, Ceremony, KeyError, Trustee},
    manifest::Member,
    tally::Tally,
};

fn phase(found: Phase, expected: Phase) -> GuardError {
    GuardError::Phase { found, expected }
}

/// A board with all votes, a fork of it with one more vote, and the trustees.
fn forks(seed: u8) -> (World, Board, Board, Vec<Trustee>) {
    let mut world = World::referendum(seed);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..11, "yes");
    let mut fork = board.clone();
    vote(&mut world, &mut fork, 11..12, "no");
    let trustees = std::mem::take(&mut world.trustees);
    (world, board, fork, trustees)
}

#[test]
fn key_guard_signs_one_close_and_no_other() {
    let (mut world, mut board, mut fork, mut trustees) = forks(110);
    let rng = &mut world.rng;
    // Also a fork of the same size.
    let mut same_size = board.clone();
    same_size.ask(&world.operator, rng).unwrap();
    for board in [&mut board, &mut fork, &mut same_size] {
        board.freeze(&world.operator, rng).unwrap();
    }
    let trustee = &mut trustees[0];
    let first = trustee.sign_close(board.state(), &[], rng).unwrap();
    // The same again, since an answer can be lost.
    let again = trustee.sign_close(board.state(), &[], rng).unwrap();
    let other = GuardError::OtherClose {
        signed: board.state().frozen().unwrap(),
        found: fork.state().frozen().unwrap(),
    };
    assert_eq!(trustee.sign_close(fork.state(), &[], rng).unwrap_err(), other);
    assert_eq!(same_size.state().size(), fork.state().size());
    let error = trustee.sign_close(same_size.state(), &[], rng).unwrap_err();
    assert!(matches!(error, GuardError::OtherClose { .. }), "{error}");
    // Each of the two signatures counts for this board.
    for signature in [first, again] {
        board.clone().post(&signature, rng).unwrap();
        let error = fork.clone().post(&signature, rng).unwrap_err();
        assert_eq!(error, Refusal::Signature { kind: Kind::Close });
    }
}

#[test]
fn key_guard_opens_nothing_before_the_close_and_the_tally() {
    let mut world = World::referendum(111);
    let mut board = started(&mut world);
    let mut trustees = std::mem::take(&mut world.trustees);
    let enrolling = phase(Phase::Enrolling, Phase::Opening);
    assert_eq!(trustees[0].open(board.state(), &mut world.rng).unwrap_err(), enrolling);
    let error = trustees[0].sign_close(board.state(), &[], &mut world.rng).unwrap_err();
    assert_eq!(error, phase(Phase::Enrolling, Phase::Frozen));
    let error = trustees[0].open(Board::new().state(), &mut world.rng).unwrap_err();
    assert_eq!(error, GuardError::OtherKeys);
    let roll = world.roll.clone();
    board.post_roll(&roll, &world.operator, &mut world.rng).unwrap();
    vote(&mut world, &mut board, 0..12, "yes");
    let World { operator, rng, .. } = &mut world;
    let voting = phase(Phase::Voting, Phase::Opening);
    assert_eq!(trustees[0].open(board.state(), rng).unwrap_err(), voting);
    board.close(operator, &mut trustees, rng).unwrap();
    let closed = phase(Phase::Closed, Phase::Opening);
    assert_eq!(trustees[0].open(board.state(), rng).unwrap_err(), closed);
    let error = trustees[0].sign_close(board.state(), &[], rng).unwrap_err();
    assert_eq!(error, phase(Phase::Closed, Phase::Frozen));
    board.tally(operator, rng).unwrap();
    let share = trustees[0].open(board.state(), rng).unwrap();
    board.post(&share, rng).unwrap();
    let outcome = open(&mut world, &mut board, &mut trustees[1..]);
    assert_eq!(outcome.count("bridge", "yes"), Ok(12));
    let error = trustees[0].open(board.state(), &mut world.rng).unwrap_err();
    assert_eq!(error, phase(Phase::Finished, Phase::Opening));
}

/// The other trustees close two forks. This one opens after only one of the closes, whether it signed it or not.
#[test]
fn key_guard_opens_one_tally_of_one_close() {
    for signed in [true, false] {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
        let mut world = World::new(112, (3, 2), &[0; 12], |b| b.contest(bridge).close_quorum(2));
        let mut board = world.open();
        vote(&mut world, &mut board, 0..11, "yes");
        let mut fork = board.clone();
        vote(&mut world, &mut fork, 11..12, "no");
        let World { operator, trustees, rng, .. } = &mut world;
        let close = |board: &mut Board, by: &mut [Trustee], rng: &mut _| {
            board.close(operator, by, rng).unwrap();
            board.tally(operator, rng).unwrap();
        };
        // Cheats sign both closes with two copies of their secrets.
        let ceremony = trustees[0].ceremony().clone();
        let copy =
            |trustee: &Trustee| Trustee::from_exposed(&ceremony, &trustee.expose_bytes()).unwrap();
        let mut cheats = [copy(&trustees[1]), copy(&trustees[2])];
        close(&mut board, if signed { &mut trustees[..2] } else { &mut trustees[1..] }, rng);
        close(&mut fork, &mut cheats, rng);
        if !signed {
            trustees[0].open(board.state(), rng).unwrap();
        }
        let other = GuardError::OtherClose {
            signed: board.state().closed().unwrap(),
            found: fork.state().closed().unwrap(),
        };
        assert_eq!(trustees[0].open(fork.state(), rng).unwrap_err(), other);
        let share = trustees[0].open(board.state(), rng).unwrap();
        let again = trustees[0].open(board.state(), rng).unwrap();
        assert_ne!(share, again);
        let at = 2..2 + 32 * board.state().tally().unwrap().opened().len();
        assert_eq!(share.to_bytes()[at.clone()], again.to_bytes()[at]);
        board.clone().post(&share, rng).unwrap();
        board.post(&again, rng).unwrap();
        let error = fork.post(&again, rng).unwrap_err();
        assert!(matches!(error, Refusal::Share { trustee: 1, .. }), "{error}");
        assert!(fork.state().faulty_shares().is_empty());
    }
}

#[test]
fn key_guard_does_nothing_for_another_election_or_other_keys() {
    let mut other = World::referendum(113);
    let mut trustees = std::mem::take(&mut other.trustees);
    let (mut world, mut board, _, mut own) = forks(114);
    let World { operator, secrets, rng, .. } = &mut world;
    for trustee in &mut trustees {
        assert_eq!(trustee.sign_close(board.state(), &[], rng).unwrap_err(), GuardError::OtherKeys);
        assert_eq!(
            attacks::hand_over(trustee, board.state(), rng).unwrap_err(),
            GuardError::OtherKeys
        );
        assert_eq!(trustee.rehearse(board.state(), rng).unwrap_err(), GuardError::OtherKeys);
    }
    let mut new = reshare(&mut board, operator, &mut own, (secrets, 2), rng);
    for trustee in &mut own {
        assert_eq!(trustee.sign_close(board.state(), &[], rng).unwrap_err(), GuardError::OtherKeys);
        assert_eq!(
            attacks::hand_over(trustee, board.state(), rng).unwrap_err(),
            GuardError::OtherKeys
        );
    }
    board.close(operator, &mut new, rng).unwrap();
    board.tally(operator, rng).unwrap();
    for trustee in trustees.iter_mut().chain(&mut own) {
        assert_eq!(trustee.open(board.state(), rng).unwrap_err(), GuardError::OtherKeys);
    }
    new[0].open(board.state(), rng).unwrap();
}

/// New trustees could close another board than this trustee did.
#[test]
fn key_guard_hands_over_on_the_board_that_it_closed_alone() {
    let (mut world, mut board, mut fork, mut trustees) = forks(115);
    let World { operator, secrets, rng, .. } = &mut world;
    let idle = attacks::hand_over(&mut trustees[0], board.state(), rng).unwrap_err();
    assert_eq!(idle, GuardError::NoResharing);
    board.freeze(operator, rng).unwrap();
    trustees[0].sign_close(board.state(), &[], rng).unwrap();
    fork.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    let error = attacks::hand_over(&mut trustees[0], fork.state(), rng).unwrap_err();
    assert!(matches!(error, GuardError::OtherClose { .. }), "{error}");
    // After the close there is nothing to hand over: whoever could deal can open.
    board.close(operator, &mut trustees, rng).unwrap();
    let error = board.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap_err();
    let phase = Phase::Closed;
    assert_eq!(error, Refusal::OutOfPhase { kind: Kind::Reshare, phase }.into());
}

/// The operator names the members. A trustee deals only to those it was told about.
#[test]
fn key_guard_hands_over_to_the_members_that_it_expects() {
    let (mut world, mut board, _, mut trustees) = forks(122);
    let World { operator, secrets, rng, .. } = &mut world;
    let members = entries(secrets);
    let own = Member { name: "me".into(), key: operator.public().clone() };
    let error = board.reshare(operator, &[(&[own], 1)], rng).unwrap_err();
    assert_eq!(error, Refusal::Keys(KeyError::Members).into());
    let named: Vec<_> =
        members.iter().map(|m| Member { name: "Alice".into(), ..m.clone() }).collect();
    let error = board.reshare(operator, &[(&named, 2)], rng).unwrap_err();
    assert_eq!(error, Refusal::Keys(KeyError::Members).into());
    board.reshare(operator, &[(&members, 1)], rng).unwrap();
    let state = board.state();
    let trustee = &mut trustees[0];
    for (members, threshold) in [(&members[..], 2), (&members[1..], 1), (&named, 1)] {
        let error = trustee.hand_over(state, &[(members, threshold)], rng).unwrap_err();
        assert_eq!(error, GuardError::OtherMembers);
    }
    trustee.hand_over(state, &[(&members, 1)], rng).unwrap();
}

/// Old trustees could close this board and new ones another, so whoever handed over leaves the close to the new ones.
#[test]
fn key_guard_closes_nothing_after_it_handed_over() {
    let (mut world, board, mut fork, mut trustees) = forks(119);
    let World { operator, secrets, rng, .. } = &mut world;
    fork.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    attacks::hand_over(&mut trustees[1], fork.state(), rng).unwrap();
    let ceremony = trustees[1].ceremony().clone();
    let sealed = trustees[1].seal(&ceremony, "seven lamps in the harbour", rng).unwrap();
    let mut back = Trustee::unseal(&ceremony, &sealed, "seven lamps in the harbour").unwrap();
    for trustee in [&mut trustees[1], &mut back] {
        for board in [&board, &fork] {
            let error = trustee.sign_close(board.state(), &[], rng).unwrap_err();
            assert_eq!(error, GuardError::HandedOver);
        }
        // A second deal of one epoch would be evidence against it.
        let error = attacks::hand_over(trustee, fork.state(), rng).unwrap_err();
        assert_eq!(error, GuardError::HandedOver);
    }
    // If the others did not complete that resharing, it can try again in another epoch.
    fork.reshare(operator, &[(&entries(secrets), 2)], rng).unwrap();
    attacks::hand_over(&mut trustees[1], fork.state(), rng).unwrap();
}

/// With five shares, a threshold of three and a close quorum of four, four must hand over.
#[test]
fn key_guard_a_close_and_a_hand_over_have_an_honest_trustee_in_common() {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world = World::new(120, (5, 3), &[0; 12], |builder| builder.contest(bridge));
    let mut open = world.open();
    let quorums =
        |ceremony: &Ceremony| (ceremony.close_quorums()[0], ceremony.hand_over_quorums()[0]);
    assert_eq!(quorums(open.state().ceremony().unwrap()), (4, 4));
    for (close, hand_over) in [(3, 5), (4, 4), (5, 3)] {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]);
        let fixed = World::new(121, (5, 3), &[], |b| b.contest(bridge).close_quorum(close));
        assert_eq!(quorums(fixed.trustees[0].ceremony()), (close, hand_over));
    }
    let World { operator, secrets, trustees, rng, .. } = &mut world;
    open.reshare(operator, &[(&entries(secrets), 3)], rng).unwrap();
    assert_eq!(open.state().observer().unwrap().setup().dealers_needed(), [4]);
    for trustee in &mut trustees[..3] {
        let (_, commit) =
            trustee.expose_reshare(open.state().observer().unwrap().setup(), rng).unwrap();
        open.post(&commit, rng).unwrap();
    }
    let error = open.close_round(operator, rng).unwrap_err();
    let too_few =
        KeyError::TooFew { group: String::new(), found: 3, needed: 4, missing: vec![4, 5] };
    assert_eq!(error, BoardError::Refused(Refusal::Keys(too_few)));
}

#[test]
fn key_guard_remembers_at_rest() {
    let (mut world, mut board, mut fork, mut trustees) = forks(116);
    let World { operator, rng, .. } = &mut world;
    let ceremony = trustees[0].ceremony().clone();
    let rest = |trustee: &Trustee, rng: &mut _| {
        let sealed = trustee.seal(&ceremony, "seven lamps in the harbour", rng).unwrap();
        Trustee::unseal(&ceremony, &sealed, "seven lamps in the harbour").unwrap()
    };
    board.freeze(operator, rng).unwrap();
    fork.freeze(operator, rng).unwrap();
    let mut fresh = rest(&trustees[0], rng);
    fresh.sign_close(fork.state(), &[], rng).unwrap();
    trustees[0].sign_close(board.state(), &[], rng).unwrap();
    let mut back = rest(&trustees[0], rng);
    let error = back.sign_close(fork.state(), &[], rng).unwrap_err();
    assert!(matches!(error, GuardError::OtherClose { .. }), "{error}");
    back.sign_close(board.state(), &[], rng).unwrap();

    board.close(operator, &mut trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    back.open(board.state(), rng).unwrap();
    let mut back = rest(&back, rng);
    let share = back.open(board.state(), rng).unwrap();
    board.post(&share, rng).unwrap();
    // A trustee that closed nothing still remembers what it opened.
    let mut cheats: Vec<_> = trustees[1..].iter().map(|t| rest(t, rng)).collect();
    cheats.push(rest(&fresh, rng));
    assert!(fork.close(operator, &mut cheats, rng).is_err());
    let mut back = rest(&back, rng);
    assert!(matches!(back.sign_close(fork.state(), &[], rng), Err(GuardError::OtherClose { .. })));
}

/// A tally in which nothing is opened has no shares.
#[test]
fn key_guard_has_nothing_to_open_when_too_few_voted() {
    let mut world = World::referendum(117);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..1, "yes");
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally: Tally = board.tally(operator, rng).unwrap();
    assert!(tally.opened().is_empty());
    assert_eq!(trustees[0].open(board.state(), rng).unwrap_err(), GuardError::NothingToOpen);
}

/// A board whose tally is being opened.
fn opening(seed: u8) -> (World, Board, Vec<Trustee>) {
    let mut world = World::referendum(seed);
    let mut board = world.open();
    vote(&mut world, &mut board, 0..7, "yes");
    vote(&mut world, &mut board, 7..12, "no");
    let mut trustees = std::mem::take(&mut world.trustees);
    let World { operator, rng, .. } = &mut world;
    board.close(operator, &mut trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    (world, board, trustees)
}

/// A wrong share is kept as evidence and does not count. Its trustee can still send a correct one; the others finish without
/// it.
#[test]
fn decrypt_author_a_signed_wrong_share_names_its_trustee_and_stops_nobody() {
    let (mut world, mut board, mut trustees) = opening(118);
    let rng = &mut world.rng;
    let wrong = wrong_share(&board, &trustees[1], 0, rng);
    let size = board.state().size();
    let accepted = board.post(&wrong, rng).unwrap();
    assert_eq!((accepted.entry, accepted.kind), (size, Kind::Share));
    let d2 = ProofCheck::Equation("DECRYPT.D2");
    assert_eq!(board.state().faulty_shares().clone(), [(2, d2)].into());
    assert_eq!(board.state().shares(), []);
    // Everybody who reads the board sees the same.
    let (state, tally) = (board.state(), board.state().tally().unwrap());
    let (election, ceremony) = (state.election().unwrap(), state.ceremony().unwrap());
    assert_eq!(wrong.fault(election, ceremony, tally, rng), Ok(Some(d2)));
    // It is kept once: neither it nor a similar one can fill the board.
    let refused = Refusal::Share { trustee: 2, check: d2 };
    assert_eq!(board.post(&wrong, rng), Err(refused.clone()));
    let another = wrong_share(&board, &trustees[1], 0, rng);
    assert_ne!(another, wrong);
    assert_eq!(board.post(&another, rng), Err(refused));

    let mut others = board.clone();
    let mut without = vec![trustees.remove(2), trustees.remove(0)];
    let outcome = open(&mut world, &mut others, &mut without);
    assert_eq!(outcome.count("bridge", "yes"), Ok(7));
    assert_eq!(others.state().faulty_shares().len(), 1);
    let [second] = &mut trustees[..] else { panic!() };
    let rng = &mut world.rng;
    // Too few: a wrong share does not count.
    let share = without[0].open(board.state(), rng).unwrap();
    board.post(&share, rng).unwrap();
    let table = tabella::crypto::dlog::DlogTable::new(12);
    assert!(board.finish(&world.operator, &table, rng).is_err());
    let right = second.open(board.state(), rng).unwrap();
    board.post(&right, rng).unwrap();
    assert!(board.state().faulty_shares().is_empty());
    assert_eq!(board.post(&wrong, rng), Err(Refusal::Trustee { number: 2 }));
    assert_eq!(board.post(&right, rng), Err(Refusal::Trustee { number: 2 }));
    let outcome = open(&mut world, &mut board, &mut []);
    assert_eq!((outcome.count("bridge", "yes"), outcome.count("bridge", "no")), (Ok(7), Ok(5)));
    for board in [&board, &others] {
        let expect = tabella::audit::Expect::manifest(world.manifest.hash());
        let report = tabella::audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
        report.into_result().unwrap();
    }
}

/// A share altered by the board or the network is not the trustee's.
#[test]
fn decrypt_author_an_altered_share_is_refused_and_blames_nobody() {
    let (mut world, mut board, mut trustees) = opening(119);
    let rng = &mut world.rng;
    let wrong = wrong_share(&board, &trustees[1], 0, rng).to_bytes();
    let right = trustees[1].open(board.state(), rng).unwrap().to_bytes();
    let before = (board.state().size(), board.state().root());
    for bytes in [&right, &wrong] {
        let mut read = 0;
        let mut bit = 0;
        bit_flips(bytes, |_, flipped| {
            bit += 1;
            if bit % 3 != 0 {
                return;
            }
            let object = [&[Kind::Share as u8], flipped].concat();
            match board.post(&object, rng).unwrap_err() {
                Refusal::Share { .. } => read += 1,
                Refusal::Malformed(_) => {}
                other => panic!("{other}"),
            }
        });
        assert!(read > 300, "{read}");
    }
    for number in [1u16, 3, 0, 4] {
        let renamed = [&[Kind::Share as u8], &number.to_be_bytes()[..], &wrong[2..]].concat();
        let error = board.post(&renamed, rng).unwrap_err();
        assert!(matches!(error, Refusal::Share { .. }), "{error}");
    }
    assert!(board.state().faulty_shares().is_empty() && board.state().shares().is_empty());
    assert_eq!((board.state().size(), board.state().root()), before);
    board.post(&[&[Kind::Share as u8], &right[..]].concat(), rng).unwrap();
}
