//! Elections on the command line: checks of manifests, audits of records by one process or several, and proofs.

mod audit;
mod log;
mod manifest;
mod merge;

use clap::Parser;
use std::process::ExitCode;

/// Checks manifests, audits records of elections, and proves what is in them.
#[derive(Parser)]
#[command(name = "tabella", version)]
enum Command {
    /// Check a record with nothing but its folder
    Audit(Box<audit::Options>),
    /// Show what a record proves about its log: to voters, to witnesses and to monitors
    Log(log::Options),
    /// Check a manifest before it goes on a board, and name all its mistakes
    Manifest(manifest::Options),
    /// Check a record with several processes
    Merge(merge::Options),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Audit(options) => audit::run(&options),
        Command::Log(options) => log::run(&options),
        Command::Manifest(options) => manifest::run(&options),
        Command::Merge(options) => merge::run(&options),
    }
}
