//! What is asked over HTTP. README.md of this folder's crate has the interface.

mod body;
mod connections;
mod headers;
mod messages;
mod operator;
mod pages;
mod reads;
mod record;
mod refused;

pub(crate) use connections::accept;
pub(crate) use headers::policy;
pub(crate) use pages::Pages;
use refused::Refused;

use crate::{
    desk::Desk,
    published::{Published, now},
    serve::Limits,
    token::Token,
};
use axum::{
    Router,
    http::{HeaderValue, Method, StatusCode},
    middleware,
    routing::{get, post},
};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tokio::sync::Semaphore;

/// What all handlers share.
pub(crate) struct App {
    desk: Desk,
    token: Arc<Token>,
    pages: Pages,
    /// What a browser lets the page do.
    policy: HeaderValue,
    board: PathBuf,
    limits: Limits,
    /// Bytes of bodies for which there is room.
    bodies: Arc<Semaphore>,
    /// How often each status was answered that refuses.
    refused: Mutex<BTreeMap<u16, u64>>,
    started: u64,
}

impl App {
    pub(crate) fn new(
        desk: Desk,
        token: Arc<Token>,
        pages: Pages,
        policy: HeaderValue,
        board: PathBuf,
        limits: Limits,
    ) -> Arc<Self> {
        let bodies = Arc::new(Semaphore::new(limits.bodies));
        let (refused, started) = (Mutex::default(), now());
        Arc::new(Self { desk, token, pages, policy, board, limits, bodies, refused, started })
    }

    fn published(&self) -> Arc<Published> {
        self.desk.published()
    }

    /// Counts an answer that refuses.
    fn count(&self, status: StatusCode) {
        let mut refused = self.refused.lock().unwrap_or_else(|broken| broken.into_inner());
        *refused.entry(status.as_u16()).or_default() += 1;
    }
}

/// All paths.
fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/api/status", get(reads::status))
        .route("/api/bundle", get(reads::bundle))
        .route("/api/voters/{key}", get(reads::voter))
        .route("/api/roll", get(reads::roll))
        .route("/api/messages", post(messages::take))
        .route("/api/ballots/{tracker}", get(reads::ballot))
        .route("/api/entries/{number}", get(reads::entry))
        .route("/api/checkpoint", get(reads::checkpoint))
        .route("/api/consistency", get(reads::consistency))
        .route("/api/turnout", get(reads::turnout))
        .route("/api/operator", get(operator::overview))
        .route("/api/operator/{command}", post(operator::command))
        .route("/record/", get(record::list))
        .route("/record/{*path}", get(record::file))
        .fallback(pages::page)
        .method_not_allowed_fallback(async |method: Method| {
            Refused::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                format!("{method} is not taken here"),
            )
        })
        .layer(middleware::from_fn_with_state(app.clone(), headers::around))
        .with_state(app)
}
