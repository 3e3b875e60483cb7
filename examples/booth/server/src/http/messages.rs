//! Messages for the board.

use super::{App, Refused, body};
use crate::desk::Answer;
use axum::{
    Json,
    extract::{Request, State},
    http::{StatusCode, header},
};
use std::sync::Arc;
use tabella::board::from_text;

/// Most messages in one body.
const MOST: usize = 1024;

/// Posts the messages of a body, and answers when the disk has those that are accepted.
pub async fn take(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Json<Vec<Answer>>, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_text = match kind.to_ascii_lowercase().as_str() {
        "text/plain" => true,
        "application/octet-stream" => false,
        _ => {
            return Err(Refused::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                format!("Content-Type '{kind}'; text/plain or application/octet-stream are taken"),
            ));
        }
    };
    let (bytes, room) = body::read(&app, request.into_body()).await?;
    let objects = match is_text {
        false if bytes.is_empty() => return Err(Refused::bad("the body is empty")),
        false => vec![bytes],
        true => {
            from_text(std::str::from_utf8(&bytes).map_err(Refused::bad)?).map_err(Refused::bad)?
        }
    };
    if objects.len() > MOST {
        return Err(Refused::bad(format!("{} messages; at most {MOST} at once", objects.len())));
    }
    // On a task of its own: what was sent is posted even if the sender goes away, and is in memory until then.
    let desk = app.desk.clone();
    let posting = tokio::spawn(async move {
        let answers = desk.post(objects).await;
        drop(room);
        answers
    });
    Ok(Json(posting.await.map_err(Refused::failed)??))
}
