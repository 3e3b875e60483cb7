use super::*;
use crate::{
    contest::{Base, ContestOption, Limit, Rule},
    count::{Counting, Formula, Fraction, Method, TieBreak, Unfilled},
};
use proptest::prelude::*;

fn option(name: &str) -> ContestOption {
    ContestOption::new(name)
}

/// A contest with everything that a rule can say.
fn board() -> Contest {
    Contest::choose(
        "board",
        [option("Ott").group("acme").most(2), option("Ruf").group("acme"), option("Weiss")],
        1..=3,
    )
    .group("acme", "Acme Ltd")
    .blank()
    .mark("none", true)
    .limit(Limit::between(1..=2, ["acme", "Weiss"]))
    .limit(Limit::at_most(7, ["acme"]).costs([3]).with("Weiss"))
    .with("party:left")
    .voters()
    .base(Base::Valid)
}

fn elects(method: Method, seats: u16, tie_break: TieBreak) -> Counting {
    Counting { method, seats, tie_break }
}

/// Three of two groups, counted.
fn seats(seats: u16) -> Contest {
    let of = |name: &str, group: &str| option(name).group(group);
    Contest::approval("c", [of("a", "g"), of("b", "g"), of("d", "h")])
        .group("g", "G")
        .group("h", "H")
        .counting(elects(Method::Plurality, seats, TieBreak::Lot))
}

fn split() -> Contest {
    Contest::split("c", ["a", "b"], 9)
}

fn party() -> Contest {
    Contest::choose_one("party", ["left", "right"])
}

#[test]
fn rules_come_back() {
    let builder = started("m")
        .contest(party())
        .contest(board())
        .contest(Contest::grade("wine", ["red"], ["bad", "good"]).counting(elects(
            Method::MajorityJudgment,
            1,
            TieBreak::Open,
        )))
        .contest(Contest { id: "seats".into(), ..seats(2).cap("g", 1) })
        .limit("all", Limit::at_most(2, ["party:left", "board:acme"]));
    let manifest = builder.build().unwrap();
    let [_, contest, _, counted] = manifest.contests() else { panic!("four contests") };
    assert_eq!(counted.seats, seats(2).cap("g", 1).seats);
    assert_eq!(contest, &board());
    let bytes = manifest.to_bytes();
    assert_eq!(Manifest::from_bytes(&bytes).as_ref(), Ok(&manifest));
    #[cfg(feature = "serde")]
    assert_eq!(Manifest::from_json(&manifest.to_json()), Ok(manifest.clone()));
    // 2 options, 2 marks and 3 voters behind 3 options; the largest value of an option decides how far totals are sought.
    assert_eq!((contest.summed_slots(), contest.largest()), (3 + 2 + 3, 2));
    for end in 0..bytes.len() {
        assert!(Manifest::from_bytes(&bytes[..end]).is_err());
    }
}

fn half() -> Fraction {
    Fraction::new(1, 2).unwrap()
}

fn schulze() -> Counting {
    Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order }
}

fn lists() -> Counting {
    let method = Method::Lists { formula: Formula::DHondt, unfilled: Unfilled::Open };
    Counting { method, seats: 1, tie_break: TieBreak::Order }
}

fn council() -> Contest {
    let options = [option("a").group("x"), option("b").group("y")];
    Contest::lists("c", options, 1).group("x", "X").group("y", "Y")
}

fn wide(maxima: &[u64]) -> Contest {
    let all = maxima.iter().copied().fold(0, u64::saturating_add);
    let options = maxima.iter().enumerate().map(|(i, most)| option(&i.to_string()).most(*most));
    Contest::choose("c", options, 0..=all.min(i64::MAX as u64))
}

fn folded() -> Contest {
    wide(&[1 << 20, 1]).folded()
}

