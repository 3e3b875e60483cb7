//! Trustees that cheat, and the equation that catches each.
//!
//! The prover and the verifier here are second implementations, written for clarity. The verifier returns the left
//! side of each equation, so that a test can see which are zero.

use super::*;
use crate::{
    ballot::{Choices, Header, Tracker, VerifiedBallot},
    contest::Contest,
    crypto::{Culprit, dlog::DlogTable, signature::AuthorSecret},
    keys::{self, lagrange},
    manifest::Manifest,
    roll::{Credential, Roll},
    tally::{Opening, Outcome, PartialTally, combine},
};
use alloc::vec;
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT, traits::IsIdentity,
};
use itertools::Itertools;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use sha3::{Digest, Sha3_256};

const D1: ProofCheck = ProofCheck::Equation("DECRYPT.D1");
const D2: ProofCheck = ProofCheck::Equation("DECRYPT.D2");
const AUTHOR: ProofCheck = ProofCheck::Equation("DECRYPT.AUTHOR");

const G: RistrettoPoint = RISTRETTO_BASEPOINT_POINT;
const ZERO: Scalar = Scalar::ZERO;
const ONE: Scalar = Scalar::ONE;

/// Two of three trustees; two districts, each with the contest "a" of two slots and the contest "b" of one. So there
/// are four cells, three slots and six factors, in the order a0 a1 of the north, a0 a1 of the south, b north, b south.
struct World {
    election: Election,
    trustees: Vec<Trustee>,
    voter: Credential,
    rng: ChaCha20Rng,
}

impl World {
    fn new(seed: u8) -> Self {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let authors = [0; 4].map(|_| AuthorSecret::random(&mut rng).unwrap());
        let [operator, secrets @ ..] = &authors;
        let manifest = Manifest::builder("test")
            .operator(operator.public().clone())
            .trustees(secrets.iter().map(|s| s.public().clone()), 2)
            .minimum_cell(1)
            .district("north", "North")
            .district("south", "South")
            .contest(Contest::choose_one("a", ["x", "y"]))
            .contest(Contest::choose("b", ["z"], 0..=2).each(2))
            .style("north", "north", ["a", "b"])
            .style("south", "south", ["a", "b"])
            .build()
            .unwrap();
        let (_, trustees) = keys::in_one_process(&manifest, secrets, &mut rng).unwrap();
        let election = Election::new(&manifest, trustees[0].ceremony()).unwrap();
        Self { election, trustees, voter: Credential::random(&mut rng).unwrap(), rng }
    }

    fn ballot(&mut self, style: u16, option: &str, score: u64) -> VerifiedBallot {
        let Self { election, voter, rng, .. } = self;
        let choices = Choices::new().pick("a", option).score("b", "z", score);
        let sealed = election.encrypt(voter, &Header::remote(style), &choices, rng).unwrap();
        election.verify(sealed.cast(), rng).unwrap()
    }

    /// The totals are x 1, y 2 in the north, x 1, y 0 in the south; z 5 and 1.
    fn tally(&mut self) -> Tally {
        let mut partial = PartialTally::new(self.election.manifest());
        partial.add(&self.ballot(0, "x", 1), 1).unwrap();
        partial.add(&self.ballot(0, "y", 2), 2).unwrap();
        partial.add(&self.ballot(1, "x", 1), 1).unwrap();
        let tally = Tally::new(&partial);
        assert_eq!(tally.opened().len(), 6);
        tally
    }

    fn honest(&self, number: u16) -> Prover<'_> {
        let trustee = &self.trustees[usize::from(number) - 1];
        let share = |slot| *trustee.expose_share(slot).unwrap();
        Prover {
            world: self,
            number,
            shares: (0..3).map(share).collect(),
            author: *trustee.author().expose_secret(),
            epoch: 0,
            order: Order::Protocol,
            errors: |_| [ZERO; 6],
        }
    }
}

/// Of each factor, times `G`.
type Errors = fn(&[Scalar]) -> [Scalar; 6];

/// When the challenges are drawn: as the protocol says, or too early.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Protocol,
    WeightsBeforeFactors,
    XBeforeAnnouncements,
}

