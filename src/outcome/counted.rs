//! What is counted ballot by ballot: opened rows, and the elected.

use crate::{
    chunks,
    codec::{Encode, Reader, put_count, put_text},
    count::{Count, Profile, Ranking, WriteIns, count, merge, normalise},
    error::DecodeError,
    manifest::{Broken, Contest, Form, MAX_CANDIDATES, Manifest, Unreadable, Written},
};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::cmp::Reverse;
use curve25519_dalek::{RistrettoPoint, constants::RISTRETTO_BASEPOINT_POINT};

/// Most bytes of a name when it is normalised.
const MAX_NORMALISED: usize = 4_096;

/// The opened rows of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MixedOutcome {
    /// The cell's place in the tally.
    pub cell: usize,
    /// The contest's place in the manifest.
    pub contest: usize,
    pub(super) width: usize,
    /// Row by row.
    pub(super) points: Vec<[u8; 32]>,
}

impl MixedOutcome {
    /// The canonical bytes of the elements that each row held, one for each of its slots, in the order of the last mix.
    pub fn points(&self) -> impl ExactSizeIterator<Item = &[[u8; 32]]> {
        self.points.chunks_exact(self.width.max(1))
    }

    /// What each row says.
    pub fn rows(&self, manifest: &Manifest) -> impl ExactSizeIterator<Item = OpenedRow> {
        let contest = manifest.contests().get(self.contest);
        let values = contest.map(Values::of).unwrap_or_default();
        self.points().map(move |points| OpenedRow::read(contest, &values, points))
    }

    /// The same with values that were made before, as a contest may have thousands of cells. On all cores.
    pub(crate) fn rows_by(&self, manifest: &Manifest, values: &Values) -> Vec<OpenedRow> {
        let rows: Vec<&[[u8; 32]]> = self.points().collect();
        self.read_rows(manifest, values, &rows)
    }

    /// What some of the rows say.
    pub(crate) fn read_rows(
        &self,
        manifest: &Manifest,
        values: &Values,
        rows: &[&[[u8; 32]]],
    ) -> Vec<OpenedRow> {
        let contest = manifest.contests().get(self.contest);
        chunks::each_item(rows, |points| OpenedRow::read(contest, values, points))
    }

    /// All votes for what is written in.
    pub(super) fn votes(&self, contest: &Contest, values: &Values) -> u64 {
        let flags = self.points().flat_map(|points| points.iter().take(contest.flag_slots()));
        flags.filter_map(|point| values.find(point)).map(u64::from).sum()
    }
}

/// The encodings of `0·G`, …, `each·G`, which the lines for write-ins of a contest can hold; none if it has no lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values(BTreeMap<[u8; 32], u32>);

impl Values {
    pub(crate) fn of(contest: &Contest) -> Self {
        let mut next = RistrettoPoint::default();
        let multiples = (0..=contest.rule.each).map(|value| {
            let point = next;
            next += RISTRETTO_BASEPOINT_POINT;
            (point.compress().to_bytes(), value)
        });
        if contest.flag_slots() == 0 { Self::default() } else { Self(multiples.collect()) }
    }

    fn find(&self, point: &[u8; 32]) -> Option<u32> {
        self.0.get(point).copied()
    }
}

/// What one row of a mix says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedRow {
    /// The votes for what is written on each line for write-ins; none in a ranking, or if they cannot be read.
    pub votes: Vec<u32>,
    /// Ranks and names, or why they cannot be read.
    pub written: Result<Written, Unreadable>,
}

impl OpenedRow {
    fn read(contest: Option<&Contest>, values: &Values, points: &[[u8; 32]]) -> Self {
        let lines = contest.map_or(0, Contest::flag_slots);
        let (flags, message) = points.split_at_checked(lines).unwrap_or_default();
        let votes: Option<Vec<u32>> = flags.iter().map(|point| values.find(point)).collect();
        let written = match (contest, &votes) {
            (Some(contest), Some(_)) => contest.read_message(message),
            _ => Err(Unreadable::Votes),
        };
        Self { votes: votes.unwrap_or_default(), written }
    }

