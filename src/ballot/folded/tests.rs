//! Exactly the allowed amounts can be cast, and provers that cheat about them are refused.

use super::*;
use crate::{
    ballot::{BallotError, Choices, Election, Header, Origin},
    codec::Encode,
    contest::{ContestOption, Limit},
    crypto::{VerifyError, elgamal::Ciphertext, signature::AuthorSecret, wide},
    keys::in_one_process,
    roll::Credential,
};
use alloc::{format, string::ToString, vec};
use itertools::Itertools;
use proptest::prelude::*;
use rand_core::OsRng;

fn options(maxima: &[u64]) -> impl Iterator<Item = ContestOption> {
    (0..).zip(maxima).map(|(i, most): (usize, _)| ContestOption::new(&i.to_string()).most(*most))
}

fn rules(contest: &Contest) -> Rules {
    let mut rules = Rules::new(contest.slots());
    contest.add_folded(0, &mut rules);
    rules
}

/// Checks that these votes have values exactly if the plain rule allows them, and that rows alone refuse the others.
fn check(contest: &Contest, votes: &[u64]) {
    let rules = rules(contest);
    let allowed = contest.broken_vartime(votes, &[], true, 1).is_none();
    let found = values(&rules, &[contest], &[votes]);
    assert_eq!(found.is_some(), allowed, "{contest:?} {votes:?}");
    let mut limbs = Vec::new();
    let _ = contest.put_limbs(votes, &mut limbs);
    let held: Vec<u64> = limbs.iter().map(|limb| u64::from(*limb)).collect();
    let fit = contest.read_slots(&held) == Ok((votes.to_vec(), Vec::new()));
    let mut filled = rules.fill(&limbs);
    if fit {
        assert_eq!(rules.allow(&filled), allowed, "{contest:?} {votes:?}");
    }
    assert!(fit || !allowed);
    if allowed {
        // Each slack has one value.
        for slack in rules.limbs()..rules.values() {
            filled[slack] ^= 1;
            assert!(!rules.allow(&filled), "{contest:?} {votes:?} {slack}");
            filled[slack] ^= 1;
        }
    }
}

#[test]
fn exactly_the_allowed_amounts_have_values_at_every_edge() {
    let maxima: [u64; 7] = [1, 65_534, 65_535, 65_536, 100_000, (1 << 32) - 1, 1 << 32];
    let around = |n: u64| [n.saturating_sub(1), n, n + 1];
    for (a, b) in maxima.into_iter().cartesian_product(maxima) {
        let totals = [1, 65_535, 65_536, a, b, a + b - 1, a + b];
        for (hi, less) in totals.into_iter().cartesian_product([0, 1, 65_535, 65_536, u64::MAX]) {
            let hi: u64 = hi.min(a + b);
            let lo = hi.saturating_sub(less);
            let contest = Contest::choose("c", options(&[a, b]), lo..=hi).folded();
            for first in [0, 1, 65_535, 65_536].into_iter().chain(around(a)) {
                let rest = [lo, hi].map(|sum| sum.saturating_sub(first)).map(around).concat();
                for second in rest.into_iter().chain([0]).chain(around(b)) {
                    check(&contest, &[first, second]);
                }
            }
        }
    }
}

/// A number from zero to `most`, often at an edge.
fn edge(most: u64, draw: u64) -> u64 {
    let edges = [0, 1, 65_534, 65_535, 65_536, 1 << 32, most / 2, most.saturating_sub(1), most];
    let drawn = draw / 16;
    let of_edges = usize::try_from(draw % 16).ok().and_then(|i| edges.get(i));
    (*of_edges.unwrap_or(&drawn)).min(most.max(1)) % most.saturating_add(1)
}

