//! Attacks on the opening of mixed rows, and on the result.

use attacks::{
    Failing, World,
    dealer::wrong_share,
    forge,
    mixes::{Hall, open, scalars},
};
use curve25519_dalek::Scalar;
use tabella::{
    audit::{self, Check, Expect, Fault},
    board::{Board, GuardError, Kind, Refusal},
    codec::Encode,
    crypto::{ProofCheck, elgamal::Ciphertext, group::Element},
    tally::{MixedCell, Tally},
};

/// A hall in which trustees 1 and 2 have mixed everything.
fn mixed(world: &mut World) -> Hall {
    let mut hall = Hall::new(world);
    let World { trustees, rng, .. } = world;
    hall.board.mix(&trustees[..2], rng).unwrap();
    hall
}

fn tally(hall: &Hall) -> Tally {
    hall.board.state().tally().unwrap().clone()
}

/// In the sums that come first and in each row of each cell, a wrong factor is kept, names its trustee, and the others
/// continue.
#[test]
fn a_share_with_one_wrong_factor_is_skipped_and_named() {
    let mut world = Hall::world(1);
    let hall = mixed(&mut world);
    let mut rng = world.rng.clone();
    let opened = tally(&hall).opened().len();
    // Two sums of the mayor contest; four rows each of one, one and two slots.
    assert_eq!(opened, 2 + 4 + 4 + 8);
    let d2 = ProofCheck::Equation("DECRYPT.D2");
    for place in 0..opened {
        let mut board = hall.board.clone();
        let share = wrong_share(&board, &world.trustees[0], place, &mut rng);
        board.post(&share, &mut rng).unwrap();
        assert_eq!(board.state().faulty_shares().clone(), [(1, d2)].into(), "factor {place}");
        let refused = Refusal::Share { trustee: 1, check: d2 };
        assert_eq!(board.post(&share, &mut rng), Err(refused));
        // An altered copy incriminates nobody.
        let mut fork = hall.board.clone();
        let mut content = share.to_bytes();
        content[2 + 32 * place..2 + 32 * (place + 1)].copy_from_slice(Element::BASE.as_bytes());
        let refused = fork.post(&forge::object(Kind::Share, &content), &mut rng).unwrap_err();
        assert!(matches!(refused, Refusal::Share { trustee: 1, .. }), "{refused:?}");
        assert!(fork.state().faulty_shares().is_empty());
    }
    let mut board = hall.board.clone();
    let share = wrong_share(&board, &world.trustees[0], opened - 1, &mut rng);
    board.post(&share, &mut rng).unwrap();
    for place in [1, 2] {
        let share = world.trustees[place].open(board.state(), &mut rng).unwrap();
        board.post(&share, &mut rng).unwrap();
    }
    let (outcome, report) = open(&mut world, &mut board);
    assert_eq!((report.faulty_shares, report.opened_by), (vec![1], vec![2, 3]));
    assert_eq!(outcome.elected("mayor"), Ok(vec!["ZOË"]));
}

/// A share for the tally without its rows, with rows of another mix, in another order, or of another cell.
#[test]
fn a_share_for_other_rows_opens_nothing_and_frames_nobody() {
    let mut world = Hall::world(2);
    let mut hall = mixed(&mut world);
    let mut rng = world.rng.clone();
    let right = tally(&hall);
    let cells = |change: &dyn Fn(&mut Vec<MixedCell>)| {
        let mut cells = right.mixed().to_vec();
        change(&mut cells);
        hall.tally.clone().with_trusted_rows(cells)
    };
    let values = scalars(1, &mut rng);
    let foreign = Ciphertext::encrypt(
        hall.board.state().cascades()[0].key(),
        &values,
        &Scalar::random(&mut rng),
    );
    let foreign = foreign.unwrap();
    let others = [
        ("without rows", hall.tally.clone()),
        ("with the rows of one cell", cells(&|cells| cells.truncate(1))),
        ("with one row less", cells(&|cells| drop(cells[0].rows.pop()))),
        ("with one row more", cells(&|cells| cells[0].rows.push(foreign.clone()))),
        ("with another row", cells(&|cells| cells[0].rows[3] = foreign.clone())),
        ("in another order", cells(&|cells| cells[1].rows.swap(0, 1))),
        (
            "with rows of two cells exchanged",
            cells(&|cells| {
                let rows = std::mem::take(&mut cells[0].rows);
                cells[0].rows = std::mem::replace(&mut cells[1].rows, rows);
            }),
        ),
        ("with the ballots themselves", cells(&|cells| cells[0].rows = hall.rows[0].clone())),
    ];
    for (name, other) in others {
        assert_ne!(other.hash(), right.hash(), "{name}");
        let share = world.trustees[0].expose_factors(&hall.election, &other, &mut rng).unwrap();
        let object = forge::object(Kind::Share, &share.to_bytes());
        let refused = hall.board.post(&object, &mut rng).unwrap_err();
        let fits = matches!(refused, Refusal::Share { trustee: 1, .. } | Refusal::Malformed(_));
        assert!(fits, "{name}: {refused:?}");
        assert_eq!(
            other.opened().len() == right.opened().len(),
            !matches!(refused, Refusal::Malformed(_))
        );
        assert!(hall.board.state().faulty_shares().is_empty(), "{name}");
    }
    hall.finish(&mut world);
}

/// A trustee opens one tally, rows included: the same ballots in a different mix are another tally.
#[test]
fn key_guard_opens_the_rows_of_one_cascade() {
    let mut world = Hall::world(3);
    let before = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let [mut first, mut second] = [before.clone(), before];
    for hall in [&mut first, &mut second] {
        hall.board.mix(&world.trustees[..2], &mut rng).unwrap();
    }
    let trustee = &mut world.trustees[0];
    assert!(trustee.open(first.board.state(), &mut rng).is_ok());
    assert_eq!(trustee.open(second.board.state(), &mut rng), Err(GuardError::OtherTally));
    assert!(trustee.open(first.board.state(), &mut rng).is_ok());
}