#[test]
fn rules_that_cannot_be_meant_are_refused() {
    let limited = |limit: Limit| {
        Contest::choose("c", [option("a"), option("b").most(3), option("d")], 0..=5).limit(limit)
    };
    let at_most = |max, of: &[&str]| Limit::at_most(max, of.iter().copied());
    let grouped = || Contest::approval("c", [option("a").group("g"), option("b")]).group("g", "G");
    let circle = Contest::approval("c", ["a", "b", "d"])
        .limit(at_most(1, &["b"]).with("a"))
        .limit(at_most(1, &["d"]).with("b"))
        .limit(at_most(1, &["a"]).with("d"));
    let mut many = Contest::approval("c", ["a"]);
    many.limits = vec![Limit::default(); 256];
    let mut marks = Contest::approval("c", ["a"]);
    (0..17).for_each(|i| marks = marks.clone().mark(&i.to_string(), false));
    let cases = [
        (limited(at_most(1, &[])), "limits[0].of", "", "at least one"),
        (limited(at_most(1, &["a", "x"])), "limits[0].of[1]", "x", "the id of an option"),
        (limited(at_most(1, &["a", "b", "a"])), "limits[0].of", "a", "each option once"),
        (
            limited(at_most(1, &["a", "b"]).costs([1])),
            "limits[0].cost",
            "1",
            "each of the 2 entries",
        ),
        (limited(at_most(1, &["a", "b"]).costs([1, 0])), "limits[0].cost[1]", "0", "1 to"),
        (limited(at_most(0, &["a", "b"])), "limits[0].max", "0", "1 to 4"),
        (limited(at_most(5, &["a", "b"])), "limits[0].max", "5", "1 to 4"),
        (limited(at_most(4, &["a", "b"])), "limits[0].max", "4", "says nothing"),
        (limited(Limit { min: 3, ..at_most(2, &["a", "b"]) }), "limits[0].min", "3", "0 to 2"),
        (
            limited(Limit::between(3..=3, ["a", "b"]).costs([2, 4])),
            "limits[0].min",
            "3",
            "a multiple of 2",
        ),
        (limited(at_most(1, &["a"]).with("x")), "limits[0].with", "x", "one vote at most"),
        (limited(at_most(1, &["a"]).with("b")), "limits[0].with", "b", "one vote at most"),
        (limited(at_most(1, &["a"]).with("a")), "limits[0].with", "a", "outside the limit"),
        (circle, "limits[0].with", "a", "does not go, by other limits"),
        (many, "limits", "256", "at most 255"),
        (marks, "marks", "17", "at most 16"),
        (seats(0), "count.seats", "0", "1 to 3"),
        (seats(4), "count.seats", "4", "1 to 3"),
        (seats(3).cap("g", 1), "count.seats", "3", "at most 2 seats"),
        (seats(1).cap("x", 1), "count.caps[0].of", "x", "the id of one"),
        (seats(1).cap("g", 1).cap("g", 1), "count.caps[1].of", "g", "'a' is in 'g'"),
        (seats(1).cap("g", 2), "count.caps[0].elected", "2", "0 to 1"),
        (
            seats(1).counting(elects(Method::Schulze, 1, TieBreak::Lot)),
            "count.method",
            "schulze",
            "plurality",
        ),
        (
            Contest::grade("c", ["a"], ["x", "y"]).counting(elects(
                Method::Plurality,
                1,
                TieBreak::Lot,
            )),
            "count.method",
            "plurality",
            "majority-judgment",
        ),
        (
            Contest::rank("c", ["a"], elects(Method::InstantRunoff, 1, TieBreak::Open)),
            "count.tie_break",
            "open",
            "'lot'",
        ),
        (
            seats(1).write_ins(1, 9).counting(elects(Method::Plurality, 1, TieBreak::Lot)),
            "count.tie_break",
            "lot",
            "would change the lots",
        ),
        (
            seats(1).group("e", "Empty").cap("e", 0),
            "count.caps[0].of",
            "e",
            "a group that has options",
        ),
        ((0..256).fold(seats(1), |c, _| c.cap("g", 1)), "count.caps", "256", "at most 255"),
        (
            Contest { counting: None, ..seats(1).cap("g", 1) },
            "count",
            "",
            "since there are rules for it",
        ),
        (seats(1).write_ins(1, 9).cap("g", 1), "count.caps", "given", "without write-ins"),
        (Contest::grade("c", ["a"], ["bad"]), "grades", "1 grades", "2 to 16"),
        (Contest::grade("c", ["a"], ["bad", "Bad"]), "grades[1]", "Bad", "reads the same"),
        (Contest::grade("c", ["a"], ["bad", "good"]).voters(), "voters", "given", "no votes"),
        (
            Contest::grade("c", ["a"], ["bad", "good"]).write_ins(1, 9),
            "write_ins",
            "given",
            "no votes",
        ),
        (Contest::grade("c", ["a"], ["bad", "good"]).ranks(0..=1), "grades.min", "0", "1"),
        (party().blank().blank(), "marks[1]", "blank", "marks[0] has this one"),
        (party().mark("None!", false), "marks[0]", "None!", "a-z"),
        (Contest::choose_one("c", [option("a").most(0)]), "options[0].max", "0", "1 to 92233"),
        (
            Contest::choose_one("c", [option("a").most(1 << 63)]),
            "options[0].max",
            "9223372036854775808",
            "1 to 9223372036854775807",
        ),
        (
            Contest::choose("c", [option("a").most(2), option("b")], 0..=4),
            "choose.max",
            "4",
            "1 to 3",
        ),
        (grouped().group("g", "H"), "groups[1].id", "g", "groups[0].id has this one"),
        (grouped().group("h", "Ｇ"), "groups[1].name", "Ｇ", "reads the same"),
        (grouped().group("b", "B"), "groups[1].id", "b", "options[1] has it"),
        (
            Contest::choose_one("c", [option("a").group("g")]),
            "options[0].groups[0]",
            "g",
            "the id of one",
        ),
        (
            Contest::choose_one("c", [option("a").group("g").group("g")]).group("g", "G"),
            "options[0].groups[1]",
            "g",
            "has this one",
        ),
        (
            Contest::choose_one("c", ["a", "b"]).voters(),
            "voters",
            "true",
            "its votes are its voters",
        ),
        (board().with("party:middle"), "with", "party:middle", "contest:option"),
        (wide(&[i64::MAX as u64, 1]), "choose.each", "9223372036854775808", "together"),
        (
            wide(&[1 << 40]).limit(Limit::at_most(1, ["0"]).costs([u32::MAX])),
            "limits[0].cost",
            "more",
            "together",
        ),
        (
            Contest::choose_one("c", ["a"]).each(65_536).write_ins(1, 9),
            "choose.each",
            "65536",
            "1 to 65535",
        ),
        // Amounts that are folded.
        (Contest::choose_one("c", ["a"]).folded(), "wide", "folded", "a maximum above 65535"),
        (wide(&[65_535, 1]).folded(), "wide", "folded", "'bits', unless an option"),
        (council().folded(), "wide", "folded", "only a contest with 'choose'"),
        (
            Contest::borda("c", ["a", "b"]).folded(),
            "wide",
            "folded",
            "only a contest with 'choose'",
        ),
        (folded().blank(), "marks", "given", "\"wide\": \"bits\" allows it"),
        (folded().voters(), "voters", "given", "in no row"),
        (folded().write_ins(1, 9), "options[0].max", "1048576", "1 to 65535"),
        (folded().with("party:left"), "with", "given", "in no row"),
        (
            folded().limit(Limit::at_most(9, ["0"]).with("1")),
            "limits[0].with",
            "given",
            "in no row",
        ),
        // Places.
        (Contest::places("c", ["a"], [2, 1]), "places.points", "2 places", "1 to 1 places"),
        (Contest::places("c", ["a"], []), "places.points", "0 places", "1 to 1 places"),
        (Contest::places("c", ["a", "b"], [2, 2]), "places.points[1]", "2", "0 to 1"),
        (Contest::places("c", ["a", "b", "c"], [2, 0]), "places.points[1]", "0", "1"),
        (
            Contest::borda("c", ["a", "b"]).fewer(),
            "places.points[1]",
            "0",
            "more points for each place",
        ),
        (
            Contest::borda("c", ["a", "b"]).each(3),
            "places",
            "2 to 2 ranks, and at most 3",
            "at most 1 points",
        ),
        (Contest::borda("c", ["a", "b"]).voters(), "voters", "given", "ranked for points"),
        (
            Contest::borda("c", ["a", "b"]).counting(schulze()),
            "count.method",
            "schulze",
            "plurality",
        ),
        // Pairs.
        (Contest::pairs("c", ["a"]), "options", "1", "2 to 16 options"),
        (Contest::pairs("c", (0..17).map(|i| i.to_string())), "options", "17", "2 to 16 options"),
        (Contest::pairs("c", (0..13).map(|i| i.to_string())).ties(), "options", "13", "2 to 12"),
        (Contest::pairs("c", ["a", "b"]).with("x:y"), "with", "x:y", "everybody ranks all options"),
        (Contest::pairs("c", ["a", "b"]).ranks(1..=2), "pairs.min", "1", "2"),
        (Contest::pairs("c", ["a", "b"]).write_ins(1, 9), "write_ins", "given", "ranked"),
        // STAR.
        (Contest::star("c", ["a"], 5), "options", "1", "2 to 16 options"),
        (Contest::star("c", ["a", "b"], 0), "star.max", "0", "1 to 65535"),
        (Contest::star("c", ["a", "b"], 5).each(6), "star.most", "10", "12"),
        (
            Contest::star("c", ["a", "b"], 5)
                .counting(Counting { method: Method::Plurality, ..schulze() }),
            "count.method",
            "plurality",
            "star or schulze",
        ),
        // Quadratic.
        (Contest::quadratic("c", ["a", "b"], 0), "quadratic.credits", "0", "1 to 1000000"),
        (Contest::quadratic("c", ["a", "b"], 2), "quadratic.credits", "2", "less than 2"),
        (
            Contest::quadratic("c", ["a", "b"], 9).limit(Limit::at_most(1, ["a"])),
            "limits",
            "given",
            "what they cost",
        ),
        // Split weight.
        (Contest::split("c", ["a"], 0), "split.most", "0", "1 to 1099511627775"),
        (
            Contest::split("c", ["a"], 9).each(1 << 40),
            "split.most",
            "1099511627776",
            "1 to 1099511627775",
        ),
        (Contest { rule: Rule { min: 0, ..split().rule }, ..split() }, "split.least", "0", "1"),
        (Contest { rule: Rule { max: 8, ..split().rule }, ..split() }, "split.max", "8", "9"),
        (split().blank(), "marks", "given", "make it an option"),
        (split().with("x:y"), "with", "given", "an option to abstain"),
        (split().limit(Limit::at_most(1, ["a"])), "limits", "given", "the voter's weight"),
        (split().base(Base::Valid), "base", "given", "the voter's weight"),
        (split().voters(), "voters", "given", "the voter's weight"),
        (split().write_ins(1, 9), "write_ins", "given", "the voter's weight"),
        (
            Contest::split("c", [option("a").most(3)], 9),
            "options[0].max",
            "given",
            "the voter's weight",
        ),
        (
            split().counting(Counting { method: Method::Star, ..schulze() }),
            "count.method",
            "star",
            "plurality",
        ),
        (split().passes("z", half(), Base::Votes), "pass.yes", "z", "one of the contest's options"),
        // Lists.
        (Contest::lists("c", ["a"], 3), "groups", "", "at least one list"),
        (
            Contest { rule: Rule { max: 0, ..council().rule }, ..council() },
            "lists.lines",
            "0",
            "1 to 1000",
        ),
        (Contest::lists("c", ["a"], 3).group("x", "X"), "options[0].groups", "", "the one list"),
        (
            Contest::lists("c", [option("a").group("x").group("y")], 1)
                .group("x", "X")
                .group("y", "Y"),
            "options[0].groups",
            "x, y",
            "the one list",
        ),
        (council().group("z", "Z"), "groups[2].id", "z", "a list with names"),
        (council().base(Base::Valid), "base", "given", "nothing in a contest of lists"),
        (council().threshold(half()), "count", "", "rules for it"),
        (council().counting(lists()).joined(["x"]), "count.joined[0]", "x", "at least two"),
        (
            council().counting(lists()).joined(["x", "z"]),
            "count.joined[0][1]",
            "z",
            "the id of one",
        ),
        (
            council().counting(lists()).joined(["x", "y"]).joined(["y", "x"]),
            "count.joined[1][0]",
            "y",
            "count.joined[0][1] has this one",
        ),
        (
            council().counting(lists()).needs(half(), Base::Valid),
            "count.needs",
            "given",
            "by plurality",
        ),
        (council().counting(schulze()), "count.method", "schulze", "lists"),
        (seats(1).threshold(half()), "count.threshold", "given", "only the method lists"),
        // Questions.
        (
            Contest::choose_one("c", ["yes", "no"]).passes("maybe", half(), Base::Votes),
            "pass.yes",
            "maybe",
            "one of",
        ),
        (council().passes("a", half(), Base::Votes), "pass", "given", "with votes"),
        (
            Contest::choose_one("c", ["a", "b"]).if_both(["c", "x"]),
            "if_both[0]",
            "c",
            "another contest",
        ),
        (
            Contest::choose_one("c", ["a", "b", "d"]).if_both(["c", "x"]),
            "if_both",
            "given",
            "between two options",
        ),
        (board().with("board:Weiss"), "with", "board:Weiss", "stands before this one"),
        (board().with("left"), "with", "left", "contest:option"),
        (board().with("board:acme"), "with", "board:acme", "contest:option"),
    ];
    for (contest, path, value, expected) in cases {
        let error = started("m").contest(contest.clone()).build().unwrap_err();
        assert_eq!(error.path, format!("contests[0].{path}"), "{error}");
        assert!(
            error.value.contains(value) && error.value.is_empty() == value.is_empty(),
            "{error}"
        );
        assert!(error.expected.contains(expected), "{error}");
    }
    let joint = |limit: Limit| {
        let builder =
            started("m").contest(party()).contest(Contest::choose("c", ["a", "b"], 0..=4).each(2));
        builder.limit("all", limit).build().unwrap_err()
    };
    let cases = [
        (at_most(1, &["left"]), "of[0]", "left"),
        (at_most(1, &["party:left", "c:x"]), "of[1]", "c:x"),
        (at_most(1, &["party:left", "x:a"]), "of[1]", "x:a"),
        (at_most(1, &["party:left", "party:left"]), "of", "left"),
        (Limit::between(1..=2, ["party:left", "c:a"]), "min", "1"),
        (at_most(1, &["party:left", "c:a"]).with("party:right"), "with", "party:right"),
        (at_most(3, &["party:left", "c:a"]), "max", "3"),
        (at_most(1, &["party:left", "open:a"]), "of[1]", "open:a"),
    ];
    for (limit, path, value) in cases {
        let error = joint(limit);
        assert_eq!(
            (error.path.as_str(), error.value.as_str()),
            (&*format!("styles[0].limits[0].{path}"), value),
            "{error}"
        );
    }
    let unknown = started("m")
        .contest(party())
        .limit("west", at_most(1, &["party:left"]))
        .build()
        .unwrap_err();
    assert_eq!((unknown.path.as_str(), unknown.value.as_str()), ("styles", "west"));
}

