//! Attacks with mixes in the wrong place: by the wrong trustee, too early, too late, twice, or made for another board.

use attacks::{
    World, forge, handover,
    mixes::{Hall, Task, invalid, with_a_row_replaced},
};
use rand_chacha::ChaCha20Rng;
use tabella::{
    audit::{self, Check, Expect, Fault, Finding},
    ballot::Header,
    board::{Board, GuardError, Kind, Phase, Refusal},
    codec::Encode,
    keys::Recipient,
    tally::MixError,
};

type Cheat = fn(&Task<'_>, &mut ChaCha20Rng) -> Vec<u8>;

#[test]
fn a_mix_in_the_wrong_place_is_refused_and_names_nobody() {
    let mut world = Hall::world(6);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let by = |trustee: usize, cell, hall: &Hall, world: &World, rng: &mut ChaCha20Rng| {
        hall.mix(&world.trustees[trustee - 1], cell, rng)
    };
    let with = |mix: &[u8], at: usize, bytes: &[u8]| {
        let mut mix = mix.to_vec();
        mix[at..at + bytes.len()].copy_from_slice(bytes);
        mix
    };
    let mix = |trustee, cell, error| Err(Refusal::Mix { trustee, cell, error });
    let position = |found, expected| MixError::Position { found, expected };
    let unsigned = MixError::Signature;
    let one = by(1, 0, &hall, &world, &mut rng);

    let cases = [
        ("nobody's", with(&one, 0, &0u16.to_be_bytes()), Err(Refusal::Trustee { number: 0 })),
        ("a stranger's", with(&one, 0, &4u16.to_be_bytes()), Err(Refusal::Trustee { number: 4 })),
        ("another trustee's", with(&one, 0, &2u16.to_be_bytes()), mix(2, 0, unsigned)),
        ("another cell's", with(&one, 2, &1u32.to_be_bytes()), mix(1, 1, unsigned)),
        ("no cell's", with(&one, 2, &3u32.to_be_bytes()), mix(1, 3, MixError::NotWaiting)),
        (
            "no cell's at all",
            with(&one, 2, &u32::MAX.to_be_bytes()),
            mix(1, u32::MAX as usize, MixError::NotWaiting),
        ),
        ("too early", with(&one, 6, &1u16.to_be_bytes()), mix(1, 0, position(1, 0))),
        (
            "much too early",
            with(&one, 6, &u16::MAX.to_be_bytes()),
            mix(1, 0, position(u16::MAX, 0)),
        ),
    ];
    for (name, content, expected) in cases {
        assert_eq!(hall.post(&content, &mut rng), expected, "{name}");
        assert!(hall.faulty().is_empty(), "{name}");
    }

    // Trustee 2 also mixes the ballots, but trustee 1 was first.
    let stale = by(2, 0, &hall, &world, &mut rng);
    assert_eq!(hall.post(&one, &mut rng), Ok(()));
    assert_eq!(hall.post(&stale, &mut rng), mix(2, 0, position(0, 1)));
    // Moved to the open place, it has no signature for that place.
    let moved = with(&stale, 6, &1u16.to_be_bytes());
    assert_eq!(hall.post(&moved, &mut rng), mix(2, 0, unsigned));
    // The mix of trustee 1 again, at its place and at the next; and another one.
    assert_eq!(hall.post(&one, &mut rng), mix(1, 0, position(0, 1)));
    let next = with(&one, 6, &1u16.to_be_bytes());
    assert_eq!(hall.post(&next, &mut rng), mix(1, 0, MixError::Again));
    let task = hall.task(&world, 1, 0);
    let again = task.done(&task.honest(&mut rng), &mut rng);
    assert_eq!(hall.post(&again, &mut rng), mix(1, 0, MixError::Again));
    // Nor is a second mix that is wrong accepted.
    let wrong = with_a_row_replaced(&hall.task(&world, 1, 0), &mut rng);
    assert_eq!(hall.post(&wrong, &mut rng), mix(1, 0, MixError::Again));
    assert!(hall.faulty().is_empty());

    let fresh = by(2, 0, &hall, &world, &mut rng);
    let third = by(3, 0, &hall, &world, &mut rng);
    assert_eq!(hall.post(&fresh, &mut rng), Ok(()));
    // The cell is complete; others still wait.
    assert_eq!(hall.post(&third, &mut rng), mix(3, 0, MixError::NotWaiting));
    assert_eq!(hall.by(), [vec![1, 2], vec![], vec![]]);
    let (_, report) = hall.finish(&mut world);
    assert!(report.faulty_mixes.is_empty());
    assert_eq!(report.mixed[0].by, [1, 2]);
}

/// Keys, ballots or earlier mixes differ there; the signature says which.
#[test]
fn a_mix_of_another_board_frames_nobody() {
    let mut world = Hall::world(7);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..3 {
        let ballot = world.ballot(&election, voter, &Header::remote(0), &Hall::choices(voter));
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let mut halls = [0, 3].map(|choice| {
        let (mut fork, choices) = (board.clone(), Hall::choices(choice));
        let ballot = world.ballot(&election, 3, &Header::remote(0), &choices);
        fork.post(&ballot, &mut world.rng).unwrap();
        // On the fork somebody makes all trustees sign, which no honest one would do.
        let World { operator, secrets, rng, .. } = &mut world;
        fork.freeze(operator, rng).unwrap();
        let place = fork.state().frozen().unwrap();
        let keys = *fork.state().ceremony().unwrap().hash();
        for (author, number) in secrets.iter().zip(1..) {
            let signature = forge::close_signature(&election, &keys, number, place, author, rng);
            let content = forge::close_content(number, &signature);
            // Once a quorum has signed, it is closed.
            if fork.state().closed().is_none() {
                fork.post(&forge::object(Kind::Close, &content), rng).unwrap();
            }
        }
        Hall::tallied(&mut world, fork)
    });
    let mut rng = world.rng.clone();
    let other = halls[1].mix(&world.trustees[0], 0, &mut rng);
    let unsigned = MixError::Signature;
    let refusal = |trustee| Err(Refusal::Mix { trustee, cell: 0, error: unsigned });
    assert_eq!(halls[0].post(&other, &mut rng), refusal(1));

    // The same ballots after another mix.
    let [hall, _] = &mut halls;
    let mut fork = hall.clone();
    for hall in [&mut *hall, &mut fork] {
        let first = hall.mix(&world.trustees[0], 0, &mut rng);
        assert_eq!(hall.post(&first, &mut rng), Ok(()));
    }
    let second = fork.mix(&world.trustees[1], 0, &mut rng);
    assert_eq!(hall.post(&second, &mut rng), refusal(2));
    assert_eq!(fork.post(&second, &mut rng), Ok(()));
    assert!(halls.iter().all(|hall| hall.faulty().is_empty()));

    // Another election with the same mixers.
    let mut twin = Hall::world_with(7, |builder| builder.title("twin"));
    assert!(twin.secrets.iter().zip(&world.secrets).all(|(a, b)| a.public() == b.public()));
    let other = Hall::new(&mut twin).mix(&twin.trustees[0], 1, &mut rng);
    let mut hall = halls[0].clone();
    let refused = Refusal::Mix { trustee: 1, cell: 1, error: unsigned };
    assert_eq!(hall.post(&other, &mut rng), Err(refused));
}

#[test]
fn a_faulty_mixer_may_mend_it_or_be_replaced() {
    let mut world = Hall::world(8);
    let hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let wrong = |hall: &Hall, trustee, cell, rng: &mut ChaCha20Rng| {
        with_a_row_replaced(&hall.task(&world, trustee, cell), rng)
    };
    // Trustee 1 corrects it; trustee 2 is also wrong at the second place, and trustee 3 takes it.
    let mut mended = hall.clone();
    let content = wrong(&mended, 1, 0, &mut rng);
    mended.post(&content, &mut rng).unwrap();
    let right = mended.mix(&world.trustees[0], 0, &mut rng);
    assert_eq!(mended.post(&right, &mut rng), Ok(()));
    assert!(mended.faulty().is_empty());
    let content = wrong(&mended, 2, 0, &mut rng);
    assert_eq!(mended.post(&content, &mut rng), Ok(()));
    // Wrong again in another cell, where it is the first time.
    let content = wrong(&mended, 2, 1, &mut rng);
    assert_eq!(mended.post(&content, &mut rng), Ok(()));
    let s4 = invalid("MIX.S4");
    assert_eq!(mended.faulty(), [(2, 0, s4), (2, 1, s4)]);
    let mut rng2 = rng.clone();
    // Everybody is wrong once before anybody is right.
    let mut all = hall.clone();
    for trustee in 1..=3 {
        let content = wrong(&all, trustee, 1, &mut rng2);
        assert_eq!(all.post(&content, &mut rng2), Ok(()));
    }
    assert_eq!(all.faulty(), [1, 2, 3].map(|trustee| (trustee, 1, s4)));

    let (_, report) = mended.finish(&mut world);
    assert_eq!(report.mixed[0].by, [1, 3]);
    assert_eq!(report.faulty_mixes, [(2, 0), (2, 1)]);
    let text = report.to_string();
    assert!(text.contains("\nfault     trustee 2 sent a mix of cell 1 that is wrong\n"), "{text}");
    let (_, report) = all.finish(&mut world);
    // Those who were right in the end are not named.
    assert_eq!(report.mixed[1].by, [1, 2]);
    assert_eq!(report.faulty_mixes, [(3, 1)]);
}

#[test]
fn mixes_come_between_tally_and_shares() {
    let mut world = Hall::world(9);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..4 {
        let ballot = world.ballot(&election, voter, &Header::remote(0), &Hall::choices(voter));
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let voting = board.clone();
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let closed = board.clone();
    let mut hall = Hall::tallied(&mut world, board);
    let mut rng = world.rng.clone();
    let mix = hall.mix(&world.trustees[0], 0, &mut rng);
    let object = forge::object(Kind::Mix, &mix);
    let refuses = |board: &mut Board, object: &[u8], rng: &mut ChaCha20Rng| {
        let (kind, _) = Kind::split(object).unwrap();
        let phase = board.state().phase();
        assert_eq!(board.post(object, rng).unwrap_err(), Refusal::OutOfPhase { kind, phase });
        assert!(board.state().faulty_mixes().next().is_none());
        phase
    };
    assert_eq!(refuses(&mut voting.clone(), &object, &mut rng), Phase::Voting);
    assert_eq!(refuses(&mut closed.clone(), &object, &mut rng), Phase::Closed);

    // Nobody opens while a mix is missing, not even the sums alone.
    let early = world.trustees[0].expose_factors(&election, &hall.tally, &mut rng).unwrap();
    let early = forge::object(Kind::Share, &early.to_bytes());
    for (place, cell) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)] {
        assert_eq!(refuses(&mut hall.board, &early, &mut rng), Phase::Mixing);
        let guard = GuardError::Phase { found: Phase::Mixing, expected: Phase::Opening };
        assert_eq!(world.trustees[2].open(hall.board.state(), &mut rng), Err(guard));
        let mix = hall.mix(&world.trustees[place], cell, &mut rng);
        hall.post(&mix, &mut rng).unwrap();
    }
    assert_eq!(refuses(&mut hall.board, &object, &mut rng), Phase::Opening);
    // A share of the sums is not a share of everything.
    let refused = hall.board.post(&early, &mut rng).unwrap_err();
    assert!(matches!(refused, Refusal::Malformed(_)), "{refused:?}");
    let tally = forge::object(Kind::Tally, &hall.tally.to_bytes());
    assert_eq!(refuses(&mut hall.board, &tally, &mut rng), Phase::Opening);
    let late =
        world.ballot(&election, 3, &Header { sequence: 1, ..Header::remote(0) }, &Hall::choices(3));
    assert_eq!(hall.board.post(&late, &mut rng), Err(Refusal::Closed));
    hall.finish(&mut world);
}

/// An audit detects a share in the place of a missing mix.
#[test]
fn a_record_with_too_few_mixes_is_refused() {
    let mut world = Hall::world(10);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    for (place, cell) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)] {
        let mix = hall.mix(&world.trustees[place], cell, &mut rng);
        hall.post(&mix, &mut rng).unwrap();
    }
    let share = world.trustees[0].expose_factors(&hall.election, &hall.tally, &mut rng).unwrap();
    let mut log = forge::Log::default();
    for entry in 0..hall.board.state().size() {
        log.entry(hall.board.entry(entry).unwrap());
    }
    let entry = log.tree.size();
    log.append(&forge::object(Kind::Share, &share.to_bytes()));
    let report = audit::run(&log.bytes, &Expect::default(), &mut rng).unwrap();
    let refusal = Refusal::OutOfPhase { kind: Kind::Share, phase: Phase::Mixing };
    let fault = Fault::Refused { kind: Some(Kind::Share), voter: None, refusal };
    let expected = Finding { check: Check::RecordOrder, entry: Some(entry), fault };
    assert_eq!(report.findings, [expected], "{report}");
    let status = |check| report.status(check);
    assert_eq!(status(Check::MixesProofs), audit::Status::NotReached);
    assert_eq!(report.mixed.iter().map(|mixed| mixed.by.len()).collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn a_trustee_mixes_only_what_waits_for_it() {
    let mut world = Hall::world(11);
    let board = world.open();
    let mut rng = world.rng.clone();
    let phase = |found| GuardError::Phase { found, expected: Phase::Mixing };
    let prepare = |world: &World, board: &Board, cell, rng: &mut ChaCha20Rng| {
        world.trustees[0].prepare_mix(board.state(), cell, rng).map(drop)
    };
    assert_eq!(prepare(&world, &board, 0, &mut rng), Err(phase(Phase::Voting)));
    let mut hall = Hall::new(&mut world);
    let trustee = &world.trustees[0];
    for cell in [3, usize::MAX] {
        assert_eq!(prepare(&world, &hall.board, cell, &mut rng), Err(GuardError::NotWaiting));
    }
    let [first, second, third] =
        [0; 3].map(|_| trustee.prepare_mix(hall.board.state(), 0, &mut rng).unwrap());
    let mix = trustee.mix(hall.board.state(), 0, first, &mut rng).unwrap();
    hall.board.post(&mix, &mut rng).unwrap();
    let refused = trustee.mix(hall.board.state(), 0, second, &mut rng);
    assert_eq!(refused, Err(GuardError::MixedBefore));
    // Prepared for more rows or for other keys, or used too late.
    let refused = trustee.mix(hall.board.state(), 2, third, &mut rng);
    assert_eq!(refused, Err(GuardError::OtherCell));
    let mix = world.trustees[1].prepare_mix(hall.board.state(), 0, &mut rng).unwrap();
    let mix = world.trustees[1].mix(hall.board.state(), 0, mix, &mut rng).unwrap();
    hall.board.post(&mix, &mut rng).unwrap();
    assert_eq!(prepare(&world, &hall.board, 0, &mut rng), Err(GuardError::NotWaiting));

    // Shares of another ceremony.
    let stranger = Hall::world(12).trustees.remove(0);
    let refused = stranger.prepare_mix(hall.board.state(), 1, &mut rng);
    assert_eq!(refused.map(drop), Err(GuardError::OtherKeys));
    let prepared = world.trustees[0].prepare_mix(hall.board.state(), 1, &mut rng).unwrap();
    let refused = stranger.mix(hall.board.state(), 1, prepared, &mut rng);
    assert_eq!(refused, Err(GuardError::OtherKeys));
}

/// Trustees without shares, or not with shares any more, cannot mix. The threshold is that of the keys in force.
#[test]
fn only_holders_of_the_keys_in_force_mix() {
    let mut world = Hall::world(13);
    let mut board = handover::started(&mut world);
    let World { operator, roll, rng, .. } = &mut world;
    board.post_roll(roll, operator, rng).unwrap();
    let election = board.election().unwrap().clone();
    for voter in 0..4 {
        let ballot = world.ballot(&election, voter, &Header::remote(0), &Hall::choices(voter));
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (heirs, _) = handover::people(4, &mut world.rng);
    let World { operator, trustees, rng, .. } = &mut world;
    let new = handover::reshare(&mut board, operator, trustees, (&heirs, 3), rng);
    let old = std::mem::replace(trustees, new);
    let first = election.ceremony().unwrap().clone();
    let mut hall = Hall::closed(&mut world, board);
    let mut rng = world.rng.clone();
    assert!(hall.board.state().cascades().iter().all(|cascade| cascade.needed() == 3));

    let refused = old[0].prepare_mix(hall.board.state(), 0, &mut rng);
    assert_eq!(refused.map(drop), Err(GuardError::OtherKeys));
    let prepared = world.trustees[0].prepare_mix(hall.board.state(), 0, &mut rng).unwrap();
    let refused = old[0].mix(hall.board.state(), 0, prepared, &mut rng);
    assert_eq!(refused, Err(GuardError::OtherKeys));
    // The first of the old trustees with its number, for the old keys and for the new ones; and a new one for the old keys.
    let unsigned = MixError::Signature;
    let task = hall.task(&world, 1, 0);
    let by_old = Task { ceremony: &first, ..task.clone() };
    let mut mixes = vec![
        (by_old.done(&by_old.honest(&mut rng), &mut rng), unsigned),
        // The proof is valid, since it needs no trustee's secret, but nobody signed it.
        (task.done(&task.honest(&mut rng), &mut rng), MixError::Signature),
    ];
    let by_new = Task { author: &heirs[0], ..by_old };
    mixes.push((by_new.done(&by_new.honest(&mut rng), &mut rng), unsigned));
    let refusal = |error| Err(Refusal::Mix { trustee: 1, cell: 0, error });
    // Everything but the author's key is that of the new trustee. The key is also in the transcript.
    for (place, (content, error)) in mixes.into_iter().enumerate() {
        let found = hall.post(&content, &mut rng);
        assert!(found == refusal(error) && hall.faulty().is_empty(), "{place}: {found:?}");
    }
    for place in [3, 0, 2] {
        assert_eq!(hall.board.state().phase(), Phase::Mixing);
        for cell in 0..3 {
            let mix = hall.mix(&world.trustees[place], cell, &mut rng);
            assert_eq!(hall.post(&mix, &mut rng), Ok(()));
        }
    }
    assert_eq!(hall.board.state().phase(), Phase::Opening);
    assert_eq!(hall.by(), [[4, 1, 3]; 3]);
    let share = world.trustees[3].open(hall.board.state(), &mut rng).unwrap();
    hall.board.post(&share, &mut rng).unwrap();
    let (outcome, report) = hall.finish(&mut world);
    assert_eq!(outcome.elected("council"), Ok(vec!["b"]));
    assert!(report.mixed.iter().all(|mixed| mixed.by == [4, 1, 3]));
}

#[test]
fn who_is_out_mixes_nothing() {
    let mut world = Hall::world(14);
    let World { manifest, operator, secrets, ceremony, roll, rng, .. } = &mut world;
    let mut board = Board::new();
    board.post_manifest(manifest, operator, rng).unwrap();
    for commit in &ceremony.commits {
        board.post(commit, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    // Trustee 2 does not publish its deal.
    for place in [0, 2] {
        board.post(&ceremony.deals[place], rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap().clone();
    let holders = [1, 3].map(|number: u16| {
        let secret = &secrets[usize::from(number) - 1];
        Recipient::new(observer.setup(), number, secret).unwrap().finish(&observer).unwrap()
    });
    for trustee in &holders {
        board.post(&trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.post_roll(roll, operator, rng).unwrap();
    world.trustees = holders.into();
    let election = board.election().unwrap().clone();
    for voter in 0..4 {
        let ballot = world.ballot(&election, voter, &Header::remote(0), &Hall::choices(voter));
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let mut hall = Hall::closed(&mut world, board);
    let mut rng = world.rng.clone();
    for cheat in [with_a_row_replaced as Cheat, |task, rng| task.done(&task.honest(rng), rng)] {
        let content = cheat(&hall.task(&world, 2, 0), &mut rng);
        assert_eq!(hall.post(&content, &mut rng), Err(Refusal::Trustee { number: 2 }));
    }
    for trustee in &world.trustees {
        for cell in 0..3 {
            let mix = hall.mix(trustee, cell, &mut rng);
            assert_eq!(hall.post(&mix, &mut rng), Ok(()));
        }
    }
    assert_eq!(hall.by(), [[1, 3]; 3]);
}

/// What is prepared for one cell and used for another contains other keys. Nobody is blamed for the mistake.
#[test]
fn a_preparation_for_another_cell_makes_no_mix_that_is_kept() {
    let mut world = Hall::world(15);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let (trustee, state) = (&world.trustees[0], hall.board.state());
    let prepared = trustee.prepare_mix(state, 1, &mut rng).unwrap();
    if let Ok(mix) = trustee.mix(state, 0, prepared, &mut rng) {
        let refused = hall.post(&mix.to_bytes(), &mut rng);
        assert!(matches!(refused, Err(Refusal::Mix { trustee: 1, cell: 0, .. })), "{refused:?}");
        assert!(hall.faulty().is_empty());
    }
    let mix = hall.mix(&world.trustees[0], 0, &mut rng);
    assert_eq!(hall.post(&mix, &mut rng), Ok(()));
}
