//! Why the server does not start, or ends.

use std::{
    fmt::{self, Display},
    io,
    path::Path,
};

/// A sentence for the operator.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// With this sentence.
    pub fn new(message: impl Display) -> Self {
        Self(message.to_string())
    }

    /// About this file.
    pub fn of(path: &Path, message: impl Display) -> Self {
        Self(format!("{}: {message}", path.display()))
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Adds the path to an error of the file system.
pub fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, Failure> {
    result.map_err(|error| Failure::of(path, error))
}
