//! Texts in several languages, ids that are no names, and the order in which options are shown.

use super::*;
use crate::contest::{ContestOption, Display, Limit, Text};

fn option(id: &str, names: [&str; 2]) -> ContestOption {
    ContestOption::new(id).name(Text::each(names))
}

/// In German and French, with everything that has a text.
fn bilingual() -> Builder {
    started("vote")
        .languages(["de", "fr"])
        .title(Text::each(["Abstimmung", "Votation"]))
        .district("north", Text::each(["Nord", "Le nord"]))
        .district("south", "Thun")
        .station("school", Text::each(["Schule", "École"]), "north")
        .contest(
            Contest::choose(
                "board",
                [
                    option("a", ["Ott", "Ott"]).detail(Text::each(["Bern", "Berne"])).group("left"),
                    option("b", ["Ott", "Ott"]).detail("Genève"),
                    ContestOption::new("c").name("Weiss"),
                ],
                0..=2,
            )
            .title(Text::each(["Vorstand", "Comité"]))
            .question(Text::each(["Wer soll gewählt sein?", "Qui doit être élu ?"]))
            .group("left", Text::each(["Die Linke", "La gauche"]))
            .limit(Limit::at_most(1, ["left", "b"]))
            .named_mark("none", Text::each(["niemand", "personne"]), true)
            .display(Display::Lot),
        )
        .contest(
            Contest::grade("wine", ["red", "white"], [Text::each(["gut", "bon"]), "ok".into()])
                .title("Wein"),
        )
        .style("n", "north", ["board", "wine"])
        .style("s", "south", ["board"])
}

fn mistake(builder: Builder) -> ManifestError {
    builder.build().unwrap_err()
}

