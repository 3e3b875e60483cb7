//! Shares handed over to other people on a board.

use crate::World;
use rand_chacha::ChaCha20Rng;
use tabella::{
    ballot::{Choices, Header},
    board::Board,
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{Deal, Dealer, Recipient, Trustee},
    manifest::Member,
    tally::Outcome,
};

/// New people, with their secrets and their entries as members.
pub fn people(n: usize, rng: &mut ChaCha20Rng) -> (Vec<AuthorSecret>, Vec<Member>) {
    let secrets: Vec<_> = (0..n).map(|_| AuthorSecret::random(rng).unwrap()).collect();
    let entries = entries(&secrets);
    (secrets, entries)
}

pub fn entries(secrets: &[AuthorSecret]) -> Vec<Member> {
    let entry = |(i, secret): (usize, &AuthorSecret)| Member {
        name: format!("member {}", i + 1),
        key: secret.public().clone(),
    };
    secrets.iter().enumerate().map(entry).collect()
}

/// A board after the first ceremony, before the roll.
pub fn started(world: &mut World) -> Board {
    let World { manifest, operator, ceremony, trustees, rng, .. } = world;
    let mut board = Board::new();
    board.post_manifest(manifest, operator, rng).unwrap();
    for commit in &ceremony.commits {
        board.post(commit, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    for deal in &ceremony.deals {
        board.post(deal, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board.close_round(operator, rng).unwrap();
    for trustee in trustees.iter() {
        board.post(&trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    board
}

/// A resharing up to the round of deals, in which no deal is published yet.
pub fn begin(
    board: &mut Board,
    operator: &AuthorSecret,
    old: &mut [Trustee],
    new: (&[Member], u16),
    rng: &mut ChaCha20Rng,
) -> Vec<Dealer> {
    begin_groups(board, operator, old, &[new], rng)
}

/// The same to these members of each group.
pub fn begin_groups(
    board: &mut Board,
    operator: &AuthorSecret,
    old: &mut [Trustee],
    new: &[(&[Member], u16)],
    rng: &mut ChaCha20Rng,
) -> Vec<Dealer> {
    board.reshare(operator, new, rng).unwrap();
    let mut dealers = Vec::new();
    for trustee in old {
        let (dealer, commit) = crate::hand_over(&mut *trustee, board.state(), rng).unwrap();
        board.post(&commit, rng).unwrap();
        dealers.push(dealer);
    }
    board.close_round(operator, rng).unwrap();
    dealers
}

/// Publishes all deals on the board.
pub fn show(
    board: &mut Board,
    operator: &AuthorSecret,
    dealers: Vec<Dealer>,
    rng: &mut ChaCha20Rng,
) -> Vec<Deal> {
    let observer = board.state().observer().unwrap().clone();
    let deals: Vec<_> = dealers.into_iter().map(|dealer| dealer.deal(&observer).unwrap()).collect();
    for deal in &deals {
        board.post(deal, rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    deals
}

/// From the round of complaints to the end: everybody receives shares and confirms.
pub fn take(
    board: &mut Board,
    operator: &AuthorSecret,
    secrets: &[AuthorSecret],
    rng: &mut ChaCha20Rng,
) -> Vec<Trustee> {
    board.close_round(operator, rng).unwrap();
    let observer = board.state().observer().unwrap().clone();
    let receive = |(secret, number)| {
        Recipient::new(observer.setup(), number, secret).unwrap().finish(&observer).unwrap()
    };
    let trustees: Vec<Trustee> = secrets.iter().zip(1u16..).map(receive).collect();
    for trustee in &trustees {
        board.post(&trustee.confirm(rng).unwrap(), rng).unwrap();
    }
    board.close_round(operator, rng).unwrap();
    trustees
}

/// A complete resharing from these trustees to these people.
pub fn reshare(
    board: &mut Board,
    operator: &AuthorSecret,
    old: &mut [Trustee],
    (secrets, threshold): (&[AuthorSecret], u16),
    rng: &mut ChaCha20Rng,
) -> Vec<Trustee> {
    let dealers = begin(board, operator, old, (&entries(secrets), threshold), rng);
    show(board, operator, dealers, rng);
    take(board, operator, secrets, rng)
}

/// The first ballots of these voters, who all choose the same option.
pub fn vote(world: &mut World, board: &mut Board, voters: std::ops::Range<usize>, option: &str) {
    let election = board.election().unwrap().clone();
    for voter in voters {
        let choices = Choices::new().pick("bridge", option);
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
}

/// The result, opened by these trustees after the tally.
pub fn open(world: &mut World, board: &mut Board, openers: &mut [Trustee]) -> Outcome {
    let World { operator, rng, .. } = world;
    for trustee in openers {
        let share = trustee.open(board.state(), rng).unwrap();
        board.post(&share, rng).unwrap();
    }
    let table = DlogTable::new(board.state().tally().unwrap().bound());
    board.finish(operator, &table, rng).unwrap()
}
