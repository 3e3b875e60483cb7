#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod audit;
pub mod author;
pub mod ballot;
pub mod batch;
pub mod board;
pub mod checkpoint;
mod chunks;
pub mod codec;
pub mod count;
pub mod decrypt;
pub mod dlog;
pub mod elgamal;
pub mod error;
pub mod group;
pub mod keys;
pub mod manifest;
pub mod message;
pub mod outcome;
pub mod proof;
pub mod record;
pub mod roll;
pub mod shuffle;
pub mod tally;
mod text;
pub mod tiles;
pub mod transcript;
#[cfg(feature = "serde")]
pub mod views;
mod work;
