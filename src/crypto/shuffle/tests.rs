mod attacks;
mod forge;

use super::*;
use crate::{
    codec::DecodeErrorKind,
    crypto::{ProofCheck, ProveError, elgamal::Ciphertext, transcript::label},
    random::Failing,
};
use alloc::vec;
use curve25519_dalek::RistrettoPoint;
use forge::{OURS, failing};
use itertools::Itertools;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use sha3::{Digest, Sha3_256};

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn context() -> Transcript {
    Transcript::new(b"test").proof(label::MIX)
}

fn keys(width: usize, rng: &mut ChaCha20Rng) -> (Vec<Scalar>, Vec<Element>) {
    let secrets: Vec<Scalar> = (0..width).map(|_| Scalar::random(rng)).collect();
    let keys = secrets.iter().map(|s| Element::from_secret(s).unwrap()).collect();
    (secrets, keys)
}

/// Row `i` holds `100i + k` in slot `k`.
fn rows(key: &[Element], n: usize, rng: &mut ChaCha20Rng) -> Vec<Ciphertext> {
    let row = |i| {
        let values: Vec<Scalar> = (0..key.len()).map(|k| ((100 * i + k) as u64).into()).collect();
        Ciphertext::encrypt(key, &values, &Scalar::random(rng)).unwrap()
    };
    (0..n).map(row).collect()
}

/// A shuffle with its statement and context.
struct Mixed {
    secrets: Vec<Scalar>,
    key: Vec<Element>,
    generators: Generators,
    inputs: Vec<Ciphertext>,
    outputs: Vec<Ciphertext>,
    proof: Proof,
}

impl Mixed {
    fn new(n: usize, width: usize, seed: u8) -> Self {
        let mut rng = rng(seed);
        let (secrets, key) = keys(width, &mut rng);
        let inputs = rows(&key, n, &mut rng);
        let generators = Generators::new(n);
        let (outputs, proof) =
            shuffle(&key, &inputs, &generators, &mut context(), &mut rng).unwrap();
        Self { secrets, key, generators, inputs, outputs, proof }
    }

    fn statement(&self) -> Statement<'_> {
        Statement { key: &self.key, inputs: &self.inputs, outputs: &self.outputs }
    }

    fn verify(&self) -> Result<(), ShuffleError> {
        self.statement().verify(&self.proof, &self.generators, &mut context(), &mut OsRng)
    }

    fn bytes(&self) -> [Vec<u8>; 3] {
        [self.inputs.to_bytes(), self.outputs.to_bytes(), self.proof.to_bytes()]
    }

    fn verify_bytes(&self, [inputs, outputs, proof]: &[Vec<u8>; 3]) -> Result<(), ShuffleError> {
        let [inputs, outputs, proof] = [inputs, outputs, proof].map(Vec::as_slice);
        let stored = Stored { key: &self.key, rows: self.inputs.len(), inputs, outputs, proof };
        stored.verify_in_chunks(1, &self.generators, &mut context(), &mut OsRng)
    }

    fn opened(&self, rows: &[Ciphertext]) -> Vec<Vec<[u8; 32]>> {
        let slot = |row: &Ciphertext, (secret, b): (&Scalar, &Element)| {
            (b.point() - secret * row.a.point()).compress().to_bytes()
        };
        let open = |row: &Ciphertext| {
            self.secrets.iter().zip_eq(&row.b).map(|pair| slot(row, pair)).collect()
        };
        rows.iter().map(open).collect()
    }
}

