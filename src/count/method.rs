//! How a contest is counted.

use super::{Formula, Unfilled};
use core::fmt;

/// How the elected follow from rankings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// Each ranking is a vote for its first candidate. Most votes win.
    Plurality,
    /// The lowest is eliminated, one in each round, until somebody has more than half of the votes in play. One seat.
    InstantRunoff,
    /// Single transferable vote: candidates who reach the quota are elected and pass on what they have beyond it, by
    /// the weighted inclusive Gregory method in fixed point.
    Stv {
        /// How many votes elect.
        quota: Quota,
        /// To how many decimal places the weight of a ballot is rounded down when it is passed on: 1 to [`MAX_PLACES`].
        /// Scotland's local elections have 5.
        places: u8,
    },
    /// Schulze's method with winning votes (M. Schulze, Social Choice and Welfare 36, 2011). Several seats go to the
    /// top of its order, which is not proportional: it is the same majority that fills them all.
    Schulze,
    /// Majority judgment of grades: the best median grade wins ([`count_grades`](super::count_grades)).
    MajorityJudgment,
    /// STAR, score then automatic runoff ([`count_star`](super::count_star)).
    Star,
    /// Seats for lists in proportion to their votes ([`count_lists`](super::count_lists)).
    Lists {
        /// How seats follow from votes.
        formula: Formula,
        /// What becomes of seats for which a list has no more names.
        unfilled: Unfilled,
    },
    /// Points for places, by Borda: `n − 1` for the first of `n` candidates, one less for each further place.
    Borda,
}

impl Method {
    /// Whether rankings may put several candidates on one place. They may for Schulze and Borda.
    pub(crate) fn allows_ties(self) -> bool {
        !matches!(self, Self::Plurality | Self::InstantRunoff | Self::Stv { .. })
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plurality => "plurality",
            Self::InstantRunoff => "instant-runoff",
            Self::Stv { .. } => "stv",
            Self::Schulze => "schulze",
            Self::MajorityJudgment => "majority-judgment",
            Self::Star => "star",
            Self::Lists { .. } => "lists",
            Self::Borda => "borda",
        })
    }
}

/// The most decimal places of the weight of a ballot, and those that a manifest in JSON has unless it says otherwise.
///
/// With these the product of a ballot's weight and a surplus fits 128 bits, however many ballots there are.
pub const MAX_PLACES: u8 = 9;

/// How many of `V` votes elect a candidate where `s` seats are to be filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quota {
    /// `⌊V/(s+1)⌋ + 1`: the smallest integer that only `s` candidates can reach.
    Droop,
    /// `V/s`, rounded up to the decimal places of the count.
    Hare,
}

/// Which of several candidates with equally many votes is ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TieBreak {
    /// The one with the lower number, who was named earlier in the manifest.
    Order,
    /// The one who had more votes in the latest earlier round in which they differ; if there is none, as
    /// [`TieBreak::Order`]. Methods without rounds have no earlier round.
    Backwards,
    /// The one with the smaller [lot](super::lot_key).
    Lot,
    /// Nobody: a seat that equals would have to share stays open. Not for methods by rounds, where a tie is also about who is
    /// eliminated.
    Open,
}

/// How a contest is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counting {
    /// The method.
    pub method: Method,
    /// How many candidates are to be elected.
    pub seats: u16,
    /// How ties are broken.
    pub tie_break: TieBreak,
}

/// Why there is no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CountingError {
    /// No seats, or more than there are candidates.
    Seats {
        /// The number of seats.
        found: u16,
        /// The number of candidates.
        candidates: usize,
    },
    /// Several seats for a method that fills one.
    OneSeat {
        /// The number of seats.
        found: u16,
    },
    /// No decimal places for the weights of ballots, or too many.
    Places {
        /// How many.
        found: u8,
    },
    /// A ranking puts several candidates on one place, and the method needs them in order.
    Tied {
        /// The first two of them.
        candidates: [usize; 2],
    },
    /// Ties are to stay open, and the method goes by rounds.
    OpenRounds,
    /// Ties are broken by lot, and not every candidate has one.
    Lots {
        /// How many lots there are.
        found: usize,
        /// How many are needed.
        candidates: usize,
    },
    /// A number of a candidate or list that there is not, or that stands where each may stand once.
    Number {
        /// The number.
        found: usize,
    },
    /// Not as many numbers as there are candidates, lists or grades.
    Length {
        /// How many numbers.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// More preferences than votes between two candidates, or not as many grades for one as for the first.
    Totals {
        /// The candidate whose totals do not fit.
        candidate: usize,
    },
    /// A fraction that is not from 0 to 1.
    Fraction {
        /// What is above the line.
        numerator: u64,
        /// What is below it.
        denominator: u64,
    },
    /// The totals of pairs do not say what this method needs.
    NotByPairs,
    /// The method does not count rankings.
    NotByRankings,
}

impl fmt::Display for CountingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seats { found, candidates } => {
                write!(
                    f,
                    "{found} seats for {candidates} candidates; 1 to {candidates} can be filled"
                )
            }
            Self::OneSeat { found } => write!(f, "{found} seats, but an instant runoff fills one"),
            Self::Places { found } => write!(
                f,
                "{found} decimal places for the weight of a ballot, but there are 1 to {MAX_PLACES}"
            ),
            Self::Tied { candidates: [a, b] } => write!(
                f,
                "a ranking puts candidates {a} and {b} on one place; this method needs them in order"
            ),
            Self::OpenRounds => f.write_str(
                "ties in the rounds of a count cannot stay open; they need an order or a lot",
            ),
            Self::Lots { found, candidates } => {
                write!(f, "{found} lots, but each of {candidates} candidates needs one")
            }
            Self::Number { found } => write!(f, "number {found} does not exist, or stands twice"),
            Self::Length { found, expected } => write!(f, "{found} numbers, not {expected}"),
            Self::Totals { candidate } => {
                write!(f, "the totals of candidate {candidate} do not fit those of the others")
            }
            Self::Fraction { numerator, denominator } => {
                write!(f, "{numerator}/{denominator}, which is not from 0 to 1")
            }
            Self::NotByRankings => {
                f.write_str("majority judgment, STAR and lists do not count rankings")
            }
            Self::NotByPairs => f.write_str("pairs can be counted by Schulze and by Borda only"),
        }
    }
}

impl core::error::Error for CountingError {}

impl Counting {
    /// Checks that this many candidates can be counted so.
    pub(crate) fn check(&self, candidates: usize) -> Result<(), CountingError> {
        let Self { method, seats: found, tie_break } = *self;
        if found == 0 || usize::from(found) > candidates {
            return Err(CountingError::Seats { found, candidates });
        }
        if method == Method::InstantRunoff && found > 1 {
            return Err(CountingError::OneSeat { found });
        }
        if let Method::Stv { quota: _, places: found } = method
            && !(1..=MAX_PLACES).contains(&found)
        {
            return Err(CountingError::Places { found });
        }
        let rounds = matches!(method, Method::InstantRunoff | Method::Stv { .. });
        if rounds && tie_break == TieBreak::Open {
            return Err(CountingError::OpenRounds);
        }
        Ok(())
    }
}
