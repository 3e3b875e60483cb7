//! The audit: a board is replayed from its bytes alone, and everything in it is recomputed.
//!
//! Its checks are numbered and have stable names; a [`Report`] says of each whether it passed, and if not, at which
//! entry and by whose fault. [`run`] audits a board in memory. [`Audit`] goes on step by step over a [`Log`] of any
//! size; what it has examined it can save as a [`Part`] and go on from later, or take from elsewhere.
//!
//! Objects are judged in the order of the board. A ballot that is refused does not keep the following ballots
//! from being judged. But nothing else that follows a refused object can be judged, since it is signed for a board
//! that has that object.

mod check;
mod course;
mod expect;
mod finding;
mod findings;
mod html;
#[cfg(feature = "serde")]
mod json;
mod part;
mod report;
mod verdict;

pub use check::Check;
pub use expect::{Claim, Expect};
pub use finding::{CheckpointFault, Fault, Finding};
pub use findings::KEPT;
pub use part::{Part, PartError};
pub use report::{Checkpointed, KeptReceipt, Keys, Mixed, Report, Status};
pub use verdict::{Known, Verdict};

use crate::{
    board::{Found, Kind, Phase, Posted, ReceiptError, State},
    log::{
        Bytes, LogError, ReadLog,
        entry::{Assembler, HEADER},
        merkle::{Range, Root},
    },
    tally::Sums,
};
use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use core::fmt;
use course::{Batch, Object};
use findings::Findings;
use rand_core::{CryptoRng, RngCore};

/// Why an audit could not be carried out. It says nothing of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditError {
    /// What keeps the record failed.
    Storage(LogError),
    /// The random number generator failed.
    Randomness,
    /// Ballots can be examined only by an audit that has come as far as the opening of the polls, and not behind their
    /// close.
    NotVoting {
        /// How far it has come.
        phase: Phase,
    },
    /// Ballots can be examined only behind this entry, with which voting opened.
    TooEarly {
        /// The first entry that can be.
        first: u64,
    },
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => error.fmt(f),
            Self::Randomness => f.write_str("the random number generator failed"),
            Self::NotVoting { phase } => {
                write!(f, "the audit ends {phase}; ballots are examined while voting is open")
            }
            Self::TooEarly { first } => {
                write!(f, "voting opens at entry {first}; no ballots come before it")
            }
        }
    }
}

impl core::error::Error for AuditError {}

