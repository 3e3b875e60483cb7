//! STAR, score then automatic runoff: the voter gives each option a score. The scores are summed, and for each two options the ballots
//! that score the one higher.
//!
//! The numbers of one contest, in order, and its equations, where `m` is the highest score and `pᵢⱼ` says that `vᵢ > vⱼ`:
//!
//! ```text
//! each option   v of 0..=m
//! each i ≠ j    p of 0..=1
//! each mark     β of 0..=1
//! each i ≠ j    vᵢ − vⱼ − (m+1)·pᵢⱼ − d = −m      d of 0..=m
//! marks or g    Σ bits of v + n·Σβ + s = n·g
//! ```

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::{MAX_EACH, check_marks, check_plain},
    kind::{Kind, Words},
    limits::{Scope, Votes},
    pairs::over,
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
use alloc::{format, string::String, vec, vec::Vec};
use core::fmt;
use itertools::Itertools;
use subtle::ConstantTimeGreater;
use zeroize::Zeroizing;

/// Most options.
const MAX_OPTIONS: usize = 16;

impl Contest {
    /// The voter gives each option a score of 0 to `most`, to be counted by STAR.
    pub fn star(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        most: u64,
    ) -> Self {
        let new = Self::choose_one(id, options);
        let rule = rule(most, new.options.len() as u64);
        Self { form: Form::Star, rule, ..new }
    }
}

fn rule(each: u64, options: u64) -> Rule {
    Rule { min: 0, max: options.saturating_mul(each), each }
}

/// All ordered pairs.
fn pairs(contest: &Contest) -> impl Iterator<Item = (usize, usize)> + use<> {
    let n = contest.options.len();
    (0..n).cartesian_product(0..n).filter(|(i, j)| i != j)
}

pub(super) struct StarKind;

impl Kind for StarKind {
    fn more_slots(&self, contest: &Contest) -> usize {
        pairs(contest).count()
    }

    fn more_names(&self, contest: &Contest) -> Vec<String> {
        over(contest, pairs(contest))
    }

    fn has_totals(&self) -> bool {
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
        let (n, most) = (contest.options.len(), contest.rule.each);
        let marks = first.saturating_add(n);
        let beside = marks.saturating_add(contest.marks.len());
        let scores: Vec<Term> =
            (first..marks).map(|slot| rules.number(most, &[(slot, 1)])).collect();
        let above: Vec<Term> =
            pairs(contest).zip(beside..).map(|(_, slot)| rules.number(1, &[(slot, 1)])).collect();
        let marks: Vec<Term> = (marks..beside).map(|slot| rules.number(1, &[(slot, 1)])).collect();
        for ((i, j), above) in pairs(contest).zip(above) {
            let (Some(a), Some(b)) = (scores.get(i), scores.get(j)) else { continue };
            // Scores are small.
            let most = most as i64;
            let terms = vec![*a, b.times(-1), above.times(-most - 1)];
            rules.at_least((terms, -most), most as u64);
        }
        if !marks.is_empty() || gate.is_some() {
            let (bits, n) = rules.counted(scores);
            rules.at_most(Scope { marks, gate }.unless(bits, n), n);
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
        let most = values.len().saturating_mul(values.len()).saturating_add(marks.len());
        let mut out = Zeroizing::new(Vec::with_capacity(most));
        out.extend_from_slice(values);
        for (i, j) in pairs(contest) {
            let (Some(a), Some(b)) = (values.get(i), values.get(j)) else { continue };
            out.push(a.ct_gt(b).unwrap_u8().into());
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_with_marks_vartime(values, contest.options.len(), marks, || {
            let max = contest.rule.each;
            let above = values.iter().position(|found| *found > max)?;
            Some(Broken::Each { option: above, found: *values.get(above)?, max })
        })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        let ones = contest.marks.len().saturating_add(self.more_slots(contest));
        let scores = contest.options.iter().map(|_| contest.rule.each);
        scores.chain((0..ones).map(|_| 1)).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let (scores, rest) = slots.split_at_checked(contest.options.len()).unwrap_or_default();
        let (marks, above) = rest.split_at_checked(contest.marks.len()).unwrap_or_default();
        let is_right = |((i, j), above): ((usize, usize), &u64)| {
            (scores.get(i) > scores.get(j)) == (*above == 1)
        };
        if !pairs(contest).zip(above).all(is_right) {
            return Err(Broken::Others);
        }
        Ok((scores.to_vec(), marks.iter().map(|mark| *mark == 1).collect()))
    }

    fn summed(&self, contest: &Contest, totals: &[u64], weight: u64) -> Option<Summed> {
        let (n, marks) = (contest.options.len(), contest.marks.len());
        let marked = totals.iter().skip(n).take(marks).copied().fold(0, u64::saturating_add);
        let above = totals.iter().skip(n.saturating_add(marks)).copied();
        Some(Summed::Pairs {
            points: Some(totals.iter().take(n).copied().collect()),
            preferences: Summed::square(n, above),
            votes: weight.saturating_sub(marked),
        })
    }

    fn takes(&self) -> &'static str {
        "takes scores: give it one"
    }

    fn check_method(&self, _: &Contest, method: Method) -> Result<(), &'static str> {
        match method {
            Method::Star | Method::Schulze => Ok(()),
            _ => Err("star or schulze"),
        }
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let (n, mut mistakes) = (contest.options.len(), Mistakes::default());
        if !(2..=MAX_OPTIONS).contains(&n) {
            let expected = format!("2 to {MAX_OPTIONS} options");
            mistakes.add(ManifestError::new(format!("{path}.options"), n, expected));
        }
        let (at, Rule { min, max, each }) = (format!("{path}.star.max"), contest.rule);
        mistakes.take(number(&at, each, 1, MAX_EACH));
        let Rule { min: least, max: most, .. } = rule(each, n as u64);
        mistakes.take(number(&format!("{path}.star.least"), min, least, least));
        mistakes.check(&[&at], || number(&format!("{path}.star.most"), max, most, most));
        mistakes.take(check_plain(path, contest, "each option gets a score"));
        mistakes.take(check_marks(path, contest));
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "star"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, all: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["max"], &mut mistakes);
        let max = mistakes.take(fields.need("max").and_then(|max| max.number()));
        mistakes.end()?;
        Ok((Form::Star, rule(max, all)))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        Json::object([("max", Some(contest.rule.each.into()))])
    }

    fn put(&self, _: &Contest, out: &mut Vec<u8>) {
        out.push(7);
    }

    fn read_form(&self, tag: u8, _: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        Ok((tag == 7).then_some(Form::Star))
    }

    fn words(&self) -> Words {
        Words { held: "points", counted: "for options", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Each voter gives each option 0 to {} points", contest.rule.each)
    }
}
