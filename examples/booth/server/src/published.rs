//! What everybody reads without asking the board.

use crate::refusals::Refused;
use serde::Serialize;
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tabella::{
    Manifest,
    board::{Phase, State},
    log::checkpoint::SignedCheckpoint,
    views,
};

/// Seconds since 1970, by this machine's clock.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// The board as it was after the last write.
#[derive(Debug)]
pub struct Published {
    /// Where the election is.
    pub status: Status,
    /// The election bundle as text, once there are keys.
    pub bundle: Option<Arc<str>>,
    /// The newest checkpoint.
    pub checkpoint: Option<Arc<Newest>>,
    /// The turnout as JSON.
    pub turnout: Arc<str>,
    /// The files of the record.
    pub files: Files,
    /// What the board refused.
    pub refusals: Vec<Refused>,
    /// What the operator can do now.
    pub commands: Vec<&'static str>,
}

/// Where the election is, as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    election: String,
    manifest: String,
    phase: &'static str,
    open: bool,
    /// How many entries the board has.
    pub entries: u64,
    /// The root over them.
    pub root: String,
    voters: u64,
    ballots: u64,
    spoiled: u64,
    waits: Vec<String>,
    checkpoint: Option<u64>,
    log: bool,
    /// The largest body that is taken now.
    pub largest_body: usize,
    time: u64,
}

impl Status {
    /// Of this board.
    pub fn of(
        state: &State,
        manifest: &Manifest,
        newest: Option<&Newest>,
        largest_body: usize,
    ) -> Self {
        Self {
            election: manifest.id().to_owned(),
            manifest: manifest.hash().to_string(),
            phase: phase(state.phase()),
            open: state.phase() == Phase::Voting,
            entries: state.size(),
            root: state.root().to_string(),
            voters: state.roll().map_or(0, |roll| roll.len() as u64),
            ballots: state.counted(),
            spoiled: state.spoiled(),
            waits: views::waits(state),
            checkpoint: newest.map(|newest| newest.signed.checkpoint().size()),
            log: manifest.log().is_some(),
            largest_body,
            time: now(),
        }
    }
}

/// A word for a phase.
fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Empty => "empty",
        Phase::Committing => "committing",
        Phase::Dealing => "dealing",
        Phase::Complaining => "complaining",
        Phase::Confirming => "confirming",
        Phase::Enrolling => "enrolling",
        Phase::Voting => "voting",
        Phase::Frozen => "frozen",
        Phase::Closed => "closed",
        Phase::Mixing => "mixing",
        Phase::Opening => "opening",
        Phase::Finished => "finished",
        _ => "other",
    }
}

/// The newest checkpoint.
#[derive(Debug)]
pub struct Newest {
    /// As it was signed.
    pub signed: SignedCheckpoint,
    /// When this server signed or found it.
    pub time: u64,
}

/// The files of the record, in the order in which an audit wants them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Segments that grow no more.
    pub whole: Arc<Vec<File>>,
    /// The segment that grows.
    pub last: Option<File>,
    /// Checkpoints, ascending.
    pub checkpoints: Arc<Vec<File>>,
    /// What people and programs read.
    pub views: Arc<Vec<File>>,
}

/// A file of the record, as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its path in the record.
    pub path: String,
    /// How many of its bytes belong to the board of the list.
    pub bytes: u64,
}

impl Files {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &File> {
        self.whole.iter().chain(&self.last).chain(&*self.checkpoints).chain(&*self.views)
    }
}
