//! The audit: a board is replayed from its bytes alone, and everything in it is recomputed.
//!
//! It uses nothing but public parts of this crate, so it doubles as the recipe for an independent verifier. Its
//! checks are numbered and have stable names; a [`Report`] says of each whether it passed, and if not, at which
//! entry and by whose fault.
//!
//! Objects are judged in the order of the board. A ballot that is refused does not keep the following ballots
//! from being judged. But nothing else that follows a refused object can be judged, since it is signed for a board
//! that has that object.

mod check;
mod report;

pub use check::Check;
pub use report::{Fault, Finding, Keys, Report, Status};

use crate::{
    board::{self, Accepted, Assembler, Kind, Phase, Refusal, Root, State, Tree},
    decrypt::VerifiedShare,
    keys::Observer,
    manifest::{Manifest, ManifestHash},
    record::{Entries, Torn},
};
use alloc::vec::Vec;
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Ballots that are verified in one call.
const BATCH: usize = 4096;

/// What the auditor knows of the election beforehand. Without it, a whole election could be invented.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expect {
    /// Hash of the manifest, as it was published before the election.
    pub manifest: Option<ManifestHash>,
    /// Size of the board.
    pub size: Option<u64>,
    /// Root of the board.
    pub root: Option<Root>,
    /// Whether a record may end before the result.
    pub partial: bool,
}

impl Expect {
    /// The election of this manifest.
    pub fn manifest(hash: ManifestHash) -> Self {
        Self { manifest: Some(hash), ..Self::default() }
    }
}

/// Why an audit could not be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditError {
    /// The bytes are not entries behind their lengths.
    Torn(Torn),
    /// The random number generator failed; this says nothing of the record.
    Randomness,
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn(torn) => torn.fmt(f),
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for AuditError {}

