//! The audit: a board is replayed from its bytes alone, and everything in it is recomputed.
//!
//! It uses nothing but public parts of this crate, so it doubles as the recipe for an independent verifier. Its
//! checks are numbered and have stable names; a [`Report`] says of each whether it passed, and if not, at which
//! entry and by whose fault.
//!
//! Objects are judged in the order of the board. A ballot that is refused does not keep the following ballots
//! from being judged. But nothing else that follows a refused object can be judged, since it is signed for a board
//! that has that object.

use crate::{
    board::{self, Accepted, Assembler, Kind, Phase, Refusal, Root, State, Tree},
    decrypt::VerifiedShare,
    error::DecodeError,
    keys::{Ceremony, KeyError, Observer, Round, Verdict},
    manifest::{Manifest, ManifestHash, TrusteeEntry},
    outcome::Outcome,
    record::{Entries, Torn},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;
use rand_core::{CryptoRng, RngCore};

/// Ballots that are verified in one call.
const BATCH: usize = 4096;

/// A check of the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Every entry is an object in its one canonical form, or a part of one.
    RecordForm = 1,
    /// Every object stands where its kind belongs.
    RecordOrder = 2,
    /// The operator signed its entries, each for its place on the board.
    RecordSignatures = 3,
    /// Size and root of the board are those expected.
    RecordExpected = 4,
    /// The manifest has no mistake, and the holders of its keys know their secrets.
    ManifestValid = 5,
    /// The manifest is the one expected.
    ManifestExpected = 6,
    /// Commits, deals, complaints and ends of rounds are of those who take part, each once, and give the keys.
    KeysDeals = 7,
    /// At least `t` trustees signed the keys that follow from the deals.
    KeysConfirmed = 8,
    /// The roll names each voter once, with a style of the manifest and proof of possession.
    RollValid = 9,
    /// Each ballot can be read and has the lengths of its style.
    BallotForm = 10,
    /// Each ballot is of a voter on the roll and has that voter's style.
    BallotVoter = 11,
    /// Each ballot's proof is valid.
    BallotProof = 12,
    /// Each voter's ballots are numbered without gaps, and are not more than allowed.
    BallotSequence = 13,
    /// No ballot is a copy of another.
    BallotUnique = 14,
    /// A quorum of trustees signed the close, over all entries before it.
    CloseQuorum = 15,
    /// Cells and sums are those of each voter's last ballot.
    TallySums = 16,
    /// Each decryption share is signed by another trustee; who signed a wrong one is named.
    SharesProofs = 17,
    /// All totals are what the shares open.
    ResultTotals = 18,
    /// Turnout is that of the ballots and the roll.
    ResultTurnout = 19,
    /// The record goes up to the result.
    RecordComplete = 20,
    /// Each rehearsal is of a trustee who holds shares, and there were as many as the manifest demands.
    KeysRehearsed = 21,
    /// Each erasure is signed by a trustee whose shares were handed over.
    KeysErased = 22,
}

impl Check {
    /// All checks, by number.
    pub const ALL: [Self; 22] = [
        Self::RecordForm,
        Self::RecordOrder,
        Self::RecordSignatures,
        Self::RecordExpected,
        Self::ManifestValid,
        Self::ManifestExpected,
        Self::KeysDeals,
        Self::KeysConfirmed,
        Self::RollValid,
        Self::BallotForm,
        Self::BallotVoter,
        Self::BallotProof,
        Self::BallotSequence,
        Self::BallotUnique,
        Self::CloseQuorum,
        Self::TallySums,
        Self::SharesProofs,
        Self::ResultTotals,
        Self::ResultTurnout,
        Self::RecordComplete,
        Self::KeysRehearsed,
        Self::KeysErased,
    ];

