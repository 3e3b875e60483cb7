//! Ctrl-C: the program ends at once, but never while it writes a file.

use crate::failure::{Failure, Result};
use dialoguer::console::Term;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: i32 = 130;

static WRITING: Mutex<()> = Mutex::new(());

/// From here on an interrupt waits for files that are being written.
pub fn listen() -> Result<()> {
    ctrlc::set_handler(|| {
        let _written = writing();
        // A question may have hidden it.
        _ = Term::stderr().show_cursor();
        std::process::exit(INTERRUPTED);
    })
    .map_err(Failure::unreadable)
}

/// While this is held an interrupt waits.
pub fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}
