//! Choices: the voter gives votes, which are added up. Their rule is a set of linear equations over bits; the votes are
//! weighted sums of these bits.
//!
//! The bits of one contest, in order. `L(m)` is the bit length of `m`; `lo`, `hi` and `m` are those of the [`Rule`]:
//! ```text
//! each option    L(m) bits with weights 1, 2, .., 2^(L−2), m−2^(L−1)+1: their subset sums are exactly 0..=m
//! without blank  slack d of 0..=hi−lo           Σv − d = lo
//! with blank β   lo = hi                        Σv + lo·β = lo
//!                else s₁ of 0..=hi              Σv + hi·β + s₁ = hi
//!                and  s₂ of 0..=hi−lo           Σv + lo·β − s₂ = lo
//! ```
//!
//! With `lo = 0` and a blank slot, a vote with no votes and no blank mark is allowed; it is an undervote.

use super::{
    Broken, Cell, Contest, Form, OpenedRow, Rule, Unreadable, WriteIns,
    given::Given,
    integer::{decompose, length, weights},
    kind::{Kind, RowCount, Words},
    left_out::LeftOut,
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    count::{Counting, Method, TieBreak, merge},
    crypto::bits::Constraints,
    mistake::{ManifestError, number},
};
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::{fmt, ops::RangeInclusive};
use subtle::{Choice, ConstantTimeGreater, ConstantTimeLess};
use zeroize::Zeroizing;

/// Most votes for one option.
const MAX_EACH: u32 = 65_535;

impl Contest {
    /// One vote for one of the options.
    pub fn choose_one(id: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::choose(id, options, 1..=1)
    }

    /// `votes` is the allowed total, with at most one vote for each option unless [`each`](Self::each) says otherwise.
    pub fn choose(
        id: &str,
        options: impl IntoIterator<Item = impl Into<String>>,
        votes: RangeInclusive<u32>,
    ) -> Self {
        Self {
            id: id.into(),
            title: id.into(),
            options: options.into_iter().map(Into::into).collect(),
            rule: Rule { min: *votes.start(), max: *votes.end(), each: 1, blank: false },
            cell: Cell::default(),
            form: Form::Choice,
            write_ins: WriteIns::default(),
            counting: None,
        }
    }

    /// One vote for each option that the voter approves of: none, some or all.
    pub fn approval(id: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut new = Self::choose(id, options, 0..=0);
        new.rule.max = u32::try_from(new.options.len()).unwrap_or(u32::MAX);
        new
    }

    /// Adds a slot for voters who vote blank on purpose.
    #[must_use]
    pub fn blank(mut self) -> Self {
        self.rule.blank = true;
        self
    }

    /// Allows up to `most` votes for one option.
    #[must_use]
    pub fn each(mut self, most: u32) -> Self {
        self.rule.each = most;
        self
    }
}

pub(super) struct ChoiceKind;

impl Kind for ChoiceKind {
    fn summed_slots(&self, contest: &Contest) -> usize {
        contest.options.len().saturating_add(usize::from(contest.rule.blank))
    }

    fn flag_slots(&self, contest: &Contest) -> usize {
        contest.write_ins.places.into()
    }

    fn ranks(&self, _: &Contest) -> usize {
        0
    }

    fn bit_count(&self, contest: &Contest) -> usize {
        bit_count(&contest.rule, contest.candidates())
    }

    fn constrain(&self, contest: &Contest, first: usize, constraints: &mut Constraints) {
        let blank = first.saturating_add(contest.options.len());
        let flags = first.saturating_add(self.summed_slots(contest));
        let voted = (first..blank).chain(flags..flags.saturating_add(self.flag_slots(contest)));
        constrain(&contest.rule, voted, blank, constraints);
    }

