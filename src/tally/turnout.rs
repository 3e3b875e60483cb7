//! The turnout.

use crate::codec::{Encode, put_count};
use alloc::vec::Vec;
use core::fmt;

/// How many voters took part, each counted once whatever their weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turnout {
    /// Ballots by district, in the manifest's order.
    pub districts: Vec<u64>,
    /// Voters on the roll by district.
    pub on_roll: Vec<u64>,
    /// Ballots by polling station, in the manifest's order.
    pub stations: Vec<u64>,
    /// Ballots cast remotely.
    pub remote: u64,
}

impl Encode for Turnout {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { districts, on_roll, stations, remote } = self;
        for list in [districts, on_roll, stations] {
            put_count(out, list.len());
            list.iter().for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        out.extend_from_slice(&remote.to_be_bytes());
    }
}

impl Turnout {
    /// All ballots.
    pub fn ballots(&self) -> u64 {
        self.districts.iter().sum()
    }
}

/// The first number of a claimed turnout that differs from the one recomputed, in words.
pub(crate) fn turnout_difference(claimed: &Turnout, own: &Turnout) -> Option<(TurnoutPart, usize)> {
    let lists = [
        (TurnoutPart::District, &claimed.districts, &own.districts),
        (TurnoutPart::OnRoll, &claimed.on_roll, &own.on_roll),
        (TurnoutPart::Station, &claimed.stations, &own.stations),
    ];
    for (part, claimed, own) in lists {
        if claimed.len() != own.len() {
            return Some((part, claimed.len().min(own.len())));
        }
        if let Some(place) = claimed.iter().zip(own).position(|(a, b)| a != b) {
            return Some((part, place));
        }
    }
    (claimed.remote != own.remote).then_some((TurnoutPart::Remote, 0))
}

/// A list of the turnout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TurnoutPart {
    /// Ballots by district.
    District,
    /// Voters on the roll by district.
    OnRoll,
    /// Ballots by polling station.
    Station,
    /// Ballots cast remotely.
    Remote,
}

impl fmt::Display for TurnoutPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::District => "ballots of district",
            Self::OnRoll => "voters on the roll of district",
            Self::Station => "ballots of station",
            Self::Remote => "remote ballots",
        })
    }
}
