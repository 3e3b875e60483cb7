//! Ballots with any content, and their spoiling.

use super::{context, secret};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeMap;
use tabella::{
    ballot::{Election, Header, Origin, Tracker},
    codec::Encode,
    crypto::{
        bits::{BitGenerators, Relation, Statement, Witness},
        elgamal::Ciphertext,
        group::Element,
        linear,
        transcript::label,
        wide,
    },
    roll::Credential,
};

/// A ballot with any content: its proof is made without a check of its witness.
#[derive(Clone)]
pub struct Forgery {
    pub header: Header,
    pub voter: Element,
    pub signer: Scalar,
    /// Where the weight is split, the one that the ballot states and the one of the proof.
    pub weights: [u64; 2],
    /// The encrypted values, and the nonce.
    pub values: Vec<i64>,
    pub nonce: Scalar,
    /// What the slots with these numbers hold instead.
    pub free: BTreeMap<usize, RistrettoPoint>,
    /// The bits in the proof.
    pub bits: Vec<i64>,
    pub known_nonce: Scalar,
    /// The limbs in the wide proof, if the style has folded contests; their slack is filled in.
    pub limbs: Vec<u16>,
}

impl Forgery {
    /// A valid ballot of this voter, with these bits for slots and proof.
    pub fn honest(voter: &Credential, header: Header, bits: &[i64], nonce: u64) -> Self {
        Self {
            header,
            voter: *voter.public(),
            signer: secret(voter),
            weights: [1, 1],
            values: bits.to_vec(),
            nonce: Scalar::from(nonce),
            free: BTreeMap::new(),
            bits: bits.to_vec(),
            known_nonce: Scalar::from(nonce),
            limbs: Vec::new(),
        }
    }

    /// The bytes of the ballot.
    pub fn bytes(&self, election: &Election, rng: &mut ChaCha20Rng) -> Vec<u8> {
        let Self { header, voter, signer, weights, values, nonce, free, bits, known_nonce, limbs } =
            self;
        let [stated, weight] = *weights;
        let (manifest, style) = (election.manifest(), usize::from(header.style));
        let constraints = manifest.constraints(style).unwrap();
        let slots = manifest.style_slots(style).unwrap();
        let slot_keys = election.slot_keys();
        let relation = Relation::new(constraints, &slots, slot_keys).unwrap();
        let scalars = |numbers: &[i64]| -> Vec<Scalar> {
            let scalar = |n: &i64| {
                let size = Scalar::from(n.unsigned_abs());
                if *n < 0 { -size } else { size }
            };
            numbers.iter().map(scalar).collect()
        };
        let mut points: Vec<RistrettoPoint> =
            scalars(values).iter().map(RistrettoPoint::mul_base).collect();
        free.iter().for_each(|(place, point)| points[*place] = *point);
        let ciphertext = Ciphertext::encrypt_points(&relation.keys(), &points, nonce).unwrap();
        let mut transcript = context(election).proof(label::BALLOT);
        transcript.append_u64(b"style", header.style.into());
        transcript.append_u64(b"sequence", header.sequence.into());
        match header.origin {
            Origin::Remote => transcript.append_u64(b"remote", 0),
            Origin::Station(station) => transcript.append_u64(b"station", station.into()),
        }
        let mut folded = Vec::new();
        if let Some((rules, places)) = manifest.folded(style) {
            transcript.append_element(b"X", voter);
            let values = rules.fill(limbs).to_vec();
            let generators = wide::ProvingGenerators::new(values.len());
            let relation = wide::Relation::new(rules, &places, &slots, slot_keys).unwrap();
            let statement = wide::Statement { relation: &relation, ciphertext: &ciphertext };
            let witness = wide::Witness { values, nonce: *known_nonce };
            let proof = statement.prove(&witness, &generators, &mut transcript, rng).unwrap();
            folded = proof.to_bytes();
        }
        let witness = Witness { bits: scalars(bits), nonce: *known_nonce, signer: *signer };
        let statement =
            Statement { relation: &relation, signer: voter, weight, ciphertext: &ciphertext };
        let generators = BitGenerators::new(bits.len());
        let proof = statement.prove(&witness, &generators, &mut transcript, rng).unwrap();
        let mut out = header_bytes(header);
        voter.encode(&mut out);
        if relation.has_weight() {
            out.extend_from_slice(&stated.to_be_bytes());
        }
        ciphertext.encode(&mut out);
        out.extend(folded);
        proof.encode(&mut out);
        out
    }
}

/// The content of a request to spoil the ballot with this tracker, signed with these two secrets.
pub fn spoil_request(
    election: &Election,
    tracker: &Tracker,
    [signer, nonce]: [Scalar; 2],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let [voter, point] = [signer, nonce].map(|secret| Element::from_secret(&secret).unwrap());
    let mut statement = linear::Statement::new("SPOIL.REQUEST", 2);
    statement.equation(voter, [(0, Element::BASE)]);
    statement.equation(point, [(1, Element::BASE)]);
    let mut transcript = context(election).proof(b"spoil");
    transcript.append_bytes(b"tracker", tracker.as_bytes());
    let proof = statement.prove(&[signer, nonce], &mut transcript, rng).unwrap();
    let mut out = tracker.as_bytes().to_vec();
    voter.encode(&mut out);
    point.encode(&mut out);
    proof.encode(&mut out);
    out
}

/// The content of the opening of this ballot with this nonce.
pub fn spoil_opening(ballot: &[u8], nonce: &Scalar) -> Vec<u8> {
    [&nonce.as_bytes()[..], ballot].concat()
}

/// The first bytes of a ballot.
pub fn header_bytes(header: &Header) -> Vec<u8> {
    let mut out = header.style.to_be_bytes().to_vec();
    out.extend_from_slice(&header.sequence.to_be_bytes());
    match header.origin {
        Origin::Remote => out.push(0),
        Origin::Station(station) => {
            out.push(1);
            out.extend_from_slice(&station.to_be_bytes());
        }
    }
    out
}
