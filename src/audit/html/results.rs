//! Results and turnout as HTML.

use super::{
    counted::counted,
    grades::grades,
    text::{Bar, Number, Percent, Text, opens},
};
use crate::{
    contest::{Contest, ContestOption},
    manifest::Manifest,
    tally::{CellOutcome, Counted, Outcome, ShareOf},
};
use alloc::string::ToString;
use core::fmt::{self, Display, Formatter};

pub(super) fn results(f: &mut Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    f.write_str(
        r#"<section>
<h2 id="results">Results</h2>
<p class="note">In bold, the most votes.</p>
<div class="contests">
"#,
    )?;
    let contests = outcome.manifest().contests().iter().enumerate();
    for (place, contest) in contests {
        if let Some(whole) = outcome.whole(place) {
            Results { outcome, contest, place, whole }.fmt(f)?;
        }
    }
    f.write_str("</div>\n</section>\n")
}

/// One contest.
struct Results<'a> {
    outcome: &'a Outcome,
    contest: &'a Contest,
    place: usize,
    whole: CellOutcome,
}

impl Display for Results<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { outcome, contest, place, whole } = self;
        let cells = outcome.cells_of(*place).len();
        let is_wide = cells > 1 || self.counted().is_some();
        let wide = if is_wide { " wide" } else { "" };
        writeln!(f, r#"<article class="contest{wide}">"#)?;
        writeln!(f, "<h3>{}</h3>", Text(&contest.title))?;
        if let Some(question) = &contest.question {
            writeln!(f, "<p>{}</p>", Text(question))?;
        }
        writeln!(f, "<p class=\"note\">{}</p>", contest.rule_sentence())?;
        self.withdrawn(f)?;
        let has_totals = contest.has_totals();
        match &whole.totals {
            Some(_) if has_totals => self.bars(f, &whole.options().unwrap_or_default())?,
            Some(_) if contest.grades().is_empty() => {}
            Some(_) => grades(f, contest, whole)?,
            None => self.not_opened(f)?,
        }
        self.others(f)?;
        if let Ok(answer) = outcome.answer(&contest.id) {
            let why = match (answer.majority, answer.quorum) {
                (true, true) => "The answer is yes.",
                (false, _) => "The answer is no: too few say yes.",
                (true, false) => "The answer is no: too few took part.",
            };
            writeln!(f, "<p><strong>{why}</strong></p>")?;
        }
        match outcome.takes_effect(&contest.id) {
            Ok(Some(id)) => {
                let question = self.manifest().contests().iter().find(|contest| contest.id == id);
                let title = question.map_or(id, |contest| contest.title.as_str());
                writeln!(f, "<p><strong>{} takes effect.</strong></p>", Text(title))?;
            }
            Ok(None) => f.write_str("<p><strong>Neither takes effect.</strong></p>\n")?,
            Err(_) => {}
        }
        self.sums(f)?;
        self.account(f)?;
        if let Some(count) = self.counted() {
            counted(f, contest, count)?;
        }
        if cells > 1 && has_totals {
            self.cells(f)?;
        }
        f.write_str("</article>\n")
    }
}

