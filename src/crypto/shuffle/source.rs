//! The bytes from which a verifier reads rows and proof.

use crate::crypto::shuffle::ShuffleError;
use alloc::{vec, vec::Vec};
use core::fmt;

/// How many bytes are read at once while a section is absorbed.
const BUFFER: usize = 1 << 16;

/// Bytes that can be read more than once, at any offset. They must be the same each time.
///
/// A verifier reads each section twice. Whoever can change the bytes in between can have any shuffle accepted.
pub trait Source {
    /// The number of bytes.
    ///
    /// # Errors
    ///
    /// If it cannot be determined.
    fn size(&mut self) -> Result<u64, SourceError>;

    /// Fills `out` with the bytes that begin at `at`.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or the source ends before.
    fn read(&mut self, at: u64, out: &mut [u8]) -> Result<(), SourceError>;
}

/// Bytes could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceError;

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes could not be read")
    }
}

impl core::error::Error for SourceError {}

impl From<SourceError> for ShuffleError {
    fn from(_: SourceError) -> Self {
        Self::Storage
    }
}

impl Source for &[u8] {
    fn size(&mut self) -> Result<u64, SourceError> {
        Ok(self.len() as u64)
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> Result<(), SourceError> {
        let at = usize::try_from(at).map_err(|_| SourceError)?;
        let bytes = self.get(at..).and_then(|bytes| bytes.get(..out.len())).ok_or(SourceError)?;
        out.copy_from_slice(bytes);
        Ok(())
    }
}

impl<S: Source + ?Sized> Source for &mut S {
    fn size(&mut self) -> Result<u64, SourceError> {
        (**self).size()
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> Result<(), SourceError> {
        (**self).read(at, out)
    }
}

/// A file, or a section of one, as a [`Source`]: anything that is [`Read`](std::io::Read) and
/// [`Seek`](std::io::Seek).
#[cfg(feature = "std")]
#[derive(Clone, Debug)]
pub struct Seekable<R> {
    reader: R,
    start: u64,
    size: Option<u64>,
}

#[cfg(feature = "std")]
impl<R: std::io::Read + std::io::Seek> Seekable<R> {
    /// All bytes of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, start: 0, size: None }
    }

    /// The `size` bytes from `start`.
    pub fn section(reader: R, start: u64, size: u64) -> Self {
        Self { reader, start, size: Some(size) }
    }
}

#[cfg(feature = "std")]
impl<R: std::io::Read + std::io::Seek> Source for Seekable<R> {
    fn size(&mut self) -> Result<u64, SourceError> {
        match self.size {
            Some(size) => Ok(size),
            None => self.reader.seek(std::io::SeekFrom::End(0)).map_err(|_| SourceError),
        }
    }

    fn read(&mut self, at: u64, out: &mut [u8]) -> Result<(), SourceError> {
        let end = at.checked_add(out.len() as u64).ok_or(SourceError)?;
        if self.size.is_some_and(|size| end > size) {
            return Err(SourceError);
        }
        let at = self.start.checked_add(at).ok_or(SourceError)?;
        self.reader.seek(std::io::SeekFrom::Start(at)).map_err(|_| SourceError)?;
        self.reader.read_exact(out).map_err(|_| SourceError)
    }
}

/// `count` items of 32 bytes from `at`, read ahead one buffer at a time.
pub(super) fn items<S: Source>(
    source: &mut S,
    at: u64,
    count: usize,
) -> impl Iterator<Item = Result<[u8; 32], ShuffleError>> {
    let mut buffer = Buffer { source, at, left: count, bytes: Vec::new(), next: 0 };
    core::iter::from_fn(move || buffer.next().transpose())
}

struct Buffer<'s, S> {
    source: &'s mut S,
    at: u64,
    left: usize,
    bytes: Vec<u8>,
    next: usize,
}

impl<S: Source> Buffer<'_, S> {
    fn next(&mut self) -> Result<Option<[u8; 32]>, ShuffleError> {
        let (items, _) = self.bytes.as_chunks::<32>();
        if let Some(item) = items.get(self.next) {
            self.next += 1;
            return Ok(Some(*item));
        }
        let count = self.left.min(BUFFER / 32);
        self.bytes = read(self.source, self.at, 32 * count)?;
        self.at += 32 * count as u64;
        self.left -= count;
        self.next = 1;
        Ok(self.bytes.as_chunks::<32>().0.first().copied())
    }
}

/// `size` bytes from `at`.
pub(super) fn read<S: Source>(
    source: &mut S,
    at: u64,
    size: usize,
) -> Result<Vec<u8>, ShuffleError> {
    let mut bytes = vec![0; size];
    source.read(at, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_in_order_and_a_short_source_is_an_error() {
        let bytes: Vec<u8> = (0..100_000u32).flat_map(|i| (i / 8).to_be_bytes()).collect();
        let item = |i: u32| core::array::from_fn(|k| i.to_be_bytes()[k % 4]);
        for (first, count) in [(0, 0), (0, 1), (3, 2047), (0, 2048), (1, 2049), (0, 12_500)] {
            let read: Result<Vec<_>, _> = items(&mut &bytes[..], 32 * first, count).collect();
            let expected: Vec<[u8; 32]> =
                (0..count as u32).map(|i| item(first as u32 + i)).collect();
            assert_eq!(read, Ok(expected));
        }
        let read: Result<Vec<_>, _> = items(&mut &bytes[..], 32, 12_500).collect();
        assert_eq!(read, Err(ShuffleError::Storage));
    }

    #[test]
    #[cfg(feature = "std")]
    fn a_file_and_its_section_read_the_same_bytes() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut whole = Seekable::new(std::io::Cursor::new(&bytes));
        let mut section = Seekable::section(std::io::Cursor::new(&bytes), 100, 50);
        assert_eq!((whole.size(), section.size()), (Ok(256), Ok(50)));
        assert_eq!(read(&mut whole, 120, 30), read(&mut section, 20, 30));
        assert_eq!(read(&mut section, 20, 30).unwrap(), bytes[120..150]);
        assert_eq!(read(&mut section, 21, 30), Err(ShuffleError::Storage));
        assert_eq!(read(&mut whole, 227, 30), Err(ShuffleError::Storage));
        assert_eq!(read(&mut whole, u64::MAX, 1), Err(ShuffleError::Storage));
        assert_eq!(read(&mut &mut section, 0, 1).unwrap(), [100]);
    }
}
