//! Manifests with slots and rows, and ballots with everything that their verifier computes.

use super::{
    elections::Case,
    fields::{self, Shape},
    json::{Json, hex, hexes, list, object},
    oracle::{self, Ballot, Choice, Rows, Rule, Tape, encode, hash},
};
use attacks::{World, forge::Forgery, rng};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::Identity};
use rand_chacha::rand_core::RngCore;
use tabella::{
    ballot::{BallotError, Election, Header, Origin, Tracker},
    codec::Encode,
    contest::{Base, Contest, ContestOption, Display, Form, Limit, Text},
    count::{Counting, Method, Quota, TieBreak},
    crypto::{ProofCheck, message},
    manifest::{Manifest, ManifestReadError},
};

/// Contests of every kind of rule on three styles, which share slots where they can, with some texts in two languages.
pub fn rules() -> World {
    let stv = Counting {
        method: Method::Stv { quota: Quota::Hare, places: 9 },
        seats: 1,
        tie_break: TieBreak::Backwards,
    };
    let schulze = Counting { method: Method::Schulze, seats: 2, tie_break: TieBreak::Order };
    World::new(93, (1, 1), &[0, 1, 2, 3, 4], |builder| {
        builder
            .minimum_cell(1)
            .languages(["de", "fr"])
            .title(Text::each(["Regeln", "Règles"]))
            .district("a", Text::each(["Ort A", "Lieu A"]))
            .district("b", "B")
            .station("s", "S", "a")
            .contest(Contest::choose_one("one", ["x", "y", "z"]).blank())
            .contest(
                Contest::choose("two", ["v", "w", "x", "y"], 0..=2)
                    .question(Text::each(["Welche zwei?", "Lesquels ?"]))
                    .display(Display::Rotate),
            )
            .contest(Contest::choose("points", ["x", "y", "z"], 2..=7).each(3))
            .contest(Contest::approval("approval", ["x", "y"]))
            .contest(Contest::choose("some", ["x", "y", "z"], 1..=2).blank())
            .contest(Contest::rank("order", ["x", "y"], stv).ranks(1..=2))
            .contest(Contest::rank("groups", ["x", "y", "z"], schulze).ties().write_ins(1, 30))
            .contest(Contest::choose("written", ["x", "y"], 1..=2).each(2).blank().write_ins(2, 12))
            .contest(
                Contest::choose_one("party", ["left", "right"])
                    .named_mark("none", Text::each(["keine", "aucune"]), true)
                    .blank(),
            )
            .contest(
                Contest::choose("board", ["x", "y", "z"].map(ContestOption::new), 1..=4)
                    .each(2)
                    .with("party:left")
                    .mark("invalid", false)
                    .limit(Limit::between(1..=2, ["x", "y"]))
                    .base(Base::Valid),
            )
            .contest(Contest::choose("primary", ["x", "y"], 0..=2).with("party:left"))
            .contest(
                Contest::choose("parks", parks(), 0..=6)
                    .group("green", "Green")
                    .voters()
                    .limit(Limit::at_most(9_000, ["green", "pool"]).costs([2_000, 6_000]))
                    .limit(Limit::at_most(4, ["green"]).with("pool"))
                    .limit(Limit::between(1..=3, ["lake"]).with("wood")),
            )
            .style("first", "a", ["one", "points"])
            .style("second", "b", ["two", "some"])
            .style("third", "b", ["approval"])
            .style("fourth", "a", ["one", "order", "groups", "written"])
            .contest(
                Contest::grade(
                    "judges",
                    ["x", "y"],
                    [Text::each(["bad", "mauvais"]), "fair".into(), "good".into()],
                )
                .blank()
                .with("party:left"),
            )
            .style("fifth", "a", ["party", "board", "primary", "parks", "judges"])
            .limit("fifth", Limit::at_most(6, ["board:x", "parks:green"]).costs([3, 2]))
    })
}

/// Projects, two of them in a group.
fn parks() -> [ContestOption; 4] {
    let named = ContestOption::new;
    [
        named("pool"),
        named("wood").group("green"),
        named("field").most(3).group("green"),
        named("lake").name(Text::each(["Der See", "Le lac"])).detail("2031").most(3),
    ]
}

