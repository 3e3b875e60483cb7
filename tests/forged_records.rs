//! Forged records. The forger has the secrets of the operator and of all trustees, cheats once, and makes everything
//! that follows fit: tree, hashes, signatures, sums, shares. The audit names the cheat and nothing else.
//!
//! It also shows what an audit cannot see by itself, and what it must be told to see it.

mod common;

use common::{
    Failing, World,
    forge::{self, FIRST_BALLOT, Forgery, Keys, Log, Plan, object},
    rng,
};
use curve25519_dalek::Scalar;
use std::collections::BTreeSet;
use tabella::{
    audit::{self, AuditError, Check, Expect, Fault, Finding, Report, Status},
    ballot::{Choices, Header, Origin, Tracker},
    board::{Board, Kind, Phase, Refusal, Root},
    codec::Encode,
    keys::{KeyError, Party, Recipient, Verdict},
    manifest::ManifestHash,
    record::{self, ReplayError},
    roll::Credential,
};

// Entries of the honest town.
const MANIFEST: u64 = 0;
const COMMIT: u64 = 1;
const ROUNDS: [u64; 4] = [4, 8, 9, 13];
const DEAL: u64 = 5;
const CONFIRMATION: u64 = 10;
const QUESTION: u64 = 14;
const REHEARSAL: u64 = 15;
const ROLL: u64 = 18;
const CLOSE: u64 = 24;
const TALLY: u64 = 25;
const SHARE: u64 = 26;
const RESULT: u64 = 28;
const SIZE: u64 = 29;

/// Those of a town that reshares during the vote, from the resharing on.
mod reshared {
    pub const RESHARE: u64 = 20;
    pub const COMMIT: u64 = 21;
    pub const ROUNDS: [u64; 4] = [25, 28, 29, 34];
    pub const DEAL: u64 = 26;
    pub const CONFIRMATION: u64 = 30;
    pub const ERASURE: u64 = 35;
    pub const CLOSE: u64 = 39;
    pub const SHARE: u64 = 41;
    pub const SIZE: u64 = 44;
}

/// Checks that are about more than the board, and are not asked for here.
const BEYOND: [Check; 3] = [Check::BallotReceipts, Check::RecordCheckpoints, Check::RecordViews];

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
    let election = plan.election();
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
    let election = plan.election();
    stuff(plan, forgery.bytes(&election, &mut world.rng));
}

/// The objects with which a ballot is spoiled.
struct Spoil {
    request: Vec<u8>,
    opening: Vec<u8>,
}

/// A good ballot of a voter who has cast none, and what spoils it.
fn spoil(plan: &Plan, world: &mut World) -> (Spoil, Vec<u8>) {
    let forgery = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    let (election, rng) = (plan.election(), &mut world.rng);
    let ballot = forgery.bytes(&election, rng);
    let (tracker, secrets) = (Tracker::of(&ballot), [forgery.signer, forgery.nonce]);
    let request = forge::spoil_request(&election, &tracker, secrets, rng);
    let opening = forge::spoil_opening(&ballot, &forgery.nonce);
    let request = object(Kind::SpoilRequest, &request);
    (Spoil { request, opening: object(Kind::SpoilOpening, &opening) }, ballot)
}

/// Another ceremony of the same trustees.
fn other_keys(plan: &mut Plan, world: &mut World) {
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    plan.keys = Keys::first(manifest, secrets, &messages, rng);
}

/// Exchanges a dealer's commit and deal, and says what the trustees confirmed.
fn other_dealer(plan: &mut Plan, world: &mut World, place: usize) -> [u8; 32] {
    let (commit, deal) = (plan.keys.commits[place].clone(), plan.keys.deals[place].clone());
    let confirmed = plan.keys.confirmed;
    let World { manifest, secrets, ceremony, rng, .. } = world;
    let mut messages = ceremony.clone();
    (messages.commits, messages.deals) = (plan.keys.commits.clone(), plan.keys.deals.clone());
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    messages.commits[place] = others.commits[place].clone();
    messages.deals[place] = others.deals[place].clone();
    assert!(messages.commits[place] != commit && messages.deals[place] != deal);
    plan.keys = Keys::first(manifest, secrets, &messages, rng);
    confirmed
}

