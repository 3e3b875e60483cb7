//! Decryption shares, their combination and the totals, through the public API.

use attacks::{World, bit_flips, rng};
use curve25519_dalek::{RistrettoPoint, Scalar};
use itertools::Itertools;
use proptest::prelude::*;
use tabella::{
    ballot::{Choices, Election, Header, VerifiedBallot},
    board::{Board, Kind, Refusal},
    codec::{Encode, Reader},
    contest::{Cell, Contest},
    crypto::{
        ProofCheck, ProveError,
        batch::{Bases, Batch},
        dlog::DlogTable,
    },
    keys::{self, Ceremony},
    roll::Roll,
    tally::{
        DecryptionShare, Opening, Outcome, OutcomeError, PartialTally, Tally, VerifiedShare,
        combine,
    },
};

/// Two of three trustees; contest "a" by district and contest "b" for all, in three districts of one style each.
fn three_districts(seed: u8, styles: &[u16]) -> World {
    World::new(seed, (3, 2), styles, |builder| {
        builder
            .minimum_cell(1)
            .district("north", "North")
            .district("south", "South")
            .district("west", "West")
            .contest(Contest::choose_one("a", ["x", "y"]))
            .contest(Contest::choose("b", ["z"], 0..=3).each(3).blank().cell(Cell::Election))
            .style("north", "north", ["a", "b"])
            .style("south", "south", ["a", "b"])
            .style("west", "west", ["a", "b"])
    })
}

fn election(world: &World) -> Election {
    Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap()
}

fn verified(world: &mut World, election: &Election, style: u16, option: &str) -> VerifiedBallot {
    let choices = Choices::new().pick("a", option).score("b", "z", 2);
    let ballot = world.ballot(election, 0, &Header::remote(style), &choices);
    election.verify(ballot, &mut world.rng).unwrap()
}

/// Cells a north, a south, a west (empty) and b: six factors over four slots.
fn tally(world: &mut World, election: &Election) -> Tally {
    let mut partial = PartialTally::new(&world.manifest);
    for (style, option) in [(0, "x"), (0, "y"), (1, "x")] {
        partial.add(&verified(world, election, style, option), 1).unwrap();
    }
    let tally = Tally::new(&partial);
    let openings = tally.cells().iter().map(|cell| cell.opening).collect_vec();
    assert_eq!(openings, [Opening::Shares, Opening::Shares, Opening::Empty, Opening::Shares]);
    tally
}

fn open(world: &mut World, election: &Election, tally: &Tally, place: usize) -> DecryptionShare {
    world.trustees[place].expose_factors(election, tally, &mut world.rng).unwrap()
}

fn verified_shares(world: &mut World, election: &Election, tally: &Tally) -> Vec<VerifiedShare> {
    let places = 0..world.trustees.len();
    let shares = places.map(|place| open(world, election, tally, place)).collect_vec();
    shares
        .into_iter()
        .map(|s| s.verify(election, election.ceremony().unwrap(), tally, &mut world.rng).unwrap())
        .collect()
}

fn decode(bytes: &[u8], tally: &Tally) -> Option<DecryptionShare> {
    let mut reader = Reader::new(bytes);
    let share = DecryptionShare::decode(&mut reader, tally).ok()?;
    reader.finish().ok()?;
    assert_eq!(share.to_bytes(), bytes, "not canonical");
    Some(share)
}

/// Whether the bytes are a valid share of this tally.
fn is_accepted(bytes: &[u8], election: &Election, tally: &Tally) -> bool {
    decode(bytes, tally).is_some_and(|share| {
        share.verify(election, election.ceremony().unwrap(), tally, &mut rng(0)).is_ok()
    })
}

/// One vote of the random elections below: district, option or blank, score, weight.
type Vote = (u16, usize, u64, u64);

