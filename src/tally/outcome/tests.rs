//! That work grows as what is counted does, and not faster.

use super::*;
use crate::{
    contest::Contest,
    crypto::signature::AuthorSecret,
    manifest::Builder,
    tally::{CellTally, PartialTally},
    work::steps,
};
use alloc::{format, vec};
use curve25519_dalek::RistrettoPoint;
use rand_core::OsRng;

fn builder() -> Builder {
    let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
    Manifest::builder("m")
        .operator(operator.public().clone())
        .trustees([trustee.public().clone()], 1)
}

/// So many districts, each with a contest of its own.
fn districts(count: usize) -> Manifest {
    let mut builder = builder();
    for i in 0..count {
        let (contest, district) = (format!("c{i}"), format!("d{i}"));
        builder = builder
            .district(&district, &district)
            .contest(Contest::choose_one(&contest, ["yes", "no"]))
            .style(&district, &district, [contest.as_str()]);
    }
    builder.build().unwrap()
}

fn turnout() -> Turnout {
    Turnout { districts: Vec::new(), on_roll: Vec::new(), stations: Vec::new(), remote: 0 }
}

#[test]
fn cells_of_many_contests_take_no_more_steps_than_there_are_cells() {
    for count in [16, 4096] {
        let manifest = districts(count);
        let (taken, tally) = steps(|| Tally::new(&PartialTally::new(&manifest)));
        assert_eq!((taken, tally.cells().len()), (2 * count as u64, count));
        let cell = |cell: &CellTally| CellOutcome {
            contest: cell.contest,
            districts: cell.districts.clone(),
            ballots: 0,
            weight: 0,
            totals: Some(vec![1, 2]),
            write_ins: 0,
            manifest: manifest.clone(),
        };
        let cells = tally.cells().iter().map(cell).collect();
        let outcome = Outcome::new(&manifest, cells, Vec::new(), turnout(), &[]);
        let whole = |place| outcome.whole(place).is_some_and(|whole| whole.districts == [place]);
        let (taken, all) = steps(|| (0..count).all(whole));
        assert_eq!((taken, all), (count as u64, true));
        let id = format!("c{}", count - 1);
        assert_eq!((outcome.count(&id, "no"), outcome.count("c0", "yes")), (Ok(2), Ok(1)));
    }
}

/// Eight contests in which a name can get 65,535 votes.
fn large_values() -> Manifest {
    let mut builder = builder();
    for i in 0..8 {
        let contest = Contest::choose(&format!("c{i}"), ["a"], 0..=65_535).each(65_535);
        builder = builder.contest(contest.write_ins(1, 20));
    }
    builder.build().unwrap()
}

#[test]
fn no_more_values_are_encoded_than_are_looked_up() {
    let manifest = large_values();
    let width = manifest.contests()[0].mixed_slots();
    let point = |votes: u64| RistrettoPoint::mul_base(&votes.into()).compress().to_bytes();
    let cell = |contest: usize, totals| CellOutcome {
        contest,
        districts: vec![0],
        ballots: 0,
        weight: 0,
        totals,
        write_ins: 0,
        manifest: manifest.clone(),
    };
    let outcome = |mixed: Vec<MixedOutcome>| {
        let cells = (0..8).map(|place| cell(place, Some(vec![0]))).collect();
        steps(|| Outcome::new(&manifest, cells, mixed, turnout(), &[]).count_rows(&[0; 32]))
    };
    let rows = |contest: usize, votes: &[u64]| {
        let of_row = |votes: &u64| [vec![point(*votes)], vec![[0; 32]; width - 1]].concat();
        let points = votes.iter().flat_map(of_row).collect();
        MixedOutcome { cell: contest, contest, width, points, manifest: manifest.clone() }
    };
    // The sums of cells are a step each, for the count and for the account.
    assert_eq!(outcome(vec![]).0, 2 * 8);
    let votes = [0, 1, 255, 256, 257, 40_000, 65_534, 65_535];
    let (taken, counted) = outcome(vec![rows(3, &votes), rows(7, &[65_536, 1 << 40, 7])]);
    assert_eq!(taken, 2 * 8 + 2 * 256);
    let written: Vec<u64> = counted.cells().iter().map(|cell| cell.write_ins).collect();
    assert_eq!(written, [0, 0, 0, votes.iter().sum(), 0, 0, 0, 7]);
    let many: Vec<u64> = (0..300).collect();
    let (taken, counted) = outcome(vec![rows(0, &many)]);
    assert_eq!((taken, counted.cells()[0].write_ins), (2 * 8 + 301, many.iter().sum()));
}

#[test]
fn an_option_that_does_not_exist_is_not_one_that_was_not_opened() {
    let manifest = districts(2);
    let cell = |contest: usize, totals| CellOutcome {
        contest,
        districts: vec![contest],
        ballots: 3,
        weight: 3,
        totals,
        write_ins: 0,
        manifest: manifest.clone(),
    };
    let cells = vec![cell(0, Some(vec![1, 2])), cell(1, None)];
    let outcome = Outcome::new(&manifest, cells, Vec::new(), turnout(), &[]);
    let (contest, option) = ("c0".into(), "maybe".into());
    assert_eq!(outcome.count("c0", "maybe"), Err(LookupError::UnknownOption { contest, option }));
    let (contest, least) = ("c1".into(), manifest.minimum_cell());
    let not_opened = LookupError::NotOpened { contest, ballots: 3, least };
    assert_eq!(outcome.count("c1", "yes"), Err(not_opened));
    let contest = "c2".into();
    assert_eq!(outcome.count("c2", "yes"), Err(LookupError::UnknownContest { contest }));
    assert_eq!(outcome.count("c0", "no"), Ok(2));
}
