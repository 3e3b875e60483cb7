//! A contest whose amounts are folded: the rows over their limbs, for a proof that grows with the number of limbs and not of bits.
//!
//! Each option has its limbs, the lowest first, and `V = Σ 2^(16k)·limbₖ`. These are the rows, with `lo`, `hi` those of the
//! [`Rule`](super::Rule) and `S` the sum of all maxima:
//!
//! ```text
//! each option   0 ≤ V ≤ most       nothing if its limbs cannot hold more, or if the total has a row and hi ≤ most
//! the total     lo ≤ ΣV ≤ hi       nothing if lo = 0 and hi = S
//! each limit    lo ≤ ΣcV ≤ hi      the same
//! ```

use super::{
    Contest, Form, Rule, Wide,
    limits::{Bounds, Votes},
    rules::{LIMB, Term, limbs, limbs_of},
};
use crate::{
    crypto::wide,
    mistake::{ManifestError, Mistakes},
};
use alloc::{format, string::String, vec::Vec};
use core::slice::from_ref;
use subtle::{Choice, ConstantTimeGreater};

impl Contest {
    /// With amounts that are proven folded and not bit by bit.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.wide = Wide::Folded;
        self
    }

    /// Whether a ballot proves its amounts folded.
    pub fn is_folded(&self) -> bool {
        self.wide == Wide::Folded
    }

    /// Whether limits of a ballot style can be about its options, and contests go with one.
    pub(crate) fn has_shared_rows(&self) -> bool {
        self.has_votes() && !self.is_folded()
    }

    /// Adds its rows; its limbs are those from the number `first` on.
    pub(crate) fn add_folded(&self, first: usize, rules: &mut wide::Rules) {
        let (mut votes, mut next) = (Vec::with_capacity(self.options.len()), first);
        for option in 0..self.options.len() {
            let most = self.most(option);
            let end = next.saturating_add(limbs(most));
            let terms = (next..end).zip((0..).step_by(LIMB));
            let terms = terms.map(|(limb, shift)| Term::of_limb(limb, 1 << shift)).collect();
            votes.push(Votes { terms, most });
            next = end;
        }
        let Rule { min, max, each: _ } = self.rule;
        let total = Bounds::of_total(&votes, min, max);
        for votes in &votes {
            let is_full = votes.most.count_ones() as usize == LIMB * limbs(votes.most);
            let follows = total.says_something() && max <= votes.most;
            if !is_full && !follows {
                Bounds::of_total(from_ref(votes), 0, votes.most).add_folded(rules);
            }
        }
        let names = self.by_name();
        let of_limit = |limit: &super::Limit| {
            let mut members = limit.members(&names).unwrap_or_default();
            members.sort_unstable();
            let votes =
                members.iter().filter_map(|(option, cost)| Some((votes.get(*option)?, *cost)));
            Bounds::new(votes, limit.min, limit.max)
        };
        let bounds = [total].into_iter().chain(self.limits.iter().map(of_limit));
        bounds.filter(Bounds::says_something).for_each(|bounds| bounds.add_folded(rules));
    }

    /// Appends the limbs of these votes, and says whether one is above its maximum. Constant time in them.
    pub(crate) fn put_limbs(&self, votes: &[u64], out: &mut Vec<u16>) -> Choice {
        let mut broken = Choice::from(0);
        for (option, votes) in votes.iter().enumerate() {
            let most = self.most(option);
            out.extend(limbs_of(*votes).take(limbs(most)).map(|limb| limb as u16));
            broken |= votes.ct_gt(&most);
        }
        broken
    }
}

/// Checks what a contest with folded amounts can have.
pub(super) fn check_folded(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    if !contest.is_folded() {
        return Ok(());
    }
    let mistake =
        |expected: String| Err(ManifestError::new(format!("{path}.wide"), "folded", expected));
    if contest.form != Form::Choice {
        return mistake("'bits': only a contest with 'choose' has amounts".into());
    }
    if (0..contest.options.len()).all(|option| limbs(contest.most(option)) == 1) {
        return mistake(format!("'bits', unless an option has a maximum above {}", u16::MAX));
    }
    let Contest { marks, limits, with, voters, write_ins, .. } = contest;
    let limit = |(i, limit): (usize, &super::Limit)| {
        limit.with.as_ref().map(|_| format!("limits[{i}].with"))
    };
    let given = [
        ("marks", !marks.is_empty()),
        ("with", with.is_some()),
        ("voters", *voters),
        ("write_ins", write_ins.places > 0),
    ];
    let given = given.into_iter().filter(|(_, there)| *there).map(|(field, _)| String::from(field));
    let given = given.chain(limits.iter().enumerate().filter_map(limit));
    let mut mistakes = Mistakes::default();
    for field in given {
        let expected = "nothing: folded amounts stand in no row with other votes; \"wide\": \"bits\" allows it";
        mistakes.add(ManifestError::new(format!("{path}.{field}"), "given", expected))
    }
    mistakes.end()
}
