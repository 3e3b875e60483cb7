//! The report of an audit as JSON.

use super::{
    Check, Checkpointed, Expect, Fault, Finding, KeptReceipt, KeyHolders, Mixed, NamedClass,
    Report, Status, Withdrawn,
};
use crate::{
    board::{Found, Freeze, Posted},
    keys::{Conviction, Party},
    log::merkle::Head,
    manifest::{Group, Member},
    roll::Proxied,
    views::{self, ResultView},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use base64ct::{Base64, Encoding};
use serde::Serialize;

impl Report {
    /// The report as JSON for programs; `docs/spec/audit.md` explains the names.
    pub fn to_json(&self) -> String {
        views::pretty(&Document::of(self))
    }

    /// Writes the same JSON piece by piece, so that a large result is never in memory as a whole.
    #[cfg(feature = "std")]
    pub fn write_json(&self, mut out: impl std::io::Write) -> std::io::Result<()> {
        views::write_pretty(&Document::of(self), &mut out)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    verdict: String,
    known: String,
    election: Option<ElectionItem<'a>>,
    manifest: Option<String>,
    size: u64,
    root: String,
    root_base64: String,
    ends: String,
    expected: ExpectItem,
    checks: Vec<CheckItem>,
    findings: Vec<FindingItem>,
    findings_left_out: u64,
    receipts: Vec<ReceiptItem>,
    ballots: u64,
    replaced: u64,
    spoiled: u64,
    opened_spoils: u64,
    keys: Vec<KeysItem<'a>>,
    proxied: Vec<ProxiedItem>,
    small_classes: &'a [NamedClass],
    withdrawn: &'a [Withdrawn],
    freezes: Vec<FreezeItem>,
    closed_by: &'a [u16],
    mixed: Vec<MixedItem<'a>>,
    faulty_mixes: Vec<FaultyMixItem>,
    opened_by: &'a [u16],
    faults: Vec<FaultItem>,
    faults_left_out: u64,
    faulty_shares: &'a [u16],
    rehearsals: Vec<RehearsalItem>,
    erased: Vec<ErasedItem>,
    believed: Vec<RangeItem>,
    checkpoints: Vec<CheckpointItem<'a>>,
    result: Option<ResultView<'a>>,
}

#[derive(Serialize)]
struct ElectionItem<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct ExpectItem {
    manifest: Option<String>,
    size: Option<u64>,
    root: Option<String>,
    heads: Vec<HeadItem>,
    result: Option<String>,
    partial: bool,
    checkpoints: Vec<String>,
    receipts: usize,
}

#[derive(Serialize)]
struct HeadItem {
    size: u64,
    root: String,
}

#[derive(Serialize)]
struct CheckItem {
    number: u8,
    name: &'static str,
    meaning: &'static str,
    status: &'static str,
    findings: u64,
}

#[derive(Serialize)]
struct FindingItem {
    check: u8,
    name: &'static str,
    entry: Option<u64>,
    kind: &'static str,
    object: Option<&'static str>,
    voter: Option<String>,
    reason: String,
}

#[derive(Serialize)]
struct ReceiptItem {
    receipt: usize,
    fate: String,
    entry: u64,
    voter: String,
    compared: bool,
    style: Option<u16>,
    sequence: Option<u32>,
    replaced_by: Option<u64>,
    opened_by: Option<u64>,
}

#[derive(Serialize)]
struct KeysItem<'a> {
    epoch: u32,
    #[serde(flatten)]
    trustees: Option<TrusteesItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    groups: Vec<GroupItem<'a>>,
}

#[derive(Serialize)]
struct GroupItem<'a> {
    group: &'a str,
    #[serde(flatten)]
    trustees: TrusteesItem<'a>,
}

#[derive(Serialize)]
struct TrusteesItem<'a> {
    threshold: u16,
    trustees: Vec<TrusteeItem<'a>>,
}

#[derive(Serialize)]
struct TrusteeItem<'a> {
    number: u16,
    name: &'a str,
    key: String,
    holds: bool,
}

#[derive(Serialize)]
struct ProxiedItem {
    entry: u64,
    voter: String,
    key: String,
    proxy: String,
}

#[derive(Serialize)]
struct FreezeItem {
    entry: u64,
    lifted: Option<u64>,
}

