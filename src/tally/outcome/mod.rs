//! The outcome: opened totals by cell, opened rows, and what follows from them.

mod account;
mod cell;
mod counted;
mod elect;
mod error;
mod lookup;
mod opening;
mod percent;
mod rankings;

pub use crate::contest::left_out::LeftOut;
pub use account::Account;
pub use cell::CellOutcome;
pub use counted::{Counted, InvalidRow, MixedOutcome};
pub use error::OutcomeError;
pub use lookup::LookupError;
pub use percent::ShareOf;
pub use rankings::OpenedRanking;

use crate::{
    ballot::Election,
    codec::{DecodeError, Encode, Reader},
    contest::Values,
    count::Answer,
    crypto::dlog::DlogTable,
    keys::Ceremony,
    manifest::Manifest,
    parallel,
    tally::{
        Combined, Opening, Tally, Turnout, VerifiedShare, Withdrawal, belongs, combine, withdrawal,
    },
    work,
};
use alloc::{string::String, vec::Vec};
use core::{cmp::Ordering, ops::Range};
use itertools::Itertools;

/// The outcome of an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    manifest: Manifest,
    cells: Vec<CellOutcome>,
    mixed: Vec<MixedOutcome>,
    counted: Vec<Counted>,
    accounts: Vec<Account>,
    turnout: Turnout,
    /// In ascending order.
    withdrawn: Vec<Withdrawal>,
}

impl Outcome {
    /// An outcome whose rows are still to be [counted](Self::count_rows).
    fn new(
        manifest: &Manifest,
        cells: Vec<CellOutcome>,
        mixed: Vec<MixedOutcome>,
        turnout: Turnout,
        withdrawn: &[Withdrawal],
    ) -> Self {
        let (counted, accounts) = (Vec::new(), Vec::new());
        let mut withdrawn = withdrawn.to_vec();
        withdrawn.sort_unstable();
        Self { manifest: manifest.clone(), cells, mixed, counted, accounts, turnout, withdrawn }
    }

    /// That of one contest in one district, which has these rows of one slot.
    #[cfg(all(test, feature = "serde"))]
    pub(crate) fn of_rows(manifest: &Manifest, points: Vec<[u8; 32]>) -> Self {
        let ballots = points.len() as u64;
        let (districts, totals) = (alloc::vec![0], Some(Vec::new()));
        let cell = CellOutcome {
            contest: 0,
            districts,
            ballots,
            weight: ballots,
            totals,
            write_ins: 0,
            manifest: manifest.clone(),
        };
        let mixed =
            MixedOutcome { cell: 0, contest: 0, width: 1, points, manifest: manifest.clone() };
        let (districts, on_roll) = (alloc::vec![ballots], alloc::vec![ballots]);
        let turnout = Turnout { districts, on_roll, stations: Vec::new(), remote: ballots };
        Self::new(manifest, alloc::vec![cell], alloc::vec![mixed], turnout, &[])
            .count_rows(&[0; 32])
    }

    /// Counts what is counted ballot by ballot.
    ///
    /// Lots are drawn from the hash of the first ceremony.
    pub(crate) fn count_rows(mut self, seed: &[u8; 32]) -> Self {
        let contests = self.manifest.contests().iter().enumerate();
        for (place, contest) in contests.filter(|(_, contest)| contest.counting.is_some()) {
            let mixed = self.mixed.get(self.mixed_of(place)).unwrap_or_default();
            let values = Values::of(contest, MixedOutcome::count(mixed));
            let withdrawn = withdrawal::options_of(&self.withdrawn, place);
            let counted = self.whole(place).and_then(|whole| {
                Counted::new(&self.manifest, &whole, mixed, &values, seed, &withdrawn)
            });
            self.counted.extend(counted);
            for mixed in mixed {
                if let Some(cell) = self.cells.get_mut(mixed.cell) {
                    cell.write_ins = mixed.votes(contest, &values);
                }
            }
        }
        let account =
            |place| Account::of(&self.manifest, &self.whole(place)?, self.counted_of(place));
        self.accounts = (0..self.manifest.contests().len()).filter_map(account).collect();
        self
    }

