//! Limits, marks, maxima and contests that go with an option: elections with them, and what cheats put on their ballots.

use attacks::{World, forge::Forgery, rng};
use proptest::prelude::*;
use rand_chacha::rand_core::RngCore;
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Header, RuleError},
    board::Board,
    contest::{Base, Broken, Contest, ContestOption, Limit},
    count::{Counting, Method, TieBreak},
    crypto::{Culprit, ProofCheck, VerifyError},
    tally::{LookupError, Outcome, ShareOf},
};

/// A city's ballot: a party's list and its primary, a council with a group, a budget with costs, and a joint limit.
fn city(seed: u8, voters: usize) -> World {
    let member = |name: &str| ContestOption::new(name).group("acme");
    World::new(seed, (3, 2), &vec![0; voters], |builder| {
        builder
            .minimum_cell(1)
            .contest(
                Contest::choose_one("party", ["left", "right"])
                    .blank()
                    .mark("none", true)
                    .base(Base::Valid),
            )
            .contest(Contest::choose_one("left-chair", ["Ada", "Ben"]).with("party:left").blank())
            .contest(
                Contest::choose(
                    "council",
                    [member("Cleo"), member("Dora"), "Emil".into(), "Fay".into()],
                    1..=3,
                )
                .group("acme", "Acme Ltd")
                .limit(Limit::at_most(1, ["acme"]))
                .mark("invalid", false),
            )
            .contest(
                Contest::choose("parks", ["pool", "wood", "lake"], 0..=7)
                    .each(3)
                    .voters()
                    .limit(Limit::at_most(9_000, ["pool", "wood"]).costs([3_000, 2_000]))
                    .limit(Limit::at_most(2, ["lake"])),
            )
            .limit("all", Limit::at_most(3, ["council:Emil", "parks:pool", "parks:lake"]))
    })
}

fn choices(voter: usize) -> Choices {
    let new = Choices::new;
    match voter {
        0 => new()
            .pick("party", "left")
            .pick("left-chair", "Ben")
            .pick("council", "Cleo")
            .pick("council", "Fay")
            .score("parks", "pool", 3),
        1 => new()
            .pick("party", "left")
            .blank("left-chair")
            .pick("council", "Emil")
            .score("parks", "lake", 2)
            .pick("parks", "wood"),
        2 => new()
            .pick("party", "right")
            .pick("council", "Dora")
            .pick("parks", "pool")
            .score("parks", "wood", 3),
        3 => new().mark("party", "none").mark("council", "invalid"),
        4 => new()
            .blank("party")
            .pick("council", "Emil")
            .pick("council", "Fay")
            .pick("council", "Dora"),
        _ => new()
            .pick("party", "left")
            .pick("left-chair", "Ada")
            .pick("council", "Fay")
            .score("parks", "pool", 1),
    }
}

fn cast(world: &mut World, board: &mut Board, voter: usize, choices: &Choices) {
    let election = board.election().unwrap().clone();
    let ballot = world.ballot(&election, voter, &Header::remote(0), choices);
    board.post(&ballot, &mut world.rng).unwrap();
}

#[test]
fn a_ballot_with_all_rules_is_counted() {
    let mut world = city(1, 6);
    let mut board = world.open();
    for voter in 0..6 {
        cast(&mut world, &mut board, voter, &choices(voter));
    }
    let (_, outcome) = world.finish(&mut board, &[0, 2]);
    let counts = |contest: &str, options: &[&str]| -> Vec<u64> {
        options.iter().map(|option| outcome.count(contest, option).unwrap()).collect()
    };
    assert_eq!(counts("party", &["left", "right"]), [3, 1]);
    assert_eq!((outcome.blanks("party"), outcome.mark("party", "none")), (Ok(1), Ok(1)));
    // Of six ballots one is blank, which is not valid, and one for none, which is.
    assert_eq!(outcome.percent("party", "left"), Ok(60.0));
    assert_eq!(counts("left-chair", &["Ada", "Ben"]), [1, 1]);
    assert_eq!(outcome.blanks("left-chair"), Ok(1));
    assert_eq!(counts("council", &["Cleo", "Dora", "Emil", "Fay"]), [1, 2, 2, 3]);
    let unknown = LookupError::UnknownMark { contest: "council".into(), mark: "blank".into() };
    assert_eq!(outcome.blanks("council"), Err(unknown));
    assert_eq!(counts("parks", &["pool", "wood", "lake"]), [5, 4, 2]);
    let parks = outcome.whole(3).unwrap();
    assert_eq!(parks.voters(), Ok(&[3, 2, 1][..]));
    assert!(matches!(outcome.whole(0).unwrap().voters(), Err(LookupError::NoVoters { .. })));
    let contest = |place: usize| &world.manifest.contests()[place];
    assert_eq!(ShareOf::of(contest(0)), ShareOf::Valid);
    assert_eq!(ShareOf::of(contest(2)), ShareOf::Ballots);
    assert_eq!(ShareOf::of(contest(3)), ShareOf::Most { each: 3 });
    // hi for each ballot without a mark, less the votes.
    assert_eq!(outcome.undervotes("council"), Ok(3 * 5 - 8));
    for contest in ["party", "left-chair", "council", "parks"] {
        assert!(outcome.account(contest).unwrap().adds_up(), "{contest}");
    }
    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
}

