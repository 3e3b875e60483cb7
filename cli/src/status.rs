//! Where an election is, and for whom its board waits.

use crate::{board, failure::Result, out::say};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use tabella::{Manifest, board::State, views::waits};

/// Which board.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella status election")]
pub struct Options {
    /// The folder of the board
    board: PathBuf,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Prints where the election is.
pub fn run(Options { board, json }: &Options) -> Result<()> {
    let board = board::read(board)?;
    let manifest = board::manifest(board.state())?;
    match json {
        true => say!("{}", self::json(board.state(), &manifest)),
        false => {
            say!("election  {}  {}", manifest.id(), manifest.hash())?;
            say(board.state())
        }
    }
}

/// Where the election is, for programs.
pub fn json(state: &State, manifest: &Manifest) -> Value {
    json!({
        "election": manifest.id(),
        "manifest": manifest.hash().to_string(),
        "size": state.size(),
        "root": state.root().to_string(),
        "phase": state.phase().to_string(),
        "ballots": state.counted(),
        "voters": state.roll().map_or(0, |roll| roll.len()),
        "waits": waits(state),
    })
}

/// Where the election is.
pub fn say(state: &State) -> Result<()> {
    say!("board     {} entries, root {}", state.size(), state.root())?;
    if let Some(roll) = state.roll() {
        say!("voting    {} of {} voters have cast a ballot", state.counted(), roll.len())?;
    }
    say!("phase     {}", state.phase())?;
    waits(state).iter().try_for_each(|wait| say!("waits     {wait}"))
}
