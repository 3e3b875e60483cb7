//! A proof of wide values of which some bytes are others is not accepted, and what can be read has one encoding.
#![no_main]

use curve25519_dalek::Scalar;
use libfuzzer_sys::fuzz_target;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::LazyLock;
use tabella::{
    codec::{Encode, Reader},
    crypto::{
        batch::Bases,
        elgamal::Ciphertext,
        group::Element,
        transcript::Transcript,
        wide::{
            Generators, Handles, Proof, ProvingGenerators, Relation, Rules, Statement, Witness,
        },
    },
};

/// Two limbs and one of slack.
const VALUES: usize = 3;

struct Good {
    relation: Relation,
    ciphertext: Ciphertext,
    bases: Bases,
    handles: Handles,
    context: Transcript,
    bytes: Vec<u8>,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let keys = [7u64, 8].map(|s| Element::from_secret(&Scalar::from(s)).unwrap());
    let mut rules = Rules::new(2);
    let slack = rules.slack();
    rules.row([(0, 1), (1, 1), (slack, 1)], 100);
    let relation = Relation::new(rules, &[0, 1], &[0, 1], &keys).unwrap();
    let witness = Witness { values: vec![30, 50, 20], nonce: Scalar::from(9u64) };
    let ciphertext =
        Ciphertext::encrypt(&keys, &[30u64, 50].map(Scalar::from), &witness.nonce).unwrap();
    let context = Transcript::new(b"fuzz").proof(b"wide");
    let statement = Statement { relation: &relation, ciphertext: &ciphertext };
    let proving = ProvingGenerators::new(VALUES);
    let bytes = statement.prove(&witness, &proving, &mut context.clone(), rng).unwrap().to_bytes();
    let mut bases = Bases::new();
    let handles = Generators::new(VALUES).share(&keys, &mut bases);
    Good { relation, ciphertext, bases, handles, context, bytes }
});

fuzz_target!(|input: (u16, Vec<u8>)| {
    let Good { relation, ciphertext, bases, handles, context, bytes: good } = &*GOOD;
    let (at, patch) = input;
    let at = usize::from(at) % (good.len() + 1);
    let end = (at + patch.len()).min(good.len());
    let bytes = [&good[..at], &patch, &good[end..]].concat();
    let mut reader = Reader::new(&bytes);
    let Ok(proof) = Proof::decode(&mut reader, VALUES) else { return };
    if reader.finish().is_err() {
        return;
    }
    assert_eq!(proof.to_bytes(), bytes);
    let rng = &mut ChaCha20Rng::from_seed([2; 32]);
    let statement = Statement { relation, ciphertext };
    let accepted = statement.verify(&proof, (bases, handles), &mut context.clone(), rng).is_ok();
    assert_eq!(accepted, bytes == *good);
});