#[test]
fn choices_that_break_a_rule_are_refused_by_name() {
    let mut world = city(2, 1);
    let board = world.open();
    let election = board.election().unwrap().clone();
    let broken = |contest: &str, broken| RuleError::Broken { contest: contest.into(), broken };
    let good =
        || Choices::new().pick("party", "left").pick("left-chair", "Ada").pick("council", "Fay");
    let limit = |limit, found, max| Broken::Limit { limit, found, min: 0, max };
    let marks = ["blank", "none"].map(String::from).to_vec();
    let unknown = RuleError::UnknownMark { contest: "party".into(), mark: "maybe".into(), marks };
    let cases = [
        (good().blank("party"), broken("party", Broken::MarkWithVotes)),
        (good().blank("left-chair"), broken("left-chair", Broken::MarkWithVotes)),
        (good().mark("party", "maybe"), unknown),
        (good().mark("council", "invalid"), broken("council", Broken::MarkWithVotes)),
        (good().pick("council", "Cleo").pick("council", "Dora"), broken("council", limit(0, 2, 1))),
        (
            good().score("parks", "pool", 3).pick("parks", "wood"),
            broken("parks", limit(0, 11_000, 9_000)),
        ),
        (good().score("parks", "lake", 3), broken("parks", limit(1, 3, 2))),
        (
            good().pick("council", "Emil").score("parks", "pool", 2).pick("parks", "lake"),
            RuleError::JointLimit { limit: 0, found: 4, max: 3 },
        ),
    ];
    let mut refused = |choices: &Choices| {
        let sealed =
            election.encrypt(&world.voters[0], &Header::remote(0), choices, &mut world.rng);
        sealed.map(drop).unwrap_err()
    };
    for (choices, error) in cases {
        assert_eq!(refused(&choices), error);
    }
    let two = Choices::new().blank("party").mark("party", "none").pick("council", "Fay");
    assert_eq!(refused(&two), broken("party", Broken::TwoMarks));
    let closed =
        Choices::new().pick("party", "right").pick("left-chair", "Ada").pick("council", "Fay");
    assert_eq!(refused(&closed), broken("left-chair", Broken::Closed));
    let closed = Choices::new().pick("party", "right").blank("left-chair").pick("council", "Fay");
    assert_eq!(refused(&closed), broken("left-chair", Broken::Closed));
    let open = Choices::new().pick("party", "left").pick("council", "Fay");
    assert_eq!(refused(&open), broken("left-chair", Broken::TooFew { found: 0, min: 1 }));
}

/// Whatever bits a cheat proves: those that keep no row are refused by the equation of rows.
#[test]
fn bits_that_break_a_rule_are_refused_by_the_rows() {
    let mut world = city(3, 1);
    let board = world.open();
    let election = board.election().unwrap().clone();
    let constraints = world.manifest.constraints(0).unwrap();
    let mut random = rng(4);
    for round in 0..60 {
        let mut bits: Vec<bool> =
            (0..constraints.bits()).map(|_| random.next_u32() & 1 == 1).collect();
        if round < 2 {
            // No bit, and all.
            bits.fill(round == 1);
        }
        assert!(!constraints.allow(&bits));
        let numbers: Vec<i64> = bits.iter().map(|bit| i64::from(*bit)).collect();
        let mut forgery = Forgery::honest(&world.voters[0], Header::remote(0), &numbers, 9);
        forgery.values = constraints.values(&bits);
        let bytes = forgery.bytes(&election, &mut random);
        let ballot = election.read_ballot(&bytes).unwrap();
        let culprit = Culprit { index: 0, check: ProofCheck::Equation("BALLOT.V2") };
        let error = election.verify(ballot, &mut world.rng).map(drop).unwrap_err();
        assert_eq!(error, VerifyError::Invalid(vec![culprit]));
    }
}

