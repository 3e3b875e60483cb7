//! An audit of a record's files, in memory.

use crate::{
    fault::{Fault, Result, read},
    given::Published,
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tabella::{
    Expect,
    audit::{Audit, AuditError, Claim},
    board::Receipt,
    log::{Bytes, Entries, LogError, ReadLog, checkpoint::SignedCheckpoint, merkle::Root},
    rand_core::{CryptoRng, RngCore},
};

/// Entries in a full segment.
const SEGMENT: u64 = 4096;
/// Most bytes of a signed checkpoint in a record.
const MAX_CHECKPOINT: usize = 100_000;

/// What the auditor knows from elsewhere: `Expect` in `npm/index.d.ts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    manifest: Option<String>,
    root: Option<String>,
    size: Option<u64>,
    #[serde(default)]
    heads: Vec<Published>,
    result: Option<String>,
    #[serde(default)]
    partial: bool,
    #[serde(default)]
    known: Vec<String>,
    #[serde(default)]
    receipts: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    receipt: String,
    voter: Option<String>,
}

impl Known {
    fn expect(&self) -> Result<Expect> {
        let manifest = self.manifest.as_deref();
        let manifest = manifest.map(|hash| read("the manifest's hash", hash)).transpose()?;
        let root = self.root.as_deref().map(|root| read("the root", root)).transpose()?;
        // The same digits as a root has.
        let result = self.result.as_deref().map(|hash| read::<Root>("the result's hash", hash));
        let claim = |given: &Given| {
            let receipt: Receipt = read("a receipt", &given.receipt)?;
            let voter = given.voter.as_deref().map(|key| read("the voter's key", key));
            Ok(Claim { receipt, voter: voter.transpose()? })
        };
        let checkpoint = |text: &String| read::<SignedCheckpoint>("a checkpoint", text);
        Ok(Expect {
            manifest,
            root,
            size: self.size,
            heads: self.heads.iter().map(Published::head).collect::<Result<_>>()?,
            result: result.transpose()?.map(|hash| *hash.as_bytes()),
            partial: self.partial,
            receipts: self.receipts.iter().map(claim).collect::<Result<_>>()?,
            known: self.known.iter().map(checkpoint).collect::<Result<_>>()?,
            checkpoints: None,
            views: None,
        })
    }
}

/// The board's entries, in the record's files.
#[derive(Default)]
struct Segments {
    files: Vec<Vec<u8>>,
    /// Where each entry begins in its file, by file.
    starts: Vec<Vec<u32>>,
    entries: u64,
}

impl Segments {
    fn add(&mut self, bytes: Vec<u8>) {
        let mut entries = Entries::new(&bytes);
        let mut starts = Vec::new();
        loop {
            let at = entries.at();
            if !matches!(entries.next(), Some(Ok(_))) {
                break;
            }
            // A file in this memory is shorter than that.
            starts.push(at as u32);
        }
        self.entries += starts.len() as u64;
        self.files.push(bytes);
        self.starts.push(starts);
    }

    fn name(segment: usize) -> String {
        format!("board/{segment:08}.bin")
    }
}

/// As in a folder on disk: with the same errors for a file that is torn, too short or too long.
impl ReadLog for Segments {
    fn entry(&mut self, index: u64) -> core::result::Result<Option<Vec<u8>>, LogError> {
        let (segment, place) = ((index / SEGMENT) as usize, (index % SEGMENT) as usize);
        let (Some(file), Some(starts)) = (self.files.get(segment), self.starts.get(segment)) else {
            return Ok(None);
        };
        let start = starts.get(place).map_or(file.len(), |at| *at as usize);
        if starts.get(place).is_none() {
            // Behind the last whole entry: nothing, or a torn one.
            let end = starts.last().map_or(0, |at| *at as usize);
            let mut rest = Bytes::new(file.get(end..).unwrap_or_default());
            let last = u64::from(!starts.is_empty());
            if let Err(LogError::Torn { mut torn, .. }) = rest.entry(last) {
                torn.at += end;
                return Err(LogError::Torn { file: Self::name(segment), torn });
            }
            if segment + 1 < self.files.len() {
                let (found, expected) = (starts.len() as u64, SEGMENT);
                return Err(LogError::Short { file: Self::name(segment), found, expected });
            }
            return Ok(None);
        }
        let entry = Bytes::new(file.get(start..).unwrap_or_default()).entry(0)?;
        let end = start + 2 + entry.as_ref().map_or(0, Vec::len);
        if (index + 1).is_multiple_of(SEGMENT) && end < file.len() {
            return Err(LogError::Long { file: Self::name(segment), at: end as u64 });
        }
        Ok(entry)
    }
}

