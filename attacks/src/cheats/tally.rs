//! Cheats with the tally and its shares. Shares and result are those of the forged sums.

use super::{Cheat, SHARE, TALLY, content, edit, remote, vote};
use tabella::{audit::Check, board::Kind};

pub const CHEATS: &[Cheat] = &[
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
];