/// Audits a board in memory: entries behind their lengths, as [`Board::bytes`](crate::board::Board::bytes) gives them.
///
/// # Errors
///
/// Only if no audit is possible at all; whatever is wrong with the election stands in the report.
pub fn run(
    bytes: &[u8],
    expect: &Expect,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Report, AuditError> {
    let mut audit = Audit::new(expect);
    audit.advance(&mut Bytes::new(bytes), u64::MAX, rng)?;
    Ok(audit.report())
}

/// An audit that goes on.
///
/// Its memory grows by about 90 bytes for each voter who has cast, 34 for each ballot that was replaced, and 44 for each
/// voter on the roll, and holds beside that a few thousand entries, or one large object. Rows that are mixed and opened take
/// some hundred bytes for each of their slots (`docs/spec/record.md`).
#[derive(Debug)]
pub struct Audit {
    expect: Expect,
    state: State,
    assembler: Assembler,
    /// The first entry of the object that is being put together.
    first: u64,
    batch: Batch,
    /// Over all entries, those that are refused included.
    range: Range,
    /// For each object that was refused: how many entries were accepted before it, and how many refused up to it.
    refused: Vec<(u64, u64)>,
    ballots: u64,
    replaced: u64,
    findings: Findings,
    stopped: bool,
    /// The roots of sizes that are asked for.
    roots: BTreeMap<u64, Option<Root>>,
    /// The ballots at entries that receipts name.
    kept: BTreeMap<u64, Option<Posted>>,
    /// For each receipt whether it is the operator's, once the manifest is there.
    signed: Vec<Result<(), ReceiptError>>,
    /// What became of each receipt's ballot, as far as the record was read.
    receipts: Vec<Result<Found, ReceiptError>>,
    /// What is wrong with views, as far as the record was read.
    views: Vec<Finding>,
    /// The record's end was reached.
    ended: bool,
    /// Parts that are still to come, or the first of which is being read.
    parts: VecDeque<Part>,
    /// The entries of the first part so far, once it is being read.
    within: Option<Range>,
    /// Whether its sums are in, or cannot be of this record.
    counted: Option<bool>,
    /// Whether sums of any part are in.
    believes: bool,
    /// The entries of the parts that were used.
    believed: Vec<core::ops::Range<u64>>,
    /// All that was examined so far.
    examined: Part,
}

impl Audit {
    /// An audit of a record that should be this.
    pub fn new(expect: &Expect) -> Self {
        let range = Range::new(0);
        let examined = Part {
            range: range.clone(),
            opened: None,
            closed: None,
            doubtful: Vec::new(),
            sums: Sums::default(),
        };
        let (mut expect, state) = (expect.clone(), State::new());
        // Of an empty board there is nothing to show, so nothing is read that could fail.
        let views = expect.check_views(&state).unwrap_or_default();
        Self {
            roots: expect.sizes().map(|size| (size, range.root().filter(|_| size == 0))).collect(),
            state,
            assembler: Assembler::default(),
            first: 0,
            batch: Batch::default(),
            range,
            refused: Vec::new(),
            ballots: 0,
            replaced: 0,
            findings: Findings::default(),
            stopped: false,
            kept: expect.receipts.iter().map(|claim| (claim.receipt.entry(), None)).collect(),
            signed: Vec::new(),
            receipts: Vec::new(),
            views,
            expect,
            ended: false,
            parts: VecDeque::new(),
            within: None,
            counted: None,
            believes: false,
            believed: Vec::new(),
            examined,
        }
    }

    /// An audit that does not verify again what these parts say was examined. They may leave gaps; of parts that overlap
    /// the later one is passed over.
    ///
    /// If the record turns out not to be the one that they are of, that is a finding, and everything is judged without
    /// them; and so it is, without a finding, if with their sums the tally or the turnout on the board would be wrong.
    pub fn with_parts(expect: &Expect, parts: impl IntoIterator<Item = Part>) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().filter(|p| !p.entries().is_empty()).collect();
        parts.sort_by_key(|part| part.entries().start);
        let mut end = 0;
        parts.retain(|part| {
            let fits = part.entries().start >= end;
            end = if fits { part.entries().end } else { end };
            fits
        });
        Self { parts: parts.into(), ..Self::new(expect) }
    }

    /// How many entries were read.
    pub fn size(&self) -> u64 {
        self.range.end()
    }

    /// The state of the board as far as it was judged. While a part is being read, its sums have all ballots of the part.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What was found wrong so far, apart from what is compared at the end: of each check the first [`KEPT`] findings.
    pub fn findings(&self) -> &[Finding] {
        self.findings.kept()
    }

    /// What was examined so far, to go on from later; `None` in the middle of a large object or of a given part.
    pub fn part(&self) -> Option<Part> {
        let between = self.assembler.is_complete() && self.batch.objects.is_empty();
        (between && self.within.is_none())
            .then(|| Part { range: self.range.clone(), ..self.examined.clone() })
    }

    /// Judges the entries before `until`, and those that belong to the same object or the same part: what a part says
    /// counts only when all its entries were compared. Says whether there may be more.
    ///
    /// # Errors
    ///
    /// If the log or the generator fails; the audit cannot go on then.
    pub fn advance(
        &mut self,
        log: &mut impl ReadLog,
        until: u64,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<bool, AuditError> {
        while !self.ended {
            if self.size() >= until && self.assembler.is_complete() && !self.is_inside_part() {
                self.flush(log, rng)?;
                self.leave_part();
                if self.size() >= until {
                    self.check_receipts(rng)?;
                    self.check_views()?;
                    return Ok(true);
                }
            }
            self.enter_part(log, rng)?;
            match log.entry(self.size()) {
                Ok(Some(entry)) => self.push(&entry, log, rng)?,
                Err(error @ LogError::Storage { .. }) => return Err(AuditError::Storage(error)),
                end => {
                    let size = self.size();
                    self.flush(log, rng)?;
                    if self.size() < size {
                        continue;
                    }
                    if let Some(part) = self.parts.front() {
                        // It has entries that the record does not have.
                        self.begin_again(part.entries());
                        continue;
                    }
                    if let Err(error) = end {
                        self.stop(Check::RecordForm, self.size(), Fault::Log(error));
                    } else if !self.assembler.is_complete() {
                        self.stop(Check::RecordForm, self.first, Fault::Incomplete);
                    }
                    self.ended = true;
                    self.check_receipts(rng)?;
                    self.check_views()?;
                }
            }
        }
        Ok(false)
    }

    /// Compares the views with the record as far as it was read.
    fn check_views(&mut self) -> Result<(), AuditError> {
        self.views = self.expect.check_views(&self.state).map_err(AuditError::Storage)?;
        Ok(())
    }

    /// Says what was found.
    pub fn report(self) -> Report {
        Report::new(self)
    }

    /// Verifies the ballots among these entries by themselves, on all cores, without judging anything else. The entries can
    /// be any behind those with which voting opened, which this audit must have read.
    pub fn examine(
        &self,
        log: &mut impl ReadLog,
        entries: core::ops::Range<u64>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Part, AuditError> {
        let phase = self.state.phase();
        let open = matches!(phase, Phase::Voting | Phase::Frozen);
        let opened = self.examined.opened.filter(|_| open);
        let (Some(opened), Some(manifest)) = (opened, self.state.manifest()) else {
            return Err(AuditError::NotVoting { phase });
        };
        if entries.start < opened.size {
            return Err(AuditError::TooEarly { first: opened.size });
        }
        let mut part = Part {
            range: Range::new(entries.start),
            opened: Some(opened),
            closed: None,
            doubtful: Vec::new(),
            sums: Sums::new(manifest),
        };
        let mut ballots = Batch::default();
        loop {
            let number = part.range.end();
            let entry = match number < entries.end {
                true => log.entry(number),
                false => Ok(None),
            };
            let entry = match entry {
                Err(error @ LogError::Storage { .. }) => return Err(AuditError::Storage(error)),
                // What is wrong with the record is for the audit to say.
                end => end.ok().flatten(),
            };
            if entry.is_none() || ballots.is_full() {
                let examined = self.state.examine(&ballots.objects, rng);
                let examined = examined.ok_or(AuditError::NotVoting { phase })?;
                let examined = examined.map_err(|_| AuditError::Randomness)?;
                part.add(&ballots.objects, &examined);
                ballots = Batch::default();
            }
            let Some(entry) = entry else { return Ok(part) };
            part.range.push(&entry);
            match (entry.as_slice(), part.closed) {
                (_, Some(_)) => {}
                ([kind, ..], None) if *kind == Kind::Ballot as u8 => {
                    ballots.push(Object { entries: number..number + 1, bytes: entry });
                }
                ([kind, ..], None) if *kind == Kind::Close as u8 => part.closed = Some(number),
                // One that is too large for an entry is left to the audit.
                ([HEADER, kind, ..], None) if *kind == Kind::Ballot as u8 => {
                    part.doubtful.push(number);
                }
                _ => {}
            }
        }
    }
}
