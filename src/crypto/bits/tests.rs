mod cheats;
mod weights;

use super::{
    constraints::{Target, scaled},
    *,
};
use crate::{
    codec::DecodeErrorKind,
    crypto::{Culprit, transcript::label},
};
use alloc::{vec, vec::Vec};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::{OsRng, SeedableRng};
use sha3::{Digest, Sha3_256};

const V1: ProofCheck = ProofCheck::Equation("BALLOT.V1");
const V2: ProofCheck = ProofCheck::Equation("BALLOT.V2");

/// Weights whose subset sums are exactly `0..=m`.
fn weights(m: i64) -> Vec<i64> {
    let Some(top) = m.checked_ilog2() else { return Vec::new() };
    (0..top).map(|j| 1 << j).chain([m + 1 - (1 << top)]).collect()
}

/// The bits of `v ≤ m` over those weights.
fn split(v: i64, m: i64) -> Vec<Scalar> {
    let Some(top) = m.checked_ilog2() else { return Vec::new() };
    let high = v >= 1 << top;
    let low = if high { v - (m + 1 - (1 << top)) } else { v };
    let bits = (0..top).map(|j| (low >> j) as u64 & 1).chain([high.into()]);
    bits.map(Scalar::from).collect()
}

/// `options` values of `0..=m` each, with their sum in `lo..=hi`, with or without a blank slot.
#[derive(Clone, Copy, Debug)]
struct Contest {
    options: usize,
    m: i64,
    lo: i64,
    hi: i64,
    blank: bool,
}

const fn contest(options: usize, m: i64, lo: i64, hi: i64, blank: bool) -> Contest {
    Contest { options, m, lo, hi, blank }
}

impl Contest {
    fn slots(&self) -> usize {
        self.options + usize::from(self.blank)
    }

    /// Adds the contest's bits and rows; its slots begin at `first`.
    fn add(&self, first: usize, to: &mut Constraints) {
        let Self { options, m, lo, hi, blank } = *self;
        let mut votes = Vec::new();
        for slot in first..first + options {
            votes.extend(weights(m).into_iter().map(|c| (to.bit([(slot, c)]), c)));
        }
        let beta = blank.then(|| to.bit([(first + options, 1)]));
        let mut row = |extra: &[(usize, i64)], slack: i64, sign: i64, target: i64| {
            let slack: Vec<_> =
                weights(slack).into_iter().map(|c| (to.bit([]), sign * c)).collect();
            to.row(votes.iter().chain(extra).copied().chain(slack), target);
        };
        match beta {
            None => row(&[], hi - lo, -1, lo),
            Some(beta) if lo == hi => row(&[(beta, lo)], 0, 1, lo),
            Some(beta) => {
                row(&[(beta, hi)], hi, 1, hi);
                row(&[(beta, lo)], hi - lo, -1, lo);
            }
        }
    }

    /// The bits of allowed votes, which are one value for each slot.
    fn bits(&self, votes: &[i64]) -> Vec<Scalar> {
        let Self { options, m, lo, hi, blank } = *self;
        let sum: i64 = votes[..options].iter().sum();
        let mut bits: Vec<_> = votes[..options].iter().flat_map(|v| split(*v, m)).collect();
        if !blank {
            bits.extend(split(sum - lo, hi - lo));
            return bits;
        }
        let beta = votes[options];
        bits.push(Scalar::from(beta as u64));
        if lo != hi {
            bits.extend(split(hi - sum - hi * beta, hi));
            bits.extend(split(sum + lo * beta - lo, hi - lo));
        }
        bits
    }

    /// The relation of this contest alone, over the first slot keys.
    fn relation(&self, world: &World) -> Relation {
        let mut constraints = Constraints::new(self.slots());
        self.add(0, &mut constraints);
        let slots: Vec<_> = (0..self.slots()).collect();
        Relation::new(constraints, &slots, &world.keys).unwrap()
    }
}

const ONE_OF_TWO: Contest = contest(2, 1, 1, 1, false);

