//! The append-only board: typed entries in one log under one Merkle root.
//!
//! Everything that happens in an election is an entry (see [`Kind`]): the manifest, the key ceremony, the roll,
//! each cast ballot, the freeze and the close, the tally, the mixes, the decryption shares, the result. Entry `i` is leaf `i`
//! of a Merkle tree as in RFC 9162 with SHA-256. One pure state machine, [`State`], decides what is accepted. The server that
//! takes ballots and the auditor that replays them both run it. [`Board`] keeps the entries of an election beside that
//! state, in memory or in another [`Storage`].

mod accept;
mod closing;
mod error;
mod find;
#[cfg(test)]
pub(crate) mod fixture;
mod index;
mod keys;
mod kind;
mod live;
mod lookup;
mod mixing;
mod object;
mod operate;
mod phase;
mod receipt;
mod refusal;
mod replay;
mod shards;
mod snapshot;
mod spoils;
mod state;
mod storage;
mod trustee;
mod voting;

pub use accept::OtherOperator;
#[cfg(any(feature = "serde", feature = "std"))]
pub(crate) use accept::SIGNATURE;
pub use closing::{CloseSignature, Freeze};
pub use error::BoardError;
#[cfg(feature = "serde")]
pub(crate) use find::read_head;
pub use find::{Fate, Found, OtherVoter, Posted};
pub use kind::Kind;
pub use live::Board;
pub use object::{AnyObject, Object, from_text, to_text};
pub use phase::Phase;
pub use receipt::{NoReceipt, Receipt, ReceiptError};
pub use refusal::Refusal;
pub use replay::{FindError, ReplayError, find, proxied, replay};
pub use snapshot::{Snapshot, SnapshotError};
pub use state::{Accepted, State};
pub use storage::{Memory, Storage};
pub use trustee::GuardError;
pub(crate) use voting::{Examined, Verdict};
