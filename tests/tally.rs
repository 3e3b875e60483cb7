//! Sums, cells and the answers of an outcome, through the public API.

use attacks::{World, rng};
use itertools::Itertools;
use proptest::prelude::*;
use std::sync::OnceLock;
use tabella::{
    ballot::{Choices, Election, Header, Origin, VerifiedBallot},
    contest::{Cell, Contest, MAX_WEIGHT},
    crypto::elgamal::Sum,
    manifest::Manifest,
    roll::Roll,
    tally::{CellTally, LookupError, Opening, OtherElection, PartialTally, Tally, TallyError},
};

const DISTRICTS: usize = 6;
/// The contests, in the manifest's order: by district; for the election; by district, in districts 1, 3 and 5.
const CONTESTS: [&[usize]; 3] = [&[0, 1, 2, 3, 4, 5], &[0, 1, 2, 3, 4, 5], &[1, 3, 5]];
const SLOTS: [usize; 3] = [2, 3, 1];

/// A manifest with a minimum cell, and two verified ballots of each district. A tally does not check whether a ballot is
/// repeated, so two suffice for any number.
struct Pool {
    minimum: u64,
    manifest: Manifest,
    ballots: Vec<[VerifiedBallot; 2]>,
}

impl Pool {
    fn new(minimum: u32) -> Self {
        let mut world = World::new(1, (1, 1), &[0], |mut builder| {
            builder = builder
                .minimum_cell(minimum)
                .station("school", "School", "0")
                .contest(Contest::choose_one("seats", ["x", "y"]))
                .contest(Contest::choose_one("mayor", ["u", "v"]).blank().cell(Cell::Election))
                .contest(Contest::choose("local", ["w"], 0..=1));
            for id in ["0", "1", "2", "3", "4", "5"] {
                let local = (["1", "3", "5"].contains(&id)).then_some("local");
                let contests = ["seats", "mayor"].into_iter().chain(local);
                builder = builder.district(id, id).style(id, id, contests);
            }
            builder
        });
        let election = Election::new(&world.manifest, world.trustees[0].ceremony()).unwrap();
        let mut ballot = |style: usize, i: usize| {
            let choices = Choices::new().pick("seats", ["x", "y"][i]).pick("mayor", ["u", "v"][i]);
            let origin = [Origin::Remote, Origin::Station(0)][i];
            let header = Header { origin, ..Header::remote(style as u16) };
            let ballot = world.ballot(&election, 0, &header, &choices);
            election.verify(ballot, &mut world.rng).unwrap()
        };
        let ballots = (0..DISTRICTS).map(|style| [0, 1].map(|i| ballot(style, i))).collect();
        Self { minimum: minimum.into(), manifest: world.manifest, ballots }
    }

    /// The pools for the minimums 1, 3 and 5.
    fn get(place: usize) -> &'static Self {
        static POOLS: OnceLock<[Pool; 3]> = OnceLock::new();
        &POOLS.get_or_init(|| [1, 3, 5].map(Self::new))[place]
    }

    fn partial(&self, votes: &[Vote]) -> PartialTally {
        let mut partial = PartialTally::new(&self.manifest);
        for Vote { district, ballot, weight } in votes {
            partial.add(&self.ballots[*district][*ballot], *weight).unwrap();
        }
        partial
    }

    /// Cells of a tally with this many ballots of weight 1 in each district.
    fn cells(&self, contest: usize, counts: [usize; DISTRICTS]) -> Vec<CellTally> {
        let vote = |district| Vote { district, ballot: 0, weight: 1 };
        let districts = (0..DISTRICTS).flat_map(|d| vec![vote(d); counts[d]]).collect_vec();
        let tally = Tally::new(&self.partial(&districts));
        tally.cells().iter().filter(|cell| cell.contest == contest).cloned().collect()
    }
}

/// A ballot of the pool.
#[derive(Clone, Copy, Debug)]
struct Vote {
    district: usize,
    ballot: usize,
    weight: u64,
}

