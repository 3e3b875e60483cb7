//! Collusions, which no audit finds.

use super::{Change, other_keys, remote, stuff, vote};
use crate::forge::Forgery;
use tabella::roll::Credential;

/// What all trustees and the operator can do together. The record does not show it: only those who know the root from
/// elsewhere, or have a ballot's tracker, can notice it.
pub const COLLUSIONS: &[(&str, Change)] = &[
    ("a ballot taken off the board before the close", |plan, _| {
        plan.ballots.remove(1);
        plan.counted.remove(0);
    }),
    ("a voter's last ballot taken off the board", |plan, _| {
        plan.ballots.pop();
        plan.counted.last_mut().unwrap().0.clone_from(&plan.ballots[0]);
    }),
    ("an absentee's ballot, cast by whoever made the credentials", |plan, world| {
        let ballot = vote(plan, world, 2, &remote(0, 0));
        stuff(plan, ballot);
    }),
    ("ballots in another order", |plan, _| plan.ballots.swap(1, 2)),
    ("a voter with more weight than others", |plan, _| {
        plan.roll[1].weight = 50;
        plan.counted[0].1 = 50;
    }),
    ("a whole election invented under the same manifest", |plan, world| {
        other_keys(plan, world);
        let rng = &mut world.rng;
        let voters = [0, 1].map(|_| Credential::random(rng).unwrap());
        plan.roll =
            voters.iter().map(|v| v.registration(&plan.manifest, 0, rng).unwrap()).collect();
        plan.ballots.clear();
        plan.counted.clear();
        let election = plan.election();
        for voter in &voters {
            let nonce = u64::from(voter.public().as_bytes()[0]) + 2;
            let forgery = Forgery::honest(voter, remote(0, 0), &[0, 1, 0, 1, 0], nonce);
            stuff(plan, forgery.bytes(&election, rng));
        }
    }),
];
