//! Rankings in the format BLT: a line with the numbers of candidates and of seats, one with minus and the number for each candidate who
//! was withdrawn, a line for each ranking with how often it was given, `0`, and the names. Candidates on one place have `=` between them.

use crate::failure::{Failure, Result};
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};
use tabella::{
    count::Ranking,
    tally::{Outcome, Withdrawal},
};

/// The rankings of this contest, equal ones together. Ballots that do not count are left out.
pub fn write(outcome: &Outcome, contest: &str) -> Result<String> {
    let rankings = outcome.rankings(contest)?;
    let place = outcome.manifest().contest(contest);
    let counted = outcome.counted().iter().find(|counted| Some(counted.contest) == place);
    let held = place.and_then(|place| outcome.manifest().contests().get(place));
    let (counted, held) = counted
        .zip(held)
        .ok_or_else(|| Failure::refused(format!("'{contest}' was not counted")))?;
    let seats = held.counting.map_or(1, |counting| counting.seats);
    let mut given: BTreeMap<Ranking, u64> = BTreeMap::new();
    for ranking in rankings.into_iter().filter_map(|opened| opened.ranking.ok()) {
        *given.entry(ranking).or_default() += 1;
    }
    let mut text = String::new();
    writeln!(text, "{} {seats}", counted.candidates.len())?;
    for Withdrawal { option, .. } in
        outcome.withdrawn().iter().filter(|withdrawn| Some(withdrawn.contest) == place)
    {
        writeln!(text, "-{}", option + 1)?;
    }
    for (ranking, times) in &given {
        writeln!(text, "{times} {}0", Places(ranking))?;
    }
    writeln!(text, "0")?;
    for name in counted.shown(held).iter().map(String::as_str).chain([held.title.as_str()]) {
        // The format has no way to write a quotation mark.
        writeln!(text, "\"{}\"", name.replace('"', "'"))?;
    }
    Ok(text)
}

/// The candidates by number, from 1.
struct Places<'a>(&'a Ranking);

impl fmt::Display for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for group in self.0.groups() {
            let numbers: Vec<String> =
                group.iter().map(|number| (number + 1).to_string()).collect();
            write!(f, "{} ", numbers.join("="))?;
        }
        Ok(())
    }
}
