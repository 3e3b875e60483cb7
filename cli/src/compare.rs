//! Compares two copies of a board: whether they are the same, whether one goes on where the other ends, or whether somebody runs two
//! boards.
//!
//! ```text
//! tabella compare election copy/election
//! tabella compare election checkpoint.txt
//! ```
//!
//! Each is the folder of a record, or the file of a checkpoint. The exit code is 0 if one is the beginning of the other, 1 if they part, and 2
//! if they are two checkpoints of different sizes, which nobody can compare without a record. A checkpoint counts only if the log signed it,
//! whose key is in the record, or is given for two checkpoints. If two checkpoints of the same size have different roots, these are
//! printed: they prove the fork to everybody who knows the log's key.

use crate::{
    failure::{Failure, Result},
    files, log,
    out::{self, say, tell},
};
use clap::Args;
use serde_json::json;
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};
use tabella::{
    log::{
        ReadLog,
        checkpoint::{Fork, LogKey, SignedCheckpoint},
        merkle::{Head, Tree},
    },
    record::Folder,
};

/// Which two.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  tabella compare election copy/election\n  tabella compare election checkpoint.txt"
)]
pub struct Options {
    /// The folder of a record, or the file of a checkpoint
    a: PathBuf,
    /// Another one
    b: PathBuf,
    /// The log's key, from the manifest; only for two checkpoints, since a record has it
    #[arg(long, value_name = "KEY")]
    log_key: Option<LogKey>,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What is compared.
enum Board {
    Record(Folder),
    Checkpoint(Box<SignedCheckpoint>),
}

/// How two boards stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Same,
    FirstContinues,
    SecondContinues,
    Fork,
}

/// How two boards stand to each other, and the entries that they have in common as far as these are known.
type Found = (Relation, Option<Head>);

impl Relation {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::FirstContinues => "first continues",
            Self::SecondContinues => "second continues",
            Self::Fork => "fork",
        }
    }
}

/// Compares two boards.
pub fn run(Options { a, b, log_key, json }: &Options) -> Result<()> {
    let (of_a, of_b) = (Board::read(a)?, Board::read(b)?);
    let log = match (&of_a, &of_b) {
        (Board::Record(record), _) | (_, Board::Record(record)) => log::log_key(&mut record.log()),
        (Board::Checkpoint(signed), _) => match log_key {
            Some(key) => Ok((signed.checkpoint().origin().to_owned(), *key)),
            None => Err(Failure::unreadable(
                "who signed two checkpoints is not known without a record: add --log-key KEY, which is in the manifest",
            )),
        },
    };
    for (path, board) in [(a, &of_a), (b, &of_b)] {
        let Board::Checkpoint(signed) = board else { continue };
        let (origin, key) = log.as_ref().map_err(Failure::clone)?;
        signed.verify(origin, key).map_err(|error| {
            Failure::refused(format!("{}: not a checkpoint of {origin}: {error}", path.display()))
        })?;
    }
    let (relation, common) = match (&of_a, &of_b) {
        (Board::Record(a), Board::Record(b)) => records(a, b)?,
        (Board::Record(record), Board::Checkpoint(checkpoint)) => {
            with_checkpoint(record, checkpoint.checkpoint().head())?
        }
        (Board::Checkpoint(checkpoint), Board::Record(record)) => {
            let (relation, head) = with_checkpoint(record, checkpoint.checkpoint().head())?;
            let relation = match relation {
                Relation::FirstContinues => Relation::SecondContinues,
                Relation::SecondContinues => Relation::FirstContinues,
                relation => relation,
            };
            (relation, head)
        }
        (Board::Checkpoint(a), Board::Checkpoint(b)) => {
            checkpoints(a.checkpoint().head(), b.checkpoint().head())?
        }
    };
    let certificate = match (relation, &log) {
        (Relation::Fork, Ok(log)) => certificate(&of_a, &of_b, log)?.map(|fork| fork.to_string()),
        _ => None,
    };
    let (a, b) = (a.display(), b.display());
    let in_common = common.map(|Head { size, root }| format!("{size} entries, root {root}"));
    let in_common = in_common.as_deref().unwrap_or("nothing that is known");
    match relation {
        _ if *json => say!(
            "{}",
            json!({
                "relation": relation.name(),
                "size": common.map(|common| common.size),
                "root": common.map(|common| common.root.to_string()),
                "certificate": certificate,
            })
        ),
        Relation::Same => say!("the same: {in_common}"),
        Relation::FirstContinues => say!("{a} continues {b}, which has {in_common}"),
        Relation::SecondContinues => say!("{b} continues {a}, which has {in_common}"),
        Relation::Fork => {
            tell!("in common: {in_common}");
            match &certificate {
                Some(fork) => out::result(format_args!("{fork}")),
                None => {
                    tell!("no two checkpoints of one size contradict each other");
                    Ok(())
                }
            }
        }
    }?;
    match relation {
        Relation::Fork => Err(Failure::refused("these are two boards")),
        _ => Ok(()),
    }
}

