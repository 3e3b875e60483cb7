//! serde for public data: a text in JSON, canonical bytes in postcard, and nothing else is read.

use attacks::{World, folder::Signers, handover::started, rng};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use tabella::{
    Board, Choices, Contest, Credential, Header, Manifest,
    board::{AnyObject, CloseSignature, Kind, Object, Receipt},
    codec::Encode,
    count::{Counting, Method, TieBreak},
    crypto::{group::Element, signature::Signature},
    keys::{Blame, Commit, Complaint, Confirmation, Erasure},
    log::{
        checkpoint::{Checkpoint, EntryProof, Fork, LogKey, SignedCheckpoint, Witness, WitnessKey},
        merkle::{Consistency, Head, Inclusion, Range, Root},
    },
    manifest::ManifestHash,
    roll::{Delegation, Registration, VoterKey},
    tally::Withdrawal,
};

/// Writes and reads a value in both formats; it is this text in JSON, and these bytes in postcard behind their length.
fn round_trip<T>(value: &T, text: &str, bytes: &[u8])
where
    T: Serialize + DeserializeOwned + Debug + PartialEq,
{
    both_forms(value, text, bytes);
    for bytes in [&bytes[..bytes.len() - 1], &[bytes, &[0]].concat()] {
        let binary = postcard::to_allocvec(&Raw(bytes)).unwrap();
        assert!(postcard::from_bytes::<T>(&binary).is_err());
    }
}

/// The same without bytes that are too few or too many.
fn both_forms<T>(value: &T, text: &str, bytes: &[u8])
where
    T: Serialize + DeserializeOwned + Debug + PartialEq,
{
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(json, serde_json::to_string(text).unwrap());
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
    let binary = postcard::to_allocvec(value).unwrap();
    assert!(binary.ends_with(bytes) && binary.len() <= bytes.len() + 3);
    assert_eq!(&postcard::from_bytes::<T>(&binary).unwrap(), value);
    // Cut off, with more behind, and with another character or byte.
    let wrong = |text: &str| serde_json::from_value::<T>(text.into()).unwrap_err();
    for text in [&text[..text.len() - 1], &format!("{text} "), &format!("{text}0"), ""] {
        wrong(text);
    }
    for number in ["17", "null", "[1]", "{}"] {
        let error = serde_json::from_str::<T>(number).unwrap_err().to_string();
        assert!(error.contains("expected "), "{error}");
    }
}

/// Bytes as any value writes them.
struct Raw<'b>(&'b [u8]);

impl Serialize for Raw<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn text<T>(value: &T)
where
    T: Serialize + DeserializeOwned + Debug + PartialEq + ToString + Encode,
{
    round_trip(value, &value.to_string(), &value.to_bytes());
}

fn text_alone<T>(value: &T)
where
    T: Serialize + DeserializeOwned + Debug + PartialEq + ToString,
{
    round_trip(value, &value.to_string(), value.to_string().as_bytes());
}

fn digits<T>(value: &T)
where
    T: Serialize + DeserializeOwned + Debug + PartialEq + Encode,
{
    round_trip(value, &hex::encode(value.to_bytes()), &value.to_bytes());
    let capitals = hex::encode_upper(value.to_bytes());
    let error = serde_json::from_value::<T>(capitals.into()).unwrap_err().to_string();
    assert!(error.contains("canonical"), "{error}");
}

/// What is written of a message, in either format; any message is read as an object.
fn object(message: &(impl Object + Serialize)) {
    let bytes = message.to_object();
    let any = AnyObject::new(bytes.clone()).unwrap();
    let text = tabella::board::to_text(&[message]).unwrap();
    assert_eq!(serde_json::to_value(message).unwrap(), text.as_str());
    assert!(postcard::to_allocvec(message).unwrap().ends_with(&bytes));
    both_forms(&any, &text, &bytes);
    assert_eq!((any.to_object(), any.kind() as u8), (bytes.clone(), bytes[0]));
    assert_eq!(any.body(), &bytes[1..]);
}

fn message<T>(message: &T)
where
    T: Object + Serialize + DeserializeOwned + Debug + PartialEq,
{
    object(message);
    let text = tabella::board::to_text(&[message]).unwrap();
    round_trip(message, &text, &message.to_object());
}