#[test]
fn texts_come_back_in_each_language() {
    let manifest = bilingual().build().unwrap();
    assert_eq!(Manifest::from_canonical(&manifest.to_bytes()).as_ref(), Ok(&manifest));
    let board = &manifest.contests()[0];
    assert_eq!(board.title.in_language(1), "Comité");
    assert_eq!((board.title.as_str(), manifest.title()), ("Vorstand", "Abstimmung"));
    assert_eq!(board.ids().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(board.options[0].shown(), "Ott (Bern)");
    assert_eq!((board.option("a"), board.option("Ott")), (Some(0), None));
    let french = manifest.shown_in("fr").unwrap();
    let board = &french.contests()[0];
    assert_eq!((french.title(), board.title.as_str()), ("Votation", "Comité"));
    assert_eq!(board.options[0].shown(), "Ott (Berne)");
    assert_eq!((&*board.marks[0].name, &*french.contests()[1].grades()[0]), ("personne", "bon"));
    assert_eq!((&*french.districts()[0].name, &*french.districts()[1].name), ("Le nord", "Thun"));
    // It is the same manifest, whatever is shown.
    assert_eq!((french.hash(), french.to_bytes()), (manifest.hash(), manifest.to_bytes()));
    assert_eq!(french, manifest);
    assert_eq!(manifest.shown_in("it"), None);
    for end in 0..manifest.to_bytes().len() {
        assert!(Manifest::from_bytes(&manifest.to_bytes()[..end]).is_err());
    }
}

/// 71 letters of Thai are 213 bytes; a question of 1,200 characters in three languages is allowed.
#[test]
fn long_names_and_questions_are_allowed() {
    let name: String = "กรุงเทพมหานครอมรรัตนโกสินทร์".chars().cycle().take(71).collect();
    let question = |c: char| core::iter::repeat_n(c, 1_200).collect::<String>();
    let contest = |question: Text| {
        Contest::choose_one("c", [&*name, "b"]).question(question).title(name.as_str())
    };
    let of = |question: Text| {
        let builder = started("m").languages(["th", "de", "en"]);
        builder.district("d", name.as_str()).contest(contest(question)).build()
    };
    let manifest = of(Text::each([question('ก'), question('ü'), question('x')])).unwrap();
    assert_eq!((name.chars().count(), name.len()), (71, 213));
    assert_eq!(Manifest::from_canonical(&manifest.to_bytes()), Ok(manifest));
    let error = of(Text::each([question('x'), "x".repeat(10_001), question('x')])).unwrap_err();
    assert_eq!(error.path, "contests[0].question.de");
    assert!(error.expected.contains("1 to 10000 bytes"), "{error}");
}

#[test]
fn what_looks_alike_in_any_language_is_refused() {
    let other = |id: &str, names: [&str; 2]| {
        let builder = bilingual();
        builder
            .contest(Contest::choose_one("x", [option("a", ["Ja", "Oui"]), option(id, names)]))
            .style("x", "south", ["x"])
    };
    // Path, value, and what is said of the other.
    let cases: Vec<(Builder, &str, &str, &str)> = vec![
        (
            other("b", ["Nein", "OUI"]),
            "contests[2].options[1].name.fr",
            "OUI",
            "a name of its own: contests[2].options[0].name.fr is 'Oui', which reads the same",
        ),
        (
            other("A", ["Nein", "Non"]),
            "contests[2].options[1].id",
            "A",
            "contests[2].options[0].id is 'a'",
        ),
        (other("b", ["Nein", "\u{3164}"]), "contests[2].options[1].name.fr", "\u{3164}", "U+3164"),
        (other("b", ["", "Non"]), "contests[2].options[1].name.de", "", "1 to 400"),
        (
            bilingual().district("east", Text::each(["Ost", "LE NORD"])).style(
                "e",
                "east",
                ["wine"],
            ),
            "districts[2].name.fr",
            "LE NORD",
            "districts[0].name.fr",
        ),
        (
            bilingual().station("hall", "École", "north"),
            "stations[1].name",
            "École",
            "stations[0].name.fr",
        ),
        (
            bilingual()
                .contest(Contest::choose_one("d", ["x"]).title(Text::each(["Ausschuss", "COMITÉ"])))
                .style("d", "south", ["board", "d"]),
            "contests[2].title.fr",
            "COMITÉ",
            "on styles[2] a title of its own: contests[0].title.fr",
        ),
        (
            bilingual()
                .contest(Contest::grade(
                    "g",
                    ["x"],
                    [Text::each(["gut", "bon"]), Text::each(["ok", "Bon"])],
                ))
                .style("g", "south", ["g"]),
            "contests[2].grades[1].fr",
            "Bon",
            "contests[2].grades[0].fr",
        ),
    ];
    for (builder, path, value, expected) in cases {
        let error = mistake(builder);
        assert_eq!((error.path.as_str(), error.value.as_str()), (path, value), "{error}");
        assert!(error.expected.contains(expected), "{error}");
        assert_eq!(error.mistakes().count(), 1, "{error}");
    }
    // A detail tells namesakes apart, unless it reads the same, too.
    let ott = |id: &str| ContestOption::new(id).name("Ott");
    let of = |second: ContestOption| {
        started("m").contest(Contest::choose_one("c", [ott("a").detail("Bern"), second])).build()
    };
    of(ott("b").detail("Thun")).unwrap();
    of(ott("b")).unwrap();
    let error = of(ott("b").detail("BERN")).unwrap_err();
    assert_eq!(error.path, "contests[0].options[1]");
    assert!(error.expected.contains("a name with its detail of its own"), "{error}");
    let error = of(ContestOption::new("b").name("Ott (bern)")).unwrap_err();
    assert_eq!(error.path, "contests[0].options[1]");
    assert!(error.expected.contains("contests[0].options[0] is 'Ott (Bern)'"), "{error}");
    let error = of(ott("b").detail("x".repeat(201))).unwrap_err();
    assert_eq!(error.path, "contests[0].options[1].detail");
}

/// A name that is written in must be of one option, in whatever language.
#[test]
fn where_names_are_written_in_each_is_of_one_option() {
    let of = |options: [ContestOption; 2]| {
        let contest = Contest::choose_one("c", options).write_ins(1, 20);
        started("m").languages(["de", "fr"]).contest(contest).build()
    };
    of([option("a", ["Ja", "Oui"]), option("b", ["Nein", "Non"])]).unwrap();
    let ott = |id: &str, detail: &str| ContestOption::new(id).name("Ott").detail(detail);
    for options in [
        [option("a", ["Ja", "Oui"]), option("b", ["Oui", "Non"])],
        [ott("a", "Bern"), ott("b", "Thun")],
        [option("ja", ["Nein", "Non"]), option("nein", ["Ja", "Oui"])],
    ] {
        let error = of(options).unwrap_err();
        assert_eq!(error.path, "contests[0].options[1]", "{error}");
    }
}

#[test]
fn each_language_has_its_text_or_all_have_one() {
    let titled = |title: Text| mistake(bilingual().title(title));
    let error = titled(Text::each(["a", "b", "c"]));
    assert_eq!((error.path.as_str(), error.value.as_str()), ("title", "3 texts"));
    assert!(error.expected.contains("one for each of de, fr"), "{error}");
    let none: [&str; 0] = [];
    assert_eq!(
        (titled(Text::each(none)).path.as_str(), titled(Text::each(none)).value.as_str()),
        ("title", "")
    );
    let one = started("m").title(Text::each(["a", "b"])).contest(Contest::choose_one("c", ["x"]));
    assert!(mistake(one).expected.contains("no 'languages'"));
    for (languages, path) in [
        (vec!["de", "de"], "languages[1]"),
        (vec!["DE", "fr"], "languages[0]"),
        (vec!["de", ""], "languages[1]"),
        (vec!["de_ch", "fr"], "languages[0]"),
    ] {
        assert_eq!(mistake(bilingual().languages(languages)).path, path);
    }
    let contest = || Contest::choose_one("c", ["x", "y"]);
    let most: Vec<String> = (0..65).map(|i| format!("l{i}")).collect();
    assert_eq!(mistake(started("m").languages(most).contest(contest())).path, "languages");
}

#[test]
fn a_manifest_of_more_than_four_mebibytes_is_refused() {
    let name = |i: usize| format!("{i} {}", "x".repeat(380));
    let of = |stations: usize| {
        let contest = Contest::choose_one("c", ["x", "y"]);
        let builder = started("m").district("d", "D").contest(contest);
        (0..stations).fold(builder, |b, i| b.station(&format!("s{i}"), name(i), "d")).build()
    };
    assert!(of(10_000).is_ok());
    let error = of(11_000).unwrap_err();
    assert_eq!(error.path, "the manifest");
    assert!(error.expected.contains("4194304"), "{error}");
}

#[test]
fn the_order_of_options_follows_from_hash_and_district() {
    let of = |display| {
        let contest = Contest::choose_one("c", (0..5).map(|i| i.to_string())).display(display);
        let builder =
            (0..20).fold(started("m"), |b, d| b.district(&format!("d{d}"), format!("D{d}")));
        let builder = (0..20).fold(builder.contest(contest), |b, d| {
            b.style(&format!("s{d}"), &format!("d{d}"), ["c"])
        });
        builder.build().unwrap()
    };
    let orders = |manifest: &Manifest| -> Vec<Vec<usize>> {
        (0..20).map(|district| manifest.display(0, district).unwrap()).collect()
    };
    let plain = of(Display::Manifest);
    assert!(orders(&plain).iter().all(|order| *order == [0, 1, 2, 3, 4]));
    // Each option comes first in four districts, and the others follow it in their order.
    let turned = of(Display::Rotate);
    for (order, next) in orders(&turned).iter().zip(&orders(&turned)[1..]) {
        assert_eq!(next[0], (order[0] + 1) % 5);
        assert!(order.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 5));
    }
    let lot = of(Display::Lot);
    let of_lot = orders(&lot);
    assert!(of_lot.iter().collect::<BTreeSet<_>>().len() > 10);
    for order in &of_lot {
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 5);
    }
    assert_eq!(orders(&Manifest::from_bytes(&lot.to_bytes()).unwrap()), of_lot);
    assert_eq!((lot.display(1, 0), lot.display(0, 20)), (None, None));
}

