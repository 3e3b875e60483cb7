//! What makes a contest valid.

use super::{Contest, MAX_CANDIDATES, Rule, WriteIns};
use crate::{
    count::{Counting, MAX_PLACES, Method, TieBreak},
    mistake::{Distinct, MAX_NAME, MAX_TITLE, ManifestError, check_text, number},
};
use alloc::{
    format,
    string::{String, ToString},
};

/// Most options of a contest.
pub(super) const MAX_OPTIONS: usize = 1_000;
/// Most lines for write-ins of a contest.
const MAX_LINES: u16 = 16;
/// Most mixed slots of a contest.
const MAX_MIXED_SLOTS: usize = 64;

pub(crate) fn check_contest(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Contest { id: _, title, options, rule, cell: _, form, write_ins, counting } = contest;
    let kind = form.kind();
    check_text(&format!("{path}.title"), title, MAX_TITLE)?;
    if !(1..=MAX_OPTIONS).contains(&options.len()) {
        let n = options.len();
        let value = if n == 0 { String::new() } else { format!("{n} options") };
        let expected = format!("1 to {MAX_OPTIONS} options");
        return Err(ManifestError::new(format!("{path}.options"), value, expected));
    }
    let mut names = Distinct::new();
    for (i, option) in options.iter().enumerate() {
        let path = format!("{path}.options[{i}]");
        check_text(&path, option, MAX_NAME)?;
        names.take((), path, option)?;
    }
    check_write_ins(path, write_ins)?;
    kind.check_rule(path, contest)?;
    let (field, Rule { min, max, each, blank: _ }) = (kind.field(), *rule);
    // At most (MAX_OPTIONS + MAX_LINES)·65 535, which fits.
    let most = u32::try_from(contest.candidates()).unwrap_or(u32::MAX).saturating_mul(each);
    number(&format!("{path}.{field}.max"), max, 1, most)?;
    number(&format!("{path}.{field}.min"), min, 0, max)?;
    check_counting(&format!("{path}.count"), contest, counting.as_ref())?;
    let (slots, candidates) = (contest.mixed_slots(), contest.candidates());
    if slots > 0 && candidates > MAX_CANDIDATES {
        let expected = format!("at most {MAX_CANDIDATES} options and lines for write-ins");
        return Err(ManifestError::new(format!("{path}.options"), candidates, expected));
    }
    if slots > MAX_MIXED_SLOTS {
        let expected = format!("rankings and write-ins that take at most {MAX_MIXED_SLOTS} slots");
        return Err(ManifestError::new(
            format!("{path}.write_ins"),
            format!("{slots} slots"),
            expected,
        ));
    }
    Ok(())
}

fn check_write_ins(
    path: &str,
    WriteIns { places, length }: &WriteIns,
) -> Result<(), ManifestError> {
    number(&format!("{path}.write_ins.places"), (*places).into(), 0, MAX_LINES.into())?;
    let (least, most) = if *places == 0 { (0, 0) } else { (1, MAX_NAME as u32) };
    number(&format!("{path}.write_ins.length"), (*length).into(), least, most)
}

/// Checks that the contest has a valid counting method if it has mixed slots, and none otherwise.
fn check_counting(
    path: &str,
    contest: &Contest,
    counting: Option<&Counting>,
) -> Result<(), ManifestError> {
    let mistake = |field: &str, value: String, expected: &str| {
        Err(ManifestError::new(format!("{path}{field}"), value, expected))
    };
    let Some(Counting { method, seats, tie_break }) = counting else {
        return match contest.mixed_slots() {
            0 => Ok(()),
            _ => mistake("", String::new(), "how rankings or write-ins are counted"),
        };
    };
    if contest.mixed_slots() == 0 {
        return mistake("", method.to_string(), "nothing, as this contest has only sums");
    }
    if let Err(expected) = contest.kind().check_method(contest, *method) {
        return mistake(".method", method.to_string(), expected);
    }
    if *method == Method::Borda && contest.write_ins.places > 0 {
        let expected = "another method: under Borda, write-ins change the points of everyone";
        return mistake(".method", method.to_string(), expected);
    }
    if let Method::Stv { quota: _, places } = method {
        number(&format!("{path}.places"), (*places).into(), 1, MAX_PLACES.into())?;
    }
    if !matches!(tie_break, TieBreak::Order | TieBreak::Backwards) {
        return mistake(".tie_break", format!("{tie_break:?}"), "'order' or 'backwards'");
    }
    let options = u32::try_from(contest.options.len()).unwrap_or(u32::MAX);
    let most = if *method == Method::InstantRunoff { 1 } else { options };
    number(&format!("{path}.seats"), (*seats).into(), 1, most)
}