#[test]
fn keys_hashes_and_receipts() {
    let mut world = World::referendum(241);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "yes");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    let entry = board.post(&ballot, &mut world.rng).unwrap().entry;
    let receipt: Receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    text(&receipt);
    text(&ballot.tracker());
    text::<ManifestHash>(&world.manifest.hash());
    text(world.operator.public());
    text::<VoterKey>(&world.voters[0].key());
    text::<Root>(&board.state().root());
    digits::<Element>(world.voters[0].public());
    let mut transcript = tabella::crypto::transcript::Transcript::new(b"test");
    let signature: Signature = world.operator.sign(&mut transcript, &mut world.rng).unwrap();
    digits(&signature);
    // People may type these more freely than a program may write them.
    let tracker = ballot.tracker().to_string();
    for typed in [tracker.to_uppercase(), tracker.replace("tracker1", "tracker1-")] {
        assert!(typed.parse::<tabella::ballot::Tracker>().is_ok());
        let error = serde_json::from_value::<tabella::ballot::Tracker>(typed.into()).unwrap_err();
        assert_eq!(error.to_string(), "a tracker: not its canonical text, in which it is written");
    }
    let error = serde_json::from_value::<VoterKey>("voterkey1qq".into()).unwrap_err().to_string();
    assert!(error.starts_with("a voter's key: the checksum does not match"), "{error}");
    let error = serde_json::from_value::<Element>("00".repeat(32).into()).unwrap_err().to_string();
    assert!(error.contains("identity"), "{error}");
}

#[test]
fn proofs_and_checkpoints() {
    let signers = Signers::new(242);
    let mut world = World::new(242, (1, 1), &[0], |builder| {
        signers.register(builder).contest(Contest::choose_one("bridge", ["yes", "no"]))
    });
    let board = world.open();
    let (hashes, head) = (board.hashes(), board.state().head());
    let (inclusion, consistency): (Inclusion, Consistency) =
        (hashes.inclusion(2, head.size).unwrap(), hashes.consistency(1, head.size).unwrap());
    digits(&inclusion);
    digits(&consistency);
    digits::<Range>(&hashes.range(1, head.size).unwrap());
    let signed: SignedCheckpoint = signers.sign(&world.manifest, head, &[0, 1]);
    text_alone(&signed);
    text_alone::<Checkpoint>(signed.checkpoint());
    text_alone(&EntryProof::new(inclusion, signed.clone()).unwrap());
    let other = Head { root: Root::from([7; 32]), ..head };
    let key = signers.log.public();
    let other = signers.sign(&world.manifest, other, &[]);
    text_alone(&Fork::find(&signed, &other).unwrap());
    text::<LogKey>(&key);
    text_alone::<Witness>(signers.witnesses[0].public());
    text::<WitnessKey>(&signers.witnesses[0].public().key);
    let json = serde_json::to_string(&head).unwrap();
    assert_eq!(json, format!("{{\"size\":{},\"root\":\"{}\"}}", head.size, head.root));
    assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
    let binary = postcard::to_allocvec(&head).unwrap();
    assert_eq!(postcard::from_bytes::<Head>(&binary).unwrap(), head);
}

#[test]
fn messages_of_trustees() {
    let mut world = World::referendum(243);
    let board = started(&mut world);
    let observer = board.state().observer().unwrap();
    let commit: Commit = world.ceremony.commits[0].clone();
    message(&commit);
    object(observer.deals().next().unwrap());
    message::<Confirmation>(&world.trustees[0].confirm(&mut world.rng).unwrap());
    // Another kind is told from what it should be, and from what cannot be read.
    let text = tabella::board::to_text(&[&commit]).unwrap();
    let error = serde_json::from_value::<Confirmation>(text.clone().into()).unwrap_err();
    assert_eq!(error.to_string(), "a commit; expected a confirmation");
    let twice = serde_json::from_value::<AnyObject>(format!("{text}{text}").into()).unwrap_err();
    assert_eq!(twice.to_string(), "an object of a board: 2 of them");
    let windows = serde_json::from_value::<AnyObject>(text.replace('\n', "\r\n").into());
    assert!(windows.unwrap_err().to_string().contains("canonical"));
    let short = tabella::board::to_text(&[vec![Kind::Commit as u8, 0]]).unwrap();
    let error = serde_json::from_value::<Commit>(short.into()).unwrap_err().to_string();
    assert!(error.starts_with("a commit: at byte "), "{error}");
}

#[test]
fn complaints_and_blame() {
    let rng = &mut rng(99);
    let mut world = attacks::dealer::world(244, 3, 2, 2);
    let setup = world.trustees[0].ceremony().setup().clone();
    let deals = attacks::dealer::messages(&world);
    let c = attacks::dealer::registered(&world.secrets);
    let complaint: Complaint = attacks::dealer::complaint(&setup, 3, &c[2], &deals[1].1, None);
    message(&complaint);
    digits(&Blame::Share { deal: deals[1].1.clone(), complaint });
    let erasure: Erasure = {
        let mut board = started(&mut world);
        let (secrets, _) = attacks::handover::people(2, rng);
        let World { operator, trustees, rng, .. } = &mut world;
        attacks::handover::reshare(&mut board, operator, trustees, (&secrets, 1), rng);
        trustees.remove(0).erase(rng).unwrap()
    };
    message(&erasure);
}

