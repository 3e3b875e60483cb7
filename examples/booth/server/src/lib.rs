//! The server of the booth: it takes ballots over HTTP, and keeps the board on disk.
//!
//! One thread owns the board ([`desk`]). Handlers send it messages through a bounded channel, and it writes what has arrived with one
//! wait for the disk. What everybody reads it [publishes](published) after each write, so that reading waits for nothing.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod desk;
mod failure;
pub mod http;
mod keys;
pub mod published;
mod refusals;
mod serve;
mod token;
mod turnout;

pub use failure::Failure;
pub use serve::{Limits, Options, Served, serve};
