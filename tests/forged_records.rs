//! Forged records. The forger has the secrets of the operator and of all trustees, cheats once, and makes everything that
//! follows consistent: tree, hashes, signatures, sums, shares. The audit names exactly this cheat.
//!
//! The tests also show what an audit cannot detect by itself, and what it must be given to detect it.

use attacks::{
    Failing, World,
    cheats::*,
    forge::{FIRST_BALLOT, Forgery, Log, Plan, object},
    rng,
};
use curve25519_dalek::Scalar;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use tabella::{
    audit::{self, AuditError, Check, Expect, Fault, Finding, Known, Report, Status},
    board::{Board, Kind, Phase, Refusal, ReplayError},
    keys::{Conviction, KeyError, Party, Recipient},
    log::{
        Entries,
        merkle::{Head, Root, Tree},
    },
    manifest::ManifestHash,
    roll::{Credential, VoterKey},
    views,
};

fn found(report: &Report) -> Vec<(Check, u64)> {
    report.findings.iter().map(|f| (f.check, f.entry.unwrap_or(NOWHERE))).collect()
}

#[test]
fn the_honest_plan_is_accepted() {
    let mut world = World::town(1);
    let plan = Plan::town(&mut world);
    let log = plan.write(&mut world.rng);
    let expect = Expect {
        size: Some(SIZE),
        root: Some(log.tree.root()),
        ..Expect::manifest(world.manifest.hash())
    };
    let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.size, report.root), (SIZE, log.tree.root()));
    assert_eq!((report.ballots, report.replaced), (5, 1));
    assert_eq!(report.opened_by, [1, 3]);
    let passed = |check: &Check| BEYOND.contains(check) || report.status(*check) == Status::Passed;
    assert!(Check::ALL.iter().all(passed), "{report}");
    let outcome = report.outcome.unwrap();
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Ok(2), Ok(2)));
    assert_eq!(outcome.turnout().ballots(), 4);
}

#[test]
fn the_honest_plan_of_a_resharing_is_accepted() {
    let mut world = World::town(1);
    let log = Plan::reshared_town(&mut world).write(&mut world.rng);
    let report = audit::run(&log.bytes, &Expect::manifest(world.manifest.hash()), &mut world.rng);
    let report = report.unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.size, report.ballots, report.replaced), (reshared::SIZE, 5, 1));
    assert_eq!(
        (report.opened_by.as_slice(), report.erased.as_slice()),
        (&[1, 3][..], &[(0, 1), (0, 2)][..])
    );
    // The new trustees were not asked.
    assert!(report.rehearsals.iter().all(|(epoch, ..)| *epoch == 0) && report.found.is_empty());
    let outcome = report.outcome.unwrap();
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Ok(2), Ok(2)));
}

/// Some cheat fails each check of the audit, and each cheat fails only that check.
#[test]
fn forged_records_are_refused_by_the_check_that_they_break() {
    let mut world = World::town(1);
    let (manifest, rng) = (Expect::manifest(world.manifest.hash()), &mut rng(0));
    let honest = Plan::town(&mut world).write(rng).tree.root();
    let mut failed = BTreeSet::new();
    let towns =
        FAMILIES.into_iter().flatten().map(|cheat| (cheat, Plan::town as fn(&mut World) -> Plan));
    let reshared = RESHARING_CHEATS.iter().map(|cheat| (cheat, Plan::reshared_town as _));
    for ((name, cheat, expected), honest) in towns.chain(reshared) {
        let mut plan = honest(&mut world);
        cheat(&mut plan, &mut world);
        let log = plan.write(rng);
        let report = audit::run(&log.bytes, &manifest, rng).unwrap();
        assert!(!report.is_accepted(), "{name}");
        assert_eq!(found(&report), *expected, "{name}\n{report}");
        assert_eq!((report.size, report.root), (log.tree.size(), log.tree.root()), "{name}");
        failed.extend(Check::ALL.into_iter().filter(|c| report.status(*c) == Status::Failed));
        // A record that yields no board is also refused by whoever continues it.
        let about_entries = expected.iter().all(|(_, entry)| *entry != NOWHERE);
        assert_eq!(tabella::board::replay(&log.bytes, rng).is_err(), about_entries, "{name}");
    }
    for (name, cheat) in COLLUSIONS {
        let mut plan = Plan::town(&mut world);
        cheat(&mut plan, &mut world);
        let log = plan.write(rng);
        let report = audit::run(&log.bytes, &manifest, rng).unwrap();
        assert!(report.is_accepted(), "{name}\n{report}");
        let expect = Expect { root: Some(honest), ..manifest.clone() };
        let report = audit::run(&log.bytes, &expect, rng).unwrap();
        assert!(!report.is_accepted(), "{name}");
        assert_eq!(found(&report), [(Check::RecordExpected, NOWHERE)], "{name}\n{report}");
        failed.insert(Check::RecordExpected);
    }
    failed.extend(BEYOND);
    assert_eq!(failed, Check::ALL.into());
}

