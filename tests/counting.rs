//! Compares with counts of other implementations, recorded in `tests/counting`.
//!
//! Where ties decide, or where implementations of a method differ, there is nothing to compare. Each test says what it leaves
//! out and how many profiles remain.
#![cfg(feature = "serde")]

#[path = "counting/exact.rs"]
mod exact;

use exact::integer;
use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::Value;
use std::{fs, path::Path};
use tabella::count::{
    Count, CountRound, Counting, Decimal, MAX_PLACES, Method, Profile, Quota, Ranking, Step,
    TieBreak, Workings, count,
};

/// The profiles of a file.
fn vectors(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/counting").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}

fn numbers(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(number).collect()
}

/// A profile of orders or of groups.
fn profile(vector: &Value) -> Profile {
    let n = number(&vector["n"]);
    let mut profile = Profile::new(n);
    for entry in vector["rankings"].as_array().unwrap() {
        let group = |value: &Value| match value {
            Value::Number(_) => vec![number(value)],
            _ => numbers(value),
        };
        let groups = entry[1].as_array().unwrap().iter().map(group).collect();
        profile.add(Ranking::new(n, groups).unwrap(), entry[0].as_u64().unwrap()).unwrap();
    }
    profile
}

fn run(vector: &Value, method: Method, seats: usize) -> Count {
    let counting =
        Counting { method, seats: seats.try_into().unwrap(), tie_break: TieBreak::Backwards };
    count(&profile(vector), &counting).unwrap()
}

fn value(number: Decimal) -> BigRational {
    BigRational::new(number.units().into(), BigInt::from(10).pow(number.places().into()))
}

/// Whether the difference of two numbers is below this.
fn near(ours: &BigRational, theirs: &BigRational, tolerance: &BigRational) -> bool {
    let difference = ours - theirs;
    difference < *tolerance && -difference < *tolerance
}

/// The tolerance between numbers with nine places and fractions: five places.
fn five_places() -> BigRational {
    BigRational::new(1.into(), 100_000.into())
}

fn scores(count: &Count) -> Vec<BigRational> {
    match &count.workings {
        Workings::Scores(scores) => scores.iter().copied().map(value).collect(),
        other => panic!("{other:?}"),
    }
}

fn paths(count: &Count) -> &[Vec<u64>] {
    match &count.workings {
        Workings::Pairwise { paths, .. } => paths,
        other => panic!("{other:?}"),
    }
}

fn rounds(count: &Count) -> &[CountRound] {
    match &count.workings {
        Workings::Rounds { rounds, .. } => rounds,
        other => panic!("{other:?}"),
    }
}

/// Plurality, Borda, Schulze and instant runoff on complete orders. Nothing is left out except, for instant runoff, profiles
/// with ties: tallystick eliminates all who are tied.
#[test]
fn tallystick() {
    let mut without_ties = 0;
    for vector in vectors("strict.json") {
        let theirs = &vector["tallystick"];
        let integers = |value: &Value| numbers(value).into_iter().map(integer).collect::<Vec<_>>();
        let ours = run(&vector, Method::Plurality, 1);
        assert_eq!(scores(&ours), integers(&theirs["votes"]), "{vector}");
        let ours = run(&vector, Method::Borda, 1);
        assert_eq!(scores(&ours), integers(&theirs["points"]), "{vector}");
        let ours = run(&vector, Method::Schulze, 1);
        assert_eq!(serde_json::to_value(paths(&ours)).unwrap(), theirs["paths"], "{vector}");
        let ours = run(&vector, Method::InstantRunoff, 1);
        if ours.ties.is_empty() {
            assert_eq!(ours.elected, numbers(&theirs["runoff"]), "{vector}");
            without_ties += 1;
        }
    }
    assert_eq!(without_ties, 202);
}

/// Borda and Schulze on rankings with ties and without some candidates. Nothing is left out.
#[test]
fn ties_by_pref_voting_and_votelib() {
    let vectors = vectors("ties.json");
    assert_eq!(vectors.len(), 220);
    for vector in vectors {
        let n = number(&vector["n"]);
        // Candidates below minus candidates above, which is twice the points minus n − 1.
        let ours = run(&vector, Method::Borda, 1);
        let each = integer(n - 1) * integer(ours.votes);
        let theirs = vector["pref_voting"]["borda"].as_array().unwrap();
        for (ours, theirs) in scores(&ours).iter().zip(theirs) {
            assert_eq!(ours + ours - &each, integer(theirs.as_i64().unwrap()), "{vector}");
        }
        // All candidates to whom no other is preferred.
        let ours = run(&vector, Method::Schulze, 1);
        let winners = match ours.ties.first() {
            Some(tie) => tie.order.clone(),
            None => ours.elected.clone(),
        };
        assert_eq!(winners, numbers(&vector["pref_voting"]["schulze"]), "{vector}");
        let theirs = &vector["votelib"]["paths"];
        assert_eq!(&serde_json::to_value(paths(&ours)).unwrap(), theirs, "{vector}");
    }
}

/// Instant runoff with candidates missing. Profiles with ties are left out.
#[test]
fn runoff_by_pref_voting() {
    let mut without_ties = 0;
    for vector in vectors("stv.json") {
        let ours = run(&vector, Method::InstantRunoff, 1);
        if ours.ties.is_empty() {
            assert_eq!(ours.elected, numbers(&vector["pref_voting"]), "{vector}");
            without_ties += 1;
        }
    }
    assert_eq!(without_ties, 190);
}

fn stv(vector: &Value) -> (Count, BigRational) {
    let method = Method::Stv { quota: Quota::Droop, places: MAX_PLACES };
    let count = run(vector, method, number(&vector["seats"]));
    let Workings::Rounds { quota: Some(quota), .. } = count.workings.clone() else { panic!() };
    (count, value(quota))
}

fn fraction(value: &str) -> BigRational {
    value.parse().unwrap()
}

/// What a step gives to a candidate or to nobody.
fn gain(before: &CountRound, after: &CountRound, to: &str) -> BigRational {
    match to.parse::<usize>() {
        Ok(candidate) => value(after.totals[candidate]) - value(before.totals[candidate]),
        Err(_) => value(after.exhausted) - value(before.exhausted),
    }
}

/// Every election, surplus and elimination, in order and with each transferred amount, to five places.
///
/// Left out are profiles with ties; those in which a surplus overtakes an earlier one (interregnum transfers them in the
/// order of election); and those in which somebody has exactly the quota and the count continues. Interregnum transfers all
/// of these ballots in full; and where exact fractions reach the quota, rounding down misses it.
#[test]
fn stv_by_interregnum() {
    let (mut compared, mut surpluses) = (0, 0);
    for vector in vectors("stv.json") {
        let (ours, quota) = stv(&vector);
        let rounds = rounds(&ours);
        let last = rounds.last().unwrap();
        let mut before = Vec::new();
        let exact = rounds.iter().take(rounds.len() - 1).any(|round| {
            let standing = (0..).zip(&round.totals).filter(|(c, _)| !before.contains(c));
            let exact =
                standing.map(|(_, total)| value(*total)).any(|t| near(&t, &quota, &five_places()));
            before.extend(&round.elected);
            exact
        });
        let transfers: Vec<_> = rounds
            .iter()
            .filter_map(|round| match &round.step {
                Some(Step::Surplus { candidate, .. }) => Some(*candidate),
                _ => None,
            })
            .collect();
        if !ours.ties.is_empty() || exact || !ours.elected.starts_with(&transfers) {
            continue;
        }
        let mut theirs = vector["interregnum"].as_array().unwrap().iter();
        for (before, after) in rounds.iter().zip(&rounds[1..]) {
            for candidate in &before.elected {
                let step = theirs.next().unwrap();
                assert_eq!(
                    (&step[0], number(&step[1])),
                    (&"elected".into(), *candidate),
                    "{vector}"
                );
            }
            let step = theirs.next().unwrap();
            let (what, who) = match before.step.clone().unwrap() {
                Step::Surplus { candidate, .. } => ("surplus", candidate),
                Step::Elimination { candidate } => ("eliminated", candidate),
                _ => unreachable!(),
            };
            assert_eq!((&step[0], number(&step[1])), (&what.into(), who), "{vector}");
            let mut passed = integer(0);
            for (to, amount) in step[2].as_object().unwrap() {
                let amount = fraction(amount.as_str().unwrap());
                assert!(near(&gain(before, after, to), &amount, &five_places()), "{vector}");
                passed += amount;
            }
            let gone = value(before.totals[who]) - value(after.totals[who]);
            assert!(near(&gone, &passed, &five_places()), "{vector}");
            surpluses += usize::from(what == "surplus");
        }
        // At the end interregnum still transfers surpluses before it elects the rest, so their order can differ.
        let elected = theirs.filter(|step| step[0] == "elected").map(|step| number(&step[1]));
        let (mut theirs, mut ours) = (elected.collect::<Vec<_>>(), last.elected.clone());
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, theirs, "{vector}");
        compared += 1;
    }
    assert_eq!((compared, surpluses), (207, 179));
}