/// Votes for the contests of each style, and the mark that is set.
const VOTES: [&[Choice<'static>]; 5] = [
    &[(&[0, 1, 0], 0), (&[3, 0, 2], 0)],
    &[(&[0, 1, 0, 1], 0), (&[0, 0, 0], 1)],
    &[(&[0, 0], 0)],
    &[(&[0, 0, 1], 0), (&[], 0), (&[], 0), (&[0, 1, 0, 1], 0)],
    &[(&[1, 0], 0), (&[0, 1, 2], 0), (&[0, 0], 0), (&[1, 1, 0, 2], 0), (&[2, 3], 0)],
];
/// The messages of the last style's contests.
const MESSAGES: [&[u8]; 3] = [
    &[2, 1],
    b"\x01\x02\x01\x02\x0cAda Lovelace\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\0\0\0\0\0\0\0\0\0\0\0\0\0\x0cGrace Hopper",
];

/// The options that a limit's entry names, by place.
fn named(contest: &Contest, name: &str) -> Vec<usize> {
    let is_it = |option: &ContestOption| {
        option.id == name || option.groups.iter().any(|group| group == name)
    };
    (0..contest.options.len()).filter(|place| is_it(&contest.options[*place])).collect()
}

fn limit<T>(
    limit: &Limit,
    named: impl Fn(&str) -> Vec<T>,
    with: Option<usize>,
) -> oracle::Limit<T> {
    let cost = |entry: usize| limit.costs.get(entry).copied().unwrap_or(1);
    let entries = limit.of.iter().enumerate();
    let of = entries
        .flat_map(|(entry, name)| named(name).into_iter().map(move |option| (option, cost(entry))));
    oracle::Limit { of: of.collect(), lo: limit.min, hi: limit.max, with }
}

/// The rule of a contest, but for the option of another one with which it goes.
pub fn rule(contest: &Contest) -> Rule {
    let tabella::contest::Rule { min, max, each } = contest.rule;
    let tabella::contest::WriteIns { places, length } = contest.write_ins;
    let limits = contest.limits.iter().map(|of| {
        let with = of.with.as_ref().map(|name| named(contest, name)[0]);
        limit(of, |name| named(contest, name), with)
    });
    Rule {
        maxima: contest.options.iter().map(|option| option.most.unwrap_or(each) as u32).collect(),
        lo: min as u32,
        hi: max as u32,
        each: each as u32,
        marks: contest.marks.len(),
        limits: limits.collect(),
        with: None,
        voters: contest.voters,
        ranking: matches!(contest.form, Form::Ranking { .. }),
        grades: contest.grades().len(),
        lines: places.into(),
        length: length.into(),
    }
}

/// The rules of the contests of a style, and its joint limits.
pub fn style_rules(
    manifest: &Manifest,
    style: usize,
) -> (Vec<Rule>, Vec<oracle::Limit<(usize, usize)>>) {
    let style = &manifest.styles()[style];
    let contests: Vec<&Contest> =
        style.contests.iter().map(|contest| &manifest.contests()[*contest]).collect();
    let of_ballot = |name: &str| -> Vec<(usize, usize)> {
        let (id, option) = name.split_once(':').unwrap();
        let place = contests.iter().position(|contest| contest.id == id).unwrap();
        named(contests[place], option).into_iter().map(|option| (place, option)).collect()
    };
    let with = |contest: &&Contest| contest.with.as_ref().map(|name| of_ballot(name)[0]);
    let rules = contests.iter().map(|contest| Rule { with: with(contest), ..rule(contest) });
    (rules.collect(), style.limits.iter().map(|joint| limit(joint, of_ballot, None)).collect())
}

/// The rows of a style. The library computes the same.
pub fn rows(manifest: &Manifest, style: usize) -> Rows {
    let (rules, joint) = style_rules(manifest, style);
    let rows = Rows::of(&rules, &joint);
    let constraints = manifest.constraints(style).unwrap();
    assert_eq!(
        (constraints.slots(), constraints.bits(), constraints.rows()),
        (rows.slots, rows.bits.len(), rows.rows.len())
    );
    let mut rng = rng(94);
    for _ in 0..500 {
        let bits: Vec<bool> = rows.bits.iter().map(|_| rng.next_u32() & 1 == 1).collect();
        let sum = |pairs: &[(usize, i64)]| {
            pairs.iter().map(|(bit, c)| i64::from(bits[*bit]) * c).sum::<i64>()
        };
        let allowed = rows.rows.iter().all(|(terms, target)| sum(terms) == *target);
        let mut values = vec![0; rows.slots];
        for (slots, bit) in rows.bits.iter().zip(&bits) {
            slots.iter().for_each(|(slot, weight)| values[*slot] += weight * i64::from(*bit));
        }
        assert_eq!((constraints.allow(&bits), constraints.values(&bits)), (allowed, values));
    }
    rows
}

/// Pairs of numbers.
fn pairs(pairs: &[(usize, i64)]) -> Json {
    Json::List(
        pairs.iter().map(|(a, b)| Json::List(vec![Json::from(*a), Json::from(*b)])).collect(),
    )
}

/// Multiples of `G` as keys, without a ceremony.
fn keys(count: usize) -> Vec<[u8; 32]> {
    (1..=count as u64).map(|k| encode(&RistrettoPoint::mul_base(&Scalar::from(k)))).collect()
}

/// The manifests of some elections.
pub fn manifests(others: [&World; 3]) -> Json {
    let rules = rules();
    let [election, ceremony, council] = others;
    let named =
        [("rules", &rules), ("election", election), ("ceremony", ceremony), ("council", council)];
    let good = named.map(|(name, world)| manifest(name, &world.manifest));
    Json::List(good.into_iter().chain(indistinct(&election.manifest)).collect())
}

/// What is wrong, the text in the manifest, and its replacement.
const INDISTINCT: [(&str, &str, &str); 10] = [
    ("options that differ by case", "ben", "ADA"),
    ("ids of options that differ by case", "ben", "ADA"),
    ("options that differ by width", "no", "\u{ff39}\u{ff45}\u{ff53}"),
    ("trustees who differ by a space", "trustee 2", "trustee\u{a0}1"),
    ("districts that differ by case", "South", "NORTH"),
    ("an option with a filler", "no", "yes\u{3164}"),
    ("an option of nothing to be seen", "no", "\u{2800}"),
    ("an option with a selector that varies nothing", "no", "no\u{fe0f}"),
    ("an option that Unicode 14 does not know", "no", "\u{11392}\u{113ce}\u{200d}"),
    ("a station for private use", "School", "School\u{e000}"),
];

/// Bytes that are not a manifest: texts in it look the same or are invisible.
fn indistinct(good: &Manifest) -> Vec<Json> {
    let bytes = good.to_bytes();
    let text = |text: &str| [&(text.len() as u32).to_be_bytes()[..], text.as_bytes()].concat();
    let refused = |(name, old, new): (&str, &str, &str)| {
        let [old, new] = [text(old), text(new)];
        let places: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&old)).collect();
        // The name of an option stands behind its id, which is the same.
        let at = if name.starts_with("ids") { places.first() } else { places.last() };
        let at = *at.filter(|_| places.len() <= 2).unwrap();
        let changed = [&bytes[..at], &new, &bytes[at + old.len()..]].concat();
        let error = Manifest::from_canonical(&changed).unwrap_err();
        assert!(matches!(error, ManifestReadError::Mistake(_)), "{name}: {error}");
        object! {"refused" => name, "bytes" => hex(changed)}
    };
    INDISTINCT.map(refused).into()
}

