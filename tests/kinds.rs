//! Every kind of contest that is summed: what cheats put on its ballots, what a challenge shows, and ballots of real elections' size.

use attacks::{World, forge::Forgery, rng};
use proptest::prelude::*;
use rand_chacha::rand_core::RngCore;
use tabella::{
    ballot::{Choices, Header, RuleError},
    contest::{Base, Contest, ContestOption, Form, MAX_WEIGHT},
    count::{
        Counting, Formula, Fraction, Method, Profile, Quota, Ranking, TieBreak, Unfilled, count,
    },
    crypto::{Culprit, ProofCheck, VerifyError},
    manifest::Manifest,
    views,
};

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("n{i}")).collect()
}

fn lists(names: usize, lists: usize, lines: u64, each: u64) -> Contest {
    let options =
        (0..names).map(|i| ContestOption::new(&format!("n{i}")).group(&format!("l{}", i % lists)));
    let contest = Contest::lists("c", options, lines).each(each).or_no_list();
    (0..lists).fold(contest, |c, i| c.group(&format!("l{i}"), format!("List {i}")))
}

/// What a voter weighs whose weight is split.
const WEIGHT: u64 = 1_000;

/// Contests of each kind, with and without marks, by triples and by ranks, in units and in binary.
fn kinds() -> Vec<Contest> {
    vec![
        lists(5, 2, 4, 2).least(1).blank(),
        Contest::places("c", names(4), [12, 10, 8]).fewer().blank(),
        Contest::borda("c", names(4)),
        Contest::pairs("c", names(5)).blank(),
        Contest::pairs("c", names(9)).blank(),
        Contest::pairs("c", names(4)).ties(),
        Contest::pairs("c", names(6)).ties().blank(),
        Contest::star("c", names(4), 5).blank(),
        Contest::quadratic("c", names(3), 16).against().blank(),
        Contest::quadratic("c", names(2), 2_000).blank(),
        Contest::split("c", names(4), WEIGHT + 9),
        Contest::split("c", names(3), MAX_WEIGHT),
        Contest::choose("c", [ContestOption::new("n0").most(1 << 40), "n1".into()], 0..=1 << 39)
            .blank(),
    ]
}

fn world(contest: Contest, seed: u8, voters: usize) -> World {
    let is_split = contest.form == Form::Split;
    let mut world = World::new(seed, (1, 1), &vec![0; voters], |builder| {
        builder.minimum_cell(1).contest(contest)
    });
    for line in world.roll.iter_mut().filter(|_| is_split) {
        line.weight = WEIGHT;
    }
    world
}

/// Something allowed, from random numbers.
fn vote(contest: &Contest, random: &mut impl RngCore) -> Choices {
    let mut draw = |n: u64| random.next_u64() % n;
    let n = contest.options.len();
    let name = |i: usize| format!("n{i}");
    if !contest.marks.is_empty() && draw(5) == 0 {
        return Choices::new().blank("c");
    }
    let mut order: Vec<usize> = (0..n).collect();
    (1..n).for_each(|i| order.swap(i, draw(i as u64 + 1) as usize));
    use tabella::contest::Form::*;
    match contest.form {
        Lists { .. } => {
            let choices = Choices::new().pick("c", "n1").pick("c", &name(draw(5) as usize));
            if draw(3) == 0 { choices } else { choices.pick("c", &format!("l{}", draw(2))) }
        }
        Places { fewer, .. } => {
            let places = contest.points().len();
            let ranked = if fewer { draw(places as u64 + 1) as usize } else { places };
            order[..ranked].iter().fold(Choices::new(), |c, i| c.rank("c", [name(*i).as_str()]))
        }
        Pairs { ties } => order.iter().fold(Choices::new(), |c, i| {
            let name = name(*i);
            match ties && draw(3) == 0 {
                true => c.rank_equal("c", [name.as_str()], []),
                false => c.rank("c", [name.as_str()]),
            }
        }),
        Star => (0..n).fold(Choices::new(), |c, i| c.score("c", &name(i), draw(6))),
        Quadratic { credits, against } => {
            let most = credits.isqrt() / 2 + 1;
            let c = Choices::new().score("c", "n0", draw(most));
            if against { c.against("c", "n1", draw(3)) } else { c.score("c", "n1", draw(most)) }
        }
        Split => {
            let first = draw(WEIGHT + 1);
            let second = draw(WEIGHT - first + 1);
            let choices = Choices::new().of_weight(WEIGHT).score("c", "n0", first);
            choices.score("c", "n1", second).score("c", "n2", WEIGHT - first - second)
        }
        _ => Choices::new().score("c", "n0", draw(1 << 39)),
    }
}

