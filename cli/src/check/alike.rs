//! Warnings about names that look like others. A manifest with them is valid, since the tables change with Unicode, and "I" and "l"
//! are letters of names.

use std::collections::BTreeMap;
use tabella::Manifest;
use unicode_security::{MixedScript, skeleton};

/// What to look at again, in each of the manifest's languages.
pub fn warnings(manifest: &Manifest) -> Vec<String> {
    let mut found = Vec::new();
    let languages = manifest.languages();
    let shown: Vec<Manifest> = match languages {
        [] => vec![manifest.clone()],
        _ => languages.iter().filter_map(|language| manifest.shown_in(language)).collect(),
    };
    for manifest in &shown {
        let groups = manifest.groups();
        let trustees =
            groups.split(manifest.trustees()).enumerate().flat_map(|(g, (_, members))| {
                let path = move |i| format!("{}.name", groups.path_of(g, i));
                members.iter().enumerate().map(move |(i, of)| (path(i), of.name.clone()))
            });
        look(&mut found, trustees);
        let named = groups.iter().enumerate().filter(|_| groups.are_named());
        look(&mut found, named.map(|(g, group)| (groups.path(g, "group"), group.name.clone())));
        for (c, contest) in manifest.contests().iter().enumerate() {
            let at = format!("contests[{c}]");
            let options = contest.options.iter().enumerate();
            let path = |i| format!("{at}.options[{i}]");
            look(&mut found, options.map(|(i, option)| (path(i), option.shown())));
            let groups = contest.groups.iter().enumerate();
            let path = |i| format!("{at}.groups[{i}]");
            look(&mut found, groups.map(|(i, group)| (path(i), group.name.to_string())));
        }
    }
    found.dedup();
    found
}

/// Looks for names that look like an earlier one, and for names of several scripts.
fn look(found: &mut Vec<String>, names: impl Iterator<Item = (String, String)>) {
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (path, name) in names {
        if !name.is_single_script() {
            found.push(format!("{path}: '{name}' mixes letters of several scripts"));
        }
        let looks: String = skeleton(&name).collect();
        match known.get(&looks) {
            Some((first, like)) => {
                found.push(format!("{path}: '{name}' looks like '{like}' of {first}"))
            }
            None => _ = known.insert(looks, (path, name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;
    use tabella::{AuthorSecret, Contest};

    #[test]
    fn names_that_look_like_others_are_told() {
        let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        // The second one begins with a Greek letter.
        let contest = Contest::choose_one("c", ["Peter Ott", "Ρeter Ott", "Иван", "Петер Łoś"]);
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(contest)
            .build()
            .unwrap();
        let expected = [
            "contests[0].options[1]: 'Ρeter Ott' mixes letters of several scripts",
            "contests[0].options[1]: 'Ρeter Ott' looks like 'Peter Ott' of contests[0].options[0]",
            "contests[0].options[3]: 'Петер Łoś' mixes letters of several scripts",
        ];
        assert_eq!(warnings(&manifest), expected);
    }
}