/// A valid deal of this dealer that it did not promise.
fn unpromised(plan: &mut Plan, world: &mut World, place: usize) -> Vec<u8> {
    let World { manifest, secrets, rng, .. } = world;
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    let deal = others.deals[place].to_bytes();
    assert_ne!(deal, plan.keys.deals[place].to_bytes());
    deal
}

/// An entry of the plan's record, without its kind.
fn content(plan: &Plan, world: &mut World, entry: u64) -> Vec<u8> {
    let log = plan.write(&mut world.rng);
    let entry = record::Entries::new(&log.bytes).nth(entry as usize).unwrap();
    entry.unwrap()[1..].to_vec()
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
        |plan, _| plan.after.push(((Kind::Result, 0), object(Kind::Result, &[0; 212]))),
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
    ("no tally", |plan, _| plan.without = vec![(Kind::Tally, 0)], &[(Check::RecordOrder, TALLY)]),
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
            let share = content(plan, world, SHARE);
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
        |plan, _| {
            // Size, root and count, then number and signature of each.
            edit(plan, Kind::Close, 0, |content| content.copy_within(44 + 68..44 + 132, 44 + 134));
        },
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
    ("no close", |plan, _| plan.without = vec![(Kind::Close, 0)], &[(Check::RecordOrder, CLOSE)]),
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
            plan.after.push(((Kind::Rehearsal, 2), object(Kind::Ballot, &ballot)));
        },
        &[(Check::RecordOrder, ROLL)],
    ),
    (
        "a ballot of nobody on the roll",
        |plan, world| {
            let voter = Credential::random(&mut world.rng).unwrap();
            let forgery = Forgery::honest(&voter, remote(0, 0), &[1, 0, 1, 0, 0], 9);
            let election = plan.election();
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
            let election = plan.election();
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
        |plan, _| plan.without = vec![(Kind::Roll, 0)],
        &[
            (Check::RecordOrder, 18),
            (Check::RecordOrder, 19),
            (Check::RecordOrder, 20),
            (Check::RecordOrder, 21),
            (Check::RecordOrder, 22),
        ],
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
            let confirmed = plan.keys.confirmed;
            other_keys(plan, world);
            plan.keys.confirmed = confirmed;
        },
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "one dealer's commit and deal exchanged",
        |plan, world| plan.keys.confirmed = other_dealer(plan, world, 1),
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "a commit left out",
        |plan, _| plan.without = vec![(Kind::Commit, 1)],
        &[(Check::KeysDeals, DEAL)],
    ),
    (
        "a commit and its deal left out, with the keys of all",
        |plan, _| plan.without = vec![(Kind::Commit, 1), (Kind::Deal, 1)],
        &[(Check::KeysConfirmed, CONFIRMATION - 2)],
    ),
    (
        "commits of one dealer alone",
        |plan, _| plan.without = vec![(Kind::Commit, 0), (Kind::Commit, 2)],
        &[(Check::KeysDeals, ROUNDS[0] - 2)],
    ),
    (
        "a commit under another's number",
        |plan, _| edit(plan, Kind::Commit, 0, |content| content[1] = 2),
        &[(Check::KeysDeals, COMMIT)],
    ),
    (
        "two commits of one dealer",
        |plan, _| {
            let again = plan.keys.commits[0].to_bytes();
            edit(plan, Kind::Commit, 1, move |content| content.clone_from(&again));
        },
        &[(Check::KeysDeals, COMMIT + 1)],
    ),
    (
        "a commit in the name of a trustee, to a deal that is known by then",
        |plan, world| {
            let deal = plan.keys.deals[2].to_bytes();
            let Plan { keys, operator, .. } = plan;
            let forged = forge::commit(&keys.setup, 3, &deal, operator, &mut world.rng);
            edit(plan, Kind::Commit, 2, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysDeals, COMMIT + 2)],
    ),
    (
        "a commit after the round of commits",
        |plan, world| {
            let commit = content(plan, world, COMMIT);
            plan.without = vec![(Kind::Commit, 0)];
            plan.after.push(((Kind::Round, 0), object(Kind::Commit, &commit)));
        },
        &[(Check::KeysDeals, ROUNDS[0])],
    ),
    (
        "a deal that differs from its commit, with the keys of all",
        |plan, world| {
            let deal = unpromised(plan, world, 1);
            edit(plan, Kind::Deal, 1, move |content| content.clone_from(&deal));
        },
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "deals that differ from their commits, all but one",
        |plan, world| {
            let deals = [0, 1].map(|place| unpromised(plan, world, place));
            plan.edit = Box::new(move |kind, place, content| {
                if let (Kind::Deal, Some(deal)) = (kind, deals.get(place)) {
                    content.clone_from(deal);
                }
            });
        },
        &[(Check::KeysDeals, ROUNDS[1])],
    ),
    (
        "a deal before the round of commits is over",
        |plan, _| plan.without = vec![(Kind::Round, 0)],
        &[(Check::KeysDeals, ROUNDS[0])],
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
        "one trustee's deal twice",
        |plan, _| {
            let again = plan.keys.deals[0].to_bytes();
            edit(plan, Kind::Deal, 1, move |content| content.clone_from(&again));
        },
        &[(Check::KeysDeals, DEAL + 1)],
    ),
    (
        "a complaint about a good share, which puts the trustee out, with the keys of all",
        |plan, world| {
            let (deal, Plan { keys, .. }) = (plan.keys.deals[0].to_bytes(), &*plan);
            let author = &keys.secrets[2];
            let forged = forge::complaint(&keys.setup, &deal, (3, 1), author, &mut world.rng);
            plan.after.push(((Kind::Round, 1), object(Kind::Complaint, &forged)));
        },
        &[(Check::KeysConfirmed, CONFIRMATION + 1)],
    ),
    (
        "a complaint in the name of another",
        |plan, world| {
            let (deal, Plan { keys, .. }) = (plan.keys.deals[0].to_bytes(), &*plan);
            let author = &keys.secrets[1];
            let forged = forge::complaint(&keys.setup, &deal, (3, 1), author, &mut world.rng);
            plan.after.push(((Kind::Round, 1), object(Kind::Complaint, &forged)));
        },
        &[(Check::KeysDeals, ROUNDS[2])],
    ),
    (
        "a round closed before its time",
        |plan, _| edit(plan, Kind::Round, 0, |content| content[0] = 1),
        &[(Check::KeysDeals, ROUNDS[0])],
    ),
    (
        "a round closed twice",
        |plan, _| edit(plan, Kind::Round, 2, |content| content[0] = 1),
        &[(Check::KeysDeals, ROUNDS[2])],
    ),
    (
        "no round of complaints",
        |plan, _| plan.without = vec![(Kind::Round, 2)],
        &[(Check::KeysConfirmed, ROUNDS[2])],
    ),
    (
        "a round closed by a trustee",
        |plan, _| plan.signed_by = Some(((Kind::Round, 1), plan.keys.secrets[0].clone())),
        &[(Check::RecordSignatures, ROUNDS[1])],
    ),
    (
        "a round closed again when the ceremony is over",
        |plan, world| {
            let round = content(plan, world, ROUNDS[3]);
            plan.after.push(((Kind::Round, 3), object(Kind::Round, &round)));
        },
        &[(Check::RecordOrder, ROUNDS[3] + 1)],
    ),
    (
        "no confirmation",
        |plan, _| plan.without = [0, 1, 2].map(|place| (Kind::Confirmation, place)).to_vec(),
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "fewer confirmations than it takes to open",
        |plan, _| plan.without = [0, 2].map(|place| (Kind::Confirmation, place)).to_vec(),
        &[(Check::KeysConfirmed, CONFIRMATION + 1)],
    ),
    (
        "a confirmation forged by the operator",
        |plan, world| {
            let Plan { keys, operator, .. } = &*plan;
            let forged = forge::confirmation(2, &keys.confirmed, operator, &mut world.rng);
            edit(plan, Kind::Confirmation, 1, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysConfirmed, CONFIRMATION + 1)],
    ),
    (
        "a trustee's confirmation under another's number",
        |plan, _| edit(plan, Kind::Confirmation, 0, |content| content[1] = 3),
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "a trustee's confirmation twice",
        |plan, world| {
            let again = content(plan, world, CONFIRMATION);
            edit(plan, Kind::Confirmation, 2, move |content| content.clone_from(&again));
        },
        &[(Check::KeysConfirmed, CONFIRMATION + 2)],
    ),
    // Rehearsals.
    (
        "a roll after too few rehearsals",
        |plan, _| plan.rehearsers = vec![3],
        &[(Check::KeysRehearsed, ROLL - 2)],
    ),
    (
        "a question that the operator did not ask",
        |plan, _| plan.signed_by = Some(((Kind::Question, 0), plan.keys.secrets[0].clone())),
        &[(Check::RecordSignatures, QUESTION)],
    ),
    (
        "a rehearsal without a question",
        |plan, _| plan.without = vec![(Kind::Question, 0)],
        &[(Check::RecordOrder, QUESTION)],
    ),
    (
        "a rehearsal of an earlier question",
        |plan, world| {
            let earlier = content(plan, world, REHEARSAL + 1);
            plan.question = [8; 32];
            edit(plan, Kind::Rehearsal, 1, move |content| content.clone_from(&earlier));
        },
        &[(Check::KeysRehearsed, REHEARSAL + 1)],
    ),
    (
        "a rehearsal of other shares",
        |plan, world| {
            let mut other = Plan::town(world);
            other_keys(&mut other, world);
            let rehearsal = content(&other, world, REHEARSAL);
            edit(plan, Kind::Rehearsal, 0, move |content| content.clone_from(&rehearsal));
        },
        &[(Check::KeysRehearsed, REHEARSAL)],
    ),
    (
        "a rehearsal under another's number",
        |plan, _| edit(plan, Kind::Rehearsal, 0, |content| content[1] = 2),
        &[(Check::KeysRehearsed, REHEARSAL)],
    ),
    (
        "a trustee's rehearsal twice",
        |plan, world| {
            let again = content(plan, world, REHEARSAL);
            edit(plan, Kind::Rehearsal, 1, move |content| content.clone_from(&again));
        },
        &[(Check::KeysRehearsed, REHEARSAL + 1)],
    ),
    (
        "an erasure of shares that nobody took over",
        |plan, world| {
            let Plan { keys, .. } = &*plan;
            let early = forge::erasure(&keys.ceremony, 1, &keys.secrets[0], &mut world.rng);
            plan.after.push(((Kind::Ballot, 4), object(Kind::Erasure, &early)));
        },
        &[(Check::KeysErased, CLOSE)],
    ),
    // Spoiled ballots. Voter 2 has cast none.
    (
        "a spoiled ballot cast and counted",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            plan.after.push(((Kind::Ballot, 4), spoil.request));
            stuff(plan, ballot);
        },
        &[(Check::BallotSpoiled, CLOSE + 1)],
    ),
    (
        "a spoiled ballot counted without being cast",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            plan.after.push(((Kind::Ballot, 4), spoil.request));
            plan.counted.push((ballot, 1));
        },
        &[(Check::TallySums, TALLY + 1)],
    ),
    (
        "a ballot spoiled after it was cast, and not counted",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            plan.ballots.push(ballot);
            plan.after.push(((Kind::Ballot, 5), spoil.request));
        },
        &[(Check::BallotSpoiled, CLOSE + 1)],
    ),
    (
        "a spoil request that another signed",
        |plan, world| {
            let (Spoil { request, .. }, ballot) = spoil(plan, world);
            let signer = forge::secret(&world.voters[1]);
            let secrets = [signer, Scalar::from(9u64)];
            let (election, tracker) = (plan.election(), Tracker::of(&ballot));
            let mut forged = forge::spoil_request(&election, &tracker, secrets, &mut world.rng);
            // Under the voter's key.
            forged[32..64].copy_from_slice(&request[33..65]);
            plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilRequest, &forged)));
        },
        &[(Check::BallotSpoiled, CLOSE)],
    ),
    (
        "a spoil request of nobody on the roll",
        |plan, world| {
            let (_, ballot) = spoil(plan, world);
            let (election, tracker) = (plan.election(), Tracker::of(&ballot));
            let secrets = [8u64, 9].map(Scalar::from);
            let forged = forge::spoil_request(&election, &tracker, secrets, &mut world.rng);
            plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilRequest, &forged)));
        },
        &[(Check::BallotSpoiled, CLOSE)],
    ),
    (
        "a spoil request that is cut",
        |plan, world| {
            let (mut spoil, _) = spoil(plan, world);
            spoil.request.pop();
            plan.after.push(((Kind::Ballot, 4), spoil.request));
        },
        &[(Check::BallotSpoiled, CLOSE)],
    ),
    (
        "an opening of a ballot that was not spoiled",
        |plan, world| {
            let (spoil, _) = spoil(plan, world);
            plan.after.push(((Kind::Ballot, 4), spoil.opening));
        },
        &[(Check::BallotSpoiled, CLOSE)],
    ),
    (
        "an opening with another nonce",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            let opening = forge::spoil_opening(&ballot, &Scalar::from(8u64));
            plan.after.push(((Kind::Ballot, 4), spoil.request));
            plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilOpening, &opening)));
        },
        &[(Check::BallotSpoiled, CLOSE + 1)],
    ),
    (
        "an opening twice",
        |plan, world| {
            let (Spoil { request, opening }, _) = spoil(plan, world);
            let objects = [request, opening.clone(), opening];
            plan.after.extend(objects.map(|object| ((Kind::Ballot, 4), object)));
        },
        &[(Check::BallotSpoiled, CLOSE + 2)],
    ),
    (
        "a spoil request after the close",
        |plan, world| {
            let (spoil, _) = spoil(plan, world);
            plan.after.push(((Kind::Close, 0), spoil.request));
        },
        &[(Check::RecordOrder, CLOSE + 1)],
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
        |plan, _| plan.operator = plan.keys.secrets[0].clone(),
        &[(Check::RecordSignatures, MANIFEST)],
    ),
    ("no manifest", |plan, _| plan.without = vec![(Kind::Manifest, 0)], &[(Check::RecordOrder, 0)]),
    // Form.
    (
        "an unknown object",
        |plan, _| plan.after.push(((Kind::Roll, 0), vec![77])),
        &[(Check::RecordForm, FIRST_BALLOT)],
    ),
    (
        "a chunk without a header",
        |plan, _| plan.after.push(((Kind::Ballot, 4), vec![0xff, 1])),
        &[(Check::RecordForm, CLOSE)],
    ),
    (
        "no result",
        |plan, _| plan.without = vec![(Kind::Result, 0)],
        &[(Check::RecordComplete, NOWHERE)],
    ),
    (
        "a whole other election",
        |plan, _| *plan = Plan::town(&mut World::town(2)),
        &[(Check::ManifestExpected, NOWHERE)],
    ),
];

