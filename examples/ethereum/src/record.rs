//! A record's folder, followed while it grows.
//!
//! Only what a checkpoint covers is read: a writer promises that the disk keeps it. Whatever stands behind the last checkpoint may
//! be cut off after a crash, and must never be on a chain, which forgets nothing.

use rand_core::OsRng;
use sha2::{Digest, Sha256};
use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};
use tabella::{
    audit::{Audit, AuditError, Expect, Report},
    log::{
        LogError, ReadLog,
        merkle::{Hashes, Head, MerkleError},
    },
    manifest::ManifestHash,
    record::{Folder, FolderError},
    views,
};

/// A record of one election, as far as it was read.
pub struct Record {
    path: PathBuf,
    manifest: ManifestHash,
    with_log: bool,
    hashes: Hashes,
}

/// The end of a record: the head of the whole board, and the hash of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub head: Head,
    /// SHA-256 of `result.json`.
    pub result: [u8; 32],
}

/// Why a record cannot be read, or not used. It may be that somebody writes it just now.
#[derive(Debug)]
pub enum RecordError {
    Folder(FolderError),
    Log(LogError),
    Audit(AuditError),
    Merkle(MerkleError),
    /// There is no manifest in it.
    Empty(PathBuf),
    /// A checkpoint has another root than the entries.
    Checkpoint {
        /// The entries.
        found: Head,
        /// The checkpoint.
        signed: Head,
    },
    /// An audit refuses it.
    Refused(Box<Report>),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Log(error) => error.fmt(f),
            Self::Audit(error) => error.fmt(f),
            Self::Merkle(error) => error.fmt(f),
            Self::Empty(path) => write!(f, "{path:?}: the record has no manifest yet"),
            Self::Checkpoint { found, signed } => write!(
                f,
                "the record's checkpoint of {} entries has the root {}, but its entries have {}",
                signed.size, signed.root, found.root
            ),
            Self::Refused(report) => {
                f.write_str("REFUSED: an audit refuses the record:")?;
                report.findings.iter().take(5).try_for_each(|finding| write!(f, "\n{finding}"))
            }
        }
    }
}

impl Error for RecordError {}

macro_rules! from {
    ($($from:ident $variant:ident;)*) => { $(
        impl From<$from> for RecordError {
            fn from(error: $from) -> Self {
                Self::$variant(error)
            }
        }
    )* };
}

from! {
    FolderError Folder;
    LogError Log;
    AuditError Audit;
    MerkleError Merkle;
}

type Result<T> = std::result::Result<T, RecordError>;

impl Record {
    /// Reads the manifest.
    pub fn open(path: &Path) -> Result<Self> {
        let mut log = Folder::open(path)?.log();
        let mut audit = Audit::new(&Expect { partial: true, ..Expect::default() });
        while audit.state().manifest().is_none()
            && audit.advance(&mut log, audit.size() + 1, &mut OsRng)?
        {}
        let manifest = audit.state().manifest().ok_or_else(|| RecordError::Empty(path.into()))?;
        Ok(Self {
            path: path.into(),
            manifest: manifest.hash(),
            with_log: manifest.log().is_some(),
            hashes: Hashes::default(),
        })
    }

    /// The election's manifest.
    pub fn manifest(&self) -> ManifestHash {
        self.manifest
    }

    /// Reads entries until there are so many, and returns whether there are.
    pub fn read_to(&mut self, size: u64) -> Result<bool> {
        if self.hashes.size() < size {
            let mut log = Folder::open(&self.path)?.log();
            while self.hashes.size() < size {
                match log.entry(self.hashes.size()) {
                    Ok(Some(entry)) => self.hashes.push(&entry),
                    // The last entry is just being written.
                    Ok(None) | Err(LogError::Torn { .. }) => return Ok(false),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(true)
    }

    /// Forgets what was read, in case that the writer cut it off and wrote something else.
    pub fn reread(&mut self) {
        self.hashes = Hashes::default();
    }

    /// The head of the first entries, as many as were read at least.
    pub fn head(&self, size: u64) -> Result<Head> {
        Ok(self.hashes.head(size)?)
    }

    /// The head of all that was read.
    pub fn whole(&self) -> Result<Head> {
        self.head(self.hashes.size())
    }

    /// The hashes that show that the board of `old` entries is the beginning of that of `new`, both as far as they were read.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<[u8; 32]>> {
        Ok(self.hashes.consistency(old, new)?.path().to_vec())
    }

    /// The heads of all checkpoints, ascending, each of which the entries have.
    pub fn checkpoints(&mut self) -> Result<Vec<Head>> {
        let signed = Folder::open(&self.path)?.checkpoints()?;
        let mut heads = Vec::new();
        for signed in signed.iter().map(|note| note.checkpoint().head()) {
            if !self.read_to(signed.size)? {
                break;
            }
            let found = self.head(signed.size)?;
            if found != signed {
                return Err(RecordError::Checkpoint { found, signed });
            }
            heads.extend((signed.size > 0).then_some(signed));
        }
        Ok(heads)
    }

    /// Whether there is a result and, if the manifest names a log, a checkpoint of the whole board. Nothing of it is verified.
    pub fn has_ended(&self) -> Result<bool> {
        let folder = Folder::open(&self.path)?;
        if !folder.views()?.contains_key("result.json") {
            return Ok(false);
        }
        let last = folder.checkpoints()?.last().map(|note| note.checkpoint().size());
        Ok(!self.with_log || last == Some(folder.entries()?))
    }

    /// The end of the record, if an audit accepts all of it.
    pub fn end(&mut self) -> Result<End> {
        let folder = Folder::open(&self.path)?;
        let (checkpoints, views) = (Some(folder.checkpoints()?), Some(folder.views()?));
        let mut audit =
            Audit::new(&Expect { checkpoints, views, ..Expect::manifest(self.manifest) });
        audit.advance(&mut folder.log(), u64::MAX, &mut OsRng)?;
        let report = audit.report().into_result().map_err(RecordError::Refused)?;
        let Some(outcome) = &report.outcome else {
            return Err(RecordError::Refused(Box::new(report)));
        };
        let result = Sha256::digest(views::result(outcome)).into();
        self.read_to(report.size)?;
        Ok(End { head: Head { size: report.size, root: report.root }, result })
    }
}
