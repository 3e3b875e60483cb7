//! An outcome as tables: one row for each thing that was counted. A row becomes a dict with the names of its fields.

use pyo3::IntoPyObject;
use std::collections::BTreeMap;
use tabella::{
    contest::{CountedMark, Group, OpenedRow, Unreadable},
    count::{CountRound, Decimal, Step, Workings},
    manifest::{District, Manifest, Station},
    tally::{CellOutcome, Counted, Outcome},
};

/// What was counted of an option, a mark, or anything else.
#[derive(IntoPyObject, Clone, Default)]
pub struct Result<'a> {
    contest: &'a str,
    title: &'a str,
    kind: &'static str,
    option: Option<&'a str>,
    name: String,
    grade: Option<&'a str>,
    votes: Option<u64>,
    percent: Option<f64>,
    voters: Option<u64>,
    elected: Option<bool>,
    seats: Option<u64>,
    withdrawn: bool,
    ballots: u64,
    weight: u64,
}

/// The same in one cell.
#[derive(IntoPyObject)]
pub struct ResultByDistrict<'a> {
    contest: &'a str,
    title: &'a str,
    district: String,
    districts: usize,
    kind: &'static str,
    option: Option<&'a str>,
    name: String,
    grade: Option<&'a str>,
    votes: Option<u64>,
    percent: Option<f64>,
    voters: Option<u64>,
    elected: Option<bool>,
    ballots: u64,
    weight: u64,
}

/// The turnout of a district.
#[derive(IntoPyObject)]
pub struct Turnout<'a> {
    district: &'a str,
    name: &'a str,
    ballots: u64,
    on_roll: u64,
    percent: Option<f64>,
}

/// The ballots cast at a station, or remotely.
#[derive(IntoPyObject)]
pub struct TurnoutByStation<'a> {
    station: Option<&'a str>,
    name: &'a str,
    district: Option<&'a str>,
    ballots: u64,
}

/// What a candidate has in a round, or what is exhausted or lost.
#[derive(IntoPyObject)]
pub struct Round<'a> {
    contest: &'a str,
    round: usize,
    kind: &'static str,
    candidate: Option<&'a str>,
    name: String,
    votes: f64,
    elected: bool,
    eliminated: bool,
    surplus: Option<f64>,
}

/// What an opened row says of a candidate; or why it says nothing that counts.
#[derive(IntoPyObject, Clone, Default)]
pub struct Ranked<'a> {
    contest: &'a str,
    district: String,
    row: usize,
    kind: &'static str,
    candidate: Option<String>,
    rank: Option<u8>,
    votes: Option<u64>,
    invalid: Option<String>,
}

/// The whole election, contest by contest.
pub fn results(outcome: &Outcome) -> Vec<Result<'_>> {
    let places = 0..outcome.manifest().contests().len();
    places
        .flat_map(|place| outcome.whole(place).map(|whole| of_cell(outcome, &whole, true)))
        .flatten()
        .collect()
}

/// Cell by cell.
pub fn results_by_district(outcome: &Outcome) -> Vec<ResultByDistrict<'_>> {
    let of_cell = |cell| {
        let (district, districts) = district(outcome.manifest(), cell);
        of_cell(outcome, cell, false).into_iter().map(move |row| {
            let Result {
                contest, title, kind, option, name, grade, votes, percent, voters, ..
            } = row;
            let Result { elected, ballots, weight, .. } = row;
            let district = district.clone();
            ResultByDistrict {
                contest,
                title,
                district,
                districts,
                kind,
                option,
                name,
                grade,
                votes,
                percent,
                voters,
                elected,
                ballots,
                weight,
            }
        })
    };
    outcome.cells().iter().flat_map(of_cell).collect()
}

/// The ids of a cell's districts, and how many there are.
fn district(manifest: &Manifest, cell: &CellOutcome) -> (String, usize) {
    let ids = cell.districts.iter().filter_map(|place| manifest.districts().get(*place));
    let ids: Vec<&str> = ids.map(|district| district.id.as_str()).collect();
    (ids.join("+"), ids.len())
}

fn counted_of(outcome: &Outcome, contest: usize) -> Option<&Counted> {
    outcome.counted().iter().find(|counted| counted.contest == contest)
}

