//! What stands on a board as JSON, for programs that do not read its bytes.
//!
//! Views follow from the board, byte for byte: with the board anybody can make them again and compare. Their names come
//! in one order, their numbers are whole, and each ends with a line feed.
//!
//! ```
//! use tabella::views;
//!
//! let line = views::entry(7, &[5, 0, 0]);
//! assert_eq!(line, "{\"entry\":7,\"kind\":\"ballot\",\"bytes\":3}\n");
//! ```

#[cfg(feature = "std")]
mod compare;
mod counted;
mod entry;
mod result;
#[cfg(test)]
mod tests;
mod waits;

pub use entry::entry;
pub(crate) use entry::name;
pub(crate) use result::ResultView;
pub use waits::waits;

use crate::{
    board::State,
    log::{LogError, View},
    manifest::Manifest,
    tally::Outcome,
};
use alloc::string::String;
use serde::Serialize;
#[cfg(feature = "std")]
use std::io::{self, Write};

/// `manifest.json`: the manifest as [`Manifest::from_json`] reads it.
pub fn manifest(manifest: &Manifest) -> String {
    let mut text = manifest.to_json();
    text.push('\n');
    text
}

/// `result.json`: all totals and turnout, with the names of the manifest.
pub fn result(outcome: &Outcome) -> String {
    pretty(&ResultView::of(outcome))
}

/// The same, written piece by piece: a large result is never in memory as a whole.
#[cfg(feature = "std")]
pub(crate) fn write_result(outcome: &Outcome, mut out: impl Write) -> io::Result<()> {
    write_pretty(&ResultView::of(outcome), &mut out)
}

/// What a view says.
pub(crate) enum Content<'a> {
    Manifest(&'a Manifest),
    Result(&'a Outcome),
}

impl<'a> Content<'a> {
    /// What the view in a file of this name says, if the board has that.
    pub(crate) fn of(state: &'a State, name: &str) -> Option<Self> {
        match name {
            "manifest.json" => state.manifest().map(Self::Manifest),
            "result.json" => state.outcome().map(Self::Result),
            _ => None,
        }
    }

    #[cfg(feature = "std")]
    pub(crate) fn write(&self, mut out: impl Write) -> io::Result<()> {
        match self {
            Self::Manifest(content) => out.write_all(manifest(content).as_bytes()),
            Self::Result(outcome) => write_result(outcome, out),
        }
    }

    /// The first byte at which the view that was found is another; `None` if it is this one. Neither is in memory as a
    /// whole, and no more is read than this one has.
    #[cfg(feature = "std")]
    pub(crate) fn differs(&self, found: &View) -> Result<Option<usize>, LogError> {
        compare::differs(found, |out| self.write(out)).map_err(|error| found.storage(&error))
    }

    /// The first byte at which the view that was found is another; `None` if it is this one.
    #[cfg(not(feature = "std"))]
    pub(crate) fn differs(&self, found: &View) -> Result<Option<usize>, LogError> {
        let expected = match self {
            Self::Manifest(content) => manifest(content),
            Self::Result(outcome) => result(outcome),
        };
        let found = found.read()?;
        let same = expected.bytes().zip(&found).take_while(|(a, b)| a == *b).count();
        Ok((expected.as_bytes() != found).then_some(same))
    }
}

/// JSON with indents and a line feed at its end.
pub(crate) fn pretty(view: &impl Serialize) -> String {
    // Only maps with keys that are no text, and writers that fail, make errors; there are none.
    let mut text = serde_json::to_string_pretty(view).unwrap_or_default();
    text.push('\n');
    text
}

/// The same, written piece by piece.
#[cfg(feature = "std")]
pub(crate) fn write_pretty(view: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, view)?;
    out.write_all(b"\n")
}
