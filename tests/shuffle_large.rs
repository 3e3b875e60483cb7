//! A hundred thousand rows, verified from files in a separate process: how long it takes, and how much memory.
//!
//! `cargo test --release --test shuffle_large -- --ignored --nocapture a_hundred`

use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, id},
    time::Instant,
};
use tabella::{
    codec::{Encode, Reader},
    crypto::{
        elgamal::Ciphertext,
        group::Element,
        shuffle::{Generators, Seekable, Stored, shuffle},
        transcript::{Transcript, label},
    },
};

const VARIABLE: &str = "TABELLA_SHUFFLE";
const MEGABYTES: usize = 300;

fn context() -> Transcript {
    Transcript::new(b"test").proof(label::MIX)
}

/// Writes a shuffle of this many rows and slots into a folder.
fn write(folder: &Path, rows: usize, width: usize) {
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let key: Vec<Element> =
        (0..width).map(|_| Element::new(RistrettoPoint::random(&mut rng)).unwrap()).collect();
    // Any points are ciphertexts; these are computed quickly.
    let (mut point, step) =
        (RistrettoPoint::random(&mut rng), RistrettoPoint::mul_base(&Scalar::from(7u64)));
    let mut next = || {
        point += step;
        Element::new(point).unwrap()
    };
    let inputs: Vec<Ciphertext> = (0..rows)
        .map(|_| Ciphertext { a: next(), b: (0..width).map(|_| next()).collect() })
        .collect();
    let generators = Generators::new(rows);
    let start = Instant::now();
    let (outputs, proof) = shuffle(&key, &inputs, &generators, &mut context(), &mut rng).unwrap();
    let micros = start.elapsed().as_micros() as f64 / rows as f64;
    println!("{rows} rows of width {width}: shuffled and proven in {micros:.1} µs a row");
    for (name, bytes) in [
        ("key", key.to_bytes()),
        ("inputs", inputs.to_bytes()),
        ("outputs", outputs.to_bytes()),
        ("proof", proof.to_bytes()),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

/// The peak memory of this process in megabytes, if Linux reports it.
fn most_memory() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<usize>().ok()? / 1000)
}

/// The other process: verifies the shuffle in the folder that the variable names.
#[test]
#[ignore = "called by the test below in a process of its own"]
fn verify() {
    let Some(folder) = env::var_os(VARIABLE).map(PathBuf::from) else { return };
    let key = fs::read(folder.join("key")).unwrap();
    let width = key.len() / 32;
    let key = Reader::new(&key).elements(width).unwrap();
    let open = |name: &str| fs::File::open(folder.join(name)).unwrap();
    let rows = open("inputs").metadata().unwrap().len() as usize / (32 * (width + 1));

    let start = Instant::now();
    let generators = Generators::new(rows);
    let derived = start.elapsed().as_micros() as f64 / rows as f64;
    let start = Instant::now();
    let [inputs, outputs, proof] =
        ["inputs", "outputs", "proof"].map(|name| Seekable::new(open(name)));
    let stored = Stored { key: &key, rows, inputs, outputs, proof };
    let mut rng = ChaCha20Rng::from_seed([2; 32]);
    stored.verify(&generators, &mut context(), &mut rng).unwrap();
    let micros = start.elapsed().as_micros() as f64 / rows as f64;
    let memory = most_memory();
    println!(
        "{rows} rows of width {width}: verified in {micros:.1} µs a row, generators in {derived:.1}, {memory:?} MB"
    );
    assert!(memory.is_none_or(|memory| memory < MEGABYTES));
}

#[test]
#[ignore = "takes long"]
fn a_hundred_thousand_rows_are_verified_in_bounded_memory() {
    let folder = env::temp_dir().join(format!("tabella-shuffle-{}", id()));
    fs::create_dir(&folder).unwrap();
    for (rows, width) in [(10_000, 1), (100_000, 1), (10_000, 3), (100_000, 3)] {
        write(&folder, rows, width);
        let status = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "verify"])
            .env(VARIABLE, &folder)
            .status()
            .unwrap();
        assert!(status.success());
    }
    fs::remove_dir_all(&folder).unwrap();
}
