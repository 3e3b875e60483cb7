//! Ballots with folded contests, and everything that their verifier computes. Their rows are a second implementation, from the
//! specification.
#![allow(non_snake_case)]

use super::{
    ballots,
    json::{Json, hex, hexes, list, object},
    oracle::{self, Ballot, Parts, Rows, Tape, encode, point, scalar},
    wide::{Case, Row, items},
};
use attacks::{World, forge::Forgery, rng};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT as G, traits::Identity,
};
use tabella::{
    ballot::{BallotError, Election, Header, Tracker},
    codec::Encode,
    contest::{Contest, ContestOption, Limit},
    crypto::{ProofCheck, group::Element},
    manifest::Manifest,
};

/// In two styles: a fund with maxima, a total and a limit, of three, two and one limb; a question; and a gift whose limbs can hold
/// no more than its maxima, with a total of at least one.
fn world() -> World {
    let most = |name: &str, most| ContestOption::new(name).most(most);
    let options = [most("roof", 1 << 32), most("lift", 100_000), "fee".into()];
    let fund = Contest::choose("fund", options, 20_000..=4_295_042_297)
        .limit(Limit::between(3..=250_001, ["fee", "lift"]).costs([100_000, 2]))
        .folded();
    let options = [most("a", 65_535), most("b", (1 << 48) - 1), most("c", 70_000)];
    let gift = Contest::choose("gift", options, 1..=70_000).folded();
    World::new(103, (1, 1), &[0, 1], |builder| {
        builder
            .minimum_cell(1)
            .district("d", "D")
            .contest(fund)
            .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
            .contest(gift)
            .style("all", "d", ["fund", "bridge", "gift"])
            .style("gift", "d", ["gift"])
    })
}

fn limbs(most: u64) -> usize {
    let bits = 64 - most.leading_zeros() as usize;
    bits.div_ceil(16)
}

/// Rows over values, which are numbered as they come.
struct Wide {
    values: usize,
    rows: Vec<Row>,
}

impl Wide {
    /// `lo ≤ Σ ≤ hi`
    fn between(&mut self, terms: &[(usize, i64)], lo: u64, hi: u64) {
        if lo == hi {
            return self.rows.push((hi as i64, terms.to_vec()));
        }
        let rest = self.slack(terms, hi);
        if lo > 0 {
            self.slack(&rest, hi - lo);
        }
    }

    /// `Σ + s = most`; the slack.
    fn slack(&mut self, terms: &[(usize, i64)], most: u64) -> Vec<(usize, i64)> {
        let slack: Vec<_> = (0..limbs(most)).map(|k| (self.values + k, 1 << (16 * k))).collect();
        self.values += slack.len();
        let mut row = [terms, &slack].concat();
        row.sort();
        self.rows.push((most as i64, row));
        slack
    }

    /// The rows of a contest whose limbs begin here.
    fn add(&mut self, contest: &Contest, first: usize) {
        let (mut next, mut options) = (first, Vec::new());
        for place in 0..contest.options.len() {
            let n = limbs(contest.most(place));
            options.push((0..n).map(|k| (next + k, 1i64 << (16 * k))).collect::<Vec<_>>());
            next += n;
        }
        let (lo, hi) = (contest.rule.min, contest.rule.max);
        let all: u64 = (0..options.len()).map(|place| contest.most(place)).sum();
        let has_total = lo > 0 || hi < all;
        for (place, limbs) in options.iter().enumerate() {
            let most = contest.most(place);
            if u128::from(most) != (1 << (16 * limbs.len())) - 1 && !(has_total && hi <= most) {
                self.between(limbs, 0, most);
            }
        }
        if has_total {
            self.between(&options.concat(), lo, hi);
        }
        for limit in &contest.limits {
            let of: Vec<usize> =
                limit.of.iter().map(|id| contest.ids().position(|it| it == id).unwrap()).collect();
            let divides = |d: &u32| limit.costs.iter().all(|cost| cost % d == 0);
            let divisor = (1..=limit.costs[0]).rev().find(divides).unwrap();
            let costs = limit.costs.iter().map(|cost| cost / divisor);
            let mut members: Vec<(usize, u32)> = of.into_iter().zip(costs).collect();
            members.sort();
            let all = members.iter().map(|(o, c)| contest.most(*o) * u64::from(*c)).sum::<u64>();
            let terms = members.iter().flat_map(|(option, cost)| {
                options[*option]
                    .iter()
                    .map(move |(limb, weight)| (*limb, weight * i64::from(*cost)))
            });
            let (lo, hi) =
                (limit.min.div_ceil(divisor.into()), all.min(limit.max / u64::from(divisor)));
            if lo > 0 || hi < all {
                self.between(&terms.collect::<Vec<_>>(), lo, hi);
            }
        }
    }
}

