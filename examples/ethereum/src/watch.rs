//! Compares a record with the contract, as one or several nodes show it.

use crate::{
    compare::{Contradiction, Stand, compare, compare_end, compare_nodes},
    ethereum::{self, Address, Client, contract::Published},
    events::{self, Event},
    failure::{Failure, Result, Teller, say},
    record::{End, Record},
};
use clap::Args;
use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

#[derive(Args)]
pub struct Options {
    /// The record's folder, or a copy of it that is kept up to date
    record: PathBuf,
    /// The contract, as you know it from elsewhere
    #[arg(long, value_name = "ADDRESS")]
    contract: Address,
    /// A node's URL; may be given several times, and the nodes are compared
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    node: Vec<String>,
    /// Refuse every chain but the one with this number
    #[arg(long, value_name = "NUMBER")]
    chain: Option<u64>,
    /// How many seconds a node has for each answer
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = crate::seconds)]
    timeout: Duration,
    /// Read the contract at this block: latest, safe, finalized, or a number
    #[arg(long, value_name = "BLOCK", default_value = "latest")]
    block: String,
    /// Also compare the contract's events since this block, that of its making or one before
    #[arg(long, value_name = "BLOCK")]
    events_from: Option<u64>,
    /// How many seconds to wait between two looks
    #[arg(long, value_name = "SECONDS", default_value = "12", value_parser = crate::seconds)]
    every: Duration,
    /// For how many seconds the copy of the record may be behind the chain
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = crate::seconds)]
    patience: Duration,
    /// Look once, and end
    #[arg(long)]
    once: bool,
}

/// A node, and what it showed last.
struct Node<'a> {
    url: &'a str,
    client: Client,
    /// What was compared with the events.
    shown: Option<Published>,
    teller: Teller,
}

struct Watcher<'a> {
    options: &'a Options,
    record: Record,
    nodes: Vec<Node<'a>>,
    end: Option<End>,
    /// Since when the chain has been ahead of the record.
    ahead: Option<Instant>,
    teller: Teller,
}

pub fn run(options: &Options) -> Result<()> {
    let mut nodes = Vec::new();
    for url in &options.node {
        let client = Client::new(url, options.timeout)?;
        nodes.push(Node { url, client, shown: None, teller: Teller::default() });
    }
    let mut watcher = Watcher {
        options,
        record: Record::open(&options.record)?,
        nodes,
        end: None,
        ahead: None,
        teller: Teller::default(),
    };
    loop {
        match watcher.round() {
            Ok(true) => return Ok(()),
            Ok(false) if options.once => return Ok(()),
            Ok(false) => {}
            Err(failure) if failure.passes() && !options.once => watcher.teller.tell(&failure),
            Err(failure) => return Err(failure),
        }
        thread::sleep(options.every);
    }
}

impl Watcher<'_> {
    /// Looks at all nodes, and returns whether all is closed and right.
    fn round(&mut self) -> Result<bool> {
        let mut seen = Vec::new();
        let mut silent = 0;
        for (place, node) in (1..).zip(&mut self.nodes) {
            match node.look(place, self.options) {
                Ok(published) => seen.push((place, published)),
                // The others may still say something.
                Err(failure) if failure.passes() && !self.options.once => {
                    silent += 1;
                    node.teller.tell(format_args!("node {place}: {failure}"));
                }
                Err(failure) => return Err(failure),
            }
        }
        for (i, (place, one)) in seen.iter().enumerate() {
            for (other_place, other) in seen.iter().skip(i + 1) {
                compare_nodes([(*place, one), (*other_place, other)])?;
            }
        }
        let mut ahead = None;
        for (_, published) in &seen {
            if let Stand::Ahead { chain, record } = compare(&mut self.record, published)? {
                ahead = Some((chain, record));
            }
        }
        if let Some((chain, record)) = ahead {
            let since = *self.ahead.get_or_insert_with(Instant::now);
            if self.options.once || since.elapsed() >= self.options.patience {
                return Err(Contradiction::Ahead { chain, record }.into());
            }
            self.teller.tell(format_args!(
                "the chain has {} entries, the record {} as yet",
                chain.size, record.size
            ));
            return Ok(false);
        }
        self.ahead = None;
        let mut closed = 0;
        for (_, published) in seen.iter().filter(|(_, published)| published.result.is_some()) {
            closed += 1;
            // The copy of the record may have no result yet.
            if self.end.is_none() && self.record.has_ended()? {
                self.end = Some(self.record.end()?);
            }
            let Some(end) = &self.end else {
                if self.options.once {
                    return Err(Failure::Wrong("the contract is closed, the record is not".into()));
                }
                self.teller.tell("the contract is closed; waiting for the end of the record");
                return Ok(false);
            };
            compare_end(end, published)?;
        }
        self.tell_what_is_missing(&seen)?;
        let all = silent == 0 && closed == seen.len() && closed > 0;
        if all {
            say("closed; the record and the contract say the same");
        }
        Ok(all)
    }

    /// Says which checkpoint of the record is not on the chain.
    fn tell_what_is_missing(&mut self, seen: &[(usize, Published)]) -> Result<()> {
        let last = self.record.checkpoints()?.last().map_or(0, |head| head.size);
        for (place, published) in seen {
            let found = published.last().map_or(0, |head| head.size);
            if found < last {
                self.teller.tell(format_args!(
                    "node {place}: the record has a checkpoint of {last} entries, the chain one of {found}"
                ));
            }
        }
        Ok(())
    }
}

impl Node<'_> {
    /// What the node shows, which agrees with its events.
    fn look(&mut self, place: usize, options: &Options) -> Result<Published> {
        let published = ethereum::read(&self.client, options.contract, &options.block)?;
        if let Some(chain) = options.chain.filter(|chain| *chain != published.chain) {
            return Err(Failure::Wrong(format!(
                "the node {place} is of the chain {}, but --chain is {chain}",
                published.chain
            )));
        }
        let same = |shown: &&Published| {
            (&shown.heads, shown.result) == (&published.heads, published.result)
        };
        if self.shown.as_ref().filter(same).is_some() {
            return Ok(published);
        }
        let before = self.shown.as_ref().map_or(0, |shown| shown.heads.len());
        if let Some(from) = options.events_from {
            for (block, event) in events::check(&self.client, &published, from)? {
                match event {
                    Event::Appended(head) if before == 0 || !self.had(head.size) => {
                        say(format_args!(
                            "block {block}: {} entries, root {}",
                            head.size, head.root
                        ));
                    }
                    Event::Appended(_) => {}
                    Event::Closed(head, _) => {
                        say(format_args!("block {block}: closed with {} entries", head.size));
                    }
                }
            }
        }
        if published.heads.len() < before {
            self.teller.tell(format_args!(
                "node {place}: reorganised; {} heads are gone until they are sent again",
                before - published.heads.len()
            ));
        }
        self.teller.tell(format_args!("node {place} ({}): {published}", self.shown_url()));
        self.shown = Some(published.clone());
        Ok(published)
    }

    fn had(&self, size: u64) -> bool {
        self.shown.iter().flat_map(|shown| &shown.heads).any(|head| head.size == size)
    }

    /// The URL up to its host, since what follows may hold a key.
    fn shown_url(&self) -> String {
        self.url.split('/').take(3).collect::<Vec<_>>().join("/")
    }
}
