//! The course of an audit: entries are joined to objects, and these are judged in batches.

use super::{
    Audit, AuditError, Check, Claim, Fault, Finding, Part,
    memory::{Batch, Object},
};
use crate::{
    board::{self, Accepted, Kind, Phase, Posted, ReceiptError, Refusal, Verdict},
    keys::Observer,
    log::{
        LogError, ReadLog,
        merkle::{Range, leaf_hash},
    },
    roll::VoterKey,
    tally::Sums,
    trace::event,
};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use rand_core::{CryptoRng, RngCore};

impl Part {
    /// Adds the results for these ballots, which come after all others.
    pub(super) fn add(&mut self, ballots: &[Object], examined: &board::Examined) {
        // Both sums belong to the same manifest, so they merge.
        let _ = self.sums.merge(&examined.sums);
        let all = ballots.iter().zip(&examined.verdicts);
        let doubtful = all.filter(|(_, verdict)| **verdict != Some(Ok(())));
        self.doubt(doubtful.map(|(ballot, _)| ballot.entries.start));
    }

    /// Adds ballots that were not found valid. One whose chunks reach from one part into the next may be in the list already.
    fn doubt(&mut self, ballots: impl Iterator<Item = u64>) {
        let mut new: Vec<u64> = ballots.collect();
        let Some(first) = new.iter().min().copied() else { return };
        // The list is sorted, and hardly any of its entries come after the first new one.
        let from = self.doubtful.partition_point(|entry| *entry < first);
        new.extend(self.doubtful.drain(from..));
        new.sort_unstable();
        new.dedup();
        self.doubtful.append(&mut new);
    }
}

