//! Groups of trustees: as code, bytes and JSON.

use super::*;

fn bridge(builder: Builder) -> Builder {
    builder.contest(Contest::choose_one("bridge", ["yes", "no"]))
}

/// One trustee, and two of three.
fn grouped() -> Builder {
    let [operator, first, others @ .., _] = keys().clone();
    let builder = Manifest::builder("m").operator(operator).group("Ministry").threshold(1);
    let builder = builder.trustee("Ada", first).group("Universities").trustees(others, 2);
    bridge(builder.close_quorum(2).rehearsals(3))
}

fn paths(builder: Builder) -> Vec<String> {
    let error = builder.build().unwrap_err();
    error.mistakes().map(|mistake| mistake.path.clone()).collect()
}

#[test]
fn groups_have_consecutive_numbers() {
    let manifest = grouped().build().unwrap();
    let [ministry, universities] = &manifest.groups()[..] else { panic!() };
    let expected = Group {
        name: "Universities".into(),
        threshold: 2,
        close_quorum: Some(2),
        rehearsals: 3,
        members: 1..4,
    };
    assert_eq!(*universities, expected);
    assert_eq!((ministry.close_quorum, ministry.rehearsals), (None, 0));
    assert_eq!((manifest.threshold(), manifest.rehearsals()), (3, 3));
    assert_eq!(universities.numbers().collect::<Vec<_>>(), [2, 3, 4]);
    let place = |number| manifest.groups().place_of(number);
    assert_eq!([0, 1, 2, 4, 5, 65_535].map(place), [None, Some(0), Some(1), Some(1), None, None]);
    let names = manifest.trustees().iter().map(|trustee| trustee.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["Ada", "trustee 2", "trustee 3", "trustee 4"]);
    // What was said before the first group is about it.
    let [operator, first, ..] = keys().clone();
    let early = Manifest::builder("m").operator(operator).threshold(1).group("Ministry");
    let early = bridge(early.trustee("Ada", first)).build().unwrap();
    assert_eq!(early.groups().len(), 1);
    assert_eq!(early.groups()[0].threshold, 1);
}

#[test]
fn too_few_of_a_group_are_found() {
    let manifest = grouped().build().unwrap();
    let groups = manifest.groups();
    let lack = |done: &[u16]| {
        let lack = groups.lacking(&[1, 2], |number| done.contains(&number))?;
        Some((lack.group.name.clone(), lack.found, lack.needed))
    };
    assert_eq!(lack(&[]), Some(("Ministry".into(), 0, 1)));
    assert_eq!(lack(&[2, 3, 4, 5]), Some(("Ministry".into(), 0, 1)));
    assert_eq!(lack(&[1, 2]), Some(("Universities".into(), 1, 2)));
    assert_eq!(lack(&[4, 1, 3]), None);
}

#[test]
fn mistakes_of_groups_have_their_paths() {
    let [operator, first, second, third, ..] = keys().clone();
    let start = || bridge(Manifest::builder("m").operator(operator.clone()));
    let group = |name: &str, key: &AuthorKey, name_of: &str| {
        start()
            .group("A")
            .trustee("Ada", first.clone())
            .threshold(1)
            .group(name)
            .trustee(name_of, key.clone())
    };
    let cases: [(Builder, &[&str]); 13] = [
        (group("B", &second, "Ben"), &["trustees[1].threshold"]),
        (group("a", &second, "Ben").threshold(1), &["trustees[1].group"]),
        (group("", &second, "Ben").threshold(1), &["trustees[1].group"]),
        (group("B\u{202e}", &second, "Ben").threshold(1), &["trustees[1].group"]),
        (group("B", &second, "ADA").threshold(1), &["trustees[1].members[0].name"]),
        (group("B", &first, "Ben").threshold(1), &["trustees[1].members[0].key"]),
        (group("B", &operator, "Ben").threshold(1), &["trustees[1].members[0].key"]),
        (group("B", &second, "Ben").threshold(2), &["trustees[1].threshold"]),
        (
            group("B", &second, "Ben").threshold(1).close_quorum(2).rehearsals(2),
            &["trustees[1].close_quorum", "trustees[1].rehearsals"],
        ),
        (group("B", &second, "Ben").threshold(1).group("C").threshold(1), &["trustees[2].members"]),
        (start().group("").trustee("Ada", first.clone()).threshold(1), &["trustees[0].group"]),
        // Trustees before the first group are in none.
        (
            start()
                .trustee("Ada", first.clone())
                .threshold(1)
                .group("B")
                .trustees([second.clone()], 1),
            &["trustees[0].group"],
        ),
        (start().group("A").threshold(1), &["trustees"]),
    ];
    for (builder, expected) in cases {
        assert_eq!(paths(builder), expected);
    }
    let names = ["A", "B"];
    let same = names
        .iter()
        .fold(start(), |builder, name| builder.group(name).trustees(vec![third.clone(); 128], 1));
    assert_eq!(paths(same)[0], "trustees");
}

