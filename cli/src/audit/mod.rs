//! Checks the record of an election with nothing but its folder.
//!
//! ```text
//! tabella audit target/saratov --expect-manifest HASH --expect-root ROOT
//! tabella audit target/saratov --expect-manifest HASH --html report.html --json report.json
//! tabella audit target/saratov --save state.bin
//! tabella audit target/saratov --entries
//! tabella audit tests/vectors/election --checkpoint FILE --receipt receipt1… --voter voterkey1…
//! ```
//!
//! | exit code | last line | what it means |
//! |---|---|---|
//! | 0 | `verified` | everything is right, and it is the expected election |
//! | 1 | `REFUSED` | something is wrong: check, entry and culprit are named |
//! | 2 | `NOT A RECORD`, `NOT AUDITED` | the folder cannot be read as a record (the reason and the place are named), or the options are wrong |
//! | 3 | `consistent` | everything is right, but there was nothing to compare with |
//!
//! A consistent record is that of *some* election: whoever made it could have invented all of it. To refuse every other
//! election, give the manifest's hash, a checkpoint or the board's root as you know them from elsewhere. `consistent` has its
//! own exit code so that no script takes it for `verified`.
//!
//! A receipt says that the board keeps a ballot, but not whose ballot it is. Give the voter's key, which follows from the
//! voter's credential. Without it the report shows the ballot's key, and does not say that the receipt is kept for you.
//!
//! With `--ethereum URL --contract ADDRESS` the audit also compares the record with what its operator published in a contract on an
//! Ethereum chain (see `examples/ethereum`). A head that the board never had refuses the record, and so does a board that goes on
//! behind the last head, unless it may be partial. The contract's election is then the expected one. The node is believed.
//!
//! With `--save` the audit regularly writes what it has examined to a small file. When it is started again, because it was
//! stopped or because the record has grown, it reads all entries again and checks that they are the same, but does not verify
//! their proofs again. The file is trusted: keep it where nobody else can write.

mod chain;
#[cfg(test)]
mod tests;

use crate::{
    failure::{self, Failure, end, end_with},
    files,
    merge::Share,
    out::{self, tell},
    progress::Progress,
};
use clap::Parser;
use rand_core::OsRng;
use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use tabella::{
    audit::{self, Audit, AuditError, Claim, Expect, Fault, Finding, Part, Report},
    board::Receipt,
    codec::{Decode, DecodeError, Encode},
    log::{ReadLog, checkpoint::NoteError, merkle::Root},
    manifest::{Manifest, ManifestHash},
    record::{Folder, FolderError},
    roll::VoterKey,
    tally::{InvalidRow, LookupError, Outcome, ShareOf},
    views,
};

/// Entries between two looks at the clock.
const EACH: u64 = 8192;

/// What to check, and what to compare it with.
#[derive(Debug, Parser)]
#[command(
    after_help = "Example:\n  tabella audit election --expect-manifest HASH --html report.html"
)]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    /// Refuse every election but that of the manifest with this hash
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
    /// Refuse every record but that with this root
    #[arg(long, value_name = "ROOT")]
    expect_root: Option<Root>,
    /// Refuse every record but one with this many entries; a size alone does not identify an election
    #[arg(long, value_name = "ENTRIES")]
    expect_size: Option<u64>,
    /// Accept a record that ends before the result, if everything up to there is right
    #[arg(long)]
    partial: bool,
    /// Also compare the record with this checkpoint, which you have from elsewhere; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Check that the record keeps what this receipt says; may be given several times
    #[arg(long, value_name = "RECEIPT")]
    receipt: Vec<Receipt>,
    /// Refuse receipts for ballots of voters other than the one with this key
    #[arg(long, value_name = "KEY", requires = "receipt")]
    voter: Option<VoterKey>,
    /// Save what was examined in this file, and continue from what it holds
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Save after this many entries
    #[arg(long, value_name = "ENTRIES", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Write the report as a page for people
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Show the election's texts in this language of the manifest; the first unless given
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Write the report as JSON for programs
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Show each entry as a line of JSON instead of the report
    #[arg(long)]
    entries: bool,
    #[command(flatten)]
    chain: chain::Chain,
    #[command(flatten)]
    share: Share,
}

