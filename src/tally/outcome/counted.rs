//! What is counted ballot by ballot: opened rows, and the elected.

use super::cell::CellOutcome;
use crate::{
    codec::{DecodeError, Encode, Reader, put_count, put_text},
    contest::{Contest, ContestOption, MAX_CANDIDATES, OpenedRow, RowCount, Unreadable, Values},
    count::{Candidates, Count, LotKey, Profile, Ranking, count_with_lots, lot_key, merge},
    manifest::Manifest,
    mistake::MAX_NAME,
    parallel,
    tally::LeftOut,
    text::normalise,
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};
use core::cmp::Reverse;

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
    pub(super) manifest: Manifest,
}

impl MixedOutcome {
    /// The canonical bytes of the elements that each row held, one for each of its slots, in the order of the last mix.
    pub(crate) fn points(&self) -> impl ExactSizeIterator<Item = &[[u8; 32]]> {
        self.points.chunks_exact(self.width.max(1))
    }

    /// How many rows all these cells have.
    pub(crate) fn count(mixed: &[Self]) -> usize {
        mixed.iter().map(|cell| cell.points().len()).sum()
    }

    /// The contest.
    fn held(&self) -> Option<&Contest> {
        self.manifest.contests().get(self.contest)
    }

    /// What each row says.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = OpenedRow> {
        let contest = self.held();
        let values = contest.map(|contest| Values::of(contest, self.points().len()));
        let values = values.unwrap_or_default();
        self.points().map(move |points| OpenedRow::read(contest, &values, points))
    }

    /// The same with values that were made before, as a contest may have thousands of cells. On all cores.
    pub(crate) fn rows_by(&self, values: &Values) -> Vec<OpenedRow> {
        let rows: Vec<&[[u8; 32]]> = self.points().collect();
        self.read_rows(values, &rows)
    }

    /// What some of the rows say.
    pub(crate) fn read_rows(&self, values: &Values, rows: &[&[[u8; 32]]]) -> Vec<OpenedRow> {
        let contest = self.held();
        parallel::each_item(rows, |points| OpenedRow::read(contest, values, points))
    }

    /// All votes for what is written in. A row with votes that no rule allows has none.
    pub(super) fn votes(&self, contest: &Contest, values: &Values) -> u64 {
        let of_row = |points: &[[u8; 32]]| {
            let flags = points.iter().take(contest.flag_slots());
            flags.map(|point| values.find(point)).sum::<Option<u64>>()
        };
        self.points().filter_map(of_row).sum()
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
    /// The candidates by number: the options by their ids, then the names that were written in, in the order of their normalised bytes
    /// and each as most ballots have it.
    pub candidates: Vec<String>,
    /// How many names that were written in are no candidates, since there were too many and these have the least support.
    pub names_left_out: usize,
    /// Ballots that do not count.
    pub invalid: Vec<InvalidRow>,
    /// Votes for what is written in that count for nobody, or rankings, and why.
    pub left_out: BTreeMap<LeftOut, u64>,
    /// Rankings that rank nobody.
    pub unranked: u64,
    /// The count.
    pub count: Count,
}

impl Counted {
    /// The elected, in the order of their election: options by their ids, others as they were written.
    pub fn elected(&self) -> impl Iterator<Item = &str> {
        let name = |number: &usize| self.candidates.get(*number).map(String::as_str);
        self.count.elected.iter().filter_map(name)
    }

    /// The candidates as they are shown: options by their names, others as they were written.
    pub fn shown(&self, contest: &Contest) -> Vec<String> {
        let shown = |(place, candidate): (usize, &String)| {
            contest.options.get(place).map_or_else(|| candidate.clone(), ContestOption::shown)
        };
        self.candidates.iter().enumerate().map(shown).collect()
    }

