//! What makes a manifest valid.

use super::{
    BallotStyle, LogPolicy, Manifest, ManifestError, ManifestHash,
    folded::folded,
    layout::{Index, Layout, MAX_SLOTS, assign},
    parts::{
        MAX_CONTESTS, MAX_DISTRICTS, MAX_STATIONS, MAX_STYLES, MAX_TRUSTEES, MAX_WITNESSES, Parts,
    },
    rules,
};
use crate::{
    codec::Encode,
    contest::{Contest, Form, Limit, MAX_LIMITS, check_contest},
    crypto::wide::Proof,
    log::checkpoint::is_key_name,
    mistake::{
        Distinct, Languages, MAX_LANGUAGES, MAX_NAME, MAX_TITLE, Mistakes, check_id, check_text,
        languages_of, number, own,
    },
    text::{marked, normalise},
    work,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::String,
    vec,
    vec::Vec,
};

/// Most canonical bytes of a manifest.
const MAX_BYTES: usize = 4 << 20;
/// Longest name of a language, in bytes.
const MAX_LANGUAGE: usize = 35;
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
/// guarantees that. Some mistakes may be known before; what rests on them is not checked.
pub(super) fn check(parts: Parts, mut mistakes: Mistakes) -> Result<Manifest, ManifestError> {
    // Whether all styles have the districts and contests that they should have.
    let are_held = !mistakes.at("styles");
    mistakes.take(check_id("id", &parts.id));
    let languages = Languages(&parts.languages);
    mistakes.take(check_languages(&parts.languages));
    // The title is the id unless there is one.
    if !parts.title.is_always(&parts.id) || !mistakes.at("id") {
        languages.check("title", &parts.title, MAX_TITLE, &mut mistakes);
    }
    check_trustees(&parts, &mut mistakes);
    mistakes.take(number("minimum_cell", parts.minimum_cell.into(), 1, u32::MAX.into()));
    let (ballots, most) = (parts.ballots_per_voter.into(), MAX_BALLOTS.into());
    mistakes.take(number("ballots_per_voter", ballots, 1, most));
    if let Some(most) = parts.proxies {
        mistakes.take(number("proxies.most", most.into(), 1, u16::MAX.into()));
    }

    let Parts { districts, stations, contests, styles, .. } = &parts;
    let layout = Layout {
        districts: mistakes.take(Index::new(
            "districts",
            MAX_DISTRICTS,
            districts.iter().map(|d| &d.id),
        )),
        stations: mistakes.take(Index::new(
            "stations",
            MAX_STATIONS,
            stations.iter().map(|s| &s.id),
        )),
        contests: mistakes.take(Index::new(
            "contests",
            MAX_CONTESTS,
            contests.iter().map(|c| &c.id),
        )),
        styles: mistakes.take(Index::new("styles", MAX_STYLES, styles.iter().map(|s| &s.id))),
        first_slots: Vec::new(),
        slots: 0,
    };
    check_places(&parts, &mut mistakes);
    for (i, contest) in contests.iter().enumerate() {
        check_contest(&format!("contests[{i}]"), contest, languages, &mut mistakes);
    }
    for (i, contest) in contests.iter().enumerate() {
        let path = format!("contests[{i}]");
        if !mistakes.at(&path) && !mistakes.hides_id("contests") {
            mistakes.take(check_if_both(&path, contest, contests.split_at(i).0, contests));
        }
    }
    check_styles(contests, styles, &mut mistakes);
    mistakes.take(check_titles(contests, styles, languages));
    if are_held {
        let voting: BTreeSet<_> = styles.iter().map(|s| s.district).collect();
        let used: BTreeSet<_> = styles.iter().flat_map(|s| &s.contests).copied().collect();
        let (districts, contests) =
            (districts.iter().map(|d| &d.id), contests.iter().map(|c| &c.id));
        check_used(
            "districts",
            districts,
            &voting,
            "a district with a ballot style",
            &mut mistakes,
        );
        check_used(
            "contests",
            contests,
            &used,
            "a contest that is on a ballot style",
            &mut mistakes,
        );
    }
    mistakes.check(&["log"], || parts.log.as_ref().map_or(Ok(()), check_log));
    mistakes.end()?;
    let (first_slots, slots) = assign(contests, styles).map_err(|i| {
        let value = contests.get(i).map_or("", |c| &c.id);
        let expected = format!("a contest that fits into {MAX_SLOTS} slot keys with the others");
        ManifestError::new(format!("contests[{i}]"), value, expected)
    })?;
    let bytes = parts.to_bytes();
    if bytes.len() > MAX_BYTES {
        let (value, expected) =
            (format!("{} bytes", bytes.len()), format!("at most {MAX_BYTES} canonical bytes"));
        return Err(ManifestError::new("the manifest", value, expected));
    }
    let hash = ManifestHash::of_bytes(&bytes);
    let layout = Layout { first_slots, slots, ..layout };
    Ok(Manifest { layout: layout.into(), hash, parts: parts.into() })
}

