//! Proof that a log showed two boards.

use crate::log::checkpoint::{
    LogKey, NoteError, NoteErrorKind, SignatureError, SignedCheckpoint, note::Lines,
};
use core::{fmt, str::FromStr};

/// Two checkpoints of one log with the same size and different roots. If the log's key signed both, they prove that it showed
/// two boards. Anybody can check this without either board.
///
/// Checkpoints of different sizes contradict each other, too, if the smaller board is not the beginning of the larger one.
/// Then no [`Consistency`](crate::log::merkle::Consistency) proof exists, which two roots alone cannot show. Whoever has the
/// larger board computes its root at the smaller size; for all who can read the board, this root completes a fork.
///
/// As text it is the two signed checkpoints, the one with the smaller root first, with an empty line between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    lower: SignedCheckpoint,
    upper: SignedCheckpoint,
}

impl Fork {
    /// The fork that these two show if the log's signatures are valid; `None` if they do not contradict each other.
    pub fn find(a: &SignedCheckpoint, b: &SignedCheckpoint) -> Option<Self> {
        let root = |signed: &SignedCheckpoint| *signed.checkpoint().root().as_bytes();
        let (lower, upper) = if root(a) <= root(b) { (a, b) } else { (b, a) };
        let same = lower.checkpoint().origin() == upper.checkpoint().origin()
            && lower.checkpoint().size() == upper.checkpoint().size();
        (same && root(a) != root(b)).then(|| Self { lower: lower.clone(), upper: upper.clone() })
    }

    /// The two checkpoints.
    pub fn checkpoints(&self) -> [&SignedCheckpoint; 2] {
        [&self.lower, &self.upper]
    }

    /// Checks that the log with this origin and this key signed both.
    ///
    /// # Errors
    ///
    /// As for [`SignedCheckpoint::verify`].
    pub fn verify(&self, origin: &str, key: &LogKey) -> Result<(), SignatureError> {
        self.lower.verify(origin, key)?;
        self.upper.verify(origin, key)?;
        Ok(())
    }
}

impl fmt::Display for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.lower, self.upper)
    }
}

impl FromStr for Fork {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut lines = Lines::new(text)?;
        let lower = SignedCheckpoint::read(&mut lines)?;
        lines.blank()?;
        let error = lines.error(NoteErrorKind::NoFork);
        let upper = SignedCheckpoint::read(&mut lines)?;
        lines.finish()?;
        Self::find(&lower, &upper).filter(|fork| fork.lower == lower).ok_or(error)
    }
}
