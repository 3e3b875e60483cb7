//! A record as a folder.

use crate::log::{
    LogError, ReadLog, SEGMENT, Segments, View,
    checkpoint::{MAX_BYTES, NoteError, SignedCheckpoint},
    segment_name,
};
use alloc::{borrow::ToOwned, collections::BTreeMap, string::String, vec::Vec};
use core::fmt;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// The ending of a file that is not written to its end yet.
pub(super) const PART: &str = ".part";
/// Where segments and checkpoints are.
pub(super) const FOLDERS: [&str; 2] = ["board", "checkpoints"];
/// The views that a record can have.
pub(super) const VIEWS: [&str; 2] = ["manifest.json", "result.json"];

/// A record to read: `board/` with its segments, `checkpoints/`, and the views `manifest.json` and `result.json`.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    segments: u64,
    checkpoints: Vec<u64>,
    views: Vec<&'static str>,
}

/// Why a folder is not a record.
#[derive(Debug)]
#[non_exhaustive]
pub enum FolderError {
    /// The file system says so.
    Io(PathBuf, io::Error),
    /// It has something that is no part of a record.
    Stranger(PathBuf),
    /// It is no plain file where there should be one, or no folder. A link is neither.
    NotAFile(PathBuf),
    /// It is longer than it can be.
    TooLong {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        found: u64,
        /// How many it can have.
        most: u64,
    },
    /// A segment is not there, but one behind it is.
    Missing(PathBuf),
    /// It has a byte that is not text.
    NotText(PathBuf, usize),
    /// A checkpoint's file has no checkpoint.
    Note(PathBuf, NoteError),
    /// A checkpoint's file is named for another size than it says.
    Misnamed(PathBuf, u64),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{path:?}: {error}"),
            Self::Stranger(path) => {
                let [manifest, result] = VIEWS;
                write!(
                    f,
                    "{path:?}: no part of a record, which has board/, checkpoints/, {manifest} and {result}"
                )
            }
            Self::NotAFile(path) => {
                write!(f, "{path:?}: not a file of a record, or not its folder; links are neither")
            }
            Self::TooLong { path, found, most } => {
                write!(f, "{path:?}: {found} bytes, where at most {most} are allowed")
            }
            Self::Missing(path) => {
                write!(f, "{path:?}: missing; segments are numbered from 0 without gaps")
            }
            Self::NotText(path, at) => write!(f, "{path:?}: no text at byte {at}"),
            Self::Note(path, error) => write!(f, "{path:?}: {error}"),
            Self::Misnamed(path, size) => {
                write!(f, "{path:?}: the checkpoint is of size {size}")
            }
        }
    }
}

impl core::error::Error for FolderError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::Note(_, error) => Some(error),
            _ => None,
        }
    }
}

/// Adds the path to an error of the file system.
pub(super) fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, FolderError> {
    result.map_err(|error| FolderError::Io(path.into(), error))
}

/// The name of a checkpoint's file.
pub(super) fn checkpoint_name(size: u64) -> String {
    alloc::format!("checkpoints/{size}.txt")
}

