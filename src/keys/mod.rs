//! The key ceremony: `n` trustees make slot keys that any `t` of them can open and fewer cannot.
//!
//! Each trustee posts a [`Deal`]. When all deals are there, everybody can compute the [`Ceremony`]: the slot
//! keys `Yₖ` and each trustee's verification keys `Yⱼₖ`. Each trustee decrypts its shares, checks them and so becomes
//! a [`Trustee`], who then signs the ceremony's hash.
//!
//! ```text
//! [KEY.DEAL]   the proof of a deal
//! [KEY.SHARE]  s_{ijk}G = Σₑ jᵉF_{ike}
//! Yₖ = Σᵢ F_{ik0}      Yⱼₖ = Σᵢ Σₑ jᵉF_{ike}      sⱼₖ = Σᵢ s_{ijk}
//! ```
//!
//! A trustee that was dealt a bad share learns which dealer to name ([`KeyError::BadShare`]); it does not confirm
//! the ceremony, which then does not come to an end.

mod deal;
// Until a trustee's methods seal and unseal, nothing else does.
#[allow(dead_code)]
pub mod vault;

pub use deal::{Deal, ShareFault};

use crate::{
    author::{AuthorSecret, Signature},
    batch::{Bases, Batch},
    codec::Encode,
    error::{Check, ProveError, VerifyError},
    group::Element,
    manifest::Manifest,
    transcript::{Transcript, label},
};
use alloc::vec::Vec;
use core::fmt;
use curve25519_dalek::Scalar;
use itertools::Itertools;
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The first ceremony's epoch; resharing would count on from it.
const EPOCH: u64 = 0;

/// The context of all proofs of the ceremony: manifest, epoch, `n`, `t`, all communication keys.
fn context(manifest: &Manifest) -> Transcript {
    let mut transcript = Transcript::new(b"ceremony");
    transcript.append_bytes(b"manifest", manifest.hash().as_bytes());
    transcript.append_u64(b"epoch", EPOCH);
    transcript.append_u64(b"n", manifest.trustees().len() as u64);
    transcript.append_u64(b"t", manifest.threshold().into());
    transcript.append_elements(b"C", manifest.trustees().iter().map(|entry| entry.key.element()));
    transcript
}

/// Why a ceremony does not give keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// A deal by a trustee that the manifest does not have.
    UnknownTrustee {
        /// The number found.
        number: u16,
        /// How many trustees there are, numbered from 1.
        trustees: usize,
    },
    /// Two deals by one trustee.
    Duplicate {
        /// Its number.
        dealer: u16,
    },
    /// No deal by these trustees.
    Missing {
        /// Their numbers.
        dealers: Vec<u16>,
    },
    /// A deal has not the lengths that the manifest demands.
    Shape {
        /// The dealer's number.
        dealer: u16,
    },
    /// `[KEY.DEAL]` does not hold.
    Proof {
        /// The dealers' numbers, and the check that each failed.
        dealers: Vec<(u16, Check)>,
    },
    /// A slot key or a verification key is the identity.
    IdentityKey {
        /// The slot, from 0.
        slot: usize,
    },
    /// This trustee was dealt a bad share.
    BadShare {
        /// The dealer's number.
        dealer: u16,
        /// What is wrong with the share.
        fault: ShareFault,
    },
    /// The secret given is not that of the trustee with this number.
    WrongSecret {
        /// The number.
        number: u16,
    },
    /// The random number generator failed.
    Randomness,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTrustee { number, trustees } => {
                write!(f, "trustee {number} does not exist; the manifest has 1 to {trustees}")
            }
            Self::Duplicate { dealer } => write!(f, "trustee {dealer} dealt twice"),
            Self::Missing { dealers } => write!(f, "trustees {dealers:?} did not deal"),
            Self::Shape { dealer } => {
                write!(f, "the deal of trustee {dealer} does not have the lengths of this manifest")
            }
            Self::Proof { dealers } => {
                f.write_str("[KEY.DEAL] does not hold:")?;
                dealers.iter().try_for_each(|(d, check)| write!(f, " trustee {d} ({check})"))
            }
            Self::IdentityKey { slot } => write!(f, "a key of slot {slot} is the identity"),
            Self::BadShare { dealer, fault } => {
                write!(f, "trustee {dealer} dealt a bad share: ")?;
                match fault {
                    ShareFault::Aead => f.write_str("it cannot be decrypted"),
                    ShareFault::Scalars => {
                        f.write_str("it is no list of scalars, one for each slot")
                    }
                    ShareFault::Equation { slot } => {
                        write!(f, "[KEY.SHARE] does not hold in slot {slot}")
                    }
                }
            }
            Self::WrongSecret { number } => {
                write!(f, "the secret is not that of trustee {number} in the manifest")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for KeyError {}

/// The public outcome of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony {
    slot_keys: Vec<Element>,
    verification_keys: Vec<Vec<Element>>,
    hash: [u8; 32],
}

