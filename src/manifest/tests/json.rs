use super::*;
use serde_json::{Value, json};

#[test]
fn json_comes_back() {
    let manifest = good();
    let json = manifest.to_json();
    assert_eq!(Manifest::from_json(&json), Ok(manifest.clone()));
    assert_eq!(Manifest::from_json(&json).unwrap().to_json(), json);
    assert_eq!(Manifest::from_json(&json).unwrap().hash(), manifest.hash());
}

#[test]
fn json_with_a_byte_order_mark_is_read() {
    let manifest = good();
    let json = format!("\u{feff}{}", manifest.to_json());
    assert_eq!(Manifest::from_json(&json), Ok(manifest));
}

#[test]
fn defaults_may_be_left_out() {
    let trustees: Vec<_> = (1..6)
        .map(|i| json!({"name": format!("trustee {i}"), "key": keys()[i].to_string()}))
        .collect();
    let short = json!({
        "version": 1, "id": "m", "operator": keys()[0].to_string(), "trustees": trustees, "threshold": 3,
        "contests": [{"id": "c", "options": ["x", "y"], "choose": {"min": 1, "max": 1}}],
    });
    let built = started("m").contest(Contest::choose_one("c", ["x", "y"])).build();
    assert_eq!(Manifest::from_json(&short.to_string()), built);
    let mut logged = short.clone();
    logged["log"] = json!({"key": log_key().to_string()});
    let builder = started("m").contest(Contest::choose_one("c", ["x", "y"])).log(log_key());
    assert_eq!(Manifest::from_json(&logged.to_string()), builder.build());
}

/// Puts `value` at the pointer; `null` removes what is there.
fn put(json: &mut Value, pointer: &str, value: Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Object(map) if value.is_null() => drop(map.remove(key).unwrap()),
        Value::Object(map) => drop(map.insert(key.into(), value)),
        Value::Array(list) if key == "-" => list.push(value),
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
}