/// Cheats in a town that reshares during the vote.
const RESHARING_CHEATS: &[Cheat] = &[
    (
        "a resharing that the operator did not order",
        |plan, _| plan.signed_by = Some(((Kind::Reshare, 0), plan.keys.secrets[0].clone())),
        &[(Check::RecordSignatures, reshared::RESHARE)],
    ),
    (
        "a resharing to nobody",
        |plan, _| {
            edit(plan, Kind::Reshare, 0, |content| {
                content.truncate(6);
                content[5] = 0;
            });
        },
        &[(Check::KeysDeals, reshared::RESHARE)],
    ),
    (
        "a resharing to a key whose secret nobody holds",
        |plan, _| {
            // Threshold, count, a name of six letters, then key and proof; the proof of the next member's key.
            let (first, member) = (2 + 4 + 4 + 6, 4 + 6 + 96);
            edit(plan, Kind::Reshare, 0, move |content| {
                content.copy_within(first + member + 32..first + member + 96, first + 32);
            });
        },
        &[(Check::KeysDeals, reshared::RESHARE)],
    ),
    (
        "a new trustee's key swapped for another's",
        |plan, world| {
            let key =
                tabella::author::AuthorSecret::random(&mut world.rng).unwrap().public().to_bytes();
            edit(plan, Kind::Reshare, 0, move |content| content[16..112].copy_from_slice(&key));
        },
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a threshold lowered after the old trustees had dealt",
        |plan, _| edit(plan, Kind::Reshare, 0, |content| content[1] = 1),
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a resharing of other keys",
        |plan, world| {
            let keys = other_heirs(plan, world);
            plan.handover.as_mut().unwrap().keys = keys;
        },
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a resharing of other keys that the old trustees promised and proved",
        |plan, world| {
            // Valid proofs, of secrets that are not the shares of whoever deals.
            let setup = plan.handover.as_ref().unwrap().keys.setup.clone();
            let posted = [1, 3].map(|dealer| {
                let author = &plan.keys.secrets[usize::from(dealer) - 1];
                let secrets = vec![Scalar::from(5u64); setup.slots()];
                let deal = forge::deal(&setup, dealer, author, &secrets, &mut world.rng);
                (forge::commit(&setup, dealer, &deal, author, &mut world.rng), deal)
            });
            plan.edit = Box::new(move |kind, place, content| {
                let posted = place.checked_sub(3).and_then(|place| posted.get(place));
                match (kind, posted) {
                    (Kind::Commit, Some((commit, _))) => content.clone_from(commit),
                    (Kind::Deal, Some((_, deal))) => content.clone_from(deal),
                    _ => {}
                }
            });
        },
        &[(Check::KeysDeals, reshared::ROUNDS[1])],
    ),
    (
        "a deal of a resharing whose secret is another",
        |plan, _| {
            // The first two coefficients of the first slot change places.
            edit(plan, Kind::Deal, 3, |content| content[2..66].rotate_left(32));
        },
        &[(Check::KeysDeals, reshared::DEAL)],
    ),
    (
        "a resharing by too few",
        |plan, _| plan.without = vec![(Kind::Commit, 4), (Kind::Deal, 4)],
        &[(Check::KeysDeals, reshared::ROUNDS[0] - 1)],
    ),
    (
        "a round of a resharing closed before its time",
        |plan, _| edit(plan, Kind::Round, 5, |content| content[0] = 3),
        &[(Check::KeysDeals, reshared::ROUNDS[1])],
    ),
    (
        "a round of a resharing closed by a new trustee",
        |plan, _| {
            let heir = plan.handover.as_ref().unwrap().keys.secrets[0].clone();
            plan.signed_by = Some(((Kind::Round, 6), heir));
        },
        &[(Check::RecordSignatures, reshared::ROUNDS[2])],
    ),
    (
        "new trustees confirm the old keys",
        |plan, _| plan.handover.as_mut().unwrap().keys.confirmed = plan.keys.confirmed,
        &[(Check::KeysConfirmed, reshared::CONFIRMATION)],
    ),
    (
        "a resharing that one new trustee confirms",
        |plan, _| plan.without = [3, 4, 5].map(|place| (Kind::Confirmation, place)).to_vec(),
        &[(Check::KeysConfirmed, reshared::CONFIRMATION + 1)],
    ),
    (
        "a close signed by the old trustees",
        |plan, _| plan.by_old = vec![Kind::Close],
        &[(Check::CloseQuorum, reshared::CLOSE)],
    ),
    (
        "a close signed by as many as were enough before",
        |plan, _| plan.closers = vec![2, 4],
        &[(Check::CloseQuorum, reshared::CLOSE)],
    ),
    (
        "a tally opened by the old trustees",
        |plan, _| plan.by_old = vec![Kind::Share],
        &[(Check::SharesProofs, reshared::SHARE)],
    ),
    (
        "a new trustee's share under another's number",
        |plan, _| edit(plan, Kind::Share, 0, |content| content[1] = 2),
        &[(Check::SharesProofs, reshared::SHARE)],
    ),
    (
        "an erasure forged by the operator",
        |plan, world| {
            let Plan { keys, operator, .. } = &*plan;
            let forged = forge::erasure(&keys.ceremony, 2, operator, &mut world.rng);
            edit(plan, Kind::Erasure, 1, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysErased, reshared::ERASURE + 1)],
    ),
    (
        "an erasure of the shares in force",
        |plan, world| {
            let keys = &plan.handover.as_ref().unwrap().keys;
            let forged = forge::erasure(&keys.ceremony, 1, &keys.secrets[0], &mut world.rng);
            edit(plan, Kind::Erasure, 0, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysErased, reshared::ERASURE)],
    ),
    (
        "a trustee's erasure twice",
        |plan, _| plan.handover.as_mut().unwrap().erasers = vec![3, 3],
        &[(Check::KeysErased, reshared::ERASURE + 1)],
    ),
    (
        "a ballot left out of the sums while the keys changed hands",
        |plan, _| drop(plan.counted.remove(1)),
        &[(Check::TallySums, reshared::CLOSE + 1)],
    ),
    (
        "a ballot of two votes while the keys changed hands",
        |plan, world| {
            forge(plan, world, |f| (f.bits[1], f.values[1]) = (1, 1));
            plan.ballots.swap(2, 5);
        },
        &[(Check::BallotProof, reshared::ROUNDS[0] - 1)],
    ),
];

