use super::*;
use crate::{elgamal::Ciphertext, transcript::label};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

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

#[test]
fn first() {
    let mut rng = rng(1);
    for (rows, width) in [(1, 1), (2, 1), (5, 3), (300, 1)] {
        let (_, key) = keys(width, &mut rng);
        let inputs: Vec<_> = (0..rows)
            .map(|i| {
                let values: Vec<Scalar> =
                    (0..width).map(|k| Scalar::from((i * k) as u64)).collect();
                Ciphertext::encrypt(&key, &values, &Scalar::random(&mut rng)).unwrap()
            })
            .collect();
        let generators = Generators::new(rows);
        let (outputs, proof) =
            shuffle(&key, &inputs, &generators, &mut context(), &mut rng).unwrap();
        let statement = Statement { key: &key, inputs: &inputs, outputs: &outputs };
        assert_eq!(statement.verify(&proof, &generators, &mut context(), &mut rng), Ok(()));
        assert_eq!(proof.to_bytes().len(), Proof::size(rows, width));
    }
}