fn votes(most: usize) -> impl Strategy<Value = Vec<Vote>> {
    // Usually few ballots, so that districts are empty or below the minimum.
    let district = (0usize..most, prop::collection::vec((0usize..2, 1u64..9), 0..most));
    prop::collection::vec(district, DISTRICTS).prop_map(|districts| {
        let with = |(district, (count, ballots)): (usize, (usize, Vec<(usize, u64)>))| {
            let ballots = ballots.into_iter().take(count);
            ballots.map(move |(ballot, weight)| Vote { district, ballot, weight }).collect_vec()
        };
        districts.into_iter().enumerate().flat_map(with).collect()
    })
}

/// A second implementation of the rule for cells by district: the shortest list from the front that has no ballots or enough
/// of them; then the same for the rest.
fn groups(districts: &[usize], counts: &[u64], minimum: u64) -> Vec<Vec<usize>> {
    let ballots = |part: &[usize]| part.iter().map(|d| counts[*d]).sum::<u64>();
    let (mut groups, mut rest): (Vec<Vec<usize>>, _) = (Vec::new(), districts);
    while let Some(length) =
        (1..=rest.len()).find(|i| ballots(&rest[..*i]) == 0 || ballots(&rest[..*i]) >= minimum)
    {
        groups.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        match groups.iter().rposition(|group| ballots(group) > 0) {
            Some(last) => groups[last].extend(rest),
            None => groups.push(rest.to_vec()),
        }
    }
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cells_partition_the_ballots_and_keep_to_the_minimum(place in 0usize..3, votes in votes(6)) {
        let pool = Pool::get(place);
        let tally = Tally::new(&pool.partial(&votes));
        prop_assert_eq!(tally.manifest(), pool.manifest.hash());
        let mut counts = [0; DISTRICTS];
        votes.iter().for_each(|vote| counts[vote.district] += 1);
        for (contest, districts) in CONTESTS.into_iter().enumerate() {
            let cells = tally.cells().iter().filter(|cell| cell.contest == contest).collect_vec();
            let expected = match contest {
                1 => vec![districts.to_vec()],
                _ => groups(districts, &counts, pool.minimum),
            };
            let found = cells.iter().map(|cell| cell.districts.clone()).collect_vec();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(found.concat().into_iter().sorted().collect_vec(), districts);

            let whole: u64 = districts.iter().map(|d| counts[*d]).sum();
            for cell in &cells {
                let own = votes.iter().filter(|vote| cell.districts.contains(&vote.district));
                prop_assert_eq!(cell.ballots, own.clone().count() as u64);
                prop_assert_eq!(cell.weight, own.clone().map(|vote| vote.weight).sum::<u64>());
                // The sum over ballots, one by one, of this contest's slots.
                let mut sum = Sum::zero(SLOTS[contest]);
                for Vote { district, ballot, weight } in own {
                    let ciphertext = pool.ballots[*district][*ballot].ciphertext();
                    let first = SLOTS[..contest].iter().sum::<usize>();
                    let b = &ciphertext.b[first..first + SLOTS[contest]];
                    (0..*weight).for_each(|_| sum.add_scaled(&ciphertext.a, b, 1));
                }
                prop_assert_eq!(&cell.sum, &sum);
                let opening = match cell.ballots {
                    0 => Opening::Empty,
                    _ if whole < pool.minimum => Opening::TooFew,
                    _ => Opening::Shares,
                };
                prop_assert_eq!(cell.opening, opening);
                prop_assert!(opening != Opening::Shares || cell.ballots >= pool.minimum);
            }
        }
        // All slots of the opened cells, in order, and nothing else.
        let opened = tally.opened().iter().map(|o| (o.ciphertext, o.place, o.slot)).collect_vec();
        let mut expected = Vec::new();
        for (i, cell) in tally.cells().iter().enumerate() {
            let slots = pool.manifest.contest_slots(cell.contest).unwrap();
            if cell.opening == Opening::Shares {
                expected.extend(slots.enumerate().map(|(place, slot)| (i, place, slot)));
            }
        }
        prop_assert_eq!(opened, expected);
    }

    #[test]
    fn ballots_taken_away_leave_no_trace_and_partial_tallies_merge(
        place in 0usize..3,
        votes in votes(4),
        taken in prop::collection::vec(any::<bool>(), 6 * 4),
        split in prop::collection::vec(any::<bool>(), 6 * 4),
    ) {
        let pool = Pool::get(place);
        let chosen = |choice: &[bool], side: bool| {
            let chosen = votes.iter().zip(choice).filter(|(_, c)| **c == side);
            chosen.map(|(vote, _)| *vote).collect_vec()
        };
        let all = pool.partial(&votes);
        // Each revote removes the old ballot, in another order than that of casting.
        let mut partial = all.clone();
        for Vote { district, ballot, weight } in chosen(&taken, true).into_iter().rev() {
            partial.remove(&pool.ballots[district][ballot], weight).unwrap();
        }
        let rest = pool.partial(&chosen(&taken, false));
        prop_assert_eq!(&partial, &rest);
        prop_assert_eq!(Tally::new(&partial).hash(), Tally::new(&rest).hash());

        let (left, right) = (pool.partial(&chosen(&split, true)), pool.partial(&chosen(&split, false)));
        for (mut one, other) in [(left.clone(), &right), (right.clone(), &left)] {
            prop_assert_eq!(one.merge(other), Ok(()));
            prop_assert_eq!(&one, &all);
        }
        // A ballot in one part is removed in another.
        let mut away = PartialTally::new(&pool.manifest);
        for Vote { district, ballot, weight } in chosen(&split, true) {
            away.remove(&pool.ballots[district][ballot], weight).unwrap();
        }
        prop_assert_eq!(away.merge(&all), Ok(()));
        prop_assert_eq!(&away, &right);
    }
}