/// What all ballots of an election share.
struct World {
    generators: BitGenerators,
    secrets: Vec<Scalar>,
    keys: Vec<Element>,
    bases: (Bases, Handles),
}

/// Bases with these generators and slot keys.
fn bases(generators: &BitGenerators, keys: &[Element]) -> (Bases, Handles) {
    let mut bases = Bases::new();
    let handles = generators.share(keys, &mut bases);
    (bases, handles)
}

impl World {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::from_seed([1; 32]);
        let generators = BitGenerators::new(80);
        let secrets: Vec<_> = (0..12).map(|_| Scalar::random(&mut rng)).collect();
        let keys: Vec<_> = secrets.iter().map(|s| Element::from_secret(s).unwrap()).collect();
        let bases = bases(&generators, &keys);
        Self { generators, secrets, keys, bases }
    }

    /// An honest ballot of these bits.
    fn ballot(
        &self,
        relation: &Relation,
        bits: &[Scalar],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Ballot {
        self.ballot_of_weight(0, relation, bits, rng)
    }

    fn ballot_of_weight(
        &self,
        weight: u64,
        relation: &Relation,
        bits: &[Scalar],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Ballot {
        let mut values = vec![Scalar::ZERO; relation.keys.len()];
        for (column, bit) in relation.constraints.columns.iter().zip_eq(bits) {
            for (slot, amount) in column {
                values[*slot] += scaled(Some(bit), *amount);
            }
        }
        let [nonce, signer] = [Scalar::random(rng), Scalar::random(rng)];
        let ciphertext = Ciphertext::encrypt(&relation.keys(), &values, &nonce).unwrap();
        let key = Element::from_secret(&signer).unwrap();
        let statement = Statement { relation, signer: &key, weight, ciphertext: &ciphertext };
        let witness = Witness { bits: bits.to_vec(), nonce, signer };
        let proof = statement.prove(&witness, &self.generators, &mut context(), rng).unwrap();
        Ballot { signer: key, weight, ciphertext, proof }
    }
}

/// The statement except for its relation, and the proof.
#[derive(Clone)]
struct Ballot {
    signer: Element,
    weight: u64,
    ciphertext: Ciphertext,
    proof: Proof,
}

impl Ballot {
    fn statement<'a>(&'a self, relation: &'a Relation) -> Statement<'a> {
        let Self { signer, weight, ciphertext, proof: _ } = self;
        Statement { relation, signer, weight: *weight, ciphertext }
    }

    /// The check that fails.
    fn check(
        &self,
        relation: &Relation,
        (bases, handles): &(Bases, Handles),
    ) -> Option<ProofCheck> {
        let statement = self.statement(relation);
        let result = statement.verify(&self.proof, (bases, handles), &mut context(), &mut OsRng);
        result.err().map(|error| {
            let [Culprit { index: 0, check }] = error.culprits() else { panic!("{error}") };
            *check
        })
    }
}

fn context() -> Transcript {
    Transcript::new(b"test").proof(label::BALLOT)
}

fn decode(bytes: &[u8], bits: usize) -> Result<Proof, DecodeError> {
    let mut reader = Reader::new(bytes);
    let proof = Proof::decode(&mut reader, bits)?;
    reader.finish().map(|()| proof)
}

fn is_equation(check: Option<ProofCheck>) -> bool {
    [V1, V2].map(Some).contains(&check)
}

/// A contest and votes that it allows.
fn contest_with_votes() -> impl Strategy<Value = (Contest, Vec<i64>)> {
    (1usize..=4, 1i64..=6, any::<[u8; 2]>(), any::<bool>(), any::<bool>())
        .prop_flat_map(|(options, m, [a, b], blank, is_blank)| {
            let hi = 1 + i64::from(a) % (options as i64 * m);
            let lo = i64::from(b) % (hi + 1);
            let contest = contest(options, m, lo, hi, blank);
            let votes = prop::collection::vec(0..=m, options);
            (Just(contest), votes, Just(blank && is_blank))
        })
        .prop_map(|(contest, mut votes, is_blank)| {
            for k in (0..contest.options).cycle() {
                let sum: i64 = votes.iter().sum();
                if sum < contest.lo {
                    votes[k] = (votes[k] + 1).min(contest.m);
                } else if sum > contest.hi {
                    votes[k] = (votes[k] - 1).max(0);
                } else {
                    break;
                }
            }
            if contest.blank {
                if is_blank {
                    votes.fill(0);
                }
                votes.push(is_blank.into());
            }
            (contest, votes)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn ballot_allowed_votes_are_accepted(
        contests in prop::collection::vec(contest_with_votes(), 1..=2),
        shuffled in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
        seed: [u8; 32],
    ) {
        let world = World::new();
        let slots: usize = contests.iter().map(|(contest, _)| contest.slots()).sum();
        let (mut constraints, mut bits, mut first) = (Constraints::new(slots), Vec::new(), 0);
        for (contest, votes) in &contests {
            contest.add(first, &mut constraints);
            bits.extend(contest.bits(votes));
            first += contest.slots();
        }
        let on: Vec<bool> = bits.iter().map(|bit| *bit == Scalar::ONE).collect();
        prop_assert!(constraints.allow(&on));
        let relation = Relation::new(constraints, &shuffled[..slots], &world.keys).unwrap();
        let ballot = world.ballot(&relation, &bits, &mut ChaCha20Rng::from_seed(seed));
        prop_assert_eq!(ballot.check(&relation, &world.bases), None);

        let votes = contests.iter().flat_map(|(_, votes)| votes);
        let Ciphertext { a, b } = &ballot.ciphertext;
        for ((b, k), vote) in b.iter().zip_eq(&shuffled[..slots]).zip_eq(votes) {
            let value = RistrettoPoint::mul_base(&Scalar::from(*vote as u64));
            prop_assert_eq!(b.point() - world.secrets[*k] * a.point(), value);
        }
        let bytes = ballot.proof.to_bytes();
        prop_assert_eq!(bytes.len(), Proof::size(bits.len()));
        prop_assert_eq!(decode(&bytes, bits.len()), Ok(ballot.proof));
    }
}

/// Free slots get no power of `y` and hold any point, but their content is signed.
#[test]
fn ballot_free_slots_hold_anything_that_the_signer_knows() {
    let world = World::new();
    let mut alone = Constraints::new(2);
    alone.leave_free(0..2);
    let mut among = Constraints::new(4);
    among.leave_free([0, 3]);
    ONE_OF_TWO.add(1, &mut among);
    for (constraints, bits) in [(alone, vec![]), (among, ONE_OF_TWO.bits(&[0, 1]))] {
        let free = constraints.free.clone();
        let slots: Vec<_> = (0..constraints.slots()).collect();
        let relation = Relation::new(constraints, &slots, &world.keys).unwrap();
        let mut ballot = world.ballot(&relation, &bits, &mut OsRng);
        assert_eq!(ballot.check(&relation, &world.bases), None);
        let mut closed = relation.constraints.clone();
        closed.free.clear();
        let closed = Relation::new(closed, &slots, &world.keys).unwrap();
        assert!(ballot.check(&closed, &world.bases).is_some());
        for slot in free {
            let held = ballot.ciphertext.b[slot];
            ballot.ciphertext.b[slot] = Element::BASE;
            assert_eq!(
                ballot.check(&relation, &world.bases),
                Some(ProofCheck::Equation("BALLOT.V1"))
            );
            ballot.ciphertext.b[slot] = held;
        }
    }
    // A bit cannot add to a free slot, and only existing slots can be left free.
    let mut wrong = Constraints::new(1);
    wrong.leave_free([0]);
    wrong.bit([(0, 1)]);
    assert!(Relation::new(wrong, &[0], &world.keys).is_none());
    let mut wrong = Constraints::new(1);
    wrong.leave_free([1]);
    assert!(Relation::new(wrong, &[0], &world.keys).is_none());
}

#[test]
fn ballot_one_of_five_takes_352_bytes() {
    let world = World::new();
    let choice = contest(5, 1, 1, 1, false);
    let relation = choice.relation(&world);
    let ballot = world.ballot(&relation, &choice.bits(&[0, 0, 1, 0, 0]), &mut OsRng);
    assert_eq!(ballot.proof.to_bytes().len(), 352);
    assert_eq!(ballot.check(&relation, &world.bases), None);
}

#[test]
fn ballot_every_bit_flip_is_refused() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let ballot = world.ballot(&relation, &ONE_OF_TWO.bits(&[0, 1]), &mut OsRng);
    let bytes = ballot.proof.to_bytes();
    let (mut read, mut flipped) = (0, bytes.clone());
    for bit in 0..bytes.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(proof) = decode(&flipped, 2) {
            assert_eq!(proof.to_bytes(), flipped);
            // V1 uses every response, and another element leads to another x.
            let changed = Ballot { proof, ..ballot.clone() };
            assert_eq!(changed.check(&relation, &world.bases), Some(V1), "bit {bit}");
            read += 1;
        }
        flipped[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(read > 5 * 250);
    assert_eq!(ballot.check(&relation, &world.bases), None);
}

#[test]
fn ballot_every_truncation_and_extension_is_refused() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let bytes = world.ballot(&relation, &ONE_OF_TWO.bits(&[0, 1]), &mut OsRng).proof.to_bytes();
    for end in 0..bytes.len() {
        let kind = decode(&bytes[..end], 2).unwrap_err().kind;
        assert!(matches!(kind, DecodeErrorKind::Truncated { .. }), "{end}");
    }
    for extra in [1, 31, 32, 64] {
        let error = decode(&[bytes.clone(), vec![0; extra]].concat(), 2).unwrap_err();
        assert_eq!((error.at, error.kind), (256, DecodeErrorKind::Trailing { extra }));
    }
    assert!(decode(&bytes, 1).is_err() && decode(&bytes, 3).is_err());
}

#[test]
fn ballot_every_bit_flip_of_the_statement_is_refused() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let ballot = world.ballot(&relation, &ONE_OF_TWO.bits(&[0, 1]), &mut OsRng);
    let mut read = 0;
    for bit in 0..256 {
        let flip = |element: &Element| {
            let mut bytes = *element.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Element::from_canonical(bytes).ok()
        };
        let refused = |changed: Ballot| {
            assert!(is_equation(changed.check(&relation, &world.bases)), "bit {bit}");
            1
        };
        if let Some(signer) = flip(&ballot.signer) {
            read += refused(Ballot { signer, ..ballot.clone() });
        }
        if let Some(a) = flip(&ballot.ciphertext.a) {
            let mut changed = ballot.clone();
            changed.ciphertext.a = a;
            read += refused(changed);
        }
        for k in 0..2 {
            if let Some(b) = flip(&ballot.ciphertext.b[k]) {
                let mut changed = ballot.clone();
                changed.ciphertext.b[k] = b;
                read += refused(changed);
            }
        }
    }
    assert!(read > 0);
}

#[test]
fn ballot_swapped_parts_are_refused() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let bits = ONE_OF_TWO.bits(&[0, 1]);
    let ballot = world.ballot(&relation, &bits, &mut OsRng);
    let other = world.ballot(&relation, &bits, &mut OsRng);
    let refused = |name: &str, change: &dyn Fn(&mut Ballot)| {
        let mut changed = ballot.clone();
        change(&mut changed);
        assert!(is_equation(changed.check(&relation, &world.bases)), "{name}");
    };
    refused("X", &|b| b.signer = other.signer);
    refused("A", &|b| b.ciphertext.a = other.ciphertext.a);
    refused("one B", &|b| b.ciphertext.b[1] = other.ciphertext.b[1]);
    refused("order of B", &|b| b.ciphertext.b.reverse());
    refused("A and B", &|b| b.ciphertext = other.ciphertext.clone());
    refused("A, B and X", &|b| {
        *b = Ballot { proof: b.proof.clone(), ..other.clone() };
    });
    refused("D", &|b| b.proof.D = other.proof.D);
    refused("E", &|b| b.proof.E = other.proof.E);
    refused("D and E", &|b| core::mem::swap(&mut b.proof.D, &mut b.proof.E));
    refused("W", &|b| b.proof.W = other.proof.W);
    refused("E and W", &|b| core::mem::swap(&mut b.proof.E, &mut b.proof.W));
    refused("order of f", &|b| b.proof.f.reverse());
    refused("f_r", &|b| b.proof.f_r = other.proof.f_r);
    refused("f_s", &|b| b.proof.f_s = other.proof.f_s);
    refused("z", &|b| b.proof.z = other.proof.z);
    refused("f_r and f_s", &|b| core::mem::swap(&mut b.proof.f_r, &mut b.proof.f_s));
    refused("f_s and z", &|b| core::mem::swap(&mut b.proof.f_s, &mut b.proof.z));
    refused("the proof", &|b| b.proof = other.proof.clone());
    // A rerandomised ciphertext, and one with an added vote, each with the old proof.
    refused("another nonce", &|b| {
        let Ciphertext { a, b } = &mut b.ciphertext;
        *a = Element::new(a.point() + Element::BASE.point()).unwrap();
        for (b, key) in b.iter_mut().zip_eq(&world.keys[..2]) {
            *b = Element::new(b.point() + key.point()).unwrap();
        }
    });
    refused("one vote more", &|b| {
        let b = &mut b.ciphertext.b[0];
        *b = Element::new(b.point() + Element::BASE.point()).unwrap();
    });

    let mut context = context();
    context.append_u64(b"sequence", 1);
    let (bases_of_all, handles) = &world.bases;
    let error = ballot.statement(&relation).verify(
        &ballot.proof,
        (bases_of_all, handles),
        &mut context,
        &mut OsRng,
    );
    assert!(is_equation(error.unwrap_err().culprits().first().map(|c| c.check)));

    // Different relations over the same slots and bits.
    let relation = |change: &dyn Fn(&mut Constraints), slots: &[usize], keys: &[Element]| {
        let mut constraints = Constraints::new(2);
        ONE_OF_TWO.add(0, &mut constraints);
        change(&mut constraints);
        Relation::new(constraints, slots, keys).unwrap()
    };
    let keys = &world.keys;
    assert_eq!(ballot.check(&relation(&|_| (), &[0, 1], keys), &world.bases), None);
    let others = [
        relation(&|c| c.rows[0].target = Target::Number(2), &[0, 1], keys),
        relation(&|c| c.rows[0].terms[0].1 = 2, &[0, 1], keys),
        relation(&|c| c.rows.clear(), &[0, 1], keys),
        relation(&|c| c.row([], 0), &[0, 1], keys),
        relation(&|c| c.columns[0][0].1 = 5, &[0, 1], keys),
        relation(&|c| c.columns.reverse(), &[0, 1], keys),
        relation(&|_| (), &[1, 0], keys),
        relation(&|_| (), &[0, 2], keys),
    ];
    for (i, other) in others.iter().enumerate() {
        assert!(is_equation(ballot.check(other, &world.bases)), "relation {i}");
    }
    // Other slot keys: in the relation, in the batch, and in both.
    let other_keys: Vec<_> = keys.iter().rev().copied().collect();
    let other_bases = bases(&world.generators, &other_keys);
    let other_relation = relation(&|_| (), &[0, 1], &other_keys);
    let relation = relation(&|_| (), &[0, 1], keys);
    assert!(is_equation(ballot.check(&other_relation, &world.bases)));
    assert_eq!(ballot.check(&relation, &other_bases), Some(V2));
    assert!(is_equation(ballot.check(&other_relation, &other_bases)));
}

