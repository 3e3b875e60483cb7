//! What the program says: results on the standard output, everything else on the standard error.
//!
//! A reader who closes the pipe has read enough: that is no error, and ends nothing half-way. A result that cannot be written, as
//! on a full disk, is one.

use crate::failure::{Failure, Result};
use std::{
    fmt::Arguments,
    io::{self, ErrorKind, IsTerminal, Write},
};

/// Prints a line of the result.
macro_rules! say {
    ($($part:tt)*) => { $crate::out::result(format_args!("{}\n", format_args!($($part)*))) };
}

/// Tells whoever sits at the terminal.
macro_rules! tell {
    ($($part:tt)*) => { $crate::out::aside(format_args!($($part)*)) };
}

pub(crate) use {say, tell};

/// Prints a part of the result.
pub fn result(text: Arguments<'_>) -> Result<()> {
    written(io::stdout().lock().write_fmt(text))
}

/// What became of writing to the standard output.
pub fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::unreadable(format!("the standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a line beside the result, which a terminal breaks between words. Nobody is left to hear of it if it cannot be written.
pub fn aside(text: Arguments<'_>) {
    let mut out = io::stderr().lock();
    let text = text.to_string();
    _ = match out.is_terminal() {
        true => text.lines().try_for_each(|line| writeln!(out, "{}", broken(line))),
        false => writeln!(out, "{text}"),
    };
}

/// A line that is broken where the terminal ends, with its indentation. Keys and hashes stay whole, to be copied.
fn broken(line: &str) -> String {
    let (width, words) = (textwrap::termwidth(), line.trim_start());
    let indent = " ".repeat(line.len() - words.len());
    if words.split(' ').any(|word| indent.len() + word.len() > width) {
        return line.into();
    }
    let options = textwrap::Options::new(width).initial_indent(&indent).subsequent_indent(&indent);
    textwrap::fill(words, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
}
