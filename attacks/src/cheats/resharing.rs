//! Cheats with a resharing during the vote.

use super::{Cheat, edit, forge};
use crate::{
    World,
    forge::{Keys, Plan},
};
use curve25519_dalek::Scalar;
use tabella::{audit::Check, board::Kind, codec::Encode};

/// The entries of a town that reshares during the vote, from the resharing on.
pub mod reshared {
    pub const RESHARE: u64 = 20;
    pub const COMMIT: u64 = 21;
    pub const ROUNDS: [u64; 4] = [25, 28, 29, 34];
    pub const DEAL: u64 = 26;
    pub const CONFIRMATION: u64 = 30;
    pub const ERASURE: u64 = 35;
    pub const CLOSE: u64 = 40;
    pub const TALLY: u64 = 43;
    pub const SHARE: u64 = 44;
    pub const SIZE: u64 = 47;
}

/// Cheats in a town that reshares during the vote.
pub const RESHARING_CHEATS: &[Cheat] = &[
    (
        "a resharing that the operator did not order",
        |plan, _| plan.signed_by = Some(((Kind::Reshare, 0), plan.keys.secrets[0].clone())),
        &[(Check::RecordSignatures, reshared::RESHARE)],
    ),
    (
        "a resharing to nobody",
        |plan, _| {
            edit(plan, Kind::Reshare, 0, |content| {
                content.truncate(6);
                content[5] = 0;
            });
        },
        &[(Check::KeysDeals, reshared::RESHARE)],
    ),
    (
        "a resharing to a key whose secret nobody holds",
        |plan, _| {
            // Threshold, count, a name of six letters, then key and proof; the proof of the next member's key.
            let (first, member) = (2 + 4 + 4 + 6, 4 + 6 + 96);
            edit(plan, Kind::Reshare, 0, move |content| {
                content.copy_within(first + member + 32..first + member + 96, first + 32);
            });
        },
        &[(Check::KeysDeals, reshared::RESHARE)],
    ),
    (
        "a new trustee's key swapped for another's",
        |plan, world| {
            let key = tabella::crypto::signature::AuthorSecret::random(&mut world.rng)
                .unwrap()
                .public()
                .to_bytes();
            edit(plan, Kind::Reshare, 0, move |content| content[16..112].copy_from_slice(&key));
        },
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a threshold lowered after the old trustees had dealt",
        |plan, _| edit(plan, Kind::Reshare, 0, |content| content[1] = 1),
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a resharing of other keys",
        |plan, world| {
            let keys = other_heirs(plan, world);
            plan.handover.as_mut().unwrap().keys = keys;
        },
        &[(Check::KeysDeals, reshared::COMMIT)],
    ),
    (
        "a resharing of other keys that the old trustees promised and proved",
        |plan, world| {
            // Valid proofs, but of secrets that are not the dealers' shares.
            let setup = plan.handover.as_ref().unwrap().keys.setup.clone();
            let posted = [1, 3].map(|dealer| {
                let author = &plan.keys.secrets[usize::from(dealer) - 1];
                let secrets = vec![Scalar::from(5u64); setup.slots()];
                let deal = forge::deal(&setup, dealer, author, &secrets, &mut world.rng);
                (forge::commit(&setup, dealer, &deal, author, &mut world.rng), deal)
            });
            plan.edit = Box::new(move |kind, place, content| {
                let posted = place.checked_sub(3).and_then(|place| posted.get(place));
                match (kind, posted) {
                    (Kind::Commit, Some((commit, _))) => content.clone_from(commit),
                    (Kind::Deal, Some((_, deal))) => content.clone_from(deal),
                    _ => {}
                }
            });
        },
        &[(Check::KeysDeals, reshared::ROUNDS[1])],
    ),
    (
        "a deal of a resharing whose secret is another",
        |plan, _| {
            // The first two coefficients of the first slot are swapped.
            edit(plan, Kind::Deal, 3, |content| content[2..66].rotate_left(32));
        },
        &[(Check::KeysDeals, reshared::DEAL)],
    ),
    (
        "a resharing by too few",
        |plan, _| plan.without.extend([(Kind::Commit, 4), (Kind::Deal, 4)]),
        &[(Check::KeysDeals, reshared::ROUNDS[0] - 1)],
    ),
    (
        "a round of a resharing closed before its time",
        |plan, _| edit(plan, Kind::Round, 5, |content| content[0] = 3),
        &[(Check::KeysDeals, reshared::ROUNDS[1])],
    ),
    (
        "a round of a resharing closed by a new trustee",
        |plan, _| {
            let heir = plan.handover.as_ref().unwrap().keys.secrets[0].clone();
            plan.signed_by = Some(((Kind::Round, 6), heir));
        },
        &[(Check::RecordSignatures, reshared::ROUNDS[2])],
    ),
    (
        "new trustees confirm the old keys",
        |plan, _| plan.handover.as_mut().unwrap().keys.confirmed = plan.keys.confirmed,
        &[(Check::KeysConfirmed, reshared::CONFIRMATION)],
    ),
    (
        "a resharing that one new trustee confirms",
        |plan, _| plan.without.extend([3, 4, 5].map(|place| (Kind::Confirmation, place))),
        &[(Check::KeysConfirmed, reshared::CONFIRMATION + 1)],
    ),
    (
        "a close signed by the old trustees",
        |plan, _| plan.by_old = vec![Kind::Close],
        &[(Check::CloseQuorum, reshared::CLOSE)],
    ),
    (
        "a close signed by as many as were enough before",
        |plan, _| plan.closers = vec![2, 4],
        &[(Check::CloseQuorum, reshared::CLOSE + 2)],
    ),
    (
        "a tally opened by the old trustees",
        |plan, _| plan.by_old = vec![Kind::Share],
        &[(Check::SharesProofs, reshared::SHARE)],
    ),
    (
        "a new trustee's share under another's number",
        |plan, _| edit(plan, Kind::Share, 0, |content| content[1] = 2),
        &[(Check::SharesProofs, reshared::SHARE)],
    ),
    (
        "an erasure forged by the operator",
        |plan, world| {
            let Plan { keys, operator, .. } = &*plan;
            let forged = forge::erasure(&keys.ceremony, 2, operator, &mut world.rng);
            edit(plan, Kind::Erasure, 1, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysErased, reshared::ERASURE + 1)],
    ),
    (
        "an erasure of the shares in force",
        |plan, world| {
            let keys = &plan.handover.as_ref().unwrap().keys;
            let forged = forge::erasure(&keys.ceremony, 1, &keys.secrets[0], &mut world.rng);
            edit(plan, Kind::Erasure, 0, move |content| content.clone_from(&forged));
        },
        &[(Check::KeysErased, reshared::ERASURE)],
    ),
    (
        "a trustee's erasure twice",
        |plan, _| plan.handover.as_mut().unwrap().erasers = vec![3, 3],
        &[(Check::KeysErased, reshared::ERASURE + 1)],
    ),
    (
        "a ballot left out of the sums while the keys changed hands",
        |plan, _| drop(plan.counted.remove(1)),
        &[(Check::TallySums, reshared::TALLY)],
    ),
    (
        "a ballot of two votes while the keys changed hands",
        |plan, world| {
            forge(plan, world, |f| (f.bits[1], f.values[1]) = (1, 1));
            plan.ballots.swap(2, 5);
        },
        &[(Check::BallotProof, reshared::ROUNDS[0] - 1)],
    ),
];

/// Keys of a ceremony that is not on the board, reshared by the same old trustees to the same new ones.
pub fn other_heirs(plan: &Plan, world: &mut World) -> Keys {
    let heirs = plan.handover.as_ref().unwrap().keys.secrets.clone();
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    Keys::first(manifest, secrets, &messages, rng).reshare(1, &heirs, 2, &[1, 3], rng)
}
