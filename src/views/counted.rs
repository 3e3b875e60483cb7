//! What was counted ballot by ballot, as JSON.

use crate::{
    contest::{OpenedRow, Values},
    count::{
        Count, CountRound, Counting, Decided, Formula, Judgment, ListsCount, Method, Quota,
        StarRound, Step, Tie, TieBreak, Winners, Workings,
    },
    manifest::Manifest,
    tally::{Counted, LeftOut, MixedOutcome, Outcome},
};
use alloc::{
    collections::BTreeMap,
    rc::Rc,
    string::{String, ToString},
    vec::Vec,
};
use serde::{Serialize, Serializer, ser::SerializeSeq};

/// Rows that are read at once, on all cores.
const AT_ONCE: usize = 1 << 12;

/// How a contest was counted, and who is elected. Candidates are named by their place among `candidates`.
#[derive(Serialize)]
pub(super) struct CountView<'a> {
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    divisor: Option<&'static str>,
    seats: u16,
    tie_break: &'static str,
    candidates: &'a [String],
    names_left_out: usize,
    counted: u64,
    invalid: usize,
    elected: Vec<&'a str>,
    #[serde(flatten)]
    workings: WorkingsView<'a>,
    ties: Vec<TieView<'a>>,
}

/// The numbers, with all their decimal places.
#[derive(Serialize)]
#[serde(untagged)]
enum WorkingsView<'a> {
    Scores {
        scores: Vec<String>,
    },
    Rounds {
        votes_needed: Option<String>,
        rounds: Vec<RoundView<'a>>,
    },
    Pairwise {
        preferences: &'a [Vec<u64>],
        paths: &'a [Vec<u64>],
    },
    Totals {
        scores: Vec<String>,
        #[serde(skip_serializing_if = "<[usize]>::is_empty")]
        too_few: &'a [usize],
        passed_over: &'a [usize],
        open: usize,
    },
    Star {
        scores: Vec<String>,
        runoffs: Vec<RunoffView<'a>>,
        open: usize,
    },
    Lists {
        scores: Vec<String>,
        lists: Vec<ListView>,
        list_ties: Vec<TieView<'a>>,
        open: usize,
    },
    Grades {
        judgments: Vec<JudgmentView>,
        order: &'a [usize],
        removed: &'a [Option<u64>],
        open: usize,
    },
}

/// The candidates who met for a seat, the winner first, and how many prefer each to the other.
#[derive(Serialize)]
struct RunoffView<'a> {
    finalists: &'a [usize],
    preferences: &'a [u64],
}

#[derive(Serialize)]
struct ListView {
    votes: String,
    /// Whether it takes part: it has votes, and reaches the threshold.
    takes_part: bool,
    seats: usize,
    open: usize,
}

/// The median grade of a candidate, by its place among the grades from the worst.
#[derive(Serialize)]
struct JudgmentView {
    /// `null` without grades.
    median: Option<usize>,
    better: u64,
    worse: u64,
}

#[derive(Serialize)]
struct RoundView<'a> {
    totals: Vec<String>,
    exhausted: String,
    lost: String,
    elected: &'a [usize],
    #[serde(skip_serializing_if = "Option::is_none")]
    surplus_of: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surplus: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eliminated: Option<usize>,
}

#[derive(Serialize)]
struct TieView<'a> {
    round: usize,
    order: &'a [usize],
    decided: DecidedView,
}