/// A prover whose every secret can be set at will.
#[derive(Clone)]
struct Prover<'a> {
    world: &'a World,
    number: u16,
    /// What takes the place of `sⱼₖ`, for each slot.
    shares: Vec<Scalar>,
    /// What takes the place of `cⱼ`.
    author: Scalar,
    epoch: u64,
    order: Order,
    /// What is added to each factor, times `G`; given the weights if they are known too early, else zeros.
    errors: Errors,
}

/// What comes before the factors, spelled out a second time.
fn statement(election: &Election, tally: &Tally, number: u16, epoch: u64) -> Transcript {
    let manifest = election.manifest();
    let mut transcript = election.context().clone();
    transcript.append_u64(b"epoch", epoch);
    transcript.append_u64(b"n", manifest.trustees().len() as u64);
    transcript.append_u64(b"t", manifest.threshold().into());
    for j in 1..=manifest.trustees().len() as u16 {
        let keys = election.ceremony().unwrap().verification_keys(j).unwrap();
        transcript.append_u64(b"count", keys.len() as u64);
        for key in keys {
            transcript.append_bytes(b"Yj", key.as_bytes());
        }
    }
    transcript.append_bytes(b"proof", b"decryption");
    transcript.append_u64(b"trustee", number.into());
    let author = manifest.trustees()[usize::from(number) - 1].key.element();
    transcript.append_bytes(b"C", author.as_bytes());
    transcript.append_bytes(b"tally", &tally.to_bytes());
    transcript
}

fn append(transcript: &mut Transcript, label: &'static [u8], elements: &[Element]) {
    transcript.append_u64(b"count", elements.len() as u64);
    for element in elements {
        transcript.append_bytes(label, element.as_bytes());
    }
}

fn append_scalars(transcript: &mut Transcript, scalars: &[Scalar]) {
    transcript.append_u64(b"count", scalars.len() as u64);
    for scalar in scalars {
        transcript.append_bytes(b"z", scalar.as_bytes());
    }
}

/// 16 bytes for each factor, little-endian.
fn draw_weights(transcript: &mut Transcript) -> Vec<Scalar> {
    let weights = transcript.weights(b"w", 6);
    assert!(weights.iter().all(|w| w.as_bytes()[16..] == [0; 16]));
    weights
}

/// `Σₘ wₘₖAₘ`
fn folded(tally: &Tally, slot: usize, w: &[Scalar]) -> RistrettoPoint {
    let opened = tally.opened().iter().enumerate().filter(|(_, o)| o.slot == slot);
    opened.map(|(i, o)| w[i] * tally.cells()[o.ciphertext].sum.a).sum()
}

impl Prover<'_> {
    #[allow(non_snake_case)]
    fn prove(&self, tally: &Tally) -> DecryptionShare {
        let element = |point| Element::new(point).unwrap();
        let random = || Scalar::random(&mut OsRng);
        let slots = 0..3;
        let mut transcript = statement(&self.world.election, tally, self.number, self.epoch);
        let early =
            (self.order == Order::WeightsBeforeFactors).then(|| draw_weights(&mut transcript));
        let errors = (self.errors)(early.as_deref().unwrap_or(&[ZERO; 6]));
        let factor = |(o, error): (&Opened, &Scalar)| {
            element(self.shares[o.slot] * tally.cells()[o.ciphertext].sum.a + error * G)
        };
        let factors: Vec<_> = tally.opened().iter().zip_eq(&errors).map(factor).collect();
        append(&mut transcript, b"P", &factors);
        let w = early.unwrap_or_else(|| draw_weights(&mut transcript));

        let (q, q_author): (Vec<_>, _) = (slots.clone().map(|_| random()).collect(), random());
        let R_slots: Vec<_> = q.iter().map(|q| element(q * G)).collect();
        let R_sum = element(slots.clone().map(|k| q[k] * folded(tally, k, &w)).sum());
        let R_author = element(q_author * G);
        append(&mut transcript, b"R", &R_slots);
        transcript.append_bytes(b"R sum", R_sum.as_bytes());
        let x = transcript.challenge(b"x").unwrap();
        let z_slots: Vec<_> = slots.map(|k| q[k] + x * self.shares[k]).collect();
        append_scalars(&mut transcript, &z_slots);
        transcript.append_bytes(b"R author", R_author.as_bytes());
        let x_author = transcript.challenge(b"x author").unwrap();
        let z_author = q_author + x_author * self.author;
        let proof = Proof { R_slots, R_sum, R_author, z_slots, z_author };
        DecryptionShare { trustee: self.number, factors, proof }
    }

    /// The verifier names `expected[0]`, and seen one by one the equations in `expected` fail and no other.
    fn fails(&self, tally: &Tally, expected: &[ProofCheck]) {
        let share = self.prove(tally);
        assert_eq!(failed(self.world, tally, &share, Order::Protocol), expected);
        assert_eq!(check(self.world, tally, &share), expected.first().copied());
    }
}

