//! Writing a record.

use super::{
    Folder, FolderError, Log, LogError, SEGMENT,
    folder::{PART, VIEWS, at, checkpoint_name},
    segments::name,
};
use crate::{
    board::{Assembler, Board, Tree, entries, merkle::Head},
    checkpoint::{NoteSignature, SignedCheckpoint},
    error::{DecodeError, DecodeErrorKind},
};
use alloc::collections::BTreeMap;
use core::fmt;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Writes a record as the board grows.
///
/// Entries are appended and never changed. [`sync`](Self::sync), and with it every checkpoint, waits until the disk has
/// them. A crash in between leaves whole entries and perhaps one that is torn; [`resume`](Self::resume) keeps what is
/// whole, cuts off the rest and says so. One writer at a time holds a record.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    tree: Tree,
    /// The segment that is written to, unless the next entry begins one.
    segment: Option<File>,
    /// How many bytes of that segment are written.
    end: u64,
    /// The first segment, locked.
    _lock: File,
}

/// What a crash left behind the last whole object; it was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first entry that is gone.
    pub entry: u64,
    /// How many whole entries are gone: chunks of an object that was not whole.
    pub entries: u64,
    /// How many bytes of a torn entry are gone.
    pub torn: u64,
}

/// Why a record cannot be written.
#[derive(Debug)]
pub enum WriteError {
    /// The folder is not a record, or the file system fails.
    Folder(FolderError),
    /// The board's files cannot be read.
    Log(LogError),
    /// An entry is not in canonical form, so this is no board.
    Form {
        /// The entry, from 0.
        entry: u64,
        /// What is wrong in it.
        error: DecodeError,
    },
    /// The folder for a new record is not empty.
    NotEmpty(PathBuf),
    /// Another writer holds the record.
    Held(PathBuf),
    /// A checkpoint is not that of the entries that were written, or has more.
    OtherBoard {
        /// That of the checkpoint.
        found: Head,
        /// That of the entries.
        expected: Head,
    },
    /// The board has fewer entries than were written.
    Behind {
        /// How many it has.
        found: u64,
        /// How many were written.
        expected: u64,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Log(error) => error.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::NotEmpty(path) => {
                write!(f, "{path:?}: a new record needs an empty folder")
            }
            Self::Held(path) => write!(f, "{path:?}: another process writes this record"),
            Self::OtherBoard { found, expected } => write!(
                f,
                "a checkpoint of size {} and root {}, but size {} and root {} were written",
                found.size, found.root, expected.size, expected.root
            ),
            Self::Behind { found, expected } => {
                write!(f, "a board of {found} entries, but {expected} were written")
            }
        }
    }
}

impl core::error::Error for WriteError {}

impl From<FolderError> for WriteError {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

impl Writer {
    /// Begins a record in a folder that is empty, or is made.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        at(path, fs::create_dir_all(path))?;
        for file in at(path, fs::read_dir(path))? {
            let file = at(path, file)?;
            // A crash right at the beginning can leave empty folders.
            let ours = ["board", "checkpoints"].iter().any(|name| file.file_name() == *name);
            let empty = || fs::read_dir(file.path()).is_ok_and(|mut files| files.next().is_none());
            if !(ours && empty()) {
                return Err(WriteError::NotEmpty(path.into()));
            }
        }
        for folder in ["board", "checkpoints"] {
            let folder = path.join(folder);
            at(&folder, fs::create_dir_all(&folder))?;
        }
        let lock = lock(&path.join(name(0)))?;
        let writer =
            Self { path: path.into(), tree: Tree::default(), segment: None, end: 0, _lock: lock };
        writer.sync_folder("board")?;
        writer.sync_folder("")?;
        Ok(writer)
    }

