//! What voters and everybody read.

use super::{App, Refused};
use crate::{
    desk::{Down, Reason},
    published::{Newest, Status},
};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::header,
    response::IntoResponse,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fmt::Display, str::FromStr, sync::Arc, time::Duration};
use tabella::{
    Manifest,
    ballot::{Header, Origin, Tracker},
    board::{FindError, Found, Posted},
    codec::Encode,
    crypto::group::Element,
    log::checkpoint::EntryProof,
    record::DiskBoard,
    roll::{Roll, Voter, VoterKey},
    views,
};
use tokio::time::timeout;

/// How long an answer of the board may take.
const PATIENCE: Duration = Duration::from_secs(10);

type Answer<T = Json<Value>> = Result<T, Refused>;

pub async fn status(State(app): State<Arc<App>>) -> Json<Status> {
    Json(app.published().status.clone())
}

pub async fn bundle(State(app): State<Arc<App>>) -> Answer<impl IntoResponse> {
    let bundle = app.published().bundle.clone();
    let bundle = bundle.ok_or_else(|| {
        Refused::missing("no-keys", "the election has no keys yet: its key ceremony is not over")
    })?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bundle.to_string()))
}

pub async fn turnout(State(app): State<Arc<App>>) -> impl IntoResponse {
    let turnout = app.published().turnout.to_string();
    ([(header::CONTENT_TYPE, "application/json")], turnout)
}

/// Asks the board.
async fn ask<T: Send + 'static>(
    app: &App,
    question: impl FnOnce(&DiskBoard) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    timeout(PATIENCE, app.desk.ask(question)).await.map_err(|_| Down::Busy)??
}

/// A part of a path or a parameter.
fn read<T: FromStr<Err: Display>>(name: &str, text: &str) -> Answer<T> {
    text.parse().map_err(|error: T::Err| Refused::bad(format!("{name}: {error}")))
}

fn manifest(board: &DiskBoard) -> Answer<&Manifest> {
    board.state().manifest().ok_or_else(|| Refused::failed("the board has no manifest"))
}

/// A line of the roll.
pub async fn voter(State(app): State<Arc<App>>, Path(key): Path<String>) -> Answer {
    let key: VoterKey = read("the voter's key", &key)?;
    let line = ask(&app, move |board| {
        let (state, manifest) = (board.state(), manifest(board)?);
        let missing = || Refused::missing("not-on-the-roll", "this key is not on the roll");
        let element = Element::from_canonical(*key.as_bytes()).map_err(|_| missing())?;
        let roll = state.roll().ok_or_else(|| {
            Refused::missing("not-on-the-roll", "the roll is not on the board yet")
        })?;
        let voter = roll.voter(&element).ok_or_else(missing)?;
        let style = manifest.styles().get(usize::from(voter.style));
        let district = style.and_then(|style| manifest.districts().get(style.district));
        Ok(json!({
            "voter": key.to_string(),
            "style": style.map(|style| &style.id),
            "district": district.map(|district| &district.id),
            "weight": voter.weight,
            "sequence": state.next_sequence(&element),
            "entries": board.entries_of(&key).map_err(Refused::failed)?,
        }))
    });
    line.await.map(Json)
}

/// All of the roll, for stations that go on without a network.
pub async fn roll(State(app): State<Arc<App>>) -> Answer {
    let roll = ask(&app, |board| {
        let (state, manifest) = (board.state(), manifest(board)?);
        let line = |(key, voter): (VoterKey, Voter)| {
            let style = manifest.styles().get(usize::from(voter.style)).map(|style| &style.id);
            let element = Element::from_canonical(*key.as_bytes()).ok();
            let sequence = element.and_then(|element| state.next_sequence(&element));
            json!([key.to_string(), style, voter.weight, sequence])
        };
        let voters: Vec<Value> =
            state.roll().into_iter().flat_map(Roll::voters).map(line).collect();
        Ok(json!({ "voters": voters }))
    });
    roll.await.map(Json)
}

#[derive(Deserialize)]
pub struct OfVoter {
    voter: Option<String>,
}

/// A ballot by its tracker.
pub async fn ballot(
    State(app): State<Arc<App>>,
    Path(tracker): Path<String>,
    query: Result<Query<OfVoter>, QueryRejection>,
) -> Answer {
    let tracker: Tracker = read("the tracker", &tracker)?;
    let Query(OfVoter { voter }) = query.map_err(|error| Refused::bad(error.body_text()))?;
    let voter: Option<VoterKey> = voter.map(|key| read("voter", &key)).transpose()?;
    let newest = app.published().checkpoint.clone();
    ask(&app, move |board| found(board, &tracker, voter.as_ref(), newest.as_deref()))
        .await
        .map(Json)
}

