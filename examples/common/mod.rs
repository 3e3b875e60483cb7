//! A record as a folder: the board's entries in one file, size and root of the board in another, nothing else.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};
use tabella::{
    board::Board,
    record::{Checkpoint, CheckpointError, Entries, Torn},
};

/// The board's entries, each behind its length.
pub const BOARD: &str = "board.bin";
/// The checkpoint as text.
pub const CHECKPOINT: &str = "checkpoint.txt";
/// More bytes than any checkpoint has.
const MAX_CHECKPOINT: u64 = 1_000;

/// What a folder holds.
pub struct Folder {
    /// The board's bytes.
    pub board: Vec<u8>,
    /// What they should give.
    pub checkpoint: Checkpoint,
}

/// Why a folder is not a record, or cannot become one.
#[derive(Debug)]
pub enum FolderError {
    /// The file system says so.
    Io(PathBuf, io::Error),
    /// The folder has something that is no part of a record.
    Stranger(PathBuf),
    /// A file of the record is no plain file or too long for what it should be.
    NotAFile(PathBuf),
    /// The checkpoint has a byte that is not text.
    NotText(PathBuf, usize),
    /// The checkpoint is none.
    Checkpoint(CheckpointError),
    /// The board's file ends inside an entry.
    Torn(PathBuf, Torn),
    /// A board without a manifest has no checkpoint.
    Empty,
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Stranger(path) => write!(
                f,
                "{}: no part of a record, which has {BOARD} and {CHECKPOINT} only",
                path.display()
            ),
            Self::NotAFile(path) => write!(f, "{}: not a file of a record", path.display()),
            Self::NotText(path, at) => write!(f, "{}: no text at byte {at}", path.display()),
            Self::Checkpoint(error) => error.fmt(f),
            Self::Torn(path, torn) => write!(f, "{}: {torn}", path.display()),
            Self::Empty => f.write_str("there is nothing on the board"),
        }
    }
}

impl std::error::Error for FolderError {}

/// Adds the path to an error of the file system.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, FolderError> {
    result.map_err(|error| FolderError::Io(path.into(), error))
}

/// Makes the folder if it is not there. One that holds anything but a record is left alone.
#[allow(dead_code)]
pub fn prepare(folder: &Path) -> Result<(), FolderError> {
    at(folder, fs::create_dir_all(folder))?;
    no_strangers(folder)
}

/// Writes a record, in place of the one that may be there.
#[allow(dead_code)]
pub fn write(folder: &Path, board: &Board) -> Result<(), FolderError> {
    prepare(folder)?;
    let checkpoint = Checkpoint::of(board.state()).ok_or(FolderError::Empty)?;
    for (name, bytes) in [(BOARD, board.bytes()), (CHECKPOINT, checkpoint.to_string().as_bytes())] {
        let path = folder.join(name);
        at(&path, fs::write(&path, bytes))?;
    }
    Ok(())
}

/// Reads a record. Its board is whole entries, and nothing else of it is checked yet.
#[allow(dead_code)]
pub fn read(folder: &Path) -> Result<Folder, FolderError> {
    no_strangers(folder)?;
    let file = |name| {
        let path = folder.join(name);
        let data = at(&path, fs::symlink_metadata(&path))?;
        let long = name == CHECKPOINT && data.len() > MAX_CHECKPOINT;
        if long || !data.is_file() { Err(FolderError::NotAFile(path)) } else { Ok(path) }
    };
    let (path, board) = (file(CHECKPOINT)?, file(BOARD)?);
    let text = String::from_utf8(at(&path, fs::read(&path))?)
        .map_err(|error| FolderError::NotText(path, error.utf8_error().valid_up_to()))?;
    let checkpoint = text.parse().map_err(FolderError::Checkpoint)?;
    let bytes = at(&board, fs::read(&board))?;
    match Entries::new(&bytes).find_map(Result::err) {
        Some(torn) => Err(FolderError::Torn(board, torn)),
        None => Ok(Folder { board: bytes, checkpoint }),
    }
}

fn no_strangers(folder: &Path) -> Result<(), FolderError> {
    for file in at(folder, fs::read_dir(folder))? {
        let file = at(folder, file)?;
        if ![BOARD, CHECKPOINT].iter().any(|name| file.file_name() == *name) {
            return Err(FolderError::Stranger(file.path()));
        }
    }
    Ok(())
}