/// All that was counted in a cell, or in all cells of a contest.
fn of_cell<'a>(outcome: &'a Outcome, cell: &CellOutcome, is_whole: bool) -> Vec<Result<'a>> {
    let Some(contest) = outcome.manifest().contests().get(cell.contest) else { return Vec::new() };
    let counted = counted_of(outcome, cell.contest);
    let is_elected = |candidate: usize| Some(counted?.count.elected.contains(&candidate));
    let all = cell.all_of_share().ok().filter(|all| *all > 0);
    let percent = |votes: Option<u64>| Some(100.0 * votes? as f64 / all? as f64);
    let empty = Result {
        contest: &contest.id,
        title: &contest.title,
        ballots: cell.ballots,
        weight: cell.weight,
        ..Result::default()
    };
    let mut rows = Vec::new();
    for (place, option) in contest.options.iter().enumerate() {
        let votes = cell.count(&option.id).ok();
        let withdrawn =
            |w: &tabella::tally::Withdrawal| (w.contest, w.option) == (cell.contest, place);
        let row = Result {
            option: Some(&option.id),
            name: option.shown(),
            withdrawn: outcome.withdrawn().iter().any(withdrawn),
            ..empty.clone()
        };
        rows.push(Result {
            kind: "option",
            votes,
            percent: percent(votes),
            voters: cell.voters().ok().and_then(|voters| voters.get(place).copied()),
            elected: is_elected(place),
            ..row.clone()
        });
        let given = cell.grades(&option.id).unwrap_or_default();
        let grades = contest.grades().iter().enumerate();
        rows.extend(grades.map(|(place, grade)| Result {
            kind: "grade",
            grade: Some(grade),
            votes: given.get(place).copied(),
            ..row.clone()
        }));
    }
    match counted {
        Some(counted) if is_whole => {
            let names = counted.candidates.iter().enumerate().skip(contest.options.len());
            rows.extend(names.map(|(candidate, name)| Result {
                kind: "write-in",
                option: Some(name),
                name: name.clone(),
                votes: score(&counted.count.workings, candidate),
                elected: is_elected(candidate),
                ..empty.clone()
            }));
            if let Workings::Lists { lists, count, .. } = &counted.count.workings {
                let lists = contest.groups.iter().zip(lists).zip(&count.seats);
                rows.extend(lists.map(|((Group { id, name, .. }, votes), seats)| Result {
                    kind: "list",
                    option: Some(id),
                    name: name.to_string(),
                    votes: Some(*votes),
                    seats: Some(*seats as u64),
                    ..empty.clone()
                }));
            }
        }
        // Names are put together for the whole contest only.
        _ if contest.write_ins.places > 0 && cell.votes().is_ok() => rows.push(Result {
            kind: "write-in",
            name: "written in".into(),
            votes: Some(cell.write_ins),
            ..empty.clone()
        }),
        _ => {}
    }
    rows.extend(contest.marks.iter().map(|CountedMark { id, name, .. }| Result {
        kind: "mark",
        option: Some(id),
        name: name.to_string(),
        votes: cell.mark(id).ok(),
        ..empty.clone()
    }));
    rows.extend(cell.others().unwrap_or_default().into_iter().map(|(name, total)| Result {
        kind: "other",
        name,
        votes: Some(total),
        ..empty.clone()
    }));
    rows.extend(cell.undervotes().ok().map(|votes| Result {
        kind: "not given",
        name: "not given".into(),
        votes: Some(votes),
        ..empty.clone()
    }));
    rows
}

/// The votes or points of a candidate, where a count gives each a whole number of them.
fn score(workings: &Workings, candidate: usize) -> Option<u64> {
    match workings {
        Workings::Scores(scores) => {
            let score = scores.get(candidate).filter(|score| score.places() == 0)?;
            score.units().try_into().ok()
        }
        Workings::Totals { votes: scores, .. } | Workings::Star { points: scores, .. } => {
            scores.get(candidate).copied()
        }
        _ => None,
    }
}

/// District by district.
pub fn turnout(outcome: &Outcome) -> Vec<Turnout<'_>> {
    let turnout = outcome.turnout();
    let numbers = turnout.districts.iter().zip(&turnout.on_roll);
    let rows = outcome.manifest().districts().iter().zip(numbers).enumerate();
    rows.map(|(place, (District { id, name }, (ballots, on_roll)))| Turnout {
        district: id,
        name,
        ballots: *ballots,
        on_roll: *on_roll,
        percent: turnout.percent(place).ok(),
    })
    .collect()
}