#[test]
fn messages_of_voters_and_of_the_count() {
    let stv = Counting { method: Method::InstantRunoff, seats: 1, tie_break: TieBreak::Order };
    let mut world = World::new(245, (2, 1), &[0; 3], |builder| {
        let council = Contest::rank("council", ["Dora", "Emil"], stv);
        builder.contest(council).minimum_cell(1).proxies(1)
    });
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let choices = Choices::new().rank("council", ["Dora"]);
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    object(&ballot);
    // It is posted as it was read.
    let json = serde_json::to_string(&ballot).unwrap();
    board.post(&serde_json::from_str::<AnyObject>(&json).unwrap(), &mut world.rng).unwrap();
    let sealed =
        election.encrypt(&world.voters[1], &Header::remote(0), &choices, &mut world.rng).unwrap();
    let (request, spoiled) = sealed.spoil(&election, &world.voters[1], &mut world.rng).unwrap();
    message(&request);
    let entry = board.post(&request, &mut world.rng).unwrap().entry;
    let receipt = board.receipt(&world.operator, entry, &mut world.rng).unwrap();
    object(&spoiled.open(&receipt, &mut world.rng).unwrap());
    let key = Credential::random(&mut world.rng).unwrap();
    message::<Delegation>(&world.delegation(2, &key, 0));
    digits(&Withdrawal::new(&world.manifest, "council", "Emil", "moved away").unwrap());
    let registration: Registration = world.roll[0].clone();
    let text = Registration::to_text(std::slice::from_ref(&registration));
    round_trip(&registration, &text, &registration.to_bytes());

    let World { operator, trustees, rng, .. } = &mut world;
    board.freeze(operator, rng).unwrap();
    let close: CloseSignature = trustees[0].sign_close(board.state(), &[], rng).unwrap();
    message(&close);
    board.post(&close, rng).unwrap();
    board.post(&trustees[1].sign_close(board.state(), &[], rng).unwrap(), rng).unwrap();
    board.tally(operator, rng).unwrap();
    let prepared = trustees[0].prepare_mix(board.state(), 0, rng).unwrap();
    let mix = trustees[0].mix(board.state(), 0, prepared, rng).unwrap();
    object(&mix);
    board.post(&mix, rng).unwrap();
    object(&trustees[0].open(board.state(), rng).unwrap());
}

#[test]
fn a_manifest_is_an_object_within_other_json() {
    let world = World::referendum(246);
    let manifest = &world.manifest;
    let json = serde_json::json!({ "manifest": manifest, "hash": manifest.hash() });
    assert_eq!(json["manifest"]["id"], "test");
    assert_eq!(json["manifest"].to_string().parse::<serde_json::Value>().unwrap(), {
        serde_json::from_str::<serde_json::Value>(&manifest.to_json()).unwrap()
    });
    let again: Manifest = serde_json::from_value(json["manifest"].clone()).unwrap();
    assert_eq!(&again, manifest);
    assert_eq!(&serde_json::from_str::<Manifest>(&manifest.to_json()).unwrap(), manifest);
    let binary = postcard::to_allocvec(manifest).unwrap();
    assert!(binary.ends_with(&manifest.to_bytes()));
    assert_eq!(&postcard::from_bytes::<Manifest>(&binary).unwrap(), manifest);
    // Mistakes are named as ever, fields that stand there twice are refused.
    let wrong = manifest.to_json().replace("\"threshold\": 2", "\"threshold\": 9");
    let error = serde_json::from_str::<Manifest>(&wrong).unwrap_err().to_string();
    assert!(error.contains("threshold"), "{error}");
    let twice = manifest.to_json().replacen('{', "{\"id\": \"test\",", 1);
    assert!(serde_json::from_str::<Manifest>(&twice).is_err());
    let mut flipped = binary;
    *flipped.last_mut().unwrap() ^= 0x80;
    assert!(postcard::from_bytes::<Manifest>(&flipped).is_err());
}

#[test]
fn a_bundle_is_written() {
    let mut world = World::referendum(247);
    let board: Board = world.open();
    let bundle = board.state().bundle(None, &mut world.rng).unwrap();
    assert_eq!(serde_json::to_value(&bundle).unwrap(), bundle.to_text().as_str());
    assert!(postcard::to_allocvec(&bundle).unwrap().ends_with(&bundle.to_bytes()));
}
