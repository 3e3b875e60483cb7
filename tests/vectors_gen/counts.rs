//! Counts by a second implementation, from the specification, with all intermediate numbers; and names written in.

use super::json::{Json, hex, list, object};
use attacks::rng;
use num_bigint::BigInt;
use std::cmp::Ordering;
use tabella::{
    contest::Contest,
    count::{
        self, Candidates, Count, Counting, Method, Profile, Quota, Ranking, Step, TieBreak,
        Workings,
    },
    crypto::signature::AuthorSecret,
    manifest::Manifest,
};
use unicode_normalization::UnicodeNormalization;

/// Groups of a ranking, the best first.
type Groups = Vec<Vec<usize>>;

/// A number in units of `10^−places`, as text with all its digits.
fn decimal(units: &BigInt, places: u8) -> String {
    let places = usize::from(places);
    let digits = format!("{units:0>width$}", units = units.to_string(), width = places + 1);
    let (whole, rest) = digits.split_at(digits.len() - places);
    if rest.is_empty() { whole.into() } else { format!("{whole}.{rest}") }
}

/// Totals at the start of each round so far, and how ties are broken.
struct Standing {
    rounds: Vec<Vec<BigInt>>,
    backwards: bool,
}

impl Standing {
    /// Which of two is ahead, and the round in which they differ.
    fn compare(&self, a: usize, b: usize) -> (Ordering, Option<usize>) {
        let depth = if self.backwards { self.rounds.len() } else { 1 };
        for (round, totals) in self.rounds.iter().enumerate().rev().take(depth) {
            if totals[a] != totals[b] {
                return (totals[b].cmp(&totals[a]), Some(round));
            }
        }
        (a.cmp(&b), None)
    }

    fn sort(&self, candidates: &[usize]) -> Vec<usize> {
        let mut sorted = candidates.to_vec();
        sorted.sort_by(|a, b| self.compare(*a, *b).0);
        sorted
    }

    /// Groups of sorted candidates with equal totals now.
    fn tied<'s>(&self, sorted: &'s [usize]) -> Vec<&'s [usize]> {
        let totals = self.rounds.last().unwrap();
        sorted.chunk_by(|a, b| totals[*a] == totals[*b]).collect()
    }

    /// The tie, if these neighbours must be told apart.
    fn tie(&self, order: &[usize], pairs: &[[usize; 2]]) -> Option<Json> {
        let rounds: Vec<Option<usize>> =
            pairs.iter().map(|[a, b]| self.compare(*a, *b).1).collect();
        // The earliest round that was needed; before the first there is only the order of the candidates.
        let decided = *rounds.iter().min()?;
        Some(tie(self.rounds.len() - 1, order, decided))
    }

    /// All ties that affect the first `places` candidates.
    fn all(&self, sorted: &[usize], places: usize) -> Vec<Json> {
        let (mut start, mut ties) = (0, Vec::new());
        for tied in self.tied(sorted) {
            let pairs: Vec<[usize; 2]> = tied.windows(2).map(|pair| [pair[0], pair[1]]).collect();
            if start < places {
                ties.extend(self.tie(tied, &pairs));
            }
            start += tied.len();
        }
        ties
    }

    fn first(&self, sorted: &[usize]) -> Option<Json> {
        let tied = *self.tied(sorted).first()?;
        let pairs: Vec<[usize; 2]> = tied.windows(2).map(|p| [p[0], p[1]]).take(1).collect();
        self.tie(tied, &pairs)
    }

    fn last(&self, sorted: &[usize]) -> Option<Json> {
        let tied = *self.tied(sorted).last()?;
        let pairs: Vec<[usize; 2]> =
            tied.windows(2).map(|p| [p[0], p[1]]).next_back().into_iter().collect();
        self.tie(tied, &pairs)
    }
}

fn tie(round: usize, order: &[usize], decided: Option<usize>) -> Json {
    object! {"round" => round, "order" => list(order.iter().copied()), "decided" => decided}
}

/// A profile: the number of candidates, and each ranking with how often it was given.
#[derive(Clone)]
pub struct Votes {
    pub candidates: usize,
    pub rankings: Vec<(u64, Groups)>,
}

