//! Test vectors: everything in `tests/vectors` is generated again and compared byte for byte.
//!
//! With `TABELLA_WRITE_VECTORS=1` the files are written instead.
#![cfg(all(feature = "std", feature = "serde", feature = "wide"))]

mod vectors_gen;

use rand_core::OsRng;
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};
use tabella::{Expect, audit};
use vectors_gen::{
    ballots, bundle, counts, crypto, decryption,
    elections::{self, files},
    example, folded,
    json::Json,
    keys, kinds, log, messages, mixing, mutations, shuffles, wide,
};

/// The folder of the vectors.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// A temporary folder.
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

fn of_manifests() -> Json {
    let cases = [elections::election(), elections::ceremony(), elections::council()];
    ballots::manifests(cases.each_ref().map(|case| &case.world))
}

#[test]
fn crypto_json() {
    compare("crypto.json", crypto::json(&elections::election()).to_string().as_bytes());
}

#[test]
fn manifest_json() {
    compare("manifest.json", of_manifests().to_string().as_bytes());
}

#[test]
fn ballot_json() {
    compare("ballot.json", ballots::ballots(&elections::election()).to_string().as_bytes());
}

#[test]
fn bundle_json() {
    let [election, ceremony, other] =
        [elections::election(), elections::ceremony(), elections::other()];
    compare("bundle.json", bundle::json(&election, &ceremony, &other).to_string().as_bytes());
}

fn of_keys() -> Json {
    keys::json(&elections::ceremony(), &elections::election())
}

#[test]
fn keys_json() {
    compare("keys.json", of_keys().to_string().as_bytes());
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
fn message_json() {
    compare("message.json", messages::json().to_string().as_bytes());
}

#[test]
fn shuffle_json() {
    compare("shuffle.json", shuffles::json().to_string().as_bytes());
}

#[test]
fn wide_json() {
    compare("wide.json", wide::json().to_string().as_bytes());
}

#[test]
fn folded_json() {
    compare("folded.json", folded::json().to_string().as_bytes());
}

#[test]
fn mixing_json() {
    compare("mixing.json", mixing::json(&elections::council()).to_string().as_bytes());
}

#[test]
fn count_json() {
    compare("count.json", counts::json().to_string().as_bytes());
}

/// The example in the specification has exactly the values of the vectors.
#[test]
fn the_example_of_the_specification() {
    let election = elections::election();
    let vectors = example::Vectors {
        manifest: of_manifests(),
        keys: of_keys(),
        ballot: ballots::ballots(&election),
        decryption: decryption::json(&election),
        log: log::json(&election),
    };
    compare("../../docs/spec/example.md", example::text(&vectors).as_bytes());
}

/// The specification shows one complete result, as in the record.
#[test]
fn the_result_of_the_specification() {
    let council = elections::council();
    let result = tabella::views::result(council.board().state().outcome().unwrap());
    compare("../../docs/spec/result.md", example::result(&result).as_bytes());
}

/// The folder holds only files that a test compares.
#[test]
fn no_other_files() {
    let names = [
        "crypto",
        "manifest",
        "message",
        "ballot",
        "bundle",
        "folded",
        "keys",
        "shuffle",
        "mixing",
        "decryption",
        "count",
        "log",
        "mutations",
        "wide",
    ];
    let mut expected: BTreeSet<String> = names.iter().map(|name| format!("{name}.json")).collect();
    expected.insert("README.md".into());
    let records = ["election/", "ceremony/", "council/", "kinds/"];
    let of_record = |name: &String| records.iter().any(|record| name.starts_with(record));
    let found: BTreeSet<String> = files(&folder()).into_keys().filter(|n| !of_record(n)).collect();
    assert_eq!(found, expected);
}

/// The record of all kinds of contests, by trustees in groups, is accepted.
#[test]
fn a_record_of_every_kind() {
    let (board, path) = (kinds::board(), scratch("kinds"));
    kinds::write(&board, &path);
    let made = files(&path);
    made.iter().for_each(|(file, bytes)| compare(&format!("kinds/{file}"), bytes));
    assert!(files(&folder().join("kinds")).into_keys().eq(made.into_keys()));
    let hash = board.state().manifest().unwrap().hash();
    let report = audit::run(board.bytes(), &Expect::manifest(hash), &mut OsRng).unwrap();
    assert!(report.is_accepted(), "{report}");
}

#[test]
fn mutations_are_refused() {
    let cases = [elections::election(), elections::ceremony(), elections::council()];
    let bases = cases.each_ref().map(|case| {
        let path = scratch(case.name);
        case.write(&path);
        let made = files(&path);
        made.iter().for_each(|(file, bytes)| compare(&format!("{}/{file}", case.name), bytes));
        assert!(files(&folder().join(case.name)).into_keys().eq(made.into_keys()), "{}", case.name);
        (case.name, case.entries(), path)
    });
    let start = std::time::Instant::now();
    let all = mutations::all(&cases);
    println!("{} made in {:?}", all.len(), start.elapsed());
    let start = std::time::Instant::now();
    let found = mutations::judge_all(&all, &bases, &scratch("edited"));
    println!("judged in {:?}", start.elapsed());
    let mut wrong = 0;
    for (mutation, found) in all.iter().zip(&found) {
        if found.first().map(|(check, _)| check.as_str()) != mutation.expected {
            println!(
                "{} ({}): expected {:?}, found {found:?}",
                mutation.name, mutation.base, mutation.expected
            );
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0);
    compare("mutations.json", mutations::json(&all, &found).to_string().as_bytes());
}
