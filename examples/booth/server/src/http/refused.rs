//! Answers that refuse: a status, a code for programs and a sentence for people.

use crate::desk::{Down, Reason};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Why there is no answer.
#[derive(Debug)]
pub struct Refused {
    status: StatusCode,
    reason: Reason,
}

impl Refused {
    pub fn new(status: StatusCode, reason: &'static str, error: impl ToString) -> Self {
        Self { status, reason: Reason { reason, error: error.to_string() } }
    }

    pub fn bad(error: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", error)
    }

    pub fn missing(reason: &'static str, error: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason, error)
    }

    pub fn conflict(reason: Reason) -> Self {
        Self { status: StatusCode::CONFLICT, reason }
    }

    /// The server itself is at fault.
    pub fn failed(error: impl ToString) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", error)
    }
}

impl From<Down> for Refused {
    fn from(down: Down) -> Self {
        let (reason, error) = match down {
            Down::Busy => ("busy", "too much is waiting, and nothing was taken: try again"),
            Down::Stopping => (
                "stopping",
                "the server is ending, or its disk failed: send the same again later, which is safe",
            ),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, reason, error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self { status, reason } = self;
        let mut response = (status, Json(reason)).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            // What is left of the body is not read.
            StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}