    /// The check's number, from 1.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The check's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordForm => "record.form",
            Self::RecordOrder => "record.order",
            Self::RecordSignatures => "record.signatures",
            Self::RecordExpected => "record.expected",
            Self::ManifestValid => "manifest.valid",
            Self::ManifestExpected => "manifest.expected",
            Self::KeysDeals => "keys.deals",
            Self::KeysConfirmed => "keys.confirmed",
            Self::RollValid => "roll.valid",
            Self::BallotForm => "ballot.form",
            Self::BallotVoter => "ballot.voter",
            Self::BallotProof => "ballot.proof",
            Self::BallotSequence => "ballot.sequence",
            Self::BallotUnique => "ballot.unique",
            Self::CloseQuorum => "close.quorum",
            Self::TallySums => "tally.sums",
            Self::SharesProofs => "shares.proofs",
            Self::ResultTotals => "result.totals",
            Self::ResultTurnout => "result.turnout",
            Self::RecordComplete => "record.complete",
            Self::KeysRehearsed => "keys.rehearsed",
            Self::KeysErased => "keys.erased",
        }
    }

    /// The phase in which the check has been carried out in full.
    fn reached(self, phase: Phase) -> bool {
        match self {
            Self::RecordForm | Self::RecordOrder | Self::RecordExpected | Self::RecordComplete => {
                true
            }
            Self::RecordSignatures | Self::ManifestValid | Self::ManifestExpected => {
                phase > Phase::Empty
            }
            Self::KeysDeals => phase > Phase::Complaining,
            Self::KeysConfirmed | Self::KeysErased => phase > Phase::Confirming,
            Self::KeysRehearsed => phase > Phase::Enrolling,
            Self::RollValid
            | Self::BallotForm
            | Self::BallotVoter
            | Self::BallotProof
            | Self::BallotSequence
            | Self::BallotUnique => phase > Phase::Enrolling,
            Self::CloseQuorum => phase > Phase::Voting,
            Self::TallySums => phase > Phase::Closed,
            Self::SharesProofs => phase >= Phase::Opening,
            Self::ResultTotals | Self::ResultTurnout => phase > Phase::Opening,
        }
    }

    /// The check that a refusal of an object of this kind means, in this round of a ceremony if one goes on.
    fn of(kind: Option<Kind>, round: Option<Round>, refusal: &Refusal) -> Self {
        match refusal {
            Refusal::OutOfPhase { .. } | Refusal::Closed => Self::RecordOrder,
            Refusal::Signature { kind: Kind::Close } => Self::CloseQuorum,
            Refusal::Signature { .. } => Self::RecordSignatures,
            Refusal::Manifest(_) => Self::ManifestValid,
            Refusal::Rehearsals { .. } | Refusal::AskedBefore => Self::KeysRehearsed,
            Refusal::Promise { kind: Kind::Erasure, .. } => Self::KeysErased,
            Refusal::Promise { .. } => Self::KeysRehearsed,
            Refusal::WrongRound { .. } => Self::KeysDeals,
            Refusal::Keys(_) if kind == Some(Kind::Confirmation) => Self::KeysConfirmed,
            Refusal::Keys(KeyError::TooFew { .. }) if round == Some(Round::Confirm) => {
                Self::KeysConfirmed
            }
            Refusal::Keys(_) => Self::KeysDeals,
            Refusal::Roll(_) => Self::RollValid,
            Refusal::UnknownVoter | Refusal::WrongStyle { .. } => Self::BallotVoter,
            Refusal::Proof(_) => Self::BallotProof,
            Refusal::WrongSequence { .. } | Refusal::TooManyBallots { .. } => Self::BallotSequence,
            Refusal::AlreadyOnBoard { .. } | Refusal::NonceReused => Self::BallotUnique,
            Refusal::WrongClose { .. } | Refusal::Quorum { .. } => Self::CloseQuorum,
            Refusal::WrongSum { .. } => Self::TallySums,
            Refusal::Share { .. } => Self::SharesProofs,
            Refusal::WrongTotal { .. } | Refusal::TooFewShares { .. } => Self::ResultTotals,
            Refusal::WrongTurnout { .. } => Self::ResultTurnout,
            Refusal::TooLarge { .. } | Refusal::Storage { .. } | Refusal::Randomness => {
                Self::RecordForm
            }
            Refusal::Malformed(_) | Refusal::Trustee { .. } => match kind {
                None => Self::RecordForm,
                Some(Kind::Manifest) => Self::ManifestValid,
                Some(Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Round | Kind::Reshare) => {
                    Self::KeysDeals
                }
                Some(Kind::Question | Kind::Rehearsal) => Self::KeysRehearsed,
                Some(Kind::Erasure) => Self::KeysErased,
                Some(Kind::Confirmation) => Self::KeysConfirmed,
                Some(Kind::Roll) => Self::RollValid,
                Some(Kind::Ballot) => Self::BallotForm,
                Some(Kind::Close) => Self::CloseQuorum,
                Some(Kind::Tally) => Self::TallySums,
                Some(Kind::Share) => Self::SharesProofs,
                Some(Kind::Result) => Self::ResultTotals,
            },
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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

/// What is wrong, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check that failed.
    pub check: Check,
    /// The entry at which it failed, from 0, if it is about one.
    pub entry: Option<u64>,
    /// Why.
    pub fault: Fault,
}

/// Why a check failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The entry is not in canonical form.
    Form(DecodeError),
    /// The board's rules do not accept the object.
    Refused {
        /// What it is, if that can be read.
        kind: Option<Kind>,
        /// The voter's key, for a ballot that can be read.
        voter: Option<[u8; 32]>,
        /// Why it is refused.
        refusal: Refusal,
    },
    /// The last object's chunks are not all there.
    Incomplete,
    /// The manifest is another.
    Manifest {
        /// Hash of the one found.
        found: ManifestHash,
        /// The one expected.
        expected: ManifestHash,
    },
    /// The size is another.
    Size {
        /// The one found.
        found: u64,
        /// The one expected.
        expected: u64,
    },
    /// The root is another.
    Root {
        /// The one found.
        found: Root,
        /// The one expected.
        expected: Root,
    },
    /// The record ends before the result.
    NoResult {
        /// How far it goes.
        phase: Phase,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Refused { kind, voter, refusal } => {
                match kind {
                    Some(kind) => write!(f, "{kind}")?,
                    None => f.write_str("unknown object")?,
                }
                if let Some(voter) = voter {
                    write!(f, " of voter {}", hex::encode(voter))?;
                }
                write!(f, ": {refusal}")
            }
            Self::Incomplete => f.write_str("the chunks of the last object are not all there"),
            Self::Manifest { found, expected } => {
                write!(f, "the manifest's hash is {found}, expected {expected}")
            }
            Self::Size { found, expected } => {
                write!(f, "the board has {found} entries, expected {expected}")
            }
            Self::Root { found, expected } => {
                write!(f, "the board's root is {found}, expected {expected}")
            }
            Self::NoResult { phase } => write!(f, "the record ends {phase}, without a result"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.check)?;
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}: ")?;
        }
        self.fault.fmt(f)
    }
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All that it covers is right.
    Passed,
    /// Something is wrong; see the findings.
    Failed,
    /// The record ends, or stops making sense, before what it covers.
    NotReached,
    /// The auditor expected nothing that it could compare.
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

