//! Checks the record of an election with nothing but its folder.
//!
//! ```text
//! cargo run --release --example audit -- target/saratov
//! cargo run --release --example audit -- target/saratov --expect-manifest HASH --expect-root ROOT
//! ```
//!
//! The exit code is 0 if the record is verified, 1 if it is refused (check, entry and culprit are named) and 2 if
//! the folder cannot be read as a record (the reason and the byte are named) or the options are wrong.
//!
//! A record that is verified is that of *some* election: whoever made it up could have made up all of it. Give the
//! manifest's hash or the board's root as you know them from elsewhere to refuse every other.

#[path = "common/mod.rs"]
pub mod common;

use clap::Parser;
use rand_core::OsRng;
use std::{fmt, io::Write, path::PathBuf, process::ExitCode};
use tabella::{
    audit::{self, AuditError, Expect, Report},
    board::Root,
    manifest::{Manifest, ManifestHash},
    outcome::Outcome,
    record::Checkpoint,
};

/// Checks a record of an election.
#[derive(Debug, Parser)]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    /// Refuse any other election than that of the manifest with this hash
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
    /// Refuse any other record than that with this root
    #[arg(long, value_name = "ROOT")]
    expect_root: Option<Root>,
    /// Refuse any other record than that of this many entries
    #[arg(long, value_name = "ENTRIES")]
    expect_size: Option<u64>,
    /// Accept a record that ends before the result, if all is right up to there
    #[arg(long)]
    partial: bool,
}

/// What becomes of a folder.
#[derive(Debug)]
pub enum Verdict {
    /// All is right.
    Verified(Box<Report>),
    /// It is a record, and something in it is wrong.
    Refused(Box<Report>, Option<OtherCheckpoint>),
    /// It is no record.
    Unreadable(common::FolderError),
    /// The audit itself could not be done.
    Impossible(AuditError),
}

/// The folder's checkpoint is not that of its board.
#[derive(Debug)]
pub struct OtherCheckpoint {
    found: Checkpoint,
    expected: Option<Checkpoint>,
}

#[allow(dead_code)]
fn main() -> ExitCode {
    let verdict = judge(&Options::parse());
    // Whoever reads it may have read enough; the code tells the rest.
    let _ = write!(std::io::stdout().lock(), "{verdict}");
    ExitCode::from(verdict.code())
}

/// Reads and audits a folder.
pub fn judge(options: &Options) -> Verdict {
    let Options { folder, expect_manifest, expect_root, expect_size, partial } = options;
    let common::Folder { board, checkpoint: found } = match common::read(folder) {
        Ok(folder) => folder,
        Err(error) => return Verdict::Unreadable(error),
    };
    let expect = Expect {
        manifest: *expect_manifest,
        size: *expect_size,
        root: *expect_root,
        partial: *partial,
    };
    let report = match audit::run(&board, &expect, &mut OsRng) {
        Ok(report) => Box::new(report),
        Err(error) => return Verdict::Impossible(error),
    };
    let Report { election, size, root, .. } = &*report;
    let expected = election.as_ref().map(|(id, _)| Checkpoint {
        election: id.clone(),
        size: *size,
        root: *root,
    });
    let other = (expected.as_ref() != Some(&found)).then_some(OtherCheckpoint { found, expected });
    if report.is_accepted() && other.is_none() {
        Verdict::Verified(report)
    } else {
        Verdict::Refused(report, other)
    }
}

impl Verdict {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Verified(_) => 0,
            Self::Refused(..) => 1,
            Self::Unreadable(_) | Self::Impossible(_) => 2,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified(report) => {
                write!(f, "{report}")?;
                match &report.outcome {
                    Some(outcome) => {
                        results(f, outcome)?;
                        writeln!(f, "verified")
                    }
                    None => writeln!(f, "verified as far as it goes, without a result"),
                }
            }
            Self::Refused(report, other) => {
                write!(f, "{report}")?;
                if let Some(OtherCheckpoint { found, expected }) = other {
                    let line = |checkpoint: &Checkpoint| checkpoint.to_string().replace('\n', " ");
                    let expected = expected.as_ref().map_or("nothing of an election".into(), line);
                    let (file, found) = (common::CHECKPOINT, line(found));
                    writeln!(f, "{file}: {found}— but the board is {expected}")?;
                }
                writeln!(f, "REFUSED")
            }
            Self::Unreadable(error) => writeln!(f, "{error}\nNOT A RECORD"),
            Self::Impossible(error) => writeln!(f, "{error}\nNOT AUDITED"),
        }
    }
}

/// The totals of the whole election.
fn results(f: &mut fmt::Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    let manifest: &Manifest = outcome.manifest();
    let turnout = outcome.turnout();
    let on_roll: u64 = turnout.on_roll.iter().sum();
    writeln!(f, "turnout   {} of {on_roll}", turnout.ballots())?;
    for contest in manifest.contests() {
        writeln!(f, "\n{}", contest.title)?;
        for option in &contest.options {
            match outcome.count(&contest.id, option) {
                Some(count) => {
                    let percent = outcome.percent(&contest.id, option).unwrap_or(0.0);
                    writeln!(f, "{count:>10}  {percent:>5.1} %  {option}")?;
                }
                None => writeln!(f, "{:>10}  {:>7}  {option}", "not opened", "")?,
            }
        }
        for (name, count) in [
            ("blank", outcome.blanks(&contest.id)),
            ("votes not given", outcome.undervotes(&contest.id)),
        ] {
            if let Some(count) = count {
                writeln!(f, "{count:>10}  {:>7}  ({name})", "")?;
            }
        }
    }
    writeln!(f)
}
