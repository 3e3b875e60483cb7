//! A dealer's deal: polynomials, their commitments, and an encrypted share for each member.

use super::Setup;
use crate::{
    codec::{DecodeError, DecodeErrorKind, Encode, Reader},
    crypto::{
        ProofCheck, ProveError, VerifyError,
        group::Element,
        linear,
        signature::AuthorSecret,
        transcript::{Transcript, label, random_scalar, random_scalars},
    },
    manifest::Group,
    random,
};
use alloc::vec::Vec;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use core::fmt;
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Bytes that the AEAD adds to a share.
const AEAD_TAG: usize = 16;

/// What one trustee deals to all members of its group, including itself if it is one (Pedersen 1991; Gennaro, Jarecki, Krawczyk, Rabin
/// 2007).
///
/// For each slot `k` it has a polynomial of degree `t−1` with coefficients `a_{ke}` and commitments `F_{ke} = a_{ke}G`.
/// Besides these it has a fresh `U = uG`, and for each member `j` the values `s_{jk} = Σₑ jᵉa_{ke}` of all slots, encrypted
/// under a key that only the dealer and `j` can compute. In a resharing `a_{k0}` is the dealer's own share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// The dealer's number, from 1.
    dealer: u16,
    /// `F_{ke}`: for each slot the commitments to its `t` coefficients.
    commitments: Vec<Vec<Element>>,
    /// `U`.
    ephemeral: Element,
    /// The encrypted share of each member of the dealer's group.
    shares: Vec<Vec<u8>>,
    proof: linear::Proof,
}

/// What is wrong with a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareFault {
    /// It cannot be decrypted.
    Aead,
    /// It is not a list of canonical scalars, one for each slot.
    Scalars,
    /// `[KEY.SHARE]` does not hold in this slot.
    Equation {
        /// The slot, from 0.
        slot: usize,
    },
}

impl fmt::Display for ShareFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aead => f.write_str("it cannot be decrypted"),
            Self::Scalars => f.write_str("it is not a list of scalars, one for each slot"),
            Self::Equation { slot } => write!(f, "[KEY.SHARE] does not hold in slot {slot}"),
        }
    }
}

impl Deal {
    /// Makes the deal of the party with this number and registered secret; in a resharing from its shares of all slots.
    pub(super) fn new(
        setup: &Setup,
        dealer: u16,
        author: &AuthorSecret,
        constants: Option<&[Scalar]>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let group =
            setup.dealt_to(dealer).filter(|_| setup.dealer(dealer) == Some(author.public()));
        let group = group.ok_or(ProveError::WrongSecret)?;
        if constants.is_some() != setup.previous().is_some()
            || constants.is_some_and(|list| list.len() != setup.slots())
        {
            return Err(ProveError::Shape);
        }
        let element = |s: &Scalar| Element::from_secret(s).ok_or(ProveError::Randomness);
        let context = setup.context();
        let secrets = constants.into_iter().flatten().chain([author.expose_secret()]);
        let mut nonces = context.proof(label::DEAL).nonces(secrets, rng)?;

        let mut polynomials = Vec::with_capacity(setup.slots());
        for slot in 0..setup.slots() {
            let mut list = random_scalars(group.threshold.into(), &mut nonces)?;
            let constant = constants.and_then(|constants| constants.get(slot));
            if let (Some(first), Some(constant)) = (list.first_mut(), constant) {
                *first = *constant;
            }
            polynomials.push(list);
        }
        let u = Zeroizing::new(random_scalar(&mut nonces)?);
        let ephemeral = element(&u)?;
        let commit = |p: &Zeroizing<Vec<Scalar>>| p.iter().map(element).collect();
        let commitments: Vec<Vec<Element>> =
            polynomials.iter().map(commit).collect::<Result<_, _>>()?;

        let mut shares = Vec::new();
        for recipient in group.numbers() {
            let key = setup.member(recipient).ok_or(ProveError::Shape)?;
            let shared = Zeroizing::new(*u * key.element().point());
            let mut plain = Zeroizing::new(Vec::with_capacity(32 * polynomials.len()));
            for polynomial in &polynomials {
                plain.extend_from_slice(evaluate(polynomial, recipient).as_bytes());
            }
            let cipher = cipher(setup, dealer, recipient, &ephemeral, &shared);
            let data = associated_data(setup, dealer, recipient);
            let payload = Payload { msg: &plain, aad: &data };
            shares
                .push(cipher.encrypt(&Default::default(), payload).map_err(|_| ProveError::Shape)?);
        }

        let mut secrets = Zeroizing::new(Vec::with_capacity(2 + polynomials.len()));
        secrets.extend([*author.expose_secret(), *u]);
        secrets.extend(polynomials.iter().filter_map(|p| p.first()));
        let images = [*author.public().element(), ephemeral];
        let statement = statement(setup, images, &commitments);
        let mut transcript = transcript(&context, dealer, &commitments, &ephemeral, &shares);
        let proof = statement.prove(&secrets, &mut transcript, rng)?;
        Ok(Self { dealer, commitments, ephemeral, shares, proof })
    }

