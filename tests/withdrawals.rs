//! Options that are withdrawn while voting is open.

use attacks::{World, forge};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header},
    board::{Board, BoardError, GuardError, Kind, Phase, Refusal},
    codec::{DecodeErrorKind, Encode},
    contest::{Contest, ContestOption},
    count::{Counting, Method, TieBreak},
    crypto::dlog::DlogTable,
    manifest::Builder,
    tally::{LeftOut, Withdrawal, WithdrawalError},
};

fn counting(method: Method, seats: u16) -> Counting {
    Counting { method, seats, tie_break: TieBreak::Order }
}

/// One contest by votes, one by grades, one by rankings, and a question, each with three options but the last.
fn contests(builder: Builder) -> Builder {
    let board = Contest::choose("board", ["a", "b", "c"], 0..=2).group("g", "G");
    let board = board.counting(counting(Method::Plurality, 1)).blank();
    let judge = Contest::grade("judge", ["d", "e", "f"], ["poor", "good"]);
    let judge = judge.counting(counting(Method::MajorityJudgment, 1));
    let council = Contest::rank("council", ["x", "y", "z"], counting(Method::InstantRunoff, 1));
    builder
        .contest(board)
        .contest(judge)
        .contest(council)
        .contest(Contest::choose_one("bridge", ["yes", "no"]))
}

fn voting(seed: u8) -> (World, Board) {
    let mut world = World::new(seed, (3, 2), &[0; 12], contests);
    let board = world.open();
    (world, board)
}

fn new(board: &Board, contest: &str, option: &str) -> Withdrawal {
    let manifest = board.state().manifest().unwrap();
    Withdrawal::new(manifest, contest, option, "moved <away>").unwrap()
}

