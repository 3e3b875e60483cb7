//! A board for the tests of the package: it reads commands as lines of JSON, and answers each with a line.
//!
//! ```text
//! {"open": {"manifest": "docs/manifests/board.json", "voters": 12}}
//! {"post": "hex"}                     an object of a voter
//! {"checkpoint": true}                signs what is there
//! {"find": "tracker1…"}               the object, and the proof under the newest checkpoint
//! {"consistency": [10, 12]}
//! {"finish": "folder"}                closes, counts, and writes the record to a folder that is not there
//! ```
//!
//! The keys in the manifest are replaced by keys that it makes, and a log with one witness is added.

use rand_core::OsRng;
use serde_json::{Value, json};
use std::{
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    path::Path,
};
use tabella::{
    AuthorSecret, Board, Credential, DlogTable, Manifest,
    board::Posted,
    codec::Encode,
    keys::{self, Trustee},
    log::checkpoint::{Checkpoint, LogSecret, SignedCheckpoint, WitnessSecret},
    record,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Election {
    operator: AuthorSecret,
    trustees: Vec<Trustee>,
    log: LogSecret,
    witness: WitnessSecret,
    board: Board,
    newest: SignedCheckpoint,
}

fn main() -> Result<()> {
    let mut election = None;
    for line in stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        let answer = match (&command["open"], &mut election) {
            (Value::Null, None) => Err("nothing is open".into()),
            (Value::Null, Some(election)) => answer(election, &command),
            (open, _) => self::open(open).map(|(opened, answer)| {
                election = Some(opened);
                answer
            }),
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}

fn open(open: &Value) -> Result<(Election, Value)> {
    let rng = &mut OsRng;
    let mut json: Value = serde_json::from_str(&match open["manifest"].as_str() {
        Some(file) => std::fs::read_to_string(file)?,
        None => open["json"].to_string(),
    })?;
    let operator = AuthorSecret::random(rng)?;
    let secrets = [AuthorSecret::random(rng)?, AuthorSecret::random(rng)?];
    let (log, witness) = (LogSecret::random(rng)?, WitnessSecret::from_seed("witness", &seed()?)?);
    json["operator"] = operator.public().to_string().into();
    let trustee = |(place, secret): (usize, &AuthorSecret)| json!({ "name": format!("Trustee {place}"), "key": secret.public().to_string() });
    json["trustees"] = secrets.iter().enumerate().map(trustee).collect();
    json["threshold"] = 2.into();
    let key = json!({ "name": "witness", "key": witness.public().key.to_string() });
    json["log"] = json!({ "key": log.public().to_string(), "witnesses": [key], "quorum": 1 });
    let manifest = Manifest::from_json(&json.to_string())?;
    let voters = (0..open["voters"].as_u64().unwrap_or(12)).map(|_| Credential::random(rng));
    let voters = voters.collect::<std::result::Result<Vec<_>, _>>()?;
    let register = |(place, voter): (usize, &Credential)| {
        let style = (place % manifest.styles().len()) as u16;
        let mut registration = voter.registration(&manifest, style, &mut OsRng)?;
        registration.weight = open["weight"].as_u64().unwrap_or(1);
        Ok(registration)
    };
    let roll = voters.iter().enumerate().map(register).collect::<Result<Vec<_>>>()?;
    let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
    let board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
    let newest = sign(&log, &witness, &manifest, &board)?;
    let bundle = board.state().bundle(Some(newest.clone()), rng)?;
    let answer = json!({
        "hash": manifest.hash().to_string(),
        "manifest": manifest.to_json(),
        "bundle": bundle.to_text(),
        "voters": voters.iter().map(|voter| voter.expose_text().to_string()).collect::<Vec<_>>(),
        "styles": manifest.styles().iter().map(|style| style.id.as_str()).collect::<Vec<_>>(),
    });
    Ok((Election { operator, trustees, log, witness, board, newest }, answer))
}

fn sign(
    log: &LogSecret,
    witness: &WitnessSecret,
    manifest: &Manifest,
    board: &Board,
) -> Result<SignedCheckpoint> {
    let mut signed = log.sign(&Checkpoint::new(&manifest.origin(), board.state().head())?);
    signed.add(witness.public(), witness.cosign(signed.checkpoint(), 1_800_000_000)?)?;
    Ok(signed)
}

fn answer(election: &mut Election, command: &Value) -> Result<Value> {
    let rng = &mut OsRng;
    let Election { operator, trustees, log, witness, board, newest } = election;
    if let Some(object) = command["post"].as_str() {
        let object = hex::decode(object).map_err(|error| error.to_string())?;
        let accepted = board.post(&object, rng)?;
        let receipt = board.receipt(operator, accepted.entry, rng).ok();
        let inclusion = receipt.as_ref().map(|r| board.hashes().inclusion(r.entry(), r.size()));
        return Ok(json!({
            "entry": accepted.entry,
            "receipt": receipt.map(|receipt| receipt.to_string()),
            "inclusion": inclusion.transpose()?.map(|proof| hex::encode(proof.to_bytes())),
        }));
    }
    let manifest = board.election().ok_or("no election")?.manifest().clone();
    if command["checkpoint"] == true {
        *newest = sign(log, witness, &manifest, board)?;
        return Ok(json!({ "checkpoint": newest.to_string() }));
    }
    if let Some(tracker) = command["find"].as_str() {
        let of = |entry: u64| board.entry(entry).and_then(Posted::of_entry);
        let found = (0..board.hashes().size())
            .find(|entry| of(*entry).is_some_and(|posted| posted.tracker.to_string() == tracker))
            .ok_or("no such ballot")?;
        let proof = board.hashes().inclusion(found, newest.checkpoint().size())?;
        let proof = tabella::log::checkpoint::EntryProof::new(proof, newest.clone())?;
        let object = board.entry(found).ok_or("no such entry")?;
        return Ok(json!({ "object": hex::encode(object), "proof": proof.to_string() }));
    }
    if let [old, new] = command["consistency"].as_array().map_or(&[][..], Vec::as_slice) {
        let sizes = (old.as_u64().ok_or("a size")?, new.as_u64().ok_or("a size")?);
        let proof = board.hashes().consistency(sizes.0, sizes.1)?;
        return Ok(json!({ "proof": hex::encode(proof.to_bytes()) }));
    }
    let folder = Path::new(command["finish"].as_str().ok_or("no such command")?);
    board.close(operator, trustees, rng)?;
    let tally = board.tally(operator, rng)?;
    board.mix(trustees, rng)?;
    for trustee in trustees.iter_mut() {
        board.post(&trustee.open(board.state(), rng)?, rng)?;
    }
    board.finish(operator, &DlogTable::new(tally.bound()), rng)?;
    *newest = sign(log, witness, &manifest, board)?;
    let mut writer = record::Writer::create(folder)?;
    writer.follow(board)?;
    writer.sync()?;
    writer.checkpoint(newest)?;
    writer.views(board.state())?;
    Ok(json!({ "root": board.state().head().root.to_string(), "size": board.hashes().size() }))
}

fn seed() -> Result<[u8; 32]> {
    let mut seed = [0; 32];
    rand_core::RngCore::try_fill_bytes(&mut OsRng, &mut seed)?;
    Ok(seed)
}
