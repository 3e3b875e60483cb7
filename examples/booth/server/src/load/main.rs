//! Measures the server: it makes an election with ballots, and sends them at a rate.
//!
//! ```text
//! booth-load make load --voters 16000
//! booth-load run load --rate 200 --seconds 60       every acknowledged ballot is looked up afterwards
//! booth-load crash load --rate 200 --seconds 10     the server is killed under load, and started again
//! ```

mod client;
mod make;
mod server;

use clap::Parser;
use client::{Client, Result};
use serde_json::Value;
use server::Server;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};
use tabella::{
    Manifest,
    board::Posted,
    log::checkpoint::EntryProof,
    rand_core::OsRng,
    record::{Folder, Opening},
};
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};

#[derive(Parser)]
#[command(version)]
enum Command {
    /// Make an election, and a ballot for each voter
    Make {
        /// A new folder
        folder: PathBuf,
        #[arg(long)]
        voters: usize,
    },
    /// Send ballots that are not on the board yet, and look each of them up
    Run(Load),
    /// The same, and kill the server when the time is up
    Crash(Load),
}

#[derive(Parser)]
struct Load {
    /// The folder
    folder: PathBuf,
    /// Ballots a second
    #[arg(long)]
    rate: usize,
    #[arg(long)]
    seconds: usize,
}

