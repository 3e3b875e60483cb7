//! What is wrong with choices, as `Mistake` in `npm/index.d.ts`: a code for the page's own words, with what it is about.

use crate::{
    fault::{Fault, Result},
    form::{limit_options, within},
    given::count,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde_json::{Map, Value, json};
use tabella::{
    Choices, Contest, Manifest,
    ballot::RuleError,
    contest::{Broken, Form},
};

/// What is told of one mistake besides its code.
type About = Vec<(&'static str, Value)>;

/// All mistakes of these choices on a ballot of this style.
pub fn mistakes(manifest: &Manifest, style: u16, choices: &Choices) -> Vec<Value> {
    choices.mistakes(manifest, style).iter().map(|error| of_error(manifest, style, error)).collect()
}

/// The fault of choices that cannot be encrypted.
pub fn refused(manifest: &Manifest, style: u16, error: &RuleError) -> Fault {
    match error {
        RuleError::Proof(tabella::crypto::ProveError::Randomness) => Fault::randomness(),
        error => {
            let mistakes = [of_error(manifest, style, error)].into();
            Fault { mistakes, ..Fault::new("rules", error) }
        }
    }
}

/// Refuses choices that have mistakes, with all of them.
pub fn check(manifest: &Manifest, style: u16, choices: &Choices) -> Result<()> {
    let found = choices.mistakes(manifest, style);
    match found.first() {
        None => Ok(()),
        Some(first) => {
            let mistakes = found.iter().map(|error| of_error(manifest, style, error)).collect();
            Err(Fault { mistakes, ..Fault::new("rules", first) })
        }
    }
}

fn of_error(manifest: &Manifest, style: u16, error: &RuleError) -> Value {
    let contest = contest_of(error);
    let known = contest.and_then(|id| manifest.contests().get(manifest.contest(id)?));
    let (code, about) = match error {
        RuleError::UnknownContest { .. } => ("unknown-contest", About::new()),
        RuleError::UnknownOption { option, .. } => ("unknown-option", about("option", option)),
        RuleError::UnknownMark { mark, .. } => ("unknown-mark", about("name", mark)),
        RuleError::UnknownGrade { grade, .. } => ("unknown-grade", about("name", grade)),
        RuleError::WrongMark { name, .. } => ("wrong-mark", about("name", name)),
        RuleError::NoWeight { .. } => ("weight", About::new()),
        RuleError::JointLimit { limit, found, max } => {
            let options = manifest.styles().get(usize::from(style));
            let options = options.and_then(|style| Some((style, style.limits.get(*limit)?)));
            let options = options.map(|(style, limit)| within(manifest, style, limit));
            let options = options.unwrap_or_default().into_iter().map(|(option, _)| option);
            let options = options.collect::<Vec<_>>().into();
            let limit = ("limit", (*limit).into());
            ("joint-limit", [limit, ("options", options), found_of(*found), max_of(*max)].into())
        }
        RuleError::Broken { broken, .. } => of_broken(known, *broken),
        RuleError::Listed { name, option, .. } => {
            ("listed", [("name", name.as_str().into()), ("option", option.as_str().into())].into())
        }
        RuleError::WrittenTwice { second, .. } => ("written-twice", about("name", second)),
        RuleError::NoVote { name, .. } => ("no-vote", about("name", name)),
        RuleError::Message { .. } => ("unencodable", About::new()),
        _ => ("other", About::new()),
    };
    let mut json = Map::new();
    json.insert("contest".into(), json!(contest));
    json.insert("code".into(), code.into());
    json.insert("message".into(), error.to_string().into());
    json.extend(about.into_iter().map(|(name, value)| (name.into(), value)));
    json.into()
}

fn contest_of(error: &RuleError) -> Option<&str> {
    match error {
        RuleError::UnknownContest { contest }
        | RuleError::UnknownOption { contest, .. }
        | RuleError::UnknownMark { contest, .. }
        | RuleError::UnknownGrade { contest, .. }
        | RuleError::NoWeight { contest }
        | RuleError::Broken { contest, .. }
        | RuleError::WrongMark { contest, .. }
        | RuleError::Listed { contest, .. }
        | RuleError::WrittenTwice { contest, .. }
        | RuleError::NoVote { contest, .. }
        | RuleError::Message { contest, .. } => Some(contest),
        _ => None,
    }
}

fn about(name: &'static str, value: &str) -> About {
    [(name, value.into())].into()
}

fn found_of(found: u64) -> (&'static str, Value) {
    ("found", count(found))
}

fn max_of(max: u64) -> (&'static str, Value) {
    ("max", count(max))
}

fn of_broken(contest: Option<&Contest>, broken: Broken) -> (&'static str, About) {
    let option = |place| About::from_iter(option_at(contest, place).map(|id| ("option", id)));
    let with = |mut about: About, more: &[(&'static str, Value)]| {
        about.extend_from_slice(more);
        about
    };
    match broken {
        Broken::Each { option: place, found, max } => {
            ("each", with(option(place), &[found_of(found), max_of(max)]))
        }
        Broken::TooFew { found, min } => ("too-few", [found_of(found), ("min", count(min))].into()),
        Broken::TooMany { found, max } => ("too-many", [found_of(found), max_of(max)].into()),
        Broken::MarkWithVotes => ("mark-with-votes", About::new()),
        Broken::TwoMarks => ("two-marks", About::new()),
        Broken::Limit { limit, found, min, max } => {
            let options = contest
                .and_then(|contest| Some(limit_options(contest, contest.limits.get(limit)?)));
            let options = options.unwrap_or_default().into_iter().map(|(option, _)| option);
            let options: Value = options.collect::<Vec<_>>().into();
            let limit = ("limit", limit.into());
            let least = ("min", count(min));
            ("limit", [limit, ("options", options), found_of(found), least, max_of(max)].into())
        }
        Broken::Without { option: place, needs } => {
            let needs = option_at(contest, needs).map(|id| ("needs", id));
            ("without", with(option(place), needs.as_slice()))
        }
        Broken::Closed => {
            let needs = contest.and_then(|contest| contest.with.as_deref());
            ("closed", needs.map(|needs| about("needs", needs)).unwrap_or_default())
        }
        Broken::TwoLists => ("two-lists", About::new()),
        Broken::NoList => ("no-list", About::new()),
        Broken::Credits { found, max } => ("credits", [found_of(found), max_of(max)].into()),
        Broken::Shares { found, weight } => ("shares", [found_of(found), max_of(weight)].into()),
        Broken::Weight { found, max } => ("weight", [found_of(found), max_of(max)].into()),
        Broken::Gap { rank } => ("gap", [("rank", count(rank))].into()),
        Broken::Tie { rank } => ("tie", [("rank", count(rank))].into()),
        Broken::NoGrade { option: place } => ("no-grade", option(place)),
        Broken::MarkedTwice { option: place } => ("twice", option(place)),
        Broken::TooManyNames { found, max } => {
            ("too-many-names", [("found", found.into()), ("max", max.into())].into())
        }
        Broken::Name { .. } => ("name", About::new()),
        _ => ("other", About::new()),
    }
}

/// The id of what has this place among a contest's values: an option, or a list behind these.
fn option_at(contest: Option<&Contest>, place: usize) -> Option<Value> {
    let contest = contest?;
    if let Some(option) = contest.options.get(place) {
        return Some(option.id.as_str().into());
    }
    let lists = matches!(contest.form, Form::Lists { .. });
    let list = contest.groups.get(place.checked_sub(contest.options.len())?).filter(|_| lists);
    list.map(|list| String::from(list.id.as_str()).into())
}
