//! Mistakes of a manifest: where they are and what would be right. What may stand in ids, names and titles, and which of them
//! are the same to those who read them.

use crate::text::{Number, Seen, marked, normalise};
use alloc::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

/// Longest id, in bytes, all ASCII.
pub(crate) const MAX_ID: usize = 64;
/// Longest name of a person, a place or an option, in bytes.
pub(crate) const MAX_NAME: usize = 200;
/// Longest title, in bytes.
pub(crate) const MAX_TITLE: usize = 1_000;
/// A mistake in a manifest: where it is, what stands there and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The field, for example `contests[3].options[1]`; lists count from 0.
    pub path: String,
    /// What stands there, shortened; empty if nothing does.
    pub value: String,
    /// What would be right.
    pub expected: String,
}

impl ManifestError {
    /// Longest value that is shown, in characters.
    const SHOWN: usize = 120;

    pub(crate) fn new(
        path: impl fmt::Display,
        value: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        let mut value = format!("{value}");
        if let Some((end, _)) = value.char_indices().nth(Self::SHOWN) {
            value.truncate(end);
            value.push('…');
        }
        Self { path: format!("{path}"), value, expected: format!("{expected}") }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, value, expected } = self;
        // What cannot be seen is shown by its number, or else the message would hide the mistake.
        let (path, expected) = (Seen(path), Seen(expected));
        if value.is_empty() {
            return write!(f, "{path}: nothing given — expected {expected}");
        }
        write!(f, "{path}: '{}' — expected {expected}", Seen(value))
    }
}

impl core::error::Error for ManifestError {}

/// Most characters of a difference that are told.
const TOLD: usize = 4;

/// Text that people read. They must see all that is in it.
pub(crate) fn check_text(path: &str, text: &str, most: usize) -> Result<(), ManifestError> {
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
pub(crate) struct Distinct<'a, G>(BTreeMap<(G, String), (String, &'a str)>);

impl<'a, G: Ord> Distinct<'a, G> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes one more name.
    pub(crate) fn take(
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

/// What would be right instead of `name`, which is the same as `other` at `first` when both are normalised.
pub(crate) fn own(what: &str, first: &str, other: &str, name: &str) -> String {
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

pub(crate) fn number(path: &str, value: u64, least: u64, most: u64) -> Result<(), ManifestError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let expected =
        if least == most { format!("{least}") } else { format!("a number from {least} to {most}") };
    Err(ManifestError::new(path, value, expected))
}

pub(crate) fn check_id(path: &str, id: &str) -> Result<(), ManifestError> {
    let allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    if (1..=MAX_ID).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(ManifestError::new(
        path,
        id,
        format!("1 to {MAX_ID} characters of a-z, 0-9, '-', '_', '.'"),
    ))
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