    /// The place of the first contest whose account differs from the votes that its ballots hold.
    pub(crate) fn wrong_account(&self) -> Option<usize> {
        let wrong = self.accounts.iter().find(|account| !account.adds_up())?;
        Some(wrong.contest)
    }

    /// The place of the first contest in which others are elected than a result claims.
    pub(crate) fn wrong_elected(&self, claimed: &[Vec<String>]) -> Option<usize> {
        let same = |counted: &Counted, claimed: &Vec<String>| {
            claimed.iter().map(String::as_str).eq(counted.elected())
        };
        let mut pairs = self.counted.iter().zip_longest(claimed);
        let wrong = pairs.find(|pair| !pair.clone().both().is_some_and(|(c, e)| same(c, e)))?;
        Some(wrong.left().map_or(0, |counted| counted.contest))
    }

    /// Opens a tally with shares that were verified against it; others do not count. The table's bound should be [`Tally::bound`].
    /// These options were withdrawn, and cannot be elected.
    pub fn open(
        election: &Election,
        ceremony: &Ceremony,
        tally: &Tally,
        shares: &[VerifiedShare],
        turnout: Turnout,
        withdrawn: &[Withdrawal],
        table: &DlogTable,
    ) -> Result<Self, OutcomeError> {
        // Or else totals would stand beside the options of others.
        if !belongs(election, ceremony) || tally.manifest() != election.manifest().hash() {
            return Err(OutcomeError::OtherElection);
        }
        let manifest = election.manifest();
        let Combined { cells: opened, rows } = combine(ceremony, tally, shares)?;
        let mut cells = Vec::new();
        for (cell, (sums, points)) in tally.cells().iter().zip_eq(opened).enumerate() {
            let find = |(place, point)| {
                table.find_vartime(&point).ok_or(OutcomeError::NotFound { cell, place })
            };
            let open = |points: Vec<_>| points.into_iter().enumerate().map(find).collect();
            cells.push(CellOutcome {
                contest: sums.contest,
                districts: sums.districts.clone(),
                ballots: sums.ballots,
                weight: sums.weight,
                totals: points.map(open).transpose()?,
                write_ins: 0,
                manifest: manifest.clone(),
            });
        }
        let points = parallel::each_item(&rows, |point| point.compress().to_bytes());
        let mut rest = points.as_slice();
        let mixed = tally.mixed().iter().filter_map(|mixed| {
            let (points, tail) = rest.split_at_checked(mixed.rows.len() * mixed.slots.len())?;
            rest = tail;
            let contest = tally.cells().get(mixed.cell)?.contest;
            let (cell, width) = (mixed.cell, mixed.slots.len());
            Some(MixedOutcome {
                cell,
                contest,
                width,
                points: points.to_vec(),
                manifest: manifest.clone(),
            })
        });
        let mixed = mixed.collect();
        let new = Self::new(manifest, cells, mixed, turnout, withdrawn);
        Ok(new.count_rows(election.ceremony_hash()))
    }

