//! What a writer asks of the file system.

use core::fmt;
use std::{
    fs::File,
    io::{self, Write},
    path::Path,
};

/// What can fail late, when the disk is full or breaks. Tests put one in place that does.
pub(in crate::record) trait Disk: fmt::Debug + Send + Sync {
    /// Writes all of it.
    fn write(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    /// Waits until the disk has a file, or the names in a folder.
    fn sync(&mut self, _path: &Path, file: &File) -> io::Result<()> {
        file.sync_all()
    }
}

/// The files themselves.
#[derive(Debug)]
pub(in crate::record) struct Files;

impl Disk for Files {}

/// Writes to one file.
pub(super) struct Through<'a> {
    pub(super) disk: &'a mut dyn Disk,
    pub(super) file: &'a mut File,
}

impl Write for Through<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.write(self.file, bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