proptest! {
    #[test]
    fn exactly_the_allowed_amounts_have_values(
        maxima in prop::collection::vec(any::<u64>(), 1..5),
        totals in any::<[u64; 2]>(),
        limits in prop::collection::vec((any::<u8>(), 1..9u32, 1..9u32, any::<[u64; 2]>()), 0..3),
        votes in prop::collection::vec(any::<u64>(), 5),
        last in -2..3i64,
    ) {
        let maxima: Vec<u64> = maxima.iter().map(|m| edge(1 << 50, *m).max(1)).collect();
        let all: u64 = maxima.iter().sum();
        let range = |most: u64, [hi, lo]: [u64; 2]| {
            let hi = edge(most, hi).max(1);
            edge(hi, lo)..=hi
        };
        let mut contest = Contest::choose("c", options(&maxima), range(all, totals)).folded();
        for (of, a, b, bounds) in limits {
            let of: Vec<usize> = (0..maxima.len()).filter(|i| of >> i & 1 == 1).collect();
            let costs: Vec<u32> = of.iter().map(|i| if i % 2 == 0 { a } else { b }).collect();
            let most = of.iter().zip(&costs).map(|(i, cost)| maxima[*i] * u64::from(*cost)).sum();
            let divisor = costs.iter().fold(0, |d: u32, c| num_gcd(d, *c)).max(1).into();
            let range = range(most, bounds);
            if !of.is_empty() && range.start().div_ceil(divisor) <= range.end() / divisor {
                let of = of.iter().map(|i| i.to_string());
                contest = contest.limit(Limit::between(range, of).costs(costs));
            }
        }
        let mut votes: Vec<u64> =
            maxima.iter().zip(&votes).map(|(most, draw)| edge(most + 1, *draw)).collect();
        check(&contest, &votes);
        // So that the total is near a bound.
        for bound in [contest.rule.min, contest.rule.max] {
            let others: u64 = votes.iter().skip(1).sum();
            votes[0] = bound.saturating_sub(others).saturating_add_signed(last);
            check(&contest, &votes);
        }
    }
}

fn num_gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { num_gcd(b, a % b) }
}

#[test]
fn rows_that_follow_from_others_are_left_out() {
    // (maxima, total, values)
    for (maxima, total, expected) in [
        (&[1_000_000, 1_000_000][..], 0..=1_000_000, 4 + 2),
        (&[1_000_000, 1_000_000], 1..=1_000_000, 4 + 2 + 2),
        (&[1_000_000, 1_000_000], 1_000_000..=1_000_000, 4),
        (&[1_000_000, 1_000_000], 0..=2_000_000, 4 + 4),
        (&[1_000_000, 1_000_000], 0..=1_500_000, 4 + 4 + 2),
        (&[(1 << 32) - 1, (1 << 32) - 1], 0..=(1 << 33) - 2, 4),
        (&[(1 << 32) - 1, 1], 0..=1 << 32, 3 + 1),
        (&[1_000_000], 0..=1_000_000, 2 + 2),
        (&[(1 << 32) - 1], 0..=(1 << 32) - 1, 2),
    ] {
        let contest = Contest::choose("c", options(maxima), total.clone()).folded();
        assert_eq!(rules(&contest).values(), expected, "{maxima:?} {total:?}");
    }
}

/// One election: a fund of two purposes, which is folded, and a question.
struct World {
    election: Election,
    voters: [Credential; 2],
}

fn fund() -> Contest {
    Contest::choose("fund", options(&[100_000, 100_000]), 20_000..=150_000).folded()
}

/// The style's slots: four limbs, yes and no.
const SLOTS: usize = 6;
/// Limbs, and the slack of two maxima, of the total, and of what is left of it.
const VALUES: usize = 4 + 2 + 2 + 2 + 2;

impl World {
    fn new() -> Self {
        let rng = &mut OsRng;
        let [operator, trustee] = [0; 2].map(|_| AuthorSecret::random(&mut OsRng).unwrap());
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(fund())
            .contest(Contest::choose_one("bridge", ["yes", "no"]))
            .build()
            .unwrap();
        let (_, trustees) = in_one_process(&manifest, &[trustee], rng).unwrap();
        let election = Election::new(&manifest, trustees[0].ceremony()).unwrap();
        Self { election, voters: [0; 2].map(|_| Credential::random(&mut OsRng).unwrap()) }
    }

