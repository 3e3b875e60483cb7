//! What was counted ballot by ballot, as HTML.

use super::{
    text::opens,
    text::{Number, Text},
};
use crate::{
    contest::Contest,
    count::{
        Count, CountRound, Counting, Decimal, Formula, Judgment, ListsCount, Method, Quota,
        StarRound, Step, TieBreak, Workings,
    },
    tally::Counted,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Display, Formatter};

/// The elected, and how the count went.
pub(super) fn counted(f: &mut Formatter<'_>, contest: &Contest, counted: &Counted) -> fmt::Result {
    let Counted { names_left_out, invalid, count, .. } = counted;
    writeln!(f, "<p class=\"note\">{}</p>", How(&count.counting))?;
    if count.elected.is_empty() {
        f.write_str("<p>Nobody is elected.</p>\n")?;
    } else {
        f.write_str("<p>Elected:</p>\n<ol class=\"elected\">\n")?;
        for name in counted.elected() {
            writeln!(f, "<li><strong>{}</strong></li>", Text(name))?;
        }
        f.write_str("</ol>\n")?;
    }
    if !invalid.is_empty() {
        let (ballots, what) = match invalid.len() {
            1 => ("1 ballot".into(), "is"),
            n => (Number(n as u64).to_string() + " ballots", "are"),
        };
        writeln!(
            f,
            "<p>What is ranked or written in on {ballots} breaks the rule or cannot be read, and {what} not counted.</p>"
        )?;
    }
    if *names_left_out > 0 {
        writeln!(
            f,
            "<p>{} names on the fewest ballots are left out.</p>",
            Number(*names_left_out as u64)
        )?;
    }
    workings(f, contest, counted, count)
}

/// The numbers behind the result.
fn workings(
    f: &mut Formatter<'_>,
    contest: &Contest,
    counted: &Counted,
    count: &Count,
) -> fmt::Result {
    let names = &counted.candidates;
    match &count.workings {
        Workings::Scores(scores) => {
            let title = match count.counting.method {
                Method::Borda => "Points",
                _ => "Votes",
            };
            opens(f, title, names.len())?;
            writeln!(
                f,
                "<thead><tr><th scope=\"col\">Candidate</th><th scope=\"col\">{title}</th></tr></thead>\n<tbody>"
            )?;
            for (name, score) in names.iter().zip(scores) {
                let score = Rounded(*score);
                writeln!(f, "<tr><th scope=\"row\">{}</th><td>{score}</td></tr>", Text(name))?;
            }
            f.write_str("</tbody>\n")?;
        }
        // The totals stand above.
        Workings::Totals { votes: _, too_few, passed_over, open } => {
            for (places, why) in [
                (too_few, "With fewer votes than are needed"),
                (passed_over, "Passed over, as their group is full"),
            ] {
                let names = places.iter().filter_map(|place| names.get(*place));
                let names: Vec<&str> = names.map(String::as_str).collect();
                if !names.is_empty() {
                    writeln!(f, "<p class=\"note\">{why}: {}.</p>", Text(&names.join(", ")))?;
                }
            }
            return seats_open(f, *open);
        }
        Workings::Star { points: _, rounds, open } => {
            seats_open(f, *open)?;
            for StarRound { finalists, preferences } in rounds {
                let [a, b] = finalists.as_slice() else { continue };
                let [above, below] = preferences.as_slice() else { continue };
                let name = |place: &usize| Text(names.get(*place).map_or("", String::as_str));
                writeln!(
                    f,
                    "<p class=\"note\">Run-off: {} prefer {}, {} prefer {}.</p>",
                    Number(*above),
                    name(a),
                    Number(*below),
                    name(b)
                )?;
            }
            return Ok(());
        }
        Workings::Lists { lists, names: _, count } => {
            return seats_of_lists(f, contest, lists, count);
        }
        Workings::Grades { judgments, order, removed: _, open } => {
            seats_open(f, *open)?;
            opens(f, "Median grades, the best first", order.len())?;
            f.write_str("<thead><tr><th scope=\"col\">Option</th><th scope=\"col\">Median, from the best</th><th scope=\"col\">Better</th><th scope=\"col\">Worse</th></tr></thead>\n<tbody>")?;
            for place in order {
                let Some((name, judgment)) = names.get(*place).zip(judgments.get(*place)) else {
                    continue;
                };
                let Judgment { median, better, worse } = *judgment;
                writeln!(
                    f,
                    "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                    Text(name),
                    Number(median as u64 + 1),
                    Number(better),
                    Number(worse)
                )?;
            }
            f.write_str("</tbody>\n")?;
        }
        Workings::Rounds { quota, rounds } => {
            if let Some(quota) = quota {
                writeln!(f, "<p class=\"note\">{} votes elect.</p>", Rounded(*quota))?;
            }
            table_of_rounds(f, counted, rounds)?;
        }
        Workings::Pairwise { preferences, paths: _ } => {
            opens(f, "Ballots that prefer one to another", names.len())?;
            f.write_str("<thead><tr><th scope=\"col\">Candidate</th>")?;
            for name in names {
                write!(f, "<th scope=\"col\">over {}</th>", Text(name))?;
            }
            f.write_str("</tr></thead>\n<tbody>\n")?;
            for (place, (name, row)) in names.iter().zip(preferences).enumerate() {
                write!(f, "<tr><th scope=\"row\">{}</th>", Text(name))?;
                for (other, ballots) in row.iter().enumerate() {
                    match other == place {
                        true => f.write_str("<td>–</td>")?,
                        false => write!(f, "<td>{}</td>", Number(*ballots))?,
                    }
                }
                f.write_str("</tr>\n")?;
            }
            f.write_str("</tbody>\n")?;
        }
    }
    f.write_str("</table></div></details>\n")
}

