//! A city elects a council of three by single transferable vote. Voters rank six candidates and anybody they write in.
//!
//! ```text
//! cargo run --release --example ranked_choice -- --out target/council
//! cargo run --release -- audit target/council
//! ```
//!
//! Rankings cannot be summed under encryption, so they are mixed: two of the three trustees, one after the other, re-encrypt
//! and permute all of them, and prove it. Then any two open them, and everybody can count. A second contest is summed as
//! usual. Here all trustees are one process.

mod common;

use clap::Parser;
use common::{Recorder, Signers};
use rand_core::{OsRng, RngCore};
use rayon::prelude::*;
use std::{path::PathBuf, process::ExitCode, time::Instant};
use tabella::{
    ballot::{CastBallot, Choices, Election, Header},
    board::{Board, Kind, Refusal},
    codec::Encode,
    contest::Contest,
    count::{Counting, Method, Profile, Quota, Ranking, TieBreak, count},
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{self, Trustee},
    manifest::Manifest,
    roll::Credential,
    tally::{Cascade, Outcome},
};

const TRUSTEES: [&str; 3] = ["Ada", "Ben", "Cem"];
const CANDIDATES: [&str; 6] = ["Dora", "Emil", "Faye", "Goran", "Hedda", "Ivo"];
/// She is not on the list.
const WRITTEN_IN: [&str; 3] = ["Zora Vale", "zora vale", "ZORA  VALE"];
/// Groups of voters: how many in a hundred, and their favourites in order. 6 is Zora.
const GROUPS: [(u32, [usize; 4]); 5] = [
    (31, [0, 1, 2, 6]),
    (22, [3, 4, 0, 1]),
    (19, [6, 2, 0, 5]),
    (17, [5, 3, 6, 4]),
    (11, [2, 6, 1, 0]),
];
const SEATS: u16 = 3;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Elects a council by rankings that are mixed, opened and counted.
#[derive(Parser)]
struct Options {
    /// How many people vote, at least 10
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..))]
    voters: u32,
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/council")]
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

