//! Text, numbers and bars as HTML.

use crate::text::{Number as Code, marked};
use core::fmt::{self, Display, Formatter, Write};

/// Text of the record, isolated so that its language and direction do not affect the text around it.
pub(super) struct Text<'a>(pub(super) &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"<bdi lang="">{}</bdi>"#, Escaped(self.0))
    }
}

/// Any text, escaped for HTML. Invisible characters are shown by their code.
pub(super) struct Escaped<T>(pub(super) T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Escape(f), "{}", self.0)
    }
}

struct Escape<'a, 'f>(&'a mut Formatter<'f>);

impl Write for Escape<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        marked(text).try_for_each(|(c, unseen)| match c {
            '&' => self.0.write_str("&amp;"),
            '<' => self.0.write_str("&lt;"),
            '>' => self.0.write_str("&gt;"),
            '"' => self.0.write_str("&quot;"),
            '\'' => self.0.write_str("&#39;"),
            c if unseen => write!(self.0, "[{}]", Code(c)),
            c => self.0.write_char(c),
        })
    }
}

/// A number with narrow spaces between its thousands.
pub(super) struct Number(pub(super) u64);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut thousands = 1;
        while self.0 / thousands >= 1000 {
            thousands *= 1000;
        }
        write!(f, "{}", self.0 / thousands)?;
        while thousands > 1 {
            thousands /= 1000;
            write!(f, "\u{202f}{:03}", self.0 / thousands % 1000)?;
        }
        Ok(())
    }
}

/// A part of a whole in percent; a dash if there is no whole.
#[derive(Clone, Copy)]
pub(super) struct Percent(pub(super) u64, pub(super) u64);

impl Percent {
    fn value(self) -> f64 {
        if self.1 == 0 { 0.0 } else { 100.0 * self.0 as f64 / self.1 as f64 }
    }
}

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.1 == 0 { f.write_str("–") } else { write!(f, "{:.1}\u{202f}%", self.value()) }
    }
}

/// A bar as long as a part of a whole, with these words for screen readers.
pub(super) struct Bar<T>(pub(super) Percent, pub(super) T);

impl<T: Display> Display for Bar<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (width, words) = (self.0.value().min(100.0), Escaped(&self.1));
        write!(
            f,
            r#"<svg class="bar" role="img" aria-label="{words}" viewBox="0 0 100 1" preserveAspectRatio="none"><rect class="track" width="100" height="1"/><rect width="{width:.2}" height="1"/></svg>"#
        )
    }
}

/// A hash in groups that are easy to compare. It is copied as one word.
pub(super) struct Groups<'a>(pub(super) &'a str);

impl Display for Groups<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(r#"<code class="hash">"#)?;
        let mut rest = self.0;
        while let Some((group, tail)) =
            rest.split_at_checked(8).filter(|(_, tail)| !tail.is_empty())
        {
            write!(f, "<span>{}</span><wbr>", Escaped(group))?;
            rest = tail;
        }
        write!(f, "<span>{}</span></code>", Escaped(rest))
    }
}

/// Longer tables are folded at first.
const SHORT: usize = 12;

/// The beginning of a table of `lines` lines: unfolded if it is short, and as wide as it needs to be.
pub(super) fn opens(f: &mut Formatter<'_>, title: &str, lines: usize) -> fmt::Result {
    let open = if lines > SHORT { "" } else { " open" };
    writeln!(
        f,
        "<details{open}><summary>{title} ({})</summary>\n<div class=\"scroll\" role=\"region\" aria-label=\"{title}\" tabindex=\"0\"><table class=\"numbers\">",
        Number(lines as u64)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_have_their_thousands_apart() {
        let text = |n: u64| Number(n).to_string().replace('\u{202f}', "_");
        assert_eq!(
            [text(0), text(999), text(1000), text(1_002_003)],
            ["0", "999", "1_000", "1_002_003"]
        );
        assert_eq!(text(u64::MAX), "18_446_744_073_709_551_615");
        assert_eq!(Percent(1, 3).to_string(), "33.3\u{202f}%");
        assert_eq!(Percent(0, 0).to_string(), "–");
    }

    #[test]
    fn text_means_nothing_to_a_browser() {
        let text = "</bdi><script a=\"b\" c='d'>&amp;\u{202e}\n";
        let safe =
            "&lt;/bdi&gt;&lt;script a=&quot;b&quot; c=&#39;d&#39;&gt;&amp;amp;[U+202E][U+000A]";
        assert_eq!(Escaped(text).to_string(), safe);
    }
}

/// A time in seconds since 1970, as a date and a time of day.
pub(super) struct Utc(pub(super) u64);

impl Display for Utc {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / 86_400, self.0 % 86_400);
        // Years begin in March, so that the leap day is their last day; 400 years have 146,097 days.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u64::from(month <= 2);
        let (hour, minute) = (second / 3_600, second / 60 % 60);
        write!(f, "{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }
}

#[cfg(test)]
mod utc {
    use super::Utc;
    use alloc::string::ToString;

    /// The same as `date --utc`.
    #[test]
    fn times_are_dates() {
        for (time, date) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_735_689_599, "2024-12-31 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(Utc(time).to_string(), date);
        }
    }
}
