//! Wide values as bits of a ballot's proof, and folded: making a proof, and verifying one of a batch on one core; and the same for whole
//! ballots.
#![allow(clippy::unwrap_used)]

use attacks::{World, rng};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use curve25519_dalek::Scalar;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore, SeedableRng},
};
use rayon::ThreadPoolBuilder;
use std::{hint::black_box, time::Duration};
use tabella::{
    ballot::{Choices, Election, Header},
    codec::Encode,
    contest::{Contest, ContestOption},
    crypto::{
        batch::{Bases, Batch},
        bits::{self, BitGenerators, Constraints},
        elgamal::Ciphertext,
        group::Element,
        transcript::Transcript,
        wide::{self, Generators, ProvingGenerators, Rules},
    },
};

const LIMBS: [usize; 4] = [1, 4, 16, 64];
/// Proofs in a batch.
const BATCH: usize = 64;

fn context() -> Transcript {
    Transcript::new(b"bench")
}

fn wide(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    for limbs in LIMBS {
        let keys: Vec<_> =
            (0..limbs).map(|_| Element::from_secret(&Scalar::random(rng)).unwrap()).collect();
        let slots: Vec<usize> = (0..limbs).collect();
        let values: Vec<u16> = slots.iter().map(|_| rng.next_u32() as u16).collect();
        let signer = Scalar::random(rng);
        let key = Element::from_secret(&signer).unwrap();
        let mut bases = Bases::new();

        let mut constraints = Constraints::new(limbs);
        for slot in &slots {
            for k in 0..16 {
                constraints.bit([(*slot, 1 << k)]);
            }
        }
        let of_bits = bits::Relation::new(constraints, &slots, &keys).unwrap();
        let bit_generators = BitGenerators::new(16 * limbs);
        let bit_handles = bit_generators.share(&keys, &mut bases);
        let bit = |value: &u16, k: u32| Scalar::from((value >> k) & 1);

        let folded = wide::Relation::new(Rules::new(limbs), &slots, &slots, &keys).unwrap();
        let proving = ProvingGenerators::new(limbs);
        let handles = Generators::new(limbs).share(&keys, &mut bases);

        let encrypted: Vec<(Scalar, Ciphertext)> = (0..BATCH)
            .map(|_| {
                let nonce = Scalar::random(rng);
                let limbs: Vec<_> = values.iter().map(|value| Scalar::from(*value)).collect();
                (nonce, Ciphertext::encrypt(&keys, &limbs, &nonce).unwrap())
            })
            .collect();
        let prove_bits = |(nonce, ciphertext): &(Scalar, Ciphertext), rng: &mut ChaCha20Rng| {
            let bits = values.iter().flat_map(|v| (0..16).map(move |k| bit(v, k))).collect();
            let witness = bits::Witness { bits, nonce: *nonce, signer };
            let statement =
                bits::Statement { relation: &of_bits, signer: &key, weight: 0, ciphertext };
            statement.prove(&witness, &bit_generators, &mut context(), rng).unwrap()
        };
        let prove_folded = |(nonce, ciphertext): &(Scalar, Ciphertext), rng: &mut ChaCha20Rng| {
            let witness = wide::Witness { values: values.clone(), nonce: *nonce };
            let statement = wide::Statement { relation: &folded, ciphertext };
            statement.prove(&witness, &proving, &mut context(), rng).unwrap()
        };
        let bit_proofs: Vec<_> = encrypted.iter().map(|e| prove_bits(e, rng)).collect();
        let proofs: Vec<_> = encrypted.iter().map(|e| prove_folded(e, rng)).collect();
        println!(
            "{limbs} limbs: {} bytes as bits, {} folded",
            bit_proofs[0].to_bytes().len(),
            proofs[0].to_bytes().len()
        );

        let mut group = c.benchmark_group("wide");
        group.sample_size(10).measurement_time(Duration::from_secs(1));
        group.throughput(Throughput::Elements(1));
        group.bench_function(BenchmarkId::new("prove/bits", limbs), |b| {
            b.iter(|| black_box(prove_bits(&encrypted[0], rng)));
        });
        group.bench_function(BenchmarkId::new("prove/folded", limbs), |b| {
            b.iter(|| black_box(prove_folded(&encrypted[0], rng)));
        });
        group.throughput(Throughput::Elements(BATCH as u64));
        group.bench_function(BenchmarkId::new("verify/bits", limbs), |b| {
            b.iter(|| {
                let mut batch = Batch::new(&bases);
                for ((_, ciphertext), proof) in encrypted.iter().zip(&bit_proofs) {
                    let statement =
                        bits::Statement { relation: &of_bits, signer: &key, weight: 0, ciphertext };
                    statement.enqueue(proof, &bit_handles, &mut context(), &mut batch);
                }
                batch.verify(rng).unwrap();
            });
        });
        group.bench_function(BenchmarkId::new("verify/folded", limbs), |b| {
            b.iter(|| {
                let mut batch = Batch::new(&bases);
                for ((_, ciphertext), proof) in encrypted.iter().zip(&proofs) {
                    let statement = wide::Statement { relation: &folded, ciphertext };
                    statement.enqueue(proof, &handles, &mut context(), &mut batch);
                }
                batch.verify(rng).unwrap();
            });
        });
        group.finish();
    }
}

/// Ballots with amounts of two limbs, as bits and folded.
fn ballots(c: &mut Criterion) {
    let one = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for limbs in [2, 4, 16, 64] {
        let names: Vec<String> = (0..limbs / 2).map(|i| i.to_string()).collect();
        let most = u64::from(u32::MAX);
        let options = names.iter().map(|name| ContestOption::new(name).most(most));
        let contest = Contest::choose("c", options, 0..=most * names.len() as u64);
        let choices =
            names.iter().fold(Choices::new(), |c, name| c.score("c", name, 3_000_000_000));
        for (name, contest) in [("bits", contest.clone()), ("folded", contest.folded())] {
            let mut world = World::new(1, (1, 1), &[0], |builder| builder.contest(contest));
            let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
            let ballots: Vec<Vec<u8>> = (0..BATCH as u32)
                .map(|sequence| {
                    let header = Header { sequence, ..Header::remote(0) };
                    world.ballot(&election, 0, &header, &choices).to_bytes()
                })
                .collect();
            println!("ballot, {limbs} limbs, {name}: {} bytes", ballots[0].len());
            let mut group = c.benchmark_group("wide/ballot");
            group.sample_size(10).measurement_time(Duration::from_secs(1));
            group.throughput(Throughput::Elements(1));
            group.bench_function(BenchmarkId::new(format!("encrypt/{name}"), limbs), |b| {
                b.iter(|| black_box(world.ballot(&election, 0, &Header::remote(0), &choices)));
            });
            group.throughput(Throughput::Elements(BATCH as u64));
            group.bench_function(BenchmarkId::new(format!("verify/{name}"), limbs), |b| {
                b.iter(|| {
                    let verified = one.install(|| election.verify_all(&ballots, &mut rng(2)));
                    assert!(verified.unwrap().iter().all(Result::is_ok));
                });
            });
            group.finish();
        }
    }
}

criterion_group!(all, wide, ballots);
criterion_main!(all);
