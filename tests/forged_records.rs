//! Forged records. The forger has the secrets of the operator and of all trustees, cheats once, and makes everything
//! that follows fit: tree, hashes, signatures, sums, shares. The audit names the cheat and nothing else.
//!
//! It also shows what an audit cannot see by itself, and what it must be told to see it.

mod common;

use common::{
    Failing, World,
    forge::{FIRST_BALLOT, Forgery, Log, Plan, object},
    rng,
};
use curve25519_dalek::Scalar;
use std::collections::BTreeSet;
use tabella::{
    audit::{self, AuditError, Check, Expect, Fault, Finding, Report, Status},
    ballot::{Choices, Header, Origin},
    board::{Kind, Phase, Refusal, Root},
    codec::Encode,
    manifest::ManifestHash,
    record::{self, ReplayError},
    roll::Credential,
};

// Entries of the honest town.
const MANIFEST: u64 = 0;
const DEAL: u64 = 1;
const CONFIRMATION: u64 = 4;
const ROLL: u64 = 7;
const CLOSE: u64 = 13;
const TALLY: u64 = 14;
const SHARE: u64 = 15;
const RESULT: u64 = 17;
const SIZE: u64 = 18;

/// The entry of a finding that is about none.
const NOWHERE: u64 = u64::MAX;

/// A change of the honest plan.
type Change = fn(&mut Plan, &mut World);
/// A name, a change, and all that the audit finds.
type Cheat = (&'static str, Change, &'static [(Check, u64)]);