    fn honest(&self) -> Prover<'_> {
        let nonce = Scalar::random(&mut OsRng);
        let [voter, _] = &self.voters;
        Prover {
            world: self,
            voter,
            header: Header::remote(0),
            slots: [4_464, 1, 10_000, 0, 1, 0],
            nonce,
            values: [4_464, 1, 10_000, 0],
            known: nonce,
            bits: [1, 0],
            first: Some(voter),
            folded: None,
        }
    }

    fn check(&self, ballot: &CastBallot) -> Result<(), ProofCheck> {
        self.election.verify_with(ballot.clone(), &[3; 32]).map(drop)
    }
}

/// A prover with freely chosen secrets.
#[derive(Clone)]
struct Prover<'w> {
    world: &'w World,
    voter: &'w Credential,
    header: Header,
    /// What the slots hold, under this nonce.
    slots: [i64; SLOTS],
    nonce: Scalar,
    /// The limbs in the wide proof, and its nonce.
    values: [u16; 4],
    known: Scalar,
    bits: [u8; 2],
    /// The voter that is absorbed before the wide proof.
    first: Option<&'w Credential>,
    /// A wide proof of somebody else.
    folded: Option<wide::Proof>,
}

impl Prover<'_> {
    fn prove(&self) -> CastBallot {
        let Self { world: World { election, .. }, voter, header, nonce, .. } = self;
        let (wide, folded) = election.0.folded.of(0).unwrap();
        let bits = &election.0.relations[0];
        let scalar = |n: &i64| {
            if *n < 0 { -Scalar::from(n.unsigned_abs()) } else { Scalar::from(n.unsigned_abs()) }
        };
        let ciphertext =
            Ciphertext::encrypt(&bits.keys(), &self.slots.each_ref().map(scalar), nonce).unwrap();
        let mut transcript = election.transcript(header);
        if let Some(first) = self.first {
            transcript.append_element(b"X", first.public());
        }
        let statement = wide::Statement { relation: wide, ciphertext: &ciphertext };
        let proof = match &self.folded {
            Some(proof) => {
                let _ = statement.challenges(proof, &folded.handles, &mut transcript).unwrap();
                proof.clone()
            }
            None => {
                let values = wide.rules().fill(&self.values).to_vec();
                let witness = Witness { values, nonce: self.known };
                let generators = ProvingGenerators::new(VALUES);
                statement.prove(&witness, &generators, &mut transcript, &mut OsRng).unwrap()
            }
        };
        let signer = *voter.expose_secret();
        let witness =
            bits::Witness { bits: self.bits.map(Scalar::from).to_vec(), nonce: *nonce, signer };
        let voter = *voter.public();
        let statement =
            bits::Statement { relation: bits, signer: &voter, weight: 0, ciphertext: &ciphertext };
        let generators = &election.0.generators;
        let own = statement.prove(&witness, generators, &mut transcript, &mut OsRng).unwrap();
        let (weight, folded) = (None, Some(proof));
        CastBallot { header: *header, voter, weight, ciphertext, folded, proof: own }
    }
}

