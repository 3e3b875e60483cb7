//! Wide values with everything that a verifier computes, and changed ones.
#![allow(non_snake_case)]

use super::{
    json::{Json, hex, hexes, list, object},
    oracle::{Parts, Tape, encode, hash, point, scalar},
};
use attacks::rng;
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT as G},
    ristretto::CompressedRistretto,
    traits::Identity,
};
use sha3::{
    Digest, Sha3_512, Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};
use tabella::{
    codec::{Encode, Reader},
    crypto::{
        VerifyError,
        batch::Bases,
        elgamal::Ciphertext,
        group::Element,
        transcript::Transcript,
        wide::{self, Generators, ProvingGenerators, Relation, Rules, Statement, Witness},
    },
};

pub type Row = (i64, Vec<(usize, i64)>);

#[derive(Clone)]
pub struct Case {
    pub slack: usize,
    pub rows: Vec<Row>,
    pub places: Vec<usize>,
    pub keys: Vec<Element>,
    pub a: Vec<u8>,
    pub b: Vec<Vec<u8>>,
    pub proof: Vec<u8>,
}

/// What a verifier computes.
pub struct Verified {
    pub tape: Tape,
    pub challenges: Json,
    /// The left sides of R1, R2 and L1 to L4.
    sums: [RistrettoPoint; 6],
}

const TAGS: [&str; 6] = ["R1", "R2", "L1", "L2", "L3", "L4"];

impl Verified {
    pub fn sums(&self) -> Json {
        let all = TAGS.iter().zip(&self.sums).map(|(tag, sum)| ((*tag).into(), hex(encode(sum))));
        Json::Object(all.collect())
    }

    /// The equations that do not hold.
    pub fn fails(&self) -> Vec<String> {
        let zero = RistrettoPoint::identity();
        let failing = TAGS.iter().zip(&self.sums).filter(|(_, sum)| **sum != zero);
        failing.map(|(tag, _)| format!("WIDE.{tag}")).collect()
    }
}

fn generators(letter: &str, values: usize) -> Vec<RistrettoPoint> {
    let of_value = |value: u32| {
        let mut hash = Shake256::default();
        Update::update(&mut hash, b"GeneratorsChain");
        Update::update(&mut hash, letter.as_bytes());
        Update::update(&mut hash, &value.to_le_bytes());
        let mut bytes = [0; 1024];
        hash.finalize_xof().read(&mut bytes);
        let (chunks, _) = bytes.as_chunks::<64>();
        chunks.iter().map(RistrettoPoint::from_uniform_bytes).collect::<Vec<_>>()
    };
    (0..values as u32).flat_map(of_value).collect()
}

fn power(x: Scalar, exponent: usize) -> Scalar {
    (0..exponent).map(|_| x).product()
}

fn integer(n: i64) -> Scalar {
    if n < 0 { -Scalar::from(n.unsigned_abs()) } else { Scalar::from(n as u64) }
}

fn context() -> Transcript {
    Transcript::new(b"vectors").proof(b"wide")
}

impl Case {
    /// Encrypts and proves these values, with 5 in all other slots.
    fn new(places: &[usize], slack: usize, rows: Vec<Row>, width: usize, values: &[u16]) -> Self {
        let keys: Vec<Element> = (0..width as u64)
            .map(|k| Element::from_secret(&Scalar::from(1_000_003 + k)).unwrap())
            .collect();
        let mut case = Self {
            slack,
            rows,
            places: places.to_vec(),
            keys,
            a: vec![],
            b: vec![],
            proof: vec![],
        };
        case.prove(values, values, Scalar::from(7_777_777u64));
        case
    }

    fn relation(&self) -> Relation {
        let mut rules = Rules::new(self.places.len());
        for _ in 0..self.slack {
            rules.slack();
        }
        for (target, terms) in &self.rows {
            rules.row(terms.iter().copied(), *target);
        }
        let slots: Vec<usize> = (0..self.keys.len()).collect();
        Relation::new(rules, &self.places, &slots, &self.keys).unwrap()
    }