#[test]
fn districts_below_the_minimum_merge_in_the_manifests_order() {
    use Opening::{Empty, Shares, TooFew};
    let pool = Pool::get(1);
    let cells = |counts| {
        let cells = pool.cells(0, counts);
        cells.into_iter().map(|c| (c.districts, c.ballots, c.opening)).collect_vec()
    };
    let empty = |d: usize| (vec![d], 0, Empty);
    // Each is large enough.
    let alone = (0..6).map(|d| (vec![d], 3, Shares)).collect_vec();
    assert_eq!(cells([3; 6]), alone);
    // One below the minimum waits for the next.
    let expected = [(vec![0, 1], 3, Shares), (vec![2, 3, 4], 3, Shares), (vec![5], 4, Shares)];
    assert_eq!(cells([2, 1, 1, 1, 1, 4]), expected);
    // The remainder joins the last cell with ballots, past empty ones; an empty district after it waits with it.
    let expected = [(vec![0, 4, 5], 5, Shares), empty(1), empty(2), empty(3)];
    assert_eq!(cells([3, 0, 0, 0, 2, 0]), expected);
    // An empty district stands alone only if nothing waits.
    let expected = [empty(0), (vec![1, 2, 3], 4, Shares), empty(4), empty(5)];
    assert_eq!(cells([0, 1, 0, 3, 0, 0]), expected);
    // The whole contest is below the minimum.
    let expected = [empty(0), (vec![1, 2, 3, 4, 5], 2, TooFew)];
    assert_eq!(cells([0, 1, 0, 0, 1, 0]), expected);
    assert_eq!(cells([0; 6]), (0..6).map(empty).collect_vec());

    // A contest in some districts counts only these; one for the election has one cell.
    let found = pool.cells(2, [9, 2, 9, 1, 9, 0]);
    assert_eq!(found.iter().map(|c| &c.districts[..]).collect_vec(), [&[1, 3][..], &[5]]);
    for (counts, opening) in [([0; 6], Empty), ([0, 1, 0, 0, 1, 0], TooFew), ([1; 6], Shares)] {
        let [cell] = &pool.cells(1, counts)[..] else { panic!("one cell") };
        assert_eq!((cell.districts.len(), cell.opening), (6, opening));
    }
}

#[test]
fn weights_do_not_count_towards_the_minimum() {
    let pool = Pool::get(1);
    let heavy = [Vote { district: 0, ballot: 0, weight: 1_000 }; 2];
    let tally = Tally::new(&pool.partial(&heavy));
    let cell = &tally.cells()[0];
    assert_eq!((cell.ballots, cell.weight, cell.opening), (2, 2_000, Opening::TooFew));
    assert_eq!(tally.opened(), []);
    assert_eq!(tally.bound(), 2_000);
}

