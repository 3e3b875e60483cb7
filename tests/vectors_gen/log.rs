//! The Merkle tree of the first election, its checkpoints, its signatures, receipt and spoiled ballot.
#![allow(non_snake_case)]

use super::{
    ballots::{context, verified},
    crypto::receipt,
    elections::{CHECKPOINTS, Case, TIME, log_keys, spoil},
    json::{Json, hex, hexes, list, object},
    oracle::{Equation, Parts, Tape, base, linear, point, scalar},
};
use curve25519_dalek::{Scalar, constants::RISTRETTO_BASEPOINT_POINT as G};
use sha2::{Digest, Sha256};
use tabella::{
    ballot::Tracker,
    board::Kind,
    codec::Encode,
    crypto::signature::AuthorKey,
    log::{
        checkpoint::{Fork, SignedCheckpoint, add_checkpoint},
        merkle::{Hashes, Head, Root, leaf_hash},
    },
};

/// The root of some entries, as RFC 9162 defines it.
pub fn root(entries: &[Vec<u8>]) -> [u8; 32] {
    match entries {
        [] => Sha256::digest([]).into(),
        [entry] => Sha256::new().chain_update([0]).chain_update(entry).finalize().into(),
        _ => {
            let (left, right) = entries.split_at(entries.len().next_power_of_two() / 2);
            let node = Sha256::new().chain_update([1]).chain_update(root(left));
            node.chain_update(root(right)).finalize().into()
        }
    }
}

pub fn json(case: &Case) -> Json {
    let entries = case.entries();
    let mut hashes = Hashes::default();
    entries.iter().for_each(|entry| hashes.push(entry));
    let size = entries.len() as u64;
    let head = |size: u64| hashes.head(size).unwrap();
    let roots: Vec<[u8; 32]> = (0..=entries.len()).map(|size| root(&entries[..size])).collect();
    assert!(roots.iter().zip(0..).all(|(root, size)| root == head(size).root.as_bytes()));
    let inclusion = |index: u64| {
        let proof = hashes.inclusion(index, size).unwrap();
        proof.verify(&entries[index as usize], &head(size)).unwrap();
        object! {"index" => index, "size" => size, "path" => hexes(proof.path()), "bytes" => hex(proof.to_bytes())}
    };
    let consistency = |(old, new): (u64, u64)| {
        let proof = hashes.consistency(old, new).unwrap();
        proof.verify(&head(old), &head(new)).unwrap();
        object! {"old" => old, "new" => new, "path" => hexes(proof.path()), "bytes" => hex(proof.to_bytes())}
    };
    let range = |(start, end): (u64, u64)| {
        object! {"start" => start, "end" => end, "bytes" => hex(hashes.range(start, end).unwrap().to_bytes())}
    };
    object! {
        "leaf hashes" => hexes(entries.iter().map(|entry| leaf_hash(entry))),
        "roots" => hexes(&roots),
        "inclusion" => Json::List([0, 1, 19, 24, 33].map(inclusion).into()),
        "consistency" => Json::List(
            [(0, 34), (1, 34), (8, 24), (19, 24), (24, 34), (34, 34)].map(consistency).into(),
        ),
        "ranges" => Json::List([(0, 34), (5, 24), (19, 19), (33, 34)].map(range).into()),
        "keys" => keys(case),
        "checkpoints" => Json::List(CHECKPOINTS.map(|size| checkpoint(case, head(size))).into()),
        "fork" => fork(case, head(size)),
        "add-checkpoint" => {
            let signed = case.checkpoint(head(size), TIME);
            add_checkpoint(&hashes.consistency(24, size).unwrap(), &signed).unwrap()
        },
        "entry signatures" => signatures(case, &entries),
        "registration" => registration(case),
        "receipt" => received(case),
        "spoiled" => spoiled(case),
    }
}

fn keys(case: &Case) -> Json {
    let (log, witnesses) = log_keys();
    let of_witness = |witness: &tabella::log::checkpoint::WitnessSecret| {
        let public = witness.public();
        object! {
            "name" => public.name.as_str(), "key" => hex(public.key.as_bytes()), "vkey" => public.to_string(),
        }
    };
    object! {
        "log" => object! {
            "seed" => hex(log.expose_seed()), "key" => hex(log.public().as_bytes()),
            "vkey" => log.public().vkey(&case.world.manifest.origin()),
        },
        "witnesses" => Json::List(witnesses.iter().map(of_witness).collect()),
    }
}

fn checkpoint(case: &Case, head: Head) -> Json {
    let time = TIME + 600 * head.size;
    let signed: SignedCheckpoint = case.checkpoint(head, time);
    let text = signed.checkpoint().to_string();
    let signature = |signature: &tabella::log::checkpoint::NoteSignature| {
        object! {"name" => signature.name(), "id" => hex(signature.id()), "bytes" => hex(signature.bytes())}
    };
    object! {
        "text" => text.as_str(), "cosigned" => format!("cosignature/v1\ntime {}\n{text}", time + 1),
        "signatures" => Json::List(signed.signatures().iter().map(signature).collect()),
        "signed" => signed.to_string(),
    }
}

