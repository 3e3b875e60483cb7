//! Cheats with ballots. If one is refused, so is everything signed after it.

use super::{Cheat, FREEZE, ROLL, TALLY, forge, remote, stuff, vote};
use crate::forge::{FIRST_BALLOT, Forgery, object};
use curve25519_dalek::Scalar;
use tabella::{audit::Check, board::Kind, roll::Credential};

pub const CHEATS: &[Cheat] = &[
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
];
