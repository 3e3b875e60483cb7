//! Codes for what the board refuses, and how often it did.

use crate::published::now;
use serde::Serialize;
use std::collections::BTreeMap;
use tabella::board::Refusal;

/// A word for programs.
pub fn code(refusal: &Refusal) -> &'static str {
    use Refusal as R;
    match refusal {
        R::Malformed(_) => "malformed",
        R::TooLarge { .. } => "too-large",
        R::OutOfPhase { .. } => "out-of-phase",
        R::Signature { .. } => "signature",
        R::Keys(_) => "keys",
        R::Trustee { .. } => "trustee",
        R::WrongRound { .. } => "wrong-round",
        R::Promise { .. } => "promise",
        R::AskedBefore => "asked-before",
        R::Rehearsals { .. } => "rehearsals",
        R::Roll(_) => "roll",
        R::UnknownVoter => "unknown-voter",
        R::WrongStyle { .. } => "wrong-style",
        R::WrongWeight { .. } => "wrong-weight",
        R::AlreadyOnBoard { .. } => "already-on-board",
        R::Proof(_) => "proof",
        R::WrongSequence { .. } => "wrong-sequence",
        R::TooManyBallots { .. } => "too-many-ballots",
        R::NonceReused => "nonce-reused",
        R::Spoiled { .. } => "spoiled",
        R::TooManySpoils { .. } => "too-many-spoils",
        R::UnknownSpoil => "unknown-spoil",
        R::AlreadyOpened { .. } => "already-opened",
        R::Opening(_) => "opening",
        R::Delegation(_) => "delegation",
        R::Overruled { .. } => "overruled",
        R::Withdrawal(_) => "withdrawal",
        R::Closed => "closed",
        R::Frozen => "frozen",
        R::CloseSigned { .. } => "close-signed",
        R::HandedOver { .. } => "handed-over",
        R::Quorum { .. } => "quorum",
        R::Mix { .. } => "mix",
        R::Share { .. } => "share",
        R::TooFewShares { .. } => "too-few-shares",
        R::Unsaved => "unsaved",
        R::Randomness => "randomness",
        _ => "other",
    }
}

/// A sentence for people. What does not open a spoiled ballot is told no further: it could say what the ballot holds.
pub fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Opening(_) => "this does not open the spoiled ballot".into(),
        refusal => refusal.to_string(),
    }
}

/// What was refused since the start.
#[derive(Debug, Default)]
pub struct Refusals(BTreeMap<&'static str, Refused>);

/// One reason.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    reason: &'static str,
    count: u64,
    /// What was said last, and when.
    last: String,
    time: u64,
}

impl Refusals {
    /// Counts a refusal.
    pub fn note(&mut self, refusal: &Refusal) {
        let reason = code(refusal);
        let entry = self.0.entry(reason);
        let known =
            entry.or_insert_with(|| Refused { reason, count: 0, last: String::new(), time: 0 });
        known.count += 1;
        (known.last, known.time) = (sentence(refusal), now());
    }

    /// All reasons, the most frequent first.
    pub fn list(&self) -> Vec<Refused> {
        let mut list: Vec<Refused> = self.0.values().cloned().collect();
        list.sort_by_key(|refused| std::cmp::Reverse(refused.count));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_comes_first() {
        let mut refusals = Refusals::default();
        for refusal in [Refusal::Closed, Refusal::UnknownVoter, Refusal::UnknownVoter] {
            refusals.note(&refusal);
        }
        let counts: Vec<_> = refusals.list().iter().map(|r| (r.reason, r.count)).collect();
        assert_eq!(counts, [("unknown-voter", 2), ("closed", 1)]);
    }
}
