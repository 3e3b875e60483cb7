//! What an audit found.

use super::{
    Audit, Check, Checkpointed, Claim, Expect, Fault, Finding, KEPT, KeyHolders, Known, Mixed,
    NamedClass, Verdict, Withdrawn,
};
use crate::{
    board::{Found, Freeze, Phase},
    keys::Conviction,
    log::merkle::{Head, Root, Tree},
    manifest::{Manifest, ManifestHash},
    roll::{Proxied, Roll},
    tally::{Outcome, VerifiedShare},
    text::Text,
};
use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};
use core::{fmt, ops::Range};

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Everything it covers is right.
    Passed,
    /// Something is wrong, as the findings say.
    Failed,
    /// The record ends, or can no longer be judged, before what the check covers.
    NotReached,
    /// The auditor gave nothing to compare with.
    NotAsked,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::NotReached => "not reached",
            Self::NotAsked => "not asked",
        })
    }
}

/// A receipt that the board kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptReceipt {
    /// Its place in the given list, from 0.
    pub place: usize,
    /// The ballot, its voter, and what became of it.
    pub found: Found,
    /// Whether this is the key given with the receipt. If not, no key was given, and the voter must compare it.
    pub compared: bool,
}

impl fmt::Display for KeptReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, found, compared } = self;
        write!(f, "{place}: {found}")?;
        f.write_str(match compared {
            true => "; the key is the one given",
            false => "; NOT COMPARED: if this is not your key, it is not your ballot",
        })
    }
}

/// What an audit found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The election's id and title, if there is a manifest.
    pub election: Option<(String, Text)>,
    /// The languages of its texts.
    pub(in crate::audit) languages: Vec<String>,
    /// Hash of the manifest.
    pub manifest: Option<ManifestHash>,
    /// The number of entries in the record.
    pub size: u64,
    /// Root of the Merkle tree over all entries.
    pub root: Root,
    /// Accepted ballots, including replaced ones.
    pub ballots: u64,
    /// Ballots that a later one of the same voter replaced.
    pub replaced: u64,
    /// Ballots that their voters spoiled. They do not count and are not among the accepted ballots.
    pub spoiled: u64,
    /// Spoiled ballots with a valid opening.
    pub opened_spoils: u64,
    /// The keys that were in force, in order. The operator named the members of a resharing: check whether they are the right
    /// people.
    pub keys: Vec<KeyHolders>,
    /// Who casts for whom, in the order of the board.
    pub proxied: Vec<Proxied>,
    /// Classes of voters whose weight could tell how they vote. It is a warning.
    pub small_classes: Vec<NamedClass>,
    /// The options that were withdrawn, by contest and option.
    pub withdrawn: Vec<Withdrawn>,
    /// When voting was frozen and when a freeze was lifted.
    pub freezes: Vec<Freeze>,
    /// The trustees who signed the close.
    pub closed_by: Vec<u16>,
    /// All parties found at fault in a ceremony, with its epoch; the first [`KEPT`].
    pub found: Vec<(u32, Conviction)>,
    /// How many more parties were at fault.
    pub found_left_out: u64,
    /// How often each trustee of each epoch showed that it holds its shares: epoch, trustee, number of times.
    pub rehearsals: Vec<(u32, u16, u64)>,
    /// Trustees who signed that they erased their shares, with the epoch of the shares.
    pub erased: Vec<(u32, u16)>,
    /// The mixes, in order: the contest, the districts, and the trustees.
    pub mixed: Vec<Mixed>,
    /// Trustees whose last mix of a cell is signed and wrong, with the cell's place in the tally. It does not count.
    pub faulty_mixes: Vec<(u16, usize)>,
    /// Trustees whose decryption shares are valid.
    pub opened_by: Vec<u16>,
    /// Trustees whose decryption shares are signed and wrong. They do not count.
    pub faulty_shares: Vec<u16>,
    /// Entries whose ballot and roll proofs this audit did not verify, but took from given parts.
    pub believed: Vec<Range<u64>>,
    /// The checkpoints that match the board, with the witnesses who cosigned them.
    pub checkpoints: Vec<Checkpointed>,
    /// The outcome, if it was verified.
    pub outcome: Option<Outcome>,
    /// The receipts that the board kept; each one it did not keep is a finding.
    pub receipts: Vec<KeptReceipt>,
    /// The findings in the order of the board; of each check the first [`KEPT`].
    pub findings: Vec<Finding>,
    /// The number of findings of each check that has any.
    pub counts: BTreeMap<Check, u64>,
    pub(super) expect: Expect,
    /// Whether there were checkpoints to compare.
    pub(super) asks: bool,
    /// Whether everything was judged, up to the result or the end of the record.
    pub(super) ended: bool,
    pub(super) phase: Phase,
}

