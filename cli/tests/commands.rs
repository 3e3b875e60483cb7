//! The program as a script sees it: exit codes and last lines, for the records of the test vectors.

use attacks::folder::{Folder, Recorded};
use std::{
    path::Path,
    process::{Command, Output},
};
use tabella::log::{
    checkpoint::Fork,
    merkle::{Head, Root},
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

fn json(out: &Output) -> serde_json::Value {
    serde_json::from_slice(&out.stdout).unwrap()
}

/// The file of a record's last checkpoint.
fn last_checkpoint(record: &str) -> String {
    let files = std::fs::read_dir(Path::new(record).join("checkpoints")).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files.max().unwrap().to_str().unwrap().to_owned()
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
    assert!(ballot.contains(", 1236 bytes of the record and "), "{ballot}");
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
        for processes in ["1", "3"] {
            let merged = tabella(&["merge", &record, "--processes", processes], 3);
            assert!(text(&merged.stderr).contains("  entries "), "{merged:?}");
            assert_eq!(text(&merged.stdout), text(&alone.stdout));
        }
    }
    tabella(&["merge", "/nowhere/at/all"], 2);
    let record = record("election");
    let expected = |hash: &str, code| {
        let merged = tabella(&["merge", &record, "--expect-manifest", hash], code);
        text(&merged.stdout).lines().last().unwrap().to_owned()
    };
    assert_eq!(expected(&manifest(&record), 0), "verified");
    assert_eq!(expected(&"00".repeat(32), 1), "REFUSED");
}

