//! Attacks on an audit with parts: no saved part may hide what a full audit finds.

use attacks::{
    World,
    forge::{Log as Forged, Plan},
};
use tabella::{
    audit::{self, Audit, Check, Expect, Status},
    board::{Board, Kind, State},
    codec::{Decode, Encode},
    contest::Contest,
    log::{Bytes, LogError, ReadLog},
    roll::{Credential, Registration, encode_registrations},
};

/// A record that ends with a roll in which one voter does not prove possession of the key.
fn with_bad_roll() -> (World, Vec<u8>) {
    let bridge = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world =
        World::new(21, (1, 1), &[0; 3], |builder| builder.minimum_cell(1).contest(bridge));
    let good = world.open();
    let mut state = State::new();
    let mut log = Forged::default();
    // Everything but the roll, the last object.
    let last = good.state().size() - 1;
    for index in 0..last {
        let entry = good.entry(index).unwrap();
        state.apply(entry, |_| None, &mut world.rng).unwrap();
        log.entry(entry);
    }
    let mut bytes = world.roll[1].to_bytes();
    let stolen = Credential::random(&mut world.rng).unwrap();
    bytes[..32].copy_from_slice(stolen.public().as_bytes());
    world.roll[1] = Registration::from_bytes(&bytes).unwrap();
    let content = encode_registrations(&world.roll);
    let object =
        state.sign(&world.operator, &world.manifest, Kind::Roll, &content, &mut world.rng).unwrap();
    log.append(&object);
    (world, log.bytes)
}

#[test]
fn a_roll_that_was_refused_is_refused_again_by_the_part() {
    let (mut world, bytes) = with_bad_roll();
    let expect = Expect { partial: true, ..Expect::default() };
    let mut first = Audit::new(&expect);
    first.advance(&mut Bytes::new(&bytes), u64::MAX, &mut world.rng).unwrap();
    let part = first.part();
    let report = first.report();
    assert_eq!(report.status(Check::RollValid), Status::Failed);
    let Some(part) = part else { return };
    let mut second = Audit::with_parts(&expect, [part]);
    second.advance(&mut Bytes::new(&bytes), u64::MAX, &mut world.rng).unwrap();
    let again = second.report();
    assert!(!again.is_accepted(), "{again}");
    assert_eq!(again.findings, report.findings);
}

/// A part whose entries were never compared with the record's has no effect.
#[test]
fn a_report_in_the_middle_of_a_part_does_not_accept() {
    let mut world = World::town(22);
    let plan = Plan::town(&mut world);
    let bytes = plan.write(&mut world.rng).bytes;
    let expect = Expect { partial: true, ..Expect::default() };
    let mut first = Audit::new(&expect);
    first.advance(&mut Bytes::new(&bytes), 23, &mut world.rng).unwrap();
    let part = first.part().unwrap();
    // The proof of the ballot at entry 20 is invalid here.
    let mut forged = Forged::default();
    let mut log = Bytes::new(&bytes);
    for index in 0..24 {
        let mut entry = log.entry(index).unwrap().unwrap();
        if index == 20 {
            let last = entry.len() - 32;
            entry[last] ^= 1;
        }
        forged.entry(&entry);
    }
    let whole = audit::run(&forged.bytes, &expect, &mut world.rng).unwrap();
    assert!(!whole.is_accepted(), "{whole}");
    let mut second = Audit::with_parts(&expect, [part]);
    second.advance(&mut Bytes::new(&forged.bytes), 22, &mut world.rng).unwrap();
    let report = second.report();
    assert!(!report.is_accepted(), "{report}");
}

#[test]
fn receipts_that_were_not_compared_have_not_passed() {
    let mut world = World::town(23);
    let mut board = world.town_board();
    let other = {
        let mut other = World::town(23);
        let mut board = other.open();
        let election = board.election().unwrap().clone();
        let ballot = other.town_ballots(&election).pop().unwrap();
        let _ = ballot;
        let ballots = other.town_ballots(&election);
        board.post(&ballots[1], &mut other.rng).unwrap();
        board.receipt(&other.operator, board.state().size() - 1, &mut other.rng).unwrap()
    };
    world.finish(&mut board, &[0, 2]);
    let expect = Expect { receipts: vec![other.into()], ..Expect::default() };
    let whole = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert_eq!(whole.status(Check::BallotReceipts), Status::Failed, "{whole}");
    let mut audit = Audit::new(&expect);
    audit.advance(&mut Bytes::new(board.bytes()), board.state().size(), &mut world.rng).unwrap();
    let report = audit.report();
    assert_ne!(report.status(Check::BallotReceipts), Status::Passed, "{report}");
    assert!(!report.is_accepted());
}

/// A log whose disk fails when an earlier entry is looked up.
struct Ailing<'a> {
    log: Bytes<'a>,
    next: u64,
}

impl ReadLog for Ailing<'_> {
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError> {
        if index < self.next {
            return Err(LogError::Storage { file: "board".into(), reason: "cable".into() });
        }
        self.next = index + 1;
        self.log.entry(index)
    }
}

/// A failing disk of the auditor says nothing about the record.
#[test]
fn a_failing_disk_is_no_fault_of_the_record() {
    let mut world = World::town(24);
    let board = world.town_board();
    let expect = Expect { partial: true, ..Expect::default() };
    let mut audit = Audit::new(&expect);
    // Replaced ballots of another batch must be looked up.
    let mut log = Ailing { log: Bytes::new(board.bytes()), next: 0 };
    let result = audit.advance(&mut log, u64::MAX, &mut world.rng);
    assert!(matches!(result, Err(audit::AuditError::Storage(_))), "{result:?}: {}", audit.report());
}

#[allow(dead_code)]
fn unused(_: Board) {}

/// A saved part in a damaged file neither crashes the audit nor changes its findings.
#[test]
fn a_damaged_part_makes_nothing_pass() {
    let mut world = World::town(25);
    let plan = Plan::town(&mut world);
    let bytes = plan.write(&mut world.rng).bytes;
    let right = audit::run(&bytes, &Expect::default(), &mut world.rng).unwrap();
    assert!(right.is_accepted());
    let mut audit = Audit::new(&Expect::default());
    audit.advance(&mut Bytes::new(&bytes), 23, &mut world.rng).unwrap();
    let part = audit.part().unwrap();
    let good = part.to_bytes();
    let (mut changed, mut accused, mut same) = (0, 0, 0);
    for bit in (0..good.len() * 8).step_by(41) {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(part) = audit::Part::from_bytes(&flipped) else { continue };
        let mut audit = Audit::with_parts(&Expect::default(), [part]);
        audit.advance(&mut Bytes::new(&bytes), u64::MAX, &mut world.rng).unwrap();
        let report = audit.report();
        match report.status(Check::RecordExpected) {
            Status::Failed => changed += 1,
            _ if report.is_accepted() => same += 1,
            _ => {
                accused += 1;
                if accused < 6 {
                    println!("{:?}", report.findings);
                }
            }
        }
        if report.is_accepted() {
            assert_eq!(report.outcome, right.outcome);
        }
    }
    println!("{changed} changed, {accused} accused, {same} same");
    assert_eq!(accused, 0);
}
