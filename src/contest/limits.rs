//! Limits on the votes for some options: what they are about, their rows, and whether votes keep them.

use super::{
    Broken, Contest, Limit,
    rules::{Rules, Term},
};
use alloc::{collections::BTreeMap, vec::Vec};

/// The votes of one option in a ballot's rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Votes {
    pub(super) terms: Vec<Term>,
    /// The most that there can be.
    pub(super) most: u64,
}

impl Votes {
    /// The number that is 1 if there is a vote, of an option of at most one.
    pub(crate) fn gate(&self) -> Option<Term> {
        self.terms.first().copied()
    }
}

/// `lo ≤ Σ terms ≤ hi`, where `Σ terms` is at most `most`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    terms: Vec<Term>,
    lo: u64,
    hi: u64,
    most: u64,
}

/// What decides whether there can be votes at all.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) marks: Vec<Term>,
    /// A number of 0 or 1.
    pub(super) gate: Option<Term>,
}

impl Bounds {
    /// Of so many votes in all, each of cost 1.
    pub(super) fn of_total(votes: &[Votes], lo: u32, hi: u32) -> Self {
        Self::new(votes.iter().map(|votes| (votes, 1)), lo.into(), hi.into())
    }

    /// From the votes with their costs. Whatever divides all costs is divided out.
    pub(crate) fn new<'v>(
        votes: impl Iterator<Item = (&'v Votes, u32)> + Clone,
        lo: u64,
        hi: u64,
    ) -> Self {
        let divisor = votes.clone().fold(0, |divisor, (_, cost)| gcd(divisor, cost)).max(1);
        let mut new = Self { lo: lo.div_ceil(divisor.into()), ..Self::default() };
        for (Votes { terms, most }, cost) in votes {
            let cost = cost / divisor;
            new.terms.extend(terms.iter().map(|term| term.times(cost.into())));
            new.most = new.most.saturating_add(most.saturating_mul(cost.into()));
        }
        new.hi = (hi / u64::from(divisor)).min(new.most);
        new
    }

    /// The terms, and these ones with a factor.
    fn with<'t>(&self, others: impl IntoIterator<Item = &'t Term>, factor: u64) -> Vec<Term> {
        // At most 2^58, as the manifest has it.
        let others = others.into_iter().map(|term| term.times(factor as i64));
        self.terms.iter().copied().chain(others).collect()
    }

    fn span(&self) -> u64 {
        self.hi.saturating_sub(self.lo)
    }

    /// Adds the rows of a contest's total, which also keep marks from each other, from votes, and from what is not open.
    pub(super) fn add_total(&self, Scope { marks, gate }: &Scope, rules: &mut Rules) {
        let Self { lo, hi, .. } = *self;
        if marks.is_empty() {
            return match gate {
                Some(gate) => self.add_with(*gate, rules),
                None => self.add_limit(&Scope::default(), rules),
            };
        }
        if lo == hi {
            // Σv + lo·Σβ = lo
            let (terms, target) = self.unless(marks, gate.as_ref(), lo);
            return rules.equal(terms, target);
        }
        // Σv + hi·Σβ + s = hi
        let (terms, target) = self.unless(marks, gate.as_ref(), hi);
        rules.at_most(terms, target, hi);
        if lo > 0 {
            // Σv + lo·Σβ − d = lo
            let (terms, target) = self.unless(marks, gate.as_ref(), lo);
            rules.at_least(terms, target, self.span());
        }
    }

    /// The terms, and the target `t`, which is 0 with a mark, and without the gate: `t(1 − Σβ)` or `t(g − Σβ)`.
    fn unless(&self, marks: &[Term], gate: Option<&Term>, t: u64) -> (Vec<Term>, i64) {
        let mut terms = self.with(marks, t);
        let target = t as i64;
        match gate {
            Some(gate) => {
                terms.push(gate.times(-target));
                (terms, 0)
            }
            None => (terms, target),
        }
    }

    /// Adds the row of a limit in a contest that has a total.
    pub(super) fn add_limit(&self, Scope { marks, gate }: &Scope, rules: &mut Rules) {
        if self.lo == 0 && self.hi == self.most {
            return;
        }
        // Σcv + lo·Σβ − d = lo
        let (terms, target) = self.unless(marks, gate.as_ref(), self.lo);
        rules.at_least(terms, target, self.span());
    }

    /// Adds the row of a limit over several contests, which has no least sum.
    pub(crate) fn add_joint(&self, rules: &mut Rules) {
        // Σcv + s = hi
        rules.at_most(self.terms.clone(), self.hi as i64, self.hi);
    }

    /// Adds the rows of what goes with `gate`, a number of 0 or 1: it holds if that is 1, and else the sum is 0.
    pub(super) fn add_with(&self, gate: Term, rules: &mut Rules) {
        let Self { lo, hi, most, .. } = *self;
        if lo == hi {
            // Σcv − lo·g = 0
            return rules.equal(
                self.with([], 0).into_iter().chain([gate.times(-(lo as i64))]).collect(),
                0,
            );
        }
        if hi == most {
            rules.only_with(self.terms.clone(), gate, most);
        } else {
            // Σcv − hi·g + s = 0
            let terms = self.terms.iter().copied().chain([gate.times(-(hi as i64))]).collect();
            rules.at_most(terms, 0, hi);
        }
        if lo > 0 {
            // Σcv − lo·g − d = 0
            let terms = self.terms.iter().copied().chain([gate.times(-(lo as i64))]).collect();
            rules.at_least(terms, 0, self.span());
        }
    }
}

