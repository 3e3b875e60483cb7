//! Errors of the crate as the package's exceptions.

use pyo3::{PyErr, import_exception};
use std::fmt::Display;
use tabella::manifest;

import_exception!(tabella._errors, Error);
import_exception!(tabella._errors, ManifestError);
import_exception!(tabella._errors, Refused);
import_exception!(tabella._errors, Unreadable);

/// It was verified, and is wrong; or the board's rules refuse it.
pub fn refused(reason: impl Display) -> PyErr {
    Refused::new_err(reason.to_string())
}

/// It cannot be read as what it should be.
pub fn unreadable(reason: impl Display) -> PyErr {
    Unreadable::new_err(reason.to_string())
}

/// Neither of these.
pub fn other(reason: impl Display) -> PyErr {
    Error::new_err(reason.to_string())
}

/// All mistakes of a manifest.
pub fn mistaken(error: &manifest::ManifestError) -> PyErr {
    let mistakes = error.mistakes().map(|m| (m.path.clone(), m.value.clone(), m.expected.clone()));
    ManifestError::new_err((error.to_string(), mistakes.collect::<Vec<_>>()))
}

/// Reads text that is an argument of this name.
pub fn parse<T: std::str::FromStr<Err: Display>>(name: &str, text: &str) -> Result<T, PyErr> {
    text.trim().parse().map_err(|error| unreadable(format_args!("{name}: {error}")))
}
