//! Bundles for voters' devices: of an election with a log, and of one in which a trustee was out and the shares were handed over.

use super::{
    elections::{Case, TIME},
    json::{Json, hex, hexes, list, object},
    oracle::hash,
};
use attacks::rng;
use tabella::{
    ballot::ElectionBundle, board::Kind, codec::Encode, log::checkpoint::SignedCheckpoint,
};

const MAGIC: &[u8] = b"tabella/v1 bundle";

/// A bundle by its parts.
#[derive(Clone)]
struct Parts {
    manifest: Vec<u8>,
    dealt: [u8; 32],
    keys: Vec<[u8; 32]>,
    signatures: Vec<Vec<u8>>,
    checkpoint: String,
}

impl Parts {
    fn of(case: &Case, checkpoint: Option<&SignedCheckpoint>) -> Self {
        let plan = &case.plan.keys;
        // The first ceremony ends with its fourth round.
        let mut rounds = 0;
        let entries = case.entries().into_iter().take_while(|entry| {
            rounds += usize::from(entry[0] == Kind::Round as u8);
            rounds < 4
        });
        let confirmations = entries.filter(|entry| entry[0] == Kind::Confirmation as u8);
        let mut confirmations: Vec<Vec<u8>> =
            confirmations.map(|entry| entry[1..].to_vec()).collect();
        confirmations.sort();
        let (setup, deals) = (&plan.setup, &plan.deals);
        let numbers: Vec<u8> =
            plan.ceremony.holders().iter().chain(&[0]).flat_map(|j| j.to_be_bytes()).collect();
        let dealers = plan.ceremony.dealers();
        let deals = deals.iter().filter(|deal| dealers.contains(&deal.dealer()));
        let deals: Vec<u8> = deals.flat_map(Encode::to_bytes).collect();
        let dealt =
            hash("tabella/v1 ceremony", &[setup.manifest().as_bytes(), &[0; 4], &numbers, &deals]);
        Self {
            manifest: case.world.manifest.to_bytes(),
            dealt,
            keys: plan.ceremony.slot_keys().iter().map(|key| *key.as_bytes()).collect(),
            signatures: confirmations,
            checkpoint: checkpoint.map(ToString::to_string).unwrap_or_default(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let length = |n: usize| (n as u32).to_be_bytes();
        let Self { manifest, dealt, keys, signatures, checkpoint } = self;
        let mut out =
            [MAGIC, &length(manifest.len()), manifest, dealt, keys.as_flattened()].concat();
        out.extend(length(signatures.len()));
        signatures.iter().for_each(|signature| out.extend(signature));
        out.extend(length(checkpoint.len()));
        out.extend(checkpoint.as_bytes());
        out
    }
}

pub fn json(election: &Case, ceremony: &Case, other: &Case) -> Json {
    let board = election.board();
    let signed = election.checkpoint(board.state().head(), TIME);
    let cases = [("election", election, Some(&signed)), ("ceremony", ceremony, None)];
    let valid = cases.map(|(name, case, checkpoint)| {
        let parts = Parts::of(case, checkpoint);
        let made = case.board().state().bundle(checkpoint.cloned(), &mut rng(0)).unwrap();
        assert_eq!(made.to_bytes(), parts.bytes(), "{name}");
        object! {
            "record" => name, "expected" => hex(case.world.manifest.hash().as_bytes()), "bytes" => hex(parts.bytes()),
            "hash of the deals" => hex(parts.dealt), "slot keys" => hexes(&parts.keys),
            "ceremony hash" => hex(made.keys().hash()), "signed by" => list(made.keys().signed_by()),
            "checkpoint" => parts.checkpoint.as_str(), "text" => made.to_text(),
        }
    });
    let [mut good, foreign] = [election, other].map(|case| Parts::of(case, None));
    good.checkpoint = signed.to_string();
    let mut invalid = Vec::new();
    let mut refused = |name: &str, change: &dyn Fn(&mut Parts)| {
        let mut parts = good.clone();
        change(&mut parts);
        invalid.push((name.to_owned(), parts.bytes()));
    };
    refused("another manifest", &|parts| parts.manifest.clone_from(&foreign.manifest));
    refused("another title", &|parts| *parts.manifest.last_mut().unwrap() ^= 1);
    refused("another hash of the deals", &|parts| parts.dealt = foreign.dealt);
    refused("keys of another election", &|parts| parts.keys.clone_from(&foreign.keys));
    refused("two keys exchanged", &|parts| parts.keys.swap(0, 1));
    refused("signatures of another election", &|parts| {
        parts.signatures.clone_from(&foreign.signatures);
    });
    refused("one signature", &|parts| parts.signatures.truncate(1));
    refused("no signature", &|parts| parts.signatures.clear());
    refused("a signature twice", &|parts| parts.signatures[1] = parts.signatures[0].clone());
    refused("signatures in another order", &|parts| parts.signatures.swap(0, 1));
    refused("a signature under another's number", &|parts| {
        parts.signatures.remove(1);
        parts.signatures[0][1] = 2;
    });
    refused("a trustee whom the manifest does not have", &|parts| parts.signatures[2][1] = 4);
    refused("one wrong signature of three", &|parts| parts.signatures[2][40] ^= 1);
    refused("a checkpoint of another log", &|parts| {
        let head = other.board().state().head();
        parts.checkpoint = other.checkpoint(head, TIME).to_string();
    });
    refused("a checkpoint with another size", &|parts| {
        parts.checkpoint = parts.checkpoint.replacen("\n34\n", "\n33\n", 1);
    });
    refused("a checkpoint with a line of nobody", &|parts| {
        parts.checkpoint.push_str(&format!("— junk {}\n", "AAAA".repeat(30)));
    });
    refused("a checkpoint without the log's line", &|parts| {
        let lines: Vec<_> = parts.checkpoint.split_inclusive('\n').collect();
        parts.checkpoint = [&lines[..4], &lines[5..]].concat().concat();
    });
    refused("text that is no checkpoint", &|parts| parts.checkpoint = "junk".into());
    let bytes = good.bytes();
    invalid.push(("another magic".into(), [b"t", &bytes[..bytes.len() - 1]].concat()));
    invalid.push(("a byte too many".into(), [&bytes[..], &[0]].concat()));
    invalid.push(("a byte missing".into(), bytes[..bytes.len() - 1].to_vec()));
    let expected = election.world.manifest.hash();
    let invalid = invalid.into_iter().map(|(name, bytes)| {
        let read = ElectionBundle::from_bytes(&bytes, &expected, &mut rng(0));
        assert!(read.is_err(), "{name}");
        object! {"name" => name.as_str(), "bytes" => hex(bytes)}
    });
    object! {"valid" => Json::List(valid.into()), "invalid" => Json::List(invalid.collect())}
}