/// The totals, the exhausted and the lost votes of a round, as text.
struct Round {
    totals: Vec<String>,
    exhausted: String,
    lost: String,
    elected: Vec<usize>,
    end: Vec<(&'static str, Json)>,
}

impl Round {
    fn json(&self) -> Json {
        let Self { totals, exhausted, lost, elected, end } = self;
        let mut fields = vec![
            ("totals".into(), list(totals.iter().cloned())),
            ("exhausted".into(), exhausted.clone().into()),
            ("lost".into(), lost.clone().into()),
            ("elected".into(), list(elected.iter().copied())),
        ];
        fields.extend(end.iter().map(|(name, value)| ((*name).into(), value.clone())));
        Json::Object(fields)
    }
}

/// The elected, the numbers, the ties.
type Found = (Vec<usize>, Vec<(String, Json)>, Vec<Json>);

impl Votes {
    fn of(candidates: usize, rankings: &[(u64, &[usize])]) -> Self {
        let groups = |order: &[usize]| order.iter().map(|candidate| vec![*candidate]).collect();
        let rankings = rankings.iter().map(|(times, order)| (*times, groups(order))).collect();
        Self { candidates, rankings }
    }

    /// `V`
    fn total(&self) -> u64 {
        self.rankings.iter().filter(|(_, groups)| !groups.is_empty()).map(|(times, _)| times).sum()
    }

    fn scores(&self, scores: Vec<BigInt>, places: u8, seats: usize) -> Found {
        let text = scores.iter().map(|score| decimal(score, places));
        let json = vec![("scores".into(), list(text))];
        if self.total() == 0 {
            return (vec![], json, vec![]);
        }
        let standing = Standing { rounds: vec![scores], backwards: false };
        let sorted = standing.sort(&(0..self.candidates).collect::<Vec<_>>());
        (sorted[..seats].to_vec(), json, standing.all(&sorted, seats))
    }

    fn plurality(&self, seats: usize) -> Found {
        let mut votes = vec![BigInt::ZERO; self.candidates];
        for (times, groups) in &self.rankings {
            groups.iter().take(1).flatten().for_each(|c| votes[*c] += *times);
        }
        self.scores(votes, 0, seats)
    }

    fn borda(&self, seats: usize) -> Found {
        let n = self.candidates as i64;
        let mut points = vec![BigInt::ZERO; self.candidates];
        for (times, groups) in self.rankings.iter().filter(|(_, groups)| !groups.is_empty()) {
            let ranked: Vec<usize> = groups.iter().flatten().copied().collect();
            let rest = (0..self.candidates).filter(|c| !ranked.contains(c)).collect();
            let mut position = 0;
            for group in groups.iter().chain([&rest]) {
                let g = group.len() as i64;
                let sum: i64 = (position..position + g).map(|p| n - 1 - p).sum();
                // In tenths.
                group.iter().for_each(|c| points[*c] += BigInt::from(*times) * (10 * sum / g));
                position += g;
            }
        }
        self.scores(points, 1, seats)
    }

    fn schulze(&self, seats: usize) -> Found {
        let n = self.candidates;
        let mut d = vec![vec![0u64; n]; n];
        for (times, groups) in &self.rankings {
            let place = |c: usize| groups.iter().position(|group| group.contains(&c)).unwrap_or(n);
            for (i, row) in d.iter_mut().enumerate() {
                (0..n).filter(|j| place(i) < place(*j)).for_each(|j| row[j] += times);
            }
        }
        let mut p = vec![vec![0u64; n]; n];
        for i in 0..n {
            (0..n).filter(|j| d[i][*j] > d[*j][i]).for_each(|j| p[i][j] = d[i][j]);
        }
        // Extends paths until none gets stronger.
        loop {
            let before = p.clone();
            for i in 0..n {
                for j in (0..n).filter(|j| *j != i) {
                    let via = (0..n).map(|k| before[i][k].min(before[k][j])).max().unwrap_or(0);
                    p[i][j] = p[i][j].max(via);
                }
            }
            if p == before {
                break;
            }
        }
        let (mut elected, mut ties) = (Vec::new(), Vec::new());
        while self.total() > 0 && elected.len() < seats {
            let left: Vec<usize> = (0..n).filter(|c| !elected.contains(c)).collect();
            let free = |j: &usize| left.iter().all(|i| p[*i][*j] <= p[*j][*i]);
            let first: Vec<usize> = left.iter().copied().filter(free).collect();
            if first.len() > 1 {
                ties.push(tie(0, &first, None));
            }
            elected.push(first[0]);
        }
        let matrix = |m: Vec<Vec<u64>>| Json::List(m.into_iter().map(list).collect());
        let json = vec![("preferences".into(), matrix(d)), ("paths".into(), matrix(p))];
        (elected, json, ties)
    }

