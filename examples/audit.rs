//! Checks the record of an election with nothing but its folder.
//!
//! ```text
//! cargo run --release --example audit -- target/saratov
//! cargo run --release --example audit -- target/saratov --expect-manifest HASH --expect-root ROOT
//! cargo run --release --example audit -- target/saratov --html report.html --json report.json
//! cargo run --release --example audit -- target/saratov --entries
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
use std::{
    fmt, fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};
use tabella::{
    audit::{self, AuditError, Expect, Report},
    board::Root,
    manifest::{Manifest, ManifestHash},
    outcome::Outcome,
    record::{Checkpoint, Entries},
    views,
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
    /// Write the report as a page for people
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the report as JSON for programs
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Show each entry as a line of JSON instead of the report
    #[arg(long)]
    entries: bool,
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
    let options = Options::parse();
    let verdict = judge(&options);
    let entries = options.entries.then(|| common::read(&options.folder));
    // Whoever reads it may have read enough; the code tells the rest.
    let _ = match entries {
        Some(Ok(folder)) => show(&folder.board),
        _ => write!(io::stdout().lock(), "{verdict}"),
    };
    match write(&options, &verdict) {
        Ok(()) => ExitCode::from(verdict.code()),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Writes the reports that were asked for, if there is a report that says what the verdict says.
fn write(options: &Options, verdict: &Verdict) -> Result<(), common::FolderError> {
    let Some(report) = verdict.report() else { return Ok(()) };
    let files = [(&options.html, Report::to_html as fn(&_) -> _), (&options.json, Report::to_json)];
    for (path, text) in files {
        if let Some(path) = path {
            let result = fs::write(path, text(report));
            result.map_err(|error| common::FolderError::Io(path.clone(), error))?;
        }
    }
    Ok(())
}

/// The entries of a board, a line each.
fn show(board: &[u8]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (index, entry) in (0..).zip(Entries::new(board).map_while(Result::ok)) {
        out.write_all(views::entry(index, entry).as_bytes())?;
    }
    out.flush()
}

/// Reads and audits a folder.
pub fn judge(options: &Options) -> Verdict {
    let Options { folder, expect_manifest, expect_root, expect_size, partial, .. } = options;
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

    /// The report. None of a board that is all right beside another one's checkpoint, since it says nothing of that.
    fn report(&self) -> Option<&Report> {
        match self {
            Self::Verified(report) => Some(report),
            Self::Refused(report, _) => Some(report).filter(|report| !report.is_accepted()),
            Self::Unreadable(_) | Self::Impossible(_) => None,
        }
        .map(AsRef::as_ref)
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
