//! Schulze's method.

use super::{Profile, Ranking, Tie, Workings, result::Counted};
use alloc::{vec, vec::Vec};

/// The place of every candidate in a ranking; those who are not ranked share the last.
fn places(ranking: &Ranking, candidates: usize) -> Vec<usize> {
    let mut places = vec![usize::MAX; candidates];
    for (place, group) in ranking.groups().enumerate() {
        for candidate in group {
            if let Some(entry) = places.get_mut(*candidate) {
                *entry = place;
            }
        }
    }
    places
}

/// `d[i][j]`: how many rankings prefer `i` to `j`.
fn preferences(profile: &Profile) -> Vec<Vec<u64>> {
    let n = profile.candidates();
    let mut d = vec![vec![0u64; n]; n];
    for (ranking, times) in profile.rankings() {
        let places = places(ranking, n);
        for (row, mine) in d.iter_mut().zip(&places) {
            for (entry, other) in row.iter_mut().zip(&places) {
                if mine < other {
                    // At most the number of votes, which fits.
                    *entry = entry.saturating_add(times);
                }
            }
        }
    }
    d
}

/// `p[i][j]`: the strength of the strongest path from `i` to `j`, that is of its weakest link, where a link is a
/// victory and as strong as the votes that won it.
fn strongest_paths(d: &[Vec<u64>]) -> Vec<Vec<u64>> {
    let wins = |(i, row): (usize, &Vec<u64>)| {
        let back = d.iter().map(|row| row.get(i).copied().unwrap_or(0));
        row.iter().zip(back).map(|(there, back)| if *there > back { *there } else { 0 }).collect()
    };
    let mut p: Vec<Vec<u64>> = d.iter().enumerate().map(wins).collect();
    for via in 0..p.len() {
        let onward = p.get(via).cloned().unwrap_or_default();
        for (i, row) in p.iter_mut().enumerate() {
            let first = row.get(via).copied().unwrap_or(0);
            for (j, (entry, second)) in row.iter_mut().zip(&onward).enumerate() {
                if i != j {
                    *entry = (*entry).max(first.min(*second));
                }
            }
        }
    }
    p
}

pub(super) fn schulze(profile: &Profile, seats: usize) -> Counted {
    let preferences = preferences(profile);
    let paths = strongest_paths(&preferences);
    let strength = |i: usize, j: usize| paths.get(i).and_then(|row| row.get(j));
    let mut left: Vec<usize> = (0..profile.candidates()).collect();
    let (mut elected, mut ties) = (Vec::new(), Vec::new());
    while profile.votes() > 0 && elected.len() < seats {
        // "Ahead of" is transitive (Schulze 2011, section 4.1), so somebody is always unbeaten.
        let beaten = |j: usize| left.iter().any(|i| strength(*i, j) > strength(j, *i));
        let unbeaten: Vec<_> = left.iter().copied().filter(|j| !beaten(*j)).collect();
        let Some(first) = unbeaten.first().copied() else { break };
        if unbeaten.len() > 1 {
            ties.push(Tie { round: 0, order: unbeaten, decided: None });
        }
        left.retain(|candidate| *candidate != first);
        elected.push(first);
    }
    (elected, ties, Workings::Pairwise { preferences, paths })
}