    /// Instant runoff without a quota, and STV with one. Votes are in units of `10^−places`.
    fn rounds(&self, seats: usize, quota: Option<BigInt>, places: u8, backwards: bool) -> Found {
        let n = self.candidates;
        let one = BigInt::from(10u8).pow(places.into());
        let total = self.total() * &one;
        let text = |units: &BigInt| decimal(units, places);
        // For each ranking how often it was given, its weight, its position, and its order. At the end of its order nobody
        // holds it.
        let mut piles: Vec<(u64, BigInt, usize, Vec<usize>)> = self
            .rankings
            .iter()
            .filter(|(_, groups)| !groups.is_empty())
            .map(|(times, groups)| (*times, one.clone(), 0, groups.iter().map(|g| g[0]).collect()))
            .collect();
        let mut hopeful: Vec<usize> = (0..n).collect();
        let mut kept: Vec<Option<BigInt>> = vec![None; n];
        let (mut elected, mut ties, mut rounds) = (Vec::new(), Vec::new(), Vec::<Round>::new());
        let mut standing = Standing { rounds: vec![], backwards };
        while self.total() > 0 {
            let held_by = |holder: Option<&usize>| -> BigInt {
                let held = piles.iter().filter(|(.., at, order)| order.get(*at) == holder);
                held.map(|(times, weight, ..)| *times * weight).sum()
            };
            let totals: Vec<BigInt> =
                (0..n).map(|c| kept[c].clone().unwrap_or_else(|| held_by(Some(&c)))).collect();
            let exhausted = held_by(None);
            // What is nowhere else.
            let lost = &total - totals.iter().sum::<BigInt>() - &exhausted;
            standing.rounds.push(totals.clone());
            let mut round = Round {
                totals: totals.iter().map(text).collect(),
                exhausted: text(&exhausted),
                lost: text(&lost),
                elected: vec![],
                end: vec![],
            };
            let elect = |who: Vec<usize>,
                         round: &mut Round,
                         ties: &mut Vec<Json>,
                         hopeful: &mut Vec<usize>,
                         elected: &mut Vec<usize>| {
                let sorted = standing.sort(&who);
                ties.extend(standing.all(&sorted, sorted.len()));
                hopeful.retain(|c| !sorted.contains(c));
                elected.extend(&sorted);
                round.elected.extend(sorted);
            };
            let reach: Vec<usize> = match &quota {
                Some(quota) => hopeful.iter().copied().filter(|c| totals[*c] >= *quota).collect(),
                None => {
                    let in_play = &total - &exhausted;
                    let won = |c: &usize| 2u8 * &totals[*c] > in_play || hopeful.len() == 1;
                    hopeful.iter().copied().filter(won).collect()
                }
            };
            elect(reach, &mut round, &mut ties, &mut hopeful, &mut elected);
            let open = seats - elected.len();
            if quota.is_some() && open > 0 && hopeful.len() <= open {
                let rest = hopeful.clone();
                elect(rest, &mut round, &mut ties, &mut hopeful, &mut elected);
            }
            if elected.len() >= seats {
                rounds.push(round);
                break;
            }
            let over = |c: &usize| quota.as_ref().is_some_and(|quota| totals[*c] > *quota);
            let surpluses: Vec<usize> = elected.iter().copied().filter(over).collect();
            let surpluses = standing.sort(&surpluses);
            let (from, surplus) = match (surpluses.first(), &quota) {
                (Some(first), Some(quota)) => {
                    ties.extend(standing.first(&surpluses));
                    let surplus = &totals[*first] - quota;
                    round.end =
                        vec![("surplus_of", (*first).into()), ("surplus", text(&surplus).into())];
                    kept[*first] = Some(quota.clone());
                    (*first, Some(surplus))
                }
                _ => {
                    let sorted = standing.sort(&hopeful);
                    ties.extend(standing.last(&sorted));
                    let last = *sorted.last().unwrap();
                    hopeful.retain(|c| *c != last);
                    round.end = vec![("eliminated", last.into())];
                    (last, None)
                }
            };
            for (_, weight, at, order) in &mut piles {
                if order.get(*at) == Some(&from) {
                    if let Some(surplus) = &surplus {
                        *weight = &*weight * surplus / &totals[from];
                    }
                    while *at < order.len() && !hopeful.contains(&order[*at]) {
                        *at += 1;
                    }
                }
            }
            rounds.push(round);
        }
        let json = vec![
            ("votes_needed".into(), quota.as_ref().map(text).into()),
            ("rounds".into(), Json::List(rounds.iter().map(Round::json).collect())),
        ];
        (elected, json, ties)
    }

