//! Counting methods for contests whose ballots are opened one by one: rankings and names written in.
//!
//! A sum of encrypted votes is all that a homomorphic tally opens, and for a choice of options it is enough. Rankings
//! and names come out of a mix instead, in the clear, and then everybody counts them. So that everybody comes to the
//! same result, a count is a pure function of the [`Profile`] and the [`Counting`]: its numbers are integers or decimal
//! numbers in fixed point, rounded as is said before the vote, nothing is drawn by lot, and ties are broken by a rule. The
//! order in which the ballots come does not matter. The definitions stand in `docs/spec/counting.md`.
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
mod rounds;
mod schulze;
mod scores;
mod seats;
mod star;
#[cfg(test)]
mod tests;
mod ties;

pub use crate::text::normalise;
pub use apportion::{Apportionment, Formula, Party, Pass, PassShare, Quotient, Shares, Unfilled};
pub use by_method::{count, count_with_lots};
pub use candidates::Candidates;
pub use decimal::Decimal;
pub use fill::{Terms, Winners};
pub use fraction::{AtLeast, Fraction, MoreThan};
pub use grades::{GradesCount, Judgment, count_grades};
pub use lists::{Lists, ListsCount, Names, count_lists};
pub use lot::{LotKey, lot_key};
pub use method::{Counting, CountingError, MAX_PLACES, Method, Quota, TieBreak};
pub use pairs::count_pairs;
pub use question::{Answer, Question};
pub use ranking::{Profile, Ranking, RankingError, merge};
pub use result::{Count, CountRound, Decided, Named, Step, Tie, Workings};
pub use seats::{Cap, VotesCount, count_votes};
pub use star::{Scores, StarCount, StarRound, count_star};
