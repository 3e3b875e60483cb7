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
use tempfile::NamedTempFile;

/// Adds the path to an error of the file system.
pub fn at<T>(path: &Path, result: io::Result<T>) -> Result<T> {
    result.map_err(|error| Failure::unreadable(format!("{}: {error}", path.display())))
}

pub fn read(path: &Path) -> Result<Vec<u8>> {
    at(path, fs::read(path))
}

pub fn read_text(path: &Path) -> Result<String> {
    at(path, fs::read_to_string(path))
}

/// Puts a file in place of what is there, if something is. On Unix only its owner can read it.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_by(path, |file| file.write_all(bytes))
}

/// The same with what this writes.
pub fn replace_by(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let _writing = interrupt::writing();
    let file = written(path, write)?;
    at(path, file.persist(path).map_err(|error| error.error))?;
    sync_folder(path)
}

/// Writes a file that is not there yet.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let _writing = interrupt::writing();
    let file = written(path, |file| file.write_all(bytes))?;
    match file.persist_noclobber(path).map_err(|error| error.error) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let path = path.display();
            return Err(Failure::refused(format!(
                "{path}: is there already, and is left as it is"
            )));
        }
        result => at(path, result)?,
    };
    sync_folder(path)
}

/// A file beside this one with what this writes, which the disk has.
fn written(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<NamedTempFile> {
    let folder = folder(path);
    is_folder(&folder)?;
    let mut file = at(path, NamedTempFile::new_in(folder))?;
    let mut buffered = BufWriter::new(&mut file);
    at(path, write(&mut buffered).and_then(|()| buffered.flush()))?;
    drop(buffered);
    at(path, file.as_file().sync_all())?;
    Ok(file)
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
