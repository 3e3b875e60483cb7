//! Rankings and write-ins: from cast ballots to the elected.

mod common;

use common::World;
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header},
    count::{Counting, Method, Quota, TieBreak},
    dlog::DlogTable,
    manifest::Contest,
    record,
};

fn stv(seats: u16) -> Counting {
    Counting { method: Method::Stv { quota: Quota::Droop }, seats, tie_break: TieBreak::Order }
}

#[test]
fn a_council_by_stv_and_a_mayor_with_write_ins() {
    let council = Contest::rank("council", ["Ada", "Ben", "Cleo"], stv(2)).write_ins(1, 20);
    let mayor = Contest::choose_one("mayor", ["Dora", "Emil"]).blank().write_ins(1, 20);
    let mut world = World::new(1, (3, 2), &[0; 12], |b| b.contest(council).contest(mayor));
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..12 {
        let choices = match voter {
            0..5 => Choices::new().rank("council", ["Ben", "Ada"]).pick("mayor", "Emil"),
            5..9 => Choices::new()
                .rank("council", ["Cleo"])
                .rank_write_in("council", "Zoë")
                .write_in("mayor", "Zoë"),
            9..11 => Choices::new().rank_write_in("council", "ZOË").write_in("mayor", "zoë"),
            _ => Choices::new().blank("mayor"),
        };
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.cast(&ballot, &mut world.rng).unwrap();
    }
    let World { manifest, operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.mix(&trustees[..2], rng).unwrap();
    for place in [0, 2] {
        let share = trustees[place].open(board.state(), rng).unwrap();
        board.post_share(&share, rng).unwrap();
    }
    let table = DlogTable::new(tally.bound(manifest));
    let outcome = board.finish(operator, &table, rng).unwrap();
    for counted in outcome.counted() {
        let names: Vec<&str> = counted.candidates.iter().map(String::as_str).collect();
        println!("{}", counted.count.named(&names));
    }
    assert_eq!(outcome.elected("council"), Some(vec!["Ben", "Cleo"]));
    assert_eq!(outcome.elected("mayor"), Some(vec!["zoë"]));
    assert_eq!(outcome.count("mayor", "Emil"), Some(5));
    assert_eq!(outcome.undervotes("mayor"), Some(0));
    assert_eq!(record::replay(board.bytes(), rng).unwrap().bytes(), board.bytes());
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    println!("{report}");
}
