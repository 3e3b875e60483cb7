//! The folder of a record: segments of the board, with checkpoints and views beside them.
//!
//! A [`Writer`] writes it so that a crash loses nothing but an entry that was not whole yet; a [`Folder`] reads it. A server
//! has both and the board in one, a [`DiskBoard`]: see [`create`] and [`open`].

mod beside;
mod folder;
mod open;
mod progress;
mod registrations;
#[cfg(test)]
mod tests;
mod writer;

pub use beside::NoSnapshot;
pub use folder::{Folder, FolderError};
pub use open::{DiskBoard, Opened, Opening, create, open};
pub use progress::{Progress, Stage};
pub use registrations::{RegistrationError, Registrations};
pub use writer::{Cut, WriteError, Writer};
