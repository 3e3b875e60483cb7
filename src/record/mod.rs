//! The folder of a record: segments of the board, with checkpoints and views beside them.
//!
//! A [`Writer`] writes it so that a crash loses nothing but an entry that was not whole yet; a [`Folder`] reads it.

mod folder;
mod writer;

pub use folder::{Folder, FolderError};
pub use writer::{Cut, WriteError, Writer};
