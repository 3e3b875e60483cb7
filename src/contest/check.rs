//! What makes a contest valid.

use super::{
    Contest, ContestOption, Form, Group, GroupCap, Limit, MAX_CANDIDATES, Pass, Rule, SeatRules,
    WriteIns,
    limits::{circle, gcd, sum},
};
use crate::{
    count::{Counting, MAX_PLACES, Method, TieBreak},
    mistake::{Distinct, MAX_NAME, MAX_TITLE, ManifestError, check_id, check_text, number},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
};

/// Most options of a contest.
pub(super) const MAX_OPTIONS: usize = 1_000;
/// Most votes for one option that are counted in one slot.
pub(super) const MAX_EACH: u64 = 65_535;
/// Most votes for one option, and in all.
pub(super) const MAX_VALUE: u64 = i64::MAX as u64;
/// Most groups of options of a contest.
pub(super) const MAX_GROUPS: usize = 255;
/// Most marks of a contest.
pub(super) const MAX_MARKS: usize = 16;
/// Most limits of a contest, or of a ballot style.
pub(crate) const MAX_LIMITS: usize = 255;
/// Most lines for write-ins of a contest.
const MAX_LINES: u16 = 16;
/// Most mixed slots of a contest.
const MAX_MIXED_SLOTS: usize = 64;

pub(crate) fn check_contest(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Contest { title, options, groups, rule, form, write_ins, counting, .. } = contest;
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
        check_text(&path, &option.name, MAX_NAME)?;
        names.take((), path, &option.name)?;
    }
    check_groups(path, options, groups)?;
    check_write_ins(path, write_ins)?;
    kind.check_rule(path, contest)?;
    let (field, Rule { min, max, each: _ }) = (kind.field(), *rule);
    let most = (0..contest.candidates()).map(|place| contest.most(place));
    let most = most.fold(0, u64::saturating_add);
    if most > MAX_VALUE {
        let expected = format!("options that can get at most {MAX_VALUE} votes together");
        return Err(ManifestError::new(format!("{path}.{field}.each"), most, expected));
    }
    if !matches!(form, Form::Lists { .. }) {
        number(&format!("{path}.{field}.max"), max, 1, most)?;
    }
    number(&format!("{path}.{field}.min"), min, 0, max)?;
    check_counting(&format!("{path}.count"), contest, counting.as_ref())?;
    check_pass(path, contest)?;
    let (slots, candidates) = (contest.mixed_slots(), contest.candidates());
    if (slots > 0 || counting.is_some()) && candidates > MAX_CANDIDATES {
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

fn check_groups(
    path: &str,
    options: &[ContestOption],
    groups: &[Group],
) -> Result<(), ManifestError> {
    if groups.len() > MAX_GROUPS {
        let (value, expected) = (groups.len(), format!("at most {MAX_GROUPS} groups"));
        return Err(ManifestError::new(format!("{path}.groups"), value, expected));
    }
    let mut names = Distinct::new();
    let mut ids = BTreeMap::new();
    for (i, Group { id, name }) in groups.iter().enumerate() {
        let here = format!("{path}.groups[{i}].id");
        check_id(&here, id)?;
        check_once(&mut ids, id, here.clone())?;
        if let Some(option) = options.iter().position(|option| option.name == *id) {
            let expected =
                format!("an id that is no name of an option, as options[{option}] has it");
            return Err(ManifestError::new(here, id, expected));
        }
        let here = format!("{path}.groups[{i}].name");
        check_text(&here, name, MAX_NAME)?;
        names.take((), here, name)?;
    }
    for (i, option) in options.iter().enumerate() {
        let mut once = BTreeMap::new();
        for (j, group) in option.groups.iter().enumerate() {
            let here = format!("{path}.options[{i}].groups[{j}]");
            if !ids.contains_key(group) {
                return Err(ManifestError::new(
                    here,
                    group,
                    "the id of one of the contest's groups",
                ));
            }
            check_once(&mut once, group, here)?;
        }
    }
    Ok(())
}

fn check_once<'a>(
    seen: &mut BTreeMap<&'a String, String>,
    id: &'a String,
    path: String,
) -> Result<(), ManifestError> {
    match seen.insert(id, path.clone()) {
        None => Ok(()),
        Some(first) => {
            Err(ManifestError::new(path, id, format!("an id of its own: {first} has this one")))
        }
    }
}