/// Yes, no or abstain for each of twelve candidates, and yes for at most five of them.
#[test]
fn at_most_five_of_twelve_are_approved() {
    let ids: Vec<String> = (1..=12).map(|i| format!("c{i}")).collect();
    let mut world = World::new(5, (1, 1), &[0; 2], |builder| {
        let contest = |id: &String| Contest::choose_one(id, ["yes", "no", "abstain"]);
        let builder = ids.iter().fold(builder.minimum_cell(1), |b, id| b.contest(contest(id)));
        builder.limit("all", Limit::at_most(5, ids.iter().map(|id| format!("{id}:yes"))))
    });
    // Three bits each, and three of slack.
    assert_eq!(world.manifest.constraints(0).unwrap().bits(), 12 * 3 + 3);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let vote = |yes: usize| {
        let pick = |place: usize| if place < yes { "yes" } else { ["no", "abstain"][place % 2] };
        ids.iter().enumerate().fold(Choices::new(), |c, (place, id)| c.pick(id, pick(place)))
    };
    cast(&mut world, &mut board, 0, &vote(5));
    cast(&mut world, &mut board, 1, &vote(0));
    let six = election.encrypt(&world.voters[0], &Header::remote(0), &vote(6), &mut world.rng);
    assert_eq!(six.map(drop).unwrap_err(), RuleError::JointLimit { limit: 0, found: 6, max: 5 });
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.count("c5", "yes"), Ok(1));
    assert_eq!(outcome.count("c6", "yes"), Ok(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Choices drawn at random are encrypted if and only if they keep the rules, and then the ballot is valid and holds them.
    #[test]
    fn ballots_hold_what_the_rules_allow(
        party in 0..4usize, chair in 0..4usize, council in prop::collection::vec(0..2u32, 4),
        parks in prop::collection::vec(0..4u32, 3), invalid: bool,
    ) {
        let mut world = city(6, 1);
        let election = tabella::ballot::Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
        let mut choices = Choices::new();
        choices = match party {
            0 => choices.pick("party", "left"),
            1 => choices.pick("party", "right"),
            2 => choices.blank("party"),
            _ => choices.mark("party", "none"),
        };
        choices = match chair {
            0 => choices.pick("left-chair", "Ada"),
            1 => choices.pick("left-chair", "Ben"),
            2 => choices.blank("left-chair"),
            _ => choices,
        };
        for (name, votes) in ["Cleo", "Dora", "Emil", "Fay"].into_iter().zip(&council) {
            choices = choices.score("council", name, (*votes).into());
        }
        if invalid {
            choices = choices.mark("council", "invalid");
        }
        for (name, votes) in ["pool", "wood", "lake"].into_iter().zip(&parks) {
            choices = choices.score("parks", name, (*votes).into());
        }
        let sum: u32 = council.iter().sum();
        let allowed = (party == 0) == (chair < 3)
            && if invalid { sum == 0 } else { (1..=3).contains(&sum) && council[0] + council[1] <= 1 }
            && parks.iter().sum::<u32>() <= 7 && 3 * parks[0] + 2 * parks[1] <= 9 && parks[2] <= 2
            && council[2] + parks[0] + parks[2] <= 3;
        let sealed = election.encrypt(&world.voters[0], &Header::remote(0), &choices, &mut world.rng);
        prop_assert_eq!(sealed.is_ok(), allowed, "{:?}", sealed.as_ref().err());
        if let Ok(sealed) = sealed {
            prop_assert!(election.verify(sealed.cast(), &mut world.rng).is_ok());
        }
    }
}

/// Three wines by two judges' grades, which are histograms, and one judge who gives none.
#[test]
fn grades_are_histograms() {
    let mut world = World::new(7, (1, 1), &[0; 4], |builder| {
        let grades = ["corked", "drinkable", "good"];
        builder.minimum_cell(1).contest(Contest::grade("wine", ["red", "white"], grades).blank())
    });
    let mut board = world.open();
    let grade = |red: &str, white: &str| {
        Choices::new().grade("wine", "red", red).grade("wine", "white", white)
    };
    for (voter, choices) in [
        grade("good", "corked"),
        grade("good", "good"),
        grade("drinkable", "corked"),
        Choices::new().blank("wine"),
    ]
    .into_iter()
    .enumerate()
    {
        cast(&mut world, &mut board, voter, &choices);
    }
    let election = board.election().unwrap().clone();
    let mut refused = |choices: Choices| {
        let sealed =
            election.encrypt(&world.voters[0], &Header::remote(0), &choices, &mut world.rng);
        sealed.map(drop).unwrap_err().to_string()
    };
    assert_eq!(
        refused(Choices::new().grade("wine", "red", "good")),
        "contest 'wine': option 1 (from 0) has no grade"
    );
    assert_eq!(
        refused(grade("good", "bad")),
        "contest 'wine' has no grade \"bad\": it has 'corked', 'drinkable', 'good'"
    );
    assert_eq!(
        refused(grade("good", "good").grade("wine", "red", "corked")),
        "contest 'wine': option 0 (from 0) is ranked or graded twice"
    );
    assert_eq!(
        refused(grade("good", "good").blank("wine")),
        "contest 'wine': a mark such as blank goes with no vote"
    );
    assert_eq!(
        refused(Choices::new().pick("wine", "red")),
        "contest 'wine': \"red\" is given 1 votes, but the contest takes grades: give each option one"
    );
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.grades("wine", "red"), Ok(vec![0, 1, 2]));
    assert_eq!(outcome.grades("wine", "white"), Ok(vec![2, 0, 1]));
    assert_eq!(outcome.blanks("wine"), Ok(1));
    assert_eq!(outcome.count("wine", "red"), Err(LookupError::NoTotals { contest: "wine".into() }));
    let account = outcome.account("wine").unwrap();
    assert_eq!((account.held, account.counted, account.marked, account.not_given), (8, 6, 2, 0));
    assert!(account.adds_up());
    let view: serde_json::Value = serde_json::from_str(&tabella::views::result(&outcome)).unwrap();
    assert_eq!(view["contests"][0]["grades"], serde_json::json!([[0, 1, 2], [2, 0, 1]]));
    assert_eq!(view["contests"][0]["votes"], serde_json::Value::Null);
    let expect = Expect::manifest(world.manifest.hash());
    let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    let html = report.to_html();
    let place =
        |text: &str| html.find(&format!("<th scope=\"col\"><bdi lang=\"\">{text}</bdi></th>"));
    assert!(place("good").is_some_and(|good| Some(good) < place("drinkable")), "{html}");
}