#[test]
fn bytes_of_groups_come_back() {
    let manifest = grouped().build().unwrap();
    let bytes = manifest.to_bytes();
    assert_eq!(Manifest::from_bytes(&bytes), Ok(manifest.clone()));
    for end in 0..bytes.len() {
        assert!(Manifest::from_bytes(&bytes[..end]).is_err(), "first {end} bytes");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Manifest::from_bytes(&flipped) {
            assert_eq!(other.to_bytes(), flipped, "bit {bit}");
            assert_ne!(other.hash(), manifest.hash(), "bit {bit}");
        }
    }
    // One group without a name, two of which one has none, and none at all.
    let mut parts = (*manifest.parts).clone();
    let unnamed = Group { name: "".into(), ..parts.groups[0].clone() };
    for groups in [vec![], vec![unnamed.clone(), parts.groups[1].clone()]] {
        parts.groups = Groups::new(groups);
        assert!(Manifest::from_bytes(&parts.to_bytes()).is_err());
    }
    parts.trustees.truncate(1);
    parts.groups = Groups::new([unnamed]);
    let one = Manifest::from_bytes(&parts.to_bytes()).unwrap();
    assert!(!one.groups().are_named());
}

#[cfg(feature = "serde")]
#[test]
fn json_of_groups_comes_back() {
    use serde_json::{Value, json};
    let manifest = grouped().build().unwrap();
    let json = manifest.to_json();
    assert_eq!(Manifest::from_json(&json), Ok(manifest));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["trustees"][0]["group"], json!("Ministry"));
    assert_eq!(json["trustees"][1]["close_quorum"], json!(2));
    assert_eq!(json["trustees"][1]["members"][2]["name"], json!("trustee 4"));
    for name in ["threshold", "close_quorum", "rehearsals"] {
        assert_eq!(json.get(name), None);
    }
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut json = json.clone();
        change(&mut json);
        let error = Manifest::from_json(&json.to_string()).unwrap_err();
        error.mistakes().map(|mistake| mistake.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(wrong(&|m| m["threshold"] = json!(3)), ["threshold"]);
    assert_eq!(wrong(&|m| m["close_quorum"] = json!(3)), ["close_quorum"]);
    assert_eq!(wrong(&|m| m["rehearsals"] = json!(0)), ["rehearsals"]);
    assert_eq!(wrong(&|m| m["trustees"][1]["threshold"] = json!(9)), ["trustees[1].threshold"]);
    assert_eq!(wrong(&|m| m["trustees"][1]["threshold"] = Value::Null), ["trustees[1].threshold"]);
    assert_eq!(wrong(&|m| m["trustees"][1]["members"] = json!([])), ["trustees[1].members"]);
    assert_eq!(wrong(&|m| m["trustees"][1]["members"] = json!(3)), ["trustees[1].members"]);
    assert_eq!(wrong(&|m| m["trustees"][1]["quorum"] = json!(3)), ["trustees[1].quorum"]);
    assert_eq!(wrong(&|m| m["trustees"][0]["group"] = json!(7)), ["trustees[0].group"]);
    // A trustee among groups.
    let lone = |m: &mut Value| m["trustees"][0] = m["trustees"][0]["members"][0].clone();
    assert_eq!(wrong(&lone), ["trustees[0].key", "trustees[0].name", "trustees[0].members"]);
}