/// Where, what to put there, the path of the mistake, and what its value and its expectation contain.
fn mistakes() -> Vec<(&'static str, Value, &'static str, &'static str, &'static str)> {
    let key = |i: usize| json!(keys()[i].to_string());
    let mut mistyped = keys()[2].to_string();
    mistyped.replace_range(30..31, if &mistyped[30..31] == "q" { "p" } else { "q" });
    let long = "x".repeat(401);
    let same = json!({"id": "north", "name": "Again"});
    let Witness { name: same_name, key: same_key } = witness(0);
    let same_key = same_key.to_string();
    let log_as_witness = WitnessKey::from_bytes(log_key().as_bytes()).unwrap().to_string();
    let mut identity = [0; 32];
    identity[0] = 1;
    let identity = bech32::encode::<bech32::Bech32m>(bech32::Hrp::parse("log").unwrap(), &identity);
    let identity = identity.unwrap();
    vec![
        ("/version", json!(2), "version", "2", "1"),
        ("/version", Value::Null, "version", "", "this field"),
        ("/version", json!("1"), "version", "1", "whole number"),
        ("/id", json!("Spring"), "id", "Spring", "a-z"),
        ("/id", json!(""), "id", "", "1 to 64"),
        ("/id", json!("x".repeat(65)), "id", "xxx", "1 to 64"),
        ("/id", json!(7), "id", "7", "text"),
        ("/title", json!(""), "title", "", "bytes of text"),
        ("/title", json!("x".repeat(1_001)), "title", "xxx", "1 to 1000"),
        ("/title", json!("a\nb"), "title", "a\nb", "control"),
        ("/operator", Value::Null, "operator", "", "author key"),
        ("/operator", json!("author1abc"), "operator", "author1abc", "checksum"),
        ("/trustees", json!([]), "trustees", "", "1 to 255"),
        ("/trustees", json!({}), "trustees", "map", "list"),
        ("/trustees/1/key", json!(mistyped), "trustees[1].key", "author1", "checksum"),
        ("/trustees/1/key", key(0), "trustees[1].key", "author1", "operator"),
        ("/trustees/1/key", key(1), "trustees[1].key", "author1", "trustees[0].key"),
        ("/trustees/1/name", json!(" Bo"), "trustees[1].name", " Bo", "white space"),
        ("/trustees/1/name", json!("trustee 1"), "trustees[1].name", "trustee 1", "its own"),
        ("/trustees/1/name", Value::Null, "trustees[1].name", "", "this field"),
        ("/threshold", Value::Null, "threshold", "", "number of trustees"),
        ("/threshold", json!(0), "threshold", "0", "from 1 to 5"),
        ("/threshold", json!(6), "threshold", "6", "from 1 to 5"),
        ("/threshold", json!(65_536), "threshold", "65536", "65535"),
        ("/threshold", json!(2.5), "threshold", "2.5", "whole number"),
        ("/threshold", json!(-1), "threshold", "-1", "whole number"),
        ("/threshold", json!(3.0), "threshold", "3.0", "whole number"),
        ("/threshold", json!(true), "threshold", "true", "whole number"),
        ("/close_quorum", json!(2), "close_quorum", "2", "from 3 to 5"),
        ("/close_quorum", json!(6), "close_quorum", "6", "from 3 to 5"),
        ("/close_quorum", json!(0), "close_quorum", "0", "from 3 to 5"),
        ("/rehearsals", json!(6), "rehearsals", "6", "from 0 to 5"),
        ("/minimum_cell", json!(0), "minimum_cell", "0", "from 1"),
        ("/ballots_per_voter", json!(0), "ballots_per_voter", "0", "from 1 to 65535"),
        ("/ballots_per_voter", json!(65_536), "ballots_per_voter", "65536", "from 1 to 65535"),
        ("/proxies/most", json!(0), "proxies.most", "0", "from 1 to 65535"),
        ("/proxies/most", Value::Null, "proxies.most", "", "this field"),
        ("/proxies", json!(2), "proxies", "2", "object"),
        ("/weights", json!("any"), "weights", "any", "classes"),
        ("/weights", json!(true), "weights", "true", "classes"),
        ("/districts/-", same, "districts[2].id", "north", "districts[0]"),
        ("/districts/0/name", json!(long), "districts[0].name", "xxx", "1 to 400"),
        (
            "/districts/-",
            json!({"id": "east", "name": "East"}),
            "districts[2]",
            "east",
            "ballot style",
        ),
        ("/stations/0/district", json!("west"), "stations[0].district", "west", "a district"),
        ("/stations/0/id", json!("a b"), "stations[0].id", "a b", "a-z"),
        (
            "/stations/-",
            json!({"id": "school", "name": "Other", "district": "north"}),
            "stations[1].id",
            "school",
            "stations[0]",
        ),
        ("/stations/0/name", json!(""), "stations[0].name", "", "1 to 400"),
        ("/contests/1/id", json!("survey"), "styles[1].contests[0]", "council-s", "a contest"),
        ("/contests/0/id", json!("ü"), "styles[0].contests[0]", "mayor-n", "a contest"),
        ("/contests/0/title", json!(""), "contests[0].title", "", "1 to 1000"),
        ("/contests/0/options", json!([]), "contests[0].options", "", "1 to 1000"),
        ("/contests/0/options/1", json!("Ada"), "contests[0].options[1]", "Ada", "options[0]"),
        ("/contests/0/options/1", json!(long), "contests[0].options[1]", "xx", "1 to 400"),
        ("/contests/0/options/1", json!(3), "contests[0].options[1]", "3", "text"),
        ("/contests/0/choose", Value::Null, "contests[0].choose", "", "'choose' or 'grades'"),
        ("/contests/0/choose", json!("one"), "contests[0].choose", "one", "object"),
        ("/contests/0/choose/max", json!(0), "contests[0].choose.max", "0", "from 1 to 3"),
        ("/contests/0/choose/max", json!(4), "contests[0].choose.max", "4", "from 1 to 3"),
        ("/contests/0/choose/min", json!(2), "contests[0].choose.min", "2", "from 0 to 1"),
        ("/contests/0/choose/each", json!(0), "contests[0].choose.each", "0", "from 1"),
        (
            "/contests/0/choose/each",
            json!(1u64 << 63),
            "contests[0].choose.each",
            "9223372036854775808",
            "9223372036854775807",
        ),
        ("/contests/0/choose/most", json!(1), "contests[0].choose.most", "most", "`each`"),
        ("/contests/0/voters", json!("yes"), "contests[0].voters", "yes", "true or false"),
        ("/contests/0/wide", json!("proof"), "contests[0].wide", "proof", "`folded`"),
        ("/contests/0/wide", json!("folded"), "contests[0].wide", "folded", "above 65535"),
        ("/contests/0/cell", json!("town"), "contests[0].cell", "town", "`election`"),
        (
            "/contests/-",
            json!({"id": "idle", "options": ["x"], "choose": {"min": 1, "max": 1}}),
            "contests[3]",
            "idle",
            "on a ballot style",
        ),
        (
            "/contests/-",
            json!({"id": "survey", "options": ["x"], "choose": {"min": 1, "max": 1}}),
            "contests[3].id",
            "survey",
            "contests[2]",
        ),
        ("/styles", json!([]), "styles", "", "each of the several"),
        ("/styles/1/id", json!("n"), "styles[1].id", "n", "styles[0]"),
        ("/styles/1/district", json!("east"), "styles[1].district", "east", "a district"),
        ("/styles/1/contests", json!([]), "styles[1].contests", "", "one contest"),
        ("/styles/1/contests/1", json!("x"), "styles[1].contests[1]", "x", "a contest"),
        (
            "/styles/1/contests/-",
            json!("survey"),
            "styles[1].contests[2]",
            "survey",
            "styles[1].contests[1]",
        ),
        ("/log", json!({}), "log.key", "", "this field"),
        ("/log", json!("log1"), "log", "log1", "object"),
        ("/log/key", json!("log1abc"), "log.key", "log1abc", "checksum"),
        ("/log/key", key(0), "log.key", "author1", "'log1'"),
        ("/log/key", json!(identity), "log.key", "log1", "large order"),
        ("/log/witnesses/0/key", key(0), "log.witnesses[0].key", "author1", "'witness1'"),
        ("/log/witnesses/1/key", json!(same_key), "log.witnesses[1].key", "witness1", "its own"),
        ("/log/witnesses/1/key", json!(log_as_witness), "log.witnesses[1].key", "w", "log.key"),
        ("/log/witnesses/1/key", Value::Null, "log.witnesses[1].key", "", "this field"),
        ("/log/witnesses/1/name", json!(same_name), "log.witnesses[1].name", "w0", "witnesses[0]"),
        ("/log/witnesses/1/name", json!(""), "log.witnesses[1].name", "", "1 to 200"),
        ("/log/witnesses/1/name", json!("a b"), "log.witnesses[1].name", "a b", "white space"),
        ("/log/witnesses/1/name", json!("a+b"), "log.witnesses[1].name", "a+b", "'+'"),
        ("/log/witnesses/1/name", json!(long), "log.witnesses[1].name", "xxx", "1 to 200"),
        ("/log/quorum", json!(3), "log.quorum", "3", "from 0 to 2"),
        ("/log/quorum", json!(-1), "log.quorum", "-1", "whole number"),
        ("/log/colour", json!("red"), "log.colour", "colour", "`witnesses`"),
        ("/treshold", json!(3), "treshold", "treshold", "`threshold`"),
        ("/districts/0/colour", json!("red"), "districts[0].colour", "colour", "`name`"),
    ]
}