    /// Goes on with a record. What a crash left behind the last whole object is cut off.
    ///
    /// # Errors
    ///
    /// `OtherBoard` if what would be left is not what a checkpoint of the record was made for. Nothing is changed then.
    pub fn resume(path: &Path) -> Result<(Self, Option<Cut>), WriteError> {
        Folder::open(path)?;
        let lock = lock(&path.join(name(0)))?;
        // Only now nobody writes any more.
        let folder = Folder::open(path)?;
        folder.remove_parts()?;
        let checkpoints = folder.checkpoints()?;
        let heads = checkpoints.iter().map(|note| note.checkpoint().head());
        let heads: BTreeMap<u64, Head> = heads.map(|head| (head.size, head)).collect();
        let mut log = folder.log();
        let (mut tree, mut assembler) = (Tree::default(), Assembler::default());
        let continues = |expected: Head| match heads.get(&expected.size) {
            Some(found) if *found != expected => {
                Err(WriteError::OtherBoard { found: *found, expected })
            }
            _ => Ok(()),
        };
        continues(tree.head())?;
        // The board up to the last whole object, and up to the entry that is next.
        let mut whole = (tree.clone(), 0);
        let mut place = 0;
        let end = loop {
            if tree.size().is_multiple_of(SEGMENT) {
                place = 0;
            }
            match log.entry(tree.size()) {
                // Some file systems leave zeros where nothing was written yet.
                Ok(Some(entry))
                    if entry.is_empty() && tree.size() / SEGMENT == folder.last_segment() =>
                {
                    let path = path.join(name(folder.last_segment()));
                    let rest = at(&path, zeros(&path, place))?;
                    let error =
                        DecodeError { at: 0, kind: DecodeErrorKind::Truncated { missing: 1 } };
                    let form = WriteError::Form { entry: tree.size(), error };
                    break Some(rest.ok_or(form)?);
                }
                Ok(Some(entry)) => {
                    let form = |error| WriteError::Form { entry: tree.size(), error };
                    let complete = assembler.push(&entry).map_err(form)?.is_some();
                    place += 2 + entry.len() as u64;
                    tree.push(&entry);
                    if heads.contains_key(&tree.size()) {
                        continues(tree.head())?;
                    }
                    if complete {
                        whole = (tree.clone(), place);
                    }
                }
                Ok(None) => break None,
                Err(LogError::Torn { file, torn }) => {
                    let last = folder.last_segment();
                    if file != name(last) {
                        return Err(WriteError::Log(LogError::Torn { file, torn }));
                    }
                    let path = path.join(file);
                    break Some(at(&path, fs::metadata(&path))?.len() - torn.at as u64);
                }
                Err(error) => return Err(WriteError::Log(error)),
            }
        };
        drop(log);
        let (kept, place) = whole;
        // What is in a checkpoint was on the disk, and no crash takes it away.
        if let Some(found) = heads.into_values().next_back().filter(|h| h.size > kept.size()) {
            return Err(WriteError::OtherBoard { found, expected: kept.head() });
        }
        folder.remove_parts()?;
        let cut =
            Cut { entry: kept.size(), entries: tree.size() - kept.size(), torn: end.unwrap_or(0) };
        let last = kept.size() / SEGMENT;
        for segment in last + 1..=folder.last_segment() {
            let path = path.join(name(segment));
            at(&path, fs::remove_file(&path))?;
        }
        let begins = kept.size().is_multiple_of(SEGMENT);
        let place = if begins { 0 } else { place };
        let mut writer =
            Self { path: path.into(), tree: kept, segment: None, end: place, _lock: lock };
        let file = writer.path.join(name(last));
        if !begins || at(&file, fs::exists(&file))? {
            let opened = at(&file, OpenOptions::new().append(true).open(&file))?;
            at(&file, opened.set_len(place))?;
            at(&file, opened.sync_all())?;
            writer.segment = (!begins).then_some(opened);
        }
        let nothing = cut.entries == 0 && cut.torn == 0;
        Ok((writer, (!nothing).then_some(cut)))
    }

    /// Size and root of what was written.
    pub fn head(&self) -> Head {
        self.tree.head()
    }

    /// Appends an object that the board accepted.
    pub fn append(&mut self, object: &[u8]) -> Result<(), WriteError> {
        for entry in entries(object) {
            self.append_entry(&entry)?;
        }
        Ok(())
    }

    /// Appends all entries that the board has and the record does not.
    pub fn follow(&mut self, board: &Board) -> Result<(), WriteError> {
        let (found, expected) = (board.state().size(), self.tree.size());
        if found < expected {
            return Err(WriteError::Behind { found, expected });
        }
        for index in expected..found {
            if let Some(entry) = board.entry(index) {
                self.append_entry(entry)?;
            }
        }
        Ok(())
    }

    fn append_entry(&mut self, entry: &[u8]) -> Result<(), WriteError> {
        let file = self.path.join(name(self.tree.size() / SEGMENT));
        let mut segment = match self.segment.take() {
            Some(segment) => segment,
            None => {
                let new = OpenOptions::new().create(true).append(true).open(&file);
                self.sync_folder("board")?;
                let new = at(&file, new)?;
                // What a write left that failed is no part of the board.
                at(&file, new.set_len(self.end))?;
                new
            }
        };
        // In one write, so that less is torn. Entries are at most 65,535 bytes, by their making.
        let bytes = [&(entry.len() as u16).to_be_bytes(), entry].concat();
        at(&file, segment.write_all(&bytes))?;
        if (self.tree.size() + 1).is_multiple_of(SEGMENT) {
            at(&file, segment.sync_data())?;
            self.end = 0;
        } else {
            self.segment = Some(segment);
            self.end += bytes.len() as u64;
        }
        self.tree.push(entry);
        Ok(())
    }

