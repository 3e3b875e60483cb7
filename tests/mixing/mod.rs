//! Rankings and write-ins on a board: complete elections, and attacks on each step.

mod accounts;
mod cascades;
mod elections;
mod opened_ballots;
mod openings;
mod rankings;
mod wrong_mixes;
