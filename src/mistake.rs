//! Mistakes of a manifest: where they are and what would be right, all of them at once. What may stand in ids, names and titles,
//! and which of them are the same to those who read them.

use crate::text::{Number, Seen, Text, marked, normalise};
use alloc::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{fmt, iter::once, ops::Deref};

/// Longest id, in bytes, all ASCII.
pub(crate) const MAX_ID: usize = 64;
/// Longest name of a person, a place or an option, in bytes: 71 Thai letters are 213.
pub(crate) const MAX_NAME: usize = 400;
/// Longest detail beside a name, in bytes.
pub(crate) const MAX_DETAIL: usize = 200;
/// Longest title, in bytes.
pub(crate) const MAX_TITLE: usize = 1_000;
/// Longest question, in bytes.
pub(crate) const MAX_QUESTION: usize = 10_000;
/// Most languages.
pub(crate) const MAX_LANGUAGES: usize = 64;

/// A mistake in a manifest: where it is, what stands there and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The field, for example `contests[3].options[1]`; lists count from 0.
    pub path: String,
    /// What stands there, shortened; empty if nothing does.
    pub value: String,
    /// What would be right.
    pub expected: String,
}

impl Mistake {
    /// Longest value that is shown, in characters.
    const SHOWN: usize = 120;
}

impl fmt::Display for Mistake {
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

/// What is wrong with a manifest: one mistake or several, in the order in which they were found. The fields of the first can be read
/// from the error itself. As text it has a line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    first: Mistake,
    others: Vec<Mistake>,
    /// Whether there are more.
    more: bool,
}

impl ManifestError {
    pub(crate) fn new(
        path: impl fmt::Display,
        value: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        let mut value = format!("{value}");
        if let Some((end, _)) = value.char_indices().nth(Mistake::SHOWN) {
            value.truncate(end);
            value.push('…');
        }
        let first = Mistake { path: format!("{path}"), value, expected: format!("{expected}") };
        Self { first, others: Vec::new(), more: false }
    }

    /// The same, which also explains why nothing is at this path.
    #[cfg(feature = "serde")]
    pub(crate) fn instead_of(mut self, path: String) -> Self {
        self.others.push(Mistake { path, value: String::new(), expected: String::new() });
        self
    }

    /// The mistakes, at most 100 of them.
    pub fn mistakes(&self) -> impl Iterator<Item = &Mistake> {
        once(&self.first).chain(&self.others)
    }
}

impl Deref for ManifestError {
    type Target = Mistake;

    fn deref(&self) -> &Mistake {
        &self.first
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.fmt(f)?;
        self.others.iter().try_for_each(|mistake| write!(f, "\n{mistake}"))?;
        if self.more { f.write_str("\nand more") } else { Ok(()) }
    }
}

impl core::error::Error for ManifestError {}

/// Mistakes that are collected, none of them inside another one.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    kept: Vec<Mistake>,
    /// Where something else stands because of one of these.
    known: Vec<String>,
    /// Whether there are more than are kept.
    more: bool,
}

impl Mistakes {
    /// So many are kept.
    const MOST: usize = 100;

    /// What was found. Of what was not, the mistakes are kept, and a default stands in its place.
    pub(crate) fn take<T: Default>(&mut self, found: Result<T, ManifestError>) -> T {
        found.unwrap_or_else(|error| {
            self.add(error);
            T::default()
        })
    }

    /// Keeps mistakes.
    pub(crate) fn add(&mut self, ManifestError { first, others, more }: ManifestError) {
        self.more |= more;
        for mistake in once(first).chain(others) {
            // What is in something that is wrong, or stands in its place, follows from that.
            let mut known = self.kept.iter().map(|known| &known.path).chain(&self.known);
            if known.any(|known| is_in(&mistake.path, known)) {
                continue;
            }
            match (mistake.expected.is_empty(), self.kept.len() < Self::MOST) {
                (true, true) => self.known.push(mistake.path),
                (false, true) => self.kept.push(mistake),
                (_, false) => self.more = true,
            }
        }
    }

    /// Makes a check, unless there is a mistake in what it rests on: what follows from a mistake is not another one.
    pub(crate) fn check(
        &mut self,
        needs: &[&str],
        check: impl FnOnce() -> Result<(), ManifestError>,
    ) {
        if !needs.iter().any(|path| self.at(path)) {
            self.take(check());
        }
    }

    /// Whether there is a mistake at this path, or in what is there.
    pub(crate) fn at(&self, path: &str) -> bool {
        let mut known = self.kept.iter().map(|mistake| &mistake.path).chain(&self.known);
        known.any(|known| is_in(known, path))
    }