#[test]
fn every_mistake_is_named() {
    for (pointer, new, path, value, expected) in mistakes() {
        let mut json: Value = serde_json::from_str(&good().to_json()).unwrap();
        put(&mut json, pointer, new.clone());
        let error = Manifest::from_json(&json.to_string()).unwrap_err();
        let shown = format!("{pointer} = {new}: {error}");
        assert_eq!(error.path, path, "{shown}");
        assert!(error.value.contains(value), "{shown}");
        assert_eq!(error.value.is_empty(), value.is_empty(), "{shown}");
        assert!(error.expected.contains(expected), "{shown}");
        if !value.is_empty() && !value.contains('\n') {
            assert!(error.to_string().contains(value), "{shown}");
        }
    }
}

#[test]
fn a_list_is_no_object() {
    let ranked = json!({"id": "r", "options": ["x"], "rank": [0, 1]});
    for (pointer, new, path) in [
        ("/trustees/0", json!(["trustee 1", "author1"]), "trustees[0]"),
        ("/districts/0", json!(["north", "North"]), "districts[0]"),
        ("/stations/0", json!(["school", "School", "north"]), "stations[0]"),
        ("/contests/0", json!(["mayor-n", "Mayor", ["x"]]), "contests[0]"),
        ("/contests/0/choose", json!([1, 1]), "contests[0].choose"),
        ("/contests/0/write_ins", json!([1, 20]), "contests[0].write_ins"),
        ("/contests/0/count", json!(["plurality"]), "contests[0].count"),
        ("/contests/-", ranked, "contests[3].rank"),
        ("/styles/0", json!(["n", "north", ["mayor-n"]]), "styles[0]"),
        ("/log", json!(["log1"]), "log"),
        ("/log/witnesses/0", json!(["w0", "witness1"]), "log.witnesses[0]"),
    ] {
        let mut json: Value = serde_json::from_str(&good().to_json()).unwrap();
        put(&mut json, pointer, new);
        let error = Manifest::from_json(&json.to_string()).unwrap_err();
        assert_eq!(error, ManifestError::new(path, "a list", "an object in braces"));
    }
    let error = Manifest::from_json("[1, \"spring\"]").unwrap_err();
    assert_eq!(error, ManifestError::new("the manifest", "a list", "an object in braces"));
}

