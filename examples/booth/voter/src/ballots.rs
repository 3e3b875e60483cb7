//! A ballot on the voter's device: encrypted, then cast or opened.

use crate::{
    choices,
    fault::{Fault, Result, read},
    given::Heading,
    look, mistakes,
    objects::{Object, Objects, Sealed},
};
use alloc::{boxed::Box, string::ToString, vec::Vec};
use serde_json::{Value, json};
use tabella::{
    Credential,
    board::{self, Object as _},
    crypto::ProveError,
    rand_core::{CryptoRng, RngCore},
};

/// A credential from its text, which came as bytes.
pub fn credential(bytes: &[u8]) -> Result<Credential> {
    read("the credential", text(bytes)?)
}

/// Bytes that should be text.
pub fn text(bytes: &[u8]) -> Result<&str> {
    core::str::from_utf8(bytes).map_err(|error| Fault::text("a text", error))
}

pub fn proving(error: ProveError) -> Fault {
    match error {
        ProveError::Randomness => Fault::randomness(),
        error => Fault::argument(error),
    }
}

pub fn encrypt(
    objects: &mut Objects,
    number: u32,
    (heading, answers): (&Heading, &Value),
    credential: Credential,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Value> {
    let election = objects.election(number)?;
    let manifest = election.manifest();
    let header = heading.header(manifest)?;
    let choices = choices::choices(manifest, answers, heading.weight()?)?;
    let ballot = match election.encrypt(&credential, &header, &choices, rng) {
        Ok(ballot) => ballot,
        Err(error) => {
            // All that is wrong, if the choices are.
            mistakes::check(manifest, header.style, &choices)?;
            return Err(mistakes::refused(manifest, header.style, &error));
        }
    };
    let tracker = ballot.tracker().to_string();
    let election = election.clone();
    let sealed = Box::new(Sealed { ballot, credential, election });
    let object = objects.add(Object::Sealed(sealed))?;
    Ok(json!({ "object": object, "tracker": tracker }))
}

pub fn cast(objects: &mut Objects, number: u32) -> Result<Vec<u8>> {
    Ok(objects.take_sealed(number)?.ballot.cast().to_object())
}

pub fn spoil(
    objects: &mut Objects,
    number: u32,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Value> {
    let Sealed { ballot, credential, election } = objects.take_sealed(number)?;
    let (request, spoiled) = ballot.spoil(&election, &credential, rng).map_err(proving)?;
    let tracker = spoiled.tracker().to_string();
    let (spoiled, request) = (Box::new(spoiled), request.to_object());
    let object = objects.add(Object::Spoiled { spoiled, request })?;
    Ok(json!({ "object": object, "tracker": tracker }))
}

pub fn open(
    objects: &Objects,
    number: u32,
    receipt: &str,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Vec<u8>> {
    let (spoiled, _) = objects.spoiled(number)?;
    let receipt: board::Receipt = read("the receipt", receipt)?;
    Ok(spoiled.open(&receipt, rng).map_err(look::of_receipt)?.to_object())
}