fn check_complete(n: usize, width: usize, seed: u8) {
    let mixed = Mixed::new(n, width, seed);
    assert_eq!(mixed.verify(), Ok(()), "{n} rows of width {width}");
    assert!(failing(OURS, &mixed.statement(), &mixed.generators, &mixed.proof).is_empty());
    // The same values in another order, with other nonces.
    let [before, after] = [&mixed.inputs, &mixed.outputs].map(|rows| mixed.opened(rows));
    assert_eq!(before.iter().sorted().collect_vec(), after.iter().sorted().collect_vec());
    assert!(n < 10 || before != after);
    assert!(mixed.inputs.iter().all(|input| mixed.outputs.iter().all(|o| o.a != input.a)));

    let bytes = mixed.proof.to_bytes();
    assert_eq!(bytes.len(), Proof::size(n, width));
    assert_eq!(bytes.len(), 96 * n + 32 * (width + 10));
    let mut reader = Reader::new(&bytes);
    assert_eq!(Proof::decode(&mut reader, n, width).as_ref(), Ok(&mixed.proof));
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn mix_true_statements_are_accepted() {
    for (n, width) in [(1, 1), (1, 3), (2, 2), (3, 1), (17, 3), (17, 10), (2, 64), (300, 1)] {
        check_complete(n, width, 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn mix_true_statements_of_any_shape_are_accepted(n in 1usize..40, width in 1usize..6, seed: u8) {
        check_complete(n, width, seed);
    }

    /// Wherever chunks end, verdict, error and transcript are the same.
    #[test]
    fn mix_the_verdict_does_not_depend_on_chunks(
        n in 1usize..30,
        width in 1usize..4,
        chunk in 1usize..40,
        wrong in prop::option::of((0usize..3, any::<prop::sample::Index>())),
    ) {
        let mixed = Mixed::new(n, width, 2);
        let mut bytes = mixed.bytes();
        if let Some((part, place)) = wrong {
            let place = place.index(bytes[part].len());
            bytes[part][place] ^= 2;
        }
        let [inputs, outputs, proof] = &bytes;
        let verdict = |chunk| {
            let file = |bytes| Seekable::new(std::io::Cursor::new(bytes));
            let [inputs, outputs, proof] = [inputs, outputs, proof].map(file);
            let stored = Stored { key: &mixed.key, rows: n, inputs, outputs, proof };
            let mut transcript = context();
            let verdict =
                stored.verify_in_chunks(chunk, &mixed.generators, &mut transcript, &mut OsRng);
            (verdict, transcript.digest(b"end"))
        };
        let (whole, end) = verdict(n);
        prop_assert_eq!(whole.is_ok(), wrong.is_none());
        if whole.is_ok() {
            prop_assert_eq!(&verdict(chunk), &(whole, end));
        } else {
            prop_assert_eq!(verdict(chunk).0, whole);
        }
    }
}

#[test]
#[ignore = "takes long"]
fn mix_ten_thousand_rows_are_accepted() {
    let mixed = Mixed::new(10_000, 1, 3);
    assert_eq!(mixed.verify(), Ok(()));
    let mut wrong = mixed.bytes();
    // A byte of the third s′.
    wrong[2][64 * 10_000 + 32 * 11 + 77] ^= 1;
    assert_eq!(mixed.verify_bytes(&wrong), Err(invalid("MIX.S3")));
}

#[test]
#[cfg(feature = "parallel")]
fn mix_neither_proof_nor_verdict_depends_on_cores() {
    let of = |cores| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build().unwrap();
        pool.install(|| {
            let mixed = Mixed::new(400, 1, 4);
            let verdict = mixed.verify_bytes(&mixed.bytes());
            (mixed.bytes(), verdict)
        })
    };
    let one = of(1);
    assert_eq!(one.1, Ok(()));
    assert_eq!(one, of(4));
}

fn invalid(tag: &'static str) -> ShuffleError {
    ShuffleError::Invalid(ProofCheck::Equation(tag))
}

#[test]
fn mix_proofs_have_known_bytes() {
    let bytes = Mixed::new(3, 2, 5).bytes().concat();
    let hash = hex::encode(Sha3_256::digest(bytes));
    assert_eq!(hash, "99f766fac34244b0c0edfa5165268fcd55d77728aea8d18b7a4d7d6357c07a94");
}

#[test]
fn mix_prover_and_verifier_leave_the_same_transcript() {
    let mixed = Mixed::new(3, 2, 6);
    let end = |work: &dyn Fn(&mut Transcript)| {
        let mut transcript = context();
        work(&mut transcript);
        transcript.digest(b"end")
    };
    let prepared = || Prepared::new(3, &mixed.key, &mixed.generators, &mut rng(6)).unwrap();
    let shuffled = |transcript: &mut Transcript| {
        prepared().shuffle(&mixed.inputs, &mixed.generators, transcript, &mut rng(7)).unwrap()
    };
    let (outputs, proof) = shuffled(&mut context());
    let statement = Statement { outputs: &outputs, ..mixed.statement() };
    let proven = end(&|transcript| drop(shuffled(transcript)));
    let verified = end(&|transcript| {
        statement.verify(&proof, &mixed.generators, transcript, &mut OsRng).unwrap();
    });
    assert_eq!(proven, verified);
}

#[test]
fn mix_every_bit_flip_is_refused() {
    let mixed = Mixed::new(2, 1, 7);
    let mut bytes = mixed.bytes();
    assert_eq!(mixed.verify_bytes(&bytes), Ok(()));
    let mut equations = 0;
    for part in 0..3 {
        for bit in 0..8 * bytes[part].len() {
            bytes[part][bit / 8] ^= 1 << (bit % 8);
            let item = bit / 256;
            match mixed.verify_bytes(&bytes).unwrap_err() {
                ShuffleError::Bytes { place, error } => {
                    assert_eq!(error.at, 32 * item);
                    let expected = match (part, item) {
                        (0, _) => Place::Input { row: item / 2, column: item % 2 },
                        (1, _) => Place::Output { row: item / 2, column: item % 2 },
                        (_, 0..2) => Place::Proof { list: "c", row: item },
                        (_, 2..4) => Place::Proof { list: "ĉ", row: item - 2 },
                        (_, 4..10) => Place::Proof { list: "t", row: item - 4 },
                        (_, 10..15) => Place::Proof { list: "s", row: item - 10 },
                        (_, _) => Place::Proof { list: "s′", row: item - 15 },
                    };
                    assert_eq!(place, expected);
                }
                ShuffleError::Invalid(ProofCheck::Equation(_)) => equations += 1,
                error => panic!("{error}"),
            }
            bytes[part][bit / 8] ^= 1 << (bit % 8);
        }
    }
    // Nearly all bit flips in scalars can be read, and some of those in elements.
    assert!(equations > 7 * 250);
    assert_eq!(mixed.verify_bytes(&bytes), Ok(()));
}

/// A wrong response fails in the first equation that uses it.
#[test]
fn mix_wrong_responses_are_named_by_their_equation() {
    let mut mixed = Mixed::new(3, 2, 8);
    let one = Scalar::ONE;
    let honest = mixed.proof.clone();
    let mut tagged = |change: &dyn Fn(&mut Proof)| {
        mixed.proof = honest.clone();
        change(&mut mixed.proof);
        mixed.verify().unwrap_err()
    };
    assert_eq!(tagged(&|proof| proof.s.s1 += one), invalid("MIX.S1"));
    assert_eq!(tagged(&|proof| proof.s.s2 += one), invalid("MIX.S2"));
    assert_eq!(tagged(&|proof| proof.s.s3 += one), invalid("MIX.S3"));
    assert_eq!(tagged(&|proof| proof.s.s4 += one), invalid("MIX.S4"));
    assert_eq!(tagged(&|proof| proof.s.s5 += one), invalid("MIX.S5"));
    assert_eq!(tagged(&|proof| proof.s_prime[2] += one), invalid("MIX.S3"));
    assert_eq!(tagged(&|proof| proof.s_prime.swap(0, 1)), invalid("MIX.S3"));
    assert_eq!(tagged(&|proof| proof.c.swap(0, 1)), invalid("MIX.S1"));
    assert_eq!(tagged(&|proof| proof.t.t4.swap(0, 1)), invalid("MIX.S1"));
}

#[test]
fn mix_every_truncation_and_extension_is_refused() {
    let mixed = Mixed::new(2, 1, 9);
    let bytes = mixed.bytes();
    let parts = [Section::Inputs, Section::Outputs, Section::Proof];
    for (k, part) in parts.into_iter().enumerate() {
        let expected = bytes[k].len() as u64;
        let lengths = (0..bytes[k].len()).chain([1, 31, 32, 64].map(|more| bytes[k].len() + more));
        for length in lengths {
            let mut changed = bytes.clone();
            changed[k].resize(length, 0);
            let found = length as u64;
            let verdict = mixed.verify_bytes(&changed);
            assert_eq!(verdict, Err(ShuffleError::Length { section: part, found, expected }));
        }
    }
}

#[test]
fn mix_swapped_parts_are_refused() {
    let mixed = Mixed::new(3, 2, 10);
    let other = Mixed::new(3, 2, 11);
    assert_eq!((mixed.verify(), other.verify()), (Ok(()), Ok(())));
    let refused = |statement: Statement<'_>, proof: &Proof| {
        let verdict = statement.verify(proof, &mixed.generators, &mut context(), &mut OsRng);
        assert_eq!(verdict, Err(invalid("MIX.S1")));
    };
    let (statement, proof) = (mixed.statement(), &mixed.proof);
    refused(Statement { key: &other.key, ..statement }, proof);
    refused(Statement { inputs: &other.inputs, ..statement }, proof);
    refused(Statement { outputs: &other.outputs, ..statement }, proof);
    refused(Statement { inputs: statement.outputs, outputs: statement.inputs, ..statement }, proof);
    refused(statement, &other.proof);
    let reversed: Vec<Element> = mixed.key.iter().rev().copied().collect();
    refused(Statement { key: &reversed, ..statement }, proof);
    let reversed: Vec<Ciphertext> = mixed.inputs.iter().rev().cloned().collect();
    refused(Statement { inputs: &reversed, ..statement }, proof);

    let mut elsewhere = context();
    elsewhere.append_u64(b"position", 1);
    let verdict = statement.verify(proof, &mixed.generators, &mut elsewhere, &mut OsRng);
    assert_eq!(verdict, Err(invalid("MIX.S1")));
}

#[test]
fn mix_statements_of_a_wrong_shape_are_refused() {
    let mixed = Mixed::new(3, 2, 12);
    let shape = Err(ShuffleError::Shape);
    let verdict = |statement: Statement<'_>, generators: &Generators| {
        statement.verify(&mixed.proof, generators, &mut context(), &mut OsRng)
    };
    let statement = mixed.statement();
    let (key, generators) = (&mixed.key[..], &mixed.generators);
    assert_eq!(verdict(Statement { key: &key[..1], ..statement }, generators), shape);
    assert_eq!(verdict(Statement { key: &[], ..statement }, generators), shape);
    assert_eq!(verdict(Statement { inputs: &[], outputs: &[], ..statement }, generators), shape);
    assert_eq!(verdict(statement, &Generators::new(2)), shape);
    assert_eq!(verdict(statement, &Generators::new(30)), Ok(()));
    // The right number of points in total, but not in each row.
    let mut ragged = mixed.inputs.clone();
    let point = ragged[0].b.pop().unwrap();
    ragged[1].b.push(point);
    assert_eq!(verdict(Statement { inputs: &ragged, ..statement }, generators), shape);
    let fewer = verdict(Statement { outputs: &mixed.outputs[..2], ..statement }, generators);
    let error = ShuffleError::Length { section: Section::Outputs, found: 192, expected: 288 };
    assert_eq!(fewer, Err(error));
    // The bytes of three rows of width 2, read as rows of another width.
    let [inputs, outputs, proof] = mixed.bytes();
    for (rows, width) in [(9, 0), (0, 1), (1, 65), (MAX_ROWS + 1, 1), (usize::MAX, 64)] {
        let key = vec![Element::BASE; width];
        let (inputs, outputs, proof) = (&inputs[..], &outputs[..], &proof[..]);
        let stored = Stored { key: &key, rows, inputs, outputs, proof };
        assert_eq!(stored.verify(generators, &mut context(), &mut OsRng), shape);
    }

    let prove = |key: &[Element], inputs: &[Ciphertext], generators: &Generators| {
        shuffle(key, inputs, generators, &mut context(), &mut OsRng).err()
    };
    let shape = Some(ProveError::Shape);
    assert_eq!(prove(key, &[], generators), shape);
    assert_eq!(prove(&[], &mixed.inputs, generators), shape);
    assert_eq!(prove(&key[..1], &mixed.inputs, generators), shape);
    assert_eq!(prove(key, &ragged, generators), shape);
    assert_eq!(prove(key, &mixed.inputs, &Generators::new(2)), shape);
    assert_eq!(prove(&[Element::BASE; 65], &mixed.inputs, generators), shape);
    let prepared = Prepared::new(2, key, generators, &mut OsRng).unwrap();
    assert_eq!(format!("{prepared:?}"), "Prepared(..)");
    let error = prepared.shuffle(&mixed.inputs, generators, &mut context(), &mut OsRng).err();
    assert_eq!(error, shape);
}

