//! What the contract's functions cost, as receipts say it, and as the table in README.md says it.

use crate::world::{Anvil, port, wait};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tabella::log::merkle::Hashes;

/// The first account of the node, which signs for it.
const SENDER: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";

/// Text of 64 digits.
fn number(number: u64) -> String {
    format!("{number:064x}")
}

fn digits(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The gas that a transaction used.
fn gas(node: &Anvil, to: Option<&str>, data: &str) -> (u64, Value) {
    let mut transaction = json!({ "from": SENDER, "data": data, "gas": "0x1c9c380" });
    if let Some(to) = to {
        transaction["to"] = json!(to);
    }
    let hash = node.ask("eth_sendTransaction", json!([transaction]));
    let mined = || Some(node.ask("eth_getTransactionReceipt", json!([hash])));
    let receipt = wait("receipt", || mined().filter(|receipt| !receipt.is_null()));
    assert_eq!(receipt["status"], "0x1", "{receipt}");
    let used = receipt["gasUsed"].as_str().unwrap().trim_start_matches("0x");
    (u64::from_str_radix(used, 16).unwrap(), receipt)
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

#[test]
fn gas_is_as_the_table_says() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let artifact = fs::read_to_string(here.join("contracts/BulletinBoard.json")).unwrap();
    let artifact: Value = serde_json::from_str(&artifact).unwrap();
    let code = artifact["bytecode"].as_str().unwrap();
    let of = |name: &str| {
        let selectors = artifact["selectors"].as_object().unwrap();
        let (_, selector) =
            selectors.iter().find(|(s, _)| s.starts_with(&format!("{name}("))).unwrap();
        format!("0x{}", selector.as_str().unwrap())
    };
    let mut hashes = Hashes::default();
    (0..1_000_000_u64).for_each(|entry| hashes.push(&entry.to_be_bytes()));

    let node = Anvil::start(port(), &[]);
    let operator = format!("{:0>64}", &SENDER[2..]);
    let (deploy, receipt) = gas(&node, None, &format!("{code}{}{operator}", digits(&[7; 32])));
    let contract = receipt["contractAddress"].as_str().unwrap();
    let mut lines = vec![format!("| the contract itself | | {} |", with_commas(deploy))];
    let mut old = 0;
    // Each head is one of a checkpoint after another hundred entries, whose tree has no large gap.
    for size in [100, 200, 1_000, 1_100, 15_000, 15_100, 100_000, 100_100, 999_900, 1_000_000] {
        let head = hashes.head(size).unwrap();
        let proof = match old {
            0 => vec![],
            old => hashes.consistency(old, size).unwrap().path().to_vec(),
        };
        let mut data = format!("{}{}{}", of("append"), number(size), digits(head.root.as_bytes()));
        data += &format!("{}{}", number(96), number(proof.len() as u64));
        proof.iter().for_each(|hash| data += &digits(hash));
        let (used, _) = gas(&node, Some(contract), &data);
        let what = match old {
            0 => "the first head".to_owned(),
            old => format!("`append` from {} entries", with_commas(old)),
        };
        let to = with_commas(size);
        let line = format!("| {what} to {to} | {} | {} |", proof.len(), with_commas(used));
        lines.push(line);
        old = size;
    }
    let head = hashes.head(old).unwrap();
    let mut data = format!("{}{}{}", of("close"), number(old), digits(head.root.as_bytes()));
    data += &format!("{}{}{}", number(128), digits(&[9; 32]), number(0));
    let (used, _) = gas(&node, Some(contract), &data);
    lines.push(format!("| `close` with the head taken last | 0 | {} |", with_commas(used)));
    let readme = fs::read_to_string(here.join("README.md")).unwrap();
    let missing: Vec<_> = lines.iter().filter(|line| !readme.contains(*line)).collect();
    assert!(missing.is_empty(), "README.md should have these lines:\n{}", lines.join("\n"));
}
