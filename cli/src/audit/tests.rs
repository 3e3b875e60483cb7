//! The audit of a folder: exit codes 0 to 3, whatever the folder holds.

use super::{Options, Verdict, judge};
use attacks::{
    World,
    folder::{BOARD, Files, Folder, Recorded, Signers},
};
use clap::Parser;
use std::{fs, sync::OnceLock};
use tabella::{
    ballot::{Choices, Header},
    contest::Contest,
    log::{
        Entries, SEGMENT,
        checkpoint::{Checkpoint, Fork, LogSecret},
        merkle::{Head, Tree},
    },
    manifest::Manifest,
    record::Writer,
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

/// The offsets of all entries, and the end of the last one.
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
    says(&audit(&folder, &[]), 3, &shown);
    says(
        &audit(&folder, &[]),
        3,
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
    // Many elections have the same size.
    let consistent =
        "\nconsistent, but which election it is was not checked: see --expect-manifest";
    for options in [&[][..], &["--expect-size", &size]] {
        says(&audit(&folder, options), 3, &["known     nothing", consistent]);
    }
    let known = ["known     which election this is; which ballots", "\nverified\n"];
    says(&audit(&folder, &["--expect-manifest", &manifest]), 0, &known);
    let known = ["known     which election this is, and which ballots", "\nverified\n"];
    says(&audit(&folder, &["--expect-root", &root]), 0, &known);
}

#[test]
fn missing_additional_and_strange_files_are_refused() {
    let folder = Folder::new("files");
    let good = tiny();
    let last = good.last_checkpoint();
    says(&audit(&folder, &[]), 2, &[BOARD, "missing", "NOT A RECORD"]);
    folder.put(&good.files);
    says(&audit(&folder, &[]), 3, &["consistent"]);

    // Each file missing, or replaced by a folder or by too much.
    let none = "missing; there must be one of the whole board";
    let without = [
        (BOARD, 2, "00000000.bin\": missing"),
        (&last, 1, none),
        ("manifest.json", 3, "consistent"),
        ("result.json", 3, "consistent"),
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
    says(&audit(&folder, &[]), 2, &[&last, "200000 bytes, where at most 100000 are allowed"]);
    for name in ["board", "checkpoints"] {
        folder.put(&good.files);
        fs::remove_dir_all(folder.file(name)).unwrap();
        let (code, word) = if name == "board" { (2, "missing") } else { (1, none) };
        says(&audit(&folder, &[]), code, &[word]);
        fs::write(folder.file(name), "").unwrap();
        says(&audit(&folder, &[]), 2, &[name, "NOT A RECORD"]);
    }

    // Files that do not belong to a record, or have wrong names.
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
        says(&verdict, 2, &[&format!("{name}\": no part of a record"), "NOT A RECORD"]);
    }
    folder.put(&good.files);
    fs::create_dir(folder.file("more")).unwrap();
    says(&audit(&folder, &[]), 2, &["more\": no part of a record"]);
    // An unfinished file of a writer is not part of the record, and does no harm.
    folder.put(&good.files);
    fs::write(folder.file("result.json.part"), "{").unwrap();
    fs::write(folder.file("checkpoints/7.txt.part"), "x").unwrap();
    says(&audit(&folder, &[]), 3, &["consistent"]);

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
    // Links are refused, too, even to the very file or folder.
    let elsewhere = Folder::new("plain-elsewhere");
    elsewhere.put(&good.files);
    for name in [BOARD, &last, "manifest.json", "result.json", "board", "checkpoints"] {
        folder.put(&good.files);
        match folder.file(name).is_dir() {
            true => fs::remove_dir_all(folder.file(name)).unwrap(),
            false => fs::remove_file(folder.file(name)).unwrap(),
        }
        std::os::unix::fs::symlink(elsewhere.file(name), folder.file(name)).unwrap();
        says(&audit(&folder, &[]), 2, &[name, "not a file of a record"]);
        let resumed = Writer::resume(&folder.0).map(drop);
        assert!(resumed.is_err() || name.ends_with(".json"), "{name}");
    }
    assert_eq!(elsewhere.files(), good.files);
}

/// Whatever a file name holds, it does nothing to a terminal and hides nothing.
#[cfg(unix)]
#[test]
fn names_of_files_are_shown_escaped() {
    let folder = Folder::new("escaped");
    let good = tiny();
    let wild = "x\u{1b}[2J\u{9b}31m\u{202e}\ny";
    folder.put(&good.files);
    fs::write(folder.file(wild), "").unwrap();
    let mut texts = vec![audit(&folder, &[]).to_string()];
    let inner = Folder(folder.file(wild));
    fs::remove_file(&inner.0).unwrap();
    for name in [BOARD, "checkpoints/7.txt", "manifest.json"] {
        let _ = fs::remove_dir_all(&inner.0);
        fs::create_dir_all(inner.file("board")).unwrap();
        fs::create_dir_all(inner.file("checkpoints")).unwrap();
        fs::write(inner.file(BOARD), "x").unwrap();
        texts.push(Writer::create(&inner.0).unwrap_err().to_string());
        let _ = fs::remove_file(inner.file(name));
        fs::create_dir(inner.file(name)).unwrap();
        texts.push(audit(&inner, &[]).to_string());
    }
    let file = inner.file("no such file");
    let path = file.to_str().unwrap();
    for option in ["--checkpoint", "--save"] {
        fs::create_dir_all(&file).unwrap();
        texts.push(audit(&folder, &[option, path]).to_string());
    }
    for text in texts {
        assert!(text.contains(r"x\u{1b}[2J\u{9b}31m\u{202e}\ny"), "{text:?}");
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_checkpoint_has_at_most_100_000_bytes() {
    let folder = Folder::new("longest");
    let good = tiny();
    let last = good.last_checkpoint();
    let text = String::from_utf8(good.files[&last].clone()).unwrap();
    // Lines of unknown keys, so many that the file has this many bytes.
    let with = |length: usize| {
        let mut bytes = text.clone().into_bytes();
        let long = format!("— junk {}\n", "AAAA".repeat(20_000));
        bytes.extend_from_slice(long.as_bytes());
        let rest = length - bytes.len() - "— n \n".len();
        let name = "n".repeat(rest % 4);
        bytes.extend_from_slice(format!("— n{name} {}\n", "AAAA".repeat(rest / 4)).as_bytes());
        assert_eq!(bytes.len(), length);
        bytes
    };
    let mut files = good.files.clone();
    files.insert(last.clone(), with(100_000));
    folder.put(&files);
    says(&audit(&folder, &[]), 3, &["record.checkpoints passed"]);
    files.insert(last.clone(), with(100_001));
    folder.put(&files);
    says(&audit(&folder, &[]), 2, &[&last, "100001 bytes, where at most 100000 are allowed"]);
}

/// A very long file is only found to be wrong.
#[test]
fn a_view_is_as_long_as_the_board_says() {
    let folder = Folder::new("long-views");
    let good = tiny();
    for name in ["manifest.json", "result.json"] {
        folder.put(&good.files);
        let length = good.files[name].len();
        let file = fs::OpenOptions::new().write(true).open(folder.file(name)).unwrap();
        // More than a gigabyte, but it takes no space on the disk.
        file.set_len(1 << 30).unwrap();
        let expected = format!("{name}: at byte {length} it is not what the board says");
        says(&audit(&folder, &[]), 1, &["record.views       FAILED", &expected]);
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
    says(&audit(&folder, &["--partial"]), 3, &["record.complete    not asked", "without a result"]);
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
        // Cut at the start of an entry, the board is whole, but not the one of the checkpoint.
        cut(*start);
        let verdict = audit(&folder, &["--partial"]);
        match entry {
            0 => says(&verdict, 1, &["record.complete    FAILED"]),
            _ => {
                let beyond =
                    format!("checkpoint of size {size}: the board has only {entry} entries");
                says(
                    &verdict,
                    1,
                    &[
                        &beyond,
                        "result.json: the board, as far as it was judged, has nothing of the kind",
                    ],
                );
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
    // With the checkpoints and views of that time, a part is right as far as it goes.
    fs::remove_file(folder.file(&good.last_checkpoint())).unwrap();
    fs::remove_file(folder.file("result.json")).unwrap();
    cut(starts[starts.len() - 2]);
    says(&audit(&folder, &["--partial"]), 3, &["without a result"]);
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

/// Changes a byte of each file at every `step`-th place, in every bit.
fn change_bytes(name: &str, step: usize) {
    let folder = Folder::new(name);
    let good = tiny();
    folder.put(&good.files);
    let last = good.last_checkpoint();
    for (name, step) in [(BOARD, step), (&last, 1), ("manifest.json", 31), ("result.json", 31)] {
        let bytes = &good.files[name];
        for place in (0..bytes.len()).step_by(step) {
            // A changed board is refused even as part of a record.
            let options = if place % 2 == 0 && name != last { &["--partial"][..] } else { &[] };
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[place] ^= 1 << bit;
                fs::write(folder.file(name), bad).unwrap();
                let verdict = audit(&folder, options);
                let refused = matches!(verdict, Verdict::Refused(_) | Verdict::Unreadable(_));
                assert!(refused, "{name}, byte {place}, bit {bit}:\n{verdict}");
            }
        }
        fs::write(folder.file(name), bytes).unwrap();
    }
    says(&audit(&folder, &[]), 3, &["consistent"]);
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

/// An election whose record has three segments.
fn large() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    RECORDED.get_or_init(|| Recorded::tiny(6, 2 * SEGMENT as usize + 20))
}

/// The same election once more, with other ballots.
fn another() -> &'static Recorded {
    static RECORDED: OnceLock<Recorded> = OnceLock::new();
    RECORDED.get_or_init(|| Recorded::tiny(7, SEGMENT as usize))
}

type Break = fn(&mut Files);

fn exchange(files: &mut Files, name: &str, other: &str) {
    let [a, b] = [name, other].map(|name| files[name].clone());
    files.insert(name.into(), b);
    files.insert(other.into(), a);
}

#[test]
fn segments_out_of_place_are_refused() {
    const NEXT: &str = "board/00000001.bin";
    const LAST: &str = "board/00000002.bin";
    const BREAKS: &[(&str, Break, u8, &str)] = &[
        ("nothing", |_| {}, 3, "consistent"),
        ("the first is missing", |f| drop(f.remove(BOARD)), 2, "00000000.bin\": missing"),
        ("the second is missing", |f| drop(f.remove(NEXT)), 2, "00000001.bin\": missing"),
        (
            "the last is missing",
            |f| drop(f.remove(LAST)),
            1,
            "the record ends during voting, without a result",
        ),
        (
            "the last is empty",
            |f| drop(f.insert(LAST.into(), vec![])),
            1,
            "the record ends during voting, without a result",
        ),
        (
            "the second is empty",
            |f| drop(f.insert(NEXT.into(), vec![])),
            1,
            "record.form: entry 4096: board/00000001.bin: 0 entries; expected 4096 before",
        ),
        (
            "the second has an entry less",
            |f| {
                let starts = starts(&f[NEXT]);
                f.get_mut(NEXT).unwrap().truncate(starts[4095]);
            },
            1,
            "record.form: entry 8191: board/00000001.bin: 4095 entries; expected 4096 before",
        ),
        (
            "the second is torn",
            |f| f.get_mut(NEXT).unwrap().truncate(9_000),
            1,
            "board/00000001.bin: the entry at byte",
        ),
        (
            "the second is longer",
            |f| f.get_mut(NEXT).unwrap().push(0),
            1,
            "board/00000001.bin: the segment is full at byte",
        ),
        (
            "the first two have changed places",
            |f| exchange(f, BOARD, NEXT),
            1,
            "record.order: entry 0: question",
        ),
        (
            "the last two have changed places",
            |f| exchange(f, NEXT, LAST),
            1,
            "entry 4096: question: ",
        ),
        (
            "the second is there twice",
            |f| {
                f.insert("board/00000003.bin".into(), f[LAST].clone());
                f.insert(LAST.into(), f[NEXT].clone());
            },
            1,
            "entry 8192: question: ",
        ),
        (
            "the last is there twice",
            |f| drop(f.insert("board/00000003.bin".into(), f[LAST].clone())),
            1,
            "board/00000002.bin: ",
        ),
        (
            "the last has another number",
            |f| {
                let last = f.remove(LAST).unwrap();
                f.insert("board/00000003.bin".into(), last);
            },
            2,
            "00000002.bin\": missing; segments are numbered",
        ),
        (
            "the first is that of another election",
            |f| drop(f.insert(BOARD.into(), another().files[BOARD].clone())),
            1,
            "entry 4096: question: ",
        ),
        (
            "the last is that of another election",
            |f| drop(f.insert(LAST.into(), another().files[NEXT].clone())),
            1,
            "entry 8192: ",
        ),
    ];
    let folder = Folder::new("segments");
    let good = large();
    assert_eq!(good.files.len(), 3 + 3 + 2);
    for (name, change, code, word) in BREAKS {
        let mut files = good.files.clone();
        change(&mut files);
        folder.put(&files);
        let verdict = audit(&folder, &[]);
        assert_eq!(verdict.code(), *code, "{name}\n{verdict}");
        says(&verdict, *code, &[word]);
    }
    // What was saved is not verified again, and is valid only for this record.
    let saved = Folder::new("segments-saved");
    folder.put(&good.files);
    let save = saved.file("state").to_str().unwrap().to_owned();
    let options = ["--save", &save, "--every", "3000"];
    says(&audit(&folder, &options), 3, &["consistent"]);
    says(&audit(&folder, &options), 3, &["consistent"]);
    folder.put(&another().files);
    let size = good.board.state().size();
    let were = format!("entries 0 to {} are not those that were examined before", size - 1);
    says(&audit(&folder, &options), 1, &["record.expected    FAILED", &were]);
    fs::write(&save, "x").unwrap();
    says(&audit(&folder, &options), 2, &[&save, "not what an audit saved"]);
}

#[test]
fn checkpoints_that_are_not_the_boards_are_refused() {
    let folder = Folder::new("checkpoints");
    let good = tiny();
    let (manifest, signers): (&Manifest, _) = (&good.world.manifest, &good.signers);
    let head = good.board.state().head();
    let last = good.last_checkpoint();
    let try_with = |name: &str, text: &str, code: u8, words: &[&str]| {
        let mut files = good.files.clone();
        files.insert(name.into(), text.as_bytes().to_vec());
        folder.put(&files);
        says(&audit(&folder, &[]), code, words);
    };
    let with = |witnesses: &[usize]| signers.sign(manifest, head, witnesses).to_string();
    let verified = &["record.checkpoints passed"][..];
    try_with(&last, &with(&[1, 2]), 3, verified);
    try_with(&last, &with(&[0, 1, 2]), 3, verified);
    let few = "1 witnesses cosigned it, 2 are needed";
    try_with(&last, &with(&[1]), 1, &["record.checkpoints FAILED", few]);
    try_with(&last, &with(&[]), 1, &["0 witnesses cosigned it, 2 are needed"]);
    // A record with its result is whole, whatever would have been accepted.
    says(&audit(&folder, &["--partial"]), 1, &["record.checkpoints FAILED", "REFUSED"]);

    // Another key, an unknown witness, another election.
    let checkpoint = Checkpoint::new(&manifest.origin(), head).unwrap();
    let other = LogSecret::random(&mut attacks::rng(99)).unwrap().sign(&checkpoint).to_string();
    try_with(
        &last,
        &other,
        1,
        &["record.checkpoints FAILED", &format!("checkpoint of size {}", head.size)],
    );
    let mut unknown = signers.sign(manifest, head, &[0]);
    let stranger = &Signers::new(98).witnesses[1];
    unknown.add(stranger.public(), stranger.cosign(&checkpoint, 5).unwrap()).unwrap();
    try_with(&last, &unknown.to_string(), 1, &["record.checkpoints FAILED"]);
    let other = Signers::new(97);
    let stranger = Recorded::tiny(97, 0);
    let foreign = other.sign(&stranger.world.manifest, head, &[0, 1]).to_string();
    try_with(&last, &foreign, 1, &["record.checkpoints FAILED"]);

    // Named for another size; of a size that the board does not have; empty.
    let misnamed = format!("the checkpoint is of size {}", head.size);
    try_with("checkpoints/9.txt", &with(&[0, 1]), 2, &["9.txt", &misnamed]);
    let beyond = Head { size: head.size + 1, ..head };
    let beyond_text = signers.sign(manifest, beyond, &[0, 1]).to_string();
    let name = format!("checkpoints/{}.txt", beyond.size);
    let word =
        format!("checkpoint of size {}: the board has only {} entries", beyond.size, head.size);
    try_with(&name, &beyond_text, 1, &[&word]);
    let empty = Tree::default().head();
    let empty = signers.sign(manifest, empty, &[]).to_string();
    try_with("checkpoints/0.txt", &empty, 3, verified);
    for text in ["", "\n", "x", "origin\n1\n"] {
        try_with(&last, text, 2, &[&last, "NOT A RECORD"]);
    }
    let mut files = good.files.clone();
    files.insert(last.clone(), vec![b't', 0xff]);
    folder.put(&files);
    says(&audit(&folder, &[]), 2, &["no text at byte 1"]);

    // Two roots for one size.
    let forked = Head { root: [7; 32].into(), ..head };
    let forked = signers.sign(manifest, forked, &[0, 1]);
    let own = signers.sign(manifest, head, &[0, 1]);
    folder.put(&good.files);
    let elsewhere = Folder::new("elsewhere");
    let file = elsewhere.file("seen.txt");
    fs::write(&file, forked.to_string()).unwrap();
    let option = ["--checkpoint", file.to_str().unwrap()];
    says(
        &audit(&folder, &option),
        1,
        &["record.checkpoints FAILED", "the log showed another board"],
    );
    fs::write(&file, own.to_string()).unwrap();
    says(&audit(&folder, &option), 0, verified);
    fs::write(&file, "x").unwrap();
    says(&audit(&folder, &option), 2, &["seen.txt\": "]);
    let fork = Fork::find(&own, &forked).unwrap();
    fork.verify(&manifest.origin(), &signers.log.public()).unwrap();
    assert_eq!(fork.to_string().parse(), Ok(fork));
    assert_eq!(Fork::find(&own, &own), None);
    assert_eq!(Fork::find(&own, &signers.sign(manifest, beyond, &[])), None);
}

#[test]
fn views_and_receipts_are_compared_with_the_board() {
    let folder = Folder::new("compared");
    let (good, other) = (tiny(), Recorded::tiny(8, 0));
    for name in ["manifest.json", "result.json"] {
        let mut files = good.files.clone();
        let place = files[name].len() / 2;
        files.get_mut(name).unwrap()[place] ^= 1;
        folder.put(&files);
        says(
            &audit(&folder, &[]),
            1,
            &["record.views       FAILED", &format!("{name}: at byte {place} it is not")],
        );
    }
    let mut files = good.files.clone();
    files.insert("manifest.json".into(), other.files["manifest.json"].clone());
    folder.put(&files);
    says(&audit(&folder, &[]), 1, &["manifest.json: at byte"]);

    folder.put(&good.files);
    let with = |receipt: &str, code, words: &[&str]| {
        says(&audit(&folder, &["--receipt", receipt]), code, words)
    };
    let (own, stranger) = (good.world.voters[1].key(), good.world.voters[0].key());
    let shown = [&format!("receipt   0: entry {}: cast by {own}, ", good.receipt.entry())[..]];
    with(
        &good.receipt.to_string(),
        3,
        &[&shown[..], &["ballot.receipts    not asked", "NOT COMPARED"]].concat(),
    );
    let of =
        |voter: &str| audit(&folder, &["--receipt", &good.receipt.to_string(), "--voter", voter]);
    let passed = ["ballot.receipts    passed", "the key is the one given"];
    says(&of(&own.to_string()), 3, &[&shown[..], &passed[..]].concat());
    let other_voter = format!("the receipt is for a ballot of {own}, and not of {stranger}");
    says(&of(&stranger.to_string()), 1, &["ballot.receipts    FAILED", &other_voter]);
    let parse = |options: &[&str]| Options::try_parse_from([&["audit", "x"], options].concat());
    assert!(parse(&["--voter", &own.to_string()]).is_err(), "a key without a receipt");
    let credential = good.world.voters[1].expose_text();
    let receipt = good.receipt.to_string();
    let error = parse(&["--receipt", &receipt, "--voter", &credential]).unwrap_err();
    assert!(error.to_string().contains("should begin with 'voterkey1'"), "{error}");
    // From another operator, and from a board that continued without the ballot.
    with(&other.receipt.to_string(), 1, &["ballot.receipts    FAILED", "receipt 0: "]);
    let mut same = Recorded::tiny(3, 0);
    let mut board = same.world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("q", "no");
    let header = Header::remote(0);
    let ballot = same.world.ballot(&election, 1, &header, &choices);
    let entry = board.post(&ballot, &mut same.world.rng).unwrap().entry;
    let lost = board.receipt(&same.world.operator, entry, &mut same.world.rng).unwrap();
    with(&lost.to_string(), 1, &["ballot.receipts    FAILED", "receipt 0: "]);
    let both = ["--receipt", &good.receipt.to_string(), "--receipt", &lost.to_string()];
    says(&audit(&folder, &both), 1, &["receipt 1: "]);
    assert!(Options::try_parse_from(["audit", "x", "--receipt", "receipt1qq"]).is_err());
}
