//! A town elects its council by lists. A voter chooses a list and has lines for names, of this list or of others, up to two for one name;
//! lines that go to no name count for the list.
//!
//! ```text
//! cargo run --release --example council_lists -- --out target/lists
//! cargo run --release -- audit target/lists
//! ```
//!
//! Seats are given by Sainte-Laguë: first to lists and joined lists, then among the joined ones, then on each list to the names with the most
//! votes. Nothing but sums is ever opened, so nobody sees which names stood together on a ballot.

mod common;

use clap::Parser;
use rand_core::{OsRng, RngCore};
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::Choices,
    contest::{Contest, ContestOption},
    count::{Counting, Formula, Fraction, Method, TieBreak, Unfilled, Workings},
    manifest::Manifest,
    tally::Outcome,
};

/// Lists, how many of a hundred voters choose them, and their names.
const LISTS: [(&str, &str, u32, [&str; 5]); 4] = [
    ("river", "River Valley", 38, ["Ott", "Ruf", "Weiss", "Zahn", "Lind"]),
    ("town", "Old Town", 29, ["Marx", "Noll", "Pohl", "Rau", "Senn"]),
    ("green", "Green Hill", 21, ["Tann", "Uhl", "Vogt", "Wirz", "Yung"]),
    ("free", "Free Voters", 12, ["Abt", "Blum", "Carl", "Diem", "Egli"]),
];
const SEATS: u16 = 9;
const LINES: u64 = 9;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Elects a council by lists with cumulation and panachage.
#[derive(Parser)]
struct Options {
    /// How many people vote, at least 1
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    voters: u32,
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/lists")]
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

fn run(Options { voters, out }: &Options) -> Result<(), Failure> {
    let names = LISTS.iter().flat_map(|(list, _, _, names)| {
        names.iter().map(|name| ContestOption::new(name).group(list))
    });
    let method = Method::Lists { formula: Formula::SainteLague, unfilled: Unfilled::Others };
    let council = Contest::lists("council", names, LINES).each(2).or_no_list().blank();
    let council = LISTS.iter().fold(council, |council, (id, name, ..)| council.group(id, name));
    let council = council
        .counting(Counting { method, seats: SEATS, tie_break: TieBreak::Lot })
        .threshold(Fraction::new(1, 20)?)
        .joined(["green", "free"]);
    let builder = Manifest::builder("council.2031")
        .title("Council of the town")
        .threshold(2)
        .minimum_cell(1)
        .contest(council);
    let rng = &mut OsRng;
    let choices: Vec<Choices> = (0..*voters).map(|_| wish(rng)).collect();
    let outcome = common::hold(out, builder, &["Ada", "Ben", "Cem"], &choices)?;
    show(&outcome)
}

/// A list, some of its names twice, and some of other lists.
fn wish(rng: &mut impl RngCore) -> Choices {
    let mut share = rng.next_u32() % 100;
    let list = LISTS.iter().find(|(_, _, of_hundred, _)| {
        let found = share < *of_hundred;
        share = share.saturating_sub(*of_hundred);
        found
    });
    let (id, _, _, names) = list.unwrap_or(&LISTS[0]);
    let mut choices = Choices::new().pick("council", id);
    let mut left = LINES;
    for name in names {
        let votes = u64::from(rng.next_u32() % 3).min(left);
        left -= votes;
        choices = choices.score("council", name, votes);
    }
    let other = &LISTS[rng.next_u32() as usize % LISTS.len()];
    let stranger = other.3[rng.next_u32() as usize % other.3.len()];
    if left > 0 && !names.contains(&stranger) {
        choices = choices.pick("council", stranger);
    }
    choices
}

fn show(outcome: &Outcome) -> Result<(), Failure> {
    let [counted] = outcome.counted() else { return Err("one contest is counted".into()) };
    let Workings::Lists { lists, count, .. } = &counted.count.workings else {
        return Err("lists are counted".into());
    };
    let rows = LISTS.iter().zip(lists).zip(&count.seats).map(|(((_, name, ..), votes), seats)| {
        let plural = if *seats == 1 { "" } else { "s" };
        ((*name).into(), *votes, format!("{seats} seat{plural}"))
    });
    common::bars("Votes and seats of the lists", &rows.collect::<Vec<_>>());
    let mut names = Vec::new();
    for name in counted.elected() {
        names.push((name.into(), outcome.count("council", name)?, String::new()));
    }
    common::bars("The elected, with their votes", &names);
    Ok(())
}
