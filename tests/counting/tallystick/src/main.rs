//! Counts with tallystick. Each line of input is a profile: the number of candidates, then `times:a,b,c` for each complete
//! ranking. Each line of output has votes, Borda points, the instant runoff winner, and the strongest paths.

use std::io::stdin;
use tallystick::{Transfer, borda, irv, plurality, schulze};

fn main() {
    for line in stdin().lines() {
        let line = line.unwrap();
        let mut words = line.split(' ');
        let n: usize = words.next().unwrap().parse().unwrap();
        let everybody: Vec<usize> = (0..n).collect();
        let mut votes = plurality::DefaultPluralityTally::new(1);
        let mut points = borda::DefaultBordaTally::new(1, borda::Variant::Borda);
        let mut runoff = irv::DefaultTally::with_candidates(Transfer::Meek, everybody.clone());
        let variant = schulze::Variant::Winning;
        let mut pairs = schulze::DefaultSchulzeTally::with_candidates(1, variant, everybody);
        for word in words {
            let (times, order) = word.split_once(':').unwrap();
            let times: u64 = times.parse().unwrap();
            let order: Vec<usize> = order.split(',').map(|c| c.parse().unwrap()).collect();
            votes.add_weighted(order[0], times);
            runoff.add_weighted(order.clone(), times);
            pairs.add_weighted(&order, times).unwrap();
            points.add_weighted(order, times).unwrap();
        }
        let row = |totals: Vec<(usize, u64)>| {
            let mut row = vec![0; n];
            totals.into_iter().for_each(|(candidate, total)| row[candidate] = total);
            row
        };
        let mut paths = vec![vec![0; n]; n];
        pairs.strongest_paths().into_iter().for_each(|((i, j), strength)| paths[i][j] = strength);
        let winners = runoff.tally_winners().into_unranked();
        println!("[{:?},{:?},{winners:?},{paths:?}]", row(votes.totals()), row(points.totals()));
    }
}
