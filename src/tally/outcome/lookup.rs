//! Numbers of an outcome by the names of the manifest, and why there is none.

use crate::{
    contest::{BLANK, Base, Contest},
    count::Answer,
    tally::{Account, CellOutcome, Counted, Outcome, ShareOf, Turnout},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// Why an outcome does not have what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LookupError {
    /// The manifest has no such contest.
    UnknownContest {
        /// The id asked for.
        contest: String,
    },
    /// The contest has no such option.
    UnknownOption {
        /// The contest's id.
        contest: String,
        /// The option asked for.
        option: String,
    },
    /// The contest was not opened since it has too few ballots.
    NotOpened {
        /// The contest's id.
        contest: String,
        /// How many it has.
        ballots: u64,
        /// How many it takes.
        least: u32,
    },
    /// The options have no totals of votes: they are ranked or graded.
    NoTotals {
        /// The contest's id.
        contest: String,
    },
    /// A total does not fit 64 bits. The totals of its limbs can still be read.
    TooLarge {
        /// The contest's id.
        contest: String,
    },
    /// The options are not graded.
    NoGrades {
        /// The contest's id.
        contest: String,
    },
    /// The contest has no such mark.
    UnknownMark {
        /// The contest's id.
        contest: String,
        /// The mark asked for.
        mark: String,
    },
    /// The contest does not count voters beside votes.
    NoVoters {
        /// The contest's id.
        contest: String,
    },
    /// The contest has totals only, and nobody is elected in it.
    NotCounted {
        /// The contest's id.
        contest: String,
    },
    /// The contest's ballots are no rankings.
    NotRanked {
        /// The contest's id.
        contest: String,
    },
    /// The manifest does not say when the contest's question passes.
    NoQuestion {
        /// The contest's id.
        contest: String,
    },
    /// A share of nothing: no vote was given.
    NoVotes {
        /// The contest's id.
        contest: String,
    },
    /// The manifest has no such district.
    UnknownDistrict {
        /// The place asked for.
        district: usize,
        /// How many there are.
        districts: usize,
    },
    /// A share of nothing: no voter of the roll is in the district.
    EmptyRoll {
        /// The district's place in the manifest.
        district: usize,
    },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownContest { contest } => write!(f, "there is no contest '{contest}'"),
            Self::UnknownOption { contest, option } => {
                write!(f, "contest '{contest}' has no option '{option}'")
            }
            Self::NotOpened { contest, ballots, least } => write!(
                f,
                "contest '{contest}' was not opened since fewer than {least} people cast ballots: {ballots}"
            ),
            Self::NoTotals { contest } => write!(
                f,
                "the options of contest '{contest}' have no totals of votes: they are ranked or graded"
            ),
            Self::TooLarge { contest } => {
                write!(f, "a total of contest '{contest}' does not fit 64 bits")
            }
            Self::NoGrades { contest } => {
                write!(f, "the options of contest '{contest}' are not graded")
            }
            Self::UnknownMark { contest, mark } => {
                write!(f, "contest '{contest}' has no mark '{mark}'")
            }
            Self::NoVoters { contest } => write!(
                f,
                "contest '{contest}' does not count the voters of each option beside its votes"
            ),
            Self::NotCounted { contest } => {
                write!(f, "contest '{contest}' has totals only, and nobody is elected in it")
            }
            Self::NotRanked { contest } => {
                write!(f, "the ballots of contest '{contest}' are no rankings")
            }
            Self::NoQuestion { contest } => {
                write!(f, "the manifest does not say when contest '{contest}' passes")
            }
            Self::NoVotes { contest } => write!(f, "nobody voted in contest '{contest}'"),
            Self::UnknownDistrict { district, districts } => {
                write!(f, "there is no district {district} (from 0) among {districts}")
            }
            Self::EmptyRoll { district } => {
                write!(f, "no voter of the roll is in district {district} (from 0)")
            }
        }
    }
}

impl core::error::Error for LookupError {}

impl Outcome {
    fn place(&self, contest: &str) -> Result<usize, LookupError> {
        let unknown = || LookupError::UnknownContest { contest: contest.into() };
        self.manifest.contest(contest).ok_or_else(unknown)
    }

    /// All cells of a contest together.
    fn look_up(&self, contest: &str) -> Result<CellOutcome, LookupError> {
        let unknown = || LookupError::UnknownContest { contest: contest.into() };
        self.whole(self.place(contest)?).ok_or_else(unknown)
    }

