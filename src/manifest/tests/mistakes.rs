//! All mistakes of a manifest at once, and none that only follows from another one.

use super::*;
use crate::contest::{Base, ContestOption, Limit, Rule};

fn paths(error: &ManifestError) -> Vec<&str> {
    error.mistakes().map(|mistake| mistake.path.as_str()).collect()
}

/// The contest with this id and the options `a`, `b` and `c`.
fn abc(id: &str, votes: core::ops::RangeInclusive<u64>) -> Contest {
    Contest::choose(id, ["a", "b", "c"], votes)
}

#[test]
fn the_builder_names_all_mistakes() {
    let [operator, trustee, ..] = keys().clone();
    let error = Manifest::builder("Spring")
        .title(" ")
        .operator(operator.clone())
        .trustee("Ada", trustee)
        .trustee("ADA", operator)
        .minimum_cell(0)
        .district("north", "North")
        .station("hall", "Hall", "south")
        .contest(Contest::choose_one("mayor", ["Ada", "ada", "Ben\u{202e}"]))
        .contest(abc("council", 2..=9).limit(Limit::at_most(9, ["a", "b"])))
        .contest(abc("survey", 1..=1).mark("No!", false).write_ins(17, 0))
        .style("n", "north", ["mayor", "counsel", "survey"])
        .build()
        .unwrap_err();
    assert_eq!(
        paths(&error),
        [
            "threshold",
            "stations[0].district",
            "styles[0].contests[1]",
            "id",
            "title",
            "trustees[1].name",
            "trustees[1].key",
            "minimum_cell",
            "contests[0].options[1]",
            "contests[0].options[2]",
            "contests[1].limits[0].max",
            "contests[1].choose.max",
            "contests[2].write_ins.places",
            "contests[2].write_ins.length",
            "contests[2].marks[0]",
        ]
    );
    // The fields of the first can be read from the error, and its text has a line for each.
    assert_eq!((error.path.as_str(), error.value.as_str()), ("threshold", ""));
    let shown = error.to_string();
    assert_eq!(shown.lines().count(), 15);
    for (line, mistake) in shown.lines().zip(error.mistakes()) {
        assert_eq!(line, mistake.to_string());
        assert!(!mistake.expected.is_empty());
    }
    assert_eq!(
        shown.lines().nth(7),
        Some("minimum_cell: '0' — expected a number from 1 to 4294967295")
    );
}

#[test]
fn what_follows_from_a_mistake_is_none() {
    let option = |name: &str, group: &str| ContestOption::new(name).group(group);
    let cases: [(Builder, &[&str]); 8] = [
        // The style of a wrong contest, whose ballots would be too large.
        (
            started("m").contest(Contest::choose_one("c", (0..1_001).map(|i| i.to_string()))),
            &["contests[0].options"],
        ),
        // The second contest with an id, which no style can hold.
        (
            started("m")
                .contest(abc("c", 1..=1))
                .contest(abc("c", 1..=1))
                .style("s", "all", ["c"])
                .district("all", "A"),
            &["contests[1].id"],
        ),
        // A contest that nothing holds, since its style has another name for it.
        (
            started("m").contest(abc("c", 1..=1)).style("s", "all", ["d"]).district("all", "A"),
            &["styles[0].contests[0]"],
        ),
        // Numbers that depend on the number of trustees.
        (
            Manifest::builder("m")
                .operator(keys()[0].clone())
                .threshold(9)
                .rehearsals(3)
                .contest(abc("c", 1..=1)),
            &["trustees"],
        ),
        (started("m").threshold(0).close_quorum(3).contest(abc("c", 1..=1)), &["threshold"]),
        // A limit and a cap on a group whose options are wrong.
        (
            started("m").contest(
                Contest::choose("c", [option("a", "g"), option("b", "h"), option("b", "g")], 1..=1)
                    .group("g", "G")
                    .limit(Limit::at_most(1, ["h"])),
            ),
            &["contests[0].options[2]", "contests[0].options[1].groups[0]"],
        ),
        // A joint limit, and a contest that goes with a wrong one.
        (
            started("m")
                .contest(abc("c", 1..=4))
                .contest(abc("d", 1..=1).with("c:a"))
                .limit("all", Limit::at_most(9, ["c:x"])),
            &["contests[0].choose.max"],
        ),
        (started("m"), &["contests"]),
    ];
    for (builder, expected) in cases {
        let error = builder.build().unwrap_err();
        assert_eq!(paths(&error), expected, "{error}");
    }
}