#[test]
fn whoever_is_withdrawn_keeps_the_votes_and_is_not_elected() {
    let (mut world, mut board) = voting(1);
    let election = board.election().unwrap().clone();
    for voter in 0..12 {
        let choices = match voter {
            0..6 => Choices::new().pick("board", "a").pick("board", "b"),
            6..10 => Choices::new().pick("board", "c"),
            _ => Choices::new().blank("board"),
        };
        let choices = match voter {
            0..6 => choices.rank("council", ["x", "y"]),
            6..10 => choices.rank("council", ["z"]),
            10 => choices.rank("council", ["x"]),
            _ => choices,
        };
        let grades = if voter < 8 { ["good", "poor", "good"] } else { ["good", "good", "poor"] };
        let grades = ["d", "e", "f"].into_iter().zip(grades);
        let choices = grades.fold(choices, |c, (option, grade)| c.grade("judge", option, grade));
        let choices = choices.pick("bridge", "yes");
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
        if voter == 5 {
            // Who votes later can still give a vote to somebody who was withdrawn.
            for (contest, option) in [("council", "x"), ("board", "a"), ("judge", "d")] {
                let withdrawal = new(&board, contest, option);
                board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap();
            }
        }
    }
    let World { manifest, operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.mix(&trustees[..2], rng).unwrap();
    for trustee in &mut trustees[..2] {
        board.post(&trustee.open(board.state(), rng).unwrap(), rng).unwrap();
    }
    let outcome = board.finish(operator, &DlogTable::new(tally.bound()), rng).unwrap();

    let places: Vec<_> = outcome.withdrawn().iter().map(|w| (w.contest, w.option)).collect();
    assert_eq!(places, [(0, 0), (1, 0), (2, 0)]);
    // Of 12 ballots; the base counts the withdrawn, too.
    let votes = ["a", "b", "c"].map(|option| outcome.count("board", option).unwrap());
    assert_eq!((votes, outcome.percent("board", "b")), ([6, 6, 4], Ok(50.0)));
    assert_eq!(outcome.elected("board").unwrap(), ["b"]);
    assert_eq!(outcome.elected("judge").unwrap(), ["f"]);
    // Seven rank x first, and six of them y behind.
    assert_eq!(outcome.elected("council").unwrap(), ["y"]);
    let account = outcome.account("council").unwrap();
    assert!(account.adds_up());
    assert_eq!((account.counted, account.not_given), (10, 1));
    assert_eq!(account.left_out, [(LeftOut::Withdrawn, 1)]);
    assert_eq!(outcome.count("bridge", "yes"), Ok(12));

    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    attacks::write_record("withdrawn", &board);
    assert!(report.to_string().contains("withdrawn board: 'a': moved <away>\n"), "{report}");
    let html = report.to_html();
    assert_eq!(html.matches("<p><strong>Withdrawn: ").count(), 3);
    assert!(html.contains("moved &lt;away&gt;") && !html.contains("moved <away>"));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let of = |option| serde_json::json!([{"option": option, "reason": "moved <away>"}]);
    let contests = &json["result"]["contests"];
    assert_eq!((&contests[0]["withdrawn"], &contests[2]["withdrawn"]), (&of("a"), &of("x")));
    assert_eq!(
        (&contests[3]["withdrawn"], contests[0]["votes"][0].as_u64()),
        (&().into(), Some(6))
    );
    assert_eq!(json["withdrawn"][0]["contest"], "board");
    assert_eq!(json["withdrawn"].as_array().unwrap().len(), 3);
}

/// Results name the withdrawn by id, as all options; reports as people know them.
#[test]
fn the_withdrawn_are_named_so_that_nobody_is_taken_for_another() {
    let named = |id: &str, born: &str| ContestOption::new(id).name("Ada").detail(born);
    let complete = |builder: Builder| {
        let board = Contest::choose("board", [named("a", "1950"), named("b", "1980")], 0..=1);
        builder.minimum_cell(1).contest(board.counting(counting(Method::Plurality, 1)))
    };
    let mut world = World::new(5, (1, 1), &[0], complete);
    let mut board = world.open();
    let withdrawal = new(&board, "board", "b");
    board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("board", "a");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    board.post(&ballot, &mut world.rng).unwrap();
    world.finish(&mut board, &[0]);
    attacks::write_record("withdrawn_by_name", &board);

    let manifest = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &manifest, &mut world.rng).unwrap();
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["result"]["contests"][0]["withdrawn"][0]["option"], "b");
    assert_eq!(json["withdrawn"][0]["option"], "Ada (1980)");
    assert!(report.to_string().contains("withdrawn board: 'Ada (1980)': moved <away>\n"));
    let html = report.to_html();
    assert!(html.contains("Withdrawn: <bdi lang=\"\">Ada (1980)</bdi>."), "{html}");
}

/// A result that elects somebody who was withdrawn is refused.
#[test]
fn the_withdrawn_are_not_elected_by_a_false_result() {
    let votes = |board: &mut Board, world: &mut World| {
        let election = board.election().unwrap().clone();
        for voter in 0..10 {
            let choices = Choices::new().pick("board", "a");
            let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
            board.post(&ballot, &mut world.rng).unwrap();
        }
    };
    let only = |builder: Builder| {
        let board = Contest::choose("board", ["a", "b"], 0..=1);
        builder.contest(board.counting(counting(Method::Plurality, 1)))
    };
    let mut world = World::new(2, (1, 1), &[0; 10], only);
    let mut board = world.open();
    votes(&mut board, &mut world);
    let withdrawal = new(&board, "board", "a");
    board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap();
    let World { operator, trustees, rng, .. } = &mut world;
    board.close(operator, trustees, rng).unwrap();
    board.tally(operator, rng).unwrap();
    board.post(&trustees[0].open(board.state(), rng).unwrap(), rng).unwrap();
    let mut honest = board.clone();
    let outcome = honest.finish(operator, &DlogTable::new(10), rng).unwrap();
    assert_eq!(outcome.elected("board").unwrap(), ["b"]);
    let mut content = outcome.to_bytes();
    assert_eq!(content.pop(), Some(b'b'));
    content.push(b'a');
    let false_result = world.sign(&board, Kind::Result, &content);
    let refusal = board.post(&false_result, &mut world.rng).unwrap_err();
    assert_eq!(refusal, Refusal::WrongElected { contest: 0 });
}