/// The rows of a style's own proof, and those of its wide proof with the places of the limbs.
fn style(manifest: &Manifest, place: usize) -> (Rows, Wide, Vec<usize>) {
    let contests = &manifest.styles()[place].contests;
    let (mut rows, mut places) = (Rows::default(), Vec::new());
    for contest in contests.iter().map(|contest| &manifest.contests()[*contest]) {
        if contest.is_folded() {
            let n = (0..contest.options.len()).map(|place| limbs(contest.most(place))).sum();
            places.extend(rows.slots..rows.slots + n);
            rows.leave_free(n);
        } else {
            rows.add(&ballots::rule(contest));
        }
    }
    let (mut wide, mut first) = (Wide { values: places.len(), rows: Vec::new() }, 0);
    for contest in contests.iter().map(|contest| &manifest.contests()[*contest]) {
        if contest.is_folded() {
            wide.add(contest, first);
            first += contest.slots();
        }
    }
    let (rules, found) = manifest.folded(place).unwrap();
    assert_eq!((rules.values(), &found), (wide.values, &places));
    (rows, wide, places)
}

/// A ballot's parts with those of its wide proof.
struct Verified {
    case: Case,
    wide: super::wide::Verified,
    own: oracle::Verified,
}

impl Verified {
    fn fails(&self) -> Vec<String> {
        let zero = RistrettoPoint::identity();
        let own = [("BALLOT.V1", self.own.v1), ("BALLOT.V2", self.own.v2)];
        let own = own.into_iter().filter(|(_, sum)| *sum != zero).map(|(tag, _)| tag.into());
        self.wide.fails().into_iter().chain(own).collect()
    }

    fn sums(&self) -> Json {
        let Json::Object(mut sums) = self.wide.sums() else { unreachable!() };
        sums.push(("V1".into(), hex(encode(&self.own.v1))));
        sums.push(("V2".into(), hex(encode(&self.own.v2))));
        Json::Object(sums)
    }
}

/// The bytes before the wide proof, and how many it has.
fn at(slots: usize, values: usize) -> (usize, usize) {
    (7 + 32 * (2 + slots), 32 * items(values).len())
}

fn verified(election: &Election, bytes: &[u8]) -> Verified {
    let place = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let (rows, wide, places) = style(election.manifest(), place);
    let slots = election.manifest().style_slots(place).unwrap();
    let keys: Vec<Element> = slots.iter().map(|slot| election.slot_keys()[*slot]).collect();
    let (start, length) = at(rows.slots, wide.values);
    let own = [&bytes[..start], &bytes[start + length..]].concat();
    let ballot = Ballot::read(&own, rows.slots, rows.bits.len());
    let case = Case {
        slack: wide.values - places.len(),
        rows: wide.rows,
        places,
        a: ballot.A.to_vec(),
        b: ballot.B.iter().map(|b| b.to_vec()).collect(),
        proof: bytes[start..start + length].to_vec(),
        keys,
    };
    let tape = oracle::header(&ballots::context(election), &ballot).bytes("X", ballot.X);
    let wide = case.behind(tape);
    let keys: Vec<_> = case.keys.iter().map(|key| *key.as_bytes()).collect();
    let own = oracle::ballot_behind(wide.tape.clone(), &rows, &keys, &ballot);
    Verified { case, wide, own }
}

/// The library's verdict: the equation that fails, or the byte at which the ballot cannot be read.
fn verdict(election: &Election, bytes: &[u8]) -> Result<Option<&'static str>, usize> {
    match election.verify_all(&[bytes], &mut rng(97)).unwrap().pop().unwrap() {
        Ok(_) => Ok(None),
        Err(BallotError::Bytes(error)) => Err(error.at),
        Err(BallotError::Proof(ProofCheck::Equation(tag))) => Ok(Some(tag)),
        Err(error) => panic!("{error}"),
    }
}

fn pairs(pairs: &[(usize, i64)]) -> Json {
    list(pairs.iter().map(|(a, b)| Json::List(vec![Json::from(*a), Json::from(*b)])))
}

