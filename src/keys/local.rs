//! A whole ceremony in one process.

use super::{Commit, Deal, Dealer, KeyError, Observer, Recipient, Setup, Trustee};
use crate::{
    codec::Encode,
    crypto::{ProveError, signature::AuthorSecret},
};
use alloc::vec::Vec;
use rand_core::{CryptoRng, RngCore};

/// The messages of a ceremony without faults.
#[derive(Clone, Debug)]
pub struct Messages {
    /// The commits of all dealers.
    pub commits: Vec<Commit>,
    /// The deals of all dealers.
    pub deals: Vec<Deal>,
}

/// A complete first ceremony in one process, for tests and for elections that trust one machine with all secrets.
///
/// The secrets are the registered ones of all trustees, in the manifest's order.
pub fn in_one_process(
    manifest: &crate::manifest::Manifest,
    secrets: &[AuthorSecret],
    rng: &mut (impl CryptoRng + RngCore),
) -> Result<(Messages, Vec<Trustee>), KeyError> {
    let setup = Setup::first(manifest);
    let mut observer = Observer::new(setup.clone());
    let mut dealers = Vec::new();
    let mut commits = Vec::new();
    for (secret, number) in secrets.iter().zip(1u16..) {
        let (dealer, commit) =
            Dealer::new(&setup, number, secret, rng).map_err(|error| match error {
                ProveError::Shape | ProveError::WrongSecret | ProveError::OtherElection => {
                    KeyError::WrongSecret { number }
                }
                ProveError::Randomness | ProveError::ZeroChallenge => KeyError::Randomness,
            })?;
        observer.take_commit(commit.clone(), rng)?;
        dealers.push(dealer);
        commits.push(commit);
    }
    observer.close_round()?;
    let mut deals = Vec::new();
    for dealer in dealers {
        let deal = dealer.deal(&observer)?;
        observer.take_deal(deal.dealer(), &deal.to_bytes(), rng)?;
        deals.push(deal);
    }
    observer.close_round()?;
    observer.close_round()?;
    let receive = |(secret, number)| Recipient::new(&setup, number, secret)?.finish(&observer);
    let trustees = secrets.iter().zip(1u16..).map(receive).collect::<Result<_, _>>()?;
    Ok((Messages { commits, deals }, trustees))
}
