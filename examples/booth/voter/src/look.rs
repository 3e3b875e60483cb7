//! What a board says of a ballot, and the proofs that it is the board which others see.

use crate::{
    fault::{Fault, Result, read},
    given::Expected,
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value, json};
use tabella::{
    Election, Manifest,
    ballot::{Header, Origin, Tracker},
    board::{Fate, Kind, Posted, Receipt, ReceiptError},
    codec::Decode,
    crypto::VerifyError,
    log::{
        checkpoint::{EntryProof, EntryProofError, Fork, SignedCheckpoint},
        merkle::{Consistency, Head, Inclusion, MerkleError},
    },
    manifest::LogPolicy,
    rand_core::{CryptoRng, RngCore},
};

/// The body of an object that is of one of these kinds.
pub fn object<'b>(bytes: &'b [u8], kinds: &[Kind]) -> Result<&'b [u8]> {
    let (kind, body) = Kind::split(bytes).map_err(|error| Fault::new("bytes", error))?;
    if kinds.contains(&kind) {
        return Ok(body);
    }
    let expected: Vec<String> = kinds.iter().map(ToString::to_string).collect();
    Err(Fault::new("bytes", format_args!("a {kind} — expected a {}", expected.join(" or a "))))
}

/// Style, sequence number and station of a ballot, by ids.
pub fn heading(manifest: &Manifest, header: &Header) -> Map<String, Value> {
    let style = manifest.styles().get(usize::from(header.style)).map(|style| style.id.as_str());
    let station = match header.origin {
        Origin::Remote => None,
        Origin::Station(place) => {
            let station = manifest.stations().get(usize::from(place));
            // One that the manifest does not have, the board takes no ballot from.
            Some(station.map_or_else(|| format!("{place}"), |station| station.id.clone()))
        }
    };
    let style = style.map_or_else(|| header.style.to_string(), Into::into);
    let sequence = header.sequence.into();
    Map::from_iter([
        ("style".into(), style.into()),
        ("sequence".into(), sequence),
        ("station".into(), station.into()),
    ])
}

fn posted(manifest: &Manifest, entry: Option<u64>, posted: &Posted) -> Map<String, Value> {
    let mut json = posted.header.map(|header| heading(manifest, &header)).unwrap_or_default();
    json.insert("fate".into(), posted.fate.to_string().into());
    json.insert("entry".into(), entry.into());
    json.insert("voter".into(), posted.voter.to_string().into());
    json.insert("tracker".into(), posted.tracker.to_string().into());
    json
}

/// What an object says of a ballot, compared with what the voter knows.
fn read_posted(bytes: &[u8], expected: &Expected) -> Result<Posted> {
    object(bytes, &[Kind::Ballot, Kind::SpoilRequest])?;
    let cut = || Fault::new("bytes", "the ballot or spoil request ends too early");
    let posted = Posted::of_entry(bytes).ok_or_else(cut)?;
    expected.check(posted.tracker, posted.voter)?;
    Ok(posted)
}