/// Station by station, and then what was cast remotely.
pub fn turnout_by_station(outcome: &Outcome) -> Vec<TurnoutByStation<'_>> {
    let (manifest, turnout) = (outcome.manifest(), outcome.turnout());
    let stations = manifest.stations().iter().zip(&turnout.stations);
    let stations = stations.map(|(Station { id, name, district }, ballots)| TurnoutByStation {
        station: Some(id),
        name,
        district: manifest.districts().get(*district).map(|district| district.id.as_str()),
        ballots: *ballots,
    });
    let remote =
        TurnoutByStation { station: None, name: "remote", district: None, ballots: turnout.remote };
    stations.chain([remote]).collect()
}

fn decimal(number: &Decimal) -> f64 {
    number.units() as f64 / 10f64.powi(number.places().into())
}

/// The rounds of all contests that were counted in rounds.
pub fn rounds(outcome: &Outcome) -> Vec<Round<'_>> {
    let mut rows = Vec::new();
    for counted in outcome.counted() {
        let Some(contest) = outcome.manifest().contests().get(counted.contest) else { continue };
        let Workings::Rounds { rounds, .. } = &counted.count.workings else { continue };
        let names = counted.shown(contest);
        for (round, CountRound { totals, exhausted, lost, elected, step }) in (1..).zip(rounds) {
            let candidates = counted.candidates.iter().zip(&names).zip(totals).enumerate();
            rows.extend(candidates.map(|(candidate, ((id, name), votes))| Round {
                contest: &contest.id,
                round,
                kind: "candidate",
                candidate: Some(id),
                name: name.clone(),
                votes: decimal(votes),
                elected: elected.contains(&candidate),
                eliminated: *step == Some(Step::Elimination { candidate }),
                surplus: match step {
                    Some(Step::Surplus { candidate: of, surplus }) if *of == candidate => {
                        Some(decimal(surplus))
                    }
                    _ => None,
                },
            }));
            rows.extend([("exhausted", exhausted), ("lost", lost)].map(|(kind, votes)| Round {
                contest: &contest.id,
                round,
                kind,
                candidate: None,
                name: kind.into(),
                votes: decimal(votes),
                elected: false,
                eliminated: false,
                surplus: None,
            }));
        }
    }
    rows
}

/// The opened rows of all contests that were mixed, in the order of the last mix.
pub fn rankings(outcome: &Outcome) -> Vec<Ranked<'_>> {
    let mut rows = Vec::new();
    for mixed in outcome.mixed() {
        let Some(contest) = outcome.manifest().contests().get(mixed.contest) else { continue };
        let cell = outcome.cells().get(mixed.cell);
        let district = cell.map(|cell| district(outcome.manifest(), cell).0).unwrap_or_default();
        let invalid =
            counted_of(outcome, mixed.contest).into_iter().flat_map(|counted| &counted.invalid);
        let invalid: BTreeMap<usize, Unreadable> = invalid
            .filter(|invalid| invalid.cell == mixed.cell)
            .map(|i| (i.row, i.reason))
            .collect();
        for (row, OpenedRow { votes, written }) in mixed.rows().enumerate() {
            let empty = Ranked {
                contest: &contest.id,
                district: district.clone(),
                row,
                ..Ranked::default()
            };
            let written = invalid.get(&row).map_or(written, |reason| Err(*reason));
            let written = match written {
                Ok(written) => written,
                Err(reason) => {
                    let invalid = Some(Unreadable::to_string(&reason));
                    rows.push(Ranked { kind: "invalid", invalid, ..empty });
                    continue;
                }
            };
            let before = rows.len();
            let of_options = contest.options.iter().zip(&written.ranks);
            rows.extend(of_options.filter(|(_, rank)| **rank > 0).map(|(option, rank)| Ranked {
                kind: "option",
                candidate: Some(option.id.clone()),
                rank: Some(*rank),
                ..empty.clone()
            }));
            let ranks = written.ranks.iter().skip(contest.options.len());
            for (line, name) in written.names.iter().enumerate() {
                let (rank, votes) = (ranks.clone().nth(line).copied(), votes.get(line).copied());
                if rank.unwrap_or(0) > 0 || votes.unwrap_or(0) > 0 {
                    let candidate = name.clone();
                    rows.push(Ranked { kind: "write-in", candidate, rank, votes, ..empty.clone() });
                }
            }
            if rows.len() == before {
                rows.push(Ranked { kind: "empty", ..empty });
            }
        }
    }
    rows
}
