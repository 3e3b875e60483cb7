//! How far a record is opened.

use core::ops::ControlFlow;

/// What is done when a record is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Its entries are read and hashed, to find where the last whole object ends.
    Reading,
    /// Its objects are judged by the rules of the board, and their proofs verified.
    Judging,
}

/// How far a record is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How many entries it is done with.
    pub done: u64,
    /// How many there are.
    pub of: u64,
}

/// Is told how far it is, and says whether to go on.
pub(super) type Tell<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// It is told every so many entries.
pub(super) const EVERY: u64 = 4096;
