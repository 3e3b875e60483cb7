//! Pairs: the voter ranks all options, and for each two of them the ballots are summed that have the one above the other. No ranking
//! is ever opened.
//!
//! The numbers of one contest of `K` options, in order, and its equations. Without ties, where `pᵢⱼ` says that `i` is above `j`:
//!
//! ```text
//! each i < j         p of 0..=1
//! K ≥ 9, each i, r   q of 0..=1
//! each mark          β of 0..=1
//! K ≤ 8, i < j < k   pᵢⱼ + pⱼₖ − pᵢₖ − d = 0      d of 0..=1
//! K ≥ 9, each i      Σ_(j>i) pᵢⱼ − Σ_(j<i) pⱼᵢ − Σ r·qᵢᵣ − i·Σβ = −i      r of 0..=K−1
//!                    Σᵣ qᵢᵣ + Σβ = 1     and for each r    Σᵢ qᵢᵣ + Σβ = 1
//! K ≤ 8, with marks  Σp + n·Σβ + s = n
//! ```
//!
//! A tournament is an order if and only if its scores are `0, …, K−1` (Landau 1953), which is what `q` says.
//!
//! With ties, where `pᵢⱼ` stands for each ordered pair, and `rᵢ` of `0..=K−1` for the rank from 0:
//!
//! ```text
//! each i ≠ j         p of 0..=1
//! K ≥ 6, each i      r of 0..=K−1
//! each mark          β of 0..=1
//! K ≤ 5, i < j       pᵢⱼ + pⱼᵢ + s = 1
//!        i, j, k     pᵢⱼ + pⱼₖ − pᵢₖ − d = 0     for all ordered triples
//! K ≥ 6, i ≠ j       rⱼ − rᵢ − K·pᵢⱼ − d = 1−K      d of 0..=K−1
//! with marks         Σp + n·Σβ + s = n
//! ```
//!
//! Everybody ranks all options, so that each vote is shown in one way only.

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::{check_marks, check_plain},
    given::Given,
    kind::{Kind, Words},
    limits::{Scope, Votes},
    ranks::{broken_vartime, first_ranks, keep_rule_or_mark, mark_once, rank_of},
    rules::{Rules, Term},
    summed::Summed,
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    count::Method,
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{collections::BTreeSet, format, string::String, vec, vec::Vec};
use core::fmt;
use itertools::Itertools;
use subtle::{ConditionallySelectable, ConstantTimeEq, ConstantTimeLess};
use zeroize::Zeroizing;

/// Most options, without and with ties.
const MAX_OPTIONS: (usize, usize) = (16, 12);

impl Contest {
    /// The voter ranks all options in order of preference. Summed is, for each two options, how many have which above the other.
    pub fn pairs(id: &str, options: impl IntoIterator<Item = impl Into<ContestOption>>) -> Self {
        let new = Self::choose_one(id, options);
        let all = new.options.len() as u64;
        let rule = Rule { min: all, max: all, each: 1 };
        Self { form: Form::Pairs { ties: false }, rule, ..new }
    }
}

/// The pairs that have slots, in order.
fn pairs(contest: &Contest) -> impl Iterator<Item = (usize, usize)> + use<> {
    let (n, ties) = (contest.options.len(), contest.has_ties());
    (0..n).cartesian_product(0..n).filter(move |(i, j)| i < j || ties && i != j)
}

pub(super) struct PairsKind {
    /// From so many options on there are scores or ranks instead of triples, without and with ties.
    by_ranks: [usize; 2],
}

/// Scores or ranks are used where they take fewer bits.
pub(super) const PAIRS: PairsKind = PairsKind { by_ranks: [9, 6] };

impl PairsKind {
    fn by_ranks(&self, contest: &Contest) -> bool {
        let [without, with] = self.by_ranks;
        contest.options.len() >= if contest.has_ties() { with } else { without }
    }
}

impl Kind for PairsKind {
    fn value_slots(&self, contest: &Contest) -> usize {
        pairs(contest).count()
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        over(contest, pairs(contest))
    }

