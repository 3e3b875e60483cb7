//! Registrations as they arrive, until the roll is posted.

use super::{
    folder::{FolderError, at},
    writer::{Disk, Files, Lock, WriteError},
};
use crate::{
    codec::{Decode as _, DecodeError, Encode as _},
    manifest::Manifest,
    roll::{Registration, RollError},
};
use alloc::{
    boxed::Box,
    collections::{BTreeMap, btree_map::Entry},
    vec::Vec,
};
use core::fmt;
use rand_core::{CryptoRng, RngCore};
use std::{
    fs::{self, File, OpenOptions},
    path::{Path, PathBuf},
};

/// A file of registrations, one after the other. Each is on the disk before anybody learns that it is taken; a crash loses
/// nothing but one that was not whole.
///
/// ```
/// use rand_core::OsRng;
/// use tabella::{AuthorSecret, Contest, Credential, Manifest, record::Registrations};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let rng = &mut OsRng;
/// # let (operator, trustee) = (AuthorSecret::random(rng)?, AuthorSecret::random(rng)?);
/// # let contest = Contest::choose_one("q", ["yes", "no"]);
/// # let manifest = Manifest::builder("m").operator(operator.public().clone());
/// # let manifest = manifest.trustees([trustee.public().clone()], 1).contest(contest).build()?;
/// # let folder = std::env::temp_dir().join(format!("tabella-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let mut registrations = Registrations::open(&folder.join("registrations"), &manifest)?;
/// let registration = Credential::random(rng)?.registration(&manifest, 0, rng)?;
/// assert_eq!(registrations.add(&registration, rng)?, 0);
/// assert!(registrations.add(&registration, rng).is_err());
/// // When all have come: board.post_roll(&registrations.all()?, &operator, rng)?;
/// assert_eq!(registrations.all()?, [registration]);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Registrations {
    path: PathBuf,
    manifest: Manifest,
    file: File,
    /// The line of each key.
    lines: BTreeMap<[u8; 32], usize>,
    failed: bool,
    disk: Box<dyn Disk>,
    _lock: Lock,
}

/// Why a registration is not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum RegistrationError {
    /// It would be a mistake of the roll.
    Roll(RollError),
    /// It cannot be written, or the file is none of registrations.
    Write(WriteError),
    /// A line of the file cannot be read.
    Form {
        /// The file.
        path: PathBuf,
        /// The line, from 0.
        line: usize,
        /// What is wrong in it.
        error: DecodeError,
    },
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Roll(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::Form { path, line, error } => {
                write!(f, "{path:?}: registration {line}: {error}")
            }
        }
    }
}

impl core::error::Error for RegistrationError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Roll(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Form { error, .. } => Some(error),
        }
    }
}

impl From<RollError> for RegistrationError {
    fn from(error: RollError) -> Self {
        Self::Roll(error)
    }
}

impl From<WriteError> for RegistrationError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<FolderError> for RegistrationError {
    fn from(error: FolderError) -> Self {
        Self::Write(error.into())
    }
}

impl Registrations {
    /// Opens the file, or makes it, and cuts off one that is torn. One process at a time holds it. It should stand beside the record's
    /// folder, which holds nothing but the record.
    ///
    /// # Errors
    ///
    /// Two lines have the same key, or another process holds the file. Other mistakes show when the roll is made.
    pub fn open(path: &Path, manifest: &Manifest) -> Result<Self, RegistrationError> {
        Self::open_on(path, manifest, Box::new(Files))
    }

    pub(super) fn open_on(
        path: &Path,
        manifest: &Manifest,
        mut disk: Box<dyn Disk>,
    ) -> Result<Self, RegistrationError> {
        let lock = Lock::take(path, true)?;
        let bytes = at(path, fs::read(path))?;
        let (whole, _) = bytes.as_chunks::<{ Registration::BYTES }>();
        let mut lines = BTreeMap::new();
        for (line, key) in whole.iter().filter_map(|whole| whole.first_chunk::<32>()).enumerate() {
            match lines.entry(*key) {
                Entry::Occupied(first) => {
                    return Err(RollError::Duplicate { line, first: *first.get() }.into());
                }
                Entry::Vacant(place) => place.insert(line),
            };
        }
        // Written once more: after a sync that failed the system may have it in memory, and believe that the disk has it.
        let mut file = at(path, OpenOptions::new().write(true).open(path))?;
        at(path, file.set_len(whole.as_flattened().len() as u64))?;
        at(path, disk.write(&mut file, whole.as_flattened()))?;
        at(path, disk.sync(path, &file))?;
        // The file's name.
        if let Some(folder) = path.parent().filter(|_| cfg!(unix)) {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            at(folder, File::open(folder).and_then(|opened| disk.sync(folder, &opened)))?;
        }
        let (path, manifest) = (path.into(), manifest.clone());
        Ok(Self { path, manifest, file, lines, failed: false, disk, _lock: lock })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes a registration, and returns its line on the roll, from 0. See [`add_all`](Self::add_all).
    pub fn add(
        &mut self,
        registration: &Registration,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<usize, RegistrationError> {
        let mut results = self.add_all(core::slice::from_ref(registration), rng);
        results.pop().unwrap_or(Err(RollError::Randomness.into()))
    }

    /// Takes registrations, and waits for the disk once. Each has its line on the roll, or is refused, alone: its proof is
    /// invalid, it has a style that does not exist, or its key is there.
    ///
    /// After a failure of the disk nothing is taken any more; open the file again.
    pub fn add_all(
        &mut self,
        registrations: &[Registration],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Vec<Result<usize, RegistrationError>> {
        let failed = |path: &Path| Err(WriteError::Failed(path.into()).into());
        if self.failed {
            return registrations.iter().map(|_| failed(&self.path)).collect();
        }
        let mut bytes = Vec::new();
        let mut results = Vec::with_capacity(registrations.len());
        for registration in registrations {
            let line = self.lines.len();
            let result = registration.verify(line, &self.manifest, rng);
            results.push(result.and_then(
                |()| match self.lines.entry(*registration.key.as_bytes()) {
                    Entry::Occupied(first) => {
                        Err(RollError::Duplicate { line, first: *first.get() })
                    }
                    Entry::Vacant(place) => {
                        registration.encode(&mut bytes);
                        Ok(*place.insert(line))
                    }
                },
            ));
        }
        if bytes.is_empty() {
            return results.into_iter().map(|result| result.map_err(Into::into)).collect();
        }
        let written = self.disk.write(&mut self.file, &bytes);
        self.failed = written.and_then(|()| self.disk.sync(&self.path, &self.file)).is_err();
        let told = |result: Result<usize, RollError>| match result {
            Ok(_) if self.failed => failed(&self.path),
            result => result.map_err(RegistrationError::Roll),
        };
        results.into_iter().map(told).collect()
    }

    /// All of them, as [`Board::post_roll`](crate::board::Board::post_roll) takes them.
    pub fn all(&self) -> Result<Vec<Registration>, RegistrationError> {
        let bytes = at(&self.path, fs::read(&self.path))?;
        let (whole, _) = bytes.as_chunks::<{ Registration::BYTES }>();
        let read = |(line, whole): (usize, &[u8; Registration::BYTES])| {
            let path = self.path.clone();
            Registration::from_bytes(whole).map_err(|error| RegistrationError::Form {
                path,
                line,
                error,
            })
        };
        whole.iter().enumerate().map(read).collect()
    }
}
