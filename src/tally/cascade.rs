//! The cascade: the rows of each mixed cell pass from trustee to trustee, as many of each group as it takes to open.
//!
//! A mix is verified before the next one is made. What comes out of the last one is opened. Nothing is dropped in between:
//! as many rows come out as went in.

use crate::{
    ballot::Election,
    codec::{DecodeError, Encode, Reader},
    crypto::{
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Proof, ShuffleError},
        signature::{AuthorKey, Signature},
        transcript::{Transcript, label},
    },
    keys::Ceremony,
    manifest::Groups,
    parallel,
    tally::Tally,
};
use alloc::vec::Vec;
use core::{fmt, ops::Range};

/// The cell that a mix is of, and its place in the cell's cascade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MixHeader {
    /// The mixer's number.
    pub(crate) trustee: u16,
    /// The cell's place in the tally.
    pub(crate) cell: u32,
    /// How many mixes come before it.
    pub(crate) position: u16,
}

/// A trustee's mix of the rows of one cell, signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    pub(crate) header: MixHeader,
    pub(crate) outputs: Vec<Ciphertext>,
    pub(crate) proof: Proof,
    pub(crate) signature: Signature,
}

impl Encode for Mix {
    /// Mixer, cell, position; the rows, the proof, the signature, whose lengths follow from the rows before.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { header, outputs, proof, signature } = self;
        let MixHeader { trustee, cell, position } = header;
        out.extend_from_slice(&trustee.to_be_bytes());
        out.extend_from_slice(&cell.to_be_bytes());
        out.extend_from_slice(&position.to_be_bytes());
        outputs.as_slice().encode(out);
        proof.encode(out);
        signature.encode(out);
    }
}

/// Why a mix is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MixError {
    /// The tally has no such cell that waits to be mixed.
    NotWaiting,
    /// Another number of mixes comes before it.
    Position {
        /// The number that it says.
        found: u16,
        /// How many there are.
        expected: u16,
    },
    /// This trustee has mixed the cell before.
    Again,
    /// As many of its trustee's group have mixed the cell as it takes; it waits for other groups.
    Enough,
    /// It cannot be read, or its proof is invalid.
    Shuffle(ShuffleError),
    /// It is not signed by its mixer. Anybody can have made it.
    Signature,
}

impl fmt::Display for MixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWaiting => f.write_str("no such cell waits to be mixed"),
            Self::Position { found, expected } => {
                write!(f, "it is made for {found} mixes before it, there are {expected}")
            }
            Self::Again => f.write_str("this trustee has mixed the cell before"),
            Self::Enough => f.write_str("enough of this trustee's group have mixed the cell"),
            Self::Shuffle(error) => error.fmt(f),
            Self::Signature => f.write_str("the mixer's signature does not fit"),
        }
    }
}

impl core::error::Error for MixError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Shuffle(error) => Some(error),
            _ => None,
        }
    }
}

/// The rows of one cell on their way through the mixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cascade {
    pub(crate) cell: usize,
    /// The numbers of the slots that are mixed.
    pub(crate) slots: Range<usize>,
    pub(crate) key: Vec<Element>,
    pub(crate) rows: usize,
    /// The rows as they are now.
    pub(crate) bytes: Vec<u8>,
    pub(crate) by: Vec<u16>,
    pub(crate) groups: Groups,
}

impl Cascade {
    /// The cell's place in the tally.
    pub fn cell(&self) -> usize {
        self.cell
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The keys of the slots that are mixed.
    pub fn key(&self) -> &[Element] {
        &self.key
    }

    /// The trustees who have mixed it, in their order.
    pub fn by(&self) -> &[u16] {
        &self.by
    }

    /// How many mixes it takes.
    pub fn needed(&self) -> u16 {
        self.groups.threshold()
    }

    /// Whether it was mixed often enough: by the threshold of each group, as those who mixed must be as many as can open.
    pub fn is_complete(&self) -> bool {
        let mixed = |number| self.by.contains(&number);
        self.groups.lacking(&self.groups.thresholds(), mixed).is_none()
    }

    /// Whether it waits for mixes by the group of the trustee with this number.
    pub fn waits_for(&self, trustee: u16) -> bool {
        let group = self.groups.iter().find(|group| group.has(trustee));
        group.is_some_and(|group| {
            self.by.iter().filter(|by| group.has(**by)).count() < group.threshold.into()
        })
    }

    pub(crate) fn position(&self) -> u16 {
        u16::try_from(self.by.len()).unwrap_or(u16::MAX)
    }

    /// The rows as they are now. They were verified, so they can be read.
    pub(crate) fn ciphertexts(&self) -> Result<Vec<Ciphertext>, DecodeError> {
        let rows: Vec<&[u8]> = self.bytes.chunks_exact(32 * (self.slots.len() + 1)).collect();
        let read = |row: &&[u8]| {
            let mut reader = Reader::new(row);
            Ok(Ciphertext { a: reader.element()?, b: reader.elements(self.slots.len())? })
        };
        parallel::each_item(&rows, read).into_iter().collect()
    }
}

/// What a mix is bound to.
pub(crate) fn mix_transcript(
    election: &Election,
    ceremony: &Ceremony,
    tally: &Tally,
    author: &AuthorKey,
    header: &MixHeader,
) -> Transcript {
    let MixHeader { trustee, cell, position } = header;
    let mut transcript = election.context().proof(label::MIX);
    transcript.append_bytes(b"keys", ceremony.hash());
    transcript.append_bytes(b"tally", &tally.hash());
    transcript.append_u64(b"trustee", (*trustee).into());
    transcript.append_element(b"C", author.element());
    transcript.append_u64(b"cell", (*cell).into());
    transcript.append_u64(b"position", (*position).into());
    transcript
}
