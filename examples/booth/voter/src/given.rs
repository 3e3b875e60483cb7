//! What comes in as JSON, and numbers that go out.

use crate::fault::{Fault, Result};
use alloc::string::{String, ToString};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use tabella::{
    Manifest,
    ballot::{Header, Origin, Tracker},
    log::merkle::Head,
    roll::VoterKey,
};

/// The largest number up to which all whole ones are exact in JavaScript.
const EXACT: u64 = (1 << 53) - 1;

/// Reads the parameters of a call.
pub fn parameters<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Fault::argument)
}

/// A number as JavaScript can read it exactly: in digits, if it is large.
pub fn count(number: u64) -> Value {
    if number <= EXACT { number.into() } else { number.to_string().into() }
}

/// A whole number, or its digits; `at` says where it stands.
pub fn whole(value: &Value, at: &str) -> Result<i128> {
    let number = match value {
        Value::Number(number) => number.as_i128(),
        Value::String(digits) => digits.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| Fault::argument(format_args!("{at}: {value} — expected a whole number")))
}

/// The same, if it is not negative.
pub fn natural(value: &Value, at: &str) -> Result<u64> {
    let number = whole(value, at)?;
    let range = |_| Fault::argument(format_args!("{at}: {number} — expected 0 to {}", u64::MAX));
    number.try_into().map_err(range)
}

/// What a voter knows of their own ballot.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    tracker: Option<String>,
    voter: Option<String>,
}

impl Expected {
    pub fn voter(&self) -> Result<Option<VoterKey>> {
        self.voter.as_deref().map(|key| crate::fault::read("the voter's key", key)).transpose()
    }

    pub fn tracker(&self) -> Result<Option<Tracker>> {
        self.tracker.as_deref().map(|text| crate::fault::read("the tracker", text)).transpose()
    }

    /// Compares a ballot with it.
    pub fn check(&self, tracker: Tracker, voter: VoterKey) -> Result<()> {
        if let Some(expected) = self.voter()?.filter(|expected| *expected != voter) {
            let message =
                format_args!("the ballot is of {voter}, and not of {expected}: it is not your own");
            return Err(Fault::new("voter", message));
        }
        match self.tracker()?.filter(|expected| *expected != tracker) {
            Some(expected) => Err(other_ballot(tracker, expected)),
            None => Ok(()),
        }
    }
}

/// It is another ballot than it should be.
pub fn other_ballot(found: Tracker, expected: Tracker) -> Fault {
    Fault::new("tracker", format_args!("it is the ballot {found}, and not {expected}"))
}

/// A head of the board, as it was published where nobody can take it back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    size: u64,
    root: String,
}

impl Published {
    pub fn head(&self) -> Result<Head> {
        Ok(Head { size: self.size, root: crate::fault::read("the published root", &self.root)? })
    }
}

/// What goes in front of a ballot, by ids.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    pub style: String,
    #[serde(default)]
    sequence: Option<u32>,
    #[serde(default)]
    station: Option<String>,
    #[serde(default)]
    weight: Value,
}

impl Heading {
    pub fn header(&self, manifest: &Manifest) -> Result<Header> {
        let style = style(manifest, &self.style)?;
        let station = |id: &String| {
            let place = manifest.station(id).and_then(|place| u16::try_from(place).ok());
            let known = || manifest.stations().iter().map(|station| station.id.as_str());
            place.map(Origin::Station).ok_or_else(|| unknown("station", id, known()))
        };
        let origin = self.station.as_ref().map(station).transpose()?.unwrap_or(Origin::Remote);
        Ok(Header { style, sequence: self.sequence.unwrap_or_default(), origin })
    }

    /// The voter's weight; 1 unless it is given.
    pub fn weight(&self) -> Result<u64> {
        match &self.weight {
            Value::Null => Ok(1),
            weight => natural(weight, "weight"),
        }
    }
}

/// The place of the style with this id.
pub fn style(manifest: &Manifest, id: &str) -> Result<u16> {
    let place = manifest.style(id).and_then(|place| u16::try_from(place).ok());
    let known = || manifest.styles().iter().map(|style| style.id.as_str());
    place.ok_or_else(|| unknown("ballot style", id, known()))
}

/// There is no such thing, but these.
pub fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    /// So many are named.
    const MOST: usize = 20;
    let known: String = known.take(MOST).enumerate().fold(String::new(), |text, (place, id)| {
        let comma = if place == 0 { "" } else { ", " };
        text + comma + id
    });
    Fault::argument(format_args!("{what} '{id}' — expected one of {known}"))
}