#[test]
fn ballot_wrong_shapes_are_refused() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let ballot = world.ballot(&relation, &ONE_OF_TWO.bits(&[0, 1]), &mut OsRng);
    let refused = |change: &dyn Fn(&mut Ballot)| {
        let mut changed = ballot.clone();
        change(&mut changed);
        assert_eq!(changed.check(&relation, &world.bases), Some(ProofCheck::Shape));
    };
    refused(&|b| b.proof.f.push(Scalar::ZERO));
    refused(&|b| {
        b.proof.f.pop();
    });
    refused(&|b| b.proof.f.clear());
    refused(&|b| b.ciphertext.b.push(Element::BASE));
    refused(&|b| {
        b.ciphertext.b.pop();
    });
    refused(&|b| b.ciphertext.b.clear());

    // Bases without enough generators, without enough slot keys, and without either.
    let few = BitGenerators::new(1);
    for bases in [
        bases(&few, &world.keys[..2]),
        bases(&world.generators, &world.keys[..1]),
        bases(&world.generators, &[]),
    ] {
        assert_eq!(ballot.check(&relation, &bases), Some(ProofCheck::Shape));
    }
    assert_eq!(ballot.check(&relation, &bases(&BitGenerators::new(2), &world.keys)), None);
    // Handles of the same points in another list, and of points that are in no list.
    let (_, handles) = world.bases;
    for bases in [Bases::new(), bases(&world.generators, &world.keys).0] {
        assert_eq!(ballot.check(&relation, &(bases, handles)), Some(ProofCheck::Shape));
    }

    let statement = ballot.statement(&relation);
    let prove = |statement: &Statement<'_>, bits: usize, generators: &BitGenerators| {
        let bits = vec![Scalar::ONE; bits];
        let witness = Witness { bits, nonce: Scalar::ONE, signer: Scalar::ONE };
        statement.prove(&witness, generators, &mut context(), &mut OsRng).map(|_| ())
    };
    assert_eq!(prove(&statement, 2, &world.generators), Ok(()));
    assert_eq!(prove(&statement, 1, &world.generators), Err(ProveError::Shape));
    assert_eq!(prove(&statement, 3, &world.generators), Err(ProveError::Shape));
    assert_eq!(prove(&statement, 2, &few), Err(ProveError::Shape));
    let mut changed = ballot.clone();
    changed.ciphertext.b.pop();
    assert_eq!(prove(&changed.statement(&relation), 2, &world.generators), Err(ProveError::Shape));
}

