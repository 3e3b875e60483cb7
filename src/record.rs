//! A board as bytes: entries one after the other, and a checkpoint that says how many there are.

use crate::{
    board::{Assembler, Board, Refusal, Root, State, entry_count},
    error::DecodeError,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use core::{fmt, str::FromStr};
use rand_core::{CryptoRng, RngCore};

/// Objects that are decided on in one call while a board is replayed.
const BATCH: usize = 4096;

/// Reads entries out of a board's bytes: each behind its length in two bytes, big-endian.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The bytes end in the middle of an entry. Everything before it is whole.
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

/// Size and root of a board, in the text form of a C2SP checkpoint: the lines `tabella/` and the election's id,
/// the size in decimal, the root in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The election's id.
    pub election: String,
    /// How many entries.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Root,
}

impl Checkpoint {
    /// The checkpoint of a board's state; `None` before the manifest is posted.
    pub fn of(state: &State) -> Option<Self> {
        let election = state.manifest()?.id().to_string();
        Some(Self { election, size: state.size(), root: state.root() })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = Base64::encode_string(self.root.as_bytes());
        write!(f, "tabella/{}\n{}\n{root}\n", self.election, self.size)
    }
}

/// Text that is not a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointError {
    /// The first line that is not as it should be, from 1.
    pub line: usize,
    /// The byte at which that line starts.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, at, expected } = self;
        write!(f, "line {line} (byte {at}) of the checkpoint: expected {expected}")
    }
}

impl core::error::Error for CheckpointError {}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.split_inclusive('\n');
        let (mut line, mut at) = (0, 0);
        let mut next = |expected| {
            line += 1;
            let error = CheckpointError { line, at, expected };
            let found = lines.next().unwrap_or_default();
            at += found.len();
            found.strip_suffix('\n').map(|found| (found, error)).ok_or(error)
        };
        let (found, error) = next("'tabella/' and the election's id")?;
        let election = found.strip_prefix("tabella/").ok_or(error)?.to_string();
        let (found, error) = next("the number of entries in decimal")?;
        let size: u64 = found.parse().map_err(|_| error)?;
        if size.to_string() != found {
            return Err(error);
        }
        let (found, error) = next("the root: 32 bytes in base64")?;
        let mut root = [0; 32];
        match Base64::decode(found, &mut root) {
            Ok(bytes) if bytes.len() == 32 => {}
            _ => return Err(error),
        }
        if lines.next().is_some() {
            return Err(CheckpointError { line: 4, at, expected: "the end" });
        }
        Ok(Self { election, size, root: Root::from(root) })
    }
}

/// Why bytes do not give a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayError {
    /// They end inside an entry.
    Torn(Torn),
    /// An entry is not a whole object, nor a part of one.
    Form {
        /// The entry, from 0.
        entry: u64,
        /// What is wrong in it.
        error: DecodeError,
    },
    /// The board's rules do not accept an object.
    Refused {
        /// Its first entry, from 0.
        entry: u64,
        /// Why.
        refusal: Refusal,
    },
    /// The last object is not complete.
    Incomplete,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn(torn) => torn.fmt(f),
            Self::Form { entry, error } => write!(f, "entry {entry}: {error}"),
            Self::Refused { entry, refusal } => write!(f, "entry {entry}: {refusal}"),
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
        }
    }
}

impl core::error::Error for ReplayError {}

/// Replays a board from its bytes and checks everything on the way. The result can be posted to again.
pub fn replay(bytes: &[u8], rng: &mut (impl CryptoRng + RngCore)) -> Result<Board, ReplayError> {
    let mut board = Board::new();
    let mut assembler = Assembler::default();
    let mut objects = Vec::new();
    let mut flush = |objects: &mut Vec<Vec<u8>>| {
        // All before the first that is refused are accepted, so its entry follows theirs.
        let mut entry = board.state().size();
        for (result, object) in board.post_all(objects, rng).into_iter().zip(&*objects) {
            result.map_err(|refusal| ReplayError::Refused { entry, refusal })?;
            entry += entry_count(object);
        }
        objects.clear();
        Ok(())
    };
    for (entry, bytes) in (0u64..).zip(Entries::new(bytes)) {
        let bytes = bytes.map_err(ReplayError::Torn)?;
        let object = assembler.push(bytes).map_err(|error| ReplayError::Form { entry, error })?;
        objects.extend(object);
        if objects.len() >= BATCH {
            flush(&mut objects)?;
        }
    }
    flush(&mut objects)?;
    if assembler.is_complete() { Ok(board) } else { Err(ReplayError::Incomplete) }
}

/// Writes a board's entries.
#[cfg(feature = "std")]
pub fn write(board: &Board, writer: &mut impl std::io::Write) -> std::io::Result<()> {
    writer.write_all(board.bytes())?;
    writer.flush()
}

/// Reads a board's entries and replays them.
///
/// # Errors
///
/// Those of the reader; a [`ReplayError`] comes as the inner error of kind `InvalidData`.
#[cfg(feature = "std")]
pub fn read(
    reader: &mut impl std::io::Read,
    rng: &mut (impl CryptoRng + RngCore),
) -> std::io::Result<Board> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    replay(&bytes, rng).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}
