//! What other people's programs read: opened rankings to be counted again, and how many ballots each polling station has.
//!
//! ```text
//! tabella export cvr election > council.json          cast vote records, as NIST SP 1500-103 has them
//! tabella export blt election council > council.blt   the rankings of one contest, as counting programs read them
//! tabella export stations election > stations.csv     ballots by polling station, for audits of paper
//! ```
//!
//! The record is audited first, and nothing is exported of one that is refused.

mod blt;
mod cvr;

use crate::{
    audit::read_all,
    failure::{Failure, Result},
    files, out,
};
use clap::{Args, Subcommand};
use std::{
    io::{self, Write},
    path::PathBuf,
    time::SystemTime,
};
use tabella::{
    audit::{Audit, Expect},
    manifest::ManifestHash,
    record::Folder,
    tally::Outcome,
};

/// What to export.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella export blt election council --out council.blt")]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// All opened rankings as cast vote records in JSON (NIST SP 1500-103, version 1.0)
    #[command(after_help = "Example:\n  tabella export cvr election --out council.json")]
    Cvr(Source),
    /// The rankings of one contest in the format BLT, which most programs for ranked ballots read
    #[command(after_help = "Example:\n  tabella export blt election council --out council.blt")]
    Blt {
        #[command(flatten)]
        source: Source,
        /// The contest's id
        contest: String,
    },
    /// Ballots by polling station as CSV, a ballot manifest for audits of paper
    #[command(after_help = "Example:\n  tabella export stations election --out stations.csv")]
    Stations(Source),
}

/// A record, and where what is in it goes.
#[derive(Args)]
struct Source {
    /// The record's folder
    record: PathBuf,
    /// Refuse every election but that of the manifest with this hash
    #[arg(long, value_name = "HASH")]
    expect_manifest: Option<ManifestHash>,
    /// The file to write; the standard output unless given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Exports.
pub fn run(Options { command }: &Options) -> Result<()> {
    match command {
        Command::Cvr(source) => {
            let report = cvr::report(&source.outcome()?, SystemTime::now())?;
            source.write(format!("{report:#}\n").as_bytes())
        }
        Command::Blt { source, contest } => {
            source.write(blt::write(&source.outcome()?, contest)?.as_bytes())
        }
        Command::Stations(source) => source.write(&stations(&source.outcome()?)?),
    }
}

impl Source {
    /// The outcome of the record, which is audited.
    fn outcome(&self) -> Result<Outcome> {
        let folder = Folder::open(&self.record).map_err(Failure::unreadable)?;
        // A record without a result is told below, in one line.
        let expect = Expect { manifest: self.expect_manifest, partial: true, ..Expect::default() };
        let mut audit = Audit::new(&expect);
        read_all(&mut audit, &folder, "auditing")?;
        let (record, report) = (self.record.display(), audit.report());
        if !report.is_accepted() {
            return Err(Failure::refused(format!("{report}{record}: REFUSED, and not exported")));
        }
        report.outcome.ok_or_else(|| {
            Failure::refused(format!("{record}: there is no result yet: `tabella status {record}`"))
        })
    }

    fn write(&self, bytes: &[u8]) -> Result<()> {
        match &self.out {
            Some(file) => files::replace(file, bytes),
            None => out::written(io::stdout().lock().write_all(bytes)),
        }
    }
}

/// A line for each polling station, and one for what was cast elsewhere.
fn stations(outcome: &Outcome) -> Result<Vec<u8>> {
    let (manifest, turnout) = (outcome.manifest(), outcome.turnout());
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["station", "name", "district", "ballots"])?;
    for (station, ballots) in manifest.stations().iter().zip(&turnout.stations) {
        let district = manifest.districts().get(station.district).map_or("", |of| of.id.as_str());
        table.write_record([&station.id, station.name.as_str(), district, &ballots.to_string()])?;
    }
    table.write_record(["", "cast remotely", "", &turnout.remote.to_string()])?;
    table.into_inner().map_err(|error| Failure::unreadable(error.error()))
}
