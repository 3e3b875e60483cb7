//! A shuffle of which some bytes are others is not accepted, and a message that can be read has one encoding.
#![no_main]

use curve25519_dalek::Scalar;
use libfuzzer_sys::fuzz_target;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::sync::LazyLock;
use tabella::{codec::Encode, crypto::{elgamal::Ciphertext, group::Element, message, shuffle::{Generators, shuffle, Stored}, transcript::{label, Transcript}}};

const ROWS: usize = 3;

struct Good {
    key: [Element; 1],
    generators: Generators,
    context: Transcript,
    inputs: Vec<u8>,
    /// Outputs and proof.
    bytes: Vec<u8>,
}

static GOOD: LazyLock<Good> = LazyLock::new(|| {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let key = [Element::from_secret(&Scalar::from(7u64)).unwrap()];
    let rows = [1u64, 2, 3]
        .map(|v| Ciphertext::encrypt(&key, &[v.into()], &Scalar::from(v + 10)).unwrap());
    let generators = Generators::new(ROWS);
    let context = Transcript::new(b"fuzz").proof(label::MIX);
    let (outputs, proof) = shuffle(&key, &rows, &generators, &mut context.clone(), rng).unwrap();
    let bytes = [outputs.to_bytes(), proof.to_bytes()].concat();
    Good { key, generators, context, inputs: rows.to_bytes(), bytes }
});

fuzz_target!(|input: (u16, Vec<u8>)| {
    let Good { key, generators, context, inputs, bytes: good } = &*GOOD;
    let (at, patch) = input;
    let at = usize::from(at) % (good.len() + 1);
    let end = (at + patch.len()).min(good.len());
    let bytes = [&good[..at], &patch, &good[end..]].concat();
    let (outputs, proof) = bytes.split_at(inputs.len().min(bytes.len()));
    let stored = Stored { key, rows: ROWS, inputs: inputs.as_slice(), outputs, proof };
    let rng = &mut ChaCha20Rng::from_seed([2; 32]);
    let accepted = stored.verify(generators, &mut context.clone(), rng).is_ok();
    assert_eq!(accepted, bytes == *good);

    let (slots, _) = patch.as_chunks::<32>();
    if let Ok(text) = message::decode(slots) {
        let again = message::encode(&text, slots.len()).unwrap();
        let again: Vec<[u8; 32]> = again.iter().map(|p| p.compress().to_bytes()).collect();
        assert_eq!(again, slots);
    }
});
