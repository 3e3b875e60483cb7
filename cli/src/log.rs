//! What a record proves about its log: to voters, to witnesses and to monitors.
//!
//! ```text
//! tabella log target/saratov find tracker1… voterkey1…     where my ballot is, and the proof of it
//! tabella log target/saratov proxies voterkey1…            who casts for this voter, and for whom the voter casts
//! tabella log target/saratov check PROOF         whether such a proof fits the record
//! tabella log target/saratov witness 1085        what a witness is asked who saw size 1,085
//! tabella log target/saratov answer NAME FILE    takes what the witness answered
//! tabella log target/saratov tiles target/tiles  files that monitors read over HTTP
//! ```
//!
//! `find` also says whose the ballot is: with the voter's key it finds only that voter's ballots; without it, the voter must
//! compare. It writes a C2SP tlog-proof, which can be checked with only the log's key. `witness` writes the body of the
//! request `add-checkpoint` of C2SP tlog-witness; `answer` verifies the cosignature in the answer and adds it to the record.
//! `tiles` writes a C2SP tlog-tiles log, which any web server can serve as it is.

use clap::{Args, Subcommand};
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tabella::{
    ballot::Tracker,
    board::{Posted, State},
    log::{
        ReadLog,
        checkpoint::{EntryProof, LogKey, SignedCheckpoint, add_checkpoint},
        merkle::Hashes,
        tiles::{entry_bundles, hash_tiles},
    },
    record::{Folder, Writer},
    roll::VoterKey,
};

/// A record, and the question about it.
#[derive(Args)]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find a ballot and prove that it is on the board
    Find {
        /// The ballot's tracker
        tracker: Tracker,
        /// The key of its voter; ballots of others are not found
        voter: Option<VoterKey>,
    },
    /// Show who casts for a voter, and for whom a voter casts
    Proxies {
        /// The voter's key
        voter: VoterKey,
    },
    /// Check a proof that `find` wrote against the record
    Check {
        /// The proof's file
        proof: PathBuf,
    },
    /// Ask a witness to cosign the last checkpoint
    Witness {
        /// The size that the witness cosigned last, or 0
        old: u64,
    },
    /// Add a witness's answer to the record's last checkpoint
    Answer {
        /// The witness's name in the manifest
        witness: String,
        /// The file with the answer
        answer: PathBuf,
    },
    /// Write the board as tiles
    Tiles {
        /// The folder to write to, which is created
        out: PathBuf,
    },
}

/// Runs the command and returns the exit code.
pub fn run(options: &Options) -> ExitCode {
    match answer(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(options: &Options) -> Result<(), Box<dyn Error>> {
    let folder = Folder::open(&options.folder)?;
    let mut log = folder.log();
    let hashes = tabella::log::hashes(&mut log)?;
    let last = || -> Result<SignedCheckpoint, Box<dyn Error>> {
        folder.checkpoints()?.pop().ok_or_else(|| "the record has no checkpoint".into())
    };
    match &options.command {
        Command::Find { tracker, voter } => {
            let Some(found) = tabella::board::find(&mut log, tracker, voter.as_ref())? else {
                return Err(format!("{tracker} is not on the board").into());
            };
            let entry = found.entry;
            let signed = last()?;
            let size = signed.checkpoint().size();
            let proof = EntryProof::new(hashes.inclusion(entry, size)?, signed)?;
            let bytes = log.entry(entry)?.ok_or("the record ends before the entry")?;
            let (origin, key) = log_key(&mut log)?;
            proof.verify(&bytes, &origin, &key).map_err(|error| {
                format!("the record does not match its last checkpoint ({error}); audit it first")
            })?;
            eprintln!("{found}; only an audit shows whether it is valid and counts");
            if voter.is_none() {
                eprintln!(
                    "compare {} with your own key: it may be another's ballot",
                    found.posted.voter
                );
            }
            print!("{proof}");
        }
        Command::Proxies { voter } => {
            for proxied in tabella::board::proxied(&mut log, voter)? {
                println!("{proxied}");
            }
            eprintln!("only an audit shows whether these are valid, and that there are no others");
        }
        Command::Check { proof } => {
            let text = fs::read_to_string(proof);
            let text = text.map_err(|error| format!("{proof:?}: {error}"))?;
            let proof: EntryProof = text.parse()?;
            let (origin, key) = log_key(&mut log)?;
            let entry = log.entry(proof.index())?.ok_or("the record ends before the entry")?;
            proof.verify(&entry, &origin, &key)?;
            println!("entry {} of the record is the one that was proved", proof.index());
            if let Some(posted) = Posted::of_entry(&entry) {
                println!(
                    "it is a ballot: {posted}; if the key is not yours, it is not your ballot"
                );
            }
        }
        Command::Witness { old } => {
            let signed = last()?;
            let proof = hashes.consistency(*old, signed.checkpoint().size())?;
            print!("{}", add_checkpoint(&proof, &signed)?);
        }
        Command::Answer { witness, answer } => {
            let text = fs::read_to_string(answer);
            let text = text.map_err(|error| format!("{answer:?}: {error}"))?;
            let mut signed = last()?;
            let (mut writer, _) = Writer::resume(&options.folder)?;
            let manifest = writer.manifest().ok_or("the board is empty")?;
            let names = manifest.log().map(|log| log.witnesses()).unwrap_or_default();
            let known = names.iter().find(|known| known.name == *witness);
            let known =
                known.ok_or_else(|| format!("the manifest names no witness {witness:?}"))?;
            signed.add_answer(known, &text)?;
            writer.checkpoint(&signed)?;
            println!("{witness:?} has cosigned size {}", signed.checkpoint().size());
        }
        Command::Tiles { out } => tiles(&mut log, &hashes, &last()?, out)?,
    }
    Ok(())
}

/// Origin and key of the log, from the manifest, which is the first entry.
fn log_key(log: &mut impl ReadLog) -> Result<(String, LogKey), Box<dyn Error>> {
    let entry = log.entry(0)?.ok_or("the board is empty")?;
    let mut state = State::new();
    state.apply(&entry, |_| None, &mut rand_core::OsRng)?;
    let manifest = state.manifest().ok_or("the first entry is not the manifest")?;
    let key = manifest.log().ok_or("the manifest names no log")?.key();
    Ok((manifest.origin(), *key))
}

fn tiles(
    log: &mut impl ReadLog,
    hashes: &Hashes,
    last: &SignedCheckpoint,
    out: &Path,
) -> Result<(), Box<dyn Error>> {
    let write = |name: String, bytes: &[u8]| -> Result<(), Box<dyn Error>> {
        let path = out.join(name);
        fs::create_dir_all(path.parent().unwrap_or(out))?;
        Ok(fs::write(path, bytes)?)
    };
    let size = last.checkpoint().size();
    let mut count = 0;
    for tile in hash_tiles(size) {
        write(tile.to_string(), &tile.bytes(|level, index| hashes.get(level, index))?)?;
        count += 1;
    }
    for bundle in entry_bundles(size) {
        let bytes = bundle.bytes(|index| log.entry(index).ok().flatten())?;
        write(bundle.to_string(), &bytes)?;
        count += 1;
    }
    write("checkpoint".into(), last.to_string().as_bytes())?;
    println!("{count} tiles of {size} entries in {out:?}");
    Ok(())
}
