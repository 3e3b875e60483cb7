//! The board in a record's folder.

use crate::failure::{Failure, Result};
use rand_core::OsRng;
use std::path::Path;
use tabella::{
    Board, Manifest,
    board::{State, replay},
    log::ReadLog,
    record::{self, DiskBoard, Folder, Opened, Opening, WriteError},
};

/// A board that the operator writes to. What it accepts is on the disk before anybody hears of it.
pub struct Desk {
    pub board: DiskBoard,
}

impl Desk {
    /// An empty board in a new folder.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self { board: record::create(path).map_err(Failure::unreadable)? })
    }

    /// The board in this folder. What a crash left behind the last whole message is cut off. What the snapshot beside it vouches for
    /// is not verified again.
    pub fn open(path: &Path) -> Result<Self> {
        Self::opened(path, Opening::of(path))
    }

    /// The same with everything verified.
    pub fn open_verified(path: &Path) -> Result<Self> {
        Self::opened(path, Opening::of(path).believing_nothing())
    }

    fn opened(path: &Path, opening: Opening<'_>) -> Result<Self> {
        let Opened { board, cut, .. } = opening.open(&mut OsRng).map_err(|error| match error {
            WriteError::Replay(error) => Failure::refused(format!("{}: {error}", path.display())),
            error => Failure::unreadable(error),
        })?;
        if let Some(cut) = cut {
            eprintln!(
                "what stood behind entry {} was not whole, as after a crash, and was cut off",
                cut.entry
            );
        }
        Ok(Self { board })
    }

    /// Writes what people and programs read of the board beside it.
    pub fn views(&mut self) -> Result<()> {
        self.board.views().map_err(Failure::unreadable)
    }

    /// The election's manifest.
    pub fn manifest(&self) -> Result<Manifest> {
        manifest(self.board.state())
    }
}

/// Replays the board in a folder that somebody else writes.
pub fn read(path: &Path) -> Result<Board> {
    let mut log = Folder::open(path).map_err(Failure::unreadable)?.log();
    let mut bytes = Vec::new();
    for index in 0.. {
        let Some(entry) = log.entry(index).map_err(Failure::unreadable)? else { break };
        // Entries are at most 65,535 bytes, by the format.
        bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
        bytes.extend_from_slice(&entry);
    }
    replay(&bytes, &mut OsRng)
        .map_err(|error| Failure::refused(format!("{}: {error}", path.display())))
}

/// The manifest of a board.
pub fn manifest(state: &State) -> Result<Manifest> {
    let manifest = state.manifest().cloned();
    manifest.ok_or_else(|| Failure::refused("the board is empty: the manifest comes first"))
}