/// Only the target of the one row depends on the voter: what else could is refused, and neither limits of a style nor gates are
/// about shares.
#[test]
fn weights_are_split_and_nothing_else() {
    let counting = elects(Method::Plurality, 1, TieBreak::Lot);
    let whole = split().counting(counting).needs(half(), Base::Votes).cell(Cell::Election);
    let manifest = started("m").contest(whole.clone()).contest(party()).build().unwrap();
    let again = Manifest::from_canonical(&manifest.to_bytes()).unwrap();
    assert_eq!((&again, &again.contests()[0]), (&manifest, &whole));
    assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
    assert!(manifest.to_json().contains("\"split\": {\n        \"most\": 9\n      }"));
    assert!(manifest.constraints(0).unwrap().has_weight());
    let question = split().passes("a", half(), Base::Valid);
    assert!(started("m").contest(question).build().is_ok());

    let limit = Limit::at_most(1, ["c:a", "party:left"]);
    let error =
        started("m").contest(split()).contest(party()).limit("all", limit).build().unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("styles[0].limits[0].of[0]", "c:a"));
    let error = started("m").contest(split()).contest(party().with("c:a")).build().unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("contests[1].with", "c:a"));
}

/// Rows without slack take no bits of a ballot, so they have a bound of their own; it is checked before any row is made.
#[test]
fn limits_with_many_terms_are_refused_soon() {
    let names: Vec<String> = (0..1_000).map(|i| format!("{i:03}")).collect();
    let limit = || Limit::between(10..=10, names.iter().map(String::as_str));
    let mut contest = Contest::choose("c", names.iter().map(|name| option(name)), 10..=10);
    contest.limits = (0..65).map(|_| limit()).collect();
    let many = |contest: &Contest, styles: usize| {
        let builder = started("m").contest(contest.clone()).district("d", "D");
        let builder = (0..styles).fold(builder, |b, s| b.style(&s.to_string(), "d", ["c"]));
        builder.build()
    };
    assert!(many(&contest, 1).is_ok());
    // 259 styles of 65,000 terms.
    let error = many(&contest, 259).unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("styles[258]", "16835000 terms"));
    contest.limits.push(limit());
    let error = many(&contest, 1).unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("styles[0].contests", "66000 terms"));
    // Joint limits count, too.
    contest.limits.truncate(65);
    let joint = Limit::at_most(999, names.iter().map(|name| format!("c:{name}")));
    let builder = started("m").contest(contest).limit("all", joint.clone()).build();
    let error = builder.unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("styles[0].contests", "66000 terms"));
}

