//! Rankings and write-ins in a manifest.

use super::*;
use crate::count::{Counting, Method, Quota, TieBreak};

fn counting(method: Method, seats: u16) -> Counting {
    Counting { method, seats, tie_break: TieBreak::Backwards }
}

/// On one ballot: a ranking with one line, a choice with two, and a sum.
fn good() -> Manifest {
    let council = counting(Method::Stv { quota: Quota::Hare, places: 9 }, 2);
    started("council")
        .contest(Contest::choose_one("mayor", ["Ada", "Ben"]).blank().write_ins(2, 20))
        .contest(Contest::choose_one("bridge", ["yes", "no"]))
        .contest(Contest::rank("council", ["x", "y", "z"], council).write_ins(1, 40).ranks(1..=3))
        .build()
        .unwrap()
}

#[test]
fn mixed_slots_stand_behind_those_that_are_summed() {
    let manifest = good();
    // Two options and blank; two lines with votes, and 42 bytes of names in two slots.
    assert_eq!((manifest.contest_slots(0), manifest.mixed_slots(0)), (Some(0..7), Some(3..7)));
    assert_eq!((manifest.contest_slots(1), manifest.mixed_slots(1)), (Some(7..9), Some(9..9)));
    // Four ranks and 41 bytes of a name in two slots.
    assert_eq!((manifest.contest_slots(2), manifest.mixed_slots(2)), (Some(9..11), Some(9..11)));
    assert_eq!(manifest.slots(), 11);
    // Lines can be ranked only where all options can be.
    let max = |contest: Contest| contest.write_ins(2, 9).rule.max;
    let irv = counting(Method::InstantRunoff, 1);
    assert_eq!(max(Contest::rank("c", ["x", "y", "z"], irv)), 5);
    assert_eq!(max(Contest::rank("c", ["x", "y", "z"], irv).ranks(1..=2)), 2);
    assert_eq!(max(Contest::choose("c", ["x", "y", "z"], 0..=3)), 3);
    assert_eq!(manifest.contests()[2].cell, Cell::Election);
    let constraints = manifest.constraints(0).unwrap();
    // Options, lines and blank of the mayor, and the options of the bridge.
    assert_eq!((constraints.slots(), constraints.bits(), constraints.rows()), (11, 7, 2));
    let votes = |on: &[usize]| {
        let bits: Vec<bool> = (0..7).map(|bit| on.contains(&bit)).collect();
        constraints.allow(&bits).then(|| constraints.values(&bits))
    };
    // The second line gets the vote; its slot is the fifth.
    assert_eq!(votes(&[3, 6]), Some(vec![0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]));
    assert_eq!(votes(&[4, 5]), Some(vec![0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0]));
    assert_eq!(votes(&[0, 2, 5]), None, "an option and a line");
}

#[test]
fn rankings_and_write_ins_come_back() {
    let manifest = good();
    assert_eq!(Manifest::from_canonical(&manifest.to_bytes()), Ok(manifest.clone()));
    let methods = [
        (Method::InstantRunoff, 1),
        (Method::Stv { quota: Quota::Droop, places: 9 }, 2),
        (Method::Stv { quota: Quota::Hare, places: 1 }, 3),
        (Method::Schulze, 1),
        (Method::Borda, 2),
    ];
    for ((method, seats), tie_break) in methods
        .into_iter()
        .flat_map(|method| [TieBreak::Order, TieBreak::Backwards].map(|tie| (method, tie)))
    {
        let counting = Counting { method, seats, tie_break };
        let contest = Contest::rank("c", ["x", "y", "z"], counting);
        let tied = matches!(method, Method::Schulze | Method::Borda);
        let contest = if tied { contest.ties() } else { contest };
        let manifest = started("m").contest(contest).build().unwrap();
        assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest.clone()));
        #[cfg(feature = "serde")]
        assert_eq!(Manifest::from_json(&manifest.to_json()), Ok(manifest.clone()));
        assert_eq!(manifest.contests()[0].counting, Some(counting));
    }
}

/// A parliament in one constituency, with as many candidates as a byte can rank.
#[test]
fn as_many_seats_as_candidates_are_filled() {
    let names = || (0..255).map(|i| format!("candidate {i}"));
    for seats in [13, 60, 150, 255] {
        let stv = counting(Method::Stv { quota: Quota::Droop, places: 5 }, seats);
        let manifest = started("m").contest(Contest::rank("c", names(), stv)).build().unwrap();
        assert_eq!(Manifest::from_bytes(&manifest.to_bytes()), Ok(manifest));
    }
}

