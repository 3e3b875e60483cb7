//! Lists: the voter chooses a list and gives votes to names, of this list or of others. Lines that go to no name count for the list.
//!
//! The numbers of one contest of `S` lines, in order, and its equations, with `lo` the least votes for names and `g` the option with which
//! the contest goes, or 1:
//!
//! ```text
//! each name           v of 0..=most
//! each list           x of 0..=S, the lines that count for it      and, if no list can be chosen, x₀ of 0..=S, which count for nobody
//! each mark           β of 0..=1
//! each list           ℓ of 0..=1                                   and, if no list can be chosen, ℓ₀ of 0..=1
//! Σv + Σx + S·Σβ = S·g        Σℓ + Σβ = g
//! each x              Σ bits of x − n·ℓ + s = 0 or x − S·ℓ + s = 0, what takes fewer bits of s
//! lo > 0              Σv + lo·Σβ − d = lo·g
//! ```
//!
//! and the limits as in a choice; one can go with a list's ℓ, too. The slots are those of `v` and `x` but `x₀`, of the marks, and of `ℓ` with `ℓ₀`.

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::{MAX_EACH, check_limits, check_maxima},
    given::Given,
    kind::{Kind, Words},
    limits::{Bounds, Scope, Votes},
    ranks::broken_with_marks_vartime,
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
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Most lines.
const MAX_LINES: u64 = 1_000;

impl Contest {
    /// The voter has so many lines, which go to names, or else to the list that is chosen. The lists are the groups of the options.
    pub fn lists(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        lines: u64,
    ) -> Self {
        let rule = Rule { min: 0, max: lines, each: 1 };
        Self { form: Form::Lists { none: false }, rule, ..Self::choose_one(id, options) }
    }

    /// In a contest of lists, a voter can choose none.
    #[must_use]
    pub fn or_no_list(mut self) -> Self {
        if let Form::Lists { none } = &mut self.form {
            *none = true;
        }
        self
    }

    /// In a contest of lists, at least so many votes must go to names.
    #[must_use]
    pub fn least(mut self, votes: u64) -> Self {
        self.rule.min = votes;
        self
    }

    fn can_choose_none(&self) -> bool {
        matches!(self.form, Form::Lists { none: true })
    }

    /// The names of each list.
    pub(crate) fn names_of_lists(&self) -> Vec<Vec<usize>> {
        let names = self.by_name();
        self.groups.iter().map(|group| names.find(&group.id).to_vec()).collect()
    }
}

pub(super) struct ListsKind;

impl Kind for ListsKind {
    fn value_slots(&self, contest: &Contest) -> usize {
        contest.options.len().saturating_add(contest.groups.len())
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        let lists = contest.groups.iter().map(|list| format!("lines for {}", list.name));
        contest.shown().chain(lists).collect()
    }

    fn more_slots(&self, contest: &Contest) -> usize {
        contest.groups.len().saturating_add(contest.can_choose_none().into())
    }

