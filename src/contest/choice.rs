//! Choices: the voter gives votes, which are added up. Their rule is a set of linear equations over bits; the votes are
//! weighted sums of these bits.
//!
//! The numbers of one contest, in order, and then its equations, with `lo`, `hi` those of the [`Rule`] and `g` the option with
//! which the contest goes, or 1 if it goes with none:
//!
//! ```text
//! each option       v of 0..=most; with voters  v = u + w, u of 0..=1, w of 0..=most−1
//!                   counted in one slot, or if most > 65 535 by limbs: a bit of weight c adds ⌊c/2^(16k)⌋ mod 2^16 to the k-th
//! each line         v of 0..=each
//! each mark         β of 0..=1
//! with voters       Σ bits of w − n·u + s = 0 or w − (most−1)·u + s = 0, what takes fewer bits of s
//! marks, lo = hi    Σv + lo·Σβ = lo·g
//!        lo < hi    Σv + hi·Σβ + s = hi·g      and, if lo > 0      Σv + lo·Σβ − d = lo·g
//! no marks          Σv − d = lo                 nothing if that says nothing
//! a limit           Σcv + lo·Σβ − d = lo·g
//! with an option g  Σcv − hi·g + s = 0          and, if lo > 0      Σcv − lo·g − d = 0
//! ```
//!
//! Amounts that are [folded](super::folded) have rows of their own.
//!
//! With `lo = 0` a voter may give no vote and set no mark: an undervote.

use super::{
    Broken, Cell, Contest, ContestOption, Display, Form, OpenedRow, Rule, SeatRules, Unreadable,
    Wide, WriteIns,
    check::{MAX_EACH, MAX_VALUE, check_limits, check_maxima},
    kind::{Kind, RowCount, Words},
    left_out::LeftOut,
    limits::{Bounds, Scope, Votes},
    ranks::broken_with_marks_vartime,
    rules::{Rules, Term, from_limbs, limbs, most_of_limbs, names_of_limbs},
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    count::{Counting, Method, TieBreak, merge},
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};
use core::{fmt, ops::RangeInclusive};
use subtle::ConstantTimeGreater;
use zeroize::Zeroizing;

impl Contest {
    /// One vote for one of the options.
    pub fn choose_one(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
    ) -> Self {
        Self::choose(id, options, 1..=1)
    }

    /// `votes` is the allowed total, with at most one vote for each option unless [`each`](Self::each) says otherwise.
    pub fn choose(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        votes: RangeInclusive<u64>,
    ) -> Self {
        Self {
            id: id.into(),
            title: id.into(),
            question: None,
            options: options.into_iter().map(Into::into).collect(),
            groups: Vec::new(),
            rule: Rule { min: *votes.start(), max: *votes.end(), each: 1 },
            marks: Vec::new(),
            limits: Vec::new(),
            with: None,
            voters: false,
            base: None,
            cell: Cell::default(),
            display: Display::default(),
            wide: Wide::default(),
            form: Form::Choice,
            write_ins: WriteIns::default(),
            counting: None,
            seats: SeatRules::default(),
            pass: None,
            if_both: Vec::new(),
        }
    }

    /// One vote for each option that the voter approves of: none, some or all.
    pub fn approval(id: &str, options: impl IntoIterator<Item = impl Into<ContestOption>>) -> Self {
        let mut new = Self::choose(id, options, 0..=0);
        new.rule.max = new.options.len() as u64;
        new
    }

    /// Allows up to `most` votes for one option.
    #[must_use]
    pub fn each(mut self, most: u64) -> Self {
        self.rule.each = most;
        self
    }
}

pub(super) struct ChoiceKind;

impl Kind for ChoiceKind {
    fn more_slots(&self, contest: &Contest) -> usize {
        if contest.voters { contest.options.len() } else { 0 }
    }

    fn more_names(&self, contest: &Contest) -> Vec<String> {
        let names = contest.shown().filter(|_| contest.voters);
        names.map(|name| format!("voters of {name}")).collect()
    }

    fn flag_slots(&self, contest: &Contest) -> usize {
        contest.write_ins.places.into()
    }

    fn value_slots(&self, contest: &Contest) -> usize {
        (0..contest.options.len()).map(|option| limbs(contest.most(option))).sum()
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        let names = contest.shown().enumerate();
        names.flat_map(|(option, name)| names_of_limbs(&name, contest.most(option))).collect()
    }

