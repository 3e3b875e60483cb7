//! What is kept beside a record's folder, and belongs to no record.

use super::folder::{FolderError, PART, at};
use crate::board::{Snapshot, SnapshotError, State};
use core::fmt;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// A snapshot is made when this many entries have come.
const STEP: u64 = if cfg!(test) { 4 } else { 4096 };

/// The file `<folder>.snapshot` beside the folder of a record. It is for one machine and never part of what an auditor gets.
#[derive(Debug, Default)]
pub(super) struct Beside {
    /// None if the folder is the root of its file system.
    path: Option<PathBuf>,
    /// How many entries the snapshot there has.
    size: u64,
}

/// Why a snapshot was of no use, so that everything was verified.
#[derive(Debug)]
#[non_exhaustive]
pub enum NoSnapshot {
    /// It cannot be read from the file system.
    Folder(FolderError),
    /// It is damaged, or of another version of this program.
    Snapshot(SnapshotError),
    /// Its sums are not those of the record's ballots.
    Wrong,
}

impl fmt::Display for NoSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Snapshot(error) => error.fmt(f),
            Self::Wrong => {
                f.write_str("the sums of the snapshot are not those of the record's ballots")
            }
        }
    }
}

impl core::error::Error for NoSnapshot {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Folder(error) => Some(error),
            Self::Snapshot(error) => Some(error),
            Self::Wrong => None,
        }
    }
}

impl Beside {
    /// Of the record in this folder, which is there.
    pub(super) fn of(record: &Path) -> Result<Self, FolderError> {
        let folder = at(record, fs::canonicalize(record))?;
        let path = folder.file_name().map(|name| {
            let mut name = name.to_owned();
            name.push(".snapshot");
            folder.with_file_name(name)
        });
        Ok(Self { path, size: 0 })
    }

    /// Removes what another record left that was here.
    pub(super) fn clear(&self) -> Result<(), FolderError> {
        let Some(path) = &self.path else { return Ok(()) };
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => at(path, Err(error)),
            _ => Ok(()),
        }
    }

    /// The snapshot, if there is one.
    pub(super) fn read(&self) -> Result<Option<Snapshot>, NoSnapshot> {
        let Some(path) = &self.path else { return Ok(None) };
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => at(path, bytes).map_err(NoSnapshot::Folder)?,
        };
        Snapshot::from_bytes(&bytes).map(Some).map_err(NoSnapshot::Snapshot)
    }

    /// Says that there is one of this size, or that there is none that is right.
    pub(super) fn note(&mut self, size: u64) {
        self.size = size;
    }

    /// Writes one of this state if it is time. All entries must be on the disk.
    ///
    /// What fails here costs only time at the next start: an older snapshot is as right as a new one.
    pub(super) fn keep_up(&mut self, state: &State) {
        if state.size() / STEP == self.size / STEP {
            return;
        }
        self.size = state.size();
        if let (Some(path), Some(snapshot)) = (&self.path, Snapshot::of(state)) {
            let _ = put(path, &snapshot.to_bytes());
        }
    }
}

/// Puts a whole file in place of another, or leaves that.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(PART);
    let part = PathBuf::from(part);
    // What stands there may be a link to somewhere else.
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::options().create_new(true).write(true).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}
