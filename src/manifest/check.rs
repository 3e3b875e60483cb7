//! What makes a manifest valid.

use super::{
    BallotStyle, LogPolicy, Manifest, ManifestError, ManifestHash,
    layout::{Index, Layout, MAX_SLOTS, assign},
    parts::{
        MAX_CONTESTS, MAX_DISTRICTS, MAX_STATIONS, MAX_STYLES, MAX_TRUSTEES, MAX_WITNESSES, Parts,
    },
    rules,
};
use crate::{
    codec::Encode,
    contest::{Contest, Form, MAX_LIMITS, check_contest},
    log::checkpoint::is_key_name,
    mistake::{Distinct, MAX_NAME, MAX_TITLE, check_id, check_text, number, own},
    text::{marked, normalise},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec,
    vec::Vec,
};

/// Most ballots of one voter.
const MAX_BALLOTS: u32 = 65_535;
/// Most terms in the limits of a ballot, and in those of all ballot styles. Each is multiplied for each ballot, and kept for each style.
const MAX_BALLOT_TERMS: usize = 1 << 16;
const MAX_TERMS: usize = 1 << 24;
/// Most slots of a ballot.
const MAX_BALLOT_SLOTS: usize = 1_000;
/// Most bytes of an entry on the board.
const MAX_ENTRY: usize = 65_535;
/// Most bytes of a cast ballot besides its ciphertext and its proof.
const BALLOT_HEAD: usize = 128;

/// Checks everything except that places are within their lists and that those of a style ascend. Whoever makes the parts
/// guarantees that.
pub(super) fn check(parts: Parts) -> Result<Manifest, ManifestError> {
    check_id("id", &parts.id)?;
    check_text("title", &parts.title, MAX_TITLE)?;
    check_trustees(&parts)?;
    number("minimum_cell", parts.minimum_cell.into(), 1, u32::MAX.into())?;
    number("ballots_per_voter", parts.ballots_per_voter.into(), 1, MAX_BALLOTS.into())?;

    let Parts { districts, stations, contests, styles, .. } = &parts;
    let layout = Layout {
        districts: Index::new("districts", MAX_DISTRICTS, districts.iter().map(|d| &d.id))?,
        stations: Index::new("stations", MAX_STATIONS, stations.iter().map(|s| &s.id))?,
        contests: Index::new("contests", MAX_CONTESTS, contests.iter().map(|c| &c.id))?,
        styles: Index::new("styles", MAX_STYLES, styles.iter().map(|s| &s.id))?,
        first_slots: Vec::new(),
        slots: 0,
    };
    let mut names = Distinct::new();
    for (i, district) in districts.iter().enumerate() {
        let path = format!("districts[{i}].name");
        check_text(&path, &district.name, MAX_NAME)?;
        names.take((), path, &district.name)?;
    }
    let mut names = Distinct::new();
    for (i, station) in stations.iter().enumerate() {
        let path = format!("stations[{i}].name");
        check_text(&path, &station.name, MAX_NAME)?;
        names.take(station.district, path, &station.name)?;
    }
    for (i, contest) in contests.iter().enumerate() {
        check_contest(&format!("contests[{i}]"), contest)?;
    }
    for (i, contest) in contests.iter().enumerate() {
        check_if_both(&format!("contests[{i}]"), contest, contests)?;
    }
    let of_contests: Vec<usize> = contests.iter().map(Contest::limit_terms).collect();
    let mut terms = 0usize;
    for (i, style) in styles.iter().enumerate() {
        let held = style.contests.iter().filter_map(|contest| of_contests.get(*contest));
        let more = check_style(i, style, contests, held.fold(0, |sum, n| sum.saturating_add(*n)))?;
        terms = terms.saturating_add(more);
        if terms > MAX_TERMS {
            let expected = format!("styles whose limits have at most {MAX_TERMS} terms together");
            return Err(ManifestError::new(
                format!("styles[{i}]"),
                format!("{terms} terms"),
                expected,
            ));
        }
    }
    check_titles(contests, styles)?;
    let voting: BTreeSet<_> = styles.iter().map(|s| s.district).collect();
    if let Some((i, idle)) = districts.iter().enumerate().find(|(i, _)| !voting.contains(i)) {
        let expected = "a district with a ballot style";
        return Err(ManifestError::new(format!("districts[{i}]"), &idle.id, expected));
    }
    let used: BTreeSet<_> = styles.iter().flat_map(|s| &s.contests).collect();
    if let Some((i, idle)) = contests.iter().enumerate().find(|(i, _)| !used.contains(i)) {
        let expected = "a contest that is on a ballot style";
        return Err(ManifestError::new(format!("contests[{i}]"), &idle.id, expected));
    }
    let (first_slots, slots) = assign(contests, styles).map_err(|i| {
        let value = contests.get(i).map_or("", |c| &c.id);
        let expected = format!("a contest that fits into {MAX_SLOTS} slot keys with the others");
        ManifestError::new(format!("contests[{i}]"), value, expected)
    })?;
    parts.log.as_ref().map_or(Ok(()), check_log)?;
    let hash = ManifestHash::of_bytes(&parts.to_bytes());
    let layout = Layout { first_slots, slots, ..layout };
    Ok(Manifest { layout: layout.into(), hash, parts: parts.into() })
}

