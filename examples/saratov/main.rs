//! A whole election of the size of one in Saratov, at full strength: 45 districts, 110 polling stations and phones, 41,478
//! voters on the roll, of whom 14,932 cast a ballot, and five trustees, any three of whom can open.
//!
//! ```text
//! cargo run --release --example saratov
//! cargo run --release --example saratov -- --voters 500 --seed 7 --out target/small
//! cargo run --release --example saratov -- --minutes 2         seven hours of voting in two minutes
//! cargo run --release --example saratov -- --volgograd         185,000 on the roll, 207,000 ballots
//! ```
//!
//! Voters and votes are invented, so that every count can be compared with the votes that were cast. Some people vote twice,
//! and some ballots are bad and must be refused, each for the right reason. The board is written to a folder as a record,
//! which `tabella audit` checks. At the end the turnout is drawn as it came in over the day.
//!
//! All randomness comes from one seed, so that runs can be compared. That is for demonstrations only. In an election every
//! voter, trustee and operator uses randomness from the operating system of their own machine; whoever knew the seed would
//! know every vote.

#[path = "../common/mod.rs"]
mod common;
mod count;
mod day;
mod devices;
mod plan;
mod show;

use clap::Parser;
use common::Recorder;
use day::Day;
use plan::{Arrival, Bad, Plan, Purpose, Size, What, some_of};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use show::Clock;
use std::{path::PathBuf, process::ExitCode};
use tabella::{
    ballot::Election,
    board::{Board, Refusal},
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{Dealer, Recipient, Trustee},
    manifest::Manifest,
};

/// Ballots that the board takes in one call.
const BATCH: usize = 1_000;
const TRUSTEES: u16 = 5;
const THRESHOLD: u16 = 3;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs a whole election with made-up voters and checks every count.
#[derive(Parser)]
struct Options {
    /// How many voters cast a ballot, 14,932 or those of Volgograd by default; second ballots scale with it
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    voters: Option<u32>,
    /// How many people are on the roll; by default it scales with the voters
    #[arg(long)]
    roll: Option<u32>,
    /// As many as in the later record of the same platform: 185,000 on the roll, 207,000 ballots
    #[arg(long)]
    volgograd: bool,
    /// Replay the seven hours in so many minutes; without it as fast as the board takes ballots
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=420))]
    minutes: Option<u32>,
    /// How many districts; polling stations scale with it
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u16).range(2..=1_000))]
    districts: u16,
    /// The seed of all randomness (for demonstrations only)
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// The folder for the record; it may hold an older record, but nothing else
    #[arg(long, default_value = "target/saratov")]
    out: PathBuf,
}

impl Options {
    fn size(&self) -> Size {
        let real = if self.volgograd { Size::VOLGOGRAD } else { Size::SARATOV };
        let size = self.voters.map_or(real, |voters| real.scaled(voters as usize));
        Size { roll: self.roll.map_or(size.roll, |roll| roll as usize), ..size }
    }
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
    let size = options.size();
    if size.roll < size.voters {
        let Size { roll, voters, .. } = size;
        return Err(format!("--roll {roll}: there are more voters, {voters}, than that").into());
    }
    let clock = &mut Clock::default();
    let (plan, operator, parties, manifest) = clock.time("setup", || set_up(options, size))?;
    let rng = &mut plan.rng(Purpose::Board, 1);

    let mut recorder = Recorder::create(&options.out, plan.signers()?)?;
    let mut board = Board::new();
    board.post_manifest(&manifest, &operator, rng)?;
    let mut trustees = clock.time("ceremony", || ceremony(&mut board, &operator, parties, rng))?;
    clock.time("roll", || enrol(&mut board, &plan, &manifest, &operator, rng))?;
    let mut poll = Poll::new(&plan, &board, Day::new(options.minutes.map(Into::into)))?;
    poll.vote(&mut board, &mut recorder, clock, rng)?;

    // A quorum closes, and any three open; not all of them need to be present.
    let draw = &mut plan.rng(Purpose::Trustee, 0);
    let quorum =
        board.state().ceremony().map_or(TRUSTEES, |keys| keys.close_quorums().iter().sum());
    let present = some_of(1..=TRUSTEES, quorum.into(), draw);
    let openers = some_of(1..=TRUSTEES, THRESHOLD.into(), draw);
    let tally = clock.time("close, tally", || -> Result<_, Failure> {
        board.freeze(&operator, rng)?;
        for trustee in trustees.iter_mut().filter(|t| present.contains(&t.number())) {
            board.post(&trustee.sign_close(board.state(), &[], rng)?, rng)?;
        }
        poll.come_late(&mut board, rng)?;
        Ok(board.tally(&operator, rng)?)
    })?;
    let outcome = clock.time("open", || -> Result<_, Failure> {
        for trustee in trustees.iter_mut().filter(|t| openers.contains(&t.number())) {
            board.post(&trustee.open(board.state(), rng)?, rng)?;
        }
        let table = DlogTable::new(tally.bound());
        Ok(board.finish(&operator, &table, rng)?)
    })?;