/// Checks the two questions of which a contest decides if both pass.
fn check_if_both(
    path: &str,
    contest: &Contest,
    before: &[Contest],
    contests: &[Contest],
) -> Result<(), ManifestError> {
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
        // Otherwise one could take effect by this contest, and not by the other.
        if let Some(other) = before.iter().position(|c| c.if_both.contains(id)) {
            let expected = format!("a question of which contests[{other}] does not decide");
            return Err(ManifestError::new(format!("{path}[{i}]"), id, expected));
        }
    }
    Ok(())
}

/// Checks the names of languages, such as `de`, `pt-br` or `zh-hant`.
fn check_languages(languages: &[String]) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    if languages.len() > MAX_LANGUAGES {
        let (value, expected) = (languages.len(), format!("at most {MAX_LANGUAGES} languages"));
        mistakes.add(ManifestError::new("languages", value, expected))
    }
    for (i, language) in languages.iter().enumerate() {
        let path = format!("languages[{i}]");
        let is_allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if !(1..=MAX_LANGUAGE).contains(&language.len()) || !language.bytes().all(is_allowed) {
            let expected = "a language tag such as 'de' or 'pt-br': a-z, 0-9 and '-'";
            mistakes.add(ManifestError::new(&path, language, expected))
        }
        if languages.iter().take(i).any(|known| known == language) {
            mistakes.add(ManifestError::new(path, language, "each language once"))
        }
    }
    mistakes.end()
}

/// Checks that each of a list is used, if nothing else is wrong with it. Of several with the same id the first is used.
fn check_used<'a>(
    list: &str,
    ids: impl Iterator<Item = &'a String>,
    used: &BTreeSet<usize>,
    expected: &str,
    mistakes: &mut Mistakes,
) {
    for (i, id) in ids.enumerate().filter(|(i, _)| !used.contains(i)) {
        let path = format!("{list}[{i}]");
        mistakes.check(&[&path], || Err(ManifestError::new(&path, id, expected)));
    }
}