    /// Reads an outcome, and the names of the elected that it claims. The tally gives its shape. Nothing is counted before the
    /// outcome is verified.
    pub(crate) fn decode(
        reader: &mut Reader<'_>,
        manifest: &Manifest,
        tally: &Tally,
        withdrawn: &[Withdrawal],
    ) -> Result<(Self, Vec<Vec<String>>), DecodeError> {
        let mut cells = Vec::new();
        for cell in tally.cells() {
            let totals = match cell.opening {
                Opening::TooFew => None,
                Opening::Shares | Opening::Public | Opening::Empty => {
                    let totals = (0..cell.sum.b.len()).map(|_| reader.field("totals").u64());
                    Some(totals.collect::<Result<_, _>>()?)
                }
            };
            cells.push(CellOutcome {
                contest: cell.contest,
                districts: cell.districts.clone(),
                ballots: cell.ballots,
                weight: cell.weight,
                totals,
                write_ins: 0,
                manifest: manifest.clone(),
            });
        }
        let mut list = |cap: usize| reader.field("turnout").list(cap, 8, Reader::u64);
        let (districts, stations) = (manifest.districts().len(), manifest.stations().len());
        let (districts, on_roll, stations) = (list(districts)?, list(districts)?, list(stations)?);
        let turnout = Turnout { districts, on_roll, stations, remote: reader.u64()? };
        let mut mixed = Vec::new();
        for rows in tally.mixed() {
            let (cell, width) = (rows.cell, rows.slots.len());
            let contest = tally.cells().get(cell).map_or(0, |cell| cell.contest);
            let (points, _) =
                reader.field("opened rows").bytes(32 * rows.rows.len() * width)?.as_chunks();
            mixed.push(MixedOutcome {
                cell,
                contest,
                width,
                points: points.to_vec(),
                manifest: manifest.clone(),
            });
        }
        let new = Self::new(manifest, cells, mixed, turnout, withdrawn);
        let is_counted = |place: &usize| {
            let contest = manifest.contests().get(*place).filter(|c| c.counting.is_some());
            let counted = contest
                .zip(new.whole(*place))
                .and_then(|(contest, whole)| contest.summed(whole.totals.as_ref()?, whole.weight));
            counted.is_some()
        };
        let contests = (0..manifest.contests().len()).filter(is_counted);
        let elected = contests.map(|_| counted::read_elected(reader)).collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok((new, elected))
    }

    /// The manifest of the election whose outcome it is.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The totals of all cells, by contest and then by district.
    pub fn cells(&self) -> &[CellOutcome] {
        &self.cells
    }

    /// The opened rows of all cells that were mixed.
    pub fn mixed(&self) -> &[MixedOutcome] {
        &self.mixed
    }

    /// What was counted ballot by ballot, by contest.
    pub fn counted(&self) -> &[Counted] {
        &self.counted
    }

    /// What became of all votes of each contest that was opened.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Who took part.
    pub fn turnout(&self) -> &Turnout {
        &self.turnout
    }

    /// The options that were withdrawn, by contest and option. Where totals are shown these still have their votes.
    pub fn withdrawn(&self) -> &[Withdrawal] {
        &self.withdrawn
    }

    /// Those of one contest.
    pub(crate) fn withdrawn_of(&self, contest: usize) -> &[Withdrawal] {
        let places = of_contest(&self.withdrawn, contest, |withdrawal| withdrawal.contest);
        self.withdrawn.get(places).unwrap_or_default()
    }

    /// Shows the manifest's texts in this language.
    pub(crate) fn show_in(&mut self, language: &str) {
        if let Some(manifest) = self.manifest.shown_in(language) {
            self.manifest = manifest;
        }
    }

    /// The cells of a contest, by its place in the manifest, put together. `None` if there is no such contest; without
    /// totals if one of its cells has none.
    pub fn whole(&self, contest: usize) -> Option<CellOutcome> {
        let slots = self.manifest.contests().get(contest)?.summed_slots();
        let totals = Some(alloc::vec![0; slots]);
        let (districts, ballots, weight) = (Vec::new(), 0, 0);
        let manifest = self.manifest.clone();
        let mut whole =
            CellOutcome { contest, districts, ballots, weight, totals, write_ins: 0, manifest };
        for cell in self.cells_of(contest) {
            work::step();
            whole.districts.extend_from_slice(&cell.districts);
            whole.ballots = whole.ballots.saturating_add(cell.ballots);
            whole.weight = whole.weight.saturating_add(cell.weight);
            whole.write_ins = whole.write_ins.saturating_add(cell.write_ins);
            whole.totals = whole.totals.zip(cell.totals.as_ref()).map(|(mut sums, totals)| {
                sums.iter_mut().zip(totals).for_each(|(sum, n)| *sum = sum.saturating_add(*n));
                sums
            });
        }
        Some(whole)
    }

