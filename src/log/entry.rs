//! Entries: what stands on the board, and how large objects are split into entries.
//!
//! An object is a kind and its content. An object of at most [`MAX_ENTRY`] bytes is one entry. A larger one becomes a header
//! entry (kind, length, SHA3-256, number of chunks), directly followed by that many chunk entries; it is complete with the
//! last chunk. So each object has exactly one form on the board.

use crate::codec::{DecodeError, DecodeErrorKind, Reader};
use alloc::{borrow::Cow, vec::Vec};
use sha3::{Digest, Sha3_256};

/// Most bytes of an entry, as in C2SP tlog-tiles.
pub const MAX_ENTRY: usize = 65_535;
/// Most bytes of an object.
pub(crate) const MAX_OBJECT: usize = 1 << 30;
/// First byte of the header of a large object.
pub(crate) const HEADER: u8 = 0xfe;
/// First byte of a chunk.
pub(crate) const CHUNK: u8 = 0xff;
/// Bytes of an object in one chunk, after the chunk's kind.
const CHUNK_SIZE: usize = MAX_ENTRY - 1;

/// The entries of an object, in order. They are made one at a time, so that a large object is not in memory twice.
pub fn entries(object: &[u8]) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let small = object.len() <= MAX_ENTRY;
    let whole = small.then_some(Cow::Borrowed(object));
    let header = (!small).then(|| Cow::Owned(header(object)));
    let chunks = object.chunks(CHUNK_SIZE).filter(move |_| !small);
    let chunks = chunks.map(|bytes| Cow::Owned([&[CHUNK], bytes].concat()));
    whole.into_iter().chain(header).chain(chunks)
}

/// How many entries an object takes.
pub(crate) fn entry_count(object: &[u8]) -> u64 {
    match object.len() {
        ..=MAX_ENTRY => 1,
        length => 1 + length.div_ceil(CHUNK_SIZE) as u64,
    }
}

fn header(object: &[u8]) -> Vec<u8> {
    let mut header = alloc::vec![HEADER];
    header.extend_from_slice(object.get(..1).unwrap_or_default());
    header.extend_from_slice(&(object.len() as u64).to_be_bytes());
    header.extend_from_slice(&Sha3_256::digest(object));
    header.extend_from_slice(&(object.len().div_ceil(CHUNK_SIZE) as u32).to_be_bytes());
    header
}

/// Joins entries to objects.
#[derive(Clone, Debug, Default)]
pub struct Assembler {
    pending: Option<Pending>,
}

#[derive(Clone, Debug)]
struct Pending {
    kind: u8,
    length: usize,
    hash: [u8; 32],
    chunks_left: u32,
    bytes: Vec<u8>,
}

impl Assembler {
    /// Takes the next entry. Returns the object that it completes, if any.
    ///
    /// # Errors
    ///
    /// Names the byte of the entry at which it breaks the form of objects: a chunk without a header, another entry among
    /// chunks, a chunk of the wrong size, or a hash that does not match.
    pub fn push(&mut self, entry: &[u8]) -> Result<Option<Vec<u8>>, DecodeError> {
        let mut reader = Reader::new(entry);
        let kind = reader.field("kind").u8()?;
        let tag = DecodeError::new(0, DecodeErrorKind::Tag { found: kind });
        let Some(pending) = &mut self.pending else {
            return match kind {
                HEADER => {
                    self.pending = Some(Pending::read(&mut reader)?);
                    Ok(None)
                }
                CHUNK => Err(tag),
                _ => Ok(Some(entry.to_vec())),
            };
        };
        if kind != CHUNK {
            return Err(tag);
        }
        let missing = pending.length - pending.bytes.len();
        let chunk =
            reader.field("the next bytes of a large object").bytes(missing.min(CHUNK_SIZE))?;
        // The buffer grows with what has arrived, not to the length in the header, and by an eighth instead of doubling.
        if pending.bytes.capacity() - pending.bytes.len() < chunk.len() {
            pending.bytes.reserve_exact(missing.min(pending.bytes.len() / 8 + CHUNK_SIZE));
        }
        pending.bytes.extend_from_slice(chunk);
        reader.finish()?;
        pending.chunks_left -= 1;
        if pending.chunks_left > 0 {
            return Ok(None);
        }
        let Some(Pending { kind, hash, bytes, .. }) = self.pending.take() else { return Ok(None) };
        if hash != *Sha3_256::digest(&bytes) || bytes.first() != Some(&kind) {
            return Err(DecodeError::new(0, DecodeErrorKind::NotCanonical));
        }
        Ok(Some(bytes))
    }

    /// Whether the last object is complete.
    pub fn is_complete(&self) -> bool {
        self.pending.is_none()
    }
}

impl Pending {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.field("kind").u8()?;
        let found = reader.field("length of a large object").u64_to(MAX_OBJECT as u64)?;
        let length = found as usize;
        let not_canonical = reader.error(8, DecodeErrorKind::NotCanonical);
        if length <= MAX_ENTRY {
            return Err(not_canonical);
        }
        let hash = reader.field("hash of a large object").array()?;
        let chunks_left = reader.field("number of chunks").u32()?;
        if u64::from(chunks_left) != found.div_ceil(CHUNK_SIZE as u64) {
            return Err(not_canonical);
        }
        reader.finish()?;
        Ok(Self { kind, length, hash, chunks_left, bytes: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_comes_back() {
        for size in [1, 2, MAX_ENTRY, MAX_ENTRY + 1, 2 * CHUNK_SIZE, 2 * CHUNK_SIZE + 1] {
            let object: Vec<u8> = (0..size).map(|i| if i == 0 { 4 } else { i as u8 }).collect();
            let mut assembler = Assembler::default();
            let entries: Vec<_> = entries(&object).collect();
            assert_eq!(entries.len() as u64, entry_count(&object));
            assert!(entries.iter().all(|e| e.len() <= MAX_ENTRY));
            let (last, others) = entries.split_last().unwrap();
            for entry in others {
                assert_eq!(assembler.push(entry), Ok(None));
                assert!(!assembler.is_complete());
            }
            assert_eq!(assembler.push(last), Ok(Some(object)));
            assert!(assembler.is_complete());
        }
    }

    #[test]
    fn another_form_of_an_object_is_refused() {
        let object = alloc::vec![4; MAX_ENTRY + 1];
        let entries: Vec<Vec<u8>> = entries(&object).map(Cow::into_owned).collect();
        let fails = |entries: &[Vec<u8>]| {
            let mut assembler = Assembler::default();
            entries.iter().any(|entry| assembler.push(entry).is_err())
        };
        assert!(!fails(&entries));
        assert!(fails(&entries[1..]));
        assert!(fails(&[entries[0].clone(), alloc::vec![5]]));
        assert!(fails(&[entries[0].clone(), entries[0].clone()]));
        for place in 0..entries.len() {
            let last = entries[place].len() - 1;
            for byte in [0, 1, 2, 12, last].into_iter().filter(|byte| *byte <= last) {
                let mut changed = entries.clone();
                changed[place][byte] ^= 1;
                assert!(fails(&changed), "entry {place}, byte {byte}");
            }
            let mut shorter = entries.clone();
            shorter[place].pop();
            assert!(fails(&shorter));
        }
    }
}
