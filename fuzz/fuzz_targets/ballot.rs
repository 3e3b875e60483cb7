//! A ballot that can be read has one encoding, and nothing but the voter's own bytes is accepted; with amounts that are folded, too.
#![no_main]

use attacks::World;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tabella::{
    ballot::{Choices, Election, Header},
    codec::Encode,
    contest::{Contest, ContestOption},
};

/// A referendum's, and one that splits a weight.
static GOOD: LazyLock<[(Election, Vec<u8>); 2]> = LazyLock::new(|| {
    let split = World::new(1, (1, 1), &[0], |builder| {
        builder.contest(Contest::split("bridge", ["yes", "no"], 70_000))
    });
    let choices = Choices::new().of_weight(9).score("bridge", "yes", 8).pick("bridge", "no");
    let vote = Choices::new().pick("bridge", "yes");
    [(World::referendum(1), vote), (split, choices)].map(|(mut world, choices)| {
        let election = world.open().election().unwrap().clone();
        let ballot = world.ballot(&election, 0, &Header::remote(0), &choices).to_bytes();
        (election, ballot)
    })
});

static FOLDED: LazyLock<(Election, Vec<u8>)> = LazyLock::new(|| {
    let fund = Contest::choose("fund", [ContestOption::new("roof").most(100_000)], 1..=90_000);
    let bridge = Contest::choose_one("bridge", ["yes", "no"]);
    let mut world =
        World::new(4, (1, 1), &[0], |builder| builder.contest(fund.folded()).contest(bridge));
    let election = world.open().election().unwrap().clone();
    let choices = Choices::new().pick("bridge", "yes").score("fund", "roof", 70_000);
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices).to_bytes();
    (election, ballot)
});

// The input takes the place of some bytes of a good ballot, so that much of what is tried can be read.
fuzz_target!(|input: (u8, u16, Vec<u8>)| {
    let (which, at, patch) = input;
    let (election, good) = match which % 3 {
        2 => &*FOLDED,
        split => &GOOD[usize::from(split)],
    };
    let at = usize::from(at) % (good.len() + 1);
    let end = (at + patch.len()).min(good.len());
    let bytes = [&good[..at], &patch, &good[end..]].concat();
    if let Ok(ballot) = election.read_ballot(&bytes) {
        assert_eq!(ballot.to_bytes(), bytes);
        let accepted = election.verify(ballot, &mut attacks::rng(2)).is_ok();
        assert_eq!(accepted, bytes == *good);
    }
    if let Ok(opening) = election.read_opening(&bytes) {
        assert_eq!(opening.to_bytes(), bytes);
        assert!(election.check_opening(&opening, &mut attacks::rng(3)).is_err());
    }
});