/// The numbers of the checks with this status.
fn numbers(report: &Report, status: Status) -> Vec<u8> {
    let checks = Check::ALL.into_iter().filter(|check| report.status(*check) == status);
    checks.map(Check::number).collect()
}

/// How far an audit of each part of a record gets: a size, the phase from that size on, and the checks not reached.
type Steps = [(usize, Phase, &'static [u8])];

/// Checks that are not asked for are not listed.
const STEPS: &Steps = &[
    (
        0,
        Phase::Empty,
        &[3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 29, 30],
    ),
    (
        1,
        Phase::Committing,
        &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 29, 30],
    ),
    (
        5,
        Phase::Dealing,
        &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 29, 30],
    ),
    (
        9,
        Phase::Complaining,
        &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 29, 30],
    ),
    (
        10,
        Phase::Confirming,
        &[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 27, 28, 29, 30],
    ),
    (14, Phase::Enrolling, &[9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 23, 27, 28, 29, 30]),
    (19, Phase::Voting, &[15, 16, 17, 18, 19, 27, 28]),
    (25, Phase::Frozen, &[15, 16, 17, 18, 19, 27, 28]),
    (28, Phase::Closed, &[16, 17, 18, 19, 27, 28]),
    (29, Phase::Opening, &[18, 19, 28]),
    (32, Phase::Finished, &[]),
];

const RESHARED_STEPS: &Steps = &[
    (0, Phase::Empty, STEPS[0].2),
    (1, Phase::Committing, STEPS[1].2),
    (5, Phase::Dealing, STEPS[2].2),
    (9, Phase::Complaining, STEPS[3].2),
    (10, Phase::Confirming, STEPS[4].2),
    (14, Phase::Enrolling, STEPS[5].2),
    // The resharing, from its order to the last erasure, happens during the vote.
    (19, Phase::Voting, STEPS[6].2),
    (40, Phase::Frozen, STEPS[7].2),
    (43, Phase::Closed, STEPS[8].2),
    (44, Phase::Opening, STEPS[9].2),
    (47, Phase::Finished, &[]),
];

#[test]
fn a_part_of_a_record_passes_what_it_reaches() {
    let mut world = World::town(3);
    let town = Plan::town(&mut world).write(&mut world.rng);
    let reshared = Plan::reshared_town(&mut world).write(&mut world.rng);
    for (log, steps) in [(town, STEPS), (reshared, RESHARED_STEPS)] {
        parts_pass(&log, steps, &mut world);
    }
}

fn parts_pass(log: &Log, steps: &Steps, world: &mut World) {
    let entries: Vec<_> = tabella::log::Entries::new(&log.bytes).map(Result::unwrap).collect();
    assert_eq!(entries.len(), steps.last().unwrap().0);
    for size in 0..=entries.len() {
        let mut part = Log::default();
        entries[..size].iter().for_each(|entry| part.entry(entry));
        let (_, phase, beyond) = *steps.iter().rfind(|(first, ..)| *first <= size).unwrap();
        let audit = |partial, rng: &mut _| {
            let expect = Expect { partial, ..Expect::default() };
            audit::run(&part.bytes, &expect, rng).unwrap()
        };
        let report = audit(true, &mut world.rng);
        // Without a manifest there is not even part of an election.
        assert_eq!(report.is_accepted(), size > 0, "{size} entries\n{report}");
        assert_eq!(numbers(&report, Status::NotReached), beyond, "{size} entries");
        let not_asked: &[u8] = if size == 0 || phase == Phase::Finished {
            &[4, 6, 24, 25, 26]
        } else {
            &[4, 6, 20, 24, 25, 26]
        };
        assert_eq!(numbers(&report, Status::NotAsked), not_asked, "{size} entries");
        assert_eq!(numbers(&report, Status::Failed).is_empty(), size > 0);
        assert_eq!(report.clone().into_result().is_ok(), size > 0);
        assert_eq!(report.size, size as u64);

        let report = audit(false, &mut world.rng);
        let whole = size == entries.len();
        assert_eq!(report.is_accepted(), whole);
        assert_eq!(numbers(&report, Status::NotReached), beyond, "{size} entries");
        let fault = Fault::NoResult { phase };
        let missing = Finding { check: Check::RecordComplete, entry: None, fault };
        assert_eq!(report.findings, if whole { vec![] } else { vec![missing] });
    }
}