fn remote(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

/// Changes the content of the object of this kind and place.
fn edit(plan: &mut Plan, kind: Kind, place: usize, change: impl Fn(&mut Vec<u8>) + 'static) {
    plan.edit = Box::new(move |k, p, content| {
        if (k, p) == (kind, place) {
            change(content);
        }
    });
}

/// Adds to a number of eight bytes, big-endian.
fn add(content: &mut [u8], at: usize, amount: i64) {
    let bytes: &mut [u8; 8] = (&mut content[at..at + 8]).try_into().unwrap();
    *bytes = u64::from_be_bytes(*bytes).wrapping_add_signed(amount).to_be_bytes();
}

/// A ballot of a voter of the town.
fn vote(plan: &Plan, world: &mut World, voter: usize, header: &Header) -> Vec<u8> {
    let election = plan.election(&mut world.rng);
    let choices = Choices::new().pick("mayor", "ben").pick("pool", "no");
    world.ballot(&election, voter, header, &choices).to_bytes()
}

/// Puts a ballot on the board, and counts it.
fn stuff(plan: &mut Plan, ballot: Vec<u8>) {
    plan.ballots.push(ballot.clone());
    plan.counted.push((ballot, 1));
}

/// A ballot whose proof was made with other facts.
fn forge(plan: &mut Plan, world: &mut World, change: fn(&mut Forgery)) {
    let mut forgery = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    change(&mut forgery);
    let election = plan.election(&mut world.rng);
    stuff(plan, forgery.bytes(&election, &mut world.rng));
}

/// Another ceremony of the same trustees.
fn other_keys(plan: &mut Plan, world: &mut World) {
    let keys = tabella::keys::in_one_process(&plan.manifest, &plan.secrets, &mut world.rng);
    (plan.deals, plan.trustees) = keys.unwrap();
}

/// The places of the result: ten totals, then the turnout.
const DISTRICTS: usize = 84;
const ON_ROLL: usize = 104;
const STATIONS: usize = 124;
const REMOTE: usize = 140;

const CHEATS: &[Cheat] = &[
    // The result.
    (
        "a total one too high",
        |plan, _| edit(plan, Kind::Result, 0, |content| add(content, 0, 1)),
        &[(Check::ResultTotals, RESULT)],
    ),
    (
        "a vote moved to the other candidate",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                add(content, 16, -1);
                add(content, 24, 1);
            });
        },
        &[(Check::ResultTotals, RESULT)],
    ),
    (
        "a vote moved to the other district",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                add(content, 8, -1);
                add(content, 24, 1);
            });
        },
        &[(Check::ResultTotals, RESULT)],
    ),
    (
        "a result opened by too few",
        |plan, _| plan.openers = vec![2],
        &[(Check::ResultTotals, RESULT - 1)],
    ),
    (
        "more took part in a district",
        |plan, _| edit(plan, Kind::Result, 0, |content| add(content, DISTRICTS, 1)),
        &[(Check::ResultTurnout, RESULT)],
    ),
    (
        "fewer on the roll",
        |plan, _| edit(plan, Kind::Result, 0, |content| add(content, ON_ROLL + 8, -1)),
        &[(Check::ResultTurnout, RESULT)],
    ),
    (
        "a remote voter counted at a station",
        |plan, _| {
            edit(plan, Kind::Result, 0, |content| {
                add(content, REMOTE, -1);
                add(content, STATIONS, 1);
            });
        },
        &[(Check::ResultTurnout, RESULT)],
    ),
    (
        "a result after the result",
        |plan, _| plan.after.push((Kind::Result, object(Kind::Result, &[0; 212]))),
        &[(Check::RecordOrder, SIZE)],
    ),
    // The tally. Shares and result are those of the forged sums.
    ("a ballot left out", |plan, _| drop(plan.counted.remove(1)), &[(Check::TallySums, TALLY)]),
    (
        "a ballot counted twice",
        |plan, _| plan.counted.push(plan.counted[0].clone()),
        &[(Check::TallySums, TALLY)],
    ),
    (
        "a ballot with the weight of a thousand",
        |plan, _| plan.counted[0].1 = 1000,
        &[(Check::TallySums, TALLY)],
    ),
    (
        "a ballot replaced by one that was never cast",
        |plan, world| plan.counted[0].0 = vote(plan, world, 1, &remote(0, 0)),
        &[(Check::TallySums, TALLY)],
    ),
    (
        "a voter's first ballot counted, not the last",
        |plan, _| plan.counted.last_mut().unwrap().0 = plan.ballots[0].clone(),
        &[(Check::TallySums, TALLY)],
    ),
    (
        "a voter's first and last ballot counted",
        |plan, _| plan.counted.push((plan.ballots[0].clone(), 1)),
        &[(Check::TallySums, TALLY)],
    ),
    (
        "an absentee's ballot counted that is not on the board",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(0, 0));
            plan.counted.push((ballot, 1));
        },
        &[(Check::TallySums, TALLY)],
    ),
    (
        "a sum replaced by another cell's",
        |plan, _| {
            edit(plan, Kind::Tally, 0, |content| {
                // Two cells of 29 bytes and three points each come first.
                content.copy_within(4 + 29..4 + 125, 4 + 125 + 29);
            });
        },
        &[(Check::TallySums, TALLY)],
    ),
    ("no tally", |plan, _| plan.without = vec![Kind::Tally], &[(Check::RecordOrder, TALLY)]),
    // Decryption shares.
    (
        "a trustee's share under another's number",
        |plan, _| edit(plan, Kind::Share, 0, |content| content[1] = 2),
        &[(Check::SharesProofs, SHARE)],
    ),
    (
        "a share of nobody",
        |plan, _| edit(plan, Kind::Share, 1, |content| content[1] = 9),
        &[(Check::SharesProofs, SHARE + 1)],
    ),
    (
        "a share whose factors change places",
        |plan, _| {
            edit(plan, Kind::Share, 1, |content| content[2..66].rotate_left(32));
        },
        &[(Check::SharesProofs, SHARE + 1)],
    ),
    (
        "a share that is no list of points",
        |plan, _| edit(plan, Kind::Share, 0, |content| content[2..34].fill(0xff)),
        &[(Check::SharesProofs, SHARE)],
    ),
    (
        "shares and result of another tally",
        |plan, _| plan.opened = Some(plan.counted[1..].to_vec()),
        &[(Check::SharesProofs, SHARE)],
    ),
    (
        "one trustee's share twice",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            let entries: Vec<_> = record::Entries::new(&log.bytes).map(Result::unwrap).collect();
            let share = entries[SHARE as usize][1..].to_vec();
            edit(plan, Kind::Share, 1, move |content| content.clone_from(&share));
        },
        &[(Check::SharesProofs, SHARE + 1)],
    ),
    // The close.
    (
        "a close signed by too few",
        |plan, _| plan.closers = vec![1, 3],
        &[(Check::CloseQuorum, CLOSE)],
    ),
    (
        "a close signed by one trustee three times",
        |plan, _| plan.closers = vec![2, 2, 2],
        &[(Check::CloseQuorum, CLOSE)],
    ),
    (
        "a close signed under another's number",
        |plan, _| plan.secrets[2] = plan.secrets[1].clone(),
        &[(Check::CloseQuorum, CLOSE)],
    ),
    (
        "a ballot taken off the board after the close",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before(&log, CLOSE));
            plan.ballots.remove(1);
            plan.counted.remove(0);
        },
        &[(Check::CloseQuorum, CLOSE - 1)],
    ),
    (
        "a ballot slipped in after the trustees had signed",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before(&log, CLOSE));
            let ballot = vote(plan, world, 2, &remote(0, 0));
            stuff(plan, ballot);
        },
        &[(Check::CloseQuorum, CLOSE + 1)],
    ),
    (
        "ballots that change places after the close",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before(&log, CLOSE));
            plan.ballots.swap(1, 2);
        },
        &[(Check::CloseQuorum, CLOSE)],
    ),
    ("no close", |plan, _| plan.without = vec![Kind::Close], &[(Check::RecordOrder, CLOSE)]),
    // Ballots. Where one is refused, so is everything that is signed over it.
    (
        "a ballot after the close",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(0, 0));
            plan.late.push(ballot.clone());
            plan.counted.push((ballot, 1));
        },
        &[(Check::RecordOrder, CLOSE + 1)],
    ),
    (
        "a ballot before the polls open",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(0, 0));
            plan.after.push((Kind::Confirmation, object(Kind::Ballot, &ballot)));
        },
        &[(Check::RecordOrder, ROLL)],
    ),
    (
        "a ballot of nobody on the roll",
        |plan, world| {
            let voter = Credential::random(&mut world.rng).unwrap();
            let forgery = Forgery::honest(&voter, remote(0, 0), &[1, 0, 1, 0, 0], 9);
            let election = plan.election(&mut world.rng);
            stuff(plan, forgery.bytes(&election, &mut world.rng));
        },
        &[(Check::BallotVoter, CLOSE)],
    ),
    (
        "a ballot of another district",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(1, 0));
            stuff(plan, ballot);
        },
        &[(Check::BallotVoter, CLOSE)],
    ),
    (
        "a ballot moved to another district",
        |plan, _| plan.ballots[1][1] = 1,
        &[(Check::BallotVoter, FIRST_BALLOT + 1)],
    ),
    (
        "a ballot moved to another district together with its voter",
        |plan, _| {
            plan.roll[1].style = 1;
            plan.ballots[1][1] = 1;
        },
        &[(Check::BallotProof, FIRST_BALLOT + 1)],
    ),
    (
        "a ballot moved to another station",
        |plan, _| plan.ballots[1][8] = 1,
        &[(Check::BallotProof, FIRST_BALLOT + 1)],
    ),
    (
        "a ballot with two votes",
        |plan, world| forge(plan, world, |f| (f.bits[1], f.values[1]) = (1, 1)),
        &[(Check::BallotProof, CLOSE)],
    ),
    (
        "a ballot with a thousand votes and as many negative ones",
        |plan, world| {
            forge(plan, world, |f| {
                (f.bits[0], f.bits[1]) = (1000, -999);
                f.values.clone_from(&f.bits);
            });
        },
        &[(Check::BallotProof, CLOSE)],
    ),
    (
        "a ballot that encrypts something else",
        |plan, world| forge(plan, world, |f| f.values[0] = 500),
        &[(Check::BallotProof, CLOSE)],
    ),
    (
        "a ballot copied without its nonce",
        |plan, world| forge(plan, world, |f| f.known_nonce = Scalar::ONE),
        &[(Check::BallotProof, CLOSE)],
    ),
    (
        "an absentee's ballot, cast without the credential",
        |plan, world| forge(plan, world, |f| f.signer = Scalar::ONE),
        &[(Check::BallotProof, CLOSE)],
    ),
    (
        "a ballot cut short",
        |plan, _| {
            plan.ballots[3].pop();
            plan.counted.remove(2);
        },
        &[(Check::BallotForm, FIRST_BALLOT + 3)],
    ),
    (
        "the last ballot again",
        |plan, _| plan.ballots.push(plan.ballots[4].clone()),
        &[(Check::BallotUnique, CLOSE)],
    ),
    (
        "a ballot with another's nonce",
        |plan, world| {
            forge(plan, world, |_| {});
            let election = plan.election(&mut world.rng);
            let bits = [1, 0, 1, 0, 0];
            let copy = Forgery::honest(&world.voters[5], remote(1, 0), &bits, 9);
            stuff(plan, copy.bytes(&election, &mut world.rng));
        },
        &[(Check::BallotUnique, CLOSE + 1)],
    ),
    (
        "an old ballot as the last one",
        |plan, world| {
            let ballot = vote(plan, world, 0, &remote(0, 0));
            plan.counted.last_mut().unwrap().0.clone_from(&ballot);
            plan.ballots.push(ballot);
        },
        &[(Check::BallotSequence, CLOSE)],
    ),
    (
        "a voter's ballots in another order",
        |plan, _| plan.ballots.swap(0, 4),
        &[(Check::BallotSequence, FIRST_BALLOT)],
    ),
    (
        "a ballot taken out that was replaced",
        |plan, _| drop(plan.ballots.remove(0)),
        &[(Check::BallotSequence, CLOSE - 2)],
    ),
    (
        "more ballots than a voter has",
        |plan, world| {
            for sequence in [2, 3] {
                let ballot = vote(plan, world, 0, &remote(0, sequence));
                plan.ballots.push(ballot);
            }
        },
        &[(Check::BallotSequence, CLOSE + 1)],
    ),
    // Roll and keys.
    (
        "a voter on the roll twice",
        |plan, _| {
            edit(plan, Kind::Roll, 0, |content| {
                content[3] += 1;
                content.extend_from_within(4..4 + 102);
            });
        },
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter of weight 0",
        |plan, _| edit(plan, Kind::Roll, 0, |content| content[4 + 37] = 0),
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter whose key nobody holds",
        |plan, _| {
            // With the proof of the next line.
            let next = 4 + 102;
            edit(plan, Kind::Roll, 0, move |content| {
                content.copy_within(next + 38..next + 102, 4 + 38);
            });
        },
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter's key exchanged after the vote",
        |plan, world| {
            let voter = Credential::random(&mut world.rng).unwrap();
            plan.roll[1] = voter.registration(&plan.manifest, 0, &mut world.rng).unwrap();
            plan.counted.remove(0);
        },
        &[(Check::BallotVoter, FIRST_BALLOT + 1)],
    ),
    (
        "no roll",
        |plan, _| plan.without = vec![Kind::Roll],
        &[
            (Check::RecordOrder, 7),
            (Check::RecordOrder, 8),
            (Check::RecordOrder, 9),
            (Check::RecordOrder, 10),
            (Check::RecordOrder, 11),
        ],
    ),
    (
        "no confirmation",
        |plan, _| plan.without = vec![Kind::Confirmation],
        &[(Check::RecordOrder, CONFIRMATION)],
    ),
    (
        "keys exchanged after the vote",
        other_keys,
        &[
            (Check::BallotProof, FIRST_BALLOT),
            (Check::BallotProof, FIRST_BALLOT + 1),
            (Check::BallotProof, FIRST_BALLOT + 2),
            (Check::BallotProof, FIRST_BALLOT + 3),
            (Check::BallotProof, FIRST_BALLOT + 4),
        ],
    ),
    (
        "keys exchanged that the trustees did not confirm",
        |plan, world| {
            let honest = plan.trustees.clone();
            other_keys(plan, world);
            plan.trustees = honest;
            plan.openers.clear();
        },
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "one deal exchanged",
        |plan, world| {
            let honest = plan.trustees.clone();
            let deal = plan.deals[1].clone();
            other_keys(plan, world);
            plan.trustees = honest;
            plan.deals[1] = deal;
        },
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "an encrypted share exchanged",
        |plan, _| {
            // Of five slots with two commitments each, then a point, then three shares.
            let (first, share) = (2 + 32 * 11, 5 * 32 + 16);
            edit(plan, Kind::Deal, 1, move |content| {
                content[first..first + 2 * share].rotate_left(share);
            });
        },
        &[(Check::KeysDeals, DEAL + 1)],
    ),
    (
        "two deals of one trustee",
        |plan, world| {
            let (number, author) = (1, plan.secrets[0].clone());
            let again = tabella::keys::Deal::new(&plan.manifest, number, &author, &mut world.rng);
            let again = again.unwrap().to_bytes();
            edit(plan, Kind::Deal, 1, move |content| content.clone_from(&again));
        },
        &[(Check::KeysDeals, DEAL + 1)],
    ),
    (
        "a trustee's confirmation under another's number",
        |plan, _| edit(plan, Kind::Confirmation, 0, |content| content[1] = 3),
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "a trustee's confirmation twice",
        |plan, _| plan.trustees[2] = plan.trustees[0].clone(),
        &[(Check::KeysConfirmed, CONFIRMATION + 2)],
    ),
    // Manifest and signatures.
    (
        "a manifest with a mistake",
        |plan, _| {
            // The operator's key has another key's proof. Version, id and title, both `test`, come before it;
            // behind it the number of trustees, a name of nine letters, and that other key.
            let (operator, trustee) = (1 + 8 + 8, 1 + 8 + 8 + 96 + 4 + 13);
            edit(plan, Kind::Manifest, 0, move |content| {
                content.copy_within(trustee + 32..trustee + 96, operator + 32);
            });
        },
        &[(Check::ManifestValid, MANIFEST)],
    ),
    (
        "a manifest that the operator did not sign",
        |plan, _| plan.operator = plan.secrets[0].clone(),
        &[(Check::RecordSignatures, MANIFEST)],
    ),
    ("no manifest", |plan, _| plan.without = vec![Kind::Manifest], &[(Check::RecordOrder, 0)]),
    // Form.
    (
        "an unknown object",
        |plan, _| plan.after.push((Kind::Roll, vec![77])),
        &[(Check::RecordForm, FIRST_BALLOT)],
    ),
    (
        "a chunk without a header",
        |plan, _| plan.after.push((Kind::Ballot, vec![0xff, 1])),
        &[(Check::RecordForm, CLOSE)],
    ),
    ("no result", |plan, _| plan.without = vec![Kind::Result], &[(Check::RecordComplete, NOWHERE)]),
    (
        "a whole other election",
        |plan, _| *plan = Plan::town(&mut World::town(2)),
        &[(Check::ManifestExpected, NOWHERE)],
    ),
];

