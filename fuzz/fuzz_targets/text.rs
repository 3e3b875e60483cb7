//! Text that can be read is written again in the same way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tabella::{ballot::Tracker, board::Receipt, crypto::signature::AuthorKey, log::{checkpoint::{Fork, LogKey, SignedCheckpoint, Witness}, merkle::Root, tiles::{EntryBundle, HashTile}}, manifest::ManifestHash, roll::{Credential, VoterKey}};

fuzz_target!(|text: &str| {
    // What may be typed freely: case, spaces and hyphens.
    let plain = text.replace(|c: char| c.is_whitespace() || c == '-', "").to_lowercase();
    if let Ok(key) = text.parse::<AuthorKey>() {
        assert_eq!(key.to_string(), plain);
    }
    if let Ok(credential) = text.parse::<Credential>() {
        assert_eq!(*credential.expose_text(), plain);
    }
    if let Ok(key) = text.parse::<VoterKey>() {
        assert_eq!(key.to_string(), plain);
    }
    if let Ok(tracker) = text.parse::<Tracker>() {
        assert_eq!(tracker.to_string(), plain);
    }
    if let Ok(receipt) = text.parse::<Receipt>() {
        assert_eq!(receipt.to_string(), plain);
    }
    if let Ok(key) = text.parse::<LogKey>() {
        assert_eq!(key.to_string(), plain);
    }
    if let Ok(witness) = text.parse::<Witness>() {
        assert_eq!(witness.to_string(), text);
    }
    if let Ok(signed) = text.parse::<SignedCheckpoint>() {
        assert_eq!(signed.to_string(), text);
    }
    if let Ok(fork) = text.parse::<Fork>() {
        assert_eq!(fork.to_string(), text);
    }
    if let Ok(tile) = text.parse::<HashTile>() {
        assert_eq!(tile.to_string(), text);
    }
    if let Ok(bundle) = text.parse::<EntryBundle>() {
        assert_eq!(bundle.to_string(), text);
    }
    if let Ok(root) = text.parse::<Root>() {
        assert_eq!(root.to_string(), text.to_lowercase());
    }
    if let Ok(hash) = text.parse::<ManifestHash>() {
        assert_eq!(hash.to_string(), text.to_lowercase());
    }
});
