//! A client of the server.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Request, StatusCode},
};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use std::{error::Error, net::SocketAddr};

/// Connections to one server.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    #[allow(dead_code, reason = "not all programs look at them")]
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { pool: Pool::builder(TokioExecutor::new()).build(connector), address }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer> {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.pool.request(request.body(Full::new(body.into()))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// Posts one message, and gives what became of it.
    pub async fn post(&self, object: impl Into<Bytes>) -> Result<Value> {
        let headers = [("content-type", "application/octet-stream")];
        let answer = self.send(Method::POST, "/api/messages", &headers, object).await?;
        let mut json = answer.json()?;
        match answer.status {
            StatusCode::OK => Ok(json.get_mut(0).map(Value::take).unwrap_or_default()),
            status => Err(format!("{status}: {json}").into()),
        }
    }
}
