//! Cheats with the result.

use super::{Cheat, RESULT, SIZE, add, edit};
use crate::forge::object;
use tabella::{audit::Check, board::Kind};

/// Offsets in the result: ten totals, then the turnout.
pub const DISTRICTS: usize = 84;
pub const ON_ROLL: usize = 104;
pub const STATIONS: usize = 124;
pub const REMOTE: usize = 140;

pub const CHEATS: &[Cheat] = &[
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
];