    fn bits(
        &self,
        contest: &Contest,
        values: &[u32],
        blank: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Broken> {
        let (found, expected) = (values.len(), contest.candidates());
        if found != expected {
            return Err(Broken::Options { found, expected });
        }
        bits(&contest.rule, values, blank)
    }

    fn in_slots(&self, contest: &Contest, values: &[u32], blank: bool) -> Zeroizing<Vec<u32>> {
        let (options, lines) = values.split_at_checked(contest.options.len()).unwrap_or_default();
        // Never grows: a reallocation would leave a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(values.len().saturating_add(1)));
        out.extend_from_slice(options);
        out.extend(contest.rule.blank.then_some(u32::from(blank)));
        out.extend_from_slice(lines);
        out
    }

    fn in_message<'v>(&self, _: &Contest, _: &'v [u32]) -> Result<&'v [u32], Broken> {
        Ok(&[])
    }

    fn number(&self, given: Given) -> Option<u32> {
        match given {
            Given::Votes(votes) => Some(votes),
            Given::Rank(_) => None,
        }
    }

    fn given(&self, number: u32) -> Given {
        Given::Votes(number)
    }

    fn takes(&self) -> &'static str {
        "takes votes: pick it, or give it a score"
    }

    fn mark(&self, _: usize, value: u32, number: u32) -> Result<u32, Broken> {
        Ok(value.saturating_add(number))
    }

    fn votes(&self, number: u32) -> u32 {
        number
    }

    fn broken_by_sum(&self, contest: &Contest, sum: u64, blank: bool) -> Option<Broken> {
        let Rule { min, max, .. } = contest.rule;
        let found = u32::try_from(sum).unwrap_or(u32::MAX);
        match blank {
            true if found > 0 => Some(Broken::BlankWithVotes),
            true => None,
            false if found < min => Some(Broken::TooFew { found, min }),
            false if found > max => Some(Broken::TooMany { found, max }),
            false => None,
        }
    }

    fn check_message(&self, _: &Contest, _: &[u8], _: &[Option<String>]) -> Result<(), Unreadable> {
        // A line that cannot be read does not invalidate the others.
        Ok(())
    }

    fn of_lines(&self, contest: &Contest, row: &OpenedRow) -> Result<Vec<u32>, Unreadable> {
        if row.votes.len() != self.flag_slots(contest) {
            return Err(Unreadable::Votes);
        }
        Ok(row.votes.clone())
    }

    fn lost_with(&self, row: &OpenedRow) -> u64 {
        row.votes.iter().copied().map(u64::from).sum()
    }

    fn support(&self, number: u32) -> u32 {
        number
    }

    fn count_row(
        &self,
        contest: &Contest,
        _: &OpenedRow,
        lines: &[(Option<usize>, u32)],
    ) -> RowCount {
        // An option's votes are in a sum, so nobody can see whether a line brings it above `each`. That cannot happen if one
        // option can have all votes of a ballot.
        let Rule { max, each, .. } = contest.rule;
        let first = if each < max { contest.options.len() } else { 0 };
        let mut row = RowCount::default();
        // Lines with the same name are one candidate, who gets at most `each` votes.
        let mut given: BTreeMap<usize, u64> = BTreeMap::new();
        for (candidate, votes) in lines {
            let votes = u64::from(*votes);
            match *candidate {
                Some(option) if option < first => row.left_out.push((LeftOut::Listed, votes)),
                Some(candidate) => *given.entry(candidate).or_default() += votes,
                None => row.left_out.push((LeftOut::TooManyNames, votes)),
            }
        }
        for (candidate, votes) in given {
            let most = u64::from(each);
            row.rankings.push((merge(&[(candidate, 1)]), votes.min(most)));
            row.left_out.push((LeftOut::AboveEach, votes.saturating_sub(most)));
        }
        row
    }

    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        if method == Method::Plurality { Ok(()) } else { Err("plurality") }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        number(&format!("{path}.choose.each"), contest.rule.each, 1, MAX_EACH)
    }

    fn field(&self) -> &'static str {
        "choose"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u32) -> Result<(Form, Rule), ManifestError> {
        let fields = at.object(&["min", "max", "each"])?;
        let (min, max) = (fields.need("min")?.number()?, fields.need("max")?.number()?);
        let each = fields.get("each").map_or(Ok(1), |each| each.number())?;
        Ok((Form::Choice, Rule { min, max, each, blank: false }))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let Rule { min, max, each, blank: _ } = contest.rule;
        Json::object(
            [("min", min), ("max", max), ("each", each)].map(|(name, n)| (name, Some(n.into()))),
        )
    }

    fn tag(&self, _: &Contest) -> u8 {
        0
    }

    fn of_tag(&self, tag: u8) -> Option<Form> {
        (tag == 0).then_some(Form::Choice)
    }

    #[cfg(feature = "serde")]
    fn cell(&self) -> Cell {
        Cell::District
    }

    fn add_lines(&self, contest: &mut Contest) {
        let method = Method::Plurality;
        contest.counting = Some(Counting { method, seats: 1, tie_break: TieBreak::Order });
    }

    fn words(&self) -> Words {
        Words { held: "votes", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { min, max, each, blank } = contest.rule;
        let plural = if max == 1 { "" } else { "s" };
        match min == max {
            true => write!(f, "Each voter has {max} vote{plural}")?,
            false => write!(f, "Each voter has {min} to {max} votes")?,
        }
        if each > 1 {
            write!(f, ", at most {each} for one option")?;
        }
        f.write_str(if blank { ", or votes blank." } else { "." })
    }
}