fn style_json(manifest: &Manifest, election: &Election, place: usize) -> Json {
    let (rows, wide, places) = style(manifest, place);
    let slots = manifest.style_slots(place).unwrap();
    let slot_keys = election.slot_keys();
    let keys: Vec<Element> = slots.iter().map(|slot| slot_keys[*slot]).collect();
    let of_bits: Vec<_> = keys.iter().map(|key| *key.as_bytes()).collect();
    let row = |(terms, target): &(Vec<(usize, i64)>, i64)| {
        object! {"terms" => pairs(terms), "target" => *target}
    };
    let (values, limbs) = (wide.values, places.len());
    let case = Case {
        slack: values - limbs,
        rows: wide.rows,
        places,
        keys,
        a: vec![],
        b: vec![],
        proof: vec![],
    };
    object! {
        "id" => manifest.styles()[place].id.as_str(), "slots" => slots,
        "bits" => list(rows.bits.iter().map(|bit| pairs(bit))), "rows" => list(rows.rows.iter().map(row)),
        "free" => list(rows.free.iter().copied()), "relation" => hex(rows.relation(&of_bits)),
        "wide" => object! {
            "places" => case.places.clone(), "slack" => case.slack, "rows" => case.rows(), "relation" => hex(case.hash()),
        },
        "bytes of the wide proof" => at(rows.slots, values).1,
    }
}

fn valid(election: &Election, name: &str, forgery: &Forgery, bytes: &[u8]) -> Json {
    let found = verified(election, bytes);
    assert_eq!((found.fails(), verdict(election, bytes)), (vec![], Ok(None)), "{name}");
    let context: Tape = ballots::context(election);
    object! {
        "name" => name, "signer" => hex(forgery.signer.as_bytes()), "nonce" => hex(forgery.nonce.as_bytes()),
        "values" => list(forgery.values.iter().copied()), "bytes" => hex(bytes),
        "tracker" => hex(Tracker::of(bytes).as_bytes()), "wide proof" => hex(&found.case.proof),
        "messages" => found.own.tape.since(&context), "challenges" => found.wide.challenges.clone(),
        "y of V1 and V2" => hex(found.own.y.as_bytes()), "x of V1 and V2" => hex(found.own.x.as_bytes()),
    }
}

fn invalid(election: &Election, name: &str, bytes: &[u8]) -> Json {
    let mut fields = vec![("name".into(), name.into()), ("bytes".into(), hex(bytes))];
    match verdict(election, bytes) {
        Err(at) => fields.push(("fails".into(), object! {"at" => at})),
        Ok(tag) => {
            let found = verified(election, bytes);
            assert!(tag.is_some(), "{name}");
            assert_eq!(found.fails().first().map(String::as_str), tag, "{name}");
            fields.push(("fails".into(), Json::from(found.fails())));
            fields.push(("sums".into(), found.sums()));
        }
    }
    Json::Object(fields)
}

/// The slots of the first style: limbs of `roof`, `lift`, `fee`; yes, no, blank; limbs of `a`, `b`, `c`.
const SLOTS: [i64; 15] = [4_464, 1, 0, 10_000, 0, 1, 0, 1, 0, 65_535, 0, 0, 0, 4_465, 0];
const LIMBS: [usize; 12] = [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14];

fn forge(world: &World, slots: [i64; 15], sequence: u32, nonce: u64) -> Forgery {
    let header = Header { sequence, ..Header::remote(0) };
    let honest = Forgery::honest(&world.voters[0], header, &slots[6..9], nonce);
    let limbs = LIMBS.map(|place| slots[place] as u16).to_vec();
    Forgery { values: slots.to_vec(), limbs, ..honest }
}

pub fn json() -> Json {
    let mut world = world();
    let board = world.open();
    let election = board.election().unwrap();
    let manifest = election.manifest();
    let first = forge(&world, SLOTS, 0, 1_000_003);
    let bytes = first.bytes(election, &mut rng(104));
    let second = forge(&world, SLOTS, 1, 1_000_004);
    let of_second = second.bytes(election, &mut rng(105));
    let gift = Forgery {
        values: vec![0, 0, 0, 0, 4_464, 1],
        limbs: vec![0, 0, 0, 0, 4_464, 1],
        ..Forgery::honest(&world.voters[1], Header::remote(1), &[], 1_000_005)
    };
    let of_gift = gift.bytes(election, &mut rng(106));
    let cases = [
        ("all", &first, &bytes),
        ("all, the second", &second, &of_second),
        ("gift", &gift, &of_gift),
    ];
    let valid = cases.map(|(name, forgery, bytes)| valid(election, name, forgery, bytes));
    object! {
        "manifest" => hex(manifest.to_bytes()), "ceremony hash" => hex(election.ceremony_hash()),
        "slot keys" => hexes(election.slot_keys().iter().map(|key| *key.as_bytes())),
        "context" => ballots::context(election).messages(),
        "styles" => list((0..2).map(|place| style_json(manifest, election, place))),
        "valid" => Json::List(valid.into()),
        "invalid" => Json::List([changed(election, &bytes, &of_second), forged(&world, election)].concat()),
    }
}

