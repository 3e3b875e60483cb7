//! Whatever stands in a record: an audit does not panic, and does not accept what differs from the good one.
#![no_main]

use attacks::World;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tabella::{
    audit::{self, Expect},
    board::Board,
};

static GOOD: LazyLock<Board> = LazyLock::new(|| World::referendum(1).referendum_board());

// The input takes the place of some bytes of a good record.
fuzz_target!(|input: (u32, u16, Vec<u8>)| {
    let (at, cut, patch) = input;
    let good = GOOD.bytes();
    let at = at as usize % (good.len() + 1);
    let end = (at + usize::from(cut)).min(good.len());
    let bytes = [&good[..at], &patch, &good[end..]].concat();
    let rng = &mut attacks::rng(2);
    let expect = Expect { root: Some(GOOD.state().root()), ..Expect::default() };
    let accepted = audit::run(&bytes, &expect, rng).is_ok_and(|report| report.is_accepted());
    assert_eq!(accepted, bytes == good);
    if let Ok(board) = tabella::board::replay(&bytes, rng) {
        assert_eq!(board.bytes(), bytes);
    }
});
