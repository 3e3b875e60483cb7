//! What an auditor compares a record with.

use super::{Check, CheckpointFault, Fault, Finding, Known, findings::Findings};
use crate::{
    board::{Receipt, State},
    log::{
        LogError, View,
        checkpoint::SignedCheckpoint,
        merkle::{Head, Root},
    },
    manifest::{LogPolicy, Manifest, ManifestHash},
    roll::VoterKey,
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;

/// What the auditor knows about the election beforehand, and what the record holds besides the board.
///
/// Without a known manifest hash, root or checkpoint, a whole election could be invented: then the verdict is at best
/// [`Consistent`](super::Verdict::Consistent), and a report begins with a line that says so. As text it says what it knows.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// Hash of the manifest, as published before the election.
    pub manifest: Option<ManifestHash>,
    /// Size of the board. The size alone does not identify an election.
    pub size: Option<u64>,
    /// Root of the board.
    pub root: Option<Root>,
    /// Heads that the board had while it grew, as published where nobody can take them back, such as on a blockchain.
    pub heads: Vec<Head>,
    /// SHA-256 of the view `result.json`. Without the `serde` feature no record has it.
    pub result: Option<[u8; 32]>,
    /// Whether a record may end before the result.
    pub partial: bool,
    /// Receipts of voters.
    pub receipts: Vec<Claim>,
    /// Checkpoints that the auditor got from elsewhere.
    pub known: Vec<SignedCheckpoint>,
    /// The record's own checkpoints, if it should have any.
    pub checkpoints: Option<Vec<SignedCheckpoint>>,
    /// Views by file name, if there should be any.
    pub views: Option<BTreeMap<String, View>>,
}

/// A receipt, and the voter to whom it is said to belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The receipt.
    pub receipt: Receipt,
    /// The key of the voter who got it. Without it the audit cannot tell whether the ballot is the voter's, and the report
    /// shows the ballot's key for the voter to compare.
    pub voter: Option<VoterKey>,
}

impl From<Receipt> for Claim {
    /// For a voter who gave no key.
    fn from(receipt: Receipt) -> Self {
        Self { receipt, voter: None }
    }
}

/// A checkpoint that matches the board and is signed by the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpointed {
    /// The number of entries.
    pub size: u64,
    /// The witnesses who cosigned it, and when by their clocks, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
}

impl Expect {
    /// Expects the election of this manifest.
    pub fn manifest(hash: ManifestHash) -> Self {
        Self { manifest: Some(hash), ..Self::default() }
    }

