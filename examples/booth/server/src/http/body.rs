//! Bodies, of which no more is kept than is allowed, and not for longer.

use super::{App, Refused};
use crate::desk::Down;
use axum::{
    body::{Body, HttpBody},
    http::StatusCode,
};
use http_body_util::BodyExt;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

/// Bytes a second that a sender must keep up on the average.
const LEAST_RATE: u64 = 16 << 10;

/// Reads a body. While the second part lives, its bytes count among all that are in memory.
pub async fn read(
    app: &App,
    body: Body,
) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), Refused> {
    let most = app.published().status.largest_body;
    let large = |found: &dyn std::fmt::Display| {
        let sentence = format!("{found} bytes; at most {most} are taken now");
        Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", sentence)
    };
    let said = body.size_hint().lower();
    if said > most as u64 {
        return Err(large(&said));
    }
    let (begin, mut body) = (Instant::now() + app.limits.patience, body);
    let (mut bytes, mut room) = (Vec::new(), None::<OwnedSemaphorePermit>);
    loop {
        let end = begin + Duration::from_millis(bytes.len() as u64 * 1000 / LEAST_RATE);
        let frame = timeout_at(end, body.frame()).await.map_err(|_| {
            let sentence = format!("{} bytes had come when time was up", bytes.len());
            Refused::new(StatusCode::REQUEST_TIMEOUT, "too-slow", sentence)
        })?;
        let Some(frame) = frame else { return Ok((bytes, room)) };
        let frame = frame.map_err(|error| Refused::bad(format!("the body: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if data.is_empty() {
            continue;
        }
        if bytes.len() + data.len() > most {
            return Err(large(&format_args!("more than {most}")));
        }
        // A frame has at most as many bytes as a body.
        let more = u32::try_from(data.len()).map_err(|_| large(&data.len()))?;
        let more = Arc::clone(&app.bodies).try_acquire_many_owned(more);
        let more = more.map_err(|_| Refused::from(Down::Busy))?;
        match &mut room {
            Some(room) => room.merge(more),
            None => room = Some(more),
        }
        bytes.extend_from_slice(&data);
    }
}
