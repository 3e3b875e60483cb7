//! Rankings: the voter gives ranks, which are encrypted in a message and opened one by one.
//!
//! If `k` different ranks are given, they are 1 to `k`.

use super::{
    Broken, Cell, Contest, ContestOption, Form, OpenedRow, Rule, Unreadable, Written,
    given::Given,
    kind::{Kind, RowCount, Words},
    left_out::LeftOut,
    limits::Votes,
    ranks::{broken_rule_vartime, first_ranks, keep_rule, mark_once, rank_of},
    rules::{Rules, Term},
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    count::{Counting, Method, merge},
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{format, string::String, vec, vec::Vec};
use core::{fmt, ops::RangeInclusive};
use zeroize::Zeroizing;

impl Contest {
    /// The voter ranks any number of the options in order of preference. Rankings are mixed for the whole election and counted
    /// by `counting`.
    pub fn rank(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        counting: Counting,
    ) -> Self {
        let mut new = Self::approval(id, options).cell(Cell::Election);
        new.form = Form::Ranking { ties: false };
        new.counting = Some(counting);
        new
    }

    /// Sets how many options and write-ins can be ranked, at least and at most.
    #[must_use]
    pub fn ranks(mut self, ranked: RangeInclusive<u64>) -> Self {
        (self.rule.min, self.rule.max) = (*ranked.start(), *ranked.end());
        self
    }

    /// Allows several to have the same rank.
    #[must_use]
    pub fn ties(mut self) -> Self {
        if let Form::Pairs { ties } = &mut self.form {
            *ties = true;
        } else {
            self.form = Form::Ranking { ties: true };
        }
        self
    }
}

pub(super) struct RankingKind;

impl Kind for RankingKind {
    fn value_slots(&self, _: &Contest) -> usize {
        0
    }

    fn ranks(&self, contest: &Contest) -> usize {
        contest.candidates()
    }

    fn example(&self, contest: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        first_ranks(contest)
    }

    fn add_rules(&self, _: &Contest, _: usize, _: Option<Term>, _: &mut Rules) -> Vec<Votes> {
        Vec::new()
    }

    fn numbers(&self, _: &Contest, _: &[u64], _: &[bool], _: u64) -> Zeroizing<Vec<u64>> {
        Zeroizing::default()
    }

    fn broken_vartime(&self, _: &Contest, _: &[u64], _: &[bool]) -> Option<Broken> {
        // The ranks are in the message.
        None
    }

    fn slots(&self, _: &Contest) -> Vec<u64> {
        Vec::new()
    }

    fn read(&self, _: &Contest, _: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        Ok((Vec::new(), Vec::new()))
    }

    fn in_message<'v>(&self, contest: &Contest, values: &'v [u64]) -> Result<&'v [u64], Broken> {
        let (found, expected) = (values.len(), contest.candidates());
        if found != expected {
            return Err(Broken::Options { found, expected });
        }
        // The broken rule is looked for only if there is one.
        if !bool::from(keep_rule(contest, values))
            && let Some(broken) = broken_rule_vartime(contest, values)
        {
            return Err(broken);
        }
        Ok(values)
    }

    fn number(&self, given: Given) -> Option<u64> {
        rank_of(given)
    }

    fn given(&self, _: &Contest, _: usize, number: u64) -> Given {
        Given::Rank(number)
    }

    fn takes(&self) -> &'static str {
        "is a ranking: rank it"
    }

    fn mark(&self, option: usize, value: u64, number: u64) -> Result<u64, Broken> {
        mark_once(option, value, number)
    }

    fn check_message(
        &self,
        contest: &Contest,
        ranks: &[u8],
        names: &[Option<String>],
    ) -> Result<(), Unreadable> {
        let values: Vec<u64> = ranks.iter().map(|rank| u64::from(*rank)).collect();
        if let Some(broken) = broken_rule_vartime(contest, &values) {
            return Err(Unreadable::Rule(broken));
        }
        // A line has a name if and only if it has a rank.
        let of_lines = ranks.iter().skip(contest.options.len()).zip(names);
        let wrong = |(rank, name): (&u8, &Option<String>)| {
            name.as_ref().is_none_or(|name| name.is_empty() != (*rank == 0))
        };
        match of_lines.map(wrong).position(|wrong| wrong) {
            Some(line) => Err(Unreadable::Rule(Broken::Name { line })),
            None => Ok(()),
        }
    }

    fn of_lines(&self, contest: &Contest, row: &OpenedRow) -> Result<Vec<u64>, Unreadable> {
        let Written { ranks, names: _ } = row.written.as_ref().map_err(|error| *error)?;
        Ok(ranks.iter().skip(contest.options.len()).map(|rank| u64::from(*rank)).collect())
    }

    fn lost_with(&self, _: &OpenedRow) -> u64 {
        1
    }

    fn support(&self, number: u64) -> u64 {
        u64::from(number == 1)
    }

    fn count_row(
        &self,
        contest: &Contest,
        row: &OpenedRow,
        lines: &[(Option<usize>, u64)],
    ) -> RowCount {
        let Ok(Written { ranks, names: _ }) = &row.written else { return RowCount::default() };
        let options = ranks.iter().take(contest.options.len()).copied().enumerate();
        // Ranks are bytes.
        let lines = lines.iter().filter_map(|(candidate, rank)| Some(((*candidate)?, *rank as u8)));
        let ranking = merge(&options.chain(lines).collect::<Vec<_>>());
        let unranked = ranks.iter().all(|rank| *rank == 0);
        let lost = !unranked && ranking.is_empty();
        RowCount {
            rankings: vec![(ranking, 1)],
            left_out: lost.then_some((LeftOut::TooManyNames, 1)).into_iter().collect(),
            unranked,
        }
    }

    fn check_method(&self, contest: &Contest, method: Method) -> Result<(), &'static str> {
        match (method, contest.has_ties()) {
            (Method::Schulze | Method::Borda, _) => Ok(()),
            (Method::InstantRunoff | Method::Stv { .. }, false) => Ok(()),
            (_, false) => Err("a method for rankings"),
            (_, true) => Err("a method for rankings with ties: schulze or borda"),
        }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let Contest { options, rule, marks, limits, with, voters, base, .. } = contest;
        let mut mistakes = Mistakes::default();
        mistakes.take(number(&format!("{path}.rank.each"), rule.each, 1, 1));
        let most = options.iter().position(|option| option.most.is_some());
        let most = most.map(|option| format!("options[{option}].max"));
        let given = [
            ("marks", !marks.is_empty()),
            ("limits", !limits.is_empty()),
            ("with", with.is_some()),
            ("voters", *voters),
            ("base", base.is_some()),
        ];
        let given = given.into_iter().filter(|(_, there)| *there).map(|(field, _)| field.into());
        for field in most.into_iter().chain(given) {
            let expected = "nothing: a ranking has no sums, and who ranks nothing leaves it blank";
            mistakes.add(ManifestError::new(format!("{path}.{field}"), "given", expected))
        }
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "rank"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, all: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["min", "max", "ties"], &mut mistakes);
        let min = mistakes.take(fields.get("min").map_or(Ok(0), |min| min.number()));
        let max = mistakes.take(fields.optional("max").map_or(Ok(all), |max| max.number()));
        let ties = mistakes.take(fields.get("ties").map_or(Ok(false), |ties| ties.bool()));
        mistakes.end()?;
        Ok((Form::Ranking { ties }, Rule { min, max, each: 1 }))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let Rule { min, max, .. } = contest.rule;
        let ties = contest.has_ties().into();
        Json::object([("min", Some(min.into())), ("max", Some(max.into())), ("ties", Some(ties))])
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.push(1 + u8::from(contest.has_ties()));
    }

    fn read_form(&self, tag: u8, _: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        Ok(match tag {
            1 => Some(Form::Ranking { ties: false }),
            2 => Some(Form::Ranking { ties: true }),
            _ => None,
        })
    }

    #[cfg(feature = "serde")]
    fn cell(&self) -> Cell {
        Cell::Election
    }

    fn add_lines(&self, contest: &mut Contest) {
        let all = contest.options.len() as u64 == contest.rule.max;
        let more = if all { contest.write_ins.places.into() } else { 0 };
        contest.rule.max = contest.rule.max.saturating_add(more);
    }

    fn words(&self) -> Words {
        Words { held: "rankings", counted: "counted", not_given: "ranking nobody" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { min, max, .. } = contest.rule;
        let ties = if contest.has_ties() { ", ties allowed" } else { "" };
        write!(f, "Each voter ranks {min} to {max}{ties}")
    }
}
