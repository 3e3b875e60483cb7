//! The views of the contract.

use super::rpc::{Client, RpcError, bytes_of, number_of};
use serde_json::{Value, json};
use std::{error::Error, fmt, str::FromStr};
use tabella::{
    log::merkle::{Head, Root},
    manifest::ManifestHash,
};

/// The first four bytes of a call: the function. The check of `examples/ethereum` compares them with those of the compiler.
const MANIFEST_HASH: &str = "0x337f3f32";
const OPERATOR: &str = "0x570ca735";
const RESULT_HASH: &str = "0x881a3354";
const LAST: &str = "0x47799da8";
const HEADS: &str = "0x5a503f13";

/// The most heads that are read of a contract. It would take months of blocks to write more.
const MOST: u64 = 1 << 20;

/// An Ethereum address: 20 bytes. As text `0x` and 40 hexadecimal digits, upper or lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address(pub [u8; 20]);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(self.0))
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut address = [0; 20];
        let digits = text.strip_prefix("0x").unwrap_or_default();
        let decoded = hex::decode_to_slice(digits, &mut address);
        decoded.map_err(|_| {
            format!("{text:?} is no address; expected 0x and 40 hexadecimal digits")
        })?;
        Ok(Self(address))
    }
}

/// Everything that a contract said at one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The contract.
    pub contract: Address,
    /// The number of the chain, as the node says.
    pub chain: u64,
    /// The number of the block.
    pub block: u64,
    /// Its hash, as text.
    pub block_hash: String,
    /// The election.
    pub manifest: ManifestHash,
    /// The only sender of heads.
    pub operator: Address,
    /// The heads of the board, ascending by size.
    pub heads: Vec<Head>,
    /// SHA-256 of `result.json`, if the contract is closed: then the last head is that of the whole board.
    pub result: Option<[u8; 32]>,
}

impl Published {
    /// The head taken last.
    pub fn last(&self) -> Option<Head> {
        self.heads.last().copied()
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contract, chain, block, heads, result, .. } = self;
        let count = heads.len();
        write!(f, "the contract {contract} on the chain {chain} at block {block}: {count} heads")?;
        if let Some(Head { size, root }) = self.last() {
            write!(f, ", the last of {size} entries with the root {root}")?;
        }
        f.write_str(if result.is_some() { ", closed" } else { ", not closed" })
    }
}

/// Why a contract cannot be read.
#[derive(Debug)]
pub enum ChainError {
    /// The node says so.
    Rpc(RpcError),
    /// What stands at the address is not a `BulletinBoard`, or the node's answers contradict each other.
    Other {
        /// The address.
        contract: Address,
        /// What is wrong.
        reason: &'static str,
    },
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rpc(error) => error.fmt(f),
            Self::Other { contract, reason } => {
                write!(f, "at {contract} there is no BulletinBoard: {reason}")
            }
        }
    }
}

impl Error for ChainError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rpc(error) => Some(error),
            Self::Other { .. } => None,
        }
    }
}

impl From<RpcError> for ChainError {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

/// Asks a contract for everything, at a block: `latest`, `safe`, `finalized`, or a number.
pub fn read(client: &Client, contract: Address, block: &str) -> Result<Published, ChainError> {
    let other = |reason| ChainError::Other { contract, reason };
    let of_block = |block: &Value| {
        let hash = block.get("hash")?.as_str()?;
        Some((number_of(block.get("number")?)?, hash.to_owned()))
    };
    let block = block.parse().map_or(block.to_owned(), |number: u64| format!("{number:#x}"));
    let chain = client.read("eth_chainId", &json!([]), number_of)?;
    let (block, hash) = client.read("eth_getBlockByNumber", &json!([block, false]), of_block)?;
    // All answers are those of this block, whatever is mined meanwhile.
    let call = |function: &str, argument: &str| -> Result<Words, ChainError> {
        let call = json!({ "to": contract.to_string(), "data": format!("{function}{argument}") });
        let answer = client.read("eth_call", &json!([call, { "blockHash": hash }]), bytes_of)?;
        Words::new(&answer).ok_or_else(|| other("an answer has another form"))
    };
    let one = |words: Words| match words.0.as_slice() {
        [word] => Ok(*word),
        [] => Err(other("nothing answers")),
        _ => Err(other("an answer is too long")),
    };
    let manifest = one(call(MANIFEST_HASH, "")?)?.into();
    let operator = one(call(OPERATOR, "")?)?;
    let operator = match operator.split_first_chunk::<12>() {
        Some(([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], address)) => address.try_into().ok(),
        _ => None,
    };
    let operator = Address(operator.ok_or_else(|| other("the operator is no address"))?);
    let result = Some(one(call(RESULT_HASH, "")?)?).filter(|hash| *hash != [0; 32]);
    let last = call(LAST, "")?;
    let [count, size, root] = last.0.as_slice() else {
        return Err(other("the last head has another form"));
    };
    let count = small(count)
        .filter(|count| *count <= MOST)
        .ok_or_else(|| other("there are too many heads"))?;

    let mut heads: Vec<Head> = Vec::new();
    while (heads.len() as u64) < count {
        let page = call(HEADS, &format!("{:064x}", heads.len()))?;
        let page = page
            .heads()
            .filter(|page| !page.is_empty())
            .ok_or_else(|| other("the heads have another form"))?;
        for head in page {
            if heads.last().map_or(0, |last| last.size) >= head.size {
                return Err(other("the heads are not in order"));
            }
            heads.push(head);
        }
        if heads.len() as u64 > count {
            return Err(other("there are more heads than it says"));
        }
    }
    let found = heads.last().map_or((0, [0; 32]), |head| (head.size, *head.root.as_bytes()));
    if heads.len() as u64 != count || small(size) != Some(found.0) || *root != found.1 {
        return Err(other("the last head is not the last of all heads"));
    }
    if result.is_some() && heads.is_empty() {
        return Err(other("it is closed without a head"));
    }
    Ok(Published { contract, chain, block, block_hash: hash, manifest, operator, heads, result })
}

/// An answer as the ABI has it: words of 32 bytes.
struct Words(Vec<[u8; 32]>);

impl Words {
    fn new(bytes: &[u8]) -> Option<Self> {
        match bytes.as_chunks() {
            (words, []) => Some(Self(words.to_vec())),
            _ => None,
        }
    }

    /// Two lists, of sizes and of roots, in the one form that the compiler gives them.
    fn heads(&self) -> Option<Vec<Head>> {
        let (first, rest) = self.0.split_first_chunk::<3>()?;
        let [sizes_at, roots_at, count] = first.each_ref().map(small);
        let count = usize::try_from(count?).ok().filter(|count| *count <= rest.len())?;
        let (sizes, rest) = rest.split_at_checked(count)?;
        let (again, roots) = rest.split_first()?;
        let form = (sizes_at?, roots_at?, small(again)?, roots.len());
        if form != (64, 96 + 32 * count as u64, count as u64, count) {
            return None;
        }
        let head = |(size, root): (&[u8; 32], &[u8; 32])| {
            Some(Head { size: small(size)?, root: Root::from(*root) })
        };
        sizes.iter().zip(roots).map(head).collect()
    }
}

/// A number below 2⁶⁴.
fn small(word: &[u8; 32]) -> Option<u64> {
    let (zeros, number) = word.split_last_chunk::<8>()?;
    zeros.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*number))
}
