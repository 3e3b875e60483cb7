//! The append-only board.
pub mod merkle;
