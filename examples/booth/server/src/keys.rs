//! The keys that the server signs with.

use crate::failure::{Failure, at};
use std::{fs, path::Path};
use tabella::{AuthorSecret, Manifest, keys::AtRest, log::checkpoint::LogSecret};
use zeroize::Zeroizing;

/// The secret in a file that `tabella key` made, under the passphrase in the first line of another.
fn open<S: AtRest<Public = ()>>(key: &Path, passphrase: &Path) -> Result<S, Failure> {
    let text = Zeroizing::new(at(passphrase, fs::read_to_string(passphrase))?);
    let sealed = at(key, fs::read(key))?;
    S::unseal(&(), &sealed, text.lines().next().unwrap_or_default())
        .map_err(|error| Failure::of(key, error))
}

/// The operator's secret, which signs receipts.
pub fn operator(key: &Path, pass: &Path, manifest: &Manifest) -> Result<AuthorSecret, Failure> {
    let secret: AuthorSecret = open(key, pass)?;
    match secret.public() == manifest.operator() {
        true => Ok(secret),
        false => Err(Failure::of(
            key,
            format!(
                "the key {}, and the manifest's operator has {}",
                secret.public(),
                manifest.operator()
            ),
        )),
    }
}

/// The log's secret, which signs checkpoints.
pub fn log(key: &Path, pass: &Path, manifest: &Manifest) -> Result<LogSecret, Failure> {
    let secret: LogSecret = open(key, pass)?;
    match manifest.log() {
        None => Err(Failure::of(key, "the manifest names no log that could sign checkpoints")),
        Some(log) if secret.public() != *log.key() => Err(Failure::of(
            key,
            format!("the key {}, and the manifest's log has {}", secret.public(), log.key()),
        )),
        Some(_) => Ok(secret),
    }
}