/// Changes of the wide proof, and of its place.
fn changed(election: &Election, bytes: &[u8], other: &[u8]) -> Vec<Json> {
    let (rows, wide, _) = style(election.manifest(), 0);
    let (start, length) = at(rows.slots, wide.values);
    let end = start + length;
    let mut found = Vec::new();
    for ((name, is_scalar), at) in items(wide.values).into_iter().zip((start..).step_by(32)) {
        let mut changed = bytes.to_vec();
        let old = &bytes[at..at + 32];
        changed[at..at + 32].copy_from_slice(&match is_scalar {
            true => (scalar(old) + Scalar::ONE).to_bytes(),
            false => encode(&(point(old) + G)),
        });
        if !name.starts_with(['V', 'L', 'R']) || name.ends_with(['0', '1']) || name.ends_with("[0]")
        {
            found.push(invalid(election, &format!("{name} is other"), &changed));
        }
    }
    let put = |wide: &[u8], own: &[u8]| [&bytes[..start], wide, own].concat();
    let swap = |name: &str, bytes: Vec<u8>| invalid(election, name, &bytes);
    found.extend([
        swap("the wide proof of the second", put(&other[start..end], &bytes[end..])),
        swap("the other proof of the second", put(&bytes[start..end], &other[end..])),
        swap("both proofs of the second", put(&other[start..end], &other[end..])),
        swap("the number of the second", [&bytes[..5], &[1], &bytes[6..]].concat()),
        swap("no wide proof", put(&[], &bytes[end..])),
        swap("the wide proof twice", put(&[&bytes[start..end]; 2].concat(), &bytes[end..])),
        swap(
            "the wide proof behind the other",
            [&bytes[..start], &bytes[end..], &bytes[start..end]].concat(),
        ),
        swap("the last response is missing", bytes[..bytes.len() - 32].to_vec()),
        swap("a byte too many", [bytes, &[0]].concat()),
    ]);
    let mut parts = Parts(&bytes[start..end]);
    assert_eq!(parts.many(length / 32).len(), items(wide.values).len());
    found
}

/// Ballots whose proofs were made for other contents.
fn forged(world: &World, election: &Election) -> Vec<Json> {
    let with = |changes: &[(usize, i64)]| {
        let mut slots = SLOTS;
        changes.iter().for_each(|(place, value)| slots[*place] = *value);
        slots
    };
    let honest = forge(world, SLOTS, 0, 1_000_006);
    let of = |changes: &[(usize, i64)]| forge(world, with(changes), 0, 1_000_006);
    let cases = [
        ("an option above its maximum", of(&[(0, 1), (1, 0), (2, 1)])),
        ("two of an option of one", of(&[(5, 2)])),
        ("too much in all", of(&[(0, 0), (1, 0), (2, 1), (3, 9_466), (4, 1), (5, 0)])),
        ("too little in all", of(&[(0, 9_999), (1, 0), (3, 10_000), (5, 0)])),
        ("too much in a limit", of(&[(0, 0), (1, 0), (2, 0), (3, 9_465), (4, 1)])),
        ("too little in a limit", of(&[(3, 1), (5, 0)])),
        ("too much in the other contest", of(&[(13, 4_466)])),
        (
            "a limb of 65,536 in a slot",
            Forgery { values: with(&[(0, 65_536)]).to_vec(), ..honest.clone() },
        ),
        ("a limb of -1 in a slot", Forgery { values: with(&[(2, -1)]).to_vec(), ..honest.clone() }),
        (
            "two votes for the bridge",
            Forgery { values: with(&[(7, 2)]).to_vec(), ..honest.clone() },
        ),
        ("the nonce not known", Forgery { known_nonce: Scalar::ONE, ..honest.clone() }),
        ("the voter's secret not known", Forgery { signer: Scalar::ONE, ..honest.clone() }),
    ];
    let forge = |(name, forgery): (&str, Forgery)| {
        invalid(election, name, &forgery.bytes(election, &mut rng(107)))
    };
    cases.map(forge).into()
}
