//! The folded contests of a ballot.

use super::Manifest;
use crate::{contest::Contest, crypto::wide::Rules};
use alloc::vec::Vec;

/// The rules of the folded contests among these, over all their limbs, and the places of the limbs among the ballot's slots. `None` if
/// there is no such contest.
pub(super) fn folded(held: &[&Contest]) -> Option<(Rules, Vec<usize>)> {
    let (mut places, mut end) = (Vec::new(), 0usize);
    for contest in held {
        let first = end;
        end = end.saturating_add(contest.slots());
        if contest.is_folded() {
            places.extend(first..end);
        }
    }
    if places.is_empty() {
        return None;
    }
    let (mut rules, mut first) = (Rules::new(places.len()), 0usize);
    for contest in held.iter().filter(|contest| contest.is_folded()) {
        contest.add_folded(first, &mut rules);
        first = first.saturating_add(contest.slots());
    }
    Some((rules, places))
}

impl Manifest {
    /// The rules of the folded contests on a ballot of this style, over their limbs and slack, and the slots of the limbs, numbered as in
    /// [`constraints`](Self::constraints), where they are free. `None` if no contest is folded.
    pub fn folded(&self, style: usize) -> Option<(Rules, Vec<usize>)> {
        folded(&self.held(self.parts.styles.get(style)?))
    }
}
