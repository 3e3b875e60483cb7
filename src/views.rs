//! What stands on a board as JSON, for programs that do not read its bytes.
//!
//! Views follow from the board, byte for byte: whoever has the board can make them again and compare. Their names come
//! in one order, their numbers are whole, and each ends with a line feed.
//!
//! ```
//! use tabella::views;
//!
//! let line = views::entry(7, &[5, 0, 0]);
//! assert_eq!(line, "{\"entry\":7,\"kind\":\"ballot\",\"bytes\":3}\n");
//! ```

mod counted;
mod entry;
mod result;

pub use entry::entry;
pub(crate) use entry::name;
pub(crate) use result::ResultView;

use crate::{manifest::Manifest, outcome::Outcome};
use alloc::string::String;
use serde::Serialize;

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

/// JSON with indents and a line feed at its end.
pub(crate) fn pretty(view: &impl Serialize) -> String {
    // Only maps with keys that are no text, and writers that fail, make errors; there are none.
    let mut text = serde_json::to_string_pretty(view).unwrap_or_default();
    text.push('\n');
    text
}