#[test]
fn a_log_becomes_tiles() {
    let (record, folder) = (record("election"), Folder::new("tiles"));
    let out = folder.0.to_str().unwrap();
    tabella(&["log", &record, "tiles", out], 0);
    assert!(folder.files().contains_key("checkpoint"));
    let asked = tabella(&["log", &record, "witness", "0"], 0);
    assert!(text(&asked.stdout).starts_with("old 0\n"), "{asked:?}");
    tabella(&["log", "/nowhere/at/all", "witness", "0"], 2);
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
    assert!(text(&fork.stderr).contains("in common: 0 entries"), "{fork:?}");
    let fork = tabella(&["compare", &a, &b, "--json"], 1);
    assert_eq!(json(&fork)["relation"], "fork");
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
    // A checkpoint stands for the board that it was signed of.
    let signed = last_checkpoint(&a);
    let same = tabella(&["compare", &a, &signed], 0);
    assert!(text(&same.stdout).starts_with("the same: 34 entries, root "), "{same:?}");
    tabella(&["compare", &signed, behind], 2);
    tabella(&["compare", &signed, &b], 1);
    // Without a record, the log's key is needed.
    let bare = tabella(&["compare", &signed, &signed], 2);
    assert!(text(&bare.stderr).contains("--log-key"), "{bare:?}");
    let manifest = std::fs::read_to_string(Path::new(&a).join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let key = manifest["log"]["key"].as_str().unwrap();
    tabella(&["compare", &signed, &signed, "--log-key", key], 0);
    // A checkpoint that nobody signed accuses nobody.
    let text_of = std::fs::read_to_string(&signed).unwrap();
    let root = text_of.lines().nth(2).unwrap();
    let fork = folder.path().join("fork.txt");
    let other_root = if root.starts_with('A') { "B" } else { "A" }.to_owned() + &root[1..];
    std::fs::write(&fork, text_of.replace(root, &other_root)).unwrap();
    let fork = fork.to_str().unwrap();
    for with in [&["--log-key", key, &signed][..], &[&a], &[&a, "--json"]] {
        let forged = tabella(&[&["compare", fork], with].concat(), 1);
        assert!(forged.stdout.is_empty(), "{forged:?}");
        assert!(text(&forged.stderr).contains("does not verify"), "{forged:?}");
    }
    // Nor does one of another log.
    let origin = text_of.lines().next().unwrap();
    let renamed = folder.path().join("renamed.txt");
    std::fs::write(&renamed, text_of.replace(origin, "tabella/\u{202e}other/0")).unwrap();
    let renamed = renamed.to_str().unwrap();
    let other = tabella(&["compare", &a, renamed], 1);
    assert!(other.stdout.is_empty(), "{other:?}");
    // What it says of itself does not turn the letters on a screen round.
    let shown = tabella(&["show", renamed], 0);
    assert!(text(&shown.stdout).contains("tabella/\\u202eother/0"), "{shown:?}");
    let other = folder.path().join("other.txt");
    std::fs::write(&other, "no checkpoint").unwrap();
    tabella(&["compare", &a, other.to_str().unwrap()], 2);
}

/// What the log signed twice convicts it, with a record or without.
#[test]
fn two_signed_checkpoints_are_a_certificate() {
    let (recorded, folder) = (Recorded::tiny(3, 0), Folder::new("certificate"));
    folder.put(&recorded.files);
    let manifest = &recorded.world.manifest;
    let head = recorded.board.state().head();
    let other = recorded.signers.sign(manifest, Head { root: Root::from([7; 32]), ..head }, &[]);
    let beside = tempfile::tempdir().unwrap();
    let file = beside.path().join("other.txt");
    std::fs::write(&file, other.to_string()).unwrap();
    let [record, file] = [&folder.0, &file].map(|path| path.to_str().unwrap());
    let own = folder.file(&recorded.last_checkpoint());
    let key = manifest.log().unwrap().key();
    let log_key = key.to_string();
    for with in [&[record][..], &[own.to_str().unwrap(), "--log-key", &log_key]] {
        let shown = tabella(&[&["compare", file], with].concat(), 1);
        let fork: Fork = text(&shown.stdout).parse().unwrap();
        fork.verify(&manifest.origin(), key).unwrap();
    }
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

/// A ballot of the vectors' council, by its tracker and voter.
fn a_ballot(record: &str) -> (String, String) {
    let entries = tabella(&["audit", record, "--entries"], 0);
    let lines = text(&entries.stdout).lines();
    let mut entries = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let ballot = entries.find(|entry| entry["kind"] == "ballot").unwrap();
    let field = |name: &str| ballot[name].as_str().unwrap().to_owned();
    (field("tracker"), field("voter"))
}

#[test]
fn a_voter_finds_the_ballot_and_can_prove_it() {
    let (record, folder) = (record("election"), tempfile::tempdir().unwrap());
    let (tracker, voter) = a_ballot(&record);
    let proof = folder.path().join("proof.txt");
    let proof = proof.to_str().unwrap();
    let found = tabella(&["find", &record, &tracker, &voter, "--proof", proof], 0);
    assert!(text(&found.stdout).contains(&format!("cast by {voter}")), "{found:?}");
    let checked = tabella(&["log", &record, "check", proof], 0);
    assert!(text(&checked.stdout).contains(&voter), "{checked:?}");
    for told in [&found, &checked] {
        assert!(text(&told.stderr).contains("cosigned by "), "{told:?}");
    }
    let found = json(&tabella(&["find", &record, &tracker, "--json"], 0));
    assert_eq!((found["voter"].as_str(), found["fate"].as_str()), (Some(&*voter), Some("cast")));
    // Another voter's key finds nothing of it, and another election does not have it.
    let credential = folder.path().join("c.txt");
    let [credential, out] = [credential, folder.path().join("r.txt")];
    let [credential, out] = [credential.to_str().unwrap(), out.to_str().unwrap()];
    let styles = tabella(
        &["register", &record, "--credential", credential, "--out", out, "--style", "?"],
        1,
    );
    let (_, style) = text(&styles.stderr).trim().rsplit_once("expected one of ").unwrap();
    let style = style.split(", ").next().unwrap();
    let register =
        ["register", &record, "--credential", credential, "--out", out, "--style", style];
    let other = tabella(&register, 0);
    let other = tabella(&["find", &record, &tracker, text(&other.stdout).trim()], 1);
    assert!(text(&other.stderr).contains("another voter's ballot"), "{other:?}");
    let nowhere = tabella(&["find", &self::record("ceremony"), &tracker], 1);
    assert!(text(&nowhere.stderr).contains("is not on"), "{nowhere:?}");
    tabella(&["find", &record, "tracker1qq"], 2);
    // What the voter's files are is shown.
    let shown = tabella(&["show", out], 0);
    assert!(text(&shown.stdout).starts_with("registration\n"), "{shown:?}");
    let shown = json(&tabella(&["show", proof, "--json"], 0));
    assert_eq!((&shown[0]["kind"], &shown[0]["size"]), (&"proof".into(), &34.into()));
}

#[test]
fn every_file_is_shown_for_what_it_is() {
    let (record, folder) = (record("election"), tempfile::tempdir().unwrap());
    let shown = |file: &str| {
        let out = tabella(&["show", file], 0);
        text(&out.stdout).to_owned()
    };
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("phrase"), "seven lamps in the harbour").unwrap();
    tabella(&["key", &path("log"), "--log", "--passphrase-file", &path("phrase")], 0);
    assert_eq!(shown(&path("log")), "sealed under a passphrase: a log's secret\n");
    // A key is shown as what it is, and only as that.
    let public = tabella(&["key", &path("log"), "--passphrase-file", &path("phrase")], 0);
    assert!(text(&public.stdout).starts_with("log1"), "{public:?}");
    tabella(&["key", &path("operator"), "--passphrase-file", &path("phrase")], 0);
    let public = ["key", &path("operator"), "--log", "--passphrase-file", &path("phrase")];
    let other = tabella(&public, 1);
    assert!(text(&other.stderr).contains("is no log's key"), "{other:?}");
    assert!(shown(&last_checkpoint(&record)).starts_with("checkpoint\n"));
    tabella(&["operator", "bundle", &record, "--out", &path("bundle")], 0);
    let bundle = shown(&path("bundle"));
    assert_eq!(bundle, format!("election bundle\n  manifest  {}\n", self::manifest(&record)));
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manifests/board.json");
    let manifest = shown(manifests.to_str().unwrap());
    assert!(manifest.contains("any 2 of these 3 open together"), "{manifest}");
    assert!(shown(&record).contains("\nphase "));
    for (name, bytes) in [("text", &b"no message"[..]), ("bytes", b"\xff\xfe")] {
        std::fs::write(path(name), bytes).unwrap();
        let out = tabella(&["show", &path(name)], 2);
        assert!(text(&out.stderr).contains("expected a manifest, a message"), "{out:?}");
    }
    // The name of a file comes from anybody, and moves no cursor.
    let missing = tabella(&["show", "/nowhere/at\u{1b}[2J\u{202e}/all"], 2);
    let missing = text(&missing.stderr);
    assert!(missing.contains(r"/nowhere/at\u001b[2J\u202e/all"), "{missing}");
    assert!(!missing.contains(['\u{1b}', '\u{202e}']));
}

/// The rankings that are exported, counted by another method of reading: each line as often as it says.
#[test]
fn rankings_are_exported_as_they_were_opened() {
    let record = record("council");
    let audited = tabella(&["audit", &record], 3);
    let report = text(&audited.stdout);
    let out = tabella(&["export", "cvr", &record], 0);
    let report_of = json(&out);
    assert_eq!(report_of["@type"], "CVR.CastVoteRecordReport");
    let election = &report_of["Election"][0];
    let contests = election["Contest"].as_array().unwrap();
    // Everything that is referred to is there, once.
    let mut ids = std::collections::BTreeSet::new();
    collect(&report_of, &mut |name, value| {
        if name == "@id" {
            assert!(ids.insert(value.as_str().unwrap().to_owned()), "{value} twice");
        }
    });
    collect(&report_of, &mut |name, value| {
        let of = [
            "ContestId",
            "ContestSelectionId",
            "CurrentSnapshotId",
            "ElectionId",
            "ElectionScopeId",
        ];
        if of.contains(&name) {
            assert!(ids.contains(value.as_str().unwrap()), "{name} {value}");
        }
    });
    for contest in contests {
        let place: usize = contest["@id"].as_str().unwrap()["contest-".len()..].parse().unwrap();
        let shown = tabella(&["show", &record, "--json"], 0);
        assert_eq!(json(&shown)["phase"], "after the result");
        let manifest = Path::new(&record).join("manifest.json");
        let manifest: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(manifest).unwrap()).unwrap();
        let id = manifest["contests"][place]["id"].as_str().unwrap();
        let blt = tabella(&["export", "blt", &record, id], 0);
        let mut lines = text(&blt.stdout).lines();
        let head: Vec<usize> =
            lines.next().unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
        let names = contest["ContestSelection"].as_array().unwrap().len();
        assert_eq!(head, [names, contest["NumberElected"].as_u64().unwrap() as usize]);
        // First places by both exports.
        let mut first = vec![0; names + 1];
        let mut papers = 0;
        for line in lines.by_ref().take_while(|line| *line != "0") {
            let numbers: Vec<&str> = line.split(' ').collect();
            assert_eq!(numbers.last(), Some(&"0"), "{line}");
            let times: usize = numbers[0].parse().unwrap();
            papers += times;
            numbers[1].split('=').for_each(|n| first[n.parse::<usize>().unwrap()] += times);
        }
        assert_eq!(lines.clone().count(), names + 1, "{blt:?}");
        let mut of_records = vec![0; names + 1];
        let records = report_of["CVR"].as_array().unwrap().iter();
        let mine =
            records.filter(|r| r["CVRSnapshot"][0]["CVRContest"][0]["ContestId"] == contest["@id"]);
        let mut invalid = 0;
        for held in mine.clone().map(|r| &r["CVRSnapshot"][0]["CVRContest"][0]) {
            let Some(chosen) = held["CVRContestSelection"].as_array() else {
                invalid += 1;
                continue;
            };
            let best: Vec<_> = chosen.iter().filter(|chosen| chosen["Rank"] == 1).collect();
            if best.is_empty() {
                of_records[0] += 1;
            }
            for chosen in best {
                let (_, number) =
                    chosen["ContestSelectionId"].as_str().unwrap().rsplit_once('-').unwrap();
                of_records[number.parse::<usize>().unwrap() + 1] += 1;
            }
        }
        assert_eq!(first, of_records);
        assert_eq!(papers + invalid, mine.count());
        assert!(papers > 0 && report.contains("elected: "), "{report}");
    }
    let other = tabella(&["export", "blt", &record, "nothing"], 1);
    assert!(text(&other.stderr).contains("there is no contest 'nothing'"), "{other:?}");
    let none = tabella(&["export", "cvr", &self::record("election")], 1);
    assert!(text(&none.stderr).contains("no contest has opened rankings"), "{none:?}");
    let refused = ["export", "cvr", &record, "--expect-manifest", &"00".repeat(32)];
    let refused = tabella(&refused, 1);
    assert!(refused.stdout.is_empty() && text(&refused.stderr).contains("REFUSED"), "{refused:?}");
}

