//! Steps of loops that must stay linear, counted in tests and nowhere else.

#[cfg(test)]
extern crate std;

#[cfg(test)]
std::thread_local! {
    static STEPS: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// Counts one step of this thread.
#[inline]
pub(crate) fn step() {
    #[cfg(test)]
    STEPS.with(|steps| steps.set(steps.get() + 1));
}

/// Part of what must not be copied again and again: each copy is a step.
#[derive(Debug)]
pub(crate) struct Copied;

impl Clone for Copied {
    fn clone(&self) -> Self {
        step();
        Self
    }
}

/// How many steps this takes.
#[cfg(test)]
pub(crate) fn steps<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = STEPS.with(core::cell::Cell::get);
    let done = work();
    (STEPS.with(core::cell::Cell::get) - before, done)
}
