//! Writing a record.

mod disk;
mod error;
mod kept;
mod places;
mod storage;
#[cfg(test)]
mod tests;

pub use error::WriteError;

use crate::{
    board::{Board, State},
    log::{
        SEGMENT,
        checkpoint::SignedCheckpoint,
        entry::entries,
        merkle::{Head, Tree},
        segment_name,
    },
    manifest::Manifest,
    record::{
        Folder, FolderError, Progress,
        beside::Beside,
        folder::{FOLDERS, PART, at, checkpoint_name, read_checkpoint},
        progress::Tell,
    },
};
use alloc::{boxed::Box, vec::Vec};
use core::ops::ControlFlow;
use disk::Through;
pub(in crate::record) use disk::{Disk, Files};
use kept::{Kept, Verified};
use places::Places;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

/// Writes a record as the board grows.
///
/// Entries are appended and never changed. [`sync`](Self::sync), and with it every checkpoint, waits until the disk has
/// them. A crash in between leaves whole entries and perhaps one that is torn; [`resume`](Self::resume) keeps what is
/// whole, cuts off the rest and says so. One writer at a time holds a record.
///
/// A record is that of one board: what does not continue the entries that were written is refused, and nothing of it is
/// written. When the file system has failed once, nobody knows what it kept; such a writer refuses everything from then on,
/// and `resume` finds out.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    tree: Tree,
    places: Places,
    /// Whose record it is, from the first entry on.
    manifest: Option<Manifest>,
    /// The segment that is written to, unless the next entry begins one.
    segment: Option<File>,
    failed: bool,
    disk: Box<dyn Disk>,
    pub(in crate::record) beside: Beside,
    /// The first segment, locked.
    _lock: Lock,
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

impl Writer {
    /// Begins a record in a folder that is empty, or is made. What a crash left of a record that was being begun is empty, too.
    pub fn create(path: &Path) -> Result<Self, WriteError> {
        Self::create_on(path, Box::new(Files))
    }

    pub(in crate::record) fn create_on(
        path: &Path,
        disk: Box<dyn Disk>,
    ) -> Result<Self, WriteError> {
        let missing = |folder: &&Path| matches!(folder.try_exists(), Ok(false));
        let made = path.ancestors().take_while(missing).count();
        at(path, fs::create_dir_all(path))?;
        // Nothing is put among the files of somebody else.
        check_empty(path)?;
        for folder in FOLDERS {
            let folder = path.join(folder);
            at(&folder, fs::create_dir_all(&folder))?;
        }
        let lock = Lock::take(&path.join(segment_name(0)), true)?;
        // Another writer may have been here in between. From now on nobody is.
        check_empty(path)?;
        let segment = path.join(segment_name(0));
        let segment = at(&segment, OpenOptions::new().append(true).open(&segment))?;
        let beside = Beside::of(path)?;
        beside.clear()?;
        let mut writer = Self {
            path: path.into(),
            tree: Tree::default(),
            places: Places::default(),
            manifest: None,
            segment: Some(segment),
            failed: false,
            disk,
            beside,
            _lock: lock,
        };
        writer.sync_folder("board")?;
        writer.sync_folder("")?;
        // The folder's own name, and those of all that were made above it.
        for folder in path.ancestors().skip(1).take(made.max(1)) {
            let here = folder.as_os_str().is_empty();
            writer.sync_path(if here { Path::new(".") } else { folder })?;
        }
        Ok(writer)
    }

