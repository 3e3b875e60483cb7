use super::*;
use crate::{
    count::{Counting, Method, TieBreak},
    crypto::{message, signature::AuthorSecret},
    tally::{MixedOutcome, Outcome, Turnout},
};
use alloc::vec;
use curve25519_dalek::RistrettoPoint;
use proptest::{collection::vec as list, prelude::*};
use rand_core::OsRng;
use std::sync::OnceLock;

const LENGTH: usize = 12;
/// Names of options, of others, and what is no name.
const NAMES: [&str; 8] = ["Ada", "ben", "Zoe", "ZOE", "Ned", "", " x", "\u{202e}"];

/// One contest.
fn manifest(contest: Contest) -> Manifest {
    static KEYS: OnceLock<[AuthorSecret; 2]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap()));
    let [operator, trustee] = keys;
    let builder = Manifest::builder("m").operator(operator.public().clone());
    let builder = builder.trustees([trustee.public().clone()], 1);
    builder.contest(contest).build().unwrap()
}

/// One in which two names can be written in.
fn choice(max: u64, each: u64) -> Manifest {
    let contest = Contest::choose("c", ["Ada", "Ben"], 0..=max).each(each).blank();
    manifest(contest.write_ins(2, LENGTH as u16))
}

fn ranking(ties: bool) -> Manifest {
    let counting = Counting { method: Method::Schulze, seats: 1, tie_break: TieBreak::Order };
    let contest = Contest::rank("c", ["Ada", "Ben"], counting).write_ins(2, LENGTH as u16);
    let contest = contest.ranks(0..=3);
    manifest(if ties { contest.ties() } else { contest })
}

fn bytes(point: &RistrettoPoint) -> [u8; 32] {
    point.compress().to_bytes()
}

fn votes(number: u32) -> [u8; 32] {
    bytes(&RistrettoPoint::mul_base(&number.into()))
}

/// The elements of a message with these ranks and names.
fn elements(contest: &Contest, ranks: &[u8], names: [usize; 2], cut: usize) -> Vec<[u8; 32]> {
    let mut message = ranks.to_vec();
    for name in names.map(|name| NAMES[name]) {
        message.push(name.len() as u8);
        message.extend(name.bytes());
        message.resize(message.len() + LENGTH - name.len(), 0);
    }
    message.truncate(message.len() - cut);
    let points = message::encode(&message, contest.message_slots()).unwrap();
    points.iter().map(bytes).collect()
}

/// The outcome of these ballots of weight 1, counted.
fn outcome(manifest: &Manifest, totals: Vec<u64>, rows: Vec<Vec<[u8; 32]>>) -> Outcome {
    let ballots = rows.len() as u64;
    let width = manifest.contests()[0].mixed_slots();
    let cell = CellOutcome {
        contest: 0,
        districts: vec![0],
        ballots,
        weight: ballots,
        totals: Some(totals),
        write_ins: 0,
        manifest: manifest.clone(),
    };
    let turnout =
        Turnout { districts: vec![ballots], on_roll: vec![ballots], stations: vec![], remote: 0 };
    let points = rows.into_iter().flatten().collect();
    let mixed = MixedOutcome { cell: 0, contest: 0, width, points, manifest: manifest.clone() };
    let mixed = if width > 0 { vec![mixed] } else { vec![] };
    Outcome::new(manifest, vec![cell], mixed, turnout, &[]).count_rows(&[0; 32])
}

