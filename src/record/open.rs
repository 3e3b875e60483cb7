//! A board that lives on disk.

use super::{Cut, NoSnapshot, Progress, Stage, WriteError, Writer, progress::Tell};
#[cfg(doc)]
use crate::board::{ReplayError, Snapshot};
use crate::{board::Board, log::checkpoint::SignedCheckpoint, trace::event};
use core::{fmt, ops::ControlFlow};
use rand_core::{CryptoRng, RngCore};
use std::path::Path;

/// A board whose entries are in a record's folder. What it accepts is on the disk before anybody learns that it is accepted;
/// [`post_all`](Board::post_all) writes many objects and waits for the disk once. See [`create`] and [`open`].
pub type DiskBoard = Board<Writer>;

/// A record that was opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The board, to be posted to.
    pub board: DiskBoard,
    /// What a crash left behind the last whole object; it was cut off. Nobody was told that it was accepted.
    pub cut: Option<Cut>,
    /// How many of the first entries a snapshot vouched for, 0 without one; or why it is of no use.
    pub known: Result<u64, NoSnapshot>,
}

/// Begins a record in a folder that is empty, or is made.
pub fn create(path: &Path) -> Result<DiskBoard, WriteError> {
    Ok(Board::on(Writer::create(path)?))
}

/// Opens a record to go on with its board. One process at a time holds it.
///
/// All entries are read and judged. The proofs of cast ballots and of the roll's lines are verified from where the [`Snapshot`] beside the
/// folder ends, and all other proofs and signatures always: those of spoiled ballots, mixes and shares, too. See [`Opening`] for doing
/// without a snapshot.
///
/// # Errors
///
/// Those of [`Writer::resume`], and `Replay` if an entry is not one that the board's rules accept, or the record does not
/// have all entries of the snapshot.
pub fn open(path: &Path, rng: &mut (impl CryptoRng + RngCore)) -> Result<Opened, WriteError> {
    Opening::of(path).open(rng)
}

/// How a record is to be opened.
pub struct Opening<'a> {
    path: &'a Path,
    believes: bool,
    tell: Option<&'a mut Tell<'a>>,
}

impl fmt::Debug for Opening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'a> Opening<'a> {
    /// The record in this folder, as [`open`] does it.
    pub fn of(path: &'a Path) -> Self {
        Self { path, believes: true, tell: None }
    }

    /// Verifies everything, whatever the snapshot says: for example before the tally is posted, or when somebody else could
    /// write to the disk.
    pub fn believing_nothing(self) -> Self {
        Self { believes: false, ..self }
    }

    /// Tells how far it is, every few thousand entries of both [stages](Stage) and at their ends. It is broken off if that is the answer; then
    /// `open` fails with [`ReplayError::Stopped`], and the record is as it was, but for what a crash left: that is cut off at the
    /// end of the first stage.
    pub fn telling(self, tell: &'a mut Tell<'a>) -> Self {
        Self { tell: Some(tell), ..self }
    }

    /// Opens the record. See [`open`].
    pub fn open(self, rng: &mut (impl CryptoRng + RngCore)) -> Result<Opened, WriteError> {
        let Self { path, believes, mut tell } = self;
        let mut tell = |progress| match &mut tell {
            Some(tell) => tell(progress),
            None => ControlFlow::Continue(()),
        };
        let (writer, cut) = Writer::resume_telling(path, &mut tell)?;
        let (snapshot, unread) = match writer.beside.read() {
            Ok(snapshot) => (snapshot.filter(|_| believes), None),
            Err(error) => (None, Some(error)),
        };
        let of = writer.head().size;
        let mut progress = |done| tell(Progress { stage: Stage::Judging, done, of });
        let loaded = Board::load_from(writer, snapshot.as_ref(), &mut progress, rng);
        let (mut board, known) = loaded.map_err(WriteError::Replay)?;
        let wrong = (known == 0 && snapshot.is_some()).then_some(NoSnapshot::Wrong);
        let known = unread.or(wrong).map_or(Ok(known), Err);
        let (state, writer) = board.split();
        match &known {
            Ok(known) => writer.beside.note(*known),
            Err(_) => {
                event!(warn, ?known, "no snapshot was of use");
                writer.beside.clear()?;
            }
        }
        writer.beside.keep_up(state);
        Ok(Opened { board, cut, known })
    }
}

impl DiskBoard {
    /// Writes a checkpoint of this board, or more cosignatures of one that is there. See [`Writer::checkpoint`].
    pub fn checkpoint(&mut self, note: &SignedCheckpoint) -> Result<(), WriteError> {
        self.storage_mut().checkpoint(note)
    }

    /// Writes the views that there are: `manifest.json`, and `result.json` once there is a result.
    #[cfg(feature = "serde")]
    pub fn views(&mut self) -> Result<(), WriteError> {
        let (state, writer) = self.split();
        writer.views(state)
    }
}
