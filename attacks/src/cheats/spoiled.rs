//! Cheats with spoiled ballots. Voter 2 has not cast any.

use super::{Cheat, FREEZE, Spoil, TALLY, forge, spoil, stuff};
use crate::forge::object;
use curve25519_dalek::Scalar;
use tabella::{audit::Check, ballot::Tracker, board::Kind};

pub const CHEATS: &[Cheat] = &[
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
];
