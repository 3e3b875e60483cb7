//! What a running audit keeps in memory.

use super::{Expect, Finding, Part, findings::Findings};
use crate::{
    board::{Found, Kind, Phase, Posted, ReceiptError, State},
    log::{
        LogError,
        entry::{Assembler, MAX_ENTRY},
        merkle::{Range, Root},
    },
};
use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use core::fmt;

/// A running audit.
///
/// Its memory grows by about 90 bytes for each voter who has cast, 34 for each replaced ballot, and 44 for each voter on the
/// roll. Besides that it holds a few thousand entries, or one large object. Rows that are mixed and opened take some hundred
/// bytes for each of their slots (`docs/spec/record.md`). A clone goes on by itself from the same place.
#[derive(Clone, Debug)]
pub struct Audit {
    pub(super) expect: Expect,
    pub(super) state: State,
    pub(super) assembler: Assembler,
    /// The first entry of the object that is being joined.
    pub(super) first: u64,
    pub(super) batch: Batch,
    /// Over all entries, including refused ones.
    pub(super) range: Range,
    /// For each refused object: how many entries were accepted before it, and how many refused up to and including it.
    pub(super) refused: Vec<(u64, u64)>,
    pub(super) ballots: u64,
    pub(super) replaced: u64,
    pub(super) findings: Findings,
    pub(super) stopped: bool,
    /// The roots at the sizes that are compared.
    pub(super) roots: BTreeMap<u64, Option<Root>>,
    /// The ballots at the entries that receipts name.
    pub(super) kept: BTreeMap<u64, Option<Posted>>,
    /// For each receipt, whether the operator signed it, once the manifest is known.
    pub(super) signed: Vec<Result<(), ReceiptError>>,
    /// What became of each receipt's ballot, as far as the record was read.
    pub(super) receipts: Vec<Result<Found, ReceiptError>>,
    /// The findings about views, as far as the record was read.
    pub(super) views: Vec<Finding>,
    /// Whether the record's end was reached.
    pub(super) ended: bool,
    /// Parts still to come; the first may be the one being read.
    pub(super) parts: VecDeque<Part>,
    /// The entries of the first part so far, while it is being read.
    pub(super) within: Option<Range>,
    /// Whether its sums were added; `Some(false)` if they cannot belong to this record.
    pub(super) counted: Option<bool>,
    /// Whether the sums of any part were added.
    pub(super) believes: bool,
    /// The entries of the parts that were used.
    pub(super) believed: Vec<core::ops::Range<u64>>,
    /// Everything examined so far.
    pub(super) examined: Part,
}

/// Most objects judged in one call, and most bytes of them together, unless a single object has more.
const BATCH: (usize, usize) = (4096, 1 << 23);

/// An object and its entries.
#[derive(Clone)]
pub(super) struct Object {
    pub(super) entries: core::ops::Range<u64>,
    pub(super) bytes: Vec<u8>,
}

impl Object {
    pub(super) fn is_ballot(&self) -> bool {
        self.bytes.first() == Some(&(Kind::Ballot as u8))
    }
}

impl AsRef<[u8]> for Object {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    pub(super) objects: Vec<Object>,
    pub(super) bytes: usize,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({:?})", self.entries)
    }
}

impl Batch {
    pub(super) fn push(&mut self, object: Object) {
        self.bytes += object.bytes.len();
        self.objects.push(object);
    }

    pub(super) fn is_full(&self) -> bool {
        self.objects.len() >= BATCH.0 || self.bytes + MAX_ENTRY > BATCH.1
    }
}

/// Why an audit could not be carried out. This says nothing about the record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditError {
    /// The storage of the record failed.
    Storage(LogError),
    /// The random number generator failed.
    Randomness,
    /// Ballots can be examined only by an audit that has reached the opening of the polls, and only until their close.
    NotVoting {
        /// The phase that the audit has reached.
        phase: Phase,
    },
    /// Ballots can be examined only after this entry, with which voting opened.
    TooEarly {
        /// The first entry that can be examined.
        first: u64,
    },
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Randomness => f.write_str("the random number generator failed"),
            Self::NotVoting { phase } => {
                write!(f, "the audit ends {phase}; ballots are examined while voting is open")
            }
            Self::TooEarly { first } => {
                write!(f, "voting opens at entry {first}; no ballots come before it")
            }
        }
    }
}

impl core::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Storage(error) => Some(error),
            Self::Randomness | Self::NotVoting { .. } | Self::TooEarly { .. } => None,
        }
    }
}
