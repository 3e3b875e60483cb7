//! The program as a script sees it: exit codes and last lines, for the records of the test vectors.

use attacks::folder::Folder;
use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the program with these arguments, and checks its exit code.
fn tabella(arguments: &[&str], code: i32) -> Output {
    let out = Command::new(env!("CARGO_BIN_EXE_tabella")).args(arguments).output().unwrap();
    assert_eq!(out.status.code(), Some(code), "{arguments:?}: {out:?}");
    out
}

fn record(name: &str) -> String {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    vectors.join(name).to_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The hash of the election's manifest, from its view.
fn manifest(record: &str) -> String {
    let view = std::fs::read_to_string(Path::new(record).join("result.json")).unwrap();
    let (_, rest) = view.split_once("\"manifest\": \"").unwrap();
    rest[..64].to_owned()
}

#[test]
fn each_verdict_has_its_code() {
    let record = record("election");
    let hash = manifest(&record);
    let verified = tabella(&["audit", &record, "--expect-manifest", &hash], 0);
    assert!(text(&verified.stdout).ends_with("\nverified\n"), "{verified:?}");
    let refused = tabella(&["audit", &record, "--expect-manifest", &"00".repeat(32)], 1);
    assert!(text(&refused.stdout).ends_with("REFUSED\n"), "{refused:?}");
    let nothing = tabella(&["audit", "/nowhere/at/all"], 2);
    assert!(text(&nothing.stdout).ends_with("NOT A RECORD\n"), "{nothing:?}");
    tabella(&["audit", &record, "--expect-size", "many"], 2);
    let consistent = tabella(&["audit", &record], 3);
    assert!(text(&consistent.stdout).contains("\nconsistent, but"), "{consistent:?}");
    let entries = tabella(&["audit", &record, "--entries"], 0);
    assert!(text(&entries.stdout).lines().all(|line| line.starts_with('{')), "{entries:?}");
}

#[test]
fn a_manifest_is_named_by_its_hash_or_its_mistakes() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manifests");
    let file = manifests.join("board.json");
    let good = tabella(&["check", file.to_str().unwrap()], 0);
    let (hash, style) = text(&good.stdout).split_once('\n').unwrap();
    assert!(hash.ends_with("  board-2031"), "{good:?}");
    assert_eq!(style, "style all: 9 slots, 17 bits, 3 rows\n");
    let json = std::fs::read_to_string(&file).unwrap();
    let wrong =
        json.replace("\"threshold\": 2", "\"threshold\": 4").replace("Ivo Marx", "Jana Roth");
    let place = std::env::temp_dir().join("tabella-wrong-manifest.json");
    std::fs::write(&place, wrong).unwrap();
    let mistakes = tabella(&["check", place.to_str().unwrap()], 1);
    let lines: Vec<&str> = text(&mistakes.stdout).lines().collect();
    let [threshold, option] = lines.as_slice() else { panic!("{mistakes:?}") };
    assert!(threshold.starts_with("threshold: '4' — expected "), "{threshold}");
    assert!(option.starts_with("contests[0].options[6]: 'Jana Roth' — expected "), "{option}");
    tabella(&["check", "/nowhere/at/all"], 2);
}

/// Also how much a mix would take instead.
#[test]
fn what_an_election_takes_is_measured() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manifests");
    let file = manifests.join("places.json");
    let file = file.to_str().unwrap();
    let measured = tabella(&["check", file, "--voters", "10000"], 0);
    let lines: Vec<&str> = text(&measured.stdout).lines().collect();
    // A ballot, with its length, the voter's key and proof on the roll, and the length of that.
    let ballot = lines.iter().find(|line| line.contains("a ballot of 1127 bytes")).unwrap();
    assert!(ballot.contains(", 1232 bytes of the record and "), "{ballot}");
    assert!(lines.iter().any(|line| line.starts_with("10000 voters with one ballot each: ")));
    let beside = |kind: &str| lines.iter().any(|line| line.starts_with(kind));
    assert!(beside("sums  ") && beside("mix   "), "{lines:?}");
    tabella(&["check", file, "--voters", "0"], 2);
}

#[test]
fn processes_share_an_audit() {
    for name in ["election", "ceremony", "council"] {
        let record = record(name);
        let alone = tabella(&["audit", &record], 3);
        let (report, _) = text(&alone.stdout).split_once("turnout   ").unwrap();
        for processes in ["1", "3"] {
            let merged = tabella(&["merge", &record, "--processes", processes], 3);
            let merged = text(&merged.stdout);
            assert!(merged.contains("  entries "), "{merged}");
            assert!(merged.contains("consistent after "), "{merged}");
            let checks = report.lines().filter(|line| line.ends_with(" passed"));
            checks.for_each(|check| {
                assert!(merged.contains(check), "'{check}' is not in:\n{merged}")
            });
        }
    }
    tabella(&["merge", "/nowhere/at/all"], 2);
}