/// What all trustees and the operator can do together. Nothing in the record shows it: only who knows the root from
/// elsewhere, or has a ballot's tracker, sees it.
const COLLUSIONS: &[(&str, Change)] = &[
    ("a ballot taken off the board before the close", |plan, _| {
        plan.ballots.remove(1);
        plan.counted.remove(0);
    }),
    ("a voter's last ballot taken off the board", |plan, _| {
        plan.ballots.pop();
        plan.counted.last_mut().unwrap().0.clone_from(&plan.ballots[0]);
    }),
    ("an absentee's ballot, cast by whoever made the credentials", |plan, world| {
        let ballot = vote(plan, world, 2, &remote(0, 0));
        stuff(plan, ballot);
    }),
    ("ballots in another order", |plan, _| plan.ballots.swap(1, 2)),
    ("a voter with more weight than others", |plan, _| {
        plan.roll[1].weight = 50;
        plan.counted[0].1 = 50;
    }),
    ("a whole election invented under the same manifest", |plan, world| {
        other_keys(plan, world);
        let rng = &mut world.rng;
        let voters = [0, 1].map(|_| Credential::random(rng).unwrap());
        plan.roll =
            voters.iter().map(|v| v.registration(&plan.manifest, 0, rng).unwrap()).collect();
        plan.ballots.clear();
        plan.counted.clear();
        let election = plan.election(rng);
        for voter in &voters {
            let nonce = u64::from(voter.public().as_bytes()[0]) + 2;
            let forgery = Forgery::honest(voter, remote(0, 0), &[0, 1, 0, 1, 0], nonce);
            stuff(plan, forgery.bytes(&election, rng));
        }
    }),
];

