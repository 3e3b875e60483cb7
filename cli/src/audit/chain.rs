//! What a contract on a chain makes an audit expect.

#[cfg(test)]
mod tests;

use super::Unreadable;
use crate::{
    ethereum::{self, Address, Client},
    out::tell,
};
use clap::Args;
use std::{fmt::Display, time::Duration};
use tabella::audit::Expect;

/// How long a node may take to answer one question.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the operator published heads of the board.
#[derive(Args, Debug)]
pub struct Chain {
    /// Also compare the record with a contract on the chain of this Ethereum node, which is believed
    #[arg(long, value_name = "URL", requires = "contract")]
    ethereum: Option<String>,
    /// The contract, as you know it from elsewhere
    #[arg(long, value_name = "ADDRESS", requires = "ethereum")]
    contract: Option<Address>,
    /// Refuse every chain but the one with this number, such as 1 for Ethereum's main chain
    #[arg(long, value_name = "NUMBER", requires = "ethereum")]
    chain: Option<u64>,
    /// Read the contract at this block: latest, safe, finalized, or a number
    #[arg(long, value_name = "BLOCK", requires = "ethereum", default_value = "latest")]
    block: String,
}

impl Chain {
    /// Adds what the contract says, if there is one.
    pub(super) fn expect(&self, expect: Expect) -> Result<Expect, Unreadable> {
        let (Some(url), Some(contract)) = (&self.ethereum, self.contract) else {
            return Ok(expect);
        };
        let unreadable = |reason: &dyn Display| Unreadable::Chain(reason.to_string());
        let client = Client::new(url, PATIENCE).map_err(|error| unreadable(&error))?;
        let published = ethereum::read(&client, contract, &self.block);
        let published = published.map_err(|error| unreadable(&error))?;
        if let Some(chain) = self.chain.filter(|chain| *chain != published.chain) {
            return Err(unreadable(&format_args!(
                "the node is of the chain {}, but --chain is {chain}",
                published.chain
            )));
        }
        if let Some(manifest) = expect.manifest.filter(|manifest| *manifest != published.manifest) {
            return Err(unreadable(&format_args!(
                "the contract {contract} is of the election {}, but --expect-manifest is {manifest}",
                published.manifest
            )));
        }
        tell!("{published}");
        // Nothing follows the close; and while it is open, only a record that may be partial goes on behind the last head.
        let whole = published.result.is_some() || !expect.partial;
        let whole = whole.then(|| published.last().map_or(0, |head| head.size));
        if let (Some(size), Some(whole)) = (expect.size, whole)
            && size != whole
        {
            return Err(unreadable(&format_args!(
                "the last head in the contract {contract} is of {whole} entries, but --expect-size is {size}"
            )));
        }
        Ok(Expect {
            manifest: Some(published.manifest),
            size: expect.size.or(whole),
            heads: published.heads,
            result: published.result,
            ..expect
        })
    }
}