impl Report {
    pub(super) fn new(audit: Audit) -> Self {
        let Audit { expect, state, range, roots, ballots, replaced, believed, stopped, .. } = audit;
        let mut findings = audit.findings;
        let mut receipts = Vec::new();
        for (place, (kept, claim)) in audit.receipts.into_iter().zip(&expect.receipts).enumerate() {
            match kept {
                Ok(found) => {
                    receipts.push(KeptReceipt { place, found, compared: claim.voter.is_some() });
                }
                Err(error) => findings.push(Finding {
                    check: Check::BallotReceipts,
                    entry: None,
                    fault: Fault::Receipt { place, error },
                }),
            }
        }
        let (phase, size) = (state.phase(), range.end());
        let root = Tree::from_range(range).unwrap_or_default().root();
        let manifest = state.manifest();
        let found = manifest.map(Manifest::hash);
        let mut expected = |check, fault| findings.push(Finding { check, entry: None, fault });
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
        // Without a manifest, no election could be partial.
        let expect = Expect { partial: expect.partial && found.is_some(), ..expect };
        let complete = phase == Phase::Finished;
        if !complete && !expect.partial && !stopped {
            expected(Check::RecordComplete, Fault::NoResult { phase });
        }
        expect.check_published(&state, Head { size, root }, &roots, &mut findings);
        // A record with its result is whole, whatever the auditor would have accepted.
        let whole = complete || !expect.partial;
        let checkpoints =
            manifest.map(|m| expect.check_checkpoints(m, (size, whole), &roots, &mut findings));
        audit.views.into_iter().for_each(|finding| findings.push(finding));
        let (findings, counts) = findings.into_parts();
        let mut guilty = state.found();
        let found_first = guilty.by_ref().take(KEPT).map(|(epoch, v)| (epoch, v.clone())).collect();
        let found_left_out = guilty.count() as u64;
        Self {
            election: manifest.map(|m| (m.id().into(), m.title_texts().clone())),
            languages: manifest.map(|m| m.languages().to_vec()).unwrap_or_default(),
            manifest: found,
            size,
            root,
            ballots,
            replaced,
            spoiled: state.spoiled(),
            opened_spoils: state.opened_spoils(),
            keys: state.ceremonies().map(KeyHolders::of).collect(),
            proxied: state.roll().into_iter().flat_map(Roll::proxied).copied().collect(),
            small_classes: NamedClass::all(&state),
            withdrawn: Withdrawn::all(&state),
            freezes: state.freezes().to_vec(),
            closed_by: state.closed_by().to_vec(),
            found: found_first,
            found_left_out,
            rehearsals: state.rehearsals().iter().map(|((e, t), n)| (*e, *t, *n)).collect(),
            erased: state.erased().iter().copied().collect(),
            mixed: Mixed::all(&state),
            faulty_mixes: state.faulty_mixes().map(|(trustee, cell, _)| (trustee, cell)).collect(),
            faulty_shares: state.faulty_shares().keys().copied().collect(),
            opened_by: state.shares().iter().map(VerifiedShare::trustee).collect(),
            believed,
            checkpoints: checkpoints.unwrap_or_default(),
            outcome: state.outcome().cloned(),
            receipts,
            findings,
            counts,
            asks: expect.asks_for_checkpoints(manifest, whole),
            expect,
            ended: complete || !stopped,
            phase,
        }
    }

