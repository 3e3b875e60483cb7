#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod audit;
pub mod ballot;
pub mod board;
pub mod codec;
pub mod contest;
pub mod count;
pub mod crypto;
#[cfg(feature = "serde")]
mod json;
pub mod keys;
pub mod log;
pub mod manifest;
mod mistake;
mod parallel;
mod random;
#[cfg(feature = "std")]
pub mod record;
pub mod roll;
pub mod tally;
mod text;
#[cfg(feature = "serde")]
pub mod views;
mod work;

// The names of a first program.
pub use audit::Expect;
pub use ballot::{Choices, Election, Header};
pub use board::Board;
pub use contest::Contest;
pub use crypto::{dlog::DlogTable, signature::AuthorSecret};
pub use manifest::Manifest;
pub use random::RandomnessError;
pub use roll::Credential;
pub use tally::Outcome;
