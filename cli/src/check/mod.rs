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

use clap::Args;
use rand_core::OsRng;
use std::{error::Error, fs, path::PathBuf, process::ExitCode};
use tabella::Manifest;
use trial::{Cost, Ordered, Trial};

/// Which manifest, and for how many voters.
#[derive(Args)]
pub struct Options {
    /// The manifest as JSON
    file: PathBuf,
    /// Say what an election with so many voters takes, by holding a small one on this machine
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    voters: Option<u64>,
}

/// Reads the manifest and prints its hash or its mistakes.
pub fn run(Options { file, voters }: &Options) -> ExitCode {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(2);
        }
    };
    let checked = Manifest::from_json(&text).and_then(|manifest| {
        manifest.verify_keys(&mut OsRng)?;
        Ok(manifest)
    });
    let manifest = match checked {
        Ok(manifest) => manifest,
        Err(mistakes) => {
            println!("{mistakes}");
            return ExitCode::from(1);
        }
    };
    println!("{}  {}", manifest.hash(), manifest.id());
    styles(&manifest);
    for warning in alike::warnings(&manifest) {
        println!("warning: {warning}");
    }
    match voters.map_or(Ok(()), |voters| costs(&manifest, voters)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the trial election: {error}");
            ExitCode::from(2)
        }
    }
}

/// What a ballot of each style takes; styles that take the same stand together.
fn styles(manifest: &Manifest) {
    let mut shown: Vec<(String, Vec<&str>)> = Vec::new();
    for (place, style) in manifest.styles().iter().enumerate() {
        let Some(rules) = manifest.constraints(place) else { continue };
        let (slots, bits, rows) = (rules.slots(), rules.bits(), rules.rows());
        let takes = format!("{slots} slots, {bits} bits, {rows} rows");
        match shown.iter_mut().find(|(known, _)| *known == takes) {
            Some((_, styles)) => styles.push(&style.id),
            None => shown.push((takes, vec![&style.id])),
        }
    }
    for (takes, styles) in shown {
        let more = match styles.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        println!("style {}{more}: {takes}", styles[0]);
    }
}

/// What an election takes, measured here.
fn costs(manifest: &Manifest, voters: u64) -> Result<(), Box<dyn Error>> {
    let whole = Trial::of(manifest)?.hold()?;
    let ballots = voters as f64;
    println!(
        "\nmeasured on this machine, in a trial with fresh keys:\n\
         {whole}\n\
         {voters} voters with one ballot each: a record of {}, audited in {}",
        bytes(whole.fixed + whole.bytes * ballots),
        time(whole.audit * ballots),
    );
    for Ordered { contest, sums, mix } in Trial::ordered(manifest)? {
        println!(
            "\ncontest {contest} alone, as it is, counted from sums, and as rankings in a mix:\nsums  {}\nmix   {}",
            sums.hold()?,
            mix.hold()?
        );
    }
    Ok(())
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
