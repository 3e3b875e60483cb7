//! Where a ballot is on a board, and whether it counts.
//!
//! ```text
//! tabella find election tracker1… voterkey1…
//! tabella find election tracker1… voterkey1… --proof proof.txt
//! ```
//!
//! With the voter's key it finds only that voter's ballots; without it, the voter must compare the key. The proof is a C2SP
//! tlog-proof, which can be checked with only the log's key.

use crate::{
    failure::{Failure, Result},
    files, log,
    out::{say, tell},
};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use tabella::{
    ballot::Tracker,
    board::{FindError, Found},
    log::checkpoint::EntryProof,
    record::Folder,
    roll::VoterKey,
};

/// Which ballot, and where.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella find election tracker1… voterkey1…")]
pub struct Options {
    /// The folder of the board, or a copy of it
    board: PathBuf,
    /// The ballot's tracker, as the device showed it
    tracker: Tracker,
    /// The key of its voter; ballots of others are not found
    voter: Option<VoterKey>,
    /// Write a proof that the ballot is in the last checkpoint
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Finds a ballot.
pub fn run(Options { board, tracker, voter, proof, json }: &Options) -> Result<()> {
    let folder = Folder::open(board).map_err(Failure::unreadable)?;
    let mut log = folder.log();
    let found = tabella::board::find(&mut log, tracker, voter.as_ref());
    let found = found.map_err(|error| match error {
        FindError::Log(error) => Failure::unreadable(error),
        error => Failure::refused(error),
    })?;
    let Some(found) = found else {
        let board = board.display();
        return Err(Failure::refused(format!(
            "{tracker} is not on {board}. Is this the newest copy of the board? Then show the operator your receipt, or cast again"
        )));
    };
    if let Some(file) = proof {
        let signed = log::last(&folder)?;
        let hashes = tabella::log::hashes(&mut log).map_err(Failure::unreadable)?;
        let inclusion = hashes.inclusion(found.entry, signed.checkpoint().size())?;
        let proof = EntryProof::new(inclusion, signed)?;
        let (origin, key) = log::log_key(&mut log)?;
        let entry = log::entry(&mut log, found.entry)?;
        proof.verify(&entry, &origin, &key).map_err(|error| {
            Failure::refused(format!(
                "the record does not match its last checkpoint ({error}); audit it first"
            ))
        })?;
        log::tell_cosigned(&mut log, proof.signed())?;
        files::replace(file, proof.to_string().as_bytes())?;
    }
    let Found { entry, posted, replaced_by, opened_by } = found;
    match json {
        true => say!(
            "{}",
            json!({
                "entry": entry,
                "fate": posted.fate.to_string(),
                "voter": posted.voter.to_string(),
                "tracker": posted.tracker.to_string(),
                "replaced_by": replaced_by,
                "opened_by": opened_by,
            })
        )?,
        false => say!("{found}")?,
    }
    tell!("Only an audit shows whether it is valid and counts.");
    if voter.is_none() {
        tell!("Compare {} with your own key: it may be another's ballot.", posted.voter);
    }
    Ok(())
}