    /// Counts a contest from the totals of its options, if they are summed, and from its rows, by cell. `None` if it is not one
    /// that is counted so.
    pub(super) fn new(
        manifest: &Manifest,
        whole: &CellOutcome,
        mixed: &[MixedOutcome],
        values: &Values,
        seed: &[u8; 32],
    ) -> Option<Self> {
        let (place, totals) = (whole.contest, whole.totals.as_ref()?);
        let contest = manifest.contests().get(place)?;
        let counting = contest.counting?;
        if contest.mixed_slots() == 0 {
            return Self::of_totals(contest, counting, whole, seed);
        }
        let (mut papers, mut invalid) = (Vec::new(), Vec::new());
        for cell in mixed {
            papers.extend(
                cell.rows_by(values)
                    .into_iter()
                    .enumerate()
                    .map(|(row, opened)| (cell.cell, row, opened)),
            );
        }
        let (mut left_out, mut unranked) = (BTreeMap::new(), 0);
        let mut leave_out = |reason, votes: u64| {
            if votes > 0 {
                *left_out.entry(reason).or_insert(0) += votes;
            }
        };
        let mut rows = Vec::with_capacity(papers.len());
        for (cell, row, opened) in &papers {
            match opened.lines(contest) {
                Ok(lines) => rows.push((opened, lines)),
                Err(reason) => {
                    invalid.push(InvalidRow { cell: *cell, row: *row, reason });
                    leave_out(reason.into(), contest.lost_with(opened));
                }
            }
        }
        let options = contest.options.iter().map(|option| {
            [&option.id].into_iter().chain(option.name.strings()).map(String::as_str)
        });
        let spelled = spellings(rows.iter().map(|(_, lines)| lines.as_slice()));
        let (names, names_left_out) =
            names(contest, rows.iter().map(|(_, lines)| lines.as_slice()));
        let written = Candidates::of(options, names.iter().map(String::as_str));
        let mut profile = Profile::new(written.candidates());
        let mut add = |ranking: Ranking, times| profile.add(ranking, times).ok();
        let of_options =
            if contest.has_totals() { contest.option_totals(totals)? } else { Vec::new() };
        for (option, votes) in of_options.into_iter().enumerate() {
            add(merge(&[(option, 1)]), votes)?;
        }
        for (opened, lines) in rows {
            let lines = lines.iter().map(|(name, number)| (written.find(name), *number));
            let lines: Vec<(Option<usize>, u64)> = lines.collect();
            let row = contest.count_row(opened, &lines);
            let RowCount { rankings, left_out, unranked: nobody } = row;
            for (ranking, times) in rankings {
                add(ranking, times)?;
            }
            left_out.into_iter().for_each(|(reason, votes)| leave_out(reason, votes));
            unranked += u64::from(nobody);
        }
        let lots = lots(seed, place, written.candidates());
        let count = count_with_lots(&profile, &counting, &lots).ok()?;
        let spell = |name: &String| spelled.get(name).unwrap_or(name).clone();
        let written = written.names().iter().map(spell);
        let candidates = contest.ids().map(Into::into).chain(written).collect();
        Some(Self {
            contest: place,
            candidates,
            names_left_out,
            invalid,
            left_out,
            unranked,
            count,
        })
    }
}

/// The lots of a contest's candidates.
pub(super) fn lots(seed: &[u8; 32], contest: usize, candidates: usize) -> Vec<LotKey> {
    let contest = u32::try_from(contest).unwrap_or(u32::MAX);
    let candidates = u16::try_from(candidates).unwrap_or(u16::MAX);
    (0..candidates).map(|candidate| lot_key(seed, contest, candidate)).collect()
}

