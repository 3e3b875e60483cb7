//! What a trustee or a voter sends can be read in one way only.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::World;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tabella::{
    author::AuthorKey,
    codec::{Decode, Encode, Reader},
    decrypt::DecryptionShare,
    keys::Deal,
    manifest::Manifest,
    roll::Registration,
    tally::Tally,
};

static GOOD: LazyLock<(Manifest, Tally)> = LazyLock::new(|| {
    let mut world = World::referendum(1);
    let board = world.referendum_board();
    (world.manifest.clone(), board.state().tally().unwrap().clone())
});

fuzz_target!(|bytes: &[u8]| {
    let (manifest, tally) = &*GOOD;
    let reader = &mut Reader::new(bytes);
    if let Ok(deal) = Deal::decode(reader, manifest) {
        assert_eq!(deal.to_bytes(), bytes[..reader.at()]);
        assert!(deal.verify(manifest, &mut common::rng(2)).is_err());
    }
    let reader = &mut Reader::new(bytes);
    if let Ok(share) = DecryptionShare::decode(reader, tally) {
        assert_eq!(share.to_bytes(), bytes[..reader.at()]);
    }
    if let Ok(key) = AuthorKey::from_bytes(bytes) {
        assert_eq!(key.to_bytes(), bytes);
    }
    if let Ok(registration) = Registration::from_bytes(bytes) {
        assert_eq!(registration.to_bytes(), bytes);
    }
});
