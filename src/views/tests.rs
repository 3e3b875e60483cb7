#![cfg(feature = "std")]

use super::*;
use crate::{
    contest::Contest,
    count::{Counting, Method, TieBreak},
    crypto::{message, signature::AuthorSecret},
};
use alloc::{format, vec::Vec};
use rand_core::OsRng;
use std::{fs, io::BufWriter};

/// An election with one ranking of 13 options, and so many rows, of which every 1,000th is invalid.
fn outcome(rows: usize) -> Outcome {
    let rng = &mut OsRng;
    let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
    let operator = AuthorSecret::random(rng).unwrap().public().clone();
    let options = (0..13).map(|n| format!("option {n}"));
    let counting = Counting { method: Method::Borda, seats: 1, tie_break: TieBreak::Order };
    let manifest = Manifest::builder("large").operator(operator).trustees([key()], 1);
    let manifest = manifest.contest(Contest::rank("q", options, counting)).build().unwrap();
    let slot =
        |ranks: &[u8]| -> [u8; 32] { message::encode(ranks, 1).unwrap()[0].compress().to_bytes() };
    let ranked: Vec<[u8; 32]> = (0..13u8)
        .map(|first| slot(&(0..13).map(|n| (n + first) % 13 + 1).collect::<Vec<u8>>()))
        .collect();
    let invalid = slot(&[1; 13]);
    let row = |n: usize| if n % 1_000 == 999 { invalid } else { ranked[n % 13] };
    Outcome::of_rows(&manifest, (0..rows).map(row).collect())
}

#[test]
fn rows_that_are_written_piece_by_piece_are_all_there() {
    let rows = 2 * 4_096 + 3;
    let outcome = outcome(rows);
    let text = result(&outcome);
    let mut written = Vec::new();
    write_result(&outcome, &mut written).unwrap();
    assert!(written == text.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let read = json["contests"][0]["cells"][0]["rows"].as_array().unwrap();
    assert_eq!(read.len(), rows);
    for (n, row) in read.iter().enumerate() {
        assert_eq!(row.get("points").is_some(), n % 1_000 == 999, "{n}");
        let first = row.get("ranks").map(|ranks| ranks[0].as_u64().unwrap() as usize);
        assert_eq!(first, (n % 1_000 != 999).then_some(n % 13 + 1), "{n}");
    }
}

#[test]
fn a_view_that_differs_is_not_read_to_its_end() {
    let outcome = outcome(5_000);
    let content = Content::Result(&outcome);
    let good = result(&outcome);
    assert_eq!(content.differs(&good.clone().into()), Ok(None));
    for at in [0, 1, good.len() / 2, good.len() - 1] {
        let mut other = good.clone().into_bytes();
        other[at] ^= 1;
        assert_eq!(content.differs(&other.into()), Ok(Some(at)));
        assert_eq!(content.differs(&good[..at].to_owned().into()), Ok(Some(at)));
    }
    assert_eq!(content.differs(&format!("{good} ").into()), Ok(Some(good.len())));
}

/// What a national election by ranked ballots writes: more than 2²⁸ bytes.
#[test]
#[ignore = "takes a minute"]
fn a_large_result_is_written_and_compared_as_it_is_read() {
    let memory = || {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        line.to_owned()
    };
    let outcome = outcome(1_000_000);
    let name = format!("tabella-large-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    fs::create_dir_all(path.join("board")).unwrap();
    fs::write(path.join("board/00000000.bin"), b"").unwrap();
    let file = path.join("result.json");
    let before = memory();
    let mut out = BufWriter::new(fs::File::create(&file).unwrap());
    write_result(&outcome, &mut out).unwrap();
    drop(out.into_inner().unwrap());
    let length = fs::metadata(&file).unwrap().len();
    assert!(length > 1 << 28, "{length}");
    let views = crate::record::Folder::open(&path).unwrap().views().unwrap();
    let clock = std::time::Instant::now();
    assert_eq!(Content::Result(&outcome).differs(&views["result.json"]), Ok(None));
    std::println!("{length} bytes compared in {:?}; {before}, then {}", clock.elapsed(), memory());
    fs::remove_dir_all(&path).unwrap();
}
