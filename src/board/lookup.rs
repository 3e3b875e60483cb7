//! A ballot on a board, found by its tracker, and what else is about a voter.

use super::{
    Board, FindError, Found, Posted, Storage,
    find::{Search, mandate},
};
use crate::{
    ballot::Tracker,
    log::LogError,
    roll::{Mandate, Proxied, VoterKey},
};
use alloc::{borrow::Cow, collections::BTreeSet, vec::Vec};

impl<S: Storage> Board<S> {
    /// The ballot with this tracker, cast or spoiled, and whose it is. It reads no entries but those of the ballot's voter.
    ///
    /// With the voter's key only that voter's ballots are found. **Without it the answer may be about somebody else's
    /// ballot**: show the voter whose it is, to compare with their own key. A cast ballot is found before a request to spoil it,
    /// which then cannot be fulfilled.
    ///
    /// # Errors
    ///
    /// The tracker is there, but only of other voters; or an entry cannot be read.
    pub fn find(
        &self,
        tracker: &Tracker,
        voter: Option<&VoterKey>,
    ) -> Result<Option<Found>, FindError> {
        let mut entries: BTreeSet<u64> = self.index.of(tracker.as_bytes()).collect();
        let mut voters = BTreeSet::new();
        self.each(&entries, |_, entry| {
            let posted = Posted::of_entry(entry).or_else(|| Posted::opened(entry));
            voters.extend(posted.map(|posted| posted.voter));
        })?;
        entries.extend(voters.iter().flat_map(|voter| self.index.of(voter.as_bytes())));
        // A ballot under a proxy's key is replaced by the voter's own.
        let mut own = BTreeSet::new();
        self.each(&entries, |_, entry| {
            let of = |Mandate { voter, key, .. }| {
                voters.contains(&(&key).into()).then(|| (&voter).into())
            };
            own.extend::<Option<VoterKey>>(mandate(entry).and_then(of));
        })?;
        entries.extend(own.iter().flat_map(|voter| self.index.of(voter.as_bytes())));
        let mut search = Search::new(tracker, voter);
        self.each(&entries, |index, entry| search.push(index, entry))?;
        search.end().map_err(FindError::OtherVoter)
    }

    /// The entries about this voter, ascending: ballots cast under the key, spoiled ballots and their openings, and delegations
    /// in which it is that of the voter, of the proxy, or of what the proxy casts.
    pub fn entries_of(&self, voter: &VoterKey) -> Result<Vec<u64>, LogError> {
        let mut found = Vec::new();
        self.each(&self.index.of(voter.as_bytes()).collect(), |index, entry| {
            let posted = Posted::of_entry(entry).or_else(|| Posted::opened(entry));
            let delegation = mandate(entry).map(|mandate| Proxied::new(index, &mandate));
            let named = |p: Proxied| [p.voter, p.key, p.proxy].contains(voter);
            if posted.is_some_and(|p| p.voter == *voter) || delegation.is_some_and(named) {
                found.push(index);
            }
        })?;
        Ok(found)
    }

    fn each(
        &self,
        entries: &BTreeSet<u64>,
        mut work: impl FnMut(u64, &[u8]),
    ) -> Result<(), LogError> {
        for index in entries {
            let entry = self.read(*index)?.map(Cow::into_owned);
            work(*index, &entry.unwrap_or_default());
        }
        Ok(())
    }
}
