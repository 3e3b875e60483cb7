//! A registered key, of an operator or a trustee.
//!
//! ```text
//! tabella key operator.key
//! ```
//!
//! Makes the secret, seals it under a passphrase in this file, and prints the public key, which belongs in the manifest. If the file is
//! there, its public key is printed.

use crate::{ask::Passphrase, failure::Result};
use clap::Args;
use std::path::PathBuf;

/// Where the secret is.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella key operator.key")]
pub struct Options {
    /// The file of the sealed secret
    file: PathBuf,
    #[command(flatten)]
    passphrase: Passphrase,
}

/// Makes or shows a key.
pub fn run(Options { file, passphrase }: &Options) -> Result<()> {
    let secret = match file.exists() {
        true => passphrase.key(file)?.0,
        false => {
            let secret = passphrase.new_key(file)?;
            eprintln!(
                "{}: keep it, and a copy in another place; who has it and the passphrase can act for you",
                file.display()
            );
            secret
        }
    };
    println!("{}", secret.public());
    Ok(())
}
