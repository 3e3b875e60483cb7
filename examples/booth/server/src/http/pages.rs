//! The files of the page, in memory.

use super::{App, Refused};
use crate::failure::{Failure, at};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Most bytes of all files.
const MOST: u64 = 64 << 20;

/// All files, by their paths.
#[derive(Default)]
pub struct Pages(BTreeMap<String, Page>);

struct Page {
    bytes: Bytes,
    /// The same compressed, if that is shorter.
    gzip: Option<Bytes>,
    kind: &'static str,
    tag: HeaderValue,
}

impl Pages {
    /// The files in this folder and those in it. Names that begin with a dot, and links, are left out.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let (mut pages, mut sum) = (BTreeMap::new(), 0);
        let mut folders = vec![(folder.to_owned(), String::new())];
        while let Some((folder, above)) = folders.pop() {
            for entry in at(&folder, fs::read_dir(&folder))? {
                let entry = at(&folder, entry)?;
                let (path, kind) = (entry.path(), at(&folder, entry.file_type())?);
                let name = entry.file_name().into_string();
                let name = name.map_err(|name| Failure::of(&folder.join(name), "not a name"))?;
                if name.starts_with('.') || kind.is_symlink() {
                    continue;
                }
                let name = format!("{above}/{name}");
                if kind.is_dir() {
                    folders.push((path, name));
                } else {
                    sum += at(&path, fs::metadata(&path))?.len();
                    if sum > MOST {
                        let wrong = format!("the page has more than {MOST} bytes");
                        return Err(Failure::of(&folder, wrong));
                    }
                    let page = Page::read(path, &name)?;
                    pages.insert(name, page);
                }
            }
        }
        Ok(Self(pages))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl Page {
    fn read(path: PathBuf, name: &str) -> Result<Self, Failure> {
        let bytes = at(&path, fs::read(&path))?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let gzip = at(&path, gzip.write_all(&bytes).and_then(|()| gzip.finish()))?;
        let gzip = (gzip.len() < bytes.len()).then(|| gzip.into());
        let tag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes)));
        let tag = tag.parse().map_err(|error| Failure::of(&path, error))?;
        Ok(Self { bytes: bytes.into(), gzip, kind: kind(name), tag })
    }
}

/// The type of a file by its ending.
fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A file of the page.
pub async fn page(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let path = uri.path();
    if !matches!(method, Method::GET | Method::HEAD) {
        let sentence = format!("{method} is not taken here");
        return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, "method", sentence));
    }
    let name = if path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() };
    let page = app.pages.0.get(&name);
    let page = page.ok_or_else(|| Refused::missing("not-found", "there is no such page"))?;
    let Page { bytes, gzip, kind, tag } = page;
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|accepted| accepted.to_str().ok());
    let gzip = gzip.as_ref().filter(|_| accepted.is_some_and(takes_gzip));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| *tag == one.trim()));
    let mut response = match is_known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Body::from(gzip.unwrap_or(bytes).clone()).into_response(),
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, tag.clone());
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if !is_known {
        out.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if gzip.is_some() {
            out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    Ok(response)
}

fn takes_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|one| {
        let (name, rest) = one.split_once(';').unwrap_or((one, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(rest.trim(), "q=0" | "q=0.0")
    })
}
