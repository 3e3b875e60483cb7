//! The messages of a ceremony's parties, and the trustees' statements about their keys.

use super::{author_scalar, context, scalar};
use curve25519_dalek::Scalar;
use rand_chacha::ChaCha20Rng;
use sha3::{Digest, Sha3_256};
use tabella::{
    ballot::Election,
    codec::Encode,
    crypto::{
        group::Element,
        linear,
        signature::AuthorSecret,
        transcript::{Transcript, label},
    },
    keys::AtRest,
    keys::{Ceremony, Setup, Trustee},
    manifest::Member,
};

/// The context of all proofs of a ceremony.
pub fn setup_context(setup: &Setup) -> Transcript {
    let mut transcript = Transcript::new(b"ceremony");
    transcript.append_bytes(b"manifest", setup.manifest().as_bytes());
    transcript.append_u64(b"epoch", setup.epoch().into());
    for (group, members) in setup.groups().split(setup.members()) {
        transcript.append_u64(b"n", members.len() as u64);
        transcript.append_u64(b"t", group.threshold.into());
        transcript.append_elements(b"C", members.iter().map(|member| member.key.element()));
    }
    if let Some(previous) = setup.previous() {
        transcript.append_bytes(b"previous", previous.hash());
    }
    transcript
}

/// The content of a commit to a deal with these bytes.
pub fn commit(
    setup: &Setup,
    dealer: u16,
    deal: &[u8],
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let hash = promise(setup, deal);
    let mut transcript = setup_context(setup).proof(label::COMMIT);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_bytes(b"deal", &hash);
    let signature = author.sign(&mut transcript, rng).unwrap();
    [&dealer.to_be_bytes()[..], &hash, &signature.to_bytes()].concat()
}

/// A deal with these secrets, whose shares nobody can decrypt.
pub fn deal(
    setup: &Setup,
    dealer: u16,
    author: &AuthorSecret,
    constants: &[Scalar],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let secrets: Vec<Scalar> =
        [author_scalar(author), Scalar::from(9u64)].iter().chain(constants).copied().collect();
    let images: Vec<Element> =
        secrets.iter().map(|secret| Element::from_secret(secret).unwrap()).collect();
    let others = vec![Element::BASE; usize::from(setup.threshold()) - 1];
    let shares = vec![vec![0; 32 * setup.slots() + 16]; setup.members().len()];
    let mut transcript = setup_context(setup).proof(label::DEAL);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"count", constants.len() as u64);
    let mut content = dealer.to_be_bytes().to_vec();
    for constant in &images[2..] {
        let commitments = [&[*constant], &others[..]].concat();
        transcript.append_elements(b"F", commitments.iter());
        commitments.iter().for_each(|commitment| commitment.encode(&mut content));
    }
    transcript.append_element(b"U", &images[1]);
    images[1].encode(&mut content);
    transcript.append_u64(b"count", shares.len() as u64);
    for share in &shares {
        transcript.append_bytes(b"share", share);
        content.extend_from_slice(share);
    }
    let tag = if setup.previous().is_some() { "KEY.RESHARE" } else { "KEY.DEAL" };
    let mut statement = linear::Statement::new(tag, secrets.len());
    for (secret, image) in images.into_iter().enumerate() {
        statement.equation(image, [(secret, Element::BASE)]);
    }
    statement.prove(&secrets, &mut transcript, rng).unwrap().encode(&mut content);
    content
}

/// The hash by which a dealer commits to a deal with these bytes.
pub fn promise(setup: &Setup, deal: &[u8]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 deal");
    hash.update(setup.manifest().as_bytes());
    hash.update(setup.epoch().to_be_bytes());
    hash.update(deal);
    hash.finalize().into()
}

