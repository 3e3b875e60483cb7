//! A registered key, of an operator or a trustee, or the key with which a log signs checkpoints.
//!
//! ```text
//! tabella key operator.key
//! tabella key log.key --log
//! ```
//!
//! Makes the secret, seals it under a passphrase in this file, and prints the public key, which belongs in the manifest. If the file is
//! there, its public key is printed.

use crate::{
    ask::Passphrase,
    failure::{Failure, Result},
    files,
    out::{say, tell},
};
use clap::Args;
use std::path::PathBuf;
use tabella::{AuthorSecret, keys::vault::VaultKind, log::checkpoint::LogSecret};

/// Where the secret is.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella key operator.key")]
pub struct Options {
    /// The file of the sealed secret
    file: PathBuf,
    /// Make the key with which the operator's log signs checkpoints
    #[arg(long)]
    log: bool,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Makes or shows a key.
pub fn run(Options { file, log, passphrase }: &Options) -> Result<()> {
    let is_new = !file.exists();
    let is_log = match is_new {
        true => *log,
        false => VaultKind::of(&files::read(file)?) == Some(VaultKind::Log),
    };
    if *log && !is_log {
        let file = file.display();
        return Err(Failure::refused(format!("{file}: is no log's key; name another file")));
    }
    let public = match (is_new, is_log) {
        (true, false) => passphrase.new_key(file)?.public().to_string(),
        (true, true) => passphrase.new_log_key(file)?.public().to_string(),
        (false, false) => passphrase.key::<AuthorSecret>(file)?.0.public().to_string(),
        (false, true) => passphrase.key::<LogSecret>(file)?.0.public().to_string(),
    };
    if is_new {
        tell!(
            "{}: keep it, and a copy in another place; who has it and the passphrase can act for you",
            file.display()
        );
    }
    say!("{public}")
}
