//! Points for places: the voter ranks options, and each gets the points of its place. Borda's are `n−1`, …, 0.
//!
//! The numbers of one contest of `R` places, in order, and its equations; `g` is the option with which the contest goes, or 1:
//!
//! ```text
//! each option, each place   p of 0..=1
//! with fewer, each place    e of 0..=1
//! each mark                 β of 0..=1
//! each place                Σ p of all options (+ e) + Σβ = g
//! each option               Σ p of its places + s = 1        as many places as options, and not fewer: Σ p + Σβ = g
//! with fewer, each place but the last, and the next one      e′ − e − d = 0
//! ```
//!
//! A place that is left out has `e = 1`, so that those that are taken come first. An option's total is the sum of its points.

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::{MAX_EACH, check_marks, check_plain},
    given::Given,
    kind::{Kind, Words},
    limits::{Scope, Votes},
    ranks::{broken_vartime, first_ranks, keep_rule, mark_once, no_ranks, rank_of},
    rules::{Rules, Term},
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader, put_list},
    count::Method,
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{format, string::ToString, vec::Vec};
use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Most places.
const MAX_PLACES: usize = 64;

impl Contest {
    /// The voter ranks as many options as there are points; each gets the points of its place, the best place first.
    pub fn places(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        points: impl IntoIterator<Item = u32>,
    ) -> Self {
        let points: Vec<u32> = points.into_iter().collect();
        let rule = rule(&points, false);
        Self { form: Form::Places { points, fewer: false }, rule, ..Self::choose_one(id, options) }
    }

    /// Points by Borda: one less for each further place, 0 for the last.
    pub fn borda(id: &str, options: impl IntoIterator<Item = impl Into<ContestOption>>) -> Self {
        let options: Vec<ContestOption> = options.into_iter().map(Into::into).collect();
        let n = u32::try_from(options.len()).unwrap_or(u32::MAX);
        Self::places(id, options, (0..n).rev())
    }

    /// In a contest by places, voters can rank fewer options than there are places.
    #[must_use]
    pub fn fewer(mut self) -> Self {
        if let Form::Places { points, fewer } = &mut self.form {
            *fewer = true;
            self.rule = rule(points, true);
        }
        self
    }

    /// The points of each place, the best first; none unless options are ranked for points.
    pub fn points(&self) -> &[u32] {
        match &self.form {
            Form::Places { points, .. } => points,
            _ => &[],
        }
    }

    fn can_rank_fewer(&self) -> bool {
        matches!(self.form, Form::Places { fewer: true, .. })
    }
}

/// How many are ranked, and the most points of one.
fn rule(points: &[u32], fewer: bool) -> Rule {
    let max = points.len() as u64;
    let each = points.first().copied().unwrap_or(0).into();
    Rule { min: if fewer { 0 } else { max }, max, each }
}

pub(super) struct PlacesKind;

impl PlacesKind {
    /// Checks that each place has more points than the next one. Otherwise it could not be told from another one, or from none.
    fn check_points(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let (points, mut mistakes) = (contest.points(), Mistakes::default());
        let can_be_zero = points.len() == contest.options.len() && !contest.can_rank_fewer();
        let mut most = MAX_EACH;
        for (place, found) in points.iter().enumerate() {
            let least = u64::from(!(can_be_zero && place + 1 == points.len()));
            let here = format!("{path}[{place}]");
            if most < least {
                // No place behind can be right.
                let expected = "more points for each place than for the next one";
                mistakes.add(ManifestError::new(here, found, expected));
                break;
            }
            let found = u64::from(*found);
            mistakes.take(number(&here, found, least, most));
            // Those of a place that has too few do not bound the next one.
            most = if found < least { most } else { found }.saturating_sub(1);
        }
        mistakes.end()
    }
}

impl Kind for PlacesKind {
    fn has_totals(&self) -> bool {
        true
    }

    fn held(&self, contest: &Contest) -> Option<u64> {
        Some(contest.points().iter().copied().map(u64::from).sum())
    }

