//! The people who held the keys, signed, opened, or were found at fault, as HTML.

use super::text::{Escaped, Groups, Number, Text, Utc, opens};
use crate::{
    audit::{Checkpointed, KeyHolders, NamedClass, Report},
    board::Freeze,
    keys::{Conviction, Party},
    manifest::{Group, Member},
    roll::Proxied,
};
use alloc::string::ToString;
use core::fmt::{self, Display, Formatter};

pub(super) fn people(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str("<section>\n<h2 id=\"people\">Who signed what</h2>\n")?;
    if report.keys.is_empty() {
        f.write_str("<p>The record ends before there are keys.</p>\n")?;
    }
    for keys in &report.keys {
        Trustees { report, keys }.fmt(f)?;
    }
    proxies(f, report)?;
    classes(f, report)?;
    freezes(f, report)?;
    checkpoints(f, report)?;
    faults(f, report)?;
    f.write_str("</section>\n")
}

/// Who casts for whom.
fn proxies(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    if report.proxied.is_empty() {
        return Ok(());
    }
    f.write_str("<h3>Votes by proxy</h3>\n<p>A voter's own ballot beats all of her proxy.</p>\n")?;
    opens(f, "Who casts for whom", report.proxied.len())?;
    f.write_str("<thead><tr><th scope=\"col\">Entry</th><th scope=\"col\" class=\"text\">Proxy</th><th scope=\"col\" class=\"text\">for</th><th scope=\"col\" class=\"text\">under</th></tr></thead>\n<tbody>\n")?;
    for Proxied { entry, voter, key, proxy } in &report.proxied {
        write!(f, "<tr><td>{}</td>", Number(*entry))?;
        for of in [proxy, voter, key] {
            write!(f, "<td class=\"text\">{of}</td>")?;
        }
        f.write_str("</tr>\n")?;
    }
    f.write_str("</tbody>\n</table></div></details>\n")
}

/// The weights that could tell how voters vote.
fn classes(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    if report.small_classes.is_empty() {
        return Ok(());
    }
    f.write_str("<h3>Telling weights</h3>\n<p>Of these weights there are few on the roll, so the totals could tell how their voters voted. No proof is wrong.</p>\n")?;
    opens(f, "Weights of few voters", report.small_classes.len())?;
    f.write_str("<thead><tr><th scope=\"col\" class=\"text\">Contest</th><th scope=\"col\" class=\"text\">District</th><th scope=\"col\">Weight</th><th scope=\"col\">Voters</th></tr></thead>\n<tbody>\n")?;
    for NamedClass { contest, district, weight, voters } in &report.small_classes {
        let district = district.as_deref().unwrap_or("all");
        let (contest, district) = (Text(contest), Text(district));
        write!(f, "<tr><td class=\"text\">{contest}</td><td class=\"text\">{district}</td>")?;
        writeln!(f, "<td>{}</td><td>{}</td></tr>", Number(*weight), Number(*voters))?;
    }
    f.write_str("</tbody>\n</table></div></details>\n")
}

/// The trustees of one epoch.
struct Trustees<'a> {
    report: &'a Report,
    keys: &'a KeyHolders,
}

impl Display for Trustees<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let KeyHolders { epoch, groups, members, holders } = self.keys;
        let what = if *epoch == 0 { "The keys" } else { "The keys after a resharing" };
        write!(f, "<h3>{what}: epoch {epoch}</h3>\n<p>")?;
        for (place, group) in groups.iter().enumerate() {
            let Group { name, threshold, .. } = group;
            let any = if place > 0 { " and any" } else { "Any" };
            write!(f, "{any} {threshold} of the {} trustees", self.keys.holders_in(group).len())?;
            if groups.are_named() {
                write!(f, " of {}", Text(name))?;
            }
        }
        f.write_str(" who hold a share open together.</p>\n")?;
        let closed = self.is_last() && !self.report.closed_by.is_empty();
        let reshared = self.report.keys.len() > 1;
        f.write_str("<div class=\"scroll\" role=\"region\" aria-label=\"Trustees\" tabindex=\"0\"><table class=\"trustees\">\n<thead><tr><th scope=\"col\">No.</th><th scope=\"col\">Trustee</th>")?;
        if groups.are_named() {
            f.write_str("<th scope=\"col\" class=\"text\">Group</th>")?;
        }
        f.write_str("<th scope=\"col\">Holds a share</th><th scope=\"col\">Rehearsed</th>")?;
        let mixed = closed && !self.report.mixed.is_empty();
        if closed {
            f.write_str("<th scope=\"col\">Signed the close</th>")?;
            f.write_str(if mixed { "<th scope=\"col\">Mixed</th>" } else { "" })?;
            f.write_str("<th scope=\"col\">Opened</th>")?;
        }
        if reshared {
            f.write_str("<th scope=\"col\">Says it erased its share</th>")?;
        }
        f.write_str("</tr></thead>\n<tbody>\n")?;
        for (Member { name, .. }, number) in members.iter().zip(1u16..) {
            write!(f, "<tr><td>{number}</td><th scope=\"row\">{}</th>", Text(name))?;
            if groups.are_named() {
                let group = groups.iter().find(|group| group.has(number));
                let group = group.map_or("", |group| &group.name);
                write!(f, "<td class=\"text\">{}</td>", Text(group))?;
            }
            write!(f, "<td>{}</td><td>", yes(holders.contains(&number)))?;
            match self.rehearsed(number) {
                0 => f.write_str("–")?,
                1 => f.write_str("once")?,
                times => write!(f, "{} times", Number(times))?,
            }
            f.write_str("</td>")?;
            if closed {
                let opened = match self.report.opened_by.contains(&number) {
                    false if self.report.faulty_shares.contains(&number) => "wrongly",
                    opened => yes(opened),
                };
                write!(f, "<td>{}</td>", yes(self.report.closed_by.contains(&number)))?;
                if mixed {
                    let by = self.report.mixed.iter().filter(|cell| cell.by.contains(&number));
                    match by.count() {
                        0 => f.write_str("<td>–</td>")?,
                        n if n == self.report.mixed.len() => f.write_str("<td>yes</td>")?,
                        n => write!(f, "<td>{} cells</td>", Number(n as u64))?,
                    }
                }
                write!(f, "<td>{opened}</td>")?;
            }
            if reshared {
                write!(
                    f,
                    "<td>{}</td>",
                    yes(self.report.erased.binary_search(&(*epoch, number)).is_ok())
                )?;
            }
            f.write_str("</tr>\n")?;
        }
        f.write_str("</tbody>\n</table></div>\n<details><summary>Their keys</summary>\n<dl>\n")?;
        for Member { name, key } in members {
            writeln!(f, "<dt>{}</dt><dd>{}</dd>", Text(name), Groups(&key.to_string()))?;
        }
        f.write_str("</dl>\n</details>\n")
    }
}