/// Who held the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// 0 for those of the first ceremony.
    pub epoch: u32,
    /// How many open.
    pub threshold: u16,
    /// All members, those who hold no share as well; the `i`-th, from 0, is trustee number `i + 1`.
    pub members: Vec<TrusteeEntry>,
    /// The numbers of those who hold a share.
    pub holders: Vec<u16>,
}

impl Keys {
    fn of(ceremony: &Ceremony) -> Self {
        let setup = ceremony.setup();
        let (epoch, threshold) = (setup.epoch(), setup.threshold());
        Self { epoch, threshold, members: setup.members().to_vec(), holders: ceremony.holders() }
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, threshold, members, holders } = self;
        write!(f, "keys      epoch {epoch}: any {threshold} of trustees {holders:?} open")?;
        // Those of the first ceremony stand in the manifest.
        let named = members.iter().zip(1u16..).filter(|_| *epoch > 0);
        for (TrusteeEntry { name, key }, number) in named {
            write!(f, "\n          {number} {name}, {key}")?;
        }
        Ok(())
    }
}

/// What an audit found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The election's id and title, if there is a manifest.
    pub election: Option<(String, String)>,
    /// Hash of the manifest.
    pub manifest: Option<ManifestHash>,
    /// How many entries the record has.
    pub size: u64,
    /// Root of the Merkle tree over all of them.
    pub root: Root,
    /// Ballots accepted, those that were replaced included.
    pub ballots: u64,
    /// Ballots that were replaced by a later one of the same voter.
    pub replaced: u64,
    /// The keys that were in force, in their order. Those of a resharing were given to people that the operator named:
    /// see whether they are the right ones.
    pub keys: Vec<Keys>,
    /// The trustees who signed the close.
    pub closed_by: Vec<u16>,
    /// Everybody found guilty of something in a ceremony, with its epoch.
    pub found: Vec<(u32, Verdict)>,
    /// How often each trustee of each epoch showed that it holds its shares: epoch, trustee, number of times.
    pub rehearsals: Vec<(u32, u16, u64)>,
    /// Trustees who signed that they erased their shares, with the epoch of these.
    pub erased: Vec<(u32, u16)>,
    /// Trustees whose decryption shares are valid.
    pub opened_by: Vec<u16>,
    /// Trustees whose decryption shares are signed and wrong. They do not count.
    pub faulty_shares: Vec<u16>,
    /// The outcome, if it was verified.
    pub outcome: Option<Outcome>,
    /// Everything that is wrong, in the order of the board.
    pub findings: Vec<Finding>,
    expect: Expect,
    /// Whether everything was judged, up to the result or the end of the record.
    ended: bool,
    phase: Phase,
}

