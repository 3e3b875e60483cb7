//! Signatures under a close, and shares of a tally.

use super::{author_scalar, context};
use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;
use tabella::{
    ballot::Election,
    codec::Encode,
    crypto::{
        group::Element,
        signature::{AuthorSecret, Signature},
        transcript::label,
    },
    keys::Ceremony,
    log::merkle::Root,
    tally::Tally,
};

/// A trustee's signature under a close at this size and root.
pub fn close_signature(
    election: &Election,
    keys: &[u8; 32],
    trustee: u16,
    (size, root): (u64, Root),
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Signature {
    let mut transcript = context(election).proof(label::CLOSE);
    transcript.append_bytes(b"keys", keys);
    transcript.append_u64(b"trustee", trustee.into());
    transcript.append_u64(b"size", size);
    transcript.append_bytes(b"root", root.as_bytes());
    author.sign(&mut transcript, rng).unwrap()
}

/// The content of a decryption share that is only signed: factors, announcements and responses are arbitrary.
pub fn signed_share(
    election: &Election,
    ceremony: &Ceremony,
    tally: &Tally,
    number: u16,
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    fn elements<'e>(
        transcript: &mut merlin::Transcript,
        label: &'static [u8],
        elements: impl ExactSizeIterator<Item = &'e Element>,
    ) {
        transcript.append_u64(b"count", elements.len() as u64);
        elements.for_each(|element| transcript.append_message(label, element.as_bytes()));
    }
    fn challenge(transcript: &mut merlin::Transcript, label: &'static [u8]) -> Scalar {
        let mut bytes = [0; 64];
        transcript.challenge_bytes(label, &mut bytes);
        Scalar::from_bytes_mod_order_wide(&bytes)
    }
    let slots: BTreeSet<usize> = tally.opened().iter().map(|opened| opened.slot).collect();
    let mut points = |count: usize| -> Vec<Element> {
        (0..count).map(|_| Element::from_secret(&Scalar::random(rng)).unwrap()).collect()
    };
    let (factors, of_slots, of_sum) =
        (points(tally.opened().len()), points(slots.len()), points(1));
    let answers: Vec<Scalar> = slots.iter().map(|_| Scalar::random(rng)).collect();

    let mut transcript = merlin::Transcript::new(b"election");
    transcript.append_message(b"protocol", b"tabella/v1");
    transcript.append_message(b"suite", b"ristretto255-merlin-sha3");
    transcript.append_message(b"manifest", election.manifest().hash().as_bytes());
    transcript.append_message(b"ceremony", election.ceremony_hash());
    elements(&mut transcript, b"Y", election.slot_keys().iter());
    let setup = ceremony.setup();
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    for number in 1..=setup.members().len() as u16 {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        elements(&mut transcript, b"Yj", keys.iter());
    }
    transcript.append_message(b"proof", b"decryption");
    transcript.append_u64(b"trustee", number.into());
    transcript.append_message(b"C", author.public().element().as_bytes());
    transcript.append_message(b"tally", &tally.to_bytes());
    elements(&mut transcript, b"P", factors.iter());
    transcript.challenge_bytes(b"w", &mut vec![0; 16 * factors.len()]);
    elements(&mut transcript, b"R", of_slots.iter());
    transcript.append_message(b"R sum", of_sum[0].as_bytes());
    challenge(&mut transcript, b"x");
    transcript.append_u64(b"count", answers.len() as u64);
    answers.iter().for_each(|answer| transcript.append_message(b"z", answer.as_bytes()));
    let nonce = Scalar::random(rng);
    let of_author = Element::from_secret(&nonce).unwrap();
    transcript.append_message(b"R author", of_author.as_bytes());
    let answer = nonce + challenge(&mut transcript, b"x author") * author_scalar(author);

    let mut content = number.to_be_bytes().to_vec();
    let points = factors.iter().chain(&of_slots).chain(&of_sum).chain([&of_author]);
    points.for_each(|point| point.encode(&mut content));
    answers.iter().chain([&answer]).for_each(|answer| content.extend_from_slice(answer.as_bytes()));
    content
}

/// The content of a close: this trustee's signature.
pub fn close_content(trustee: u16, signature: &Signature) -> Vec<u8> {
    [&trustee.to_be_bytes()[..], &signature.to_bytes()].concat()
}
