//! A whole election through the public API.

use rand_core::OsRng;
use tabella::{
    audit::{self, Expect},
    author::AuthorSecret,
    ballot::{Choices, Header},
    board::Board,
    dlog::DlogTable,
    keys,
    manifest::{Contest, Manifest},
    record::{self, Checkpoint},
    roll::Credential,
};

#[test]
fn referendum() {
    let rng = &mut OsRng;
    let operator = AuthorSecret::random(rng).unwrap();
    let secrets: Vec<_> = (0..3).map(|_| AuthorSecret::random(rng).unwrap()).collect();
    let manifest = Manifest::builder("bridge")
        .operator(operator.public().clone())
        .trustees(secrets.iter().map(|s| s.public().clone()), 2)
        .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
        .build()
        .unwrap();
    let voters: Vec<_> = (0..12).map(|_| Credential::random(rng).unwrap()).collect();
    let roll: Vec<_> = voters.iter().map(|v| v.registration(&manifest, 0, rng).unwrap()).collect();
    let (deals, trustees) = keys::in_one_process(&manifest, &secrets, rng).unwrap();
    let mut board = Board::open(&manifest, &operator, &deals, &trustees, &roll, rng).unwrap();
    let election = board.election().unwrap().clone();
    for (i, voter) in voters.iter().enumerate() {
        let choices = match i {
            0..7 => Choices::new().pick("bridge", "yes"),
            7..11 => Choices::new().pick("bridge", "no"),
            _ => Choices::new().blank("bridge"),
        };
        let sealed = election.encrypt(voter, &Header::remote(0), &choices, rng).unwrap();
        board.cast(&sealed.cast(), rng).unwrap();
    }
    // One changes their mind.
    let header = Header { sequence: 1, ..Header::remote(0) };
    let choices = Choices::new().pick("bridge", "no");
    let again = election.encrypt(&voters[0], &header, &choices, rng).unwrap();
    assert!(board.cast(&again.cast(), rng).unwrap().replaces.is_some());

    board.close(&operator, &trustees, rng).unwrap();
    let tally = board.tally(&operator, rng).unwrap();
    for trustee in &trustees[..2] {
        board.post_share(&trustee.open(&election, &tally, rng).unwrap(), rng).unwrap();
    }
    let table = DlogTable::new(tally.bound(&manifest));
    let outcome = board.finish(&operator, &table, rng).unwrap();
    assert_eq!(outcome.count("bridge", "yes"), Some(6));
    assert_eq!(outcome.count("bridge", "no"), Some(5));
    assert_eq!(outcome.blanks("bridge"), Some(1));
    assert_eq!(outcome.undervotes("bridge"), Some(0));
    assert_eq!(outcome.turnout().remote, 12);

    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    assert_eq!((report.ballots, report.replaced), (13, 1));
    assert_eq!(report.outcome.as_ref(), Some(&outcome));
    let again = record::replay(board.bytes(), rng).unwrap();
    assert_eq!(again.state().root(), board.state().root());
    let checkpoint = Checkpoint::of(board.state()).unwrap();
    assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
}