/// The left side of each equation: D1 of all slots, D2, AUTHOR.
#[allow(non_snake_case)]
fn left_sides(
    world: &World,
    tally: &Tally,
    share: &DecryptionShare,
    order: Order,
) -> Vec<(ProofCheck, RistrettoPoint)> {
    let DecryptionShare { trustee, factors, proof } = share;
    let Proof { R_slots, R_sum, R_author, z_slots, z_author } = proof;
    let mut transcript = statement(&world.election, tally, *trustee, 0);
    let early = (order == Order::WeightsBeforeFactors).then(|| draw_weights(&mut transcript));
    append(&mut transcript, b"P", factors);
    let w = early.unwrap_or_else(|| draw_weights(&mut transcript));
    let mut draw = |label| {
        (order == Order::XBeforeAnnouncements).then(|| transcript.challenge(label).unwrap())
    };
    let (early, early_author) = (draw(b"x"), draw(b"x author"));
    append(&mut transcript, b"R", R_slots);
    transcript.append_bytes(b"R sum", R_sum.as_bytes());
    let x = early.unwrap_or_else(|| transcript.challenge(b"x").unwrap());
    append_scalars(&mut transcript, z_slots);
    transcript.append_bytes(b"R author", R_author.as_bytes());
    let x_author = early_author.unwrap_or_else(|| transcript.challenge(b"x author").unwrap());

    let mut left = Vec::new();
    let keys = world.election.ceremony().unwrap().verification_keys(*trustee).unwrap();
    for (k, key) in keys.iter().enumerate() {
        left.push((D1, R_slots[k].point() + x * key.point() - z_slots[k] * G));
    }
    let mut d2 = *R_sum.point();
    for (i, P) in factors.iter().enumerate() {
        d2 += x * w[i] * P.point();
    }
    for (k, z) in z_slots.iter().enumerate() {
        d2 -= z * folded(tally, k, &w);
    }
    left.push((D2, d2));
    let entry = &world.election.manifest().trustees()[usize::from(*trustee) - 1];
    left.push((AUTHOR, R_author.point() + x_author * entry.key.element().point() - z_author * G));
    left
}

/// The equations that do not hold.
fn failed(world: &World, tally: &Tally, share: &DecryptionShare, order: Order) -> Vec<ProofCheck> {
    let left = left_sides(world, tally, share, order);
    left.into_iter().filter(|(_, left)| !left.is_identity()).map(|(check, _)| check).collect()
}

/// The verdict on a share, in which the oracle must agree.
fn check(world: &World, tally: &Tally, share: &DecryptionShare) -> Option<ProofCheck> {
    let result = share.clone().verify(
        &world.election,
        world.election.ceremony().unwrap(),
        tally,
        &mut OsRng,
    );
    let check = result.err().map(|error| {
        let [Culprit { index: 0, check }] = error.culprits() else { panic!("{error}") };
        *check
    });
    let oracle = failed(world, tally, share, Order::Protocol).first().copied();
    assert_eq!(check, oracle, "the oracle disagrees");
    check
}

fn add(element: &mut Element, point: RistrettoPoint) {
    *element = Element::new(element.point() + point).unwrap();
}

