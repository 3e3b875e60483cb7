//! What a count gives, with all that is needed to do it again by hand.

use super::{
    CountRound, Counting, Decided, Decimal, Formula, ListsCount, Method, Quota, StarRound, Step,
    Tie,
};
use alloc::{boxed::Box, format, string::String, vec::Vec};
use core::fmt;

/// The result of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// How it was counted.
    pub counting: Counting,
    /// How many candidates there were.
    pub candidates: usize,
    /// How many rankings ranked anybody.
    pub votes: u64,
    /// The elected, in this order.
    pub elected: Vec<usize>,
    /// The ties that mattered, in the order in which they were broken.
    pub ties: Vec<Tie>,
    /// The numbers from which it follows.
    pub workings: Workings,
}

/// The numbers of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Workings {
    /// Votes or points of every candidate: plurality and Borda.
    Scores(Vec<Decimal>),
    /// Instant runoff and single transferable vote.
    Rounds {
        /// How many votes elect. `None` for instant runoff, where it is more than half of those in play.
        quota: Option<Decimal>,
        /// The rounds.
        rounds: Vec<CountRound>,
    },
    /// Plurality of totals.
    Totals {
        /// The votes of every candidate.
        votes: Vec<u64>,
        /// Those with fewer votes than are needed.
        too_few: Vec<usize>,
        /// Those whose turn came while their group was full, in this order.
        passed_over: Vec<usize>,
        /// How many seats stay open.
        open: usize,
    },
    /// Majority judgment.
    Grades {
        /// The median grade of every candidate, with how many are better and worse; grade 0 is the best.
        judgments: Vec<Judgment>,
        /// All candidates, the best first.
        order: Vec<usize>,
        /// For each of these but the last, how many median grades were taken away until it was ahead of the next one; `None` if all
        /// their grades are equal.
        removed: Vec<Option<u64>>,
        /// How many seats stay open.
        open: usize,
    },
    /// STAR.
    Star {
        /// The points of every candidate.
        points: Vec<u64>,
        /// One for each seat until one stays open.
        rounds: Vec<StarRound>,
        /// How many seats stay open.
        open: usize,
    },
    /// Seats for lists in proportion.
    Lists {
        /// The votes of every list, those of its names among them.
        lists: Vec<u64>,
        /// The votes of every name.
        names: Vec<u64>,
        /// The count.
        count: Box<ListsCount>,
    },
    /// Schulze: two matrices with a row and a column for every candidate.
    Pairwise {
        /// How many rankings prefer the row to the column.
        preferences: Vec<Vec<u64>>,
        /// The strength of the strongest path from row to column.
        paths: Vec<Vec<u64>>,
    },
}

/// The median grade of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// The median grade: that of the middle one of all grades in order, of two in the middle the worse.
    pub median: usize,
    /// How many grades are better.
    pub better: u64,
    /// How many are worse.
    pub worse: u64,
}

/// What a method makes of a profile: who is elected, the ties that were broken, the numbers.
pub(super) type Counted = (Vec<usize>, Vec<Tie>, Workings);

impl Count {
    /// The count as text, with these names in place of numbers.
    pub fn named<'a>(&'a self, names: &'a [&'a str]) -> Named<'a> {
        Named { count: self, names }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.named(&[]).fmt(f)
    }
}

/// A count to be shown with names; candidates without one are shown by number.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    count: &'a Count,
    names: &'a [&'a str],
}

