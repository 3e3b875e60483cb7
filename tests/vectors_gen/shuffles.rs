//! Shuffles of a few rows, with everything that a verifier computes, and changed ones.
#![allow(non_snake_case)]

use super::{
    json::{Json, hex, hexes, object},
    oracle::{Parts, Tape, encode, generator, point, scalar},
};
use attacks::rng;
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT as G,
    ristretto::CompressedRistretto, traits::Identity,
};
use tabella::{
    codec::Encode,
    crypto::{
        ProofCheck,
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, ShuffleError, Stored, shuffle},
        transcript::{Transcript, label},
    },
};

/// The parts of a proof.
pub struct Proof<'b> {
    pub c: Vec<&'b [u8]>,
    pub chain: Vec<&'b [u8]>,
    /// t₁, t₂, t₃
    pub t: Vec<&'b [u8]>,
    pub t4: Vec<&'b [u8]>,
    pub t5: &'b [u8],
    pub s: Vec<&'b [u8]>,
    pub s_prime: Vec<&'b [u8]>,
}

impl<'b> Proof<'b> {
    pub fn read(parts: &mut Parts<'b>, N: usize, w: usize) -> Self {
        let (c, chain) = (parts.many(N), parts.many(N));
        let (t, t4, t5) = (parts.many(3), parts.many(w + 1), parts.take(32));
        let (s, s_prime) = (parts.many(5), parts.many(N));
        Self { c, chain, t, t4, t5, s, s_prime }
    }

    pub fn json(&self) -> Json {
        let Self { c, chain, t, t4, t5, s, s_prime } = self;
        object! {
            "c" => hexes(c), "chain" => hexes(chain), "t1" => hex(t[0]), "t2" => hex(t[1]), "t3" => hex(t[2]),
            "t4" => hexes(t4), "t5" => hex(t5), "s" => hexes(s), "s'" => hexes(s_prime),
        }
    }
}

/// What a verifier computes.
pub struct Verified {
    pub tape: Tape,
    pub u: Vec<Scalar>,
    pub zeta: Scalar,
    pub x: Scalar,
    /// The left sides of S1 to S5; for S4 one for each column.
    pub sums: [Vec<RistrettoPoint>; 5],
}

impl Verified {
    /// The equations that do not hold.
    pub fn fails(&self) -> Vec<String> {
        let zero = RistrettoPoint::identity();
        let sums = self.sums.iter().zip(1..);
        let failing = sums.filter(|(sums, _)| sums.iter().any(|sum| *sum != zero));
        failing.map(|(_, number)| format!("MIX.S{number}")).collect()
    }

    pub fn sums(&self) -> Json {
        let all = self.sums.iter().zip(1..).map(|(sums, number)| {
            let sums: Vec<_> = sums.iter().map(encode).collect();
            (format!("S{number}"), if number == 4 { hexes(sums) } else { hex(sums[0]) })
        });
        Json::Object(all.collect())
    }
}