#[test]
fn mistakes_are_named() {
    let options = ["x", "y", "z"];
    let irv = counting(Method::InstantRunoff, 1);
    let stv = Method::Stv { quota: Quota::Droop, places: 9 };
    let places = |places| Method::Stv { quota: Quota::Droop, places };
    let rank = || Contest::rank("c", options, irv);
    let tied = |tie_break| Counting { tie_break, ..irv };
    let mut backwards = rank();
    (backwards.rule.min, backwards.rule.max) = (3, 2);
    let many: Vec<String> = (0..256).map(|i| i.to_string()).collect();
    let cases = [
        (rank().ranks(0..=4), "rank.max", "4", "1 to 3"),
        (backwards, "rank.min", "3", "0 to 2"),
        (rank().blank(), "marks", "given", "who ranks nothing"),
        (rank().each(2), "rank.each", "2", "1"),
        (rank().ties(), "count.method", "instant-runoff", "schulze or borda"),
        (rank().counting(counting(Method::Plurality, 1)), "count.method", "plurality", "rankings"),
        (rank().counting(counting(Method::InstantRunoff, 2)), "count.seats", "2", "1"),
        (rank().counting(counting(Method::Borda, 4)), "count.seats", "4", "from 1 to 3"),
        (rank().counting(counting(Method::Borda, 0)), "count.seats", "0", "from 1 to 3"),
        (
            rank().counting(counting(Method::Borda, 1)).write_ins(1, 9),
            "count.method",
            "borda",
            "write-ins change the points",
        ),
        (
            rank().write_ins(1, 9).counting(tied(TieBreak::Lot)),
            "count.tie_break",
            "lot",
            "would change the lots",
        ),
        (rank().counting(tied(TieBreak::Open)), "count.tie_break", "open", "'lot'"),
        (rank().counting(counting(stv, 4)), "count.seats", "4", "from 1 to 3"),
        (rank().counting(counting(places(0), 1)), "count.places", "0", "from 1 to 9"),
        (rank().counting(counting(places(10), 1)), "count.places", "10", "from 1 to 9"),
        (rank().write_ins(17, 10), "write_ins.places", "17", "0 to 16"),
        (rank().write_ins(1, 0), "write_ins.length", "0", "1 to 200"),
        (rank().write_ins(1, 201), "write_ins.length", "201", "1 to 200"),
        (rank().write_ins(0, 5), "write_ins.length", "5", "0"),
        (rank().write_ins(10, 200), "write_ins", "70 slots", "at most 64"),
        (Contest::rank("c", many.clone(), irv), "options", "256", "at most 255"),
        (Contest::choose_one("c", many).write_ins(1, 9), "options", "257", "at most 255"),
        (
            Contest::choose_one("c", options).counting(irv),
            "count.method",
            "instant-runoff",
            "plurality",
        ),
        (
            Contest::choose_one("c", options).write_ins(1, 20).counting(irv),
            "count.method",
            "instant-runoff",
            "plurality",
        ),
    ];
    for (contest, path, value, expected) in cases {
        let error = started("m").contest(contest).build().unwrap_err();
        assert_eq!(error.path, format!("contests[0].{path}"), "{error}");
        assert!(error.value.contains(value), "{error}");
        assert!(error.expected.contains(expected), "{error}");
    }
    let mut uncounted = rank();
    uncounted.counting = None;
    let error = started("m").contest(uncounted).build().unwrap_err();
    assert_eq!((error.path.as_str(), error.value.as_str()), ("contests[0].count", ""));
}

#[cfg(feature = "serde")]
#[test]
fn json_leaves_out_what_has_a_default() {
    use serde_json::{Value, json};

    let mut json: Value = serde_json::from_str(&good().to_json()).unwrap();
    assert_eq!(Manifest::from_json(&json.to_string()), Ok(good()));
    json["contests"] = json!([
        {"id": "c", "options": ["x", "y"], "rank": {}, "count": {"method": "stv"}},
        {"id": "d", "options": ["x"], "choose": {"min": 0, "max": 1}, "write_ins": {"places": 1, "length": 9},
         "count": {"method": "plurality"}},
    ]);
    json["styles"][0]["contests"] = json!(["c", "d"]);
    let manifest = Manifest::from_json(&json.to_string()).unwrap();
    let order = |method| Counting { method, seats: 1, tie_break: TieBreak::Order };
    let [c, d] = manifest.contests() else { panic!() };
    assert_eq!(
        *c,
        Contest::rank("c", ["x", "y"], order(Method::Stv { quota: Quota::Droop, places: 9 }))
    );
    assert_eq!(*d, Contest::choose("d", ["x"], 0..=1).write_ins(1, 9));

    for (place, new, path, expected) in [
        ("rank", json!({"ties": 1}), "contests[0].rank.ties", "true or false"),
        ("choose", json!({"min": 0, "max": 1}), "contests[0].choose", "either"),
        ("count", json!({"method": "coin"}), "contests[0].count.method", "`instant-runoff`"),
        ("count", json!({"method": "borda", "quota": "hare"}), "contests[0].count.quota", "stv"),
        ("count", json!({"method": "stv", "quota": "best"}), "contests[0].count.quota", "`hare`"),
        ("count", json!({"method": "stv", "places": 10}), "contests[0].count.places", "1 to 9"),
        ("count", json!({"method": "stv", "places": 1.5}), "contests[0].count.places", "number"),
        ("count", json!({"method": "borda", "places": 5}), "contests[0].count.places", "stv"),
        ("count", Value::Null, "contests[0].count", "counted"),
        ("write_ins", json!({"places": 1}), "contests[0].write_ins.length", "this field"),
    ] {
        let mut wrong = json.clone();
        wrong["contests"][0][place] = new;
        let error = Manifest::from_json(&wrong.to_string()).unwrap_err();
        assert_eq!(error.path, path, "{error}");
        assert!(error.expected.contains(expected), "{error}");
    }
}