    pub fn values(&self) -> usize {
        self.places.len() + self.slack
    }

    /// Encrypts some values and proves others, under a nonce that may be wrong.
    fn prove(&mut self, encrypted: &[u16], values: &[u16], nonce: Scalar) {
        let mut slots = vec![Scalar::from(5u64); self.keys.len()];
        for (place, value) in self.places.iter().zip(encrypted) {
            slots[*place] = Scalar::from(*value);
        }
        let ciphertext =
            Ciphertext::encrypt(&self.keys, &slots, &Scalar::from(7_777_777u64)).unwrap();
        let relation = self.relation();
        let statement = Statement { relation: &relation, ciphertext: &ciphertext };
        let witness = Witness { values: values.to_vec(), nonce };
        let proving = ProvingGenerators::new(self.values());
        let proof = statement
            .prove(&witness, &proving, &mut context(), &mut rng(self.values() as u8))
            .unwrap();
        self.a = ciphertext.a.to_bytes();
        self.b = ciphertext.b.iter().map(Encode::to_bytes).collect();
        self.proof = proof.to_bytes();
    }

    pub fn hash(&self) -> [u8; 32] {
        let mut bytes = Vec::new();
        let mut put = |n: i64| bytes.extend_from_slice(&n.to_be_bytes());
        put(self.places.len() as i64);
        put(self.slack as i64);
        put(self.rows.len() as i64);
        for (target, terms) in &self.rows {
            put(terms.len() as i64);
            terms.iter().for_each(|(value, c)| [*value as i64, *c].into_iter().for_each(&mut put));
            put(*target);
        }
        for place in &self.places {
            bytes.extend_from_slice(&(*place as i64).to_be_bytes());
            bytes.extend_from_slice(self.keys[*place].as_bytes());
        }
        hash("tabella/v1 wide", &[&bytes])
    }

    fn oracle(&self) -> Verified {
        self.behind(Tape::new("vectors").proof("wide"))
    }