pub(super) fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Limit {
    /// The options of this contest that it is about, by place, with what a vote for each costs; or the place in [`of`](Self::of)
    /// of what is no option and no group.
    pub(super) fn members(&self, contest: &Contest) -> Result<Vec<(usize, u32)>, usize> {
        self.members_by(|name| contest.members(name))
    }

    /// The same where names mean other things.
    pub(crate) fn members_by<T>(
        &self,
        find: impl Fn(&str) -> Vec<T>,
    ) -> Result<Vec<(T, u32)>, usize> {
        let mut members = Vec::new();
        for (entry, name) in self.of.iter().enumerate() {
            let found = find(name);
            if found.is_empty() {
                return Err(entry);
            }
            let cost = self.costs.get(entry).copied().unwrap_or(1);
            members.extend(found.into_iter().map(|member| (member, cost)));
        }
        Ok(members)
    }

    /// Adds its rows.
    pub(super) fn add_rules(
        &self,
        contest: &Contest,
        votes: &[Votes],
        scope: &Scope,
        rules: &mut Rules,
    ) {
        let members = self.members(contest).unwrap_or_default();
        let members =
            members.iter().filter_map(|(option, cost)| Some((votes.get(*option)?, *cost)));
        let bounds = Bounds::new(members, self.min, self.max);
        let gate = self.with.as_ref().and_then(|name| contest.option(name));
        match gate.and_then(|option| votes.get(option)?.gate()) {
            Some(gate) => bounds.add_with(gate, rules),
            None => bounds.add_limit(scope, rules),
        }
    }

    /// How the votes break it, if they do; `limit` is its place. Variable time.
    pub(super) fn broken_vartime(
        &self,
        limit: usize,
        contest: &Contest,
        values: &[u32],
    ) -> Option<Broken> {
        let members = self.members(contest).unwrap_or_default();
        let vote = |option: usize| values.get(option).copied().unwrap_or(0);
        let needs = self.with.as_ref().and_then(|name| contest.option(name));
        if let Some(needs) = needs.filter(|option| vote(*option) == 0) {
            let option =
                members.iter().map(|(option, _)| *option).find(|option| vote(*option) > 0)?;
            return Some(Broken::Without { option, needs });
        }
        let found = sum(members.iter().map(|(option, cost)| (vote(*option), *cost)));
        let (min, max) = (self.min, self.max);
        let keeps = (min..=max).contains(&found);
        (!keeps).then_some(Broken::Limit { limit, found, min, max })
    }
}

/// What these votes cost.
pub(crate) fn sum(votes: impl Iterator<Item = (u32, u32)>) -> u64 {
    let costs = votes.map(|(votes, cost)| u64::from(votes) * u64::from(cost));
    costs.fold(0, u64::saturating_add)
}

impl Contest {
    /// The places of the options with this name, or of the group with this id.
    pub(crate) fn members(&self, name: &str) -> Vec<usize> {
        let places = self.options.iter().enumerate();
        let is_it = |group: &str| self.groups.iter().any(|known| known.id == group);
        let found = places.filter(|(_, option)| {
            option.name == name || is_it(name) && option.groups.iter().any(|group| group == name)
        });
        found.map(|(place, _)| place).collect()
    }
}

/// A circle of limits, each about an option without which the next has no votes: the place of one of them.
pub(super) fn circle(contest: &Contest) -> Option<usize> {
    // For each option those that need it.
    let mut needs: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for (limit, with) in contest.limits.iter().enumerate() {
        let Some(gate) = with.with.as_ref().and_then(|name| contest.option(name)) else { continue };
        let members = with.members(contest).unwrap_or_default();
        needs.entry(gate).or_default().extend(members.iter().map(|(option, _)| (*option, limit)));
    }
    // Options whose ways lead to no circle are taken away, until there are none.
    let mut left: BTreeMap<usize, Vec<(usize, usize)>> = needs;
    loop {
        let open: Vec<usize> = left.keys().copied().collect();
        let before = left.len();
        left.retain(|_, members| members.iter().any(|(option, _)| open.contains(option)));
        if left.len() == before {
            return left.values().flatten().map(|(_, limit)| *limit).min();
        }
    }
}
