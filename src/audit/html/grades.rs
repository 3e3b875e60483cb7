//! The grades of a contest's options.

use super::text::{Number, Text};
use crate::{contest::Contest, tally::CellOutcome};
use core::fmt::{self, Formatter};

/// A row for each option with how often it got each grade, the best first.
pub(super) fn grades(f: &mut Formatter<'_>, contest: &Contest, whole: &CellOutcome) -> fmt::Result {
    f.write_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Option</th>")?;
    for grade in contest.grades().iter().rev() {
        write!(f, "<th scope=\"col\">{}</th>", Text(grade))?;
    }
    f.write_str("</tr></thead>\n<tbody>\n")?;
    for option in &contest.options {
        write!(f, "<tr><th scope=\"row\">{}</th>", Text(&option.shown()))?;
        for given in whole.grades(&option.id).unwrap_or_default().iter().rev() {
            write!(f, "<td>{}</td>", Number(*given))?;
        }
        f.write_str("</tr>\n")?;
    }
    f.write_str("</tbody>\n</table></div>\n")
}
