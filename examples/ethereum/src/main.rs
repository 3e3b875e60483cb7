//! Publishes the board of an election in a contract on an Ethereum chain, and watches both.

mod account;
mod compare;
mod deploy;
mod events;
mod failure;
mod proofs;
mod publish;
mod record;
mod send;
mod watch;

/// The views of the contract, as `tabella audit` reads them.
#[path = "../../../cli/src/ethereum/mod.rs"]
mod ethereum;

use clap::{Args, Parser, Subcommand};
use ethereum::Client;
use failure::{Failure, Result};
use std::{path::PathBuf, process::ExitCode, time::Duration};

/// Publishes the board of an election in a contract on an Ethereum chain, and watches both.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an account in a new file, and prints its address, which needs ether to pay for gas
    Key {
        /// The file with the account's secret, which nobody else may read
        file: PathBuf,
    },
    /// Puts the contract on the chain, for one record's election, and prints its address
    Deploy(deploy::Options),
    /// Follows a record and sends its checkpoints to the contract, until it is closed
    Publish(publish::Options),
    /// Compares a record with the contract, as several nodes show it, until it is closed
    Watch(watch::Options),
    /// Writes the library's proofs for all pairs of sizes up to 64, for the tests of the contract
    Proofs {
        /// The file
        file: PathBuf,
    },
}

/// A node to ask.
#[derive(Args)]
struct Node {
    /// The node's URL
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    node: String,
    /// Refuse every chain but the one with this number
    #[arg(long, value_name = "NUMBER")]
    chain: Option<u64>,
    /// How many seconds the node has for each answer
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    timeout: Duration,
}

impl Node {
    fn client(&self) -> Result<Client> {
        Ok(Client::new(&self.node, self.timeout)?)
    }
}

/// A number of seconds, which may have a fraction.
fn seconds(text: &str) -> std::result::Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "a number of seconds expected")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let result = match Options::parse().command {
        Command::Key { file } => account::create(&file),
        Command::Deploy(options) => deploy::run(&options),
        Command::Publish(options) => publish::run(&options),
        Command::Watch(options) => watch::run(&options),
        Command::Proofs { file } => proofs::write(&file),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure::tell(&failure);
            ExitCode::from(failure.code())
        }
    }
}
