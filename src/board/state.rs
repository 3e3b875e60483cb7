//! What decides on the next object: everything that a board remembers.

use super::{Freeze, Kind, Phase, closing::Closing, keys::Keys, mixing::Mixing, voting::Voting};
use crate::{
    ballot::{BundleError, Election, ElectionBundle},
    crypto::{ProofCheck, shuffle::ShuffleError},
    keys::{Blame, Ceremony, Conviction, Observer, SignedKeys},
    log::{
        checkpoint::SignedCheckpoint,
        merkle::{Head, Root, Tree},
    },
    manifest::Manifest,
    roll::Roll,
    tally::{Cascade, Outcome, PartialTally, Tally, VerifiedShare, Withdrawal},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use rand_core::{CryptoRng, RngCore};

/// Everything that decides what the board accepts next. Storage of the entries is the caller's.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) tree: Tree,
    pub(super) manifest: Option<Manifest>,
    pub(super) keys: Keys,
    pub(super) election: Option<Election>,
    pub(super) voting: Option<Voting>,
    /// In ascending order.
    pub(super) withdrawn: Vec<Withdrawal>,
    pub(super) closing: Closing,
    pub(super) tally: Option<Tally>,
    pub(super) mixing: Option<Mixing>,
    pub(super) shares: Vec<VerifiedShare>,
    pub(super) faulty: BTreeMap<u16, ProofCheck>,
    pub(super) outcome: Option<Outcome>,
}

/// An object that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its first entry.
    pub entry: u64,
    /// What it is.
    pub kind: Kind,
    /// For a ballot of a voter who had cast before: the entry of the ballot that it replaces.
    pub replaces: Option<u64>,
}

impl State {
    /// The state of an empty board.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the election is.
    pub fn phase(&self) -> Phase {
        if self.outcome.is_some() {
            return Phase::Finished;
        }
        if self.tally.is_some() {
            let mixed = self.mixing.as_ref().is_none_or(Mixing::is_complete);
            return if mixed { Phase::Opening } else { Phase::Mixing };
        }
        match (&self.manifest, &self.voting) {
            (_, Some(_)) if self.closing.closed => Phase::Closed,
            (_, Some(_)) if self.closing.frozen.is_some() => Phase::Frozen,
            (_, Some(_)) => Phase::Voting,
            (Some(_), None) => self.keys.phase(),
            (None, None) => Phase::Empty,
        }
    }

    /// How many entries were accepted.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Root of the Merkle tree over all entries.
    pub fn root(&self) -> Root {
        self.tree.root()
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        self.tree.head()
    }

    /// The manifest, once it is on the board.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// The ceremony that is going on, or else the one whose keys are in force.
    pub fn observer(&self) -> Option<&Observer> {
        self.keys.observer()
    }

    /// The ceremony whose keys are in force, while another one may be going on: from its messages a member finds its shares again.
    pub fn observer_in_force(&self) -> Option<&Observer> {
        self.keys.last_ended()
    }

    /// The keys in force, once the first ceremony is over, and the trustees who hold shares now.
    pub fn ceremony(&self) -> Option<&Ceremony> {
        self.keys.in_force()
    }

    /// Who was found guilty in all ceremonies, and of what, with their epochs.
    pub fn found(&self) -> impl Iterator<Item = (u32, &Conviction)> {
        self.keys.found()
    }

    /// The same with the certificate of each. It holds a whole deal, and is made only when it is asked for.
    pub fn certificates(&self) -> impl Iterator<Item = (u32, &Conviction, Blame)> {
        self.keys.certificates()
    }

    /// Trustees who have shown that they hold the shares in force.
    pub fn rehearsed(&self) -> &BTreeSet<u16> {
        self.keys.rehearsed()
    }

    /// How often each trustee of each epoch has shown that it holds its shares.
    pub fn rehearsals(&self) -> &BTreeMap<(u32, u16), u64> {
        self.keys.rehearsals()
    }

    /// The trustees who answered the question that stands on the board.
    pub fn answered(&self) -> &BTreeSet<u16> {
        &self.keys.answered
    }

    /// The question that trustees can answer now.
    pub fn question(&self) -> Option<&[u8; 32]> {
        self.keys.question().filter(|_| self.phase() != Phase::Frozen)
    }

    /// Epoch and number of the trustees of earlier epochs who signed that they erased their shares.
    pub fn erased(&self) -> &BTreeSet<(u32, u16)> {
        self.keys.erased()
    }

