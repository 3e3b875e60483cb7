//! What a ceremony begins with: its dealers, its members, and the shares to deal.

use super::{Holders, holders::of_number};
use crate::{
    crypto::{
        ProofCheck,
        signature::{AuthorKey, Signature},
        transcript::Transcript,
    },
    manifest::{Manifest, ManifestHash, Member},
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
    pub(super) threshold: u16,
    /// As set in the manifest.
    pub(super) close_quorum: Option<u16>,
    pub(super) previous: Option<Arc<Holders>>,
    pub(super) dealers_needed: u16,
}

impl Setup {
    /// The first ceremony of a manifest; its epoch is 0.
    pub fn first(manifest: &Manifest) -> Self {
        Self {
            manifest: manifest.hash(),
            slots: manifest.slots(),
            epoch: 0,
            members: manifest.trustees().into(),
            threshold: manifest.threshold(),
            close_quorum: manifest.close_quorum(),
            previous: None,
            dealers_needed: manifest.threshold(),
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

    /// How many members it takes to open a tally.
    pub fn threshold(&self) -> u16 {
        self.threshold
    }

    /// How many members must sign the close, if the manifest sets it.
    pub(super) fn close_quorum(&self) -> Option<u16> {
        self.close_quorum
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

    /// How many dealers are needed: the threshold, and in a resharing at least that of the holders.
    pub fn dealers_needed(&self) -> usize {
        self.dealers_needed.into()
    }

    /// The context of all proofs of the ceremony: manifest, epoch, `n`, `t`, all registered keys, and in a resharing the
    /// ceremony before it.
    pub fn context(&self) -> Transcript {
        let mut transcript = Transcript::new(b"ceremony");
        transcript.append_bytes(b"manifest", self.manifest.as_bytes());
        transcript.append_u64(b"epoch", self.epoch.into());
        transcript.append_u64(b"n", self.members.len() as u64);
        transcript.append_u64(b"t", self.threshold.into());
        transcript.append_elements(b"C", self.members.iter().map(|entry| entry.key.element()));
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
