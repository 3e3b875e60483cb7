//! Test vectors: everything in `tests/vectors` is made again and compared byte for byte.
//!
//! With `TABELLA_WRITE_VECTORS=1` it is written instead.
#![cfg(all(feature = "std", feature = "serde"))]

mod common;
#[path = "common/dealer.rs"]
mod dealer;
mod vectors_gen;

use std::{
    env, fs,
    path::{Path, PathBuf},
};
use vectors_gen::{
    ballots, crypto, decryption,
    elections::{self, files},
    keys, log, mutations,
};

/// Where the vectors are.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// A folder for files that nobody needs afterwards.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors").join(name)
}

fn writes() -> bool {
    env::var_os("TABELLA_WRITE_VECTORS").is_some_and(|value| value == "1")
}

/// Compares a file with what it should be, or writes it.
fn compare(name: &str, expected: &[u8]) {
    let path = folder().join(name);
    if writes() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        return fs::write(path, expected).unwrap();
    }
    let found = fs::read(&path).unwrap_or_default();
    let same = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    assert!(found == expected, "{name} differs from byte {same} on");
}

#[test]
fn crypto_json() {
    compare("crypto.json", crypto::json(&elections::election()).to_string().as_bytes());
}

#[test]
fn manifest_json() {
    let (election, ceremony) = (elections::election(), elections::ceremony());
    let json = ballots::manifests([&election.world, &ceremony.world]);
    compare("manifest.json", json.to_string().as_bytes());
}

#[test]
fn ballot_json() {
    compare("ballot.json", ballots::ballots().to_string().as_bytes());
}

#[test]
fn keys_json() {
    compare("keys.json", keys::json(&elections::ceremony()).to_string().as_bytes());
}

#[test]
fn decryption_json() {
    compare("decryption.json", decryption::json(&elections::election()).to_string().as_bytes());
}

#[test]
fn log_json() {
    compare("log.json", log::json(&elections::election()).to_string().as_bytes());
}

#[test]
fn mutations_are_refused() {
    let (election, ceremony) = (elections::election(), elections::ceremony());
    let folders = [&election, &ceremony].map(|case| {
        let path = scratch(case.name);
        case.write(&path);
        path
    });
    let entries = [election.entries(), ceremony.entries()];
    for (name, path) in ["election", "ceremony"].into_iter().zip(&folders) {
        for (file, bytes) in files(path) {
            compare(&format!("{name}/{file}"), &bytes);
        }
    }
    let start = std::time::Instant::now();
    let all = mutations::all(&election, &ceremony);
    println!("{} made in {:?}", all.len(), start.elapsed());
    let start = std::time::Instant::now();
    let bases = [(&entries[0][..], folders[0].as_path()), (&entries[1][..], folders[1].as_path())];
    let found = mutations::judge_all(&all, bases, &scratch("edited"));
    println!("judged in {:?}", start.elapsed());
    let mut wrong = 0;
    for (mutation, found) in all.iter().zip(&found) {
        if found.first().map(|(check, _)| check.as_str()) != mutation.expected {
            println!("{} ({}): expected {:?}, found {found:?}", mutation.name, mutation.base, mutation.expected);
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
    compare("mutations.json", mutations::json(&all, &found).to_string().as_bytes());
}