#[test]
fn relations_that_name_what_is_not_there_are_refused() {
    let world = World::new();
    let relation = |slots: &[usize], change: &dyn Fn(&mut Constraints)| {
        let mut constraints = Constraints::new(2);
        ONE_OF_TWO.add(0, &mut constraints);
        change(&mut constraints);
        Relation::new(constraints, slots, &world.keys).is_some()
    };
    assert!(relation(&[0, 11], &|_| ()));
    assert!(!relation(&[0, 12], &|_| ()));
    assert!(!relation(&[0, 0], &|_| ()));
    assert!(!relation(&[0], &|_| ()));
    assert!(!relation(&[0, 1, 2], &|_| ()));
    assert!(!relation(&[], &|c| *c = Constraints::new(0)));
    assert!(!relation(&[0, 1], &|c| {
        c.bit([(2, 1)]);
    }));
    assert!(!relation(&[0, 1], &|c| c.row([(2, 1)], 1)));
}

#[test]
fn ballot_a_batch_of_a_thousand_names_one_culprit_and_its_equation() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let ballots: Vec<_> = (0..1_000)
        .map(|i| world.ballot(&relation, &ONE_OF_TWO.bits(&[i % 2, 1 - i % 2]), &mut OsRng))
        .collect();
    let verify = |ballots: &[Ballot]| {
        let mut batch = Batch::new(&world.bases.0);
        for ballot in ballots {
            ballot.statement(&relation).enqueue(
                &ballot.proof,
                &world.bases.1,
                &mut context(),
                &mut batch,
            );
        }
        batch.verify(&mut OsRng)
    };
    let expect = |changed: &[Ballot], expected: &[(usize, ProofCheck)]| {
        let named = expected.iter().map(|(index, check)| Culprit { index: *index, check: *check });
        let named: Vec<_> = named.collect();
        assert_eq!(verify(changed), Err(VerifyError::Invalid(named.clone())));
        for culprit in named {
            let single = changed[culprit.index].check(&relation, &world.bases);
            assert_eq!(single, Some(culprit.check));
        }
    };
    assert_eq!(verify(&ballots), Ok(()));

    let other = cheats::bits_that_differ_from_the_plaintext(&world);
    let mut one = ballots.clone();
    one[617] = other.clone();
    expect(&one, &[(617, V2)]);
    for (at, check, change) in [
        (0, V1, (|p| p.z += Scalar::ONE) as fn(&mut Proof)),
        (500, V1, |p| p.f_r += Scalar::ONE),
        (999, V1, |p| p.f_s += Scalar::ONE),
        (3, ProofCheck::Shape, |p| p.f.clear()),
    ] {
        let mut one = ballots.clone();
        change(&mut one[at].proof);
        expect(&one, &[(at, check)]);
    }

    let mut several = ballots;
    several[0].proof.f[1] += Scalar::ONE;
    several[1] = several[2].clone();
    several[1].signer = several[3].signer;
    several[499].proof.z -= Scalar::ONE;
    // Errors that cancel in a sum without weights.
    several[500].proof.z += Scalar::ONE;
    several[998].proof.f.push(Scalar::ONE);
    several[999] = other;
    expect(
        &several,
        &[(0, V1), (1, V1), (499, V1), (500, V1), (998, ProofCheck::Shape), (999, V2)],
    );
}

