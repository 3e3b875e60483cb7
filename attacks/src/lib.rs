//! Elections for tests, and what people with all secrets do to them.
//!
//! Whatever is forged here is made from the specification, not with the library's provers, which refuse to.

pub mod cascade;
pub mod cheats;
pub mod dealer;
pub mod folder;
pub mod forge;
pub mod handover;
pub mod mixes;
mod world;

pub use world::{Failing, World, bit_flips, hand_over, read, rng};