impl Results<'_> {
    fn manifest(&self) -> &Manifest {
        self.outcome.manifest()
    }

    fn counted(&self) -> Option<&Counted> {
        self.outcome.counted_of(self.place)
    }

    /// Who cannot be elected, and why.
    fn withdrawn(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for withdrawal in self.outcome.withdrawn_of(self.place) {
            let (_, option) = withdrawal.names(self.manifest()).ok_or(fmt::Error)?;
            let (option, reason) = (Text(&option), Text(&withdrawal.reason));
            writeln!(f, "<p><strong>Withdrawn: {option}.</strong> {reason}</p>")?;
        }
        Ok(())
    }

    fn bars(&self, f: &mut Formatter<'_>, totals: &[u64]) -> fmt::Result {
        let (of, whole) = (ShareOf::of(self.contest), &self.whole);
        let by_weight = if whole.weight == whole.ballots { "" } else { ", by weight" };
        writeln!(f, "<p class=\"note\">Shares are {of}{by_weight}.</p>")?;
        let voters = whole.voters().ok();
        f.write_str(
            "<table class=\"bars\">\n<thead><tr><th scope=\"col\">Option</th><th scope=\"col\">Votes</th>",
        )?;
        if voters.is_some() {
            f.write_str("<th scope=\"col\">Voters</th>")?;
        }
        f.write_str("<th scope=\"col\">Share</th></tr></thead>\n<tbody>\n")?;
        let all = self.whole.all_of_share().unwrap_or(0);
        let options = || self.contest.options.iter().map(ContestOption::shown).zip(totals);
        let withdrawn = self.outcome.withdrawn_of(self.place);
        let stands = |place: usize| withdrawn.iter().all(|withdrawal| withdrawal.option != place);
        let standing = options().enumerate().filter(|(place, _)| stands(*place));
        let most = standing.map(|(_, (_, votes))| *votes).max().unwrap_or(0);
        for (place, (option, votes)) in options().enumerate() {
            let share = Percent(*votes, all);
            let is_most = *votes == most && most > 0 && stands(place);
            let class = if is_most { " class=\"most\"" } else { "" };
            let note = if stands(place) { "" } else { " <small>withdrawn</small>" };
            write!(
                f,
                "<tr{class}><th scope=\"row\">{}{note}{}</th><td>{}</td>",
                Text(&option),
                Bar(share, share),
                Number(*votes)
            )?;
            if let Some(voters) = voters.and_then(|voters| voters.get(place)) {
                write!(f, "<td>{}</td>", Number(*voters))?;
            }
            writeln!(f, "<td>{share}</td></tr>")?;
        }
        f.write_str("</tbody>\n</table>\n")
    }

    fn not_opened(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let least = Number(self.manifest().minimum_cell().into());
        writeln!(f, "<p>Not opened, since fewer than {least} people cast ballots.</p>\n<ul>")?;
        for option in &self.contest.options {
            writeln!(f, "<li>{}</li>", Text(&option.shown()))?;
        }
        f.write_str("</ul>\n")
    }

    /// What is summed besides votes and marks.
    fn others(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let others = self.whole.others().unwrap_or_default();
        if others.is_empty() {
            return Ok(());
        }
        opens(f, "What else was summed", others.len())?;
        f.write_str("<tbody>\n")?;
        for (of, total) in others {
            let total = Number(total);
            writeln!(f, "<tr><th scope=\"row\">{}</th><td>{total}</td></tr>", Text(&of))?;
        }
        f.write_str("</tbody>\n</table></div></details>\n")
    }

    /// The votes that belong to no option.
    fn sums(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { whole, .. } = self;
        f.write_str("<dl class=\"sums\">\n")?;
        let weight = (whole.weight != whole.ballots).then_some(whole.weight);
        for (name, number) in [("ballots", Some(whole.ballots)), ("weight of them", weight)] {
            if let Some(number) = number {
                writeln!(f, "<div><dt>{name}</dt><dd>{}</dd></div>", Number(number))?;
            }
        }
        for (mark, ballots) in self.contest.marks.iter().zip(whole.marks().unwrap_or_default()) {
            writeln!(f, "<div><dt>{}</dt><dd>{}</dd></div>", Text(&mark.name), Number(*ballots))?;
        }
        f.write_str("</dl>\n")
    }

    /// What became of all votes.
    fn account(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Ok(account) = self.outcome.account(&self.contest.id) else { return Ok(()) };
        let what = self.contest.words().held;
        let held = Number(account.held);
        writeln!(f, "<p class=\"note\">The ballots hold {held} {what}:</p>")?;
        f.write_str("<dl class=\"sums account\">\n")?;
        for (part, votes) in account.parts(self.contest) {
            writeln!(f, "<div><dt>{part}</dt><dd>{}</dd></div>", Number(votes))?;
        }
        f.write_str("</dl>\n")
    }

    fn cells(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { outcome, contest, place, whole } = self;
        let cells = || outcome.cells_of(*place).iter();
        let written = contest.flag_slots() > 0;
        let weighed = cells().any(|cell| cell.weight != cell.ballots);
        opens(f, "By district", cells().count())?;
        f.write_str("<thead><tr><th scope=\"col\">District</th>")?;
        for option in &contest.options {
            write!(f, "<th scope=\"col\">{}</th>", Text(&option.shown()))?;
        }
        if written {
            f.write_str("<th scope=\"col\">Written in</th>")?;
        }
        for mark in &contest.marks {
            write!(f, "<th scope=\"col\">{}</th>", Text(&mark.name))?;
        }
        for (name, there) in [("Votes not given", true), ("Ballots", true), ("Weight", weighed)] {
            if there {
                write!(f, "<th scope=\"col\">{name}</th>")?;
            }
        }
        f.write_str("</tr></thead>\n<tbody>\n")?;
        for cell in cells() {
            f.write_str("<tr><th scope=\"row\">")?;
            self.districts(f, cell)?;
            f.write_str("</th>")?;
            self.line(f, cell, weighed)?;
        }
        f.write_str("</tbody>\n<tfoot><tr><th scope=\"row\">All</th>")?;
        self.line(f, whole, weighed)?;
        f.write_str("</tfoot>\n</table></div></details>\n")?;
        if cells().any(|cell| cell.districts.len() > 1) {
            let least = Number(self.manifest().minimum_cell().into());
            writeln!(
                f,
                "<p class=\"note\">Districts in which fewer than {least} people cast ballots are counted together with others.</p>"
            )?;
        }
        Ok(())
    }

    fn districts(&self, f: &mut Formatter<'_>, cell: &CellOutcome) -> fmt::Result {
        let districts = cell.districts.iter().filter_map(|d| self.manifest().districts().get(*d));
        for (i, district) in districts.enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, Text(&district.name))?;
        }
        Ok(())
    }

    /// The cells of a table row after its heading, and the end of the row.
    fn line(&self, f: &mut Formatter<'_>, cell: &CellOutcome, weighed: bool) -> fmt::Result {
        match &cell.totals {
            Some(_) => {
                let all = cell.all_of_share().unwrap_or(0);
                let options = cell.options().unwrap_or_default();
                for place in 0..self.contest.options.len() {
                    let Some(votes) = options.get(place) else {
                        f.write_str("<td>–</td>")?;
                        continue;
                    };
                    let (votes, share) = (Number(*votes), Percent(*votes, all));
                    write!(f, "<td>{votes} <small>{share}</small></td>")?;
                }
                let written = (self.contest.flag_slots() > 0).then_some(cell.write_ins);
                let marks = cell.marks().unwrap_or_default().iter().copied();
                for number in written.into_iter().chain(marks) {
                    write!(f, "<td>{}</td>", Number(number))?;
                }
                match cell.undervotes() {
                    Ok(number) => write!(f, "<td>{}</td>", Number(number))?,
                    Err(_) => f.write_str("<td>–</td>")?,
                }
            }
            None => {
                let written = usize::from(self.contest.flag_slots() > 0);
                let Contest { options, marks, .. } = self.contest;
                let columns = options.len() + marks.len() + written + 1;
                write!(f, "<td colspan=\"{columns}\">not opened</td>")?;
            }
        }
        write!(f, "<td>{}</td>", Number(cell.ballots))?;
        if weighed {
            write!(f, "<td>{}</td>", Number(cell.weight))?;
        }
        f.write_str("</tr>\n")
    }
}

