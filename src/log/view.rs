//! A view of a record, and where its bytes are.

use crate::log::LogError;
use alloc::{string::String, vec::Vec};
#[cfg(feature = "std")]
use {
    alloc::{boxed::Box, format, string::ToString},
    std::{
        fs::{self, File},
        io::{self, Read},
        path::PathBuf,
    },
};

/// The bytes of a view, in memory or in a file that is read on demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View(Source);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Bytes(Vec<u8>),
    #[cfg(feature = "std")]
    File(PathBuf),
}

impl From<Vec<u8>> for View {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Source::Bytes(bytes))
    }
}

impl From<String> for View {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl View {
    /// Reads all bytes into memory.
    ///
    /// # Errors
    ///
    /// [`LogError::Storage`].
    pub fn read(&self) -> Result<Vec<u8>, LogError> {
        match &self.0 {
            Source::Bytes(bytes) => Ok(bytes.clone()),
            #[cfg(feature = "std")]
            Source::File(_) => {
                let mut bytes = Vec::new();
                let read = self.open().and_then(|mut view| view.read_to_end(&mut bytes));
                read.map(|_| bytes).map_err(|error| self.storage(&error))
            }
        }
    }

    #[cfg(feature = "std")]
    pub(crate) fn file(path: PathBuf) -> Self {
        Self(Source::File(path))
    }

    /// A reader of the bytes.
    #[cfg(feature = "std")]
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &self.0 {
            Source::Bytes(bytes) => Box::new(bytes.as_slice()),
            Source::File(path) if fs::symlink_metadata(path)?.is_file() => {
                Box::new(File::open(path)?)
            }
            Source::File(_) => return Err(io::Error::other("no longer a plain file")),
        })
    }

    /// An error while reading the view.
    #[cfg(feature = "std")]
    pub(crate) fn storage(&self, error: &io::Error) -> LogError {
        let file = match &self.0 {
            Source::Bytes(_) => String::new(),
            Source::File(path) => format!("{path:?}"),
        };
        LogError::Storage { file, reason: error.to_string() }
    }
}