/// Checks the two questions of which a contest decides if both pass.
fn check_if_both(path: &str, contest: &Contest, contests: &[Contest]) -> Result<(), ManifestError> {
    let Contest { if_both, form, options, write_ins, pass, .. } = contest;
    if if_both.is_empty() {
        return Ok(());
    }
    let path = format!("{path}.if_both");
    let [first, second] = if_both.as_slice() else {
        return Err(ManifestError::new(path, if_both.len(), "the ids of two questions"));
    };
    if options.len() != 2 || *form != Form::Choice || write_ins.places > 0 || pass.is_some() {
        let expected =
            "nothing but in a choice between two options, one for each question, without 'pass'";
        return Err(ManifestError::new(path, "given", expected));
    }
    for (i, id) in if_both.iter().enumerate() {
        let is_question = |c: &Contest| c.id == *id && c.pass.is_some();
        if first == second || !contests.iter().any(is_question) {
            let expected = "the id of another contest that has 'pass'";
            return Err(ManifestError::new(format!("{path}[{i}]"), id, expected));
        }
    }
    Ok(())
}

fn check_trustees(parts: &Parts) -> Result<(), ManifestError> {
    let n = parts.trustees.len();
    let Some(most) = u16::try_from(n).ok().filter(|_| (1..=MAX_TRUSTEES).contains(&n)) else {
        let value = if n == 0 { String::new() } else { format!("{n} trustees") };
        return Err(ManifestError::new("trustees", value, format!("1 to {MAX_TRUSTEES} trustees")));
    };
    let mut names = Distinct::new();
    for (i, trustee) in parts.trustees.iter().enumerate() {
        let path = format!("trustees[{i}].name");
        check_text(&path, &trustee.name, MAX_NAME)?;
        names.take((), path, &trustee.name)?;
    }
    let mut keys = BTreeMap::new();
    for (path, key) in parts.authors() {
        if let Some(first) = keys.insert(key.element().as_bytes(), path.clone()) {
            let expected = format!("a key of its own: {first} has the same key");
            return Err(ManifestError::new(path, key, expected));
        }
    }
    number("threshold", parts.threshold.into(), 1, most.into())?;
    if let Some(quorum) = parts.close_quorum {
        number("close_quorum", quorum.into(), parts.threshold.into(), most.into())?;
    }
    number("rehearsals", parts.rehearsals.into(), 0, most.into())
}