/// The elected by votes alone: caps pass somebody over, ties are broken by lot or leave a seat open.
#[test]
fn totals_elect() {
    let counting = |tie_break| Counting { method: Method::Plurality, seats: 2, tie_break };
    let elect = |tie_break| {
        let of = |name: &str| ContestOption::new(name).group("g");
        let contest = |id: &str| Contest::approval(id, [of("a"), of("b"), "d".into(), "e".into()]);
        let mut world = World::new(8, (1, 1), &[0; 3], |builder| {
            let capped =
                contest("capped").group("g", "G").counting(counting(tie_break)).cap("g", 1);
            let free = contest("free").group("g", "G").counting(counting(tie_break));
            builder.minimum_cell(1).contest(capped).contest(free)
        });
        let mut board = world.open();
        let pick = |names: &[&str]| {
            let both = names.iter().flat_map(|name| [("capped", name), ("free", name)]);
            both.fold(Choices::new(), |c, (contest, name)| c.pick(contest, name))
        };
        // a 3, b 2, d 1, e 1.
        for (voter, names) in
            [&["a", "b"][..], &["a", "b", "d"], &["a", "e"]].into_iter().enumerate()
        {
            cast(&mut world, &mut board, voter, &pick(names));
        }
        let (_, outcome) = world.finish(&mut board, &[0]);
        let expect = Expect::manifest(world.manifest.hash());
        let report = audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
        assert!(report.is_accepted(), "{report}");
        (outcome, report.to_html())
    };
    let of = |contest: &str, outcome: &Outcome| -> Vec<String> {
        outcome.elected(contest).unwrap().into_iter().map(Into::into).collect()
    };
    for (tie_break, second) in
        [(TieBreak::Order, Some("d")), (TieBreak::Lot, None), (TieBreak::Open, Some(""))]
    {
        let (outcome, html) = elect(tie_break);
        assert_eq!(of("free", &outcome), ["a", "b"]);
        assert!(html.contains("Passed over, as their group is full"), "{html}");
        match (second, &of("capped", &outcome)[..]) {
            // The lots are hashes, so either is.
            (None, [first, second]) => assert!(first == "a" && (second == "d" || second == "e")),
            (Some(""), elected) => {
                assert_eq!(elected, ["a"]);
                assert!(html.contains("Seats that stay open: 1."), "{html}");
            }
            (Some(second), elected) => assert_eq!(elected, ["a", second]),
            (None, elected) => panic!("{elected:?}"),
        }
        let view: serde_json::Value =
            serde_json::from_str(&tabella::views::result(&outcome)).unwrap();
        assert_eq!(view["contests"][0]["count"]["passed_over"], serde_json::json!([1]));
        assert_eq!(view["contests"][0]["count"]["scores"], serde_json::json!(["3", "2", "1", "1"]));
    }
}
