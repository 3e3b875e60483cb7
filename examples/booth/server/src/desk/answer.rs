//! What becomes of a message.

use crate::refusals;
use serde::Serialize;
use tabella::{
    AuthorSecret,
    board::{Accepted, BoardError, Kind, Posted, Refusal},
    codec::Encode,
    rand_core::OsRng,
    record::DiskBoard,
};

/// The answer to one message.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It is on the disk.
    There {
        /// Its first entry.
        entry: u64,
        /// What it is.
        kind: String,
        /// Whether it was not there before.
        new: bool,
        /// For a ballot or a spoil request.
        #[serde(flatten)]
        receipted: Option<Box<Receipted>>,
    },
    /// It is not.
    Refused {
        /// What it is, if it can be read.
        kind: Option<String>,
        /// Why.
        refused: Reason,
    },
}

/// What the operator signs for a ballot or a spoil request.
#[derive(Debug, Serialize)]
pub struct Receipted {
    replaces: Option<u64>,
    tracker: String,
    receipt: String,
    size: u64,
    inclusion: String,
}

/// A code for programs and a sentence for people.
#[derive(Clone, Debug, Serialize)]
pub struct Reason {
    /// The code.
    pub reason: &'static str,
    /// The sentence.
    pub error: String,
}

impl From<&Refusal> for Reason {
    fn from(refusal: &Refusal) -> Self {
        Self { reason: refusals::code(refusal), error: refusal.to_string() }
    }
}

impl From<BoardError> for Reason {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::Refused(refusal) => (&refusal).into(),
            error => Self { reason: "other", error: error.to_string() },
        }
    }
}

/// The answer to a message on which the board has decided, and whether it counts as refused.
pub fn of(
    board: &DiskBoard,
    operator: &AuthorSecret,
    object: &[u8],
    verdict: &Result<Accepted, Refusal>,
) -> Result<Answer, BoardError> {
    let (entry, kind, new, replaces) = match verdict {
        Ok(Accepted { entry, kind, replaces }) => (*entry, *kind, true, *replaces),
        Err(refusal) => match (before(board, object, refusal)?, Kind::split(object)) {
            (Some(entry), Ok((kind, _))) => (entry, kind, false, None),
            (_, kind) => {
                let kind = kind.ok().map(|(kind, _)| kind.to_string());
                return Ok(Answer::Refused { kind, refused: refusal.into() });
            }
        },
    };
    let has_receipt = matches!(kind, Kind::Ballot | Kind::SpoilRequest);
    let receipted = has_receipt.then(|| receipt(board, operator, entry, replaces)).transpose()?;
    Ok(Answer::There { entry, kind: kind.to_string(), new, receipted: receipted.map(Box::new) })
}

fn receipt(
    board: &DiskBoard,
    operator: &AuthorSecret,
    entry: u64,
    replaces: Option<u64>,
) -> Result<Receipted, BoardError> {
    let receipt = board.receipt(operator, entry, &mut OsRng)?;
    let inclusion = board.hashes().inclusion(entry, receipt.size());
    Ok(Receipted {
        replaces,
        tracker: receipt.tracker().to_string(),
        receipt: receipt.to_string(),
        size: receipt.size(),
        // The entry is on the board of the receipt, so there is a proof.
        inclusion: inclusion.map(|proof| hex::encode(proof.to_bytes())).unwrap_or_default(),
    })
}

/// Where a message is that was refused because it is there: whoever lost the answer sends it again.
fn before(board: &DiskBoard, object: &[u8], refusal: &Refusal) -> Result<Option<u64>, BoardError> {
    if let Refusal::AlreadyOpened { entry } = refusal {
        let there = board.read(*entry).map_err(BoardError::Storage)?;
        return Ok(there.filter(|there| **there == *object).map(|_| *entry));
    }
    let Some(posted) = Posted::of_entry(object) else { return Ok(None) };
    // Another voter's ballot with this tracker is not this message.
    let found = board.find(&posted.tracker, Some(&posted.voter)).ok().flatten();
    Ok(found.filter(|found| found.posted.fate == posted.fate).map(|found| found.entry))
}
