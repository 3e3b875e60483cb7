use super::*;
use crate::{codec::DecodeErrorKind, crypto::Culprit};
use alloc::vec;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use sha3::{Digest, Sha3_256};

const TAG: &str = "TEST.LINEAR";

fn context() -> Transcript {
    Transcript::new(b"test")
}

fn element(rng: &mut ChaCha20Rng) -> Element {
    Element::new(RistrettoPoint::random(rng)).unwrap()
}

/// `P₀ = w₀G + w₁B` and `P₁ = w₀C`, with its secrets.
fn example(seed: u8) -> (Statement, [Scalar; 2]) {
    let mut rng = ChaCha20Rng::from_seed([seed; 32]);
    let [b, c] = [element(&mut rng), element(&mut rng)];
    let w = [Scalar::random(&mut rng), Scalar::random(&mut rng)];
    let image = |point| Element::new(point).unwrap();
    let mut statement = Statement::new(TAG, 2);
    let first = image(RistrettoPoint::mul_base(&w[0]) + w[1] * b.point());
    statement.equation(first, [(0, Element::BASE), (1, b)]);
    statement.equation(image(w[0] * c.point()), [(0, c)]);
    (statement, w)
}

fn proven(seed: u8) -> (Statement, Proof) {
    let (statement, w) = example(seed);
    let proof = statement.prove(&w, &mut context(), &mut OsRng).unwrap();
    (statement, proof)
}

fn check(statement: &Statement, proof: &Proof) -> Option<ProofCheck> {
    let result = statement.verify(proof, &mut context(), &mut OsRng);
    assert_eq!(oracle(statement, proof), result.is_ok(), "the oracle disagrees");
    result.err().map(|error| {
        let [Culprit { index: 0, check }] = error.culprits() else { panic!("{error}") };
        *check
    })
}

