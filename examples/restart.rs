//! A board on disk, measured: how long it takes to open it again, to find a ballot, and to acknowledge ballots.
//!
//! ```text
//! cargo run --release --example restart -- make --folder /tmp/board --ballots 100000
//! cargo run --release --example restart -- open --folder /tmp/board
//! cargo run --release --example restart -- open --folder /tmp/board --verify
//! cargo run --release --example restart -- find --folder /tmp/board
//! cargo run --release --example restart -- post --folder /tmp/board --ballots 4000 --group 64
//! ```
//!
//! `make` takes a minute or two for 100,000 ballots; the record stays for the others. Each is a process of its own, so that what
//! it prints of its memory is its own. `post` begins a board of its own at `<folder>-posted`.

#![allow(clippy::unwrap_used, reason = "a measurement stops at the first thing that is wrong")]

use clap::{Parser, Subcommand};
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use rayon::prelude::*;
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tabella::{
    AuthorSecret, Board, Choices, Contest, Credential, Election, Header, Manifest,
    board::{Object as _, Posted},
    keys,
    record::{self, Opened, Opening},
};

/// Objects that are posted in one call.
const GROUP: usize = 4096;

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
    /// The record's folder.
    #[arg(long, global = true, default_value = "board")]
    folder: PathBuf,
    /// How many ballots are made or posted, each of a voter of its own.
    #[arg(long, global = true, default_value_t = 20_000)]
    ballots: u32,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a record.
    Make,
    /// Opens it.
    Open {
        /// Without the snapshot.
        #[arg(long)]
        verify: bool,
    },
    /// Finds ballots by their trackers.
    Find,
    /// Posts ballots.
    Post {
        /// How many in one call.
        #[arg(long, default_value_t = 1)]
        group: usize,
    },
}

fn main() {
    let Options { command, folder, ballots } = Options::parse();
    match command {
        Command::Make => {
            let _ = fs::remove_dir_all(&folder);
            let (mut board, election) = begin(&folder, ballots);
            let start = Instant::now();
            for first in (0..ballots).step_by(GROUP) {
                let cast = cast(&election, first..ballots.min(first + GROUP as u32));
                accept(&mut board, &cast);
            }
            tell("made", start.elapsed());
        }
        Command::Open { verify } => {
            let (opening, start) = (Opening::of(&folder), Instant::now());
            let opening = if verify { opening.believing_nothing() } else { opening };
            let Opened { board, known, .. } = opening.open(&mut OsRng).unwrap();
            tell("opened", start.elapsed());
            println!("{} entries, of which {} were known", board.state().size(), known.unwrap());
        }
        Command::Find => find(&folder),
        Command::Post { group } => {
            let mut name = folder.into_os_string();
            name.push("-posted");
            let folder = PathBuf::from(name);
            let _ = fs::remove_dir_all(&folder);
            let (mut board, election) = begin(&folder, ballots);
            let cast = cast(&election, 0..ballots);
            let start = Instant::now();
            for group in cast.chunks(group) {
                accept(&mut board, group);
            }
            let time = start.elapsed();
            tell("posted", time);
            println!("{:.0} ballots a second", f64::from(ballots) / time.as_secs_f64());
            fs::remove_dir_all(&folder).unwrap();
        }
    }
}

fn find(folder: &Path) {
    let board = record::open(folder, &mut OsRng).unwrap().board;
    let size = board.state().size();
    let ballots = (0..size).step_by((size / 1000).max(1) as usize);
    let ballots: Vec<(u64, Posted)> = ballots
        .filter_map(|index| Some((index, Posted::of_entry(&board.read(index).unwrap()?)?)))
        .collect();
    let start = Instant::now();
    for (entry, Posted { tracker, voter, .. }) in &ballots {
        assert_eq!(board.find(tracker, Some(voter)).unwrap().unwrap().entry, *entry);
    }
    println!("{:?} to find a ballot", start.elapsed() / ballots.len() as u32);
    let start = Instant::now();
    for (entry, Posted { voter, .. }) in &ballots {
        assert_eq!(board.entries_of(voter).unwrap(), [*entry]);
    }
    println!("{:?} to find the ballots of a voter", start.elapsed() / ballots.len() as u32);
    let (head, start) = (board.state().head(), Instant::now());
    for (entry, _) in &ballots {
        let proof = board.hashes().inclusion(*entry, head.size).unwrap();
        proof.verify(&board.read(*entry).unwrap().unwrap(), &head).unwrap();
    }
    println!("{:?} to prove an entry and verify that", start.elapsed() / ballots.len() as u32);
}

/// A board with this many voters, on which voting is open.
fn begin(folder: &Path, voters: u32) -> (record::DiskBoard, Election) {
    let rng = &mut OsRng;
    let operator = AuthorSecret::random(rng).unwrap();
    let secrets = [AuthorSecret::random(rng).unwrap()];
    let manifest = Manifest::builder("restart")
        .operator(operator.public().clone())
        .trustees([secrets[0].public().clone()], 1)
        .contest(Contest::choose_one("q", ["a", "b", "c", "d", "e"]))
        .build()
        .unwrap();
    let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng).unwrap();
    let roll = (0..voters).into_par_iter();
    let roll = roll.map(|n| voter(n).registration(&manifest, 0, &mut OsRng).unwrap());
    let roll: Vec<_> = roll.collect();
    let mut board: Board<_> = record::create(folder).unwrap();
    board.begin(&manifest, &operator, &ceremony, &trustees, &roll, rng).unwrap();
    let election = board.election().unwrap().clone();
    (board, election)
}

fn accept(board: &mut record::DiskBoard, cast: &[Vec<u8>]) {
    for result in board.post_all(cast, &mut OsRng) {
        result.unwrap();
    }
}

fn voter(number: u32) -> Credential {
    Credential::random(&mut ChaCha20Rng::seed_from_u64(number.into())).unwrap()
}

fn cast(election: &Election, voters: std::ops::Range<u32>) -> Vec<Vec<u8>> {
    let choices = Choices::new().pick("q", "b");
    let cast = voters.into_par_iter().map(|number| {
        let header = Header::remote(0);
        let sealed = election.encrypt(&voter(number), &header, &choices, &mut OsRng);
        sealed.unwrap().cast().to_object()
    });
    cast.collect()
}

/// Prints how long something took, and what the process has used in all.
fn tell(what: &str, time: Duration) {
    println!("{what} in {:.2} s", time.as_secs_f64());
    // Only Linux says so.
    if let Ok((processor, now, most)) = used() {
        println!(
            "{processor:.2} s of processor time in all, {now} kB of memory now, {most} kB at most"
        );
    }
}

fn used() -> io::Result<(f64, String, String)> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    let status = fs::read_to_string("/proc/self/status")?;
    let value = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").to_owned()
    };
    Ok((ticks / 100.0, value("VmRSS:"), value("VmHWM:")))
}