/// Verifies a shuffle on this transcript. Rows are `A` and all `B`, each 32 bytes.
pub fn verify<B: AsRef<[u8]>>(
    tape: Tape,
    keys: &[B],
    inputs: &[Vec<&[u8]>],
    outputs: &[Vec<&[u8]>],
    proof: &Proof,
) -> Verified {
    let Proof { c, chain, t, t4, t5, s, s_prime } = proof;
    let (N, w) = (inputs.len(), keys.len());
    let rows = |tape: Tape, label: &'static str, rows: &[Vec<&[u8]>]| {
        let tape = tape.number("count", N as u64);
        rows.iter().flatten().fold(tape, |tape, element| tape.bytes(label, element))
    };
    let tape = rows(tape.list("Y", keys), "in", inputs);
    let mut tape = rows(tape, "out", outputs).list("c", c);
    let u: Vec<Scalar> = tape
        .draw("u", 64 * N)
        .chunks(64)
        .map(|bytes| Scalar::from_bytes_mod_order_wide(bytes.try_into().unwrap()))
        .collect();
    let mut tape = tape.list("chain", chain);
    let zeta = tape.challenge("zeta");
    let tape = tape.bytes("t1", t[0]).bytes("t2", t[1]).bytes("t3", t[2]);
    let mut tape = tape.list("t4", t4).bytes("t5", t5);
    let x = tape.challenge("x");
    let tape = tape.list("s", s).list("s'", s_prime);

    let h = generator("M0", 0);
    let hs: Vec<RistrettoPoint> = (0..N as u64).map(|i| generator("M", i)).collect();
    let points = |list: &[&[u8]]| list.iter().map(|bytes| point(bytes)).collect::<Vec<_>>();
    let [c, chain, t, t4] = [c, chain, t, t4].map(|list| points(list));
    let s: Vec<Scalar> = s.iter().map(|bytes| scalar(bytes)).collect();
    let s_prime: Vec<Scalar> = s_prime.iter().map(|bytes| scalar(bytes)).collect();
    let dot = |scalars: &[Scalar], points: &[RistrettoPoint]| -> RistrettoPoint {
        scalars.iter().zip(points).map(|(scalar, point)| scalar * point).sum()
    };
    let sum = |points: &[RistrettoPoint]| points.iter().sum::<RistrettoPoint>();
    let s1 = s[0] * G - x * (sum(&c) - sum(&hs)) - t[0];
    let s2 = s[1] * G - x * (chain[N - 1] - u.iter().product::<Scalar>() * h) - t[1];
    let s3 = s[2] * G + dot(&s_prime, &hs) - x * dot(&u, &c) - t[2];
    let column =
        |rows: &[Vec<&[u8]>], l: usize| rows.iter().map(|row| point(row[l])).collect::<Vec<_>>();
    let of_column = |l: usize| {
        let Y = if l == 0 { G } else { point(keys[l - 1].as_ref()) };
        dot(&s_prime, &column(outputs, l)) - s[3] * Y - x * dot(&u, &column(inputs, l)) - t4[l]
    };
    let s4 = (0..=w).map(of_column).collect();
    let mut s5 = s[4] * G - point(t5);
    let (mut power, mut before) = (Scalar::ONE, h);
    for (s, link) in s_prime.iter().zip(&chain) {
        s5 += power * s * before - power * x * link;
        (power, before) = (power * zeta, *link);
    }
    Verified { tape, u, zeta, x, sums: [vec![s1], vec![s2], vec![s3], s4, vec![s5]] }
}

/// Rows of `w` slots.
pub fn rows(bytes: &[u8], w: usize) -> Vec<Vec<&[u8]>> {
    bytes.chunks(32 * (w + 1)).map(|row| row.chunks(32).collect()).collect()
}

/// Lists of lists of bytes.
pub fn rows_json(rows: &[Vec<&[u8]>]) -> Json {
    Json::List(rows.iter().map(hexes).collect())
}

struct Case {
    secrets: Vec<Scalar>,
    keys: Vec<Element>,
    N: usize,
    inputs: Vec<u8>,
    outputs: Vec<u8>,
    proof: Vec<u8>,
}

fn start() -> Transcript {
    Transcript::new(b"vectors").proof(label::MIX)
}

fn tape() -> Tape {
    Tape::new("vectors").proof("mix")
}

impl Case {
    fn new(N: usize, w: usize) -> Self {
        let secrets: Vec<Scalar> = (0..w as u64).map(|k| Scalar::from(1_000_003 + k)).collect();
        let keys: Vec<Element> = secrets.iter().map(|s| Element::from_secret(s).unwrap()).collect();
        let row = |j: usize| {
            let values: Vec<Scalar> = (0..w).map(|k| Scalar::from((10 * j + k) as u64)).collect();
            Ciphertext::encrypt(&keys, &values, &Scalar::from(7_777_777 + j as u64)).unwrap()
        };
        let inputs: Vec<Ciphertext> = (0..N).map(row).collect();
        let (generators, rng) = (Generators::new(N), &mut rng(100 + (10 * w + N) as u8));
        let (outputs, proof) = shuffle(&keys, &inputs, &generators, &mut start(), rng).unwrap();
        let [inputs, outputs] = [inputs, outputs].map(|rows| rows.as_slice().to_bytes());
        Self { secrets, N, inputs, outputs, proof: proof.to_bytes(), keys }
    }

    fn width(&self) -> usize {
        self.keys.len()
    }

