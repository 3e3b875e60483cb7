//! A village decides on its budget: which projects it builds, whose costs must stay within the budget of each voter's ballot, and how a fund
//! in roubles is shared out.
//!
//! ```text
//! cargo run --release --example participatory_budget -- --out target/budget
//! cargo run --release -- audit target/budget
//! ```
//!
//! Projects are a knapsack: a ballot proves that those it approves cost no more than there is. Amounts go up to a million for
//! one purpose; each is summed by limbs of 16 bits, so that its total can be opened, and nobody sees what one voter gave. With `--folded`
//! the amounts of a ballot have one short proof, and not one bit by bit. Projects that
//! most approve are built, in order, as long as the money lasts.

mod common;

use clap::Parser;
use rand_core::{OsRng, RngCore};
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::Choices,
    contest::{Contest, ContestOption, Limit},
    manifest::Manifest,
    tally::Outcome,
};

/// Projects with what they cost, in thousands of roubles.
const PROJECTS: [(&str, u32); 7] = [
    ("Bicycle racks", 200),
    ("Playground", 600),
    ("Trees along the river", 350),
    ("A well", 450),
    ("Street lamps", 500),
    ("Library books", 150),
    ("Bandstand", 700),
];
/// What there is for projects.
const BUDGET: u32 = 1_500;
/// Purposes of the fund, and the most that one voter can give to each.
const PURPOSES: [(&str, u64); 4] =
    [("School", 1_000_000), ("Clinic", 1_000_000), ("Roads", 1_000_000), ("Festival", 200_000)];
/// What each voter shares out.
const FUND: u64 = 1_000_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Decides on projects with costs, and shares out a fund in roubles.
#[derive(Parser)]
struct Options {
    /// How many people vote, at least 1
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    voters: u32,
    /// Prove the fund's amounts folded: shorter ballots, which take longer, and the fund cannot be left blank
    #[arg(long)]
    folded: bool,
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/budget")]
    out: PathBuf,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(Options { voters, folded, out }: &Options) -> Result<(), Failure> {
    let projects = PROJECTS.map(|(name, _)| name);
    let costs = PROJECTS.map(|(_, cost)| cost);
    let limit = Limit::at_most(BUDGET.into(), projects).costs(costs);
    let purposes = PURPOSES.map(|(name, most)| ContestOption::new(name).most(most));
    let fund = Contest::choose("fund", purposes, 0..=FUND);
    let fund = if *folded { fund.folded() } else { fund.blank() };
    let builder = Manifest::builder("budget.2031")
        .title("Budget of the village")
        .threshold(2)
        .minimum_cell(1)
        .contest(Contest::approval("projects", projects).limit(limit).blank())
        .contest(fund);
    let rng = &mut OsRng;
    let choices: Vec<Choices> = (0..*voters).map(|_| shared_out(&wish(rng), rng)).collect();
    let outcome = common::hold(out, builder, &["Ada", "Ben", "Cem"], &choices)?;
    show(&outcome)
}

/// Projects that together cost no more than there is.
fn wish(rng: &mut impl RngCore) -> Vec<&'static str> {
    let mut left = BUDGET;
    let mut chosen = Vec::new();
    // Each has a place from which it starts.
    let first = rng.next_u32() as usize % PROJECTS.len();
    for (name, cost) in PROJECTS.iter().cycle().skip(first).take(PROJECTS.len()) {
        if *cost <= left && !rng.next_u32().is_multiple_of(3) {
            left -= cost;
            chosen.push(*name);
        }
    }
    chosen
}

/// The same, and a fund that is shared out at random, part of which may be left.
fn shared_out(projects: &[&str], rng: &mut impl RngCore) -> Choices {
    let mut left = FUND;
    let choices = projects.iter().fold(Choices::new(), |c, name| c.pick("projects", name));
    PURPOSES.iter().fold(choices, |choices, (name, most)| {
        let given = (u64::from(rng.next_u32()) % (left / 2 + 1)).min(*most);
        left -= given;
        choices.score("fund", name, given)
    })
}

fn show(outcome: &Outcome) -> Result<(), Failure> {
    let mut projects = Vec::new();
    for (name, cost) in PROJECTS {
        projects.push((name, cost, outcome.count("projects", name)?));
    }
    // The most approved first; equals in the manifest's order.
    projects.sort_by_key(|(_, _, votes)| std::cmp::Reverse(*votes));
    let mut left = BUDGET;
    let rows = projects.iter().map(|(name, cost, votes)| {
        let built = *cost <= left;
        left -= if built { *cost } else { 0 };
        let built = if built { ", built" } else { "" };
        ((*name).into(), *votes, format!("{cost} 000 roubles{built}"))
    });
    common::bars("Projects, by approvals", &rows.collect::<Vec<_>>());
    let mut fund = Vec::new();
    for (name, _) in PURPOSES {
        let percent = outcome.percent("fund", name)?;
        fund.push((
            name.into(),
            outcome.count("fund", name)?,
            format!("roubles, {percent:.1} % of the most"),
        ));
    }
    common::bars("The fund, all voters together", &fund);
    println!("{} roubles were not given.", outcome.undervotes("fund")?);
    Ok(())
}
