//! Rankings and write-ins: from cast ballots to the elected.

use super::accounts::{finish, post};
use attacks::World;
use curve25519_dalek::{RistrettoPoint, Scalar};
use serde_json::Value;
use tabella::{
    audit::{self, Expect, Report},
    ballot::{Choices, Header},
    contest::Contest,
    count::{Counting, Method, Quota, TieBreak, Workings},
    crypto::{
        dlog::DlogTable,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, Statement, shuffle},
        transcript::{Transcript, label},
    },
    tally::{Account, LeftOut, LookupError, Outcome},
    views,
};

fn stv(seats: u16) -> Counting {
    Counting {
        method: Method::Stv { quota: Quota::Droop, places: 9 },
        seats,
        tie_break: TieBreak::Order,
    }
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
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let World { manifest, operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.mix(&trustees[..2], rng).unwrap();
    for place in [0, 2] {
        let share = trustees[place].open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = DlogTable::new(tally.bound());
    let outcome = board.finish(operator, &table, rng).unwrap();
    for counted in outcome.counted() {
        let names: Vec<&str> = counted.candidates.iter().map(String::as_str).collect();
        println!("{}", counted.count.named(&names));
    }
    assert_eq!(outcome.elected("council"), Ok(vec!["Ben", "Cleo"]));
    assert_eq!(outcome.elected("mayor"), Ok(vec!["Zoë"]));
    assert_eq!(outcome.count("mayor", "Emil"), Ok(5));
    assert_eq!(outcome.undervotes("mayor"), Ok(0));
    assert_eq!(tabella::board::replay(board.bytes(), rng).unwrap().bytes(), board.bytes());
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    println!("{report}");
}

fn plurality() -> Contest {
    Contest::choose_one("mayor", ["Dora", "Emil"]).blank().write_ins(1, 20)
}

/// From ballots, each with voter, style and choices, to the result, which an audit accepts.
fn count(world: &mut World, ballots: &[(usize, u16, Choices)]) -> (Outcome, Report) {
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, style, choices) in ballots {
        let ballot = world.ballot(&election, *voter, &Header::remote(*style), choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    finish(world, &mut board)
}

fn rows(report: &Report) -> Vec<(usize, &str, usize)> {
    report.mixed.iter().map(|m| (m.cell, m.contest.as_str(), m.rows)).collect()
}

#[test]
fn one_ballot_is_mixed_like_a_million() {
    for voters in [1, 2] {
        let council = Contest::rank("council", ["Ada", "Ben"], stv(1));
        let mut world = World::new(20, (3, 2), &vec![0; voters], |b| {
            b.minimum_cell(1).contest(council).contest(plurality())
        });
        let choices = Choices::new().rank("council", ["Ben"]).write_in("mayor", "Zoë");
        let ballots: Vec<_> = (0..voters).map(|voter| (voter, 0, choices.clone())).collect();
        let (outcome, report) = count(&mut world, &ballots);
        assert_eq!(rows(&report), [(0, "council", voters), (1, "mayor", voters)]);
        assert_eq!(outcome.elected("council"), Ok(vec!["Ben"]));
        assert_eq!(outcome.elected("mayor"), Ok(vec!["Zoë"]));
    }
}

#[test]
fn fewer_ballots_than_the_minimum_are_neither_mixed_nor_opened() {
    let world = || {
        World::new(21, (3, 2), &[0, 0, 0, 0, 1, 1], |b| {
            b.minimum_cell(3)
                .contest(Contest::rank("council", ["Ada", "Ben"], stv(1)))
                .contest(plurality())
                .district("north", "North")
                .district("south", "South")
                .style("north", "north", ["council"])
                .style("south", "south", ["council", "mayor"])
        })
    };
    let ballots: Vec<_> = (0..6)
        .map(|voter| {
            let choices = Choices::new().rank("council", ["Ada"]);
            match voter {
                0..4 => (voter, 0, choices),
                _ => (voter, 1, choices.write_in("mayor", "Zoë")),
            }
        })
        .collect();
    let (outcome, report) = count(&mut world(), &ballots);
    // Two names would be the secrets of two voters.
    assert_eq!(rows(&report), [(0, "council", 6)]);
    let not_opened =
        |contest: &str| LookupError::NotOpened { contest: contest.into(), ballots: 2, least: 3 };
    assert_eq!(outcome.elected("mayor"), Err(not_opened("mayor")));
    assert_eq!(outcome.count("mayor", "Emil"), Err(not_opened("mayor")));
    assert_eq!(outcome.account("mayor"), Err(not_opened("mayor")));
    assert_eq!(outcome.cells()[1].write_ins, 0);
    // The cell and its contest have lines, but no number of votes on them.
    let view: Value = serde_json::from_str(&views::result(&outcome)).unwrap();
    let mayor = &view["contests"][1];
    for numbers in [mayor, &mayor["cells"][0]] {
        for name in ["votes", "write_ins", "marks", "not_given"] {
            assert_eq!(numbers.get(name), Some(&Value::Null), "{name}: {numbers}");
        }
        assert_eq!(numbers["ballots"], 2);
    }
    assert_eq!(mayor["account"], Value::Null);
    // A ranking has no lines whose votes could be counted.
    assert_eq!(view["contests"][0].get("write_ins"), None);
    let (outcome, report) = count(&mut world(), &ballots[4..]);
    assert!(report.mixed.is_empty());
    assert_eq!(outcome.elected("council"), Err(not_opened("council")));
}

/// Cells of one contest, of others that share its slots, and of a contest for all; some ballots have no row at all.
#[test]
fn each_ballot_is_mixed_in_the_cells_of_its_contests() {
    let council = Contest::rank("council", ["Ada", "Ben"], stv(1));
    let chair = |id: &str| Contest::choose_one(id, ["Dora"]).write_ins(2, 40);
    let mut world = World::new(22, (3, 2), &[0, 0, 0, 1, 1, 1, 2, 2], |b| {
        b.minimum_cell(2)
            .contest(plurality())
            .contest(council)
            .contest(chair("chair"))
            .contest(Contest::choose_one("bridge", ["yes", "no"]))
            .district("north", "North")
            .district("south", "South")
            .district("west", "West")
            .style("north", "north", ["mayor", "council", "bridge"])
            .style("south", "south", ["mayor", "chair"])
            .style("west", "west", ["bridge"])
    });
    let slots = |contest| world.manifest.contest_slots(contest).unwrap();
    // A style has one or the other, so they share slots.
    assert!(slots(1).any(|slot| slots(2).contains(&slot)));
    let ballots: Vec<_> = (0..8)
        .map(|voter| match voter {
            0..3 => {
                let choices = Choices::new().write_in("mayor", "Nora").pick("bridge", "yes");
                (voter, 0, choices.rank("council", ["Ben", "Ada"]))
            }
            3..6 => {
                let choices = Choices::new().write_in("mayor", "Sören").write_in("chair", "Ina");
                (voter, 1, choices)
            }
            _ => (voter, 2, Choices::new().pick("bridge", "no")),
        })
        .collect();
    let (outcome, report) = count(&mut world, &ballots);
    assert_eq!(
        rows(&report),
        [(0, "mayor", 3), (1, "mayor", 3), (2, "council", 3), (3, "chair", 3)]
    );
    let names = |cell: usize| -> Vec<_> {
        let rows = outcome.mixed()[cell].rows();
        rows.map(|row| row.written.unwrap().names[0].clone().unwrap()).collect()
    };
    assert_eq!([names(0), names(1)], [vec!["Nora"; 3], vec!["Sören"; 3]]);
    assert_eq!(outcome.elected("council"), Ok(vec!["Ben"]));
    assert_eq!(outcome.elected("chair"), Ok(vec!["Ina"]));
    let contest = String::from("bridge");
    assert_eq!(outcome.elected("bridge"), Err(LookupError::NotCounted { contest }));
    assert_eq!((outcome.count("bridge", "yes"), outcome.count("bridge", "no")), (Ok(3), Ok(2)));
    // Nobody learns more than the totals of the contest: equal votes, and the first by its bytes.
    assert_eq!(outcome.elected("mayor"), Ok(vec!["Nora"]));
}

/// ATTACK. A line has as many votes as an option. With one name on several lines, or with an option's name on a line, a voter
/// would give more votes than allowed, and four would outvote ten.
#[test]
fn lines_with_one_name_are_one_candidate() {
    let mut approval = Contest::approval("club", ["Ada", "Ben"]).write_ins(3, 10);
    approval.rule.max = 5;
    let mut world = World::new(31, (3, 2), &[0; 14], |b| b.minimum_cell(1).contest(approval));
    let mut board = world.open();
    // Options, then lines. An unmodified device writes no option's name.
    for voter in 0..14 {
        match voter {
            0..2 => post(&mut world, &mut board, voter, &[1, 0, 1, 1, 1], &["Ada", "ADA", "ada"]),
            2..4 => post(&mut world, &mut board, voter, &[1, 0, 1, 1, 1], &["Zoë", "ZOË", "zoë"]),
            _ => post(&mut world, &mut board, voter, &[0, 1, 0, 0, 0], &["", "", ""]),
        }
    }
    let (outcome, report) = finish(&mut world, &mut board);
    assert!(report.is_accepted(), "{report}");
    let [club] = outcome.counted() else { panic!() };
    assert_eq!(club.candidates, ["Ada", "Ben", "ZOË"]);
    let Workings::Scores(scores) = &club.count.workings else { panic!() };
    let votes: Vec<String> = scores.iter().map(ToString::to_string).collect();
    assert_eq!(votes, ["4", "10", "2"]);
    assert_eq!((outcome.elected("club"), club.invalid.len()), (Ok(vec!["Ben"]), 0));
    // Three votes for each of two written names: all for an option, and two above the one that a name can have.
    assert_eq!(
        outcome.account("club").unwrap(),
        &Account {
            contest: 0,
            held: 5 * 14,
            counted: 14,
            written_in: 2,
            marked: 0,
            not_given: 70 - 14 - 12,
            left_out: vec![(LeftOut::Listed, 6), (LeftOut::AboveEach, 4)],
        }
    );
}

/// What voters write appears in pages and views, and does no harm there.
#[test]
fn a_report_shows_what_was_counted() {
    let council = Contest::rank("council", ["Ada", "Ben"], stv(1)).write_ins(1, 20);
    let mut world = World::new(32, (3, 2), &[0; 3], |b| {
        b.minimum_cell(1).contest(council).contest(plurality())
    });
    let paper = |order: &[&'static str]| {
        let choices = Choices::new().rank("council", order.iter().copied());
        choices.rank_write_in("council", "<i>Zo\u{eb}").write_in("mayor", "\"&\"")
    };
    let ballots = [(0, 0, paper(&[])), (1, 0, paper(&[])), (2, 0, paper(&["Ben"]))];
    let (outcome, report) = count(&mut world, &ballots);
    assert_eq!(outcome.elected("council"), Ok(vec!["<i>Zo\u{eb}"]));
    let page = report.to_html();
    for part in [
        ">&lt;i&gt;Zo\u{eb}</bdi></strong></li>",
        ">&quot;&amp;&quot;</bdi></strong></li>",
        "<th scope=\"col\">Round 1</th>",
        "Single transferable vote, Droop quota, rounded down to 9 decimal places; 1 seat",
        "<th scope=\"row\">(lost to rounding)</th><td>0</td>",
        "<th scope=\"col\">Mixed</th>",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    assert!(!page.contains("<i>zo"));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let shown = &json["result"]["contests"][0]["count"];
    assert_eq!(shown["elected"][0], "<i>Zo\u{eb}");
    assert_eq!((&shown["quota"], &shown["places"]), (&"droop".into(), &9.into()));
    assert_eq!(
        (&shown["votes_needed"], &shown["rounds"][0]["lost"]),
        (&"2.000000000".into(), &"0.000000000".into())
    );
    assert_eq!(json["mixed"][0]["by"], serde_json::json!([1, 2]));
}

/// With more names than can be candidates, those on the most ballots are, and the others count for nobody.
#[test]
fn a_flood_of_names_leaves_those_on_the_fewest_ballots_out() {
    let voters = 20;
    let flood = Contest::rank("council", (0..239).map(|i| format!("option {i}")), stv(1));
    let mut world = World::new(23, (3, 2), &vec![0; voters], |b| {
        b.minimum_cell(1).contest(flood.write_ins(16, 8))
    });
    let ballots: Vec<_> = (0..voters)
        .map(|voter| {
            let rank = |choices: Choices, i| match (voter, i) {
                // Everybody writes these, in different orders.
                (_, 0..8) => choices.rank_write_in("council", &format!("p{}", (i + voter) % 8)),
                _ => choices.rank_write_in("council", &format!("v{voter} {i}")),
            };
            (voter, 0, (0..16).fold(Choices::new(), rank))
        })
        .collect();
    let (outcome, _) = count(&mut world, &ballots);
    let counted = &outcome.counted()[0];
    assert_eq!((counted.candidates.len(), counted.names_left_out), (255, 8 + 8 * voters - 16));
    assert_eq!(counted.candidates[239..247], [0, 1, 2, 3, 4, 5, 6, 7].map(|i| format!("p{i}")));
    assert!(counted.candidates[247..].iter().all(|name| name.starts_with("v0 ")));
    assert!(counted.invalid.is_empty());
    // Everybody ranks some of the candidates.
    assert!(counted.left_out.is_empty());
    assert_eq!(outcome.account("council").unwrap().counted, 20);
}

/// The trustees' work for ten thousand ballots, without the ballots.
#[test]
#[ignore = "takes a minute"]
fn ten_thousand_rows_go_through_a_cascade() {
    let mut rng = attacks::rng(24);
    let secret = Scalar::random(&mut rng);
    let key = [Element::from_secret(&secret).unwrap()];
    let vote = |i: u64| Scalar::from(i % 7);
    let encrypt = |i| Ciphertext::encrypt(&key, &[vote(i)], &Scalar::random(&mut rng)).unwrap();
    let mut rows: Vec<Ciphertext> = (0..10_000).map(encrypt).collect();
    let generators = Generators::new(rows.len());
    for mixer in 0..2 {
        let mut context = Transcript::new(b"test").proof(label::MIX);
        context.append_u64(b"trustee", mixer);
        let (inputs, mut prover) = (rows, context.clone());
        let (outputs, proof) = shuffle(&key, &inputs, &generators, &mut prover, &mut rng).unwrap();
        let statement = Statement { key: &key, inputs: &inputs, outputs: &outputs };
        assert_eq!(statement.verify(&proof, &generators, &mut context, &mut rng), Ok(()));
        rows = outputs;
    }
    let opened =
        |row: &Ciphertext| (row.b[0].point() - secret * row.a.point()).compress().to_bytes();
    let mut found: Vec<_> = rows.iter().map(opened).collect();
    let plain = |i| RistrettoPoint::mul_base(&vote(i)).compress().to_bytes();
    let mut expected: Vec<_> = (0..10_000).map(plain).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}