    /// Verifies the proof behind what stands on the tape already.
    pub fn behind(&self, tape: Tape) -> Verified {
        let (N, m) = (self.values(), self.values().next_power_of_two());
        let n = 16 * m;
        let mut parts = Parts(&self.proof);
        let V = parts.many(N);
        let [A, S, T1, T2] = [0; 4].map(|_| parts.take(32));
        let [t, tau, mu] = [0; 3].map(|_| parts.take(32));
        let rounds: Vec<_> = (0..n.ilog2()).map(|_| (parts.take(32), parts.take(32))).collect();
        let [a, b] = [0; 2].map(|_| parts.take(32));
        let R = parts.many(4);
        let z_link = parts.many(4);
        assert!(parts.0.is_empty());

        let tape = tape.bytes("wide", &self.hash()).bytes("A", &self.a);
        let tape = tape.list("B", &self.b).bytes("dom-sep", b"rangeproof v1");
        let mut tape = tape.number("n", 16).number("m", m as u64);
        for j in 0..m {
            tape = tape.bytes("V", V.get(j).copied().unwrap_or(&[0; 32]));
        }
        let mut tape = tape.bytes("A", A).bytes("S", S);
        let (y, z) = (tape.challenge("y"), tape.challenge("z"));
        let mut tape = tape.bytes("T_1", T1).bytes("T_2", T2);
        let x = tape.challenge("x");
        let mut tape = tape.bytes("t_x", t).bytes("t_x_blinding", tau).bytes("e_blinding", mu);
        let w = tape.challenge("w");
        let mut tape = tape.bytes("dom-sep", b"ipp v1").number("n", n as u64);
        let mut u = Vec::new();
        for (L, R) in &rounds {
            tape = tape.bytes("L", L).bytes("R", R);
            u.push(tape.challenge("u"));
        }
        let mut tape = tape.bytes("a", a).bytes("b", b);
        let (rho, sigma) = (tape.challenge("rho"), tape.challenge("sigma"));
        let mut tape = tape.list("R", &R);
        let x_link = tape.challenge("x");
        let tape = tape.list("z", &z_link);

        let V: Vec<_> = V.into_iter().map(point).collect();
        let [t, tau, mu, a, b] = [t, tau, mu, a, b].map(scalar);
        let B = RistrettoPoint::from_uniform_bytes(
            &Sha3_512::digest(RISTRETTO_BASEPOINT_COMPRESSED.as_bytes()).into(),
        );
        let d: Vec<Scalar> =
            (0..n).map(|i| power(z, 2 + i / 16) * Scalar::from(1u64 << (i % 16))).collect();
        let ys: Scalar = (0..n).map(|i| power(y, i)).sum();
        let delta = (z - z * z) * ys - z * d.iter().sum::<Scalar>();
        let mut r1 = (t - delta) * G + tau * B - x * point(T1) - x * x * point(T2);
        for (j, V) in V.iter().enumerate() {
            r1 -= power(z, 2 + j) * V;
        }
        let s = |i: usize| -> Scalar {
            let of =
                |(place, u): (usize, &Scalar)| if i >> place & 1 == 1 { *u } else { u.invert() };
            u.iter().rev().enumerate().map(of).product()
        };
        let (Gs, Hs) = (generators("G", m), generators("H", m));
        let mut r2 = point(A) + x * point(S) - mu * B + w * (t - a * b) * G;
        for i in 0..n {
            let s = s(i);
            r2 -= (z + a * s) * Gs[i];
            r2 += (z + power(y.invert(), i) * (d[i] - b * s.invert())) * Hs[i];
        }
        for ((L, R), u) in rounds.iter().zip(&u) {
            r2 += u * u * point(L) + u.invert() * u.invert() * point(R);
        }

        let (R, z_link): (Vec<_>, Vec<_>) =
            R.iter().zip(&z_link).map(|(R, z)| (point(R), scalar(z))).unzip();
        let [z_v, z_gamma, z_r, z_delta] = z_link.try_into().unwrap();
        let mut l1 = R[0] - z_v * G - z_gamma * B;
        let l2 = R[1] + x_link * point(&self.a) - z_r * G;
        let mut l3 = R[2] - z_v * G;
        for (k, place) in self.places.iter().enumerate() {
            l1 += x_link * power(rho, k) * V[k];
            let slot = x_link * point(&self.b[*place]) - z_r * self.keys[*place].point();
            l3 += power(rho, k) * slot;
        }
        let mut l4 = R[3] - z_delta * B;
        for (i, (target, terms)) in self.rows.iter().enumerate() {
            let row: RistrettoPoint = terms.iter().map(|(value, c)| integer(*c) * V[*value]).sum();
            l4 += x_link * power(sigma, i) * (row - integer(*target) * G);
        }
        let bytes = |scalar: &Scalar| hex(scalar.as_bytes());
        let challenges = object! {
            "y" => bytes(&y), "z" => bytes(&z), "x" => bytes(&x), "w" => bytes(&w), "rho" => bytes(&rho),
            "sigma" => bytes(&sigma), "u" => Json::List(u.iter().map(bytes).collect()),
            "x of the link" => bytes(&x_link),
        };
        Verified { tape, challenges, sums: [r1, r2, l1, l2, l3, l4] }
    }

    /// The library's verdict: the equation that fails, or the byte at which the proof cannot be read.
    fn verdict(&self) -> Result<Option<String>, usize> {
        let mut reader = Reader::new(&self.proof);
        let proof = wide::Proof::decode(&mut reader, self.values()).map_err(|error| error.at)?;
        reader.finish().map_err(|error| error.at)?;
        let element =
            |bytes: &Vec<u8>| Element::from_canonical(bytes[..].try_into().unwrap()).unwrap();
        let b = self.b.iter().map(element).collect();
        let ciphertext = Ciphertext { a: element(&self.a), b };
        let relation = self.relation();
        let statement = Statement { relation: &relation, ciphertext: &ciphertext };
        let mut bases = Bases::new();
        let handles = Generators::new(self.values()).share(&self.keys, &mut bases);
        let result = statement.verify(&proof, (&bases, &handles), &mut context(), &mut rng(99));
        Ok(result.err().map(|error| match error {
            VerifyError::Invalid(culprits) => {
                culprits[0].check.to_string().replace("equation ", "")
            }
            other => panic!("{other}"),
        }))
    }

