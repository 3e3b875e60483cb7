//! Who is elected by totals alone.

use super::{Counted, counted::lots};
use crate::{
    contest::Contest,
    count::{
        Cap, Count, Counting, GradesCount, Method, Terms, VotesCount, Winners, Workings,
        count_grades, count_votes,
    },
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

impl Counted {
    /// Counts a contest that has only sums.
    pub(super) fn of_totals(
        place: usize,
        contest: &Contest,
        counting: Counting,
        totals: &[u64],
        seed: &[u8; 32],
    ) -> Option<Self> {
        let Counting { method, seats, tie_break } = counting;
        let (lots, withdrawn) = (lots(seed, place, contest.options.len()), BTreeSet::new());
        let terms = Terms { seats, tie_break, lots: &lots, withdrawn: &withdrawn };
        let values = totals.get(..contest.value_slots())?;
        let (winners, workings) = match method {
            Method::MajorityJudgment => by_grades(contest, values, &terms)?,
            _ => by_votes(contest, values, &terms)?,
        };
        let votes = values.iter().copied().fold(0, u64::saturating_add);
        let Winners { elected, open: _, ties } = winners;
        let candidates = contest.options.len();
        let count = Count { counting, candidates, votes, elected, ties, workings };
        Some(Self {
            contest: place,
            candidates: contest.ids().map(Into::into).collect(),
            names_left_out: 0,
            invalid: Vec::new(),
            left_out: BTreeMap::new(),
            unranked: 0,
            count,
        })
    }
}

fn by_votes(contest: &Contest, votes: &[u64], terms: &Terms<'_>) -> Option<(Winners, Workings)> {
    let names = contest.by_name();
    let caps =
        contest.caps.iter().map(|cap| Cap { of: names.find(&cap.of).to_vec(), most: cap.elected });
    let caps: Vec<Cap> = caps.collect();
    let VotesCount { winners, too_few: _, passed_over } =
        count_votes(votes, None, &caps, terms).ok()?;
    let (votes, open) = (votes.to_vec(), winners.open);
    Some((winners, Workings::Totals { votes, passed_over, open }))
}

fn by_grades(contest: &Contest, given: &[u64], terms: &Terms<'_>) -> Option<(Winners, Workings)> {
    // The best grade first.
    let rows = given.chunks(contest.grades().len().max(1));
    let rows: Vec<Vec<u64>> = rows.map(|row| row.iter().rev().copied().collect()).collect();
    let GradesCount { winners, judgments, order, removed } = count_grades(&rows, terms).ok()?;
    let open = winners.open;
    Some((winners, Workings::Grades { judgments, order, removed, open }))
}
