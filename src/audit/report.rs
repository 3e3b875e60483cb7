//! What an audit found.

use super::{Check, Expect};
use crate::{
    board::{Kind, Phase, Refusal, Root},
    error::DecodeError,
    keys::{Ceremony, Verdict},
    manifest::{ManifestHash, TrusteeEntry},
    outcome::Outcome,
};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

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
    pub(super) fn of(ceremony: &Ceremony) -> Self {
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
    /// Ballots that their voters spoiled. They do not count, and are not among the ballots accepted.
    pub spoiled: u64,
    /// Spoiled ballots that were opened, and are what they should be.
    pub opened_spoils: u64,
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
    pub(super) expect: Expect,
    /// Whether everything was judged, up to the result or the end of the record.
    pub(super) ended: bool,
    pub(super) phase: Phase,
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
            Check::BallotReceipts | Check::RecordCheckpoints | Check::RecordViews => false,
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
        if self.spoiled > 0 {
            writeln!(
                f,
                "spoiled   {} ballots, {} of them opened",
                self.spoiled, self.opened_spoils
            )?;
        }
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
