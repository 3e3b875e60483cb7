//! A bar for whatever takes more than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// How long something may take before a bar is drawn.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far something is. It is drawn on a terminal alone.
pub struct Progress {
    began: Instant,
    bar: ProgressBar,
}

impl Progress {
    /// Something of so many parts, which is called so.
    pub fn new(what: &'static str, parts: u64) -> Self {
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %, {eta} left");
        let bar = ProgressBar::with_draw_target(Some(parts), ProgressDrawTarget::hidden());
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { began: Instant::now(), bar: bar.with_message(what) }
    }

    /// Something of which nobody knows how far it is.
    pub fn waiting(what: &'static str) -> Self {
        let style = ProgressStyle::with_template("{msg} {spinner} {elapsed}");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        // It is drawn with the first tick.
        bar.enable_steady_tick(PATIENCE);
        Self { began: Instant::now(), bar: bar.with_message(what) }
    }

    /// So many parts are done.
    pub fn at(&self, done: u64) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }
}

/// Nothing of the bar stays.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