/// Path in the contest, value, and a part of what would be right.
type Told<'a> = (&'a str, &'a str, &'a str);

/// Each kind names all mistakes of its own rule, and what would be right, but none that follows from another one.
#[test]
fn each_kind_names_all_mistakes_of_its_rule() {
    let option = |name: &str, groups: &[&str]| {
        groups.iter().fold(ContestOption::new(name), |option, group| option.group(group))
    };
    let lists = |names: [&[&str]; 3], lines| {
        let names = ["a", "b", "d"].into_iter().zip(names).map(|(name, of)| option(name, of));
        Contest::lists("c", names, lines).group("x", "X").group("y", "Y")
    };
    let with_rule =
        |contest: Contest, min, max, each| Contest { rule: Rule { min, max, each }, ..contest };
    let counted = |contest: Contest| contest.mark("No!", false).voters().base(Base::Valid);
    let plain = |reason: &'static str| [("voters", "given", reason), ("base", "given", reason)];
    let [score, rank, cost] =
        ["each option gets a score", "options are ranked", "limited by what they cost"].map(plain);
    let no_id = ("marks[0]", "No!", "a-z");
    let bad_limit = Limit::at_most(9, ["x"]);
    let cases: Vec<(Contest, Vec<Told<'_>>)> = vec![
        // Lists. No list lacks a name if a name lacks a list, and the least votes depend on each and lines.
        (
            counted(lists([&["x"], &[], &["x", "y"]], 0).each(0).least(9)).limit(bad_limit.clone()),
            vec![
                ("lists.lines", "0", "1 to 1000"),
                ("lists.each", "0", "1 to 65535"),
                ("options[1].groups", "", "the one list"),
                ("options[2].groups", "x, y", "the one list"),
                ("voters", "given", "nothing in a contest of lists"),
                ("base", "given", "nothing in a contest of lists"),
                no_id,
            ],
        ),
        (
            lists([&["x"], &["x"], &["x"]], 5).least(4).limit(bad_limit.clone()).write_ins(1, 9),
            vec![
                ("lists.least", "4", "0 to 3"),
                ("groups[1].id", "y", "a list with names"),
                ("write_ins", "given", "nothing in a contest of lists"),
                ("count", "", "how rankings or write-ins"),
            ],
        ),
        (
            lists([&["x"], &["x"], &["y"]], 5).least(4).limit(bad_limit),
            vec![("lists.least", "4", "0 to 3"), ("limits[0].max", "9", "1 to 2")],
        ),
        (
            Contest::lists("c", ["a", "b"], 1_001).blank().blank(),
            vec![
                ("lists.lines", "1001", "1 to 1000"),
                ("groups", "", "at least one list"),
                ("marks[1]", "blank", "marks[0] has this one"),
            ],
        ),
        // Places. What is behind a place without points can have some.
        (
            counted(Contest::places("c", ["a", "b", "d", "e", "f"], [70_000, 0, 7, 7])),
            vec![
                ("places.points[0]", "70000", "1 to 65535"),
                ("places.points[1]", "0", "1 to 69999"),
                ("places.points[3]", "7", "1 to 6"),
                ("voters", "given", "ranked for points"),
                ("base", "given", "ranked for points"),
                no_id,
            ],
        ),
        (
            Contest::places("c", ["a", "b", "d", "e"], [2, 1, 0, 5]).voters(),
            vec![
                ("places.points[2]", "0", "more points for each place"),
                ("voters", "given", "ranked for points"),
            ],
        ),
        (
            with_rule(Contest::places("c", ["a"], [3, 2]), 0, 0, 0).voters(),
            vec![("places.points", "2 places", "1 to 1 places"), ("voters", "given", "for points")],
        ),
        (
            with_rule(Contest::borda("c", ["a", "b"]), 0, 3, 1).voters(),
            vec![
                ("places", "0 to 3 ranks, and at most 1 points", "2 to 2 ranks"),
                ("voters", "given", "for points"),
            ],
        ),
        // Pairs.
        (
            counted(with_rule(Contest::pairs("c", ["a"]), 1, 2, 3).with("x:y")),
            [
                vec![
                    ("options", "1", "2 to 16"),
                    ("pairs.max", "2", "1"),
                    ("pairs.each", "3", "1"),
                    ("with", "x:y", "everybody ranks all"),
                ],
                rank.to_vec(),
                vec![no_id],
            ]
            .concat(),
        ),
        // STAR. The most points depend on the highest score.
        (
            counted(with_rule(Contest::star("c", ["a"], 5), 1, 7, 0)),
            [
                vec![
                    ("options", "1", "2 to 16"),
                    ("star.max", "0", "1 to 65535"),
                    ("star.least", "1", "0"),
                ],
                score.to_vec(),
                vec![no_id],
            ]
            .concat(),
        ),
        (
            with_rule(Contest::star("c", ["a", "b"], 5), 1, 7, 5),
            vec![("star.least", "1", "0"), ("star.most", "7", "10")],
        ),
        // Quadratic votes. Their rule follows from the credits.
        (
            counted(with_rule(Contest::quadratic("c", ["a", "b"], 1 << 40), 1, 1, 1)),
            [
                vec![("quadratic.credits", "1099511627776", "1 to 1000000")],
                cost.to_vec(),
                vec![no_id],
            ]
            .concat(),
        ),
        (
            with_rule(Contest::quadratic("c", ["a", "b"], 9), 1, 9, 4),
            vec![
                ("quadratic.min", "1", "0"),
                ("quadratic.max", "9", "6"),
                ("quadratic.each", "4", "3"),
            ],
        ),
        // Grades.
        (
            counted(Contest::grade("c", ["a"], ["good"])),
            vec![
                ("grades", "1 grades", "2 to 16"),
                ("voters", "given", "one grade"),
                ("base", "given", "one grade"),
                no_id,
            ],
        ),
        // A limit on votes of which nobody knows how many there can be.
        (
            Contest::choose_one("c", ["a", "b"])
                .each(0)
                .blank()
                .blank()
                .limit(Limit::at_most(0, ["a"])),
            vec![
                ("choose.each", "0", "1 to 9223372036854775807"),
                ("marks[1]", "blank", "has this one"),
            ],
        ),
    ];
    for (contest, expected) in cases {
        let error = started("m").contest(contest).build().unwrap_err();
        let found: Vec<_> = error.mistakes().collect();
        let shown: Vec<_> = found.iter().map(|m| (m.path.as_str(), m.value.as_str())).collect();
        let paths: Vec<_> = expected
            .iter()
            .map(|(path, value, _)| (format!("contests[0].{path}"), *value))
            .collect();
        let paths: Vec<_> = paths.iter().map(|(path, value)| (path.as_str(), *value)).collect();
        assert_eq!(shown, paths, "{error}");
        for (mistake, (_, _, right)) in found.iter().zip(expected) {
            assert!(mistake.expected.contains(right), "{mistake}: {right}");
        }
    }
}

