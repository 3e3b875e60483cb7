//! Sends transactions, each in the place of one that is not mined yet.
//!
//! An account's transactions are numbered (the nonce), and a chain takes each number once. What is sent here always has the number
//! after the last one that is mined at a known block. So a transaction that was sent before, by this process or by one that was
//! killed, is either mined, or replaced by this one: never both.

use crate::{
    account::{Account, Transaction},
    ethereum::{
        Address, Client,
        rpc::{bytes_of, number_of},
    },
    failure::{Failure, Result},
};
use serde_json::{Value, json};

const GWEI: u128 = 1_000_000_000;

/// An account with a node that takes its transactions.
pub struct Sender {
    pub client: Client,
    pub account: Account,
    /// The number of the chain, for which alone a signature is valid.
    pub chain: u64,
    /// The most that a unit of gas may cost, in wei.
    pub most: u128,
}

/// How many transactions of the account there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Mined, at the block that was asked for: the next one's number.
    pub mined: u64,
    /// Mined, or known to the node and waiting.
    pub pending: u64,
}

impl Sender {
    pub fn new(client: Client, account: Account, max_fee: u64, chain: Option<u64>) -> Result<Self> {
        let found = client.read("eth_chainId", &json!([]), number_of)?;
        match chain {
            Some(expected) if expected != found => Err(Failure::Wrong(format!(
                "the node is of the chain {found}, but --chain is {expected}"
            ))),
            _ => Ok(Self { client, account, chain: found, most: u128::from(max_fee) * GWEI }),
        }
    }

    fn count(&self, at: &Value) -> Result<u64> {
        let params = json!([self.account.address.to_string(), at]);
        Ok(self.client.read("eth_getTransactionCount", &params, number_of)?)
    }

    /// How many transactions there are, of which those are mined that are in this block or before.
    pub fn counts(&self, block: &Value) -> Result<Counts> {
        Ok(Counts { mined: self.count(block)?, pending: self.count(&json!("pending"))? })
    }

    /// Signs and sends, and returns the hash. Each time that it was tried before, a quarter is added to what is paid for gas, since
    /// nodes let nothing else replace what they have.
    pub fn send(&self, nonce: u64, to: Option<Address>, data: &[u8], tried: u32) -> Result<String> {
        let base_of = |block: &Value| number_of(block.get("baseFeePerGas")?);
        let base = self.client.read("eth_getBlockByNumber", &json!(["latest", false]), base_of)?;
        let tip = self.client.read("eth_maxPriorityFeePerGas", &json!([]), number_of)?;
        let more = |fee: u128| (0..tried.min(64)).fold(fee, |fee, _| fee + fee.div_ceil(4));
        let tip = more(u128::from(tip.max(1)));
        let max_fee = more(2 * u128::from(base)) + tip;
        if max_fee > self.most {
            return Err(Failure::TooDear { found: max_fee, most: self.most });
        }
        let text = format!("0x{}", hex::encode(data));
        let mut call = json!({ "from": self.account.address.to_string(), "data": text });
        if let Some(to) = to {
            call["to"] = json!(to.to_string());
        }
        // The node refuses here what the contract would refuse, and nothing is paid.
        let gas = self.client.read("eth_estimateGas", &json!([call]), number_of)?;
        let gas = gas.saturating_add(gas / 4);
        let chain = self.chain;
        let transaction = Transaction { chain, nonce, tip, max_fee, gas, to, data };
        let (bytes, hash) = self.account.sign(&transaction)?;
        let raw = json!([format!("0x{}", hex::encode(bytes))]);
        let said = self.client.read("eth_sendRawTransaction", &raw, bytes_of)?;
        let hash = format!("0x{}", hex::encode(hash));
        if format!("0x{}", hex::encode(&said)) == hash {
            Ok(hash)
        } else {
            Err(Failure::Wrong(format!(
                "the node says that it took another transaction than {hash}"
            )))
        }
    }
}