#[test]
fn ballot_v1_two_errors_that_cancel_are_both_named() {
    let world = World::new();
    let relation = ONE_OF_TWO.relation(&world);
    let mut batch = Batch::new(&world.bases.0);
    for delta in [Scalar::ONE, -Scalar::ONE] {
        let mut ballot = world.ballot(&relation, &ONE_OF_TWO.bits(&[1, 0]), &mut OsRng);
        ballot.proof.z += delta;
        ballot.statement(&relation).enqueue(
            &ballot.proof,
            &world.bases.1,
            &mut context(),
            &mut batch,
        );
    }
    let named = [0, 1].map(|index| Culprit { index, check: V1 });
    assert_eq!(batch.verify(&mut OsRng), Err(VerifyError::Invalid(named.to_vec())));
}

/// The same secrets and the same randomness never give two statements the same nonces, since the responses
/// `bx + a` and `bx′ + a` would reveal `b`.
#[test]
fn ballot_nonces_depend_on_the_statement() {
    let world = World::new();
    let bits = ONE_OF_TWO.bits(&[0, 1]);
    let (nonce, signer) = (Scalar::from(3u8), Scalar::ONE);
    let announced = |slots: &[usize]| {
        let mut constraints = Constraints::new(2);
        ONE_OF_TWO.add(0, &mut constraints);
        let relation = Relation::new(constraints, slots, &world.keys).unwrap();
        let ciphertext = Ciphertext::encrypt(&relation.keys(), &bits, &nonce).unwrap();
        let statement = Statement {
            relation: &relation,
            signer: &Element::BASE,
            weight: 0,
            ciphertext: &ciphertext,
        };
        let witness = Witness { bits: bits.clone(), nonce, signer };
        let mut rng = ChaCha20Rng::from_seed([0; 32]);
        statement.prove(&witness, &world.generators, &mut context(), &mut rng).unwrap()
    };
    let [one, again, other] = [announced(&[0, 1]), announced(&[0, 1]), announced(&[1, 2])];
    assert_eq!(one, again);
    assert!(one.D != other.D && one.E != other.E && one.W != other.W);
}

/// The bytes of a proof from a fixed seed, which every change of the protocol changes.
#[test]
fn ballot_bytes_stay_the_same() {
    let world = World::new();
    let choice = contest(3, 2, 1, 4, true);
    let relation = choice.relation(&world);
    let bits = choice.bits(&[2, 0, 1, 0]);
    let ballot = world.ballot(&relation, &bits, &mut ChaCha20Rng::from_seed([2; 32]));
    let hash = hex::encode(Sha3_256::digest(ballot.proof.to_bytes()));
    assert_eq!(hash, "49319a79420e4557fdcf30f54f33ee86500fe221272fd60f0f56420c3e2b4360");
    assert_eq!(ballot.check(&relation, &world.bases), None);
}