    /// The lines that count, each a name with its votes or rank; or the first reason why what the voter gave a vote or a
    /// rank to cannot be read.
    fn lines(&self, contest: &Contest) -> Result<Vec<(&str, u32)>, Unreadable> {
        let votes: Vec<u32> = match (contest.form, &self.written) {
            (Form::Choice, _) if self.votes.len() != contest.flag_slots() => {
                return Err(Unreadable::Votes);
            }
            (Form::Choice, _) => self.votes.clone(),
            (Form::Ranking { .. }, Ok(written)) => {
                written.ranks.iter().skip(contest.options.len()).map(|r| u32::from(*r)).collect()
            }
            (Form::Ranking { .. }, Err(error)) => return Err(*error),
        };
        let mut lines = Vec::new();
        // Text without votes is ignored.
        for (line, votes) in votes.into_iter().enumerate().filter(|(_, votes)| *votes > 0) {
            let written = self.written.as_ref().map_err(|error| *error)?;
            let name = written.names.get(line).and_then(Option::as_deref);
            let name = name.filter(|name| !normalise(name).is_empty());
            lines.push((name.ok_or(Unreadable::Rule(Broken::Name { line }))?, votes));
        }
        Ok(lines)
    }
}

/// A ballot whose ranking or write-ins do not count, since they cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRow {
    /// The cell's place in the tally.
    pub cell: usize,
    /// The row's place in the last mix.
    pub row: usize,
    /// Why it does not count.
    pub reason: Unreadable,
}

/// A contest that was counted ballot by ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The contest's place in the manifest.
    pub contest: usize,
    /// The candidates by number: the options, then the names that were written in, normalised.
    pub candidates: Vec<String>,
    /// How many names that were written in are no candidates, since there were too many and these have the least support.
    pub left_out: usize,
    /// Ballots that do not count.
    pub invalid: Vec<InvalidRow>,
    /// The count.
    pub count: Count,
}

impl Counted {
    /// The names of the elected, in the order of their election.
    pub fn elected(&self) -> impl Iterator<Item = &str> {
        let name = |number: &usize| self.candidates.get(*number).map(String::as_str);
        self.count.elected.iter().filter_map(name)
    }

    /// Counts a contest from the totals of its options, if they are summed, and from its rows. `None` if it is not one that is
    /// counted so.
    pub(super) fn new(
        manifest: &Manifest,
        place: usize,
        totals: &[u64],
        mixed: &[MixedOutcome],
        values: &Values,
    ) -> Option<Self> {
        let contest = manifest.contests().get(place)?;
        let counting = contest.counting?;
        let (mut papers, mut invalid) = (Vec::new(), Vec::new());
        for cell in mixed.iter().filter(|cell| cell.contest == place) {
            papers.extend(
                cell.rows_by(manifest, values)
                    .into_iter()
                    .enumerate()
                    .map(|(row, opened)| (cell.cell, row, opened)),
            );
        }
        let mut rows = Vec::with_capacity(papers.len());
        for (cell, row, opened) in &papers {
            match opened.lines(contest) {
                Ok(lines) => rows.push((opened, lines)),
                Err(reason) => invalid.push(InvalidRow { cell: *cell, row: *row, reason }),
            }
        }
        let options = contest.options.iter().map(String::as_str);
        let (names, left_out) = names(contest, rows.iter().map(|(_, lines)| lines.as_slice()));
        let written = WriteIns::new(options, names.iter().map(String::as_str));
        let mut profile = Profile::new(written.candidates());
        let mut add = |ranking: Ranking, times| profile.add(ranking, times).ok();
        for (option, votes) in totals.iter().take(contest.options.len()).enumerate() {
            add(merge(&[(option, 1)]), *votes)?;
        }
        // The votes of an option are in a sum, so nobody can see whether a line gives it more than it may have.
        let most = u64::from(contest.rule.each);
        let first = if contest.rule.each < contest.rule.max { contest.options.len() } else { 0 };
        for (opened, lines) in rows {
            let lines =
                lines.iter().filter_map(|(name, votes)| Some((written.find(name)?, *votes)));
            match (contest.form, &opened.written) {
                (Form::Ranking { .. }, Ok(paper)) => {
                    let options =
                        paper.ranks.iter().take(contest.options.len()).copied().enumerate();
                    // Ranks are bytes.
                    let lines = lines.map(|(candidate, rank)| (candidate, rank as u8));
                    add(merge(&options.chain(lines).collect::<Vec<_>>()), 1)?;
                }
                _ => {
                    // Lines with one name are one candidate, who gets no more votes than one can have.
                    let mut given: BTreeMap<usize, u64> = BTreeMap::new();
                    for (candidate, votes) in lines.filter(|(candidate, _)| *candidate >= first) {
                        *given.entry(candidate).or_default() += u64::from(votes);
                    }
                    for (candidate, votes) in given {
                        add(merge(&[(candidate, 1)]), votes.min(most))?;
                    }
                }
            }
        }
        let count = count(&profile, &counting).ok()?;
        let candidates = contest.options.iter().chain(written.names()).cloned().collect();
        Some(Self { contest: place, candidates, left_out, invalid, count })
    }
}

