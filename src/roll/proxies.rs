//! Who may cast ballots for whom, as far as a board says.

use super::{Mandate, Voter, VoterKey};
use alloc::{collections::BTreeMap, vec::Vec};
use core::{fmt, iter::once};

/// A voter for whom a proxy casts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proxied {
    /// The entry that says so.
    pub entry: u64,
    /// The voter.
    pub voter: VoterKey,
    /// The key under which the proxy casts the voter's ballots.
    pub key: VoterKey,
    /// The proxy.
    pub proxy: VoterKey,
}

impl Proxied {
    /// By the mandate in this entry.
    pub(crate) fn new(entry: u64, mandate: &Mandate) -> Self {
        let Mandate { voter, key, proxy } = mandate;
        let [voter, key, proxy] = [voter, key, proxy].map(VoterKey::from);
        Self { entry, voter, key, proxy }
    }
}

impl fmt::Display for Proxied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entry, voter, key, proxy } = self;
        write!(f, "entry {entry}: {proxy} casts for {voter}, under {key}")
    }
}

/// Why nobody becomes a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DelegationError {
    /// The manifest allows no proxies.
    NotAllowed,
    /// The voter's key is not on the roll.
    UnknownVoter,
    /// The proxy's key is not on the roll.
    UnknownProxy,
    /// The voter is the proxy.
    Oneself,
    /// The new key is that of a voter, or of another delegation.
    KeyInUse,
    /// The voter has a proxy.
    Twice {
        /// By this entry.
        entry: u64,
    },
    /// The voter is somebody's proxy, or the proxy has one: who has a proxy is none.
    Chain,
    /// The proxy casts for as many as are allowed.
    TooMany {
        /// How many are allowed.
        most: u16,
    },
    /// The voter has cast a ballot, which no proxy's could replace.
    HasCast {
        /// By this entry.
        entry: u64,
    },
}

impl fmt::Display for DelegationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed => f.write_str("the manifest allows no proxies"),
            Self::UnknownVoter => f.write_str("the voter's key is not on the roll"),
            Self::UnknownProxy => f.write_str("the proxy's key is not on the roll"),
            Self::Oneself => f.write_str("nobody is their own proxy"),
            Self::KeyInUse => {
                f.write_str("the new key is a voter's or another delegation's; make a new one")
            }
            Self::Twice { entry } => write!(f, "the voter has had a proxy since entry {entry}"),
            Self::Chain => f.write_str(
                "the voter is a proxy, or the proxy has one: whoever has a proxy is none",
            ),
            Self::TooMany { most } => {
                write!(f, "the proxy casts for {most} already, which is the most allowed")
            }
            Self::HasCast { entry } => {
                write!(f, "the voter has cast a ballot, entry {entry}, which counts in any case")
            }
        }
    }
}

impl core::error::Error for DelegationError {}

/// All delegations of an election.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies {
    /// In the order of the board, each with the voter as the roll has her.
    list: Vec<(Proxied, Voter)>,
    /// Places in this list.
    by_key: BTreeMap<VoterKey, usize>,
    by_voter: BTreeMap<u32, usize>,
    /// By line of the proxy, who comes with them.
    by_proxy: BTreeMap<u32, (Voter, Vec<usize>)>,
}

/// Those under whose keys proxies cast have lines behind those of the roll, of which there are `own`.
impl Proxies {
    pub(super) fn list(&self) -> impl ExactSizeIterator<Item = &Proxied> {
        self.list.iter().map(|(proxied, _)| proxied)
    }

    /// Whether this voter can get this proxy, who can cast for so many.
    pub(super) fn check(
        &self,
        voter: Voter,
        proxy: Voter,
        most: u16,
    ) -> Result<(), DelegationError> {
        let Self { list, by_key: _, by_voter, by_proxy } = self;
        if voter == proxy {
            return Err(DelegationError::Oneself);
        }
        let before = by_voter.get(&voter.line).and_then(|place| list.get(*place));
        if let Some((Proxied { entry, .. }, _)) = before {
            return Err(DelegationError::Twice { entry: *entry });
        }
        if by_proxy.contains_key(&voter.line) || by_voter.contains_key(&proxy.line) {
            return Err(DelegationError::Chain);
        }
        if by_proxy.get(&proxy.line).is_some_and(|(_, of)| of.len() >= usize::from(most)) {
            return Err(DelegationError::TooMany { most });
        }
        Ok(())
    }

    pub(super) fn add(&mut self, proxied: Proxied, voter: Voter, proxy: Voter) {
        let Self { list, by_key, by_voter, by_proxy } = self;
        let place = list.len();
        by_key.insert(proxied.key, place);
        by_voter.insert(voter.line, place);
        by_proxy.entry(proxy.line).or_insert((proxy, Vec::new())).1.push(place);
        list.push((proxied, voter));
    }

    /// As what a key under which a proxy casts counts: with the style and weight of the voter.
    pub(super) fn find(&self, key: &VoterKey, own: usize) -> Option<Voter> {
        self.at(*self.by_key.get(key)?, own)
    }

    fn at(&self, place: usize, own: usize) -> Option<Voter> {
        let (_, voter) = self.list.get(place)?;
        // There are no more delegations than voters, so this fits.
        let line = u32::try_from(own.checked_add(place)?).ok()?;
        Some(Voter { line, ..*voter })
    }

    pub(super) fn stands_for(&self, line: u32, own: usize) -> Option<u32> {
        let place = usize::try_from(line).ok()?.checked_sub(own)?;
        self.list.get(place).map(|(_, voter)| voter.line)
    }

    pub(super) fn line(&self, voter: u32, own: usize) -> Option<u32> {
        Some(self.at(*self.by_voter.get(&voter)?, own)?.line)
    }

    pub(super) fn lines(&self, own: usize) -> impl Iterator<Item = u32> {
        (0..self.list.len()).filter_map(move |place| Some(self.at(place, own)?.line))
    }

    pub(super) fn by_proxy(&self, own: usize) -> impl Iterator<Item = Vec<Voter>> {
        self.by_proxy.values().map(move |(proxy, of)| {
            once(*proxy).chain(of.iter().filter_map(|place| self.at(*place, own))).collect()
        })
    }
}
