//! The public result of a ceremony: slot keys, verification keys, and the trustees with a share.

use super::{Deal, Holders, KeyError, Setup, deal::evaluate_in_exponent};
use crate::{
    codec::Encode,
    crypto::{
        ProofCheck, VerifyError,
        group::Element,
        signature::Signature,
        transcript::{Transcript, label},
    },
    manifest::{Group, Groups, Lack, Member},
    random,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec::Vec,
};
use curve25519_dalek::{RistrettoPoint, Scalar, traits::VartimeMultiscalarMul};
use rand_core::{CryptoRng, RngCore};
use sha3::{Digest, Sha3_256};

/// The public result of a ceremony.
///
/// ```text
/// first        Yₖ = Σᵢ F_{ik0}             Yⱼₖ = Σᵢ Σₑ jᵉF_{ike}
/// resharing    Yₖ as before                Yₘₖ = Σⱼ λⱼ Σₑ mᵉF_{jke}
/// ```
///
/// The sums are over the dealers who were not found at fault: those of slot keys over all of them, those of a trustee's verification
/// keys over the dealers of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ceremony(Arc<Inner>);

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    setup: Setup,
    slot_keys: Vec<Element>,
    holders: Arc<Holders>,
    dealers: Vec<u16>,
    /// Hash of the deals, and of what the ceremony begins with.
    dealt: [u8; 32],
}