#[test]
fn withdrawals_are_refused_by_name() {
    let (mut world, mut board) = voting(3);
    let (other, foreign) = voting(4);
    let withdrawal = new(&board, "board", "a");
    let refuse = |board: &mut Board, object: &[u8], expected: Refusal| {
        let before = (board.state().head(), board.state().withdrawn().to_vec());
        assert_eq!(board.post(object, &mut attacks::rng(9)), Err(expected));
        assert_eq!((board.state().head(), board.state().withdrawn().to_vec()), before);
    };
    let signature = Refusal::Signature { kind: Kind::Withdrawal };

    // Not the operator; for another place; for another election; with another content.
    let trustee = world.secrets[0].clone();
    let manifest = world.manifest.clone();
    let by = |author, state: &_, content: &[u8]| {
        let rng = &mut attacks::rng(5);
        forge::signed_by(author, state, &manifest, Kind::Withdrawal, content, rng)
    };
    let content = withdrawal.to_bytes();
    let by_trustee = by(&trustee, board.state(), &content);
    refuse(&mut board, &by_trustee, signature.clone());
    refuse(&mut board, &by(&world.operator, foreign.state(), &content), signature.clone());
    let rng = &mut attacks::rng(6);
    let of_other = forge::signed_by(
        &other.operator,
        foreign.state(),
        &other.manifest,
        Kind::Withdrawal,
        &content,
        rng,
    );
    refuse(&mut board, &of_other, signature.clone());
    let error = board.withdraw(&trustee, &withdrawal, rng).unwrap_err();
    assert!(matches!(error, BoardError::OtherOperator(_)), "{error}");
    let earlier = by(&world.operator, board.state(), &content);
    board.ask(&world.operator, rng).unwrap();
    refuse(&mut board, &earlier, signature.clone());
    let good = by(&world.operator, board.state(), &content);
    for place in [1, 8, 13, good.len() - 65] {
        let mut changed = good.clone();
        changed[place] ^= 1;
        refuse(&mut board, &changed, signature.clone());
    }

    // What there is not, and what would leave nobody.
    let mut wrong = |board: &mut Board, contest, option, reason: &str, expected| {
        let withdrawal = Withdrawal { contest, option, reason: reason.into() };
        let refusal = board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap_err();
        assert_eq!(refusal, BoardError::Refused(Refusal::Withdrawal(expected)));
    };
    let unknown = WithdrawalError::Contest { found: 4, contests: 4 };
    wrong(&mut board, 4, 0, "r", unknown);
    wrong(&mut board, 0, 3, "r", WithdrawalError::Option { found: 3, options: 3 });
    for reason in ["", " r", "r\n", "\u{200b}"] {
        let withdrawal = Withdrawal { contest: 0, option: 0, reason: reason.into() };
        let refusal = board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap_err();
        let reason = |error: &_| matches!(error, WithdrawalError::Reason(_));
        assert!(matches!(&refusal, BoardError::Refused(Refusal::Withdrawal(e)) if reason(e)));
    }
    board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap();
    let mut wrong = |board: &mut Board, contest, option, reason: &str, expected| {
        let withdrawal = Withdrawal { contest, option, reason: reason.into() };
        let refusal = board.withdraw(&world.operator, &withdrawal, &mut world.rng).unwrap_err();
        assert_eq!(refusal, BoardError::Refused(Refusal::Withdrawal(expected)));
    };
    wrong(&mut board, 0, 0, "another", WithdrawalError::Twice { option: "a".into() });
    refuse(&mut board, &good, signature.clone());
    let World { operator, trustees, rng, .. } = &mut world;
    for (contest, option) in [("board", "c"), ("bridge", "no")] {
        board.withdraw(operator, &new(&board, contest, option), rng).unwrap();
    }
    for (contest, option) in [("board", "b"), ("bridge", "yes")] {
        let refusal = board.withdraw(operator, &new(&board, contest, option), rng).unwrap_err();
        let too_few = WithdrawalError::TooFew { left: 0, needed: 1 };
        assert_eq!(refusal, BoardError::Refused(Refusal::Withdrawal(too_few)));
    }
    // Something behind the reason.
    let long = [&content[..], &[0]].concat();
    let long = board.state().sign(operator, &manifest, Kind::Withdrawal, &long, rng).unwrap();
    let refusal = board.post(&long, rng).unwrap_err();
    assert!(
        matches!(refusal, Refusal::Malformed(e) if e.kind == DecodeErrorKind::Trailing { extra: 1 })
    );

    // Never while voting is frozen or after it; after a lift again.
    let y = new(&board, "council", "y");
    board.freeze(operator, rng).unwrap();
    let late = board.withdraw(operator, &y, rng).unwrap_err();
    let out = |phase| BoardError::Refused(Refusal::OutOfPhase { kind: Kind::Withdrawal, phase });
    assert_eq!(late, out(Phase::Frozen));
    board.lift(operator, rng).unwrap();
    board.withdraw(operator, &y, rng).unwrap();
    board.close(operator, trustees, rng).unwrap();
    let x = new(&board, "council", "x");
    let late = board.withdraw(operator, &x, rng).unwrap_err();
    assert_eq!(late, out(Phase::Closed));
}