/// Votes of all hopeful candidates in every round, to five places, and the elected.
///
/// Left out are profiles with ties, and those in which somebody is elected while a surplus waits or with exactly the quota:
/// votekit and votelib transfer all surpluses at once.
#[test]
fn stv_by_votekit_and_votelib() {
    let (mut compared, mut compared_rounds) = (0, 0);
    for vector in vectors("stv.json") {
        let (ours, _) = stv(&vector);
        let rounds = rounds(&ours);
        let (last, others) = rounds.split_last().unwrap();
        let alone = |round: &CountRound| match &round.step {
            Some(Step::Surplus { candidate, .. }) => round.elected == [*candidate],
            _ => round.elected.is_empty(),
        };
        if !ours.ties.is_empty() || !others.iter().all(alone) {
            continue;
        }
        let theirs = &vector["votekit"];
        let states = theirs["rounds"].as_array().unwrap();
        for (round, state) in rounds.iter().zip(states) {
            for (ours, theirs) in round.totals.iter().zip(state.as_str().unwrap().split(' ')) {
                if theirs != "-" {
                    assert!(near(&value(*ours), &fraction(theirs), &five_places()), "{vector}");
                }
            }
            compared_rounds += 1;
        }
        let sorted = |mut candidates: Vec<usize>| {
            candidates.sort_unstable();
            candidates
        };
        let elected = numbers(&theirs["elected"]);
        let before = ours.elected.len() - last.elected.len();
        assert_eq!(ours.elected[..before], elected[..before], "{vector}");
        assert_eq!(sorted(ours.elected.clone()), sorted(elected), "{vector}");
        if vector["votelib"].is_array() {
            assert_eq!(sorted(ours.elected.clone()), numbers(&vector["votelib"]), "{vector}");
        }
        compared += 1;
    }
    assert_eq!((compared, compared_rounds), (162, 424));
}

