//! The folder of a record: segments of the board, with checkpoints and views beside them.
//!
//! A [`Writer`] writes it so that a crash loses nothing but an entry that was not whole yet; a [`Folder`] reads it. A server
//! has both and the board in one, a [`DiskBoard`]: see [`create`] and [`open`].

mod folder;
mod open;
#[cfg(test)]
mod tests;
mod writer;

pub use folder::{Folder, FolderError};
pub use open::{DiskBoard, Opened, create, open};
pub use writer::{Cut, WriteError, Writer};
