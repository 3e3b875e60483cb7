//! An election, a node, and the programs between them.

#[allow(dead_code)]
#[path = "../../../../cli/src/ethereum/mod.rs"]
pub mod ethereum;

use ethereum::{Client, rpc::number_of};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tabella::{
    AuthorSecret, Choices, Contest, Credential, DlogTable, Election, Header, Manifest, keys,
    log::{
        checkpoint::{Checkpoint, LogSecret},
        merkle::Head,
    },
    rand_core::OsRng,
    record::{self, DiskBoard},
};
use tempfile::TempDir;

/// Longer than anything takes here.
const LONG: Duration = Duration::from_secs(60);

/// Waits until there is something.
pub fn wait<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let clock = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(clock.elapsed() < LONG, "there is no {what}");
        thread::sleep(Duration::from_millis(30));
    }
}

/// A small election that is held step by step, with a checkpoint after each.
pub struct Held {
    board: DiskBoard,
    log: LogSecret,
    operator: AuthorSecret,
    manifest: Manifest,
    trustees: Vec<keys::Trustee>,
    voters: Vec<Credential>,
    election: Election,
    next: usize,
    /// The head at each checkpoint.
    pub heads: Vec<Head>,
}

impl Held {
    /// Begins a record in this folder and opens voting.
    pub fn new(path: &Path) -> Self {
        let rng = &mut OsRng;
        let log = LogSecret::random(rng).unwrap();
        let operator = AuthorSecret::random(rng).unwrap();
        let secrets = [AuthorSecret::random(rng).unwrap()];
        let manifest = Manifest::builder("bridge")
            .operator(operator.public().clone())
            .trustees([secrets[0].public().clone()], 1)
            .log(log.public())
            .minimum_cell(1)
            .contest(Contest::choose_one("bridge", ["yes", "no"]))
            .build()
            .unwrap();
        let voters: Vec<_> = (0..12).map(|_| Credential::random(rng).unwrap()).collect();
        let roll: Vec<_> =
            voters.iter().map(|v| v.registration(&manifest, 0, rng).unwrap()).collect();
        let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng).unwrap();
        let mut board = record::create(path).unwrap();
        board.begin(&manifest, &operator, &ceremony, &trustees, &roll, rng).unwrap();
        let election = board.election().unwrap().clone();
        let heads = Vec::new();
        let mut held =
            Self { board, log, operator, manifest, trustees, voters, election, next: 0, heads };
        held.checkpoint();
        held
    }

    fn checkpoint(&mut self) {
        let head = self.board.state().head();
        let checkpoint = Checkpoint::new(&self.manifest.origin(), head).unwrap();
        self.board.checkpoint(&self.log.sign(&checkpoint)).unwrap();
        self.heads.push(head);
    }

    /// One more voter votes.
    pub fn vote(&mut self) {
        let voter = &self.voters[self.next];
        self.next += 1;
        let choices = Choices::new().pick("bridge", "yes");
        let sealed =
            self.election.encrypt(voter, &Header::remote(0), &choices, &mut OsRng).unwrap();
        self.board.post(&sealed.cast(), &mut OsRng).unwrap();
        self.checkpoint();
    }

    /// Closes the election and publishes the result.
    pub fn finish(&mut self) {
        let rng = &mut OsRng;
        self.board.close(&self.operator, &mut self.trustees, rng).unwrap();
        let tally = self.board.tally(&self.operator, rng).unwrap();
        let share = self.trustees[0].open(self.board.state(), rng).unwrap();
        self.board.post(&share, rng).unwrap();
        self.board.finish(&self.operator, &DlogTable::new(tally.bound()), rng).unwrap();
        self.checkpoint();
        self.board.views().unwrap();
    }
}

/// A node for tests, with a chain of its own.
pub struct Anvil {
    process: Child,
    pub url: String,
    pub client: Client,
}

/// The program itself, and not the script that npm puts before it, which would be killed in its place.
fn anvil() -> PathBuf {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules/@foundry-rs");
    let packages = fs::read_dir(packages).expect("npm ci installs anvil");
    let names = packages.map(|package| package.unwrap().path());
    // Beside the package `anvil` there is one for the machine, such as `anvil-linux-amd64`.
    let mut programs = names.map(|package| package.join("bin/anvil"));
    programs.find(|program| program.is_file()).expect("npm ci installs anvil")
}

