//! What makes a contest valid.

use super::{
    Contest, Form, Limit, Rule, SeatRules, WriteIns,
    check_count::{check_counting, check_mixed, check_pass},
    check_texts::{check_grades, check_groups, check_mark_names, check_once, check_options},
    folded::check_folded,
    limits::{Names, circle, gcd, sum},
};
use crate::mistake::{
    Languages, MAX_QUESTION, MAX_TITLE, ManifestError, Mistakes, check_id, number,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec::Vec,
};

/// Most votes for one option that are counted in one slot.
pub(super) const MAX_EACH: u64 = 65_535;
/// Most votes for one option, and in all.
pub(super) const MAX_VALUE: u64 = i64::MAX as u64;
/// Most marks of a contest.
pub(super) const MAX_MARKS: usize = 16;
/// Most limits of a contest, or of a ballot style.
pub(crate) const MAX_LIMITS: usize = 255;
/// Most lines for write-ins of a contest.
const MAX_LINES: u16 = 16;
/// Most bytes of a name that is written in.
const MAX_LINE: u64 = 200;

/// Checks a contest of a manifest in these languages. What could not be read of it is known to be wrong, and what rests on that is
/// not checked.
pub(crate) fn check_contest(
    path: &str,
    contest: &Contest,
    languages: Languages<'_>,
    mistakes: &mut Mistakes,
) {
    let Contest { title, options, groups, rule, form, write_ins, counting, .. } = contest;
    let (kind, at) = (form.kind(), |field: &str| format!("{path}.{field}"));
    // What was read whole, before anything of it is checked.
    let read = |mistakes: &Mistakes, fields: &[&str]| {
        !mistakes.at(path) || !fields.iter().any(|field| mistakes.at(&at(field)))
    };
    let kinds = Contest::kind_fields();
    let all = [&["options", "groups", "write_ins"], &kinds[..]].concat();
    let has_rule =
        read(mistakes, &all) && read(mistakes, &["marks", "limits", "with", "voters", "base"]);
    let has_count = read(mistakes, &all) && read(mistakes, &["count"]);

    // The title is the id unless there is one.
    if !title.is_always(&contest.id) || !mistakes.at(&at("id")) {
        languages.check(&at("title"), title, MAX_TITLE, mistakes);
    }
    if let Some(question) = &contest.question {
        languages.check(&at("question"), question, MAX_QUESTION, mistakes);
    }
    check_options(&at("options"), contest, languages, mistakes);
    check_groups(path, options, groups, languages, mistakes);
    check_grades(&at("grades"), contest.grades(), languages, mistakes);
    check_mark_names(&at("marks"), contest, languages, mistakes);
    mistakes.take(check_write_ins(path, write_ins));
    // Limits and what decides about seats name options and groups, and are not checked where these are wrong.
    let named = read(mistakes, &["options", "groups"]);
    let free = || Contest {
        limits: Vec::new(),
        seats: SeatRules::default(),
        pass: None,
        ..contest.clone()
    };
    let free = (!named).then(free);
    let contest = free.as_ref().unwrap_or(contest);
    if has_rule && (named || !matches!(form, Form::Lists { .. })) {
        mistakes.take(kind.check_rule(path, contest));
        let (field, Rule { min, max, each: _ }) = (kind.field(), *rule);
        let most = (0..contest.candidates()).map(|place| contest.most(place));
        let most = most.fold(0, u64::saturating_add);
        if most > MAX_VALUE {
            let expected = format!("options that can get at most {MAX_VALUE} votes together");
            mistakes.add(ManifestError::new(format!("{path}.{field}.each"), most, expected))
        }
        let (max_at, min_at) = (format!("{path}.{field}.max"), format!("{path}.{field}.min"));
        if read(mistakes, &all) {
            if !matches!(form, Form::Lists { .. }) {
                mistakes.take(number(&max_at, max, 1, most));
            }
            mistakes.check(&[&max_at], || number(&min_at, min, 0, max));
            mistakes.take(check_folded(path, contest));
        }
    }
    if has_count {
        mistakes.take(check_counting(&at("count"), contest, counting.as_ref()));
        mistakes.check(&[&at("pass")], || check_pass(path, contest));
        mistakes.take(check_mixed(path, contest));
    }
}

