//! What a ceremony gives to everyone: slot keys, verification keys, and who holds a share.

use super::{Deal, KeyError, Setup, deal::evaluate_in_exponent};
use crate::{
    author::Signature,
    codec::Encode,
    error::VerifyError,
    group::Element,
    manifest::Manifest,
    transcript::{Transcript, label},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};

/// The public outcome of a ceremony.
///
/// ```text
/// first        Yₖ = Σᵢ F_{ik0}             Yⱼₖ = Σᵢ Σₑ jᵉF_{ike}
/// resharing    Yₖ as before                Yₘₖ = Σⱼ λⱼ Σₑ mᵉF_{jke}
/// ```
///
/// over the dealers that were not found guilty of anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony(alloc::sync::Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    setup: Setup,
    slot_keys: Vec<Element>,
    /// Of those who hold a share, by number.
    verification_keys: BTreeMap<u16, Vec<Element>>,
    dealers: Vec<u16>,
    hash: [u8; 32],
}

impl Ceremony {
    /// The keys that follow from the deals of the dealers who are left, for the members who are left.
    pub(super) fn new<'d>(
        setup: &Setup,
        deals: impl Iterator<Item = &'d Deal> + Clone,
        out: &BTreeSet<u16>,
    ) -> Result<Self, KeyError> {
        let members = (1u16..).take(setup.members().len());
        let holders: Vec<u16> = members.filter(|number| !out.contains(number)).collect();
        let needed = usize::from(setup.threshold());
        if holders.len() < needed {
            let missing = out.iter().copied().collect();
            return Err(KeyError::TooFew { found: holders.len(), needed, missing });
        }
        let mut hash = Sha3_256::new();
        hash.update(b"tabella/v1 ceremony");
        hash.update(setup.manifest().as_bytes());
        hash.update(setup.epoch().to_be_bytes());
        if let Some(previous) = setup.previous() {
            hash.update(previous.hash());
        }
        for number in &holders {
            hash.update(number.to_be_bytes());
        }
        hash.update([0; 2]);
        for deal in deals.clone() {
            hash.update(deal.to_bytes());
        }
        let dealers: Vec<u16> = deals.clone().map(Deal::dealer).collect();
        let weights = weights(setup, &dealers);
        let sum = |slot: usize, point: &dyn Fn(&[Element]) -> RistrettoPoint| {
            let parts = deals.clone().zip(&weights).map(|(deal, weight)| {
                let part = deal.commitments(slot).map_or_else(RistrettoPoint::default, point);
                if *weight == Scalar::ONE { part } else { weight * part }
            });
            Element::new(parts.sum()).ok_or(KeyError::IdentityKey { slot })
        };
        let slots = 0..setup.slots();
        let constant = |f: &[Element]| f.first().map_or_else(Default::default, |f| *f.point());
        let slot_keys: Vec<Element> =
            slots.clone().map(|slot| sum(slot, &constant)).collect::<Result<_, _>>()?;
        let mut verification_keys = BTreeMap::new();
        for number in holders {
            let at = |f: &[Element]| evaluate_in_exponent(f, number);
            let keys = slots.clone().map(|slot| sum(slot, &at)).collect::<Result<_, _>>()?;
            verification_keys.insert(number, keys);
        }
        let (setup, hash) = (setup.clone(), hash.finalize().into());
        Ok(Self(Inner { setup, slot_keys, verification_keys, dealers, hash }.into()))
    }

    /// Who takes part in it.
    pub fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// The slot keys `Yₖ`.
    pub fn slot_keys(&self) -> &[Element] {
        &self.0.slot_keys
    }

    /// The verification keys `Yⱼₖ` of all slots, of the trustee with this number (from 1); `None` if it holds no
    /// share.
    pub fn verification_keys(&self, trustee: u16) -> Option<&[Element]> {
        self.0.verification_keys.get(&trustee).map(Vec::as_slice)
    }

    /// The numbers of the trustees who hold a share, ascending.
    pub fn holders(&self) -> Vec<u16> {
        self.0.verification_keys.keys().copied().collect()
    }

    /// The numbers of the dealers whose deals make the keys.
    pub fn dealers(&self) -> &[u16] {
        &self.0.dealers
    }

    /// Hash of everything that the keys follow from.
    pub fn hash(&self) -> &[u8; 32] {
        &self.0.hash
    }

    /// How many of the trustees sign the close: what the manifest says, as far as so many hold a share and at least
    /// the threshold; if it says nothing, `⌈(h+t)/2⌉` for `h` holders.
    ///
    /// Two quorums of `⌈(h+t)/2⌉` have `t` holders in common, one of whom at least is honest. After a resharing it is
    /// never fewer, since the manifest was made for other numbers.
    pub fn close_quorum(&self, manifest: &Manifest) -> u16 {
        let (holders, threshold) = (self.0.verification_keys.len(), self.0.setup.threshold());
        let holders = u16::try_from(holders).unwrap_or(u16::MAX);
        let meeting = holders.saturating_add(threshold).div_ceil(2);
        let least = if self.0.setup.previous().is_some() { meeting } else { threshold };
        manifest.close_quorum().map_or(meeting, |fixed| fixed.clamp(least, holders))
    }

    /// How many of the holders it takes to hand over while voting is not closed: `h + t − q` of `h` holders, where `q`
    /// close.
    ///
    /// Then whoever closes and whoever hands over have `t` holders in common, of whom an honest one does only one of
    /// both. Otherwise one board could be closed by the old trustees and another one by the new.
    pub fn hand_over_quorum(&self, manifest: &Manifest) -> u16 {
        let holders = u16::try_from(self.0.verification_keys.len()).unwrap_or(u16::MAX);
        let both = holders.saturating_add(self.0.setup.threshold());
        both.saturating_sub(self.close_quorum(manifest))
    }

    pub(super) fn confirmation(&self, trustee: u16) -> Transcript {
        let mut transcript = Transcript::new(label::ENTRY);
        transcript.append_bytes(b"ceremony", self.hash());
        transcript.append_u64(b"trustee", trustee.into());
        transcript
    }

    /// Checks that this trustee signed this ceremony.
    pub fn verify_confirmation(
        &self,
        trustee: u16,
        signature: &Signature,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        let key =
            self.setup().member(trustee).filter(|_| self.verification_keys(trustee).is_some());
        Setup::verify_signature(key, signature, self.confirmation(trustee), rng)
    }
}

/// By how much each dealer's part counts: 1 in the first ceremony, `λⱼ` at 0 in a resharing.
pub(super) fn weights(setup: &Setup, dealers: &[u16]) -> Vec<Scalar> {
    match setup.previous() {
        None => alloc::vec![Scalar::ONE; dealers.len()],
        Some(_) => lagrange(dealers),
    }
}

/// Lagrange coefficients at 0 for different, non-zero places.
pub(crate) fn lagrange(places: &[u16]) -> Vec<Scalar> {
    let coefficient = |j: &u16| {
        let others = || places.iter().filter(|i| *i != j).map(|i| Scalar::from(*i));
        let numerator: Scalar = others().product();
        let denominator: Scalar = others().map(|i| i - Scalar::from(*j)).product();
        numerator * denominator.invert()
    };
    places.iter().map(coefficient).collect()
}
