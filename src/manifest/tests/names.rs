//! Names and titles that people could not tell apart or could not see.

use super::*;
use crate::contest::ContestOption;

fn mistake(builder: Builder) -> ManifestError {
    builder.build().unwrap_err()
}

fn options<'a>(names: impl IntoIterator<Item = &'a str>) -> Builder {
    started("m").contest(Contest::choose_one("c", names))
}

/// Pairs that read the same, and the characters by which the first and the second differ.
const SAME: [(&str, &str, &str, &str); 12] = [
    ("Zoë", "Zoe\u{308}", "U+00EB", "U+0065 U+0308"),
    ("Yes", "YES", "U+0065 U+0073", "U+0045 U+0053"),
    ("A", "a", "U+0041", "U+0061"),
    ("Yes we can", "Yes\u{a0}we can", "U+0020", "U+00A0"),
    ("Yes we can", "Yes  we can", "nothing", "U+0020"),
    ("山田 太郎", "山田　太郎", "U+0020", "U+3000"),
    ("Ada", "Ａda", "U+0041", "U+FF21"),
    ("m2", "m²", "U+0032", "U+00B2"),
    ("❤", "❤\u{fe0f}", "nothing", "U+FE0F"),
    ("می\u{200c}خواهم", "میخواهم", "U+200C", "nothing"),
    ("葛城", "葛\u{e0100}城", "nothing", "U+E0100"),
    ("Σίσυφος", "ΣΊΣΥΦΟΣ", "U+03AF U+03C3 U+03C5 U+03C6 …", "U+038A U+03A3 U+03A5 U+03A6 …"),
];

#[test]
fn options_that_cannot_be_told_apart_are_refused_and_both_are_named() {
    for (one, other, there, here) in SAME {
        let error = mistake(options(["blank", one, other]));
        assert_eq!((error.path.as_str(), error.value.as_str()), ("contests[0].options[2]", other));
        let expected = format!(
            "a name of its own: contests[0].options[1] is '{one}', which reads the same; it has {there} where this has {here}"
        );
        assert_eq!(error.expected, expected);
        // Each is valid alone, also with lines for write-ins.
        for name in [one, other] {
            let contest = Contest::choose_one("c", [name, "blank"]).write_ins(1, 50);
            let manifest = started("m").contest(contest).build().unwrap();
            assert_eq!(manifest.contests()[0].options[0].name, name);
            let bytes = manifest.to_bytes();
            assert_eq!(Manifest::from_canonical(&bytes), Ok(manifest));
        }
    }
    let error = mistake(options(["yes", "no", "yes"]));
    assert_eq!(error.expected, "a name of its own: contests[0].options[0] has this one");
    // Names that only look alike are for people to find.
    assert!(options(["Ada", "Аda", "Adà", "Ada ä"]).build().is_ok());
}

/// In every list, two names that differ only in case are refused.
#[test]
fn every_list_of_names_is_of_distinct_ones() {
    let contest = || Contest::choose_one("c", ["x", "y"]);
    let one = || started("m").contest(contest());
    let towns = |names: [&str; 2]| {
        let builder = one().district("n", names[0]).district("s", names[1]);
        builder.style("n", "n", ["c"]).style("s", "s", ["c"])
    };
    let halls = |district: &str| {
        let builder = towns(["North", "South"]).station("one", "Town hall", "n");
        builder.station("two", "TOWN HALL", district)
    };
    let titled = |styles: [&[&str]; 2]| {
        let builder = started("m").district("n", "North").district("s", "South");
        let builder = builder
            .contest(contest().title("Who shall be mayor?"))
            .contest(Contest::choose_one("d", ["x"]).title("WHO shall be  mayor?"));
        let [n, s] = styles.map(|style| style.iter().copied());
        builder.style("n", "n", n).style("s", "s", s)
    };
    let witness = |name: &str, i: u8| Witness { name: name.into(), key: witness(i).key };
    let logged = |names: [&str; 2]| {
        one().log(log_key()).witnesses([witness(names[0], 0), witness(names[1], 1)], 1)
    };
    let trustee = keys()[0].clone();
    let cases = [
        (one().trustee("TRUSTEE 1", trustee), "trustees[5].name", "trustees[0].name"),
        (towns(["North", "NORTH"]), "districts[1].name", "districts[0].name"),
        (halls("n"), "stations[1].name", "stations[0].name"),
        (
            titled([&["c"], &["c", "d"]]),
            "contests[1].title",
            "on styles[1] a title of its own: contests[0].title",
        ),
        (
            logged(["w.example/One", "w.example/one"]),
            "log.witnesses[1].name",
            "log.witnesses[0].name",
        ),
    ];
    for (builder, path, first) in cases {
        let error = mistake(builder);
        assert_eq!(error.path, path, "{error}");
        assert!(error.expected.contains(first), "{error}");
    }
    // These never meet: stations of two districts, contests of two ballots.
    for good in [halls("s"), titled([&["c"], &["d"]]), towns(["North", "South"])] {
        good.build().unwrap();
    }
}

