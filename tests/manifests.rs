//! The manifests of docs/manifests, each held as a small election.

use attacks::World;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};
use tabella::{
    audit::{self, Expect},
    ballot::{Choices, Election, Header},
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys,
    manifest::Manifest,
    roll::Credential,
    tally::{Outcome, Withdrawal},
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/manifests")
}

/// The election of this file, with keys whose secrets are known here.
fn world(name: &str, seed: u8, voters: usize) -> World {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    Manifest::from_json(&text).unwrap();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    let mut rng = attacks::rng(seed);
    let mut author = || AuthorSecret::random(&mut rng).unwrap();
    let (operator, mut secrets) = (author(), Vec::new());
    json["operator"] = json!(operator.public().to_string());
    for item in json["trustees"].as_array_mut().unwrap() {
        let members = match item.get("members") {
            Some(_) => item["members"].as_array_mut().unwrap().as_mut_slice(),
            None => std::slice::from_mut(item),
        };
        for trustee in members {
            secrets.push(author());
            trustee["key"] = json!(secrets[secrets.len() - 1].public().to_string());
        }
    }
    let manifest = Manifest::from_json(&json.to_string()).unwrap();
    let voters: Vec<_> = (0..voters).map(|_| Credential::random(&mut rng).unwrap()).collect();
    let roll = voters.iter().map(|v| v.registration(&manifest, 0, &mut rng).unwrap()).collect();
    let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, &mut rng).unwrap();
    World { rng, operator, secrets, manifest, voters, roll, ceremony, trustees }
}

/// The outcome of these ballots, which an audit accepts.
fn hold(name: &str, seed: u8, ballots: &[Choices]) -> Outcome {
    hold_without(name, seed, ballots, &[])
}

/// The same, where options of these contests are withdrawn.
fn hold_without(name: &str, seed: u8, ballots: &[Choices], withdrawn: &[(&str, &str)]) -> Outcome {
    hold_by_weight(name, seed, ballots, withdrawn, &vec![1; ballots.len()])
}

