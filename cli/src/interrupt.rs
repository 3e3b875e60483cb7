//! Ctrl-C, and being asked to end: the program ends at once, but never while it writes a file.

use crate::failure::{Failure, Result};
use dialoguer::console::Term;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
};

/// What a shell expects of a program that was interrupted.
const INTERRUPTED: i32 = 130;

static WRITING: Mutex<()> = Mutex::new(());

/// From here on an interrupt waits for files that are being written.
pub fn listen() -> Result<()> {
    let restore = terminal();
    ctrlc::set_handler(move || {
        let _written = writing();
        restore();
        std::process::exit(INTERRUPTED);
    })
    .map_err(Failure::unreadable)
}

/// Gives back the terminal as it is now, from which a question may hide cursor and letters.
fn terminal() -> impl Fn() + Send + 'static {
    #[cfg(unix)]
    let before = rustix::termios::tcgetattr(std::io::stdin()).ok();
    move || {
        _ = Term::stderr().show_cursor();
        #[cfg(unix)]
        if let Some(before) = &before {
            let now = rustix::termios::OptionalActions::Now;
            _ = rustix::termios::tcsetattr(std::io::stdin(), now, before);
        }
    }
}

/// While this is held an interrupt waits.
pub fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A question was interrupted: the program is about to end.
pub fn wait() -> ! {
    loop {
        thread::park();
    }
}
