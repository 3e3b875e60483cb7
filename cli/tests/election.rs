//! A whole election by the commands alone. Each party has a folder of its own, and messages are copied between them.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    slice,
    time::Duration,
};
use tabella::log::checkpoint::{SignedCheckpoint, WitnessSecret};
use tempfile::TempDir;

/// The folders of all parties. The operator's board is copied to whoever reads it.
struct Town {
    home: TempDir,
}

impl Town {
    fn new() -> Self {
        let town = Self { home: tempfile::tempdir().unwrap() };
        fs::write(town.path("passphrase"), "seven lamps in the harbour\n").unwrap();
        town
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tabella"));
        command.current_dir(self.home.path()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs the program; it ends with this code.
    fn run(&self, arguments: &[&str], code: i32) -> Output {
        let out = self.command(arguments).output().unwrap();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {}", shown(&out));
        out
    }

    /// Runs the program, and gives the lines of its result.
    fn does(&self, arguments: &[&str]) -> Vec<String> {
        let out = self.run(arguments, 0);
        String::from_utf8(out.stdout).unwrap().lines().map(Into::into).collect()
    }

    /// Runs a trustee's program; it ends with this code, and says this.
    fn trustee_ends(&self, number: usize, more: &[&str], code: i32, says: &str) -> String {
        let arguments = self.of_trustee(number, more);
        let out = self.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), code);
        // Words, since lines are broken for a terminal.
        let said = shown(&out).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(says), "{says}: {said}");
        said
    }

    fn operator(&self, arguments: &[&str]) -> Vec<String> {
        let key = ["--key", "operator/operator.key", "--passphrase-file", "passphrase"];
        self.does(&[&["operator", arguments[0], "operator/board"], &arguments[1..], &key].concat())
    }

    /// The operator takes messages, and writes receipts.
    fn takes(&self, messages: &[String]) -> Vec<String> {
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        self.operator(&[&["take"], &messages[..], &["--receipts", "operator/receipts"]].concat())
    }

    /// A trustee looks at a copy of the board, and does what is next; the files of its messages.
    fn trustee(&self, number: usize, more: &[&str]) -> Vec<String> {
        self.does(&self.of_trustee(number, more).iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn of_trustee(&self, number: usize, more: &[&str]) -> Vec<String> {
        let folder = format!("trustee-{number}");
        copy(&self.path("operator/board"), &self.path(&folder).join("board"));
        let mut arguments = vec!["trustee".into(), format!("{folder}/board")];
        arguments.extend(["--key".into(), format!("{folder}/t.key")]);
        arguments.extend(["--out".into(), folder]);
        arguments.extend(["--yes", "--passphrase-file", "passphrase"].map(String::from));
        arguments.extend(more.iter().map(|more| (*more).into()));
        arguments
    }

    /// All these trustees do what is next, and the operator takes it.
    fn trustees(&self, numbers: impl IntoIterator<Item = usize>) {
        self.trustees_with(numbers, &[]);
    }

    fn trustees_with(&self, numbers: impl IntoIterator<Item = usize>, more: &[&str]) {
        let messages: Vec<String> =
            numbers.into_iter().flat_map(|number| self.trustee(number, more)).collect();
        self.takes(&messages);
    }

    /// A voter's ballot.
    fn votes(&self, voter: usize, choices: &str) -> String {
        let folder = format!("voter-{voter}");
        fs::write(self.path(&folder).join("choices.txt"), choices).unwrap();
        let (credential, choices) = (format!("{folder}/c.txt"), format!("{folder}/choices.txt"));
        let files = ["--credential", &credential, "--choices", &choices, "--out", &folder];
        let [ballot] =
            &self.does(&[&["vote", "operator/board", "--cast"], &files[..]].concat())[..]
        else {
            panic!("not one ballot")
        };
        ballot.clone()
    }
}

fn shown(out: &Output) -> String {
    [&out.stdout[..], &out.stderr[..]].map(String::from_utf8_lossy).concat()
}

/// Copies a folder in place of another.
fn copy(from: &Path, to: &Path) {
    _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let to = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &to);
        } else {
            fs::copy(file.path(), to).unwrap();
        }
    }
}

