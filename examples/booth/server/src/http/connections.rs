//! Connections: no more at once than are allowed, and none that waits for long.

use super::{App, router};
use axum::{body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::poll_fn, io::ErrorKind, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;
use tracing::{debug, warn};

/// Connections beyond those that are allowed that are told so at once; all others are dropped.
const TURNED_AWAY: usize = 256;
/// How much of what was sent and is not wanted is read, so that the answer arrives, and for how long.
const LINGER: (u64, Duration) = (4 << 20, Duration::from_secs(2));
/// What they are told.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Type: application/json\r\n\
    Content-Length: 84\r\n\r\n{\"error\":\"too many connections are open: try again in some seconds\",\"reason\":\"busy\"}";

/// Takes connections until it is to end; then waits for the answers that are under way.
pub async fn accept(listener: TcpListener, app: Arc<App>, mut draining: watch::Receiver<()>) {
    let patience = app.limits.patience;
    let places = Arc::new(Semaphore::new(app.limits.connections));
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY));
    let all = u32::try_from(app.limits.connections).unwrap_or(u32::MAX);
    let routes = router(app);
    loop {
        let accepted = tokio::select! {
            _ = draining.changed() => break,
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) if is_of_connection(error.kind()) => continue,
            Err(error) => {
                // No more files can be open: some will be closed soon.
                warn!(%error, "no connection is taken");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            let (routes, draining) = (routes.clone(), draining.clone());
            tokio::spawn(async move {
                serve(stream, routes, patience, draining).await;
                drop(place);
            });
        } else if let Ok(place) = Arc::clone(&turned_away).try_acquire_owned() {
            tokio::spawn(async move {
                let mut stream = stream;
                if timeout(LINGER.1, stream.write_all(FULL)).await.is_ok_and(|sent| sent.is_ok()) {
                    linger(stream).await;
                }
                drop(place);
            });
        }
    }
    drop(listener);
    if timeout(patience, places.acquire_many(all)).await.is_err() {
        debug!("connections are left that answer nothing any more");
    }
}

/// Whether it is the connection that failed, and not this server.
fn is_of_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    )
}

async fn serve(
    stream: TcpStream,
    routes: axum::Router,
    patience: Duration,
    mut draining: watch::Receiver<()>,
) {
    // Small answers are sent at once; if that cannot be set, they are sent a little later.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(patience));
    let service = routes.map_request(|request: Request<Incoming>| request.map(Body::new));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(service));
    let mut told = false;
    let ended = loop {
        let ended = tokio::select! {
            ended = poll_fn(|context| connection.poll_without_shutdown(context)) => Some(ended),
            _ = draining.changed(), if !told => None,
        };
        if let Some(ended) = ended {
            break ended;
        }
        told = true;
        Pin::new(&mut connection).graceful_shutdown();
    };
    match ended {
        Ok(()) => linger(connection.into_parts().io.into_inner()).await,
        Err(error) => debug!(%error, "a connection ended"),
    }
}

/// Closes a connection so that the last answer arrives: as long as there is something to read, closing would take it back.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let reading = async {
        if stream.shutdown().await.is_ok() {
            let mut rest = stream.take(LINGER.0);
            let mut buffer = [0; 8 << 10];
            while rest.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        }
    };
    // After that it does not matter.
    let _ = timeout(LINGER.1, reading).await;
}

#[cfg(test)]
mod tests {
    use super::FULL;

    #[test]
    fn those_who_are_turned_away_are_told_all() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{}", body.len());
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}
