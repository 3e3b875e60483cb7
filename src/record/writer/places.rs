//! Where a record's entries are, so that each can be read by its number.

use crate::log::{SEGMENT, segment_name};
use alloc::vec::Vec;
use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Where in its segment each entry ends; four bytes for each. An entry behind its length has at most 2¹⁶ + 1 bytes, and a
/// segment 2¹² of them.
#[derive(Debug, Default)]
pub(super) struct Places {
    ends: Vec<u32>,
    /// The segment that was read last, with its number.
    open: Mutex<Option<(u64, File)>>,
}

impl Places {
    pub(super) fn push(&mut self, entry: &[u8]) {
        self.ends.push((self.next() + 2 + entry.len() as u64) as u32);
    }

    /// Where in its segment the next entry begins.
    pub(super) fn next(&self) -> u64 {
        self.start(self.ends.len() as u64)
    }

    /// Forgets all but the first entries.
    pub(super) fn cut(&mut self, entries: u64) {
        self.ends.truncate(usize::try_from(entries).unwrap_or(usize::MAX));
    }

    fn start(&self, index: u64) -> u64 {
        let before = index.checked_sub(1).filter(|_| !index.is_multiple_of(SEGMENT));
        before.and_then(|before| self.end(before)).unwrap_or(0)
    }

    fn end(&self, index: u64) -> Option<u64> {
        self.ends.get(usize::try_from(index).ok()?).copied().map(u64::from)
    }

    /// Reads an entry of the record in this folder.
    pub(super) fn read(&self, record: &Path, index: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(end) = self.end(index) else { return Ok(None) };
        let (segment, start) = (index / SEGMENT, self.start(index) + 2);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match open.take() {
            Some((number, file)) if number == segment => file,
            _ => File::open(record.join(segment_name(segment)))?,
        };
        let mut entry = alloc::vec![0; end.saturating_sub(start) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut entry)?;
        *open = Some((segment, file));
        Ok(Some(entry))
    }
}
