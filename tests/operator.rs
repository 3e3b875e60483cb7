//! Somebody who runs several elections has several secrets. With a secret other than the operator's in the manifest, nothing
//! is signed.

use attacks::{Failing, World, forge::FIRST_BALLOT};
use tabella::{
    board::{Accepted, Board, BoardError, Kind, NoReceipt},
    crypto::{ProveError, dlog::DlogTable, signature::AuthorSecret},
    manifest::Member,
};

/// A generator that fails when it is used, as any signing would.
fn failing(world: &World) -> Failing {
    Failing { rng: world.rng.clone(), left: 0 }
}

/// Refused because of the operator's secret, before anything was done.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, BoardError>) {
    assert!(matches!(result.unwrap_err(), BoardError::OtherOperator(_)));
}

#[test]
fn receipts_are_signed_with_the_operators_key_alone() {
    let mut world = World::town(140);
    let board = world.town_board();
    let strangers = [AuthorSecret::random(&mut world.rng).unwrap(), world.secrets[0].clone()];
    for stranger in &strangers {
        refused(board.receipt(stranger, FIRST_BALLOT, &mut failing(&world)));
        // Whatever else is wrong, this comes first.
        refused(board.receipt(stranger, 0, &mut failing(&world)));
        let entry = board.entry(FIRST_BALLOT).unwrap();
        let error = board.state().receipt(stranger, FIRST_BALLOT, entry, &mut failing(&world));
        let Err(NoReceipt::OtherOperator(error)) = error else { panic!("{error:?}") };
        let (found, expected) = (stranger.public(), world.operator.public());
        assert_eq!((&*error.found, &*error.expected), (found, expected));
        let text = error.to_string();
        assert!(
            text.contains(&found.to_string()) && text.contains(&expected.to_string()),
            "{text}"
        );
    }
    let receipt = board.receipt(&world.operator, FIRST_BALLOT, &mut world.rng).unwrap();
    receipt.verify(&world.manifest, &mut world.rng).unwrap();
}

/// The objects that the operator signs, each when it would be accepted.
#[test]
fn every_object_of_the_operator_is_signed_with_the_operators_key_alone() {
    let mut world = World::referendum(141);
    let stranger = AuthorSecret::random(&mut world.rng).unwrap();
    let (manifest, roll) = (world.manifest.clone(), world.roll.clone());
    let members: Vec<Member> = manifest.trustees().to_vec();
    type Step<'a> = dyn Fn(&mut Board, &AuthorSecret, &mut Failing) -> Result<(), BoardError> + 'a;
    let done = |result: Result<Accepted, BoardError>| result.map(drop);
    let post_manifest: &Step<'_> =
        &|board, secret, rng| done(board.post_manifest(&manifest, secret, rng));
    let close_round: &Step<'_> = &|board, secret, rng| done(board.close_round(secret, rng));
    let ask: &Step<'_> = &|board, secret, rng| done(board.ask(secret, rng));
    let post_roll: &Step<'_> = &|board, secret, rng| done(board.post_roll(&roll, secret, rng));
    let reshare: &Step<'_> =
        &|board, secret, rng| done(board.reshare(secret, &[(&members, 2)], rng));
    let tally: &Step<'_> = &|board, secret, rng| board.tally(secret, rng).map(drop);
    let finish: &Step<'_> =
        &|board, secret, rng| board.finish(secret, &DlogTable::new(100), rng).map(drop);

    let mut board = Board::new();
    let step = |board: &mut Board, world: &World, step: &Step<'_>| {
        let size = board.state().size();
        refused(step(board, &stranger, &mut failing(world)));
        // A signature for another object is invalid for this one.
        let state = board.state();
        let made = state.sign(&stranger, &manifest, Kind::Round, &[0], &mut failing(world));
        assert_eq!(made, Err(ProveError::WrongSecret));
        assert_eq!(board.state().size(), size);
        let mut willing = Failing { left: usize::MAX, ..failing(world) };
        step(board, &world.operator, &mut willing).unwrap();
        assert!(board.state().size() > size);
    };
    step(&mut board, &world, post_manifest);
    for commit in &world.ceremony.commits {
        board.post(commit, &mut world.rng).unwrap();
    }
    step(&mut board, &world, close_round);
    for deal in &world.ceremony.deals {
        board.post(deal, &mut world.rng).unwrap();
    }
    step(&mut board, &world, close_round);
    step(&mut board, &world, close_round);
    for trustee in &world.trustees {
        let signature = trustee.confirm(&mut world.rng).unwrap();
        board.post(&signature, &mut world.rng).unwrap();
    }
    step(&mut board, &world, close_round);
    step(&mut board, &world, ask);
    step(&mut board, &world, post_roll);
    let mut resharing = board.clone();
    step(&mut resharing, &world, reshare);
    let mut trustees = std::mem::take(&mut world.trustees);
    board.close(&world.operator, &mut trustees, &mut world.rng).unwrap();
    step(&mut board, &world, tally);
    step(&mut board, &world, finish);
}
