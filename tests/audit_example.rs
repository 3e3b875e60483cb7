//! The audit of a folder, as the example `audit` does it: exit code 0, 1 or 2, whatever the folder holds.

mod common;
#[path = "../examples/audit.rs"]
mod example;

use clap::Parser;
use common::World;
use example::{
    Options, Verdict,
    common::{BOARD, CHECKPOINT},
    judge,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tabella::{
    ballot::{Choices, Header},
    board::Board,
    manifest::Contest,
    record::Entries,
};

/// A folder of its own for each test, empty and gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn audit(&self, options: &[&str]) -> Verdict {
        let folder = self.0.to_str().unwrap();
        judge(&Options::try_parse_from([&["audit", folder], options].concat()).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The smallest election: one trustee, two voters, one question.
fn tiny() -> (World, Board) {
    let mut world = World::new(3, (1, 1), &[0; 2], |builder| {
        builder.minimum_cell(1).contest(Contest::choose_one("q", ["yes", "no"]))
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, option) in ["yes", "no"].into_iter().enumerate() {
        let choices = Choices::new().pick("q", option);
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.cast(&ballot, &mut world.rng).unwrap();
    }
    world.finish(&mut board, &[0]);
    (world, board)
}

fn says(verdict: &Verdict, code: u8, words: &[&str]) {
    let text = verdict.to_string();
    assert_eq!(verdict.code(), code, "{text}");
    for word in words {
        assert!(text.contains(word), "'{word}' is not in:\n{text}");
    }
}

#[test]
fn a_record_is_verified_and_its_results_are_shown() {
    let folder = Folder::new("verified");
    let mut world = World::referendum(2);
    let board = world.referendum_board();
    example::common::write(&folder.0, &board).unwrap();
    says(&folder.audit(&[]), 0, &["turnout   12 of 12", "6   54.5 %  yes", "1           (blank)"]);
    says(&folder.audit(&[]), 0, &["manifest.expected  not asked", "result.totals      passed"]);

    let (manifest, root) = (world.manifest.hash().to_string(), board.state().root().to_string());
    let size = board.state().size().to_string();
    let all = ["--expect-manifest", &manifest, "--expect-root", &root, "--expect-size", &size];
    says(&folder.audit(&all), 0, &["manifest.expected  passed", "record.expected    passed"]);
    let other = "00".repeat(32);
    says(&folder.audit(&["--expect-manifest", &other]), 1, &["manifest.expected  FAILED"]);
    says(&folder.audit(&["--expect-root", &other]), 1, &["record.expected    FAILED"]);
    says(&folder.audit(&["--expect-size", "3"]), 1, &["entries, expected 3"]);
}

#[test]
fn missing_additional_and_strange_files_are_refused() {
    let folder = Folder::new("files");
    let (_, board) = tiny();
    let renew = || example::common::write(&folder.0, &board).unwrap();
    says(&folder.audit(&[]), 2, &[CHECKPOINT, "NOT A RECORD"]);
    for name in [BOARD, CHECKPOINT] {
        renew();
        fs::remove_file(folder.file(name)).unwrap();
        says(&folder.audit(&[]), 2, &[name, "NOT A RECORD"]);
        fs::create_dir(folder.file(name)).unwrap();
        says(&folder.audit(&[]), 2, &[name, "not a file of a record"]);
        fs::remove_dir(folder.file(name)).unwrap();
    }
    renew();
    fs::write(folder.file(CHECKPOINT), "x".repeat(2_000)).unwrap();
    says(&folder.audit(&[]), 2, &["not a file of a record"]);
    renew();
    fs::write(folder.file("more.bin"), "").unwrap();
    says(&folder.audit(&[]), 2, &["more.bin: no part of a record"]);
    fs::remove_file(folder.file("more.bin")).unwrap();
    fs::write(folder.file(CHECKPOINT), [b't', 0xff]).unwrap();
    says(&folder.audit(&[]), 2, &["no text at byte 1"]);
    // An empty board can be read and shows no election.
    renew();
    fs::write(folder.file(BOARD), "").unwrap();
    says(&folder.audit(&[]), 1, &["record.complete    FAILED"]);
    says(&folder.audit(&["--partial"]), 1, &["record.complete    FAILED"]);
    let nowhere = Options::try_parse_from(["audit", "/nowhere/at/all"]).unwrap();
    says(&judge(&nowhere), 2, &["/nowhere/at/all"]);
}

#[test]
fn a_record_without_a_result_is_refused_unless_it_may_be_partial() {
    let folder = Folder::new("partial");
    let mut world = World::referendum(4);
    let board = world.open();
    example::common::write(&folder.0, &board).unwrap();
    says(&folder.audit(&[]), 1, &["during voting, without a result"]);
    says(&folder.audit(&["--partial"]), 0, &["record.complete    not asked", "without a result"]);
}

#[test]
fn a_record_that_is_cut_off_is_refused_with_the_place() {
    let folder = Folder::new("cut");
    let (_, board) = tiny();
    let bytes = board.bytes();
    example::common::write(&folder.0, &board).unwrap();
    let mut starts = vec![];
    let mut entries = Entries::new(bytes);
    loop {
        starts.push(entries.at());
        if entries.next().is_none() {
            break;
        }
    }
    for (entry, start) in starts.iter().enumerate().take(starts.len() - 1) {
        // At an entry's start the board is whole, but not the one of the checkpoint.
        fs::write(folder.file(BOARD), &bytes[..*start]).unwrap();
        says(&folder.audit(&["--partial"]), 1, &[CHECKPOINT, "REFUSED"]);
        let end = starts[entry + 1];
        for cut in [start + 1, start + 2, (start + end) / 2, end - 1] {
            fs::write(folder.file(BOARD), &bytes[..cut]).unwrap();
            let place = format!("the entry at byte {start} is torn");
            says(&folder.audit(&["--partial"]), 2, &[&place, "NOT A RECORD"]);
        }
    }
}

/// Changes a byte of each file, at every `step`-th place, in every bit.
fn change_bytes(name: &str, step: usize) {
    let folder = Folder::new(name);
    let (_, board) = tiny();
    example::common::write(&folder.0, &board).unwrap();
    says(&folder.audit(&[]), 0, &["verified"]);
    for (name, step) in [(BOARD, step), (CHECKPOINT, 1)] {
        let good = fs::read(folder.file(name)).unwrap();
        for place in (0..good.len()).step_by(step) {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[place] ^= 1 << bit;
                fs::write(folder.file(name), bad).unwrap();
                for options in [&[][..], &["--partial"]] {
                    let verdict = folder.audit(options);
                    assert_ne!(verdict.code(), 0, "{name}, byte {place}, bit {bit}:\n{verdict}");
                }
            }
        }
        fs::write(folder.file(name), good).unwrap();
    }
}

#[test]
fn a_changed_byte_is_refused() {
    change_bytes("changed", 23);
}

#[test]
#[ignore = "takes minutes"]
fn every_changed_byte_is_refused() {
    change_bytes("all-changed", 1);
}