#[derive(Serialize)]
struct FaultItem {
    epoch: u32,
    party: &'static str,
    number: u16,
    reason: String,
}

#[derive(Serialize)]
struct RehearsalItem {
    epoch: u32,
    trustee: u16,
    times: u64,
}

#[derive(Serialize)]
struct ErasedItem {
    epoch: u32,
    trustee: u16,
}

#[derive(Serialize)]
struct MixedItem<'a> {
    cell: usize,
    contest: &'a str,
    rows: usize,
    by: &'a [u16],
}

#[derive(Serialize)]
struct FaultyMixItem {
    trustee: u16,
    cell: usize,
}

#[derive(Serialize)]
struct RangeItem {
    start: u64,
    end: u64,
}

#[derive(Serialize)]
struct CheckpointItem<'a> {
    size: u64,
    witnesses: Vec<WitnessItem<'a>>,
}

#[derive(Serialize)]
struct WitnessItem<'a> {
    name: &'a str,
    time: u64,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let Report {
            election,
            languages: _,
            manifest,
            size,
            root,
            ballots,
            replaced,
            spoiled,
            opened_spoils,
            keys,
            proxied,
            small_classes,
            withdrawn,
            freezes,
            closed_by,
            found,
            found_left_out,
            rehearsals,
            erased,
            mixed,
            faulty_mixes,
            opened_by,
            faulty_shares,
            believed,
            checkpoints,
            outcome,
            receipts,
            findings,
            counts: _,
            expect,
            asks: _,
            ended: _,
            phase,
        } = report;
        Self {
            format: "tabella/v1 audit",
            verdict: report.verdict().to_string(),
            known: report.known().to_string(),
            election: election.as_ref().map(|(id, title)| ElectionItem { id, title }),
            manifest: manifest.as_ref().map(ToString::to_string),
            size: *size,
            root: root.to_string(),
            root_base64: Base64::encode_string(root.as_bytes()),
            ends: phase.to_string(),
            expected: ExpectItem::of(expect),
            checks: Check::ALL.into_iter().map(|check| CheckItem::of(report, check)).collect(),
            findings: findings.iter().map(FindingItem::of).collect(),
            findings_left_out: report.left_out().map(|(_, more)| more).sum(),
            receipts: receipts.iter().map(ReceiptItem::of).collect(),
            ballots: *ballots,
            replaced: *replaced,
            spoiled: *spoiled,
            opened_spoils: *opened_spoils,
            keys: keys.iter().map(KeysItem::of).collect(),
            proxied: proxied.iter().map(ProxiedItem::of).collect(),
            small_classes,
            withdrawn,
            freezes: freezes
                .iter()
                .map(|Freeze { entry, lifted }| FreezeItem { entry: *entry, lifted: *lifted })
                .collect(),
            closed_by,
            mixed: mixed
                .iter()
                .map(|Mixed { cell, contest, rows, by }| MixedItem {
                    cell: *cell,
                    contest,
                    rows: *rows,
                    by,
                })
                .collect(),
            faulty_mixes: faulty_mixes
                .iter()
                .map(|(trustee, cell)| FaultyMixItem { trustee: *trustee, cell: *cell })
                .collect(),
            opened_by,
            faults: found.iter().map(|(epoch, found)| FaultItem::of(*epoch, found)).collect(),
            faults_left_out: *found_left_out,
            faulty_shares,
            rehearsals: rehearsals
                .iter()
                .map(|(epoch, trustee, times)| RehearsalItem {
                    epoch: *epoch,
                    trustee: *trustee,
                    times: *times,
                })
                .collect(),
            erased: erased
                .iter()
                .map(|(epoch, trustee)| ErasedItem { epoch: *epoch, trustee: *trustee })
                .collect(),
            believed: believed.iter().map(|r| RangeItem { start: r.start, end: r.end }).collect(),
            checkpoints: checkpoints.iter().map(CheckpointItem::of).collect(),
            result: outcome.as_ref().map(ResultView::of),
        }
    }
}

impl ProxiedItem {
    fn of(proxied: &Proxied) -> Self {
        let Proxied { entry, voter, key, proxy } = proxied;
        let [voter, key, proxy] = [voter, key, proxy].map(ToString::to_string);
        Self { entry: *entry, voter, key, proxy }
    }
}