impl Folder {
    /// Looks at what is there. Nothing is read yet.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let mut folder =
            Self { path: path.into(), segments: 0, checkpoints: Vec::new(), views: Vec::new() };
        let mut numbers = Vec::new();
        for (name, file) in files(path)? {
            match name.as_str() {
                "board" => numbers = numbered(&file, ".bin", 8)?,
                "checkpoints" => folder.checkpoints = numbered(&file, ".txt", 0)?,
                part if part.ends_with(PART) => {}
                _ => match VIEWS.into_iter().find(|view| *view == name) {
                    Some(view) => folder.views.push(view),
                    None => return Err(FolderError::Stranger(file)),
                },
            }
        }
        for (expected, found) in (0..).zip(&numbers) {
            let file = path.join(segment_name(expected));
            if expected != *found {
                return Err(FolderError::Missing(file));
            }
            check_plain(&file, u64::MAX)?;
        }
        folder.segments = numbers.len() as u64;
        if numbers.is_empty() {
            return Err(FolderError::Missing(path.join(segment_name(0))));
        }
        Ok(folder)
    }

    pub(super) fn last_segment(&self) -> u64 {
        self.segments.saturating_sub(1)
    }

    /// Removes files that a crash left unfinished, and makes a folder that a copy left out as it was empty.
    pub(super) fn remove_parts(&self) -> Result<(), FolderError> {
        let checkpoints = self.path.join("checkpoints");
        at(&checkpoints, fs::create_dir_all(&checkpoints))?;
        for folder in [self.path.clone(), checkpoints] {
            for (name, file) in files(&folder)? {
                // Folders are nobody's business.
                if name.ends_with(PART) && !at(&file, fs::symlink_metadata(&file))?.is_dir() {
                    at(&file, fs::remove_file(&file))?;
                }
            }
        }
        Ok(())
    }

    /// The entries.
    pub fn log(&self) -> Segments<impl FnMut(u64) -> io::Result<Option<File>> + use<>, File> {
        let (path, segments) = (self.path.clone(), self.segments);
        Segments::new(move |segment| {
            let open = || File::open(path.join(segment_name(segment)));
            (segment < segments).then(open).transpose()
        })
    }

    /// How many entries there are.
    pub fn entries(&self) -> Result<u64, LogError> {
        let (mut log, mut entries) = (self.log(), self.last_segment() * SEGMENT);
        while log.entry(entries)?.is_some() {
            entries += 1;
        }
        Ok(entries)
    }

    /// The checkpoints, ascending by size. Nothing about them is verified.
    pub fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>, FolderError> {
        let read = |size: &u64| {
            let missing = || FolderError::Missing(self.path.join(checkpoint_name(*size)));
            read_checkpoint(&self.path, *size)?.ok_or_else(missing)
        };
        self.checkpoints.iter().map(read).collect()
    }

    /// The views that are there, by the names of their files. Nothing about them is verified, or read.
    pub fn views(&self) -> Result<BTreeMap<String, View>, FolderError> {
        let find = |view: &&str| {
            let path = self.path.join(view);
            check_plain(&path, u64::MAX)?;
            Ok(((*view).to_owned(), View::file(path)))
        };
        self.views.iter().map(find).collect()
    }
}

/// The checkpoint of this size in the record at `path`, if it is there.
pub(super) fn read_checkpoint(
    path: &Path,
    size: u64,
) -> Result<Option<SignedCheckpoint>, FolderError> {
    let path = path.join(checkpoint_name(size));
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    check_plain(&path, MAX_BYTES)?;
    let text = String::from_utf8(at(&path, fs::read(&path))?)
        .map_err(|error| FolderError::NotText(path.clone(), error.utf8_error().valid_up_to()))?;
    let note: SignedCheckpoint =
        text.parse().map_err(|error| FolderError::Note(path.clone(), error))?;
    match note.checkpoint().size() {
        found if found == size => Ok(Some(note)),
        found => Err(FolderError::Misnamed(path, found)),
    }
}

/// Everything in a folder, by name.
fn files(path: &Path) -> Result<Vec<(String, PathBuf)>, FolderError> {
    let mut files = Vec::new();
    for file in at(path, fs::read_dir(path))? {
        let file = at(path, file)?;
        let stranger = || FolderError::Stranger(file.path());
        files.push((file.file_name().into_string().map_err(|_| stranger())?, file.path()));
    }
    Ok(files)
}

/// The numbers of the files of a folder that are all named for one, ascending.
fn numbered(path: &Path, ending: &str, digits: usize) -> Result<Vec<u64>, FolderError> {
    if !at(path, fs::symlink_metadata(path))?.is_dir() {
        return Err(FolderError::NotAFile(path.into()));
    }
    let mut numbers = Vec::new();
    for (name, file) in files(path)? {
        if name.ends_with(PART) {
            continue;
        }
        let number: Option<u64> = name.strip_suffix(ending).and_then(|n| n.parse().ok());
        match number.filter(|n| alloc::format!("{n:0digits$}{ending}") == name) {
            Some(number) => numbers.push(number),
            None => return Err(FolderError::Stranger(file)),
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Checks that there is a plain file, and not a long one.
fn check_plain(path: &Path, most: u64) -> Result<(), FolderError> {
    let data = at(path, fs::symlink_metadata(path))?;
    match data.len() {
        _ if !data.is_file() => Err(FolderError::NotAFile(path.into())),
        found if found > most => Err(FolderError::TooLong { path: path.into(), found, most }),
        _ => Ok(()),
    }
}