/// Size and root of a record's first entries.
fn place_before(log: &Log, entry: u64) -> (u64, Root) {
    let mut part = Log::default();
    let entries = record::Entries::new(&log.bytes).map(Result::unwrap);
    entries.take(entry as usize).for_each(|bytes| part.entry(bytes));
    (part.tree.size(), part.tree.root())
}

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
    assert!(Check::ALL.iter().all(|check| report.status(*check) == Status::Passed), "{report}");
    let outcome = report.outcome.unwrap();
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Some(2), Some(2)));
    assert_eq!(outcome.turnout().ballots(), 4);
}

/// Each check of the audit is failed by some cheat, and each cheat by that check alone.
#[test]
fn forged_records_are_refused_by_the_check_that_they_break() {
    let mut world = World::town(1);
    let (manifest, rng) = (Expect::manifest(world.manifest.hash()), &mut rng(0));
    let honest = Plan::town(&mut world).write(rng).tree.root();
    let mut failed = BTreeSet::new();
    for (name, cheat, expected) in CHEATS {
        let mut plan = Plan::town(&mut world);
        cheat(&mut plan, &mut world);
        let log = plan.write(rng);
        let report = audit::run(&log.bytes, &manifest, rng).unwrap();
        assert!(!report.is_accepted(), "{name}");
        assert_eq!(found(&report), *expected, "{name}\n{report}");
        assert_eq!((report.size, report.root), (log.tree.size(), log.tree.root()), "{name}");
        failed.extend(Check::ALL.into_iter().filter(|c| report.status(*c) == Status::Failed));
        // A record that gives no board is refused by who goes on with it, too.
        let about_entries = expected.iter().all(|(_, entry)| *entry != NOWHERE);
        assert_eq!(record::replay(&log.bytes, rng).is_err(), about_entries, "{name}");
    }
    for (name, cheat) in COLLUSIONS {
        let mut plan = Plan::town(&mut world);
        cheat(&mut plan, &mut world);
        let log = plan.write(rng);
        let report = audit::run(&log.bytes, &manifest, rng).unwrap();
        assert!(report.is_accepted(), "{name}\n{report}");
        let expect = Expect { root: Some(honest), ..manifest };
        let report = audit::run(&log.bytes, &expect, rng).unwrap();
        assert!(!report.is_accepted(), "{name}");
        assert_eq!(found(&report), [(Check::RecordExpected, NOWHERE)], "{name}\n{report}");
        failed.insert(Check::RecordExpected);
    }
    assert_eq!(failed, Check::ALL.into());
}

