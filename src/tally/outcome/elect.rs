//! Who is elected by totals alone.

use super::{Counted, cell::CellOutcome, counted::lots};
use crate::{
    contest::{Contest, SeatRules, summed::Summed},
    count::{
        Answer, AtLeast, Cap, Count, Counting, GradesCount, Lists, Method, MoreThan, Names,
        Question, Scores, StarCount, Terms, VotesCount, Winners, Workings, count_grades,
        count_lists, count_pairs, count_star, count_votes,
    },
};
use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

impl Counted {
    /// Counts a contest that has only sums.
    pub(super) fn of_totals(
        contest: &Contest,
        counting: Counting,
        whole: &CellOutcome,
        seed: &[u8; 32],
    ) -> Option<Self> {
        let (place, totals) = (whole.contest, whole.totals.as_ref()?);
        let Counting { method, seats, tie_break } = counting;
        let (lots, withdrawn) = (lots(seed, place, contest.options.len()), BTreeSet::new());
        let terms = Terms { seats, tie_break, lots: &lots, withdrawn: &withdrawn };
        let candidates = contest.options.len();
        let sum = |votes: &[u64]| votes.iter().copied().fold(0, u64::saturating_add);
        let (votes, winners, workings) = match (method, contest.summed(totals, whole.weight)?) {
            (Method::Plurality, Summed::Votes(votes)) => {
                let (winners, workings) = by_votes(contest, whole, &votes, &terms)?;
                (sum(&votes), winners, workings)
            }
            (Method::Plurality, Summed::ForAndAgainst(votes, against)) => {
                // Whoever has no more votes for than against is not elected.
                let net = votes.iter().zip(&against).map(|(v, a)| v.saturating_sub(*a));
                let (winners, workings) =
                    by_votes(contest, whole, &net.collect::<Vec<_>>(), &terms)?;
                (sum(&votes), winners, workings)
            }
            (Method::MajorityJudgment, Summed::Grades(rows)) => {
                let GradesCount { winners, judgments, order, removed } =
                    count_grades(&rows, &terms).ok()?;
                let open = winners.open;
                let workings = Workings::Grades { judgments, order, removed, open };
                (rows.iter().map(|row| sum(row)).fold(0, u64::saturating_add), winners, workings)
            }
            (Method::Star, Summed::Pairs { points: Some(points), preferences, votes }) => {
                let scores = Scores { points: &points, preferences: &preferences, top: None };
                let StarCount { winners, rounds } = count_star(&scores, &terms).ok()?;
                let open = winners.open;
                (votes, winners, Workings::Star { points, rounds, open })
            }
            (_, Summed::Pairs { preferences, votes, .. }) => {
                let count = count_pairs(&preferences, votes, &counting, &lots, &withdrawn).ok()?;
                let Count { elected, ties, workings, .. } = count;
                (votes, Winners { elected, open: 0, ties }, workings)
            }
            (Method::Lists { .. }, Summed::Lists { names, lists }) => {
                let (winners, workings) = by_lists(contest, counting, names, lists, seed, place)?;
                let Workings::Lists { lists, .. } = &workings else { return None };
                (sum(lists), winners, workings)
            }
            _ => return None,
        };
        let Winners { elected, open: _, ties } = winners;
        let count = Count { counting, candidates, votes, elected, ties, workings };
        Some(Self {
            contest: place,
            candidates: contest.names().map(Into::into).collect(),
            names_left_out: 0,
            invalid: Vec::new(),
            left_out: BTreeMap::new(),
            unranked: 0,
            count,
        })
    }
}

fn by_votes(
    contest: &Contest,
    whole: &CellOutcome,
    votes: &[u64],
    terms: &Terms<'_>,
) -> Option<(Winners, Workings)> {
    let names = contest.by_name();
    let SeatRules { caps, needs, .. } = &contest.seats;
    let caps = caps.iter().map(|cap| Cap { of: names.find(&cap.of).to_vec(), most: cap.elected });
    let caps: Vec<Cap> = caps.collect();
    let needed = needs
        .map(|needs| Some(MoreThan { share: needs.more_than, of: whole.base(needs.of).ok()? }));
    let needed = match needed {
        Some(needed) => Some(needed?),
        None => None,
    };
    let VotesCount { winners, too_few, passed_over } =
        count_votes(votes, needed, &caps, terms).ok()?;
    let (votes, open) = (votes.to_vec(), winners.open);
    Some((winners, Workings::Totals { votes, too_few, passed_over, open }))
}

fn by_lists(
    contest: &Contest,
    Counting { method, seats, tie_break }: Counting,
    names: Vec<u64>,
    lists: Vec<u64>,
    seed: &[u8; 32],
    place: usize,
) -> Option<(Winners, Workings)> {
    let Method::Lists { formula, unfilled } = method else { return None };
    let SeatRules { threshold, joined, .. } = &contest.seats;
    let of_list = contest.names_of_lists();
    // Votes for names are votes for their lists.
    let of_names = |list: &Vec<usize>| {
        let votes = list.iter().filter_map(|name| names.get(*name));
        votes.copied().fold(0, u64::saturating_add)
    };
    let votes =
        lists.iter().zip(&of_list).map(|(votes, list)| votes.saturating_add(of_names(list)));
    let votes: Vec<u64> = votes.collect();
    let all = votes.iter().copied().fold(0, u64::saturating_add);
    let list = |id: &String| contest.groups.iter().position(|group| group.id == *id);
    let joined: Vec<Vec<usize>> =
        joined.iter().map(|lists| lists.iter().filter_map(list).collect()).collect();
    // Lists have lots behind those of names.
    let drawn = lots(seed, place, names.len().saturating_add(votes.len()));
    let (of_names, of_lists) = drawn.split_at_checked(names.len())?;
    let rules = Lists {
        votes: &votes,
        seats,
        formula,
        threshold: threshold.map(|share| AtLeast { share, of: all }),
        joined: &joined,
        unfilled,
        tie_break,
        lots: of_lists,
    };
    let withdrawn = BTreeSet::new();
    let of =
        Names { votes: Some(&names), of_list: &of_list, withdrawn: &withdrawn, lots: of_names };
    let count = count_lists(&rules, &of).ok()?;
    // By list, and on each by votes.
    let elected =
        count.winners.iter().flat_map(|winners| winners.elected.iter().copied()).collect();
    let ties = count.winners.iter().flat_map(|winners| winners.ties.iter().cloned()).collect();
    let winners = Winners { elected, open: count.open, ties };
    Some((winners, Workings::Lists { lists: votes, names, count: Box::new(count) }))
}

/// How a question is answered by these totals, of which there are ballots of this many voters on the roll.
pub(super) fn answer(contest: &Contest, whole: &CellOutcome, on_roll: u64) -> Option<Answer> {
    let pass = contest.pass.as_ref()?;
    let majority = pass.majority;
    let question = Question {
        yes: whole.count(&pass.yes).ok()?,
        majority: MoreThan { share: majority.more_than, of: whole.base(majority.of).ok()? },
        quorum: pass.quorum.map(|share| (whole.ballots, AtLeast { share, of: on_roll })),
    };
    Some(question.answer())
}