    /// The count as in `result.json`, without names.
    pub fn count(&self, counting: &Counting) -> Vec<(String, Json)> {
        let Counting { method, seats, tie_break } = *counting;
        let seats = usize::from(seats);
        let backwards = tie_break == TieBreak::Backwards;
        let (elected, numbers, ties) = match method {
            Method::Plurality => self.plurality(seats),
            Method::Borda => self.borda(seats),
            Method::Schulze => self.schulze(seats),
            Method::InstantRunoff => self.rounds(1, None, 0, backwards),
            Method::Stv { quota, places } => {
                let one = BigInt::from(10u8).pow(places.into());
                let quota = match quota {
                    Quota::Droop => (self.total() / (seats as u64 + 1) + 1) * one,
                    // The least number of which s times is not below V.
                    Quota::Hare => (self.total() * one + seats - 1) / seats,
                    _ => unreachable!(),
                };
                self.rounds(seats, Some(quota), places, backwards)
            }
            _ => unreachable!(),
        };
        let mut fields =
            vec![("counted".into(), self.total().into()), ("elected".into(), list(elected))];
        fields.extend(numbers);
        fields.push(("ties".into(), Json::List(ties)));
        assert_eq!(fields, shown(&count::count(&self.profile(), counting).unwrap()));
        fields
    }

    fn profile(&self) -> Profile {
        let mut profile = Profile::new(self.candidates);
        for (times, groups) in &self.rankings {
            let ranking = Ranking::new(self.candidates, groups.clone()).unwrap();
            profile.add(ranking, *times).unwrap();
        }
        profile
    }