#[test]
fn a_log_becomes_tiles() {
    let (record, folder) = (record("election"), Folder::new("tiles"));
    let out = folder.0.to_str().unwrap();
    tabella(&["log", &record, "tiles", out], 0);
    assert!(folder.files().contains_key("checkpoint"));
    let asked = tabella(&["log", &record, "witness", "0"], 0);
    assert!(text(&asked.stdout).starts_with("old 0\n"), "{asked:?}");
    tabella(&["log", "/nowhere/at/all", "witness", "0"], 1);
}

/// Voters and proxies are shown who casts for whom.
#[test]
fn who_casts_for_whom_is_shown() {
    let record = record("ceremony");
    let audited = tabella(&["audit", &record], 3);
    let lines = text(&audited.stdout).lines();
    let shown: Vec<&str> = lines.filter_map(|line| line.strip_prefix("proxy     ")).collect();
    let [shown] = shown[..] else { panic!("{audited:?}") };
    let keys: Vec<&str> =
        shown.split([' ', ',']).filter(|word| word.starts_with("voterkey1")).collect();
    assert_eq!(keys.len(), 3);
    for key in keys {
        let found = tabella(&["log", &record, "proxies", key], 0);
        assert_eq!(text(&found.stdout), format!("{shown}\n"));
    }
}

/// Completions and pages come from the definitions of the commands.
#[test]
fn shells_know_every_command() {
    let commands = ["check", "operator", "trustee", "vote", "audit", "compare"];
    for shell in ["bash", "fish", "zsh"] {
        let completions = tabella(&["completions", shell], 0);
        for command in commands {
            assert!(text(&completions.stdout).contains(command), "{shell}: {command}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    tabella(&["man", folder.path().to_str().unwrap()], 0);
    for command in commands {
        let page = folder.path().join(format!("tabella-{command}.1"));
        assert!(page.exists(), "{page:?}");
    }
}

#[test]
fn two_boards_are_told_from_a_copy_that_is_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (record("election"), record("ceremony"));
    let same = tabella(&["compare", &a, &a], 0);
    assert!(text(&same.stdout).starts_with("the same: 34 entries, root "), "{same:?}");
    let fork = tabella(&["compare", &a, &b], 1);
    assert!(text(&fork.stderr).contains("part at entry 0"), "{fork:?}");
    // The first two entries alone, without what was signed of all.
    let behind = folder.path().join("behind");
    std::fs::create_dir_all(behind.join("board")).unwrap();
    std::fs::create_dir_all(behind.join("checkpoints")).unwrap();
    let segment = Path::new(&a).join("board/00000000.bin");
    let bytes = std::fs::read(segment).unwrap();
    let length = |at: usize| 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    let end = length(0) + length(length(0));
    std::fs::write(behind.join("board/00000000.bin"), &bytes[..end]).unwrap();
    let behind = behind.to_str().unwrap();
    let continues = tabella(&["compare", &a, behind], 0);
    assert!(text(&continues.stdout).contains(" continues "), "{continues:?}");
    assert!(text(&continues.stdout).contains(", which has 2 entries, root "), "{continues:?}");
    tabella(&["compare", behind, "/nowhere/at/all"], 2);
}

#[test]
fn a_new_manifest_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("phrase"), "seven lamps in the harbour").unwrap();
    let key = |name: &str| {
        let out = tabella(&["key", &path(name), "--passphrase-file", &path("phrase")], 0);
        text(&out.stdout).trim().to_owned()
    };
    let (operator, ada) = (key("o"), format!("Ada Berg={}", key("t")));
    let file = path("manifest.json");
    let given = ["--id", "club", "--title", "The club", "--operator", &operator];
    let more = ["--trustee", &ada, "--question", "Dues?", "--option", "yes", "--option", "no"];
    let new = [&["new", &file], &given[..], &more[..]].concat();
    let missing = tabella(&new, 2);
    assert!(text(&missing.stderr).contains("add --threshold NUMBER"), "{missing:?}");
    let wrong = tabella(&[&new[..], &["--threshold", "2"]].concat(), 1);
    assert!(text(&wrong.stderr).contains("threshold: '2' — expected 1"), "{wrong:?}");
    assert!(!Path::new(&file).exists());
    let out = tabella(&[&new[..], &["--threshold", "1"]].concat(), 0);
    assert_eq!(text(&out.stdout), format!("tabella check {file} --voters 100\n"));
    tabella(&["check", &file], 0);
    // What is there stays.
    tabella(&[&new[..], &["--threshold", "1"]].concat(), 1);
}
