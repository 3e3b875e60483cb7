//! Encrypting and verifying ballots, compared in the same run with the crate `elastic-elgamal`.
//!
//! Both sides encrypt and verify the same choices, one among `n` options, on one core, over the same curve25519-dalek.
//! Verifying starts from bytes. Our ballots are also signed by their voters; theirs are not.
#![allow(clippy::unwrap_used)]

use attacks::{World, rng};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use elastic_elgamal::{
    Keypair,
    app::{ChoiceParams, EncryptedChoice, SingleChoice},
    group::Ristretto,
};
use rayon::ThreadPoolBuilder;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use tabella::{
    ballot::{Choices, Election, Header},
    codec::Encode,
    contest::Contest,
};

const OPTIONS: [usize; 3] = [2, 5, 20];
const BATCHES: [usize; 5] = [1, 16, 256, 1024, 4096];
/// How many ballots of the peer are verified in one turn.
const PEERS: usize = 16;
/// How many turns each side takes for the ratio.
const ROUNDS: usize = 15;

type Peer = EncryptedChoice<Ristretto, SingleChoice>;

/// What the `i`-th voter chooses, on both sides.
fn choice(i: usize, options: usize) -> usize {
    i * 7 % options
}

/// An election with one voter.
fn world(options: usize) -> (World, Election) {
    let contest = Contest::choose_one("contest", (0..options).map(|k| k.to_string()));
    let world = World::new(1, (1, 1), &[0], |builder| builder.contest(contest));
    let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
    (world, election)
}

/// Ballots of ours as bytes, all valid.
fn ballots(world: &mut World, election: &Election, options: usize, count: usize) -> Vec<Vec<u8>> {
    let encrypt = |i| {
        let choices = Choices::new().pick("contest", &choice(i, options).to_string());
        let header = Header { sequence: i as u32, ..Header::remote(0) };
        world.ballot(election, 0, &header, &choices).to_bytes()
    };
    let ballots: Vec<_> = (0..count).map(encrypt).collect();
    assert!(verify(election, &ballots).iter().all(|good| *good));
    ballots
}

fn verify(election: &Election, ballots: &[Vec<u8>]) -> Vec<bool> {
    let verified = election.verify_all(ballots, &mut rng(3)).unwrap();
    verified.iter().map(Result::is_ok).collect()
}

/// Ballots of the peer as bytes, all valid.
fn peers(params: &ChoiceParams<Ristretto, SingleChoice>, options: usize) -> Vec<Vec<u8>> {
    let mut rng = rng(4);
    let mut encrypt = |i| Peer::single(params, choice(i, options), &mut rng);
    let peers: Vec<_> = (0..PEERS).map(|i| bincode::serialize(&encrypt(i)).unwrap()).collect();
    assert!(peers.iter().all(|peer| verify_peer(params, peer)));
    peers
}

fn verify_peer(params: &ChoiceParams<Ristretto, SingleChoice>, bytes: &[u8]) -> bool {
    bincode::deserialize::<Peer>(bytes).is_ok_and(|peer| peer.verify(params).is_ok())
}

/// These bytes with the lowest bit of the last scalar flipped: readable, but invalid.
fn tampered(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let scalar = bytes.len() - 32;
    bytes[scalar] ^= 1;
    bytes
}

/// Nanoseconds for which this thread has run, if Linux reports them; otherwise those since `start`.
fn clock(start: Instant) -> u128 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat");
    let ran = stat.ok().and_then(|stat| stat.split(' ').next()?.parse().ok());
    ran.unwrap_or_else(|| start.elapsed().as_nanos())
}

/// Nanoseconds that `work` takes.
fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    let before = clock(start);
    black_box(work());
    (clock(start) - before) as f64
}

/// How many times as fast as one of the peer's a ballot of ours is verified in this batch. It is the median of rounds in
/// which both sides take turns of about equal length, so that other load on the machine favours neither.
fn ratio(
    election: &Election,
    ballots: &[Vec<u8>],
    params: &ChoiceParams<Ristretto, SingleChoice>,
    peers: &[Vec<u8>],
) -> f64 {
    let turns = ballots.len() / 10;
    let round = |_| {
        let verified = |peer: &Vec<u8>| verify_peer(params, peer);
        let theirs = time(|| peers.iter().cycle().take(turns).all(verified)) / turns as f64;
        let ours = time(|| verify(election, ballots)) / ballots.len() as f64;
        theirs / ours
    };
    let mut ratios: Vec<f64> = (0..ROUNDS).map(round).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

fn bench(c: &mut Criterion) {
    // One core for both sides: this thread.
    ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global().unwrap();
    let most = BATCHES.into_iter().max().unwrap();
    for options in OPTIONS {
        let of = format!("1-of-{options}");
        let (ours, theirs) = (format!("tabella/{of}"), format!("elastic-elgamal/{of}"));
        let (mut world, election) = world(options);
        let params = ChoiceParams::single(Keypair::generate(&mut rng(5)).public().clone(), options);
        let ballots = ballots(&mut world, &election, options, most);
        let peers = peers(&params, options);
        println!("{of}: {} bytes here, {} there", ballots[0].len(), peers[0].len());

        // Among many valid ballots, exactly the tampered one is refused; the peer's is, too.
        let mut one_bad = ballots[..64].to_vec();
        one_bad[40] = tampered(&one_bad[40]);
        assert!(verify(&election, &one_bad).iter().enumerate().all(|(i, good)| *good != (i == 40)));
        assert!(bincode::deserialize::<Peer>(&tampered(&peers[0])).is_ok());
        assert!(!verify_peer(&params, &tampered(&peers[0])));

        let ratio = ratio(&election, &ballots[..1024], &params, &peers);
        println!("{of}: in batches of 1024, {ratio:.1} times as fast as elastic-elgamal");

        let mut group = c.benchmark_group("ballot-verify");
        group.throughput(Throughput::Elements(1));
        group.bench_function(&theirs, |b| {
            let mut next = peers.iter().cycle();
            b.iter(|| assert!(verify_peer(&params, black_box(next.next().unwrap()))));
        });
        for batch in BATCHES {
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_with_input(
                BenchmarkId::new(&ours, batch),
                &ballots[..batch],
                |b, ballots| {
                    let mut rng = rng(6);
                    b.iter(|| {
                        let verified = election.verify_all(black_box(ballots), &mut rng).unwrap();
                        assert!(verified.iter().all(Result::is_ok));
                        verified
                    });
                },
            );
        }
        group.finish();

        let mut group = c.benchmark_group("ballot-encrypt");
        group.throughput(Throughput::Elements(1));
        group.bench_function(&theirs, |b| {
            let mut rng = rng(7);
            b.iter(|| bincode::serialize(&Peer::single(&params, black_box(1), &mut rng)).unwrap());
        });
        group.bench_function(&ours, |b| {
            let choices = Choices::new().pick("contest", "1");
            b.iter(|| world.ballot(&election, 0, &Header::remote(0), &choices).to_bytes());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(10_000)
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = bench
}
criterion_main!(benches);