fn fork(case: &Case, head: Head) -> Json {
    let other = Head { root: Root::from([1; 32]), ..head };
    let [a, b] = [head, other].map(|head| case.checkpoint(head, TIME));
    Fork::find(&a, &b).unwrap().to_string().into()
}

/// The operator's signatures under each of its entries, and the signed messages.
fn signatures(case: &Case, entries: &[Vec<u8>]) -> Json {
    let (manifest, operator) = (&case.world.manifest, case.world.operator.public());
    let signed = |(place, entry): (usize, &Vec<u8>)| {
        let kind = Kind::split(entry).unwrap().0;
        if !super::fields::is_signed(kind) {
            return None;
        }
        let (content, signature) = entry[1..].split_at(entry.len() - 65);
        let start = Tape::new("entry signature");
        let mut tape = start
            .bytes("manifest", manifest.hash().as_bytes())
            .number("size", place as u64)
            .bytes("root", &root(&entries[..place]))
            .number("kind", kind as u64)
            .bytes("content", content);
        let found =
            linear(&mut tape, "BOARD.AUTHOR", &[(author(operator), 0, &base())], 1, signature);
        assert!(found.holds);
        // The manifest and the roll are long; the record contains them.
        let messages = (entry.len() < 400).then(|| tape.messages());
        Some(object! {
            "entry" => place, "kind" => kind as u8, "messages" => messages, "signature" => hex(signature),
            "x" => hex(found.x.as_bytes()),
        })
    };
    Json::List(entries.iter().enumerate().filter_map(signed).collect())
}

fn author(key: &AuthorKey) -> &[u8] {
    key.element().as_bytes()
}

/// The first line of the roll.
fn registration(case: &Case) -> Json {
    let line = case.world.roll[0].to_bytes();
    let mut tape =
        Tape::new("voter possession").bytes("manifest", case.world.manifest.hash().as_bytes());
    let found = linear(&mut tape, "ROLL.POSSESSION", &[(&line[..32], 0, &base())], 1, &line[42..]);
    assert!(found.holds);
    object! {"bytes" => hex(&line), "messages" => tape.messages(), "x" => hex(found.x.as_bytes())}
}

fn received(case: &Case) -> Json {
    let receipt = receipt(case);
    let bytes = receipt.to_bytes();
    let mut parts = Parts(&bytes);
    let tape = Tape::new("receipt").bytes("manifest", case.world.manifest.hash().as_bytes());
    let tape = tape.number("fate", parts.number(1)).number("entry", parts.number(8));
    let tape = tape.number("size", parts.number(8)).bytes("root", parts.take(32));
    let mut tape = tape.bytes("tracker", parts.take(32));
    let operator = author(case.world.operator.public());
    let found = linear(&mut tape, "BOARD.AUTHOR", &[(operator, 0, &base())], 1, parts.0);
    assert!(found.holds);
    object! {
        "bytes" => hex(&bytes), "text" => receipt.to_string(), "messages" => tape.messages(),
        "x" => hex(found.x.as_bytes()),
    }
}

/// The ballot that voter 5 spoils.
fn spoiled(case: &Case) -> Json {
    let spoil = spoil(&case.plan, &case.world);
    let election = case.plan.election();
    let tracker = Tracker::of(&spoil.ballot);
    let start = context(&election);
    let mut parts = Parts(&spoil.request);
    assert_eq!(parts.take(32), tracker.as_bytes());
    let [X, A] = [parts.take(32), parts.take(32)];
    let mut tape = start.clone().proof("spoil").bytes("tracker", tracker.as_bytes());
    let equations: [Equation; 2] = [(X, 0, &base()), (A, 1, &base())];
    let found = linear(&mut tape, "SPOIL.REQUEST", &equations, 2, parts.0);
    assert!(found.holds);
    let r = scalar(&spoil.opening[..32]);
    assert_eq!(r * G, point(A));
    let ballot = election.read_ballot(&spoil.ballot).unwrap();
    let slots = election.manifest().style_slots(1).unwrap();
    let keys = slots.iter().map(|slot| election.slot_keys()[*slot]);
    let small: Vec<u64> = keys
        .zip(&ballot.ciphertext().b)
        .map(|(key, b)| {
            (0..9).find(|v| b.point() - r * key.point() == Scalar::from(*v) * G).unwrap()
        })
        .collect();
    object! {
        "ballot" => verified(&election, &spoil.ballot), "request" => hex(&spoil.request),
        "messages" => tape.since(&start), "x" => hex(found.x.as_bytes()), "opening" => hex(&spoil.opening),
        "votes" => list(small),
    }
}
