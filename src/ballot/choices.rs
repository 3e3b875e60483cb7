//! A voter's choices in plain, and the rules that they break.

use crate::{
    error::ProveError,
    manifest::{Broken, Contest, Manifest, rules},
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;
use curve25519_dalek::Scalar;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What a voter wants, by the ids of contests and the names of options.
///
/// A contest that is not mentioned gets no vote and no blank.
#[derive(Clone, Default)]
pub struct Choices(BTreeMap<String, Marks>);

#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
struct Marks {
    blank: bool,
    votes: Vec<(String, u32)>,
}

impl Choices {
    /// No choice yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives one vote to an option.
    #[must_use]
    pub fn pick(self, contest: &str, option: &str) -> Self {
        self.score(contest, option, 1)
    }

    /// Gives that many votes to an option.
    #[must_use]
    pub fn score(mut self, contest: &str, option: &str, votes: u32) -> Self {
        self.0.entry(contest.into()).or_default().votes.push((option.into(), votes));
        self
    }

    /// Leaves a contest blank on purpose.
    #[must_use]
    pub fn blank(mut self, contest: &str) -> Self {
        self.0.entry(contest.into()).or_default().blank = true;
        self
    }

    /// The votes for an option, or 1 for `None` if the contest is marked as blank.
    pub(super) fn votes(&self, contest: &str, option: Option<&str>) -> u32 {
        let marks = self.marks().filter(|(c, o, _)| (*c, *o) == (contest, option));
        marks.fold(0, |sum, (_, _, votes)| sum.saturating_add(votes))
    }

    /// All marks: contest, option or `None` for blank, and votes.
    pub(super) fn marks(&self) -> impl Iterator<Item = (&str, Option<&str>, u32)> {
        self.0.iter().flat_map(|(contest, marks)| {
            let blank = (contest.as_str(), None, u32::from(marks.blank));
            let votes = marks.votes.iter();
            votes
                .map(|(option, votes)| (contest.as_str(), Some(option.as_str()), *votes))
                .chain([blank])
        })
    }

    /// Values and bits for all contests of a ballot style, in the order of its slots and of its constraints.
    pub(super) fn for_style(&self, manifest: &Manifest, style: usize) -> Result<Plain, RuleError> {
        let contests =
            manifest.styles().get(style).map(|s| s.contests.as_slice()).unwrap_or_default();
        let contests = || contests.iter().filter_map(|c| manifest.contests().get(*c));
        if let Some(id) = self.0.keys().find(|id| contests().all(|c| c.id != **id)) {
            return Err(RuleError::UnknownContest { contest: id.clone() });
        }
        let none = Marks::default();
        // No growing: a reallocation would leave a copy behind.
        let bits = contests().map(|c| rules::bit_count(&c.rule, c.options.len())).sum();
        let mut plain = Plain {
            values: Zeroizing::new(Vec::with_capacity(contests().map(Contest::slots).sum())),
            bits: Zeroizing::new(Vec::with_capacity(bits)),
        };
        for contest in contests() {
            let id = || contest.id.clone();
            let marks = self.0.get(&contest.id).unwrap_or(&none);
            let mut values = Zeroizing::new(alloc::vec![0u32; contest.options.len()]);
            for (option, votes) in &marks.votes {
                let place = contest.options.iter().position(|o| o == option);
                let value = place.and_then(|place| values.get_mut(place));
                let value = value.ok_or_else(|| {
                    let (contest, option) = (id(), option.clone());
                    RuleError::UnknownOption { contest, option }
                })?;
                *value = value.saturating_add(*votes);
            }

            let bits = contest
                .bits(&values, marks.blank)
                .map_err(|broken| RuleError::Broken { contest: id(), broken })?;
            plain.bits.extend(bits.iter().map(|bit| Scalar::from(*bit)));
            plain.values.extend(values.iter().map(|value| Scalar::from(*value)));
            if contest.rule.blank {
                plain.values.push(Scalar::from(u8::from(marks.blank)));
            }
        }
        Ok(plain)
    }
}

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choices(..)")
    }
}

/// The plain content of a ballot.
pub(super) struct Plain {
    /// One for each slot.
    pub(super) values: Zeroizing<Vec<Scalar>>,
    /// One for each bit of the constraints.
    pub(super) bits: Zeroizing<Vec<Scalar>>,
}

/// Choices that no valid ballot of this style can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleError {
    /// The manifest has no such ballot style.
    UnknownStyle {
        /// The style asked for.
        found: u16,
    },
    /// The contest does not exist or is not on this ballot style.
    UnknownContest {
        /// Its id.
        contest: String,
    },
    /// The contest has no such option.
    UnknownOption {
        /// The contest's id.
        contest: String,
        /// The option.
        option: String,
    },
    /// The contest's rule is broken.
    Broken {
        /// The contest's id.
        contest: String,
        /// How.
        broken: Broken,
    },
    /// The choices are fine, but the proof could not be made.
    Proof(ProveError),
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStyle { found } => write!(f, "the manifest has no ballot style {found}"),
            Self::UnknownContest { contest } => {
                write!(f, "contest '{contest}' is not on this ballot style")
            }
            Self::UnknownOption { contest, option } => {
                write!(f, "contest '{contest}' has no option '{option}'")
            }
            Self::Broken { contest, broken } => write!(f, "contest '{contest}': {broken}"),
            Self::Proof(error) => write!(f, "the proof could not be made: {error}"),
        }
    }
}

impl core::error::Error for RuleError {}
