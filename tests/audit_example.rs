//! The audit of a folder, as the example `audit` does it: exit code 0, 1 or 2, whatever the folder holds.

mod common;
#[path = "../examples/audit.rs"]
mod example;

use clap::Parser;
use common::{
    World,
    folder::{BOARD, Files, Folder, Recorded, Signers},
};
use example::{Options, Verdict, judge};
use std::{fs, sync::OnceLock};
use tabella::{
    manifest::Contest,
    record::{Entries, Writer},
};

fn audit(folder: &Folder, options: &[&str]) -> Verdict {
    let folder = folder.0.to_str().unwrap();
    judge(&Options::try_parse_from([&["audit", folder], options].concat()).unwrap())
}

fn says(verdict: &Verdict, code: u8, words: &[&str]) {
    let text = verdict.to_string();
    assert_eq!(verdict.code(), code, "{text}");
    for word in words {
        assert!(text.contains(word), "'{word}' is not in:\n{text}");
    }
}

/// The smallest election.
fn tiny() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    RECORDED.get_or_init(|| Recorded::tiny(3, 0))
}

/// Where entries start, and where the last one ends.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut entries = Entries::new(bytes);
    let mut starts = vec![0];
    while entries.next().is_some() {
        starts.push(entries.at());
    }
    starts
}

#[test]
fn a_record_is_verified_and_its_results_are_shown() {
    let folder = Folder::new("verified");
    let signers = Signers::new(2);
    let mut world = World::new(2, (3, 2), &[0; 12], |builder| {
        let bridge = Contest::choose_one("bridge", ["yes", "no"]).blank();
        signers.register(builder.contest(bridge))
    });
    let board = world.referendum_board();
    let mut writer = Writer::create(&folder.0).unwrap();
    writer.follow(&board).unwrap();
    writer.checkpoint(&signers.sign(&world.manifest, writer.head(), &[2, 0])).unwrap();
    writer.views(board.state()).unwrap();
    let shown = ["turnout   12 of 12", "6   54.5 %  yes", "1           (blank)"];
    says(&audit(&folder, &[]), 0, &shown);
    says(
        &audit(&folder, &[]),
        0,
        &[
            "manifest.expected  not asked",
            "record.checkpoints passed",
            "record.views       passed",
            "result.totals      passed",
            r#"witnesses ["witness.example/east", "witness.example/south"]"#,
        ],
    );

    let (manifest, root) = (world.manifest.hash().to_string(), board.state().root().to_string());
    let size = board.state().size().to_string();
    let all = ["--expect-manifest", &manifest, "--expect-root", &root, "--expect-size", &size];
    says(&audit(&folder, &all), 0, &["manifest.expected  passed", "record.expected    passed"]);
    let other = "00".repeat(32);
    says(&audit(&folder, &["--expect-manifest", &other]), 1, &["manifest.expected  FAILED"]);
    says(&audit(&folder, &["--expect-root", &other]), 1, &["record.expected    FAILED"]);
    says(&audit(&folder, &["--expect-size", "3"]), 1, &["entries, expected 3"]);
}