    let mut wrong = count::differences(&plan, &manifest, &outcome);
    clock.time("record", || recorder.finish(&board))?;
    let report = clock.time("audit", || common::audit(&options.out, &board))?;
    if !report.is_accepted() || report.outcome.as_ref() != Some(&outcome) {
        wrong.push(format!("the audit of the record:\n{report}"));
    }
    let (counted, twice) = (outcome.turnout().ballots(), report.replaced);
    if (report.ballots, twice) != (counted + poll.replaced, poll.replaced) {
        wrong.push(format!("the audit sees {} ballots and {twice} replaced", report.ballots));
    }

    if poll.day.sums() != (report.ballots, counted) {
        wrong.push(format!("the curve of the day has {:?} ballots and people", poll.day.sums()));
    }
    show::results(&manifest, &outcome);
    poll.day.print(plan.people.len());
    show::refusals(&poll.refused);
    println!("None of these is in the record. Opened by trustees {openers:?}.\n");
    println!("Published before voting:  manifest {}", manifest.hash());
    println!("Published at the end:     root     {}", board.state().root());
    println!(
        "To audit the record:      cargo run --release -- audit {:?} --expect-manifest {} --expect-root {}\n",
        options.out,
        manifest.hash(),
        board.state().root()
    );
    clock.print();
    wrong.append(&mut poll.wrong);
    if !wrong.is_empty() {
        return Err(format!("{} mistakes\n{}", wrong.len(), wrong.join("\n")).into());
    }
    println!(
        "verified: {counted} ballots, {} districts, {twice} replaced, {} refused",
        manifest.districts().len(),
        poll.refused.len()
    );
    Ok(())
}

/// A trustee before the ceremony: a registered secret and a machine of its own.
struct Party {
    number: u16,
    secret: AuthorSecret,
    rng: ChaCha20Rng,
}

fn set_up(
    options: &Options,
    size: Size,
) -> Result<(Plan, AuthorSecret, Vec<Party>, Manifest), Failure> {
    let plan = Plan::new(size, options.districts.into(), options.seed);
    let operator = AuthorSecret::random(&mut plan.rng(Purpose::Board, 0))?;
    let party = |number: u16| -> Result<Party, Failure> {
        let mut rng = plan.rng(Purpose::Trustee, number.into());
        Ok(Party { number, secret: AuthorSecret::random(&mut rng)?, rng })
    };
    let parties = (1..=TRUSTEES).map(party).collect::<Result<Vec<_>, _>>()?;
    let keys = parties.iter().map(|party| party.secret.public().clone());
    let signers = plan.signers()?;
    let manifest = plan.manifest(|builder| {
        signers.register(builder.operator(operator.public().clone()).trustees(keys, THRESHOLD))
    })?;
    Ok((plan, operator, parties, manifest))
}

/// Each party commits to a deal, publishes it, checks its shares of all deals and confirms. The operator closes each round.
fn ceremony(
    board: &mut Board,
    operator: &AuthorSecret,
    mut parties: Vec<Party>,
    rng: &mut ChaCha20Rng,
) -> Result<Vec<Trustee>, Failure> {
    let setup = board.state().observer().ok_or("there is no ceremony")?.setup().clone();
    let mut dealers = Vec::new();
    for Party { number, secret, rng: own } in &mut parties {
        let (dealer, commit) = Dealer::new(&setup, *number, secret, own)?;
        board.post(&commit, rng)?;
        dealers.push(dealer);
    }
    board.close_round(operator, rng)?;
    for dealer in dealers {
        let deal = dealer.deal(board.state().observer().ok_or("there is no ceremony")?)?;
        board.post(&deal, rng)?;
    }
    board.close_round(operator, rng)?;
    let mut recipients = Vec::new();
    for Party { number, secret, rng: own } in &mut parties {
        let recipient = Recipient::new(&setup, *number, secret)?;
        let observer = board.state().observer().ok_or("there is no ceremony")?;
        for complaint in recipient.complain(observer, own)? {
            board.post(&complaint, rng)?;
        }
        recipients.push(recipient);
    }
    board.close_round(operator, rng)?;
    let mut trustees = Vec::new();
    for (recipient, Party { rng: own, .. }) in recipients.into_iter().zip(&mut parties) {
        let observer = board.state().observer().ok_or("there is no ceremony")?;
        let trustee = recipient.finish(observer)?;
        board.post(&trustee.confirm(own)?, rng)?;
        trustees.push(trustee);
    }
    board.close_round(operator, rng)?;
    Ok(trustees)
}

