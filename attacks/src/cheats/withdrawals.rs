//! Cheats with options that are withdrawn.

use super::{Cheat, FREEZE};
use crate::forge::Plan;
use tabella::{audit::Check, board::Kind, tally::Withdrawal};

fn withdraw(plan: &mut Plan, options: &[(usize, usize)]) {
    let reason = String::from("ill");
    let new = |(contest, option)| Withdrawal { contest, option, reason: reason.clone() };
    plan.withdrawn = options.iter().copied().map(new).collect();
}

pub const CHEATS: &[Cheat] = &[
    (
        "an option withdrawn by a trustee",
        |plan, _| {
            withdraw(plan, &[(0, 0)]);
            plan.signed_by = Some(((Kind::Withdrawal, 0), plan.keys.secrets[0].clone()));
        },
        &[(Check::RecordSignatures, FREEZE)],
    ),
    (
        "an option withdrawn that there is not",
        |plan, _| withdraw(plan, &[(1, 2)]),
        &[(Check::OptionsWithdrawn, FREEZE)],
    ),
    (
        "an option withdrawn of a contest that there is not",
        |plan, _| withdraw(plan, &[(2, 0)]),
        &[(Check::OptionsWithdrawn, FREEZE)],
    ),
    (
        "an option withdrawn twice",
        |plan, _| withdraw(plan, &[(1, 0), (1, 0)]),
        &[(Check::OptionsWithdrawn, FREEZE + 1)],
    ),
    (
        "all options withdrawn",
        |plan, _| withdraw(plan, &[(0, 1), (0, 0)]),
        &[(Check::OptionsWithdrawn, FREEZE + 1)],
    ),
    (
        "an option withdrawn for a reason that cannot be seen",
        |plan, _| {
            withdraw(plan, &[(0, 0)]);
            plan.withdrawn[0].reason = "\u{200b}".into();
        },
        &[(Check::OptionsWithdrawn, FREEZE)],
    ),
];