    pub fn rows(&self) -> Json {
        list(self.rows.iter().map(|(target, terms)| {
            let terms =
                terms.iter().map(|(value, c)| Json::List(vec![Json::from(*value), Json::from(*c)]));
            object! { "terms" => Json::List(terms.collect()), "target" => *target }
        }))
    }

    fn json(&self) -> Json {
        let found = self.oracle();
        assert_eq!((found.fails(), self.verdict()), (vec![], Ok(None)));
        object! {
            "slack" => self.slack, "rows" => self.rows(), "places" => self.places.clone(),
            "Y" => hexes(self.keys.iter().map(|key| *key.as_bytes())), "relation" => hex(self.hash()),
            "A" => hex(&self.a), "B" => hexes(&self.b), "proof" => hex(&self.proof),
            "messages" => found.tape.messages(), "challenges" => found.challenges.clone(), "sums" => found.sums(),
        }
    }

    /// What is other than in the case `of`.
    fn changed(&self, place: usize, of: &Self, name: &str) -> Vec<(String, Json)> {
        let mut fields = vec![("name".into(), name.into()), ("of".into(), place.into())];
        if self.hash() != of.hash() {
            let relation = object! {
                "rows" => self.rows(), "places" => self.places.clone(),
                "Y" => hexes(self.keys.iter().map(|key| *key.as_bytes())),
            };
            fields.push(("relation".into(), relation));
        }
        if (&self.a, &self.b) != (&of.a, &of.b) {
            fields.extend([("A".into(), hex(&self.a)), ("B".into(), hexes(&self.b))]);
        }
        fields.push(("proof".into(), hex(&self.proof)));
        fields
    }

    fn invalid(&self, place: usize, of: &Self, name: &str) -> Json {
        let mut fields = self.changed(place, of, name);
        match self.verdict() {
            Err(at) => fields.push(("fails".into(), object! {"at" => at})),
            Ok(verdict) => {
                let found = self.oracle();
                assert_eq!(found.fails().first(), verdict.as_ref(), "{name}");
                assert!(verdict.is_some(), "{name}");
                fields.push(("fails".into(), Json::from(found.fails())));
                fields.push(("sums".into(), found.sums()));
            }
        }
        Json::Object(fields)
    }
}

/// The names of the items of a proof, and whether each is a scalar.
pub fn items(values: usize) -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = (0..values).map(|k| (format!("V[{k}]"), false)).collect();
    let mut put = |list: &[&str], is_scalar| {
        names.extend(list.iter().map(|name| ((*name).into(), is_scalar)))
    };
    put(&["A", "S", "T1", "T2"], false);
    put(&["t", "tau", "mu"], true);
    let rounds = (16 * values.next_power_of_two()).ilog2();
    (0..rounds).for_each(|i| put(&[&format!("L[{i}]"), &format!("R[{i}]")], false));
    put(&["a", "b"], true);
    put(&["R1", "R2", "R3", "R4"], false);
    put(&["z_v", "z_gamma", "z_r", "z_delta"], true);
    names
}

/// Two values of two limbs that are together at most 100,000, among five slots.
fn budget() -> Case {
    let terms = vec![(0, 1), (1, 1 << 16), (2, 1), (3, 1 << 16), (4, 1), (5, 1 << 16)];
    Case::new(&[3, 0, 4, 1], 2, vec![(100_000, terms)], 5, &[4_464, 1, 20_000, 0, 10_000, 0])
}

