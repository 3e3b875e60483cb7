//! The report of an audit as one HTML file, without scripts, pictures, fonts or network access.

mod counted;
mod grades;
mod people;
mod receipts;
mod results;
mod text;

use crate::audit::{Check, Finding, Known, Report, Status, Verdict, report::NOTHING_KNOWN};
use alloc::{
    format,
    string::{String, ToString},
};
use base64ct::{Base64, Encoding};
use core::fmt::{self, Display, Formatter};
use text::{Escaped, Groups, Number, Text};

const STYLE: &str = include_str!("style.css");
/// Findings shown at first; the rest can be unfolded.
const FIRST: usize = 20;

impl Report {
    /// The report as an HTML page for people. It loads nothing, and all text of the record is escaped.
    pub fn to_html(&self) -> String {
        Page(self).to_string()
    }
}

struct Page<'a>(&'a Report);

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(report) = self;
        let (id, title) = match &report.election {
            Some((id, title)) => (id.as_str(), title.as_str()),
            None => ("", "An election without a manifest"),
        };
        let (word, class) = (report.verdict().to_string().to_uppercase(), class(report.verdict()));
        let unknown = match report.known() {
            Known::Nothing => format!(" {NOTHING_KNOWN}"),
            _ => String::new(),
        };
        // Nothing in the page loads anything; this policy tells the browser so.
        writeln!(
            f,
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{word}: audit of {}</title>
<style>
{STYLE}</style>
</head>
<body class="{class}">
<header>
<p class="kind">Audit of an election{}</p>
<h1>{}</h1>"#,
            Escaped(if id.is_empty() { "an election" } else { id }),
            unknown,
            Text(title),
        )?;
        if !id.is_empty() {
            writeln!(f, r#"<p class="id">{}</p>"#, Text(id))?;
        }
        f.write_str("</header>\n<main>\n")?;
        verdict(f, report)?;
        contents(f, report)?;
        audited(f, report)?;
        receipts::receipts(f, &report.receipts)?;
        if let Some(outcome) = &report.outcome {
            results::results(f, outcome)?;
            results::turnout(f, outcome)?;
        }
        people::people(f, report)?;
        checks(f, report)?;
        limits(f, report)?;
        let version = env!("CARGO_PKG_VERSION");
        writeln!(f, "</main>\n<footer><p>Made by tabella {version}.</p></footer>\n</body>\n</html>")
    }
}

/// The page's colour: a record that is only consistent must not look like the verified election.
fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Verified => "verified",
        Verdict::VerifiedSoFar => "verified partial",
        Verdict::Consistent => "consistent",
        Verdict::ConsistentSoFar => "consistent partial",
        Verdict::Refused => "refused",
    }
}

fn verdict(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let verdict = report.verdict();
    let (word, sentence) = (verdict.to_string().to_uppercase(), verdict.meaning());
    let icon = match verdict {
        Verdict::Verified | Verdict::VerifiedSoFar => icon(Status::Passed),
        Verdict::Consistent | Verdict::ConsistentSoFar => QUESTION,
        Verdict::Refused => icon(Status::Failed),
    };
    writeln!(
        f,
        r#"<section class="verdict" aria-labelledby="verdict">
<h2 id="verdict">{icon}{word}</h2>
<p>{sentence}</p>"#
    )?;
    let count = |status| Check::ALL.into_iter().filter(|c| report.status(*c) == status).count();
    let statuses = [Status::Failed, Status::Passed, Status::NotReached, Status::NotAsked];
    let counts = statuses.map(|status| (count(status), status_word(status)));
    write!(f, "<p>{} checks", Check::ALL.len())?;
    for (i, (count, word)) in counts.into_iter().filter(|(count, _)| *count > 0).enumerate() {
        write!(f, "{} {count} {word}", if i == 0 { ":" } else { "," })?;
    }
    f.write_str(".</p>\n")?;
    for entries in &report.believed {
        let (first, last) = (Number(entries.start), Number(entries.end.saturating_sub(1)));
        writeln!(
            f,
            "<p><strong>Ballots of entries {first} to {last} were verified before or elsewhere.</strong> This audit \
             read them and counted them, and took from a given part which of them are valid and what their \
             sums are.</p>"
        )?;
    }
    match (report.is_accepted(), report.known()) {
        (true, Known::Nothing) => f.write_str(
            "<p><strong>Compare below</strong> whether this is the right election: the hash of its manifest says \
             which election, the root of the board which ballots.</p>\n",
        )?,
        (true, Known::Election) => f.write_str(
            "<p>This is the expected election. Its ballots were not compared: see below for the root of the \
             board.</p>\n",
        )?,
        _ => {}
    }
    if !report.findings.is_empty() {
        findings(f, report)?;
    }
    f.write_str("</section>\n")
}

fn findings(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let (findings, count) = (report.findings.as_slice(), report.total());
    let plural = if count == 1 { "" } else { "s" };
    writeln!(f, "<h3>{} finding{plural}</h3>", Number(count))?;
    let (first, rest) = findings.split_at_checked(FIRST).unwrap_or((findings, &[]));
    finding_table(f, first)?;
    if !rest.is_empty() {
        writeln!(f, "<details><summary>{} more</summary>", Number(rest.len() as u64))?;
        finding_table(f, rest)?;
        f.write_str("</details>\n")?;
    }
    for (check, more) in report.left_out() {
        let number = check.number();
        writeln!(
            f,
            r##"<p>And {} more of <a href="#check-{number}">{number} {check}</a>, which are counted and not listed.</p>"##,
            Number(more)
        )?;
    }
    Ok(())
}

