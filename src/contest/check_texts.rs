//! Checks of what people read in a contest, and of what options, groups and marks are called.

use super::{Contest, ContestOption, CountedMark, Group};
use crate::{
    mistake::{
        Distinct, Languages, MAX_DETAIL, MAX_NAME, ManifestError, Mistakes, check_id, check_text,
        languages_of,
    },
    text::{Text, normalise},
};
use alloc::{collections::BTreeMap, format, string::String};

/// Most options of a contest.
pub(super) const MAX_OPTIONS: usize = 1_000;
/// Most groups of options of a contest.
pub(super) const MAX_GROUPS: usize = 255;

pub(super) fn check_options(
    path: &str,
    contest: &Contest,
    languages: Languages<'_>,
    mistakes: &mut Mistakes,
) {
    let (options, n) = (&contest.options, contest.options.len());
    if !(1..=MAX_OPTIONS).contains(&n) {
        let value = if n == 0 { String::new() } else { format!("{n} options") };
        let expected = format!("1 to {MAX_OPTIONS} options");
        return mistakes.add(ManifestError::new(path, value, expected));
    }
    let [mut names, mut ids] = [(); 2].map(|()| Distinct::new());
    for (i, ContestOption { id, name, detail, .. }) in options.iter().enumerate() {
        let path = format!("{path}[{i}]");
        // A plain string is both.
        let name_path =
            if name.strings().len() == 1 { path.clone() } else { format!("{path}.name") };
        let (id_path, detail_path) = (format!("{path}.id"), format!("{path}.detail"));
        languages.check(&name_path, name, MAX_NAME, mistakes);
        if let Some(detail) = detail {
            languages.check(&detail_path, detail, MAX_DETAIL, mistakes);
        }
        for language in languages_of([name].into_iter().chain(detail)) {
            let [name, beside] = [Some(name), detail.as_ref()]
                .map(|text| text.map_or("", |text| text.in_language(language.unwrap_or(0))));
            let path = languages.path(&name_path, language);
            mistakes.check(&[&detail_path], || names.take_in(language, (), path, name, beside));
        }
        mistakes.take(check_text(&id_path, id, MAX_NAME));
        mistakes.take(ids.take((), id_path, id));
    }
    // Results name options by their ids, and people know them by their names.
    let called = |option: &ContestOption, key: &str| {
        option.name.strings().iter().any(|name| normalise(name) == key)
    };
    let of_names: BTreeMap<String, usize> = options
        .iter()
        .enumerate()
        .rev()
        .flat_map(|(i, option)| option.name.strings().iter().map(move |name| (normalise(name), i)))
        .collect();
    for (i, option) in options.iter().enumerate().filter(|_| contest.write_ins.places == 0) {
        let key = normalise(&option.id);
        if let Some(other) = of_names.get(&key).filter(|_| !called(option, &key)) {
            let expected = format!("an id that is not the name of {path}[{other}]");
            mistakes.add(ManifestError::new(format!("{path}[{i}].id"), &option.id, expected))
        }
    }
    // Nobody can tell whose name is meant that is written in, if several options have it.
    let mut keys = BTreeMap::new();
    for (i, option) in options.iter().enumerate().filter(|_| contest.write_ins.places > 0) {
        for key in option.keys() {
            let first = *keys.entry(key).or_insert(i);
            if first != i {
                let expected = format!(
                    "a name that {path}[{first}] has in no language, nor as its id, where names can be written in"
                );
                mistakes.add(ManifestError::new(format!("{path}[{i}]"), &option.name, expected))
            }
        }
    }
}

pub(super) fn check_grades(
    path: &str,
    grades: &[Text],
    languages: Languages<'_>,
    mistakes: &mut Mistakes,
) {
    let mut names = Distinct::new();
    for (i, grade) in grades.iter().enumerate() {
        let path = format!("{path}[{i}]");
        languages.check(&path, grade, MAX_NAME, mistakes);
        names.take_text(languages, 0, &path, grade, mistakes);
    }
}

/// Nobody takes a mark for another one, or for an option.
pub(super) fn check_mark_names(
    path: &str,
    Contest { options, marks, .. }: &Contest,
    languages: Languages<'_>,
    mistakes: &mut Mistakes,
) {
    let [mut names, mut ids] = [Distinct::new(), Distinct::new()];
    for (i, ContestOption { name, detail, .. }) in options.iter().enumerate() {
        for language in languages_of([name].into_iter().chain(detail)) {
            let [name, beside] = [Some(name), detail.as_ref()]
                .map(|text| text.map_or("", |text| text.in_language(language.unwrap_or(0))));
            // What options have in common is said where they are checked.
            let _ = names.take_in(language, 0, format!("options[{i}]"), name, beside);
        }
    }
    for (i, CountedMark { id, name, valid: _ }) in marks.iter().enumerate() {
        let is_id = name.is_always(id);
        let path = format!("{path}[{i}].name");
        if !is_id {
            languages.check(&path, name, MAX_NAME, mistakes);
        }
        // An id that is there twice is found as that.
        if ids.take(0, String::new(), id).is_ok() || !is_id {
            names.take_text(languages, 0, &path, name, mistakes);
        }
    }
}

pub(super) fn check_groups(
    path: &str,
    options: &[ContestOption],
    groups: &[Group],
    languages: Languages<'_>,
    mistakes: &mut Mistakes,
) {
    let list = format!("{path}.groups");
    // A group that could not be read may be the one that is meant.
    let known = !mistakes.at(&list);
    if groups.len() > MAX_GROUPS {
        let (value, expected) = (groups.len(), format!("at most {MAX_GROUPS} groups"));
        return mistakes.add(ManifestError::new(list, value, expected));
    }
    let options_by_id: BTreeMap<String, usize> =
        options.iter().enumerate().rev().map(|(i, option)| (normalise(&option.id), i)).collect();
    let mut names = Distinct::new();
    let mut ids = BTreeMap::new();
    for (i, Group { id, name }) in groups.iter().enumerate() {
        let here = format!("{list}[{i}].id");
        mistakes.take(check_id(&here, id));
        mistakes.take(check_once(&mut ids, id, here.clone()));
        if let Some(option) = options_by_id.get(&normalise(id)) {
            let expected = format!("an id that is no id of an option, as options[{option}] has it");
            mistakes.add(ManifestError::new(&here, id, expected))
        }
        let (wrong, here) = (mistakes.at(&here), format!("{list}[{i}].name"));
        if !name.is_always(id) || !wrong {
            languages.check(&here, name, MAX_NAME, mistakes);
            names.take_text(languages, 0, &here, name, mistakes);
        }
    }
    for (i, option) in options.iter().enumerate() {
        let mut once = BTreeMap::new();
        for (j, group) in option.groups.iter().enumerate() {
            let here = format!("{path}.options[{i}].groups[{j}]");
            if known && !ids.contains_key(group) {
                let expected = "the id of one of the contest's groups";
                mistakes.add(ManifestError::new(&here, group, expected))
            }
            mistakes.take(check_once(&mut once, group, here));
        }
    }
}

pub(super) fn check_once<'a>(
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
