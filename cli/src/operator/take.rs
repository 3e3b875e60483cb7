//! Posting what others sent.

use super::Access;
use crate::{
    failure::{Failure, Result},
    files,
    out::{say, tell},
    progress::Progress,
};
use clap::Args;
use rand_core::OsRng;
use serde_json::json;
use std::path::PathBuf;
use tabella::board::{Accepted, Kind, Refusal, from_text};

/// Messages that are verified and written together.
const TOGETHER: usize = 1024;

/// Which messages.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    access: Access,
    /// Files with messages
    #[arg(required = true)]
    messages: Vec<PathBuf>,
    /// Write a receipt for each ballot into this folder, for its voter
    #[arg(long, value_name = "FOLDER")]
    receipts: Option<PathBuf>,
    /// As JSON, for programs: a line for each message
    #[arg(long)]
    json: bool,
}

/// Posts messages, and says of each what became of it.
pub fn run(Options { access, messages, receipts, json }: &Options) -> Result<()> {
    // A file that cannot be read is told before anything is posted.
    let mut objects = Vec::new();
    for file in messages {
        let text = files::read_text(file)?;
        let named = |error| Failure::unreadable(format!("{}: {error}", file.display()));
        let found = from_text(&text).map_err(named)?;
        objects.extend(found.into_iter().map(|object| (file.display(), object)));
    }
    let (mut desk, secret) = access.open()?;
    if let Some(folder) = receipts {
        files::at(folder, std::fs::create_dir_all(folder))?;
    }
    let posted: Vec<&Vec<u8>> = objects.iter().map(|(_, object)| object).collect();
    let (progress, mut results) = (Progress::new("posting", posted.len() as u64), Vec::new());
    for together in posted.chunks(TOGETHER) {
        results.extend(desk.write(|board| board.post_all(together, &mut OsRng)));
        progress.at(results.len() as u64);
    }
    drop(progress);
    let (mut refused, mut posted) = (0, Vec::new());
    for ((file, object), result) in objects.iter().zip(results) {
        let kind = Kind::split(object).map(|(kind, _)| kind).ok();
        let entry = match result {
            Ok(Accepted { entry, kind, .. }) => {
                match json {
                    true => say!(
                        "{}",
                        json!({"file": file.to_string(), "entry": entry, "kind": kind.to_string()})
                    )?,
                    false => say!("{file}: entry {entry}, {kind}")?,
                }
                entry
            }
            // Whoever was interrupted takes the same files once more, and gets receipts that were not written.
            Err(Refusal::AlreadyOnBoard { entry }) | Err(Refusal::Spoiled { entry })
                if matches!(result, Err(Refusal::AlreadyOnBoard { .. }))
                    || kind == Some(Kind::SpoilRequest) =>
            {
                match json {
                    true => say!("{}", json!({"file": file.to_string(), "before": entry}))?,
                    false => say!("{file}: on the board before, entry {entry}")?,
                }
                entry
            }
            Err(refusal) => {
                match json {
                    true => say!(
                        "{}",
                        json!({"file": file.to_string(), "refused": refusal.to_string()})
                    )?,
                    false => tell!("{file}: refused: {refusal}"),
                }
                refused += 1;
                continue;
            }
        };
        let has_receipt = matches!(kind, Some(Kind::Ballot | Kind::SpoilRequest));
        posted.extend(has_receipt.then_some(entry));
    }
    for (trustee, fault) in desk.state().faulty_shares() {
        tell!("trustee {trustee} signed a wrong decryption share: {fault}");
    }
    for (trustee, cell, fault) in desk.state().faulty_mixes() {
        tell!("trustee {trustee} signed a wrong mix of cell {cell}: {fault}");
    }
    // Last, since what is on the board is told even if these cannot be written.
    for (folder, entry) in receipts.iter().flat_map(|f| posted.iter().map(move |e| (f, *e))) {
        let receipt = desk.board().receipt(&secret, entry, &mut OsRng)?;
        let file = folder.join(format!("{}.txt", receipt.tracker()));
        files::replace(&file, format!("{receipt}\n").as_bytes())?;
    }
    desk.views()?;
    match refused {
        0 => Ok(()),
        n => Err(Failure::refused(format!(
            "{n} of {} messages were refused; `tabella status` says what the board waits for",
            objects.len()
        ))),
    }
}