    pub fn json(&self) -> Json {
        let group = |group: &Vec<usize>| match group[..] {
            [one] => Json::from(one),
            _ => list(group.iter().copied()),
        };
        let ranking = |(times, groups): &(u64, Groups)| {
            Json::List(vec![Json::from(*times), Json::List(groups.iter().map(group).collect())])
        };
        Json::List(self.rankings.iter().map(ranking).collect())
    }
}

/// The library's count in the same form.
fn shown(count: &Count) -> Vec<(String, Json)> {
    let mut fields = vec![
        ("counted".into(), count.votes.into()),
        ("elected".into(), list(count.elected.clone())),
    ];
    match &count.workings {
        Workings::Totals { .. } | Workings::Grades { .. } => panic!("rankings are counted here"),
        Workings::Scores(scores) => {
            fields.push(("scores".into(), list(scores.iter().map(ToString::to_string))));
        }
        Workings::Pairwise { preferences, paths } => {
            let matrix = |m: &Vec<Vec<u64>>| Json::List(m.iter().cloned().map(list).collect());
            fields.push(("preferences".into(), matrix(preferences)));
            fields.push(("paths".into(), matrix(paths)));
        }
        Workings::Rounds { quota, rounds } => {
            let round = |round: &count::CountRound| {
                let end = match &round.step {
                    Some(Step::Surplus { candidate, surplus }) => vec![
                        ("surplus_of", (*candidate).into()),
                        ("surplus", surplus.to_string().into()),
                    ],
                    Some(Step::Elimination { candidate }) => {
                        vec![("eliminated", (*candidate).into())]
                    }
                    Some(_) => unreachable!(),
                    None => vec![],
                };
                Round {
                    totals: round.totals.iter().map(ToString::to_string).collect(),
                    exhausted: round.exhausted.to_string(),
                    lost: round.lost.to_string(),
                    elected: round.elected.clone(),
                    end,
                }
                .json()
            };
            let quota = quota.as_ref().map(ToString::to_string);
            fields.push(("votes_needed".into(), quota.into()));
            fields.push(("rounds".into(), Json::List(rounds.iter().map(round).collect())));
        }
        _ => unreachable!(),
    }
    let ties = count.ties.iter().map(|t| tie(t.round, &t.order, t.decided.round()));
    fields.push(("ties".into(), Json::List(ties.collect())));
    fields
}

/// A contest's counting method, by name.
pub fn counting_json(counting: &Counting) -> Vec<(String, Json)> {
    let Counting { method, seats, tie_break } = counting;
    let tie_break = if *tie_break == TieBreak::Order { "order" } else { "backwards" };
    let mut fields = vec![("method".into(), method.to_string().into())];
    if let Method::Stv { quota, places } = method {
        let quota = if *quota == Quota::Droop { "droop" } else { "hare" };
        fields.extend([("quota".into(), quota.into()), ("places".into(), (*places).into())]);
    }
    fields.push(("seats".into(), (*seats).into()));
    fields.push(("tie_break".into(), tie_break.into()));
    fields
}

pub fn json() -> Json {
    object! {"counts" => counts(), "normalised" => normalised(), "candidates" => candidates(), "merged" => merged()}
}

fn counts() -> Json {
    use Method::{Borda, InstantRunoff, Plurality, Schulze};
    let [droop, hare] = [Quota::Droop, Quota::Hare].map(|quota| Method::Stv { quota, places: 5 });
    let droop_to = |places| Method::Stv { quota: Quota::Droop, places };
    let hare_to = |places| Method::Stv { quota: Quota::Hare, places };
    let [order, backwards] = [TieBreak::Order, TieBreak::Backwards];
    let tennessee = Votes::of(
        4,
        &[(42, &[0, 1, 2, 3]), (26, &[1, 2, 3, 0]), (15, &[2, 3, 1, 0]), (17, &[3, 2, 1, 0])],
    );
    let schulze = Votes::of(
        5,
        &[
            (5, &[0, 2, 1, 4, 3]),
            (5, &[0, 3, 4, 2, 1]),
            (8, &[1, 4, 3, 0, 2]),
            (3, &[2, 0, 1, 4, 3]),
            (7, &[2, 0, 4, 1, 3]),
            (2, &[2, 1, 0, 3, 4]),
            (7, &[3, 2, 4, 1, 0]),
            (8, &[4, 1, 0, 3, 2]),
        ],
    );
    let food =
        Votes::of(5, &[(4, &[0]), (2, &[1, 0]), (8, &[2, 3]), (4, &[2, 4]), (1, &[3]), (1, &[4])]);
    let fractions =
        Votes::of(4, &[(7, &[0, 1, 3]), (2, &[0, 2]), (5, &[1, 2]), (3, &[2]), (3, &[3, 2])]);
    let alaska = Votes::of(
        3,
        &[
            (27_053, &[0, 1, 2]),
            (15_467, &[0, 2, 1]),
            (11_290, &[0]),
            (34_049, &[1, 0, 2]),
            (3_652, &[1, 2, 0]),
            (21_272, &[1]),
            (47_407, &[2, 0, 1]),
            (4_645, &[2, 1, 0]),
            (23_747, &[2]),
        ],
    );
    let groups = Votes {
        candidates: 4,
        rankings: vec![(3, vec![vec![0, 1], vec![2]]), (2, vec![vec![3]]), (7, vec![])],
    };
    let runoff_ties = Votes::of(4, &[(3, &[0, 2]), (4, &[1, 0]), (6, &[2]), (1, &[3, 0, 2])]);
    let surpluses = Votes::of(4, &[(9, &[1, 2]), (9, &[0, 3]), (3, &[2]), (3, &[3])]);
    let exact = Votes::of(3, &[(4, &[0, 1]), (3, &[1]), (3, &[2])]);
    let exact4 = Votes { candidates: 4, ..exact.clone() };
    let nobody = Votes { candidates: 3, rankings: vec![(7, vec![])] };
    let cycle = Votes::of(3, &[(2, &[0, 1, 2]), (2, &[1, 2, 0]), (2, &[2, 0, 1])]);
    let waiting =
        Votes::of(5, &[(30, &[0, 1, 2]), (26, &[3, 4]), (4, &[1]), (5, &[2, 4]), (7, &[4])]);
    let vanishing = Votes::of(4, &[(15, &[0, 1, 3]), (13, &[2]), (12, &[3])]);
    let only_first = Votes::of(4, &[(10, &[0])]);
    let one = Votes::of(5, &[(1, &[3, 1])]);
    // The largest integer that JSON numbers represent everywhere.
    let many = Votes::of(4, &[(9_007_199_254_740_991, &[0, 1, 2])]);
    let missed = Votes::of(
        5,
        &[
            (36, &[0, 4, 1]),
            (6, &[1, 2]),
            (9, &[2, 1, 3, 4]),
            (23, &[3, 2, 0]),
            (3, &[4, 2, 1, 0, 3]),
        ],
    );
    let cases: [(&str, &Votes, Method, u16, TieBreak); 47] = [
        ("Tennessee", &tennessee, Plurality, 2, order),
        ("Tennessee", &tennessee, InstantRunoff, 1, backwards),
        ("Tennessee", &tennessee, droop, 2, order),
        ("Tennessee", &tennessee, hare, 2, order),
        ("Tennessee", &tennessee, Schulze, 4, order),
        ("Tennessee", &tennessee, Borda, 4, order),
        ("no candidate beats all others", &schulze, Schulze, 5, order),
        ("no candidate beats all others", &schulze, Borda, 2, order),
        ("no candidate beats all others", &schulze, InstantRunoff, 1, order),
        ("party food", &food, droop, 3, order),
        ("party food", &food, droop, 3, backwards),
        ("party food", &food, hare, 4, backwards),
        ("a surplus of a surplus", &fractions, droop, 3, order),
        ("a surplus of a surplus", &fractions, droop_to(1), 3, order),
        ("a surplus of a surplus", &fractions, droop_to(9), 3, order),
        ("a surplus of a surplus", &fractions, hare, 3, order),
        ("a surplus of a surplus", &fractions, hare_to(1), 3, order),
        ("a surplus of a surplus", &fractions, hare_to(9), 3, order),
        ("rounding misses the quota", &missed, droop_to(9), 4, backwards),
        ("weights that are rounded to nothing", &vanishing, droop_to(1), 2, order),
        ("weights that are rounded to nothing", &vanishing, droop_to(2), 2, order),
        ("all ballots are exhausted", &only_first, droop, 3, order),
        ("all ballots are exhausted", &only_first, InstantRunoff, 1, order),
        ("fewer ballots than seats", &one, droop, 3, backwards),
        ("fewer ballots than seats", &one, hare, 3, backwards),
        ("very many ballots", &many, droop_to(9), 3, order),
        ("Alaska 2022", &alaska, InstantRunoff, 1, order),
        ("Alaska 2022", &alaska, Schulze, 1, order),
        ("several with one rank", &groups, Borda, 2, order),
        ("several with one rank", &groups, Schulze, 3, order),
        ("a tie for the last place", &runoff_ties, InstantRunoff, 1, backwards),
        ("a tie for the last place", &runoff_ties, InstantRunoff, 1, order),
        ("equal surpluses", &surpluses, droop, 3, backwards),
        ("equal surpluses", &surpluses, droop, 3, order),
        ("as many seats as candidates", &exact, hare, 3, order),
        ("a whole quota", &exact, hare, 2, order),
        ("a quota that is a fraction", &exact4, hare, 3, order),
        ("a candidate without votes", &exact4, Plurality, 4, backwards),
        ("nobody votes", &nobody, Plurality, 1, order),
        ("nobody votes", &nobody, InstantRunoff, 1, backwards),
        ("nobody votes", &nobody, droop, 2, backwards),
        ("nobody votes", &nobody, hare, 3, order),
        ("nobody votes", &nobody, Schulze, 1, order),
        ("nobody votes", &nobody, Borda, 1, order),
        ("a circle", &cycle, Schulze, 2, order),
        ("a circle", &cycle, InstantRunoff, 1, backwards),
        ("a surplus that waits", &waiting, droop, 3, backwards),
    ];
    let of = |(name, votes, method, seats, tie_break): (&str, &Votes, Method, u16, TieBreak)| {
        let counting = Counting { method, seats, tie_break };
        let mut fields = vec![
            ("name".into(), name.into()),
            ("candidates".into(), votes.candidates.into()),
            ("rankings".into(), votes.json()),
        ];
        fields.extend(counting_json(&counting));
        fields.extend(votes.count(&counting));
        Json::Object(fields)
    };
    Json::List(cases.map(of).into())
}

/// The characters that the specification calls invisible: its lists, verbatim.
const INVISIBLE: &str = "
    AD 34F 61C 115F 1160 17B4 17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F FEFF FFA0 FFF0-FFF8 1BCA0-1BCA3
    1D173-1D17A E0000-E0FFF
    2028 2029 2800 FFF9-FFFC 13430-13442 1D159
    E000-F8FF FDD0-FDEF F0000-10FFFF";

/// Whether it is invisible.
pub fn is_invisible(c: char) -> bool {
    let number = |text: &str| u32::from_str_radix(text, 16).unwrap();
    let within = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        (number(first)..=number(last)).contains(&u32::from(c))
    };
    c.is_control()
        || u32::from(c) % 0x1_0000 >= 0xfffe
        || INVISIBLE.split_whitespace().any(within)
        || is_unassigned(c)
}