    fn example(&self, contest: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        first_ranks(contest)
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let (points, options) = (contest.points(), contest.options.len());
        let mut of_option = |option: usize| -> Vec<Term> {
            let slot = first.saturating_add(option);
            points.iter().map(|points| rules.number(1, &[(slot, (*points).into())])).collect()
        };
        let given: Vec<Vec<Term>> = (0..options).map(&mut of_option).collect();
        let empty = points.iter().filter(|_| contest.can_rank_fewer());
        let empty: Vec<Term> = empty.map(|_| rules.number(1, &[])).collect();
        let marks = first.saturating_add(options)..first.saturating_add(contest.summed_slots());
        let scope =
            Scope { marks: marks.map(|slot| rules.number(1, &[(slot, 1)])).collect(), gate };
        for place in 0..points.len() {
            let of_place = given.iter().filter_map(|places| places.get(place));
            let terms = of_place.chain(empty.get(place)).copied().collect();
            rules.equal(scope.unless(terms, 1));
        }
        for places in given {
            if points.len() < options || contest.can_rank_fewer() {
                rules.at_most((places, 1), 1);
            } else {
                rules.equal(scope.unless(places, 1));
            }
        }
        for (empty, next) in empty.iter().zip(empty.iter().skip(1)) {
            rules.at_least((alloc::vec![*next, empty.times(-1)], 0), 1);
        }
        Vec::new()
    }

    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        open: u64,
    ) -> Zeroizing<Vec<u64>> {
        let places = contest.points().len() as u64;
        let most = values.len().saturating_add(1).saturating_mul(contest.points().len());
        // Never grows: a reallocation would leave a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(most.saturating_add(marks.len())));
        // Ranks that break the rule are no bits. Without ranks, the rows decide.
        let wrong = !(keep_rule(contest, values) | no_ranks(values));
        let wrong = 2 * u64::from(wrong.unwrap_u8());
        for value in values {
            out.extend(
                (1..=places).map(|place| wrong + u64::from(value.ct_eq(&place).unwrap_u8())),
            );
        }
        if contest.can_rank_fewer() {
            let marked: u64 = marks.iter().map(|mark| u64::from(*mark)).sum();
            for place in 1..=places {
                let taken: u64 =
                    values.iter().map(|value| u64::from(value.ct_eq(&place).unwrap_u8())).sum();
                out.push(open.wrapping_sub(taken).wrapping_sub(marked));
            }
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_vartime(contest, values, marks)
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        let options = contest.options.iter().map(|_| contest.rule.each);
        options.chain(contest.marks.iter().map(|_| 1)).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let (options, marks) = slots.split_at_checked(contest.options.len()).unwrap_or_default();
        let marks: Vec<bool> = marks.iter().map(|mark| *mark == 1).collect();
        // One place at least has points, so without any nothing is ranked.
        let none = options.len() > 1 && options.iter().all(|points| *points == 0);
        let rank = |(option, found): (usize, &u64)| {
            let place = contest.points().iter().position(|points| u64::from(*points) == *found);
            match place {
                Some(place) if !none && !marks.contains(&true) => Ok(place as u64 + 1),
                _ if *found == 0 => Ok(0),
                _ => Err(Broken::Each { option, found: *found, max: contest.rule.each }),
            }
        };
        let values = options.iter().enumerate().map(rank).collect::<Result<_, _>>()?;
        Ok((values, marks))
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
        if method == Method::Plurality { Ok(()) } else { Err("plurality: the most points win") }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let (points, options) = (contest.points(), contest.options.len());
        let (at, mut mistakes) = (format!("{path}.places.points"), Mistakes::default());
        let most = options.min(MAX_PLACES);
        match points.len() {
            n if (1..=most).contains(&n) => mistakes.take(self.check_points(&at, contest)),
            n => {
                let expected = format!("1 to {most} places, no more than there are options");
                mistakes.add(ManifestError::new(at.clone(), format!("{n} places"), expected));
            }
        }
        mistakes.check(&[&at], || {
            let expected = rule(points, contest.can_rank_fewer());
            if contest.rule == expected {
                return Ok(());
            }
            let Rule { min, max, each } = contest.rule;
            let Rule { min: least, max: most, each: best } = expected;
            let expected = format!("{least} to {most} ranks, and at most {best} points");
            let value = format!("{min} to {max} ranks, and at most {each} points");
            Err(ManifestError::new(format!("{path}.places"), value, expected))
        });
        mistakes.take(check_plain(path, contest, "options are ranked for points"));
        mistakes.take(check_marks(path, contest));
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "places"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["points", "fewer"], &mut mistakes);
        let points = mistakes.take(fields.list("points"));
        let points: Vec<u32> = points.iter().map(|points| mistakes.take(points.number())).collect();
        let fewer = mistakes.take(fields.get("fewer").map_or(Ok(false), |fewer| fewer.bool()));
        mistakes.end()?;
        let rule = rule(&points, fewer);
        Ok((Form::Places { points, fewer }, rule))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let points = contest.points().iter().map(|points| u64::from(*points).into());
        let fewer = contest.can_rank_fewer().then(|| true.into());
        Json::object([("points", Some(Json::list(points))), ("fewer", fewer)])
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.extend_from_slice(&[5, u8::from(contest.can_rank_fewer())]);
        put_list(out, contest.points(), |out, points| out.extend_from_slice(&points.to_be_bytes()));
    }

    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        if tag != 5 {
            return Ok(None);
        }
        let fewer = reader.field("whether fewer can be ranked").bool()?;
        let points = reader.field("points").list(MAX_PLACES, 4, Reader::u32)?;
        Ok(Some(Form::Places { points, fewer }))
    }

    fn words(&self) -> Words {
        Words { held: "points", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { min, max, .. } = contest.rule;
        let points: Vec<_> = contest.points().iter().map(u32::to_string).collect();
        let most = if min < max { "up to " } else { "" };
        write!(f, "Each voter ranks {most}{max}, for {} points", points.join(", "))
    }
}
