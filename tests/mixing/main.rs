//! Rankings and write-ins on a board: whole elections, and attacks on each step of them.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/dealer.rs"]
mod dealer;
#[path = "../common/handover.rs"]
mod handover;
#[path = "../common/mixes.rs"]
mod mixes;

mod accounts;
mod cascades;
mod elections;
mod opened_ballots;
mod openings;
mod rankings;
mod wrong_mixes;