    /// Whether the id of something in this list may not be known.
    pub(crate) fn hides_id(&self, list: &str) -> bool {
        let known = self.kept.iter().map(|mistake| &mistake.path).chain(&self.known);
        known.filter_map(|path| path.strip_prefix(list)).any(|rest| {
            let item = rest.strip_suffix(".id").unwrap_or(rest);
            item.is_empty() || item.starts_with('[') && !item.contains('.')
        })
    }

    /// An error if there is a mistake.
    pub(crate) fn end(self) -> Result<(), ManifestError> {
        let mut kept = self.kept.into_iter();
        let Some(first) = kept.next() else { return Ok(()) };
        Err(ManifestError { first, others: kept.collect(), more: self.more })
    }
}

/// Whether a path is the other one, or leads on from there.
fn is_in(path: &str, whole: &str) -> bool {
    let rest = path.strip_prefix(whole);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

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

/// A text in the languages of a manifest.
#[derive(Clone, Copy)]
pub(crate) struct Languages<'a>(pub(crate) &'a [String]);

impl<'a> Languages<'a> {
    /// Checks a text in each language.
    pub(crate) fn check(self, path: &str, text: &Text, most: usize, mistakes: &mut Mistakes) {
        let (n, names) = (text.strings().len(), self.0.join(", "));
        if n != 1 && n != self.0.len() {
            let expected = match self.0 {
                [] => "one text, as there are no 'languages'".into(),
                _ => format!("one text for all languages, or one for each of {names}"),
            };
            let value = if n == 0 { String::new() } else { format!("{n} texts") };
            return mistakes.add(ManifestError::new(path, value, expected));
        }
        for (place, string) in text.strings().iter().enumerate() {
            let language = (n > 1).then_some(place);
            mistakes.take(check_text(&self.path(path, language), string, most));
        }
    }

    /// The path of a text in a language, or in all.
    pub(crate) fn path(self, path: &str, language: Option<usize>) -> String {
        match language.and_then(|place| self.0.get(place)) {
            Some(language) => format!("{path}.{language}"),
            None => path.into(),
        }
    }
}

/// The languages in which these texts, which are shown together, differ; `None` alone if they are the same in all.
pub(crate) fn languages_of<'a>(
    texts: impl IntoIterator<Item = &'a Text>,
) -> impl Iterator<Item = Option<usize>> {
    let most = texts.into_iter().map(|text| text.strings().len()).max().unwrap_or(0);
    let all = if most <= 1 { 1 } else { 0 };
    (0..all).map(|_| None).chain((0..most).filter(move |_| all == 0).map(Some))
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

/// Names that must not be the same when they are normalised, within groups, in any language.
pub(crate) struct Distinct<'a, G>(BTreeMap<(G, String), Vec<Taken<'a>>>);

/// A name that is taken, in one language or in all.
struct Taken<'a> {
    language: Option<usize>,
    path: String,
    /// As it is shown, with a detail in brackets.
    name: Cow<'a, str>,
}

impl<'a, G: Ord> Distinct<'a, G> {
    pub(crate) fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Takes one more name, the same in all languages.
    pub(crate) fn take(
        &mut self,
        group: G,
        path: String,
        name: &'a str,
    ) -> Result<(), ManifestError> {
        self.take_in(None, group, path, name, "")
    }

    /// Takes one more name in a language, or in all, with what is shown beside it.
    pub(crate) fn take_in(
        &mut self,
        language: Option<usize>,
        group: G,
        path: String,
        name: &'a str,
        detail: &str,
    ) -> Result<(), ManifestError> {
        let shown: Cow<'a, str> =
            if detail.is_empty() { name.into() } else { format!("{name} ({detail})").into() };
        let taken = self.0.entry((group, normalise(&shown))).or_default();
        let meets = |known: &&Taken<'_>| {
            known.language.is_none() || language.is_none() || known.language == language
        };
        if let Some(Taken { path: first, name: other, .. }) = taken.iter().find(meets) {
            let what = if detail.is_empty() { "a name" } else { "a name with its detail" };
            let expected = own(what, first, other, &shown);
            return Err(ManifestError::new(path, name, expected));
        }
        taken.push(Taken { language, path, name: shown });
        Ok(())
    }
}

impl<'a> Distinct<'a, usize> {
    /// Takes one more name in each language, by its group.
    pub(crate) fn take_text(
        &mut self,
        languages: Languages<'_>,
        group: usize,
        path: &str,
        name: &'a Text,
        mistakes: &mut Mistakes,
    ) {
        for language in languages_of([name]) {
            let string = name.in_language(language.unwrap_or(0));
            let path = languages.path(path, language);
            mistakes.take(self.take_in(language, group, path, string, ""));
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
