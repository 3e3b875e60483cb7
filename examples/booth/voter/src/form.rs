//! A ballot style as it is to be shown: `Form` in `npm/index.d.ts`.

use crate::{
    fault::{Fault, Result},
    given::{count, style, unknown},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Value, json};
use tabella::{
    Contest, Manifest,
    contest::{Form, Limit},
    manifest::BallotStyle,
};

/// The form of the style with this id, in this language.
pub fn form(manifest: &Manifest, id: &str, language: Option<&str>) -> Result<Value> {
    let shown = match language {
        None => manifest.clone(),
        Some(language) => manifest.shown_in(language).ok_or_else(|| {
            let known = manifest.languages().iter().map(String::as_str);
            unknown("language", language, known)
        })?,
    };
    let place = usize::from(style(manifest, id)?);
    let missing = || Fault::argument(format_args!("ballot style '{id}' has no district"));
    let style = shown.styles().get(place).ok_or_else(missing)?;
    let district = shown.districts().get(style.district).ok_or_else(missing)?;
    let contests = style.contests.iter().filter_map(|place| {
        let order = shown.display(*place, style.district)?;
        Some(of_contest(shown.contests().get(*place)?, &order))
    });
    let limits = style.limits.iter().map(|limit| of_limit(limit, within(&shown, style, limit)));
    Ok(json!({
        "title": shown.title(),
        "style": style.id,
        "district": named(&district.id, &district.name),
        "contests": contests.collect::<Vec<_>>(),
        "limits": limits.collect::<Vec<_>>(),
    }))
}

fn named(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name })
}

fn of_contest(contest: &Contest, order: &[usize]) -> Value {
    let options = order.iter().filter_map(|place| Some((*place, contest.options.get(*place)?)));
    let options = options.map(|(place, option)| {
        let detail = option.detail.as_ref().map(|detail| detail.as_str());
        json!({
            "id": option.id,
            "name": option.name.as_str(),
            "detail": detail,
            "max": count(contest.most(place)),
            "groups": option.groups,
        })
    });
    let marks = contest
        .marks
        .iter()
        .map(|mark| json!({ "id": mark.id, "name": mark.name.as_str(), "valid": mark.valid }));
    let grades = contest.grades().iter().map(|grade| named(grade.in_language(0), grade));
    let limits = contest.limits.iter().map(|limit| of_limit(limit, limit_options(contest, limit)));
    let groups = contest.groups.iter().map(|group| named(&group.id, &group.name));
    let lines = contest.write_ins;
    let write_ins =
        (lines.places > 0).then(|| json!({ "places": lines.places, "length": lines.length }));
    let (points, fewer) = match &contest.form {
        Form::Places { points, fewer } => (points.as_slice(), *fewer),
        _ => (&[][..], false),
    };
    let (credits, against) = match contest.form {
        Form::Quadratic { credits, against } => (Some(count(credits)), against),
        _ => (None, false),
    };
    json!({
        "id": contest.id,
        "title": contest.title.as_str(),
        "question": contest.question.as_ref().map(|question| question.as_str()),
        "rule": contest.rule_sentence().to_string(),
        "kind": kind(&contest.form),
        "options": options.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "marks": marks.collect::<Vec<_>>(),
        "min": count(contest.rule.min),
        "max": count(contest.rule.max),
        "each": count(contest.rule.each),
        "grades": grades.collect::<Vec<_>>(),
        "ties": matches!(contest.form, Form::Ranking { ties: true } | Form::Pairs { ties: true }),
        "points": points,
        "fewer": fewer,
        "none": matches!(contest.form, Form::Lists { none: true }),
        "credits": credits,
        "against": against,
        "folded": contest.is_folded(),
        "writeIns": write_ins,
        "limits": limits.collect::<Vec<_>>(),
        "with": contest.with,
    })
}

/// The field of a manifest that has its rule; only a new kind of contest would have none here.
fn kind(form: &Form) -> &'static str {
    match form {
        Form::Choice => "choose",
        Form::Grades { .. } => "grades",
        Form::Ranking { .. } => "rank",
        Form::Lists { .. } => "lists",
        Form::Places { .. } => "places",
        Form::Pairs { .. } => "pairs",
        Form::Star => "star",
        Form::Quadratic { .. } => "quadratic",
        Form::Split => "split",
        _ => "unknown",
    }
}

fn of_limit(limit: &Limit, options: Vec<(String, u32)>) -> Value {
    let option = |(option, cost)| json!({ "option": option, "cost": cost });
    json!({
        "of": options.into_iter().map(option).collect::<Vec<_>>(),
        "min": count(limit.min),
        "max": count(limit.max),
        "with": limit.with,
    })
}

/// The options of a limit with what a vote for each costs; groups taken apart.
pub fn limit_options(contest: &Contest, limit: &Limit) -> Vec<(String, u32)> {
    let named = |(place, name): (usize, &String)| {
        let cost = limit.costs.get(place).copied().unwrap_or(1);
        members(contest, name).into_iter().map(move |id| (id.into(), cost)).collect::<Vec<_>>()
    };
    limit.of.iter().enumerate().flat_map(named).collect()
}

/// The same of a limit over several contests, with these in front.
pub fn within(manifest: &Manifest, style: &BallotStyle, limit: &Limit) -> Vec<(String, u32)> {
    let contests = || style.contests.iter().filter_map(|place| manifest.contests().get(*place));
    let named = |(place, name): (usize, &String)| {
        let cost = limit.costs.get(place).copied().unwrap_or(1);
        let (contest, name) = name.split_once(':').unwrap_or((name, ""));
        let options = contests().find(|held| held.id == contest).map(|held| members(held, name));
        let options = options.unwrap_or_default().into_iter();
        options.map(move |id| (format!("{contest}:{id}"), cost)).collect::<Vec<_>>()
    };
    limit.of.iter().enumerate().flat_map(named).collect()
}

/// The option with this id, or all options of the group with it.
fn members<'c>(contest: &'c Contest, name: &str) -> Vec<&'c str> {
    let is_option = contest.option(name).is_some();
    let options = contest.options.iter().filter(|option| match is_option {
        true => option.id == name,
        false => option.groups.iter().any(|group| group == name),
    });
    options.map(|option| option.id.as_str()).collect()
}