    /// The election, once its keys are in force.
    pub fn election(&self) -> Option<&Election> {
        self.election.as_ref()
    }

    /// What voters' devices need to encrypt, with a checkpoint of this board if its log signs some.
    ///
    /// # Errors
    ///
    /// [`BundleError::NoKeys`] before the first ceremony is over; those of [`ElectionBundle::new`] for the checkpoint.
    pub fn bundle(
        &self,
        checkpoint: Option<SignedCheckpoint>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<ElectionBundle, BundleError> {
        let first = self.keys.ended.first().and_then(SignedKeys::of);
        let (manifest, keys) = self.manifest().zip(first).ok_or(BundleError::NoKeys)?;
        ElectionBundle::new(manifest, keys, checkpoint, rng)
    }

    /// The options that were withdrawn, by contest and option.
    pub fn withdrawn(&self) -> &[Withdrawal] {
        &self.withdrawn
    }

    /// Size and root of the board right behind the freeze in force, while voting is frozen and when it is closed: what a
    /// trustee signs to close.
    pub fn frozen(&self) -> Option<(u64, Root)> {
        self.closing.frozen
    }

    /// When voting was frozen, and when a freeze was lifted.
    pub fn freezes(&self) -> &[Freeze] {
        &self.closing.freezes
    }

    /// Size and root of the board with which voting ended, once a quorum of trustees has signed them.
    pub fn closed(&self) -> Option<(u64, Root)> {
        self.frozen().filter(|_| self.closing.closed)
    }

    /// The trustees who signed the close, in the order of their signatures.
    pub fn closed_by(&self) -> &[u16] {
        &self.closing.signed
    }

    /// The ceremonies whose keys were in force, in their order; those of the last one are.
    pub fn ceremonies(&self) -> impl Iterator<Item = &Ceremony> {
        self.keys.ceremonies()
    }

    /// Trustees whose last decryption share is signed and wrong, and the check that it fails.
    pub fn faulty_shares(&self) -> &BTreeMap<u16, ProofCheck> {
        &self.faulty
    }

    /// The roll, once it is on the board.
    pub fn roll(&self) -> Option<&Roll> {
        self.voting.as_ref().map(|voting| &voting.roll)
    }

    /// How many ballots were cast under this key, a voter's own or one of a proxy: the next sequence number.
    pub fn next_sequence(&self, voter: &crate::crypto::group::Element) -> Option<u32> {
        let voting = self.voting.as_ref()?;
        let voter = voting.roll.voter(voter)?;
        Some(voting.last.get(voter.line).map_or(0, |last| last.count))
    }

    /// How many ballots count, each voter's last one, or the last one of a proxy for a voter who has cast none.
    pub fn counted(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.count() as u64)
    }

    /// How many ballots were spoiled. None of them counts.
    pub fn spoiled(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.spoils.count().0)
    }

    /// How many of the spoiled ballots were opened.
    pub fn opened_spoils(&self) -> u64 {
        self.voting.as_ref().map_or(0, |voting| voting.spoils.count().1)
    }

    /// The tally of the ballots that count so far.
    pub fn partial_tally(&self) -> Option<&PartialTally> {
        self.voting.as_ref().map(|voting| &voting.partial)
    }

    /// The tally of the ballots that count so far, as the operator posts it after the close.
    pub fn next_tally(&self) -> Option<Tally> {
        self.voting.as_ref().map(Voting::tally)
    }

    /// The tally, once it is on the board; after the last mix with the rows that came out of it.
    pub fn tally(&self) -> Option<&Tally> {
        self.tally.as_ref()
    }

    /// The cells that are mixed, and how far they are.
    pub fn cascades(&self) -> &[Cascade] {
        self.mixing.as_ref().map_or(&[], |mixing| &mixing.cascades)
    }

    pub(super) fn mixing(&self) -> Option<&Mixing> {
        self.mixing.as_ref()
    }

    /// Trustees whose last mix of a cell is signed and wrong, with the cell's place in the tally, and what is wrong.
    pub fn faulty_mixes(&self) -> impl Iterator<Item = (u16, usize, &ShuffleError)> {
        let faulty = self.mixing.iter().flat_map(|mixing| &mixing.faulty);
        faulty.map(|((trustee, cell), error)| (*trustee, *cell, error))
    }

    /// The decryption shares accepted so far.
    pub fn shares(&self) -> &[VerifiedShare] {
        &self.shares
    }

    /// The outcome, once it is on the board.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }
}