/// The number of bits of a contest in which `options` options and write-ins can get votes.
fn bit_count(rule: &Rule, options: usize) -> usize {
    let span = rule.max.saturating_sub(rule.min);
    let slack = match (rule.blank, span) {
        (false, _) => length(span),
        (true, 0) => 1,
        (true, _) => 1 + length(rule.max) + length(span),
    };
    options.saturating_mul(length(rule.each) as usize).saturating_add(slack as usize)
}

/// Adds a contest's bits and rows, with the slots of all that can get votes and of the blank mark, if there is one.
fn constrain(
    rule: &Rule,
    voted: impl Iterator<Item = usize>,
    blank: usize,
    constraints: &mut Constraints,
) {
    let (lo, hi) = (i64::from(rule.min), i64::from(rule.max));
    let span = rule.max.saturating_sub(rule.min);
    let mut sum = Vec::new();
    for slot in voted {
        for weight in weights(rule.each).map(i64::from) {
            sum.push((constraints.bit([(slot, weight)]), weight));
        }
    }
    let row = |extra: Vec<_>| sum.iter().copied().chain(extra).collect::<Vec<_>>();
    let slack = |m, sign: i64, constraints: &mut Constraints| -> Vec<(usize, i64)> {
        weights(m).map(|weight| (constraints.bit([]), sign * i64::from(weight))).collect()
    };
    if !rule.blank {
        // Σv − d = lo
        let d = slack(span, -1, constraints);
        return constraints.row(row(d), lo);
    }
    let blank = constraints.bit([(blank, 1)]);
    if span > 0 {
        // Σv + hi·β + s₁ = hi
        let mut extra = slack(rule.max, 1, constraints);
        extra.push((blank, hi));
        constraints.row(row(extra), hi);
    }
    // Σv + lo·β − s₂ = lo; no s₂ if lo = hi
    let mut extra = slack(span, -1, constraints);
    extra.push((blank, lo));
    constraints.row(row(extra), lo);
}

/// The bits (0 or 1) of one contest's vote, in the order in which [`constrain`] makes them.
///
/// `values` are the votes of each option; the caller checks their number. The time depends only on the rule and the number of
/// values, unless the vote breaks the rule.
fn bits(rule: &Rule, values: &[u32], blank: bool) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (lo, hi, beta) = (u64::from(rule.min), u64::from(rule.max), u64::from(blank));
    let sum = Zeroizing::new(values.iter().map(|v| u64::from(*v)).sum::<u64>());
    let each = values.iter().fold(Choice::from(0), |over, v| over | v.ct_gt(&rule.each));
    let few = (*sum + lo * beta).ct_lt(&lo);
    let many = (*sum + hi * beta).ct_gt(&hi);
    let no_blank = Choice::from(u8::from(blank) & u8::from(!rule.blank));
    if bool::from(each | few | many | no_blank) {
        return Err(broken(rule, values, *sum, blank));
    }
    // The checks above keep both slacks within 0..=hi.
    let below_hi = Zeroizing::new((hi - *sum - hi * beta) as u32);
    let above_lo = Zeroizing::new((*sum + lo * beta - lo) as u32);
    let span = rule.max.saturating_sub(rule.min);

    // Never grows: a reallocation would leave a copy behind.
    let mut out = Zeroizing::new(Vec::with_capacity(bit_count(rule, values.len())));
    for value in values {
        decompose(*value, rule.each, &mut out);
    }
    if rule.blank {
        out.push(u8::from(blank));
        if span > 0 {
            decompose(*below_hi, rule.max, &mut out);
        }
    }
    decompose(*above_lo, span, &mut out);
    Ok(out)
}