#[test]
fn decrypt_the_oracle_agrees_on_good_and_on_mutated_shares() {
    let mut world = World::new(1);
    let tally = world.tally();
    for number in 1..=3 {
        let trustee = &world.trustees[usize::from(number) - 1];
        let share = trustee.expose_factors(&world.election, &tally, &mut OsRng).unwrap();
        assert_eq!(check(&world, &tally, &share), None);
        world.honest(number).fails(&tally, &[]);

        // What is absorbed changes a challenge, and with it everything after.
        let refused = |expected: ProofCheck, change: &dyn Fn(&mut DecryptionShare)| {
            let mut changed = share.clone();
            change(&mut changed);
            assert_eq!(check(&world, &tally, &changed), Some(expected));
        };
        for i in 0..6 {
            refused(D1, &|s| add(&mut s.factors[i], G));
            refused(D1, &|s| s.factors.swap(i, (i + 1) % 6));
        }
        for k in 0..3 {
            refused(D1, &|s| add(&mut s.proof.R_slots[k], G));
            refused(D1, &|s| s.proof.R_slots.swap(k, (k + 1) % 3));
            // Responses are absorbed by no challenge, so only what they answer fails.
            refused(D1, &|s| s.proof.z_slots[k] += ONE);
            refused(D1, &|s| s.proof.z_slots.swap(k, (k + 1) % 3));
        }
        refused(D1, &|s| add(&mut s.proof.R_sum, G));
        refused(AUTHOR, &|s| add(&mut s.proof.R_author, G));
        refused(D1, &|s| s.trustee = number % 3 + 1);
        refused(AUTHOR, &|s| s.proof.z_author += ONE);
    }
}

#[test]
fn decrypt_d1_another_share_than_the_dealt_one() {
    let mut world = World::new(2);
    let tally = world.tally();
    let honest = world.honest(2);
    for k in 0..3 {
        // Factors and responses are of the same wrong share, so that D2 holds.
        let mut cheat = honest.clone();
        cheat.shares[k] += ONE;
        cheat.fails(&tally, &[D1]);
    }
    // Two errors that cancel in the sum of the keys.
    let mut cheat = honest.clone();
    cheat.shares[0] += ONE;
    cheat.shares[1] -= ONE;
    cheat.fails(&tally, &[D1, D1]);
    // The right shares in other slots; the shares of another trustee.
    let mut cheat = honest.clone();
    cheat.shares.rotate_left(1);
    cheat.fails(&tally, &[D1, D1, D1]);
    Prover { shares: world.honest(3).shares, ..honest }.fails(&tally, &[D1, D1, D1]);
}

#[test]
fn decrypt_d2_one_wrong_factor() {
    let mut world = World::new(3);
    let tally = world.tally();
    let honest = world.honest(1);
    // In each place, and by one vote more, one less, or many.
    let errors: [Errors; 6] = [
        |_| [ONE, ZERO, ZERO, ZERO, ZERO, ZERO],
        |_| [ZERO, ONE, ZERO, ZERO, ZERO, ZERO],
        |_| [ZERO, ZERO, -ONE, ZERO, ZERO, ZERO],
        |_| [ZERO, ZERO, ZERO, -ONE, ZERO, ZERO],
        |_| [ZERO, ZERO, ZERO, ZERO, ONE, ZERO],
        |_| [ZERO, ZERO, ZERO, ZERO, ZERO, Scalar::from(1u64 << 40)],
    ];
    for errors in errors {
        Prover { errors, ..honest.clone() }.fails(&tally, &[D2]);
    }
}

#[test]
fn decrypt_d2_errors_that_cancel_between_factors() {
    let mut world = World::new(4);
    let tally = world.tally();
    let honest = world.honest(1);
    let errors: [Errors; 4] = [
        // A vote from one option to the other, in one cell; from one district to the other, in one slot.
        |_| [ONE, -ONE, ZERO, ZERO, ZERO, ZERO],
        |_| [ONE, ZERO, -ONE, ZERO, ZERO, ZERO],
        |_| [ZERO, ONE, ZERO, ZERO, -ONE, ZERO],
        |_| [ONE, ONE, ONE, -ONE, -ONE, -ONE],
    ];
    for errors in errors {
        Prover { errors, ..honest.clone() }.fails(&tally, &[D2]);
    }
}