/// An audit, from its files to its report.
pub struct Job {
    expect: Expect,
    segments: Segments,
    checkpoints: BTreeMap<u64, SignedCheckpoint>,
    views: BTreeMap<String, Vec<u8>>,
    /// Once it has begun.
    audit: Option<Audit>,
}

impl Job {
    pub fn new(known: &Known) -> Result<Self> {
        let (segments, checkpoints, views) = Default::default();
        Ok(Self { expect: known.expect()?, segments, checkpoints, views, audit: None })
    }

    /// Adds a file of the record.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<()> {
        let wrong =
            |what: &dyn core::fmt::Display| Fault::new("record", format_args!("{path:?}: {what}"));
        if self.audit.is_some() {
            return Err(wrong(&"the audit has begun: give it all files first"));
        }
        if path.ends_with(".part") {
            return Ok(());
        }
        if path.starts_with("board/") {
            let expected = Segments::name(self.segments.files.len());
            if path != expected {
                return Err(wrong(&format_args!(
                    "expected {expected}: segments come in their order"
                )));
            }
            self.segments.add(bytes);
        } else if let Some(name) = path.strip_prefix("checkpoints/") {
            if bytes.len() > MAX_CHECKPOINT {
                return Err(wrong(&format_args!(
                    "{} bytes, where at most {MAX_CHECKPOINT} are allowed",
                    bytes.len()
                )));
            }
            let text = core::str::from_utf8(&bytes).map_err(|error| wrong(&error))?;
            let signed: SignedCheckpoint = text.parse().map_err(|error| wrong(&error))?;
            let size = signed.checkpoint().size();
            if name != format!("{size}.txt") {
                return Err(wrong(&format_args!("the checkpoint is of size {size}")));
            }
            self.checkpoints.insert(size, signed);
        } else if matches!(path, "manifest.json" | "result.json") {
            self.views.insert(path.into(), bytes);
        } else {
            let known = "no part of a record, which has board/, checkpoints/, manifest.json and result.json";
            return Err(wrong(&known));
        }
        Ok(())
    }

    pub fn entries(&self) -> u64 {
        self.segments.entries
    }

    /// Judges more entries, and says whether there are more and how many were judged in all.
    pub fn advance(
        &mut self,
        count: u64,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(bool, u64)> {
        if self.segments.files.is_empty() {
            let missing = Segments::name(0);
            return Err(Fault::new("record", format_args!("{missing:?}: missing")));
        }
        let audit = self.audit.get_or_insert_with(|| {
            let checkpoints = core::mem::take(&mut self.checkpoints);
            let views = core::mem::take(&mut self.views).into_iter();
            let mut expect = self.expect.clone();
            expect.checkpoints = Some(checkpoints.into_values().collect());
            expect.views = Some(views.map(|(name, bytes)| (name, bytes.into())).collect());
            Audit::new(&expect)
        });
        let until = audit.size().saturating_add(count.max(1));
        let more = audit.advance(&mut self.segments, until, rng).map_err(of_audit)?;
        Ok((more, audit.size()))
    }

    /// Judges what is left, and reports.
    pub fn report(
        mut self,
        language: Option<&str>,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Value> {
        self.advance(u64::MAX, rng)?;
        let ended = self.audit.take().map(Audit::report);
        let report = ended.ok_or_else(|| Fault::new("used", "the audit has ended"))?;
        let report = match language {
            None => report,
            Some(language) => {
                let unknown = || {
                    Fault::argument(format_args!("language '{language}' is none of the manifest's"))
                };
                report.shown_in(language).ok_or_else(unknown)?
            }
        };
        let verdict = report.verdict();
        Ok(json!({
            "verdict": verdict.to_string(),
            "meaning": verdict.meaning(),
            "accepted": report.is_accepted(),
            "json": report.to_json(),
            "html": report.to_html(),
        }))
    }
}

fn of_audit(error: AuditError) -> Fault {
    match error {
        AuditError::Randomness => Fault::randomness(),
        error => Fault::new("record", error),
    }
}
