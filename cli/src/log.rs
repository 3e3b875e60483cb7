//! What a record proves about its log: to voters, to witnesses and to monitors.
//!
//! ```text
//! tabella log target/saratov proxies voterkey1…            who casts for this voter, and for whom the voter casts
//! tabella log target/saratov check PROOF         whether a proof that `tabella find` wrote fits the record
//! tabella log target/saratov witness 1085        what a witness is asked who saw size 1,085
//! tabella log target/saratov answer NAME FILE    takes what the witness answered
//! tabella log target/saratov tiles target/tiles  files that monitors read over HTTP
//! ```
//!
//! `witness` writes the body of the
//! request `add-checkpoint` of C2SP tlog-witness; `answer` verifies the cosignature in the answer and adds it to the record.
//! `tiles` writes a C2SP tlog-tiles log, which any web server can serve as it is.

use crate::{
    board,
    failure::{Failure, Result},
    files,
    out::{self, say, tell},
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use tabella::{
    Manifest,
    board::{Posted, State},
    log::{
        ReadLog,
        checkpoint::{EntryProof, LogKey, SignedCheckpoint, add_checkpoint},
        tiles::{entry_bundles, hash_tiles},
    },
    record::{Folder, Writer},
    roll::{Proxied, VoterKey},
};

/// A record, and the question about it.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella log election tiles tiles")]
pub struct Options {
    /// The record's folder
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show who casts for a voter, and for whom a voter casts
    #[command(after_help = "Example:\n  tabella log election proxies voterkey1…")]
    Proxies {
        /// The voter's key
        voter: VoterKey,
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Check a proof that `tabella find` wrote against the record
    #[command(after_help = "Example:\n  tabella log election check proof.txt")]
    Check {
        /// The proof's file
        proof: PathBuf,
    },
    /// Ask a witness to cosign the last checkpoint
    #[command(after_help = "Example:\n  tabella log election witness 1085 > request.txt")]
    Witness {
        /// The size that the witness cosigned last, or 0
        old: u64,
    },
    /// Add a witness's answer to the record's last checkpoint
    #[command(
        after_help = "Example:\n  tabella log election answer witness.example/east answer.txt"
    )]
    Answer {
        /// The witness's name in the manifest
        witness: String,
        /// The file with the answer
        answer: PathBuf,
    },
    /// Write the board as tiles
    #[command(after_help = "Example:\n  tabella log election tiles tiles")]
    Tiles {
        /// The folder to write to, which is created
        out: PathBuf,
    },
}

/// Answers the question.
pub fn run(Options { folder: path, command }: &Options) -> Result<()> {
    let folder = Folder::open(path).map_err(Failure::unreadable)?;
    let mut log = folder.log();
    match command {
        Command::Proxies { voter, json } => {
            let found = tabella::board::proxied(&mut log, voter).map_err(Failure::unreadable)?;
            match json {
                true => say!("{}", Value::from_iter(found.iter().map(of_proxied)))?,
                false => found.iter().try_for_each(|proxied| say!("{proxied}"))?,
            }
            tell!("only an audit shows whether these are valid, and that there are no others");
            Ok(())
        }
        Command::Check { proof } => {
            let named = |error| Failure::unreadable(format!("{}: {error}", proof.display()));
            let proof: EntryProof = files::read_text(proof)?.parse().map_err(named)?;
            let (origin, key) = log_key(&mut log)?;
            let entry = entry(&mut log, proof.index())?;
            proof.verify(&entry, &origin, &key)?;
            say!("entry {} of the record is the one that was proved", proof.index())?;
            tell_cosigned(&mut log, proof.signed())?;
            match Posted::of_entry(&entry) {
                Some(posted) => {
                    say!("it is a ballot: {posted}; if the key is not yours, it is not your ballot")
                }
                None => Ok(()),
            }
        }
        Command::Witness { old } => {
            let signed = last(&folder)?;
            let hashes = tabella::log::hashes(&mut log).map_err(Failure::unreadable)?;
            let proof = hashes.consistency(*old, signed.checkpoint().size())?;
            out::result(format_args!("{}", add_checkpoint(&proof, &signed)?))
        }
        Command::Answer { witness, answer } => {
            let text = files::read_text(answer)?;
            let mut signed = last(&folder)?;
            let (mut writer, _) = Writer::resume(path).map_err(Failure::unreadable)?;
            let names = writer.manifest().and_then(Manifest::log).map(|log| log.witnesses());
            let names = names.unwrap_or_default();
            let known = names.iter().find(|known| known.name == *witness).ok_or_else(|| {
                let known: Vec<&str> = names.iter().map(|known| known.name.as_str()).collect();
                Failure::refused(format!(
                    "witness '{witness}' — expected one of {}",
                    known.join(", ")
                ))
            })?;
            signed.add_answer(known, &text)?;
            writer.checkpoint(&signed).map_err(Failure::unreadable)?;
            say!("{witness} has cosigned size {}", signed.checkpoint().size())
        }
        Command::Tiles { out } => tiles(&mut log, &last(&folder)?, out),
    }
}