/// What a challenge shows is what was given, and the proof of the same ballot with any other bit is refused by the rows.
#[test]
fn exactly_what_was_given_is_shown_and_nothing_else_is_proven() {
    for (seed, contest) in (10..).zip(kinds()) {
        let mut world = world(contest.clone(), seed, 1);
        let mut board = world.open();
        let election = board.election().unwrap().clone();
        let constraints = world.manifest.constraints(0).unwrap();
        let mut random = rng(seed);
        for sequence in 0..3 {
            let choices = vote(&contest, &mut random);
            let header = Header { sequence, ..Header::remote(0) };
            let sealed =
                election.encrypt(&world.voters[0], &header, &choices, &mut random).unwrap();
            let (request, spoiled) =
                sealed.spoil(&election, &world.voters[0], &mut random).unwrap();
            let accepted = board.post(&request, &mut random).unwrap();
            let receipt = board.receipt(&world.operator, accepted.entry, &mut random).unwrap();
            let opening = spoiled.open(&receipt, &mut random).unwrap();
            let opened = election.check_opening(&opening, &mut random).unwrap();
            assert_eq!(opened.compare(&choices), Ok(()), "{contest:?}");
        }
        for round in 0..12 {
            let mut bits: Vec<bool> =
                (0..constraints.bits()).map(|_| random.next_u32() & 1 == 1).collect();
            if round < 2 {
                bits.fill(round == 1);
            }
            let keeps = constraints.allow_with(&bits, WEIGHT);
            let numbers: Vec<i64> = bits.iter().map(|bit| i64::from(*bit)).collect();
            let mut forgery = Forgery::honest(&world.voters[0], Header::remote(0), &numbers, 9);
            forgery.weights = [WEIGHT; 2];
            forgery.values = constraints.values(&bits);
            if keeps {
                // One vote more than the bits say.
                forgery.values[0] += 1;
            }
            let bytes = forgery.bytes(&election, &mut random);
            let ballot = election.read_ballot(&bytes).unwrap();
            let error = election.verify(ballot, &mut random).map(drop).unwrap_err();
            let culprit = Culprit { index: 0, check: ProofCheck::Equation("BALLOT.V2") };
            assert_eq!(error, VerifyError::Invalid(vec![culprit]), "{contest:?}");
        }
    }
}