impl Ceremony {
    /// Checks all deals and computes the keys. The order of the deals does not matter.
    pub fn new(
        manifest: &Manifest,
        deals: &[Deal],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, KeyError> {
        let n = manifest.trustees().len();
        let deals: Vec<&Deal> = deals.iter().sorted_by_key(|deal| deal.dealer()).collect();
        if let Some((a, _)) = deals.iter().tuple_windows().find(|(a, b)| a.dealer() == b.dealer()) {
            return Err(KeyError::Duplicate { dealer: a.dealer() });
        }
        let mut batch = Batch::new(&Bases::basepoint());
        for deal in &deals {
            deal.enqueue(manifest, &mut batch)?;
        }
        let dealt = |i: &u16| deals.iter().any(|deal| deal.dealer() == *i);
        let missing: Vec<u16> = (1u16..).take(n).filter(|i| !dealt(i)).collect();
        if !missing.is_empty() {
            return Err(KeyError::Missing { dealers: missing });
        }
        batch.verify(rng).map_err(|error| match error {
            VerifyError::Randomness => KeyError::Randomness,
            VerifyError::Invalid(culprits) => KeyError::Proof {
                dealers: culprits
                    .iter()
                    .filter_map(|c| deals.get(c.index).map(|deal| (deal.dealer(), c.check)))
                    .collect(),
            },
        })?;

        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 ceremony");
        hash.update(manifest.hash().as_bytes());
        for deal in &deals {
            hash.update(deal.to_bytes());
        }
        let mut slot_keys = Vec::new();
        let mut verification_keys = alloc::vec![Vec::new(); n];
        for slot in 0..manifest.slots() {
            let identity = KeyError::IdentityKey { slot };
            let polynomials = || deals.iter().filter_map(|deal| deal.commitments.get(slot));
            // Yₖ = Σᵢ F_{ik0}
            let sum = polynomials().filter_map(|f| f.first()).map(Element::point).sum();
            slot_keys.push(Element::new(sum).ok_or(identity.clone())?);
            for (keys, j) in verification_keys.iter_mut().zip(1u16..) {
                // Yⱼₖ = Σᵢ Σₑ jᵉF_{ike}
                let sum = polynomials().map(|f| deal::evaluate_in_exponent(f, j)).sum();
                keys.push(Element::new(sum).ok_or(identity.clone())?);
            }
        }
        Ok(Self { slot_keys, verification_keys, hash: hash.finalize().into() })
    }

    /// The slot keys `Yₖ`.
    pub fn slot_keys(&self) -> &[Element] {
        &self.slot_keys
    }

    /// The verification keys `Yⱼₖ` of all slots, of the trustee with this number (from 1).
    pub fn verification_keys(&self, trustee: u16) -> Option<&[Element]> {
        let place = usize::from(trustee).checked_sub(1)?;
        self.verification_keys.get(place).map(Vec::as_slice)
    }

    /// Hash of the manifest and of all deals, in the order of the trustees.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    fn confirmation(&self, trustee: u16) -> Transcript {
        let mut transcript = Transcript::new(label::ENTRY);
        transcript.append_bytes(b"ceremony", &self.hash);
        transcript.append_u64(b"trustee", trustee.into());
        transcript
    }

