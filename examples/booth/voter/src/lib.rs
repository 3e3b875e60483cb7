//! The voter's side of an election, for a page: what `npm/index.js` calls.
//!
//! Every call takes a JSON text and bytes, and gives JSON or bytes back, or a [`Fault`](fault::Fault). Objects stay here, and are called by
//! number. All of it but [`boundary`] is safe Rust that knows nothing of WebAssembly.

#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

extern crate alloc;

#[cfg(feature = "audit")]
mod audit;
mod ballots;
#[cfg(target_arch = "wasm32")]
mod boundary;
pub mod calls;
mod choices;
mod fault;
mod form;
mod given;
mod look;
mod mistakes;
mod objects;
mod opened;