    /// The places of a contest's cells, which stand beside each other.
    pub(crate) fn places_of(&self, contest: usize) -> Range<usize> {
        of_contest(&self.cells, contest, |cell| cell.contest)
    }

    pub(crate) fn cells_of(&self, contest: usize) -> &[CellOutcome] {
        self.cells.get(self.places_of(contest)).unwrap_or_default()
    }

    /// The places of a contest's cells among those that were mixed.
    fn mixed_of(&self, contest: usize) -> Range<usize> {
        of_contest(&self.mixed, contest, |mixed| mixed.contest)
    }

    /// The opened rows of a contest, by cell.
    #[cfg(feature = "serde")]
    pub(crate) fn mixed_cells(&self, contest: usize) -> &[MixedOutcome] {
        self.mixed.get(self.mixed_of(contest)).unwrap_or_default()
    }

    /// How a contest's question is answered, by its place in the manifest. `None` if it is none, or was not opened.
    pub(crate) fn answer_of(&self, place: usize) -> Option<Answer> {
        let whole = self.whole(place)?;
        let on_roll = whole.districts.iter().filter_map(|place| self.turnout.on_roll.get(*place));
        let on_roll = on_roll.copied().fold(0, u64::saturating_add);
        elect::answer(self.manifest.contests().get(place)?, &whole, on_roll)
    }

    /// The id of the one of two questions that takes effect, by the place of the contest that decides if both pass; none if neither does,
    /// or nothing decides. `None` if it is no such contest, or not all were opened.
    pub(crate) fn effect_of(&self, place: usize) -> Option<Option<&str>> {
        let contest = self.manifest.contests().get(place)?;
        let [first, second] = contest.if_both.as_slice() else { return None };
        let passes = |id: &str| Some(self.answer_of(self.manifest.contest(id)?)?.passes());
        Some(match (passes(first)?, passes(second)?) {
            (false, false) => None,
            (true, false) => Some(first),
            (false, true) => Some(second),
            (true, true) => {
                let yes = |id: &str| self.answer_of(self.manifest.contest(id)?).map(|a| a.yes);
                let votes = self.whole(place)?.options().ok()?;
                let [one, other] = *votes.as_slice() else { return None };
                match (one, yes(first)?).cmp(&(other, yes(second)?)) {
                    Ordering::Greater => Some(first),
                    Ordering::Less => Some(second),
                    Ordering::Equal => None,
                }
            }
        })
    }

    /// What was counted ballot by ballot of a contest.
    pub(crate) fn counted_of(&self, contest: usize) -> Option<&Counted> {
        let place = self.counted.binary_search_by_key(&contest, |counted| counted.contest).ok()?;
        self.counted.get(place)
    }

    /// What became of all votes of a contest, if it was opened.
    pub(crate) fn account_of(&self, contest: usize) -> Option<&Account> {
        let place = self.accounts.binary_search_by_key(&contest, |account| account.contest).ok()?;
        self.accounts.get(place)
    }
}

impl Encode for Outcome {
    /// The totals of every cell that has some, the turnout, the mixed rows, and the names of the elected; the tally tells the
    /// rest.
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { manifest: _, cells, mixed, counted, accounts: _, turnout, withdrawn: _ } = self;
        for total in cells.iter().filter_map(|cell| cell.totals.as_ref()).flatten() {
            out.extend_from_slice(&total.to_be_bytes());
        }
        turnout.encode(out);
        mixed.as_slice().encode(out);
        counted::encode_elected(counted, out);
    }
}

/// The places of what belongs to this contest in a list that ascends by contest.
fn of_contest<T>(list: &[T], contest: usize, of: impl Fn(&T) -> usize) -> Range<usize> {
    let start = list.partition_point(|item| of(item) < contest);
    start..list.partition_point(|item| of(item) <= contest)
}

#[cfg(test)]
mod tests;