/// Audits a record from the bytes of its board.
///
/// # Errors
///
/// Only if no audit is possible at all; whatever is wrong with the election stands in the report.
pub fn run(
    bytes: &[u8],
    expect: &Expect,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Report, AuditError> {
    let mut audit = Audit::default();
    let mut assembler = Assembler::default();
    let mut objects: Vec<Object> = Vec::new();
    let mut first = (0, 0);
    let mut entries = Entries::new(bytes);
    loop {
        let place = (audit.tree.size(), entries.at());
        let Some(entry) = entries.next() else { break };
        let entry = entry.map_err(AuditError::Torn)?;
        audit.tree.push(entry);
        if assembler.is_complete() {
            first = place;
        }
        if audit.stopped {
            continue;
        }
        match assembler.push(entry) {
            Ok(None) => {}
            Ok(Some(bytes)) => objects.push(Object { entry: first.0, at: first.1, bytes }),
            Err(error) => {
                audit.apply(bytes, &objects, rng)?;
                objects.clear();
                audit.stop(Check::RecordForm, place.0, Fault::Form(error));
            }
        }
        if objects.len() >= BATCH {
            audit.apply(bytes, &objects, rng)?;
            objects.clear();
        }
    }
    audit.apply(bytes, &objects, rng)?;
    if !assembler.is_complete() {
        audit.stop(Check::RecordForm, first.0, Fault::Incomplete);
    }
    Ok(audit.report(expect))
}

/// An object, its first entry, and the byte at which that stands.
struct Object {
    entry: u64,
    at: usize,
    bytes: Vec<u8>,
}

impl AsRef<[u8]> for Object {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[derive(Default)]
struct Audit {
    state: State,
    /// Over all entries, those that are refused included.
    tree: Tree,
    /// For each entry that was accepted, its object's entry in the record and the byte at which that stands.
    accepted: Vec<(u64, usize)>,
    ballots: u64,
    replaced: u64,
    findings: Vec<Finding>,
    stopped: bool,
}

impl Audit {
    /// Reports a fault after which nothing can be judged; only the first counts.
    fn stop(&mut self, check: Check, entry: u64, fault: Fault) {
        if !self.stopped {
            self.findings.push(Finding { check, entry: Some(entry), fault });
            self.stopped = true;
        }
    }

    fn apply(
        &mut self,
        record: &[u8],
        objects: &[Object],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        let is_ballot = |object: &Object| object.bytes.first() == Some(&(Kind::Ballot as u8));
        for run in objects.chunk_by(|a, b| is_ballot(a) && is_ballot(b)) {
            // The close and what follows it are signed for a board that has the ballots that were refused, too.
            self.stopped |= !self.findings.is_empty() && !run.first().is_some_and(is_ballot);
            if self.stopped {
                return Ok(());
            }
            let accepted = &self.accepted;
            let stored = |entry| {
                let (_, at) = *accepted.get(usize::try_from(entry).ok()?)?;
                Some(Entries::new(record.get(at..)?).next()?.ok()?.to_vec())
            };
            let results = self.state.apply_all(run, stored, rng);
            for (object, result) in run.iter().zip(results) {
                self.note(object, result)?;
            }
        }
        Ok(())
    }

    fn note(
        &mut self,
        object: &Object,
        result: Result<Accepted, Refusal>,
    ) -> Result<(), AuditError> {
        let kind = Kind::split(&object.bytes).map(|(kind, _)| kind).ok();
        match result {
            Ok(Accepted { kind, replaces, .. }) => {
                let entries = board::entry_count(&object.bytes) as usize;
                self.accepted.extend(core::iter::repeat_n((object.entry, object.at), entries));
                self.ballots += u64::from(kind == Kind::Ballot);
                self.replaced += u64::from(replaces.is_some());
            }
            Err(Refusal::Randomness) => return Err(AuditError::Randomness),
            Err(mut refusal) => {
                // The state counts what it accepted; the report counts what stands in the record.
                if let Refusal::AlreadyOnBoard { entry }
                | Refusal::Spoiled { entry }
                | Refusal::AlreadyOpened { entry } = &mut refusal
                    && let Some((in_record, _)) = self.accepted.get(*entry as usize)
                {
                    *entry = *in_record;
                }
                let round = self.state.observer().map(Observer::round);
                let check = Check::of(kind, round, &refusal);
                let voter = self.voter(kind, object);
                let fault = Fault::Refused { kind, voter, refusal };
                if kind == Some(Kind::Ballot) {
                    self.findings.push(Finding { check, entry: Some(object.entry), fault });
                } else {
                    self.stop(check, object.entry, fault);
                }
            }
        }
        Ok(())
    }

    /// The voter's key of a refused ballot, if it can be read.
    fn voter(&self, kind: Option<Kind>, object: &Object) -> Option<[u8; 32]> {
        if kind != Some(Kind::Ballot) {
            return None;
        }
        let ballot = self.state.election()?.read_ballot(object.bytes.get(1..)?).ok()?;
        Some(*ballot.voter().as_bytes())
    }

    fn report(mut self, expect: &Expect) -> Report {
        let state = &self.state;
        let (phase, size, root) = (state.phase(), self.tree.size(), self.tree.root());
        let manifest = state.manifest();
        let found = manifest.map(Manifest::hash);
        let mut expected = |check, fault| {
            self.findings.push(Finding { check, entry: None, fault });
        };
        if let (Some(expect), Some(found)) = (expect.manifest, found)
            && expect != found
        {
            expected(Check::ManifestExpected, Fault::Manifest { found, expected: expect });
        }
        if let Some(expect) = expect.size.filter(|expect| *expect != size) {
            expected(Check::RecordExpected, Fault::Size { found: size, expected: expect });
        }
        if let Some(expect) = expect.root.filter(|expect| *expect != root) {
            expected(Check::RecordExpected, Fault::Root { found: root, expected: expect });
        }
        // Without a manifest there is no election that could be partial.
        let expect = Expect { partial: expect.partial && found.is_some(), ..*expect };
        let complete = phase == Phase::Finished;
        if !complete && !expect.partial && !self.stopped {
            expected(Check::RecordComplete, Fault::NoResult { phase });
        }
        Report {
            election: manifest.map(|m| (m.id().into(), m.title().into())),
            manifest: found,
            size,
            root,
            ballots: self.ballots,
            replaced: self.replaced,
            spoiled: state.spoiled(),
            opened_spoils: state.opened_spoils(),
            keys: state.ceremonies().map(Keys::of).collect(),
            closed_by: state.closed_by().to_vec(),
            found: state.found().map(|(epoch, verdict, _)| (epoch, verdict.clone())).collect(),
            rehearsals: state.rehearsals().iter().map(|((e, t), n)| (*e, *t, *n)).collect(),
            erased: state.erased().iter().copied().collect(),
            faulty_shares: state.faulty_shares().keys().copied().collect(),
            opened_by: state.shares().iter().map(VerifiedShare::trustee).collect(),
            outcome: state.outcome().cloned(),
            findings: self.findings,
            expect,
            ended: complete || !self.stopped,
            phase,
        }
    }
}
