//! What makes counting, seats and questions of a contest valid.

use super::{
    Contest, Form, GroupCap, MAX_CANDIDATES, Pass, SeatRules,
    check_texts::{MAX_GROUPS, check_once},
};
use crate::{
    count::{Counting, MAX_PLACES, Method, TieBreak},
    mistake::{ManifestError, Mistakes, number},
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
};

/// Most mixed slots of a contest.
const MAX_MIXED_SLOTS: usize = 64;

/// Checks the counting method. A contest with mixed slots has one; one with sums only can have one.
pub(super) fn check_counting(
    path: &str,
    contest: &Contest,
    counting: Option<&Counting>,
) -> Result<(), ManifestError> {
    let mistake = |field: &str, value: String, expected: &str| {
        Err(ManifestError::new(format!("{path}{field}"), value, expected))
    };
    if counting.is_none() && contest.seats != SeatRules::default() {
        return mistake("", String::new(), "how totals elect, since there are rules for it");
    }
    let Some(Counting { method, seats, tie_break }) = counting else {
        return match contest.mixed_slots() {
            0 => Ok(()),
            _ => mistake("", String::new(), "how rankings or write-ins are counted"),
        };
    };
    if let Err(expected) = contest.kind().check_method(contest, *method) {
        return mistake(".method", method.to_string(), expected);
    }
    if *method == Method::Borda && contest.write_ins.places > 0 {
        let expected = "another method: under Borda, write-ins change the points of everyone";
        return mistake(".method", method.to_string(), expected);
    }
    let mut mistakes = Mistakes::default();
    if let Method::Stv { quota: _, places } = method {
        mistakes.take(number(&format!("{path}.places"), (*places).into(), 1, MAX_PLACES.into()));
    }
    if *tie_break == TieBreak::Lot && contest.write_ins.places > 0 {
        let expected = "another tie-break: whoever writes names in would change the lots of others";
        mistakes.take(mistake(".tie_break", "lot".into(), expected));
    }
    let by_rounds = matches!(method, Method::InstantRunoff | Method::Stv { .. });
    if by_rounds && *tie_break == TieBreak::Open {
        let expected = "'order', 'backwards' or 'lot' in a count by rounds";
        mistakes.take(mistake(".tie_break", "open".into(), expected));
    }
    let options = contest.options.len() as u64;
    let most = if *method == Method::InstantRunoff { 1 } else { options };
    mistakes.take(number(&format!("{path}.seats"), (*seats).into(), 1, most));
    mistakes.take(check_caps(path, contest));
    mistakes.take(check_seat_rules(path, contest, *method));
    mistakes.end()
}

/// Checks what else decides about seats.
fn check_seat_rules(path: &str, contest: &Contest, method: Method) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    let mut add = |field: &str, value: String, expected: &str| {
        mistakes.add(ManifestError::new(format!("{path}{field}"), value, expected));
    };
    let SeatRules { caps: _, needs, threshold, joined } = &contest.seats;
    if needs.is_some() && (method != Method::Plurality || contest.mixed_slots() > 0) {
        let expected =
            "nothing: a share is needed where totals elect by plurality, without write-ins";
        add(".needs", "given".into(), expected);
    }
    let by_lists = matches!(method, Method::Lists { .. });
    for (field, there) in [(".threshold", threshold.is_some()), (".joined", !joined.is_empty())] {
        if there && !by_lists {
            add(field, "given".into(), "nothing: only the method lists has it");
        }
    }
    let mut once = Ok(());
    let mut ids = BTreeMap::new();
    for (i, lists) in joined.iter().enumerate() {
        if lists.len() < 2 {
            add(&format!(".joined[{i}]"), lists.concat(), "at least two lists");
        }
        for (j, list) in lists.iter().enumerate() {
            let field = format!(".joined[{i}][{j}]");
            if !contest.groups.iter().any(|group| group.id == *list) {
                add(&field, list.clone(), "the id of one of the contest's lists");
            }
            once = once.and(check_once(&mut ids, list, format!("{path}{field}")));
        }
    }
    mistakes.take(once);
    mistakes.end()
}

/// Checks when a question passes.
pub(super) fn check_pass(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Some(Pass { yes, .. }) = &contest.pass else { return Ok(()) };
    if !matches!(contest.form, Form::Choice | Form::Split) || contest.write_ins.places > 0 {
        let expected = "nothing: only a contest with votes, and without write-ins, passes";
        return Err(ManifestError::new(format!("{path}.pass"), "given", expected));
    }
    if contest.option(yes).is_none() {
        let expected = "the id of one of the contest's options";
        return Err(ManifestError::new(format!("{path}.pass.yes"), yes, expected));
    }
    Ok(())
}

/// Each option is in one capped group at most: otherwise whoever comes first could keep out more than one other.
fn check_caps(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Contest { options, seats: SeatRules { caps, .. }, counting, .. } = contest;
    let mistake = |value: &str, expected: String| {
        Err(ManifestError::new(format!("{path}.caps"), value, expected))
    };
    let by_totals = counting.is_some_and(|counting| counting.method == Method::Plurality);
    if !caps.is_empty() && (contest.mixed_slots() > 0 || !by_totals) {
        let expected = "nothing: there are caps where totals elect by plurality, without write-ins";
        return mistake("given", expected.into());
    }
    if caps.len() > MAX_GROUPS {
        return mistake(&caps.len().to_string(), format!("at most {MAX_GROUPS} caps"));
    }
    let (mut capped, mut mistakes) = (BTreeMap::new(), Mistakes::default());
    for (i, cap) in caps.iter().enumerate() {
        mistakes.take(check_cap(&format!("{path}.caps[{i}]"), contest, cap, &mut capped));
    }
    mistakes.end()?;
    // Those who can be elected: without cap, and as many of each group as its cap says.
    let free = options.len().saturating_sub(capped.len());
    let places = caps.iter().fold(free, |sum, cap| sum.saturating_add(cap.elected.into()));
    let seats = counting.map_or(0, |counting| usize::from(counting.seats));
    if seats > places {
        let expected = format!("at most {places} seats, which the caps leave");
        return Err(ManifestError::new(format!("{path}.seats"), seats, expected));
    }
    Ok(())
}

/// Checks a cap; `capped` are the options of those before it, each with its group.
fn check_cap<'a>(
    path: &str,
    Contest { options, groups, .. }: &'a Contest,
    GroupCap { of, elected }: &'a GroupCap,
    capped: &mut BTreeMap<&'a String, &'a String>,
) -> Result<(), ManifestError> {
    let mistake = |expected: &str| Err(ManifestError::new(format!("{path}.of"), of, expected));
    if !groups.iter().any(|group| group.id == *of) {
        return mistake("the id of one of the contest's groups");
    }
    for option in options.iter().filter(|option| option.groups.contains(of)) {
        if let Some(first) = capped.insert(&option.id, of) {
            let name = &option.id;
            let expected =
                format!("groups without options in common: '{name}' is in '{first}', too");
            return mistake(&expected);
        }
    }
    let members = options.iter().filter(|option| option.groups.contains(of)).count();
    if members == 0 {
        return mistake("the id of a group that has options");
    }
    let most = members.saturating_sub(1) as u64;
    number(&format!("{path}.elected"), (*elected).into(), 0, most)
}

/// What a contest that is counted ballot by ballot can have.
pub(super) fn check_mixed(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let (slots, candidates) = (contest.mixed_slots(), contest.candidates());
    if (slots > 0 || contest.counting.is_some()) && candidates > MAX_CANDIDATES {
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
