//! Making and verifying shuffles on one core and on two, compared with the least work of any verifier.
//!
//! This floor only decodes the points of the same shuffle and multiplies them, and the generators, by random scalars: the
//! same number of points in the same chunks on the same cores. Verifying starts from bytes; on both sides the generators are
//! derived beforehand.
#![allow(clippy::unwrap_used)]

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use curve25519_dalek::{
    RistrettoPoint, Scalar, ristretto::CompressedRistretto, traits::VartimeMultiscalarMul,
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use tabella::{
    codec::Encode,
    crypto::{
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, Prepared, Proof, Stored, shuffle},
        transcript::{Transcript, label},
    },
};

const ROWS: [usize; 2] = [1_000, 10_000];
const WIDTHS: [usize; 3] = [1, 3, 10];
/// How many turns each side takes for the ratio.
const TURNS: usize = 3;
/// The number of terms in one multiplication, as in the verifier.
const TERMS: usize = 1 << 13;

fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

fn pool(cores: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(cores).build().unwrap()
}

fn context() -> Transcript {
    Transcript::new(b"bench").proof(label::MIX)
}

/// A shuffle as bytes, with what the floor needs.
struct World {
    key: Vec<Element>,
    generators: Generators,
    rows: Vec<Ciphertext>,
    inputs: Vec<u8>,
    outputs: Vec<u8>,
    proof: Vec<u8>,
    /// As many points as the shuffle has, and random ones instead of the generators.
    points: Vec<[u8; 32]>,
    cached: Vec<RistrettoPoint>,
    scalars: Vec<Scalar>,
}

impl World {
    fn new(rows: usize, width: usize) -> Self {
        let mut rng = rng(1);
        let point = |rng: &mut ChaCha20Rng| Element::new(RistrettoPoint::random(rng)).unwrap();
        let key: Vec<Element> = (0..width).map(|_| point(&mut rng)).collect();
        let generators = Generators::new(rows);
        let row = |i: usize| {
            let mut rng = ChaCha20Rng::seed_from_u64(i as u64);
            let a = point(&mut rng);
            Ciphertext { a, b: (0..width).map(|_| point(&mut rng)).collect() }
        };
        let rows: Vec<Ciphertext> = (0..rows).into_par_iter().map(row).collect();
        let (outputs, proof) = shuffle(&key, &rows, &generators, &mut context(), &mut rng).unwrap();
        let [inputs, outputs, proof] = [rows.to_bytes(), outputs.to_bytes(), proof.to_bytes()];
        assert_eq!(proof.len(), Proof::size(rows.len(), width));
        let points = [&inputs[..], &outputs, &proof[..64 * rows.len()]].concat();
        let points = points.as_chunks().0.to_vec();
        let cached = rows.iter().map(|_| RistrettoPoint::random(&mut rng)).collect();
        let terms = points.len() + rows.len();
        let scalars = (0..terms).map(|_| Scalar::random(&mut rng)).collect();
        Self { key, generators, rows, inputs, outputs, proof, points, cached, scalars }
    }

    fn prove(&self) -> (Vec<Ciphertext>, Proof) {
        shuffle(&self.key, &self.rows, &self.generators, &mut context(), &mut rng(2)).unwrap()
    }

    fn prepare(&self) -> Prepared {
        Prepared::new(self.rows.len(), &self.key, &self.generators, &mut rng(3)).unwrap()
    }

    fn is_accepted(&self, proof: &[u8]) -> bool {
        let (key, rows) = (&self.key[..], self.rows.len());
        let (inputs, outputs) = (&self.inputs[..], &self.outputs[..]);
        let stored = Stored { key, rows, inputs, outputs, proof };
        stored.verify(&self.generators, &mut context(), &mut rng(4)).is_ok()
    }

    fn verify(&self) {
        assert!(self.is_accepted(black_box(&self.proof)));
    }

    fn floor(&self) -> RistrettoPoint {
        let rows = self.rows.len();
        let chunk = TERMS / (2 * (self.key.len() + 1) + 3);
        let decoded = self.points.len() / rows;
        let points = self.points.par_chunks(decoded * chunk);
        let chunks = points
            .zip_eq(self.cached.par_chunks(chunk))
            .zip_eq(self.scalars.par_chunks((decoded + 1) * chunk));
        let sums = chunks.map(|((points, cached), scalars)| {
            let decode = |bytes: &[u8; 32]| CompressedRistretto(*bytes).decompress().unwrap();
            let points: Vec<_> = points.iter().map(decode).chain(cached.iter().copied()).collect();
            RistrettoPoint::vartime_multiscalar_mul(scalars, points)
        });
        sums.sum()
    }
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

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Sizes, times on one core, and how many times the floor verifying takes. Times are medians of turns that both sides take,
/// so that other load on the machine favours neither.
fn report(world: &World) {
    let (rows, width) = (world.rows.len(), world.key.len());
    let turns: Vec<(f64, f64)> =
        (0..TURNS).map(|_| (time(|| world.verify()), time(|| world.floor()))).collect();
    let ratio = median(turns.iter().map(|(ours, floor)| ours / floor).collect());
    let micros = |time: f64| time / 1000.0 / rows as f64;
    let verify = micros(median(turns.iter().map(|(ours, _)| *ours).collect()));
    let floor = micros(median(turns.iter().map(|(_, floor)| *floor).collect()));
    let prove = micros(time(|| world.prove()));
    let mut prepared = None;
    let offline = micros(time(|| prepared = Some(world.prepare())));
    let online = micros(time(|| {
        let prepared = prepared.take().unwrap();
        prepared.shuffle(&world.rows, &world.generators, &mut context(), &mut rng(5)).unwrap()
    }));
    println!(
        "width {width}, {rows} rows: proof {:.1} bytes a row; on one core, a row verified in {verify:.1} µs = {ratio:.2} \
         x floor ({floor:.1} µs), shuffled and proven in {prove:.1} µs (offline {offline:.1}, online {online:.1})",
        world.proof.len() as f64 / rows as f64,
    );
}

fn bench(c: &mut Criterion) {
    let (one, two) = (pool(1), pool(2));
    for width in WIDTHS {
        for rows in ROWS {
            let world = two.install(|| World::new(rows, width));
            let mut tampered = world.proof.clone();
            *tampered.iter_mut().nth_back(31).unwrap() ^= 1;
            assert!(world.is_accepted(&world.proof) && !world.is_accepted(&tampered));
            one.install(|| report(&world));

            let id = format!("tabella/width-{width}");
            let mut group = |name: &str, work: &(dyn Fn() + Sync)| {
                let mut group = c.benchmark_group(name);
                group
                    .sampling_mode(SamplingMode::Flat)
                    .throughput(Throughput::Elements(rows as u64));
                group.bench_function(BenchmarkId::new(&id, rows), |b| {
                    b.iter(|| one.install(work));
                });
                group.bench_function(format!("{id}/{rows}/cores-2"), |b| {
                    b.iter(|| two.install(work));
                });
                group.finish();
            };
            group("shuffle-verify", &|| world.verify());
            group("shuffle-floor", &|| {
                black_box(world.floor());
            });
            group("shuffle-prove", &|| {
                black_box(world.prove());
            });
        }
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
