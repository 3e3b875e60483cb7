//! A club chooses the place of its summer camp by rankings and its chair by scores, and nobody mixes: only sums are opened.
//!
//! ```text
//! cargo run --release --example club -- --out target/club
//! cargo run --release -- audit target/club
//! ```
//!
//! From a ranking a ballot makes, for each two places, a bit that says which of them stands above the other, and proves that these bits are
//! those of some ranking. Their sums are all that Schulze's method needs. STAR takes the sums of scores, and for each two candidates how many
//! scored the one higher. No single ranking is ever opened, so no pattern of a ranking can be bought.

mod common;

use clap::Parser;
use rand_core::{OsRng, RngCore};
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::Choices,
    contest::Contest,
    count::{Counting, Method, TieBreak, Workings},
    manifest::Manifest,
    tally::Outcome,
};

const PLACES: [&str; 5] = ["Harbour", "Hill", "Lake", "Meadow", "Wood"];
const CHAIRS: [&str; 4] = ["Anna", "Bela", "Cleo", "Dora"];
const MOST: u64 = 5;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Counts rankings by Schulze and scores by STAR, without a mix.
#[derive(Parser)]
struct Options {
    /// How many people vote, at least 1
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    voters: u32,
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/club")]
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
    let by = |method| Counting { method, seats: 1, tie_break: TieBreak::Lot };
    let camp = Contest::pairs("camp", PLACES).ties().counting(by(Method::Schulze));
    let chair = Contest::star("chair", CHAIRS, MOST).blank().counting(by(Method::Star));
    let builder = Manifest::builder("club.2031")
        .title("Summer camp, and a chair")
        .threshold(2)
        .minimum_cell(25)
        .contest(camp)
        .contest(chair);
    let rng = &mut OsRng;
    let choices: Vec<Choices> = (0..*voters).map(|_| wish(rng)).collect();
    let outcome = common::hold(out, builder, &["Ada", "Ben", "Cem"], &choices)?;
    if outcome.whole(0).and_then(|camp| camp.totals).is_none() {
        println!("Nothing is opened of fewer than 25 ballots.");
        return Ok(());
    }
    show(&outcome)
}

/// Places in a random order, with the first ones liked a little more; some equal; and scores.
fn wish(rng: &mut impl RngCore) -> Choices {
    let mut places: Vec<(u32, &str)> =
        (0u32..).zip(PLACES).map(|(i, place)| (rng.next_u32() % 100 + 9 * i, place)).collect();
    places.sort_unstable();
    let (equal, rest) = places.split_at(1 + rng.next_u32() as usize % 2);
    let choices = Choices::new().rank_equal("camp", equal.iter().map(|(_, place)| *place), []);
    let choices = choices.rank("camp", rest.iter().map(|(_, place)| *place));
    CHAIRS.iter().fold(choices, |choices, name| {
        choices.score("chair", name, u64::from(rng.next_u32()) % (MOST + 1))
    })
}

fn show(outcome: &Outcome) -> Result<(), Failure> {
    for counted in outcome.counted() {
        let names = &counted.candidates;
        match &counted.count.workings {
            Workings::Pairwise { preferences, .. } => {
                let mut rows = Vec::new();
                for (i, row) in preferences.iter().enumerate() {
                    for (j, above) in row.iter().enumerate().filter(|(j, _)| i < *j) {
                        let below = preferences[j][i];
                        rows.push((
                            format!("{} over {}", names[i], names[j]),
                            *above,
                            format!("to {below}"),
                        ));
                    }
                }
                common::bars("Which place stands above which, on how many ballots", &rows);
            }
            Workings::Star { points, .. } => {
                let rows: Vec<_> = names
                    .iter()
                    .zip(points)
                    .map(|(n, p)| (n.clone(), *p, "points".into()))
                    .collect();
                common::bars("Points for the chair", &rows);
            }
            _ => return Err("neither pairs nor STAR".into()),
        }
        println!("Elected: {}", counted.elected().collect::<Vec<_>>().join(", "));
    }
    Ok(())
}
