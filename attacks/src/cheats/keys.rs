//! Cheats with roll and keys.

use super::{
    COMMIT, CONFIRMATION, Cheat, DEAL, ROLL, ROUNDS, content, edit, forge, other_dealer,
    other_keys, unpromised,
};
use crate::forge::{FIRST_BALLOT, Plan, object};
use tabella::{audit::Check, board::Kind, codec::Encode, roll::Credential};

pub const CHEATS: &[Cheat] = &[
    (
        "a voter on the roll twice",
        |plan, _| {
            edit(plan, Kind::Roll, 0, |content| {
                content[3] += 1;
                content.extend_from_within(4..4 + 106);
            });
        },
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter of weight 0",
        |plan, _| edit(plan, Kind::Roll, 0, |content| content[4 + 41] = 0),
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter of a weight above 2^40",
        |plan, _| edit(plan, Kind::Roll, 0, |content| content[4 + 36] = 1),
        &[(Check::RollValid, ROLL)],
    ),
    (
        "a voter whose key nobody holds",
        |plan, _| {
            // With the proof from the next line.
            let next = 4 + 106;
            edit(plan, Kind::Roll, 0, move |content| {
                content.copy_within(next + 42..next + 106, 4 + 42);
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
            // It replaces a ballot that is missing now.
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
            // Five slots with two commitments each, then a point, then three shares.
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
];