#[test]
fn mix_failing_generators_and_sources_are_errors() {
    let mixed = Mixed::new(2, 1, 13);
    let (key, generators, transcript) = (&mixed.key[..], &mixed.generators, &mut context());
    let verdict = mixed.statement().verify(&mixed.proof, generators, transcript, &mut Failing);
    assert_eq!(verdict, Err(ShuffleError::Randomness));
    let error = shuffle(key, &mixed.inputs, generators, &mut context(), &mut Failing).err();
    assert_eq!(error, Some(ProveError::Randomness));

    struct Broken(u64);
    impl Source for Broken {
        fn size(&mut self) -> Result<u64, SourceError> {
            Ok(self.0)
        }
        fn read(&mut self, _: u64, _: &mut [u8]) -> Result<(), SourceError> {
            Err(SourceError)
        }
    }
    let [inputs, outputs, proof] = &mixed.bytes();
    let (inputs, outputs, proof) = (&inputs[..], &outputs[..], Broken(proof.len() as u64));
    let stored = Stored { key, rows: 2, inputs, outputs, proof };
    let verdict = stored.verify(generators, &mut context(), &mut OsRng);
    assert_eq!(verdict, Err(ShuffleError::Storage));
}

/// Every order of three rows occurs, and none much more often than another.
#[test]
fn mix_permutations_are_uniform() {
    let mut nonces = rng(14);
    let mut seen = alloc::collections::BTreeMap::new();
    for _ in 0..6000 {
        *seen.entry(prove::random_permutation(3, &mut nonces).to_vec()).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.values().all(|count| (850..1150).contains(count)), "{seen:?}");
}