    fn oracle(&self) -> Verified {
        let [inputs, outputs] =
            [&self.inputs, &self.outputs].map(|bytes| rows(bytes, self.width()));
        let mut parts = Parts(&self.proof);
        let proof = Proof::read(&mut parts, self.N, self.width());
        assert!(parts.0.is_empty());
        let keys: Vec<_> = self.keys.iter().map(|key| *key.as_bytes()).collect();
        verify(tape(), &keys, &inputs, &outputs, &proof)
    }

    /// The library's verdict.
    fn verdict(&self) -> Result<(), ShuffleError> {
        let Self { keys: key, N, inputs, outputs, proof, .. } = self;
        let [inputs, outputs, proof] = [inputs, outputs, proof].map(Vec::as_slice);
        let stored = Stored { key, rows: *N, inputs, outputs, proof };
        stored.verify(&Generators::new(*N), &mut start(), &mut rng(99))
    }

    fn json(&self) -> Json {
        let (found, w) = (self.oracle(), self.width());
        assert_eq!((found.fails(), self.verdict()), (vec![], Ok(())));
        // Decrypts each output with the keys' secrets, which shows its input.
        let opened = |row: &Vec<&[u8]>| -> Vec<[u8; 32]> {
            let slots = row[1..].iter().zip(&self.secrets);
            slots.map(|(b, secret)| encode(&(point(b) - secret * point(row[0])))).collect()
        };
        let [inputs, outputs] = [&self.inputs, &self.outputs].map(|bytes| rows(bytes, w));
        let before: Vec<_> = inputs.iter().map(opened).collect();
        let place = |row| before.iter().position(|before| *before == opened(row)).unwrap();
        object! {
            "rows" => self.N, "width" => w, "secrets" => hexes(self.secrets.iter().map(Scalar::to_bytes)),
            "Y" => hexes(self.keys.iter().map(|key| *key.as_bytes())), "in" => rows_json(&inputs),
            "out" => rows_json(&outputs), "permutation" => outputs.iter().map(place).collect::<Vec<_>>(),
            "proof" => hex(&self.proof), "parts" => Proof::read(&mut Parts(&self.proof), self.N, w).json(),
            "messages" => found.tape.messages(), "u" => hexes(found.u.iter().map(Scalar::to_bytes)),
            "zeta" => hex(found.zeta.as_bytes()), "x" => hex(found.x.as_bytes()), "sums" => found.sums(),
        }
    }

    /// The name of each part of rows and proof, its offset in both together, and whether it is a scalar.
    fn parts(&self) -> Vec<(String, usize, bool)> {
        let (N, w) = (self.N, self.width());
        let mut names: Vec<(String, bool)> = Vec::new();
        for i in 0..N {
            names.extend((0..=w).map(|l| (format!("out[{i}][{l}]"), false)));
        }
        let list = |name: &str, count: usize, scalar: bool| {
            (0..count).map(|i| (format!("{name}[{i}]"), scalar)).collect::<Vec<_>>()
        };
        names.extend([list("c", N, false), list("chain", N, false)].concat());
        names.extend(["t1", "t2", "t3"].map(|name| (name.into(), false)));
        names.extend(list("t4", w + 1, false));
        names.push(("t5".into(), false));
        names.extend((1..=5).map(|i| (format!("s{i}"), true)));
        names.extend(list("s'", N, true));
        names.into_iter().zip((0..).step_by(32)).map(|((name, s), at)| (name, at, s)).collect()
    }

    /// The same with other bytes in one part.
    fn with(&self, at: usize, bytes: &[u8]) -> Self {
        let Self { secrets, keys, N, inputs, outputs, proof } = self;
        let mut all = [&outputs[..], proof].concat();
        all[at..at + bytes.len()].copy_from_slice(bytes);
        let (outputs, proof) = all.split_at(outputs.len());
        let (outputs, proof) = (outputs.to_vec(), proof.to_vec());
        let (secrets, keys, inputs) = (secrets.clone(), keys.clone(), inputs.clone());
        Self { secrets, keys, N: *N, inputs, outputs, proof }
    }