    /// Votes for an option in the whole election.
    ///
    /// ```
    /// # use tabella::tally::{LookupError, Outcome};
    /// # fn example(outcome: &Outcome) -> Result<(), LookupError> {
    /// println!("yes {}, no {}", outcome.count("bridge", "yes")?, outcome.count("bridge", "no")?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn count(&self, contest: &str, option: &str) -> Result<u64, LookupError> {
        self.look_up(contest)?.count(option)
    }

    /// Ballots of the whole election that left a contest blank on purpose.
    pub fn blanks(&self, contest: &str) -> Result<u64, LookupError> {
        self.look_up(contest)?.blanks()
    }

    /// How often an option got each grade in the whole election, by weight, the worst grade first.
    pub fn grades(&self, contest: &str, option: &str) -> Result<Vec<u64>, LookupError> {
        Ok(self.look_up(contest)?.grades(option)?.to_vec())
    }

    /// Ballots of the whole election with this mark, by weight.
    pub fn mark(&self, contest: &str, mark: &str) -> Result<u64, LookupError> {
        self.look_up(contest)?.mark(mark)
    }

    /// Votes of the whole election that could have been given and were not.
    pub fn undervotes(&self, contest: &str) -> Result<u64, LookupError> {
        self.look_up(contest)?.undervotes()
    }

    /// An option's votes in percent of what [`ShareOf`] says.
    pub fn percent(&self, contest: &str, option: &str) -> Result<f64, LookupError> {
        let whole = self.look_up(contest)?;
        let (votes, all) = (whole.count(option)?, whole.all_of_share()?);
        match all {
            0 => Err(LookupError::NoVotes { contest: contest.into() }),
            all => Ok(100.0 * votes as f64 / all as f64),
        }
    }

    /// The elected of a contest that was counted ballot by ballot, in the order of their election.
    pub fn elected(&self, contest: &str) -> Result<Vec<&str>, LookupError> {
        Ok(self.counted_in(contest)?.elected().collect())
    }

    pub(super) fn counted_in(&self, contest: &str) -> Result<&Counted, LookupError> {
        self.look_up(contest)?.opened()?;
        let not_counted = || LookupError::NotCounted { contest: contest.into() };
        self.counted_of(self.place(contest)?).ok_or_else(not_counted)
    }

    /// How a contest's question is answered, if the manifest says when it passes.
    pub fn answer(&self, contest: &str) -> Result<Answer, LookupError> {
        self.look_up(contest)?.opened()?;
        let none = || LookupError::NoQuestion { contest: contest.into() };
        self.answer_of(self.place(contest)?).ok_or_else(none)
    }

    /// The one of two questions, by its id, that takes effect, if this contest decides where both pass. `None` if neither does: too few
    /// say yes, or there are equally many votes for both, here and of those who say yes.
    pub fn takes_effect(&self, contest: &str) -> Result<Option<&str>, LookupError> {
        let none = || LookupError::NoQuestion { contest: contest.into() };
        self.effect_of(self.place(contest)?).ok_or_else(none)
    }

    /// What became of all votes of a contest.
    pub fn account(&self, contest: &str) -> Result<&Account, LookupError> {
        self.look_up(contest)?.opened()?;
        let place = self.place(contest)?;
        self.account_of(place)
            .ok_or_else(|| LookupError::UnknownContest { contest: contest.into() })
    }
}

impl CellOutcome {
    fn contest(&self) -> Result<&Contest, LookupError> {
        let unknown = || LookupError::UnknownContest { contest: self.contest.to_string() };
        self.manifest.contests().get(self.contest).ok_or_else(unknown)
    }

    fn contest_id(&self) -> String {
        self.contest().map(|contest| contest.id.clone()).unwrap_or_default()
    }

    /// The totals, if there are some.
    fn opened(&self) -> Result<&[u64], LookupError> {
        let contest = &self.contest()?.id;
        let not_opened = || LookupError::NotOpened {
            contest: contest.clone(),
            ballots: self.ballots,
            least: self.manifest.minimum_cell(),
        };
        self.totals.as_deref().ok_or_else(not_opened)
    }

    /// The totals of the options, which are not ranked.
    pub(crate) fn options(&self) -> Result<Vec<u64>, LookupError> {
        let contest = self.contest()?;
        if !contest.has_totals() {
            return Err(LookupError::NoTotals { contest: contest.id.clone() });
        }
        let totals = contest.option_totals(self.opened()?);
        totals.ok_or_else(|| LookupError::TooLarge { contest: contest.id.clone() })
    }

    /// Votes for an option.
    pub fn count(&self, option: &str) -> Result<u64, LookupError> {
        let contest = self.contest()?;
        let (id, option) = (contest.id.clone(), option.to_string());
        let place = contest.option(&option);
        let unknown = LookupError::UnknownOption { contest: id, option };
        let Some(place) = place else { return Err(unknown) };
        self.options()?.get(place).copied().ok_or(unknown)
    }

    /// How often an option got each grade, by weight, the worst grade first.
    pub fn grades(&self, option: &str) -> Result<&[u64], LookupError> {
        let contest = self.contest()?;
        let id = contest.id.clone();
        if contest.grades().is_empty() {
            return Err(LookupError::NoGrades { contest: id });
        }
        let unknown = || LookupError::UnknownOption { contest: id, option: option.into() };
        let place = contest.option(option).ok_or_else(unknown)?;
        Ok(self.opened()?.get(contest.grade_slots(place)).unwrap_or_default())
    }

