//! Cheats with the close.

use super::{CLOSE, Cheat, FREEZE, TALLY, edit, remote, stuff, vote};
use crate::forge::Log;
use tabella::{audit::Check, board::Kind, log::merkle::Root};

pub const CHEATS: &[Cheat] = &[
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
];

/// Size and root of a record right after its freeze, before the signatures under the close.
pub fn place_before_close(log: &Log) -> (u64, Root) {
    let close = entry_kinds(log).iter().position(|kind| *kind == Kind::Close as u8);
    place_before(log, close.unwrap())
}

/// Size and root of this many entries of a record.
fn place_before(log: &Log, entries: usize) -> (u64, Root) {
    let mut part = Log::default();
    let all = tabella::log::Entries::new(&log.bytes).map(Result::unwrap);
    all.take(entries).for_each(|bytes| part.entry(bytes));
    (part.tree.size(), part.tree.root())
}

fn entry_kinds(log: &Log) -> Vec<u8> {
    tabella::log::Entries::new(&log.bytes).map(|entry| entry.unwrap()[0]).collect()
}