#[test]
fn errors_read_as_sentences() {
    let place = Place::Input { row: 3, column: 1 };
    let error = DecodeError::new(224, DecodeErrorKind::Identity);
    let texts = [
        ShuffleError::Bytes { place, error },
        ShuffleError::Length { section: Section::Proof, found: 1, expected: 2 },
        invalid("MIX.S2"),
    ]
    .map(|error| error.to_string());
    assert_eq!(
        texts,
        [
            "input 3, column 1, at byte 224: the identity element, which is not allowed here",
            "a proof of 1 bytes; expected 2",
            "invalid: equation MIX.S2",
        ]
    );
}

/// The points of a proof may be any but the identity; no other test has this one.
#[test]
fn mix_a_proof_with_the_identity_is_refused() {
    let mixed = Mixed::new(2, 1, 15);
    let honest = mixed.bytes();
    for item in 0..10 {
        let mut bytes = honest.clone();
        bytes[2][32 * item..32 * item + 32]
            .copy_from_slice(&RistrettoPoint::default().compress().0);
        let ShuffleError::Bytes { error, .. } = mixed.verify_bytes(&bytes).unwrap_err() else {
            panic!("{item}")
        };
        assert_eq!((error.at, error.kind), (32 * item, DecodeErrorKind::Identity));
    }
}
