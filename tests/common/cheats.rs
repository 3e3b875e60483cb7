//! Forged records: whoever has the secrets of the operator and of all trustees cheats once, and makes everything that
//! follows fit it.
#![allow(dead_code)]

use crate::common::{
    World,
    forge::{self, FIRST_BALLOT, Forgery, Keys, Log, Plan, object},
};
use curve25519_dalek::Scalar;
use tabella::{
    audit::Check,
    ballot::{Choices, Header, Origin, Tracker},
    board::Kind,
    codec::Encode,
    log::merkle::Root,
    roll::Credential,
};

// Entries of the honest town.
pub const MANIFEST: u64 = 0;
pub const COMMIT: u64 = 1;
pub const ROUNDS: [u64; 4] = [4, 8, 9, 13];
pub const DEAL: u64 = 5;
pub const CONFIRMATION: u64 = 10;
pub const QUESTION: u64 = 14;
pub const REHEARSAL: u64 = 15;
pub const ROLL: u64 = 18;
pub const FREEZE: u64 = 24;
pub const CLOSE: u64 = 25;
pub const TALLY: u64 = 28;
pub const SHARE: u64 = 29;
pub const RESULT: u64 = 31;
pub const SIZE: u64 = 32;

/// Those of a town that reshares during the vote, from the resharing on.
pub mod reshared {
    pub const RESHARE: u64 = 20;
    pub const COMMIT: u64 = 21;
    pub const ROUNDS: [u64; 4] = [25, 28, 29, 34];
    pub const DEAL: u64 = 26;
    pub const CONFIRMATION: u64 = 30;
    pub const ERASURE: u64 = 35;
    pub const CLOSE: u64 = 40;
    pub const TALLY: u64 = 43;
    pub const SHARE: u64 = 44;
    pub const SIZE: u64 = 47;
}

/// Checks that are about more than the board, and are not asked for here, or about mixes, which this town does not have.
pub const BEYOND: [Check; 5] = [
    Check::BallotReceipts,
    Check::RecordCheckpoints,
    Check::RecordViews,
    Check::MixesProofs,
    Check::ResultElected,
];

/// The entry of a finding that is about none.
pub const NOWHERE: u64 = u64::MAX;

/// A change of the honest plan.
pub type Change = fn(&mut Plan, &mut World);
/// A name, a change, and all that the audit finds.
pub type Cheat = (&'static str, Change, &'static [(Check, u64)]);