impl Named<'_> {
    fn name(&self, candidate: usize) -> String {
        self.names.get(candidate).map_or_else(|| format!("candidate {candidate}"), |n| (*n).into())
    }

    fn list(&self, candidates: &[usize]) -> String {
        let names: Vec<_> = candidates.iter().map(|candidate| self.name(*candidate)).collect();
        if names.is_empty() { "nobody".into() } else { names.join(", ") }
    }

    fn open(&self, f: &mut fmt::Formatter<'_>, open: usize) -> fmt::Result {
        if open > 0 { writeln!(f, "seats that stay open: {open}") } else { Ok(()) }
    }

    fn matrix(&self, f: &mut fmt::Formatter<'_>, verb: &str, matrix: &[Vec<u64>]) -> fmt::Result {
        for (i, row) in matrix.iter().enumerate() {
            for (j, n) in row.iter().enumerate().filter(|(j, _)| i != *j) {
                writeln!(f, "  {} {verb} {}: {n}", self.name(i), self.name(j))?;
            }
        }
        Ok(())
    }

    fn tie(&self, f: &mut fmt::Formatter<'_>, tie: &Tie) -> fmt::Result {
        write!(f, "  tie, ")?;
        match tie.decided {
            Decided::Round(round) => {
                write!(f, "in this order by the votes back to round {}", round + 1)?;
            }
            Decided::Preferences => f.write_str("in this order by preferences")?,
            Decided::Points => f.write_str("in this order by points")?,
            Decided::TopScores => f.write_str("in this order by highest scores")?,
            Decided::Order => f.write_str("in this order by the order of the candidates")?,
            Decided::Lot => f.write_str("in this order by lot")?,
            Decided::Open => f.write_str("left open")?,
        }
        writeln!(f, ": {}", self.list(&tie.order))
    }

    fn round(&self, f: &mut fmt::Formatter<'_>, number: usize, round: &CountRound) -> fmt::Result {
        let CountRound { totals, exhausted, lost, elected, step } = round;
        writeln!(f, "round {}", number + 1)?;
        for (candidate, total) in totals.iter().enumerate() {
            writeln!(f, "  {}: {total}", self.name(candidate))?;
        }
        writeln!(f, "  exhausted: {exhausted}")?;
        if let Method::Stv { .. } = self.count.counting.method {
            writeln!(f, "  lost to rounding: {lost}")?;
        }
        for tie in self.count.ties.iter().filter(|tie| tie.round == number) {
            self.tie(f, tie)?;
        }
        if !elected.is_empty() {
            writeln!(f, "  elected: {}", self.list(elected))?;
        }
        match step {
            Some(Step::Surplus { candidate, surplus }) => {
                writeln!(f, "  surplus of {}: {surplus}", self.name(*candidate))
            }
            Some(Step::Elimination { candidate }) => {
                writeln!(f, "  eliminated: {}", self.name(*candidate))
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { counting, candidates, votes, elected, ties, workings } = self.count;
        match counting.method {
            Method::Plurality => f.write_str("Plurality"),
            Method::InstantRunoff => f.write_str("Instant runoff"),
            Method::Stv { quota, places } => {
                let quota = match quota {
                    Quota::Droop => "Droop",
                    Quota::Hare => "Hare",
                };
                let s = if places == 1 { "" } else { "s" };
                write!(f, "Single transferable vote ({quota} quota, {places} decimal place{s})")
            }
            Method::Schulze => f.write_str("Schulze"),
            Method::MajorityJudgment => f.write_str("Majority judgment"),
            Method::Star => f.write_str("STAR"),
            Method::Lists { formula, .. } => f.write_str(match formula {
                Formula::DHondt => "Lists by d'Hondt",
                Formula::SainteLague => "Lists by Sainte-Laguë",
                Formula::Hare => "Lists by Hare",
            }),
            Method::Borda => f.write_str("Borda"),
        }?;
        writeln!(f, ", seats: {}, candidates: {candidates}, votes: {votes}", counting.seats)?;
        match workings {
            Workings::Scores(scores) => {
                for (candidate, score) in scores.iter().enumerate() {
                    writeln!(f, "  {}: {score}", self.name(candidate))?;
                }
            }
            Workings::Totals { votes, too_few, passed_over, open } => {
                for (candidate, votes) in votes.iter().enumerate() {
                    writeln!(f, "  {}: {votes}", self.name(candidate))?;
                }
                if !too_few.is_empty() {
                    writeln!(f, "with fewer votes than are needed: {}", self.list(too_few))?;
                }
                if !passed_over.is_empty() {
                    writeln!(f, "passed over, as their group is full: {}", self.list(passed_over))?;
                }
                self.open(f, *open)?;
            }
            Workings::Grades { judgments, order, removed: _, open } => {
                for candidate in order {
                    let Some(Judgment { median, better, worse }) = judgments.get(*candidate) else {
                        continue;
                    };
                    let (name, median) = (self.name(*candidate), median + 1);
                    writeln!(
                        f,
                        "  {name}: grade {median} from the best, {better} better, {worse} worse"
                    )?;
                }
                self.open(f, *open)?;
            }
            Workings::Star { points, rounds, open } => {
                for (candidate, points) in points.iter().enumerate() {
                    writeln!(f, "  {}: {points} points", self.name(candidate))?;
                }
                for StarRound { finalists, preferences } in rounds {
                    let [a, b] = finalists.as_slice() else { continue };
                    let [above, below] = preferences.as_slice() else { continue };
                    let (a, b) = (self.name(*a), self.name(*b));
                    writeln!(f, "runoff: {above} prefer {a}, {below} prefer {b}")?;
                }
                self.open(f, *open)?;
            }
            Workings::Lists { lists, names, count } => {
                for (list, (votes, seats)) in lists.iter().zip(&count.seats).enumerate() {
                    let below =
                        if count.below.contains(&list) { ", below the threshold" } else { "" };
                    writeln!(f, "list {}: {votes} votes, {seats} seats{below}", list + 1)?;
                }
                for (name, votes) in names.iter().enumerate() {
                    writeln!(f, "  {}: {votes}", self.name(name))?;
                }
                self.open(f, count.open)?;
            }
            Workings::Rounds { quota, rounds } => {
                if let Some(quota) = quota {
                    writeln!(f, "quota: {quota}")?;
                }
                for (number, round) in rounds.iter().enumerate() {
                    self.round(f, number, round)?;
                }
            }
            Workings::Pairwise { preferences, paths } => {
                writeln!(f, "votes that prefer one to another")?;
                self.matrix(f, "over", preferences)?;
                writeln!(f, "strongest paths from one to another")?;
                self.matrix(f, "to", paths)?;
            }
        }
        if !matches!(workings, Workings::Rounds { .. }) {
            for tie in ties {
                self.tie(f, tie)?;
            }
        }
        write!(f, "elected: {}", self.list(elected))
    }
}
