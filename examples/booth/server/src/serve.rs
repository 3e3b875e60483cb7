//! The server as a whole: it opens the board, listens, and ends in order.

use crate::{
    Failure,
    desk::{Ask, Desk, Keys, Owner},
    failure::at,
    http::{self, App, Pages},
    keys,
    token::Token,
    turnout::History,
};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tabella::{rand_core::OsRng, record};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tracing::{info, warn};

/// How much is taken.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of a body during voting.
    pub largest_ballot: usize,
    /// Bytes of a body in other phases, in which trustees send mixes.
    pub largest_message: usize,
    /// Bytes of all bodies together.
    pub bodies: usize,
    /// Asks that wait for the board.
    pub waiting: usize,
    /// Connections at once.
    pub connections: usize,
    /// How long a head may take, a body before its sender must keep up the least rate, a connection without a request, and a reader that
    /// takes nothing.
    pub patience: Duration,
    /// How often a checkpoint is signed while the board grows.
    pub checkpoint_every: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            largest_ballot: 1 << 20,
            largest_message: 64 << 20,
            bodies: 256 << 20,
            waiting: 4096,
            connections: 4096,
            patience: Duration::from_secs(10),
            checkpoint_every: Duration::from_secs(30),
        }
    }
}

/// What to serve, and with which keys.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the board, with its manifest.
    pub board: PathBuf,
    /// The operator's key.
    pub key: PathBuf,
    /// The log's key.
    pub log_key: Option<PathBuf>,
    /// The file with the passphrase of both.
    pub passphrase: PathBuf,
    /// The folder of the page.
    pub page: Option<PathBuf>,
    /// The node of a chain that the page may ask.
    pub chain_node: Option<String>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How much is taken.
    pub limits: Limits,
}

/// A server that runs.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    /// The file with the operator's token.
    pub token_file: PathBuf,
    /// The operator's token.
    pub token: Arc<Token>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Failure>>,
}

impl Served {
    /// Waits until the server ends by itself, because its disk failed, or until it is to be stopped. Then it answers what it has
    /// accepted, and ends.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let Self { stop: tell, mut ended, .. } = self;
        tokio::select! {
            result = &mut ended => return result.map_err(Failure::new)?,
            () = stop => {}
        }
        // It may have ended at this moment.
        let _ = tell.send(());
        ended.await.map_err(Failure::new)?
    }
}

/// A file beside the board's folder, which belongs to no record.
fn beside(board: &Path, ending: &str) -> Result<PathBuf, Failure> {
    let folder = at(board, fs::canonicalize(board))?;
    let name = folder.file_name().ok_or_else(|| Failure::of(board, "not a folder of a board"))?;
    let mut name = name.to_owned();
    name.push(ending);
    Ok(folder.with_file_name(name))
}

/// Opens the board and begins to serve it.
pub async fn serve(options: Options) -> Result<Served, Failure> {
    let Options { board: path, key, log_key, passphrase, page, chain_node, listen, limits } =
        options;
    let policy = http::policy(chain_node.as_deref())?;
    let started = Instant::now();
    let opened = record::open(&path, &mut OsRng);
    let opened = opened.map_err(|error| Failure::of(&path, error))?;
    if let Some(cut) = &opened.cut {
        warn!(
            entry = cut.entry,
            torn = cut.torn,
            "what a crash left behind the last message is cut off"
        );
    }
    if let Err(reason) = &opened.known {
        warn!(%reason, "the snapshot was of no use, and everything was verified");
    }
    let board = opened.board;
    let empty = || Failure::of(&path, "the board is empty: `tabella operator open` begins one");
    let manifest = board.state().manifest().cloned().ok_or_else(empty)?;
    let log = log_key.map(|key| keys::log(&key, &passphrase, &manifest)).transpose()?;
    let keys = Keys { operator: keys::operator(&key, &passphrase, &manifest)?, log };
    let history = History::read(beside(&path, ".turnout")?, &manifest);
    let token_file = beside(&path, ".token")?;
    let token = Arc::new(Token::keep(&token_file)?);
    let pages = page.map_or(Ok(Pages::default()), |folder| Pages::read(&folder))?;
    info!(
        entries = board.state().size(),
        phase = %board.state().phase(),
        pages = pages.len(),
        milliseconds = started.elapsed().as_millis() as u64,
        "the board is open"
    );
    let history = history.map_err(|error| Failure::of(&path, error))?;
    let (owner, desk) = Owner::new(path.clone(), board, keys, history, limits.clone())?;
    let listener = TcpListener::bind(listen).await;
    let listener = listener.map_err(|error| Failure::new(format!("{listen}: {error}")))?;
    let address = listener.local_addr().map_err(Failure::new)?;
    let (stop, stopped) = oneshot::channel();
    let (board_ended, board_end) = oneshot::channel();
    thread::Builder::new()
        .name("board".into())
        .spawn(move || board_ended.send(owner.run()))
        .map_err(Failure::new)?;
    let app = App::new(desk.clone(), token.clone(), pages, policy, path, limits);
    let ended = tokio::spawn(run(listener, app, desk, stopped, board_end));
    Ok(Served { address, token_file, token, stop, ended })
}

async fn run(
    listener: TcpListener,
    app: Arc<App>,
    desk: Desk,
    stopped: oneshot::Receiver<()>,
    mut board: oneshot::Receiver<Result<(), Failure>>,
) -> Result<(), Failure> {
    let ticks = tokio::spawn(tick(desk.clone()));
    let (drain, draining) = tokio::sync::watch::channel(());
    let accepting = tokio::spawn(http::accept(listener, app, draining));
    let failed = tokio::select! {
        ended = &mut board => Some(ended),
        _ = stopped => None,
    };
    // No more connections; those that are there end with the answer to what they have asked.
    drop(drain);
    accepting.await.map_err(Failure::new)?;
    ticks.abort();
    let ended = match failed {
        Some(ended) => ended,
        None => {
            // Behind everything that was asked before.
            let _ = desk.asks.send(Ask::Stop).await;
            board.await
        }
    };
    ended.unwrap_or_else(|_| Err(Failure::new("the thread of the board has ended")))
}

async fn tick(desk: Desk) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // If there is no room, others wake the thread.
        let _ = desk.asks.try_send(Ask::Tick);
    }
}