/// ATTACK. If the weights were known before the factors, two errors could be chosen to cancel under them.
#[test]
fn decrypt_d2_errors_that_cancel_under_weights_known_too_early() {
    let mut world = World::new(5);
    let tally = world.tally();
    let cheat = Prover {
        order: Order::WeightsBeforeFactors,
        errors: |w| [w[1], -w[0], ZERO, ZERO, ZERO, ZERO],
        ..world.honest(1)
    };
    let share = cheat.prove(&tally);
    assert_eq!(failed(&world, &tally, &share, Order::WeightsBeforeFactors), []);
    assert_eq!(failed(&world, &tally, &share, Order::Protocol), [D1, D1, D1, D2, AUTHOR]);
    assert_eq!(check(&world, &tally, &share), Some(D1));
}

/// ATTACK. If `x` were known before the announcements, they could be solved for without any secret.
#[test]
#[allow(non_snake_case)]
fn decrypt_d1_announcements_solved_for_a_challenge_known_too_early() {
    let mut world = World::new(6);
    let tally = world.tally();
    let element = |point| Element::new(point).unwrap();
    // Wrong factors, and no secret of trustee 1.
    let factors: Vec<_> = (1u8..7).map(|v| element(Scalar::from(v) * G)).collect();
    let z: Vec<_> = (0..3).map(|_| Scalar::random(&mut OsRng)).collect();
    let mut transcript = statement(&world.election, &tally, 1, 0);
    append(&mut transcript, b"P", &factors);
    let w = draw_weights(&mut transcript);
    let x = transcript.challenge(b"x").unwrap();
    let x_author = transcript.challenge(b"x author").unwrap();
    let keys = world.election.ceremony().unwrap().verification_keys(1).unwrap();
    let R_slots = (0..3).map(|k| element(z[k] * G - x * keys[k].point())).collect();
    let answered: RistrettoPoint = (0..3).map(|k| z[k] * folded(&tally, k, &w)).sum();
    let sent: RistrettoPoint = (0..6).map(|i| x * w[i] * factors[i].point()).sum();
    let author = world.trustees[0].author().public().element().point();
    let proof = Proof {
        R_slots,
        R_sum: element(answered - sent),
        R_author: element(z[0] * G - x_author * author),
        z_author: z[0],
        z_slots: z,
    };
    let share = DecryptionShare { trustee: 1, factors, proof };
    assert_eq!(failed(&world, &tally, &share, Order::XBeforeAnnouncements), []);
    assert_eq!(check(&world, &tally, &share), Some(D1));
}

#[test]
fn decrypt_author_a_share_without_the_registered_secret() {
    let mut world = World::new(7);
    let tally = world.tally();
    let honest = world.honest(3);
    // Somebody who stole the key shares; another trustee to whom they were told.
    let other = world.honest(1).author;
    for author in [Scalar::random(&mut OsRng), ZERO, other, -honest.author] {
        Prover { author, ..honest.clone() }.fails(&tally, &[AUTHOR]);
    }
}

/// A share that is signed and wrong speaks against its trustee. One that somebody altered speaks against nobody.
#[test]
fn decrypt_author_makes_a_wrong_share_a_fault() {
    let mut world = World::new(16);
    let tally = world.tally();
    let fault = |share: &DecryptionShare| {
        share
            .fault(&world.election, world.election.ceremony().unwrap(), &tally, &mut OsRng)
            .unwrap()
    };
    let honest = world.honest(1);
    let share = honest.prove(&tally);
    assert_eq!(fault(&share), None);
    let wrong = Prover { errors: |_| [ONE, ZERO, ZERO, ZERO, ZERO, ZERO], ..honest.clone() };
    assert_eq!(fault(&wrong.prove(&tally)), Some(D2));
    let mut other = honest;
    other.shares[2] += ONE;
    assert_eq!(fault(&other.prove(&tally)), Some(D1));
    let changes: [&dyn Fn(&mut DecryptionShare); 8] = [
        &|s| s.trustee = 2,
        &|s| add(&mut s.factors[0], G),
        &|s| s.factors.truncate(5),
        &|s| add(&mut s.proof.R_slots[0], G),
        &|s| add(&mut s.proof.R_sum, G),
        &|s| s.proof.z_slots[1] += ONE,
        &|s| add(&mut s.proof.R_author, G),
        &|s| s.proof.z_author += ONE,
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let mut altered = share.clone();
        change(&mut altered);
        let keys = world.election.ceremony().unwrap();
        altered.clone().verify(&world.election, keys, &tally, &mut OsRng).unwrap_err();
        assert_eq!(fault(&altered), None, "change {i}");
    }
}