    fn more_names(&self, contest: &Contest) -> Vec<String> {
        let lists = contest.groups.iter().map(|list| format!("ballots with {}", list.name));
        lists.chain(contest.can_choose_none().then(|| "ballots with no list".into())).collect()
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

    fn more_values(&self, contest: &Contest) -> usize {
        contest.groups.len()
    }

    fn place(&self, contest: &Contest, name: &str, _: Given) -> Option<usize> {
        contest.option(name).or_else(|| {
            let list = contest.groups.iter().position(|list| list.id == name)?;
            contest.options.len().checked_add(list)
        })
    }

    fn name<'c>(&self, contest: &'c Contest, place: usize) -> Option<&'c str> {
        match place.checked_sub(contest.options.len()) {
            None => contest.options.get(place).map(|option| option.id.as_str()),
            Some(list) => contest.groups.get(list).map(|list| list.id.as_str()),
        }
    }

    fn example(&self, contest: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        let mut least = contest.rule.min;
        let names = (0..contest.options.len()).map(|name| {
            let votes = least.min(contest.most(name));
            least = least.saturating_sub(votes);
            (name, Given::Votes(votes))
        });
        let first_list = (contest.options.len(), Given::Votes(1));
        names.filter(|(_, given)| !given.is_none()).chain([first_list]).collect()
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let (names, lines) = (contest.options.len(), contest.rule.max);
        let blank = first.saturating_add(names);
        let marks = first.saturating_add(self.value_slots(contest));
        let chosen = marks.saturating_add(contest.marks.len());
        let none = contest.can_choose_none();
        let votes: Vec<Votes> = (0..names)
            .map(|name| {
                let most = contest.most(name);
                let term = rules.number(most, &[(first.saturating_add(name), 1)]);
                Votes { terms: vec![term], most }
            })
            .collect();
        let mut left: Vec<Term> =
            (blank..marks).map(|slot| rules.number(lines, &[(slot, 1)])).collect();
        left.extend(none.then(|| rules.number(lines, &[])));
        let marks = (marks..chosen).map(|slot| rules.number(1, &[(slot, 1)])).collect();
        let chosen = chosen..chosen.saturating_add(self.more_slots(contest));
        let chosen: Vec<Term> = chosen.map(|slot| rules.number(1, &[(slot, 1)])).collect();
        let scope = Scope { marks, gate };
        let given = votes.iter().flat_map(|votes| &votes.terms).copied();
        rules.equal(scope.unless(given.chain(left.iter().copied()).collect(), lines));
        rules.equal(scope.unless(chosen.clone(), 1));
        for (left, chosen) in left.into_iter().zip(&chosen) {
            rules.only_with(vec![left], *chosen, lines);
        }
        if contest.rule.min > 0 {
            Bounds::of_total(&votes, contest.rule.min, lines).add_limit(&scope, rules);
        }
        let lists = chosen.iter().map(|list| Votes { terms: vec![*list], most: 1 });
        let all: Vec<Votes> = votes.iter().cloned().chain(lists).collect();
        let names = contest.by_name();
        for limit in &contest.limits {
            limit.add_rules(contest, &names, &all, &scope, rules);
        }
        votes
    }

    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        open: u64,
    ) -> Zeroizing<Vec<u64>> {
        let (names, lists) = values.split_at_checked(contest.options.len()).unwrap_or_default();
        let none = contest.can_choose_none();
        let marked: u64 = marks.iter().map(|mark| u64::from(*mark)).sum();
        let chosen = lists.iter().fold(0u64, |sum, list| sum.wrapping_add(*list));
        // What is left without a list. Negative numbers are larger than any range.
        let unchosen = open.wrapping_sub(chosen).wrapping_sub(marked);
        let given = names.iter().fold(0u64, |sum, votes| sum.wrapping_add(*votes));
        let left = contest.rule.max.wrapping_sub(given);
        let left_of = |chosen: &u64| u64::conditional_select(&0, &left, chosen.ct_eq(&1));
        // Never grows: a reallocation would leave a copy behind.
        let most = values.len().saturating_add(lists.len()).saturating_add(marks.len() + 2);
        let mut out = Zeroizing::new(Vec::with_capacity(most));
        out.extend_from_slice(names);
        out.extend(lists.iter().map(left_of));
        out.extend(none.then(|| left_of(&unchosen)));
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out.extend_from_slice(lists);
        out.extend(none.then_some(unchosen));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_with_marks_vartime(values, contest.values(), marks, || {
            let (names, lists) = values.split_at_checked(contest.options.len()).unwrap_or_default();
            let above = |(option, found): (usize, &u64)| {
                let max = contest.most(option);
                (*found > max).then_some(Broken::Each { option, found: *found, max })
            };
            let found = names.iter().copied().fold(0, u64::saturating_add);
            let Rule { min, max, each: _ } = contest.rule;
            let broken = names.iter().enumerate().find_map(above);
            let broken = broken.or((found < min).then_some(Broken::TooFew { found, min }));
            let broken = broken.or((found > max).then_some(Broken::TooMany { found, max }));
            let broken = broken.or(match lists.iter().copied().fold(0, u64::saturating_add) {
                0 if !contest.can_choose_none() => Some(Broken::NoList),
                0 | 1 => None,
                _ => Some(Broken::TwoLists),
            });
            let by_name = contest.by_name();
            let mut limits = contest.limits.iter().enumerate();
            broken.or_else(|| {
                limits.find_map(|(place, limit)| {
                    limit.broken_vartime(place, contest, &by_name, values)
                })
            })
        })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        let names = (0..contest.options.len()).map(|name| contest.most(name));
        let ones = contest.marks.len().saturating_add(self.more_slots(contest));
        let lines = contest.groups.iter().map(|_| contest.rule.max);
        names.chain(lines).chain((0..ones).map(|_| 1)).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let (names, rest) = slots.split_at_checked(contest.options.len()).unwrap_or_default();
        let (lines, rest) = rest.split_at_checked(contest.groups.len()).unwrap_or_default();
        let (marks, lists) = rest.split_at_checked(contest.marks.len()).unwrap_or_default();
        let given = names.iter().copied().fold(0, u64::saturating_add);
        let left = contest.rule.max.saturating_sub(given);
        let is_right = |(lines, list): (&u64, &u64)| *lines == if *list == 1 { left } else { 0 };
        if !lines.iter().zip(lists).all(is_right) {
            return Err(Broken::Others);
        }
        let values = names.iter().chain(lists.iter().take(contest.groups.len())).copied().collect();
        Ok((values, marks.iter().map(|mark| *mark == 1).collect()))
    }

    fn summed(&self, contest: &Contest, totals: &[u64], _: u64) -> Option<Summed> {
        let (names, lists) = (contest.options.len(), contest.groups.len());
        Some(Summed::Lists {
            names: totals.iter().take(names).copied().collect(),
            lists: totals.iter().skip(names).take(lists).copied().collect(),
        })
    }

    fn takes(&self) -> &'static str {
        "takes votes: pick a list and names"
    }

    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        match method {
            Method::Lists { .. } => Ok(()),
            _ => Err("lists"),
        }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let Contest { options, groups, rule, voters, base, write_ins, .. } = contest;
        let (at, mut mistakes) = (|field: &str| format!("{path}.{field}"), Mistakes::default());
        let (lines, each) = (at("lists.lines"), at("lists.each"));
        mistakes.take(number(&lines, rule.max, 1, MAX_LINES));
        mistakes.take(number(&each, rule.each, 1, MAX_EACH));
        check_maxima(path, contest, &mut mistakes);
        // Lines can go to lists, but not these.
        let most = (0..options.len()).map(|name| contest.most(name)).fold(0, u64::saturating_add);
        mistakes.check(&[&lines, &each, &at("options")], || {
            number(&at("lists.least"), rule.min, 0, most.min(rule.max))
        });
        if groups.is_empty() {
            let expected = "at least one list, as a group of options";
            mistakes.add(ManifestError::new(at("groups"), "", expected));
        }
        let mut named = BTreeSet::new();
        for (i, option) in options.iter().enumerate() {
            named.extend(&option.groups);
            if option.groups.len() != 1 && !groups.is_empty() {
                let (value, expected) =
                    (option.groups.join(", "), "the one list on which the name stands");
                let path = at(&format!("options[{i}].groups"));
                mistakes.add(ManifestError::new(path, value, expected));
            }
        }
        // Names without a list can be those of one without names.
        if options.iter().all(|option| !option.groups.is_empty()) {
            for (i, list) in groups.iter().enumerate().filter(|(_, list)| !named.contains(&list.id))
            {
                let path = at(&format!("groups[{i}].id"));
                mistakes.add(ManifestError::new(path, &list.id, "a list with names"));
            }
        }
        for (field, there) in
            [("voters", *voters), ("base", base.is_some()), ("write_ins", write_ins.places > 0)]
        {
            if there {
                let expected = "nothing in a contest of lists";
                mistakes.add(ManifestError::new(at(field), "given", expected));
            }
        }
        check_limits(path, contest, &mut mistakes);
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "lists"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["lines", "each", "least", "none"], &mut mistakes);
        let max = mistakes.take(fields.need("lines").and_then(|lines| lines.number()));
        let each = mistakes.take(fields.get("each").map_or(Ok(1), |each| each.number()));
        let min = mistakes.take(fields.get("least").map_or(Ok(0), |least| least.number()));
        let none = mistakes.take(fields.get("none").map_or(Ok(false), |none| none.bool()));
        mistakes.end()?;
        Ok((Form::Lists { none }, Rule { min, max, each }))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let Rule { min, max, each } = contest.rule;
        Json::object([
            ("lines", Some(max.into())),
            ("each", Some(each.into())),
            ("least", (min > 0).then(|| min.into())),
            ("none", contest.can_choose_none().then(|| true.into())),
        ])
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.extend_from_slice(&[4, u8::from(contest.can_choose_none())]);
    }

    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        if tag != 4 {
            return Ok(None);
        }
        Ok(Some(Form::Lists { none: reader.field("whether no list can be chosen").bool()? }))
    }

    fn words(&self) -> Words {
        Words { held: "lines", counted: "for names and lists", not_given: "for nobody" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { min, max, each } = contest.rule;
        let none = if contest.can_choose_none() { "a list or none" } else { "a list" };
        write!(
            f,
            "Each voter chooses {none} and has {max} lines for names, at most {each} for one"
        )?;
        if min > 0 {
            write!(f, ", at least {min} of them for names")?;
        }
        Ok(())
    }
}