/// Seven lists with 118 names, 40 lines, up to three for one name.
#[test]
fn a_council_of_118_names_is_elected() {
    let method = Method::Lists { formula: Formula::DHondt, unfilled: Unfilled::Open };
    let counting = Counting { method, seats: 40, tie_break: TieBreak::Lot };
    let mut world = world(lists(118, 7, 40, 3).least(1).counting(counting), 40, 2);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let full = (0..13)
        .fold(Choices::new().pick("c", "l3"), |c, i| c.score("c", &format!("n{}", 3 + 7 * i), 3));
    let short = Choices::new().pick("c", "l5").pick("c", "n0");
    for (voter, choices) in [full, short].iter().enumerate() {
        let ballot = world.ballot(&election, voter, &Header::remote(0), choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let none = Choices::new().pick("c", "l3");
    let refused = election.encrypt(&world.voters[0], &Header::remote(0), &none, &mut world.rng);
    assert_eq!(
        refused.map(drop).unwrap_err().to_string(),
        "contest 'c': 0 votes in total; at least 1 are needed"
    );
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.count("c", "n3"), Ok(3));
    // 40, 39 and 1 votes; a list has 16 or 17 names.
    assert_eq!(outcome.elected("c").unwrap().len(), 34);
    assert!(outcome.account("c").unwrap().adds_up());
}

/// A vote against an option is never taken for one for it, and nobody is elected with as many against as for.
#[test]
fn votes_against() {
    let counting = Counting { method: Method::Plurality, seats: 3, tie_break: TieBreak::Order };
    let contest = Contest::quadratic("c", names(3), 9).counting(counting);
    let mut world = world(contest.clone(), 46, 1);
    let board = world.open();
    let election = board.election().unwrap().clone();
    let against = Choices::new().against("c", "n0", 3);
    let refused = election.encrypt(&world.voters[0], &Header::remote(0), &against, &mut world.rng);
    assert_eq!(
        refused.map(drop).unwrap_err(),
        RuleError::UnknownOption { contest: "c".into(), option: "n0".into() }
    );
    let mut world = self::world(contest.against(), 47, 2);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, choices) in [
        Choices::new().score("c", "n0", 2).score("c", "n1", 1).against("c", "n2", 1),
        Choices::new().against("c", "n1", 1).against("c", "n2", 2),
    ]
    .iter()
    .enumerate()
    {
        let ballot = world.ballot(&election, voter, &Header::remote(0), choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.elected("c"), Ok(vec!["n0"]));
}

/// Five are elected, of whom a voter can choose three.
/// What the ballots hold does not fit 64 bits, and the votes that were given do.
#[test]
fn a_question_of_amounts_is_answered() {
    let question = Contest::choose("c", ["yes", "no"], 0..=1 << 62).each(1 << 61);
    let half = Fraction::new(1, 2).unwrap();
    let mut world = world(question.passes("yes", half, Base::Votes), 46, 4);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().score("c", "yes", 70_000).score("c", "no", 60_000);
    let ballots: Vec<_> =
        (0..4).map(|voter| world.ballot(&election, voter, &Header::remote(0), &choices)).collect();
    assert!(board.post_all(&ballots, &mut world.rng).iter().all(Result::is_ok));
    let (_, outcome) = world.finish(&mut board, &[0]);
    attacks::write_record("question_of_amounts", &board);
    assert!(outcome.answer("c").unwrap().passes() && outcome.account("c").is_err());
    let json: serde_json::Value = serde_json::from_str(&views::result(&outcome)).unwrap();
    let contest = &json["contests"][0];
    assert_eq!(
        (&contest["account"], contest["pass"]["passes"].as_bool()),
        (&().into(), Some(true))
    );
}

#[test]
fn five_are_elected_of_whom_three_can_be_chosen() {
    let counting = Counting { method: Method::Plurality, seats: 5, tie_break: TieBreak::Order };
    let contest = Contest::choose("c", names(8), 1..=3).counting(counting);
    let mut world = world(contest, 41, 3);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in 0..3 {
        let picks = (voter..voter + 3).fold(Choices::new(), |c, i| c.pick("c", &format!("n{i}")));
        let ballot = world.ballot(&election, voter, &Header::remote(0), &picks);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.elected("c"), Ok(vec!["n2", "n1", "n3", "n0", "n4"]));
}

/// 21 seats by STV from 346 candidates are counted; a ballot of so many takes more ranks than fit a message.
#[test]
fn many_seats_and_candidates_are_counted_or_refused() {
    const CANDIDATES: usize = 346;
    let method = Method::Stv { quota: Quota::Droop, places: 5 };
    let counting = Counting { method, seats: 21, tie_break: TieBreak::Lot };
    let mut profile = Profile::new(CANDIDATES);
    let mut random = rng(42);
    for _ in 0..3_000 {
        let first = (random.next_u64() % 90) as usize;
        let order: Vec<usize> = (0..10).map(|i| (first * first + 17 * i) % CANDIDATES).collect();
        profile.add(Ranking::strict(CANDIDATES, &order).unwrap(), 1).unwrap();
    }
    let lots: Vec<_> =
        (0..CANDIDATES as u16).map(|i| tabella::count::lot_key(&[7; 32], 0, i)).collect();
    let counted = tabella::count::count_with_lots(&profile, &counting, &lots).unwrap();
    assert_eq!(counted.elected.len(), 21);
    assert!(count(&profile, &Counting { tie_break: TieBreak::Order, ..counting }).is_ok());

    let contest = Contest::rank("c", names(CANDIDATES), counting);
    let key = || tabella::crypto::signature::AuthorSecret::random(&mut rng(43)).unwrap();
    let builder = Manifest::builder("m").operator(key().public().clone()).contest(contest);
    let other = tabella::crypto::signature::AuthorSecret::random(&mut rng(44)).unwrap();
    let error = builder.trustees([other.public().clone()], 1).build().unwrap_err().to_string();
    assert!(
        error.contains("contests[0].options: '346'") && error.contains("at most 255 options"),
        "{error}"
    );
}

/// The rarer shapes of each kind in one election, whose record other verifiers can read.
#[test]
fn all_shapes_are_held() {
    let by = |method, seats, tie_break| Counting { method, seats, tie_break };
    let hare = Method::Lists { formula: Formula::Hare, unfilled: Unfilled::Others };
    let named = |contest: Contest, id: &str| Contest { id: id.into(), title: id.into(), ..contest };
    let contests = [
        named(Contest::choose_one("c", ["n0", "n1"]).blank(), "gate"),
        named(Contest::pairs("c", names(9)).blank(), "nine").counting(by(
            Method::Schulze,
            2,
            TieBreak::Lot,
        )),
        named(Contest::pairs("c", names(6)).ties().blank(), "six").counting(by(
            Method::Borda,
            1,
            TieBreak::Open,
        )),
        named(Contest::quadratic("c", names(2), 1_100).against(), "binary").counting(by(
            Method::Plurality,
            1,
            TieBreak::Order,
        )),
        named(Contest::borda("c", names(3)).blank(), "borda").counting(by(
            Method::Plurality,
            3,
            TieBreak::Open,
        )),
        named(Contest::borda("c", names(2)).with("gate:n0").blank(), "two"),
        named(Contest::star("c", names(4), 5).with("gate:n0"), "bloc").counting(by(
            Method::Star,
            2,
            TieBreak::Lot,
        )),
        named(lists(4, 2, 9, 2).with("gate:n0"), "lists")
            .counting(by(hare, 3, TieBreak::Open))
            .joined(["l0", "l1"]),
        named(
            Contest::choose("c", [ContestOption::new("n0").most(1 << 20), "n1".into()], 0..=99_999)
                .voters()
                .blank(),
            "wide",
        )
        .passes("n0", tabella::count::Fraction::new(1, 3).unwrap(), tabella::contest::Base::Votes)
        .quorum(tabella::count::Fraction::new(4, 5).unwrap()),
    ];
    let mut world = World::new(45, (1, 1), &[0; 6], |builder| {
        contests.iter().cloned().fold(builder.minimum_cell(1), |b, contest| b.contest(contest))
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let rank = |c: Choices, contest: &str, order: &[usize]| {
        order.iter().fold(c, |c, i| c.rank(contest, [format!("n{i}").as_str()]))
    };
    for voter in 0..5usize {
        let mut c = Choices::new().pick("gate", if voter < 3 { "n0" } else { "n1" });
        c = match voter {
            0 => c.blank("nine").blank("borda"),
            _ => {
                // Each begins elsewhere and goes on by another step, which is prime to nine.
                let step = [1, 2, 4, 8][voter - 1];
                let order: Vec<usize> = (0..9).map(|i| (voter + i * step) % 9).collect();
                let c = rank(c, "nine", &order);
                rank(c, "borda", &[[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]][voter - 1])
            }
        };
        c = c.rank_equal("six", ["n0", "n3"], []).rank_equal("six", ["n1", "n2"], []);
        c = rank(c, "six", &[4 + voter % 2, 5 - voter % 2]);
        if voter < 3 {
            c = c.rank("two", ["n1", "n0"]);
            c = c.score("bloc", "n0", 5).score("bloc", "n1", 5).score("bloc", "n2", voter as u64);
        }
        c = c.score("binary", "n0", 30 - voter as u64).against("binary", "n1", 3 * voter as u64);
        c = c.against("binary", "n0", 1);
        if voter < 3 {
            c = if voter == 2 { c } else { c.pick("lists", ["l0", "l1"][voter]) };
            c = c.score("lists", "n3", 2);
        }
        c = if voter == 2 { c.blank("wide") } else { c.score("wide", "n0", 65_535 + voter as u64) };
        let ballot = world.ballot(&election, voter, &Header::remote(0), &c);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (_, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(outcome.count("wide", "n0"), Ok(4 * 65_535 + 8));
    assert_eq!(outcome.count("binary", "n0"), Ok(140));
    // Nobody is preferred to n0 or n1 by the three who could vote.
    assert_eq!(outcome.elected("bloc").unwrap().len(), 2);
    let answer = outcome.answer("wide").unwrap();
    assert_eq!((answer.majority, answer.quorum), (true, true));
    for contest in &contests {
        assert!(outcome.account(&contest.id).unwrap().adds_up(), "{}", contest.id);
    }
    let expect = tabella::audit::Expect::manifest(world.manifest.hash());
    let report = tabella::audit::run(board.bytes(), &expect, &mut world.rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    attacks::write_record("all-shapes", &board);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Larger contests: what is drawn at random is cast, verified, and opened as it was given.
    #[test]
    fn large_ballots_are_valid(kind in 0..7usize, n in 7..13usize, seed: u8) {
        let contest = match kind {
            0 => lists(n, 3, n as u64, 2),
            1 => Contest::borda("c", names(n)),
            2 => Contest::pairs("c", names(n)),
            3 => Contest::pairs("c", names(n)).ties().blank(),
            4 => Contest::star("c", names(n), 5),
            5 => Contest::quadratic("c", names(n), 900).against().blank(),
            _ => Contest::split("c", names(n), MAX_WEIGHT),
        };
        let mut world = world(contest.clone(), seed, 1);
        let board = world.open();
        let election = board.election().unwrap().clone();
        let choices = vote(&contest, &mut rng(seed));
        let sealed = election.encrypt(&world.voters[0], &Header::remote(0), &choices, &mut world.rng);
        let sealed = sealed.map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(election.verify(sealed.cast(), &mut world.rng).is_ok());
    }
}