/// What decided: a round, nothing but the order, or in words.
#[derive(Serialize)]
#[serde(untagged)]
enum DecidedView {
    Round(Option<usize>),
    Word(&'static str),
}

impl<'a> CountView<'a> {
    /// `grades` is how many grades there are, if options are graded.
    pub(super) fn of(counted: &'a Counted, grades: usize) -> Self {
        let Counted { candidates, names_left_out, invalid, count, .. } = counted;
        let Count { counting, candidates: _, votes, elected: _, ties, workings } = count;
        let Counting { method, seats, tie_break } = counting;
        let stv = match *method {
            Method::Stv { quota, places } => Some((quota, places)),
            _ => None,
        };
        Self {
            method: method.to_string(),
            quota: stv.map(|(quota, _)| match quota {
                Quota::Droop => "droop",
                Quota::Hare => "hare",
            }),
            places: stv.map(|(_, places)| places),
            divisor: match method {
                Method::Lists { formula: Formula::DHondt, .. } => Some("dhondt"),
                Method::Lists { formula: Formula::SainteLague, .. } => Some("sainte-lague"),
                Method::Lists { formula: Formula::Hare, .. } => Some("hare"),
                _ => None,
            },
            seats: *seats,
            tie_break: match tie_break {
                TieBreak::Order => "order",
                TieBreak::Backwards => "backwards",
                TieBreak::Lot => "lot",
                TieBreak::Open => "open",
            },
            candidates,
            names_left_out: *names_left_out,
            counted: *votes,
            invalid: invalid.len(),
            elected: counted.elected().collect(),
            workings: WorkingsView::of(workings, grades, *votes > 0),
            ties: ties.iter().map(TieView::of).collect(),
        }
    }
}

fn texts(numbers: &[u64]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

impl<'a> TieView<'a> {
    fn of(Tie { round, order, decided }: &'a Tie) -> Self {
        let decided = match decided {
            Decided::Lot => DecidedView::Word("lot"),
            Decided::Open => DecidedView::Word("open"),
            Decided::Preferences => DecidedView::Word("preferences"),
            Decided::Points => DecidedView::Word("points"),
            _ => DecidedView::Round(decided.round()),
        };
        Self { round: *round, order, decided }
    }
}

impl<'a> WorkingsView<'a> {
    fn of(workings: &'a Workings, grades: usize, graded: bool) -> Self {
        match workings {
            Workings::Totals { votes, too_few, passed_over, open } => {
                Self::Totals { scores: texts(votes), too_few, passed_over, open: *open }
            }
            Workings::Star { points, rounds, open } => {
                let runoffs = rounds.iter().map(|StarRound { finalists, preferences }| {
                    RunoffView { finalists, preferences }
                });
                Self::Star { scores: texts(points), runoffs: runoffs.collect(), open: *open }
            }
            Workings::Lists { lists, names, count } => {
                let ListsCount { below, seats, winners, open, first, joined } = &**count;
                let view =
                    |(list, ((votes, seats), winners)): (usize, ((&u64, &usize), &Winners))| {
                        ListView {
                            votes: votes.to_string(),
                            takes_part: *votes > 0 && !below.contains(&list),
                            seats: *seats,
                            open: winners.open,
                        }
                    };
                let shares = core::iter::once(first).chain(joined.iter().flatten());
                Self::Lists {
                    scores: texts(names),
                    lists: lists.iter().zip(seats).zip(winners).enumerate().map(view).collect(),
                    list_ties: shares.flat_map(|shares| &shares.ties).map(TieView::of).collect(),
                    open: *open,
                }
            }
            Workings::Grades { judgments, order, removed, open } => Self::Grades {
                judgments: judgments
                    .iter()
                    .map(|Judgment { median, better, worse }| JudgmentView {
                        median: graded.then(|| grades.saturating_sub(median + 1)),
                        better: *better,
                        worse: *worse,
                    })
                    .collect(),
                order,
                removed,
                open: *open,
            },
            Workings::Scores(scores) => {
                Self::Scores { scores: scores.iter().map(ToString::to_string).collect() }
            }
            Workings::Rounds { quota, rounds } => Self::Rounds {
                votes_needed: quota.as_ref().map(ToString::to_string),
                rounds: rounds.iter().map(RoundView::of).collect(),
            },
            Workings::Pairwise { preferences, paths } => Self::Pairwise { preferences, paths },
        }
    }
}

impl<'a> RoundView<'a> {
    fn of(round: &'a CountRound) -> Self {
        let CountRound { totals, exhausted, lost, elected, step } = round;
        let (surplus, eliminated) = match step {
            Some(Step::Surplus { candidate, surplus }) => (Some((*candidate, surplus)), None),
            Some(Step::Elimination { candidate }) => (None, Some(*candidate)),
            None => (None, None),
        };
        Self {
            totals: totals.iter().map(ToString::to_string).collect(),
            exhausted: exhausted.to_string(),
            lost: lost.to_string(),
            elected,
            surplus_of: surplus.map(|(candidate, _)| candidate),
            surplus: surplus.map(|(_, surplus)| surplus.to_string()),
            eliminated,
        }
    }
}

/// An opened row.
#[derive(Serialize)]
struct RowView {
    #[serde(skip_serializing_if = "Option::is_none")]
    ranks: Option<Vec<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    votes: Option<Vec<u64>>,
    /// What is written on each line that has votes or a rank.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<Option<String>>>,
    /// Why what the row says does not count, and its elements themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    invalid: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Vec<String>>,
}

/// The rows of a cell, each of which is read when it is written.
pub(super) struct Rows<'a> {
    manifest: &'a Manifest,
    mixed: &'a MixedOutcome,
    values: Rc<Values>,
    invalid: BTreeMap<usize, LeftOut>,
}

impl<'a> Rows<'a> {
    /// The rows of one cell of an outcome; `None` if it was not mixed.
    pub(super) fn of(outcome: &'a Outcome, cell: usize, values: &Rc<Values>) -> Option<Self> {
        let (manifest, mixed) = (outcome.manifest(), outcome.mixed());
        // By cell, as the rows that are invalid.
        let mixed = mixed.get(mixed.binary_search_by_key(&cell, |mixed| mixed.cell).ok()?)?;
        let counted = outcome.counted_of(mixed.contest);
        let invalid = counted.map(|counted| counted.invalid.as_slice()).unwrap_or_default();
        let first = invalid.partition_point(|invalid| invalid.cell < cell);
        let invalid = invalid.iter().skip(first).take_while(|invalid| invalid.cell == cell);
        let invalid = invalid.map(|invalid| (invalid.row, LeftOut::from(invalid.reason)));
        Some(Self { manifest, mixed, values: values.clone(), invalid: invalid.collect() })
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { manifest, mixed, values, invalid } = self;
        let points: Vec<&[[u8; 32]]> = mixed.points().collect();
        let mut rows = serializer.serialize_seq(Some(points.len()))?;
        let mut numbers = 0usize..;
        for points in points.chunks(AT_ONCE) {
            let opened = mixed.read_rows(values, points);
            for ((points, opened), row) in points.iter().zip(opened).zip(&mut numbers) {
                let invalid = invalid.get(&row).copied();
                rows.serialize_element(&RowView::of(manifest, mixed, points, opened, invalid))?;
            }
        }
        rows.end()
    }
}

impl RowView {
    fn of(
        manifest: &Manifest,
        mixed: &MixedOutcome,
        points: &[[u8; 32]],
        opened: OpenedRow,
        invalid: Option<LeftOut>,
    ) -> Self {
        let OpenedRow { votes, written } = opened;
        let contest = manifest.contests().get(mixed.contest);
        let votes = contest.is_some_and(|contest| contest.flag_slots() > 0).then_some(votes);
        let written = written.ok().filter(|_| invalid.is_none());
        let names = |names: Vec<Option<String>>| {
            // Text without votes is ignored.
            let given = |line: usize| votes.as_ref().is_none_or(|v| v.get(line) != Some(&0));
            let names = names.into_iter().map(|name| name.filter(|name| !name.is_empty()));
            names.enumerate().map(|(line, name)| name.filter(|_| given(line))).collect()
        };
        Self {
            ranks: match (&votes, &written) {
                (None, Some(written)) => Some(written.ranks.clone()),
                _ => None,
            },
            names: match written {
                Some(written) => Some(names(written.names)),
                // Nothing that can be read, and nothing that has votes.
                None if invalid.is_none() => {
                    Some(names(votes.iter().flatten().map(|_| None).collect()))
                }
                None => None,
            },
            invalid: invalid.map(LeftOut::code),
            points: invalid.map(|_| points.iter().map(hex::encode).collect()),
            votes,
        }
    }
}
