//! Questions to whoever sits at the terminal.

use crate::{
    failure::{Failure, Result},
    files, interrupt,
};
use clap::Args;
use dialoguer::{Confirm, Input, Password, Select};
use rand_core::OsRng;
use std::{
    io::{ErrorKind, IsTerminal, stdin},
    path::{Path, PathBuf},
};
use tabella::{
    AuthorSecret,
    keys::{AtRest, vault::MIN_PASSPHRASE},
    log::checkpoint::LogSecret,
};
use zeroize::Zeroizing;

/// How the passphrase of a key comes in.
#[derive(Args)]
pub struct Passphrase {
    /// Read the passphrase from the first line of this file instead of asking
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    fn of_file(&self) -> Result<Option<Zeroizing<String>>> {
        let Some(path) = &self.passphrase_file else { return Ok(None) };
        let text = Zeroizing::new(files::read_text(path)?);
        Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
    }

    /// The passphrase of something that is sealed.
    pub fn get(&self, of: &Path) -> Result<Zeroizing<String>> {
        if let Some(passphrase) = self.of_file()? {
            return Ok(passphrase);
        }
        needs_terminal("--passphrase-file FILE")?;
        let prompt = format!("Passphrase of {}", of.display());
        Ok(Zeroizing::new(answered(Password::new().with_prompt(prompt).interact())?))
    }

    /// A new one.
    fn choose(&self, of: &Path) -> Result<Zeroizing<String>> {
        if let Some(passphrase) = self.of_file()? {
            return Ok(passphrase);
        }
        needs_terminal("--passphrase-file FILE")?;
        let prompt = format!(
            "New passphrase of {}, at least {MIN_PASSPHRASE} characters (five words by dice are good)",
            of.display()
        );
        let ask = Password::new()
            .with_prompt(prompt)
            .with_confirmation("Once more", "they differ")
            .interact();
        Ok(Zeroizing::new(answered(ask)?))
    }

    /// Makes a registered secret and seals it in a new file.
    pub fn new_key(&self, path: &Path) -> Result<AuthorSecret> {
        let secret = AuthorSecret::random(&mut OsRng)?;
        self.keep(path, secret)
    }

    /// Makes a log's secret and seals it in a new file.
    pub fn new_log_key(&self, path: &Path) -> Result<LogSecret> {
        let secret = LogSecret::random(&mut OsRng)?;
        self.keep(path, secret)
    }

    fn keep<S: AtRest<Public = ()>>(&self, path: &Path, secret: S) -> Result<S> {
        let passphrase = self.choose(path)?;
        files::write_new_secret(path, &secret.seal(&(), &passphrase, &mut OsRng)?)?;
        Ok(secret)
    }

    /// The secret of this kind in a file, and its passphrase.
    pub fn key<S: AtRest<Public = ()>>(&self, path: &Path) -> Result<(S, Zeroizing<String>)> {
        let sealed = files::read(path)?;
        let passphrase = self.get(path)?;
        let secret = S::unseal(&(), &sealed, &passphrase)
            .map_err(|error| Failure::unreadable(format!("{}: {error}", path.display())))?;
        Ok((secret, passphrase))
    }
}

/// The number of one of these ways, from 0.
pub fn choose(question: &str, ways: &[&str], instead: &str) -> Result<usize> {
    needs_terminal(instead)?;
    answered(Select::new().with_prompt(question).items(ways).default(0).interact())
}

fn answered<T>(answer: dialoguer::Result<T>) -> Result<T> {
    answer.map_err(|dialoguer::Error::IO(error)| match error.kind() {
        ErrorKind::Interrupted => interrupt::wait(),
        _ => Failure::unreadable(error),
    })
}

fn needs_terminal(instead: &str) -> Result<()> {
    match stdin().is_terminal() {
        true => Ok(()),
        false => Err(Failure::unreadable(format!(
            "there is no terminal to ask a question; add {instead}"
        ))),
    }
}

/// Whether to go on. `agreed` if an option, whose name this is, says so.
pub fn confirm(question: &str, agreed: bool, option: &str) -> Result<()> {
    if agreed {
        return Ok(());
    }
    needs_terminal(option)?;
    match answered(Confirm::new().with_prompt(question).default(false).interact())? {
        true => Ok(()),
        false => Err(Failure::refused("nothing was done")),
    }
}

/// A line of text, which may be empty.
pub fn line(question: &str, option: &str) -> Result<String> {
    needs_terminal(option)?;
    answered(Input::new().with_prompt(question).allow_empty(true).interact_text())
}

/// A secret that is typed.
pub fn secret(question: &str, option: &str) -> Result<Zeroizing<String>> {
    needs_terminal(option)?;
    Ok(Zeroizing::new(answered(Password::new().with_prompt(question).interact())?))
}
