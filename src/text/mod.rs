//! Text that people read: in each language, and what of it cannot be seen.
//!
//! The lists are those of docs/spec/manifest.md, "What cannot be seen".

mod each;
mod unassigned;

pub use each::Text;
pub(crate) use unassigned::is_unassigned;

use alloc::string::String;
use core::fmt::{self, Display, Formatter, Write};
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

/// Whether nobody sees a character, or nobody knows what it looks like: control characters, separators of lines, marks of
/// direction, Unicode's Default_Ignorable_Code_Point, what has an empty glyph, and what is for private use or for nothing, as of
/// Unicode 14.0.
///
/// Joiners and variation selectors are among them. Where they change what is beside them they can stand: see [`marked`].
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control() || is_ignorable(c) || is_empty(c) || is_private(c) || is_unassigned(c)
}

/// Unicode's Default_Ignorable_Code_Point: what is not to be seen where it is not supported.
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
    ) || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(c, '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What Unicode does not call ignorable, and shows nothing all the same: separators of lines, the empty pattern of Braille,
/// marks of annotations and objects, controls and blanks of hieroglyphs, a note without a head.
fn is_empty(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{2800}' | '\u{fff9}'..='\u{fffc}')
        || matches!(c, '\u{13430}'..='\u{13442}' | '\u{1d159}')
}

/// What means nothing to anybody else: private use, and what is no character.
fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..='\u{10ffff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Each character, and whether it cannot be seen where it stands. A joiner can stand between letters that it shapes or
/// pictographs that it joins, and a variation selector behind what it varies.
pub(crate) fn marked(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut rest = text.chars();
    // What stands before, and what before any variation selectors.
    let (mut before, mut base) = (None, None);
    core::iter::from_fn(move || {
        let c = rest.next()?;
        let after = rest.clone().next();
        let shapes = match c {
            '\u{200c}' | '\u{200d}' => joins(base, c, after),
            _ => varies(before, c, after),
        };
        before = Some(c);
        if !is_selector(c) {
            base = Some(c);
        }
        Some((c, is_invisible(c) && !shapes))
    })
}

/// Whether a joiner (U+200C, U+200D) changes what stands on both sides of it.
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (Some(before), after) = (before, after.unwrap_or(' ')) else { return false };
    let emoji = joiner == '\u{200d}' && is_pictograph(before) && is_pictograph(after);
    // A virama waits for what follows, also at the end of a word.
    let virama = canonical_combining_class(before) == 9;
    emoji || is_shaped(before) && (is_shaped(after) || virama)
}

/// Whether a variation selector or its like changes what stands before it.
fn varies(before: Option<char>, selector: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    match selector {
        '\u{fe0e}' | '\u{fe0f}' => {
            let key = matches!(before, '0'..='9' | '#' | '*');
            is_pictograph(before) || key && after == Some('\u{20e3}')
        }
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => is_mongolian(before),
        '\u{180e}' => is_mongolian(before) && after.is_some_and(is_mongolian),
        _ => false,
    }
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Scripts whose letters change their shape with their neighbours, from Arabic to Myanmar and their like elsewhere.
fn is_shaped(c: char) -> bool {
    let block = matches!(c, '\u{600}'..='\u{109f}' | '\u{1700}'..='\u{1cff}' | '\u{a800}'..='\u{abff}')
        || matches!(c, '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}');
    block && !is_invisible(c)
}

fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1820}'..='\u{18aa}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
        || matches!(c, '\u{20000}'..='\u{3fffd}')
}

/// Blocks in which emoji are.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}')
        || matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{24ff}')
        || matches!(c, '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}')
        || matches!(
            c,
            '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}'
        )
}

/// Text in which what cannot be seen is shown by its number.
pub(crate) struct Seen<'a>(pub(crate) &'a str);

impl Display for Seen<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        marked(self.0).try_for_each(|(c, unseen)| {
            if unseen { write!(f, "[{}]", Number(c)) } else { f.write_char(c) }
        })
    }
}

/// A character by its number, as Unicode writes it.
pub(crate) struct Number(pub(crate) char);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "U+{:04X}", u32::from(self.0))
    }
}

/// A name as names are compared: in Unicode's form NFKC and in lower case, with one space where white space is and
/// without characters that cannot be seen.
///
/// ```
/// use tabella::count::normalise;
///
/// assert_eq!(normalise("  Ａｄａ\u{200b}\u{a0} LOVELACE\n"), "ada lovelace");
/// assert_eq!(normalise("Zoe\u{308}"), normalise("ZOË"));
/// ```
pub fn normalise(text: &str) -> String {
    let mut text = String::from(text);
    loop {
        let next = step(&text);
        if next == text {
            return text;
        }
        text = next;
    }
}

