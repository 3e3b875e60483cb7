//! Ranks, and the rule that they keep: if `k` different ranks are given, they are 1 to `k`.

use super::{Broken, Contest, Form, Rule, given::Given};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

impl Contest {
    /// Whether several can have one rank.
    pub(super) fn has_ties(&self) -> bool {
        matches!(self.form, Form::Ranking { ties: true } | Form::Pairs { ties: true })
    }
}

/// As few ranks as the rule asks for, with the place of each option.
pub(super) fn first_ranks(contest: &Contest) -> Vec<(usize, Given)> {
    (1..=contest.rule.min).map(Given::Rank).enumerate().collect()
}

/// Whether there are no ranks. Constant time.
pub(super) fn no_ranks(ranks: &[u64]) -> Choice {
    ranks.iter().fold(Choice::from(1), |none, rank| none & rank.ct_eq(&0))
}

/// Whether the ranks keep the contest's rule, or with a mark there are none. Constant time in both.
pub(super) fn keep_rule_or_mark(contest: &Contest, ranks: &[u64], marks: &[bool]) -> Choice {
    let marked =
        marks.iter().fold(Choice::from(0), |any, mark| any | Choice::from(u8::from(*mark)));
    let (none, keeps) = (no_ranks(ranks), keep_rule(contest, ranks));
    Choice::from(u8::conditional_select(&keeps.unwrap_u8(), &none.unwrap_u8(), marked))
}

/// The rule that ranks and marks break, if any. Variable time.
pub(super) fn broken_vartime(contest: &Contest, ranks: &[u64], marks: &[bool]) -> Option<Broken> {
    broken_with_marks_vartime(ranks, contest.options.len(), marks, || {
        broken_rule_vartime(contest, ranks)
    })
}

/// The rule that values and marks break, if any: a mark goes with no value and no other mark, and without one `rule` says. Variable time.
pub(super) fn broken_with_marks_vartime(
    values: &[u64],
    expected: usize,
    marks: &[bool],
    rule: impl FnOnce() -> Option<Broken>,
) -> Option<Broken> {
    let found = values.len();
    if found != expected {
        return Some(Broken::Options { found, expected });
    }
    match marks.iter().filter(|mark| **mark).count() {
        0 => rule(),
        1 => values.iter().any(|value| *value > 0).then_some(Broken::MarkWithVotes),
        _ => Some(Broken::TwoMarks),
    }
}

/// The rank that a mark gives; `None` if it gives something else.
pub(super) fn rank_of(given: Given) -> Option<u64> {
    match given {
        Given::Rank(rank) => Some(rank),
        _ => None,
    }
}

/// What an option has that can be marked once.
pub(super) fn mark_once(option: usize, value: u64, number: u64) -> Result<u64, Broken> {
    if value > 0 { Err(Broken::MarkedTwice { option }) } else { Ok(number) }
}

/// Whether the ranks keep the contest's rule. Constant time in the ranks.
pub(super) fn keep_rule(contest: &Contest, ranks: &[u64]) -> Choice {
    // How many have each rank, from rank 0; and whether any rank is out of range.
    let mut given = Zeroizing::new(vec![0u64; ranks.len().saturating_add(1)]);
    let mut above = Choice::from(0);
    for rank in ranks {
        let mut known = Choice::from(0);
        for (place, count) in (0u64..).zip(given.iter_mut()) {
            let same = rank.ct_eq(&place);
            known |= same;
            *count += u64::from(same.unwrap_u8());
        }
        above |= !known;
    }
    // At most `MAX_CANDIDATES`.
    let ranked = ranks.len() as u64 - given.first().unwrap_or(&0);
    let (mut gap, mut tie, mut ended) = (Choice::from(0), Choice::from(0), Choice::from(0));
    for count in given.iter().skip(1) {
        gap |= ended & count.ct_gt(&0);
        ended |= count.ct_eq(&0);
        tie |= count.ct_gt(&1);
    }
    tie &= Choice::from(u8::from(!contest.has_ties()));
    let few = contest.rule.min.ct_gt(&ranked);
    let many = ranked.ct_gt(&contest.rule.max);
    !(gap | tie | few | many | above)
}

/// The rule that the ranks break, if any. Variable time.
pub(super) fn broken_rule_vartime(contest: &Contest, ranks: &[u64]) -> Option<Broken> {
    let mut given = BTreeMap::new();
    for rank in ranks.iter().filter(|rank| **rank > 0) {
        *given.entry(*rank).or_insert(0u64) += 1;
    }
    let Rule { min, max, .. } = contest.rule;
    let found = given.values().sum();
    let gap = (1..).zip(given.keys()).find(|(rank, given)| rank != *given);
    let tie = given.iter().find(|(_, count)| !contest.has_ties() && **count > 1);
    match (gap, tie) {
        (Some((rank, _)), _) => Some(Broken::Gap { rank }),
        (None, Some((rank, _))) => Some(Broken::Tie { rank: *rank }),
        (None, None) if found < min => Some(Broken::TooFew { found, min }),
        (None, None) if found > max => Some(Broken::TooMany { found, max }),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count::{Counting, Method, TieBreak};
    use proptest::prelude::*;

    fn contest(ties: bool) -> Contest {
        let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
        let contest = Contest::rank("council", ["a", "b", "c"], counting).write_ins(2, 12);
        if ties { contest.ties() } else { contest }
    }

    proptest! {
        #[test]
        fn both_ways_to_check_ranks_agree(
            ranks in prop::collection::vec(prop_oneof![0..7u64, any::<u64>()], 5),
            min in 0..4u64, span in 0..3u64, ties: bool,
        ) {
            let contest = contest(ties).ranks(min..=min + span);
            let broken = broken_rule_vartime(&contest, &ranks);
            prop_assert_eq!(bool::from(keep_rule(&contest, &ranks)), broken.is_none(), "{:?}", broken);
        }
    }
}
