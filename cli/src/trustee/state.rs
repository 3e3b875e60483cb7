//! What a trustee keeps beside its key, under the same passphrase.

use crate::{
    failure::{Failure, Result},
    files,
};
use rand_core::OsRng;
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};
use tabella::{
    Board,
    keys::{AtRest, Ceremony, Dealer, Setup, Trustee},
    log::merkle::{Root, Tree},
    manifest::ManifestHash,
};

/// Keeps other runs with this key out as long as it is held: each would not know what the other signs.
pub fn lock(key: &Path) -> Result<File> {
    let path = files::beside(key, ".lock");
    let file = files::at(&path, File::options().create(true).append(true).open(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::refused(format!(
            "{}: another run of this program works with this key; wait until it has ended",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => files::at(&path, Err(error)),
    }
}

/// Where it is, and what opens it.
pub struct Sealed<'a> {
    pub key: &'a Path,
    pub manifest: ManifestHash,
    pub passphrase: &'a str,
}

impl Sealed<'_> {
    /// A key can serve in several elections, and shares change with every epoch.
    fn file(&self, epoch: u32, what: &str) -> PathBuf {
        let election: String = self.manifest.to_string().chars().take(16).collect();
        files::beside(self.key, &format!(".{election}-{epoch}.{what}"))
    }

    pub fn dealer_file(&self, setup: &Setup) -> PathBuf {
        self.file(setup.epoch(), "deal")
    }

    pub fn trustee_file(&self, ceremony: &Ceremony) -> PathBuf {
        self.file(ceremony.setup().epoch(), "shares")
    }

    fn read<T: AtRest>(&self, file: &Path, public: &T::Public) -> Result<Option<T>> {
        if !file.exists() {
            return Ok(None);
        }
        let secret = T::unseal(public, &files::read(file)?, self.passphrase)
            .map_err(|error| Failure::unreadable(format!("{}: {error}", file.display())))?;
        Ok(Some(secret))
    }

    fn keep<T: AtRest>(&self, file: &Path, secret: &T, public: &T::Public) -> Result<()> {
        files::replace(file, &secret.seal(public, self.passphrase, &mut OsRng)?)
    }

    /// Remembers how far the board has come, and refuses an older copy, or a board that does not continue the one seen before.
    pub fn see(&self, board: &Board) -> Result<()> {
        let file = self.file(0, "seen");
        let named = |what: String| Failure::refused(format!("{}: {what}", file.display()));
        if file.exists() {
            let text = files::read_text(&file)?;
            let seen = text.trim().split_once(' ').and_then(|(size, root)| {
                Some((size.parse::<u64>().ok()?, root.parse::<Root>().ok()?))
            });
            let (size, root) = seen.ok_or_else(|| {
                named("expected a size and a root; remove it if you know that no older board is passed off on you".into())
            })?;
            let found = board.state().size();
            if found < size {
                return Err(named(format!(
                    "this board has {found} entries, and you have seen it with {size}: this is an old copy, or another board. Ask the operator for a newer copy"
                )));
            }
            let mut tree = Tree::default();
            (0..size).filter_map(|index| board.entry(index)).for_each(|entry| tree.push(entry));
            if tree.root() != root {
                return Err(named(format!(
                    "the first {size} entries of this board are others than you have seen, so there are two boards: compare size and root with the other trustees by telephone. Remove this file only if you know that the board seen before was the false one"
                )));
            }
        }
        let (size, root) = (board.state().size(), board.state().root());
        files::replace(&file, format!("{size} {root}\n").as_bytes())
    }

    pub fn dealer(&self, setup: &Setup) -> Result<Option<Dealer>> {
        self.read(&self.dealer_file(setup), setup)
    }

    pub fn keep_dealer(&self, dealer: &Dealer, setup: &Setup) -> Result<()> {
        self.keep(&self.dealer_file(setup), dealer, setup)
    }

    pub fn trustee(&self, ceremony: &Ceremony) -> Result<Option<Trustee>> {
        self.read(&self.trustee_file(ceremony), ceremony)
    }

    /// Removes what there is of an epoch. What a disk keeps of removed files is beyond this program.
    pub fn erase(&self, ceremony: &Ceremony) -> Result<()> {
        for file in [self.trustee_file(ceremony), self.dealer_file(ceremony.setup())] {
            if file.exists() {
                files::at(&file, std::fs::remove_file(&file))?;
            }
        }
        Ok(())
    }

    pub fn keep_trustee(&self, trustee: &Trustee) -> Result<()> {
        let ceremony = trustee.ceremony();
        self.keep(&self.trustee_file(ceremony), trustee, ceremony)
    }
}