    /// The dealer's number, from 1.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// The number of slots.
    pub(super) fn slots(&self) -> usize {
        self.commitments.len()
    }

    /// The number of commitments for each slot.
    pub(super) fn degree(&self) -> usize {
        self.commitments.first().map_or(0, Vec::len)
    }

    /// The commitments `F_{ke}` of a slot.
    pub(super) fn commitments(&self, slot: usize) -> Option<&[Element]> {
        self.commitments.get(slot).map(Vec::as_slice)
    }

    /// The point `U`.
    pub(super) fn ephemeral(&self) -> &Element {
        &self.ephemeral
    }

    /// The encrypted share of the member with this number.
    pub(super) fn share(&self, setup: &Setup, recipient: u16) -> Option<&[u8]> {
        let place =
            setup.dealt_to(self.dealer)?.numbers().position(|number| number == recipient)?;
        self.shares.get(place).map(Vec::as_slice)
    }

    /// Reads a deal of this ceremony, whose setup determines all lengths with the dealer's number.
    pub fn decode(reader: &mut Reader<'_>, setup: &Setup) -> Result<Self, DecodeError> {
        let dealer = reader.field("dealer").u16()?;
        let unknown = || {
            let max = setup.dealer_groups().last().map_or(0, |group| group.members.end as u64);
            reader.error(2, DecodeErrorKind::Value { found: dealer.into(), max })
        };
        let group = setup.dealt_to(dealer).ok_or_else(unknown)?;
        let (slots, members) = (setup.slots(), group.members.len());
        let threshold = usize::from(group.threshold);
        let commitments =
            (0..slots).map(|_| reader.field("F").elements(threshold)).collect::<Result<_, _>>()?;
        let ephemeral = reader.field("U").element()?;
        let share =
            |_| reader.field("an encrypted share").bytes(32 * slots + AEAD_TAG).map(<[u8]>::to_vec);
        let shares = (0..members).map(share).collect::<Result<_, _>>()?;
        let proof = linear::Proof::decode(reader.field("proof"), 2 + slots, 2 + slots)?;
        Ok(Self { dealer, commitments, ephemeral, shares, proof })
    }

    /// The size in bytes of the deal of the dealer with this number in this ceremony, the largest if there is no such dealer.
    pub fn size(setup: &Setup, dealer: u16) -> usize {
        let slots = setup.slots();
        let size = |group: &Group| {
            let commitments = 32 * slots * usize::from(group.threshold);
            let shares = group.members.len() * (32 * slots + AEAD_TAG);
            2 + commitments + 32 + shares + 64 * (2 + slots)
        };
        let largest = || setup.groups().iter().map(size).max().unwrap_or(0);
        setup.dealt_to(dealer).map_or_else(largest, size)
    }

