//! A record as the storage of a board.

use super::{WriteError, Writer};
use crate::{
    board::{State, Storage},
    log::{LogError, SEGMENT, segment_name},
};
use alloc::{borrow::Cow, string::ToString};

impl Storage for Writer {
    type Error = WriteError;

    fn entry(&self, index: u64) -> Result<Option<Cow<'_, [u8]>>, LogError> {
        let found = self.places.read(&self.path, index).map_err(|error| LogError::Storage {
            file: segment_name(index / SEGMENT),
            reason: error.to_string(),
        })?;
        Ok(found.map(Cow::Owned))
    }

    fn save(&mut self, objects: &[&[u8]], state: &State) -> Result<(), WriteError> {
        self.append_all(objects, state)?;
        self.sync()?;
        self.beside.keep_up(state);
        Ok(())
    }
}
