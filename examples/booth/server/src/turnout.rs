//! Who has voted, by district and station, and how that came about.
//!
//! The board has no clock. So the server notes once a minute what the numbers are, in a file beside the board, a line of JSON for each. The
//! file proves nothing and is waited for by nobody: a crash may lose its last minute.

use crate::published::now;
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};
use tabella::{Manifest, board::State, tally::Turnout};

/// Seconds between two lines.
const STEP: u64 = 60;

/// The numbers of a minute, in the manifest's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    time: u64,
    ballots: u64,
    remote: u64,
    districts: Vec<u64>,
    stations: Vec<u64>,
}

impl Sample {
    fn of(turnout: &Turnout, time: u64) -> Self {
        let Turnout { districts, on_roll: _, stations, remote } = turnout.clone();
        Self { time, ballots: turnout.ballots(), remote, districts, stations }
    }

    fn differs(&self, other: &Self) -> bool {
        *self != Self { time: self.time, ..other.clone() }
    }
}

/// What was noted.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    samples: Arc<Vec<Sample>>,
}

impl History {
    /// What is in this file. Lines that are none of this election are left out.
    pub fn read(path: PathBuf, manifest: &Manifest) -> io::Result<Self> {
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let (districts, stations) = (manifest.districts().len(), manifest.stations().len());
        let samples = text.lines().filter_map(|line| serde_json::from_str(line).ok());
        let fits = |s: &Sample| s.districts.len() == districts && s.stations.len() == stations;
        let samples = Arc::new(samples.filter(fits).collect());
        Ok(Self { path, samples })
    }

    /// Notes the numbers if they are others than those noted last, and a minute has gone by or it `must`.
    pub fn note(&mut self, turnout: &Turnout, must: bool) -> io::Result<()> {
        let sample = Sample::of(turnout, now());
        let is_due = self.samples.last().is_none_or(|last| {
            sample.differs(last) && (must || sample.time >= last.time.saturating_add(STEP))
        });
        if !is_due {
            return Ok(());
        }
        let mut line = serde_json::to_string(&sample).map_err(io::Error::other)?;
        // Before it, too: a crash may have left a piece of a line.
        line.insert(0, '\n');
        line.push('\n');
        Arc::make_mut(&mut self.samples).push(sample);
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        file.write_all(line.as_bytes())
    }
}

/// The turnout as JSON.
#[derive(Serialize)]
struct View<'a> {
    time: u64,
    voters: u64,
    ballots: u64,
    spoiled: u64,
    opened: u64,
    remote: u64,
    districts: Vec<District<'a>>,
    stations: Vec<Station<'a>>,
    history: &'a [Sample],
}

#[derive(Serialize)]
struct District<'a> {
    id: &'a str,
    voters: u64,
    ballots: u64,
}

#[derive(Serialize)]
struct Station<'a> {
    id: &'a str,
    district: Option<&'a str>,
    ballots: u64,
}

/// The turnout of a board, once it has a roll.
pub fn of(state: &State) -> Option<Turnout> {
    let (partial, roll) = state.partial_tally().zip(state.roll())?;
    partial.turnout(roll).ok()
}

/// The same as JSON, with what was noted.
pub fn json(state: &State, manifest: &Manifest, history: &History) -> String {
    let turnout = of(state);
    let (mut districts, mut stations) = (Vec::new(), Vec::new());
    if let Some(Turnout { districts: ballots, on_roll, stations: at, .. }) = &turnout {
        for ((district, voters), ballots) in manifest.districts().iter().zip(on_roll).zip(ballots) {
            districts.push(District { id: &district.id, voters: *voters, ballots: *ballots });
        }
        for (station, ballots) in manifest.stations().iter().zip(at) {
            let district = manifest.districts().get(station.district).map(|d| d.id.as_str());
            stations.push(Station { id: &station.id, district, ballots: *ballots });
        }
    }
    let view = View {
        time: now(),
        voters: state.roll().map_or(0, |roll| roll.len() as u64),
        ballots: turnout.as_ref().map_or(0, Turnout::ballots),
        spoiled: state.spoiled(),
        opened: state.opened_spoils(),
        remote: turnout.as_ref().map_or(0, |turnout| turnout.remote),
        districts,
        stations,
        history: &history.samples,
    };
    // Only maps with keys that are no text, and writers that fail, make errors; there are none.
    serde_json::to_string(&view).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabella::{AuthorSecret, Contest, rand_core::OsRng};

    #[test]
    fn what_was_noted_is_there_after_a_crash() {
        let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
        let manifest = Manifest::builder("m")
            .operator(key())
            .trustees([key()], 1)
            .contest(Contest::choose_one("c", ["a", "b"]))
            .build()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("board.turnout");
        let turnout =
            |n| Turnout { districts: vec![n], on_roll: vec![9], stations: Vec::new(), remote: n };
        let mut history = History::read(path.clone(), &manifest).unwrap();
        for (ballots, must) in [(0, false), (1, false), (1, true), (1, true), (2, true)] {
            history.note(&turnout(ballots), must).unwrap();
        }
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"{\"time\":17").unwrap();
        let mut again = History::read(path.clone(), &manifest).unwrap();
        assert_eq!(again.samples, history.samples);
        again.note(&turnout(3), true).unwrap();
        let ballots: Vec<u64> = History::read(path, &manifest)
            .unwrap()
            .samples
            .iter()
            .map(|sample| sample.ballots)
            .collect();
        assert_eq!(ballots, [0, 1, 2, 3]);
    }
}