/// Each field of an object, and of all objects in it.
fn collect(value: &serde_json::Value, each: &mut dyn FnMut(&str, &serde_json::Value)) {
    match value {
        serde_json::Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            each(name, value);
            collect(value, each);
        }),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, each)),
        _ => {}
    }
}

#[test]
fn nothing_is_exported_before_there_is_a_result() {
    let (from, to) = (record("election"), Folder::new("unfinished"));
    let bytes = std::fs::read(Path::new(&from).join("board/00000000.bin")).unwrap();
    let end = 2 + usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    to.put(&[("board/00000000.bin".to_owned(), bytes[..end].to_vec())].into());
    let none = tabella(&["export", "cvr", to.0.to_str().unwrap()], 1);
    assert!(text(&none.stderr).contains("there is no result yet"), "{none:?}");
    assert_eq!(text(&none.stderr).lines().count(), 1, "{none:?}");
}

#[test]
fn stations_are_exported_with_their_ballots() {
    let record = record("election");
    let out = tabella(&["export", "stations", &record], 0);
    let mut table = csv::Reader::from_reader(&out.stdout[..]);
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let ballots: u64 = rows.iter().map(|row| row[3].parse::<u64>().unwrap()).sum();
    let audited = tabella(&["audit", &record], 3);
    let turnout = format!("turnout   {ballots} of ");
    assert!(text(&audited.stdout).contains(&turnout), "{turnout}: {rows:?}");
}

