//! An election on disk with a server before it.

use crate::client::{Answer, Client};
use booth_server::{Failure, Limits, Options, Served, serve};
use serde_json::Value;
use std::{fs, path::PathBuf, time::Duration};
use tabella::{
    AuthorSecret, Choices, Contest, Credential, Election, Header, Manifest,
    ballot::{Origin, SealedBallot},
    board::Object,
    keys::{self, AtRest, Trustee},
    log::checkpoint::LogSecret,
    rand_core::OsRng,
    record,
};
use tempfile::TempDir;
use tokio::sync::oneshot;

const PASSPHRASE: &str = "correct horse battery staple";

/// Two districts, a station in the first, four voters: three of the first, one of the second.
pub struct Booth {
    pub folder: TempDir,
    pub manifest: Manifest,
    pub election: Election,
    pub voters: Vec<Credential>,
    pub trustees: Vec<Trustee>,
    pub ceremony: keys::Messages,
    operator: AuthorSecret,
}

impl Booth {
    pub fn new() -> Self {
        let rng = &mut OsRng;
        let folder = tempfile::tempdir().unwrap();
        let (operator, log) = (AuthorSecret::random(rng).unwrap(), LogSecret::random(rng).unwrap());
        let secrets = [AuthorSecret::random(rng).unwrap(), AuthorSecret::random(rng).unwrap()];
        let at = |name: &str| folder.path().join(name);
        fs::write(at("pass.txt"), format!("{PASSPHRASE}\n")).unwrap();
        fs::write(at("operator.key"), operator.seal(&(), PASSPHRASE, rng).unwrap()).unwrap();
        fs::write(at("log.key"), log.seal(&(), PASSPHRASE, rng).unwrap()).unwrap();
        let manifest = Manifest::builder("booth")
            .operator(operator.public().clone())
            .trustees(secrets.iter().map(|secret| secret.public().clone()), 2)
            .minimum_cell(1)
            .log(log.public())
            .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
            .contest(Contest::choose_one("mayor", ["ada", "ben"]))
            .district("north", "North")
            .district("south", "South")
            .station("school", "The school", "north")
            .style("north", "north", ["bridge"])
            .style("south", "south", ["bridge", "mayor"])
            .build()
            .unwrap();
        let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng).unwrap();
        let voters: Vec<_> = (0..4).map(|_| Credential::random(rng).unwrap()).collect();
        let style = |voter: usize| u16::from(voter == 3);
        let roll: Vec<_> = voters
            .iter()
            .enumerate()
            .map(|(i, voter)| voter.registration(&manifest, style(i), rng).unwrap())
            .collect();
        let mut board = record::create(&at("election")).unwrap();
        board.begin(&manifest, &operator, &ceremony, &trustees, &roll, rng).unwrap();
        board.views().unwrap();
        let election = board.election().unwrap().clone();
        Self { folder, manifest, election, voters, trustees, ceremony, operator }
    }

    /// The same election before its key ceremony.
    pub fn before_keys() -> Self {
        let booth = Self::new();
        fs::remove_dir_all(booth.path("election")).unwrap();
        let mut board = record::create(&booth.path("election")).unwrap();
        board.post_manifest(&booth.manifest, &booth.operator, &mut OsRng).unwrap();
        booth
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A ballot of this voter.
    pub fn sealed(&self, voter: usize, style: u16, sequence: u32) -> SealedBallot {
        let origin = if voter == 1 { Origin::Station(0) } else { Origin::Remote };
        let header = Header { style, sequence, origin };
        let mut choices = Choices::new().pick("bridge", "yes");
        if style == 1 {
            choices = choices.pick("mayor", "ada");
        }
        self.election.encrypt(&self.voters[voter], &header, &choices, &mut OsRng).unwrap()
    }

    pub fn ballot(&self, voter: usize, style: u16, sequence: u32) -> Vec<u8> {
        self.sealed(voter, style, sequence).cast().to_object()
    }

    pub async fn try_serve(
        &self,
        limits: Limits,
        page: Option<PathBuf>,
    ) -> Result<Served, Failure> {
        let options = Options {
            board: self.path("election"),
            key: self.path("operator.key"),
            log_key: Some(self.path("log.key")),
            passphrase: self.path("pass.txt"),
            page,
            chain_node: None,
            listen: "127.0.0.1:0".parse().unwrap(),
            limits,
        };
        serve(options).await
    }

    pub async fn serve(&self, limits: Limits) -> Running {
        Running::of(self.try_serve(limits, None).await.unwrap())
    }
}

/// Limits that a test can wait for.
pub fn limits() -> Limits {
    Limits {
        patience: Duration::from_secs(1),
        checkpoint_every: Duration::from_secs(1),
        ..Limits::default()
    }
}

/// A server in this process.
pub struct Running {
    pub client: Client,
    pub address: std::net::SocketAddr,
    pub token: String,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<Result<(), Failure>>,
}

impl Running {
    pub fn of(served: Served) -> Self {
        let (address, token) = (served.address, format!("Bearer {}", served.token.expose()));
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(served.until(async {
            let _ = stopped.await;
        }));
        Self { client: Client::new(address), address, token, stop, ended }
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(path).await.unwrap();
        (answer.status.as_u16(), json(&answer))
    }

    /// What becomes of one message.
    pub async fn post(&self, object: Vec<u8>) -> Value {
        self.client.post(object).await.unwrap()
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, Value) {
        let method = method.parse().unwrap();
        let answer = self.client.send(method, path, headers, body).await.unwrap();
        (answer.status.as_u16(), json(&answer))
    }

    pub async fn operate(&self, command: &str) -> (u16, Value) {
        self.operate_with(command, "{}").await
    }

    pub async fn operate_with(&self, command: &str, body: &str) -> (u16, Value) {
        let path = format!("/api/operator/{command}");
        self.send("POST", &path, &[("authorization", &self.token)], body.into()).await
    }

    /// Ends it in order.
    pub async fn end(self) {
        let _ = self.stop.send(());
        self.ended.await.unwrap().unwrap();
    }
}

pub fn json(answer: &Answer) -> Value {
    answer.json().unwrap_or_else(|_| String::from_utf8_lossy(&answer.body).into_owned().into())
}