#[test]
fn decrypt_shares_of_another_epoch_tally_or_election_are_refused() {
    let mut world = World::new(8);
    let (tally, other_tally) = (world.tally(), world.tally());
    let all = [D1, D1, D1, D2, AUTHOR];
    Prover { epoch: 1, ..world.honest(1) }.fails(&tally, &all);
    let share = world.honest(1).prove(&tally);
    assert_eq!(check(&world, &other_tally, &share), Some(D1));

    // The same manifest with the keys of another ceremony.
    let manifest = world.election.manifest().clone();
    let secrets: Vec<_> = world.trustees.iter().map(|t| t.author().clone()).collect();
    let (_, trustees) = keys::in_one_process(&manifest, &secrets, &mut OsRng).unwrap();
    let election = Election::new(&manifest, trustees[0].ceremony()).unwrap();
    let again = World { election, trustees, ..World::new(8) };
    assert_eq!(check(&again, &tally, &share), Some(D1));
    assert_eq!(
        again.trustees[0].expose_factors(&world.election, &tally, &mut OsRng),
        Err(ProveError::Shape)
    );
    assert_eq!(
        world.trustees[0].expose_factors(&again.election, &tally, &mut OsRng),
        Err(ProveError::Shape)
    );

    // Another manifest, whose tally has the same shape.
    let mut other = World::new(9);
    let foreign = other.tally();
    assert_eq!(
        world.trustees[0].expose_factors(&world.election, &foreign, &mut OsRng),
        Err(ProveError::Shape)
    );
    let error = share
        .verify(&world.election, world.election.ceremony().unwrap(), &foreign, &mut OsRng)
        .unwrap_err();
    assert_eq!(error, VerifyError::single(ProofCheck::Shape));
}

#[test]
fn decrypt_wrong_shapes_are_refused() {
    let mut world = World::new(10);
    let tally = world.tally();
    let share = world.honest(1).prove(&tally);
    let refused = |change: &dyn Fn(&mut DecryptionShare)| {
        let mut changed = share.clone();
        change(&mut changed);
        let error = changed
            .verify(&world.election, world.election.ceremony().unwrap(), &tally, &mut OsRng)
            .unwrap_err();
        assert_eq!(error, VerifyError::single(ProofCheck::Shape));
    };
    refused(&|s| s.factors.push(Element::BASE));
    refused(&|s| s.factors.truncate(5));
    refused(&|s| s.factors.clear());
    refused(&|s| s.proof.R_slots.push(Element::BASE));
    refused(&|s| s.proof.R_slots.truncate(2));
    refused(&|s| s.proof.z_slots.push(ONE));
    refused(&|s| s.proof.z_slots.truncate(2));
    refused(&|s| s.trustee = 0);
    refused(&|s| s.trustee = 4);
    refused(&|s| s.trustee = u16::MAX);

    // Nothing to open, nothing to answer for.
    let nothing = Tally::new(&PartialTally::new(world.election.manifest()));
    let open = world.trustees[0].expose_factors(&world.election, &nothing, &mut OsRng);
    assert_eq!(open, Err(ProveError::Shape));
    let mut empty = share;
    empty.factors.clear();
    empty.proof.R_slots.clear();
    empty.proof.z_slots.clear();
    let error = empty
        .verify(&world.election, world.election.ceremony().unwrap(), &nothing, &mut OsRng)
        .unwrap_err();
    assert_eq!(error, VerifyError::single(ProofCheck::Shape));
}

