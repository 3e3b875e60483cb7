//! What a ceremony begins with: its dealers, its members, and the shares to deal.

use super::{Holders, holders::of_number};
use crate::{
    crypto::{
        ProofCheck,
        signature::{AuthorKey, Signature},
        transcript::Transcript,
    },
    manifest::{Group, Groups, Manifest, ManifestHash, Member},
};
use alloc::{sync::Arc, vec::Vec};

/// The parties of a ceremony, and the origin of its secrets.
///
/// In the first ceremony the manifest's trustees deal fresh secrets to each other. In a resharing the trustees of an earlier
/// ceremony deal their shares to the trustees of the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    pub(super) manifest: ManifestHash,
    pub(super) slots: usize,
    pub(super) epoch: u32,
    pub(super) members: Arc<[Member]>,
    /// All but members and thresholds is as set in the manifest.
    pub(super) groups: Groups,
    pub(super) previous: Option<Arc<Holders>>,
    /// Of each group.
    pub(super) dealers_needed: Vec<u16>,
}

impl Setup {
    /// The first ceremony of a manifest; its epoch is 0.
    pub fn first(manifest: &Manifest) -> Self {
        Self {
            manifest: manifest.hash(),
            slots: manifest.slots(),
            epoch: 0,
            members: manifest.trustees().into(),
            groups: manifest.groups().clone(),
            previous: None,
            dealers_needed: manifest.groups().thresholds(),
        }
    }

    /// The manifest's hash.
    pub fn manifest(&self) -> ManifestHash {
        self.manifest
    }

    /// The number of slots.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// The epoch: 0 for the first ceremony, and different for every attempt to reshare.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The members, who receive shares; the `i`-th, from 0, is trustee number `i + 1`.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The groups of members. A tally is opened by the threshold of each.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// How many members it takes to open a tally, those of all groups together.
    pub fn threshold(&self) -> u16 {
        self.groups.threshold()
    }

    /// The groups of dealers.
    pub(super) fn dealer_groups(&self) -> &Groups {
        self.previous.as_ref().map_or(&self.groups, |previous| &previous.groups)
    }

    /// The group of members to whom the dealer with this number deals; `None` if no group has it.
    pub(super) fn dealt_to(&self, dealer: u16) -> Option<&Group> {
        self.groups.get(self.dealer_groups().place_of(dealer)?)
    }

    /// Whether the dealer with this number deals to the member with that one.
    pub(super) fn deals_to(&self, dealer: u16, member: u16) -> bool {
        self.dealt_to(dealer).is_some_and(|group| group.has(member))
    }

    /// In a resharing, the holders of the shares that are dealt.
    pub fn previous(&self) -> Option<&Holders> {
        self.previous.as_deref()
    }

    pub(super) fn shared_members(&self) -> &Arc<[Member]> {
        &self.members
    }

    /// The key of the member with this number.
    pub fn member(&self, number: u16) -> Option<&AuthorKey> {
        of_number(&self.members, number)
    }

    /// The number of the member with this key, from 1.
    pub fn number_of(&self, key: &AuthorKey) -> Option<u16> {
        let numbered = (1..).zip(self.members());
        numbered.filter(|(_, member)| member.key.element() == key.element()).map(|(n, _)| n).next()
    }

    /// The key of the dealer with this number: a member's, or in a resharing that of a trustee with a share.
    pub fn dealer(&self, number: u16) -> Option<&AuthorKey> {
        match &self.previous {
            None => self.member(number),
            Some(previous) => previous.key(number),
        }
    }

    /// The numbers of all dealers, ascending.
    pub fn dealers(&self) -> Vec<u16> {
        match &self.previous {
            None => (1u16..).take(self.members.len()).collect(),
            Some(previous) => previous.numbers(),
        }
    }

    /// How many dealers of each group are needed: the threshold, and in a resharing at least that of the holders.
    pub fn dealers_needed(&self) -> &[u16] {
        &self.dealers_needed
    }

    /// The context of all proofs of the ceremony: manifest, epoch, `n`, `t` and registered keys of each group, and in a resharing
    /// the ceremony before it.
    pub fn context(&self) -> Transcript {
        let mut transcript = Transcript::new(b"ceremony");
        transcript.append_bytes(b"manifest", self.manifest.as_bytes());
        transcript.append_u64(b"epoch", self.epoch.into());
        for (group, members) in self.groups.split(&self.members) {
            transcript.append_u64(b"n", members.len() as u64);
            transcript.append_u64(b"t", group.threshold.into());
            transcript.append_elements(b"C", members.iter().map(|entry| entry.key.element()));
        }
        if let Some(previous) = &self.previous {
            transcript.append_bytes(b"previous", previous.hash());
        }
        transcript
    }

    /// Hash of everything that the ceremony begins with.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.context().digest(b"setup")
    }

    /// Checks a party's signature; it is invalid if there is no such party.
    pub(super) fn verify_signature(
        key: Option<&AuthorKey>,
        signature: &Signature,
        mut transcript: Transcript,
        seed: &[u8; 32],
    ) -> Result<(), ProofCheck> {
        let key = key.ok_or(ProofCheck::Shape)?;
        key.verify_signature_with(signature, &mut transcript, seed)
    }
}