/// A port that was free a moment ago.
pub fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Anvil {
    pub fn start(port: u16, options: &[&str]) -> Self {
        let mut command = Command::new(anvil());
        command.args(["--silent", "--port", &port.to_string()]).args(options);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let client = Client::new(&url, Duration::from_secs(10)).unwrap();
        let node = Self { process, url, client };
        wait("node", || node.client.ask("eth_chainId", &json!([])).ok());
        node
    }

    pub fn ask(&self, method: &str, params: Value) -> Value {
        self.client.ask(method, &params).unwrap()
    }

    /// Lets the node write its state and end.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.process.wait().unwrap();
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A process that is killed with `kill -9` if it still runs when the test is over with it.
pub struct Running(Child);

impl Running {
    /// Waits for its end.
    pub fn ends(mut self, code: i32) -> String {
        let status = wait("end of a program", || self.0.try_wait().unwrap());
        let mut text = String::new();
        for pipe in [
            self.0.stdout.take().map(|p| Box::new(p) as Box<dyn Read>),
            self.0.stderr.take().map(|p| Box::new(p) as _),
        ] {
            pipe.unwrap().read_to_string(&mut text).unwrap();
        }
        assert_eq!(status.code(), Some(code), "{text}");
        text
    }

    pub fn kill(self) {}

    pub fn runs(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tabella-ethereum"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

pub fn start(arguments: &[&str]) -> Running {
    Running(program(arguments).spawn().unwrap())
}

/// A command that is right, and what it prints.
pub fn done(arguments: &[&str]) -> String {
    let output = run(arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.trim().into()
}

/// A record, an account with ether, and the contract on a chain.
pub struct World {
    pub folder: TempDir,
    pub held: Held,
    pub node: Anvil,
    pub account: String,
    pub contract: String,
}

impl World {
    pub fn new(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let held = Held::new(&folder.path().join("record"));
        let node = Anvil::start(port(), options);
        let key = folder.path().join("key");
        let account = done(&["key", key.to_str().unwrap()]);
        node.ask("anvil_setBalance", json!([account, "0x3635c9adc5dea00000"]));
        let mut world = Self { folder, held, node, account, contract: String::new() };
        let [record, key] = ["record", "key"].map(|name| world.path(name));
        world.contract = done(&["deploy", &record, "--key", &key, "--node", &world.node.url]);
        world
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().into()
    }

    /// The publisher's arguments.
    pub fn publish(&self, more: &[&str]) -> Running {
        let (record, key) = (self.path("record"), self.path("key"));
        let quick = ["--every", "0.05", "--confirmations", "0"];
        let of = ["publish", &record, "--contract", &self.contract, "--key", &key];
        start(&[&of[..], &["--node", &self.node.url], &quick, more].concat())
    }

    /// One look of the watcher at a record: its exit code, and what it says.
    pub fn watch(&self, record: &str, nodes: &[&str], more: &[&str]) -> (i32, String) {
        let mut arguments = vec!["watch", record, "--contract", &self.contract, "--once"];
        nodes.iter().for_each(|node| arguments.extend(["--node", node]));
        let output = run(&[&arguments[..], more].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    /// The heads on the chain.
    pub fn on_chain(&self) -> Vec<Head> {
        let contract = self.contract.parse::<ethereum::Address>().unwrap();
        ethereum::read(&self.node.client, contract, "latest").map_or(vec![], |found| found.heads)
    }

    pub fn count(&self, block: &str) -> u64 {
        number_of(&self.node.ask("eth_getTransactionCount", json!([self.account, block]))).unwrap()
    }

    pub fn wait_for(&self, heads: usize) {
        wait("head on the chain", || (self.on_chain().len() >= heads).then_some(()));
    }

    /// Every checkpoint is on the chain once, and the account sent no transaction that was for nothing.
    pub fn nothing_lost_and_nothing_twice(&self) {
        assert_eq!(self.on_chain(), self.held.heads);
        let filter = json!([{ "address": self.contract, "fromBlock": "0x0", "toBlock": "latest" }]);
        let logs = self.node.ask("eth_getLogs", filter);
        let hash = |log: &Value| log["transactionHash"].as_str().unwrap().to_owned();
        let mut sent: Vec<_> = logs.as_array().unwrap().iter().map(hash).collect();
        sent.sort();
        sent.dedup();
        assert_eq!(sent.len() as u64, self.count("latest"));
        assert_eq!(self.count("pending"), self.count("latest"));
    }
}

/// A node that passes every question on to another one, and changes its answers.
pub fn liar(url: &str, change: impl Fn(&Value, &mut Value) + Send + 'static) -> String {
    let honest = Client::new(url, Duration::from_secs(10)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = pass_on(stream.unwrap(), &honest, &change);
        }
    });
    address
}

fn pass_on(
    mut stream: TcpStream,
    honest: &Client,
    change: &impl Fn(&Value, &mut Value),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line)? > 2 {
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let asked: Value = serde_json::from_slice(&body)?;
    let mut result = honest.ask(asked["method"].as_str().unwrap(), &asked["params"]).unwrap();
    change(&asked, &mut result);
    let body = json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