proptest! {
    /// However bits of the manifest are changed, what is read is checked and comes back.
    #[test]
    fn changed_rules_are_refused_or_come_back(place in 0..2_000usize, value: u8) {
        let open = Contest::choose_one("open", ["a"]).write_ins(1, 9);
        let builder = started("m").contest(party()).contest(open).contest(board());
        let mut bytes = builder.build().unwrap().to_bytes();
        let place = bytes.len() - 1 - place % 700;
        bytes[place] = value;
        if let Ok(manifest) = Manifest::from_bytes(&bytes) {
            prop_assert_eq!(manifest.to_bytes(), bytes);
        }
    }
}

/// What has a proof of its own stands in no row with votes of other contests.
#[test]
fn folded_contests_stand_alone() {
    let start = || started("m").contest(party()).contest(folded());
    let manifest = start().build().unwrap();
    assert_eq!(Manifest::from_bytes(&manifest.to_bytes()).as_ref(), Ok(&manifest));
    #[cfg(feature = "serde")]
    assert_eq!(Manifest::from_json(&manifest.to_json()).as_ref(), Ok(&manifest));
    // Another contest if it is not folded.
    let bits = started("m").contest(party()).contest(wide(&[1 << 20, 1])).build().unwrap();
    assert_ne!(manifest.hash(), bits.hash());
    let constraints = manifest.constraints(0).unwrap();
    assert_eq!((constraints.slots(), constraints.bits(), constraints.rows()), (5, 2, 1));
    assert_eq!(bits.constraints(0).unwrap().bits(), 2 + 21 + 1);
    let mistake = |builder: Builder| {
        let error = builder.build().unwrap_err();
        assert!(error.expected.contains("folded"), "{error}");
        (error.path.clone(), error.value.clone())
    };
    let joint = start().limit("all", Limit::at_most(9, ["party:left", "c:0"]));
    assert_eq!(mistake(joint), ("styles[0].limits[0].of[1]".into(), "c:0".into()));
    let gated = start().contest(Contest::choose_one("more", ["a"]).with("c:1"));
    assert_eq!(mistake(gated), ("contests[2].with".into(), "c:1".into()));
    // All mistakes at once.
    let error = started("m").contest(folded().blank().voters().with("c:1")).build().unwrap_err();
    let paths: Vec<_> = error.mistakes().map(|mistake| mistake.path.as_str()).collect();
    assert_eq!(paths, ["contests[0].marks", "contests[0].with", "contests[0].voters"]);
}