pub(super) fn turnout(f: &mut Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    let (manifest, turnout) = (outcome.manifest(), outcome.turnout());
    let (ballots, on_roll) = (turnout.ballots(), turnout.on_roll.iter().sum());
    let share = Percent(ballots, on_roll);
    writeln!(
        f,
        "<section>\n<h2 id=\"turnout\">Turnout</h2>\n<p>{} of {} voters on the roll took part: <strong>{share}</strong>.</p>\n<p class=\"single\">{}</p>",
        Number(ballots),
        Number(on_roll),
        Bar(share, share)
    )?;
    let districts = manifest.districts();
    if districts.len() > 1 {
        opens(f, "By district", districts.len())?;
        f.write_str("<thead><tr><th scope=\"col\">District</th><th scope=\"col\">Ballots</th><th scope=\"col\">On the roll</th><th scope=\"col\">Turnout</th></tr></thead>\n<tbody>\n")?;
        let lines = districts.iter().zip(&turnout.districts).zip(&turnout.on_roll);
        for ((district, ballots), on_roll) in lines {
            let share = Percent(*ballots, *on_roll);
            writeln!(
                f,
                "<tr><th scope=\"row\">{}{}</th><td>{}</td><td>{}</td><td>{share}</td></tr>",
                Text(&district.name),
                Bar(share, share),
                Number(*ballots),
                Number(*on_roll)
            )?;
        }
        f.write_str("</tbody>\n</table></div></details>\n")?;
    }
    if manifest.stations().is_empty() {
        return f.write_str("<p>All ballots were cast remotely.</p>\n</section>\n");
    }
    let remote = Percent(turnout.remote, ballots);
    writeln!(f, "<p>{} ballots were cast remotely: {remote}.</p>", Number(turnout.remote))?;
    stations(f, outcome)?;
    f.write_str("</section>\n")
}

fn stations(f: &mut Formatter<'_>, outcome: &Outcome) -> fmt::Result {
    let (manifest, turnout) = (outcome.manifest(), outcome.turnout());
    let most = turnout.stations.iter().copied().max().unwrap_or(0);
    opens(f, "By station", manifest.stations().len())?;
    f.write_str("<thead><tr><th scope=\"col\">Station</th><th scope=\"col\" class=\"text\">District</th><th scope=\"col\">Ballots</th></tr></thead>\n<tbody>\n")?;
    for (station, ballots) in manifest.stations().iter().zip(&turnout.stations) {
        let district = manifest.districts().get(station.district).map_or("", |d| d.name.as_str());
        let number = Number(*ballots);
        writeln!(
            f,
            "<tr><th scope=\"row\">{}{}</th><td class=\"text\">{}</td><td>{number}</td></tr>",
            Text(&station.name),
            Bar(Percent(*ballots, most), number.to_string()),
            Text(district)
        )?;
    }
    f.write_str("</tbody>\n</table></div></details>\n")
}
