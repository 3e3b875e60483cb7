//! A voter's own credential, for elections in which voters make theirs.
//!
//! ```text
//! tabella register election --credential c.txt --style all
//! ```

use crate::{
    board,
    failure::Result,
    files,
    out::{say, tell},
};
use clap::Args;
use rand_core::OsRng;
use std::path::PathBuf;
use tabella::{Credential, roll::Registration};

/// Whose credential, for which ballot style.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tabella register election --credential c.txt --out registration.txt"
)]
pub struct Options {
    /// The folder of the board, with its manifest
    board: PathBuf,
    /// The file of the credential; it is made if it is not there. Whoever has it can vote in your name
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// The id of the ballot style; not needed where there is one alone
    #[arg(long, value_name = "ID")]
    style: Option<String>,
    /// Where the registration goes, which the operator needs
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Makes a registration, and a credential if need be.
pub fn run(Options { board, credential, style, out }: &Options) -> Result<()> {
    let manifest = board::manifest(board::read(board)?.state())?;
    let place = board::style(&manifest, style.as_deref())?;
    let secret = match credential.exists() {
        true => files::read_credential(credential)?,
        false => {
            let secret = Credential::random(&mut OsRng)?;
            files::write_new_secret(credential, secret.expose_text().as_bytes())?;
            secret
        }
    };
    let registration = secret.registration(&manifest, place, &mut OsRng)?;
    files::replace(out, Registration::to_text(&[registration]).as_bytes())?;
    tell!("Send {} to the operator. Your public key, to find your own ballots by:", out.display());
    say!("{}", secret.key())?;
    Ok(())
}