impl Ceremony {
    /// The keys from the remaining dealers' deals, for the remaining members.
    pub(super) fn new<'d>(
        setup: &Setup,
        deals: impl Iterator<Item = &'d Deal> + Clone,
        out: &BTreeSet<u16>,
    ) -> Result<Self, KeyError> {
        let members = (1u16..).take(setup.members().len());
        let holders: Vec<u16> = members.clone().filter(|number| !out.contains(number)).collect();
        let groups = setup.groups();
        enough(groups, &groups.thresholds(), members, |number| !out.contains(&number))?;
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
        let dealt = hash.finalize().into();
        let dealers: Vec<u16> = deals.clone().map(Deal::dealer).collect();
        // The sums of the commitments of a group's dealers. Its keys are values of these polynomials.
        let sums = |(group, dealt_to): (&Group, &Group)| {
            let deals = deals.clone().filter(|deal| group.has(deal.dealer()));
            let own: Vec<u16> = deals.clone().map(Deal::dealer).collect();
            let weights = weights(setup, &own);
            let sum = |slot: usize, e: usize| {
                let parts = deals.clone().filter_map(|deal| deal.commitments(slot)?.get(e));
                let parts: Vec<&RistrettoPoint> = parts.map(Element::point).collect();
                match setup.previous() {
                    None => parts.into_iter().sum(),
                    Some(_) => RistrettoPoint::vartime_multiscalar_mul(&weights, parts),
                }
            };
            let sums = |slot| (0..dealt_to.threshold.into()).map(|e| sum(slot, e)).collect();
            (0..setup.slots()).map(sums).collect()
        };
        let sums: Vec<Vec<Vec<RistrettoPoint>>> =
            setup.dealer_groups().iter().zip(groups.iter()).map(sums).collect();
        let key = |slot: usize, point| Element::new(point).ok_or(KeyError::IdentityKey { slot });
        let slot_key = |slot: usize| {
            let constants = sums.iter().filter_map(|sums| sums.get(slot)?.first());
            key(slot, constants.sum())
        };
        let slot_keys = (0..setup.slots()).map(slot_key).collect::<Result<Vec<_>, KeyError>>()?;
        let keys_at = |number: u16| {
            let sums = groups.place_of(number).and_then(|group| sums.get(group));
            let keys = sums.into_iter().flatten().enumerate();
            let keys = keys.map(|(slot, f)| key(slot, evaluate_in_exponent(f.iter(), number)));
            Ok((number, keys.collect::<Result<_, KeyError>>()?))
        };
        let keys = holders.into_iter().map(keys_at);
        let holders = Holders {
            members: setup.shared_members().clone(),
            groups: groups.clone(),
            verification_keys: keys.collect::<Result<BTreeMap<_, _>, KeyError>>()?,
            hash: keys_hash(&dealt, &slot_keys),
        };
        let (setup, holders) = (setup.clone(), holders.into());
        Ok(Self(Inner { setup, slot_keys, holders, dealers, dealt }.into()))
    }

    /// The setup of the ceremony.
    pub fn setup(&self) -> &Setup {
        &self.0.setup
    }

    /// The slot keys `Yₖ`.
    pub fn slot_keys(&self) -> &[Element] {
        &self.0.slot_keys
    }

    /// The verification keys `Yⱼₖ` of all slots, for the trustee with this number (from 1); `None` if it has no share.
    pub fn verification_keys(&self, trustee: u16) -> Option<&[Element]> {
        self.0.holders.verification_keys(trustee)
    }

    /// The numbers of the trustees with a share, ascending.
    pub fn holders(&self) -> Vec<u16> {
        self.0.holders.numbers()
    }

    pub(super) fn shares(&self) -> &Arc<Holders> {
        &self.0.holders
    }

    /// The numbers of the dealers whose deals determine the keys.
    pub fn dealers(&self) -> &[u16] {
        &self.0.dealers
    }

    /// Hash of the deals that count, and of what the ceremony begins with.
    pub(super) fn dealt(&self) -> &[u8; 32] {
        &self.0.dealt
    }

    /// Hash of everything that determines the keys, and of the slot keys.
    pub fn hash(&self) -> &[u8; 32] {
        self.0.holders.hash()
    }

    /// How many trustees of each group must sign the close: the manifest's number, but no more than the holders of shares and no
    /// fewer than the threshold. Without one it is `⌈(h+t)/2⌉` for `h` holders.
    ///
    /// Two quorums of `⌈(h+t)/2⌉` share `t` holders, at least one of them honest. After a resharing the quorum is never
    /// smaller than that, since the manifest was made for other numbers.
    pub fn close_quorums(&self) -> Vec<u16> {
        let is_first = self.0.setup.previous().is_none();
        self.quorums(|group, holders| {
            let meeting = holders.saturating_add(group.threshold).div_ceil(2);
            let least = if is_first { group.threshold } else { meeting };
            group.close_quorum.map_or(meeting, |fixed| fixed.clamp(least, holders))
        })
    }

    /// How many holders of each group must hand over their shares while voting is not closed: `h + t − q` of `h` holders, if `q`
    /// sign a close.
    ///
    /// Then those who close and those who hand over share `t` holders, and an honest holder does only one of the two.
    /// Otherwise the old trustees could close one board and the new ones another.
    pub fn hand_over_quorums(&self) -> Vec<u16> {
        let both = self.quorums(|group, holders| holders.saturating_add(group.threshold));
        both.iter().zip(self.close_quorums()).map(|(both, q)| both.saturating_sub(q)).collect()
    }

    /// How many of each group must have shown that they hold their shares before voting can open. Who is out cannot, and does not
    /// keep the others from voting.
    pub(crate) fn rehearsals(&self) -> Vec<u16> {
        self.quorums(|group, holders| group.rehearsals.min(holders))
    }

    /// A number for each group, by how many of its members hold a share.
    fn quorums(&self, quorum: impl Fn(&Group, u16) -> u16) -> Vec<u16> {
        let holds = |number: &u16| self.verification_keys(*number).is_some();
        let holders = |group: &Group| group.numbers().filter(holds).count();
        let holders = |group| u16::try_from(holders(group)).unwrap_or(u16::MAX);
        self.0.setup.groups().iter().map(|group| quorum(group, holders(group))).collect()
    }

    /// The first group in which fewer have done something than are needed, a number for each group.
    pub(crate) fn lacking(&self, needed: &[u16], done: impl Fn(u16) -> bool) -> Option<Lack<'_>> {
        self.0.setup.groups().lacking(needed, done)
    }

    pub(super) fn confirmation(&self, trustee: u16) -> Transcript {
        confirmation(self.hash(), trustee)
    }

    /// Checks that this trustee signed this ceremony.
    pub fn verify_confirmation(
        &self,
        trustee: u16,
        signature: &Signature,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), VerifyError> {
        Ok(self.verify_confirmation_with(trustee, signature, &random::seed(rng)?)?)
    }

    /// The same with batch weights from this seed.
    pub(super) fn verify_confirmation_with(
        &self,
        trustee: u16,
        signature: &Signature,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let key =
            self.setup().member(trustee).filter(|_| self.verification_keys(trustee).is_some());
        Setup::verify_signature(key, signature, self.confirmation(trustee), seed)
    }
}

/// What trustees sign: the deals, and the slot keys that follow from them.
pub(super) fn keys_hash(dealt: &[u8; 32], slot_keys: &[Element]) -> [u8; 32] {
    let mut hash = Sha3_256::new();
    hash.update(b"tabella/v1 keys");
    hash.update(dealt);
    slot_keys.iter().for_each(|key| hash.update(key.as_bytes()));
    hash.finalize().into()
}

/// The transcript of a trustee's signature under the ceremony with this hash.
pub(super) fn confirmation(ceremony: &[u8; 32], trustee: u16) -> Transcript {
    let mut transcript = Transcript::new(label::ENTRY);
    transcript.append_bytes(b"ceremony", ceremony);
    transcript.append_u64(b"trustee", trustee.into());
    transcript
}

