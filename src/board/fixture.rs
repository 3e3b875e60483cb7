//! The smallest board on which voting is open, for unit tests.

use super::{Board, Object as _};
use crate::{
    ballot::{Choices, Header},
    contest::Contest,
    crypto::signature::AuthorSecret,
    keys::{Trustee, in_one_process},
    manifest::Manifest,
    roll::Credential,
};
use alloc::vec::Vec;
use rand_core::OsRng;

/// One trustee, one voter, and contest `c` with the option `a`.
pub(crate) struct Small {
    pub(crate) operator: AuthorSecret,
    pub(crate) trustee: Trustee,
    pub(crate) voter: Credential,
    pub(crate) board: Board,
}

impl Small {
    pub(crate) fn open() -> Self {
        let rng = &mut OsRng;
        let operator = AuthorSecret::random(rng).unwrap();
        let secrets = [AuthorSecret::random(rng).unwrap()];
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([secrets[0].public().clone()], 1)
            .contest(Contest::choose_one("c", ["a"]))
            .build()
            .unwrap();
        let (messages, trustees) = in_one_process(&manifest, &secrets, rng).unwrap();
        let voter = Credential::random(rng).unwrap();
        let roll = [voter.registration(&manifest, 0, rng).unwrap()];
        let board = Board::open(&manifest, &operator, &messages, &trustees, &roll, rng).unwrap();
        let [trustee] = trustees.try_into().unwrap();
        Self { operator, trustee, voter, board }
    }

    /// Ballots of the voter, the first ones.
    pub(crate) fn ballots(&self, count: u32) -> Vec<Vec<u8>> {
        let election = self.board.election().unwrap();
        let choices = Choices::new().pick("c", "a");
        let ballot = |sequence| {
            let header = Header { sequence, ..Header::remote(0) };
            let sealed = election.encrypt(&self.voter, &header, &choices, &mut OsRng).unwrap();
            sealed.cast().to_object()
        };
        (0..count).map(ballot).collect()
    }
}
