#![allow(non_snake_case)]

mod cheats;
mod oracle;

use super::{rules::powers, *};
use crate::{
    codec::DecodeErrorKind,
    crypto::{
        Culprit, ProveError,
        bits::{self, BitGenerators, Constraints},
    },
    random::Failing,
};
use alloc::{vec, vec::Vec};
use curve25519_dalek::RistrettoPoint;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};

const R1: ProofCheck = ProofCheck::Equation("WIDE.R1");
const R2: ProofCheck = ProofCheck::Equation("WIDE.R2");
const L1: ProofCheck = ProofCheck::Equation("WIDE.L1");
const L2: ProofCheck = ProofCheck::Equation("WIDE.L2");
const L3: ProofCheck = ProofCheck::Equation("WIDE.L3");
const L4: ProofCheck = ProofCheck::Equation("WIDE.L4");
const ALL: [ProofCheck; 6] = [R1, R2, L1, L2, L3, L4];

/// Most values of the relations in these tests.
const VALUES: usize = 16;

/// What all proofs of an election share.
struct World {
    secrets: Vec<Scalar>,
    keys: Vec<Element>,
    generators: Generators,
    proving: ProvingGenerators,
    bases: (Bases, Handles),
}

/// Bases with these generators and slot keys.
fn bases(generators: &Generators, keys: &[Element]) -> (Bases, Handles) {
    let mut bases = Bases::new();
    let handles = generators.share(keys, &mut bases);
    (bases, handles)
}

impl World {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let secrets: Vec<_> = (0..8).map(|_| Scalar::random(&mut rng)).collect();
        let keys: Vec<_> = secrets.iter().map(|s| Element::from_secret(s).unwrap()).collect();
        let generators = Generators::new(VALUES);
        let bases = bases(&generators, &keys);
        Self { secrets, keys, generators, proving: ProvingGenerators::new(VALUES), bases }
    }

    /// The relation of these rules over the first slots.
    fn relation(&self, rules: Rules) -> Relation {
        let slots: Vec<usize> = (0..rules.limbs()).collect();
        Relation::new(rules, &slots, &slots, &self.keys).unwrap()
    }

    /// Two values of two limbs that are together at most 100,000.
    fn budget(&self) -> Relation {
        let mut rules = Rules::new(4);
        rules.at_most([(0, 1), (1, 1 << 16), (2, 1), (3, 1 << 16)], 100_000);
        self.relation(rules)
    }

    /// One limb without a rule.
    fn limb(&self) -> Relation {
        self.relation(Rules::new(1))
    }

    /// Encrypts the limbs in the relation's places, with 7 elsewhere, and proves it.
    fn cast(
        &self,
        relation: &Relation,
        values: &[u16],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Cast {
        let mut slots = vec![Scalar::from(7_u8); relation.width];
        let mut keys = vec![Element::BASE; relation.width];
        for (slot, value) in relation.slots.iter().zip(values) {
            slots[slot.place] = Scalar::from(*value);
            keys[slot.place] = slot.key;
        }
        let nonce = Scalar::random(rng);
        let ciphertext = Ciphertext::encrypt(&keys, &slots, &nonce).unwrap();
        let statement = Statement { relation, ciphertext: &ciphertext };
        let witness = Witness { values: values.to_vec(), nonce };
        let proof = statement.prove(&witness, &self.proving, &mut context(), rng).unwrap();
        Cast { ciphertext, proof }
    }
}

/// A ciphertext and its proof.
#[derive(Clone, Debug)]
struct Cast {
    ciphertext: Ciphertext,
    proof: Proof,
}

impl Cast {
    fn statement<'a>(&'a self, relation: &'a Relation) -> Statement<'a> {
        Statement { relation, ciphertext: &self.ciphertext }
    }

    /// The check that fails.
    fn check(&self, relation: &Relation, bases: &(Bases, Handles)) -> Option<ProofCheck> {
        self.check_on(&mut context(), relation, bases)
    }

    fn check_on(
        &self,
        transcript: &mut Transcript,
        relation: &Relation,
        (bases, handles): &(Bases, Handles),
    ) -> Option<ProofCheck> {
        let statement = self.statement(relation);
        let result = statement.verify(&self.proof, (bases, handles), transcript, &mut OsRng);
        result.err().map(|error| {
            let [Culprit { index: 0, check }] = error.culprits() else { panic!("{error}") };
            *check
        })
    }
}

