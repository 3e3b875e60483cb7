//! What ends a command, and with which exit code.

use std::{
    error::Error,
    fmt::{self, Display},
    process::ExitCode,
};

/// Why a command ends without its result.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Something is false, or is not allowed.
    pub fn refused(message: impl Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// Something cannot be read, or the command was not understood.
    pub fn unreadable(message: impl Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }
}

/// What the library refuses.
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::refused(error)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The exit code of a command.
pub fn end(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, message }) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}
