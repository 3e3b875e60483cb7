//! Schulze's method.

use super::{Profile, Ranking, Tie, Workings, result::Counted, ties::Breaker};
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

/// `d[i][j]`: how many rankings prefer `i` to `j`; 0 unless both stand.
fn preferences(profile: &Profile, standing: &[usize]) -> Vec<Vec<u64>> {
    let n = profile.candidates();
    let mut d = vec![vec![0u64; n]; n];
    for (ranking, times) in profile.rankings() {
        let places = places(ranking, n);
        let place = |candidate: usize| places.get(candidate);
        for i in standing.iter().copied() {
            let Some(row) = d.get_mut(i) else { continue };
            for j in standing.iter().copied() {
                if let Some(entry) = row.get_mut(j).filter(|_| place(i) < place(j)) {
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

pub(super) fn schulze(
    profile: &Profile,
    standing: &[usize],
    seats: usize,
    breaker: Breaker<'_>,
) -> Counted {
    of_preferences(preferences(profile, standing), standing, profile.votes(), seats, breaker)
}

/// From how many of the `votes` prefer the row to the column. All but these candidates, in ascending order, are as if they did
/// not stand.
pub(super) fn of_preferences(
    preferences: Vec<Vec<u64>>,
    candidates: &[usize],
    votes: u64,
    seats: usize,
    breaker: Breaker<'_>,
) -> Counted {
    let mut links = preferences.clone();
    for (i, row) in links.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            if i == j || [i, j].iter().any(|c| candidates.binary_search(c).is_err()) {
                *entry = 0;
            }
        }
    }
    let paths = strongest_paths(&links);
    let strength = |i: usize, j: usize| paths.get(i).and_then(|row| row.get(j));
    let mut left = candidates.to_vec();
    let (mut elected, mut ties) = (Vec::new(), Vec::new());
    while votes > 0 && elected.len() < seats {
        // "Ahead of" is transitive (Schulze 2011, section 4.1), so somebody is always unbeaten.
        let beaten = |j: usize| left.iter().any(|i| strength(*i, j) > strength(j, *i));
        let mut unbeaten: Vec<_> = left.iter().copied().filter(|j| !beaten(*j)).collect();
        unbeaten.sort_by(|a, b| breaker.compare(*a, *b));
        let contested = unbeaten.len() > seats - elected.len();
        if unbeaten.len() > 1 {
            let decided = breaker.decided(contested);
            ties.push(Tie { round: 0, order: unbeaten.clone(), decided });
        }
        match breaker.leaves_open() {
            true if contested => break,
            true => {}
            false => unbeaten.truncate(1),
        }
        if unbeaten.is_empty() {
            break;
        }
        left.retain(|candidate| !unbeaten.contains(candidate));
        elected.extend(unbeaten);
    }
    (elected, ties, Workings::Pairwise { preferences, paths })
}