    /// The same report with the election's texts in this language; `None` if it is not one of the manifest's. The report's own words
    /// are English.
    #[must_use]
    pub fn shown_in(mut self, language: &str) -> Option<Self> {
        let place = self.languages.iter().position(|known| known == language)?;
        if let Some((_, title)) = &mut self.election {
            title.show_in(place);
        }
        if let Some(outcome) = &mut self.outcome {
            outcome.show_in(language);
        }
        Some(self)
    }

    /// The status of a check.
    pub fn status(&self, check: Check) -> Status {
        if self.count(check) > 0 {
            Status::Failed
        } else if !self.asked(check) {
            Status::NotAsked
        } else if check.reached(self.phase) && (check != Check::RecordComplete || self.ended) {
            Status::Passed
        } else {
            Status::NotReached
        }
    }

    fn asked(&self, check: Check) -> bool {
        let Expect { manifest, size, root, result, partial, .. } = self.expect;
        match check {
            Check::ManifestExpected => manifest.is_some(),
            Check::RecordExpected => {
                size.is_some()
                    || root.is_some()
                    || result.is_some()
                    || !self.expect.heads.is_empty()
            }
            Check::RecordComplete => !partial || self.phase == Phase::Finished,
            Check::RecordCheckpoints => self.asks,
            Check::RecordViews => self.expect.views.as_ref().is_some_and(|views| !views.is_empty()),
            // Without a given key the ballot may be anybody's, so the check counts as not asked.
            Check::BallotReceipts => {
                let receipts = &self.expect.receipts;
                !receipts.is_empty() && receipts.iter().all(|Claim { voter, .. }| voter.is_some())
            }
            _ => true,
        }
    }

    /// Whether the record is accepted: nothing is wrong, and it is complete or may be partial. If there was nothing to
    /// compare with, it may be any election's: see [`verdict`](Self::verdict).
    pub fn is_accepted(&self) -> bool {
        self.findings.is_empty() && (self.expect.partial || self.phase == Phase::Finished)
    }

    /// The number of findings of a check, including those not kept.
    pub fn count(&self, check: Check) -> u64 {
        self.counts.get(&check).copied().unwrap_or(0)
    }

    /// The total number of findings.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The checks with more findings than are kept, and how many more.
    pub fn left_out(&self) -> impl Iterator<Item = (Check, u64)> {
        let more =
            self.counts.iter().map(|(check, count)| (*check, count.saturating_sub(KEPT as u64)));
        more.filter(|(_, more)| *more > 0)
    }

    /// The report as an error unless the record is accepted. [`verdict`](Self::verdict) says whether it is the right
    /// election.
    pub fn into_result(self) -> Result<Self, Box<Self>> {
        if self.is_accepted() { Ok(self) } else { Err(Box::new(self)) }
    }
}