/// The verdict on a folder.
#[derive(Debug)]
pub enum Verdict {
    /// Everything is right, and it is the expected election.
    Verified(Box<Report>),
    /// Everything is consistent. Which election it is was not checked.
    Consistent(Box<Report>),
    /// It is a record, but something in it is wrong.
    Refused(Box<Report>),
    /// It is not a record, or what should be compared with it cannot be read.
    Unreadable(Unreadable),
    /// The audit itself failed.
    Impossible(AuditError),
}

/// What cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// The record.
    Folder(FolderError),
    /// A checkpoint from elsewhere.
    Checkpoint(PathBuf, NoteError),
    /// What an audit saved.
    Saved(PathBuf, DecodeError),
    /// What was examined cannot be saved.
    Unsaved(Failure),
    /// A contract on a chain, or its election is not the expected one.
    Chain(String),
    /// Any other file.
    Io(PathBuf, io::Error),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(error) => error.fmt(f),
            Self::Checkpoint(path, error) => write!(f, "{path:?}: {error}"),
            Self::Saved(path, error) => write!(
                f,
                "{path:?}: not what an audit saved: {error}; remove it to audit from the start"
            ),
            Self::Unsaved(failure) => failure.fmt(f),
            Self::Chain(reason) => f.write_str(reason),
            Self::Io(path, error) => write!(f, "{path:?}: {error}"),
        }
    }
}

impl From<FolderError> for Unreadable {
    fn from(error: FolderError) -> Self {
        Self::Folder(error)
    }
}

/// Adds the path to an error of the file system.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, Unreadable> {
    result.map_err(|error| Unreadable::Io(path.into(), error))
}

/// Runs the command and returns the exit code.
pub fn run(options: &Options) -> ExitCode {
    if let Some(code) = options.share.run(&options.folder) {
        return code;
    }
    if options.entries {
        return end(show(&options.folder));
    }
    let verdict = judge(options);
    let shown = out::result(format_args!("{verdict}"));
    end_with(shown.and_then(|()| write(options, &verdict)).map(|()| verdict.code()))
}

/// Writes the requested reports, if the verdict comes with a report.
fn write(options: &Options, verdict: &Verdict) -> failure::Result<()> {
    let Some(report) = verdict.report() else {
        for path in [&options.html, &options.json].into_iter().flatten() {
            tell!("{}: not written", path.display());
        }
        return Ok(());
    };
    if let Some(path) = &options.html {
        files::replace(path, report.to_html().as_bytes())?;
    }
    if let Some(path) = &options.json {
        files::replace_by(path, |file| report.write_json(file))?;
    }
    Ok(())
}

/// Prints the entries of a board, one line each.
fn show(folder: &Path) -> failure::Result<()> {
    let mut log = Folder::open(folder).map_err(Failure::unreadable)?.log();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for index in 0.. {
        let Some(entry) = log.entry(index).map_err(Failure::unreadable)? else { break };
        if let Err(error) = out.write_all(views::entry(index, &entry).as_bytes()) {
            // Whoever closed the pipe has read enough.
            return out::written(Err(error));
        }
    }
    out::written(out.flush())
}

