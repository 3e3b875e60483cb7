//! One audit by several processes, which could also run on several machines.
//!
//! ```text
//! tabella merge target/saratov
//! tabella merge target/saratov --processes 4
//! ```
//!
//! The first process reads the record up to the opening of voting. Then each of the others examines the ballots in its own
//! range of entries and returns a part: a few kilobytes with its findings and the sums of its ballots. The first process
//! merges the parts and finishes the audit with them: it reads all entries, checks that they are the ones examined, and
//! judges what depends on several entries. The verdict is that of `tabella audit` without options: whether the record is
//! consistent, and not which election it is.

use clap::Args;
use rand_core::OsRng;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode},
    time::Instant,
};
use tabella::{
    audit::{Audit, Expect, Part},
    board::Phase,
    codec::{Decode, Encode},
    record::Folder,
};

/// What to check, and with how many processes.
#[derive(Args)]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    /// How many processes examine ballots
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=64))]
    processes: u64,
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
        Some(code(examine(folder, *start..*end, opened, part).map(|()| 0)))
    }
}

/// Runs the command and returns the exit code, which is that of `tabella audit`.
pub fn run(options: &Options) -> ExitCode {
    code(merge(options))
}

fn code(result: Result<u8, Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Reads a record up to the opening of voting.
fn read_until_voting(folder: &Folder, audit: &mut Audit) -> Result<(), Box<dyn Error>> {
    let mut log = folder.log();
    while audit.state().phase() < Phase::Voting
        && audit.advance(&mut log, audit.size() + 1, &mut OsRng)?
    {}
    Ok(())
}

/// The work of each of the other processes.
fn examine(
    folder: &Path,
    entries: std::ops::Range<u64>,
    opened: &Path,
    part: &Path,
) -> Result<(), Box<dyn Error>> {
    let folder = Folder::open(folder)?;
    // What the first process verified is not verified again.
    let opened = Part::from_bytes(&fs::read(opened)?)?;
    let mut audit = Audit::with_parts(&Expect::default(), [opened]);
    read_until_voting(&folder, &mut audit)?;
    let found = audit.examine(&mut folder.log(), entries, &mut OsRng)?;
    Ok(fs::write(part, found.to_bytes())?)
}

/// The work of the first process.
fn merge(options: &Options) -> Result<u8, Box<dyn Error>> {
    let clock = Instant::now();
    let folder = Folder::open(&options.folder)?;
    let expect = Expect {
        checkpoints: Some(folder.checkpoints()?),
        views: Some(folder.views()?),
        ..Expect::default()
    };
    let mut audit = Audit::new(&expect);
    read_until_voting(&folder, &mut audit)?;
    let parts = match audit.part().filter(|_| audit.state().phase() == Phase::Voting) {
        Some(opened) => parts(options, &folder, opened)?,
        // There is nothing to share out.
        None => Vec::new(),
    };
    println!("examined after {:.1} s", clock.elapsed().as_secs_f64());
    let mut whole: Option<Part> = None;
    for part in parts {
        let entries = part.entries();
        println!(
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
    audit.advance(&mut folder.log(), u64::MAX, &mut OsRng)?;
    let report = audit.report();
    print!("{report}");
    println!("{} after {:.1} s", report.verdict(), clock.elapsed().as_secs_f64());
    Ok(if report.is_accepted() { 3 } else { 1 })
}

/// Shares out the ballots and collects the parts.
fn parts(options: &Options, folder: &Folder, opened: Part) -> Result<Vec<Part>, Box<dyn Error>> {
    let files = Files::new()?;
    let opened_file = files.0.join("opened");
    fs::write(&opened_file, opened.to_bytes())?;
    // The first process examines a torn record alone and says where it is torn.
    let Ok(end) = folder.entries() else { return Ok(vec![opened]) };
    let start = opened.entries().end;
    let each = (end - start).div_ceil(options.processes).max(1);
    let mut running: Vec<(Child, PathBuf)> = Vec::new();
    for (number, first) in (start..end).step_by(each as usize).enumerate() {
        let file = files.0.join(format!("part-{number}"));
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
            return Err("a process failed".into());
        }
        parts.push(Part::from_bytes(&fs::read(file)?)?);
    }
    Ok(parts)
}

/// A folder for the files that the processes exchange, removed at the end.
struct Files(PathBuf);

impl Files {
    fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("tabella-audit-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
