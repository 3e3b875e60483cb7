//! A trustee's deal: polynomials, their commitments, and an encrypted share for everyone.

use super::{KeyError, context};
use crate::{
    author::AuthorSecret,
    batch::{Bases, Batch},
    codec::{Encode, Reader},
    error::{DecodeError, ProveError, VerifyError},
    group::Element,
    manifest::Manifest,
    proof::linear,
    transcript::{Transcript, label, random_scalar, random_scalars},
};
use alloc::vec::Vec;
use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit,
    aead::{Aead, Payload},
};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Bytes that the AEAD adds to the scalars of a share.
const AEAD_TAG: usize = 16;

/// What one trustee deals to all, itself included (Pedersen 1991; Gennaro, Jarecki, Krawczyk, Rabin 2007).
///
/// For each slot `k` a polynomial of degree `t−1` with coefficients `a_{ke}` and commitments
/// `F_{ke} = a_{ke}G`; a fresh `U = uG`; and for each trustee `j` the values `s_{jk} = Σₑ jᵉa_{ke}` of all slots,
/// encrypted under a key that only the dealer and `j` can compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// The dealer's number, from 1.
    pub(super) dealer: u16,
    /// `F_{ke}`, for each slot its `t` coefficients.
    pub(super) commitments: Vec<Vec<Element>>,
    /// `U`.
    ephemeral: Element,
    /// For each trustee its share.
    shares: Vec<Vec<u8>>,
    proof: linear::Proof,
}

