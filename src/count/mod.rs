//! Counting methods: how the elected follow from opened rankings, names written in, or totals.
//!
//! Everybody counts, and everybody must come to the same result. So a count is a pure function of what was opened and of its rules:
//! its numbers are integers, exact fractions, or decimal numbers in fixed point, rounded as is said before the vote, and ties are
//! broken by a rule; a lot is a hash that everybody can compute ([`lot_key`]). The definitions stand in `docs/spec/counting.md`.
//!
//! Rankings and names come out of a mix one by one. They are a [`Profile`], and [`count()`](count()) counts it as a [`Counting`]
//! says. The order in which the ballots come does not matter.
//!
//! Totals are all that a homomorphic tally opens. They are counted by [`count_votes`] (seats, shares that are needed, caps),
//! [`Question::answer`], [`count_lists`] (seats in proportion), [`count_pairs`] (Schulze and Borda), [`count_star`] and
//! [`count_grades`] (majority judgment).
//!
//! ```
//! use tabella::count::{Counting, Method, Profile, Ranking, TieBreak, count};
//!
//! let mut profile = Profile::new(3);
//! for (times, order) in [(42, [0, 1, 2]), (26, [1, 2, 0]), (32, [2, 1, 0])] {
//!     profile.add(Ranking::strict(3, &order)?, times)?;
//! }
//! let runoff = Counting { method: Method::InstantRunoff, seats: 1, tie_break: TieBreak::Backwards };
//! let count = count(&profile, &runoff)?;
//! assert_eq!(count.elected, [2]);
//! println!("{}", count.named(&["Ada", "Ben", "Cleo"]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod apportion;
mod by_method;
mod candidates;
mod decimal;
mod fill;
mod formula;
mod fraction;
mod grades;
mod lists;
mod lot;
mod method;
mod pairs;
mod piles;
mod question;
mod ranking;
mod result;
mod round;
mod rounds;
mod schulze;
mod scores;
mod seats;
mod star;
#[cfg(test)]
mod tests;
mod ties;

pub use crate::text::normalise;
pub use apportion::{Apportionment, Party, Pass, PassShare, Quotient, Shares};
pub use by_method::{count, count_with_lots};
pub use candidates::Candidates;
pub use decimal::Decimal;
pub use fill::{Terms, Winners};
pub use formula::{Formula, Unfilled};
pub use fraction::{AtLeast, Fraction, MoreThan};
pub use grades::{GradesCount, count_grades};
pub use lists::{Lists, ListsCount, Names, count_lists};
pub use lot::{LotKey, lot_key};
pub use method::{Counting, CountingError, MAX_PLACES, Method, Quota, TieBreak};
pub use pairs::count_pairs;
pub use question::{Answer, Question};
pub use ranking::{Profile, Ranking, RankingError, merge};
pub use result::{Count, Judgment, Named, Workings};
pub use round::{CountRound, Decided, StarRound, Step, Tie};
pub use seats::{Cap, VotesCount, count_votes};
pub use star::{Scores, StarCount, count_star};
