//! Verification of one trustee's decryption of a whole tally: 1,000 sums with 5 slots each, compared with the crate
//! `elastic-elgamal` for as many shares, all on one core. Both sides include decoding from bytes.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use elastic_elgamal::{
    CandidateDecryption, Ciphertext, LogEqualityProof, VerifiableDecryption,
    group::Ristretto,
    sharing::{ActiveParticipant, Dealer, Params, PublicKeySet},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use std::{hint::black_box, time::Duration};
use tabella::{
    ballot::{Choices, Election, Header},
    codec::{Encode, Reader},
    contest::Contest,
    crypto::signature::AuthorSecret,
    keys,
    manifest::Manifest,
    roll::Credential,
    tally::{DecryptionShare, PartialTally, Tally},
};

const SUMS: usize = 1_000;
const SLOTS: usize = 5;
const OPTIONS: [&str; SLOTS] = ["a", "b", "c", "d", "e"];

type Peer = (CandidateDecryption<Ristretto>, LogEqualityProof<Ristretto>);

/// An election with a cell for each district, and the share of its first trustee.
fn ours(rng: &mut ChaCha20Rng) -> (Election, Tally, Vec<u8>) {
    let operator = AuthorSecret::random(rng).unwrap();
    let secrets = [0; 3].map(|_| AuthorSecret::random(rng).unwrap());
    let mut builder = Manifest::builder("bench")
        .operator(operator.public().clone())
        .trustees(secrets.iter().map(|s| s.public().clone()), 2)
        .minimum_cell(1)
        .contest(Contest::choose_one("contest", OPTIONS));
    for district in 0..SUMS {
        let id = format!("d{district}");
        builder = builder.district(&id, &id).style(&id, &id, ["contest"]);
    }
    let manifest = builder.build().unwrap();
    let (_, trustees) = keys::in_one_process(&manifest, &secrets, rng).unwrap();
    let election = Election::new(&manifest, trustees[0].ceremony()).unwrap();
    let voter = Credential::random(rng).unwrap();
    let mut partial = PartialTally::new(&manifest);
    for style in 0..SUMS as u16 {
        let choices = Choices::new().pick("contest", OPTIONS[usize::from(style) % SLOTS]);
        let sealed = election.encrypt(&voter, &Header::remote(style), &choices, rng).unwrap();
        partial.add(&election.verify(sealed.cast(), rng).unwrap(), 1).unwrap();
    }
    let tally = Tally::new(&partial);
    assert_eq!(tally.opened().len(), SUMS * SLOTS);
    let share = trustees[0].expose_factors(&election, &tally, rng).unwrap();
    (election, tally, share.to_bytes())
}

fn verify(election: &Election, tally: &Tally, bytes: &[u8], rng: &mut ChaCha20Rng) -> bool {
    let share = DecryptionShare::decode(&mut Reader::new(bytes), tally);
    share
        .is_ok_and(|share| share.verify(election, election.ceremony().unwrap(), tally, rng).is_ok())
}

/// A ciphertext of the peer, and its first participant's share as bytes.
type Sent = (Ciphertext<Ristretto>, Vec<u8>);

/// The peer's keys and shares.
fn theirs(rng: &mut ChaCha20Rng) -> (PublicKeySet<Ristretto>, Vec<Sent>) {
    let params = Params::new(3, 2);
    let dealer = Dealer::<Ristretto>::new(params, rng);
    let (polynomial, proof) = dealer.public_info();
    let keys = PublicKeySet::new(params, polynomial, proof).unwrap();
    let share = dealer.secret_share_for_participant(0);
    let participant = ActiveParticipant::new(keys.clone(), 0, share).unwrap();
    let shares = (0..100u64).map(|value| {
        let ciphertext = keys.shared_key().encrypt(value, rng);
        let (share, proof): (VerifiableDecryption<Ristretto>, _) =
            participant.decrypt_share(ciphertext, rng);
        let peer: Peer = (CandidateDecryption::from(share), proof);
        (ciphertext, bincode::serialize(&peer).unwrap())
    });
    let shares = shares.collect();
    (keys, shares)
}

fn verify_peer(keys: &PublicKeySet<Ristretto>, (ciphertext, bytes): &Sent) -> bool {
    let Ok((share, proof)) = bincode::deserialize::<Peer>(bytes) else { return false };
    keys.verify_share(share, *ciphertext, 0, &proof).is_ok()
}

fn bench(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::from_seed([1; 32]);
    let (election, tally, share) = ours(rng);
    assert!(verify(&election, &tally, &share, rng));
    let mut wrong = share.clone();
    wrong[2..66].rotate_left(32);
    assert!(!verify(&election, &tally, &wrong, rng));
    let (keys, shares) = theirs(rng);
    assert!(shares.iter().all(|share| verify_peer(&keys, share)));
    let (mut one, two) = (shares[0].clone(), &shares[1]);
    one.1.clone_from(&two.1);
    assert!(!verify_peer(&keys, &one));

    let mut group = c.benchmark_group("decrypt-verify");
    group.throughput(Throughput::Elements((SUMS * SLOTS) as u64));
    group.bench_function("tabella/1000x5", |b| {
        b.iter(|| verify(&election, &tally, black_box(&share), rng));
    });
    group.throughput(Throughput::Elements(shares.len() as u64));
    group.bench_function("elastic-elgamal/100", |b| {
        b.iter(|| shares.iter().all(|share| verify_peer(&keys, black_box(share))));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .nresamples(10_000)
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = bench
}
criterion_main!(benches);
