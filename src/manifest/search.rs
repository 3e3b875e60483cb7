//! Whether some ballot keeps all limits: a help for whoever writes a manifest, who would otherwise learn on the day of the vote
//! that nobody can vote.
//!
//! Limits with costs are a knapsack, so there is no rule by which all readers of a record could decide it alike. Hence a manifest
//! is valid whatever the search says, and only the [`Builder`](super::Builder) refuses it.

use super::{BallotStyle, Manifest, ManifestError, rules::Held};
use crate::{
    contest::{Contest, Form, Limit},
    mistake::Mistakes,
};
use alloc::{collections::BTreeMap, format, vec, vec::Vec};
use core::slice::from_ref;

/// So many steps are made.
const MAX_STEPS: u32 = 100_000;

/// Checks that some ballot of each style keeps all limits.
pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    let (contests, styles) = (manifest.contests(), manifest.styles());
    for (i, contest) in contests.iter().enumerate().filter(|(_, c)| !c.limits.is_empty()) {
        // Whether it goes with another contest does not matter: who may vote in it must be able to.
        let open = Contest { with: None, ..contest.clone() };
        let path = format!("contests[{i}].limits");
        let expected = "limits that a vote can keep together with the contest's rule";
        mistakes.take(search(&path, &[&open], &contest.limits, &[], expected));
    }
    for (s, style) in styles.iter().enumerate().filter(|(_, style)| !style.limits.is_empty()) {
        let BallotStyle { contests, limits, .. } = style;
        if contests.iter().any(|c| mistakes.at(&format!("contests[{c}]"))) {
            continue;
        }
        let path = format!("styles[{s}].limits");
        let expected = "limits that a ballot can keep together with the rules of its contests";
        let found = search(&path, &manifest.held(style), limits, limits, expected);
        if found.is_err() {
            // A search takes its time, and other styles often have the same limits.
            mistakes.take(found);
            break;
        }
    }
    mistakes.end()
}

impl Manifest {
    /// Votes of the style's contests that keep all their limits, one list for each; none in contests with marks or without limits of
    /// their own kind. `None` if none is found soon.
    pub(crate) fn some_votes(&self, style: &BallotStyle) -> Option<Vec<Vec<u64>>> {
        let held = self.held(style);
        let Found::Yes(votes) = Search::new(&held, &style.limits).run() else { return None };
        let mut rest = votes.as_slice();
        let of_contest = |contest: &&Contest| {
            let (of, others) = rest.split_at_checked(contest.candidates())?;
            rest = others;
            Some(of.to_vec())
        };
        held.iter().map(of_contest).collect()
    }
}

/// Searches for a ballot that keeps the `joint` limits and the rules of its contests; `told` are those that are refused.
fn search(
    path: &str,
    held: &[&Contest],
    told: &[Limit],
    joint: &[Limit],
    expected: &str,
) -> Result<(), ManifestError> {
    let why = match Search::new(held, joint).run() {
        Found::Yes(_) => return Ok(()),
        Found::No => "there is none".into(),
        Found::NotSoon => format!("none was found in {MAX_STEPS} steps"),
    };
    let value = format!("{} limits", told.len());
    Err(ManifestError::new(path, value, format!("{expected}: {why}")))
}

enum Found {
    /// The votes of all contests, one contest after the other.
    Yes(Vec<u64>),
    No,
    NotSoon,
}

/// `min ≤ Σ cost·votes ≤ max`; if it goes `with` a variable, only where that has a vote, and elsewhere the sum is 0.
struct Sum {
    terms: Vec<(usize, u64)>,
    min: u64,
    max: u64,
    /// A variable, of cost 1.
    with: Option<(usize, u64)>,
}

/// Votes rise from 0 until no sum is too small. They are never less than `low`, so a sum that is too large stays so.
struct Search {
    sums: Vec<Sum>,
    /// The sums of each variable, with its cost there.
    of: Vec<Vec<(usize, u64)>>,
    low: Vec<u64>,
    high: Vec<u64>,
    /// Each sum at `low`.
    held: Vec<u64>,
}

/// A choice that can be made otherwise: then the variable is at most this, and its bounds, and those of all that were changed after
/// it, are as they were.
struct Choice {
    changes: usize,
    variable: usize,
    high: u64,
}