fn check_trustees(parts: &Parts, mistakes: &mut Mistakes) {
    let Parts { trustees, groups, .. } = parts;
    let many = |path: &str, n: usize| {
        let value = if n == 0 { String::new() } else { format!("{n} trustees") };
        ManifestError::new(path, value, format!("1 to {MAX_TRUSTEES} trustees"))
    };
    if !(1..=MAX_TRUSTEES).contains(&trustees.len()) {
        mistakes.add(many("trustees", trustees.len()))
    }
    let mut names = Distinct::new();
    for (path, trustee) in parts.trustees() {
        let path = format!("{path}.name");
        mistakes.take(check_text(&path, &trustee.name, MAX_NAME));
        mistakes.take(names.take((), path, &trustee.name));
    }
    let mut keys = BTreeMap::new();
    for (path, key) in parts.authors() {
        mistakes.check(&[&path], || match keys.insert(key.element().as_bytes(), path.clone()) {
            None => Ok(()),
            Some(first) => {
                let expected = format!("a key of its own: {first} has the same key");
                Err(ManifestError::new(&path, key, expected))
            }
        });
    }
    let mut names = Distinct::new();
    for (place, group) in groups.iter().enumerate() {
        if groups.are_named() {
            let path = groups.path(place, "group");
            mistakes.take(check_text(&path, &group.name, MAX_NAME));
            mistakes.take(names.take((), path, &group.name));
        }
        let members = groups.path(place, if groups.are_named() { "members" } else { "trustees" });
        let most = group.members.len();
        if most == 0 {
            mistakes.add(many(&members, most));
        }
        let [threshold, quorum, rehearsals] =
            ["threshold", "close_quorum", "rehearsals"].map(|field| groups.path(place, field));
        let (most, least) = (most as u64, group.threshold.into());
        mistakes.check(&[&members], || number(&threshold, least, 1, most));
        mistakes.check(&[&members, &threshold, &quorum], || match group.close_quorum {
            Some(found) => number(&quorum, found.into(), least, most),
            None => Ok(()),
        });
        mistakes.check(&[&members], || number(&rehearsals, group.rehearsals.into(), 0, most));
    }
}

/// The names of districts and stations.
fn check_places(Parts { languages, districts, stations, .. }: &Parts, mistakes: &mut Mistakes) {
    let languages = Languages(languages);
    let mut names = Distinct::new();
    for (i, district) in districts.iter().enumerate() {
        let path = format!("districts[{i}].name");
        languages.check(&path, &district.name, MAX_NAME, mistakes);
        names.take_text(languages, 0, &path, &district.name, mistakes);
    }
    let mut names = Distinct::new();
    for (i, station) in stations.iter().enumerate() {
        let [path, district] = ["name", "district"].map(|field| format!("stations[{i}].{field}"));
        languages.check(&path, &station.name, MAX_NAME, mistakes);
        if !mistakes.at(&district) {
            names.take_text(languages, station.district, &path, &station.name, mistakes);
        }
    }
}

fn check_log(LogPolicy { key, witnesses, quorum }: &LogPolicy) -> Result<(), ManifestError> {
    let n = witnesses.len();
    let Some(most) = u16::try_from(n).ok().filter(|_| n <= MAX_WITNESSES) else {
        let (value, expected) =
            (format!("{n} witnesses"), format!("at most {MAX_WITNESSES} witnesses"));
        return Err(ManifestError::new("log.witnesses", value, expected));
    };
    let (mut names, mut mistakes) = (Distinct::new(), Mistakes::default());
    // The message of a cosignature holds no name, so two witnesses cannot share a key.
    let mut keys = BTreeMap::from([(key.as_bytes(), String::from("log.key"))]);
    for (i, witness) in witnesses.iter().enumerate() {
        let path = format!("log.witnesses[{i}].name");
        if !is_key_name(&witness.name) || marked(&witness.name).any(|(_, unseen)| unseen) {
            let expected = "1 to 200 bytes without white space, invisible characters and '+'";
            mistakes.add(ManifestError::new(&path, &witness.name, expected))
        }
        mistakes.take(names.take((), path, &witness.name));
        let path = format!("log.witnesses[{i}].key");
        if let Some(first) = keys.insert(witness.key.as_bytes(), path.clone()) {
            let expected = format!("a key of its own: {first} has the same key");
            mistakes.add(ManifestError::new(path, witness.key, expected))
        }
    }
    mistakes.take(number("log.quorum", (*quorum).into(), 0, most.into()));
    mistakes.end()
}

