//! Elections for tests, and what people with all secrets can do to them.
//!
//! All forgeries are made from the specification, since the library's provers refuse to make them.

pub mod cascade;
pub mod cheats;
pub mod dealer;
pub mod folder;
pub mod forge;
pub mod handover;
pub mod mixes;
mod world;

pub use world::{Failing, World, bit_flips, hand_over, read, rng, write_record};
