//! What each opened row ranks.

use super::{Counted, LookupError, Outcome};
use crate::{
    contest::{Unreadable, Values},
    count::{Candidates, Ranking},
};
use alloc::{string::String, vec::Vec};
use core::iter::once;

/// A row of a mix, and whom it ranks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRanking {
    /// The cell's place in the tally.
    pub cell: usize,
    /// The row's place in the last mix.
    pub row: usize,
    /// The ranking of the [candidates](Counted::candidates), those among them who were withdrawn too; or why the row does not
    /// count.
    pub ranking: Result<Ranking, Unreadable>,
}

impl Outcome {
    /// The opened rankings of a contest, cell by cell in the order of the last mix, to be counted by others. Their candidates
    /// have the numbers of [`Counted::candidates`].
    ///
    /// # Errors
    ///
    /// There is no such contest, it was not opened, or its ballots are not rankings.
    pub fn rankings(&self, contest: &str) -> Result<Vec<OpenedRanking>, LookupError> {
        let Counted { contest: place, candidates, .. } = self.counted_in(contest)?;
        let not_ranked = || LookupError::NotRanked { contest: contest.into() };
        let contest = self
            .manifest
            .contests()
            .get(*place)
            .filter(|contest| contest.mixed_slots() > 0 && !contest.has_totals());
        let contest = contest.ok_or_else(not_ranked)?;
        let options = contest
            .options
            .iter()
            .map(|option| once(&option.id).chain(option.name.strings()).map(String::as_str));
        let written = candidates.iter().skip(contest.options.len()).map(String::as_str);
        let candidates = Candidates::of(options, written);
        let cells = self.mixed.get(self.mixed_of(*place)).unwrap_or_default();
        let values = Values::of(contest, 0);
        let of_cell = |cell: &super::MixedOutcome| {
            let rows = cell.rows_by(&values).into_iter().enumerate();
            let read = rows.map(|(row, opened)| {
                let ranking = opened.lines(contest).map(|lines| {
                    let lines: Vec<(Option<usize>, u64)> =
                        lines.iter().map(|(name, rank)| (candidates.find(name), *rank)).collect();
                    let ranked = contest.count_row(&opened, &lines).rankings;
                    ranked.into_iter().next().map(|(ranking, _)| ranking).unwrap_or_default()
                });
                OpenedRanking { cell: cell.cell, row, ranking }
            });
            read.collect::<Vec<_>>()
        };
        Ok(cells.iter().flat_map(of_cell).collect())
    }
}