/// The first line of a report on an election that was compared with nothing.
pub(super) const NOTHING_KNOWN: &str =
    "compared with nothing: this can be any election, also one that was made up";

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.known() == Known::Nothing {
            writeln!(f, "{NOTHING_KNOWN}")?;
        }
        if let Some((id, title)) = &self.election {
            writeln!(f, "election  {id} ({title})")?;
        }
        if let Some(manifest) = &self.manifest {
            writeln!(f, "manifest  {manifest}")?;
        }
        writeln!(f, "size      {}", self.size)?;
        writeln!(f, "root      {}", self.root)?;
        if self.is_accepted() {
            let known = match self.known() {
                Known::Nothing => "nothing: which election this is was not checked",
                Known::Election => "which election this is; which ballots it has was not compared",
                Known::Board => "which election this is, and which ballots it has",
            };
            writeln!(f, "known     {known}")?;
        }
        writeln!(f, "ballots   {} accepted, {} of them replaced", self.ballots, self.replaced)?;
        for entries in &self.believed {
            let (first, last) = (entries.start, entries.end.saturating_sub(1));
            writeln!(
                f,
                "believed  proofs of ballots and roll in entries {first} to {last}, from a given part"
            )?;
        }
        if self.spoiled > 0 {
            writeln!(
                f,
                "spoiled   {} ballots, {} of them opened",
                self.spoiled, self.opened_spoils
            )?;
        }
        self.keys.iter().try_for_each(|keys| writeln!(f, "{keys}"))?;
        some(f, "proxy     ", &self.proxied)?;
        some(f, "weights   few voters: ", &self.small_classes)?;
        self.withdrawn.iter().try_for_each(|withdrawn| writeln!(f, "withdrawn {withdrawn}"))?;
        for Freeze { entry, lifted } in &self.freezes {
            write!(f, "frozen    at entry {entry}")?;
            lifted.map_or(Ok(()), |lifted| write!(f, ", lifted at entry {lifted}"))?;
            writeln!(f)?;
        }
        if !self.closed_by.is_empty() {
            writeln!(f, "closed    by trustees {:?}", self.closed_by)?;
        }
        for Mixed { cell, contest, rows, by } in &self.mixed {
            writeln!(f, "mixed     {contest}, cell {cell}: {rows} rows by trustees {by:?}")?;
        }
        if !self.opened_by.is_empty() {
            writeln!(f, "opened    by trustees {:?}", self.opened_by)?;
        }
        if let Some(Checkpointed { size, witnesses }) = self.checkpoints.last() {
            let names: Vec<&str> = witnesses.iter().map(|(name, _)| name.as_str()).collect();
            let of = self.checkpoints.len();
            writeln!(
                f,
                "signed    {of} checkpoints, the last of size {size}; witnesses {names:?}"
            )?;
        }
        for (epoch, conviction) in &self.found {
            writeln!(f, "fault     epoch {epoch}: {conviction}")?;
        }
        if self.found_left_out > 0 {
            writeln!(f, "fault     and {} more in ceremonies", self.found_left_out)?;
        }
        for (trustee, cell) in &self.faulty_mixes {
            writeln!(f, "fault     trustee {trustee} sent a mix of cell {cell} that is wrong")?;
        }
        for trustee in &self.faulty_shares {
            writeln!(f, "fault     trustee {trustee} sent a decryption share that is wrong")?;
        }
        for (epoch, trustee, times) in &self.rehearsals {
            let plural = if *times == 1 { "" } else { "s" };
            writeln!(f, "rehearsed epoch {epoch}: trustee {trustee}, {times} time{plural}")?;
        }
        for (epoch, trustee) in &self.erased {
            writeln!(
                f,
                "erased    epoch {epoch}: by trustee {trustee}, as it declares, unverified"
            )?;
        }
        for check in Check::ALL {
            writeln!(f, "{:>4} {:<18} {}", check.number(), check.name(), self.status(check))?;
        }
        self.receipts.iter().try_for_each(|receipt| writeln!(f, "receipt   {receipt}"))?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))?;
        self.left_out().try_for_each(|(check, more)| writeln!(f, "{check}: and {more} more"))
    }
}

/// The first of these, one in each line, and how many more there are.
fn some<T: fmt::Display>(f: &mut fmt::Formatter<'_>, what: &str, all: &[T]) -> fmt::Result {
    all.iter().take(KEPT).try_for_each(|one| writeln!(f, "{what}{one}"))?;
    match all.len().saturating_sub(KEPT) {
        0 => Ok(()),
        more => writeln!(f, "{what}and {more} more"),
    }
}

impl core::error::Error for Report {}

impl Report {
    /// What the auditor had to compare with.
    pub fn known(&self) -> Known {
        self.expect.known(self.size)
    }

    /// The result of the audit.
    pub fn verdict(&self) -> Verdict {
        match (self.is_accepted(), self.known(), self.outcome.is_some()) {
            (false, ..) => Verdict::Refused,
            (true, Known::Nothing, true) => Verdict::Consistent,
            (true, Known::Nothing, false) => Verdict::ConsistentSoFar,
            (true, _, true) => Verdict::Verified,
            (true, _, false) => Verdict::VerifiedSoFar,
        }
    }
}
