//! What becomes of votes that a device encrypts and no rule counts: every one of them is reported.

use attacks::{
    World, forge,
    mixes::{ballot_with, open, schulze},
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use tabella::{
    audit::Report,
    ballot::{Choices, Election, Header},
    board::{Board, Kind},
    contest::{Contest, Form},
    crypto::message,
    tally::{Account, LeftOut, Outcome},
};

/// A ballot of a device that writes anything on the lines of the only contest, a choice: votes for options, blank if the
/// contest has it, votes for lines; and names.
pub fn post(world: &mut World, board: &mut Board, voter: usize, marks: &[i64], names: &[&str]) {
    let election: Election = board.election().unwrap().clone();
    let contest = &election.manifest().contests()[0];
    let length = usize::from(contest.write_ins.length);
    let line = |name: &&str| {
        let mut line = vec![0; 1 + length];
        line[0] = name.len() as u8;
        line[1..=name.len()].copy_from_slice(name.as_bytes());
        line
    };
    let written: Vec<u8> = names.iter().flat_map(line).collect();
    let points = marks.iter().map(|votes| RistrettoPoint::mul_base(&Scalar::from(*votes as u64)));
    let mut points: Vec<_> = points.collect();
    let slots = contest.slots() - points.len();
    points.extend(message::encode(&written, slots).unwrap().iter());
    // The bits for these votes.
    let rules = election.manifest().constraints(0).unwrap();
    let bits = (0..1u32 << rules.bits())
        .map(|bits| (0..rules.bits()).map(|bit| bits >> bit & 1 == 1).collect::<Vec<bool>>());
    let mut bits = bits.filter(|bits| rules.allow(bits));
    let bits = bits.find(|bits| rules.values(bits)[..marks.len()] == *marks).unwrap();
    let bits: Vec<u64> = bits.into_iter().map(u64::from).collect();
    let content = ballot_with(world, &election, (voter, Header::remote(0)), &points, &bits);
    board.post(&forge::object(Kind::Ballot, &content), &mut world.rng).unwrap();
}

/// Mixes, opens and audits.
pub fn finish(world: &mut World, board: &mut Board) -> (Outcome, Report) {
    let World { operator, trustees, rng, .. } = &mut *world;
    board.close(operator, trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    board.mix(&trustees[..2], rng).unwrap();
    open(world, board)
}

/// ATTACK. A patched device writes the name of an option on a line, where it counts for nobody. Seven of twelve voters want
/// Ada, Ben wins with five, and the report must say where the seven votes are.
#[test]
fn votes_on_lines_that_name_an_option_are_shown() {
    let club = Contest::choose("club", ["Ada", "Ben", "Cleo"], 0..=2).write_ins(1, 10);
    let mut world = World::new(61, (3, 2), &[0; 12], |b| b.contest(club));
    let mut board = world.open();
    for voter in 0..12 {
        match voter {
            0..7 => post(&mut world, &mut board, voter, &[0, 0, 0, 1], &["ADA"]),
            _ => post(&mut world, &mut board, voter, &[0, 1, 0, 0], &[""]),
        }
    }
    let (outcome, report) = finish(&mut world, &mut board);
    assert_eq!(outcome.elected("club"), Ok(vec!["Ben"]));
    let account = outcome.account("club").unwrap();
    let expected = Account {
        contest: 0,
        held: 24,
        counted: 5,
        written_in: 0,
        marked: 0,
        not_given: 12,
        left_out: vec![(LeftOut::Listed, 7)],
    };
    assert_eq!(account, &expected);
    assert!(account.adds_up());
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(
        json["result"]["contests"][0]["account"],
        serde_json::json!({
            "held": 24, "counted": 5, "written_in": 0, "marked": 0, "not_given": 12,
            "left_out": [{"reason": "listed", "votes": 7}],
        })
    );
    let page = report.to_html();
    for part in [
        "The ballots hold 24 votes:",
        "<dt>for options</dt><dd>5</dd>",
        "<dt>written in and counted</dt><dd>0</dd>",
        "<dt>not given</dt><dd>12</dd>",
        "<dt>left out: a line with the name of an option</dt><dd>7</dd>",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
}

/// All reasons of a choice together, and blank ballots.
#[test]
fn every_vote_of_a_choice_is_accounted_for() {
    let club = Contest::choose("club", ["Ada", "Ben"], 0..=3).blank().write_ins(2, 10);
    let mut world = World::new(62, (3, 2), &[0; 8], |b| b.minimum_cell(1).contest(club));
    let mut board = world.open();
    let ballots: [(&[i64], [&str; 2]); 8] = [
        (&[1, 1, 0, 1, 0], ["Zoe", ""]),
        // Two lines with the same name.
        (&[0, 1, 0, 1, 1], ["zoe", "ZOE"]),
        // One bad name leaves out the whole row.
        (&[1, 0, 0, 1, 1], ["Zoe", " x"]),
        (&[0, 0, 0, 0, 1], ["Zoe", ""]),
        // A line without votes is ignored.
        (&[0, 0, 0, 0, 0], ["ben", "Ned"]),
        (&[0, 0, 0, 1, 1], ["ben", "Ned"]),
        (&[0, 0, 1, 0, 0], ["", ""]),
        (&[1, 1, 0, 0, 0], ["", ""]),
    ];
    for (voter, (marks, names)) in ballots.iter().enumerate() {
        post(&mut world, &mut board, voter, marks, names);
    }
    let (outcome, _) = finish(&mut world, &mut board);
    let account = outcome.account("club").unwrap();
    let left_out = vec![(LeftOut::Name, 3), (LeftOut::Listed, 1), (LeftOut::AboveEach, 1)];
    assert_eq!((account.held, account.marked, account.counted), (24, 3, 6));
    assert_eq!((account.written_in, account.not_given), (3, 24 - 3 - 6 - 8));
    assert_eq!(account.left_out, left_out);
    assert!(account.adds_up());
}

/// With more names than can be candidates, the rest are left out and shown, in a choice and in a ranking.
#[test]
fn names_beyond_the_most_that_stand_are_accounted_for() {
    let options = || (0..254).map(|i| format!("option {i}"));
    let mut world = World::new(63, (3, 2), &[0; 4], |b| {
        b.minimum_cell(1)
            .contest(Contest::choose_one("mayor", options()).write_ins(1, 8))
            .contest(Contest::rank("council", options(), schulze()).write_ins(1, 8))
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, name) in ["a", "b", "c", "a"].into_iter().enumerate() {
        let choices = Choices::new().write_in("mayor", name).rank_write_in("council", name);
        let choices = if voter == 1 { choices.rank("council", ["option 3"]) } else { choices };
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (outcome, _) = finish(&mut world, &mut board);
    let [mayor, council] = outcome.accounts() else { panic!() };
    assert_eq!((mayor.held, mayor.written_in), (4, 2));
    assert_eq!(mayor.left_out, [(LeftOut::TooManyNames, 2)]);
    // A ballot that also ranks somebody else is counted with that.
    assert_eq!((council.held, council.counted), (4, 3));
    assert_eq!(council.left_out, [(LeftOut::TooManyNames, 1)]);
    assert!(mayor.adds_up() && council.adds_up());
    assert!(matches!(outcome.manifest().contests()[1].form, Form::Ranking { .. }));
}
