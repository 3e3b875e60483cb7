//! What a chain and a record say of one board.

use crate::{
    ethereum::{Address, contract::Published},
    failure::{Failure, Result},
    record::{End, Record},
};
use std::fmt;
use tabella::{log::merkle::Head, manifest::ManifestHash};

/// Two statements of which only one can be true. It does not say which.
#[derive(Debug)]
pub enum Contradiction {
    /// The contract is of another election.
    Manifest { chain: ManifestHash, record: ManifestHash },
    /// The board on the chain is not the beginning of the record's.
    Head { chain: Head, record: Head },
    /// The chain has more entries than the record, and this did not pass.
    Ahead { chain: Head, record: Head },
    /// The contract is closed over another end.
    End { chain: (Head, [u8; 32]), record: End },
    /// The contract takes heads from another account.
    Operator { chain: Address, account: Address },
    /// Two nodes show different contracts.
    Nodes { places: (usize, usize), what: String },
    /// A node's events are not what its views are.
    Events { what: String },
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut both = |chain: &Head, record: &Head| {
            writeln!(f, "  chain   {} entries, root {}", chain.size, chain.root)?;
            write!(f, "  record  {} entries, root {}", record.size, record.root)
        };
        match self {
            Self::Head { chain, record } | Self::Ahead { chain, record } => {
                both(chain, record)?;
                f.write_str(match self {
                    Self::Head { .. } => "\nCONTRADICTION: the board on the chain is another one",
                    _ => "\nCONTRADICTION: entries on the chain are not in the record",
                })
            }
            Self::End { chain: (chain, hash), record } => {
                both(chain, &record.head)?;
                write!(
                    f,
                    "\n  result  {} on the chain, {} in the record\nCONTRADICTION: the contract is closed over another end",
                    hex::encode(hash),
                    hex::encode(record.result)
                )
            }
            Self::Manifest { chain, record } => write!(
                f,
                "CONTRADICTION: the contract is of the election {chain}, the record of {record}"
            ),
            Self::Operator { chain, account } => {
                write!(
                    f,
                    "CONTRADICTION: the contract takes heads from {chain}, not from {account}"
                )
            }
            Self::Nodes { places: (a, b), what } => {
                write!(f, "CONTRADICTION: the nodes {a} and {b} show different contracts: {what}")
            }
            Self::Events { what } => {
                write!(
                    f,
                    "CONTRADICTION: a node's events are not what it says of the contract: {what}"
                )
            }
        }
    }
}

/// How a record and a chain stand to each other that do not contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// All heads on the chain are the record's.
    Fits,
    /// The chain has more entries than the record as yet.
    Ahead { chain: Head, record: Head },
}

/// Compares all heads on a chain with a record.
pub fn compare(record: &mut Record, published: &Published) -> Result<Stand> {
    match compared(record, published) {
        Err(Failure::Contradiction(found)) if matches!(*found, Contradiction::Head { .. }) => {
            // Entries that no checkpoint covered may have been cut off meanwhile.
            record.reread();
            compared(record, published)
        }
        other => other,
    }
}

fn compared(record: &mut Record, published: &Published) -> Result<Stand> {
    let (chain, of_record) = (published.manifest, record.manifest());
    if chain != of_record {
        return Err(Contradiction::Manifest { chain, record: of_record }.into());
    }
    for chain in published.heads.iter().copied() {
        if !record.read_to(chain.size)? {
            return Ok(Stand::Ahead { chain, record: record.whole()? });
        }
        let found = record.head(chain.size)?;
        if found != chain {
            return Err(Contradiction::Head { chain, record: found }.into());
        }
    }
    Ok(Stand::Fits)
}

/// Compares the close on a chain with the end of a record, which an audit accepted.
pub fn compare_end(end: &End, published: &Published) -> Result<()> {
    if let (Some(head), Some(hash)) = (published.last(), published.result)
        && (head, hash) != (end.head, end.result)
    {
        return Err(Contradiction::End { chain: (head, hash), record: *end }.into());
    }
    Ok(())
}

/// Compares what two nodes show: one of them may not have seen the latest blocks.
pub fn compare_nodes(nodes: [(usize, &Published); 2]) -> Result<()> {
    let [(a, one), (b, other)] = nodes;
    let contradiction = |what| Contradiction::Nodes { places: (a, b), what };
    if (one.manifest, one.operator, one.chain) != (other.manifest, other.operator, other.chain) {
        let what = "another election, operator or chain".into();
        return Err(contradiction(what).into());
    }
    let different = one.heads.iter().zip(&other.heads).find(|(one, other)| one != other);
    if let Some((one, other)) = different {
        let show = |head: &Head| format!("{} entries with the root {}", head.size, head.root);
        return Err(contradiction(format!("{}, and {}", show(one), show(other))).into());
    }
    // Nothing follows the close.
    let closed = |closed: &Published, other: &Published| {
        closed.result.is_some()
            && (other.heads.len() > closed.heads.len()
                || other.result.is_some_and(|result| Some(result) != closed.result))
    };
    if closed(one, other) || closed(other, one) {
        return Err(contradiction("closed with different ends".into()).into());
    }
    Ok(())
}
