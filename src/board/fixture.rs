//! The smallest board on which voting is open, for unit tests.

use super::Board;
use crate::{
    contest::Contest,
    crypto::signature::AuthorSecret,
    keys::{Trustee, in_one_process},
    manifest::Manifest,
    roll::Credential,
};
use rand_core::OsRng;

/// One trustee, one voter, and contest `c` with the option `a`.
pub(super) struct Small {
    pub(super) operator: AuthorSecret,
    pub(super) trustee: Trustee,
    pub(super) voter: Credential,
    pub(super) board: Board,
}

impl Small {
    pub(super) fn open() -> Self {
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
}
