//! Cheats with the manifest, signatures, and the form of entries.

use super::{Cheat, FREEZE, MANIFEST, NOWHERE, edit};
use crate::{
    World,
    forge::{FIRST_BALLOT, Plan},
};
use tabella::{audit::Check, board::Kind};

pub const CHEATS: &[Cheat] = &[
    // Manifest and signatures.
    (
        "a manifest with a mistake",
        |plan, _| {
            // The operator's key gets the proof of another key. Before it are version, id and title, both `test`; after it
            // the number of trustees, a name of nine letters, and that other key.
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