fn main() -> ExitCode {
    let run = async {
        match Command::parse() {
            Command::Make { folder, voters } => make::make(&folder, voters),
            Command::Run(load) => run(&load).await,
            Command::Crash(load) => crash(&load).await,
        }
    };
    // One core is for the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// A ballot that was sent: which one, how long after it was due the answer came, and the entry if it was acknowledged.
struct Sent {
    ballot: usize,
    after: Duration,
    entry: Result<u64>,
}

/// Sends ballots, each at its time whatever became of those before it.
fn send(client: &Client, ballots: &[Vec<u8>], rate: usize) -> JoinSet<Sent> {
    let (begin, mut sending) = (Instant::now() + Duration::from_millis(50), JoinSet::new());
    for (number, ballot) in ballots.iter().enumerate() {
        let due = begin + Duration::from_secs_f64(number as f64 / rate as f64);
        let (client, ballot) = (client.clone(), ballot.clone());
        sending.spawn(async move {
            sleep_until(due.into()).await;
            let entry = client.post(ballot).await.and_then(|answer| {
                let entry = answer.get("entry").and_then(Value::as_u64);
                entry.ok_or_else(|| answer.to_string().into())
            });
            Sent { ballot: number, after: due.elapsed(), entry }
        });
    }
    sending
}

/// The ballots that this load sends: those that are not on the board yet.
async fn fresh(load: &Load, client: &Client) -> Result<Vec<Vec<u8>>> {
    let status = client.get("/api/status").await?.json()?;
    let cast = status["ballots"].as_u64().ok_or("no number of ballots")? as usize;
    let ballots = make::ballots(&load.folder)?;
    let wanted = load.rate * load.seconds;
    let fresh: Vec<_> = ballots.into_iter().skip(cast).take(wanted).collect();
    match fresh.len() == wanted {
        true => Ok(fresh),
        false => Err(format!("{} ballots are left, of {wanted}: make more", fresh.len()).into()),
    }
}

async fn run(load: &Load) -> Result<()> {
    let (server, took) = Server::start(&load.folder, server::free_address()?).await?;
    println!("first answer after {} ms", took.as_millis());
    let ballots = fresh(load, &server.client).await?;
    let (begin, mut sending) = (Instant::now(), send(&server.client, &ballots, load.rate));
    let (mut sent, mut memory) = (Vec::new(), vec![server.memory()?.0]);
    while let Some(next) = sending.join_next().await {
        sent.push(next?);
        if begin.elapsed().as_secs() as usize >= memory.len() * 5 {
            memory.push(server.memory()?.0);
        }
    }
    let took = begin.elapsed();
    let acknowledged = sent.iter().filter(|sent| sent.entry.is_ok()).count();
    let rate = acknowledged as f64 / took.as_secs_f64();
    println!(
        "{acknowledged} of {} acknowledged in {:.1} s: {rate:.1} a second",
        sent.len(),
        took.as_secs_f64()
    );
    if let Some(Err(error)) = sent.iter().map(|sent| &sent.entry).find(|entry| entry.is_err()) {
        println!("not acknowledged: {error}");
    }
    latencies(&sent);
    let (now, most) = server.memory()?;
    println!("memory in MiB every 5 s: {}", join(memory.iter().map(|kilobytes| kilobytes / 1024)));
    println!("memory at the end {} MiB, at most {} MiB", now / 1024, most / 1024);
    look_up(&server.client, &ballots, &sent).await?;
    server.stop()?;
    audit(&load.folder, acknowledged)?;
    match acknowledged == ballots.len() {
        true => Ok(()),
        false => Err("not all were acknowledged".into()),
    }
}

async fn crash(load: &Load) -> Result<()> {
    let address = server::free_address()?;
    let (server, _) = Server::start(&load.folder, address).await?;
    let ballots = fresh(load, &server.client).await?;
    // It is killed before all are sent.
    let sending = send(&server.client, &ballots, load.rate);
    sleep(Duration::from_secs_f64(load.seconds as f64 * 0.8)).await;
    server.kill()?;
    let sent = sending.join_all().await;
    let acknowledged = sent.iter().filter(|sent| sent.entry.is_ok()).count();
    println!("killed under load; {acknowledged} of {} were acknowledged", sent.len());
    let (server, took) = Server::start(&load.folder, address).await?;
    println!("first answer {} ms after the start", took.as_millis());
    look_up(&server.client, &ballots, &sent).await?;
    // Whoever got no answer sends the same once more.
    let (mut new, mut there) = (0, 0);
    for sent in sent.iter().filter(|sent| sent.entry.is_err()) {
        let ballot = ballots.get(sent.ballot).ok_or("a ballot")?;
        match server.client.post(ballot.clone()).await?["new"].as_bool() {
            Some(true) => new += 1,
            Some(false) => there += 1,
            None => return Err("a ballot was refused that was sent once more".into()),
        }
    }
    println!("of those without an answer {there} were there, and {new} are now");
    server.stop()?;
    audit(&load.folder, ballots.len())
}

fn latencies(sent: &[Sent]) {
    let answered = sent.iter().filter(|sent| sent.entry.is_ok());
    let mut all: Vec<u128> = answered.map(|sent| sent.after.as_millis()).collect();
    all.sort_unstable();
    let at = |part: f64| {
        let place = ((all.len() as f64 * part) as usize).min(all.len().saturating_sub(1));
        all.get(place).map_or("-".into(), ToString::to_string)
    };
    let [half, most, nearly, worst] = [0.5, 0.9, 0.99, 1.0].map(at);
    println!("answered after (ms): median {half}, 90 % {most}, 99 % {nearly}, slowest {worst}");
}

fn join(numbers: impl Iterator<Item = u64>) -> String {
    numbers.map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// Every acknowledged ballot is where it was said to be, byte for byte, under a checkpoint that has it.
async fn look_up(client: &Client, ballots: &[Vec<u8>], sent: &[Sent]) -> Result<()> {
    // Until a checkpoint has all of them.
    let last = sent.iter().filter_map(|sent| sent.entry.as_ref().ok()).max().copied();
    let begin = Instant::now();
    while let Some(last) = last {
        let status = client.get("/api/status").await?.json()?;
        if status["checkpoint"].as_u64().is_some_and(|size| size > last) {
            break;
        }
        if begin.elapsed() > Duration::from_secs(30) {
            return Err("no checkpoint has the last ballot".into());
        }
        sleep(Duration::from_millis(100)).await;
    }
    let manifest = client.get("/record/manifest.json").await?;
    let manifest = Manifest::from_json(std::str::from_utf8(&manifest.body)?)?;
    let (origin, log) = (manifest.origin(), manifest.log().ok_or("the manifest names no log")?);
    let (begin, mut found) = (Instant::now(), 0);
    for Sent { ballot, entry, .. } in sent {
        let Ok(entry) = entry else { continue };
        let object = ballots.get(*ballot).ok_or("a ballot")?;
        let Posted { tracker, voter, .. } = Posted::of_entry(object).ok_or("no ballot")?;
        let answer = client.get(&format!("/api/ballots/{tracker}?voter={voter}")).await?.json()?;
        if answer["entry"].as_u64() != Some(*entry) {
            return Err(format!("entry {entry} was acknowledged, and is lost: {answer}").into());
        }
        let proof: EntryProof = answer["proof"].as_str().ok_or("no proof")?.parse()?;
        if proof.index() != *entry {
            return Err(format!("the proof of entry {entry} is of {}", proof.index()).into());
        }
        proof.verify(object, &origin, log.key())?;
        found += 1;
    }
    let took = begin.elapsed().as_secs_f64();
    println!("{found} looked up in {took:.1} s: all are there, and their proofs verify");
    Ok(())
}

/// Everything on the disk is verified, without the snapshot.
fn audit(folder: &Path, least: usize) -> Result<()> {
    let path = folder.join("election");
    let opened = Opening::of(&path).believing_nothing().open(&mut OsRng)?;
    let ballots = opened.board.state().counted();
    let checkpoints = Folder::open(&path)?.checkpoints()?.len();
    println!("the record verifies: {ballots} ballots count, {checkpoints} checkpoints");
    match ballots as usize >= least {
        true => Ok(()),
        false => Err("ballots are missing".into()),
    }
}
