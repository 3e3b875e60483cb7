//! Where an election is, and for whom its board waits.

use crate::{board, failure::Result};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use tabella::{
    board::{Phase, State},
    keys::{Ceremony, Observer, Round, Setup},
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
            waits.extend(of_groups(
                "signatures of the close",
                ceremony,
                &ceremony.close_quorums(),
                &signed,
            ));
        }
        Phase::Closed => waits.push("for the operator to post the tally".into()),
        Phase::Mixing => {
            for cascade in state.cascades().iter().filter(|cascade| !cascade.is_complete()) {
                let what = format!("mixes of cell {}", cascade.cell());
                let mixed = |number| cascade.by().contains(&number);
                waits.extend(of_groups(&what, ceremony, &setup.groups().thresholds(), &mixed));
            }
        }
        Phase::Opening => {
            let opened = |number| state.shares().iter().any(|share| share.trustee() == number);
            let opens = state.tally().is_some_and(|tally| !tally.opened().is_empty());
            let needed = setup.groups().thresholds();
            let missing = of_groups("decryption shares", ceremony, &needed, &opened);
            match opens && !missing.is_empty() {
                true => waits.extend(missing),
                false => waits.push("for the operator to publish the result".into()),
            }
        }
        _ => {}
    }
    waits
}

/// What a board waits for of each group in which fewer have done it than needed.
fn of_groups(
    what: &str,
    ceremony: &Ceremony,
    needed: &[u16],
    done: &dyn Fn(u16) -> bool,
) -> Vec<String> {
    let (setup, holders) = (ceremony.setup(), ceremony.holders());
    let of_group = |(group, needed): (&Group, &u16)| {
        let own = holders.iter().copied().filter(|number| group.has(*number));
        let there = own.clone().filter(|number| done(*number)).count();
        let of = if group.name.is_empty() { "" } else { " of " };
        let missing = names(setup, own.filter(|number| !done(*number)));
        let wait =
            format!("for {what}, {there} of {needed}{of}{} are there, from {missing}", group.name);
        (there < (*needed).into()).then_some(wait)
    };
    setup.groups().iter().zip(needed).filter_map(of_group).collect()
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