/// For each normalised name the spelling that stands on the most rows; of several the one whose bytes come first.
fn spellings<'r>(rows: impl Iterator<Item = &'r [(&'r str, u64)]>) -> BTreeMap<String, String> {
    let mut on_rows: BTreeMap<&str, u64> = BTreeMap::new();
    for lines in rows {
        let of_row: BTreeSet<&str> = lines.iter().map(|(name, _)| *name).collect();
        of_row.into_iter().for_each(|name| *on_rows.entry(name).or_default() += 1);
    }
    let mut best: BTreeMap<String, (u64, &str)> = BTreeMap::new();
    for (name, rows) in on_rows {
        let known = best.entry(normalise(name)).or_insert((rows, name));
        if rows > known.0 {
            *known = (rows, name);
        }
    }
    best.into_iter().map(|(normal, (_, name))| (normal, name.into())).collect()
}

/// The names that stand beside the options, and how many are left out. The order is by votes, or first ranks, then by
/// ballots, then by bytes: otherwise names that nobody means could crowd one out.
fn names<'r>(
    contest: &Contest,
    rows: impl Iterator<Item = &'r [(&'r str, u64)]>,
) -> (Vec<String>, usize) {
    let mut support: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for lines in rows {
        let mut of_row: BTreeMap<String, u64> = BTreeMap::new();
        for (name, number) in lines {
            *of_row.entry(normalise(name)).or_default() += contest.support(*number);
        }
        for (name, votes) in of_row {
            let (all, ballots) = support.entry(name).or_default();
            *all += votes.min(contest.rule.each);
            *ballots += 1;
        }
    }
    for key in contest.options.iter().flat_map(ContestOption::keys) {
        support.remove(&key);
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
    reader.field("the elected").list(MAX_CANDIDATES, 4, |reader| reader.text(MAX_NAME))
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
    use crate::{
        contest::{Text, pack},
        crypto::signature::AuthorSecret,
    };
    use alloc::vec;
    use curve25519_dalek::RistrettoPoint;
    use rand_core::OsRng;

    #[test]
    fn a_name_is_spelled_as_on_most_rows() {
        let spelled = |rows: &[&[&'static str]]| {
            let rows: Vec<Vec<(&str, u64)>> =
                rows.iter().map(|row| row.iter().map(|name| (*name, 1)).collect()).collect();
            spellings(rows.iter().map(Vec::as_slice)).into_values().collect::<Vec<_>>()
        };
        let [zoe, lower, upper] = ["Zoë Vale", "zoe\u{308} vale", "ZOË VALE"];
        assert_eq!(spelled(&[&[lower], &[zoe], &[upper], &[zoe], &[lower], &[zoe]]), [zoe]);
        // As many: the one whose bytes come first, in whatever order.
        assert_eq!(spelled(&[&[lower], &[zoe], &[upper]]), [upper]);
        assert_eq!(spelled(&[&[upper], &[lower], &[zoe], &[zoe], &[lower]]), [zoe]);
        // A voter who writes a name on each line has one voice.
        assert_eq!(spelled(&[&[lower, lower, lower], &[zoe], &[zoe]]), [zoe]);
        assert_eq!(spelled(&[&["Ben", upper], &["ada", "ben"], &["ben"]]), ["ada", "ben", upper]);
    }

    /// A device refuses to write in what an option is called; where one does it all the same, it is that option.
    #[test]
    fn a_name_in_any_language_is_that_of_the_option() {
        let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        let option = |id: &str, names: [&str; 2]| ContestOption::new(id).name(Text::each(names));
        let options = [option("y", ["Ja", "Oui"]), option("n", ["Nein", "Non"])];
        let manifest = Manifest::builder("m")
            .languages(["de", "fr"])
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(Contest::choose_one("c", options).write_ins(1, 20));
        let manifest = manifest.build().unwrap();
        let contest = &manifest.contests()[0];
        let vote = RistrettoPoint::mul_base(&1u64.into()).compress().to_bytes();
        let names = ["OUI", "ja", "Y", "Non", "Si"];
        let points = names.into_iter().flat_map(|name| {
            let message = pack(contest, &[], &[name]).unwrap();
            let message = crate::crypto::message::encode(&message, 1).unwrap();
            [vote, message[0].compress().to_bytes()]
        });
        let points = points.collect();
        let mixed =
            [MixedOutcome { cell: 0, contest: 0, width: 2, points, manifest: manifest.clone() }];
        let values = Values::of(contest, 5);
        let whole = CellOutcome {
            contest: 0,
            districts: vec![0],
            ballots: 7,
            weight: 7,
            totals: Some(vec![1, 1]),
            write_ins: 5,
            manifest: manifest.clone(),
        };
        let counted = Counted::new(&manifest, &whole, &mixed, &values, &[0; 32]).unwrap();
        assert_eq!(counted.candidates, ["y", "n", "Si"]);
        assert_eq!(counted.elected().collect::<Vec<_>>(), ["y"]);
        assert_eq!(counted.count.votes, 7);
        let french = manifest.shown_in("fr").unwrap();
        assert_eq!(counted.shown(&french.contests()[0]), ["Oui", "Non", "Si"]);
    }

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
        let mixed =
            MixedOutcome { cell: 0, contest: 0, width: 2, points, manifest: manifest.clone() };
        let mixed = [mixed];
        let values = Values::of(&manifest.contests()[0], 2);
        let whole = CellOutcome {
            contest: 0,
            districts: vec![0],
            ballots: 2,
            weight: 2,
            totals: Some(vec![1]),
            write_ins: 0,
            manifest: manifest.clone(),
        };
        let counted = Counted::new(&manifest, &whole, &mixed, &values, &[0; 32]).unwrap();
        let invalid = InvalidRow { cell: 0, row: 1, reason: Unreadable::Votes };
        assert_eq!(counted.invalid, [invalid]);
    }
}