#[test]
fn folded_ballots_have_the_bytes_of_the_specification() {
    let world = World::new();
    let choices = Choices::new().score("fund", "0", 70_000).score("fund", "1", 10_000);
    let choices = choices.pick("bridge", "yes");
    let header = Header::remote(0);
    let sealed = world.election.encrypt(&world.voters[0], &header, &choices, &mut OsRng).unwrap();
    let ballot = sealed.cast();
    assert_eq!(world.check(&ballot), Ok(()));
    assert_eq!(world.check(&world.honest().prove()), Ok(()));
    let bytes = ballot.to_bytes();
    let (n, m) = (2, VALUES.next_power_of_two().ilog2() as usize);
    let wide = 32 * (VALUES + 25 + 2 * m);
    assert_eq!(bytes.len(), 7 + 32 + 32 * (SLOTS + 1) + wide + 32 * (n + 6));
    assert_eq!(world.election.read_ballot(&bytes).as_ref(), Ok(&ballot));
    let found = &bytes[7 + 32 * (SLOTS + 2)..][..wide];
    assert_eq!(found, ballot.folded.as_ref().unwrap().to_bytes());
    // Where ballots are read again, their slots are found.
    let (style, points) = world.election.read_slots(&bytes, &ballot.tracker()).unwrap();
    assert_eq!((style, points.len()), (0, SLOTS + 1));
}

