//! Which entries are about a ballot or a voter, so that neither is searched for.

use super::{Posted, find::mandate};
use crate::{log::entry::MAX_ENTRY, roll::Proxied};
use alloc::{collections::BTreeSet, vec::Vec};

/// The first bytes of each tracker and each voter's key, with the entry that has it. Others may begin with the same: what is
/// found is read and compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Index(BTreeSet<(u64, u64)>);

impl Index {
    /// What an object is found by. It hashes ballots.
    pub(super) fn keys(object: &[u8]) -> Vec<u64> {
        if object.len() > MAX_ENTRY {
            return Vec::new();
        }
        let ballot = Posted::of_entry(object).or_else(|| Posted::opened(object));
        let ballot = ballot.map(|p| [first(p.tracker.as_bytes()), first(p.voter.as_bytes())]);
        let proxied = mandate(object).map(|mandate| Proxied::new(0, &mandate));
        let proxied = proxied.map(|p| [p.voter, p.key, p.proxy].map(|key| first(key.as_bytes())));
        ballot.into_iter().flatten().chain(proxied.into_iter().flatten()).collect()
    }

    pub(super) fn add(&mut self, entry: u64, keys: Vec<u64>) {
        self.0.extend(keys.into_iter().map(|key| (key, entry)));
    }

    /// The entries that have this key, and few others; ascending.
    pub(super) fn of(&self, key: &[u8; 32]) -> impl Iterator<Item = u64> {
        let key = first(key);
        self.0.range((key, 0)..=(key, u64::MAX)).map(|(_, entry)| *entry)
    }
}

fn first([a, b, c, d, e, f, g, h, ..]: &[u8; 32]) -> u64 {
    u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h])
}
