//! What the operator sees and does, with the token.

use super::{App, Refused, body};
use crate::desk::Command;
use axum::{
    Json,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tabella::keys::Round;

/// Refuses whoever does not have the token.
fn check(app: &App, headers: &HeaderMap) -> Result<(), Refused> {
    let given = headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    let token = given.and_then(|given| given.split_once(' '));
    let is_it = token.is_some_and(|(scheme, token)| {
        scheme.eq_ignore_ascii_case("bearer") && app.token.is(token.trim())
    });
    match is_it {
        true => Ok(()),
        false => Err(Refused::new(
            StatusCode::UNAUTHORIZED,
            "token",
            "the operator's token is wrong or missing: it was printed at the start of the server",
        )),
    }
}

/// Where the election is, what was refused, and what can be done.
pub async fn overview(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    check(&app, &headers)?;
    let published = app.published();
    let refused = app.refused.lock().unwrap_or_else(|broken| broken.into_inner()).clone();
    let http = refused.iter().map(|(status, count)| json!({"status": status, "count": count}));
    let http: Vec<Value> = http.collect();
    Ok(Json(json!({
        "status": published.status,
        "log_key": published.commands.contains(&"checkpoint"),
        "refusals": published.refusals,
        "http": http,
        "waiting": app.desk.waiting(),
        "started": app.started,
        "commands": published.commands,
    })))
}

/// Which round ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    round: Ending,
}

/// A round of the key ceremony, by what trustees send in it.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ending {
    Commits,
    Deals,
    Complaints,
    Confirmations,
}

impl From<Ending> for Round {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Commits => Self::Commit,
            Ending::Deals => Self::Deal,
            Ending::Complaints => Self::Complain,
            Ending::Confirmations => Self::Confirm,
        }
    }
}

/// What a withdrawal needs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdraw {
    contest: String,
    option: String,
    reason: String,
}

/// Does what the operator wants, and answers when the disk has it.
pub async fn command(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<Value>, Refused> {
    check(&app, request.headers())?;
    let (body, _room) = body::read(&app, request.into_body()).await?;
    let command = match name.as_str() {
        "round" => {
            let End { round } = serde_json::from_slice(&body).map_err(Refused::bad)?;
            Command::Round(round.into())
        }
        "rehearse" => Command::Rehearse,
        "freeze" => Command::Freeze,
        "lift" => Command::Lift,
        "tally" => Command::Tally,
        "publish" => Command::Publish,
        "checkpoint" => Command::Checkpoint,
        "withdraw" => {
            let Withdraw { contest, option, reason } =
                serde_json::from_slice(&body).map_err(Refused::bad)?;
            Command::Withdraw { contest, option, reason }
        }
        _ => return Err(Refused::missing("not-found", format!("there is no command '{name}'"))),
    };
    let done = app.desk.operate(command).await?.map_err(Refused::conflict)?;
    Ok(Json(json!({"done": done, "status": app.published().status})))
}