#[test]
fn what_cannot_be_seen_is_refused_by_its_number() {
    for (name, number, place) in [
        ("Yes\u{3164}", "U+3164", 4),
        ("Yes\u{34f}", "U+034F", 4),
        ("Yes\u{e0041}", "U+E0041", 4),
        ("Yes\u{fe0f}", "U+FE0F", 4),
        ("Yes\u{200d}", "U+200D", 4),
        ("\u{3164}", "U+3164", 1),
        ("\u{2800}", "U+2800", 1),
        ("\u{115f}", "U+115F", 1),
        ("Y\u{ad}es", "U+00AD", 2),
        ("Yes\u{fffc}", "U+FFFC", 4),
        ("Yes\u{e000}", "U+E000", 4),
    ] {
        let contest = || Contest::choose_one("c", ["x", "y"]);
        let one = || started("m").contest(contest());
        let witness = Witness { name: name.into(), key: witness(0).key };
        let of_log = one().log(log_key()).witnesses([witness], 1);
        let cases = [
            (options(["Yes", name]), "contests[0].options[1]"),
            (one().title(name), "title"),
            (started("m").contest(contest().title(name)), "contests[0].title"),
            (one().district("d", name), "districts[0].name"),
            (one().trustee(name, keys()[0].clone()), "trustees[5].name"),
            (one().district("d", "D").station("s", name, "d"), "stations[0].name"),
            (of_log, "log.witnesses[0].name"),
        ];
        for (builder, path) in cases {
            let error = mistake(builder);
            assert_eq!((error.path.as_str(), error.value.as_str()), (path, name));
            let shown = error.to_string();
            assert!(shown.contains(&format!("[{number}]")), "{shown}");
            if !path.starts_with("log") {
                assert!(
                    error.expected.contains(&format!("character {place} is {number}")),
                    "{error}"
                );
            }
        }
    }
}

/// Nobody takes one box on a ballot for another.
#[test]
fn marks_are_told_from_each_other_and_from_options() {
    let of = |contest: Contest| started("m").contest(contest).build();
    let contest = || Contest::choose_one("c", ["yes", "no"]);
    of(contest().blank().named_mark("x", "Spoilt", false)).unwrap();
    for (contest, path) in [
        (contest().blank().named_mark("x", "Blank", true), "contests[0].marks[1].name"),
        (contest().named_mark("x", "Blank", true).blank(), "contests[0].marks[1].name"),
        (contest().named_mark("x", "YES", true), "contests[0].marks[0].name"),
        (contest().mark("no", true), "contests[0].marks[0].name"),
    ] {
        let error = of(contest).unwrap_err();
        assert_eq!((error.path.as_str(), error.mistakes().count()), (path, 1), "{error}");
    }
    // One id twice is one mistake.
    let error = of(contest().blank().blank()).unwrap_err();
    assert_eq!(error.mistakes().count(), 1, "{error}");
}

/// A result names the elected by id, and people would take that for the name.
#[test]
fn no_id_of_an_option_is_the_name_of_another_one() {
    let named = |id: &str, name: &str| ContestOption::new(id).name(name);
    let of = |options: [ContestOption; 2]| {
        started("m").contest(Contest::choose_one("c", options)).build()
    };
    let error = of([named("ben", "Ada"), named("x", "Ben")]).unwrap_err();
    assert_eq!((error.path.as_str(), error.mistakes().count()), ("contests[0].options[0].id", 1));
    assert!(error.expected.contains("the name of contests[0].options[1]"), "{error}");
    assert!(of([named("yes", "No"), named("no", "Yes")]).is_err());
    // Namesakes, of whom one has the name as id.
    of([named("Ada", "Ada").detail("1950"), named("ada2", "Ada").detail("1980")]).unwrap();
}
