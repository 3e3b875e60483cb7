//! Compares the outcome with what the simulation knows.

use crate::plan::{Plan, SURVEY};
use tabella::{
    ballot::Origin,
    manifest::Manifest,
    tally::{CellOutcome, Outcome, Turnout},
};

/// Every total that differs from the votes in the plan, in words.
pub fn differences(plan: &Plan, manifest: &Manifest, outcome: &Outcome) -> Vec<String> {
    let mut found = turnout_differences(outcome.turnout(), &turnout(plan));
    for (place, contest) in manifest.contests().iter().enumerate() {
        let styles = || manifest.styles().iter().filter(|style| style.contests.contains(&place));
        let cells = || outcome.cells().iter().filter(|cell| cell.contest == place);
        let mut districts: Vec<usize> = cells().flat_map(|cell| cell.districts.clone()).collect();
        districts.sort_unstable();
        if !districts.iter().copied().eq(styles().map(|style| style.district)) {
            found.push(format!("{}: the cells are not a partition: {districts:?}", contest.id));
        }
        for cell in cells() {
            let name = format!("{} in districts {:?}", contest.id, cell.districts);
            cell_differences(plan, manifest, cell, &name, &mut found);
        }
    }
    found
}

fn cell_differences(
    plan: &Plan,
    manifest: &Manifest,
    cell: &CellOutcome,
    name: &str,
    found: &mut Vec<String>,
) {
    let contest = &manifest.contests()[cell.contest];
    let votes = || {
        let people = plan.people.iter();
        let people = people.filter(|p| cell.districts.contains(&p.district.into()));
        people.filter_map(|person| person.last())
    };
    let ballots = votes().count() as u64;
    let mut compare = |what: &str, found_here: Option<u64>, expected: Option<u64>| {
        if found_here != expected {
            found.push(format!("{name}: {what} {found_here:?}, the voters cast {expected:?}"));
        }
    };
    compare("ballots", Some(cell.ballots), Some(ballots));
    compare("weight", Some(cell.weight), Some(ballots));
    let is_open = ballots == 0 || ballots >= manifest.minimum_cell().into();
    let expect = |n: usize| is_open.then_some(n as u64);
    for (place, option) in contest.ids().enumerate() {
        let total = cell.totals.as_ref().and_then(|totals| totals.get(place)).copied();
        let expected = if contest.id == SURVEY {
            votes().filter(|vote| vote.again == Some(option == "yes")).count()
        } else {
            votes().filter(|vote| vote.candidate == Some(place as u8)).count()
        };
        compare(option, total, expect(expected));
    }
    if contest.id == SURVEY {
        let silent = votes().filter(|vote| vote.again.is_none()).count();
        compare("blanks", cell.blanks().ok(), None);
        compare("undervotes", cell.undervotes().ok(), expect(silent));
    } else {
        let blanks = votes().filter(|vote| vote.candidate.is_none()).count();
        compare("blanks", cell.blanks().ok(), expect(blanks));
        compare("undervotes", cell.undervotes().ok(), expect(0));
    }
}

/// The expected turnout.
fn turnout(plan: &Plan) -> Turnout {
    let mut turnout = Turnout {
        districts: vec![0; plan.districts.len()],
        on_roll: vec![0; plan.districts.len()],
        stations: vec![0; plan.stations.len()],
        remote: 0,
    };
    for person in &plan.people {
        let district = usize::from(person.district);
        turnout.on_roll[district] += 1;
        if let Some(vote) = person.last() {
            turnout.districts[district] += 1;
            match vote.origin {
                Origin::Remote => turnout.remote += 1,
                Origin::Station(station) => turnout.stations[usize::from(station)] += 1,
            }
        }
    }
    turnout
}

fn turnout_differences(found: &Turnout, expected: &Turnout) -> Vec<String> {
    let lists = [
        ("ballots by district", &found.districts, &expected.districts),
        ("roll by district", &found.on_roll, &expected.on_roll),
        ("ballots by station", &found.stations, &expected.stations),
        ("remote ballots", &vec![found.remote], &vec![expected.remote]),
    ];
    let differ = lists.into_iter().filter(|(_, found, expected)| found != expected);
    differ.map(|(what, found, expected)| format!("{what}: {found:?}, not {expected:?}")).collect()
}