/// Reads and audits a folder.
pub fn judge(options: &Options) -> Verdict {
    let result = prepare(options).map_err(Verdict::Unreadable);
    let report = result.and_then(|(expect, mut log, parts, entries)| {
        let mut audit = Audit::with_parts(&expect, parts);
        let progress = Progress::new("auditing", entries);
        loop {
            let until = audit.size().saturating_add(options.every);
            let mut more = true;
            while more && audit.size() < until {
                let near = until.min(audit.size().saturating_add(EACH));
                let advanced = audit.advance(&mut log, near, &mut OsRng);
                more = advanced.map_err(Verdict::Impossible)?;
                progress.at(audit.size());
            }
            // A file that shows that the record changed is not overwritten.
            let changed = |f: &Finding| matches!(f.fault, Fault::Changed { .. });
            let changed = audit.findings().iter().any(changed);
            if let (Some(path), Some(part), false) = (&options.save, audit.part(), changed) {
                save(path, &part).map_err(Verdict::Unreadable)?;
            }
            if let (Some(path), true, false) = (&options.save, changed, more) {
                tell!(
                    "{path:?}: left unchanged, since it belongs to another record. Remove it to begin anew"
                );
            }
            if !more {
                return Ok(Box::new(in_language(audit.report(), options.language.as_deref())));
            }
        }
    });
    report.map_or_else(|verdict| verdict, Verdict::of)
}

/// Reads what is left of a record.
pub fn read_all(audit: &mut Audit, folder: &Folder, what: &'static str) -> failure::Result<()> {
    let (mut log, progress) = (folder.log(), Progress::new(what, folder.entries().unwrap_or(0)));
    while audit.advance(&mut log, audit.size() + EACH, &mut OsRng).map_err(Failure::unreadable)? {
        progress.at(audit.size());
    }
    Ok(())
}

/// The report with the election's texts in this language, if it has it.
fn in_language(report: Report, language: Option<&str>) -> Report {
    let Some(language) = language else { return report };
    report.clone().shown_in(language).unwrap_or_else(|| {
        tell!("the manifest has no texts in the language {language:?}");
        report
    })
}

/// Reads everything but the entries.
fn prepare(
    options: &Options,
) -> Result<(Expect, impl ReadLog + use<>, Option<Part>, u64), Unreadable> {
    let folder = Folder::open(&options.folder)?;
    let mut known = Vec::new();
    for path in &options.checkpoint {
        let text = at(path, fs::read_to_string(path))?;
        let checkpoint = text.parse().map_err(|e| Unreadable::Checkpoint(path.clone(), e))?;
        known.push(checkpoint);
    }
    let saved = match &options.save {
        Some(path) if at(path, path.try_exists())? => {
            let part = Part::from_bytes(&at(path, fs::read(path))?);
            Some(part.map_err(|error| Unreadable::Saved(path.clone(), error))?)
        }
        _ => None,
    };
    let expect = Expect {
        manifest: options.expect_manifest,
        size: options.expect_size,
        root: options.expect_root,
        partial: options.partial,
        receipts: (options.receipt.iter().cloned())
            .map(|receipt| Claim { receipt, voter: options.voter })
            .collect(),
        known,
        checkpoints: Some(folder.checkpoints()?),
        views: Some(folder.views()?),
        ..Expect::default()
    };
    let expect = options.chain.expect(expect)?;
    // A torn record is told where it is read.
    Ok((expect, folder.log(), saved, folder.entries().unwrap_or(0)))
}

/// Replaces what was saved before by what was examined, completely or not at all.
fn save(path: &Path, part: &Part) -> Result<(), Unreadable> {
    files::replace(path, &part.to_bytes()).map_err(Unreadable::Unsaved)
}

