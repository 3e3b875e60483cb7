//! A contest: its options, how a voter marks them, and how it is opened and counted.
//!
//! What is specific to one kind of contest stands in a file of its own.

mod broken;
mod bytes;
mod check;
mod choice;
mod definition;
pub(crate) mod given;
mod integer;
#[cfg(feature = "serde")]
mod json;
mod kind;
mod kinds;
pub(crate) mod left_out;
mod message;
mod opened;
mod ranking;
mod row;
mod slots;

pub use broken::{Broken, Unreadable};
pub(crate) use bytes::{put_contest, read_contest};
pub(crate) use check::check_contest;
pub(crate) use definition::MAX_CANDIDATES;
pub use definition::{Cell, Contest, Form, Rule, WriteIns};
pub(crate) use kind::{RowCount, Words};
pub(crate) use message::pack;
pub use opened::{OpenedRow, Written};
pub(crate) use row::Values;