/// Checks the styles that hold no contest with a mistake.
fn check_styles(contests: &[Contest], styles: &[BallotStyle], mistakes: &mut Mistakes) {
    if contests.is_empty() {
        return;
    }
    let wrong: Vec<bool> =
        (0..contests.len()).map(|i| mistakes.at(&format!("contests[{i}]"))).collect();
    let of_contests: Vec<usize> = contests
        .iter()
        .zip(&wrong)
        .map(|(contest, wrong)| if *wrong { 0 } else { contest.limit_terms() })
        .collect();
    // On a ballot a contest has no fewer bits than by itself.
    let bits: Vec<usize> = contests
        .iter()
        .zip(&wrong)
        .map(|(contest, wrong)| if *wrong { 0 } else { bits_of(&[contest], &[]) })
        .collect();
    let mut terms = 0usize;
    for (i, style) in styles.iter().enumerate() {
        let path = format!("styles[{i}]");
        let is_wrong = |contest: &usize| wrong.get(*contest) != Some(&false);
        if mistakes.at(&path) || style.contests.iter().any(is_wrong) {
            continue;
        }
        let sum = |of: &[usize]| {
            let held = style.contests.iter().filter_map(|contest| of.get(*contest));
            held.fold(0, |sum: usize, n| sum.saturating_add(*n))
        };
        let held = (sum(&of_contests), sum(&bits));
        let more: usize = mistakes.take(check_style(i, style, contests, held));
        terms = terms.saturating_add(more);
        if terms > MAX_TERMS {
            let expected = format!("styles whose limits have at most {MAX_TERMS} terms together");
            let value = format!("{terms} terms");
            return mistakes.add(ManifestError::new(path, value, expected));
        }
    }
}

/// A ballot of the style must fit an entry of the board: 32 bytes for each slot and for `A`, and as many for
/// each bit and six other parts of the proof, and the wide proof if a contest is folded. Returns how many terms its limits have,
/// `of_contests` of which its contests have; these have so many bits at least.
fn check_style(
    place: usize,
    style: &BallotStyle,
    contests: &[Contest],
    (of_contests, least): (usize, usize),
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
    let fits = |bits: usize, wide: usize| {
        let parts = bits.saturating_add(slots + 7).saturating_mul(32);
        let size = parts.saturating_add(BALLOT_HEAD).saturating_add(wide);
        if size > MAX_ENTRY {
            let value = format!("ballots of {size} bytes");
            let expected = format!("contests whose ballots have at most {MAX_ENTRY} bytes");
            return Err(ManifestError::new(&path, value, expected));
        }
        Ok(())
    };
    // Before the rules are made, or a short manifest with many styles would take minutes to be refused.
    fits(least, 0)?;
    rules::check(place, style, &held)?;
    let wide = folded(&held).map_or(0, |(rules, _)| Proof::size(rules.values()));
    fits(bits_of(&held, &style.limits), wide)?;
    Ok(terms)
}

/// The bits of a ballot with these contests and joint limits.
fn bits_of(held: &[&Contest], limits: &[Limit]) -> usize {
    work::step();
    rules::rules(held, limits).bits()
}

/// The titles of the contests on one ballot are distinct in every language. Other contests can share a title: a mayor in each town.
fn check_titles(
    contests: &[Contest],
    styles: &[BallotStyle],
    languages: Languages<'_>,
) -> Result<(), ManifestError> {
    let mut mistakes = Mistakes::default();
    for language in languages_of(contests.iter().map(|contest| &contest.title)) {
        // Equal titles get the same number.
        let mut numbers = BTreeMap::new();
        let number_of = |contest: &Contest| {
            let next = numbers.len();
            let title = contest.title.in_language(language.unwrap_or(0));
            *numbers.entry(normalise(title)).or_insert(next)
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
                    let of = |contest: &Contest, place: usize| {
                        let language = language.filter(|_| contest.title.strings().len() > 1);
                        languages.path(&format!("contests[{place}].title"), language)
                    };
                    let [there, here] = [other, contest]
                        .map(|contest| contest.title.in_language(language.unwrap_or(0)));
                    let what = format!("on styles[{s}] a title");
                    let expected = own(&what, &of(other, first), there, here);
                    mistakes.add(ManifestError::new(of(contest, *c), here, expected))
                }
            }
        }
    }
    mistakes.end()
}
