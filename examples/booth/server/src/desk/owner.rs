//! What the thread does that owns the board.

use super::{Answer, Ask, Command, Reason, Reply, answer, command, verify::verify};
use crate::{
    failure::{Failure, at},
    published::{File, Files, Newest, Published, Status, now},
    refusals::Refusals,
    serve::Limits,
    turnout::{self, History},
};
use std::{
    fs, mem,
    path::PathBuf,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tabella::{
    AuthorSecret, Manifest,
    board::Phase,
    log::{
        SEGMENT,
        checkpoint::{Checkpoint, LogSecret},
        merkle::Head,
    },
    rand_core::OsRng,
    record::{DiskBoard, Folder},
};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{info, warn};

/// Most messages that wait for the disk together, and most questions that are answered between two writes.
const TOGETHER: usize = 1024;
/// At most so often the turnout is computed.
const TURNOUT: Duration = Duration::from_secs(1);

/// Messages that were sent together, and where the answers go.
type Post = (Vec<Vec<u8>>, oneshot::Sender<Vec<Answer>>);

/// What the server signs with.
pub(crate) struct Keys {
    pub(crate) operator: AuthorSecret,
    pub(crate) log: Option<LogSecret>,
}

/// The owner of the board.
pub(crate) struct Owner {
    path: PathBuf,
    board: DiskBoard,
    manifest: Manifest,
    keys: Keys,
    limits: Limits,
    history: History,
    refusals: Refusals,
    newest: Option<Arc<Newest>>,
    checked: Instant,
    files: Files,
    bundle: Option<Arc<str>>,
    turnout: Arc<str>,
    counted: Instant,
    phase: Phase,
    verifying: bool,
    asks: mpsc::Receiver<Ask>,
    own: mpsc::WeakSender<Ask>,
    published: watch::Sender<Arc<Published>>,
}

impl Owner {
    /// The owner of this board, what it is asked through, and what it has published.
    pub(crate) fn new(
        path: PathBuf,
        board: DiskBoard,
        keys: Keys,
        history: History,
        limits: Limits,
    ) -> Result<(Self, super::Desk), Failure> {
        let manifest = board.state().manifest().cloned();
        let manifest = manifest.ok_or_else(|| Failure::of(&path, "the board has no manifest"))?;
        let signed = Folder::open(&path).and_then(|f| f.checkpoints()).map_err(Failure::new)?;
        let newest = signed.last().cloned().map(|signed| Arc::new(Newest { signed, time: now() }));
        let (asks, inbox) = mpsc::channel(limits.waiting);
        let turnout: Arc<str> = turnout::json(board.state(), &manifest, &history).into();
        let first = Published {
            status: Status::of(board.state(), &manifest, newest.as_deref(), limits.largest_message),
            bundle: None,
            checkpoint: newest.clone(),
            turnout: turnout.clone(),
            files: Files::default(),
            refusals: Vec::new(),
            commands: Vec::new(),
        };
        let (sender, published) = watch::channel(Arc::new(first));
        let mut owner = Self {
            phase: board.state().phase(),
            own: asks.downgrade(),
            asks: inbox,
            published: sender,
            checked: Instant::now(),
            counted: Instant::now(),
            files: Files::default(),
            refusals: Refusals::default(),
            bundle: None,
            verifying: false,
            path,
            board,
            manifest,
            keys,
            limits,
            history,
            newest,
            turnout,
        };
        for signed in &signed {
            owner.list_checkpoint(signed.checkpoint().size())?;
        }
        // A crash may have come between the board and what is read of it.
        owner.board.views().map_err(Failure::new)?;
        owner.list_views()?;
        owner.bundle();
        owner.publish(true)?;
        Ok((owner, super::Desk { asks, published }))
    }

    /// Answers until it is told to stop, or the disk fails.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        while let Some(first) = self.asks.blocking_recv() {
            let (mut posts, mut others, mut messages) = (Vec::new(), Vec::new(), 0);
            let mut next = Some(first);
            // What has arrived meanwhile waits for the disk together with the first.
            while let Some(ask) = next {
                match ask {
                    Ask::Post(objects, reply) => {
                        messages += objects.len();
                        posts.push((objects, reply));
                    }
                    other => others.push(other),
                }
                let has_room = messages < TOGETHER && others.len() < TOGETHER;
                next = has_room.then(|| self.asks.try_recv().ok()).flatten();
            }
            self.post(posts)?;
            let mut stop = false;
            for other in others {
                stop |= self.other(other)?;
            }
            if stop {
                break;
            }
        }
        self.checkpoint()?;
        self.note(true);
        info!(entries = self.board.state().size(), "the board is closed");
        Ok(())
    }

    fn post(&mut self, posts: Vec<Post>) -> Result<(), Failure> {
        if posts.is_empty() {
            return Ok(());
        }
        let objects: Vec<&[u8]> = posts.iter().flat_map(|(o, _)| o).map(Vec::as_slice).collect();
        let verdicts = self.board.post_all(&objects, &mut OsRng);
        // Nobody is told that anything was accepted.
        self.failed()?;
        let mut answers = Vec::with_capacity(objects.len());
        for (object, verdict) in objects.iter().zip(&verdicts) {
            let answer = answer::of(&self.board, &self.keys.operator, object, verdict);
            let answer = answer.map_err(Failure::new)?;
            if let (Answer::Refused { .. }, Err(refusal)) = (&answer, verdict) {
                self.refusals.note(refusal);
            }
            answers.push(answer);
        }
        self.settle()?;
        let mut answers = answers.into_iter();
        for (objects, reply) in posts {
            // Whoever asked may have gone.
            let _ = reply.send(answers.by_ref().take(objects.len()).collect());
        }
        Ok(())
    }

    /// Answers what is no message. Returns whether to stop.
    fn other(&mut self, ask: Ask) -> Result<bool, Failure> {
        match ask {
            Ask::Question(question) => question(&self.board),
            Ask::Operate(Command::Tally, reply) => self.verify(reply),
            Ask::Operate(command, reply) => self.operate(&command, None, reply)?,
            Ask::Verified(found, reply) => {
                self.verifying = false;
                match found {
                    Ok(head) => self.operate(&Command::Tally, Some(head), reply)?,
                    Err(error) => {
                        let reason = Reason { reason: "record", error };
                        warn!(reason = reason.error, "the record does not verify");
                        let _ = reply.send(Err(reason));
                    }
                }
            }
            Ask::Tick => self.settle()?,
            Ask::Stop => return Ok(true),
            Ask::Post(objects, reply) => self.post(vec![(objects, reply)])?,
        }
        Ok(false)
    }

    /// Everything is counted from the tally on, so all of it is verified before, also what a snapshot vouched for.
    fn verify(&mut self, reply: Reply) {
        let (size, path, own) = (self.board.state().size(), self.path.clone(), self.own.clone());
        if self.board.state().phase() != Phase::Closed || self.verifying {
            let error = match self.verifying {
                true => "the record is being verified".into(),
                false => format!("no tally is taken {}", self.board.state().phase()),
            };
            let _ = reply.send(Err(Reason { reason: "out-of-phase", error }));
            return;
        }
        self.verifying = true;
        info!(entries = size, "verifying the record before the tally");
        thread::spawn(move || {
            let found = verify(&path, size);
            // Without the owner the server is ending.
            if let Some(own) = own.upgrade() {
                let _ = own.blocking_send(Ask::Verified(found, reply));
            }
        });
    }

    fn operate(
        &mut self,
        command: &Command,
        verified: Option<Head>,
        reply: Reply,
    ) -> Result<(), Failure> {
        let Self { board, manifest, keys, .. } = self;
        let mut done = command::run(board, &keys.operator, manifest, command, verified);
        self.failed()?;
        if *command == Command::Checkpoint {
            match self.keys.log {
                Some(_) => self.checkpoint()?,
                None => {
                    let error = "the server was started without the log's key".into();
                    done = Err(Reason { reason: "log-key", error });
                }
            }
        }
        match &done {
            Ok(sentence) => info!(?command, sentence, "done"),
            Err(reason) => info!(?command, reason = reason.error, "refused"),
        }
        self.board.views().map_err(Failure::new)?;
        self.list_views()?;
        self.settle()?;
        let _ = reply.send(done);
        Ok(())
    }

    /// Whether the disk failed.
    fn failed(&self) -> Result<(), Failure> {
        self.board.failure().map_or(Ok(()), |failure| Err(Failure::new(failure)))
    }

    /// Signs a checkpoint if one is due, and publishes what there is.
    fn settle(&mut self) -> Result<(), Failure> {
        let phase = self.board.state().phase();
        let moved = mem::replace(&mut self.phase, phase) != phase;
        if moved || self.checked.elapsed() >= self.limits.checkpoint_every {
            self.checkpoint()?;
        }
        if moved && self.bundle.is_none() {
            self.bundle();
        }
        self.publish(moved)
    }

    /// Signs a checkpoint of what is on the disk, unless the newest one has all of it.
    fn checkpoint(&mut self) -> Result<(), Failure> {
        self.checked = Instant::now();
        let Some(log) = &self.keys.log else { return Ok(()) };
        let head = self.board.state().head();
        if self.newest.as_ref().is_some_and(|newest| newest.signed.checkpoint().head() == head) {
            return Ok(());
        }
        let checkpoint = Checkpoint::new(&self.manifest.origin(), head).map_err(Failure::new)?;
        let signed = log.sign(&checkpoint);
        self.board.checkpoint(&signed).map_err(Failure::new)?;
        self.list_checkpoint(head.size)?;
        self.newest = Some(Arc::new(Newest { signed, time: now() }));
        self.bundle();
        Ok(())
    }

    /// Makes the bundle anew.
    fn bundle(&mut self) {
        let newest = self.newest.as_ref().map(|newest| newest.signed.clone());
        // There is none before the keys are there.
        let bundle = self.board.state().bundle(newest, &mut OsRng);
        self.bundle = bundle.ok().map(|bundle| bundle.to_text().into());
    }

    fn publish(&mut self, all: bool) -> Result<(), Failure> {
        if all || self.counted.elapsed() >= TURNOUT {
            self.counted = Instant::now();
            self.note(all);
            self.turnout = turnout::json(self.board.state(), &self.manifest, &self.history).into();
        }
        self.list_segments()?;
        let state = self.board.state();
        let is_voting = state.phase() == Phase::Voting;
        let largest =
            if is_voting { self.limits.largest_ballot } else { self.limits.largest_message };
        let published = Published {
            status: Status::of(state, &self.manifest, self.newest.as_deref(), largest),
            bundle: self.bundle.clone(),
            checkpoint: self.newest.clone(),
            turnout: self.turnout.clone(),
            files: self.files.clone(),
            refusals: self.refusals.list(),
            commands: command::taken(state, self.keys.log.is_some()),
        };
        self.published.send_replace(Arc::new(published));
        Ok(())
    }

    /// Notes the turnout. If that fails, voting goes on without it.
    fn note(&mut self, must: bool) {
        if let Some(turnout) = turnout::of(self.board.state())
            && let Err(error) = self.history.note(&turnout, must)
        {
            warn!(%error, "the turnout is not noted");
        }
    }

    fn file(&self, path: String) -> Result<File, Failure> {
        let full = self.path.join(&path);
        Ok(File { bytes: at(&full, fs::metadata(&full))?.len(), path })
    }

    /// The segments as they are now: what is on the board is all that is in them.
    fn list_segments(&mut self) -> Result<(), Failure> {
        let size = self.board.state().size();
        let segment = |number: u64| format!("board/{number:08}.bin");
        while (self.files.whole.len() as u64 + 1) * SEGMENT < size {
            let whole = self.file(segment(self.files.whole.len() as u64))?;
            Arc::make_mut(&mut self.files.whole).push(whole);
        }
        self.files.last = Some(self.file(segment(self.files.whole.len() as u64))?);
        Ok(())
    }

    fn list_checkpoint(&mut self, size: u64) -> Result<(), Failure> {
        let file = self.file(format!("checkpoints/{size}.txt"))?;
        let list = Arc::make_mut(&mut self.files.checkpoints);
        list.retain(|known| known.path != file.path);
        list.push(file);
        Ok(())
    }

    fn list_views(&mut self) -> Result<(), Failure> {
        let names = ["manifest.json", "result.json"];
        let there = names.into_iter().filter(|name| self.path.join(name).is_file());
        let files: Result<Vec<File>, Failure> = there.map(|n| self.file(n.to_owned())).collect();
        self.files.views = Arc::new(files?);
        Ok(())
    }
}