fn random_election() -> impl Strategy<Value = (usize, u16, Vec<Vote>)> {
    let vote = (0u16..3, 0usize..3, 0u64..=3, 1u64..1000);
    (1usize..=4)
        .prop_flat_map(move |n| (Just(n), 1..=n as u16, prop::collection::vec(vote.clone(), 1..7)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn decrypt_any_t_of_n_open_the_totals_and_fewer_do_not(
        (n, t, votes) in random_election(),
        seed: u8,
    ) {
        let mut world = World::new(seed, (n, t), &[0], |builder| {
            builder
                .minimum_cell(1)
                .district("north", "North")
                .district("south", "South")
                .district("west", "West")
                .contest(Contest::choose_one("one", ["x", "y"]).blank())
                .contest(Contest::choose("many", ["z"], 0..=3).each(3).cell(Cell::Election))
                .style("north", "north", ["one", "many"])
                .style("south", "south", ["one", "many"])
                .style("west", "west", ["one", "many"])
        });
        let election = election(&world);
        let mut partial = PartialTally::new(&world.manifest);
        let mut expected = [vec![0; 3], vec![0; 3], vec![0; 3], vec![0; 1]];
        for (style, option, score, weight) in &votes {
            let choices = match option {
                0 => Choices::new().pick("one", "x"),
                1 => Choices::new().pick("one", "y"),
                _ => Choices::new().blank("one"),
            };
            let choices = choices.score("many", "z", *score);
            let ballot = world.ballot(&election, 0, &Header::remote(*style), &choices);
            partial.add(&election.verify(ballot, &mut world.rng).unwrap(), *weight).unwrap();
            expected[usize::from(*style)][*option] += *weight;
            expected[3][0] += score * weight;
        }
        let tally = Tally::new(&partial);
        let bound = tally.bound();
        prop_assert_eq!(bound, 3 * votes.iter().map(|(.., weight)| *weight).sum::<u64>());

        let shares = verified_shares(&mut world, &election, &tally);
        let all = combine(election.ceremony().unwrap(), &tally, &shares).unwrap();
        for (opened, expected) in all.cells.iter().zip_eq(&expected) {
            let expected = expected.iter().map(|v| RistrettoPoint::mul_base(&Scalar::from(*v)));
            prop_assert!(opened.iter().flatten().copied().eq(expected));
        }
        for some in shares.iter().cloned().powerset() {
            let opened = combine(election.ceremony().unwrap(), &tally, &some);
            let enough = some.len() >= usize::from(t);
            prop_assert_eq!(opened.as_ref().ok(), enough.then_some(&all), "{} of {}", some.len(), t);
            // In another order, and with one trustee's share twice.
            let twice = some.iter().rev().chain(some.first()).cloned().collect_vec();
            prop_assert_eq!(combine(election.ceremony().unwrap(), &tally, &twice), opened);
        }
        let registration = world.voters[0].registration(&world.manifest, 0, &mut world.rng).unwrap();
        let roll = Roll::new(&world.manifest, &[registration], &mut world.rng).unwrap();
        let table = DlogTable::new(bound);
        let outcome = Outcome::open(&election, election.ceremony().unwrap(), &tally, &shares, partial.turnout(&roll).unwrap(), &[], &table);
        let totals = outcome.unwrap().cells().iter().map(|c| c.totals.clone().unwrap()).collect_vec();
        prop_assert_eq!(totals, expected);
    }
}

#[test]
fn decrypt_every_bit_flip_is_refused() {
    let mut world = World::new(1, (2, 1), &[0], |builder| {
        builder.minimum_cell(1).contest(Contest::choose_one("a", ["x"]))
    });
    let election = election(&world);
    let choices = Choices::new().pick("a", "x");
    let ballot = world.ballot(&election, 0, &Header::remote(0), &choices);
    let mut partial = PartialTally::new(&world.manifest);
    partial.add(&election.verify(ballot, &mut world.rng).unwrap(), 1).unwrap();
    let tally = Tally::new(&partial);
    let bytes = open(&mut world, &election, &tally, 0).to_bytes();
    assert_eq!(bytes.len(), 2 + 32 * 6);
    assert!(is_accepted(&bytes, &election, &tally));
    let mut read = 0;
    bit_flips(&bytes, |bit, flipped| {
        read += usize::from(decode(flipped, &tally).is_some());
        assert!(!is_accepted(flipped, &election, &tally), "bit {bit}");
    });
    // Nearly all bit flips in the two scalars can be read, and some of those in the four elements.
    assert!(read > 2 * 250, "{read}");
}

#[test]
fn decrypt_every_truncation_and_extension_is_refused() {
    let mut world = three_districts(2, &[0]);
    let election = election(&world);
    let tally = tally(&mut world, &election);
    let bytes = open(&mut world, &election, &tally, 0).to_bytes();
    assert!(decode(&bytes, &tally).is_some());
    for end in 0..bytes.len() {
        assert_eq!(decode(&bytes[..end], &tally), None, "{end}");
    }
    for extra in [1, 31, 32, 64] {
        let longer = [bytes.clone(), vec![0; extra]].concat();
        assert_eq!(decode(&longer, &tally), None, "{extra}");
    }
    // The identity and a scalar that is not reduced.
    let last = bytes.len() - 32;
    for (at, block) in [(2, [0; 32]), (last, [0xff; 32])] {
        let mut changed = bytes.clone();
        changed[at..at + 32].copy_from_slice(&block);
        assert_eq!(decode(&changed, &tally), None, "{at}");
    }
}

/// Factors of two slots or cells, announcements, responses, and every other pair of parts are swapped.
#[test]
fn decrypt_every_swap_of_two_parts_is_refused() {
    let mut world = three_districts(3, &[0]);
    let election = election(&world);
    let tally = tally(&mut world, &election);
    let bytes = open(&mut world, &election, &tally, 1).to_bytes();
    let other = open(&mut world, &election, &tally, 1).to_bytes();
    let blocks = (bytes.len() - 2) / 32;
    assert_eq!(blocks, 6 + 4 + 2 + 4 + 1);
    assert!(is_accepted(&bytes, &election, &tally));
    let part = |i: usize| 2 + 32 * i..34 + 32 * i;
    for (i, j) in (0..blocks).tuple_combinations() {
        let mut swapped = bytes.clone();
        swapped[part(i)].copy_from_slice(&bytes[part(j)]);
        swapped[part(j)].copy_from_slice(&bytes[part(i)]);
        assert!(!is_accepted(&swapped, &election, &tally), "{i} and {j}");
    }
    // The same part from another share of the same trustee; only its factors are the same.
    assert!(is_accepted(&other, &election, &tally));
    for i in 0..blocks {
        let mut mixed = bytes.clone();
        mixed[part(i)].copy_from_slice(&other[part(i)]);
        assert_eq!(is_accepted(&mixed, &election, &tally), i < 6, "{i}");
    }
}

#[test]
fn decrypt_a_share_of_another_trustee_tally_or_election_is_refused() {
    let mut world = three_districts(4, &[0]);
    let here = election(&world);
    let tally = [tally(&mut world, &here), tally(&mut world, &here)];
    let share = open(&mut world, &here, &tally[0], 0);
    let bytes = share.to_bytes();
    assert!(is_accepted(&bytes, &here, &tally[0]));
    assert!(!is_accepted(&bytes, &here, &tally[1]));
    for number in [0u16, 2, 3, 4, 256, 257, u16::MAX] {
        let renamed = [&number.to_be_bytes(), &bytes[2..]].concat();
        assert!(!is_accepted(&renamed, &here, &tally[0]), "{number}");
    }

    // The keys of another ceremony of the same trustees, as in another epoch; another manifest.
    let (_, again) = keys::in_one_process(&world.manifest, &world.secrets, &mut world.rng).unwrap();
    let other_keys = Election::new(&world.manifest, again[0].ceremony()).unwrap();
    let other_world = three_districts(5, &[0]);
    let other_manifest = election(&other_world);
    for other in [&other_keys, &other_manifest] {
        assert!(!is_accepted(&bytes, other, &tally[0]));
        let made = world.trustees[0].expose_factors(other, &tally[0], &mut world.rng);
        assert_eq!(made, Err(ProveError::Shape));
    }
    // The trustee's own election, and a tally of another election with the same shape.
    let mut foreign = PartialTally::new(&other_world.manifest);
    let mut other_world = other_world;
    foreign.add(&verified(&mut other_world, &other_manifest, 0, "x"), 1).unwrap();
    let made = world.trustees[0].expose_factors(&here, &Tally::new(&foreign), &mut world.rng);
    assert_eq!(made, Err(ProveError::Shape));
}

/// Totals must not appear beside the options of another election.
#[test]
fn an_outcome_is_that_of_its_own_election() {
    let [mut here, there] = [6, 7].map(|seed| three_districts(seed, &[0]));
    let [election, other] = [&here, &there].map(election);
    let tally = tally(&mut here, &election);
    let shares = verified_shares(&mut here, &election, &tally);
    let registration = here.voters[0].registration(&here.manifest, 0, &mut here.rng).unwrap();
    let roll = Roll::new(&here.manifest, &[registration], &mut here.rng).unwrap();
    let turnout = PartialTally::new(&here.manifest).turnout(&roll).unwrap();
    let table = DlogTable::new(9);
    let open = |election: &Election, ceremony: &Ceremony| {
        Outcome::open(election, ceremony, &tally, &shares, turnout.clone(), &[], &table).map(drop)
    };
    assert_eq!(open(&election, election.ceremony().unwrap()), Ok(()));
    assert_eq!(open(&other, election.ceremony().unwrap()), Err(OutcomeError::OtherElection));
    assert_eq!(open(&election, other.ceremony().unwrap()), Err(OutcomeError::OtherElection));
    assert_eq!(open(&other, other.ceremony().unwrap()), Err(OutcomeError::OtherElection));
}

#[test]
fn decrypt_shares_of_another_tally_do_not_count() {
    let mut world = three_districts(6, &[0]);
    let election = election(&world);
    let [tally, other] = [tally(&mut world, &election), tally(&mut world, &election)];
    let shares = verified_shares(&mut world, &election, &tally);
    let others = verified_shares(&mut world, &election, &other);
    let opened = combine(election.ceremony().unwrap(), &tally, &shares[..2]);
    assert!(opened.is_ok());
    let mixed = [others[0].clone(), shares[1].clone(), others[2].clone()];
    let too_few = OutcomeError::TooFewShares { group: String::new(), found: 1, threshold: 2 };
    assert_eq!(combine(election.ceremony().unwrap(), &tally, &mixed), Err(too_few.clone()));
    let mixed = [others[0].clone(), shares[1].clone(), shares[2].clone(), others[1].clone()];
    assert_eq!(combine(election.ceremony().unwrap(), &tally, &mixed), opened);

    // One share twice, or with one of another tally, is only one trustee's.
    let registration = world.voters[0].registration(&world.manifest, 0, &mut world.rng).unwrap();
    let roll = Roll::new(&world.manifest, &[registration], &mut world.rng).unwrap();
    let turnout = PartialTally::new(&world.manifest).turnout(&roll).unwrap();
    let few = [shares[2].clone(), shares[2].clone(), others[0].clone()];
    let error = Outcome::open(
        &election,
        election.ceremony().unwrap(),
        &tally,
        &few,
        turnout.clone(),
        &[],
        &DlogTable::new(9),
    );
    assert_eq!(error, Err(too_few));
    // The table is too small for the 6 votes in the last cell.
    let error = Outcome::open(
        &election,
        election.ceremony().unwrap(),
        &tally,
        &shares,
        turnout,
        &[],
        &DlogTable::new(5),
    );
    assert_eq!(error, Err(OutcomeError::NotFound { cell: 3, place: 0 }));
}

#[test]
fn decrypt_a_batch_takes_shares_for_many_tallies() {
    let mut world = three_districts(7, &[0]);
    let election = election(&world);
    let tallies = (0..4).map(|_| tally(&mut world, &election)).collect_vec();
    let mut batch = Batch::new(&Bases::new());
    for (tally, place) in tallies.iter().cartesian_product(0..3) {
        open(&mut world, &election, tally, place).enqueue(
            &election,
            election.ceremony().unwrap(),
            tally,
            &mut batch,
        );
    }
    assert_eq!((batch.len(), batch.verify(&mut world.rng)), (12, Ok(())));
    // Two valid shares, each used for the other tally.
    let [one, other] = [0, 1].map(|i| open(&mut world, &election, &tallies[i], i));
    one.enqueue(&election, election.ceremony().unwrap(), &tallies[1], &mut batch);
    other.enqueue(&election, election.ceremony().unwrap(), &tallies[0], &mut batch);
    let error = batch.verify(&mut world.rng).unwrap_err();
    assert_eq!(error.culprits().iter().map(|c| c.index).collect_vec(), [12, 13]);
}

/// A board after the close: 3 ballots in the north, 2 in the south, none in the west.
fn closed(world: &mut World) -> (Board, Election, Tally) {
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, (style, option)) in
        [(0, "x"), (0, "x"), (0, "y"), (1, "x"), (1, "y")].iter().enumerate()
    {
        let choices = Choices::new().pick("a", option).score("b", "z", voter as u64 % 4);
        let ballot = world.ballot(&election, voter, &Header::remote(*style), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    board.close(&world.operator, &mut world.trustees, &mut world.rng).unwrap();
    let tally = board.tally(&world.operator, &mut world.rng).unwrap();
    (board, election, tally)
}

#[test]
fn decrypt_author_a_bad_share_is_refused_by_the_board_and_others_still_open() {
    let mut world = three_districts(8, &[0, 0, 0, 1, 1, 2]);
    let (mut board, election, tally) = closed(&mut world);
    let mut post = |bytes: &[u8]| {
        let object = [&[Kind::Share as u8], bytes].concat();
        board.post(&object, &mut world.rng).map(|_| ())
    };
    let shares =
        [0, 1, 2].map(|i| world.trustees[i].expose_factors(&election, &tally, &mut rng(i as u8)));
    let shares = shares.map(|share| share.unwrap().to_bytes());
    let mut bad = shares[0].clone();
    let last = bad.len() - 32;
    bad[last] ^= 1;
    let check = ProofCheck::Equation("DECRYPT.AUTHOR");
    assert_eq!(post(&bad), Err(Refusal::Share { trustee: 1, check }));
    let mut bad = shares[1].clone();
    bad[2..66].rotate_left(32);
    let check = ProofCheck::Equation("DECRYPT.D1");
    assert_eq!(post(&bad), Err(Refusal::Share { trustee: 2, check }));
    assert!(matches!(post(&bad[1..]), Err(Refusal::Malformed(_))));

    // The refused shares leave no trace; each trustee opens once.
    assert_eq!(post(&shares[2]), Ok(()));
    assert_eq!(post(&shares[2]), Err(Refusal::Trustee { number: 3 }));
    assert_eq!(post(&shares[0]), Ok(()));
    let table = DlogTable::new(tally.bound());
    let outcome = board.finish(&world.operator, &table, &mut world.rng).unwrap();
    assert_eq!((outcome.count("a", "x"), outcome.count("a", "y")), (Ok(3), Ok(2)));
}

#[test]
fn decrypt_open_a_wrong_total_is_refused_and_its_cell_named() {
    let mut world = three_districts(9, &[0, 0, 0, 1, 1, 2]);
    let (mut board, election, tally) = closed(&mut world);
    let shares = verified_shares(&mut world, &election, &tally);
    let state = board.state();
    let turnout = state.partial_tally().unwrap().turnout(state.roll().unwrap()).unwrap();
    let table = DlogTable::new(tally.bound());
    let good = Outcome::open(
        &election,
        election.ceremony().unwrap(),
        &tally,
        &shares,
        turnout,
        &[],
        &table,
    )
    .unwrap()
    .to_bytes();
    // Cells a north 2 1, a south 1 1, a west 0 0, b 6 0, then the turnout.
    let total = |place: usize| 8 * place..8 * place + 8;
    let read = |place| u64::from_be_bytes(good[total(place)].try_into().unwrap());
    assert_eq!((0..8).map(read).collect_vec(), [2, 1, 1, 1, 0, 0, 6, 0]);

    let post = |content: &[u8], world: &mut World, board: &mut Board| {
        let state = board.state();
        let World { operator, manifest, rng, .. } = world;
        let object = state.sign(operator, manifest, Kind::Result, content, rng).unwrap();
        board.post(&object, rng).map(|_| ())
    };
    for place in 0..2 {
        let refusal = Refusal::TooFewShares { group: String::new(), found: place, expected: 2 };
        assert_eq!(post(&good, &mut world, &mut board), Err(refusal));
        let share = open(&mut world, &election, &tally, place);
        board.post(&share, &mut world.rng).unwrap();
    }
    let mut refused = |cell: usize, totals: &[(usize, u64)]| {
        let mut content = good.clone();
        for (place, value) in totals {
            content[total(*place)].copy_from_slice(&value.to_be_bytes());
        }
        let refusal = Err(Refusal::WrongTotal { cell });
        assert_eq!(post(&content, &mut world, &mut board), refusal, "{totals:?}");
    };
    for place in 0..8 {
        refused(place / 2, &[(place, read(place) + 1)]);
        refused(place / 2, &[(place, read(place).wrapping_sub(1))]);
        refused(place / 2, &[(place, u64::MAX)]);
    }
    // Swapped between slots, cells and contests. If two cells are wrong, the first is named.
    for (i, j) in (0..8).tuple_combinations().filter(|(i, j)| read(*i) != read(*j)) {
        refused(i / 2, &[(i, read(j)), (j, read(i))]);
    }
    refused(1, &[(2, 2), (3, 0)]);
    refused(1, &[(2, 0), (6, 7)]);

    assert!(matches!(post(&good[1..], &mut world, &mut board), Err(Refusal::Malformed(_))));
    let longer = [&good[..], &[0]].concat();
    assert!(matches!(post(&longer, &mut world, &mut board), Err(Refusal::Malformed(_))));
    // Every byte of the turnout, including counts of lists.
    for at in 64..good.len() {
        let mut content = good.clone();
        content[at] ^= 1;
        let refusal = post(&content, &mut world, &mut board).unwrap_err();
        let named = matches!(refusal, Refusal::WrongTurnout { .. } | Refusal::Malformed(_));
        assert!(named, "{at}: {refusal}");
    }
    assert_eq!(post(&good, &mut world, &mut board), Ok(()));
}
