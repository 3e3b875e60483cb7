//! The printed results, refusals and times.

use crate::plan::{Bad, SURVEY};
use comfy_table::{CellAlignment, Table, TableComponent, presets::UTF8_HORIZONTAL_ONLY};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};
use tabella::{
    board::Refusal,
    manifest::Manifest,
    tally::{CellOutcome, LookupError, Outcome, ShareOf},
};

/// A progress bar on standard error, hidden if that is not a terminal.
pub fn progress(title: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:<10} {wide_bar} {pos}/{len} {eta:>4}");
    let bar = ProgressBar::new(length as u64).with_message(title);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}

/// The duration of each phase.
#[derive(Default)]
pub struct Clock(Vec<(&'static str, Duration)>);

impl Clock {
    /// Does some work of this phase and measures it.
    pub fn time<T>(&mut self, phase: &'static str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        let spent = start.elapsed();
        match self.0.iter_mut().find(|(name, _)| *name == phase) {
            Some((_, sum)) => *sum += spent,
            None => self.0.push((phase, spent)),
        }
        result
    }

    pub fn print(&self) {
        let mut table = table(&["Phase", "Seconds"]);
        for (phase, spent) in &self.0 {
            table.add_row([(*phase).to_string(), seconds(spent)]);
        }
        table.add_row(["all".into(), seconds(&self.0.iter().map(|(_, spent)| *spent).sum())]);
        right(&mut table, 1..2);
        println!("{table}");
        if let Some(peak) = peak_memory() {
            println!("Peak memory: {peak}");
        }
    }
}

fn seconds(spent: &Duration) -> String {
    format!("{:.2}", spent.as_secs_f64())
}

/// The process's peak resident memory, if the system reports it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.0} MB", kib as f64 * 1024.0 / 1e6))
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(head);
    table.remove_style(TableComponent::HorizontalLines);
    table.remove_style(TableComponent::MiddleIntersections);
    table
}

fn right(table: &mut Table, columns: std::ops::Range<usize>) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".into();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

/// One row for each district, then the survey and where people voted.
pub fn results(manifest: &Manifest, outcome: &Outcome) {
    let turnout = outcome.turnout();
    let mut table = table(&["District", "Turnout", "", "Votes, by candidate", "Blank"]);
    for cell in outcome.cells().iter().filter(|cell| manifest.contests()[cell.contest].id != SURVEY)
    {
        for district in &cell.districts {
            let (ballots, on_roll) = (turnout.districts[*district], turnout.on_roll[*district]);
            let blanks = cell.blanks();
            table.add_row([
                (district + 1).to_string(),
                format!("{ballots} of {on_roll}"),
                percent(ballots, on_roll),
                votes(manifest, cell),
                blanks.map_or("–".into(), |blanks| blanks.to_string()),
            ]);
        }
    }
    let (ballots, on_roll) = (turnout.ballots(), turnout.on_roll.iter().sum());
    let all = ["all".into(), format!("{ballots} of {on_roll}"), percent(ballots, on_roll)];
    table.add_row(all.into_iter().chain([String::new(), String::new()]));
    right(&mut table, 0..3);
    right(&mut table, 4..5);
    println!("{table}");

    if let Some(survey) = manifest.contest(SURVEY).and_then(|c| manifest.contests().get(c)) {
        let counts = survey.ids().map(|option| {
            let count = outcome.count(SURVEY, option)?;
            let percent = outcome.percent(SURVEY, option).unwrap_or(0.0);
            Ok(format!("{option} {count} ({percent:.1} % {})", ShareOf::of(survey)))
        });
        let counts: Result<Vec<String>, LookupError> = counts.collect();
        match counts.and_then(|counts| Ok((counts, outcome.undervotes(SURVEY)?))) {
            Ok((counts, silent)) => {
                println!("{} {}, no answer {silent}", survey.title, counts.join(", "));
            }
            Err(error) => println!("{}: {error}", survey.title),
        }
    }
    let at_stations: u64 = turnout.stations.iter().sum();
    println!(
        "At {} polling stations {at_stations} ballots ({}), on phones {} ({})",
        turnout.stations.len(),
        percent(at_stations, ballots),
        turnout.remote,
        percent(turnout.remote, ballots)
    );
    let stations = || turnout.stations.iter().zip(manifest.stations());
    if let (Some((most, top)), Some((least, last))) =
        (stations().max_by_key(|(n, _)| **n), stations().min_by_key(|(n, _)| **n))
    {
        println!("Most of them at {} ({most}), fewest at {} ({least})", top.name, last.name);
    }
}

/// The candidates of a cell with their votes, most votes first.
fn votes(manifest: &Manifest, cell: &CellOutcome) -> String {
    let (Some(totals), Ok(all)) = (&cell.totals, cell.all_of_share()) else {
        return format!("not opened: fewer than {} ballots", manifest.minimum_cell());
    };
    let mut list: Vec<_> = manifest.contests()[cell.contest].ids().zip(totals).collect();
    list.sort_by(|(_, a), (_, b)| b.cmp(a));
    let show = |(name, total): (&str, &u64)| {
        format!("{name} {total} ({:.0} %)", 100.0 * *total as f64 / all.max(1) as f64)
    };
    list.into_iter().map(show).collect::<Vec<_>>().join(", ")
}

/// One row for each kind of bad ballot, with the reason that the board gave first.
pub fn refusals(refused: &[(Bad, Refusal)]) {
    let mut table = table(&["Refused", "", "Reason"]);
    for kind in Bad::ALL {
        let of_kind = || refused.iter().filter(|(bad, _)| *bad == kind);
        let reason = of_kind().next().map(|(_, refusal)| refusal.to_string());
        table.add_row([
            of_kind().count().to_string(),
            kind.name().to_string(),
            reason.unwrap_or_default(),
        ]);
    }
    right(&mut table, 0..1);
    println!("{table}");
}
