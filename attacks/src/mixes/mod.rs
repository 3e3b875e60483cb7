//! Elections with mixes, and mixes and ballots made by cheats.

mod ballots;
mod hall;
mod prover;

pub use ballots::{Sealed, ballot_with, relation};
pub use hall::{CHOICES, Hall, ballots, open, read_rows, rows};
pub use prover::{
    Deed, Task, Until, foreign_row, invalid, re_encrypt, scalars, with_a_row_replaced,
};

use tabella::count::{Counting, Method, TieBreak};

pub fn schulze() -> Counting {
    Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order }
}
