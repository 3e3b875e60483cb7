//! The contract's events, which say the same as its views.

use crate::{
    account::keccak256,
    compare::Contradiction,
    ethereum::{
        Client,
        contract::Published,
        rpc::{bytes_of, number_of},
    },
    failure::{Failure, Result},
};
use serde_json::{Value, json};
use tabella::log::merkle::{Head, Root};

/// How many blocks are asked for at once; some nodes refuse more.
const PAGE: u64 = 1_000;

/// An event of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A head was taken.
    Appended(Head),
    /// The contract was closed over this head, with this hash of the result.
    Closed(Head, [u8; 32]),
}

fn topic(signature: &str) -> String {
    format!("0x{}", hex::encode(keccak256(signature.as_bytes())))
}

/// Reads an event; those that are neither of a head nor of the close are `None`.
fn event_of(log: &Value) -> Option<Option<Event>> {
    let topics = log.get("topics")?.as_array()?;
    let kind = topics.first()?.as_str()?;
    let size = || {
        let word = bytes_of(topics.get(1)?)?;
        let (zeros, size) = word.split_last_chunk::<8>()?;
        (zeros == [0; 24]).then(|| u64::from_be_bytes(*size))
    };
    let data = bytes_of(log.get("data")?)?;
    let (words, []) = data.as_chunks::<32>() else { return None };
    if kind == topic("Appended(uint64,bytes32)") {
        let [root] = words else { return None };
        Some(Some(Event::Appended(Head { size: size()?, root: Root::from(*root) })))
    } else if kind == topic("Closed(uint64,bytes32,bytes32)") {
        let [root, result] = words else { return None };
        Some(Some(Event::Closed(Head { size: size()?, root: Root::from(*root) }, *result)))
    } else {
        Some(None)
    }
}

/// Reads all events from a block up to the block at which the views were read, each with its block.
pub fn read(client: &Client, published: &Published, from: u64) -> Result<Vec<(u64, Event)>> {
    let mut events = Vec::new();
    let mut start = from;
    while start <= published.block {
        let end = published.block.min(start.saturating_add(PAGE - 1));
        let [from, to] = [start, end].map(|block| format!("{block:#x}"));
        let address = published.contract.to_string();
        let filter = json!([{ "address": address, "fromBlock": from, "toBlock": to }]);
        let page = client.read("eth_getLogs", &filter, |logs| {
            let read = |log: &Value| Some((number_of(log.get("blockNumber")?)?, event_of(log)?));
            logs.as_array()?.iter().map(read).collect::<Option<Vec<_>>>()
        })?;
        events.extend(page.into_iter().filter_map(|(block, event)| Some((block, event?))));
        start = end + 1;
    }
    Ok(events)
}

/// Reads all events and compares them with the views. If the chain was reorganised meanwhile, that is no contradiction.
pub fn check(client: &Client, published: &Published, from: u64) -> Result<Vec<(u64, Event)>> {
    let events = read(client, published, from)?;
    let mut heads = Vec::new();
    let mut result = None;
    for (_, event) in &events {
        match event {
            Event::Appended(head) => heads.push(*head),
            Event::Closed(_, hash) => result = Some(*hash),
        }
    }
    if heads == published.heads && result == published.result {
        return Ok(events);
    }
    let block = json!([format!("{:#x}", published.block), false]);
    let hash = client.read("eth_getBlockByNumber", &block, |block| {
        Some(block.get("hash")?.as_str()?.to_owned())
    })?;
    let what = format!(
        "{} heads in the events since the block {from}, {} in the views at the block {}",
        heads.len(),
        published.heads.len(),
        published.block
    );
    if hash == published.block_hash {
        Err(Contradiction::Events { what }.into())
    } else {
        Err(Failure::Reorganised)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_another_form_are_refused() {
        let word = |byte: u8| hex::encode([byte; 32]);
        let size = format!("0x{:064x}", 5);
        let appended = json!({
            "topics": [topic("Appended(uint64,bytes32)"), size], "data": format!("0x{}", word(7)),
        });
        let head = Head { size: 5, root: Root::from([7; 32]) };
        assert_eq!(event_of(&appended), Some(Some(Event::Appended(head))));
        let both = format!("0x{}{}", word(7), word(8));
        let closed =
            json!({ "topics": [topic("Closed(uint64,bytes32,bytes32)"), size], "data": both });
        assert_eq!(event_of(&closed), Some(Some(Event::Closed(head, [8; 32]))));
        let other = json!({ "topics": [topic("Other()")], "data": "0x" });
        assert_eq!(event_of(&other), Some(None));
        for (name, wrong) in [
            ("data", json!("0x")),
            ("data", json!("0x00")),
            ("data", json!(both)),
            ("topics", json!([topic("Appended(uint64,bytes32)")])),
            ("topics", json!([topic("Appended(uint64,bytes32)"), format!("0x{}", word(1))])),
            ("topics", json!([])),
        ] {
            let mut log = appended.clone();
            log[name] = wrong;
            assert_eq!(event_of(&log), None, "{log}");
        }
    }
}
