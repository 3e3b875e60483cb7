//! Why choices are refused.

use super::marks::Quoted;
use crate::{
    contest::{Broken, given::Given},
    crypto::{ProveError, message::MessageError},
    manifest::Manifest,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// Why choices do not make a valid ballot of this style.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleError {
    /// The manifest has no such ballot style.
    UnknownStyle {
        /// The style asked for.
        found: u16,
        /// How many there are, numbered from 0.
        styles: usize,
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
    /// The contest has no such mark.
    UnknownMark {
        /// The contest's id.
        contest: String,
        /// The mark.
        mark: String,
        /// The ids of the marks that it has.
        marks: Vec<String>,
    },
    /// The contest has no such grade.
    UnknownGrade {
        /// The contest's id.
        contest: String,
        /// The grade.
        grade: String,
        /// The grades that it has, the worst first; none if options are not graded.
        grades: Vec<String>,
    },
    /// The contest splits the voter's weight, which the choices do not say.
    NoWeight {
        /// The contest's id.
        contest: String,
    },
    /// A limit over several contests is broken.
    JointLimit {
        /// The limit's number in the ballot style.
        limit: usize,
        /// What the votes cost.
        found: u64,
        /// The most that is allowed.
        max: u64,
    },
    /// The contest's rule is broken.
    Broken {
        /// The contest's id.
        contest: String,
        /// The rule.
        broken: Broken,
    },
    /// A mark of a kind that the contest does not take, such as a rank where votes are given.
    WrongMark {
        /// The contest's id.
        contest: String,
        /// The option or the name written in.
        name: String,
        /// What it should get.
        given: Given,
        /// What the contest takes, and how to give it.
        takes: &'static str,
    },
    /// The name of an option is written in; names are compared as in the count. Mark the option instead: votes for its name
    /// may count for nobody.
    Listed {
        /// The contest's id.
        contest: String,
        /// The name written in.
        name: String,
        /// The option.
        option: String,
    },
    /// One name is on two lines; names are compared as in the count. It would get only as many votes as one name can have.
    WrittenTwice {
        /// The contest's id.
        contest: String,
        /// The name on the first line.
        first: String,
        /// The name on the other line.
        second: String,
    },
    /// A name is written in without a vote. Everybody could read it, and it would not be counted.
    NoVote {
        /// The contest's id.
        contest: String,
        /// The name written in.
        name: String,
    },
    /// The text cannot be encoded; another spelling helps.
    Message {
        /// The contest's id.
        contest: String,
        /// The reason.
        error: MessageError,
    },
    /// A contest of the style is folded, and this program was built without what proves that.
    CannotFold,
    /// The choices are valid, but the proof could not be made.
    Proof(ProveError),
}

impl RuleError {
    /// The id of the contest that it is about; none if it is about the whole ballot.
    pub fn contest(&self) -> Option<&str> {
        match self {
            Self::UnknownContest { contest }
            | Self::UnknownOption { contest, .. }
            | Self::UnknownMark { contest, .. }
            | Self::UnknownGrade { contest, .. }
            | Self::NoWeight { contest }
            | Self::Broken { contest, .. }
            | Self::WrongMark { contest, .. }
            | Self::Listed { contest, .. }
            | Self::WrittenTwice { contest, .. }
            | Self::NoVote { contest, .. }
            | Self::Message { contest, .. } => Some(contest),
            Self::UnknownStyle { .. }
            | Self::JointLimit { .. }
            | Self::CannotFold
            | Self::Proof(_) => None,
        }
    }

    /// The same for a voter: with the contest's title, and the names of options where a broken rule has their numbers.
    pub fn named(&self, manifest: &Manifest) -> String {
        let Self::Broken { contest, broken } = self else { return self.to_string() };
        let place = manifest.contest(contest);
        let Some(found) = place.and_then(|place| manifest.contests().get(place)) else {
            return self.to_string();
        };
        let mut named = format!("{}: ", found.title);
        // A text takes all that is written to it.
        _ = broken.write(&mut named, |option| Some(found.options.get(option)?.shown()));
        named
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStyle { found, styles } => {
                write!(
                    f,
                    "there is no ballot style {found}; the manifest has {styles} styles, from 0"
                )
            }
            Self::UnknownContest { contest } => {
                write!(f, "contest '{contest}' is not on this ballot style")
            }
            Self::UnknownOption { contest, option } => {
                write!(f, "contest '{contest}' has no option '{option}'")
            }
            Self::NoWeight { contest } => write!(
                f,
                "contest '{contest}' splits the voter's weight: give the one that the roll has with Choices::of_weight"
            ),
            Self::UnknownMark { contest, mark, marks } if marks.is_empty() => {
                write!(f, "contest '{contest}' has no mark '{mark}': it has no marks")
            }
            Self::UnknownMark { contest, mark, marks } => write!(
                f,
                "contest '{contest}' has no mark '{mark}': it has '{}'",
                marks.join("', '")
            ),
            Self::UnknownGrade { contest, grade, grades } if grades.is_empty() => write!(
                f,
                "contest '{contest}' has no grade {}: its options are not graded",
                Quoted(grade)
            ),
            Self::UnknownGrade { contest, grade, grades } => write!(
                f,
                "contest '{contest}' has no grade {}: it has '{}'",
                Quoted(grade),
                grades.join("', '")
            ),
            Self::JointLimit { limit, found, max } => write!(
                f,
                "the options of limit {limit} (from 0) of the ballot style get {found} in all, at most {max} is allowed"
            ),
            Self::Broken { contest, broken } => write!(f, "contest '{contest}': {broken}"),
            Self::WrongMark { contest, name, given, takes } => write!(
                f,
                "contest '{contest}': {} is given {given}, but the contest {takes}",
                Quoted(name)
            ),
            Self::Listed { contest, name, option } => write!(
                f,
                "contest '{contest}': {} is written in, but is the option {}: mark the option instead",
                Quoted(name),
                Quoted(option)
            ),
            Self::WrittenTwice { contest, first, second } => write!(
                f,
                "contest '{contest}': {} and {} count as one name, which can get no more than an option: write it once",
                Quoted(first),
                Quoted(second)
            ),
            Self::NoVote { contest, name } => write!(
                f,
                "contest '{contest}': {} is written in without a vote: give it one, or leave it out",
                Quoted(name)
            ),
            Self::Message { contest, error } => write!(f, "contest '{contest}': {error}"),
            Self::CannotFold => f.write_str(
                "a contest of this ballot style is folded, and this program cannot prove that: build it with the feature 'wide' of tabella",
            ),
            Self::Proof(error) => write!(f, "the proof could not be made: {error}"),
        }
    }
}

impl core::error::Error for RuleError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Broken { broken, .. } => Some(broken),
            Self::Message { error, .. } => Some(error),
            Self::Proof(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ProveError> for RuleError {
    fn from(error: ProveError) -> Self {
        Self::Proof(error)
    }
}
