//! Quadratic votes: `v` votes for an option cost `v²` credits, and so do votes against it.
//!
//! The numbers of one contest, in order, and its equations, for `C` credits and `L = ⌊√C⌋`:
//!
//! ```text
//! L < 32   each count   b₁, …, b_L of 0..=1, each one vote; the i-th costs 2i−1
//! L ≥ 32   each count   bits b₀, b₁, … of L, of weights 2ⁱ; bᵢ costs 4ⁱ
//!                       and for each i < j  p of 0..=1, which costs 2^(i+j+1), with  bᵢ + bⱼ − p + s = 1
//! each mark             β of 0..=1
//! all costs + C·Σβ + s = C·g
//! ```
//!
//! Votes out of order cost more, and so does a `p` that is not needed; hence exactly those keep the last row whose squares cost at most
//! `C`. There is a count of votes for each option, and then of those against it. Whoever gives both pays for both.

use super::{
    Broken, Contest, ContestOption, Form, Rule,
    check::{check_marks, check_plain},
    given::Given,
    kind::{Kind, Words},
    limits::{Scope, Votes},
    ranks::broken_with_marks_vartime,
    rules::{Rules, Term},
    summed::Summed,
};
#[cfg(feature = "serde")]
use crate::json::{At, Json};
use crate::{
    codec::{DecodeError, Reader},
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{format, string::String, vec, vec::Vec};
use core::fmt;
use itertools::Itertools;
use subtle::ConstantTimeGreater;
use zeroize::Zeroizing;

/// Most credits.
const MAX_CREDITS: u64 = 1_000_000;
/// From so many votes for one option on, they are in binary.
const BINARY: u64 = 32;

impl Contest {
    /// The voter gives options votes, `v` of which cost `v²` of these credits.
    pub fn quadratic(
        id: &str,
        options: impl IntoIterator<Item = impl Into<ContestOption>>,
        credits: u64,
    ) -> Self {
        let form = Form::Quadratic { credits, against: false };
        let new = Self::choose_one(id, options);
        Self { rule: rule(credits, new.options.len() as u64), form, ..new }
    }

    /// In a quadratic contest, options can also get votes against them.
    #[must_use]
    pub fn against(mut self) -> Self {
        if let Form::Quadratic { against, .. } = &mut self.form {
            *against = true;
        }
        self
    }

    fn credits(&self) -> u64 {
        match self.form {
            Form::Quadratic { credits, .. } => credits,
            _ => 0,
        }
    }

    fn takes_against(&self) -> bool {
        matches!(self.form, Form::Quadratic { against: true, .. })
    }
}

fn rule(credits: u64, options: u64) -> Rule {
    let each = credits.isqrt();
    Rule { min: 0, max: options.saturating_mul(each), each }
}

/// The bits of a count of up to `most` votes in binary.
fn bits(most: u64) -> usize {
    (u64::BITS - most.leading_zeros()) as usize
}

pub(super) struct QuadraticKind;

impl Kind for QuadraticKind {
    fn value_slots(&self, contest: &Contest) -> usize {
        contest.options.len().saturating_add(self.more_values(contest))
    }

    fn value_names(&self, contest: &Contest) -> Vec<String> {
        let against = contest.shown().filter(|_| contest.takes_against());
        let against = against.map(|name| format!("against {name}"));
        contest.shown().chain(against).collect()
    }

    fn has_totals(&self) -> bool {
        true
    }

    fn more_values(&self, contest: &Contest) -> usize {
        if contest.takes_against() { contest.options.len() } else { 0 }
    }

    fn place(&self, contest: &Contest, name: &str, given: Given) -> Option<usize> {
        let option = contest.option(name)?;
        match given {
            // Never taken for a vote for it.
            Given::Against(_) if !contest.takes_against() => None,
            Given::Against(_) => option.checked_add(contest.options.len()),
            _ => Some(option),
        }
    }

    fn name<'c>(&self, contest: &'c Contest, place: usize) -> Option<&'c str> {
        let option = place.checked_rem(contest.options.len())?;
        contest.options.get(option).map(|option| option.id.as_str())
    }

    fn add_rules(
        &self,
        contest: &Contest,
        first: usize,
        gate: Option<Term>,
        rules: &mut Rules,
    ) -> Vec<Votes> {
        let (credits, most) = (contest.credits(), contest.rule.each);
        let marks = first.saturating_add(self.value_slots(contest));
        let (mut costs, mut products) = (Vec::new(), Vec::new());
        for slot in first..marks {
            if most < BINARY {
                costs.extend(
                    (1..=most as i64).map(|i| rules.number(1, &[(slot, 1)]).times(2 * i - 1)),
                );
                continue;
            }
            let bits: Vec<Term> =
                (0..bits(most)).map(|i| rules.number(1, &[(slot, 1 << i)])).collect();
            for ((i, a), (j, b)) in bits.iter().enumerate().tuple_combinations() {
                let p = rules.number(1, &[]);
                products.push(vec![*a, *b, p.times(-1)]);
                costs.push(p.times(1 << (i + j + 1)));
            }
            costs.extend(bits.iter().enumerate().map(|(i, bit)| bit.times(1 << (2 * i))));
        }
        let marks = marks..marks.saturating_add(contest.marks.len());
        let marks = marks.map(|slot| rules.number(1, &[(slot, 1)])).collect();
        for product in products {
            rules.at_most((product, 1), 1);
        }
        rules.at_most(Scope { marks, gate }.unless(costs, credits), credits);
        Vec::new()
    }

    fn numbers(
        &self,
        contest: &Contest,
        values: &[u64],
        marks: &[bool],
        _: u64,
    ) -> Zeroizing<Vec<u64>> {
        let most = contest.rule.each;
        let n = bits(most);
        let of_each = if most < BINARY { most as usize } else { n + n * n.saturating_sub(1) / 2 };
        // Never grows: a reallocation would leave a copy behind.
        let all = values.len().saturating_mul(of_each).saturating_add(marks.len());
        let mut out = Zeroizing::new(Vec::with_capacity(all));
        for value in values {
            if most < BINARY {
                // More than there can be is no bit.
                let beyond = 2 * u64::from(value.ct_gt(&most).unwrap_u8());
                out.extend((0..most).map(|i| beyond + u64::from(value.ct_gt(&i).unwrap_u8())));
                continue;
            }
            let beyond = 2 * u64::from(value.ct_gt(&((1 << n) - 1)).unwrap_u8());
            let bit = |i: usize| value >> i & 1;
            out.extend((0..n).map(|i| beyond + bit(i)));
            out.extend((0..n).tuple_combinations().map(|(i, j)| bit(i) & bit(j)));
        }
        out.extend(marks.iter().map(|mark| u64::from(*mark)));
        out
    }

    fn broken_vartime(&self, contest: &Contest, values: &[u64], marks: &[bool]) -> Option<Broken> {
        broken_with_marks_vartime(values, self.value_slots(contest), marks, || {
            let squares = values.iter().map(|v| v.saturating_mul(*v));
            let (found, max) = (squares.fold(0, u64::saturating_add), contest.credits());
            (found > max).then_some(Broken::Credits { found, max })
        })
    }

    fn slots(&self, contest: &Contest) -> Vec<u64> {
        let votes = (0..self.value_slots(contest)).map(|_| contest.rule.each);
        votes.chain(contest.marks.iter().map(|_| 1)).collect()
    }

    fn read(&self, contest: &Contest, slots: &[u64]) -> Result<(Vec<u64>, Vec<bool>), Broken> {
        let (votes, marks) = slots.split_at_checked(self.value_slots(contest)).unwrap_or_default();
        Ok((votes.to_vec(), marks.iter().map(|mark| *mark == 1).collect()))
    }

    fn summed(&self, contest: &Contest, totals: &[u64], _: u64) -> Option<Summed> {
        let n = contest.options.len();
        let votes = totals.iter().take(n).copied().collect();
        Some(match contest.takes_against() {
            false => Summed::Votes(votes),
            true => Summed::ForAndAgainst(votes, totals.iter().skip(n).take(n).copied().collect()),
        })
    }

    fn number(&self, given: Given) -> Option<u64> {
        match given {
            Given::Votes(votes) | Given::Against(votes) => Some(votes),
            _ => None,
        }
    }

    fn given(&self, contest: &Contest, place: usize, number: u64) -> Given {
        match place < contest.options.len() {
            true => Given::Votes(number),
            false => Given::Against(number),
        }
    }

    fn takes(&self) -> &'static str {
        "takes votes: give it some"
    }

    fn check_rule(&self, path: &str, contest: &Contest) -> Result<(), ManifestError> {
        let credits = contest.credits();
        let (at, mut mistakes) = (format!("{path}.quadratic.credits"), Mistakes::default());
        mistakes.take(number(&at, credits, 1, MAX_CREDITS));
        let Rule { min, max, each } = rule(credits, contest.options.len() as u64);
        let all = max.saturating_mul(each);
        if all <= credits && !contest.takes_against() {
            let expected = format!("less than {all}, which all votes together cost");
            mistakes.add(ManifestError::new(at.clone(), credits, expected));
        }
        for (field, found, expected) in [
            ("min", contest.rule.min, min),
            ("max", contest.rule.max, max),
            ("each", contest.rule.each, each),
        ] {
            let path = format!("{path}.quadratic.{field}");
            mistakes.check(&[&at], || number(&path, found, expected, expected));
        }
        mistakes.take(check_plain(path, contest, "votes are limited by what they cost"));
        mistakes.take(check_marks(path, contest));
        mistakes.end()
    }

    fn field(&self) -> &'static str {
        "quadratic"
    }

    #[cfg(feature = "serde")]
    fn rule_from_json(&self, at: &At<'_>, all: u64) -> Result<(Form, Rule), ManifestError> {
        let mut mistakes = Mistakes::default();
        let fields = at.fields(&["credits", "against"], &mut mistakes);
        let credits = mistakes.take(fields.need("credits").and_then(|credits| credits.number()));
        let against =
            mistakes.take(fields.get("against").map_or(Ok(false), |against| against.bool()));
        mistakes.end()?;
        Ok((Form::Quadratic { credits, against }, rule(credits, all)))
    }

    #[cfg(feature = "serde")]
    fn rule_json(&self, contest: &Contest) -> Json {
        let against = contest.takes_against().then(|| true.into());
        Json::object([("credits", Some(contest.credits().into())), ("against", against)])
    }

    fn put(&self, contest: &Contest, out: &mut Vec<u8>) {
        out.extend_from_slice(&[8, u8::from(contest.takes_against())]);
        out.extend_from_slice(&contest.credits().to_be_bytes());
    }

    fn read_form(&self, tag: u8, reader: &mut Reader<'_>) -> Result<Option<Form>, DecodeError> {
        if tag != 8 {
            return Ok(None);
        }
        let against = reader.field("whether there are votes against options").bool()?;
        Ok(Some(Form::Quadratic { credits: reader.field("credits").u64()?, against }))
    }

    fn words(&self) -> Words {
        Words { held: "ballots", counted: "with votes or none", not_given: "not given" }
    }

    fn describe(&self, contest: &Contest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = if contest.takes_against() { " for or against an option" } else { "" };
        write!(f, "Each voter has {} credits; n votes{against} cost n\u{b2}", contest.credits())
    }
}
