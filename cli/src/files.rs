//! Files of one party: read whole, and written whole or not at all.

use crate::{
    failure::{Failure, Result},
    interrupt,
};
use std::{
    fs,
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};
use tabella::{Credential, keys::vault::VaultKind, manifest::ManifestHash};
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

/// Who can read a file on Unix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Whom the system lets read new files.
    All,
    Owner,
}

/// What a file that is being written is called after its name and something random.
const PART: &str = ".part";

/// Adds the path to an error of the file system.
pub fn at<T>(path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| Failure::unreadable(format!("{}: {error}", path.display())))
}

pub fn read(path: &Path) -> Result<Vec<u8>> {
    at(path, fs::read(path))
}

/// A text, without the mark of its encoding that some editors put in front.
pub fn read_text(path: &Path) -> Result<String> {
    let mut text = at(path, fs::read_to_string(path))?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// The credential in a file.
pub fn read_credential(path: &Path) -> Result<Credential> {
    let text = Zeroizing::new(read_text(path)?);
    text.parse().map_err(|error| Failure::unreadable(format!("{}: {error}", path.display())))
}

/// Puts a file in place of what is there, if something is, but of no key and no credential: those are gone for good.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_by(path, |file| file.write_all(bytes))
}

/// The same with what this writes.
pub fn replace_by(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    /// Longer than any of them.
    const LONGEST: u64 = 1 << 20;
    let is_short = fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() < LONGEST);
    let before = Zeroizing::new(if is_short { read(path)? } else { Vec::new() });
    let is_credential = || str::from_utf8(&before).is_ok_and(|t| t.parse::<Credential>().is_ok());
    if VaultKind::of(&before).is_some() || is_credential() {
        return Err(Failure::refused(format!(
            "{}: is a key or a credential, and is left as it is: name another file",
            path.display()
        )));
    }
    put(path, Readers::All, write)
}

/// Puts a file that only its owner can read in place of what is there.
pub fn replace_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    put(path, Readers::Owner, |file| file.write_all(bytes))
}

fn put(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let _writing = interrupt::writing();
    let file = written(path, readers, write)?;
    at(path, file.persist(path).map_err(|error| error.error))?;
    sync_folder(path)
}

/// Writes a file that is not there yet.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    put_new(path, Readers::All, bytes)
}

/// The same for a secret: on Unix only its owner can read it.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    put_new(path, Readers::Owner, bytes)
}

/// Refuses a file that is there.
pub fn is_new(path: &Path) -> Result<()> {
    match path.exists() {
        true => Err(Failure::refused(format!(
            "{}: is there already, and is left as it is",
            path.display()
        ))),
        false => Ok(()),
    }
}

fn put_new(path: &Path, readers: Readers, bytes: &[u8]) -> Result<()> {
    let _writing = interrupt::writing();
    let file = written(path, readers, |file| file.write_all(bytes))?;
    match file.persist_noclobber(path).map_err(|error| error.error) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return is_new(path),
        result => at(path, result)?,
    };
    sync_folder(path)
}

/// A file beside this one with what this writes, which the disk has.
fn written(
    path: &Path,
    readers: Readers,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<NamedTempFile> {
    let folder = folder(path);
    is_folder(&folder)?;
    // If the machine stops now it stays behind, and is seen.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&name).suffix(PART);
    #[cfg(unix)]
    if readers == Readers::All {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = at(path, builder.tempfile_in(folder))?;
    let mut buffered = BufWriter::new(&mut file);
    at(path, write(&mut buffered).and_then(|()| buffered.flush()))?;
    drop(buffered);
    at(path, file.as_file().sync_all())?;
    Ok(file)
}

/// What a run that was killed left of a file.
pub fn left_behind(path: &Path) -> Result<Option<PathBuf>> {
    let folder = folder(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for entry in at(&folder, fs::read_dir(&folder))? {
        let found = at(&folder, entry)?.file_name();
        let found = found.to_string_lossy();
        let middle = found.strip_prefix(&*name).and_then(|rest| rest.strip_suffix(PART));
        if middle.is_some_and(|middle| middle.starts_with('.')) {
            return Ok(Some(folder.join(&*found)));
        }
    }
    Ok(None)
}

/// Refuses a file that is not there.
pub fn is_file(path: &Path) -> Result<()> {
    at(path, fs::File::open(path)).map(drop)
}

/// Refuses a folder that is not there, before anything is done that would be written to it.
pub fn is_folder(path: &Path) -> Result<()> {
    match path.is_dir() {
        true => Ok(()),
        false => Err(Failure::unreadable(format!(
            "{}: there is no such folder: make it first, or name another",
            path.display()
        ))),
    }
}

fn sync_folder(path: &Path) -> Result<()> {
    if cfg!(unix) {
        let folder = folder(path);
        at(&folder, fs::File::open(&folder).and_then(|folder| folder.sync_all()))?;
    }
    Ok(())
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.into(),
        _ => ".".into(),
    }
}

/// A file beside this one for an election: a key can serve in several.
pub fn of_election(path: &Path, manifest: &ManifestHash, ending: &str) -> PathBuf {
    let election: String = manifest.to_string().chars().take(16).collect();
    beside(path, &format!(".{election}{ending}"))
}

/// The path with something added to the name of its file.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_new_ones_are_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        write_new(&path, b"first").unwrap();
        assert!(write_new(&path, b"second").unwrap_err().to_string().contains("is there already"));
        replace(&path, b"third").unwrap();
        assert_eq!(read(&path).unwrap(), b"third");
        let error = read_text(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(folder.path().to_str().unwrap()), "{error}");
        // No part of a file stays behind.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(beside(&path, ".deal"), folder.path().join("a.key.deal"));
    }
}
