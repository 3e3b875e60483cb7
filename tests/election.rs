//! A whole election through the public API.

use attacks::World;
use tabella::audit::{self, Expect};

#[test]
fn referendum() {
    let mut world = World::referendum(1);
    let board = world.referendum_board();
    let outcome = board.state().outcome().unwrap();
    assert_eq!(outcome.count("bridge", "yes"), Ok(6));
    assert_eq!(outcome.count("bridge", "no"), Ok(5));
    assert_eq!(outcome.blanks("bridge"), Ok(1));
    assert_eq!(outcome.undervotes("bridge"), Ok(0));
    assert_eq!(outcome.turnout().remote, 12);

    let rng = &mut world.rng;
    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.ballots, report.replaced), (13, 1));
    assert_eq!(report.outcome.as_ref(), Some(outcome));
    let again = tabella::board::replay(board.bytes(), rng).unwrap();
    assert_eq!(again.state().root(), board.state().root());
}