/// Offsets in the result of [`Hall`]: two totals and the turnout, then the rows of its cells, then the elected.
const RESULT_ROWS: usize = 16 + 36;

#[test]
fn a_result_that_says_other_than_the_opened_rows_is_refused() {
    let mut world = Hall::world(8);
    let hall = mixed(&mut world);
    let mut board = hall.board.clone();
    let outcome = open(&mut world, &mut board).0;
    let mut opened = hall.board.clone();
    // The shares come before the result.
    for entry in hall.board.state().size()..board.state().size() - 1 {
        let share = board.entry(entry).unwrap().to_vec();
        opened.post(&share, &mut world.rng).unwrap();
    }
    let content = outcome.to_bytes();
    let (rows, elected) = (RESULT_ROWS, RESULT_ROWS + 32 * (4 + 4 + 8));
    let total = |cell| Refusal::WrongTotal { cell };
    type Change = fn(&mut Vec<u8>);
    let cases: [(&str, Change, Refusal); 9] = [
        (
            "an element",
            |c| c[RESULT_ROWS..RESULT_ROWS + 32].copy_from_slice(&Element::BASE.as_bytes()[..]),
            total(0),
        ),
        ("no element", |c| c[RESULT_ROWS..RESULT_ROWS + 32].fill(0xff), total(0)),
        ("nothing", |c| c[RESULT_ROWS + 32..RESULT_ROWS + 64].fill(0), total(0)),
        (
            "rows of the council in another order",
            |c| c[RESULT_ROWS..RESULT_ROWS + 128].rotate_left(32),
            total(0),
        ),
        (
            "rows of the jury in another order",
            |c| c[RESULT_ROWS + 128..RESULT_ROWS + 256].rotate_left(32),
            total(1),
        ),
        (
            "votes and name of a row change places",
            |c| c[RESULT_ROWS + 256..RESULT_ROWS + 320].rotate_left(32),
            total(2),
        ),
        ("a vote of an option", |c| c[7] += 1, total(2)),
        (
            "rows of two cells change places",
            |c| c[RESULT_ROWS..RESULT_ROWS + 256].rotate_left(128),
            total(0),
        ),
        (
            "another elected",
            |c| {
                let at = c.len() - (4 + 4 + 4) - 2 * 9 + 8;
                assert_eq!(c[at], b'b');
                c[at] = b'c';
            },
            Refusal::WrongElected { contest: 0 },
        ),
    ];
    assert_eq!(
        &content[elected..],
        [
            &[0, 0, 0, 1, 0, 0, 0, 1, b'b', 0, 0, 0, 1, 0, 0, 0, 1, b'a'][..],
            &[0, 0, 0, 1, 0, 0, 0, 4],
            "ZOË".as_bytes()
        ]
        .concat()
    );
    let mut post = |content: &[u8], board: &mut Board| {
        let World { operator, manifest, rng, .. } = &mut world;
        let object = board.state().sign(operator, manifest, Kind::Result, content, rng).unwrap();
        let result = board.post(&object, rng).map(drop);
        if let Err(refusal) = &result {
            let mut log = forge::Log::default();
            (0..board.state().size()).for_each(|entry| log.entry(board.entry(entry).unwrap()));
            log.append(&object);
            let report = audit::run(&log.bytes, &Expect::default(), rng).unwrap();
            let [finding] = &report.findings[..] else { panic!("{report}") };
            let refusal = refusal.clone();
            let fault = Fault::Refused { kind: Some(Kind::Result), voter: None, refusal };
            assert_eq!(finding.fault, fault);
            return (result, Some(finding.check));
        }
        (result, None)
    };
    for (name, change, refusal) in cases {
        let mut content = content.clone();
        change(&mut content);
        let check = match refusal {
            Refusal::WrongElected { .. } => Check::ResultElected,
            _ => Check::ResultTotals,
        };
        let name = name.to_string();
        assert_eq!(post(&content, &mut opened), (Err(refusal), Some(check)), "{name}");
    }
    for (name, range, more) in [
        ("a row is missing", rows..rows + 32, &[][..]),
        ("all rows are missing", rows..elected, &[]),
        ("nobody is elected who is not named", elected..content.len(), &[]),
        ("somebody is elected twice", content.len()..content.len(), &[0, 0, 0, 0]),
    ] {
        let mut content = content.clone();
        content.splice(range, more.iter().copied());
        let (result, check) = post(&content, &mut opened);
        assert!(matches!(result, Err(Refusal::Malformed(_))), "{name}: {result:?}");
        assert_eq!(check, Some(Check::ResultTotals));
    }
    assert_eq!(post(&content, &mut opened), (Ok(()), None));
}

/// A failing generator says nothing about anybody.
#[test]
fn a_failing_generator_takes_and_refuses_no_mix() {
    let mut world = Hall::world(9);
    let mut hall = Hall::new(&mut world);
    let mut rng = world.rng.clone();
    let mix = hall.mix(&world.trustees[0], 0, &mut rng);
    let object = forge::object(Kind::Mix, &mix);
    let mut failing = Failing { rng: rng.clone(), left: 0 };
    assert_eq!(hall.board.post(&object, &mut failing), Err(Refusal::Randomness));
    assert!(hall.by().concat().is_empty() && hall.faulty().is_empty());
    assert_eq!(hall.post(&mix, &mut rng), Ok(()));
}