#[test]
fn decrypt_a_batch_over_trustees_and_tallies_names_its_culprits() {
    let mut world = World::new(11);
    let tallies: Vec<_> = (0..5).map(|_| world.tally()).collect();
    let numbers = || (0..5).cartesian_product(1u16..=3);
    let shares = numbers().map(|(tally, j)| {
        world.trustees[usize::from(j) - 1].expose_factors(
            &world.election,
            &tallies[tally],
            &mut OsRng,
        )
    });
    let good: Vec<_> = shares.map(Result::unwrap).collect();
    let verify = |shares: &[DecryptionShare]| {
        let mut batch = Batch::new(&Bases::new());
        for (share, (tally, _)) in shares.iter().zip_eq(numbers()) {
            share.enqueue(
                &world.election,
                world.election.ceremony().unwrap(),
                &tallies[tally],
                &mut batch,
            );
        }
        batch.verify(&mut OsRng)
    };
    assert_eq!(verify(&good), Ok(()));

    let mut bad = good.clone();
    let wrong = Prover { errors: |_| [ONE, ZERO, ZERO, ZERO, ZERO, -ONE], ..world.honest(2) };
    bad[4] = wrong.prove(&tallies[1]);
    bad[14] = Prover { author: ONE, ..world.honest(3) }.prove(&tallies[4]);
    let named = |expected: &[(usize, ProofCheck)]| {
        let culprits =
            expected.iter().map(|(index, check)| Culprit { index: *index, check: *check });
        Err(VerifyError::Invalid(culprits.collect()))
    };
    assert_eq!(verify(&bad), named(&[(4, D2), (14, AUTHOR)]));

    // Errors that cancel between two shares; a share for another tally; a share in another trustee's name.
    bad[0].proof.z_author += ONE;
    bad[3].proof.z_author -= ONE;
    bad[7] = good[10].clone();
    bad[8].trustee = 1;
    bad[9].factors.pop();
    let expected =
        [(0, AUTHOR), (3, AUTHOR), (4, D2), (7, D1), (8, D1), (9, ProofCheck::Shape), (14, AUTHOR)];
    assert_eq!(verify(&bad), named(&expected));
    for (index, expected) in expected {
        let tally = &tallies[index / 3];
        let error = bad[index]
            .clone()
            .verify(&world.election, world.election.ceremony().unwrap(), tally, &mut OsRng)
            .unwrap_err();
        assert_eq!(error, VerifyError::single(expected));
    }
}

/// Voters who collude can make nonces that add up to zero. Then there is nothing to decrypt, and a share for it
/// would answer for nothing.
#[test]
fn decrypt_a_cell_without_nonce_is_public_and_not_opened() {
    let mut world = World::new(12);
    let [one, other] = [world.ballot(0, "x", 1), world.ballot(1, "y", 2)];
    // The ballot's style, sequence, origin and voter stand before `A` and the `Bₖ`. `A′ = −A`, `B′ = vG − B`.
    let mut bytes = one.to_bytes();
    let mut negate = |place: usize, votes: u8| {
        let at = 39 + 32 * place..71 + 32 * place;
        let point = *Reader::new(&bytes[at.clone()]).element().unwrap().point();
        let point = Element::new(Scalar::from(votes) * G - point).unwrap();
        bytes[at].copy_from_slice(point.as_bytes());
    };
    negate(0, 0);
    // Together with the first ballot's x: 1 and z: 1 that is x 1, y 1 and z 3.
    [(1, 1), (2, 1), (3, 3)].into_iter().for_each(|(place, votes)| negate(place, votes));
    let tracker = Tracker::of(&bytes);
    let colluding = world.election.read_again(&bytes, &tracker).unwrap();
    let mut partial = PartialTally::new(world.election.manifest());
    partial.add(&one, 1).unwrap();
    partial.add(&colluding, 1).unwrap();
    let public = Tally::new(&partial);
    partial.add(&other, 1).unwrap();
    let tally = Tally::new(&partial);
    let openings = |tally: &Tally| tally.cells().iter().map(|c| c.opening).collect_vec();
    use Opening::{Empty, Public, Shares};
    assert_eq!(openings(&public), [Public, Empty, Public, Empty]);
    assert_eq!(openings(&tally), [Public, Shares, Public, Shares]);
    assert_eq!(tally.opened().iter().map(|o| o.ciphertext).collect_vec(), [1, 1, 3]);

    let World { election, trustees, rng, voter } = &mut world;
    let registration = voter.registration(election.manifest(), 0, rng).unwrap();
    let roll = Roll::new(election.manifest(), &[registration], rng).unwrap();
    let table = DlogTable::new(10);
    let totals = |tally: &Tally, shares: &[VerifiedShare]| {
        let outcome = Outcome::open(
            election,
            election.ceremony().unwrap(),
            tally,
            shares,
            partial.turnout(&roll).unwrap(),
            &[],
            &table,
        );
        outcome.unwrap().cells().iter().map(|c| c.totals.clone().unwrap()).collect_vec()
    };
    // No share is needed, and none can be made.
    assert_eq!(totals(&public, &[]), [vec![1, 1], vec![0, 0], vec![3], vec![0]]);
    assert_eq!(trustees[0].expose_factors(election, &public, rng), Err(ProveError::Shape));
    let open = |trustee: &Trustee| {
        let share = trustee.expose_factors(election, &tally, &mut OsRng).unwrap();
        share.verify(election, election.ceremony().unwrap(), &tally, &mut OsRng).unwrap()
    };
    let shares: Vec<_> = trustees[..2].iter().map(open).collect();
    assert_eq!(totals(&tally, &shares), [vec![1, 1], vec![0, 1], vec![3], vec![2]]);
    assert!(combine(election.ceremony().unwrap(), &tally, &shares[..1]).is_err());
}

