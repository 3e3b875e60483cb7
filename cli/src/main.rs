//! Records of elections on the command line: audits, by one process or several, and proofs.

mod audit;
mod log;
mod merge;

use clap::Parser;
use std::process::ExitCode;

/// Audits records of elections, and proves what is in them.
#[derive(Parser)]
#[command(name = "tabella", version)]
enum Command {
    /// Check a record with nothing but its folder
    Audit(Box<audit::Options>),
    /// Show what a record proves about its log: to voters, to witnesses and to monitors
    Log(log::Options),
    /// Check a record with several processes
    Merge(merge::Options),
}

fn main() -> ExitCode {
    match Command::parse() {
        Command::Audit(options) => audit::run(&options),
        Command::Log(options) => log::run(&options),
        Command::Merge(options) => merge::run(&options),
    }
}
