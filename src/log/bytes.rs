//! Entries in memory.

use crate::log::{LogError, ReadLog};
use alloc::{string::String, vec::Vec};
use core::fmt;

/// Reads the entries of a board's bytes. Each entry follows its length in two bytes, big-endian.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The bytes end in the middle of an entry. All entries before it are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Where the entry starts.
    pub at: usize,
    /// How many bytes are missing.
    pub missing: usize,
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the entry at byte {} is torn: {} bytes are missing", self.at, self.missing)
    }
}

impl core::error::Error for Torn {}

impl<'a> Entries<'a> {
    /// The entries in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next entry starts.
    pub fn at(&self) -> usize {
        self.at
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<&'a [u8], Torn>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let torn = |missing| Torn { at: self.at, missing };
        let Some((length, rest)) = rest.split_first_chunk() else {
            let error = torn(2 - rest.len());
            self.at = self.bytes.len();
            return Some(Err(error));
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(entry) = rest.get(..length) else {
            let error = torn(length - rest.len());
            self.at = self.bytes.len();
            return Some(Err(error));
        };
        self.at += 2 + length;
        Some(Ok(entry))
    }
}

/// The offset of every 64th entry is kept.
const STEP: u64 = 64;

/// A board's bytes as a log.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    bytes: &'a [u8],
    /// The offset of every 64th entry, as far as it was read.
    known: Vec<usize>,
    /// The number of the next entry in order, and its offset.
    next: (u64, usize),
}

impl<'a> Bytes<'a> {
    /// The entries in these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, known: alloc::vec![0], next: (0, 0) }
    }
}

impl ReadLog for Bytes<'_> {
    fn entry(&mut self, index: u64) -> Result<Option<Vec<u8>>, LogError> {
        let (mut number, mut at) = self.next;
        if index < number || index - number > STEP {
            let place = (index / STEP).min(self.known.len() as u64 - 1);
            at = self.known.get(place as usize).copied().unwrap_or(0);
            number = place * STEP;
        }
        let mut entries = Entries { bytes: self.bytes, at };
        loop {
            let found = entries.next().transpose();
            let found = found.map_err(|torn| LogError::Torn { file: String::new(), torn })?;
            let Some(entry) = found else { return Ok(None) };
            number += 1;
            if number == self.known.len() as u64 * STEP {
                self.known.push(entries.at);
            }
            if number > index {
                self.next = (number, entries.at);
                return Ok(Some(entry.to_vec()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_any_order() {
        let mut bytes = Vec::new();
        for n in 0..300u16 {
            bytes.extend_from_slice(&(1 + n % 7).to_be_bytes());
            bytes.extend_from_slice(&alloc::vec![n as u8; usize::from(1 + n % 7)]);
        }
        let expected: Vec<Vec<u8>> = Entries::new(&bytes).map(|e| e.unwrap().to_vec()).collect();
        let mut log = Bytes::new(&bytes);
        for index in [0u64, 299, 1, 200, 64, 63, 65, 128, 299, 298, 300, 5_000, 17] {
            let expected = expected.get(index as usize);
            assert_eq!(log.entry(index).unwrap().as_ref(), expected, "{index}");
        }
        for index in 0..300 {
            assert_eq!(log.entry(index).unwrap().as_ref(), expected.get(index as usize));
        }
        let mut torn = Bytes::new(&bytes[..bytes.len() - 1]);
        assert!(torn.entry(298).unwrap().is_some());
        let error =
            LogError::Torn { file: "".into(), torn: Torn { at: bytes.len() - 8, missing: 1 } };
        assert_eq!(torn.entry(299), Err(error.clone()));
        assert_eq!(torn.entry(400), Err(error));
    }
}
