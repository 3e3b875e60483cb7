//! Ballots with arbitrary content in their slots.

use crate::{World, forge};
use curve25519_dalek::{RistrettoPoint, Scalar};
use tabella::{
    ballot::{Election, Header},
    codec::Encode,
    crypto::{
        bits::{BitGenerators, Relation, Statement, Witness},
        elgamal::Ciphertext,
        transcript::label,
    },
    manifest::Manifest,
};

/// A ballot with arbitrary content in its slots, and a proof made with these bits and this nonce.
pub struct Sealed<'a> {
    pub header: Header,
    pub ciphertext: &'a Ciphertext,
    pub bits: &'a [u64],
    pub nonce: Scalar,
}

impl Sealed<'_> {
    /// The bytes of the ballot of this voter.
    pub fn bytes(&self, world: &mut World, election: &Election, voter: usize) -> Vec<u8> {
        let Self { header, ciphertext, bits, nonce } = self;
        let (manifest, style) = (election.manifest(), usize::from(header.style));
        let relation = relation(election, style);
        let voter = &world.voters[voter];
        let mut transcript = forge::context(election).proof(label::BALLOT);
        transcript.append_u64(b"style", header.style.into());
        transcript.append_u64(b"sequence", header.sequence.into());
        transcript.append_u64(b"remote", 0);
        let bits: Vec<Scalar> = bits.iter().map(|bit| Scalar::from(*bit)).collect();
        assert_eq!(bits.len(), manifest.constraints(style).unwrap().bits());
        let generators = BitGenerators::new(bits.len());
        let witness = Witness { bits, nonce: *nonce, signer: forge::secret(voter) };
        // No contest that is split is mixed.
        let statement =
            Statement { relation: &relation, signer: voter.public(), weight: 1, ciphertext };
        let proof =
            statement.prove(&witness, &generators, &mut transcript, &mut world.rng).unwrap();
        let mut out = forge::header_bytes(header);
        voter.public().encode(&mut out);
        ciphertext.encode(&mut out);
        proof.encode(&mut out);
        out
    }
}

/// The relation of the proof of a ballot of this style.
pub fn relation(election: &Election, style: usize) -> Relation {
    let manifest: &Manifest = election.manifest();
    let slots = manifest.style_slots(style).unwrap();
    let constraints = manifest.constraints(style).unwrap();
    Relation::new(constraints, &slots, election.slot_keys()).unwrap()
}

/// The bytes of a ballot of this voter with these elements in its slots, as from a device that encrypts anything.
pub fn ballot_with(
    world: &mut World,
    election: &Election,
    (voter, header): (usize, Header),
    points: &[RistrettoPoint],
    bits: &[u64],
) -> Vec<u8> {
    let keys = relation(election, header.style.into()).keys();
    let nonce = Scalar::random(&mut world.rng);
    let ciphertext = &Ciphertext::encrypt_points(&keys, points, &nonce).unwrap();
    Sealed { header, ciphertext, bits, nonce }.bytes(world, election, voter)
}
