//! The audit: a board is replayed from its bytes alone, and everything in it is recomputed.
//!
//! Its checks are numbered and have stable names; a [`Report`] says of each whether it passed, and if not, at which
//! entry and by whose fault. [`run`] audits a board in memory. [`Audit`] goes on step by step over a
//! [`ReadLog`](crate::log::ReadLog) of any size; what it has examined it can save as a [`Part`] and go on from later, or take
//! from elsewhere.
//!
//! Objects are judged in the order of the board. A ballot that is refused does not keep the following ballots
//! from being judged. But nothing else that follows a refused object can be judged, since it is signed for a board
//! that has that object.

mod check;
mod course;
mod expect;
mod finding;
mod findings;
mod html;
#[cfg(feature = "serde")]
mod json;
mod memory;
mod part;
mod report;
mod run;
mod verdict;

pub use check::Check;
pub use expect::{Checkpointed, Claim, Expect};
pub use finding::{CheckpointFault, Fault, Finding};
pub use findings::KEPT;
pub use memory::{Audit, AuditError};
pub use part::{Part, PartError};
pub use report::{KeptReceipt, KeyHolders, Mixed, Report, Status};
pub use run::run;
pub use verdict::{Known, Verdict};
