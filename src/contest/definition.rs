//! What a contest is.

use crate::count::Counting;
use alloc::{string::String, vec::Vec};

/// Most options and write-in lines of a contest that is counted ballot by ballot, and most candidates in one.
pub(crate) const MAX_CANDIDATES: usize = 255;

/// The cells in which the sum of a contest is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell {
    /// One sum for each district.
    #[default]
    District,
    /// One sum for the whole election.
    Election,
}

/// How many votes a voter has in a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The least total of votes over all options.
    pub min: u32,
    /// The largest total of votes over all options.
    pub max: u32,
    /// The most votes that one option can get.
    pub each: u32,
    /// Whether there is a slot for "blank, on purpose". A blank mark allows no votes, whatever `min` is.
    pub blank: bool,
}

/// A question with its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// The name that identifies the contest.
    pub id: String,
    /// The question for people; the id by default.
    pub title: String,
    /// The options.
    pub options: Vec<String>,
    /// How many votes a voter has; in a ranking, how many options and write-ins are ranked.
    pub rule: Rule,
    /// The cells in which it is opened.
    pub cell: Cell,
    /// Whether options are chosen or ranked.
    pub form: Form,
    /// Lines for names that are not among the options.
    pub write_ins: WriteIns,
    /// How rankings or write-ins are counted, if the contest has any; they are opened one by one.
    pub counting: Option<Counting>,
}

/// What a voter does with the options of a contest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// Gives them votes, which are added up.
    #[default]
    Choice,
    /// Ranks them. Rankings leave through a mix and are opened one by one.
    Ranking {
        /// Whether several options can have the same rank.
        ties: bool,
    },
}

/// Lines on a ballot for names that are not among the options. What voters write there leaves through a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteIns {
    /// How many lines.
    pub places: u16,
    /// Most bytes of a name; 0 if there are no lines.
    pub length: u16,
}

impl Contest {
    /// Sets how the contest is counted.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = Some(counting);
        self
    }

    /// Sets the question.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.title = title.into();
        self
    }

    /// Sets the cells in which the contest is opened.
    #[must_use]
    pub fn cell(mut self, cell: Cell) -> Self {
        self.cell = cell;
        self
    }

    /// How many options and write-ins can get votes or ranks.
    pub fn candidates(&self) -> usize {
        self.options.len().saturating_add(self.write_ins.places.into())
    }
}