fn manifest(name: &str, manifest: &Manifest) -> Json {
    let bytes = manifest.to_bytes();
    assert_eq!(manifest.hash().as_bytes(), &hash("tabella/v1 manifest", &[&bytes]));
    let keys = keys(manifest.slots());
    let contest = |(place, contest): (usize, &Contest)| {
        let rule = rule(contest);
        let Rule { maxima, lo, hi, each, marks, grades, lines, length, .. } = &rule;
        let form = match &contest.form {
            Form::Choice => 0,
            Form::Ranking { ties } => 1 + u8::from(*ties),
            Form::Grades { .. } => 3,
            form => panic!("no byte is written down for {form:?}"),
        };
        let [_, of_lines, message] = rule.slots();
        let mixed = manifest.mixed_slots(place).map(list).unwrap();
        assert_eq!(mixed.items().len(), of_lines + message);
        object! {
            "id" => contest.id.as_str(), "maxima" => list(maxima.iter().copied()), "lo" => *lo, "hi" => *hi, "each" => *each,
            "marks" => *marks, "form" => form, "grades" => *grades, "lines" => *lines, "length" => *length, "message" => rule.message(),
            "slots" => list(manifest.contest_slots(place).unwrap()), "mixed" => mixed,
        }
    };
    let style = |place: usize| {
        let (rows, slots) = (rows(manifest, place), manifest.style_slots(place).unwrap());
        let of_style: Vec<_> = slots.iter().map(|slot| keys[*slot]).collect();
        let row = |(terms, target): &(Vec<(usize, i64)>, i64)| {
            object! {"terms" => pairs(terms), "target" => *target}
        };
        object! {
            "id" => manifest.styles()[place].id.as_str(), "slots" => slots,
            "bits" => Json::List(rows.bits.iter().map(|bit| pairs(bit)).collect()),
            "rows" => Json::List(rows.rows.iter().map(row).collect()),
            "free" => list(rows.free.iter().copied()), "relation" => hex(rows.relation(&of_style)),
        }
    };
    object! {
        "name" => name, "bytes" => hex(&bytes), "hash" => hex(manifest.hash().as_bytes()), "slots" => manifest.slots(),
        "origin" => manifest.origin(), "keys" => hexes(&keys),
        "contests" => Json::List(manifest.contests().iter().enumerate().map(contest).collect()),
        "styles" => Json::List((0..manifest.styles().len()).map(style).collect()),
    }
}

