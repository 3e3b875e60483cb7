//! Cheats with rehearsals.

use super::{Cheat, FREEZE, QUESTION, REHEARSAL, ROLL, content, edit, forge, other_keys};
use crate::forge::{Plan, object};
use tabella::{audit::Check, board::Kind};

pub const CHEATS: &[Cheat] = &[
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
];