    /// Goes on with a record. What a crash left behind the last whole object is cut off.
    ///
    /// That the board is the one that is meant shows when it is [followed](Self::follow); or compare [`head`](Self::head).
    ///
    /// # Errors
    ///
    /// `OtherBoard` if what would be left is not what a checkpoint of the record was made for. Nothing is changed then.
    pub fn resume(path: &Path) -> Result<(Self, Option<Cut>), WriteError> {
        Self::resume_telling(path, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, which tells every few thousand entries and at the end how many of them it has read, and is broken off if that is the answer.
    ///
    /// # Errors
    ///
    /// `Replay` with [`ReplayError::Stopped`](crate::board::ReplayError::Stopped) if it was broken off. Nothing is changed then.
    pub fn resume_telling(
        path: &Path,
        tell: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<(Self, Option<Cut>), WriteError> {
        Self::resume_on(path, Box::new(Files), tell)
    }

    fn resume_on(
        path: &Path,
        disk: Box<dyn Disk>,
        tell: &mut Tell<'_>,
    ) -> Result<(Self, Option<Cut>), WriteError> {
        Folder::open(path)?;
        let lock = Lock::take(&path.join(segment_name(0)), false)?;
        // Only now nobody writes any more.
        let folder = Folder::open(path)?;
        let checkpoints = folder.checkpoints()?;
        let found = Kept::read(path, &folder, &checkpoints, tell)?;
        let Kept { whole, places, manifest, read, torn } = found;
        folder.remove_parts()?;
        let entry = whole.size();
        let cut = Cut { entry, entries: read - entry, torn };
        let last = entry / SEGMENT;
        for segment in last + 1..=folder.last_segment() {
            let path = path.join(segment_name(segment));
            at(&path, fs::remove_file(&path))?;
        }
        let mut writer = Self {
            path: path.into(),
            tree: whole,
            places,
            manifest,
            segment: None,
            failed: false,
            disk,
            beside: Beside::of(path)?,
            _lock: lock,
        };
        let file = path.join(segment_name(last));
        if at(&file, fs::exists(&file))? {
            writer.segment = Some(writer.rewrite(&file, Some(writer.places.next()))?);
        }
        if last > 0 && entry.is_multiple_of(SEGMENT) {
            writer.rewrite(&path.join(segment_name(last - 1)), None)?;
        }
        FOLDERS.iter().chain(&[""]).try_for_each(|name| writer.sync_folder(name))?;
        let nothing = cut.entries == 0 && cut.torn == 0;
        Ok((writer, (!nothing).then_some(cut)))
    }

    /// Size and root of what was written.
    pub fn head(&self) -> Head {
        self.tree.head()
    }

    /// The election whose record it is; `None` before the first entry.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Appends the object that this state accepted last.
    ///
    /// # Errors
    ///
    /// `Diverged` if the state is not that of the entries that were written, and of this object.
    pub fn append(&mut self, object: &[u8], state: &State) -> Result<(), WriteError> {
        self.append_all(&[object], state)
    }

    /// The same for several objects.
    fn append_all(&mut self, objects: &[&[u8]], state: &State) -> Result<(), WriteError> {
        self.check_alive()?;
        let new = || objects.iter().flat_map(|object| entries(object));
        let mut tree = self.tree.clone();
        new().for_each(|entry| tree.push(&entry));
        if tree.head() != state.head() {
            return Err(WriteError::Diverged { size: self.tree.size() });
        }
        self.attempt(|writer| {
            new().try_for_each(|entry| writer.append_entry(&entry))?;
            writer.manifest = writer.manifest.take().or_else(|| state.manifest().cloned());
            Ok(())
        })
    }

    /// Appends all entries that the board has and the record does not.
    ///
    /// # Errors
    ///
    /// `Behind` or `Diverged` if the board does not continue what was written.
    pub fn follow(&mut self, board: &Board) -> Result<(), WriteError> {
        self.check_alive()?;
        let (state, size) = (board.state(), self.tree.size());
        if state.size() < size {
            return Err(WriteError::Behind { found: state.size(), expected: size });
        }
        let new = || (size..state.size()).filter_map(|index| board.entry(index));
        let mut tree = self.tree.clone();
        new().for_each(|entry| tree.push(entry));
        if tree.head() != state.head() {
            return Err(WriteError::Diverged { size });
        }
        self.attempt(|writer| {
            new().try_for_each(|entry| writer.append_entry(entry))?;
            writer.manifest = writer.manifest.take().or_else(|| state.manifest().cloned());
            Ok(())
        })
    }

    fn check_alive(&self) -> Result<(), WriteError> {
        if self.failed { Err(WriteError::Failed(self.path.clone())) } else { Ok(()) }
    }

    /// Does something that may fail. Of a writer that failed nothing is known any more.
    fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        self.check_alive()?;
        self.failed = true;
        let done = work(self)?;
        self.failed = false;
        Ok(done)
    }

    fn append_entry(&mut self, entry: &[u8]) -> Result<(), WriteError> {
        let path = self.path.join(segment_name(self.tree.size() / SEGMENT));
        let mut segment = match self.segment.take() {
            Some(segment) => segment,
            None => {
                let new = OpenOptions::new().create_new(true).append(true).open(&path);
                let new = at(&path, new)?;
                self.sync_folder("board")?;
                new
            }
        };
        // In one write, so that less is torn. Entries are at most 65,535 bytes, by their making.
        let bytes = [&(entry.len() as u16).to_be_bytes(), entry].concat();
        at(&path, self.disk.write(&mut segment, &bytes))?;
        self.places.push(entry);
        self.tree.push(entry);
        if self.tree.size().is_multiple_of(SEGMENT) {
            at(&path, self.disk.sync(&path, &segment))?;
        } else {
            self.segment = Some(segment);
        }
        Ok(())
    }

    /// Waits until the disk has everything that was appended.
    pub fn sync(&mut self) -> Result<(), WriteError> {
        self.attempt(Self::sync_segment)
    }

    fn sync_segment(&mut self) -> Result<(), WriteError> {
        let path = self.path.join(segment_name(self.tree.size() / SEGMENT));
        match &self.segment {
            Some(segment) => Ok(at(&path, self.disk.sync(&path, segment))?),
            None => Ok(()),
        }
    }

    /// Writes a checkpoint of what was appended, or one that was written before and now has more cosignatures. Only the
    /// log's signature and the cosignatures of the manifest's witnesses that count are written; those that were there stay.
    ///
    /// # Errors
    ///
    /// `OtherBoard` if it is neither; `Signature` if the log did not sign it.
    pub fn checkpoint(&mut self, note: &SignedCheckpoint) -> Result<(), WriteError> {
        self.check_alive()?;
        let head = note.checkpoint().head();
        let manifest = self.manifest.as_ref();
        let verified = Verified::new(manifest.ok_or(WriteError::NoLog)?)?;
        let new = verified.of(note)?;
        let name = checkpoint_name(head.size);
        let mut all = match read_checkpoint(&self.path, head.size)? {
            Some(written) if written.checkpoint() == note.checkpoint() => verified.of(&written)?,
            Some(written) => {
                let expected = written.checkpoint().head();
                return Err(WriteError::OtherBoard { found: head, expected });
            }
            None if head == self.head() => new.clone(),
            None => return Err(WriteError::OtherBoard { found: head, expected: self.head() }),
        };
        all.join(new);
        self.attempt(|writer| {
            writer.sync_segment()?;
            writer.replace(&name, |out| write!(out, "{all}"))?;
            writer.sync_folder("checkpoints")
        })
    }

    /// Writes the views that there are of what was appended: `manifest.json`, and `result.json` once there is a result.
    ///
    /// # Errors
    ///
    /// `OtherBoard` if the state is of other entries, or of more.
    #[cfg(feature = "serde")]
    pub fn views(&mut self, state: &State) -> Result<(), WriteError> {
        self.check_alive()?;
        let (found, expected) = (state.head(), self.head());
        if found != expected {
            return Err(WriteError::OtherBoard { found, expected });
        }
        self.attempt(|writer| {
            writer.sync_segment()?;
            for name in crate::record::folder::VIEWS {
                if let Some(view) = crate::views::Content::of(state, name) {
                    writer.replace(name, |out| view.write(out))?;
                }
            }
            writer.sync_folder("")
        })
    }

    /// Puts a whole file in place of another, or leaves that.
    fn replace(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<Through<'_>>) -> io::Result<()>,
    ) -> Result<(), WriteError> {
        let path = self.path.join(name);
        let part = self.path.join(alloc::format!("{name}{PART}"));
        // What stands there may be a link to somewhere else.
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => at(&part, Err(error))?,
            _ => {}
        }
        let mut file = at(&part, OpenOptions::new().create_new(true).write(true).open(&part))?;
        let through = Through { disk: &mut *self.disk, file: &mut file };
        let mut out = BufWriter::with_capacity(1 << 16, through);
        at(&part, write(&mut out).and_then(|()| out.flush()))?;
        drop(out);
        at(&part, self.disk.sync(&part, &file))?;
        Ok(at(&path, fs::rename(&part, &path))?)
    }

    /// Waits until the disk knows the names of new files.
    fn sync_folder(&mut self, name: &str) -> Result<(), WriteError> {
        self.sync_path(&self.path.join(name))
    }

    fn sync_path(&mut self, path: &Path) -> Result<(), WriteError> {
        if cfg!(unix) {
            let folder = at(path, File::open(path))?;
            at(path, self.disk.sync(path, &folder))?;
        }
        Ok(())
    }

    /// Cuts a segment off and writes what is left once more: after a sync that failed the system may have it in memory, and
    /// believe that the disk has it. Gives the segment to append to.
    fn rewrite(&mut self, path: &Path, length: Option<u64>) -> Result<File, WriteError> {
        let mut file = at(path, OpenOptions::new().read(true).write(true).open(path))?;
        if let Some(length) = length {
            at(path, file.set_len(length))?;
        }
        let mut from = at(path, File::open(path))?;
        let mut buffer = alloc::vec![0; 1 << 16];
        loop {
            let count = at(path, from.read(&mut buffer))?;
            let bytes = buffer.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            at(path, self.disk.write(&mut file, bytes))?;
        }
        at(path, self.disk.sync(path, &file))?;
        Ok(at(path, OpenOptions::new().append(true).open(path))?)
    }
}

/// Checks that a folder holds nothing but what a crash right at the beginning can leave, or this writer has made: empty
/// folders, and an empty first segment.
fn check_empty(path: &Path) -> Result<(), WriteError> {
    let not_empty = || WriteError::NotEmpty(path.into());
    let mut inside = Vec::new();
    for file in at(path, fs::read_dir(path))? {
        let file = at(path, file)?;
        let ours = FOLDERS.iter().any(|name| file.file_name() == *name);
        if !ours || !at(path, file.file_type())?.is_dir() {
            return Err(not_empty());
        }
        let files = at(&file.path(), fs::read_dir(file.path()))?;
        for file in files {
            inside.push(at(path, file)?);
        }
    }
    let first = path.join(segment_name(0));
    for file in inside {
        let data = at(path, file.metadata())?;
        if file.path() != first || !data.is_file() || data.len() > 0 {
            return Err(not_empty());
        }
    }
    Ok(())
}

/// A file that is held against other writers.
#[derive(Debug)]
pub(in crate::record) struct Lock(File);

impl Drop for Lock {
    /// To close the file is not enough: a process that was just forked has it, too, until it runs its own program.
    fn drop(&mut self) {
        // What cannot be unlocked is closed now.
        let _ = self.0.unlock();
    }
}

impl Lock {
    /// Opens a file and holds it against other writers.
    pub(in crate::record) fn take(path: &Path, create: bool) -> Result<Self, WriteError> {
        let file = at(path, OpenOptions::new().create(create).append(true).open(path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(WriteError::Held(path.into())),
            Err(TryLockError::Error(error)) => Err(FolderError::Io(path.into(), error).into()),
        }
    }
}
