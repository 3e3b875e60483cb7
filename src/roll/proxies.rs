//! Who may cast ballots for whom, as far as a board says.

use super::{Mandate, Roll, Voter, VoterKey};
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

impl Roll {
    /// Takes a delegation that all three have signed, by this entry.
    pub(crate) fn delegate(
        &mut self,
        most: Option<u16>,
        mandate: &Mandate,
        entry: u64,
    ) -> Result<(), DelegationError> {
        let (voter, proxy) = self.may_delegate(most, mandate)?;
        let (place, proxied) = (self.proxies.list.len(), Proxied::new(entry, mandate));
        let Proxies { list, by_key, by_voter, by_proxy } = &mut self.proxies;
        list.push((proxied, voter));
        by_key.insert(proxied.key, place);
        by_voter.insert(voter.line, place);
        by_proxy.entry(proxy.line).or_insert((proxy, Vec::new())).1.push(place);
        Ok(())
    }

    /// Voter and proxy, if the one can become the other's proxy.
    pub(crate) fn may_delegate(
        &self,
        most: Option<u16>,
        mandate: &Mandate,
    ) -> Result<(Voter, Voter), DelegationError> {
        let Mandate { voter, key, proxy } = mandate;
        let most = most.ok_or(DelegationError::NotAllowed)?;
        let voter = self.registered(voter.as_bytes()).ok_or(DelegationError::UnknownVoter)?;
        let proxy = self.registered(proxy.as_bytes()).ok_or(DelegationError::UnknownProxy)?;
        if voter == proxy {
            return Err(DelegationError::Oneself);
        }
        if self.voter_of(key.as_bytes()).is_some() {
            return Err(DelegationError::KeyInUse);
        }
        let Proxies { list, by_key: _, by_voter, by_proxy } = &self.proxies;
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
        Ok((voter, proxy))
    }

    /// All delegations, in the order of the board.
    pub fn proxied(&self) -> impl ExactSizeIterator<Item = &Proxied> {
        self.proxies.list.iter().map(|(proxied, _)| proxied)
    }

    /// As what a key under which a proxy casts counts: a line behind all others, and the style and weight of the voter.
    pub(super) fn stand_in(&self, key: &[u8; 32]) -> Option<Voter> {
        self.at(*self.proxies.by_key.get(&VoterKey::found(*key))?)
    }

    fn at(&self, place: usize) -> Option<Voter> {
        let (_, voter) = self.proxies.list.get(place)?;
        // There are no more delegations than lines, so this fits.
        let line = u32::try_from(self.lines.len().checked_add(place)?).ok()?;
        Some(Voter { line, ..*voter })
    }

    /// The line of the voter for whom a proxy casts under the key of this line.
    pub(crate) fn stands_for(&self, line: u32) -> Option<u32> {
        let place = usize::try_from(line).ok()?.checked_sub(self.lines.len())?;
        self.proxies.list.get(place).map(|(_, voter)| voter.line)
    }

    /// The line under which a proxy casts for this voter, if there is one.
    pub(crate) fn proxy_line(&self, voter: u32) -> Option<u32> {
        Some(self.at(*self.proxies.by_voter.get(&voter)?)?.line)
    }

    /// All lines under which proxies cast.
    pub(crate) fn proxy_lines(&self) -> impl Iterator<Item = u32> {
        (0..self.proxies.list.len()).filter_map(|place| Some(self.at(place)?.line))
    }

    /// For each proxy, as whom she casts: as herself first.
    pub(crate) fn by_proxy(&self) -> impl Iterator<Item = Vec<Voter>> {
        let all = self.proxies.by_proxy.values();
        all.map(|(own, of)| once(*own).chain(of.iter().filter_map(|p| self.at(*p))).collect())
    }
}
