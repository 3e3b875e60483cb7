//! Bytes that are not a record, or no longer the one written: they are never accepted, never cause a panic, and never take
//! more memory than their size justifies.

use attacks::{
    World,
    forge::{FIRST_BALLOT, Log, Plan, object},
    rng,
};
use proptest::prelude::*;
use sha3::{Digest, Sha3_256};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    collections::BTreeSet,
    sync::LazyLock,
};
use tabella::{
    audit::{self, Audit, AuditError, Check, Expect, Fault, Report},
    ballot::{Choices, Header},
    board::{Kind, Refusal, ReplayError},
    codec::{DecodeError, DecodeErrorKind, Encode},
    contest::Contest,
    crypto::signature::AuthorSecret,
    keys::{KeyError, Recipient},
    log::{Bytes, Entries, LogError, Torn, entry::Assembler, merkle::Root},
    manifest::{Builder, ManifestReadError, Member},
    roll::{Registration, RollError},
};

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

/// Notes the largest allocation of each thread.
struct Noting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = LARGEST.try_with(|largest| largest.set(largest.get().max(layout.size())));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

/// The result of `work`, if no single allocation is larger than bytes of this size justify.
#[track_caller]
fn in_little_memory<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    LARGEST.set(0);
    let result = work();
    let (largest, most) = (LARGEST.get(), 64 * bytes + (1 << 20));
    assert!(largest <= most, "{largest} bytes were taken at once for {bytes}");
    result
}