fn run(options: &Options) -> Result<(), Failure> {
    let rng = &mut OsRng;
    let signers = Signers::random(rng)?;
    let operator = AuthorSecret::random(rng)?;
    let mut secrets = Vec::new();
    let mut builder = signers.register(Manifest::builder("council").title("Council of the city"));
    for name in TRUSTEES {
        let secret = AuthorSecret::random(rng)?;
        builder = builder.trustee(name, secret.public().clone());
        secrets.push(secret);
    }
    let method = Method::Stv { quota: Quota::Droop, places: 9 };
    let counting = Counting { method, seats: SEATS, tie_break: TieBreak::Backwards };
    let manifest = builder
        .operator(operator.public().clone())
        .threshold(2)
        .contest(Contest::rank("council", CANDIDATES, counting).write_ins(1, 50))
        .contest(Contest::choose_one("trams", ["yes", "no"]).blank())
        .build()?;

    let voters: Vec<Credential> =
        (0..options.voters).map(|_| Credential::random(rng)).collect::<Result<_, _>>()?;
    let roll = voters.iter().map(|voter| voter.registration(&manifest, 0, rng));
    let roll = roll.collect::<Result<Vec<_>, _>>()?;
    let (ceremony, mut trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    let mut recorder = Recorder::create(&options.out, signers)?;
    let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
    recorder.checkpoint(&board)?;
    println!("Three trustees: {}. Any two of them can mix and open.", TRUSTEES.join(", "));

    let start = Instant::now();
    let wishes: Vec<Wish> = (0..options.voters).map(|_| Wish::random(rng)).collect();
    let election = board.election().ok_or("voting is not open")?.clone();
    let ballots = voters.par_iter().zip(&wishes).map(|(voter, wish)| wish.ballot(&election, voter));
    let ballots = ballots.collect::<Result<Vec<_>, _>>()?;
    for verdict in board.post_all(&ballots, rng) {
        verdict?;
    }
    recorder.checkpoint(&board)?;
    println!("{} people have voted ({:.1} s).", voters.len(), start.elapsed().as_secs_f64());

    board.close(&operator, &mut trustees, rng)?;
    let tally = board.tally(&operator, rng)?;
    println!("\nVoting is closed. Rankings are opened only after two mixes.");
    tamper(&mut board, &trustees[0])?;
    for trustee in &trustees[..2] {
        let start = Instant::now();
        board.mix(std::slice::from_ref(trustee), rng)?;
        let rows: usize = board.state().cascades().iter().map(Cascade::rows).sum();
        let (name, seconds) = (name(trustee), start.elapsed().as_secs_f64());
        println!(
            "  {name} has mixed {rows} rankings, and the board has verified it ({seconds:.1} s)."
        );
    }
    for trustee in &mut trustees[1..] {
        board.post(&trustee.open(board.state(), rng)?, rng)?;
        println!("  {} has opened.", name(trustee));
    }
    let outcome = board.finish(&operator, &DlogTable::new(tally.bound()), rng)?;
    show(&outcome, &wishes, &counting)?;

    recorder.finish(&board)?;
    let report =
        common::audit(&options.out, &board)?.into_result().map_err(|report| report.to_string())?;
    let outcome = report.outcome.as_ref().ok_or("the audit found no result")?;
    println!("\nThe record is in {:?}.", options.out);
    println!(
        "verified: {} ballots, elected {}",
        report.ballots,
        outcome.elected("council")?.join(", ")
    );
    Ok(())
}

/// A voter's choice: candidates by number, the best first, and a spelling of the name written in.
struct Wish {
    order: Vec<usize>,
    spelling: usize,
    trams: bool,
}

impl Wish {
    fn random(rng: &mut impl RngCore) -> Self {
        let mut lot = rng.next_u32() % 100;
        let group = GROUPS.iter().find(|(share, _)| {
            let found = lot < *share;
            lot = lot.saturating_sub(*share);
            found
        });
        let (_, best) = group.unwrap_or(&GROUPS[0]);
        // Some name one, some two or more.
        let named = 1 + rng.next_u32() as usize % best.len();
        let mut order = best[..named].to_vec();
        if named > 1 && rng.next_u32().is_multiple_of(4) {
            order.swap(0, 1);
        }
        let spelling = rng.next_u32() as usize % WRITTEN_IN.len();
        Self { order, spelling, trams: rng.next_u32().is_multiple_of(3) }
    }

    fn ballot(&self, election: &Election, voter: &Credential) -> Result<CastBallot, Failure> {
        let mut choices = Choices::new().pick("trams", if self.trams { "yes" } else { "no" });
        for candidate in &self.order {
            choices = match CANDIDATES.get(*candidate) {
                Some(name) => choices.rank("council", [*name]),
                None => choices.rank_write_in("council", WRITTEN_IN[self.spelling].trim()),
            };
        }
        Ok(election.encrypt(voter, &Header::remote(0), &choices, &mut OsRng)?.cast())
    }
}

/// Somebody changes a bit of a mix on its way to the board.
fn tamper(board: &mut Board, trustee: &Trustee) -> Result<(), Failure> {
    let (rng, cell) = (&mut OsRng, board.state().cascades()[0].cell());
    let prepared = trustee.prepare_mix(board.state(), cell, rng)?;
    let mix = trustee.mix(board.state(), cell, prepared, rng)?;
    let mut object = vec![Kind::Mix as u8];
    mix.encode(&mut object);
    let end = object.len() - 70;
    object[end] ^= 1;
    match board.post(&object, rng) {
        Err(refusal @ Refusal::Mix { .. }) => println!("  Refused: {refusal}."),
        other => return Err(format!("a changed mix should be refused: {other:?}").into()),
    }
    Ok(())
}

fn name(trustee: &Trustee) -> &'static str {
    TRUSTEES[usize::from(trustee.number() - 1)]
}

/// Prints the count and compares it with that of the wishes.
fn show(outcome: &Outcome, wishes: &[Wish], counting: &Counting) -> Result<(), Failure> {
    let [council] = outcome.counted() else { return Err("one contest is counted".into()) };
    let names: Vec<&str> = council.candidates.iter().map(String::as_str).collect();
    println!("\n{}", council.count.named(&names));
    let account = outcome.account("council")?;
    let contest = outcome.manifest().contests().get(account.contest).ok_or("no such contest")?;
    for (part, rankings) in account.parts(contest) {
        println!("{rankings:>6} {part}");
    }
    println!("{:>6} rankings in total", account.held);
    println!("trams: yes {}, no {}", outcome.count("trams", "yes")?, outcome.count("trams", "no")?);

    let mut plain = Profile::new(names.len());
    for wish in wishes {
        plain.add(Ranking::strict(names.len(), &wish.order)?, 1)?;
    }
    if count(&plain, counting)?.elected != council.count.elected {
        return Err("the voters chose others".into());
    }
    Ok(())
}