/// The rule that an invalid vote breaks.
fn broken(rule: &Rule, values: &[u32], sum: u64, blank: bool) -> Broken {
    if blank && !rule.blank {
        return Broken::NoBlank;
    }
    if blank && sum > 0 {
        return Broken::BlankWithVotes;
    }
    if let Some((option, found)) = values.iter().enumerate().find(|(_, v)| **v > rule.each) {
        return Broken::Each { option, found: *found, max: rule.each };
    }
    let found = u32::try_from(sum).unwrap_or(u32::MAX);
    if found < rule.min {
        return Broken::TooFew { found, min: rule.min };
    }
    Broken::TooMany { found, max: rule.max }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec};
    use itertools::Itertools;
    use proptest::prelude::*;

    /// Every vote, blank slot last, for which some choice of bits satisfies the rows.
    fn solutions(constraints: &Constraints) -> BTreeSet<Vec<i64>> {
        let n = constraints.bits();
        (0..1u32 << n)
            .map(|mask| (0..n).map(|j| mask >> j & 1 == 1).collect::<Vec<_>>())
            .filter(|bits| constraints.allow(bits))
            .map(|bits| constraints.values(&bits))
            .collect()
    }

    fn compiled(rule: &Rule, options: usize) -> Constraints {
        let mut constraints = Constraints::new(options + usize::from(rule.blank));
        constrain(rule, 0..options, options, &mut constraints);
        constraints
    }

    #[test]
    fn exactly_the_allowed_votes_have_bits() {
        for (options, each) in [(1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (2, 3), (3, 2)] {
            let most = options as u32 * each;
            for (max, blank) in (1..=most).cartesian_product([false, true]) {
                for min in 0..=max {
                    let rule = Rule { min, max, each, blank };
                    let constraints = compiled(&rule, options);
                    let mut allowed = BTreeSet::new();
                    for vote in (0..options).map(|_| 0..each + 2).multi_cartesian_product() {
                        for mark in [false, true] {
                            let sum: u32 = vote.iter().sum();
                            let right = if mark {
                                blank && sum == 0
                            } else {
                                (min..=max).contains(&sum) && vote.iter().all(|v| *v <= each)
                            };
                            let bits = bits(&rule, &vote, mark);
                            assert_eq!(bits.is_ok(), right, "{rule:?} {vote:?} {mark}");
                            if let Ok(bits) = bits {
                                let mut slots: Vec<_> =
                                    vote.iter().map(|v| i64::from(*v)).collect();
                                slots.extend(blank.then_some(i64::from(mark)));
                                assert_bits(&rule, options, &bits, &slots);
                                allowed.insert(slots);
                            }
                        }
                    }
                    assert_eq!(solutions(&constraints), allowed, "{rule:?}");
                }
            }
        }
    }

    fn assert_bits(rule: &Rule, options: usize, bits: &[u8], slots: &[i64]) {
        let constraints = compiled(rule, options);
        assert!(bits.iter().all(|b| *b < 2));
        let bits: Vec<_> = bits.iter().map(|b| *b == 1).collect();
        assert_eq!(bits.len(), bit_count(rule, options));
        assert!(constraints.allow(&bits), "{rule:?} {slots:?}");
        assert_eq!(constraints.values(&bits), slots);
    }

    #[test]
    fn the_broken_rule_is_named() {
        let rule = Rule { min: 2, max: 3, each: 2, blank: true };
        let check = |values: &[u32], blank| bits(&rule, values, blank).map(drop);
        assert_eq!(check(&[2, 1], false), Ok(()));
        assert_eq!(check(&[0, 0], true), Ok(()));
        assert_eq!(check(&[0, 3], false), Err(Broken::Each { option: 1, found: 3, max: 2 }));
        assert_eq!(check(&[0, 1], false), Err(Broken::TooFew { found: 1, min: 2 }));
        assert_eq!(check(&[2, 2], false), Err(Broken::TooMany { found: 4, max: 3 }));
        assert_eq!(check(&[0, 1], true), Err(Broken::BlankWithVotes));
        let rule = Rule { blank: false, ..rule };
        assert_eq!(bits(&rule, &[0, 0], true).map(drop), Err(Broken::NoBlank));
        let most = [u32::MAX; 3];
        assert_eq!(
            bits(&rule, &most, false).map(drop),
            Err(Broken::Each { option: 0, found: u32::MAX, max: 2 })
        );
    }

    proptest! {
        #[test]
        fn bits_of_large_votes_give_back_the_values(
            values in prop::collection::vec(0..=65_535u32, 1..20), below in any::<u32>(), above in any::<u32>(), blank: bool,
        ) {
            let sum: u32 = values.iter().sum();
            let max = (sum.max(1) + above % 70_000).min(values.len() as u32 * 65_535);
            let rule = Rule { min: sum - below % (sum + 1), max, each: 65_535, blank };
            let mut slots: Vec<_> = values.iter().map(|v| i64::from(*v)).collect();
            slots.extend(blank.then_some(0));
            assert_bits(&rule, values.len(), &bits(&rule, &values, false).unwrap(), &slots);
            if blank {
                let none = vec![0; values.len()];
                let mut slots = vec![0; values.len()];
                slots.push(1);
                assert_bits(&rule, values.len(), &bits(&rule, &none, true).unwrap(), &slots);
            }
        }
    }
}