/// Verifies a receipt, and compares it with what the voter knows.
pub fn receipt(
    manifest: &Manifest,
    text: &str,
    (tracker, fate): (Option<Tracker>, Option<&str>),
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Receipt> {
    let receipt: Receipt = read("the receipt", text)?;
    receipt.verify(manifest, rng).map_err(of_receipt)?;
    if let Some(expected) = tracker.filter(|expected| *expected != receipt.tracker()) {
        return Err(crate::given::other_ballot(receipt.tracker(), expected));
    }
    let expected = match fate {
        None => return Ok(receipt),
        Some("cast") => Fate::Cast,
        Some("spoiled") => Fate::Spoiled,
        Some(fate) => {
            let message = format_args!("fate '{fate}' — expected one of cast, spoiled");
            return Err(Fault::argument(message));
        }
    };
    match receipt.fate() {
        found if found == expected => Ok(receipt),
        found => Err(of_receipt(ReceiptError::OtherFate { found, expected })),
    }
}

/// A fault of a receipt.
pub fn of_receipt(error: ReceiptError) -> Fault {
    match error {
        ReceiptError::Randomness => Fault::randomness(),
        ReceiptError::OtherVoter { .. } => Fault::new("voter", error),
        ReceiptError::OtherBallot { .. } => Fault::new("tracker", error),
        error => Fault::new("receipt", error),
    }
}

pub fn receipt_json(receipt: &Receipt) -> Value {
    json!({
        "fate": receipt.fate().to_string(),
        "entry": receipt.entry(),
        "size": receipt.size(),
        "root": receipt.root().to_string(),
        "tracker": receipt.tracker().to_string(),
    })
}

/// Verifies that the board which a receipt names has this object.
pub fn receipt_inclusion(
    manifest: &Manifest,
    receipt: &Receipt,
    bytes: &[u8],
    proof: &str,
    expected: &Expected,
) -> Result<Value> {
    read_posted(bytes, expected)?;
    let proof: Inclusion = of_hex(proof)?;
    if proof.index() != receipt.entry() {
        let message = format_args!(
            "the proof is of entry {}, and the receipt for entry {}",
            proof.index(),
            receipt.entry()
        );
        return Err(Fault::new("proof", message));
    }
    proof.verify(bytes, &receipt.head()).map_err(of_merkle)?;
    let voter = expected.voter()?;
    let kept = receipt.kept(Some(bytes), Some(receipt.root()), voter.as_ref());
    let kept = kept.map_err(of_receipt)?;
    Ok(posted(manifest, Some(receipt.entry()), &kept).into())
}

/// Verifies the proof of a ballot.
pub fn ballot(
    election: &Election,
    bytes: &[u8],
    expected: &Expected,
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<Value> {
    let body = object(bytes, &[Kind::Ballot])?;
    let found = read_posted(bytes, expected)?;
    let ballot = election.read_ballot(body).map_err(|error| Fault::new("bytes", error))?;
    election.verify(ballot, rng).map_err(|error| match error {
        VerifyError::Randomness => Fault::randomness(),
        error => Fault::new("ballot", error),
    })?;
    Ok(posted(election.manifest(), None, &found).into())
}

fn log(manifest: &Manifest) -> Result<&LogPolicy> {
    let none = || Fault::new("checkpoint", "the manifest names no log that could sign checkpoints");
    manifest.log().ok_or_else(none)
}

fn of_hex<T: Decode>(digits: &str) -> Result<T> {
    let bytes = hex::decode(digits).map_err(|error| Fault::text("the proof", error))?;
    T::from_bytes(&bytes).map_err(|error| Fault::text("the proof", error))
}

fn of_merkle(error: MerkleError) -> Fault {
    Fault::new("proof", error)
}

/// Verifies a signed checkpoint and counts its witnesses.
fn verify(manifest: &Manifest, signed: &SignedCheckpoint) -> Result<Value> {
    let log = log(manifest)?;
    let unsigned = |error| Fault::new("checkpoint", error);
    let checkpoint = signed.verify(&manifest.origin(), log.key()).map_err(unsigned)?;
    let cosignatures = signed.cosignatures(log.witnesses()).map_err(unsigned)?;
    let witnesses: Vec<Value> = cosignatures
        .iter()
        .filter_map(|cosignature| {
            let name = &log.witnesses().get(cosignature.witness)?.name;
            Some(json!({ "name": name, "time": cosignature.time }))
        })
        .collect();
    Ok(json!({
        "text": signed.to_string(),
        "size": checkpoint.size(),
        "root": checkpoint.root().to_string(),
        "witnessed": witnesses.len() >= usize::from(log.quorum()),
        "witnesses": witnesses,
        "quorum": log.quorum(),
    }))
}

/// The same of a text.
pub fn checkpoint(manifest: &Manifest, text: &str) -> Result<Value> {
    verify(manifest, &read("the checkpoint", text)?)
}

/// The same of one that a bundle had, if it had one.
pub fn of_bundle(manifest: &Manifest, signed: Option<&SignedCheckpoint>) -> Result<Value> {
    signed.map_or(Ok(Value::Null), |signed| verify(manifest, signed))
}

/// Verifies that a board which the log signed has this object.
pub fn inclusion(
    manifest: &Manifest,
    bytes: &[u8],
    proof: &str,
    expected: &Expected,
) -> Result<Value> {
    let found = read_posted(bytes, expected)?;
    let proof: EntryProof = read("the proof", proof)?;
    let key = log(manifest)?.key();
    proof.verify(bytes, &manifest.origin(), key).map_err(|error| match error {
        EntryProofError::Merkle(error) => of_merkle(error),
        error => Fault::new("checkpoint", error),
    })?;
    let mut json = posted(manifest, Some(proof.index()), &found);
    json.insert("checkpoint".into(), verify(manifest, proof.signed())?);
    Ok(json.into())
}

/// Verifies that the board of one checkpoint goes on where that of another ends.
pub fn consistency(
    manifest: &Manifest,
    older: &str,
    newer: &str,
    proof: Option<&str>,
) -> Result<Value> {
    let older: SignedCheckpoint = read("the older checkpoint", older)?;
    let newer: SignedCheckpoint = read("the newer checkpoint", newer)?;
    verify(manifest, &older)?;
    let json = verify(manifest, &newer)?;
    let (old, new) = (older.checkpoint().head(), newer.checkpoint().head());
    if let Some(fork) = Fork::find(&older, &newer) {
        let message = format_args!("the log signed two boards of {} entries", old.size);
        return Err(Fault { evidence: Some(fork.to_string()), ..Fault::new("fork", message) });
    }
    if old.size > new.size {
        let message = format_args!(
            "the newer checkpoint is of {} entries, the older one of {}: they may be mixed up, or the board went back",
            new.size, old.size
        );
        return Err(Fault::new("proof", message));
    }
    if old.size < new.size {
        let missing = || Fault::argument("a proof is needed, since the sizes differ");
        let proof: Consistency = of_hex(proof.ok_or_else(missing)?)?;
        proof.verify(&old, &new).map_err(of_merkle)?;
    }
    Ok(json)
}

/// Verifies that a checkpoint and a head which was published elsewhere are of one board: the smaller is the beginning of the larger.
pub fn published(
    manifest: &Manifest,
    checkpoint: &str,
    head: Head,
    proof: Option<&str>,
) -> Result<Value> {
    let signed: SignedCheckpoint = read("the checkpoint", checkpoint)?;
    let json = verify(manifest, &signed)?;
    let own = signed.checkpoint().head();
    if own.size == head.size {
        return match own.root == head.root {
            true => Ok(json),
            false => Err(Fault::new(
                "proof",
                format_args!(
                    "of {} entries the root {} was published, and the log signed {}",
                    own.size, head.root, own.root
                ),
            )),
        };
    }
    let (old, new) = if own.size < head.size { (own, head) } else { (head, own) };
    let missing = || Fault::argument("a proof is needed, since the sizes differ");
    let proof: Consistency = of_hex(proof.ok_or_else(missing)?)?;
    proof.verify(&old, &new).map_err(of_merkle)?;
    Ok(json)
}

/// What an object is and says of itself.
pub fn describe(bytes: &[u8]) -> Result<Value> {
    let (kind, body) = Kind::split(bytes).map_err(|error| Fault::new("bytes", error))?;
    let mut json = json!({ "kind": kind.to_string(), "bytes": bytes.len() });
    let opened = || {
        // An opening is a nonce, and then the ballot.
        let ballot = body.get(32..).filter(|_| kind == Kind::SpoilOpening)?;
        let ballot: Vec<u8> =
            [Kind::Ballot as u8].into_iter().chain(ballot.iter().copied()).collect();
        Posted::of_entry(&ballot)
    };
    if let (Some(posted), Some(json)) =
        (Posted::of_entry(bytes).or_else(opened), json.as_object_mut())
    {
        json.insert("tracker".into(), posted.tracker.to_string().into());
        json.insert("voter".into(), posted.voter.to_string().into());
    }
    Ok(json)
}
