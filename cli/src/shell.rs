//! Completions for shells, and pages for `man`, from the definitions of the commands.

use crate::{
    failure::{Failure, Result},
    files::at,
    out,
};
use clap::{Args, Command};
use clap_complete::{Shell, generate};
use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
};

/// Which shell.
#[derive(Args)]
#[command(
    after_help = "Example:\n  tabella completions bash > ~/.local/share/bash-completion/completions/tabella"
)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Where the pages go.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella man ~/.local/share/man/man1")]
pub struct Man {
    /// The folder, which is made if it is not there
    folder: PathBuf,
}

/// Prints what a shell needs to complete commands.
pub fn completions(Completions { shell }: &Completions, mut command: Command) -> Result<()> {
    let mut text = Vec::new();
    generate(*shell, &mut command, "tabella", &mut text);
    out::written(io::stdout().lock().write_all(&text))
}

/// Writes a page for each command.
pub fn man(Man { folder }: &Man, command: Command) -> Result<()> {
    at(folder, fs::create_dir_all(folder))?;
    clap_mangen::generate_to(command, folder)
        .map_err(|error| Failure::unreadable(format!("{}: {error}", folder.display())))
}