    /// What is summed besides the votes and grades of options, their voters, and marks: for each slot what it counts, in words, and its
    /// total. Pairs, lines and ballots of lists, votes against.
    pub fn others(&self) -> Result<Vec<(String, u64)>, LookupError> {
        let (contest, totals) = (self.contest()?, self.opened()?);
        let others = contest.other_slots().into_iter();
        Ok(others.filter_map(|(slot, of)| Some((of, *totals.get(slot)?))).collect())
    }

    /// Votes for all options and for all that is written in, whether it counts or not.
    pub fn votes(&self) -> Result<u64, LookupError> {
        let mut options = self.options()?.into_iter();
        let all = options.try_fold(self.write_ins, u64::checked_add);
        all.ok_or_else(|| LookupError::TooLarge { contest: self.contest_id() })
    }

    /// Ballots with each mark of the contest, by weight, in the order of the manifest.
    pub fn marks(&self) -> Result<&[u64], LookupError> {
        let contest = self.contest()?;
        let first = contest.value_slots();
        let end = first.saturating_add(contest.marks.len());
        Ok(self.opened()?.get(first..end).unwrap_or_default())
    }

    /// Ballots with this mark, by weight.
    pub fn mark(&self, mark: &str) -> Result<u64, LookupError> {
        let contest = self.contest()?;
        let unknown =
            || LookupError::UnknownMark { contest: contest.id.clone(), mark: mark.into() };
        let place = contest.marks.iter().position(|known| known.id == mark).ok_or_else(unknown)?;
        self.marks()?.get(place).copied().ok_or_else(unknown)
    }

    /// Ballots left blank on purpose, by weight: those with the mark `blank`.
    pub fn blanks(&self) -> Result<u64, LookupError> {
        self.mark(BLANK)
    }

    /// How many voters gave each option a vote, by weight, if the contest counts them.
    pub fn voters(&self) -> Result<&[u64], LookupError> {
        let contest = self.contest()?;
        if !contest.voters {
            return Err(LookupError::NoVoters { contest: contest.id.clone() });
        }
        let first = contest.value_slots().saturating_add(contest.marks.len());
        Ok(self.opened()?.get(first..).unwrap_or_default())
    }

    /// Votes that could have been given and were not, by weight: of each ballot without a mark as many as it can give, less those
    /// given. Where voters with an option of another contest alone can vote, nobody can tell who could.
    pub fn undervotes(&self) -> Result<u64, LookupError> {
        let contest = self.contest()?;
        let none = || LookupError::NoTotals { contest: contest.id.clone() };
        let hi = contest.held().filter(|_| contest.has_totals()).ok_or_else(none)?;
        let given = contest.given_total(self.opened()?);
        let large = || LookupError::TooLarge { contest: contest.id.clone() };
        let given = given.and_then(|given| given.checked_add(self.write_ins)).ok_or_else(large)?;
        let marked = self.marks()?.iter().copied().fold(0, u64::saturating_add);
        let held = hi.checked_mul(self.weight).ok_or_else(large)?;
        Ok(held.saturating_sub(hi.saturating_mul(marked)).saturating_sub(given))
    }

    /// What the votes of an option are a share of, as [`ShareOf`] says.
    pub fn all_of_share(&self) -> Result<u64, LookupError> {
        let votes = self.votes()?;
        Ok(match ShareOf::of(self.contest()?) {
            ShareOf::Votes => votes,
            ShareOf::Valid => self.base(Base::Valid)?,
            ShareOf::Ballots => self.weight,
            ShareOf::Most { each } => {
                let large = || LookupError::TooLarge { contest: self.contest_id() };
                self.weight.checked_mul(each).ok_or_else(large)?
            }
        })
    }

    /// All votes for options and what is written in; all ballots without a mark that is not valid; or all ballots. All by weight.
    pub fn base(&self, base: Base) -> Result<u64, LookupError> {
        match base {
            Base::Votes => self.votes(),
            Base::Valid => {
                let marks = self.contest()?.marks.iter().zip(self.marks()?);
                let invalid = marks.filter(|(mark, _)| !mark.valid).map(|(_, ballots)| *ballots);
                Ok(self.weight.saturating_sub(invalid.fold(0, u64::saturating_add)))
            }
            Base::Ballots => Ok(self.weight),
        }
    }
}

impl Turnout {
    /// Ballots of a district, by its place, in percent of its voters on the roll.
    pub fn percent(&self, district: usize) -> Result<f64, LookupError> {
        let numbers = self.districts.get(district).zip(self.on_roll.get(district));
        let districts = self.districts.len();
        match numbers {
            None => Err(LookupError::UnknownDistrict { district, districts }),
            Some((_, 0)) => Err(LookupError::EmptyRoll { district }),
            Some((ballots, on_roll)) => Ok(100.0 * *ballots as f64 / *on_roll as f64),
        }
    }
}