impl Verdict {
    /// The verdict of a report.
    pub fn of(report: Box<Report>) -> Self {
        match report.verdict() {
            audit::Verdict::Verified | audit::Verdict::VerifiedSoFar => Self::Verified(report),
            audit::Verdict::Refused => Self::Refused(report),
            audit::Verdict::Consistent | audit::Verdict::ConsistentSoFar => {
                Self::Consistent(report)
            }
        }
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Verified(_) => 0,
            Self::Refused(_) => 1,
            Self::Unreadable(_) | Self::Impossible(_) => 2,
            Self::Consistent(_) => 3,
        }
    }

    /// The report, if there is one.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Verified(report) | Self::Consistent(report) | Self::Refused(report) => {
                Some(report)
            }
            Self::Unreadable(_) | Self::Impossible(_) => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified(report) | Self::Consistent(report) => {
                write!(f, "{report}")?;
                report.outcome.iter().try_for_each(|outcome| results(f, outcome))?;
                let without = if report.outcome.is_some() { "" } else { ", without a result" };
                write!(f, "{}{without}", report.verdict())?;
                f.write_str(match self {
                    Self::Consistent(_) => {
                        ", but which election it is was not checked: see --expect-manifest, --expect-root and --checkpoint\n"
                    }
                    _ => "\n",
                })
            }
            Self::Refused(report) => writeln!(f, "{report}REFUSED"),
            Self::Unreadable(error @ Unreadable::Folder(_)) => writeln!(f, "{error}\nNOT A RECORD"),
            Self::Unreadable(error) => writeln!(f, "{error}\nNOT AUDITED"),
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
        let place = manifest.contest(&contest.id);
        let counted = outcome.counted().iter().find(|counted| Some(counted.contest) == place);
        let first = contest.names().next().unwrap_or_default();
        if !matches!(outcome.count(&contest.id, first), Err(LookupError::NoTotals { .. })) {
            writeln!(f, "{:>10}  {:>7}  ({})", "votes", "", ShareOf::of(contest))?;
            for option in &contest.options {
                let (id, option) = (&option.id, option.shown());
                match outcome.count(&contest.id, id) {
                    Ok(count) => {
                        let percent = outcome.percent(&contest.id, id).unwrap_or(0.0);
                        writeln!(f, "{count:>10}  {percent:>5.1} %  {option}")?;
                    }
                    Err(_) => writeln!(f, "{:>10}  {:>7}  {option}", "not opened", "")?,
                }
            }
        }
        for option in contest.options.iter().filter(|_| !contest.grades().is_empty()) {
            let (id, option) = (&option.id, option.shown());
            let Ok(given) = outcome.grades(&contest.id, id) else { continue };
            let given = contest.grades().iter().zip(given).rev();
            let given: Vec<String> = given.map(|(grade, n)| format!("{grade} {n}")).collect();
            writeln!(f, "{:>10}  {:>7}  {option}: {}", "", "", given.join(", "))?;
        }
        for mark in &contest.marks {
            if let Ok(ballots) = outcome.mark(&contest.id, &mark.id) {
                writeln!(f, "{ballots:>10}  {:>7}  ({})", "", mark.name)?;
            }
        }
        let others = place.and_then(|place| outcome.whole(place)?.others().ok());
        for (of, total) in others.unwrap_or_default() {
            writeln!(f, "{total:>10}  {:>7}  ({of})", "")?;
        }
        if let Ok(answer) = outcome.answer(&contest.id) {
            writeln!(
                f,
                "{:>10}  {:>7}  passes: {}",
                "",
                "",
                if answer.passes() { "yes" } else { "no" }
            )?;
        }
        if let Ok(id) = outcome.takes_effect(&contest.id) {
            writeln!(f, "{:>10}  {:>7}  takes effect: {}", "", "", id.unwrap_or("neither"))?;
        }
        match outcome.account(&contest.id) {
            Ok(account) => {
                for (part, votes) in account.parts(contest) {
                    writeln!(f, "{votes:>10}  {:>7}  ({part})", "")?;
                }
                writeln!(f, "{:>10}  {:>7}  (all that the ballots hold)", account.held, "")?;
            }
            Err(error) => writeln!(f, "{error}")?,
        }
        if let Some(counted) = counted {
            let names = counted.shown(contest);
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            writeln!(f, "{}", counted.count.named(&names))?;
            for InvalidRow { cell, row, reason } in &counted.invalid {
                writeln!(f, "invalid: cell {cell}, row {row}: {reason}")?;
            }
        }
    }
    writeln!(f)
}