/// Whoever breaks the rules of the ceremony is out and named, and the record is valid without them.
#[test]
fn whoever_is_out_of_the_ceremony_is_named_by_the_audit() {
    let mut world = World::town(10);
    let mut plan = Plan::town(&mut world);
    let deal = unpromised(&mut plan, &mut world, 1);
    // What the two remaining members would do alone.
    let (commits, deals) = (plan.keys.commits.clone(), plan.keys.deals.clone());
    let World { manifest, operator, secrets, roll, rng, .. } = &mut world;
    let mut board = Board::new();
    board.post_manifest(manifest, operator, rng).unwrap();
    for commit in &commits {
        board.post(commit, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.post(&deals[0], rng).unwrap();
    board.post(&object(Kind::Deal, &deal), rng).unwrap();
    board.post(&deals[2], rng).unwrap();
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap().clone();
    let left = [1, 3].map(|number: u16| {
        let secret = &secrets[usize::from(number) - 1];
        let recipient = Recipient::new(observer.setup(), number, secret).unwrap();
        recipient.finish(&observer).unwrap()
    });
    let out = Recipient::new(observer.setup(), 2, &secrets[1]).unwrap().finish(&observer);
    assert_eq!(out.unwrap_err(), KeyError::Out { number: 2 });
    for trustee in &left {
        board.post(&trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.ask(operator, rng).unwrap();
    for trustee in &left {
        board.post(&trustee.rehearse(board.state(), rng).unwrap(), rng).unwrap();
    }
    board.post_roll(roll, operator, rng).unwrap();
    let mut left = left;
    board.close(operator, &mut left, rng).unwrap();
    let report = audit::run(
        board.bytes(),
        &Expect { partial: true, ..Expect::manifest(manifest.hash()) },
        rng,
    );
    let report = report.unwrap();
    assert!(report.is_accepted(), "{report}");
    let fault = tabella::keys::PartyFault::WrongCommit;
    assert_eq!(report.found, [(0, Conviction { party: Party::Dealer(2), fault })]);
    assert_eq!(report.rehearsals, [(0, 1, 1), (0, 3, 1)]);
    assert!(
        report
            .to_string()
            .contains("\nfault     epoch 0: dealer 2 showed another deal than it committed to\n")
    );
}

#[test]
fn every_bad_ballot_is_reported_with_its_voter() {
    let mut world = World::town(4);
    let mut plan = Plan::town(&mut world);
    let [two, five] = [2, 5].map(|voter| *world.voters[voter].public());
    let election = plan.election();
    let honest = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    let forgery = Forgery { signer: Scalar::ONE, ..honest.clone() };
    plan.ballots.insert(0, forgery.bytes(&election, &mut world.rng));
    let wrong = vote(&plan, &mut world, 5, &remote(0, 0));
    plan.ballots.insert(3, wrong);
    plan.ballots.insert(4, vec![0; 9]);
    // A valid one right after invalid ones, of a voter whose name was used.
    plan.ballots.insert(5, honest.bytes(&election, &mut world.rng));
    plan.ballots.push(plan.ballots[5].clone());
    let log = plan.write(&mut world.rng);
    let report = audit::run(&log.bytes, &Expect::default(), &mut world.rng).unwrap();

    let refused = |voter: Option<VoterKey>, refusal| {
        let kind = Some(Kind::Ballot);
        Fault::Refused { kind, voter, refusal }
    };
    let finding = |check, entry, fault| Finding { check, entry: Some(entry), fault };
    let v2 = Refusal::Proof(tabella::crypto::ProofCheck::Equation("BALLOT.V2"));
    let style = Refusal::WrongStyle { found: 0, expected: 1 };
    let Fault::Refused { refusal: malformed, .. } = &report.findings[2].fault else {
        panic!("{report}")
    };
    assert!(matches!(malformed, Refusal::Malformed(_)));
    let again = Refusal::AlreadyOnBoard { entry: 24 };
    let expected = [
        finding(Check::BallotProof, 19, refused(Some((&two).into()), v2)),
        finding(Check::BallotVoter, 22, refused(Some((&five).into()), style)),
        finding(Check::BallotForm, 23, refused(None, malformed.clone())),
        finding(Check::BallotUnique, 28, refused(Some((&two).into()), again)),
    ];
    assert_eq!(report.findings, expected, "{report}");
    assert_eq!((report.ballots, report.replaced), (6, 1));
    // What is signed after refused ballots is not judged.
    assert_eq!(numbers(&report, Status::Failed), [10, 11, 12, 14]);
    assert_eq!(numbers(&report, Status::NotReached), [15, 16, 17, 18, 19, 20, 27, 28]);
    assert_eq!((report.outcome.as_ref(), report.opened_by.len()), (None, 0));
    let text = report.to_string();
    for line in [
        "\nballots   6 accepted, 1 of them replaced\n",
        "\n  12 ballot.proof       FAILED\n",
        "\n  13 ballot.sequence    passed\n",
        "\n  15 close.quorum       not reached\n",
        &format!("\nballot.proof: entry 19: ballot of {}: ", VoterKey::from(&two)),
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn a_forged_total_leaves_the_checks_before_it_passed() {
    let mut world = World::town(5);
    let mut plan = Plan::town(&mut world);
    edit(&mut plan, Kind::Result, 0, |content| add(content, 0, 1));
    let log = plan.write(&mut world.rng);
    let report = audit::run(&log.bytes, &Expect::default(), &mut world.rng).unwrap();
    assert_eq!(numbers(&report, Status::Failed), [18]);
    assert_eq!(numbers(&report, Status::NotReached), [19, 20, 28]);
    assert_eq!((report.opened_by, report.outcome), (vec![1, 3], None));
}

#[test]
fn what_the_auditor_expects_is_compared() {
    let mut world = World::town(6);
    let log = Plan::town(&mut world).write(&mut world.rng);
    let (hash, root) = (world.manifest.hash(), log.tree.root());
    let (other_hash, other_root) = (ManifestHash::from([1; 32]), Root::from([1; 32]));
    let right =
        Expect { manifest: Some(hash), size: Some(SIZE), root: Some(root), ..Expect::default() };
    let manifest = Fault::Manifest { found: hash, expected: other_hash };
    let size = |expected| Fault::Size { found: SIZE, expected };
    let another = Fault::Root { found: root, expected: other_root };
    let (of_manifest, of_record) = (Check::ManifestExpected, Check::RecordExpected);
    let [known, at_20, at_0] = [SIZE, 20, 0].map(|size| {
        let mut tree = Tree::default();
        Entries::new(&log.bytes).take(size as usize).for_each(|entry| tree.push(entry.unwrap()));
        tree.head()
    });
    let heads = vec![at_0, at_20, known];
    let beyond = Head { size: SIZE + 1, root };
    let changed = Head { size: 20, root };
    let lost = Fault::Head { found: known, expected: beyond };
    let forked = Fault::Head { found: at_20, expected: changed };
    let result: [u8; 32] = {
        let report = audit::run(&log.bytes, &right, &mut world.rng).unwrap();
        Sha256::digest(views::result(report.outcome.as_ref().unwrap())).into()
    };
    let other = Fault::Result { found: Some(result), expected: [1; 32] };
    let cases: [(Expect, Vec<(Check, Fault)>); 9] = [
        (Expect { heads, result: Some(result), ..right.clone() }, vec![]),
        (Expect { heads: vec![beyond], ..right.clone() }, vec![(of_record, lost)]),
        (Expect { heads: vec![at_20, changed], ..right.clone() }, vec![(of_record, forked)]),
        (Expect { result: Some([1; 32]), ..right.clone() }, vec![(of_record, other)]),
        (right.clone(), vec![]),
        (Expect { manifest: Some(other_hash), ..right.clone() }, vec![(of_manifest, manifest)]),
        (Expect { size: Some(28), ..right.clone() }, vec![(of_record, size(28))]),
        (Expect { root: Some(other_root), ..right.clone() }, vec![(of_record, another.clone())]),
        (
            Expect { size: Some(30), root: Some(other_root), partial: true, ..right.clone() },
            vec![(of_record, size(30)), (of_record, another)],
        ),
    ];
    for (expect, faults) in cases {
        let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
        let findings =
            faults.into_iter().map(|(check, fault)| Finding { check, entry: None, fault });
        assert_eq!(report.findings, findings.collect::<Vec<_>>());
        assert_eq!(report.is_accepted(), report.findings.is_empty());
        // It affects nothing else.
        assert!(report.outcome.is_some());
        assert!(numbers(&report, Status::NotReached).is_empty());
    }
    // A head says which election it is, unless it is that of every empty board.
    for (heads, known) in [
        (vec![at_0], Known::Nothing),
        (vec![at_0, at_20], Known::Election),
        (vec![at_20, known], Known::Board),
    ] {
        let expect = Expect { heads, ..Expect::default() };
        let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
        assert_eq!((report.known(), report.status(of_record)), (known, Status::Passed));
    }
    let unfinished = Expect { result: Some(result), partial: true, ..Expect::default() };
    let start: Vec<u8> = log.bytes[..log.bytes.len() - 1].into();
    let report = audit::run(&start, &unfinished, &mut world.rng).unwrap();
    let fault = Fault::Result { found: None, expected: result };
    assert!(report.findings.iter().any(|finding| finding.fault == fault), "{report}");
}

#[test]
fn a_failing_generator_ends_the_audit_without_a_verdict() {
    let mut world = World::town(7);
    let log = Plan::town(&mut world).write(&mut world.rng);
    for left in 0.. {
        let mut failing = Failing { rng: rng(1), left };
        match audit::run(&log.bytes, &Expect::default(), &mut failing) {
            Ok(report) => {
                assert!(left > 10 && report.is_accepted(), "{report}");
                break;
            }
            Err(error) => assert_eq!(error, AuditError::Randomness),
        }
    }
}

#[test]
fn replay_names_the_entry_that_is_refused() {
    let mut world = World::town(8);
    let mut plan = Plan::town(&mut world);
    // Valid ballots come before and after it.
    plan.ballots[2][1] = 0;
    let log = plan.write(&mut world.rng);
    let refusal = Refusal::WrongStyle { found: 0, expected: 1 };
    let error = tabella::board::replay(&log.bytes, &mut world.rng).unwrap_err();
    assert_eq!(error, ReplayError::Refused { entry: FIRST_BALLOT + 2, refusal });
}

#[test]
fn objects_in_chunks_are_audited_like_others() {
    let voters = 650;
    let mut world = World::town(9);
    let mut plan = Plan::town(&mut world);
    for line in 0..voters {
        let voter = Credential::random(&mut world.rng).unwrap();
        let style = line % 2;
        plan.roll.push(voter.registration(&plan.manifest, style, &mut world.rng).unwrap());
    }
    let log = plan.write(&mut world.rng);
    let entries: Vec<_> = tabella::log::Entries::new(&log.bytes).map(Result::unwrap).collect();
    // The roll has a header and two chunks. Voter 0 votes twice after them.
    assert_eq!(entries.len() as u64, SIZE + 2);
    let expect = Expect { root: Some(log.tree.root()), ..Expect::default() };
    let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted() && report.replaced == 1, "{report}");
    let board = tabella::board::replay(&log.bytes, &mut world.rng).unwrap();
    assert_eq!((board.bytes(), board.state().root()), (&log.bytes[..], log.tree.root()));

    let mut with = |entries: &[&[u8]]| {
        let mut log = Log::default();
        entries.iter().for_each(|entry| log.entry(entry));
        let report = audit::run(&log.bytes, &Expect::default(), &mut world.rng).unwrap();
        assert_eq!(
            tabella::board::replay(&log.bytes, &mut world.rng).is_err(),
            !report.findings.is_empty()
        );
        report
    };
    let [header, first, second] = [18, 19, 20].map(|place| entries[place]);
    let before = &entries[..18];
    let mut changed = second.to_vec();
    changed[5] ^= 1;
    let changed = changed.as_slice();
    let cases = [
        ("the last chunk is missing", vec![header, first], 18),
        ("both chunks are missing", vec![header], 18),
        ("another object among chunks", vec![header, first, entries[21]], 20),
        ("chunks in another order", vec![header, second, first], 19),
        ("a chunk twice", vec![header, first, first], 20),
        ("a chunk that is changed", vec![header, first, changed], 20),
        ("a chunk too many", vec![header, first, second, second], 21),
        ("a header twice", vec![header, header, first, second], 19),
    ];
    for (name, entries, entry) in cases {
        let report = with(&[before, &entries].concat());
        let form = report.findings.first().unwrap();
        assert_eq!((form.check, form.entry), (Check::RecordForm, Some(entry)), "{name}\n{report}");
        assert_eq!(form.fault == Fault::Incomplete, name.ends_with("missing"), "{name}");
        assert_eq!(report.findings.len(), 1, "{name}");
    }
}