impl Board {
    fn read(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self::Record(Folder::open(path).map_err(Failure::unreadable)?));
        }
        let named = |error: &dyn Display| {
            Failure::unreadable(format!(
                "{}: {error}; expected the folder of a record or the file of a checkpoint",
                path.display()
            ))
        };
        let signed = files::read_text(path)?.parse::<SignedCheckpoint>();
        Ok(Self::Checkpoint(Box::new(signed.map_err(|error| named(&error))?)))
    }

    fn checkpoints(&self) -> Result<Vec<SignedCheckpoint>> {
        match self {
            Self::Record(folder) => folder.checkpoints().map_err(Failure::unreadable),
            Self::Checkpoint(signed) => Ok(vec![(**signed).clone()]),
        }
    }
}

/// What two records have in common.
fn records(a: &Folder, b: &Folder) -> Result<Found> {
    let (mut log_a, mut log_b, mut tree) = (a.log(), b.log(), Tree::default());
    for index in 0.. {
        let entries = [log_a.entry(index), log_b.entry(index)];
        let [of_a, of_b] = entries.map(|entry| entry.map_err(Failure::unreadable));
        let relation = match (of_a?, of_b?) {
            (Some(entry), Some(other)) if entry == other => {
                tree.push(&entry);
                continue;
            }
            (Some(_), Some(_)) => Relation::Fork,
            (Some(_), None) => Relation::FirstContinues,
            (None, Some(_)) => Relation::SecondContinues,
            (None, None) => Relation::Same,
        };
        return Ok((relation, Some(tree.head())));
    }
    Ok((Relation::Same, Some(tree.head())))
}

/// Whether a record goes on from a checkpoint.
fn with_checkpoint(record: &Folder, checkpoint: Head) -> Result<Found> {
    let (mut log, mut tree) = (record.log(), Tree::default());
    for index in 0..checkpoint.size {
        match log.entry(index).map_err(Failure::unreadable)? {
            Some(entry) => tree.push(&entry),
            None => {
                return Err(Failure::unreadable(format!(
                    "the record has {index} entries and the checkpoint {}: a longer copy of the record is needed",
                    checkpoint.size
                )));
            }
        }
    }
    let more = log.entry(checkpoint.size).map_err(Failure::unreadable)?.is_some();
    let relation = match (tree.root() == checkpoint.root, more) {
        (false, _) => return Ok((Relation::Fork, None)),
        (true, true) => Relation::FirstContinues,
        (true, false) => Relation::Same,
    };
    Ok((relation, Some(checkpoint)))
}

fn checkpoints(a: Head, b: Head) -> Result<Found> {
    match (a.size == b.size, a.root == b.root) {
        (true, true) => Ok((Relation::Same, Some(a))),
        (true, false) => Ok((Relation::Fork, None)),
        (false, _) => Err(Failure::unreadable(format!(
            "checkpoints of {} and {} entries: a record is needed to compare them",
            a.size, b.size
        ))),
    }
}

/// Two checkpoints that this log signed and that contradict each other, if there are such.
fn certificate(a: &Board, b: &Board, (origin, key): &(String, LogKey)) -> Result<Option<Fork>> {
    let (of_a, of_b) = (a.checkpoints()?, b.checkpoints()?);
    let mut forks = of_a.iter().flat_map(|a| of_b.iter().filter_map(|b| Fork::find(a, b)));
    Ok(forks.find(|fork| fork.verify(origin, key).is_ok()))
}
