//! A record with a contest of each kind that the other records lack, by trustees in two groups.

use attacks::World;
use std::{fs, path::Path};
use tabella::{
    ballot::{Choices, Header},
    board::Board,
    contest::{Base, Contest, ContestOption, MAX_WEIGHT},
    count::Fraction,
    record::Writer,
};

/// Voters' weights.
const WEIGHTS: [u64; 4] = [5, 1, 2, 70_000];

fn contests() -> Vec<Contest> {
    let name = |id: &str, list: &str| ContestOption::new(id).group(list);
    let names = [name("Ada", "north"), name("Ben", "south"), name("Cleo", "south")];
    let lists = Contest::lists("lists", names, 3).each(2).or_no_list().blank();
    let fund = [ContestOption::new("roof").most(1 << 20), "lift".into()];
    vec![
        Contest::choose_one("law", ["yes", "no"])
            .blank()
            .passes("yes", Fraction::new(2, 3).unwrap(), Base::Votes)
            .quorum(Fraction::new(1, 4).unwrap()),
        lists.group("north", "North").group("south", "South"),
        Contest::grade("grades", ["x", "y"], ["bad", "good"]).blank(),
        Contest::places("places", ["x", "y", "z"], [3, 1]).fewer(),
        Contest::pairs("pairs", ["x", "y", "z"]).blank(),
        Contest::pairs("ties", ["x", "y", "z"]).ties(),
        Contest::star("star", ["x", "y"], 3),
        Contest::quadratic("quadratic", ["x", "y"], 9).against(),
        Contest::split("split", ["x", "y"], MAX_WEIGHT),
        Contest::choose("bits", [ContestOption::new("x").most(70_000)], 0..=70_000).blank(),
        Contest::choose("folded", fund, 1..=1_000_000).folded(),
    ]
}

fn ballots() -> [Choices; 4] {
    let of = |weight| Choices::new().of_weight(weight);
    let first = of(WEIGHTS[0])
        .pick("law", "yes")
        .pick("lists", "south")
        .score("lists", "Ada", 1)
        .grade("grades", "x", "good")
        .grade("grades", "y", "bad")
        .rank("places", ["z", "x"])
        .rank("pairs", ["z", "x", "y"])
        .rank_equal("ties", ["x", "z"], [])
        .rank("ties", ["y"])
        .score("star", "x", 3)
        .score("star", "y", 1)
        .score("quadratic", "x", 2)
        .against("quadratic", "y", 2)
        .score("split", "x", 2)
        .score("split", "y", 3)
        .score("bits", "x", 65_536)
        .score("folded", "roof", 999_999)
        .pick("folded", "lift");
    let second = of(WEIGHTS[1])
        .pick("law", "no")
        .blank("lists")
        .blank("grades")
        .blank("pairs")
        .rank("ties", ["y", "x", "z"])
        .against("quadratic", "x", 3)
        .pick("split", "y")
        .blank("bits")
        .score("folded", "roof", 65_535);
    let third = of(WEIGHTS[2])
        .pick("law", "yes")
        .score("lists", "Cleo", 2)
        .grade("grades", "x", "bad")
        .grade("grades", "y", "bad")
        .rank("places", ["y"])
        .rank("pairs", ["x", "y", "z"])
        .rank_equal("ties", ["x", "y", "z"], [])
        .score("star", "y", 2)
        .score("split", "x", 2)
        .score("folded", "roof", 65_536);
    let fourth = of(WEIGHTS[3])
        .blank("law")
        .pick("lists", "north")
        .blank("grades")
        .rank("places", ["x", "y"])
        .rank("pairs", ["y", "x", "z"])
        .rank_equal("ties", ["y", "z"], [])
        .rank("ties", ["x"])
        .score("split", "x", 65_536)
        .score("split", "y", 4_464)
        .score("bits", "x", 3)
        .pick("folded", "roof");
    [first, second, third, fourth]
}

/// The board of the whole election.
pub fn board() -> Board {
    let groups = [("Ministry", 1, 1), ("Universities", 3, 2)];
    let mut world = World::of_groups(110, &groups, &[0; 4], |builder| {
        contests().into_iter().fold(builder.minimum_cell(1), |builder, c| builder.contest(c))
    });
    world.roll.iter_mut().zip(WEIGHTS).for_each(|(line, weight)| line.weight = weight);
    let mut board = world.open();
    let election = board.election().unwrap().clone();
    for (voter, choices) in ballots().iter().enumerate() {
        let ballot = world.ballot(&election, voter, &Header::remote(0), choices);
        board.post(&ballot, &mut world.rng).unwrap();
    }
    world.finish(&mut board, &[0, 1, 3]);
    board
}

/// Writes its record.
pub fn write(board: &Board, path: &Path) {
    _ = fs::remove_dir_all(path);
    let mut writer = Writer::create(path).unwrap();
    writer.follow(board).unwrap();
    writer.views(board.state()).unwrap();
}
