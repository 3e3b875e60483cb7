//! The rules of a ballot: those of its contests, one after the other, and then the joint limits of its style.

use super::{BallotStyle, Manifest, ManifestError};
use crate::{
    contest::{Bounds, Contest, Limit, Names, Votes, check_limit, rules::Rules, sum},
    mistake::Mistakes,
};
use alloc::{collections::BTreeMap, format, vec::Vec};

/// An option of one of a ballot's contests: the contest's place on the ballot, and the option's place in the contest.
pub(super) type Place = (usize, usize);

/// The contests of a ballot, with their options by id.
pub(super) struct Held<'a> {
    contests: &'a [&'a Contest],
    places: BTreeMap<&'a str, usize>,
    names: Vec<Names<'a>>,
}

impl<'a> Held<'a> {
    pub(super) fn new(contests: &'a [&'a Contest]) -> Self {
        let places =
            contests.iter().enumerate().map(|(place, contest)| (contest.id.as_str(), place));
        let names = contests.iter().map(|contest| contest.by_name()).collect();
        Self { contests, places: places.collect(), names }
    }

    /// The options that `contest:option` or `contest:group` names.
    pub(super) fn named(&self, name: &str) -> Vec<Place> {
        let named = || {
            let (contest, option) = name.split_once(':')?;
            let place = *self.places.get(contest)?;
            Some((place, self.names.get(place)?.find(option)))
        };
        let (place, options) = named().unwrap_or_default();
        options.iter().map(|option| (place, *option)).collect()
    }

    fn contest(&self, place: usize) -> Option<&'a Contest> {
        self.contests.get(place).copied()
    }

    /// The terms of the joint limits.
    fn terms(&self, limits: &[Limit]) -> usize {
        let bits = |((contest, option), _): &(Place, u32)| {
            self.contest(*contest)
                .map_or(0, |c| (u64::BITS - c.most(*option).leading_zeros()) as usize)
        };
        let of_limit = |limit: &Limit| -> usize {
            limit.members_by(|name| self.named(name)).unwrap_or_default().iter().map(bits).sum()
        };
        limits.iter().map(of_limit).fold(0, usize::saturating_add)
    }
}

/// How many terms the limits of a ballot have, those of its contests without the joint ones being known.
pub(super) fn terms(held: &[&Contest], limits: &[Limit], of_contests: usize) -> usize {
    if limits.is_empty() {
        of_contests
    } else {
        of_contests.saturating_add(Held::new(held).terms(limits))
    }
}

/// The option with which a contest goes, among the contests before it on the ballot.
fn gate(held: &[&Contest], place: usize) -> Option<Place> {
    let (contest, option) = held.get(place)?.with.as_ref()?.split_once(':')?;
    let before = held.get(..place)?;
    let place = before.iter().position(|held| held.id == contest)?;
    Some((place, before.get(place)?.option(option)?))
}

/// The rules of a ballot with these contests and joint limits.
pub(super) fn rules(held: &[&Contest], limits: &[Limit]) -> Rules {
    let (mut rules, mut votes, mut first) = (Rules::default(), Vec::<Vec<Votes>>::new(), 0);
    for (place, contest) in held.iter().enumerate() {
        let gate = gate(held, place);
        let gate = gate.and_then(|(contest, option)| votes.get(contest)?.get(option)?.gate());
        votes.push(contest.add_rules(first, gate, &mut rules));
        first = first.saturating_add(contest.slots());
    }
    let by_name = (!limits.is_empty()).then(|| Held::new(held));
    for limit in limits {
        let named = |name: &str| by_name.as_ref().map(|held| held.named(name)).unwrap_or_default();
        let members = limit.members_by(named).unwrap_or_default();
        let votes = members.iter().filter_map(|((contest, option), cost)| {
            Some((votes.get(*contest)?.get(*option)?, *cost))
        });
        Bounds::new(votes, 0, limit.max).add_joint(&mut rules);
    }
    rules
}

/// Checks the joint limits of a ballot style, and the options with which its contests go.
pub(super) fn check(
    style: usize,
    BallotStyle { contests: places, limits, .. }: &BallotStyle,
    held: &[&Contest],
) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    for (place, contest) in held.iter().enumerate() {
        let Some(with) = &contest.with else { continue };
        let gate =
            gate(held, place).and_then(|(contest, option)| Some((held.get(contest)?, option)));
        if gate
            .is_none_or(|(contest, option)| !contest.has_shared_rows() || contest.most(option) != 1)
        {
            let i = places.get(place).unwrap_or(&place);
            let expected = format!(
                "an option of at most one vote, as 'contest:option', of a contest that stands before this one on styles[{style}] and is not folded"
            );
            mistakes.add(ManifestError::new(format!("contests[{i}].with"), with, expected))
        }
    }
    let by_name = Held::new(held);
    for (i, limit) in limits.iter().enumerate() {
        let path = format!("styles[{style}].limits[{i}]");
        mistakes.take(check_joint(&path, limit, held, &by_name));
    }
    mistakes.end()
}