#[test]
fn a_hundred_mistakes_are_told() {
    let builder = (0..150).fold(started("m"), |b, i| b.contest(abc(&format!("C{i}"), 1..=1)));
    let error = builder.build().unwrap_err();
    assert_eq!(error.mistakes().count(), 100);
    assert!(error.to_string().ends_with("'_', '.'\nand more"), "{error}");
}

/// What bytes say is checked like what people write.
#[test]
fn bytes_have_all_their_mistakes_named() {
    let mut parts = (*good().parts).clone();
    let group = Group { threshold: 6, ..parts.groups[0].clone() };
    (parts.groups, parts.minimum_cell) = (Groups::new([group]), 0);
    parts.contests[1].rule.max = 70_000;
    let Err(ManifestReadError::Mistake(error)) = Manifest::from_canonical(&parts.to_bytes()) else {
        panic!("read")
    };
    assert_eq!(paths(&error), ["threshold", "minimum_cell", "contests[1].choose.max"]);
}

#[test]
fn ids_of_groups_are_no_names_of_options_whatever_their_case() {
    for name in ["Acme", "ＡＣＭＥ", "acme"] {
        let contest = Contest::choose_one("c", [name, "b"]).group("acme", "The company");
        let error = started("m").contest(contest).build().unwrap_err();
        assert_eq!(
            (paths(&error), error.value.as_str()),
            (vec!["contests[0].groups[0].id"], "acme")
        );
        assert!(error.expected.contains("options[0]"), "{error}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn json_has_all_its_mistakes_named() {
    use serde_json::{Value, json};

    let mut json: Value = serde_json::from_str(&good().to_json()).unwrap();
    json["version"] = json!(2);
    json["colour"] = json!("red");
    json["operator"] = json!("author1abc");
    json["trustees"][1]["key"] = json!("author1abc");
    json["trustees"][2]["name"] = json!("trustee 1");
    json["threshold"] = json!("three");
    json["districts"][0] = json!("north");
    json["stations"][0]["district"] = json!("east");
    json["contests"][0]["options"] = json!(["Ada", 3, {"name": "Ben", "max": "2"}, "ADA"]);
    json["contests"][1]["choose"] = json!({"min": -1, "mx": 1});
    json["contests"][1]["title"] = json!("");
    json["contests"][2]["chose"] = json!({});
    json["styles"][0]["contests"] = json!(["survey", 3]);
    json["log"]["quorum"] = json!(3);
    let error = Manifest::from_json(&json.to_string()).unwrap_err();
    assert_eq!(
        paths(&error),
        [
            "colour",
            "version",
            "operator",
            "trustees[1].key",
            "threshold",
            "districts[0]",
            "contests[0].options[1]",
            "contests[0].options[2].max",
            "contests[1].choose.mx",
            "contests[1].choose.min",
            "contests[2].chose",
            "styles[0].contests[1]",
            "trustees[2].name",
            "contests[0].options[3]",
            "contests[1].title",
            "log.quorum",
        ]
    );
    // What a misspelt field means is not missed as well.
    let mut misspelt: Value = serde_json::from_str(&good().to_json()).unwrap();
    misspelt["districts"][0] = json!({"idd": "north", "name": "North"});
    misspelt["districts"][1] = json!({"id": "south", "nom": "South"});
    misspelt["contests"][0]["options"][1] = json!({"nme": "Grace"});
    misspelt["contests"][0]["options"][2] = json!({"max": 1});
    let error = Manifest::from_json(&misspelt.to_string()).unwrap_err();
    let expected = [
        "districts[0].idd",
        "districts[1].nom",
        "contests[0].options[1].nme",
        "contests[0].options[2].name",
    ];
    assert_eq!(paths(&error), expected, "{error}");
    // Each kind of contest reads all of its rule.
    let mut kinds: Value = serde_json::from_str(&good().to_json()).unwrap();
    let contest =
        |rule: &str, value: Value| json!({"id": rule, "options": ["a", "b"], rule: value});
    kinds["contests"] = json!([
        contest("lists", json!({"each": "1", "least": -1, "non": true})),
        contest("places", json!({"points": [2, "1", -1], "fewer": 1})),
        contest("pairs", json!({"ties": 1, "tie": true})),
        contest("star", json!({"most": 5, "least": 1})),
        contest("quadratic", json!({"credits": "9", "against": 1})),
        contest("split", json!({"most": 1.5, "least": 1})),
    ]);
    let error = Manifest::from_json(&kinds.to_string()).unwrap_err();
    let found: Vec<&str> =
        paths(&error).into_iter().filter(|path| path.starts_with("contests")).collect();
    let expected = [
        "contests[0].lists.non",
        "contests[0].lists.each",
        "contests[0].lists.least",
        "contests[1].places.points[1]",
        "contests[1].places.points[2]",
        "contests[1].places.fewer",
        "contests[2].pairs.tie",
        "contests[2].pairs.ties",
        "contests[3].star.least",
        "contests[3].star.most",
        "contests[4].quadratic.credits",
        "contests[4].quadratic.against",
        "contests[5].split.least",
        "contests[5].split.most",
    ];
    assert_eq!(found, expected, "{error}");
    // A contest that could not be read at all still has a place, and so has what is missing from a misspelt field.
    let misspelt = json!({"version": 1, "id": "m", "treshold": 3, "operater": "x", "contests": [[], {"id": "c"}]});
    let error = Manifest::from_json(&misspelt.to_string()).unwrap_err();
    assert_eq!(
        paths(&error),
        [
            "operater",
            "treshold",
            "contests[0]",
            "contests[1].options",
            "contests[1].choose",
            "trustees"
        ]
    );
}

/// A ballot that nobody can fill in is refused, but only by the builder.
#[test]
fn limits_that_no_ballot_can_keep_are_refused() {
    let between = |votes, of: &[&str]| Limit::between(votes, of.iter().copied());
    let impossible = || {
        abc("c", 2..=2)
            .limit(between(1..=1, &["a", "b"]))
            .limit(between(0..=1, &["a", "c"]))
            .limit(between(0..=1, &["b", "c"]))
    };
    let error = started("m").contest(impossible()).build().unwrap_err();
    assert_eq!((paths(&error), error.value.as_str()), (vec!["contests[0].limits"], "3 limits"));
    assert!(error.expected.ends_with("there is none"), "{error}");
    // A mark, or no vote, keeps them.
    started("m").contest(impossible().blank()).build().unwrap();
    let free = || abc("c", 0..=3).limit(between(0..=1, &["a", "b"]));
    started("m").contest(free()).build().unwrap();
    // Each of two is wanted, and no three can be: an odd circle.
    let pairs = free().limit(between(1..=1, &["b", "c"])).limit(between(1..=1, &["a", "c"]));
    let odd =
        Contest { limits: [&pairs.limits[1..], &[between(1..=1, &["a", "b"])]].concat(), ..pairs };
    assert_eq!(paths(&started("m").contest(odd).build().unwrap_err()), ["contests[0].limits"]);
    // The same bytes are a valid manifest all the same: readers must not disagree.
    let manifest =
        started("m").contest(abc("c", 1..=2).limit(between(1..=1, &["a", "b"]))).build().unwrap();
    let mut parts = (*manifest.parts).clone();
    parts.contests[0] = impossible();
    assert!(Manifest::from_canonical(&parts.to_bytes()).is_ok());

    // Three contests want a vote each, and together there are two.
    let three =
        || ["c", "d", "e"].into_iter().fold(started("m"), |b, id| b.contest(abc(id, 1..=2)));
    let all = ["c:a", "c:b", "c:c", "d:a", "d:b", "d:c", "e:a", "e:b", "e:c"];
    three().limit("all", between(0..=3, &all)).build().unwrap();
    let error = three().limit("all", between(0..=2, &all)).build().unwrap_err();
    assert_eq!(paths(&error), ["styles[0].limits"]);
    // One of the contests is only for those who give `c:a` a vote, so it need not have one.
    let gated = |contest: Contest| {
        started("m").contest(abc("c", 1..=1)).contest(abc("d", 1..=1)).contest(contest)
    };
    gated(abc("e", 1..=1).with("c:a")).limit("all", between(0..=2, &all)).build().unwrap();
    let must = Contest::choose_one("c", ["a"]);
    let forced =
        started("m").contest(must).contest(abc("d", 1..=1)).contest(abc("e", 1..=1).with("c:a"));
    let error = forced
        .limit("all", between(0..=2, &["c:a", "d:a", "d:b", "d:c", "e:a", "e:b", "e:c"]))
        .build()
        .unwrap_err();
    assert_eq!(paths(&error), ["styles[0].limits"]);
}

#[test]
fn a_vote_that_keeps_many_limits_is_found_and_the_search_ends() {
    // Fifteen of 300, of ten groups at least one and at most two, with costs.
    let option = |i: usize| ContestOption::new(&format!("o{i}")).group(&format!("g{}", i % 10));
    let mut contest = Contest::choose("c", (0..300).map(option), 15..=15);
    for group in 0..10 {
        let id = format!("g{group}");
        contest = contest.group(&id, &id).limit(Limit::between(1..=2, [id.as_str()]));
    }
    let half = Limit::between(7..=8, (0..150).map(|i| format!("o{i}")));
    started("m").contest(contest.limit(half)).build().unwrap();
    // 40 items of even cost and one row that wants an odd sum of some: each is possible alone, all together are not.
    let names: Vec<String> = (0..40).map(|i| format!("o{i}")).collect();
    let costs = |first: u32| (0..41).map(move |i| if i == 40 { first } else { 2 });
    let of = || names.iter().map(String::as_str).chain(["odd"]);
    let contest = Contest::choose("c", of(), 0..=41)
        .limit(Limit::between(21..=21, of()).costs(costs(1)))
        .limit(Limit::between(20..=20, of()).costs(costs(1)));
    let error = started("m").contest(contest).build().unwrap_err();
    assert_eq!(paths(&error), ["contests[0].limits"]);
}
