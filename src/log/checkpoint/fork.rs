//! Proof that a log showed two boards.

use crate::log::checkpoint::{
    LogKey, NoteError, NoteErrorKind, SignatureError, SignedCheckpoint, note::Lines,
};
use core::{fmt, str::FromStr};

/// Two checkpoints of one log and one size with different roots. If the log's key signed both, that is a proof that it
/// showed two boards, which convinces anybody and needs neither of the two.
///
/// Checkpoints of different sizes contradict each other, too, if the smaller board is not the beginning of the larger
/// one. Then there is no [`Consistency`](crate::log::merkle::Consistency) proof, but that there is none cannot be
/// shown with two roots alone: who has the larger board compares its root at the smaller size, and with
/// that it has, for all who read the board, a fork.
///
/// As text it is the two signed checkpoints with an empty line between them, the one with the smaller root first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    lower: SignedCheckpoint,
    upper: SignedCheckpoint,
}

impl Fork {
    /// The fork that these two show, if the log's signatures are good; `None` if both can be true.
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