/// Interpolation at 0 of a polynomial that is known.
#[test]
fn decrypt_lagrange_coefficients_give_the_value_at_zero() {
    let polynomial =
        |j: u16| Scalar::from(7u8) + Scalar::from(5u8) * Scalar::from(j) * Scalar::from(j);
    for places in [&[1, 2, 3][..], &[3, 1, 2], &[2, 255, 9], &[1, 2, 4, 65535]] {
        let terms = places.iter().zip_eq(lagrange(places));
        let value: Scalar = terms.map(|(j, lambda)| lambda * polynomial(*j)).sum();
        assert_eq!(value, Scalar::from(7u8));
    }
    assert_eq!(lagrange(&[9]), [ONE]);
}

/// The same secrets and the same randomness never give the same nonces to two tallies, as two responses `q + xs` and
/// `q + x′s` would show `s`.
#[test]
fn decrypt_nonces_depend_on_the_statement() {
    let mut world = World::new(13);
    let (tally, other) = (world.tally(), world.tally());
    let announced = |tally: &Tally, j: usize| {
        let mut rng = ChaCha20Rng::from_seed([0; 32]);
        world.trustees[j].expose_factors(&world.election, tally, &mut rng).unwrap().proof
    };
    let one = announced(&tally, 0);
    assert_eq!(one, announced(&tally, 0));
    for other in [announced(&other, 0), announced(&tally, 1)] {
        assert!(one.R_slots.iter().all(|r| !other.R_slots.contains(r)));
        assert_ne!(one.R_author, other.R_author);
    }
    let all = one.R_slots.iter().chain([&one.R_author]).map(Element::as_bytes);
    assert_eq!(all.sorted().dedup().count(), 4);
}

/// The bytes of a share from a fixed seed: a change of the protocol changes them.
#[test]
fn decrypt_bytes_stay_the_same() {
    const HASH: &str = "5ce6b4c5e1d8b1cd6bf88e05fa6a19b04cc8ab21b3492321280c401592c5ad3e";
    let mut world = World::new(14);
    let tally = world.tally();
    let mut rng = ChaCha20Rng::from_seed([15; 32]);
    let share = world.trustees[1].expose_factors(&world.election, &tally, &mut rng).unwrap();
    let bytes = share.to_bytes();
    assert_eq!(bytes.len(), 2 + 32 * (6 + 3 + 2 + 3 + 1));
    assert_eq!(check(&world, &tally, &share), None);
    let mut reader = Reader::new(&bytes);
    assert_eq!(DecryptionShare::decode(&mut reader, &tally), Ok(share));
    assert_eq!(hex::encode(Sha3_256::digest(&bytes)), HASH);
}