/// Why a share was not accepted by the trustee that it was dealt to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Deal {
    /// Deals as the trustee with this number, whose registered secret this is.
    ///
    /// # Errors
    ///
    /// `Shape` if the manifest has another key for this number.
    pub fn new(
        manifest: &Manifest,
        dealer: u16,
        author: &AuthorSecret,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, ProveError> {
        let registered =
            usize::from(dealer).checked_sub(1).and_then(|i| manifest.trustees().get(i));
        if registered.is_none_or(|entry| entry.key != *author.public()) {
            return Err(ProveError::Shape);
        }
        let element = |s: &Scalar| Element::from_secret(s).ok_or(ProveError::Randomness);
        let context = context(manifest);
        let mut nonces = context.proof(label::DEAL).nonces([author.expose_secret()], rng)?;
        let threshold = usize::from(manifest.threshold());
        let polynomial = |_| random_scalars(threshold, &mut nonces);
        let polynomials: Vec<_> =
            (0..manifest.slots()).map(polynomial).collect::<Result<_, _>>()?;
        let u = Zeroizing::new(random_scalar(&mut nonces)?);
        let ephemeral = element(&u)?;
        let commit = |p: &Zeroizing<Vec<Scalar>>| p.iter().map(element).collect();
        let commitments: Vec<Vec<Element>> =
            polynomials.iter().map(commit).collect::<Result<_, _>>()?;

        let mut shares = Vec::new();
        for (entry, recipient) in manifest.trustees().iter().zip(1u16..) {
            let shared = Zeroizing::new(*u * entry.key.element().point());
            let mut plain = Zeroizing::new(Vec::with_capacity(32 * polynomials.len()));
            for polynomial in &polynomials {
                plain.extend_from_slice(evaluate(polynomial, recipient).as_bytes());
            }
            let cipher = cipher(manifest, dealer, recipient, &ephemeral, &shared);
            let data = associated_data(manifest, dealer, recipient);
            let payload = Payload { msg: &plain, aad: &data };
            shares
                .push(cipher.encrypt(&Default::default(), payload).map_err(|_| ProveError::Shape)?);
        }

        let mut secrets = Zeroizing::new(Vec::with_capacity(2 + polynomials.len()));
        secrets.extend([*author.expose_secret(), *u]);
        secrets.extend(polynomials.iter().filter_map(|p| p.first()));
        let images = [*author.public().element(), ephemeral];
        let statement = statement(images, &commitments);
        let mut transcript = transcript(&context, dealer, &commitments, &ephemeral, &shares);
        let proof = statement.prove(&secrets, &mut transcript, rng)?;
        Ok(Self { dealer, commitments, ephemeral, shares, proof })
    }

    /// The dealer's number, from 1.
    pub fn dealer(&self) -> u16 {
        self.dealer
    }

    /// Reads a deal in the key ceremony of this manifest, which gives all lengths.
    pub fn decode(reader: &mut Reader<'_>, manifest: &Manifest) -> Result<Self, DecodeError> {
        let (slots, trustees) = (manifest.slots(), manifest.trustees().len());
        let dealer = reader.u16()?;
        let threshold = usize::from(manifest.threshold());
        let commitments =
            (0..slots).map(|_| reader.elements(threshold)).collect::<Result<_, _>>()?;
        let ephemeral = reader.element()?;
        let share = |_| reader.bytes(32 * slots + AEAD_TAG).map(<[u8]>::to_vec);
        let shares = (0..trustees).map(share).collect::<Result<_, _>>()?;
        let proof = linear::Proof::decode(reader, 2 + slots, 2 + slots)?;
        Ok(Self { dealer, commitments, ephemeral, shares, proof })
    }

    /// Checks the deal's proof alone.
    pub fn verify(
        &self,
        manifest: &Manifest,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), KeyError> {
        let mut batch = Batch::new(&Bases::basepoint());
        self.enqueue(manifest, &mut batch)?;
        batch.verify(rng).map_err(|error| match error {
            VerifyError::Randomness => KeyError::Randomness,
            VerifyError::Invalid(culprits) => KeyError::Proof {
                dealers: culprits.iter().map(|c| (self.dealer, c.check)).collect(),
            },
        })
    }

    /// Adds the deal's proof to a batch. Its lengths are those of the manifest.
    ///
    /// ```text
    /// [KEY.DEAL]  knowledge of c, u and all a_{k0} with C = cG, U = uG, F_{k0} = a_{k0}G
    /// ```
    pub(super) fn enqueue(&self, manifest: &Manifest, batch: &mut Batch) -> Result<(), KeyError> {
        let Self { dealer, commitments, ephemeral, shares, proof } = self;
        let (n, t) = (manifest.trustees().len(), usize::from(manifest.threshold()));
        let entry = usize::from(*dealer).checked_sub(1).and_then(|i| manifest.trustees().get(i));
        let entry = entry.ok_or(KeyError::UnknownTrustee { number: *dealer, trustees: n })?;
        let share = 32 * manifest.slots() + AEAD_TAG;
        if commitments.len() != manifest.slots()
            || commitments.iter().any(|f| f.len() != t)
            || shares.len() != n
            || shares.iter().any(|s| s.len() != share)
        {
            return Err(KeyError::Shape { dealer: *dealer });
        }
        // [KEY.DEAL] knowledge of c, u and all a_{k0} with C = cG, U = uG, F_{k0} = a_{k0}G
        let statement = statement([*entry.key.element(), *ephemeral], commitments);
        let mut transcript =
            transcript(&context(manifest), *dealer, commitments, ephemeral, shares);
        statement.enqueue(proof, &mut transcript, batch);
        Ok(())
    }

    /// Decrypts and checks the share that was dealt to the trustee with this number.
    pub(super) fn receive(
        &self,
        manifest: &Manifest,
        recipient: u16,
        author: &AuthorSecret,
    ) -> Result<Zeroizing<Vec<Scalar>>, ShareFault> {
        let encrypted = usize::from(recipient).checked_sub(1).and_then(|i| self.shares.get(i));
        let shared = Zeroizing::new(author.expose_secret() * self.ephemeral.point());
        let cipher = cipher(manifest, self.dealer, recipient, &self.ephemeral, &shared);
        let data = associated_data(manifest, self.dealer, recipient);
        let payload = Payload { msg: encrypted.ok_or(ShareFault::Aead)?, aad: &data };
        let plain = cipher.decrypt(&Default::default(), payload).map_err(|_| ShareFault::Aead)?;
        let plain = Zeroizing::new(plain);

        let mut reader = Reader::new(&plain);
        let mut scalars = Zeroizing::new(Vec::with_capacity(manifest.slots()));
        for _ in 0..manifest.slots() {
            scalars.push(reader.scalar().map_err(|_| ShareFault::Scalars)?);
        }
        reader.finish().map_err(|_| ShareFault::Scalars)?;
        for (slot, (s, f)) in scalars.iter().zip_eq(&self.commitments).enumerate() {
            // [KEY.SHARE] s_{jk}G = Σₑ jᵉF_{ke}
            if RistrettoPoint::mul_base(s) != evaluate_in_exponent(f, recipient) {
                return Err(ShareFault::Equation { slot });
            }
        }
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

/// `Σₑ jᵉFₑ`; variable time, all is public.
pub(super) fn evaluate_in_exponent(commitments: &[Element], j: u16) -> RistrettoPoint {
    let j = Scalar::from(j);
    let powers = core::iter::successors(Some(Scalar::ONE), |power| Some(power * j));
    let scalars: Vec<Scalar> = powers.take(commitments.len()).collect();
    RistrettoPoint::vartime_multiscalar_mul(scalars, commitments.iter().map(Element::point))
}

fn statement(
    author_and_ephemeral: [Element; 2],
    commitments: &[Vec<Element>],
) -> linear::Statement {
    let constants = commitments.iter().filter_map(|f| f.first().copied());
    let images: Vec<Element> = author_and_ephemeral.into_iter().chain(constants).collect();
    let mut statement = linear::Statement::new("KEY.DEAL", images.len());
    for (secret, image) in images.into_iter().enumerate() {
        statement.equation(image, [(secret, Element::BASE)]);
    }
    statement
}

/// The deal's transcript binds the dealer, all commitments and all encrypted shares: a board that alters one
/// ciphertext cannot make an honest dealer look guilty.
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

/// The cipher of one share. Its key is used once, so its nonce can be zero.
fn cipher(
    manifest: &Manifest,
    dealer: u16,
    recipient: u16,
    ephemeral: &Element,
    shared: &RistrettoPoint,
) -> ChaCha20Poly1305 {
    let mut transcript = context(manifest).proof(label::SHARE_KEY);
    transcript.append_u64(b"dealer", dealer.into());
    transcript.append_u64(b"recipient", recipient.into());
    transcript.append_element(b"U", ephemeral);
    if let Some(entry) = manifest.trustees().get(usize::from(recipient).wrapping_sub(1)) {
        transcript.append_element(b"C", entry.key.element());
    }
    transcript.append_bytes(b"shared", Zeroizing::new(shared.compress().to_bytes()).as_ref());
    let key = Zeroizing::new(transcript.digest(b"key"));
    ChaCha20Poly1305::new((&*key).into())
}

fn associated_data(manifest: &Manifest, dealer: u16, recipient: u16) -> Vec<u8> {
    let hash = manifest.hash();
    [hash.as_bytes().as_slice(), &dealer.to_be_bytes(), &recipient.to_be_bytes()].concat()
}
