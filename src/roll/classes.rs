//! Weights that could tell how their voters vote.

use crate::{contest::Cell, manifest::Manifest};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use core::fmt;

/// Voters of one weight in one cell of a contest, as many as the roll has, who are fewer than the manifest's minimum, while others
/// of the contest have other weights. What a total leaves after other weights were taken away can be the votes of these few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallClass {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The district's place; `None` if the contest is opened for the whole election.
    pub district: Option<usize>,
    /// The weight.
    pub weight: u64,
    /// How many voters have it.
    pub voters: u64,
}

impl fmt::Display for SmallClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { contest, district, weight, voters } = self;
        write!(f, "contest {contest}, ")?;
        district.map_or(Ok(()), |district| write!(f, "district {district}, "))?;
        write!(f, "weight {weight}: {voters} on the roll")
    }
}

/// Voters by ballot style and weight.
pub(super) type Weights = BTreeMap<(u16, u64), u64>;

pub(super) fn count(voters: impl Iterator<Item = (u16, u64)>) -> Weights {
    let mut weights = Weights::new();
    for voter in voters {
        *weights.entry(voter).or_default() += 1;
    }
    weights
}

/// The small classes, by contest, district and weight.
pub(super) fn small(manifest: &Manifest, weights: &Weights) -> Vec<SmallClass> {
    let minimum = u64::from(manifest.minimum_cell());
    let mut classes: BTreeMap<(usize, Option<usize>, u64), u64> = BTreeMap::new();
    let mut of_contest: BTreeMap<usize, BTreeSet<u64>> = BTreeMap::new();
    for ((style, weight), voters) in weights {
        let Some(style) = manifest.styles().get(usize::from(*style)) else { continue };
        for place in &style.contests {
            let by = manifest.contests().get(*place).map(|contest| contest.cell);
            let district = (by == Some(Cell::District)).then_some(style.district);
            *classes.entry((*place, district, *weight)).or_default() += voters;
            of_contest.entry(*place).or_default().insert(*weight);
        }
    }
    // Where all weigh the same, weights tell nothing.
    let differ = |contest: &usize| of_contest.get(contest).is_some_and(|weights| weights.len() > 1);
    let small = classes.into_iter().filter(|((contest, ..), n)| *n < minimum && differ(contest));
    small
        .map(|((contest, district, weight), voters)| SmallClass {
            contest,
            district,
            weight,
            voters,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{contest::Contest, crypto::signature::AuthorSecret};
    use rand_core::OsRng;

    #[test]
    fn classes_below_the_minimum_are_named() {
        let key = || AuthorSecret::random(&mut OsRng).unwrap().public().clone();
        let manifest = Manifest::builder("weights")
            .operator(key())
            .trustees([key()], 1)
            .minimum_cell(3)
            .contest(Contest::choose_one("local", ["a"]))
            .contest(Contest::choose_one("all", ["a"]).cell(Cell::Election))
            .contest(Contest::choose_one("south", ["a"]))
            .district("n", "n")
            .district("s", "s")
            .style("n", "n", ["local", "all"])
            .style("s", "s", ["local", "all", "south"])
            .build()
            .unwrap();
        let small = |weights: &[(u16, u64, u64)]| {
            let weights =
                weights.iter().map(|(style, weight, n)| ((*style, *weight), *n)).collect();
            let small = small(&manifest, &weights).into_iter();
            small.map(|c| (c.contest, c.district, c.weight, c.voters)).collect::<Vec<_>>()
        };
        // Everybody weighs the same, so few are no matter of weights.
        assert_eq!(small(&[(0, 7, 2), (1, 7, 1)]), []);
        assert_eq!(small(&[(0, 1, 3), (0, 2, 3), (1, 1, 9), (1, 5, 3)]), []);
        // Two of one weight in the north; in the whole election there are enough, and in the south all weigh the same.
        assert_eq!(
            small(&[(0, 1, 3), (0, 2, 2), (1, 2, 1)]),
            [(0, Some(0), 2, 2), (0, Some(1), 2, 1),]
        );
        assert_eq!(
            small(&[(0, 1, 3), (1, 1, 3), (1, 4, 2)]),
            [(0, Some(1), 4, 2), (1, None, 4, 2), (2, Some(1), 4, 2),]
        );
    }
}