    /// Reads a deal that fills `bytes`.
    pub fn from_bytes(bytes: &[u8], setup: &Setup) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let deal = Self::decode(&mut reader, setup)?;
        reader.finish()?;
        Ok(deal)
    }

    /// Checks the deal's proof. Each member checks its own encrypted share.
    ///
    /// ```text
    /// [KEY.DEAL]     knowledge of c, u and all a_{k0} with C = cG, U = uG, F_{k0} = a_{k0}G
    /// [KEY.RESHARE]  the same in a resharing, where F_{k0} = Yⱼₖ, the dealer's verification keys
    /// ```
    pub fn verify(
        &self,
        setup: &Setup,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_with(setup, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(super) fn verify_with(&self, setup: &Setup, seed: &[u8; 32]) -> Result<(), ProofCheck> {
        let Self { dealer, commitments, ephemeral, shares, proof } = self;
        let group = setup.dealt_to(*dealer).ok_or(ProofCheck::Shape)?;
        let (n, t) = (group.members.len(), usize::from(group.threshold));
        let share = 32 * setup.slots() + AEAD_TAG;
        let key = setup.dealer(*dealer).filter(|_| {
            commitments.len() == setup.slots()
                && commitments.iter().all(|f| f.len() == t)
                && shares.len() == n
                && shares.iter().all(|s| s.len() == share)
        });
        let key = key.ok_or(ProofCheck::Shape)?;
        if let Some(previous) = setup.previous() {
            // [KEY.RESHARE] F_{k0} = Yⱼₖ
            let held = previous.verification_keys(*dealer).unwrap_or_default().iter();
            if !commitments.iter().map(|f| f.first()).eq(held.map(Some)) {
                return Err(ProofCheck::Equation("KEY.RESHARE"));
            }
        }
        // [KEY.DEAL] knowledge of c, u and all a_{k0} with C = cG, U = uG, F_{k0} = a_{k0}G
        let statement = statement(setup, [*key.element(), *ephemeral], commitments);
        let mut transcript = transcript(&setup.context(), *dealer, commitments, ephemeral, shares);
        statement.verify_with(proof, &mut transcript, seed)
    }

    /// Decrypts and checks the share of the member with this number.
    pub(super) fn receive(
        &self,
        setup: &Setup,
        recipient: u16,
        author: &AuthorSecret,
    ) -> Result<Zeroizing<Vec<Scalar>>, ShareFault> {
        let shared = Zeroizing::new(author.expose_secret() * self.ephemeral.point());
        let scalars = self.decrypt(setup, recipient, &shared)?;
        let wrong = self.wrong_slot(&scalars, recipient);
        wrong.map_or(Ok(scalars), |slot| Err(ShareFault::Equation { slot }))
    }

    /// The first slot in which a member's share does not match the commitments.
    pub(super) fn wrong_slot(&self, share: &[Scalar], member: u16) -> Option<usize> {
        // [KEY.SHARE] s_{jk}G = Σₑ jᵉF_{ke}
        share.iter().zip_eq(&self.commitments).position(|(s, f)| {
            let points = f.iter().map(Element::point);
            RistrettoPoint::mul_base(s) != evaluate_in_exponent(points, member)
        })
    }

    /// Decrypts a member's share with the point `cⱼU = uCⱼ`, without checking its equation.
    pub(super) fn decrypt(
        &self,
        setup: &Setup,
        recipient: u16,
        shared: &RistrettoPoint,
    ) -> Result<Zeroizing<Vec<Scalar>>, ShareFault> {
        let cipher = cipher(setup, self.dealer, recipient, &self.ephemeral, shared);
        let data = associated_data(setup, self.dealer, recipient);
        let encrypted = self.share(setup, recipient).ok_or(ShareFault::Aead)?;
        let payload = Payload { msg: encrypted, aad: &data };
        let plain = cipher.decrypt(&Default::default(), payload).map_err(|_| ShareFault::Aead)?;
        let plain = Zeroizing::new(plain);

        let mut reader = Reader::new(&plain);
        let mut scalars = Zeroizing::new(Vec::with_capacity(setup.slots()));
        for _ in 0..setup.slots() {
            scalars.push(reader.scalar().map_err(|_| ShareFault::Scalars)?);
        }
        reader.finish().map_err(|_| ShareFault::Scalars)?;
        Ok(scalars)
    }
}

impl Encode for Deal {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { dealer, commitments, ephemeral, shares, proof } = self;
        out.extend_from_slice(&dealer.to_be_bytes());
        commitments.iter().for_each(|f| f.as_slice().encode(out));
        ephemeral.encode(out);
        shares.iter().for_each(|share| out.extend_from_slice(share));
        proof.encode(out);
    }
}