/// Votes for two options and two lines that keep the rule, or blank; names; and how many bytes of the message are missing.
fn ballots(max: u32, each: u32) -> impl Strategy<Value = Vec<([u32; 4], bool, [usize; 2], bool)>> {
    let marks = [0..=each, 0..=each, 0..=each, 0..=each];
    let marks = marks.prop_map(move |mut marks: [u32; 4]| {
        let mut left = max;
        for votes in &mut marks {
            *votes = left.min(*votes);
            left -= *votes;
        }
        marks
    });
    let names = [0..NAMES.len(), 0..NAMES.len()];
    list((marks, prop::bool::weighted(0.1), names, prop::bool::weighted(0.1)), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_vote_of_a_choice_is_in_one_place(
        (max, each, ballots) in (1u32..=4, 1u32..=4)
            .prop_flat_map(|(max, each)| (Just(max), Just(each), ballots(max, each)))
    ) {
        let manifest = choice(max.into(), each.into());
        let contest = &manifest.contests()[0];
        let mut totals = vec![0; 3];
        let mut rows = Vec::new();
        for (mut marks, blank, names, cut) in ballots {
            if blank {
                marks = [0; 4];
            }
            totals[0] += u64::from(marks[0]);
            totals[1] += u64::from(marks[1]);
            totals[2] += u64::from(blank);
            let mut row = vec![votes(marks[2]), votes(marks[3])];
            row.extend(elements(contest, &[], names, cut.into()));
            rows.push(row);
        }
        let outcome = outcome(&manifest, totals, rows);
        prop_assert_eq!(outcome.wrong_account(), None, "{:?}", outcome.accounts());
    }

    #[test]
    fn every_ranking_is_in_one_place(
        ties in any::<bool>(),
        ballots in list(([0u8..4, 0..4, 0..4, 0..4], [0..NAMES.len(), 0..NAMES.len()], 0usize..5), 0..12),
    ) {
        let manifest = ranking(ties);
        let contest = &manifest.contests()[0];
        let row = |(ranks, names, cut): &([u8; 4], [usize; 2], usize)| {
            elements(contest, ranks, *names, usize::from(*cut == 0))
        };
        let rows: Vec<_> = ballots.iter().map(row).collect();
        let outcome = outcome(&manifest, vec![], rows);
        let account = &outcome.accounts()[0];
        prop_assert_eq!(outcome.wrong_account(), None, "{:?}", account);
        prop_assert_eq!(account.held, ballots.len() as u64);
    }
}

/// The proofs of ballots keep it from happening. If one did not, the account would show it.
#[test]
fn more_votes_than_the_ballots_hold_do_not_add_up() {
    let manifest = choice(2, 2);
    let contest = &manifest.contests()[0];
    let row = |first, second| {
        let mut row = vec![votes(first), votes(second)];
        row.extend(elements(contest, &[], [2, 4], 0));
        row
    };
    assert_eq!(outcome(&manifest, vec![1, 0, 0], vec![row(1, 0)]).wrong_account(), None);
    assert_eq!(outcome(&manifest, vec![2, 0, 0], vec![row(1, 0)]).wrong_account(), Some(0));
    assert_eq!(outcome(&manifest, vec![1, 1, 1], vec![row(0, 0)]).wrong_account(), Some(0));
    assert_eq!(outcome(&manifest, vec![0, 0, 0], vec![row(2, 2)]).wrong_account(), Some(0));
    assert_eq!(outcome(&manifest, vec![u64::MAX, 1, 1], vec![]).wrong_account(), Some(0));
}

/// What is counted are ballots, of which there can be more than points.
#[test]
fn few_points_of_many_ballots_add_up() {
    for method in [Method::Star, Method::Schulze] {
        let counting = Counting { method, seats: 1, tie_break: TieBreak::Order };
        let manifest = manifest(Contest::star("c", ["Ada", "Ben"], 5).counting(counting).blank());
        // Of five ballots one gives Ada two points, one is blank, and the others give none.
        let outcome = outcome(&manifest, vec![2, 0, 1, 1, 0], vec![vec![]; 5]);
        assert_eq!(outcome.wrong_account(), None, "{:?}", outcome.accounts());
        let Account { held, counted, written_in, marked, not_given, .. } = outcome.accounts()[0];
        assert_eq!((held, counted, written_in, marked, not_given), (50, 2, 0, 10, 38));
    }
}

/// No part can be another without being seen.
#[test]
fn each_part_of_an_account_matters() {
    let left_out = vec![(LeftOut::Name, 1), (LeftOut::Listed, 2)];
    let good = Account {
        contest: 0,
        held: 17,
        counted: 5,
        written_in: 4,
        marked: 3,
        not_given: 2,
        left_out,
    };
    assert!(good.adds_up());
    let changes: [fn(&mut Account) -> &mut u64; 7] = [
        |account| &mut account.held,
        |account| &mut account.counted,
        |account| &mut account.written_in,
        |account| &mut account.marked,
        |account| &mut account.not_given,
        |account| &mut account.left_out[0].1,
        |account| &mut account.left_out[1].1,
    ];
    for part in changes {
        for by in [1, u64::MAX] {
            let mut bad = good.clone();
            *part(&mut bad) = part(&mut bad).wrapping_add(by);
            assert!(!bad.adds_up(), "{bad:?}");
        }
    }
}
