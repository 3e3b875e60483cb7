//! What a board knows of its first entries, so that it need not verify their ballots again when it is loaded.

use super::State;
use crate::{
    codec::{Decode as _, DecodeError, Encode as _, Reader, put_text},
    log::merkle::{Head, Root},
    tally::Sums,
};
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;
use sha3::{Digest, Sha3_256};

/// The first bytes of a snapshot.
const MAGIC: &[u8] = b"tabella/v1 snapshot of a board";
/// What was verified by another version may not be what this one accepts.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// Most bytes of a program's version.
const MAX_PROGRAM: usize = 100;
const CHECKSUM: usize = 32;

/// Size and root of a board with which voting had begun, and the sums of its ballots that count: this program has verified
/// these entries.
///
/// [`Board::load_from`](super::Board::load_from) believes that and still hashes, reads and judges all entries by every rule but
/// two: of cast ballots it reads only the header, and neither their points nor their proofs, and it does not verify the proofs of the
/// roll's lines. The key ceremony, all signatures, delegations, spoil requests and openings, closes, mixes, decryption shares and the
/// result are verified again each time. A snapshot follows from the entries, holds no secret, and is not signed.
/// **It is for the machine that made it**: no audit and no trustee takes one, and what a wrong one does to a board shows there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub(super) head: Head,
    pub(super) sums: Sums,
}

/// Why bytes are no snapshot that this program believes. Without one everything is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They were damaged, or were not written to their end.
    Checksum,
    /// Another version of this program made it.
    Program {
        /// Which one.
        found: String,
    },
    /// They cannot be read.
    Form(DecodeError),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum => f.write_str("the snapshot is damaged: its checksum differs"),
            Self::Program { found } => {
                write!(
                    f,
                    "the snapshot is of version {found:?} of this program, which is {PROGRAM}"
                )
            }
            Self::Form(error) => write!(f, "the snapshot cannot be read: {error}"),
        }
    }
}

impl core::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Form(error) => Some(error),
            Self::Checksum | Self::Program { .. } => None,
        }
    }
}

impl From<DecodeError> for SnapshotError {
    fn from(error: DecodeError) -> Self {
        Self::Form(error)
    }
}

impl Snapshot {
    /// Of this state; `None` before voting is open.
    pub fn of(state: &State) -> Option<Self> {
        let sums = state.partial_tally()?.sums().clone();
        Some(Self { head: state.head(), sums })
    }

    /// Size and root of the board.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Its bytes, with a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { head: Head { size, root }, sums } = self;
        let mut bytes = MAGIC.to_vec();
        put_text(&mut bytes, PROGRAM);
        bytes.extend_from_slice(&size.to_be_bytes());
        bytes.extend_from_slice(root.as_bytes());
        sums.encode(&mut bytes);
        let checksum = Sha3_256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// It is damaged, or not of this program's version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let content = bytes.split_last_chunk::<CHECKSUM>();
        let whole = |(content, checksum): &(&[u8], &[u8; CHECKSUM])| {
            *Sha3_256::digest(content) == **checksum
        };
        let (content, _) = content.filter(whole).ok_or(SnapshotError::Checksum)?;
        let mut reader = Reader::new(content);
        if reader.bytes(MAGIC.len())? != MAGIC {
            let kind = crate::codec::DecodeErrorKind::NotCanonical;
            return Err(reader.error(MAGIC.len(), kind).into());
        }
        let found = reader.text(MAX_PROGRAM)?;
        if found != PROGRAM {
            return Err(SnapshotError::Program { found: found.to_owned() });
        }
        let head = Head { size: reader.u64()?, root: Root::from(reader.array()?) };
        let sums = Sums::decode(&mut reader)?;
        reader.finish()?;
        Ok(Self { head, sums })
    }
}