    fn option_slots(&self, contest: &Contest, option: usize) -> usize {
        limbs(contest.most(option))
    }

    fn has_totals(&self) -> bool {
        true
    }

    fn has_votes(&self) -> bool {
        true
    }

    fn held(&self, contest: &Contest) -> Option<u64> {
        Some(contest.rule.max)
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        // Its rows are over limbs, in a proof of their own.
        if contest.is_folded() {
            return Vec::new();
        }
        let marks = first.saturating_add(self.value_slots(contest));
        let voters = marks.saturating_add(contest.marks.len());
        let lines = first.saturating_add(contest.summed_slots());
        let (mut votes, mut gated, mut next) = (Vec::new(), Vec::new(), first);
        for place in 0..contest.candidates() {
            let most = contest.most(place);
            let line = place.checked_sub(contest.options.len());
            let slot = line.map_or(next, |line| lines.saturating_add(line));
            next = next.saturating_add(limbs(most));
            let terms = if contest.voters && line.is_none() {
                let any = rules.number(1, &[(slot, 1), (voters.saturating_add(place), 1)]);
                let more = rules.in_limbs(most.saturating_sub(1), slot);
                gated.push((any, more, most.saturating_sub(1)));
                vec![any, more]
            } else {
                vec![rules.in_limbs(most, slot)]
            };
            votes.push(Votes { terms, most });
        }
        let marks = (marks..voters).map(|slot| rules.number(1, &[(slot, 1)])).collect();
        for (any, more, most) in gated.into_iter().filter(|(.., most)| *most > 0) {
            rules.only_with(vec![more], any, most);
        }
        let (Rule { min, max, each: _ }, scope) = (contest.rule, Scope { marks, gate });
        Bounds::of_total(&votes, min, max).add_total(&scope, rules);
        let names = contest.by_name();
        for limit in &contest.limits {
            limit.add_rules(contest, &names, &votes, &scope, rules);
        }
        votes
    }

    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        _: u64,
    ) -> Zeroizing<Vec<u64>> {
        if contest.is_folded() {
            return Zeroizing::new(Vec::new());
        }
        // No growing: a reallocation would leave a copy behind.
        let most = values.len().saturating_mul(2).saturating_add(marks.len());
        let mut out = Zeroizing::new(Vec::with_capacity(most));
        for (place, value) in values.iter().enumerate() {
            if contest.voters && place < contest.options.len() {
                let any = value.ct_gt(&0).unwrap_u8();
                out.extend([any.into(), (*value) - u64::from(any)]);
            } else {
                out.push(*value);
            }
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_with_marks_vartime(values, contest.candidates(), marks, || {
            let above = |(option, found): (usize, &u64)| {
                let max = contest.most(option);
                (*found > max).then_some(Broken::Each { option, found: *found, max })
            };
            let Rule { min, max, each: _ } = contest.rule;
            let found = values.iter().copied().fold(0, u64::saturating_add);
            let broken = values.iter().enumerate().find_map(above);
            let broken = broken.or((found < min).then_some(Broken::TooFew { found, min }));
            let broken = broken.or((found > max).then_some(Broken::TooMany { found, max }));
            let (names, limits) = (contest.by_name(), contest.limits.iter().enumerate());
            broken.or_else(|| {
                limits
                    .into_iter()
                    .find_map(|(place, limit)| limit.broken_vartime(place, contest, &names, values))
            })
        })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        let of_option = |option: usize| {
            let limbs = most_of_limbs(contest.most(option));
            match limbs.len() {
                n if n > 1 && contest.is_folded() => vec![MAX_EACH; n],
                _ => limbs,
            }
        };
        let ones = contest.marks.len() + if contest.voters { contest.options.len() } else { 0 };
        let lines = (0..self.flag_slots(contest)).map(|_| contest.rule.each);
        let options = (0..contest.options.len()).flat_map(of_option);
        options.chain((0..ones).map(|_| 1)).chain(lines).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let mut rest = slots;
        let mut take = |n| {
            let (taken, tail) = rest.split_at_checked(n).unwrap_or_default();
            rest = tail;
            taken
        };
        let mut options = Vec::with_capacity(contest.options.len());
        for option in 0..contest.options.len() {
            let max = contest.most(option);
            let votes = from_limbs(take(limbs(max)));
            options.push(votes.ok_or(Broken::Each { option, found: u64::MAX, max })?);
        }
        let marks = take(contest.marks.len());
        if contest.voters {
            let pairs = options.iter().zip(take(options.len()));
            let wrong = pairs.map(|(v, voted)| (*v > 0) != (*voted == 1)).position(|wrong| wrong);
            if let Some(option) = wrong {
                return Err(Broken::Voters { option });
            }
        }
        let values = options.iter().chain(rest).copied().collect();
        Ok((values, marks.iter().map(|mark| *mark == 1).collect()))
    }

    fn takes(&self) -> &'static str {
        "takes votes: pick it, or give it a score"
    }

    fn votes(&self, number: u64) -> u64 {
        number
    }

    fn of_lines(&self, contest: &Contest, row: &OpenedRow) -> Result<Vec<u64>, Unreadable> {
        if row.votes.len() != self.flag_slots(contest) {
            return Err(Unreadable::Votes);
        }
        Ok(row.votes.clone())
    }

    fn lost_with(&self, row: &OpenedRow) -> u64 {
        row.votes.iter().copied().sum()
    }

    fn count_row(
        &self,
        contest: &Contest,
        _: &OpenedRow,
        lines: &[(Option<usize>, u64)],
    ) -> RowCount {
        // The votes of an option are in a sum, so nobody can see whether a line gives it more than it may have. If one option
        // can have all votes of a ballot, no line does. Nobody could see whether a limit is kept, either.
        let limited = contest.voters || !contest.limits.is_empty();
        let is_listed = |place| {
            place < contest.options.len() && (limited || contest.most(place) < contest.rule.max)
        };
        let mut row = RowCount::default();
        // Lines with the same name are one candidate, who gets at most `each` votes.
        let mut given: BTreeMap<usize, u64> = BTreeMap::new();
        for (candidate, votes) in lines {
            let votes = *votes;
            match *candidate {
                Some(option) if is_listed(option) => row.left_out.push((LeftOut::Listed, votes)),
                Some(candidate) => *given.entry(candidate).or_default() += votes,
                None => row.left_out.push((LeftOut::TooManyNames, votes)),
            }
        }
        for (candidate, votes) in given {
            let most = contest.most(candidate);
            row.rankings.push((merge(&[(candidate, 1)]), votes.min(most)));
            row.left_out.push((LeftOut::AboveEach, votes.saturating_sub(most)));
        }
        row
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let mut mistakes = Mistakes::default();
        // What is written in is found by its value.
        let most = if contest.write_ins.places > 0 { MAX_EACH } else { MAX_VALUE };
        mistakes.take(number(&format!("{path}.choose.each"), contest.rule.each, 1, most));
        check_maxima(path, contest, &mut mistakes);
        check_limits(path, contest, &mut mistakes);
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "choose"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["min", "max", "each"], &mut mistakes);
        let rule = Rule {
            min: mistakes.take(fields.need("min").and_then(|min| min.number())),
            max: mistakes.take(fields.need("max").and_then(|max| max.number())),
            each: mistakes.take(fields.get("each").map_or(Ok(1), |each| each.number())),
        };
        mistakes.end()?;
        Ok((Form::Choice, rule))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let Rule { min, max, each } = contest.rule;
        Json::object(
            [("min", min), ("max", max), ("each", each)].map(|(name, n)| (name, Some(n.into()))),
        )
    }

    fn put(&self, _: &Contest, out: &mut Vec<u8>) {
        out.push(0);
    }

    fn read_form(&self, tag: u8, _: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        Ok((tag == 0).then_some(Form::Choice))
    }

    fn add_lines(&self, contest: &mut Contest) {
        let method = Method::Plurality;
        contest.counting = Some(Counting { method, seats: 1, tie_break: TieBreak::Order });
    }

    fn words(&self) -> Words {
        Words { held: "votes", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { min, max, each } = contest.rule;
        let plural = if max == 1 { "" } else { "s" };
        match min == max {
            true => write!(f, "Each voter has {max} vote{plural}")?,
            false => write!(f, "Each voter has {min} to {max} votes")?,
        }
        if each > 1 {
            write!(f, ", at most {each} for one option")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