#[test]
fn a_rule_stands_in_one_field() {
    let mut json: Value = serde_json::from_str(&good().to_json()).unwrap();
    put(&mut json, "/contests/0/rank", json!({}));
    let error = Manifest::from_json(&json.to_string()).unwrap_err();
    let expected = "either 'choose' or 'grades' or 'rank' or 'lists' or 'places' or 'pairs' or 'star' or 'quadratic' or 'split'";
    assert_eq!(error, ManifestError::new("contests[0].choose", "more than one", expected));
}

#[test]
fn what_is_no_json_has_a_line_and_a_column() {
    let json = good().to_json();
    let cut = &json[..json.len() / 2];
    let error = Manifest::from_json(cut).unwrap_err();
    assert!(error.value.starts_with("line "), "{error}");
    assert!(error.expected.starts_with("well-formed JSON"), "{error}");
    let error = Manifest::from_json("{\n  \"id\": nope}").unwrap_err();
    assert_eq!(error.path, "id");
    assert!(error.value.starts_with("line 2, column "), "{error}");
    let error = Manifest::from_json(&(json.clone() + "}")).unwrap_err();
    assert_eq!(error.path, "the manifest");
    let error = Manifest::from_json("[").unwrap_err();
    assert_eq!(error.path, "the manifest");
    for (name, path) in [("id", "id"), ("min", "contests[0].choose.min")] {
        let name = format!("\"{name}\"");
        let twice = json.replacen(&name, &format!("{name}: 1, {name}"), 1);
        let error = Manifest::from_json(&twice).unwrap_err();
        assert_eq!((error.path.as_str(), error.expected.as_str()), (path, "this field only once"));
        assert!(error.value.starts_with("line "), "{error}");
    }
}
