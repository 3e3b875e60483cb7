//! What ends a command, and with which exit code.

use crate::out::tell;
use std::{
    error::Error,
    fmt::{self, Display},
    process::ExitCode,
};

/// Why a command ends without its result.
#[derive(Clone, Debug)]
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
    end_with(result.map(|()| 0))
}

/// The exit code of a command that has more than one.
pub fn end_with(result: Result<u8>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(Failure { code, message }) => {
            tell!("{message}");
            ExitCode::from(code)
        }
    }
}
