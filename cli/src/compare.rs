//! Compares two copies of a board: whether they are the same, whether one goes on where the other ends, or whether somebody runs two
//! boards.
//!
//! ```text
//! tabella compare election copy/election
//! ```
//!
//! The exit code is 0 if one is the beginning of the other, and 1 if they part. If both folders then have signed checkpoints of the same size
//! with different roots, these are printed: they prove the fork to everybody who knows the log's key.

use crate::failure::{Failure, Result};
use clap::Args;
use std::path::{Path, PathBuf};
use tabella::{
    log::{
        ReadLog,
        checkpoint::{Fork, SignedCheckpoint},
        merkle::Tree,
    },
    record::Folder,
};

/// Which two.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella compare election copy/election")]
pub struct Options {
    /// The folder of a record
    a: PathBuf,
    /// The folder of another one
    b: PathBuf,
}

/// Compares two records.
pub fn run(Options { a, b }: &Options) -> Result<()> {
    let (of_a, of_b) = (open(a)?, open(b)?);
    let (mut log_a, mut log_b) = (of_a.log(), of_b.log());
    let (mut tree, a, b) = (Tree::default(), a.display(), b.display());
    for index in 0.. {
        let entries = [log_a.entry(index), log_b.entry(index)];
        let [of_log_a, of_log_b] = entries.map(|entry| entry.map_err(Failure::unreadable));
        match (of_log_a?, of_log_b?) {
            (Some(entry), Some(other)) if entry == other => tree.push(&entry),
            (Some(_), Some(_)) => {
                let root = tree.root();
                eprintln!(
                    "they have {index} entries in common, with the root {root}, and part at entry {index}"
                );
                certificate(&of_a, &of_b)?;
                return Err(Failure::refused("these are two boards"));
            }
            (found, other) => {
                let common = format!("{index} entries, root {}", tree.root());
                match (found, other) {
                    (Some(_), None) => println!("{a} continues {b}, which has {common}"),
                    (None, Some(_)) => println!("{b} continues {a}, which has {common}"),
                    _ => println!("the same: {common}"),
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

fn open(path: &Path) -> Result<Folder> {
    Folder::open(path).map_err(Failure::unreadable)
}

/// Prints two checkpoints that contradict each other, if there are such.
fn certificate(a: &Folder, b: &Folder) -> Result<()> {
    let read = |folder: &Folder| folder.checkpoints().map_err(Failure::unreadable);
    let (of_a, of_b): (Vec<SignedCheckpoint>, Vec<SignedCheckpoint>) = (read(a)?, read(b)?);
    let forks = of_a.iter().flat_map(|a| of_b.iter().filter_map(|b| Fork::find(a, b)));
    match forks.into_iter().next() {
        Some(fork) => print!("{fork}"),
        None => eprintln!("no two checkpoints of one size contradict each other"),
    }
    Ok(())
}
