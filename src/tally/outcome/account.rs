//! What became of every vote that the ballots of a contest hold.

use crate::{
    contest::{Contest, Words, left_out::LeftOut},
    manifest::Manifest,
    tally::{CellOutcome, Counted},
};
use alloc::{format, string::String, vec::Vec};

/// What became of all votes of a contest: in a choice votes, by weight, in a ranking rankings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// What the ballots hold: as many votes as each can give, or one ranking each.
    pub held: u64,
    /// Votes for options, by their totals; or rankings that are counted.
    pub counted: u64,
    /// Votes for what is written in, as they are counted; 0 in a ranking.
    pub written_in: u64,
    /// Votes of ballots with a mark that goes with no vote, as many as each can give.
    pub marked: u64,
    /// Votes that could have been given and were not, or rankings that rank nobody.
    pub not_given: u64,
    /// What was given and counts for nobody, by reason.
    pub left_out: Vec<(LeftOut, u64)>,
}

impl Account {
    /// That of a contest, from the sums of its opened cells, the votes of their rows, and the count of both if there is one.
    /// `None` if it was not opened, or what the ballots hold does not fit 64 bits.
    pub(super) fn of(
        manifest: &Manifest,
        whole: &CellOutcome,
        counted: Option<&Counted>,
    ) -> Option<Self> {
        let contest = manifest.contests().get(whole.contest)?;
        let totals = whole.totals.as_ref()?;
        let left_out = counted.map(|counted| counted.left_out.clone()).unwrap_or_default();
        let left_out = left_out.into_iter().collect();
        let votes = counted.map(|counted| counted.count.votes);
        if contest.value_slots() == 0 {
            return Some(Self {
                contest: whole.contest,
                held: whole.ballots,
                counted: votes.unwrap_or(0),
                written_in: 0,
                marked: 0,
                not_given: counted.map_or(0, |counted| counted.unranked),
                left_out,
            });
        }
        let marks = totals.iter().skip(contest.value_slots()).take(contest.marks.len());
        let marks = marks.fold(0u64, |sum, ballots| sum.saturating_add(*ballots));
        let Some(max) = contest.held() else {
            return Some(Self {
                contest: whole.contest,
                held: whole.weight,
                counted: whole.weight.saturating_sub(marks),
                written_in: 0,
                marked: marks,
                not_given: 0,
                left_out,
            });
        };
        // More than fits is more than ballots hold.
        let options = contest.given_total(totals).unwrap_or(u64::MAX);
        let (held, marked) = (whole.weight.checked_mul(max)?, marks.checked_mul(max)?);
        let given = marked.saturating_add(options).saturating_add(whole.write_ins);
        Some(Self {
            contest: whole.contest,
            held,
            counted: options,
            // Where there are lines the count is of both.
            written_in: votes
                .filter(|_| contest.flag_slots() > 0)
                .map_or(0, |votes| votes.saturating_sub(options)),
            marked,
            not_given: held.saturating_sub(given),
            left_out,
        })
    }

    /// Whether what was counted, not given and left out is what the ballots hold.
    pub fn adds_up(&self) -> bool {
        let Self { contest: _, held, counted, written_in, marked, not_given, left_out } = self;
        let parts = [counted, written_in, marked, not_given].into_iter();
        let mut parts = parts.chain(left_out.iter().map(|(_, votes)| votes));
        parts.try_fold(0u64, |sum, part| sum.checked_add(*part)) == Some(*held)
    }

    /// All parts in words, those that this contest can have or has.
    pub fn parts(&self, contest: &Contest) -> Vec<(String, u64)> {
        let Self { contest: _, held: _, counted, written_in, marked, not_given, left_out } = self;
        let Words { held: _, counted: given, not_given: nothing } = contest.words();
        let parts = [
            (true, given, counted),
            (contest.flag_slots() > 0, "written in and counted", written_in),
            (!contest.marks.is_empty(), "on marked ballots", marked),
            (true, nothing, not_given),
        ];
        let parts = parts.into_iter().filter(|(there, ..)| *there);
        let parts = parts.map(|(_, name, votes)| (name.into(), *votes));
        let left_out =
            left_out.iter().map(|(reason, votes)| (format!("left out: {reason}"), *votes));
        parts.chain(left_out).collect()
    }
}

#[cfg(test)]
mod tests;
