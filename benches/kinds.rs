//! What a ballot of each kind of contest takes: bits, bytes, encrypting and verifying it, at 5, 10 and 20 options, on one core.
#![allow(clippy::unwrap_used)]

use attacks::{World, rng};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rayon::ThreadPoolBuilder;
use std::{hint::black_box, time::Duration};
use tabella::{
    ballot::{Choices, Election, Header},
    codec::Encode,
    contest::{Contest, ContestOption, Limit},
    count::{Counting, Method, TieBreak},
};

const OPTIONS: [usize; 3] = [5, 10, 20];
/// Ballots in a batch.
const BATCH: usize = 256;

/// A contest with this many options, and what its voter chooses.
type Kind = (&'static str, fn(usize) -> Contest, fn(usize) -> Choices);

/// Two lists, whose names stand in turn on one and the other, and as many lines as names.
fn panachage(n: usize) -> Contest {
    let list = |i: usize| ["north", "south"][i % 2];
    let options = (0..n).map(|i| ContestOption::new(&i.to_string()).group(list(i)));
    let contest = Contest::lists("c", options, n as u64).each(2).or_no_list();
    contest.group("north", "North").group("south", "South")
}

fn rank(n: usize) -> Choices {
    Choices::new().rank("c", names(n).iter().map(String::as_str))
}

fn score(n: usize) -> Choices {
    (0..n).fold(Choices::new(), |c, i| c.score("c", &i.to_string(), i as u64 % 6))
}

fn split(_: usize) -> Choices {
    let choices = Choices::new().of_weight(1_000_000);
    choices.score("c", "0", 600_000).score("c", "1", 400_000)
}

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| i.to_string()).collect()
}

fn pick(options: impl IntoIterator<Item = usize>) -> Choices {
    options.into_iter().fold(Choices::new(), |choices, i| choices.pick("c", &i.to_string()))
}

/// The first two options are lists, the others their names in turn.
fn lists(n: usize) -> Contest {
    let group = |i| ["list", "list", "even", "odd"][if i < 2 { 0 } else { 2 + i % 2 }];
    let options = (0..n).map(|i| ContestOption::new(&i.to_string()).group(group(i)));
    let within = |most, group, list| Limit::at_most(most, [group]).with(list);
    let contest = Contest::choose("c", options, 1..=3).group("list", "l").group("even", "e");
    contest
        .group("odd", "o")
        .limit(Limit::between(1..=1, ["list"]))
        .limit(within(2, "even", "0"))
        .limit(within(1, "odd", "1"))
}

fn graded(n: usize) -> Choices {
    (0..n)
        .fold(Choices::new(), |c, i| c.grade("c", &i.to_string(), ["0", "1", "2", "3", "4"][i % 5]))
}

const KINDS: [Kind; 17] = [
    ("one", |n| Contest::choose_one("c", names(n)), |_| pick([1])),
    ("one-blank", |n| Contest::choose_one("c", names(n)).blank(), |_| pick([1])),
    ("approval-blank", |n| Contest::approval("c", names(n)).blank(), |n| pick((0..n).step_by(2))),
    ("scores-0-5", |n| Contest::choose("c", names(n), 0..=5 * n as u64).each(5), score),
    (
        "scores-0-5-voters",
        |n| Contest::choose("c", names(n), 0..=5 * n as u64).each(5).voters(),
        score,
    ),
    (
        "budget",
        |n| {
            let cost = |i| 1_000 * (1 + i as u32 % 7);
            let limit = Limit::at_most(9_000, names(n)).costs((0..n).map(cost));
            Contest::approval("c", names(n)).limit(limit)
        },
        |_| pick([0, 1, 2]),
    ),
    ("open-lists", lists, |_| pick([0, 2, 4])),
    ("grades-5", |n| Contest::grade("c", names(n), ["0", "1", "2", "3", "4"]), graded),
    (
        "ranking-mixed",
        |n| {
            let counting =
                Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
            Contest::rank("c", names(n), counting)
        },
        rank,
    ),
    ("lists-panachage", panachage, |_| Choices::new().pick("c", "north").pick("c", "1")),
    ("borda", |n| Contest::borda("c", names(n)), rank),
    ("three-places", |n| Contest::places("c", names(n), [3, 2, 1]), |_| rank(3)),
    ("pairs", |n| Contest::pairs("c", names(n)), rank),
    ("pairs-ties", |n| Contest::pairs("c", names(n)).ties(), rank),
    ("star-0-5", |n| Contest::star("c", names(n), 5), score),
    ("quadratic-100", |n| Contest::quadratic("c", names(n), 100), |_| pick([0, 1, 2])),
    ("split-1000000", |n| Contest::split("c", names(n), 1_000_000), split),
];

/// Pairs and STAR take no more options.
fn fits(name: &str, n: usize) -> bool {
    n <= 10 || !(name.starts_with("pairs") || name.starts_with("star"))
}

fn kinds(c: &mut Criterion) {
    let one = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (name, contest, choices) in KINDS {
        for n in OPTIONS.into_iter().filter(|n| fits(name, *n)) {
            let mut world = World::new(1, (1, 1), &[0], |builder| builder.contest(contest(n)));
            let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
            let constraints = world.manifest.constraints(0).unwrap();
            let choices = choices(n);
            let ballots: Vec<Vec<u8>> = (0..BATCH as u32)
                .map(|i| {
                    let header = Header { sequence: i, ..Header::remote(0) };
                    world.ballot(&election, 0, &header, &choices).to_bytes()
                })
                .collect();
            println!(
                "{name}, {n} options: {} slots, {} bits, {} rows, {} bytes",
                constraints.slots(),
                constraints.bits(),
                constraints.rows(),
                ballots[0].len()
            );
            let mut group = c.benchmark_group(format!("kinds/{name}"));
            group
                .sample_size(10)
                .measurement_time(Duration::from_secs(1))
                .throughput(Throughput::Elements(1));
            group.bench_function(BenchmarkId::new("encrypt", n), |b| {
                b.iter(|| {
                    let header = Header::remote(0);
                    black_box(
                        election
                            .encrypt(&world.voters[0], &header, &choices, &mut world.rng)
                            .unwrap(),
                    )
                });
            });
            group.throughput(Throughput::Elements(BATCH as u64));
            group.bench_function(BenchmarkId::new("verify", n), |b| {
                b.iter(|| {
                    let verified =
                        one.install(|| election.verify_all(&ballots, &mut rng(3)).unwrap());
                    assert!(verified.iter().all(Result::is_ok));
                });
            });
            group.finish();
        }
    }
}

criterion_group!(all, kinds);
criterion_main!(all);
