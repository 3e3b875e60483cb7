//! How far an election has come.

use core::fmt;

/// How far an election has come; each phase waits for other kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing is on the board; the manifest comes first.
    Empty,
    /// The trustees commit to their deals.
    Committing,
    /// The trustees deal.
    Dealing,
    /// The trustees complain of bad shares.
    Complaining,
    /// The trustees confirm the ceremony.
    Confirming,
    /// The roll is to come.
    Enrolling,
    /// Ballots are cast, until the operator freezes voting.
    Voting,
    /// Voting is frozen, and the trustees sign that it ends here.
    Frozen,
    /// Voting is closed; the tally is to come.
    Closed,
    /// The trustees mix rankings and write-ins.
    Mixing,
    /// The trustees open; then comes the result.
    Opening,
    /// The result is in; nothing follows.
    Finished,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "before the manifest",
            Self::Committing => "while trustees commit to their deals",
            Self::Dealing => "while trustees deal",
            Self::Complaining => "while trustees complain of shares",
            Self::Confirming => "while trustees confirm",
            Self::Enrolling => "before the roll",
            Self::Voting => "during voting",
            Self::Frozen => "while voting is frozen",
            Self::Closed => "after the close",
            Self::Mixing => "while trustees mix",
            Self::Opening => "while trustees open",
            Self::Finished => "after the result",
        })
    }
}