/// A ward of Glasgow in 2007 by Scotland's rules: every number of every stage to the last of five places, with the loss by
/// rounding. Nothing is left out.
#[test]
fn a_scottish_ward_by_droop() {
    let [vector] = &vectors("glasgow.json")[..] else { panic!() };
    let method = Method::Stv { quota: Quota::Droop, places: 5 };
    let ours = run(vector, method, number(&vector["seats"]));
    let theirs = &vector["droop"];
    assert_eq!((ours.votes, &ours.elected), (6_900, &numbers(&theirs["elected"])));
    let Workings::Rounds { quota: Some(quota), rounds } = &ours.workings else { panic!() };
    assert_eq!(quota.to_string(), theirs["quota"]);
    let shown = |round: &CountRound| {
        let totals: Vec<_> = round.totals.iter().map(ToString::to_string).collect();
        serde_json::json!({
            "totals": totals, "exhausted": round.exhausted.to_string(), "lost": round.lost.to_string(),
        })
    };
    assert_eq!(Value::Array(rounds.iter().map(shown).collect()), theirs["rounds"]);
}

/// Random orders of up to eight candidates, some left out.
fn random_profiles(number: usize) -> Vec<(Profile, usize)> {
    let mut state = 9u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut made = Vec::new();
    for _ in 0..number {
        let n = 3 + random(6);
        let mut profile = Profile::new(n);
        for _ in 0..4 + random(20) {
            // Favourites come first more often.
            let mut left: Vec<_> = (0..n).collect();
            let mut order = Vec::new();
            for _ in 0..=random(n) {
                order.push(left.remove(random(left.len()).min(random(left.len()))));
            }
            profile.add(Ranking::strict(n, &order).unwrap(), 1 + random(40) as u64).unwrap();
        }
        made.push((profile, 1 + random(n - 1)));
    }
    made
}

/// Unless the order of candidates depends on less than rounding loses, the same number is elected in the same rounds as
/// without it.
#[test]
fn fixed_point_elects_whom_fractions_elect() {
    let recorded = vectors("stv.json");
    let recorded = recorded.iter().map(|vector| (profile(vector), number(&vector["seats"])));
    let (mut compared, mut surpluses) = (0, 0);
    for (profile, seats) in recorded.chain(random_profiles(500)) {
        for quota in [Quota::Droop, Quota::Hare] {
            let theirs = exact::stv(&profile, seats, quota);
            // Each ballot loses less than a unit at each of at most eight surpluses.
            for (places, tolerance) in
                [(5, integer(8 * profile.votes()) * five_places()), (9, five_places())]
            {
                if theirs.margin < tolerance {
                    continue;
                }
                let method = Method::Stv { quota, places };
                let seats = u16::try_from(seats).unwrap();
                let counting = Counting { method, seats, tie_break: TieBreak::Order };
                let ours = count(&profile, &counting).unwrap();
                let rounds = rounds(&ours);
                assert!(ours.ties.is_empty(), "{ours}");
                assert_eq!(rounds.len(), theirs.totals.len(), "{ours}");
                for ((ours, totals), elected) in
                    rounds.iter().zip(&theirs.totals).zip(&theirs.elected)
                {
                    assert_eq!(ours.elected, *elected);
                    for (ours, theirs) in ours.totals.iter().chain([&ours.exhausted]).zip(totals) {
                        assert!(near(&value(*ours), theirs, &tolerance), "{ours} {theirs}");
                    }
                    surpluses += usize::from(matches!(ours.step, Some(Step::Surplus { .. })));
                }
                compared += 1;
            }
        }
    }
    assert_eq!((compared, surpluses), (1_812, 1_600));
}
