//! Sends the checkpoints of a record to the contract.
//!
//! The publisher keeps nothing of its own: what is on the chain says what comes next, and the record says what there is to send. So
//! it can be killed at any time and started again, on another machine too; and after a reorganisation it sends again what the chain
//! has lost. See `send.rs` for why nothing is taken twice.

use crate::{
    Node,
    account::Account,
    compare::{Contradiction, Stand, compare, compare_end},
    ethereum::{self, Address, contract::Published},
    failure::{Failure, Result, Teller, tell},
    record::{End, Record},
    send::{Counts, Sender},
};
use clap::Args;
use serde_json::json;
use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};
use tabella::log::merkle::Head;

/// The first four bytes of a call: the function. The check of this folder compares them with those of the compiler.
const APPEND: [u8; 4] = [0x5d, 0x3f, 0xbe, 0x4e];
const CLOSE: [u8; 4] = [0x2c, 0x5e, 0x57, 0x2d];

#[derive(Args)]
pub struct Options {
    /// The record's folder
    record: PathBuf,
    /// The contract
    #[arg(long, value_name = "ADDRESS")]
    contract: Address,
    /// The file with the account's secret
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    node: Node,
    /// How many seconds to wait between two looks
    #[arg(long, value_name = "SECONDS", default_value = "12", value_parser = crate::seconds)]
    every: Duration,
    /// After how many seconds a transaction that is not mined is replaced by one that pays more
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = crate::seconds)]
    patience: Duration,
    /// How many blocks must follow the one with the close before the command ends
    #[arg(long, value_name = "BLOCKS", default_value_t = 64)]
    confirmations: u64,
    /// The most that a unit of gas may cost, in gwei
    #[arg(long, value_name = "GWEI", default_value_t = 200)]
    max_fee: u64,
}

struct Publisher<'a> {
    options: &'a Options,
    record: Record,
    sender: Sender,
    /// The end of the record, once an audit has accepted it.
    end: Option<End>,
    /// A transaction that waits: its number, since when, and how often it was replaced.
    waiting: Option<(u64, Instant, u32)>,
}

/// What a round came to.
enum Round {
    /// Nothing to do as yet.
    Wait(String),
    /// Something was sent.
    Sent(String),
    /// The contract is closed, and deep enough in the chain.
    Done,
}

/// What is called next.
enum Call {
    Append { old: u64, head: Head },
    Close { old: u64, end: End },
}

pub fn run(options: &Options) -> Result<()> {
    let (mut teller, mut publisher) = (Teller::default(), None);
    loop {
        let round = match &mut publisher {
            None => Publisher::new(options).and_then(|made| publisher.insert(made).round()),
            Some(publisher) => publisher.round(),
        };
        match round {
            Ok(Round::Done) => return Ok(()),
            Ok(Round::Sent(text) | Round::Wait(text)) => teller.tell(text),
            Err(failure) if failure.passes() => teller.tell(format_args!("waiting: {failure}")),
            Err(failure) => return Err(failure),
        }
        thread::sleep(options.every);
    }
}

impl<'a> Publisher<'a> {
    fn new(options: &'a Options) -> Result<Self> {
        let (account, client) = (Account::read(&options.key)?, options.node.client()?);
        Ok(Self {
            options,
            record: Record::open(&options.record)?,
            sender: Sender::new(client, account, options.max_fee, options.node.chain)?,
            end: None,
            waiting: None,
        })
    }

