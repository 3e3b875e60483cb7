//! From verified ballots to the sums that are opened, and from opened sums to the outcome.
//!
//! A [`PartialTally`] adds ballots up by contest and district; partial tallies of disjoint sets of ballots merge. At
//! the close it becomes a [`Tally`], whose cells partition the ballots of each contest: every ballot is in exactly
//! one cell, and in no cell but an empty one fewer people cast ballots than the manifest's minimum. Districts below the minimum
//! merge with the ones that follow in the manifest; a contest that is below it as a whole is not opened.
//!
//! Rankings and write-ins are not added up. The rows that hold them are mixed, cell by cell, and then belong to the tally
//! that is opened ([`Tally::with_trusted_rows`]).

mod cascade;
mod casters;
mod cells;
mod combine;
mod outcome;
mod share;
mod sums;
mod turnout;
mod withdrawal;

pub use cascade::{Cascade, Mix, MixError};
pub(crate) use cascade::{MixHeader, mix_transcript};
pub(crate) use casters::Casters;
pub use cells::{CellTally, MixedCell, Opened, Opening, Tally};
pub(crate) use combine::Quorum;
pub use combine::{Combined, combine};
pub use outcome::{
    Account, CellOutcome, Counted, InvalidRow, LeftOut, LookupError, MixedOutcome, OpenedRanking,
    Outcome, OutcomeError, ShareOf,
};
pub use share::{DecryptionShare, VerifiedShare};
pub(crate) use share::{belongs, context};
pub(crate) use sums::Sums;
pub use sums::{OtherElection, PartialTally, TallyError};
pub(crate) use turnout::turnout_difference;
pub use turnout::{Turnout, TurnoutPart};
pub use withdrawal::{Withdrawal, WithdrawalError};
