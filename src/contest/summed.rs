//! What the totals of a contest say.

use alloc::vec::Vec;

/// Totals, in the form in which they are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Summed {
    /// Votes or points of every option.
    Votes(Vec<u64>),
    /// Votes for and against every option.
    ForAndAgainst(Vec<u64>, Vec<u64>),
    /// How often every option got each grade, the best first.
    Grades(Vec<Vec<u64>>),
    /// Preferences between options.
    Pairs {
        /// Points of every option, if they have some.
        points: Option<Vec<u64>>,
        /// How many have the row above the column.
        preferences: Vec<Vec<u64>>,
        /// How many voted.
        votes: u64,
    },
    /// Votes for every name, and for every list besides those of its names.
    Lists {
        /// The names.
        names: Vec<u64>,
        /// The lists.
        lists: Vec<u64>,
    },
}

impl Summed {
    /// The square of preferences from how many have each option above each other one, row by row without the diagonal.
    pub(super) fn square(options: usize, mut above: impl Iterator<Item = u64>) -> Vec<Vec<u64>> {
        let mut row = |i: usize| {
            let cell = |j: usize| if i == j { 0 } else { above.next().unwrap_or(0) };
            (0..options).map(cell).collect()
        };
        (0..options).map(&mut row).collect()
    }
}
