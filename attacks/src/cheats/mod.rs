//! Forged records: somebody with the secrets of the operator and of all trustees cheats once and makes everything that
//! follows consistent with it.

mod ballots;
mod close;
mod collusions;
mod keys;
mod proxies;
mod rehearsals;
mod resharing;
mod result;
mod signatures;
mod spoiled;
mod tally;
mod withdrawals;

pub use close::place_before_close;
pub use collusions::COLLUSIONS;
pub use resharing::{RESHARING_CHEATS, other_heirs, reshared};

use crate::{
    World,
    forge::{self, Forgery, Keys, Plan, object},
};
use tabella::{
    audit::Check,
    ballot::{Choices, Header, Origin, Tracker},
    board::Kind,
    codec::Encode,
};

// Entries of the honest town.
pub const MANIFEST: u64 = 0;
pub const COMMIT: u64 = 1;
pub const ROUNDS: [u64; 4] = [4, 8, 9, 13];
pub const DEAL: u64 = 5;
pub const CONFIRMATION: u64 = 10;
pub const QUESTION: u64 = 14;
pub const REHEARSAL: u64 = 15;
pub const ROLL: u64 = 18;
pub const FREEZE: u64 = 24;
pub const CLOSE: u64 = 25;
pub const TALLY: u64 = 28;
pub const SHARE: u64 = 29;
pub const RESULT: u64 = 31;
pub const SIZE: u64 = 32;

/// Checks that need more than the board and are not asked for here, or of mixes, which this town does not have.
pub const BEYOND: [Check; 5] = [
    Check::BallotReceipts,
    Check::RecordCheckpoints,
    Check::RecordViews,
    Check::MixesProofs,
    Check::ResultElected,
];

/// The entry of a finding that belongs to no entry.
pub const NOWHERE: u64 = u64::MAX;

/// A change of the honest plan.
pub type Change = fn(&mut Plan, &mut World);
/// A name, a change, and all findings of the audit.
pub type Cheat = (&'static str, Change, &'static [(Check, u64)]);

pub fn remote(style: u16, sequence: u32) -> Header {
    Header { style, sequence, origin: Origin::Remote }
}

/// Changes the content of the object of this kind at this place.
pub fn edit(plan: &mut Plan, kind: Kind, place: usize, change: impl Fn(&mut Vec<u8>) + 'static) {
    plan.edit = Box::new(move |k, p, content| {
        if (k, p) == (kind, place) {
            change(content);
        }
    });
}

/// Adds to a big-endian number of eight bytes.
pub fn add(content: &mut [u8], at: usize, amount: i64) {
    let bytes: &mut [u8; 8] = (&mut content[at..at + 8]).try_into().unwrap();
    *bytes = u64::from_be_bytes(*bytes).wrapping_add_signed(amount).to_be_bytes();
}

/// A ballot of a voter of the town.
pub fn vote(plan: &Plan, world: &mut World, voter: usize, header: &Header) -> Vec<u8> {
    let election = plan.election();
    let choices = Choices::new().pick("mayor", "ben").pick("pool", "no");
    world.ballot(&election, voter, header, &choices).to_bytes()
}

/// Puts a ballot on the board and counts it.
pub fn stuff(plan: &mut Plan, ballot: Vec<u8>) {
    plan.ballots.push(ballot.clone());
    plan.counted.push((ballot, 1));
}

/// A ballot whose proof was made for other values.
pub fn forge(plan: &mut Plan, world: &mut World, change: fn(&mut Forgery)) {
    let mut forgery = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    change(&mut forgery);
    let election = plan.election();
    stuff(plan, forgery.bytes(&election, &mut world.rng));
}

/// The objects that spoil a ballot.
pub struct Spoil {
    pub request: Vec<u8>,
    pub opening: Vec<u8>,
}

/// A valid ballot of a voter who has cast none, and what spoils it.
pub fn spoil(plan: &Plan, world: &mut World) -> (Spoil, Vec<u8>) {
    let forgery = Forgery::honest(&world.voters[2], remote(0, 0), &[1, 0, 1, 0, 0], 9);
    let (election, rng) = (plan.election(), &mut world.rng);
    let ballot = forgery.bytes(&election, rng);
    let (tracker, secrets) = (Tracker::of(&ballot), [forgery.signer, forgery.nonce]);
    let request = forge::spoil_request(&election, &tracker, secrets, rng);
    let opening = forge::spoil_opening(&ballot, &forgery.nonce);
    let request = object(Kind::SpoilRequest, &request);
    (Spoil { request, opening: object(Kind::SpoilOpening, &opening) }, ballot)
}

/// Another ceremony of the same trustees.
pub fn other_keys(plan: &mut Plan, world: &mut World) {
    let World { manifest, secrets, rng, .. } = world;
    let (messages, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    plan.keys = Keys::first(manifest, secrets, &messages, rng);
}

/// Replaces a dealer's commit and deal, and returns what the trustees confirmed.
pub fn other_dealer(plan: &mut Plan, world: &mut World, place: usize) -> [u8; 32] {
    let (commit, deal) = (plan.keys.commits[place].clone(), plan.keys.deals[place].clone());
    let confirmed = plan.keys.confirmed;
    let World { manifest, secrets, ceremony, rng, .. } = world;
    let mut messages = ceremony.clone();
    (messages.commits, messages.deals) = (plan.keys.commits.clone(), plan.keys.deals.clone());
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    messages.commits[place] = others.commits[place].clone();
    messages.deals[place] = others.deals[place].clone();
    assert!(messages.commits[place] != commit && messages.deals[place] != deal);
    plan.keys = Keys::first(manifest, secrets, &messages, rng);
    confirmed
}

/// A valid deal of this dealer to which it did not commit.
pub fn unpromised(plan: &mut Plan, world: &mut World, place: usize) -> Vec<u8> {
    let World { manifest, secrets, rng, .. } = world;
    let (others, _) = tabella::keys::in_one_process(manifest, secrets, rng).unwrap();
    let deal = others.deals[place].to_bytes();
    assert_ne!(deal, plan.keys.deals[place].to_bytes());
    deal
}

/// The object of this kind and place in the plan's record, without the byte for its kind.
pub fn content(plan: &Plan, world: &mut World, kind: Kind, place: usize) -> Vec<u8> {
    let log = plan.write(&mut world.rng);
    let entries = tabella::log::Entries::new(&log.bytes).map(Result::unwrap);
    let mut entries = entries.filter(|entry| entry[0] == kind as u8);
    entries.nth(place).unwrap()[1..].to_vec()
}

/// The cheats in a town that does not reshare, by family.
pub const FAMILIES: [&[Cheat]; 10] = [
    result::CHEATS,
    tally::CHEATS,
    close::CHEATS,
    ballots::CHEATS,
    keys::CHEATS,
    rehearsals::CHEATS,
    spoiled::CHEATS,
    signatures::CHEATS,
    withdrawals::CHEATS,
    proxies::CHEATS,
];
