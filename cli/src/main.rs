//! Elections on the command line: for operators, trustees, voters and auditors.

mod ask;
mod audit;
mod board;
mod check;
mod compare;
mod ethereum;
mod export;
mod failure;
mod files;
mod find;
mod interrupt;
mod key;
mod log;
mod merge;
mod new;
mod operator;
mod out;
mod progress;
mod register;
mod seen;
mod shell;
mod show;
mod status;
mod trustee;
mod vote;

use clap::{CommandFactory, Parser};
use std::process::ExitCode;

/// Verifiable secret-ballot elections: for operators, trustees, voters and auditors.
#[derive(Parser)]
#[command(name = "tabella", version)]
enum Command {
    /// Write a manifest to begin with
    New(Box<new::Options>),
    /// Check a manifest before it goes on a board: all its mistakes, or what the election will take
    Check(check::Options),
    /// Show what a file is: a manifest, a message, a receipt or another
    Show(show::Options),
    /// Make a registered key, of an operator or a trustee, or show its public part
    Key(key::Options),
    /// Hold an election: the board, the roll, the count
    Operator(operator::Options),
    /// Do what a trustee has to do next
    Trustee(trustee::Options),
    /// Make a credential of one's own, and the registration for the roll
    Register(register::Options),
    /// Vote, or challenge the device
    Vote(Box<vote::Options>),
    /// Find a ballot on the board, and prove that it is there
    Find(find::Options),
    /// Show where an election is, and for whom its board waits
    Status(status::Options),
    /// Check a record with nothing but its folder
    Audit(Box<audit::Options>),
    /// Show what a record proves about its log: to voters, to witnesses and to monitors
    Log(log::Options),
    /// Check a record with several processes
    Merge(merge::Options),
    /// Compare two copies of a board: the same, a continuation, or two boards
    Compare(compare::Options),
    /// Export rankings and numbers of ballots for other people's programs
    Export(export::Options),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Write pages for `man`
    Man(shell::Man),
}

fn main() -> ExitCode {
    let command = Command::parse();
    if let Err(failure) = interrupt::listen() {
        return failure::end(Err(failure));
    }
    match command {
        Command::New(options) => failure::end(new::run(&options)),
        Command::Check(options) => failure::end_with(check::run(&options)),
        Command::Show(options) => failure::end(show::run(&options)),
        Command::Key(options) => failure::end(key::run(&options)),
        Command::Operator(options) => failure::end(operator::run(&options)),
        Command::Trustee(options) => failure::end(trustee::run(&options)),
        Command::Register(options) => failure::end(register::run(&options)),
        Command::Vote(options) => failure::end(vote::run(&options)),
        Command::Find(options) => failure::end(find::run(&options)),
        Command::Status(options) => failure::end(status::run(&options)),
        Command::Audit(options) => audit::run(&options),
        Command::Log(options) => failure::end(log::run(&options)),
        Command::Merge(options) => merge::run(&options),
        Command::Compare(options) => failure::end(compare::run(&options)),
        Command::Export(options) => failure::end(export::run(&options)),
        Command::Completions(options) => {
            failure::end(shell::completions(&options, Command::command()))
        }
        Command::Man(options) => failure::end(shell::man(&options, Command::command())),
    }
}