fn finding_table(f: &mut Formatter<'_>, findings: &[Finding]) -> fmt::Result {
    f.write_str(
        r#"<table class="findings">
<thead><tr><th scope="col">Check</th><th scope="col">Entry</th><th scope="col">Reason</th></tr></thead>
<tbody>
"#,
    )?;
    for Finding { check, entry, fault } in findings {
        let (number, fault) = (check.number(), Escaped(fault));
        write!(f, r##"<tr><td><a href="#check-{number}">{number} {check}</a></td><td>"##)?;
        match entry {
            Some(entry) => Number(*entry).fmt(f)?,
            None => f.write_str("–")?,
        }
        writeln!(f, "</td><td>{fault}</td></tr>")?;
    }
    f.write_str("</tbody>\n</table>\n")
}

fn contents(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str("<nav aria-label=\"Contents\"><ul>\n")?;
    let opened = report.outcome.is_some();
    for (id, name, there) in [
        ("audited", "What was audited", true),
        ("receipts", "Receipts", !report.receipts.is_empty()),
        ("results", "Results", opened),
        ("turnout", "Turnout", opened),
        ("people", "Who signed what", true),
        ("checks", "Checks", true),
        ("limits", "What it cannot know", true),
    ] {
        if there {
            writeln!(f, r##"<li><a href="#{id}">{name}</a></li>"##)?;
        }
    }
    f.write_str("</ul></nav>\n")
}

fn audited(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str("<section>\n<h2 id=\"audited\">What was audited</h2>\n<dl>\n")?;
    if let Some(manifest) = &report.manifest {
        let hash = manifest.to_string();
        writeln!(f, "<dt>Hash of the manifest</dt><dd>{}</dd>", Groups(&hash))?;
    }
    let (hex, base64) = (report.root.to_string(), Base64::encode_string(report.root.as_bytes()));
    writeln!(
        f,
        "<dt>Entries on the board</dt><dd>{}</dd>\n<dt>Root of the board</dt><dd>{}</dd>",
        Number(report.size),
        Groups(&hex)
    )?;
    if let (Some((id, _)), Some(manifest)) = (&report.election, &report.manifest) {
        let checkpoint = format!("tabella/{id}/{manifest}\n{}\n", report.size);
        write!(f, "<dt>The same as a checkpoint</dt><dd><pre>")?;
        for line in checkpoint.lines() {
            writeln!(f, "{}", Escaped(line))?;
        }
        writeln!(f, "{}</pre></dd>", Escaped(base64))?;
    }
    writeln!(
        f,
        "<dt>Ballots accepted</dt><dd>{}, of which {} were replaced by a later one of the same voter</dd>\n\
         <dt>Ballots spoiled</dt><dd>{}, of which {} were opened to see what they hold</dd>\n\
         <dt>Last point reached</dt><dd>{}</dd>\n</dl>\n</section>",
        Number(report.ballots),
        Number(report.replaced),
        Number(report.spoiled),
        Number(report.opened_spoils),
        report.phase
    )
}

fn checks(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str(
        r#"<section>
<h2 id="checks">Checks</h2>
<table class="checks">
<thead><tr><th scope="col">No.</th><th scope="col">Check</th><th scope="col">Status</th></tr></thead>
<tbody>
"#,
    )?;
    for check in Check::ALL {
        let (number, name, meaning) = (check.number(), check.name(), check.meaning());
        let status = report.status(check);
        let (icon, word, class) = (icon(status), status_word(status), status_class(status));
        writeln!(
            f,
            r#"<tr id="check-{number}" class="{class}"><td>{number}</td><th scope="row">{meaning} <code>{name}</code></th><td>{icon}{word}</td></tr>"#
        )?;
    }
    f.write_str("</tbody>\n</table>\n</section>\n")
}

fn limits(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str(
        r#"<section>
<h2 id="limits">What an audit cannot know</h2>
<ul>
<li><strong>Which election was meant.</strong> A whole election can be invented that is consistent in itself. Compare the hash of the manifest with the one published before voting, and size and root with those published at the end, from somewhere else than this record. The hash says which election, the root which ballots.</li>
<li><strong>Who is on the roll.</strong> Only people can compare it with the electorate.</li>
<li><strong>What voters meant to cast.</strong> Each voter can find the tracker that was written down on the board, and must see that the ballot there has the own key.</li>
"#,
    )?;
    if report.keys.len() > 1 {
        f.write_str(
            "<li><strong>Whether the right people hold the keys.</strong> The operator named those who took them \
             over.</li>\n",
        )?;
    }
    if !report.erased.is_empty() {
        f.write_str(
            "<li><strong>Whether shares were erased.</strong> Those who signed this declare it; it cannot be verified.</li>\n",
        )?;
    }
    f.write_str("</ul>\n</section>\n")
}

/// The icon for what was not compared.
const QUESTION: &str = r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M4.5 5.5a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.1-1.5 2.3M8 14v.1"/></svg>"#;

fn status_word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::NotReached => "not reached",
        Status::NotAsked => "not asked",
    }
}

fn status_class(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::NotReached | Status::NotAsked => "open",
    }
}

fn icon(status: Status) -> &'static str {
    match status {
        Status::Passed => {
            r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 8.5l3.5 4 7.5-9"/></svg>"#
        }
        Status::Failed => {
            r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13"/></svg>"#
        }
        Status::NotReached | Status::NotAsked => {
            r#"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M3 8h10"/></svg>"#
        }
    }
}