fn check_log(LogPolicy { key, witnesses, quorum }: &LogPolicy) -> Result<(), ManifestError> {
    let n = witnesses.len();
    let Some(most) = u16::try_from(n).ok().filter(|_| n <= MAX_WITNESSES) else {
        let (value, expected) =
            (format!("{n} witnesses"), format!("at most {MAX_WITNESSES} witnesses"));
        return Err(ManifestError::new("log.witnesses", value, expected));
    };
    let mut names = Distinct::new();
    // The message of a cosignature holds no name, so two witnesses cannot share a key.
    let mut keys = BTreeMap::from([(key.as_bytes(), String::from("log.key"))]);
    for (i, witness) in witnesses.iter().enumerate() {
        let path = format!("log.witnesses[{i}].name");
        if !is_key_name(&witness.name) || marked(&witness.name).any(|(_, unseen)| unseen) {
            let expected = "1 to 200 bytes without white space, invisible characters and '+'";
            return Err(ManifestError::new(path, &witness.name, expected));
        }
        names.take((), path, &witness.name)?;
        let path = format!("log.witnesses[{i}].key");
        if let Some(first) = keys.insert(witness.key.as_bytes(), path.clone()) {
            let expected = format!("a key of its own: {first} has the same key");
            return Err(ManifestError::new(path, witness.key, expected));
        }
    }
    number("log.quorum", (*quorum).into(), 0, most.into())
}

/// A ballot of the style must fit an entry of the board: 32 bytes for each slot and for `A`, and as many for
/// each bit and six other parts of the proof. Returns how many terms its limits have, `of_contests` of which its contests have.
fn check_style(
    place: usize,
    style: &BallotStyle,
    contests: &[Contest],
    of_contests: usize,
) -> Result<usize, ManifestError> {
    let path = format!("styles[{place}].contests");
    let held: Vec<&Contest> = style.contests.iter().filter_map(|c| contests.get(*c)).collect();
    let slots: usize = held.iter().map(|contest| contest.slots()).sum();
    if slots == 0 {
        return Err(ManifestError::new(path, "", "at least one contest"));
    }
    if slots > MAX_BALLOT_SLOTS {
        let expected =
            format!("contests with at most {MAX_BALLOT_SLOTS} slots: options, marks, lines");
        return Err(ManifestError::new(path, format!("{slots} slots"), expected));
    }
    if style.limits.len() > MAX_LIMITS {
        let (value, expected) = (style.limits.len(), format!("at most {MAX_LIMITS} limits"));
        return Err(ManifestError::new(format!("styles[{place}].limits"), value, expected));
    }
    let terms = rules::terms(&held, &style.limits, of_contests);
    if terms > MAX_BALLOT_TERMS {
        let expected =
            format!("contests and limits with at most {MAX_BALLOT_TERMS} terms in all limits");
        return Err(ManifestError::new(path, format!("{terms} terms"), expected));
    }
    rules::check(place, style, &held)?;
    let bits = rules::rules(&held, &style.limits).bits();
    let size = BALLOT_HEAD + 32 * (1 + slots) + 32 * (bits + 6);
    if size > MAX_ENTRY {
        let value = format!("ballots of {size} bytes");
        let expected = format!("contests whose ballots have at most {MAX_ENTRY} bytes");
        return Err(ManifestError::new(path, value, expected));
    }
    Ok(terms)
}

/// The titles of the contests on one ballot are distinct. Other contests can share a title: a mayor in each town.
fn check_titles(contests: &[Contest], styles: &[BallotStyle]) -> Result<(), ManifestError> {
    // Equal titles get the same number.
    let mut numbers = BTreeMap::new();
    let number_of = |contest: &Contest| {
        let next = numbers.len();
        *numbers.entry(normalise(&contest.title)).or_insert(next)
    };
    let titles: Vec<usize> = contests.iter().map(number_of).collect();
    // The last style with each title, and its contest.
    let mut last: Vec<Option<(usize, usize)>> = vec![None; titles.len()];
    for (s, style) in styles.iter().enumerate() {
        for c in &style.contests {
            let Some((title, contest)) = titles.get(*c).zip(contests.get(*c)) else { continue };
            let Some(last) = last.get_mut(*title) else { continue };
            if let Some((style, first)) = last.replace((s, *c))
                && style == s
                && let Some(other) = contests.get(first)
            {
                let expected = own(
                    &format!("on styles[{s}] a title"),
                    &format!("contests[{first}].title"),
                    &other.title,
                    &contest.title,
                );
                return Err(ManifestError::new(
                    format!("contests[{c}].title"),
                    &contest.title,
                    expected,
                ));
            }
        }
    }
    Ok(())
}
