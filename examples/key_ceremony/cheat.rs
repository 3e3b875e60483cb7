//! Two trustees who break the rules. Their messages are made by hand, since the library does not cheat.

use crate::Failure;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::Scalar;
use rand_core::OsRng;
use sha3::{Digest, Sha3_256};
use tabella::{
    codec::{Decode, Encode, Reader},
    crypto::{group::Element, linear::Statement, signature::AuthorSecret},
    keys::{AtRest, Commit, Complaint, Deal, Setup},
};

/// A registered secret as a scalar; its public key follows it.
fn scalar(author: &AuthorSecret) -> Result<Scalar, Failure> {
    Ok(Reader::new(&author.expose_bytes()).scalar()?)
}

fn image(secret: &Scalar) -> Result<Element, Failure> {
    Element::from_secret(secret).ok_or_else(|| "a secret is zero".into())
}

/// The commit and the bytes of a deal in which the share of the trustee `victim` is one too high in every slot, and which is
/// otherwise valid.
pub fn bad_deal(
    setup: &Setup,
    dealer: u16,
    author: &AuthorSecret,
    victim: u16,
) -> Result<(Commit, Vec<u8>), Failure> {
    let c = scalar(author)?;
    let u = Scalar::random(&mut OsRng);
    let polynomial = || (0..setup.threshold()).map(|_| Scalar::random(&mut OsRng)).collect();
    let polynomials: Vec<Vec<Scalar>> = (0..setup.slots()).map(|_| polynomial()).collect();
    let ephemeral = image(&u)?;

    let mut transcript = setup.context().proof(b"deal");
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"count", polynomials.len() as u64);
    let mut bytes = dealer.to_be_bytes().to_vec();
    let mut statement = Statement::new("KEY.DEAL", 2 + polynomials.len());
    let mut secrets = vec![c, u];
    statement.equation(*author.public().element(), [(0, Element::BASE)]);
    statement.equation(ephemeral, [(1, Element::BASE)]);
    for (slot, polynomial) in polynomials.iter().enumerate() {
        let commitments = polynomial.iter().map(image).collect::<Result<Vec<_>, _>>()?;
        transcript.append_elements(b"F", commitments.iter());
        commitments.encode(&mut bytes);
        statement.equation(commitments[0], [(2 + slot, Element::BASE)]);
        secrets.push(polynomial[0]);
    }
    transcript.append_element(b"U", &ephemeral);
    ephemeral.encode(&mut bytes);
    transcript.append_u64(b"count", setup.members().len() as u64);
    for (member, recipient) in setup.members().iter().zip(1u16..) {
        let mut plain = Vec::new();
        for polynomial in &polynomials {
            let j = Scalar::from(recipient);
            let value = polynomial.iter().rev().fold(Scalar::ZERO, |value, a| value * j + a);
            let wrong = if recipient == victim { Scalar::ONE } else { Scalar::ZERO };
            (value + wrong).encode(&mut plain);
        }
        let share =
            encrypt(setup, dealer, recipient, &ephemeral, &u, member.key.element(), &plain)?;
        transcript.append_bytes(b"share", &share);
        bytes.extend(share);
    }
    statement.prove(&secrets, &mut transcript, &mut OsRng)?.encode(&mut bytes);
    assert_eq!(bytes.len(), Deal::size(setup, dealer));

    let hash = promise(setup, &bytes);
    let mut transcript = setup.context().proof(b"commit");
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_bytes(b"deal", &hash);
    let signature = author.sign(&mut transcript, &mut OsRng)?.to_bytes();
    let commit = [&dealer.to_be_bytes()[..], &hash, &signature].concat();
    Ok((Commit::from_bytes(&commit)?, bytes))
}

/// The hash by which a dealer commits to a deal with these bytes.
fn promise(setup: &Setup, deal: &[u8]) -> [u8; 32] {
    let mut hash = Sha3_256::new_with_prefix(b"tabella/v1 deal");
    hash.update(setup.manifest().as_bytes());
    hash.update(setup.epoch().to_be_bytes());
    hash.update(deal);
    hash.finalize().into()
}

fn encrypt(
    setup: &Setup,
    dealer: u16,
    recipient: u16,
    ephemeral: &Element,
    u: &Scalar,
    key: &Element,
    plain: &[u8],
) -> Result<Vec<u8>, Failure> {
    let mut transcript = setup.context().proof(b"share key");
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"recipient", recipient.into());
    transcript.append_element(b"U", ephemeral);
    transcript.append_element(b"C", key);
    transcript.append_bytes(b"shared", (u * key.point()).compress().as_bytes());
    let cipher = ChaCha20Poly1305::new(&transcript.digest(b"key").into());
    let (hash, epoch) = (setup.manifest(), setup.epoch().to_be_bytes());
    let (i, j) = (dealer.to_be_bytes(), recipient.to_be_bytes());
    let aad = [hash.as_bytes().as_slice(), &epoch, &i, &j].concat();
    let payload = Payload { msg: plain, aad: &aad };
    cipher.encrypt(&Default::default(), payload).map_err(|_| "a share was not encrypted".into())
}

/// A complaint about a share, bad or not.
pub fn complaint(
    setup: &Setup,
    complainer: u16,
    author: &AuthorSecret,
    deal: &Deal,
) -> Result<Complaint, Failure> {
    let c = scalar(author)?;
    let bytes = deal.to_bytes();
    let mut reader = Reader::new(&bytes);
    reader.bytes(2 + 32 * setup.slots() * usize::from(setup.threshold()))?;
    let ephemeral = reader.element()?;

    let shared = Element::new(c * ephemeral.point()).ok_or("a secret is zero")?;
    let mut statement = Statement::new("KEY.COMPLAINT", 1);
    statement.equation(*author.public().element(), [(0, Element::BASE)]);
    statement.equation(shared, [(0, ephemeral)]);
    let mut transcript = setup.context().proof(b"complaint");
    transcript.append_u64(b"complainer", complainer.into());
    transcript.append_u64(b"dealer", deal.dealer().into());
    transcript.append_bytes(b"deal", &promise(setup, &bytes));
    let proof = statement.prove(&[c], &mut transcript, &mut OsRng)?;
    let mut bytes = [complainer.to_be_bytes(), deal.dealer().to_be_bytes()].concat();
    shared.encode(&mut bytes);
    proof.encode(&mut bytes);
    Ok(Complaint::from_bytes(&bytes)?)
}