pub(super) fn check_marks(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    if contest.marks.len() > MAX_MARKS {
        let (value, expected) = (contest.marks.len(), format!("at most {MAX_MARKS} marks"));
        return Err(ManifestError::new(format!("{path}.marks"), value, expected));
    }
    let (mut ids, mut mistakes) = (BTreeMap::new(), Mistakes::default());
    for (i, mark) in contest.marks.iter().enumerate() {
        let path = format!("{path}.marks[{i}]");
        mistakes.take(check_id(&path, &mark.id));
        mistakes.take(check_once(&mut ids, &mark.id, path));
    }
    mistakes.end()
}

/// Checks that the contest has none of what is about votes, for this reason.
pub(super) fn check_plain(
    path: &str,
    contest: &Contest,
    reason: &str,
) -> Result<(), ManifestError> {
    let Contest { options, limits, voters, base, write_ins, .. } = contest;
    let most = options.iter().position(|option| option.most.is_some());
    let most = most.map(|option| format!("options[{option}].max"));
    let given = [
        ("limits", !limits.is_empty()),
        ("voters", *voters),
        ("base", base.is_some()),
        ("write_ins", write_ins.places > 0),
    ];
    let given = given.into_iter().filter(|(_, there)| *there).map(|(field, _)| field.into());
    let mut mistakes = Mistakes::default();
    for field in most.into_iter().chain(given) {
        let expected = format!("nothing: {reason}");
        mistakes.add(ManifestError::new(format!("{path}.{field}"), "given", expected))
    }
    mistakes.end()
}

/// Checks the most votes of each option.
pub(super) fn check_maxima(path: &str, contest: &Contest, mistakes: &mut Mistakes) {
    for (i, option) in contest.options.iter().enumerate() {
        if let Some(most) = option.most {
            // Where names are written in, votes for options are counted one by one with theirs.
            let can_be_wide = contest.form == Form::Choice && contest.write_ins.places == 0;
            let wide = if can_be_wide { MAX_VALUE } else { MAX_EACH };
            mistakes.take(number(&format!("{path}.options[{i}].max"), most, 1, wide));
        }
    }
}

/// Checks voters, marks and limits, if the maxima and options on which they rest are right.
pub(super) fn check_limits(path: &str, contest: &Contest, mistakes: &mut Mistakes) {
    let Contest { options, limits, voters, .. } = contest;
    let each = format!("{path}.{}.each", contest.kind().field());
    let rests_on = [&each, &format!("{path}.options"), &format!("{path}.groups")];
    if *voters && (0..options.len()).all(|option| contest.most(option) == 1) {
        let expected = "false: where an option gets one vote at most, its votes are its voters";
        mistakes.add(ManifestError::new(format!("{path}.voters"), true, expected))
    }
    mistakes.take(check_marks(path, contest));
    if limits.len() > MAX_LIMITS {
        let expected = format!("at most {MAX_LIMITS} limits");
        mistakes.add(ManifestError::new(format!("{path}.limits"), limits.len(), expected))
    } else {
        mistakes.check(&rests_on.map(String::as_str), || check_limits_of(path, contest));
    }
}

fn check_limits_of(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let (names, mut mistakes) = (contest.by_name(), Mistakes::default());
    for (i, limit) in contest.limits.iter().enumerate() {
        mistakes.take(check_own_limit(&format!("{path}.limits[{i}]"), contest, limit, &names));
    }
    mistakes.end()?;
    match circle(contest, &names) {
        None => Ok(()),
        Some(limit) => {
            let expected =
                "an option that does not go, by other limits, with one of this limit's own";
            let with = contest.limits.get(limit).and_then(|limit| limit.with.as_deref());
            Err(ManifestError::new(
                format!("{path}.limits[{limit}].with"),
                with.unwrap_or_default(),
                expected,
            ))
        }
    }
}