fn context() -> Transcript {
    Transcript::new(b"test").proof(b"wide")
}

fn decode(bytes: &[u8], values: usize) -> Result<Proof, DecodeError> {
    let mut reader = Reader::new(bytes);
    let proof = Proof::decode(&mut reader, values)?;
    reader.finish().map(|()| proof)
}

/// The limbs of a number.
fn limbs<const N: usize>(number: u64) -> [u16; N] {
    core::array::from_fn(|k| (number >> (16 * k)) as u16)
}

/// 70,000 and 20,000 of the budget, so that 10,000 are left.
fn spent() -> Vec<u16> {
    [limbs::<2>(70_000), limbs(20_000), limbs(10_000)].concat()
}

/// Rules over limbs and slack, values that keep them, and the places of the limbs among more slots.
fn rules_with_values() -> impl Strategy<Value = (Rules, Vec<u16>, Vec<usize>)> {
    let places = Just((0..8).collect::<Vec<usize>>()).prop_shuffle();
    let values = prop::collection::vec(prop_oneof![Just(0), Just(u16::MAX), any::<u16>()], 12);
    let row = prop::collection::btree_map(0..12_usize, any::<i32>(), 0..=12);
    (1..=6_usize, 0..=6_usize, values, prop::collection::vec(row, 0..=3), places).prop_map(
        |(limbs, slack, mut values, rows, mut places)| {
            let mut rules = Rules::new(limbs);
            for _ in 0..slack {
                rules.slack();
            }
            values.truncate(rules.values());
            for row in rows {
                let terms = row.into_iter().filter(|(value, _)| *value < values.len());
                let terms: Vec<(usize, i64)> = terms.map(|(value, c)| (value, c.into())).collect();
                let target = terms.iter().map(|(value, c)| c * i64::from(values[*value])).sum();
                rules.row(terms, target);
            }
            places.truncate(limbs);
            (rules, values, places)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn wide_values_that_keep_the_rules_are_accepted(
        (rules, values, places) in rules_with_values(),
        slots in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
        seed: [u8; 32],
    ) {
        let world = World::new();
        prop_assert!(rules.allow(&values));
        let relation = Relation::new(rules.clone(), &places, &slots, &world.keys).unwrap();
        let cast = world.cast(&relation, &values, &mut ChaCha20Rng::from_seed(seed));
        prop_assert_eq!(cast.check(&relation, &world.bases), None);

        let Ciphertext { a, b } = &cast.ciphertext;
        for (place, value) in places.iter().zip(&values) {
            let opened = b[*place].point() - world.secrets[slots[*place]] * a.point();
            prop_assert_eq!(opened, RistrettoPoint::mul_base(&Scalar::from(*value)));
        }
        let bytes = cast.proof.to_bytes();
        prop_assert_eq!(bytes.len(), Proof::size(values.len()));
        prop_assert_eq!(decode(&bytes, values.len()), Ok(cast.proof));
        // One of the values changed breaks every row in which it is.
        let changed: Vec<u16> = values.iter().map(|value| value ^ 1).collect();
        let kept = rules.allow(&changed);
        let cast = world.cast(&relation, &changed, &mut ChaCha20Rng::from_seed(seed));
        prop_assert_eq!(cast.check(&relation, &world.bases), if kept { None } else { Some(L4) });
    }
}

#[test]
fn wide_bounds_are_rows_with_slack_that_is_filled_in() {
    for (most, slack) in [(0, 0), (1, 1), (65_535, 1), (65_536, 2), (i64::MAX, 4)] {
        let mut rules = Rules::new(4);
        rules.at_most((0..4).map(|k| (k, 1 << (16 * k))), most);
        rules.at_most([(1, 3), (2, 5)], 8 * 65_535);
        assert_eq!(rules.values(), 4 + slack + 2);
        let mut numbers = vec![0, most as u64];
        numbers.extend((most > 0).then_some(most as u64 / 3));
        for number in numbers {
            let filled = rules.fill(&limbs::<4>(number));
            assert!(rules.allow(&filled), "{number} of {most}");
            let left: u64 = (0..slack).map(|k| u64::from(filled[4 + k]) << (16 * k)).sum();
            assert_eq!(left, most as u64 - number);
        }
        // What is too much for the first bound, and what for the second.
        assert!(!rules.allow(&rules.fill(&limbs::<4>(most as u64 + 1))));
    }
    // 70,000 to 100,000.
    let mut rules = Rules::new(2);
    let left = rules.at_most([(0, 1), (1, 1 << 16)], 100_000);
    rules.at_most(left, 30_000);
    for (number, allowed) in [(69_999, false), (70_000, true), (100_000, true), (100_001, false)] {
        assert_eq!(rules.allow(&rules.fill(&limbs::<2>(number))), allowed, "{number}");
    }
    let mut rules = Rules::new(3);
    rules.at_most([(1, 3), (2, 5)], 7 * 65_535);
    assert!(rules.allow(&rules.fill(&[0, 65_535, 1])));
    assert!(!rules.allow(&rules.fill(&[0, 65_535, 65_535])));
    assert_eq!(*rules.fill(&[7]), [7, 0, 0, (7_u32 * 65_535) as u16, 6]);
}

#[test]
fn wide_sizes_are_those_of_the_specification() {
    for (values, size) in [(1, 832), (4, 1_056), (16, 1_568), (64, 3_232)] {
        assert_eq!(Proof::size(values), size);
    }
    // Padding takes rounds and no commitments.
    assert_eq!(Proof::size(5), Proof::size(8) - 3 * 32);
}

/// The equation that a change of each item of the proof breaks first.
fn broken(values: usize) -> Vec<ProofCheck> {
    let rounds = 2 * (16 * values.next_power_of_two()).ilog2() as usize;
    let range = [vec![R1; values + 6], vec![R2; 1 + rounds + 2]];
    [&range.concat()[..], &[L1; 4], &[L1, L1, L2, L4]].concat()
}

#[test]
fn wide_every_field_is_bound_bit_by_bit() {
    let world = World::new();
    let relation = world.limb();
    let cast = world.cast(&relation, &[40_000], &mut OsRng);
    let (bytes, broken) = (cast.proof.to_bytes(), broken(1));
    assert_eq!(bytes.len(), 32 * broken.len());
    let (mut read, mut flipped) = (vec![0; broken.len()], bytes.clone());
    // Every item has every position of a bit within a byte.
    for bit in (0..bytes.len() * 8).step_by(7) {
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(proof) = decode(&flipped, 1) {
            assert_eq!(proof.to_bytes(), flipped);
            let changed = Cast { proof, ..cast.clone() };
            assert_eq!(
                changed.check(&relation, &world.bases),
                Some(broken[bit / 256]),
                "bit {bit}"
            );
            read[bit / 256] += 1;
        }
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(read.iter().all(|read| *read > 0), "{read:?}");
    assert_eq!(cast.check(&relation, &world.bases), None);
}

#[test]
fn wide_every_truncation_and_extension_is_refused() {
    let world = World::new();
    let relation = world.limb();
    let bytes = world.cast(&relation, &[1], &mut OsRng).proof.to_bytes();
    for end in 0..bytes.len() {
        let kind = decode(&bytes[..end], 1).unwrap_err().kind;
        assert!(matches!(kind, DecodeErrorKind::Truncated { .. }), "{end}");
    }
    for extra in [1, 31, 32, 64] {
        let error = decode(&[bytes.clone(), vec![0; extra]].concat(), 1).unwrap_err();
        assert_eq!((error.at, error.kind), (bytes.len(), DecodeErrorKind::Trailing { extra }));
    }
    for values in [0, 2, 3, 1 << 40] {
        assert!(decode(&bytes, values).is_err());
    }
}

#[test]
fn wide_every_item_of_another_proof_is_refused() {
    let world = World::new();
    let relation = world.budget();
    let [cast, other] = [0; 2].map(|_| world.cast(&relation, &spent(), &mut OsRng));
    let (bytes, others, broken) = (cast.proof.to_bytes(), other.proof.to_bytes(), broken(6));
    for (item, check) in broken.iter().enumerate() {
        let at = 32 * item..32 * (item + 1);
        let mut changed = bytes.clone();
        changed[at.clone()].copy_from_slice(&others[at]);
        let changed = Cast { proof: decode(&changed, 6).unwrap(), ..cast.clone() };
        assert_eq!(changed.check(&relation, &world.bases), Some(*check), "item {item}");
    }
    let refused = |name: &str, expected: ProofCheck, change: &dyn Fn(&mut Cast)| {
        let mut changed = cast.clone();
        change(&mut changed);
        assert_eq!(changed.check(&relation, &world.bases), Some(expected), "{name}");
    };
    refused("A", R1, &|c| c.ciphertext.a = other.ciphertext.a);
    refused("one B", R1, &|c| c.ciphertext.b[1] = other.ciphertext.b[1]);
    refused("order of B", R1, &|c| c.ciphertext.b.reverse());
    refused("ciphertext", R1, &|c| c.ciphertext = other.ciphertext.clone());
    refused("order of V", R1, &|c| c.proof.V.swap(0, 2));
    refused("commitments", R1, &|c| c.proof.V = other.proof.V.clone());
    refused("range proof", R1, &|c| c.proof.range = other.proof.range.clone());
    refused("link", L1, &|c| c.proof.link = other.proof.link.clone());
    refused("order of rounds", R2, &|c| c.proof.range.rounds.reverse());
    refused("order of R", L1, &|c| c.proof.link.R.reverse());
    refused("proof", R1, &|c| c.proof = other.proof.clone());
}

#[test]
fn wide_replayed_proofs_are_refused() {
    let world = World::new();
    let relation = world.budget();
    let cast = world.cast(&relation, &spent(), &mut OsRng);
    let mut more = context();
    more.append_u64(b"test", 1);
    for transcript in
        [&mut Transcript::new(b"test"), &mut Transcript::new(b"other").proof(b"wide"), &mut more]
    {
        assert_eq!(cast.check_on(transcript, &relation, &world.bases), Some(R1));
    }
    // Another budget, the same rule in other words, other places, other slots.
    let rules = |target: i64, factor: i64| {
        let mut rules = Rules::new(4);
        let slack = [rules.slack(), rules.slack()];
        let terms =
            [(0, 1), (1, 1 << 16), (2, 1), (3, 1 << 16), (slack[0], 1), (slack[1], 1 << 16)];
        rules.row(terms.map(|(value, c)| (value, c * factor)), target * factor);
        rules
    };
    let order = [0, 1, 2, 3];
    let relation_of = |rules, places: [usize; 4], slots: [usize; 4]| {
        Relation::new(rules, &places, &slots, &world.keys).unwrap()
    };
    assert_eq!(cast.check(&relation_of(rules(100_000, 1), order, order), &world.bases), None);
    for other in [
        relation_of(rules(100_001, 1), order, order),
        relation_of(rules(100_000, 2), order, order),
        relation_of(rules(100_000, 1), [2, 3, 0, 1], order),
        relation_of(rules(100_000, 1), order, [1, 0, 2, 3]),
        relation_of(rules(100_000, 1), order, [0, 1, 2, 7]),
    ] {
        assert_eq!(cast.check(&other, &world.bases), Some(R1));
    }
}

#[test]
fn wide_changed_bases_are_refused() {
    let world = World::new();
    let relation = world.budget();
    let cast = world.cast(&relation, &spent(), &mut OsRng);
    let mut keys = world.keys.clone();
    keys.swap(0, 1);
    assert_eq!(cast.check(&relation, &bases(&world.generators, &keys)), Some(L3));
    let changed = |change: &dyn Fn(&mut Generators)| {
        let mut generators = world.generators.clone();
        change(&mut generators);
        cast.check(&relation, &bases(&generators, &world.keys))
    };
    assert_eq!(changed(&|g| g.blinding = g.G[0]), Some(R1));
    assert_eq!(changed(&|g| g.G.swap(0, 1)), Some(R2));
    assert_eq!(changed(&|g| g.H.swap(0, 17)), Some(R2));
    let shape = Some(ProofCheck::Shape);
    assert_eq!(changed(&|g| g.G.truncate(16 * 7)), shape);
    assert_eq!(changed(&|g| g.H.truncate(16 * 7)), shape);
    assert_eq!(cast.check(&relation, &bases(&world.generators, &world.keys[..3])), shape);
    let others = bases(&world.generators, &world.keys);
    assert_eq!(cast.check(&relation, &(others.0, world.bases.1)), shape);
}

#[test]
fn wide_wrong_shapes_are_refused() {
    let world = World::new();
    let relation = world.budget();
    let cast = world.cast(&relation, &spent(), &mut OsRng);
    let refused = |change: &dyn Fn(&mut Cast)| {
        let mut changed = cast.clone();
        change(&mut changed);
        assert_eq!(changed.check(&relation, &world.bases), Some(ProofCheck::Shape));
    };
    refused(&|c| c.proof.V.truncate(5));
    refused(&|c| c.proof.V.push(Element::BASE));
    refused(&|c| c.proof.range.rounds.truncate(6));
    refused(&|c| c.proof.range.rounds.push((Element::BASE, Element::BASE)));
    refused(&|c| c.ciphertext.b.truncate(3));
    refused(&|c| c.ciphertext.b.push(Element::BASE));

    let statement = cast.statement(&relation);
    let prove = |values: usize, proving: &ProvingGenerators| {
        let witness = Witness { values: vec![0; values], nonce: Scalar::ONE };
        statement.prove(&witness, proving, &mut context(), &mut OsRng)
    };
    assert!(prove(6, &world.proving).is_ok());
    assert_eq!(prove(5, &world.proving), Err(ProveError::Shape));
    assert_eq!(prove(7, &world.proving), Err(ProveError::Shape));
    assert_eq!(prove(6, &ProvingGenerators::new(4)), Err(ProveError::Shape));
    let witness = Witness { values: spent(), nonce: Scalar::ONE };
    let failed = statement.prove(&witness, &world.proving, &mut context(), &mut Failing);
    assert_eq!(failed, Err(ProveError::Randomness));
}

#[test]
fn wide_relations_that_make_no_sense_are_refused() {
    let keys = World::new().keys;
    let relation =
        |rules, places: &[usize], slots: &[usize]| Relation::new(rules, places, slots, &keys);
    let row = |value| {
        let mut rules = Rules::new(2);
        rules.slack();
        rules.row([(value, 1)], 0);
        rules
    };
    assert!(relation(row(2), &[0, 2], &[5, 6, 7]).is_some());
    assert!(relation(row(3), &[0, 2], &[5, 6, 7]).is_none(), "a value that does not exist");
    assert!(relation(row(2), &[0], &[5, 6, 7]).is_none(), "a limb without a place");
    assert!(relation(row(2), &[0, 0], &[5, 6, 7]).is_none(), "a place taken twice");
    assert!(relation(row(2), &[0, 3], &[5, 6, 7]).is_none(), "a place that does not exist");
    assert!(relation(row(2), &[0, 2], &[5, 6, 8]).is_none(), "a key that does not exist");
    assert!(relation(row(2), &[0, 2], &[5, 6, 5]).is_none(), "a key used twice");
    assert!(relation(Rules::new(0), &[], &[5]).is_none(), "no limbs");
    let mut many = Rules::new(1);
    for _ in 0..MAX_VALUES {
        many.slack();
    }
    assert!(relation(many, &[0], &[5]).is_none(), "too many values");
    assert!(relation(Rules::new(usize::MAX), &[], &[5]).is_none(), "too many limbs");
}

#[test]
fn wide_proofs_share_a_batch_with_others_and_the_wrong_ones_are_named() {
    let world = World::new();
    let (budget, limb) = (world.budget(), world.limb());
    let mut constraints = Constraints::new(2);
    let options = [constraints.bit([(0, 1)]), constraints.bit([(1, 1)])];
    constraints.row(options.map(|bit| (bit, 1)), 1);
    let vote = bits::Relation::new(constraints, &[6, 7], &world.keys).unwrap();
    let bit_generators = BitGenerators::new(2);
    let mut bases = Bases::new();
    let of_bits = bit_generators.share(&world.keys, &mut bases);
    let handles = world.generators.share(&world.keys, &mut bases);

    let mut batch = Batch::new(&bases);
    let (mut expected, mut casts) = (Vec::new(), Vec::new());
    for i in 0..12_u16 {
        match i % 3 {
            0 => casts.push((&budget, world.cast(&budget, &spent(), &mut OsRng))),
            1 => casts.push((&limb, world.cast(&limb, &[i], &mut OsRng))),
            _ => {
                let [nonce, signer] = [0; 2].map(|_| Scalar::random(&mut OsRng));
                let votes = [Scalar::ONE, Scalar::ZERO];
                let ciphertext = Ciphertext::encrypt(&vote.keys(), &votes, &nonce).unwrap();
                let key = Element::from_secret(&signer).unwrap();
                let statement = bits::Statement {
                    relation: &vote,
                    signer: &key,
                    weight: 0,
                    ciphertext: &ciphertext,
                };
                let witness = bits::Witness { bits: votes.to_vec(), nonce, signer };
                let proof =
                    statement.prove(&witness, &bit_generators, &mut context(), &mut OsRng).unwrap();
                statement.enqueue(&proof, &of_bits, &mut context(), &mut batch);
                continue;
            }
        }
        let (relation, cast) = casts.last().unwrap();
        cast.statement(relation).enqueue(&cast.proof, &handles, &mut context(), &mut batch);
    }
    assert_eq!(batch.verify(&mut OsRng), Ok(()));
    for (i, (relation, cast)) in casts.iter_mut().enumerate() {
        cast.proof.link.z_delta += Scalar::ONE;
        if i % 2 == 1 {
            cast.proof.range.mu += Scalar::ONE;
        }
        expected.push(Culprit { index: batch.len(), check: if i % 2 == 1 { R2 } else { L4 } });
        cast.statement(relation).enqueue(&cast.proof, &handles, &mut context(), &mut batch);
    }
    assert_eq!(batch.verify(&mut OsRng), Err(VerifyError::Invalid(expected)));
}

/// A vote in two slots and a wide value in two others, under one nonce, with one transcript, signed by the voter.
#[test]
fn wide_values_and_bits_share_a_ciphertext_and_an_entry_of_the_batch() {
    let world = World::new();
    let mut rules = Rules::new(2);
    rules.at_most([(0, 1), (1, 1 << 16)], 100_000);
    let wide = Relation::new(rules, &[1, 3], &[0, 1, 2, 3], &world.keys).unwrap();
    let mut constraints = Constraints::new(4);
    constraints.leave_free([1, 3]);
    let options = [constraints.bit([(0, 1)]), constraints.bit([(2, 1)])];
    constraints.row(options.map(|bit| (bit, 1)), 1);
    let vote = bits::Relation::new(constraints, &[0, 1, 2, 3], &world.keys).unwrap();
    let bit_generators = BitGenerators::new(2);
    let mut bases = Bases::new();
    let of_bits = bit_generators.share(&world.keys, &mut bases);
    let handles = world.generators.share(&world.keys, &mut bases);

    let [nonce, signer] = [0; 2].map(|_| Scalar::random(&mut OsRng));
    let held = [1_u16, 4_464, 0, 1].map(Scalar::from);
    let ciphertext = Ciphertext::encrypt(&vote.keys(), &held, &nonce).unwrap();
    let key = Element::from_secret(&signer).unwrap();
    let of_vote =
        bits::Statement { relation: &vote, signer: &key, weight: 0, ciphertext: &ciphertext };
    let of_wide = Statement { relation: &wide, ciphertext: &ciphertext };
    let prove = |values: &[u16]| {
        let mut transcript = context();
        let witness = Witness { values: wide.rules().fill(values).to_vec(), nonce };
        let folded = of_wide.prove(&witness, &world.proving, &mut transcript, &mut OsRng).unwrap();
        let witness = bits::Witness { bits: vec![Scalar::ONE, Scalar::ZERO], nonce, signer };
        let proof = of_vote.prove(&witness, &bit_generators, &mut transcript, &mut OsRng).unwrap();
        (folded, proof)
    };
    let check = |(folded, proof): (&Proof, &bits::Proof)| {
        let (mut batch, mut transcript) = (Batch::new(&bases), context());
        let first = of_wide.challenges(folded, &handles, &mut transcript).unwrap();
        let second = of_vote.challenges(proof, &of_bits, &mut transcript).unwrap();
        let mut enqueue = batch.enqueue(&mut transcript);
        of_wide.add(folded, &first, &handles, &mut enqueue);
        of_vote.add(proof, second, &of_bits, &mut enqueue);
        batch.check(&[3; 32])
    };
    let (folded, proof) = prove(&[4_464, 1]);
    assert_eq!(check((&folded, &proof)), Ok(()));
    // Another valid proof of the same values is not the one that was signed.
    let (others, _) = prove(&[4_464, 1]);
    let v1 = ProofCheck::Equation("BALLOT.V1");
    assert_eq!(check((&others, &proof)), Err(v1));
    let mut changed = folded.clone();
    changed.link.z_delta += Scalar::ONE;
    assert_eq!(check((&changed, &proof)), Err(L4));
    // What the slots do not hold.
    let (folded, proof) = prove(&[4_465, 1]);
    assert_eq!(check((&folded, &proof)), Err(L3));
    let (folded, proof) = prove(&[4_464, 2]);
    assert_eq!(check((&folded, &proof)), Err(L3));
}

#[test]
fn wide_errors_that_cancel_between_proofs_are_found() {
    let world = World::new();
    let relation = world.limb();
    let (bases, handles) = &world.bases;
    let mut batch = Batch::new(bases);
    let mut sum = RistrettoPoint::default();
    for error in [Scalar::ONE, -Scalar::ONE] {
        let mut cast = world.cast(&relation, &[5], &mut OsRng);
        cast.proof.link.z_delta += error;
        sum += error * world.generators.blinding;
        cast.statement(&relation).enqueue(&cast.proof, handles, &mut context(), &mut batch);
    }
    assert_eq!(sum, RistrettoPoint::default());
    let named = [0, 1].map(|index| Culprit { index, check: L4 });
    assert_eq!(batch.verify(&mut OsRng), Err(VerifyError::Invalid(named.to_vec())));
}

#[test]
fn wide_prover_and_verifier_leave_the_same_transcript() {
    let world = World::new();
    let relation = world.budget();
    let ciphertext = world.cast(&relation, &spent(), &mut OsRng).ciphertext;
    let statement = Statement { relation: &relation, ciphertext: &ciphertext };
    let witness = Witness { values: spent(), nonce: Scalar::ONE };
    let mut provers = context();
    let mut proof = statement.prove(&witness, &world.proving, &mut provers, &mut OsRng).unwrap();
    let after = |proof: &Proof| {
        let mut verifiers = context();
        assert!(statement.challenges(proof, &world.bases.1, &mut verifiers).is_ok());
        verifiers.digest(b"test")
    };
    let digest = provers.digest(b"test");
    assert_eq!(after(&proof), digest);
    proof.link.z_delta += Scalar::ONE;
    assert_ne!(after(&proof), digest);
    proof.link.z_delta -= Scalar::ONE;
    proof.range.b += Scalar::ONE;
    assert_ne!(after(&proof), digest);
}

/// A generator that always gives the same. Nonces still differ, since they depend on the witness and the statement.
struct Stuck;

impl RngCore for Stuck {
    fn next_u32(&mut self) -> u32 {
        0
    }
    fn next_u64(&mut self) -> u64 {
        0
    }
    fn fill_bytes(&mut self, out: &mut [u8]) {
        out.fill(0);
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        out.fill(0);
        Ok(())
    }
}

impl CryptoRng for Stuck {}

#[test]
fn wide_nonces_survive_a_generator_that_repeats_itself() {
    let world = World::new();
    let relation = world.limb();
    let ciphertext =
        Ciphertext::encrypt(&world.keys[..1], &[Scalar::from(5_u8)], &Scalar::from(9_u8)).unwrap();
    let statement = Statement { relation: &relation, ciphertext: &ciphertext };
    let prove = |value: u16, nonce: u64, number: u64| {
        let mut transcript = context();
        transcript.append_u64(b"test", number);
        let witness = Witness { values: vec![value], nonce: Scalar::from(nonce) };
        statement.prove(&witness, &world.proving, &mut transcript, &mut Stuck).unwrap()
    };
    let proofs = [prove(5, 9, 0), prove(6, 9, 0), prove(5, 10, 0), prove(5, 9, 1)];
    // With equal γ, commitments to 5 and to 6 would differ by G.
    let mut points = Vec::new();
    for Proof { V, range, link } in &proofs {
        let all = V.iter().chain([&range.A, &range.S, &range.T1, &range.T2]).chain(&link.R);
        points.extend(all.flat_map(|e| [*e.point(), e.point() + Element::BASE.point()]));
    }
    let mut bytes: Vec<_> = points.iter().map(|point| point.compress().to_bytes()).collect();
    bytes.sort();
    bytes.dedup();
    assert_eq!(bytes.len(), points.len());
    assert_eq!(prove(5, 9, 0), proofs[0]);
}

#[test]
fn wide_a_witness_is_erased_and_not_printed() {
    fn erased<T: ZeroizeOnDrop>(_: &T) {}
    let mut witness = Witness { values: vec![5, 6], nonce: Scalar::ONE };
    erased(&witness);
    assert_eq!(alloc::format!("{witness:?}"), "Witness(..)");
    witness.zeroize();
    assert!(witness.values.is_empty() && witness.nonce == Scalar::ZERO);
}
