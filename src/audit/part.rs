//! What an audit has examined, so that it need not be examined again.

use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_count},
    log::merkle::{Head, Range, Root},
    tally::Sums,
};
use alloc::vec::Vec;
use core::fmt;

/// The first bytes of a part.
const MAGIC: &[u8] = b"tabella/v1 part of an audit";

/// What was found in consecutive entries of a record: which of their ballots are valid by themselves, and the sums of these
/// ballots.
///
/// An [`Audit`](super::Audit) with parts does not verify these ballots again. It still reads the entries, compares their
/// hashes with those of the part, and judges everything that depends on other entries. A part takes a few kilobytes, whatever
/// it covers. It can be saved after each checkpoint, or made on another machine.
///
/// A part is not signed. Whoever uses one trusts its maker and the channel through which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The entries, and the hashes that identify them.
    pub(super) range: Range,
    /// The board when voting opened, against which the ballots were judged; `None` before that.
    pub(super) opened: Option<Head>,
    /// The first signature under a close; after it no freeze is lifted. Ballots after it were not examined.
    pub(super) closed: Option<u64>,
    /// Ballots that were not examined or not found valid; ascending.
    pub(super) doubtful: Vec<u64>,
    /// The sums of all ballots before the close, except these.
    pub(super) sums: Sums,
}

/// Why parts do not merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartError {
    /// The second part does not begin where the first one ends.
    Apart {
        /// The entry after the first part.
        end: u64,
        /// The first entry of the second part.
        start: u64,
    },
    /// They are of different elections.
    Election,
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apart { end, start } => {
                write!(f, "a part that begins at entry {start} behind one that ends at {end}")
            }
            Self::Election => f.write_str("parts of audits of different elections"),
        }
    }
}

impl core::error::Error for PartError {}

impl Part {
    /// The entries that the part covers.
    pub fn entries(&self) -> core::ops::Range<u64> {
        self.range.start()..self.range.end()
    }

    /// Appends the next part. In whatever order parts are merged, the bytes are the same.
    pub fn merge(&mut self, next: &Self) -> Result<(), PartError> {
        let (end, start) = (self.range.end(), next.range.start());
        if end != start {
            return Err(PartError::Apart { end, start });
        }
        if let (Some(own), Some(next)) = (self.opened, next.opened)
            && own != next
        {
            return Err(PartError::Election);
        }
        // What was examined after a close does not count.
        if self.closed.is_none() {
            if self.opened.is_none() {
                self.sums = next.sums.clone();
            } else if next.opened.is_some() {
                self.sums.merge(&next.sums).ok_or(PartError::Election)?;
            }
            self.doubtful.extend_from_slice(&next.doubtful);
            self.closed = next.closed;
        }
        self.opened = self.opened.or(next.opened);
        self.range.append(&next.range).ok_or(PartError::Apart { end, start })
    }

    /// Whether the ballot with these entries was found valid.
    pub(super) fn is_valid(&self, entries: &core::ops::Range<u64>) -> bool {
        self.covers(entries)
            && self.opened.is_some_and(|opened| opened.size <= entries.start)
            && self.closed.is_none_or(|closed| entries.start < closed)
            && self.doubtful.binary_search(&entries.start).is_err()
    }

    pub(super) fn covers(&self, entries: &core::ops::Range<u64>) -> bool {
        self.range.start() <= entries.start && entries.end <= self.range.end()
    }
}

impl Encode for Part {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { range, opened, closed, doubtful, sums } = self;
        out.extend_from_slice(MAGIC);
        range.encode(out);
        out.push(u8::from(opened.is_some()));
        if let Some(Head { size, root }) = opened {
            out.extend_from_slice(&size.to_be_bytes());
            out.extend_from_slice(root.as_bytes());
        }
        out.push(u8::from(closed.is_some()));
        out.extend(closed.iter().flat_map(|entry| entry.to_be_bytes()));
        put_count(out, doubtful.len());
        doubtful.iter().for_each(|entry| out.extend_from_slice(&entry.to_be_bytes()));
        sums.encode(out);
    }
}

impl Decode for Part {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.bytes(MAGIC.len())? != MAGIC {
            return Err(reader.error(MAGIC.len(), DecodeErrorKind::NotCanonical));
        }
        let range = Range::decode(reader)?;
        let opened = match reader.bool()? {
            true => Some(Head { size: reader.u64()?, root: Root::from(reader.array()?) }),
            false => None,
        };
        let closed = if reader.bool()? { Some(reader.u64()?) } else { None };
        let doubtful = reader.list(usize::MAX, 8, Reader::u64)?;
        let inside = |entry: &u64| (range.start()..range.end()).contains(entry);
        if !doubtful.is_sorted_by(|a, b| a < b) || !doubtful.iter().chain(&closed).all(inside) {
            return Err(reader.error(0, DecodeErrorKind::NotCanonical));
        }
        Ok(Self { range, opened, closed, doubtful, sums: Sums::decode(reader)? })
    }
}