impl Report {
    /// What became of a check.
    pub fn status(&self, check: Check) -> Status {
        if self.findings.iter().any(|finding| finding.check == check) {
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
        let Expect { manifest, size, root, partial } = self.expect;
        match check {
            Check::ManifestExpected => manifest.is_some(),
            Check::RecordExpected => size.is_some() || root.is_some(),
            Check::RecordComplete => !partial || self.phase == Phase::Finished,
            _ => true,
        }
    }

    /// Whether the record is accepted: nothing is wrong, and it is complete or may be partial.
    pub fn is_accepted(&self) -> bool {
        self.findings.is_empty() && (self.expect.partial || self.phase == Phase::Finished)
    }

    /// The report itself as an error, unless the record is accepted.
    pub fn into_result(self) -> Result<Self, Box<Self>> {
        if self.is_accepted() { Ok(self) } else { Err(Box::new(self)) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((id, title)) = &self.election {
            writeln!(f, "election  {id} ({title})")?;
        }
        if let Some(manifest) = &self.manifest {
            writeln!(f, "manifest  {manifest}")?;
        }
        writeln!(f, "size      {}", self.size)?;
        writeln!(f, "root      {}", self.root)?;
        writeln!(f, "ballots   {} accepted, {} of them replaced", self.ballots, self.replaced)?;
        self.keys.iter().try_for_each(|keys| writeln!(f, "{keys}"))?;
        if !self.closed_by.is_empty() {
            writeln!(f, "closed    by trustees {:?}", self.closed_by)?;
        }
        if !self.opened_by.is_empty() {
            writeln!(f, "opened    by trustees {:?}", self.opened_by)?;
        }
        for (epoch, verdict) in &self.found {
            writeln!(f, "fault     epoch {epoch}: {verdict}")?;
        }
        for trustee in &self.faulty_shares {
            writeln!(f, "fault     trustee {trustee} sent a decryption share that is wrong")?;
        }
        for (epoch, trustee, times) in &self.rehearsals {
            let plural = if *times == 1 { "" } else { "s" };
            writeln!(f, "rehearsed epoch {epoch}: trustee {trustee}, {times} time{plural}")?;
        }
        for (epoch, trustee) in &self.erased {
            writeln!(f, "erased    epoch {epoch}: by trustee {trustee}, on its word")?;
        }
        for check in Check::ALL {
            writeln!(f, "{:>4} {:<18} {}", check.number(), check.name(), self.status(check))?;
        }
        self.findings.iter().try_for_each(|finding| writeln!(f, "{finding}"))
    }
}

impl core::error::Error for Report {}

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
                let entries = board::entries(&object.bytes).len();
                self.accepted.extend(core::iter::repeat_n((object.entry, object.at), entries));
                self.ballots += u64::from(kind == Kind::Ballot);
                self.replaced += u64::from(replaces.is_some());
            }
            Err(Refusal::Randomness) => return Err(AuditError::Randomness),
            Err(mut refusal) => {
                // The state counts what it accepted; the report counts what stands in the record.
                if let Refusal::AlreadyOnBoard { entry } = &mut refusal
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