pub fn json() -> Json {
    let differences = vec![(-3, vec![(0, 1), (2, -1)]), (i64::MIN, vec![(1, i64::MIN), (2, 0)])];
    let cases = [
        Case::new(&[0], 0, vec![], 1, &[40_000]),
        budget(),
        Case::new(&[1, 0], 1, differences, 2, &[65_532, 1, 65_535]),
    ];
    object! {
        "valid" => Json::List(cases.iter().map(Case::json).collect()),
        "invalid" => Json::List(changed(1, &cases[1])),
    }
}

fn changed(place: usize, case: &Case) -> Vec<Json> {
    let mut found = Vec::new();
    let with = |at: usize, bytes: &[u8]| {
        let mut case = case.clone();
        case.proof[at..at + 32].copy_from_slice(bytes);
        case
    };
    for ((name, is_scalar), at) in items(case.values()).into_iter().zip((0..).step_by(32)) {
        let old = &case.proof[at..at + 32];
        let other = match is_scalar {
            true => (scalar(old) + Scalar::ONE).to_bytes(),
            false => encode(&(point(old) + G)),
        };
        found.push(with(at, &other).invalid(place, case, &format!("{name} is other")));
        if ["V[0]", "A", "t", "L[0]", "b", "R4", "z_delta"].contains(&name.as_str()) {
            let bad: [u8; 32] = match is_scalar {
                true => std::array::from_fn(|i| if i == 31 { old[i] | 0x80 } else { old[i] }),
                false => std::array::from_fn(|i| old[i] ^ u8::from(i == 0)),
            };
            assert!(is_scalar || CompressedRistretto(bad).decompress().is_none());
            let kind = if is_scalar { "no scalar" } else { "no element" };
            found.push(with(at, &bad).invalid(place, case, &format!("{name} is {kind}")));
            if !is_scalar {
                found.push(with(at, &[0; 32]).invalid(
                    place,
                    case,
                    &format!("{name} is the identity"),
                ));
            }
        }
    }
    let of = |name: &str, change: &dyn Fn(&mut Case)| {
        let mut changed = case.clone();
        change(&mut changed);
        changed.invalid(place, case, name)
    };
    let values = [4_464, 1, 20_000, 0, 10_000, 0];
    let nonce = Scalar::from(7_777_777u64);
    found.extend([
        of("another target", &|c| c.rows[0].0 += 1),
        of("another coefficient", &|c| c.rows[0].1[1].1 += 1),
        of("other places", &|c| c.places.swap(0, 2)),
        of("other keys", &|c| c.keys.swap(0, 1)),
        of("the slots in another order", &|c| c.b.swap(0, 1)),
        of("a slot without a limb is other", &|c| c.b.swap(2, 3)),
        of("the last response is missing", &|c| c.proof.truncate(c.proof.len() - 32)),
        of("a byte too many", &|c| c.proof.push(0)),
        of("over budget", &|c| {
            c.prove(&[4_464, 1, 40_000, 0], &[4_464, 1, 40_000, 0, 0, 0], nonce)
        }),
        of("one too few left", &|c| c.prove(&values, &[4_464, 1, 20_000, 0, 9_999, 0], nonce)),
        of("a slot with more than its commitment", &|c| {
            c.prove(&[4_464, 2, 20_000, 0], &values, nonce)
        }),
        of("two slots exchanged", &|c| c.prove(&[20_000, 1, 4_464, 0], &values, nonce)),
        of("another nonce", &|c| c.prove(&values, &values, nonce + Scalar::ONE)),
    ]);
    // A change after the last challenge fails only its own equation.
    let alone = |name: &str| {
        let json = found.iter().find(|json| json.get("name").plain() == format!("{name} is other"));
        json.unwrap().get("fails").items().iter().map(Json::plain).collect::<Vec<_>>()
    };
    assert_eq!(alone("z_v"), ["WIDE.L1", "WIDE.L3"]);
    assert_eq!(alone("z_gamma"), ["WIDE.L1"]);
    assert_eq!(alone("z_r"), ["WIDE.L2", "WIDE.L3"]);
    assert_eq!(alone("z_delta"), ["WIDE.L4"]);
    found
}
