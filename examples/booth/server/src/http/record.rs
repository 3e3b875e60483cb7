//! The record's files, for audits, trustees and copies.

use super::{App, Refused};
use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{fmt::Write, io::SeekFrom, sync::Arc};
use tokio::{
    fs,
    io::{AsyncReadExt, AsyncSeekExt},
};
use tokio_util::io::ReaderStream;

/// All files, and the board that they make; as text for scripts, if that is what is accepted.
pub async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let published = app.published();
    let (status, files) = (&published.status, &published.files);
    if headers.get(header::ACCEPT).is_some_and(|accept| accept == "text/plain") {
        let mut text = String::new();
        for file in files.iter() {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{} {}", file.bytes, file.path);
        }
        return text.into_response();
    }
    let files: Vec<_> = files.iter().collect();
    Json(json!({"entries": status.entries, "root": status.root, "files": files})).into_response()
}

/// One file, as far as it belongs to the board.
pub async fn file(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    // A path that is not on the list names nothing on the disk.
    let published = app.published();
    let file = published.files.iter().find(|file| file.path == path);
    let file = file
        .ok_or_else(|| Refused::missing("not-found", format!("the record has no file '{path}'")))?;
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok()).and_then(range);
    let (status, start, end) = match range {
        None => (StatusCode::OK, 0, file.bytes),
        Some((start, last)) if start < file.bytes && last.is_none_or(|last| last >= start) => {
            let end = last.map_or(file.bytes, |last| last.saturating_add(1).min(file.bytes));
            (StatusCode::PARTIAL_CONTENT, start, end)
        }
        Some(_) => {
            let sentence = format!("the file has {} bytes", file.bytes);
            return Err(Refused::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", sentence));
        }
    };
    let mut opened = fs::File::open(app.board.join(&file.path)).await.map_err(Refused::failed)?;
    opened.seek(SeekFrom::Start(start)).await.map_err(Refused::failed)?;
    let stream = ReaderStream::new(opened.take(end - start));
    let kind = match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let mut response = (status, Body::from_stream(stream)).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    out.insert(header::CONTENT_LENGTH, (end - start).into());
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {start}-{}/{}", end - 1, file.bytes);
        out.insert(header::CONTENT_RANGE, range.parse().map_err(Refused::failed)?);
    }
    Ok(response)
}

/// First and last byte of `bytes=FIRST-LAST` or `bytes=FIRST-`. Other forms are not answered with a part.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = if last.is_empty() { None } else { Some(last.parse().ok()?) };
    Some((first.parse().ok()?, last))
}
