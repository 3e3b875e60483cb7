//! Checks a manifest that somebody wrote, before it goes on a board.
//!
//! ```text
//! tabella manifest docs/manifests/board.json
//! ```
//!
//! Prints the manifest's hash, or else all its mistakes, one on each line, with the path, what stands there and what would be right.
//! The exit code is 0, or 1 if there is a mistake, or 2 if the file cannot be read.

use clap::Args;
use rand_core::OsRng;
use std::{fs, path::PathBuf, process::ExitCode};
use tabella::Manifest;

/// Which manifest.
#[derive(Args)]
pub struct Options {
    /// The manifest as JSON
    file: PathBuf,
}

/// Reads the manifest and prints its hash or its mistakes.
pub fn run(Options { file }: &Options) -> ExitCode {
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
    match checked {
        Ok(manifest) => {
            println!("{}  {}", manifest.hash(), manifest.id());
            ExitCode::SUCCESS
        }
        Err(mistakes) => {
            println!("{mistakes}");
            ExitCode::from(1)
        }
    }
}
