//! The page's files, the record's files, and the headers of every answer.

use crate::booth::{Booth, Running, limits};
use std::fs;

#[tokio::test(flavor = "multi_thread")]
async fn files_come_with_their_headers() {
    let booth = Booth::new();
    let page = booth.path("page");
    fs::create_dir_all(page.join("texts")).unwrap();
    fs::write(page.join("index.html"), "<!doctype html><title>Booth</title>").unwrap();
    fs::write(page.join("voter.wasm"), vec![0; 5000]).unwrap();
    fs::write(page.join("texts/ru.json"), "{}").unwrap();
    fs::write(page.join(".secret"), "no").unwrap();
    let server = Running::of(booth.try_serve(limits(), Some(page)).await.unwrap());
    let cookie = ["/", "/voter.wasm", "/api/status", "/api/none", "/record/", "/nothing"];
    for path in cookie {
        let answer = server.client.get(path).await.unwrap();
        let header = |name: &str| {
            answer.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
        };
        assert!(header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe-inline"));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(header("set-cookie"), "");
    }
    let wasm = server.client.get("/voter.wasm").await.unwrap();
    assert_eq!(wasm.headers["content-type"], "application/wasm");
    assert_eq!(
        (wasm.headers["cache-control"].as_bytes(), wasm.body.len()),
        (&b"no-cache"[..], 5000)
    );
    let tag = wasm.headers["etag"].to_str().unwrap();
    let known = [("if-none-match", tag)];
    assert_eq!(server.send("GET", "/voter.wasm", &known, Vec::new()).await.0, 304);
    let packed = [("accept-encoding", "br, gzip")];
    let packed =
        server.client.send(axum::http::Method::GET, "/voter.wasm", &packed, "").await.unwrap();
    assert_eq!(packed.headers["content-encoding"], "gzip");
    assert!(packed.body.len() < 5000);
    assert_eq!(server.get("/texts/ru.json").await.0, 200);
    for path in [
        "/.secret",
        "/../operator.key",
        "/%2e%2e/operator.key",
        "/record/../operator.key",
        "/record/%2e%2e%2foperator.key",
        "/record/board/../../operator.key",
    ] {
        assert_eq!(server.get(path).await.0, 404, "{path}");
    }
    assert_eq!(server.send("POST", "/", &[], Vec::new()).await.0, 405);
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_the_record_are_given() {
    let booth = Booth::new();
    let server = booth.serve(limits()).await;
    let segment = "/record/board/00000000.bin";
    let whole = server.client.get(segment).await.unwrap().body;
    let range = [("range", "bytes=10-19")];
    let part = server.client.send(axum::http::Method::GET, segment, &range, "").await.unwrap();
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &whole[10..20]));
    let range = [("range", "bytes=10-")];
    let part = server.client.send(axum::http::Method::GET, segment, &range, "").await.unwrap();
    assert_eq!(&part.body[..], &whole[10..]);
    let beyond = [("range", "bytes=99999999-")];
    assert_eq!(server.send("GET", segment, &beyond, Vec::new()).await.0, 416);
    let plain = [("accept", "text/plain")];
    let (_, list) = server.send("GET", "/record/", &plain, Vec::new()).await;
    let first = list.as_str().unwrap().lines().next().unwrap();
    assert_eq!(first, format!("{} board/00000000.bin", whole.len()));
    server.end().await;
}
