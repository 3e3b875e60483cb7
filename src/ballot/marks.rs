//! Marks on a ballot, as unambiguous text.

use crate::{
    contest::{Unreadable, given::Given},
    text::normalise,
};
use alloc::{string::String, vec::Vec};
use core::fmt::{self, Write};
use unicode_normalization::{char::is_combining_mark, is_nfc};

/// One mark in a contest.
///
/// As text an option of letters alone stands as it is, and every other name in quotes. Within quotes, `"` and `\` are
/// preceded by `\`, and characters that are invisible, or look like something else, are shown by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mark {
    /// An option with its votes or its rank.
    Option {
        /// The option.
        name: String,
        /// What it gets.
        given: Given,
    },
    /// A write-in line with text, votes or a rank.
    WriteIn {
        /// The text: a name, or empty; `None` if it cannot be read.
        name: Option<String>,
        /// What it gets, which can be no votes.
        given: Given,
    },
    /// A mark that goes with no vote.
    Counted {
        /// Its id.
        id: String,
    },
    /// The write-ins or ranks of this contest cannot be read, or a line of them. A ranking then counts as invalid, and so do
    /// the votes of the unreadable lines.
    Unreadable {
        /// The reason.
        reason: Unreadable,
        /// The content instead: the canonical bytes of the elements of the message.
        points: Vec<[u8; 32]>,
    },
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option { name, given } => given.show(f, format_args!("{}", Plain(name))),
            Self::WriteIn { name, given } => {
                match name.as_deref() {
                    None => given.show(f, format_args!("what cannot be read")),
                    Some("") => given.show(f, format_args!("nothing")),
                    Some(name) => given.show(f, format_args!("{}", Quoted(name))),
                }?;
                f.write_str(" (written in)")
            }
            Self::Counted { id } => f.write_str(id),
            Self::Unreadable { reason, points } => {
                write!(f, "what cannot be read ({reason}):")?;
                points.iter().try_for_each(|point| write!(f, " {}", hex::encode(point)))
            }
        }
    }
}

/// A list of marks.
pub(super) struct List<'a>(pub(super) &'a [Mark]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, mark) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{mark}")?;
        }
        Ok(())
    }
}

/// A name that consists of words of letters alone, as it is; any other in quotes.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = *self;
        let is_letter = |c: char| c.is_alphabetic() || c == '-';
        let is_word = |word: &str| !word.is_empty() && word.chars().all(is_letter);
        let shown =
            is_nfc(name) && !is_right_to_left(name) && !hidden(name).any(|(_, hidden)| hidden);
        if name.split(' ').all(is_word) && shown { f.write_str(name) } else { Quoted(name).fmt(f) }
    }
}

/// A name in quotes, with everything in it visible.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name) = *self;
        // Isolated, since otherwise the numbers beside it would seem to belong to others.
        let isolated = is_right_to_left(name);
        f.write_str(if isolated { "\u{2068}\"" } else { "\"" })?;
        let composed = is_nfc(name);
        for (c, hidden) in hidden(name) {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                // Characters that are not composed look as if they were.
                c if hidden || !composed && !c.is_ascii() => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        f.write_str(if isolated { "\"\u{2069}" } else { "\"" })
    }
}

/// Each character, and whether it is invisible in its place: normalisation drops it, or it is a space after a space, or a
/// mark without a letter before it.
fn hidden(text: &str) -> impl Iterator<Item = (char, bool)> {
    text.chars().scan(' ', |before, c| {
        let hidden = match c {
            ' ' => *before == ' ',
            c if c.is_ascii() => c.is_control(),
            c => {
                *before == ' ' && is_combining_mark(c)
                    || normalise(c.encode_utf8(&mut [0; 4])).is_empty()
            }
        };
        *before = c;
        Some((c, hidden))
    })
}

/// Whether there are characters from Unicode's blocks for right-to-left scripts.
fn is_right_to_left(text: &str) -> bool {
    text.contains(|c| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
            || matches!(c, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn names_are_shown_with_all_that_is_in_them() {
        for name in ["yes", "Dora Vale-Smith", "Zo\u{eb}", "Ада", "हिन्दी", "東京"]
        {
            let plain = Plain(name).to_string();
            // Vowel marks are not letters.
            assert!(plain == name || plain == alloc::format!("\"{name}\""), "{plain}");
        }
        assert_eq!(Plain("yes").to_string(), "yes");
        for (name, shown) in [
            ("", r#""""#),
            ("ada 1, ben", r#""ada 1, ben""#),
            ("Proposal 2", r#""Proposal 2""#),
            (r#"a" 1"#, r#""a\" 1""#),
            (r"a\", r#""a\\""#),
            ("a\nb", r#""a\u{a}b""#),
            ("a\u{3164}b", r#""a\u{3164}b""#),
            ("a\u{34f}", r#""a\u{34f}""#),
            ("a\u{fe0f}", r#""a\u{fe0f}""#),
            ("a\u{a0}b", r#""a\u{a0}b""#),
            ("a  b", r#""a \u{20}b""#),
            ("\u{301}a", r#""\u{301}a""#),
            ("Zoe\u{308}", r#""Zoe\u{308}""#),
            ("\u{212b}", r#""\u{212b}""#),
            ("\u{5d0}\u{5d1}", "\u{2068}\"\u{5d0}\u{5d1}\"\u{2069}"),
            ("\u{2068}a\u{2069}", r#""\u{2068}a\u{2069}""#),
        ] {
            assert_eq!(Plain(name).to_string(), shown);
        }
    }
}
