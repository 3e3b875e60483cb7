//! A manifest that can be read has one encoding, and says the same as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tabella::{codec::Encode, manifest::Manifest};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::from_canonical(bytes) {
        assert_eq!(manifest.to_bytes(), bytes);
        assert_eq!(Manifest::from_json(&manifest.to_json()), Ok(manifest));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(manifest) = Manifest::from_json(text)
    {
        assert_eq!(Manifest::from_canonical(&manifest.to_bytes()), Ok(manifest));
    }
});
