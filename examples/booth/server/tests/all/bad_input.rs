//! What nobody should send. Each gets a clear answer, and the server goes on.

use crate::booth::{Booth, Running, limits};
use booth_server::Limits;
use std::{fs, net::SocketAddr, time::Duration};
use tabella::board::Kind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

/// Sends bytes, and reads until the server closes. What cannot be sent any more is not sent.
async fn raw(address: SocketAddr, head: &str, chunks: impl IntoIterator<Item = Vec<u8>>) -> String {
    let (mut read, mut write) = TcpStream::connect(address).await.unwrap().into_split();
    write.write_all(head.as_bytes()).await.unwrap();
    let chunks: Vec<_> = chunks.into_iter().collect();
    let sending = tokio::spawn(async move {
        for chunk in chunks {
            if write.write_all(&chunk).await.is_err() {
                break;
            }
        }
        // Held until the answer is there.
        write
    });
    let mut answer = Vec::new();
    let reading = read.read_to_end(&mut answer);
    // A connection that is reset has given what it gave.
    let _ = timeout(Duration::from_secs(20), reading).await.expect("an answer in time");
    drop(sending);
    String::from_utf8_lossy(&answer).into_owned()
}

const OCTETS: &str =
    "POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n";

async fn goes_on(booth: &Booth, server: &Running, sequence: u32) {
    let answer = server.post(booth.ballot(0, 0, sequence)).await;
    assert_eq!(answer["new"], true, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    const SIZE: usize = 100 << 20;
    let million = || std::iter::repeat_n(vec![b'x'; 1 << 20], 100);
    let head = format!("{OCTETS}Content-Length: {SIZE}\r\n\r\n");
    let answer = raw(server.address, &head, million()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("104857600 bytes; at most 1048576 are taken now"), "{answer}");
    // Without a length in advance.
    let chunks = million().map(|chunk| [b"100000\r\n", &chunk[..], b"\r\n"].concat());
    let head = format!("{OCTETS}Transfer-Encoding: chunked\r\n\r\n");
    let answer = raw(server.address, &head, chunks).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    goes_on(&booth, &server, 0).await;
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_senders() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    // A body of which a part comes.
    let head = format!("{OCTETS}Content-Length: 1000\r\n\r\n");
    let begin = Instant::now();
    let answer = raw(server.address, &head, [vec![5; 10]]).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("too-slow"), "{answer}");
    assert!(begin.elapsed() < Duration::from_secs(10));
    // A head that does not end, and a connection on which nothing is asked: both are closed.
    for head in ["GET /api/status HTTP/1.1\r\nHost: x\r\n", ""] {
        let begin = Instant::now();
        raw(server.address, head, []).await;
        assert!(begin.elapsed() < Duration::from_secs(10), "'{head}'");
    }
    // One that stays open after an answer is closed, too.
    let begin = Instant::now();
    let answer = raw(server.address, "GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n", []).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(begin.elapsed() < Duration::from_secs(10));
    goes_on(&booth, &server, 0).await;
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    let (text, octets) =
        (("content-type", "text/plain"), ("content-type", "application/octet-stream"));
    let path = "/api/messages";
    let damaged = "-----BEGIN TABELLA BALLOT-----\nBQ?=\n-----END TABELLA BALLOT-----\n";
    for (header, body, status) in [
        (text, b"good day".to_vec(), 400),
        (text, damaged.into(), 400),
        (text, vec![0xff, 0xfe], 400),
        (octets, Vec::new(), 400),
        (("content-type", "application/json"), b"{}".to_vec(), 415),
    ] {
        let (found, answer) = server.send("POST", path, &[header], body).await;
        assert_eq!(found, status, "{answer}");
        assert!(answer["error"].as_str().is_some_and(|error| error.len() > 10), "{answer}");
    }
    // Every kind of object with nothing sensible in it, a manifest among them.
    for kind in 0..=255u8 {
        for length in [0, 1, 40, 5000] {
            let mut object = vec![kind];
            object.resize(length + 1, 7);
            let answer = server.post(object).await;
            assert!(answer["refused"]["reason"].is_string(), "{kind}: {answer}");
        }
    }
    for path in [
        "/api/voters/voterkey1nothing",
        "/api/ballots/tracker1nothing",
        "/api/entries/x",
        "/api/entries/99999999999999999999",
        "/api/consistency",
        "/api/consistency?from=9999999",
        "/api/consistency?from=-1",
    ] {
        let (status, answer) = server.get(path).await;
        assert_eq!(status, 400, "{path}: {answer}");
        assert!(answer["error"].is_string(), "{path}: {answer}");
    }
    assert_eq!(server.get("/api/entries/9999999").await.0, 404);
    assert_eq!(server.send("DELETE", "/api/status", &[], Vec::new()).await.0, 405);
    goes_on(&booth, &server, 0).await;
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections() {
    let booth = Booth::new();
    let limits = Limits { connections: 500, patience: Duration::from_secs(3), ..limits() };
    let server = booth.serve(limits).await;
    let mut held = Vec::new();
    for _ in 0..2000 {
        held.push(TcpStream::connect(server.address).await.unwrap());
    }
    // Whoever comes now is told so at once, or dropped.
    let begin = Instant::now();
    let answer = raw(server.address, "GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n", []).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(begin.elapsed() < Duration::from_secs(3));
    // Those who ask nothing are closed, though they hold on; then there is room.
    for _ in 0..100 {
        sleep(Duration::from_millis(100)).await;
        if server.client.get("/api/status").await.is_ok_and(|answer| answer.status == 200) {
            goes_on(&booth, &server, 0).await;
            drop(held);
            server.end().await;
            return;
        }
    }
    panic!("no request is served any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_and_keys_that_are_wrong() {
    let (booth, other) = (Booth::new(), Booth::new());
    // Another operator's key.
    fs::copy(other.path("operator.key"), booth.path("operator.key")).unwrap();
    let Err(failure) = booth.try_serve(limits(), None).await else { panic!("another's key") };
    assert!(failure.to_string().contains("the manifest's operator has"), "{failure}");

    // A manifest of which a byte was changed, and one that is none.
    let segment = other.path("election/board/00000000.bin");
    let good = fs::read(&segment).unwrap();
    for place in [0, 3, 5, 40, 200] {
        let mut bad = good.clone();
        bad[place] ^= 0x40;
        fs::write(&segment, bad).unwrap();
        fs::remove_file(other.path("election.snapshot")).ok();
        let failure = other.try_serve(limits(), None).await.err();
        assert!(failure.is_some(), "byte {place}");
    }
    let mut junk = vec![0xff, 0xff, Kind::Manifest as u8];
    junk.resize(65537 + 2, 0xff);
    fs::write(&segment, junk).unwrap();
    assert!(other.try_serve(limits(), None).await.is_err());
    fs::write(&segment, good).unwrap();
    other.serve(limits()).await.end().await;
}
