//! A town of two districts, whose records are forged.

use super::object;
use crate::World;
use tabella::{
    ballot::{CastBallot, Choices, Election, Header, Origin},
    board::{Board, Kind},
    codec::Encode,
    contest::Contest,
    manifest::Builder,
};

/// Entry of the first ballot of [`World::town`].
pub const FIRST_BALLOT: u64 = 19;

impl World {
    /// Two of three trustees, and two must rehearse before the vote. Two districts with a station each, whose ballot styles
    /// have the same two contests. Three voters in each, who can each vote three times.
    pub fn town(seed: u8) -> Self {
        Self::town_with(seed, |builder| builder)
    }

    /// The same with more in the manifest.
    pub fn town_with(seed: u8, more: impl FnOnce(Builder) -> Builder) -> Self {
        Self::new(seed, (3, 2), &[0, 0, 0, 1, 1, 1], |builder| {
            more(
                builder
                    .minimum_cell(1)
                    .rehearsals(2)
                    .ballots_per_voter(3)
                    .district("north", "North")
                    .district("south", "South")
                    .station("hall", "Town hall", "north")
                    .station("school", "School", "south")
                    .contest(Contest::choose_one("mayor", ["ada", "ben"]))
                    .contest(Contest::choose_one("pool", ["yes", "no"]).blank())
                    .style("north", "north", ["mayor", "pool"])
                    .style("south", "south", ["mayor", "pool"]),
            )
        })
    }

    /// The ballots of [`World::town`]: voter 0 votes twice, voters 2 and 5 not at all.
    pub fn town_ballots(&mut self, election: &Election) -> Vec<CastBallot> {
        let choices = |mayor, pool| Choices::new().pick("mayor", mayor).pick("pool", pool);
        let at = |style, sequence, origin| Header { style, sequence, origin };
        let blank = Choices::new().pick("mayor", "ada").blank("pool");
        [
            (0, at(0, 0, Origin::Remote), choices("ada", "yes")),
            (1, at(0, 0, Origin::Station(0)), choices("ben", "no")),
            (3, at(1, 0, Origin::Remote), choices("ada", "yes")),
            (4, at(1, 0, Origin::Station(1)), blank),
            (0, at(0, 1, Origin::Remote), choices("ben", "no")),
        ]
        .map(|(voter, header, choices)| self.ballot(election, voter, &header, &choices))
        .into()
    }

    /// A board of [`World::town`] with its ballots, before the close.
    pub fn town_board(&mut self) -> Board {
        let mut board = self.open();
        let election = board.election().unwrap().clone();
        for ballot in self.town_ballots(&election) {
            board.post(&ballot, &mut self.rng).unwrap();
        }
        board
    }

    /// A ballot of a voter of the town, as an object.
    pub fn vote(
        &mut self,
        election: &Election,
        voter: usize,
        header: &Header,
        mayor: &str,
    ) -> Vec<u8> {
        let choices = Choices::new().pick("mayor", mayor).pick("pool", "yes");
        object(Kind::Ballot, &self.ballot(election, voter, header, &choices).to_bytes())
    }
}