/// The context of all proofs of an election.
pub fn context(election: &Election) -> Tape {
    let keys: Vec<_> = election.slot_keys().iter().map(|key| *key.as_bytes()).collect();
    let tape = Tape::new("election").bytes("manifest", election.manifest().hash().as_bytes());
    tape.bytes("ceremony", election.ceremony_hash()).list("Y", &keys)
}

/// The keys of a style's slots.
fn style_keys(election: &Election, style: usize) -> Vec<[u8; 32]> {
    let slots = election.manifest().style_slots(style).unwrap();
    slots.iter().map(|slot| *election.slot_keys()[*slot].as_bytes()).collect()
}

/// A ballot's parts, the messages of its transcript, and what follows from them.
pub fn verified(election: &Election, bytes: &[u8]) -> Json {
    let style = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let (rows, keys) = (rows(election.manifest(), style), style_keys(election, style));
    let context = context(election);
    let ballot = Ballot::read(bytes, rows.slots, rows.bits.len());
    let found = oracle::ballot(&context, &rows, &keys, &ballot);
    let zero = RistrettoPoint::identity();
    assert_eq!((found.v1, found.v2), (zero, zero));
    let Ballot { style, sequence, station, X, A, B, D, E, W, f, f_r, f_s, z } = &ballot;
    object! {
        "bytes" => hex(bytes), "tracker" => hex(Tracker::of(bytes).as_bytes()),
        "parts" => object! {
            "style" => *style, "sequence" => *sequence, "station" => *station, "X" => hex(X), "A" => hex(A),
            "B" => hexes(B), "D" => hex(D), "E" => hex(E), "W" => hex(W), "f" => hexes(f), "f_r" => hex(f_r),
            "f_s" => hex(f_s), "z" => hex(z),
        },
        "messages" => found.tape.since(&context),
        "y" => hex(found.y.as_bytes()), "x" => hex(found.x.as_bytes()), "Y*" => hex(encode(&found.key)),
        "mu" => hexes(found.mu.iter().map(Scalar::to_bytes)), "tau" => hex(found.tau.as_bytes()),
        "scalar of G in V2" => hex(found.of_base.as_bytes()),
    }
}

/// All ballots of the first election.
fn of_election(case: &Case) -> Json {
    let election = case.plan.election();
    Json::List(case.plan.ballots.iter().map(|ballot| verified(&election, ballot)).collect())
}

/// Ballots of each style, then changed and forged ones with the check that they fail.
pub fn ballots(case: &Case) -> Json {
    let mut world = rules();
    let board = world.open();
    let election = board.election().unwrap();
    let manifest = election.manifest();
    let mut valid = Vec::new();
    let mut first = None;
    for (style, votes) in VOTES.into_iter().enumerate() {
        let origin = if style == 0 { Origin::Station(0) } else { Origin::Remote };
        let header = Header { style: style as u16, sequence: 3 * style as u32, origin };
        let (rules, joint) = style_rules(manifest, style);
        let bits = Rows::of(&rules, &joint).witness(&rules, votes);
        let constraints = manifest.constraints(style).unwrap();
        assert!(constraints.allow(&bits));
        let values = constraints.values(&bits);
        let numbers: Vec<i64> = bits.iter().map(|bit| i64::from(*bit)).collect();
        let nonce = 1_000_003 * (style as u64 + 1);
        let mut forgery = Forgery::honest(&world.voters[style], header, &numbers, nonce);
        forgery.values.clone_from(&values);
        if style == 3 {
            let bytes = rules.iter().skip(1).zip(MESSAGES);
            let points = bytes.flat_map(|(rule, message)| {
                assert_eq!(message.len(), rule.message());
                message::encode(message, rule.slots()[2]).unwrap().to_vec()
            });
            forgery.free = rows(manifest, style).free.into_iter().zip(points).collect();
        }
        let bytes = forgery.bytes(election, &mut rng(95));
        let read = election.read_ballot(&bytes).unwrap();
        election.verify(read, &mut rng(96)).unwrap();
        let Json::Object(mut fields) = verified(election, &bytes) else { unreachable!() };
        let inputs = object! {
            "credential" => world.voters[style].expose_text().as_str(), "signer" => hex(forgery.signer.as_bytes()),
            "nonce" => hex(forgery.nonce.as_bytes()), "bits" => list(numbers), "values" => list(values),
            "free" => hexes(forgery.free.values().map(encode)),
        };
        fields.insert(0, ("inputs".into(), inputs));
        fields.insert(0, ("name".into(), manifest.styles()[style].id.as_str().into()));
        valid.push(Json::Object(fields));
        first.get_or_insert((forgery, bytes));
    }
    let (forgery, bytes) = first.unwrap();
    object! {
        "manifest" => hex(manifest.to_bytes()), "ceremony hash" => hex(election.ceremony_hash()),
        "slot keys" => hexes(election.slot_keys().iter().map(|key| *key.as_bytes())),
        "context" => context(election).messages(), "valid" => Json::List(valid),
        "of the election" => of_election(case),
        "invalid" => Json::List([changed(election, &bytes), forged(election, &forgery)].concat()),
    }
}