/// Whether it is unassigned in Unicode 14.0.
fn is_unassigned(c: char) -> bool {
    let number = |text: &str| u32::from_str_radix(text, 16).unwrap();
    let ranges = include_str!("../../docs/spec/unassigned.txt").lines().skip(1);
    let mut ranges = ranges.map(|range| range.split_once("..").unwrap());
    ranges.any(|(first, last)| (number(first)..=number(last)).contains(&u32::from(c)))
}

/// A name in the form in which names are compared.
pub fn normalise(text: &str) -> String {
    let mut now = text.to_string();
    loop {
        let known: String = now.chars().filter(|c| !is_unassigned(*c)).collect();
        let compatible: String = known.nfkc().collect();
        let lower: String = compatible.chars().flat_map(char::to_lowercase).collect();
        let again: String = lower.replace('\u{3c2}', "\u{3c3}").nfkc().collect();
        let spaces: String =
            again.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let visible: String = spaces.chars().filter(|c| !is_invisible(*c)).collect();
        let words: Vec<&str> = visible.split(' ').filter(|word| !word.is_empty()).collect();
        let next = words.join(" ");
        if next == now {
            return now;
        }
        now = next;
    }
}

fn normalised() -> Json {
    let texts = [
        "",
        " ",
        "Ada",
        // Not in Unicode 14: two letters of Garay and their lower case, an outlined A, a pink heart.
        "\u{10d50}\u{10d51}",
        "x\u{10d70}\u{10d71}",
        "\u{1ccd6}da \u{1fa77}",
        "\u{11392}\u{113ce}\u{200d}",
        "  \u{ff21}da\u{200b} LOVE\u{ad}LACE\n",
        "Zoe\u{308}",
        "ZO\u{cb}",
        "Zoe\u{200b}\u{308}",
        "\u{2163}",
        "\u{fb01}anc\u{e9} \u{2163}",
        "\u{39f}\u{394}\u{3a5}\u{3a3}\u{3a3}\u{395}\u{3a5}\u{3a3}",
        "\u{39f}\u{3b4}\u{3c5}\u{3c3}\u{3c3}\u{3b5}\u{3c5}\u{3c2}",
        "A\tB\r\nC\u{2028}D\u{85}E",
        "Ad\u{ad}a\u{feff} \u{202e}Love\u{200b}lace",
        "\u{200b} \u{2029}",
        "\u{130}stanbul",
        "Stra\u{df}e",
        "STRASSE",
        "\u{212a}elvin",
        "\u{3a9}\u{2126}",
        "\u{1e9e}",
        "\u{ac00}\u{1100}\u{1161}",
        "O\u{2019}Brien",
        "O'Brien",
        "\u{3000}a\u{a0}\u{2009}b",
        "\u{2460}\u{bd}",
        "\u{410}\u{434}\u{430}",
        // Invisible characters, alone and where they are allowed.
        "Yes\u{3164}",
        "Yes\u{34f}",
        "Yes\u{e0041}",
        "Yes\u{fe0f}",
        "Yes\u{200d}",
        "Y\u{200c}es",
        "\u{2800}",
        "Yes\u{2800}",
        "Yes\u{fff9}\u{fffc}",
        "Yes\u{13441}",
        "Yes\u{e000}",
        "Yes\u{ffff}",
        "Yes\u{10fffd}",
        "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
        "\u{645}\u{200c}",
        "\u{645}\u{200c}\u{200c}\u{6cc}",
        "\u{d28}\u{d4d}\u{200d}",
        "\u{9b0}\u{200d}\u{9cd}\u{9af}",
        "\u{2764}\u{fe0f}",
        "\u{2764}\u{fe0f}\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "1\u{fe0f}",
        "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
        "\u{1f469}\u{200d}",
        "\u{1f3f4}\u{e0067}\u{e007f}",
        "\u{845b}\u{e0100}",
        "\u{845b}\u{e0100}\u{e0101}",
        "\u{182d}\u{180b}",
        "\u{182d}\u{180e}\u{1820}",
        "\u{182d}\u{180e}",
        "a\u{a0}b",
    ];
    let of = |text: &str| {
        let normal = normalise(text);
        assert_eq!(normal, count::normalise(text));
        // Some of them are invisible, so they are given as bytes.
        object! {"text" => hex(text), "normalised" => hex(&normal), "name" => is_name(text)}
    };
    Json::List(texts.map(of).into())
}

