//! The steps of an audit that a caller takes.

use super::{
    Audit, AuditError, Check, Expect, Fault, Finding, Part, Report,
    findings::Findings,
    memory::{Batch, Object},
};
use crate::{
    board::{Kind, Phase, State},
    log::{
        Bytes, LogError, ReadLog,
        entry::{Assembler, HEADER},
        merkle::Range,
    },
    tally::Sums,
    trace::event,
};
use alloc::{collections::VecDeque, vec::Vec};
use rand_core::{CryptoRng, RngCore};

/// Audits a board in memory: entries, each after its length, as in [`Board::bytes`](crate::board::Board::bytes).
///
/// # Errors
///
/// Only if no audit is possible. The report has everything that is wrong with the election.
pub fn run(
    bytes: &[u8],
    expect: &Expect,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Report, AuditError> {
    let mut audit = Audit::new(expect);
    audit.advance(&mut Bytes::new(bytes), u64::MAX, rng)?;
    Ok(audit.report())
}

impl Audit {
    /// Starts an audit of a record, with what is expected of it.
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
        // An empty board has no views, so nothing is read that could fail.
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

    /// Starts an audit that does not verify again what these parts cover. Parts may leave gaps; of two that overlap, the
    /// later one is ignored.
    ///
    /// If the parts do not belong to the record, that is a finding, and everything is judged without them. The same happens,
    /// without a finding, if their sums do not agree with the tally or the turnout on the board.
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

    /// The number of entries read.
    pub fn size(&self) -> u64 {
        self.range.end()
    }

    /// The state of the board as far as it was judged. While a part is being read, the sums include all ballots of the part.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The findings so far, except for what is compared at the end; of each check the first [`KEPT`](super::KEPT).
    pub fn findings(&self) -> &[Finding] {
        self.findings.kept()
    }

    /// What was examined so far, to continue from later; `None` in the middle of a large object or of a given part.
    pub fn part(&self) -> Option<Part> {
        let between = self.assembler.is_complete() && self.batch.objects.is_empty();
        (between && self.within.is_none())
            .then(|| Part { range: self.range.clone(), ..self.examined.clone() })
    }

    /// Judges the entries before `until`, and the rest of the object or part that they belong to: a part counts only when all
    /// its entries were compared. Returns whether there may be more entries.
    ///
    /// # Errors
    ///
    /// If the log or the generator fails. The audit cannot continue then.
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
                        // The part covers entries that the record does not have.
                        self.begin_again(part.entries());
                        continue;
                    }
                    if let Err(error) = end {
                        self.stop(Check::RecordForm, self.size(), Fault::Log(error));
                    } else if !self.assembler.is_complete() {
                        self.stop(Check::RecordForm, self.first, Fault::Incomplete);
                    }
                    self.ended = true;
                    event!(info, entries = self.size(), "the record was read");
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

    /// Ends the audit.
    pub fn report(self) -> Report {
        let report = Report::new(self);
        event!(info, verdict = %report.verdict(), known = %report.known(), "audited");
        report
    }

    /// Verifies the ballots among these entries by themselves, on all cores, without judging anything else. The entries can
    /// be any after the opening of voting, which this audit must have read.
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
                // The audit reports what is wrong with the record.
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
                // A ballot that is too large for an entry is left to the audit.
                ([HEADER, kind, ..], None) if *kind == Kind::Ballot as u8 => {
                    part.doubtful.push(number);
                }
                _ => {}
            }
        }
    }
}
