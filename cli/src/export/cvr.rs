//! Opened rankings as cast vote records: NIST SP 1500-103, "Cast Vote Records Common Data Format Specification", version 1.0.
//!
//! A record is of one contest: the mix of each contest shuffles its rows alone, so nobody knows which belong to one voter.

use crate::failure::{Failure, Result};
use serde_json::{Value, json};
use std::time::SystemTime;
use tabella::{
    Contest,
    count::{Method, Ranking},
    tally::{Counted, OpenedRanking, Outcome},
};

/// The program, as a device of the report.
const DEVICE: &str = "device-tabella";
const SCOPE: &str = "unit-election";
const ELECTION: &str = "election";

/// The report.
pub fn report(outcome: &Outcome, now: SystemTime) -> Result<Value> {
    let manifest = outcome.manifest();
    let (mut contests, mut candidates, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for counted in outcome.counted() {
        let Some(contest) = manifest.contests().get(counted.contest) else { continue };
        let Ok(rankings) = outcome.rankings(&contest.id) else { continue };
        let place = counted.contest;
        for (number, name) in counted.shown(contest).iter().enumerate() {
            candidates.push(json!({
                "@id": candidate(place, number),
                "@type": "CVR.Candidate",
                "Name": name,
            }));
        }
        contests.push(of_contest(contest, counted));
        records.extend(rankings.iter().map(|opened| record(place, opened)));
    }
    if contests.is_empty() {
        return Err(Failure::refused(
            "no contest has opened rankings: there are no cast vote records to export",
        ));
    }
    let date = humantime::format_rfc3339_seconds(now).to_string();
    Ok(json!({
        "@type": "CVR.CastVoteRecordReport",
        "Version": "1.0.0",
        "GeneratedDate": date,
        "Notes": format!("Election {}, manifest {}", manifest.id(), manifest.hash()),
        "ReportGeneratingDeviceIds": [DEVICE],
        "ReportingDevice": [{
            "@id": DEVICE,
            "@type": "CVR.ReportingDevice",
            "Application": concat!("tabella ", env!("CARGO_PKG_VERSION")),
        }],
        "GpUnit": [{
            "@id": SCOPE,
            "@type": "CVR.GpUnit",
            "Name": manifest.title(),
            "Type": "other",
            "OtherType": "election",
        }],
        "Election": [{
            "@id": ELECTION,
            "@type": "CVR.Election",
            "Name": manifest.title(),
            "ElectionScopeId": SCOPE,
            "Candidate": candidates,
            "Contest": contests,
        }],
        "CVR": records,
    }))
}

fn of_contest(contest: &Contest, counted: &Counted) -> Value {
    let place = counted.contest;
    let selections = (0..counted.candidates.len()).map(|number| {
        json!({
            "@id": selection(place, number),
            "@type": "CVR.CandidateSelection",
            "CandidateIds": [candidate(place, number)],
            "IsWriteIn": number >= contest.options.len(),
        })
    });
    let mut held = json!({
        "@id": id(place),
        "@type": "CVR.CandidateContest",
        "Name": contest.title.as_str(),
        "ContestSelection": selections.collect::<Vec<_>>(),
    });
    if let Some(counting) = contest.counting {
        held["NumberElected"] = json!(counting.seats);
        let variation = match counting.method {
            Method::InstantRunoff | Method::Stv { .. } => "rcv",
            Method::Borda => "borda",
            Method::Plurality => "plurality",
            _ => "other",
        };
        held["VoteVariation"] = json!(variation);
        if variation == "other" {
            held["OtherVoteVariation"] = json!(counting.method.to_string());
        }
    }
    held
}

/// One opened row.
fn record(contest: usize, OpenedRanking { cell, row, ranking }: &OpenedRanking) -> Value {
    let unique = format!("cell-{cell}-row-{row}");
    let mut of_contest = json!({"@type": "CVR.CVRContest", "ContestId": id(contest)});
    match ranking {
        Ok(ranking) => {
            of_contest["CVRContestSelection"] = ranked(contest, ranking).collect();
        }
        Err(_) => of_contest["Status"] = json!(["invalidated-rules"]),
    }
    let snapshot = format!("snapshot-{unique}");
    json!({
        "@type": "CVR.CVR",
        "UniqueId": unique,
        "ElectionId": ELECTION,
        "CreatingDeviceId": DEVICE,
        "CurrentSnapshotId": snapshot,
        "CVRSnapshot": [{
            "@id": snapshot,
            "@type": "CVR.CVRSnapshot",
            "Type": "original",
            "CVRContest": [of_contest],
        }],
    })
}

/// Whom a ranking ranks, and where.
fn ranked(contest: usize, ranking: &Ranking) -> impl Iterator<Item = Value> {
    ranking.groups().zip(1..).flat_map(move |(group, rank): (&[usize], u64)| {
        group.iter().map(move |number| {
            json!({
                "@type": "CVR.CVRContestSelection",
                "ContestSelectionId": selection(contest, *number),
                "Rank": rank,
                "SelectionPosition": [{
                    "@type": "CVR.SelectionPosition",
                    "HasIndication": "yes",
                    "NumberVotes": 1,
                    "Rank": rank,
                }],
            })
        })
    })
}

fn id(contest: usize) -> String {
    format!("contest-{contest}")
}

fn candidate(contest: usize, number: usize) -> String {
    format!("candidate-{contest}-{number}")
}

fn selection(contest: usize, number: usize) -> String {
    format!("selection-{contest}-{number}")
}