/// With four limbs for each of `n` options, and four of slack for the total.
#[test]
fn folded_ballots_fit_an_entry() {
    let most = 1 << 50;
    let fund = |n: usize| {
        let options = (0..n).map(|i| option(&i.to_string()).most(most));
        Contest::choose("c", options, 0..=most)
    };
    let build = |contest| started("m").contest(contest).build();
    for n in [1, 37, 100, 248] {
        assert!(build(fund(n).folded()).is_ok(), "{n}");
    }
    let value = |contest| build(contest).unwrap_err().value.clone();
    let size = |n: usize, proofs: usize| 128 + 32 * (1 + 4 * n) + 32 * 6 + 32 * proofs;
    let wide = 4 * 249 + 4 + 25 + 2 * 10;
    assert_eq!(value(fund(249).folded()), format!("ballots of {} bytes", size(249, wide)));
    // As bits there is room for 36: 51 for each, and for the total.
    assert!(build(fund(36)).is_ok());
    assert_eq!(value(fund(37)), format!("ballots of {} bytes", size(37, 51 * 38)));
}

/// So that a short manifest is not refused only after minutes: the rules of ballots that are too large are not made for each style.
#[test]
fn rules_of_too_large_ballots_are_made_once() {
    let names = (0..900).map(|i| format!("o{i}"));
    let builder = started("m").contest(Contest::quadratic("c", names, 1_000_000));
    let builder = builder.district("d", "d");
    let builder = (0..50).fold(builder, |b, i| b.style(&format!("s{i}"), "d", ["c"]));
    let (steps, error) = crate::work::steps(|| builder.build().unwrap_err());
    assert_eq!((steps, error.mistakes().count()), (1, 50), "{error}");
}

/// Of two contests that decide, one could say that a question takes effect, and the other that it does not.
#[test]
fn of_a_question_one_contest_decides_at_most() {
    let question = |id: &str| {
        let share = Fraction::new(1, 2).unwrap();
        Contest::choose_one(id, ["yes", "no"]).passes("yes", share, Base::Votes)
    };
    let decide = |id: &str, of| Contest::choose_one(id, ["one", "other"]).if_both(of);
    let builder = ["a", "b", "c"].into_iter().fold(started("m"), |b, id| b.contest(question(id)));
    let builder = builder.contest(decide("d", ["a", "b"]));
    builder.clone().build().unwrap();
    let error = builder.contest(decide("e", ["c", "b"])).build().unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("contests[4].if_both[1]", "b"));
    assert!(error.expected.contains("contests[3] does not decide"), "{error}");
}
