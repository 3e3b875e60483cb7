//! The board in a record's folder.

use crate::failure::{Failure, Result};
use rand_core::OsRng;
use std::path::Path;
use tabella::{
    Board, Manifest,
    board::replay,
    log::ReadLog,
    record::{Folder, Writer},
};

/// A board that the operator writes to.
pub struct Desk {
    pub board: Board,
    writer: Writer,
}

impl Desk {
    /// An empty board in a new folder.
    pub fn create(path: &Path) -> Result<Self> {
        let writer = Writer::create(path).map_err(Failure::unreadable)?;
        Ok(Self { board: Board::new(), writer })
    }

    /// The board in this folder. What a crash left behind the last whole message is cut off.
    pub fn open(path: &Path) -> Result<Self> {
        let (writer, cut) = Writer::resume(path).map_err(Failure::unreadable)?;
        if let Some(cut) = cut {
            eprintln!(
                "what stood behind entry {} was not whole, as after a crash, and was cut off",
                cut.entry
            );
        }
        Ok(Self { board: read(path)?, writer })
    }

    /// Writes what is new, and waits until the disk has it.
    pub fn save(&mut self) -> Result<()> {
        self.writer.follow(&self.board).map_err(Failure::unreadable)?;
        self.writer.views(self.board.state()).map_err(Failure::unreadable)
    }

    /// The election's manifest.
    pub fn manifest(&self) -> Result<Manifest> {
        manifest(&self.board)
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
pub fn manifest(board: &Board) -> Result<Manifest> {
    let manifest = board.state().manifest().cloned();
    manifest.ok_or_else(|| Failure::refused("the board is empty: the manifest comes first"))
}
