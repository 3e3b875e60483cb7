//! A text in each language.

use alloc::{string::String, vec, vec::Vec};
use core::{
    fmt::{self, Debug, Display, Formatter},
    ops::Deref,
};

/// What people read: one string for all languages of an election, or one for each in the order of
/// [`Manifest::languages`](crate::Manifest::languages).
///
/// As a `str` it is the string in the language in which it is shown, which is the first unless
/// [`Manifest::shown_in`](crate::Manifest::shown_in) made the manifest.
///
/// ```
/// use tabella::contest::Text;
///
/// let text = Text::each(["Vorstand", "Comité"]);
/// assert_eq!((text.as_str(), text.in_language(1)), ("Vorstand", "Comité"));
/// assert_eq!(Text::from("Board").in_language(1), "Board");
/// ```
#[derive(Clone, Default)]
pub struct Text {
    strings: Vec<String>,
    /// The place of the one that is shown. It is no part of what the text is.
    shown: usize,
}

impl Text {
    /// One string for each language.
    pub fn each(strings: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { strings: strings.into_iter().map(Into::into).collect(), shown: 0 }
    }

    /// The string for all languages, or those for each.
    pub fn strings(&self) -> &[String] {
        &self.strings
    }

    /// The string in the language that is shown.
    pub fn as_str(&self) -> &str {
        self.in_language(self.shown)
    }

    /// The string in a language, by its place among those of the manifest.
    pub fn in_language(&self, place: usize) -> &str {
        let one = if let [one] = self.strings.as_slice() { Some(one) } else { None };
        one.or_else(|| self.strings.get(place)).map(String::as_str).unwrap_or_default()
    }

    /// Shows it in this language from now on.
    pub(crate) fn show_in(&mut self, place: usize) {
        self.shown = place;
    }

    /// Whether it is this one string in all languages.
    pub(crate) fn is_always(&self, string: &str) -> bool {
        matches!(self.strings.as_slice(), [one] if one == string)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self.as_str(), f)
    }
}

impl Debug for Text {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.strings.as_slice() {
            [one] => Debug::fmt(one, f),
            each => Debug::fmt(each, f),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.strings == other.strings
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl From<String> for Text {
    fn from(string: String) -> Self {
        Self { strings: vec![string], shown: 0 }
    }
}

impl From<&str> for Text {
    fn from(string: &str) -> Self {
        Self::from(String::from(string))
    }
}

impl From<&String> for Text {
    fn from(string: &String) -> Self {
        Self::from(string.clone())
    }
}
