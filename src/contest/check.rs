//! What makes a contest valid.

use super::{
    Contest, Form, GroupCap, Limit, MAX_CANDIDATES, Pass, Rule, SeatRules, WriteIns,
    check_texts::{
        MAX_GROUPS, check_grades, check_groups, check_mark_names, check_once, check_options,
    },
    folded::check_folded,
    limits::{Names, circle, gcd, sum},
};
use crate::{
    count::{Counting, MAX_PLACES, Method, TieBreak},
    mistake::{Languages, MAX_QUESTION, MAX_TITLE, ManifestError, Mistakes, check_id, number},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
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
/// Most mixed slots of a contest.
const MAX_MIXED_SLOTS: usize = 64;

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

/// What a contest that is counted ballot by ballot can have.
fn check_mixed(path: &str, contest: &Contest) -> Result<(), ManifestError> {
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

/// Checks what is peculiar to contests with sums: maxima, marks and limits.
pub(super) fn check_limits(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Contest { options, limits, voters, .. } = contest;
    let mut mistakes = Mistakes::default();
    for (i, option) in options.iter().enumerate() {
        if let Some(most) = option.most {
            // Where names are written in, votes for options are counted one by one with theirs.
            let can_be_wide = contest.form == Form::Choice && contest.write_ins.places == 0;
            let wide = if can_be_wide { MAX_VALUE } else { MAX_EACH };
            mistakes.take(number(&format!("{path}.options[{i}].max"), most, 1, wide));
        }
    }
    if *voters && (0..options.len()).all(|option| contest.most(option) == 1) {
        let expected = "false: where an option gets one vote at most, its votes are its voters";
        mistakes.add(ManifestError::new(format!("{path}.voters"), true, expected))
    }
    mistakes.take(check_marks(path, contest));
    if limits.len() > MAX_LIMITS {
        let expected = format!("at most {MAX_LIMITS} limits");
        mistakes.add(ManifestError::new(format!("{path}.limits"), limits.len(), expected))
    } else if !mistakes.at(&format!("{path}.options")) {
        mistakes.take(check_limits_of(path, contest));
    }
    mistakes.end()
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

/// Checks the counting method. A contest with mixed slots has one; one with sums only can have one.
fn check_counting(
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
fn check_pass(path: &str, contest: &Contest) -> Result<(), ManifestError> {
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
