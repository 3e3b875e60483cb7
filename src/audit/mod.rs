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
mod expect;
mod html;
#[cfg(feature = "serde")]
mod json;
mod part;
mod report;

pub use check::Check;
pub use expect::Expect;
pub use part::{Part, PartError};
pub use report::{Checkpointed, Fault, Finding, Keys, Report, Status};

use crate::{
    ballot::Tracker,
    board::{
        self, Accepted, Assembler, Fate, HEADER, Kind, MAX_ENTRY, Phase, Receipt, ReceiptError,
        Refusal, Root, State,
        merkle::{Range, leaf_hash},
    },
    keys::Observer,
    record::{Bytes, Log, LogError},
    tally::Sums,
};
use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use core::{
    cell::{Cell, RefCell},
    fmt,
};
use rand_core::{CryptoRng, RngCore};

/// Objects that are judged in one call, and how many bytes they have at most, unless one has more.
const BATCH: (usize, usize) = (4096, 1 << 23);

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

/// An object, and its entries.
struct Object {
    entries: core::ops::Range<u64>,
    bytes: Vec<u8>,
}

impl Object {
    fn is_ballot(&self) -> bool {
        self.bytes.first() == Some(&(Kind::Ballot as u8))
    }
}

impl AsRef<[u8]> for Object {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// An audit that goes on.
///
/// Its memory grows by about 90 bytes for each voter who has cast, 34 for each ballot that was replaced, and 44 for each
/// voter on the roll, and holds beside that a few thousand entries, or one large object.
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
    findings: Vec<Finding>,
    stopped: bool,
    /// The roots of sizes that are asked for.
    roots: BTreeMap<u64, Option<Root>>,
    /// The ballots at entries that receipts name.
    kept: BTreeMap<u64, Option<(Fate, Tracker)>>,
    /// For each receipt whether it is the operator's, once the manifest is there.
    signed: Vec<Result<(), ReceiptError>>,
    /// What is wrong with receipts, as far as the record was read.
    receipts: Vec<Finding>,
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

#[derive(Debug, Default)]
struct Batch {
    objects: Vec<Object>,
    bytes: usize,
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({:?})", self.entries)
    }
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
        Self {
            roots: expect.sizes().map(|size| (size, range.root().filter(|_| size == 0))).collect(),
            expect: expect.clone(),
            state: State::new(),
            assembler: Assembler::default(),
            first: 0,
            batch: Batch::default(),
            range,
            refused: Vec::new(),
            ballots: 0,
            replaced: 0,
            findings: Vec::new(),
            stopped: false,
            kept: expect.receipts.iter().map(|receipt| (receipt.entry(), None)).collect(),
            signed: Vec::new(),
            receipts: Vec::new(),
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
        log: &mut impl Log,
        until: u64,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<bool, AuditError> {
        while !self.ended {
            if self.size() >= until && self.assembler.is_complete() && !self.is_inside_part() {
                self.flush(log, rng)?;
                self.leave_part();
                if self.size() >= until {
                    self.check_receipts(rng)?;
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
                }
            }
        }
        Ok(false)
    }

    /// Says what was found.
    pub fn report(self) -> Report {
        Report::new(self)
    }

    /// Verifies the ballots among these entries by themselves, on all cores, without judging anything else. The entries can
    /// be any behind those with which voting opened, which this audit must have read.
    pub fn examine(
        &self,
        log: &mut impl Log,
        entries: core::ops::Range<u64>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Part, AuditError> {
        let phase = self.state.phase();
        let opened = self.examined.opened.filter(|_| phase == Phase::Voting);
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

impl Part {
    /// Adds what was found of these ballots, which come behind all others.
    fn add(&mut self, ballots: &[Object], examined: &board::Examined) {
        // The sums are of one manifest.
        let _ = self.sums.merge(&examined.sums);
        let doubtful = ballots.iter().zip(&examined.valid).filter(|(_, valid)| !**valid);
        self.doubtful.extend(doubtful.map(|(ballot, _)| ballot.entries.start));
        self.doubtful.sort_unstable();
        // One whose chunks reach out of a part is doubtful there already.
        self.doubtful.dedup();
    }
}

impl Batch {
    fn push(&mut self, object: Object) {
        self.bytes += object.bytes.len();
        self.objects.push(object);
    }

    fn is_full(&self) -> bool {
        self.objects.len() >= BATCH.0 || self.bytes + MAX_ENTRY > BATCH.1
    }
}

/// The course of an audit.
impl Audit {
    /// Reads one entry.
    fn push(
        &mut self,
        entry: &[u8],
        log: &mut impl Log,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        let number = self.size();
        let leaf = leaf_hash(entry);
        self.range.push_hash(leaf);
        if let Some(within) = &mut self.within {
            within.push_hash(leaf);
        }
        if let Some(root) = self.roots.get_mut(&self.range.end()) {
            *root = self.range.root();
        }
        if let Some(kept) = self.kept.get_mut(&number) {
            *kept = Fate::of_entry(entry);
        }
        if self.stopped {
            return Ok(());
        }
        if self.assembler.is_complete() {
            self.first = number;
        }
        match self.assembler.push(entry) {
            Ok(None) => {}
            Ok(Some(bytes)) => {
                self.batch.push(Object { entries: self.first..number + 1, bytes });
                if self.batch.is_full() {
                    self.flush(log, rng)?;
                }
            }
            Err(error) => {
                self.flush(log, rng)?;
                if self.size() > number {
                    self.stop(Check::RecordForm, number, Fault::Form(error));
                }
            }
        }
        Ok(())
    }

    /// Where a part begins or ends, what was read before is judged first.
    fn enter_part(
        &mut self,
        log: &mut impl Log,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        let size = self.size();
        if self.within.as_ref().is_some_and(|within| Some(within.end()) == self.end_of_part()) {
            self.flush(log, rng)?;
            self.leave_part();
        }
        if self.within.is_none() && self.parts.front().is_some_and(|p| p.entries().start == size) {
            self.flush(log, rng)?;
            if self.size() == size {
                (self.within, self.counted) = (Some(Range::new(size)), None);
            }
        }
        Ok(())
    }

    /// Whether a part was begun and goes on.
    fn is_inside_part(&self) -> bool {
        self.within.as_ref().is_some_and(|within| Some(within.end()) != self.end_of_part())
    }

    fn end_of_part(&self) -> Option<u64> {
        self.parts.front().map(|part| part.entries().end)
    }

    /// If the first part was read to its end: what was read must be what it is of.
    fn leave_part(&mut self) {
        let end = self.end_of_part();
        let Some(within) = self.within.take_if(|within| Some(within.end()) == end) else { return };
        let opened = self.examined.opened;
        // An audit that stopped before voting opened has used nothing of it.
        let unused = self.stopped && opened.is_none();
        let same = |part: Part| part.range == within && (part.opened == opened || unused);
        let same = self.parts.pop_front().is_some_and(same);
        if !same || self.counted == Some(false) {
            self.begin_again(within.start()..within.end());
        } else if self.counted == Some(true) {
            self.believed.push(within.start()..within.end());
        }
    }

    /// The record is not the one that the parts are of: everything is judged without them.
    fn begin_again(&mut self, entries: core::ops::Range<u64>) {
        let fault = Fault::Changed { entries };
        let mut new = Self::new(&self.expect);
        new.findings.push(Finding { check: Check::RecordExpected, entry: None, fault });
        *self = new;
    }

    /// Reports a fault after which nothing can be judged; only the first counts.
    fn stop(&mut self, check: Check, entry: u64, fault: Fault) {
        if !self.stopped {
            self.findings.push(Finding { check, entry: Some(entry), fault });
            self.stopped = true;
        }
    }

    /// Judges the objects that were read; or begins again without parts, whose sums may not be those of their ballots.
    fn flush(
        &mut self,
        log: &mut impl Log,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        let Batch { objects, .. } = core::mem::take(&mut self.batch);
        for run in objects.chunk_by(|a, b| a.is_ballot() && b.is_ballot()) {
            let ballots = run.first().is_some_and(Object::is_ballot);
            // The close and what follows it are signed for a board that has the ballots that were refused, too.
            self.stopped |= !self.refused.is_empty() && !ballots;
            if self.stopped {
                return Ok(());
            }
            let valid = match ballots && self.state.phase() == Phase::Voting {
                true => self.count(run, rng)?,
                false => Vec::new(),
            };
            for (place, object) in run.iter().enumerate() {
                let valid = valid.get(place).copied().unwrap_or(false);
                let result = self.judge(object, valid, log, rng)?;
                let differs =
                    matches!(result, Err(Refusal::WrongSum { .. } | Refusal::WrongTurnout { .. }));
                if self.believes && differs {
                    // What is wrong may be a part's sums, and not the record.
                    *self = Self::new(&self.expect);
                    return Ok(());
                }
                self.note(object, result)?;
            }
        }
        Ok(())
    }

    /// Finds out which of these ballots are valid by themselves, from the part that covers them or else by verifying them,
    /// and adds them to the sums.
    fn count(
        &mut self,
        ballots: &[Object],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<bool>, AuditError> {
        let part = self.parts.front().filter(|_| self.within.is_some());
        if let (Some(part), None) = (part, self.counted) {
            let fits = part.opened.is_none() || part.opened == self.examined.opened;
            let counted = fits && self.state.add_sums(&part.sums).is_some();
            self.counted = Some(counted);
            self.believes |= counted;
            if counted && self.examined.sums.merge(&part.sums).is_some() {
                let starts = ballots.iter().map(|ballot| ballot.entries.start);
                self.examined.doubtful.extend(starts.filter(|s| *s < part.entries().start));
                self.examined.doubtful.extend_from_slice(&part.doubtful);
                self.examined.closed = part.closed;
            }
        }
        if let (Some(part), Some(true)) = (part.filter(|part| part.opened.is_some()), self.counted)
        {
            return Ok(ballots.iter().map(|ballot| part.is_valid(&ballot.entries)).collect());
        }
        let out_of_phase = AuditError::NotVoting { phase: self.state.phase() };
        let examined = self.state.examine(ballots, rng).ok_or(out_of_phase)?;
        // That is all that can go wrong with the whole.
        let examined = examined.map_err(|_| AuditError::Randomness)?;
        // They are sums of this state's election.
        let _ = self.state.add_sums(&examined.sums);
        self.examined.add(ballots, &examined);
        Ok(examined.valid)
    }

    /// Judges an object; a ballot that is `valid` by itself is in the sums already.
    fn judge(
        &mut self,
        object: &Object,
        valid: bool,
        log: &mut impl Log,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Result<Accepted, Refusal>, AuditError> {
        let kind = object.bytes.first().copied();
        if kind == Some(Kind::Close as u8) && self.examined.closed.is_none() {
            self.examined.closed = Some(object.entries.start);
        }
        let part = self.parts.front().filter(|_| self.within.is_some());
        // Only if it was accepted then.
        let opened = part.filter(|part| part.covers(&object.entries)).and_then(|part| part.opened);
        let known = opened.is_some_and(|opened| opened.size == object.entries.end);
        let known_roll = known && kind == Some(Kind::Roll as u8);
        let (log, failed) = (RefCell::new(log), Cell::new(None));
        let refused = &self.refused;
        let stored = |entry| {
            let found = log.try_borrow_mut().ok()?.entry(in_record(refused, entry));
            found.unwrap_or_else(|error| {
                failed.set(Some(error));
                None
            })
        };
        let result = if valid {
            self.state.apply_examined(&object.bytes, stored)
        } else if known_roll {
            self.state.apply_known_roll(&object.bytes, rng)
        } else {
            self.state.apply(&object.bytes, stored, rng)
        };
        match failed.into_inner() {
            Some(error @ LogError::Storage { .. }) => Err(AuditError::Storage(error)),
            _ => Ok(result),
        }
    }

    fn note(
        &mut self,
        object: &Object,
        result: Result<Accepted, Refusal>,
    ) -> Result<(), AuditError> {
        let kind = Kind::split(&object.bytes).map(|(kind, _)| kind).ok();
        match result {
            Ok(Accepted { kind, replaces, .. }) => {
                self.ballots += u64::from(kind == Kind::Ballot);
                self.replaced += u64::from(replaces.is_some());
                if let (Kind::Roll, Some(manifest)) = (kind, self.state.manifest()) {
                    self.examined.opened = Some(self.state.head());
                    self.examined.sums = Sums::new(manifest);
                }
            }
            Err(Refusal::Randomness) => return Err(AuditError::Randomness),
            Err(mut refusal) => {
                // The state counts what it accepted; the report counts what stands in the record.
                if let Refusal::AlreadyOnBoard { entry }
                | Refusal::Spoiled { entry }
                | Refusal::AlreadyOpened { entry } = &mut refusal
                {
                    *entry = in_record(&self.refused, *entry);
                }
                let core::ops::Range { start, end } = object.entries;
                let before = self.refused.last().map_or(0, |(_, refused)| *refused);
                self.refused.push((self.state.size(), before + end - start));
                let round = self.state.observer().map(Observer::round);
                let check = Check::of(kind, round, &refusal);
                let voter = self.voter(kind, object);
                let fault = Fault::Refused { kind, voter, refusal };
                if kind == Some(Kind::Ballot) {
                    self.findings.push(Finding { check, entry: Some(start), fault });
                } else {
                    self.stop(check, start, fault);
                }
            }
        }
        Ok(())
    }

    /// Compares the receipts with the record as far as it was read.
    fn check_receipts(&mut self, rng: &mut (impl CryptoRng + RngCore)) -> Result<(), AuditError> {
        self.receipts.clear();
        let Some(manifest) = self.state.manifest() else { return Ok(()) };
        let receipts = &self.expect.receipts;
        if self.signed.is_empty() {
            let verify = |receipt: &Receipt| match receipt.verify(manifest, rng) {
                Err(ReceiptError::Randomness) => Err(AuditError::Randomness),
                result => Ok(result),
            };
            self.signed = receipts.iter().map(verify).collect::<Result<_, _>>()?;
        }
        for (place, (receipt, signed)) in receipts.iter().zip(&self.signed).enumerate() {
            let found = self.kept.get(&receipt.entry()).copied().flatten();
            let root = self.roots.get(&receipt.size()).copied().flatten();
            if let Err(error) = signed.and_then(|()| receipt.kept_as(found, root)) {
                let fault = Fault::Receipt { place, error };
                self.receipts.push(Finding { check: Check::BallotReceipts, entry: None, fault });
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
}

/// Where in the record an entry is that the state accepted as this one.
fn in_record(refused: &[(u64, u64)], entry: u64) -> u64 {
    let before = refused.partition_point(|(accepted, _)| *accepted <= entry);
    let last = before.checked_sub(1).and_then(|last| refused.get(last));
    entry + last.map_or(0, |(_, refused)| *refused)
}
