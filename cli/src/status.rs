//! Where an election is, and for whom its board waits.

use crate::{board, failure::Result};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use tabella::{
    board::{Phase, State},
    keys::{Observer, Round, Setup},
    manifest::Group,
};

/// Which board.
#[derive(Args)]
#[command(after_help = "Example:\n  tabella status election")]
pub struct Options {
    /// The folder of the board
    board: PathBuf,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Prints where the election is.
pub fn run(Options { board, json }: &Options) -> Result<()> {
    let board = board::read(board)?;
    let state = board.state();
    let (manifest, root) = (board::manifest(&board)?, state.root().to_string());
    let waits = waits(state);
    if *json {
        let status = json!({
            "election": manifest.id(),
            "manifest": manifest.hash().to_string(),
            "size": state.size(),
            "root": root,
            "phase": state.phase().to_string(),
            "ballots": state.counted(),
            "voters": state.roll().map_or(0, |roll| roll.len()),
            "waits": waits,
        });
        println!("{status}");
        return Ok(());
    }
    println!("election  {}  {}", manifest.id(), manifest.hash());
    println!("board     {} entries, root {root}", state.size());
    if let Some(roll) = state.roll() {
        println!("voting    {} of {} voters have cast a ballot", state.counted(), roll.len());
    }
    println!("phase     {}", state.phase());
    waits.iter().for_each(|wait| println!("waits     {wait}"));
    Ok(())
}

/// What the board waits for, in words.
pub fn waits(state: &State) -> Vec<String> {
    let mut waits = Vec::new();
    let phase = state.phase();
    let running = state.observer().filter(|observer| observer.round() != Round::Done);
    if let Some(observer) = running.filter(|_| phase < Phase::Closed) {
        waits.extend(of_round(observer));
    }
    let Some(ceremony) = state.ceremony() else { return waits };
    let (setup, holders) = (ceremony.setup(), ceremony.holders());
    let without = |done: &dyn Fn(u16) -> bool| {
        names(setup, holders.iter().copied().filter(|number| !done(*number)))
    };
    if state.question().is_some() {
        let missing = without(&|number| state.answered().contains(&number));
        if !missing.is_empty() {
            waits.push(format!("for answers to the rehearsal from {missing}"));
        }
    }
    match phase {
        Phase::Enrolling => waits.push("for the operator to post the roll".into()),
        Phase::Voting => waits.push("for ballots, until the operator freezes voting".into()),
        Phase::Frozen => {
            let signed = |number| state.closed_by().contains(&number);
            let there = counts(setup, &ceremony.close_quorums(), &signed);
            waits.push(format!("for signatures of the close, {there}, from {}", without(&signed)));
        }
        Phase::Closed => waits.push("for the operator to post the tally".into()),
        Phase::Mixing => {
            for cascade in state.cascades().iter().filter(|cascade| !cascade.is_complete()) {
                let mixed = |number| cascade.by().contains(&number);
                let there = counts(setup, &setup.groups().thresholds(), &mixed);
                let from = without(&|number| !cascade.waits_for(number));
                waits.push(format!("for mixes of cell {}, {there}, from {from}", cascade.cell()));
            }
        }
        Phase::Opening => {
            let opened = |number| state.shares().iter().any(|share| share.trustee() == number);
            let thresholds = setup.groups().thresholds();
            let opens = state.tally().is_some_and(|tally| !tally.opened().is_empty());
            let lacks = setup.groups().iter().any(|group| {
                group.numbers().filter(|number| opened(*number)).count() < group.threshold.into()
            });
            waits.push(match opens && lacks {
                true => format!(
                    "for decryption shares, {}, from {}",
                    counts(setup, &thresholds, &opened),
                    without(&opened)
                ),
                false => "for the operator to publish the result".into(),
            });
        }
        _ => {}
    }
    waits
}

/// What the open round of a ceremony waits for.
fn of_round(observer: &Observer) -> Vec<String> {
    let setup = observer.setup();
    let dealers = |done: &dyn Fn(u16) -> bool| {
        let left = setup.dealers().into_iter().filter(|number| !done(*number));
        match setup.previous() {
            None => names(setup, left),
            Some(_) => numbers(left),
        }
    };
    let (what, from) = match observer.round() {
        Round::Commit => {
            let committed: Vec<u16> = observer.committed().collect();
            ("commits", dealers(&|number| committed.contains(&number)))
        }
        Round::Deal => ("deals", dealers(&|number| observer.deal(number).is_some())),
        Round::Complain => ("complaints about bad shares, if there are any", String::new()),
        _ => {
            let holders = observer.ceremony().map(|ceremony| ceremony.holders());
            let left = holders.into_iter().flatten();
            let left = left.filter(|number| !observer.confirmed().contains(number));
            ("signatures of the keys", names(setup, left))
        }
    };
    let mut waits = Vec::new();
    if observer.round() == Round::Complain {
        waits.push(format!("for {what}"));
    } else if !from.is_empty() {
        waits.push(format!("for {what} from {from}"));
    }
    waits.push("for the operator to end the round".into());
    waits
}

/// How many have done something, of how many that are needed of each group.
fn counts(setup: &Setup, needed: &[u16], done: &dyn Fn(u16) -> bool) -> String {
    let count = |(group, needed): (&Group, &u16)| {
        let there = group.numbers().filter(|number| done(*number)).count();
        let of = if group.name.is_empty() { String::new() } else { format!(" of {}", group.name) };
        format!("{there} of {needed}{of} are there")
    };
    setup.groups().iter().zip(needed).map(count).collect::<Vec<_>>().join(", ")
}

/// Trustees by number and name.
fn names(setup: &Setup, numbers: impl Iterator<Item = u16>) -> String {
    let name = |number: u16| {
        let member = setup.members().get(usize::from(number).saturating_sub(1));
        format!("{number} ({})", member.map_or("?", |member| &member.name))
    };
    numbers.map(name).collect::<Vec<_>>().join(", ")
}

fn numbers(numbers: impl Iterator<Item = u16>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(", ")
}