fn found(
    board: &DiskBoard,
    tracker: &Tracker,
    voter: Option<&VoterKey>,
    newest: Option<&Newest>,
) -> Answer<Value> {
    let found = board.find(tracker, voter).map_err(|error| match error {
        FindError::Log(error) => Refused::failed(error),
        error => Refused::conflict(Reason { reason: "other-voter", error: error.to_string() }),
    })?;
    let missing = || {
        let sentence = "no ballot with this tracker is on the board";
        Refused::missing("not-there", sentence)
    };
    let Found { entry, posted, replaced_by, opened_by } = found.ok_or_else(missing)?;
    let Posted { fate, voter, tracker, header } = posted;
    let manifest = manifest(board)?;
    let header = header.map(|Header { style, sequence, origin }| {
        let style = manifest.styles().get(usize::from(style)).map(|style| style.id.as_str());
        let station = match origin {
            Origin::Station(place) => manifest.stations().get(usize::from(place)),
            Origin::Remote => None,
        };
        (style, sequence, station.map(|station| station.id.as_str()))
    });
    let opening = opened_by.map(|entry| object(board, entry)).transpose()?;
    Ok(json!({
        "entry": entry,
        "fate": fate.to_string(),
        "voter": voter.to_string(),
        "tracker": tracker.to_string(),
        "style": header.map(|(style, ..)| style),
        "sequence": header.map(|(_, sequence, _)| sequence),
        "station": header.map(|(.., station)| station),
        "replaced_by": replaced_by,
        "opened_by": opened_by,
        "object": STANDARD.encode(object(board, entry)?),
        "opening": opening.map(|opening| STANDARD.encode(opening)),
        "proof": proof(board, entry, newest)?,
    }))
}

fn object(board: &DiskBoard, entry: u64) -> Answer<Vec<u8>> {
    let missing = || Refused::missing("not-there", format!("the board has no entry {entry}"));
    Ok(board.read(entry).map_err(Refused::failed)?.ok_or_else(missing)?.into_owned())
}

/// The proof that the newest checkpoint has an entry, if it has.
fn proof(board: &DiskBoard, entry: u64, newest: Option<&Newest>) -> Answer<Option<String>> {
    let covers = |newest: &&Newest| newest.signed.checkpoint().size() > entry;
    let Some(Newest { signed, .. }) = newest.filter(covers) else { return Ok(None) };
    let inclusion = board.hashes().inclusion(entry, signed.checkpoint().size());
    let inclusion = inclusion.map_err(Refused::failed)?;
    let proof = EntryProof::new(inclusion, signed.clone()).map_err(Refused::failed)?;
    Ok(Some(proof.to_string()))
}

#[derive(Deserialize)]
pub struct Under {
    size: Option<u64>,
}

/// Any entry.
pub async fn entry(
    State(app): State<Arc<App>>,
    Path(number): Path<String>,
    query: Result<Query<Under>, QueryRejection>,
) -> Answer {
    let number: u64 = read("the entry's number", &number)?;
    let Query(Under { size }) = query.map_err(|error| Refused::bad(error.body_text()))?;
    let newest = app.published().checkpoint.clone();
    let answer = ask(&app, move |board| {
        let bytes = object(board, number)?;
        let view: Value =
            serde_json::from_str(&views::entry(number, &bytes)).map_err(Refused::failed)?;
        let inclusion = size.map(|size| board.hashes().inclusion(number, size)).transpose();
        let inclusion = inclusion.map_err(Refused::bad)?;
        Ok(json!({
            "entry": number,
            "view": view,
            "object": STANDARD.encode(bytes),
            "proof": proof(board, number, newest.as_deref())?,
            "inclusion": inclusion.map(|proof| hex::encode(proof.to_bytes())),
        }))
    });
    answer.await.map(Json)
}

#[derive(Serialize)]
pub struct Signed {
    size: u64,
    root: String,
    checkpoint: String,
    time: u64,
}

pub async fn checkpoint(State(app): State<Arc<App>>) -> Answer<Json<Signed>> {
    let newest = app.published().checkpoint.clone().ok_or_else(|| {
        Refused::missing("no-checkpoint", "no checkpoint of this board is signed")
    })?;
    let Newest { signed, time } = &*newest;
    let (size, root) = (signed.checkpoint().size(), signed.checkpoint().root().to_string());
    Ok(Json(Signed { size, root, checkpoint: signed.to_string(), time: *time }))
}

#[derive(Deserialize)]
pub struct Between {
    from: u64,
    to: Option<u64>,
}

/// The proof that a board continues an earlier one.
pub async fn consistency(
    State(app): State<Arc<App>>,
    query: Result<Query<Between>, QueryRejection>,
) -> Answer {
    let Query(Between { from, to }) = query.map_err(|error| Refused::bad(error.body_text()))?;
    let newest = app.published().checkpoint.clone();
    let last = newest.as_ref().map(|newest| newest.signed.checkpoint().size());
    let to = to.or(last).ok_or_else(|| {
        Refused::bad("no checkpoint of this board is signed: say `to`, a size of the board")
    })?;
    let proof = ask(&app, move |board| board.hashes().consistency(from, to).map_err(Refused::bad));
    let proof = proof.await?;
    let signed = newest.filter(|_| last == Some(to)).map(|newest| newest.signed.to_string());
    Ok(Json(json!({
        "from": from, "to": to, "proof": hex::encode(proof.to_bytes()), "checkpoint": signed,
    })))
}
