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
    written(io::stdout().lock().write_all(escaped(&text.to_string()).as_bytes()))
}

/// The text without what moves a terminal's cursor or turns the order of its letters round: names of files and of signers come from
/// anybody. Escapes are those of JSON, so that JSON stays what it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => escaped.push(c),
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                escaped += &format!("\\u{:04x}", u32::from(c));
            }
            c if c.is_control() => escaped += &format!("\\u{:04x}", u32::from(c)),
            c => escaped.push(c),
        }
    }
    escaped
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
    let text = escaped(&text.to_string());
    _ = match out.is_terminal() {
        true => text.lines().try_for_each(|line| writeln!(out, "{}", broken(line))),
        false => writeln!(out, "{text}"),
    };
}

/// A line that is broken where the terminal ends, with its indentation. Keys and hashes stay whole, to be copied.
fn broken(line: &str) -> String {
    let (width, words) = (textwrap::termwidth(), line.trim_start());
    let indent = " ".repeat(line.len() - words.len());
    let options = textwrap::Options::new(width).initial_indent(&indent).subsequent_indent(&indent);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::fill(words, options.break_words(false))
}