    fn round(&mut self) -> Result<Round> {
        let contract = self.options.contract;
        let published = ethereum::read(&self.sender.client, contract, "latest")?;
        let (chain, account) = (published.operator, self.sender.account.address);
        if chain != account {
            return Err(Contradiction::Operator { chain, account }.into());
        }
        if published.chain != self.sender.chain {
            return Err(Failure::Wrong(format!(
                "the node was of the chain {}, and is now of {}",
                self.sender.chain, published.chain
            )));
        }
        if let Stand::Ahead { chain, record } = compare(&mut self.record, &published)? {
            // Only this account sends heads, of this record: it was restored from an old copy.
            return Err(Contradiction::Ahead { chain, record }.into());
        }
        if published.result.is_some() {
            return self.closed(&published);
        }
        let Some(call) = self.next(&published)? else {
            self.waiting = None;
            return Ok(Round::Wait(format!("{published}; nothing to send")));
        };
        let counts = self.sender.counts(&json!({ "blockHash": published.block_hash }))?;
        let Some(tried) = self.tried(counts) else {
            return Ok(Round::Wait(format!("the transaction {} waits", counts.mined)));
        };
        let (data, what) = self.data(&call)?;
        let hash = self.sender.send(counts.mined, Some(contract), &data, tried)?;
        Ok(Round::Sent(format!("sent {what} as the transaction {}, {hash}", counts.mined)))
    }

    /// How often the next transaction was tried before; `None` if one is still waiting.
    fn tried(&mut self, counts: Counts) -> Option<u32> {
        if counts.pending <= counts.mined {
            self.waiting = None;
            return Some(0);
        }
        let now = Instant::now();
        let (since, tried) = match self.waiting {
            Some((number, since, tried)) if number == counts.mined => (since, tried),
            _ => (now, 0),
        };
        let impatient = now.duration_since(since) >= self.options.patience;
        let (since, tried) = if impatient { (now, tried + 1) } else { (since, tried) };
        self.waiting = Some((counts.mined, since, tried));
        impatient.then_some(tried)
    }

    /// What the contract lacks: the next checkpoint, or the close.
    fn next(&mut self, published: &Published) -> Result<Option<Call>> {
        let old = published.last().map_or(0, |head| head.size);
        let heads = self.record.checkpoints()?;
        if let Some(head) = heads.iter().copied().find(|head| head.size > old) {
            // The close takes the last head.
            let is_last = heads.last() == Some(&head);
            if !is_last || !self.record.has_ended()? || self.end()?.head != head {
                return Ok(Some(Call::Append { old, head }));
            }
        }
        if self.record.has_ended()? {
            return Ok(Some(Call::Close { old, end: self.end()? }));
        }
        Ok(None)
    }

    /// The end of the record. A close cannot be taken back, so an audit comes first.
    fn end(&mut self) -> Result<End> {
        match self.end {
            Some(end) => Ok(end),
            None => Ok(*self.end.insert(self.record.end()?)),
        }
    }

    fn data(&self, call: &Call) -> Result<(Vec<u8>, String)> {
        let (function, old, head, result) = match call {
            Call::Append { old, head } => (APPEND, *old, *head, None),
            Call::Close { old, end } => (CLOSE, *old, end.head, Some(end.result)),
        };
        let empty = old == 0 || old == head.size;
        let proof = if empty { vec![] } else { self.record.consistency(old, head.size)? };
        let mut words = vec![word(head.size), *head.root.as_bytes()];
        // Where the proof begins, in bytes from the first word.
        words.push(word(96 + if result.is_some() { 32 } else { 0 }));
        words.extend(result);
        words.push(word(proof.len() as u64));
        words.extend(proof);
        let name = if result.is_some() { "the close" } else { "the head" };
        let data = [&function[..], words.as_flattened()].concat();
        Ok((data, format!("{name} of {} entries", head.size)))
    }

    fn closed(&mut self, published: &Published) -> Result<Round> {
        let end = self.end()?;
        compare_end(&end, published)?;
        let Some(deep) = published.block.checked_sub(self.options.confirmations) else {
            return Ok(Round::Wait("closed; waiting for blocks behind it".into()));
        };
        let client = &self.sender.client;
        let before = ethereum::read(client, self.options.contract, &deep.to_string());
        match before {
            Ok(before) if before.result == published.result => {
                tell(published);
                Ok(Round::Done)
            }
            _ => Ok(Round::Wait("closed; waiting for blocks behind it".into())),
        }
    }
}

fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    let (_, end) = word.split_at_mut(24);
    end.copy_from_slice(&number.to_be_bytes());
    word
}