/// A reader who has read enough ends nothing half-way, and a result that cannot be written is told.
#[cfg(unix)]
#[test]
fn nothing_breaks_where_nobody_reads() {
    use std::{fs::File, process::Stdio};
    let record = record("council");
    let program = env!("CARGO_BIN_EXE_tabella");
    for (arguments, code) in [
        (vec!["audit", &record], 3),
        (vec!["audit", &record, "--entries"], 0),
        (vec!["show", &record], 0),
    ] {
        let mut command = Command::new(program);
        let mut child =
            command.args(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let out = child.wait_with_output().unwrap();
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(code), ""), "{arguments:?}");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let out = Command::new(program).args(&arguments).stdout(full).output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{out:?}");
        assert!(text(&out.stderr).starts_with("the standard output: No space left"), "{out:?}");
    }
}

/// A disk on which nothing more can be written, as the shell's limit for files makes it.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let (record, folder) = (record("council"), tempfile::tempdir().unwrap());
    let page = folder.path().join("report.html");
    std::fs::write(&page, "the report of yesterday").unwrap();
    // One block of 512 bytes; the signal is ignored, so that writing fails.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let program = env!("CARGO_BIN_EXE_tabella");
    let out = Command::new("sh")
        .args(["-c", script, program, "audit", &record, "--html", page.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{out:?}");
    assert!(text(&out.stderr).contains("report.html: "), "{out:?}");
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "the report of yesterday");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn programs_read_what_is_checked() {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manifests");
    let file = manifests.join("board.json");
    let checked = json(&tabella(&["check", file.to_str().unwrap(), "--json"], 0));
    assert_eq!((&checked["id"], &checked["styles"][0]["bits"]), (&"board-2031".into(), &17.into()));
    let wrong =
        std::fs::read_to_string(&file).unwrap().replace("\"threshold\": 2", "\"threshold\": 4");
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("wrong.json");
    std::fs::write(&place, wrong).unwrap();
    let mistakes = json(&tabella(&["check", place.to_str().unwrap(), "--json"], 1));
    assert_eq!(mistakes["mistakes"][0]["path"], "threshold");
    assert_eq!(mistakes["mistakes"][0]["value"], "4");
}
