//! What an election is: who runs it, what is voted on, by which rules, and where.
//!
//! A manifest is written once, with [`Manifest::builder`] or as JSON, and never changes. Everything else in an election
//! refers to it by its hash. It is checked when it is made, so every [`Manifest`] is valid.
//!
//! # Slots
//!
//! A ballot is one vector ciphertext over the slots of all its contests. In the manifest's order, each contest takes the
//! lowest range of slots that overlaps no contest on the same ballot style. So a contest on all styles has the same slots
//! everywhere, and contests that never share a ballot share slot keys.
//!
//! # Example
//!
//! ```
//! use rand_core::OsRng;
//! use tabella::{contest::Contest, crypto::signature::AuthorSecret, manifest::Manifest};
//!
//! let operator = AuthorSecret::random(&mut OsRng)?;
//! let trustees = [0, 1, 2].map(|_| AuthorSecret::random(&mut OsRng));
//! let mut keys = Vec::new();
//! for trustee in &trustees {
//!     keys.push(trustee.as_ref().map_err(|e| *e)?.public().clone());
//! }
//! let manifest = Manifest::builder("bridge")
//!     .title("Shall the old bridge be rebuilt?")
//!     .operator(operator.public().clone())
//!     .trustees(keys, 2)
//!     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
//!     .build()?;
//! assert_eq!(manifest.slots(), 3);
//! assert_eq!(manifest.threshold(), 2);
//!
//! let mistake = Manifest::builder("bridge")
//!     .operator(operator.public().clone())
//!     .trustees([operator.public().clone()], 1)
//!     .contest(Contest::choose_one("bridge", ["yes", "yes"]))
//!     .build()
//!     .unwrap_err();
//! assert_eq!(mistake.path, "trustees[0].key");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod builder;
mod bytes;
mod check;
mod display;
mod draft;
mod folded;
mod groups;
mod hash;
#[cfg(feature = "serde")]
mod json;
mod layout;
mod parts;
mod read;
mod rules;
mod search;
#[cfg(test)]
mod tests;
mod valid;

pub use crate::{
    mistake::{ManifestError, Mistake},
    text::Text,
};
pub use builder::Builder;
pub(crate) use bytes::{put_members, read_members};
pub use groups::{Group, Groups};
pub(crate) use groups::{Lack, OfGroup};
pub use hash::ManifestHash;
pub use parts::{BallotStyle, District, LogPolicy, Member, Station};
pub use read::ManifestReadError;
pub(crate) use rules::BrokenLimit;
pub use valid::Manifest;