/// The equations one by one, with a second implementation of the transcript.
fn oracle(statement: &Statement, proof: &Proof) -> bool {
    let numbers = || statement.equations.iter().flat_map(|e| e.terms.iter().map(|(j, _)| *j));
    if proof.announcements.len() != statement.equations.len()
        || proof.responses.len() != statement.secrets
        || statement.equations.iter().any(|e| e.terms.is_empty())
        || statement.equations.is_empty()
        || numbers().any(|j| j >= statement.secrets)
        || (0..statement.secrets).any(|j| !numbers().any(|k| j == k))
    {
        return false;
    }
    let mut transcript = context();
    transcript.append_bytes(b"linear", statement.tag.as_bytes());
    transcript.append_u64(b"secrets", statement.secrets as u64);
    transcript.append_u64(b"count", statement.equations.len() as u64);
    for equation in &statement.equations {
        transcript.append_bytes(b"P", equation.image.as_bytes());
        transcript.append_u64(b"count", equation.terms.len() as u64);
        for (number, base) in &equation.terms {
            transcript.append_u64(b"j", *number as u64);
            transcript.append_bytes(b"B", base.as_bytes());
        }
    }
    transcript.append_u64(b"count", proof.announcements.len() as u64);
    for announcement in &proof.announcements {
        transcript.append_bytes(b"R", announcement.as_bytes());
    }
    let x = transcript.challenge(b"x").unwrap();
    (0..statement.equations.len()).all(|i| {
        let Equation { image, terms } = &statement.equations[i];
        let mut right = RistrettoPoint::default();
        for (j, base) in terms {
            right += proof.responses[*j] * base.point();
        }
        proof.announcements[i].point() + x * image.point() == right
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn linear_true_statements_are_accepted(
        shape in prop::collection::vec(prop::collection::vec((0usize..5, 0u64..4), 1..5), 1..5),
        seed: [u8; 32],
    ) {
        let mut rng = ChaCha20Rng::from_seed(seed);
        // Each number is used, and can occur twice in an equation.
        let used: Vec<usize> = shape.iter().flatten().map(|(j, _)| *j).sorted().dedup().collect();
        let secrets: Vec<Scalar> = used.iter().map(|_| Scalar::random(&mut rng)).collect();
        let mut statement = Statement::new(TAG, secrets.len());
        for terms in &shape {
            let terms: Vec<(usize, Element)> = terms
                .iter()
                .map(|(j, base)| {
                    let base = Element::from_secret(&Scalar::from(base + 1)).unwrap();
                    (used.iter().position(|u| u == j).unwrap(), base)
                })
                .collect();
            let image = terms.iter().map(|(j, base)| secrets[*j] * base.point()).sum();
            statement.equation(Element::new(image).unwrap(), terms);
        }
        let proof = statement.prove(&secrets, &mut context(), &mut rng).unwrap();
        prop_assert_eq!(check(&statement, &proof), None);
        let bytes = proof.to_bytes();
        prop_assert_eq!(bytes.len(), 32 * (shape.len() + secrets.len()));
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(Proof::decode(&mut reader, shape.len(), secrets.len()), Ok(proof));
        prop_assert_eq!(reader.finish(), Ok(()));
    }
}

#[test]
fn linear_every_bit_flip_is_refused() {
    let (statement, proof) = proven(1);
    let bytes = proof.to_bytes();
    let (mut read, mut flipped) = (0, bytes.clone());
    for bit in 0..bytes.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(proof) = Proof::decode(&mut Reader::new(&flipped), 2, 2) {
            assert_eq!(proof.to_bytes(), flipped);
            assert_eq!(check(&statement, &proof), Some(ProofCheck::Equation(TAG)), "bit {bit}");
            read += 1;
        }
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    // Nearly all bit flips in the 64 bytes of scalars can be read, and some of those in elements.
    assert!(read > 2 * 250);
    assert_eq!(check(&statement, &proof), None);
}

#[test]
fn linear_every_truncation_and_extension_is_refused() {
    let (_, proof) = proven(1);
    let decode = |bytes: &[u8]| {
        let mut reader = Reader::new(bytes);
        let proof = Proof::decode(&mut reader, 2, 2)?;
        reader.finish().map(|()| proof)
    };
    let bytes = proof.to_bytes();
    assert_eq!(decode(&bytes), Ok(proof));
    for end in 0..bytes.len() {
        let kind = decode(&bytes[..end]).unwrap_err().kind;
        assert!(matches!(kind, DecodeErrorKind::Truncated { .. }), "{end}");
    }
    for extra in [1, 31, 32, 64] {
        let error = decode(&[bytes.clone(), vec![0; extra]].concat()).unwrap_err();
        assert_eq!((error.at, error.kind), (128, DecodeErrorKind::Trailing { extra }));
    }
}

#[test]
fn linear_swapped_parts_are_refused() {
    let (statement, proof) = proven(1);
    let (other, other_proof) = proven(2);
    let failed = Some(ProofCheck::Equation(TAG));
    let refused = |name: &str, change: &dyn Fn(&mut Statement)| {
        let mut changed = statement.clone();
        change(&mut changed);
        assert_eq!(check(&changed, &proof), failed, "{name}");
    };
    refused("first image", &|s| s.equations[0].image = other.equations[0].image);
    refused("second image", &|s| s.equations[1].image = other.equations[1].image);
    refused("base", &|s| s.equations[0].terms[1].1 = other.equations[0].terms[1].1);
    refused("G for a base", &|s| s.equations[1].terms[0].1 = Element::BASE);
    refused("numbers", &|s| s.equations[0].terms.iter_mut().for_each(|(j, _)| *j = 1 - *j));
    refused("order of terms", &|s| s.equations[0].terms.reverse());
    refused("order of equations", &|s| s.equations.reverse());
    refused("all", &|s| *s = other.clone());

    let changed = Statement { tag: "TEST.OTHER", ..statement.clone() };
    assert_eq!(check(&changed, &proof), Some(ProofCheck::Equation("TEST.OTHER")));

    let mut context = context();
    context.append_u64(b"other", 1);
    assert!(statement.verify(&proof, &mut context, &mut OsRng).is_err());

    let mut mixed = proof.clone();
    mixed.responses.reverse();
    assert_eq!(check(&statement, &mixed), failed);
    let mut mixed = proof.clone();
    mixed.announcements.reverse();
    assert_eq!(check(&statement, &mixed), failed);
    let mixed = Proof { announcements: other_proof.announcements, ..proof };
    assert_eq!(check(&statement, &mixed), failed);
}

#[test]
fn linear_a_secret_that_differs_between_equations_is_refused() {
    let (mut statement, w) = example(1);
    // P₁ holds 2w₀, P₀ holds w₀. A separate response could satisfy each equation alone.
    let image = statement.equations[1].image.point();
    statement.equations[1].image = Element::new(image + image).unwrap();
    for secrets in [w, [w[0] + w[0], w[1]]] {
        let proof = statement.prove(&secrets, &mut context(), &mut OsRng).unwrap();
        assert_eq!(check(&statement, &proof), Some(ProofCheck::Equation(TAG)));
    }
}

#[test]
fn linear_an_unknown_secret_cannot_be_made_up_for() {
    let (statement, w) = example(1);
    let wrong = [w[0], w[1] + Scalar::ONE];
    let proof = statement.prove(&wrong, &mut context(), &mut OsRng).unwrap();
    assert_eq!(check(&statement, &proof), Some(ProofCheck::Equation(TAG)));
    // Announcements solved for a guessed challenge, valid only if the guess is right.
    let z = [Scalar::random(&mut OsRng), Scalar::random(&mut OsRng)];
    let guess = Scalar::random(&mut OsRng);
    let solved = statement.equations.iter().map(|Equation { image, terms }| {
        let right: RistrettoPoint = terms.iter().map(|(j, base)| z[*j] * base.point()).sum();
        Element::new(right - guess * image.point()).unwrap()
    });
    let proof = Proof { announcements: solved.collect(), responses: z.to_vec() };
    assert_eq!(check(&statement, &proof), Some(ProofCheck::Equation(TAG)));
}

#[test]
fn linear_wrong_shapes_are_refused() {
    let (statement, w) = example(1);
    let (_, proof) = proven(1);
    let shape = |statement: &Statement, proof: &Proof| {
        assert_eq!(check(statement, proof), Some(ProofCheck::Shape));
    };
    let change = |change: &dyn Fn(&mut Proof)| {
        let mut changed = proof.clone();
        change(&mut changed);
        shape(&statement, &changed);
    };
    change(&|p| p.responses.push(Scalar::ZERO));
    change(&|p| {
        p.responses.pop();
    });
    change(&|p| p.responses.clear());
    change(&|p| p.announcements.push(Element::BASE));
    change(&|p| {
        p.announcements.pop();
    });
    change(&|p| p.announcements.clear());

    let malformed = |secrets: &[Scalar], change: &dyn Fn(&mut Statement)| {
        let mut changed = statement.clone();
        change(&mut changed);
        let made = changed.prove(secrets, &mut context(), &mut OsRng);
        assert_eq!(made, Err(ProveError::Shape));
        let n = changed.equations.len();
        let proof =
            Proof { announcements: vec![Element::BASE; n], responses: vec![w[0]; changed.secrets] };
        shape(&changed, &proof);
    };
    malformed(&w, &|s| s.equations.clear());
    malformed(&w, &|s| s.equations[1].terms.clear());
    malformed(&w, &|s| s.equations[0].terms[0].0 = 2);
    malformed(&w, &|s| s.equations[0].terms[1].0 = usize::MAX);
    malformed(&w, &|s| s.equations[0].terms[1].0 = 0);
    malformed(&[w[0], w[1], w[0]], &|s| s.secrets = 3);
    malformed(&[], &|s| *s = Statement::new(TAG, 0));
    for secrets in [&w[..1], &[w[0], w[1], w[0]], &[]] {
        let made = statement.prove(secrets, &mut context(), &mut OsRng);
        assert_eq!(made, Err(ProveError::Shape));
    }
}

#[test]
fn linear_a_batch_names_its_culprits_as_single_verification_does() {
    let proofs: Vec<_> = (0..40)
        .map(|i| {
            let (statement, w) = example(i);
            let tag = if i % 2 == 0 { "TEST.EVEN" } else { "TEST.ODD" };
            let statement = Statement { tag, ..statement };
            let proof = statement.prove(&w, &mut context(), &mut OsRng).unwrap();
            (statement, proof)
        })
        .collect();
    let verify = |proofs: &[(Statement, Proof)]| {
        let mut batch = Batch::new(&Bases::new());
        for (statement, proof) in proofs {
            statement.enqueue(proof, &mut context(), &mut batch);
        }
        batch.verify(&mut OsRng)
    };
    assert_eq!(verify(&proofs), Ok(()));
    let mut bad = proofs;
    bad[3].1.responses[0] += Scalar::ONE;
    // Two errors that cancel in a sum without weights.
    bad[21] = bad[20].clone();
    bad[20].1.responses[1] += Scalar::ONE;
    bad[21].1.responses[1] -= Scalar::ONE;
    bad[39].1.responses.pop();
    let single: Vec<_> = bad
        .iter()
        .enumerate()
        .filter_map(|(index, (s, p))| check(s, p).map(|check| Culprit { index, check }))
        .collect();
    let (even, odd) = (ProofCheck::Equation("TEST.EVEN"), ProofCheck::Equation("TEST.ODD"));
    let expected = [(3, odd), (20, even), (21, even), (39, ProofCheck::Shape)];
    assert_eq!(single, expected.map(|(index, check)| Culprit { index, check }));
    assert_eq!(verify(&bad), Err(VerifyError::Invalid(single)));
}

/// The bytes of a proof from a fixed seed, which every change of the protocol changes.
#[test]
fn linear_bytes_stay_the_same() {
    let (statement, w) = example(7);
    let mut rng = ChaCha20Rng::from_seed([8; 32]);
    let proof = statement.prove(&w, &mut context(), &mut rng).unwrap();
    let hash = hex::encode(Sha3_256::digest(proof.to_bytes()));
    assert_eq!(hash, "e23f42e7bc51e6046bcad83814738d3a292f8bb468bde130e9877b006ce5c49c");
}