/// Whether a manifest accepts it as the name of an option.
fn is_name(text: &str) -> bool {
    let [operator, trustee] = [1, 2].map(|seed| AuthorSecret::random(&mut rng(seed)).unwrap());
    let builder = Manifest::builder("names").operator(operator.public().clone());
    let builder = builder.trustee("one", trustee.public().clone()).threshold(1);
    builder.contest(Contest::choose_one("names", [text])).build().is_ok()
}

fn candidates() -> Json {
    let cases: [(&[&str], &[&str]); 3] = [
        (&["Ada", "Ben"], &["Zoe", " ada", "cleo", "CLEO", ""]),
        (&["Ada", "Ben", "ADA"], &["Zoe", "bEN ", "zoe\u{308}", "ada"]),
        (&["Stra\u{df}e"], &["strasse", "STRASSE", "\u{1e9e}", "\u{ff5a}"]),
    ];
    let of = |(options, written): (&[&str], &[&str])| {
        let known: Vec<String> = options.iter().map(|option| normalise(option)).collect();
        let mut names: Vec<String> = written.iter().map(|text| normalise(text)).collect();
        names.retain(|name| !name.is_empty() && !known.contains(name));
        names.sort();
        names.dedup();
        let all: Vec<&String> = known.iter().chain(&names).collect();
        let find = |text: &&str| {
            all.iter()
                .position(|name| **name == normalise(text))
                .filter(|_| !normalise(text).is_empty())
        };
        let found: Vec<Option<usize>> = written.iter().map(find).collect();
        let library = Candidates::new(options.iter().copied(), written.iter().copied());
        assert_eq!(library.names(), names);
        assert_eq!(found, written.iter().map(|text| library.find(text)).collect::<Vec<_>>());
        object! {
            "options" => list(options.iter().copied()), "written" => list(written.iter().copied()),
            "names" => list(names.iter().map(String::as_str)), "numbers" => list(found),
        }
    };
    Json::List(cases.map(of).into())
}

