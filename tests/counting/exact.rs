//! Single transferable vote in exact fractions, so that rounding never decides: the weighted inclusive Gregory method of
//! `docs/spec/counting.md` without its decimal places. Only for small profiles, since fractions grow with each surplus.

use num_bigint::BigInt;
use num_rational::BigRational;
use tabella::count::{Profile, Quota};

pub fn integer(n: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(n.into())
}

pub struct Exact {
    /// The elected, round by round.
    pub elected: Vec<Vec<usize>>,
    /// Totals at the start of each round, then the exhausted votes.
    pub totals: Vec<Vec<BigRational>>,
    /// The smallest difference that decided anything, at most 1: between two hopeful candidates, between two surpluses, or
    /// between a hopeful candidate and the quota.
    pub margin: BigRational,
}

/// Ties are not broken: a tie, or exactly the quota, makes a margin of 0.
pub fn stv(profile: &Profile, seats: usize, quota: Quota) -> Exact {
    let n = profile.candidates();
    let votes = integer(profile.votes());
    let quota = match quota {
        Quota::Droop => (votes.clone() / integer(seats + 1)).floor() + integer(1),
        Quota::Hare => votes.clone() / integer(seats),
        _ => unreachable!(),
    };
    let mut ballots: Vec<(BigRational, Vec<usize>)> = profile
        .rankings()
        .map(|(ranking, times)| (integer(times), ranking.groups().flatten().copied().collect()))
        .collect();
    let mut hopeful: Vec<usize> = (0..n).collect();
    let mut surpluses: Vec<usize> = Vec::new();
    let mut kept = vec![None; n];
    let mut exact = Exact { elected: vec![], totals: vec![], margin: integer(1) };
    loop {
        let held = |c: usize| {
            let held = ballots.iter().filter(|(_, order)| order.first() == Some(&c));
            held.map(|(weight, _)| weight).sum::<BigRational>()
        };
        let mut totals: Vec<_> =
            (0..n).map(|c| kept[c].clone().unwrap_or_else(|| held(c))).collect();
        let highest_first = |of: &[usize]| {
            let mut sorted = of.to_vec();
            sorted.sort_by(|a, b| totals[*b].cmp(&totals[*a]));
            sorted
        };
        let (sorted, waiting) = (highest_first(&hopeful), highest_first(&surpluses));
        let pairs = sorted.windows(2).chain(waiting.windows(2));
        let gaps = pairs.map(|pair| totals[pair[0]].clone() - &totals[pair[1]]);
        let over = sorted
            .iter()
            .map(|c| if totals[*c] < quota { &quota - &totals[*c] } else { &totals[*c] - &quota });
        exact.margin = gaps.chain(over).fold(exact.margin, |least, gap| least.min(gap));

        let mut elected: Vec<_> = sorted.into_iter().filter(|c| totals[*c] >= quota).collect();
        hopeful.retain(|c| !elected.contains(c));
        surpluses.extend(elected.iter().filter(|c| totals[**c] > quota));
        let open = seats - exact.elected.iter().map(Vec::len).sum::<usize>() - elected.len();
        let last = hopeful.len() <= open;
        if last {
            elected.extend(highest_first(&hopeful));
        }
        let (first, lowest) =
            (highest_first(&surpluses).first().copied(), highest_first(&hopeful).last().copied());
        let round = totals.clone();
        totals.push(&votes - totals.iter().sum::<BigRational>());
        exact.totals.push(totals);
        exact.elected.push(elected);
        if last || open == 0 {
            return exact;
        }
        let (from, share) = match (first, lowest) {
            (Some(first), _) => {
                surpluses.retain(|c| *c != first);
                kept[first] = Some(quota.clone());
                (first, (&round[first] - &quota) / &round[first])
            }
            (None, lowest) => {
                let lowest = lowest.unwrap();
                hopeful.retain(|c| *c != lowest);
                (lowest, integer(1))
            }
        };
        for (weight, order) in &mut ballots {
            if order.first() == Some(&from) {
                *weight *= &share;
                order.retain(|c| hopeful.contains(c));
            }
        }
    }
}
