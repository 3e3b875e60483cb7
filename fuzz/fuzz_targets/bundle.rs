//! A bundle that can be read is the one that was made: the manifest's hash and signatures leave no other.
#![no_main]

use attacks::World;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tabella::{ballot::ElectionBundle, codec::Encode, manifest::ManifestHash};

static GOOD: LazyLock<(ManifestHash, Vec<u8>)> = LazyLock::new(|| {
    let mut world = World::referendum(1);
    let board = world.open();
    let bundle = board.state().bundle(None, &mut attacks::rng(2)).unwrap();
    (world.manifest.hash(), bundle.to_bytes())
});

fuzz_target!(|bytes: &[u8]| {
    let (hash, good) = &*GOOD;
    let _ = ElectionBundle::from_bytes(bytes, hash, &mut attacks::rng(3));
    // The same behind the beginning of the good one, so that the reader comes as far as the signatures.
    let Some((at, rest)) = bytes.split_first_chunk() else { return };
    let at = usize::from(u16::from_be_bytes(*at)) % good.len();
    let bytes = [&good[..at], rest].concat();
    if ElectionBundle::from_bytes(&bytes, hash, &mut attacks::rng(3)).is_ok() {
        assert!(bytes == *good);
    }
});
