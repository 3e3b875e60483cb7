//! Grades: the voter gives each option one of several grades. How often each option gets each grade is summed, so the totals are
//! histograms.
//!
//! The numbers of one contest, in order, and its equations; `g` is the option with which the contest goes, or 1:
//!
//! ```text
//! each grade of each option   p of 0..=1
//! each mark                   β of 0..=1
//! each option                 Σ p of its grades + Σβ = g
//! ```

#[cfg(feature = "serde")]
use super::Rule;
use super::{
    Broken, Contest, ContestOption, Form,
    check::{check_marks, check_plain},
    given::Given,
    kind::{Kind, Words},
    limits::{Scope, Votes},
    ranks::{broken_with_marks_vartime, mark_once},
    rules::{Rules, Term},
    summed::Summed,
    texts::{put_texts, texts},
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader, put_list},
    count::Method,
    mistake::{MAX_NAME, ManifestError, Mistakes, number},
    text::Text,
};
use alloc::{format, string::String, vec::Vec};
use core::fmt;
use subtle::{ConstantTimeEq, ConstantTimeGreater};
use zeroize::Zeroizing;

/// Most grades of a contest.
const MAX_GRADES: usize = 16;

impl Contest {
    /// The voter gives each option one of these grades, the worst first.
    pub fn grade(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        grades: impl IntoIterator<Item = impl Into<Text>>,
    ) -> Self {
        let form = Form::Grades { grades: grades.into_iter().map(Into::into).collect() };
        Self { form, ..Self::choose_one(id, options) }
    }
}

pub(super) struct GradesKind;

impl Kind for GradesKind {
    fn value_slots(&self, contest: &Contest) -> usize {
        contest.options.len().saturating_mul(contest.grades().len())
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        let of = |name: String| {
            contest.grades().iter().map(|grade| format!("{name}: {grade}")).collect::<Vec<_>>()
        };
        contest.shown().flat_map(of).collect()
    }

    fn held(&self, contest: &Contest) -> Option<u64> {
        Some(contest.options.len() as u64)
    }

    fn summed(&self, contest: &Contest, totals: &[u64], _: u64) -> Option<Summed> {
        let rows = totals.chunks(contest.grades().len().max(1)).take(contest.options.len());
        Some(Summed::Grades(rows.map(|row| row.iter().rev().copied().collect()).collect()))
    }

    fn example(&self, contest: &Contest, _: &[u64]) -> Vec<(usize, Given)> {
        (0..contest.options.len()).map(|option| (option, Given::Grade(1))).collect()
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let mut bit = |slot: usize| rules.number(1, &[(first.saturating_add(slot), 1)]);
        let options = 0..contest.options.len();
        let given: Vec<Vec<Term>> =
            options.map(|option| contest.grade_slots(option).map(&mut bit).collect()).collect();
        let marks = (self.value_slots(contest)..contest.summed_slots()).map(bit).collect();
        let scope = Scope { marks, gate };
        for terms in given {
            // Σp + Σβ = g
            rules.equal(scope.unless(terms, 1));
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
        // Never grows: a reallocation would leave a copy behind.
        let mut out = Zeroizing::new(Vec::with_capacity(contest.summed_slots()));
        let last = contest.grades().len() as u64;
        for value in values {
            // A grade beyond the last is no bit.
            let beyond = 2 * u64::from(value.ct_gt(&last).unwrap_u8());
            out.extend((1..=last).map(|grade| beyond + u64::from(value.ct_eq(&grade).unwrap_u8())));
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        let grades = contest.grades().len();
        let wrong = |(option, grade): (usize, &u64)| match usize::try_from(*grade) {
            Ok(0) => Some(Broken::NoGrade { option }),
            Ok(grade) if grade <= grades => None,
            _ => Some(Broken::Grade { option, found: *grade, grades }),
        };
        broken_with_marks_vartime(values, contest.options.len(), marks, || {
            values.iter().enumerate().find_map(wrong)
        })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        (0..contest.summed_slots()).map(|_| 1).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let given = slots.chunks(contest.grades().len().max(1)).take(contest.options.len());
        let values = given.enumerate().map(|(option, given)| {
            let mut grades = (1..).zip(given).filter(|(_, given)| **given > 0);
            match (grades.next(), grades.next()) {
                (None, _) => Ok(0),
                (Some((grade, _)), None) => Ok(grade),
                _ => Err(Broken::MarkedTwice { option }),
            }
        });
        let marks = slots.iter().skip(self.value_slots(contest)).map(|mark| *mark == 1);
        Ok((values.collect::<Result<_, _>>()?, marks.collect()))
    }

    fn number(&self, given: Given) -> Option<u64> {
        match given {
            Given::Grade(grade) => Some(grade),
            _ => None,
        }
    }

    fn given(&self, _: &Contest, _: usize, number: u64) -> Given {
        Given::Grade(number)
    }

    fn takes(&self) -> &'static str {
        "takes grades: give each option one"
    }

    fn mark(&self, option: usize, value: u64, number: u64) -> Result<u64, Broken> {
        mark_once(option, value, number)
    }

    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        if method == Method::MajorityJudgment { Ok(()) } else { Err("majority-judgment") }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let Contest { rule, .. } = contest;
        let (grades, mut mistakes) = (contest.grades(), Mistakes::default());
        if !(2..=MAX_GRADES).contains(&grades.len()) {
            let value =
                if grades.is_empty() { String::new() } else { format!("{} grades", grades.len()) };
            let expected = format!("2 to {MAX_GRADES} grades");
            mistakes.add(ManifestError::new(format!("{path}.grades"), value, expected));
        }
        for (field, n) in [("min", rule.min), ("max", rule.max), ("each", rule.each)] {
            mistakes.take(number(&format!("{path}.grades.{field}"), n, 1, 1));
        }
        mistakes.take(check_plain(path, contest, "each option gets one grade, and no votes"));
        mistakes.take(check_marks(path, contest));
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "grades"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, _: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let grades = at.list()?;
        let grades = grades.iter().map(|grade| grade.translated(&mut mistakes)).collect();
        mistakes.end()?;
        Ok((Form::Grades { grades }, Rule { min: 1, max: 1, each: 1 }))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        Json::list(contest.grades().iter().map(Json::from))
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.push(3);
        put_list(out, contest.grades(), put_texts);
    }

    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        if tag != 3 {
            return Ok(None);
        }
        let grades =
            reader.field("grades").list(MAX_GRADES, 4, |reader| texts(reader, MAX_NAME))?;
        Ok(Some(Form::Grades { grades }))
    }

    fn words(&self) -> Words {
        Words { held: "grades", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Each voter gives each option one of {} grades", contest.grades().len())
    }
}

#[cfg(test)]
mod tests;