const MANIFEST: &str = r#"{
  "version": 1, "id": "club", "title": "The club", "operator": "OPERATOR",
  "trustees": [
    {"name": "Ada Berg", "key": "KEY1"}, {"name": "Bruno Costa", "key": "KEY2"},
    {"name": "Chiara Dahl", "key": "KEY3"}, {"name": "Dario Elm", "key": "KEY4"}
  ],
  "threshold": 2, "close_quorum": 3, "rehearsals": 2, "minimum_cell": 5,
  "contests": [
    {"id": "dues", "title": "Higher dues?", "options": ["yes", "no"],
     "choose": {"min": 1, "max": 1}, "marks": ["blank"]},
    {"id": "board", "title": "Rank the candidates", "options": ["Emil Ruf", "Fay Weiss", "Gus Zahn"],
     "rank": {}, "count": {"method": "instant-runoff", "seats": 1, "tie_break": "backwards"}}
  ]
}"#;

/// Waits for the file of a voter's message, which the program prints.
fn next_line(child: &mut BufReader<std::process::ChildStdout>) -> String {
    let mut line = String::new();
    child.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

/// A town with keys and a board on which the manifest stands, and the manifest's hash.
fn opened() -> (Town, String, String) {
    let town = Town::new();
    let secret = ["--passphrase-file", "passphrase"];
    fs::create_dir(town.path("operator")).unwrap();
    let mut manifest = MANIFEST.to_owned();
    let key = town.does(&[&["key", "operator/operator.key"], &secret[..]].concat());
    manifest = manifest.replace("OPERATOR", &key[0]);
    for number in 1..=4 {
        let folder = format!("trustee-{number}");
        fs::create_dir(town.path(&folder)).unwrap();
        let file = format!("{folder}/t.key");
        let key = town.does(&[&["trustee", "--key", &file], &secret[..]].concat());
        // Asked once more, it is the same key.
        assert_eq!(key, town.does(&[&["key", &file], &secret[..]].concat()));
        manifest = manifest.replace(&format!("KEY{number}"), &key[0]);
    }
    fs::write(town.path("operator/manifest.json"), &manifest).unwrap();
    let hash = town.operator(&["open", "operator/manifest.json"]).remove(0);
    (town, hash, manifest)
}

#[test]
fn an_election_by_commands_alone() {
    let (town, hash, manifest) = opened();
    // The ceremony: commits, deals, no complaints, signatures of the keys. One trustee vanishes for good after the deals.
    town.trustees(1..=4);
    town.operator(&["round", "commits"]);
    town.trustees(1..=4);
    town.operator(&["round", "deals"]);
    // Once more ends no other round.
    town.operator(&["round", "deals"]);
    assert!(town.trustee(1, &[]).is_empty());
    town.operator(&["round", "complaints"]);
    copy(&town.path("operator/board"), &town.path("trustee-1/before"));
    town.trustees(1..=3);
    town.operator(&["round", "confirmations"]);
    town.operator(&["rehearse"]);
    town.trustees(1..=2);
    refresh(&town, &manifest);

    // Twenty people get their credentials on paper, five make their own.
    let people: String = (0..20).map(|i| format!("Voter {i} <b>\n")).collect();
    fs::write(town.path("operator/people.csv"), format!("name\n{people}")).unwrap();
    let out = ["--sheets", "operator/sheets.html", "--out", "operator/registrations.txt"];
    let arguments = ["operator", "credentials", "operator/board", "operator/people.csv"];
    fs::write(town.path("operator/heavy.csv"), "name,weight\nA,1099511627775\nB,1099511627776\n")
        .unwrap();
    let heavy = [&arguments[..3], &["operator/heavy.csv"], &out[..]].concat();
    let refused = shown(&town.run(&heavy, 2));
    assert!(
        refused.contains("line 3: weight 1099511627776 — expected 1 to 1099511627775"),
        "{refused}"
    );
    assert!(!town.path("operator/sheets.html").exists());
    assert_eq!(town.does(&[&arguments, &out[..]].concat()), ["20 credentials"]);
    let sheets = fs::read_to_string(town.path("operator/sheets.html")).unwrap();
    assert!(sheets.contains("Voter 0 &lt;b&gt;") && sheets.matches("<svg").count() == 20);
    let credentials = sheets.split("<code>").filter(|code| code.starts_with("voter1"));
    for (voter, code) in credentials.enumerate() {
        let folder = town.path(&format!("voter-{voter}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("c.txt"), code.split('<').next().unwrap()).unwrap();
    }
    // Those who make their own tell the operator their keys. A stranger is told from them.
    let (mut sent, mut allowed) = (Vec::new(), String::from("name,key\n"));
    for voter in 20..=25 {
        let folder = format!("voter-{voter}");
        fs::create_dir(town.path(&folder)).unwrap();
        let (credential, out) = (format!("{folder}/c.txt"), format!("{folder}/registration.txt"));
        let files = ["--credential", &credential, "--out", &out];
        let key = town.does(&[&["register", "operator/board"], &files[..]].concat());
        if voter < 25 {
            allowed.push_str(&format!("Voter {voter},{}\n", key[0]));
        }
        sent.push(out);
    }
    fs::write(town.path("operator/allowed.csv"), &allowed).unwrap();
    let list = ["--allowed", "operator/allowed.csv", "--made", "operator/registrations.txt"];
    let key = ["--yes", "--key", "operator/operator.key", "--passphrase-file", "passphrase"];
    let roll = |sent: &[String], code| {
        let sent: Vec<&str> = sent.iter().map(String::as_str).collect();
        let arguments = [&["operator", "roll", "operator/board"], &sent[..], &list, &key].concat();
        shown(&town.run(&arguments, code))
    };
    let weightless =
        allowed.replace("name,key", "name,key,weight").replacen("\nVoter 21", ",0\nVoter 21", 1);
    fs::write(town.path("operator/allowed.csv"), &weightless).unwrap();
    assert!(roll(&sent, 2).contains("line 2: weight 0 — expected 1 to 1099511627775"));
    fs::write(town.path("operator/allowed.csv"), &allowed).unwrap();
    let refused = roll(&sent, 1);
    assert!(refused.contains("voter-25/registration.txt: voterkey1"), "{refused}");
    let missing = ["voter-20", "voter-20"].map(|folder| format!("{folder}/registration.txt"));
    assert!(roll(&missing, 1).contains("the same voter as in voter-20/"), "{}", roll(&missing, 1));
    let opened = roll(&sent[..5], 0);
    assert!(opened.contains("voting is open for 25 voters"), "{opened}");

    // All vote; one of them twice, and one challenges the device first.
    let ranking = ["1 2", "2 1 3", "3"];
    let choices =
        |voter: usize, dues: &str| format!("dues: {dues}\nboard: {}\n", ranking[voter % 3]);
    let ballots: Vec<String> =
        (0..24).map(|v| town.votes(v, &choices(v, if v < 15 { "1" } else { "no" }))).collect();
    assert_eq!(town.takes(&ballots).len(), 24);
    let receipts = town.path("operator/receipts");
    fs::remove_dir_all(&receipts).unwrap();
    assert!(town.takes(&ballots)[0].contains("on the board before, entry "));
    assert_eq!(fs::read_dir(&receipts).unwrap().count(), 24);
    // Some editors begin a file with a mark of its encoding.
    let again = town.votes(0, &format!("\u{feff}{}", choices(0, "blank")));
    let files = ["--credential", "voter-0/c.txt", "--choices", "voter-0/choices.txt"];
    let vote = ["vote", "operator/board", "--cast", "--out", "voter-0"];
    let told = shown(&town.run(&[&vote, &files[..]].concat(), 0));
    assert!(told.contains("counts in place of the one that you cast before"), "{told}");
    town.takes(slice::from_ref(&again));
    spoil(&town, 24, &choices(24, "blank"));
    // The last one votes without the board, and only with the hash from elsewhere.
    let bundle = ["operator", "bundle", "operator/board", "--out", "bundle.txt"];
    assert_eq!(town.does(&bundle), [hash.as_str()]);
    let files = ["--credential", "voter-24/c.txt", "--choices", "voter-24/choices.txt"];
    let votes = |hash: &str, code| {
        let bundle = ["vote", "--cast", "--bundle", "bundle.txt", "--expect-manifest", hash];
        town.run(&[&bundle, &files[..]].concat(), code)
    };
    let other = hash.replace(['0', '1', '2', '3'], "f");
    assert!(shown(&votes(&other, 1)).contains(&other));
    town.run(&[&["vote", "--cast", "--bundle", "bundle.txt"], &files[..]].concat(), 2);
    let expects = ["vote", "operator/board", "--cast", "--expect-manifest", &other];
    town.run(&[&expects, &files[..]].concat(), 1);
    let last = String::from_utf8(votes(&hash, 0).stdout).unwrap().trim_end().to_owned();
    town.takes(&[last]);
    // A ballot that another replaced cannot come back.
    let key = ["--key", "operator/operator.key", "--passphrase-file", "passphrase"];
    let refused =
        town.run(&[&["operator", "take", "operator/board", &ballots[0]], &key[..]].concat(), 1);
    assert!(shown(&refused).contains("refused: "), "{}", shown(&refused));
    let status = town.does(&["status", "operator/board"]);
    assert!(status.contains(&"voting    25 of 25 voters have cast a ballot".into()), "{status:?}");

    // A candidate withdraws. One trustee lost its state, and finds its shares again. The first to mix is followed by the others.
    town.operator(&["withdraw", "board", "Gus Zahn", "moved away"]);
    let frozen = town.operator(&["freeze", "--yes"]).remove(0);
    let (_, root) = frozen.split_once("root ").unwrap();
    let lost = shares(&town.path("trustee-2"));
    fs::remove_file(&lost).unwrap();
    town.trustee_ends(2, &[], 1, "--recover");
    // Another's state is not one's own.
    fs::copy(shares(&town.path("trustee-1")), &lost).unwrap();
    town.trustee_ends(2, &[], 1, "has the shares of trustee 1, and this key is that of trustee 2");
    fs::remove_file(&lost).unwrap();
    // Nobody signs for withdrawals of which nobody told them.
    let withdrawn = ["--accept-withdrawal", "board", "Gus Zahn"];
    let wrong = ["--accept-withdrawal", "board", "Fay Weiss"];
    for more in [&[][..], &wrong, &[withdrawn, wrong].concat()] {
        let more = [&["--recover", "--root", root], more].concat();
        town.trustee_ends(2, &more, 2, "--accept-withdrawal for each");
    }
    town.trustees_with([2], &[&["--recover", "--root", root], &withdrawn[..]].concat());
    // Nobody signs without having compared the root, or another one.
    town.trustee_ends(1, &withdrawn, 2, "--yes and --root");
    town.trustee_ends(1, &[&["--root", &hash], &withdrawn[..]].concat(), 1, "two boards");
    town.trustees_with([1, 3], &[&["--root", root], &withdrawn[..]].concat());
    // An older copy of the board would have a trustee forget what it signed.
    let key = ["--key", "trustee-1/t.key", "--yes", "--passphrase-file", "passphrase"];
    let old = town.run(&[&["trustee", "trustee-1/before"], &key[..]].concat(), 1);
    assert!(shown(&old).contains("this is an old copy"), "{}", shown(&old));
    town.operator(&["tally"]);
    town.trustees([3]);
    town.trustees([1]);
    town.trustees([1, 2]);
    let published = town.operator(&["publish"]);
    assert!(published[0].contains(&hash), "{published:?}");
    assert!(town.trustee(1, &[]).is_empty());

    let audit = ["audit", "operator/board", "--expect-manifest", &hash];
    let report = String::from_utf8(town.run(&audit, 0).stdout).unwrap();
    let words: String = report.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in ["14 60.9 % yes", "9 39.1 % no", "2 (blank)", "elected: Emil Ruf"] {
        assert!(words.contains(line), "{line}: {report}");
    }
}

/// The state of a trustee with its shares.
fn shares(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.into_iter().find(|file| file.extension().is_some_and(|end| end == "shares")).unwrap()
}

/// Three trustees get new shares, erase the old ones and rehearse. The fourth one is no longer among them.
fn refresh(town: &Town, manifest: &str) {
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    let trustees = &manifest["trustees"].as_array().unwrap()[..3];
    let members = serde_json::json!({"threshold": 2, "trustees": trustees});
    fs::write(town.path("operator/members.json"), members.to_string()).unwrap();
    town.operator(&["reshare", "operator/members.json", "--yes"]);
    // Nobody hands over to people of whom nobody told them.
    town.trustee_ends(1, &[], 2, "--accept-members");
    // Nor to others than those whom it knows of.
    let others = serde_json::json!({"threshold": 1, "trustees": trustees});
    fs::write(town.path("operator/others.json"), others.to_string()).unwrap();
    town.trustee_ends(1, &["--accept-members", "operator/others.json"], 1, "are not those of");
    let accepts = ["--accept-members", "operator/members.json"];
    town.trustees_with([1, 3], &accepts);
    // Who lost the shares finds them again even now.
    fs::remove_file(shares(&town.path("trustee-2"))).unwrap();
    town.trustee_ends(2, &accepts, 1, "add --recover");
    town.trustees_with([2], &[&accepts, &["--recover"][..]].concat());
    town.operator(&["round", "commits"]);
    town.trustees(1..=3);
    town.operator(&["round", "deals"]);
    town.operator(&["round", "complaints"]);
    town.trustees(1..=3);
    town.operator(&["round", "confirmations"]);
    // Where the statement cannot be written the shares stay.
    let arguments = town.of_trustee(1, &["--erase", "--out", "nowhere"]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let place = arguments.iter().position(|argument| *argument == "--out").unwrap();
    let unwritten = [&arguments[..place], &arguments[place + 2..]].concat();
    town.run(&unwritten, 2);
    let statement = "trustee-1/trustee-1-erasure-0.txt";
    let told = town.trustee_ends(1, &["--erase"], 0, statement);
    assert!(told.contains("its passphrase finds them again from the board"), "{told}");
    town.takes(&[statement.into()]);
    town.trustees_with(2..=3, &["--erase"]);
    town.trustee_ends(1, &["--erase"], 1, "no shares of an earlier epoch");
    town.operator(&["rehearse"]);
    town.trustees(1..=2);
}

/// A voter has a ballot opened instead of cast, and checks it on another device.
fn spoil(town: &Town, voter: usize, choices: &str) {
    let folder = format!("voter-{voter}");
    fs::write(town.path(&folder).join("choices.txt"), choices).unwrap();
    let (credential, choices) = (format!("{folder}/c.txt"), format!("{folder}/choices.txt"));
    let files = ["--credential", &credential, "--choices", &choices, "--out", &folder];
    let mut command = town.command(&[&["vote", "operator/board", "--spoil"], &files[..]].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child: Child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let request = next_line(&mut lines);
    copy(&town.path("operator/board"), &town.path("before"));
    town.takes(slice::from_ref(&request));
    let name = Path::new(&request).file_name().unwrap().to_str().unwrap();
    let receipt = town.path("operator/receipts").join(name.strip_prefix("spoil-").unwrap());
    let receipt = fs::read_to_string(receipt).unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A receipt that is not right is asked for again.
    writeln!(stdin, "receipt1qqqq\n{receipt}").unwrap();
    let opening = next_line(&mut lines);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    town.takes(slice::from_ref(&opening));
    let key = town.does(&["register", "operator/board", "--credential", &credential, "--out", "r"]);
    let check = ["vote", "operator/board", "--check", &opening, "--voter", &key[0]];
    let opened = town.does(&check);
    assert!(opened.contains(&"dues: blank".into()), "{opened:?}");
    let old = town.run(&["vote", "before", "--check", &opening, "--voter", &key[0]], 1);
    assert!(shown(&old).contains("is not spoiled on this board"), "{}", shown(&old));
    let other =
        town.does(&["register", "operator/board", "--credential", "voter-1/c.txt", "--out", "r"]);
    town.run(&["vote", "operator/board", "--check", &opening, "--voter", &other[0]], 1);
}

/// Kills a program after so many milliseconds, unless it ends before.
fn kill(town: &Town, arguments: &[&str], after: u64) {
    let mut command = town.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(after));
    _ = child.kill();
    child.wait().unwrap();
}

/// Does this however often it is killed on the way: it is done by one of the runs, or by the one that is not killed.
fn insists(town: &Town, arguments: &[&str]) -> Output {
    for after in [15, 45, 75, 110] {
        kill(town, arguments, after);
    }
    let out = town.command(arguments).output().unwrap();
    let code = out.status.code().unwrap();
    assert!(code < 2, "{arguments:?}: {}", shown(&out));
    out
}

const WITNESS: &str = "witness.example/one";

/// All parties are killed again and again, and the same commands, run once more, go on. A witness cosigns what is closed.
#[test]
fn whatever_is_killed_goes_on() {
    let town = Town::new();
    fs::create_dir(town.path("operator")).unwrap();
    let secret = ["--passphrase-file", "passphrase"];
    let witness = WitnessSecret::from_seed(WITNESS, &[7; 32]).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(MANIFEST).unwrap();
    let made = |file: &str, more: &[&str]| -> String {
        insists(&town, &[&["key", file], &secret[..], more].concat());
        town.does(&[&["key", file], &secret[..], more].concat()).remove(0)
    };
    manifest["operator"] = made("operator/operator.key", &[]).into();
    manifest["log"] = serde_json::json!({
        "key": made("operator/log.key", &["--log"]),
        "witnesses": [{"name": WITNESS, "key": witness.public().key.to_string()}],
        "quorum": 1,
    });
    let trustees = manifest["trustees"].as_array_mut().unwrap();
    trustees.truncate(3);
    for (number, trustee) in (1..).zip(trustees) {
        fs::create_dir(town.path(&format!("trustee-{number}"))).unwrap();
        trustee["key"] = made(&format!("trustee-{number}/t.key"), &[]).into();
    }
    manifest["close_quorum"] = 2.into();
    fs::write(town.path("operator/manifest.json"), manifest.to_string()).unwrap();
    let key = ["--key", "operator/operator.key", "--passphrase-file", "passphrase"];
    let operator = |arguments: &[&str]| {
        let (what, more) = arguments.split_first().unwrap();
        insists(&town, &[&["operator", what, "operator/board"], more, &key].concat())
    };
    let phase = || {
        let status = town.run(&["status", "operator/board", "--json"], 0);
        let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
        status["phase"].as_str().unwrap().to_owned()
    };
    let takes = |messages: &[String]| {
        for message in messages {
            operator(&["take", message, "--receipts", "operator/receipts"]);
        }
    };
    let trustees = |numbers: &[usize], more: &[&str]| {
        for number in numbers {
            let arguments = town.of_trustee(*number, more);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let out = insists(&town, &arguments);
            assert!(out.status.success(), "{}", shown(&out));
            takes(
                &String::from_utf8(out.stdout)
                    .unwrap()
                    .lines()
                    .map(String::from)
                    .collect::<Vec<_>>(),
            );
        }
    };
    operator(&["open", "operator/manifest.json"]);
    trustees(&[1, 2, 3], &[]);
    operator(&["round", "commits"]);
    trustees(&[1, 2, 3], &[]);
    operator(&["round", "deals"]);
    operator(&["round", "complaints"]);
    trustees(&[1, 2, 3], &[]);
    operator(&["round", "confirmations"]);
    assert_eq!(phase(), "before the roll");
    operator(&["rehearse"]);
    trustees(&[1, 2, 3], &[]);
    operator(&["rehearse"]);
    trustees(&[1, 2, 3], &[]);
    let mut registrations = Vec::new();
    for voter in 0..6 {
        let folder = format!("voter-{voter}");
        fs::create_dir(town.path(&folder)).unwrap();
        let (credential, out) = (format!("{folder}/c.txt"), format!("{folder}/registration.txt"));
        let files = ["--credential", &credential, "--out", &out];
        insists(&town, &[&["register", "operator/board"], &files[..]].concat());
        registrations.push(out);
    }
    let sent: Vec<&str> = registrations.iter().map(String::as_str).collect();
    operator(&[&["roll", "--yes"], &sent[..]].concat());
    assert_eq!(phase(), "during voting");
    for voter in 0..6 {
        let folder = format!("voter-{voter}");
        let choices = format!("{folder}/choices.txt");
        fs::write(town.path(&choices), "dues: yes\nboard: 1 2\n").unwrap();
        let credential = format!("{folder}/c.txt");
        let vote = [
            "vote",
            "operator/board",
            "--cast",
            "--credential",
            &credential,
            "--choices",
            &choices,
        ];
        let out = insists(&town, &[&vote[..], &["--out", &folder]].concat());
        takes(&[String::from_utf8(out.stdout).unwrap().trim().into()]);
    }
    // Each ballot has its receipt, whatever run wrote it.
    let receipts = fs::read_dir(town.path("operator/receipts")).unwrap();
    let receipts = receipts.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(receipts.filter(|name| name.ends_with(".txt")).count(), 6);
    copy(&town.path("operator/board"), &town.path("before"));
    operator(&["freeze", "--yes"]);
    let status = town.run(&["status", "operator/board", "--json"], 0);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    let root = status["root"].as_str().unwrap();
    // Nobody signs a close that witnesses have not cosigned.
    let refuses = |code: i32, reason: &str| {
        let arguments = town.of_trustee(1, &["--root", root]);
        let out = town.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), code);
        assert!(shown(&out).contains(reason), "{}", shown(&out));
    };
    refuses(1, "they have cosigned none");
    let checkpoint = ["operator", "checkpoint", "operator/board", "--log-key", "operator/log.key"];
    insists(&town, &[&checkpoint[..], &secret].concat());
    refuses(1, "they have cosigned none");
    let cosign = |witness: &WitnessSecret, code: i32| {
        let signed = town.run(&[&checkpoint[..], &secret].concat(), 0);
        let signed: SignedCheckpoint = String::from_utf8(signed.stdout).unwrap().parse().unwrap();
        let answer = witness.cosign(signed.checkpoint(), 1_900_000_000).unwrap();
        fs::write(town.path("operator/answer.txt"), answer.to_string()).unwrap();
        town.run(&["log", "operator/board", "answer", WITNESS, "operator/answer.txt"], code);
    };
    cosign(&WitnessSecret::from_seed(WITNESS, &[8; 32]).unwrap(), 1);
    cosign(&witness, 0);
    // Nor does the log sign an older copy.
    let old = ["operator", "checkpoint", "before", "--log-key", "operator/log.key"];
    let old = town.run(&[&old[..], &secret].concat(), 1);
    assert!(shown(&old).contains("this is an old copy"), "{}", shown(&old));
    // Two programs with one key would not know what the other signs.
    let lock = fs::File::create(town.path("trustee-1/t.key.lock")).unwrap();
    lock.lock().unwrap();
    refuses(1, "another run of this program");
    lock.unlock().unwrap();
    trustees(&[1, 2], &["--root", root]);
    operator(&["tally"]);
    trustees(&[1], &[]);
    trustees(&[3], &[]);
    trustees(&[1, 2], &[]);
    operator(&["publish"]);
    assert_eq!(phase(), "after the result");
    // The log has signed the board's beginning, and owes its end.
    let refused = shown(&town.run(&["audit", "operator/board"], 1));
    assert!(refused.contains("there must be one of the whole board"), "{refused}");
    cosign(&witness, 0);
    let report = town.run(&["audit", "operator/board"], 3);
    let words = String::from_utf8(report.stdout).unwrap();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("6 100.0 % yes") && words.contains("elected: Emil Ruf"), "{words}");
    // Nothing half-written is left of any file that has a name.
    assert!(town.path("operator/board/result.json").exists());
}

/// Ctrl-C ends a program that waits, at once and with nothing lost.
#[cfg(unix)]
#[test]
fn an_interrupt_ends_it() {
    let (town, ..) = opened();
    let mut command = town.command(&["trustee", "operator/board", "--key", "trustee-1/t.key"]);
    // It waits for whoever holds the other end of a named pipe.
    let pipe = town.path("words");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    command.args(["--passphrase-file", "words", "--yes", "--out", "trustee-1"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none());
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let left = fs::read_dir(town.path("trustee-1")).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    assert_eq!(town.trustee(1, &[]).len(), 1);
}

/// All files below a folder, and what is in them.
fn files(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => _ = found.insert(path.clone(), fs::read(path).unwrap()),
        }
    }
}

