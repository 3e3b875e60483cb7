//! Limits on the votes for some options: what they are about, their rows, and whether votes keep them.

use super::{
    Broken, Contest, Limit,
    given::Given,
    integer::length,
    rules::{Rules, Term},
};
use crate::crypto::wide;
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

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

impl Scope {
    /// The terms, and the target `t`, which is 0 with a mark, and without the gate: `t(1 − Σβ)` or `t(g − Σβ)`.
    pub(super) fn unless(&self, mut terms: Vec<Term>, t: u64) -> (Vec<Term>, i64) {
        // Below 2^63, as the manifest has it.
        let target = t as i64;
        terms.extend(self.marks.iter().map(|mark| mark.times(target)));
        match self.gate {
            Some(gate) => {
                terms.push(gate.times(-target));
                (terms, 0)
            }
            None => (terms, target),
        }
    }
}

impl Bounds {
    /// Of so many votes in all, each of cost 1.
    pub(super) fn of_total(votes: &[Votes], lo: u64, hi: u64) -> Self {
        Self::new(votes.iter().map(|votes| (votes, 1)), lo, hi)
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

    fn span(&self) -> u64 {
        self.hi.saturating_sub(self.lo)
    }

    /// Adds the rows of a contest's total, which also keep marks from each other, from votes, and from what is not open.
    pub(super) fn add_total(&self, scope: &Scope, rules: &mut Rules) {
        let Self { lo, hi, .. } = *self;
        let row = |t| scope.unless(self.terms.clone(), t);
        match scope {
            Scope { marks, gate: Some(gate) } if marks.is_empty() => self.add_with(*gate, rules),
            Scope { marks, gate: None } if marks.is_empty() => self.add_limit(scope, rules),
            // Σv + lo·Σβ = lo
            _ if lo == hi => rules.equal(row(lo)),
            _ => {
                // Σv + hi·Σβ + s = hi
                rules.at_most(row(hi), hi);
                if lo > 0 {
                    // Σv + lo·Σβ − d = lo
                    rules.at_least(row(lo), self.span());
                }
            }
        }
    }

    /// Adds the row of a limit in a contest that has a total.
    pub(super) fn add_limit(&self, scope: &Scope, rules: &mut Rules) {
        if self.says_something() {
            // Σcv + lo·Σβ − d = lo
            rules.at_least(scope.unless(self.terms.clone(), self.lo), self.span());
        }
    }

    /// Whether some votes break it.
    pub(super) fn says_something(&self) -> bool {
        self.lo > 0 || self.hi < self.most
    }

    /// Adds the rows of folded amounts, over their limbs.
    pub(super) fn add_folded(&self, rules: &mut wide::Rules) {
        let terms = self.terms.iter().map(|term| term.limb());
        // At most 2^63 − 1, as the manifest has it.
        let hi = self.hi as i64;
        if self.lo == self.hi {
            // ΣcV = hi
            return rules.row(terms, hi);
        }
        // ΣcV + s = hi
        let rest = rules.at_most(terms, hi);
        if self.lo > 0 {
            // s + s′ = hi − lo
            rules.at_most(rest, self.span() as i64);
        }
    }

    /// Adds the row of a limit over several contests, which has no least sum.
    pub(crate) fn add_joint(&self, rules: &mut Rules) {
        // Σcv + s = hi
        rules.at_most((self.terms.clone(), self.hi as i64), self.hi);
    }

    /// Adds the rows of what goes with `gate`, a number of 0 or 1: it holds if that is 1, and else the sum is 0.
    pub(super) fn add_with(&self, gate: Term, rules: &mut Rules) {
        let Self { lo, hi, most, .. } = *self;
        let scope = Scope { marks: Vec::new(), gate: Some(gate) };
        let row = |t| scope.unless(self.terms.clone(), t);
        if lo == hi {
            // Σcv − lo·g = 0
            return rules.equal(row(lo));
        }
        match hi == most {
            true => rules.only_with(self.terms.clone(), gate, most),
            // Σcv − hi·g + s = 0
            false => rules.at_most(row(hi), hi),
        }
        if lo > 0 {
            // Σcv − lo·g − d = 0
            rules.at_least(row(lo), self.span());
        }
    }
}

pub(super) fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Limit {
    /// The options of the contest that it is about, by place, with what a vote for each costs; or the place in [`of`](Self::of)
    /// of what is no option and no group.
    pub(super) fn members(&self, names: &Names<'_>) -> Result<Vec<(usize, u32)>, usize> {
        self.members_by(|name| names.find(name).to_vec())
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

    /// Adds its rows; `votes` are those of the options, and in a contest of lists then of the lists.
    pub(super) fn add_rules(
        &self,
        contest: &Contest,
        names: &Names<'_>,
        votes: &[Votes],
        scope: &Scope,
        rules: &mut Rules,
    ) {
        let members = self.members(names).unwrap_or_default();
        let members =
            members.iter().filter_map(|(option, cost)| Some((votes.get(*option)?, *cost)));
        let bounds = Bounds::new(members, self.min, self.max);
        let gate = self.with.as_ref().and_then(|name| contest.gate(name));
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
        names: &Names<'_>,
        values: &[u64],
    ) -> Option<Broken> {
        let members = self.members(names).unwrap_or_default();
        let vote = |option: usize| values.get(option).copied().unwrap_or(0);
        let needs = self.with.as_ref().and_then(|name| contest.gate(name));
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
pub(crate) fn sum(votes: impl Iterator<Item = (u64, u32)>) -> u64 {
    let costs = votes.map(|(votes, cost)| votes.saturating_mul(cost.into()));
    costs.fold(0, u64::saturating_add)
}

/// The options of a contest by id, and those of each group by its id.
pub(crate) struct Names<'a>(BTreeMap<&'a str, Vec<usize>>);

impl Names<'_> {
    /// The places of the options.
    pub(crate) fn find(&self, name: &str) -> &[usize] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Contest {
    /// The place of the value with which a limit goes: of an option of at most one vote, or of a list.
    pub(super) fn gate(&self, name: &str) -> Option<usize> {
        let place = self.place(name, Given::Votes(1))?;
        (place >= self.options.len() || self.most(place) == 1).then_some(place)
    }

    /// Its options by id.
    pub(crate) fn by_name(&self) -> Names<'_> {
        let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (place, option) in self.options.iter().enumerate() {
            for name in [&option.id].into_iter().chain(&option.groups) {
                names.entry(name).or_default().push(place);
            }
        }
        Names(names)
    }

    /// How many terms the limits have: for each option that they name, each time, one for each bit of its largest number of votes.
    pub(crate) fn limit_terms(&self) -> usize {
        let names = self.by_name();
        let of_option = |(option, _): &(usize, u32)| length(self.most(*option));
        let of_limit = |limit: &Limit| -> usize {
            limit.members(&names).unwrap_or_default().iter().map(of_option).sum()
        };
        self.limits.iter().map(of_limit).fold(0, usize::saturating_add)
    }
}

/// A circle of limits, each about an option without which the next has no votes: the place of one of them.
pub(super) fn circle(contest: &Contest, names: &Names<'_>) -> Option<usize> {
    let gates = contest.limits.iter().map(|limit| contest.option(limit.with.as_ref()?));
    let gates: Vec<Option<usize>> = gates.collect();
    let all: BTreeSet<usize> = gates.iter().copied().flatten().collect();
    // For each gate those that need it, and the limit that says so.
    let mut left: BTreeMap<usize, BTreeMap<usize, usize>> = BTreeMap::new();
    for (place, (limit, gate)) in contest.limits.iter().zip(&gates).enumerate() {
        let Some(gate) = gate else { continue };
        let members = limit.members(names).unwrap_or_default().into_iter();
        let members = members.filter(|(option, _)| all.contains(option));
        let needs = left.entry(*gate).or_default();
        needs.extend(members.map(|(option, _)| (option, place)));
    }
    // Gates whose ways lead to no circle are taken away, until there are none.
    loop {
        let before = left.len();
        let open: BTreeSet<usize> = left.keys().copied().collect();
        left.retain(|_, needs| needs.keys().any(|option| open.contains(option)));
        if left.len() == before {
            return left.values().flat_map(BTreeMap::values).min().copied();
        }
    }
}