    /// Waits until the disk has everything that was appended.
    pub fn sync(&mut self) -> Result<(), WriteError> {
        if let Some(segment) = &self.segment {
            at(&self.path, segment.sync_data())?;
        }
        Ok(())
    }

    /// Writes a checkpoint of what was appended, or one that was written before and now has more signatures. Signatures by
    /// other keys that it had stay.
    ///
    /// # Errors
    ///
    /// `OtherBoard` if it is neither.
    pub fn checkpoint(&mut self, note: &SignedCheckpoint) -> Result<(), WriteError> {
        let (found, expected) = (note.checkpoint().head(), self.head());
        let name = checkpoint_name(found.size);
        let path = self.path.join(&name);
        let written = fs::read_to_string(&path).ok();
        let written = written.and_then(|text| text.parse::<SignedCheckpoint>().ok());
        let written = written.filter(|written| written.checkpoint() == note.checkpoint());
        if found != expected && written.is_none() {
            return Err(WriteError::OtherBoard { found, expected });
        }
        let mut all = note.clone();
        if let Some(mut written) = written {
            let add = |signature: &NoteSignature| written.add(signature.clone());
            let added = note.signatures().iter().try_for_each(add);
            added.map_err(|error| FolderError::Note(path, error))?;
            all = written;
        }
        self.sync()?;
        self.replace(&name, |out| write!(out, "{all}"))?;
        self.sync_folder("checkpoints")
    }

    /// Writes the views that there are of a board: `manifest.json`, and `result.json` once there is a result.
    #[cfg(feature = "serde")]
    pub fn views(&mut self, state: &crate::board::State) -> Result<(), WriteError> {
        for name in VIEWS {
            if let Some(view) = crate::views::Content::of(state, name) {
                self.replace(name, |out| view.write(out))?;
            }
        }
        self.sync_folder("")
    }

    /// Puts a whole file in place of another, or leaves that.
    fn replace(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let path = self.path.join(name);
        let part = self.path.join(alloc::format!("{name}{PART}"));
        // What stands there may be a link to somewhere else.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => at(&part, Err(error))?,
            _ => {}
        }
        let file = at(&part, OpenOptions::new().create_new(true).write(true).open(&part))?;
        let mut out = BufWriter::with_capacity(1 << 16, file);
        at(&part, write(&mut out).and_then(|()| out.flush()))?;
        at(&part, out.get_ref().sync_all())?;
        Ok(at(&path, fs::rename(&part, &path))?)
    }

    /// Waits until the disk knows the names of new files.
    fn sync_folder(&self, name: &str) -> Result<(), WriteError> {
        let path = self.path.join(name);
        if cfg!(unix) {
            at(&path, File::open(&path).and_then(|folder| folder.sync_all()))?;
        }
        Ok(())
    }
}

/// How many bytes follow, if all of them are zero.
fn zeros(path: &Path, from: u64) -> io::Result<Option<u64>> {
    let mut file = BufReader::new(File::open(path)?);
    file.seek(SeekFrom::Start(from))?;
    let mut count = 0;
    for byte in file.bytes() {
        if byte? != 0 {
            return Ok(None);
        }
        count += 1;
    }
    Ok(Some(count))
}

/// Opens a file and holds it against other writers.
fn lock(path: &Path) -> Result<File, WriteError> {
    let file = at(path, OpenOptions::new().create(true).append(true).open(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(WriteError::Held(path.into())),
        Err(TryLockError::Error(error)) => Err(FolderError::Io(path.into(), error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_failed_write_left_is_cut_off_before_the_next() {
        let path =
            std::env::temp_dir().join(alloc::format!("tabella-write-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        let mut writer = Writer::create(&path).unwrap();
        for before in [0, 1, 5] {
            (0..before).for_each(|n| writer.append(&[5, n]).unwrap());
            let (head, file) = (writer.head(), path.join(name(0)));
            // A disk that is full takes a part of an entry.
            writer.segment = Some(File::open(&file).unwrap());
            assert!(matches!(writer.append(&[5, 9]), Err(WriteError::Folder(FolderError::Io(..)))));
            OpenOptions::new().append(true).open(&file).unwrap().write_all(&[0, 2, 5]).unwrap();
            assert_eq!(writer.head(), head);
        }
        writer.append(&[5, 7]).unwrap();
        drop(writer);
        let (writer, cut) = Writer::resume(&path).unwrap();
        assert_eq!((writer.head().size, cut), (7, None));
        let last = Folder::open(&path).unwrap().log().entry(6).unwrap();
        assert_eq!(last, Some(alloc::vec![5, 7]));
        fs::remove_dir_all(&path).unwrap();
    }
}