/// Keys of a ceremony that is not on the board, reshared to the same new trustees by the same old ones.
fn other_heirs(plan: &Plan, world: &mut World) -> Keys {
    let heirs = plan.handover.as_ref().unwrap().keys.secrets.clone();
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    Keys::first(manifest, secrets, &messages, rng).reshare(1, &heirs, 2, &[1, 3], rng)
}

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
        let election = plan.election();
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
    let passed = |check: &Check| BEYOND.contains(check) || report.status(*check) == Status::Passed;
    assert!(Check::ALL.iter().all(passed), "{report}");
    let outcome = report.outcome.unwrap();
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Some(2), Some(2)));
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
    // Nobody asked the new trustees.
    assert!(report.rehearsals.iter().all(|(epoch, ..)| *epoch == 0) && report.found.is_empty());
    let outcome = report.outcome.unwrap();
    assert_eq!((outcome.count("mayor", "ada"), outcome.count("mayor", "ben")), (Some(2), Some(2)));
}

/// Each check of the audit is failed by some cheat, and each cheat by that check alone.
#[test]
fn forged_records_are_refused_by_the_check_that_they_break() {
    let mut world = World::town(1);
    let (manifest, rng) = (Expect::manifest(world.manifest.hash()), &mut rng(0));
    let honest = Plan::town(&mut world).write(rng).tree.root();
    let mut failed = BTreeSet::new();
    let towns = CHEATS.iter().map(|cheat| (cheat, Plan::town as fn(&mut World) -> Plan));
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

/// How far an audit of each part of a record comes: from which size on a phase, and the checks not reached.
type Steps = [(usize, Phase, &'static [u8])];

/// Checks that nobody asks for are not among them.
const STEPS: &Steps = &[
    (0, Phase::Empty, &[3, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23]),
    (1, Phase::Committing, &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23]),
    (5, Phase::Dealing, &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23]),
    (9, Phase::Complaining, &[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23]),
    (10, Phase::Confirming, &[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23]),
    (14, Phase::Enrolling, &[9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 23]),
    (19, Phase::Voting, &[15, 16, 17, 18, 19]),
    (25, Phase::Closed, &[16, 17, 18, 19]),
    (26, Phase::Opening, &[18, 19]),
    (29, Phase::Finished, &[]),
];

const RESHARED_STEPS: &Steps = &[
    (0, Phase::Empty, STEPS[0].2),
    (1, Phase::Committing, STEPS[1].2),
    (5, Phase::Dealing, STEPS[2].2),
    (9, Phase::Complaining, STEPS[3].2),
    (10, Phase::Confirming, STEPS[4].2),
    (14, Phase::Enrolling, STEPS[5].2),
    // The resharing, from its order to the last erasure, happens within the vote.
    (19, Phase::Voting, STEPS[6].2),
    (40, Phase::Closed, STEPS[7].2),
    (41, Phase::Opening, STEPS[8].2),
    (44, Phase::Finished, &[]),
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
    let entries: Vec<_> = record::Entries::new(&log.bytes).map(Result::unwrap).collect();
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
        // Without a manifest there is not even a part of an election.
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

/// Whoever breaks the rules of the ceremony is out and named, and the record is good without them.
#[test]
fn whoever_is_out_of_the_ceremony_is_named_by_the_audit() {
    let mut world = World::town(10);
    let mut plan = Plan::town(&mut world);
    let deal = unpromised(&mut plan, &mut world, 1);
    // What the two who are left would do alone.
    let (commits, deals) = (plan.keys.commits.clone(), plan.keys.deals.clone());
    let World { manifest, operator, secrets, roll, rng, .. } = &mut world;
    let mut board = Board::new();
    board.post_manifest(manifest, operator, rng).unwrap();
    for commit in &commits {
        board.post_commit(commit, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.post_deal(&deals[0], rng).unwrap();
    board.post(&object(Kind::Deal, &deal), rng).unwrap();
    board.post_deal(&deals[2], rng).unwrap();
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
        board.post_confirmation(trustee.number(), &trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.ask(operator, rng).unwrap();
    for trustee in &left {
        board.post_rehearsal(&trustee.rehearse(board.state(), rng).unwrap(), rng).unwrap();
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
    let fault = tabella::keys::Fault::WrongCommit;
    assert_eq!(report.found, [(0, Verdict { party: Party::Dealer(2), fault })]);
    assert_eq!(report.rehearsals, [(0, 1, 1), (0, 3, 1)]);
    assert!(
        report
            .to_string()
            .contains("\nfault     epoch 0: dealer 2 dealt otherwise than promised\n")
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
    let again = Refusal::AlreadyOnBoard { entry: 24 };
    let expected = [
        finding(Check::BallotProof, 19, refused(Some(*two.as_bytes()), v2)),
        finding(Check::BallotVoter, 22, refused(Some(*five.as_bytes()), style)),
        finding(Check::BallotForm, 23, refused(None, malformed.clone())),
        finding(Check::BallotUnique, 28, refused(Some(*two.as_bytes()), again)),
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
        &format!("\nballot.proof: entry 19: ballot of voter {}: ", hex::encode(two.as_bytes())),
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
    let right =
        Expect { manifest: Some(hash), size: Some(SIZE), root: Some(root), ..Expect::default() };
    let manifest = Fault::Manifest { found: hash, expected: other_hash };
    let size = |expected| Fault::Size { found: SIZE, expected };
    let another = Fault::Root { found: root, expected: other_root };
    let (of_manifest, of_record) = (Check::ManifestExpected, Check::RecordExpected);
    let cases: [(Expect, Vec<(Check, Fault)>); 5] = [
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