/// Checks that in each group as many as needed have done their part, of all who could.
pub(super) fn enough(
    groups: &Groups,
    needed: &[u16],
    all: impl IntoIterator<Item = u16>,
    done: impl Fn(u16) -> bool,
) -> Result<(), KeyError> {
    let Some(Lack { group, found, needed }) = groups.lacking(needed, &done) else { return Ok(()) };
    let missing = all.into_iter().filter(|number| group.has(*number) && !done(*number));
    let (group, needed, missing) = (group.name.clone(), needed.into(), missing.collect());
    Err(KeyError::TooFew { group, found, needed, missing })
}

/// The weight of each dealer's part of a group: 1 in the first ceremony, `λⱼ` at 0 in a resharing.
pub(super) fn weights(setup: &Setup, dealers: &[u16]) -> Vec<Scalar> {
    match setup.previous() {
        None => alloc::vec![Scalar::ONE; dealers.len()],
        Some(_) => lagrange(dealers),
    }
}

/// Lagrange coefficients at 0 for distinct, non-zero points.
pub(crate) fn lagrange(places: &[u16]) -> Vec<Scalar> {
    let coefficient = |j: &u16| {
        let others = || places.iter().filter(|i| *i != j).map(|i| Scalar::from(*i));
        let numerator: Scalar = others().product();
        let denominator: Scalar = others().map(|i| i - Scalar::from(*j)).product();
        numerator * denominator.invert()
    };
    places.iter().map(coefficient).collect()
}

impl Setup {
    /// A resharing from at least so many `dealers` of each group to the new members of each group, any `threshold` of whom can open
    /// with the other groups. No two resharings of an election have the same epoch.
    ///
    /// `None` unless there are as many groups as before, `dealers` are at least their thresholds before, each new threshold is 1 to
    /// the number of members, and there are 1 to 255 members with different keys.
    pub fn reshare(
        previous: &Ceremony,
        epoch: u32,
        dealers: &[u16],
        groups: &[(&[Member], u16)],
    ) -> Option<Self> {
        let different = |list: &[Member]| {
            list.iter()
                .enumerate()
                .all(|(i, a)| list.iter().skip(i + 1).all(|b| a.key.element() != b.key.element()))
        };
        let before = previous.setup();
        let (mut members, mut named) = (Vec::new(), Vec::new());
        if [groups.len(), dealers.len()] != [before.groups.len(); 2] {
            return None;
        }
        for ((old, (list, threshold)), dealers) in before.groups.iter().zip(groups).zip(dealers) {
            let first = members.len();
            members.extend_from_slice(list);
            let fits = members.len() <= 255 && (1..=list.len()).contains(&(*threshold).into());
            if !fits || *dealers < old.threshold {
                return None;
            }
            let (threshold, members) = (*threshold, first..members.len());
            named.push(Group { threshold, members, ..old.clone() });
        }
        if !different(&members) || epoch <= before.epoch {
            return None;
        }
        Some(Self {
            manifest: before.manifest,
            slots: before.slots,
            epoch,
            members: members.into(),
            groups: Groups::new(named),
            previous: Some(previous.shares().clone()),
            dealers_needed: dealers.to_vec(),
        })
    }

    /// Whether these are the members and the threshold of each group.
    pub(crate) fn is_to(&self, groups: &[(&[Member], u16)]) -> bool {
        let own = self.groups.split(&self.members);
        own.map(|(group, members)| (members, group.threshold)).eq(groups.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contest::Contest,
        crypto::signature::AuthorSecret,
        manifest::{Manifest, Member},
    };
    use alloc::format;
    use rand_core::OsRng;

    /// On a stack with no room for a recursive call for each of them.
    #[test]
    fn resharings_one_after_the_other_form_no_chain() {
        let work = || {
            let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
            let manifest = Manifest::builder("m")
                .operator(operator.public().clone())
                .trustees([trustee.public().clone()], 1)
                .contest(Contest::choose_one("c", ["a"]))
                .build()
                .unwrap();
            let setup = Setup::first(&manifest);
            let deals = [Deal::new(&setup, 1, &trustee, None, &mut OsRng).unwrap()];
            let out = BTreeSet::new();
            let first = Ceremony::new(&setup, deals.iter(), &out).unwrap();
            let mut last = first.clone();
            let member = Member { name: "t".into(), key: trustee.public().clone() };
            for epoch in 1..=5_000 {
                let members = [member.clone()];
                let setup = Setup::reshare(&last, epoch, &[1], &[(&members, 1)]).unwrap();
                last = Ceremony::new(&setup, deals.iter(), &out).unwrap();
            }
            assert!(last != first && last == last.clone());
            assert!(format!("{last:?}").len() < 2 * format!("{first:?}").len());
        };
        let thread = std::thread::Builder::new().stack_size(1 << 18);
        thread.spawn(work).unwrap().join().unwrap();
    }
}
