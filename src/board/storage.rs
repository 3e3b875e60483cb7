//! Where a board keeps its entries.

use super::State;
use crate::log::{Entries, LogError, Torn, entry::entries};
use alloc::{borrow::Cow, vec::Vec};
use core::{convert::Infallible, error::Error};

/// Where a [`Board`](super::Board) keeps its entries: in [`Memory`], in a record's folder ([`record::Writer`]), or in a
/// database or an object store.
///
/// Entries are appended and never changed. What they must be is the board's business; a storage only gives back what it was
/// given.
///
/// [`record::Writer`]: crate::record::Writer
pub trait Storage {
    /// Why it could not save.
    type Error: Error;

    /// The entry with this number, from 0; `None` after the last one.
    fn entry(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError>;

    /// Appends the [`entries`] of these objects, which this state accepted last. It returns when all of them would survive a
    /// crash: then the board acknowledges them.
    ///
    /// After an error nobody knows what was kept, and it is not called again. A storage that is opened again after a crash
    /// may have only the first of these objects, but each of them whole.
    fn save(&mut self, objects: &[&[u8]], state: &State) -> Result<(), Self::Error>;
}

/// Entries in memory, one after the other, each behind its length (two bytes, big-endian), as in the entry bundles of C2SP
/// tlog-tiles.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    bytes: Vec<u8>,
    /// Where each entry's length stands.
    starts: Vec<usize>,
}

impl Memory {
    /// The entries in these bytes.
    pub fn of(bytes: &[u8]) -> Result<Self, Torn> {
        let (mut starts, mut entries, mut start) = (Vec::new(), Entries::new(bytes), 0);
        while let Some(entry) = entries.next() {
            entry?;
            starts.push(start);
            start = entries.at();
        }
        Ok(Self { bytes: bytes.to_vec(), starts })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn get(&self, index: u64) -> Option<&[u8]> {
        let start = *self.starts.get(usize::try_from(index).ok()?)?;
        let (length, rest) = self.bytes.get(start..)?.split_first_chunk()?;
        rest.get(..usize::from(u16::from_be_bytes(*length)))
    }
}

impl Storage for Memory {
    type Error = Infallible;

    fn entry(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError> {
        Ok(self.get(index).map(Cow::Borrowed))
    }

    fn save(&mut self, objects: &[&[u8]], _: &State) -> Result<(), Infallible> {
        for entry in objects.iter().flat_map(|object| entries(object)) {
            self.starts.push(self.bytes.len());
            // Entries are at most `MAX_ENTRY` bytes, by their making.
            self.bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            self.bytes.extend_from_slice(&entry);
        }
        Ok(())
    }
}
