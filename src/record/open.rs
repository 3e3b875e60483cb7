//! A board that lives on disk.

use super::{
    Cut, WriteError, Writer,
    writer::{Disk, Files},
};
use crate::{board::Board, log::checkpoint::SignedCheckpoint};
use alloc::boxed::Box;
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
}

/// Begins a record in a folder that is empty, or is made.
pub fn create(path: &Path) -> Result<DiskBoard, WriteError> {
    Ok(Board::on(Writer::create(path)?))
}

/// Opens a record to go on with its board. One process at a time holds it.
///
/// Everything on the board is checked again.
///
/// # Errors
///
/// Those of [`Writer::resume`], and `Replay` if an entry is not one that the board's rules accept.
pub fn open(path: &Path, rng: &mut (impl CryptoRng + RngCore)) -> Result<Opened, WriteError> {
    open_on(path, Box::new(Files), rng)
}

pub(super) fn open_on(
    path: &Path,
    disk: Box<dyn Disk>,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Opened, WriteError> {
    let (writer, cut) = Writer::resume_on(path, disk)?;
    let board = Board::load(writer, rng).map_err(WriteError::Replay)?;
    Ok(Opened { board, cut })
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