#[test]
fn missing_additional_and_strange_files_are_refused() {
    let folder = Folder::new("files");
    let good = tiny();
    let last = good.last_checkpoint();
    says(&audit(&folder, &[]), 2, &[BOARD, "missing", "NOT A RECORD"]);
    folder.put(&good.files);
    says(&audit(&folder, &[]), 0, &["verified"]);

    // Each file missing, and a folder or too much in its place.
    let none = "there is none of the whole board";
    let without = [
        (BOARD, 2, "00000000.bin: missing"),
        (&last, 1, none),
        ("manifest.json", 0, "verified"),
        ("result.json", 0, "verified"),
    ];
    for (name, code, word) in without {
        let mut files = good.files.clone();
        files.remove(name).unwrap();
        folder.put(&files);
        says(&audit(&folder, &[]), code, &[word]);
        fs::create_dir(folder.file(name)).unwrap();
        let verdict = audit(&folder, &[]);
        says(&verdict, 2, &[name, "not a file of a record", "NOT A RECORD"]);
    }
    let too_long = Files::from([(last.clone(), vec![b'x'; 200_000])]);
    folder.put(&good.files.clone().into_iter().chain(too_long).collect());
    says(&audit(&folder, &[]), 2, &[&last, "not a file of a record"]);
    for name in ["board", "checkpoints"] {
        folder.put(&good.files);
        fs::remove_dir_all(folder.file(name)).unwrap();
        let (code, word) = if name == "board" { (2, "missing") } else { (1, none) };
        says(&audit(&folder, &[]), code, &[word]);
        fs::write(folder.file(name), "").unwrap();
        says(&audit(&folder, &[]), 2, &[name, "NOT A RECORD"]);
    }

    // Files that are no part of a record, or are named in another way.
    let strange = [
        "more.bin",
        "board.bin",
        "board/more",
        "board/0.bin",
        "board/000000001.bin",
        "board/00000001.txt",
        "board/+0000001.bin",
        "board/-0000001.bin",
        "checkpoints/last.txt",
        "checkpoints/007.txt",
        "checkpoints/99999999999999999999.txt",
        "checkpoints/7.bin",
        "Manifest.json",
    ];
    for name in strange {
        folder.put(&good.files);
        fs::write(folder.file(name), "").unwrap();
        let verdict = audit(&folder, &[]);
        says(&verdict, 2, &[&format!("{name}: no part of a record"), "NOT A RECORD"]);
    }
    folder.put(&good.files);
    fs::create_dir(folder.file("more")).unwrap();
    says(&audit(&folder, &[]), 2, &["more: no part of a record"]);
    // What a writer left unfinished is no part of the record, and does no harm.
    folder.put(&good.files);
    fs::write(folder.file("result.json.part"), "{").unwrap();
    fs::write(folder.file("checkpoints/7.txt.part"), "x").unwrap();
    says(&audit(&folder, &[]), 0, &["verified"]);

    let nowhere = Options::try_parse_from(["audit", "/nowhere/at/all"]).unwrap();
    says(&judge(&nowhere), 2, &["/nowhere/at/all"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_refused() {
    let folder = Folder::new("plain");
    let good = tiny();
    let last = good.last_checkpoint();
    for name in [BOARD, &last, "manifest.json"] {
        folder.put(&good.files);
        fs::remove_file(folder.file(name)).unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.file(name)).unwrap();
        says(&audit(&folder, &[]), 2, &[name, "not a file of a record"]);
    }
}

#[test]
fn an_empty_board_shows_no_election() {
    let folder = Folder::new("empty");
    folder.put(&Files::from([(BOARD.into(), vec![])]));
    says(&audit(&folder, &[]), 1, &["record.complete    FAILED"]);
    says(&audit(&folder, &["--partial"]), 1, &["record.complete    FAILED"]);
}

#[test]
fn a_record_without_a_result_is_refused_unless_it_may_be_partial() {
    let folder = Folder::new("partial");
    let mut good = Recorded::tiny(4, 0);
    let board = good.world.open();
    let mut writer = Writer::create(&folder.0).unwrap();
    writer.follow(&board).unwrap();
    says(
        &audit(&folder, &[]),
        1,
        &["during voting, without a result", "record.checkpoints FAILED"],
    );
    says(&audit(&folder, &["--partial"]), 0, &["record.complete    not asked", "without a result"]);
}

#[test]
fn a_record_that_is_cut_off_is_refused_with_the_place() {
    let folder = Folder::new("cut");
    let good = tiny();
    let bytes = &good.files[BOARD];
    let starts = starts(bytes);
    folder.put(&good.files);
    let cut = |at: usize| fs::write(folder.file(BOARD), &bytes[..at]).unwrap();
    let size = good.board.state().size();
    for (entry, start) in starts.iter().enumerate().take(starts.len() - 1) {
        // At an entry's start the board is whole, but not the one of the checkpoint.
        cut(*start);
        let verdict = audit(&folder, &["--partial"]);
        match entry {
            0 => says(&verdict, 1, &["record.complete    FAILED"]),
            _ => {
                let beyond =
                    format!("checkpoint of size {size}: the board has only {entry} entries");
                says(&verdict, 1, &[&beyond, "result.json: the board has nothing of the kind"]);
            }
        }
        let end = starts[entry + 1];
        for at in [start + 1, start + 2, (start + end) / 2, end - 1] {
            cut(at);
            let missing = if at - start < 2 { 1 } else { end - at };
            let place = format!(
                "record.form: entry {entry}: {BOARD}: the entry at byte {start} is torn: {missing} bytes"
            );
            says(&audit(&folder, &["--partial"]), 1, &[&place, "REFUSED"]);
            says(&audit(&folder, &[]), 1, &[&place, "REFUSED"]);
        }
    }
    // With the checkpoints and views that there were by then, a part is right as far as it goes.
    fs::remove_file(folder.file(&good.last_checkpoint())).unwrap();
    fs::remove_file(folder.file("result.json")).unwrap();
    cut(starts[starts.len() - 2]);
    says(&audit(&folder, &["--partial"]), 0, &["without a result"]);
    says(&audit(&folder, &[]), 1, &["record.complete    FAILED"]);
}

#[test]
fn bytes_behind_the_end_are_refused() {
    let folder = Folder::new("longer");
    let good = tiny();
    let size = good.board.state().size();
    let tails: [(&[u8], String); 5] = [
        (&[0], format!("record.form: entry {size}: {BOARD}: the entry at byte")),
        (&[0, 9, 5], format!("record.form: entry {size}: {BOARD}: the entry at byte")),
        (&[0, 0], format!("record.form: entry {size}")),
        (&[0, 1, 77], format!("entry {size}: unknown object")),
        (&[0, 1, 5], format!("entry {size}: ballot: ")),
    ];
    for (tail, word) in &tails {
        let mut files = good.files.clone();
        files.get_mut(BOARD).unwrap().extend_from_slice(tail);
        folder.put(&files);
        for options in [&[][..], &["--partial"]] {
            says(&audit(&folder, options), 1, &[word, "REFUSED"]);
        }
    }
    let last = good.last_checkpoint();
    for (name, code, word) in
        [(&*last, 2, "line"), ("manifest.json", 1, "at byte"), ("result.json", 1, "at byte")]
    {
        let mut files = good.files.clone();
        files.get_mut(name).unwrap().extend_from_slice(b"\n\n");
        folder.put(&files);
        says(&audit(&folder, &[]), code, &[name, word]);
        files.insert(name.into(), vec![]);
        folder.put(&files);
        says(&audit(&folder, &[]), code, &[name]);
    }
}

/// Changes a byte of each file, at every `step`-th place, in every bit.
fn change_bytes(name: &str, step: usize) {
    let folder = Folder::new(name);
    let good = tiny();
    folder.put(&good.files);
    let last = good.last_checkpoint();
    for (name, step) in [(BOARD, step), (&last, 1), ("manifest.json", 31), ("result.json", 31)] {
        let bytes = &good.files[name];
        for place in (0..bytes.len()).step_by(step) {
            // A board that is changed is refused even as a part of one.
            let options = if place % 2 == 0 && name != last { &["--partial"][..] } else { &[] };
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[place] ^= 1 << bit;
                fs::write(folder.file(name), bad).unwrap();
                let verdict = audit(&folder, options);
                assert_ne!(verdict.code(), 0, "{name}, byte {place}, bit {bit}:\n{verdict}");
            }
        }
        fs::write(folder.file(name), bytes).unwrap();
    }
    says(&audit(&folder, &[]), 0, &["verified"]);
}

#[test]
fn a_changed_byte_is_refused() {
    change_bytes("changed", 41);
}

#[test]
#[ignore = "takes minutes"]
fn every_changed_byte_is_refused() {
    change_bytes("all-changed", 1);
}