pub fn remote(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

/// Changes the content of the object of this kind and place.
pub fn edit(plan: &mut Plan, kind: Kind, place: usize, change: impl Fn(&mut Vec<u8>) + 'static) {
    plan.edit = Box::new(move |k, p, content| {
        if (k, p) == (kind, place) {
            change(content);
        }
    });
}

/// Adds to a number of eight bytes, big-endian.
pub fn add(content: &mut [u8], at: usize, amount: i64) {
    let bytes: &mut [u8; 8] = (&mut content[at..at + 8]).try_into().unwrap();
    *bytes = u64::from_be_bytes(*bytes).wrapping_add_signed(amount).to_be_bytes();
}

/// A ballot of a voter of the town.
pub fn vote(plan: &Plan, world: &mut World, voter: usize, header: &Header) -> Vec<u8> {
    let election = plan.election();
    let choices = Choices::new().pick("mayor", "ben").pick("pool", "no");
    world.ballot(&election, voter, header, &choices).to_bytes()
}

/// Puts a ballot on the board, and counts it.
pub fn stuff(plan: &mut Plan, ballot: Vec<u8>) {
    plan.ballots.push(ballot.clone());
    plan.counted.push((ballot, 1));
}

/// A ballot whose proof was made with other facts.
pub fn forge(plan: &mut Plan, world: &mut World, change: fn(&mut Forgery)) {
    let mut forgery = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    change(&mut forgery);
    let election = plan.election();
    stuff(plan, forgery.bytes(&election, &mut world.rng));
}

/// The objects with which a ballot is spoiled.
pub struct Spoil {
    pub request: Vec<u8>,
    pub opening: Vec<u8>,
}

/// A good ballot of a voter who has cast none, and what spoils it.
pub fn spoil(plan: &Plan, world: &mut World) -> (Spoil, Vec<u8>) {
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
pub fn other_keys(plan: &mut Plan, world: &mut World) {
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    plan.keys = Keys::first(manifest, secrets, &messages, rng);
}

/// Exchanges a dealer's commit and deal, and says what the trustees confirmed.
pub fn other_dealer(plan: &mut Plan, world: &mut World, place: usize) -> [u8; 32] {
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
pub fn unpromised(plan: &mut Plan, world: &mut World, place: usize) -> Vec<u8> {
    let World { manifest, secrets, rng, .. } = world;
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    let deal = others.deals[place].to_bytes();
    assert_ne!(deal, plan.keys.deals[place].to_bytes());
    deal
}

/// The object of this kind and place in the plan's record, without its kind.
pub fn content(plan: &Plan, world: &mut World, kind: Kind, place: usize) -> Vec<u8> {
    let log = plan.write(&mut world.rng);
    let entries = tabella::log::Entries::new(&log.bytes).map(Result::unwrap);
    let mut entries = entries.filter(|entry| entry[0] == kind as u8);
    entries.nth(place).unwrap()[1..].to_vec()
}

/// The places of the result: ten totals, then the turnout.
pub const DISTRICTS: usize = 84;
pub const ON_ROLL: usize = 104;
pub const STATIONS: usize = 124;
pub const REMOTE: usize = 140;

pub const CHEATS: &[Cheat] = &[
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
    ("no tally", |plan, _| plan.without.extend([(Kind::Tally, 0)]), &[(Check::RecordOrder, TALLY)]),
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
            let share = content(plan, world, Kind::Share, 0);
            edit(plan, Kind::Share, 1, move |content| content.clone_from(&share));
        },
        &[(Check::SharesProofs, SHARE + 1)],
    ),
    // The close.
    (
        "a close signed by too few",
        |plan, _| plan.closers = vec![1, 3],
        &[(Check::CloseQuorum, TALLY - 1)],
    ),
    (
        "a close signed by one trustee three times",
        |plan, _| plan.closers = vec![2, 2, 2],
        &[(Check::CloseQuorum, CLOSE + 1)],
    ),
    (
        "a close signed under another's number",
        |plan, _| edit(plan, Kind::Close, 1, |content| content[1] = 3),
        &[(Check::CloseQuorum, CLOSE + 1)],
    ),
    (
        "a ballot taken off the board after the close",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before_close(&log));
            plan.ballots.remove(1);
            plan.counted.remove(0);
        },
        &[(Check::CloseQuorum, CLOSE - 1)],
    ),
    (
        "a ballot slipped in after the trustees had signed",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before_close(&log));
            let ballot = vote(plan, world, 2, &remote(0, 0));
            stuff(plan, ballot);
        },
        &[(Check::CloseQuorum, CLOSE + 1)],
    ),
    (
        "ballots that change places after the close",
        |plan, world| {
            let log = plan.write(&mut world.rng);
            plan.closed_at = Some(place_before_close(&log));
            plan.ballots.swap(1, 2);
        },
        &[(Check::CloseQuorum, CLOSE)],
    ),
    (
        "no freeze",
        |plan, _| plan.without.extend([(Kind::Freeze, 0)]),
        &[(Check::RecordOrder, FREEZE)],
    ),
    (
        "a freeze that a trustee signed",
        |plan, _| plan.signed_by = Some(((Kind::Freeze, 0), plan.keys.secrets[0].clone())),
        &[(Check::RecordSignatures, FREEZE)],
    ),
    (
        "a freeze lifted after a trustee had signed",
        |plan, _| plan.lifted = Some(1),
        &[(Check::RecordOrder, CLOSE + 1)],
    ),
    (
        "a signature under a close whose freeze was lifted",
        |plan, world| {
            plan.lifted = Some(0);
            let log = plan.write(&mut world.rng);
            let first = entry_kinds(&log).iter().position(|kind| *kind == Kind::Freeze as u8);
            plan.closed_at = Some(place_before(&log, first.unwrap() + 1));
        },
        &[(Check::CloseQuorum, CLOSE + 2)],
    ),
    (
        "no close",
        |plan, _| plan.without.extend([0, 1, 2].map(|place| (Kind::Close, place))),
        &[(Check::CloseQuorum, CLOSE)],
    ),
    // Ballots. Where one is refused, so is everything that is signed over it.
    (
        "a ballot after the close",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(0, 0));
            plan.late.push(ballot.clone());
            plan.counted.push((ballot, 1));
        },
        &[(Check::RecordOrder, TALLY)],
    ),
    (
        "a ballot while voting is frozen",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(0, 0));
            plan.after.push(((Kind::Freeze, 0), object(Kind::Ballot, &ballot)));
        },
        &[(Check::RecordOrder, FREEZE + 1)],
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
        &[(Check::BallotVoter, FREEZE)],
    ),
    (
        "a ballot of another district",
        |plan, world| {
            let ballot = vote(plan, world, 2, &remote(1, 0));
            stuff(plan, ballot);
        },
        &[(Check::BallotVoter, FREEZE)],
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
        &[(Check::BallotProof, FREEZE)],
    ),
    (
        "a ballot with a thousand votes and as many negative ones",
        |plan, world| {
            forge(plan, world, |f| {
                (f.bits[0], f.bits[1]) = (1000, -999);
                f.values.clone_from(&f.bits);
            });
        },
        &[(Check::BallotProof, FREEZE)],
    ),
    (
        "a ballot that encrypts something else",
        |plan, world| forge(plan, world, |f| f.values[0] = 500),
        &[(Check::BallotProof, FREEZE)],
    ),
    (
        "a ballot copied without its nonce",
        |plan, world| forge(plan, world, |f| f.known_nonce = Scalar::ONE),
        &[(Check::BallotProof, FREEZE)],
    ),
    (
        "an absentee's ballot, cast without the credential",
        |plan, world| forge(plan, world, |f| f.signer = Scalar::ONE),
        &[(Check::BallotProof, FREEZE)],
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
        &[(Check::BallotUnique, FREEZE)],
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
        &[(Check::BallotUnique, FREEZE + 1)],
    ),
    (
        "an old ballot as the last one",
        |plan, world| {
            let ballot = vote(plan, world, 0, &remote(0, 0));
            plan.counted.last_mut().unwrap().0.clone_from(&ballot);
            plan.ballots.push(ballot);
        },
        &[(Check::BallotSequence, FREEZE)],
    ),
    (
        "a voter's ballots in another order",
        |plan, _| plan.ballots.swap(0, 4),
        &[(Check::BallotSequence, FIRST_BALLOT)],
    ),
    (
        "a ballot taken out that was replaced",
        |plan, _| drop(plan.ballots.remove(0)),
        &[(Check::BallotSequence, FREEZE - 2)],
    ),
    (
        "more ballots than a voter has",
        |plan, world| {
            for sequence in [2, 3] {
                let ballot = vote(plan, world, 0, &remote(0, sequence));
                plan.ballots.push(ballot);
            }
        },
        &[(Check::BallotSequence, FREEZE + 1)],
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
        |plan, _| plan.without.extend([(Kind::Roll, 0)]),
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
            // It replaces one that is not there now.
            (Check::BallotSequence, FIRST_BALLOT + 4),
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
        |plan, _| plan.without.extend([(Kind::Commit, 1)]),
        &[(Check::KeysDeals, DEAL)],
    ),
    (
        "a commit and its deal left out, with the keys of all",
        |plan, _| plan.without.extend([(Kind::Commit, 1), (Kind::Deal, 1)]),
        &[(Check::KeysConfirmed, CONFIRMATION - 2)],
    ),
    (
        "commits of one dealer alone",
        |plan, _| plan.without.extend([(Kind::Commit, 0), (Kind::Commit, 2)]),
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
            let commit = content(plan, world, Kind::Commit, 0);
            plan.without.extend([(Kind::Commit, 0)]);
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
        |plan, _| plan.without.extend([(Kind::Round, 0)]),
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
        |plan, _| plan.without.extend([(Kind::Round, 2)]),
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
            let round = content(plan, world, Kind::Round, 3);
            plan.after.push(((Kind::Round, 3), object(Kind::Round, &round)));
        },
        &[(Check::RecordOrder, ROUNDS[3] + 1)],
    ),
    (
        "no confirmation",
        |plan, _| plan.without.extend([0, 1, 2].map(|place| (Kind::Confirmation, place))),
        &[(Check::KeysConfirmed, CONFIRMATION)],
    ),
    (
        "fewer confirmations than it takes to open",
        |plan, _| plan.without.extend([0, 2].map(|place| (Kind::Confirmation, place))),
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
            let again = content(plan, world, Kind::Confirmation, 0);
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
        |plan, _| plan.without.extend([(Kind::Question, 0)]),
        &[(Check::RecordOrder, QUESTION)],
    ),
    (
        "a rehearsal of an earlier question",
        |plan, world| {
            let earlier = content(plan, world, Kind::Rehearsal, 1);
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
            let rehearsal = content(&other, world, Kind::Rehearsal, 0);
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
            let again = content(plan, world, Kind::Rehearsal, 0);
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
        &[(Check::KeysErased, FREEZE)],
    ),
    // Spoiled ballots. Voter 2 has cast none.
    (
        "a spoiled ballot cast and counted",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            plan.after.push(((Kind::Ballot, 4), spoil.request));
            stuff(plan, ballot);
        },
        &[(Check::BallotSpoiled, FREEZE + 1)],
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
        &[(Check::BallotSpoiled, FREEZE + 1)],
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
        &[(Check::BallotSpoiled, FREEZE)],
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
        &[(Check::BallotSpoiled, FREEZE)],
    ),
    (
        "a spoil request that is cut",
        |plan, world| {
            let (mut spoil, _) = spoil(plan, world);
            spoil.request.pop();
            plan.after.push(((Kind::Ballot, 4), spoil.request));
        },
        &[(Check::BallotSpoiled, FREEZE)],
    ),
    (
        "an opening of a ballot that was not spoiled",
        |plan, world| {
            let (spoil, _) = spoil(plan, world);
            plan.after.push(((Kind::Ballot, 4), spoil.opening));
        },
        &[(Check::BallotSpoiled, FREEZE)],
    ),
    (
        "an opening with another nonce",
        |plan, world| {
            let (spoil, ballot) = spoil(plan, world);
            let opening = forge::spoil_opening(&ballot, &Scalar::from(8u64));
            plan.after.push(((Kind::Ballot, 4), spoil.request));
            plan.after.push(((Kind::Ballot, 4), object(Kind::SpoilOpening, &opening)));
        },
        &[(Check::BallotSpoiled, FREEZE + 1)],
    ),
    (
        "an opening twice",
        |plan, world| {
            let (Spoil { request, opening }, _) = spoil(plan, world);
            let objects = [request, opening.clone(), opening];
            plan.after.extend(objects.map(|object| ((Kind::Ballot, 4), object)));
        },
        &[(Check::BallotSpoiled, FREEZE + 2)],
    ),
    (
        "a spoil request after the close",
        |plan, world| {
            let (spoil, _) = spoil(plan, world);
            plan.after.push(((Kind::Close, 2), spoil.request));
        },
        &[(Check::RecordOrder, TALLY)],
    ),
    (
        "a spoil request while voting is frozen",
        |plan, world| {
            let (spoil, _) = spoil(plan, world);
            plan.after.push(((Kind::Freeze, 0), spoil.request));
        },
        &[(Check::RecordOrder, FREEZE + 1)],
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
    (
        "no manifest",
        |plan, _| plan.without.extend([(Kind::Manifest, 0)]),
        &[(Check::RecordOrder, 0)],
    ),
    // Form.
    (
        "an unknown object",
        |plan, _| plan.after.push(((Kind::Roll, 0), vec![77])),
        &[(Check::RecordForm, FIRST_BALLOT)],
    ),
    (
        "a chunk without a header",
        |plan, _| plan.after.push(((Kind::Ballot, 4), vec![0xff, 1])),
        &[(Check::RecordForm, FREEZE)],
    ),
    (
        "no result",
        |plan, _| plan.without.extend([(Kind::Result, 0)]),
        &[(Check::RecordComplete, NOWHERE)],
    ),
    (
        "a whole other election",
        |plan, _| *plan = Plan::town(&mut World::town(2)),
        &[(Check::ManifestExpected, NOWHERE)],
    ),
];

