//! Rankings and write-ins on a board: whole elections, and attacks on each step of them.

mod accounts;
mod cascades;
mod elections;
mod opened_ballots;
mod openings;
mod rankings;
mod wrong_mixes;