pub(super) fn check_marks(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    if contest.marks.len() > MAX_MARKS {
        let (value, expected) = (contest.marks.len(), format!("at most {MAX_MARKS} marks"));
        return Err(ManifestError::new(format!("{path}.marks"), value, expected));
    }
    let mut ids = BTreeMap::new();
    for (i, mark) in contest.marks.iter().enumerate() {
        let path = format!("{path}.marks[{i}]");
        check_id(&path, &mark.id)?;
        check_once(&mut ids, &mark.id, path)?;
    }
    Ok(())
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
    let given = given.into_iter().find_map(|(field, there)| there.then(|| field.into()));
    match most.or(given) {
        None => Ok(()),
        Some(field) => Err(ManifestError::new(
            format!("{path}.{field}"),
            "given",
            format!("nothing: {reason}"),
        )),
    }
}

/// Checks what is peculiar to contests with sums: maxima, marks and limits.
pub(super) fn check_limits(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Contest { options, limits, voters, .. } = contest;
    for (i, option) in options.iter().enumerate() {
        if let Some(most) = option.most {
            let wide = if contest.form == Form::Choice { MAX_VALUE } else { MAX_EACH };
            number(&format!("{path}.options[{i}].max"), most, 1, wide)?;
        }
    }
    if *voters && (0..options.len()).all(|option| contest.most(option) == 1) {
        let expected = "false: where an option gets one vote at most, its votes are its voters";
        return Err(ManifestError::new(format!("{path}.voters"), true, expected));
    }
    check_marks(path, contest)?;
    if limits.len() > MAX_LIMITS {
        let expected = format!("at most {MAX_LIMITS} limits");
        return Err(ManifestError::new(format!("{path}.limits"), limits.len(), expected));
    }
    let names = contest.by_name();
    for (i, limit) in limits.iter().enumerate() {
        let path = format!("{path}.limits[{i}]");
        let members = limit.members(&names).map_err(|entry| {
            let value = limit.of.get(entry).map_or("", String::as_str);
            let expected = "the name of an option, or the id of a group that has options";
            ManifestError::new(format!("{path}.of[{entry}]"), value, expected)
        })?;
        let name = |option: &usize| {
            contest.options.get(*option).map(|o| o.name.clone()).unwrap_or_default()
        };
        check_limit(&path, limit, &members, |option| contest.most(*option), name)?;
        if let Some(with) = &limit.with {
            let gate = contest.option(with).filter(|option| contest.most(*option) == 1);
            if gate.is_none_or(|gate| members.iter().any(|(option, _)| *option == gate)) {
                let expected =
                    "the name of an option outside the limit that can get one vote at most";
                return Err(ManifestError::new(format!("{path}.with"), with, expected));
            }
        }
    }
    match circle(contest, &names) {
        None => Ok(()),
        Some(limit) => {
            let expected =
                "an option that does not go, by other limits, with one of this limit's own";
            let with = limits.get(limit).and_then(|limit| limit.with.as_deref());
            Err(ManifestError::new(
                format!("{path}.limits[{limit}].with"),
                with.unwrap_or_default(),
                expected,
            ))
        }
    }
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
    for (i, cost) in costs.iter().enumerate() {
        number(&format!("{path}.cost[{i}]"), (*cost).into(), 1, u32::MAX.into())?;
    }
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
    let Contest { options, groups, seats: SeatRules { caps, .. }, counting, .. } = contest;
    let mistake = |field: String, value: &str, expected: String| {
        Err(ManifestError::new(format!("{path}.caps{field}"), value, expected))
    };
    let by_totals = counting.is_some_and(|counting| counting.method == Method::Plurality);
    if !caps.is_empty() && (contest.mixed_slots() > 0 || !by_totals) {
        let expected = "nothing: there are caps where totals elect by plurality, without write-ins";
        return mistake(String::new(), "given", expected.into());
    }
    if caps.len() > MAX_GROUPS {
        return mistake(
            String::new(),
            &caps.len().to_string(),
            format!("at most {MAX_GROUPS} caps"),
        );
    }
    let mut capped = BTreeMap::new();
    for (i, GroupCap { of, elected }) in caps.iter().enumerate() {
        if !groups.iter().any(|group| group.id == *of) {
            return mistake(
                format!("[{i}].of"),
                of,
                "the id of one of the contest's groups".into(),
            );
        }
        for option in options.iter().filter(|option| option.groups.contains(of)) {
            if let Some(first) = capped.insert(&option.name, of) {
                let name = &option.name;
                let expected =
                    format!("groups without options in common: '{name}' is in '{first}', too");
                return mistake(format!("[{i}].of"), of, expected);
            }
        }
        let members = options.iter().filter(|option| option.groups.contains(of)).count();
        if members == 0 {
            return mistake(format!("[{i}].of"), of, "the id of a group that has options".into());
        }
        let most = members.saturating_sub(1) as u64;
        number(&format!("{path}.caps[{i}].elected"), (*elected).into(), 0, most)?;
    }
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

fn check_write_ins(
    path: &str,
    WriteIns { places, length }: &WriteIns,
) -> Result<(), ManifestError> {
    number(&format!("{path}.write_ins.places"), (*places).into(), 0, MAX_LINES.into())?;
    let (least, most) = if *places == 0 { (0, 0) } else { (1, MAX_NAME as u64) };
    number(&format!("{path}.write_ins.length"), (*length).into(), least, most)
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
    if let Method::Stv { quota: _, places } = method {
        number(&format!("{path}.places"), (*places).into(), 1, MAX_PLACES.into())?;
    }
    if *tie_break == TieBreak::Lot && contest.write_ins.places > 0 {
        let expected = "another tie-break: whoever writes names in would change the lots of others";
        return mistake(".tie_break", "lot".into(), expected);
    }
    let by_rounds = matches!(method, Method::InstantRunoff | Method::Stv { .. });
    if by_rounds && *tie_break == TieBreak::Open {
        return mistake(
            ".tie_break",
            "open".into(),
            "'order', 'backwards' or 'lot' in a count by rounds",
        );
    }
    let options = contest.options.len() as u64;
    let most = if *method == Method::InstantRunoff { 1 } else { options };
    number(&format!("{path}.seats"), (*seats).into(), 1, most)?;
    check_caps(path, contest)?;
    let SeatRules { caps: _, needs, threshold, joined } = &contest.seats;
    if needs.is_some() && (*method != Method::Plurality || contest.mixed_slots() > 0) {
        let expected =
            "nothing: a share is needed where totals elect by plurality, without write-ins";
        return mistake(".needs", "given".into(), expected);
    }
    let by_lists = matches!(method, Method::Lists { .. });
    for (field, there) in [(".threshold", threshold.is_some()), (".joined", !joined.is_empty())] {
        if there && !by_lists {
            return mistake(field, "given".into(), "nothing: only the method lists has it");
        }
    }
    let mut ids = BTreeMap::new();
    for (i, lists) in joined.iter().enumerate() {
        if lists.len() < 2 {
            return mistake(&format!(".joined[{i}]"), lists.concat(), "at least two lists");
        }
        for (j, list) in lists.iter().enumerate() {
            let field = format!(".joined[{i}][{j}]");
            if !contest.groups.iter().any(|group| group.id == *list) {
                return mistake(&field, list.clone(), "the id of one of the contest's lists");
            }
            check_once(&mut ids, list, format!("{path}{field}"))?;
        }
    }
    Ok(())
}

/// Checks when a question passes.
fn check_pass(path: &str, contest: &Contest) -> Result<(), ManifestError> {
    let Some(Pass { yes, .. }) = &contest.pass else { return Ok(()) };
    if contest.form != Form::Choice || contest.write_ins.places > 0 {
        let expected = "nothing: only a contest with votes, and without write-ins, passes";
        return Err(ManifestError::new(format!("{path}.pass"), "given", expected));
    }
    if contest.option(yes).is_none() {
        let expected = "one of the contest's options";
        return Err(ManifestError::new(format!("{path}.pass.yes"), yes, expected));
    }
    Ok(())
}