    /// The changed shuffle and the equations that do not hold.
    fn invalid(&self, place: usize, name: &str) -> Json {
        let found = self.oracle();
        let fails = found.fails();
        let expected = ProofCheck::Equation(match fails[0].as_str() {
            "MIX.S1" => "MIX.S1",
            "MIX.S2" => "MIX.S2",
            "MIX.S3" => "MIX.S3",
            "MIX.S4" => "MIX.S4",
            _ => "MIX.S5",
        });
        assert_eq!(self.verdict(), Err(ShuffleError::Invalid(expected)), "{name}");
        let [inputs, outputs] = [&self.inputs, &self.outputs].map(hex);
        object! {
            "name" => name, "of" => place, "in" => inputs, "out" => outputs, "proof" => hex(&self.proof),
            "fails" => fails, "sums" => found.sums(),
        }
    }

    /// The changed shuffle, and the byte of outputs and proof at which it cannot be read.
    fn unreadable(&self, place: usize, name: &str, at: usize) -> Json {
        let Err(ShuffleError::Bytes { place: found, error }) = self.verdict() else {
            panic!("{name}")
        };
        let before = match found {
            tabella::crypto::shuffle::Place::Proof { .. } => self.outputs.len(),
            _ => 0,
        };
        assert_eq!(before + error.at, at, "{name}");
        let [inputs, outputs] = [&self.inputs, &self.outputs].map(hex);
        object! {
            "name" => name, "of" => place, "in" => inputs, "out" => outputs, "proof" => hex(&self.proof),
            "fails" => object! {"at" => at},
        }
    }
}

pub fn json() -> Json {
    let sizes = [(1, 1), (2, 1), (5, 1), (1, 3), (2, 3), (5, 3)];
    let cases = sizes.map(|(N, w)| Case::new(N, w));
    object! {
        "valid" => Json::List(cases.iter().map(Case::json).collect()),
        "invalid" => Json::List(changed(1, &cases[1])),
    }
}

fn changed(place: usize, case: &Case) -> Vec<Json> {
    let all = [&case.outputs[..], &case.proof].concat();
    let mut found = Vec::new();
    for (name, at, is_scalar) in case.parts() {
        let old = &all[at..at + 32];
        let other = match is_scalar {
            true => (scalar(old) + Scalar::ONE).to_bytes(),
            false => encode(&(point(old) + G)),
        };
        found.push(case.with(at, &other).invalid(place, &format!("{name} is other")));
        if name.ends_with("[0]") || !name.ends_with(']') {
            let bad = match is_scalar {
                true => std::array::from_fn(|i| if i == 31 { old[i] | 0x80 } else { old[i] }),
                false => {
                    let bytes: [u8; 32] = std::array::from_fn(|i| old[i] ^ u8::from(i == 0));
                    assert!(CompressedRistretto(bytes).decompress().is_none());
                    bytes
                }
            };
            let kind = if is_scalar { "no scalar" } else { "no element" };
            found.push(case.with(at, &bad).unreadable(place, &format!("{name} is {kind}"), at));
            if !is_scalar {
                let name = format!("{name} is the identity");
                found.push(case.with(at, &[0; 32]).unreadable(place, &name, at));
            }
        }
    }
    let swapped = |change: &dyn Fn(&mut Case)| {
        let mut case = case.with(0, &[]);
        change(&mut case);
        case
    };
    let row = 32 * (case.width() + 1);
    let swap = |bytes: &mut Vec<u8>| bytes.rotate_left(row);
    let cases: [(&str, Case); 5] = [
        ("the inputs in another order", swapped(&|case| swap(&mut case.inputs))),
        ("the outputs in another order", swapped(&|case| swap(&mut case.outputs))),
        (
            "inputs and outputs exchanged",
            swapped(&|case| std::mem::swap(&mut case.inputs, &mut case.outputs)),
        ),
        (
            "the first output is an input",
            swapped(&|case| case.outputs[..row].copy_from_slice(&case.inputs[..row])),
        ),
        ("the same output twice", swapped(&|case| case.outputs.copy_within(row..2 * row, 0))),
    ];
    found.extend(cases.iter().map(|(name, case)| case.invalid(place, name)));
    // A change after the last challenge fails only its own equation.
    let alone = |i: usize| {
        let list = found.iter().find(|json| json.get("name").plain() == format!("s{i} is other"));
        list.unwrap().get("fails").items().iter().map(Json::plain).collect::<Vec<_>>()
    };
    (1..=5).for_each(|i| assert_eq!(alone(i), [format!("MIX.S{i}")]));
    found
}