    fn example(&self, contest: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        first_ranks(contest)
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        _: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let (n, ties) = (contest.options.len(), contest.has_ties());
        let mut above = vec![vec![None; n]; n];
        let mut all = Vec::new();
        for ((i, j), slot) in pairs(contest).zip(first..) {
            let term = rules.number(1, &[(slot, 1)]);
            if let Some(cell) = above.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = Some(term);
            }
            all.push(term);
        }
        let above = |i: usize, j: usize| -> Option<Term> { *above.get(i)?.get(j)? };
        let more = match (self.by_ranks(contest), ties) {
            (false, _) => Vec::new(),
            (true, false) => (0..n * n).map(|_| rules.number(1, &[])).collect(),
            (true, true) => (0..n).map(|_| rules.number(n as u64 - 1, &[])).collect::<Vec<_>>(),
        };
        let marks = first.saturating_add(all.len());
        let marks = marks..marks.saturating_add(contest.marks.len());
        let marks: Vec<Term> = marks.map(|slot| rules.number(1, &[(slot, 1)])).collect();
        let scope = Scope { marks, gate: None };
        match (self.by_ranks(contest), ties) {
            (false, _) => {
                if ties {
                    for (i, j) in (0..n).tuple_combinations() {
                        rules.at_most((above(i, j).into_iter().chain(above(j, i)).collect(), 1), 1);
                    }
                }
                let triples =
                    (0..n).flat_map(|i| (0..n).flat_map(move |j| (0..n).map(move |k| (i, j, k))));
                for (i, j, k) in triples {
                    // Of three there is each pair only once, or they are in all orders.
                    if let (Some(a), Some(b), Some(c)) = (above(i, j), above(j, k), above(i, k)) {
                        rules.at_least((vec![a, b, c.times(-1)], 0), 1);
                    }
                }
            }
            (true, false) => {
                for (i, scores) in more.chunks(n).enumerate() {
                    let won = (0..n).filter_map(|j| above(i, j));
                    let lost = (0..n).filter_map(|j| above(j, i)).map(|term| term.times(-1));
                    let mut terms: Vec<Term> = won.chain(lost).collect();
                    terms.extend(scores.iter().zip(0..).map(|(q, r)| q.times(-r)));
                    // Each of the `i` options before has won or lost, but for marks.
                    terms.extend(scope.marks.iter().map(|mark| mark.times(-(i as i64))));
                    rules.equal((terms, -(i as i64)));
                    rules.equal(scope.unless(scores.to_vec(), 1));
                }
                for r in 0..n {
                    let column = more.iter().skip(r).step_by(n).copied().collect();
                    rules.equal(scope.unless(column, 1));
                }
            }
            (true, true) => {
                for (i, j) in pairs(contest) {
                    let (Some(a), Some(b), Some(p)) = (more.get(i), more.get(j), above(i, j))
                    else {
                        continue;
                    };
                    let n = n as i64;
                    rules.at_least((vec![*b, a.times(-1), p.times(-n)], 1 - n), n as u64 - 1);
                }
            }
        }
        // Scores say by themselves that a mark goes with no preference.
        if !scope.marks.is_empty() && (ties || !self.by_ranks(contest)) {
            let most = all.len() as u64;
            rules.at_most(scope.unless(all, most), most);
        }
        Vec::new()
    }

    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        _: u64,
    ) -> Zeroizing<Vec<u64>> {
        let n = contest.options.len();
        // Never grows: a reallocation would leave a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(2 * n * n + marks.len()));
        // Ranks that break the rule are no bits.
        let wrong = 2 * u64::from((!keep_rule_or_mark(contest, values, marks)).unwrap_u8());
        for (i, j) in pairs(contest) {
            let (Some(a), Some(b)) = (values.get(i), values.get(j)) else { continue };
            out.push(wrong + u64::from(a.ct_lt(b).unwrap_u8()));
        }
        let marked = marks.iter().fold(0, |any, mark| any | u8::from(*mark));
        if self.by_ranks(contest) && !contest.has_ties() {
            // The score of rank 1 is the highest.
            for value in values {
                let score = (n as u64).wrapping_sub(*value);
                out.extend(
                    (0..n as u64).map(|r| u64::from(score.ct_eq(&r).unwrap_u8() & !marked & 1)),
                );
            }
        } else if self.by_ranks(contest) {
            // With a mark there are no ranks.
            let from_0 =
                |rank: &u64| u64::conditional_select(&rank.wrapping_sub(1), &0, rank.ct_eq(&0));
            out.extend(values.iter().map(from_0));
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_vartime(contest, values, marks)
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        vec![1; contest.summed_slots()]
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let (above, marks) = slots.split_at_checked(self.value_slots(contest)).unwrap_or_default();
        let marks: Vec<bool> = marks.iter().map(|mark| *mark == 1).collect();
        if marks.contains(&true) {
            return Ok((vec![0; contest.options.len()], marks));
        }
        // How many are above each; without ties either one or the other is.
        let mut behind = vec![0u64; contest.options.len()];
        let mut add = |option: usize, more: u64| {
            if let Some(count) = behind.get_mut(option) {
                *count += more;
            }
        };
        for ((i, j), above) in pairs(contest).zip(above) {
            add(j, u64::from(*above == 1));
            if !contest.has_ties() {
                add(i, u64::from(*above == 0));
            }
        }
        // The ranks that there are, without gaps.
        let ranks: BTreeSet<u64> = behind.iter().copied().collect();
        let rank = |behind: &u64| ranks.range(..=behind).count() as u64;
        Ok((behind.iter().map(rank).collect(), marks))
    }

    fn summed(&self, contest: &Contest, totals: &[u64], weight: u64) -> Option<Summed> {
        let (n, slots) = (contest.options.len(), self.value_slots(contest));
        let (above, marks) = totals.split_at_checked(slots).unwrap_or_default();
        let votes = weight.saturating_sub(marks.iter().copied().fold(0, u64::saturating_add));
        let mut preferences = vec![vec![0; n]; n];
        let mut set = |i: usize, j: usize, total: u64| {
            if let Some(cell) = preferences.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = total;
            }
        };
        for ((i, j), total) in pairs(contest).zip(above) {
            set(i, j, *total);
            if !contest.has_ties() {
                set(j, i, votes.saturating_sub(*total));
            }
        }
        Some(Summed::Pairs { points: None, preferences, votes })
    }

    fn number(&self, given: Given) -> Option<u64> {
        rank_of(given)
    }

    fn given(&self, _: &Contest, _: usize, number: u64) -> Given {
        Given::Rank(number)
    }

    fn takes(&self) -> &'static str {
        "takes ranks: rank it"
    }

    fn mark(&self, option: usize, value: u64, number: u64) -> Result<u64, Broken> {
        mark_once(option, value, number)
    }

    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        match method {
            Method::Schulze | Method::Borda => Ok(()),
            _ => Err("schulze or borda"),
        }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let (n, ties) = (contest.options.len() as u64, contest.has_ties());
        let (most, mut mistakes) =
            (if ties { MAX_OPTIONS.1 } else { MAX_OPTIONS.0 }, Mistakes::default());
        if !(2..=most).contains(&contest.options.len()) {
            let expected = format!("2 to {most} options: rank more of them by a mix");
            mistakes.add(ManifestError::new(format!("{path}.options"), n, expected));
        }
        let Rule { min, max, each } = contest.rule;
        for (field, found, expected) in [("min", min, n), ("max", max, n), ("each", each, 1)] {
            mistakes.take(number(&format!("{path}.pairs.{field}"), found, expected, expected));
        }
        if let Some(with) = &contest.with {
            // Whoever cannot vote would have the last option above all others, or all equal.
            let expected = "nothing: everybody ranks all options";
            mistakes.add(ManifestError::new(format!("{path}.with"), with, expected));
        }
        mistakes.take(check_plain(path, contest, "options are ranked"));
        mistakes.take(check_marks(path, contest));
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "pairs"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, all: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["ties"], &mut mistakes);
        let ties = mistakes.take(fields.get("ties").map_or(Ok(false), |ties| ties.bool()));
        mistakes.end()?;
        let rule = Rule { min: all, max: all, each: 1 };
        Ok((Form::Pairs { ties }, rule))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        Json::object([("ties", Some(contest.has_ties().into()))])
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.extend_from_slice(&[6, u8::from(contest.has_ties())]);
    }

    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        if tag != 6 {
            return Ok(None);
        }
        Ok(Some(Form::Pairs { ties: reader.field("whether there are ties").bool()? }))
    }

    fn words(&self) -> Words {
        Words { held: "rankings", counted: "counted", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match contest.has_ties() {
            true => "Each voter ranks all options, ties allowed",
            false => "Each voter ranks all options",
        })
    }
}

/// What the slots of these pairs count, in words.
pub(super) fn over(contest: &Contest, pairs: impl Iterator<Item = (usize, usize)>) -> Vec<String> {
    let names: Vec<String> = contest.shown().collect();
    let name = |option: usize| names.get(option).map_or("", String::as_str);
    pairs.map(|(i, j)| format!("{} over {}", name(i), name(j))).collect()
}

#[cfg(test)]
mod tests;
