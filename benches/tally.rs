//! Counting: ballots are verified and summed on one core and on two, sums opened, and totals found.
//!
//! The election has 16 districts, each counted separately, and one contest of five options. Two of three trustees open.
#![allow(clippy::unwrap_used)]

use attacks::{World, rng};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::{ThreadPoolBuilder, prelude::*};
use std::{hint::black_box, time::Duration};
use tabella::{
    ballot::{Choices, Election, Header, VerifiedBallot},
    codec::{Encode, Reader},
    contest::{Cell, Contest},
    crypto::dlog::DlogTable,
    tally::{DecryptionShare, PartialTally, Tally, combine},
};

const OPTIONS: usize = 5;
const DISTRICTS: u16 = 16;
const BALLOTS: usize = 4096;

/// District and choice of the `i`-th voter.
fn vote(i: usize) -> (u16, usize) {
    ((i % usize::from(DISTRICTS)) as u16, i / 64 % OPTIONS)
}

fn world() -> (World, Election) {
    let styles: Vec<u16> = (0..BALLOTS).map(|i| vote(i).0).collect();
    let contest = Contest::choose_one("mayor", (0..OPTIONS).map(|k| k.to_string()));
    let world = World::new(1, (3, 2), &styles, |builder| {
        let builder = builder.contest(contest.cell(Cell::District));
        (0..DISTRICTS).map(|d| d.to_string()).fold(builder, |builder, district| {
            builder.district(&district, &district).style(&district, &district, ["mayor"])
        })
    });
    let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
    (world, election)
}

/// One ballot of every voter.
fn ballots(world: &mut World, election: &Election) -> Vec<Vec<u8>> {
    let ballot = |i| {
        let (style, option) = vote(i);
        let choices = Choices::new().pick("mayor", &option.to_string());
        world.ballot(election, i, &Header::remote(style), &choices).to_bytes()
    };
    (0..BALLOTS).map(ballot).collect()
}

fn verify(election: &Election, ballots: &[Vec<u8>]) -> Vec<VerifiedBallot> {
    let verified = election.verify_all(ballots, &mut rng(2)).unwrap();
    verified.into_iter().collect::<Result<_, _>>().unwrap()
}

fn sum(election: &Election, ballots: &[VerifiedBallot]) -> PartialTally {
    let mut tally = PartialTally::new(election.manifest());
    ballots.iter().for_each(|ballot| tally.add(ballot, 1).unwrap());
    tally
}

/// The sum of all ballots, from partial tallies on all cores.
fn verify_and_sum(election: &Election, ballots: &[Vec<u8>]) -> PartialTally {
    let verified = verify(election, ballots);
    let partial = verified.par_chunks(256).map(|ballots| sum(election, ballots));
    let merge = |mut a: PartialTally, b: PartialTally| {
        a.merge(&b).unwrap();
        a
    };
    partial.reduce(|| PartialTally::new(election.manifest()), merge)
}

fn point(value: u64) -> RistrettoPoint {
    RistrettoPoint::mul_base(&Scalar::from(value))
}

fn count(c: &mut Criterion) {
    let (mut world, election) = world();
    let ballots = ballots(&mut world, &election);
    let verified = verify(&election, &ballots);
    let expected = sum(&election, &verified);

    let mut group = c.benchmark_group("tally");
    group.throughput(Throughput::Elements(BALLOTS as u64));
    for (cores, id) in [(1, "verify-and-sum/1-core"), (2, "verify-and-sum/2-cores")] {
        let pool = ThreadPoolBuilder::new().num_threads(cores).build().unwrap();
        group.bench_function(id, |b| {
            b.iter(|| {
                let sum = pool.install(|| verify_and_sum(&election, black_box(&ballots)));
                assert!(sum == expected);
            });
        });
    }
    group.bench_function("sum", |b| {
        b.iter(|| assert!(sum(&election, black_box(&verified)) == expected));
    });
    group.finish();
    open(c, &mut world, &election, &Tally::new(&expected));
}

fn open(c: &mut Criterion, world: &mut World, election: &Election, tally: &Tally) {
    let World { rng, trustees, .. } = world;
    let read = |bytes: &[u8]| DecryptionShare::decode(&mut Reader::new(bytes), tally).unwrap();
    let mut open =
        |place: usize| trustees[place].expose_factors(election, tally, rng).unwrap().to_bytes();
    let bytes = [open(0), open(2)];
    let mut tampered = bytes[0].clone();
    *tampered.iter_mut().nth_back(31).unwrap() ^= 1;
    assert!(
        read(&tampered)
            .verify(election, election.ceremony().unwrap(), tally, &mut attacks::rng(3))
            .is_err()
    );
    let shares = bytes.each_ref().map(|share| {
        read(share)
            .verify(election, election.ceremony().unwrap(), tally, &mut attacks::rng(4))
            .unwrap()
    });
    // Every total of every district is the number of its voters with this choice.
    let totals = (0..DISTRICTS).map(|district| {
        let total = |k| (0..BALLOTS).filter(|i| vote(*i) == (district, k)).count() as u64;
        Some((0..OPTIONS).map(|k| point(total(k))).collect())
    });
    let totals: Vec<Option<Vec<RistrettoPoint>>> = totals.collect();
    assert_eq!(tally.opened().len(), usize::from(DISTRICTS) * OPTIONS);

    let mut group = c.benchmark_group("tally");
    group.throughput(Throughput::Elements(tally.opened().len() as u64));
    group.bench_function("share-made", |b| {
        b.iter(|| trustees[0].expose_factors(election, black_box(tally), rng).unwrap().to_bytes());
    });
    group.bench_function("share-verified", |b| {
        b.iter(|| {
            read(black_box(&bytes[0]))
                .verify(election, election.ceremony().unwrap(), tally, rng)
                .unwrap()
        });
    });
    group.bench_function("shares-combined", |b| {
        b.iter(|| {
            assert!(
                combine(election.ceremony().unwrap(), tally, black_box(&shares)).unwrap().cells
                    == totals
            )
        });
    });
    group.finish();
}

fn dlog(c: &mut Criterion) {
    let mut group = c.benchmark_group("tally");
    for bound in [1_000_000, 100_000_000] {
        let table = DlogTable::new(bound);
        assert_eq!(table.find_vartime(&point(bound + 1)), None);
        group.bench_function(format!("dlog-table/{bound}"), |b| {
            b.iter(|| DlogTable::new(black_box(bound)));
        });
        for (name, total) in [("middle", bound / 2), ("last", bound)] {
            let sum = point(total);
            group.bench_function(format!("dlog-find/{bound}/{name}"), |b| {
                b.iter(|| assert_eq!(table.find_vartime(black_box(&sum)), Some(total)));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(10_000)
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = count, dlog
}
criterion_main!(benches);
