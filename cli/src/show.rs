//! What a file is, in words: a manifest, a message on its way, a registration, a receipt, a checkpoint, an election bundle, a sealed secret,
//! or a record.
//!
//! ```text
//! tabella show manifest.json
//! tabella show inbox/trustee-2-deal.txt
//! ```
//!
//! Nothing is verified. What a file says of itself is shown.

use crate::{
    board,
    failure::{Failure, Result},
    files,
    out::say,
    status,
};
use clap::Args;
use rand_core::OsRng;
use serde_json::{Value, json};
use std::{
    fmt::Display,
    path::{Path, PathBuf},
};
use tabella::{
    Manifest,
    ballot::{BundleError, ElectionBundle},
    board::{Receipt, from_text},
    keys::vault::VaultKind,
    log::checkpoint::{EntryProof, SignedCheckpoint},
    manifest::{BallotStyle, Group, ManifestHash, Member},
    roll::Registration,
    views,
};

/// Which file.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella show inbox/trustee-2-deal.txt")]
pub struct Options {
    /// The file, or the folder of a record
    file: PathBuf,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Shows what a file is.
pub fn run(Options { file, json }: &Options) -> Result<()> {
    if file.is_dir() {
        let board = board::read(file)?;
        let manifest = board::manifest(board.state())?;
        if *json {
            return say!("{}", status::json(board.state(), &manifest));
        }
        of_manifest(&manifest)?;
        say!("")?;
        return status::say(board.state());
    }
    let bytes = files::read(file)?;
    if let Some(kind) = VaultKind::of(&bytes) {
        return match json {
            true => say!("{}", json!({"kind": "sealed", "holds": kind.to_string()})),
            false => say!("sealed under a passphrase: {kind}"),
        };
    }
    let text = String::from_utf8(bytes).map_err(|_| unknown(file, &"bytes that are no text"))?;
    if text.trim_start().starts_with('{') {
        let named = |error| Failure::refused(format!("{}:\n{error}", file.display()));
        let manifest = Manifest::from_json(&text).map_err(named)?;
        return match json {
            true => say!("{}", manifest.to_json()),
            false => of_manifest(&manifest),
        };
    }
    let shown = of_text(&text).map_err(|error| unknown(file, &error))?;
    match json {
        true => say!("{}", Value::from(shown)),
        false => shown.iter().try_for_each(|object| match object {
            Value::Object(fields) => {
                say!("{}", fields.get("kind").and_then(Value::as_str).unwrap_or("unknown"))?;
                fields.iter().filter(|(name, _)| *name != "kind").try_for_each(|(name, value)| {
                    match value {
                        Value::String(text) => say!("  {name}  {text}"),
                        value => say!("  {name}  {value}"),
                    }
                })
            }
            other => say!("{other}"),
        }),
    }
}

/// What is not known here.
fn unknown(file: &Path, error: &dyn Display) -> Failure {
    Failure::unreadable(format!(
        "{}: {error}; expected a manifest, a message, a registration, a receipt, a checkpoint, a proof or a bundle",
        file.display()
    ))
}

/// What stands in a text.
fn of_text(text: &str) -> std::result::Result<Vec<Value>, String> {
    if let Ok(receipt) = text.trim().parse::<Receipt>() {
        return Ok(vec![json!({
            "kind": "receipt",
            "entry": receipt.entry(),
            "fate": receipt.fate().to_string(),
            "tracker": receipt.tracker().to_string(),
            "size": receipt.size(),
            "root": receipt.root().to_string(),
        })]);
    }
    // A bundle is verified against a hash from elsewhere, and says which it would need.
    let none = ManifestHash::from([0; 32]);
    if let Err(BundleError::OtherManifest { found, .. }) =
        ElectionBundle::from_text(text, &none, &mut OsRng)
    {
        return Ok(vec![json!({"kind": "election bundle", "manifest": found.to_string()})]);
    }
    if let Ok(signed) = text.parse::<SignedCheckpoint>() {
        return Ok(vec![of_checkpoint("checkpoint", &signed)]);
    }
    if let Ok(proof) = text.parse::<EntryProof>() {
        let mut shown = of_checkpoint("proof", proof.signed());
        shown["entry"] = json!(proof.index());
        return Ok(vec![shown]);
    }
    if let Ok(registrations) = Registration::from_text(text) {
        let shown = registrations.iter().map(|registration| {
            json!({
                "kind": "registration",
                "key": tabella::roll::VoterKey::from(&registration.key).to_string(),
                "style": registration.style,
                "weight": registration.weight,
            })
        });
        return Ok(shown.collect());
    }
    let objects = from_text(text).map_err(|error| error.to_string())?;
    let shown = objects.iter().map(|object| {
        // An entry has a number, and a message has none yet.
        let mut shown: Value = serde_json::from_str(&views::entry(0, object)).unwrap_or_default();
        if let Some(fields) = shown.as_object_mut() {
            fields.remove("entry");
        }
        shown
    });
    Ok(shown.collect())
}

fn of_checkpoint(kind: &str, signed: &SignedCheckpoint) -> Value {
    let checkpoint = signed.checkpoint();
    let names = signed.signatures().iter().map(|signature| signature.name());
    json!({
        "kind": kind,
        "origin": checkpoint.origin(),
        "size": checkpoint.size(),
        "root": checkpoint.root().to_string(),
        "signed by": names.collect::<Vec<_>>().join(", "),
    })
}

/// A manifest for people.
fn of_manifest(manifest: &Manifest) -> Result<()> {
    say!("{}", manifest.title())?;
    say!("election  {}  {}", manifest.id(), manifest.hash())?;
    say!("operator  {}", manifest.operator())?;
    for (Group { name, threshold, .. }, members) in manifest.groups().split(manifest.trustees()) {
        let of = if name.is_empty() { String::new() } else { format!(" of {name}") };
        say!("trustees  any {threshold} of these {}{of} open together", members.len())?;
        for Member { name, key, .. } in members {
            say!("          {name}  {key}")?;
        }
    }
    for BallotStyle { id, contests, .. } in manifest.styles() {
        let held = contests.iter().filter_map(|place| manifest.contests().get(*place));
        let ids: Vec<&str> = held.map(|contest| contest.id.as_str()).collect();
        say!("style     {id}: {}", ids.join(", "))?;
    }
    for contest in manifest.contests() {
        say!("\n{}  {}", contest.id, contest.title)?;
        say!("  {}", contest.rule_sentence())?;
        contest.options.iter().try_for_each(|option| say!("  - {}", option.shown()))?;
        contest.marks.iter().try_for_each(|mark| say!("  - ({})", mark.name))?;
    }
    Ok(())
}
