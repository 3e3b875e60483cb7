//! Names and titles: what may stand in them, and which are the same to those who read them.

use super::{BallotStyle, Contest, ManifestError, check::MAX_NAME};
use crate::{
    count::normalise,
    text::{Number, marked},
};
use alloc::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// Most characters of a difference that are told.
const TOLD: usize = 4;

/// Text that people read. They must see all that is in it.
pub(super) fn check_text(path: &str, text: &str, most: usize) -> Result<(), ManifestError> {
    let unseen = || marked(text).zip(1..).find(|((_, unseen), _)| *unseen);
    let expected = if !(1..=most).contains(&text.len()) {
        format!("1 to {most} bytes of text")
    } else if text.trim() != text {
        "text without white space at its ends".into()
    } else if let Some(((c, _), place)) = unseen() {
        let number = Number(c);
        format!(
            "text without control characters and what cannot be seen: character {place} is {number}"
        )
    } else {
        return Ok(());
    };
    Err(ManifestError::new(path, text, expected))
}

/// Whether it can be the name of a person.
pub(crate) fn is_name(text: &str) -> bool {
    check_text("name", text, MAX_NAME).is_ok()
}

/// Whether nobody takes one of these for another.
pub(crate) fn all_distinct<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    let mut seen = BTreeSet::new();
    names.into_iter().all(|name| seen.insert(normalise(name)))
}

/// Names that must not be the same when they are normalised, within groups.
pub(super) struct Distinct<'a, G>(BTreeMap<(G, String), (String, &'a str)>);

impl<'a, G: Ord> Distinct<'a, G> {
    pub(super) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes one more name.
    pub(super) fn take(
        &mut self,
        group: G,
        path: String,
        name: &'a str,
    ) -> Result<(), ManifestError> {
        match self.0.entry((group, normalise(name))) {
            Entry::Vacant(place) => {
                place.insert((path, name));
                Ok(())
            }
            Entry::Occupied(first) => {
                let (first, other) = first.get();
                Err(ManifestError::new(path, name, own("a name", first, other, name)))
            }
        }
    }
}

/// The titles of the contests on one ballot are distinct. Others can have the same: a mayor in each town.
pub(super) fn check_titles(
    contests: &[Contest],
    styles: &[BallotStyle],
) -> Result<(), ManifestError> {
    // Equal titles have one number.
    let mut numbers = BTreeMap::new();
    let number_of = |contest: &Contest| {
        let next = numbers.len();
        *numbers.entry(normalise(&contest.title)).or_insert(next)
    };
    let titles: Vec<usize> = contests.iter().map(number_of).collect();
    // The style that had a title last, and the contest.
    let mut last: Vec<Option<(usize, usize)>> = vec![None; titles.len()];
    for (s, style) in styles.iter().enumerate() {
        for c in &style.contests {
            let Some((title, contest)) = titles.get(*c).zip(contests.get(*c)) else { continue };
            let Some(last) = last.get_mut(*title) else { continue };
            if let Some((style, first)) = last.replace((s, *c))
                && style == s
                && let Some(other) = contests.get(first)
            {
                let expected = own(
                    &format!("on styles[{s}] a title"),
                    &format!("contests[{first}].title"),
                    &other.title,
                    &contest.title,
                );
                return Err(ManifestError::new(
                    format!("contests[{c}].title"),
                    &contest.title,
                    expected,
                ));
            }
        }
    }
    Ok(())
}

/// What would be right instead of `name`, which is the same as `other` at `first` when both are normalised.
fn own(what: &str, first: &str, other: &str, name: &str) -> String {
    if name == other {
        return format!("{what} of its own: {first} has this one");
    }
    let (here, there) = difference(name, other);
    format!(
        "{what} of its own: {first} is '{other}', which reads the same; it has {there} where this has {here}"
    )
}

/// What stands between the common beginning and the common end of two texts, by numbers.
fn difference(a: &str, b: &str) -> (String, String) {
    let [a, b] = [a, b].map(|text| text.chars().collect::<Vec<char>>());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let [a, b] = [a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default()];
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let numbers = |text: &[char]| {
        let text = text.get(..text.len().saturating_sub(end)).unwrap_or_default();
        let told: Vec<String> = text.iter().take(TOLD).map(|c| Number(*c).to_string()).collect();
        match (told.is_empty(), text.len() > TOLD) {
            (true, _) => "nothing".into(),
            (_, false) => told.join(" "),
            (_, true) => format!("{} …", told.join(" ")),
        }
    };
    (numbers(a), numbers(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_by_numbers() {
        for (a, b, here, there) in [
            ("Zoe\u{308}", "Zoë", "U+0065 U+0308", "U+00EB"),
            ("Yes", "YES", "U+0065 U+0073", "U+0045 U+0053"),
            ("a\u{a0}b", "a b", "U+00A0", "U+0020"),
            ("a  b", "a b", "U+0020", "nothing"),
            ("❤", "❤\u{fe0f}", "nothing", "U+FE0F"),
            (
                "Ａｄａ Ｌ",
                "Ada L",
                "U+FF21 U+FF44 U+FF41 U+0020 …",
                "U+0041 U+0064 U+0061 U+0020 …",
            ),
            ("aa", "aaa", "nothing", "U+0061"),
        ] {
            assert_eq!(difference(a, b), (here.into(), there.into()), "{a} {b}");
        }
    }
}