#[test]
fn choices_that_break_a_folded_rule_are_refused_with_the_reason() {
    let world = World::new();
    let refused = |roof: u64, lift: u64| {
        let choices = Choices::new().score("fund", "0", roof).score("fund", "1", lift);
        let choices = choices.pick("bridge", "no");
        let header = Header::remote(0);
        let sealed = world.election.encrypt(&world.voters[0], &header, &choices, &mut OsRng);
        sealed.map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(refused(100_000, 50_000), Ok(()));
    assert_eq!(refused(20_000, 0), Ok(()));
    let each = "contest 'fund': option 0 (from 0) has 100001 votes; at most 100000 are allowed";
    assert_eq!(refused(100_001, 0), Err(each.into()));
    let many = "contest 'fund': 150001 votes in total; at most 150000 are allowed";
    assert_eq!(refused(100_000, 50_001), Err(many.into()));
    let few = "contest 'fund': 19999 votes in total; at least 20000 are needed";
    assert_eq!(refused(0, 19_999), Err(few.into()));
    assert!(refused(u64::MAX, 0).unwrap_err().contains("at most 100000"));
}

#[test]
fn cheats_about_folded_amounts_are_refused_with_their_equation() {
    let world = World::new();
    let honest = || world.honest();
    let equation = |tag| Err(ProofCheck::Equation(tag));
    let check = |prover: Prover<'_>| world.check(&prover.prove());
    // What is encrypted is what the wide proof is about, and breaks a rule: a maximum, the most, the least.
    for values in [[34_465, 1, 0, 0], [34_464, 1, 60_000, 0], [19_999, 0, 0, 0]] {
        let [a, b, c, d] = values.map(i64::from);
        let prover = Prover { slots: [a, b, c, d, 1, 0], values, ..honest() };
        assert_eq!(check(prover), equation("WIDE.L4"), "{values:?}");
    }
    // A limb is too large, negative, or another: 65,536 in the first instead of 1 in the second.
    for slots in
        [[65_536, 0, 10_000, 0, 1, 0], [-1, 1, 10_000, 0, 1, 0], [4_465, 1, 10_000, 0, 1, 0]]
    {
        assert_eq!(check(Prover { slots, ..honest() }), equation("WIDE.L3"), "{slots:?}");
    }
    let known = Scalar::from(5_u8);
    assert_eq!(check(Prover { known, ..honest() }), equation("WIDE.L2"));
    // The other contest is still proven bit by bit.
    for slots in [[4_464, 1, 10_000, 0, 1, 1], [4_464, 1, 10_000, 0, 2, -1]] {
        assert_eq!(check(Prover { slots, ..honest() }), equation("BALLOT.V2"), "{slots:?}");
    }
    assert_eq!(
        check(Prover { bits: [1, 1], slots: [4_464, 1, 10_000, 0, 1, 1], ..honest() }),
        equation("BALLOT.V2")
    );
    assert_eq!(
        check(Prover { bits: [2, 0], slots: [4_464, 1, 10_000, 0, 2, 0], ..honest() }),
        equation("BALLOT.V1")
    );
}

/// The voter signs a wide proof that was made for another ballot, voter, number, place or ciphertext, or without a voter.
#[test]
fn wide_proofs_of_other_ballots_are_refused() {
    let world = World::new();
    let honest = world.honest();
    let [_, other] = &world.voters;
    let header = Header::remote(0);
    let one = Scalar::ONE;
    let others = [
        Prover { voter: other, first: Some(other), ..honest.clone() },
        Prover { header: Header { sequence: 1, ..header }, ..honest.clone() },
        Prover { header: Header { origin: Origin::Station(0), ..header }, ..honest.clone() },
        Prover { nonce: honest.nonce + one, known: honest.nonce + one, ..honest.clone() },
        Prover { slots: [4_464, 1, 10_000, 0, 0, 1], bits: [0, 1], ..honest.clone() },
        Prover {
            slots: [4_465, 1, 10_000, 0, 1, 0],
            values: [4_465, 1, 10_000, 0],
            ..honest.clone()
        },
    ];
    for made in &others {
        let folded = made.prove().folded;
        let prover = Prover { folded, ..honest.clone() };
        let check = world.check(&prover.prove());
        assert_eq!(check, Err(ProofCheck::Equation("WIDE.R1")));
    }
    for first in [None, Some(other)] {
        let check = world.check(&Prover { first, ..honest.clone() }.prove());
        assert_eq!(check, Err(ProofCheck::Equation("WIDE.R1")));
    }
    // A wide proof of this very ballot that the voter did not sign; both ways.
    let [mut a, mut b] = [0; 2].map(|_| honest.prove());
    core::mem::swap(&mut a.folded, &mut b.folded);
    for swapped in [&a, &b] {
        assert_eq!(world.check(swapped), Err(ProofCheck::Equation("BALLOT.V1")));
    }
    // Proofs of two ballots swapped.
    let [mut a, mut b] = [honest.prove(), others[3].prove()];
    core::mem::swap(&mut a.folded, &mut b.folded);
    for swapped in [&a, &b] {
        assert_eq!(world.check(swapped), Err(ProofCheck::Equation("WIDE.R1")));
    }
    // None at all.
    let ballot = CastBallot { folded: None, ..honest.prove() };
    assert_eq!(world.check(&ballot), Err(ProofCheck::Shape));
}

#[test]
fn every_part_of_a_folded_ballot_is_bound() {
    let world = World::new();
    let ballot = world.honest().prove();
    let bytes = ballot.to_bytes();
    let mut refused = Vec::new();
    for at in (7..bytes.len()).step_by(32) {
        for change in [|byte: &mut u8| *byte ^= 1, |byte: &mut u8| *byte = byte.wrapping_add(2)] {
            let mut changed = bytes.clone();
            change(&mut changed[at]);
            if let Ok(ballot) = world.election.read_ballot(&changed) {
                refused.push(world.check(&ballot).unwrap_err().to_string());
            }
        }
        // Another element or scalar of the same ballot.
        let mut changed = bytes.clone();
        changed.copy_within(if at == 7 { 39..71 } else { 7..39 }, at);
        if let Ok(ballot) = world.election.read_ballot(&changed) {
            refused.push(world.check(&ballot).unwrap_err().to_string());
        }
    }
    let named: alloc::collections::BTreeSet<_> = refused.iter().collect();
    for tag in ["WIDE.R1", "WIDE.R2", "WIDE.L1", "WIDE.L4", "BALLOT.V1"] {
        assert!(named.iter().any(|check| check.contains(tag)), "{tag}: {named:?}");
    }
    for length in (0..bytes.len()).step_by(31).chain([bytes.len() - 1, bytes.len() - 32]) {
        assert!(world.election.read_ballot(&bytes[..length]).is_err(), "{length}");
        assert!(world.election.read_sender(&bytes[..length]).is_err(), "{length}");
    }
    let longer = [&bytes[..], &[0; 32]].concat();
    assert!(world.election.read_ballot(&longer).is_err());
    // Without the wide proof, or with two.
    let start = 7 + 32 * (SLOTS + 2);
    let wide = ballot.folded.as_ref().unwrap().to_bytes();
    let without = [&bytes[..start], &bytes[start + wide.len()..]].concat();
    let twice = [&bytes[..start], &wide, &bytes[start..]].concat();
    for wrong in [without, twice] {
        assert!(world.election.read_ballot(&wrong).is_err());
    }
}

#[test]
fn folded_ballots_in_a_batch_are_named_with_their_equation() {
    let world = World::new();
    let honest = world.honest();
    let cheat = Prover { slots: [4_465, 1, 10_000, 0, 1, 0], ..honest.clone() };
    let over = Prover {
        slots: [34_464, 1, 60_000, 0, 1, 0],
        values: [34_464, 1, 60_000, 0],
        ..honest.clone()
    };
    let ballots = [&honest, &cheat, &honest, &over].map(|prover| prover.prove().to_bytes());
    let results = world.election.verify_all(&ballots, &mut OsRng).unwrap();
    let errors: Vec<_> = results.into_iter().map(|result| result.map(drop).err()).collect();
    let proof = |tag| Some(BallotError::Proof(ProofCheck::Equation(tag)));
    assert_eq!(errors, [None, proof("WIDE.L3"), None, proof("WIDE.L4")]);
    let error = world.election.verify(over.prove(), &mut OsRng).unwrap_err();
    assert!(matches!(error, VerifyError::Invalid(_)), "{error}");
    assert!(format!("{error}").contains("WIDE.L4"), "{error}");
}

#[test]
fn styles_have_wide_proofs_of_their_own() {
    let [operator, trustee] = [0; 2].map(|_| AuthorSecret::random(&mut OsRng).unwrap());
    let more = |id: &str| Contest::choose(id, options(&[1 << 40]), 0..=1 << 40).folded();
    let manifest = Manifest::builder("m")
        .operator(operator.public().clone())
        .trustees([trustee.public().clone()], 1)
        .district("d", "District")
        .contest(more("a"))
        .contest(Contest::choose_one("q", ["yes", "no"]).blank())
        .contest(more("b"))
        .style("both", "d", ["a", "q", "b"])
        .style("last", "d", ["q", "b"])
        .style("none", "d", ["q"])
        .build()
        .unwrap();
    let folded = |style| manifest.folded(style).map(|(rules, places)| (rules.values(), places));
    assert_eq!(folded(0), Some((12, vec![0, 1, 2, 6, 7, 8])));
    assert_eq!(folded(1), Some((6, vec![3, 4, 5])));
    assert_eq!((folded(2), folded(3)), (None, None));
    let (_, trustees) = in_one_process(&manifest, &[trustee], &mut OsRng).unwrap();
    let election = Election::new(&manifest, trustees[0].ceremony()).unwrap();
    let voter = Credential::random(&mut OsRng).unwrap();
    let choices = Choices::new().pick("q", "yes");
    let amount = |choices: &Choices, id: &str| choices.clone().score(id, "0", (1 << 40) - 1);
    let with_b = amount(&choices, "b");
    for (style, choices) in [amount(&with_b, "a"), with_b, choices].into_iter().enumerate() {
        let header = Header::remote(style as u16);
        let ballot = election.encrypt(&voter, &header, &choices, &mut OsRng).unwrap().cast();
        let bytes = ballot.to_bytes();
        assert_eq!(election.read_ballot(&bytes).as_ref(), Ok(&ballot));
        assert!(election.verify(ballot, &mut OsRng).is_ok(), "{style}");
        // The ballot of a style is none of another.
        for other in (0..3).filter(|other| *other != style) {
            let mut changed = bytes.clone();
            changed[1] = other as u8;
            assert!(election.read_ballot(&changed).is_err());
        }
    }
}
