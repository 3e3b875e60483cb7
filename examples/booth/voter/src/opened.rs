//! What another device encrypted: `Opened` in `npm/index.d.ts`.

use crate::{
    choices,
    fault::{Fault, Result},
    given::{Expected, count},
    look::{heading, object},
};
use alloc::{string::ToString, vec::Vec};
use serde_json::{Value, json};
use tabella::{
    Election,
    ballot::{Given, Mark, OpenedBallot, OpenedContest, OpeningError},
    board::Kind,
    rand_core::{CryptoRng, RngCore},
    roll::VoterKey,
};

/// Opens a ballot, and compares it with what the voter knows and chose.
pub fn check(
    election: &Election,
    bytes: &[u8],
    expected: &Expected,
    chosen: Option<&Value>,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Value> {
    let opening = object(bytes, &[Kind::SpoilOpening])?;
    let opening = election.read_opening(opening).map_err(|error| Fault::new("bytes", error))?;
    let voter = opening.voter();
    expected.check(opening.tracker(), voter)?;
    let opened = election.check_opening(&opening, rng).map_err(|error| match error {
        OpeningError::Randomness => Fault::randomness(),
        error => Fault::new("ballot", error),
    })?;
    if let Some(chosen) = chosen {
        let weight = opened.weight.unwrap_or(1);
        let chosen = choices::choices(election.manifest(), chosen, weight)?;
        opened.compare(&chosen).map_err(|difference| Fault::new("difference", difference))?;
    }
    Ok(json(election, &opened, voter))
}

fn json(election: &Election, opened: &OpenedBallot, voter: VoterKey) -> Value {
    let mut json = heading(election.manifest(), &opened.header);
    json.insert("tracker".into(), opened.tracker.to_string().into());
    json.insert("voter".into(), voter.to_string().into());
    json.insert("weight".into(), opened.weight.map(count).into());
    let contests = opened.contests.iter().map(contest).collect::<Vec<_>>();
    json.insert("contests".into(), contests.into());
    json.into()
}

fn contest(contest: &OpenedContest) -> Value {
    let marks = contest.marks.iter().map(mark).collect::<Vec<_>>();
    json!({ "id": contest.id, "text": contest.to_string(), "marks": marks })
}

fn mark(mark: &Mark) -> Value {
    let mut json = match mark {
        Mark::Option { name, given } => with(json!({ "kind": "option", "option": name }), *given),
        Mark::WriteIn { name, given } => with(json!({ "kind": "write-in", "name": name }), *given),
        Mark::Grade { name, grade } => json!({ "kind": "grade", "option": name, "grade": grade }),
        Mark::Counted { id } => json!({ "kind": "mark", "mark": id }),
        _ => json!({ "kind": "unreadable" }),
    };
    if let Some(json) = json.as_object_mut() {
        json.insert("text".into(), mark.to_string().into());
    }
    json
}

fn with(mut json: Value, given: Given) -> Value {
    let given = match given {
        Given::Votes(votes) => ("votes", votes),
        Given::Rank(rank) => ("rank", rank),
        Given::Against(votes) => ("against", votes),
        Given::Grade(grade) => ("grade", grade),
        _ => return json,
    };
    if let Some(json) = json.as_object_mut() {
        json.insert(given.0.into(), count(given.1));
    }
    json
}