/// As many must be left who can be elected as there are seats.
#[test]
fn seats_and_caps_keep_options_from_being_withdrawn() {
    let of = |name: &str, group: &str| tabella::contest::ContestOption::from(name).group(group);
    let options = [of("a", "g"), of("b", "g"), of("c", "g"), "d".into(), "e".into()];
    let board = Contest::choose("board", options, 0..=2).group("g", "G").cap("g", 1);
    let board = board.counting(counting(Method::Plurality, 2));
    let mut world = World::new(5, (1, 1), &[0], |builder| builder.contest(board));
    let mut board = world.open();
    let World { operator, rng, .. } = &mut world;
    let mut withdraw = |option| {
        let withdrawal = new(&board, "board", option);
        board.withdraw(operator, &withdrawal, rng).map(drop)
    };
    // One of the group can be elected, and one of the others.
    for option in ["d", "a", "b"] {
        withdraw(option).unwrap();
    }
    for option in ["c", "e"] {
        let too_few = WithdrawalError::TooFew { left: 1, needed: 2 };
        assert_eq!(withdraw(option), Err(Refusal::Withdrawal(too_few).into()));
    }
}

#[test]
fn a_trustee_signs_no_close_with_other_withdrawals_than_expected() {
    let (mut world, mut board) = voting(6);
    let World { operator, trustees, rng, .. } = &mut world;
    let [a, x] = [("board", "a"), ("council", "x")].map(|(c, o)| new(&board, c, o));
    for withdrawal in [&x, &a] {
        board.withdraw(operator, withdrawal, rng).unwrap();
    }
    assert_eq!(board.state().withdrawn(), [a.clone(), x.clone()]);
    board.freeze(operator, rng).unwrap();
    let other = Withdrawal { reason: "ill".into(), ..a.clone() };
    let z = new(&board, "council", "z");
    for expected in [
        &[][..],
        std::slice::from_ref(&a),
        &[a.clone(), z.clone()],
        &[a.clone(), x.clone(), z],
        &[other, x.clone()],
        &[a.clone(), x.clone(), x.clone()],
    ] {
        let error = trustees[0].sign_close(board.state(), expected, rng).unwrap_err();
        assert_eq!(error, GuardError::OtherWithdrawals);
    }
    // Whoever refused can still sign. The order does not matter.
    for expected in [&[a.clone(), x.clone()], &[x, a]] {
        trustees[0].sign_close(board.state(), expected, rng).unwrap();
    }
}