/// The names that stand beside the options, and how many are left out. Those stand first that have the most votes, or first
/// ranks, then those on the most ballots, then those whose bytes come first: else names that nobody means could crowd one out.
fn names<'r>(
    contest: &Contest,
    rows: impl Iterator<Item = &'r [(&'r str, u32)]>,
) -> (Vec<String>, usize) {
    let mut support: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for lines in rows {
        let mut of_row: BTreeMap<String, u64> = BTreeMap::new();
        for (name, number) in lines {
            let votes = match contest.form {
                Form::Choice => *number,
                Form::Ranking { .. } => u32::from(*number == 1),
            };
            *of_row.entry(normalise(name)).or_default() += u64::from(votes);
        }
        for (name, votes) in of_row {
            let (all, ballots) = support.entry(name).or_default();
            *all += votes.min(contest.rule.each.into());
            *ballots += 1;
        }
    }
    for option in &contest.options {
        support.remove(&normalise(option));
    }
    let mut names: Vec<(String, (u64, u64))> = support.into_iter().collect();
    names.sort_by_key(|(_, support)| Reverse(*support));
    let most = MAX_CANDIDATES.saturating_sub(contest.options.len());
    let left_out = names.len().saturating_sub(most);
    (names.into_iter().take(most).map(|(name, _)| name).collect(), left_out)
}

/// Appends the names of the elected of each contest.
pub(super) fn encode_elected(counted: &[Counted], out: &mut Vec<u8>) {
    for counted in counted {
        put_count(out, counted.count.elected.len());
        counted.elected().for_each(|name| put_text(out, name));
    }
}

/// Reads the names of the elected of a contest.
pub(super) fn read_elected(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    reader.list(MAX_CANDIDATES, 4, |reader| reader.text(MAX_NORMALISED))
}

impl Encode for MixedOutcome {
    /// The rows one after the other; the tally tells how many and how wide.
    fn encode(&self, out: &mut Vec<u8>) {
        self.points.iter().for_each(|point| out.extend_from_slice(point));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::author::AuthorSecret;
    use alloc::vec;
    use rand_core::OsRng;

    /// The proofs of ballots keep it from happening; all trustees and the operator together could make it.
    #[test]
    fn votes_that_no_ballot_can_have_are_invalid() {
        let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        let manifest = Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(Contest::choose_one("c", ["a"]).write_ins(1, 20));
        let manifest = manifest.build().unwrap();
        let vote = |n: u64| RistrettoPoint::mul_base(&n.into()).compress().to_bytes();
        let points = vec![vote(0), [0; 32], vote(2), [0; 32]];
        let mixed = MixedOutcome { cell: 0, contest: 0, width: 2, points };
        let values = Values::of(&manifest.contests()[0]);
        let counted = Counted::new(&manifest, 0, &[1], &[mixed], &values).unwrap();
        let invalid = InvalidRow { cell: 0, row: 1, reason: Unreadable::Votes };
        assert_eq!(counted.invalid, [invalid]);
    }
}
