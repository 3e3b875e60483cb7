//! Cheats with votes by proxy, in a town that allows none.

use super::{Cheat, FREEZE, ROLL, remote, stuff};
use crate::forge::{Forgery, object};
use tabella::{audit::Check, board::Kind, codec::Encode, roll::Credential};

pub const CHEATS: &[Cheat] = &[
    (
        "a proxy where none is allowed",
        |plan, world| {
            let key = Credential::random(&mut world.rng).unwrap();
            let delegation = object(Kind::Delegation, &world.delegation(2, &key, 0).to_bytes());
            plan.after.push(((Kind::Roll, 0), delegation));
        },
        &[(Check::RollProxies, ROLL + 1)],
    ),
    (
        "a ballot of a proxy whom nobody named",
        |plan, world| {
            let key = Credential::random(&mut world.rng).unwrap();
            let ballot = Forgery::honest(&key, remote(0, 0), &[1, 0, 1, 0, 0], 9);
            let ballot = ballot.bytes(&plan.election(), &mut world.rng);
            stuff(plan, ballot);
        },
        &[(Check::BallotVoter, FREEZE)],
    ),
];