/// The content of a complaint about a share, good or bad.
pub fn complaint(
    setup: &Setup,
    deal: &[u8],
    (number, dealer): (u16, u16),
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let ephemeral = 2 + 32 * setup.slots() * usize::from(setup.threshold());
    let bytes: [u8; 32] = deal[ephemeral..ephemeral + 32].try_into().unwrap();
    let ephemeral = Element::from_canonical(bytes).unwrap();
    let secret = author_scalar(author);
    let shared = Element::new(ephemeral.point() * secret).unwrap();
    let mut statement = linear::Statement::new("KEY.COMPLAINT", 1);
    statement.equation(*author.public().element(), [(0, Element::BASE)]);
    statement.equation(shared, [(0, ephemeral)]);
    let mut transcript = setup_context(setup).proof(label::COMPLAINT);
    transcript.append_u64(b"complainer", number.into());
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_bytes(b"deal", &promise(setup, deal));
    let proof = statement.prove(&[secret], &mut transcript, rng).unwrap();
    let mut content = [number.to_be_bytes(), dealer.to_be_bytes()].concat();
    shared.encode(&mut content);
    proof.encode(&mut content);
    content
}

/// The content of a trustee's confirmation of a ceremony with this hash.
pub fn confirmation(
    number: u16,
    hash: &[u8; 32],
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let mut transcript = Transcript::new(label::ENTRY);
    transcript.append_bytes(b"ceremony", hash);
    transcript.append_u64(b"trustee", number.into());
    let signature = author.sign(&mut transcript, rng).unwrap();
    [&number.to_be_bytes()[..], &signature.to_bytes()].concat()
}

/// The content of a trustee's answer to a question.
pub fn rehearsal(
    election: &Election,
    trustee: &Trustee,
    question: &[u8; 32],
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let (ceremony, number) = (trustee.ceremony(), trustee.number());
    let setup = ceremony.setup();
    let mut transcript = context(election);
    transcript.append_u64(b"epoch", setup.epoch().into());
    transcript.append_u64(b"n", setup.members().len() as u64);
    transcript.append_u64(b"t", setup.threshold().into());
    for number in 1..=setup.members().len() as u16 {
        let keys = ceremony.verification_keys(number).unwrap_or_default();
        transcript.append_elements(b"Yj", keys.iter());
    }
    let mut transcript = transcript.proof(label::REHEARSAL);
    transcript.append_u64(b"trustee", number.into());
    transcript.append_bytes(b"question", question);
    // Hash and number; the author's secret and public key; the shares of all slots.
    let stored = trustee.expose_bytes();
    let shares = stored[34 + 128..].chunks_exact(32).take(setup.slots());
    let secrets: Vec<Scalar> = [&stored[34..66]].into_iter().chain(shares).map(scalar).collect();
    let author = setup.member(number).unwrap().element();
    let keys = ceremony.verification_keys(number).unwrap();
    let mut statement = linear::Statement::new("KEY.REHEARSAL", secrets.len());
    for (secret, key) in [author].into_iter().chain(keys).enumerate() {
        statement.equation(*key, [(secret, Element::BASE)]);
    }
    let mut content = number.to_be_bytes().to_vec();
    statement.prove(&secrets, &mut transcript, rng).unwrap().encode(&mut content);
    content
}

/// The content of a trustee's statement that it erased its shares.
pub fn erasure(
    ceremony: &Ceremony,
    number: u16,
    author: &AuthorSecret,
    rng: &mut ChaCha20Rng,
) -> Vec<u8> {
    let setup = ceremony.setup();
    let mut transcript = setup_context(setup).proof(label::ERASURE);
    transcript.append_bytes(b"ceremony", ceremony.hash());
    transcript.append_u64(b"trustee", number.into());
    let signature = author.sign(&mut transcript, rng).unwrap();
    let (epoch, number) = (setup.epoch().to_be_bytes(), number.to_be_bytes());
    [&epoch[..], &number, &signature.to_bytes()].concat()
}

/// The content of the order to reshare.
pub fn members(setup: &Setup) -> Vec<u8> {
    let mut content = setup.threshold().to_be_bytes().to_vec();
    content.extend_from_slice(&(setup.members().len() as u32).to_be_bytes());
    for Member { name, key } in setup.members() {
        content.extend_from_slice(&(name.len() as u32).to_be_bytes());
        content.extend_from_slice(name.as_bytes());
        key.encode(&mut content);
    }
    content
}