/// Each command with files that are not there, are folders, or are something else: it says which file and why, and changes nothing.
#[test]
fn whatever_is_wrong_is_told_and_changes_nothing() {
    let (town, ..) = opened();
    let (other, ..) = opened();
    copy(&other.path("operator/board"), &town.path("other"));
    fs::create_dir(town.path("folder")).unwrap();
    fs::write(town.path("foreign"), "Dear all, see you on Monday.\n").unwrap();
    fs::write(town.path("bytes"), b"\xff\xfe\x00\x01").unwrap();
    fs::write(town.path("people.csv"), "name\nAda\n").unwrap();
    fs::write(town.path("wrong.csv"), "name,age\nAda,7\n").unwrap();
    fs::write(town.path("wrong"), "another passphrase of mine\n").unwrap();
    let commit = town.trustee(1, &[]).remove(0);
    fs::copy(town.path(&commit), town.path("commit")).unwrap();
    let (operator, passphrase) = ("--key operator/operator.key", "--passphrase-file passphrase");
    let with = format!("{operator} {passphrase}");
    let mut cases: Vec<(String, &str)> = Vec::new();
    for (file, why) in
        [("missing", "missing"), ("folder", "folder"), ("foreign", "foreign"), ("bytes", "bytes")]
    {
        // A folder is a board that is empty, or none.
        let boards = ["status", "show", "audit", "compare operator/board", "export cvr", "merge"];
        // The mistakes of a manifest say where they are in it.
        cases.push((format!("check {file}"), ""));
        let round =
            format!("operator round operator/board commits {operator} --passphrase-file {file}");
        cases.push((round, if file == "foreign" { "not its passphrase" } else { why }));
        cases.extend(boards.map(|command| (format!("{command} {file}"), why)));
        for command in [
            format!("key {file} {passphrase}"),
            format!("operator open new {file} {with}"),
            format!("operator take operator/board {file} {with}"),
            format!("operator take {file} commit {with}"),
            format!("operator round operator/board commits --key {file} {passphrase}"),
            format!("operator reshare operator/board {file} --yes {with}"),
            format!("operator credentials operator/board {file} --sheets s.html --out r.txt"),
            format!("operator roll operator/board {file} --yes {with}"),
            format!("operator roll operator/board --made {file} --yes {with}"),
            format!("operator roll operator/board --allowed {file} commit --yes {with}"),
            format!("operator checkpoint {file} --log-key operator/operator.key {passphrase}"),
            format!("trustee {file} --key trustee-2/t.key {passphrase}"),
            format!("trustee operator/board --key {file} {passphrase} --yes"),
            format!("register {file} --credential c.txt --out r.txt"),
            format!("vote {file} --credential c.txt --choices v.txt --cast"),
            format!("find {file} {TRACKER}"),
            format!("log {file} tiles out"),
            format!("log operator/board check {file}"),
        ] {
            cases.push((command, why));
        }
    }
    // A key that is not there is made, and a folder without a board is a new one.
    cases.retain(|(command, _)| !command.starts_with("key missing"));
    for command in [
        format!("operator round operator/board commits {operator} --passphrase-file wrong"),
        format!("operator round operator/board commits --key trustee-1/t.key {passphrase}"),
        format!(
            "operator open operator/board operator/manifest.json --key trustee-1/t.key {passphrase}"
        ),
        format!("operator open other operator/manifest.json {with}"),
        format!("operator take other commit --key operator/operator.key {passphrase}"),
        format!("operator tally operator/board {with}"),
        format!("operator publish operator/board {with}"),
        format!("operator freeze operator/board --yes {with}"),
        format!("operator lift operator/board {with}"),
        format!("operator rehearse operator/board {with}"),
        format!("operator withdraw operator/board board nobody reason {with}"),
        "operator credentials operator/board wrong.csv --sheets s.html --out r.txt".to_owned(),
        format!("operator checkpoint operator/board --log-key operator/operator.key {passphrase}"),
        format!("operator round operator/board confirmations {operator}"),
        "trustee operator/board --key trustee-2/t.key --passphrase-file wrong --yes".to_owned(),
        format!(
            "trustee operator/board --key operator/operator.key {passphrase} --recover --erase"
        ),
        format!("trustee operator/board --key trustee-2/t.key {passphrase} --yes --out missing"),
        "vote operator/board --cast".to_owned(),
        "new operator/manifest.json".to_owned(),
        "find operator/board tracker1qq".to_owned(),
        "log operator/board witness 0".to_owned(),
    ] {
        cases.push((command, ""));
    }
    // Secrets are never written over, and whatever is left of a run that was killed is seen.
    town.does(&["key", "stranger.key", "--passphrase-file", "passphrase"]);
    fs::write(town.path("sheets.html.xyz.part"), "half a").unwrap();
    fs::write(town.path("c.txt"), CREDENTIAL).unwrap();
    cases.extend([
        ("register operator/board --credential c.txt --out operator/operator.key".into(), "operator.key: is a key"),
        ("register operator/board --credential c.txt --out c.txt".into(), "c.txt: is a key or a"),
        (
            "operator credentials operator/board people.csv --sheets sheets.html --out r.txt".into(),
            "sheets.html.xyz.part",
        ),
        (
            format!("trustee operator/board --key stranger.key {passphrase} --yes"),
            "the key of no trustee",
        ),
        (
            format!("trustee operator/board --key trustee-2/t.key {passphrase} --yes --expect-manifest {}", "0".repeat(64)),
            "expected",
        ),
    ]);
    let (mut before, mut wrong) = (BTreeMap::new(), Vec::new());
    files(town.home.path(), &mut before);
    for (command, named) in cases {
        let arguments: Vec<&str> = command.split(' ').collect();
        let out = town.command(&arguments).output().unwrap();
        let (code, said) = (out.status.code(), shown(&out));
        let told = !said.is_empty() && !said.contains("panicked") && said.contains(named);
        if !matches!(code, Some(1 | 2)) || !told {
            wrong.push(format!("{command}: {code:?}: {said}"));
        }
        let mut after = BTreeMap::new();
        files(town.home.path(), &mut after);
        // What a trustee saw, and that it is at work, is kept beside its key.
        after.retain(|path, _| {
            let name = path.to_string_lossy();
            before.contains_key(path) || !(name.ends_with(".lock") || name.ends_with(".seen"))
        });
        if after != before {
            wrong.push(format!("{command} changed {:?}: {said}", changed(&before, &after)));
            before = after;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn changed(
    before: &BTreeMap<PathBuf, Vec<u8>>,
    after: &BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<PathBuf> {
    let all = before.keys().chain(after.keys());
    all.filter(|path| before.get(*path) != after.get(*path)).cloned().collect()
}

/// One that is on no board here.
const TRACKER: &str = "tracker1jjdrthzyfsw3wxey9csw7l2akeeteff6uzkvw207ag0pnh8kc7ns0p2snz";

/// One that is on no roll here.
const CREDENTIAL: &str = "voter1aujclzwc6t2pflaucgtlule2ythns379lz0j7k\n";