/// The numbers of the checks with this status.
fn numbers(report: &Report, status: Status) -> Vec<u8> {
    let checks = Check::ALL.into_iter().filter(|check| report.status(*check) == status);
    checks.map(Check::number).collect()
}

#[test]
fn a_part_of_a_record_passes_what_it_reaches() {
    let mut world = World::town(3);
    let log = Plan::town(&mut world).write(&mut world.rng);
    let entries: Vec<_> = record::Entries::new(&log.bytes).map(Result::unwrap).collect();
    for size in 0..=entries.len() {
        let mut part = Log::default();
        entries[..size].iter().for_each(|entry| part.entry(entry));
        let (phase, first) = match size {
            0 => (Phase::Empty, 3),
            1..4 => (Phase::Dealing, 7),
            4..7 => (Phase::Confirming, 8),
            7 => (Phase::Enrolling, 9),
            8..14 => (Phase::Voting, 15),
            14 => (Phase::Closed, 16),
            15..18 => (Phase::Opening, 18),
            _ => (Phase::Finished, 20),
        };
        let mut beyond: Vec<u8> = (first..20).collect();
        // Nobody asks for them.
        beyond.retain(|number| ![4, 6].contains(number));
        let audit = |partial, rng: &mut _| {
            let expect = Expect { partial, ..Expect::default() };
            audit::run(&part.bytes, &expect, rng).unwrap()
        };
        let report = audit(true, &mut world.rng);
        // Without a manifest there is not even a part of an election.
        assert_eq!(report.is_accepted(), size > 0, "{size} entries\n{report}");
        assert_eq!(numbers(&report, Status::NotReached), beyond, "{size} entries");
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

#[test]
fn every_bad_ballot_is_reported_with_its_voter() {
    let mut world = World::town(4);
    let mut plan = Plan::town(&mut world);
    let [two, five] = [2, 5].map(|voter| *world.voters[voter].public());
    let election = plan.election(&mut world.rng);
    let honest = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    let forgery = Forgery { signer: Scalar::ONE, ..honest.clone() };
    plan.ballots.insert(0, forgery.bytes(&election, &mut world.rng));
    let wrong = vote(&plan, &mut world, 5, &remote(0, 0));
    plan.ballots.insert(3, wrong);
    plan.ballots.insert(4, vec![0; 9]);
    // A good one right after bad ones, of a voter whose name was used.
    plan.ballots.insert(5, honest.bytes(&election, &mut world.rng));
    plan.ballots.push(plan.ballots[5].clone());
    let log = plan.write(&mut world.rng);
    let report = audit::run(&log.bytes, &Expect::default(), &mut world.rng).unwrap();

    let refused = |voter: Option<[u8; 32]>, refusal| {
        let kind = Some(Kind::Ballot);
        Fault::Refused { kind, voter, refusal }
    };
    let finding = |check, entry, fault| Finding { check, entry: Some(entry), fault };
    let v2 = Refusal::Proof(tabella::error::Check::Equation("BALLOT.V2"));
    let style = Refusal::WrongStyle { found: 0, expected: 1 };
    let Fault::Refused { refusal: malformed, .. } = &report.findings[2].fault else {
        panic!("{report}")
    };
    assert!(matches!(malformed, Refusal::Malformed(_)));
    let again = Refusal::AlreadyOnBoard { entry: 13 };
    let expected = [
        finding(Check::BallotProof, 8, refused(Some(*two.as_bytes()), v2)),
        finding(Check::BallotVoter, 11, refused(Some(*five.as_bytes()), style)),
        finding(Check::BallotForm, 12, refused(None, malformed.clone())),
        finding(Check::BallotUnique, 17, refused(Some(*two.as_bytes()), again)),
    ];
    assert_eq!(report.findings, expected, "{report}");
    assert_eq!((report.ballots, report.replaced), (6, 1));
    // What is signed over refused ballots is not judged.
    assert_eq!(numbers(&report, Status::Failed), [10, 11, 12, 14]);
    assert_eq!(numbers(&report, Status::NotReached), [15, 16, 17, 18, 19, 20]);
    assert_eq!((report.outcome.as_ref(), report.opened_by.len()), (None, 0));
    let text = report.to_string();
    for line in [
        "\nballots   6 accepted, 1 of them replaced\n",
        "\n  12 ballot.proof       FAILED\n",
        "\n  13 ballot.sequence    passed\n",
        "\n  15 close.quorum       not reached\n",
        &format!("\nballot.proof: entry 8: ballot of voter {}: ", hex::encode(two.as_bytes())),
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
    assert_eq!(numbers(&report, Status::NotReached), [19, 20]);
    assert_eq!((report.opened_by, report.outcome), (vec![1, 3], None));
}

#[test]
fn what_the_auditor_expects_is_compared() {
    let mut world = World::town(6);
    let log = Plan::town(&mut world).write(&mut world.rng);
    let (hash, root) = (world.manifest.hash(), log.tree.root());
    let (other_hash, other_root) = (ManifestHash::from([1; 32]), Root::from([1; 32]));
    let right = Expect { manifest: Some(hash), size: Some(SIZE), root: Some(root), partial: false };
    let manifest = Fault::Manifest { found: hash, expected: other_hash };
    let size = |expected| Fault::Size { found: SIZE, expected };
    let another = Fault::Root { found: root, expected: other_root };
    let (of_manifest, of_record) = (Check::ManifestExpected, Check::RecordExpected);
    let cases: [(Expect, Vec<(Check, Fault)>); 5] = [
        (right, vec![]),
        (Expect { manifest: Some(other_hash), ..right }, vec![(of_manifest, manifest)]),
        (Expect { size: Some(17), ..right }, vec![(of_record, size(17))]),
        (Expect { root: Some(other_root), ..right }, vec![(of_record, another.clone())]),
        (
            Expect { size: Some(19), root: Some(other_root), partial: true, ..right },
            vec![(of_record, size(19)), (of_record, another)],
        ),
    ];
    for (expect, faults) in cases {
        let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
        let findings =
            faults.into_iter().map(|(check, fault)| Finding { check, entry: None, fault });
        assert_eq!(report.findings, findings.collect::<Vec<_>>());
        assert_eq!(report.is_accepted(), report.findings.is_empty());
        // Nothing else is touched by it.
        assert!(report.outcome.is_some());
        assert!(numbers(&report, Status::NotReached).is_empty());
    }
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
    // Good ballots stand before and behind it.
    plan.ballots[2][1] = 0;
    let log = plan.write(&mut world.rng);
    let refusal = Refusal::WrongStyle { found: 0, expected: 1 };
    let error = record::replay(&log.bytes, &mut world.rng).unwrap_err();
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
    let entries: Vec<_> = record::Entries::new(&log.bytes).map(Result::unwrap).collect();
    // The roll has a header and two chunks. Voter 0 votes twice behind them.
    assert_eq!(entries.len() as u64, SIZE + 2);
    let expect = Expect { root: Some(log.tree.root()), ..Expect::default() };
    let report = audit::run(&log.bytes, &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted() && report.replaced == 1, "{report}");
    let board = record::replay(&log.bytes, &mut world.rng).unwrap();
    assert_eq!((board.bytes(), board.state().root()), (&log.bytes[..], log.tree.root()));

    let mut with = |entries: &[&[u8]]| {
        let mut log = Log::default();
        entries.iter().for_each(|entry| log.entry(entry));
        let report = audit::run(&log.bytes, &Expect::default(), &mut world.rng).unwrap();
        assert_eq!(
            record::replay(&log.bytes, &mut world.rng).is_err(),
            !report.findings.is_empty()
        );
        report
    };
    let [header, first, second] = [7, 8, 9].map(|place| entries[place]);
    let before = &entries[..7];
    let mut changed = second.to_vec();
    changed[5] ^= 1;
    let changed = changed.as_slice();
    let cases = [
        ("the last chunk is missing", vec![header, first], 7),
        ("both chunks are missing", vec![header], 7),
        ("another object among chunks", vec![header, first, entries[10]], 9),
        ("chunks in another order", vec![header, second, first], 8),
        ("a chunk twice", vec![header, first, first], 9),
        ("a chunk that is changed", vec![header, first, changed], 9),
        ("a chunk too many", vec![header, first, second, second], 10),
        ("a header twice", vec![header, header, first, second], 8),
    ];
    for (name, entries, entry) in cases {
        let report = with(&[before, &entries].concat());
        let form = report.findings.first().unwrap();
        assert_eq!((form.check, form.entry), (Check::RecordForm, Some(entry)), "{name}\n{report}");
        assert_eq!(form.fault == Fault::Incomplete, name.ends_with("missing"), "{name}");
        assert_eq!(report.findings.len(), 1, "{name}");
    }
}
