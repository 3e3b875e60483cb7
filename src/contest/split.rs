//! Split weight: the voter gives each option a share of the own weight, and all shares together are the weight.
//!
//! The numbers of one contest, in order, and its equation, where `W` is the most that a voter can weigh:
//!
//! ```text
//! each option   v of 0..=W, counted in one slot, or if W > 65 535 by limbs
//! all shares    Σv = w, the voter's weight
//! ```
//!
//! The weight is the target of a row and nothing else, so that everything but this number follows from the contest. Marks, limits and
//! gates would be multiplied by it.

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::check_plain,
    given::Given,
    kind::{Kind, Words},
    limits::Votes,
    rules::{Rules, Term, from_limbs, limbs, most_of_limbs, names_of_limbs},
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{format, string::String, vec::Vec};
use core::fmt;
use zeroize::Zeroizing;

/// The most that a voter can weigh, on any roll: 2⁴⁰ − 1. A total of 2⁴⁰ can still be opened from one slot.
pub const MAX_WEIGHT: u64 = (1 << 40) - 1;

impl Contest {
    /// The voter splits a weight over the options. No voter can weigh more than `most`, which is at most [`MAX_WEIGHT`].
    ///
    /// The weight is that of the roll ([`Registration::weight`](crate::roll::Registration::weight)). A ballot needs it
    /// ([`Choices::of_weight`](crate::ballot::Choices::of_weight)), and so does its proof.
    pub fn split(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        most: u64,
    ) -> Self {
        Self { form: Form::Split, rule: rule(most), ..Self::choose_one(id, options) }
    }

    /// Whether voters split their weight over the options.
    pub(crate) fn splits_weight(&self) -> bool {
        self.kind().splits_weight()
    }

    /// Whether a voter can have this weight.
    pub(crate) fn allows_weight(&self, weight: u64) -> bool {
        !self.splits_weight() || (1..=self.rule.each).contains(&weight)
    }

    /// How often a ballot is added that counts so often, or is taken away, if that is negative. One whose votes are the weight is
    /// added once.
    pub(crate) fn factor(&self, times: i64) -> i64 {
        if self.splits_weight() { times.signum() } else { times }
    }

    /// The largest total that a slot can have after so many ballots of this weight together.
    pub(crate) fn largest_total(&self, ballots: u64, weight: u64) -> u64 {
        let added = if self.splits_weight() { ballots } else { weight };
        added.saturating_mul(self.largest())
    }
}

fn rule(most: u64) -> Rule {
    Rule { min: 1, max: most, each: most }
}

pub(super) struct SplitKind;

impl Kind for SplitKind {
    fn splits_weight(&self) -> bool {
        true
    }

    fn value_slots(&self, contest: &Contest) -> usize {
        contest.options.len().saturating_mul(limbs(contest.rule.each))
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        contest.names().flat_map(|name| names_of_limbs(name, contest.rule.each)).collect()
    }

    fn option_slots(&self, contest: &Contest, _: usize) -> usize {
        limbs(contest.rule.each)
    }

    fn has_totals(&self) -> bool {
        true
    }

    /// One, by weight.
    fn held(&self, _: &Contest) -> Option<u64> {
        Some(1)
    }

    /// Of weight 1.
    fn example(&self, _: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        [(0, Given::Votes(1))].to_vec()
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        _: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let most = contest.rule.each;
        let slots = (first..).step_by(limbs(most)).take(contest.options.len());
        let shares = slots.map(|slot| rules.in_limbs(most, slot)).collect();
        rules.is_weight(shares);
        Vec::new()
    }

    fn numbers(&self, _: &Contest, values: &[u64], _: &[bool], _: u64) -> Zeroizing<Vec<u64>> {
        Zeroizing::new(values.to_vec())
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], _: &[bool]) -> Option<Broken> {
        let (found, expected) = (values.len(), contest.options.len());
        if found != expected {
            return Some(Broken::Options { found, expected });
        }
        let max = contest.rule.each;
        let option = values.iter().position(|found| *found > max)?;
        Some(Broken::Each { option, found: *values.get(option)?, max })
    }

    fn broken_weight_vartime(
        &self,
        contest: &Contest,
        values: &[u64],
        weight: u64,
    ) -> Option<Broken> {
        if !contest.allows_weight(weight) {
            return Some(Broken::Weight { found: weight, max: contest.rule.each });
        }
        let found = values.iter().copied().fold(0, u64::saturating_add);
        (found != weight).then_some(Broken::Shares { found, weight })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        contest.options.iter().flat_map(|_| most_of_limbs(contest.rule.each)).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let max = contest.rule.each;
        let share = |(option, limbs): (usize, &[u64])| {
            from_limbs(limbs).ok_or(Broken::Each { option, found: u64::MAX, max })
        };
        let shares = slots.chunks(limbs(max)).enumerate().map(share);
        Ok((shares.collect::<Result<_, _>>()?, Vec::new()))
    }

    fn takes(&self) -> &'static str {
        "takes shares of the weight: score it"
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let mut mistakes = Mistakes::default();
        let Rule { min, max, each } = contest.rule;
        mistakes.take(number(&format!("{path}.split.most"), each, 1, MAX_WEIGHT));
        let expected = rule(each);
        mistakes.take(number(&format!("{path}.split.least"), min, expected.min, expected.min));
        mistakes.take(number(&format!("{path}.split.max"), max, expected.max, expected.max));
        mistakes.take(check_plain(path, contest, "all shares together are the voter's weight"));
        let with = contest.with.is_some();
        for (field, there, instead) in [
            ("marks", !contest.marks.is_empty(), "make it an option, which gets shares"),
            ("with", with, "make it an option to abstain"),
        ] {
            if there {
                let expected =
                    format!("nothing: a voter's weight is split whatever it is; {instead}");
                mistakes.add(ManifestError::new(format!("{path}.{field}"), "given", expected));
            }
        }
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "split"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["most"], &mut mistakes);
        let most = mistakes.take(fields.need("most").and_then(|most| most.number()));
        mistakes.end()?;
        Ok((Form::Split, rule(most)))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        Json::object([("most", Some(contest.rule.each.into()))])
    }

    fn put(&self, _: &Contest, out: &mut Vec<u8>) {
        out.push(9);
    }

    fn read_form(&self, tag: u8, _: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        Ok((tag == 9).then_some(Form::Split))
    }

    fn words(&self) -> Words {
        Words { held: "votes", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, _: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Each voter splits all votes that the roll gives over the options")
    }
}

#[cfg(test)]
mod tests;
