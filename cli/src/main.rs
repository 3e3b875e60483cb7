//! Elections on the command line: checks of manifests, audits of records by one process or several, and proofs.

mod audit;
mod check;
mod log;
mod merge;

use clap::Parser;
use std::process::ExitCode;

/// Checks manifests, audits records of elections, and proves what is in them.
#[derive(Parser)]
#[command(name = "tabella", version)]
enum Command {
    /// Check a record with nothing but its folder
    Audit(Box<audit::Options>),
    /// Check a manifest before it goes on a board: all its mistakes, or what the election will take
    Check(check::Options),
    /// Show what a record proves about its log: to voters, to witnesses and to monitors
    Log(log::Options),
    /// Check a record with several processes
    Merge(merge::Options),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Audit(options) => audit::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Log(options) => log::run(&options),
        Command::Merge(options) => merge::run(&options),
    }
}
