//! One audit by several processes, which could also run on several machines.
//!
//! ```text
//! tabella merge target/saratov
//! tabella merge target/saratov --processes 4 --expect-manifest HASH
//! ```
//!
//! The first process reads the record up to the opening of voting. Then each of the others examines the ballots in its own
//! range of entries and returns a part: a few kilobytes with its findings and the sums of its ballots. The first process
//! merges the parts and finishes the audit with them: it reads all entries, checks that they are the ones examined, and
//! judges what depends on several entries. Verdicts and exit codes are those of `tabella audit`.

use crate::{
    audit::{Verdict, read_all},
    failure::{Failure, Result, end_with},
    files,
    out::{self, tell},
};
use clap::Args;
use rand_core::OsRng;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode},
    time::Instant,
};
use tabella::{
    audit::{Audit, Expect, Part},
    board::Phase,
    codec::{Decode, Encode},
    log::merkle::Root,
    manifest::ManifestHash,
    record::Folder,
};

/// What to check, and with how many processes.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella merge election --processes 4 --expect-manifest HASH")]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    /// How many processes examine ballots
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=64))]
    processes: u64,
    /// Refuse every election but that of the manifest with this hash
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
    /// Refuse every record but that with this root
    #[arg(long, value_name = "ROOT")]
    expect_root: Option<Root>,
}

/// The options of `tabella audit` when it runs as one of these processes.
#[derive(Args, Debug)]
pub struct Share {
    /// Only examine the entries from this one
    #[arg(long, hide = true, requires_all = ["end", "opened", "part"])]
    start: Option<u64>,
    /// and before this one
    #[arg(long, hide = true, requires = "start")]
    end: Option<u64>,
    /// by what was found before voting opened,
    #[arg(long, hide = true, requires = "start")]
    opened: Option<PathBuf>,
    /// and write what was found to this file
    #[arg(long, hide = true, requires = "start")]
    part: Option<PathBuf>,
}

impl Share {
    /// Examines the entries, if there is a range, and returns the exit code.
    pub fn run(&self, folder: &Path) -> Option<ExitCode> {
        let Self { start: Some(start), end: Some(end), opened: Some(opened), part: Some(part) } =
            self
        else {
            return None;
        };
        Some(end_with(examine(folder, *start..*end, opened, part).map(|()| 0)))
    }
}

/// Runs the command and returns the exit code, which is that of `tabella audit`.
pub fn run(options: &Options) -> ExitCode {
    end_with(merge(options))
}

/// Reads a record up to the opening of voting.
fn read_until_voting(folder: &Folder, audit: &mut Audit) -> Result<()> {
    let mut log = folder.log();
    while audit.state().phase() < Phase::Voting
        && audit.advance(&mut log, audit.size() + 1, &mut OsRng).map_err(Failure::unreadable)?
    {}
    Ok(())
}

/// The work of each of the other processes.
fn examine(folder: &Path, entries: std::ops::Range<u64>, opened: &Path, part: &Path) -> Result<()> {
    let folder = Folder::open(folder).map_err(Failure::unreadable)?;
    // What the first process verified is not verified again.
    let mut audit = Audit::with_parts(&Expect::default(), [read_part(opened)?]);
    read_until_voting(&folder, &mut audit)?;
    let found = audit.examine(&mut folder.log(), entries, &mut OsRng);
    files::replace(part, &found.map_err(Failure::unreadable)?.to_bytes())
}

fn read_part(file: &Path) -> Result<Part> {
    let named = |error| Failure::unreadable(format!("{}: {error}", file.display()));
    Part::from_bytes(&files::read(file)?).map_err(named)
}

/// The work of the first process.
fn merge(options: &Options) -> Result<u8> {
    let clock = Instant::now();
    let folder = Folder::open(&options.folder).map_err(Failure::unreadable)?;
    let expect = Expect {
        manifest: options.expect_manifest,
        root: options.expect_root,
        checkpoints: Some(folder.checkpoints().map_err(Failure::unreadable)?),
        views: Some(folder.views().map_err(Failure::unreadable)?),
        ..Expect::default()
    };
    let mut audit = Audit::new(&expect);
    read_until_voting(&folder, &mut audit)?;
    let parts = match audit.part().filter(|_| audit.state().phase() == Phase::Voting) {
        Some(opened) => parts(options, &folder, opened)?,
        // There is nothing to share out.
        None => Vec::new(),
    };
    tell!("examined after {:.1} s", clock.elapsed().as_secs_f64());
    let mut whole: Option<Part> = None;
    for part in parts {
        let entries = part.entries();
        tell!(
            "  entries {} to {}: {} bytes",
            entries.start,
            entries.end - 1,
            part.to_bytes().len()
        );
        match &mut whole {
            Some(whole) => whole.merge(&part)?,
            None => whole = Some(part),
        }
    }
    let mut audit = Audit::with_parts(&expect, whole);
    read_all(&mut audit, &folder, "merging")?;
    let mut report = audit.report();
    // Nobody else is believed: the parts are those of this program.
    report.believed.clear();
    let verdict = Verdict::of(Box::new(report));
    out::result(format_args!("{verdict}"))?;
    tell!("done after {:.1} s", clock.elapsed().as_secs_f64());
    Ok(verdict.code())
}

/// Shares out the ballots and collects the parts.
fn parts(options: &Options, folder: &Folder, opened: Part) -> Result<Vec<Part>> {
    // For what the processes exchange; it is removed at the end.
    let exchange = files::at(&env::temp_dir(), tempfile::tempdir())?;
    let opened_file = exchange.path().join("opened");
    files::replace(&opened_file, &opened.to_bytes())?;
    // The first process examines a torn record alone and says where it is torn.
    let Ok(end) = folder.entries() else { return Ok(vec![opened]) };
    let start = opened.entries().end;
    let each = (end - start).div_ceil(options.processes).max(1);
    let mut running: Vec<(Child, PathBuf)> = Vec::new();
    for (number, first) in (start..end).step_by(each as usize).enumerate() {
        let file = exchange.path().join(format!("part-{number}"));
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("audit").arg(&options.folder);
        command.args([
            "--start",
            &first.to_string(),
            "--end",
            &(first + each).min(end).to_string(),
        ]);
        command.arg("--opened").arg(&opened_file).arg("--part").arg(&file);
        // Each has one core, as if it had its own machine.
        running.push((command.env("RAYON_NUM_THREADS", "1").spawn()?, file));
    }
    let mut parts = vec![opened];
    for (mut child, file) in running {
        if !child.wait()?.success() {
            return Err(Failure::unreadable("a process failed; what it said stands above"));
        }
        parts.push(read_part(&file)?);
    }
    Ok(parts)
}