impl Search {
    fn new(contests: &[&Contest], joint: &[Limit]) -> Self {
        let (mut sums, mut high, mut first) = (Vec::new(), Vec::new(), Vec::new());
        // With a mark, or no votes to begin with, a contest keeps its own rules and adds nothing to others.
        let counts = |c: &Contest| matches!(c.form, Form::Choice) && c.marks.is_empty();
        let places: BTreeMap<&str, usize> =
            contests.iter().enumerate().map(|(place, c)| (c.id.as_str(), place)).collect();
        for contest in contests {
            let start = high.len();
            first.push(start);
            let most = (0..contest.candidates()).map(|place| contest.most(place));
            high.extend(most.map(|most| if counts(contest) { most } else { 0 }));
            if !counts(contest) {
                continue;
            }
            let gate = contest.with.as_ref().and_then(|with| {
                let (contest, option) = with.split_once(':')?;
                let place = *places.get(contest)?;
                Some(first.get(place)?.saturating_add(contests.get(place)?.option(option)?))
            });
            let all = (start..high.len()).map(|variable| (variable, 1)).collect();
            let (min, max) = (contest.rule.min, contest.rule.max);
            sums.push(Sum { terms: all, min, max, with: gate.map(|gate| (gate, 1)) });
            let names = contest.by_name();
            for limit in &contest.limits {
                let members = limit.members_by(|name| names.find(name).to_vec());
                let terms = members.unwrap_or_default().into_iter();
                let terms = terms.map(|(option, cost)| (start.saturating_add(option), cost.into()));
                let own = limit.with.as_ref().and_then(|with| contest.option(with));
                let own = own.map(|option| start.saturating_add(option));
                let (min, max) = (limit.min, limit.max);
                let with = own.or(gate).map(|gate| (gate, 1));
                sums.push(Sum { terms: terms.collect(), min, max, with });
            }
        }
        let by_name = Held::new(contests);
        for limit in joint {
            let members = limit.members_by(|name| by_name.named(name)).unwrap_or_default();
            let terms = members.into_iter().filter_map(|((contest, option), cost)| {
                Some((first.get(contest)?.saturating_add(option), cost.into()))
            });
            sums.push(Sum { terms: terms.collect(), min: 0, max: limit.max, with: None });
        }
        Self::of_sums(sums, high)
    }

    fn of_sums(mut sums: Vec<Sum>, high: Vec<u64>) -> Self {
        // What leaves the least choice comes first, and in it what many others want, and few forbid.
        sums.sort_by_key(|sum| sum.terms.len());
        let mut of = vec![Vec::new(); high.len()];
        for (place, sum) in sums.iter().enumerate() {
            for (variable, cost) in &sum.terms {
                if let Some(of) = of.get_mut(*variable) {
                    of.push((place, *cost));
                }
            }
        }
        let wanted = |variable: usize| {
            let of = of.get(variable).into_iter().flatten();
            of.filter(|(place, _)| sums.get(*place).is_some_and(|sum| sum.min > 0)).count()
        };
        let ranks: Vec<_> = (0..high.len())
            .map(|v| (usize::MAX - wanted(v), of.get(v).map_or(0, Vec::len)))
            .collect();
        for sum in &mut sums {
            sum.terms.sort_by_key(|(variable, _)| ranks.get(*variable).copied());
        }
        let (low, held) = (vec![0; high.len()], vec![0; sums.len()]);
        Self { sums, of, low, high, held }
    }

    fn run(mut self) -> Found {
        let (mut changes, mut choices) = (Vec::new(), Vec::<Choice>::new());
        for _ in 0..MAX_STEPS {
            let Some((terms, missing)) = self.wanting() else { return Found::Yes(self.low) };
            let rise = terms.iter().find_map(|(variable, cost)| {
                let rise = self.room(*variable).min(missing.div_ceil(*cost));
                (rise > 0).then_some((*variable, rise))
            });
            if let Some((variable, rise)) = rise {
                let (low, high) = self.bounds(variable);
                let otherwise = low + rise - 1;
                choices.push(Choice { changes: changes.len(), variable, high: otherwise });
                changes.push((variable, low, high));
                self.set(variable, low + rise, high);
                continue;
            }
            let Some(Choice { changes: kept, variable, high }) = choices.pop() else {
                return Found::No;
            };
            while changes.len() > kept
                && let Some((variable, low, high)) = changes.pop()
            {
                self.set(variable, low, high);
            }
            let (low, before) = self.bounds(variable);
            changes.push((variable, low, before));
            self.set(variable, low, high);
        }
        Found::NotSoon
    }

    fn bounds(&self, variable: usize) -> (u64, u64) {
        let of = |list: &Vec<u64>| list.get(variable).copied().unwrap_or(0);
        (of(&self.low), of(&self.high))
    }

    fn set(&mut self, variable: usize, low: u64, high: u64) {
        let (before, _) = self.bounds(variable);
        for (place, cost) in self.of.get(variable).into_iter().flatten() {
            if let Some(held) = self.held.get_mut(*place) {
                *held = *held + cost * low - cost * before;
            }
        }
        for (list, value) in [(&mut self.low, low), (&mut self.high, high)] {
            if let Some(bound) = list.get_mut(variable) {
                *bound = value;
            }
        }
    }

    /// What must rise, and by how much: the terms of a sum that is too small, or the variable that it goes with.
    fn wanting(&self) -> Option<(&[(usize, u64)], u64)> {
        self.sums.iter().zip(&self.held).find_map(|(sum, held)| match &sum.with {
            Some(gate) if self.bounds(gate.0).0 == 0 => (*held > 0).then(|| (from_ref(gate), 1)),
            _ => (*held < sum.min).then(|| (sum.terms.as_slice(), sum.min - held)),
        })
    }

    /// How much a variable can rise, as far as each sum alone says.
    fn room(&self, variable: usize) -> u64 {
        let (low, high) = self.bounds(variable);
        let of = self.of.get(variable).into_iter().flatten();
        of.fold(high.saturating_sub(low), |room, (place, cost)| {
            let Some((sum, held)) = self.sums.get(*place).zip(self.held.get(*place)) else {
                return 0;
            };
            let is_shut = sum.with.is_some_and(|(gate, _)| self.bounds(gate).1 == 0);
            if is_shut { 0 } else { room.min(sum.max.saturating_sub(*held) / cost) }
        })
    }
}