    /// Checks that this trustee signed this ceremony.
    pub fn verify_confirmation(
        &self,
        manifest: &Manifest,
        trustee: u16,
        signature: &Signature,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        let entry = usize::from(trustee).checked_sub(1).and_then(|i| manifest.trustees().get(i));
        let entry = entry.ok_or_else(|| VerifyError::single(Check::Shape))?;
        entry.key.verify_signature(signature, &mut self.confirmation(trustee), rng)
    }
}

/// A trustee with its checked shares `sⱼₖ` of all slots.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Trustee {
    number: u16,
    author: AuthorSecret,
    shares: Vec<Scalar>,
    #[zeroize(skip)]
    ceremony: Ceremony,
}

impl Trustee {
    /// Receives the shares that were dealt to the trustee with this number, whose registered secret this is.
    ///
    /// Needs nothing but that secret and the public deals, so a trustee can stop and come back at any time.
    pub fn receive(
        manifest: &Manifest,
        number: u16,
        author: &AuthorSecret,
        deals: &[Deal],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Self, KeyError> {
        let trustees = manifest.trustees().len();
        let entry = usize::from(number).checked_sub(1).and_then(|i| manifest.trustees().get(i));
        let entry = entry.ok_or(KeyError::UnknownTrustee { number, trustees })?;
        if entry.key != *author.public() {
            return Err(KeyError::WrongSecret { number });
        }
        let ceremony = Ceremony::new(manifest, deals, rng)?;
        let shares = alloc::vec![Scalar::ZERO; manifest.slots()];
        let mut trustee = Self { number, author: author.clone(), shares, ceremony };
        for deal in deals {
            let dealer = deal.dealer();
            let received = deal.receive(manifest, number, author);
            let received = received.map_err(|fault| KeyError::BadShare { dealer, fault })?;
            for (share, part) in trustee.shares.iter_mut().zip_eq(received.iter()) {
                *share += part;
            }
        }
        Ok(trustee)
    }

    /// The trustee's number, from 1.
    pub fn number(&self) -> u16 {
        self.number
    }

    /// The ceremony that this trustee took part in.
    pub fn ceremony(&self) -> &Ceremony {
        &self.ceremony
    }

    /// The registered secret.
    pub(crate) fn author(&self) -> &AuthorSecret {
        &self.author
    }

    /// The share `sⱼₖ` of a slot.
    pub(crate) fn expose_share(&self, slot: usize) -> Option<&Scalar> {
        self.shares.get(slot)
    }

    /// Signs the ceremony's hash, after all shares were received.
    pub fn confirm(&self, rng: &mut (impl CryptoRng + RngCore)) -> Result<Signature, ProveError> {
        self.author.sign(&mut self.ceremony.confirmation(self.number), rng)
    }
}

impl fmt::Debug for Trustee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trustee({}, ..)", self.number)
    }
}

/// A whole ceremony in one process, for tests and for elections that trust one machine with all secrets.
///
/// The secrets are the registered ones of all trustees, in the manifest's order.
pub fn in_one_process(
    manifest: &Manifest,
    secrets: &[AuthorSecret],
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Vec<Deal>, Vec<Trustee>), KeyError> {
    let mut deals = Vec::new();
    for (secret, number) in secrets.iter().zip(1u16..) {
        deals.push(Deal::new(manifest, number, secret, rng).map_err(|error| match error {
            ProveError::Shape => KeyError::WrongSecret { number },
            ProveError::Randomness | ProveError::ZeroChallenge => KeyError::Randomness,
        })?);
    }
    let receive = |(secret, number): (&AuthorSecret, u16)| {
        Trustee::receive(manifest, number, secret, &deals, rng)
    };
    let trustees = secrets.iter().zip(1u16..).map(receive).collect::<Result<_, _>>()?;
    Ok((deals, trustees))
}