/// Cheats in a town that reshares during the vote.
pub const RESHARING_CHEATS: &[Cheat] = &[
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
            let key = tabella::crypto::signature::AuthorSecret::random(&mut world.rng)
                .unwrap()
                .public()
                .to_bytes();
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
        |plan, _| plan.without.extend([(Kind::Commit, 4), (Kind::Deal, 4)]),
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
        |plan, _| plan.without.extend([3, 4, 5].map(|place| (Kind::Confirmation, place))),
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
        &[(Check::CloseQuorum, reshared::CLOSE + 2)],
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
        &[(Check::TallySums, reshared::TALLY)],
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
pub fn other_heirs(plan: &Plan, world: &mut World) -> Keys {
    let heirs = plan.handover.as_ref().unwrap().keys.secrets.clone();
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    Keys::first(manifest, secrets, &messages, rng).reshare(1, &heirs, 2, &[1, 3], rng)
}

/// What all trustees and the operator can do together. Nothing in the record shows it: only who knows the root from
/// elsewhere, or has a ballot's tracker, sees it.
pub const COLLUSIONS: &[(&str, Change)] = &[
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

/// Size and root of a record behind its freeze, before the signatures under the close.
pub fn place_before_close(log: &Log) -> (u64, Root) {
    let close = entry_kinds(log).iter().position(|kind| *kind == Kind::Close as u8);
    place_before(log, close.unwrap())
}

/// Size and root of so many entries of a record.
fn place_before(log: &Log, entries: usize) -> (u64, Root) {
    let mut part = Log::default();
    let all = tabella::log::Entries::new(&log.bytes).map(Result::unwrap);
    all.take(entries).for_each(|bytes| part.entry(bytes));
    (part.tree.size(), part.tree.root())
}

fn entry_kinds(log: &Log) -> Vec<u8> {
    tabella::log::Entries::new(&log.bytes).map(|entry| entry.unwrap()[0]).collect()
}