fn of_proxied(proxied: &Proxied) -> Value {
    let Proxied { entry, voter, key, proxy, .. } = proxied;
    let text = |key: &VoterKey| key.to_string();
    json!({"entry": entry, "voter": text(voter), "key": text(key), "proxy": text(proxy)})
}

/// The last checkpoint of a record.
pub fn last(folder: &Folder) -> Result<SignedCheckpoint> {
    let last = folder.checkpoints().map_err(Failure::unreadable)?.pop();
    last.ok_or_else(|| {
        Failure::refused("the record has no checkpoint: its operator signs one with the log's key")
    })
}

/// An entry that has to be there.
pub fn entry(log: &mut impl ReadLog, index: u64) -> Result<Vec<u8>> {
    let entry = log.entry(index).map_err(Failure::unreadable)?;
    entry.ok_or_else(|| Failure::refused(format!("the record ends before entry {index}")))
}

/// Origin and key of the log, from the manifest, which is the first entry.
pub fn log_key(log: &mut impl ReadLog) -> Result<(String, LogKey)> {
    let manifest = manifest(log)?;
    let key = manifest.log().ok_or_else(|| Failure::refused("the manifest names no log"))?.key();
    Ok((manifest.origin(), *key))
}

fn manifest(log: &mut impl ReadLog) -> Result<Manifest> {
    let mut state = State::new();
    state.apply(&entry(log, 0)?, |_| None, &mut rand_core::OsRng)?;
    board::manifest(&state)
}

/// Tells how many witnesses cosigned a checkpoint, if some must.
pub fn tell_cosigned(log: &mut impl ReadLog, signed: &SignedCheckpoint) -> Result<()> {
    let manifest = manifest(log)?;
    let Some(policy) = manifest.log().filter(|policy| policy.quorum() > 0) else { return Ok(()) };
    let cosigned = signed.cosignatures(policy.witnesses())?;
    let by: BTreeSet<usize> = cosigned.iter().map(|of| of.witness).collect();
    let (by, quorum) = (by.len(), policy.quorum());
    tell!("cosigned by {by} witnesses, where {quorum} must");
    if by < usize::from(quorum) {
        tell!(
            "ask the operator for one with more: without them, others may be shown another board"
        );
    }
    Ok(())
}

fn tiles(log: &mut impl ReadLog, last: &SignedCheckpoint, out: &Path) -> Result<()> {
    let hashes = tabella::log::hashes(log).map_err(Failure::unreadable)?;
    let write = |name: String, bytes: &[u8]| {
        let path = out.join(name);
        let folder = path.parent().unwrap_or(out);
        files::at(folder, std::fs::create_dir_all(folder))?;
        files::replace(&path, bytes)
    };
    let size = last.checkpoint().size();
    let (hash_tiles, bundles) = (hash_tiles(size), entry_bundles(size));
    let mut count = 0;
    for tile in hash_tiles {
        write(tile.to_string(), &tile.bytes(|level, index| hashes.get(level, index))?)?;
        count += 1;
    }
    for bundle in bundles {
        let bytes = bundle.bytes(|index| log.entry(index).ok().flatten())?;
        write(bundle.to_string(), &bytes)?;
        count += 1;
    }
    write("checkpoint".into(), last.to_string().as_bytes())?;
    say!("{count} tiles of {size} entries in {}", out.display())
}