/// `Σₑ jᵉaₑ`
fn evaluate(polynomial: &[Scalar], j: u16) -> Zeroizing<Scalar> {
    let j = Scalar::from(j);
    Zeroizing::new(polynomial.iter().rev().fold(Scalar::ZERO, |value, a| value * j + a))
}

/// `Σₑ jᵉFₑ`. Variable time, since everything is public.
pub(super) fn evaluate_in_exponent<'p>(
    commitments: impl ExactSizeIterator<Item = &'p RistrettoPoint>,
    j: u16,
) -> RistrettoPoint {
    let j = Scalar::from(j);
    let powers = core::iter::successors(Some(Scalar::ONE), |power| Some(power * j));
    let scalars: Vec<Scalar> = powers.take(commitments.len()).collect();
    RistrettoPoint::vartime_multiscalar_mul(scalars, commitments)
}

fn statement(
    setup: &Setup,
    author_and_ephemeral: [Element; 2],
    commitments: &[Vec<Element>],
) -> linear::Statement {
    let constants = commitments.iter().filter_map(|f| f.first().copied());
    let images: Vec<Element> = author_and_ephemeral.into_iter().chain(constants).collect();
    let tag = if setup.previous().is_some() { "KEY.RESHARE" } else { "KEY.DEAL" };
    let mut statement = linear::Statement::new(tag, images.len());
    for (secret, image) in images.into_iter().enumerate() {
        statement.equation(image, [(secret, Element::BASE)]);
    }
    statement
}

/// The deal's transcript binds the dealer, all commitments and all encrypted shares: a board that changes one ciphertext
/// cannot make an honest dealer look guilty.
fn transcript(
    context: &Transcript,
    dealer: u16,
    commitments: &[Vec<Element>],
    ephemeral: &Element,
    shares: &[Vec<u8>],
) -> Transcript {
    let mut transcript = context.proof(label::DEAL);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"count", commitments.len() as u64);
    for polynomial in commitments {
        transcript.append_elements(b"F", polynomial.iter());
    }
    transcript.append_element(b"U", ephemeral);
    transcript.append_u64(b"count", shares.len() as u64);
    for share in shares {
        transcript.append_bytes(b"share", share);
    }
    transcript
}

/// The cipher of one share. Its key is used only once, so the nonce can be zero.
fn cipher(
    setup: &Setup,
    dealer: u16,
    recipient: u16,
    ephemeral: &Element,
    shared: &RistrettoPoint,
) -> ChaCha20Poly1305 {
    let mut transcript = setup.context().proof(label::SHARE_KEY);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"recipient", recipient.into());
    transcript.append_element(b"U", ephemeral);
    if let Some(key) = setup.member(recipient) {
        transcript.append_element(b"C", key.element());
    }
    transcript.append_bytes(b"shared", Zeroizing::new(shared.compress().to_bytes()).as_ref());
    let key = Zeroizing::new(transcript.digest(b"key"));
    ChaCha20Poly1305::new((&*key).into())
}

fn associated_data(setup: &Setup, dealer: u16, recipient: u16) -> Vec<u8> {
    let (hash, epoch) = (setup.manifest(), setup.epoch().to_be_bytes());
    [hash.as_bytes().as_slice(), &epoch, &dealer.to_be_bytes(), &recipient.to_be_bytes()].concat()
}