/// Checks a joint limit.
fn check_joint(
    path: &str,
    limit: &Limit,
    held: &[&Contest],
    by_name: &Held<'_>,
) -> Result<(), ManifestError> {
    let summed = |name: &str| {
        let places = by_name.named(name);
        let is_summed = |(contest, _): &Place| {
            // What is written in could name the option once more.
            held.get(*contest).is_some_and(|c| c.has_shared_rows() && c.write_ins.places == 0)
        };
        if places.iter().all(is_summed) { places } else { Vec::new() }
    };
    let members = limit.members_by(summed).map_err(|entry| {
        let value = limit.of.get(entry).map_or("", |name| name.as_str());
        let expected =
            "an option or a group that has options, as 'contest:option', of a contest on this ballot that has sums, no write-ins and is not folded";
        ManifestError::new(format!("{path}.of[{entry}]"), value, expected)
    })?;
    let mut mistakes = Mistakes::default();
    if limit.min > 0 {
        let expected = "0: who leaves a contest blank must keep a limit over several";
        mistakes.add(ManifestError::new(format!("{path}.min"), limit.min, expected))
    }
    if let Some(with) = &limit.with {
        let expected = "nothing: a limit over several contests goes with no option";
        mistakes.add(ManifestError::new(format!("{path}.with"), with, expected))
    }
    let most = |(contest, option): &Place| held.get(*contest).map_or(0, |c| c.most(*option));
    let name = |(contest, option): &Place| {
        let option = held.get(*contest).and_then(|c| c.options.get(*option));
        option.map(|option| option.id.clone()).unwrap_or_default()
    };
    mistakes.take(check_limit(path, limit, &members, most, name));
    mistakes.end()
}

/// A joint limit of a ballot style that votes break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrokenLimit {
    /// The limit's place.
    pub(crate) limit: usize,
    /// What the votes cost.
    pub(crate) found: u64,
    /// The most that they may cost.
    pub(crate) max: u64,
}

impl Manifest {
    /// The rules of a ballot of this style, over its slots numbered from 0.
    pub(crate) fn rules(&self, style: usize) -> Option<Rules> {
        let style = self.parts.styles.get(style)?;
        Some(rules(&self.held(style), &style.limits))
    }

    /// The contests of a ballot of this style.
    pub(crate) fn held(&self, style: &BallotStyle) -> Vec<&Contest> {
        style.contests.iter().filter_map(|place| self.parts.contests.get(*place)).collect()
    }

    /// The number of the option with which the contest at this place of the ballot goes, 1 if it goes with none, after these votes in the
    /// contests before it. Constant time in the votes.
    pub(crate) fn gate(&self, style: &BallotStyle, place: usize, votes: &[&[u64]]) -> u64 {
        let Some((contest, option)) = gate(&self.held(style), place) else { return 1 };
        votes.get(contest).and_then(|values| values.get(option)).copied().unwrap_or(0)
    }

    /// Whether something can be chosen in the contest at this place of the ballot, after these votes in the contests before it.
    pub(crate) fn is_open(&self, style: &BallotStyle, place: usize, votes: &[&[u64]]) -> bool {
        self.gate(style, place, votes) > 0
    }

    /// The first joint limit of the style that these votes break, one list for each contest of the ballot. Variable time.
    pub(crate) fn broken_limit_vartime(
        &self,
        style: &BallotStyle,
        votes: &[&[u64]],
    ) -> Option<BrokenLimit> {
        let held = self.held(style);
        let held = Held::new(&held);
        style.limits.iter().enumerate().find_map(|(place, limit)| {
            let members = limit.members_by(|name| held.named(name)).unwrap_or_default();
            let found = sum(members.iter().map(|((contest, option), cost)| {
                let values = votes.get(*contest).copied().unwrap_or_default();
                (values.get(*option).copied().unwrap_or(0), *cost)
            }));
            let max = limit.max;
            (found > max).then_some(BrokenLimit { limit: place, found, max })
        })
    }
}