#[cfg(feature = "serde")]
mod json {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn json_has_an_object_for_each_language_and_plain_strings_stay_plain() {
        let manifest = bilingual().build().unwrap();
        let text = manifest.to_json();
        assert_eq!(Manifest::from_json(&text).as_ref(), Ok(&manifest));
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["languages"], json!(["de", "fr"]));
        assert_eq!(json["title"], json!({"de": "Abstimmung", "fr": "Votation"}));
        let board = &json["contests"][0];
        assert_eq!(board["question"]["fr"], "Qui doit être élu ?");
        assert_eq!(board["display"], "lot");
        assert_eq!(board["options"][2], json!({"id": "c", "name": "Weiss"}));
        assert_eq!(board["options"][1]["detail"], "Genève");
        assert_eq!(json["contests"][1]["options"], json!(["red", "white"]));
        assert_eq!(json["contests"][1]["grades"], json!([{"de": "gut", "fr": "bon"}, "ok"]));
        assert_eq!(board["marks"][0]["name"]["de"], "niemand");
        // One language changes nothing for people.
        let one: Value = serde_json::from_str(&good().to_json()).unwrap();
        assert_eq!(one.get("languages"), None);
        assert_eq!(one["contests"][0]["options"], json!(["Ada", "Grace", "Émilie"]));
        assert_eq!(one["contests"][0]["marks"], json!(["blank"]));
    }

    #[test]
    fn a_language_that_is_missing_or_unknown_is_named() {
        let json = |pointer: &str, new: Value| {
            let mut json: Value =
                serde_json::from_str(&bilingual().build().unwrap().to_json()).unwrap();
            *json.pointer_mut(pointer).unwrap() = new;
            Manifest::from_json(&json.to_string()).unwrap_err()
        };
        for (pointer, new, path, value, expected) in [
            ("/title", json!({"de": "x"}), "title.fr", "", "this field"),
            ("/title", json!({"de": "x", "it": "y"}), "title.it", "it", "`fr`"),
            ("/title", json!({"de": "x", "fr": 3}), "title.fr", "3", "text in quotes"),
            ("/title", json!(["x", "y"]), "title", "a list", "in each of the 'languages'"),
            ("/contests/0/title", json!({"fr": "x"}), "contests[0].title.de", "", "this field"),
            ("/contests/0/question/fr", json!(""), "contests[0].question.fr", "", "1 to 10000"),
            (
                "/contests/0/options/0",
                json!({"name": {"de": "x", "fr": "y"}}),
                "contests[0].options[0].id",
                "",
                "this field",
            ),
            (
                "/contests/0/options/0/detail",
                json!({"de": "x"}),
                "contests[0].options[0].detail.fr",
                "",
                "this field",
            ),
            (
                "/contests/0/groups/0/name",
                json!({"de": "x"}),
                "contests[0].groups[0].name.fr",
                "",
                "this field",
            ),
            (
                "/contests/0/marks/0/name",
                json!({"fr": "x"}),
                "contests[0].marks[0].name.de",
                "",
                "this field",
            ),
            (
                "/contests/1/grades/0",
                json!({"fr": "x"}),
                "contests[1].grades[0].de",
                "",
                "this field",
            ),
            ("/districts/0/name", json!({"fr": "x"}), "districts[0].name.de", "", "this field"),
            ("/stations/0/name", json!({"fr": "x"}), "stations[0].name.de", "", "this field"),
            ("/contests/0/display", json!("random"), "contests[0].display", "random", "`rotate`"),
            ("/languages", json!("de"), "languages", "de", "a list"),
        ] {
            let error = json(pointer, new);
            assert_eq!((error.path.as_str(), error.value.as_str()), (path, value), "{error}");
            assert!(error.expected.contains(expected), "{error}");
            if !pointer.starts_with("/languages") {
                assert_eq!(error.mistakes().count(), 1, "{error}");
            }
        }
    }
}