/// The course of an audit.
impl Audit {
    /// Reads one entry.
    pub(super) fn push(
        &mut self,
        entry: &[u8],
        log: &mut impl ReadLog,
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
            *kept = Posted::of_entry(entry);
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

    /// Where a part begins or ends, what was read before it is judged first.
    pub(super) fn enter_part(
        &mut self,
        log: &mut impl ReadLog,
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

    /// Whether a part is being read.
    pub(super) fn is_inside_part(&self) -> bool {
        self.within.as_ref().is_some_and(|within| Some(within.end()) != self.end_of_part())
    }

    fn end_of_part(&self) -> Option<u64> {
        self.parts.front().map(|part| part.entries().end)
    }

    /// When the first part was read to its end, compares what was read with it.
    pub(super) fn leave_part(&mut self) {
        let end = self.end_of_part();
        let Some(within) = self.within.take_if(|within| Some(within.end()) == end) else { return };
        let opened = self.examined.opened;
        // An audit that stopped before voting opened used nothing of the part.
        let unused = self.stopped && opened.is_none();
        let same = |part: Part| part.range == within && (part.opened == opened || unused);
        let same = self.parts.pop_front().is_some_and(same);
        if !same || self.counted == Some(false) {
            self.begin_again(within.start()..within.end());
        } else if opened.is_some() {
            // The proofs of the ballots, and of the roll if it is among these entries.
            self.believed.push(within.start()..within.end());
        }
    }

    /// The parts do not belong to this record: everything is judged without them.
    pub(super) fn begin_again(&mut self, entries: core::ops::Range<u64>) {
        let fault = Fault::Changed { entries };
        let mut new = Self::new(&self.expect);
        new.findings.push(Finding { check: Check::RecordExpected, entry: None, fault });
        *self = new;
    }

    /// Reports a fault after which nothing can be judged; only the first one counts.
    pub(super) fn stop(&mut self, check: Check, entry: u64, fault: Fault) {
        if !self.stopped {
            self.findings.push(Finding { check, entry: Some(entry), fault });
            self.stopped = true;
        }
    }

    /// Judges the objects that were read. If the sums of parts may be wrong, the audit begins again without parts.
    pub(super) fn flush(
        &mut self,
        log: &mut impl ReadLog,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        let Batch { objects, .. } = core::mem::take(&mut self.batch);
        event!(debug, entries = self.size(), objects = objects.len(), "judging");
        for run in objects.chunk_by(|a, b| a.is_ballot() && b.is_ballot()) {
            let ballots = run.first().is_some_and(Object::is_ballot);
            // The close and everything after it is signed for a board that also has the refused ballots.
            self.stopped |= !self.refused.is_empty() && !ballots;
            if self.stopped {
                return Ok(());
            }
            // Ballots are also examined while voting is frozen, as in a part, but never after a close.
            let first = run.first().map_or(0, |object| object.entries.start);
            let open = matches!(self.state.phase(), Phase::Voting | Phase::Frozen)
                && self.examined.closed.is_none_or(|closed| first < closed);
            let verdicts = match ballots && open {
                true => self.count(run, rng)?,
                false => Vec::new(),
            };
            for (place, object) in run.iter().enumerate() {
                let verdict = verdicts.get(place).copied().flatten();
                let result = self.judge(object, verdict, log, rng)?;
                let differs =
                    matches!(result, Err(Refusal::WrongSum { .. } | Refusal::WrongTurnout { .. }));
                if self.believes && differs {
                    // A part's sums may be wrong, and not the record.
                    *self = Self::new(&self.expect);
                    return Ok(());
                }
                self.note(object, result)?;
            }
        }
        Ok(())
    }

    /// Determines which of these ballots are valid by themselves, from the part that covers them or by verifying them, and
    /// adds these to the sums.
    fn count(
        &mut self,
        ballots: &[Object],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Vec<Verdict>, AuditError> {
        let part = self.parts.front().filter(|_| self.within.is_some());
        if let (Some(part), None) = (part, self.counted) {
            let fits = part.opened.is_none() || part.opened == self.examined.opened;
            let counted = fits && self.state.add_sums(&part.sums).is_some();
            self.counted = Some(counted);
            self.believes |= counted;
            if counted && self.examined.sums.merge(&part.sums).is_some() {
                let starts = ballots.iter().map(|ballot| ballot.entries.start);
                let before = starts.filter(|start| *start < part.entries().start);
                self.examined.doubt(before.chain(part.doubtful.iter().copied()));
                self.examined.closed = part.closed;
            }
        }
        if let (Some(part), Some(true)) = (part.filter(|part| part.opened.is_some()), self.counted)
        {
            let verdict = |ballot: &Object| part.is_valid(&ballot.entries).then_some(Ok(()));
            return Ok(ballots.iter().map(verdict).collect());
        }
        let out_of_phase = AuditError::NotVoting { phase: self.state.phase() };
        let examined = self.state.examine(ballots, rng).ok_or(out_of_phase)?;
        // Nothing else can fail here.
        let examined = examined.map_err(|_| AuditError::Randomness)?;
        // These sums belong to this state's election, so they can be added.
        let _ = self.state.add_sums(&examined.sums);
        self.examined.add(ballots, &examined);
        Ok(examined.verdicts)
    }

    /// Judges an object. A ballot may come with a verdict; if it is valid, the sums already contain it.
    fn judge(
        &mut self,
        object: &Object,
        verdict: Verdict,
        log: &mut impl ReadLog,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Result<Accepted, Refusal>, AuditError> {
        let kind = object.bytes.first().copied();
        if kind == Some(Kind::Close as u8) && self.examined.closed.is_none() {
            self.examined.closed = Some(object.entries.start);
        }
        let part = self.parts.front().filter(|_| self.within.is_some());
        // Only if the part accepted it.
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
        let result = if let Some(verdict) = verdict {
            self.state.apply_examined(&object.bytes, verdict, stored)
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
                // The state counts accepted entries; the report counts all entries of the record.
                if let Refusal::AlreadyOnBoard { entry }
                | Refusal::Spoiled { entry }
                | Refusal::Overruled { entry }
                | Refusal::AlreadyOpened { entry } = &mut refusal
                {
                    *entry = in_record(&self.refused, *entry);
                }
                let core::ops::Range { start, end } = object.entries;
                let before = self.refused.last().map_or(0, |(_, refused)| *refused);
                let (accepted, refused) = (self.state.size(), before + end - start);
                match self.refused.last_mut() {
                    // One line for consecutive refusals.
                    Some(last) if last.0 == accepted => last.1 = refused,
                    _ => self.refused.push((accepted, refused)),
                }
                let round = self.state.observer().map(Observer::round);
                let check = Check::of(kind, round, &refusal);
                let voter = self.voter(kind, object).map(VoterKey::found);
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
    pub(super) fn check_receipts(
        &mut self,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), AuditError> {
        self.receipts.clear();
        let Some(manifest) = self.state.manifest() else { return Ok(()) };
        let receipts = &self.expect.receipts;
        if self.signed.is_empty() {
            let verify = |claim: &Claim| match claim.receipt.verify(manifest, rng) {
                Err(ReceiptError::Randomness) => Err(AuditError::Randomness),
                result => Ok(result),
            };
            self.signed = receipts.iter().map(verify).collect::<Result<_, _>>()?;
        }
        for (Claim { receipt, voter }, signed) in receipts.iter().zip(&self.signed) {
            let found = self.kept.get(&receipt.entry()).copied().flatten();
            let root = self.roots.get(&receipt.size()).copied().flatten();
            let kept = signed.and_then(|()| receipt.kept_as(found, root, voter.as_ref()));
            self.receipts.push(kept.map(|posted| {
                let mut found = self.state.became(receipt.entry(), posted);
                for later in [&mut found.replaced_by, &mut found.opened_by].into_iter().flatten() {
                    *later = in_record(&self.refused, *later);
                }
                found
            }));
        }
        Ok(())
    }

    /// The voter's key in a refused ballot, if it can be read.
    fn voter(&self, kind: Option<Kind>, object: &Object) -> Option<[u8; 32]> {
        if kind != Some(Kind::Ballot) {
            return None;
        }
        let sender = self.state.election()?.read_sender(object.bytes.get(1..)?).ok()?;
        Some(sender.voter)
    }
}

/// The place in the record of an entry that the state counts with this number.
fn in_record(refused: &[(u64, u64)], entry: u64) -> u64 {
    let before = refused.partition_point(|(accepted, _)| *accepted <= entry);
    let last = before.checked_sub(1).and_then(|last| refused.get(last));
    entry + last.map_or(0, |(_, refused)| *refused)
}