/// Every device requests a line on the roll, which the operator then posts.
fn enrol(
    board: &mut Board,
    plan: &Plan,
    manifest: &Manifest,
    operator: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Result<(), Failure> {
    let bar = show::progress("roll", plan.people.len());
    let register = |person| {
        bar.inc(1);
        devices::register(plan, manifest, person)
    };
    let people = (0..plan.people.len()).into_par_iter();
    let roll = people.map(register).collect::<Result<Vec<_>, _>>()?;
    bar.finish_and_clear();
    board.post_roll(&roll, operator, rng)?;
    Ok(())
}

/// The board's answers, which are compared with those that the plan expects.
struct Poll<'p> {
    plan: &'p Plan,
    election: Election,
    /// For each person the entry of the first ballot.
    first: Vec<u64>,
    day: Day,
    replaced: u64,
    refused: Vec<(Bad, Refusal)>,
    wrong: Vec<String>,
}

impl<'p> Poll<'p> {
    fn new(plan: &'p Plan, board: &Board, day: Day) -> Result<Self, Failure> {
        let election = board.election().ok_or("the board is not open")?.clone();
        let first = vec![u64::MAX; plan.people.len()];
        let (refused, wrong) = (Vec::new(), Vec::new());
        Ok(Self { plan, election, first, day, replaced: 0, refused, wrong })
    }

    /// Everything arrives, and the board takes together what is there.
    fn vote(
        &mut self,
        board: &mut Board,
        recorder: &mut Recorder,
        clock: &mut Clock,
        rng: &mut ChaCha20Rng,
    ) -> Result<(), Failure> {
        let bar = show::progress("votes", self.plan.arrivals.len());
        let (mut arrivals, mut times) = (&self.plan.arrivals[..], &self.plan.times[..]);
        while !arrivals.is_empty() {
            let (batch, arrived);
            let due = self.day.due(times, BATCH);
            ((batch, arrivals), (arrived, times)) = (arrivals.split_at(due), times.split_at(due));
            let make = |arrival: &Arrival| {
                bar.inc(1);
                devices::ballot(self.plan, &self.election, *arrival)
            };
            let ballots = clock
                .time("encrypt", || batch.par_iter().map(make).collect::<Result<Vec<_>, _>>())?;
            let answers = clock.time("cast", || board.post_all(&ballots, rng));
            clock.time("record", || recorder.checkpoint(board))?;
            for ((arrival, time), answer) in batch.iter().zip(arrived).zip(answers) {
                let is_first = arrival.what == What::Vote(0);
                self.day.answered(*time, answer.is_ok(), is_first);
                self.judge(arrival, answer);
            }
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Valid ballots, but after the close.
    fn come_late(&mut self, board: &mut Board, rng: &mut ChaCha20Rng) -> Result<(), Failure> {
        for arrival in &self.plan.late {
            let ballot = devices::ballot(self.plan, &self.election, *arrival)?;
            self.judge(arrival, board.post(&ballot, rng));
        }
        Ok(())
    }

    /// Compares an answer of the board with the expected one.
    fn judge(&mut self, arrival: &Arrival, answer: Result<tabella::board::Accepted, Refusal>) {
        let Arrival { person, what } = *arrival;
        let first = self.first[person];
        match (what, answer) {
            (What::Vote(0), Ok(accepted)) if accepted.replaces.is_none() => {
                self.first[person] = accepted.entry;
            }
            (What::Vote(1), Ok(accepted)) if accepted.replaces == Some(first) => {
                self.replaced += 1;
            }
            (What::Bad(kind), Err(refusal))
                if refusal == devices::expected(self.plan, person, kind, first) =>
            {
                self.refused.push((kind, refusal));
            }
            (what, answer) => {
                let what = match what {
                    What::Vote(n) => format!("vote {n}"),
                    What::Bad(kind) => kind.name().into(),
                };
                self.wrong.push(format!("{what} of person {person}: the board says {answer:?}"));
            }
        }
    }
}