impl<'a> CheckpointItem<'a> {
    fn of(checkpoint: &'a Checkpointed) -> Self {
        let Checkpointed { size, witnesses } = checkpoint;
        let witness = |(name, time): &'a (String, u64)| WitnessItem { name, time: *time };
        Self { size: *size, witnesses: witnesses.iter().map(witness).collect() }
    }
}

impl ExpectItem {
    fn of(expect: &Expect) -> Self {
        let Expect { manifest, size, root, heads, result, partial, receipts, known, .. } = expect;
        let head = |head: &Head| HeadItem { size: head.size, root: head.root.to_string() };
        Self {
            manifest: manifest.as_ref().map(ToString::to_string),
            size: *size,
            root: root.as_ref().map(ToString::to_string),
            heads: heads.iter().map(head).collect(),
            result: result.map(hex::encode),
            partial: *partial,
            checkpoints: known.iter().map(|note| note.checkpoint().to_string()).collect(),
            receipts: receipts.len(),
        }
    }
}

impl CheckItem {
    fn of(report: &Report, check: Check) -> Self {
        Self {
            number: check.number(),
            name: check.name(),
            meaning: check.meaning(),
            status: match report.status(check) {
                Status::Passed => "passed",
                Status::Failed => "failed",
                Status::NotReached => "not reached",
                Status::NotAsked => "not asked",
            },
            findings: report.count(check),
        }
    }
}

impl ReceiptItem {
    fn of(receipt: &KeptReceipt) -> Self {
        let KeptReceipt { place, found, compared } = receipt;
        let Found { entry, posted, replaced_by, opened_by } = found;
        let Posted { fate, voter, tracker: _, header } = posted;
        Self {
            receipt: *place,
            fate: fate.to_string(),
            entry: *entry,
            voter: voter.to_string(),
            compared: *compared,
            style: header.map(|header| header.style),
            sequence: header.map(|header| header.sequence),
            replaced_by: *replaced_by,
            opened_by: *opened_by,
        }
    }
}

impl FindingItem {
    fn of(finding: &Finding) -> Self {
        let Finding { check, entry, fault } = finding;
        let (mut object, mut sender) = (None, None);
        let kind = match fault {
            Fault::Form(_) => "form",
            Fault::Refused { kind, voter, refusal: _ } => {
                (object, sender) = (kind.map(views::name), voter.map(|voter| voter.to_string()));
                "refused"
            }
            Fault::Incomplete => "incomplete",
            Fault::Manifest { .. } => "manifest",
            Fault::Size { .. } => "size",
            Fault::Root { .. } => "root",
            Fault::Head { .. } => "head",
            Fault::Result { .. } => "published result",
            Fault::NoResult { .. } => "no result",
            Fault::Log(_) => "log",
            Fault::Changed { .. } => "changed",
            Fault::Checkpoint { .. } => "checkpoint",
            Fault::Receipt { .. } => "receipt",
            Fault::View { .. } => "view",
        };
        Self {
            check: check.number(),
            name: check.name(),
            entry: *entry,
            kind,
            object,
            voter: sender,
            reason: fault.to_string(),
        }
    }
}

impl<'a> KeysItem<'a> {
    fn of(keys: &'a KeyHolders) -> Self {
        let KeyHolders { epoch, groups, members, holders } = keys;
        let trustee = |(entry, number): (&'a Member, u16)| TrusteeItem {
            number,
            name: &entry.name,
            key: entry.key.to_string(),
            holds: holders.contains(&number),
        };
        let of_group = |(group, members): (&'a Group, &'a [Member])| GroupItem {
            group: &group.name,
            trustees: TrusteesItem {
                threshold: group.threshold,
                trustees: members.iter().zip(group.numbers()).map(trustee).collect(),
            },
        };
        let mut of_groups: Vec<GroupItem<'_>> = groups.split(members).map(of_group).collect();
        let whole = if groups.are_named() { None } else { of_groups.pop() };
        Self { epoch: *epoch, trustees: whole.map(|group| group.trustees), groups: of_groups }
    }
}

impl FaultItem {
    fn of(epoch: u32, conviction: &Conviction) -> Self {
        let Conviction { party, fault } = conviction;
        let (party, number) = match party {
            Party::Dealer(number) => ("dealer", *number),
            Party::Member(number) => ("trustee", *number),
        };
        Self { epoch, party, number, reason: fault.to_string() }
    }
}