/// The verdict on a ballot, and the sums of both equations if it can be read. Both implementations agree.
fn invalid(name: &str, election: &Election, bytes: &[u8]) -> Json {
    let result = election.verify_all(&[bytes], &mut rng(97)).unwrap().pop().unwrap();
    let (check, sums) = match result.unwrap_err() {
        BallotError::Bytes(error) => (object! {"at" => error.at}, None),
        BallotError::Proof(ProofCheck::Equation(tag)) => {
            let style = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
            let rows = rows(election.manifest(), style);
            let ballot = Ballot::read(bytes, rows.slots, rows.bits.len());
            let found =
                oracle::ballot(&context(election), &rows, &style_keys(election, style), &ballot);
            let zero = RistrettoPoint::identity();
            assert_eq!(tag, if found.v1 == zero { "BALLOT.V2" } else { "BALLOT.V1" }, "{name}");
            assert!(found.v1 != zero || found.v2 != zero, "{name}");
            (tag.into(), Some([found.v1, found.v2]))
        }
        error => panic!("{name}: {error}"),
    };
    let mut fields =
        vec![("name".into(), name.into()), ("bytes".into(), hex(bytes)), ("fails".into(), check)];
    if let Some([v1, v2]) = sums {
        fields.extend([("V1".into(), hex(encode(&v1))), ("V2".into(), hex(encode(&v2)))]);
    }
    Json::Object(fields)
}

/// A ballot with one part changed.
fn changed(election: &Election, bytes: &[u8]) -> Vec<Json> {
    let entry = [&[5], bytes].concat();
    let constraints = election.manifest().constraints(0).unwrap();
    let shape = Shape {
        slots: constraints.slots(),
        bits: constraints.bits(),
        members: (1, 1),
        factors: 0,
        mix: (0, 0),
        whole: false,
    };
    let mut all = Vec::new();
    for field in fields::walk(&entry, &shape) {
        for (what, _, xor) in field.changes(&entry) {
            let mut bytes = bytes.to_vec();
            bytes[field.range.start - 1..].iter_mut().zip(xor).for_each(|(byte, xor)| *byte ^= xor);
            all.push(invalid(&format!("{} is {what}", field.name), election, &bytes));
        }
    }
    all.push(invalid("one byte too few", election, &bytes[..bytes.len() - 1]));
    all.push(invalid("one byte too many", election, &[bytes, &[0]].concat()));
    all
}

/// Ballots whose proofs were made for other contents.
fn forged(election: &Election, honest: &Forgery) -> Vec<Json> {
    type Lie = (&'static str, fn(&mut Forgery));
    let lies: [Lie; 6] = [
        ("two votes in a contest for one", |f| (f.bits[0], f.values[0]) = (1, 1)),
        ("a bit that is 2", |f| (f.bits[1], f.values[1]) = (2, 2)),
        ("a vote of -1 for one and of 2 for another", |f| {
            (f.bits[0], f.bits[1]) = (-1, 2);
            (f.values[0], f.values[1]) = (-1, 2);
        }),
        ("another vote inside", |f| f.values[2] = 7),
        ("the nonce not known", |f| f.known_nonce = Scalar::ONE),
        ("the voter's secret not known", |f| f.signer = Scalar::ONE),
    ];
    let forge = |(name, lie): Lie| {
        let mut forgery = honest.clone();
        lie(&mut forgery);
        invalid(name, election, &forgery.bytes(election, &mut rng(98)))
    };
    lies.map(forge).into()
}
