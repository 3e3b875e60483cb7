//! A contest: its options, how a voter marks them, and how it is opened and counted.
//!
//! What is specific to one kind of contest stands in a file of its own.

mod broken;
mod bytes;
mod check;
mod check_count;
mod check_texts;
mod choice;
mod definition;
mod folded;
pub(crate) mod given;
mod grades;
mod integer;
#[cfg(feature = "serde")]
mod json;
#[cfg(feature = "serde")]
mod json_count;
mod kind;
mod kinds;
pub(crate) mod left_out;
mod limits;
mod lists;
mod message;
mod opened;
mod option;
mod pairs;
mod places;
mod quadratic;
mod ranking;
mod ranks;
mod row;
pub(crate) mod rules;
mod slots;
mod split;
mod star;
pub(crate) mod summed;
#[cfg(test)]
mod tests;
mod texts;
mod wide;

pub use crate::text::Text;
pub use broken::{Broken, Unreadable};
pub(crate) use bytes::{put_contest, put_limit, read_contest, read_limit};
pub(crate) use check::{MAX_LIMITS, check_contest, check_limit};
pub(crate) use definition::BLANK;
pub(crate) use definition::MAX_CANDIDATES;
pub use definition::{
    Base, Cell, Contest, ContestOption, CountedMark, Display, Form, Group, GroupCap, Limit,
    Majority, Pass, Rule, SeatRules, WriteIns,
};
pub(crate) use kind::{RowCount, Words};
pub(crate) use limits::{Bounds, Names, Votes, sum};
pub(crate) use message::pack;
pub use opened::{OpenedRow, Written};
pub(crate) use row::Values;
pub use split::MAX_WEIGHT;
pub(crate) use texts::{put_texts, texts};
pub use wide::Wide;
