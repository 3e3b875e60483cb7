//! Options that were withdrawn while voting was open.

use crate::{
    codec::{Decode, DecodeError, Encode, Reader, put_count, put_text},
    contest::Contest,
    count::{Counting, Method},
    manifest::Manifest,
    mistake::{MAX_TITLE, ManifestError, check_text},
};
use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::fmt;

/// An option that was withdrawn while voting was open: it cannot be elected. Ballots stay as they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Withdrawal {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The option's place in the contest.
    pub option: usize,
    /// Why, for people: 1 to 1,000 bytes.
    pub reason: String,
}

/// Why an option is not withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WithdrawalError {
    /// There is no contest with this id.
    UnknownContest {
        /// The id.
        contest: String,
    },
    /// The contest has no option with this name.
    UnknownOption {
        /// The contest's id.
        contest: String,
        /// The name.
        option: String,
    },
    /// There is no contest at this place.
    Contest {
        /// Its place.
        found: usize,
        /// How many there are.
        contests: usize,
    },
    /// The contest has no option at this place.
    Option {
        /// Its place.
        found: usize,
        /// How many there are.
        options: usize,
    },
    /// The contest is a question, which passes or not, or decides between two.
    Question {
        /// The contest's id.
        contest: String,
    },
    /// The option was withdrawn before.
    Twice {
        /// The option's name.
        option: String,
    },
    /// Too few would be left who can be elected, or nothing to choose.
    TooFew {
        /// How many would be left.
        left: usize,
        /// How many are needed: as many as there are seats.
        needed: usize,
    },
    /// The reason is not text that people can read.
    Reason(ManifestError),
}

impl fmt::Display for WithdrawalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownContest { contest } => write!(f, "there is no contest '{contest}'"),
            Self::UnknownOption { contest, option } => {
                write!(f, "contest '{contest}' has no option '{option}'")
            }
            Self::Contest { found, contests } => {
                write!(f, "contest {found}, but there are {contests}, from 0")
            }
            Self::Option { found, options } => {
                write!(f, "option {found}, but the contest has {options}, from 0")
            }
            Self::Question { contest } => {
                write!(f, "contest '{contest}' is a question, which passes or not")
            }
            Self::Twice { option } => write!(f, "'{option}' was withdrawn before"),
            Self::TooFew { left, needed } => {
                write!(f, "{left} would be left to elect, but {needed} are needed")
            }
            Self::Reason(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WithdrawalError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Reason(error) => Some(error),
            _ => None,
        }
    }
}

impl Withdrawal {
    /// That of an option by its name, in the contest with this id.
    ///
    /// # Errors
    ///
    /// `UnknownContest` and `UnknownOption`. Whether the option can be withdrawn, the board says.
    pub fn new(
        manifest: &Manifest,
        contest: &str,
        option: &str,
        reason: &str,
    ) -> Result<Self, WithdrawalError> {
        let unknown = || WithdrawalError::UnknownContest { contest: contest.into() };
        let place = manifest.contest(contest).ok_or_else(unknown)?;
        let unknown =
            || WithdrawalError::UnknownOption { contest: contest.into(), option: option.into() };
        let held = manifest.contests().get(place);
        let option = held.and_then(|held| held.option(option)).ok_or_else(unknown)?;
        Ok(Self { contest: place, option, reason: reason.into() })
    }

    /// The contest, and the option as it is shown, if the manifest has them.
    pub(crate) fn names<'m>(&self, manifest: &'m Manifest) -> Option<(&'m Contest, String)> {
        let contest = manifest.contests().get(self.contest)?;
        Some((contest, contest.options.get(self.option)?.shown()))
    }

    /// Whether the option can be withdrawn after these were.
    pub(crate) fn check(
        &self,
        manifest: &Manifest,
        before: &[Self],
    ) -> Result<(), WithdrawalError> {
        let Self { contest: place, option, reason } = self;
        let contests = manifest.contests().len();
        let unknown = WithdrawalError::Contest { found: *place, contests };
        let contest = manifest.contests().get(*place).ok_or(unknown)?;
        let options = contest.options.len();
        let Some((_, name)) = self.names(manifest) else {
            return Err(WithdrawalError::Option { found: *option, options });
        };
        if contest.pass.is_some() || !contest.if_both.is_empty() {
            return Err(WithdrawalError::Question { contest: contest.id.clone() });
        }
        let mut withdrawn = options_of(before, *place);
        if !withdrawn.insert(*option) {
            return Err(WithdrawalError::Twice { option: name });
        }
        let left = contest.electable(&withdrawn);
        // A list may have fewer names than there are seats.
        let needed = match contest.counting {
            Some(Counting { method: Method::Lists { .. }, .. }) | None => 1,
            Some(counting) => usize::from(counting.seats),
        };
        if left < needed {
            return Err(WithdrawalError::TooFew { left, needed });
        }
        check_text("reason", reason, MAX_TITLE).map_err(WithdrawalError::Reason)
    }
}

/// The places of the options that were withdrawn in a contest.
pub(super) fn options_of(withdrawn: &[Withdrawal], contest: usize) -> BTreeSet<usize> {
    let of_contest = withdrawn.iter().filter(|withdrawal| withdrawal.contest == contest);
    of_contest.map(|withdrawal| withdrawal.option).collect()
}

impl Encode for Withdrawal {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { contest, option, reason } = self;
        put_count(out, *contest);
        put_count(out, *option);
        put_text(out, reason);
    }
}

impl Decode for Withdrawal {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            contest: reader.field("contest").u32()? as usize,
            option: reader.field("option").u32()? as usize,
            reason: reader.field("reason").text(MAX_TITLE)?,
        })
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { hex: Withdrawal, "a withdrawal"; }
