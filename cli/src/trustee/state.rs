//! What a trustee keeps beside its key, under the same passphrase.

use crate::{
    failure::{Failure, Result},
    files,
    seen::Seen,
};
use rand_core::OsRng;
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};
use tabella::{
    keys::{AtRest, Ceremony, Dealer, Setup, Trustee},
    manifest::ManifestHash,
};

/// Keeps other runs with this key out as long as it is held: each would not know what the other signs.
pub fn lock(key: &Path) -> Result<File> {
    files::is_file(key)?;
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
    pub seen: Seen,
}

impl Sealed<'_> {
    /// A key can serve in several elections, and shares change with every epoch.
    fn file(&self, epoch: u32, what: &str) -> PathBuf {
        files::of_election(self.key, &self.manifest, &format!("-{epoch}.{what}"))
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
        files::replace_secret(file, &secret.seal(public, self.passphrase, &mut OsRng)?)
    }

    pub fn dealer(&self, setup: &Setup) -> Result<Option<Dealer>> {
        self.read(&self.dealer_file(setup), setup)
    }

    pub fn keep_dealer(&self, dealer: &Dealer, setup: &Setup) -> Result<()> {
        self.keep(&self.dealer_file(setup), dealer, setup)
    }

    /// The trustee of this number.
    pub fn trustee(&self, ceremony: &Ceremony, number: u16) -> Result<Option<Trustee>> {
        let file = self.trustee_file(ceremony);
        let trustee = self.read::<Trustee>(&file, ceremony)?;
        match trustee.as_ref().map(Trustee::number).filter(|found| *found != number) {
            Some(found) => Err(Failure::refused(format!(
                "{}: has the shares of trustee {found}, and this key is that of trustee {number}",
                file.display()
            ))),
            None => Ok(trustee),
        }
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