/// Groups of candidates by the best rank of each.
pub fn merge(pairs: &[(usize, u8)]) -> Groups {
    let mut best = std::collections::BTreeMap::new();
    for (candidate, rank) in pairs.iter().filter(|(_, rank)| *rank > 0) {
        let entry = best.entry(*candidate).or_insert(*rank);
        *entry = (*entry).min(*rank);
    }
    let mut groups = std::collections::BTreeMap::<u8, Vec<usize>>::new();
    best.into_iter().for_each(|(candidate, rank)| groups.entry(rank).or_default().push(candidate));
    groups.into_values().collect()
}

fn merged() -> Json {
    let cases: [&[(usize, u8)]; 7] = [
        &[],
        &[(3, 0)],
        &[(3, 2), (3, 1), (5, 3)],
        &[(3, 7), (5, 3)],
        &[(3, 0), (3, 4), (5, 4)],
        &[(4, 1), (0, 2), (4, 3), (2, 4)],
        &[(2, 1), (1, 1), (2, 2), (0, 255)],
    ];
    let of = |pairs: &[(usize, u8)]| {
        let groups = merge(pairs);
        assert!(count::merge(pairs).groups().eq(&groups));
        let pairs = pairs.iter().map(|(c, rank)| Json::List(vec![(*c).into(), (*rank).into()]));
        object! {
            "pairs" => Json::List(pairs.collect()),
            "groups" => Json::List(groups.into_iter().map(list).collect()),
        }
    };
    Json::List(cases.map(of).into())
}