/// Checks a limit of a contest.
fn check_own_limit(
    path: &str,
    contest: &Contest,
    limit: &Limit,
    names: &Names<'_>,
) -> Result<(), ManifestError> {
    let members = limit.members(names).map_err(|entry| {
        let value = limit.of.get(entry).map_or("", String::as_str);
        let expected = "the id of an option, or of a group that has options";
        ManifestError::new(format!("{path}.of[{entry}]"), value, expected)
    })?;
    let name =
        |option: &usize| contest.options.get(*option).map(|o| o.id.clone()).unwrap_or_default();
    let mut mistakes = Mistakes::default();
    mistakes.take(check_limit(path, limit, &members, |option| contest.most(*option), name));
    if let Some(with) = &limit.with {
        let gate = contest.gate(with);
        if gate.is_none_or(|gate| members.iter().any(|(option, _)| *option == gate)) {
            let expected = match contest.form {
                Form::Lists { .. } => {
                    "the id of a list, or of an option outside the limit that can get one vote at most"
                }
                _ => "the id of an option outside the limit that can get one vote at most",
            };
            mistakes.add(ManifestError::new(format!("{path}.with"), with, expected))
        }
    }
    mistakes.end()
}

/// Checks costs and bounds of a limit over these members.
pub(crate) fn check_limit<T: Ord>(
    path: &str,
    limit: &Limit,
    members: &[(T, u32)],
    most: impl Fn(&T) -> u64,
    name: impl Fn(&T) -> String,
) -> Result<(), ManifestError> {
    let Limit { of, costs, min, max, with } = limit;
    if of.is_empty() {
        return Err(ManifestError::new(format!("{path}.of"), "", "at least one option or group"));
    }
    if !costs.is_empty() && costs.len() != of.len() {
        let expected = format!("a cost for each of the {} entries of 'of'", of.len());
        return Err(ManifestError::new(format!("{path}.cost"), costs.len(), expected));
    }
    let mut mistakes = Mistakes::default();
    for (i, cost) in costs.iter().enumerate() {
        let path = format!("{path}.cost[{i}]");
        mistakes.take(number(&path, (*cost).into(), 1, u32::MAX.into()));
    }
    mistakes.end()?;
    let mut seen = BTreeSet::new();
    if let Some((twice, _)) = members.iter().find(|(member, _)| !seen.insert(member)) {
        return Err(ManifestError::new(format!("{path}.of"), name(twice), "each option once"));
    }
    let all = sum(members.iter().map(|(member, cost)| (most(member), *cost)));
    if all > MAX_VALUE {
        let expected = format!("votes that cost at most {MAX_VALUE} together");
        return Err(ManifestError::new(format!("{path}.cost"), "more", expected));
    }
    if !(1..=all).contains(max) {
        return Err(ManifestError::new(format!("{path}.max"), max, format!("1 to {all}")));
    }
    if min > max {
        return Err(ManifestError::new(format!("{path}.min"), min, format!("0 to {max}")));
    }
    if with.is_none() && *min == 0 && *max == all {
        let expected =
            format!("less than {all}, which all votes together cost: this limit says nothing");
        return Err(ManifestError::new(format!("{path}.max"), max, expected));
    }
    // What a vote costs is a multiple of what divides all costs.
    let divisor = members.iter().fold(0, |divisor, (_, cost)| gcd(divisor, *cost)).max(1).into();
    if min.div_ceil(divisor) > max / divisor {
        let expected = format!("a range with a multiple of {divisor}, which divides all costs");
        return Err(ManifestError::new(format!("{path}.min"), min, expected));
    }
    Ok(())
}

fn check_write_ins(
    path: &str,
    WriteIns { places, length }: &WriteIns,
) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    let lines = number(&format!("{path}.write_ins.places"), (*places).into(), 0, MAX_LINES.into());
    mistakes.take(lines);
    let (least, most) = if *places == 0 { (0, 0) } else { (1, MAX_LINE) };
    mistakes.take(number(&format!("{path}.write_ins.length"), (*length).into(), least, most));
    mistakes.end()
}
