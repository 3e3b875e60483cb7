//! What is kept of a record when it is gone on with.

use super::{WriteError, places::Places};
use crate::{
    board::{Kind, ReplayError, SIGNATURE},
    codec::{Decode, DecodeError, DecodeErrorKind},
    log::{
        LogError, ReadLog as _, SEGMENT,
        checkpoint::SignedCheckpoint,
        entry::Assembler,
        merkle::{Head, Tree},
        segment_name,
    },
    manifest::{LogPolicy, Manifest},
    record::{
        Folder, Progress, Stage,
        folder::at,
        progress::{EVERY, Tell},
    },
};
use alloc::collections::BTreeMap;
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

/// By whose keys a checkpoint of a record is signed.
pub(super) struct Verified<'a> {
    manifest: &'a Manifest,
    log: &'a LogPolicy,
}

impl<'a> Verified<'a> {
    pub(super) fn new(manifest: &'a Manifest) -> Result<Self, WriteError> {
        Ok(Self { manifest, log: manifest.log().ok_or(WriteError::NoLog)? })
    }

    /// The lines of a checkpoint that count.
    pub(super) fn of(&self, note: &SignedCheckpoint) -> Result<SignedCheckpoint, WriteError> {
        let size = note.checkpoint().size();
        note.verified(&self.manifest.origin(), self.log.key(), self.log.witnesses())
            .map_err(|error| WriteError::Signature { size, error })
    }
}

/// The board up to its last whole object.
pub(super) struct Kept {
    pub(super) whole: Tree,
    pub(super) places: Places,
    pub(super) manifest: Option<Manifest>,
    /// How many whole entries there are.
    pub(super) read: u64,
    /// How many bytes follow that are no entry.
    pub(super) torn: u64,
}

impl Kept {
    pub(super) fn read(
        path: &Path,
        folder: &Folder,
        checkpoints: &[SignedCheckpoint],
        tell: &mut Tell<'_>,
    ) -> Result<Self, WriteError> {
        // What is torn at the end is no entry.
        let of = folder.entries().unwrap_or_else(|_| (folder.last_segment() + 1) * SEGMENT);
        let mut told = |done, of| {
            let stopped = tell(Progress { stage: Stage::Reading, done, of }).is_break();
            if stopped { Err(WriteError::Replay(ReplayError::Stopped)) } else { Ok(()) }
        };
        let heads = checkpoints.iter().map(|note| note.checkpoint().head());
        let heads: BTreeMap<u64, Head> = heads.map(|head| (head.size, head)).collect();
        let continues = |expected: Head| match heads.get(&expected.size) {
            Some(found) if *found != expected => {
                Err(WriteError::OtherBoard { found: *found, expected })
            }
            _ => Ok(()),
        };
        let mut log = folder.log();
        let (mut tree, mut assembler) = (Tree::default(), Assembler::default());
        continues(tree.head())?;
        let (whole, places) = (tree.clone(), Places::default());
        let mut kept = Self { whole, places, manifest: None, read: 0, torn: 0 };
        loop {
            if tree.size() > 0 && tree.size().is_multiple_of(EVERY) {
                told(tree.size(), of)?;
            }
            match log.entry(tree.size()) {
                // Some file systems leave zeros where nothing was written yet.
                Ok(Some(entry))
                    if entry.is_empty() && tree.size() / SEGMENT == folder.last_segment() =>
                {
                    let path = path.join(segment_name(folder.last_segment()));
                    let rest = at(&path, zeros(&path, kept.places.next()))?;
                    let error = DecodeError::new(0, DecodeErrorKind::Truncated { missing: 1 });
                    let form = WriteError::Form { entry: tree.size(), error };
                    kept.torn = rest.ok_or(form)?;
                    break;
                }
                Ok(Some(entry)) => {
                    let number = tree.size();
                    let form = |error| WriteError::Form { entry: number, error };
                    let object = assembler.push(&entry).map_err(form)?;
                    kept.places.push(&entry);
                    tree.push(&entry);
                    if heads.contains_key(&tree.size()) {
                        continues(tree.head())?;
                    }
                    if let Some(object) = object {
                        let first = kept.whole.size();
                        kept.take(&object).map_err(|wrong| wrong.at(first))?;
                        kept.whole = tree.clone();
                    }
                }
                Ok(None) => break,
                Err(LogError::Torn { file, torn }) => {
                    let last = folder.last_segment();
                    if file != segment_name(last) {
                        return Err(WriteError::Log(LogError::Torn { file, torn }));
                    }
                    let path = path.join(file);
                    kept.torn = at(&path, fs::metadata(&path))?.len() - torn.at as u64;
                    break;
                }
                Err(error) => return Err(WriteError::Log(error)),
            }
        }
        kept.read = tree.size();
        told(kept.read, kept.read)?;
        kept.places.cut(kept.whole.size());
        // What is in a checkpoint was on the disk, and no crash takes it away.
        let last = heads.into_values().next_back();
        if let Some(found) = last.filter(|head| head.size > kept.whole.size()) {
            return Err(WriteError::OtherBoard { found, expected: kept.whole.head() });
        }
        if !checkpoints.is_empty() {
            let verified = Verified::new(kept.manifest.as_ref().ok_or(WriteError::NoLog)?)?;
            checkpoints.iter().try_for_each(|note| verified.of(note).map(|_| ()))?;
        }
        Ok(kept)
    }

    /// Looks at the next whole object: the first one is the manifest, and no other.
    fn take(&mut self, object: &[u8]) -> Result<(), Wrong> {
        let (kind, body) = Kind::split(object).map_err(Wrong::Form)?;
        if (kind == Kind::Manifest) != self.manifest.is_none() {
            return Err(Wrong::Place(kind));
        }
        if kind == Kind::Manifest {
            let content = body.get(..body.len().saturating_sub(SIGNATURE)).unwrap_or_default();
            self.manifest = Some(Manifest::from_bytes(content).map_err(Wrong::Form)?);
        }
        Ok(())
    }
}

/// What is wrong with an object by itself.
enum Wrong {
    Form(DecodeError),
    Place(Kind),
}

impl Wrong {
    fn at(self, entry: u64) -> WriteError {
        match self {
            Self::Form(error) => WriteError::Form { entry, error },
            Self::Place(kind) => WriteError::OutOfPlace { entry, kind },
        }
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
