//! The audit: it replays a board from its bytes alone and recomputes everything in it.
//!
//! Its checks are numbered and have stable names. For each of them a [`Report`] says whether it passed, and if not, at which
//! entry and through whose fault. [`run`] audits a board in memory. [`Audit`] works step by step on a
//! [`ReadLog`](crate::log::ReadLog) of any size. It can save what it has examined as a [`Part`], to continue later, or use
//! parts from elsewhere.
//!
//! Objects are judged in the order of the board. After a refused ballot the following ballots are still judged. Nothing else
//! that follows a refused object can be judged, since it is signed for a board with that object.

mod check;
mod classes;
mod course;
mod expect;
mod finding;
mod findings;
mod holders;
mod html;
#[cfg(feature = "serde")]
mod json;
mod memory;
mod mixed;
mod part;
mod report;
mod run;
mod verdict;
mod withdrawn;

pub use check::Check;
pub use classes::NamedClass;
pub use expect::{Checkpointed, Claim, Expect};
pub use finding::{CheckpointFault, Fault, Finding};
pub use findings::KEPT;
pub use holders::KeyHolders;
pub use memory::{Audit, AuditError};
pub use mixed::Mixed;
pub use part::{Part, PartError};
pub use report::{KeptReceipt, Report, Status};
pub use run::run;
pub use verdict::{Known, Verdict};
pub use withdrawn::Withdrawn;
