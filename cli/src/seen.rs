//! How far a board had come when a key last signed for it. Who goes on from an old copy, or from another board, signs what convicts.

use crate::{
    failure::{Failure, Result},
    files,
};
use std::path::{Path, PathBuf};
use tabella::{
    log::merkle::{Hashes, Head, Root},
    manifest::ManifestHash,
};

/// A file beside a key, for one election.
pub struct Seen {
    file: PathBuf,
}

impl Seen {
    pub fn beside(key: &Path, manifest: &ManifestHash) -> Self {
        Self { file: files::of_election(key, manifest, ".seen") }
    }

    /// Refuses an older copy of the board, and a board that does not continue the one seen before.
    pub fn check(&self, board: &Hashes) -> Result<()> {
        let named = |what: String| Failure::refused(format!("{}: {what}", self.file.display()));
        if !self.file.exists() {
            return Ok(());
        }
        let text = files::read_text(&self.file)?;
        let seen = text.trim().split_once(' ').and_then(|(size, root)| {
            Some(Head { size: size.parse().ok()?, root: root.parse::<Root>().ok()? })
        });
        let seen = seen.ok_or_else(|| {
            named("expected a size and a root; remove it if you know that no older board is passed off on you".into())
        })?;
        let (size, found) = (seen.size, board.size());
        if found < size {
            return Err(named(format!(
                "this board has {found} entries, and you have signed for it with {size}: this is an old copy, or another board. Look for a newer copy"
            )));
        }
        match board.head(size) {
            Ok(own) if own == seen => Ok(()),
            _ => Err(named(format!(
                "the first {size} entries of this board are others than you have signed for, so there are two boards: compare size and root with the other trustees by telephone. Remove this file only if you know that the board seen before was the false one"
            ))),
        }
    }

    /// From here on it has come this far.
    pub fn keep(&self, head: Head) -> Result<()> {
        files::replace_secret(&self.file, format!("{} {}\n", head.size, head.root).as_bytes())
    }
}