impl Trustees<'_> {
    /// Whether these keys were in force at the end, and so close and open the board.
    fn is_last(&self) -> bool {
        self.report.keys.last().is_some_and(|last| last.epoch == self.keys.epoch)
    }

    fn rehearsed(&self, number: u16) -> u64 {
        let (of, rehearsals) = ((self.keys.epoch, number), &self.report.rehearsals);
        let place = rehearsals.binary_search_by_key(&of, |(epoch, trustee, _)| (*epoch, *trustee));
        place.ok().and_then(|place| rehearsals.get(place)).map_or(0, |(.., n)| *n)
    }
}

/// When voting was frozen and when the freeze was lifted.
fn freezes(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let [.., last] = report.freezes.as_slice() else { return Ok(()) };
    f.write_str("<h3>The end of voting</h3>\n")?;
    for Freeze { entry, lifted } in &report.freezes {
        write!(f, "<p>The operator froze voting at entry {}", Number(*entry))?;
        lifted.map_or(Ok(()), |at| write!(f, " and lifted the freeze at entry {}", Number(at)))?;
        f.write_str(".</p>\n")?;
    }
    if last.lifted.is_some() {
        f.write_str("<p>Voting is not frozen at the end of this record.</p>\n")?;
    }
    Ok(())
}

/// The last checkpoint, with its witnesses.
fn checkpoints(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let Some(Checkpointed { size, witnesses }) = report.checkpoints.last() else { return Ok(()) };
    let count = report.checkpoints.len() as u64;
    writeln!(
        f,
        "<h3>Checkpoints</h3>\n<p>The log signed {} checkpoint{} of this board; the last one is of its first {} entries.",
        Number(count),
        if count == 1 { "" } else { "s" },
        Number(*size)
    )?;
    if witnesses.is_empty() {
        return f.write_str("No witness that the manifest names cosigned it.</p>\n");
    }
    f.write_str("These witnesses cosigned it, and saw no other in its place:</p>\n<ul>\n")?;
    for (name, time) in witnesses {
        writeln!(f, "<li>{}, {}</li>", Text(name), Utc(*time))?;
    }
    f.write_str("</ul>\n")
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "–" }
}

fn faults(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    f.write_str("<h3>Faults that were found</h3>\n")?;
    let Report { found, faulty_mixes, faulty_shares, .. } = report;
    if found.is_empty() && faulty_mixes.is_empty() && faulty_shares.is_empty() {
        return f.write_str("<p>None.</p>\n");
    }
    f.write_str("<p>The election is valid without those named here.</p>\n<ul>\n")?;
    for (epoch, conviction) in &report.found {
        let Conviction { party, fault } = conviction;
        write!(f, "<li>Epoch {epoch}, {party}")?;
        if let Some(name) = name(report, *epoch, *party) {
            write!(f, " ({})", Text(name))?;
        }
        writeln!(f, ": {}.</li>", Escaped(fault))?;
    }
    if report.found_left_out > 0 {
        let more = Number(report.found_left_out);
        writeln!(f, "<li>And {more} more in ceremonies, which are counted and not listed.</li>")?;
    }
    let mixes = faulty_mixes.iter().map(|(number, _)| ("Mixing", number, "mix"));
    let shares = faulty_shares.iter().map(|number| ("Opening", number, "decryption share"));
    for (phase, number, what) in mixes.chain(shares) {
        write!(f, "<li>{phase}, trustee {number}")?;
        if let Some(name) = report.keys.last().and_then(|keys| member(keys, *number)) {
            write!(f, " ({})", Text(name))?;
        }
        writeln!(f, ": sent a {what} that is signed and wrong, and does not count.</li>")?;
    }
    f.write_str("</ul>\n")
}

/// The name of the party at fault, if the keys of that epoch, or of the one before, give it.
fn name(report: &Report, epoch: u32, party: Party) -> Option<&str> {
    // Epochs ascend.
    let keys = &report.keys;
    match party {
        Party::Member(number) => {
            let place = keys.binary_search_by_key(&epoch, |keys| keys.epoch).ok()?;
            member(keys.get(place)?, number)
        }
        Party::Dealer(number) => {
            // In a resharing the dealers are the holders of the earlier keys.
            let end = keys.partition_point(|keys| keys.epoch < epoch.max(1));
            member(keys.get(end.checked_sub(1)?)?, number)
        }
    }
}

fn member(keys: &KeyHolders, number: u16) -> Option<&str> {
    let place = usize::from(number).checked_sub(1)?;
    keys.members.get(place).map(|entry| entry.name.as_str())
}