/// The same, where voters weigh so much.
fn hold_by_weight(
    name: &str,
    seed: u8,
    ballots: &[Choices],
    withdrawn: &[(&str, &str)],
    weights: &[u64],
) -> Outcome {
    let mut world = world(name, seed, ballots.len());
    for (line, weight) in world.roll.iter_mut().zip(weights) {
        line.weight = *weight;
    }
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, choices) in ballots.iter().enumerate() {
        let ballot = world.ballot(&election, voter, &Header::remote(0), choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let World { manifest, operator, trustees, rng, .. } = &mut world;
    for (contest, option) in withdrawn {
        let withdrawal = Withdrawal::new(manifest, contest, option, "stood back").unwrap();
        board.withdraw(operator, &withdrawal, rng).unwrap();
    }
    board.close(operator, trustees, rng).unwrap();
    let tally = board.tally(operator, rng).unwrap();
    board.mix(trustees, rng).unwrap();
    // The last one is not needed.
    let enough = trustees.len() - 1;
    for trustee in &mut trustees[..enough] {
        let share = trustee.open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = DlogTable::new(tally.bound());
    let outcome = board.finish(operator, &table, rng).unwrap();
    let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng).unwrap();
    assert!(report.is_accepted(), "{report}");
    for language in manifest.languages() {
        let title = manifest.shown_in(language).unwrap().contests()[0].title.to_string();
        assert!(report.clone().shown_in(language).unwrap().to_html().contains(&title), "{title}");
    }
    assert!(report.shown_in("tlh").is_none());
    let name = if withdrawn.is_empty() { name.into() } else { format!("{name}-withdrawn") };
    attacks::write_record(&name, &board);
    for contest in manifest.contests() {
        assert!(outcome.account(&contest.id).unwrap().adds_up(), "{}", contest.id);
    }
    outcome
}

fn new() -> Choices {
    Choices::new()
}

/// The totals of a contest's options, in the manifest's order.
fn totals(outcome: &Outcome, contest: &str) -> Vec<u64> {
    let place = outcome.manifest().contest(contest).unwrap();
    let options = outcome.manifest().contests()[place].ids();
    options.map(|option| outcome.count(contest, option).unwrap()).collect()
}

#[test]
fn a_referendum() {
    let vote = |option| new().pick("bridge", option);
    let outcome =
        hold("referendum", 1, &[vote("yes"), vote("no"), vote("yes"), new().blank("bridge")]);
    assert_eq!(totals(&outcome, "bridge"), [2, 1]);
    assert_eq!(outcome.blanks("bridge"), Ok(1));
}

#[test]
fn approval() {
    let outcome = hold(
        "approval",
        2,
        &[new().pick("venue", "Graz").pick("venue", "Lyon"), new().pick("venue", "Lyon"), new()],
    );
    assert_eq!(totals(&outcome, "venue"), [0, 1, 2, 0]);
    assert_eq!(outcome.undervotes("venue"), Ok(9));
}

#[test]
fn scores_with_their_voters() {
    let outcome = hold(
        "scores",
        3,
        &[new().score("logo", "Bear", 5).score("logo", "River", 1), new().score("logo", "Bear", 3)],
    );
    assert_eq!(totals(&outcome, "logo"), [8, 0, 1]);
    assert_eq!(outcome.whole(0).unwrap().voters(), Ok(&[2, 0, 1][..]));
}

#[test]
fn points_that_are_spread() {
    let spread = new().score("topics", "Housing", 7).score("topics", "Parks", 3);
    let outcome =
        hold("points", 4, &[spread, new().score("topics", "Schools", 10), new().blank("topics")]);
    assert_eq!(totals(&outcome, "topics"), [7, 10, 0, 3]);
}

#[test]
fn a_board_with_at_most_two_of_a_company() {
    let pick =
        |names: &[&str]| names.iter().fold(new(), |choices, name| choices.pick("board", name));
    let five = pick(&["Dora Ott", "Fay Weiss", "Gus Zahn", "Hana Lind", "Ivo Marx"]);
    let outcome = hold(
        "board",
        5,
        &[five, pick(&["Hana Lind"]), new().mark("board", "none"), new().blank("board")],
    );
    assert_eq!(totals(&outcome, "board"), [1, 0, 1, 1, 2, 1, 0]);
    // Two votes; then by lot, but one of the company at most.
    let elected = outcome.elected("board").unwrap();
    assert_eq!((elected.len(), elected[0]), (5, "Hana Lind"));
    assert_eq!(elected.iter().filter(|name| ["Dora Ott", "Fay Weiss"].contains(name)).count(), 1);
    // One of three valid ballots has no vote for her.
    assert!((outcome.percent("board", "Hana Lind").unwrap() - 200.0 / 3.0).abs() < 1e-9);
}

#[test]
fn a_budget() {
    let pick =
        |names: &[&str]| names.iter().fold(new(), |choices, name| choices.pick("projects", name));
    let all = pick(&["Bicycle racks", "Trees", "Well"]);
    let outcome =
        hold("budget", 6, &[all, pick(&["Playground", "Trees"]), new().blank("projects")]);
    assert_eq!(totals(&outcome, "projects"), [1, 1, 2, 1]);
}

#[test]
fn judges_of_whom_at_most_two_are_approved() {
    let vote = |votes: [&str; 3]| {
        (1..).zip(votes).fold(new(), |c, (i, vote)| c.pick(&format!("judge-{i}"), vote))
    };
    let outcome = hold("judges", 7, &[vote(["yes", "yes", "no"]), vote(["abstain", "yes", "no"])]);
    assert_eq!(totals(&outcome, "judge-2"), [2, 0, 0]);
    assert_eq!(totals(&outcome, "judge-1"), [1, 0, 1]);
}

#[test]
fn a_primary() {
    let orange = new().pick("party", "Orange").pick("orange", "Olga Bär");
    let violet = new().pick("party", "Violet").pick("violet", "Rosa Ebel");
    let outcome = hold(
        "primary",
        8,
        &[orange, violet.clone(), violet, new().pick("party", "Violet").blank("violet")],
    );
    assert_eq!(totals(&outcome, "party"), [1, 3]);
    assert_eq!(
        (totals(&outcome, "orange"), totals(&outcome, "violet")),
        (vec![0, 1], vec![0, 0, 2])
    );
}

#[test]
fn open_lists() {
    let north =
        new().pick("lists", "List North").pick("lists", "Tim Gram").pick("lists", "Uma Hein");
    let outcome = hold(
        "open-lists",
        9,
        &[
            north,
            new().pick("lists", "List South").pick("lists", "Vera Isak"),
            new().pick("lists", "List South"),
            new().blank("lists"),
        ],
    );
    assert_eq!(totals(&outcome, "lists"), [1, 2, 0, 1, 1, 1, 0, 0]);
}

#[test]
fn grades() {
    let grade =
        |yara, zeno| new().grade("chef", "Yara Lutz", yara).grade("chef", "Zeno Mohr", zeno);
    let outcome = hold(
        "grades",
        10,
        &[grade("good", "fair"), grade("excellent", "fair"), new().blank("chef")],
    );
    assert_eq!(outcome.grades("chef", "Yara Lutz"), Ok(vec![0, 0, 1, 1]));
    assert_eq!(outcome.grades("chef", "Zeno Mohr"), Ok(vec![0, 2, 0, 0]));
    assert_eq!(outcome.elected("chef"), Ok(vec!["Yara Lutz"]));
}

#[test]
fn a_ranking() {
    let rank = |names: &[&'static str]| new().rank("council", names.iter().copied());
    let outcome = hold(
        "ranking",
        11,
        &[
            rank(&["Anna Nies", "Cleo Pohl"]),
            rank(&["Anna Nies"]),
            rank(&["Cleo Pohl", "Bela Ohm"]),
        ],
    );
    assert_eq!(outcome.elected("council"), Ok(vec!["Anna Nies", "Cleo Pohl"]));
}

#[test]
fn write_ins() {
    let outcome = hold(
        "write-ins",
        12,
        &[
            new().pick("speaker", "Egon Rau"),
            new().write_in("speaker", "Fritz Senn"),
            new().write_in("speaker", "fritz senn"),
        ],
    );
    assert_eq!(outcome.elected("speaker"), Ok(vec!["Fritz Senn"]));
}

/// Votes go by ids, names are shown in either language, and a name in the other language is that of the option.
#[test]
fn two_languages() {
    let vote = |school: &str, council: &str| new().pick("school", school).pick("council", council);
    let outcome = hold(
        "languages",
        13,
        &[
            vote("yes", "ott-1988").write_in("name", "Weiherplatz"),
            vote("yes", "ott-1988").pick("name", "linden"),
            vote("no", "ott-1971").pick("name", "linden"),
            new().blank("school").pick("council", "Emil Ruf").pick("council", "ott-1988"),
        ],
    );
    assert_eq!(totals(&outcome, "school"), [2, 1]);
    assert_eq!(totals(&outcome, "council"), [1, 3, 1]);
    assert_eq!(outcome.elected("council").unwrap()[0], "ott-1988");
    assert_eq!(outcome.elected("name"), Ok(vec!["linden"]));
    let manifest = outcome.manifest();
    let french = manifest.shown_in("fr").unwrap();
    assert_eq!(manifest.contests()[0].title, "Das Schulhaus");
    assert_eq!(french.contests()[1].options[1].shown(), "Dora Ott (née en 1988)");
    let orders: BTreeSet<_> = (0..2).map(|district| manifest.display(1, district)).collect();
    assert_eq!(orders.len(), 2);

    let mut world = world("languages", 13, 1);
    let board = world.open();
    let election = board.election().unwrap();
    for (name, listed) in [("PLACE DES TILLEULS", true), ("linden", true), ("Weiherplatz", false)] {
        let choices = vote("yes", "ott-1971").write_in("name", name);
        let ballot =
            election.encrypt(&world.voters[0], &Header::remote(0), &choices, &mut world.rng);
        assert_eq!(ballot.is_err(), listed, "{name}");
    }
}

#[test]
fn lists_with_names_of_others() {
    let vote = |list: &str, names: &[(&str, u64)]| {
        names
            .iter()
            .fold(new().pick("council", list), |c, (name, votes)| c.score("council", name, *votes))
    };
    let outcome = hold(
        "council",
        13,
        &[
            vote("north", &[("Uma Hein", 2), ("Xenia Kern", 1)]),
            vote("north", &[]),
            vote("south", &[("Vera Isak", 1)]),
            vote("lake", &[]),
            new().score("council", "Wim Jost", 1),
            new().blank("council"),
        ],
    );
    // Votes for names, lines for the lists; then marks; ballots by list.
    assert_eq!(totals(&outcome, "council"), [0, 2, 1, 1, 1]);
    let whole = outcome.whole(0).unwrap();
    assert_eq!(whole.totals.as_deref(), Some(&[0, 2, 1, 1, 1, 3, 2, 3, 1, 2, 1, 1, 1][..]));
    // North 5; South 4 and Lake 4 together 8: quotients 8, 5, 8/3, of these 4 and 4.
    let elected = outcome.elected("council").unwrap();
    assert_eq!((elected[0], elected.len()), ("Uma Hein", 3));
    assert!(elected.contains(&"Xenia Kern"), "{elected:?}");
    assert!(elected[1..].iter().all(|name| ["Vera Isak", "Wim Jost", "Xenia Kern"].contains(name)));
    // Who chose no list left two lines to nobody.
    assert_eq!(outcome.undervotes("council"), Ok(2));
}

#[test]
fn points_for_places() {
    let rank = |names: &[&'static str]| new().rank("song", names.iter().copied());
    let outcome = hold(
        "places",
        14,
        &[rank(&["Comet", "Aurora", "Dune"]), rank(&["Aurora"]), new(), new().blank("song")],
    );
    assert_eq!(totals(&outcome, "song"), [22, 0, 12, 8]);
    assert_eq!(outcome.elected("song"), Ok(vec!["Aurora"]));
    assert_eq!(outcome.undervotes("song"), Ok(3 * 30 - 42));
}

#[test]
fn pairs_without_a_mix() {
    let rank = |site: &[&'static str], first: &[&'static str], then: &[&'static str]| {
        let choices = new().rank("site", site.iter().copied());
        let choices = choices.rank_equal("colour", first.iter().copied(), []);
        if then.is_empty() {
            choices
        } else {
            choices.rank_equal("colour", then.iter().copied(), [])
        }
    };
    let equal = new().blank("site").rank_equal("colour", ["Red", "Blue"], []);
    let equal = equal.rank("colour", ["Green"]);
    let outcome = hold(
        "pairs",
        15,
        &[
            rank(&["Hill", "Meadow", "Harbour"], &["Red"], &["Blue", "Green"]),
            rank(&["Harbour", "Hill", "Meadow"], &["Blue", "Red"], &["Green"]),
            rank(&["Meadow", "Hill", "Harbour"], &["Green", "Red", "Blue"], &[]),
            equal,
        ],
    );
    // Harbour over Hill, over Meadow; Hill over Meadow; blank.
    assert_eq!(outcome.whole(0).unwrap().totals.as_deref(), Some(&[1, 1, 2, 1][..]));
    assert_eq!(outcome.elected("site"), Ok(vec!["Hill"]));
    // Blue over Green, over Red; Green over Blue, over Red; Red over Blue, over Green.
    assert_eq!(outcome.whole(1).unwrap().totals.as_deref(), Some(&[2, 0, 0, 0, 1, 3][..]));
    assert_eq!(outcome.elected("colour"), Ok(vec!["Red"]));
}

#[test]
fn score_then_automatic_runoff() {
    let score = |yara, zeno, anna| {
        let choices = new().score("chair", "Yara Lutz", yara).score("chair", "Zeno Mohr", zeno);
        choices.score("chair", "Anna Nies", anna)
    };
    let outcome = hold(
        "star",
        16,
        &[score(5, 4, 0), score(0, 3, 5), score(0, 2, 1), score(5, 0, 0), new().blank("chair")],
    );
    assert_eq!(totals(&outcome, "chair"), [10, 9, 6]);
    // Yara has the most points; Zeno, the other finalist, is preferred by as many, and has fewer points.
    assert_eq!(outcome.elected("chair"), Ok(vec!["Yara Lutz"]));
}

#[test]
fn quadratic_votes_for_and_against() {
    let vote = |park: u64, pond: u64, skate: u64| {
        let choices = new().score("park", "Playground", park).score("park", "Pond", pond);
        choices.against("park", "Skate park", skate)
    };
    let outcome = hold("quadratic", 17, &[vote(4, 0, 0), vote(2, 2, 2), vote(0, 0, 4), new()]);
    assert_eq!(totals(&outcome, "park"), [6, 2, 0]);
    assert_eq!(outcome.elected("park"), Ok(vec!["Playground", "Pond"]));
}

#[test]
fn amounts_of_money() {
    let give = |roof, lift, garden| {
        let choices = new().score("fund", "Roof", roof).score("fund", "Lift", lift);
        choices.score("fund", "Garden", garden)
    };
    let outcome = hold(
        "amounts",
        18,
        &[give(1_000_000, 0, 0), give(123_456, 700_000, 176_544), give(65_535, 65_536, 0)],
    );
    assert_eq!(totals(&outcome, "fund"), [1_188_991, 765_536, 176_544]);
    assert_eq!(outcome.undervotes("fund"), Ok(3_000_000 - 2_131_071));
}

#[test]
fn amounts_of_money_that_are_folded() {
    const ALL: u64 = 5_000_000_000;
    let give = |amounts: &[(&str, u64)]| {
        amounts.iter().fold(new().pick("board", "yes"), |c, (name, n)| c.score("fund", name, *n))
    };
    let outcome = hold(
        "folded",
        21,
        &[
            give(&[("Roof", ALL)]),
            give(&[("Roof", 65_535), ("Boiler", 3_000_000_000), ("Garden", 1_999_934_465)]),
            give(&[("Roof", 65_536), ("Garden", 1 << 30), ("Car park", 926_258_176)]),
            new().blank("board"),
        ],
    );
    let garden = 1_999_934_465 + (1 << 30);
    let expected = [ALL + 131_071, 0, 3_000_000_000, 0, garden, 0, 926_258_176, 0];
    assert_eq!(totals(&outcome, "fund"), expected);
    assert_eq!(outcome.undervotes("fund"), Ok(4 * ALL - expected.iter().sum::<u64>()));
    let all = expected.iter().sum::<u64>();
    let percent = 100.0 * expected[0] as f64 / all as f64;
    assert!((outcome.percent("fund", "Roof").unwrap() - percent).abs() < 1e-9);

    let mut world = world("folded", 21, 1);
    let election = world.open().election().unwrap().clone();
    let mut refused = |amounts: &[(&str, u64)]| {
        let choices = give(amounts);
        let header = Header::remote(0);
        let sealed = election.encrypt(&world.voters[0], &header, &choices, &mut world.rng);
        sealed.map(drop).unwrap_err().to_string()
    };
    let outside = refused(&[("Garden", 1 << 30), ("Car park", 926_258_177)]);
    assert!(outside.contains("limit 0 (from 0) get 2000000001"), "{outside}");
    assert!(refused(&[("Roof", ALL), ("Lift", 1)]).contains("5000000001 votes in total"));
}

#[test]
fn a_question_and_an_absolute_majority() {
    let vote = |answer, who| new().pick("bylaws", answer).pick("treasurer", who);
    let outcome = hold(
        "question",
        19,
        &[
            vote("yes", "Bela Ohm"),
            vote("yes", "Cleo Pohl"),
            vote("yes", "Cleo Pohl"),
            vote("no", "Bela Ohm"),
            new().mark("bylaws", "abstain").blank("treasurer"),
        ],
    );
    let answer = outcome.answer("bylaws").unwrap();
    assert!(answer.majority && answer.quorum && answer.passes());
    // Two of five ballots each.
    assert_eq!(outcome.elected("treasurer"), Ok(vec![]));
}

#[test]
fn two_proposals_of_which_one_takes_effect() {
    let vote = |bridge, ferry, which| {
        new().pick("bridge", bridge).pick("ferry", ferry).pick("which", which)
    };
    let (bridge, ferry) = ("The bridge", "The ferry");
    let all = [vote("yes", "yes", bridge), vote("yes", "yes", ferry), vote("no", "yes", ferry)];
    let outcome = hold("two-proposals", 20, &all);
    assert_eq!(outcome.takes_effect("which"), Ok(Some("ferry")));
    // Only one passes, whatever the third contest says.
    let outcome = hold("two-proposals", 21, &[vote("yes", "no", ferry), vote("yes", "no", ferry)]);
    assert_eq!(outcome.takes_effect("which"), Ok(Some("bridge")));
    // Equal, but one has more who say yes; and nobody votes.
    let equal =
        [vote("yes", "yes", bridge), vote("yes", "yes", ferry), new().pick("bridge", "yes")];
    assert_eq!(hold("two-proposals", 22, &equal).takes_effect("which"), Ok(Some("bridge")));
    assert_eq!(hold("two-proposals", 23, &equal[..2]).takes_effect("which"), Ok(None));
    assert!(outcome.takes_effect("bridge").is_err());
}

#[test]
fn shares_of_the_votes() {
    let split = |board: [u64; 4], merger: [u64; 3], auditor| {
        let of = |choices: Choices, contest, options: &[&str], shares: &[u64]| {
            options.iter().zip(shares).fold(choices, |c, (o, share)| c.score(contest, o, *share))
        };
        let candidates = ["Dora Ott", "Emil Ruf", "Fay Weiss", "abstain"];
        let choices = of(new(), "board", &candidates, &board);
        let weight = board.iter().sum::<u64>();
        of(choices, "merger", &["yes", "no", "abstain"], &merger)
            .pick("auditor", auditor)
            .of_weight(weight)
    };
    let ballots = [
        split([600, 400, 0, 0], [1_000, 0, 0], "Gus Zahn"),
        split([0, 0, 400_000, 600_000], [300_000, 600_000, 100_000], "Hana Lind"),
        split([0, 500_000, 0, 0], [500_000, 0, 0], "Gus Zahn"),
        split([0, 1, 0, 0], [0, 0, 1], "Hana Lind"),
    ];
    let weights = [1_000, 1_000_000, 500_000, 1];
    let outcome = hold_by_weight("split", 26, &ballots, &[], &weights);
    // Most abstain, and nobody is not elected.
    assert_eq!(totals(&outcome, "board"), [600, 500_401, 400_000, 600_000]);
    assert_eq!(outcome.elected("board"), Ok(vec!["Emil Ruf", "Fay Weiss"]));
    assert_eq!(totals(&outcome, "merger"), [801_000, 600_000, 100_001]);
    let answer = outcome.answer("merger").unwrap();
    assert_eq!((answer.yes, answer.passes()), (801_000, true));
    assert_eq!(totals(&outcome, "auditor"), [501_000, 1_000_001]);
    for contest in ["board", "merger", "auditor"] {
        let account = outcome.account(contest).unwrap();
        assert_eq!((account.held, account.counted), (1_501_001, 1_501_001));
        assert_eq!(outcome.undervotes(contest), Ok(0));
    }
    let percent = outcome.percent("merger", "no").unwrap();
    assert!((percent - 100.0 * 600_000.0 / 1_501_001.0).abs() < 1e-9);

    let one = |place: usize| {
        let (mut board, mut merger) = ([0; 4], [0; 3]);
        (board[place], merger[place]) = (1, 1);
        split(board, merger, "Gus Zahn")
    };
    let outcome = hold("split", 27, &[one(0), one(2), one(2)]);
    assert_eq!(totals(&outcome, "board"), [1, 0, 2, 0]);
    assert!(!outcome.answer("merger").unwrap().passes());
    // Its shares stay in the totals.
    let outcome = hold_by_weight("split", 28, &ballots, &[("board", "Fay Weiss")], &weights);
    assert_eq!(totals(&outcome, "board"), [600, 500_401, 400_000, 600_000]);
    assert_eq!(outcome.elected("board"), Ok(vec!["Emil Ruf", "Dora Ott"]));
}

/// In each kind of contest the others are counted as if whoever is withdrawn did not stand.
#[test]
fn options_of_each_kind_are_withdrawn() {
    let votes = [
        new().pick("council", "north").score("council", "Uma Hein", 2),
        new().pick("council", "north"),
        new().pick("council", "lake"),
    ];
    let outcome = hold_without("council", 20, &votes, &[("council", "Uma Hein")]);
    // The list keeps her votes.
    assert_eq!(totals(&outcome, "council"), [0, 2, 0, 0, 0]);
    let elected = outcome.elected("council").unwrap();
    assert_eq!((elected[0], elected.contains(&"Uma Hein")), ("Tim Gram", false));

    let score = |yara, zeno, anna| {
        let choices = new().score("chair", "Yara Lutz", yara).score("chair", "Zeno Mohr", zeno);
        choices.score("chair", "Anna Nies", anna)
    };
    let votes = [score(5, 4, 0), score(0, 3, 5), score(0, 2, 1), score(5, 0, 0)];
    let outcome = hold_without("star", 21, &votes, &[("chair", "Yara Lutz")]);
    assert_eq!(outcome.elected("chair"), Ok(vec!["Zeno Mohr"]));

    let rank = |site: [&'static str; 3], colour: [&'static str; 3]| {
        new().rank("site", site).rank("colour", colour)
    };
    let votes = [
        rank(["Hill", "Meadow", "Harbour"], ["Red", "Blue", "Green"]),
        rank(["Hill", "Harbour", "Meadow"], ["Red", "Green", "Blue"]),
        rank(["Hill", "Meadow", "Harbour"], ["Green", "Red", "Blue"]),
    ];
    let outcome = hold_without("pairs", 22, &votes, &[("site", "Hill"), ("colour", "Red")]);
    assert_eq!(outcome.elected("site"), Ok(vec!["Meadow"]));
    assert_eq!(outcome.elected("colour"), Ok(vec!["Green"]));

    let rank = |names: &[&'static str]| new().rank("song", names.iter().copied());
    let votes = [rank(&["Aurora", "Comet"]), rank(&["Aurora", "Dune"]), rank(&["Comet"])];
    let outcome = hold_without("places", 23, &votes, &[("song", "Aurora")]);
    // By places others do not move up.
    assert_eq!(totals(&outcome, "song"), [24, 0, 22, 10]);
    assert_eq!(outcome.elected("song"), Ok(vec!["Comet"]));

    let vote =
        |park: u64, pond: u64| new().score("park", "Playground", park).score("park", "Pond", pond);
    let votes = [vote(4, 0), vote(2, 2)];
    let outcome = hold_without("quadratic", 24, &votes, &[("park", "Playground")]);
    assert_eq!(outcome.elected("park").unwrap()[0], "Pond");

    // A question passes or not.
    let mut world = world("question", 25, 2);
    let mut board = world.open();
    let World { manifest, operator, rng, .. } = &mut world;
    let withdrawal = Withdrawal::new(manifest, "bylaws", "yes", "stood back").unwrap();
    let error = board.withdraw(operator, &withdrawal, rng).unwrap_err();
    assert!(error.to_string().contains("passes or not"), "{error}");
}

/// A device can try each of them out with a ballot that it makes up.
#[test]
fn each_style_has_an_example() {
    for name in names() {
        let mut world = world(&name, 30, 1);
        let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
        for style in 0..world.manifest.styles().len() {
            let choices = Choices::example(&world.manifest, style).unwrap();
            let header = Header::remote(style as u16);
            world.ballot(&election, 0, &header, &choices);
        }
        assert!(Choices::example(&world.manifest, 1_000).is_none());
    }
}

/// The names of all files.
fn names() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_ministry_and_two_of_three_universities() {
    let new = Choices::new;
    let vote = |chair, names: &[&'static str]| {
        new().pick("chair", chair).rank("council", names.iter().copied())
    };
    let votes = [
        vote("Anna Nies", &["Eva Rast", "Dan Quell"]),
        vote("Bela Ohm", &["Dan Quell"]),
        vote("Anna Nies", &["Eva Rast"]),
    ];
    let outcome = hold("groups", 26, &votes);
    assert_eq!(totals(&outcome, "chair"), [2, 1]);
    assert_eq!(outcome.elected("council"), Ok(vec!["Eva Rast"]));
}

/// Each file has a test here.
#[test]
fn every_manifest_is_held() {
    let here =
        fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/manifests.rs"))
            .unwrap();
    let here: String = here.split_whitespace().collect();
    let names = names();
    assert!(names.len() >= 19);
    for name in names {
        assert!(here.contains(&format!("hold(\"{name}\",")), "{name}.json is not held");
    }
}