fn seats_of_lists(
    f: &mut Formatter<'_>,
    contest: &Contest,
    votes: &[u64],
    count: &ListsCount,
) -> fmt::Result {
    seats_open(f, count.open)?;
    f.write_str("<div class=\"scroll\"><table><thead><tr><th scope=\"col\">List</th><th scope=\"col\">Votes</th><th scope=\"col\">Seats</th></tr></thead>\n<tbody>\n")?;
    let lists = contest.groups.iter().zip(votes).zip(&count.seats).enumerate();
    for (place, ((list, votes), seats)) in lists {
        let below = if count.below.contains(&place) { " (below the threshold)" } else { "" };
        writeln!(
            f,
            "<tr><th scope=\"row\">{}{below}</th><td>{}</td><td>{}</td></tr>",
            Text(&list.name),
            Number(*votes),
            Number(*seats as u64)
        )?;
    }
    f.write_str("</tbody>\n</table></div>\n")
}

fn seats_open(f: &mut Formatter<'_>, open: usize) -> fmt::Result {
    if open == 0 {
        return Ok(());
    }
    writeln!(f, "<p class=\"note\">Seats that stay open: {}.</p>", Number(open as u64))
}

/// One line for each candidate, one column for each round.
fn table_of_rounds(f: &mut Formatter<'_>, counted: &Counted, rounds: &[CountRound]) -> fmt::Result {
    let names = &counted.candidates;
    let name = |place: usize| Text(names.get(place).map_or("", String::as_str));
    opens(f, "Rounds", rounds.len())?;
    f.write_str("<thead><tr><th scope=\"col\">Candidate</th>")?;
    for number in 1..=rounds.len() {
        write!(f, "<th scope=\"col\">Round {number}</th>")?;
    }
    f.write_str("</tr></thead>\n<tbody>\n")?;
    for (place, candidate) in names.iter().enumerate() {
        write!(f, "<tr><th scope=\"row\">{}</th>", Text(candidate))?;
        for round in rounds {
            let total = Rounded(round.totals.get(place).copied().unwrap_or_default());
            match round.elected.contains(&place) {
                true => write!(f, "<td><strong>{total}</strong></td>")?,
                false => write!(f, "<td>{total}</td>")?,
            }
        }
        f.write_str("</tr>\n")?;
    }
    f.write_str("<tr><th scope=\"row\">(no candidate left)</th>")?;
    for round in rounds {
        write!(f, "<td>{}</td>", Rounded(round.exhausted))?;
    }
    if let Method::Stv { .. } = counted.count.counting.method {
        f.write_str("</tr>\n<tr><th scope=\"row\">(lost to rounding)</th>")?;
        for round in rounds {
            write!(f, "<td>{}</td>", Rounded(round.lost))?;
        }
    }
    f.write_str("</tr>\n</tbody>\n<tfoot><tr><th scope=\"row\">Then</th>")?;
    for round in rounds {
        f.write_str("<td>")?;
        match &round.step {
            Some(Step::Surplus { candidate, surplus }) => {
                write!(f, "{} passes on {}", name(*candidate), Rounded(*surplus))?;
            }
            Some(Step::Elimination { candidate }) => write!(f, "{} is out", name(*candidate))?,
            None => f.write_str("–")?,
        }
        f.write_str("</td>")?;
    }
    f.write_str("</tr></tfoot>\n")
}

/// The counting method as a sentence.
struct How<'a>(&'a Counting);

impl Display for How<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Counting { method, seats, tie_break } = self.0;
        f.write_str(match method {
            Method::Plurality => "Most votes win",
            Method::InstantRunoff => "Instant run-off",
            Method::Stv { quota: Quota::Droop, places: _ } => {
                "Single transferable vote, Droop quota"
            }
            Method::Stv { quota: Quota::Hare, places: _ } => "Single transferable vote, Hare quota",
            Method::MajorityJudgment => "Majority judgment",
            Method::Schulze => "Schulze method",
            Method::Star => "STAR, score then automatic run-off",
            Method::Lists { formula: Formula::DHondt, .. } => "Lists, by d’Hondt",
            Method::Lists { formula: Formula::SainteLague, .. } => "Lists, by Sainte-Laguë",
            Method::Lists { formula: Formula::Hare, .. } => {
                "Lists, by Hare’s quota and largest remainders"
            }
            Method::Borda => "Borda count",
        })?;
        if let Method::Stv { quota: _, places } = method {
            let s = if *places == 1 { "" } else { "s" };
            write!(f, ", rounded down to {places} decimal place{s}")?;
        }
        write!(f, "; {seats} seat{}", if *seats == 1 { "" } else { "s" })?;
        f.write_str(match tie_break {
            TieBreak::Order => "; ties go to the candidate listed first.",
            TieBreak::Backwards => "; ties go to the candidate who had more in an earlier round.",
            TieBreak::Lot => "; ties are broken by lot.",
            TieBreak::Open => "; a seat that equals would have to share stays open.",
        })
    }
}

/// A number rounded to two decimals, unless it is whole; the exact number is its tooltip.
struct Rounded(Decimal);

impl Display for Rounded {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.whole().map(u64::try_from) {
            Some(Ok(number)) => Number(number).fmt(f),
            Some(Err(_)) => self.0.fmt(f),
            None if self.0.places() <= 2 => self.0.fmt(f),
            None => write!(f, "<span title=\"{}\">{}</span>", self.0, self.0.rounded(2)),
        }
    }
}