/// The smallest election with every kind of object but a complaint, and its root: one trustee who rehearses, hands its share
/// over to another, and erases it; one voter, one ballot.
static SMALL: LazyLock<(Vec<u8>, Root)> = LazyLock::new(|| {
    let contest = Contest::choose_one("q", ["y", "n"]);
    let build = |b: Builder| b.contest(contest).minimum_cell(1).rehearsals(1);
    let mut world = World::new(1, (1, 1), &[0], build);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("q", "y");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    board.post(&ballot, &mut world.rng).unwrap();
    let World { operator, trustees, rng, .. } = &mut world;
    let heir = AuthorSecret::random(rng).unwrap();
    let member = Member { name: "heir".into(), key: heir.public().clone() };
    board.reshare(operator, &[(&[member], 1)], rng).unwrap();
    let (dealer, commit) = attacks::hand_over(&mut trustees[0], board.state(), rng).unwrap();
    board.post(&commit, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let deal = dealer.deal(board.state().observer().unwrap()).unwrap();
    board.post(&deal, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap();
    let new = Recipient::new(observer.setup(), 1, &heir).unwrap().finish(observer).unwrap();
    board.post(&new.confirm(rng).unwrap(), rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let old = std::mem::replace(&mut trustees[0], new);
    board.post(&old.erase(rng).unwrap(), rng).unwrap();
    board.freeze(operator, rng).unwrap();
    board.lift(operator, rng).unwrap();
    world.finish(&mut board, &[0]);
    (board.bytes().to_vec(), board.state().root())
});

#[test]
fn the_smallest_election_has_all_kinds_but_complaints_and_spoils() {
    let kinds: BTreeSet<u8> = Entries::new(&SMALL.0).map(|entry| entry.unwrap()[0]).collect();
    // And those of mixes.
    let without = [Kind::Complaint, Kind::SpoilRequest, Kind::SpoilOpening, Kind::Mix];
    let without = without.map(|kind| kind as u8);
    let all = (1..=21).filter(|kind| !without.contains(kind));
    assert_eq!(kinds, all.collect());
}

fn audit(bytes: &[u8], expect: &Expect) -> Result<Report, AuditError> {
    audit::run(bytes, expect, &mut rng(1))
}

fn partial() -> Expect {
    Expect { partial: true, ..Expect::default() }
}

/// The entry and the refusal at which an audit stops.
#[track_caller]
fn refusal(log: &Log) -> (u64, Refusal) {
    let report = audit(&log.bytes, &partial()).unwrap();
    match &report.findings[..] {
        [finding] => match &finding.fault {
            Fault::Refused { refusal, .. } => (finding.entry.unwrap(), refusal.clone()),
            other => panic!("{other}"),
        },
        _ => panic!("{report}"),
    }
}

/// Where a record is torn, if nothing else is wrong with it.
#[track_caller]
fn tear(report: &Report) -> Torn {
    assert!(!report.is_accepted());
    match &report.findings[..] {
        [finding] => match &finding.fault {
            Fault::Log(LogError::Torn { file, torn }) => {
                assert_eq!((finding.check, file.as_str()), (Check::RecordForm, ""));
                assert_eq!(finding.entry, Some(report.size));
                *torn
            }
            other => panic!("{other}"),
        },
        _ => panic!("{report}"),
    }
}

#[test]
fn a_record_cut_anywhere_is_torn_or_incomplete() {
    let (bytes, _) = &*SMALL;
    let whole = audit(bytes, &Expect::default()).unwrap();
    assert!(whole.is_accepted(), "{whole}");
    // The offsets of all entries, and the end of the last one.
    let mut entries = Entries::new(bytes);
    let mut starts = vec![0];
    while entries.next().is_some() {
        starts.push(entries.at());
    }
    assert_eq!(starts.pop(), Some(bytes.len()));
    // Audits that stopped behind each entry, and go on from there.
    let begun = [Expect::default(), partial()].map(|expect| {
        let mut audit = Audit::new(&expect);
        let begun = (0..starts.len() as u64).map(|entries| {
            assert!(audit.advance(&mut Bytes::new(bytes), entries, &mut rng(1)).unwrap());
            assert_eq!(audit.size(), entries);
            audit.clone()
        });
        (expect, begun.collect::<Vec<_>>())
    });
    for end in 0..bytes.len() {
        let cut = &bytes[..end];
        let whole = starts.iter().rposition(|start| *start <= end).unwrap();
        let start = starts[whole];
        if start == end {
            let report = audit(cut, &Expect::default()).unwrap();
            assert!(!report.is_accepted());
            assert_eq!(report.findings[0].check, Check::RecordComplete);
            assert_eq!(audit(cut, &partial()).unwrap().is_accepted(), end > 0);
            continue;
        }
        let missing = match bytes[start..end] {
            [_] => 1,
            [..] => {
                let length = u16::from_be_bytes([bytes[start], bytes[start + 1]]);
                start + 2 + usize::from(length) - end
            }
        };
        let torn = Torn { at: start, missing };
        for (expect, begun) in &begun {
            let mut goes_on = begun[whole].clone();
            assert!(!goes_on.advance(&mut Bytes::new(cut), u64::MAX, &mut rng(1)).unwrap());
            assert_eq!(tear(&goes_on.report()), torn);
            // From the start, where least and most of an entry is left.
            if end == start + 1 || missing == 1 {
                assert_eq!(tear(&audit(cut, expect).unwrap()), torn);
            }
        }
        assert_eq!(tabella::board::replay(cut, &mut rng(1)).unwrap_err(), ReplayError::Torn(torn));
    }
}

/// Neither an audit nor a replay accepts a record with a changed byte, even if no root is expected: everything is hashed,
/// signed or proven.
fn change(place: usize, mask: u8) {
    let (bytes, root) = &*SMALL;
    let mut changed = bytes.clone();
    changed[place] ^= mask;
    in_little_memory(bytes.len(), || {
        if let Ok(report) = audit(&changed, &Expect::default()) {
            assert!(!report.is_accepted(), "byte {place} ^ {mask}\n{report}");
            assert_ne!(report.root, *root);
        }
        if let Ok(board) = tabella::board::replay(&changed, &mut rng(1)) {
            panic!("byte {place} ^ {mask}: {:?}", board.state().phase());
        }
    });
}

#[test]
fn a_record_changed_anywhere_is_refused() {
    let (bytes, _) = &*SMALL;
    // Since the step does not divide 32, it reaches every part of points and scalars.
    for place in (0..bytes.len()).step_by(13) {
        change(place, 1 << (place % 8));
    }
    // Lengths and kinds of all entries.
    let mut entries = Entries::new(bytes);
    while let (at, Some(_)) = (entries.at(), entries.next()) {
        [at, at + 1, at + 2].iter().for_each(|place| change(*place, 1));
        change(at + 2, 0xff);
    }
}

#[test]
#[ignore = "takes a minute"]
fn every_byte_of_a_record_counts() {
    for place in 0..SMALL.0.len() {
        [1, 0x80, 0xff].iter().for_each(|mask| change(place, *mask));
    }
}

#[test]
fn a_record_with_something_behind_its_end_is_refused() {
    let (bytes, root) = &*SMALL;
    let entries = Entries::new(bytes).count() as u64;
    for (extra, at, missing) in [(&[0][..], 0, 1), (&[0, 2, 9], 0, 1), (&[0xff, 0xff], 0, 65_535)] {
        let torn = Torn { at: bytes.len() + at, missing };
        let longer = [bytes, extra].concat();
        assert_eq!(tear(&audit(&longer, &partial()).unwrap()), torn);
    }
    // Whole entries: an empty one, one of an unknown kind, and the result again.
    let last = Entries::new(bytes).last().unwrap().unwrap();
    let cases = [
        (&[][..], Check::RecordForm),
        (&[0], Check::RecordForm),
        (&[24], Check::RecordForm),
        (&[0xfe], Check::RecordForm),
        (&[0xff], Check::RecordForm),
        (&[5], Check::RecordOrder),
        (last, Check::RecordOrder),
    ];
    for (extra, check) in cases {
        let mut log = Log::default();
        Entries::new(bytes).for_each(|entry| log.entry(entry.unwrap()));
        assert_eq!(log.tree.root(), *root);
        log.entry(extra);
        let report = audit(&log.bytes, &Expect::default()).unwrap();
        assert!(!report.is_accepted());
        let found: Vec<_> = report.findings.iter().map(|f| (f.check, f.entry)).collect();
        assert_eq!(found, [(check, Some(entries))], "{extra:?}\n{report}");
        assert!(tabella::board::replay(&log.bytes, &mut rng(1)).is_err());
    }
}

#[test]
fn a_record_of_nothing_is_refused() {
    for expect in [Expect::default(), partial()] {
        let report = audit(&[], &expect).unwrap();
        assert!(!report.is_accepted() && report.size == 0);
        assert_eq!(report.findings[0].check, Check::RecordComplete);
        // One empty entry.
        let report = audit(&[0, 0], &expect).unwrap();
        assert!(!report.is_accepted() && report.size == 1);
        assert_eq!(report.findings[0].check, Check::RecordForm);
        let kind = DecodeErrorKind::Truncated { missing: 1 };
        assert_eq!(report.findings[0].fault, Fault::Form(DecodeError::new(0, kind)));
    }
    // An empty board can be posted to, but there is nothing to audit.
    assert_eq!(tabella::board::replay(&[], &mut rng(1)).unwrap().state().size(), 0);
}

#[test]
fn headers_of_large_objects_take_no_memory_and_no_other_form() {
    let header = |kind: u8, length: u64, chunks: u32| {
        let mut header = vec![0xfe, kind];
        header.extend_from_slice(&length.to_be_bytes());
        header.extend_from_slice(&Sha3_256::digest(b""));
        header.extend_from_slice(&chunks.to_be_bytes());
        header
    };
    let push = |entry: &[u8]| in_little_memory(entry.len(), || Assembler::default().push(entry));
    let max = 1 << 30;
    for length in [max + 1, u32::MAX.into(), 1 << 60, u64::MAX] {
        let kind = DecodeErrorKind::Value { found: length, max };
        for chunks in [0, 1, u32::MAX, length.div_ceil(65_534) as u32] {
            assert_eq!(push(&header(4, length, chunks)), Err(DecodeError::new(2, kind)));
        }
    }
    let not_canonical = |at| Err(DecodeError::new(at, DecodeErrorKind::NotCanonical));
    // An object that fits into one entry is one.
    for length in [0, 1, 65_535] {
        assert_eq!(push(&header(4, length, 1)), not_canonical(2));
    }
    for chunks in [0, 1, 3, u32::MAX] {
        let result = push(&header(4, 65_536, chunks));
        assert!(matches!(result, Err(DecodeError { kind: DecodeErrorKind::NotCanonical, .. })));
    }
    assert_eq!(push(&header(4, 65_536, 2)), Ok(None));
    assert_eq!(push(&header(4, max, 16_385)), Ok(None));
    let longer = [header(4, 65_536, 2), vec![0]].concat();
    let kind = DecodeErrorKind::Trailing { extra: 1 };
    assert_eq!(push(&longer), Err(DecodeError::new(46, kind)));
    for end in 1..46 {
        assert!(push(&header(4, 65_536, 2)[..end]).is_err());
    }
    // A header alone is an incomplete object.
    let mut log = Log::default();
    log.entry(&header(1, max, 16_385));
    let report = in_little_memory(46, || audit(&log.bytes, &partial())).unwrap();
    assert_eq!(report.findings[0].fault, Fault::Incomplete);
    assert_eq!(
        tabella::board::replay(&log.bytes, &mut rng(1)).unwrap_err(),
        ReplayError::Incomplete
    );
}

/// The objects of a town, and its plan.
fn town() -> (Plan, Vec<Vec<u8>>) {
    planned(Plan::town)
}

/// The same for a town that reshares.
fn reshared_town() -> (Plan, Vec<Vec<u8>>) {
    planned(Plan::reshared_town)
}

fn planned(plan: fn(&mut World) -> Plan) -> (Plan, Vec<Vec<u8>>) {
    let mut world = World::town(2);
    let plan = plan(&mut world);
    let log = plan.write(&mut world.rng);
    let entries = Entries::new(&log.bytes).map(|entry| entry.unwrap().to_vec()).collect();
    (plan, entries)
}

/// The log of these entries, followed by a signed object.
fn with_signed(plan: &Plan, entries: &[Vec<u8>], kind: Kind, content: &[u8]) -> Log {
    let mut log = Log::default();
    entries.iter().for_each(|entry| log.entry(entry));
    log.signed(kind, content, &plan.manifest, &plan.operator, &mut rng(3));
    log
}

/// Counts are checked before memory is allocated, even in signed objects.
#[test]
fn counts_beyond_the_bytes_are_refused() {
    let (plan, entries) = reshared_town();
    let signed = |entry: usize| entries[entry][1..entries[entry].len() - 64].to_vec();
    let forged = |entry: usize, at: usize, found: u32| {
        let mut content = signed(entry);
        content[at..at + 4].copy_from_slice(&found.to_be_bytes());
        let kind = Kind::split(&entries[entry]).unwrap().0;
        let log = with_signed(&plan, &entries[..entry], kind, &content);
        let (place, refusal) = in_little_memory(log.bytes.len(), || refusal(&log));
        assert_eq!(place, entry as u64);
        refusal
    };
    let count = |at, found: u32, cap| {
        let kind = DecodeErrorKind::Count { found: found.into(), cap };
        DecodeError::new(at, kind)
    };
    let beyond = |found: u32, each: usize, left: usize| DecodeErrorKind::Truncated {
        missing: found as usize * each - left,
    };
    let max = u32::MAX;

    let roll = FIRST_BALLOT as usize - 1;
    let error = RollError::Bytes(count(0, max, 10_000_000));
    assert_eq!(forged(roll, 0, max), Refusal::Roll(error));
    let kind = beyond(10_000_000, Registration::BYTES, 6 * Registration::BYTES);
    let error = RollError::Bytes(DecodeError::new(0, kind));
    assert_eq!(forged(roll, 0, 10_000_000), Refusal::Roll(error));

    // The members of a resharing, and the letters of the first member's name.
    let place = |kind: Kind| entries.iter().position(|entry| entry[0] == kind as u8).unwrap();
    let reshare = place(Kind::Reshare);
    for found in [256, max] {
        assert_eq!(forged(reshare, 2, found), Refusal::Malformed(count(2, found, 255)));
    }
    let kind = beyond(255, 100, 4 * 106);
    assert_eq!(forged(reshare, 2, 255), Refusal::Malformed(DecodeError::new(2, kind)));
    for found in [401, max] {
        assert_eq!(forged(reshare, 6, found), Refusal::Malformed(count(6, found, 400)));
    }

    // A tally and its counts are compared, not read.
    let tally = place(Kind::Tally);
    assert_eq!(forged(tally, 0, max), Refusal::WrongSum { cell: 4 });
    assert_eq!(forged(tally, 8, max), Refusal::WrongSum { cell: 0 });
    // The lists of the turnout, after ten totals.
    let result = entries.len() - 1;
    for at in [80, 100, 120] {
        for found in [3, max] {
            assert_eq!(forged(result, at, found), Refusal::Malformed(count(at, found, 2)));
        }
    }
}

/// Overwrites every four bytes of a manifest, including all its counts and lengths.
#[test]
fn counts_and_lengths_in_a_manifest_are_refused() {
    let (plan, _) = town();
    let bytes = plan.manifest.to_bytes();
    let (mut counts, mut others) = (0, Vec::new());
    for at in 0..bytes.len() - 3 {
        let mut changed = bytes.clone();
        changed[at..at + 4].fill(0xff);
        let log = with_signed(&plan, &[], Kind::Manifest, &changed);
        let (_, refusal) = in_little_memory(log.bytes.len(), || refusal(&log));
        let error = match refusal {
            Refusal::Manifest(error) => error,
            // The minimum cell and the maxima of options can have this value, but it is not the signed manifest then.
            Refusal::Signature { .. } => {
                others.push(at);
                continue;
            }
            other => panic!("{at}: {other}"),
        };
        if let ManifestReadError::Bytes(DecodeError { at: place, kind, .. }) = error
            && let DecodeErrorKind::Count { found, .. } = kind
            && (place, found) == (at, u32::MAX.into())
        {
            counts += 1;
        }
    }
    // One for the minimum cell and one for proxies; each maximum has four places that hold its lower bytes.
    assert_eq!(others.len(), 2 + 6 * 4, "{others:?}");
    // Lists: languages, groups of trustees, trustees, districts, stations, contests, options of both, styles, contests of both; groups, marks and limits
    // of contests, groups of options, limits of styles, and two questions of contests. Strings: id, title; names of the group and of trustees; id and name of districts and stations;
    // id and title of contests; id and name of options and of the mark; ids of styles. Each name and title is a list, too, and so are
    // questions and details that are not there.
    let (lists, strings) = (11 + 3 * 2 + 4 + 2 + 2, 2 + 4 + 4 + 4 + 4 + 2 * 4 + 2 + 2);
    assert_eq!(counts, lists + strings + 1 + 2 + 2 + 2 + 4 + 1 + 2 + 4);
}

/// Without a count, no size is trusted: the manifest determines how much of a deal is read.
#[test]
fn messages_of_a_ceremony_that_are_too_long_or_too_short_take_no_memory() {
    let (_, entries) = reshared_town();
    for (place, entry) in entries.iter().enumerate() {
        let kinds = [Kind::Commit, Kind::Deal, Kind::Confirmation, Kind::Rehearsal, Kind::Erasure];
        if !kinds.contains(&Kind::split(entry).unwrap().0) {
            continue;
        }
        let mut log = Log::default();
        entries[..place].iter().for_each(|entry| log.entry(entry));
        let (mut short, mut long) = (log.clone(), log);
        short.append(&entry[..1]);
        // As an object of three chunks.
        long.append(&[&entry[..], &vec![7; 150_000]].concat());
        for log in [short, long] {
            let (at, refusal) = in_little_memory(log.bytes.len(), || refusal(&log));
            assert_eq!(at, place as u64);
            let bad =
                matches!(refusal, Refusal::Malformed(_) | Refusal::Keys(KeyError::BadDeal { .. }));
            assert!(bad, "{place}: {refusal}");
        }
    }
}

#[test]
fn points_that_are_none_are_named() {
    let (_, entries) = reshared_town();
    let first = |kind: Kind| entries.iter().position(|entry| entry[0] == kind as u8).unwrap();
    let ballot = FIRST_BALLOT as usize;
    // One point of each kind: R of signatures, R, X, A, P. Offsets are those after the kind.
    for (entry, at) in [
        (first(Kind::Commit), 34),
        (first(Kind::Confirmation), 2),
        (first(Kind::Rehearsal), 2),
        (ballot, 7),
        (ballot, 39),
        (first(Kind::Erasure), 6),
        (first(Kind::Share), 2),
    ] {
        for (log, error) in without_a_point(&entries, entry, at) {
            // The voter is looked up before any point of a ballot is decoded.
            let expected = match (entry, at) == (ballot, 7) {
                true => Refusal::UnknownVoter,
                false => Refusal::Malformed(error),
            };
            assert_eq!(refusal(&log), (entry as u64, expected));
        }
    }
    // The first F of a deal: its dealer did not commit to these bytes.
    let entry = first(Kind::Deal);
    for (log, error) in without_a_point(&entries, entry, 2) {
        let fault = tabella::keys::PartyFault::UnreadableDeal(error);
        let refused = Refusal::Keys(KeyError::BadDeal { dealer: 1, fault });
        assert_eq!(refusal(&log), (entry as u64, refused));
    }
}

/// Records that end with an entry with an invalid point, and what is wrong with it.
fn without_a_point(entries: &[Vec<u8>], entry: usize, at: usize) -> [(Log, DecodeError); 3] {
    let not = DecodeErrorKind::NotAnElement;
    [(0xff, not), (1, not), (0, DecodeErrorKind::Identity)].map(|(fill, kind)| {
        let mut log = Log::default();
        entries[..entry].iter().for_each(|entry| log.entry(entry));
        let mut changed = entries[entry].clone();
        changed[1 + at..33 + at].fill(fill);
        log.entry(&changed);
        (log, DecodeError::new(at, kind))
    })
}

#[test]
fn objects_with_bytes_behind_them_are_refused() {
    let (_, entries) = reshared_town();
    for (place, entry) in entries.iter().enumerate() {
        let mut log = Log::default();
        entries[..place].iter().for_each(|entry| log.entry(entry));
        let mut shorter = log.clone();
        log.entry(&[&entry[..], &[0]].concat());
        shorter.entry(&entry[..entry.len() - 1]);
        for log in [log, shorter] {
            let report = audit(&log.bytes, &partial()).unwrap();
            assert!(!report.is_accepted());
            assert_eq!(report.findings.len(), 1, "{report}");
            assert_eq!(report.findings[0].entry, Some(place as u64));
        }
    }
}

/// Entries of any bytes, often with a kind that exists.
fn any_entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let kind = prop_oneof![1..=19u8, Just(0xfe), Just(0xff), any::<u8>()];
    let entry = (kind, prop::collection::vec(any::<u8>(), 0..200))
        .prop_map(|(kind, rest)| [vec![kind], rest].concat());
    prop::collection::vec(prop_oneof![9 => entry, 1 => Just(Vec::new())], 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for expect in [Expect::default(), partial()] {
            if let Ok(report) = audit(&bytes, &expect) {
                prop_assert!(!report.is_accepted());
            }
        }
        let replayed = tabella::board::replay(&bytes, &mut rng(1));
        prop_assert_eq!(replayed.is_ok(), bytes.is_empty());
    }

    /// After the honest entries of any phase.
    #[test]
    fn any_entries_are_refused(place: prop::sample::Index, any in any_entries(), last: bool) {
        let (bytes, _) = &*SMALL;
        let honest: Vec<_> = Entries::new(bytes).map(Result::unwrap).collect();
        let mut log = Log::default();
        let phase = place.index(honest.len() - 1);
        honest[..=phase].iter().for_each(|entry| log.entry(entry));
        any.iter().for_each(|entry| log.entry(entry));
        if last {
            honest[phase + 1..].iter().for_each(|entry| log.entry(entry));
        }
        let report = in_little_memory(log.bytes.len(), || audit(&log.bytes, &partial())).unwrap();
        prop_assert_eq!(report.is_accepted(), any.is_empty(), "{}", report);
        prop_assert_eq!(tabella::board::replay(&log.bytes, &mut rng(1)).is_ok(), any.is_empty());
    }

    /// It may continue after an error, and is not harmed by it.
    #[test]
    fn an_assembler_survives_any_entries(any in any_entries(), length in 0..200_000u64, chunks in 0..5u32) {
        let mut header = vec![0xfe, 4];
        header.extend_from_slice(&length.to_be_bytes());
        header.extend_from_slice(&[7; 32]);
        header.extend_from_slice(&chunks.to_be_bytes());
        let mut assembler = Assembler::default();
        let chunk = vec![0xff; 65_535];
        let wrong = std::iter::repeat_n(&chunk, 4);
        for entry in any.iter().chain([&header]).chain(wrong).chain(&any) {
            if let Ok(Some(object)) = assembler.push(entry) {
                prop_assert!(assembler.is_complete());
                prop_assert!(&object == entry, "the hash of chunks is wrong");
            }
        }
    }
}

#[test]
fn an_object_is_good_as_one_kind_only() {
    let (bytes, _) = &*SMALL;
    let honest: Vec<_> = Entries::new(bytes).map(Result::unwrap).collect();
    for (place, entry) in honest.iter().enumerate() {
        for kind in 1..=18u8 {
            if kind == entry[0] {
                continue;
            }
            let mut log = Log::default();
            honest[..place].iter().for_each(|entry| log.entry(entry));
            let kind = Kind::split(&[kind]).unwrap().0;
            log.append(&object(kind, &entry[1..]));
            assert!(!audit(&log.bytes, &partial()).unwrap().is_accepted());
        }
    }
}