    /// The sizes at which roots are compared.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u64> {
        let checkpoints = self.checkpoints.iter().flatten().chain(&self.known);
        let checkpoints = checkpoints.map(|signed| signed.checkpoint().size());
        let checkpoints = checkpoints.chain(self.heads.iter().map(|head| head.size));
        checkpoints.chain(self.receipts.iter().map(|claim| claim.receipt.size()))
    }

    /// Compares the heads and the result with the board.
    pub(super) fn check_published(
        &self,
        state: &State,
        whole: Head,
        roots: &BTreeMap<u64, Option<Root>>,
        findings: &mut Findings,
    ) {
        let mut fail = |fault| {
            findings.push(Finding { check: Check::RecordExpected, entry: None, fault });
        };
        for expected in self.heads.iter().copied() {
            let root = roots.get(&expected.size).copied().flatten();
            let found = root.map_or(whole, |root| Head { size: expected.size, root });
            if found != expected {
                fail(Fault::Head { found, expected });
            }
        }
        if let Some(expected) = self.result {
            let found = result_hash(state);
            if found != Some(expected) {
                fail(Fault::Result { found, expected });
            }
        }
    }

    /// Whether checkpoints can be compared with anything. A record that is `whole` must have one.
    pub(super) fn asks_for_checkpoints(&self, manifest: Option<&Manifest>, whole: bool) -> bool {
        let Some(manifest) = manifest else { return false };
        let own = self.checkpoints.as_ref();
        !self.known.is_empty()
            || own.is_some_and(|own| !own.is_empty() || (manifest.log().is_some() && whole))
    }

    /// Compares the checkpoints with the board. Witnesses must have cosigned a record that is `whole`.
    pub(super) fn check_checkpoints(
        &self,
        manifest: &Manifest,
        (size, whole): (u64, bool),
        roots: &BTreeMap<u64, Option<Root>>,
        findings: &mut Findings,
    ) -> Vec<Checkpointed> {
        // Copies of one checkpoint count as one, with all their cosignatures.
        let mut signed = BTreeMap::<u64, Checkpointed>::new();
        let mut fail = |size, fault| {
            let fault = Fault::Checkpoint { size, fault };
            findings.push(Finding { check: Check::RecordCheckpoints, entry: None, fault });
        };
        for note in self.checkpoints.iter().flatten().chain(&self.known) {
            let of = note.checkpoint().size();
            let Some(log) = manifest.log() else {
                fail(of, CheckpointFault::NoKey);
                continue;
            };
            let root = roots.get(&of).copied().flatten();
            match Self::check_checkpoint(note, &manifest.origin(), log, size, root) {
                Ok(checkpoint) => {
                    let into = signed
                        .entry(of)
                        .or_insert(Checkpointed { size: of, witnesses: Vec::new() });
                    for witness in checkpoint.witnesses {
                        if into.witnesses.iter().all(|(name, _)| *name != witness.0) {
                            into.witnesses.push(witness);
                        }
                    }
                }
                Err(fault) => fail(of, fault),
            }
        }
        if let (Some(log), Some(own), true) = (manifest.log(), &self.checkpoints, whole) {
            if own.iter().chain(&self.known).all(|note| note.checkpoint().size() != size) {
                fail(size, CheckpointFault::Missing);
            }
            if let Some(Checkpointed { witnesses, .. }) = signed.get(&size) {
                let (found, expected) = (witnesses.len(), log.quorum());
                if found < usize::from(expected) {
                    fail(size, CheckpointFault::Quorum { found, expected });
                }
            }
        }
        signed.into_values().collect()
    }

    fn check_checkpoint(
        note: &SignedCheckpoint,
        origin: &str,
        log: &LogPolicy,
        size: u64,
        root: Option<Root>,
    ) -> Result<Checkpointed, CheckpointFault> {
        let checkpoint = note.verify(origin, log.key()).map_err(CheckpointFault::Signature)?;
        let witnesses = note.cosignatures(log.witnesses()).map_err(CheckpointFault::Signature)?;
        let found = checkpoint.root();
        match root {
            None => Err(CheckpointFault::Beyond { found: size }),
            Some(expected) if expected != found => Err(CheckpointFault::Root { found, expected }),
            Some(_) => {
                let name = |place: usize| log.witnesses().get(place).map(|w| w.name.clone());
                let witnesses = witnesses.into_iter();
                let witnesses = witnesses.filter_map(|c| Some((name(c.witness)?, c.time)));
                Ok(Checkpointed { size: checkpoint.size(), witnesses: witnesses.collect() })
            }
        }
    }

    /// Compares the views with the board. Without the `serde` feature, no views can be compared or expected.
    #[cfg(not(feature = "serde"))]
    pub(super) fn check_views(&mut self, _: &State) -> Result<Vec<Finding>, LogError> {
        self.views = None;
        Ok(Vec::new())
    }

    /// Compares the views with the board.
    #[cfg(feature = "serde")]
    pub(super) fn check_views(&mut self, state: &State) -> Result<Vec<Finding>, LogError> {
        let mut findings = Vec::new();
        for (name, found) in self.views.iter().flatten() {
            let at = match crate::views::Content::of(state, name) {
                None => None,
                Some(expected) => match expected.differs(found)? {
                    None => continue,
                    at => at,
                },
            };
            let fault = Fault::View { name: name.clone(), at };
            findings.push(Finding { check: Check::RecordViews, entry: None, fault });
        }
        Ok(findings)
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { manifest, size, root, heads, result, receipts, known, .. } = self;
        let of_election = heads.iter().any(|head| head.size > 0);
        if manifest.is_none() && root.is_none() && known.is_empty() && !of_election {
            f.write_str("not which election it is, so any election would do")?;
        } else {
            f.write_str("which election it is")?;
        }
        manifest.map_or(Ok(()), |manifest| write!(f, "; manifest {manifest}"))?;
        size.map_or(Ok(()), |size| write!(f, "; {size} entries"))?;
        root.map_or(Ok(()), |root| write!(f, "; root {root}"))?;
        result.map_or(Ok(()), |result| write!(f, "; result {}", hex::encode(result)))?;
        let counts = [
            (heads.len(), "heads that were published"),
            (known.len(), "checkpoints from elsewhere"),
            (receipts.len(), "receipts from elsewhere"),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "; {count} {what}")?;
        }
        Ok(())
    }
}

impl Expect {
    /// What is known about a board of this size.
    pub(super) fn known(&self, size: u64) -> Known {
        let Self { manifest, root, heads, known, .. } = self;
        let notes = known.iter().map(|note| note.checkpoint().size());
        if root.is_some() || notes.chain(heads.iter().map(|head| head.size)).any(|of| of == size) {
            Known::Board
        } else if manifest.is_some() || !known.is_empty() || heads.iter().any(|head| head.size > 0)
        {
            Known::Election
        } else {
            Known::Nothing
        }
    }
}

/// SHA-256 of the view `result.json` of this board.
#[cfg(feature = "serde")]
fn result_hash(state: &State) -> Option<[u8; 32]> {
    use sha2::{Digest, Sha256};
    state.outcome().map(|outcome| Sha256::digest(crate::views::result(outcome)).into())
}

#[cfg(not(feature = "serde"))]
fn result_hash(_: &State) -> Option<[u8; 32]> {
    None
}
