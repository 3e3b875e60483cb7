//! What a contract on a chain makes an audit expect.

use super::Unreadable;
use crate::{
    ethereum::{self, Address, Client},
    out::tell,
};
use clap::Args;
use tabella::audit::Expect;

/// Where the operator published heads of the board.
#[derive(Args, Debug)]
pub struct Chain {
    /// Also compare the record with a contract on the chain of this Ethereum node, which is believed
    #[arg(long, value_name = "URL", requires = "contract")]
    ethereum: Option<String>,
    /// The contract, as you know it from elsewhere
    #[arg(long, value_name = "ADDRESS", requires = "ethereum")]
    contract: Option<Address>,
}

impl Chain {
    /// Adds what the contract says, if there is one.
    pub(super) fn expect(&self, expect: Expect) -> Result<Expect, Unreadable> {
        let (Some(url), Some(contract)) = (&self.ethereum, self.contract) else {
            return Ok(expect);
        };
        let published = ethereum::read(&Client::new(url), contract);
        let published = published.map_err(|error| Unreadable::Chain(error.to_string()))?;
        if let Some(manifest) = expect.manifest.filter(|manifest| *manifest != published.manifest) {
            return Err(Unreadable::Chain(format!(
                "the contract {contract} is of the election {}, but --expect-manifest is {manifest}",
                published.manifest
            )));
        }
        tell!("{published}");
        // Nothing follows the close.
        let whole = published.last().filter(|_| published.result.is_some()).map(|head| head.size);
        Ok(Expect {
            manifest: Some(published.manifest),
            size: expect.size.or(whole),
            heads: published.heads,
            result: published.result,
            ..expect
        })
    }
}
