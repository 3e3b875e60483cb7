//! The whole board verified from the disk, beside the server that goes on.

use std::{borrow::Cow, fmt, io, path::Path, sync::Mutex};
use tabella::{
    Board,
    board::{State, Storage},
    log::{LogError, ReadLog, Segments, merkle::Head},
    rand_core::OsRng,
    record::Folder,
};

/// The first entries of a record, to be read only.
struct Begin<L> {
    log: Mutex<L>,
    size: u64,
}

/// Nothing is saved where a record is only read.
#[derive(Debug)]
struct ReadOnly;

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this record is only read")
    }
}

impl std::error::Error for ReadOnly {}

impl<F, R> Storage for Begin<Segments<F, R>>
where
    F: FnMut(u64) -> io::Result<Option<R>>,
    R: io::Read + io::Seek,
{
    type Error = ReadOnly;

    fn entry(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError> {
        if index >= self.size {
            return Ok(None);
        }
        let mut log = self.log.lock().unwrap_or_else(|broken| broken.into_inner());
        Ok(log.entry(index)?.map(Cow::Owned))
    }

    fn save(&mut self, _: &[&[u8]], _: &State) -> Result<(), ReadOnly> {
        Err(ReadOnly)
    }
}

/// Verifies the first `size` entries in this folder, and gives what they are.
pub fn verify(path: &Path, size: u64) -> Result<Head, String> {
    let folder = Folder::open(path).map_err(|error| error.to_string())?;
    let storage = Begin { log: Mutex::new(folder.log()), size };
    let board = Board::load(storage, &mut OsRng).map_err(|error| error.to_string())?;
    Ok(board.state().head())
}