#[test]
fn tallies_of_different_manifests_do_not_merge() {
    let votes = [Vote { district: 2, ballot: 1, weight: 3 }; 5];
    let [one, other] = [0, 1].map(|place| Pool::get(place).partial(&votes));
    let mut merged = one.clone();
    let (found, expected) = (Pool::get(1).manifest.hash(), Pool::get(0).manifest.hash());
    assert_eq!(merged.merge(&other), Err(OtherElection { found, expected }));
    assert_eq!(merged, one);
    // The same sums in two elections are two tallies.
    assert_ne!(Tally::new(&one).manifest(), Tally::new(&other).manifest());
    assert_ne!(Tally::new(&one), Tally::new(&other));
}

/// One total takes a table of 2²⁰ entries, and as many steps.
#[test]
fn totals_of_all_weight_that_a_roll_can_have_are_opened() {
    let mut world = World::new(13, (1, 1), &[0, 0], |builder| {
        builder.minimum_cell(1).contest(Contest::choose_one("c", ["yes", "no"]))
    });
    world.roll.iter_mut().zip([MAX_WEIGHT, 1]).for_each(|(line, weight)| line.weight = weight);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for voter in [0, 1] {
        let choices = Choices::new().pick("c", "yes");
        let ballot = world.ballot(&election, voter, &Header::remote(0), &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (tally, outcome) = world.finish(&mut board, &[0]);
    assert_eq!(tally.bound(), 1 << 40);
    assert_eq!((outcome.count("c", "yes"), outcome.count("c", "no")), (Ok(1 << 40), Ok(0)));
}

#[test]
fn a_ballot_counts_no_more_often_than_a_voter_can_weigh() {
    let pool = Pool::get(0);
    let empty = PartialTally::new(&pool.manifest);
    for found in [MAX_WEIGHT + 1, 1 << 63, u64::MAX] {
        let mut partial = empty.clone();
        let error = TallyError::TooHeavy { found };
        assert_eq!(partial.add(&pool.ballots[0][0], found), Err(error));
        assert_eq!(partial.remove(&pool.ballots[0][0], found), Err(error));
        assert!(partial == empty, "a trace was left");
        assert!(error.to_string().contains("at most 1099511627775"), "{error}");
    }
    let mut partial = empty.clone();
    partial.add(&pool.ballots[0][0], MAX_WEIGHT).unwrap();
    assert!(partial != empty);
    partial.remove(&pool.ballots[0][0], MAX_WEIGHT).unwrap();
    assert!(partial == empty, "a trace was left");
}

/// Voters of two districts with weights, a third district without voters; two stations; one contest that few voters have.
fn city() -> World {
    let styles = [0, 0, 0, 0, 1, 1, 1, 2, 3];
    let mut world = World::new(7, (3, 2), &styles, |builder| {
        builder
            .minimum_cell(2)
            .district("north", "North")
            .district("south", "South")
            .district("west", "West")
            .station("school", "School", "north")
            .station("hall", "Hall", "south")
            .contest(Contest::choose("council", ["a", "b", "c"], 0..=3).each(2).blank())
            .contest(Contest::choose_one("port", ["yes", "no"]))
            .contest(Contest::choose_one("club", ["yes", "no"]).blank())
            .style("north", "north", ["council"])
            .style("south", "south", ["council"])
            .style("member", "south", ["council", "club"])
            .style("west", "west", ["council", "port"])
    });
    for (registration, weight) in world.roll.iter_mut().zip([1, 2, 1, 1, 5, 1, 1, 1, 1]) {
        registration.weight = weight;
    }
    world
}

#[test]
fn an_outcome_counts_votes_blanks_and_undervotes_by_weight_and_turnout_by_voter() {
    let mut world = city();
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    let (school, hall) = (Origin::Station(0), Origin::Station(1));
    for (voter, style, sequence, origin, choices) in [
        (0, 0, 0, Origin::Remote, Choices::new().blank("council")),
        (1, 0, 0, school, Choices::new().score("council", "a", 2).pick("council", "b")),
        (2, 0, 0, school, Choices::new().blank("council")),
        // Only the last of these three counts; it has no votes.
        (3, 0, 0, school, Choices::new().score("council", "c", 2)),
        (3, 0, 1, hall, Choices::new().score("council", "b", 2)),
        (3, 0, 2, Origin::Remote, Choices::new()),
        (4, 1, 0, hall, Choices::new().score("council", "c", 2)),
        (5, 1, 0, Origin::Remote, Choices::new().pick("council", "a").pick("council", "c")),
        (7, 2, 0, Origin::Remote, Choices::new().pick("council", "b").pick("club", "yes")),
    ] {
        let header = Header { style, sequence, origin };
        let ballot = world.ballot(&election, voter, &header, &choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    let (tally, outcome) = world.finish(&mut board, &[1, 2]);

    // Council north, south, west; port, which nobody had; club, which is below the minimum.
    let openings = tally.cells().iter().map(|cell| cell.opening).collect_vec();
    use Opening::{Empty, Shares, TooFew};
    assert_eq!(openings, [Shares, Shares, Empty, Empty, TooFew]);
    let totals = outcome.cells().iter().map(|cell| cell.totals.clone()).collect_vec();
    let north = vec![4, 2, 0, 2];
    let south = vec![1, 1, 11, 0];
    assert_eq!(totals, [Some(north), Some(south), Some(vec![0; 4]), Some(vec![0; 2]), None]);
    // 3·weight − votes − 3·blanks: 3·5 − 6 − 3·2 and 3·7 − 13.
    let [north, south, west, port, club] = outcome.cells() else { panic!("five cells") };
    assert_eq!((north.ballots, north.weight), (4, 5));
    assert_eq!((south.ballots, south.weight), (3, 7));
    assert_eq!((north.votes(), south.votes()), (Ok(6), Ok(13)));
    assert_eq!((north.blanks(), south.blanks()), (Ok(2), Ok(0)));
    assert_eq!((north.undervotes(), south.undervotes()), (Ok(3), Ok(8)));
    assert_eq!((west.undervotes(), west.votes()), (Ok(0), Ok(0)));
    let no_blank = LookupError::UnknownMark { contest: "port".into(), mark: "blank".into() };
    assert_eq!((port.undervotes(), port.blanks()), (Ok(0), Err(no_blank.clone())));
    let not_opened = LookupError::NotOpened { contest: "club".into(), ballots: 1, least: 2 };
    for number in [club.votes(), club.blanks(), club.undervotes()] {
        assert_eq!(number, Err(not_opened.clone()));
    }

    let count = |option| outcome.count("council", option);
    assert_eq!(["a", "b", "c"].map(count), [Ok(5), Ok(3), Ok(11)]);
    assert_eq!((outcome.blanks("council"), outcome.undervotes("council")), (Ok(2), Ok(11)));
    let percent = ["a", "b", "c"].map(|option| outcome.percent("council", option).unwrap());
    // The votes that ballots can give to one option: two each, five with weight 1 and others with 7.
    assert_eq!(percent, [5, 3, 11].map(|votes| 100.0 * f64::from(votes) / 24.0));
    // Without ballots totals are 0, and there are no percentages.
    assert_eq!((outcome.count("port", "yes"), outcome.undervotes("port")), (Ok(0), Ok(0)));
    let no_votes = LookupError::NoVotes { contest: "port".into() };
    assert_eq!(
        (outcome.percent("port", "yes"), outcome.blanks("port")),
        (Err(no_votes), Err(no_blank))
    );
    // Not opened, and not existing, are different errors.
    assert_eq!(outcome.count("club", "yes"), Err(not_opened.clone()));
    assert_eq!(outcome.percent("club", "yes"), Err(not_opened.clone()));
    assert_eq!(
        (outcome.blanks("club"), outcome.undervotes("club")),
        (Err(not_opened.clone()), Err(not_opened.clone()))
    );
    assert_eq!(outcome.account("club"), Err(not_opened));
    let no_contest = LookupError::UnknownContest { contest: "bridge".into() };
    assert_eq!(outcome.count("bridge", "yes"), Err(no_contest.clone()));
    assert_eq!(outcome.percent("bridge", "yes"), Err(no_contest.clone()));
    assert_eq!(
        (outcome.blanks("bridge"), outcome.undervotes("bridge")),
        (Err(no_contest.clone()), Err(no_contest.clone()))
    );
    assert_eq!(
        (outcome.elected("bridge"), outcome.account("bridge")),
        (Err(no_contest.clone()), Err(no_contest))
    );
    for contest in ["council", "club"] {
        let no_option = LookupError::UnknownOption { contest: contest.into(), option: "d".into() };
        assert_eq!(outcome.count(contest, "d"), Err(no_option.clone()));
        assert_eq!(outcome.percent(contest, "d"), Err(no_option));
    }
    assert_eq!(
        outcome.count("club", "yes").unwrap_err().to_string(),
        "contest 'club' was not opened since fewer than 2 people cast ballots: 1"
    );
    assert_eq!(
        outcome.count("club", "d").unwrap_err().to_string(),
        "contest 'club' has no option 'd'"
    );
    let not_counted = LookupError::NotCounted { contest: "council".into() };
    assert_eq!(outcome.elected("council"), Err(not_counted));
    // In every case, each vote is accounted for.
    let account = outcome.account("council").unwrap();
    assert_eq!((account.held, account.counted, account.marked, account.not_given), (36, 19, 6, 11));
    assert!(account.adds_up() && account.left_out.is_empty());

    let turnout = outcome.turnout();
    assert_eq!((&turnout.districts[..], &turnout.on_roll[..]), (&[4, 3, 0][..], &[4, 4, 1][..]));
    assert_eq!((&turnout.stations[..], turnout.remote), (&[2, 1][..], 4));
    assert_eq!(turnout.ballots(), 7);
    let percent = (0..4).map(|d| turnout.percent(d)).collect_vec();
    let unknown = LookupError::UnknownDistrict { district: 3, districts: 3 };
    assert_eq!(percent, [Ok(100.0), Ok(75.0), Ok(0.0), Err(unknown)]);
}

/// The two elections differ only in a number, so their ballots have the same shape.
#[test]
fn a_tally_takes_no_ballot_and_no_roll_of_another_election() {
    let [here, there] = [0, 1].map(Pool::get);
    let (found, expected) = (there.manifest.hash(), here.manifest.hash());
    let other = OtherElection { found, expected };
    let (ballot, foreign) = (&here.ballots[2][1], &there.ballots[2][1]);
    assert_eq!((ballot.manifest(), foreign.manifest()), (expected, found));
    let mut partial = PartialTally::new(&here.manifest);
    partial.add(ballot, 2).unwrap();
    let before = partial.clone();
    assert_eq!(partial.add(foreign, 2), Err(TallyError::OtherElection(other)));
    assert_eq!(partial.remove(foreign, 2), Err(TallyError::OtherElection(other)));
    assert_eq!(partial, before);

    let mut world =
        World::new(1, (1, 1), &[0], |builder| builder.contest(Contest::choose_one("a", ["b"])));
    let mut roll = |pool: &Pool| {
        let line = world.voters[0].registration(&pool.manifest, 2, &mut world.rng).unwrap();
        Roll::new(&pool.manifest, &[line], &mut rng(2)).unwrap()
    };
    assert_eq!(partial.turnout(&roll(there)), Err(other));
    assert_eq!(partial.turnout(&roll(here)).unwrap().ballots(), 1);
    let text = other.to_string();
    assert!(text.contains(&found.to_string()) && text.contains(&expected.to_string()), "{text}");
}

#[test]
fn a_district_without_voters_has_no_turnout() {
    let pool = Pool::get(0);
    let mut world =
        World::new(1, (1, 1), &[0], |builder| builder.contest(Contest::choose_one("a", ["b"])));
    let registration = world.voters[0].registration(&pool.manifest, 3, &mut world.rng).unwrap();
    let roll = Roll::new(&pool.manifest, &[registration], &mut rng(2)).unwrap();
    let turnout = PartialTally::new(&pool.manifest).turnout(&roll).unwrap();
    assert_eq!((turnout.ballots(), turnout.on_roll.clone()), (0, vec![0, 0, 0, 1, 0, 0]));
    let no_voters = LookupError::EmptyRoll { district: 0 };
    assert_eq!((turnout.percent(0), turnout.percent(3)), (Err(no_voters), Ok(0.0)));
}
