//! What stands around every answer: its headers, a line in the log, and a place in the counts.

use super::App;
use crate::Failure;
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Instant};
use tracing::{debug, warn};

/// Nothing comes from elsewhere, and nothing that stands in a page is run. One node of a chain may be asked.
pub fn policy(node: Option<&str>) -> Result<HeaderValue, Failure> {
    // A policy has these characters between its parts.
    let is_url = |node: &str| {
        let apart = |sign: char| !sign.is_ascii_graphic() || ";,'\"?#".contains(sign);
        (node.starts_with("http://") || node.starts_with("https://")) && !node.contains(apart)
    };
    if let Some(wrong) = node.filter(|node| !is_url(node)) {
        return Err(Failure::new(format!(
            "the chain's node {wrong:?} is no address; expected http://… or https://…, without '?', '#', ';' and ','"
        )));
    }
    let node = node.map(|node| format!(" {node}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{node}; worker-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types booth"
    );
    policy.parse().map_err(Failure::new)
}

const HEADERS: [(HeaderName, &str); 6] = [
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Passes a request on, and completes the answer.
pub async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let method = request.method().clone();
    // Not the path itself: it may say who looks for which ballot.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, app.policy.clone());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let (status, path) = (response.status(), path.as_ref().map_or("a page", MatchedPath::as_str));
    let milliseconds = begin.elapsed().as_millis() as u64;
    if status.is_client_error() || status.is_server_error() {
        app.count(status);
    }
    match status.is_server_error() {
        true => warn!(%method, path, status = status.as_u16(), milliseconds, "answered"),
        false => debug!(%method, path, status = status.as_u16(), milliseconds, "answered"),
    }
    response
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn a_policy_names_one_node() {
        let connect = |node| {
            let policy = policy(node).unwrap();
            let policy = policy.to_str().unwrap();
            let parts: Vec<_> = policy.split("; ").collect();
            assert_eq!(parts.len(), 13, "{policy}");
            parts[5].to_owned()
        };
        assert_eq!(connect(None), "connect-src 'self'");
        let node = "https://node.example/v3/key";
        assert_eq!(connect(Some(node)), format!("connect-src 'self' {node}"));
        for wrong in ["*", "node.example", "http://a; script-src *", "http://a,b", "http://a 'x'"] {
            let error = policy(Some(wrong)).unwrap_err().to_string();
            assert!(error.contains("expected http://"), "{error}");
        }
    }
}
