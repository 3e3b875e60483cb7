//! Checks a manifest that somebody wrote, before it goes on a board.
//!
//! ```text
//! tabella check docs/manifests/board.json
//! tabella check docs/manifests/pairs.json --voters 14932
//! ```
//!
//! Prints the manifest's hash, what a ballot of each style takes, and which names look like others, or else all mistakes, one on each line, with the path, what stands
//! there and what would be right. With a number of voters it also holds a small election on this machine, to say what the real one
//! will take. The exit code is 0, or 1 if there is a mistake, or 2 if the file cannot be read.

mod alike;
mod trial;

use crate::{
    failure::{Failure, Result},
    files,
    out::say,
    progress::Progress,
};
use clap::Args;
use rand_core::OsRng;
use serde_json::{Value, json};
use std::path::PathBuf;
use tabella::{Manifest, manifest::ManifestError};
use trial::{Cost, Ordered, Trial};

/// Which manifest, and for how many voters.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella check manifest.json --voters 500")]
pub struct Options {
    /// The manifest as JSON
    file: PathBuf,
    /// Say what an election with so many voters takes, by holding a small one on this machine
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    voters: Option<u64>,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Reads the manifest and prints what it takes, or its mistakes, which make the exit code 1.
pub fn run(Options { file, voters, json }: &Options) -> Result<u8> {
    let text = files::read_text(file)?;
    let checked = Manifest::from_json(&text).and_then(|manifest| {
        manifest.verify_keys(&mut OsRng)?;
        Ok(manifest)
    });
    let manifest = match checked {
        Ok(manifest) => manifest,
        Err(mistakes) => {
            match json {
                true => say!("{}", json!({"mistakes": of_mistakes(&mistakes)}))?,
                false => say!("{mistakes}")?,
            }
            return Ok(1);
        }
    };
    let warnings = alike::warnings(&manifest);
    let cost = voters.map(|voters| Costs::of(&manifest, voters)).transpose()?;
    if *json {
        let checked = json!({
            "manifest": manifest.hash().to_string(),
            "id": manifest.id(),
            "styles": styles(&manifest).iter().map(Style::json).collect::<Vec<_>>(),
            "warnings": warnings,
            "costs": cost.as_ref().map(Costs::json),
        });
        say!("{checked}")?;
        return Ok(0);
    }
    say!("{}  {}", manifest.hash(), manifest.id())?;
    for Style { ids, slots, bits, rows } in styles(&manifest) {
        let more = match ids.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        say!("style {}{more}: {slots} slots, {bits} bits, {rows} rows", ids[0])?;
    }
    warnings.iter().try_for_each(|warning| say!("warning: {warning}"))?;
    cost.map_or(Ok(()), |cost| cost.say())?;
    Ok(0)
}

fn of_mistakes(error: &ManifestError) -> Value {
    error
        .mistakes()
        .map(|mistake| {
            json!({
                "path": mistake.path,
                "value": mistake.value,
                "expected": mistake.expected,
            })
        })
        .collect()
}

/// What a ballot of some styles takes.
struct Style<'a> {
    ids: Vec<&'a str>,
    slots: usize,
    bits: usize,
    rows: usize,
}

impl Style<'_> {
    fn json(&self) -> Value {
        let Self { ids, slots, bits, rows } = self;
        json!({"styles": ids, "slots": slots, "bits": bits, "rows": rows})
    }
}

/// What a ballot of each style takes; styles that take the same stand together.
fn styles(manifest: &Manifest) -> Vec<Style<'_>> {
    let mut shown: Vec<Style<'_>> = Vec::new();
    for (place, style) in manifest.styles().iter().enumerate() {
        let Some(rules) = manifest.constraints(place) else { continue };
        let (slots, bits, rows) = (rules.slots(), rules.bits(), rules.rows());
        let same =
            |known: &&mut Style<'_>| (known.slots, known.bits, known.rows) == (slots, bits, rows);
        match shown.iter_mut().find(same) {
            Some(known) => known.ids.push(&style.id),
            None => shown.push(Style { ids: vec![&style.id], slots, bits, rows }),
        }
    }
    shown
}

/// What an election takes, measured here.
struct Costs {
    voters: u64,
    whole: Cost,
    /// For contests that a mix could hold as well: the id, and what it takes from sums and in a mix.
    beside: Vec<(String, Cost, Cost)>,
}

impl Costs {
    fn of(manifest: &Manifest, voters: u64) -> Result<Self> {
        let failed = |error| Failure::unreadable(format!("the trial election: {error}"));
        let ordered = Trial::ordered(manifest).map_err(failed)?;
        let progress = Progress::new("trial elections", 1 + 2 * ordered.len() as u64);
        let mut held = 0;
        let mut hold = |trial: &Trial| {
            progress.at(held);
            held += 1;
            let cost = trial.hold();
            progress.at(held);
            cost.map_err(failed)
        };
        let whole = hold(&Trial::of(manifest).map_err(failed)?)?;
        let mut beside = Vec::new();
        for Ordered { contest, sums, mix } in ordered {
            beside.push((contest, hold(&sums)?, hold(&mix)?));
        }
        Ok(Self { voters, whole, beside })
    }

    /// Bytes of the record, and seconds of the audit.
    fn in_all(&self) -> (f64, f64) {
        let (ballots, whole) = (self.voters as f64, &self.whole);
        (whole.fixed + whole.bytes * ballots, whole.audit * ballots)
    }

    fn say(&self) -> Result<()> {
        let (voters, whole, (record, audit)) = (self.voters, &self.whole, self.in_all());
        say!(
            "\nmeasured on this machine, in a trial with fresh keys:\n\
             {whole}\n\
             {voters} voters with one ballot each: a record of {}, audited in {}",
            bytes(record),
            time(audit),
        )?;
        for (contest, sums, mix) in &self.beside {
            say!(
                "\ncontest {contest} alone, as it is, counted from sums, and as rankings in a mix:\nsums  {sums}\nmix   {mix}",
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let (record, audit) = self.in_all();
        let beside = self.beside.iter().map(|(contest, sums, mix)| {
            json!({"contest": contest, "sums": sums.json(), "mix": mix.json()})
        });
        json!({
            "voters": self.voters,
            "ballot": self.whole.json(),
            "record_bytes": record.round(),
            "audit_seconds": audit,
            "beside_a_mix": beside.collect::<Vec<_>>(),
        })
    }
}

impl Cost {
    fn json(&self) -> Value {
        let Self { encrypt, ballot, bytes, audit, .. } = self;
        json!({
            "bytes": ballot,
            "encrypt_seconds": encrypt,
            "record_bytes": bytes.round(),
            "audit_seconds": audit,
        })
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { encrypt, ballot, bytes: entry, audit, .. } = self;
        let (encrypt, audit) = (time(*encrypt), time(*audit));
        let entry = bytes(*entry);
        write!(
            f,
            "{encrypt} to encrypt a ballot of {ballot} bytes, {entry} of the record and {audit} of the audit for each"
        )
    }
}

fn bytes(n: f64) -> String {
    match n {
        n if n < 1e4 => format!("{n:.0} bytes"),
        n if n < 1e6 => format!("{:.1} kB", n / 1e3),
        n if n < 1e9 => format!("{:.1} MB", n / 1e6),
        n => format!("{:.1} GB", n / 1e9),
    }
}

fn time(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.0} µs", s * 1e6),
        s if s < 1.0 => format!("{:.1} ms", s * 1e3),
        s if s < 600.0 => format!("{s:.1} s"),
        s => format!("{:.0} minutes", s / 60.0),
    }
}