/// One pass. Where characters go, others can come together and compose, and what composes can have another case: hence
/// the loop above.
fn step(text: &str) -> String {
    // Where it stands at the end of a word, the lower case of sigma is another letter.
    let sigma = |c: char| if c == 'ς' { 'σ' } else { c };
    // What is new to Unicode is not known to everybody who counts, and goes before its forms could matter.
    let known = text.chars().filter(|c| !is_unassigned(*c));
    let kept = known.nfkc().flat_map(char::to_lowercase).map(sigma).nfkc();
    let kept: String = kept
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .collect();
    let mut out = String::with_capacity(kept.len());
    for word in kept.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString};

    #[test]
    fn names_in_all_scripts_and_emoji_are_seen() {
        for text in [
            "Zoë",
            "Zoe\u{308}",
            "Émilie O’Brien-Sørensen",
            // Persian and Urdu words that need the non-joiner, Hindi, Bengali, Malayalam and Sinhala ones that need a joiner.
            "می\u{200c}خواهم",
            "علی\u{200c}رضا",
            "क्\u{200d}ष",
            "श्री\u{200c}मान",
            "র\u{200d}\u{9cd}যাব",
            "അവന്\u{200d}",
            "ශ්\u{200d}රී ලංකා",
            "❤\u{fe0f} for all",
            "©\u{fe0e} 1️\u{20e3} #\u{fe0f}\u{20e3}",
            "👩\u{200d}💻 👩🏽\u{200d}🚀",
            "🏳\u{fe0f}\u{200d}🌈 👁\u{fe0f}\u{200d}🗨\u{fe0f}",
            "葛\u{e0100}城",
            "山田　太郎",
            "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ ᠭ\u{180b}",
            "Oui\u{202f}!",
            "שָׁלוֹם",
            "ไทย ខ្មែរ မြန်မာ",
        ] {
            let unseen: alloc::vec::Vec<_> = marked(text).filter(|(_, unseen)| *unseen).collect();
            assert!(unseen.is_empty(), "{text}: {unseen:x?}");
            assert_eq!(Seen(text).to_string(), text);
        }
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_number() {
        for (text, shown) in [
            ("Yes\u{3164}", "Yes[U+3164]"),
            ("Yes\u{34f}", "Yes[U+034F]"),
            ("Yes\u{e0041}", "Yes[U+E0041]"),
            ("Yes\u{fe0f}", "Yes[U+FE0F]"),
            ("\u{fe0f}❤", "[U+FE0F]❤"),
            ("❤\u{fe0f}\u{fe0f}", "❤\u{fe0f}[U+FE0F]"),
            ("1\u{fe0f}", "1[U+FE0F]"),
            ("葛\u{e0100}\u{e0101}", "葛\u{e0100}[U+E0101]"),
            ("Y\u{200d}es", "Y[U+200D]es"),
            ("Zoë\u{200c}", "Zoë[U+200C]"),
            ("Да\u{200d}", "Да[U+200D]"),
            ("مرد\u{200c}", "مرد[U+200C]"),
            ("مر\u{200c}\u{200c}د", "مر[U+200C][U+200C]د"),
            ("👩\u{200d}", "👩[U+200D]"),
            ("👩\u{200c}💻", "👩[U+200C]💻"),
            ("🏴\u{e0067}\u{e007f}", "🏴[U+E0067][U+E007F]"),
            ("\u{2800}", "[U+2800]"),
            ("a\u{2028}b\n\u{85}\u{7f}", "a[U+2028]b[U+000A][U+0085][U+007F]"),
            ("\u{202e}abc\u{200b}", "[U+202E]abc[U+200B]"),
            ("\u{fff9}\u{fffc}\u{13441}\u{1d159}", "[U+FFF9][U+FFFC][U+13441][U+1D159]"),
            ("\u{e000}\u{fdd0}\u{ffff}\u{10fffd}", "[U+E000][U+FDD0][U+FFFF][U+10FFFD]"),
            ("ᠭ\u{180e}", "ᠭ[U+180E]"),
        ] {
            assert_eq!(Seen(text).to_string(), shown);
        }
    }

    /// So a name without what cannot be seen is never empty when it is normalised.
    #[test]
    fn what_is_seen_stays_when_it_is_normalised() {
        for c in (char::MIN..=char::MAX).filter(|c| !c.is_whitespace()) {
            assert_eq!(normalise(&c.to_string()).is_empty(), is_invisible(c), "{c:?}");
            let between = normalise(&format!("x{c}x"));
            assert_eq!(between == "xx", is_invisible(c), "{c:?}");
        }
    }
}
